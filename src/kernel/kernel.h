/*
 * kernel: what bpf(2) does for weir. Maps, programs, links and iterators; the types
 * of the running kernel, from its own BTF; weir's programs as tables of
 * instructions; and what these find out: the filters of processes, and what this
 * kernel can do.
 */
#ifndef WEIR_KERNEL_H
#define WEIR_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "weir.h"

/* What went wrong, as one line without a newline. */
struct kernel_error {
	char text[400];
};

/* Write the text of E; return ERR, a negative errno. */
int kernel_fail(struct kernel_error *e, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- call.c: bpf(2) ----------------------------------------------------------- */

/* Call bpf(2) with ATTR; return its result or -errno. */
int kernel_bpf(enum bpf_cmd cmd, union bpf_attr *attr);

struct kernel_map {
	enum bpf_map_type type;
	const char *name; /* at most 15 characters; NULL: none */
	uint32_t key_size, value_size, entries, flags;
	int inner; /* an array or a hash of maps: one like those in it */
	/* What some maps need: BTF by kernel_types_load, and types in it; else 0. */
	int types;
	uint32_t key_type, value_type;
};

/* Create a map; return its descriptor or -errno. */
int kernel_map_create(const struct kernel_map *map);
/* Copy the value of KEY out; 0 or -errno (-ENOENT: it is not there). */
int kernel_map_get(int map, const void *key, void *value);
/* Set the value of KEY; FLAGS are BPF_ANY, BPF_NOEXIST, BPF_EXIST. */
int kernel_map_set(int map, const void *key, const void *value, uint64_t flags);
int kernel_map_delete(int map, const void *key);
/* Copy the key after KEY (NULL: the first) out; -ENOENT after the last. */
int kernel_map_next(int map, const void *key, void *next);
/* Give the kernel SIZE bytes of BTF; a descriptor or -errno. */
int kernel_types_load(const void *btf, size_t size);

struct kernel_program {
	enum bpf_prog_type type;
	enum bpf_attach_type attach; /* as the kernel wants to know it at load; 0: none */
	uint32_t attach_type_id;     /* the BTF id of what it is for; 0: none */
	uint32_t flags;              /* BPF_F_* */
	const char *name;            /* at most 15 characters; NULL: none */
	const struct bpf_insn *insns;
	size_t n;
	int types; /* BTF by kernel_types_load, for the functions of FUNCS; 0: none */
	const struct bpf_func_info *funcs;
	uint32_t nfuncs;
	char *log; /* where the verifier writes, SIZE bytes; NULL: nowhere */
	uint32_t log_size;
};

/* Load a program under weir's license (Dual BSD/GPL); its descriptor or -errno. */
int kernel_program_load(const struct kernel_program *program);
/* Attach PROGRAM to TARGET (an interface, a cgroup; 0 for an iterator); a link or -errno. */
int kernel_link_create(int program, uint32_t target, enum bpf_attach_type attach);
/* Open what the iterator of LINK prints: each read(2) runs it for some more. */
int kernel_iterator_open(int link);
/* Tell how many programs are attached to TARGET, by descriptor or number; or -errno. */
int kernel_attached(uint32_t target, enum bpf_attach_type attach);

struct kernel_types;

/* --- links.c: what is attached ------------------------------------------------- */

struct kernel_link {
	uint32_t id, program; /* their numbers */
	enum kernel_link_place {
		KERNEL_LINK_OTHER,
		KERNEL_LINK_XDP,
		KERNEL_LINK_TCX,
		KERNEL_LINK_CGROUP,
	} place;
	uint64_t target; /* interface, or number of a cgroup; 0: it was detached */
	uint32_t attach; /* enum bpf_attach_type */
};

/* Set *ID to the number of the link after it (0: of the first); -ENOENT after the last. */
int kernel_link_next(uint32_t *id);
/* Open a link by its number; a descriptor or -errno. */
int kernel_link_open(uint32_t id);
int kernel_link_info(int link, struct kernel_link *out);
/* Detach LINK's program; processes that have the link keep one that does nothing. */
int kernel_link_detach(int link);
/* Do the same as kernel_link_next with programs. */
int kernel_program_next(uint32_t *id);
int kernel_program_open(uint32_t id);
/* Set NAME to that of PROGRAM, and open the first of its maps; -ENOENT: it has none. */
int kernel_program_map(int program, char name[BPF_OBJ_NAME_LEN]);
/* Read the types that PROGRAM was loaded with; -ENOENT: it has none. */
int kernel_program_btf(int program, struct kernel_types **out);
/* Return the number of PROGRAM, 0 if the kernel does not tell it. */
uint32_t kernel_program_id(int program);
int kernel_map_info(int map, char name[BPF_OBJ_NAME_LEN], uint32_t *value_size);
/* Keep FD alive as PATH of a BPF file system, until that is removed. */
int kernel_pin(int fd, const char *path);

/* --- fill.c: maps that are found again, and filled ------------------------------ */

struct kernel_map_state {
	uint32_t id;
	enum bpf_map_type type;
	uint32_t key_size, value_size, entries;
	char name[BPF_OBJ_NAME_LEN];
};

/* Open a map by its number; a descriptor or -errno. */
int kernel_map_open(uint32_t id);
/* Open map I of PROGRAM, in the order of its instructions; -ENOENT after the last. */
int kernel_program_nth_map(int program, unsigned i);
/* Ask what MAP is. -EINVAL: it is no map. */
int kernel_map_describe(int map, struct kernel_map_state *out);
/* Open what is pinned as PATH: a map, a program or a link; a descriptor or -errno. */
int kernel_pin_open(const char *path);
/* Set the values of N keys, which need not be there yet; 0 or -errno (-E2BIG: MAP is full). */
int kernel_map_fill(int map, const void *keys, const void *values, uint32_t n);

/* --- btf.c: the types of the running kernel ---------------------------------- */

struct kernel_types;

/* Read those of the running kernel; free with kernel_types_free. 0 or -errno. */
int kernel_types_open(struct kernel_types **out, struct kernel_error *e);
/* Read them from SIZE bytes of BTF. */
int kernel_types_read(struct kernel_types **out, const void *bytes, size_t size,
                      struct kernel_error *e);
void kernel_types_free(struct kernel_types *t);
/* Return the id of a type of KIND (BTF_KIND_STRUCT, BTF_KIND_FUNC); 0: there is none. */
uint32_t kernel_type(const struct kernel_types *t, unsigned kind, const char *name);
/* Return what a tag says of type ID, which is whole; NULL: nothing. */
const char *kernel_tag(const struct kernel_types *t, uint32_t id);
/*
 * Return the offset in bytes of member PATH ("seccomp.filter_count.counter") of
 * struct TYPE. -ENOENT: there is none, or it is not whole bytes.
 */
int kernel_member(const struct kernel_types *t, const char *type, const char *path);
/* Return the size in bytes of struct TYPE; -ENOENT. */
int kernel_size(const struct kernel_types *t, const char *type);
/* Return the name of value I of enum TYPE and set *VALUE; NULL after the last. */
const char *kernel_enum(const struct kernel_types *t, const char *type, unsigned i,
                        uint32_t *value);

/* --- code.c: programs as tables; ops.h has what the tables are written in ------- */

struct kernel_op;

/* A member of a struct of the kernel, whose offset a program needs. */
struct kernel_field {
	const char *type, *member; /* no MEMBER: the size of the struct is meant */
};

/* A program that is not yet for this kernel. */
struct kernel_code {
	const struct kernel_op *ops;
	size_t n;
	const struct kernel_field *fields; /* what OPS name by index */
	size_t nfields;
	const int32_t *values; /* constants that were not known earlier, */
	const int *maps;       /* and maps, by index too */
};

enum {
	KERNEL_CODE_MAX = 512 /* instructions of a program of weir's */
};

/*
 * Make INSNS of CODE, with what T says about its fields. Return how many, or -errno:
 * -ENOENT, where this kernel has no such member.
 */
int kernel_code_link(const struct kernel_code *code, const struct kernel_types *t,
                     struct bpf_insn insns[KERNEL_CODE_MAX], struct kernel_error *e);

/* --- filters.c: the seccomp filters of processes, by an eBPF iterator ------------- */

/* A filter; processes share those that they inherit. */
struct kernel_filter {
	uint64_t key;              /* while it is there, no other filter has the same */
	uint32_t len;              /* instructions; 0: this kernel does not keep them */
	struct sock_filter *insns; /* NULL: they could not be read */
};

/* A thread under seccomp, as the pid namespace of the caller numbers it. */
struct kernel_task {
	int pid, tid;   /* of its process, and its own */
	unsigned mode;  /* SECCOMP_MODE_STRICT, SECCOMP_MODE_FILTER */
	unsigned count; /* of its filters, as the kernel counts them */
	char name[16];
	const struct kernel_filter **filter; /* the newest first */
	uint32_t n;                          /* of these; less than COUNT: it ended meanwhile */
};

struct kernel_filters {
	struct arena arena;
	struct kernel_task *task; /* by their numbers */
	size_t ntasks;
};

/*
 * Read the filters of process PID (0: of all processes) without stopping any. Free
 * with kernel_filters_free. -EPERM: this needs CAP_BPF and CAP_PERFMON, or
 * CAP_SYS_ADMIN. A process without a filter is not in the list.
 */
int kernel_filters_read(struct kernel_filters **out, int pid, struct kernel_error *e);
void kernel_filters_free(struct kernel_filters *f);

#endif
