/*
 * A node's own instructions: its values in A and X, by the usual rule that
 * the operand that needs more room is computed first, and what must be held
 * at each place for the rest to be right.
 */
#include <assert.h>

#include "gen/gen.h"

/* Worked out for all values at once: operands have smaller ids than users. */
struct shape {
	uint8_t cells; /* scratch cells that computing it into A takes */
	bool spoils_x; /* computing it into A may change X */
};

/* What is still to do for the value at hand; the last one first. */
struct task {
	enum {
		COMPUTE, /* v into A */
		EMIT,    /* step, which leaves v in A */
		TO_X,    /* v from A into X */
		LOAD_X,  /* v into X by one instruction */
		SPILL,   /* A into a free cell */
		FILL_A,  /* v from the newest such cell into A */
		FILL_X,  /* or into X */
	} what;
	const struct ir_value *v;
	struct gen_step step;
};

struct gen_coder {
	struct arena *tmp;
	const struct ir_graph *g;
	const struct gen_cells *cells;
	struct shape *shape; /* by value id */
	const struct ir_value *a, *x;
	ARRAY(struct gen_step) out;
	ARRAY(bool) open; /* by step: a spilled cell is still to be read after it */
	ARRAY(struct task) todo;
	ARRAY(unsigned) spilled;
	uint32_t busy; /* cells taken by parameters and spills */
	bool failed;   /* no cell was left */
};

static const uint16_t alu_code[IR_NOPS] = {
	[IR_ADD] = BPF_ADD,
	[IR_SUB] = BPF_SUB,
	[IR_MUL] = BPF_MUL,
	[IR_DIV] = BPF_DIV,
	[IR_MOD] = BPF_MOD,
	[IR_AND] = BPF_AND,
	[IR_OR] = BPF_OR,
	[IR_XOR] = BPF_XOR,
	[IR_LSH] = BPF_LSH,
	[IR_RSH] = BPF_RSH,
};

static uint16_t size_code(unsigned width)
{
	return width == 4 ? BPF_W : width == 2 ? BPF_H
	                                       : BPF_B;
}

/* Tell whether V can be put into X by one instruction. */
static bool fits_x(const struct ir_value *v)
{
	return v->op == IR_CONST || v->op == IR_LEN || v->op == IR_MSH ||
	       v->op == IR_PARAM;
}

/*
 * Reduce a constant shift count to the low bits that decide, as an instruction
 * must have it.
 */
static uint32_t immediate(enum ir_op op, uint32_t k)
{
	return op == IR_LSH || op == IR_RSH ? k % 32 : k;
}

/* Tell whether V can be "A op K": not if it divides by 0. */
static bool takes_k(const struct ir_value *v)
{
	if (v->op == IR_ANCX || !ir_is_const(v->arg[1]))
		return false;
	return (v->op != IR_DIV && v->op != IR_MOD) || v->arg[1]->imm;
}

/* --- shapes ------------------------------------------------------------------ */

