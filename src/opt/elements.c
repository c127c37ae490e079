/*
 * elements: reads a list of pairs: where its alternatives begin, what each of them is by
 * itself, in what all are alike, and which two parts vary. pairs.c says what for.
 */
#include <stdlib.h>

#include "opt/pairs.h"

/* Most nodes of an alternative before it is simplified, and how often it is. */
enum {
	MOST_RAW = LIMIT(64, 6),
	ROUNDS = 3
};

/* --- alternatives by themselves ---------------------------------------------------- */

struct nodes {
	const struct ir_node *v[MOST_RAW];
	uint32_t n;
};

uint32_t pairs_find(const struct ir_node *const *node, uint32_t n,
                    const struct ir_node *wanted)
{
	uint32_t i = 0;

	while (i < n && node[i] != wanted)
		i++;
	return i;
}

/*
 * Find where the alternative at HEAD leads besides NEXT, the next alternative.
 * Its own nodes are those that NEXT does not lead to. NULL if it leads to more
 * places, or is too large.
 */
static const struct ir_node *common_exit(struct list *l, const struct ir_node *head,
                                         const struct ir_node *next)
{
	struct ir_order after = ir_postorder(&l->o->tmp, l->o->graph, next);
	bool *follows = arena_array(&l->o->tmp, bool, head->id + 1);
	struct nodes met = { .v = { head }, .n = 1 };
	const struct ir_node *exit = NULL;

	for (uint32_t i = 0; i < after.n; i++)
		follows[after.v[i]->id] = true;
	for (uint32_t i = 0; i < met.n; i++)
		for (uint32_t s = 0; s < ir_nsucc(met.v[i]); s++) {
			const struct ir_node *to = ir_succ(met.v[i], s);

			if (to == next || to == exit ||
			    pairs_find(met.v, met.n, to) < met.n)
				continue;
			if ((follows[to->id] && exit) || met.n == MOST_RAW)
				return NULL;
			if (follows[to->id])
				exit = to;
			else
				met.v[met.n++] = to;
		}
	return exit;
}

/*
 * Collect the nodes between HEAD and NEXT or yes; false if there are other
 * ends, or too many nodes.
 */
static bool region(const struct list *l, const struct ir_node *head,
                   const struct ir_node *next, struct nodes *out)
{
	out->v[0] = head;
	out->n = 1;
	for (uint32_t i = 0; i < out->n; i++)
		for (uint32_t s = 0; s < ir_nsucc(out->v[i]); s++) {
			const struct ir_node *to = ir_succ(out->v[i], s);

			if (to == next || to == l->yes ||
			    pairs_find(out->v, out->n, to) < out->n)
				continue;
			if (to->kind == IR_RET || out->n == MOST_RAW)
				return false;
			out->v[out->n++] = to;
		}
	return true;
}

