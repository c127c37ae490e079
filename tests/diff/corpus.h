/* corpus: everything that is compiled by tests, as cases at every level. */
#ifndef CORPUS_H
#define CORPUS_H

#include "ir/ir.h"
#include "tests/diff/diff.h"

enum {
	CORPUS_LEVELS = 5, /* -O0 -O1 -O2 -O3 -Os */
	CORPUS_SNAPLEN = 262144
};
extern const char *const corpus_levels[CORPUS_LEVELS];

/* A text that is compiled. */
struct corpus_text {
	const char *set; /* "everyday", "hosts", "random", "policies", ... */
	const char *text;
	bool policy;
	bool live;        /* packets: for a live socket */
	const char *link; /* packets: the link type */
	uint32_t snaplen;
};

/* What came of it. */
struct corpus_case {
	struct corpus_text from;
	const struct ir_graph *graph; /* as the frontend made it */
	struct program program[CORPUS_LEVELS];
};

typedef ARRAY(struct corpus_text) corpus_texts_t;

/*
 * Adds, in A, the expressions of files, lists of up to LONGEST, and the policies
 * that are installed; what the reference vectors would give only if they are there.
 */
void corpus_read(struct arena *a, corpus_texts_t *out, uint32_t longest);
/* A random expression, or, less often, a random policy. */
struct corpus_text corpus_draw(struct arena *a, struct rng *r);
/* Compiles TEXT; false where it is refused. Everything is in A. */
bool corpus_compile(struct arena *a, const struct corpus_text *text,
                    struct corpus_case *out);
/* A random policy, in A. */
char *corpus_random_policy(struct arena *a, struct rng *r);
/* The graph of policy TEXT; NULL: refused. */
struct ir_graph *corpus_policy(struct arena *a, const char *text);
/* An input that C's programs may run on. */
void corpus_input(const struct corpus_case *c, struct input *in, struct rng *r);

#endif
