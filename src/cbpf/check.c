/*
 * The checker: Linux's verdict on a program, with the instruction and the
 * reason. It follows bpf_check_classic and check_load_and_stores
 * (net/core/filter.c), seccomp_check_filter (kernel/seccomp.c) and the jump
 * range of bpf_convert_filter, in the order in which Linux asks them.
 */
#include <stdio.h>

#include "cbpf/cbpf.h"

struct check {
	const struct sock_filter *p;
	uint32_t n;
	bool sets; /* open sets may be asked for */
	struct cbpf_verdict *out;
};

__attribute__((format(printf, 4, 5))) static bool refuse(struct check *c, enum cbpf_gate gate, uint32_t at,
                                                         const char *fmt, ...)
{
	va_list ap;

	c->out->gate = gate;
	c->out->at = at;
	va_start(ap, fmt);
	vsnprintf(c->out->reason, sizeof c->out->reason, fmt, ap);
	va_end(ap);
	return false;
}

static bool target_ok(struct check *c, uint32_t at, uint64_t skip)
{
	if (at + 1 + skip < c->n)
		return true;
	return refuse(c, CBPF_BAD_CLASSIC, at,
	              "jump past the end: to instruction %llu of a program of %u",
	              (unsigned long long)(at + 1 + skip), c->n);
}

static bool operand_ok(struct check *c, uint32_t at,
                       const struct cbpf_insn *insn)
{
	const struct sock_filter *f = &c->p[at];

	switch (insn->operand) {
	case CBPF_OPERAND_ABS:
		if (f->k < CBPF_ANCILLARY ||
		    (cbpf_ancillary(f->k - CBPF_ANCILLARY) &&
		     (c->sets || !cbpf_is_set(f->k - CBPF_ANCILLARY))))
			return true;
		return refuse(c, CBPF_BAD_CLASSIC, at,
		              "no ancillary word at %d (SKF_AD_OFF + %u)",
		              (int)f->k, f->k - CBPF_ANCILLARY);
	case CBPF_OPERAND_CELL:
		if (f->k < CBPF_CELLS)
			return true;
		return refuse(c, CBPF_BAD_CLASSIC, at,
		              "no scratch cell M[%u]: there are %d", f->k,
		              CBPF_CELLS);
	case CBPF_OPERAND_DEC:
		if ((insn->flags & CBPF_IS_DIVIDES) && !f->k)
			return refuse(c, CBPF_BAD_CLASSIC, at,
			              "division by the constant 0");
		if ((insn->flags & CBPF_IS_SHIFTS) && f->k > 31)
			return refuse(c, CBPF_BAD_CLASSIC, at,
			              "shift by %u: a word has 32 bits", f->k);
		return true;
	case CBPF_OPERAND_JUMP:
		return target_ok(c, at, f->k);
	case CBPF_OPERAND_TEST_K:
	case CBPF_OPERAND_TEST_X:
		return target_ok(c, at, f->jt) && target_ok(c, at, f->jf);
	case CBPF_OPERAND_NONE:
	case CBPF_OPERAND_IND:
	case CBPF_OPERAND_MSH:
	case CBPF_OPERAND_LEN:
	case CBPF_OPERAND_HEX:
	case CBPF_OPERAND_X:
	case CBPF_OPERAND_A:
		break;
	}
	return true;
}

static bool insns_ok(struct check *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const struct cbpf_insn *insn = cbpf_insn(c->p[i].code);

		if (!insn)
			return refuse(c, CBPF_BAD_CLASSIC, i,
			              "unknown instruction code 0x%x",
			              c->p[i].code);
		if (!operand_ok(c, i, insn))
			return false;
	}
	if (!cbpf_is_ret(&c->p[c->n - 1]))
		return refuse(c, CBPF_BAD_CLASSIC, c->n - 1,
		              "the last instruction is not a ret");
	return true;
}

/*
 * Check that every cell that is read was written on every path to there. As in
 * Linux, what follows a ret counts as reached from it.
 */
