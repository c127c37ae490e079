/*
 * Operands: ids, numbers, accessors, and the qualifiers that open a condition.
 * One that is not complete by itself (a parenthesis, not, qualifiers) opens a frame.
 */
#include "packet/parse.h"

static bool operand_id(struct parser *p)
{
	struct tree_node n = { .kind = TREE_ID, .q = p->q, .word = WORD_NONE };
	bool set = parse_top(p)->kind == FRAME_HEAD && parse_at_set(p);
	struct id id;

	if (p->q.type == TYPE_UNDEF)
		return parse_bare_id(p);
	if (set ? !parse_set(p, &id) : !parse_id(p, &id))
		return false;
	n.id = parse_keep_id(p, id);
	n.at = id.at;
	return parse_give(p, CLASS_NID, n, p->q);
}

static bool operand_num(struct parser *p)
{
	struct tree_node n = { .kind = TREE_NUM, .at = p->t.at, .number = p->t.number };

	n.id = p->may & MAY_ID ? parse_keep_id(p, parse_id_of(p, ID_NUM)) : 0;
	parse_next(p);
	return parse_give(p, CLASS_NUM, n, p->q);
}

/* --- heads ---------------------------------------------------------------- */

/* Tell whether the operand that follows has these qualifiers. */
static bool open_head(struct parser *p, struct qual q, struct span start)
{
	parse_push(p, (struct frame){
			      .kind = FRAME_HEAD,
			      .may = p->may,
			      .q = q,
			      .at = span_join(start, p->last),
		      });
	p->may = MAY_ID;
	p->q = q;
	return true;
}

/* Read src, dst, src or dst, addr1, ... */
static bool read_dir(struct parser *p, struct qual *q)
{
	bool src = p->t.word == WORD_SRC, both = src || p->t.word == WORD_DST;
	enum token_kind join;

	q->dir = packet_words[p->t.word].value;
	parse_next(p);
	join = p->t.kind;
	if (!both || (join != TOKEN_OR && join != TOKEN_AND))
		return true;
	parse_next(p);
	if (!parse_at_word(p, src ? WORD_DST : WORD_SRC))
		return ERROR(p, p->t.at, E_SYNTAX "expected '%s' after '%s %s', found '%.*s'",
		             src ? "dst" : "src", src ? "src" : "dst",
		             join == TOKEN_OR ? "or" : "and", TEXT(p));
	q->dir = join == TOKEN_OR ? DIR_OR : DIR_AND;
	parse_next(p);
	return true;
}

/* Tell whether the word is a type of id without directions; set *TYPE if so. */
static bool undirected_type(const struct parser *p, uint8_t *type)
{
	if (parse_at_word(p, WORD_PROTO))
		*type = TYPE_PROTO;
	else if (parse_at_word(p, WORD_PROTOCHAIN))
		*type = TYPE_PROTOCHAIN;
	else if (parse_at_word(p, WORD_GATEWAY))
		*type = TYPE_GATEWAY;
	else
		return false;
	return true;
}

/* Read what follows a protocol qualifier, if anything; false if nothing does. */
static bool qualified(struct parser *p, enum proto proto, struct span start, bool *ok)
{
	struct qual q = { .proto = proto };

	*ok = true;
	if (p->t.kind != TOKEN_WORD)
		return false;
	if (undirected_type(p, &q.type)) {
		parse_next(p);
		*ok = open_head(p, q, start);
	} else if (packet_words[p->t.word].kind == IS_TYPE) {
		q.type = packet_words[p->t.word].value;
		parse_next(p);
		*ok = open_head(p, q, start);
	} else if (packet_words[p->t.word].kind == IS_DIR) {
		*ok = read_dir(p, &q);
		if (p->t.kind == TOKEN_WORD &&
		    packet_words[p->t.word].kind == IS_TYPE) {
			q.type = packet_words[p->t.word].value;
			parse_next(p);
		}
		*ok = *ok && open_head(p, q, start);
	} else if (parse_at_word(p, WORD_BROADCAST) ||
	           parse_at_word(p, WORD_MULTICAST)) {
		struct tree_node n = {
			.kind = parse_at_word(p, WORD_BROADCAST) ? TREE_BROADCAST
			                                         : TREE_MULTICAST,
			.at = span_join(start, p->t.at),
			.q = q,
		};

		parse_next(p);
		*ok = parse_give_term(p, n);
	} else if (parse_at_word(p, WORD_TYPE)) {
		*ok = parse_wlan_type(p, span_join(start, p->t.at));
	} else if (parse_at_word(p, WORD_SUBTYPE)) {
		*ok = parse_wlan_subtype(p, span_join(start, p->t.at));
	} else if (parse_at_word(p, WORD_DIR) || parse_at_word(p, WORD_DIRECTION)) {
		*ok = parse_wlan_dir(p, span_join(start, p->t.at));
	} else {
		return false;
	}
	return true;
}

