/*
 * What equivalence is. Where the reference reads only what is captured, results
 * must be equal. Where it reads past that (and so returns 0), the other may
 * return 0, or what the reference returns once more of the same packet is
 * captured: that longer capture is searched for here.
 */
#include "tests/diff/diff.h"

#include <stdlib.h>

enum {
	POOL = 24,
	ROUNDS = 400,
	STEERED = 24
};

struct search {
	const struct referee *referee;
	uint32_t want;
	struct rng *rng;
	struct trace trace;
	struct input pool[POOL];
	uint32_t n;
};

/* All of IN and, where that ends, whatever helps. */
static struct input extended(const struct input *in)
{
	struct input e = *in;

	e.extended = true;
	e.fixed = in->captured;
	for (uint32_t i = in->captured; i < PACKET_MAX; i++)
		e.bytes[i] = 0;
	return e;
}

struct outcome referee_run(const struct referee *f, const struct input *in)
{
	struct outcome o;

	if (f->run)
		return f->run(f->ctx, in);
	o.end = machine_run(f->program, in, &o.result, NULL);
	return o;
}

/* Only the program can be run as if all there is were captured. */
static bool agrees(struct search *s, const struct input *in)
{
	uint32_t result;

	return machine_run(s->referee->program, in, &result, &s->trace) ==
	               END_RET &&
	       result == s->want;
}

static bool steer_to_result(struct search *s)
{
	const struct program *p = s->referee->program;

	for (uint32_t i = 0, tried = 0; i < 4 * p->n && tried < STEERED; i++) {
		uint32_t pc = i % p->n;
		const struct sock_filter *insn = &p->insns[pc];
		struct input in = s->pool[0];

		if (BPF_CLASS(insn->code) != BPF_RET ||
		    (BPF_RVAL(insn->code) == BPF_K && insn->k != s->want))
			continue;
		tried++;
		if (steer(&in, p, pc, s->rng) && agrees(s, &in))
			return true;
	}
	return false;
}

static bool flip_about(struct search *s)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct input in = s->pool[rng_below(s->rng, s->n)];

		if (agrees(s, &in))
			return true;
		if (!s->trace.nforks ||
		    !machine_flip(&s->trace,
		                  &s->trace.fork[rng_below(s->rng,
		                                           s->trace.nforks)],
		                  &in, s->rng))
			continue;
		s->pool[s->n < POOL ? s->n++ : rng_below(s->rng, POOL)] = in;
	}
	return false;
}

static bool longer_capture_agrees(const struct referee *f, const struct input *in,
                                  uint32_t want, struct rng *r)
{
	struct search *s = calloc(1, sizeof(*s));
	bool found;

	if (!s)
		return false;
	s->referee = f;
	s->want = want;
	s->rng = r;
	s->pool[0] = extended(in);
	s->n = 1;
	found = agrees(s, &s->pool[0]) || steer_to_result(s) || flip_about(s);
	free(s);
	return found;
}

enum verdict judge(const struct referee *f, const struct input *in,
                   struct outcome theirs, struct outcome ours, struct rng *r)
{
	if (ours.end == END_STEPS)
		return DIFFERENT;
	if (theirs.end == END_STEPS)
		return UNRESOLVED;
	if (ours.result == theirs.result)
		return SAME;
	if (theirs.end != END_LOAD || f->exact)
		return DIFFERENT;
	return longer_capture_agrees(f, in, ours.result, r) ? SAME : UNRESOLVED;
}
