/*
 * The expression as it was understood: one condition a line, every group in
 * parentheses, inherited and implied qualifiers filled in, and beside it what
 * that looks at. Without the remarks it is an expression that means the same.
 */
#include <string.h>

#include "packet/text.h"

enum {
	INDENT = 2,
	REMARK = 40
};

/* A line to be written, or a piece of one. */
struct piece {
	const char *text; /* else the node */
	uint32_t node;
	const char *lead; /* "", "and ", "or " */
	unsigned depth;
};

struct explain {
	const struct tree *tree;
	const struct diags *diags;
	struct arena *arena;
	struct buf *out;
	ARRAY(struct piece) todo;
};

static const struct tree_node *node_at(const struct explain *e, uint32_t i)
{
	return &e->tree->nodes.v[i];
}

static void push(struct explain *e, struct piece p)
{
	array_push(e->arena, &e->todo, p);
}

static void put_span(const struct explain *e, struct buf *out, struct span at)
{
	buf_write(out, e->diags->sources.v[at.source].text + at.start,
	          at.end - at.start);
}

/* --- numbers -------------------------------------------------------------- */

static const char *operator_text(enum token_kind op)
{
	static const char *const texts[] = {
		[TOKEN_GT] = ">",
		[TOKEN_GE] = ">=",
		[TOKEN_LT] = "<",
		[TOKEN_LE] = "<=",
		[TOKEN_EQ] = "=",
		[TOKEN_NE] = "!=",
		[TOKEN_PLUS] = "+",
		[TOKEN_MINUS] = "-",
		[TOKEN_STAR] = "*",
		[TOKEN_SLASH] = "/",
		[TOKEN_PERCENT] = "%",
		[TOKEN_AMP] = "&",
		[TOKEN_BAR] = "|",
		[TOKEN_CARET] = "^",
		[TOKEN_LSH] = "<<",
		[TOKEN_RSH] = ">>",
	};

	return op < ARRAY_LEN(texts) && texts[op] ? texts[op] : "?";
}

/*
 * Push an operation and its operands in reverse, so that they are written in
 * order.
 */
static void push_binary(struct explain *e, const struct tree_node *t, bool grouped)
{
	if (grouped)
		push(e, (struct piece){ .text = ")" });
	push(e, (struct piece){ .node = t->right, .lead = "" });
	push(e, (struct piece){ .text = " " });
	push(e, (struct piece){ .text = operator_text(t->op) });
	push(e, (struct piece){ .text = " " });
	push(e, (struct piece){ .node = t->left, .lead = "" });
	if (grouped)
		push(e, (struct piece){ .text = "(" });
}

static void push_index(struct explain *e, const struct tree_node *t)
{
	static const char *const ends[] = { "]", ":1]", ":2]", "]", ":4]" };

	push(e, (struct piece){ .text = t->value > 1 && t->value <= 4 ? ends[t->value]
	                                                              : "]" });
	push(e, (struct piece){ .node = t->left, .lead = "" });
	push(e, (struct piece){ .text = "[" });
	push(e, (struct piece){ .text = packet_proto_text(t->q.proto) });
}

/*
 * Write a comparison or arithmetic; numbers nest, so this has a stack of its
 * own.
 */
static void put_number(struct explain *e, struct buf *out, const struct tree_node *root)
{
	uint32_t base = e->todo.n;

	push_binary(e, root, false);
	while (e->todo.n > base) {
		struct piece p = e->todo.v[--e->todo.n];
		const struct tree_node *t = p.text ? NULL : node_at(e, p.node);

		if (!t)
			buf_puts(out, p.text);
		else if (t->kind == TREE_BINARY)
			push_binary(e, t, true);
		else if (t->kind == TREE_INDEX)
			push_index(e, t);
		else if (t->kind == TREE_NEG) {
			buf_puts(out, "- ");
			push(e, (struct piece){ .node = t->left, .lead = "" });
		} else
			put_span(e, out, t->at);
	}
}

/* --- conditions ----------------------------------------------------------- */

static bool has_sides(const struct qual *q)
{
	return q->type <= TYPE_PORTRANGE;
}

static void put_id(const struct explain *e, struct buf *out, const struct tree_node *t)
{
	const struct id *id = &e->tree->ids.v[t->id];
	enum dir dir = t->q.dir == DIR_DEFAULT ? DIR_OR : t->q.dir;
	char first = e->diags->sources.v[id->at.source].text[id->at.start];
	bool file = (id->kind == ID_SET && first == '"') || first == '@';

	if (t->q.proto)
		buf_printf(out, "%s ", packet_proto_text(t->q.proto));
	if (has_sides(&t->q))
		buf_printf(out, "%s ", packet_dir_text(dir));
	buf_printf(out, "%s %s", packet_type_text(t->q.type), file ? "in " : "");
	put_span(e, out, id->at);
}

static const char *host_remark(const struct qual *q, const struct id *id)
{
	bool six = id->kind == ID_IPV6 || id->kind == ID_IPV6_PREFIX;

	if (q->proto != Q_DEFAULT)
		return NULL;
	if (id->kind == ID_NAME)
		return "all its addresses: ip, arp, rarp; ip6";
	if (id->kind == ID_SET || id->kind == ID_OPEN)
		return "IPv4: ip, arp, rarp; IPv6: ip6";
	return six ? "ip6" : "ip, arp, rarp";
}

