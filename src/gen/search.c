/*
 * Search: a set of one word becomes tests. Its pieces (intervals, and what is
 * between them) cover all numbers in order. One test either cuts a stretch of
 * pieces in two, or asks for a single number, which then is out of the way: a
 * stretch that leads to one node but for single numbers is a line of these.
 *     1..40 but 7 and 9 -> a, else b:   v > 40 ? b : v == 7 ? b : v == 9 ? ...
 * Which stretches are cut and which become lines is decided by the number of
 * tests and by how many of them run, weighted by how often each piece is met:
 * exactly, over all ways to cut, up to MOST_EXACT pieces. Above that the stretches
 * that need the fewest tests are found first, and then the cuts between them; lists
 * of lone numbers are just halved.
 */
#include "gen/gen.h"

enum {
	MOST_EXACT = LIMIT(96, 3), /* pieces; the work grows with their cube */
	MOST_LINE = LIMIT(48, 3),  /* single numbers that a line asks for */
	SHORT_LINE = LIMIT(16, 2), /* the same where speed matters, too */
};

/* What is best for a stretch of pieces. */
struct plan {
	uint64_t cost;
	uint32_t cut; /* the piece before which it is cut; 0: it is a line */
};

struct planner {
	const struct gen_search *s;
	const struct gen_piece *c;
	uint64_t *before;  /* by piece: the weights of all before it */
	uint32_t from, n;  /* the pieces that PLAN is about */
	struct plan *plan; /* by first and last piece */
};

/* Pieces of a stretch that lead elsewhere than the others, the likeliest first. */
struct line {
	const struct ir_node *base;
	bool wide; /* a piece that is more than a number leads to the base */
	uint32_t n;
	uint32_t piece[MOST_LINE];
};

static bool is_single(const struct gen_piece *c)
{
	return c->lo == c->hi;
}

static uint32_t most_line(const struct planner *p)
{
	return p->s->fewest ? MOST_LINE : SHORT_LINE;
}

/*
 * Return how many pieces of a stretch, too long to be planned as a whole, to
 * plan at once.
 */
static uint32_t few(const struct gen_search *s)
{
	return min_u32(max_u32(6 * s->leaf, SHORT_LINE), MOST_EXACT);
}

static uint64_t weight(const struct planner *p, uint32_t from, uint32_t to)
{
	return p->before[to + 1] - p->before[from];
}

/* --- lines ------------------------------------------------------------------- */

/* Return where most of the pieces FROM .. TO, all of them single, lead. */
static const struct ir_node *commonest(const struct planner *p, uint32_t from,
                                       uint32_t to)
{
	const struct ir_node *best = NULL;
	uint32_t most = 0;

	for (uint32_t i = from; i <= to; i++) {
		uint32_t n = 0;

		for (uint32_t k = i; k <= to; k++)
			n += p->c[k].to == p->c[i].to;
		if (n > most) {
			most = n;
			best = p->c[i].to;
		}
	}
	return best;
}

/*
 * Put piece I, which does not lead to the base, into line L by weight; false if
 * L is full.
 */
static bool put_in_line(const struct planner *p, struct line *l, uint32_t i)
{
	uint32_t at = l->n;

	if (l->n == most_line(p))
		return false;
	for (; at && p->c[l->piece[at - 1]].weight < p->c[i].weight; at--)
		l->piece[at] = l->piece[at - 1];
	l->piece[at] = i;
	l->n++;
	return true;
}

/* Fill the line of pieces FROM .. TO with BASE; false if that is too long. */
static bool fill_line(const struct planner *p, uint32_t from, uint32_t to,
                      const struct ir_node *base, struct line *l)
{
	l->n = 0;
	l->base = base;
	for (uint32_t i = from; i <= to; i++)
		if (p->c[i].to != base && !put_in_line(p, l, i))
			return false;
	return true;
}

