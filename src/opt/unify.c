/*
 * unify: subgraphs that are equal but for where their loads are become one.
 *     n1: load.2 54 == 80 ? a : b                n1: bind p0 = 40 -> n3
 *     n2: load.2 [msh 14 + 14] == 80 ? a : b  -> n2: bind p0 = msh 14 -> n3
 *                                                n3: load.2 [p0 + 14] == 80 ? a : b
 * Every relocated load of an instance has the same base and lies at the same
 * distance from its counterpart; or all but the value that the code asks about
 * first, which then is a parameter itself. Kept if the program costs less, so the
 * pass ends.
 * Exits: of the first instance. All of them ask the same, so an exit leads to a
 * counterpart, which is shared, or to one node that all have in common.
 * Keeps: p0 + k is where the load was, and does not wrap; the base is loaded
 * no earlier than before.
 */
#include <assert.h>
#include <string.h>

#include "opt/opt.h"

enum {
	LARGEST = 4000,  /* nodes of a graph that is tried at all */
	MOST_TRIES = 24, /* programs made */
	INSTANCES = LIMIT(4, 2),
	GROUPS = 2,
	LOADS = LIMIT(64, 2), /* different ones that are relocated */
	LIST = LIMIT(64, 4),  /* numbers */
};

/* Where the loads of a group are, seen from the first instance's. */
struct spot {
	bool known;
	const struct ir_value *base; /* NULL: the start of the packet */
	int64_t delta;               /* the offset less the first's */
};

/* One occurrence of the code. */
struct instance {
	const struct ir_node *root;
	const struct ir_node **partner; /* by id of the first's nodes: its node */
	struct spot at[GROUPS];
};

/* A load of the first instance, and the loads that move together with it. */
struct moved {
	const struct ir_value *load;
	unsigned group;
};

struct unifier {
	struct opt *o;
	struct ir_graph *g;
	const struct ir_node *root; /* of the graph that is looked at */
	struct ir_order order;
	uint32_t ids;
	uint32_t *shape;  /* by node id: equal for what may be unified */
	uint32_t *height; /* by node id: longest way to a result */
	/* Places + 1 of nodes: by slot the last one, and by place + 1 the one before; 0: none. */
	uint32_t *last, *before, slots;
	uint32_t *value_shape;
	struct instance in[INSTANCES];
	const struct ir_node **partner[INSTANCES]; /* room for theirs */
	unsigned n;
	struct moved moved[LOADS];
	unsigned nmoved, groups;
	unsigned by_address;             /* the group whose address is a parameter */
	const struct ir_value *by_value; /* the load that is one itself, or NULL */
	bool *inner;                     /* by id: a node of the first instance's code */
	/* While the new graph is made. */
	const struct ir_value *param, *value_param;
	int64_t shift;
	const struct ir_node **first;  /* by id: its counterpart in the first instance */
	unsigned *owner;               /* by id: the instance that it is in, if FIRST is set */
	const struct ir_node **shared; /* by id of the first's nodes: what all share */
	const struct ir_node **map;    /* by id: what a node has become */
};

/* --- shapes -------------------------------------------------------------------- */

static void shape_values(struct unifier *u)
{
	u->value_shape = arena_array(&u->o->tmp, uint32_t, u->g->values.n);
	for (uint32_t id = 0; id < u->g->values.n; id++) {
		const struct ir_value *v = u->g->values.v[id];
		uint32_t w[3] = { ir_is_load(v) ? IR_LOAD : v->op, v->width,
			          ir_is_load(v) ? 0 : v->imm };
		uint32_t h = hash_words(w, 3, 7);

		for (unsigned i = 0; !ir_is_load(v) && i < ir_nargs(v); i++)
			h = hash_words(&u->value_shape[v->arg[i]->id], 1, h);
		u->value_shape[id] = h;
	}
}

