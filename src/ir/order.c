/* Walking the graph without recursion. */
#include <assert.h>

#include "ir/ir.h"

struct step {
	const struct ir_node *node;
	uint32_t left; /* successors not yet visited; the last goes first */
};

struct ir_order ir_postorder(struct arena *arena, const struct ir_graph *g,
                             const struct ir_node *root)
{
	/* Successors have smaller ids, so nothing below ROOT is beyond it. */
	uint32_t most = root->id + 1, n = 0, depth = 1;
	bool *seen = arena_array(arena, bool, most);
	const struct ir_node **out = arena_array(arena, const struct ir_node *, most);
	struct step *todo = arena_array(arena, struct step, most);

	seen[root->id] = true;
	todo[0] = (struct step){ root, ir_nsucc(root) };
	while (depth) {
		struct step *top = &todo[depth - 1];
		const struct ir_node *next;

		if (!top->left) {
			out[n++] = top->node;
			depth--;
			continue;
		}
		next = ir_succ(top->node, --top->left);
		assert(next->id < top->node->id);
		if (seen[next->id])
			continue;
		seen[next->id] = true;
		todo[depth++] = (struct step){ next, ir_nsucc(next) };
	}
	return (struct ir_order){ out, n };
}
