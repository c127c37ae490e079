/* What every form makes of an instruction that does not read the packet. */
#include <linux/bpf.h>

#include "ebpf/ebpf.h"
#include "gen/gen.h"

uint8_t *ebpf_reached(struct arena *tmp, const struct cbpf_program *p)
{
	uint8_t *r = arena_array(tmp, uint8_t, p->n);
	uint32_t to[2];

	r[0] = 1;
	for (uint32_t i = 0; i < p->n; i++)
		for (unsigned ways = r[i] ? gen_targets(p->insns, i, to) : 0; ways-- > 0;)
			r[to[ways]] = 1;
	return r;
}

static int16_t cell(struct ebpf_code *out, uint32_t k)
{
	uint32_t depth = 4 * k + 4;

	if (out->stack < depth)
		out->stack = depth;
	return (int16_t)(0 - depth);
}

/* Write a test; of its ways, what comes next is fallen into. */
static void test(const struct ebpf_classic *c, uint32_t at, bool dirty)
{
	const struct sock_filter *f = &c->program->insns[at];
	bool by_x = BPF_SRC(f->code) == BPF_X;
	uint8_t op = BPF_OP(f->code), src = by_x ? EBPF_X : 0, source = BPF_SRC(f->code);
	int32_t imm = by_x && !dirty ? 0 : (int32_t)f->k;
	uint32_t yes = c->labels[at + 1 + f->jt], no = c->labels[at + 1 + f->jf];

	/* eBPF extends the sign of constants: a large one goes to a register. */
	if (!by_x && imm < 0) {
		ebpf_set(c->out, EBPF_TMP, f->k);
		src = EBPF_TMP;
		source = BPF_X;
		imm = 0;
	}
	if (f->jf && !f->jt && op != BPF_JSET) {
		op = op == BPF_JEQ ? BPF_JNE : op == BPF_JGT ? BPF_JLE
		                                             : BPF_JLT;
		ebpf_goto(c->out, BPF_JMP | op | source, EBPF_A, src, imm, no);
		return;
	}
	ebpf_goto(c->out, BPF_JMP | op | source, EBPF_A, src, imm, yes);
	if (f->jf)
		ebpf_goto(c->out, BPF_JMP | BPF_JA, 0, 0, 0, no);
}

/* Write arithmetic; a division by X = 0 ends the program with 0. */
static void arithmetic(const struct ebpf_classic *c, const struct sock_filter *f, bool dirty)
{
	struct ebpf_code *out = c->out;
	bool by_x = BPF_SRC(f->code) == BPF_X, neg = BPF_OP(f->code) == BPF_NEG;

	if (by_x && cbpf_insn(f->code)->flags & CBPF_IS_DIVIDES) {
		uint32_t divides = ebpf_label(out);

		ebpf_mov32(out, EBPF_X, EBPF_X);
		ebpf_goto(out, BPF_JMP | BPF_JNE | BPF_K, EBPF_X, 0, 0, divides);
		if (dirty)
			ebpf_put(out, BPF_ALU | BPF_XOR | BPF_X, EBPF_A, EBPF_A, 0, 0);
		else
			ebpf_set(out, EBPF_A, 0);
		ebpf_exit(out);
		ebpf_here(out, divides);
	}
	ebpf_put(out, (uint8_t)f->code, EBPF_A, dirty || (by_x && !neg) ? EBPF_X : 0, 0,
	         dirty || !(by_x || neg) ? (int32_t)f->k : 0);
}

void ebpf_header_length(struct ebpf_code *out)
{
	ebpf_put(out, BPF_ALU | BPF_AND | BPF_K, EBPF_A, 0, 0, 0xf);
	ebpf_put(out, BPF_ALU | BPF_LSH | BPF_K, EBPF_A, 0, 0, 2);
	ebpf_mov64(out, EBPF_TMP, EBPF_X);
	ebpf_mov64(out, EBPF_X, EBPF_A);
	ebpf_mov64(out, EBPF_A, EBPF_TMP);
}

bool ebpf_plain(const struct ebpf_classic *c, uint32_t at, bool dirty)
{
	const struct sock_filter *f = &c->program->insns[at];
	struct ebpf_code *out = c->out;

	switch (f->code) {
	case CBPF_LD_IMM:
	case CBPF_LDX_IMM:
		ebpf_set(out, f->code == CBPF_LD_IMM ? EBPF_A : EBPF_X, f->k);
		return true;
	case CBPF_LD_MEM:
	case CBPF_LDX_MEM:
		ebpf_load(out, BPF_W, f->code == CBPF_LD_MEM ? EBPF_A : EBPF_X, EBPF_FRAME,
		          (int16_t)(0 - (4 * f->k + 4)));
		return true;
	case CBPF_ST:
	case CBPF_STX:
		ebpf_put(out, BPF_STX | BPF_MEM | BPF_W, EBPF_FRAME,
		         f->code == CBPF_ST ? EBPF_A : EBPF_X, cell(out, f->k), 0);
		return true;
	case CBPF_TAX:
		ebpf_mov64(out, EBPF_X, EBPF_A);
		return true;
	case CBPF_TXA:
		ebpf_mov64(out, EBPF_A, EBPF_X);
		return true;
	case CBPF_RET_K:
		ebpf_set(out, EBPF_A, f->k);
		ebpf_exit(out);
		return true;
	case CBPF_RET_A:
		ebpf_exit(out);
		return true;
	case CBPF_JA:
		ebpf_goto(out, BPF_JMP | BPF_JA, 0, 0, 0, c->labels[at + 1 + f->k]);
		return true;
	default:
		break;
	}
	if (BPF_CLASS(f->code) == BPF_ALU)
		arithmetic(c, f, dirty);
	else if (cbpf_is_test(f))
		test(c, at, dirty);
	else
		return false;
	return true;
}
