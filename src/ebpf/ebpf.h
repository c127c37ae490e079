/*
 * ebpf: classic BPF to eBPF. The kernel form is what Linux itself converts a
 * program to; the loadable form is what bpf(2) accepts as a socket filter; the direct
 * form is for XDP and tc, and has packet pointers. docs/design/ebpf.md.
 * This header has its own instruction: pcap/bpf.h and linux/bpf.h both have a
 * struct bpf_insn, and these are two things.
 */
#ifndef WEIR_EBPF_H
#define WEIR_EBPF_H

#include "base/base.h"
#include "cbpf/cbpf.h"

/* An instruction, on whatever machine: bytes are made by ebpf_put_raw. */
struct ebpf_insn {
	uint8_t code, dst, src;
	int16_t off;
	int32_t imm;
};

/* Registers as bpf_convert_filter uses them, and the loadable form, too. */
enum {
	EBPF_A = 0, /* the result, of a call as well */
	EBPF_TMP = 2,
	EBPF_CONTEXT = 6,
	EBPF_X = 7,
	EBPF_DATA = 8,
	EBPF_HEADLEN = 9,
	EBPF_FRAME = 10, /* scratch cell k is the word at FRAME - 4 * k - 4 */
};

/* A field that belongs to one build of the kernel; 0 in the instruction. */
struct ebpf_reloc {
	uint32_t insn;
	bool is_imm;        /* else the offset */
	const char *symbol; /* "skb.len": a member; "load_16": a function */
};

/* A jump that waits for its target. */
struct ebpf_jump {
	uint32_t insn, label;
	uint32_t from; /* what it was made of, for messages */
};

enum {
	EBPF_NOWHERE = UINT32_MAX
};

/* What an open set holds; packet.h has the same. */
enum ebpf_set_kind {
	EBPF_SET_IP4,
	EBPF_SET_IP6,
	EBPF_SET_NET4,
	EBPF_SET_NET6,
	EBPF_SET_PORT,
	EBPF_SET_MAC,
	EBPF_SET_VLAN,
};

enum {
	EBPF_SET_MOST = 1 << 24 /* items that a set may have */
};

/* An open set that the program asks about. */
struct ebpf_set {
	const char *name;
	enum ebpf_set_kind kind;
	uint32_t capacity; /* items */
};

/* A program that is being written, and then has been. */
struct ebpf_code {
	struct arena *arena;
	/* What the caller sets for a direct form; by number, as the words for sets have it. */
	const struct ebpf_set *sets;
	uint32_t nsets;
	bool counts; /* how often each item of a hash is found */
	ARRAY(struct ebpf_insn) insns;
	ARRAY(struct ebpf_reloc) relocs;
	ARRAY(struct ebpf_jump) jumps;
	ARRAY(uint32_t) labels; /* where each is, or EBPF_NOWHERE */
	uint32_t stack;         /* bytes of the frame that are used */
	uint32_t from;          /* what comes now is made of this instruction */
};

/* The machine and the kernel that the kernel form is for: zero is the usual one. */
struct ebpf_target {
	bool big_endian;
	bool strict;      /* unaligned access is dear */
	bool pointer32;   /* pointers have 4 bytes */
	uint8_t ip_align; /* STRICT: NET_IP_ALIGN, 0 or 2 */
	bool old_vlan;    /* Linux before 6.3: whether there is a tag is a bit */
};

/* Why there is no such form of a program. */
struct ebpf_error {
	uint32_t at; /* the classic instruction */
	char reason[160];
};

/* --- asm.c: writing instructions ---------------------------------------------- */

void ebpf_put(struct ebpf_code *c, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
              int32_t imm);
