/*
 * Checker, forecast and interpreter against the running kernel: random, mutated
 * and borderline programs are attached to a socket and offered to seccomp.
 *
 *	cbpf_kernel [PROGRAMS [SEED]]
 *
 * Compared: both verdicts; the memory that the socket is charged, which tells
 * the converted length; and, for packets sent through the socket, the smaller of
 * result and length.
 */
#include "config.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <linux/sock_diag.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cbpf/cbpf.h"
#include "ebpf/ebpf.h"

enum {
	PROGRAMS = 4500,
	PACKETS = 6,
	PACKET_BYTES = 120,
	SKIPPED = 77
};

struct test {
	struct arena arena; /* of one program */
	uint64_t seed;
	int pair[2]; /* programs are attached to the first */
	int *shared; /* where a child leaves seccomp's answer */
	uint64_t optmem_max;
	unsigned programs, accepted, charged, seccomp_accepted, runs, matches, failures;
	uint8_t packet[PACKETS][PACKET_BYTES];
	uint32_t packet_len[PACKETS];
};

/* --- random programs ------------------------------------------------------------ */

static uint32_t word(struct test *t)
{
	t->seed ^= t->seed << 13;
	t->seed ^= t->seed >> 7;
	t->seed ^= t->seed << 17;
	return (uint32_t)(t->seed >> 16);
}

static uint32_t below(struct test *t, uint32_t n)
{
	return word(t) % n;
}

/* A constant that programs and packets may have in common, or one at an edge. */
static uint32_t constant(struct test *t)
{
	static const uint32_t edges[] = {
		0,
		1,
		2,
		4,
		14,
		31,
		32,
		63,
		64,
		255,
		256,
		0x7fff,
		0x8000,
		0xffff,
		0x7fffffff,
		0x80000000,
		0xfff00000,
		0xffe00000,
		0xfffff000,
		0xffffffff,
	};
	uint32_t which = below(t, PACKETS), at = below(t, PACKET_BYTES - 4);
	const uint8_t *p = t->packet[which] + at;

	switch (below(t, 5)) {
	case 0:
		return edges[below(t, sizeof edges / sizeof *edges)];
	case 1:
		return below(t, 100);
	case 2:
		return *p;
	case 3:
		return p[0] << 8 | p[1];
	default:
		return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
	}
}

/* Words that are the same for every packet of our socket; the others are not. */
static bool is_tame(uint32_t which)
{
	switch (which) {
	case SKF_AD_PROTOCOL:
	case SKF_AD_PKTTYPE:
	case SKF_AD_MARK:
	case SKF_AD_QUEUE:
	case SKF_AD_ALU_XOR_X:
	case SKF_AD_VLAN_TAG:
	case SKF_AD_VLAN_TAG_PRESENT:
		return true;
	}
	return false;
}

static uint32_t load_offset(struct test *t)
{
	switch (below(t, 12)) {
	case 0:
		return CBPF_ANCILLARY + 4 * below(t, 17);
	case 1:
		return constant(t);
	case 2:
		return (uint32_t)SKF_NET_OFF + below(t, PACKET_BYTES);
	default:
		return below(t, PACKET_BYTES);
	}
}