static uint8_t max_u8(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

/* Tell whether the right operand waits in X if computing the left one leaves X alone. */
static bool waits_in_x(const struct gen_coder *c, const struct ir_value *left)
{
	return !c->shape[left->id].spoils_x;
}

/* Tell whether the left operand is computed first and waits in a cell. */
static bool left_first(const struct gen_coder *c, const struct ir_value *left,
                       const struct ir_value *right)
{
	return c->shape[left->id].cells > c->shape[right->id].cells;
}

static struct shape pair_shape(const struct gen_coder *c,
                               const struct ir_value *left,
                               const struct ir_value *right)
{
	struct shape l = c->shape[left->id], r = c->shape[right->id];
	struct shape s = { .spoils_x = true };

	if (fits_x(right))
		s.cells = l.cells;
	else if (waits_in_x(c, left))
		s.cells = max_u8(r.cells, l.cells);
	else if (left_first(c, left, right))
		s.cells = max_u8(l.cells, (uint8_t)(r.cells + 1));
	else
		s.cells = max_u8(r.cells, (uint8_t)(l.cells + 1));
	return s;
}

static struct shape shape_of(const struct gen_coder *c, const struct ir_value *v)
{
	struct shape s = { 0 };

	switch (v->op) {
	case IR_CONST:
	case IR_LOAD:
	case IR_LEN:
	case IR_ANC:
	case IR_PARAM:
	case IR_NOPS:
	case IR_KEY:
		return s;
	case IR_MSH:
		s.spoils_x = true;
		return s;
	case IR_LOADX:
		s = c->shape[v->arg[0]->id];
		s.spoils_x = true;
		return s;
	case IR_NEG:
		return c->shape[v->arg[0]->id];
	case IR_ANCX:
	case IR_INFIX_OPS:
		if (takes_k(v))
			return c->shape[v->arg[0]->id];
		return pair_shape(c, v->arg[0], v->arg[1]);
	}
	return s;
}

struct gen_coder *gen_coder(struct arena *tmp, const struct ir_graph *g,
                            const struct gen_cells *cells)
{
	struct gen_coder *c = arena_new(tmp, struct gen_coder);

	c->tmp = tmp;
	c->g = g;
	c->cells = cells;
	c->shape = arena_array(tmp, struct shape, g->values.n);
	for (uint32_t id = 0; id < g->values.n; id++)
		c->shape[id] = shape_of(c, g->values.v[id]);
	return c;
}

/* --- instructions ------------------------------------------------------------- */

static struct gen_step insn(uint16_t code, uint32_t k)
{
	return (struct gen_step){ .insn = BPF_STMT(code, k) };
}

static uint8_t cell_of(const struct gen_coder *c, const struct ir_value *param)
{
	uint8_t cell = c->cells->of[param->imm];

	assert(param->op == IR_PARAM && cell < BPF_MEMWORDS);
	return cell;
}

static void emit(struct gen_coder *c, struct gen_step s)
{
	c->a = s.a;
	c->x = s.x;
	array_push(c->tmp, &c->out, s);
	array_push(c->tmp, &c->open, c->spilled.n > 0);
}

/* Emit S, which leaves V in A. */
static void emit_a(struct gen_coder *c, struct gen_step s,
                   const struct ir_value *v)
{
	s.a = v;
	s.x = c->x;
	emit(c, s);
}

static void emit_x(struct gen_coder *c, struct gen_step s,
                   const struct ir_value *v)
{
	s.a = c->a;
	s.x = v;
	emit(c, s);
}

/* Put V, which fits_x, into X if it is not there. */
static void load_x(struct gen_coder *c, const struct ir_value *v)
{
	struct gen_step s = insn(BPF_LDX | BPF_IMM, v->imm);

	if (c->x == v)
		return;
	if (v->op == IR_LEN) {
		s = insn(BPF_LDX | BPF_W | BPF_LEN, 0);
	} else if (v->op == IR_MSH) {
		s = insn(BPF_LDX | BPF_B | BPF_MSH, v->imm);
	} else if (v->op == IR_PARAM) {
		s = insn(BPF_LDX | BPF_MEM, cell_of(c, v));
		s.reloads = v;
	}
	emit_x(c, s, v);
}

static void later(struct gen_coder *c, int what, const struct ir_value *v)
{
	struct task t = { .what = what, .v = v };

	array_push(c->tmp, &c->todo, t);
}

/* Plan S, which will leave V in A whatever X is then. */
static void emit_later(struct gen_coder *c, struct gen_step s,
                       const struct ir_value *v)
{
	struct task t = { .what = EMIT, .v = v, .step = s };

	array_push(c->tmp, &c->todo, t);
}

/*
 * Plan LEFT into A and RIGHT into X. Tasks are stacked: what is pushed last
 * happens first.
 */
static void plan_pair(struct gen_coder *c, const struct ir_value *left,
                      const struct ir_value *right)
{
	if (fits_x(right) && waits_in_x(c, left)) {
		load_x(c, right);
		later(c, COMPUTE, left);
	} else if (fits_x(right)) {
		later(c, LOAD_X, right);
		later(c, COMPUTE, left);
	} else if (waits_in_x(c, left)) {
		later(c, COMPUTE, left);
		later(c, TO_X, right);
		later(c, COMPUTE, right);
	} else if (left_first(c, left, right)) {
		later(c, FILL_A, left);
		later(c, TO_X, right);
		later(c, COMPUTE, right);
		later(c, SPILL, left);
		later(c, COMPUTE, left);
	} else {
		later(c, FILL_X, right);
		later(c, COMPUTE, left);
		later(c, SPILL, right);
		later(c, COMPUTE, right);
	}
}

/* Start on V into A: emit what needs nothing before it, plan the rest. */
static void start(struct gen_coder *c, const struct ir_value *v)
{
	struct gen_step s;

	if (c->a == v)
		return;
	switch (v->op) {
	case IR_CONST:
		emit_a(c, insn(BPF_LD | BPF_IMM, v->imm), v);
		return;
	case IR_LOAD:
		emit_a(c, insn(BPF_LD | BPF_ABS | size_code(v->width), v->imm), v);
		return;
	case IR_LEN:
		emit_a(c, insn(BPF_LD | BPF_W | BPF_LEN, 0), v);
		return;
	case IR_ANC:
		emit_a(c, insn(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + v->imm), v);
		return;
	case IR_PARAM:
		s = insn(BPF_LD | BPF_MEM, cell_of(c, v));
		s.reloads = v;
		emit_a(c, s, v);
		return;
	case IR_MSH:
		load_x(c, v);
		emit_a(c, insn(BPF_MISC | BPF_TXA, 0), v);
		return;
	case IR_LOADX:
		s = insn(BPF_LD | BPF_IND | size_code(v->width), v->imm);
		if (fits_x(v->arg[0])) {
			load_x(c, v->arg[0]);
			emit_a(c, s, v);
			return;
		}
		emit_later(c, s, v);
		later(c, TO_X, v->arg[0]);
		later(c, COMPUTE, v->arg[0]);
		return;
	case IR_NEG:
		emit_later(c, insn(BPF_ALU | BPF_NEG, 0), v);
		later(c, COMPUTE, v->arg[0]);
		return;
	case IR_ANCX:
		emit_later(c, insn(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + v->imm), v);
		plan_pair(c, v->arg[0], v->arg[1]);
		return;
	case IR_INFIX_OPS:
		if (takes_k(v)) {
			emit_later(c, insn(BPF_ALU | BPF_K | alu_code[v->op], immediate(v->op, v->arg[1]->imm)), v);
			later(c, COMPUTE, v->arg[0]);
			return;
		}
		emit_later(c, insn(BPF_ALU | BPF_X | alu_code[v->op], 0), v);
		if (ir_ops[v->op].flags & IR_COMMUTES && fits_x(v->arg[0]) &&
		    !fits_x(v->arg[1]))
			plan_pair(c, v->arg[1], v->arg[0]);
		else
			plan_pair(c, v->arg[0], v->arg[1]);
		return;
	case IR_KEY:
	case IR_NOPS:
		return;
	}
}

/* Store A in a free cell until it is filled back. */
static void spill(struct gen_coder *c)
{
	unsigned cell = 0;

	while (cell < BPF_MEMWORDS && c->busy >> cell & 1)
		cell++;
	if (cell == BPF_MEMWORDS) {
		c->failed = true;
		cell = 0;
	}
	c->busy |= 1u << cell;
	array_push(c->tmp, &c->spilled, cell);
	emit_a(c, insn(BPF_ST, cell), c->a);
}

/* Return the cell spilled last, which is free from here on. */
static unsigned filled(struct gen_coder *c)
{
	unsigned cell;

	assert(c->spilled.n);
	cell = c->spilled.v[--c->spilled.n];
	assert(c->busy >> cell & 1);
	c->busy &= ~(1u << cell);
	return cell;
}

static void run_tasks(struct gen_coder *c)
{
	while (c->todo.n) {
		struct task t = c->todo.v[--c->todo.n];

		switch (t.what) {
		case COMPUTE:
			start(c, t.v);
			break;
		case EMIT:
			emit_a(c, t.step, t.v);
			break;
		case TO_X:
			emit_x(c, insn(BPF_MISC | BPF_TAX, 0), t.v);
			break;
		case LOAD_X:
			load_x(c, t.v);
			break;
		case SPILL:
			spill(c);
			break;
		case FILL_A:
			emit_a(c, insn(BPF_LD | BPF_MEM, filled(c)), t.v);
			break;
		case FILL_X:
			emit_x(c, insn(BPF_LDX | BPF_MEM, filled(c)), t.v);
			break;
		}
	}
}

static void compute(struct gen_coder *c, const struct ir_value *v)
{
	later(c, COMPUTE, v);
	run_tasks(c);
}

static void compute_pair(struct gen_coder *c, const struct ir_value *left,
                         const struct ir_value *right)
{
	plan_pair(c, left, right);
	run_tasks(c);
}

/* --- what a step does to registers ---------------------------------------------- */

/* Return the registers that S reads before it does its work: CBPF_A, CBPF_X. */
static unsigned reads(const struct gen_step *s)
{
	uint32_t k = s->insn.k;

	if (s->insn.code == CBPF_LD_W_ABS && k >= CBPF_ANCILLARY)
		return cbpf_ancillary(k - CBPF_ANCILLARY)->reads;
	return cbpf_insn(s->insn.code)->reads;
}

unsigned gen_writes(const struct gen_step *s)
{
	return cbpf_insn(s->insn.code)->writes;
}

/* Return what each place needs, worked out from the end, where A and X are wanted. */
static struct gen_need *needs(struct gen_coder *c, const struct ir_value *a,
                              const struct ir_value *x)
{
	uint32_t n = c->out.n;
	struct gen_need *need = arena_array(c->tmp, struct gen_need, n + 1);
	bool stored = false;

	need[n] = (struct gen_need){ a, x, false };
	for (uint32_t i = n; i-- > 0;) {
		const struct gen_step *s = &c->out.v[i];
		const struct gen_step *before = s - 1; /* no first step reads */

		if (gen_writes(s) & CBPF_A)
			a = NULL;
		if (gen_writes(s) & CBPF_X)
			x = NULL;
		if (reads(s) & CBPF_A)
			a = before->a;
		if (reads(s) & CBPF_X)
			x = before->x;
		/* What flow.c takes to be in a register under the parameter's name. */
		if (s->stores && s->a == s->stores)
			a = before->a;
		if (s->stores && s->x == s->stores)
			x = before->x;
		need[i] = (struct gen_need){ a, x, i && c->open.v[i - 1] };
	}
	/* No way may bypass the store of a parameter. */
	for (uint32_t i = 0; i < n; i++) {
		stored |= c->out.v[i].stores != NULL;
		need[i + 1].closed |= stored;
	}
	return need;
}

/* --- nodes ---------------------------------------------------------------------- */

static const uint16_t jump_code[] = {
	[IR_EQ] = BPF_JEQ,
	[IR_GT] = BPF_JGT,
	[IR_GE] = BPF_JGE,
	[IR_ANY] = BPF_JSET,
};

static void finish(struct gen_coder *c, struct gen_body *out,
                   const struct ir_value *a, const struct ir_value *x)
{
	out->need = needs(c, a, x);
	out->n = c->out.n;
	out->step = arena_memdup(c->tmp, c->out.v,
	                         c->out.n * sizeof *c->out.v);
}

static void code_ret(struct gen_coder *c, const struct ir_node *n,
                     struct gen_body *out)
{
	out->last = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, n->lhs->imm);
	if (ir_is_const(n->lhs)) {
		finish(c, out, NULL, NULL);
		return;
	}
	compute(c, n->lhs);
	out->last = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	finish(c, out, n->lhs, NULL);
}

