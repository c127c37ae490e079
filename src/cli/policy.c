/*
 * A policy that was found. Its text, and those that it asks for, are read once
 * and kept: compiling it, asking it and explaining what it refused are about the
 * same texts, whatever becomes of the files meanwhile. The same for weir policy
 * and weir run.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/base.h"
#include "cli/cli.h"

struct cli_policy {
	struct cli *c;
	char *text, *source, *profile;
	const char *form; /* a weir_policy_form(), or what weir_policy_looks_like */
	size_t len, profile_len;
	struct files files;
	struct weir_common_options common;
	struct weir_policy_options options;
	struct utsname machine;
};

/* --- programs in a policy's place --------------------------------------------- */

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

/* --- opening -------------------------------------------------------------------- */

static const char *profile_name(const struct cli *c)
{
	return c->o.profile && strcmp(c->o.profile, "-") == 0 ? "stdin" : c->o.profile;
}

/* What --profile names; false after a message. */
static bool read_profile(struct cli_policy *p)
{
	const struct cli *c = p->c;
	int err = 0;

	if (c->o.profile)
		err = input_read(c->o.profile, &p->profile, &p->profile_len);
	if (err)
		cli_error("%s: %s", profile_name(c), strerror(-err));
	return !err;
}

static void set_options(struct cli_policy *p)
{
	const struct cli *c = p->c;

	options_common(p->c, &p->common);
	p->common.annotate = true;
	p->common.ctx = &p->files;
	p->options = (struct weir_policy_options){
		.size = sizeof p->options, .common = &p->common, .abis = c->o.abis,
		.define = c->o.define, .ndefine = c->o.ndefine, .lint = c->o.lint,
		.name = p->source, .from = c->o.from, .runtime = c->o.runtime,
		.kernel = c->o.kernel, .cap = c->o.cap.v, .ncap = c->o.cap.n,
		.typed = c->o.typed,
		.profile = p->profile, .profile_len = p->profile_len,
		.profile_name = profile_name(c),
	};
	p->form = c->o.from ? c->o.from : weir_policy_looks_like(p->text, p->len);
	if (!c->o.kernel && p->form && strcmp(p->form, "oci") == 0 &&
	    uname(&p->machine) == 0)
		p->options.kernel = p->machine.release;
}

struct cli_policy *cli_policy_open(struct cli *c, const char *name)
{
	struct cli_policy *p = calloc(1, sizeof *p);

	if (!p) {
		cli_error("out of memory");
		return NULL;
	}
	p->c = c;
	p->files.policies = true;
	if (input_policy(name, &p->text, &p->len, &p->source) != 0 ||
	    !read_profile(p)) {
		cli_policy_close(p);
		return NULL;
	}
	set_options(p);
	return p;
}

void cli_policy_close(struct cli_policy *p)
{
	if (!p)
		return;
	files_free(&p->files);
	free(p->text);
	free(p->source);
	free(p->profile);
	free(p);
}

const char *cli_policy_source(const struct cli_policy *p)
{
	return p->source;
}

bool cli_policy_is_program(const struct cli_policy *p)
{
	return p->form && strcmp(p->form, "program") == 0;
}

/* --- compiling -------------------------------------------------------------------- */

static int compile(struct cli_policy *p, struct weir_program **program)
{
	int err = weir_compile_policy(program, p->text, p->len, &p->options);

	if (err == -EINVAL && !p->c->erred) /* --lint, and only warnings */
		return EXIT_NO;
	return err ? cli_compile_failed(err) : EXIT_DONE;
}

static int make_program(struct cli_policy *p, struct weir_program **program)
{
	if (cli_policy_is_program(p))
		return read_program(program, p->source, p->text, p->len, &p->common);
	return compile(p, program);
}

int cli_policy_program(struct cli_policy *p, struct weir_program **program)
{
	p->common.pass = p->c->o.verbose > 1 ? cli_print_gain : NULL;
	return make_program(p, program);
}

int cli_policy_program_quickly(struct cli_policy *p, struct weir_program **program)
{
	/* What does not change the program; of any other option it may be. */
	const uint64_t harmless = OPT(QUIET) | OPT(LOG) | OPT(NO_TRACE) | OPT(COLOR);
	int err = -ENOENT;

	if (!(p->c->o.given & ~harmless))
		err = shipped_program(p->text, p->len, program);
	if (err == -ENOENT)
		return make_program(p, program);
	return err ? cli_compile_failed(err) : EXIT_DONE;
}

int cli_policy_print(struct cli_policy *p, char **text, size_t *len)
{
	int err;

	p->options.to = p->c->o.format;
	err = weir_policy_print(p->text, p->len, &p->options, text, len);
	if (err != -ENOTSUP)
		return err ? cli_compile_failed(err) : EXIT_DONE;
	cli_error("a container's profile cannot be written as 'policy', only as 'oci'");
	return EXIT_USAGE;
}

/* --- asking ------------------------------------------------------------------------ */

int cli_policy_answers(struct cli_policy *p, weir_answer_fn *answer, void *ctx)
{
	const struct cli *c = p->c;
	struct weir_program *program;
	int status;

	p->options.answer = answer;
	p->options.answer_ctx = ctx;
	p->options.ask = c->o.ask.v;
	p->options.nask = c->o.ask.n;
	p->options.ask_abis = c->o.abis;
	p->options.explain = c->o.explain;
	status = compile(p, &program);
	if (status == EXIT_DONE)
		weir_program_free(program);
	return status;
}

void cli_policy_why(struct cli_policy *p, const char *abi, const char *question,
                weir_answer_fn *answer, void *ctx)
{
	struct weir_program *program;

	if (cli_policy_is_program(p))
		return;
	p->files.closed = true;
	p->common.diag = NULL;
	p->common.dump = NULL;
	p->common.pass = NULL;
	p->options.answer = answer;
	p->options.answer_ctx = ctx;
	p->options.ask = &question;
	p->options.nask = 1;
	p->options.ask_abis = abi;
	if (weir_compile_policy(&program, p->text, p->len, &p->options) == 0)
		weir_program_free(program);
}
