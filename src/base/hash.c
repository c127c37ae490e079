/* Hashing for interning tables: multiply and fold, word by word. */
#include <string.h>

#include "base/base.h"

static uint32_t mix(uint32_t h, uint32_t w)
{
	uint64_t m = (uint64_t)(h ^ w) * 0x9e3779b97f4a7c15u + 0x7f4a7c15u;

	return (uint32_t)(m ^ m >> 32);
}

uint32_t hash_words(const uint32_t *p, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++)
		seed = mix(seed, p[i]);
	return seed;
}

uint32_t hash_bytes(const void *p, size_t len, uint32_t seed)
{
	const unsigned char *s = p;
	uint32_t w;

	for (; len >= 4; s += 4, len -= 4) {
		memcpy(&w, s, 4);
		seed = mix(seed, w);
	}
	w = (uint32_t)len << 24;
	for (size_t i = 0; i < len; i++)
		w |= (uint32_t)s[i] << 8 * i;
	return mix(seed, w);
}
