/*
 * The interpreter: what a checked program returns, as Linux runs it. One loop,
 * compiled four times: packets and seccomp_data, with and without a trace.
 */
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

/* Where OFFSET, which is negative, points; UINT64_MAX: nowhere. */
static uint64_t negative_offset(const struct cbpf_input *in, uint32_t offset)
{
	if (offset >= (uint32_t)SKF_NET_OFF)
		return (uint64_t)in->network + (offset - (uint32_t)SKF_NET_OFF);
	if (offset >= (uint32_t)SKF_LL_OFF && !in->no_link)
		return offset - (uint32_t)SKF_LL_OFF;
	return UINT64_MAX;
}

/* The SIZE bytes at OFFSET of the packet; false if they are not all there. */
ALWAYS_INLINE bool load(const struct cbpf_input *in, uint32_t offset,
                        unsigned size, uint32_t *value)
{
	uint64_t at = offset;

	if (__builtin_expect(offset > INT32_MAX, 0))
		at = negative_offset(in, offset);
	if (at > in->captured || in->captured - at < size)
		return false;
	*value = get_be(in->bytes + at, size);
	return true;
}

static uint32_t ancillary(const struct cbpf_input *in, uint32_t which,
                          uint32_t a, uint32_t x)
{
	if (which == SKF_AD_ALU_XOR_X)
		return a ^ x;
	return in->ancillary ? in->ancillary(in->ctx, which, a, x) : 0;
}

/* A load at the constant K, which may name an ancillary word. */
ALWAYS_INLINE bool load_abs(const struct cbpf_input *in, uint32_t k,
                            unsigned size, uint32_t *a, uint32_t x)
{
	if (__builtin_expect(k >= CBPF_ANCILLARY, 0)) {
		*a = ancillary(in, k - CBPF_ANCILLARY, *a, x);
		return true;
	}
	return load(in, k, size, a);
}

static uint32_t seccomp_word(const struct cbpf_input *in, uint32_t k)
{
	uint32_t word;

	memcpy(&word, in->bytes + k, sizeof word);
	return word;
}

/* Tells T, if there is one, that the instruction AT ran. */
ALWAYS_INLINE void step(struct cbpf_trace *t, uint32_t at, uint32_t next,
                        uint32_t a, uint32_t x, const uint32_t *m)
{
	struct cbpf_step s = { at, next, a, x, m };

	if (!t)
		return;
	t->executed++;
	if (t->step)
		t->step(t->ctx, &s);
}

