/*
 * A unit of systemd as it is written: the settings that filter. systemd_list.c
 * keeps lists of calls, systemd_read.c reads a unit, systemd.c makes rules of it.
 */
#ifndef WEIR_SYSTEMD_H
#define WEIR_SYSTEMD_H

#include "import/import.h"

/* A part of the text. */
struct systemd_word {
	const char *text;
	size_t len;
	struct span at;
};

struct systemd_words {
	ARRAY(struct systemd_word) v;
};

/* A name in a list of calls, and what the last line about it says. */
struct systemd_member {
	const char *name;
	size_t len;
	struct span at;
	bool in;
	struct rules_written *action; /* NULL: the list's */
	struct systemd_member *next;
};

/* One word of a list, in its order. */
struct systemd_step {
	struct systemd_word word; /* without ":errno" */
	bool removes;
	struct rules_written *action;
};

/* A list of calls that lines have made. */
struct systemd_list {
	bool there, allows; /* names what is allowed, or logged */
	bool plain;         /* no word of it has an action of its own */
	ARRAY(struct systemd_step) step;
	ARRAY(struct systemd_member *) member;
	struct systemd_member *slot[512];
	struct span at;
};

/* A setting that is on or off. */
struct systemd_option {
	bool on;
	struct span at;
};

struct systemd_families {
	bool there, allows;
	bool none; /* which the next list does not add to, but takes the place of */
	struct systemd_words v;
	struct span at;
};

struct systemd_unit {
	struct importer *im;
	const struct sys_abi *native;
	size_t at;
	bool inside;  /* of some section */
	bool section; /* in one whose settings are for processes */
	bool any;     /* a setting that filters was there */
	struct systemd_list filter, log;
	struct rules_written refusal; /* SystemCallErrorNumber= */
	struct systemd_option archs_at;
	uint32_t archs;
	struct systemd_option realtime, suid, personality, no_exec, tunables, modules, logs,
		clock, devices, hostname, dynamic, namespaces;
	uint32_t retain; /* namespaces that may be made, by their place in the table */
	uint64_t persona;
	struct systemd_families families;
	uint64_t shown;        /* groups that have a statement */
	uint64_t known, there; /* groups of which is_there() is known; is true */
	bool low;              /* tests on arguments are made for has_low_words() */
};

/* A name in systemd and its equivalent in weir. */
struct systemd_flag {
	const char *name, *flag;
};

/* --- systemd_list.c ------------------------------------------------------- */

/* A group of calls, by its name without "@"; what is in it, in words. */
struct systemd_group {
	const char *name, *calls;
};

/* Return group G. */
const struct systemd_group *systemd_group_at(int g);
/* Return which group NAME (after its "@") is; -1 if none. */
int systemd_find_group(const char *name, size_t len);
/* Return which group a word of a list is; -1: it is not one. */
int systemd_group_of(const struct systemd_word *w);
/* Take the word at *P and move *P past it; false at the end. */
bool systemd_next_name(const char **p, const char **name, size_t *len);
bool systemd_is_text(const char *text, const struct systemd_word *w);
struct systemd_member *systemd_find_member(struct systemd_list *l,
                                           const char *name, size_t len);
/* Apply S to all names of group G and of the groups in it. */
void systemd_set_group(struct systemd_unit *u, struct systemd_list *l,
                       const struct systemd_step *s, int g);
/* Add S to L, or complain of its group. */
void systemd_add_step(struct systemd_unit *u, struct systemd_list *l,
                      struct systemd_step s);

/* --- systemd_read.c ------------------------------------------------------- */

/* Read the unit that is the text of U->im. */
void systemd_read(struct systemd_unit *u);
/* Return the number of an address family that is known. */
uint64_t systemd_family(const struct systemd_unit *u, const struct systemd_word *w);
/* Return the namespace of bit I of RETAIN; NULL after the last. */
const struct systemd_flag *systemd_namespace(unsigned i);

#endif
