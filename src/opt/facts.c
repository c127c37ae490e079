/*
 * What a path knows of values: an interval, bits, a few numbers that a value
 * is not. Facts of overlapping loads from one base help each other.
 */
#include <assert.h>
#include <string.h>

#include "opt/opt.h"

static bool is_masked(const struct ir_value *v)
{
	return v->op == IR_AND && ir_is_const(v->arg[1]);
}

/* Return a fact that says only what V is by itself. */
static struct opt_fact nothing(const struct ir_value *v)
{
	uint32_t possible = opt_possible_bits(v);

	if (ir_is_const(v))
		return (struct opt_fact){
			.v = v,
			.lo = v->imm,
			.hi = v->imm,
			.mask = UINT32_MAX,
			.bits = v->imm,
		};
	return (struct opt_fact){ .v = v, .hi = possible, .mask = ~possible };
}

/*
 * Drop the numbers that interval and bits exclude, then narrow both to what is
 * left.
 */
static void tighten_list(struct opt_fact *f)
{
	uint32_t lo = UINT32_MAX, hi = 0;
	uint8_t n = 0;

	for (unsigned i = 0; i < f->ises; i++) {
		uint32_t k = f->is[i];

		if (k < f->lo || k > f->hi || (k ^ f->bits) & f->mask)
			continue;
		f->is[n++] = k;
		lo = min_u32(lo, k);
		hi = max_u32(hi, k);
	}
	f->ises = n;
	if (n) {
		f->lo = lo;
		f->hi = hi;
	}
}

/*
 * Tighten F: the bits bound the interval, and an interval of one number settles
 * all bits.
 */
static void tighten(struct opt_fact *f)
{
	f->lo = max_u32(f->lo, f->bits);
	f->hi = min_u32(f->hi, f->bits | ~f->mask);
	tighten_list(f);
	if (f->lo == f->hi) {
		f->mask = UINT32_MAX;
		f->bits = f->lo;
	}
}

static bool is_listed(const struct opt_fact *f, uint32_t k)
{
	for (unsigned i = 0; i < f->ises; i++)
		if (f->is[i] == k)
			return true;
	return !f->ises;
}

static bool excludes(const struct opt_fact *f, uint32_t k)
{
	if (!is_listed(f, k))
		return true;
	if (k < f->lo || k > f->hi || (k ^ f->bits) & f->mask)
		return true;
	if (f->some && !(k & f->some))
		return true;
	for (unsigned i = 0; i < f->nots; i++)
		if (f->not [i] == k)
			return true;
	return false;
}

static void add_not(struct opt_fact *f, uint32_t k)
{
	if (excludes(f, k))
		return;
	for (unsigned i = 0; i < f->ises; i++)
		if (f->is[i] == k)
			f->is[i] = f->is[--f->ises];
	if (k == f->lo)
		f->lo++;
	else if (k == f->hi)
		f->hi--;
	else if (f->nots < OPT_NOTS)
		f->not [f->nots++] = k;
	tighten(f);
}

static struct opt_fact *find(const struct opt_facts *f, const struct ir_value *v)
{
	for (uint32_t i = 0; i < f->n; i++)
		if (f->fact[i].v == v)
			return (struct opt_fact *)&f->fact[i];
	return NULL;
}

static void forget(struct opt_facts *f, uint32_t i)
{
	assert(i < f->n);
	f->n--;
	memmove(&f->fact[i], &f->fact[i + 1], (f->n - i) * sizeof *f->fact);
}

/* Return the fact of V, newest of all; the oldest is dropped if there is no room. */
static struct opt_fact *fact_of(struct opt_facts *f, const struct ir_value *v)
{
	struct opt_fact *had = find(f, v), copy = had ? *had : nothing(v);

	if (had)
		forget(f, (uint32_t)(had - f->fact));
	else if (f->n == OPT_FACTS)
		forget(f, 0);
	assert(f->n < OPT_FACTS);
	f->fact[f->n] = copy;
	return &f->fact[f->n++];
}

/* --- learning ------------------------------------------------------------------ */

static void learn_bits(struct opt_fact *f, uint32_t mask, uint32_t bits)
{
	f->mask |= mask;
	f->bits |= bits & mask;
	tighten(f);
}

static void learn_interval(struct opt_fact *f, uint32_t lo, uint32_t hi)
{
	f->lo = max_u32(f->lo, lo);
	f->hi = min_u32(f->hi, hi);
	tighten(f);
}

