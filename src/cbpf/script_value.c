/*
 * What the statements of scripts are made of: words, constants, which may be names of
 * system calls and architectures, and values.
 */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include "cbpf/script.h"

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

/* --- tokens ------------------------------------------------------------------------------ */

void script_skip(struct cbpf_reader *r)
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

bool script_accept(struct script *s, const char *text)
{
	struct cbpf_reader *r = s->r;
	size_t len = strlen(text);

	script_skip(r);
	if (r->len - r->at < len || memcmp(r->text + r->at, text, len) != 0)
		return false;
	r->at += (uint32_t)len;
	return true;
}

bool script_fail_here(struct script *s, const char *expected)
{
	script_skip(s->r);
	diag_error(s->r->diags, cbpf_span(s->r, s->r->at, s->r->at), E_SYNTAX "expected %s, %s", expected,
	           cbpf_found(s->r));
	return false;
}

bool script_expect(struct script *s, const char *text)
{
	struct buf quoted = { .arena = s->r->arena };

	if (script_accept(s, text))
		return true;
	buf_printf(&quoted, "'%s'", text);
	return script_fail_here(s, buf_str(&quoted));
}

struct cbpf_word script_take(struct script *s)
{
	struct cbpf_reader *r = s->r;
	uint32_t start;

	script_skip(r);
	start = r->at;
	if (cbpf_peek(r) == '$')
		r->at++;
	while (r->at < r->len && is_word(cbpf_peek(r)))
		r->at++;
	return (struct cbpf_word){ r->text + start, r->at - start,
		                   cbpf_span(r, start, r->at) };
}

bool script_same(struct cbpf_word w, const char *text)
{
	if (w.len != strlen(text))
		return false;
	for (uint32_t i = 0; i < w.len; i++)
		if ((is_letter(w.s[i]) ? w.s[i] | 32 : w.s[i]) !=
		    (is_letter(text[i]) ? text[i] | 32 : text[i]))
			return false;
	return true;
}

bool script_accept_word(struct script *s, const char *text)
{
	struct cbpf_reader start = *s->r;

	if (script_same(script_take(s), text))
		return true;
	s->r->at = start.at;
	return false;
}

bool script_accept_register(struct script *s, char name)
{
	char text[3] = { '$', name, '\0' };

	return script_accept_word(s, s->dollar ? text : text + 1);
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

	if (w.len <= skipped || (skipped && !script_same((struct cbpf_word){ w.s, 5, w.at }, prefix)))
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
		call = script_take(s);
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

bool script_read_constant(struct script *s, uint32_t *value)
{
	struct cbpf_word w;
	bool ok;

	if (script_accept(s, "(")) {
		if (++s->depth > DEPTH) {
			diag_error(s->r->diags, cbpf_span(s->r, s->r->at - 1, s->r->at),
			           E_LIMIT "more than %d nested parentheses", DEPTH);
			return false;
		}
		ok = script_read_constant(s, value) && script_expect(s, ")");
		s->depth--;
		return ok;
	}
	script_skip(s->r);
	if (cbpf_peek(s->r) == '-')
		return cbpf_number(s->r, UINT32_MAX, value);
	w = script_take(s);
	if (!w.len)
		return script_fail_here(s, "a value");
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

bool script_read_index(struct script *s, uint32_t max, uint32_t *k)
{
	uint32_t start;

	if (!script_expect(s, "["))
		return false;
	script_skip(s->r);
	start = s->r->at;
	if (!script_read_constant(s, k))
		return false;
	if (*k > max) {
		diag_error(s->r->diags, cbpf_span(s->r, start, s->r->at),
		           E_RANGE "%.*s is too large; the largest is %u", (int)(s->r->at - start),
		           s->r->text + start, max);
		return false;
	}
	return script_expect(s, "]");
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
                       struct script_value *out)
{
	uint32_t index = 0;
	bool high = d->high;

	if (d->indexed && !script_read_index(s, ARGS - 1, &index))
		return false;
	if (d->long_ && !d->high && !s->dollar && script_accept(s, ">>")) {
		if (!script_expect(s, "32"))
			return false;
		high = true;
	}
	out->is = SCRIPT_DATA;
	out->k = d->offset + 8 * index;
	if (d->long_ && high != is_big_endian(s, at))
		out->k += 4;
	return true;
}

/* Read data[K], which only seccomp-tools has. */
static bool read_data(struct script *s, struct script_value *out)
{
	uint32_t start = s->r->at;

	out->is = SCRIPT_DATA;
	if (!script_read_index(s, sizeof(struct seccomp_data) - 4, &out->k))
		return false;
	if (out->k % 4 == 0)
		return true;
	diag_error(s->r->diags, cbpf_span(s->r, start, s->r->at),
	           "seccomp loads words, at multiples of 4");
	return false;
}

/* Read a value that begins with the word W; false without an error where none does. */
static bool read_word_value(struct script *s, struct cbpf_word w, struct script_value *out)
{
	if (script_same(w, s->dollar ? "$mem" : "mem")) {
		out->is = SCRIPT_CELL;
		return script_read_index(s, CBPF_CELLS - 1, &out->k);
	}
	if (script_same(w, s->dollar ? "$scmp_data_len" : "len")) {
		out->is = SCRIPT_LENGTH;
		return true;
	}
	if (!s->dollar && script_same(w, "data"))
		return read_data(s, out);
	for (size_t i = 0; i < ARRAY_LEN(data); i++)
		if (script_same(w, data[i].text) && (data[i].text[0] == '$') == s->dollar)
			return read_datum(s, &data[i], w.at, out);
	return false;
}

bool script_read_value(struct script *s, struct script_value *out)
{
	unsigned errors = s->r->diags->errors;
	uint32_t start;
	struct cbpf_word w;

	*out = (struct script_value){ .is = SCRIPT_CONSTANT };
	script_skip(s->r);
	start = s->r->at;
	out->at = cbpf_span(s->r, start, start);
	if (script_accept_register(s, 'A')) {
		out->is = SCRIPT_A;
	} else if (script_accept_register(s, 'X')) {
		out->is = SCRIPT_X;
	} else if (script_accept(s, "-")) {
		out->is = SCRIPT_NEGATED;
		if (!script_accept_register(s, 'A')) {
			s->r->at = start;
			out->is = SCRIPT_CONSTANT;
			if (!script_read_constant(s, &out->k))
				return false;
		}
	} else {
		w = script_take(s);
		if (!w.len || !read_word_value(s, w, out)) {
			if (s->r->diags->errors != errors)
				return false;
			s->r->at = start;
			if (!script_read_constant(s, &out->k))
				return false;
		}
	}
	out->at.end = s->r->at;
	return true;
}

bool script_read_operand(struct script *s, struct script_value *out)
{
	if (!script_read_value(s, out))
		return false;
	if (out->is == SCRIPT_X || out->is == SCRIPT_CONSTANT)
		return true;
	diag_error(s->r->diags, out->at, E_SYNTAX "expected %s or a constant", s->dollar ? "$X" : "X");
	return false;
}
