/*
 * Tree to decision graph: the architecture first, then the number, and only
 * then the arguments, so that the kernel answers from its action cache whatever
 * does not depend on them. Everything is built backwards, from the nodes to go
 * to.
 */
#include <linux/seccomp.h>
#include <stdlib.h>

#include "rules/rules.h"

/* struct seccomp_data */
enum {
	NR_AT = 0,
	ARCH_AT = 4,
	ARGS_AT = 16
};

struct builder {
	struct ir_graph *g;
	const struct rules_tree *tree;
	struct arena *arena;
	const struct sys_abi *abi; /* whose calls are being decided */
};

/* --- operands ------------------------------------------------------------- */

/* Return half of word I of the arguments: its low or high 32 bits. */
static const struct ir_value *load_half(struct builder *b, int8_t i, bool high)
{
	bool second = high != b->abi->big_endian;

	return ir_load(b->g, 4, ARGS_AT + 8 * (uint32_t)i + (second ? 4 : 0));
}

static const struct ir_value *masked(struct builder *b,
                                     const struct ir_value *v, uint32_t mask)
{
	if (mask == UINT32_MAX)
		return v;
	if (!mask)
		return ir_const(b->g, 0);
	return ir_op2(b->g, IR_AND, v, ir_const(b->g, mask));
}

/* An operand as words, the most significant first. */
struct words {
	const struct ir_value *v[2];
	unsigned n;
};

static struct words words_of(struct builder *b, const struct rules_operand *o,
                             unsigned width)
{
	struct words w = { .n = width == 64 ? 2 : 1 };
	unsigned low = w.n - 1;

	if (!o->is_arg) {
		if (w.n == 2)
			w.v[0] = ir_const(b->g, (uint32_t)(o->bits >> 32));
		w.v[low] = ir_const(b->g, (uint32_t)o->bits);
		return w;
	}
	if (w.n == 2 && o->hi < 0)
		w.v[0] = ir_const(b->g, 0);
	else if (w.n == 2)
		w.v[0] = masked(b, load_half(b, o->hi, o->hi == o->lo),
		                (uint32_t)(o->mask >> 32));
	w.v[low] = masked(b, load_half(b, o->lo, false), (uint32_t)o->mask);
	return w;
}

static const struct ir_value *key(struct builder *b, const struct words *w)
{
	return ir_key(b->g, w->v, w->n);
}

/* --- comparisons ---------------------------------------------------------- */

/* Where to go. */
struct exits {
	const struct ir_node *yes, *no;
};

static struct exits swap(struct exits e)
{
	return (struct exits){ e.no, e.yes };
}

/* Return A == B; words that are known do not get into the graph. */
static const struct ir_node *equal(struct builder *b, const struct words *x,
                                   const struct words *y, struct exits to)
{
	struct words l = { .n = 0 }, r = { .n = 0 };

	for (unsigned i = 0; i < x->n; i++) {
		if (x->v[i] == y->v[i])
			continue;
		if (ir_is_const(x->v[i]) && ir_is_const(y->v[i]))
			return to.no;
		l.v[l.n++] = x->v[i];
		r.v[r.n++] = y->v[i];
	}
	if (!l.n)
		return to.yes;
	return ir_test(b->g, IR_EQ, key(b, &l), key(b, &r), to.yes, to.no);
}

static bool is_zero(const struct ir_value *v)
{
	return ir_is_const(v) && !v->imm;
}

/* Test that X and Y share a bit. */
static const struct ir_node *any(struct builder *b, const struct words *x,
                                 const struct words *y, struct exits to)
{
	struct words l = { .n = 0 }, r = { .n = 0 };

	for (unsigned i = 0; i < x->n; i++) {
		if (is_zero(x->v[i]) || is_zero(y->v[i]))
			continue;
		l.v[l.n++] = x->v[i];
		r.v[r.n++] = y->v[i];
	}
	if (!l.n)
		return to.no;
	return ir_test(b->g, IR_ANY, key(b, &l), key(b, &r), to.yes, to.no);
}