/* Learn that one of the bits K is 1: if all others are known to be 0, which one. */
static void learn_some(struct opt_fact *f, uint32_t k)
{
	k &= ~f->mask | f->bits;
	if (k & f->mask)
		return;
	if (!(k & (k - 1)))
		learn_bits(f, k, k);
	else
		f->some = k;
}

static void learn_compare(struct opt_fact *f, enum ir_cmp cmp, uint32_t k,
                          bool yes)
{
	switch (cmp) {
	case IR_EQ:
		if (yes)
			learn_interval(f, k, k);
		else
			add_not(f, k);
		return;
	case IR_GT:
		if (yes)
			learn_interval(f, k + 1, UINT32_MAX);
		else
			learn_interval(f, 0, k);
		return;
	case IR_GE:
		if (yes)
			learn_interval(f, k, UINT32_MAX);
		else if (k)
			learn_interval(f, 0, k - 1);
		return;
	case IR_ANY:
		if (yes)
			learn_some(f, k);
		else
			learn_bits(f, k, 0);
		return;
	}
}

/* Pass what F knows of V on: if V is x & m, these bits of x are known, too. */
static void pass_on_mask(struct opt_facts *f, const struct ir_value *v)
{
	const struct opt_fact *known = find(f, v);
	uint32_t mask, bits;

	if (!known || !is_masked(v))
		return;
	mask = known->mask & v->arg[1]->imm;
	bits = known->bits;
	if (mask)
		learn_bits(fact_of(f, v->arg[0]), mask, bits);
}

static void learn_test(struct opt_facts *f, const struct ir_node *n, bool yes)
{
	for (unsigned i = 0; i < ir_words(n->lhs); i++) {
		const struct ir_value *v = ir_word(n->lhs, i);
		const struct ir_value *k = ir_word(n->rhs, i);

		/* That keys differ says nothing about one of their words. */
		if (!ir_is_const(k) || ir_is_const(v) ||
		    (ir_words(n->lhs) > 1 && (n->cmp != IR_EQ || !yes)))
			continue;
		learn_compare(fact_of(f, v), n->cmp, k->imm, yes);
		pass_on_mask(f, v);
	}
}

/* Learn what is known on the way out by interval I, or past all of them. */
static void learn_set(struct opt_facts *f, const struct ir_node *n, uint32_t i)
{
	const struct ir_interval *v = n->set;
	struct opt_fact *fact;

	if (ir_words(n->lhs) > 1 || ir_is_const(n->lhs))
		return;
	fact = fact_of(f, n->lhs);
	if (i < n->n) {
		learn_interval(fact, v[i].lo[0], v[i].hi[0]);
	} else {
		/* Intervals at the ends bound what is left. */
		if (v[0].lo[0] <= fact->lo && v[0].hi[0] != UINT32_MAX)
			learn_interval(fact, v[0].hi[0] + 1, UINT32_MAX);
		if (v[n->n - 1].hi[0] >= fact->hi && v[n->n - 1].lo[0])
			learn_interval(fact, 0, v[n->n - 1].lo[0] - 1);
		for (uint32_t k = 0; k < n->n && k < OPT_NOTS; k++)
			if (v[k].lo[0] == v[k].hi[0])
				add_not(fact, v[k].lo[0]);
	}
	pass_on_mask(f, n->lhs);
}

void opt_facts_learn(struct opt_facts *f, const struct ir_node *n, uint32_t i)
{
	if (n->kind == IR_TEST)
		learn_test(f, n, !i);
	else if (n->kind == IR_SET)
		learn_set(f, n, i);
}

void opt_facts_bind(struct opt_facts *f, const struct ir_value *param,
                    const struct ir_value *v)
{
	const struct opt_fact *known = find(f, v);
	struct opt_fact copy = known ? *known : nothing(v);

	copy.v = param;
	for (uint32_t i = f->n; i-- > 0;)
		if (ir_uses_param(f->fact[i].v, param))
			forget(f, i);
	*fact_of(f, param) = copy;
}

/* --- meeting ---------------------------------------------------------------------- */

/* Return the bits of which one at least is 1; 0 if nothing is known of that kind. */
static uint32_t some_bits(const struct opt_fact *f)
{
	return f->some ? f->some : f->mask & f->bits;
}

/*
 * Put the numbers that F leaves into LIST, which has room for them; return how
 * many, 0 if too many.
 */
