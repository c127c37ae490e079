/*
 * Search: a set of one word becomes tests. The cells (intervals, and what is
 * between them) cover all numbers in order. One test either cuts a stretch of
 * cells in two, or asks for a single number, which then is out of the way: a
 * stretch that leads to one node but for single numbers is a line of these.
 *     1..40 but 7 and 9 -> a, else b:   v > 40 ? b : v == 7 ? b : v == 9 ? ...
 * Which stretches are cut and which become lines is decided by the number of
 * tests and by how many of them run, weighted by how often each cell is met:
 * exactly, over all ways to cut, up to MOST_EXACT cells; above that the middle
 * is cut until as few are left. Numbers that are met far more often than the
 * rest are asked for before everything else.
 */
#include "gen/gen.h"

enum {
	DEFAULT_LEAF = 4, /* the knee of length against executed tests */
	MOST_EXACT = 96,  /* cells; the work grows with their cube */
	CHUNK = 24,       /* cells that longer lists are cut into */
	MOST_LINE = 48,   /* single numbers that a line asks for */
	SHORT_LINE = 16,  /* the same where speed matters, too */
};

/* What is best for a stretch of cells. */
struct plan {
	uint64_t cost;
	uint32_t cut; /* the cell before which it is cut; 0: it is a line */
};

struct search {
	struct ir_graph *g;
	struct arena *tmp;
	const struct ir_node *set;
	const struct ir_value *v;
	uint32_t most_line;
	uint64_t test;          /* what a test costs for being there */
	const struct gen_cell *c;
	uint64_t *before;       /* by cell: the weights of all before it */
	uint32_t from, n;       /* the cells that PLAN is about */
	struct plan *plan;      /* by first and last cell */
};

/* Cells of a stretch that lead elsewhere than the others, the likeliest first. */
struct line {
	const struct ir_node *base;
	bool wide; /* a cell that is more than a number leads to the base */
	uint32_t n;
	uint32_t cell[MOST_LINE];
};

static bool is_single(const struct gen_cell *c)
{
	return c->lo == c->hi;
}

static uint64_t weight(const struct search *s, uint32_t from, uint32_t to)
{
	return s->before[to + 1] - s->before[from];
}

/* --- lines ------------------------------------------------------------------- */

/* Where most of the cells FROM .. TO, all of them single, lead. */
static const struct ir_node *commonest(const struct search *s, uint32_t from,
                                       uint32_t to)
{
	const struct ir_node *best = NULL;
	uint32_t most = 0;

	for (uint32_t i = from; i <= to; i++) {
		uint32_t n = 0;

		for (uint32_t k = i; k <= to; k++)
			n += s->c[k].to == s->c[i].to;
		if (n > most) {
			most = n;
			best = s->c[i].to;
		}
	}
	return best;
}

/* Cell I, which leads elsewhere than the base, takes its place in line L. */
static bool put_in_line(const struct search *s, struct line *l, uint32_t i)
{
	uint32_t at = l->n;

	if (l->n == s->most_line)
		return false;
	for (; at && s->c[l->cell[at - 1]].weight < s->c[i].weight; at--)
		l->cell[at] = l->cell[at - 1];
	l->cell[at] = i;
	l->n++;
	return true;
}

/* The line of cells FROM .. TO with BASE; false if that is too long. */
static bool fill_line(const struct search *s, uint32_t from, uint32_t to,
                      const struct ir_node *base, struct line *l)
{
	l->n = 0;
	l->base = base;
	for (uint32_t i = from; i <= to; i++)
		if (s->c[i].to != base && !put_in_line(s, l, i))
			return false;
	return true;
}

/*
 * L, the line of cells FROM .. TO - 1, takes in cell TO. False if there is none:
 * too many numbers, or two cells that are no numbers lead to different nodes.
 * Then there is none with more cells either.
 */
static bool grow_line(const struct search *s, uint32_t from, uint32_t to,
                      struct line *l)
{
	const struct gen_cell *c = &s->c[to];

	if (l->wide && !is_single(c))
		return c->to == l->base;
	if (l->wide)
		return c->to == l->base || put_in_line(s, l, to);
	if (!is_single(c)) {
		l->wide = true;
		return fill_line(s, from, to, c->to, l);
	}
	return to - from < 2 * s->most_line &&
	       fill_line(s, from, to, commonest(s, from, to), l);
}

static uint64_t line_cost(const struct search *s, uint32_t from, uint32_t to,
                          const struct line *l)
{
	uint64_t there = weight(s, from, to), cost = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		cost += s->test + there;
		there -= s->c[l->cell[i]].weight;
	}
	return cost;
}

