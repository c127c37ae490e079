/*
 * Policies that are lifted from programs: what they answer against what the program
 * returns, on inputs that walk its branches; and what they print, read and compiled
 * again, likewise. The programs are those of random policies, random ones, and those of
 * the reference vectors (libseccomp's among them).
 */
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "tests/diff/diff.h"
#include "tests/diff/policies.h"
#include "vectors.h"
#include "weir.h"

enum {
	TEMPLATES = 12,
	MOST_LENGTH = 24,
	LEVELS = 6,
};

struct test {
	uint64_t seed, policies, programs, ninputs, stop_after;
	bool longest; /* --long */
	struct rng rng;
	const struct rules_tree *tree; /* that calls are drawn for; or NULL */
	uint64_t lifted, inexact, refused, pairs, again;
	unsigned failures;
};

/* --- one program -------------------------------------------------------------------- */

/* Words as a machine of the call's ABI has them, from those of this one, or back. */
static void order_halves(struct seccomp_data *d)
{
	bool here = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, there = here;

	for (int i = 0; i < SYS_NABIS; i++)
		if (sys_abis[i].arch == d->arch)
			there = sys_abis[i].big_endian;
	for (int i = 0; here != there && i < SYS_ARGS; i++)
		d->args[i] = d->args[i] << 32 | d->args[i] >> 32;
}

static void put_data(struct input *in, const struct seccomp_data *from)
{
	struct seccomp_data d = *from;

	order_halves(&d);
	memset(in, 0, sizeof *in);
	in->captured = in->wire = sizeof d;
	in->sized = true;
	in->little_endian = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	memcpy(in->bytes, &d, sizeof d);
}

static void draw(struct test *t, struct seccomp_data *d)
{
	if (t->tree) {
		policy_draw(d, t->tree, &t->rng);
		return;
	}
	memset(d, 0, sizeof *d);
	d->arch = sys_abis[rng_below(&t->rng, 3)].arch;
	d->nr = (int)rng_number(&t->rng);
	for (int i = 0; i < SYS_ARGS; i++)
		d->args[i] = rng_number(&t->rng) |
		             (uint64_t)(rng_one_in(&t->rng, 3) ? rng_number(&t->rng) : 0)
		                     << 32;
}

/* The result that the kernel takes RET for. */
static uint32_t normal(uint32_t ret)
{
	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_TRACE:
		return ret;
	case SECCOMP_RET_ERRNO:
		return (ret & SECCOMP_RET_DATA) > 4095 ? SECCOMP_RET_ERRNO | 4095 : ret;
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_USER_NOTIF:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return ret & SECCOMP_RET_ACTION_FULL;
	}
	return SECCOMP_RET_KILL_PROCESS;
}

static void keep_answer(void *ctx, const struct weir_answer *answer)
{
	*(uint32_t *)ctx = answer->ret;
}

static void complain(struct test *t, const char *name, const char *what,
                     const struct seccomp_data *d, uint32_t should, uint32_t is)
{
	if (t->failures++ >= t->stop_after)
		return;
	printf("%s: %s", name, what);
	if (d)
		printf(": arch %#x, nr %#x, args %#llx %#llx %#llx %#llx %#llx %#llx: "
		       "%#x, not %#x",
		       d->arch, (unsigned)d->nr, (unsigned long long)d->args[0],
		       (unsigned long long)d->args[1], (unsigned long long)d->args[2],
		       (unsigned long long)d->args[3], (unsigned long long)d->args[4],
		       (unsigned long long)d->args[5], is, should);
	printf("\n");
}

/* P's policy, or the program AGAIN that was made of its text, decides as PROGRAM does. */
static bool agree(struct test *t, const char *name, struct weir_policy *p,
                  const struct program *program, const struct weir_program *again,
                  const struct input *in)
{
	struct seccomp_data d;
	uint32_t should, is = 0;
	size_t n;

	memcpy(&d, in->bytes, sizeof d);
	should = normal(cbpf_run_seccomp(program->insns, in->bytes));
	if (again) {
		is = cbpf_run_seccomp(weir_program_insns(again, &n), in->bytes);
		t->again++;
	}
	if (again && is != should) {
		complain(t, name, "its text as a program", &d, should, is);
		return false;
	}
	order_halves(&d);
	weir_policy_call(p, d.arch, (uint32_t)d.nr, (const uint64_t *)d.args, keep_answer,
	                 &is);
	t->pairs++;
	if (is != should)
		complain(t, name, "its policy", &d, should, is);
	return is == should;
}

