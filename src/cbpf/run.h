/* What the interpreters of run.c and code.c share: loads. */
#ifndef WEIR_CBPF_RUN_H
#define WEIR_CBPF_RUN_H

#include <endian.h>
#include <string.h>

#include "cbpf/cbpf.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE uint32_t get_be(const uint8_t *p, unsigned size)
{
	uint32_t word;
	uint16_t half;

	if (size == 1)
		return *p;
	if (size == 2) {
		memcpy(&half, p, sizeof half);
		return be16toh(half);
	}
	memcpy(&word, p, sizeof word);
	return be32toh(word);
}

/* Return where OFFSET, which is negative, points; UINT64_MAX: nowhere. */
static inline uint64_t negative_offset(const struct cbpf_input *in, uint32_t offset)
{
	if (offset >= (uint32_t)SKF_NET_OFF)
		return (uint64_t)in->network + (offset - (uint32_t)SKF_NET_OFF);
	if (offset >= (uint32_t)SKF_LL_OFF && !in->no_link)
		return offset - (uint32_t)SKF_LL_OFF;
	return UINT64_MAX;
}

/*
 * Loads give the value, or -1 where the bytes are not there. They take no
 * address of a register: it would live in memory for the whole run.
 */

/* Load at an OFFSET below 0 or past the end; -1 if that fails. */
static inline int64_t load_slow(const struct cbpf_input *in, uint32_t offset, unsigned size)
{
	uint64_t at;

	if (offset <= INT32_MAX)
		return -1;
	at = negative_offset(in, offset);
	if (at > in->captured || in->captured - at < size)
		return -1;
	return get_be(in->bytes + at, size);
}

/*
 * Load SIZE bytes at OFFSET. Fewer than 2^31 bytes are captured, so negative
 * offsets fail the first test, too.
 */
ALWAYS_INLINE int64_t load(const struct cbpf_input *in, uint32_t offset, unsigned size)
{
	if (__builtin_expect((uint64_t)offset + size > in->captured, 0))
		return load_slow(in, offset, size);
	return get_be(in->bytes + offset, size);
}

/* Load at the constant K, which may name an ancillary word. */
static inline int64_t load_abs_slow(const struct cbpf_input *in, uint32_t k, unsigned size,
                                    uint32_t a, uint32_t x)
{
	uint32_t which = k - CBPF_ANCILLARY;

	if (k < CBPF_ANCILLARY)
		return load_slow(in, k, size);
	if (which == SKF_AD_ALU_XOR_X)
		return a ^ x;
	return in->ancillary ? in->ancillary(in->ctx, which, a, x) : 0;
}

ALWAYS_INLINE int64_t load_abs(const struct cbpf_input *in, uint32_t k, unsigned size,
                               uint32_t a, uint32_t x)
{
	if (__builtin_expect((uint64_t)k + size > in->captured, 0))
		return load_abs_slow(in, k, size, a, x);
	return get_be(in->bytes + k, size);
}

static inline uint32_t seccomp_word(const struct cbpf_input *in, uint32_t k)
{
	uint32_t word;

	memcpy(&word, in->bytes + k, sizeof word);
	return word;
}

#endif
