/*
 * Which format a text is in, by its looks. Where two formats could be meant there is
 * a rule here that tells them apart, and not an order in which readers are tried.
 */
#include <string.h>

#include "cbpf/cbpf.h"

/* --- what is not text ----------------------------------------------------------------- */

/* Files of others that begin like this. */
static const struct {
	const char *start;
	size_t len;
	const char *what;
} others[] = {
	{ "\x7f"
	  "ELF",
	  4, "an ELF file; weir reads classic BPF programs" },
	{ "\xd4\xc3\xb2\xa1", 4, "a capture file; 'weir filter' reads these" },
	{ "\xa1\xb2\xc3\xd4", 4, "a capture file; 'weir filter' reads these" },
	{ "\x4d\x3c\xb2\xa1", 4, "a capture file; 'weir filter' reads these" },
	{ "\xa1\xb2\x3c\x4d", 4, "a capture file; 'weir filter' reads these" },
	{ "\x0a\x0d\x0d\x0a", 4, "a pcapng capture file; 'weir filter' reads these" },
	{ "\x1f\x8b", 2, "compressed; unpack it first" },
};

static bool is_other(struct cbpf_reader *r)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (r->len >= others[i].len &&
		    !memcmp(r->text, others[i].start, others[i].len)) {
			diag_plain(r->diags, DIAG_ERROR, "this is not a program, but %s (byte 0)",
			           others[i].what);
			return true;
		}
	return false;
}

/* --- base64, JSON, numbers ------------------------------------------------------------- */

int cbpf_base64_digit(char c)
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

/*
 * Tell whether the text looks like base64: letters and digits without a blank,
 * too many for a word of assembler.
 */
static bool looks_base64(const struct cbpf_reader *r)
{
	size_t digits = 0, pads = 0, letters = 0, longest = 0, line = 0;

	for (uint32_t i = r->at; i < r->len; i++) {
		char c = r->text[i];

		line = c == '\n' || c == '\r' ? 0 : line + 1;
		longest = line > longest ? line : longest;
		letters += (c | 32) >= 'a' && (c | 32) <= 'z';
		pads += c == '=';
		digits += cbpf_base64_digit(c) >= 0;
		if (c != '=' && c != '\n' && c != '\r' && cbpf_base64_digit(c) < 0)
			return false;
	}
	return letters && longest >= 12 && pads <= 2 && !((digits + pads) % 4);
}

/* Return the first byte from AT on that is not white space. */
static char next_byte(const struct cbpf_reader *r, uint32_t at)
{
	while (at < r->len && strchr(" \t\r\n", r->text[at]))
		at++;
	return at < r->len ? r->text[at] : '\0';
}

/*
 * Tell whether the text looks like JSON: its object begins with a key, C's
 * initializer with a number, Rust's list with a type.
 */
static bool looks_json(const struct cbpf_reader *r)
{
	char next = next_byte(r, r->at + 1);

	if (cbpf_peek(r) == '[')
		return next == '[' || next == '{' || is_digit(next) ||
		       (next == ']' && !next_byte(r, r->at + 2));
	return cbpf_peek(r) == '{' && (next == '"' || next == '}');
}

/* Tell whether a count comes first, and then a comma or instructions. */
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

/* --- what begins with a word ------------------------------------------------------------- */

/* Return the length of the word at AT, of letters, digits and '_' alone. */
static uint32_t word_at(const struct cbpf_reader *r, uint32_t at)
{
	uint32_t i = at;

	while (i < r->len && is_word(r->text[i]))
		i++;
	return i - at;
}

static bool is_at(const struct cbpf_reader *r, uint32_t at, const char *text)
{
	size_t len = strlen(text);

	return at <= r->len && r->len - at >= len && !memcmp(r->text + at, text, len);
}

static bool has(const struct cbpf_reader *r, const char *text)
{
	for (uint32_t at = r->at; at < r->len; at++)
		if (r->text[at] == *text && is_at(r, at, text))
			return true;
	return false;
}

/*
 * Tell whether the text is from iptables-save, `tc filter show` or `iptables
 * -L`.
 */
