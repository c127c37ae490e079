/* Programs loaded by bpf(2), and run by BPF_PROG_TEST_RUN. */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/diff/loaded.h"

enum {
	LINK_HEADER = 14, /* which the kernel takes from the front of what it is given */
	LOG_SIZE = 1 << 20
};

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

int loaded_open(const struct ebpf_code *code, uint32_t type, char *log, size_t size)
{
	struct buf raw = { .arena = code->arena };
	static char words[LOG_SIZE];
	union bpf_attr attr = {
		.prog_type = type,
		.insn_cnt = code->insns.n,
		.license = (uintptr_t) "GPL",
	};
	int fd;

	ebpf_put_raw(&raw, code, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	attr.insns = (uintptr_t)raw.s;
	if (type == BPF_PROG_TYPE_XDP)
		attr.prog_flags = BPF_F_XDP_HAS_FRAGS;
	fd = bpf(BPF_PROG_LOAD, &attr);
	*log = '\0';
	if (fd >= 0)
		return fd;
	fd = -errno;
	attr.log_buf = (uintptr_t)words;
	attr.log_size = sizeof words;
	attr.log_level = 1;
	*words = '\0';
	bpf(BPF_PROG_LOAD, &attr);
	snprintf(log, size, "%s", strlen(words) < size ? words : words + strlen(words) - size + 1);
	return fd;
}

bool loaded_run(int fd, const uint8_t *bytes, uint32_t len, uint32_t *result)
{
	union bpf_attr attr = { .test = { .prog_fd = (uint32_t)fd } };
	uint8_t *packet = calloc(1, LINK_HEADER + len);
	bool ok;

	memcpy(packet + LINK_HEADER, bytes, len);
	attr.test.data_in = (uintptr_t)packet;
	attr.test.data_size_in = LINK_HEADER + len;
	ok = bpf(BPF_PROG_TEST_RUN, &attr) == 0;
	*result = attr.test.retval;
	free(packet);
	return ok;
}

bool loaded_run_direct(int fd, bool xdp, const uint8_t *bytes, uint32_t len, uint32_t linear,
                       uint32_t *result)
{
	union bpf_attr attr = { .test = { .prog_fd = (uint32_t)fd } };
	struct xdp_md context = { .data_end = linear };
	bool ok;

	attr.test.data_in = (uintptr_t)bytes;
	attr.test.data_size_in = len;
	if (xdp && linear < len) {
		attr.test.ctx_in = (uintptr_t)&context;
		attr.test.ctx_size_in = sizeof context;
	}
	ok = bpf(BPF_PROG_TEST_RUN, &attr) == 0;
	*result = attr.test.retval;
	return ok;
}