static unsigned list_of(const struct opt_fact *f, uint32_t list[OPT_ISES])
{
	if (!f->ises && f->lo == f->hi) {
		list[0] = f->lo;
		return 1;
	}
	memcpy(list, f->is, sizeof f->is);
	return f->ises;
}

/* Unite the lists of A and B into that of BOTH. */
static void meet_lists(struct opt_fact *both, const struct opt_fact *a,
                       const struct opt_fact *b)
{
	uint32_t of_b[OPT_ISES];
	unsigned na = list_of(a, both->is), nb = list_of(b, of_b);

	if (!na || !nb)
		return;
	both->ises = (uint8_t)na;
	for (unsigned i = 0; i < nb; i++) {
		if (is_listed(both, of_b[i]))
			continue;
		if (both->ises == OPT_ISES) {
			both->ises = 0;
			return;
		}
		both->is[both->ises++] = of_b[i];
	}
}

static void meet_fact(struct opt_fact *a, const struct opt_fact *b)
{
	struct opt_fact both = { .v = a->v };
	uint32_t candidate[2 * OPT_NOTS];
	unsigned n = 0;

	both.lo = min_u32(a->lo, b->lo);
	both.hi = max_u32(a->hi, b->hi);
	both.mask = a->mask & b->mask & ~(a->bits ^ b->bits);
	both.bits = a->bits & both.mask;
	if (some_bits(a) && some_bits(b))
		both.some = some_bits(a) | some_bits(b);
	meet_lists(&both, a, b);
	for (unsigned i = 0; i < a->nots; i++)
		candidate[n++] = a->not [i];
	for (unsigned i = 0; i < b->nots; i++)
		candidate[n++] = b->not [i];
	for (unsigned i = 0; i < n; i++)
		if (excludes(a, candidate[i]) && excludes(b, candidate[i]))
			add_not(&both, candidate[i]);
	*a = both;
}

void opt_facts_meet(struct opt_facts *into, const struct opt_facts *f)
{
	for (uint32_t i = into->n; i-- > 0;) {
		const struct opt_fact *other = find(f, into->fact[i].v);

		if (other)
			meet_fact(&into->fact[i], other);
		else
			forget(into, i);
	}
}

/* --- answering ---------------------------------------------------------------------- */

/* Add what fact G, of a load that overlaps load V, says about the bits of V. */
static void add_overlap(struct opt_fact *f, const struct opt_fact *g)
{
	const struct ir_value *v = f->v, *w = g->v;
	int32_t ahead = (int32_t)(v->imm + v->width - w->imm - w->width);
	uint64_t mask = g->mask, bits = g->bits, window;

	if (!ir_is_load(w) || w->arg[0] != v->arg[0] || w == v || ahead <= -4 ||
	    ahead >= 4)
		return;
	window = ir_load_bits(w);
	mask &= window;
	bits &= window;
	mask = ahead > 0 ? mask << 8 * ahead : mask >> -8 * ahead;
	bits = ahead > 0 ? bits << 8 * ahead : bits >> -8 * ahead;
	window = ir_load_bits(v);
	f->mask |= (uint32_t)(mask & window);
	f->bits |= (uint32_t)(bits & mask & window);
}

/* Masks in masks that are looked through; fold leaves one where there were more. */
enum {
	MASKS = LIMIT(4, 1)
};

/* Return all that F says about V, from wherever. */
static struct opt_fact gather(const struct opt *o, const struct opt_facts *f,
                              const struct ir_value *v, unsigned masks)
{
	const struct opt_fact *known = find(f, v);
	struct opt_fact all = known ? *known : nothing(v);

	if (is_masked(v) && masks) {
		struct opt_fact inner = gather(o, f, v->arg[0], masks - 1);

		all.mask |= inner.mask & v->arg[1]->imm;
		all.bits |= inner.bits & inner.mask & v->arg[1]->imm;
	}
	if (ir_is_load(v) && !o->graph->input.exact_faults &&
	    !o->graph->input.little_endian)
		for (uint32_t i = 0; i < f->n; i++)
			add_overlap(&all, &f->fact[i]);
	tighten(&all);
	return all;
}

/* Return the answer that all numbers listed in F give, if they agree. */
static enum opt_answer answer_listed(const struct opt_fact *f, enum ir_cmp cmp,
                                     uint32_t k)
{
	unsigned yes = 0;

	for (unsigned i = 0; i < f->ises; i++)
		yes += ir_compare(cmp, &f->is[i], &k, 1);
	return !yes ? OPT_NO : yes == f->ises ? OPT_YES
	                                      : OPT_OPEN;
}

