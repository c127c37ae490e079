/* Ids: addresses, numbers, names; and sets of them, in braces or from a file. */
#include <string.h>

#include "packet/parse.h"

struct id parse_id_of(const struct parser *p, enum id_kind kind)
{
	return (struct id){
		.kind = kind,
		.at = p->t.at,
		.text = p->t.text,
		.len = p->t.len,
		.number = p->t.number,
	};
}

/* Read the NUM after a '/'. */
static bool prefix_length(struct parser *p, struct id *id, enum id_kind kind)
{
	parse_next(p);
	if (p->t.kind != TOKEN_NUM)
		return parse_unexpected(p, "the number of bits of the prefix");
	id->kind = kind;
	id->number = p->t.number;
	id->at = span_join(id->at, p->t.at);
	parse_next(p);
	return true;
}

/* Read an address, a number or a name, with a mask or prefix. */
bool parse_id(struct parser *p, struct id *id)
{
	static const enum id_kind kinds[] = {
		[TOKEN_NUM] = ID_NUM,
		[TOKEN_NAME] = ID_NAME,
		[TOKEN_IPV4] = ID_IPV4,
		[TOKEN_IPV6] = ID_IPV6,
		[TOKEN_MAC] = ID_MAC,
		[TOKEN_MAC8] = ID_MAC8,
	};

	if (p->t.kind >= ARRAY_LEN(kinds) || !kinds[p->t.kind])
		return parse_unexpected(p, "an address, a number or a name");
	*id = parse_id_of(p, kinds[p->t.kind]);
	parse_next(p);
	if (id->kind == ID_IPV4 && parse_at_word(p, WORD_MASK)) {
		parse_next(p);
		if (p->t.kind != TOKEN_IPV4)
			return parse_unexpected(p, "a mask such as 255.255.255.0");
		id->kind = ID_IPV4_MASK;
		id->text2 = p->t.text;
		id->len2 = p->t.len;
		id->at = span_join(id->at, p->t.at);
		parse_next(p);
	} else if (p->t.kind == TOKEN_SLASH && id->kind == ID_IPV4) {
		return prefix_length(p, id, ID_IPV4_PREFIX);
	} else if (p->t.kind == TOKEN_SLASH && id->kind == ID_IPV6) {
		return prefix_length(p, id, ID_IPV6_PREFIX);
	}
	return true;
}

/* --- sets ----------------------------------------------------------------- */

/* Split "8000-8100", which the scanner takes for a name, into two numbers. */
static void split_range(struct id *id)
{
	const char *dash = memchr(id->text, '-', id->len);
	uint32_t lo, hi, left;
	unsigned base;

	if (!dash)
		return;
	left = (uint32_t)(dash - id->text);
	if (!left || left + 1 == id->len ||
	    packet_read_number(id->text, left, &lo, &base) != NUMBER_OK ||
	    packet_read_number(dash + 1, id->len - left - 1, &hi, &base) != NUMBER_OK)
		return;
	id->kind = ID_RANGE;
	id->number = lo;
	id->number2 = hi;
}

/* Read an item of a set, a range included. */
static bool read_item(struct parser *p, struct id *id)
{
	if (!parse_id(p, id))
		return false;
	if (id->kind == ID_NAME)
		split_range(id);
	if (id->kind == ID_NUM && p->t.kind == TOKEN_MINUS) {
		parse_next(p);
		if (p->t.kind != TOKEN_NUM)
			return parse_unexpected(p, "the end of the range");
		id->kind = ID_RANGE;
		id->number2 = p->t.number;
		id->at = span_join(id->at, p->t.at);
		parse_next(p);
	}
	if (id->kind == ID_RANGE && id->number > id->number2)
		return ERROR(p, id->at, E_RANGE "the range '%.*s' ends before it begins",
		             SPAN_TEXT(p, id->at));
	return true;
}

/* Read { item, item, ... }. */
static bool read_set(struct parser *p, struct id *set)
{
	struct span open = p->t.at;
	struct id item;

	*set = (struct id){ .kind = ID_SET, .at = open, .number2 = p->tree->ids.n };
	parse_next(p);
	if (p->t.kind == TOKEN_RBRACE)
		return ERROR(p, span_join(open, p->t.at),
		             "an empty set would match nothing");
	for (;;) {
		if (!read_item(p, &item))
			return false;
		array_push(p->arena, &p->tree->ids, item);
		set->number++;
		if (p->t.kind != TOKEN_COMMA)
			break;
		parse_next(p);
	}
	if (p->t.kind != TOKEN_RBRACE) {
		if (p->t.kind == TOKEN_END && !p->scan.failed)
			return ERROR(p, open, E_SYNTAX "unmatched '{'");
		return parse_unexpected(p, "',' or '}'");
	}
	set->at = span_join(open, p->t.at);
	parse_next(p);
	return true;
}

/* Return the text with its comments blanked, so that columns stay what they are. */
static char *without_comments(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_memdup(arena, text, len);
	bool comment = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			comment = false;
		else if (text[i] == '#')
			comment = true;
		if (comment)
			copy[i] = ' ';
	}
	return copy;
}

