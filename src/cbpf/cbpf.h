/*
 * cbpf: classic BPF as Linux has it. The instruction table, checker, cost
 * forecast, interpreter, assembler and file formats. docs/design/cbpf.md.
 * An instruction is a struct sock_filter everywhere.
 */
#ifndef WEIR_CBPF_H
#define WEIR_CBPF_H

#include <linux/filter.h>

#include "base/base.h"

enum {
	CBPF_KERNEL_MAX = 4096, /* instructions that Linux accepts (BPF_MAXINSNS) */
	CBPF_CELLS = 16,        /* scratch cells M[] (BPF_MEMWORDS) */
	CBPF_SECCOMP_SIZE = 64, /* of struct seccomp_data */
};

/* Where a program is put to work. */
enum cbpf_use {
	CBPF_SOCKET,
	CBPF_SECCOMP
};

/* What a program is for. */
enum cbpf_guess {
	CBPF_FOR_EITHER, /* nothing says */
	CBPF_FOR_PACKETS,
	CBPF_FOR_SECCOMP
};

/* A program of any length, checked or not. */
struct cbpf_program {
	const struct sock_filter *insns;
	uint32_t n;
	enum cbpf_use use;
	const char *format; /* what cbpf_read found it written in */
	/* What else was said there, or is to be. */
	enum cbpf_guess is_for; /* CBPF_FOR_EITHER: nothing */
	bool swapped;           /* it was in the byte order of another machine */
	bool has_linktype;
	uint16_t linktype;      /* DLT_*, of savefile */
	const char *expression; /* that it was compiled from; NULL: not known */
};

/* --- table.c: what there is ------------------------------------------------ */

/* Instructions by their code: CBPF_LD_W_ABS = 0x20, ... */
enum cbpf_op {
#define INSN(name, code, text, operand, reads, writes, converted, flags) \
	CBPF_##name = code,
#define ANCILLARY(which, text, converted, reads)
#include "cbpf/insns.def"
};

/* How an operand is written. */
enum cbpf_operand {
	CBPF_OPERAND_NONE,
	CBPF_OPERAND_ABS,    /* [14], or the name of an ancillary word */
	CBPF_OPERAND_IND,    /* [x + 14] */
	CBPF_OPERAND_MSH,    /* 4*([14]&0xf) */
	CBPF_OPERAND_LEN,    /* #pktlen */
	CBPF_OPERAND_HEX,    /* #0x800 */
	CBPF_OPERAND_DEC,    /* #4 */
	CBPF_OPERAND_CELL,   /* M[1] */
	CBPF_OPERAND_X,      /* x */
	CBPF_OPERAND_A,      /* a */
	CBPF_OPERAND_JUMP,   /* a target */
	CBPF_OPERAND_TEST_K, /* #0x800 and two targets */
	CBPF_OPERAND_TEST_X, /* x and two targets */
};

/* What an instruction reads and writes. */
enum {
	CBPF_A = 1,
	CBPF_X = 2,
	CBPF_C = 4, /* scratch cell k */
	CBPF_P = 8, /* packet or seccomp_data, its length, an ancillary word */
};

enum {
	CBPF_IS_SECCOMP = 1,
	CBPF_IS_DIVIDES = 2,
	CBPF_IS_SHIFTS = 4
};

/* One row of insns.def. */
struct cbpf_insn {
	const char *text;
	enum cbpf_operand operand;
	uint8_t reads, writes, converted, flags;
};

/* Return the row of CODE; NULL if Linux knows no such instruction. */
const struct cbpf_insn *cbpf_insn(uint16_t code);

struct cbpf_ancillary {
	const char *text;
	uint8_t converted, reads;
};

/*
 * Return ancillary word WHICH (SKF_AD_*, without SKF_AD_OFF), or an open set's; NULL if
 * there is no such word.
 */
const struct cbpf_ancillary *cbpf_ancillary(uint32_t which);

/*
 * Words that Linux does not have: whether A and X are in open set WHICH - CBPF_SETS. Only
 * eBPF programs can ask for them.
 */
enum {
	CBPF_SETS = 256,
	CBPF_NSETS = 16
};

static inline bool cbpf_is_set(uint32_t which)
{
	return which >= CBPF_SETS && which < CBPF_SETS + CBPF_NSETS;
}

