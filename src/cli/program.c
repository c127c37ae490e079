/*
 * PROGRAM: what show, check and eval are about, however it is named: a file in any
 * format, or a policy or an expression that is compiled for it. docs/design/program.md.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

bool cli_programs_given(const struct cli *c, size_t n)
{
	if (c->o.programs.n == n)
		return true;
	cli_error("%s takes %s, not %zu: a file, '-', --expr or --policy", c->command->name,
	          n == 1 ? "one program" : "two programs", c->o.programs.n);
	return false;
}

/* Set *KIND to what --kind says; false after a message. */
static bool find_kind(const struct cli *c, enum weir_kind *kind)
{
	const char *said = c->o.kind;

	*kind = WEIR_EITHER;
	if (!said)
		return true;
	if (strcmp(said, "packet") == 0)
		*kind = WEIR_PACKET;
	else if (strcmp(said, "seccomp") == 0)
		*kind = WEIR_SECCOMP;
	else
		cli_error("--kind takes packet or seccomp, not '%s'", said);
	return *kind != WEIR_EITHER;
}

/* Put what the level that the user asked for makes of P's program in its place. */
static int optimize(struct cli *c, struct cli_program *p)
{
	struct weir_program *better;
	int err;

	if (!c->o.given.has[OPT_LEVEL])
		return EXIT_DONE;
	c->o.compile.annotate = true;
	err = weir_program_optimize(&better, p->program, &c->o.compile);
	if (err)
		return cli_compile_failed(err);
	weir_program_free(p->program);
	p->program = better;
	return EXIT_DONE;
}

/* --- files ------------------------------------------------------------------------ */

/* What happens while a file is read. */
struct reading {
	struct cli *c;
	bool is_asm; /* it was taken for what nothing else looks like, */
	bool failed; /* and that was wrong */
};

static void note_reading(void *ctx, const struct weir_diag *diag)
{
	struct reading *r = ctx;

	r->is_asm |= diag->severity == WEIR_NOTE && strstr(diag->message, "was read as asm");
	r->failed |= diag->severity == WEIR_ERROR && diag->line;
	cli_diag(r->c, diag);
}

/* After an error in TEXT, read as assembler: it may be what is compiled to a program. */
static void hint_at_sources(const char *text, size_t len)
{
	const char *looks = weir_policy_looks_like(text, len);

	if (looks && strcmp(looks, "program") != 0)
		cli_hint("--policy names a policy, and --expr is a packet expression");
}

static int read_program(struct cli *c, const char *path, enum weir_kind kind,
                        struct cli_program *out)
{
	struct weir_read_options o = c->o.reading;
	struct reading r = { .c = c };
	char *text;
	size_t len;
	int err = input_read(path, &text, &len), status;

	out->name = strcmp(path, "-") == 0 ? "stdin" : path;
	if (err) {
		cli_error("%s: %s", out->name, strerror(-err));
		return EXIT_USAGE;
	}
	o.name = out->name;
	o.diag = note_reading;
	o.diag_ctx = &r;
	o.format = c->o.policy.form;
	o.abi = c->o.policy.abis;
	err = weir_program_read(&out->program, kind, text, len, &o);
	status = err ? cli_compile_failed(err) : EXIT_DONE;
	if (r.failed && r.is_asm)
		hint_at_sources(text, len);
	free(text);
	return status;
}

/* --- texts that are compiled -------------------------------------------------------- */

/* Tell whether --kind, which says KIND, permits IS; false after a message. */
static bool same_kind(enum weir_kind is, enum weir_kind kind)
{
	if (kind == WEIR_EITHER || kind == is)
		return true;
	if (is == WEIR_PACKET)
		cli_error("--expr is a packet program; it cannot be --kind seccomp");
	else
		cli_error("--policy is a seccomp program; it cannot be --kind packet");
	return false;
}

static int compile_expression(struct cli *c, const char *text, struct cli_program *out)
{
	struct weir_expression_options p;
	int err;

	out->name = c->o.reading.name = "expression";
	if (!packet_options(c, &p) || !packet_live(&c->o, &p))
		return EXIT_USAGE;
	c->o.reading.ctx = &out->files;
	err = weir_expression_read(&out->expression, text, strlen(text), &p);
	if (err)
		return cli_compile_failed(err);
	if (!profile_read(c, p.linktype))
		return EXIT_USAGE;
	c->o.compile.annotate = true;
	err = weir_expression_compile(&out->program, out->expression, &c->o.compile);
	profile_free(c);
	return err ? cli_compile_failed(err) : EXIT_DONE;
}

static int compile_policy(struct cli *c, const char *name, struct cli_program *out)
{
	int status;

	out->policy = cli_policy_open(c, name);
	if (!out->policy)
		return EXIT_USAGE;
	out->name = cli_policy_source(out->policy);
	status = cli_policy_program(out->policy, &out->program);
	/* What was a program already was not compiled at the level. */
	if (status == EXIT_DONE && cli_policy_is_program(out->policy))
		status = optimize(c, out);
	return status;
}

/* --- any of them -------------------------------------------------------------------- */

int cli_program_open(struct cli *c, size_t i, struct cli_program *out)
{
	const struct program_name *name = &c->o.programs.v[i];
	enum weir_kind kind;
	int status = EXIT_USAGE;

	*out = (struct cli_program){ 0 };
	if (!find_kind(c, &kind))
		return EXIT_USAGE;
	switch (name->by) {
	case BY_FILE:
		status = read_program(c, name->text, kind, out);
		return status == EXIT_DONE ? optimize(c, out) : status;
	case BY_EXPR:
		if (same_kind(WEIR_PACKET, kind))
			status = compile_expression(c, name->text, out);
		break;
	case BY_POLICY:
		if (same_kind(WEIR_SECCOMP, kind))
			status = compile_policy(c, name->text, out);
		break;
	}
	return status;
}

void cli_program_close(struct cli_program *p)
{
	weir_program_free(p->program);
	weir_expression_free(p->expression);
	cli_policy_close(p->policy);
	files_free(&p->files);
	*p = (struct cli_program){ 0 };
}
