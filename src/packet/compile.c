/* The way in: text, tree, formula, graph; and what the graph needs at its start. */
#include <string.h>

#include "packet/primitive.h"

/* --- what must be bound at the start -------------------------------------- */

/* Cells by number of their parameter, for the walks below. */
struct liveness {
	struct packet *p;
	const uint32_t *cell; /* by parameter: its cell + 1; 0: none */
	uint32_t words;       /* of a bit set of cells */
	uint32_t *sets;       /* by node id */
	ARRAY(const struct ir_value *) todo;
};

static void set_bit(uint32_t *bits, uint32_t n)
{
	bits[n / 32] |= 1u << n % 32;
}

static void clear_bit(uint32_t *bits, uint32_t n)
{
	bits[n / 32] &= ~(1u << n % 32);
}

/* Add the parameters that V reads. */
static void reads(struct liveness *l, const struct ir_value *v, uint32_t *bits)
{
	uint32_t base = l->todo.n;

	if (!v || !v->params)
		return;
	array_push(l->p->arena, &l->todo, v);
	while (l->todo.n > base) {
		v = l->todo.v[--l->todo.n];
		if (v->op == IR_PARAM && l->cell[v->imm])
			set_bit(bits, l->cell[v->imm]);
		for (unsigned i = 0; i < ir_nargs(v); i++)
			if (v->arg[i]->params)
				array_push(l->p->arena, &l->todo, v->arg[i]);
	}
}

/*
 * Return the parameters of cells that are read before they are bound below ROOT, by cell
 * + 1.
 */
static const uint32_t *live_at(struct packet *p, const uint32_t *cell,
                               const struct ir_node *root)
{
	struct liveness l = { .p = p, .cell = cell, .words = p->cells.n / 32 + 1 };
	struct ir_order order = ir_postorder(p->arena, p->g, root);

	l.sets = arena_array(p->arena, uint32_t, (size_t)p->g->nodes.n * l.words);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];
		uint32_t *bits = &l.sets[n->id * l.words];

		for (uint32_t s = 0; s < ir_nsucc(n); s++) {
			const uint32_t *below = &l.sets[ir_succ(n, s)->id * l.words];

			for (uint32_t w = 0; w < l.words; w++)
				bits[w] |= below[w];
		}
		if (n->kind == IR_BIND)
			clear_bit(bits, cell[n->lhs->imm]);
		else
			reads(&l, n->lhs, bits);
		reads(&l, n->rhs, bits);
	}
	return &l.sets[root->id * l.words];
}

static bool has_bit(const uint32_t *bits, uint32_t n)
{
	return bits[n / 32] >> n % 32 & 1;
}

/* Find the cells that are live at ROOT. */
static bool *live_cells(struct packet *p, const struct ir_node *root)
{
	bool *live = arena_array(p->arena, bool, NCELLS + p->extra_cells + 1);
	uint32_t *cell = arena_array(p->arena, uint32_t, p->g->params);
	const uint32_t *bits;

	if (!p->g->params)
		return live;
	for (uint32_t i = 0; i < p->cells.n; i++)
		if (p->cells.v[i])
			cell[p->cells.v[i]->imm] = i + 1;
	bits = live_at(p, cell, root);
	for (uint32_t i = 0; i < p->cells.n; i++)
		live[i] = p->cells.v[i] && has_bit(bits, cell[p->cells.v[i]->imm]);
	return live;
}

/*
 * Zero the cells that some path reads before it writes them, as libpcap does at
 * its start.
 */
static const struct ir_node *zero_cells(struct packet *p, const struct ir_node *root)
{
	const bool *live = live_cells(p, root);
	const struct ir_value *zero;

	for (uint32_t i = p->cells.n; i-- > 0;) {
		if (!live[i])
			continue;
		p->stray = true;
		zero = ir_const(p->g, 0);
		root = ir_bind(p->g, p->cells.v[i], zero, root);
	}
	return root;
}

/*
 * Test that PPI carries 802.11, the only one of its payloads that weir
 * understands.
 */
static const struct formula *ppi_check(struct packet *p)
{
	if (p->outer->prefix != PREFIX_PPI)
		return p->yes;
	return formula_masked(p, ir_load(p->g, 4, 4), 0xffffffff, 0x69000000);
}

static const struct ir_node *finish(struct packet *p, const struct formula *f,
                                    const struct ir_node *yes, const struct ir_node *no)
{
	const struct ir_node *root = packet_build(p, f, yes, no);
	const struct formula *preamble;

	preamble = layout_preamble(p, live_cells(p, root));
	root = packet_build(p, preamble, root, no);
	if (f->kind != FORMULA_FALSE && p->at.link->prefix == PREFIX_PPI)
		root = packet_build(p, ppi_check(p), root, no);
	return zero_cells(p, root);
}

/* Copy what the link type says of the input. */
static void describe_input(struct ir_input *in, const struct packet_linktype *l)
{
	_Static_assert(sizeof in->field == sizeof l->field, "one is copied to the other");
	if (!l->field[0].width)
		return;
	in->header = (uint8_t)l->payload;
	memcpy(in->field, l->field, sizeof in->field);
}

static const struct ir_node *compiled(struct packet *p, uint32_t lead)
{
	struct ir_graph *g = p->g;
	const struct ir_node *reject = ir_ret_const(g, p->o->rejects ? p->o->snaplen : 0);
	const struct ir_node *accept = ir_ret_const(g, p->o->rejects ? 0 : p->o->snaplen);
	const struct formula *f;

	p->fault = p->o->rejects ? reject : NULL;
	p->lead = lead;
	layout_start(p);
	if (!p->tree->nodes.n)
		return accept;
	f = packet_lower(p);
	return p->failed ? NULL : finish(p, f, accept, reject);
}

bool packet_read(struct ir_graph *g, struct diags *d, uint32_t source,
                 const struct packet_options *o, const struct tree **out)
{
	struct tree *tree = arena_new(g->arena, struct tree);
	struct packet_sets *sets = arena_new(g->arena, struct packet_sets);
	struct packet p = {
		.arena = g->arena,
		.g = g,
		.diags = d,
		.o = o,
		.tree = tree,
		.sets = sets,
		.outer = packet_linktype(o->linktype),
		.carried_epoch = UINT32_MAX,
	},
		      plain;
	struct formula yes = { .kind = FORMULA_TRUE }, no = { .kind = FORMULA_FALSE };

	p.yes = &yes;
	p.no = &no;
	tree->sets = sets;
	g->root = NULL;
	if (out)
		*out = tree;
	if (!p.outer) {
		diag_plain(d, DIAG_ERROR, E_UNKNOWN "unknown link type %d", o->linktype);
		return false;
	}
	if (!packet_parse(tree, g->arena, d, source, o))
		return false;
	describe_input(&g->input, p.outer);
	plain = p;
	g->root = compiled(&p, g->input.header);
	if (p.stray && p.lead) {
		plain.noted = p.noted;
		g->root = compiled(&plain, 0);
	}
	/* `link[14]`: what the user reads of the header is read as he says. */
	ir_all_written(g);
	return g->root;
}

const struct packet_sets *packet_sets_of(const struct tree *tree)
{
	return tree->sets;
}

bool packet_matches_nothing(const struct ir_graph *g, const struct packet_options *o)
{
	return g->root->kind == IR_RET && ir_is_const(g->root->lhs) &&
	       !g->root->lhs->imm == !o->rejects;
}
