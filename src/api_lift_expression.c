/* The public library: packet programs back to expressions. */
#include <errno.h>
#include <stdlib.h>

#include "api.h"
#include "decompile/decompile.h"

enum {
	DLT_ETHERNET = 1
};

struct lift {
	struct job job; /* first */
	const struct weir_program *program;
	struct packet_options packet;
	char *text;
	size_t len;
	uint32_t snaplen;
	weir_way_fn *way; /* for explaining */
	void *ctx;
};

/* Get L's instructions, if they are a program; else false, after a message. */
static bool get_program(struct lift *l, struct program *out)
{
	struct job *j = &l->job;
	struct cbpf_verdict verdict;
	size_t n;

	out->insns = weir_program_insns(l->program, &n);
	out->n = (uint32_t)n;
	if (cbpf_check(&j->tmp, out->insns, n, CBPF_SOCKET, CBPF_ANY_LENGTH, &verdict))
		return true;
	diag_plain(&j->diags, DIAG_ERROR, "instruction %u: %s", verdict.at, verdict.reason);
	return false;
}

static bool find(struct lift *l, const struct program *p, const char **text)
{
	struct decompile_case of = { .program = *p, .packet = l->packet };
	struct job *j = &l->job;

	arena_doing(&j->arena, "looking for an expression", NULL);
	return decompile(&of, &j->arena, &j->tmp, text, &l->snaplen);
}

static int lift(struct job *j)
{
	struct lift *l = (struct lift *)j;
	struct buf out = { .arena = &j->arena };
	struct program p;
	const char *text;

	if (!get_program(l, &p))
		return -EINVAL;
	if (!find(l, &p, &text))
		return -ENOENT;
	buf_puts(&out, text);
	return api_hand_text(&out, &l->text, &l->len);
}

/* Begin L, which is about P, as OPTIONS, copied to O, say; 0 or -errno. */
static int begin(struct lift *l, const struct weir_program *p,
                 const struct weir_expression_options *options,
                 struct weir_expression_options *o)
{
	struct weir_read_options r;
	int err = api_take(o, sizeof *o, options);

	if (!err)
		err = api_take(&r, sizeof r, o->read);
	if (!err && weir_program_kind(p) != WEIR_PACKET)
		err = -EINVAL;
	if (err)
		return err;
	l->program = p;
	l->packet = (struct packet_options){
		.linktype = o->have_linktype ? o->linktype : DLT_ETHERNET,
		.netmask = o->netmask,
		.have_netmask = o->have_netmask,
		.live = o->live,
		.swapped = o->swapped,
		.depth = o->depth,
	};
	api_listen(&l->job, r.diag, r.diag_ctx, r.verbose);
	api_limit(&l->job, r.max_memory, r.max_work, r.used, r.ctx);
	return 0;
}

int weir_expression_lift(struct weir_expression **out, const struct weir_program *p,
                         const struct weir_expression_options *options)
{
	struct lift l = { .job = { .body = lift, .kind = WEIR_PACKET } };
	struct weir_expression_options o;
	int err = begin(&l, p, options, &o);

	*out = NULL;
	if (!err)
		err = api_run(&l.job);
	if (err)
		return err;
	o.snaplen = l.snaplen;
	err = weir_expression_read(out, l.text, l.len, &o);
	free(l.text);
	return err;
}

/* --- ways ---------------------------------------------------------------- */

static void hand_way(void *ctx, const struct decompile_way *way)
{
	const struct lift *l = ctx;
	struct weir_way out = {
		.size = sizeof out,
		.result = way->result,
		.condition = way->condition,
		.last = way->last,
	};

	l->way(l->ctx, &out);
}

static int explain(struct job *j)
{
	struct lift *l = (struct lift *)j;
	struct program p;

	if (!get_program(l, &p))
		return -EINVAL;
	arena_doing(&j->arena, "the ways through the program", NULL);
	return decompile_ways(&p, &j->arena, hand_way, l) ? 0 : -E2BIG;
}

int weir_program_ways(const struct weir_program *p, weir_way_fn *way, void *ctx)
{
	struct lift l = {
		.job = { .body = explain, .kind = WEIR_PACKET },
		.way = way,
		.ctx = ctx,
	};
	struct weir_expression_options o;
	int err = begin(&l, p, NULL, &o);

	return err ? err : api_run(&l.job);
}
