/* What both copies of a program in direct form do alike: all but load from the packet. */
#include <linux/bpf.h>
#include <stdio.h>

#include "ebpf/direct.h"

/* Return the low SIZE bytes of K in the other order. */
static uint32_t swapped(uint32_t k, unsigned size)
{
	return size == 2 ? __builtin_bswap16((uint16_t)k) : __builtin_bswap32(k);
}

/* Return the constant of the instruction at AT, in the order that A's bytes have there. */
static uint32_t constant(const struct ebpf_direct *d, uint32_t at)
{
	uint32_t k = d->fast.program->insns[at].k;

	return d->flow.raw[at] && !d->big_endian ? swapped(k, d->flow.raw[at]) : k;
}

/* Write a test of A, whose bytes may still be as they were in the packet. */
static void test(struct ebpf_direct *d, const uint32_t *labels, uint32_t at)
{
	const struct sock_filter *f = &d->fast.program->insns[at];
	bool by_x = BPF_SRC(f->code) == BPF_X;
	uint32_t k = by_x ? 0 : constant(d, at);
	uint32_t yes = labels[at + 1 + f->jt], no = labels[at + 1 + f->jf];
	uint8_t op = BPF_OP(f->code), class;
	bool inverse = f->jf && !f->jt && op != BPF_JSET;

	/* Compared as 64 bits, a constant's sign is extended; A and X have 32. */
	class = k > INT32_MAX ? BPF_JMP32 : BPF_JMP;
	if (inverse)
		op = op == BPF_JEQ ? BPF_JNE : op == BPF_JGT ? BPF_JLE
		                                             : BPF_JLT;
	ebpf_goto(d->fast.out, class | op | BPF_SRC(f->code), EBPF_A, by_x ? EBPF_X : 0, (int32_t)k,
	          inverse ? no : yes);
	if (f->jf && !inverse)
		ebpf_goto(d->fast.out, BPF_JMP | BPF_JA, 0, 0, 0, no);
}

/* Load the length of the packet, however it is stored. */
static void length(struct ebpf_direct *d, uint32_t at)
{
	bool to_x = d->fast.program->insns[at].code == CBPF_LDX_LEN;
	bool saves = to_x && d->flow.live[at + 1] & 1u << GEN_A;
	uint8_t dst = to_x ? EBPF_X : EBPF_A;
	struct ebpf_code *out = d->fast.out;

	if (d->hook->length >= 0) {
		ebpf_load(out, BPF_W, dst, d->context, d->hook->length);
		return;
	}
	if (saves)
		ebpf_put(out, BPF_STX | BPF_MEM | BPF_DW, EBPF_FRAME, EBPF_A, EBPF_SAVED_A, 0);
	ebpf_mov64(out, BPF_REG_1, d->context);
	ebpf_put(out, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_xdp_get_buff_len);
	ebpf_mov32(out, dst, BPF_REG_0);
	if (saves)
		ebpf_load(out, BPF_DW, EBPF_A, EBPF_FRAME, EBPF_SAVED_A);
}

/* Load an ancillary word; false for one that this program type lacks. */
static bool ancillary(struct ebpf_direct *d, const uint32_t *labels, uint32_t at, uint32_t which)
{
	const struct ebpf_word *w;
	int16_t member;
	struct ebpf_code *out = d->fast.out;

	if (cbpf_is_set(which)) {
		ebpf_ask_set(d, at, which - CBPF_SETS, labels == d->slow);
		return true;
	}
	w = ebpf_word(which);
	member = d->hook->is_tc    ? w->member
	         : d->hook->is_xdp ? w->xdp
	                           : -1;
	if (w->kind == EBPF_XOR) {
		ebpf_put(out, BPF_ALU | BPF_XOR | BPF_X, EBPF_A, EBPF_X, 0, 0);
	} else if (member >= 0) {
		ebpf_load(out, BPF_W, EBPF_A, d->context, member);
		if (w->swap)
			ebpf_swap(out, EBPF_A, 16);
	} else if (w->helper) {
		ebpf_put(out, BPF_JMP | BPF_CALL, 0, 0, 0, w->helper);
		ebpf_mov32(out, EBPF_A, EBPF_A);
	} else {
		d->error->at = at;
		snprintf(d->error->reason, sizeof d->error->reason,
		         "%s programs cannot ask for the ancillary word '%s'", d->hook->name,
		         cbpf_ancillary(which)->text);
		return false;
	}
	return true;
}

bool ebpf_direct_other(struct ebpf_direct *d, const uint32_t *labels, uint32_t at)
{
	const struct sock_filter *f = &d->fast.program->insns[at];
	struct ebpf_classic here = d->fast;

	here.labels = (uint32_t *)labels;
	if (cbpf_insn(f->code)->operand == CBPF_OPERAND_ABS)
		return ancillary(d, labels, at, f->k - CBPF_ANCILLARY);
	if (cbpf_insn(f->code)->operand == CBPF_OPERAND_LEN) {
		length(d, at);
	} else if (cbpf_is_test(f)) {
		test(d, labels, at);
	} else if (d->flow.raw[at]) { /* changes bytes in place */
		ebpf_put(d->fast.out, (uint8_t)f->code, EBPF_A, 0, 0, (int32_t)constant(d, at));
	} else {
		ebpf_plain(&here, at, false);
	}
	return true;
}