/*
 * Add piece TO to L, the line of pieces FROM .. TO - 1. False if there is no
 * such line: too many numbers, or two pieces that are not numbers lead to
 * different nodes. Then no longer stretch has one either.
 */
static bool grow_line(const struct planner *p, uint32_t from, uint32_t to,
                      struct line *l)
{
	const struct gen_piece *c = &p->c[to];

	if (l->wide && !is_single(c))
		return c->to == l->base;
	if (l->wide)
		return c->to == l->base || put_in_line(p, l, to);
	if (!is_single(c)) {
		l->wide = true;
		return fill_line(p, from, to, c->to, l);
	}
	return to - from < 2 * most_line(p) &&
	       fill_line(p, from, to, commonest(p, from, to), l);
}

static uint64_t line_cost(const struct planner *p, uint32_t from, uint32_t to,
                          const struct line *l)
{
	uint64_t there = weight(p, from, to), cost = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		cost += p->s->price + there;
		there -= p->c[l->piece[i]].weight;
	}
	return cost;
}

/* --- the best of all ways -------------------------------------------------------- */

static struct plan *plan_of(const struct planner *p, uint32_t from, uint32_t to)
{
	return &p->plan[(size_t)(from - p->from) * p->n + (to - p->from)];
}

static void best_cut(struct planner *p, uint32_t from, uint32_t to)
{
	struct plan *best = plan_of(p, from, to);
	const struct plan *below = plan_of(p, from, from);
	const struct plan *above = plan_of(p, from, to);
	uint64_t here = p->s->price + weight(p, from, to);

	for (uint32_t k = from + 1; k <= to; k++) {
		uint64_t cost = here + below++->cost + (above += p->n)->cost;

		if (cost < best->cost)
			*best = (struct plan){ cost, k };
	}
}

/* Plan every stretch of the N pieces from FROM on. */
static void plan_stretches(struct planner *p, uint32_t from, uint32_t n)
{
	p->from = from;
	p->n = n;
	for (uint32_t i = from + n; i-- > from;) {
		struct line l = { .n = 0 };
		bool line = true;

		arena_work(p->s->tmp, 2 * (from + n - i));
		for (uint32_t k = i; k < from + n; k++) {
			struct plan *plan = plan_of(p, i, k);

			line = line && grow_line(p, i, k, &l);
			plan->cost = line ? line_cost(p, i, k, &l) : UINT64_MAX;
			plan->cut = 0;
			if (plan->cost)
				best_cut(p, i, k);
		}
	}
}

/* --- tests ------------------------------------------------------------------------- */

const struct ir_node *gen_search_test(const struct gen_search *s,
                                      const struct gen_piece *c, enum ir_cmp cmp,
                                      uint32_t k, const struct ir_node *yes,
                                      const struct ir_node *no)
{
	const struct ir_value *rhs = ir_const(s->g, k << s->shift);
	const struct ir_node *n = ir_test(s->g, cmp, s->v, rhs, yes, no);

	ir_inherit(s->g, n, s->set);
	if (c && c->why && c->why->placed)
		ir_at(s->g, n, c->why->at);
	return n;
}

/* Cut pieces FROM .. TO before CUT; BELOW and ABOVE decide the parts. */
static const struct ir_node *make_cut(struct planner *p, uint32_t from, uint32_t cut,
                                      uint32_t to, const struct ir_node *below,
                                      const struct ir_node *above)
{
	const struct gen_piece *c = &p->c[cut], *b = c - 1;

	if (cut == to && is_single(c))
		return gen_search_test(p->s, c, IR_EQ, c->lo, above, below);
	if (cut - 1 == from && is_single(b))
		return gen_search_test(p->s, b, IR_EQ, b->lo, below, above);
	if (b->why && (cut - 1 == from || !c->why))
		return gen_search_test(p->s, cut - 1 == from ? b : NULL, IR_GT, b->hi, above,
		                       below);
	return gen_search_test(p->s, cut == to ? c : NULL, IR_GE, c->lo, above, below);
}

