/*
 * Inputs that reach the rare paths of a program. Random bytes only ever fail
 * its first test, so inputs are bred: each branch that was taken is flipped,
 * results are steered to by ways drawn at random, and ways out of tests that nothing
 * took are aimed at one by one. Inputs on known ways are varied: by numbers next to what
 * is compared, by bits that a mask hides, and by captures that end at and around each load.
 */
#include "prove/prove.h"

#include <stdlib.h>
#include <string.h>

enum {
	SEEN = 4096,
	WAYS = 24,
	FLIPS_PER_RUN = 6,
	AIMS = 3
};

/* What of one program was met so far. */
struct met {
	uint8_t *sides;  /* by instruction: bit 0 its no side, bit 1 its yes side */
	uint32_t *by;    /* the input with the longest way that came by, + 1 */
	uint32_t *tests; /* how many tests that way has */
	uint32_t *any;   /* one drawn from all that came by, + 1; if one can, it matches */
	uint32_t *came;  /* how many these are */
	bool *matches;   /* ANY does */
};

/* The breeding of one set of inputs. */
struct walker {
	struct inputs *set;
	const struct program *program;
	uint32_t n;
	struct rng *rng;
	struct met *met;     /* of each program */
	uint32_t aims;       /* still allowed: some ways are in vain */
	uint8_t *reach;      /* as long as the longest program */
	uint64_t seen[SEEN]; /* hashes of paths; 0: free */
	uint32_t nseen;
	struct trace trace;
};

void inputs_start(struct inputs *s, struct arena *a, uint32_t cap)
{
	*s = (struct inputs){ .v = arena_array(a, struct input, cap), .cap = cap };
}

bool inputs_add(struct inputs *s, const struct input *in)
{
	if (s->n == s->cap)
		return false;
	s->v[s->n++] = *in;
	return true;
}

/* Add HASH to those seen; false if it was there, or the table is full. */
static bool is_new(struct walker *w, uint64_t hash)
{
	uint32_t i = hash % SEEN;

	hash = hash ? hash : 1;
	if (w->nseen > SEEN / 2)
		return false;
	for (; w->seen[i]; i = (i + 1) % SEEN)
		if (w->seen[i] == hash)
			return false;
	w->seen[i] = hash;
	w->nseen++;
	return true;
}

/* Keep IN if it takes a new way through program P. */
static bool keep_if_new(struct walker *w, uint32_t p, const struct input *in)
{
	uint32_t result;
	enum end end = machine_run(&w->program[p], in, &result, &w->trace);

	if (!is_new(w, w->trace.path * 31 + p * 8 + end))
		return false;
	return inputs_add(w->set, in);
}

/* Capture as much as the last load of T, which failed, asked for. */
static bool capture_more(struct input *in, const struct trace *t, struct rng *r)
{
	const struct touch *last;
	uint64_t end;

	if (in->sized || !t->ntouches)
		return false;
	last = &t->touch[t->ntouches - 1];
	end = (uint64_t)last->at + last->width + rng_below(r, 3);
	if (end > PACKET_MAX || end <= in->captured)
		return false;
	for (uint32_t i = in->captured; i < end; i++)
		in->bytes[i] = rng_one_in(r, 2) ? 0 : rng_next(r);
	in->captured = end;
	if (in->wire < end)
		in->wire = end;
	return true;
}

/* Make children of one parent, flipping a branch for each. */
static void breed(struct walker *w, uint32_t parent, uint32_t p)
{
	uint32_t result, forks;
	enum end end = machine_run(&w->program[p], &w->set->v[parent], &result,
	                           &w->trace);
	struct input child = w->set->v[parent];

	is_new(w, w->trace.path * 31 + p * 8 + end);
	if (end == END_LOAD && capture_more(&child, &w->trace, w->rng))
		keep_if_new(w, p, &child);
	forks = w->trace.nforks;
	for (uint32_t i = 0; i < FLIPS_PER_RUN && i < forks; i++) {
		uint32_t which = forks <= FLIPS_PER_RUN ? i
		                                        : rng_below(w->rng, forks);

		child = w->set->v[parent];
		/* keep_if_new has overwritten the trace. */
		machine_run(&w->program[p], &child, &result, &w->trace);
		if (machine_flip(&w->trace, &w->trace.fork[which], &child, w->rng))
			keep_if_new(w, p, &child);
	}
}

/* --- steering ------------------------------------------------------------------- */

static bool is_fork(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_JA;
}

/*
 * Mark in REACH[pc] what may lead to TARGET: bit 0 the no side, bit 1 the yes
 * side; other instructions have bit 0 for their only way on. Some forks lose
 * one of two ways.
 */
