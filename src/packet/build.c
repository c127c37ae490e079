/*
 * From formulas to the graph, backwards: each formula is given the nodes to go
 * to. A stack of our own takes the place of recursion.
 */
#include "packet/primitive.h"

/* A formula on its way; STAGE counts the parts that are built. */
struct work {
	const struct formula *f;
	unsigned stage;
	bool pairs; /* the node it begins with is the start of one of a list of pairs */
	const struct ir_node *yes, *no, *a;
	struct built *built; /* to be filled in once it is built; or NULL */
};

/* An IF that was built: headers of a chain meet the same one on two ways. */
struct built {
	const struct ir_node *yes, *no, *result; /* RESULT NULL: not yet */
};

struct build {
	struct packet *p;
	ARRAY(struct work) stack;
	const struct ir_node *result;
};

static void push(struct build *b, const struct formula *f, const struct ir_node *yes,
                 const struct ir_node *no)
{
	struct work w = { .f = f, .yes = yes, .no = no };

	array_push(b->p->arena, &b->stack, w);
}

/* Turn the formula on top into F with other exits. */
static void become(struct work *top, const struct formula *f, const struct ir_node *yes,
                   const struct ir_node *no)
{
	*top = (struct work){
		.f = f,
		.yes = yes,
		.no = no,
		.pairs = top->pairs,
		.built = top->built,
	};
}

/* --- packets that are too short ------------------------------------------------------ */

/* Put before N the test that SIZE bytes at X + K are there (X NULL: at K); else to FAULT. */
static const struct ir_node *with_length(struct packet *p, const struct ir_value *x, uint32_t k,
                                         uint32_t size, const struct ir_node *n)
{
	const struct ir_value *end;

	if (k > INT32_MAX - size)
		return p->fault;
	end = ir_const(p->g, k + size);
	if (x)
		end = ir_op2(p->g, IR_ADD, x, end);
	n = ir_test(p->g, IR_GE, ir_len(p->g), end, n, p->fault);
	if (!x) /* no sum that could wrap */
		return n;
	return ir_test(p->g, IR_GT, x, ir_const(p->g, INT32_MAX - size - k), p->fault, n);
}

/* Put before N the test that V itself, its operands left aside, does not fail. */
static const struct ir_node *with_test(struct packet *p, const struct ir_value *v,
                                       const struct ir_node *n)
{
	switch (v->op) {
	case IR_LOAD:
		return with_length(p, NULL, v->imm, v->width, n);
	case IR_LOADX:
		return with_length(p, v->arg[0], v->imm, v->width, n);
	case IR_MSH:
		return with_length(p, NULL, v->imm, 1, n);
	case IR_DIV:
	case IR_MOD:
		return ir_test(p->g, IR_EQ, v->arg[1], ir_const(p->g, 0), p->fault, n);
	default:
		return n;
	}
}

/*
 * Put before N, which asks about V, tests that V can be had, if it matters where a packet
 * goes that is too short: those of an operand come before those of what uses it.
 */
static const struct ir_node *guarded(struct packet *p, const struct ir_value *v,
                                     const struct ir_node *n)
{
	ARRAY(const struct ir_value *) stack = { 0 };

	if (!p->fault || !v)
		return n;
	array_push(p->arena, &stack, v);
	while (stack.n) {
		v = stack.v[--stack.n];
		if (!v->may_fault && !v->may_divide)
			continue;
		n = with_test(p, v, n);
		for (unsigned i = 0; i < ir_nargs(v); i++)
			array_push(p->arena, &stack, v->arg[i]);
	}
	return n;
}

/* --- one formula ----------------------------------------------------------------------- */

/*
 * Bind the cells that a comparison's statements write and offsets live in:
 * libpcap reuses a cell once its expression is done.
 */
static const struct ir_node *with_stores(struct packet *p, const struct formula *f,
                                         const struct ir_node *n)
{
	const struct ir_value *last[NCELLS] = { NULL };

	for (const struct store *s = f->stores; s; s = s->next)
		if (s->cell < NCELLS && s->cell < p->cells.n && p->cells.v[s->cell])
			last[s->cell] = s->value;
	for (unsigned i = 0; i < NCELLS; i++) {
		if (!last[i])
			continue;
		n = guarded(p, last[i], ir_bind(p->g, p->cells.v[i], last[i], n));
		p->stray = true;
	}
	return n;
}

