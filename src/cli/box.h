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
	struct weir_program *rules[BOX_RULES + 1]; /* ends with NULL */
	size_t nrules;
	uint64_t timeout, patience; /* seconds */
};

/* --- box.c: from options to a box --------------------------------------------------- */

/*
 * Read the options of C and prepare their box for PROGRAM, a path; the environment is
 * cleaned. EXIT_DONE, or another status after a message. cli_box_close B even then.
 */
int cli_box_open(struct cli *c, struct cli_box *b, const char *program);
void cli_box_close(struct cli_box *b);

/* --- box_kept.c: what the program gets from outside -------------------------------- */

/* Keep what --keep-fd and the arguments ARGV name, and a job server; an exit status. */
int box_set_kept(struct cli_box *b, const struct options *o, char *const *argv);
/* Keep the usual capabilities and those of --keep-cap, for root; an exit status. */
int box_set_powers(struct cli_box *b, const struct options *o);
/*
 * Take out of the environment what the program is not to get: secrets, and if STRICT all
 * but a few; -v says which.
 */
void box_clean_environment(const struct cli *c, bool strict);

/* --- box_said.c: words ----------------------------------------------------------------- */

/* Say what cannot be had here; EXIT_DONE, or EXIT_USAGE if it was asked for. */
int box_check_missing(const struct cli *c, struct cli_box *b);
/* Tell of arguments that exist outside, and not in the private directories. */
void box_warn_of_unseen(const struct cli *c, const struct cli_box *b, char *const *argv);
/* Say, after the program's end, what it made that may run outside. */
void cli_box_report(const struct cli_box *b);
/* Print what is confined, and by which means. */
void cli_box_print(FILE *out, const struct cli_box *b);

#endif
