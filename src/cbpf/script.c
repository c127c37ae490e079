/*
 * Programs as seccomp-tools and ceccomp write and assemble them. Both have statements
 * such as "if (A == read) goto ok"; SPELLING says where they differ.
 *
 *	text      = { LABEL ":" [ code jt jf k ] } statement ...
 *	statement = register ( "=" | "+=" | ... ) value | "goto" LABEL | "return" result
 *	          | "if" condition "goto" LABEL [ [ "," ] "else" "goto" LABEL ]
 *	          | "A" compare value "?" LABEL ":" LABEL
 *	condition = [ "!" ] "(" "A" compare value ")", also with "!" within
 *
 * A disassembler puts the four numbers of an instruction before its statement. In
 * seccomp-tools' they are what counts, since its statements are not exact ("A = 64" is
 * also the length). In ceccomp's both count, since its assembler reads the statement.
 */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include "cbpf/cbpf.h"

enum {
	DEPTH = 100, /* of parentheses */
	ARGS = 6
};

/* Words that load from a struct seccomp_data, in both dialects. */
static const struct datum {
	const char *text;
	uint32_t offset;
	bool indexed; /* [0] to [5] */
	bool long_;   /* has 64 bits; of them the low ones, or HIGH */
	bool high;
} data[] = {
	{ "arch", offsetof(struct seccomp_data, arch), false, false, false },
	{ "sys_number", offsetof(struct seccomp_data, nr), false, false, false },
	{ "instruction_pointer", offsetof(struct seccomp_data, instruction_pointer), false, true, false },
	{ "args", offsetof(struct seccomp_data, args), true, true, false },
	{ "args_h", offsetof(struct seccomp_data, args), true, true, true },
	{ "$arch", offsetof(struct seccomp_data, arch), false, false, false },
	{ "$syscall_nr", offsetof(struct seccomp_data, nr), false, false, false },
	{ "$low_pc", offsetof(struct seccomp_data, instruction_pointer), false, true, false },
	{ "$high_pc", offsetof(struct seccomp_data, instruction_pointer), false, true, true },
	{ "$low_args", offsetof(struct seccomp_data, args), true, true, false },
	{ "$high_args", offsetof(struct seccomp_data, args), true, true, true },
};

