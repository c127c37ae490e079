/* What instructions make of the registers and cells, as values of a graph. */
#include <assert.h>

#include "gen/gen.h"

struct ir_input gen_input(enum cbpf_use use)
{
	struct ir_input in = use == CBPF_SOCKET ? ir_input_packet
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	                                        : ir_input_seccomp_le;
#else
	                                        : ir_input_seccomp_be;
#endif
	in.exact_faults = true;
	return in;
}

/* --- liveness --------------------------------------------------------------------- */

static uint32_t regs(uint8_t mask, uint32_t cell)
{
	uint32_t r = 0;

	if (mask & CBPF_A)
		r |= 1u << GEN_A;
	if (mask & CBPF_X)
		r |= 1u << GEN_X;
	if (mask & CBPF_C)
		r |= 1u << (GEN_M + cell);
	return r;
}

/* Return the ancillary word that F loads, NULL if it loads none. */
static const struct cbpf_ancillary *ancillary(const struct sock_filter *f)
{
	if (BPF_CLASS(f->code) != BPF_LD || BPF_MODE(f->code) != BPF_ABS ||
	    f->k < CBPF_ANCILLARY)
		return NULL;
	return cbpf_ancillary(f->k - CBPF_ANCILLARY);
}

unsigned gen_targets(const struct sock_filter *insns, uint32_t at, uint32_t to[2])
{
	const struct sock_filter *f = &insns[at];

	if (cbpf_is_ret(f))
		return 0;
	to[0] = at + 1;
	if (cbpf_is_ja(f))
		to[0] += f->k;
	if (!cbpf_is_test(f))
		return 1;
	to[1] = to[0] + f->jf;
	to[0] += f->jt;
	return 2;
}

void gen_live(const struct sock_filter *insns, uint32_t n, uint32_t *live)
{
	for (uint32_t at = n; at-- > 0;) {
		const struct sock_filter *f = &insns[at];
		const struct cbpf_insn *row = cbpf_insn(f->code);
		const struct cbpf_ancillary *anc = ancillary(f);
		uint32_t to[2], later = 0;

		for (unsigned i = gen_targets(insns, at, to); i-- > 0;)
			later |= live[to[i]];
		later &= ~regs(row->writes, f->k);
		live[at] = later | regs(row->reads, f->k) |
		           (anc ? regs(anc->reads, 0) : 0);
	}
}

/* --- values ----------------------------------------------------------------------- */

static const enum ir_op alu_ops[] = {
	[BPF_ADD >> 4] = IR_ADD,
	[BPF_SUB >> 4] = IR_SUB,
	[BPF_MUL >> 4] = IR_MUL,
	[BPF_DIV >> 4] = IR_DIV,
	[BPF_OR >> 4] = IR_OR,
	[BPF_AND >> 4] = IR_AND,
	[BPF_LSH >> 4] = IR_LSH,
	[BPF_RSH >> 4] = IR_RSH,
	[BPF_MOD >> 4] = IR_MOD,
	[BPF_XOR >> 4] = IR_XOR,
};

static unsigned width_of(const struct sock_filter *f)
{
	return BPF_SIZE(f->code) == BPF_W ? 4 : BPF_SIZE(f->code) == BPF_H ? 2
	                                                                   : 1;
}

_Static_assert((int)IR_ANC_SETS == (int)CBPF_SETS && (int)IR_NSETS == (int)CBPF_NSETS,
               "one word for an open set");

static const struct ir_value *load(struct ir_graph *g, const struct sock_filter *f,
                                   const struct gen_regs *s)
{
	if (!ancillary(f))
		return ir_load(g, width_of(f), f->k);
	if (cbpf_is_set(f->k - CBPF_ANCILLARY))
		return ir_ancx(g, f->k - CBPF_ANCILLARY, s->reg[GEN_A], s->reg[GEN_X]);
	switch (f->k - CBPF_ANCILLARY) {
	case SKF_AD_ALU_XOR_X:
		return ir_op2(g, IR_XOR, s->reg[GEN_A], s->reg[GEN_X]);
	case SKF_AD_NLATTR:
	case SKF_AD_NLATTR_NEST:
		return ir_ancx(g, f->k - CBPF_ANCILLARY, s->reg[GEN_A],
		               s->reg[GEN_X]);
	}
	return ir_anc(g, f->k - CBPF_ANCILLARY);
}

static const struct ir_value *load_a(struct ir_graph *g, const struct sock_filter *f,
                                     const struct gen_regs *s)
{
	switch (BPF_MODE(f->code)) {
	case BPF_IMM:
		return ir_const(g, f->k);
	case BPF_MEM:
		return s->reg[GEN_M + f->k];
	case BPF_LEN:
		return ir_len(g);
	case BPF_MSH:
		return ir_msh(g, f->k);
	case BPF_IND:
		return ir_loadx(g, width_of(f), s->reg[GEN_X], f->k);
	}
	return load(g, f, s);
}

const struct ir_value *gen_right_side(struct ir_graph *g, const struct sock_filter *f,
                                      const struct gen_regs *regs)
{
	return BPF_SRC(f->code) == BPF_X ? regs->reg[GEN_X] : ir_const(g, f->k);
}

static const struct ir_value *compute(struct ir_graph *g, const struct sock_filter *f,
                                      const struct gen_regs *s)
{
	const struct ir_value *a = s->reg[GEN_A];

	if (BPF_OP(f->code) == BPF_NEG)
		return ir_neg(g, a);
	return ir_op2(g, alu_ops[BPF_OP(f->code) >> 4], a, gen_right_side(g, f, s));
}

void gen_step(struct ir_graph *g, const struct sock_filter *f, struct gen_regs *s)
{
	switch (BPF_CLASS(f->code)) {
	case BPF_LD:
		s->reg[GEN_A] = load_a(g, f, s);
		break;
	case BPF_LDX:
		s->reg[GEN_X] = load_a(g, f, s);
		break;
	case BPF_ST:
		s->reg[GEN_M + f->k] = s->reg[GEN_A];
		break;
	case BPF_STX:
		s->reg[GEN_M + f->k] = s->reg[GEN_X];
		break;
	case BPF_ALU:
		s->reg[GEN_A] = compute(g, f, s);
		break;
	case BPF_MISC:
		if (BPF_MISCOP(f->code) == BPF_TAX)
			s->reg[GEN_X] = s->reg[GEN_A];
		else
			s->reg[GEN_A] = s->reg[GEN_X];
		break;
	}
}

enum ir_cmp gen_compares(const struct sock_filter *f)
{
	static const enum ir_cmp cmps[] = {
		[BPF_JEQ >> 4] = IR_EQ,
		[BPF_JGT >> 4] = IR_GT,
		[BPF_JGE >> 4] = IR_GE,
		[BPF_JSET >> 4] = IR_ANY,
	};

	assert(cbpf_is_test(f));
	return cmps[BPF_OP(f->code) >> 4];
}
