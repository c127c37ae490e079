/*
 * The public library, policies from programs: a program is lifted to a graph, the graph to a
 * diagram of all its answers, and the diagram to a text, which is read. The policy is the
 * program's if its own diagram is the same.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "policy/policy.h"
#include "rules/ask.h"
#include "rules/lift.h"

enum {
	STEPS = 1 << 21, /* of diagrams: less than a second */
};

/* A job that lifts a program. */
struct lifting {
	struct job job; /* first */
	const struct weir_program *program;
	struct diagrams *d;
	struct outcome_families families;
	uint32_t set;      /* what the program answers */
	char *fingerprint; /* where it goes */
};

/* --- the program ------------------------------------------------------------------ */

static bool check(struct lifting *l, const struct sock_filter *insns, size_t n)
{
	struct job *j = &l->job;
	struct cbpf_verdict verdict;

	if (weir_program_kind(l->program) != WEIR_SECCOMP) {
		diag_plain(&j->diags, DIAG_ERROR,
		           E_INEXPRESSIBLE "only a seccomp program can be written as a policy");
		return false;
	}
	if (cbpf_check(&j->tmp, insns, n, CBPF_SECCOMP, 0, &verdict))
		return true;
	diag_plain(&j->diags, DIAG_ERROR, E_REFUSED "instruction %u: %s", verdict.at, verdict.reason);
	return false;
}

/* Compute what the N instructions at INSNS answer; 0, or -errno after a message. */
static int find_outcome(struct lifting *l, const struct sock_filter *insns, size_t n)
{
	struct job *j = &l->job;
	struct ir_graph *g = ir_graph(&j->tmp, &ir_input_seccomp_le);

	arena_doing(&j->arena, "the graph of the program", NULL);
	l->families = outcome_alone;
	if (!gen_lift(g, insns, (uint32_t)n, &j->tmp, NULL)) {
		diag_plain(&j->diags, DIAG_ERROR,
		           E_LIMIT "the paths of this program join with too many different values "
		                   "for it to be explained");
		return -ENOTSUP;
	}
	outcome_unite(&j->tmp, g, &l->families);
	l->d = outcome_diagrams(&j->tmp, &l->families, STEPS);
	arena_doing(&j->arena, "all that the program answers", NULL);
	l->set = rules_normal(&j->tmp, l->d, outcome_of(&j->tmp, l->d, g));
	if (!diagrams_lost(l->d))
		return 0;
	diag_plain(&j->diags, DIAG_ERROR,
	           E_LIMIT "what this program answers is too involved to be explained");
	return -ENOTSUP;
}

/* --- the policy --------------------------------------------------------------------- */

/* Tell whether T answers every input as the program does. */
static bool is_same(struct lifting *l, const struct rules_tree *t)
{
	struct job *j = &l->job;
	struct ir_graph *g = ir_graph(&j->tmp, rules_input(t));
	uint32_t set;

	g->root = rules_graph(g, t);
	diagrams_grant(l->d, STEPS);
	set = outcome_of(&j->tmp, l->d, g);
	return !diagrams_lost(l->d) && set == l->set;
}

/* Read TEXT, which was made here and is right, into P. */
static void read_text(struct lifting *l, struct weir_policy *p, const struct buf *text)
{
	struct job *j = &l->job;
	struct rules_options *o = arena_new(&j->arena, struct rules_options);
	const char *name = p->noun.read.name ? p->noun.read.name : "program";
	const char *own = arena_strndup(&j->arena, text->s, text->len);
	uint32_t source = diag_source(&j->diags, api_copy_text(&j->arena, name), own,
	                              text->len);
	void (*emit)(void *ctx, const struct diags *d, const struct diag *one) =
		j->diags.emit;

	j->diags.emit = NULL; /* of a text that the user never saw */
	p->noun.read.name = j->diags.sources.v[source].name;
	p->options = o;
	p->form = o->from = "policy";
	p->tree = api_policy_read(&j->arena, &j->diags, source, o);
	j->diags.emit = emit;
	assert(p->tree);
	p->refuses = rules_refuses(&j->tmp, p->tree);
}

