/*
 * import: policies of other programs, read into the same syntax as our own, so
 * that all that comes after parsing (names, types, warnings, places) is one
 * way. docs/design/import.md says what maps to what, and what is refused.
 *
 * Files: import.c (making syntax; includes), minijail.c, kafel.c, systemd.c.
 */
#ifndef WEIR_IMPORT_H
#define WEIR_IMPORT_H

#include "rules/resolve.h"

/* One text that is read. */
struct importer {
	struct arena *arena;
	struct diags *diags;
	const struct rules_options *options;
	struct rules_syntax *out;
	uint32_t abis;    /* 1 << enum sys_abi_id: what the policy is for */
	unsigned dialect; /* of the language; each has its own */
	uint32_t source;
	struct source src;
	const struct rules_include *include; /* texts that this one is read for */
	unsigned includes;
};

typedef void import_fn(struct importer *im);

/* --- readers, each a row of the forms that the library knows ------------------ */

typedef bool import_is_fn(const char *text, size_t len);
typedef const struct rules_tree *import_read_fn(struct arena *arena, struct diags *d,
                                                uint32_t source,
                                                const struct rules_options *o);

import_is_fn import_is_minijail, import_is_kafel, import_is_systemd;
/* What its two compilers read alike; libminijail; compile_seccomp_policy.py. */
import_read_fn import_read_minijail, import_read_minijail_c,
	import_read_minijail_python;
import_read_fn import_read_kafel, import_read_systemd;

/* --- import.c ------------------------------------------------------------- */

/* Return the policy that READ makes of source SOURCE of D; NULL after errors. */
const struct rules_tree *import_policy(struct arena *arena, struct diags *d,
                                       uint32_t source,
                                       const struct rules_options *o,
                                       import_fn *read, unsigned dialect);
/* Return where TEXT begins: past blanks and lines that begin with one of COMMENTS. */
size_t import_skip(const char *text, size_t len, const char *comments);

static inline struct span import_span(const struct importer *im, size_t start,
                                      size_t end)
{
	return (struct span){ im->source, (uint32_t)start, (uint32_t)end };
}

/* Tokens of more than one byte that are neither names nor numbers. */
enum import_token_kind {
	IMPORT_EQ = SCAN_OWN,
	IMPORT_NE,
	IMPORT_LE,
	IMPORT_GE,
	IMPORT_OR,
	IMPORT_AND,
};

struct import_tokens {
	ARRAY(struct scan_token) v;
};

/* Read the operator or single byte at *AT and move *AT past it. */
int import_operator(const struct importer *im, size_t *at);
/* Take one of == != < <= > >=, and set *CMP; where "=" is next, complain of it. */
bool import_take_comparison(struct scan_reader *s, enum rules_cmp *cmp);

/* A language's word for an action; the last row of a table has no word. */
struct import_verb {
	const char *word;
	enum rules_verb verb;
};

/* Return the row of VERBS whose word is next; NULL if there is none. */
const struct import_verb *import_next_verb(const struct scan_reader *s,
                                           const struct import_verb *verbs);
/* Append a statement for ABIS (UINT32_MAX: all that the policy is for). */
struct rules_statement *import_statement(struct importer *im,
                                         enum rules_statement_kind kind,
                                         uint32_t abis, struct span at);
/* Make an action of VERB and DATA; an errno name may replace DATA later. */
struct rules_written import_action(enum rules_verb verb, uint64_t data,
                                   struct span at);
/* Append a `default` or `foreign`. */
void import_setting(struct importer *im, enum rules_statement_kind kind,
                    struct rules_written action);
/* Return a rule without items; they and its condition are for the caller to add. */
struct rules_statement *import_rule(struct importer *im, struct rules_written action,
                                    uint32_t abis, struct span at);
void import_call(struct importer *im, struct rules_statement *s, const char *name,
                 size_t len, struct span at);

/*
 * Add the call by its own number and nothing else: on ABI (or NULL), weir's
 * name for it may also mean a call through socketcall or ipc.
 */
void import_call_alone(struct importer *im, struct rules_statement *s,
                       const struct sys_abi *abi, const char *name, size_t len,
                       struct span at);
void import_nr(struct importer *im, struct rules_statement *s, uint32_t nr,
               struct span at);

struct rules_expr *import_expr(struct importer *im, enum rules_expr_kind kind,
                               struct span at);
/* Make KID one of E's; complain and return false if it is nested too deep. */
bool import_add(struct importer *im, struct rules_expr *e, struct rules_expr *kid);
struct rules_expr *import_number(struct importer *im, uint64_t n, struct span at);
struct rules_expr *import_name(struct importer *im, const char *name, size_t len,
                               struct span at);
/* Make args[N], or its low half if LOW. */
struct rules_expr *import_word(struct importer *im, unsigned n, bool low,
                               struct span at);
struct rules_expr *import_not(struct importer *im, struct rules_expr *kid);
struct rules_expr *import_compare(struct importer *im, enum rules_cmp cmp,
                                  struct rules_expr *a, struct rules_expr *b);
/* Return A OP B: a chain of one operator. */
struct rules_expr *import_chain(struct importer *im, struct rules_expr *a,
                                enum rules_token_kind op, struct rules_expr *b);

/*
 * Open file NAME, named at AT, and call READ with the importer of its text. A
 * path is relative to the directory of the including text.
 */
void import_include(struct importer *im, const char *name, size_t len, struct span at,
                    void (*read)(struct importer *inner, void *ctx), void *ctx);

/* --- looks.c: texts that are not policies ----------------------------------- */

/* What a text is that no reader is for. */
struct import_look {
	bool (*is)(const char *text, size_t len);
	const char *what;    /* "a script" */
	const char *instead; /* what to do about it */
	bool program;
};

/* Return what TEXT certainly is; NULL: perhaps a policy. */
const struct import_look *import_look(const char *text, size_t len);
/* Return where blanks and comments of any language end. */
size_t import_look_past_comments(const char *text, size_t len);
/*
 * Tell whether a line begins with `default`, as in policies in weir's own
 * language.
 */
bool import_look_has_default(const char *text, size_t len);

#endif
