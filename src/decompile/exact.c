/*
 * Equal for every packet? The matches of both programs become sets of inputs (ir/diagram.h)
 * over the bits that they load. A load at an offset that varies has bits of its own, as
 * if nothing else could read there, so what is equal here is equal. What differs here
 * may be equal: then each number that the offset can be is looked at apart. That loads
 * may fail is not looked at.
 */
#include "decompile/decompile.h"

#include "gen/gen.h"
#include "ir/diagram.h"

enum {
	NODES = 400, /* recursion goes one node down */
	BITS = 512,
	STEPS = 2000000,
	KNOWN = 4000,
	BOUND = 4, /* parameters at a time */
	WORD = 32,
	NIBBLE = 5,   /* words of an IPv4 header without options */
	SPLITS = 3,   /* what varies that is looked at number by number */
	NUMBERS = 16, /* that it can be */
	CASES = 200   /* of them in all */
};

/* The bytes that some bits are: at AT after what varies, or of a word that is not known. */
struct variable {
	const struct ir_value *term[2], *word;
	uint32_t at;
	uint16_t bit; /* its first */
};

/* What parameters are. */
struct bound {
	const struct ir_value *param[BOUND], *value[BOUND];
	unsigned n;
};

/* The matches below a node, where parameters are so. */
struct known {
	const struct ir_node *node;
	struct bound bound;
	uint32_t set;
};

struct exact {
	struct arena *arena;
	struct ir_graph *graph;
	struct diagrams *d;
	uint32_t net;
	const struct ir_node *root[2];
	const struct program *program[2];
	struct input *in; /* to show a difference on */
	/* What varies is looked at with these numbers; then something that varies still. */
	const struct ir_value *split[SPLITS];
	uint32_t number[SPLITS];
	unsigned nsplit, cases;
	const struct ir_value *varies;
	bool failed;
	unsigned bits;
	ARRAY(struct variable) variables;
	ARRAY(struct known) known;
};

struct word {
	uint32_t bit[WORD]; /* from the lowest on */
};

/* --- variables ------------------------------------------------------------------ */

static uint16_t bits_of(struct exact *x, struct variable v, unsigned n)
{
	array_each(old, &x->variables)
		if (old->at == v.at && old->word == v.word && old->term[0] == v.term[0] &&
		    old->term[1] == v.term[1])
			return old->bit;
	if (x->bits + n > BITS) {
		x->failed = true;
		return 0;
	}
	v.bit = (uint16_t)x->bits;
	x->bits += n;
	array_push(x->arena, &x->variables, v);
	return v.bit;
}

/* --- values ------------------------------------------------------------------------ */

/* Return V, or the number that is assumed for it. */
static const struct ir_value *chosen(struct exact *x, const struct ir_value *v)
{
	for (unsigned i = 0; i < x->nsplit; i++)
		if (x->split[i] == v)
			return ir_const(x->graph, x->number[i]);
	return v;
}

static const struct ir_value *with(struct exact *x, const struct bound *b, const struct ir_value *v)
{
	const struct ir_value *arg[2] = { NULL, NULL };
	unsigned n = v->op == IR_KEY ? 0 : ir_ops[v->op].nargs;

	if (v->op == IR_PARAM) {
		for (unsigned i = 0; i < b->n; i++)
			if (b->param[i] == v)
				return b->value[i];
		x->failed = true;
		return ir_const(x->graph, 0);
	}
	if (!n || v->op == IR_ANCX)
		return chosen(x, v);
	for (unsigned i = 0; i < n; i++)
		arg[i] = with(x, b, v->arg[i]);
	return chosen(x, facts_rebuilt(x->graph, v, arg[0], arg[1]));
}

static void put_byte(struct exact *x, struct word *w, unsigned low, struct variable v)
{
	uint16_t first = bits_of(x, v, 8);

	for (unsigned i = 0; i < 8; i++)
		w->bit[low + i] = diagram_bit(x->d, first + 7 - i);
}

static void load(struct exact *x, const struct ir_value *v, struct word *out)
{
	struct place_of_load p;
	struct variable var = { .word = NULL };

	if (!facts_place(v, &p)) {
		x->failed = true;
		return;
	}
	for (unsigned i = 0; i < p.n; i++)
		if (!x->varies || (p.term[i]->op == IR_MSH && x->varies->op != IR_MSH))
			x->varies = p.term[i];
	var.term[0] = p.n > 0 ? p.term[0] : NULL;
	var.term[1] = p.n > 1 ? p.term[1] : NULL;
	if (p.n > 1 && p.term[0]->id > p.term[1]->id) {
		var.term[0] = p.term[1];
		var.term[1] = p.term[0];
	}
	for (unsigned i = 0; i < v->width; i++) {
		var.at = p.at + i;
		put_byte(x, out, 8 * (v->width - 1 - i), var);
	}
}