static const char *id_remark(const struct qual *q, const struct id *id)
{
	switch ((enum type)q->type) {
	case TYPE_DEFAULT:
	case TYPE_HOST:
	case TYPE_NET:
		return host_remark(q, id);
	case TYPE_PORT:
	case TYPE_PORTRANGE:
		return q->proto ? "over ip and ip6" : "tcp, udp, sctp over ip and ip6";
	case TYPE_PROTO:
	case TYPE_PROTOCHAIN:
		return q->proto == Q_DEFAULT ? "ip and ip6" : NULL;
	case TYPE_GATEWAY:
		return "its hardware address, but not its IPv4 addresses";
	case TYPE_UNDEF:
		break;
	}
	return NULL;
}

static const char *abbrev_remark(enum proto proto)
{
	switch (proto) {
	case Q_TCP:
	case Q_UDP:
	case Q_SCTP:
	case Q_AH:
	case Q_ESP:
	case Q_PIM:
		return "over ip and ip6";
	case Q_ICMP:
	case Q_IGMP:
	case Q_IGRP:
	case Q_VRRP:
	case Q_CARP:
		return "over ip";
	case Q_ICMP6:
		return "over ip6";
	default:
		return NULL;
	}
}

static const char *word_remark(enum word word)
{
	switch (word) {
	case WORD_VLAN:
		return "from here on: what follows the tag";
	case WORD_MPLS:
		return "from here on: ip or ip6 after the label";
	case WORD_PPPOES:
		return "from here on: the PPP packet inside";
	case WORD_GENEVE:
	case WORD_VXLAN:
		return "from here on: the packet inside the tunnel";
	case WORD_LANE:
		return "from here on: the Ethernet frame inside";
	case WORD_LESS:
		return "at most so many bytes on the wire";
	case WORD_GREATER:
		return "at least so many bytes on the wire";
	default:
		return NULL;
	}
}

/* Write the condition into OUT; return the remark on it, or NULL. */
static const char *put_condition(struct explain *e, struct buf *out,
                                 const struct tree_node *t)
{
	switch ((enum tree_kind)t->kind) {
	case TREE_ID:
		put_id(e, out, t);
		return id_remark(&t->q, &e->tree->ids.v[t->id]);
	case TREE_RELATION:
		put_number(e, out, t);
		return NULL;
	case TREE_ABBREV:
		buf_puts(out, packet_proto_text(t->q.proto));
		return abbrev_remark(t->q.proto);
	case TREE_WORD:
		put_span(e, out, t->at);
		return word_remark(t->word);
	default:
		put_span(e, out, t->at);
		return NULL;
	}
}

/* --- lines ---------------------------------------------------------------- */

/* Write a line: indentation, LEAD, TEXT, and a REMARK in its own column. */
static void put_line(struct explain *e, unsigned depth, const char *lead,
                     struct buf *text, const char *remark)
{
	size_t start = e->out->len;

	for (unsigned i = 0; i < depth * INDENT; i++)
		buf_putc(e->out, ' ');
	buf_puts(e->out, lead);
	for (size_t i = 0; i < text->len; i++)
		buf_putc(e->out,
		         text->s[i] == '\n' || text->s[i] == '\t' ? ' ' : text->s[i]);
	while (remark && e->out->len - start < REMARK - 1)
		buf_putc(e->out, ' ');
	if (remark)
		buf_printf(e->out, " # %s", remark);
	buf_putc(e->out, '\n');
}

/* Push the operands of a left-grouped chain of one operator, last first. */
static void push_chain(struct explain *e, uint32_t i, const char *lead, unsigned depth)
{
	uint8_t kind = node_at(e, i)->kind;
	const char *join = kind == TREE_AND ? "and " : "or ";

	while (node_at(e, i)->kind == kind) {
		push(e, (struct piece){ .node = node_at(e, i)->right,
		                        .lead = join,
		                        .depth = depth });
		i = node_at(e, i)->left;
	}
	push(e, (struct piece){ .node = i, .lead = lead, .depth = depth });
}

static bool is_chain(const struct tree_node *t)
{
	return t->kind == TREE_AND || t->kind == TREE_OR;
}

/* Indent one level more, up to a limit. */
static unsigned deeper(unsigned depth)
{
	return depth < 20 ? depth + 1 : depth;
}

static void put_piece(struct explain *e, struct piece p)
{
	struct buf text = { .arena = e->arena };
	uint32_t i = p.node;

	if (p.text) {
		buf_puts(&text, p.text);
		put_line(e, p.depth, "", &text, NULL);
		return;
	}
	while (node_at(e, i)->kind == TREE_NOT) {
		buf_puts(&text, "not ");
		i = node_at(e, i)->left;
	}
	if (!is_chain(node_at(e, i))) {
		const char *remark = put_condition(e, &text, node_at(e, i));

		put_line(e, p.depth, p.lead, &text, remark);
		return;
	}
	buf_putc(&text, '(');
	put_line(e, p.depth, p.lead, &text, NULL);
	push(e, (struct piece){ .text = ")", .depth = p.depth });
	push_chain(e, i, "", deeper(p.depth));
}

void packet_explain(struct buf *out, struct arena *arena, const struct diags *d,
                    const struct tree *t)
{
	struct explain e = { .tree = t, .diags = d, .arena = arena, .out = out };
	struct buf all = { .arena = arena };

	if (!t->nodes.n) {
		buf_puts(&all, "every packet");
		put_line(&e, 0, "", &all, NULL);
		return;
	}
	if (is_chain(node_at(&e, t->nodes.n - 1)))
		push_chain(&e, t->nodes.n - 1, "", 0);
	else
		push(&e, (struct piece){ .node = t->nodes.n - 1, .lead = "" });
	while (e.todo.n)
		put_piece(&e, e.todo.v[--e.todo.n]);
}
