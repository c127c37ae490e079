/*
 * box: what confines a program besides its filter. A struct box says what is asked
 * for; between fork and exec the child goes through the steps, and each has a check
 * of its effect. Linux and libc only. docs/design/box.md gives the reasons.
 */
#ifndef WEIR_BOX_H
#define WEIR_BOX_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Used as an errno, -BOX_FAKED: a call reported success but had no effect, because an
 * outer filter answered it in place of Linux.
 */
enum {
	BOX_FAKED = 4096
};

/* --- what is asked for --------------------------------------------------------- */

/* What may be done with a path and all below it. */
enum box_access {
	BOX_RO,   /* read and executed; the rest of a writable tree stays writable */
	BOX_RW,   /* also written */
	BOX_HIDE, /* nothing: it looks empty */
};

struct box_path {
	enum box_access access;
	const char *path; /* as the user wrote it */
};

enum box_net {
	BOX_NET_ALL, /* as the policy says */
	BOX_NET_NONE /* loopback of its own, and nothing else */
};

/* A limit of each process of the box, soft and hard. */
struct box_limit {
	int resource; /* an RLIMIT_ */
	uint64_t value;
};

struct box {
	const struct box_path *path; /* any: all else is read-only */
	size_t npaths;
	enum box_net net;
	const struct box_limit *limit;
	size_t nlimits;
	const int *kept; /* descriptors above 2 that the program gets */
	size_t nkept;
	const char *const *shown; /* paths that are not to be guarded */
	size_t nshown;
	const char *program; /* the file to start: it stays visible */
	uint64_t powers;     /* the capabilities that root keeps, a bit each */
	bool abstract;       /* leave abstract sockets open */
	bool shared_tmp;     /* leave /tmp, /var/tmp and /dev/shm as they are */
	bool best_effort;    /* start even where a protection cannot be had */
};

/* --- plan.c: before the fork ----------------------------------------------------- */

/* A path of the box, found. */
struct box_place {
	enum box_access access;
	char *path;      /* absolute, without symbolic links */
	const char *why; /* what makes an unnamed path a place: "protected"; or NULL */
	bool directory;  /* else a file */
	int tree;        /* its mounts, cloned, in the child; -1: none yet */
};

/* The protections of which one can be missing where weir runs. */
enum box_part {
	BOX_SCOPES,   /* memory of, and signals to, processes outside */
	BOX_ABSTRACT, /* abstract sockets */
	BOX_FILES,    /* paths: what is not named is read-only */
	BOX_METADATA, /* modes, owners and times of what is read-only */
	BOX_HIDDEN,   /* hidden paths */
	BOX_GUARDED,  /* unnamed: secrets, and what runs outside later */
	BOX_PRIVATE,  /* temporary directories of its own */
	BOX_NETWORK,  /* no network */
	BOX_KERNEL,   /* settings of the kernel, if root runs it */
	BOX_PARTS
};

/* How a protection is kept. */
enum box_means {
	BOX_UNWANTED,
	BOX_MISSING,
	BOX_BY_LANDLOCK,
	BOX_BY_MOUNTS,
	BOX_BY_SPACE,  /* a namespace of its own */
	BOX_BY_FILTER, /* launch/ has to put it on */
};

/* What parent and child know of a box that is being set up. */
struct box_setup {
	const struct box *box;
	struct box_place *place; /* shorter paths first */
	size_t nplaces;
	char **absent; /* paths that would be protected if they were there */
	size_t nabsent;
	bool unsearched; /* there are too many directories for all .git to be found */
	char cwd[PATH_MAX];
	int landlock;         /* the ABI, 0: there is none */
	bool mounts, network; /* namespaces that are wanted, */
	bool as_root;         /* and no user namespace is needed for them; files of the kernel
	                         are masked */
	ino_t space[3];       /* the inodes of the namespaces before */
	enum box_means means[BOX_PARTS];
	bool could_signal; /* weir itself, before the domain, */
	int outside;       /* and connect to this abstract socket; -1: it could not */
	char at[PATH_MAX]; /* what a failure is about, or "" */
};

