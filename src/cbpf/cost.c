/*
 * The forecast: how long a program gets when Linux converts it to eBPF, what
 * memory that charges, how long it runs, and which calls need not run it.
 * The lengths are those of bpf_convert_filter (net/core/filter.c) since 6.3, for
 * machines where unaligned access is cheap.
 */
#include <assert.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "cbpf/cbpf.h"

/* What sk_attach_filter charges beside the instructions, and for each of them. */
enum {
	FILTER_BYTES = 96,
	EBPF_INSN_BYTES = 8
};

/*
 * Count what a packet load of SIZE bytes at K becomes: the fast path (bounds
 * test, load, swap), if the offset is a constant that counts from the packet's
 * start, and the slow one.
 */
static unsigned load_converted(uint32_t k, unsigned size, bool indexed)
{
	unsigned slow = 8 + (indexed && k), fast;

	if (indexed || k > INT32_MAX)
		return slow;
	fast = 4 + (k != 0) + (size > 1);
	if (k > INT16_MAX)
		fast += 2;
	return fast + slow;
}

static unsigned load_size(uint16_t code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2
	                                                             : 1;
}

struct cbpf_jumps cbpf_test_jumps(const struct sock_filter *f)
{
	if (!f->jf)
		return (struct cbpf_jumps){ 1, f->jt };
	/* The opposite test exists in eBPF for all but jset. */
	if (!f->jt && BPF_OP(f->code) != BPF_JSET)
		return (struct cbpf_jumps){ 1, f->jf };
	return (struct cbpf_jumps){ 2, f->jf };
}

unsigned cbpf_converted(const struct sock_filter *f, enum cbpf_use use)
{
	const struct cbpf_insn *insn = cbpf_insn(f->code);

	switch (insn->operand) {
	case CBPF_OPERAND_ABS:
		if (use == CBPF_SECCOMP)
			return 1;
		if (f->k >= CBPF_ANCILLARY)
			return cbpf_ancillary(f->k - CBPF_ANCILLARY)->converted;
		return load_converted(f->k, load_size(f->code), false);
	case CBPF_OPERAND_IND:
		return load_converted(f->k, load_size(f->code), true);
	case CBPF_OPERAND_MSH:
		/* A is put aside for the load, masked, shifted, put back. */
		return 6 + load_converted(f->k, 1, false);
	case CBPF_OPERAND_TEST_K:
		/* eBPF sign-extends constants: a large one goes to a register. */
		return cbpf_test_jumps(f).n + (f->k > INT32_MAX);
	case CBPF_OPERAND_TEST_X:
		return cbpf_test_jumps(f).n;
	case CBPF_OPERAND_NONE:
	case CBPF_OPERAND_LEN:
	case CBPF_OPERAND_HEX:
	case CBPF_OPERAND_DEC:
	case CBPF_OPERAND_CELL:
	case CBPF_OPERAND_X:
	case CBPF_OPERAND_A:
	case CBPF_OPERAND_JUMP:
		break;
	}
	return insn->converted;
}

static bool loads_packet(const struct sock_filter *f)
{
	enum cbpf_operand operand = cbpf_insn(f->code)->operand;

	return operand == CBPF_OPERAND_IND || operand == CBPF_OPERAND_MSH ||
	       (operand == CBPF_OPERAND_ABS && f->k < CBPF_ANCILLARY);
}

unsigned cbpf_prologue(const struct sock_filter *p, size_t n, enum cbpf_use use)
{
	/* A and X are cleared, the context is kept; where and how long the data is. */
	if (use == CBPF_SOCKET)
		for (size_t i = 0; i < n; i++)
			if (loads_packet(&p[i]))
				return 3 + 4;
	return 3;
}

/*
 * Compute the longest path from each instruction on, from the end of the
 * program.
 */
