/*
 * kafel's policies as they are written: lists of actions for calls, with the
 * conditions as terms. kafel_parse.c makes them of the text, kafel.c makes rules
 * of them for each ABI.
 */
#ifndef WEIR_KAFEL_H
#define WEIR_KAFEL_H

#include "import/import.h"

enum kafel_term_kind {
	KAFEL_NUMBER,
	KAFEL_NAME,
	KAFEL_BITOR, /* of all kids */
	KAFEL_BITAND,
	KAFEL_COMPARE, /* KID 0 CMP KID 1 */
	KAFEL_NOT,
	KAFEL_AND,
	KAFEL_OR,
};

struct kafel_term {
	enum kafel_term_kind kind;
	enum rules_cmp cmp;
	uint64_t number;
	const char *name;
	uint32_t len;
	struct span at;
	ARRAY(struct kafel_term *) kid;
};

struct kafel_name {
	const char *text;
	uint32_t len;
	struct span at;
};

struct kafel_names {
	ARRAY(struct kafel_name) v;
};

/* One call of a list. */
struct kafel_filter {
	struct kafel_name call; /* TEXT NULL: NR */
	uint64_t nr;
	uint32_t abis;
	bool declared; /* ARG says what its arguments are called */
	struct kafel_names arg;
	struct kafel_term *condition; /* NULL: always */
	struct span at;
};

/* An action with its calls, or another policy. */
struct kafel_entry {
	struct rules_written action;
	struct kafel_body *use; /* not NULL: this */
	ARRAY(struct kafel_filter) filter;
};

struct kafel_body {
	struct kafel_name name;
	ARRAY(struct kafel_entry) entry;
	bool used;
	struct kafel_body *next; /* defined before it */
};

/* A text with all that it includes. */
struct kafel_text {
	struct kafel_body top;
	struct rules_written fallback; /* RULES_NVERBS: none was written */
};

/* --- kafel_parse.c -------------------------------------------------------- */

/* Read the text of IM into OUT. */
void kafel_parse(struct importer *im, struct kafel_text *out);

#endif