/* Instruction I of N; SIMPLE ones only, or any that the table has. */
static struct sock_filter random_insn(struct test *t, uint32_t i, uint32_t n,
                                      bool seccomp, uint16_t *stored)
{
	const struct cbpf_insn *insn;
	struct sock_filter f = { 0 };
	uint32_t left = n - i - 1;

	do {
		f.code = below(t, 256);
		insn = cbpf_insn(f.code);
	} while (!insn || (seccomp && !(insn->flags & CBPF_IS_SECCOMP)) ||
	         (cbpf_is_ret(&f) && below(t, 4)));
	switch (insn->operand) {
	case CBPF_OPERAND_ABS:
		f.k = seccomp ? 4 * below(t, 16) : load_offset(t);
		break;
	case CBPF_OPERAND_IND:
	case CBPF_OPERAND_MSH:
		f.k = load_offset(t);
		break;
	case CBPF_OPERAND_HEX:
	case CBPF_OPERAND_TEST_K:
		f.k = constant(t);
		break;
	case CBPF_OPERAND_DEC:
		f.k = insn->flags & CBPF_IS_SHIFTS ? below(t, 32) : constant(t);
		f.k += !f.k && insn->flags & CBPF_IS_DIVIDES;
		break;
	case CBPF_OPERAND_CELL:
		f.k = below(t, CBPF_CELLS);
		if (insn->writes & CBPF_C)
			*stored |= 1u << f.k;
		else if (below(t, 20))
			while (*stored && !(*stored & 1u << f.k))
				f.k = (f.k + 1) % CBPF_CELLS;
		break;
	case CBPF_OPERAND_JUMP:
		f.k = left ? below(t, min_u32(left, 8)) : 0;
		break;
	case CBPF_OPERAND_NONE:
	case CBPF_OPERAND_LEN:
	case CBPF_OPERAND_X:
	case CBPF_OPERAND_A:
	case CBPF_OPERAND_TEST_X:
		break;
	}
	if (cbpf_is_test(&f)) {
		uint32_t reach = left ? min_u32(left, below(t, 8) ? 8 : 256) : 1;

		f.jt = below(t, 3) ? below(t, reach) : 0;
		f.jf = below(t, 3) ? below(t, reach) : 0;
	}
	return f;
}

static void mutate(struct test *t, struct sock_filter *p, uint32_t n)
{
	struct sock_filter *f = &p[below(t, n)];

	switch (below(t, 8)) {
	case 0:
		f->code = below(t, 256);
		break;
	case 1:
		f->code = word(t);
		break;
	case 2:
		f->code ^= 1 << below(t, 8);
		break;
	case 3:
		f->jt = word(t);
		break;
	case 4:
		f->jf = word(t);
		break;
	case 5:
		f->k ^= 1u << below(t, 32);
		break;
	case 6:
		*f = p[below(t, n)];
		break;
	default:
		f->k = constant(t);
		break;
	}
}

static uint32_t random_length(struct test *t)
{
	switch (below(t, 64)) {
	case 0:
		return 1 + below(t, 5000);
	case 1:
	case 2:
		return 1 + below(t, 600);
	default:
		return 1 + below(t, 30);
	}
}

static struct cbpf_program random_program(struct test *t)
{
	uint32_t n = random_length(t);
	struct sock_filter *p = arena_array(&t->arena, struct sock_filter, n);
	bool seccomp = !below(t, 3), wants_cells = below(t, 2);
	uint16_t stored = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (i < CBPF_CELLS && wants_cells && n > 2 * CBPF_CELLS) {
			p[i] = (struct sock_filter){ CBPF_ST, 0, 0, i };
			stored |= 1u << i;
			continue;
		}
		p[i] = random_insn(t, i, n, seccomp, &stored);
	}
	p[n - 1] = (struct sock_filter){ CBPF_RET_A, 0, 0, 0 };
	if (below(t, 2))
		p[n - 1] = (struct sock_filter){ CBPF_RET_K, 0, 0, constant(t) };
	for (uint32_t times = below(t, 2) ? below(t, 4) : 0; times > 0; times--)
		mutate(t, p, n);
	return (struct cbpf_program){ .insns = p, .n = n };
}

/* --- what the kernel says ---------------------------------------------------------- */

static void fail(struct test *t, const struct cbpf_program *p, const char *what,
                 int64_t ours, int64_t theirs)
{
	struct buf text = { .arena = &t->arena };

	if (t->failures++ >= 5)
		return;
	cbpf_print(&text, "c", p, NULL);
	fprintf(stderr, "program %u: %s: we say %lld, the kernel %lld\n%.*s",
	        t->programs, what, (long long)ours, (long long)theirs,
	        (int)min_u32((uint32_t)text.len, 4000), text.s);
}

