/*
 * hook: what the files about attached filters share. hook.c is the driver; place.c has
 * the places, program.c makes the program, mark.c what is kept of it; by_*.c are the
 * ways of being attached.
 */
#ifndef WEIR_NET_HOOK_H
#define WEIR_NET_HOOK_H

#include <linux/bpf.h>

#include "net/net.h"

/* --- place.c ------------------------------------------------------------------------ */

/* What differs between places. */
struct hook_place {
	const char *name;
	enum bpf_prog_type type; /* of a program there; 0: it is a classic one */
	int attach;              /* enum bpf_attach_type */
	enum weir_ebpf_form form;
	const char *program; /* its name in the kernel */
	int32_t pass, drop;  /* what it answers */
	uint32_t flags;      /* to load it with */
	bool egress;
};

const struct hook_place *hook_place(enum net_place place);
/* Return the inode of the network namespace that weir is in now; 0: not known. */
uint64_t hook_space(void);

/* --- mark.c: what is known of what is attached ------------------------------------------ */

/* Create the map of HOOK's program; a descriptor or -errno. */
int hook_mark_new(const struct net_hook *hook, struct net_error *e);
/* Note in MAP that the clsact of the interface is weir's, to be removed with the last filter. */
int hook_mark_clsact(int map);
/* Copy what MAP says into OUT; false if it is not ours. *OWN: hook_mark_clsact was called. */
bool hook_mark_read(int map, struct net_hook_state *out, bool *own);
/* Open the map of program ID, if it is one of ours; else -1. Set *TEXT, to be freed: NULL or
   the expression that its types keep. */
int hook_mark_find(uint32_t id, char **text);

/* --- program.c ------------------------------------------------------------------------------ */

/* Where what a program counts is, in the value of its map. */
enum {
	HOOK_SEEN = 0,
	HOOK_MATCHED = 8
};

/* Load the filter of HOOK as a program that counts in MAP; a descriptor or -errno. */
int hook_load(const struct net_hook *hook, int map, struct net_error *e);

/* --- by_link.c, by_clsact.c, by_socket.c ------------------------------------------------------ */

/* A way of being attached. */
struct hook_way {
	/* Attach HOOK; PROGRAM stays the caller's. OUT->map is set. */
	int (*attach)(const struct net_hook *hook, int program, struct net_hooked *out,
	              struct net_error *e);
	bool (*ask)(const struct net_hooked *h, struct net_hook_state *out);
	int (*keep)(const struct net_hooked *h, struct net_error *e);
	int (*detach)(const struct net_hooked *h, struct net_error *e);
	/* Call EACH with all that is attached this way. */
	int (*each)(net_hook_fn *each, void *ctx, struct net_error *e);
};

extern const struct hook_way hook_by_link, hook_by_clsact, hook_by_reuseport, hook_by_socket;

/* Say why the kernel did not attach what HOOK says; ERR. */
int hook_refused(const struct net_hook *hook, int err, struct net_error *e);

#endif
