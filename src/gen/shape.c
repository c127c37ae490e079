/*
 * Shape: what is done to the pieces of a set before search.c finds the best tests.
 * Numbers that are met far more often than the rest are asked for first. Low bits
 * that tell nothing apart are masked off. Where upper bits mark numbers of another
 * kind one such bit is asked for, and what it marks shares the tests of what it does
 * not, if that is much the same. Numbers that differ in a few bits only are one test
 * of a masked value. Each is done once, and makes fewer pieces of many.
 */
#include <assert.h>

#include "gen/gen.h"

static bool is_single(const struct gen_piece *c)
{
	return c->lo == c->hi;
}

/* Return V & MASK. */
static const struct ir_value *with_mask(struct ir_graph *g, const struct ir_value *v,
                                        uint32_t mask)
{
	if (v->op == IR_AND && ir_is_const(v->arg[1]))
		return ir_op2(g, IR_AND, v->arg[0],
		              ir_const(g, v->arg[1]->imm & mask));
	return ir_op2(g, IR_AND, v, ir_const(g, mask));
}

/* --- what is met most ----------------------------------------------------------- */

/* Numbers that are asked for before all else. */
enum {
	MOST_FIRST = LIMIT(16, 1)
};

struct first {
	struct gen_piece c[MOST_FIRST];
	uint32_t n;
};

static uint32_t depth_of(uint32_t pieces)
{
	return 32 - (uint32_t)__builtin_clz(pieces);
}

/*
 * Find the single number that is met so often that testing it first makes up
 * for the test on the way to all others; 0 if there is none. N pieces at C, met
 * ALL times.
 */
static uint32_t find_first(const struct gen_piece *c, uint32_t n, uint64_t all)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i + 1 < n; i++) {
		bool room = c[i - 1].to == c[i + 1].to || !is_single(&c[i - 1]) ||
		            !is_single(&c[i + 1]);

		if (is_single(&c[i]) && room && (!best || c[best].weight < c[i].weight))
			best = i;
	}
	if (!best || c[best].weight * depth_of(n) <= all)
		return 0;
	return best;
}

/*
 * Remove piece AT of the N, whose number does not get there any more; return
 * how many are left.
 */
static uint32_t take_out(struct gen_piece *c, uint32_t n, uint32_t at)
{
	uint32_t gone = 1;

	if (c[at - 1].to == c[at + 1].to) {
		c[at - 1].hi = c[at + 1].hi;
		c[at - 1].weight += c[at + 1].weight;
		gone = 2;
	} else if (!is_single(&c[at - 1])) {
		c[at - 1].hi = c[at].hi;
	} else {
		c[at + 1].lo = c[at].lo;
	}
	for (uint32_t i = at; i + gone < n; i++)
		c[i] = c[i + gone];
	return n - gone;
}

static uint32_t take_first(struct gen_piece *c, uint32_t n, uint64_t all,
                           struct first *out)
{
	uint32_t at;

	out->n = 0;
	while (n > 4 && out->n < MOST_FIRST && (at = find_first(c, n, all))) {
		out->c[out->n++] = c[at];
		all -= c[at].weight;
		n = take_out(c, n, at);
	}
	return n;
}

/* --- bits ----------------------------------------------------------------------- */

enum {
	TAIL = 8,
	LOWEST_BIT = 24
};

/*
 * Return the first number from LO on that has BIT or, without WANT, has it not; 0: none.
 */
static uint64_t first_with(uint64_t lo, unsigned bit, bool want)
{
	uint64_t step = UINT64_C(1) << bit;

	return !(lo & step) == !want ? lo : (lo | (step - 1)) + 1;
}

/* Return the last number up to HI; one that is not less than LO is known to exist. */
static uint64_t last_with(uint64_t hi, unsigned bit, bool want)
{
	uint64_t step = UINT64_C(1) << bit;

	return !(hi & step) == !want ? hi : (hi & ~(step - 1)) - 1;
}

/*
 * Keep the numbers of the N pieces at C that have BIT, or lack it if not WANT;
 * return how many pieces are left.
 */
