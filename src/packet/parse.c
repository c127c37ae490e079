/*
 * The tree. A shift-reduce parser with its own stack of frames, so that depth
 * costs memory and not stack. What makes the language odd is kept here: a
 * parenthesis may hold a condition, a number or a list of ids, which only its
 * inside tells; ids inherit the qualifiers of what stands before them; `and`
 * and `or` bind alike; `%` and `^` take everything to their right.
 */
#include <string.h>

#include "packet/packet.h"

/* What an operand may become at the place where it stands. */
enum { MAY_TERM = 1, MAY_ID = 2, MAY_ARITH = 4 };

/* What an operand turned out to be. */
enum class {
	CLASS_NUM,   /* a number alone, in parentheses or not */
	CLASS_ARITH, /* arithmetic */
	CLASS_TERM,  /* a condition */
	CLASS_EXPR,  /* conditions joined by and, or */
	CLASS_NID,   /* an id that may begin a list in parentheses */
	CLASS_ID,    /* a list of ids in parentheses */
	CLASS_IDS,   /* ids joined by and, or: only inside parentheses */
};

struct value {
	enum class class;
	uint32_t node;
	struct qual q;
	struct span at;
};

enum frame_kind {
	FRAME_ROOT, FRAME_PAREN, FRAME_NOT, FRAME_HEAD,
	FRAME_LOGIC, FRAME_RELATION, FRAME_BINARY, FRAME_NEG, FRAME_INDEX,
};

struct frame {
	enum frame_kind kind;
	enum token_kind op;
	unsigned may;      /* what it stands for, once reduced */
	struct value left; /* LOGIC, RELATION, BINARY */
	struct qual q;     /* what ids at its place inherit; HEAD: the qualifiers */
	struct span at;    /* operator, parenthesis, first word */
	struct span and_at, or_at; /* ROOT, PAREN: the operators seen, for the warning */
	bool seen_and, seen_or, warned;
};

struct parser {
	struct tree *tree;
	struct arena *arena;
	struct diags *diags;
	const struct packet_options *o;
	struct scanner scan;
	struct token t;
	struct span last; /* the token before */
	ARRAY(struct frame) frames;
	unsigned may;     /* of the operand that comes now */
	struct qual q;    /* that it inherits */
	struct value v;   /* the operand just read */
};

static const struct qual undefined = { .type = TYPE_UNDEF };

static void next(struct parser *p)
{
	p->last = p->t.at;
	p->t = packet_scan(&p->scan);
}

static bool is_word(const struct parser *p, enum word w)
{
	return p->t.kind == TOKEN_WORD && p->t.word == w;
}

/* The first error ends the parse; the scanner then yields only the end. */
static bool failed(struct parser *p)
{
	p->scan.failed = true;
	p->t.kind = TOKEN_END;
	return false;
}

#define ERROR(p, at, ...)                                                      \
	((p)->scan.failed ? false                                              \
	                  : (diag_error((p)->diags, at, __VA_ARGS__), failed(p)))

static uint32_t add(struct parser *p, struct tree_node n)
{
	array_push(p->arena, &p->tree->nodes, n);
	return p->tree->nodes.n - 1;
}

/* Its index, for a node. */
static uint32_t keep_id(struct parser *p, struct id id)
{
	array_push(p->arena, &p->tree->ids, id);
	return p->tree->ids.n - 1;
}

static struct id *id_at(struct parser *p, const struct tree_node *n)
{
	return &p->tree->ids.v[n->id];
}

static struct tree_node *node(struct parser *p, uint32_t i)
{
	return &p->tree->nodes.v[i];
}

static struct frame *top(struct parser *p)
{
	return &p->frames.v[p->frames.n - 1];
}

static void push(struct parser *p, struct frame f)
{
	array_push(p->arena, &p->frames, f);
}

static struct frame pop(struct parser *p)
{
	return p->frames.v[--p->frames.n];
}

/* How messages show the token. */
#define TEXT(p) (int)((p)->t.at.end - (p)->t.at.start), (p)->scan.src->text + (p)->t.at.start
#define SPAN_TEXT(p, s) (int)((s).end - (s).start), (p)->scan.src->text + (s).start

/* --- what went wrong --------------------------------------------------------- */

/* "a-b" that was meant as a subtraction. */
static bool looks_subtracted(const struct token *t)
{
	const char *dash = memchr(t->text, '-', t->len);

	if (!dash || t->escaped)
		return false;
	for (const char *c = t->text; c < t->text + t->len; c++)
		if (c != dash && (*c < '0' || *c > '9')) {
			uint32_t n = (uint32_t)(dash - t->text);

			return (n == 3 && !memcmp(t->text, "len", 3)) ||
			       (n == 6 && !memcmp(t->text, "length", 6));
		}
	return true;
}

static bool unexpected_name(struct parser *p)
{
	const char *near = packet_near_word(p->t.text, p->t.len);

	if (looks_subtracted(&p->t))
		return ERROR(p, p->t.at,
		             "'%.*s' is read as one name; put spaces around the '-' to subtract",
		             TEXT(p));
	if (near && !p->t.escaped)
		return ERROR(p, p->t.at, "'%.*s' is no word of the language; did you mean '%s'?",
		             TEXT(p), near);
	return ERROR(p, p->t.at,
	             "'%.*s' stands alone; say what it is, as in 'host %.*s' or 'port %.*s'",
	             TEXT(p), TEXT(p), TEXT(p));
}

/* An id where nothing says what it is. */
static bool bare_id(struct parser *p)
{
	switch (p->t.kind) {
	case TOKEN_NAME:
		return unexpected_name(p);
	case TOKEN_IPV4:
	case TOKEN_IPV6:
		return ERROR(p, p->t.at,
		             "the address '%.*s' stands alone; say what it is, as in 'host %.*s'",
		             TEXT(p), TEXT(p));
	case TOKEN_MAC:
	case TOKEN_MAC8:
		return ERROR(p, p->t.at,
		             "the address '%.*s' stands alone; write 'ether host %.*s'",
		             TEXT(p), TEXT(p));
	default:
		return ERROR(p, p->t.at,
		             "the number '%.*s' stands alone; write 'port %.*s', or compare it",
		             TEXT(p), TEXT(p));
	}
}

