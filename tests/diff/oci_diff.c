/*
 * Containers' profiles as weir reads them against what runc and crun make of them
 * with libseccomp: Docker's and Podman's default profiles for every number and at
 * every constant, and random profiles. The evaluator of the tree is a third party.
 *
 * libseccomp merges the rules about one call into a tree of 32-bit comparisons, and
 * what comes out is not always what the rules say (blocks that look alike lose a
 * load; orders of 64 bits). So its program has to agree on the default profiles; on
 * random ones the rules themselves are asked (party_meaning), and how often
 * libseccomp's program does something else is counted.
 */
#include "api.h"
#include "config.h"

#include <inttypes.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cbpf/cbpf.h"
#include "oci/oci.h"
#include "tests/diff/diff.h"
#include "tests/diff/oci_party.h"
#include "tests/diff/policies.h"
#include "weir.h"

static const char *const arches[] = {
	"SCMP_ARCH_X86_64",
	"SCMP_ARCH_X86",
	"SCMP_ARCH_X32",
};
static const char *const abis[] = { "x86_64", "x86_64,i386", "x86_64,i386,x32" };
static const char *const runtimes[] = { "runc", "crun" };

struct run {
	struct rng rng;
	uint64_t seed, count;
	uint64_t calls, stripped, refused, open, hung, theirs;
	uint64_t written, unsayable, back_calls, back_theirs, shown;
	unsigned failures;
	bool strict, verbose; /* STRICT: libseccomp's program has to agree */
};

/* --- our side ----------------------------------------------------------------- */

struct ours {
	struct arena arena;
	const struct rules_tree *tree;
	struct weir_program *program;
	const struct sock_filter *insns;
	size_t n;
	bool open; /* libseccomp leaves open what the profile means */
	char said[300];
};

static void listen(void *ctx, const struct diags *d, const struct diag *one)
{
	struct ours *o = ctx;

	o->open |= strstr(one->text, "leaves open") != NULL;
	if (one->severity == DIAG_ERROR)
		snprintf(o->said, sizeof(o->said), "%s", one->text);
}

static void ours_build(struct ours *out, const char *text, const struct party_options *o)
{
	struct weir_container_options container = {
		.size = sizeof(container),
		.runtime = o->runtime,
		.kernel = "6.18",
		.cap = o->caps,
		.ncap = o->ncaps,
	};
	struct weir_policy_options w = {
		.size = sizeof(w),
		.abis = abis[o->narches - 1],
		.container = &container,
	};
	struct weir_policy *policy;
	struct rules_options p = {
		.runtime = o->runtime,
		.kernel = "6.18",
		.cap = o->caps,
		.ncap = o->ncaps,
		.abis = abis[o->narches - 1],
	};
	struct diags d = { .arena = &out->arena, .emit = listen, .ctx = out };

	memset(out, 0, sizeof(*out));
	test_arena(&out->arena);
	out->tree = api_policy_read(&out->arena, &d,
	                            diag_source(&d, "profile", text, strlen(text)), &p);
	if (!out->tree || weir_policy_read(&policy, text, strlen(text), &w))
		return;
	if (!weir_policy_compile(&out->program, policy, NULL))
		out->insns = weir_program_insns(out->program, &out->n);
	weir_policy_free(policy);
}

static void ours_free(struct ours *o)
{
	weir_program_free(o->program);
	arena_free(&o->arena);
}

/* --- the same calls for all ------------------------------------------------------ */

/* Our tables and libseccomp both know the name, on the same ABIs. */
static bool known(const char *name)
{
	static const struct {
		enum sys_abi_id abi;
		uint32_t scmp;
	} both[] = {
		{ SYS_ABI_X86_64, SCMP_ARCH_X86_64 },
		{ SYS_ABI_I386, SCMP_ARCH_X86 },
		{ SYS_ABI_X32, SCMP_ARCH_X32 },
	};
	struct sys_call call;
	bool here = false;

	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		const struct sys_abi *abi = &sys_abis[both[i].abi];
		bool direct = sys_call_by_name(abi, name, strlen(name), &call);
		bool mux = rules_multiplex(abi, name, strlen(name)).there;

		here |= direct || mux;
		if (!mux && direct !=
		                    (seccomp_syscall_resolve_name_arch(both[i].scmp, name) >= 0))
			return false;
	}
	return here;
}

