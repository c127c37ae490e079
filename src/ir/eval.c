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

/* Word I of V becomes known as *WORD. */
static bool know_word(struct eval *e, const struct ir_value *v, unsigned i,
                      uint32_t *word)
{
	if (!know(e, ir_word(v, i)))
		return false;
	*word = e->known[ir_word(v, i)->id];
	return true;
}

/* Compares word by word; the words behind the one that decides are not evaluated. */
static const struct ir_node *test(struct eval *e, const struct ir_node *n)
{
	unsigned words = ir_words(n->lhs);
	uint32_t a, b;

	for (unsigned i = 0; i < words; i++) {
		if (!know_word(e, n->lhs, i, &a) || !know_word(e, n->rhs, i, &b))
			return NULL;
		if (i + 1 == words || (n->cmp == IR_ANY ? a & b : a != b))
			return ir_compare(n->cmp, &a, &b, 1) ? n->yes : n->no;
	}
	return NULL;
}

/* Where all keys from LEAST to MOST lead in a set, NULL if not to one node. */
static const struct ir_node *outcome(const struct ir_node *n,
                                     const uint32_t *least, const uint32_t *most)
{
	uint32_t i = ir_set_find(n, least);

	if (i == n->n || ir_compare(IR_GT, n->set[i].lo, most, IR_WORDS))
		return n->no;
	if (ir_compare(IR_GE, least, n->set[i].lo, IR_WORDS) &&
	    ir_compare(IR_GE, n->set[i].hi, most, IR_WORDS))
		return n->set[i].to;
	return NULL;
}

/* Looks the key up word by word, as test() does. */
static const struct ir_node *look_up(struct eval *e, const struct ir_node *n)
{
	unsigned words = ir_words(n->lhs);
	uint32_t least[IR_WORDS] = { 0 }, most[IR_WORDS] = { 0 };
	const struct ir_node *to = NULL;

	memset(most, 0xff, words * sizeof *most);
	for (unsigned i = 0; i < words && !to; i++) {
		if (!know_word(e, n->lhs, i, &least[i]))
			return NULL;
		most[i] = least[i];
		to = outcome(n, least, most);
	}
	return to;
}

/* Every word of V becomes known. */
static bool know_all(struct eval *e, const struct ir_value *v)
{
	uint32_t word;

	for (unsigned i = 0; i < ir_words(v); i++)
		if (!know_word(e, v, i, &word))
			return false;
	return true;
}

/* The node after N; NULL at a result (its value is known then) or a fault. */
static const struct ir_node *step(struct eval *e, const struct ir_node *n)
{
	switch (n->kind) {
	case IR_RET:
		know(e, n->lhs);
		return NULL;
	case IR_TEST:
		return test(e, n);
	case IR_SET:
		return look_up(e, n);
	case IR_BIND:
		if (!know(e, n->rhs))
			return NULL;
		e->param[n->lhs->imm] = e->known[n->rhs->id];
		e->now++;
		return n->yes;
	case IR_NEED:
		return know_all(e, n->lhs) ? n->yes : NULL;
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
	while ((next = step(&e, n)))
		n = next;
	if (e.end == IR_END_RET)
		*result = e.known[n->lhs->id];
	return e.end;
}