static uint32_t with_bit(const struct gen_piece *c, uint32_t n, unsigned bit, bool want,
                         struct gen_piece *out)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t lo = first_with(c[i].lo, bit, want);
		struct gen_piece *before = left ? &out[left - 1] : NULL;
		struct gen_piece now = c[i];

		if (lo > c[i].hi)
			continue;
		now.lo = (uint32_t)lo;
		now.hi = (uint32_t)last_with(c[i].hi, bit, want);
		if (before && before->to == now.to) {
			before->hi = now.hi;
			before->weight += now.weight;
			continue;
		}
		/* What lies between is not met: no piece but a number has to keep its size. */
		if (before && is_single(before))
			now.lo = before->hi + 1;
		else if (before)
			before->hi = now.lo - 1;
		out[left++] = now;
	}
	return left;
}

/* Estimate how many tests the N pieces at C take. */
static uint32_t count_tests(const struct gen_piece *c, uint32_t n)
{
	uint32_t tests = n - 1;

	for (uint32_t i = 1; i + 1 < n; i++)
		if (is_single(&c[i]) && c[i - 1].to == c[i + 1].to) {
			tests--;
			i++;
		}
	return tests;
}

/* Count the tests that testing BIT saves the N pieces at C. */
static int bit_saves(const struct gen_piece *c, uint32_t n, unsigned bit)
{
	struct gen_piece part[TAIL];
	uint32_t tests = 1;

	for (unsigned want = 0; want < 2; want++) {
		uint32_t k = with_bit(c, n, bit, want, part);

		if (!k)
			return 0;
		tests += count_tests(part, k);
	}
	return (int)count_tests(c, n) - (int)tests;
}

/* Return what comes of the N pieces at C when BIT is asked for. */
static const struct ir_node *ask_bit(const struct gen_search *s, const struct gen_piece *c,
                                     uint32_t n, unsigned bit)
{
	struct gen_piece part[TAIL];
	const struct ir_node *to[2];

	for (unsigned want = 0; want < 2; want++)
		to[want] = gen_search_tests(s, part, with_bit(c, n, bit, want, part));
	return gen_search_test(s, NULL, IR_ANY, 1u << bit, to[1], to[0]);
}

/*
 * Make one of the last of the N pieces at C if a bit tells them apart better
 * than their order does, as where upper bits mark numbers of another kind.
 */
static uint32_t fold_tail(const struct gen_search *s, struct gen_piece *c, uint32_t n)
{
	uint32_t from = n, best_bit = 0;
	int most = 0;

	/* Nothing ends where these bits are. */
	if (c[n - 1].lo < 1u << LOWEST_BIT)
		return n;
	for (uint32_t i = n; i-- > 0 && n - i <= TAIL;)
		for (unsigned bit = LOWEST_BIT; bit < 32; bit++) {
			int saved = bit_saves(&c[i], n - i, bit);

			if (saved > most) {
				most = saved;
				from = i;
				best_bit = bit;
			}
		}
	if (!most)
		return n;
	c[from].to = ask_bit(s, &c[from], n - from, best_bit);
	c[from].why = NULL;
	for (uint32_t i = from + 1; i < n; i++)
		c[from].weight += c[i].weight;
	c[from].hi = c[n - 1].hi;
	return from + 1;
}

/* --- a bit that marks much the same again --------------------------------------- */

enum {
	MIRROR_PIECES = LIMIT(16, 2)
};

/*
 * Return the N pieces at C whose numbers have BIT, without it, or those that have it
 * not.
 */
static struct gen_piece *half(const struct gen_search *s, const struct gen_piece *c,
                              uint32_t *n, unsigned bit, bool want)
{
	struct gen_piece *out = arena_array(s->tmp, struct gen_piece, *n);

	*n = with_bit(c, *n, bit, want, out);
	for (uint32_t i = 0; want && i < *n; i++) {
		out[i].lo -= 1u << bit;
		out[i].hi -= 1u << bit;
	}
	return out;
}

/*
 * Find what differs in the N pieces at C from the M at D; the rest leads to
 * SAME.
 */
static uint32_t differences(const struct gen_piece *c, uint32_t n,
                            const struct gen_piece *d, uint32_t m,
                            const struct ir_node *same, unsigned bit,
                            struct gen_piece *out)
{
	uint32_t left = 0;