static int attach(struct test *t, const struct cbpf_program *p)
{
	struct sock_fprog prog = { (unsigned short)p->n, (struct sock_filter *)p->insns };

	if (setsockopt(t->pair[0], SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog))
		return -errno;
	return 0;
}

/* Bytes of option memory that the socket is charged for its filter. */
static uint32_t charged(struct test *t)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof info;

	getsockopt(t->pair[0], SOL_SOCKET, SO_MEMINFO, info, &len);
	return info[SK_MEMINFO_OPTMEM];
}

/* seccomp's answer, got in a child that makes no call after it. */
static int seccomp_answer(struct test *t, const struct cbpf_program *p)
{
	struct sock_fprog prog = { (unsigned short)p->n, (struct sock_filter *)p->insns };
	const struct rlimit none = { 0, 0 };
	pid_t child;
	int status;

	*t->shared = 1;
	child = fork();
	if (child < 0) {
		perror("fork");
		exit(1);
	}
	if (!child) {
		setrlimit(RLIMIT_CORE, &none);
		for (int sig = 1; sig < SIGRTMIN; sig++)
			signal(sig, SIG_DFL); /* sanitizers' handlers make calls */
		alarm(5);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		*t->shared = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog)
		                     ? -errno
		                     : 0;
		__builtin_trap();
	}
	waitpid(child, &status, 0);
	return *t->shared;
}

/* What comes out of the socket when packet WHICH goes in: its length, 0 for none. */
static uint32_t passed(struct test *t, unsigned which)
{
	uint8_t bytes[PACKET_BYTES];
	ssize_t len;

	if (send(t->pair[1], t->packet[which], t->packet_len[which], 0) < 0) {
		perror("send");
		exit(1);
	}
	len = recv(t->pair[0], bytes, sizeof bytes, MSG_DONTWAIT);
	return len < 0 ? 0 : (uint32_t)len;
}

/* --- comparing ---------------------------------------------------------------------- */

static bool is_predictable(const struct cbpf_program *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct sock_filter *f = &p->insns[i];

		if (cbpf_insn(f->code)->operand == CBPF_OPERAND_ABS &&
		    f->k >= CBPF_ANCILLARY && !is_tame(f->k - CBPF_ANCILLARY))
			return false;
	}
	return true;
}

static void compare_runs(struct test *t, const struct cbpf_program *p)
{
	for (unsigned i = 0; i < PACKETS; i++) {
		struct cbpf_input in = {
			.bytes = t->packet[i],
			.captured = t->packet_len[i],
			.wire = t->packet_len[i],
			.no_link = true,
		};
		uint32_t ours = min_u32(cbpf_run(p->insns, &in), in.wire);
		uint32_t theirs = passed(t, i);

		t->runs++;
		t->matches += theirs > 0;
		if (ours != theirs)
			fail(t, p, "result", ours, theirs);
	}
}

/* Compare what the kernel charges for P, which is attached, with the length of its kernel form. */
static void compare_charge(struct test *t, const struct cbpf_program *p)
{
	struct ebpf_code code = { .arena = &t->arena };
	struct ebpf_error error;
	struct cbpf_cost cost;

	cbpf_cost(&t->arena, p->insns, p->n, CBPF_SOCKET, &cost);
	if (charged(t) != cost.memory)
		fail(t, p, "memory", (int64_t)cost.memory, charged(t));
	if (!ebpf_kernel(p, &(struct ebpf_target){ 0 }, &code, &error))
		fail(t, p, "the kernel form", 0, -EINVAL);
	else if (code.insns.n != cost.converted)
		fail(t, p, "the kernel form's length", (int64_t)cost.converted, code.insns.n);
	t->charged++;
}

