/*
 * A container's profile as a policy, beside what libseccomp makes of the same
 * rules. Executed instructions are weighted by how often programs make each call
 * (calls.tsv); calls that the kernel answers from its bitmap do not run the filter.
 */
#include "config.h"

#include <inttypes.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_SECCOMP
#include <seccomp.h>
#include <sys/mman.h>
#endif

#include "cbpf/cbpf.h"
#include "tests/bench/bench.h"
#include "tests/diff/diff.h"

enum {
	CALLS = 512,
	ARGUMENTS = 3,
	TRIES = 40,
	ROUNDS = 21
};

static volatile uint32_t result; /* keeps runs alive */

enum compare {
	CMP_EQ,
	CMP_LT,
	CMP_GT,
	CMP_MASKED_EQ,
	COMPARES
};

static const char *const compare_name[COMPARES] = { "EQ", "LT", "GT", "MASKED_EQ" };

struct argument {
	unsigned index;
	enum compare compare;
	uint64_t value, masked;
};

struct rule {
	bool allows;
	unsigned error;
	const char *call;
	struct argument arg[ARGUMENTS];
	unsigned nargs;
};

typedef ARRAY(struct rule) rules_t;

struct weight {
	int64_t nr;
	double share;
};

struct profile {
	rules_t rules; /* the first says what happens to the rest */
	ARRAY(struct weight) weights;
	const char *counts; /* these as text */
};

/* --- reading ---------------------------------------------------------------------------- */

static bool read_argument(char *text, struct argument *out)
{
	char name[16];

	*out = (struct argument){ .masked = 0 };
	if (sscanf(text, "%u:%15[A-Z_]:%" SCNu64 ":%" SCNu64, &out->index, name, &out->value,
	           &out->masked) < 3)
		return false;
	for (unsigned i = 0; i < COMPARES; i++)
		if (!strcmp(name, compare_name[i])) {
			out->compare = (enum compare)i;
			return true;
		}
	return false;
}

static bool read_rule(struct arena *a, char *line, struct rule *out)
{
	char *action = field(&line), *error = field(&line), *call = field(&line), *text;

	if (!call)
		return false;
	*out = (struct rule){ .allows = !strcmp(action, "SCMP_ACT_ALLOW"),
		              .error = (unsigned)atol(error),
		              .call = arena_strndup(a, call, strlen(call)) };
	while ((text = field(&line)))
		if (out->nargs == ARGUMENTS || !read_argument(text, &out->arg[out->nargs++]))
			return false;
	return true;
}

static bool read_profile(struct arena *a, const char *file, struct profile *out)
{
	FILE *f = script_open("profile.py", file);
	char *line = NULL;
	size_t room = 0;
	struct rule rule;
	bool good = true;

	if (!f)
		return false;
	while (good && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		good = read_rule(a, line, &rule);
		if (good)
			array_push(a, &out->rules, rule);
	}
	free(line);
	return pclose(f) == 0 && good && out->rules.n > 0;
}

static bool read_weights(struct arena *a, struct profile *out)
{
	FILE *f = bench_open("calls.tsv");
	struct buf text = { .arena = a };
	char name[64];
	char *line = NULL;
	size_t room = 0;
	double share;

	if (!f)
		return false;
	while (getline(&line, &room, f) > 0) {
		buf_puts(&text, line);
		if (sscanf(line, "%63s %lf", name, &share) == 2)
			array_push(a, &out->weights, ((struct weight){ weir_syscall_number("x86_64", name), share }));
	}
	out->counts = buf_str(&text);
	free(line);
	fclose(f);
	return true;
}

/* --- our side --------------------------------------------------------------------------- */

static void write_argument(struct buf *b, const struct argument *arg)
{
	static const char *const sign[COMPARES] = { "==", "<", ">", "==" };

	if (arg->compare == CMP_MASKED_EQ)
		buf_printf(b, "args[%u] & %" PRIu64 " == %" PRIu64, arg->index, arg->value, arg->masked);
	else
		buf_printf(b, "args[%u] %s %" PRIu64, arg->index, sign[arg->compare], arg->value);
}

static void write_rule(struct buf *b, const struct rule *r)
{
	if (r->allows)
		buf_printf(b, "allow %s", r->call);
	else
		buf_printf(b, "errno %u %s", r->error, r->call);
	for (unsigned i = 0; i < r->nargs; i++) {
		buf_puts(b, i ? " and " : " if ");
		write_argument(b, &r->arg[i]);
	}
	buf_putc(b, '\n');
}

