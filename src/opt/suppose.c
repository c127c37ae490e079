/*
 * suppose: a header has its usual length, and what comes after it is at constant
 * offsets; where the length is another one, everything stays as it was.
 *     n1: load.2 [msh 14 + 14] == 80 ? a : n2       n0: load.1 14 == 0x45 ? n3 : n1
 *     n2: load.2 [msh 14 + 16] == 80 ? a : b    ->  n3: load.2 34 == 80 ? a : n4
 *                                                   n4: load.2 36 == 80 ? a : b
 *                                                   n1, n2 as they were
 * Kept if the program takes less time, so the pass ends: each length is supposed once.
 *
 *           n1                        supposed? --no--> n1
 *           |  \\                         |yes            |
 *           n2  a      becomes           n1'            n2
 *                                        |              |
 *                                        n2'  and a are shared where nothing depends
 *                                             on the length
 *
 * Exits: the nodes of both copies keep theirs; each way from the new test leads into
 * the copy for which it decided.
 * Keeps: the test comes directly before a node that is sure to compute the length, and
 * so loads the same byte. It decides the length, so each copy computes the same numbers
 * from the same bytes; where the byte is missing, all of them end there.
 */
#include <assert.h>

#include "opt/opt.h"

enum {
	LARGEST = 4000,
	MOST_TRIES = 12,
	DEPTH = 8,
	FEW = 2, /* numbers that are asked for one after the other */
};

/* A length that a header nearly always has. */
struct guess {
	const struct ir_value *length; /* as the graph computes it */
	uint32_t is;                   /* what it is, then */
	const struct ir_value *asked;  /* asked == answer says whether */
	uint32_t answer;
};

struct supposer {
	struct opt *o;
	struct ir_order order;
	bool *uses;                      /* by value id: the length is part of it */
	const struct ir_value **simpler; /* by value id: where the guess is right */
	const struct ir_node **right;    /* by node id: where the guess is right */
	const struct ir_node **open;     /* by node id: where that was not yet asked */
};

/* --- lengths -------------------------------------------------------------------- */

/* Tell whether N tests if V is ANSWER. */
static bool asks(const struct ir_node *n, const struct ir_value *v, uint32_t answer)
{
	if (n->lhs != v)
		return false;
	if (n->kind == IR_TEST)
		return n->cmp == IR_EQ && ir_is_const(n->rhs) && n->rhs->imm == answer;
	for (uint32_t i = 0; n->kind == IR_SET && i < n->n; i++)
		if (n->set[i].lo[0] == answer && n->set[i].hi[0] == answer)
			return true;
	return false;
}

static bool was_supposed(const struct supposer *s, const struct guess *g)
{
	for (uint32_t i = 0; i < s->order.n; i++)
		if (asks(s->order.v[i], g->asked, g->answer))
			return true;
	return false;
}

/*
 * Find the byte that V is computed from with nothing but constants, and what V
 * is if that byte is IN; false if there is no such byte.
 */
static bool of_byte(const struct ir_value *v, const struct ir_value **byte, uint32_t in,
                    uint32_t *out, unsigned depth)
{
	uint32_t arg[2];

	if (ir_is_const(v)) {
		*out = v->imm;
		return true;
	}
	if (v->op == IR_LOAD) {
		*out = in;
		if (v->width != 1 || (*byte && *byte != v))
			return false;
		*byte = v;
		return true;
	}
	if (!depth || !(ir_ops[v->op].flags & IR_INFIX))
		return false;
	return of_byte(v->arg[0], byte, in, &arg[0], depth - 1) &&
	       of_byte(v->arg[1], byte, in, &arg[1], depth - 1) &&
	       ir_fold2(v->op, arg[0], arg[1], out);
}

/* Return the byte whose upper half counts the words of a header that is V long. */
static const struct ir_value *counting_byte(const struct ir_value *v)
{
	const struct ir_value *byte = NULL;
	uint32_t is;

	for (uint32_t in = 0; in < 256; in++)
		if (!of_byte(v, &byte, in, &is, DEPTH) || is != (in & 0xf0) >> 2)
			return NULL;
	return byte;
}