static void shape_nodes(struct unifier *u)
{
	for (uint32_t i = 0; i < u->order.n; i++) {
		const struct ir_node *n = u->order.v[i];
		uint32_t h = n->kind * 4u + n->cmp, tall = 0;

		h = hash_words(&u->value_shape[n->lhs->id], 1, h);
		if (n->rhs)
			h = hash_words(&u->value_shape[n->rhs->id], 1, h);
		for (uint32_t k = 0; k < n->n; k++) {
			h = hash_words(n->set[k].lo, IR_WORDS, h);
			h = hash_words(n->set[k].hi, IR_WORDS, h);
		}
		for (uint32_t s = 0; s < ir_nsucc(n); s++) {
			uint32_t to = ir_succ(n, s)->id;

			h = hash_words(&u->shape[to], 1, h);
			tall = max_u32(tall, u->height[to] + 1);
		}
		u->shape[n->id] = h;
		u->height[n->id] = tall;
	}
}

/* Link the nodes of a shape, so that the others need not be looked at. */
static void link_shapes(struct unifier *u)
{
	u->slots = 64;
	while (u->slots < u->order.n)
		u->slots *= 2;
	u->last = arena_array(&u->o->tmp, uint32_t, u->slots);
	u->before = arena_array(&u->o->tmp, uint32_t, u->order.n + 1);
	for (uint32_t i = 0; i < u->order.n; i++) {
		uint32_t slot = u->shape[u->order.v[i]->id] & (u->slots - 1);

		u->before[i + 1] = u->last[slot];
		u->last[slot] = i + 1;
	}
}

/* --- matching --------------------------------------------------------------------- */

struct match {
	struct unifier *u;
	struct instance *in;
	ARRAY(const struct ir_node *) todo; /* of the first instance */
};

static const struct moved *find_moved(const struct unifier *u,
                                      const struct ir_value *load)
{
	for (unsigned i = 0; i < u->nmoved; i++)
		if (u->moved[i].load == load)
			return &u->moved[i];
	return NULL;
}

static bool same_spot(const struct spot *a, const struct spot *b)
{
	return a->base == b->base && a->delta == b->delta;
}

/*
 * Put load A of the first instance into a group, given its counterpart TO in
 * the second: loads move together if both bases and the distance are the same.
 */
static bool settle(struct match *m, const struct ir_value *a, struct spot to)
{
	struct unifier *u = m->u;
	unsigned g = 0;

	for (; g < u->groups; g++)
		if (u->in[0].at[g].base == ir_base(a) &&
		    same_spot(&m->in->at[g], &to))
			break;
	if (g == GROUPS || u->nmoved == LOADS)
		return false;
	if (g == u->groups) {
		u->groups++;
		u->in[0].at[g] = (struct spot){ true, ir_base(a), 0 };
		m->in->at[g] = to;
	}
	u->moved[u->nmoved++] = (struct moved){ a, g };
	return true;
}

/* Compare loads A, of the first instance, and B, of this one. */
static bool match_load(struct match *m, const struct ir_value *a,
                       const struct ir_value *b)
{
	struct spot to = { true, NULL, (int64_t)b->imm - a->imm };
	const struct moved *moved = find_moved(m->u, a);
	struct spot *at;

	if (!ir_is_load(a) || !ir_is_load(b) || a->width != b->width ||
	    (a->imm | b->imm) & 0x80000000)
		return false;
	to.base = ir_base(b);
	if (!moved)
		return m->u->n == 1 && settle(m, a, to);
	at = &m->in->at[moved->group];
	if (at->known)
		return same_spot(at, &to);
	*at = to;
	return true;
}

enum {
	DEPTH = LIMIT(8, 2)
};

static bool match_value(struct match *m, const struct ir_value *a,
                        const struct ir_value *b, unsigned depth)
{
	if (a == b)
		return true;
	if (m->u->value_shape[a->id] != m->u->value_shape[b->id] || !depth)
		return false;
	if (ir_is_load(a))
		return match_load(m, a, b);
	if (a->op != b->op || a->imm != b->imm || a->width != b->width ||
	    !ir_nargs(a))
		return false;
	for (unsigned i = 0; i < ir_nargs(a); i++)
		if (!match_value(m, a->arg[i], b->arg[i], depth - 1))
			return false;
	return true;
}