/* Test that X has no bit outside Y. */
static const struct ir_node *within(struct builder *b, const struct words *x,
                                    const struct words *y, struct exits to)
{
	struct words inverse = { .n = y->n };

	for (unsigned i = 0; i < y->n; i++)
		inverse.v[i] = ir_is_const(y->v[i])
		                       ? ir_const(b->g, ~y->v[i]->imm)
		                       : ir_op2(b->g, IR_XOR, y->v[i],
		                                ir_const(b->g, UINT32_MAX));
	return any(b, x, &inverse, swap(to));
}

/* Flip the sign bit if C is signed, so that unsigned order gives the signed one. */
static struct words biased(struct builder *b, const struct rules_cond *c,
                           struct words w)
{
	if (c->is_signed)
		w.v[0] = ir_op2(b->g, IR_XOR, w.v[0],
		                ir_const(b->g, UINT32_C(1) << 31));
	return w;
}

/* Build the ordering test X CMP Y of two arguments. */
static const struct ir_node *order_args(struct builder *b,
                                        const struct rules_cond *c,
                                        struct words x, struct words y,
                                        struct exits to)
{
	enum ir_cmp cmp =
		c->cmp == RULES_GT || c->cmp == RULES_LE ? IR_GT : IR_GE;

	x = biased(b, c, x);
	y = biased(b, c, y);
	if (c->cmp == RULES_LT || c->cmp == RULES_LE)
		to = swap(to);
	return ir_test(b->g, cmp, key(b, &x), key(b, &y), to.yes, to.no);
}

/* --- sets of constants ---------------------------------------------------- */

struct set {
	ARRAY(struct ir_interval) interval;
};

/*
 * Add LO .. HI, unsigned, of the words' value to SET. Leave out an upper word
 * that is always zero.
 */
static void add_interval(struct builder *b, struct set *set,
                         const struct words *w, uint64_t lo, uint64_t hi,
                         const struct ir_node *to, struct span at)
{
	struct ir_interval one = { .to = to, .at = at, .placed = true };

	if (w->n == 2 && !is_zero(w->v[0])) {
		one.lo[0] = (uint32_t)(lo >> 32);
		one.lo[1] = (uint32_t)lo;
		one.hi[0] = (uint32_t)(hi >> 32);
		one.hi[1] = (uint32_t)hi;
	} else {
		if (lo > UINT32_MAX)
			return;
		one.lo[0] = (uint32_t)lo;
		one.hi[0] = (uint32_t)(hi > UINT32_MAX ? UINT32_MAX : hi);
	}
	array_push(b->arena, &set->interval, one);
}

/* Add LO .. HI to SET, in the order of C's type. */
static void add_range(struct builder *b, struct set *set,
                      const struct rules_cond *c, const struct words *w,
                      uint64_t lo, uint64_t hi, const struct ir_node *to,
                      struct span at)
{
	uint64_t sign = UINT64_C(1) << (c->width - 1);

	if (c->is_signed && lo & sign && !(hi & sign)) {
		add_interval(b, set, w, lo, sys_ones(c->width), to, at);
		add_interval(b, set, w, 0, hi, to, at);
	} else {
		add_interval(b, set, w, lo, hi, to, at);
	}
}

static const struct ir_node *finish_set(struct builder *b,
                                        const struct set *set,
                                        const struct words *w,
                                        const struct ir_node *no)
{
	struct words low = { { w->v[1], NULL }, 1 };

	if (!set->interval.n)
		return no;
	return ir_set(b->g, key(b, w->n == 2 && is_zero(w->v[0]) ? &low : w),
	              set->interval.v, set->interval.n, no);
}

/*
 * Compute the range LO .. HI that argument CMP constant allows, where CMP
 * orders; false if it is empty.
 */
static bool order_range(const struct rules_cond *c, uint64_t *lo, uint64_t *hi)
{
	uint64_t least = c->is_signed ? UINT64_C(1) << (c->width - 1) : 0;
	uint64_t most = sys_ones(c->width) ^ least, k = c->rhs.bits;

	*lo = least;
	*hi = most;
	if (c->cmp == RULES_LE || c->cmp == RULES_LT) {
		*hi = (k - (c->cmp == RULES_LT)) & sys_ones(c->width);
		return c->cmp == RULES_LE || k != least;
	}
	*lo = (k + (c->cmp == RULES_GT)) & sys_ones(c->width);
	return c->cmp == RULES_GE || k != most;
}