/* Read proto[, proto qualifiers id, or proto alone. */
static bool operand_proto(struct parser *p)
{
	enum proto proto = packet_words[p->t.word].value;
	struct span start = p->t.at;
	bool ok;

	parse_next(p);
	if (p->t.kind == TOKEN_LBRACKET) {
		parse_push(p, (struct frame){ .kind = FRAME_INDEX,
		                              .may = p->may,
		                              .at = start,
		                              .q = { .proto = proto } });
		parse_next(p);
		p->may = MAY_ARITH;
		return true;
	}
	if (!(p->may & MAY_TERM))
		return ERROR(p, start,
		             E_SYNTAX "'%.*s' is not a value; use one of its fields, such as '%.*s[0]'",
		             SPAN_TEXT(p, start), SPAN_TEXT(p, start));
	if (qualified(p, proto, start, &ok))
		return ok;
	return parse_give_term(p, (struct tree_node){
					  .kind = TREE_ABBREV,
					  .at = start,
					  .q = { .proto = proto },
				  });
}

static bool operand_word(struct parser *p)
{
	const struct word_info *w = &packet_words[p->t.word];
	struct tree_node n = { .at = p->t.at, .word = p->t.word };
	struct span start = p->t.at;
	bool ok;

	if (w->kind == IS_PROTO && p->may & (MAY_TERM | MAY_ARITH))
		return operand_proto(p);
	if ((parse_at_word(p, WORD_LEN) || parse_at_word(p, WORD_LENGTH)) &&
	    p->may & MAY_ARITH) {
		n.kind = TREE_LEN;
		parse_next(p);
		return parse_give(p, CLASS_ARITH, n, UNDEFINED);
	}
	if (!(p->may & MAY_TERM))
		return parse_unexpected(p, p->may & MAY_ID
		                                   ? "an address, a number or a name"
		                                   : "a number or a field");
	if (w->kind == IS_ATM || w->kind == IS_SS7) {
		n.kind = TREE_WORD;
		parse_next(p);
		return parse_give_term(p, n);
	}
	if (w->kind == IS_FIELD)
		return parse_field(p);
	if (parse_at_word(p, WORD_BYTE))
		return parse_byte(p);
	if (parse_word(p, &ok))
		return ok;
	if (qualified(p, Q_DEFAULT, start, &ok))
		return ok;
	return parse_unexpected(p, "a condition");
}

static bool open_paren(struct parser *p)
{
	parse_push(p, (struct frame){ .kind = FRAME_PAREN,
	                              .may = p->may,
	                              .q = p->q,
	                              .at = p->t.at });
	parse_next(p);
	return true;
}

static bool open_not(struct parser *p)
{
	if (!(p->may & (MAY_TERM | MAY_ID)))
		return parse_unexpected(p, "a number or a field");
	parse_push(p, (struct frame){ .kind = FRAME_NOT,
	                              .may = p->may,
	                              .q = p->q,
	                              .at = p->t.at });
	parse_next(p);
	return true;
}

static bool open_neg(struct parser *p)
{
	parse_push(p, (struct frame){ .kind = FRAME_NEG,
	                              .may = p->may,
	                              .q = p->q,
	                              .at = p->t.at });
	parse_next(p);
	p->may = MAY_ARITH;
	return true;
}

/* Read one step of an operand; set *DONE once p->v is one. */
bool parse_operand(struct parser *p, bool *done)
{
	uint32_t depth = p->frames.n;
	bool ok;

	*done = true;
	switch (p->t.kind) {
	case TOKEN_LPAREN:
		ok = open_paren(p);
		break;
	case TOKEN_NOT:
		ok = open_not(p);
		break;
	case TOKEN_MINUS:
		ok = p->may & MAY_ARITH
		             ? open_neg(p)
		             : parse_unexpected(p, "an address, a number or a name");
		break;
	case TOKEN_WORD:
		ok = operand_word(p);
		break;
	case TOKEN_NUM:
		ok = operand_num(p);
		break;
	case TOKEN_LBRACE:
		if (parse_top(p)->kind != FRAME_HEAD)
			return parse_unexpected(p, "a condition");
		ok = operand_id(p);
		break;
	case TOKEN_NAME:
	case TOKEN_IPV4:
	case TOKEN_IPV6:
	case TOKEN_MAC:
	case TOKEN_MAC8:
		if (p->may & MAY_ID)
			ok = operand_id(p);
		else if (p->may & MAY_TERM)
			ok = parse_bare_id(p);
		else
			ok = parse_unexpected(p, "a number or a field such as 'ip[0]'");
		break;
	default:
		ok = parse_unexpected(p, p->may & MAY_TERM ? "a condition"
		                         : p->may & MAY_ID ? "an address, a number or a name"
		                                           : "a number or a field");
		break;
	}
	*done = p->frames.n == depth;
	return ok;
}
