/*
 * weir check: whether the kernel would take a program, for a socket and for seccomp,
 * and what it would cost there.
 */
#include "config.h"

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"

/* A program as the two places see it that take programs. */
struct judged {
	const struct cli_program *program;
	enum weir_kind kind; /* what it is for */
	struct weir_verdict verdict[2];
};

static const char *const kind_names[] = {
	[WEIR_PACKET] = "packet",
	[WEIR_SECCOMP] = "seccomp",
};

static const char *const places[] = {
	[WEIR_PACKET] = "socket",
	[WEIR_SECCOMP] = "seccomp",
};

/* Judge P for use as KIND; 0 or -errno. */
static int judge(const struct weir_program *p, enum weir_kind kind, struct weir_verdict *out)
{
	size_t n;
	const struct sock_filter *insns = weir_program_insns(p, &n);
	struct weir_program *as;
	int err = weir_program_new(&as, kind, insns, n);

	*out = (struct weir_verdict){ .size = sizeof *out };
	if (err)
		return err;
	err = weir_program_check(as, out);
	weir_program_free(as);
	return err;
}

/* --- as text -------------------------------------------------------------------------- */

static void put_verdict(struct buf *out, const char *place, const struct weir_verdict *v)
{
	if (v->ok)
		buf_printf(out, "%-14s accepted\n", place);
	else
		buf_printf(out, "%-14s refused: instruction %zu: %s\n", place, v->at,
		           v->reason);
}

static void put_forecast(struct buf *out, const struct judged *j)
{
	const struct weir_verdict *v = &j->verdict[j->kind];

	buf_printf(out, "%-14s %zu\n", "instructions", v->insns);
	if (!v->converted) /* what does not even run costs nothing */
		return;
	buf_printf(out, "%-14s %zu\n", "longest path", v->longest_path);
	buf_printf(out, "%-14s %zu eBPF instructions\n", "converted", v->converted);
	if (j->kind == WEIR_PACKET)
		buf_printf(out, "%-14s %zu bytes of net.core.optmem_max\n", "memory",
		           v->memory);
	else
		buf_printf(out, "%-14s %zu calls answered from the action cache\n", "cached",
		           v->cached_calls);
}

static void put_text(struct buf *out, const struct judged *j)
{
	buf_printf(out, "%-14s %s program\n", "kind", kind_names[j->kind]);
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		put_verdict(out, places[i], &j->verdict[i]);
	put_forecast(out, j);
}

/* --- as JSON -------------------------------------------------------------------------- */

static void put_verdict_json(struct json_writer *w, const char *place,
                             const struct weir_verdict *v)
{
	json_begin_object(w, place, JSON_PACKED);
	json_put_bool(w, "accepted", v->ok);
	if (!v->ok) {
		json_put_unsigned(w, "instruction", v->at);
		json_put_string(w, "reason", v->reason);
	}
	json_end(w);
}

static void put_forecast_json(struct json_writer *w, const struct judged *j)
{
	const struct weir_verdict *v = &j->verdict[j->kind];

	json_put_unsigned(w, "instructions", v->insns);
	if (!v->converted)
		return;
	json_put_unsigned(w, "longest_path", v->longest_path);
	json_put_unsigned(w, "converted", v->converted);
	if (j->kind == WEIR_PACKET)
		json_put_unsigned(w, "memory", v->memory);
	else
		json_put_unsigned(w, "cached_calls", v->cached_calls);
}

static void put_json(struct buf *out, const struct judged *j)
{
	struct json_writer w = { .out = out };

	json_begin_object(&w, NULL, JSON_PACKED);
	json_put_string(&w, "name", j->program->name);
	json_put_string(&w, "kind", kind_names[j->kind]);
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		put_verdict_json(&w, places[i], &j->verdict[i]);
	put_forecast_json(&w, j);
	json_end(&w);
	buf_putc(out, '\n');
}

/* --- the whole -------------------------------------------------------------------------- */

static int report(struct cli *c, struct buf *out, void *ctx)
{
	const struct judged *j = ctx;

	if (c->o.json)
		put_json(out, j);
	else
		put_text(out, j);
	return j->verdict[j->kind].ok ? EXIT_DONE : EXIT_NO;
}

static int check(struct cli *c, const struct cli_program *p)
{
	struct judged j = { .program = p, .kind = weir_program_kind(p->program) };

	for (size_t i = 0; i < ARRAY_LEN(j.verdict); i++) {
		int err = judge(p->program, (enum weir_kind)i, &j.verdict[i]);

		if (err)
			return cli_compile_failed(err);
	}
	return cli_report(c, report, &j);
}

int cmd_check(struct cli *c)
{
	struct cli_programs all;
	int status;

	if (c->o.here)
		return check_here(c);
	if (!cli_programs_given(c, 1))
		return EXIT_USAGE;
	status = cli_programs_open(c, 0, &all);
	if (status == EXIT_DONE && all.n > 1 && (c->o.json || c->o.output)) {
		cli_error("the process has %zu filters; name one, as in --pid N#1", all.n);
		status = EXIT_USAGE;
	}
	for (size_t i = 0; i < all.n && status != EXIT_USAGE; i++) {
		int one;

		if (all.n > 1)
			printf("%s%s\n", i ? "\n" : "", all.v[i].name);
		one = check(c, &all.v[i]);
		status = one == EXIT_DONE ? status : one;
	}
	cli_programs_close(&all);
	return status;
}