/* Takes out the names that only one side knows. */
static void strip(struct run *run, json_t *profile)
{
	json_t *rule, *names;
	size_t i;

	json_array_foreach(json_object_get(profile, "syscalls"), i, rule) {
		names = json_object_get(rule, "names");
		for (size_t k = json_array_size(names); k-- > 0;) {
			const char *name = json_string_value(json_array_get(names, k));

			if (known(name))
				continue;
			if (run->verbose)
				printf("not known to both: %s\n", name);
			json_array_remove(names, k);
			run->stripped++;
		}
	}
}

static void complain(struct run *run, const struct seccomp_data *d, const char *text,
                     const struct party_options *o, const char *who, uint32_t theirs,
                     uint32_t our)
{
	if (run->failures++ >= 20)
		return;
	printf("%s, %s, %zu capabilities, arch %#x nr %u (%#x): %s says %#x, we %#x\n",
	       o->runtime, abis[o->narches - 1], o->ncaps, d->arch, (unsigned)d->nr,
	       (unsigned)d->nr, who, theirs, our);
	for (int i = 0; i < 6; i++)
		printf(" %#" PRIx64, (uint64_t)d->args[i]);
	printf("\n");
	if (strlen(text) < 3000)
		printf("%s\n", text);
}

static void ask(struct run *run, const struct ours *us, const struct party *party,
                const json_t *profile, const struct seccomp_data *d, const char *text,
                const struct party_options *o)
{
	uint32_t theirs = party_run(party, d), our = cbpf_run_seccomp(us->insns, d);
	uint64_t args[6];
	uint32_t meant, rules;

	for (int i = 0; i < 6; i++)
		args[i] = d->args[i];
	meant = rules_eval(us->tree, d->arch, (uint32_t)d->nr, args);
	run->calls++;
	if (theirs != our && run->strict)
		complain(run, d, text, o, "the runtime", theirs, our);
	run->theirs += theirs != our;
	/* This looks at every name; where libseccomp agrees, a sample will do. */
	if ((!run->strict || run->calls % 64 == 0) &&
	    party_meaning(party, profile, o, d, &rules) && rules != our)
		complain(run, d, text, o, "the profile", rules, our);
	if (meant != our)
		complain(run, d, text, o, "our evaluator", meant, our);
}

/* libseccomp has a name for the call, or it is none of its ABIs'. */
static bool party_knows(const struct seccomp_data *d)
{
	uint32_t arch = d->arch == AUDIT_ARCH_I386     ? SCMP_ARCH_X86
	                : (uint32_t)d->nr & 0x40000000 ? SCMP_ARCH_X32
	                                               : SCMP_ARCH_X86_64;
	char *name = d->nr == -1 ? NULL : seccomp_syscall_resolve_num_arch(arch, d->nr);
	bool both = name && known(name);

	free(name);
	return both;
}

/* --- which calls ------------------------------------------------------------------ */

struct constants {
	uint64_t v[64];
	unsigned n;
};

/* Every constant that a profile compares with. */
static struct constants constants_of(const json_t *profile)
{
	struct constants c = { .v = { 0 }, .n = 1 };
	json_t *rule, *arg;
	size_t i, k;

	json_array_foreach(json_object_get(profile, "syscalls"), i, rule)
		json_array_foreach(json_object_get(rule, "args"), k, arg) {
			if (c.n > 60)
				return c;
			c.v[c.n++] = (uint64_t)json_integer_value(
				json_object_get(arg, "value"));
			c.v[c.n++] = (uint64_t)json_integer_value(
				json_object_get(arg, "valueTwo"));
		}
	return c;
}