static const struct ir_node *make_line(struct planner *p, uint32_t from, uint32_t to)
{
	struct line l = { .n = 0 };
	const struct ir_node *n;

	for (uint32_t i = from; i <= to; i++)
		grow_line(p, from, i, &l);
	n = l.base;
	for (uint32_t i = l.n; i-- > 0;) {
		const struct gen_piece *c = &p->c[l.piece[i]];

		n = gen_search_test(p->s, c, IR_EQ, c->lo, c->to, n);
	}
	return n;
}

/* Return the tests of the plan for pieces FROM .. TO. Recursion ends with the pieces. */
static const struct ir_node *make(struct planner *p, uint32_t from, uint32_t to)
{
	uint32_t cut = plan_of(p, from, to)->cut;
	const struct ir_node *below, *above;

	if (!cut)
		return make_line(p, from, to);
	below = make(p, from, cut - 1);
	above = make(p, cut, to);
	return make_cut(p, from, cut, to, below, above);
}

/* Cut in the middle until what is left is few enough to be planned. */
static const struct ir_node *halve(struct planner *p, uint32_t from, uint32_t to,
                                   uint32_t few)
{
	const struct ir_node *below, *above;
	uint32_t mid = from + (to - from) / 2 + 1;

	if (to - from < few) {
		plan_stretches(p, from, to - from + 1);
		return make(p, from, to);
	}
	below = halve(p, from, mid - 1, few);
	above = halve(p, mid, to, few);
	return make_cut(p, from, mid, to, below, above);
}

/* --- the fewest tests, whatever runs -------------------------------------------------- */

/* Pieces FROM .. TO become a line of any length. */
struct stretch {
	uint32_t from, to;
	const struct ir_node *base;
};

typedef ARRAY(struct stretch) stretches_t;

/* The best stretch that ends here and whose base is one node. */
struct open {
	const struct ir_node *base; /* NULL: a free slot */
	int64_t cost;               /* plus struct shortener's all */
	uint32_t from, epoch;
};

struct shortener {
	struct open *open; /* by a hash of the base's id */
	uint32_t slots;    /* a power of 2, more than there are bases */
	uint32_t epoch;    /* what is older is closed */
	int64_t all;
	const struct open *best;
};

static struct open *open_of(struct shortener *h, const struct ir_node *base)
{
	uint32_t i = hash_words(&base->id, 1, 0);

	while (h->open[i & (h->slots - 1)].base &&
	       h->open[i & (h->slots - 1)].base != base)
		i++;
	h->open[i & (h->slots - 1)].base = base;
	return &h->open[i & (h->slots - 1)];
}

static void offer(struct shortener *h, struct open *o, int64_t cost, uint32_t from)
{
	if (o->epoch != h->epoch || o->cost > cost - h->all) {
		o->cost = cost - h->all;
		o->from = from;
		o->epoch = h->epoch;
	}
	if (!h->best || h->best->cost > o->cost)
		h->best = o;
}

/*
 * Find the stretches that need the fewest tests. A stretch begins with a piece
 * that leads to its base: any other would do as well at the end of the one
 * before.
 */
static void shortest(struct planner *p, uint32_t n, stretches_t *out)
{
	struct shortener h = { .epoch = 1, .slots = 1 };
	struct stretch *last = arena_array(p->s->tmp, struct stretch, n);
	int64_t before = -1;

	while (h.slots <= n)
		h.slots *= 2;
	h.open = arena_array(p->s->tmp, struct open, h.slots);
	for (uint32_t i = 0; i < n; i++) {
		struct open *o = open_of(&h, p->c[i].to), was = *o;

		was.cost += h.all;
		h.all++;
		if (!is_single(&p->c[i])) {
			h.epoch++;
			h.best = NULL;
		}
		if (was.epoch && was.epoch + !is_single(&p->c[i]) == h.epoch)
			offer(&h, o, was.cost, was.from);
		offer(&h, o, before + 1, i);
		before = h.best->cost + h.all;
		last[i] = (struct stretch){ h.best->from, i, h.best->base };
	}
	for (uint32_t i = n; i-- > 0; i = last[i].from)
		array_push(p->s->tmp, out, last[i]);
}