/*
 * Tell whether two conditions are about one operand, which may be read with either sign.
 */
static bool same_operand(const struct rules_cond *a,
                         const struct rules_cond *b)
{
	return a->width == b->width && a->lhs.lo == b->lhs.lo &&
	       a->lhs.hi == b->lhs.hi && a->lhs.mask == b->lhs.mask;
}

/* Return C if it restricts its left side to ranges, else NULL. */
static const struct rules_cond *operand_of_test(const struct rules_cond *c)
{
	if (c->kind == RULES_COND_IN)
		return c;
	return c->kind != RULES_COND_TEST || c->rhs.is_arg ||
	                       c->cmp == RULES_ANY || c->cmp == RULES_WITHIN
	               ? NULL
	               : c;
}

/*
 * Return a condition with C's operand on its left if C only restricts that
 * operand to ranges; else NULL.
 */
static const struct rules_cond *operand_of(const struct rules_cond *c)
{
	const struct rules_cond *first;

	if (!c || c->kind != RULES_COND_OR)
		return c ? operand_of_test(c) : NULL;
	first = c->n ? operand_of_test(c->kid[0]) : NULL;
	for (uint32_t i = 1; first && i < c->n; i++) {
		const struct rules_cond *kid = operand_of_test(c->kid[i]);

		if (!kid || !same_operand(kid, first))
			return NULL;
	}
	return first;
}

/* Let the ranges of C, which is not a list, lead to TO where no earlier one holds. */
static void add_test(struct builder *b, struct set *set,
                     const struct rules_cond *c, const struct words *w,
                     const struct ir_node *to)
{
	uint64_t lo, hi;

	if (c->kind == RULES_COND_IN) {
		for (uint32_t i = 0; i < c->n; i++)
			add_range(b, set, c, w, c->range[i].lo, c->range[i].hi,
			          to, c->range[i].at);
	} else if (c->cmp == RULES_EQ) {
		add_interval(b, set, w, c->rhs.bits, c->rhs.bits, to, c->at);
	} else if (c->cmp == RULES_NE) {
		if (c->rhs.bits)
			add_interval(b, set, w, 0, c->rhs.bits - 1, to, c->at);
		if (c->rhs.bits != sys_ones(c->width))
			add_interval(b, set, w, c->rhs.bits + 1,
			             sys_ones(c->width), to, c->at);
	} else if (order_range(c, &lo, &hi)) {
		add_range(b, set, c, w, lo, hi, to, c->at);
	}
}

/* Do the same for every condition that operand_of accepts. */
static void add_set(struct builder *b, struct set *set,
                    const struct rules_cond *c, const struct words *w,
                    const struct ir_node *to)
{
	if (c->kind != RULES_COND_OR)
		add_test(b, set, c, w, to);
	else
		for (uint32_t i = 0; i < c->n; i++)
			add_test(b, set, c->kid[i], w, to);
}

static const struct ir_node *one_set(struct builder *b,
                                     const struct rules_cond *c,
                                     struct exits to)
{
	struct words w = words_of(b, &c->lhs, c->width);
	struct set set = { 0 };

	add_set(b, &set, c, &w, to.yes);
	return finish_set(b, &set, &w, to.no);
}

static const struct ir_node *test(struct builder *b,
                                  const struct rules_cond *c, struct exits to)
{
	struct words x = words_of(b, &c->lhs, c->width);
	struct words y = words_of(b, &c->rhs, c->width);

	switch (c->cmp) {
	case RULES_EQ:
		return equal(b, &x, &y, to);
	case RULES_NE:
		return equal(b, &x, &y, swap(to));
	case RULES_LT:
	case RULES_LE:
	case RULES_GT:
	case RULES_GE:
		return c->rhs.is_arg ? order_args(b, c, x, y, to)
		                     : one_set(b, c, to);
	case RULES_ANY:
		return any(b, &x, &y, to);
	case RULES_WITHIN:
		return within(b, &x, &y, to);
	}
	return to.no;
}

/* --- conditions ----------------------------------------------------------- */

/* A condition of which the LEFT first kids are to be built; it leads to TO. */
struct step {
	const struct rules_cond *c;
	uint32_t left;
	struct exits to;
};

struct steps {
	ARRAY(struct step) v;
};