static bool match_node(struct match *m, const struct ir_node *a,
                       const struct ir_node *b)
{
	if (a->kind != b->kind || a->cmp != b->cmp || a->n != b->n ||
	    a->kind == IR_BIND || a->kind == IR_RET)
		return false;
	if (!match_value(m, a->lhs, b->lhs, DEPTH))
		return false;
	if (a->rhs && !match_value(m, a->rhs, b->rhs, DEPTH))
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (memcmp(a->set[i].lo, b->set[i].lo, sizeof a->set[i].lo) ||
		    memcmp(a->set[i].hi, b->set[i].hi, sizeof a->set[i].hi))
			return false;
	return true;
}

/* Note B as the partner of A, to be compared; false if A has another partner. */
static bool pair(struct match *m, const struct ir_node *a, const struct ir_node *b)
{
	const struct ir_node **partner = &m->in->partner[a->id];

	if (*partner)
		return *partner == b;
	*partner = b;
	array_push(&m->u->o->tmp, &m->todo, a);
	return true;
}

/*
 * Compare the code below B with that below the first root; true if it is
 * relocated.
 */
static bool match(struct unifier *u, const struct ir_node *b, struct instance *in)
{
	struct match m = { .u = u, .in = in };

	if (u->n == 1)
		u->nmoved = u->groups = 0;
	*in = (struct instance){ .root = b, .partner = u->partner[u->n] };
	memset(in->partner, 0, u->ids * sizeof *in->partner);
	pair(&m, u->in[0].root, b);
	while (m.todo.n) {
		const struct ir_node *x = m.todo.v[--m.todo.n], *y;

		y = in->partner[x->id];
		if (!match_node(&m, x, y))
			return false;
		for (uint32_t s = 0; s < ir_nsucc(x); s++)
			if (ir_succ(x, s) != ir_succ(y, s) &&
			    !pair(&m, ir_succ(x, s), ir_succ(y, s)))
				return false;
	}
	return u->groups > 0;
}

/* Tell whether V equals A where it equals B, and so do their operands. */
static bool stay_alike(const struct ir_value *v, const struct ir_value *a,
                       const struct ir_value *b, unsigned depth)
{
	if (v == a || v == b)
		return a == b;
	if (ir_is_load(v) || !depth)
		return ir_is_load(v);
	for (unsigned i = 0; i < ir_nargs(v); i++)
		if (!stay_alike(v->arg[i], a->arg[i], b->arg[i], depth - 1))
			return false;
	return true;
}

/* Tell whether X and B have the same values and successors in common as X and A. */
static bool shares_alike(const struct ir_node *x, const struct ir_node *a,
                         const struct ir_node *b)
{
	if (!stay_alike(x->lhs, a->lhs, b->lhs, DEPTH) ||
	    (x->rhs && !stay_alike(x->rhs, a->rhs, b->rhs, DEPTH)))
		return false;
	for (uint32_t s = 0; s < ir_nsucc(x); s++)
		if ((ir_succ(x, s) == ir_succ(a, s)) !=
		    (ir_succ(x, s) == ir_succ(b, s)))
			return false;
	return true;
}

/*
 * Check that instance IN has the same nodes inside as those before it, and the
 * same in common with the first one; then note which nodes these are.
 */
static bool same_inside(struct unifier *u, const struct instance *in)
{
	for (uint32_t id = 0; id < u->ids; id++)
		if (u->n > 1 &&
		    (u->inner[id] != !!in->partner[id] ||
		     (u->inner[id] && !shares_alike(u->g->nodes.v[id],
		                                    u->in[1].partner[id],
		                                    in->partner[id]))))
			return false;
	for (uint32_t id = 0; id < u->ids; id++)
		u->inner[id] = in->partner[id] != NULL;
	return true;
}

/* Return AT, or the place + 1 before it, of a node with the shape of A; 0: there is none. */
static uint32_t alike(const struct unifier *u, const struct ir_node *a, uint32_t at)
{
	while (at && u->shape[u->order.v[at - 1]->id] != u->shape[a->id])
		at = u->before[at];
	return at;
}

/* Do the same before place END. */
static uint32_t alike_before(const struct unifier *u, const struct ir_node *a, uint32_t end)
{
	uint32_t at = u->last[u->shape[a->id] & (u->slots - 1)];

	while (at > end)
		at = u->before[at];
	return alike(u, a, at);
}

