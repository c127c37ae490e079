/*
 * Holds a program against the graph that it was made of, on inputs that are directed
 * at the ways of both. docs/design/selfcheck.md says how the inputs are found, what a
 * difference is and what is not looked at.
 */
#include "prove/prove.h"

#include <string.h>

enum {
	START = 96, /* bytes of the first packet */
	MORE = 64,  /* and so many more where a load finds none */
	POOL = 32,  /* inputs to go on from */
	PATH = 512, /* steps of a way through the graph that can be changed */
	EXITS = 4096,
	TRIED = 1024,
	EXPANSION = 64,  /* inputs that come of one, at most */
	VARIATIONS = 8,  /* and once all that is new was tried */
	MATCH = 1 << 16, /* what it is worth that an input matches */
	DRAWS = 3,
	LEAST = 100,   /* inputs of small programs */
	LARGE = 1000,  /* instructions of a large one */
	WORK = 60000,  /* about a millisecond; large ones get ten times that */
	OVERHEAD = 16, /* steps that an input is worth beside those it runs */
};

/* What a run of the graph did. */
struct way {
	struct ir_step path[PATH];
	uint32_t npath;
	bool matches;
};

struct checker {
	const struct prove_case *of;
	struct prove_found *found;
	struct ir_eval eval;
	struct rng rng;
	uint64_t work;        /* that is left */
	uint32_t turn;        /* counts changes */
	uint8_t *sides;       /* by instruction: TAKEN and TURNED of its sides */
	uint8_t exits[EXITS]; /* the same by the hash of a node and where it leads */
	uint16_t *tried;      /* by instruction, and after these by node: how often */
	struct input *pool[POOL];
	bool expanded[POOL];
	uint32_t age[POOL];
	uint32_t worth[POOL]; /* how much of the graph they see, matching ones most */
	uint32_t npool;
	struct way parent, child;
	struct trace trace; /* of the parent */
	struct input now;
};

/* --- one input -------------------------------------------------------------------- */

static void spend(struct checker *c, uint64_t work)
{
	c->work -= work < c->work ? work : c->work;
}

static void fill(struct checker *c, struct input *in, uint32_t upto)
{
	while (in->captured < upto) {
		uint32_t n = min_u32(upto - in->captured, 8);
		uint64_t noise = rng_next(&c->rng) * UINT64_C(0x9e3779b97f4a7c15);

		memcpy(in->bytes + in->captured, &noise, n);
		in->captured += n;
	}
	in->wire = max_u32(in->wire, upto);
}

static uint32_t ancillary(void *ctx, uint32_t which, uint32_t a, uint32_t x)
{
	return input_ancillary(ctx, which, a, x);
}

/* Return what IN should give, extending it by the bytes that the graph asks for. */
static enum ir_end meant(struct checker *c, struct input *in, uint32_t *result)
{
	enum ir_end end;

	for (;;) {
		struct ir_data data = {
			.bytes = in->bytes,
			.captured = in->captured,
			.wire = in->wire,
			.network = in->network,
			.ancillary = ancillary,
			.ctx = in,
		};

		c->eval.steps = c->work;
		end = ir_eval_run(&c->eval, c->of->root, &data, result);
		c->work = c->eval.steps;
		if (end != IR_END_LOAD || in->sized || c->eval.missing >= PACKET_MAX)
			return end;
		fill(c, in, min_u32(PACKET_MAX, c->eval.missing + MORE));
	}
}

/* Return how many bytes of IN the program gets when the graph has a result. */
static uint32_t left_of(struct checker *c, struct input *in)
{
	uint32_t left = c->eval.reach, wire = in->wire;

	if (!c->of->leave)
		return left;
	left = min_u32(PACKET_MAX, c->of->leave(c->of->ctx, in, left));
	fill(c, in, left);
	in->wire = wire;
	return left;
}

/*
 * Run the program on IN, cut after what the graph has read if CUT. Record the
 * run in T; if T is NULL, only which sides were taken, and whether one is *NEW.
 */
static uint32_t written(struct checker *c, struct input *in, bool cut, struct trace *t,
                        bool *new)
{
	uint32_t captured = in->captured, result;

	if (cut && !in->sized) {
		in->captured = left_of(c, in);
		captured = max_u32(captured, in->captured);
	}
	if (t) {
		machine_run(&c->of->program, in, &result, t);
		spend(c, t->steps);
	} else {
		result = cover_run(&c->of->program, in, c->sides, new, &c->work);
	}
	c->found->cut = in->captured;
	in->captured = captured;
	return result;
}

/*
 * Tell whether the result IS right where the graph ended so: see
 * docs/design/selfcheck.md.
 */
static bool is_right(const struct checker *c, enum ir_end end, uint32_t should, uint32_t is)
{
	if (end == IR_END_STEPS || is == should)
		return true;
	return end == IR_END_LOAD && !c->of->graph->input.exact_faults;
}

/* --- what was met ------------------------------------------------------------------ */

/* Of a decision that went one way: it was met; and, turned from an input that matches. */
enum {
	TAKEN = COVER_NO,
	TURNED = 2,
	YES = COVER_YES / COVER_NO
};