/* A load at K asks for an ancillary word if K is at or above this. */
#define CBPF_ANCILLARY ((uint32_t)SKF_AD_OFF)

static inline bool cbpf_is_test(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_JMP && BPF_OP(f->code) != BPF_JA;
}

static inline bool cbpf_is_ja(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_JMP && BPF_OP(f->code) == BPF_JA;
}

static inline bool cbpf_is_ret(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_RET;
}

/* --- check.c: would the kernel take it ------------------------------------- */

enum {
	/* For user space: any length, and the kernel's conversion does not matter. */
	CBPF_ANY_LENGTH = 1,
	/* A cell may be read before it is written (it is 0 then); Linux refuses. */
	CBPF_UNSET_CELLS = 2,
	/* Open sets may be asked for, which Linux knows in eBPF alone. */
	CBPF_OPEN_SETS = 4,
};

/* Which of Linux's gates refuses, in the order in which a program meets them. */
enum cbpf_gate {
	CBPF_OK,
	CBPF_BAD_CLASSIC, /* length, or bpf_check_classic */
	CBPF_BAD_SECCOMP, /* seccomp_check_filter */
	CBPF_BAD_CONVERT, /* bpf_convert_filter: a jump beyond 16 bits */
};

struct cbpf_verdict {
	enum cbpf_gate gate;
	uint32_t at;      /* the instruction that is refused */
	char reason[128]; /* and why: "jump past the end: ..."; "" if ok */
};

/* Tell whether Linux takes the N instructions at P for USE; FLAGS relax it. */
bool cbpf_check(struct arena *tmp, const struct sock_filter *p, size_t n,
                enum cbpf_use use, unsigned flags, struct cbpf_verdict *out);

/* --- guess.c: what is it for ------------------------------------------------- */

/*
 * Guess what the N instructions at P are for. Only seccomp's are taken for those that
 * Linux accepts there, apart from their number, that look at the number of a call or
 * its architecture, and return actions alone, at least one of which is not to kill.
 */
enum cbpf_guess cbpf_guess(struct arena *tmp, const struct sock_filter *p, size_t n);

/* --- cost.c: what it will cost --------------------------------------------- */

/* Forecast for a program that cbpf_check accepts (with whatever flags). */
struct cbpf_cost {
	uint64_t converted;    /* eBPF instructions after Linux's conversion */
	uint64_t memory;       /* bytes charged against net.core.optmem_max; seccomp: 0 */
	uint32_t longest_path; /* instructions that run at most */
	uint32_t cells;        /* different scratch cells that are used */
	uint32_t unreachable;  /* instructions that no path reaches */
};

void cbpf_cost(struct arena *tmp, const struct sock_filter *p, size_t n,
               enum cbpf_use use, struct cbpf_cost *out);

/* Find out, by instruction, whether a path from the first leads there. */
bool *cbpf_reached(struct arena *arena, const struct sock_filter *p, size_t n);

/*
 * Count the eBPF instructions that the kernel makes of F, which cbpf_check
 * accepts for USE.
 */
unsigned cbpf_converted(const struct sock_filter *f, enum cbpf_use use);
/* Count those that it puts before the program. */
unsigned cbpf_prologue(const struct sock_filter *p, size_t n, enum cbpf_use use);
/* The eBPF jumps a test becomes: 1 or 2; the last one skips LAST instructions. */
struct cbpf_jumps {
	unsigned n;
	uint8_t last;
};
struct cbpf_jumps cbpf_test_jumps(const struct sock_filter *f);

/*
 * Tell whether a checked program allows call NR of ARCH (AUDIT_ARCH_*) whatever its
 * arguments, as seccomp_is_const_allow finds out: Linux 5.11 and later answer such calls
 * from a bitmap and do not run the filter.
 */
bool cbpf_seccomp_cached(const struct sock_filter *p, uint32_t arch, uint32_t nr);
/* Return how many of the numbers 0 .. N - 1 are answered so. */
uint32_t cbpf_seccomp_cacheable(const struct sock_filter *p, uint32_t arch, uint32_t n);

/* --- dead.c: what never runs ---------------------------------------------- */

