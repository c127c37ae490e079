/*
 * weir policy: a syscall policy in, a program out. How policies are found and
 * compiled is the same for weir run.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/base.h"
#include "cli/cli.h"

/* The first byte of TEXT that is no space. */
static char first_byte(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && isspace((unsigned char)text[i]))
		i++;
	return i < len ? text[i] : '\0';
}

/* A container's profile: an object with keys, but not a program written as JSON. */
static bool is_profile(const char *text, size_t len)
{
	const char *open = memchr(text, '{', len);
	char next = open ? first_byte(open + 1, len - (size_t)(open + 1 - text)) : 0;

	return first_byte(text, len) == '{' && (next == '"' || next == '}') &&
	       !memmem(text, len, "\"insns\"", 7);
}

/*
 * A compiled program begins with a number or a parenthesis, round or curly, or
 * has bytes that text has not; a policy does neither.
 */
static bool is_program(const char *text, size_t len)
{
	char c = first_byte(text, len);

	if (is_profile(text, len))
		return false;
	return memchr(text, '\0', len) || (c && strchr("({0123456789", c));
}

/* Bytes that are no policy; they had better be a program that Linux takes. */
static int read_program(struct weir_program **program, const char *name, const char *text,
                        size_t len, const struct weir_common_options *common)
{
	struct weir_verdict verdict;
	int err = weir_program_read(program, WEIR_SECCOMP, text, len, common);

	if (err)
		return cli_compile_failed(err);
	err = weir_program_check(*program, &verdict);
	if (!err && verdict.ok)
		return EXIT_DONE;
	weir_program_free(*program);
	*program = NULL;
	if (err)
		return cli_compile_failed(err);
	cli_error("'%s' is no policy, and no program that Linux would take either "
	          "(instruction %zu: %s)", name, verdict.at, verdict.reason);
	return EXIT_USAGE;
}

/* A policy that was found, and what compiling it takes. */
struct loading {
	char *text, *source, *profile;
	size_t len, profile_len;
	struct files files;
	struct weir_common_options common;
	struct weir_policy_options options;
	struct utsname machine;
};

static void unload(struct loading *l)
{
	free(l->text);
	free(l->source);
	free(l->profile);
}

static const char *profile_name(const struct cli *c)
{
	return c->o.profile && strcmp(c->o.profile, "-") == 0 ? "stdin" : c->o.profile;
}

/* What --profile names; false after a message. */
static bool read_profile(const struct cli *c, struct loading *l)
{
	int err = 0;

	if (c->o.profile)
		err = input_read(c->o.profile, &l->profile, &l->profile_len);
	if (err)
		cli_error("%s: %s", profile_name(c), strerror(-err));
	return !err;
}

/* Finds policy NAME; EXIT_DONE, and L is to be given to unload. */
static int load(struct cli *c, const char *name, struct loading *l)
{
	*l = (struct loading){ .files = { .policies = true } };
	if (input_policy(name, &l->text, &l->len, &l->source) != 0)
		return EXIT_USAGE;
	if (!read_profile(c, l)) {
		unload(l);
		return EXIT_USAGE;
	}
	options_common(c, &l->common);
	l->common.annotate = true;
	l->common.ctx = &l->files;
	l->options = (struct weir_policy_options){
		.size = sizeof l->options, .common = &l->common, .abis = c->o.abis,
		.define = c->o.define, .ndefine = c->o.ndefine, .lint = c->o.lint,
		.name = l->source, .from = c->o.from, .runtime = c->o.runtime,
		.kernel = c->o.kernel, .cap = c->o.cap.v, .ncap = c->o.cap.n,
		.typed = c->o.typed,
		.profile = l->profile, .profile_len = l->profile_len,
		.profile_name = profile_name(c),
	};
	if (!c->o.kernel && is_profile(l->text, l->len) && uname(&l->machine) == 0)
		l->options.kernel = l->machine.release;
	return EXIT_DONE;
}

static int compile(struct cli *c, const struct loading *l, struct weir_program **program)
{
	int err = weir_compile_policy(program, l->text, l->len, &l->options);

	if (err == -EINVAL && !c->erred) /* --lint, and only warnings */
		return EXIT_NO;
	return err ? cli_compile_failed(err) : EXIT_DONE;
}

static int make_program(struct cli *c, const struct loading *l,
                        struct weir_program **program)
{
	if (!c->o.from && is_program(l->text, l->len))
		return read_program(program, l->source, l->text, l->len, &l->common);
	return compile(c, l, program);
}