static uint32_t exit_of(const struct ir_node *n, const struct ir_node *to)
{
	return (n->id * 0x9e3779b1u ^ (to ? to->id * 0x85ebca6bu : 1)) % EXITS;
}

/* Return the marks of fork F as it went, or as it would go OTHER. */
static uint8_t fork_marks(const struct checker *c, const struct fork *f, bool other)
{
	return c->sides[f->pc] / (f->yes != other ? YES : 1);
}

/* Mark the side that F took; true if that is new. */
static bool mark_fork(struct checker *c, const struct fork *f, uint8_t mark)
{
	uint8_t bits = (uint8_t)(mark * (f->yes ? YES : 1));
	bool new = !(c->sides[f->pc] & bits);

	c->sides[f->pc] |= bits;
	return new;
}

static bool mark_step(struct checker *c, const struct ir_step *s, uint8_t mark)
{
	uint8_t *at = &c->exits[exit_of(s->node, s->to)];
	bool new = !(*at & mark);

	*at |= mark;
	return new;
}

/* Note the way that the graph took; true if any of it is new. */
static bool note(struct checker *c, const struct way *w)
{
	bool new = false;

	for (uint32_t i = 0; i < w->npath; i++)
		new |= mark_step(c, &w->path[i], TAKEN);
	return new;
}

/* --- inputs to go on from ------------------------------------------------------------ */

static uint32_t place_in_pool(struct checker *c)
{
	if (c->npool < POOL)
		return c->npool++;
	for (int i = 0; i < 4; i++) {
		uint32_t at = rng_below(&c->rng, POOL);

		if (c->expanded[at])
			return at;
	}
	return rng_below(&c->rng, POOL);
}

/* Keep the child in the pool. */
static void keep(struct checker *c)
{
	uint32_t at = place_in_pool(c);

	input_copy(c->pool[at], &c->now);
	c->expanded[at] = false;
	c->age[at] = c->found->inputs;
	c->worth[at] = c->child.npath + (c->child.matches ? MATCH : 0);
}

/*
 * Run graph and program on c->now; W and NEW are as for written(). False if
 * they differ.
 */
static bool run(struct checker *c, struct way *w, struct trace *t, bool *new)
{
	uint32_t should, is;
	enum ir_end end;

	c->eval.path = w->path;
	end = meant(c, &c->now, &should);
	w->npath = c->eval.npath;
	w->matches = should != 0;
	is = written(c, &c->now, w->matches, t, new);
	spend(c, OVERHEAD);
	if (!c->work || is_right(c, end, should, is))
		return true;
	c->found->meant = should;
	c->found->written = is;
	return false;
}

/* Do the same, counting the run as an input; keep what is new. */
static bool examine(struct checker *c)
{
	bool new = false;

	c->found->inputs++;
	if (!run(c, &c->child, NULL, &new))
		return false;
	if (note(c, &c->child) || new)
		keep(c);
	return true;
}

static bool is_done(const struct checker *c)
{
	return !c->work || c->found->inputs >= c->of->inputs;
}

/* --- children -------------------------------------------------------------------------- */

/* Change decision I of the parent: its program's come first, then its graph's. */
static bool change(struct checker *c, uint32_t from, uint32_t i, uint32_t turn, bool probe)
{
	const struct trace *t = &c->trace;

	input_copy(&c->now, c->pool[from]);
	if (i >= t->nforks)
		return graph_flip(c->parent.path, i - t->nforks, turn, probe, &c->now,
		                  &c->rng);
	return probe ? machine_probe(t, &t->fork[i], turn, &c->now, &c->rng)
	             : machine_flip(t, &t->fork[i], &c->now, &c->rng);
}

static bool is_taken(const struct checker *c, const struct ir_node *n, const struct ir_node *to)
{
	return c->exits[exit_of(n, to)] & TAKEN;
}

/* Tell whether step S, led elsewhere, takes a new way. */
static bool step_leads_on(const struct checker *c, const struct ir_step *s)
{
	const struct ir_node *n = s->node;

	switch (n->kind) {
	case IR_TEST:
		return !is_taken(c, n, s->to == n->yes ? n->no : n->yes);
	case IR_SET:
		return s->to == n->no || !is_taken(c, n, n->no);
	case IR_RET:
	case IR_BIND:
	case IR_NEED:
		break;
	}
	return false;
}

/*
 * Tell whether decision I of the parent is worth changing: it leads to
 * something new or may be decisive.
 */
static bool is_open(struct checker *c, uint32_t i, bool matches)
{
	const struct trace *t = &c->trace;
	const struct ir_step *s;

	if (i < t->nforks)
		return !(fork_marks(c, &t->fork[i], true) & TAKEN) ||
		       (matches && mark_fork(c, &t->fork[i], TURNED));
	s = &c->parent.path[i - t->nforks];
	return step_leads_on(c, s) || (matches && mark_step(c, s, TURNED));
}

/* Fill the input with random bytes. */
static void scramble(struct checker *c)
{
	uint32_t captured = c->now.captured;

	if (!c->now.sized)
		captured = START;
	c->now.captured = 0;
	fill(c, &c->now, captured);
}