static void word_of(struct exact *x, const struct ir_value *v, struct word *out);

static void opaque(struct exact *x, const struct ir_value *v, struct word *out)
{
	uint16_t first = bits_of(x, (struct variable){ .word = v }, WORD);

	for (unsigned i = 0; i < WORD; i++)
		out->bit[i] = diagram_bit(x->d, first + WORD - 1 - i);
}

static uint32_t exclusive(struct exact *x, uint32_t a, uint32_t b)
{
	return diagram_ite(x->d, a, diagram_not(x->d, b), b);
}

/* Compute A + B, or A - B if MINUS. */
static void add(struct exact *x, const struct word *a, const struct word *b, bool minus,
                struct word *out)
{
	uint32_t carry = minus ? DIAGRAM_ALL : DIAGRAM_NONE;

	for (unsigned i = 0; i < WORD && !diagrams_lost(x->d); i++) {
		uint32_t p = a->bit[i], q = minus ? diagram_not(x->d, b->bit[i]) : b->bit[i];
		uint32_t either = exclusive(x, p, q);

		out->bit[i] = exclusive(x, either, carry);
		carry = diagram_ite(x->d, either, carry, p);
	}
}

static void shift(const struct word *a, int left, struct word *out)
{
	for (int i = 0; i < WORD; i++)
		out->bit[i] = i - left >= 0 && i - left < WORD ? a->bit[i - left] : DIAGRAM_NONE;
}

static void infix(struct exact *x, const struct ir_value *v, struct word *out)
{
	bool by_const = ir_is_const(v->arg[1]);
	struct word a, b;

	word_of(x, v->arg[0], &a);
	word_of(x, v->arg[1], &b);
	switch (v->op) {
	case IR_ADD:
	case IR_SUB:
		add(x, &a, &b, v->op == IR_SUB, out);
		return;
	case IR_AND:
	case IR_OR:
	case IR_XOR:
		for (unsigned i = 0; i < WORD; i++)
			out->bit[i] = v->op == IR_AND  ? diagram_and(x->d, a.bit[i], b.bit[i])
			              : v->op == IR_OR ? diagram_or(x->d, a.bit[i], b.bit[i])
			                               : exclusive(x, a.bit[i], b.bit[i]);
		return;
	case IR_LSH:
	case IR_RSH:
		if (by_const) {
			int n = v->arg[1]->imm & 31;

			shift(&a, v->op == IR_LSH ? n : -n, out);
			return;
		}
		break;
	case IR_MUL:
		if (by_const && v->arg[1]->imm && !(v->arg[1]->imm & (v->arg[1]->imm - 1))) {
			shift(&a, __builtin_ctz(v->arg[1]->imm), out);
			return;
		}
		break;
	default:
		break;
	}
	opaque(x, v, out);
}

static void word_of(struct exact *x, const struct ir_value *v, struct word *out)
{
	struct word byte = { { 0 } };

	memset(out, 0, sizeof *out);
	if (x->failed || diagrams_lost(x->d))
		return;
	switch (v->op) {
	case IR_CONST:
		for (unsigned i = 0; i < WORD; i++)
			out->bit[i] = v->imm >> i & 1 ? DIAGRAM_ALL : DIAGRAM_NONE;
		return;
	case IR_LOAD:
	case IR_LOADX:
		load(x, v, out);
		return;
	case IR_MSH:
		put_byte(x, &byte, 0, (struct variable){ .at = v->imm });
		memcpy(out->bit + 2, byte.bit, 4 * sizeof *byte.bit);
		return;
	default:
		break;
	}
	if (ir_ops[v->op].flags & IR_INFIX && !(ir_ops[v->op].flags & IR_DIVIDES))
		infix(x, v, out);
	else if (ir_ops[v->op].flags & IR_DIVIDES)
		x->failed = true;
	else
		opaque(x, v, out);
}

/* --- nodes ------------------------------------------------------------------------------ */

static uint32_t compared(struct exact *x, enum ir_cmp cmp, const struct ir_value *left,
                         const struct ir_value *right)
{
	uint32_t equal = DIAGRAM_ALL, more = DIAGRAM_NONE, any = DIAGRAM_NONE;
	struct word a, b;

	word_of(x, left, &a);
	word_of(x, right, &b);
	for (unsigned i = 0; i < WORD && !diagrams_lost(x->d); i++) {
		uint32_t differ = exclusive(x, a.bit[i], b.bit[i]);

		equal = diagram_less(x->d, equal, differ);
		more = diagram_ite(x->d, differ, a.bit[i], more);
		any = diagram_or(x->d, any, diagram_and(x->d, a.bit[i], b.bit[i]));
	}
	switch (cmp) {
	case IR_EQ:
		return equal;
	case IR_GT:
		return more;
	case IR_GE:
		return diagram_or(x->d, more, equal);
	case IR_ANY:
		break;
	}
	return any;
}