static const struct ir_node *long_line(struct planner *p, const struct stretch *t)
{
	const struct ir_node *n = t->base;

	for (uint32_t i = t->to + 1; i-- > t->from;)
		if (p->c[i].to != t->base)
			n = gen_search_test(p->s, &p->c[i], IR_EQ, p->c[i].lo, p->c[i].to, n);
	return n;
}

/* Return what FROM .. TO leads to, as one piece. */
static struct gen_piece as_piece(struct planner *p, uint32_t from, uint32_t to,
                                 const struct ir_node *tests)
{
	struct gen_piece c = p->c[from];

	c.hi = p->c[to].hi;
	c.weight = weight(p, from, to);
	c.to = tests;
	return c;
}

typedef ARRAY(struct gen_piece) pieces_t;

/* Add stretch T in equal parts that are short enough to be planned. */
static void add_parts(struct planner *p, const struct stretch *t, pieces_t *out)
{
	uint32_t n = t->to - t->from + 1, parts = (n + few(p->s) - 1) / few(p->s);

	for (uint32_t i = 0; i < parts; i++) {
		uint32_t from = t->from + n * i / parts;
		uint32_t to = t->from + n * (i + 1) / parts - 1;

		plan_stretches(p, from, to - from + 1);
		array_push(p->s->tmp, out, as_piece(p, from, to, make(p, from, to)));
	}
}

/* Return the N stretches at T, the highest first, as pieces that lead to their tests. */
static pieces_t as_pieces(struct planner *p, const struct stretch *t, uint32_t n)
{
	pieces_t out = { 0 };

	for (uint32_t i = n; i-- > 0;)
		if (p->s->fewest)
			array_push(p->s->tmp, &out, as_piece(p, t[i].from, t[i].to, long_line(p, &t[i])));
		else
			add_parts(p, &t[i], &out);
	return out;
}

/* --- all of it -------------------------------------------------------------------------- */

static struct planner planner(const struct gen_search *s, const struct gen_piece *c,
                              uint32_t n, uint32_t few)
{
	struct planner p = { .s = s, .c = c };

	p.before = arena_array(s->tmp, uint64_t, n + 1);
	for (uint32_t i = 0; i < n; i++)
		p.before[i + 1] = p.before[i] + c[i].weight;
	p.plan = arena_array(s->tmp, struct plan, (size_t)few * few);
	return p;
}

uint64_t gen_search_cost(const struct gen_search *s, const struct gen_piece *c, uint32_t n)
{
	struct planner p;

	if (n > MOST_EXACT)
		return UINT64_MAX;
	p = planner(s, c, n, n);
	plan_stretches(&p, 0, n);
	return plan_of(&p, 0, n - 1)->cost;
}

/* Cut the N pieces at C down to FEW and plan these. */
static const struct ir_node *cut(const struct gen_search *s, const struct gen_piece *c,
                                 uint32_t n, uint32_t few)
{
	struct planner p = planner(s, c, n, few);

	return halve(&p, 0, n - 1, few);
}

const struct ir_node *gen_search_tests(const struct gen_search *s,
                                       const struct gen_piece *c, uint32_t n)
{
	stretches_t stretches = { 0 };
	struct planner p;
	pieces_t parts;

	if (n <= MOST_EXACT)
		return cut(s, c, n, n);
	p = planner(s, c, n, few(s));
	shortest(&p, n, &stretches);
	/* Among so many lone numbers the middle is as good a cut as a run's end. */
	if (!s->fewest && stretches.n < n / MOST_LINE)
		return cut(s, c, n, few(s));
	parts = as_pieces(&p, stretches.v, stretches.n);
	return cut(s, parts.v, parts.n, parts.n <= MOST_EXACT ? parts.n : few(s));
}