static uint64_t near(struct rng *r, const struct constants *c)
{
	uint64_t v = c->v[rng_below(r, c->n)];

	switch (rng_below(r, 8)) {
	case 0:
		return v - 1;
	case 1:
		return v + 1;
	case 2:
		return v ^ UINT64_C(1) << rng_below(r, 64);
	case 3:
		return v | (uint64_t)rng_next(r) << 32;
	case 4:
		return v & c->v[rng_below(r, c->n)];
	case 5:
		return (uint64_t)(int32_t)v;
	default:
		return v;
	}
}

static bool has_condition(const struct rules_tree *t, uint32_t arch, uint32_t nr)
{
	for (uint32_t i = 0; i < t->nrule; i++)
		for (uint32_t k = 0; k < t->rule[i].n; k++) {
			const struct rules_case *c = &t->rule[i].cases[k];

			if (c->nr == nr && c->abi->arch == arch && c->cond)
				return true;
		}
	return false;
}

/* At random, and each boundary of every constant where arguments matter. */
static void ask_number(struct run *run, const struct ours *us, const struct party *party,
                       const json_t *profile, uint32_t arch, uint32_t nr, const struct constants *c,
                       unsigned tries, const char *text, const struct party_options *o)
{
	struct seccomp_data d = { .nr = (int)nr, .arch = arch };

	for (unsigned t = 0; t < tries; t++) {
		for (int i = 0; i < 6; i++)
			d.args[i] = near(&run->rng, c);
		ask(run, us, party, profile, &d, text, o);
	}
	for (unsigned i = 0; has_condition(us->tree, arch, nr) && i < c->n; i++)
		for (int k = -1; k <= 1; k++)
			for (int arg = 0; arg < 3; arg++) {
				memset(d.args, 0, sizeof(d.args));
				d.args[arg] = c->v[i] + (uint64_t)k;
				ask(run, us, party, profile, &d, text, o);
				d.args[arg] |= UINT64_C(1) << 32;
				ask(run, us, party, profile, &d, text, o);
			}
}

static const uint32_t odd_numbers[] = {
	600,
	1000,
	0x3fffffff,
	0x7fffffff,
	0x80000000,
	0x80000001,
	0xbfffffff,
	0xc0000000,
	0xc0000001,
	0xfffffffe,
	0xffffffff,
};

static void ask_all(struct run *run, const struct ours *us, const struct party *party,
                    const json_t *profile, const char *text, const struct party_options *o)
{
	static const uint32_t arch[] = {
		AUDIT_ARCH_X86_64,
		AUDIT_ARCH_I386,
		AUDIT_ARCH_ARM,
	};
	struct constants c = constants_of(profile);

	for (size_t a = 0; a < ARRAY_LEN(arch); a++) {
		for (uint32_t nr = 0; nr < 560; nr++) {
			ask_number(run, us, party, profile, arch[a], nr, &c, 15, text, o);
			ask_number(run, us, party, profile, arch[a], nr | 0x40000000, &c, 10, text, o);
		}
		for (size_t i = 0; i < ARRAY_LEN(odd_numbers); i++)
			ask_number(run, us, party, profile, arch[a], odd_numbers[i], &c, 3, text, o);
	}
}

/* --- default profiles -------------------------------------------------------------- */

static void check_profile(struct run *run, const json_t *profile, const char *name,
                          const struct party_options *o)
{
	char *text = json_dumps(profile, JSON_INDENT(1));
	struct party party;
	struct ours us;

	ours_build(&us, text, o);
	if (!us.insns || !party_build(&party, profile, o) || party.refused) {
		printf("%s: not compiled: %s\n", name, us.said);
		run->failures++;
	} else {
		ask_all(run, &us, &party, profile, text, o);
		printf("%-8s %s, %-15s, %2zu capabilities: %zu instructions, libseccomp %zu"
		       "%s\n",
		       name, o->runtime, abis[o->narches - 1], o->ncaps, us.n,
		       party.n, party.stub ? " and runc's stub" : "");
		party_free(&party);
	}
	ours_free(&us);
	free(text);
}