	for (uint32_t i = 0, k = 0; i < n && k < m;) {
		uint32_t end = min_u32(c[i].hi, d[k].hi);
		struct gen_piece now = c[i];

		now.lo = max_u32(c[i].lo, d[k].lo) + (1u << bit);
		now.hi = end + (1u << bit);
		if (c[i].to == d[k].to)
			now = (struct gen_piece){ now.lo, now.hi, same, NULL, 0 };
		if (left && out[left - 1].to == now.to)
			out[left - 1].hi = now.hi;
		else
			out[left++] = now;
		i += c[i].hi == end;
		k += d[k].hi == end;
	}
	return left;
}

/*
 * Mirror numbers with a bit on the same numbers without it if they differ only
 * for some: test these if the bit is set, and the rest with the bit masked off.
 * NULL if the N pieces at C, which are met ALL times, are no better that way.
 */
static const struct ir_node *mirror(const struct gen_search *s, const struct gen_piece *c,
                                    uint32_t n, uint64_t all, unsigned bit)
{
	uint32_t with = n, without = n, differ;
	struct gen_piece *upper, *lower, *own;
	struct gen_search masked = *s;
	const struct ir_node *common;
	int64_t saved;

	upper = half(s, c, &with, bit, true);
	lower = half(s, c, &without, bit, false);
	if (with < MIRROR_PIECES || without < MIRROR_PIECES)
		return NULL;
	own = arena_array(s->tmp, struct gen_piece, with + without);
	differ = differences(upper, with, lower, without, NULL, bit, own);
	saved = (int64_t)count_tests(c, n) - count_tests(lower, without) -
	        count_tests(own, differ);
	if (saved <= 2 || (uint64_t)(saved - 2) * s->price <= 2 * all)
		return NULL;
	masked.v = with_mask(s->g, s->v, ~(1u << bit << s->shift));
	common = gen_search_tests(&masked, lower, without);
	for (uint32_t i = 0; i < differ; i++)
		if (!own[i].to)
			own[i].to = common;
	return gen_search_test(s, NULL, IR_ANY, 1u << bit,
	                       differ > 1 ? gen_search_tests(s, own, differ) : common,
	                       common);
}

/*
 * Tell whether enough of what begins among the numbers with BIT begins without it, too.
 */
static bool may_mirror(const struct gen_piece *c, uint32_t n, unsigned bit)
{
	uint32_t with = 0, both = 0;

	for (uint32_t i = 0, k = 0; i < n; i++) {
		if (!(c[i].lo >> bit & 1))
			continue;
		while (c[k].lo < c[i].lo - (1u << bit))
			k++;
		with++;
		both += c[k].lo == c[i].lo - (1u << bit);
	}
	return with >= MIRROR_PIECES && both >= with / 4;
}

static const struct ir_node *find_mirror(const struct gen_search *s,
                                         const struct gen_piece *c, uint32_t n,
                                         uint64_t all)
{
	const struct ir_node *node = NULL;

	for (unsigned bit = 31 - s->shift;
	     !node && n >= 2 * MIRROR_PIECES && bit >= LOWEST_BIT; bit--)
		if (may_mirror(c, n, bit))
			node = mirror(s, c, n, all, bit);
	return node;
}

/* --- numbers that differ in some bits only -------------------------------------- */

/* Single numbers that lead to TO: all that are BASE but for the bits of MASK. */
struct cube {
	uint32_t base, mask;
	const struct ir_node *to;
};

enum {
	CUBE_PIECES = LIMIT(64, 6)
};

/* Tell whether one of the N pieces at C is NUMBER alone and leads to TO. */
static bool is_there(const struct gen_piece *c, uint32_t n, uint32_t number,
                     const struct ir_node *to)
{
	for (uint32_t i = 0; i < n; i++)
		if (c[i].lo >= number)
			return c[i].lo == number && is_single(&c[i]) &&
			       c[i].to == to;
	return false;
}

/* Tell whether all that cube Q would be with the bit STEP, too, are there. */
static bool can_grow(const struct gen_piece *c, uint32_t n, const struct cube *q,
                     uint32_t step)
{
	uint32_t part = 0;

	do {
		if (!is_there(c, n, q->base | part | step, q->to))
			return false;
		part = (part - q->mask) & q->mask;
	} while (part);
	return true;
}

