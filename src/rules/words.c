/*
 * Loads and tests in words: the fields of struct seccomp_data, and the arguments of the
 * calls that earlier tests have told.
 */
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "rules/words.h"

/* What a word of struct seccomp_data is. */
enum field {
	FIELD_NR,
	FIELD_ARCH,
	FIELD_POINTER,
	FIELD_ARGUMENT,
	FIELD_NONE
};

struct spot {
	enum field field;
	unsigned word; /* ARGUMENT: which, */
	bool high;     /* and which half of it; POINTER: too */
	uint32_t mask; /* bits that count */
};

/* --- where a value comes from ---------------------------------------------------------- */

static bool locate(struct spot *p, const struct ir_input *in, const struct ir_value *v)
{
	*p = (struct spot){ .field = FIELD_NONE, .mask = UINT32_MAX };
	while (v->op == IR_AND && ir_is_const(v->arg[1])) {
		p->mask &= v->arg[1]->imm;
		v = v->arg[0];
	}
	if (v->op != IR_LOAD || v->imm >= sizeof(struct seccomp_data))
		return false;
	p->high = (v->imm & 4) == (in->little_endian ? 4 : 0);
	if (v->imm == offsetof(struct seccomp_data, nr))
		p->field = FIELD_NR;
	else if (v->imm == offsetof(struct seccomp_data, arch))
		p->field = FIELD_ARCH;
	else if (v->imm < offsetof(struct seccomp_data, args))
		p->field = FIELD_POINTER;
	else {
		p->field = FIELD_ARGUMENT;
		p->word = (v->imm - offsetof(struct seccomp_data, args)) / 8;
	}
	return true;
}

/* An argument of a call, and the half of it that a word holds. */
struct argument {
	const struct sys_abi *abi;
	struct sys_call call;
	const struct sys_arg *arg;
	bool high;
};

/* Find which argument P is in call NR of ABI; false if none is known. */
static bool find_argument(struct argument *a, const struct spot *p, const struct sys_abi *abi,
                          uint32_t nr)
{
	a->abi = abi;
	if (!sys_call_by_nr(abi, nr, &a->call))
		return false;
	for (unsigned i = 0; i < a->call.nargs; i++) {
		const struct sys_arg *arg = &a->call.arg[i];

		a->arg = arg;
		a->high = p->high || (arg->hi >= 0 && arg->hi == (int)p->word && arg->hi != arg->lo);
		if (arg->lo == (int)p->word || arg->hi == (int)p->word)
			return true;
	}
	return false;
}

/* Get the single call that T leaves; false if there may be several. */
static bool one_call(const struct rules_told *t, const struct sys_abi **abi, uint32_t *nr)
{
	*abi = rules_told_abi(t);
	*nr = t->nr[0];
	return *abi && !t->any && t->n == 1;
}

/* --- names ---------------------------------------------------------------------------------- */

/* Return which half of the argument it is, where that may matter. */
static const char *half_of(const struct argument *a)
{
	if (a->high)
		return ", high half";
	return a->arg->type.width == 64 && !a->arg->type.is_pointer &&
	                       !sys_has_constants(&a->call, a->arg)
	               ? ", low half"
	               : "";
}

static void put_argument(struct buf *out, const struct spot *p, const struct rules_told *t)
{
	const struct sys_abi *abi;
	struct argument a;
	uint32_t nr;

	if (one_call(t, &abi, &nr) && find_argument(&a, p, abi, nr))
		buf_printf(out, "%s %s%s", a.call.name, a.arg->name, half_of(&a));
	else
		buf_printf(out, "args[%u]%s", p->word, p->high ? ", high half" : "");
}

static void put_name(struct buf *out, const struct spot *p, const struct rules_told *t)
{
	switch (p->field) {
	case FIELD_NR:
		buf_puts(out, "call");
		break;
	case FIELD_ARCH:
		buf_puts(out, "arch");
		break;
	case FIELD_POINTER:
		buf_printf(out, "instruction pointer%s", p->high ? ", high half" : "");
		break;
	case FIELD_ARGUMENT:
		put_argument(out, p, t);
		break;
	case FIELD_NONE:
		break;
	}
}

/* Write VALUE of the argument that P is as constants, else as a number. */
static void put_number(struct buf *out, const struct spot *p, const struct rules_told *t,
                       uint32_t value)
{
	const struct sys_abi *abi;
	struct argument a;
	uint32_t nr;

	if (one_call(t, &abi, &nr) && find_argument(&a, p, abi, nr) && !a.high &&
	    sys_put_constant(out, abi, &a.call, a.arg, value))
		return;
	buf_printf(out, value > 0xffff ? "0x%" PRIx32 : "%" PRIu32, value);
}

/* --- numbers of calls and architectures ------------------------------------------------------- */

/*
 * Return the ABI whose calls numbers are, as far as T tells; ASSUMED where it does not.
 */
