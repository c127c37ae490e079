/*
 * What tests tell of a call: its ABI and its number. It is kept for the code that puts
 * programs into words; no program is made of it.
 */
#include <linux/seccomp.h>
#include <stddef.h>

#include "rules/words.h"

enum {
	X32_BIT = 0x40000000
};

_Static_assert(SYS_NABIS < 31, "an ABI has a bit");

void rules_told_start(struct rules_told *t)
{
	*t = (struct rules_told){
		.abis = RULES_TOLD_OTHER | ((UINT32_C(1) << SYS_NABIS) - 1),
		.any = true,
	};
}

/* Return the ABIs that seccomp_data.arch ARCH means. */
static uint32_t abis_of(uint32_t arch)
{
	uint32_t abis = 0;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (sys_abis[i].arch == arch)
			abis |= UINT32_C(1) << i;
	return abis ? abis : RULES_TOLD_OTHER;
}

static bool told_arch(struct rules_told *t, uint32_t arch, bool yes)
{
	uint32_t abis = abis_of(arch);

	if (yes)
		t->abis &= abis;
	else if (abis != RULES_TOLD_OTHER)
		t->abis &= ~abis;
	return t->abis;
}

/* Tell whether x32's bit is set in the number. */
static bool told_x32(struct rules_told *t, bool yes)
{
	uint32_t x32 = UINT32_C(1) << SYS_ABI_X32, x86_64 = UINT32_C(1) << SYS_ABI_X86_64;

	if ((t->abis & ~(x32 | x86_64)) == 0)
		t->abis &= yes ? x32 : x86_64;
	return t->abis;
}

static bool told_number(struct rules_told *t, uint32_t nr, bool yes)
{
	uint32_t n = 0;

	if (!yes) {
		for (uint32_t i = 0; i < t->n; i++)
			if (t->nr[i] != nr)
				t->nr[n++] = t->nr[i];
		t->n = (uint8_t)n;
		return t->any || n;
	}
	if (!t->any) {
		for (uint32_t i = 0; i < t->n; i++)
			n += t->nr[i] == nr;
		if (!n)
			return false;
	}
	t->any = false;
	t->n = 1;
	t->nr[0] = nr;
	return !(nr & X32_BIT) || told_x32(t, true);
}

bool rules_told_test(struct rules_told *t, enum ir_cmp cmp, const struct ir_value *lhs,
                     uint32_t rhs, bool yes)
{
	bool is_nr = lhs->op == IR_LOAD && lhs->imm == offsetof(struct seccomp_data, nr);

	if (lhs->op != IR_LOAD)
		return true;
	if (lhs->imm == offsetof(struct seccomp_data, arch) && cmp == IR_EQ)
		return told_arch(t, rhs, yes);
	if (is_nr && cmp == IR_EQ)
		return told_number(t, rhs, yes);
	if (is_nr && (cmp == IR_GE || cmp == IR_ANY) && rhs == X32_BIT)
		return told_x32(t, yes);
	return true;
}

static bool has_number(const struct rules_told *t, uint32_t nr)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->nr[i] == nr)
			return true;
	return false;
}

void rules_told_join(struct rules_told *t, const struct rules_told *other)
{
	t->abis |= other->abis;
	t->any |= other->any;
	for (uint32_t i = 0; i < other->n && !t->any; i++) {
		if (has_number(t, other->nr[i]))
			continue;
		if (t->n == RULES_TOLD_CALLS)
			t->any = true;
		else
			t->nr[t->n++] = other->nr[i];
	}
	if (t->any)
		*t = (struct rules_told){ .abis = t->abis, .any = true };
}

const struct sys_abi *rules_told_abi(const struct rules_told *t)
{
	uint32_t abis = t->abis;

	/* A number without x32's bit is x86_64's, whichever test asked for the bit. */
	if (!t->any && t->n == 1 && !(t->nr[0] & X32_BIT) && abis & 1u << SYS_ABI_X86_64)
		abis &= ~(1u << SYS_ABI_X32);
	if (!abis || abis & (abis - 1) || abis & RULES_TOLD_OTHER)
		return NULL;
	return &sys_abis[__builtin_ctz(abis)];
}
