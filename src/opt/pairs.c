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

#include "opt/pairs.h"

/* Elements that always pay; lists in a graph. */
enum {
	MANY = 16,
	LISTS = 4
};

/* Numbers in the leaves of the search trees of a long list; gen's own default is 4. */
enum {
	SLOW_LEAF = 7
};

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

		if (pairs_part_of(l, i) != p)
			continue;
		for (uint32_t s = 0; s < ir_nsucc(n); s++) {
			const struct ir_node *m = ir_succ(n, s);

			if (m == p->next)
				m = next;
			else if (m != l->fail)
				m = now[pairs_find(shape->node, shape->n, m)];
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
	const struct ir_value *key = pairs_first(l, l->key)->lhs;
	const struct ir_value *class = pairs_first(l, l->class)->lhs;
	struct plan p = {
		.l = l,
		.key = { key, pairs_second_field(l, l->key) },
		.class = { class, pairs_second_field(l, l->class) },
		.key_first = l->key > l->class,
	};
	bool both = p.key[1] && p.class[1];
	const struct ir_node *n;

	assert(pairs_is_simple(l, l->key) && pairs_is_simple(l, l->class));
	if (both && pairs_bits(l, l->class) >> FIELD)
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
	if (!pairs_read(&l, order))
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
