/* The public library: programs from elsewhere, lifted, optimized and compared. */
#include <errno.h>
#include <string.h>

#include "api.h"

enum {
	CALLS = 1024
}; /* numbers asked about, as many as any ABI's bitmap has */

/*
 * Tell whether Linux answers every call for IS without running it that it so
 * answers for WAS.
 */
static bool caches_as_much(const struct cbpf_program *was, const struct gen_code *is)
{
	const char *abi;

	for (unsigned i = 0; (abi = weir_abi_name(i)); i++) {
		uint32_t arch = weir_abi_arch(abi);

		for (uint32_t nr = 0; nr < CALLS; nr++)
			if (cbpf_seccomp_cached(was->insns, arch, nr) &&
			    !cbpf_seccomp_cached(is->insns, arch, nr))
				return false;
	}
	return true;
}

static void note(struct job *j, const char *text)
{
	if (j->verbose)
		diag_plain(&j->diags, DIAG_NOTE, "%s", text);
}

/* Make J->code, and tell whether it is better than P; if not, note why. */
static bool improve(struct job *j, const struct cbpf_program *p)
{
	struct gen_options options = { .linear = j->compile.level == WEIR_OS };
	struct ir_input in = gen_input(p->use);
	enum opt_outcome outcome;

	in.exact_faults = j->kind == WEIR_SECCOMP || !j->compile.early_faults;
	j->graph = ir_graph(&j->arena, &in);
	api_optimizer(j, &options, j->compile.level);
	arena_doing(&j->arena, "the graph of the program", NULL);
	outcome = opt_program(&j->opt, p, &j->code);
	api_optimized(j);
	switch (outcome) {
	case OPT_BETTER:
		if (j->kind == WEIR_PACKET || caches_as_much(p, &j->code))
			return true;
		note(j, "kept as it is: what comes out would let the kernel answer "
		        "fewer calls from its action cache");
		return false;
	case OPT_NO_BETTER:
		note(j, "kept as it is: nothing shorter and no slower was found");
		return false;
	case OPT_TOO_LARGE:
		note(j, "kept as it is: too large, or its paths join with too many "
		        "different values");
		return false;
	case OPT_INEXACT:
		note(j, "kept as it is: it loads a random number, or a word that ends "
		        "it where a packet has no device");
		return false;
	}
	return false;
}

struct optimize {
	struct job job; /* first */
	const struct weir_program *program;
};

static int optimize(struct job *j)
{
	const struct weir_program *was = ((struct optimize *)j)->program;
	struct cbpf_program p = {
		.use = j->kind == WEIR_SECCOMP ? CBPF_SECCOMP : CBPF_SOCKET,
	};
	struct cbpf_verdict verdict;
	size_t n;

	j->linktype = api_linktype(was);
	p.insns = weir_program_insns(was, &n);
	p.n = (uint32_t)n;
	if (!cbpf_check(&j->tmp, p.insns, n, p.use, CBPF_ANY_LENGTH, &verdict)) {
		diag_plain(&j->diags, DIAG_ERROR, E_REFUSED "instruction %u: %s", verdict.at,
		           verdict.reason);
		return -EINVAL;
	}
	if (j->compile.level == WEIR_O0 || !improve(j, &p))
		return api_copy(j, was);
	return api_make(j);
}

int weir_program_optimize(struct weir_program **out, const struct weir_program *p,
                          const struct weir_compile_options *o)
{
	struct optimize q = { .job = { .body = optimize }, .program = p };
	int err = api_compile_options(&q.job, weir_program_kind(p), o);

	*out = NULL;
	return err ? err : api_give(&q.job, api_run(&q.job), out);
}

/* --- what a program is expected to cost ------------------------------------------- */

struct question {
	struct job job; /* first */
	struct cbpf_program program;
	struct weir_expected *expected;
};

static int expect(struct job *j)
{
	struct question *q = (struct question *)j;
	struct ir_input in = gen_input(q->program.use);
	struct gen_options options = { 0 };
	struct cbpf_verdict verdict;
	struct opt_expected e;

	if (!cbpf_check(&j->tmp, q->program.insns, q->program.n, q->program.use, CBPF_ANY_LENGTH,
	                &verdict))
		return -EINVAL;
	j->graph = ir_graph(&j->arena, &in);
	api_optimizer(j, &options, WEIR_O0);
	if (!opt_expect(&j->opt, &q->program, &e))
		return -ENOTSUP;
	q->expected->insns = e.insns;
	q->expected->nanoseconds = j->kind == WEIR_PACKET ? e.ns : 0;
	return 0;
}

int weir_program_expect(const struct weir_program *p, struct weir_expected *out)
{
	struct weir_expected expected = { .size = sizeof expected };
	struct question q = {
		.job = { .body = expect, .kind = weir_program_kind(p) },
		.expected = &expected,
	};
	size_t n;
	int err;

	q.program.use = q.job.kind == WEIR_SECCOMP ? CBPF_SECCOMP : CBPF_SOCKET;
	q.program.insns = weir_program_insns(p, &n);
	q.program.n = (uint32_t)n;
	err = api_run(&q.job);
	return err ? err : api_hand(out, &expected, sizeof expected);
}
