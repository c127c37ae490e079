/*
 * net: where packets come from and go to. Capture files, interfaces (a packet
 * socket with the program attached before the first packet), one line a packet.
 * capture.h has what the files that read captures share.
 */
#ifndef WEIR_NET_H
#define WEIR_NET_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "weir.h"

/* The link types of libpcap that are named here. */
enum net_linktype {
	NET_NULL = 0,
	NET_EN10MB = 1,
	NET_RAW = 12,
	NET_LOOP = 108,
	NET_LINUX_SLL = 113,
	NET_IPV4 = 228,
	NET_IPV6 = 229,
	NET_LINUX_SLL2 = 276,
};

/* Bytes of a packet that are kept by default, as with tcpdump. */
enum {
	NET_SNAPLEN = 262144
};

/* What went wrong, as one line without a newline. */
struct net_error {
	char text[400];
};

/* Write the text of E; return ERR, a negative errno. */
int net_fail(struct net_error *e, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One packet; its bytes stay until its source's PAUSE is called. */
struct net_packet {
	const uint8_t *bytes;
	uint32_t captured, wire;
	int64_t seconds;      /* since 1970 */
	uint64_t nanoseconds; /* a damaged file may have more than a second */
	uint8_t *head;        /* 16 bytes before BYTES that may be overwritten; NULL: none */
};

/* Takes a packet; false ends the reading. */
typedef bool net_packet_fn(void *ctx, const struct net_packet *p);

/* A capture file or an interface: what a compiler wants to know, and packets. */
struct net_source {
	const char *name; /* of the file or interface */
	int linktype;
	uint32_t link_extra; /* what a pcap file says of it beside, about checksums */
	uint32_t snaplen;
	uint32_t netmask;  /* network order */
	bool have_netmask; /* ... which is known */
	bool swapped;      /* the file's byte order is not ours */
	bool nano;         /* the file may hold nanoseconds */
	bool live;         /* an interface */
	bool regular;      /* a regular file: */
	uint64_t device, inode;
	const volatile sig_atomic_t *stop; /* set from a signal: no more packets */

	/* Called now and then, at the latest before a wait for packets. */
	void (*pause)(void *ctx);
	int (*read)(struct net_source *s, net_packet_fn *each, void *ctx,
	            struct net_error *e);
	void (*close)(struct net_source *s);
};

/* --- capture.c: capture files, read ---------------------------------------- */

/* Open a capture file for reading, "-" for standard input. NAME must last. */
int net_open_file(struct net_source **out, const char *name, struct net_error *e);
/* Return how much of the file has been read, 0 to 1; negative where that is not known. */
double net_file_progress(const struct net_source *s);

/* --- dump.c: capture files, written ----------------------------------------- */

/* A capture file that is written. */
struct net_dump;

/*
 * Open NAME ("-": standard output) for packets of S, cut to SNAPLEN bytes, and
 * write the header. What the file held is lost; S must not read it.
 */
int net_dump_open(struct net_dump **out, const char *name, const struct net_source *s,
                  uint32_t snaplen, struct net_error *e);
/*
 * Write a packet; false if writing failed, which net_dump_close reports with
 * the reason. A regular file then holds no part of a packet. A packet with a
 * HEAD must stay until net_dump_settle.
 */
bool net_dump_write(struct net_dump *d, const struct net_packet *p);
/* Write what has not been copied from where its source has it. */
bool net_dump_settle(struct net_dump *d);
bool net_dump_flush(struct net_dump *d);
int net_dump_close(struct net_dump *d, struct net_error *e);

/* --- savefile.c: libpcap, for rare capture files ---------------------------- */

/* Return "libpcap version ..."; NULL if it was not built in or is not installed. */
const char *net_pcap_version(void);

/* --- live.c: interfaces ----------------------------------------------------- */

/* Return how many bytes a socket may be charged in this namespace; 0: it cannot be read. */
size_t net_optmem_max(void);
/*
 * Look at interface NAME ("any": all of them), to read packets of at most
 * SNAPLEN bytes from it. Afterwards all is known that a compiler needs; for
 * packets call the three functions below, in their order. Only the first of
 * them needs privileges.
 */
int net_open_live(struct net_source **out, const char *name, uint32_t snaplen,
                  struct net_error *e);
int net_live_socket(struct net_source *s, struct net_error *e);
/*
 * Give P to the kernel as the filter of S. On failure E says why the kernel
 * does not run it; S can still be read, unfiltered.
 */
int net_live_attach(struct net_source *s, const struct weir_program *p, struct net_error *e);
/* Let packets in: all that arrive from now on pass through the attached program. */
int net_live_start(struct net_source *s, struct net_error *e);
/*
 * Return how many packets the kernel dropped since the last call because they
 * were not read in time.
 */
uint32_t net_live_dropped(struct net_source *s);

/* --- ring.c: packets that match, by XDP ---------------------------------------- */

/*
 * Attach FILTER, in the form for XDP, to the interface that LIKE was opened for, and read
 * the packets that match: they go on to the system as well, unless it DROPS them. Closing
 * OUT takes it off.
 */
int net_open_ring(struct net_source **out, const struct net_source *like,
                  const struct weir_ebpf *filter, bool drops, struct net_error *e);
/* Return how many matching packets the buffer had no room for. */
uint64_t net_ring_lost(const struct net_source *s);

/* --- cooked.c: programs for sockets without a link header -------------------- */

/*
 * Rewrite the N instructions of a program for NET_LINUX_SLL2 in place for a
 * socket that sees packets from the network header on. If that is not possible,
 * return false, with the instruction in *AT and the reason in *WHY.
 */
bool net_cook(struct sock_filter *insns, size_t n, size_t *at, const char **why);

/* --- line.c: a packet as a line ----------------------------------------------- */

enum {
	NET_LINE_MAX = 512
};

/*
 * Write what P is, without its time, into OUT, NUL-terminated and in printable
 * ASCII. P may have any bytes. Return the length, less than SIZE.
 */
size_t net_line(char *out, size_t size, int linktype, const struct net_packet *p);

/* The last second that was turned into local time. */
struct net_clock {
	int64_t second;
	bool valid;
	char text[16]; /* HH:MM:SS */
};

/* Write the same after "HH:MM:SS.micros ", local time. */
size_t net_timed_line(char *out, size_t size, int linktype, const struct net_packet *p,
                      struct net_clock *clock);

/* --- filter.c: from a source through a program to where they go ----------------- */

struct net_job {
	const struct weir_program *program; /* NULL: S has passed its own already */
	struct net_dump *dump;              /* where matches go; NULL: ... */
	FILE *lines;                        /* ... there, one line each */
	uint64_t count;                     /* stop after so many matches; 0: never */
	bool flush;                         /* after every packet */
	bool progress;                      /* show on stderr how far it is */
};

struct net_tally {
	uint64_t seen, matched;
	int signal; /* that ended it: SIGINT, SIGTERM, SIGHUP; 0: none */
};

/* Run the job to the end; TALLY tells how far it got, even if it fails. */
int net_filter(struct net_source *s, const struct net_job *job, struct net_tally *tally,
               struct net_error *e);

/* --- hook.c, place.c: filters on XDP, tc, cgroups and sockets ----------------------- */

enum net_place {
	NET_XDP,
	NET_TC_INGRESS,
	NET_TC_EGRESS,
	NET_CGROUP_INGRESS,
	NET_CGROUP_EGRESS,
	NET_REUSEPORT,
	NET_SOCKET
};

enum {
	NET_TARGET_MAX = 256, /* bytes that are kept of a name, with a NUL */
	NET_TEXT_MAX = 2048   /* and of an expression, where the kernel takes no types */
};

/* Return the place's name, as in "tc ingress". */
const char *net_place_name(enum net_place place);
/* Return the form that a filter must have there, unless it is a socket. */
enum weir_ebpf_form net_place_form(enum net_place place);

/* What is to be attached. */
struct net_hook {
	enum net_place place;
	const char *target;                 /* an interface, a directory of cgroup v2, "PID:FD" of a socket */
	const struct weir_ebpf *filter;     /* in the form of PLACE */
	bool drops;                         /* what matches; else all that does not */
	const char *text;                   /* the expression, for lists */
	const int *sets;                    /* by number, the maps of FILTER's open sets */
	bool clsact;                        /* tc: as on kernels without tcx */
	const struct weir_program *program; /* sockets: the filter, which does what DROPS says */
	bool lock;                          /* sockets: no one can detach it again */
};

struct hook_way;
struct sock_filter;

/* What is attached. */
struct net_hooked {
	const struct hook_way *way;
	int fd;  /* a link, a program or a process; -1: none */
	int map; /* where its program counts; -1: nowhere */
	/* clsact: */
	uint32_t interface, parent, info, handle;
	/* Sockets: */
	int pid, socket;             /* a descriptor of process PID */
	uint64_t cookie;             /* of the socket */
	struct sock_filter *earlier; /* what was attached before; NULL: nothing */
	uint16_t nearlier;
};

struct net_hook_state {
	uint32_t id; /* of the program; 0: it has none */
	enum net_place place;
	bool drops;
	bool attached; /* false: it was taken off, or what it was on is gone */
	bool kept;     /* it stays when no process has it open */
	bool here;     /* TARGET is of this network namespace */
	bool counts;   /* the two numbers are known */
	uint64_t seen, matched;
	char target[NET_TARGET_MAX], text[NET_TEXT_MAX];
	const char *whole_text; /* the expression, while a net_hook_fn runs */
};

/* Attach HOOK; 0 or -errno. Close OUT in the end, which takes off what stays by that alone. */
int net_hook_attach(const struct net_hook *hook, struct net_hooked *out, struct net_error *e);
void net_hook_close(struct net_hooked *h);
/* Get what H is and has counted. */
bool net_hook_ask(const struct net_hooked *h, struct net_hook_state *out);
/* Keep H attached after net_hook_close, and after the end of weir. */
int net_hook_keep(const struct net_hooked *h, struct net_error *e);
/* Detach H, kept or not; the process that attached it can see that. */
int net_hook_detach(const struct net_hooked *h, struct net_error *e);

/* Take H, a hook of weir's, which is closed after the call. */
typedef void net_hook_fn(void *ctx, const struct net_hooked *h,
                         const struct net_hook_state *state);
/* Call EACH with all that weir has attached, in any network namespace. */
int net_hooks_each(net_hook_fn *each, void *ctx, struct net_error *e);

/* --- payload.c, by_socket.c: sockets of processes ---------------------------------------- */

/* What a filter on a socket sees first. */
struct net_payload {
	int linktype;     /* a DLT_ number or an enum weir_payload */
	bool live;        /* and the kernel tells more of a packet */
	const char *text; /* the same in words; NULL: weir does not know it */
};

/* Read "PID:FD"; false if TEXT is not such a thing. */
bool net_read_descriptor(const char *text, int *pid, int *fd);
/* Copy descriptor FD of process PID; the copy, or -errno with a text. */
int net_open_descriptor(int pid, int fd, struct net_error *e);
/* Find out what data the socket "PID:FD" has. */
int net_payload(const char *target, struct net_payload *out, struct net_error *e);

/* --- route.c: default routes ----------------------------------------------------------- */

/* Tell whether INTERFACE is one that a default route leads to. */
bool net_carries_default_route(const char *interface);

/* --- sets.c: open sets of programs in the kernel -------------------------------------- */

enum {
	NET_SET_NAME = 11,  /* bytes of a name, with a NUL */
	NET_SET_KINDS = 7,  /* of one name */
	NET_ITEM_TEXT = 64, /* bytes of an item as a text */
};

/* An open set that is there: an array of maps, and in it the list. */
struct net_set {
	char name[NET_SET_NAME];
	enum weir_set_kind kind;
	uint32_t capacity;
	int now, list; /* descriptors, or -1 */
};

/*
 * Make the maps of SET with those of ITEMS (or NULL) that are of its kind. 0 or -errno;
 * close OUT in the end.
 */
int net_set_new(const struct weir_set *set, const struct weir_items *items, struct net_set *out,
                struct net_error *e);
void net_set_close(struct net_set *s);
/*
 * Open the sets called NAME of the program with number ID, one for each kind, at most
 * NET_SET_KINDS; return how many, or -errno.
 */
int net_sets_open(uint32_t id, const char *name, struct net_set *out, struct net_error *e);
/* Open the set that is pinned as PATH; 0 or -errno. */
int net_set_open_pin(const char *path, struct net_set *out, struct net_error *e);

/* Add those of ITEMS that are of S's kind; 0 or -errno (-ENOSPC: there is no room). */
int net_set_add(struct net_set *s, const struct weir_items *items, struct net_error *e);
/* Remove them, and set *MISSED to how many were not there. */
int net_set_remove(struct net_set *s, const struct weir_items *items, size_t *missed,
                   struct net_error *e);
/* Put a list of them in the place of S's, at once for all packets. */
int net_set_replace(struct net_set *s, const struct weir_items *items, struct net_error *e);
/* Take one item, and how often it was met if the program counts that. */
typedef void net_item_fn(void *ctx, const char *text, uint64_t met);
/* Call EACH (or NULL) with all items of S, and set *N to their number. */
int net_set_each(const struct net_set *s, net_item_fn *each, void *ctx, size_t *n,
                 struct net_error *e);
/* Keep others from changing sets until net_sets_unlock; a descriptor or -errno. */
int net_sets_lock(struct net_error *e);
void net_sets_unlock(int lock);

/* --- spaces.c: network namespaces ------------------------------------------------ */

/* What is done in the namespace whose inode is NUMBER; 0 or -errno, with a text in E. */
typedef int net_space_fn(void *ctx, uint64_t number, struct net_error *e);

/*
 * Call EACH in every network namespace that a process or /run/netns has, in
 * weir's own first. At least *MISSED processes have one that weir may not
 * enter.
 */
int net_each_space(net_space_fn *each, void *ctx, unsigned *missed, struct net_error *e);

/* --- sockets.c: which sockets have filters ---------------------------------------- */

enum {
	NET_MAX_FILTER = 4096 /* instructions that a socket takes */
};

/* A socket with a classic filter. */
struct net_socket {
	uint32_t inode;             /* 0: not known */
	int domain, type, protocol; /* -1: not known */
	unsigned interface;         /* of a packet socket; 0: all */
	char interface_name[16];
	const struct sock_filter *insns;
	size_t n; /* 0: it has no filter */
};

typedef void net_socket_fn(void *ctx, const struct net_socket *s);

/*
 * Hand to EACH every packet socket of this network namespace that has a filter; the
 * kernel shows filters to CAP_NET_ADMIN alone. *MISSED of them could not be looked at.
 */
int net_packet_sockets(net_socket_fn *each, void *ctx, unsigned *missed, struct net_error *e);
/*
 * Look at the filter of socket FD, which INSNS keeps. 0 or -errno: -ENOTSOCK, -EACCES if
 * the filter is an eBPF program.
 */
int net_socket_filter(int fd, struct net_socket *s, struct sock_filter insns[NET_MAX_FILTER]);
/* Copy descriptor FD of process PID; the copy or -errno. */
int net_copy_descriptor(int pid, int fd);

#endif