static void ways_to(uint8_t *reach, const struct program *p, uint32_t target,
                    struct rng *r)
{
	for (uint32_t pc = p->n; pc-- > 0;) {
		const struct sock_filter *i = &p->insns[pc];
		uint64_t next = pc + 1;

		reach[pc] = 0;
		if (BPF_CLASS(i->code) == BPF_RET) {
			reach[pc] = pc == target;
		} else if (is_fork(i)) {
			reach[pc] = (next + i->jf < p->n && reach[next + i->jf]) |
			            (next + i->jt < p->n &&
			             reach[next + i->jt])
			                    << 1;
			if (reach[pc] == 3 && rng_one_in(r, 4))
				reach[pc] = 1 + rng_below(r, 2);
		} else {
			if (BPF_CLASS(i->code) == BPF_JMP)
				next += i->k;
			/* A loop's backward jump is not followed. */
			reach[pc] = next > pc && next < p->n && reach[next];
		}
	}
}

/* Return the first fork of T that leaves every way to the target; NULL if none. */
static const struct fork *stray(const struct trace *t, const uint8_t *reach)
{
	for (uint32_t i = 0; i < t->nforks; i++)
		if (!(reach[t->fork[i].pc] & (t->fork[i].yes ? 2 : 1)))
			return &t->fork[i];
	return NULL;
}

static bool follow(struct input *in, const struct program *p,
                   const uint8_t *reach, struct trace *t, struct rng *r)
{
	for (int i = 0; i < 48; i++) {
		uint32_t result;
		enum end end = machine_run(p, in, &result, t);
		const struct fork *f = stray(t, reach);

		if (!f && end == END_RET)
			return true;
		if (f ? !machine_flip(t, f, in, r)
		      : end != END_LOAD || !capture_more(in, t, r))
			return false;
	}
	return false;
}

bool steer(struct input *in, const struct program *p, uint32_t target,
           struct rng *r)
{
	uint8_t *reach = malloc(p->n);
	struct trace *t = malloc(sizeof(*t));
	bool done = false;

	if (reach && t) {
		ways_to(reach, p, target, r);
		done = reach[0] && follow(in, p, reach, t, r);
	}
	free(t);
	free(reach);
	return done;
}

static void steer_somewhere(struct walker *w, uint32_t p)
{
	const struct program *program = &w->program[p];
	uint32_t start = rng_below(w->rng, program->n);
	struct input in = w->set->v[rng_below(w->rng, w->set->n)];

	for (uint32_t i = 0; i < program->n; i++) {
		uint32_t pc = (start + i) % program->n;

		if (BPF_CLASS(program->insns[pc].code) != BPF_RET)
			continue;
		if (steer(&in, program, pc, w->rng))
			keep_if_new(w, p, &in);
		return;
	}
}

/* --- aiming ------------------------------------------------------------------------- */

/*
 * Note that the input at INDEX came by PC, and perhaps matches; keep a random
 * one.
 */
static void draw_any(struct walker *w, struct met *m, uint32_t pc, uint32_t index,
                     bool matches)
{
	if (matches && !m->matches[pc])
		m->came[pc] = 0;
	m->matches[pc] |= matches;
	if (matches == m->matches[pc] && rng_one_in(w->rng, ++m->came[pc]))
		m->any[pc] = index + 1;
}

/* Note which tests of program P the input at INDEX meets. */
static void note_met(struct walker *w, uint32_t p, uint32_t index)
{
	struct met *m = &w->met[p];
	const struct trace *t = &w->trace;
	uint32_t result;

	machine_run(&w->program[p], &w->set->v[index], &result, &w->trace);
	for (uint32_t i = 0; i < t->nforks; i++) {
		const struct fork *f = &t->fork[i];

		m->sides[f->pc] |= f->yes ? 2 : 1;
		draw_any(w, m, f->pc, index, result != 0);
		if (m->tests[f->pc] > t->nforks)
			continue;
		m->tests[f->pc] = t->nforks;
		m->by[f->pc] = index + 1;
	}
}

static void note_met_by_all(struct walker *w, uint32_t index)
{
	for (uint32_t p = 0; p < w->n; p++)
		note_met(w, p, index);
}

/*
 * Mark in REACH the ways to the test at PC and out of it by side YES; what
 * follows is free.
 */
static void ways_out(uint8_t *reach, const struct program *p, uint32_t pc, bool yes)
{
	reach[pc] = yes ? 2 : 1;
	for (uint32_t i = pc; i-- > 0;) {
		const struct sock_filter *s = &p->insns[i];
		uint64_t next = (uint64_t)i + 1;

		reach[i] = 0;
		if (is_fork(s))
			reach[i] = (next + s->jf <= pc && reach[next + s->jf]) |
			           (next + s->jt <= pc && reach[next + s->jt]) << 1;
		else if (BPF_CLASS(s->code) == BPF_JMP)
			reach[i] = next + s->k <= pc && reach[next + s->k];
		else if (BPF_CLASS(s->code) != BPF_RET)
			reach[i] = reach[next] != 0;
	}
}

