/*
 * minijail's policies as they are written, line by line: minijail_parse.c reads
 * a line, minijail.c makes rules of it.
 */
#ifndef WEIR_MINIJAIL_H
#define WEIR_MINIJAIL_H

#include "import/import.h"

enum minijail_dialect {
	MINIJAIL_BOTH,   /* what its two compilers understand alike */
	MINIJAIL_C,      /* libminijail: minijail0 -S */
	MINIJAIL_PYTHON, /* compile_seccomp_policy.py */
};

/* What the policy with its includes has shown of itself so far. */
struct minijail_kind {
	bool python; /* written for the second compiler */
	bool deny;   /* a list of what is refused */
};

/* An action and when it is taken, as the second compiler orders them. */
struct minijail_filter {
	struct rules_written action;
	struct rules_expr *condition; /* NULL: always */
	struct span at;
};

struct minijail_filters {
	ARRAY(struct minijail_filter) v;
};

struct minijail_call {
	const char *name;
	uint32_t len, abis;
	struct span at;
};

struct minijail_calls {
	ARRAY(struct minijail_call) v;
};

enum minijail_line_kind {
	MINIJAIL_NOTHING, /* to be done about it; it may have been wrong */
	MINIJAIL_RULE,
	MINIJAIL_INCLUDE,
	MINIJAIL_DEFAULT,
};

/* One line, with those that continue it. */
struct minijail_line {
	enum minijail_line_kind kind;
	struct minijail_calls calls;     /* RULE */
	struct minijail_filters filters; /* RULE */
	struct span path;                /* INCLUDE */
	struct rules_written action;     /* DEFAULT */
};

/* --- minijail_parse.c ------------------------------------------------------ */

/* Reads one text, line by line. */
struct minijail_reader {
	struct importer *im;
	struct minijail_kind *kind;
	struct scan_reader scan; /* of the line */
	unsigned depth;
};

/* Begin the text of IM and note in KIND what its words show. */
void minijail_start(struct minijail_reader *r, struct importer *im,
                    struct minijail_kind *kind);
/* Read the next line into OUT; false at the end. */
bool minijail_next(struct minijail_reader *r, struct minijail_line *out);
/* Tell whether the policy is for the second compiler, as far as is known. */
bool minijail_is_python(const struct importer *im, const struct minijail_kind *kind);

#endif