/* The token cannot stand where WANTED is expected. */
static bool unexpected(struct parser *p, const char *wanted)
{
	switch (p->t.kind) {
	case TOKEN_END:
		return ERROR(p, p->t.at, "the expression ends here, but %s must follow", wanted);
	case TOKEN_NAME:
		if (looks_subtracted(&p->t))
			return unexpected_name(p);
		break;
	case TOKEN_WORD:
		if (p->may == MAY_ID)
			return ERROR(p, p->t.at,
			             "expected %s, but '%.*s' is a keyword; "
			             "a backslash makes it a name: '\\%.*s'",
			             wanted, TEXT(p), TEXT(p));
		break;
	case TOKEN_LBRACE:
		return ERROR(p, p->t.at, "a set stands behind 'host', 'net', 'port', 'proto' or 'vlan'");
	default:
		break;
	}
	return ERROR(p, p->t.at, "expected %s, not '%.*s'", wanted, TEXT(p));
}

/* A number where a condition must stand. */
static bool lone_number(struct parser *p, struct span at)
{
	return ERROR(p, at,
	             "'%.*s' is a number, not a condition; compare it with something: '%.*s = 1'",
	             SPAN_TEXT(p, at), SPAN_TEXT(p, at));
}

/* One id behind another: two words that were a set before the shell saw them. */
static bool follows_id(struct parser *p)
{
	return node(p, p->v.node)->kind == TREE_ID &&
	       (p->t.kind == TOKEN_NUM || p->t.kind == TOKEN_IPV4 || p->t.kind == TOKEN_IPV6 ||
	        p->t.kind == TOKEN_MAC);
}

/* What stands behind a complete operand is no operator. */
static bool no_operator(struct parser *p)
{
	const char *near, *after = p->may == MAY_ARITH ? "an operator" : "'and' or 'or'";

	switch (p->t.kind) {
	case TOKEN_RPAREN:
		return ERROR(p, p->t.at, "this ')' closes nothing");
	case TOKEN_SLASH:
		return ERROR(p, p->t.at,
		             "a prefix length goes behind an address with a dot, "
		             "as in 'net 10.0/8'");
	case TOKEN_COMMA:
		return ERROR(p, p->t.at,
		             "a ',' stands only between the braces of a set, as in "
		             "'port {80, 443}'; a shell takes them apart unless they are quoted");
	case TOKEN_LBRACE:
		return ERROR(p, p->t.at, "a set stands behind 'host', 'net', 'port', 'proto' or 'vlan'");
	case TOKEN_NAME:
		if (looks_subtracted(&p->t))
			return unexpected_name(p);
		near = p->t.escaped ? NULL : packet_near_word(p->t.text, p->t.len);
		if (near)
			return ERROR(p, p->t.at, "expected %s before '%.*s'; did you mean '%s'?",
			             after, TEXT(p), near);
		break;
	default:
		break;
	}
	if (follows_id(p))
		return ERROR(p, p->t.at,
		             "expected 'and' or 'or' before '%.*s'; a set such as {80,443} must be "
		             "quoted, or the shell takes it apart",
		             TEXT(p));
	if (p->v.class == CLASS_TERM &&
	    (p->t.kind == TOKEN_EQ || p->t.kind == TOKEN_NE || p->t.kind == TOKEN_LT ||
	     p->t.kind == TOKEN_GT || p->t.kind == TOKEN_LE || p->t.kind == TOKEN_GE)) {
		if (node(p, p->v.node)->kind == TREE_RELATION)
			return ERROR(p, p->t.at, "comparisons do not chain; join two with 'and'");
		return ERROR(p, p->t.at,
		             "'%.*s' has no value to compare; a field of it has, as in '%.*s[0]'",
		             SPAN_TEXT(p, p->v.at), SPAN_TEXT(p, p->v.at));
	}
	return ERROR(p, p->t.at, "expected %s before '%.*s'", after, TEXT(p));
}

/* --- ids ------------------------------------------------------------------------ */

static struct id id_of(const struct parser *p, enum id_kind kind)
{
	return (struct id){
		.kind = kind,
		.at = p->t.at,
		.text = p->t.text,
		.len = p->t.len,
		.number = p->t.number,
	};
}

/* NUM behind a '/'. */
static bool prefix_length(struct parser *p, struct id *id, enum id_kind kind)
{
	next(p);
	if (p->t.kind != TOKEN_NUM)
		return unexpected(p, "the number of bits of the prefix");
	id->kind = kind;
	id->number = p->t.number;
	id->at = span_join(id->at, p->t.at);
	next(p);
	return true;
}

/* An address, a number or a name, with what belongs to it. */
static bool read_id(struct parser *p, struct id *id)
{
	static const enum id_kind kinds[] = {
		[TOKEN_NUM] = ID_NUM,   [TOKEN_NAME] = ID_NAME, [TOKEN_IPV4] = ID_IPV4,
		[TOKEN_IPV6] = ID_IPV6, [TOKEN_MAC] = ID_MAC,   [TOKEN_MAC8] = ID_MAC8,
	};

	if (p->t.kind >= ARRAY_LEN(kinds) || !kinds[p->t.kind])
		return unexpected(p, "an address, a number or a name");
	*id = id_of(p, kinds[p->t.kind]);
	next(p);
	if (id->kind == ID_IPV4 && is_word(p, WORD_MASK)) {
		next(p);
		if (p->t.kind != TOKEN_IPV4)
			return unexpected(p, "a mask such as 255.255.255.0");
		id->kind = ID_IPV4_MASK;
		id->text2 = p->t.text;
		id->len2 = p->t.len;
		id->at = span_join(id->at, p->t.at);
		next(p);
	} else if (p->t.kind == TOKEN_SLASH && id->kind == ID_IPV4) {
		return prefix_length(p, id, ID_IPV4_PREFIX);
	} else if (p->t.kind == TOKEN_SLASH && id->kind == ID_IPV6) {
		return prefix_length(p, id, ID_IPV6_PREFIX);
	}
	return true;
}

