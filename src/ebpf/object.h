/* What the files that write objects share: elf.c has sections, btf.c types. */
#ifndef WEIR_EBPF_OBJECT_H
#define WEIR_EBPF_OBJECT_H

#include "ebpf/ebpf.h"

/* A program type, as objects have it. */
struct object_hook {
	const char *section; /* that libbpf knows its programs by */
	const char *context; /* the struct that they get, */
	uint32_t context_size;
	const char *const *members; /* its first members, all 32 bits; then NULL */
};

/* An object being written. */
struct object {
	struct arena *arena;
	const struct object_hook *hook;
	const struct ebpf_code *code;
	const char *function; /* the name of what CODE is */
	const char *program;  /* of what calls it */
	const char *section;  /* where that is; NULL: there is no program */
	const char *said;     /* what CODE was made of; or NULL */
	bool big_endian;
};

/* Write the sections .BTF and .BTF.ext of O. */
void object_btf(const struct object *o, struct buf *btf, struct buf *extension);

#endif
