/*
 * weir eval: what a program returns for a packet, for every packet of a capture, or for
 * a system call, and what that means.
 */
#include "config.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/eval.h"

/* --- a packet, a call --------------------------------------------------------------------- */

/* Runs of the programs of a process, or of one program, on the same data. */
struct eval {
	struct cli_programs *all;
	struct weir_data data;
	const char *what; /* that they ran on; "": it is not said */
	struct buf *out;
	struct json_writer *json;
};

static void put_json(struct eval *e, const struct eval_run *r)
{
	struct buf meaning = { .arena = e->out->arena };

	eval_put_meaning(&meaning, r);
	json_put_unsigned(e->json, "result", r->result);
	json_put_string(e->json, "meaning", buf_str(&meaning));
	if (*e->what)
		json_put_string(e->json, "call", e->what);
	if (e->all->n > 1)
		json_put_string(e->json, "by", r->program->name);
	json_put_bool(e->json, "failed", r->failed);
	json_put_unsigned(e->json, "last", r->last);
	json_put_unsigned(e->json, "steps", r->steps);
}

static void put_text(struct eval *e, const struct eval_run *r)
{
	buf_printf(e->out, "%u ", r->result);
	eval_put_meaning(e->out, r);
	if (*e->what)
		buf_printf(e->out, ": %s", e->what);
	if (e->all->n > 1)
		buf_printf(e->out, " (%s)", r->program->name);
	buf_putc(e->out, '\n');
}

/* Run P, with its steps into TRACE or JSON if they are wanted. */
static int run_one(struct cli *c, struct eval *e, const struct cli_program *p,
                   struct buf *trace, struct json_writer *json, struct eval_run *r)
{
	*r = (struct eval_run){ .program = p, .data = e->data };
	if (c->o.trace) {
		r->trace = c->o.json ? NULL : trace;
		r->json = c->o.json ? json : NULL;
		r->lines = eval_listing(c, e->out, p);
		if (!r->lines)
			return EXIT_USAGE;
	}
	return eval_run(r);
}

/* Return what the kernel compares to find out which of several results counts. */
static int32_t rank(uint32_t result)
{
	return (int32_t)(result & SECCOMP_RET_ACTION_FULL);
}

/*
 * Run all programs of E and write the result that counts: Linux runs the newest filter
 * first, and takes the first of the least results.
 */
static int run_all(struct cli *c, struct eval *e)
{
	struct buf trace = { .arena = e->out->arena }, steps = trace;
	struct json_writer json = { .out = &steps };
	struct eval_run least = { 0 };

	json_begin_array(&json, NULL, JSON_PACKED);
	for (size_t i = e->all->n; i--;) {
		struct eval_run r;
		int status;

		if (e->all->n > 1 && c->o.trace)
			buf_printf(&trace, "%s:\n", e->all->v[i].name);
		status = run_one(c, e, &e->all->v[i], &trace, &json, &r);
		if (status != EXIT_DONE)
			return status;
		if (!least.program || rank(r.result) < rank(least.result))
			least = r;
	}
	json_end(&json);
	if (!e->json) {
		put_text(e, &least);
		buf_write(e->out, trace.s, trace.len);
		return EXIT_DONE;
	}
	json_begin_object(e->json, NULL, JSON_PACKED);
	put_json(e, &least);
	if (c->o.trace) {
		struct buf *value = json_begin_value(e->json, "trace");

		buf_write(value, steps.s, steps.len);
	}
	json_end(e->json);
	return EXIT_DONE;
}

/* --- packets --------------------------------------------------------------------------------- */