/* --- sets ------------------------------------------------------------------------- */

/* "8000-8100", which the scanner takes for a name: two numbers. */
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

/* One item of a set, with a range if it is one. */
static bool read_item(struct parser *p, struct id *id)
{
	if (!read_id(p, id))
		return false;
	if (id->kind == ID_NAME)
		split_range(id);
	if (id->kind == ID_NUM && p->t.kind == TOKEN_MINUS) {
		next(p);
		if (p->t.kind != TOKEN_NUM)
			return unexpected(p, "the end of the range");
		id->kind = ID_RANGE;
		id->number2 = p->t.number;
		id->at = span_join(id->at, p->t.at);
		next(p);
	}
	if (id->kind == ID_RANGE && id->number > id->number2)
		return ERROR(p, id->at, "the range '%.*s' ends before it begins",
		             SPAN_TEXT(p, id->at));
	return true;
}

/* { item, item, ... } */
static bool read_set(struct parser *p, struct id *set)
{
	struct span open = p->t.at;
	struct id item;

	*set = (struct id){ .kind = ID_SET, .at = open, .number2 = p->tree->ids.n };
	next(p);
	if (p->t.kind == TOKEN_RBRACE)
		return ERROR(p, span_join(open, p->t.at), "an empty set would match nothing");
	for (;;) {
		if (!read_item(p, &item))
			return false;
		array_push(p->arena, &p->tree->ids, item);
		set->number++;
		if (p->t.kind != TOKEN_COMMA)
			break;
		next(p);
	}
	if (p->t.kind != TOKEN_RBRACE) {
		if (p->t.kind == TOKEN_END && !p->scan.failed)
			return ERROR(p, open, "this '{' is not closed");
		return unexpected(p, "',' or '}'");
	}
	set->at = span_join(open, p->t.at);
	next(p);
	return true;
}

/* The text with its comments blanked, so that columns stay what they are. */
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

/* One item a line; blank lines do not count. */
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
			return ERROR(p, p->t.at, "one item a line: expected the end of the line, not '%.*s'",
			             TEXT(p));
	}
	return !p->scan.failed;
}

/* in "file" */
static bool read_file(struct parser *p, struct id *set)
{
	struct token name = p->t;
	struct scanner outer = p->scan;
	const char *path = arena_strndup(p->arena, name.text, name.len), *text;
	struct source *file;
	size_t len;
	bool ok;

	if (!p->o->open_file)
		return ERROR(p, name.at, "no file can be read here");
	if (p->o->open_file(p->o->ctx, path, outer.src->name, &text, &len))
		return ERROR(p, name.at, "cannot read '%s'", path);
	file = arena_new(p->arena, struct source);
	*file = (struct source){ path, without_comments(p->arena, text, len), len };
	*set = (struct id){ .kind = ID_SET, .at = name.at, .number2 = p->tree->ids.n };

	p->scan = (struct scanner){
		.diags = p->diags,
		.src = file,
		.source = diag_source(p->diags, path, text, len),
	};
	next(p);
	ok = read_lines(p, set);
	p->scan = outer;
	if (!ok)
		return failed(p);
	next(p);
	if (!set->number)
		return ERROR(p, name.at, "'%s' has no items, which would match nothing", path);
	return true;
}

/* A set behind a head or a word: braces, or `in "file"`. */
static bool at_set(const struct parser *p)
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
	return at < src->len && src->text[at] == '"';
}

static bool read_any_set(struct parser *p, struct id *set)
{
	if (p->t.kind == TOKEN_LBRACE)
		return read_set(p, set);
	next(p);
	if (p->t.kind != TOKEN_STRING)
		return unexpected(p, "the name of a file in quotes");
	return read_file(p, set);
}

/* --- operands --------------------------------------------------------------------- */

static bool give(struct parser *p, enum class class, struct tree_node n, struct qual q)
{
	p->v = (struct value){ .class = class, .q = q, .at = n.at };
	p->v.node = add(p, n);
	return true;
}

/* A condition of its own: what follows inherits nothing from it. */
static bool give_term(struct parser *p, struct tree_node n)
{
	return give(p, CLASS_TERM, n, undefined);
}

static bool operand_id(struct parser *p)
{
	struct tree_node n = { .kind = TREE_ID, .q = p->q, .word = WORD_NONE };
	bool set = top(p)->kind == FRAME_HEAD && at_set(p);
	struct id id;

	if (p->q.type == TYPE_UNDEF)
		return bare_id(p);
	if (set ? !read_any_set(p, &id) : !read_id(p, &id))
		return false;
	n.id = keep_id(p, id);
	n.at = id.at;
	return give(p, CLASS_NID, n, p->q);
}

static bool operand_num(struct parser *p)
{
	struct tree_node n = { .kind = TREE_NUM, .at = p->t.at, .number = p->t.number };

	n.id = p->may & MAY_ID ? keep_id(p, id_of(p, ID_NUM)) : 0;
	next(p);
	return give(p, CLASS_NUM, n, p->q);
}

/* NUM, maybe in parentheses. */
static bool read_pnum(struct parser *p, struct id *id)
{
	struct span start = p->t.at;
	uint32_t depth = 0;

	for (; p->t.kind == TOKEN_LPAREN; next(p))
		depth++;
	if (p->t.kind != TOKEN_NUM)
		return unexpected(p, "a number");
	*id = id_of(p, ID_NUM);
	next(p);
	for (; depth; depth--) {
		if (p->t.kind != TOKEN_RPAREN)
			return unexpected(p, "')'");
		id->at = span_join(start, p->t.at);
		next(p);
	}
	return true;
}

/* --- words that take arguments ------------------------------------------------------ */

static bool need_number(struct parser *p, struct tree_node *n)
{
	if (p->t.kind != TOKEN_NUM)
		return unexpected(p, "a number");
	n->id = keep_id(p, id_of(p, ID_NUM));
	next(p);
	return true;
}

static bool need_name(struct parser *p, struct tree_node *n)
{
	if (p->t.kind != TOKEN_NAME)
		return unexpected(p, "a name");
	n->id = keep_id(p, id_of(p, ID_NAME));
	next(p);
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
	if (!read_pnum(p, &id))
		return false;
	n->id = keep_id(p, id);
	return true;
}