/* Print P, read that, and compile it; NULL after a complaint. */
static struct weir_program *compile_again(struct test *t, const char *name,
                                          struct weir_policy *p)
{
	struct weir_compile_options o = { .size = sizeof o, .level = WEIR_O1 };
	struct weir_program *program = NULL;
	struct weir_policy *again = NULL;
	char *text = NULL;
	size_t len;

	if (weir_policy_print(p, "policy", NULL, &text, &len))
		complain(t, name, "cannot be printed", NULL, 0, 0);
	else if (weir_policy_read(&again, text, len, NULL))
		complain(t, name, "what is printed cannot be read", NULL, 0, 0);
	else if (weir_policy_compile(&program, again, &o))
		complain(t, name, "what is printed cannot be compiled", NULL, 0, 0);
	weir_policy_free(again);
	free(text);
	return program;
}

static void compare(struct test *t, const char *name, struct weir_policy *p,
                    const struct program *program, struct arena *a)
{
	struct weir_program *again = compile_again(t, name, p);
	struct program both[2] = { *program, { 0 } };
	struct seccomp_data d;
	struct inputs set;
	struct input in;
	size_t n = 0;

	if (!again)
		return;
	both[1].insns = weir_program_insns(again, &n);
	both[1].n = (uint32_t)n;
	inputs_start(&set, a, (uint32_t)t->ninputs);
	for (int i = 0; i < TEMPLATES; i++) {
		draw(t, &d);
		put_data(&in, &d);
		inputs_add(&set, &in);
	}
	walk(&set, both, 2, &t->rng);
	for (uint32_t i = 0; i < set.n; i++)
		if (!agree(t, name, p, program, again, &set.v[i]))
			break;
	weir_program_free(again);
}

static void keep_error(void *ctx, const struct weir_diag *d)
{
	if (d->severity == WEIR_ERROR)
		snprintf(ctx, 200, "%s", d->message);
}

/* Lift the program, which is all that a policy says, if there is one, if it is OWN. */
static void examine(struct test *t, const char *name, const struct sock_filter *insns,
                    size_t n, bool own)
{
	struct program program = { insns, (uint32_t)n };
	struct weir_program *w;
	struct weir_policy *p;
	struct arena a;
	char why[200] = "";
	struct weir_read_options o = {
		.size = sizeof o,
		.diag = keep_error,
		.diag_ctx = why,
	};

	test_arena(&a);
	if (weir_program_new(&w, WEIR_SECCOMP, insns, n))
		exit(99);
	if (weir_policy_lift(&p, w, &o)) {
		t->refused++;
		if (getenv("WEIR_SHOW_REFUSED"))
			printf("%s: %s\n", name, why);
	} else if (weir_policy_inexact(p)) {
		t->inexact++;
		if (own)
			complain(t, name, weir_policy_inexact(p), NULL, 0, 0);
	} else {
		t->lifted++;
		compare(t, name, p, &program, &a);
	}
	weir_policy_free(p);
	weir_program_free(w);
	arena_free(&a);
}

/* --- random policies -------------------------------------------------------------------- */

static void one_policy(struct test *t, uint64_t seed)
{
	struct weir_compile_options o = { .size = sizeof o };
	struct weir_program *w;
	struct weir_policy *p;
	struct arena a;
	struct diags d = { 0 };
	char name[60];
	const char *text;
	size_t n;

	test_arena(&a);
	d.arena = &a;
	t->rng = rng_seed(seed);
	text = policy_random(&a, &t->rng);
	o.level = (enum weir_level)rng_below(&t->rng, LEVELS);
	t->tree = policy_parse(&a, &d, diag_source(&d, "policy", text, strlen(text)), NULL);
	if (t->tree && !weir_policy_read(&p, text, strlen(text), NULL)) {
		if (!weir_policy_compile(&w, p, &o)) {
			const struct sock_filter *insns = weir_program_insns(w, &n);

			snprintf(name, sizeof name, "policy of seed %" PRIu64, seed);
			if (n <= BPF_MAXINSNS)
				examine(t, name, insns, n, true);
			weir_program_free(w);
		}
		weir_policy_free(p);
	}
	t->tree = NULL;
	arena_free(&a);
}

/* --- random programs -------------------------------------------------------------------- */

static const uint32_t results[] = {
	SECCOMP_RET_ALLOW,
	SECCOMP_RET_ERRNO | 1,
	SECCOMP_RET_KILL_PROCESS,
	SECCOMP_RET_TRAP | 7,
	SECCOMP_RET_ERRNO | 0xffff,
	0x12345678,
};

