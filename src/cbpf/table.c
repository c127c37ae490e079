/* The instruction table, looked up by code; ancillary words by number. */
#include "cbpf/cbpf.h"

enum {
	A = CBPF_A,
	X = CBPF_X,
	C = CBPF_C,
	P = CBPF_P
};
enum {
	SECCOMP = CBPF_IS_SECCOMP,
	DIVIDES = CBPF_IS_DIVIDES,
	SHIFTS = CBPF_IS_SHIFTS,
};

static const struct cbpf_insn insns[256] = {
#define INSN(name, code, text, operand, reads, writes, converted, flags) \
	[code] = { text, CBPF_OPERAND_##operand, reads, writes, converted, flags },
#define ANCILLARY(which, text, converted, reads)
#include "cbpf/insns.def"
};

static const struct cbpf_ancillary ancillary[SKF_AD_MAX] = {
#define INSN(name, code, text, operand, reads, writes, converted, flags)
#define ANCILLARY(which, text, converted, reads) \
	[which] = { text, converted, reads },
#include "cbpf/insns.def"
};

const struct cbpf_insn *cbpf_insn(uint16_t code)
{
	if (code >= ARRAY_LEN(insns) || !insns[code].text)
		return NULL;
	return &insns[code];
}

const struct cbpf_ancillary *cbpf_ancillary(uint32_t which)
{
	static const struct cbpf_ancillary set = { "set", 0, A | X };

	if (cbpf_is_set(which))
		return &set;
	if (which >= ARRAY_LEN(ancillary) || !ancillary[which].text)
		return NULL;
	return &ancillary[which];
}