static bool may_number_or_set(struct parser *p, struct tree_node *n)
{
	struct id set;

	if (!at_set(p))
		return may_number(p, n);
	if (!read_any_set(p, &set))
		return false;
	n->id = keep_id(p, set);
	return true;
}

static bool may_llc_type(struct parser *p, struct tree_node *n)
{
	if (is_word(p, WORD_RNR) || is_word(p, WORD_RULENUM)) {
		n->id = keep_id(p, id_of(p, ID_NAME));
		id_at(p, n)->text = "rnr";
		id_at(p, n)->len = 3;
		next(p);
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
	{ WORD_LESS, need_number },       { WORD_GREATER, need_number },
	{ WORD_INBOUND, no_argument },    { WORD_OUTBOUND, no_argument },
	{ WORD_IFINDEX, need_number },    { WORD_VLAN, may_number_or_set },
	{ WORD_MPLS, may_number },        { WORD_PPPOED, no_argument },
	{ WORD_PPPOES, may_number },      { WORD_GENEVE, may_number },
	{ WORD_VXLAN, may_number },       { WORD_LLC, may_llc_type },
	{ WORD_IFNAME, need_name },       { WORD_ON, need_name },
	{ WORD_RSET, need_name },         { WORD_RULESET, need_name },
	{ WORD_RNR, need_number },        { WORD_RULENUM, need_number },
	{ WORD_SRNR, need_number },       { WORD_SUBRULENUM, need_number },
	{ WORD_REASON, need_number_or_name }, { WORD_ACTION, need_name },
};

/* True if the word begins a primitive of that table; then it is read. */
static bool word_primitive(struct parser *p, bool *ok)
{
	struct tree_node n = { .kind = TREE_WORD, .word = p->t.word, .at = p->t.at };

	for (unsigned i = 0; i < ARRAY_LEN(arguments); i++) {
		if (arguments[i].word != p->t.word)
			continue;
		next(p);
		*ok = arguments[i].read(p, &n);
		n.at = span_join(n.at, n.id ? id_at(p, &n)->at : n.at);
		if (*ok)
			*ok = give_term(p, n);
		return true;
	}
	return false;
}

static bool is_relation(enum token_kind k)
{
	return k >= TOKEN_GT && k <= TOKEN_NE;
}

/* byte I op V */
static bool operand_byte(struct parser *p)
{
	struct tree_node n = { .kind = TREE_BYTE, .word = WORD_BYTE, .at = p->t.at };

	next(p);
	if (p->t.kind != TOKEN_NUM)
		return unexpected(p, "the number of a byte");
	n.number = p->t.number;
	next(p);
	if (p->t.kind != TOKEN_EQ && p->t.kind != TOKEN_LT && p->t.kind != TOKEN_GT &&
	    p->t.kind != TOKEN_AMP && p->t.kind != TOKEN_BAR)
		return unexpected(p, "one of '=', '<', '>', '&', '|'");
	n.op = p->t.kind;
	next(p);
	if (p->t.kind != TOKEN_NUM)
		return unexpected(p, "a number up to 255");
	n.value = p->t.number;
	n.id = keep_id(p, id_of(p, ID_NUM));
	n.at = span_join(n.at, p->t.at);
	next(p);
	return give_term(p, n);
}

/* A field with one value. */
static uint32_t field_value(struct parser *p, struct span start, enum word word,
                            enum token_kind op)
{
	struct tree_node n = { .kind = TREE_FIELD, .word = word, .op = (uint8_t)op };

	if (p->t.kind != TOKEN_NUM) {
		unexpected(p, "a number");
		return 0;
	}
	n.value = p->t.number;
	n.id = keep_id(p, id_of(p, ID_NUM));
	n.at = span_join(start, p->t.at);
	next(p);
	return add(p, n);
}

/* vpi 1, vpi > 1, vpi (1 or 2) */
static bool operand_field(struct parser *p)
{
	struct span start = p->t.at;
	enum word word = p->t.word;
	enum token_kind op = TOKEN_EQ;
	bool list;
	uint32_t n;

	next(p);
	list = p->t.kind == TOKEN_LPAREN;
	if (list) {
		next(p);
	} else if (is_relation(p->t.kind)) {
		op = p->t.kind;
		next(p);
	}
	n = field_value(p, start, word, op);
	while (list && p->t.kind == TOKEN_OR) {
		struct tree_node or = { .kind = TREE_OR, .left = n };

		next(p);
		or.right = field_value(p, p->t.at, word, op);
		if (p->scan.failed)
			return false;
		or.at = span_join(start, node(p, or.right)->at);
		n = add(p, or);
	}
	if (p->scan.failed)
		return false;
	if (list) {
		if (p->t.kind != TOKEN_RPAREN)
			return unexpected(p, "'or' or ')'");
		next(p);
	}
	p->v = (struct value){ CLASS_TERM, n, undefined, span_join(start, p->last) };
	return true;
}

/* --- 802.11 ---------------------------------------------------------------------------- */

enum { WLAN_TYPE_MASK = 0x0c, WLAN_SUBTYPE_MASK = 0xf0, WLAN_DIR_MASK = 0x03 };

struct wlan_name {
	const char *text;
	uint8_t type, subtype;
};

/* The name of a type alone, then those of subtypes with the type they belong to. */
static const struct wlan_name wlan_types[] = {
	{ "data", 0x08, 0 }, { "mgt", 0x00, 0 }, { "management", 0x00, 0 },
	{ "ctl", 0x04, 0 },  { "control", 0x04, 0 },
};

static const struct wlan_name wlan_subtypes[] = {
	{ "assocreq", 0x00, 0x00 },   { "assoc-req", 0x00, 0x00 },
	{ "assocresp", 0x00, 0x10 },  { "assoc-resp", 0x00, 0x10 },
	{ "reassocreq", 0x00, 0x20 }, { "reassoc-req", 0x00, 0x20 },
	{ "reassocresp", 0x00, 0x30 }, { "reassoc-resp", 0x00, 0x30 },
	{ "probereq", 0x00, 0x40 },   { "probe-req", 0x00, 0x40 },
	{ "proberesp", 0x00, 0x50 },  { "probe-resp", 0x00, 0x50 },
	{ "beacon", 0x00, 0x80 },     { "atim", 0x00, 0x90 },
	{ "disassoc", 0x00, 0xa0 },   { "disassociation", 0x00, 0xa0 },
	{ "auth", 0x00, 0xb0 },       { "authentication", 0x00, 0xb0 },
	{ "deauth", 0x00, 0xc0 },     { "deauthentication", 0x00, 0xc0 },
	{ "bar", 0x04, 0x80 },        { "ba", 0x04, 0x90 },
	{ "ps-poll", 0x04, 0xa0 },    { "rts", 0x04, 0xb0 },
	{ "cts", 0x04, 0xc0 },        { "ack", 0x04, 0xd0 },
	{ "cf-end", 0x04, 0xe0 },     { "cf-end-ack", 0x04, 0xf0 },
	{ "data", 0x08, 0x00 },       { "data-cf-ack", 0x08, 0x10 },
	{ "data-cf-poll", 0x08, 0x20 }, { "data-cf-ack-poll", 0x08, 0x30 },
	{ "null", 0x08, 0x40 },       { "cf-ack", 0x08, 0x50 },
	{ "cf-poll", 0x08, 0x60 },    { "cf-ack-poll", 0x08, 0x70 },
	{ "qos-data", 0x08, 0x80 },   { "qos-data-cf-ack", 0x08, 0x90 },
	{ "qos-data-cf-poll", 0x08, 0xa0 }, { "qos-data-cf-ack-poll", 0x08, 0xb0 },
	{ "qos", 0x08, 0xc0 },        { "qos-cf-poll", 0x08, 0xe0 },
	{ "qos-cf-ack-poll", 0x08, 0xf0 },
};

static const struct wlan_name wlan_dirs[] = {
	{ "nods", 0, 0 }, { "tods", 1, 0 }, { "fromds", 2, 0 }, { "dstods", 3, 0 },
};

static bool same_word(const char *text, const struct token *t)
{
	uint32_t i = 0;

	for (; i < t->len && text[i]; i++) {
		char c = t->text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		if (c != text[i])
			return false;
	}
	return i == t->len && !text[i];
}

/* The name at hand in a table; TYPE of -1 takes any. */
static const struct wlan_name *wlan_name(struct parser *p, const struct wlan_name *t,
                                         unsigned n, int type, const char *what)
{
	struct suggest s;

	suggest_start(&s, p->t.text, p->t.len);
	for (unsigned i = 0; i < n; i++) {
		if (type >= 0 && t[i].type != type)
			continue;
		if (same_word(t[i].text, &p->t))
			return &t[i];
		suggest_offer(&s, t[i].text);
	}
	if (suggest_best(&s))
		ERROR(p, p->t.at, "'%.*s' is no 802.11 %s; did you mean '%s'?", TEXT(p), what,
		      suggest_best(&s));
	else
		ERROR(p, p->t.at, "'%.*s' is no 802.11 %s", TEXT(p), what);
	return NULL;
}

/* A number that has no bit outside MASK. */
static bool masked_number(struct parser *p, uint32_t mask, const char *what)
{
	if (p->t.number & ~mask)
		return ERROR(p, p->t.at, "'%.*s' is no 802.11 %s; its bits are 0x%02x", TEXT(p),
		             what, mask);
	return true;
}

static bool wlan_subtype_of(struct parser *p, struct tree_node *n, int type)
{
	const struct wlan_name *name;

	n->mask = WLAN_TYPE_MASK | WLAN_SUBTYPE_MASK;
	if (p->t.kind == TOKEN_NUM && type >= 0) {
		if (!masked_number(p, WLAN_SUBTYPE_MASK, "subtype"))
			return false;
		n->value |= p->t.number;
	} else if (p->t.kind == TOKEN_NAME) {
		name = wlan_name(p, wlan_subtypes, ARRAY_LEN(wlan_subtypes), type, "subtype");
		if (!name)
			return false;
		n->value = (uint32_t)name->type | name->subtype;
	} else {
		return unexpected(p, "an 802.11 subtype");
	}
	n->at = span_join(n->at, p->t.at);
	next(p);
	return true;
}

/* type T [subtype S] */
static bool operand_wlan_type(struct parser *p, struct span start)
{
	struct tree_node n = { .kind = TREE_WLAN_TYPE, .at = start, .mask = WLAN_TYPE_MASK };
	const struct wlan_name *name;

	next(p);
	if (p->t.kind == TOKEN_NUM) {
		if (!masked_number(p, WLAN_TYPE_MASK, "type"))
			return false;
		n.value = p->t.number;
	} else if (p->t.kind == TOKEN_NAME) {
		name = wlan_name(p, wlan_types, ARRAY_LEN(wlan_types), -1, "type");
		if (!name)
			return false;
		n.value = name->type;
	} else {
		return unexpected(p, "an 802.11 type: mgt, ctl or data");
	}
	n.at = span_join(n.at, p->t.at);
	next(p);
	if (is_word(p, WORD_SUBTYPE)) {
		next(p);
		if (!wlan_subtype_of(p, &n, (int)n.value))
			return false;
	}
	return give_term(p, n);
}

static bool operand_wlan_subtype(struct parser *p, struct span start)
{
	struct tree_node n = { .kind = TREE_WLAN_TYPE, .at = start };

	next(p);
	return wlan_subtype_of(p, &n, -1) && give_term(p, n);
}

static bool operand_wlan_dir(struct parser *p, struct span start)
{
	struct tree_node n = { .kind = TREE_WLAN_DIR, .at = start, .mask = WLAN_DIR_MASK };
	const struct wlan_name *name;

	next(p);
	if (p->t.kind == TOKEN_NUM) {
		if (!masked_number(p, WLAN_DIR_MASK, "direction"))
			return false;
		n.value = p->t.number;
	} else if (p->t.kind == TOKEN_NAME) {
		name = wlan_name(p, wlan_dirs, ARRAY_LEN(wlan_dirs), -1, "direction");
		if (!name)
			return false;
		n.value = name->type;
	} else {
		return unexpected(p, "an 802.11 direction: nods, tods, fromds or dstods");
	}
	n.at = span_join(n.at, p->t.at);
	next(p);
	return give_term(p, n);
}

/* --- heads -------------------------------------------------------------------------------- */

/* The operand that follows has these qualifiers. */
static bool open_head(struct parser *p, struct qual q, struct span start)
{
	push(p, (struct frame){ .kind = FRAME_HEAD, .may = p->may, .q = q,
	                        .at = span_join(start, p->last) });
	p->may = MAY_ID;
	p->q = q;
	return true;
}

/* src, dst, src or dst, addr1, ... */
static bool read_dir(struct parser *p, struct qual *q)
{
	bool src = p->t.word == WORD_SRC, both = src || p->t.word == WORD_DST;
	enum token_kind join;

	q->dir = packet_words[p->t.word].value;
	next(p);
	join = p->t.kind;
	if (!both || (join != TOKEN_OR && join != TOKEN_AND))
		return true;
	next(p);
	if (!is_word(p, src ? WORD_DST : WORD_SRC))
		return ERROR(p, p->t.at, "expected '%s' behind '%s %s', not '%.*s'",
		             src ? "dst" : "src", src ? "src" : "dst",
		             join == TOKEN_OR ? "or" : "and", TEXT(p));
	q->dir = join == TOKEN_OR ? DIR_OR : DIR_AND;
	next(p);
	return true;
}

/* True and *TYPE if the word is a type of id without directions. */
static bool undirected_type(const struct parser *p, uint8_t *type)
{
	if (is_word(p, WORD_PROTO))
		*type = TYPE_PROTO;
	else if (is_word(p, WORD_PROTOCHAIN))
		*type = TYPE_PROTOCHAIN;
	else if (is_word(p, WORD_GATEWAY))
		*type = TYPE_GATEWAY;
	else
		return false;
	return true;
}

/* What follows a protocol qualifier, which may be none. False if nothing does. */
static bool qualified(struct parser *p, enum proto proto, struct span start, bool *ok)
{
	struct qual q = { .proto = proto };

	*ok = true;
	if (p->t.kind != TOKEN_WORD)
		return false;
	if (undirected_type(p, &q.type)) {
		next(p);
		*ok = open_head(p, q, start);
	} else if (packet_words[p->t.word].kind == IS_TYPE) {
		q.type = packet_words[p->t.word].value;
		next(p);
		*ok = open_head(p, q, start);
	} else if (packet_words[p->t.word].kind == IS_DIR) {
		*ok = read_dir(p, &q);
		if (p->t.kind == TOKEN_WORD && packet_words[p->t.word].kind == IS_TYPE) {
			q.type = packet_words[p->t.word].value;
			next(p);
		}
		*ok = *ok && open_head(p, q, start);
	} else if (is_word(p, WORD_BROADCAST) || is_word(p, WORD_MULTICAST)) {
		struct tree_node n = {
			.kind = is_word(p, WORD_BROADCAST) ? TREE_BROADCAST : TREE_MULTICAST,
			.at = span_join(start, p->t.at), .q = q,
		};

		next(p);
		*ok = give_term(p, n);
	} else if (is_word(p, WORD_TYPE)) {
		*ok = operand_wlan_type(p, span_join(start, p->t.at));
	} else if (is_word(p, WORD_SUBTYPE)) {
		*ok = operand_wlan_subtype(p, span_join(start, p->t.at));
	} else if (is_word(p, WORD_DIR) || is_word(p, WORD_DIRECTION)) {
		*ok = operand_wlan_dir(p, span_join(start, p->t.at));
	} else {
		return false;
	}
	return true;
}

/* proto[, proto qualifiers id, proto */
static bool operand_proto(struct parser *p)
{
	enum proto proto = packet_words[p->t.word].value;
	struct span start = p->t.at;
	bool ok;

	next(p);
	if (p->t.kind == TOKEN_LBRACKET) {
		push(p, (struct frame){ .kind = FRAME_INDEX, .may = p->may, .at = start,
		                        .q = { .proto = proto } });
		next(p);
		p->may = MAY_ARITH;
		return true;
	}
	if (!(p->may & MAY_TERM))
		return ERROR(p, start, "'%.*s' has no value; a field of it has, as in '%.*s[0]'",
		             SPAN_TEXT(p, start), SPAN_TEXT(p, start));
	if (qualified(p, proto, start, &ok))
		return ok;
	return give_term(p, (struct tree_node){ .kind = TREE_ABBREV, .at = start,
	                                        .q = { .proto = proto } });
}

static bool operand_word(struct parser *p)
{
	const struct word_info *w = &packet_words[p->t.word];
	struct tree_node n = { .at = p->t.at, .word = p->t.word };
	struct span start = p->t.at;
	bool ok;

	if (w->kind == IS_PROTO && p->may & (MAY_TERM | MAY_ARITH))
		return operand_proto(p);
	if ((is_word(p, WORD_LEN) || is_word(p, WORD_LENGTH)) && p->may & MAY_ARITH) {
		n.kind = TREE_LEN;
		next(p);
		return give(p, CLASS_ARITH, n, undefined);
	}
	if (!(p->may & MAY_TERM))
		return unexpected(p, p->may & MAY_ID ? "an address, a number or a name"
		                                     : "a number or a field");
	if (w->kind == IS_ATM || w->kind == IS_SS7) {
		n.kind = TREE_WORD;
		next(p);
		return give_term(p, n);
	}
	if (w->kind == IS_FIELD)
		return operand_field(p);
	if (is_word(p, WORD_BYTE))
		return operand_byte(p);
	if (word_primitive(p, &ok))
		return ok;
	if (qualified(p, Q_DEFAULT, start, &ok))
		return ok;
	return unexpected(p, "a condition");
}

static bool open_paren(struct parser *p)
{
	push(p, (struct frame){ .kind = FRAME_PAREN, .may = p->may, .q = p->q, .at = p->t.at });
	next(p);
	return true;
}

static bool open_not(struct parser *p)
{
	if (!(p->may & (MAY_TERM | MAY_ID)))
		return unexpected(p, "a number or a field");
	push(p, (struct frame){ .kind = FRAME_NOT, .may = p->may, .q = p->q, .at = p->t.at });
	next(p);
	return true;
}

static bool open_neg(struct parser *p)
{
	push(p, (struct frame){ .kind = FRAME_NEG, .may = p->may, .q = p->q, .at = p->t.at });
	next(p);
	p->may = MAY_ARITH;
	return true;
}

/* Reads one step of an operand; *DONE once p->v is one. */
static bool operand(struct parser *p, bool *done)
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
		ok = p->may & MAY_ARITH ? open_neg(p)
		                        : unexpected(p, "an address, a number or a name");
		break;
	case TOKEN_WORD:
		ok = operand_word(p);
		break;
	case TOKEN_NUM:
		ok = operand_num(p);
		break;
	case TOKEN_LBRACE:
		if (top(p)->kind != FRAME_HEAD)
			return unexpected(p, "a condition");
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
			ok = bare_id(p);
		else
			ok = unexpected(p, "a number or a field such as 'ip[0]'");
		break;
	default:
		ok = unexpected(p, p->may & MAY_TERM ? "a condition"
		                   : p->may & MAY_ID ? "an address, a number or a name"
		                                     : "a number or a field");
		break;
	}
	*done = p->frames.n == depth;
	return ok;
}

