/*
 * parse: what the parser's files share. parse.c drives and has the operators,
 * operand.c, ids.c, words.c and wlan.c read what comes between them, frames.c
 * holds what they have read, and complain.c says what is wrong.
 */
#ifndef WEIR_PACKET_PARSE_H
#define WEIR_PACKET_PARSE_H

#include <assert.h>

#include "packet/text.h"

/* What an operand may become in its place. */
enum {
	MAY_TERM = 1,
	MAY_ID = 2,
	MAY_ARITH = 4
};

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
	FRAME_ROOT,
	FRAME_PAREN,
	FRAME_NOT,
	FRAME_HEAD,
	FRAME_LOGIC,
	FRAME_RELATION,
	FRAME_BINARY,
	FRAME_NEG,
	FRAME_INDEX,
};

struct frame {
	enum frame_kind kind;
	enum token_kind op;
	unsigned may;                   /* what it becomes when reduced */
	struct value left;              /* LOGIC, RELATION, BINARY */
	struct qual q;                  /* what ids at its place inherit; HEAD: the qualifiers */
	struct span at;                 /* operator, parenthesis, first word */
	bool seen_and, seen_or, warned; /* ROOT, PAREN: the operators, for the warning */
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
	unsigned may;   /* of the operand that comes now */
	struct qual q;  /* that it inherits */
	struct value v; /* the operand just read */
};

/* What no id inherits from. */
#define UNDEFINED ((struct qual){ .type = TYPE_UNDEF })

/* How messages show the token at hand, and a place in the text. */
#define TEXT(p)         SPAN_TEXT(p, (p)->t.at)
#define SPAN_TEXT(p, s) (int)((s).end - (s).start), (p)->scan.src->text + (s).start

/* Says what is wrong, once, and is false: the first error ends the parse. */
#define ERROR(p, at, ...)         \
	((p)->scan.failed ? false \
	                  : (diag_error((p)->diags, at, __VA_ARGS__), parse_failed(p)))

/* --- frames.c: what the parser holds -------------------------------------- */

/* Make the scanner yield only the end from now on; return false. */
bool parse_failed(struct parser *p);
void parse_next(struct parser *p);
uint32_t parse_add(struct parser *p, struct tree_node n);
uint32_t parse_keep_id(struct parser *p, struct id id);
struct id *parse_id_at(struct parser *p, const struct tree_node *n);
void parse_push(struct parser *p, struct frame f);
/* Set the operand at hand to N; what follows inherits Q from it. */
bool parse_give(struct parser *p, enum class class, struct tree_node n, struct qual q);
/* Set the operand at hand to N, a condition that passes no qualifiers on. */
bool parse_give_term(struct parser *p, struct tree_node n);

static inline struct frame *parse_top(struct parser *p)
{
	return &p->frames.v[p->frames.n - 1];
}

static inline struct tree_node *parse_node(struct parser *p, uint32_t i)
{
	assert(i < p->tree->nodes.n);
	return &p->tree->nodes.v[i];
}

static inline bool parse_at_word(const struct parser *p, enum word w)
{
	return p->t.kind == TOKEN_WORD && p->t.word == w;
}

static inline bool parse_is_relation(enum token_kind k)
{
	return k >= TOKEN_GT && k <= TOKEN_NE;
}

/* --- operand.c ------------------------------------------------------------ */

/* Read one step of an operand; set *DONE once p->v is one. */
bool parse_operand(struct parser *p, bool *done);

/* --- ids.c ---------------------------------------------------------------- */

/* Return the token at hand as an id. */
struct id parse_id_of(const struct parser *p, enum id_kind kind);
/* Read an address, a number or a name, with a mask or prefix. */
bool parse_id(struct parser *p, struct id *id);
/* Read NUM, perhaps in parentheses. */
bool parse_pnum(struct parser *p, struct id *id);
/* Tell whether a set comes next: braces, or `in "file"`. */
bool parse_at_set(const struct parser *p);
bool parse_set(struct parser *p, struct id *set);
/* Read the items in TEXT, source SOURCE, one a line, into the tree's ids and SET. */
bool parse_items(struct parser *p, uint32_t source, const char *name, const char *text,
                 size_t len, struct id *set);

/* --- words.c, wlan.c: primitives that begin with a word ------------------- */

/* Read a primitive that the word begins, *OK or not; false if it begins none. */
bool parse_word(struct parser *p, bool *ok);
bool parse_byte(struct parser *p);
bool parse_field(struct parser *p);
/* Read type, subtype or dir; START is the text before. */
bool parse_wlan_type(struct parser *p, struct span start);
bool parse_wlan_subtype(struct parser *p, struct span start);
bool parse_wlan_dir(struct parser *p, struct span start);

/* --- complain.c: each says what is wrong, and is false -------------------- */

/* Tell whether the token cannot stand where WANTED is expected. */
bool parse_unexpected(struct parser *p, const char *wanted);
/* Complain of an id without a qualifier that says what it is. */
bool parse_bare_id(struct parser *p);
/* Complain of a number where a condition is expected. */
bool parse_lone_number(struct parser *p, struct span at);
/* Complain that no operator follows a complete operand. */
bool parse_no_operator(struct parser *p);

#endif
