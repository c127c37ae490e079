/*
 * Puts filters on itself and waits: `filters N LENGTH` N of LENGTH instructions, which
 * permit everything; `filters thread` one on a thread of its own, `filters same` one on two
 * threads; `filters udp LENGTH` and `filters packet LENGTH` one on a socket, `filters ebpf` an
 * eBPF program on one; `filters strict` none, but the strict mode. It prints a line when it is
 * ready.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Fill INSNS, which say which they are. */
static void fill(struct sock_filter *insns, int which, int length)
{
	for (int i = 0; i < length; i++)
		insns[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, (unsigned)which);
	insns[length - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

static int put_on(int which, int length)
{
	struct sock_filter insns[4096];
	struct sock_fprog program = { (unsigned short)length, insns };

	fill(insns, which, length);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static void wait_ready(void)
{
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

static void *thread(void *unused)
{
	if (put_on(0, 9))
		exit(1);
	wait_ready();
	return unused;
}

static void *wait_too(void *unused)
{
	wait_ready();
	return unused;
}

/* In strict mode: what reads may wait, what pauses dies. */
static int strictly(void)
{
	int ends[2];
	char byte;

	if (pipe(ends) || write(1, "ready\n", 6) != 6 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		return 1;
	return (int)read(ends[0], &byte, 1);
}

static int on_socket(int fd, int length)
{
	struct sock_filter insns[4096];
	struct sock_fprog program = { (unsigned short)length, insns };

	fill(insns, 0, length);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* Put an eBPF program on a socket, which drops all packets. */
static int ebpf_on_socket(int fd)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = 2,
		.insns = (uintptr_t)insns,
		.license = (uintptr_t) "GPL",
	};
	int program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
	int err = program < 0 ||
	          setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof program);

	close(program);
	return err;
}

int main(int argc, char **argv)
{
	pthread_t t;

	/* What make or flock left open is none of its descriptors, which have fixed numbers. */
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 1;
	if (argc > 2 && !strcmp(argv[1], "udp"))
		return on_socket(socket(AF_INET, SOCK_DGRAM, 0), atoi(argv[2])) ? 1 : (wait_ready(), 0);
	if (argc > 2 && !strcmp(argv[1], "packet"))
		return on_socket(socket(AF_PACKET, SOCK_RAW, 0), atoi(argv[2])) ? 1 : (wait_ready(), 0);
	if (!strcmp(argv[1], "ebpf"))
		return ebpf_on_socket(socket(AF_INET, SOCK_DGRAM, 0)) ? 1 : (wait_ready(), 0);
	if (!strcmp(argv[1], "strict"))
		return strictly();
	if (!strcmp(argv[1], "same"))
		return put_on(0, 9) || pthread_create(&t, NULL, wait_too, NULL) ||
		       pthread_join(t, NULL);
	if (!strcmp(argv[1], "thread"))
		return pthread_create(&t, NULL, thread, NULL) || pthread_join(t, NULL);
	for (int i = 0; i < atoi(argv[1]); i++)
		if (argc < 3 || put_on(i, atoi(argv[2])))
			return 1;
	wait_ready();
	return 0;
}
