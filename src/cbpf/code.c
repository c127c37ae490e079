/*
 * The interpreter for many packets. Programs are decoded once, so that a load and the test
 * of what it loads, the most frequent pair in filters, are one step.
 */
#include <assert.h>

#include "cbpf/run.h"

/* What is done at an instruction: its own steps, or those of it and its successor. */
enum step {
	STEP_NONE, /* not an instruction */
#define INSN(name, code, text, operand, reads, writes, converted, flags) STEP_##name,
#define ANCILLARY(which, text, converted, reads)
#include "cbpf/insns.def"
#define FUSED(load, test, loaded, relation) STEP_##load##_##test,
#include "cbpf/fused.def"
	STEPS
};

_Static_assert(STEPS <= 256, "a step is a byte");

/* An instruction, or two: the load's K, and the test's VALUE, JT and JF. */
struct step_at {
	uint32_t k, value;
	uint16_t jt, jf; /* how many bytes further the next step is */
	uint8_t step;
};

struct cbpf_code {
	bool cells; /* it has some, which are 0 at the start */
	struct step_at step[];
};

size_t cbpf_code_size(size_t n)
{
	return sizeof(struct cbpf_code) + n * sizeof(struct step_at);
}

/* --- decoding ---------------------------------------------------------------------- */

static uint8_t single(uint16_t code)
{
	static const uint8_t steps[256] = {
#define INSN(name, code, text, operand, reads, writes, converted, flags) \
	[code] = STEP_##name,
#define ANCILLARY(which, text, converted, reads)
#include "cbpf/insns.def"
	};

	return steps[(uint8_t)code];
}

/* Return the step for a LOAD that the TEST follows; STEP_NONE: there is none. */
static uint8_t fused(uint8_t load, uint8_t test)
{
	static const struct {
		uint8_t load, test, step;
	} rows[] = {
#define FUSED(load, test, loaded, relation) \
	{ STEP_##load, STEP_##test, STEP_##load##_##test },
#include "cbpf/fused.def"
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].load == load && rows[i].test == test)
			return rows[i].step;
	return STEP_NONE;
}

static bool is_load(uint16_t code)
{
	return BPF_CLASS(code) == BPF_LD && (BPF_MODE(code) == BPF_ABS || BPF_MODE(code) == BPF_IND);
}

static bool has_cells(uint16_t code)
{
	return BPF_CLASS(code) == BPF_ST || BPF_CLASS(code) == BPF_STX;
}

static uint16_t bytes_to(unsigned steps)
{
	return (uint16_t)(steps * sizeof(struct step_at));
}

void cbpf_decode(struct cbpf_code *c, const struct sock_filter *p, size_t n)
{
	c->cells = false;
	for (size_t i = 0; i < n; i++) {
		struct step_at *s = &c->step[i];
		const struct sock_filter *next = &p[i + 1];
		uint8_t both = STEP_NONE;

		*s = (struct step_at){ p[i].k, 0, bytes_to(1 + p[i].jt), bytes_to(1 + p[i].jf),
			               single(p[i].code) };
		c->cells |= has_cells(p[i].code);
		/* What jumps to the test alone finds it there. */
		if (is_load(p[i].code) && i + 1 < n)
			both = fused(s->step, single(next->code));
		if (both != STEP_NONE)
			*s = (struct step_at){ p[i].k, next->k, bytes_to(2 + next->jt),
				               bytes_to(2 + next->jf), both };
	}
}

/* --- running ------------------------------------------------------------------------- */

/* Load at an OFFSET below 0 or past the end, of a packet of which REST knows the rest. */
static __attribute__((noinline, cold)) int64_t
load_rest(const struct cbpf_input *rest, const uint8_t *bytes, uint32_t captured,
          uint32_t offset, unsigned size)
{
	struct cbpf_input in = *rest;

	in.bytes = bytes;
	in.captured = captured;
	return load_slow(&in, offset, size);
}

static __attribute__((noinline, cold)) int64_t
load_abs_rest(const struct cbpf_input *rest, const uint8_t *bytes, uint32_t captured,
              uint32_t k, unsigned size, uint64_t registers)
{
	struct cbpf_input in = *rest;

	in.bytes = bytes;
	in.captured = captured;
	return load_abs_slow(&in, k, size, (uint32_t)registers, registers >> 32);
}

uint32_t cbpf_run_code(const struct cbpf_code *c, const uint8_t *bytes, uint32_t captured,
                       uint32_t wire, const struct cbpf_input *rest)
{
	static const void *const labels[STEPS] = {
		[STEP_NONE] = &&out,
#define INSN(name, code, text, operand, reads, writes, converted, flags) \
	[STEP_##name] = &&name,
#define ANCILLARY(which, text, converted, reads)
#include "cbpf/insns.def"
#define FUSED(load, test, loaded, relation) [STEP_##load##_##test] = &&load##_##test,
#include "cbpf/fused.def"
	};
	const struct step_at *f = c->step;
	uint32_t a = 0, x = 0, result = 0, m[CBPF_CELLS];
	int64_t value;

	if (c->cells)
		memset(m, 0, sizeof m);

#define NEXT goto *labels[(++f)->step]
#define JUMP(condition)                                                                \
	f = (const struct step_at *)((const char *)f + ((condition) ? f->jt : f->jf)); \
	goto *labels[f->step]
#define WIRE          wire
#define HERE(k, size) __builtin_expect((uint64_t)(k) + (size) <= captured, 1)
#define LOAD_AT(k, size)                               \
	(HERE((uint32_t)(k), size)                     \
	         ? get_be(bytes + (uint32_t)(k), size) \
	         : load_rest(rest, bytes, captured, k, size))
#define LOAD(k, size)                        \
	(HERE(k, size)                       \
	         ? get_be(bytes + (k), size) \
	         : load_abs_rest(rest, bytes, captured, k, size, (uint64_t)x << 32 | a))
#define LOAD_WORD(k) LOAD(k, 4)
	goto *labels[f->step];

#include "cbpf/bodies.def"

#define FUSED(load, test, loaded, relation) \
	load##_##test : value = loaded;     \
	if (value < 0)                      \
		goto out;                   \
	a = (uint32_t)value;                \
	JUMP(a relation f->value);
#include "cbpf/fused.def"
#undef LOAD_WORD
#undef LOAD
#undef LOAD_AT
#undef HERE
#undef WIRE
#undef JUMP
#undef NEXT
divide:
out:
returned:
	return result;
}