/* Return what a register still holds after PARAM was bound anew. */
static const struct ir_value *unless_stale(const struct ir_value *held,
                                           const struct ir_value *param)
{
	return held && ir_uses_param(held, param) ? NULL : held;
}

/* Bind parameter P to V by way of X, which leaves A alone. */
static void bind_in_x(struct gen_coder *c, const struct ir_value *p,
                      const struct ir_value *v, struct gen_body *out)
{
	struct gen_step store = { .stores = p };

	load_x(c, v);
	store.insn = (struct sock_filter)BPF_STMT(BPF_STX, cell_of(c, p));
	store.a = unless_stale(c->a, p);
	store.x = p;
	emit(c, store);
	out->binds = p;
}

static void code_test(struct gen_coder *c, const struct ir_node *n,
                      const struct ir_node *setter, struct gen_body *out)
{
	uint16_t jump = BPF_JMP | jump_code[n->cmp];

	if (ir_is_const(n->rhs)) {
		compute(c, n->lhs);
		if (setter)
			bind_in_x(c, setter->lhs, setter->rhs, out);
		out->last = (struct sock_filter)BPF_STMT(jump | BPF_K,
		                                         n->rhs->imm);
		finish(c, out, n->lhs, NULL);
		return;
	}
	compute_pair(c, n->lhs, n->rhs);
	out->last = (struct sock_filter)BPF_STMT(jump | BPF_X, 0);
	finish(c, out, n->lhs, n->rhs);
}