/* SECCOMP and whether T is NULL are known wherever this is expanded. */
ALWAYS_INLINE uint32_t run(const struct sock_filter *p,
                           const struct cbpf_input *in, bool seccomp,
                           struct cbpf_trace *t)
{
	const struct sock_filter *at, *f = p;
	uint32_t a = 0, x = 0, m[CBPF_CELLS] = { 0 };
	enum cbpf_end end = CBPF_END_LOAD;
	uint32_t result = 0;

#define HERE ((uint32_t)(at - p))
#define NEXT ((uint32_t)(f - p))
	for (;; f++, step(t, HERE, NEXT, a, x, m)) {
		at = f;
		switch ((enum cbpf_op)f->code) {
		case CBPF_LD_W_ABS:
			if (seccomp)
				a = seccomp_word(in, f->k);
			else if (!load_abs(in, f->k, 4, &a, x))
				goto out;
			continue;
		case CBPF_LD_H_ABS:
			if (!load_abs(in, f->k, 2, &a, x))
				goto out;
			continue;
		case CBPF_LD_B_ABS:
			if (!load_abs(in, f->k, 1, &a, x))
				goto out;
			continue;
		case CBPF_LD_W_IND:
			if (!load(in, x + f->k, 4, &a))
				goto out;
			continue;
		case CBPF_LD_H_IND:
			if (!load(in, x + f->k, 2, &a))
				goto out;
			continue;
		case CBPF_LD_B_IND:
			if (!load(in, x + f->k, 1, &a))
				goto out;
			continue;
		case CBPF_LD_IMM:
			a = f->k;
			continue;
		case CBPF_LD_MEM:
			a = m[f->k];
			continue;
		case CBPF_LD_LEN:
			a = in->wire;
			continue;
		case CBPF_LDX_IMM:
			x = f->k;
			continue;
		case CBPF_LDX_MEM:
			x = m[f->k];
			continue;
		case CBPF_LDX_LEN:
			x = in->wire;
			continue;
		case CBPF_LDX_MSH:
			if (!load(in, f->k, 1, &x))
				goto out;
			x = (x & 15) * 4;
			continue;
		case CBPF_ST:
			m[f->k] = a;
			continue;
		case CBPF_STX:
			m[f->k] = x;
			continue;
		case CBPF_ADD_K:
			a += f->k;
			continue;
		case CBPF_ADD_X:
			a += x;
			continue;
		case CBPF_SUB_K:
			a -= f->k;
			continue;
		case CBPF_SUB_X:
			a -= x;
			continue;
		case CBPF_MUL_K:
			a *= f->k;
			continue;
		case CBPF_MUL_X:
			a *= x;
			continue;
		case CBPF_DIV_K:
			a /= f->k;
			continue;
		case CBPF_DIV_X:
			if (!x)
				goto divide;
			a /= x;
			continue;
		case CBPF_MOD_K:
			a %= f->k;
			continue;
		case CBPF_MOD_X:
			if (!x)
				goto divide;
			a %= x;
			continue;
		case CBPF_OR_K:
			a |= f->k;
			continue;
		case CBPF_OR_X:
			a |= x;
			continue;
		case CBPF_AND_K:
			a &= f->k;
			continue;
		case CBPF_AND_X:
			a &= x;
			continue;
		case CBPF_XOR_K:
			a ^= f->k;
			continue;
		case CBPF_XOR_X:
			a ^= x;
			continue;
		case CBPF_LSH_K:
			a <<= f->k;
			continue;
		case CBPF_LSH_X:
			a <<= x & 31;
			continue;
		case CBPF_RSH_K:
			a >>= f->k;
			continue;
		case CBPF_RSH_X:
			a >>= x & 31;
			continue;
		case CBPF_NEG:
			a = -a;
			continue;
		case CBPF_TAX:
			x = a;
			continue;
		case CBPF_TXA:
			a = x;
			continue;
		case CBPF_JA:
			f += f->k;
			continue;
		case CBPF_JEQ_K:
			f += a == f->k ? f->jt : f->jf;
			continue;
		case CBPF_JEQ_X:
			f += a == x ? f->jt : f->jf;
			continue;
		case CBPF_JGT_K:
			f += a > f->k ? f->jt : f->jf;
			continue;
		case CBPF_JGT_X:
			f += a > x ? f->jt : f->jf;
			continue;
		case CBPF_JGE_K:
			f += a >= f->k ? f->jt : f->jf;
			continue;
		case CBPF_JGE_X:
			f += a >= x ? f->jt : f->jf;
			continue;
		case CBPF_JSET_K:
			f += a & f->k ? f->jt : f->jf;
			continue;
		case CBPF_JSET_X:
			f += a & x ? f->jt : f->jf;
			continue;
		case CBPF_RET_K:
			result = f->k;
			end = CBPF_END_RET;
			goto out;
		case CBPF_RET_A:
			result = a;
			end = CBPF_END_RET;
			goto out;
		}
		goto out; /* not a checked program */
	}
divide:
	end = CBPF_END_DIVIDE;
out:
	if (t)
		t->end = end;
	step(t, HERE, UINT32_MAX, a, x, m);
	return result;
#undef HERE
#undef NEXT
}

static struct cbpf_input seccomp_input(const void *data)
{
	return (struct cbpf_input){
		.bytes = data,
		.captured = CBPF_SECCOMP_SIZE,
		.wire = CBPF_SECCOMP_SIZE,
	};
}

uint32_t cbpf_run(const struct sock_filter *p, const struct cbpf_input *in)
{
	return run(p, in, false, NULL);
}

uint32_t cbpf_run_seccomp(const struct sock_filter *p, const void *data)
{
	struct cbpf_input in = seccomp_input(data);

	return run(p, &in, true, NULL);
}

uint32_t cbpf_run_traced(const struct sock_filter *p, const struct cbpf_input *in,
                         struct cbpf_trace *trace)
{
	return run(p, in, false, trace);
}

uint32_t cbpf_run_seccomp_traced(const struct sock_filter *p, const void *data,
                                 struct cbpf_trace *trace)
{
	struct cbpf_input in = seccomp_input(data);

	return run(p, &in, true, trace);
}
