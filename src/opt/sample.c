/*
 * sample: what packets of a sample answer to the tests of a graph. Each of them is
 * a kind of its own (likely.c), so dependencies in the traffic are seen.
 * And a pass that changes no node: it notes for each set the numbers of the packets that
 * get there, so that the generator tests first for the most frequent ones.
 */
#include <stdlib.h>

#include "opt/opt.h"

enum {
	DEPTH = 8
};

/* What is known of a value on a packet. */
enum known {
	VALUE,
	NOT_THERE,
	UNKNOWN
};

static enum known load(const struct cbpf_input *in, uint32_t at, unsigned width,
                       uint32_t *out)
{
	if (at > in->captured || in->captured - at < width)
		return NOT_THERE;
	*out = 0;
	for (unsigned i = 0; i < width; i++)
		*out = *out << 8 | in->bytes[at + i];
	return VALUE;
}

/* Compute V on the packet IN; what a path has bound to parameters is not known. */
static enum known value_of(const struct cbpf_input *in, const struct ir_value *v,
                           unsigned depth, uint32_t *out)
{
	uint32_t arg[2] = { 0 };

	for (unsigned i = 0; i < ir_nargs(v); i++) {
		enum known known = depth && v->op != IR_KEY && v->op != IR_ANCX
		                           ? value_of(in, v->arg[i], depth - 1, &arg[i])
		                           : UNKNOWN;

		if (known != VALUE)
			return known;
	}
	switch (v->op) {
	case IR_CONST:
		*out = v->imm;
		return VALUE;
	case IR_LEN:
		*out = in->wire;
		return VALUE;
	case IR_LOAD:
		return load(in, v->imm, v->width, out);
	case IR_LOADX:
		return load(in, arg[0] + v->imm, v->width, out);
	case IR_MSH:
		if (load(in, v->imm, 1, out) != VALUE)
			return NOT_THERE;
		*out = 4 * (*out & 15);
		return VALUE;
	case IR_INFIX_OPS:
	case IR_NEG:
		return ir_fold2(v->op, arg[0], arg[1], out) ? VALUE : NOT_THERE;
	case IR_ANC:
	case IR_ANCX:
	case IR_PARAM:
	case IR_KEY:
	case IR_NOPS:
		break;
	}
	return UNKNOWN;
}

/* Return all words of V. */
static enum known words_of(const struct cbpf_input *in, const struct ir_value *v,
                           uint32_t *out)
{
	for (unsigned i = 0; i < ir_words(v); i++) {
		enum known known = value_of(in, ir_word(v, i), DEPTH, &out[i]);

		if (known != VALUE)
			return known;
	}
	return VALUE;
}

uint32_t opt_sample_exit(const struct ir_node *n, const struct cbpf_input *in)
{
	uint32_t l[IR_WORDS] = { 0 }, r[IR_WORDS] = { 0 };
	enum known known = words_of(in, n->lhs, l);

	if (known == VALUE && n->kind == IR_TEST)
		known = words_of(in, n->rhs, r);
	if (known != VALUE)
		return known == NOT_THERE ? OPT_ENDS : OPT_UNKNOWN;
	if (n->kind == IR_SET)
		return ir_set_exit(n, l);
	return !ir_compare(n->cmp, l, r, ir_words(n->lhs));
}

/* --- the pass ----------------------------------------------------------------------- */

typedef ARRAY(uint32_t) numbers_t;

/*
 * Note, by the ids of sets, the numbers that packet IN is looked up by on its
 * way.
 */
static void follow(struct opt *o, const struct cbpf_input *in, numbers_t *met)
{
	const struct ir_node *n = o->graph->root;

	while (n->kind != IR_RET) {
		uint32_t exit = 0, number;

		if (n->kind == IR_TEST || n->kind == IR_SET)
			exit = opt_sample_exit(n, in);
		if (exit == OPT_ENDS || exit == OPT_UNKNOWN)
			return;
		if (n->kind == IR_SET && ir_words(n->lhs) == 1 &&
		    value_of(in, n->lhs, DEPTH, &number) == VALUE)
			array_push(&o->tmp, &met[n->id], number);
		n = ir_succ(n, exit);
	}
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static const struct ir_weights *weights_of(struct opt *o, const struct ir_node *n,
                                           numbers_t *met)
{
	struct ir_weights *w = arena_new(o->graph->arena, struct ir_weights);
	struct ir_weight *v = arena_array(o->graph->arena, struct ir_weight, met->n);

	qsort(met->v, met->n, sizeof *met->v, by_number);
	*w = (struct ir_weights){ .of = n->lhs, .v = v };
	for (uint32_t i = 0; i < met->n; i++) {
		if (!i || met->v[i] != met->v[i - 1])
			v[w->n++].number = met->v[i];
		v[w->n - 1].weight++;
	}
	return w;
}

bool opt_weigh(struct opt *o)
{
	struct ir_order order = opt_order(o);
	numbers_t *met;

	if (!o->samples)
		return false;
	met = arena_array(&o->tmp, numbers_t, o->graph->root->id + 1);
	for (uint32_t i = 0; i < o->samples; i++)
		follow(o, &o->sample[i], met);
	for (uint32_t i = 0; i < order.n; i++)
		if (met[order.v[i]->id].n)
			ir_weigh(o->graph, order.v[i],
			         weights_of(o, order.v[i], &met[order.v[i]->id]));
	/* Programs come out otherwise now. */
	o->costed = NULL;
	return false;
}