/* An instruction that is not a jump. */
static struct sock_filter random_step(struct rng *r)
{
	static const uint16_t alu[] = { BPF_AND, BPF_OR, BPF_XOR, BPF_ADD, BPF_SUB, BPF_RSH };
	uint32_t what = rng_below(r, 16), arg = 16 + 4 * rng_below(r, 4);

	if (what < 8)
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, arg);
	if (what < 11)
		return (struct sock_filter)BPF_STMT(
			BPF_ALU | alu[rng_below(r, ARRAY_LEN(alu))] | BPF_K,
			rng_below(r, 31));
	if (what == 11)
		return (struct sock_filter)BPF_STMT(BPF_ST, rng_below(r, 2));
	if (what == 12)
		return (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
	if (what == 13)
		return (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_X, 0);
	if (what == 14)
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, rng_below(r, 2));
	return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
}

static struct sock_filter random_test(struct rng *r, uint32_t left)
{
	static const uint16_t tests[] = { BPF_JEQ, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };

	return (struct sock_filter)BPF_JUMP(
		BPF_JMP | tests[rng_below(r, ARRAY_LEN(tests))] | BPF_K, rng_number(r),
		(uint8_t)rng_below(r, left), (uint8_t)rng_below(r, left));
}

/* Of one ABI, whose calls get what tests at random say. */
static uint32_t random_program(struct rng *r, struct sock_filter *p)
{
	uint32_t n = 10 + rng_below(r, MOST_LENGTH - 12), at = 0;

	p[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4);
	p[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, sys_abis[0].arch, 1,
	                                       0);
	p[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	p[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	p[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rng_below(r, 400), 1,
	                                       0);
	p[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1);
	p[at++] = (struct sock_filter)BPF_STMT(BPF_ST, 0);
	p[at++] = (struct sock_filter)BPF_STMT(BPF_ST, 1);
	for (; at + 1 < n; at++)
		if (rng_one_in(r, 3))
			p[at] = random_test(r, n - at - 1);
		else if (rng_one_in(r, 5))
			p[at] = (struct sock_filter)BPF_STMT(
				BPF_RET | BPF_K,
				results[rng_below(r, ARRAY_LEN(results))]);
		else
			p[at] = random_step(r);
	p[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return at;
}

static void one_program(struct test *t, uint64_t seed)
{
	struct sock_filter p[MOST_LENGTH];
	char name[60];
	uint32_t n;

	t->rng = rng_seed(seed);
	n = random_program(&t->rng, p);
	snprintf(name, sizeof name, "program of seed %" PRIu64, seed);
	examine(t, name, p, n, false);
}

/* --- the whole ------------------------------------------------------------------------------ */

static void one_vector(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	struct sock_filter *insns;
	struct arena a;
	size_t n;

	test_arena(&a);
	insns = vectors_program(&a, entry, &n);
	examine(t, vectors_name(entry), insns, n, false);
	arena_free(&a);
}

static void report(struct test *t, const char *what)
{
	printf("%s: %" PRIu64 " lifted, %" PRIu64 " more than a policy says, %" PRIu64
	       " refused; %" PRIu64 " answers, %" PRIu64 " of programs made again\n",
	       what, t->lifted, t->inexact, t->refused, t->pairs, t->again);
	t->lifted = t->inexact = t->refused = 0;
}

static int run(void *ctx)
{
	struct test *t = ctx;

	if (t->longest) {
		t->policies = 10000;
		t->programs = 16000;
	}
	for (uint64_t i = 0; i < t->policies && t->failures < t->stop_after; i++)
		one_policy(t, t->seed + i);
	report(t, "random policies");
	for (uint64_t i = 0; i < t->programs && t->failures < t->stop_after; i++)
		one_program(t, t->seed + i);
	report(t, "random programs");
	t->rng = rng_seed(t->seed);
	vectors_each("run_seccomp.jsonl", one_vector, t);
	report(t, "vectors");
	return t->failures ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct test t = {
		.seed = 1,
		.policies = 150,
		.programs = 400,
		.ninputs = 60,
		.stop_after = 5,
	};
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &t.seed, "of the first policy and program" },
		{ "policies", "N", DRIVER_NUMBER, &t.policies, "random policies" },
		{ "programs", "N", DRIVER_NUMBER, &t.programs, "random programs" },
		{ "inputs", "N", DRIVER_NUMBER, &t.ninputs, "calls for each" },
		{ "stop-after", "N", DRIVER_NUMBER, &t.stop_after, "failures" },
		{ "long", NULL, DRIVER_SET, &t.longest, "1,000,000 pairs" },
		{ NULL },
	};

	return driver_main(&(struct driver){ "lift_diff", options, run, &t }, argv);
}