static const struct sys_abi *abi_of_numbers(const struct rules_told *t, uint32_t nr,
                                            bool *assumed)
{
	struct rules_told one = *t;
	const struct sys_abi *abi;

	one.any = false;
	one.n = 1;
	one.nr[0] = nr;
	abi = rules_told_abi(&one);
	if (!abi && nr & sys_abis[SYS_ABI_X32].nr_bit && t->abis & 1u << SYS_ABI_X32)
		abi = &sys_abis[SYS_ABI_X32];
	/* Nothing asked for the architecture: the program takes one for granted. */
	*assumed = !abi && (t->abis & RULES_TOLD_OTHER) && t->abis & 1u << SYS_ABI_X86_64;
	return *assumed ? sys_abi_native() : abi;
}

static void put_call_test(struct buf *out, const struct rules_told *t, enum ir_cmp cmp,
                          uint32_t number)
{
	static const char *const words[] = {
		[IR_EQ] = "==",
		[IR_GT] = ">",
		[IR_GE] = ">=",
	};
	bool assumed;
	const struct sys_abi *abi = abi_of_numbers(t, number, &assumed);
	struct sys_call call;

	if (cmp == IR_ANY && number == sys_abis[SYS_ABI_X32].nr_bit) {
		buf_puts(out, "a call of x32");
		return;
	}
	if (cmp == IR_GE && number == sys_abis[SYS_ABI_X32].nr_bit) {
		buf_puts(out, "call >= 0x40000000, x32's first");
		return;
	}
	if (cmp == IR_ANY) {
		buf_printf(out, "call & 0x%" PRIx32 " != 0", number);
		return;
	}
	buf_printf(out, "call %s ", words[cmp]);
	if (abi && sys_call_by_nr(abi, number, &call)) {
		buf_puts(out, call.name);
		if (assumed)
			buf_printf(out, ", if %s", abi->name);
		return;
	}
	buf_printf(out, number > 0xffff ? "0x%" PRIx32 : "%" PRIu32, number);
}

static void put_arch_test(struct buf *out, enum ir_cmp cmp, uint32_t number)
{
	for (unsigned i = 0; cmp == IR_EQ && i < SYS_NABIS; i++)
		if (sys_abis[i].arch == number) {
			buf_printf(out, "arch == %s", sys_abis[i].name);
			return;
		}
	if (cmp == IR_EQ)
		buf_printf(out, "arch == 0x%" PRIx32, number);
}

/* --- the whole ------------------------------------------------------------------------------- */

void rules_put_value(struct buf *out, const struct ir_input *in, const struct rules_told *t,
                     const struct ir_value *v)
{
	struct spot p;

	if (!locate(&p, in, v))
		return;
	put_name(out, &p, t);
	if (p.mask != UINT32_MAX) {
		buf_puts(out, " & ");
		put_number(out, &p, t, p.mask);
	}
}

static void put_argument_test(struct buf *out, const struct spot *p,
                              const struct rules_told *t, enum ir_cmp cmp, uint32_t number)
{
	static const char *const words[] = {
		[IR_EQ] = " == ",
		[IR_GT] = " > ",
		[IR_GE] = " >= ",
		[IR_ANY] = " & ",
	};

	put_name(out, p, t);
	if (p->mask != UINT32_MAX) {
		buf_puts(out, " & ");
		put_number(out, p, t, p->mask);
	}
	buf_puts(out, words[cmp]);
	put_number(out, p, t, number);
	if (cmp == IR_ANY)
		buf_puts(out, " != 0");
}

void rules_put_test(struct buf *out, const struct ir_input *in, const struct rules_told *t,
                    enum ir_cmp cmp, const struct ir_value *v, uint32_t number)
{
	struct spot p;

	if (!locate(&p, in, v))
		return;
	if (p.mask == UINT32_MAX && p.field == FIELD_NR)
		put_call_test(out, t, cmp, number);
	else if (p.mask == UINT32_MAX && p.field == FIELD_ARCH)
		put_arch_test(out, cmp, number);
	else
		put_argument_test(out, &p, t, cmp, number);
}

/*
 * Return the ABI whose names to use for errors; NULL if T's remaining ABIs
 * disagree.
 */
static const struct sys_abi *abi_of_errors(const struct rules_told *t, uint32_t number)
{
	const struct sys_abi *first = NULL;

	if (t->abis & RULES_TOLD_OTHER)
		return sys_abi_native();
	for (unsigned i = 0; i < SYS_NABIS; i++) {
		const char *name, *before;

		if (!(t->abis >> i & 1))
			continue;
		name = sys_errno_name(&sys_abis[i], number);
		before = first ? sys_errno_name(first, number) : name;
		if (!name || !before || strcmp(name, before) != 0)
			return NULL;
		first = first ? first : &sys_abis[i];
	}
	return first;
}

void rules_put_result(struct buf *out, const struct rules_told *t, uint32_t ret)
{
	rules_put_action(out, abi_of_errors(t, ret & SECCOMP_RET_DATA), ret);
}
