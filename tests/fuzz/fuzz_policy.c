/*
 * Any bytes as a policy: it is refused with a message, or becomes a graph that
 * keeps the rules and answers as the evaluator does, for calls at and around
 * the constants that it compares with; so does the program that it becomes.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "back.h"
#include "fuzz.h"
#include "policy/policy.h"

enum { MOST_CASES = 64, MOST_CALLS = 12, MOST_VALUES = 16 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A policy may include a text that is there, and one that is not. */
static int open_file(void *ctx, const char *name, const char *from,
                     const char **text, size_t *len)
{
	static const char base[] =
		"default errno EPERM\nlet X = 3\ngroup @base = read\n";

	if (strcmp(name, "base") != 0)
		return -ENOENT;
	*text = base;
	*len = sizeof base - 1;
	return 0;
}

/* --- calls that are worth a try ------------------------------------------- */

struct values {
	uint64_t v[MOST_VALUES];
	unsigned n;
};

static void add_value(struct values *to, uint64_t v)
{
	to->v[to->n++ % MOST_VALUES] = v;
}

static void collect_one(const struct policy_cond *c, struct values *to)
{
	if (c->kind == POLICY_COND_TEST) {
		add_value(to, c->rhs.bits);
		add_value(to, c->lhs.mask);
	} else if (c->kind == POLICY_COND_IN) {
		for (uint32_t i = 0; i < c->n && i < MOST_VALUES; i++) {
			add_value(to, c->range[i].lo);
			add_value(to, c->range[i].hi);
		}
	}
}