/* --- operators --------------------------------------------------------------------------- */

/* How tight an arithmetic operator binds; 0 if it is none; NEG is tightest. */
static int precedence(enum token_kind op)
{
	switch (op) {
	case TOKEN_BAR:
		return 1;
	case TOKEN_AMP:
		return 2;
	case TOKEN_LSH:
	case TOKEN_RSH:
		return 3;
	case TOKEN_PLUS:
	case TOKEN_MINUS:
		return 4;
	case TOKEN_STAR:
	case TOKEN_SLASH:
		return 5;
	case TOKEN_PERCENT:
	case TOKEN_CARET:
		return 7; /* nobody lets go of its operand to their left */
	default:
		return 0;
	}
}

/* The frame on top is arithmetic that is complete before operator OP. */
static bool binds_first(const struct frame *f, enum token_kind op)
{
	if (f->kind == FRAME_NEG)
		return precedence(op) < 7;
	/* What stands right of % and ^ goes on as far as it can. */
	if (f->op == TOKEN_PERCENT || f->op == TOKEN_CARET)
		return precedence(op) == 0;
	return precedence(op) <= precedence(f->op);
}

static bool is_arith(const struct parser *p)
{
	return p->v.class == CLASS_NUM || p->v.class == CLASS_ARITH;
}

