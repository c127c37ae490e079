/* Hashing for interning tables: multiply and fold, two words at a time. */
#include <string.h>

#include "base/base.h"

static uint64_t mix(uint64_t h, uint64_t w)
{
	uint64_t m = (h ^ w) * 0x9e3779b97f4a7c15u + 0x7f4a7c15u;

	return m ^ m >> 32;
}

uint32_t hash_words(const uint32_t *p, size_t n, uint32_t seed)
{
	uint64_t h = seed;

	for (; n > 1; p += 2, n -= 2)
		h = mix(h, p[0] | (uint64_t)p[1] << 32);
	return (uint32_t)(n ? mix(h, p[0]) : h);
}

uint32_t hash_bytes(const void *p, size_t len, uint32_t seed)
{
	const unsigned char *s = p;
	uint64_t h = seed;
	uint32_t w;

	for (; len >= 4; s += 4, len -= 4) {
		memcpy(&w, s, 4);
		h = mix(h, w);
	}
	w = (uint32_t)len << 24;
	for (size_t i = 0; i < len; i++)
		w |= (uint32_t)s[i] << 8 * i;
	return (uint32_t)mix(h, w);
}
