/*
 * The referee: runs a graph as docs/design/ir.md says it is meant, sharing
 * nothing with the passes and the generator but ir_fold2 and ir_compare.
 */
#include <string.h>

#include "ir/ir.h"

struct eval {
	const struct ir_graph *g;
	const struct ir_data *in;
	struct arena *tmp;
	enum ir_end end;
	uint32_t *param; /* by number: what the path has bound */
	uint32_t *known; /* by value id: its number, if stamp says now */
	uint32_t *stamp;
	uint32_t now;
	ARRAY(const struct ir_value *) todo;
};

/* The captured byte at OFFSET as Linux finds it, -1 if there is none. */
static int byte_at(const struct eval *e, uint32_t offset)
{
	/* bpf_internal_load_pointer_neg_helper(), SKF_NET_OFF and SKF_LL_OFF */
	if (offset >= 0xfff00000)
		offset = offset - 0xfff00000 + e->in->network;
	else if (offset >= 0xffe00000)
		offset -= 0xffe00000;
	else if (offset >= 0x80000000)
		return -1;
	return offset < e->in->captured ? e->in->bytes[offset] : -1;
}

static uint32_t load(struct eval *e, uint32_t offset, unsigned width)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < width; i++) {
		int byte = byte_at(e, offset + i);

		if (byte < 0 || offset + i < offset) {
			e->end = IR_END_LOAD;
			return 0;
		}
		if (e->g->input.little_endian)
			v |= (uint32_t)byte << 8 * i;
		else
			v = v << 8 | (uint32_t)byte;
	}
	return v;
}

static uint32_t ancillary(const struct eval *e, uint32_t which, uint32_t a,
                          uint32_t x)
{
	return e->in->ancillary ? e->in->ancillary(e->in->ctx, which, a, x) : 0;
}

/* V, whose operands are known. */
static uint32_t compute(struct eval *e, const struct ir_value *v)
{
	uint32_t a = v->arg[0] ? e->known[v->arg[0]->id] : 0;
	uint32_t b = v->arg[1] ? e->known[v->arg[1]->id] : 0;
	uint32_t result = 0;

	switch (v->op) {
	case IR_CONST:
		return v->imm;
	case IR_LOAD:
		return load(e, v->imm, v->width);
	case IR_LOADX:
		return load(e, a + v->imm, v->width);
	case IR_MSH:
		return 4 * (load(e, v->imm, 1) & 15);
	case IR_LEN:
		return e->in->wire;
	case IR_ANC:
	case IR_ANCX:
		return ancillary(e, v->imm, a, b);
	case IR_PARAM:
		return e->param[v->imm];
	case IR_KEY:
	case IR_NOPS:
		return 0;
	case IR_ADD:
	case IR_SUB:
	case IR_MUL:
	case IR_DIV:
	case IR_MOD:
	case IR_AND:
	case IR_OR:
	case IR_XOR:
	case IR_LSH:
	case IR_RSH:
	case IR_NEG:
		if (!ir_fold2(v->op, a, b, &result))
			e->end = IR_END_DIVIDE;
		return result;
	}
	return 0;
}

/* Makes V known; false where that ends the program. */
static bool know(struct eval *e, const struct ir_value *v)
{
	if (e->stamp[v->id] == e->now)
		return true;
	e->todo.n = 0;
	array_push(e->tmp, &e->todo, v);
	while (e->todo.n) {
		const struct ir_value *top = e->todo.v[e->todo.n - 1];
		uint32_t had = e->todo.n;

		/* The first operand on top: faults come in that order. */
		for (unsigned i = ir_nargs(top); i-- > 0;)
			if (e->stamp[top->arg[i]->id] != e->now)
				array_push(e->tmp, &e->todo, top->arg[i]);
		if (e->todo.n > had)
			continue;
		e->todo.n--;
		e->known[top->id] = compute(e, top);
		e->stamp[top->id] = e->now;
		if (e->end != IR_END_RET)
			return false;
	}
	return true;
}

static void words_of(const struct eval *e, const struct ir_value *v,
                     uint32_t word[IR_WORDS])
{
	memset(word, 0, IR_WORDS * sizeof *word);
	for (unsigned i = 0; i < ir_words(v); i++)
		word[i] = e->known[ir_word(v, i)->id];
}

/* Where WORD leads in a set, by binary search. */
static const struct ir_node *find(const struct ir_node *n, const uint32_t *word)
{
	uint32_t lo = 0, hi = n->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (!ir_compare(IR_GE, word, n->set[mid].lo, IR_WORDS))
			hi = mid;
		else if (ir_compare(IR_GT, word, n->set[mid].hi, IR_WORDS))
			lo = mid + 1;
		else
			return n->set[mid].to;
	}
	return n->no;
}

/* The node after N, whose values are known. */
static const struct ir_node *step(struct eval *e, const struct ir_node *n)
{
	uint32_t lhs[IR_WORDS], rhs[IR_WORDS];

	switch (n->kind) {
	case IR_RET:
		return NULL;
	case IR_TEST:
		words_of(e, n->lhs, lhs);
		words_of(e, n->rhs, rhs);
		return ir_compare(n->cmp, lhs, rhs, ir_words(n->lhs)) ? n->yes
		                                                      : n->no;
	case IR_SET:
		words_of(e, n->lhs, lhs);
		return find(n, lhs);
	case IR_BIND:
		e->param[n->lhs->imm] = e->known[n->rhs->id];
		e->now++;
		return n->yes;
	case IR_NEED:
		return n->yes;
	}
	return NULL;
}

enum ir_end ir_eval(const struct ir_graph *g, const struct ir_data *data,
                    struct arena *tmp, uint32_t *result)
{
	struct eval e = { .g = g, .in = data, .tmp = tmp, .now = 1 };
	const struct ir_node *n = g->root, *next;

	e.param = arena_array(tmp, uint32_t, g->params);
	e.known = arena_array(tmp, uint32_t, g->values.n);
	e.stamp = arena_array(tmp, uint32_t, g->values.n);
	*result = 0;
	for (;; n = next) {
		/* A bind's parameter is written, not read. */
		if (n->kind != IR_BIND && !know(&e, n->lhs))
			return e.end;
		if (n->rhs && !know(&e, n->rhs))
			return e.end;
		next = step(&e, n);
		if (!next)
			break;
	}
	*result = e.known[n->lhs->id];
	return IR_END_RET;
}