/*
 * Collect the instances that can be unified with A, before place END of the
 * order.
 */
static bool find_instances(struct unifier *u, const struct ir_node *a,
                           uint32_t end)
{
	u->in[0] = (struct instance){ .root = a };
	u->n = 1;
	for (uint32_t at = alike_before(u, a, end); at && u->n < INSTANCES;
	     at = alike(u, a, u->before[at])) {
		struct instance in;

		if (match(u, u->order.v[at - 1], &in) && same_inside(u, &in))
			u->in[u->n++] = in;
	}
	return u->n > 1;
}

/* --- where the parameter points ------------------------------------------------------ */

/* Tell whether evaluating V evaluates BASE. */
static bool evaluates(const struct ir_value *v, const struct ir_value *base,
                      unsigned depth)
{
	v = ir_word(v, 0);
	if (v == base)
		return true;
	for (unsigned i = 0; depth && i < ir_nargs(v); i++)
		if (evaluates(v->arg[i], base, depth - 1))
			return true;
	return false;
}

/* Find the load that N evaluates first, NULL if there is none. */
static const struct ir_value *first_load(const struct ir_node *n)
{
	const struct ir_value *v = ir_word(n->lhs, 0);

	while (!ir_is_load(v) && ir_nargs(v))
		v = v->arg[0];
	return ir_is_load(v) ? v : NULL;
}

/* Tell whether every edge into an instance leads to its root. */
static bool entered_at_roots(struct unifier *u)
{
	bool *inside = arena_array(&u->o->tmp, bool, u->ids);

	for (unsigned k = 0; k < u->n; k++) {
		memset(inside, 0, u->ids);
		for (uint32_t id = 0; id < u->ids; id++) {
			const struct ir_node *y = k ? u->in[k].partner[id] : NULL;

			if (k && u->inner[id])
				inside[y->id] = true;
			else if (!k)
				inside[id] = u->inner[id];
		}
		for (uint32_t i = 0; i < u->order.n; i++) {
			const struct ir_node *n = u->order.v[i];

			for (uint32_t s = 0; !inside[n->id] && s < ir_nsucc(n); s++)
				if (inside[ir_succ(n, s)->id] &&
				    ir_succ(n, s) != u->in[k].root)
					return false;
		}
	}
	return true;
}

/*
 * Decide which group of loads is passed on by address, and which load by value;
 * false if that is not possible.
 */
static bool choose_params(struct unifier *u)
{
	const struct moved *first = find_moved(u, first_load(u->in[0].root));

	u->by_address = 0;
	u->by_value = NULL;
	if (u->groups == 1)
		return true;
	if (!first || !entered_at_roots(u))
		return false;
	for (unsigned i = 0; i < u->nmoved; i++)
		if (u->moved[i].group == first->group &&
		    u->moved[i].load != first->load)
			return false;
	u->by_address = !first->group;
	u->by_value = first->load;
	return true;
}

static const struct spot *address_of(const struct unifier *u,
                                     const struct instance *in)
{
	return &in->at[u->by_address];
}

/*
 * Tell whether BASE may be loaded ahead of ROOT's test: the test loads it itself, or
 * loads bytes further on, so that a packet without BASE ends there anyway.
 */
static bool may_precede(const struct unifier *u, const struct ir_node *root,
                        const struct ir_value *base)
{
	const struct ir_value *load = first_load(root);

	if (!u->by_value && evaluates(root->lhs, base, DEPTH))
		return true;
	return base->op == IR_MSH && load && load->op == IR_LOAD &&
	       load->imm < 0x80000000 && base->imm < load->imm + load->width;
}

/*
 * Choose SHIFT. The parameter is p = base + delta + shift, and loads are at [p
 * + offset - shift]; with the right shift p is the base alone. False if an
 * address could wrap.
 */
static bool choose_shift(struct unifier *u)
{
	int64_t least = INT64_MAX, far;
	bool based = false;

	for (unsigned i = 0; i < u->n; i++) {
		const struct spot *at = address_of(u, &u->in[i]);

		if (at->base && !may_precede(u, u->in[i].root, at->base))
			return false;
		if (at->base ? !based || at->delta < least
		             : !based && at->delta < least)
			least = at->delta;
		based |= at->base != NULL;
	}
	u->shift = -least;
	for (unsigned i = 0; i < u->n; i++) {
		far = address_of(u, &u->in[i])->delta + u->shift;
		if (far < 0 || far > 0xffff)
			return false;
	}
	return true;
}

