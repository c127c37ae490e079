/*
 * Seccomp programs as policies: the one that a program was compiled from, or the one that
 * the library lifts from it. What is asked, explained, printed and drawn is a policy.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

/* Lift the policy of P; messages go to the user if ALOUD. 0 or -errno. */
static int lift(struct cli *c, const struct cli_program *p, bool aloud,
                struct weir_policy **out)
{
	struct weir_read_options o = c->o.reading;

	/* Lines are those of the policy, not of the program. */
	o.name = "lifted";
	if (!aloud)
		o.diag = NULL;
	return weir_policy_lift(out, p->program, &o);
}

static bool is_compiled(const struct cli_program *p)
{
	return p->policy && !cli_policy_is_program(p->policy);
}

/* --- answers --------------------------------------------------------------------------- */

/* Give ANSWER what policy P says to what C asks. */
static int ask(struct cli *c, struct weir_policy *p, weir_answer_fn *answer, void *ctx)
{
	int err = 0, status = EXIT_DONE;

	if (c->o.explain) {
		err = weir_policy_explain(p, answer, ctx);
		return err ? cli_compile_failed(err) : EXIT_DONE;
	}
	for (size_t i = 0; i < c->o.ask.n; i++) {
		err = weir_policy_ask(p, c->o.ask.v[i], c->o.policy.abis, answer, ctx);
		if (err)
			status = cli_compile_failed(err);
	}
	return status;
}

static int ask_lifted(struct cli *c, const struct cli_program *p, weir_answer_fn *answer,
                      void *ctx)
{
	struct weir_policy *policy;
	int err = lift(c, p, true, &policy), status;

	if (err)
		return cli_compile_failed(err);
	status = ask(c, policy, answer, ctx);
	weir_policy_free(policy);
	return status;
}

int lifted_answers(struct cli *c, const struct cli_program *p)
{
	struct answers *answers = answers_new(c->o.verbose > 0);
	int status;

	if (!answers) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	if (is_compiled(p))
		status = cli_policy_answers(p->policy, answers_add, answers);
	else
		status = ask_lifted(c, p, answers_add, answers);
	if (status == EXIT_DONE)
		status = answers_write(answers, c);
	if (status == EXIT_DONE && c->o.ask.n && !answers_permit(answers))
		status = EXIT_NO;
	answers_free(answers);
	return status;
}

/* --- texts and drawings ------------------------------------------------------------------ */

/* Write POLICY in the format that C asks for. */
static int print(struct cli *c, struct weir_policy *policy)
{
	char *text;
	size_t len;
	int err = weir_policy_print(policy, cli_library_format(c), &c->o.container, &text,
	                            &len),
	    status;

	if (err == -ENOTSUP)
		cli_error("no policy is the same as the program: it %s",
		          weir_policy_inexact(policy));
	if (err)
		return err == -ENOTSUP ? EXIT_USAGE : cli_compile_failed(err);
	status = cli_write_format(c, text, len);
	free(text);
	return status;
}

int lifted_write(struct cli *c, const struct cli_program *p)
{
	bool drawn = strcmp(cli_library_format(c), "dot") == 0;
	struct weir_policy *policy;
	size_t len;
	char *text;
	int err, status;

	if (is_compiled(p)) {
		status = cli_policy_print(p->policy, &text, &len);
		if (status == EXIT_DONE)
			status = cli_write_format(c, text, len);
		free(text);
		return status;
	}
	err = lift(c, p, !drawn, &policy);
	/* A program that is not a policy is drawn from its instructions. */
	if (drawn && err != -ENOMEM && (err || weir_policy_inexact(policy))) {
		weir_policy_free(policy);
		return cli_write_program(c, p->program, NULL);
	}
	if (err)
		return cli_compile_failed(err);
	status = print(c, policy);
	weir_policy_free(policy);
	return status;
}
