/*
 * attach: what the files of weir attach share. cmd_attach.c reads the command line,
 * attach_put.c attaches and waits, attach_print.c writes commands of iptables and tc,
 * attach_list.c lists, watches and takes off.
 */
#ifndef WEIR_CLI_ATTACH_H
#define WEIR_CLI_ATTACH_H

#include "cli/cli.h"
#include "net/net.h"

/* What is to be attached. */
struct attach {
	struct cli *c;
	size_t used; /* of its words */
	enum net_place place;
	const char *target;
	bool iptables; /* TARGET is a chain of iptables, and PLACE means nothing */
	bool drops;
	char *text; /* the expression */
	const char *name;
	size_t len;
};

/* --- attach_put.c ------------------------------------------------------------------- */

/* Compile A's expression for its place; EXIT_DONE, or after a message. */
int attach_compile(struct attach *a, struct weir_program **out);
/* Attach it, and stay until that ends, unless it is kept; an exit status. */
int attach_put(struct attach *a);

/* --- attach_print.c ------------------------------------------------------------------- */

/* Write the commands that do what A says; an exit status. */
int attach_print(struct attach *a);

/* --- attach_list.c --------------------------------------------------------------------- */

int attach_list(struct cli *c);
/* Show what filters count, again and again: those that the words name, or all. */
int attach_stats(struct cli *c);
/* Take off what --detach names. */
int attach_detach(struct cli *c);

/* --- attach_set.c: the sets of weir attach ---------------------------------------- */

enum {
	ATTACH_SETS = 16
};

/* Those of a filter, by number. */
struct attach_sets {
	struct net_set *v; /* ATTACH_SETS of them */
	int maps[ATTACH_SETS];
	unsigned n;
};

/* Let P have open sets, with room for twice their first items; false after a message. */
bool attach_sets_size(struct cli *c, struct weir_expression_options *p);
/* Make the sets of FILTER with their first items; false after a message. Close SETS in the end. */
bool attach_sets_make(struct cli *c, const struct weir_ebpf *filter, struct attach_sets *sets);
void attach_sets_close(struct attach_sets *sets);
/* Tell whether C is about a set of what is attached: --set NAME, and a verb. */
bool attach_set_wanted(const struct cli *c);
int attach_set(struct cli *c);

/* --- attach_wait.c ---------------------------------------------------------------------- */

/* Note SIGINT, SIGTERM and SIGHUP from now on, unless they are ignored. */
void attach_catch_signals(void);
/* Wait for MS milliseconds, or less where a signal comes; false once one has come. */
bool attach_wait(unsigned ms);
/* Return what weir exits with: after SIGTERM or SIGHUP 128 and its number. */
int attach_status(void);
/* Return the seconds of a clock that never goes back. */
double attach_now(void);

#endif
