/*
 * The kernel form: what bpf_convert_filter (net/core/filter.c) makes of a classic
 * program, field by field, dead code and meaningless operands included. What belongs to
 * one build of the kernel is a relocation.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "ebpf/ebpf.h"

struct kernel {
	struct ebpf_classic classic;
	struct ebpf_code *out;
	const struct ebpf_target *target;
};

/* Load a member of the kernel's SYMBOL, which SRC points to. */
static void member(struct kernel *k, uint8_t size, uint8_t dst, uint8_t src, const char *symbol)
{
	ebpf_load(k->out, size, dst, src, 0);
	ebpf_relocate(k->out, false, symbol);
}

static uint8_t pointer_size(const struct kernel *k)
{
	return k->target->pointer32 ? BPF_W : BPF_DW;
}

static void call(struct kernel *k, const char *symbol)
{
	ebpf_put(k->out, BPF_JMP | BPF_CALL, 0, 0, 0, 0);
	ebpf_relocate(k->out, true, symbol);
}

static void return_0(struct kernel *k)
{
	ebpf_put(k->out, BPF_ALU | BPF_XOR | BPF_X, EBPF_A, EBPF_A, 0, 0);
	ebpf_exit(k->out);
}

/*
 * Write the prologue: clear A and X, keep the context, load where the data are
 * and how long.
 */
static void prologue(struct kernel *k)
{
	const struct cbpf_program *p = k->classic.program;
	struct ebpf_code *out = k->out;

	ebpf_put(out, BPF_ALU | BPF_XOR | BPF_X, EBPF_A, EBPF_A, 0, 0);
	ebpf_put(out, BPF_ALU | BPF_XOR | BPF_X, EBPF_X, EBPF_X, 0, 0);
	ebpf_mov64(out, EBPF_CONTEXT, BPF_REG_1);
	if (cbpf_prologue(p->insns, p->n, p->use) == 3)
		return;
	member(k, pointer_size(k), EBPF_DATA, EBPF_CONTEXT, "skb.data");
	member(k, BPF_W, EBPF_HEADLEN, EBPF_CONTEXT, "skb.len");
	member(k, BPF_W, EBPF_TMP, EBPF_CONTEXT, "skb.data_len");
	ebpf_put(out, BPF_ALU | BPF_SUB | BPF_X, EBPF_HEADLEN, EBPF_TMP, 0, 0);
}

/* --- packet loads ----------------------------------------------------------------- */

static int32_t bytes_of(uint8_t size)
{
	return size == BPF_W ? 4 : size == BPF_H ? 2
	                                         : 1;
}

/* Tell whether a load of SIZE bytes at OFFSET has a fast path. */
static bool is_inline(const struct ebpf_target *t, int32_t offset, int32_t size)
{
	if (offset < 0)
		return false;
	/* Linux means (offset + pad) % size, but this is what it says. */
	return !t->strict || offset + t->ip_align % size == 0;
}

static void fast_load(struct kernel *k, uint8_t size, int32_t offset)
{
	struct ebpf_code *out = k->out;
	int32_t bytes = bytes_of(size);
	bool far = offset > INT16_MAX, swaps = bytes > 1;

	ebpf_mov64(out, EBPF_TMP, EBPF_HEADLEN);
	if (offset)
		ebpf_put(out, BPF_ALU64 | BPF_SUB | BPF_K, EBPF_TMP, 0, 0, offset);
	ebpf_put(out, BPF_JMP | BPF_JSLT | BPF_K, EBPF_TMP, 0,
	         (int16_t)(2 + swaps + (far ? 2 : 0)), bytes);
	if (far) {
		ebpf_mov64(out, EBPF_TMP, EBPF_DATA);
		ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_K, EBPF_TMP, 0, 0, offset);
		ebpf_load(out, size, EBPF_A, EBPF_TMP, 0);
	} else {
		ebpf_load(out, size, EBPF_A, EBPF_DATA, (int16_t)offset);
	}
	if (swaps)
		ebpf_swap(out, EBPF_A, 8 * (unsigned)bytes);
	ebpf_put(out, BPF_JMP | BPF_JA, 0, 0, 8, 0); /* over the slow path */
}

