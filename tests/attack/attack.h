/*
 * What a confined program might try, as small functions in a table for each
 * class of them. Each says whether it got through. Calls are made such that
 * they do no harm when they do: they act on what outside.c has set up, or ask
 * for what does not exist and get an error that no policy gives.
 */
#ifndef ATTACK_H
#define ATTACK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/un.h>

/* --- the world, which outside.c makes and the attempts know ---------------- */

/* Descriptors that the program inherits. */
enum {
	INHERITED_FILE = 20, /* "inherited", to read and write */
	INHERITED_PAIR,      /* one end of a pair of local stream sockets */
	INHERITED_UDP,       /* connected to nobody */
	INHERITED_END,
};

struct world {
	int outside;        /* the process that has made it */
	int victim;         /* a process of the same user outside, */
	int spare;          /* and another one */
	unsigned long word; /* the address of a long in both */
	int shm, tcp, udp;  /* a segment's number, ports on loopback */
	char terminal[64];  /* another one of the user */
	char home[200];     /* the directory in which it all is */
};
extern struct world world;

bool world_read(void); /* from the environment */
void world_write(void);

/* In the directory: files that the user may change, and what listens outside. */
#define FILE_OURS     "ours"
#define FILE_FIFO     "fifo"
#define SOCKET_STREAM "stream"
#define SOCKET_DGRAM  "dgram"

/* The address of SOCKET_STREAM or SOCKET_DGRAM, by path or as an abstract name. */
struct sockaddr_un address(const char *name, bool abstract);
/* The name of the message queue outside. */
const char *queue_name(void);

/* --- results ---------------------------------------------------------------- */

/* A call's RESULT shows that a policy let it pass, whatever the kernel said then. */
bool passed(long result);
/* It worked; if it is a descriptor it is closed. */
bool opened(long fd);

/*
 * A process was started by clone with FLAGS, or could have been. Where it would
 * share our memory FLAGS are such that the kernel refuses them.
 */
bool cloned(unsigned long flags);

/* An int with something above it that the kernel does not look at. */
#define ABOVE(n) \
	(sizeof(long) == 8 ? (long)((UINT64_C(1) << 32) | (uint32_t)(n)) : (long)(n))

/* By number; what has none on this machine does not exist. */
#define CALL(nr, ...) ((nr) < 0 ? (errno = ENOSYS, -1L) : syscall(nr, __VA_ARGS__))

/* Numbers that are the same on all ABIs of today and newer than many headers. */
enum {
	NR_pidfd_send_signal = 424,
	NR_io_uring_setup,
	NR_io_uring_enter,
	NR_io_uring_register,
	NR_open_tree,
	NR_move_mount,
	NR_fsopen,
	NR_fsconfig,
	NR_fsmount,
	NR_fspick,
	NR_pidfd_open,
	NR_clone3,
	NR_openat2 = 437,
	NR_pidfd_getfd,
	NR_process_madvise = 440,
	NR_mount_setattr = 442,
	NR_process_mrelease = 448,
	NR_fchmodat2 = 452,
	NR_setxattrat = 463,
	NR_open_tree_attr = 467,
	NR_file_setattr = 469,
};

/* --- the tables --------------------------------------------------------------- */

struct attempt {
	const char *name;
	bool (*through)(void);
	bool kills; /* the policy ends the program for it: tried alone */
};

#define ATTEMPTS(class) const struct attempt attempts_##class[]
extern ATTEMPTS(files);
extern ATTEMPTS(names);
extern ATTEMPTS(network);
extern ATTEMPTS(local);
extern ATTEMPTS(programs);
extern ATTEMPTS(signals);
extern ATTEMPTS(others);
extern ATTEMPTS(memory);
extern ATTEMPTS(spaces);
extern ATTEMPTS(foreign);
extern ATTEMPTS(inherited);
extern ATTEMPTS(terminal);
extern ATTEMPTS(kernel);
extern ATTEMPTS(supervisor);

int outside(char **command); /* sets the world up and runs COMMAND with this program */

#endif