static void compare_attached(struct test *t, const struct cbpf_program *p)
{
	struct cbpf_verdict v;
	struct cbpf_cost cost;
	bool ok = cbpf_check(&t->arena, p->insns, p->n, CBPF_SOCKET, 0, &v);
	int expected = ok ? 0 : -EINVAL, answer;

	if (ok) {
		cbpf_cost(&t->arena, p->insns, p->n, CBPF_SOCKET, &cost);
		if (cost.memory >= t->optmem_max)
			expected = -ENOMEM;
	}
	answer = attach(t, p);
	if (answer != expected) {
		fail(t, p, "socket", expected, answer);
		fprintf(stderr, "  instruction %u: %s\n", v.at, v.reason);
	}
	if (answer)
		return;
	t->accepted++;
	if (ok)
		compare_charge(t, p);
	if (ok && is_predictable(p))
		compare_runs(t, p);
	setsockopt(t->pair[0], SOL_SOCKET, SO_DETACH_FILTER, &answer, sizeof answer);
}

static void compare_seccomp(struct test *t, const struct cbpf_program *p)
{
	struct cbpf_verdict v;
	bool ok = cbpf_check(&t->arena, p->insns, p->n, CBPF_SECCOMP, 0, &v);
	int answer = seccomp_answer(t, p);

	t->seccomp_accepted += !answer;
	if (answer != (ok ? 0 : -EINVAL)) {
		fail(t, p, "seccomp", ok ? 0 : -EINVAL, answer);
		fprintf(stderr, "  instruction %u: %s\n", v.at, v.reason);
	}
}

static void compare(struct test *t, const struct cbpf_program *p)
{
	t->programs++;
	compare_attached(t, p);
	compare_seccomp(t, p);
	arena_free(&t->arena);
}

/* --- the borders of 16 bits ----------------------------------------------------------- */

/*
 * JUMP with BEFORE eBPF instructions ahead of it and AFTER behind it: a ldh makes
 * 14 of them, a neg makes one.
 */
static void compare_border(struct test *t, struct sock_filter jump, uint32_t before,
                           uint32_t after)
{
	struct sock_filter ldh = { CBPF_LD_H_ABS, 0, 0, 12 }, neg = { CBPF_NEG, 0, 0, 0 };
	ARRAY(struct sock_filter) p = { 0 };
	uint32_t at;

	for (; before >= 14; before -= 14)
		array_push(&t->arena, &p, ldh);
	for (; before; before--)
		array_push(&t->arena, &p, neg);
	at = p.n;
	array_push(&t->arena, &p, jump);
	for (; after >= 14; after -= 14)
		array_push(&t->arena, &p, ldh);
	for (; after; after--)
		array_push(&t->arena, &p, neg);
	array_push(&t->arena, &p, neg);
	array_push(&t->arena, &p, ((struct sock_filter){ CBPF_RET_A, 0, 0, 0 }));
	if (jump.code == CBPF_JA && jump.k)
		p.v[at].k = p.n - 2 - at;
	compare(t, &(struct cbpf_program){ .insns = p.v, .n = p.n });
}

static void compare_borders(struct test *t)
{
	static const struct sock_filter near[] = {
		{ CBPF_JA, 0, 0, 0 },
		{ CBPF_JEQ_K, 1, 0, 5 },
		{ CBPF_JEQ_K, 0, 1, 5 },
		{ CBPF_JSET_K, 0, 1, 5 },
		{ CBPF_JGT_K, 1, 1, 0x80000000 },
		{ CBPF_JSET_X, 1, 1, 0 },
	};

	/* 7 for the prologue. */
	for (uint32_t d = 0; d < 6; d++) {
		for (size_t i = 0; i < ARRAY_LEN(near); i++)
			compare_border(t, near[i], 32768 - 7 - d, 28);
		compare_border(t, (struct sock_filter){ CBPF_JA, 0, 0, 1 }, 0, 32764 + d);
	}
}

/* --- setting up ------------------------------------------------------------------------- */