static uint32_t count_singles(const struct gen_piece *c, uint32_t n)
{
	uint32_t singles = 0;

	for (uint32_t i = 0; i < n; i++)
		singles += is_single(&c[i]);
	return singles;
}

/*
 * Find the largest cube among the N pieces at C, of four or more numbers, or of
 * 0 and another number, which one test tells from all others.
 */
static bool find_cube(const struct gen_piece *c, uint32_t n, struct cube *best)
{
	*best = (struct cube){ .mask = 0 };
	if (count_singles(c, n) < (is_single(&c[0]) ? 2 : 4))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct cube q = { c[i].lo, 0, c[i].to };

		for (unsigned bit = 0; is_single(&c[i]) && bit < 32; bit++)
			if (!(q.base >> bit & 1) && can_grow(c, n, &q, 1u << bit))
				q.mask |= 1u << bit;
		if (__builtin_popcount(q.mask) > __builtin_popcount(best->mask))
			*best = q;
	}
	return !best->base ? best->mask : best->mask & (best->mask - 1);
}

static bool is_in(const struct cube *q, const struct gen_piece *c)
{
	return is_single(c) && c->to == q->to && (c->lo & ~q->mask) == q->base;
}

/*
 * Merge those of the N pieces at C that are in Q with what is around them, and
 * return where that leads; NULL if it is not the same everywhere.
 */
static const struct ir_node *without(const struct gen_piece *c, uint32_t *n,
                                     const struct cube *q, struct gen_piece *out)
{
	const struct ir_node *around = NULL;
	uint32_t left = 0;

	for (uint32_t i = 0; i < *n; i++) {
		struct gen_piece now = c[i];

		if (is_in(q, &now)) {
			const struct ir_node *a = c[i ? i - 1 : i + 1].to;
			const struct ir_node *b = c[i + 1 < *n ? i + 1 : i - 1].to;

			if (a != b || (around && a != around))
				return NULL;
			around = now.to = a;
		}
		if (left && out[left - 1].to == now.to) {
			out[left - 1].hi = now.hi;
			out[left - 1].weight += now.weight;
		} else {
			out[left++] = now;
		}
	}
	*n = left;
	return around;
}

/*
 * Make tests of the N pieces at C, met ALL times, that leave a cube to the end,
 * where V is masked; NULL if that is no better. A mask costs as much as a test;
 * that no bit is set outside of it needs none.
 */
static const struct ir_node *leave_cube(const struct gen_search *s,
                                        const struct gen_piece *c, uint32_t n,
                                        uint64_t all)
{
	struct gen_piece rest[CUBE_PIECES];
	struct gen_search masked = *s;
	const struct ir_node *last, *around;
	struct cube q;
	uint64_t cost;

	if (n > CUBE_PIECES || n < 4 || !find_cube(c, n, &q))
		return NULL;
	cost = gen_search_cost(s, c, n);
	around = without(c, &n, &q, rest);
	if (!around || gen_search_cost(s, rest, n) +
	                               (q.base ? 2 : 1) * (s->price + all) >=
	                       cost)
		return NULL;
	masked.v = with_mask(s->g, s->v, ~(q.mask << s->shift));
	if (q.base)
		last = gen_search_test(&masked, NULL, IR_EQ, q.base, q.to, around);
	else
		last = gen_search_test(s, NULL, IR_ANY,
		                       ~q.mask & UINT32_MAX >> s->shift, around,
		                       q.to);
	for (uint32_t i = 0; i < n; i++)
		if (rest[i].to == around)
			rest[i].to = last;
	return n == 1 ? last : gen_search_tests(s, rest, n);
}

/* --- low bits that tell nothing apart ------------------------------------------- */

/* Count the low bits that all of the N pieces at C have in every combination. */
static unsigned low_bits(const struct gen_piece *c, uint32_t n)
{
	uint32_t edges = 0x80000000;

	for (uint32_t i = 0; i < n; i++)
		edges |= c[i].lo | (c[i].hi + 1);
	return (unsigned)__builtin_ctz(edges);
}

