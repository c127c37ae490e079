/* Writing eBPF: instructions, labels, and jumps of any length. */
#include <assert.h>
#include <linux/bpf.h>

#include "ebpf/ebpf.h"

enum {
	SET64 = BPF_LD | BPF_IMM | BPF_DW,
	JUMP_MAX = INT16_MAX, /* instructions that a jump skips at most */
	RELAY_REACH = 32000,  /* it leaves room for relays that come between */
};

void ebpf_put(struct ebpf_code *c, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
              int32_t imm)
{
	array_push(c->arena, &c->insns, ((struct ebpf_insn){ code, dst, src, off, imm }));
}

void ebpf_relocate(struct ebpf_code *c, bool is_imm, const char *symbol)
{
	assert(c->insns.n);
	array_push(c->arena, &c->relocs,
	           ((struct ebpf_reloc){ c->insns.n - 1, is_imm, symbol }));
}

void ebpf_mov64(struct ebpf_code *c, uint8_t dst, uint8_t src)
{
	ebpf_put(c, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

void ebpf_mov32(struct ebpf_code *c, uint8_t dst, uint8_t src)
{
	ebpf_put(c, BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0);
}

void ebpf_set(struct ebpf_code *c, uint8_t dst, uint32_t k)
{
	ebpf_put(c, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, (int32_t)k);
}

void ebpf_set64(struct ebpf_code *c, uint8_t dst, uint64_t k)
{
	ebpf_put(c, SET64, dst, 0, 0, (int32_t)k);
	ebpf_put(c, 0, 0, 0, 0, (int32_t)(k >> 32));
}

void ebpf_load(struct ebpf_code *c, uint8_t size, uint8_t dst, uint8_t src, int16_t off)
{
	ebpf_put(c, BPF_LDX | BPF_MEM | size, dst, src, off, 0);
}

void ebpf_swap(struct ebpf_code *c, uint8_t dst, unsigned bits)
{
	ebpf_put(c, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, (int32_t)bits);
}

void ebpf_exit(struct ebpf_code *c)
{
	ebpf_put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* --- labels --------------------------------------------------------------------- */

uint32_t ebpf_label(struct ebpf_code *c)
{
	array_push(c->arena, &c->labels, EBPF_NOWHERE);
	return c->labels.n - 1;
}

void ebpf_here(struct ebpf_code *c, uint32_t label)
{
	assert(c->labels.v[label] == EBPF_NOWHERE);
	c->labels.v[label] = c->insns.n;
}

void ebpf_goto(struct ebpf_code *c, uint8_t code, uint8_t dst, uint8_t src, int32_t imm,
               uint32_t label)
{
	array_push(c->arena, &c->jumps,
	           ((struct ebpf_jump){ c->insns.n, label, c->from }));
	ebpf_put(c, code, dst, src, 0, imm);
}

/* --- long jumps ------------------------------------------------------------------- */

/* Return how many instructions jump J skips; below 0: it goes back. */
static int64_t distance(const struct ebpf_code *c, const struct ebpf_jump *j)
{
	assert(c->labels.v[j->label] != EBPF_NOWHERE);
	return (int64_t)c->labels.v[j->label] - j->insn - 1;
}

/* Tell whether control never goes on from instruction AT to the next. */
static bool never_passes(const struct ebpf_code *c, uint32_t at)
{
	uint8_t code = c->insns.v[at].code;

	return code == (BPF_JMP | BPF_EXIT) || code == (BPF_JMP | BPF_JA);
}

/* Move all that is at AT and after it by N; the gap's contents are the caller's. */
static void make_gap(struct ebpf_code *c, uint32_t at, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		ebpf_put(c, 0, 0, 0, 0, 0);
	memmove(&c->insns.v[at + n], &c->insns.v[at],
	        (c->insns.n - n - at) * sizeof *c->insns.v);
	array_each(l, &c->labels)
		if (*l != EBPF_NOWHERE && *l >= at)
			*l += n;
	array_each(j, &c->jumps)
		if (j->insn >= at)
			j->insn += n;
	array_each(r, &c->relocs)
		if (r->insn >= at)
			r->insn += n;
}

/* A jump that others go by, and the label where they meet it. */
struct relay {
	uint32_t at, to;
};

struct relays {
	struct ebpf_code *code;
	ARRAY(struct relay) done;
};

/* Return the label of a relay to TO that a jump at FROM reaches; EBPF_NOWHERE: none. */
static uint32_t known_relay(const struct relays *r, uint32_t from, uint32_t to)
{
	array_each(one, &r->done) {
		uint32_t at = r->code->labels.v[one->at];

		if (one->to == to && at > from && at - from <= RELAY_REACH)
			return one->at;
	}
	return EBPF_NOWHERE;
}

/*
 * Put a relay to label TO where a jump at FROM reaches it: at the last place where
 * nothing passes by, if that is far enough to be of use, else at the last one, where what
 * passes skips it. Return its label.
 */
static uint32_t new_relay(struct relays *r, uint32_t from, uint32_t to)
{
	struct ebpf_code *c = r->code;
	uint32_t at = from + RELAY_REACH, label = ebpf_label(c), skip;

	while (at > from + RELAY_REACH / 2 && !never_passes(c, at - 1))
		at--;
	if (!never_passes(c, at - 1)) {
		at = from + RELAY_REACH;
		at -= c->insns.v[at - 1].code == SET64; /* its halves stay together */
		skip = ebpf_label(c);
		c->labels.v[skip] = at;
		make_gap(c, at, 1);
		c->insns.v[at] = (struct ebpf_insn){ .code = BPF_JMP | BPF_JA };
		array_push(c->arena, &c->jumps, ((struct ebpf_jump){ at, skip, c->from }));
		at++;
	}
	make_gap(c, at, 1);
	c->insns.v[at] = (struct ebpf_insn){ .code = BPF_JMP | BPF_JA };
	c->labels.v[label] = at;
	array_push(c->arena, &c->jumps, ((struct ebpf_jump){ at, to, c->from }));
	array_push(c->arena, &r->done, ((struct relay){ label, to }));
	return label;
}

void ebpf_link(struct ebpf_code *c)
{
	struct relays r = { .code = c };

	/* A relay lengthens jumps that were looked at before. */
	for (bool again = true; again;) {
		again = false;
		for (uint32_t i = 0; i < c->jumps.n; i++) {
			uint32_t from = c->jumps.v[i].insn, to = c->jumps.v[i].label, by;

			if (distance(c, &c->jumps.v[i]) <= JUMP_MAX)
				continue;
			by = known_relay(&r, from, to);
			if (by == EBPF_NOWHERE)
				by = new_relay(&r, from, to);
			c->jumps.v[i].label = by;
			again = true;
		}
	}
	array_each(j, &c->jumps) {
		int64_t skip = distance(c, j);

		assert(skip >= INT16_MIN && skip <= INT16_MAX);
		c->insns.v[j->insn].off = (int16_t)skip;
	}
}
