/* Walking the graph without recursion. */
#include "ir/ir.h"

uint32_t ir_nsucc(const struct ir_node *n)
{
	switch (n->kind) {
	case IR_RET:
		return 0;
	case IR_TEST:
		return 2;
	case IR_SET:
		return n->n + 1;
	case IR_BIND:
	case IR_NEED:
		return 1;
	}
	return 0;
}

const struct ir_node *ir_succ(const struct ir_node *n, uint32_t i)
{
	if (n->kind == IR_SET)
		return i < n->n ? n->set[i].to : n->no;
	return i ? n->no : n->yes;
}

struct step {
	const struct ir_node *node;
	uint32_t left; /* successors not yet visited; the last goes first */
};

struct ir_order ir_postorder(struct arena *arena, const struct ir_graph *g,
                             const struct ir_node *root)
{
	uint8_t *seen = arena_array(arena, uint8_t, root->id + 1);
	ARRAY(const struct ir_node *) out = { 0 };
	ARRAY(struct step) todo = { 0 };
	struct step first = { root, ir_nsucc(root) };

	/* Successors have smaller ids, so nothing below ROOT is beyond it. */
	seen[root->id] = 1;
	array_push(arena, &todo, first);
	while (todo.n) {
		struct step *top = &todo.v[todo.n - 1];
		struct step next;

		if (!top->left) {
			array_push(arena, &out, top->node);
			todo.n--;
			continue;
		}
		next.node = ir_succ(top->node, --top->left);
		if (seen[next.node->id])
			continue;
		seen[next.node->id] = 1;
		next.left = ir_nsucc(next.node);
		array_push(arena, &todo, next);
	}
	return (struct ir_order){ out.v, out.n };
}