static int load_program(struct cli *c, const char *name, struct weir_program **program)
{
	struct loading l;
	int status = load(c, name, &l);

	if (status != EXIT_DONE)
		return status;
	l.common.pass = c->o.verbose > 1 ? cli_print_gain : NULL;
	status = make_program(c, &l, program);
	unload(&l);
	return status;
}

int policy_load_quickly(struct cli *c, const char *name, struct weir_program **program)
{
	/* What does not change the program; of any other option it may be. */
	const uint64_t harmless = OPT(QUIET) | OPT(LOG) | OPT(NO_TRACE) | OPT(COLOR);
	struct loading l;
	int status = load(c, name, &l), err = -ENOENT;

	if (status != EXIT_DONE)
		return status;
	if (!(c->o.given & ~harmless))
		err = shipped_program(l.text, l.len, program);
	if (err == -ENOENT)
		status = make_program(c, &l, program);
	else if (err)
		status = cli_compile_failed(err);
	unload(&l);
	return status;
}

void policy_why(struct cli *c, const char *name, const char *abi, const char *question,
                weir_answer_fn *answer, void *ctx)
{
	struct weir_program *program;
	struct loading l;

	if (strcmp(name, "-") == 0 || load(c, name, &l) != EXIT_DONE)
		return;
	l.common.diag = NULL;
	l.options.answer = answer;
	l.options.answer_ctx = ctx;
	l.options.ask = &question;
	l.options.nask = 1;
	l.options.ask_abis = abi;
	if (!is_program(l.text, l.len) &&
	    weir_compile_policy(&program, l.text, l.len, &l.options) == 0)
		weir_program_free(program);
	unload(&l);
}

/* Compiles policy NAME for its answers. */
static int load_answers(struct cli *c, const char *name, struct answers *answers)
{
	struct weir_program *program;
	struct loading l;
	int status = load(c, name, &l);

	if (status != EXIT_DONE)
		return status;
	l.options.answer = answers_add;
	l.options.answer_ctx = answers;
	l.options.ask = c->o.ask.v;
	l.options.nask = c->o.ask.n;
	l.options.ask_abis = c->o.abis;
	l.options.explain = c->o.explain;
	if (!c->o.from && is_program(l.text, l.len)) {
		cli_error("'%s' is a program; --explain and --ask need the policy "
		          "that it was made of", l.source);
		status = EXIT_USAGE;
	} else {
		status = compile(c, &l, &program);
	}
	if (status == EXIT_DONE)
		weir_program_free(program);
	unload(&l);
	return status;
}

/* Policy NAME in the policy language, or as a profile. */
static int write_policy(struct cli *c, const char *name)
{
	struct loading l;
	char *text;
	size_t len;
	int status = load(c, name, &l), err;

	if (status != EXIT_DONE)
		return status;
	l.options.to = c->o.format;
	err = weir_policy_print(l.text, l.len, &l.options, &text, &len);
	if (err == -ENOTSUP)
		cli_error("a container's profile cannot be written as 'policy', only as 'oci'");
	status = err == -ENOTSUP ? EXIT_USAGE
	         : err           ? cli_compile_failed(err)
	                         : cli_write(c, text, len);
	free(text);
	unload(&l);
	return status;
}

/* --explain and --ask: not the program, but what it does. */
static int write_answers(struct cli *c)
{
	struct answers *answers = answers_new(c->o.verbose > 0);
	int status = EXIT_USAGE;

	if (!answers)
		cli_error("out of memory");
	else
		status = load_answers(c, c->words[0], answers);
	if (status == EXIT_DONE)
		status = answers_write(answers, c);
	if (status == EXIT_DONE && c->o.ask.n && !answers_permit(answers))
		status = EXIT_NO;
	answers_free(answers);
	return status;
}

int cmd_policy(struct cli *c)
{
	bool as_policy = c->o.format && (strcmp(c->o.format, "policy") == 0 ||
	                                 strcmp(c->o.format, "oci") == 0);
	struct weir_program *program;
	int status = as_policy ? EXIT_DONE : cli_check_format(c);

	if (status != EXIT_DONE)
		return status;
	if (c->nwords != 1 || (c->rest && *c->rest)) {
		cli_error("weir policy takes one policy, a file or the name of an "
		          "installed one");
		return EXIT_USAGE;
	}
	if (c->o.explain && c->o.ask.n) {
		cli_error("--explain and --ask do not go together");
		return EXIT_USAGE;
	}
	if (c->o.explain || c->o.ask.n)
		return write_answers(c);
	if (as_policy)
		return write_policy(c, c->words[0]);
	status = load_program(c, c->words[0], &program);
	if (status != EXIT_DONE)
		return status;
	status = cli_write_program(c, program);
	weir_program_free(program);
	return status;
}