/* Write A = the SIZE at OFFSET, or at X + OFFSET. */
static void load(struct kernel *k, uint8_t size, int32_t offset, bool indexed)
{
	struct ebpf_code *out = k->out;

	if (!indexed && is_inline(k->target, offset, bytes_of(size)))
		fast_load(k, size, offset);
	ebpf_mov64(out, BPF_REG_1, EBPF_CONTEXT);
	ebpf_mov64(out, BPF_REG_2, EBPF_DATA);
	ebpf_mov64(out, BPF_REG_3, EBPF_HEADLEN);
	if (!indexed) {
		ebpf_put(out, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, offset);
	} else {
		ebpf_mov64(out, BPF_REG_4, EBPF_X);
		if (offset)
			ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_4, 0, 0, offset);
	}
	call(k, size == BPF_B ? "load_8" : size == BPF_H ? "load_16"
	                                                 : "load_32");
	ebpf_put(out, BPF_JMP | BPF_JSGE | BPF_K, EBPF_A, 0, 2, 0);
	return_0(k);
}

/* Write X = 4 * (the byte at OFFSET & 15); A is kept in X meanwhile. */
static void header_length(struct kernel *k, int32_t offset)
{
	struct ebpf_code *out = k->out;

	ebpf_mov64(out, EBPF_X, EBPF_A);
	load(k, BPF_B, offset, false);
	ebpf_header_length(out);
}

/* --- ancillary words --------------------------------------------------------------- */

/*
 * Load the packet's type: three bits of a byte, at the end where bit fields
 * begin.
 */
static void packet_type(struct kernel *k, const struct ebpf_word *w)
{
	bool high = k->target->big_endian;

	member(k, BPF_B, EBPF_A, EBPF_CONTEXT, w->symbol);
	ebpf_put(k->out, BPF_ALU | BPF_AND | BPF_K, EBPF_A, 0, 0, high ? 7 << 5 : 7);
	if (high)
		ebpf_put(k->out, BPF_ALU | BPF_RSH | BPF_K, EBPF_A, 0, 0, 5);
}

/* Load whether there is a VLAN tag: a bit until 6.2, then a tag that is not 0. */
static void tag_present(struct kernel *k, const struct ebpf_word *w)
{
	if (k->target->old_vlan) {
		bool high = k->target->big_endian;

		member(k, BPF_B, EBPF_A, EBPF_CONTEXT, "skb.vlan_present");
		ebpf_put(k->out, BPF_ALU | (high ? BPF_AND : BPF_RSH) | BPF_K, EBPF_A, 0, 0,
		         high ? 1 : 7);
		return;
	}
	member(k, w->size, EBPF_A, EBPF_CONTEXT, w->symbol);
	ebpf_put(k->out, BPF_JMP | BPF_JEQ | BPF_K, EBPF_A, 0, 1, 0);
	ebpf_set(k->out, EBPF_A, 1);
}

/*
 * Load a member of the packet's device; without a device the program ends, with
 * A.
 */
static void device(struct kernel *k, const struct ebpf_word *w)
{
	member(k, pointer_size(k), EBPF_TMP, EBPF_CONTEXT, "skb.dev");
	ebpf_put(k->out, BPF_JMP | BPF_JNE | BPF_K, EBPF_TMP, 0, 1, 0);
	ebpf_exit(k->out);
	member(k, w->size, EBPF_A, EBPF_TMP, w->symbol);
}

