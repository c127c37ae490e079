/* Sets of values of one argument as tests that libseccomp has operators for. */
#include <stdlib.h>

#include "oci/oci.h"
#include "rules/space.h"

enum {
	MOST_BLOCKS = 256
};

struct range {
	uint64_t lo, hi;
};

struct ranges {
	struct arena *arena;
	uint64_t ones;  /* the word's bits */
	unsigned index; /* of the word; SYS_ARGS: none was seen */
	ARRAY(struct range) v;
};

/* Add a block of one word whose low bits alone are free; false: it is another one. */
static bool add_block(void *ctx, const uint64_t *mask, const uint64_t *value)
{
	struct ranges *r = ctx;
	uint64_t free;

	for (unsigned i = 0; i < SYS_ARGS; i++) {
		if (!mask[i])
			continue;
		if (r->index != SYS_ARGS && r->index != i)
			return false;
		r->index = i;
	}
	if (r->index == SYS_ARGS || r->v.n == MOST_BLOCKS)
		return false;
	free = ~mask[r->index] & r->ones;
	if (mask[r->index] & ~r->ones || free & (free + 1))
		return false;
	array_push(r->arena, &r->v,
	           ((struct range){ value[r->index], value[r->index] | free }));
	return true;
}

static int by_low(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Join neighbours. */
static void unite(struct ranges *r)
{
	uint32_t n = 0;

	qsort(r->v.v, r->v.n, sizeof *r->v.v, by_low);
	for (uint32_t i = 0; i < r->v.n; i++)
		if (n && r->v.v[n - 1].hi + 1 == r->v.v[i].lo)
			r->v.v[n - 1].hi = r->v.v[i].hi;
		else
			r->v.v[n++] = r->v.v[i];
	r->v.n = n;
}

/*
 * Write range IN as a test; false: it has two ends, or values of more than 32 bits, of
 * which libseccomp 2.5.4 gets some wrong where a call has several tests.
 */
static bool put_test(const struct ranges *r, const struct range *in, struct oci_arg *out)
{
	*out = (struct oci_arg){ .index = r->index, .op = OCI_EQ, .value = in->lo };
	if (in->lo == in->hi)
		return in->lo <= UINT32_MAX;
	if (in->lo == 0) {
		out->op = OCI_LE;
		out->value = in->hi;
	} else {
		out->op = OCI_GE;
	}
	return out->value <= UINT32_MAX && (in->lo == 0 || in->hi == r->ones);
}

unsigned oci_ranges(struct arena *arena, const struct rules_space *s, uint32_t set,
                    unsigned size, struct oci_arg out[OCI_MOST_RANGES])
{
	struct ranges r = {
		.arena = arena,
		.ones = sys_ones((uint8_t)size),
		.index = SYS_ARGS,
	};

	if (!rules_space_blocks(s, set, add_block, &r) || !r.v.n)
		return 0;
	unite(&r);
	if (r.v.n > OCI_MOST_RANGES)
		return 0;
	for (uint32_t i = 0; i < r.v.n; i++)
		if (!put_test(&r, &r.v.v[i], &out[i]))
			return 0;
	return r.v.n;
}
