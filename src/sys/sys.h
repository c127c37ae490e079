/*
 * sys: what is known of ABIs, system calls with their arguments, constants and
 * errors: tables that scripts make, and what looks things up in them.
 */
#ifndef WEIR_SYS_H
#define WEIR_SYS_H

#include <assert.h>

#include "base/base.h"

enum {
	SYS_ARGS = 6
};

/* --- tables.c: ABIs, calls, constants ------------------------------------- */

enum sys_abi_id {
#define ABI(id, ...) SYS_ABI_##id,
#include "sys/tables/abis.def"
	SYS_NABIS
};

/* One row of abis.def. */
struct sys_abi {
	enum sys_abi_id id;
	const char *name;
	uint32_t arch; /* AUDIT_ARCH_*: what seccomp_data.arch says */
	bool big_endian;
	uint8_t word;     /* bits of an argument's word that count: 32 or 64 */
	uint32_t nr_bit;  /* set in the number of every call of this ABI (x32) */
	bool multiplexed; /* has socketcall and ipc */
};

extern const struct sys_abi sys_abis[SYS_NABIS];

/* Return the bit of ABI number I in a set of ABIs. */
static inline uint32_t sys_abi_bit(unsigned i)
{
	assert(i < SYS_NABIS);
	return UINT32_C(1) << i;
}

/* Look up an ABI by name; NULL if there is none. */
const struct sys_abi *sys_abi(const char *name, size_t len);
/* Guess the ABI that a misspelt or foreign name means; NULL if none is near. */
const char *sys_abi_near(const char *name, size_t len);
/* List all ABIs for messages: "x86_64, i386, ...". */
const char *sys_abi_list(struct arena *arena);
/*
 * Return the ABI that this library was built for; NULL if its tables are not
 * here.
 */
const struct sys_abi *sys_abi_native(void);

/* A version of Linux as a number that orders: 5.15 is 5 << 16 | 15. */
#define SYS_KERNEL(x, y) ((uint32_t)(x) << 16 | (uint32_t)(y))

/* What the kernel makes of an argument's word or words. */
struct sys_type {
	uint8_t width; /* bits that count: 16, 32 or 64 */
	bool is_signed;
	bool is_pointer;
};

/* Return the mask of the low WIDTH bits. */
static inline uint64_t sys_ones(unsigned width)
{
	return width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

/* One argument of a call, as the kernel's entry point for the ABI has it. */
struct sys_arg {
	const char *name;  /* the kernel's */
	const char *alias; /* the manual page's, where it differs and is reviewed; or NULL */
	const char *ctype; /* as the kernel declares it: "unsigned int" */
	struct sys_type type;
	int8_t lo, hi; /* which words hold it, 0..5. HI: that of the upper half of
	                      a split 64-bit argument, else -1: word LO is all of it */
};

struct sys_call {
	const char *name;
	uint32_t nr;    /* as in seccomp_data.nr, so with the ABI's nr_bit */
	uint32_t since; /* SYS_KERNEL that brought it; 0: old, or not known */
	bool known;     /* false: the prototype is not known, NARGS is 0 */
	uint8_t nargs;
	struct sys_arg arg[SYS_ARGS];
};

/* Look up a call of ABI by name or number; false if ABI has none. */
bool sys_call_by_name(const struct sys_abi *abi, const char *name, size_t len,
                      struct sys_call *out);
bool sys_call_by_nr(const struct sys_abi *abi, uint32_t nr, struct sys_call *out);
/* Get call I of ABI in the order of numbers; false after the last. */
bool sys_call_at(const struct sys_abi *abi, uint32_t i, struct sys_call *out);
/*
 * Return the names of calls in their order, aliases too, for suggestions; NULL
 * after the last.
 */
const char *sys_call_name(const struct sys_abi *abi, uint32_t i);

/*
 * An integer from -2^63 to 2^64-1: the low 64 bits of its two's complement,
 * and whether it is below zero.
 */
struct sys_number {
	uint64_t bits;
	bool negative;
};

/*
 * Get the value of a constant (O_RDONLY, TCGETS, EPERM, SIGTERM, ...) on ABI;
 * false if ABI has none.
 */
bool sys_constant(const struct sys_abi *abi, const char *name, size_t len,
                  struct sys_number *out);
/*
 * Return constants in the order of their names, for suggestions; NULL after the
 * last.
 */
const char *sys_constant_name(uint32_t i);
/*
 * Convert "EPERM" to its number on ABI, 0 if there is none, and back, NULL if
 * there is none.
 */
uint32_t sys_errno(const struct sys_abi *abi, const char *name, size_t len);
const char *sys_errno_name(const struct sys_abi *abi, uint32_t number);
/* Tell whether some ABI has this error. */
bool sys_known_errno(const char *name, uint32_t len);

/* --- families.c: numbers back to names ---------------------------------------- */

/* Tell whether ARG of CALL is written as constants. */
bool sys_has_constants(const struct sys_call *call, const struct sys_arg *arg);
/*
 * Write VALUE, which has the bits of ARG's type, as the constants that ARG of CALL may
 * be: "AF_UNIX", "(O_WRONLY|O_CREAT)". False, and nothing, where there are none.
 */
bool sys_put_constant(struct buf *out, const struct sys_abi *abi, const struct sys_call *call,
                      const struct sys_arg *arg, uint64_t value);

#endif