/* % and ^ took more, to the right or from the left, than C programmers expect. */
static void warn_swallowed(struct parser *p, const struct frame *f)
{
	const struct tree_node *right = node(p, p->v.node);

	if ((f->op != TOKEN_PERCENT && f->op != TOKEN_CARET) ||
	    right->kind != TREE_BINARY || right->paren)
		return;
	diag_warning(p->diags, f->at,
	             "'%.*s' takes all of '%.*s' as its right side; write parentheses",
	             SPAN_TEXT(p, f->at), SPAN_TEXT(p, p->v.at));
}

/* Takes the arithmetic frame on top together with p->v. */
static void reduce_arith(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = { .kind = TREE_NEG, .op = f.op, .op_at = f.at };

	if (f.kind == FRAME_BINARY) {
		warn_swallowed(p, &f);
		n.kind = TREE_BINARY;
		n.left = f.left.node;
		n.right = p->v.node;
		n.at = span_join(f.left.at, p->v.at);
	} else {
		n.left = p->v.node;
		n.at = span_join(f.at, p->v.at);
	}
	p->may = f.may;
	give(p, CLASS_ARITH, n, undefined);
}

/* A number that turned out to be an id. */
static void number_to_id(struct parser *p)
{
	struct tree_node *n = node(p, p->v.node);

	n->kind = TREE_ID;
	n->q = p->v.q;
	n->word = WORD_NONE;
	id_at(p, n)->at = p->v.at;
	n->at = p->v.at;
	p->v.class = CLASS_NID;
}

