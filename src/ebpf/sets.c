/*
 * Open sets in the direct forms: what a program fetches when it starts, so that it sees
 * one version of each set, and the look-ups. A hash has single values; a table has the
 * boundaries of intervals, searched without branches, since the verifier walks every
 * branch. docs/design/sets.md.
 */
#include <assert.h>
#include <linux/bpf.h>
#include <stddef.h>

#include "ebpf/direct.h"

/* Where the frame holds the key of a look-up, and what is fetched at the start. */
enum {
	KEY = -EBPF_DIRECT_STACK - 16,
	FIRST_SET = KEY - 8,
	MAC_KEY = KEY + 2, /* so that its last four bytes are aligned */
	ADDRESS = 16,      /* bytes of an IPv6 address */
};

/* Registers of a search; the address is in EBPF_A, or in the frame. */
enum {
	TABLE = 1,
	INDEX = 2,
	AT = 3,
	BOUNDARY = 4,
	LESS = 5,
};

bool ebpf_set_is_table(enum ebpf_set_kind kind)
{
	return kind == EBPF_SET_NET4 || kind == EBPF_SET_NET6;
}

unsigned ebpf_set_steps(uint32_t capacity)
{
	unsigned steps = 1;

	assert(capacity <= EBPF_SET_MOST);
	while ((1u << steps) - 1 < 2 * capacity)
		steps++;
	return steps;
}

static void call(struct ebpf_code *out, int32_t helper)
{
	ebpf_put(out, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

static int16_t slot(uint32_t set)
{
	return (int16_t)(FIRST_SET - 8 * (int16_t)set);
}

static void store(struct ebpf_code *out, uint8_t size, int off, uint8_t src)
{
	ebpf_put(out, BPF_STX | BPF_MEM | size, EBPF_FRAME, src, (int16_t)off, 0);
}

/* Set DST to the address of the frame's byte OFF. */
static void frame_at(struct ebpf_code *out, uint8_t dst, int off)
{
	ebpf_mov64(out, dst, EBPF_FRAME);
	ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, off);
}

/* --- the start ----------------------------------------------------------------------- */

/* Tell whether P asks about SET. */
static bool is_used(const struct cbpf_program *p, uint32_t set)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->insns[i].code == CBPF_LD_W_ABS &&
		    p->insns[i].k == CBPF_ANCILLARY + CBPF_SETS + set)
			return true;
	return false;
}

/* Look entry 0 of the map in R1 up, and return 0 from the program if it is not there. */
static void first_entry(struct ebpf_code *out)
{
	uint32_t there = ebpf_label(out);

	frame_at(out, BPF_REG_2, KEY);
	call(out, BPF_FUNC_map_lookup_elem);
	ebpf_goto(out, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0, there);
	ebpf_exit(out);
	ebpf_here(out, there);
}

void ebpf_sets_start(struct ebpf_direct *d)
{
	struct ebpf_code *out = d->fast.out;
	bool any = false;

	for (uint32_t i = 0; i < out->nsets; i++) {
		if (!is_used(d->fast.program, i))
			continue;
		any = true;
		ebpf_put(out, BPF_ST | BPF_MEM | BPF_W, EBPF_FRAME, 0, KEY, 0);
		ebpf_put(out, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, (int32_t)i);
		ebpf_put(out, 0, 0, 0, 0, 0);
		first_entry(out);
		if (ebpf_set_is_table(out->sets[i].kind)) {
			ebpf_mov64(out, BPF_REG_1, BPF_REG_0);
			first_entry(out);
		}
		store(out, BPF_DW, slot(i), BPF_REG_0);
		out->stack = max_u32(out->stack, (uint32_t)-slot(i));
	}
	if (any) /* calls have lost it */
		ebpf_mov64(out, BPF_REG_1, EBPF_CONTEXT);
}

/* --- addresses that are in the packet ---------------------------------------------------- */

