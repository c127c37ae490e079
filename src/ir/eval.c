/*
 * The referee: runs a graph as docs/design/ir.md says it is meant, sharing
 * nothing with the passes and the generator but ir_fold2 and ir_compare.
 */
#include <string.h>

#include "ir/ir.h"

/* Return where OFFSET is as Linux finds it; UINT32_MAX: nowhere. */
static uint32_t place(const struct ir_eval *e, uint32_t offset)
{
	/* bpf_internal_load_pointer_neg_helper(), SKF_NET_OFF and SKF_LL_OFF */
	if (offset >= 0xfff00000)
		return offset - 0xfff00000 + e->in->network;
	if (offset >= 0xffe00000)
		return offset - 0xffe00000;
	return offset >= 0x80000000 ? UINT32_MAX : offset;
}

/* Read the WIDTH bytes at P as a number. */
static inline uint32_t number(const struct ir_eval *e, const uint8_t *p, unsigned width)
{
	if (width == 1)
		return p[0];
	if (width == 2)
		return e->g->input.little_endian ? p[0] | p[1] << 8 : p[0] << 8 | p[1];
	return e->g->input.little_endian
	               ? p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24
	               : (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* Return the same where any byte may be anywhere, or nowhere. */
static uint32_t load_slowly(struct ir_eval *e, uint32_t offset, unsigned width)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < width; i++) {
		uint32_t at = place(e, offset + i);

		if (at >= e->in->captured || offset + i < offset) {
			e->missing = at;
			e->end = IR_END_LOAD;
			return 0;
		}
		if (e->g->input.little_endian)
			v |= (uint32_t)e->in->bytes[at] << 8 * i;
		else
			v = v << 8 | e->in->bytes[at];
		e->reach = max_u32(e->reach, at + 1);
	}
	return v;
}

static uint32_t load(struct ir_eval *e, uint32_t offset, unsigned width)
{
	if (offset >= 0x80000000 || offset + width > e->in->captured)
		return load_slowly(e, offset, width);
	e->reach = max_u32(e->reach, offset + width);
	return number(e, e->in->bytes + offset, width);
}

static uint32_t ancillary(const struct ir_eval *e, uint32_t which, uint32_t a,
                          uint32_t x)
{
	return e->in->ancillary ? e->in->ancillary(e->in->ctx, which, a, x) : 0;
}

/* Compute V, whose operands are known. */
static uint32_t compute(struct ir_eval *e, const struct ir_value *v)
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
	case IR_INFIX_OPS:
	case IR_NEG:
		if (!ir_fold2(v->op, a, b, &result))
			e->end = IR_END_DIVIDE;
		return result;
	}
	return 0;
}

/* Compute V unless it is known; false if that ends the program. */
static bool know(struct ir_eval *e, const struct ir_value *v)
{
	if (e->stamp[v->id] == e->now)
		return true;
	if (!ir_nargs(v)) {
		e->known[v->id] = compute(e, v);
		e->stamp[v->id] = e->now;
		return e->end == IR_END_RET;
	}
	e->todo.n = 0;
	array_push(e->tmp, &e->todo, v);
	while (e->todo.n) {
		const struct ir_value *top = e->todo.v[e->todo.n - 1];
		uint32_t had = e->todo.n;

		if (!e->steps) {
			e->end = IR_END_STEPS;
			return false;
		}
		e->steps--;
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

/* Compute word I of V into *WORD; false if that ends the program. */
static inline bool know_word(struct ir_eval *e, const struct ir_value *v, unsigned i,
                             uint32_t *word)
{
	const struct ir_value *w = ir_word(v, i);

	if (ir_is_const(w)) {
		*word = w->imm;
		return true;
	}
	if (e->stamp[w->id] != e->now && !know(e, w))
		return false;
	*word = e->known[w->id];
	return true;
}

static inline bool compare(enum ir_cmp cmp, uint32_t a, uint32_t b)
{
	switch (cmp) {
	case IR_EQ:
		return a == b;
	case IR_GT:
		return a > b;
	case IR_GE:
		return a >= b;
	case IR_ANY:
		return a & b;
	}
	return false;
}

/* Compare word by word; words after the one that decides are not evaluated. */
static const struct ir_node *test(struct ir_eval *e, const struct ir_node *n)
{
	unsigned words = ir_words(n->lhs);
	uint32_t a, b;

	for (unsigned i = 0; i < words; i++) {
		if (!know_word(e, n->lhs, i, &a) || !know_word(e, n->rhs, i, &b))
			return NULL;
		if (i + 1 == words || (n->cmp == IR_ANY ? a & b : a != b))
			return compare(n->cmp, a, b) ? n->yes : n->no;
	}
	return NULL;
}

/* Return where all keys from LEAST to MOST lead in a set, NULL if not to one node. */
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

/* Look the key up word by word, as test() does. */
static const struct ir_node *look_up(struct ir_eval *e, const struct ir_node *n)
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

/* Compute every word of V; false if that ends the program. */
static bool know_all(struct ir_eval *e, const struct ir_value *v)
{
	uint32_t word;

	for (unsigned i = 0; i < ir_words(v); i++)
		if (!know_word(e, v, i, &word))
			return false;
	return true;
}

/* Return the node after N; NULL at a result (its value is known then) or a fault. */
static const struct ir_node *step(struct ir_eval *e, const struct ir_node *n)
{
	if (!e->steps) {
		e->end = IR_END_STEPS;
		return NULL;
	}
	e->steps--;
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

/* Record, where that is wanted, that N led to TO. */
static void record(struct ir_eval *e, const struct ir_node *n, const struct ir_node *to)
{
	if (e->npath < e->path_room)
		e->path[e->npath++] = (struct ir_step){
			n,
			to,
			n->kind == IR_BIND ? e->param[n->lhs->imm] : 0,
		};
}

void ir_eval_start(struct ir_eval *e, const struct ir_graph *g, struct arena *tmp)
{
	*e = (struct ir_eval){ .g = g, .tmp = tmp, .steps = UINT64_MAX };
	e->param = arena_array(tmp, uint32_t, g->params);
	e->known = arena_take(tmp, g->values.n * sizeof *e->known);
	e->stamp = arena_array(tmp, uint32_t, g->values.n);
}

enum ir_end ir_eval_run(struct ir_eval *e, const struct ir_node *root,
                        const struct ir_data *data, uint32_t *result)
{
	const struct ir_node *n = root, *next;

	e->in = data;
	e->end = IR_END_RET;
	e->now++;
	e->npath = e->reach = 0;
	*result = 0;
	while ((next = step(e, n))) {
		record(e, n, next);
		n = next;
	}
	record(e, n, NULL);
	if (e->end == IR_END_RET)
		*result = e->known[n->lhs->id];
	return e->end;
}

enum ir_end ir_eval(const struct ir_graph *g, const struct ir_data *data,
                    struct arena *tmp, uint32_t *result)
{
	struct ir_eval e;

	ir_eval_start(&e, g, tmp);
	return ir_eval_run(&e, g->root, data, result);
}