static uint32_t matches(struct exact *x, const struct ir_node *n, struct bound b);

static uint32_t bind(struct exact *x, const struct ir_node *n, struct bound b)
{
	const struct ir_value *v = with(x, &b, n->rhs);
	unsigned i = 0;

	while (i < b.n && b.param[i] != n->lhs)
		i++;
	if (i == BOUND) {
		memmove(b.param, b.param + 1, (BOUND - 1) * sizeof *b.param);
		memmove(b.value, b.value + 1, (BOUND - 1) * sizeof *b.value);
		i = BOUND - 1;
		b.n--;
	}
	b.param[i] = n->lhs;
	b.value[i] = v;
	b.n += i == b.n;
	return matches(x, n->yes, b);
}

static uint32_t test(struct exact *x, const struct ir_node *n, struct bound b)
{
	uint32_t is = compared(x, n->cmp, with(x, &b, n->lhs), with(x, &b, n->rhs));
	uint32_t yes = matches(x, n->yes, b), no = matches(x, n->no, b);

	return diagram_ite(x->d, is, yes, no);
}

static bool same_bound(const struct bound *a, const struct bound *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->param[i] != b->param[i] || a->value[i] != b->value[i])
			return false;
	return true;
}

/* Return the inputs below N on which the program does not return 0. */
static uint32_t matches(struct exact *x, const struct ir_node *n, struct bound b)
{
	uint32_t set = DIAGRAM_NONE;

	x->failed |= x->known.n > KNOWN;
	if (x->failed || diagrams_lost(x->d))
		return set;
	array_each(old, &x->known)
		if (old->node == n && same_bound(&old->bound, &b))
			return old->set;
	switch (n->kind) {
	case IR_RET:
		x->failed |= !ir_is_const(n->lhs);
		return n->lhs->imm ? DIAGRAM_ALL : DIAGRAM_NONE;
	case IR_TEST:
		set = test(x, n, b);
		break;
	case IR_BIND:
		set = bind(x, n, b);
		break;
	case IR_NEED:
		set = matches(x, n->yes, b);
		break;
	case IR_SET:
		x->failed = true;
		return set;
	}
	array_push(x->arena, &x->known, ((struct known){ n, b, set }));
	return set;
}

/* --- packets ------------------------------------------------------------------------------- */

static void put_bits(struct input *in, uint32_t at, const uint64_t *word, unsigned first, unsigned n)
{
	for (unsigned i = 0; i < n; i += 8) {
		uint8_t byte = 0;

		for (unsigned k = first + i; k < first + i + 8; k++)
			byte = (uint8_t)(byte << 1 | (word[k / 64] >> k % 64 & 1));
		if (at + i / 8 < in->captured)
			in->bytes[at + i / 8] = byte;
	}
}

/* Write an input of SET to IN, as far as that is possible. */
static void example(struct exact *x, uint32_t set, struct input *in)
{
	uint64_t word[DIAGRAM_MOST_WORDS] = { 0 };
	uint32_t wire = 0;

	diagram_example(x->d, set, word);
	array_each(v, &x->variables)
		if (!v->word && !v->term[0])
			put_bits(in, v->at, word, v->bit, 8);
	array_each(v, &x->variables)
		if (v->term[0] && !v->term[1] && v->term[0]->op == IR_MSH &&
		    v->term[0]->imm < in->captured)
			put_bits(in, v->at + 4 * (in->bytes[v->term[0]->imm] & 15), word, v->bit, 8);
	array_each(v, &x->variables) {
		if (!v->word || v->word->op != IR_LEN)
			continue;
		for (unsigned k = v->bit; k < v->bit + (unsigned)WORD; k++)
			wire = wire << 1 | (word[k / 64] >> k % 64 & 1);
		in->wire = wire;
	}
}

/* Return the inputs in which the length of an IPv4 header is CMP words N. */
static uint32_t headers(struct exact *x, enum ir_cmp cmp, uint32_t n)
{
	struct ir_graph *g = x->graph;
	const struct ir_value *first = ir_load(g, 1, x->net), *mask = ir_const(g, 15);

	return compared(x, cmp, ir_op2(g, IR_AND, first, mask), ir_const(g, n));
}

/*
 * Choose the inputs of DIFFER to make a packet of: those where what follows the
 * header is not part of it, if there are any.
 */
