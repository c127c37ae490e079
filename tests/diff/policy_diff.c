/*
 * Random policies: the compiled program at every level against the direct
 * evaluator, on calls at and around every constant and on what flips each
 * branch. A sample is put to the running kernel, with every verdict mapped to
 * an errno of its own, so that no call is executed.
 */
#include "cbpf/cbpf.h"
#include "gen/gen.h"
#include "opt/opt.h"
#include "policy/policy.h"
#include "tests/diff/diff.h"
#include "tests/diff/policies.h"
#include "tests/diff/seccomp.h"

#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEVELS = 5,
	TEMPLATES = 24
};

static const char *const level_names[LEVELS] = { "-O0", "-O1", "-O2", "-O3", "-Os" };

struct run {
	uint64_t seed, count, ninputs, kernel_every, stop_after;
	unsigned failures;
	bool shrink;
	uint64_t refused, calls, asked_kernel, kernel_calls, length[LEVELS];
};

/* What is wrong with a policy. */
struct finding {
	const char *what; /* NULL: nothing */
	const char *level;
	bool refused; /* the text is no policy */
	char detail[200];
	struct input input;
	uint32_t should, is;
};

/* --- calls --------------------------------------------------------------------- */

/*
 * Puts the halves of D's arguments into the order that they have on a machine of
 * D's ABI, or back. Whole words are the same numbers here as there.
 */
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
	memset(in, 0, sizeof(*in));
	in->captured = in->wire = sizeof(d);
	in->sized = true;
	in->little_endian = true;
	memcpy(in->bytes, &d, sizeof(d));
}

static struct seccomp_data data_of(const struct input *in)
{
	struct seccomp_data d;

	memcpy(&d, in->bytes, sizeof(d));
	order_halves(&d);
	return d;
}

static struct outcome ask_evaluator(void *ctx, const struct input *in)
{
	struct seccomp_data d = data_of(in);
	uint64_t args[SYS_ARGS];

	for (int i = 0; i < SYS_ARGS; i++)
		args[i] = d.args[i];
	return (struct outcome){ END_RET,
		                 rules_eval(ctx, d.arch, d.nr, args) };
}

/* --- compiling -------------------------------------------------------------------- */

static void keep_error(void *ctx, const struct diags *d, const struct diag *one)
{
	struct finding *f = ctx;

	if (one->severity == DIAG_ERROR && !*f->detail)
		snprintf(f->detail, sizeof(f->detail), "%s", one->text);
}

static bool compile(struct arena *a, const struct rules_tree *t, int level,
                    struct program *out, struct finding *f)
{
	struct ir_graph *g = ir_graph(a, rules_input(t));
	struct opt o = { .graph = g, .level = level, .fuel = UINT64_MAX, .verify = true };
	struct gen_options options = { 0 };
	struct cbpf_verdict verdict;
	struct gen_code code;

	f->level = level_names[level];
	g->root = rules_graph(g, t);
	rules_weigh(g, t, NULL);
	test_arena(&o.tmp);
	opt_run(&o);
	if (!gen_program(g, &options, a, &code)) {
		f->what = "too many scratch cells";
	} else {
		*out = (struct program){ code.insns, code.n };
		if (!cbpf_check(a, out->insns, out->n, CBPF_SECCOMP,
		                CBPF_ANY_LENGTH, &verdict)) {
			f->what = "the checker refuses the program";
			snprintf(f->detail, sizeof(f->detail), "%u: %.150s",
			         verdict.at, verdict.reason);
		}
	}
	arena_free(&o.tmp);
	return !f->what;
}

/* --- comparing ---------------------------------------------------------------------- */

static bool compare(const struct rules_tree *t, const struct program *p,
                    const struct input *in, struct finding *f)
{
	uint32_t should = ask_evaluator((void *)t, in).result, is;
	enum end end = machine_run(p, in, &is, NULL);

	if (end == END_RET && is == should &&
	    cbpf_run_seccomp(p->insns, in->bytes) == is)
		return true;
	f->what = "the program decides otherwise";
	f->input = *in;
	f->should = should;
	f->is = is;
	return false;
}

static bool compare_kernel(const struct rules_tree *t, const struct program *p,
                           const struct inputs *set, struct run *run,
                           struct finding *f)
{
	struct seccomp_case *cases = calloc(set->n, sizeof(*cases));
	uint32_t n = 0;
	bool ok = true;

	for (uint32_t i = 0; cases && i < set->n; i++) {
		struct seccomp_data d = data_of(&set->v[i]);

		if (!seccomp_can_call(&d))
			continue;
		put_data(&f->input, &d);
		cases[n].data = d;
		cases[n++].should = ask_evaluator((void *)t, &f->input).result;
	}
	if (n && seccomp_ask_kernel(p, cases, n)) {
		run->asked_kernel++;
		run->kernel_calls += n;
	} else {
		n = 0;
	}
	for (uint32_t i = 0; i < n && ok; i++) {
		if (cases[i].is == cases[i].should)
			continue;
		f->what = "the kernel decides otherwise";
		put_data(&f->input, &cases[i].data);
		f->should = cases[i].should;
		f->is = cases[i].is;
		ok = false;
	}
	free(cases);
	return ok;
}

static void compare_all(struct arena *a, const struct rules_tree *t,
                        const struct program *p, struct run *run, bool kernel,
                        struct finding *f, struct rng *r)
{
	struct seccomp_data d;
	struct inputs set;
	struct input in;