/* Put the I-th guess about V into G; false if there is none. */
static bool guess(struct opt *o, const struct ir_value *v, unsigned i, struct guess *g)
{
	/* TCP's header without options, and with a timestamp in each segment. */
	static const uint8_t words[] = { 5, 8 };
	const struct ir_value *byte;

	if (v->op == IR_MSH) {
		*g = (struct guess){ v, 20, ir_load(o->graph, 1, v->imm), 0x45 };
		return !i && v->imm < 0x7fff0000 &&
		       ir_loads(&o->graph->input, false, 1, v->imm);
	}
	if (i >= ARRAY_LEN(words) || opt_possible_bits(v) != 0x3c)
		return false;
	byte = counting_byte(v);
	if (!byte)
		return false;
	*g = (struct guess){
		v,
		4 * words[i],
		ir_op2(o->graph, IR_AND, byte, ir_const(o->graph, 0xf0)),
		16 * words[i],
	};
	return true;
}

/* --- the new graph ----------------------------------------------------------------- */

static void find_uses(struct supposer *s, const struct ir_value *length)
{
	const struct ir_graph *g = s->o->graph;

	s->uses = arena_array(&s->o->tmp, bool, g->values.n);
	for (uint32_t id = 0; id < g->values.n; id++) {
		const struct ir_value *v = g->values.v[id];

		s->uses[id] = v == length;
		for (unsigned i = 0; i < ir_nargs(v); i++)
			s->uses[id] |= s->uses[v->arg[i]->id];
	}
}

/*
 * Tell whether N is sure to compute the length; words after the first may not
 * be needed.
 */
static bool computes(const struct supposer *s, const struct ir_node *n)
{
	if (n->kind != IR_BIND && s->uses[ir_word(n->lhs, 0)->id])
		return true;
	return n->rhs && s->uses[ir_word(n->rhs, 0)->id];
}

/* Return the test whether G is right: RIGHT if it is, else WRONG, both for N. */
static const struct ir_node *ask(struct supposer *s, const struct guess *g,
                                 const struct ir_node *n, const struct ir_node *right,
                                 const struct ir_node *wrong)
{
	struct ir_graph *graph = s->o->graph;
	const struct ir_node *now =
		ir_test(graph, IR_EQ, g->asked, ir_const(graph, g->answer), right, wrong);

	ir_inherit(graph, now, n);
	return now;
}

/* Start a new graph for G. */
static void start(struct supposer *s, const struct guess *g)
{
	struct opt *o = s->o;
	uint32_t ids = o->graph->root->id + 1;

	s->simpler = opt_substitute(o, g->length, ir_const(o->graph, g->is));
	s->right = arena_array(&o->tmp, const struct ir_node *, ids);
	s->open = arena_array(&o->tmp, const struct ir_node *, ids);
}

/*
 * Return the root of the graph in which G is tested once on each way that needs
 * it.
 */
static const struct ir_node *supposed(struct supposer *s, const struct guess *g)
{
	struct opt *o = s->o;

	start(s, g);
	for (uint32_t i = 0; i < s->order.n; i++) {
		const struct ir_node *n = s->order.v[i];

		s->right[n->id] = opt_rebuilt(o, n, s->right, s->simpler);
		s->open[n->id] = computes(s, n) ? ask(s, g, n, s->right[n->id], n)
		                                : opt_mapped_succ(o, n, s->open);
	}
	return s->open[o->graph->root->id];
}

/* Return N after a test whether G is right; do not copy what follows. */
static const struct ir_node *asked_at(struct supposer *s, const struct guess *g,
                                      const struct ir_node *n)
{
	struct opt *o = s->o;
	const struct ir_node *wrong = opt_mapped_succ(o, n, s->open), *shared;
	const struct ir_value *q;

	if (n->kind != IR_SET || n->n <= FEW || ir_words(n->lhs) > 1)
		return ask(s, g, n, opt_rebuilt(o, n, s->open, s->simpler), wrong);
	q = ir_param(o->graph);
	shared = opt_mapped_succ(o, opt_with_values(o, n, q, NULL), s->open);
	ir_inherit(o->graph, shared, n);
	return ask(s, g, n, ir_bind(o->graph, q, s->simpler[n->lhs->id], shared),
	           ir_bind(o->graph, q, n->lhs, shared));
}

/*
 * Return the root of the graph in which G is tested at each node that it
 * decides, unless a way has tested it already.
 */
static const struct ir_node *supposed_anew(struct supposer *s, const struct guess *g)
{
	struct opt *o = s->o;
	const struct ir_node *was = o->graph->root, *root;

	start(s, g);
	for (uint32_t i = 0; i < s->order.n; i++) {
		const struct ir_node *n = s->order.v[i];

		s->open[n->id] = computes(s, n) ? asked_at(s, g, n)
		                                : opt_mapped_succ(o, n, s->open);
	}
	o->graph->root = s->open[was->id];
	opt_thread(o);
	root = o->graph->root;
	o->graph->root = was;
	return root;
}

