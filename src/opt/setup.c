/*
 * setup: what several answers to a question want in X is put there once, ahead of
 * the question.
 *     n1: load.1 23 in { 6 -> n2, 17 -> n3 } else c      n0: bind p0 = msh 14 -> n1
 *     n2: load.2 [msh 14 + 14] == 80 ? a : c         ->  n1: load.1 23 in ...
 *     n3: load.2 [msh 14 + 14] == 53 ? a : c             n2: load.2 [p0 + 14] == 80 ? a : c
 *                                                        n3: load.2 [p0 + 14] == 53 ? a : c
 * So it is with "bind p1 = 40" after several answers, which becomes "bind p1 = p0".
 * Kept if the program costs less. What is put ahead is wanted by fewer nodes than
 * before, so the pass ends.
 * Keeps: a header's length is loaded ahead of a load that ends no sooner.
 */
#include "opt/opt.h"

enum {
	LARGEST = 400, /* nodes of a graph that is tried at all */
	MOST_TRIES = 8,
	DEPTH = 8,
};

struct mover {
	struct opt *o;
	struct ir_order order;
	uint32_t *preds;          /* by node id */
	const struct ir_value *v; /* what is put ahead */
	const struct ir_value *param;
	bool *wants;                /* by node id: V is wanted there or below */
	uint32_t *inside;           /* by node id: ways that lead there from inside */
	const struct ir_node **map; /* by node id */
};

/* --- what wants it --------------------------------------------------------------- */

static bool uses(const struct ir_value *v, const struct ir_value *x, unsigned depth)
{
	if (v == x)
		return true;
	for (unsigned i = 0; depth && i < ir_nargs(v); i++)
		if (uses(v->arg[i], x, depth - 1))
			return true;
	return false;
}

static bool binds(const struct ir_node *n, const struct ir_value *v)
{
	return n->kind == IR_BIND && n->rhs == v;
}

/* Tell whether N wants V in X; a constant is only wanted so where it is bound. */
static bool wants(const struct ir_node *n, const struct ir_value *v)
{
	if (n->kind == IR_BIND)
		return n->rhs == v || (!ir_is_const(v) && uses(n->rhs, v, DEPTH));
	if (ir_is_const(v) || n->kind == IR_RET)
		return false;
	return uses(n->lhs, v, DEPTH) || (n->rhs && uses(n->rhs, v, DEPTH));
}

static void mark(struct mover *m)
{
	for (uint32_t i = 0; i < m->order.n; i++) {
		const struct ir_node *n = m->order.v[i];
		bool any = wants(n, m->v);

		for (uint32_t s = 0; s < ir_nsucc(n); s++)
			any |= m->wants[ir_succ(n, s)->id];
		m->wants[n->id] = any;
	}
}

/* Tell whether V may be computed ahead of N: N cannot do without what V loads. */
static bool may_precede(const struct ir_node *n, const struct ir_value *v)
{
	const struct ir_value *load;
	uint32_t mask;

	if ((n->kind != IR_TEST && n->kind != IR_SET) || wants(n, v) ||
	    (n->rhs && !ir_is_const(n->rhs)))
		return false;
	load = opt_unmasked(ir_word(n->lhs, 0), &mask);
	if (load->op != IR_LOAD || load->imm > 0x7ffffff0)
		return false;
	return ir_is_const(v) || v->imm < load->imm + load->width;
}

/* Tell whether at least two answers to N want V. */
static bool wanted_twice(const struct mover *m, const struct ir_node *n)
{
	const struct ir_node *first = NULL;

	for (uint32_t i = 0; i < ir_nsucc(n); i++) {
		const struct ir_node *s = ir_succ(n, i);

		/* Only a bind is the same for each answer anew. */
		if (!m->wants[s->id] || (s == first && !binds(s, m->v)))
			continue;
		if (first)
			return true;
		first = s;
	}
	return false;
}

/* --- the new graph ----------------------------------------------------------------- */

static const struct ir_value *with_param(struct mover *m, const struct ir_value *v,
                                         unsigned depth)
{
	const struct ir_value *arg[IR_WORDS];

	if (v == m->v)
		return m->param;
	if (!depth || !uses(v, m->v, depth))
		return v;
	for (unsigned i = 0; i < ir_nargs(v); i++)
		arg[i] = with_param(m, v->arg[i], depth - 1);
	return opt_with_args(m->o, v, arg);
}