static const struct ir_value *address(struct unifier *u, const struct instance *in)
{
	const struct spot *at = address_of(u, in);
	uint32_t k = (uint32_t)(at->delta + u->shift);

	if (!at->base)
		return ir_const(u->g, k);
	return k ? ir_op2(u->g, IR_ADD, at->base, ir_const(u->g, k)) : at->base;
}

/* Rebuild V, of the first instance, with its loads relative to the parameter. */
static const struct ir_value *relocate(struct unifier *u, const struct ir_value *v,
                                       const struct ir_value *partner)
{
	const struct ir_value *arg[IR_WORDS];

	if (v == partner)
		return v;
	if (v == u->by_value)
		return u->value_param;
	if (ir_is_load(v))
		return ir_loadx(u->g, v->width, u->param,
		                (uint32_t)(v->imm - u->shift));
	for (unsigned i = 0; i < ir_nargs(v); i++)
		arg[i] = relocate(u, v->arg[i], partner->arg[i]);
	return opt_with_args(u->o, v, arg);
}

/*
 * Tell whether V's relocated loads lie after the parameter's address and the input has
 * them.
 */
static bool offsets_fit(struct unifier *u, const struct ir_value *v,
                        const struct ir_value *partner)
{
	if (v == partner || v == u->by_value)
		return true;
	if (ir_is_load(v))
		return v->imm >= u->shift && v->imm - u->shift < 0x7fff0000 &&
		       ir_loads(&u->g->input, true, v->width,
		                (uint32_t)(v->imm - u->shift));
	for (unsigned i = 0; i < ir_nargs(v); i++)
		if (!offsets_fit(u, v->arg[i], partner->arg[i]))
			return false;
	return true;
}

static bool all_fit(struct unifier *u)
{
	for (uint32_t i = 0; i < u->order.n; i++) {
		const struct ir_node *x = u->order.v[i], *y;

		if (!u->inner[x->id])
			continue;
		y = u->in[1].partner[x->id];
		if (!offsets_fit(u, x->lhs, y->lhs) ||
		    (x->rhs && !offsets_fit(u, x->rhs, y->rhs)))
			return false;
	}
	return true;
}

/* --- the new graph ---------------------------------------------------------------------- */

/* Build what all instances share in place of node X of the first one. */
static const struct ir_node *share(struct unifier *u, const struct ir_node *x)
{
	const struct ir_node *y = u->in[1].partner[x->id], *n;
	const struct ir_value *lhs = relocate(u, x->lhs, y->lhs);
	const struct ir_value *rhs =
		x->rhs ? relocate(u, x->rhs, y->rhs) : NULL;
	ARRAY(const struct ir_node *) to = { 0 };

	assert(x->kind == y->kind && x->cmp == y->cmp && ir_nsucc(x) == ir_nsucc(y));
	for (uint32_t s = 0; s < ir_nsucc(x); s++) {
		const struct ir_node *t = ir_succ(x, s);
		bool stays = t == ir_succ(y, s);

		assert(stays || u->in[1].partner[t->id] == ir_succ(y, s));
		array_push(&u->o->tmp, &to,
		           stays ? u->map[t->id] : u->shared[t->id]);
	}
	/*
	 * The values first: exits that became equal leave a node of another kind. But
	 * what is passed on as a value needs no loading: nothing is left of a need.
	 */
	if (x->kind == IR_NEED) {
		n = ir_need(u->g, lhs, to.v[0]);
	} else {
		n = opt_with_values(u->o, x, lhs, rhs);
		n = opt_with_succ(u->o, n, to.v);
	}
	ir_inherit(u->g, n, x);
	return n;
}

/* Bind what instance IN passes on, and go to SHARED, a node of the shared code. */
static const struct ir_node *enter(struct unifier *u, const struct instance *in,
                                   const struct ir_node *shared)
{
	const struct ir_value *v = first_load(in->root);

	if (u->by_value)
		shared = ir_bind(u->g, u->value_param, v, shared);
	return ir_bind(u->g, u->param, address(u, in), shared);
}