static void inexact(struct lifting *l, struct weir_policy *p, const char *reason)
{
	struct job *j = &l->job;
	size_t n;
	const struct sock_filter *insns = weir_program_insns(l->program, &n);

	p->inexact = arena_strndup(&j->arena, reason, strlen(reason));
	p->insns = arena_memdup(&j->arena, insns, n * sizeof *insns);
	diag_plain_warning(&j->diags, DIAG_W_INEXACT,
	                   "no policy says all that this program does: it %s", reason);
}

static int lift(struct job *j)
{
	struct lifting *l = (struct lifting *)j;
	struct weir_policy *p = (struct weir_policy *)j->noun;
	struct rules_lifted lifted;
	size_t n;
	const struct sock_filter *insns = weir_program_insns(l->program, &n);
	int err;

	if (!check(l, insns, n))
		return -EINVAL;
	err = find_outcome(l, insns, n);
	if (err)
		return err;
	arena_doing(&j->arena, "the policy of the program", NULL);
	if (!rules_lift(&j->tmp, l->d, &l->families, l->set, &lifted)) {
		diag_plain(&j->diags, DIAG_ERROR,
		           E_INEXPRESSIBLE "this program cannot be explained as a policy: it %s",
		           lifted.reason);
		return -ENOTSUP;
	}
	read_text(l, p, &lifted.text);
	if (lifted.reason)
		inexact(l, p, lifted.reason);
	else if (!is_same(l, p->tree))
		inexact(l, p, "could not be held against the policy");
	return 0;
}

int weir_policy_lift(struct weir_policy **out, const struct weir_program *program,
                     const struct weir_read_options *o)
{
	struct lifting l = { .program = program };
	struct weir_policy *p = calloc(1, sizeof *p);
	size_t n;
	int err;

	*out = NULL;
	if (!p)
		return -ENOMEM;
	weir_program_insns(program, &n);
	l.job.len = n * sizeof(struct sock_filter);
	err = api_read(&l.job, &p->noun, o, lift);
	if (!err)
		*out = p;
	return err;
}

bool api_is_exact(struct job *j, const struct weir_policy *p)
{
	if (!p->inexact)
		return true;
	diag_plain(&j->diags, DIAG_ERROR,
	           E_INEXPRESSIBLE "this program cannot be written as a policy: it %s",
	           p->inexact);
	return false;
}

const char *weir_policy_inexact(const struct weir_policy *p)
{
	return p->inexact;
}

/* --- fingerprints ----------------------------------------------------------------------- */

/* Write HOW and the hash of BYTES in hexadecimal. */
static void put_fingerprint(char *out, char how, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t hash[SHA256_SIZE];

	sha256(bytes, len, hash);
	*out++ = how;
	*out++ = ':';
	for (int i = 0; i < SHA256_SIZE; i++) {
		*out++ = digits[hash[i] >> 4];
		*out++ = digits[hash[i] & 15];
	}
	*out = '\0';
}

/* Hash what the program answers, and the order of arguments in its diagram. */
static int fingerprint(struct job *j)
{
	struct lifting *l = (struct lifting *)j;
	struct buf bytes = { .arena = &j->tmp };
	size_t n;
	const struct sock_filter *insns = weir_program_insns(l->program, &n);
	int err = check(l, insns, n) ? find_outcome(l, insns, n) : -EINVAL;

	if (err)
		return err;
	buf_write(&bytes, l->families.of, sizeof l->families.of);
	outcome_put(&bytes, l->d, l->set);
	put_fingerprint(l->fingerprint, 'a', bytes.s, bytes.len);
	return 0;
}

int weir_program_fingerprint(const struct weir_program *p, char *out)
{
	struct lifting l = {
		.job = { .body = fingerprint },
		.program = p,
		.fingerprint = out,
	};
	size_t n;
	const struct sock_filter *insns = weir_program_insns(p, &n);
	int err = api_run(&l.job);

	if (err == -ENOMEM)
		return err;
	if (err)
		put_fingerprint(out, 'i', insns, n * sizeof *insns);
	return 0;
}
