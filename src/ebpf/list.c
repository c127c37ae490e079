/* eBPF in words, as the kernel's verifier prints it, and as numbers. */
#include <linux/bpf.h>

#include "ebpf/ebpf.h"

static bool is_64(uint8_t code)
{
	return BPF_CLASS(code) == BPF_ALU64 || BPF_CLASS(code) == BPF_JMP;
}

static bool is_jump(uint8_t code)
{
	return BPF_CLASS(code) == BPF_JMP || BPF_CLASS(code) == BPF_JMP32;
}

/* Write a register: "r1" for all of it, "w1" for its low half. */
static void put_register(struct buf *out, uint8_t code, uint8_t reg)
{
	buf_printf(out, "%c%u", is_64(code) ? 'r' : 'w', reg);
}

/* Write the second operand of arithmetic or a test. */
static void put_operand(struct buf *out, const struct ebpf_insn *i)
{
	if (BPF_SRC(i->code) == BPF_X)
		put_register(out, i->code, i->src);
	else if (is_jump(i->code))
		buf_printf(out, "0x%x", (uint32_t)i->imm);
	else
		buf_printf(out, "%d", i->imm);
}

static const char *const arithmetic[16] = {
	[BPF_ADD >> 4] = "+=",
	[BPF_SUB >> 4] = "-=",
	[BPF_MUL >> 4] = "*=",
	[BPF_DIV >> 4] = "/=",
	[BPF_OR >> 4] = "|=",
	[BPF_AND >> 4] = "&=",
	[BPF_LSH >> 4] = "<<=",
	[BPF_RSH >> 4] = ">>=",
	[BPF_MOD >> 4] = "%=",
	[BPF_XOR >> 4] = "^=",
	[BPF_MOV >> 4] = "=",
	[BPF_ARSH >> 4] = "s>>=",
};

static void put_arithmetic(struct buf *out, const struct ebpf_insn *i)
{
	const char *op = arithmetic[BPF_OP(i->code) >> 4];

	if (BPF_OP(i->code) == BPF_END) {
		buf_printf(out, "r%u = %ce%d r%u", i->dst, BPF_SRC(i->code) ? 'b' : 'l', i->imm,
		           i->dst);
		return;
	}
	put_register(out, i->code, i->dst);
	if (BPF_OP(i->code) == BPF_NEG) {
		buf_puts(out, " = -");
		put_register(out, i->code, i->dst);
		return;
	}
	buf_printf(out, " %s ", op ? op : "?");
	put_operand(out, i);
}

static const char *const tests[16] = {
	[BPF_JEQ >> 4] = "==",
	[BPF_JNE >> 4] = "!=",
	[BPF_JGT >> 4] = ">",
	[BPF_JGE >> 4] = ">=",
	[BPF_JLT >> 4] = "<",
	[BPF_JLE >> 4] = "<=",
	[BPF_JSET >> 4] = "&",
	[BPF_JSGT >> 4] = "s>",
	[BPF_JSGE >> 4] = "s>=",
	[BPF_JSLT >> 4] = "s<",
	[BPF_JSLE >> 4] = "s<=",
};

/* Write a call: of a function that a relocation names, or of a helper. */
static void put_call(struct buf *out, const struct ebpf_code *c, uint32_t at)
{
	const struct ebpf_insn *i = &c->insns.v[at];
	static const struct {
		int32_t number;
		const char *name;
	} helpers[] = {
		{ BPF_FUNC_map_lookup_elem, "bpf_map_lookup_elem" },
		{ BPF_FUNC_get_prandom_u32, "bpf_get_prandom_u32" },
		{ BPF_FUNC_get_smp_processor_id, "bpf_get_smp_processor_id" },
		{ BPF_FUNC_skb_load_bytes, "bpf_skb_load_bytes" },
		{ BPF_FUNC_skb_load_bytes_relative, "bpf_skb_load_bytes_relative" },
		{ BPF_FUNC_xdp_get_buff_len, "bpf_xdp_get_buff_len" },
		{ BPF_FUNC_xdp_load_bytes, "bpf_xdp_load_bytes" },
	};

	array_each(r, &c->relocs)
		if (r->insn == at) {
			buf_printf(out, "call %s", r->symbol);
			return;
		}
	for (size_t n = 0; n < ARRAY_LEN(helpers); n++)
		if (helpers[n].number == i->imm) {
			buf_printf(out, "call %s#%d", helpers[n].name, i->imm);
			return;
		}
	buf_printf(out, "call #%d", i->imm);
}

