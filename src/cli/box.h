/* box: the box of weir run as its options ask for it. */
#ifndef WEIR_CLI_BOX_H
#define WEIR_CLI_BOX_H

#include <stdio.h>

#include "box/box.h"
#include "cli/cli.h"

enum {
	BOX_RULES = 4 /* policies that weir adds */
};

struct cli_box {
	struct box box;
	struct box_setup setup;
	struct box_path *path;
	struct box_limit *limit;
	int *kept;
	struct weir_program *rule[BOX_RULES];
	const struct weir_program *rules[BOX_RULES + 1]; /* the same; ends with NULL */
	size_t nrules;
	uint64_t timeout, patience; /* seconds */
};

/*
 * Read the options of C and prepare their box for PROGRAM, a path; the environment is
 * cleaned. EXIT_DONE, or another status after a message. cli_box_close B even then.
 */
int cli_box_open(struct cli *c, struct cli_box *b, const char *program);
void cli_box_close(struct cli_box *b);
/* Say, after the program's end, what it made that may run outside. */
void cli_box_report(const struct cli_box *b);
/* Print what is confined, and by which means. */
void cli_box_print(FILE *out, const struct cli_box *b);

#endif