static bool known(const char *call, const char *abis)
{
	return weir_syscall_number("x86_64", call) >= 0 ||
	       (strstr(abis, "i386") && weir_syscall_number("i386", call) >= 0);
}

static const char *policy_text(struct arena *a, const struct profile *p, const char *abis)
{
	struct buf b = { .arena = a };

	buf_printf(&b, "default errno %u\nforeign kill\nabi %s\n", p->rules.v[0].error, abis);
	for (uint32_t i = 1; i < p->rules.n; i++)
		if (known(p->rules.v[i].call, abis))
			write_rule(&b, &p->rules.v[i]);
	return buf_str(&b);
}

/* Read and compile a policy as a caller that has no more to ask would. */
static int compile_policy(struct weir_program **out, const char *text,
                          const struct weir_policy_options *o,
                          const struct weir_compile_options *how)
{
	struct weir_policy *p;
	int err = weir_policy_read(&p, text, strlen(text), o);

	*out = NULL;
	if (err)
		return err;
	err = weir_policy_compile(out, p, how);
	weir_policy_free(p);
	return err;
}

static void compile(struct arena *a, const char *text, enum weir_level level,
                    const char *counts, unsigned repeat, struct policy_figures *out)
{
	struct weir_compile_options how = {
		.size = sizeof(how),
		.level = level,
		.profile = counts,
	};
	struct weir_container_options container = { .size = sizeof(container) };
	struct weir_policy_options o = { .size = sizeof(o), .container = &container };

	if (*text == '{') { /* a profile that is read as it is */
		o.abis = "x86_64,i386,x32";
		container.kernel = "6.18";
	}
	how.profile_len = counts ? strlen(counts) : 0;

	for (unsigned i = 0; i < repeat; i++) {
		struct weir_program *p;
		double start = seconds(), took;
		int rc = compile_policy(&p, text, &o, &how);
		const struct sock_filter *insns;
		size_t n;

		took = seconds() - start;
		if (rc)
			return;
		if (!i || took < out->compile)
			out->compile = took;
		insns = weir_program_insns(p, &n);
		if (i + 1 == repeat) {
			out->insns = arena_memdup(a, insns, n * sizeof(*insns));
			out->n = (uint32_t)n;
		}
		weir_program_free(p);
	}
}

/* --- libseccomp's ------------------------------------------------------------------------- */

#ifdef HAVE_SECCOMP
static struct scmp_arg_cmp argument_of(const struct argument *arg)
{
	static const enum scmp_compare op[COMPARES] = { SCMP_CMP_EQ, SCMP_CMP_LT,
		                                        SCMP_CMP_GT,
		                                        SCMP_CMP_MASKED_EQ };

	return (struct scmp_arg_cmp){
		.arg = arg->index,
		.op = op[arg->compare],
		.datum_a = arg->value,
		.datum_b = arg->masked,
	};
}

static bool add_rule(scmp_filter_ctx c, const struct rule *r)
{
	int nr = seccomp_syscall_resolve_name(r->call);
	struct scmp_arg_cmp args[ARGUMENTS];

	if (nr == __NR_SCMP_ERROR)
		return true; /* newer than the library */
	for (unsigned i = 0; i < r->nargs; i++)
		args[i] = argument_of(&r->arg[i]);
	return !seccomp_rule_add_array(c, r->allows ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(r->error),
	                               nr, r->nargs, args);
}

static bool add_rules(scmp_filter_ctx c, const struct profile *p, const char *abis,
                      uint32_t level)
{
	if (seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, level) ||
	    seccomp_attr_set(c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS))
		return false;
	if (strstr(abis, "i386") && seccomp_arch_add(c, SCMP_ARCH_X86))
		return false;
	if (strstr(abis, "x32") && seccomp_arch_add(c, SCMP_ARCH_X32))
		return false;
	for (uint32_t i = 1; i < p->rules.n; i++)
		if (!add_rule(c, &p->rules.v[i]))
			return false;
	return true;
}

static bool export(struct arena *a, scmp_filter_ctx c, struct policy_figures *out)
{
	int fd = memfd_create("bench", MFD_CLOEXEC);
	off_t size;
	bool done;

	if (fd < 0)
		return false;
	done = !seccomp_export_bpf(c, fd) && (size = lseek(fd, 0, SEEK_END)) > 0;
	if (done) {
		out->insns = arena_alloc(a, (size_t)size);
		out->n = (uint32_t)((size_t)size / sizeof(*out->insns));
		done = pread(fd, out->insns, (size_t)size, 0) == size;
	}
	close(fd);
	if (!done)
		out->n = 0;
	return done;
}