/*
 * Tell whether T passes PC as wanted; if not, set *WRONG to the fork to flip,
 * or NULL.
 */
static bool is_past(const struct trace *t, const uint8_t *reach, uint32_t pc,
                    const struct fork **wrong)
{
	*wrong = NULL;
	for (uint32_t i = 0; i < t->nforks && !*wrong; i++) {
		const struct fork *f = &t->fork[i];

		if (f->pc > pc)
			return false;
		if (!(reach[f->pc] & (f->yes ? 2 : 1)))
			*wrong = f;
		else if (f->pc == pc)
			return true;
	}
	return false;
}

/* Patch IN until it leaves the test at PC by side YES; false if that failed. */
static bool aim(struct walker *w, struct input *in, uint32_t p, uint32_t pc, bool yes)
{
	const struct fork *wrong;

	ways_out(w->reach, &w->program[p], pc, yes);
	if (!w->reach[0])
		return false;
	for (int i = 0; i < 48; i++) {
		uint32_t result;
		enum end end = machine_run(&w->program[p], in, &result, &w->trace);

		if (is_past(&w->trace, w->reach, pc, &wrong))
			return true;
		if (wrong ? !machine_flip(&w->trace, wrong, in, w->rng)
		          : end != END_LOAD || !capture_more(in, &w->trace, w->rng))
			return false;
	}
	return false;
}

/* Aim at a way out of a test that no input took yet. */
static void aim_at(struct walker *w, uint32_t p, uint32_t pc, bool yes)
{
	uint32_t by = w->met[p].by[pc];

	for (int i = 0; i < AIMS && w->aims; i++, w->aims--) {
		uint32_t from = i < AIMS - 1 && by ? by - 1
		                                   : rng_below(w->rng, w->set->n);
		struct input in = w->set->v[from];

		if (!aim(w, &in, p, pc, yes))
			continue;
		if (inputs_add(w->set, &in))
			note_met_by_all(w, w->set->n - 1);
		return;
	}
}

static void aim_everywhere(struct walker *w)
{
	for (uint32_t i = 0; i < w->set->n; i++)
		note_met_by_all(w, i);
	for (uint32_t p = w->n; p-- > 0;)
		for (uint32_t pc = 0; pc < w->program[p].n; pc++)
			for (unsigned side = 0; side < 2; side++)
				if (is_fork(&w->program[p].insns[pc]) &&
				    !(w->met[p].sides[pc] >> side & 1) &&
				    w->set->n < w->set->cap)
					aim_at(w, p, pc, side);
}

/* --- the same ways with other numbers ------------------------------------------------- */

/*
 * Return the input with the longest way that comes by PC of P, or one drawn from these.
 */
static struct input one_by(struct walker *w, uint32_t p, uint32_t pc)
{
	uint32_t by = rng_one_in(w->rng, 2) ? w->met[p].by[pc] : w->met[p].any[pc];

	return w->set->v[by ? by - 1 : rng_below(w->rng, w->set->n)];
}

/* Try another number in a comparison, next to what it is compared with. */
static void probe(struct walker *w, uint32_t p)
{
	uint32_t pc = rng_below(w->rng, w->program[p].n), result, n = 0;
	struct input in = one_by(w, p, pc);
	const struct trace *t = &w->trace;

	machine_run(&w->program[p], &in, &result, &w->trace);
	while (n < t->nforks && t->fork[n].pc != pc)
		n++;
	if (n == t->nforks)
		n = rng_below(w->rng, t->nforks);
	if (t->nforks && machine_probe(t, &t->fork[n], UINT32_MAX, &in, w->rng))
		inputs_add(w->set, &in);
}

/* Flip a bit of what is loaded. */
static bool patch_bit(struct input *in, const struct trace *t, struct rng *r)
{
	const struct touch *touch = &t->touch[rng_below(r, t->ntouches)];
	uint32_t at = touch->at + rng_below(r, touch->width);

	return at < in->captured &&
	       input_patch(in, at, input_byte(in, at) ^ 1u << rng_below(r, 8));
}

/* Randomize about half of the bytes that are loaded. */
static bool patch_many(struct input *in, const struct trace *t, struct rng *r)
{
	for (uint32_t i = 0; i < t->ntouches; i++)
		for (uint32_t at = t->touch[i].at;
		     at < t->touch[i].at + t->touch[i].width && at < in->captured; at++)
			if (rng_one_in(r, 2))
				input_patch(in, at, (uint8_t)rng_next(r));
	return true;
}

