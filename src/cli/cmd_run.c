/*
 * weir run: a program under a policy. The program's status is ours; what weir
 * itself has to say begins with "weir:" on stderr.
 */
#include "config.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/box.h"
#include "cli/cli.h"
#include "cli/start.h"
#include "launch/launch.h"

/* --- what the policy killed ------------------------------------------------------- */

/* Bit 30 of a number makes a call of x86_64 one of x32, which has the same arch. */
enum {
	X32_BIT = 0x40000000
};

/* Return the ABI that a call was made for; NULL: none that we know. */
static const char *abi_of(const struct launch_refusal *r)
{
	bool x32 = (r->nr & X32_BIT) && r->nr != UINT32_MAX;
	const char *abi, *found = NULL;

	for (unsigned i = 0; (abi = weir_abi_name(i)); i++)
		if (weir_abi_arch(abi) == r->arch &&
		    (!found || (x32 && strcmp(abi, "x32") == 0)))
			found = abi;
	return found;
}

/* What the report of a refusal needs beside it. */
struct context {
	struct cli *c;
	struct cli_policy *policy;
};

/* Print which rule decided: "web.policy:7: kill personality". */
static void print_rule(void *ctx, const struct weir_answer *a)
{
	bool *said = ctx;

	if (*said || a->permits || !a->source)
		return;
	*said = true;
	fprintf(stderr, "weir: %s: by %s:%u: %s\n", a->example ? a->example : a->call,
	        a->source, a->line, a->text ? a->text : a->action);
}

static void print_refusal(void *ctx, const struct launch_refusal *r)
{
	const struct context *x = ctx;
	const char *abi = abi_of(r);
	const char *name = abi ? weir_syscall_name(abi, r->nr) : NULL;
	bool said = false;
	char action[64];

	fprintf(stderr, "weir: the policy killed %s%s[%d] for calling ",
	        r->action == SECCOMP_RET_KILL_THREAD ? "thread " : "",
	        r->name[0] ? r->name : "process ", (int)r->pid);
	if (name)
		fprintf(stderr, "'%s' (%s %u", name, abi, r->nr);
	else
		fprintf(stderr, "number %d (%s", (int)r->nr,
		        abi ? abi : "of an unknown ABI");
	fprintf(stderr, "; %s)\n", launch_action(r->action, action, sizeof action));
	if (x->c->o.verbose)
		fprintf(stderr, "weir: with %#llx, %#llx, %#llx, %#llx, %#llx, "
		                "%#llx\n",
		        (unsigned long long)r->args[0],
		        (unsigned long long)r->args[1],
		        (unsigned long long)r->args[2],
		        (unsigned long long)r->args[3],
		        (unsigned long long)r->args[4],
		        (unsigned long long)r->args[5]);
	if (abi)
		cli_policy_why(x->policy, r->arch, r->nr, r->args, print_rule, &said);
}

/*
 * Print the native calls that the policy may kill, separated by commas; return
 * how many.
 */
static unsigned print_deadly_calls(const struct weir_program *filter)
{
	enum {
		MAX_NAMED = 8,
		NUMBERS = 512
	};
	const char *abi = weir_native_abi();
	unsigned n = 0;

	for (uint32_t nr = 0; abi && nr < NUMBERS && n <= MAX_NAMED; nr++) {
		const char *name = weir_syscall_name(abi, nr);

		if (!name || !launch_may_die(filter, nr, nr))
			continue;
		fprintf(stderr, "%s%s", n ? ", " : "",
		        n < MAX_NAMED ? name : "...");
		n++;
	}
	return n;
}

/* Print which calls it can have been, as nothing saw the call itself. */
static void print_suspects(const struct weir_program *filter)
{
	fprintf(stderr, "; the policy kills ");
	if (!print_deadly_calls(filter))
		fprintf(stderr, launch_may_kill(filter) ? "only numbers that have no name"
		                                        : "only calls of other ABIs");
	fputc('\n', stderr);
}

/* --- how it went ---------------------------------------------------------------------- */

static void print_failure(const struct launch_end *end)
{
	const char *why = end->error == LAUNCH_FAKED
	                          ? "reported as done, but not done; an outer filter or tracer "
	                            "answers for Linux"
	                          : strerror(end->error);

	fprintf(stderr, "weir: %s%s%s%s%s\n", end->step, end->detail[0] ? ": " : "",
	        end->detail, end->error ? ": " : "", end->error ? why : "");
}

/* Print which rule leaves a call to others: "web.policy:7: notify openat". */
static void print_unheard(void *ctx, const struct weir_answer *a)
{
	bool *said = ctx;

	if (*said || !a->source ||
	    (strncmp(a->action, "notify", 6) != 0 && strncmp(a->action, "trace", 5) != 0))
		return;
	*said = true;
	fprintf(stderr, "weir: by %s:%u: %s\n", a->source, a->line,
	        a->text ? a->text : a->action);
}