static int by_id(const void *a, const void *b)
{
	const struct ir_node *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

/*
 * Copy the alternative at HEAD, with PASS for yes and FAIL for NEXT; NULL if
 * that is not possible.
 */
static const struct ir_node *alone(struct list *l, const struct ir_node *head,
                                   const struct ir_node *next)
{
	const struct ir_node *now[MOST_RAW];
	struct nodes all;

	if (!region(l, head, next, &all))
		return NULL;
	/* Successors have smaller ids. */
	qsort((void *)all.v, all.n, sizeof *all.v, by_id);
	for (uint32_t i = 0; i < all.n; i++) {
		ARRAY(const struct ir_node *) to = { 0 };

		for (uint32_t s = 0; s < ir_nsucc(all.v[i]); s++) {
			const struct ir_node *m = ir_succ(all.v[i], s);

			if (m == l->yes)
				m = l->pass;
			else if (m == next)
				m = l->fail;
			else
				m = now[pairs_find(all.v, i, m)];
			array_push(&l->o->tmp, &to, m);
		}
		now[i] = opt_with_succ(l->o, all.v[i], to.v);
		ir_inherit(l->o->graph, now[i], all.v[i]);
	}
	return now[all.n - 1];
}

/*
 * Simplify all alternatives in one graph, as exits of a set that tests a
 * parameter which nothing binds: so no fact of one is known in another.
 */
static void simplify(struct list *l)
{
	struct ir_graph *g = l->o->graph;
	const struct ir_node *was = g->root, *n;
	ARRAY(struct ir_interval) set = { 0 };

	array_each(e, &l->element) {
		struct ir_interval v = { .to = e->head };

		v.lo[0] = v.hi[0] = set.n;
		array_push(&l->o->tmp, &set, v);
	}
	g->root = ir_set(g, l->any, set.v, set.n, l->fail);
	for (int i = 0; i < ROUNDS && opt_thread(l->o); i++)
		;
	n = g->root;
	g->root = was;
	if (n->kind != IR_SET || n->lhs != l->any) {
		l->element.n = 0; /* all are one */
		return;
	}
	for (uint32_t i = 0, k = 0; i < l->element.n; i++) {
		while (k < n->n && n->set[k].hi[0] < i)
			k++;
		l->element.v[i].head =
			k < n->n && n->set[k].lo[0] <= i ? n->set[k].to : n->no;
	}
}

/* Find the last marked alternatives; false if there are fewer than two. */
static bool alternatives(struct list *l, struct ir_order order)
{
	ARRAY(const struct ir_node *) mark = { 0 };
	const struct ir_node *next = l->fail;

	for (uint32_t i = 0; i < order.n; i++)
		if (ir_marks(l->o->graph, order.v[i]) & IR_MARK_PAIRS)
			array_push(&l->o->tmp, &mark, order.v[i]);
	if (mark.n < 2)
		return false;
	l->yes = common_exit(l, mark.v[1], mark.v[0]);
	for (uint32_t i = 0; i < mark.n && l->yes; i++) {
		struct element e = { .mark = mark.v[i] };

		e.head = alone(l, e.mark, next);
		if (!e.head)
			break;
		array_push(&l->o->tmp, &l->element, e);
		next = e.mark;
	}
	return l->element.n > 1;
}

/* --- what elements have in common ---------------------------------------------------- */

/* A node that asks whether ABOUT is one of some values. */
struct question {
	const struct ir_value *about;
	const struct ir_node *yes, *no;
};

static bool is_question(const struct ir_node *n, struct question *q)
{
	*q = (struct question){ n->lhs, n->yes, n->no };
	if (n->kind == IR_TEST)
		return n->cmp == IR_EQ && !n->rhs->params && !n->rhs->may_fault &&
		       (ir_is_const(n->rhs) || n->rhs->op == IR_KEY);
	if (n->kind != IR_SET)
		return false;
	q->yes = n->set[0].to;
	for (uint32_t i = 1; i < n->n; i++)
		if (n->set[i].to != q->yes)
			return false;
	return true;
}

/* Make the set of values that question N tests for; equal sets are one object. */
static const struct ir_node *asked_by(struct list *l, const struct ir_node *n)
{
	struct ir_graph *g = l->o->graph;
	struct ir_interval one = { .to = l->pass }, *v = &one;

	if (n->kind == IR_TEST) {
		for (unsigned w = 0; w < ir_words(n->rhs); w++)
			one.lo[w] = one.hi[w] = ir_word(n->rhs, w)->imm;
		return ir_set(g, l->any, v, 1, l->fail);
	}
	v = arena_memdup(&l->o->tmp, n->set, n->n * sizeof *v);
	for (uint32_t i = 0; i < n->n; i++) {
		v[i].to = l->pass;
		v[i].placed = false;
	}
	return ir_set(g, l->any, v, n->n, l->fail);
}

/* Find the last node that all ways to nodes I and K pass. */
static uint32_t meet(const struct shape *shape, uint32_t i, uint32_t k)
{
	while (i != k) {
		if (i > k)
			i = shape->above[i];
		else
			k = shape->above[k];
	}
	return i;
}

/*
 * Sort the nodes of element HEAD and find what is above each; false if there
 * are too many.
 */
static bool find_shape(struct shape *shape, const struct ir_node *head)
{
	bool met[MOST_NODES] = { true };

	shape->node[0] = head;
	shape->n = 1;
	for (uint32_t i = 0; i < shape->n; i++)
		for (uint32_t s = 0; s < ir_nsucc(shape->node[i]); s++) {
			const struct ir_node *to = ir_succ(shape->node[i], s);

			if (to->kind == IR_RET || pairs_find(shape->node, shape->n, to) < shape->n)
				continue;
			if (shape->n == MOST_NODES)
				return false;
			shape->node[shape->n++] = to;
		}
	qsort((void *)shape->node, shape->n, sizeof *shape->node, by_id);
	for (uint32_t i = 0; i < shape->n / 2; i++) {
		const struct ir_node **v = shape->node, *n = v[i];

		v[i] = v[shape->n - 1 - i];
		v[shape->n - 1 - i] = n;
	}
	for (uint32_t i = 0; i < shape->n; i++)
		for (uint32_t s = 0; s < ir_nsucc(shape->node[i]); s++) {
			uint32_t k = pairs_find(shape->node, shape->n, ir_succ(shape->node[i], s));

			if (k == shape->n)
				continue;
			shape->above[k] = met[k] ? meet(shape, shape->above[k], i) : i;
			met[k] = true;
		}
	return true;
}

/*
 * Match node B of element E with node I of the shape; false if they differ in
 * more than constants.
 */
static bool read_node(struct list *l, struct element *e, uint32_t i,
                      const struct ir_node *b, const struct ir_node **ours)
{
	const struct shape *shape = &l->shape;
	const struct ir_node *a = shape->node[i], *from[2], *to[2];
	struct question p, q;
	bool known = is_question(a, &p);

	if (is_question(b, &q) != known || p.about != q.about || p.about->may_divide)
		return false;
	if (known)
		e->asked[i] = asked_by(l, b);
	else if (a->kind != IR_TEST || b->kind != IR_TEST || a->cmp != b->cmp ||
	         a->rhs != b->rhs)
		return false;
	from[0] = p.yes;
	from[1] = p.no;
	to[0] = q.yes;
	to[1] = q.no;
	for (uint32_t s = 0; s < 2; s++) {
		uint32_t k = pairs_find(shape->node, shape->n, from[s]);

		if (k == shape->n ? to[s] != from[s] : ours[k] && ours[k] != to[s])
			return false;
		if (k < shape->n)
			ours[k] = to[s];
	}
	return true;
}

/* Read what element E tests; false if its shape differs. */
static bool read_element(struct list *l, struct element *e)
{
	const struct ir_node *ours[MOST_NODES] = { e->head };

	for (uint32_t i = 0; i < l->shape.n; i++)
		if (!read_node(l, e, i, ours[i], ours))
			return false;
	return true;
}

/*
 * Keep the elements that are like the last one of the list; false if fewer than
 * two are.
 */
static bool keep_alike(struct list *l)
{
	uint32_t n = 0;

	if (!l->element.n || !find_shape(&l->shape, l->element.v[0].head))
		return false;
	while (n < l->element.n && read_element(l, &l->element.v[n]))
		n++;
	l->element.n = n;
	return n > 1;
}

/* --- the parts of an element ----------------------------------------------------- */

/*
 * Cut the shape into parts at the nodes that all ways to a pass share; false if
 * there are too many.
 */
static bool cut(struct list *l)
{
	const struct shape *shape = &l->shape;
	const struct ir_node *next = l->pass;
	uint32_t last = UINT32_MAX;

	for (uint32_t i = 0; i < shape->n; i++)
		for (uint32_t s = 0; s < ir_nsucc(shape->node[i]); s++)
			if (ir_succ(shape->node[i], s) == l->pass)
				last = last == UINT32_MAX ? i : meet(shape, last, i);
	l->parts = 0;
	for (uint32_t i = last;; i = shape->above[i]) {
		if (l->parts == MOST_PARTS || i == UINT32_MAX)
			return false;
		l->part[l->parts++] = (struct part){ i, next, false };
		next = shape->node[i];
		if (!i)
			return true;
	}
}

struct part *pairs_part_of(struct list *l, uint32_t i)
{
	for (;; i = l->shape.above[i])
		for (uint32_t k = 0; k < l->parts; k++)
			if (l->part[k].first == i)
				return &l->part[k];
}

const struct ir_node *pairs_first(const struct list *l, const struct part *p)
{
	return l->shape.node[p->first];
}

const struct ir_value *pairs_second_field(const struct list *l, const struct part *p)
{
	const struct ir_node *no = pairs_first(l, p)->no;

	return no == l->fail ? NULL : no->lhs;
}

bool pairs_is_simple(const struct list *l, const struct part *p)
{
	struct question a, b;
	uint32_t k;

	if (!is_question(pairs_first(l, p), &a) || a.yes != p->next)
		return false;
	if (a.no == l->fail)
		return true;
	if (!is_question(a.no, &b) || b.yes != p->next || b.no != l->fail ||
	    ir_words(a.about) != ir_words(b.about))
		return false;
	k = pairs_find(l->shape.node, l->shape.n, a.no);
	array_each(e, &l->element)
		if (e->asked[p->first] != e->asked[k])
			return false;
	return true;
}

/* Count the different values, or sets of values, that part P tests for. */
static uint32_t values(struct list *l, const struct part *p)
{
	bool *seen = arena_array(&l->o->tmp, bool, l->o->graph->nodes.n);
	uint32_t n = 0;

	array_each(e, &l->element) {
		n += !seen[e->asked[p->first]->id];
		seen[e->asked[p->first]->id] = true;
	}
	return n;
}

uint32_t pairs_bits(const struct list *l, const struct part *p)
{
	const struct ir_value *a = pairs_first(l, p)->lhs, *b = pairs_second_field(l, p);

	if (ir_words(a) > 1)
		return UINT32_MAX;
	return opt_possible_bits(a) | (b ? opt_possible_bits(b) : 0);
}

/*
 * Find the two parts that vary, and which one is the key; false if there are
 * not just two.
 */
static bool find_roles(struct list *l)
{
	struct part *v[2] = { 0 };
	uint32_t n[2];
	bool first;

	array_each(e, &l->element)
		for (uint32_t k = 0; k < l->shape.n; k++)
			if (e->asked[k] != l->element.v[0].asked[k])
				pairs_part_of(l, k)->varies = true;
	for (uint32_t i = 0; i < l->parts; i++) {
		if (!l->part[i].varies)
			continue;
		if (v[1] || !pairs_is_simple(l, &l->part[i]))
			return false;
		v[v[0] != NULL] = &l->part[i];
	}
	if (!v[1])
		return false;
	/* In doubt the wider is the key: a class has to fit beside a name. */
	n[0] = values(l, v[0]);
	n[1] = values(l, v[1]);
	first = n[1] > n[0] ||
	        (n[1] == n[0] && pairs_bits(l, v[1]) > pairs_bits(l, v[0]));
	l->key = v[first];
	l->class = v[!first];
	array_each(e, &l->element) {
		e->key = e->asked[l->key->first];
		e->class = e->asked[l->class->first];
	}
	return true;
}

bool pairs_read(struct list *l, struct ir_order order)
{
	if (!alternatives(l, order))
		return false;
	simplify(l);
	return keep_alike(l) && cut(l) && find_roles(l);
}
