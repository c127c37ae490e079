/*
 * The loadable form: a classic socket filter as bpf(2) takes it. It is the kernel form by
 * other means: what no path reaches is dropped, registers are set before they are read,
 * fields without a meaning are 0; packet loads are the eBPF instructions for them, and
 * ancillary words are members of the context, or helper functions.
 */
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>

#include "ebpf/ebpf.h"

struct loadable {
	struct ebpf_classic classic;
	struct ebpf_code *out;
	struct ebpf_error *error;
};

/*
 * Write A = the SIZE at OFFSET, or at X + OFFSET; the program ends with 0 if
 * that is not there.
 */
static void load(struct loadable *l, uint8_t size, uint32_t offset, bool indexed)
{
	ebpf_put(l->out, BPF_LD | (indexed ? BPF_IND : BPF_ABS) | size, 0, indexed ? EBPF_X : 0, 0,
	         (int32_t)offset);
}

static void header_length(struct loadable *l, uint32_t offset)
{
	struct ebpf_code *out = l->out;

	ebpf_mov64(out, EBPF_X, EBPF_A);
	load(l, BPF_B, offset, false);
	ebpf_header_length(out);
}

/*
 * Load an ancillary word; false for one that programs loaded by bpf(2) cannot
 * have.
 */
static bool ancillary(struct loadable *l, uint32_t at, uint32_t which)
{
	const struct ebpf_word *w = ebpf_word(which);

	if (w->kind == EBPF_XOR) {
		ebpf_put(l->out, BPF_ALU | BPF_XOR | BPF_X, EBPF_A, EBPF_X, 0, 0);
	} else if (w->member >= 0) {
		ebpf_load(l->out, BPF_W, EBPF_A, EBPF_CONTEXT, w->member);
		if (w->swap)
			ebpf_swap(l->out, EBPF_A, 16);
	} else if (w->helper) {
		ebpf_put(l->out, BPF_JMP | BPF_CALL, 0, 0, 0, w->helper);
	} else {
		l->error->at = at;
		snprintf(l->error->reason, sizeof l->error->reason,
		         "programs loaded by bpf(2) cannot ask for the ancillary word '%s'",
		         cbpf_ancillary(which)->text);
		return false;
	}
	return true;
}

static bool convert(struct loadable *l, uint32_t at)
{
	const struct sock_filter *f = &l->classic.program->insns[at];
	uint8_t size = BPF_SIZE(f->code);

	switch (cbpf_insn(f->code)->operand) {
	case CBPF_OPERAND_ABS:
		if (f->k >= CBPF_ANCILLARY)
			return ancillary(l, at, f->k - CBPF_ANCILLARY);
		load(l, size, f->k, false);
		return true;
	case CBPF_OPERAND_IND:
		load(l, size, f->k, true);
		return true;
	case CBPF_OPERAND_MSH:
		header_length(l, f->k);
		return true;
	case CBPF_OPERAND_LEN:
		ebpf_load(l->out, BPF_W, f->code == CBPF_LD_LEN ? EBPF_A : EBPF_X, EBPF_CONTEXT,
		          (int16_t)offsetof(struct __sk_buff, len));
		return true;
	default:
		break;
	}
	return ebpf_plain(&l->classic, at, false);
}

bool ebpf_loadable(const struct cbpf_program *p, struct ebpf_code *out,
                   struct ebpf_error *error)
{
	struct loadable l = {
		.classic = { p, out, arena_array(out->arena, uint32_t, p->n) },
		.out = out,
		.error = error,
	};
	const uint8_t *runs = ebpf_reached(out->arena, p);

	for (uint32_t i = 0; i < p->n; i++)
		l.classic.labels[i] = ebpf_label(out);
	ebpf_mov64(out, EBPF_CONTEXT, BPF_REG_1);
	ebpf_set(out, EBPF_A, 0);
	ebpf_set(out, EBPF_X, 0);
	for (uint32_t i = 0; i < p->n; i++) {
		ebpf_here(out, l.classic.labels[i]);
		out->from = i;
		if (runs[i] && !convert(&l, i))
			return false;
	}
	ebpf_link(out);
	return true;
}