static const struct ir_node *moved(struct mover *m, const struct ir_node *n)
{
	const struct ir_node *now = opt_mapped_succ(m->o, n, m->map);
	const struct ir_value *lhs = now->lhs;

	if (!wants(n, m->v) || now->kind != n->kind)
		return now;
	if (n->kind != IR_BIND)
		lhs = with_param(m, lhs, DEPTH);
	now = opt_with_values(m->o, now, lhs,
	                      now->rhs ? with_param(m, now->rhs, DEPTH) : NULL);
	ir_inherit(m->o->graph, now, n);
	return now;
}

/* Return the root of the graph in which V is bound ahead of the node at place AT. */
static const struct ir_node *rebuilt(struct mover *m, uint32_t at)
{
	struct ir_graph *g = m->o->graph;
	const struct ir_node *n = m->order.v[at];

	m->param = ir_param(g);
	m->inside[n->id] = m->preds[n->id];
	/* Only where all ways lead through N the parameter is bound. */
	for (uint32_t i = at + 1; i-- > 0;) {
		const struct ir_node *x = m->order.v[i];

		if (m->inside[x->id] != m->preds[x->id])
			continue;
		for (uint32_t s = 0; s < ir_nsucc(x); s++) {
			const struct ir_node *to = ir_succ(x, s);
			bool again = false;

			for (uint32_t k = 0; k < s && !again; k++)
				again = ir_succ(x, k) == to;
			m->inside[to->id] += !again;
		}
	}
	for (uint32_t i = 0; i < m->order.n; i++) {
		const struct ir_node *x = m->order.v[i];
		bool in = i <= at && m->inside[x->id] == m->preds[x->id];

		m->map[x->id] = in ? moved(m, x)
		                   : opt_mapped_succ(m->o, x, m->map);
		if (x == n)
			m->map[x->id] = ir_bind(g, m->param, m->v, m->map[x->id]);
	}
	return m->map[g->root->id];
}

/* --- the pass ----------------------------------------------------------------------- */

/* Try to put V ahead of something; true if the graph changed. */
static bool move(struct mover *m, const struct ir_value *v, unsigned *tries)
{
	struct arena *tmp = &m->o->tmp;
	uint32_t ids = m->o->graph->root->id + 1;

	m->v = v;
	m->wants = arena_array(tmp, bool, ids);
	mark(m);
	for (uint32_t i = 0; i < m->order.n && *tries; i++) {
		const struct ir_node *n = m->order.v[i];

		if (!wanted_twice(m, n) || !may_precede(n, v))
			continue;
		if (!opt_rewrite(m->o))
			return false;
		m->inside = arena_array(tmp, uint32_t, ids);
		m->map = arena_array(tmp, const struct ir_node *, ids);
		if (opt_try(m->o, rebuilt(m, i), tries))
			return true;
	}
	return false;
}

/* Return what N wants in X and could have from before; NULL if nothing. */
static const struct ir_value *wanted(const struct ir_node *n)
{
	const struct ir_value *v = n->kind == IR_BIND ? n->rhs : n->lhs;

	if (n->kind == IR_BIND && (ir_is_const(v) || v->op == IR_MSH))
		return v;
	v = ir_is_load(v) ? ir_base(v) : NULL;
	return v && v->op == IR_MSH ? v : NULL;
}

static bool move_one(struct opt *o, unsigned *tries)
{
	struct ir_graph *g = o->graph;
	struct mover m = { .o = o, .order = opt_order(o) };
	bool *tried = arena_array(&o->tmp, bool, g->values.n);

	m.preds = opt_preds(o, m.order, g->root);
	for (uint32_t i = 0; i < m.order.n && *tries; i++) {
		const struct ir_value *v = wanted(m.order.v[i]);

		if (!v || tried[v->id])
			continue;
		tried[v->id] = true;
		if (move(&m, v, tries))
			return true;
	}
	return false;
}

bool opt_setup(struct opt *o)
{
	return o->graph->input.loads_indexed && opt_may_matter(o, 0) &&
	       opt_trials(o, move_one, LARGEST, MOST_TRIES);
}