static void make_packets(struct test *t)
{
	for (unsigned i = 0; i < PACKETS; i++) {
		t->packet_len[i] = i ? 1 + below(t, PACKET_BYTES) : PACKET_BYTES;
		for (unsigned k = 0; k < PACKET_BYTES; k++)
			t->packet[i][k] = below(t, 3) ? below(t, 8) : word(t);
	}
}

/* In a network namespace of our own the limit can go out of the way. */
static void raise_optmem(struct test *t)
{
	static const char path[] = "/proc/sys/net/core/optmem_max";
	FILE *f;

	if (!unshare(CLONE_NEWNET) && (f = fopen(path, "w"))) {
		fprintf(f, "%u\n", 4u << 20);
		fclose(f);
	}
	t->optmem_max = 131072;
	f = fopen(path, "r");
	if (f) {
		unsigned long long max;

		if (fscanf(f, "%llu", &max) == 1)
			t->optmem_max = max;
		fclose(f);
	}
}

static bool set_up(struct test *t)
{
	raise_optmem(t);
	t->shared = mmap(NULL, sizeof *t->shared, PROT_READ | PROT_WRITE,
	                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t->shared == MAP_FAILED || socketpair(AF_UNIX, SOCK_DGRAM, 0, t->pair))
		return false;
	make_packets(t);
	return true;
}

/*
 * Older kernels load vlan_avail in another way, machines where unaligned access
 * is dear load everything in another way, and sandboxes imitate Linux.
 */
static bool converts_as_forecast(struct test *t)
{
	static const struct sock_filter insns[] = {
		{ CBPF_LD_H_ABS, 0, 0, 13 },
		{ CBPF_LD_B_ABS, 0, 0, SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT },
		{ CBPF_RET_A, 0, 0, 0 },
	};
	const struct cbpf_program p = { .insns = insns, .n = 3 };
	uint32_t memory = 96 + 8 * (7 + 14 + 3 + 1);
	int none = 0;

	if (attach(t, &p)) {
		printf("skipped: no filter can be attached here: %s\n", strerror(errno));
		return false;
	}
	if (charged(t) != memory) {
		printf("skipped: this kernel charges %u bytes, not %u: it converts in another way\n",
		       charged(t), memory);
		return false;
	}
	setsockopt(t->pair[0], SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
	return true;
}

static bool has_seccomp(struct test *t)
{
	const struct sock_filter all = { CBPF_RET_K, 0, 0, SECCOMP_RET_ALLOW };
	const struct cbpf_program p = { .insns = &all, .n = 1 };

	if (!seccomp_answer(t, &p))
		return true;
	printf("skipped: no seccomp here: %s\n", strerror(-*t->shared));
	return false;
}

int main(int argc, char **argv)
{
	unsigned programs = argc > 1 ? strtoul(argv[1], NULL, 0) : PROGRAMS;
	static struct test t;
	jmp_buf oom;

	t.seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20240229;
	t.arena.oom = &oom;
	if (setjmp(oom)) {
		fprintf(stderr, "out of memory\n");
		return 1;
	}
	if (!set_up(&t) || !converts_as_forecast(&t) || !has_seccomp(&t))
		return SKIPPED;
	compare_borders(&t);
	while (t.programs < programs) {
		struct cbpf_program p = random_program(&t);

		compare(&t, &p);
		if (t.programs % 500 == 0)
			make_packets(&t);
	}
	printf("%u programs, %u taken by the socket, %u charged as long as their kernel form, %u by "
	       "seccomp; %u runs, %u of them let something through; %u differences\n",
	       t.programs, t.accepted, t.charged, t.seccomp_accepted, t.runs, t.matches, t.failures);
	/* Programs that are all refused, or match nothing, compare nothing. */
	if (programs >= PROGRAMS &&
	    (t.accepted < t.programs / 4 || t.seccomp_accepted < t.programs / 10 ||
	     t.matches < t.runs / 10)) {
		fprintf(stderr, "the programs are too dull\n");
		return 1;
	}
	return t.failures ? 1 : 0;
}
