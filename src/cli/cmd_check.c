/*
 * weir check: whether the kernel would take a program, for a socket and for seccomp,
 * and what it would cost there.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"
#include "net/net.h"

/* A program as the two places see it that take programs. */
struct judged {
	const struct cli_program *program;
	enum weir_kind kind; /* what it is for */
	struct weir_verdict verdict[2];
	struct weir_expected expected; /* .insns is 0 where it is not known */
	bool listed;                   /* the calls that are cached, too */
	struct audit audit;            /* of a seccomp filter that is accepted */
};

enum {
	/* net.core.optmem_max before Linux 6.8. */
	OLD_OPTMEM = 20480
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

/* Say whether MEMORY bytes fit in MOST. */
static const char *fits(size_t memory, size_t most)
{
	return memory < most ? "fits" : "too much";
}

static void put_memory(struct buf *out, size_t memory)
{
	size_t here = net_optmem_max();

	buf_printf(out, "%-14s %zu bytes of net.core.optmem_max: ", "memory", memory);
	if (here)
		buf_printf(out, "%s here (%zu), ", fits(memory, here), here);
	buf_printf(out, "%s where it is %d, as before Linux 6.8\n", fits(memory, OLD_OPTMEM),
	           OLD_OPTMEM);
}

/* Instructions that never run, of one sort. */
struct idle {
	struct arena *arena;
	bool reached; /* which sort */
	ARRAY(size_t) at;
};

static void keep_idle(void *ctx, size_t at, bool reached)
{
	struct idle *idle = ctx;

	if (reached == idle->reached)
		array_push(idle->arena, &idle->at, at);
}

static struct idle find_idle(struct arena *arena, const struct judged *j, bool reached)
{
	struct idle idle = { .arena = arena, .reached = reached };

