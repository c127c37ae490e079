/*
 * ps: what `weir ps` finds, and how. Rows live in the arena of the report.
 */
#ifndef WEIR_CLI_PS_H
#define WEIR_CLI_PS_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "cli/cli.h"

/* A filter of a row. */
struct ps_filter {
	uint32_t length;     /* instructions; 0: not known */
	const char *profile; /* what it does; NULL: not known */
};

/* A process, or one thread of it, under seccomp; or a socket with a filter. */
struct ps_row {
	bool socket;
	int pid, tid;        /* 0: the owner of a socket is not known */
	int64_t uid;         /* -1: not known */
	const char *command; /* its short name; NULL: not known */
	const char *on;      /* "seccomp", "strict"; "packet eth0", "fd 3 udp" */
	uint64_t space;      /* the network namespace of a packet socket; else 0 */
	uint32_t inode;      /* of a packet socket, while its owner is looked for */
	int64_t count;       /* of its filters; -1: not known */
	struct ps_filter *filter;
	uint32_t n; /* of FILTER; 0: nothing is known of them */
};

/* A fingerprint, by weir_program_fingerprint. */
struct known_print {
	char text[WEIR_FINGERPRINT];
};

/* A program that has a name. */
struct known {
	const char *name;
	uint64_t sample;
	struct known_print print;
};

struct ps {
	struct cli *cli;
	struct arena *arena;
	int pid; /* the only process that is wanted; 0: all */
	ARRAY(struct ps_row) rows;
	ARRAY(const char *) unseen; /* what is not shown, and why */
	bool lost;                  /* ps_lost has said so there */
	ARRAY(struct known) asked;  /* by --policy */
	/* The user that was looked up last. */
	bool asked_user;
	int64_t last_uid;
	const char *last_user;
};

/* --- ps_rows.c: what the finders of rows share --------------------------------------- */

/* Note that something is not shown, and why. */
void ps_unseen(struct ps *ps, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * Note that something in /proc was not read for the reason ERROR, an errno, unless its
 * process has ended or is not the user's to look at.
 */
void ps_lost(struct ps *ps, int error);
/* Open directory PATH; note in the same way if that fails, and return NULL. */
DIR *ps_open_directory(struct ps *ps, const char *path);
/* Read FILE of /proc/PID into TEXT, NUL-terminated; how many bytes, 0 if there are none. */
size_t ps_read_proc(struct ps *ps, const char *pid, const char *file, char *text,
                    size_t size);
/* Set uid and command of ROW by its pid; false if there is no such process. */
bool ps_look_at(struct ps *ps, struct ps_row *row);

/* --- ps_processes.c: processes under seccomp --------------------------------------- */

/* Add the rows of processes; false after a message. RIGHTS: false if those for
   bpf(2) are missing. */
bool ps_add_processes(struct ps *ps, bool *rights);

/* --- ps_sockets.c: sockets with filters --------------------------------------------- */

/* Tell whether the kernel would show the filters of packet sockets. */
bool ps_sees_sockets(void);
/* Add the packet sockets of all network namespaces. */
void ps_add_packet_sockets(struct ps *ps);
/* Add the sockets of process PID, whatever they are; false after a message. */
bool ps_add_descriptors(struct ps *ps, int pid);

/* --- sample.c: what programs are compared by first ----------------------------------- */

/* Return some of a program's answers, hashed; 0 if it is not a program. */
uint64_t known_sample(const struct sock_filter *insns, size_t n);

/* --- known.c: what a filter does --------------------------------------------------- */

/* Return the name of what a program does; NULL if it is none that weir knows. */
const char *known_program(struct ps *ps, const struct sock_filter *insns, size_t n);
/* Learn what the policy or profile NAME does, too; false after a message. */
bool known_ask(struct ps *ps, const char *name);

#endif