static const struct ir_node *test(struct build *b, const struct work *w)
{
	const struct formula *f = w->f;
	const struct ir_node *n;

	n = ir_test(b->p->g, f->cmp, f->lhs, f->rhs, w->yes, w->no);
	ir_at(b->p->g, n, f->at);
	n = guarded(b->p, f->lhs, guarded(b->p, f->rhs, n));
	return f->stores && b->p->cells.n ? with_stores(b->p, f, n) : n;
}

static const struct ir_node *set(struct build *b, const struct work *w)
{
	const struct formula *f = w->f;
	const struct ir_node *n;

	for (uint32_t i = 0; i < f->n; i++)
		f->set[i].to = w->yes;
	n = ir_set(b->p->g, f->lhs, f->set, f->n, w->no);
	ir_at(b->p->g, n, f->at);
	return guarded(b->p, f->lhs, n);
}

/*
 * Tell whether W's formula, an IF, was built for the same exits; else that will be
 * known.
 */
static bool built_before(struct build *b, struct work *w)
{
	struct built *built = w->f->built;

	if (built && built->result && built->yes == w->yes && built->no == w->no) {
		b->result = built->result;
		return true;
	}
	built = arena_new(b->p->arena, struct built);
	*built = (struct built){ .yes = w->yes, .no = w->no };
	((struct formula *)w->f)->built = built;
	w->built = w->built ? w->built : built;
	return false;
}

/* Build the formula on top; false if something else must be built first. */
static bool step(struct build *b)
{
	struct work *top = &b->stack.v[b->stack.n - 1];
	const struct formula *f = top->f;

	switch (f->kind) {
	case FORMULA_FALSE:
		b->result = top->no;
		return true;
	case FORMULA_TRUE:
		b->result = top->yes;
		return true;
	case FORMULA_STOP:
		b->result = b->p->fault ? b->p->fault : ir_ret_const(b->p->g, 0);
		return true;
	case FORMULA_TEST:
		b->result = test(b, top);
		return true;
	case FORMULA_SET:
		b->result = set(b, top);
		return true;
	case FORMULA_BIND:
		b->result = ir_bind(b->p->g, f->lhs, f->rhs, top->yes);
		ir_at(b->p->g, b->result, f->at);
		b->result = guarded(b->p, f->rhs, b->result);
		return true;
	case FORMULA_NOT:
		become(top, f->a, top->no, top->yes);
		return false;
	case FORMULA_LIST:
		become(top, list_expand(b->p, f->list), top->yes, top->no);
		return false;
	case FORMULA_AND:
	case FORMULA_OR:
		if (!top->stage++) {
			top->pairs = top->pairs || f->pairs;
			push(b, f->b, top->yes, top->no);
			b->stack.v[b->stack.n - 1].pairs = f->pairs;
		} else if (f->kind == FORMULA_AND) {
			become(top, f->a, b->result, top->no);
		} else {
			become(top, f->a, top->yes, b->result);
		}
		return false;
	case FORMULA_IF:
		if (top->stage == 0) {
			if (built_before(b, top))
				return true;
			top->stage = 1;
			push(b, f->b, top->yes, top->no);
		} else if (top->stage == 1) {
			top->stage = 2;
			top->a = b->result;
			push(b, f->a, top->yes, top->no);
		} else {
			become(top, f->c, b->result, top->a);
		}
		return false;
	}
	return true;
}

const struct ir_node *packet_build(struct packet *p, const struct formula *f,
                                   const struct ir_node *yes, const struct ir_node *no)
{
	struct build b = { .p = p };

	push(&b, f, yes, no);
	while (b.stack.n) {
		struct work *done;

		arena_work(p->arena, 1);
		if (!step(&b))
			continue;
		done = &b.stack.v[b.stack.n - 1];
		if (done->built)
			done->built->result = b.result;
		if (done->pairs)
			ir_mark(p->g, b.result, IR_MARK_PAIRS);
		b.stack.n--;
	}
	return b.result;
}