/* p->v as a condition or id, now that no arithmetic can follow. */
static bool settle(struct parser *p)
{
	if (!is_arith(p))
		return true;
	if (p->v.class == CLASS_NUM && p->may & MAY_ID) {
		if (p->v.q.type == TYPE_UNDEF)
			return ERROR(p, p->v.at,
			             "the number '%.*s' stands alone; write 'port %.*s', or compare it",
			             SPAN_TEXT(p, p->v.at), SPAN_TEXT(p, p->v.at));
		number_to_id(p);
		return true;
	}
	return p->scan.failed ? false : lone_number(p, p->v.at);
}

static void warn_mixed(struct parser *p, struct frame *level, struct span at)
{
	if (!level->seen_and || !level->seen_or || level->warned)
		return;
	level->warned = true;
	diag_warning(p->diags, at,
	             "'and' and 'or' bind alike, left to right: this takes '%.*s' together first; "
	             "parentheses would say so",
	             SPAN_TEXT(p, p->v.at));
}

/* and, or: p->v is a complete left side. */
static bool open_logic(struct parser *p)
{
	struct frame *level = top(p);
	bool ids = p->v.class == CLASS_NID || p->v.class == CLASS_IDS;

	if (p->v.class == CLASS_ID)
		return ERROR(p, p->v.at,
		             "a list of ids in parentheses cannot begin another one; "
		             "drop these parentheses");
	if (p->t.kind == TOKEN_AND)
		level->seen_and = true;
	else
		level->seen_or = true;
	warn_mixed(p, level, p->t.at);
	push(p, (struct frame){ .kind = FRAME_LOGIC, .op = p->t.kind, .left = p->v,
	                        .may = p->may, .at = p->t.at });
	p->q = p->v.q;
	p->may = ids ? MAY_ID : MAY_TERM | MAY_ID | MAY_ARITH;
	next(p);
	return true;
}