static const struct {
	const char *text;
	uint32_t ret;
	bool data; /* may have some, in parentheses */
} actions[] = {
	{ "KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, true },
	{ "KILL_THREAD", SECCOMP_RET_KILL_THREAD, true },
	{ "KILL", SECCOMP_RET_KILL_THREAD, true },
	{ "TRAP", SECCOMP_RET_TRAP, true },
	{ "ERRNO", SECCOMP_RET_ERRNO, true },
	{ "USER_NOTIF", SECCOMP_RET_USER_NOTIF, true },
	{ "NOTIFY", SECCOMP_RET_USER_NOTIF, true },
	{ "TRACE", SECCOMP_RET_TRACE, true },
	{ "LOG", SECCOMP_RET_LOG, true },
	{ "ALLOW", SECCOMP_RET_ALLOW, true },
};

static const struct {
	const char *text;
	uint16_t op;
} operators[] = {
	{ "+=", BPF_ADD },
	{ "-=", BPF_SUB },
	{ "*=", BPF_MUL },
	{ "/=", BPF_DIV },
	{ "|=", BPF_OR },
	{ "&=", BPF_AND },
	{ "^=", BPF_XOR },
	{ "<<=", BPF_LSH },
	{ ">>=", BPF_RSH },
};

static const struct {
	const char *text;
	uint16_t op;
	bool opposite; /* the test is of the contrary */
} comparisons[] = {
	{ "==", BPF_JEQ, false },
	{ "!=", BPF_JEQ, true },
	{ ">=", BPF_JGE, false },
	{ "<=", BPF_JGT, true },
	{ ">", BPF_JGT, false },
	{ "<", BPF_JGE, true },
	{ "&", BPF_JSET, false },
};

/* What is on one side of an assignment or a comparison. */
struct value {
	enum {
		IS_A,
		IS_X,
		IS_CELL,
		IS_DATA,
		IS_LENGTH,
		IS_CONSTANT,
		IS_NEGATED /* -A */
	} is;
	uint32_t k;
	struct span at;
};

struct script {
	struct cbpf_reader *r;
	bool dollar; /* ceccomp's: registers have one */
	struct cbpf_labels labels;
	unsigned depth;
	const struct numbered *numbered; /* the numbers before the statement, or NULL */
	bool has_numbers;                /* some statement had them */
	/* Where the text names a call or a half of a word without an ABI; and an ABI. */
	struct span call, half, arch;
	bool has_call, has_half, other_arch, other_order;
};

/* An instruction in numbers, which its statement must not contradict. */
struct numbered {
	uint32_t insn;
	struct sock_filter f;
	struct span at;
};

/* --- tokens ------------------------------------------------------------------------------ */

/* Skip white space, comments, and the colors of a terminal. */
static void skip(struct cbpf_reader *r)
{
	for (; r->at < r->len; r->at++) {
		char c = cbpf_peek(r);

		if (c == '#') {
			while (r->at < r->len && cbpf_peek(r) != '\n')
				r->at++;
			if (r->at >= r->len)
				return;
		} else if (c == '\033' && r->at + 1 < r->len && r->text[r->at + 1] == '[') {
			r->at++;
			while (r->at + 1 < r->len && (is_digit(r->text[r->at + 1]) ||
			                              r->text[r->at + 1] == ';'))
				r->at++;
			r->at += r->at + 1 < r->len;
		} else if (!strchr(" \t\r\n", c) || !c) {
			return;
		}
	}
}

static bool accept(struct script *s, const char *text)
{
	struct cbpf_reader *r = s->r;
	size_t len = strlen(text);

	skip(r);
	if (r->len - r->at < len || memcmp(r->text + r->at, text, len) != 0)
		return false;
	r->at += (uint32_t)len;
	return true;
}

static bool fail_here(struct script *s, const char *expected)
{
	skip(s->r);
	diag_error(s->r->diags, cbpf_span(s->r, s->r->at, s->r->at), E_SYNTAX "expected %s, %s", expected,
	           cbpf_found(s->r));
	return false;
}

static bool expect(struct script *s, const char *text)
{
	struct buf quoted = { .arena = s->r->arena };

	if (accept(s, text))
		return true;
	buf_printf(&quoted, "'%s'", text);
	return fail_here(s, buf_str(&quoted));
}

/* Return the next word of letters, digits and '_', with its '$' where it has one. */
static struct cbpf_word take(struct script *s)
{
	struct cbpf_reader *r = s->r;
	uint32_t start;

	skip(r);
	start = r->at;
	if (cbpf_peek(r) == '$')
		r->at++;
	while (r->at < r->len && is_word(cbpf_peek(r)))
		r->at++;
	return (struct cbpf_word){ r->text + start, r->at - start,
		                   cbpf_span(r, start, r->at) };
}

/* Tell whether W is TEXT in whatever letters. */
static bool same(struct cbpf_word w, const char *text)
{
	if (w.len != strlen(text))
		return false;
	for (uint32_t i = 0; i < w.len; i++)
		if ((is_letter(w.s[i]) ? w.s[i] | 32 : w.s[i]) !=
		    (is_letter(text[i]) ? text[i] | 32 : text[i]))
			return false;
	return true;
}

/* Take the word TEXT if it comes next. */
static bool accept_word(struct script *s, const char *text)
{
	struct cbpf_reader start = *s->r;

	if (same(take(s), text))
		return true;
	s->r->at = start.at;
	return false;
}

static bool accept_register(struct script *s, char name)
{
	char text[3] = { '$', name, '\0' };

	return accept_word(s, s->dollar ? text : text + 1);
}

/* --- constants ------------------------------------------------------------------------------ */

static char *copy(struct script *s, const char *text, size_t len)
{
	return arena_strndup(s->r->arena, text, len);
}

/* Return what weir calls ABI, of which the other tools have names of their own. */
static const char *abi_name(const char *abi)
{
	static const char *const names[][2] = {
		{ "amd64", "x86_64" },
		{ "i686", "i386" },
		{ "armv7l", "arm" },
		{ "armv8l", "arm" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(abi, names[i][0]))
			return names[i][1];
	return abi;
}

static bool find(struct script *s, enum cbpf_name what, const char *abi, const char *name,
                 uint32_t *value)
{
	const struct cbpf_reading *how = s->r->how;

	return how->find && how->find(how->ctx, what, abi, name, value);
}

/* Remember that AT names architecture ARCH. */
static void note_arch(struct script *s, struct span at, uint32_t arch)
{
	uint32_t own;

	if (!s->r->how->abi || !find(s, CBPF_NAME_ARCH, NULL, s->r->how->abi, &own) || own == arch)
		return;
	s->arch = at;
	s->other_arch = true;
	s->other_order |= (own ^ arch) & __AUDIT_ARCH_LE;
}

/* Look up ARCH_X86_64 or, in ceccomp's dialect, x86_64. */
static bool arch_constant(struct script *s, struct cbpf_word w, uint32_t *value)
{
	static const char prefix[] = "arch_";
	size_t skipped = s->dollar ? 0 : strlen(prefix);
	char *name;

	if (w.len <= skipped || (skipped && !same((struct cbpf_word){ w.s, 5, w.at }, prefix)))
		return false;
	name = copy(s, w.s + skipped, w.len - skipped);
	for (char *c = name; *c; c++)
		*c |= is_letter(*c) ? 32 : 0;
	if (!find(s, CBPF_NAME_ARCH, NULL, abi_name(name), value))
		return false;
	note_arch(s, w.at, *value);
	return true;
}

/* Look up a call: read, x32_read, or aarch64.read, of which W is the first word. */
static bool call_constant(struct script *s, struct cbpf_word w, uint32_t *value)
{
	const char *name = copy(s, w.s, w.len);

	if (cbpf_peek(s->r) == '.') {
		struct cbpf_word call;

		s->r->at++;
		call = take(s);
		return find(s, CBPF_NAME_CALL, abi_name(name), copy(s, call.s, call.len), value);
	}
	if (!s->numbered && !s->has_call)
		s->call = w.at;
	s->has_call |= !s->numbered;
	return find(s, CBPF_NAME_CALL, s->r->how->abi, name, value) ||
	       (!strncmp(name, "x32_", 4) &&
	        find(s, CBPF_NAME_CALL, "x32", name + 4, value));
}

/* Read digits, of which W is the word: 12, -12, 0x12, and 0b1100. */
static bool number(struct script *s, struct cbpf_word w, uint32_t *value)
{
	uint64_t v = 0;

	if (w.len < 3 || (w.s[1] | 32) != 'b') {
		s->r->at = w.at.start;
		while (!s->dollar && w.len > 1 && *w.s == '0' && is_digit(w.s[1])) {
			s->r->at++; /* what begins with 0 is decimal, too */
			w.s++;
			w.len--;
		}
		return cbpf_number(s->r, UINT32_MAX, value);
	}
	for (uint32_t i = 2; i < w.len; i++) {
		if ((w.s[i] != '0' && w.s[i] != '1') || w.len > 34) {
			diag_error(s->r->diags, w.at, E_SYNTAX "'%.*s' is not a number", (int)w.len, w.s);
			return false;
		}
		v = v << 1 | (uint32_t)(w.s[i] - '0');
	}
	*value = (uint32_t)v;
	return true;
}

static bool read_constant(struct script *s, uint32_t *value)
{
	struct cbpf_word w;
	bool ok;

	if (accept(s, "(")) {
		if (++s->depth > DEPTH) {
			diag_error(s->r->diags, cbpf_span(s->r, s->r->at - 1, s->r->at),
			           E_LIMIT "more than %d nested parentheses", DEPTH);
			return false;
		}
		ok = read_constant(s, value) && expect(s, ")");
		s->depth--;
		return ok;
	}
	skip(s->r);
	if (cbpf_peek(s->r) == '-')
		return cbpf_number(s->r, UINT32_MAX, value);
	w = take(s);
	if (!w.len)
		return fail_here(s, "a value");
	if (is_digit(*w.s))
		return number(s, w, value);
	if (cbpf_peek(s->r) != '.' && arch_constant(s, w, value))
		return true;
	if (call_constant(s, w, value))
		return true;
	if (s->numbered) { /* which say what it is */
		*value = s->numbered->f.k;
		return true;
	}
	diag_error(s->r->diags, w.at, E_UNKNOWN "unknown name '%.*s'; expected a number, an architecture or "
	                                        "a system call",
	           (int)(s->r->at - w.at.start), w.s);
	return false;
}

/* --- values -------------------------------------------------------------------------------- */

/* Read [k] with K of at most MAX. */
static bool read_index(struct script *s, uint32_t max, uint32_t *k)
{
	uint32_t start;

	if (!expect(s, "["))
		return false;
	skip(s->r);
	start = s->r->at;
	if (!read_constant(s, k))
		return false;
	if (*k > max) {
		diag_error(s->r->diags, cbpf_span(s->r, start, s->r->at),
		           E_RANGE "%.*s is too large; the largest is %u", (int)(s->r->at - start),
		           s->r->text + start, max);
		return false;
	}
	return expect(s, "]");
}

/* Tell whether the ABI of the program is big-endian: there the high half is first. */
static bool is_big_endian(struct script *s, struct span at)
{
	uint32_t arch;

	if (!s->numbered && !s->has_half)
		s->half = at;
	s->has_half |= !s->numbered;
	return s->r->how->abi && find(s, CBPF_NAME_ARCH, NULL, s->r->how->abi, &arch) &&
	       !(arch & __AUDIT_ARCH_LE);
}

/* Read what follows the word of D: its index, and whether the high half is meant. */
static bool read_datum(struct script *s, const struct datum *d, struct span at,
                       struct value *out)
{
	uint32_t index = 0;
	bool high = d->high;

	if (d->indexed && !read_index(s, ARGS - 1, &index))
		return false;
	if (d->long_ && !d->high && !s->dollar && accept(s, ">>")) {
		if (!expect(s, "32"))
			return false;
		high = true;
	}
	out->is = IS_DATA;
	out->k = d->offset + 8 * index;
	if (d->long_ && high != is_big_endian(s, at))
		out->k += 4;
	return true;
}

/* Read data[K], which only seccomp-tools has. */
static bool read_data(struct script *s, struct value *out)
{
	uint32_t start = s->r->at;

	out->is = IS_DATA;
	if (!read_index(s, sizeof(struct seccomp_data) - 4, &out->k))
		return false;
	if (out->k % 4 == 0)
		return true;
	diag_error(s->r->diags, cbpf_span(s->r, start, s->r->at),
	           "seccomp loads words, at multiples of 4");
	return false;
}

/* Read a value that begins with the word W; false without an error where none does. */
static bool read_word_value(struct script *s, struct cbpf_word w, struct value *out)
{
	if (same(w, s->dollar ? "$mem" : "mem")) {
		out->is = IS_CELL;
		return read_index(s, CBPF_CELLS - 1, &out->k);
	}
	if (same(w, s->dollar ? "$scmp_data_len" : "len")) {
		out->is = IS_LENGTH;
		return true;
	}
	if (!s->dollar && same(w, "data"))
		return read_data(s, out);
	for (size_t i = 0; i < ARRAY_LEN(data); i++)
		if (same(w, data[i].text) && (data[i].text[0] == '$') == s->dollar)
			return read_datum(s, &data[i], w.at, out);
	return false;
}

static bool read_value(struct script *s, struct value *out)
{
	unsigned errors = s->r->diags->errors;
	uint32_t start;
	struct cbpf_word w;

	*out = (struct value){ .is = IS_CONSTANT };
	skip(s->r);
	start = s->r->at;
	out->at = cbpf_span(s->r, start, start);
	if (accept_register(s, 'A')) {
		out->is = IS_A;
	} else if (accept_register(s, 'X')) {
		out->is = IS_X;
	} else if (accept(s, "-")) {
		out->is = IS_NEGATED;
		if (!accept_register(s, 'A')) {
			s->r->at = start;
			out->is = IS_CONSTANT;
			if (!read_constant(s, &out->k))
				return false;
		}
	} else {
		w = take(s);
		if (!w.len || !read_word_value(s, w, out)) {
			if (s->r->diags->errors != errors)
				return false;
			s->r->at = start;
			if (!read_constant(s, &out->k))
				return false;
		}
	}
	out->at.end = s->r->at;
	return true;
}

/* Read a value that is X or a constant. */
static bool read_operand(struct script *s, struct value *out)
{
	if (!read_value(s, out))
		return false;
	if (out->is == IS_X || out->is == IS_CONSTANT)
		return true;
	diag_error(s->r->diags, out->at, E_SYNTAX "expected %s or a constant", s->dollar ? "$X" : "X");
	return false;
}

/* --- statements ------------------------------------------------------------------------------- */

static void add(struct script *s, uint16_t code, uint32_t k)
{
	struct cbpf_reader *r = s->r;

	array_push(r->arena, &r->out, ((struct sock_filter){ code, 0, 0, k }));
}

static bool assign(struct script *s, char to, const struct value *v)
{
	static const struct {
		char to;
		int is;
		uint16_t code;
	} moves[] = {
		{ 'A', IS_X, CBPF_TXA },
		{ 'A', IS_CELL, CBPF_LD_MEM },
		{ 'A', IS_DATA, CBPF_LD_W_ABS },
		{ 'A', IS_LENGTH, CBPF_LD_LEN },
		{ 'A', IS_CONSTANT, CBPF_LD_IMM },
		{ 'A', IS_NEGATED, CBPF_NEG },
		{ 'X', IS_A, CBPF_TAX },
		{ 'X', IS_CELL, CBPF_LDX_MEM },
		{ 'X', IS_LENGTH, CBPF_LDX_LEN },
		{ 'X', IS_CONSTANT, CBPF_LDX_IMM },
	};

	for (size_t i = 0; i < ARRAY_LEN(moves); i++)
		if (moves[i].to == to && moves[i].is == (int)v->is) {
			add(s, moves[i].code, v->k);
			return true;
		}
	diag_error(s->r->diags, v->at, "this cannot be assigned to %c", to);
	return false;
}

/* Read the rest of mem[K] = A. */
static bool read_store(struct script *s)
{
	uint32_t k;

	if (!read_index(s, CBPF_CELLS - 1, &k) || !expect(s, "="))
		return false;
	if (accept_register(s, 'A'))
		add(s, CBPF_ST, k);
	else if (accept_register(s, 'X'))
		add(s, CBPF_STX, k);
	else
		return fail_here(s, "A or X");
	return true;
}

static bool read_label(struct script *s, uint32_t insn, enum cbpf_field field)
{
	struct cbpf_jump j = { .insn = insn, .field = field, .label = take(s) };
	uint32_t skipped = 0;

	if (!j.label.len || *j.label.s == '$')
		return fail_here(s, "a label");
	if (!s->dollar && same(j.label, "next")) {
		j.label.len = 0;
		j.has_target = true;
		j.target = insn + 1;
	} else if (!s->dollar && is_digit(*j.label.s)) {
		/* Where no label is so called, it is how many instructions are skipped. */
		for (uint32_t i = 0; i < j.label.len && skipped <= INT32_MAX / 10; i++)
			skipped = 10 * skipped + (uint32_t)(j.label.s[i] - '0');
		j.has_target = j.label.len == 1 || *j.label.s != '0';
		j.target = insn + 1 + skipped;
	}
	array_push(s->r->arena, &s->labels.jumps, j);
	return true;
}

static bool accept_goto(struct script *s)
{
	return accept_word(s, "goto") || accept_word(s, "jmp") || accept_word(s, "jump");
}

/* Read a comparison of A, which is read; *OPPOSITE is swapped where it says the contrary. */
static bool read_comparison(struct script *s, bool *opposite)
{
	struct value v;
	size_t i = 0;

	while (i < ARRAY_LEN(comparisons) && !accept(s, comparisons[i].text))
		i++;
	if (i == ARRAY_LEN(comparisons))
		return fail_here(s, "a comparison");
	if (!read_operand(s, &v))
		return false;
	*opposite ^= comparisons[i].opposite;
	add(s, (uint16_t)(BPF_JMP | comparisons[i].op | (v.is == IS_X ? BPF_X : BPF_K)), v.k);
	return true;
}

static bool read_condition(struct script *s, bool *opposite)
{
	uint32_t open = 0;

	for (;;) {
		if (accept(s, "!"))
			*opposite ^= true;
		else if (accept(s, "("))
			open++;
		else
			break;
	}
	if (!open)
		return fail_here(s, "'('");
	if (!accept_register(s, 'A'))
		return fail_here(s, s->dollar ? "$A" : "A");
	if (!read_comparison(s, opposite))
		return false;
	while (open--)
		if (!expect(s, ")"))
			return false;
	return true;
}

/* Read the rest of if (A == 1) goto a else goto b. */
static bool read_if(struct script *s)
{
	uint32_t insn = s->r->out.n;
	bool opposite = false;

	if (!read_condition(s, &opposite))
		return false;
	if (!accept_goto(s))
		return fail_here(s, "'goto'");
	if (!read_label(s, insn, opposite ? CBPF_TO_NO : CBPF_TO_YES))
		return false;
	if (s->dollar && !accept(s, ","))
		return true;
	if (!accept_word(s, "else"))
		return !s->dollar || fail_here(s, "'else'");
	if (!accept_goto(s))
		return fail_here(s, "'goto'");
	return read_label(s, insn, opposite ? CBPF_TO_YES : CBPF_TO_NO);
}

/* Read the rest of A == 1 ? a : b. */
static bool read_choice(struct script *s)
{
	uint32_t insn = s->r->out.n;
	bool opposite = false;

	return read_comparison(s, &opposite) && expect(s, "?") &&
	       read_label(s, insn, opposite ? CBPF_TO_NO : CBPF_TO_YES) && expect(s, ":") &&
	       read_label(s, insn, opposite ? CBPF_TO_YES : CBPF_TO_NO);
}

/* Read what follows A: an assignment, arithmetic, or a choice. */
static bool read_with_a(struct script *s)
{
	struct value v;

	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (accept(s, operators[i].text)) {
			if (!read_operand(s, &v))
				return false;
			add(s, (uint16_t)(BPF_ALU | operators[i].op | (v.is == IS_X ? BPF_X : BPF_K)),
			    v.k);
			return true;
		}
	skip(s->r);
	if (s->dollar || cbpf_peek(s->r) == '=')
		if (s->r->at + 1 >= s->r->len || s->r->text[s->r->at + 1] != '=')
			return expect(s, "=") && read_value(s, &v) && assign(s, 'A', &v);
	return read_choice(s);
}

/* Read the rest of return ERRNO(1). */
static bool read_return(struct script *s)
{
	struct cbpf_reader start;
	uint32_t ret, k;
	struct cbpf_word w;

	if (accept_register(s, 'A')) {
		add(s, CBPF_RET_A, 0);
		return true;
	}
	start = *s->r;
	w = take(s);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!cbpf_word_is(w, actions[i].text))
			continue;
		k = 0;
		if (actions[i].data && accept(s, "(") &&
		    (!read_constant(s, &k) || !expect(s, ")")))
			return false;
		add(s, CBPF_RET_K, actions[i].ret | (k & SECCOMP_RET_DATA));
		return true;
	}
	s->r->at = start.at;
	if (!read_constant(s, &ret))
		return false;
	add(s, CBPF_RET_K, ret);
	return true;
}

