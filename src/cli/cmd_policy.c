/* weir policy: a syscall policy in, a program out. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

/* Write P in the policy language, or as a profile. */
static int write_policy(struct cli *c, struct cli_policy *p)
{
	char *text;
	size_t len;
	int status = cli_policy_print(p, &text, &len);

	if (status == EXIT_DONE)
		status = cli_write_format(c, text, len);
	free(text);
	return status;
}

static int write_program(struct cli *c, struct cli_policy *p)
{
	struct weir_program *program;
	int status = cli_policy_program(p, &program);

	if (status != EXIT_DONE)
		return status;
	if (cli_policy_is_program(p) && !cli_policy_refuses(p, program))
		cli_warning(c, "this program refuses nothing: it permits every call of "
		               "the ABIs that it is about");
	status = cli_write_program(c, program, NULL);
	weir_program_free(program);
	return status;
}

/* Write what the policy does, for --explain and --ask. */
static int write_answers(struct cli *c, struct cli_policy *p)
{
	struct answers *answers;
	int status;

	if (cli_policy_is_program(p)) {
		cli_error("'%s' is a program; --explain and --ask need the policy "
		          "that it was compiled from",
		          cli_policy_source(p));
		return EXIT_USAGE;
	}
	answers = answers_new(c->o.verbose > 0);
	if (!answers) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	status = cli_policy_answers(p, answers_add, answers);
	if (status == EXIT_DONE)
		status = answers_write(answers, c);
	if (status == EXIT_DONE && c->o.ask.n && !answers_permit(answers))
		status = EXIT_NO;
	answers_free(answers);
	return status;
}

/* Tell whether to draw the policy: from its answers, not from its program. */
static bool is_drawn(const struct cli *c, const struct cli_policy *p)
{
	return strcmp(cli_library_format(c), "dot") == 0 && !cli_policy_is_program(p);
}

int cmd_policy(struct cli *c)
{
	struct weir_format format;
	int status = cli_find_format(c, true, &format);
	struct cli_policy *p;

	if (status != EXIT_DONE)
		return status;
	if (c->nwords != 1 || (c->rest && *c->rest)) {
		cli_error("weir policy takes one policy: a file, or the name of an "
		          "installed policy");
		return EXIT_USAGE;
	}
	if (c->o.explain && c->o.ask.n) {
		cli_error("--explain and --ask are mutually exclusive");
		return EXIT_USAGE;
	}
	p = cli_policy_open(c, c->words[0]);
	if (!p)
		return EXIT_USAGE;
	if (c->o.explain || c->o.ask.n)
		status = write_answers(c, p);
	else if (format.kind == WEIR_POLICY_FORMAT || is_drawn(c, p))
		status = write_policy(c, p);
	else
		status = write_program(c, p);
	cli_policy_close(p);
	return status;
}
