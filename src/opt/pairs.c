/*
 * pairs: asks a list of pairs for one field after the other.
 *     (host A and tcp port p) or (host B and tcp port q) or ...
 * becomes
 *     tcp, then { A -> c = p, B -> c = q, ... } by source, port == c,
 *               { A -> d = p, B -> d = q, ... } by destination, port == d or c
 * so that each host is looked up once in a set, not once in each alternative.
 *
 * The frontend marks where an alternative begins. The pass simplifies each one by
 * itself; otherwise facts from the others would hide that all have the same form. The
 * list is the last alternatives of one form, and "return 0" must follow it. An element
 * consists of parts that must all hold; a part begins at a node that every way to yes
 * passes. Parts that are equal in all elements are guards, and two vary. The one with
 * more values is the key (hosts), the other one the class (ports). Each tests one or
 * two fields:
 *
 *     guard     ip, tcp            the same in all elements
 *     key       K1 or K2           source address, destination address
 *     class     C1 or C2           source port, destination port
 *
 * Keeps: for a packet that the list accepts, the new tests load only what the list
 * itself loads. Every element loads the guards, K1 and C1. Every packet that is accepted
 * loads K2, unless K1 decides in an element with the key of the first one. Every packet
 * that is accepted loads C2, unless C1 decides; so C1 is compared with the class of K2
 * before C2 is loaded. (If the class comes before the key, the first element's class is
 * the exception, not its key.) The tests follow that order:
 *
 *     K1 in keys -> c       C1 == c ?         each key binds its classes to a parameter
 *     K2 in keys -> d       C1 == d ?         C2 == d, or C2 == c ?
 *
 * Exits: the "yes" of a test is where the values lead that it names. A key and a class
 * must fail by their "no" and go on by their "yes", in every element; guards keep the
 * exits of the first element.
 * Ends: what it makes is not marked.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "opt/opt.h"

/* Most nodes and parts of an element; elements that always pay; lists in a graph. */
enum {
	MOST_NODES = LIMIT(16, 3),
	MOST_PARTS = LIMIT(8, 2),
	MANY = 16,
	LISTS = 4
};

/* Numbers in the leaves of the search trees of a long list; gen's own default is 4. */
enum {
	SLOW_LEAF = 7
};

/* Most nodes of an alternative before it is simplified, and how often it is. */
enum {
	MOST_RAW = LIMIT(64, 6),
	ROUNDS = 3
};

struct element {
	const struct ir_node *mark; /* where it began in the graph */
	const struct ir_node *head; /* by itself: leads to a pass or a fail */
	/* By node of the shape: the values asked for, a set that is the same for the same. */
	const struct ir_node *asked[MOST_NODES];
	const struct ir_node *key, *class;
};

/* The nodes of an element, each before its successors. */
struct shape {
	const struct ir_node *node[MOST_NODES];
	uint32_t above[MOST_NODES]; /* the node that all ways to it pass last */
	uint32_t n;
};

/* The nodes from the first on that lead to the next part, or fail. */
struct part {
	uint32_t first;
	const struct ir_node *next;
	bool varies;
};

struct list {
	struct opt *o;
	const struct ir_node *yes;         /* where it leads, or to "return 0" */
	const struct ir_node *pass, *fail; /* results that stand for that in heads */
	const struct ir_value *any;        /* what sets of values are about */
	ARRAY(struct element) element;     /* the last of the list first */
	struct shape shape;                /* of all elements; the nodes are the first's */
	struct part part[MOST_PARTS];      /* the last of the element first */
	uint32_t parts;
	struct part *key, *class;
};

/* --- alternatives by themselves ---------------------------------------------------- */

struct nodes {
	const struct ir_node *v[MOST_RAW];
	uint32_t n;
};

