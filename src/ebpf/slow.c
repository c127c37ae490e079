/*
 * The second copy of a program in direct form: each load is a call that reads the packet
 * however it is stored, and fails alone. The first copy goes on here, at the same place,
 * where packet pointers do not reach; nothing goes back.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "ebpf/direct.h"

/* Where negative offsets count from, and the number that the helper has for it. */
enum {
	WINDOW = 0x100000, /* bytes of each: from SKF_LL_OFF to SKF_NET_OFF, and from there on */
};

static void call(struct ebpf_code *out, int32_t helper)
{
	ebpf_put(out, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

/* Set all arguments of a load but the offset, which is in R2. */
static void arguments(struct ebpf_code *out, uint32_t size)
{
	ebpf_mov64(out, BPF_REG_1, EBPF_CONTEXT);
	ebpf_mov64(out, BPF_REG_3, EBPF_FRAME);
	ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, EBPF_BUFFER);
	ebpf_set(out, BPF_REG_4, size);
}

static void relative(struct ebpf_code *out, uint32_t size, uint32_t start)
{
	arguments(out, size);
	ebpf_set(out, BPF_REG_5, start);
	call(out, BPF_FUNC_skb_load_bytes_relative);
}

/* Copy SIZE bytes at the negative offset K; false if no packet has any there. */
static bool copy_before(struct ebpf_direct *d, uint32_t k, uint32_t size)
{
	struct ebpf_code *out = d->fast.out;
	bool network = k >= (uint32_t)SKF_NET_OFF;

	if (k < (uint32_t)SKF_LL_OFF)
		return false;
	ebpf_set(out, BPF_REG_2, k - (uint32_t)(network ? SKF_NET_OFF : SKF_LL_OFF));
	relative(out, size, network ? BPF_HDR_START_NET : BPF_HDR_START_MAC);
	return true;
}

/* Copy SIZE bytes at X + K, which may wrap to an offset below 0. */
static void copy_at_x(struct ebpf_direct *d, uint32_t k, uint32_t size, uint32_t most)
{
	struct ebpf_code *out = d->fast.out;
	bool wraps = d->hook->is_tc && (k > INT32_MAX || most > INT32_MAX - k);
	uint32_t usual = ebpf_label(out), network = ebpf_label(out), done = ebpf_label(out);

	/*
	 * X is added to K, not K to X: what tests tell the verifier of the sum then teaches
	 * it nothing about X, whose cases would otherwise grow with every load.
	 */
	ebpf_set(out, BPF_REG_2, k);
	ebpf_put(out, BPF_ALU | BPF_ADD | BPF_X, BPF_REG_2, EBPF_X, 0, 0);
	if (wraps) {
		ebpf_goto(out, BPF_JMP32 | BPF_JSGE | BPF_K, BPF_REG_2, 0, 0, usual);
		ebpf_put(out, BPF_ALU | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, WINDOW);
		ebpf_goto(out, BPF_JMP | BPF_JLT | BPF_K, BPF_REG_2, 0, WINDOW, network);
		ebpf_put(out, BPF_ALU | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, WINDOW);
		ebpf_goto(out, BPF_JMP | BPF_JGE | BPF_K, BPF_REG_2, 0, WINDOW, d->fails);
		relative(out, size, BPF_HDR_START_MAC);
		ebpf_goto(out, BPF_JMP | BPF_JA, 0, 0, 0, done);
		ebpf_here(out, network);
		relative(out, size, BPF_HDR_START_NET);
		ebpf_goto(out, BPF_JMP | BPF_JA, 0, 0, 0, done);
		ebpf_here(out, usual);
	}
	arguments(out, size);
	call(out, d->hook->load_bytes);
	if (wraps)
		ebpf_here(out, done);
}

/* Copy what F loads into the frame; false if that fails whatever the packet. */
static bool copy(struct ebpf_direct *d, const struct sock_filter *f, uint32_t at)
{
	struct ebpf_code *out = d->fast.out;
	uint32_t size = ebpf_load_size(f);

	if (cbpf_insn(f->code)->operand == CBPF_OPERAND_IND) {
		copy_at_x(d, f->k, size, d->flow.x_most[at]);
	} else if (f->k > INT32_MAX) {
		if (!copy_before(d, f->k, size))
			return false;
	} else {
		ebpf_set(out, BPF_REG_2, f->k);
		arguments(out, size);
		call(out, d->hook->load_bytes);
	}
	ebpf_goto(out, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0, d->fails);
	return true;
}

static void load(struct ebpf_direct *d, uint32_t at)
{
	const struct sock_filter *f = &d->fast.program->insns[at];
	struct ebpf_code *out = d->fast.out;
	bool length = f->code == CBPF_LDX_MSH;
	bool saves = length && d->flow.live[at + 1] & 1u << GEN_A;

	if (saves)
		ebpf_put(out, BPF_STX | BPF_MEM | BPF_DW, EBPF_FRAME, EBPF_A, EBPF_SAVED_A, 0);
	if (!copy(d, f, at)) {
		ebpf_goto(out, BPF_JMP | BPF_JA, 0, 0, 0, d->fails);
		return;
	}
	if (length) {
		ebpf_load(out, BPF_B, EBPF_X, EBPF_FRAME, EBPF_BUFFER);
		ebpf_put(out, BPF_ALU64 | BPF_AND | BPF_K, EBPF_X, 0, 0, 0xf);
		ebpf_put(out, BPF_ALU64 | BPF_LSH | BPF_K, EBPF_X, 0, 0, 2);
	} else {
		ebpf_load(out, BPF_SIZE(f->code), EBPF_A, EBPF_FRAME, EBPF_BUFFER);
		if (ebpf_load_size(f) > 1 && !d->flow.raw[at])
			ebpf_swap(out, EBPF_A, 8 * ebpf_load_size(f));
	}
	if (saves)
		ebpf_load(out, BPF_DW, EBPF_A, EBPF_FRAME, EBPF_SAVED_A);
}

/* Tell whether the load F fails whatever the packet, so that nothing comes after it. */
static bool only_fails(const struct sock_filter *f)
{
	bool fixed = cbpf_insn(f->code)->operand != CBPF_OPERAND_IND;

	return fixed && f->k > INT32_MAX && f->k < (uint32_t)SKF_LL_OFF;
}

/* Spread D->enters to all that can follow in the second copy. */
static bool is_entered(struct ebpf_direct *d)
{
	const struct cbpf_program *p = d->fast.program;
	bool any = false;
	uint32_t to[2];

	for (uint32_t i = 0; i < p->n; i++) {
		bool loads = ebpf_access(&p->insns[i]) != EBPF_NO_LOAD;

		any |= d->enters[i];
		if (!d->enters[i] || (loads && only_fails(&p->insns[i])))
			continue;
		for (unsigned ways = gen_targets(p->insns, i, to); ways-- > 0;)
			if (!d->enters[to[ways]])
				d->enters[to[ways]] = EBPF_FROM_SLOW;
	}
	return any;
}

/* Write the ways from the first copy into the second, if they take the context along. */
static void entries(struct ebpf_direct *d)
{
	struct ebpf_code *out = d->fast.out;
	uint32_t first = 0; /* which the second copy begins with */

	if (d->context == EBPF_CONTEXT)
		return;
	while (!d->enters[first])
		first++;
	for (uint32_t i = d->fast.program->n; i-- > first;) {
		if (d->enters[i] != EBPF_FROM_FAST)
			continue;
		ebpf_here(out, d->entry[i]);
		ebpf_mov64(out, EBPF_CONTEXT, d->context);
		if (i > first)
			ebpf_goto(out, BPF_JMP | BPF_JA, 0, 0, 0, d->slow[i]);
	}
	d->context = EBPF_CONTEXT;
}

bool ebpf_slow(struct ebpf_direct *d)
{
	const struct cbpf_program *p = d->fast.program;
	struct ebpf_code *out = d->fast.out;

	if (!is_entered(d))
		return true;
	entries(d);
	for (uint32_t i = 0; i < p->n; i++) {
		if (!d->enters[i])
			continue;
		ebpf_here(out, d->slow[i]);
		out->from = i;
		if (ebpf_access(&p->insns[i]) != EBPF_NO_LOAD)
			load(d, i);
		else if (!ebpf_direct_other(d, d->slow, i))
			return false;
	}
	ebpf_here(out, d->fails);
	ebpf_set(out, EBPF_A, 0);
	ebpf_exit(out);
	return true;
}