/* Read one item a line; blank lines do not count. */
static bool read_lines(struct parser *p, struct id *set)
{
	const struct source *src = p->scan.src;
	struct id item;

	while (p->t.kind != TOKEN_END) {
		if (!read_item(p, &item))
			return false;
		array_push(p->arena, &p->tree->ids, item);
		set->number++;
		if (p->t.kind != TOKEN_END &&
		    !memchr(src->text + p->last.end, '\n', p->t.at.start - p->last.end))
			return ERROR(
				p, p->t.at,
				E_SYNTAX "expected the end of the line after one item, found '%.*s'",
				TEXT(p));
	}
	return !p->scan.failed;
}

/* Read the items in TEXT, one a line, into the tree's ids and SET. */
bool parse_items(struct parser *p, uint32_t source, const char *name, const char *text,
                 size_t len, struct id *set)
{
	struct source *src = arena_new(p->arena, struct source);

	*src = (struct source){ name, without_comments(p->arena, text, len), len };
	set->number2 = p->tree->ids.n;
	p->scan = (struct scanner){ .diags = p->diags, .src = src, .source = source };
	parse_next(p);
	return read_lines(p, set);
}

/* Read the items in file PATH; the token at hand asks for them. */
static bool read_file(struct parser *p, const char *path, struct id *set)
{
	struct token name = p->t;
	struct scanner outer = p->scan;
	const char *text;
	size_t len;
	bool ok;

	if (!p->o->open_file)
		return ERROR(p, name.at, E_OUTSIDE "reading files is not possible here");
	if (p->o->open_file(p->o->ctx, path, outer.src->name, &text, &len))
		return ERROR(p, name.at, E_OUTSIDE "cannot read '%s'", path);
	*set = (struct id){ .kind = ID_SET, .at = name.at };
	ok = parse_items(p, diag_source(p->diags, path, text, len), path, text, len, set);
	p->scan = outer;
	if (!ok)
		return parse_failed(p);
	parse_next(p);
	if (!set->number)
		return ERROR(p, name.at, "'%s' has no items and would match nothing",
		             path);
	return true;
}

/* Read @NAME: the items that the options give, or else an open set. */
static bool read_open(struct parser *p, struct id *set)
{
	const struct packet_options *o = p->o;

	if (p->t.len > PACKET_SET_NAME)
		return ERROR(p, p->t.at, E_LIMIT "the name of a set has at most %d characters",
		             PACKET_SET_NAME);
	for (size_t i = 0; i < o->nitems; i++)
		if (strlen(o->items[i].name) == p->t.len &&
		    !memcmp(o->items[i].name, p->t.text, p->t.len))
			return read_file(p, o->items[i].file, set);
	if (!o->open_sets)
		return ERROR(p, p->t.at, E_INEXPRESSIBLE "only a filter that weir attach puts on XDP, tc or a cgroup has "
		                                         "sets that change; elsewhere give the items of '%.*s' by --set %.*s=FILE",
		             TEXT(p), (int)p->t.len, p->t.text);
	*set = parse_id_of(p, ID_OPEN);
	parse_next(p);
	return true;
}

/* Tell whether a set follows: braces, `in "file"`, or `in @NAME`. */
bool parse_at_set(const struct parser *p)
{
	const struct source *src = p->scan.src;
	uint32_t at = p->scan.at;

	if (p->t.kind == TOKEN_LBRACE)
		return true;
	if (p->t.kind != TOKEN_NAME || p->t.escaped || p->t.len != 2 ||
	    memcmp(p->t.text, "in", 2))
		return false;
	while (at < src->len && src->text[at] && strchr(" \t\r\n", src->text[at]))
		at++;
	return at < src->len && (src->text[at] == '"' || src->text[at] == '@');
}

bool parse_set(struct parser *p, struct id *set)
{
	if (p->t.kind == TOKEN_LBRACE)
		return read_set(p, set);
	parse_next(p);
	if (p->t.kind == TOKEN_SET)
		return read_open(p, set);
	if (p->t.kind != TOKEN_STRING)
		return parse_unexpected(p, "the name of a file in quotes, or of a set after @");
	return read_file(p, arena_strndup(p->arena, p->t.text, p->t.len), set);
}

/* Read NUM, perhaps in parentheses. */
bool parse_pnum(struct parser *p, struct id *id)
{
	struct span start = p->t.at;
	uint32_t depth = 0;

	for (; p->t.kind == TOKEN_LPAREN; parse_next(p))
		depth++;
	if (p->t.kind != TOKEN_NUM)
		return parse_unexpected(p, "a number");
	*id = parse_id_of(p, ID_NUM);
	parse_next(p);
	for (; depth; depth--) {
		if (p->t.kind != TOKEN_RPAREN)
			return parse_unexpected(p, "')'");
		id->at = span_join(start, p->t.at);
		parse_next(p);
	}
	return true;
}