static void code_need(struct gen_coder *c, const struct ir_value *v,
                      struct gen_body *out)
{
	out->falls = true;
	if (v->op == IR_MSH) {
		load_x(c, v);
		finish(c, out, NULL, v);
		return;
	}
	compute(c, v);
	finish(c, out, v, NULL);
}

static void code_bind(struct gen_coder *c, const struct ir_node *n, uint32_t at,
                      struct gen_body *out)
{
	const struct ir_value *p = n->lhs, *v = n->rhs;
	struct gen_step store = { .stores = p };
	bool index = c->cells->indexes[p->imm];

	out->falls = true;
	if (c->cells->last[p->imm] <= at + 1) {
		if (v->may_fault || v->may_divide)
			code_need(c, v, out);
		else
			finish(c, out, NULL, NULL);
		return;
	}
	if (index && fits_x(v)) {
		bind_in_x(c, p, v, out);
		finish(c, out, NULL, NULL);
		return;
	}
	compute(c, v);
	if (index)
		emit_x(c, insn(BPF_MISC | BPF_TAX, 0), v);
	store.insn = (struct sock_filter)BPF_STMT(BPF_ST, cell_of(c, p));
	store.a = p;
	store.x = index ? p : unless_stale(c->x, p);
	out->binds = p;
	emit(c, store);
	finish(c, out, NULL, NULL);
}

void gen_code_nothing(struct gen_coder *c, struct gen_body *out)
{
	c->out.n = c->open.n = 0;
	*out = (struct gen_body){ .falls = true };
	finish(c, out, NULL, NULL);
}

bool gen_code_node(struct gen_coder *c, const struct ir_node *n,
                   const struct ir_node *setter, uint32_t at,
                   struct gen_body *out)
{
	c->a = c->x = NULL;
	c->out.n = c->open.n = c->spilled.n = 0;
	c->busy = c->cells->busy[at];
	*out = (struct gen_body){ 0 };
	switch (n->kind) {
	case IR_RET:
		code_ret(c, n, out);
		break;
	case IR_TEST:
		code_test(c, n, setter, out);
		break;
	case IR_BIND:
		code_bind(c, n, at, out);
		break;
	case IR_NEED:
		code_need(c, n->lhs, out);
		break;
	case IR_SET:
		assert(!"sets are lowered before");
		break;
	}
	assert(c->failed || !c->spilled.n);
	return !c->failed;
}
