/*
 * What is known of ABIs, calls and constants. The rows are generated (see
 * tables/README.md): text by offset into one string, so that nothing has to be
 * relocated when the library is loaded.
 */
#include <linux/audit.h>
#include <string.h>

#include "sys/sys.h"

/* --- rows as the generators write them ------------------------------------ */

struct arg_row {
	uint16_t name, alias, ctype; /* call_strings */
	uint8_t width, is_signed, is_pointer;
	int8_t lo, hi; /* HI: ORDERED: two words from LO on, in the order of
	                  the ABI's bytes; else as in struct sys_arg */
};

enum {
	ORDERED = -2
};

struct proto_row {
	uint8_t nargs;
	uint16_t arg[SYS_ARGS];
};

/* Numbers from 0xf000 on mean those from 0xf0000 on, which are arm's own. */
enum {
	SHORT_OWN = 0xf000,
	OWN = 0xf0000
};

struct call_row {
	uint16_t nr, name, since; /* SINCE: 5.15 is 5 << 8 | 15 */
	uint16_t proto;           /* 1 + row; 0: not known */
};

/* A call's name, or another one of it. */
struct name_row {
	uint16_t name, row;
};

enum {
	CONST_NEGATIVE = 1,
	CONST_ABSENT = 2,
	CONST_ERRNO = 4,
	CONST_ALIAS = 8, /* of another errno, which is the name to print */
	CONST_WIDE = 16, /* LO is a row of const_wide */
};

/* What most ABIs have. */
struct const_row {
	uint32_t name; /* const_strings, and flags in the low bits */
	uint32_t lo;   /* the low 32 bits of the value */
};

#define CONST(name, flags) ((uint32_t)(name) << 8 | (flags))

/* What one has in place of a row of consts. */
struct differ_row {
	uint16_t row;
	uint8_t flags;
	uint32_t lo;
};

#include "sys/tables/calls.inc"
#include "sys/tables/consts.inc"

/* --- ABIs ----------------------------------------------------------------- */

const struct sys_abi sys_abis[SYS_NABIS] = {
#define ABI(id, name, arch, big, word, bit, multiplexed, macro, bits, file) \
	[SYS_ABI_##id] = { SYS_ABI_##id, name, arch, big, word, bit,        \
		           multiplexed },
#include "sys/tables/abis.def"
};

