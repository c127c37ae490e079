/*
 * What is known of ABIs, calls and constants. The rows are generated (see
 * tables/README.md): text by offset into one string, so that nothing has to be
 * relocated when the library is loaded.
 */
#include <linux/audit.h>
#include <string.h>

#include "policy/policy.h"

/* --- rows as the generators write them ------------------------------------ */

struct arg_row {
	uint32_t name, alias, ctype; /* call_strings */
	uint8_t width, is_signed, is_pointer;
	int8_t lo, hi;
};

struct proto_row {
	uint8_t nargs;
	uint16_t arg[POLICY_ARGS];
};

struct call_row {
	uint32_t nr, name, since;
	uint16_t proto; /* 1 + row; 0: not known */
};

/* A call's name, or another one of it. */
struct name_row {
	uint32_t name;
	uint16_t row;
};

enum { CONST_NEGATIVE = 1, CONST_ABSENT = 2, CONST_ERRNO = 4, CONST_ALIAS = 8 };

struct const_row {
	uint32_t name; /* const_strings; in a list of differences: row of consts
	                */
	uint32_t lo, hi;
	uint8_t flags;
};

#include "policy/tables/calls.inc"
#include "policy/tables/consts.inc"

/* --- ABIs ----------------------------------------------------------------- */

const struct policy_abi policy_abis[POLICY_NABIS] = {
#define ABI(id, name, arch, big, word, bit, multiplexed, file)            \
	[POLICY_ABI_##id] = {POLICY_ABI_##id, name, arch, big, word, bit, \
	                     multiplexed},
#include "policy/tables/abis.def"
};

/* The tables of one ABI. */
static const struct abi_tables {
	const struct call_row *call;
	const struct name_row *name;
	uint32_t ncall, nname;
	const struct const_row *differs;
	uint32_t ndiffers; /* without the row that ends it */
} abi_tables[POLICY_NABIS] = {
#define ABI(id, name, arch, big, word, bit, multiplexed, file) \
	[POLICY_ABI_##id] = {calls_##file,                     \
	                     names_##file,                     \
	                     ARRAY_LEN(calls_##file),          \
	                     ARRAY_LEN(names_##file),          \
	                     differs_##file,                   \
	                     ARRAY_LEN(differs_##file) - 1},
#include "policy/tables/abis.def"
};

/* Orders NUL-terminated A against the LEN bytes at B. */
static int compare(const char *a, const char *b, size_t len)
{
	int c = strncmp(a, b, len);

	return c ? c : a[len] != 0;
}

const struct policy_abi *policy_abi(const char *name, size_t len)
{
	for (unsigned i = 0; i < POLICY_NABIS; i++)
		if (!compare(policy_abis[i].name, name, len))
			return &policy_abis[i];
	return NULL;
}

const char *policy_abi_list(struct arena *arena)
{
	struct buf out = {.arena = arena};

	for (unsigned i = 0; i < POLICY_NABIS; i++)
		buf_printf(&out, "%s%s", i ? ", " : "", policy_abis[i].name);
	return buf_str(&out);
}

const struct policy_abi *policy_abi_native(void)
{
#if defined(__x86_64__) && defined(__ILP32__)
	return &policy_abis[POLICY_ABI_X32];
#elif defined(__x86_64__)
	return &policy_abis[POLICY_ABI_X86_64];
#elif defined(__i386__)
	return &policy_abis[POLICY_ABI_I386];
#else
	return NULL;
#endif
}

/* --- calls ---------------------------------------------------------------- */

static void fill_arg(struct policy_arg *out, const struct arg_row *row)
{
	*out = (struct policy_arg){
		.name = call_strings + row->name,
		.alias = row->alias ? call_strings + row->alias : NULL,
		.ctype = call_strings + row->ctype,
		.type = {row->width, row->is_signed, row->is_pointer},
		.lo = row->lo,
		.hi = row->hi,
	};
}

static void fill_call(struct policy_call *out, const struct call_row *row)
{
	*out = (struct policy_call){
		.name = call_strings + row->name,
		.nr = row->nr,
		.since = row->since,
		.known = row->proto != 0,
	};
	if (!row->proto)
		return;
	out->nargs = proto_rows[row->proto - 1].nargs;
	for (unsigned i = 0; i < out->nargs; i++)
		fill_arg(&out->arg[i],
		         &arg_rows[proto_rows[row->proto - 1].arg[i]]);
}

bool policy_call_by_name(const struct policy_abi *abi, const char *name,
                         size_t len, struct policy_call *out)
{
	const struct abi_tables *t = &abi_tables[abi->id];
	uint32_t lo = 0, hi = t->nname;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = compare(call_strings + t->name[mid].name, name, len);

		if (!c) {
			fill_call(out, &t->call[t->name[mid].row]);
			return true;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool policy_call_by_nr(const struct policy_abi *abi, uint32_t nr,
                       struct policy_call *out)
{
	const struct abi_tables *t = &abi_tables[abi->id];
	uint32_t lo = 0, hi = t->ncall;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (t->call[mid].nr == nr) {
			fill_call(out, &t->call[mid]);
			return true;
		}
		if (t->call[mid].nr < nr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool policy_call_at(const struct policy_abi *abi, uint32_t i,
                    struct policy_call *out)
{
	if (i >= abi_tables[abi->id].ncall)
		return false;
	fill_call(out, &abi_tables[abi->id].call[i]);
	return true;
}

const char *policy_call_name(const struct policy_abi *abi, uint32_t i)
{
	const struct abi_tables *t = &abi_tables[abi->id];

	return i < t->nname ? call_strings + t->name[i].name : NULL;
}

/* --- constants ------------------------------------------------------------ */

/* What ABI has in place of row I of consts. */
static const struct const_row *row_of(const struct policy_abi *abi, uint32_t i)
{
	const struct abi_tables *t = &abi_tables[abi->id];
	uint32_t lo = 0, hi = t->ndiffers;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (t->differs[mid].name == i)
			return &t->differs[mid];
		if (t->differs[mid].name < i)
			lo = mid + 1;
		else
			hi = mid;
	}
	return &consts[i];
}

static const struct const_row *find_const(const struct policy_abi *abi,
                                          const char *name, size_t len)
{
	uint32_t lo = 0, hi = ARRAY_LEN(consts);

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = compare(const_strings + consts[mid].name, name, len);

		if (!c)
			return row_of(abi, mid);
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

bool policy_constant(const struct policy_abi *abi, const char *name, size_t len,
                     struct policy_number *out)
{
	const struct const_row *row = find_const(abi, name, len);

	if (!row || row->flags & CONST_ABSENT)
		return false;
	out->bits = (uint64_t)row->hi << 32 | row->lo;
	out->negative = row->flags & CONST_NEGATIVE;
	return true;
}

const char *policy_constant_name(uint32_t i)
{
	return i < ARRAY_LEN(consts) ? const_strings + consts[i].name : NULL;
}

uint32_t policy_errno(const struct policy_abi *abi, const char *name,
                      size_t len)
{
	const struct const_row *row = find_const(abi, name, len);

	return row && row->flags & CONST_ERRNO && !(row->flags & CONST_ABSENT)
	               ? row->lo
	               : 0;
}

const char *policy_errno_name(const struct policy_abi *abi, uint32_t number)
{
	for (uint32_t i = 0; i < ARRAY_LEN(consts); i++) {
		const struct const_row *row = row_of(abi, i);

		if (row->flags == CONST_ERRNO && row->lo == number)
			return const_strings + consts[i].name;
	}
	return NULL;
}
