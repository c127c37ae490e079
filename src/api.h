/*
 * What the files of the public library share: one run of it. api.c reads as the
 * pipeline; api_packet.c, api_policy.c and api_optimize.c join to it what they read,
 * api_answer.c asks a policy.
 */
#ifndef WEIR_API_INTERNAL_H
#define WEIR_API_INTERNAL_H

#include "cbpf/cbpf.h"
#include "gen/gen.h"
#include "ir/ir.h"
#include "opt/opt.h"
#include "weir.h"

/* All that a public function holds; freed at one place, whatever happens. */
struct job {
	struct arena arena, tmp;
	char *pending; /* text from the caller's open_file, until it is copied */
	struct diags diags;
	const struct weir_common_options *common;
	int (*body)(struct job *j);
	const void *options; /* of the public function, for the body */

	/* compiling and reading */
	const char *text;
	size_t len;
	enum weir_kind kind;
	struct ir_graph *graph;
	const struct cbpf_input *sample; /* for the optimizer */
	uint32_t samples;
	struct opt opt; /* holds an arena, too */
	struct buf dumped;
	struct gen_code code;
	const struct api_names *names;
	const void *frontend; /* what NAMES needs to know */
	struct weir_program *made;
};

/* What a frontend can say in a listing. */
struct api_names {
	/* The constant that test N compares with, NULL if it has no name. */
	const char *(*constant)(const struct job *j, const struct ir_node *n);
	/* What it means that the program returns RET. */
	void (*result)(const struct job *j, struct buf *out, uint32_t ret);
};

/* Runs J->body where running out of memory ends; frees all but J->made. */
int api_run(struct job *j);
/* J's diagnostics go where COMMON (NULL: nowhere) wants them. */
void api_listen(struct job *j, const struct weir_common_options *common);
/* The result of a compilation that ended with ERR. */
int api_give(struct job *j, int err, struct weir_program **out);
/* The caller's open_file, its text moved into the arena. CTX is the job. */
int api_open_file(void *ctx, const char *name, const char *from, const char **text,
                  size_t *len);
/* J->opt, ready to run as J->common asks; then what it dumped is handed on. */
void api_optimizer(struct job *j, const struct gen_options *how);
void api_optimized(struct job *j);
/* Optimizes J->graph and makes J->made of it; 0 or -errno. */
int api_finish(struct job *j);
/* J->made of J->code, and of a copy of P with all that it says. */
int api_make(struct job *j);
int api_copy(struct job *j, const struct weir_program *p);
/* Hands on what policy TREE (struct policy_tree) answers, as O asks; 0 or -EINVAL. */
struct policy_tree;
int api_answer(struct job *j, const struct policy_tree *tree,
               const struct weir_policy_options *o);
/* J->made returns 0 whatever the packet. */
void api_matches_nothing(struct job *j);

#endif