static void theirs(struct arena *a, const struct profile *p, const char *abis,
                   uint32_t level, struct policy_figures *out)
{
	double start = seconds();
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(p->rules.v[0].error));

	if (!c)
		return;
	if (add_rules(c, p, abis, level) && export(a, c, out))
		out->compile = seconds() - start;
	seccomp_release(c);
}

static bool peer_knows(const char *call)
{
	return seccomp_syscall_resolve_name(call) != __NR_SCMP_ERROR;
}
#else
static void theirs(struct arena *a, const struct profile *p, const char *abis,
                   uint32_t level, struct policy_figures *out)
{
}

static bool peer_knows(const char *call)
{
	return true;
}
#endif

/* The rules about calls that both know. */
static struct profile common_rules(struct arena *a, const struct profile *p)
{
	struct profile out = { .weights = { p->weights.v, p->weights.n, p->weights.cap },
		               .counts = p->counts };

	for (uint32_t i = 0; i < p->rules.n; i++)
		if (!i || peer_knows(p->rules.v[i].call))
			array_push(a, &out.rules, p->rules.v[i]);
	return out;
}

/* --- counting ------------------------------------------------------------------------------- */

/* A call as programs make it, where that decides. */
static struct seccomp_data usual(uint32_t nr)
{
	static const struct {
		const char *call;
		uint64_t first;
	} known_args[] = {
		{ "clone", 0x1200011 }, /* fork(3) of glibc */
		{ "socket", 2 },        /* AF_INET */
		{ "personality", 0xffffffff },
	};
	struct seccomp_data d = { .nr = (int)nr, .arch = AUDIT_ARCH_X86_64 };

	for (size_t i = 0; i < ARRAY_LEN(known_args); i++)
		if (weir_syscall_number("x86_64", known_args[i].call) == nr)
			d.args[0] = known_args[i].first;
	return d;
}

static uint64_t steps(const struct policy_figures *f, uint32_t nr)
{
	struct cbpf_trace trace = { .executed = 0 };
	struct seccomp_data d = usual(nr);

	cbpf_run_seccomp_traced(f->insns, &d, &trace);
	return trace.executed;
}

static bool cached(const struct policy_figures *f, uint32_t nr)
{
	return cbpf_seccomp_cached(f->insns, AUDIT_ARCH_X86_64, nr);
}

static void count(const struct profile *p, struct policy_figures *f)
{
	double all = 0, ran = 0, steps_all = 0, steps_ran = 0;
	uint64_t uniform = 0, n = 0;

	array_each(w, &p->weights) {
		double s;

		if (w->nr < 0)
			continue;
		s = (double)steps(f, (uint32_t)w->nr) * w->share;
		all += w->share;
		steps_all += s;
		if (!cached(f, (uint32_t)w->nr)) {
			ran += w->share;
			steps_ran += s;
		}
	}
	for (uint32_t nr = 0; nr < CALLS; nr++) {
		if (!weir_syscall_name("x86_64", nr))
			continue;
		f->cached += cached(f, nr);
		if (!cached(f, nr)) {
			uniform += steps(f, nr);
			n++;
		}
	}
	f->executed = all > 0 ? steps_all / all : 0;
	f->executed_running = ran > 0 ? steps_ran / ran : 0;
	f->running_share = all > 0 ? ran / all : 0;
	f->executed_uniform = n ? (double)uniform / (double)n : 0;
}

static void forecast(struct policy_figures *f)
{
	struct weir_verdict v = { .size = sizeof(v) };
	struct weir_program *p;

	if (weir_program_new(&p, WEIR_SECCOMP, f->insns, f->n))
		return;
	if (!weir_program_check(p, &v))
		f->converted = v.converted;
	weir_program_free(p);
}

/* The best of several rounds over the calls that the kernel would not answer itself. */
static void time_interpreter(struct policy_figures *f)
{
	struct seccomp_data data[CALLS];
	uint32_t sink = 0, n = 0;

	for (uint32_t nr = 0; nr < CALLS; nr++)
		if (weir_syscall_name("x86_64", nr) && !cached(f, nr))
			data[n++] = usual(nr);
	for (unsigned round = 0; n && round < ROUNDS; round++) {
		double start = seconds(), took;

		for (unsigned i = 0; i < TRIES * n; i++)
			sink += cbpf_run_seccomp(f->insns, &data[i % n]);
		took = (seconds() - start) * 1e9 / (TRIES * n);
		if (!round || took < f->interpreter)
			f->interpreter = took;
	}
	result = sink;
}

