/*
 * The interpreter: what a checked program returns, as Linux runs it.
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

/* Return where OFFSET, which is negative, points; UINT64_MAX: nowhere. */
static uint64_t negative_offset(const struct cbpf_input *in, uint32_t offset)
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
static int64_t load_slow(const struct cbpf_input *in, uint32_t offset, unsigned size)
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
static int64_t load_abs_slow(const struct cbpf_input *in, uint32_t k, unsigned size,
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

static uint32_t seccomp_word(const struct cbpf_input *in, uint32_t k)
{
	uint32_t word;

	memcpy(&word, in->bytes + k, sizeof word);
	return word;
}

/* Tell the tracer that the instruction AT ran. */
static void tell(const struct cbpf_trace *t, uint32_t at, uint32_t next, uint32_t a,
                 uint32_t x, const uint32_t *m)
{
	struct cbpf_step s = { at, next, a, x, m };

	t->step(t->ctx, &s);
}

/*
 * Run P, with the trace T if not NULL. Every instruction jumps to the next by
 * itself, through a table from codes to labels: processors predict many
 * indirect jumps better than a shared one. With a trace, every code leads to
 * the hook first.
 */
static uint32_t run(const struct sock_filter *p, const struct cbpf_input *in,
                    bool seccomp, struct cbpf_trace *t)
{
	static const void *const labels[256] = {
#define INSN(name, code, text, operand, reads, writes, converted, flags) \
	[code] = &&name,
#define ANCILLARY(which, text, converted, reads)
#include "cbpf/insns.def"
	};
	static const void *const hooked[256] = { [0 ... 255] = &&hook };
	const void *const *dispatch = t ? hooked : labels;
	const struct sock_filter *at = p, *f = p;
	uint32_t a = 0, x = 0, m[CBPF_CELLS] = { 0 };
	enum cbpf_end end = CBPF_END_LOAD;
	uint32_t result = 0;
	uint64_t executed = 0;
	int64_t value;

#define NEXT goto *dispatch[(uint8_t)(++f)->code]
	goto *dispatch[(uint8_t)f->code];
hook:
	if (executed++ && t->step)
		tell(t, (uint32_t)(at - p), (uint32_t)(f - p), a, x, m);
	at = f;
	goto *labels[(uint8_t)f->code];

LD_W_ABS:
	value = seccomp ? seccomp_word(in, f->k) : load_abs(in, f->k, 4, a, x);
	if (value < 0)
		goto out;
	a = (uint32_t)value;
	NEXT;
LD_H_ABS:
	value = load_abs(in, f->k, 2, a, x);
	if (value < 0)
		goto out;
	a = (uint32_t)value;
	NEXT;
LD_B_ABS:
	value = load_abs(in, f->k, 1, a, x);
	if (value < 0)
		goto out;
	a = (uint32_t)value;
	NEXT;
LD_W_IND:
	value = load(in, x + f->k, 4);
	if (value < 0)
		goto out;
	a = (uint32_t)value;
	NEXT;
LD_H_IND:
	value = load(in, x + f->k, 2);
	if (value < 0)
		goto out;
	a = (uint32_t)value;
	NEXT;
LD_B_IND:
	value = load(in, x + f->k, 1);
	if (value < 0)
		goto out;
	a = (uint32_t)value;
	NEXT;
LD_IMM:
	a = f->k;
	NEXT;
LD_MEM:
	a = m[f->k];
	NEXT;
LD_LEN:
	a = in->wire;
	NEXT;
LDX_IMM:
	x = f->k;
	NEXT;
LDX_MEM:
	x = m[f->k];
	NEXT;
LDX_LEN:
	x = in->wire;
	NEXT;
LDX_MSH:
	value = load(in, f->k, 1);
	if (value < 0)
		goto out;
	x = (value & 15) * 4;
	NEXT;
ST:
	m[f->k] = a;
	NEXT;
STX:
	m[f->k] = x;
	NEXT;
ADD_K:
	a += f->k;
	NEXT;
ADD_X:
	a += x;
	NEXT;
SUB_K:
	a -= f->k;
	NEXT;
SUB_X:
	a -= x;
	NEXT;
MUL_K:
	a *= f->k;
	NEXT;
MUL_X:
	a *= x;
	NEXT;
DIV_K:
	a /= f->k;
	NEXT;
DIV_X:
	if (!x)
		goto divide;
	a /= x;
	NEXT;
MOD_K:
	a %= f->k;
	NEXT;
MOD_X:
	if (!x)
		goto divide;
	a %= x;
	NEXT;
OR_K:
	a |= f->k;
	NEXT;
OR_X:
	a |= x;
	NEXT;
AND_K:
	a &= f->k;
	NEXT;
AND_X:
	a &= x;
	NEXT;
XOR_K:
	a ^= f->k;
	NEXT;
XOR_X:
	a ^= x;
	NEXT;
LSH_K:
	a <<= f->k;
	NEXT;
LSH_X:
	a <<= x & 31;
	NEXT;
RSH_K:
	a >>= f->k;
	NEXT;
RSH_X:
	a >>= x & 31;
	NEXT;
NEG:
	a = -a;
	NEXT;
TAX:
	x = a;
	NEXT;
TXA:
	a = x;
	NEXT;
JA:
	f += f->k;
	NEXT;
JEQ_K:
	f += a == f->k ? f->jt : f->jf;
	NEXT;
JEQ_X:
	f += a == x ? f->jt : f->jf;
	NEXT;
JGT_K:
	f += a > f->k ? f->jt : f->jf;
	NEXT;
JGT_X:
	f += a > x ? f->jt : f->jf;
	NEXT;
JGE_K:
	f += a >= f->k ? f->jt : f->jf;
	NEXT;
JGE_X:
	f += a >= x ? f->jt : f->jf;
	NEXT;
JSET_K:
	f += a & f->k ? f->jt : f->jf;
	NEXT;
JSET_X:
	f += a & x ? f->jt : f->jf;
	NEXT;
RET_K:
	result = f->k;
	end = CBPF_END_RET;
	goto out;
RET_A:
	result = a;
	end = CBPF_END_RET;
	goto out;
#undef NEXT
divide:
	end = CBPF_END_DIVIDE;
out:
	if (!t)
		return result;
	t->executed += executed;
	t->end = end;
	if (t->step)
		tell(t, (uint32_t)(at - p), UINT32_MAX, a, x, m);
	return result;
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
