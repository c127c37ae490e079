/* Hashing of bytes; that of words is in base.h. */
#include <string.h>

#include "base/base.h"

uint32_t hash_bytes(const void *p, size_t len, uint32_t seed)
{
	const unsigned char *s = p;
	uint64_t h = seed;
	uint32_t w;

	for (; len >= 4; s += 4, len -= 4) {
		memcpy(&w, s, 4);
		h = hash_mix(h, w);
	}
	w = (uint32_t)len << 24;
	for (size_t i = 0; i < len; i++)
		w |= (uint32_t)s[i] << 8 * i;
	return (uint32_t)hash_mix(h, w);
}