	weir_program_dead(j->program->program, keep_idle, &idle);
	return idle;
}

/* Write which instructions never run, as numbers and ranges; nothing if all do. */
static void put_idle(struct buf *out, const struct judged *j, bool reached, const char *name,
                     const char *why)
{
	struct idle idle = find_idle(out->arena, j, reached);

	if (!idle.at.n)
		return;
	buf_printf(out, "%-14s %u instruction%s:", name, idle.at.n, idle.at.n == 1 ? "" : "s");
	for (uint32_t i = 0, last; i < idle.at.n; i = last + 1) {
		for (last = i; last + 1 < idle.at.n && idle.at.v[last + 1] == idle.at.v[last] + 1;
		     last++)
			;
		buf_printf(out, "%s %zu", i ? "," : "", idle.at.v[i]);
		if (last > i)
			buf_printf(out, "%s%zu", last > i + 1 ? ".." : ", ", idle.at.v[last]);
	}
	buf_printf(out, "%s\n", why);
}

/* Write what J costs; false if there is no memory for it. */
static bool put_forecast(struct buf *out, const struct judged *j)
{
	const struct weir_verdict *v = &j->verdict[j->kind];
	bool ok = true;

	buf_printf(out, "%-14s %zu\n", "instructions", v->insns);
	if (!v->converted) /* what does not even run costs nothing */
		return true;
	buf_printf(out, "%-14s %zu\n", "longest path", v->longest_path);
	if (j->expected.insns && j->kind == WEIR_PACKET)
		buf_printf(out, "%-14s %.1f instructions, %.1f ns on a socket, for everyday packets\n",
		           "expected", j->expected.insns, j->expected.nanoseconds);
	else if (j->expected.insns)
		buf_printf(out, "%-14s %.1f instructions, for usual calls\n", "expected",
		           j->expected.insns);
	buf_printf(out, "%-14s %zu eBPF instructions\n", "converted", v->converted);
	buf_printf(out, "%-14s %zu\n", "loads", v->loads);
	put_idle(out, j, false, "unreachable", "");
	put_idle(out, j, true, "dead", "; the tests before exclude each other");
	if (j->kind == WEIR_PACKET) {
		ok = check_forms_text(out, j->program->program);
		put_memory(out, v->memory);
	} else {
		buf_printf(out, "%-14s %zu calls answered from the action cache\n", "cached",
		           v->cached_calls);
	}
	if (j->kind == WEIR_SECCOMP && j->listed)
		cached_put_text(out, j->program->program);
	return ok;
}

/* Write J as text; false if there is no memory for all of it. */
static bool put_text(struct buf *out, struct judged *j)
{
	bool ok;

	buf_printf(out, "%-14s %s program\n", "kind", kind_names[j->kind]);
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		put_verdict(out, places[i], &j->verdict[i]);
	ok = put_forecast(out, j);
	return (!j->audit.policy || audit_put_text(out, &j->audit)) && ok;
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

/* Write VALUE with one digit after the point. */
static void put_decimal(struct json_writer *w, const char *key, double value)
{
	buf_printf(json_begin_value(w, key), "%.1f", value);
}

/* Write the indices of instructions that paths lead to but no input. */
static void put_idle_json(struct json_writer *w, const struct judged *j)
{
	struct idle idle = find_idle(w->out->arena, j, true);

	json_begin_array(w, "dead", JSON_PACKED);
	array_each(at, &idle.at)
		json_put_unsigned(w, NULL, *at);
	json_end(w);
}

/* Write what J costs; false if there is no memory for it. */
static bool put_forecast_json(struct json_writer *w, const struct judged *j)
{
	const struct weir_verdict *v = &j->verdict[j->kind];
	bool ok = true;

	json_put_unsigned(w, "instructions", v->insns);
	if (!v->converted)
		return true;
	json_put_unsigned(w, "longest_path", v->longest_path);
	if (j->expected.insns)
		put_decimal(w, "expected_instructions", j->expected.insns);
	if (j->expected.nanoseconds)
		put_decimal(w, "expected_ns", j->expected.nanoseconds);
	json_put_unsigned(w, "converted", v->converted);
	json_put_unsigned(w, "loads", v->loads);
	json_put_unsigned(w, "unreachable", v->unreachable);
	put_idle_json(w, j);
	if (j->kind == WEIR_PACKET) {
		size_t here = net_optmem_max();

		ok = check_forms_json(w, j->program->program);
		json_put_unsigned(w, "memory", v->memory);
		if (here)
			json_put_unsigned(w, "optmem_max", here);
	}
	if (j->kind != WEIR_SECCOMP)
		return ok;
	json_put_unsigned(w, "cached_calls", v->cached_calls);
	cached_put_json(w, j->program->program);
	return true;
}

/* Write the same as JSON. */
static bool put_json(struct json_writer *w, struct judged *j)
{
	bool ok;

	json_begin_object(w, NULL, JSON_PACKED);
	json_put_string(w, "name", j->program->name);
	json_put_string(w, "kind", kind_names[j->kind]);
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		put_verdict_json(w, places[i], &j->verdict[i]);
	ok = put_forecast_json(w, j);
	ok &= !j->audit.policy || audit_put_json(w, &j->audit);
	json_end(w);
	return ok;
}

/* --- the whole -------------------------------------------------------------------------- */

/* Return the exit status that the audit leads to, if --fail-on asks for one. */
static int audit_status(const struct cli *c, const struct judged *j)
{
	enum weir_risk limit;
	bool known = c->o.fail_on && audit_read_limit(c->o.fail_on, &limit);

	assert(known || !c->o.fail_on); /* cmd_check asked before */
	if (!known)
		return EXIT_DONE;
	if (!j->audit.policy) /* unknown is not a pass */
		return EXIT_UNDECIDED;
	return j->audit.n && j->audit.worst >= limit ? EXIT_NO : EXIT_DONE;
}

/* Programs that are reported together. */
struct report {
	struct judged *v;
	size_t n;
};

/* Return the exit status of one program. */
static int status_of(const struct cli *c, const struct judged *j)
{
	return j->verdict[j->kind].ok ? audit_status(c, j) : EXIT_NO;
}

/* Write one object, or an array of several; false if there is no memory for an audit. */
static bool put_all_json(struct buf *out, const struct report *all)
{
	struct json_writer w = { .out = out };
	bool ok = true;

	if (all->n > 1)
		json_begin_array(&w, NULL, JSON_LINES);
	for (size_t i = 0; i < all->n; i++)
		ok &= put_json(&w, &all->v[i]);
	if (all->n > 1)
		json_end(&w);
	buf_putc(out, '\n');
	return ok;
}

/* Write the same as text. */
static bool put_all_text(struct buf *out, const struct report *all)
{
	bool ok = true;

	for (size_t i = 0; i < all->n; i++) {
		if (all->n > 1)
			buf_printf(out, "%s%s\n", i ? "\n" : "", all->v[i].program->name);
		ok &= put_text(out, &all->v[i]);
	}
	return ok;
}

static int report(struct cli *c, struct buf *out, void *ctx)
{
	const struct report *all = ctx;
	int status = EXIT_DONE;

	if (!(c->o.json ? put_all_json : put_all_text)(out, all))
		return cli_compile_failed(-ENOMEM);
	for (size_t i = 0; i < all->n; i++) {
		int one = status_of(c, &all->v[i]);

		status = one == EXIT_DONE ? status : one;
	}
	return status;
}

/* Find out all about P; EXIT_DONE, or another status after a message. */
static int look_at(struct cli *c, const struct cli_program *p, struct judged *j)
{
	*j = (struct judged){
		.program = p,
		.kind = weir_program_kind(p->program),
		.listed = c->o.verbose > 0,
		.expected.size = sizeof j->expected,
	};
	for (size_t i = 0; i < ARRAY_LEN(j->verdict); i++) {
		int err = judge(p->program, (enum weir_kind)i, &j->verdict[i]);

		if (err)
			return cli_compile_failed(err);
	}
	if (weir_program_expect(p->program, &j->expected) == -ENOMEM)
		return cli_compile_failed(-ENOMEM);
	if (j->kind == WEIR_SECCOMP && j->verdict[j->kind].ok &&
	    audit_start(c, p->program, &j->audit) == -ENOMEM)
		return cli_compile_failed(-ENOMEM);
	return EXIT_DONE;
}

/* Check all filters of a process; EXIT_NO if one of them is refused. */
static int check(struct cli *c, const struct cli_programs *all)
{
	struct report r = { .v = calloc(all->n, sizeof *r.v) };
	int status = EXIT_DONE;

	if (!r.v)
		return cli_compile_failed(-ENOMEM);
	for (; r.n < all->n && status == EXIT_DONE; r.n++)
		status = look_at(c, &all->v[r.n], &r.v[r.n]);
	if (status == EXIT_DONE)
		status = cli_report(c, report, &r);
	for (size_t i = 0; i < r.n; i++)
		audit_end(&r.v[i].audit);
	free(r.v);
	return status;
}

int cmd_check(struct cli *c)
{
	struct cli_programs all;
	enum weir_risk limit;
	int status;

	if (c->o.fail_on && !audit_read_limit(c->o.fail_on, &limit))
		return EXIT_USAGE;
	if (c->o.here)
		return check_here(c);
	if (!cli_program_given(c))
		return EXIT_USAGE;
	status = cli_programs_open(c, 0, &all);
	if (status == EXIT_DONE)
		status = check(c, &all);
	cli_programs_close(&all);
	return status;
}
