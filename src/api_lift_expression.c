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
};

static int lift(struct job *j)
{
	struct lift *l = (struct lift *)j;
	struct decompile_case of = { .packet = l->packet };
	struct buf out = { .arena = &j->arena };
	struct cbpf_verdict verdict;
	const char *text;
	size_t n;

	of.program.insns = weir_program_insns(l->program, &n);
	of.program.n = (uint32_t)n;
	if (!cbpf_check(&j->tmp, of.program.insns, n, CBPF_SOCKET, CBPF_ANY_LENGTH, &verdict)) {
		diag_plain(&j->diags, DIAG_ERROR, "instruction %u: %s", verdict.at,
		           verdict.reason);
		return -EINVAL;
	}
	arena_doing(&j->arena, "looking for an expression", NULL);
	if (!decompile(&of, &j->arena, &j->tmp, &text, &l->snaplen))
		return -ENOENT;
	buf_puts(&out, text);
	return api_hand_text(&out, &l->text, &l->len);
}

int weir_expression_lift(struct weir_expression **out, const struct weir_program *p,
                         const struct weir_expression_options *options)
{
	struct lift l = { .job = { .body = lift, .kind = WEIR_PACKET }, .program = p };
	struct weir_expression_options o;
	struct weir_read_options r;
	int err = api_take(&o, sizeof o, options);

	*out = NULL;
	if (!err)
		err = api_take(&r, sizeof r, o.read);
	if (!err && weir_program_kind(p) != WEIR_PACKET)
		err = -EINVAL;
	if (err)
		return err;
	l.packet = (struct packet_options){
		.linktype = o.have_linktype ? o.linktype : DLT_ETHERNET,
		.netmask = o.netmask,
		.have_netmask = o.have_netmask,
		.live = o.live,
		.swapped = o.swapped,
		.depth = o.depth,
	};
	api_listen(&l.job, r.diag, r.diag_ctx, r.verbose);
	api_limit(&l.job, r.max_memory, r.max_work, r.used, r.ctx);
	err = api_run(&l.job);
	if (err)
		return err;
	o.snaplen = l.snaplen;
	err = weir_expression_read(out, l.text, l.len, &o);
	free(l.text);
	return err;
}
