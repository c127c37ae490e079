/* weir eval: what a program returns for a packet or a system call, and what that means. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"

/* A run, and how it ended. */
struct run {
	const struct cli_program *program;
	struct weir_data data;
	uint32_t result;
	bool failed; /* by the load or the division at LAST, not by a return */
	uint32_t last;
	size_t steps;
};

/* --- bytes in hexadecimal --------------------------------------------------------------- */

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Tell whether C may separate bytes. */
static bool is_separator(char c)
{
	return isspace((unsigned char)c) || c == ':' || c == '-';
}

/* Read the bytes that OPTION has as TEXT into BYTES; their number, or -1 after a message. */
static long read_hex(const char *option, const char *text, uint8_t *bytes)
{
	const char *at = text;
	long n = 0;

	while (*at) {
		int high, low;

		if (is_separator(*at)) {
			at++;
			continue;
		}
		high = digit_value(at[0]);
		low = high < 0 ? -1 : digit_value(at[1]);
		if (low < 0) {
			cli_error("%s takes bytes of two hexadecimal digits; character %td "
			          "does not begin one",
			          option, at - text + 1);
			return -1;
		}
		bytes[n++] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	return n;
}

/* --- running ------------------------------------------------------------------------------ */

static void take_step(void *ctx, const struct weir_step *step)
{
	struct run *r = ctx;

	r->steps++;
	r->failed = step->failed;
	r->last = step->at;
}

/* Run R's program on its data; EXIT_DONE, or EXIT_USAGE after a message. */
static int run(struct run *r)
{
	int err = weir_program_trace(r->program->program, &r->data, take_step, r, &r->result);
	struct weir_verdict v = { .size = sizeof v };

	if (!err)
		return EXIT_DONE;
	if (weir_program_check(r->program->program, &v) == 0 && !v.ok)
		cli_error("'%s' cannot run: instruction %zu: %s", r->program->name, v.at,
		          v.reason);
	else
		cli_error("'%s' cannot run: %s", r->program->name, strerror(-err));
	return EXIT_USAGE;
}

/* --- what a result means ----------------------------------------------------------------- */

/* Write what RET means to seccomp, in the words of a policy. */
static void put_action(struct buf *out, uint32_t ret)
{
	static const struct {
		uint32_t ret;
		const char *word;
		bool has_data;
	} actions[] = {
		{ SECCOMP_RET_KILL_PROCESS, "kill", false },
		{ SECCOMP_RET_KILL_THREAD, "kill_thread", false },
		{ SECCOMP_RET_TRAP, "trap", true },
		{ SECCOMP_RET_ERRNO, "errno", true },
		{ SECCOMP_RET_USER_NOTIF, "notify", false },
		{ SECCOMP_RET_TRACE, "trace", true },
		{ SECCOMP_RET_LOG, "log", false },
		{ SECCOMP_RET_ALLOW, "allow", false },
	};
	uint32_t data = ret & SECCOMP_RET_DATA;

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		const char *name = NULL;

		if (actions[i].ret != (ret & SECCOMP_RET_ACTION_FULL))
			continue;
		if (actions[i].ret == SECCOMP_RET_ERRNO && weir_native_abi())
			name = weir_errno_name(weir_native_abi(), data);
		buf_puts(out, actions[i].word);
		if (name)
			buf_printf(out, " %s", name);
		else if (actions[i].has_data)
			buf_printf(out, " %u", data);
		return;
	}
	buf_puts(out, "kill (not an action that Linux knows)");
}

static void put_meaning(struct buf *out, const struct run *r)
{
	if (weir_program_kind(r->program->program) == WEIR_SECCOMP)
		put_action(out, r->result);
	else if (r->result)
		buf_printf(out, "accept, at most %u bytes", r->result);
	else
		buf_puts(out, "reject");
	if (r->failed)
		buf_printf(out, ": instruction %u fails", r->last);
}

static void put_json(struct buf *out, const struct run *r)
{
	struct buf meaning = { .arena = out->arena };
	struct json_writer w = { .out = out };

	put_meaning(&meaning, r);
	json_begin_object(&w, NULL, JSON_PACKED);
	json_put_unsigned(&w, "result", r->result);
	json_put_string(&w, "meaning", buf_str(&meaning));
	json_put_bool(&w, "failed", r->failed);
	json_put_unsigned(&w, "last", r->last);
	json_put_unsigned(&w, "steps", r->steps);
	json_end(&w);
	buf_putc(out, '\n');
}

static int report(struct cli *c, struct buf *out, void *ctx)
{
	const struct run *r = ctx;

	if (c->o.json) {
		put_json(out, r);
		return EXIT_DONE;
	}
	buf_printf(out, "%u ", r->result);
	put_meaning(out, r);
	buf_putc(out, '\n');
	return EXIT_DONE;
}

/* --- the command -------------------------------------------------------------------------- */

/* Tell whether C's options fit a program of KIND; false after a message. */
static bool check_options(const struct cli *c, const struct cli_program *p)
{
	bool seccomp = weir_program_kind(p->program) == WEIR_SECCOMP;

	if (seccomp && (!c->o.data || c->o.packet || c->o.given.has[OPT_WIRE]))
		cli_error("'%s' is a seccomp program; it runs on --data", p->name);
	else if (!seccomp && (!c->o.packet || c->o.data))
		cli_error("'%s' is a packet program; it runs on --packet", p->name);
	else if (c->o.wire > INT32_MAX)
		cli_error("--wire takes at most %d bytes", INT32_MAX);
	else
		return true;
	return false;
}

/* Run P on BYTES, which has room for what the options say. */
static int eval(struct cli *c, const struct cli_program *p, uint8_t *bytes)
{
	struct run r = { .program = p, .data = { .size = sizeof r.data, .bytes = bytes } };
	long n = c->o.data ? read_hex("--data", c->o.data, bytes)
	                   : read_hex("--packet", c->o.packet, bytes);

	if (n < 0)
		return EXIT_USAGE;
	if (c->o.data && n != sizeof(struct seccomp_data)) {
		cli_error("--data takes the %zu bytes of a struct seccomp_data, not %ld",
		          sizeof(struct seccomp_data), n);
		return EXIT_USAGE;
	}
	r.data.captured = (uint32_t)n;
	r.data.wire = (uint32_t)c->o.wire;
	if (r.data.wire && r.data.wire < r.data.captured) {
		cli_error("--wire %u is less than the %ld bytes of --packet", r.data.wire, n);
		return EXIT_USAGE;
	}
	return run(&r) == EXIT_DONE ? cli_report(c, report, &r) : EXIT_USAGE;
}

static int eval_program(struct cli *c, const struct cli_program *p)
{
	const char *text;
	uint8_t *bytes;
	int status;

	if (!check_options(c, p))
		return EXIT_USAGE;
	text = c->o.data ? c->o.data : c->o.packet;
	bytes = malloc(strlen(text) / 2 + 1);
	if (!bytes) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	status = eval(c, p, bytes);
	free(bytes);
	return status;
}

int cmd_eval(struct cli *c)
{
	struct cli_program p;
	int status;

	if (!cli_programs_given(c, 1))
		return EXIT_USAGE;
	status = cli_program_open(c, 0, &p);
	if (status == EXIT_DONE)
		status = eval_program(c, &p);
	cli_program_close(&p);
	return status;
}
