/*
 * Inputs that reach the rare paths of a program. Random bytes only ever fail
 * its first test, so inputs are bred: each branch that was taken is flipped,
 * results are steered to by ways drawn at random, and what is captured ends at
 * and around every load.
 */
#include "tests/diff/diff.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN = 4096, WAYS = 24, FLIPS_PER_RUN = 6 };

/* The breeding of one set of inputs. */
struct walker {
	struct inputs *set;
	const struct program *program;
	uint32_t n;
	struct rng *rng;
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

/* True if HASH was not there; it is now, unless the table is full. */
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

/* Keeps IN if it takes a new way through program P. */
static bool keep_if_new(struct walker *w, uint32_t p, const struct input *in)
{
	uint32_t result;
	enum end end = machine_run(&w->program[p], in, &result, &w->trace);

	if (!is_new(w, w->trace.path * 31 + p * 8 + end))
		return false;
	return inputs_add(w->set, in);
}

/* Captures as much as the last load of T, which failed, asked for. */
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

/* One parent, some children: a branch flipped each. */
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
 * REACH[pc]: bit 0 its no side, bit 1 its yes side may lead to TARGET; other
 * instructions have bit 0 for their only way on. Some forks lose one of two.
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
			             reach[next + i->jt]) << 1;
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

/* The first fork of T that leaves every way to the target; NULL if none. */
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

void walk(struct inputs *s, const struct program *p, uint32_t n, struct rng *r)
{
	struct walker *w = calloc(1, sizeof(*w));
	uint32_t cap = s->cap, tries;

	if (!w || !s->n || !n)
		goto out;
	w->set = s;
	w->program = p;
	w->n = n;
	w->rng = r;
	s->cap = cap - cap / 3; /* room for cuts */
	for (uint32_t i = 0; i < s->n && s->n < s->cap && i < s->cap / 2; i++)
		for (uint32_t k = 0; k < n; k++)
			breed(w, i, k);
	for (tries = 0; tries < WAYS && s->n < s->cap; tries++)
		steer_somewhere(w, tries % n);
	for (tries = 0; tries < s->cap / 2 && s->n < s->cap; tries++)
		breed(w, rng_below(r, s->n), rng_below(r, n));
	s->cap = cap;
	for (tries = 0; tries < cap && s->n < cap; tries++)
		cut(w, rng_below(r, n));
out:
	free(w);
}