static enum opt_answer answer(const struct opt_fact *f, enum ir_cmp cmp,
                              uint32_t k)
{
	if (f->ises)
		return answer_listed(f, cmp, k);
	switch (cmp) {
	case IR_EQ:
		if (excludes(f, k))
			return OPT_NO;
		return f->lo == f->hi ? OPT_YES : OPT_OPEN;
	case IR_GT:
		return f->lo > k ? OPT_YES : f->hi <= k ? OPT_NO
		                                        : OPT_OPEN;
	case IR_GE:
		return f->lo >= k ? OPT_YES : f->hi < k ? OPT_NO
		                                        : OPT_OPEN;
	case IR_ANY:
		if (f->mask & f->bits & k || (f->some && !(f->some & ~k)))
			return OPT_YES;
		return k & ~f->mask ? OPT_OPEN : OPT_NO;
	}
	return OPT_OPEN;
}

/* Tell whether V was evaluated where F holds, or need not be. */
static bool may_skip(const struct opt *o, const struct opt_facts *f,
                     const struct ir_value *v)
{
	while (is_masked(v) && !find(f, v))
		v = v->arg[0];
	return opt_may_drop(o, v) || find(f, v);
}

enum opt_answer opt_facts_answer(const struct opt *o, const struct opt_facts *f,
                                 const struct ir_node *n)
{
	enum opt_answer all = n->cmp == IR_EQ ? OPT_YES : OPT_OPEN;
	unsigned words = ir_words(n->lhs);

	if (words > 1 && n->cmp != IR_EQ)
		return OPT_OPEN;
	for (unsigned i = 0; i < words; i++) {
		const struct ir_value *v = ir_word(n->lhs, i);
		const struct ir_value *k = ir_word(n->rhs, i);
		enum opt_answer one = OPT_OPEN;
		struct opt_fact known;

		if (!may_skip(o, f, v) || !may_skip(o, f, k))
			return OPT_OPEN;
		if (ir_is_const(k)) {
			known = gather(o, f, v, MASKS);
			one = answer(&known, n->cmp, k->imm);
		}
		if (words == 1 || one == OPT_NO)
			return one;
		if (one == OPT_OPEN)
			all = OPT_OPEN;
	}
	return all;
}

/* Return where all numbers that F lists lead, NULL if not to one node. */
static const struct ir_node *look_up_listed(const struct opt_fact *f,
                                            const struct ir_node *n)
{
	const struct ir_node *to = ir_set_target(n, f->is[0]);

	for (unsigned i = 1; i < f->ises; i++)
		if (ir_set_target(n, f->is[i]) != to)
			return NULL;
	return to;
}

enum {
	FEW = LIMIT(64, 4)
};

bool opt_facts_range(const struct opt_facts *f, const struct ir_value *v, uint32_t *lo,
                     uint32_t *hi)
{
	const struct opt_fact *known = find(f, v);

	if (!known)
		return false;
	*lo = known->lo;
	*hi = known->hi;
	return true;
}

/* Return where set N leads for all of LO .. HI; NULL: to more than one node. */
static const struct ir_node *look_up_range(const struct ir_node *n, uint32_t lo,
                                           uint32_t hi)
{
	uint32_t i = ir_set_find(n, (uint32_t[IR_WORDS]){ lo });

	if (i == n->n || n->set[i].lo[0] > hi)
		return n->no;
	return n->set[i].lo[0] <= lo && n->set[i].hi[0] >= hi ? n->set[i].to : NULL;
}

const struct ir_node *opt_facts_look_up(const struct opt *o,
                                        const struct opt_facts *f,
                                        const struct ir_node *n)
{
	const struct ir_node *to = NULL;
	struct opt_fact known;

	if (ir_words(n->lhs) > 1 || !may_skip(o, f, n->lhs))
		return NULL;
	known = gather(o, f, n->lhs, MASKS);
	if (known.ises)
		return look_up_listed(&known, n);
	if (n->n > FEW)
		return look_up_range(n, known.lo, known.hi);
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ir_interval *v = &n->set[i];

		if (v->hi[0] < known.lo || v->lo[0] > known.hi)
			continue;
		if (v->lo[0] == v->hi[0] && excludes(&known, v->lo[0]))
			continue;
		if (v->lo[0] <= known.lo && v->hi[0] >= known.hi)
			return v->to;
		to = v->to;
	}
	return to ? NULL : n->no;
}
