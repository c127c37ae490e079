/* Maps that are found again, by program, by number or by a pin; and filled at once. */
#include "config.h"

#include "kernel/kernel.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

enum {
	MAPS_MAX = 64 /* of a program */
};

static int info_of(int fd, void *info, uint32_t size)
{
	union bpf_attr attr = {
		.info = { .bpf_fd = (uint32_t)fd, .info_len = size, .info = (uintptr_t)info },
	};

	return kernel_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

int kernel_map_open(uint32_t id)
{
	union bpf_attr attr = { .map_id = id };

	return kernel_bpf(BPF_MAP_GET_FD_BY_ID, &attr);
}

int kernel_program_nth_map(int program, unsigned i)
{
	uint32_t maps[MAPS_MAX] = { 0 };
	struct bpf_prog_info info = { .nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)maps };
	int err = info_of(program, &info, sizeof info);

	if (err)
		return err;
	return i < info.nr_map_ids && i < MAPS_MAX ? kernel_map_open(maps[i]) : -ENOENT;
}

int kernel_map_describe(int map, struct kernel_map_state *out)
{
	struct bpf_map_info info = { 0 };
	int err = info_of(map, &info, sizeof info);

	if (err)
		return err;
	*out = (struct kernel_map_state){
		.id = info.id,
		.type = (enum bpf_map_type)info.type,
		.key_size = info.key_size,
		.value_size = info.value_size,
		.entries = info.max_entries,
	};
	memcpy(out->name, info.name, sizeof out->name);
	out->name[sizeof out->name - 1] = '\0';
	return 0;
}

int kernel_pin_open(const char *path)
{
	union bpf_attr attr = { .pathname = (uintptr_t)path };

	return kernel_bpf(BPF_OBJ_GET, &attr);
}

int kernel_map_fill(int map, const void *keys, const void *values, uint32_t n)
{
	union bpf_attr attr = {
		.batch = {
			.map_fd = (uint32_t)map,
			.keys = (uintptr_t)keys,
			.values = (uintptr_t)values,
			.count = n,
		},
	};

	return n ? kernel_bpf(BPF_MAP_UPDATE_BATCH, &attr) : 0;
}