/* Sort the nodes by height, the lowest first. */
static const struct ir_node **by_height(struct unifier *u)
{
	struct arena *tmp = &u->o->tmp;
	uint32_t n = u->order.n, *count = arena_array(tmp, uint32_t, n + 2);
	const struct ir_node **out = arena_array(tmp, const struct ir_node *, n);

	for (uint32_t i = 0; i < n; i++)
		count[u->height[u->order.v[i]->id] + 1]++;
	for (uint32_t i = 1; i <= n; i++)
		count[i] += count[i - 1];
	for (uint32_t i = 0; i < n; i++)
		out[count[u->height[u->order.v[i]->id]]++] = u->order.v[i];
	return out;
}

/*
 * Note for each node inside an instance which instance that is, and the node of
 * the first one that it corresponds to. Where instances overlap, the first one
 * owns the node.
 */
static void find_owners(struct unifier *u)
{
	u->owner = arena_array(&u->o->tmp, unsigned, u->ids);
	u->first = arena_array(&u->o->tmp, const struct ir_node *, u->ids);
	for (uint32_t i = 0; i < u->order.n; i++) {
		const struct ir_node *x = u->order.v[i];

		for (unsigned k = u->n; u->inner[x->id] && k-- > 1;) {
			u->owner[u->in[k].partner[x->id]->id] = k;
			u->first[u->in[k].partner[x->id]->id] = x;
		}
	}
	for (uint32_t id = 0; id < u->ids; id++)
		if (u->inner[id]) {
			u->owner[id] = 0;
			u->first[id] = u->g->nodes.v[id];
		}
}

/*
 * Return what node N of the old graph has become: a way into the shared code, or itself.
 */
static const struct ir_node *new_node(struct unifier *u, const struct ir_node *n)
{
	const struct ir_node *first = u->first[n->id];

	if (!first)
		return opt_mapped_succ(u->o, n, u->map);
	return enter(u, &u->in[u->owner[n->id]], u->shared[first->id]);
}

/* Rewrite the N nodes at NODE, which are of the same height. */
static void rewrite_height(struct unifier *u, const struct ir_node *const *node,
                           uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (u->inner[node[i]->id])
			u->shared[node[i]->id] = share(u, node[i]);
	for (uint32_t i = 0; i < n; i++)
		u->map[node[i]->id] = new_node(u, node[i]);
}

/*
 * Build the graph in which U's instances are one, and return its root.
 *
 *      before                 after
 *      a: x         b: y      a: bind p = base of x     b: bind p = base of y
 *      |            |                      \               /
 *      a': x'       b': y'                  s: x relative to p
 *      |            |                       |
 *      exits that are the same              s': x' relative to p
 *                                           |
 *                                           exits
 *
 *
 * Go from the results up, one height after the other. Counterparts are of one
 * height, and all that a node leads to is lower, so that is rewritten before.
 * At each height the shared nodes come first, then the ways into them: a bind
 * may be needed at any node of an instance, as others may lead into its middle.
 * Those that nothing leads to are not part of the new graph.
 */
static const struct ir_node *rewrite(struct unifier *u)
{
	const struct ir_node **node = by_height(u);

	u->param = ir_param(u->g);
	u->value_param = u->by_value ? ir_param(u->g) : NULL;
	u->map = arena_array(&u->o->tmp, const struct ir_node *, u->ids);
	u->shared = arena_array(&u->o->tmp, const struct ir_node *, u->ids);
	find_owners(u);
	for (uint32_t i = 0, end; i < u->order.n; i = end) {
		for (end = i + 1; end < u->order.n; end++)
			if (u->height[node[end]->id] != u->height[node[i]->id])
				break;
		rewrite_height(u, node + i, end - i);
	}
	return u->map[u->root->id];
}

/* --- the pass ------------------------------------------------------------------------------ */

