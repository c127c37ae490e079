/*
 * The way from graph to program: lower, order, allot cells, code, flow, emit; and
 * again with longer lines if what comes out is too long to be attached.
 */
#include "gen/gen.h"

static bool make(struct ir_graph *g, const struct gen_options *options,
                 struct arena *tmp, struct gen_code *out)
{
	const struct ir_node *root = gen_lower(g, options, tmp);
	struct ir_order order = gen_order(tmp, g, root);
	uint32_t *index = arena_array(tmp, uint32_t, g->nodes.n);
	struct gen_body *body = arena_array(tmp, struct gen_body, order.n);
	const struct ir_node **setter;
	struct gen_cells cells;
	struct gen_coder *coder;
	struct gen_flow flow;

	for (uint32_t place = 0; place < order.n; place++)
		index[order.v[order.n - 1 - place]->id] = place;
	if (!gen_cells(tmp, g, order, &cells))
		return false;
	setter = gen_setters(tmp, g, order, index, &cells);
	coder = gen_coder(tmp, g, &cells);
	for (uint32_t place = 0; place < order.n; place++) {
		const struct ir_node *n = order.v[order.n - 1 - place];

		if (n->kind == IR_BIND && setter[place] == n)
			gen_code_nothing(coder, &body[place]);
		else if (!gen_code_node(coder, n, setter[place], place,
		                        &body[place]))
			return false;
	}
	flow = gen_flow(tmp, g, order, index, body, options);
	gen_emit(g->arena, tmp, order, index, body, &flow, out);
	out->root = root;
	return true;
}

/* Longer lines save at most every other test, and the jumps that these made necessary. */
enum {
	HOPELESS = 4
};

/* Try longer lines until the program fits; if none does, keep it as it is. */
static bool make_shorter(struct ir_graph *g, const struct gen_options *options,
                         struct arena *tmp, struct gen_code *out)
{
	static const struct gen_options shorter[] = {
		{ .leaf = 8 },
		{ .leaf = 16 },
		{ .linear = true },
	};

	for (size_t i = 0; i < ARRAY_LEN(shorter); i++) {
		struct gen_options o = shorter[i];
		struct arena_mark mark = arena_mark(tmp);
		struct gen_code code;
		bool made;

		o.no_entry = options->no_entry;
		if (o.leaf && o.leaf <= options->leaf)
			continue;
		made = make(g, &o, tmp, &code);
		gen_back(g, tmp, mark);
		if (!made)
			return false;
		if (code.n <= options->room) {
			*out = code;
			return true;
		}
	}
	return true;
}

bool gen_program(struct ir_graph *g, const struct gen_options *options,
                 struct arena *tmp, struct gen_code *out)
{
	struct arena_mark mark = arena_mark(tmp);
	bool made = make(g, options, tmp, out);

	gen_back(g, tmp, mark);
	if (!made)
		return false;
	if (!options->room || out->n <= options->room || options->linear ||
	    out->n / HOPELESS > options->room)
		return true;
	return make_shorter(g, options, tmp, out);
}
