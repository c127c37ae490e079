/*
 * The numbers that a program compares, by the field that it compares them with. Only
 * candidates come of them, so a number too many costs time, and one too few a
 * primitive; nothing here has to be right.
 */
#include "decompile/decompile.h"

#include <assert.h>

#include "gen/gen.h"

enum {
	FARTHEST = 128,   /* no link type has its network header there */
	ALTERNATIVES = 6, /* of a value whose parameters may be bound in several ways */
	DEPTH = 8,
	QUESTIONS = 2000,
	POINTS = 400,  /* of a pool */
	SCATTERED = 4, /* bits that a mask leaves out, other than the lowest */
	TRANSPORT = 20 /* the length of most IPv4 headers */
};

/* A value with every way in which its parameters may be bound. */
struct alternatives {
	const struct ir_value *v[ALTERNATIVES];
	unsigned n;
};

struct collector {
	struct facts *f;
	struct arena *tmp;
	ARRAY(const struct ir_node *) binds;
};

/* --- pools ------------------------------------------------------------------ */

void points_add(struct facts *f, enum pool p, uint64_t v)
{
	struct points *s = &f->pool[p];
	uint32_t i = 0;

	while (i < s->v.n && s->v.v[i] < v)
		i++;
	if ((i < s->v.n && s->v.v[i] == v) || s->v.n == POINTS)
		return;
	array_push(f->arena, &s->v, v);
	memmove(s->v.v + i + 1, s->v.v + i, (s->v.n - 1 - i) * sizeof *s->v.v);
	s->v.v[i] = v;
}

void facts_add(struct facts *f, enum pool p, uint64_t v)
{
	points_add(f, p, v);
	points_add(f, p, v + 1);
}

bool facts_has(const struct facts *f, enum pool p, uint64_t v)
{
	const struct points *s = &f->pool[p];

	for (uint32_t i = 0; i + 1 < s->v.n; i++)
		if (s->v.v[i] == v && s->v.v[i + 1] == v + 1)
			return true;
	return false;
}

/* --- parameters ---------------------------------------------------------------- */

/* Tell whether X OP 0 is X. */
static bool keeps(enum ir_op op)
{
	return op == IR_ADD || op == IR_SUB || op == IR_OR || op == IR_XOR || op == IR_LSH ||
	       op == IR_RSH;
}

const struct ir_value *facts_rebuilt(struct ir_graph *g, const struct ir_value *v,
                                     const struct ir_value *a, const struct ir_value *b)
{
	uint32_t folded;

	if (v->op == IR_LOADX && ir_is_const(a) && a->imm + v->imm < 0x80000000)
		return ir_load(g, v->width, a->imm + v->imm);
	if (v->op == IR_LOADX)
		return ir_loadx(g, v->width, a, v->imm);
	if (v->op == IR_NEG)
		return ir_neg(g, a);
	if (ir_is_const(b) && !b->imm && keeps(v->op))
		return a;
	if (ir_is_const(a) && !a->imm && v->op == IR_ADD)
		return b;
	if (ir_is_const(a) && ir_is_const(b) && ir_fold2(v->op, a->imm, b->imm, &folded))
		return ir_const(g, folded);
	return ir_op2(g, v->op, a, b);
}

static void expand(struct collector *c, const struct ir_value *v, unsigned depth,
                   struct alternatives *out);

/* Collect what parameter V may be bound to. */
static void expand_param(struct collector *c, const struct ir_value *v, unsigned depth,
                         struct alternatives *out)
{
	array_each(bind, &c->binds) {
		struct alternatives bound;

		if ((*bind)->lhs != v)
			continue;
		expand(c, (*bind)->rhs, depth - 1, &bound);
		for (unsigned i = 0; i < bound.n && out->n < ALTERNATIVES; i++)
			out->v[out->n++] = bound.v[i];
	}
}

static void expand(struct collector *c, const struct ir_value *v, unsigned depth,
                   struct alternatives *out)
{
	struct alternatives a, b = { .n = 1 };
	unsigned args = v->op == IR_KEY ? 0 : ir_ops[v->op].nargs;

	out->n = 0;
	if (!depth)
		return;
	if (v->op == IR_PARAM) {
		expand_param(c, v, depth, out);
		return;
	}
	if (!args || v->op == IR_ANCX) {
		out->v[out->n++] = v;
		return;
	}
	expand(c, v->arg[0], depth - 1, &a);
	if (args > 1)
		expand(c, v->arg[1], depth - 1, &b);
	for (unsigned i = 0; i < a.n; i++)
		for (unsigned k = 0; k < b.n && out->n < ALTERNATIVES; k++)
			out->v[out->n++] = facts_rebuilt(c->f->graph, v, a.v[i],
			                                 args > 1 ? b.v[k] : NULL);
}

/* --- fields ------------------------------------------------------------------------ */

/* Add V, which varies, to OUT. */
static bool add_term(struct place_of_load *out, const struct ir_value *v)
{
	if (out->n == ARRAY_LEN(out->term))
		return false;
	out->term[out->n++] = v;
	return true;
}