static void check_default(struct run *run, const char *directory, const char *name)
{
	static const char *const docker_caps[] = {
		"CAP_AUDIT_WRITE",
		"CAP_CHOWN",
		"CAP_DAC_OVERRIDE",
		"CAP_FOWNER",
		"CAP_FSETID",
		"CAP_KILL",
		"CAP_MKNOD",
		"CAP_NET_BIND_SERVICE",
		"CAP_NET_RAW",
		"CAP_SETFCAP",
		"CAP_SETGID",
		"CAP_SETPCAP",
		"CAP_SETUID",
		"CAP_SYS_CHROOT",
	};
	static const char *const some_caps[] = {
		"CAP_SYS_ADMIN",
		"CAP_SYS_PTRACE",
		"CAP_BPF",
		"CAP_SYS_TIME",
	};
	static const struct {
		const char *const *caps;
		size_t n;
	} sets[] = {
		{ docker_caps, ARRAY_LEN(docker_caps) },
		{ some_caps, ARRAY_LEN(some_caps) },
		{ NULL, 0 },
	};
	char path[4096];
	json_error_t error;
	json_t *profile;

	snprintf(path, sizeof(path), "%s/profiles/%s-default.json", directory, name);
	profile = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!profile) {
		printf("%s: %s\n", path, error.text);
		run->failures++;
		return;
	}
	strip(run, profile);
	for (size_t s = 0; s < ARRAY_LEN(sets); s++)
		for (size_t n = 1; n <= ARRAY_LEN(arches); n++)
			for (size_t r = 0; r < ARRAY_LEN(runtimes); r++)
				check_profile(run, profile, name, &(struct party_options){
									  .runtime = runtimes[r],
									  .arches = arches,
									  .narches = n,
									  .caps = sets[s].caps,
									  .ncaps = sets[s].n,
									  .major = 6,
									  .minor = 18,
								  });
	json_decref(profile);
}

/* --- random profiles ----------------------------------------------------------------- */

static const char *const calls[] = {
	"read",
	"socket",
	"connect",
	"accept",
	"personality",
	"clone",
	"prctl",
	"mmap",
	"semop",
	"shmat",
	"msgctl",
	"socketcall",
	"ipc",
	"openat",
	"execve",
	"recv",
	"_llseek",
	"mmap2",
	"futex_time64",
	"clock_gettime64",
	"riscv_flush_icache",
};
static const char *const actions[] = {
	"SCMP_ACT_ALLOW",
	"SCMP_ACT_ERRNO",
	"SCMP_ACT_KILL",
	"SCMP_ACT_KILL_PROCESS",
	"SCMP_ACT_TRAP",
	"SCMP_ACT_LOG",
	"SCMP_ACT_TRACE",
};
static const uint64_t values[] = {
	0,
	1,
	2,
	3,
	8,
	0xff,
	0xfffffff0,
	0xffffffff,
	0x100000000,
	0x100000002,
	0x7fffffffffffffff,
};

static json_t *random_arg(struct run *run)
{
	static const char *const ops[] = {
		"SCMP_CMP_EQ",
		"SCMP_CMP_MASKED_EQ",
		"SCMP_CMP_EQ",
		"SCMP_CMP_MASKED_EQ",
		"SCMP_CMP_NE",
		"SCMP_CMP_LT",
		"SCMP_CMP_LE",
		"SCMP_CMP_GT",
		"SCMP_CMP_GE",
	};
	struct rng *r = &run->rng;

	return json_pack("{s:i, s:s, s:I, s:I}", "index", (int)rng_below(r, 3), "op",
	                 ops[rng_below(r, ARRAY_LEN(ops))], "value",
	                 (json_int_t)values[rng_below(r, ARRAY_LEN(values))], "valueTwo",
	                 (json_int_t)values[rng_below(r, ARRAY_LEN(values))]);
}