static void ancillary(struct kernel *k, uint32_t which)
{
	const struct ebpf_word *w = ebpf_word(which);
	struct ebpf_code *out = k->out;

	switch (w->kind) {
	case EBPF_MEMBER:
		member(k, w->size, EBPF_A, EBPF_CONTEXT, w->symbol);
		if (w->swap)
			ebpf_swap(out, EBPF_A, 16);
		break;
	case EBPF_PKTTYPE:
		packet_type(k, w);
		break;
	case EBPF_PRESENT:
		tag_present(k, w);
		break;
	case EBPF_DEVICE:
		device(k, w);
		break;
	case EBPF_CALL:
		ebpf_mov64(out, BPF_REG_1, EBPF_CONTEXT);
		ebpf_mov64(out, BPF_REG_2, EBPF_A);
		ebpf_mov64(out, BPF_REG_3, EBPF_X);
		call(k, w->symbol);
		break;
	case EBPF_XOR:
		ebpf_put(out, BPF_ALU | BPF_XOR | BPF_X, EBPF_A, EBPF_X, 0, 0);
		break;
	}
}

/* --- programs --------------------------------------------------------------------- */

/* Load the length of the packet, or of seccomp_data. */
static void length(struct kernel *k, uint8_t dst)
{
	if (k->classic.program->use == CBPF_SECCOMP)
		ebpf_set(k->out, dst, CBPF_SECCOMP_SIZE);
	else
		member(k, BPF_W, dst, EBPF_CONTEXT, "skb.len");
}

static void convert(struct kernel *k, uint32_t at)
{
	const struct sock_filter *f = &k->classic.program->insns[at];
	uint8_t size = BPF_SIZE(f->code);

	switch (cbpf_insn(f->code)->operand) {
	case CBPF_OPERAND_ABS:
		if (k->classic.program->use == CBPF_SECCOMP)
			ebpf_load(k->out, BPF_W, EBPF_A, EBPF_CONTEXT, (int16_t)f->k);
		else if (f->k >= CBPF_ANCILLARY)
			ancillary(k, f->k - CBPF_ANCILLARY);
		else
			load(k, size, (int32_t)f->k, false);
		return;
	case CBPF_OPERAND_IND:
		load(k, size, (int32_t)f->k, true);
		return;
	case CBPF_OPERAND_MSH:
		header_length(k, (int32_t)f->k);
		return;
	case CBPF_OPERAND_LEN:
		length(k, f->code == CBPF_LD_LEN ? EBPF_A : EBPF_X);
		return;
	default:
		break;
	}
	ebpf_plain(&k->classic, at, true);
}

/*
 * Give every jump its distance, if 16 bits hold it. Linux looks at distances twice; the
 * first time all targets count as 0, so a jump must not be far from the start, either.
 */
static bool link_jumps(struct ebpf_code *out, struct ebpf_error *error)
{
	array_each(j, &out->jumps) {
		int64_t skip = (int64_t)out->labels.v[j->label] - j->insn - 1;

		if (j->insn <= INT16_MAX && skip <= INT16_MAX) {
			out->insns.v[j->insn].off = (int16_t)skip;
			continue;
		}
		error->at = j->from;
		snprintf(error->reason, sizeof error->reason,
		         "too far for Linux: once converted, the jump is at %u and skips %lld "
		         "instructions, and neither may be above %d",
		         j->insn, (long long)skip, INT16_MAX);
		return false;
	}
	return true;
}

bool ebpf_kernel(const struct cbpf_program *p, const struct ebpf_target *target,
                 struct ebpf_code *out, struct ebpf_error *error)
{
	struct kernel k = {
		.classic = { p, out, arena_array(out->arena, uint32_t, p->n) },
		.out = out,
		.target = target,
	};

	for (uint32_t i = 0; i < p->n; i++)
		k.classic.labels[i] = ebpf_label(out);
	prologue(&k);
	for (uint32_t i = 0; i < p->n; i++) {
		ebpf_here(out, k.classic.labels[i]);
		out->from = i;
		convert(&k, i);
	}
	return link_jumps(out, error);
}