/*
 * Mask off what tells none of the N pieces at C apart, if that turns more of
 * them into single numbers than the mask costs: nets of one length, say.
 */
static void mask_low_bits(struct gen_search *s, struct gen_piece *c, uint32_t n)
{
	unsigned shift = low_bits(c, n);
	uint32_t singles = 0;

	for (uint32_t i = 0; i < n; i++)
		singles += (c[i].hi - c[i].lo) >> shift == 0;
	if (!shift || singles <= 2)
		return;
	s->v = with_mask(s->g, s->v, UINT32_MAX << shift);
	s->shift = shift;
	for (uint32_t i = 0; i < n; i++) {
		c[i].lo >>= shift;
		c[i].hi >>= shift;
	}
}

/* --- all of it ------------------------------------------------------------------ */

enum {
	DEFAULT_LEAF = 4
}; /* the knee of length against executed tests */

/* Return what a test costs for being there, where N pieces are met ALL times. */
static uint64_t price_of(const struct gen_search *s, uint32_t n, uint64_t all)
{
	/* Among ever more pieces a test is met ever less. */
	uint64_t price = all * s->leaf * s->leaf * 9 / 16 / n;

	if (s->fewest)
		return 1 + all * n;
	/* Saving a test for most numbers pays where it is known which these are. */
	if (ir_weights(s->g, s->set) && price > all * 3 / 4)
		price = all * 3 / 4;
	return 1 + price;
}

/* --- what is common and small --------------------------------------------------- */

/* So few numbers are a line where nothing is known of them: no other tests are fewer. */
enum {
	MOST_EASY = 3
};

/*
 * Make tests of up to MOST_EASY numbers, with one target for all between them;
 * NULL if the pieces are more than that.
 */
static const struct ir_node *easy_line(const struct gen_search *s,
                                       const struct gen_piece *c, uint32_t n)
{
	const struct ir_node *base = c[0].to;
	uint32_t numbers = 0;

	if (n > 2 * MOST_EASY + 1)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		numbers += c[i].to != base;
		if (c[i].weight != c[0].weight || numbers > MOST_EASY ||
		    (c[i].to != base && !is_single(&c[i])))
			return NULL;
	}
	for (uint32_t i = n; i-- > 0;)
		if (c[i].to != c[0].to)
			base = gen_search_test(s, &c[i], IR_EQ, c[i].lo, c[i].to, base);
	return base;
}

/* Tell whether the N pieces at C cover all numbers up to the last one's, in order. */
static bool covers(const struct gen_piece *c, uint32_t n)
{
	if (!n || c[0].lo)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (c[i].hi < c[i].lo || (i && c[i].lo != c[i - 1].hi + 1))
			return false;
	return true;
}

const struct ir_node *gen_search(struct ir_graph *g, const struct gen_options *o,
                                 struct arena *tmp, const struct ir_node *set,
                                 const struct ir_value *v, struct gen_piece *c,
                                 uint32_t n)
{
	struct gen_search s = {
		.g = g,
		.tmp = tmp,
		.set = set,
		.v = v,
		.fewest = o->linear,
		.leaf = o->leaf ? o->leaf : DEFAULT_LEAF,
	};
	const struct ir_node *node;
	struct first first;
	uint64_t all = 0;

	assert(covers(c, n));
	if (n == 1) /* looked at all the same, as that may end the program */
		return ir_need(g, v, c->to);
	node = easy_line(&s, c, n);
	if (node)
		return node;
	for (uint32_t i = 0; i < n; i++)
		all += c[i].weight;
	s.price = price_of(&s, n, all);
	mask_low_bits(&s, c, n);
	n = take_first(c, n, all, &first);
	for (uint32_t i = 0; i < first.n; i++)
		all -= first.c[i].weight;
	node = find_mirror(&s, c, n, all);
	if (!node) {
		n = fold_tail(&s, c, n);
		node = leave_cube(&s, c, n, all);
	}
	if (!node)
		node = n == 1 ? c->to : gen_search_tests(&s, c, n);
	for (uint32_t i = first.n; i-- > 0;)
		node = gen_search_test(&s, &first.c[i], IR_EQ, first.c[i].lo,
		                       first.c[i].to, node);
	return node;
}
