/*
 * Programs from text, in whatever format it is: recognizing them, and the
 * formats that are lists of numbers.
 */
#include <string.h>

#include "cbpf/cbpf.h"

/* --- four numbers an instruction ------------------------------------------------ */

/* Steps over white space and, if there is one, SEPARATOR. */
static bool separate(struct cbpf_reader *r, char separator)
{
	cbpf_skip_space(r);
	if (!separator)
		return true;
	return cbpf_expect(r, separator);
}

static bool read_insn(struct cbpf_reader *r, char separator)
{
	uint32_t code, jt, jf, k;

	if (!cbpf_number(r, UINT16_MAX, &code) || !separate(r, separator) ||
	    !cbpf_number(r, UINT8_MAX, &jt) || !separate(r, separator) ||
	    !cbpf_number(r, UINT8_MAX, &jf) || !separate(r, separator) ||
	    !cbpf_number(r, UINT32_MAX, &k))
		return false;
	array_push(r->arena, &r->out,
	           ((struct sock_filter){ (uint16_t)code, (uint8_t)jt, (uint8_t)jf, k }));
	return true;
}

static bool at_end(struct cbpf_reader *r)
{
	cbpf_skip_space(r);
	if (r->at >= r->len)
		return true;
	diag_error(r->diags, cbpf_span(r, r->at, r->at),
	           E_SYNTAX "expected the end of the program, %s", cbpf_found(r));
	return false;
}

/* { 0x28, 0, 0, 0xc }, ... also as the initializer of an array. */
static bool read_c(struct cbpf_reader *r)
{
	const char *is = memchr(r->text + r->at, '=', r->len - r->at);
	bool whole = is && cbpf_peek(r) != '{';

	if (whole) {
		r->at = (uint32_t)(is + 1 - r->text);
		cbpf_skip_space(r);
		if (!cbpf_expect(r, '{'))
			return false;
	}
	for (;;) {
		cbpf_skip_space(r);
		if (cbpf_peek(r) != '{')
			break;
		r->at++;
		cbpf_skip_space(r);
		if (!read_insn(r, ','))
			return false;
		cbpf_skip_space(r);
		cbpf_accept(r, ',');
		cbpf_skip_space(r);
		if (!cbpf_expect(r, '}'))
			return false;
		cbpf_skip_space(r);
		cbpf_accept(r, ',');
	}
	if (whole) {
		if (!cbpf_expect(r, '}'))
			return false;
		cbpf_skip_space(r);
		cbpf_accept(r, ';');
	}
	return at_end(r);
}

/* What the text says that it has, against what was read. */
static bool count_ok(struct cbpf_reader *r, struct span at, uint32_t said)
{
	if (r->out.n == said)
		return true;
	diag_error(r->diags, at, "the header says %u instructions, but %u follow", said,
	           r->out.n);
	return false;
}

static bool read_decimal(struct cbpf_reader *r)
{
	uint32_t start = r->at, said;
	struct span at;

	if (!cbpf_number(r, UINT32_MAX, &said))
		return false;
	at = cbpf_span(r, start, r->at);
	for (cbpf_skip_space(r); r->at < r->len; cbpf_skip_space(r))
		if (!read_insn(r, '\0'))
			return false;
	return count_ok(r, at, said);
}

static bool read_bytecode(struct cbpf_reader *r)
{
	uint32_t start, said;
	struct span at;
	char quote = cbpf_peek(r);

	if (quote == '\'' || quote == '"')
		r->at++;
	else
		quote = '\0';
	start = r->at;
	if (!cbpf_number(r, UINT32_MAX, &said))
		return false;
	at = cbpf_span(r, start, r->at);
	while (cbpf_accept(r, ',')) {
		cbpf_skip_space(r);
		if (r->at >= r->len || cbpf_peek(r) == quote)
			break; /* tc ends its own with a comma */
		if (!read_insn(r, '\0'))
			return false;
	}
	if (quote && !cbpf_expect(r, quote))
		return false;
	return at_end(r) && count_ok(r, at, said);
}

/* --- bytes ------------------------------------------------------------------------ */

/* True if every code would be one with its bytes swapped, and none is as it is. */
static bool looks_swapped(const struct sock_filter *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cbpf_insn(p[i].code) || !cbpf_insn(__builtin_bswap16(p[i].code)))
			return false;
	return n > 0;
}

static bool take_bytes(struct cbpf_reader *r, const void *bytes, size_t len)
{
	size_t n = len / sizeof *r->out.v;

	if (len % sizeof *r->out.v) {
		diag_plain(r->diags, DIAG_ERROR,
		           "%zu bytes are not a whole number of instructions of 8 bytes",
		           len);
		return false;
	}
	r->out.v = arena_memdup(r->arena, bytes, len);
	r->out.n = r->out.cap = (uint32_t)n;
	if (!looks_swapped(r->out.v, n))
		return true;
	diag_plain(r->diags, DIAG_ERROR,
	           "the program is in the byte order of another machine");
	return false;
}

static bool read_raw(struct cbpf_reader *r)
{
	static const char elf[] = "\177ELF";

	if (r->len >= 4 && !memcmp(r->text, elf, 4)) {
		diag_plain(r->diags, DIAG_ERROR,
		           "this is an ELF object file; only classic BPF programs are read");
		return false;
	}
	return take_bytes(r, r->text, r->len);
}

/* The value of a base64 digit, -1 if it is none. */
static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63
	                                : -1;
}