/* --- the pass ----------------------------------------------------------------------- */

/*
 * Return, by value id, whether the graph has a load relative to that value, or
 * to one computed from it.
 */
static bool *find_bases(const struct supposer *s)
{
	const struct ir_graph *g = s->o->graph;
	bool *there = arena_array(&s->o->tmp, bool, g->values.n);
	bool *base = arena_array(&s->o->tmp, bool, g->values.n);

	for (uint32_t i = 0; i < s->order.n; i++) {
		there[s->order.v[i]->lhs->id] = true;
		if (s->order.v[i]->rhs)
			there[s->order.v[i]->rhs->id] = true;
	}
	for (uint32_t id = g->values.n; id-- > 0;) {
		const struct ir_value *v = g->values.v[id];

		for (unsigned i = 0; i < ir_nargs(v) && there[id]; i++) {
			there[v->arg[i]->id] = true;
			base[v->arg[i]->id] |= base[id] || v->op == IR_LOADX;
		}
	}
	return base;
}

/* What a guess would copy. */
struct region {
	bool binds; /* binds of parameters, as lists of pairs have them: unify shares none */
	bool lists; /* questions for one of many numbers, which it does */
};

static bool uses_length(const struct supposer *s, const struct ir_node *n)
{
	return (n->kind != IR_BIND && s->uses[n->lhs->id]) || (n->rhs && s->uses[n->rhs->id]);
}

/*
 * Look at what is both below a node that computes the length and above one that
 * uses it.
 */
static struct region look(const struct supposer *s)
{
	uint32_t ids = s->o->graph->root->id + 1;
	bool *above = arena_array(&s->o->tmp, bool, ids), *below = arena_array(&s->o->tmp, bool, ids);
	struct region r = { .binds = false };

	for (uint32_t i = 0; i < s->order.n; i++) {
		const struct ir_node *n = s->order.v[i];

		above[n->id] = uses_length(s, n);
		for (uint32_t e = 0; e < ir_nsucc(n); e++)
			above[n->id] |= above[ir_succ(n, e)->id];
	}
	for (uint32_t i = s->order.n; i-- > 0;) {
		const struct ir_node *n = s->order.v[i];

		below[n->id] |= computes(s, n);
		for (uint32_t e = 0; e < ir_nsucc(n); e++)
			below[ir_succ(n, e)->id] |= below[n->id];
		r.binds |= n->kind == IR_BIND && above[n->id] && below[n->id];
		r.lists |= n->kind == IR_SET && n->n > FEW && above[n->id] && below[n->id];
	}
	return r;
}

/* Try G; true if the graph changed. */
static bool try_guess(struct supposer *s, const struct guess *g, unsigned *tries)
{
	const struct ir_node *once;
	struct region region;

	find_uses(s, g->length);
	region = look(s);
	once = supposed(s, g);
	if (opt_try(s->o, once, tries))
		return true;
	if (region.lists && !region.binds)
		return *tries && opt_try_longer(s->o, once, tries);
	return region.binds && *tries && opt_try(s->o, supposed_anew(s, g), tries);
}

/* Try the guesses about V; true if the graph changed. */
static bool suppose(struct supposer *s, const struct ir_value *v, unsigned *tries)
{
	struct guess g;

	for (unsigned i = 0; *tries && guess(s->o, v, i, &g); i++) {
		if (was_supposed(s, &g))
			continue;
		if (!opt_rewrite(s->o))
			return false;
		if (try_guess(s, &g, tries))
			return true;
	}
	return false;
}

static bool suppose_one(struct opt *o, unsigned *tries)
{
	struct supposer s = { .o = o, .order = opt_order(o) };
	uint32_t n = o->graph->values.n;
	bool *base = find_bases(&s);

	for (uint32_t id = 0; id < n && *tries; id++)
		if (base[id] && suppose(&s, o->graph->values.v[id], tries)) {
			o->grown = true;
			return true;
		}
	return false;
}

bool opt_suppose(struct opt *o)
{
	return opt_indexed_is_dear(o) && !o->plain &&
	       opt_trials(o, suppose_one, LARGEST, MOST_TRIES);
}