/*
 * Change bytes that may not matter, or that move all that follows. Most of the
 * time, find the way again then.
 */
static void disturb(struct walker *w, uint32_t p)
{
	struct input in = one_by(w, p, rng_below(w->rng, w->program[p].n));
	const struct trace *t = &w->trace;
	struct fork last;
	uint32_t result, how = rng_below(w->rng, 3);

	machine_run(&w->program[p], &in, &result, &w->trace);
	if (!t->ntouches || !t->nforks)
		return;
	last = t->fork[t->nforks - 1];
	if (how == 0                ? patch_bit(&in, t, w->rng)
	    : how == 1 && t->nbases ? machine_move(t, &in, w->rng)
	                            : patch_many(&in, t, w->rng)) {
		if (!rng_one_in(w->rng, 4))
			aim(w, &in, p, last.pc, last.yes);
		inputs_add(w->set, &in);
	}
}

/* --- cutting ------------------------------------------------------------------------ */

static void cut(struct walker *w, uint32_t p)
{
	struct input in = w->set->v[rng_below(w->rng, w->set->n)];
	const struct touch *touch;
	uint32_t result, end;

	machine_run(&w->program[p], &in, &result, &w->trace);
	if (in.sized || !w->trace.ntouches)
		return;
	touch = &w->trace.touch[rng_below(w->rng, w->trace.ntouches)];
	end = touch->at + touch->width - rng_below(w->rng, touch->width + 1u);
	if (end <= in.captured) {
		in.captured = end;
		if (rng_one_in(w->rng, 2))
			in.wire = end;
		inputs_add(w->set, &in);
	}
}

/* --- all of it ------------------------------------------------------------------------- */

static bool make_room(struct walker *w)
{
	uint32_t longest = 1;

	w->met = calloc(w->n, sizeof(*w->met));
	for (uint32_t p = 0; w->met && p < w->n; p++) {
		uint32_t n = w->program[p].n;

		longest = max_u32(longest, n);
		w->met[p].sides = calloc(n, sizeof(*w->met[p].sides));
		w->met[p].by = calloc(n, sizeof(*w->met[p].by));
		w->met[p].tests = calloc(n, sizeof(*w->met[p].tests));
		w->met[p].any = calloc(n, sizeof(*w->met[p].any));
		w->met[p].came = calloc(n, sizeof(*w->met[p].came));
		w->met[p].matches = calloc(n, sizeof(*w->met[p].matches));
		if (!w->met[p].sides || !w->met[p].by || !w->met[p].tests ||
		    !w->met[p].any || !w->met[p].came || !w->met[p].matches)
			return false;
	}
	w->reach = malloc(longest);
	return w->met && w->reach;
}

static void free_all(struct walker *w)
{
	for (uint32_t p = 0; w->met && p < w->n; p++) {
		free(w->met[p].sides);
		free(w->met[p].by);
		free(w->met[p].tests);
		free(w->met[p].any);
		free(w->met[p].came);
		free(w->met[p].matches);
	}
	free(w->met);
	free(w->reach);
	free(w);
}

static void grow(struct walker *w, uint32_t cap)
{
	struct inputs *s = w->set;
	uint32_t tries;

	s->cap = cap / 2; /* room for what follows */
	for (uint32_t i = 0; i < s->n && s->n < s->cap && i < s->cap / 3; i++)
		for (uint32_t k = 0; k < w->n; k++)
			breed(w, i, k);
	for (tries = 0; tries < WAYS && s->n < s->cap; tries++)
		steer_somewhere(w, tries % w->n);
	w->aims = cap;
	aim_everywhere(w);
	for (tries = 0; tries < s->cap / 2 && s->n < s->cap; tries++)
		breed(w, rng_below(w->rng, s->n), rng_below(w->rng, w->n));
	s->cap = cap - cap / 4;
	for (tries = 0; tries < cap && s->n < s->cap; tries++)
		(tries % 3 ? probe : disturb)(w, rng_below(w->rng, w->n));
	s->cap = cap;
	for (tries = 0; tries < cap && s->n < cap; tries++)
		cut(w, rng_below(w->rng, w->n));
}

void walk(struct inputs *s, const struct program *p, uint32_t n, struct rng *r)
{
	struct walker *w = calloc(1, sizeof(*w));

	if (!w || !s->n || !n) {
		free(w);
		return;
	}
	w->set = s;
	w->program = p;
	w->n = n;
	w->rng = r;
	if (make_room(w))
		grow(w, s->cap);
	free_all(w);
}
