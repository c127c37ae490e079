/* The public library, packet expressions: joins the frontend to the pipeline. */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "packet/packet.h"

enum { DEFAULT_SNAPLEN = 262144, DLT_ETHERNET = 1, MOST_SAMPLES = 256 };

_Static_assert((int)PACKET_NAME_ETHER == (int)WEIR_NAME_ETHER &&
                       (int)PACKET_MAX_ADDRESSES == (int)WEIR_MAX_ADDRESSES,
               "the kinds of names, and how many addresses one has, are those of weir.h");

/* Asks the caller. His answer is copied: a room of the library does not see weir.h. */
static int resolve(void *ctx, enum packet_name_kind kind, const char *name,
                   struct packet_resolved *out)
{
	struct job *j = ctx;
	struct weir_resolved answer = { 0 };
	int err = j->common->resolve(j->common->ctx, (enum weir_name_kind)kind, name,
	                             &answer);

	for (size_t i = 0; i < answer.n && i < WEIR_MAX_ADDRESSES; i++) {
		out->address[i].family = answer.address[i].family;
		memcpy(out->address[i].bytes, answer.address[i].bytes,
		       sizeof out->address[i].bytes);
		out->n++;
	}
	out->number = answer.number;
	memcpy(out->mac, answer.mac, sizeof out->mac);
	return err;
}

static bool returns_zero(const struct ir_node *n)
{
	return n->kind == IR_RET && ir_is_const(n->lhs) && !n->lhs->imm;
}

static const char *constant(const struct job *j, const struct ir_node *n)
{
	const struct packet_options *p = j->frontend;

	return packet_value_name(p->linktype, n->lhs, n->rhs->imm);
}

static void result(const struct job *j, struct buf *out, uint32_t ret)
{
	buf_puts(out, ret ? "match" : "no match");
}

static const struct api_names names = { constant, result };

/* At most MOST_SAMPLES of the caller's packets, for the optimizer. */
static void choose_sample(struct job *j, const struct weir_packet_options *o)
{
	size_t n = o->nsample < MOST_SAMPLES ? o->nsample : MOST_SAMPLES;
	struct cbpf_input *in = arena_array(&j->arena, struct cbpf_input, n);

	for (size_t i = 0; i < n; i++) {
		const struct weir_sample *s =
			&o->sample[(uint64_t)i * o->nsample / n];

		in[i] = (struct cbpf_input){ .bytes = s->bytes, .captured = s->len,
			                     .wire = s->wire };
	}
	j->sample = in;
	j->samples = (uint32_t)n;
}

static int compile(struct job *j)
{
	const struct weir_packet_options *o = j->options;
	struct packet_options *p = arena_new(&j->arena, struct packet_options);
	struct buf explained = { .arena = &j->arena };
	uint32_t source = diag_source(&j->diags, o->name ? o->name : "expression",
	                              j->text, j->len);
	int err;

	*p = (struct packet_options){
		.linktype = o->have_linktype ? o->linktype : DLT_ETHERNET,
		.snaplen = o->snaplen ? o->snaplen : DEFAULT_SNAPLEN,
		.netmask = o->netmask,
		.have_netmask = o->have_netmask,
		.live = o->live,
		.swapped = o->swapped,
		.verbose = j->common->verbose,
		.resolve = j->common->resolve ? resolve : NULL,
		.open_file = j->common->open_file ? api_open_file : NULL,
		.ctx = j,
		.depth = o->depth,
		.explain = o->explain ? &explained : NULL,
	};
	j->frontend = p;
	j->names = &names;
	j->graph = ir_graph(&j->arena, &ir_input_packet);
	j->graph->root = packet_compile(j->graph, &j->diags, source, p);
	if (!j->graph->root)
		return -EINVAL;
	p->explain = NULL;
	if (o->explain)
		o->explain(o->explain_ctx, buf_str(&explained), explained.len);
	choose_sample(j, o);
	err = api_finish(j);
	if (!err && returns_zero(j->graph->root)) {
		api_matches_nothing(j);
		diag_warning(&j->diags, (struct span){ source, 0, (uint32_t)j->len },
		             "no packet can match this expression");
	}
	return err;
}

int weir_compile_packet(struct weir_program **out, const char *text, size_t len,
                        const struct weir_packet_options *o)
{
	static const struct weir_packet_options none = { .size = sizeof none };
	struct job j = { .body = compile, .text = text, .len = len };

	*out = NULL;
	if (len > INT32_MAX)
		return -E2BIG;
	j.kind = WEIR_PACKET;
	j.options = o ? o : &none;
	api_listen(&j, o ? o->common : NULL);
	return api_give(&j, api_run(&j), out);
}

int weir_compile(struct weir_program **out, const char *expression, int linktype,
                 int snaplen, uint32_t netmask, enum weir_level level)
{
	struct weir_common_options common = { sizeof common, .level = level };
	struct weir_packet_options o = {
		.size = sizeof o,
		.common = &common,
		.linktype = linktype,
		.have_linktype = true,
		.snaplen = snaplen > 0 ? (uint32_t)snaplen : 0,
		.netmask = netmask,
		.have_netmask = netmask != UINT32_MAX,
	};

	return weir_compile_packet(out, expression, strlen(expression), &o);
}

/* --- names ------------------------------------------------------------------- */

int weir_linktype_by_name(const char *name)
{
	const struct packet_linktype *l = packet_linktype_named(name, strlen(name));

	return l ? l->dlt : -1;
}

const char *weir_linktype_name(int linktype)
{
	const struct packet_linktype *l = packet_linktype(linktype);

	return l ? l->name : NULL;
}

int weir_linktype(unsigned i)
{
	return i < packet_nlinktypes ? packet_linktypes[i].dlt : -1;
}