/* Copy the 16 bytes at offset A into the frame, by a pointer; else go on in the second copy. */
static void copy_fast(struct ebpf_direct *d, uint32_t at)
{
	struct ebpf_code *out = d->fast.out;

	ebpf_goto(out, BPF_JMP | BPF_JGT | BPF_K, EBPF_A, 0, EBPF_REACH - ADDRESS, d->entry[at]);
	ebpf_mov64(out, BPF_REG_1, EBPF_DATA);
	ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_1, EBPF_A, 0, 0);
	ebpf_mov64(out, BPF_REG_2, BPF_REG_1);
	ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, ADDRESS);
	ebpf_goto(out, BPF_JMP | BPF_JGT | BPF_X, BPF_REG_2, EBPF_END, 0, d->entry[at]);
	d->enters[at] = 1;
	for (int i = 0; i < ADDRESS; i += 8) {
		ebpf_load(out, BPF_DW, BPF_REG_3, BPF_REG_1, (int16_t)i);
		store(out, BPF_DW, KEY + i, BPF_REG_3);
	}
}

/* Copy them by a call, which finds them: the program has read their end. */
static void copy_slow(struct ebpf_direct *d)
{
	struct ebpf_code *out = d->fast.out;

	ebpf_mov64(out, BPF_REG_1, EBPF_CONTEXT);
	ebpf_mov32(out, BPF_REG_2, EBPF_A);
	frame_at(out, BPF_REG_3, KEY);
	ebpf_set(out, BPF_REG_4, ADDRESS);
	call(out, d->hook->load_bytes);
	ebpf_goto(out, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0, d->fails);
}

/* --- look-ups -------------------------------------------------------------------------------- */

/* Put the key into the frame, as the hash of KIND has it; return where it is. */
static int put_key(struct ebpf_direct *d, enum ebpf_set_kind kind)
{
	struct ebpf_code *out = d->fast.out;

	switch (kind) {
	case EBPF_SET_IP4:
		ebpf_swap(out, EBPF_A, 32);
		store(out, BPF_W, KEY, EBPF_A);
		return KEY;
	case EBPF_SET_PORT:
		ebpf_swap(out, EBPF_A, 16);
		store(out, BPF_H, KEY, EBPF_A);
		return KEY;
	case EBPF_SET_VLAN:
		store(out, BPF_H, KEY, EBPF_A);
		return KEY;
	case EBPF_SET_MAC:
		ebpf_mov32(out, BPF_REG_1, EBPF_X);
		ebpf_swap(out, BPF_REG_1, 16);
		store(out, BPF_H, MAC_KEY, BPF_REG_1);
		ebpf_swap(out, EBPF_A, 32);
		store(out, BPF_W, MAC_KEY + 2, EBPF_A);
		return MAC_KEY;
	case EBPF_SET_IP6: /* it was copied there */
		return KEY;
	case EBPF_SET_NET4:
	case EBPF_SET_NET6:
		break;
	}
	assert(!"a hash");
	return KEY;
}

/* Set A to whether SET, a hash, has the key. */
static void look_up(struct ebpf_direct *d, uint32_t set)
{
	struct ebpf_code *out = d->fast.out;
	int key = put_key(d, out->sets[set].kind);
	uint32_t missing = ebpf_label(out);

	ebpf_load(out, BPF_DW, BPF_REG_1, EBPF_FRAME, slot(set));
	frame_at(out, BPF_REG_2, key);
	call(out, BPF_FUNC_map_lookup_elem);
	ebpf_goto(out, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 0, missing);
	if (out->counts) {
		ebpf_set(out, BPF_REG_1, 1);
		ebpf_put(out, BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD);
	}
	ebpf_set(out, EBPF_A, 1);
	ebpf_here(out, missing);
}

/* --- searches ------------------------------------------------------------------------------------ */

