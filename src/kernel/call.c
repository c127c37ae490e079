/* bpf(2), and where it comes from. */
#include "config.h"

#include "kernel/kernel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"

int kernel_fail(struct kernel_error *e, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return err;
}

int kernel_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	long result = syscall(SYS_bpf, cmd, attr, sizeof *attr);

	return result < 0 ? -errno : (int)result;
}

static uint64_t address(const void *p)
{
	return (uintptr_t)p;
}

static void set_name(char out[BPF_OBJ_NAME_LEN], const char *name)
{
	size_t len = name ? strlen(name) : 0;

	if (len >= BPF_OBJ_NAME_LEN)
		len = BPF_OBJ_NAME_LEN - 1;
	memcpy(out, name ? name : "", len);
}

/* --- maps ----------------------------------------------------------------------- */

int kernel_map_create(const struct kernel_map *map)
{
	union bpf_attr attr = {
		.map_type = map->type,
		.key_size = map->key_size,
		.value_size = map->value_size,
		.max_entries = map->entries,
		.map_flags = map->flags,
		.inner_map_fd = (uint32_t)map->inner,
		.btf_fd = (uint32_t)map->types,
		.btf_key_type_id = map->key_type,
		.btf_value_type_id = map->value_type,
	};

	set_name(attr.map_name, map->name);
	return kernel_bpf(BPF_MAP_CREATE, &attr);
}

int kernel_map_get(int map, const void *key, void *value)
{
	union bpf_attr attr = {
		.map_fd = (uint32_t)map,
		.key = address(key),
		.value = address(value),
	};

	return kernel_bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

int kernel_map_set(int map, const void *key, const void *value, uint64_t flags)
{
	union bpf_attr attr = {
		.map_fd = (uint32_t)map,
		.key = address(key),
		.value = address(value),
		.flags = flags,
	};

	return kernel_bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

int kernel_map_delete(int map, const void *key)
{
	union bpf_attr attr = { .map_fd = (uint32_t)map, .key = address(key) };

	return kernel_bpf(BPF_MAP_DELETE_ELEM, &attr);
}

int kernel_map_next(int map, const void *key, void *next)
{
	union bpf_attr attr = {
		.map_fd = (uint32_t)map,
		.key = address(key),
		.next_key = address(next),
	};

	return kernel_bpf(BPF_MAP_GET_NEXT_KEY, &attr);
}

int kernel_types_load(const void *btf, size_t size)
{
	union bpf_attr attr = { .btf = address(btf), .btf_size = (uint32_t)size };

	return kernel_bpf(BPF_BTF_LOAD, &attr);
}

/* --- programs ---------------------------------------------------------------------- */

int kernel_program_load(const struct kernel_program *program)
{
	union bpf_attr attr = {
		.prog_type = program->type,
		.expected_attach_type = program->attach,
		.attach_btf_id = program->attach_type_id,
		.prog_flags = program->flags,
		.insns = address(program->insns),
		.insn_cnt = (uint32_t)program->n,
		.license = address("Dual BSD/GPL"),
		.log_buf = address(program->log),
		.log_size = program->log ? program->log_size : 0,
		.log_level = program->log ? 1 : 0,
		.prog_btf_fd = program->nfuncs ? (uint32_t)program->types : 0,
		.func_info = program->nfuncs ? address(program->funcs) : 0,
		.func_info_cnt = program->nfuncs,
		.func_info_rec_size = program->nfuncs ? sizeof *program->funcs : 0,
	};

	if (program->log && program->log_size)
		program->log[0] = '\0';
	set_name(attr.prog_name, program->name);
	return kernel_bpf(BPF_PROG_LOAD, &attr);
}

int kernel_link_create(int program, uint32_t target, enum bpf_attach_type attach)
{
	union bpf_attr attr = {
		.link_create = {
			.prog_fd = (uint32_t)program,
			.target_fd = target,
			.attach_type = attach,
		},
	};

	return kernel_bpf(BPF_LINK_CREATE, &attr);
}

int kernel_iterator_open(int link)
{
	union bpf_attr attr = { .iter_create = { .link_fd = (uint32_t)link } };

	return kernel_bpf(BPF_ITER_CREATE, &attr);
}

int kernel_attached(uint32_t target, enum bpf_attach_type attach)
{
	union bpf_attr attr = {
		.query = { .target_fd = target, .attach_type = attach },
	};
	int err = kernel_bpf(BPF_PROG_QUERY, &attr);

	return err < 0 ? err : (int)attr.query.prog_cnt;
}