static json_t *random_rule(struct run *run)
{
	struct rng *r = &run->rng;
	json_t *rule = json_object(), *names = json_array(), *args = json_array();

	for (uint32_t i = 1 + rng_below(r, 3); i > 0; i--)
		json_array_append_new(names,
		                      json_string(calls[rng_below(r, ARRAY_LEN(calls))]));
	for (uint32_t i = rng_below(r, 4); i > 0; i--)
		json_array_append_new(args, random_arg(run));
	json_object_set_new(rule, "names", names);
	json_object_set_new(rule, "args", args);
	json_object_set_new(rule, "action",
	                    json_string(actions[rng_below(r, ARRAY_LEN(actions))]));
	return rule;
}

static json_t *random_profile(struct run *run)
{
	struct rng *r = &run->rng;
	json_t *profile = json_object(), *rules = json_array();

	json_object_set_new(profile, "defaultAction",
	                    json_string(actions[rng_below(r, ARRAY_LEN(actions))]));
	for (uint32_t i = 1 + rng_below(r, 6); i > 0; i--)
		json_array_append_new(rules, random_rule(run));
	json_object_set_new(profile, "syscalls", rules);
	return profile;
}

static void ask_random(struct run *run, const struct ours *us, const struct party *party,
                       const json_t *profile, const char *text, const struct party_options *o)
{
	static const uint32_t arch[] = {
		AUDIT_ARCH_X86_64,
		AUDIT_ARCH_X86_64,
		AUDIT_ARCH_I386,
	};
	static const uint32_t bits[] = { 0, 0x40000000, 0 };
	static const int scmp[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_X86 };
	struct constants c = constants_of(profile);

	for (size_t a = 0; a < ARRAY_LEN(arch); a++) {
		for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
			int nr = seccomp_syscall_resolve_name_arch((uint32_t)scmp[a],
			                                           calls[i]);

			if (nr >= 0)
				ask_number(run, us, party, profile, arch[a], (uint32_t)nr, &c, 30,
				           text, o);
		}
		for (size_t i = 0; i < ARRAY_LEN(odd_numbers); i++)
			ask_number(run, us, party, profile, arch[a], odd_numbers[i] | bits[a], &c, 1,
			           text, o);
		for (uint32_t i = 0; i < 20; i++)
			ask_number(run, us, party, profile, arch[a],
			           rng_below(&run->rng, 560) | bits[a], &c, 1, text, o);
	}
	if (o->narches > 1)
		for (uint64_t n = 0; n < 25; n++) {
			struct seccomp_data d = { .nr = 102 + 15 * (int)rng_below(&run->rng, 2),
				                  .arch = AUDIT_ARCH_I386,
				                  .args = { n, near(&run->rng, &c),
				                            near(&run->rng, &c) } };

			ask(run, us, party, profile, &d, text, o);
		}
}