/*
 * Return, by instruction of a program that cbpf_check accepts, false if no input leads
 * there: the tests on each path exclude each other. Not all of these are found.
 */
bool *cbpf_runs(struct arena *arena, const struct sock_filter *p, uint32_t n);

/* --- run.c: what does it return -------------------------------------------- */

/* What a program runs on. */
struct cbpf_input {
	const uint8_t *bytes; /* the packet; seccomp: a struct seccomp_data */
	uint32_t captured;    /* bytes there, at most INT_MAX */
	uint32_t wire;        /* length that `ld #pktlen` gives */
	uint32_t network;     /* offset of the network header, for SKF_NET_OFF */
	bool no_link;         /* there is no link-layer header (SKF_LL_OFF), else at 0 */
	/* Ancillary word WHICH (SKF_AD_*) when A and X are so; NULL: all are 0. */
	uint32_t (*ancillary)(void *ctx, uint32_t which, uint32_t a, uint32_t x);
	void *ctx;
};

/*
 * Run a program that cbpf_check accepts (with whatever flags) as Linux would: a
 * failed load and a division by zero return 0. A, X and the cells are 0 at the
 * start.
 */
uint32_t cbpf_run(const struct sock_filter *p, const struct cbpf_input *in);
/* Do the same for seccomp; DATA is a struct seccomp_data of this machine. */
uint32_t cbpf_run_seccomp(const struct sock_filter *p, const void *data);

/* --- code.c: the same, for many packets -------------------------------------- */

/* A program, decoded. */
struct cbpf_code;

/* Return how many bytes the code of N instructions takes. */
size_t cbpf_code_size(size_t n);
/* Decode a program that cbpf_check accepts into C, which must have room for it. */
void cbpf_decode(struct cbpf_code *c, const struct sock_filter *p, size_t n);
/* Do what cbpf_run does, with REST for all but the bytes and their lengths. */
uint32_t cbpf_run_code(const struct cbpf_code *c, const uint8_t *bytes, uint32_t captured,
                       uint32_t wire, const struct cbpf_input *rest);

/* --- run.c: and how did it get there ------------------------------------------ */

/* How a run ended. */
enum cbpf_end {
	CBPF_END_RET,
	CBPF_END_LOAD,   /* a load past the captured bytes: result 0 */
	CBPF_END_DIVIDE, /* a division by zero: result 0 */
};

/* One executed instruction, and what the registers hold after it. */
struct cbpf_step {
	uint32_t at;       /* its index */
	uint32_t next;     /* the index of the next; UINT32_MAX: the program ended */
	uint32_t a, x;     /* a test leaves them: these are what it compared */
	const uint32_t *m; /* CBPF_CELLS of them */
};

/* Set STEP and CTX (or zero them); the rest comes back. */
struct cbpf_trace {
	void (*step)(void *ctx, const struct cbpf_step *step);
	void *ctx;
	uint64_t executed; /* instructions; added to what is there */
	enum cbpf_end end;
};

uint32_t cbpf_run_traced(const struct sock_filter *p, const struct cbpf_input *in,
                         struct cbpf_trace *trace);
uint32_t cbpf_run_seccomp_traced(const struct sock_filter *p, const void *data,
                                 struct cbpf_trace *trace);

/* --- text.c: an instruction in words --------------------------------------- */

/*
 * Return the mnemonic: "ldh", "jeq"; ".insn" for what no text expresses exactly
 * (cbpf_is_plain is false).
 */
const char *cbpf_mnemonic(const struct cbpf_program *p, uint32_t at);
/*
 * Write the operand, such as "[12]", "#0x800" or "", without the targets of a
 * test.
 */
void cbpf_operand_text(struct buf *out, const struct cbpf_program *p, uint32_t at);
/* Write the instruction on one line: "ldh [12]", "jeq #0x800 jt 2 jf 5". */
void cbpf_insn_text(struct buf *out, const struct cbpf_program *p, uint32_t at);
/*
 * Tell whether the instruction can be written by its mnemonic. It cannot if it
 * is unknown, jumps out of the program, or has something in a field that it
 * does not use: it is then written as ".insn code, jt, jf, k".
 */
bool cbpf_is_plain(const struct cbpf_program *p, uint32_t at);
/* Find where the test or jump at AT goes; false if that is not in the program. */
bool cbpf_target(const struct cbpf_program *p, uint32_t at, bool yes, uint32_t *target);

