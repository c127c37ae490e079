/*
 * Which programs this kernel loads, for what, and which helpers they may call: a
 * program of two or three instructions is loaded for each question and closed.
 */
#include "config.h"

#include "kernel/features.h"

#include <ctype.h>
#include <errno.h>
#include <linux/btf.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/ops.h"

/* What headers of 2021 lack. */
enum {
	PROG_NETFILTER = 32,
	ATTACH_LSM_CGROUP = 43,
	ATTACH_NETFILTER = 45,
	ATTACH_TCX_INGRESS = 46,
	ATTACH_TCX_EGRESS = 47,
	ATTACH_UNIX_CONNECT = 49,
	SLEEPABLE = 1u << 4,
	XDP_HAS_FRAGS = 1u << 5
};

/* A program that is tried: its type, and what the kernel wants to know with it. */
struct tried {
	const char *name;
	uint32_t type, attach;
	const char *function; /* of the kernel, which it is for; or NULL */
	unsigned kind;        /* of FUNCTION, in BTF */
	uint32_t flags;
};

static const struct tried types[] = {
	{ "socket_filter", BPF_PROG_TYPE_SOCKET_FILTER, 0, NULL, 0, 0 },
	{ "sched_cls", BPF_PROG_TYPE_SCHED_CLS, 0, NULL, 0, 0 },
	{ "sched_act", BPF_PROG_TYPE_SCHED_ACT, 0, NULL, 0, 0 },
	{ "xdp", BPF_PROG_TYPE_XDP, 0, NULL, 0, 0 },
	{ "xdp.frags", BPF_PROG_TYPE_XDP, 0, NULL, 0, XDP_HAS_FRAGS },
	{ "netfilter", PROG_NETFILTER, ATTACH_NETFILTER, NULL, 0, 0 },
	{ "sk_reuseport", BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT, NULL, 0, 0 },
	{ "sk_lookup", BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, NULL, 0, 0 },
	{ "sk_skb", BPF_PROG_TYPE_SK_SKB, 0, NULL, 0, 0 },
	{ "sk_msg", BPF_PROG_TYPE_SK_MSG, 0, NULL, 0, 0 },
	{ "sock_ops", BPF_PROG_TYPE_SOCK_OPS, 0, NULL, 0, 0 },
	{ "flow_dissector", BPF_PROG_TYPE_FLOW_DISSECTOR, 0, NULL, 0, 0 },
	{ "lwt_in", BPF_PROG_TYPE_LWT_IN, 0, NULL, 0, 0 },
	{ "lwt_out", BPF_PROG_TYPE_LWT_OUT, 0, NULL, 0, 0 },
	{ "lwt_xmit", BPF_PROG_TYPE_LWT_XMIT, 0, NULL, 0, 0 },
	{ "lwt_seg6local", BPF_PROG_TYPE_LWT_SEG6LOCAL, 0, NULL, 0, 0 },
	{ "cgroup_skb", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, NULL, 0, 0 },
	{ "cgroup_sock", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, NULL, 0, 0 },
	{ "cgroup_sock_addr", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, NULL, 0, 0 },
	{ "cgroup_sockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT, NULL, 0, 0 },
	{ "cgroup_sysctl", BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, NULL, 0, 0 },
	{ "cgroup_device", BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, NULL, 0, 0 },
	{ "iter/task", BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "bpf_iter_task", BTF_KIND_FUNC, 0 },
	{ "tp_btf", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, "btf_trace_sys_enter", BTF_KIND_TYPEDEF, 0 },
	{ "fentry", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "vfs_read", BTF_KIND_FUNC, 0 },
	{ "lsm", BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "bpf_lsm_file_open", BTF_KIND_FUNC, 0 },
	{ "lsm_cgroup", BPF_PROG_TYPE_LSM, ATTACH_LSM_CGROUP, "bpf_lsm_socket_bind", BTF_KIND_FUNC, 0 },
	{ "raw_tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, NULL, 0, 0 },
	{ "tracepoint", BPF_PROG_TYPE_TRACEPOINT, 0, NULL, 0, 0 },
	{ "kprobe", BPF_PROG_TYPE_KPROBE, 0, NULL, 0, 0 },
	{ "perf_event", BPF_PROG_TYPE_PERF_EVENT, 0, NULL, 0, 0 },
	{ "syscall", 31, 0, NULL, 0, SLEEPABLE },
};

/* Places that the kernel knows of when it loads a program for them. */
static const struct tried places[] = {
	{ "cgroup_inet_ingress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, NULL, 0, 0 },
	{ "cgroup_inet_egress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, NULL, 0, 0 },
	{ "cgroup_inet_sock_create", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, NULL, 0, 0 },
	{ "cgroup_inet_sock_release", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE, NULL, 0, 0 },
	{ "cgroup_inet4_bind", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, NULL, 0, 0 },
	{ "cgroup_inet6_bind", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_BIND, NULL, 0, 0 },
	{ "cgroup_inet4_connect", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, NULL, 0, 0 },
	{ "cgroup_inet6_connect", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT, NULL, 0, 0 },
	{ "cgroup_unix_connect", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_CONNECT, NULL, 0, 0 },
	{ "cgroup_udp4_sendmsg", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG, NULL, 0, 0 },
	{ "cgroup_udp6_sendmsg", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_SENDMSG, NULL, 0, 0 },
	{ "cgroup_getsockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT, NULL, 0, 0 },
	{ "cgroup_setsockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT, NULL, 0, 0 },
	{ "sk_reuseport_select", BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT, NULL, 0, 0 },
	{ "sk_reuseport_select_or_migrate", BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT_OR_MIGRATE, NULL, 0, 0 },
	{ "sk_lookup", BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, NULL, 0, 0 },
	{ "netfilter", PROG_NETFILTER, ATTACH_NETFILTER, NULL, 0, 0 },
};

/* Places of an interface, which can be asked what is attached to them. */
static const struct {
	const char *name;
	uint32_t attach;
} interface_places[] = {
	{ "tcx_ingress", ATTACH_TCX_INGRESS },
	{ "tcx_egress", ATTACH_TCX_EGRESS },
};

/* The types whose helpers are asked about. */
static const struct tried callers[] = {
	{ "helpers of socket_filter", BPF_PROG_TYPE_SOCKET_FILTER, 0, NULL, 0, 0 },
	{ "helpers of sched_cls", BPF_PROG_TYPE_SCHED_CLS, 0, NULL, 0, 0 },
	{ "helpers of xdp", BPF_PROG_TYPE_XDP, 0, NULL, 0, 0 },
	{ "helpers of cgroup_skb", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, NULL, 0, 0 },
	{ "helpers of sk_reuseport", BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT, NULL, 0, 0 },
	{ "helpers of raw_tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, NULL, 0, 0 },
};

/* --- loading ------------------------------------------------------------------------------ */

/* Load N instructions as IS says; 0 or -errno. -ENODATA: T does not have its function. */
static int try_program(const struct tried *is, const struct kernel_types *t,
                       const struct bpf_insn *insns, size_t n, char *log, size_t size)
{
	struct kernel_program program = {
		.type = (enum bpf_prog_type)is->type,
		.attach = (enum bpf_attach_type)is->attach,
		.flags = is->flags,
		.insns = insns,
		.n = n,
		.log = log,
		.log_size = (uint32_t)size,
	};
	int fd;

	if (is->function) {
		program.attach_type_id = t ? kernel_type(t, is->kind, is->function) : 0;
		if (!program.attach_type_id)
			return -ENODATA;
	}
	fd = kernel_program_load(&program);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Load a program that returns 0, or 1 where 0 would not do. */
static int try_empty(const struct tried *is, const struct kernel_types *t)
{
	struct bpf_insn insns[] = {
		{ .code = ALU64_K | BPF_MOV },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int err = try_program(is, t, insns, ARRAY_LEN(insns), NULL, 0);

	if (err != -EINVAL)
		return err;
	insns[0].imm = 1;
	return try_program(is, t, insns, ARRAY_LEN(insns), NULL, 0);
}

static enum kernel_answer answer_of(int err)
{
	return !err              ? KERNEL_YES
	       : err == -ENODATA ? KERNEL_UNKNOWN
	                         : KERNEL_NO;
}

int kernel_permits_programs(void)
{
	static const struct tried any = { "", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, NULL, 0, 0 };
	int err = try_empty(&any, NULL);

	return err == -EPERM || err == -ENOSYS ? err : 0;
}

void kernel_program_types(const struct kernel_types *t, kernel_feature_fn *each, void *ctx)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		each(ctx, "program types", types[i].name, answer_of(try_empty(&types[i], t)));
}

void kernel_attach_types(kernel_feature_fn *each, void *ctx)
{
	unsigned loopback = if_nametoindex("lo");

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		each(ctx, "attach types", places[i].name, answer_of(try_empty(&places[i], NULL)));
	for (size_t i = 0; i < ARRAY_LEN(interface_places); i++) {
		int n = loopback ? kernel_attached(loopback, (enum bpf_attach_type)interface_places[i].attach)
		                 : -ENODATA;

		each(ctx, "attach types", interface_places[i].name, answer_of(n < 0 ? n : 0));
	}
}

/* --- helpers -------------------------------------------------------------------------------- */

/* Tell by what the verifier says whether programs like IS may call HELPER. */
static enum kernel_answer may_call(const struct tried *is, uint32_t helper)
{
	static const char *const refusals[] = {
		"invalid func ",
		"unknown func ",
		"cannot use helper",
		"might sleep",
	};
	const struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = (int32_t)helper },
		{ .code = ALU64_K | BPF_MOV },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[2048] = "";
	int err = try_program(is, NULL, insns, ARRAY_LEN(insns), log, sizeof log);

	if (err && !log[0])
		return KERNEL_UNKNOWN;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (err && strstr(log, refusals[i]))
			return KERNEL_NO;
	return KERNEL_YES;
}

void kernel_helpers(const struct kernel_types *t, kernel_feature_fn *each, void *ctx)
{
	static const char prefix[] = "BPF_FUNC_";
	const char *name;
	uint32_t helper;

	for (size_t c = 0; t && c < ARRAY_LEN(callers); c++)
		for (unsigned i = 0; (name = kernel_enum(t, "bpf_func_id", i, &helper)); i++)
			if (!strncmp(name, prefix, sizeof prefix - 1) && helper)
				each(ctx, callers[c].name, name + sizeof prefix - 1,
				     may_call(&callers[c], helper));
}