/* libseccomp's tree of some rules has a loop, in which it stays: so try it out. */
static bool terminates(const json_t *profile, const struct party_options *o)
{
	pid_t child = fork();
	struct party party;
	int status;

	if (child == 0) {
		alarm(1);
		party_build(&party, profile, o);
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

/* libseccomp finds rules at odds also about calls that the machine does not have. */
static bool names_foreign(const json_t *profile)
{
	json_t *rule, *name;
	unsigned n = 0;
	size_t i, k;

	json_array_foreach(json_object_get(profile, "syscalls"), i, rule)
		json_array_foreach(json_object_get(rule, "names"), k, name)
			n += seccomp_syscall_resolve_name_arch(
				     SCMP_ARCH_X86_64, json_string_value(name)) < 0;
	return n > 1;
}

static void check_random(struct run *run)
{
	json_t *profile = random_profile(run);
	char *text = json_dumps(profile, JSON_INDENT(1));
	struct party_options o = { .runtime = runtimes[rng_below(&run->rng, 2)],
		                   .arches = arches,
		                   .narches = 1 + rng_below(&run->rng, 3),
		                   .major = 6,
		                   .minor = 18 };
	struct party party = { 0 };
	struct ours us;
	bool there = terminates(profile, &o);
	bool built = there && party_build(&party, profile, &o);

	ours_build(&us, text, &o);
	run->hung += !there;
	if (us.open || !there)
		run->open++;
	else if (!built || party.refused || !us.insns) {
		run->refused++;
		if ((party.refused || !built) != !us.insns && !names_foreign(profile)) {
			printf("one side refuses this: %s (%s)\n%s\n", o.runtime, us.said, text);
			run->failures++;
		}
	} else {
		ask_random(run, &us, &party, profile, text, &o);
	}
	party_free(&party);
	ours_free(&us);
	free(text);
	json_decref(profile);
}

/* --- and back: policies as profiles ---------------------------------------------------- */

/* NR has a name on an ABI of T, so a profile can speak of it. */
static bool has_name(const struct rules_tree *t, const struct seccomp_data *d)
{
	struct sys_call call;

	for (uint32_t i = 0; i < t->nabi; i++)
		if (t->abi[i]->arch == d->arch &&
		    sys_call_by_nr(t->abi[i], (uint32_t)d->nr, &call))
			return true;
	return false;
}

/* What runs on this machine, which libseccomp takes for its own. */
static size_t narches_of(const struct rules_tree *t)
{
	static const enum sys_abi_id order[] = { SYS_ABI_X86_64, SYS_ABI_I386,
		                                 SYS_ABI_X32 };

	for (uint32_t i = 0; i < t->nabi; i++)
		if (i >= ARRAY_LEN(order) || t->abi[i]->id != order[i])
			return 0;
	return t->nabi;
}

static void show_errors(void *ctx, const struct diags *d, const struct diag *one)
{
	const struct run *run = ctx;

	if (run->verbose && one->severity == DIAG_ERROR)
		printf("cannot be written: %s\n", one->text);
}

/* The profile TEXT means what T does, for a call; libseccomp's program should, too. */
static void ask_back(struct run *run, const struct rules_tree *t, const struct rules_tree *back,
                     const struct party *party, const json_t *profile,
                     const struct party_options *o, const struct seccomp_data *d,
                     const char *policy, const char *text)
{
	uint64_t args[6];
	uint32_t meant, read, rules;

	for (int i = 0; i < 6; i++)
		args[i] = d->args[i];
	meant = rules_eval(t, d->arch, (uint32_t)d->nr, args);
	read = rules_eval(back, d->arch, (uint32_t)d->nr, args);
	run->back_calls++;
	if (meant != read)
		complain(run, d, policy, o, "the policy", meant, read);
	if (!party_meaning(party, profile, o, d, &rules) || rules != meant)
		complain(run, d, policy, o, "the profile", rules, meant);
	if (party->insns && party_run(party, d) != meant && run->shown++ < 3)
		printf("libseccomp's program says %#x of nr %u, %#x was meant\n%s\n",
		       party_run(party, d), (unsigned)d->nr, meant, text);
	run->back_theirs += party->insns && party_run(party, d) != meant;
}

/* TEXT for jansson, whose integers are signed: what is above that becomes negative. */
static json_t *load(const char *text, struct arena *a)
{
	struct buf out = { .arena = a };
	json_error_t error;
	json_t *profile;

	while (*text) {
		size_t digits = strspn(text, "0123456789");
		uint64_t n = digits ? strtoull(text, NULL, 10) : 0;

		if (n > INT64_MAX)
			buf_printf(&out, "%" PRId64, (int64_t)n);
		else
			buf_write(&out, text, digits ? digits : 1);
		text += digits ? digits : 1;
	}
	profile = json_loads(buf_str(&out), JSON_REJECT_DUPLICATES, &error);
	if (!profile)
		printf("%s\n", error.text);
	return profile;
}

static void ask_profile(struct run *run, const struct rules_tree *t, const char *policy,
                        const char *text, struct arena *a, const struct party_options *o)
{
	json_t *profile = load(text, a);
	struct rules_options p = { .runtime = o->runtime, .abis = abis[o->narches - 1] };
	struct diags d = { .arena = a };
	const struct rules_tree *back =
		api_policy_read(a, &d, diag_source(&d, "profile", text, strlen(text)), &p);
	struct party party = { 0 };
	struct seccomp_data call;
	bool there;

	if (!profile || !back) {
		printf("what was written is no profile:\n%s\n", text);
		run->failures++;
		return;
	}
	strip(run, profile);
	there = terminates(profile, o);
	if (!there)
		run->hung++;
	if ((there && !party_build(&party, profile, o)) || party.refused) {
		printf("libseccomp refuses what was written:\n%s\n%s\n", policy, text);
		run->failures++;
	}
	for (unsigned i = 0; i < 2000; i++) {
		policy_draw(&call, t, &run->rng);
		if (has_name(t, &call) && party_knows(&call))
			ask_back(run, t, back, &party, profile, o, &call, policy, text);
	}
	party_free(&party);
	json_decref(profile);
}

static void check_back(struct run *run)
{
	struct arena a;
	struct diags d = { .arena = &a, .emit = show_errors, .ctx = run };
	struct rules_options p = { .runtime = runtimes[rng_below(&run->rng, 2)] };
	struct party_options o = {
		.runtime = p.runtime,
		.arches = arches,
		.major = 6,
		.minor = 18,
	};
	const struct rules_tree *t;
	struct buf out = { .arena = &a };
	const char *policy;

	test_arena(&a);
	policy = policy_random(&a, &run->rng);
	t = policy_parse(&a, &d, diag_source(&d, "policy", policy, strlen(policy)), &p);
	o.narches = t ? narches_of(t) : 0;
	if (o.narches && oci_write(&a, &d, t, &p, &out)) {
		run->written++;
		ask_profile(run, t, policy, buf_str(&out), &a, &o);
	} else if (o.narches) {
		run->unsayable++;
	}
	arena_free(&a);
}

/* --- the command ------------------------------------------------------------------------ */

static int compare_profiles(void *ctx)
{
	struct run *run = ctx;
	const char *vectors = getenv("WEIR_VECTORS");

	run->rng = rng_seed(run->seed);
	run->strict = true;
	if (vectors) {
		check_default(run, vectors, "docker");
		check_default(run, vectors, "podman");
	} else {
		printf("WEIR_VECTORS is not set: without Docker's and Podman's profiles\n");
	}
	run->theirs = 0;
	run->strict = false;
	for (uint64_t i = 0; i < run->count && run->failures < 20; i++)
		check_random(run);
	for (uint64_t i = 0; i < 4 * run->count && run->failures < 20; i++)
		check_back(run);
	printf("seed %" PRIu64 ": %" PRIu64 " random profiles (%" PRIu64 " refused by both, %" PRIu64
	       " left open, %" PRIu64 " that libseccomp hangs on), %" PRIu64 " calls, %" PRIu64 " names not known to both: "
	       "%u differences (libseccomp's program and its rules: %" PRIu64 ")\n",
	       run->seed, run->count,
	       run->refused, run->open, run->hung, run->calls, run->stripped, run->failures, run->theirs);
	printf("%" PRIu64 " policies written as profiles (%" PRIu64 " cannot be), %" PRIu64
	       " calls (libseccomp's program otherwise: %" PRIu64 ")\n",
	       run->written,
	       run->unsayable, run->back_calls, run->back_theirs);
	return run->failures != 0;
}

int main(int argc, char **argv)
{
	static struct run run = { .seed = 1, .count = 400 };
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &run.seed, "of the first profile" },
		{ "count", "N", DRIVER_NUMBER, &run.count, "profiles" },
		{ "verbose", NULL, DRIVER_SET, &run.verbose, "print every difference" },
		{ NULL },
	};

	return driver_main(&(struct driver){
				   "oci_diff",
				   options,
				   compare_profiles,
				   &run,
			   },
	                   argv);
}