/* --- the best of all ways -------------------------------------------------------- */

static struct plan *plan_of(const struct search *s, uint32_t from, uint32_t to)
{
	return &s->plan[(size_t)(from - s->from) * s->n + (to - s->from)];
}

static void best_cut(struct search *s, uint32_t from, uint32_t to)
{
	struct plan *best = plan_of(s, from, to);
	uint64_t here = s->test + weight(s, from, to);

	for (uint32_t k = from + 1; k <= to; k++) {
		uint64_t cost = here + plan_of(s, from, k - 1)->cost +
		                plan_of(s, k, to)->cost;

		if (cost < best->cost)
			*best = (struct plan){ cost, k };
	}
}

/* Plans for every stretch of the N cells from FROM on. */
static void plan_stretches(struct search *s, uint32_t from, uint32_t n)
{
	s->from = from;
	s->n = n;
	for (uint32_t i = from + n; i-- > from;) {
		struct line l = { .n = 0 };
		bool line = true;

		for (uint32_t k = i; k < from + n; k++) {
			struct plan *p = plan_of(s, i, k);

			line = line && grow_line(s, i, k, &l);
			p->cost = line ? line_cost(s, i, k, &l) : UINT64_MAX;
			p->cut = 0;
			if (p->cost)
				best_cut(s, i, k);
		}
	}
}

/* --- tests ------------------------------------------------------------------------- */

static const struct ir_node *compare(struct search *s, const struct gen_cell *c,
                                     enum ir_cmp cmp, uint32_t k,
                                     const struct ir_node *yes,
                                     const struct ir_node *no)
{
	const struct ir_node *n = ir_test(s->g, cmp, s->v, ir_const(s->g, k), yes, no);

	ir_inherit(s->g, n, s->set);
	if (c && c->why && c->why->placed)
		ir_at(s->g, n, c->why->at);
	return n;
}

/* Cells FROM .. TO are cut before CUT; BELOW and ABOVE decide the parts. */
static const struct ir_node *make_cut(struct search *s, uint32_t from, uint32_t cut,
                                      uint32_t to, const struct ir_node *below,
                                      const struct ir_node *above)
{
	const struct gen_cell *c = &s->c[cut], *b = c - 1;

	if (cut == to && is_single(c))
		return compare(s, c, IR_EQ, c->lo, above, below);
	if (cut - 1 == from && is_single(b))
		return compare(s, b, IR_EQ, b->lo, below, above);
	if (b->why && (cut - 1 == from || !c->why))
		return compare(s, cut - 1 == from ? b : NULL, IR_GT, b->hi, above,
		               below);
	return compare(s, cut == to ? c : NULL, IR_GE, c->lo, above, below);
}

static const struct ir_node *make_line(struct search *s, uint32_t from, uint32_t to)
{
	struct line l = { .n = 0 };
	const struct ir_node *n;

	for (uint32_t i = from; i <= to; i++)
		grow_line(s, from, i, &l);
	n = l.base;
	for (uint32_t i = l.n; i-- > 0;) {
		const struct gen_cell *c = &s->c[l.cell[i]];

		n = compare(s, c, IR_EQ, c->lo, c->to, n);
	}
	return n;
}

/* The tests of the plan for cells FROM .. TO. Recursion ends with the cells. */
static const struct ir_node *make(struct search *s, uint32_t from, uint32_t to)
{
	const struct plan *p = plan_of(s, from, to);
	const struct ir_node *below, *above;

	if (!p->cut)
		return make_line(s, from, to);
	below = make(s, from, p->cut - 1);
	above = make(s, p->cut, to);
	return make_cut(s, from, p->cut, to, below, above);
}

/* The middle is cut until what is left is few enough to be planned. */
static const struct ir_node *halve(struct search *s, uint32_t from, uint32_t to,
                                   uint32_t few)
{
	const struct ir_node *below, *above;
	uint32_t mid = from + (to - from) / 2 + 1;

	if (to - from < few) {
		plan_stretches(s, from, to - from + 1);
		return make(s, from, to);
	}
	below = halve(s, from, mid - 1, few);
	above = halve(s, mid, to, few);
	return make_cut(s, from, mid, to, below, above);
}

/* --- the fewest tests, whatever runs -------------------------------------------------- */

/* Cells FROM .. TO become a line of any length. */
struct stretch {
	uint32_t from, to;
	const struct ir_node *base;
};