static uint32_t find(const struct ir_node *const *node, uint32_t n,
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
			    find(met.v, met.n, to) < met.n)
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
			    find(out->v, out->n, to) < out->n)
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
				m = now[find(all.v, i, m)];
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

			if (to->kind == IR_RET || find(shape->node, shape->n, to) < shape->n)
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
			uint32_t k = find(shape->node, shape->n, ir_succ(shape->node[i], s));

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
		uint32_t k = find(shape->node, shape->n, from[s]);

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

/* Return the part that node I of the shape is in. */
static struct part *part_of(struct list *l, uint32_t i)
{
	for (;; i = l->shape.above[i])
		for (uint32_t k = 0; k < l->parts; k++)
			if (l->part[k].first == i)
				return &l->part[k];
}

static const struct ir_node *first_of(const struct list *l, const struct part *p)
{
	return l->shape.node[p->first];
}

/* Return the field that P asks second; NULL: it asks one. */
static const struct ir_value *second_field(const struct list *l, const struct part *p)
{
	const struct ir_node *no = first_of(l, p)->no;

	return no == l->fail ? NULL : no->lhs;
}

/* Tell whether P asks one field, or two for the same values, in every element. */
static bool is_simple(const struct list *l, const struct part *p)
{
	struct question a, b;
	uint32_t k;

	if (!is_question(first_of(l, p), &a) || a.yes != p->next)
		return false;
	if (a.no == l->fail)
		return true;
	if (!is_question(a.no, &b) || b.yes != p->next || b.no != l->fail ||
	    ir_words(a.about) != ir_words(b.about))
		return false;
	k = find(l->shape.node, l->shape.n, a.no);
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

/* Find the bits that the fields of simple part P can have. */
static uint32_t bits_of(const struct list *l, const struct part *p)
{
	const struct ir_value *a = first_of(l, p)->lhs, *b = second_field(l, p);

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
				part_of(l, k)->varies = true;
	for (uint32_t i = 0; i < l->parts; i++) {
		if (!l->part[i].varies)
			continue;
		if (v[1] || !is_simple(l, &l->part[i]))
			return false;
		v[v[0] != NULL] = &l->part[i];
	}
	if (!v[1])
		return false;
	/* In doubt the wider is the key: a class has to fit beside a name. */
	n[0] = values(l, v[0]);
	n[1] = values(l, v[1]);
	first = n[1] > n[0] ||
	        (n[1] == n[0] && bits_of(l, v[1]) > bits_of(l, v[0]));
	l->key = v[first];
	l->class = v[!first];
	array_each(e, &l->element) {
		e->key = e->asked[l->key->first];
		e->class = e->asked[l->class->first];
	}
	return true;
}

/* --- keys and their classes ---------------------------------------------------- */

/* The elements of one key. */
struct group {
	const struct element *element; /* in the order of their classes */
	uint32_t n;
	bool first;                  /* the first element is one of them */
	const struct ir_value *name; /* what a parameter is for it; NULL: there is none */
};

typedef ARRAY(struct ir_interval) intervals_t;

/* What is asked, in the order that the head of this file explains. */
struct plan {
	struct list *l;
	const struct ir_value *key[2], *class[2]; /* the second: or NULL */
	const struct ir_node *first_key, *first_class;
	bool key_first; /* it comes before the class */
	bool single;    /* a parameter is the one class of its key; else a number */
	ARRAY(struct group) group;
	intervals_t names;           /* not SINGLE: name or class, as one word */
	const struct ir_value *none; /* the parameter of what is not a key */
};

static int by_key(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	if (x->key != y->key)
		return x->key->id < y->key->id ? -1 : 1;
	return x->class->id < y->class->id ? -1 : x->class->id > y->class->id;
}

static int by_classes(const void *a, const void *b)
{
	const struct group *const *x = a, *const *y = b;

	if ((*x)->n != (*y)->n)
		return (*x)->n < (*y)->n ? -1 : 1;
	for (uint32_t i = 0; i < (*x)->n; i++) {
		uint32_t p = (*x)->element[i].class->id, q = (*y)->element[i].class->id;

		if (p != q)
			return p < q ? -1 : 1;
	}
	return 0;
}

static void make_groups(struct plan *p)
{
	struct arena *a = &p->l->o->tmp;
	struct element *e = p->l->element.v;
	uint32_t n = p->l->element.n, kept = 0;

	p->first_key = e[n - 1].key;
	p->first_class = e[n - 1].class;
	qsort(e, n, sizeof *e, by_key);
	for (uint32_t i = 0; i < n; i++)
		if (!i || by_key(&e[i], &e[kept - 1]))
			e[kept++] = e[i];
	for (uint32_t i = 0; i < kept; i++) {
		struct group *last = p->group.n ? &p->group.v[p->group.n - 1] : NULL;

		if (last && last->element->key == e[i].key)
			last->n++;
		else
			array_push(a, &p->group, ((struct group){
							 .element = &e[i],
							 .n = 1,
							 .first = e[i].key == p->first_key,
						 }));
	}
}

/* The bits of a field of two bytes; a name has others. */
enum {
	FIELD = 16
};

static int by_low(const void *a, const void *b)
{
	const struct ir_interval *x = a, *y = b;

	for (unsigned w = 0; w < IR_WORDS; w++)
		if (x->lo[w] != y->lo[w])
			return x->lo[w] < y->lo[w] ? -1 : 1;
	return 0;
}

/* Tell whether two keys have a value in common. */
static bool overlap(struct plan *p)
{
	intervals_t all = { 0 };

	array_each(q, &p->group)
		for (uint32_t i = 0; i < q->element->key->n; i++)
			array_push(&p->l->o->tmp, &all, q->element->key->set[i]);
	qsort(all.v, all.n, sizeof *all.v, by_low);
	for (uint32_t i = 1; i < all.n; i++)
		for (unsigned w = 0; w < IR_WORDS; w++) {
			uint32_t lo = all.v[i].lo[w], hi = all.v[i - 1].hi[w];

			if (lo < hi || (lo == hi && w == IR_WORDS - 1))
				return true;
			if (lo > hi)
				break;
		}
	return false;
}

/* Add VALUES, with bits NAME, as leading to TO. */
static void add_values(struct plan *p, intervals_t *out, const struct ir_node *values,
                       const struct ir_node *to, uint32_t name)
{
	for (uint32_t i = 0; i < values->n; i++) {
		struct ir_interval v = values->set[i];

		v.to = to;
		assert(!name || !(v.hi[0] >> FIELD));
		v.lo[0] |= name;
		v.hi[0] |= name;
		array_push(&p->l->o->tmp, out, v);
	}
}

/* Tell whether the only class of Q is one value. */
static bool is_one_value(const struct group *q)
{
	const struct ir_node *class = q->element->class;

	return q->n == 1 && class->n == 1 &&
	       class->set[0].lo[0] == class->set[0].hi[0];
}

/*
 * Name each set of classes: by a number, the same for equal sets, or, if every
 * set is one class, by that class.
 */
static void make_names(struct plan *p)
{
	struct ir_graph *g = p->l->o->graph;
	struct arena *a = &p->l->o->tmp;
	const struct group **sorted =
		arena_array(a, const struct group *, p->group.n);
	uint32_t number = 0;

	p->single = true;
	for (uint32_t i = 0; i < p->group.n; i++) {
		const struct group *q = &p->group.v[i];

		sorted[i] = q;
		/* In the first key's place its classes can be asked for at once. */
		p->single = p->single && (is_one_value(q) || (q->first && p->key_first));
	}
	p->none = ir_const(g, p->single ? 1u << FIELD : 0);
	qsort(sorted, p->group.n, sizeof(struct group *), by_classes);
	for (uint32_t i = 0; i < p->group.n; i++) {
		struct group *q = (struct group *)sorted[i];
		bool known = i && !by_classes(&sorted[i - 1], &sorted[i]);

		if (p->single) {
			if (is_one_value(q))
				q->name = ir_const(g, q->element->class->set[0].lo[0]);
			continue;
		}
		number += !known;
		q->name = ir_const(g, number << FIELD);
		for (uint32_t k = 0; k < q->n && !known; k++)
			add_values(p, &p->names, q->element[k].class, p->l->yes,
			           number << FIELD);
	}
}

/* --- the questions ----------------------------------------------------------------- */

/* Test whether FIELD is one of group Q's classes. */
static const struct ir_node *ask_group(struct plan *p, const struct group *q,
                                       const struct ir_value *field,
                                       const struct ir_node *no)
{
	intervals_t set = { 0 };

	for (uint32_t i = 0; i < q->n; i++)
		add_values(p, &set, q->element[i].class, p->l->yes, 0);
	return ir_set(p->l->o->graph, field, set.v, set.n, no);
}

/* Test whether one of the class fields is one of group Q's classes. */
static const struct ir_node *ask_classes(struct plan *p, const struct group *q,
                                         const struct ir_node *no)
{
	if (p->class[1])
		no = ask_group(p, q, p->class[1], no);
	return ask_group(p, q, p->class[0], no);
}

/* Test whether FIELD is one of the classes that PARAM names. */
static const struct ir_node *ask_param(struct plan *p, const struct ir_value *param,
                                       const struct ir_value *field,
                                       const struct ir_node *no)
{
	struct ir_graph *g = p->l->o->graph;

	if (p->single)
		return ir_test(g, IR_EQ, field, param, p->l->yes, no);
	return ir_set(g, ir_op2(g, IR_OR, field, param), p->names.v, p->names.n, no);
}

/* Look FIELD up among the keys: lead to TO[i] for those of group I, else to NO. */
static const struct ir_node *look_up(struct plan *p, const struct ir_value *field,
                                     const struct ir_node *const *to,
                                     const struct ir_node *no)
{
	struct ir_graph *g = p->l->o->graph;
	intervals_t set = { 0 };

	for (uint32_t i = 0; i < p->group.n; i++) {
		const struct element *e = p->group.v[i].element;
		const struct ir_place *place = ir_places(g, e->mark);
		uint32_t from = set.n;

		add_values(p, &set, e->key, to[i], 0);
		for (; place && from < set.n; from++) {
			set.v[from].at = place->at;
			set.v[from].placed = true;
		}
	}
	return ir_set(g, field, set.v, set.n, no);
}

/*
 * Build the tests for one key field or one class field: each key tests its
 * classes.
 */
static const struct ir_node *ask_simply(struct plan *p)
{
	const struct ir_node *no = p->l->fail;
	const struct ir_node **to =
		arena_array(&p->l->o->tmp, const struct ir_node *, p->group.n);

	for (int field = 1; field >= 0; field--) {
		if (!p->key[field])
			continue;
		for (uint32_t i = 0; i < p->group.n; i++)
			to[i] = ask_classes(p, &p->group.v[i], no);
		no = look_up(p, p->key[field], to, no);
	}
	return no;
}

/* Test whether the first class field has the first element's class. */
static const struct ir_node *ask_first_class(struct plan *p, const struct ir_node *yes,
                                             const struct ir_node *no)
{
	intervals_t set = { 0 };

	add_values(p, &set, p->first_class, yes, 0);
	return ir_set(p->l->o->graph, p->class[0], set.v, set.n, no);
}

/*
 * Build the tests for two keys and two classes, which parameters C and D
 * remember.
 */
static const struct ir_node *ask_both(struct plan *p)
{
	struct list *l = p->l;
	struct ir_graph *g = l->o->graph;
	const struct ir_node **to =
		arena_array(&l->o->tmp, const struct ir_node *, p->group.n);
	const struct ir_value *c = ir_param(g), *d = ir_param(g), *x = ir_param(g);
	const struct ir_node *n, *second, *no;

	no = ask_param(p, c, p->class[1], l -> fail);
	n = ask_param(p, d, p->class[0], ask_param(p, d, p->class[1], no));
	n = ir_bind(g, d, x, n);
	for (uint32_t i = 0; i < p->group.n; i++)
		to[i] = p->group.v[i].name ? ir_bind(g, x, p->group.v[i].name, n)
		                           : ask_classes(p, &p->group.v[i], no);
	second = look_up(p, p->key[1], to, no);

	n = second;
	if (!p->key_first)
		n = ask_first_class(p, n, ask_param(p, c, p->class[1], n));
	n = ir_bind(g, c, x, ask_param(p, c, p->class[0], n));
	no = ir_bind(g, c, p->none, second);
	for (uint32_t i = 0; i < p->group.n; i++) {
		const struct group *q = &p->group.v[i];

		if (q->first && p->key_first)
			to[i] = ask_classes(p, q, no);
		else
			to[i] = ir_bind(g, x, q->name, n);
	}
	return look_up(p, p->key[0], to, no);
}

/* Rebuild part P of the shape to lead to NEXT. */
static const struct ir_node *guard(struct list *l, const struct part *p,
                                   const struct ir_node *next)
{
	const struct shape *shape = &l->shape;
	const struct ir_node *now[MOST_NODES];

	for (uint32_t i = shape->n; i-- > p->first;) {
		const struct ir_node *n = shape->node[i];
		ARRAY(const struct ir_node *) to = { 0 };

		if (part_of(l, i) != p)
			continue;
		for (uint32_t s = 0; s < ir_nsucc(n); s++) {
			const struct ir_node *m = ir_succ(n, s);

			if (m == p->next)
				m = next;
			else if (m != l->fail)
				m = now[find(shape->node, shape->n, m)];
			array_push(&l->o->tmp, &to, m);
		}
		now[i] = opt_with_succ(l->o, n, to.v);
		ir_inherit(l->o->graph, now[i], n);
	}
	return now[p->first];
}

/* Build the list in its new form; NULL if it has none. */
static const struct ir_node *factored(struct list *l)
{
	const struct ir_value *key = first_of(l, l->key)->lhs;
	const struct ir_value *class = first_of(l, l->class)->lhs;
	struct plan p = {
		.l = l,
		.key = { key, second_field(l, l->key) },
		.class = { class, second_field(l, l->class) },
		.key_first = l->key > l->class,
	};
	bool both = p.key[1] && p.class[1];
	const struct ir_node *n;

	assert(is_simple(l, l->key) && is_simple(l, l->class));
	if (both && bits_of(l, l->class) >> FIELD)
		return NULL;
	make_groups(&p);
	if (overlap(&p))
		return NULL;
	if (both)
		make_names(&p);
	n = both ? ask_both(&p) : ask_simply(&p);
	for (uint32_t i = 0; i < l->parts; i++)
		if (!l->part[i].varies)
			n = guard(l, &l->part[i], n);
	return n;
}

/* Factor one list; false if there is none that is worth it. */
static bool one(struct opt *o, unsigned *tries)
{
	struct ir_order order = opt_order(o);
	struct list l = { .o = o };
	const struct ir_node *first, *n;

	l.pass = ir_ret_const(o->graph, 1);
	l.fail = ir_ret_const(o->graph, 0);
	l.any = ir_param(o->graph);
	if (!alternatives(&l, order))
		return false;
	simplify(&l);
	if (!keep_alike(&l) || !cut(&l) || !find_roles(&l))
		return false;
	first = l.element.v[l.element.n - 1].mark;
	if (l.element.n < MANY && (o->level < OPT_2 || o->careful))
		return false;
	n = factored(&l);
	if (!n || !opt_rewrite(o))
		return false;
	o->bold |= l.element.n < MANY;
	/* Few packets pass the guards, so the trees after them may be slower. */
	if (o->level == OPT_2 && l.element.n >= MANY)
		o->gen.leaf = SLOW_LEAF;
	o->graph->root = opt_replaced(o, order, first, n);
	--*tries;
	return true;
}

bool opt_pairs(struct opt *o)
{
	return o->graph->marks.n && opt_trials(o, one, UINT32_MAX, LISTS);
}
