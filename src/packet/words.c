/* Primitives that begin with a word of their own, and what they take. */
#include "packet/parse.h"

static bool need_number(struct parser *p, struct tree_node *n)
{
	if (p->t.kind != TOKEN_NUM)
		return parse_unexpected(p, "a number");
	n->id = parse_keep_id(p, parse_id_of(p, ID_NUM));
	parse_next(p);
	return true;
}

static bool need_name(struct parser *p, struct tree_node *n)
{
	if (p->t.kind != TOKEN_NAME)
		return parse_unexpected(p, "a name");
	n->id = parse_keep_id(p, parse_id_of(p, ID_NAME));
	parse_next(p);
	return true;
}

static bool need_number_or_name(struct parser *p, struct tree_node *n)
{
	return p->t.kind == TOKEN_NAME ? need_name(p, n) : need_number(p, n);
}

static bool may_number(struct parser *p, struct tree_node *n)
{
	struct id id;

	if (p->t.kind != TOKEN_NUM && p->t.kind != TOKEN_LPAREN)
		return true;
	if (!parse_pnum(p, &id))
		return false;
	n->id = parse_keep_id(p, id);
	return true;
}

static bool may_number_or_set(struct parser *p, struct tree_node *n)
{
	struct id set;

	if (!parse_at_set(p))
		return may_number(p, n);
	if (!parse_set(p, &set))
		return false;
	n->id = parse_keep_id(p, set);
	return true;
}

static bool may_llc_type(struct parser *p, struct tree_node *n)
{
	if (parse_at_word(p, WORD_RNR) || parse_at_word(p, WORD_RULENUM)) {
		n->id = parse_keep_id(p, parse_id_of(p, ID_NAME));
		parse_id_at(p, n)->text = "rnr";
		parse_id_at(p, n)->len = 3;
		parse_next(p);
		return true;
	}
	return p->t.kind == TOKEN_NAME ? need_name(p, n) : true;
}

static bool no_argument(struct parser *p, struct tree_node *n)
{
	return true;
}

static const struct {
	enum word word;
	bool (*read)(struct parser *p, struct tree_node *n);
} arguments[] = {
	{ WORD_LESS, need_number },
	{ WORD_GREATER, need_number },
	{ WORD_INBOUND, no_argument },
	{ WORD_OUTBOUND, no_argument },
	{ WORD_IFINDEX, need_number },
	{ WORD_VLAN, may_number_or_set },
	{ WORD_MPLS, may_number },
	{ WORD_PPPOED, no_argument },
	{ WORD_PPPOES, may_number },
	{ WORD_GENEVE, may_number },
	{ WORD_VXLAN, may_number },
	{ WORD_LLC, may_llc_type },
	{ WORD_IFNAME, need_name },
	{ WORD_ON, need_name },
	{ WORD_RSET, need_name },
	{ WORD_RULESET, need_name },
	{ WORD_RNR, need_number },
	{ WORD_RULENUM, need_number },
	{ WORD_SRNR, need_number },
	{ WORD_SUBRULENUM, need_number },
	{ WORD_REASON, need_number_or_name },
	{ WORD_ACTION, need_name },
};

/* Read the primitive that the word begins; false if it is not in the table. */
bool parse_word(struct parser *p, bool *ok)
{
	struct tree_node n = { .kind = TREE_WORD, .word = p->t.word, .at = p->t.at };

	for (unsigned i = 0; i < ARRAY_LEN(arguments); i++) {
		if (arguments[i].word != p->t.word)
			continue;
		parse_next(p);
		*ok = arguments[i].read(p, &n);
		n.at = span_join(n.at, n.id ? parse_id_at(p, &n)->at : n.at);
		if (*ok)
			*ok = parse_give_term(p, n);
		return true;
	}
	return false;
}

/* Read byte I op V. */
bool parse_byte(struct parser *p)
{
	struct tree_node n = { .kind = TREE_BYTE, .word = WORD_BYTE, .at = p->t.at };

	parse_next(p);
	if (p->t.kind != TOKEN_NUM)
		return parse_unexpected(p, "the number of a byte");
	n.number = p->t.number;
	parse_next(p);
	if (p->t.kind != TOKEN_EQ && p->t.kind != TOKEN_LT && p->t.kind != TOKEN_GT &&
	    p->t.kind != TOKEN_AMP && p->t.kind != TOKEN_BAR)
		return parse_unexpected(p, "one of '=', '<', '>', '&', '|'");
	n.op = p->t.kind;
	parse_next(p);
	if (p->t.kind != TOKEN_NUM)
		return parse_unexpected(p, "a number up to 255");
	n.value = p->t.number;
	n.id = parse_keep_id(p, parse_id_of(p, ID_NUM));
	n.at = span_join(n.at, p->t.at);
	parse_next(p);
	return parse_give_term(p, n);
}

/* Read one value of a field and add its comparison. */
static uint32_t field_value(struct parser *p, struct span start, enum word word,
                            enum token_kind op)
{
	struct tree_node n = { .kind = TREE_FIELD, .word = word, .op = (uint8_t)op };

	if (p->t.kind != TOKEN_NUM) {
		parse_unexpected(p, "a number");
		return 0;
	}
	n.value = p->t.number;
	n.id = parse_keep_id(p, parse_id_of(p, ID_NUM));
	n.at = span_join(start, p->t.at);
	parse_next(p);
	return parse_add(p, n);
}

/* Read vpi 1, vpi > 1 or vpi (1 or 2). */
bool parse_field(struct parser *p)
{
	struct span start = p->t.at;
	enum word word = p->t.word;
	enum token_kind op = TOKEN_EQ;
	bool list;
	uint32_t n;

	parse_next(p);
	list = p->t.kind == TOKEN_LPAREN;
	if (list) {
		parse_next(p);
	} else if (parse_is_relation(p->t.kind)) {
		op = p->t.kind;
		parse_next(p);
	}
	n = field_value(p, start, word, op);
	while (list && p->t.kind == TOKEN_OR) {
		struct tree_node or = { .kind = TREE_OR, .left = n };

		parse_next(p);
		or.right = field_value(p, p->t.at, word, op);
		if (p->scan.failed)
			return false;
		or.at = span_join(start, parse_node(p, or.right)->at);
		n = parse_add(p, or);
	}
	if (p->scan.failed)
		return false;
	if (list) {
		if (p->t.kind != TOKEN_RPAREN)
			return parse_unexpected(p, "'or' or ')'");
		parse_next(p);
	}
	p->v = (struct value){ CLASS_TERM, n, UNDEFINED, span_join(start, p->last) };
	return true;
}