static bool read_base64(struct cbpf_reader *r)
{
	uint8_t *bytes = arena_alloc(r->arena, (size_t)r->len / 4 * 3 + 3);
	uint32_t word = 0;
	size_t len = 0;
	unsigned have = 0;

	for (; r->at < r->len && cbpf_peek(r) != '='; r->at++) {
		int digit = base64_digit(cbpf_peek(r));

		if (digit < 0)
			continue; /* the end of a line; nothing else was let in */
		word = word << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			bytes[len++] = (uint8_t)(word >> have);
		}
	}
	while (cbpf_peek(r) == '=')
		r->at++;
	return at_end(r) && take_bytes(r, bytes, len);
}

/* --- which is it? ------------------------------------------------------------------- */

/* Letters and digits of base64 without a blank, too many for a word of assembler. */
static bool looks_base64(const struct cbpf_reader *r)
{
	size_t digits = 0, pads = 0, letters = 0, longest = 0, line = 0;

	for (uint32_t i = r->at; i < r->len; i++) {
		char c = r->text[i];

		line = c == '\n' || c == '\r' ? 0 : line + 1;
		longest = line > longest ? line : longest;
		letters += (c | 32) >= 'a' && (c | 32) <= 'z';
		pads += c == '=';
		digits += base64_digit(c) >= 0;
		if (c != '=' && c != '\n' && c != '\r' && base64_digit(c) < 0)
			return false;
	}
	return letters && longest >= 12 && pads <= 2 && !((digits + pads) % 4);
}

static bool looks_c(const struct cbpf_reader *r)
{
	static const char *const starts[] = { "struct ", "static ", "const " };

	if (cbpf_peek(r) == '{')
		return true;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (r->len - r->at > strlen(starts[i]) &&
		    !memcmp(r->text + r->at, starts[i], strlen(starts[i])))
			return true;
	return false;
}

/* A JSON object begins with a key, C's initializer with a number. */
static bool looks_json(const struct cbpf_reader *start)
{
	struct cbpf_reader r = *start;

	if (cbpf_peek(&r) == '[')
		return true;
	if (cbpf_peek(&r) != '{')
		return false;
	r.at++;
	while (cbpf_peek(&r) == '\n' || cbpf_peek(&r) == ' ' ||
	       cbpf_peek(&r) == '\t' || cbpf_peek(&r) == '\r')
		r.at++;
	return cbpf_peek(&r) == '"' || cbpf_peek(&r) == '}';
}

/* A count, and then a comma or instructions. */
static bool looks_bytecode(const struct cbpf_reader *r)
{
	uint32_t i = r->at;

	if (cbpf_peek(r) == '\'' || cbpf_peek(r) == '"')
		return true;
	while (i < r->len && is_digit(r->text[i]))
		i++;
	while (i < r->len && (r->text[i] == ' ' || r->text[i] == '\t'))
		i++;
	return i < r->len && r->text[i] == ',';
}

static const struct {
	const char *name;
	bool (*read)(struct cbpf_reader *r);
} readers[] = {
	{ "raw", read_raw },
	{ "base64", read_base64 },
	{ "json", cbpf_read_json },
	{ "c", read_c },
	{ "bytecode", read_bytecode },
	{ "decimal", read_decimal },
	{ "listing", cbpf_read_asm },
	{ "asm", cbpf_read_asm },
};

/* The row of the format that R's text is in; R stands at its first byte then. */
static unsigned recognize(struct cbpf_reader *r)
{
	enum {
		RAW,
		BASE64,
		JSON,
		C,
		BYTECODE,
		DECIMAL,
		LISTING,
		ASM
	};

	/* Texts have no NUL; instructions have one in every code. */
	if (memchr(r->text, '\0', r->len))
		return RAW;
	while (r->at < r->len && strchr(" \t\r\n", r->text[r->at]))
		r->at++;
	if (looks_base64(r)) /* may begin like a comment */
		return BASE64;
	cbpf_skip_space(r);
	if (looks_json(r))
		return JSON;
	if (looks_c(r))
		return C;
	if (cbpf_peek(r) == '(')
		return LISTING;
	if (is_digit(cbpf_peek(r)) || cbpf_peek(r) == '\'' || cbpf_peek(r) == '"')
		return looks_bytecode(r) ? BYTECODE : DECIMAL;
	return ASM;
}

bool cbpf_read(struct arena *arena, struct diags *d, uint32_t source,
               struct cbpf_program *out)
{
	const struct source *src = &d->sources.v[source];
	struct cbpf_reader r = {
		.arena = arena,
		.diags = d,
		.source = source,
		.text = src->text,
		.len = (uint32_t)src->len,
	};
	unsigned errors = d->errors, format;

	if (src->len > INT32_MAX) {
		diag_plain(d, DIAG_ERROR, E_LIMIT "'%s' is longer than 2 GiB", src->name);
		return false;
	}
	format = src->len ? recognize(&r) : 0;
	if (r.at >= r.len) {
		diag_plain(d, DIAG_ERROR, "'%s' contains no program", src->name);
		return false;
	}
	out->format = readers[format].name;
	if (!readers[format].read(&r) || d->errors != errors)
		return false;
	if (!r.out.n) {
		diag_plain(d, DIAG_ERROR, "'%s' contains no instruction", src->name);
		return false;
	}
	out->insns = r.out.v;
	out->n = r.out.n;
	return true;
}
