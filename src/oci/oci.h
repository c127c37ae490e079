/*
 * Containers' seccomp profiles: JSON in and out. profile.c makes a profile
 * of it, in whichever dialect; tree.c gives it
 * the meaning that a runtime gives it. rules.c goes the other way, from tree to
 * rules, write.c makes JSON of these and holds it against the tree.
 * docs/design/oci.md says what runtimes do and how it was found out.
 */
#ifndef WEIR_OCI_H
#define WEIR_OCI_H

#include "base/json.h"
#include "rules/resolve.h"

/* --- words.c: the words of profiles, and what runtimes make of them ---- */

struct oci_arch {
	const char *name;   /* "SCMP_ARCH_X86_64" */
	const char *abi;    /* what weir calls it */
	uint8_t size;       /* bits of an argument that libseccomp compares: 32 or 64 */
	const char *engine; /* "amd64", in a profile's conditions; or NULL */
	bool runc;          /* runc takes it */
	bool all;           /* true: what a runtime that takes all of them looks at */
	bool zero_stub;     /* call 0 does not exist there, so a runtime's stub answers it */
};

/* One row of runtimes.def. */
struct oci_runtime {
	const char *name;
	size_t arches;     /* the member of struct oci_arch that says which it takes */
	bool spare_errno;  /* takes an errno beside an action that has none */
	unsigned args;     /* conditions of a rule that it reads; 0: all */
	bool stub;         /* answers ENOSYS above the highest call that is named */
	bool notifies_all; /* takes SCMP_ACT_NOTIFY anywhere */
};

enum oci_op {
	OCI_NE,
	OCI_LT,
	OCI_LE,
	OCI_EQ,
	OCI_GE,
	OCI_GT,
	OCI_MASKED_EQ,
	OCI_NOPS
};

struct oci_action {
	enum rules_verb verb;
	uint32_t data; /* of errno and trace */
	struct span at;
};

const struct oci_arch *oci_arch(const char *name, size_t len);
const struct oci_arch *oci_arch_of(const struct sys_abi *abi);
const struct sys_abi *oci_abi_of(const struct oci_arch *arch);
/* Return architecture I; NULL after the last. */
const struct oci_arch *oci_arch_at(unsigned i);

/* Find the operator of a name such as "SCMP_CMP_EQ"; -1: there is none. */
int oci_op(const char *name, size_t len);
const char *oci_op_name(unsigned op); /* NULL after the last */
/* Look up an action such as "SCMP_ACT_KILL"; -1 if it is unknown. */
int oci_verb(const char *name, size_t len);
const char *oci_verb_name(unsigned i, enum rules_verb *verb); /* NULL after the last */
/* Tell whether NAME is a flag such as "SECCOMP_FILTER_FLAG_LOG". */
bool oci_flag(const char *name, size_t len);
const char *oci_flag_name(unsigned i);
/* Return a capability's place in the list; -1 if it is unknown. */
int oci_cap(const char *name, size_t len);
const char *oci_cap_name(unsigned i);
/*
 * Add "docker", "podman", "none", "all" or a capability to *HELD; false if NAME
 * is unknown.
 */
bool oci_cap_add(const char *name, uint64_t *held);
/*
 * Look up runtime NAME, the first one for NULL; NULL after complaining that it
 * is unknown.
 */
const struct oci_runtime *oci_runtime(struct diags *d, const char *name);
bool oci_runtime_takes(const struct oci_runtime *r, const struct oci_arch *arch);
/*
 * Tell whether R answers ENOSYS above the calls that are named, where VERB is
 * the default.
 */
bool oci_runtime_stubs(const struct oci_runtime *r, enum rules_verb verb);

/* --- profile.c: JSON to profile ----------------------------------------- */

struct oci_arg {
	unsigned index;
	enum oci_op op;
	uint64_t value, two;
	struct span at;
};

struct oci_name {
	const char *text;
	uint32_t len;
	struct span at;
};

/* An entry of "syscalls" that applies. */
struct oci_rule {
	struct oci_action action;
	ARRAY(struct oci_name) name;
	ARRAY(struct oci_arg) arg;
	struct span at;
};

struct oci_profile {
	const struct oci_runtime *runtime;
	const struct sys_abi *native;
	uint32_t abis; /* 1 << enum sys_abi_id; NATIVE is among them */
	struct oci_action fallback;
	ARRAY(struct oci_rule) rule;
};

/* Read a profile; NULL after errors. */
const struct oci_profile *oci_profile(struct arena *arena, struct diags *d,
                                      uint32_t source, const struct rules_options *o);

/* --- tree.c: profile to tree -------------------------------------------- */

bool oci_is(const char *text, size_t len);
/* Read a container's profile as a policy: a reader of read.c. */
const struct rules_tree *oci_read(struct arena *arena, struct diags *d,
                                  uint32_t source,
                                  const struct rules_options *o);

/* --- rules.c: tree to rules ----------------------------------------------- */

/* A rule to be written: NAME, in the order of the tables, under all of ARG. */
struct oci_written {
	uint32_t ret;
	uint8_t narg;
	struct oci_arg arg[SYS_ARGS];
	ARRAY(const char *) name;
};

struct oci_rules {
	ARRAY(struct oci_written) v;
};

enum {
	OCI_MOST_RANGES = 8
};

/* What a profile says where it has no rule. */
struct oci_default {
	uint32_t ret;
	bool stub; /* runc will answer ENOSYS beyond the calls that are named */
	/*
	 * RET is not what T's default is, which is ENOSYS: what the stub gives to numbers
	 * above LAST, of each ABI. Numbers below that have no name get RET.
	 */
	bool below;
	uint32_t last[SYS_NABIS];
};

/*
 * Make the rules that T takes in a profile with default DFLT. False after errors: a
 * profile cannot express T, or there are too many rules.
 */
bool oci_rules(struct arena *arena, struct diags *d, const struct rules_tree *t,
               const struct oci_default *dflt, struct oci_rules *out);

/* Return what T answers to ABI's call NR where no rule matches. */
uint32_t oci_rest(const struct rules_tree *t, const struct sys_abi *abi, uint32_t nr);

/* --- ranges.c: sets of one word ------------------------------------------------ */

struct rules_space;

/*
 * Write SET of S as tests of one word of SIZE bits, of which one is enough, where it is
 * a few values and what is below or above some; return how many, 0: it is not.
 */
unsigned oci_ranges(struct arena *arena, const struct rules_space *s, uint32_t set,
                    unsigned size, struct oci_arg out[OCI_MOST_RANGES]);

/* --- write.c: tree to JSON ------------------------------------------------- */

/*
 * Write T as a profile for O->runtime. False after errors, which name the rule
 * that a profile cannot express. Note what the runtime will do differently for
 * calls that it has no names for.
 */
bool oci_write(struct arena *arena, struct diags *d, const struct rules_tree *t,
               const struct rules_options *o, struct buf *out);

#endif