static bool cells_ok(struct check *c, struct arena *tmp)
{
	/* Bit k of unset[i]: cell k is not written on some path that jumps to i. */
	uint16_t *unset = arena_array(tmp, uint16_t, c->n), now = UINT16_MAX;

	for (uint32_t i = 0; i < c->n; i++) {
		const struct sock_filter *f = &c->p[i];
		const struct cbpf_insn *insn = cbpf_insn(f->code);

		now |= unset[i];
		if (insn->reads & CBPF_C && now & 1u << f->k)
			return refuse(c, CBPF_BAD_CLASSIC, i,
			              "scratch cell M[%u] may be read before it is written",
			              f->k);
		if (insn->writes & CBPF_C)
			now &= ~(1u << f->k);
		if (cbpf_is_ja(f)) {
			unset[i + 1 + f->k] |= now;
			now = 0;
		} else if (cbpf_is_test(f)) {
			unset[i + 1 + f->jt] |= now;
			unset[i + 1 + f->jf] |= now;
			now = 0;
		}
	}
	return true;
}

static bool seccomp_ok(struct check *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const struct sock_filter *f = &c->p[i];
		const struct cbpf_insn *insn = cbpf_insn(f->code);

		if (!(insn->flags & CBPF_IS_SECCOMP))
			return refuse(c, CBPF_BAD_SECCOMP, i,
			              "seccomp has no '%s' of this form", insn->text);
		if (f->code != CBPF_LD_W_ABS)
			continue;
		if (f->k >= CBPF_SECCOMP_SIZE)
			return refuse(c, CBPF_BAD_SECCOMP, i,
			              "load at %d: struct seccomp_data has %d bytes",
			              (int)f->k, CBPF_SECCOMP_SIZE);
		if (f->k & 3)
			return refuse(c, CBPF_BAD_SECCOMP, i,
			              "load at %u: seccomp loads words, at multiples of 4",
			              f->k);
	}
	return true;
}

/* Check one eBPF jump, INDEX instructions into what becomes of instruction AT. */
static bool jump_converts(struct check *c, const uint32_t *start, uint32_t at,
                          uint32_t index, uint32_t skip)
{
	uint32_t from = start[at] + index + 1;
	uint32_t to = start[at + 1 + skip];

	/*
	 * Linux converts in rounds. In the first the targets are not known yet
	 * and stand for 0: a jump beyond 16 bits of the start is refused then,
	 * however near its target is.
	 */
	if (from > -INT16_MIN)
		return refuse(c, CBPF_BAD_CONVERT, at,
		              "converted to eBPF, the jump is at %u: Linux accepts none beyond %d",
		              from - 1, INT16_MAX);
	if (to - from > INT16_MAX)
		return refuse(c, CBPF_BAD_CONVERT, at,
		              "converted to eBPF, the jump spans %u instructions: Linux accepts %d",
		              to - from, INT16_MAX);
	return true;
}

static bool jumps_convert(struct check *c, enum cbpf_use use, struct arena *tmp)
{
	uint32_t *start = arena_array(tmp, uint32_t, c->n);
	uint32_t next = cbpf_prologue(c->p, c->n, use);

	for (uint32_t i = 0; i < c->n; i++) {
		start[i] = next;
		next += cbpf_converted(&c->p[i], use);
	}
	for (uint32_t i = 0; i < c->n; i++) {
		const struct sock_filter *f = &c->p[i];
		unsigned len = cbpf_converted(f, use);

		if (cbpf_is_ja(f)) {
			if (!jump_converts(c, start, i, 0, f->k))
				return false;
		} else if (cbpf_is_test(f)) {
			struct cbpf_jumps j = cbpf_test_jumps(f);

			if (j.n == 2 && !jump_converts(c, start, i, len - 2, f->jt))
				return false;
			if (!jump_converts(c, start, i, len - 1, j.last))
				return false;
		}
	}
	return true;
}

bool cbpf_check(struct arena *tmp, const struct sock_filter *p, size_t n,
                enum cbpf_use use, unsigned flags, struct cbpf_verdict *out)
{
	struct check c = { p, (uint32_t)n, flags & CBPF_OPEN_SETS, out };

	*out = (struct cbpf_verdict){ .gate = CBPF_OK };
	if (!n)
		return refuse(&c, CBPF_BAD_CLASSIC, 0, "the program is empty");
	if (n > UINT32_MAX ||
	    (n > CBPF_KERNEL_MAX && !(flags & CBPF_ANY_LENGTH)))
		return refuse(&c, CBPF_BAD_CLASSIC, CBPF_KERNEL_MAX,
		              "%zu instructions: Linux accepts %d", n,
		              CBPF_KERNEL_MAX);
	return insns_ok(&c) &&
	       (flags & CBPF_UNSET_CELLS || cells_ok(&c, tmp)) &&
	       (use != CBPF_SECCOMP || seccomp_ok(&c)) &&
	       (flags & CBPF_ANY_LENGTH || jumps_convert(&c, use, tmp));
}