	inputs_start(&set, a, run->ninputs);
	for (int i = 0; i < TEMPLATES; i++) {
		policy_draw(&d, t, r);
		put_data(&in, &d);
		inputs_add(&set, &in);
	}
	walk(&set, p, LEVELS, r);
	while (set.n < set.cap) {
		policy_draw(&d, t, r);
		put_data(&in, &d);
		inputs_add(&set, &in);
	}
	run->calls += set.n;
	for (uint32_t i = 0; i < set.n; i++) {
		for (int level = 0; level < LEVELS; level++) {
			f->level = level_names[level];
			if (!compare(t, &p[level], &set.v[i], f))
				return;
		}
	}
	f->level = "-O2";
	if (kernel)
		compare_kernel(t, &p[2], &set, run, f);
}

/* Everything there is to say of the policy TEXT. */
static void examine(const char *text, struct run *run, uint64_t seed,
                    struct finding *f)
{
	struct program p[LEVELS];
	const struct rules_tree *t;
	struct rng r = rng_seed(seed);
	struct arena a;
	struct diags d = { .emit = keep_error, .ctx = f };

	memset(f, 0, offsetof(struct finding, input));
	test_arena(&a);
	d.arena = &a;
	t = policy_parse(&a, &d, diag_source(&d, "policy", text, strlen(text)),
	                 NULL);
	f->refused = !t;
	if (t && *f->detail)
		f->what = "errors, and yet a tree";
	for (int level = 0; t && level < LEVELS && !f->what; level++)
		if (compile(&a, t, level, &p[level], f))
			run->length[level] += p[level].n;
	if (t && !f->what)
		compare_all(&a, t, p, run, seed % run->kernel_every == 0, f, &r);
	arena_free(&a);
}

/* --- reports and shrinking -------------------------------------------------------------- */

/* TEXT without line WHICH, in A; NULL if it has no such line. */
static char *without_line(struct arena *a, const char *text, uint32_t which)
{
	struct buf out = { .arena = a };
	bool dropped = false;

	for (uint32_t i = 0; *text; i++) {
		size_t len = strcspn(text, "\n");

		len += text[len] == '\n';
		if (i == which)
			dropped = true;
		else
			buf_write(&out, text, len);
		text += len;
	}
	return dropped ? buf_str(&out) : NULL;
}

static const char *shrink(struct arena *a, const char *text, struct run *run,
                          uint64_t seed, const char *what)
{
	struct finding f;
	bool again = true;

	while (again) {
		char *shorter;

		again = false;
		for (uint32_t i = 0; (shorter = without_line(a, text, i)); i++) {
			examine(shorter, run, seed, &f);
			if (f.what != what)
				continue;
			text = shorter;
			again = true;
			break;
		}
	}
	return text;
}

static void print_finding(const struct finding *f, const char *text, uint64_t seed)
{
	struct seccomp_data d = data_of(&f->input);

	printf("policy_diff --seed %" PRIu64 " --count 1: %s: %s: %s\n%s", seed,
	       f->level, f->what, f->detail, text);
	printf("arch %#x nr %d args %#llx %#llx %#llx %#llx %#llx %#llx: should "
	       "be %#x, is %#x\n",
	       d.arch, d.nr, d.args[0], d.args[1], d.args[2], d.args[3],
	       d.args[4], d.args[5], f->should, f->is);
	fflush(stdout);
}

static void one_policy(struct run *run, uint64_t seed)
{
	struct rng r = rng_seed(seed);
	struct finding f;
	struct arena a;
	const char *text;

	test_arena(&a);
	text = policy_random(&a, &r);
	examine(text, run, seed, &f);
	run->refused += f.refused;
	if (f.refused && getenv("WEIR_SHOW_REFUSED"))
		printf("refused: %s\n", f.detail);
	if (f.what) {
		run->failures++;
		if (run->shrink)
			text = shrink(&a, text, run, seed, f.what);
		examine(text, run, seed, &f);
		print_finding(&f, text, seed);
	}
	arena_free(&a);
}

static int compare_policies(void *ctx)
{
	struct run *run = ctx;
	uint64_t i;

	if (!run->kernel_every || run->ninputs < TEMPLATES)
		return 2;
	for (i = 0; i < run->count && run->failures < run->stop_after; i++)
		one_policy(run, run->seed + i);
	printf("%" PRIu64 " policies from seed %" PRIu64 " on, %" PRIu64
	       " of them refused, %" PRIu64 " calls; %" PRIu64
	       " policies and %" PRIu64 " calls put to the kernel\n",
	       i, run->seed, run->refused, run->calls, run->asked_kernel,
	       run->kernel_calls);
	for (int level = 0; level < LEVELS; level++)
		printf("  %s: %" PRIu64 " instructions\n", level_names[level],
		       run->length[level]);
	return run->failures ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct run run = {
		.seed = 1,
		.count = 3000,
		.ninputs = 150,
		.kernel_every = 20,
		.stop_after = 5,
		.shrink = true,
	};
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &run.seed, "of the first policy" },
		{ "count", "N", DRIVER_NUMBER, &run.count, "policies" },
		{ "inputs", "N", DRIVER_NUMBER, &run.ninputs, "calls for each" },
		{
			"kernel-every",
			"N",
			DRIVER_NUMBER,
			&run.kernel_every,
			"put one in N to the kernel",
		},
		{ "stop-after", "N", DRIVER_NUMBER, &run.stop_after, "failures" },
		{
			"no-shrink",
			NULL,
			DRIVER_CLEAR,
			&run.shrink,
			"print failing policies as they are",
		},
		{ NULL },
	};

	return driver_main(&(struct driver){
				   "policy_diff",
				   options,
				   compare_policies,
				   &run,
			   },
	                   argv);
}