typedef ARRAY(struct stretch) stretches_t;

/* The best stretch that ends here and whose base is one node. */
struct open {
	int64_t cost; /* plus struct shortener's all */
	uint32_t from, epoch;
};

struct shortener {
	struct open *open; /* by node id */
	uint32_t epoch;    /* what is older is closed */
	int64_t all;
	const struct ir_node *best;
};

static void offer(struct shortener *h, const struct ir_node *to, int64_t cost,
                  uint32_t from)
{
	struct open *o = &h->open[to->id];

	if (o->epoch != h->epoch || o->cost > cost - h->all)
		*o = (struct open){ cost - h->all, from, h->epoch };
	if (!h->best || h->open[h->best->id].cost > o->cost)
		h->best = to;
}

/*
 * The stretches that need the fewest tests. A stretch begins with a cell that
 * leads to its base: any other would do as well at the end of the one before.
 */
static void shortest(struct search *s, uint32_t n, stretches_t *out)
{
	struct shortener h = { .epoch = 1 };
	struct stretch *last = arena_array(s->tmp, struct stretch, n);
	int64_t before = -1;

	h.open = arena_array(s->tmp, struct open, s->g->nodes.n);
	for (uint32_t i = 0; i < n; i++) {
		const struct ir_node *to = s->c[i].to;
		struct open was = h.open[to->id];

		was.cost += h.all;
		h.all++;
		if (!is_single(&s->c[i])) {
			h.epoch++;
			h.best = NULL;
		}
		if (was.epoch && was.epoch + !is_single(&s->c[i]) == h.epoch)
			offer(&h, to, was.cost, was.from);
		offer(&h, to, before + 1, i);
		before = h.open[h.best->id].cost + h.all;
		last[i] = (struct stretch){ h.open[h.best->id].from, i, h.best };
	}
	for (uint32_t i = n; i-- > 0; i = last[i].from)
		array_push(s->tmp, out, last[i]);
}

static const struct ir_node *long_line(struct search *s, const struct stretch *t)
{
	const struct ir_node *n = t->base;

	for (uint32_t i = t->to + 1; i-- > t->from;)
		if (s->c[i].to != t->base)
			n = compare(s, &s->c[i], IR_EQ, s->c[i].lo, s->c[i].to, n);
	return n;
}

/* A balanced tree over the N stretches at T, the highest first. */
static const struct ir_node *over_stretches(struct search *s,
                                            const struct stretch *t, uint32_t n)
{
	const struct ir_node *below, *above;
	uint32_t mid = n / 2;

	if (n == 1)
		return long_line(s, t);
	above = over_stretches(s, t, mid);
	below = over_stretches(s, t + mid, n - mid);
	return make_cut(s, t[n - 1].from, t[mid - 1].from, t[0].to, below, above);
}

/* --- all of it -------------------------------------------------------------------------- */

/* The cells of S, of which there are N, become tests. */
static const struct ir_node *decide(struct search *s, uint32_t n, bool fewest)
{
	stretches_t stretches = { 0 };
	uint32_t few;

	if (n == 1) /* looked at all the same, as that may end the program */
		return ir_need(s->g, s->v, s->c->to);
	s->before = arena_array(s->tmp, uint64_t, n + 1);
	for (uint32_t i = 0; i < n; i++)
		s->before[i + 1] = s->before[i] + s->c[i].weight;
	if (n <= MOST_EXACT || !fewest) {
		few = n <= MOST_EXACT ? n : CHUNK;
		s->plan = arena_array(s->tmp, struct plan, (size_t)few * few);
		return halve(s, 0, n - 1, few);
	}
	shortest(s, n, &stretches);
	return over_stretches(s, stretches.v, stretches.n);
}

const struct ir_node *gen_search(struct ir_graph *g, const struct gen_options *o,
                                 struct arena *tmp, const struct ir_node *set,
                                 const struct ir_value *v, struct gen_cell *c,
                                 uint32_t n)
{
	uint64_t leaf = o->leaf ? o->leaf : DEFAULT_LEAF, all = 0;
	struct search s = { .g = g, .tmp = tmp, .set = set, .v = v, .c = c };

	for (uint32_t i = 0; i < n; i++)
		all += c[i].weight;
	s.most_line = o->linear ? MOST_LINE : SHORT_LINE;
	/* As if ever more of them were met, a test more is worth less. */
	s.test = o->linear ? all * n : 1 + all * leaf * leaf * 9 / 16 / n;
	return decide(&s, n, o->linear);
}