static void look(struct unifier *u)
{
	u->order = opt_order(u->o);
	u->root = u->g->root;
	u->ids = u->root->id + 1;
	u->shape = arena_array(&u->o->tmp, uint32_t, u->ids);
	u->height = arena_array(&u->o->tmp, uint32_t, u->ids);
	u->inner = arena_array(&u->o->tmp, bool, u->ids);
	for (unsigned i = 0; i < INSTANCES; i++)
		u->partner[i] = arena_array(&u->o->tmp, const struct ir_node *,
		                            u->ids);
	shape_values(u);
	shape_nodes(u);
	link_shapes(u);
}

/* Return how many instructions V takes, at most, if it is a word. */
static uint32_t computing(const struct ir_value *v, unsigned depth)
{
	uint32_t n = 1;

	for (unsigned i = 0; depth && i < ir_nargs(v); i++)
		if (!ir_is_const(v->arg[i]))
			n += 1 + computing(v->arg[i], depth - 1);
	return depth ? n : UINT16_MAX;
}

/*
 * Return how many instructions sharing saves, at most: all instances but the
 * first.
 */
static uint32_t saved(const struct unifier *u)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < u->order.n; i++) {
		const struct ir_node *x = u->order.v[i];

		if (u->inner[x->id])
			n += computing(x->lhs, DEPTH) +
			     ir_words(x->lhs) * (x->kind == IR_SET ? 3 * x->n : 1);
	}
	return n * (u->n - 1);
}

/* Return the root of the graph in which U's instances are one, in its best form. */
static const struct ir_node *unified(struct unifier *u)
{
	struct opt *o = u->o;
	struct arena_mark mark = arena_mark(&o->tmp);
	const struct ir_node *was = u->g->root, *root = rewrite(u), *split;

	if (opt_indexed_is_dear(o) && !o->plain) {
		u->g->root = root;
		split = opt_split_by(o, u->param);
		if (split) {
			u->g->root = split;
			opt_thread(o);
			root = u->g->root;
			o->grown = true;
		}
		u->g->root = was;
	}
	arena_back(&o->tmp, mark);
	return root;
}

/* Try to unify A with equal code before place END of the order. */
static bool unify_at(struct unifier *u, const struct ir_node *a, uint32_t end,
                     unsigned *tries)
{
	struct arena_mark mark = arena_mark(&u->o->tmp);

	if (a->kind != IR_TEST && a->kind != IR_SET)
		return false;
	/* Where there are very many nodes, only sharing a list is worth the search. */
	if (u->o->huge && (a->kind != IR_SET || a->n < LIST))
		return false;
	if (find_instances(u, a, end) && choose_params(u) && choose_shift(u) && all_fit(u) &&
	    opt_may_matter(u->o, saved(u)) && opt_rewrite(u->o) &&
	    opt_try(u->o, unified(u), tries))
		return true;
	/* A large graph has many that come to nothing. */
	arena_back(&u->o->tmp, mark);
	return false;
}

/*
 * Try to share less, now that the node at place END was unified: what it tests
 * last is tried by itself. Sharing all of it but the first test takes as many
 * instructions, but runs fewer.
 */
static void unify_less(struct unifier *u, uint32_t end, unsigned *tries)
{
	const struct ir_node *a = u->order.v[end];

	for (uint32_t i = 0; i < ir_nsucc(a) && *tries;) {
		const struct ir_node *s = ir_succ(a, i++);

		if (!unify_at(u, s, end, tries))
			continue;
		a = s;
		i = 0;
	}
}

/* Try to unify something, the largest code first; true if the graph changed. */
static bool unify_one(struct unifier *u, unsigned *tries)
{
	for (uint32_t i = u->order.n; i-- > 1 && *tries;)
		if (unify_at(u, u->order.v[i], i, tries)) {
			unify_less(u, i, tries);
			return true;
		}
	return false;
}

bool opt_unify(struct opt *o)
{
	struct unifier u = { .o = o, .g = o->graph };
	const struct ir_node *was = o->graph->root;
	unsigned tries = MOST_TRIES;

	if (!u.g->input.loads_indexed || !opt_may_matter(o, UINT32_MAX))
		return false;
	if (opt_order(o).n > LARGEST && !o->huge)
		return false;
	look(&u);
	while (tries && unify_one(&u, &tries))
		look(&u);
	return o->graph->root != was;
}
