/*
 * PROGRAM: what show, check and eval are about, however it is named: a file in any
 * format, or a policy or an expression that is compiled for it. docs/design/program.md.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"
#include "launch/launch.h"
#include "net/net.h"

bool cli_program_given(const struct cli *c)
{
	if (c->o.programs.n == 1)
		return true;
	cli_error("%s takes one program, not %zu: a file, '-', --expr, --policy, --pid or --fd",
	          c->command->name, c->o.programs.n);
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

/*
 * Hint, after an error in TEXT read as assembler, at the options for what
 * compiles to a program.
 */
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
	struct expression_text source = {
		.text = text,
		.len = strlen(text),
		.name = "expression",
		.files = &out->files,
		.to = &out->expression,
	};
	struct weir_expression_options p;

	out->name = "expression";
	if (!packet_options(c, &p))
		return EXIT_USAGE;
	/* A pipe can be read once only, and its packets are wanted later. */
	if (c->o.read && strcmp(c->o.read, "-") != 0 && !packet_look_at_source(&c->o, &p))
		return EXIT_USAGE;
	if (!packet_live(&c->o, &p))
		return EXIT_USAGE;
	c->o.compile.annotate = true;
	return packet_compile(c, &source, &p, &out->program);
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

/* --- what runs --------------------------------------------------------------------- */

/* Make P of N instructions of KIND that process PID has. */
static int take_insns(struct cli_program *p, enum weir_kind kind,
                      const struct sock_filter *insns, size_t n)
{
	int err = weir_program_new(&p->program, kind, insns, n);

	p->name = p->own_name;
	return err ? cli_compile_failed(err) : EXIT_DONE;
}

/* Say why the filters of process PID could not be read. */
static void cannot_read(int pid, int err, bool stopped)
{
	if (err == -EACCES && stopped)
		cli_error("the seccomp filters of process %d: reading them needs root "
		          "(CAP_SYS_ADMIN), outside any seccomp filter",
		          pid);
	else if (err == -EMEDIUMTYPE)
		cli_error("a seccomp filter of process %d was not kept by the kernel", pid);
	else
		cli_error("tracing process %d: %s", pid, strerror(-err));
	if (err == -EPERM)
		cli_hint("it may be another user's, or somebody else traces it");
}

/* Read a number from 1 to INT32_MAX at *AT, and step over it; 0 if there is none. */
static int read_id(const char **at)
{
	char *end;
	long n = strtol(*at, &end, 10);

	if (end == *at || **at < '0' || **at > '9' || n > INT32_MAX)
		return 0;
	*at = end;
	return (int)n;
}

/* Make OUT of filters FIRST to LAST of process PID, of which INSTALLED has all. */
static int take_filters(struct cli_programs *out, int pid,
                        const struct launch_installed *installed, size_t first, size_t last)
{
	int status = EXIT_DONE;

	out->v = calloc(last - first + 1, sizeof *out->v);
	if (!out->v) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	for (size_t i = first; i <= last && status == EXIT_DONE; i++) {
		struct cli_program *p = &out->v[out->n++];

		snprintf(p->own_name, sizeof p->own_name, "process %d, filter %zu of %zu", pid,
		         i, installed->n);
		status = take_insns(p, WEIR_SECCOMP, installed->v[i - 1].insns,
		                    installed->v[i - 1].n);
	}
	return status;
}

/* Open "1234", all filters of a process, or "1234#2", its second. */
static int read_process(const char *text, struct cli_programs *out)
{
	struct launch_installed installed;
	const char *at = text;
	int pid = read_id(&at), which = 0, err, status = EXIT_USAGE;

	if (pid && *at == '#') {
		at++;
		which = read_id(&at);
		pid = which ? pid : 0;
	}
	if (!pid || *at) {
		cli_error("--pid takes the number of a process, and perhaps which filter: "
		          "1234#2; not '%s'",
		          text);
		return EXIT_USAGE;
	}
	err = launch_installed(pid, &installed);
	if (err)
		cannot_read(pid, err, installed.stopped);
	else if (!installed.n)
		cli_error("process %d is under no seccomp filter", pid);
	else if ((size_t)which > installed.n)
		cli_error("process %d has %zu filters, so there is no #%d", pid, installed.n,
		          which);
	else
		status = take_filters(out, pid, &installed, which ? (size_t)which : 1,
		                      which ? (size_t)which : installed.n);
	launch_installed_free(&installed);
	return status;
}

/* Open "1234:3", the filter of socket 3 of process 1234. */
static int read_socket(const char *text, struct cli_program *out)
{
	struct sock_filter insns[NET_MAX_FILTER];
	struct net_socket s = { 0 };
	const char *at = text;
	int pid = read_id(&at), fd = -1, copy, err;

	if (pid && *at == ':' && at[1] >= '0' && at[1] <= '9') {
		char *end;

		fd = (int)strtol(at + 1, &end, 10);
		at = end;
	}
	if (fd < 0 || *at) {
		cli_error("--fd takes a process and its descriptor: 1234:3; not '%s'", text);
		return EXIT_USAGE;
	}
	copy = net_copy_descriptor(pid, fd);
	err = copy < 0 ? copy : net_socket_filter(copy, &s, insns);
	if (copy >= 0)
		close(copy);
	if (err || !s.n) {
		cli_error("descriptor %d of process %d: %s", fd, pid,
		          err == -EACCES ? "its filter is an eBPF program"
		          : err          ? strerror(-err)
		                         : "the socket has no filter");
		return EXIT_USAGE;
	}
	snprintf(out->own_name, sizeof out->own_name, "descriptor %d of process %d", fd, pid);
	return take_insns(out, WEIR_PACKET, s.insns, s.n);
}

/* --- any of them -------------------------------------------------------------------- */

/* Open what NAME, which does not name a process, is; KIND is what --kind says. */
static int open_one(struct cli *c, const struct program_name *name, enum weir_kind kind,
                    struct cli_program *out)
{
	int status = EXIT_USAGE;

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
	case BY_PID:
		break;
	case BY_FD:
		status = read_socket(name->text, out);
		return status == EXIT_DONE ? optimize(c, out) : status;
	}
	return status;
}

int cli_programs_open(struct cli *c, size_t i, struct cli_programs *out)
{
	const struct program_name *name = &c->o.programs.v[i];
	enum weir_kind kind;
	int status;

	*out = (struct cli_programs){ 0 };
	if (!find_kind(c, &kind))
		return EXIT_USAGE;
	if (name->by == BY_PID) {
		status = read_process(name->text, out);
		for (size_t n = 0; n < out->n && status == EXIT_DONE; n++)
			status = optimize(c, &out->v[n]);
		return status;
	}
	out->v = calloc(1, sizeof *out->v);
	if (!out->v) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	out->n = 1;
	return open_one(c, name, kind, out->v);
}

static void close_program(struct cli_program *p)
{
	weir_program_free(p->program);
	weir_expression_free(p->expression);
	cli_policy_close(p->policy);
	files_free(&p->files);
	*p = (struct cli_program){ 0 };
}

void cli_programs_close(struct cli_programs *p)
{
	for (size_t i = 0; i < p->n; i++)
		close_program(&p->v[i]);
	free(p->v);
	*p = (struct cli_programs){ 0 };
}