/* Point AT at entry INDEX of a table whose entries have 1 << SHIFT bytes. */
static void point_at_entry(struct ebpf_code *out, unsigned step, unsigned steps, unsigned shift)
{
	if (step) /* what the verifier must see */
		ebpf_put(out, BPF_ALU64 | BPF_AND | BPF_K, INDEX, 0, 0, (int32_t)((1u << steps) - 1));
	ebpf_mov64(out, AT, INDEX);
	ebpf_put(out, BPF_ALU64 | BPF_LSH | BPF_K, AT, 0, 0, (int32_t)shift);
	ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_X, AT, TABLE, 0, 0);
}

/* Set LESS to -1 if the boundary at AT is less than the address in A, else to 0. */
static void compare4(struct ebpf_code *out)
{
	ebpf_load(out, BPF_W, LESS, AT, 0);
	ebpf_put(out, BPF_ALU64 | BPF_SUB | BPF_X, LESS, EBPF_A, 0, 0);
	ebpf_put(out, BPF_ALU64 | BPF_ARSH | BPF_K, LESS, 0, 0, 63);
}

/* Set LESS likewise, of four words each, the address in the frame; the last word is the lowest. */
static void compare6(struct ebpf_code *out)
{
	for (int word = IR_WORDS - 1; word >= 0; word--) {
		uint8_t sum = word == IR_WORDS - 1 ? LESS : BOUNDARY;

		ebpf_load(out, BPF_W, sum, AT, (int16_t)(4 * word));
		ebpf_load(out, BPF_W, EBPF_A, EBPF_FRAME, (int16_t)(KEY + 4 * word));
		ebpf_put(out, BPF_ALU64 | BPF_SUB | BPF_X, sum, EBPF_A, 0, 0);
		if (sum == BOUNDARY)
			ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_X, LESS, BOUNDARY, 0, 0);
		ebpf_put(out, BPF_ALU64 | BPF_ARSH | BPF_K, LESS, 0, 0, 63);
	}
}

/* Make numbers of the address's words in the frame. */
static void swap_words(struct ebpf_code *out)
{
	for (int i = KEY; i < KEY + ADDRESS; i += 4) {
		ebpf_load(out, BPF_W, EBPF_A, EBPF_FRAME, (int16_t)i);
		ebpf_swap(out, EBPF_A, 32);
		store(out, BPF_W, i, EBPF_A);
	}
}

/* Set A to whether the address is in SET, a table. */
static void search(struct ebpf_direct *d, uint32_t set)
{
	struct ebpf_code *out = d->fast.out;
	bool six = out->sets[set].kind == EBPF_SET_NET6;
	unsigned steps = ebpf_set_steps(out->sets[set].capacity);

	if (six)
		swap_words(out);
	ebpf_load(out, BPF_DW, TABLE, EBPF_FRAME, slot(set));
	ebpf_set(out, INDEX, 1);
	for (unsigned step = 0; step < steps; step++) {
		point_at_entry(out, step, steps, six ? 4 : 2);
		if (six)
			compare6(out);
		else
			compare4(out);
		ebpf_put(out, BPF_ALU64 | BPF_ADD | BPF_X, INDEX, INDEX, 0, 0);
		ebpf_put(out, BPF_ALU64 | BPF_SUB | BPF_X, INDEX, LESS, 0, 0);
	}
	ebpf_load(out, BPF_W, EBPF_A, TABLE, 0);
	ebpf_put(out, BPF_ALU | BPF_XOR | BPF_X, EBPF_A, INDEX, 0, 0);
	ebpf_put(out, BPF_ALU | BPF_AND | BPF_K, EBPF_A, 0, 0, 1);
}

void ebpf_ask_set(struct ebpf_direct *d, uint32_t at, uint32_t set, bool slow)
{
	enum ebpf_set_kind kind = d->fast.out->sets[set].kind;
	bool six = kind == EBPF_SET_IP6 || kind == EBPF_SET_NET6;

	assert(set < d->fast.out->nsets);
	if (six && slow)
		copy_slow(d);
	else if (six)
		copy_fast(d, at);
	if (ebpf_set_is_table(kind))
		search(d, set);
	else
		look_up(d, set);
}