static bool read_statement(struct script *s)
{
	struct value v;

	if (accept_word(s, "return"))
		return read_return(s);
	if (accept_word(s, "if"))
		return read_if(s);
	if (accept_goto(s)) {
		add(s, CBPF_JA, 0);
		return read_label(s, s->r->out.n - 1, CBPF_TO_ALWAYS);
	}
	if (accept_register(s, 'A'))
		return read_with_a(s);
	if (accept_register(s, 'X'))
		return expect(s, "=") && read_value(s, &v) && assign(s, 'X', &v);
	if (accept_word(s, s->dollar ? "$mem" : "mem"))
		return read_store(s);
	return fail_here(s, "a statement");
}

/* --- lines of a disassembler --------------------------------------------------------------------- */

/* Tell whether four numbers come next. */
static bool has_numbers(const struct script *s)
{
	struct cbpf_reader r = *s->r;

	for (int i = 0; i < 4; i++) {
		skip(&r);
		if (r.len - r.at < 3 || memcmp(r.text + r.at, "0x", 2) != 0)
			return false;
		while (r.at < r.len && is_word(cbpf_peek(&r)))
			r.at++;
	}
	return true;
}

static bool read_numbers(struct script *s, struct numbered *out)
{
	static const uint32_t max[] = { UINT16_MAX, UINT8_MAX, UINT8_MAX, UINT32_MAX };
	uint32_t v[4], start;

	skip(s->r);
	start = s->r->at;
	for (int i = 0; i < 4; i++) {
		skip(s->r);
		if (!cbpf_number(s->r, max[i], &v[i]))
			return false;
	}
	*out = (struct numbered){
		.insn = s->r->out.n,
		.f = { (uint16_t)v[0], (uint8_t)v[1], (uint8_t)v[2], v[3] },
		.at = cbpf_span(s->r, start, s->r->at),
	};
	return true;
}

