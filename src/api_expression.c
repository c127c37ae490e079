/* The public library, packet expressions: joins the frontend to the pipeline. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "packet/packet.h"

enum {
	DEFAULT_SNAPLEN = 262144,
	DLT_ETHERNET = 1,
	DEFAULT_CAPACITY = 1024, /* of open sets */
	MOST_CAPACITY = 1 << 24,
};

_Static_assert((int)PACKET_UDP_PAYLOAD == (int)WEIR_UDP_PAYLOAD &&
                       (int)PACKET_TCP_PAYLOAD == (int)WEIR_TCP_PAYLOAD &&
                       (int)PACKET_MESSAGE == (int)WEIR_MESSAGE,
               "the numbers of what sockets get are those of weir.h");
_Static_assert((int)PACKET_NAME_ETHER == (int)WEIR_NAME_ETHER &&
                       (int)PACKET_MAX_ADDRESSES == (int)WEIR_MAX_ADDRESSES,
               "the kinds of names, and how many addresses one has, are those of weir.h");

struct weir_expression {
	struct api_noun noun; /* first */
	struct packet_options options;
	const struct tree *tree;
	const struct ir_graph *graph;
	const struct weir_set_given *given; /* of SETS what the caller said */
	size_t ngiven;
	struct api_sets sets;
	uint32_t capacity;
};

_Static_assert((int)PACKET_SET_VLAN == (int)WEIR_SET_VLAN, "the kinds of sets are those of weir.h");

/* --- reading ------------------------------------------------------------------ */

/* Ask the caller, and copy the answer: a room of the library does not see weir.h. */
static int resolve(void *ctx, enum packet_name_kind kind, const char *name,
                   struct packet_resolved *out)
{
	struct job *j = ctx;
	const struct weir_read_options *o = &j->noun->read;
	struct weir_resolved answer = { .size = sizeof answer };
	int err;