/* The tables of one ABI. */
static const struct abi_tables {
	const struct call_row *call;
	const struct name_row *name;
	uint32_t ncall, nname;
	const struct differ_row *differs;
	uint32_t ndiffers; /* without the row that ends it */
} abi_tables[SYS_NABIS] = {
#define ABI(id, name, arch, big, word, bit, multiplexed, macro, bits, file) \
	[SYS_ABI_##id] = { calls_##file,                                    \
		           names_##file,                                    \
		           ARRAY_LEN(calls_##file),                         \
		           ARRAY_LEN(names_##file),                         \
		           differs_##file,                                  \
		           ARRAY_LEN(differs_##file) - 1 },
#include "sys/tables/abis.def"
};

/* Compare NUL-terminated A with the LEN bytes at B. */
static int compare(const char *a, const char *b, size_t len)
{
	int c = strncmp(a, b, len);

	return c ? c : a[len] != 0;
}

const struct sys_abi *sys_abi(const char *name, size_t len)
{
	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (!compare(sys_abis[i].name, name, len))
			return &sys_abis[i];
	return NULL;
}

/* What distributions, compilers and machines call them. */
static const struct {
	const char *other;
	enum sys_abi_id id;
} other_names[] = {
	{ "amd64", SYS_ABI_X86_64 },
	{ "x86-64", SYS_ABI_X86_64 },
	{ "x86", SYS_ABI_I386 },
	{ "i486", SYS_ABI_I386 },
	{ "i586", SYS_ABI_I386 },
	{ "i686", SYS_ABI_I386 },
	{ "ia32", SYS_ABI_I386 },
	{ "arm64", SYS_ABI_AARCH64 },
	{ "armel", SYS_ABI_ARM },
	{ "armhf", SYS_ABI_ARM },
	{ "armv6l", SYS_ABI_ARM },
	{ "armv7l", SYS_ABI_ARM },
	{ "riscv", SYS_ABI_RISCV64 },
	{ "loongarch", SYS_ABI_LOONGARCH64 },
	{ "loong64", SYS_ABI_LOONGARCH64 },
	{ "powerpc", SYS_ABI_PPC },
	{ "powerpc64", SYS_ABI_PPC64 },
	{ "powerpc64le", SYS_ABI_PPC64LE },
	{ "ppc64el", SYS_ABI_PPC64LE },
	{ "mips64el", SYS_ABI_MIPSEL64 },
	{ "mipsn32", SYS_ABI_MIPS64N32 },
	{ "mipsn32el", SYS_ABI_MIPSEL64N32 },
	{ "hppa", SYS_ABI_PARISC },
	{ "hppa64", SYS_ABI_PARISC64 },
	{ "sh4", SYS_ABI_SH },
	{ "sh4eb", SYS_ABI_SHEB },
};

const char *sys_abi_near(const char *name, size_t len)
{
	struct suggest s;

	for (size_t i = 0; i < ARRAY_LEN(other_names); i++)
		if (!compare(other_names[i].other, name, len))
			return sys_abis[other_names[i].id].name;
	suggest_start(&s, name, len);
	for (unsigned i = 0; i < SYS_NABIS; i++)
		suggest_offer(&s, sys_abis[i].name);
	return suggest_best(&s);
}

const char *sys_abi_list(struct arena *arena)
{
	struct buf out = { .arena = arena };

	for (unsigned i = 0; i < SYS_NABIS; i++)
		buf_printf(&out, "%s%s", i ? ", " : "", sys_abis[i].name);
	return buf_str(&out);
}

#define BIG_ENDIAN_HERE (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* 1 if MACRO is defined as 1, else 0: only a 1 makes a second argument of "0, 1". */
#define IS_1(macro)                IS_1_ARGUMENT(macro)
#define IS_1_ARGUMENT(value)       IS_1_SECOND(BEFORE_##value 1, 0, 0)
#define IS_1_SECOND(...)           SECOND(__VA_ARGS__)
#define SECOND(first, second, ...) second
#define BEFORE_1                   0,

const struct sys_abi *sys_abi_native(void)
{
	static const bool native[SYS_NABIS] = {
#define ABI(id, name, arch, big, word, bit, multiplexed, macro, bits, file) \
	[SYS_ABI_##id] = IS_1(macro) && (bits) == 8 * sizeof(long) &&       \
	                 (big) == BIG_ENDIAN_HERE,
#include "sys/tables/abis.def"
	};

	for (unsigned i = SYS_NABIS; i--;)
		if (native[i])
			return &sys_abis[i];
	return NULL;
}

/* --- calls ---------------------------------------------------------------- */

/*
 * Set the words of an argument in words I and I + 1, in the order of ABI's
 * bytes.
 */
static void fill_words(struct sys_arg *out, const struct sys_abi *abi, int8_t i)
{
	out->lo = i + abi->big_endian;
	out->hi = i + !abi->big_endian;
}

static void fill_arg(struct sys_arg *out, const struct sys_abi *abi,
                     const struct arg_row *row)
{
	*out = (struct sys_arg){
		.name = call_strings + row->name,
		.alias = row->alias ? call_strings + row->alias : NULL,
		.ctype = call_strings + row->ctype,
		.type = { row->width, row->is_signed, row->is_pointer },
		.lo = row->lo,
		.hi = row->hi,
	};
	if (row->hi == ORDERED)
		fill_words(out, abi, row->lo);
}

static uint32_t number_of(const struct sys_abi *abi, const struct call_row *row)
{
	uint32_t nr = row->nr;

	return (nr < SHORT_OWN ? nr : nr - SHORT_OWN + OWN) | abi->nr_bit;
}

static void fill_call(struct sys_call *out, const struct sys_abi *abi,
                      const struct call_row *row)
{
	*out = (struct sys_call){
		.name = call_strings + row->name,
		.nr = number_of(abi, row),
		.since = SYS_KERNEL(row->since >> 8, row->since & 0xff),
		.known = row->proto != 0,
	};
	if (!row->proto)
		return;
	out->nargs = proto_rows[row->proto - 1].nargs;
	for (unsigned i = 0; i < out->nargs; i++)
		fill_arg(&out->arg[i], abi,
		         &arg_rows[proto_rows[row->proto - 1].arg[i]]);
}

bool sys_call_by_name(const struct sys_abi *abi, const char *name,
                      size_t len, struct sys_call *out)
{
	const struct abi_tables *t = &abi_tables[abi->id];
	uint32_t lo = 0, hi = t->nname;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = compare(call_strings + t->name[mid].name, name, len);

		if (!c) {
			fill_call(out, abi, &t->call[t->name[mid].row]);
			return true;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool sys_call_by_nr(const struct sys_abi *abi, uint32_t nr,
                    struct sys_call *out)
{
	const struct abi_tables *t = &abi_tables[abi->id];
	uint32_t lo = 0, hi = t->ncall;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		uint32_t at = number_of(abi, &t->call[mid]);

		if (at == nr) {
			fill_call(out, abi, &t->call[mid]);
			return true;
		}
		if (at < nr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool sys_call_at(const struct sys_abi *abi, uint32_t i,
                 struct sys_call *out)
{
	if (i >= abi_tables[abi->id].ncall)
		return false;
	fill_call(out, abi, &abi_tables[abi->id].call[i]);
	return true;
}

const char *sys_call_name(const struct sys_abi *abi, uint32_t i)
{
	const struct abi_tables *t = &abi_tables[abi->id];

	return i < t->nname ? call_strings + t->name[i].name : NULL;
}

/* --- constants ------------------------------------------------------------ */

/* A constant as one ABI has it. */
struct constant {
	uint8_t flags;
	uint32_t lo;
};

static const char *const_name(uint32_t i)
{
	return const_strings + (consts[i].name >> 8);
}

/* Return row I of consts as ABI has it. */
static struct constant constant_at(const struct sys_abi *abi, uint32_t i)
{
	const struct abi_tables *t = &abi_tables[abi->id];
	uint32_t lo = 0, hi = t->ndiffers;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (t->differs[mid].row == i)
			return (struct constant){ t->differs[mid].flags,
				                  t->differs[mid].lo };
		if (t->differs[mid].row < i)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (struct constant){ (uint8_t)consts[i].name, consts[i].lo };
}

/* Return the constant of that name on ABI; CONST_ABSENT if it has none. */
static struct constant find_const(const struct sys_abi *abi,
                                  const char *name, size_t len)
{
	uint32_t lo = 0, hi = ARRAY_LEN(consts);

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = compare(const_name(mid), name, len);

		if (!c)
			return constant_at(abi, mid);
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (struct constant){ CONST_ABSENT, 0 };
}

static uint64_t bits_of(struct constant c)
{
	if (c.flags & CONST_WIDE)
		return const_wide[c.lo];
	return c.flags & CONST_NEGATIVE ? UINT64_MAX << 32 | c.lo : c.lo;
}

bool sys_constant(const struct sys_abi *abi, const char *name, size_t len,
                  struct sys_number *out)
{
	struct constant c = find_const(abi, name, len);

	if (c.flags & CONST_ABSENT)
		return false;
	out->bits = bits_of(c);
	out->negative = c.flags & CONST_NEGATIVE;
	return true;
}

const char *sys_constant_name(uint32_t i)
{
	return i < ARRAY_LEN(consts) ? const_name(i) : NULL;
}

uint32_t sys_errno(const struct sys_abi *abi, const char *name,
                   size_t len)
{
	struct constant c = find_const(abi, name, len);

	return c.flags & CONST_ERRNO && !(c.flags & CONST_ABSENT) ? c.lo : 0;
}

const char *sys_errno_name(const struct sys_abi *abi, uint32_t number)
{
	for (uint32_t i = 0; i < ARRAY_LEN(consts); i++) {
		struct constant c = constant_at(abi, i);

		if (c.flags == CONST_ERRNO && c.lo == number)
			return const_name(i);
	}
	return NULL;
}

bool sys_known_errno(const char *name, uint32_t len)
{
	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (sys_errno(&sys_abis[i], name, len))
			return true;
	return false;
}