static bool rerun(struct checker *c, uint32_t from)
{
	input_copy(&c->now, c->pool[from]);
	return run(c, &c->parent, &c->trace, NULL);
}

/*
 * Take each decision of input FROM the other way, if that is new or may be
 * decisive.
 */
static bool expand(struct checker *c, uint32_t from)
{
	uint32_t n, tries = 0;
	bool matches = c->worth[from] >= MATCH;

	c->expanded[from] = true;
	if (!rerun(c, from))
		return false;
	n = c->trace.nforks + c->parent.npath;
	for (uint32_t i = n; i-- > 0 && tries < EXPANSION && !is_done(c);) {
		if (!is_open(c, i, matches))
			continue;
		tries++;
		if (change(c, from, i, c->turn++, false) && !examine(c))
			return false;
	}
	return true;
}

/* Return the count of how often decision I of the parent was varied. */
static uint16_t *tried(struct checker *c, uint32_t i)
{
	const struct trace *t = &c->trace;

	if (i < t->nforks)
		return &c->tried[t->fork[i].pc];
	return &c->tried[c->of->program.n + c->parent.path[i - t->nforks].node->id % TRIED];
}

/* Pick one of the parent's N decisions that were varied least. */
static uint32_t least_tried(struct checker *c, uint32_t n)
{
	uint32_t best = rng_below(&c->rng, n);

	for (uint32_t i = 0; i < n && i < EXPANSION; i++) {
		uint32_t at = best + i < n ? best + i : best + i - n;

		if (*tried(c, at) < *tried(c, best))
			best = at;
	}
	if (*tried(c, best) < UINT16_MAX)
		++*tried(c, best);
	return best;
}

/* Vary some decisions of an input: numbers next to those that decide. */
static bool vary(struct checker *c, uint32_t from)
{
	uint32_t n;

	if (!rerun(c, from))
		return false;
	n = c->trace.nforks + c->parent.npath;
	for (int i = 0; i < VARIATIONS && !is_done(c); i++) {
		uint32_t at = least_tried(c, n), turn = *tried(c, at) - 1;

		if (!change(c, from, at, turn, !rng_one_in(&c->rng, 3)))
			scramble(c);
		if (!examine(c))
			return false;
	}
	return true;
}

/*
 * Choose an input that was not expanded yet: by turns the one worth most, so
 * that matches are found soon, and the oldest. POOL if there is none.
 */
static uint32_t choose(const struct checker *c)
{
	uint32_t best = POOL;

	for (uint32_t i = 0; i < c->npool; i++) {
		if (c->expanded[i])
			continue;
		if (best == POOL ||
		    (c->found->inputs % 2 ? c->worth[i] >= c->worth[best]
		                          : c->age[i] < c->age[best]))
			best = i;
	}
	return best;
}

/* Draw one to vary: the best of some. */
static uint32_t draw(struct checker *c)
{
	uint32_t best = rng_below(&c->rng, c->npool);

	for (int i = 1; i < DRAWS; i++) {
		uint32_t at = rng_below(&c->rng, c->npool);

		if (c->worth[at] > c->worth[best])
			best = at;
	}
	return best;
}

/* --- all of it --------------------------------------------------------------------------- */

static void begin(struct checker *c, struct arena *tmp)
{
	const struct ir_input *kind = &c->of->graph->input;

	ir_eval_start(&c->eval, c->of->graph, tmp);
	c->eval.path_room = PATH;
	c->sides = arena_array(tmp, uint8_t, c->of->program.n);
	c->tried = arena_array(tmp, uint16_t, c->of->program.n + TRIED);
	for (uint32_t i = 0; i < POOL; i++)
		c->pool[i] = arena_take(tmp, sizeof **c->pool);
	memset(&c->now, 0, offsetof(struct input, bytes));
	c->now.little_endian = kind->little_endian;
	c->now.sized = kind->size != 0;
	for (size_t i = 0; i < ARRAY_LEN(c->now.anc); i++)
		c->now.anc[i] = rng_below(&c->rng, 4);
	fill(c, &c->now, kind->size ? kind->size : START);
}

void prove_budget(struct prove_case *of)
{
	bool large = of->program.n > LARGE;

	of->inputs = max_u32(LEAST, 2 * min_u32(of->program.n, LARGE));
	of->work = large ? 10 * WORK : WORK;
}

bool prove_check(const struct prove_case *of, struct arena *tmp, struct prove_found *found)
{
	struct checker *c = arena_take(tmp, sizeof *c);
	bool right;

	memset(c, 0, offsetof(struct checker, parent));
	c->of = of;
	c->found = found;
	c->work = of->work;
	c->rng = rng_seed(of->program.n);
	*found = (struct prove_found){ .in = &c->now };
	begin(c, tmp);
	right = examine(c);
	while (right && !is_done(c)) {
		uint32_t next = choose(c);

		right = next < POOL ? expand(c, next) : vary(c, draw(c));
	}
	found->work = of->work - c->work;
	return right;
}