static void explain_unheard(struct cli_policy *p, const struct launch_end *end)
{
	char question[32];
	bool said = false;

	snprintf(question, sizeof question, "nr(%u)", end->nr);
	cli_policy_ask(p, end->abi, question, print_unheard, &said);
}

/* Explain the end of a program, or of a process in it, by SIGSYS. */
static void print_end(const struct launch *l, const struct launch_end *end)
{
	if (end->status != LAUNCH_SIGNALED + SIGSYS || end->refused)
		return;
	if (!end->signal) {
		fprintf(stderr, "weir: '%s' ended with %d, as shells do when SIGSYS "
		                "killed a command",
		        l->argv[0], end->status);
		print_suspects(l->filter);
	} else if (!end->explained) {
		fprintf(stderr, "weir: '%s' died of SIGSYS", l->argv[0]);
		print_suspects(l->filter);
	} else {
		fprintf(stderr, "weir: '%s' died of a SIGSYS that was not the "
		                "policy's doing\n",
		        l->argv[0]);
	}
}

/* --- the command -------------------------------------------------------------------- */

/* Return the policy's name; NULL after a message. */
static const char *policy_name(const struct cli *c)
{
	if (!c->rest || !*c->rest) {
		cli_error("weir run needs a command after '--'");
		if (c->nwords == 1)
			cli_hint("'weir run -- %s' runs it under the default policy",
			         c->words[0]);
		if (c->nwords > 1)
			cli_hint("'weir run -- %s ...', or 'weir run %s -- %s ...' if "
			         "that is a policy",
			         c->words[0], c->words[0],
			         c->words[1]);
		return NULL;
	}
	if (c->nwords > 1) {
		cli_error("weir run takes one policy before '--', not '%s' too",
		          c->words[1]);
		return NULL;
	}
	return c->nwords ? c->words[0] : "default";
}

/* Compile P; NULL after a message. */
static struct weir_program *load_filter(struct cli *c, struct cli_policy *p)
{
	struct weir_program *filter;

	if (cli_policy_program_quickly(p, &filter) != EXIT_DONE) {
		cli_error("policy: '%s' was not started", c->rest[0]);
		return NULL;
	}
	if (cli_policy_refuses(p, filter))
		return filter;
	cli_error("policy: it refuses nothing, so '%s' would run unconfined and was "
	          "not started",
	          c->rest[0]);
	cli_hint("let it refuse something, or start the program without weir");
	weir_program_free(filter);
	return NULL;
}

/* Print what became of the program, as far as it does not say so itself. */
static void print_outcome(const struct cli *c, struct cli_policy *p, const struct launch *l,
                          const struct launch_end *end)
{
	if (end->timed_out)
		fprintf(stderr, "weir: '%s' was ended after %llu second%s\n", l->argv[0],
		        (unsigned long long)l->timeout, l->timeout == 1 ? "" : "s");
	else if (end->started)
		print_end(l, end);
	else
		print_failure(end);
	if (end->abi)
		explain_unheard(p, end);
	if (end->left)
		fprintf(stderr, "weir: %zu process%s of '%s' could not be ended\n",
		        end->left, end->left == 1 ? "" : "es", l->argv[0]);
}

/* Run what follows "--" under P in box B; the status. */
static int run_under(struct cli *c, struct cli_policy *p, struct cli_box *b)
{
	struct weir_program *filter = load_filter(c, p);
	struct launch_end end;
	struct context x = { .c = c, .policy = p };
	struct launch l = {
		.filter = filter,
		.box = &b->setup,
		.rules = b->rules,
		.timeout = b->timeout,
		.patience = b->patience,
		.argv = c->rest,
		.trace = !c->o.no_trace,
		.log = c->o.log,
		.refused = print_refusal,
		.ctx = &x,
	};

	if (!filter)
		return LAUNCH_FAILED;
	if (!c->o.quiet)
		cli_start_hints(b->box.program, filter);
	launch_run(&l, &end);
	print_outcome(c, p, &l, &end);
	cli_box_report(b);
	weir_program_free(filter);
	return end.status;
}

/* Prepare the box and run under P in it, or print what it would be; the status. */
static int run_boxed(struct cli *c, struct cli_policy *p)
{
	char program[PATH_MAX];
	struct cli_box b;
	int status = LAUNCH_FAILED;

	if (launch_find(c->rest[0], program))
		program[0] = '\0';
	if (cli_box_open(c, &b, program) == EXIT_DONE) {
		if (c->o.verbose || c->o.print_plan)
			cli_box_print(c->o.print_plan ? stdout : stderr, &b);
		status = c->o.print_plan ? EXIT_DONE : run_under(c, p, &b);
	}
	cli_box_close(&b);
	return status;
}

int cmd_run(struct cli *c)
{
	const char *name = policy_name(c);
	struct cli_policy *p;
	int status;

	if (!name)
		return LAUNCH_FAILED;
	p = cli_policy_open(c, name);
	status = p ? run_boxed(c, p) : LAUNCH_FAILED;
	if (!p)
		cli_error("policy: '%s' was not started", c->rest[0]);
	cli_policy_close(p);
	return status;
}
