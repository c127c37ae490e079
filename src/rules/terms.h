/*
 * What policies say before names are resolved: expressions, lists of calls and
 * statements, whichever language they were written in. resolve.h makes trees of it.
 */
#ifndef WEIR_RULES_TERMS_H
#define WEIR_RULES_TERMS_H

#include "rules/rules.h"

/* --- what is written ------------------------------------------------------- */

enum rules_token_kind {
	TOKEN_END,
	TOKEN_BAD,    /* VALUE is an enum rules_bad */
	TOKEN_NAME,   /* also every word of the language: none is reserved */
	TOKEN_NUMBER, /* VALUE */
	TOKEN_STRING, /* with its quotes */
	TOKEN_GROUP,  /* "@name" */
	TOKEN_COMMA,
	TOKEN_SEMICOLON,
	TOKEN_LBRACE,
	TOKEN_RBRACE,
	TOKEN_LPAREN,
	TOKEN_RPAREN,
	TOKEN_LBRACKET,
	TOKEN_RBRACKET,
	TOKEN_DOT,
	TOKEN_DOTS,   /* ".." */
	TOKEN_ASSIGN, /* "=" */
	TOKEN_NOT,    /* "!" */
	TOKEN_TILDE,
	TOKEN_OROR,
	TOKEN_ANDAND,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_GE,
	TOKEN_OR,
	TOKEN_XOR,
	TOKEN_AND,
	TOKEN_LSH,
	TOKEN_RSH,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_TIMES,
};

/* Nesting of files and `on`; of expressions in other forms (import.c). */
enum {
	RULES_INCLUDES = 16,
	RULES_DEPTH = 200
};

enum rules_expr_kind {
	EXPR_NUMBER,  /* NUMBER */
	EXPR_NAME,    /* NAME */
	EXPR_WORD,    /* args[NUMBER] */
	EXPR_CAST,    /* NAME(KID 0), one of u32 i32 u64 i64 */
	EXPR_MINUS,   /* -KID 0 */
	EXPR_INVERT,  /* ~KID 0 */
	EXPR_CHAIN,   /* KID 0 OP 1 KID 1 OP 2 KID 2 ...: operators of one level */
	EXPR_COMPARE, /* KID 0 CMP KID 1 */
	EXPR_IN,      /* KID 0 in (KID 1 .. KID 2, KID 3 .. KID 4, ...); no "..": NULL */
	EXPR_AND,     /* of all kids */
	EXPR_OR,
	EXPR_NOT, /* of KID 0 */
};

struct rules_expr {
	enum rules_expr_kind kind;
	enum rules_cmp cmp;
	bool paren;      /* it has parentheses of its own */
	bool bang;       /* NOT, written as "!" */
	uint16_t height; /* import.c: of the tree below, at most RULES_DEPTH */
	struct span at;
	const char *name;
	uint32_t len; /* of NAME */
	uint64_t number;
	ARRAY(struct rules_expr *) kid;
	ARRAY(uint8_t) op; /* CHAIN: enum rules_token_kind; element 0 is not used */
};

enum rules_item_kind {
	ITEM_CALL,
	ITEM_GROUP,
	ITEM_NR
};

/* What a list of calls is made of. */
struct rules_item {
	enum rules_item_kind kind;
	bool minus;       /* "-" precedes it */
	bool patterns;    /* parentheses follow it */
	const char *name; /* of call or group (without its "@") */
	uint32_t len;
	struct span at;
	struct rules_expr *nr;
	ARRAY(struct rules_expr *) pattern; /* NULL for "_" */
};

/* An action as it is written. */
struct rules_written {
	enum rules_verb verb;
	struct span at, data_at;
	const char *name; /* of an errno; NULL: DATA is the number */
	uint32_t len;
	uint64_t data;
};

enum rules_statement_kind {
	STATEMENT_DEFAULT,
	STATEMENT_FOREIGN,
	STATEMENT_KERNEL,
	STATEMENT_ABI,
	STATEMENT_X32, /* x32 marked, x32 above */
	STATEMENT_GROUP,
	STATEMENT_LET,
	STATEMENT_RULE,
};

/* Includes, `on` blocks and action blocks are gone already. */
struct rules_statement {
	enum rules_statement_kind kind;
	bool included; /* it is in an included text */
	bool broken;   /* GROUP, LET: an error in it was reported */
	uint32_t abis; /* 1 << enum sys_abi_id: those of the `on` around it, and
	                    of ABI itself */
	struct span at;
	struct rules_written action; /* DEFAULT, FOREIGN, RULE */
	uint32_t kernel;             /* KERNEL */
	bool above;                  /* X32 */
	const char *name;            /* GROUP, LET */
	uint32_t len;
	struct span name_at;
	ARRAY(struct rules_item) item; /* GROUP, RULE */
	struct rules_expr *expr;       /* LET: the value; RULE: the condition or NULL */
};

struct rules_syntax {
	ARRAY(struct rules_statement *) statement;
	bool incomplete; /* an include could not be read; names may be missing */
};

struct rules_define {
	const char *name;
	struct sys_number value;
};

/*
 * Gives the text of file NAME, included by the text FROM, in *TEXT and *LEN; it
 * stays whose it was and must last as long as the diagnostics. 0 or -errno. NAME
 * is complete: paths have the directory of FROM before them.
 */
typedef int rules_open_fn(void *ctx, const char *name, const char *from,
                          const char **text, size_t *len);

struct rules_options {
	const char *abis; /* "x86_64,i386": for a text without `abi`; NULL: native */
	const struct rules_define *define;
	size_t ndefine;
	rules_open_fn *open_file; /* NULL: includes are errors */
	void *open_ctx;
	bool main_only;   /* a text without `default` is fine (it is to be included) */
	const char *from; /* a weir_policy_form(); NULL: what the text looks like */
	bool verbose;     /* notes too */
	/* For containers' profiles (oci.h): */
	const char *runtime;    /* NULL: runc */
	const char *kernel;     /* "6.18"; NULL: not known */
	const char *const *cap; /* what the container has */
	size_t ncap;
	bool typed; /* compare what the kernel looks at, not 64 bits */
};

/* Texts that are being read, each included by the next. */
struct rules_include {
	const char *name;
	const struct rules_include *up;
};

/* --- hints.c: words of other tools ----------------------------------------- */

enum rules_hint {
	RULES_HINT_ACTION,
	RULES_HINT_STATEMENT,
	RULES_HINT_CALL
};

/* Return what WORD is here: "errno EPERM" for "deny"; NULL if it is not known. */
const char *rules_hint(enum rules_hint kind, const char *word, size_t len);

#endif