static uint32_t realistic(struct exact *x, uint32_t differ)
{
	uint32_t set = diagram_and(x->d, differ, headers(x, IR_GE, NIBBLE));

	return diagrams_lost(x->d) || set == DIAGRAM_NONE ? differ : set;
}

/* Tell whether the programs differ on x->in. */
static bool differ_on(const struct exact *x)
{
	uint32_t result[2];

	for (unsigned i = 0; i < 2; i++)
		machine_run(x->program[i], x->in, &result[i], NULL);
	return !result[0] != !result[1];
}

/* Return the inputs in which what is split has the numbers it is looked at with. */
static uint32_t looked_at(struct exact *x)
{
	uint32_t set = DIAGRAM_ALL;

	for (unsigned i = 0; i < x->nsplit; i++)
		set = diagram_and(x->d, set,
		                  compared(x, IR_EQ, x->split[i],
		                           ir_const(x->graph, x->number[i])));
	return set;
}

/* Compare the programs where what is split has these numbers. */
static enum exact_answer compare(struct exact *x)
{
	uint32_t set, one, other, differ;

	arena_work(x->arena, STEPS / 100);
	x->failed = false;
	x->known.n = x->variables.n = x->bits = 0;
	diagrams_forget(x->d);
	diagrams_renew(x->d);
	diagrams_grant(x->d, STEPS);
	set = looked_at(x);
	x->varies = NULL;
	one = matches(x, x->root[0], (struct bound){ .n = 0 });
	other = matches(x, x->root[1], (struct bound){ .n = 0 });
	differ = diagram_and(x->d, set, exclusive(x, one, other));
	if (x->failed || diagrams_lost(x->d))
		return EXACT_UNKNOWN;
	if (differ == DIAGRAM_NONE)
		return EXACT_SAME;
	example(x, realistic(x, differ), x->in);
	return differ_on(x) ? EXACT_DIFFERENT : EXACT_UNKNOWN;
}

/* Compute V if the only byte that it loads is BYTE; false if it loads more. */
static bool number_with(const struct ir_value *v, uint32_t byte, const struct ir_value **load,
                        unsigned depth, uint32_t *out)
{
	uint32_t a, b;

	if (v->op == IR_MSH)
		byte = 4 * (byte & 15);
	if (v->op == IR_MSH || (ir_is_load(v) && v->width == 1)) {
		*out = byte;
		if (!*load)
			*load = v;
		return *load == v;
	}
	if (v->op == IR_CONST) {
		*out = v->imm;
		return true;
	}
	return depth && ir_ops[v->op].flags & IR_INFIX &&
	       number_with(v->arg[0], byte, load, depth - 1, &a) &&
	       number_with(v->arg[1], byte, load, depth - 1, &b) && ir_fold2(v->op, a, b, out);
}

/* Collect the numbers that V can be, if they are few; return how many, else 0. */
static unsigned numbers_of(const struct ir_value *v, uint32_t *number)
{
	const struct ir_value *load = NULL;
	unsigned n = 0, i;

	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t is;

		if (!number_with(v, byte, &load, NUMBERS, &is))
			return 0;
		for (i = 0; i < n && number[i] != is; i++)
			;
		if (i == NUMBERS)
			return 0;
		if (i == n)
			number[n++] = is;
	}
	return n;
}

/* Compare the programs; where that leaves it open, with each number of what varies. */
static enum exact_answer settle(struct exact *x)
{
	enum exact_answer answer = x->cases++ < CASES ? compare(x) : EXACT_UNKNOWN;
	const struct ir_value *v = x->varies;
	uint32_t number[NUMBERS];
	unsigned n;

	if (answer != EXACT_UNKNOWN || !v || x->nsplit == SPLITS)
		return answer;
	n = numbers_of(v, number);
	answer = n ? EXACT_SAME : EXACT_UNKNOWN;
	x->split[x->nsplit++] = v;
	for (unsigned i = 0; i < n && answer == EXACT_SAME; i++) {
		x->number[x->nsplit - 1] = number[i];
		answer = settle(x);
	}
	x->nsplit--;
	return answer;
}

enum exact_answer exact(struct arena *arena, const struct facts *f, const struct program *p,
                        const struct program *q, struct input *in)
{
	struct exact x = {
		.arena = arena,
		.graph = ir_graph(arena, &ir_input_packet),
		.net = f->net,
		.program = { p, q },
		.in = in,
	};

	if (p->n + q->n > NODES || !gen_lift(x.graph, p->insns, p->n, arena, NULL))
		return EXACT_UNKNOWN;
	x.root[0] = x.graph->root;
	if (!gen_lift(x.graph, q->insns, q->n, arena, NULL))
		return EXACT_UNKNOWN;
	x.root[1] = x.graph->root;
	x.d = diagrams(arena, BITS, STEPS);
	return settle(&x);
}