static bool add_terms(struct place_of_load *out, const struct ir_value *v, unsigned depth)
{
	if (ir_is_const(v)) {
		out->at += v->imm;
		return true;
	}
	if (v->op != IR_ADD || !depth)
		return add_term(out, v);
	return add_terms(out, v->arg[0], depth - 1) && add_terms(out, v->arg[1], depth - 1);
}

bool facts_place(const struct ir_value *load, struct place_of_load *out)
{
	*out = (struct place_of_load){ .at = load->imm };
	return load->op == IR_LOAD || add_terms(out, load->arg[0], DEPTH);
}

/* A field: where it is from the network header, or after a header that varies. */
struct field {
	enum pool pool;
	uint8_t at, width;
	bool transport;
};

static const struct field fields[] = {
	{ POOL_PROTO, 9, 1, false },
	{ POOL_PROTO, 6, 1, false },
	{ POOL_PROTO, 40, 1, false },
	{ POOL_ADDRESS, 12, 4, false },
	{ POOL_ADDRESS, 16, 4, false },
	{ POOL_ADDRESS, 14, 4, false },
	{ POOL_ADDRESS, 24, 4, false },
	{ POOL_PORT, 0, 2, true },
	{ POOL_PORT, 2, 2, true },
	{ POOL_PORT, TRANSPORT, 2, false },
	{ POOL_PORT, TRANSPORT + 2, 2, false },
	{ POOL_PORT, 40, 2, false },
	{ POOL_PORT, 42, 2, false },
	{ POOL_TAG, 0, 2, false },
	{ POOL_SESSION, 2, 2, false },
	{ POOL_LABEL, 0, 4, false },
};

/* The bytes that a test is about, and whether they are after a header that varies. */
struct bytes {
	uint32_t at, width;
	bool transport;
};

/* Note that answers change at V of the bytes B, if they are a field at AT. */
static void point_in(struct collector *c, const struct bytes *b, uint32_t at,
                     unsigned width, enum pool pool, uint64_t v)
{
	if (b->at < at || b->at + b->width > at + width)
		return;
	if (b->at == at)
		points_add(c->f, pool, v << 8 * (width - b->width));
}

/* How far the network header may be moved by what is around it. */
static const uint8_t shifts[] = { 0, 4, 8, 12 };

static void point(struct collector *c, const struct bytes *b, uint64_t v)
{
	const struct facts *f = c->f;

	for (size_t s = 0; s < ARRAY_LEN(shifts); s++) {
		uint32_t shift = shifts[s];

		if (shift && !f->tagged && !f->labelled && !f->in_session)
			break;
		if (f->link_type != NOT_SET && !b->transport)
			point_in(c, b, f->link_type + shift, 2, POOL_TYPE, v);
		for (size_t i = 0; i < ARRAY_LEN(fields); i++)
			if (fields[i].transport == b->transport)
				point_in(c, b, f->net + shift + fields[i].at,
				         fields[i].width, fields[i].pool, v);
	}
}

/* Note an interval of the bytes B. */
static void interval(struct collector *c, const struct bytes *b, uint64_t lo, uint64_t hi)
{
	point(c, b, lo);
	point(c, b, hi + 1);
}

/* --- tests ----------------------------------------------------------------------- */

/*
 * Add the intervals of B under MASK == V: one, or a few if the mask leaves out
 * some bits.
 */
static void masked(struct collector *c, const struct bytes *b, uint32_t mask, uint32_t v)
{
	uint32_t all = b->width == 4 ? UINT32_MAX : (1u << 8 * b->width) - 1;
	uint32_t left = all & ~mask, low = left & ~(left + 1), other = left & ~low;
	uint32_t some = 0;

	if (__builtin_popcount(other) > SCATTERED)
		return;
	do {
		interval(c, b, v | some, (uint64_t)(v | some | low));
		some = (some - other) & other;
	} while (some);
}

/* Do the same for each run of whole fields in it: wide loads have several. */
static void masked_parts(struct collector *c, const struct bytes *b, uint32_t mask, uint32_t v)
{
	masked(c, b, mask, v);
	for (uint32_t width = 1; width < b->width; width *= 2)
		for (uint32_t at = 0; at + width <= b->width; at++) {
			unsigned shift = 8 * (b->width - at - width);
			uint32_t all = (1u << 8 * width) - 1;
			struct bytes part = { b->at + at, width, b->transport };

			if (mask >> shift & all)
				masked(c, &part, mask >> shift & all, v >> shift & all);
		}
}

/* LOAD, of which a test compares ((load - MINUS) & MASK) >> SHIFT. */
struct compared {
	const struct ir_value *load;
	uint32_t minus, mask;
	unsigned shift;
};

/* Read V in that form; false if it has another. */
static bool compared_in(const struct ir_value *v, struct compared *out)
{
	*out = (struct compared){ .mask = UINT32_MAX };
	if (v->op == IR_RSH && ir_is_const(v->arg[1])) {
		out->shift = v->arg[1]->imm & 31;
		v = v->arg[0];
	}
	if (v->op == IR_AND && ir_is_const(v->arg[1])) {
		out->mask = v->arg[1]->imm;
		v = v->arg[0];
	}
	if (v->op == IR_SUB && ir_is_const(v->arg[1])) {
		out->minus = v->arg[1]->imm;
		v = v->arg[0];
	} else if (v->op == IR_ADD && ir_is_const(v->arg[1])) {
		out->minus = -v->arg[1]->imm;
		v = v->arg[0];
	}
	out->load = v;
	return ir_is_load(v) || v->op == IR_LEN;
}