	api_note_name(j, name);
	err = o->resolve(o->ctx, (enum weir_name_kind)kind, name, &answer);
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

/* Return how many items SET can have. */
static uint32_t capacity_of(const struct weir_expression *e, const struct packet_set *set)
{
	for (size_t i = 0; i < e->ngiven; i++)
		if (!strcmp(e->given[i].name, set->name) && e->given[i].capacity)
			return e->given[i].capacity;
	return e->capacity ? e->capacity : DEFAULT_CAPACITY;
}

static void take_sets(struct weir_expression *e)
{
	const struct packet_sets *sets = packet_sets_of(e->tree);

	for (e->sets.n = 0; e->sets.n < sets->n; e->sets.n++) {
		const struct packet_set *from = &sets->v[e->sets.n];
		struct api_set *to = &e->sets.v[e->sets.n];

		memcpy(to->name, from->name, sizeof from->name);
		to->kind = (enum weir_set_kind)from->kind;
		to->capacity = capacity_of(e, from);
	}
}

/* Copy what the caller says of sets, as the front end has it. */
static void give_items(struct job *j, struct weir_expression *e)
{
	struct packet_items_of *items = arena_array(&j->arena, struct packet_items_of, e->ngiven);

	for (size_t i = 0; i < e->ngiven; i++) {
		if (!e->given[i].file)
			continue;
		items[e->options.nitems].name = api_copy_text(&j->arena, e->given[i].name);
		items[e->options.nitems++].file = api_copy_text(&j->arena, e->given[i].file);
	}
	e->options.items = items;
}

static int read_expression(struct job *j)
{
	struct weir_expression *e = (struct weir_expression *)j->noun;
	const struct weir_read_options *r = &e->noun.read;
	const char *name = api_copy_text(&j->arena, r->name ? r->name : "expression");
	uint32_t source = diag_source(&j->diags, name,
	                              arena_strndup(&j->arena, j->text, j->len),
	                              j->len);
	struct ir_graph *g = ir_graph(&j->arena, &ir_input_packet);

	e->noun.read.name = name;
	e->options.verbose = r->verbose;
	e->options.resolve = r->resolve ? resolve : NULL;
	e->options.open_file = r->open_file ? api_open_file : NULL;
	e->options.ctx = j;
	arena_doing(&j->arena, "reading the expression", NULL);
	give_items(j, e);
	if (!packet_read(g, &j->diags, source, &e->options, &e->tree))
		return -EINVAL;
	take_sets(e);
	e->given = NULL; /* the caller's */
	e->ngiven = 0;
	e->graph = g;
	return 0;
}

/* Tell whether open sets may be as large as O says. */
static bool has_room(const struct weir_expression_options *o)
{
	bool ok = o->capacity <= MOST_CAPACITY;

	for (size_t i = 0; i < o->nsets; i++)
		ok = ok && o->sets[i].capacity <= MOST_CAPACITY;
	return ok;
}

int weir_expression_read(struct weir_expression **out, const char *text, size_t len,
                         const struct weir_expression_options *options)
{
	struct job j = { .text = text, .len = len };
	struct weir_expression_options o;
	struct weir_expression *e;
	int err = api_take(&o, sizeof o, options);

	*out = NULL;
	if (err)
		return err;
	if (!has_room(&o))
		return -E2BIG;
	e = calloc(1, sizeof *e);
	if (!e)
		return -ENOMEM;
	e->options = (struct packet_options){
		.linktype = o.have_linktype ? o.linktype : DLT_ETHERNET,
		.snaplen = o.snaplen ? o.snaplen : DEFAULT_SNAPLEN,
		.netmask = o.netmask,
		.have_netmask = o.have_netmask,
		.live = o.live,
		.swapped = o.swapped,
		.rejects = o.rejects,
		.depth = o.depth,
		.open_sets = o.open_sets,
	};
	e->given = o.sets;
	e->ngiven = o.nsets;
	e->capacity = o.capacity;
	err = api_read(&j, &e->noun, o.read, read_expression);
	if (!err)
		*out = e;
	return err;
}

void weir_expression_free(struct weir_expression *e)
{
	if (e)
		api_noun_free(&e->noun);
}

int weir_expression_source(const struct weir_expression *e, unsigned i,
                           struct weir_source *out)
{
	return api_source(&e->noun, i, out);
}

/* --- compiling ---------------------------------------------------------------- */

static int compile(struct job *j)
{
	const struct weir_expression *e = j->frontend;
	int err;

	j->linktype = e->options.linktype;
	j->sets = &e->sets;
	arena_doing(&j->arena, "the graph of the expression", NULL);
	j->graph = ir_share(&j->arena, e->graph);
	err = api_finish(j);
	if (err || !packet_matches_nothing(j->graph, &e->options))
		return err;
	api_matches_nothing(j);
	diag_warning(&j->diags, DIAG_W_MATCHES_NOTHING, (struct span){ .end = (uint32_t)e->noun.diags.sources.v[0].len },
	             "no packet can match this expression");
	return 0;
}

int weir_expression_compile(struct weir_program **out, struct weir_expression *e,
                            const struct weir_compile_options *o)
{
	struct job j = { .body = compile, .frontend = e };
	int err;

	*out = NULL;
	api_ask(&j, &e->noun);
	err = api_compile_options(&j, WEIR_PACKET, o);
	return err ? err : api_give(&j, api_run(&j), out);
}

int weir_compile(struct weir_program **out, const char *expression, int linktype,
                 int snaplen, uint32_t netmask, enum weir_level level)
{
	struct weir_compile_options how = { .size = sizeof how, .level = level };
	struct weir_expression_options o = {
		.size = sizeof o,
		.linktype = linktype,
		.have_linktype = true,
		.snaplen = snaplen > 0 ? (uint32_t)snaplen : 0,
		.netmask = netmask,
		.have_netmask = netmask != UINT32_MAX,
	};
	struct weir_expression *e;
	int err = weir_expression_read(&e, expression, strlen(expression), &o);

	*out = NULL;
	if (err)
		return err;
	err = weir_expression_compile(out, e, &how);
	weir_expression_free(e);
	return err;
}

/* --- explaining ------------------------------------------------------------------ */

struct explaining {
	struct job job; /* first */
	char **text;
	size_t *len;
};

static int explain(struct job *j)
{
	const struct explaining *x = (struct explaining *)j;
	const struct weir_expression *e = j->frontend;
	struct buf out = { .arena = &j->arena };

	packet_explain(&out, &j->arena, &j->diags, e->tree);
	return api_hand_text(&out, x->text, x->len);
}

int weir_expression_explain(struct weir_expression *e, char **text, size_t *len)
{
	struct explaining x = {
		.job = { .body = explain, .frontend = e },
		.text = text,
		.len = len,
	};

	*text = NULL;
	*len = 0;
	api_ask(&x.job, &e->noun);
	return api_run(&x.job);
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
