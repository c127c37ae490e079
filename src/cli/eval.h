/*
 * eval: what `weir eval` runs programs on, and how it says what came of it.
 */
#ifndef WEIR_CLI_EVAL_H
#define WEIR_CLI_EVAL_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "cli/cli.h"

/* --- eval_input.c: what programs run on --------------------------------------------- */

/* What the kernel would say for SKF_AD_*, by --set. */
struct eval_words {
	uint32_t value[SKF_AD_MAX];
};

/* Read --set into WORDS; false after a message. */
bool eval_read_words(const struct cli *c, struct eval_words *words);
/* Return ancillary word WHICH (weir_data.ancillary); CTX is a struct eval_words. */
uint32_t eval_word(void *ctx, uint32_t which, uint32_t a, uint32_t x);
/*
 * Read the bytes that OPTION has as TEXT into BYTES, which has room for half the
 * length of TEXT; their number, or -1 after a message.
 */
long eval_read_hex(const char *option, const char *text, uint8_t *bytes);

/* A system call. */
struct eval_call {
	struct seccomp_data data;
	char text[200]; /* "openat(-100, 0, 1, 0) on x86_64"; "" for --data */
};

/* The calls that --call or --data name. */
struct eval_calls {
	struct eval_call *v;
	size_t n;
};

/* Read them, to be freed; EXIT_DONE or EXIT_USAGE after a message. */
int eval_read_calls(struct cli *c, struct eval_calls *out);

/* --- eval_run.c: running, and what a result means ------------------------------------- */

/* A run of one program, and how it ended. */
struct eval_run {
	const struct cli_program *program;
	struct weir_data data;
	uint32_t result;
	bool failed; /* by the load or the division at LAST, not by a return */
	uint32_t last;
	uint64_t steps;
	uint64_t *counts; /* by instruction, how often it ran; NULL: not counted */
	/* For --trace: where the steps go, and a line of the listing for each instruction. */
	struct buf *trace;
	char **lines;
	struct json_writer *json; /* ... or there, as members of an array */
};

/* Run R's program on its data; EXIT_DONE, or EXIT_USAGE after a message. */
int eval_run(struct eval_run *r);
/* Write what the result of R means: "accept, at most 262144 bytes", "errno EPERM". */
void eval_put_meaning(struct buf *out, const struct eval_run *r);
/* Return the lines of PROGRAM's listing, in the arena of OUT; NULL after a message. */
char **eval_listing(struct cli *c, struct buf *out, const struct cli_program *program);

/* --- eval_capture.c: every packet of a capture ------------------------------------------ */

/* Run P on each packet of -r, and write a line or, with --coverage, a listing. */
int eval_capture(struct cli *c, const struct cli_program *p);

#endif
