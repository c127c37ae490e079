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
#include "launch/launch.h"

struct cli_policy {
	struct cli *c;
	char *text, *source, *profile;
	const char *form; /* a weir_policy_form(), or what weir_policy_looks_like */
	size_t len;
	struct files files;
	struct utsname machine;
	struct weir_policy *policy; /* NULL: not read yet */
};

/* --- programs in a policy's place --------------------------------------------- */

/* Read bytes that are not a policy as a program that Linux accepts. */
static int read_program(struct weir_program **program, const char *name, const char *text,
                        size_t len, const struct weir_read_options *reading)
{
	struct weir_verdict verdict = { .size = sizeof verdict };
	int err = weir_program_read(program, WEIR_SECCOMP, text, len, reading);

	if (err)
		return cli_compile_failed(err);
	err = weir_program_check(*program, &verdict);
	if (!err && verdict.ok)
		return EXIT_DONE;
	weir_program_free(*program);
	*program = NULL;
	if (err)
		return cli_compile_failed(err);
	cli_error("'%s' is neither a policy nor a program that Linux accepts "
	          "(instruction %zu: %s)",
	          name, verdict.at, verdict.reason);
	return EXIT_USAGE;
}

/* --- opening -------------------------------------------------------------------- */

/* Read what --profile names; false after a message. */
static bool read_profile(struct cli_policy *p)
{
	struct weir_compile_options *o = &p->c->o.compile;
	const char *name = p->c->o.profile;
	int err;

	if (!name)
		return true;
	o->profile_name = strcmp(name, "-") == 0 ? "stdin" : name;
	err = input_read(name, &p->profile, &o->profile_len);
	o->profile = p->profile;
	if (err)
		cli_error("%s: %s", o->profile_name, strerror(-err));
	return !err;
}

static void set_options(struct cli_policy *p)
{
	struct options *o = &p->c->o;

	o->reading.ctx = &p->files;
	o->reading.name = p->source;
	p->form = o->policy.form ? o->policy.form
	                         : weir_policy_looks_like(p->text, p->len);
	if (!o->container.kernel && p->form && strcmp(p->form, "oci") == 0 &&
	    uname(&p->machine) == 0)
		o->container.kernel = p->machine.release;
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
	weir_policy_free(p->policy);
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

/* Read P's text, if that was not done; EXIT_DONE, or another status after a message. */
static int read_policy(struct cli_policy *p)
{
	int err = 0;

	if (!p->policy)
		err = weir_policy_read(&p->policy, p->text, p->len, &p->c->o.policy);
	if (err == -EINVAL && !p->c->erred) /* --lint, and only warnings */
		return EXIT_NO;
	return err ? cli_compile_failed(err) : EXIT_DONE;
}

static int make_program(struct cli_policy *p, struct weir_program **program)
{
	int status, err;

	if (cli_policy_is_program(p))
		return read_program(program, p->source, p->text, p->len,
		                    &p->c->o.reading);
	status = read_policy(p);
	if (status != EXIT_DONE)
		return status;
	err = weir_policy_compile(program, p->policy, &p->c->o.compile);
	return err ? cli_compile_failed(err) : EXIT_DONE;
}

int cli_policy_program(struct cli_policy *p, struct weir_program **program)
{
	p->c->o.compile.annotate = true;
	p->c->o.compile.pass = p->c->o.verbose > 1 ? cli_print_gain : NULL;
	return make_program(p, program);
}

/* Tell whether only options of GIVEN are set that do not change the program. */
static bool is_harmless(const struct option_set *given)
{
	static const struct option_set harmless = { {
		[OPT_QUIET] = true,
		[OPT_LOG] = true,
		[OPT_NO_TRACE] = true,
		[OPT_RW] = true,
		[OPT_RO] = true,
		[OPT_HIDE] = true,
		[OPT_SHOW] = true,
		[OPT_TMP] = true,
		[OPT_NET] = true,
		[OPT_LIMIT] = true,
		[OPT_RUN_TIMEOUT] = true,
		[OPT_KILL_AFTER] = true,
		[OPT_KEEP_FD] = true,
		[OPT_KEEP_ENV] = true,
		[OPT_KEEP_CAP] = true,
		[OPT_ABSTRACT] = true,
		[OPT_BEST_EFFORT] = true,
		[OPT_NO_CHECK] = true,
		[OPT_COLOR] = true,
	} };

	for (size_t i = 0; i < NOPTIONS; i++)
		if (given->has[i] && !harmless.has[i])
			return false;
	return true;
}

int cli_policy_program_quickly(struct cli_policy *p, struct weir_program **program)
{
	int err = -ENOENT;

	if (is_harmless(&p->c->o.given))
		err = shipped_program(p->text, p->len, program);
	if (err == -ENOENT)
		return make_program(p, program);
	return err ? cli_compile_failed(err) : EXIT_DONE;
}

bool cli_policy_refuses(const struct cli_policy *p, const struct weir_program *program)
{
	if (cli_policy_is_program(p))
		return launch_may_refuse(program);
	/* What was not read is built in, and refuses. */
	return !p->policy || weir_policy_refuses(p->policy);
}

int cli_policy_print(struct cli_policy *p, char **text, size_t *len)
{
	int status = read_policy(p), err;

	*text = NULL;
	if (status != EXIT_DONE)
		return status;
	err = weir_policy_print(p->policy, cli_library_format(p->c), NULL, text, len);
	if (err != -ENOTSUP)
		return err ? cli_compile_failed(err) : EXIT_DONE;
	cli_error("a container's profile cannot be expressed in format 'policy', only in 'oci'");
	return EXIT_USAGE;
}

/* --- asking ------------------------------------------------------------------------ */

int cli_policy_answers(struct cli_policy *p, weir_answer_fn *answer, void *ctx)
{
	const struct options *o = &p->c->o;
	int status = read_policy(p), err;

	if (status == EXIT_DONE && o->explain) {
		err = weir_policy_explain(p->policy, answer, ctx);
		return err ? cli_compile_failed(err) : EXIT_DONE;
	}
	for (size_t i = 0; p->policy && i < o->ask.n; i++) {
		err = weir_policy_ask(p->policy, o->ask.v[i], o->policy.abis, answer, ctx);
		if (err)
			status = cli_compile_failed(err);
	}
	return status;
}

/* Read P, if that was not done, from the texts that its program was made of. */
static bool can_ask(struct cli_policy *p)
{
	if (cli_policy_is_program(p))
		return false;
	p->files.closed = true;
	p->c->o.reading.diag = NULL;
	return read_policy(p) == EXIT_DONE;
}

void cli_policy_why(struct cli_policy *p, uint32_t arch, uint32_t nr,
                    const uint64_t *args, weir_answer_fn *answer, void *ctx)
{
	if (can_ask(p))
		weir_policy_call(p->policy, arch, nr, args, answer, ctx);
}

void cli_policy_ask(struct cli_policy *p, const char *abi, const char *question,
                    weir_answer_fn *answer, void *ctx)
{
	if (can_ask(p))
		weir_policy_ask(p->policy, question, abi, answer, ctx);
}
