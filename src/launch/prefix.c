/*
 * The prefix: a few instructions in front of the policy, for weir's own calls.
 *
 * The probes. That seccomp(2) returns 0 does not say that the filter is on: an
 * outer filter may have answered. So two calls of prctl that carry random words
 * are answered with random errors, which only this filter can give.
 *
 * The gate. A policy that answers execve with an error means the program's own
 * calls, not the one that starts it. That one carries a secret in the words that
 * execve does not read, and passes. The child makes the secret for itself, after
 * the fork, and exec clears the registers and the memory that held it: no one can
 * make such a call again.
 *
 * All else goes on to the policy as if there were no prefix. ABI and number are
 * looked at first, so that Linux can still tell without arguments which calls are
 * always permitted; and at the policy's first instruction A and X are 0, as Linux
 * has it for every filter. `and #0` does that: a load of 0 would end what Linux
 * works out in advance, and nothing here touches X.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "base/base.h"
#include "launch/launch.h"

enum {
	HALVES = 2, /* of 32 bits, in an argument */
	CHECK = 2,  /* instructions that compare one half */
	PROBE = HALVES * CHECK + 1,
	GATE = LAUNCH_SECRETS * HALVES * CHECK + 1,
	HEAD = 4,
	/* Above every error that Linux knows. */
	FIRST_ERROR = 2048,
	ERRORS = 2048,
};

/* A prefix being written. */
struct writer {
	struct sock_filter *at;
	const struct sock_filter *end; /* the first instruction of the policy's */
};

/* Return the instruction that leads from the prefix to the policy. */
static const struct sock_filter *exit_of(const struct writer *w)
{
	return w->end - 1;
}

static void write_load(struct writer *w, size_t offset)
{
	*w->at++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                        (uint32_t)offset);
}

static void write_equal(struct writer *w, uint32_t k, const struct sock_filter *yes,
                        const struct sock_filter *no)
{
	const struct sock_filter *next = w->at + 1;

	*w->at = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k,
	                                      (uint8_t)(yes - next),
	                                      (uint8_t)(no - next));
	w->at++;
}

/* Write a test that goes on if argument ARG is WORD, else to NO. */
static void write_word(struct writer *w, size_t arg, uint64_t word,
                       const struct sock_filter *no)
{
	uint32_t half[HALVES];

	memcpy(half, &word, sizeof half); /* in memory as in seccomp_data */
	for (size_t i = 0; i < HALVES; i++) {
		write_load(w, offsetof(struct seccomp_data, args) +
		                      arg * sizeof word + i * sizeof *half);
		write_equal(w, half[i], w->at + 1, no);
	}
}

static void write_ret(struct writer *w, uint32_t result)
{
	*w->at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, result);
}

static void write_probes(struct writer *w, const struct launch_prefix *p)
{
	for (size_t i = 0; i < LAUNCH_PROBES; i++) {
		const struct sock_filter *no =
			i + 1 < LAUNCH_PROBES ? w->at + PROBE : exit_of(w);

		write_word(w, LAUNCH_PROBE_ARG, p->probe[i].word, no);
		write_ret(w, SECCOMP_RET_ERRNO | (uint32_t)p->probe[i].error);
	}
}

static void write_gate(struct writer *w, const struct launch_prefix *p)
{
	for (size_t i = 0; i < LAUNCH_SECRETS; i++)
		write_word(w, LAUNCH_SECRET_ARG + i, p->secret[i], exit_of(w));
	write_ret(w, SECCOMP_RET_ALLOW);
}

static void write_prefix(struct writer *w, const struct launch_prefix *p, bool gated)
{
	const struct sock_filter *probes = w->at + HEAD + gated;

	write_load(w, offsetof(struct seccomp_data, arch));
	write_equal(w, launch_native_arch(), w->at + 1, exit_of(w));
	write_load(w, offsetof(struct seccomp_data, nr));
	write_equal(w, SYS_prctl, probes, gated ? w->at + 1 : exit_of(w));
	if (gated)
		write_equal(w, SYS_execve, probes + LAUNCH_PROBES * PROBE,
		            exit_of(w));
	write_probes(w, p);
	if (gated)
		write_gate(w, p);
	*w->at++ = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0);
	assert(w->at == w->end);
}

size_t launch_prefix_length(bool gated)
{
	return HEAD + LAUNCH_PROBES * PROBE + (gated ? 1 + GATE : 0) + 1;
}

/* Draw what must not be guessed; the errors of the probes differ. */
static int draw(struct launch_prefix *p)
{
	struct {
		unsigned long word[LAUNCH_PROBES], secret[LAUNCH_SECRETS];
		uint32_t first, further;
	} r;
	uint32_t error;

	errno = 0;
	if (getrandom(&r, sizeof r, 0) != sizeof r)
		return errno ? -errno : -LAUNCH_FAKED;
	error = r.first;
	for (size_t i = 0; i < LAUNCH_PROBES; i++) {
		p->probe[i].word = r.word[i];
		p->probe[i].error = (int)(FIRST_ERROR + error % ERRORS);
		error = error % ERRORS + 1 + r.further % (ERRORS - 1);
	}
	memcpy(p->secret, r.secret, sizeof p->secret);
	return 0;
}

int launch_prefix(const struct weir_program *filter, bool gated,
                  struct launch_prefix *p)
{
	size_t n, before = launch_prefix_length(gated);
	const struct sock_filter *insns = weir_program_insns(filter, &n);
	int err = draw(p);

	if (!err && before + n > BPF_MAXINSNS)
		err = -E2BIG;
	if (err)
		return err;
	p->insns = malloc((before + n) * sizeof *p->insns);
	if (!p->insns)
		return -ENOMEM;
	write_prefix(&(struct writer){ p->insns, p->insns + before }, p, gated);
	memcpy(p->insns + before, insns, n * sizeof *insns);
	p->n = before + n;
	return 0;
}

/*
 * Tell whether IS has the form of the prefix's instruction FORM, whose words and errors
 * differ.
 */
static bool has_form(const struct sock_filter *is, const struct sock_filter *form)
{
	if (is->code != form->code || is->jt != form->jt || is->jf != form->jf)
		return false;
	if (form->k != UINT32_MAX)
		return is->k == form->k ||
		       (form->k == SECCOMP_RET_ERRNO && (is->k & SECCOMP_RET_ACTION_FULL) == form->k);
	return true;
}

/* Tell whether the N instructions at INSNS begin with a prefix that is gated or not. */
static bool begins_with_prefix(const struct sock_filter *insns, size_t n, bool gated)
{
	struct sock_filter form[HEAD + 1 + LAUNCH_PROBES * PROBE + GATE + 1];
	size_t before = launch_prefix_length(gated);
	struct launch_prefix any = { 0 };

	if (n <= before)
		return false;
	for (size_t i = 0; i < LAUNCH_PROBES; i++)
		any.probe[i].word = ~0ul;
	memset(any.secret, 0xff, sizeof any.secret);
	write_prefix(&(struct writer){ form, form + before }, &any, gated);
	for (size_t i = 0; i < before; i++)
		if (!has_form(&insns[i], &form[i]))
			return false;
	return true;
}

size_t launch_prefix_of(const struct sock_filter *insns, size_t n)
{
	for (int gated = 0; gated < 2; gated++)
		if (begins_with_prefix(insns, n, gated))
			return launch_prefix_length(gated);
	return 0;
}