static bool is_test(const struct rules_cond *c)
{
	return c->kind == RULES_COND_TEST || c->kind == RULES_COND_IN;
}

static const struct ir_node *build_test(struct builder *b,
                                        const struct rules_cond *c,
                                        struct exits to)
{
	const struct ir_node *n = c->kind == RULES_COND_IN ? one_set(b, c, to)
	                                                   : test(b, c, to);

	if (n != to.yes && n != to.no)
		ir_at(b->g, n, c->at);
	return n;
}

static void push(struct builder *b, struct steps *steps,
                 const struct rules_cond *c, struct exits to)
{
	struct step one = { c, is_test(c) ? 0 : c->n, to };

	array_push(b->arena, &steps->v, one);
}

/*
 * Build the last of S's kids as one set if several in a row test the same
 * operand; false if not.
 */
static bool build_set(struct builder *b, struct step *s)
{
	const struct rules_cond *on = operand_of(s->c->kid[s->left - 1]);
	uint32_t first = s->left - 1;
	struct set set = { 0 };
	struct words w;

	for (; first > 0 && on; first--) {
		const struct rules_cond *before =
			operand_of(s->c->kid[first - 1]);

		if (!before || !same_operand(before, on))
			break;
	}
	if (s->left - first < 2)
		return false;
	w = words_of(b, &on->lhs, on->width);
	for (uint32_t k = first; k < s->left; k++)
		add_set(b, &set, s->c->kid[k], &w, s->to.yes);
	s->to.no = finish_set(b, &set, &w, s->to.no);
	s->left = first;
	return true;
}

/* Go on with the last kid of S that is not built yet. */
static void build_kid(struct builder *b, struct steps *steps, struct step *s)
{
	struct exits to = s->to;

	if (s->c->kind == RULES_COND_OR && build_set(b, s))
		return;
	if (s->c->kind == RULES_COND_NOT)
		to = swap(to);
	s->left--;
	push(b, steps, s->c->kid[s->left], to);
}

/* Return the node that S leads to, once all of its kids are built. */
static const struct ir_node *finish_step(struct builder *b, const struct step *s)
{
	if (is_test(s->c))
		return build_test(b, s->c, s->to);
	return s->c->kind == RULES_COND_OR ? s->to.no : s->to.yes;
}

/*
 * Build C, from its last kid to its first: each kid of a list leads to the node
 * of the next.
 */
static const struct ir_node *condition(struct builder *b,
                                       const struct rules_cond *c,
                                       struct exits to)
{
	struct steps steps = { 0 };

	push(b, &steps, c, to);
	for (;;) {
		struct step *s = &steps.v.v[steps.v.n - 1];
		const struct ir_node *n;

		if (s->left) {
			build_kid(b, &steps, s);
			continue;
		}
		n = finish_step(b, s);
		if (--steps.v.n == 0)
			return n;
		s = &steps.v.v[steps.v.n - 1];
		if (s->c->kind == RULES_COND_OR)
			s->to.no = n;
		else
			s->to.yes = n;
	}
}

/* --- numbers -------------------------------------------------------------- */

/* A case, and its place in the order of all. */
struct entry {
	uint32_t nr, order;
	const struct rules_case *c;
	const struct rules_cond *on; /* operand_of the condition */
	uint32_t ret;
};

struct entries {
	ARRAY(struct entry) v;
};