/* What it means that an instruction returns what it does. */
enum cbpf_outcome {
	CBPF_RETURNS_NOTHING, /* it does not return, or an unknown value */
	CBPF_ACCEPTS,
	CBPF_REFUSES,
	CBPF_ASKS, /* seccomp: another process decides */
};

enum cbpf_outcome cbpf_outcome(const struct cbpf_program *p, uint32_t at);

/* --- note.c, print.c, look.c, dot.c: programs to text -------------------------- */

/* What others know about an instruction: the source text that asked for it, names. */
struct cbpf_notes {
	/* Writes what is to be said about instruction AT, if anything, on one line. */
	void (*note)(void *ctx, uint32_t at, struct buf *out);
	void *ctx;
};

/*
 * Write the note on instruction AT into NOTE, which is emptied first, and make
 * it fit for one line.
 */
void cbpf_note(struct buf *note, const struct cbpf_notes *notes, uint32_t at);

/* The names in formats.def, then NULL. */
extern const char *const cbpf_format_names[];

/* How a listing looks on a terminal; all 0: as text that reads back. */
struct cbpf_look {
	bool color;
	bool arrows;            /* jumps are drawn at the side, */
	bool utf8;              /* with line drawing characters */
	unsigned width;         /* columns; 0: no matter */
	const uint64_t *counts; /* by instruction, how often it ran; or NULL */
};

/*
 * Write P in FORMAT; false if there is no such format, or if it cannot express
 * P. NOTES may be NULL.
 */
bool cbpf_print(struct buf *out, const char *format, const struct cbpf_program *p,
                const struct cbpf_notes *notes);
/* Write a listing for a terminal. */
void cbpf_print_look(struct buf *out, const struct cbpf_program *p,
                     const struct cbpf_notes *notes, const struct cbpf_look *look);
void cbpf_print_dot(struct buf *out, const struct cbpf_program *p,
                    const struct cbpf_notes *notes);

/* --- reader.c: what readers share ---------------------------------------------- */

/* What a text names that only others know. */
enum cbpf_name {
	CBPF_NAME_CALL,    /* the number of a system call */
	CBPF_NAME_ARCH,    /* AUDIT_ARCH_* of the ABI of that name */
	CBPF_NAME_CONSTANT /* EPERM, ... */
};

/* How to read a text; zero is the default of everything. */
struct cbpf_reading {
	const char *format; /* NULL: what it looks like */
	const char *abi;    /* whose calls a text names without an ABI; NULL: not known */
	bool abi_guessed;   /* none was given: it is the ABI of this machine */
	/* Find NAME on ABI; false: there is no such name. NULL: there are no names. */
	bool (*find)(void *ctx, enum cbpf_name what, const char *abi, const char *name,
	             uint32_t *value);
	void *ctx;
};

/* A place in a text, and the program so far. */
struct cbpf_reader {
	struct arena *arena;
	struct diags *diags;
	uint32_t source;
	const char *text;
	uint32_t at, len;
	const struct cbpf_reading *how;
	ARRAY(struct sock_filter) out;
	struct cbpf_program *said; /* what else the text says */
};

/* Return the byte at R->at, 0 at the end. */
static inline char cbpf_peek(const struct cbpf_reader *r)
{
	return r->at < r->len ? r->text[r->at] : '\0';
}

struct span cbpf_span(const struct cbpf_reader *r, uint32_t start, uint32_t end);
/* Skip C if it comes next, after blanks on the line; false if not. */
bool cbpf_accept(struct cbpf_reader *r, char c);
/* Do the same, but report an error if something else comes next. */
bool cbpf_expect(struct cbpf_reader *r, char c);
/* Skip spaces and tabs. */
void cbpf_skip_blanks(struct cbpf_reader *r);
/* Skip white space of any kind and C's comments. */
void cbpf_skip_space(struct cbpf_reader *r);
/*
 * Read a number of at most MAX: decimal, 0x or 0 octal. Negative ones wrap if
 * MAX is UINT32_MAX.
 */
