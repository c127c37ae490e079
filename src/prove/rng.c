/* xorshift64*: small, fast, the same everywhere. */
#include "prove/prove.h"

struct rng rng_seed(uint64_t seed)
{
	struct rng r = { .state = (seed + 1) * 0x9e3779b97f4a7c15u };

	if (!r.state)
		r.state = 1;
	for (int i = 0; i < 4; i++)
		rng_next(&r);
	return r;
}

uint32_t rng_next(struct rng *r)
{
	uint64_t x = r->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	r->state = x;
	return (x * 0x2545f4914f6cdd1du) >> 32;
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
	return n ? (uint64_t)rng_next(r) * n >> 32 : 0;
}

bool rng_one_in(struct rng *r, uint32_t n)
{
	return rng_below(r, n) == 0;
}

uint32_t rng_number(struct rng *r)
{
	switch (rng_below(r, 6)) {
	case 0:
	case 1:
		return rng_below(r, 20);
	case 2:
		return rng_below(r, 256);
	case 3:
		return (1u << rng_below(r, 32)) + rng_below(r, 3) - 1;
	case 4:
		return rng_below(r, 65536);
	default:
		return rng_next(r);
	}
}