/* Run the program of E on --packet, which BYTES has room for. */
static int eval_packet(struct cli *c, struct eval *e, uint8_t *bytes)
{
	struct json_writer json = { .out = e->out };
	struct eval_words words;
	long n = eval_read_hex("--packet", c->o.packet, bytes);
	int status;

	if (n < 0 || !eval_read_words(c, &words))
		return EXIT_USAGE;
	e->json = c->o.json ? &json : NULL;
	e->data = (struct weir_data){
		.size = sizeof e->data,
		.bytes = bytes,
		.captured = (uint32_t)n,
		.wire = (uint32_t)c->o.wire,
		.ancillary = eval_word,
		.ctx = &words,
	};
	if (e->data.wire && e->data.wire < e->data.captured) {
		cli_error("--wire %u is less than the %ld bytes of --packet", e->data.wire, n);
		return EXIT_USAGE;
	}
	status = run_all(c, e);
	if (c->o.json)
		buf_putc(e->out, '\n');
	return status;
}

static int report_packet(struct cli *c, struct buf *out, void *ctx)
{
	struct eval *e = ctx;
	uint8_t *bytes = arena_alloc(out->arena, strlen(c->o.packet) / 2 + 1);

	e->out = out;
	e->what = "";
	return eval_packet(c, e, bytes);
}

/* --- calls ------------------------------------------------------------------------------------ */

static int run_calls(struct cli *c, struct eval *e, const struct eval_calls *calls)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < calls->n && status == EXIT_DONE; i++) {
		e->data = (struct weir_data){
			.size = sizeof e->data,
			.bytes = &calls->v[i].data,
			.captured = sizeof calls->v[i].data,
		};
		e->what = calls->v[i].text;
		status = run_all(c, e);
	}
	return status;
}

static int report_calls(struct cli *c, struct buf *out, void *ctx)
{
	struct json_writer json = { .out = out };
	struct eval *e = ctx;
	struct eval_calls calls;
	int status = eval_read_calls(c, &calls);

	e->out = out;
	if (c->o.json) {
		e->json = &json;
		json_begin_array(&json, NULL, JSON_LINES);
	}
	if (status == EXIT_DONE)
		status = run_calls(c, e, &calls);
	free(calls.v);
	if (c->o.json) {
		json_end(&json);
		buf_putc(out, '\n');
	}
	return status;
}

/* --- the command -------------------------------------------------------------------------- */

/* Tell whether C's options fit a program of KIND; false after a message. */
static bool check_options(const struct cli *c, const struct cli_program *p)
{
	const struct options *o = &c->o;
	bool seccomp = weir_program_kind(p->program) == WEIR_SECCOMP;
	bool for_packets = o->packet || o->read || o->given.has[OPT_WIRE] || o->set.n;
	bool for_calls = o->call || o->data;

	if (seccomp && (!for_calls || for_packets))
		cli_error("'%s' is a seccomp program; it runs on --call or --data", p->name);
	else if (!seccomp && ((!o->packet && !o->read) || for_calls))
		cli_error("'%s' is a packet program; it runs on --packet or -r", p->name);
	else if (o->packet && o->read)
		cli_error("--packet and -r are mutually exclusive");
	else if (o->call && o->data)
		cli_error("--call and --data are mutually exclusive");
	else if (o->read && (o->given.has[OPT_WIRE] || o->trace))
		cli_error("-r has the length of each packet and no trace; --wire and --trace "
		          "are for --packet");
	else if (o->coverage && !o->read)
		cli_error("--coverage counts over the packets of a capture; name one with -r");
	else if (o->wire > INT32_MAX)
		cli_error("--wire takes at most %d bytes", INT32_MAX);
	else
		return true;
	return false;
}

static int eval(struct cli *c, struct cli_programs *all)
{
	struct eval e = { .all = all };

	if (!check_options(c, &all->v[0]))
		return EXIT_USAGE;
	if (c->o.read)
		return eval_capture(c, &all->v[0]);
	return cli_report(c, c->o.packet ? report_packet : report_calls, &e);
}

int cmd_eval(struct cli *c)
{
	struct cli_programs all;
	int status;

	if (!cli_program_given(c))
		return EXIT_USAGE;
	status = cli_programs_open(c, 0, &all);
	if (status == EXIT_DONE)
		status = eval(c, &all);
	cli_programs_close(&all);
	return status;
}