static void put_jump(struct buf *out, const struct ebpf_code *c, uint32_t at)
{
	const struct ebpf_insn *i = &c->insns.v[at];

	switch (BPF_OP(i->code)) {
	case BPF_JA:
		buf_printf(out, "goto pc%+d", i->off);
		return;
	case BPF_EXIT:
		buf_puts(out, "exit");
		return;
	case BPF_CALL:
		put_call(out, c, at);
		return;
	default:
		break;
	}
	buf_puts(out, "if ");
	put_register(out, i->code, i->dst);
	buf_printf(out, " %s ", tests[BPF_OP(i->code) >> 4] ? tests[BPF_OP(i->code) >> 4] : "?");
	put_operand(out, i);
	buf_printf(out, " goto pc%+d", i->off);
}

static const char *width(uint8_t code)
{
	static const char *const widths[] = { "u32", "u16", "u8", "u64" };

	return widths[BPF_SIZE(code) >> 3];
}

/* Tell whether I is the first half of a constant of 64 bits. */
static bool is_wide(const struct ebpf_insn *i)
{
	return i->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Write a load: "r0 = *(u8 *)skb[23]", "r0 = *(u32 *)(r6 +16)". */
static void put_load(struct buf *out, const struct ebpf_insn *i)
{
	if (BPF_CLASS(i->code) == BPF_LDX)
		buf_printf(out, "r%u = *(%s *)(r%u %+d)", i->dst, width(i->code), i->src, i->off);
	else if (BPF_MODE(i->code) == BPF_IND)
		buf_printf(out, "r0 = *(%s *)skb[r%u %+d]", width(i->code), i->src, i->imm);
	else
		buf_printf(out, "r0 = *(%s *)skb[%d]", width(i->code), i->imm);
}

void ebpf_insn_text(struct buf *out, const struct ebpf_code *c, uint32_t at)
{
	const struct ebpf_insn *i = &c->insns.v[at];

	if (is_wide(i) && i->src == BPF_PSEUDO_MAP_FD) {
		buf_printf(out, "r%u = set[%d]", i->dst, i->imm);
		return;
	}
	if (is_wide(i)) {
		buf_printf(out, "r%u = 0x%llx", i->dst,
		           (unsigned long long)(uint32_t)i[1].imm << 32 | (uint32_t)i->imm);
		return;
	}
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
	case BPF_LDX:
		put_load(out, i);
		break;
	case BPF_ST:
		buf_printf(out, "*(%s *)(r%u %+d) = %d", width(i->code), i->dst, i->off, i->imm);
		break;
	case BPF_STX:
		if (BPF_MODE(i->code) == BPF_ATOMIC) {
			buf_printf(out, "lock *(%s *)(r%u %+d) += r%u", width(i->code), i->dst, i->off,
			           i->src);
			break;
		}
		buf_printf(out, "*(%s *)(r%u %+d) = r%u", width(i->code), i->dst, i->off, i->src);
		break;
	case BPF_ALU:
	case BPF_ALU64:
		put_arithmetic(out, i);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		put_jump(out, c, at);
		break;
	}
}

/*
 * Write which offset of the instruction a kernel fills in: "; offset of
 * skb.len".
 */
static void put_reloc(struct buf *out, const struct ebpf_reloc *r)
{
	if (!r->is_imm)
		buf_printf(out, " ; offset of %s", r->symbol);
}

void ebpf_put_listing(struct buf *out, const struct ebpf_code *c)
{
	uint32_t reloc = 0;

	for (uint32_t i = 0; i < c->insns.n; i++) {
		buf_printf(out, "%4u: (%02x) ", i, c->insns.v[i].code);
		ebpf_insn_text(out, c, i);
		for (; reloc < c->relocs.n && c->relocs.v[reloc].insn == i; reloc++)
			put_reloc(out, &c->relocs.v[reloc]);
		buf_putc(out, '\n');
		i += is_wide(&c->insns.v[i]); /* its other half has no line of its own */
	}
}

void ebpf_put_word(struct buf *out, uint64_t w, unsigned size, bool big_endian)
{
	for (unsigned i = 0; i < size; i++)
		buf_putc(out, (char)(w >> 8 * (big_endian ? size - 1 - i : i)));
}

void ebpf_put_raw(struct buf *out, const struct ebpf_code *c, bool big_endian)
{
	array_each(i, &c->insns) {
		buf_putc(out, (char)i->code);
		buf_putc(out, (char)(big_endian ? i->dst << 4 | i->src : i->src << 4 | i->dst));
		ebpf_put_word(out, (uint16_t)i->off, 2, big_endian);
		ebpf_put_word(out, (uint32_t)i->imm, 4, big_endian);
	}
}

void ebpf_put_c(struct buf *out, const struct ebpf_code *c)
{
	array_each(i, &c->insns)
		buf_printf(out, "{ 0x%02x, %u, %u, %d, %d },\n", i->code, i->dst, i->src, i->off,
		           i->imm);
}