/* Hold the number LABEL of a line in seccomp-tools' listing against the instructions. */
static bool in_order(struct script *s, struct cbpf_word label)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < label.len && n <= INT32_MAX / 10; i++)
		n = 10 * n + (uint32_t)(label.s[i] - '0');
	if (n == s->r->out.n)
		return true;
	diag_error(s->r->diags, label.at, E_SYNTAX "expected %04u: an instruction is missing or duplicate",
	           s->r->out.n);
	return false;
}

/* Skip the two lines above a listing of seccomp-tools. */
static void skip_header(struct script *s)
{
	struct cbpf_reader *r = s->r;

	for (;;) {
		skip(r);
		if (!(r->len - r->at > 4 && !memcmp(r->text + r->at, "line ", 5)) &&
		    !(r->len - r->at > 2 && !memcmp(r->text + r->at, "===", 3)))
			return;
		while (r->at < r->len && cbpf_peek(r) != '\n')
			r->at++;
	}
}

/* Hold ceccomp's statements against the numbers before them. */
static bool same_as_numbers(struct script *s, const struct numbered *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct sock_filter *f = &s->r->out.v[v[i].insn];

		if (f->code == v[i].f.code && f->jt == v[i].f.jt && f->jf == v[i].f.jf &&
		    f->k == v[i].f.k)
			continue;
		diag_error(s->r->diags, v[i].at,
		           "these numbers and the statement after them differ (it is 0x%02x 0x%02x "
		           "0x%02x 0x%08x); remove the numbers if the statement is right",
		           f->code, f->jt, f->jf, f->k);
		return false;
	}
	return true;
}

