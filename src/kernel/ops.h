/*
 * ops: what the tables of our eBPF programs are written in. A row is an instruction;
 * code.c puts offsets, constants, maps and distances of jumps into it.
 *
 * Registers are numbers: 0 the result, 1 to 5 arguments, which a call clobbers, 6 to
 * 9 ours, 10 the end of the stack. SIZE is BPF_B, BPF_H, BPF_W or BPF_DW.
 */
#ifndef WEIR_KERNEL_OPS_H
#define WEIR_KERNEL_OPS_H

#include <linux/bpf.h>
#include <stdint.h>

/* What is still open in a row, and which of them. */
enum kernel_open {
	KERNEL_CLOSED,
	KERNEL_LABEL,     /* not an instruction: jumps to label WHICH come here */
	KERNEL_JUMP,      /* to label WHICH */
	KERNEL_FIELD_OFF, /* the offset of field WHICH is added to OFF */
	KERNEL_FIELD_IMM, /* ... and here to the constant */
	KERNEL_VALUE,     /* the constant is values[WHICH] */
	KERNEL_MAP        /* the constant is the address of maps[WHICH]: two instructions */
};

struct kernel_op {
	struct bpf_insn insn;
	uint8_t open, which;
};

#define OP(c, d, s, o, i, ...)                                                                       \
	{                                                                                            \
		{ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) }, __VA_ARGS__ \
	}
#define ALU64_X (BPF_ALU64 | BPF_X)
#define ALU64_K (BPF_ALU64 | BPF_K)

/* d = s; d = constant; d += constant; ... */
#define MOV(d, s)        OP(ALU64_X | BPF_MOV, d, s, 0, 0, 0, 0)
#define SET(d, i)        OP(ALU64_K | BPF_MOV, d, 0, 0, i, 0, 0)
#define ADD(d, i)        OP(ALU64_K | BPF_ADD, d, 0, 0, i, 0, 0)
#define ADD_REG(d, s)    OP(ALU64_X | BPF_ADD, d, s, 0, 0, 0, 0)
#define SHIFT(d, i)      OP(ALU64_K | BPF_LSH, d, 0, 0, i, 0, 0)
#define SET_VALUE(d, w)  OP(ALU64_K | BPF_MOV, d, 0, 0, 0, KERNEL_VALUE, w)
#define ADD_FIELD(d, w)  OP(ALU64_K | BPF_ADD, d, 0, 0, 0, KERNEL_FIELD_IMM, w)
#define TIMES_SIZE(d, w) OP(ALU64_K | BPF_MUL, d, 0, 0, 0, KERNEL_FIELD_IMM, w)

/* d = memory at s + o; memory at d + o = s or a constant. */
#define LOAD(size, d, s, o)        OP(BPF_LDX | BPF_MEM | (size), d, s, o, 0, 0, 0)
#define LOAD_FIELD(size, d, s, w)  OP(BPF_LDX | BPF_MEM | (size), d, s, 0, 0, KERNEL_FIELD_OFF, w)
#define STORE(size, d, o, s)       OP(BPF_STX | BPF_MEM | (size), d, s, o, 0, 0, 0)
#define STORE_CONST(size, d, o, i) OP(BPF_ST | BPF_MEM | (size), d, 0, o, i, 0, 0)

/* Jumps to a label, which is a number of our own. */
#define LABEL(w)            OP(0, 0, 0, 0, 0, KERNEL_LABEL, w)
#define GOTO(w)             OP(BPF_JMP | BPF_JA, 0, 0, 0, 0, KERNEL_JUMP, w)
#define IF(op, d, i, w)     OP(BPF_JMP | BPF_K | (op), d, 0, 0, i, KERNEL_JUMP, w)
#define IF_REG(op, d, s, w) OP(BPF_JMP | BPF_X | (op), d, s, 0, 0, KERNEL_JUMP, w)
#define CALL(helper)        OP(BPF_JMP | BPF_CALL, 0, 0, 0, helper, 0, 0)
#define EXIT                OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0, 0, 0)
#define MAP(d, w)           OP(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, 0, KERNEL_MAP, w)

/* Copy N bytes at field W of the struct at register S to the stack at AT. */
#define READ(at, n, s, w)                                              \
	MOV(3, s), ADD_FIELD(3, w), MOV(1, 10), ADD(1, at), SET(2, n), \
		CALL(BPF_FUNC_probe_read_kernel)

#endif