static void reduce_logic(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = {
		.kind = f.op == TOKEN_AND ? TREE_AND : TREE_OR,
		.left = f.left.node,
		.right = p->v.node,
		.at = span_join(f.left.at, p->v.at),
		.op_at = f.at,
	};
	bool ids = f.left.class == CLASS_NID || f.left.class == CLASS_IDS;

	p->may = f.may;
	give(p, ids ? CLASS_IDS : CLASS_EXPR, n, p->v.q);
}

static void reduce_not(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = { .kind = TREE_NOT, .left = p->v.node,
	                       .at = span_join(f.at, p->v.at) };

	p->may = f.may;
	give(p, p->v.class == CLASS_TERM ? CLASS_TERM : CLASS_NID, n, p->v.q);
}

/* The id behind a head makes a condition; its text is head and id. */
static void reduce_head(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node *n = node(p, p->v.node);

	p->may = f.may;
	p->v.class = CLASS_TERM;
	p->v.at = span_join(f.at, p->v.at);
	if (n->kind == TREE_ID)
		n->at = p->v.at;
}

static bool reduce_relation(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = {
		.kind = TREE_RELATION, .op = f.op, .op_at = f.at,
		.left = f.left.node, .right = p->v.node,
		.at = span_join(f.left.at, p->v.at),
	};

	p->may = f.may;
	return give_term(p, n);
}

/* ] or :width] */
static bool close_index(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = { .kind = TREE_INDEX, .left = p->v.node, .q = f.q, .value = 1,
	                       .at = f.at, .op_at = f.at };

	if (p->t.kind == TOKEN_COLON) {
		next(p);
		if (p->t.kind != TOKEN_NUM)
			return unexpected(p, "how many bytes to read: 1, 2 or 4");
		n.value = p->t.number;
		n.op_at = p->t.at;
		next(p);
	}
	if (p->t.kind != TOKEN_RBRACKET)
		return p->t.kind == TOKEN_END && !p->scan.failed
		               ? ERROR(p, f.at, "the '[' behind '%.*s' is not closed",
		                       SPAN_TEXT(p, f.at))
		               : unexpected(p, "']'");
	n.at = span_join(f.at, p->t.at);
	next(p);
	p->may = f.may;
	return give(p, CLASS_ARITH, n, undefined);
}

static bool close_paren(struct parser *p)
{
	struct frame f = *top(p);
	struct span at = span_join(f.at, p->t.at);

	switch (p->v.class) {
	case CLASS_NUM:
	case CLASS_ARITH:
		node(p, p->v.node)->paren = true;
		break;
	case CLASS_TERM:
	case CLASS_EXPR:
		p->v.class = CLASS_TERM;
		p->v.q = f.q;
		break;
	case CLASS_NID:
	case CLASS_IDS:
		p->v.class = CLASS_ID;
		break;
	case CLASS_ID:
		return ERROR(p, p->v.at, "doubled parentheses around ids; drop one pair");
	}
	pop(p);
	next(p);
	p->v.at = at;
	p->may = f.may;
	return true;
}

/* Takes together what is complete before the token at hand; *MORE for an operand. */
static bool operate(struct parser *p, bool *more)
{
	struct frame *f = top(p);
	int level = precedence(p->t.kind);

	*more = false;
	if ((f->kind == FRAME_BINARY || f->kind == FRAME_NEG) &&
	    binds_first(f, p->t.kind)) {
		reduce_arith(p);
		return true;
	}
	if (is_arith(p) && level && p->may & MAY_ARITH) {
		push(p, (struct frame){ .kind = FRAME_BINARY, .op = p->t.kind, .left = p->v,
		                        .may = p->may, .at = p->t.at });
		next(p);
		p->may = MAY_ARITH;
		return *more = true;
	}
	if (is_arith(p) && is_relation(p->t.kind) && p->may & MAY_TERM) {
		push(p, (struct frame){ .kind = FRAME_RELATION, .op = p->t.kind, .left = p->v,
		                        .may = p->may, .at = p->t.at });
		next(p);
		p->may = MAY_ARITH;
		return *more = true;
	}
	if (f->kind == FRAME_RELATION)
		return reduce_relation(p);
	if (f->kind == FRAME_INDEX)
		return close_index(p);
	if (f->kind == FRAME_PAREN && p->t.kind == TOKEN_RPAREN)
		return close_paren(p);
	if (!settle(p))
		return false;

	switch (f->kind) {
	case FRAME_NOT:
		reduce_not(p);
		return true;
	case FRAME_HEAD:
		reduce_head(p);
		return true;
	case FRAME_LOGIC:
		reduce_logic(p);
		return true;
	default:
		break;
	}
	if (p->t.kind == TOKEN_AND || p->t.kind == TOKEN_OR)
		return *more = open_logic(p);
	if (p->t.kind == TOKEN_END && f->kind == FRAME_PAREN && !p->scan.failed)
		return ERROR(p, f->at, "this '(' is not closed");
	return p->scan.failed ? false : no_operator(p);
}

/* One operand and the operators behind it, until the next operand or the end. */
static bool step(struct parser *p, bool *end)
{
	bool more;

	do {
		if (!operand(p, &more))
			return false;
	} while (!more);
	do {
		*end = p->frames.n == 1 && p->t.kind == TOKEN_END && !is_arith(p);
		if (*end)
			return !p->scan.failed;
		if (!operate(p, &more))
			return false;
	} while (!more);
	return true;
}

bool packet_parse(struct tree *t, struct arena *arena, struct diags *d, uint32_t source,
                  const struct packet_options *o)
{
	struct parser p = {
		.tree = t, .arena = arena, .diags = d, .o = o,
		.scan = { .diags = d, .src = &d->sources.v[source], .source = source },
		.may = MAY_TERM | MAY_ARITH, .q = undefined,
	};
	struct source copy = d->sources.v[source];
	bool end = false;

	p.scan.src = &copy; /* the array moves when a list file is read */
	keep_id(&p, (struct id){ .kind = ID_NONE });
	push(&p, (struct frame){ .kind = FRAME_ROOT, .may = p.may });
	next(&p);
	if (p.t.kind == TOKEN_END)
		return !p.scan.failed;
	while (!end)
		if (!step(&p, &end))
			return false;
	return true;
}