/* --- the whole ------------------------------------------------------------------------------------- */

/* Tell whether a label comes next, and take it. */
static bool accept_label(struct script *s, struct cbpf_word *label)
{
	struct cbpf_reader start = *s->r;

	*label = take(s);
	if (label->len && *label->s != '$' && cbpf_peek(s->r) == ':') {
		s->r->at++;
		return true;
	}
	s->r->at = start.at;
	return false;
}

/*
 * Check that the text means one program. Names of calls differ between ABIs,
 * and so does which half of a word comes first. If no ABI was given and the
 * program is not only about this machine's, there is an answer for each ABI.
 */
static bool abi_is_clear(struct script *s)
{
	bool calls = s->has_call && s->other_arch, halves = s->has_half && s->other_order;

	if (!s->r->how->abi_guessed || (!calls && !halves))
		return true;
	diag_error(s->r->diags, calls ? s->call : s->half,
	           "this means another number on each ABI; say which, with -a");
	diag_note(s->r->diags, s->arch, "the program names this one, too");
	return false;
}

static bool read_script(struct script *s)
{
	ARRAY(struct numbered) numbered = { 0 };
	struct cbpf_reader *r = s->r;

	for (skip_header(s); r->at < r->len; skip_header(s)) {
		struct cbpf_word label = { 0 }, next;
		struct numbered one;
		bool numbers;

		while (accept_label(s, &next)) {
			label = next;
			cbpf_define_label(r, &s->labels, label);
		}
		numbers = label.len && has_numbers(s);
		if (numbers && !read_numbers(s, &one))
			return false;
		s->has_numbers |= numbers;
		if (numbers && !s->dollar) {
			if (!in_order(s, label))
				return false;
			array_push(r->arena, &r->out, one.f);
			while (r->at < r->len && cbpf_peek(r) != '\n')
				r->at++;
			continue;
		}
		if (numbers)
			array_push(r->arena, &numbered, one);
		skip(r);
		if (r->at >= r->len)
			break;
		s->numbered = numbers ? &one : NULL;
		if (!read_statement(s))
			return false;
	}
	return abi_is_clear(s) && cbpf_resolve_jumps(r, &s->labels) &&
	       same_as_numbers(s, numbered.v, numbered.n);
}

/* Turn tests whose two ways are one into plain jumps, as seccomp-tools does. */
static void join_ways(struct cbpf_reader *r)
{
	for (uint32_t i = 0; i < r->out.n; i++) {
		struct sock_filter *f = &r->out.v[i];

		if (cbpf_is_test(f) && f->jt == f->jf)
			*f = (struct sock_filter){ CBPF_JA, 0, 0, f->jt };
	}
}

bool cbpf_read_seccomp_tools(struct cbpf_reader *r)
{
	struct script s = { .r = r, .labels.far = "goto" };

	r->said->is_for = CBPF_FOR_SECCOMP;
	if (!read_script(&s))
		return false;
	if (!s.has_numbers)
		join_ways(r);
	return true;
}

bool cbpf_read_ceccomp(struct cbpf_reader *r)
{
	struct script s = { .r = r, .dollar = true, .labels.far = "goto" };

	r->said->is_for = CBPF_FOR_SECCOMP;
	return read_script(&s);
}
