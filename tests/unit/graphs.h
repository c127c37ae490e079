/* Graphs from text, and what text they have. */
#ifndef GRAPHS_H
#define GRAPHS_H

#include "ir/ir.h"
#include "unit.h"

/* Read TEXT, of a packet if it does not begin with what its input is. */
static inline struct ir_graph *read_graph(struct arena *a, const char *text)
{
	struct diags d = { .arena = a };
	struct buf b = { .arena = a };
	struct ir_graph *g;

	if (strncmp(text, "input ", 6) != 0)
		buf_puts(&b, "input packet\n");
	buf_puts(&b, text);
	g = ir_read(a, &d, diag_source(&d, "graph", buf_str(&b), b.len));
	assert_non_null(g);
	return g;
}

/* The text of G with nodes numbered by their place in it. */
static inline const char *normal(struct arena *a, const struct ir_graph *g)
{
	struct buf first = { .arena = a }, out = { .arena = a };

	ir_print(&first, g);
	ir_print(&out, read_graph(a, buf_str(&first)));
	return buf_str(&out);
}

#endif
