/* What the parser holds: the token at hand, nodes, ids, frames and the operand just read. */
#include "packet/parse.h"

void parse_next(struct parser *p)
{
	p->last = p->t.at;
	p->t = packet_scan(&p->scan);
}

bool parse_failed(struct parser *p)
{
	p->scan.failed = true;
	p->t.kind = TOKEN_END;
	return false;
}

uint32_t parse_add(struct parser *p, struct tree_node n)
{
	array_push(p->arena, &p->tree->nodes, n);
	return p->tree->nodes.n - 1;
}

uint32_t parse_keep_id(struct parser *p, struct id id)
{
	array_push(p->arena, &p->tree->ids, id);
	return p->tree->ids.n - 1;
}

struct id *parse_id_at(struct parser *p, const struct tree_node *n)
{
	return &p->tree->ids.v[n->id];
}

void parse_push(struct parser *p, struct frame f)
{
	array_push(p->arena, &p->frames, f);
}

bool parse_give(struct parser *p, enum class class, struct tree_node n, struct qual q)
{
	p->v = (struct value){ .class = class, .q = q, .at = n.at };
	p->v.node = parse_add(p, n);
	return true;
}

bool parse_give_term(struct parser *p, struct tree_node n)
{
	return parse_give(p, CLASS_TERM, n, UNDEFINED);
}
