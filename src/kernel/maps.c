/* Which types of maps this kernel has: one of each is created and closed. */
#include "config.h"

#include "kernel/features.h"

#include <errno.h>
#include <linux/btf.h>
#include <string.h>
#include <unistd.h>

/* Types that headers of 2021 lack. */
enum {
	BLOOM_FILTER = 30,
	USER_RINGBUF = 31,
	CGRP_STORAGE = 32,
	ARENA = 33
};

enum {
	PAGE = 1 << 16, /* a multiple of every machine's */
	NO_PREALLOC = 1,
	MMAPABLE = 1 << 10
};

/* What a map needs beside its sizes. */
enum need {
	NOTHING,
	INNER, /* a map like those in it */
	BTF    /* types of its key and value: int */
};

static const struct {
	uint32_t type;
	const char *name;
	uint32_t key, value, entries, flags;
	enum need need;
} maps[] = {
	{ BPF_MAP_TYPE_HASH, "hash", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_ARRAY, "array", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_PROG_ARRAY, "prog_array", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, "perf_event_array", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_PERCPU_HASH, "percpu_hash", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_PERCPU_ARRAY, "percpu_array", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_STACK_TRACE, "stack_trace", 4, 8, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_CGROUP_ARRAY, "cgroup_array", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_LRU_HASH, "lru_hash", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_LRU_PERCPU_HASH, "lru_percpu_hash", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_LPM_TRIE, "lpm_trie", 8, 4, 1, NO_PREALLOC, NOTHING },
	{ BPF_MAP_TYPE_ARRAY_OF_MAPS, "array_of_maps", 4, 4, 1, 0, INNER },
	{ BPF_MAP_TYPE_HASH_OF_MAPS, "hash_of_maps", 4, 4, 1, 0, INNER },
	{ BPF_MAP_TYPE_DEVMAP, "devmap", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_SOCKMAP, "sockmap", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_CPUMAP, "cpumap", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_XSKMAP, "xskmap", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_SOCKHASH, "sockhash", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_CGROUP_STORAGE, "cgroup_storage", 16, 4, 0, 0, NOTHING },
	{ BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "reuseport_sockarray", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, "percpu_cgroup_storage", 16, 4, 0, 0, NOTHING },
	{ BPF_MAP_TYPE_QUEUE, "queue", 0, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_STACK, "stack", 0, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_SK_STORAGE, "sk_storage", 4, 4, 0, NO_PREALLOC, BTF },
	{ BPF_MAP_TYPE_DEVMAP_HASH, "devmap_hash", 4, 4, 1, 0, NOTHING },
	{ BPF_MAP_TYPE_RINGBUF, "ringbuf", 0, 0, PAGE, 0, NOTHING },
	{ BPF_MAP_TYPE_INODE_STORAGE, "inode_storage", 4, 4, 0, NO_PREALLOC, BTF },
	{ BPF_MAP_TYPE_TASK_STORAGE, "task_storage", 4, 4, 0, NO_PREALLOC, BTF },
	{ BLOOM_FILTER, "bloom_filter", 0, 4, 1, 0, NOTHING },
	{ USER_RINGBUF, "user_ringbuf", 0, 0, PAGE, 0, NOTHING },
	{ CGRP_STORAGE, "cgrp_storage", 4, 4, 0, NO_PREALLOC, BTF },
	{ ARENA, "arena", 0, 0, 1, MMAPABLE, NOTHING },
};

/* Give the kernel BTF with one type, 1: int. A descriptor or -errno. */
static int load_int(void)
{
	static const struct {
		struct btf_header header;
		struct btf_type type;
		uint32_t encoding;
		char names[5];
	} btf = {
		.header = {
			.magic = BTF_MAGIC,
			.version = BTF_VERSION,
			.hdr_len = sizeof btf.header,
			.type_len = sizeof btf.type + sizeof btf.encoding,
			.str_off = sizeof btf.type + sizeof btf.encoding,
			.str_len = sizeof btf.names,
		},
		.type = { .name_off = 1, .info = BTF_KIND_INT << 24, .size = 4 },
		.encoding = BTF_INT_SIGNED << 24 | 32,
		.names = "\0int",
	};

	return kernel_types_load(&btf, offsetof(__typeof__(btf), names) + sizeof btf.names);
}

/* Create map I, with what it needs; a descriptor or -errno. */
static int create(size_t i)
{
	static const struct kernel_map inner = {
		.type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.entries = 1,
	};
	struct kernel_map map = {
		.type = (enum bpf_map_type)maps[i].type,
		.key_size = maps[i].key,
		.value_size = maps[i].value,
		.entries = maps[i].entries,
		.flags = maps[i].flags,
	};
	int needed = maps[i].need == INNER ? kernel_map_create(&inner)
	             : maps[i].need == BTF ? load_int()
	                                   : -1;
	int fd;

	if (needed < 0 && maps[i].need != NOTHING)
		return needed;
	if (maps[i].need == INNER)
		map.inner = needed;
	if (maps[i].need == BTF) {
		map.types = needed;
		map.key_type = map.value_type = 1;
	}
	fd = kernel_map_create(&map);
	if (needed >= 0)
		close(needed);
	return fd;
}

void kernel_map_types(kernel_feature_fn *each, void *ctx)
{
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		int fd = create(i);

		each(ctx, "maps", maps[i].name,
		     fd >= 0                         ? KERNEL_YES
		     : fd == -EPERM || fd == -ENOMEM ? KERNEL_UNKNOWN
		                                     : KERNEL_NO);
		if (fd >= 0)
			close(fd);
	}
}