static uint32_t longest_path(struct arena *tmp, const struct sock_filter *p,
                             size_t n)
{
	uint32_t *from = arena_array(tmp, uint32_t, n);

	for (size_t i = n; i-- > 0;) {
		const struct sock_filter *f = &p[i];

		if (cbpf_is_ret(f))
			from[i] = 1;
		else if (cbpf_is_ja(f))
			from[i] = 1 + from[i + 1 + f->k];
		else if (cbpf_is_test(f))
			from[i] = 1 + max_u32(from[i + 1 + f->jt],
			                      from[i + 1 + f->jf]);
		else
			from[i] = 1 + from[i + 1];
	}
	return from[0];
}

bool *cbpf_reached(struct arena *arena, const struct sock_filter *p, size_t n)
{
	bool *reached = arena_array(arena, bool, n);

	reached[0] = true;
	for (size_t i = 0; i < n; i++) {
		const struct sock_filter *f = &p[i];

		if (!reached[i])
			continue;
		if (cbpf_is_ja(f)) {
			reached[i + 1 + f->k] = true;
		} else if (cbpf_is_test(f)) {
			reached[i + 1 + f->jt] = true;
			reached[i + 1 + f->jf] = true;
		} else if (!cbpf_is_ret(f)) {
			reached[i + 1] = true;
		}
	}
	return reached;
}

static uint32_t unreachable(struct arena *tmp, const struct sock_filter *p, size_t n)
{
	const bool *reached = cbpf_reached(tmp, p, n);
	uint32_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !reached[i];
	return count;
}

void cbpf_cost(struct arena *tmp, const struct sock_filter *p, size_t n,
               enum cbpf_use use, struct cbpf_cost *out)
{
	uint32_t cells = 0;

	*out = (struct cbpf_cost){ .converted = cbpf_prologue(p, n, use) };
	for (size_t i = 0; i < n; i++) {
		const struct cbpf_insn *insn = cbpf_insn(p[i].code);

		out->converted += cbpf_converted(&p[i], use);
		if (!((insn->reads | insn->writes) & CBPF_C))
			continue;
		assert(p[i].k < CBPF_CELLS);
		cells |= 1u << p[i].k;
	}
	if (use == CBPF_SOCKET)
		out->memory = FILTER_BYTES + EBPF_INSN_BYTES * out->converted;
	out->cells = (uint32_t)__builtin_popcount(cells);
	out->longest_path = longest_path(tmp, p, n);
	out->unreachable = unreachable(tmp, p, n);
}

/* Evaluate test F against a constant when A has this value. */
static bool test_k(const struct sock_filter *f, uint32_t a)
{
	switch (BPF_OP(f->code)) {
	case BPF_JEQ:
		return a == f->k;
	case BPF_JGT:
		return a > f->k;
	case BPF_JGE:
		return a >= f->k;
	default:
		return a & f->k;
	}
}

bool cbpf_seccomp_cached(const struct sock_filter *p, uint32_t arch, uint32_t nr)
{
	uint32_t a = 0;

	for (;; p++) {
		switch (p->code) {
		case CBPF_LD_W_ABS:
			if (p->k == offsetof(struct seccomp_data, nr))
				a = nr;
			else if (p->k == offsetof(struct seccomp_data, arch))
				a = arch;
			else
				return false;
			break;
		case CBPF_AND_K:
			a &= p->k;
			break;
		case CBPF_JA:
			p += p->k;
			break;
		case CBPF_JEQ_K:
		case CBPF_JGT_K:
		case CBPF_JGE_K:
		case CBPF_JSET_K:
			p += test_k(p, a) ? p->jt : p->jf;
			break;
		case CBPF_RET_K:
			return p->k == SECCOMP_RET_ALLOW;
		default: /* Linux gives up on anything else, too */
			return false;
		}
	}
}

uint32_t cbpf_seccomp_cacheable(const struct sock_filter *p, uint32_t arch, uint32_t n)
{
	uint32_t count = 0;

	for (uint32_t nr = 0; nr < n; nr++)
		count += cbpf_seccomp_cached(p, arch, nr);
	return count;
}