static void collect(const struct policy_cond *root, struct values *to)
{
	unsigned n = 0;

	for (const struct policy_cond *c = root; c && n < 1000;
	     c = policy_cond_next(root, c), n++)
		collect_one(c, to);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static uint64_t pick(const struct values *from, uint32_t *state)
{
	unsigned n = from->n < MOST_VALUES ? from->n : MOST_VALUES;
	uint64_t v = n ? from->v[next_random(state) % n] : 0;

	switch (next_random(state) % 6) {
	case 0:
		return v + 1;
	case 1:
		return v - 1;
	case 2:
		return ~v;
	case 3:
		return v ^ (uint64_t)next_random(state) << 32;
	default:
		return v;
	}
}

/* Who is asked: a graph, and once there is one, its program. */
struct party {
	struct ir_graph *graph;
	const struct gen_code *code; /* or NULL */
};

static void try_call(const struct policy_tree *t, const struct party *g,
                     struct arena *tmp, uint32_t arch, uint32_t nr,
                     const uint64_t *args)
{
	struct seccomp_data data = {.nr = (int)nr, .arch = arch};
	struct ir_data in = {.bytes = (const uint8_t *)&data,
	                     .captured = sizeof data,
	                     .wire = sizeof data};
	uint32_t result;

	for (int i = 0; i < POLICY_ARGS; i++)
		data.args[i] = args[i];
	if (g->code)
		result = cbpf_run_seccomp(g->code->insns, &data);
	else
		must(ir_eval(g->graph, &in, tmp, &result) == IR_END_RET);
	must(result == policy_eval(t, arch, nr, args));
}

static void try_case(const struct policy_tree *t, const struct party *g,
                     struct arena *tmp, const struct policy_case *c,
                     uint32_t *state)
{
	struct values values = {0};
	uint64_t args[POLICY_ARGS];

	if (c->cond)
		collect(c->cond, &values);
	for (unsigned i = 0; i < MOST_CALLS; i++) {
		for (unsigned k = 0; k < POLICY_ARGS; k++)
			args[k] = pick(&values, state);
		try_call(t, g, tmp, c->abi->arch, c->nr, args);
	}
	for (uint32_t nr = c->nr - 1; nr != c->nr + 2; nr++)
		try_call(t, g, tmp, c->abi->arch, nr, args);
	try_call(t, g, tmp, c->abi->arch, c->nr ^ 0x40000000, args);
}

static void try_calls(const struct policy_tree *t, const struct party *g,
                      struct arena *tmp)
{
	static const uint32_t numbers[] = {
		0,          511,        512,        547,        548,
		0x3fffffff, 0x40000000, 0x80000000, 0xfffffffe, 0xffffffff};
	uint64_t none[POLICY_ARGS] = {0};
	uint32_t state = 1, cases = 0;

	for (unsigned a = 0; a < POLICY_NABIS; a++)
		for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
			try_call(t, g, tmp, policy_abis[a].arch, numbers[i],
			         none);
	for (uint32_t i = 0; i < t->nrule; i++)
		for (uint32_t k = 0; k < t->rule[i].n && cases < MOST_CASES;
		     k++, cases++)
			try_case(t, g, tmp, &t->rule[i].cases[k], &state);
}

/* Every example gets the answer that it is one of. */
static void try_answers(const struct policy_tree *t, const struct diags *d,
                        struct arena *a)
{
	struct policy_asker *asker = policy_asker(a, t);
	uint32_t cases = 0;

	for (uint32_t i = 0; i < t->nrule; i++)
		for (uint32_t k = 0; k < t->rule[i].n && cases < MOST_CASES;
		     k++, cases++) {
			const struct policy_case *c = &t->rule[i].cases[k];
			struct policy_answers all = policy_ask(asker, c);
			struct buf text = {.arena = a};

			policy_put_condition(&text, d, c, true);
			policy_put_condition(&text, d, c, false);
			array_each(it, &all.v)
				if (it->exact)
					must(policy_eval(t, c->abi->arch, c->nr,
					                 it->args) == it->ret);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy_options options = {.open_file = open_file,
	                                 .abis = "x86_64,i386"};
	jmp_buf oom;
	struct arena a = {.oom = &oom};
	struct diags d = {.arena = &a};
	const struct policy_tree *t;
	struct party party = {0};
	struct gen_code code;

	if (setjmp(oom)) {
		arena_free(&a);
		return 0;
	}
	t = policy_parse(&a, &d,
	                 diag_source(&d, "input", (const char *)data, size),
	                 &options);
	must(!t == (d.errors > 0));
	if (t) {
		policy_lint(&a, &d, t);
		party.graph = ir_graph(&a, policy_input(t));
		policy_graph(party.graph, t);
		must(!ir_verify(party.graph, &a));
		try_answers(t, &d, &a);
		try_calls(t, &party, &a);
		if (fuzz_back(party.graph, &a, fuzz_hash(data, size), CBPF_SECCOMP,
		              &code)) {
			party.code = &code;
			try_calls(t, &party, &a);
		}
	}
	arena_free(&a);
	return 0;
}

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_TEXT(
		"default errno EPERM\nkernel 5.15\nabi x86_64, i386\n"
		"group @mine = read, write, pread64, @base - mremap\n"
		"let RW = PROT_READ | PROT_WRITE\nallow @mine, close\n"
		"allow openat if flags within O_CLOEXEC | O_DIRECTORY\n"
		"allow mprotect if prot within RW\nallow socket(AF_UNIX, _, _)\n"
		"allow ioctl if request in (TCGETS, FIONREAD, 0x5401..0x5410)\n"
		"errno ENOSYS clone3\nkill ptrace; log { personality; uname }\n"
		"on i386 { errno ENOSYS old_mmap }\n"),
	FUZZ_TEXT(
		"include \"base\"\nforeign trap 3\nallow @base if args[0] == X\n"
		"log lseek if offset < -1 or i32(offset) in (-5 .. 7, 0xffffffff)\n"
		"errno 7 kill if pid < sig and not (pid & 3 == 1)\n"
		"trace 9 nr(3), nr(-1) if (u64(args[1]) > ~0 >> 3)\n"),
	FUZZ_TEXT(
		"abi i386, x32\ndefault allow\nerrno EPERM pread64 if pos >= 1 << 33\n"
		"kill socket if family != AF_UNIX; kill_thread semop; notify sync_file_range"
		" if offset > nbytes\n"),
	{0},
};