/* Both decide the same for every call of x86_64, with arguments near the rules'. */
static bool same(const struct profile *p, const struct policy_figures *x,
                 const struct policy_figures *y)
{
	struct rng r = rng_seed(1);

	for (uint32_t nr = 0; nr < CALLS * TRIES; nr++) {
		struct seccomp_data d = usual(nr / TRIES);
		const struct rule *rule = &p->rules.v[rng_below(&r, p->rules.n)];

		for (unsigned i = 0; i < 6 && nr % TRIES; i++)
			d.args[i] = rng_one_in(&r, 3) ? rng_next(&r) >> rng_below(&r, 32)
			                              : 36 + rng_below(&r, 8);
		if (rule->nargs && nr % TRIES)
			d.args[0] = rule->arg[0].value;
		if (rng_one_in(&r, 4))
			d.args[0] |= (uint64_t)rng_next(&r) << 32;
		if (cbpf_run_seccomp(x->insns, &d) != cbpf_run_seccomp(y->insns, &d))
			return false;
	}
	return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* What our compiler makes of TEXT, beside what OUT has of the peer's. */
static void measure_text(struct arena *a, const struct profile *p, const char *text,
                         unsigned repeat, struct policy_row *out)
{
	for (unsigned i = 0; i < PARTIES - PARTY_O0; i++)
		compile(a, text, level_of[PARTY_O0 + i], NULL, repeat,
		        &out->of[POLICY_O0 + i]);
	compile(a, text, WEIR_O2, p->counts, repeat, &out->of[POLICY_TOLD]);
	for (unsigned i = 0; i < POLICY_PARTIES; i++) {
		if (!out->of[i].n)
			continue;
		count(p, &out->of[i]);
		forecast(&out->of[i]);
		if (repeat > 1)
			time_interpreter(&out->of[i]);
		/* 512 and up of x32 are not decided alike, so the natives are compared. */
		if (out->of[POLICY_LINEAR].n && !same(p, &out->of[i], &out->of[POLICY_LINEAR]))
			out->of[i].wrong = true;
	}
}

static void row_of(struct arena *a, const struct profile *p, const char *name,
                   const char *abis, bool peer, unsigned repeat, struct policy_row *out)
{
	*out = (struct policy_row){ .name = name };
	if (peer) {
		theirs(a, p, abis, 1, &out->of[POLICY_LINEAR]);
		theirs(a, p, abis, 2, &out->of[POLICY_TREE]);
	}
	measure_text(a, p, policy_text(a, p, abis), repeat, out);
}

/* A profile as runc reads it, for the ABIs of x86. */
static bool row_of_json(struct arena *a, const struct profile *p, const char *name,
                        const char *file, unsigned repeat, struct policy_row *out)
{
	FILE *f = vectors_open(file);
	struct buf text = { .arena = a };
	char part[4096];
	size_t n;

	*out = (struct policy_row){ .name = name };
	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)))
		buf_write(&text, part, n);
	fclose(f);
	measure_text(a, p, buf_str(&text), repeat, out);
	return true;
}

bool policy_measure(struct arena *a, policies_t *out, unsigned repeat)
{
	struct profile full = { .rules = { 0 } }, both;
	struct policy_row row;

	if (!read_profile(a, "profiles/docker-default.json", &full) || !read_weights(a, &full))
		return false;
	both = common_rules(a, &full);
	row_of(a, &both, "docker-default, x86_64, calls that both know", "x86_64", true, repeat,
	       &row);
	array_push(a, out, row);
	row_of(a, &both, "the same, x86_64 + i386 + x32", "x86_64, i386, x32", true, repeat,
	       &row);
	array_push(a, out, row);
	row_of(a, &full, "docker-default, x86_64, all calls", "x86_64", false, repeat, &row);
	array_push(a, out, row);
	if (!row_of_json(a, &full, "docker-default, x86_64 + i386 + x32, all calls, from JSON",
	                 "profiles/docker-default.json", repeat, &row))
		return false;
	array_push(a, out, row);
	if (!row_of_json(a, &full, "podman-default, the same", "profiles/podman-default.json",
	                 repeat, &row))
		return false;
	array_push(a, out, row);
	return true;
}
