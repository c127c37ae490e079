/* An instruction in words: what listing, assembler text, graph and trace say. */
#include <linux/seccomp.h>

#include "cbpf/cbpf.h"

/* Tell whether the text of this operand shows k. */
static bool uses_k(enum cbpf_operand operand)
{
	switch (operand) {
	case CBPF_OPERAND_ABS:
	case CBPF_OPERAND_IND:
	case CBPF_OPERAND_MSH:
	case CBPF_OPERAND_HEX:
	case CBPF_OPERAND_DEC:
	case CBPF_OPERAND_CELL:
	case CBPF_OPERAND_JUMP:
	case CBPF_OPERAND_TEST_K:
		return true;
	case CBPF_OPERAND_NONE:
	case CBPF_OPERAND_LEN:
	case CBPF_OPERAND_X:
	case CBPF_OPERAND_A:
	case CBPF_OPERAND_TEST_X:
		break;
	}
	return false;
}

bool cbpf_target(const struct cbpf_program *p, uint32_t at, bool yes, uint32_t *target)
{
	const struct sock_filter *f = &p->insns[at];
	uint32_t skip = cbpf_is_ja(f) ? f->k : yes ? f->jt
	                                           : f->jf;

	/* libpcap's protochain jumps backward, which Linux refuses. */
	*target = at + 1 + skip;
	return *target < p->n;
}

bool cbpf_is_plain(const struct cbpf_program *p, uint32_t at)
{
	const struct sock_filter *f = &p->insns[at];
	const struct cbpf_insn *insn = cbpf_insn(f->code);
	uint32_t target;

	if (!insn || (f->k && !uses_k(insn->operand)))
		return false;
	if (cbpf_is_test(f))
		return cbpf_target(p, at, true, &target) &&
		       cbpf_target(p, at, false, &target);
	if (f->jt || f->jf)
		return false;
	return !cbpf_is_ja(f) || cbpf_target(p, at, true, &target);
}

const char *cbpf_mnemonic(const struct cbpf_program *p, uint32_t at)
{
	return cbpf_is_plain(p, at) ? cbpf_insn(p->insns[at].code)->text : ".insn";
}

static void abs_text(struct buf *out, uint32_t k)
{
	const struct cbpf_ancillary *word = NULL;

	if (k >= CBPF_ANCILLARY && !cbpf_is_set(k - CBPF_ANCILLARY))
		word = cbpf_ancillary(k - CBPF_ANCILLARY);
	if (word)
		buf_printf(out, "[%s]", word->text);
	else
		buf_printf(out, "[%d]", (int)k);
}

void cbpf_operand_text(struct buf *out, const struct cbpf_program *p, uint32_t at)
{
	const struct sock_filter *f = &p->insns[at];
	uint32_t k = f->k;

	if (!cbpf_is_plain(p, at)) {
		buf_printf(out, "0x%x, %u, %u, 0x%x", f->code, f->jt, f->jf, k);
		return;
	}
	switch (cbpf_insn(f->code)->operand) {
	case CBPF_OPERAND_NONE:
		break;
	case CBPF_OPERAND_ABS:
		abs_text(out, k);
		break;
	case CBPF_OPERAND_IND:
		buf_printf(out, "[x + %d]", (int)k);
		break;
	case CBPF_OPERAND_MSH:
		buf_printf(out, "4*([%d]&0xf)", (int)k);
		break;
	case CBPF_OPERAND_LEN:
		buf_puts(out, "#pktlen");
		break;
	case CBPF_OPERAND_DEC:
		/* A filter's result is a length, seccomp's is made of bit fields. */
		if (p->use != CBPF_SECCOMP || f->code != CBPF_RET_K) {
			buf_printf(out, "#%d", (int)k);
			break;
		}
		/* fallthrough */
	case CBPF_OPERAND_HEX:
	case CBPF_OPERAND_TEST_K:
		buf_printf(out, "#0x%x", k);
		break;
	case CBPF_OPERAND_CELL:
		buf_printf(out, "M[%u]", k);
		break;
	case CBPF_OPERAND_X:
	case CBPF_OPERAND_TEST_X:
		buf_putc(out, 'x');
		break;
	case CBPF_OPERAND_A:
		buf_putc(out, 'a');
		break;
	case CBPF_OPERAND_JUMP:
		buf_printf(out, "%u", at + 1 + k);
		break;
	}
}

void cbpf_insn_text(struct buf *out, const struct cbpf_program *p, uint32_t at)
{
	const struct sock_filter *f = &p->insns[at];

	buf_puts(out, cbpf_mnemonic(p, at));
	buf_putc(out, ' ');
	cbpf_operand_text(out, p, at);
	if (out->s[out->len - 1] == ' ')
		out->len--;
	if (cbpf_is_test(f) && cbpf_is_plain(p, at))
		buf_printf(out, " jt %u jf %u", at + 1 + f->jt, at + 1 + f->jf);
}

enum cbpf_outcome cbpf_outcome(const struct cbpf_program *p, uint32_t at)
{
	const struct sock_filter *f = &p->insns[at];

	if (f->code != CBPF_RET_K)
		return CBPF_RETURNS_NOTHING;
	if (p->use == CBPF_SOCKET)
		return f->k ? CBPF_ACCEPTS : CBPF_REFUSES;
	switch (f->k & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return CBPF_ACCEPTS;
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return CBPF_ASKS;
	}
	return CBPF_REFUSES;
}
