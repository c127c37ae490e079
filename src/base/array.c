/* The growing half of array_push. */
#include <assert.h>

#include "base/base.h"

enum {
	FIRST_CAP = LIMIT(8, 1)
};

void *array_more(struct arena *a, void *v, uint32_t *cap, uint32_t n,
                 size_t size)
{
	uint32_t more = *cap ? *cap * 2 : FIRST_CAP;

	assert(n == *cap);
	/* 2^31 elements are the most: counts have 32 bits. */
	if (more < *cap || (size_t)more > SIZE_MAX / size)
		longjmp(*a->oom, OUT_OF_MEMORY);
	*cap = more;
	return arena_grow(a, v, n * size, more * size);
}