static bool looks_dump(const struct cbpf_reader *r)
{
	return has(r, "bytecode '") || has(r, "bytecode \"") || has(r, "match bpf ");
}

/* Tell whether the text begins like a list of instructions in C, Rust or Go. */
static bool looks_array(const struct cbpf_reader *r)
{
	static const char *const words[] = {
		"struct",
		"static",
		"const",
		"unsigned",
		"char",
		"uint8_t",
		"__u8",
		"extern",
		"let",
		"pub",
		"vec",
		"var",
		"package",
		"use",
		"sock_filter",
		"libc",
		"bpf",
		"unix",
		"syscall",
		"BPF_STMT",
		"BPF_JUMP",
	};
	uint32_t len = word_at(r, r->at);
	char next;

	if (cbpf_peek(r) == '{' || cbpf_peek(r) == '[' || is_at(r, r->at, "#include") ||
	    is_at(r, r->at, "#define"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == len && is_at(r, r->at, words[i]))
			return true;
	next = len ? next_byte(r, r->at + len) : '\0';
	return next == '{' || (next == ':' && has(r, ":=") && has(r, "{"));
}

/* --- scripts -------------------------------------------------------------------------------- */

/* Skip blanks and the colors of a terminal from AT on. */
static uint32_t skip_blanks(const struct cbpf_reader *r, uint32_t at)
{
	for (;;) {
		if (at < r->len && (r->text[at] == ' ' || r->text[at] == '\t')) {
			at++;
		} else if (is_at(r, at, "\033[")) {
			for (at += 2; at < r->len && (is_digit(r->text[at]) || r->text[at] == ';');
			     at++)
				;
			at += at < r->len;
		} else {
			return at;
		}
	}
}

static uint32_t line_end(const struct cbpf_reader *r, uint32_t at)
{
	const char *end = at < r->len ? memchr(r->text + at, '\n', r->len - at) : NULL;

	return end ? (uint32_t)(end - r->text) : r->len;
}

/* Tell whether what is at AT, after a register, is done with it. */
static bool is_operator(const struct cbpf_reader *r, uint32_t at)
{
	at = skip_blanks(r, at);
	return at < r->len && strchr("=+-*/|&^<>!", r->text[at]);
}

/* Tell the format by the statement at AT; CBPF_NO_FORMAT: it could be any. */
static enum cbpf_format by_statement(const struct cbpf_reader *r, uint32_t at)
{
	static const char *const words[] = { "if", "return", "goto", "jump" };
	uint32_t len = word_at(r, at);

	if (at < r->len && r->text[at] == '$')
		return CBPF_CECCOMP;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (len == strlen(words[i]) && is_at(r, at, words[i]))
			return has(r, "$A") || has(r, "$X") ? CBPF_CECCOMP : CBPF_SECCOMP_TOOLS;
	if (len == 1 && strchr("AaXx", r->text[at]) && is_operator(r, at + 1))
		return CBPF_SECCOMP_TOOLS;
	if (is_at(r, at, "mem["))
		return CBPF_SECCOMP_TOOLS;
	return len == 3 && is_at(r, at, "jmp") ? CBPF_NO_FORMAT : CBPF_ASM;
}

/* Skip the labels at AT, and the numbers that a disassembler puts after them. */
static uint32_t skip_labels(const struct cbpf_reader *r, uint32_t at)
{
	uint32_t len;

	while ((len = word_at(r, at)) && at + len < r->len && r->text[at + len] == ':') {
		at = skip_blanks(r, at + len + 1);
		while (is_at(r, at, "0x"))
			at = skip_blanks(r, at + word_at(r, at));
	}
	return at;
}

/*
 * Tell the format of text that begins with a word by its first statement, which AT is set
 * to; to the end if there is none.
 */
static enum cbpf_format find_statement(const struct cbpf_reader *r, uint32_t *at)
{
	for (*at = r->at; *at < r->len; *at = line_end(r, *at) + 1) {
		enum cbpf_format format;

		*at = skip_blanks(r, *at);
		if (is_at(r, *at, "line ") || is_at(r, *at, "==="))
			return CBPF_SECCOMP_TOOLS;
		if (*at >= r->len || strchr("#;\r\n", r->text[*at]))
			continue;
		*at = skip_labels(r, *at);
		if (*at >= r->len || strchr("#;\r\n", r->text[*at]))
			continue;
		format = by_statement(r, *at);
		if (format != CBPF_NO_FORMAT)
			return format;
	}
	*at = r->len;
	return CBPF_ASM;
}

static enum cbpf_format looks_script(const struct cbpf_reader *r)
{
	uint32_t at;

	return find_statement(r, &at);
}

/* --- bytes ----------------------------------------------------------------------------------- */

/*
 * Decide what a text with NULs is. Instructions have a NUL in every code, so at
 * least one byte in eight; texts have none. If only a few bytes are NUL, a text
 * was damaged: report the first.
 */
static enum cbpf_format binary(struct cbpf_reader *r)
{
	const char *first = memchr(r->text, '\0', r->len);
	uint32_t nuls = 0, at = (uint32_t)(first - r->text);

	for (uint32_t i = 0; i < r->len; i++)
		nuls += r->text[i] == '\0';
	if ((uint64_t)nuls * 16 >= r->len)
		return CBPF_RAW;
	if (looks_dump(r)) /* iptables 1.8 has one at the end of a line */
		return CBPF_BYTECODE;
	diag_error(r->diags, cbpf_span(r, at, at + 1),
	           E_SYNTAX "there is a NUL byte in this text, at byte %u", at);
	return CBPF_NO_FORMAT;
}

/* --- all of them ----------------------------------------------------------------------------- */

enum cbpf_format cbpf_recognize(struct cbpf_reader *r)
{
	if (is_other(r))
		return CBPF_NO_FORMAT;
	if (cbpf_is_savefile(r->text, r->len))
		return CBPF_SAVEFILE;
	if (memchr(r->text, '\0', r->len))
		return binary(r);
	while (r->at < r->len && strchr(" \t\r\n", r->text[r->at]))
		r->at++;
	if (looks_base64(r)) /* may begin like a comment */
		return CBPF_BASE64;
	cbpf_skip_space(r);
	if (looks_json(r))
		return CBPF_JSON;
	if (cbpf_peek(r) == '(')
		return CBPF_LISTING;
	if (looks_array(r))
		return CBPF_ARRAY;
	if (looks_dump(r))
		return CBPF_BYTECODE;
	if (is_digit(cbpf_peek(r)) && skip_labels(r, r->at) != r->at)
		return looks_script(r);
	if (is_digit(cbpf_peek(r)) || cbpf_peek(r) == '\'' || cbpf_peek(r) == '"')
		return looks_bytecode(r) ? CBPF_BYTECODE : CBPF_DECIMAL;
	return looks_script(r);
}

/* --- beside other languages --------------------------------------------------------------------- */

/* Tell whether an array in C, Rust or Go is one of instructions. */
static bool is_of_instructions(const struct cbpf_reader *r)
{
	static const char *const words[] = { "sock_filter", "SockFilter", "BPF_STMT", "BPF_JUMP",
		                             "RawInstruction" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (has(r, words[i]))
			return true;
	return false;
}

enum cbpf_format cbpf_surely(const char *text, size_t len)
{
	struct cbpf_reader r = { .text = text, .len = (uint32_t)len };
	enum cbpf_format format;
	uint32_t at;

	if (len > UINT32_MAX || memchr(text, '\0', len))
		return CBPF_NO_FORMAT;
	while (r.at < r.len && strchr(" \t\r\n", r.text[r.at]))
		r.at++;
	if (looks_base64(&r))
		return CBPF_BASE64;
	cbpf_skip_space(&r);
	if (looks_array(&r))
		return is_of_instructions(&r) ? CBPF_ARRAY : CBPF_NO_FORMAT;
	format = find_statement(&r, &at);
	r.at = at;
	if (format == CBPF_ASM && !cbpf_is_mnemonic(cbpf_take_word(&r)))
		return CBPF_NO_FORMAT;
	return format;
}