bool cbpf_number(struct cbpf_reader *r, uint32_t max, uint32_t *out);
/* Check that only white space and comments are left; false after an error. */
bool cbpf_at_end(struct cbpf_reader *r);
/* Say what was found, for messages: "found 'x'" or "found the end". */
const char *cbpf_found(const struct cbpf_reader *r);

/* --- label.c: words and labels -------------------------------------------------- */

enum {
	CBPF_ERRORS = 20
}; /* more do not help */

/* A piece of the text. */
struct cbpf_word {
	const char *s;
	uint32_t len;
	struct span at;
};

/* Tell whether C is a letter, a digit, '_' or '.'. */
bool cbpf_in_word(char c);
/*
 * Return the word that comes next on the line, empty if none does; none begins with a
 * digit.
 */
struct cbpf_word cbpf_take_word(struct cbpf_reader *r);
bool cbpf_word_is(struct cbpf_word w, const char *text);

enum cbpf_field {
	CBPF_TO_YES,
	CBPF_TO_NO,
	CBPF_TO_ALWAYS
};

/* Where FIELD of instruction INSN goes: to LABEL, or else, if it has one, to TARGET. */
struct cbpf_jump {
	uint32_t insn;
	enum cbpf_field field;
	struct cbpf_word label; /* .len 0: none; .at is its place in any case */
	bool has_target;
	uint32_t target;
};

/* Zero-initialize it; FAR is what messages call a jump of any distance (NULL: "ja"). */
struct cbpf_labels {
	struct cbpf_label *slots; /* open addressing */
	uint32_t nslots, n;
	ARRAY(struct cbpf_jump) jumps;
	const char *far;
};

/* Let NAME stand for the next instruction. */
void cbpf_define_label(struct cbpf_reader *r, struct cbpf_labels *all,
                       struct cbpf_word name);
/* Set the distances of ALL->jumps; false after errors. */
bool cbpf_resolve_jumps(struct cbpf_reader *r, struct cbpf_labels *all);

/* --- read.c: text to programs --------------------------------------------------- */

/*
 * Read source SOURCE of D as HOW (NULL: its zero) says, in whatever format it is
 * ("dot" is not read); false after an error, with OUT->format set if there was
 * something to read. OUT->use stays as it is. What was read is not checked yet.
 */
bool cbpf_read_as(struct arena *arena, struct diags *d, uint32_t source,
                  const struct cbpf_reading *how, struct cbpf_program *out);
bool cbpf_read(struct arena *arena, struct diags *d, uint32_t source,
               struct cbpf_program *out);

/* --- array.c, asm.c, json.c, read_bytes.c, read_numbers.c, savefile.c, script.c ------ */

/*
 * Read the formats. R->at is at the first byte that is neither white space nor
 * part of a comment. Each reader returns false after an error.
 */
#define READER(format, name, function) bool cbpf_read_##function(struct cbpf_reader *r);
#include "cbpf/formats.def"

/* Tell whether an instruction has the name. */
bool cbpf_is_mnemonic(struct cbpf_word name);
bool cbpf_is_savefile(const char *text, size_t len);
/* Write P as a savefile; false for a seccomp program, without a link type, or if P has
   more than 65,535 instructions. */
bool cbpf_print_savefile(struct buf *out, const struct cbpf_program *p);
/* Take the instructions in the LEN bytes at BYTES, in either byte order. */
bool cbpf_take_bytes(struct cbpf_reader *r, const void *bytes, size_t len);

/* --- recognize.c: which format a text is in ------------------------------------------- */

/* The formats, as cbpf_recognize() finds them. */
enum cbpf_format {
#define READER(format, name, function) CBPF_##format,
#include "cbpf/formats.def"
	CBPF_NO_FORMAT /* it is certainly not a program; an error says what it is */
};

/* Return the value of a base64 digit, -1 if it is none. */
int cbpf_base64_digit(char c);
/* Tell the format of R's text, and move R to its first byte that counts. */
enum cbpf_format cbpf_recognize(struct cbpf_reader *r);
/*
 * Return the format of TEXT if it begins as no policy does: with an instruction,
 * base64, an array of instructions, or, as some of minijail's do, with a statement of
 * seccomp-tools. CBPF_NO_FORMAT: it may be anything.
 */
enum cbpf_format cbpf_surely(const char *text, size_t len);

#endif
