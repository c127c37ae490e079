/* Links: what programs are attached to, found again by number, and kept by pins. */
#include "config.h"

#include "kernel/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

enum {
	LINK_TCX = 11 /* BPF_LINK_TYPE_TCX, which headers before 6.6 lack */
};

/* Get what the kernel says of FD, SIZE bytes of it. */
static int info_of(int fd, void *info, uint32_t size)
{
	union bpf_attr attr = {
		.info = { .bpf_fd = (uint32_t)fd, .info_len = size, .info = (uintptr_t)info },
	};

	return kernel_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

static int open_by_id(enum bpf_cmd cmd, uint32_t id)
{
	union bpf_attr attr = { .link_id = id }; /* the same place for maps and programs */

	return kernel_bpf(cmd, &attr);
}

/* --- links ------------------------------------------------------------------------ */

static int next_id(enum bpf_cmd cmd, uint32_t *id)
{
	union bpf_attr attr = { .start_id = *id };
	int err = kernel_bpf(cmd, &attr);

	if (!err)
		*id = attr.next_id;
	return err;
}

int kernel_link_next(uint32_t *id)
{
	return next_id(BPF_LINK_GET_NEXT_ID, id);
}

int kernel_link_open(uint32_t id)
{
	return open_by_id(BPF_LINK_GET_FD_BY_ID, id);
}

int kernel_link_info(int link, struct kernel_link *out)
{
	struct bpf_link_info info = { 0 };
	int err = info_of(link, &info, sizeof info);

	if (err)
		return err;
	*out = (struct kernel_link){ .id = info.id, .program = info.prog_id };
	switch ((int)info.type) {
	case BPF_LINK_TYPE_XDP:
		out->place = KERNEL_LINK_XDP;
		out->target = info.xdp.ifindex;
		break;
	case LINK_TCX: /* laid out as netns is: a number, the type of the attachment */
		out->place = KERNEL_LINK_TCX;
		out->target = info.netns.netns_ino;
		out->attach = info.netns.attach_type;
		break;
	case BPF_LINK_TYPE_CGROUP:
		out->place = KERNEL_LINK_CGROUP;
		out->target = info.cgroup.cgroup_id;
		out->attach = info.cgroup.attach_type;
		break;
	default:
		out->place = KERNEL_LINK_OTHER;
		break;
	}
	return 0;
}

int kernel_link_detach(int link)
{
	union bpf_attr attr = { .link_detach = { .link_fd = (uint32_t)link } };

	return kernel_bpf(BPF_LINK_DETACH, &attr);
}

/* --- programs and their maps ---------------------------------------------------------- */

int kernel_program_next(uint32_t *id)
{
	return next_id(BPF_PROG_GET_NEXT_ID, id);
}

int kernel_program_open(uint32_t id)
{
	return open_by_id(BPF_PROG_GET_FD_BY_ID, id);
}

int kernel_program_map(int program, char name[BPF_OBJ_NAME_LEN])
{
	uint32_t map = 0;
	struct bpf_prog_info info = { .nr_map_ids = 1, .map_ids = (uintptr_t)&map };
	int err = info_of(program, &info, sizeof info);

	if (err)
		return err;
	memcpy(name, info.name, BPF_OBJ_NAME_LEN);
	name[BPF_OBJ_NAME_LEN - 1] = '\0';
	return info.nr_map_ids ? open_by_id(BPF_MAP_GET_FD_BY_ID, map) : -ENOENT;
}

uint32_t kernel_program_id(int program)
{
	struct bpf_prog_info info = { 0 };

	return info_of(program, &info, sizeof info) ? 0 : info.id;
}

/* Read the SIZE bytes of the types that are open as FD. */
static int read_types(int fd, uint32_t size, struct kernel_types **out)
{
	struct kernel_error ignored;
	struct bpf_btf_info info = { .btf_size = size };
	char *bytes = calloc(1, size ? size : 1);
	int err;

	if (!bytes)
		return -ENOMEM;
	info.btf = (uintptr_t)bytes;
	err = info_of(fd, &info, sizeof info);
	if (!err)
		err = info.btf_size > size ? -E2BIG : kernel_types_read(out, bytes, size, &ignored);
	free(bytes);
	return err;
}

int kernel_program_btf(int program, struct kernel_types **out)
{
	struct bpf_prog_info info = { 0 };
	struct bpf_btf_info size = { 0 };
	union bpf_attr attr = { 0 };
	int err = info_of(program, &info, sizeof info), fd;

	if (err || !info.btf_id)
		return err ? err : -ENOENT;
	attr.btf_id = info.btf_id;
	fd = kernel_bpf(BPF_BTF_GET_FD_BY_ID, &attr);
	if (fd < 0)
		return fd;
	err = info_of(fd, &size, sizeof size);
	if (!err)
		err = read_types(fd, size.btf_size, out);
	close(fd);
	return err;
}

int kernel_map_info(int map, char name[BPF_OBJ_NAME_LEN], uint32_t *value_size)
{
	struct bpf_map_info info = { 0 };
	int err = info_of(map, &info, sizeof info);

	if (err)
		return err;
	memcpy(name, info.name, BPF_OBJ_NAME_LEN);
	name[BPF_OBJ_NAME_LEN - 1] = '\0';
	*value_size = info.value_size;
	return 0;
}

/* --- pins ---------------------------------------------------------------------------------- */

int kernel_pin(int fd, const char *path)
{
	union bpf_attr attr = { .pathname = (uintptr_t)path, .bpf_fd = (uint32_t)fd };

	return kernel_bpf(BPF_OBJ_PIN, &attr);
}
