/*
 * policy: weir's own language for syscall policies. lex.c (tokens), scan.c (taking
 * them), expr.c, items.c, parse.c (text to what is written); print.c is the way back,
 * and question.c reads questions about calls. What is written is resolved by rules/.
 */
#ifndef WEIR_POLICY_H
#define WEIR_POLICY_H

#include "rules/resolve.h"

/* --- lex.c: tokens -------------------------------------------------------- */

enum rules_bad {
	BAD_BYTE,   /* no token begins so */
	BAD_NUMBER, /* digits that are none of its base, or letters after it */
	BAD_RANGE,  /* does not fit 64 bits */
	BAD_STRING, /* no quote at the end of the line */
};

struct policy_token {
	enum rules_token_kind kind;
	bool newline; /* it is the first of its line */
	uint32_t start, end;
	uint64_t value;
};

/* Return the tokens of a source, the last of which is TOKEN_END. */
const struct policy_token *policy_lex(struct arena *arena, const struct source *src);
/* Return what a string token says; NULL if an escape in it is wrong. */
const char *policy_unquote(struct arena *arena, const char *text, size_t len);

/* --- parse.c: syntax ------------------------------------------------------ */

/* What waits for a value in an expression. */
enum policy_waiting {
	WAIT_START,   /* the caller of the parser */
	WAIT_RIGHT,   /* E, and operator TOKEN after it */
	WAIT_COMPARE, /* E, which has its left side */
	WAIT_UNARY,   /* E, an operator before the value */
	WAIT_PAREN,   /* the parenthesis TOKEN */
	WAIT_CAST,    /* E, with the parenthesis TOKEN */
	WAIT_IN,      /* E, with the parenthesis TOKEN: ends of ranges */
};

struct policy_pending {
	enum policy_waiting kind;
	uint8_t least; /* operators that bind looser end the value */
	const struct policy_token *token;
	struct rules_expr *e;
};

struct policy_parser {
	struct arena *arena;
	struct diags *diags;
	const struct rules_options *options;
	struct rules_syntax *out;
	struct source src;
	uint32_t source;
	const struct policy_token *first, *token; /* of the text; the next one */
	const struct rules_include *include;
	unsigned includes;
	bool included;
	uint32_t abis;                        /* of the `on` around */
	unsigned blocks;                      /* `on` blocks around */
	ARRAY(struct policy_pending) pending; /* the innermost last */
	unsigned parens;                      /* open ones: newlines do not count in them */
	bool failed;                          /* an error in this statement was reported */
};

/*
 * Parse SOURCE and what it includes; report errors in D, and return what was
 * right.
 */
const struct rules_syntax *policy_parse_syntax(struct arena *arena, struct diags *d,
                                               uint32_t source,
                                               const struct rules_options *o);

/*
 * Parse source SOURCE of D and what it includes. NULL after errors, of which
 * there may be several. O may be NULL.
 */
const struct rules_tree *policy_parse(struct arena *arena, struct diags *d,
                                      uint32_t source, const struct rules_options *o);

/*
 * Parse SOURCE as items [ "if" cond ]: one statement, unless there are errors
 * in D.
 */
const struct rules_syntax *policy_parse_question(struct arena *arena, struct diags *d,
                                                 uint32_t source);

/* --- scan.c: taking tokens ------------------------------------------------ */

/* Complains, once in a statement; what follows in it is not looked at. */
#define policy_fail(p, at, ...)                                  \
	do {                                                     \
		if (!(p)->failed)                                \
			diag_error((p)->diags, at, __VA_ARGS__); \
		(p)->failed = true;                              \
	} while (0)

struct span policy_span(const struct policy_parser *p, const struct policy_token *t);
const char *policy_text(const struct policy_parser *p, const struct policy_token *t);
int policy_length(const struct policy_token *t);
bool policy_is_text(const struct policy_parser *p, const struct policy_token *t,
                    const char *word);

/* Tell whether the statement ends before the next token. */
bool policy_at_end(const struct policy_parser *p);
/* Return where a message about what should come next points: not to the next line. */
struct span policy_here(const struct policy_parser *p);
void policy_fail_bad(struct policy_parser *p, const struct policy_token *t);
/* Complain that WHAT does not come next. */
void policy_expected(struct policy_parser *p, const char *what);

bool policy_next_is(const struct policy_parser *p, enum rules_token_kind kind);
/* Take the next token, of which there must be one. */
const struct policy_token *policy_take(struct policy_parser *p);
/* Take the next token if it is KIND, else complain that WHAT was expected. */
const struct policy_token *policy_want(struct policy_parser *p,
                                       enum rules_token_kind kind, const char *what);
void policy_open_paren(struct policy_parser *p);
/*
 * Take the parenthesis or bracket KIND that closes OPEN; else complain that
 * WHAT was expected.
 */
void policy_close_paren(struct policy_parser *p, enum rules_token_kind kind,
                        const char *what, const struct policy_token *open);
/*
 * Skip, after an error in a statement that began at START, to where the next
 * may begin.
 */
void policy_recover(struct policy_parser *p, const struct policy_token *start);

/* --- expr.c: values and conditions ---------------------------------------- */

/* Return a value or condition that begins on this line; NULL if none does. */
struct rules_expr *policy_parse_expr(struct policy_parser *p, const char *what);
/* Parse a value, or either, inside parentheses: on any line. */
struct rules_expr *policy_parse_value(struct policy_parser *p);
struct rules_expr *policy_parse_any(struct policy_parser *p);

/* --- items.c: actions and lists of calls ---------------------------------- */

const char *policy_verb_name(enum rules_verb verb);
/* Return the action that the word T names; -1 if none. */
int policy_verb_of(const struct policy_parser *p, const struct policy_token *t);
/* Offer all words that begin statements. */
void policy_offer_words(struct suggest *s);
bool policy_known_call(const struct policy_parser *p, const struct policy_token *t);
/*
 * Complain that T is an unknown WHAT, if the right word is known: MEANT, or the nearest
 * of those that OFFER offers. Return whether it is.
 */
bool policy_unknown(struct policy_parser *p, const struct policy_token *t,
                    const char *what, const char *meant, void (*offer)(struct suggest *s));
/* Return the action VERB, whose word was taken. */
struct rules_written policy_parse_action(struct policy_parser *p, enum rules_verb verb);
/* Complain of what comes in place of an action. */
void policy_no_action(struct policy_parser *p);
/*
 * Parse item { ("," | "-") item } into S; the first item is on this line, or
 * ANYWHERE.
 */
void policy_parse_items(struct policy_parser *p, struct rules_statement *s, bool anywhere);

/* --- print.c: a policy as text ---------------------------------------------- */

/* Write T, made of syntax with O (or NULL), in the policy language. */
void policy_print(struct buf *out, const struct rules_tree *t,
                  const struct rules_options *o);

/* The groups, lets and rules of T, made of syntax with O, each as its own lines. */
struct policy_texts {
	ARRAY(const char *) v;
};
struct policy_texts policy_statements(struct arena *arena, const struct rules_tree *t,
                                      const struct rules_options *o);

/* --- question.c --------------------------------------------------------------- */

/*
 * Read source SOURCE of D, "openat(AT_FDCWD, _, O_WRONLY)" or any other items
 * with or without a condition, as cases of ABIS (1 << enum sys_abi_id). What
 * patterns leave out may be anything. T's groups and values are known. False
 * after an error.
 */
bool policy_question(struct arena *arena, struct diags *d, uint32_t source,
                     const struct rules_tree *t, uint32_t abis,
                     struct rules_cases *out);

#endif