/*
 * Find the bytes of LOAD, so that a test of it is about bytes; false if more
 * than one header varies.
 */
static bool bytes_of(const struct collector *c, const struct ir_value *load, struct bytes *b)
{
	struct place_of_load place;

	if (!facts_place(load, &place) || place.n > 1)
		return false;
	*b = (struct bytes){ place.at, load->width, place.n == 1 };
	return true;
}

static void number(struct collector *c, const struct question *q)
{
	uint32_t k = q->right->imm;
	struct compared by;
	struct bytes b;

	if (!ir_is_const(q->right) || !compared_in(q->left, &by))
		return;
	if (by.load->op == IR_LEN) {
		facts_add(c->f, POOL_LENGTH, k + by.minus);
		return;
	}
	if (!bytes_of(c, by.load, &b))
		return;
	by.mask &= ir_load_bits(by.load);
	switch (q->cmp) {
	case IR_EQ:
		if (!by.minus)
			masked_parts(c, &b, by.mask & UINT32_MAX << by.shift, k << by.shift);
		break;
	case IR_ANY:
		masked(c, &b, by.mask & k << by.shift, 0);
		break;
	case IR_GT:
		k++; /* fall through */
	case IR_GE:
		point(c, &b, ((uint64_t)k << by.shift) + by.minus);
		if (by.minus)
			point(c, &b, by.minus);
		break;
	}
}

/* --- the program --------------------------------------------------------------------- */

/* Turn the comparison of a difference with a number into one of its left side. */
static void undo_difference(struct collector *c, struct question *q)
{
	const struct ir_value *v = q->left;

	if (q->cmp != IR_EQ || v->op != IR_SUB || !ir_is_const(q->right) ||
	    (!ir_is_const(v->arg[1]) && q->right->imm))
		return;
	q->left = v->arg[0];
	q->right = ir_is_const(v->arg[1])
	                   ? ir_const(c->f->graph, v->arg[1]->imm + q->right->imm)
	                   : v->arg[1];
}

static void ask(struct collector *c, const struct ir_node *n)
{
	struct alternatives left, right;

	expand(c, n->lhs, DEPTH, &left);
	expand(c, n->rhs, DEPTH, &right);
	for (unsigned i = 0; i < left.n; i++)
		for (unsigned k = 0; k < right.n; k++) {
			struct question q = { n->cmp, left.v[i], right.v[k] };
			bool known = false;

			undo_difference(c, &q);
			array_each(old, &c->f->questions)
				known |= old->cmp == q.cmp && old->left == q.left &&
				         old->right == q.right;
			if (!known && c->f->questions.n < QUESTIONS)
				array_push(c->f->arena, &c->f->questions, q);
		}
}

static bool result(struct collector *c, const struct ir_node *n)
{
	uint32_t is = n->lhs->imm;

	if (!ir_is_const(n->lhs) || (is && c->f->accept && is != c->f->accept))
		return false;
	c->f->accept = is ? is : c->f->accept;
	return true;
}

/* Note what may surround the network header. */
static void surroundings(struct facts *f)
{
	f->tagged = facts_has(f, POOL_TYPE, ETHERTYPE_8021Q);
	f->labelled = facts_has(f, POOL_TYPE, ETHERTYPE_MPLS);
	f->in_session = facts_has(f, POOL_TYPE, ETHERTYPE_PPPOES);
}

static void layout(struct facts *f, int linktype)
{
	const struct packet_linktype *l = packet_linktype(linktype);

	f->link_type = l ? l->type : NOT_SET;
	if (l && l->payload != NOT_SET && l->nl != NOT_SET)
		f->net = l->payload + l->nl;
	assert(f->net < FARTHEST);
}

bool facts_collect(struct facts *f, const struct decompile_case *of, struct arena *arena)
{
	struct collector c = { .f = f, .tmp = arena };
	struct ir_order order;

	*f = (struct facts){ .arena = arena, .graph = ir_graph(arena, &ir_input_packet) };
	layout(f, of->packet.linktype);
	if (!gen_lift(f->graph, of->program.insns, of->program.n, arena, NULL))
		return false;
	order = ir_postorder(arena, f->graph, f->graph->root);
	for (uint32_t i = 0; i < order.n; i++)
		if (order.v[i]->kind == IR_BIND)
			array_push(arena, &c.binds, order.v[i]);
	for (uint32_t i = 0; i < order.n; i++)
		if (order.v[i]->kind == IR_TEST)
			ask(&c, order.v[i]);
		else if (order.v[i]->kind == IR_RET && !result(&c, order.v[i]))
			return false;
	for (int moved = 0; moved < 2; moved++) {
		array_each(q, &f->questions)
			number(&c, q);
		surroundings(f);
	}
	return f->accept;
}