static int by_number(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/*
 * Collect the cases about ABI, sorted by number, those of one number in rule
 * order.
 */
static struct entries entries_of(struct builder *b,
                                 const struct sys_abi *abi)
{
	struct entries e = { 0 };
	uint32_t place = 0;

	for (uint32_t i = 0; i < b->tree->nrule; i++) {
		const struct rules_rule *rule = &b->tree->rule[i];

		for (uint32_t k = 0; k < rule->n; k++, place++) {
			const struct rules_case *c = &rule->cases[k];
			struct entry one = {
				.nr = c->nr,
				.order = place,
				.c = c,
				.ret = rules_rule_ret(rule, abi)
			};

			if (c->abi != abi)
				continue;
			one.on = operand_of(c->cond);
			array_push(b->arena, &e.v, one);
		}
	}
	if (e.v.n)
		qsort(e.v.v, e.v.n, sizeof *e.v.v, by_number);
	return e;
}

/* Return where a number goes that no rule decides. */
static const struct ir_node *fallback(struct builder *b,
                                      const struct sys_abi *abi, bool known)
{
	uint32_t ret = b->tree->fallback_ret[abi->id];

	if (b->tree->has_kernel && !known)
		ret = SECCOMP_RET_ERRNO | sys_errno(abi, "ENOSYS", 6);
	return ir_ret_const(b->g, ret);
}

static bool is_known(struct builder *b, const struct sys_abi *abi,
                     uint32_t nr)
{
	struct sys_call call;

	return sys_call_by_nr(abi, nr, &call) &&
	       call.since <= b->tree->kernel;
}

/* Return where neighbours from FROM to before TO, all about one operand, lead to. */
static const struct ir_node *decide_set(struct builder *b,
                                        const struct entry *e, uint32_t from,
                                        uint32_t to, const struct ir_node *no)
{
	struct words w = words_of(b, &e[from].on->lhs, e[from].on->width);
	struct set set = { 0 };

	for (uint32_t i = from; i < to; i++)
		add_set(b, &set, e[i].c->cond, &w,
		        ir_ret_const(b->g, e[i].ret));
	return finish_set(b, &set, &w, no);
}

static const struct ir_node *decide_one(struct builder *b,
                                        const struct entry *e,
                                        const struct ir_node *no)
{
	const struct ir_node *yes = ir_ret_const(b->g, e->ret);

	if (!e->c->cond)
		return yes;
	return condition(b, e->c->cond, (struct exits){ yes, no });
}

/* Return the node for the number that entries FROM .. TO - 1 are about. */
static const struct ir_node *decide(struct builder *b,
                                    const struct sys_abi *abi,
                                    const struct entry *e, uint32_t from,
                                    uint32_t to)
{
	const struct rules_numbers *rest =
		rules_numbers_of(b->tree, abi, e[from].nr);
	const struct ir_node *n =
		rest ? ir_ret_const(b->g, rest->ret)
		     : fallback(b, abi, is_known(b, abi, e[from].nr));

	b->abi = abi;
	for (uint32_t end = to, i; end > from; end = i) {
		const struct rules_cond *on = e[end - 1].on;

		i = end - 1;
		while (i > from && on && e[i - 1].on &&
		       same_operand(e[i - 1].on, on))
			i--;
		n = end - i > 1 ? decide_set(b, e, i, end, n)
		                : decide_one(b, &e[i], n);
	}
	return n;
}

static void add_number(struct builder *b, struct set *set, uint32_t lo,
                       uint32_t hi, const struct ir_node *to,
                       const struct span *at)
{
	struct ir_interval one = { .lo = { lo }, .hi = { hi }, .to = to };

	if (at) {
		one.at = *at;
		one.placed = true;
	}
	array_push(b->arena, &set->interval, one);
}

/* Add what the tree says of numbers that no rule is about. */
static void add_rest(struct builder *b, const struct sys_abi *abi,
                     struct set *set)
{
	const struct rules_tree *t = b->tree;

	for (uint32_t i = 0; i < t->nnumbers; i++)
		if (t->numbers[i].abi == abi)
			add_number(b, set, t->numbers[i].lo, t->numbers[i].hi,
			           ir_ret_const(b->g, t->numbers[i].ret), NULL);
}

/*
 * Add x32's number NR without its bit, too: old kernels accept 512 .. 547 that
 * way.
 */
static void add_unmarked(struct builder *b, const struct sys_abi *abi,
                         struct set *set, uint32_t nr,
                         const struct ir_node *to, const struct span *at)
{
	uint32_t plain = nr & ~abi->nr_bit;

	if (!b->tree->x32_marked && nr != plain && plain >= 512 && plain <= 547)
		add_number(b, set, plain, plain, to, at);
}

/* Add the numbers of ABI that lead elsewhere than its fallback. */
static void add_numbers(struct builder *b, const struct sys_abi *abi,
                        struct set *set)
{
	struct entries e = entries_of(b, abi);
	const struct ir_node *rest = fallback(b, abi, true);
	uint32_t run = UINT32_MAX; /* the interval that the call before ends */
	struct sys_call call;

	for (uint32_t i = 0, next; i < e.v.n; i = next) {
		const struct ir_node *n;

		for (next = i; next < e.v.n && e.v.v[next].nr == e.v.v[i].nr;)
			next++;
		n = decide(b, abi, e.v.v, i, next);
		add_number(b, set, e.v.v[i].nr, e.v.v[i].nr, n,
		           &e.v.v[i].c->at);
		add_unmarked(b, abi, set, e.v.v[i].nr, n, &e.v.v[i].c->at);
	}
	/* Of overlapping intervals the earlier wins, so these are what is left.
	 */
	add_rest(b, abi, set);
	for (uint32_t i = 0;
	     b->tree->has_kernel && sys_call_at(abi, i, &call); i++) {
		if (call.since > b->tree->kernel)
			continue;
		if (run < set->interval.n &&
		    set->interval.v[run].hi[0] + 1 == call.nr) {
			set->interval.v[run].hi[0]++;
		} else {
			run = set->interval.n;
			add_number(b, set, call.nr, call.nr, rest, NULL);
		}
		add_unmarked(b, abi, set, call.nr, rest, NULL);
	}
}

/* Add the ranges of x86_64's architecture that belong to x32. */
static void add_x32_ranges(struct builder *b, struct set *set,
                           const struct ir_node *to)
{
	if (!b->tree->x32_marked)
		add_number(b, set, 512, 547, to, NULL);
	add_number(b, set, 0x40000000, 0x7fffffff, to, NULL);
	add_number(b, set, b->tree->x32_above ? 0x80000000 : 0xc0000000, 0xfffffffe, to,
	           NULL);
}

static bool names(const struct rules_tree *t, enum sys_abi_id id)
{
	for (uint32_t i = 0; i < t->nabi; i++)
		if (t->abi[i]->id == id)
			return true;
	return false;
}

/* Return the node that decides calls under the architecture of ABI. */
static const struct ir_node *by_abi(struct builder *b,
                                    const struct sys_abi *abi,
                                    const struct ir_node *foreign)
{
	const struct sys_abi *x32 = &sys_abis[SYS_ABI_X32];
	const struct ir_node *no = foreign;
	struct set set = { 0 };

	if (abi != x32) {
		no = fallback(b, abi, false);
		add_numbers(b, abi, &set);
	}
	if (abi->arch == x32->arch && names(b->tree, x32->id)) {
		add_numbers(b, x32, &set);
		add_x32_ranges(b, &set, fallback(b, x32, false));
	} else if (abi->arch == x32->arch) {
		add_x32_ranges(b, &set, foreign);
	}
	if (!set.interval.n)
		return no;
	return ir_set(b->g, ir_load(b->g, 4, NR_AT), set.interval.v,
	              set.interval.n, no);
}

/* --- the whole ------------------------------------------------------------ */

/*
 * Return the input that T's program reads. Loads are of whole words, so the
 * byte order within them is the machine's and has no effect; the ABI says which
 * half of an argument comes first. So one program can serve ABIs of both byte
 * orders.
 */
const struct ir_input *rules_input(const struct rules_tree *t)
{
	return t->abi[0]->big_endian ? &ir_input_seccomp_be
	                             : &ir_input_seccomp_le;
}

static const struct ir_node *build(struct builder *b)
{
	const struct rules_tree *t = b->tree;
	const struct ir_node *foreign =
		ir_ret_const(b->g, t->foreign_ret);
	struct ir_interval arch[SYS_NABIS];
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->nabi; i++) {
		const struct sys_abi *abi = t->abi[i];
		const struct ir_node *to;

		/* x32 is decided with x86_64, which has its architecture. */
		if (abi->id == SYS_ABI_X32 && names(t, SYS_ABI_X86_64))
			continue;
		to = by_abi(b, abi, foreign);
		if (to == foreign)
			continue;
		arch[n++] = (struct ir_interval){
			.lo = { abi->arch }, .hi = { abi->arch }, .to = to
		};
	}
	if (!n)
		return foreign;
	return ir_set(b->g, ir_load(b->g, 4, ARCH_AT), arch, n, foreign);
}

const struct ir_node *rules_graph(struct ir_graph *g,
                                  const struct rules_tree *t)
{
	struct builder b = { .g = g, .tree = t, .arena = g->arena };

	g->root = build(&b);
	return g->root;
}