/* Mark a field of the newest instruction as one that a kernel fills in. */
void ebpf_relocate(struct ebpf_code *c, bool is_imm, const char *symbol);
/* Write DST = SRC, all 64 bits; the low 32 bits; DST = K, in 32 bits. */
void ebpf_mov64(struct ebpf_code *c, uint8_t dst, uint8_t src);
void ebpf_mov32(struct ebpf_code *c, uint8_t dst, uint8_t src);
void ebpf_set(struct ebpf_code *c, uint8_t dst, uint32_t k);
/* Write DST = K, in 64 bits: two instructions; the second has no code. */
void ebpf_set64(struct ebpf_code *c, uint8_t dst, uint64_t k);
/* Tell whether K is what a constant of 32 bits becomes in 64: its sign is extended. */
static inline bool ebpf_is_imm(uint64_t k)
{
	return k + 0x80000000 <= UINT32_MAX;
}
/* Write DST = the word of SIZE (BPF_B, ...) at SRC + OFF, zero-extended. */
void ebpf_load(struct ebpf_code *c, uint8_t size, uint8_t dst, uint8_t src, int16_t off);
/* Convert DST, BITS of it in network order, to a number. */
void ebpf_swap(struct ebpf_code *c, uint8_t dst, unsigned bits);
void ebpf_exit(struct ebpf_code *c);

/* Return a new label, which ebpf_here then puts before the next instruction. */
uint32_t ebpf_label(struct ebpf_code *c);
void ebpf_here(struct ebpf_code *c, uint32_t label);
/* Jump to LABEL, with CODE (BPF_JMP | ...), DST and SRC or IMM. */
void ebpf_goto(struct ebpf_code *c, uint8_t code, uint8_t dst, uint8_t src, int32_t imm,
               uint32_t label);
/*
 * Give every jump its distance. One that 16 bits cannot hold goes by a relay: a jump
 * that is put where nothing passes by. All labels must have a place.
 */
void ebpf_link(struct ebpf_code *c);

/* --- words.c: ancillary words ----------------------------------------------------- */

enum ebpf_word_kind {
	EBPF_MEMBER,  /* of the packet's buffer */
	EBPF_PKTTYPE, /* likewise; some bits of a byte */
	EBPF_PRESENT, /* likewise; whether there is a VLAN tag */
	EBPF_DEVICE,  /* a member of the device, if there is one */
	EBPF_CALL,    /* the result of a function */
	EBPF_XOR,     /* A ^ X */
};

/* A row of words.def. */
struct ebpf_word {
	enum ebpf_word_kind kind;
	uint8_t size;
	const char *symbol;
	int16_t member; /* its offset in struct __sk_buff; -1: it has none */
	int16_t xdp;    /* in struct xdp_md */
	bool swap;
	int32_t helper;
};

/* Return the row of WHICH, an SKF_AD_ value that cbpf_ancillary knows, no set's. */
const struct ebpf_word *ebpf_word(uint32_t which);

/* --- classic.c: what all forms do alike ------------------------------------------- */

/* A program on its way, and where its instructions go. */
struct ebpf_classic {
	const struct cbpf_program *program;
	struct ebpf_code *out;
	uint32_t *labels; /* by classic instruction */
};

/*
 * Write the classic instruction at AT, if it does not read the packet:
 * arithmetic, moves, cells, tests, returns. DIRTY leaves operands that mean nothing where
 * Linux leaves them. False: not one of these.
 */
bool ebpf_plain(const struct ebpf_classic *c, uint32_t at, bool dirty);
/* Write the end of ldxb: X = 4 * (A & 15), and A is what X was. */
void ebpf_header_length(struct ebpf_code *out);
/* Return, by instruction, whether a path of P reaches it. */
uint8_t *ebpf_reached(struct arena *tmp, const struct cbpf_program *p);

/* --- kernel.c, load.c: the forms ---------------------------------------------------- */

/*
 * Convert P, which cbpf_check accepts for its use, as Linux does for TARGET. False
 * with ERROR where Linux refuses: a jump is too long once converted.
 */
bool ebpf_kernel(const struct cbpf_program *p, const struct ebpf_target *target,
                 struct ebpf_code *out, struct ebpf_error *error);