/*
 * Resolve the paths of BOX and choose a means for each protection, by asking the
 * kernel. 0 or -errno, with S->at. S is the caller's to free, even then.
 */
int box_prepare(struct box_setup *s, const struct box *box);
/* Tell whether PART was asked for, and there is no means for it. */
bool box_lacks(const struct box_setup *s, enum box_part part);
/* Return what a part protects, in words: "abstract sockets". */
const char *box_part_name(enum box_part part);
/* Return what a means is called: "Landlock", "a mount namespace". */
const char *box_means_name(enum box_means means);

/* --- places.c: the paths ------------------------------------------------------------ */

/* Find the paths of S->box; 0 or -errno, with S->at. */
int box_find_places(struct box_setup *s);
/* Add PATH to the places; WHY outlives S. 0 or -errno, with S->at. */
int box_add_place(struct box_setup *s, enum box_access access, const char *path,
                  const char *why);
void box_sort_places(struct box_setup *s);
void box_free(struct box_setup *s);
/* Tell whether PATH is TREE or below it. */
bool box_is_below(const char *path, const char *tree);
/* Tell whether PATH, outside, is the same file inside: no private directory covers it. */
bool box_sees(const struct box_setup *s, const char *path);
/* Return the Ith directory that is private unless it is named; NULL after the last. */
const char *box_private(unsigned i);
/* Return the one of them that PATH is below; NULL if it is below none. */
const char *box_private_over(const char *path);

/* --- guard.c: paths that are kept from a program without being named --------------- */

/* Add places for secrets, and for what runs outside later; 0 or -errno, with S->at. */
int box_guard(struct box_setup *s);
/*
 * Return the next path, from *I on, that was absent at the start, so could not be
 * protected, and is there now; NULL after the last. For use after the program's end.
 */
const char *box_came(const struct box_setup *s, size_t *i);

/* --- spaces.c: namespaces --------------------------------------------------------- */

/* Tell whether this process may make a mount and network namespace, by a child that tries. */
bool box_spaces_work(const struct box_setup *s, bool mounts, bool network);
int box_enter_spaces(struct box_setup *s);
bool box_spaces_are_own(struct box_setup *s);

/* --- trees.c: trees of mounts ------------------------------------------------------ */

/* Return the tree of mounts at PATH, a copy that is nowhere attached, or -errno. */
int box_clone_tree(const char *path);
/* Make the tree at PATH, or at descriptor DIRFD if it is "", read-only throughout. */
int box_make_read_only(int dirfd, const char *path);
int box_attach_tree(int tree, const char *path);
/* Tell whether something is mounted at PATH itself. */
bool box_is_mount(const char *path);
bool box_is_read_only(const char *path);

/* --- masks.c: the kernel's own files, for root ------------------------------------- */

int box_mask(struct box_setup *s);
bool box_masks_hold(struct box_setup *s);

/* --- mounts.c: the file system as the program sees it ------------------------------ */

int box_mount(struct box_setup *s);
bool box_mounts_hold(struct box_setup *s);

/* --- limits.c ---------------------------------------------------------------------- */

int box_limit(struct box_setup *s);
bool box_limits_hold(struct box_setup *s);

/* --- powers.c: capabilities --------------------------------------------------------- */

/* Tell whether this process may make namespaces without being root in one of its own. */
bool box_is_powerful(void);
int box_drop_powers(struct box_setup *s);
bool box_powers_are_dropped(struct box_setup *s);

/* --- domain.c: Landlock -------------------------------------------------------------- */

/* Return the ABI of Landlock, 0 if there is none. */
int box_landlock_abi(void);
/* Enter the Landlock domain, after no_new_privs is set; 0 or -errno. */
int box_enter_domain(struct box_setup *s);
bool box_domain_holds(struct box_setup *s);

/* --- closing.c: descriptors ------------------------------------------------------------ */

int box_close_others(struct box_setup *s);
bool box_others_are_closed(struct box_setup *s);

#endif
