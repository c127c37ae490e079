/* Runs of programs: their steps, and what their results mean. */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/eval.h"
#include "launch/launch.h"

/* --- steps ---------------------------------------------------------------------------- */

/* Write a step as a line: the registers after it, and the instruction with its words. */
static void trace_step(struct eval_run *r, const struct weir_step *s,
                       const struct sock_filter *f)
{
	buf_printf(r->trace, "A=0x%08x X=0x%08x  %s", s->a, s->x, r->lines[s->at]);
	if (BPF_CLASS(f->code) == BPF_ST || BPF_CLASS(f->code) == BPF_STX)
		buf_printf(r->trace, "  M[%u]=0x%08x", f->k, s->scratch[f->k % BPF_MEMWORDS]);
	if (BPF_CLASS(f->code) == BPF_JMP)
		buf_printf(r->trace, "  -> %u", s->next);
	if (s->failed)
		buf_puts(r->trace, "  fails");
	buf_putc(r->trace, '\n');
}

static void trace_json(struct eval_run *r, const struct weir_step *s)
{
	json_begin_object(r->json, NULL, JSON_PACKED);
	json_put_unsigned(r->json, "at", s->at);
	json_put_unsigned(r->json, "a", s->a);
	json_put_unsigned(r->json, "x", s->x);
	json_put_string(r->json, "text", r->lines[s->at]);
	if (s->failed)
		json_put_bool(r->json, "failed", true);
	json_end(r->json);
}

static void take_step(void *ctx, const struct weir_step *step)
{
	struct eval_run *r = ctx;
	size_t n;

	r->steps++;
	r->failed = step->failed;
	r->last = step->at;
	if (r->counts)
		r->counts[step->at]++;
	if (r->trace)
		trace_step(r, step, &weir_program_insns(r->program->program, &n)[step->at]);
	if (r->json)
		trace_json(r, step);
}

char **eval_listing(struct cli *c, struct buf *out, const struct cli_program *program)
{
	struct weir_expression_options e;
	struct weir_show_options o = { .size = sizeof o };
	char *text, **lines, *at;
	size_t n, len;

	if (!packet_options(c, &e))
		return NULL;
	o.linktype = e.linktype;
	o.have_linktype = true;
	if (weir_program_show(program->program, "listing", &o, &text, &len)) {
		cli_error("out of memory");
		return NULL;
	}
	weir_program_insns(program->program, &n);
	lines = arena_array(out->arena, char *, n);
	at = arena_strndup(out->arena, text, len);
	free(text);
	for (size_t i = 0; i < n; i++) {
		char *end = strchr(at, '\n');

		assert(end); /* a listing has a line for each instruction */
		lines[i] = at;
		*end = '\0';
		at = end + 1;
	}
	return lines;
}

/* --- running ------------------------------------------------------------------------------ */

int eval_run(struct eval_run *r)
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

void eval_put_meaning(struct buf *out, const struct eval_run *r)
{
	char action[64];

	if (weir_program_kind(r->program->program) == WEIR_SECCOMP)
		buf_puts(out, launch_action(r->result, action, sizeof action));
	else if (r->result)
		buf_printf(out, "accept, at most %u bytes", r->result);
	else
		buf_puts(out, "reject");
	if (r->failed)
		buf_printf(out, ": instruction %u fails", r->last);
}