/*
 * Convert P, a socket program that cbpf_check accepts for any length, to what bpf(2)
 * loads as a socket filter, on any machine of this byte order. False with ERROR for a word that only the
 * kernel's own conversion reaches.
 */
bool ebpf_loadable(const struct cbpf_program *p, struct ebpf_code *out,
                   struct ebpf_error *error);

/* --- direct.c: the direct form -------------------------------------------------------- */

enum ebpf_hook_type {
	EBPF_XDP,
	EBPF_TC,
	EBPF_REUSEPORT /* no objects: its context has pointers */
};

/*
 * Convert P, as for ebpf_loadable, to a function of the context that TYPE's programs
 * have, with the same result on every packet, however it is stored; captured and wire
 * length are the packet's. False with ERROR for what TYPE has not: ancillary words,
 * for XDP constant negative offsets (a sum that wraps to one returns 0 there).
 */
bool ebpf_direct(const struct cbpf_program *p, enum ebpf_hook_type type, bool big_endian,
                 struct ebpf_code *out, struct ebpf_error *error);

/* --- sets.c: open sets ---------------------------------------------------------------- */

/* Tell whether such a set is a table of intervals, else a hash of single values. */
bool ebpf_set_is_table(enum ebpf_set_kind kind);
/* Return how many steps a search takes where there may be CAPACITY intervals. */
unsigned ebpf_set_steps(uint32_t capacity);

/* --- table.c: what a table holds --------------------------------------------------------- */

/*
 * Return the bytes of a network as it is given: the bits of its prefix, in a word of this
 * machine, then its address, of 4 or 16 bytes.
 */
size_t ebpf_net_size(enum ebpf_set_kind kind);
/* Return the bytes of a table of at most CAPACITY networks. */
size_t ebpf_table_size(enum ebpf_set_kind kind, uint32_t capacity);
/* Write the table of N networks, for a program that runs on this machine. */
void ebpf_put_table(struct arena *tmp, enum ebpf_set_kind kind, const void *items, uint32_t n,
                    uint32_t capacity, void *table);
/* Return the *N networks that TABLE was made of. */
const void *ebpf_table_items(enum ebpf_set_kind kind, uint32_t capacity, const void *table,
                             uint32_t *n);

/* --- elf.c: objects ------------------------------------------------------------------- */

/* What a program of an object answers, in its type's codes (XDP_DROP, TC_ACT_SHOT, ...). */
struct ebpf_verdicts {
	uint32_t match, other; /* to a packet that matches; to any other */
};

struct ebpf_object {
	enum ebpf_hook_type type;
	bool big_endian;
	bool link;           /* the function alone, to be linked into a program */
	const char *section; /* of the program; NULL: the one that libbpf knows its type by */
	struct ebpf_verdicts verdicts;
	const char *said; /* what the program was made of, kept as a tag; NULL: nothing */
};

/*
 * Write CODE, which ebpf_direct made for HOW's type, as an ELF object: a global function
 * int weir_match(CONTEXT *), with its type in BTF, and a program that calls it.
 */
void ebpf_put_elf(struct buf *out, const struct ebpf_code *code, const struct ebpf_object *how);

/* Write the types of that object alone: BTF. */
void ebpf_put_types(struct buf *out, const struct ebpf_object *how);

/* --- list.c: programs to text ------------------------------------------------ */

/* Write instruction AT as the kernel's verifier prints it: "if r0 == 0x800 goto pc+3". */
void ebpf_insn_text(struct buf *out, const struct ebpf_code *c, uint32_t at);
void ebpf_put_listing(struct buf *out, const struct ebpf_code *c);
/* Write the low SIZE bytes of W. */
void ebpf_put_word(struct buf *out, uint64_t w, unsigned size, bool big_endian);
/* Write the bytes that bpf(2) takes on a machine of that byte order. */
void ebpf_put_raw(struct buf *out, const struct ebpf_code *c, bool big_endian);
/* Write a C initializer of struct bpf_insn[]. */
void ebpf_put_c(struct buf *out, const struct ebpf_code *c);

#endif
