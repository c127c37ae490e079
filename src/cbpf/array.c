/*
 * Programs as source text of C, Rust or Go: a list of instructions, by itself or as
 * the value of a variable.
 *
 *	text   = [ words "=" ] list [ ";" ]
 *	list   = "{" items "}" | "[" items "]" | "[]" type "{" items "}" | items
 *	item   = [ type ] "{" value "," value "," value "," value "}"
 *	       | [ type ] "{" [ "." ] name ( ":" | "=" ) value ... "}"
 *	       | BPF_STMT "(" value "," value ")" | BPF_JUMP "(" four values ")" | byte
 *	value  = term { ( "|" | "+" | "&" ) term }
 *	term   = number | constant | "(" value ")" | offsetof "(" words "," member ")"
 *
 * An item that is a byte is one of those that instructions have in memory.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include "cbpf/cbpf.h"

enum {
	DEPTH = 100
}; /* of parentheses */

/* A list that is read. */
struct array {
	struct cbpf_reader *r;
	ARRAY(uint8_t) bytes;
	unsigned depth;
};

/* --- words --------------------------------------------------------------------------- */

/*
 * Return the next word of letters, digits and '_', after white space; empty if none
 * comes.
 */
static struct cbpf_word take_name(struct cbpf_reader *r)
{
	uint32_t start;

	cbpf_skip_space(r);
	start = r->at;
	if (!is_digit(cbpf_peek(r)))
		while (r->at < r->len && is_word(cbpf_peek(r)))
			r->at++;
	return (struct cbpf_word){ r->text + start, r->at - start,
		                   cbpf_span(r, start, r->at) };
}

static bool accept(struct cbpf_reader *r, char c)
{
	cbpf_skip_space(r);
	return cbpf_accept(r, c);
}

static bool expect(struct cbpf_reader *r, char c)
{
	cbpf_skip_space(r);
	return cbpf_expect(r, c);
}

/* --- values -------------------------------------------------------------------------- */

#define NAMED(name)                   \
	{                             \
#name, (uint32_t)name \
	}

static const struct {
	const char *name;
	uint32_t value;
} constants[] = {
	NAMED(BPF_LD),
	NAMED(BPF_LDX),
	NAMED(BPF_ST),
	NAMED(BPF_STX),
	NAMED(BPF_ALU),
	NAMED(BPF_JMP),
	NAMED(BPF_RET),
	NAMED(BPF_MISC),
	NAMED(BPF_W),
	NAMED(BPF_H),
	NAMED(BPF_B),
	NAMED(BPF_IMM),
	NAMED(BPF_ABS),
	NAMED(BPF_IND),
	NAMED(BPF_MEM),
	NAMED(BPF_LEN),
	NAMED(BPF_MSH),
	NAMED(BPF_ADD),
	NAMED(BPF_SUB),
	NAMED(BPF_MUL),
	NAMED(BPF_DIV),
	NAMED(BPF_OR),
	NAMED(BPF_AND),
	NAMED(BPF_LSH),
	NAMED(BPF_RSH),
	NAMED(BPF_NEG),
	NAMED(BPF_MOD),
	NAMED(BPF_XOR),
	NAMED(BPF_JA),
	NAMED(BPF_JEQ),
	NAMED(BPF_JGT),
	NAMED(BPF_JGE),
	NAMED(BPF_JSET),
	NAMED(BPF_K),
	NAMED(BPF_X),
	NAMED(BPF_A),
	NAMED(BPF_TAX),
	NAMED(BPF_TXA),
	NAMED(SECCOMP_RET_KILL_PROCESS),
	NAMED(SECCOMP_RET_KILL_THREAD),
	NAMED(SECCOMP_RET_KILL),
	NAMED(SECCOMP_RET_TRAP),
	NAMED(SECCOMP_RET_ERRNO),
	NAMED(SECCOMP_RET_USER_NOTIF),
	NAMED(SECCOMP_RET_TRACE),
	NAMED(SECCOMP_RET_LOG),
	NAMED(SECCOMP_RET_ALLOW),
	NAMED(SECCOMP_RET_DATA),
	NAMED(SKF_AD_OFF),
	NAMED(SKF_NET_OFF),
	NAMED(SKF_LL_OFF),
	NAMED(SKF_AD_PROTOCOL),
	NAMED(SKF_AD_PKTTYPE),
	NAMED(SKF_AD_IFINDEX),
	NAMED(SKF_AD_NLATTR),
	NAMED(SKF_AD_NLATTR_NEST),
	NAMED(SKF_AD_MARK),
	NAMED(SKF_AD_QUEUE),
	NAMED(SKF_AD_HATYPE),
	NAMED(SKF_AD_RXHASH),
	NAMED(SKF_AD_CPU),
	NAMED(SKF_AD_ALU_XOR_X),
	NAMED(SKF_AD_VLAN_TAG),
	NAMED(SKF_AD_VLAN_TAG_PRESENT),
	NAMED(SKF_AD_PAY_OFFSET),
	NAMED(SKF_AD_RANDOM),
	NAMED(SKF_AD_VLAN_TPID),
};

/* Set *VALUE to what NAME after PREFIX is by the caller's tables. */
static bool look_up(struct cbpf_reader *r, struct cbpf_word name, const char *prefix,
                    enum cbpf_name what, uint32_t *value)
{
	size_t len = strlen(prefix);

	return r->how->find && name.len > len && !memcmp(name.s, prefix, len) &&
	       r->how->find(r->how->ctx, what, r->how->abi,
	                    arena_strndup(r->arena, name.s + len, name.len - len), value);
}

static bool constant(struct cbpf_reader *r, struct cbpf_word name, uint32_t *value)
{
	struct suggest s;

	suggest_start(&s, name.s, name.len);
	for (size_t i = 0; i < ARRAY_LEN(constants); i++) {
		if (cbpf_word_is(name, constants[i].name)) {
			*value = constants[i].value;
			return true;
		}
		suggest_offer(&s, constants[i].name);
	}
	if (look_up(r, name, "__NR_", CBPF_NAME_CALL, value) ||
	    look_up(r, name, "SYS_", CBPF_NAME_CALL, value) ||
	    look_up(r, name, "AUDIT_ARCH_", CBPF_NAME_ARCH, value) ||
	    look_up(r, name, "", CBPF_NAME_CONSTANT, value))
		return true;
	diag_error(r->diags, name.at, E_UNKNOWN "unknown constant '%.*s'%s", (int)name.len, name.s,
	           suggest_text(r->arena, &s));
	return false;
}

/* Read the rest of offsetof(struct seccomp_data, args[1]). */
static bool read_offset(struct cbpf_reader *r, uint32_t *value)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} members[] = {
		{ "nr", offsetof(struct seccomp_data, nr), 0 },
		{ "arch", offsetof(struct seccomp_data, arch), 0 },
		{ "instruction_pointer", offsetof(struct seccomp_data, instruction_pointer), 0 },
		{ "args", offsetof(struct seccomp_data, args), 8 },
	};
	struct cbpf_word name;

	if (!expect(r, '('))
		return false;
	name = take_name(r);
	if (cbpf_word_is(name, "struct"))
		name = take_name(r);
	if (!expect(r, ','))
		return false;
	name = take_name(r);
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		uint32_t index = 0;

		if (!cbpf_word_is(name, members[i].name))
			continue;
		if (members[i].size && accept(r, '[') &&
		    (!cbpf_number(r, 5, &index) || !expect(r, ']')))
			return false;
		*value = members[i].offset + index * members[i].size;
		return expect(r, ')');
	}
	diag_error(r->diags, name.at,
	           E_SYNTAX "expected a member of struct seccomp_data: nr, arch, instruction_pointer "
	                    "or args");
	return false;
}

/* Read a number without the suffix that says its type: 16u, 0x28u16. */
static bool read_literal(struct cbpf_reader *r, uint32_t *value)
{
	static const char *const suffixes[] = { "u8", "u16", "u32", "u64", "usize", "ULL",
		                                "UL", "ull", "ul", "u", "U" };
	const struct cbpf_reader start = *r;
	uint32_t end = r->at;

	while (end < r->len && is_word(r->text[end]))
		end++;
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		size_t len = strlen(suffixes[i]);
		struct cbpf_reader one = start;

		if (end - start.at <= len || memcmp(r->text + end - len, suffixes[i], len) != 0)
			continue;
		one.len = end - (uint32_t)len;
		if (!cbpf_number(&one, UINT32_MAX, value))
			return false;
		r->at = end;
		return true;
	}
	return cbpf_number(r, UINT32_MAX, value);
}

static bool read_value(struct array *a, uint32_t *value);

static bool read_term(struct array *a, uint32_t *value)
{
	struct cbpf_reader *r = a->r;
	struct cbpf_word name;
	bool ok;

	if (accept(r, '(')) {
		if (++a->depth > DEPTH) {
			diag_error(r->diags, cbpf_span(r, r->at - 1, r->at),
			           E_LIMIT "more than %d nested parentheses", DEPTH);
			return false;
		}
		ok = read_value(a, value) && expect(r, ')');
		a->depth--;
		return ok;
	}
	name = take_name(r);
	if (!name.len)
		return read_literal(r, value);
	return cbpf_word_is(name, "offsetof") ? read_offset(r, value)
	                                      : constant(r, name, value);
}

static bool read_value(struct array *a, uint32_t *value)
{
	struct cbpf_reader *r = a->r;
	uint32_t more;

	if (!read_term(a, value))
		return false;
	for (;;) {
		char op = accept(r, '|') ? '|' : accept(r, '+') ? '+'
		                         : accept(r, '&')       ? '&'
		                                                : '\0';

		if (!op)
			return true;
		if (!read_term(a, &more))
			return false;
		*value = op == '|' ? *value | more : op == '+' ? *value + more
		                                               : *value & more;
	}
}

/* Read a value of at most MAX. */
static bool read_field(struct array *a, uint32_t max, uint32_t *value)
{
	struct cbpf_reader *r = a->r;
	uint32_t start, end;

	cbpf_skip_space(r);
	start = r->at;
	if (!read_value(a, value))
		return false;
	if (*value <= max)
		return true;
	for (end = r->at; strchr(" \t\r\n", r->text[end - 1]); end--)
		;
	diag_error(r->diags, cbpf_span(r, start, end),
	           E_RANGE "%.*s is too large; the largest is %u", (int)(end - start),
	           r->text + start, max);
	return false;
}

/* --- instructions ----------------------------------------------------------------------- */

enum {
	FIELDS = 4
};

/* The fields of an instruction, in their order, as C, Rust and both kinds of Go name them. */
static const struct {
	const char *name[3];
	uint32_t max;
} fields[FIELDS] = {
	{ { "code", "Code", "Op" }, UINT16_MAX },
	{ { "jt", "Jt", "Jt" }, UINT8_MAX },
	{ { "jf", "Jf", "Jf" }, UINT8_MAX },
	{ { "k", "K", "K" }, UINT32_MAX },
};

static void add_insn(struct cbpf_reader *r, const uint32_t *v)
{
	array_push(r->arena, &r->out,
	           ((struct sock_filter){ (uint16_t)v[0], (uint8_t)v[1], (uint8_t)v[2],
	                                  v[3] }));
}

/* Read a field by its name, which is not read yet; SEEN has those before it. */
static bool read_named(struct array *a, uint32_t *v, bool *seen)
{
	struct cbpf_reader *r = a->r;
	struct cbpf_word name;
	bool dot = accept(r, '.');

	name = take_name(r);
	for (size_t i = 0; i < FIELDS; i++)
		for (size_t j = 0; j < ARRAY_LEN(fields[i].name); j++) {
			if (!cbpf_word_is(name, fields[i].name[j]))
				continue;
			if (seen[i]) {
				diag_error(r->diags, name.at, E_DUPLICATE "duplicate '%.*s'",
				           (int)name.len, name.s);
				return false;
			}
			seen[i] = true;
			if (!dot)
				r->said->format = j ? "go" : "rust";
			return expect(r, dot ? '=' : ':') &&
			       read_field(a, fields[i].max, &v[i]);
		}
	diag_error(r->diags, name.at, E_SYNTAX "expected code, jt, jf or k, %s",
	           name.len ? "found another word" : cbpf_found(r));
	return false;
}

/* Tell whether a name and a colon or an equals sign come next, or a dot. */
static bool is_named(const struct cbpf_reader *start)
{
	struct cbpf_reader r = *start;

	cbpf_skip_space(&r);
	if (cbpf_peek(&r) == '.')
		return true;
	return take_name(&r).len && (accept(&r, ':') || accept(&r, '='));
}

/* Read the rest of { 0x28, 0, 0, 12 } or { code: 0x28, jt: 0, jf: 0, k: 12 }. */
static bool read_braces(struct array *a)
{
	struct cbpf_reader *r = a->r;
	bool seen[FIELDS] = { false }, named = is_named(r);
	uint32_t v[FIELDS] = { 0 };
	size_t n = 0;

	if (named) {
		do
			if (!read_named(a, v, seen))
				return false;
		while (accept(r, ',') && is_named(r));
	} else {
		while (n < FIELDS) {
			if (!read_field(a, fields[n].max, &v[n]))
				return false;
			if (++n < FIELDS && !expect(r, ','))
				return false;
		}
		accept(r, ',');
	}
	if (!expect(r, '}'))
		return false;
	add_insn(r, v);
	return true;
}

/* Read the rest of BPF_STMT(code, k) or, if JUMP, BPF_JUMP(code, k, jt, jf). */
static bool read_macro(struct array *a, bool jump)
{
	struct cbpf_reader *r = a->r;
	uint32_t v[FIELDS] = { 0 };

	if (!expect(r, '(') || !read_field(a, UINT16_MAX, &v[0]) || !expect(r, ',') ||
	    !read_field(a, UINT32_MAX, &v[3]))
		return false;
	if (jump && (!expect(r, ',') || !read_field(a, UINT8_MAX, &v[1]) || !expect(r, ',') ||
	             !read_field(a, UINT8_MAX, &v[2])))
		return false;
	if (!expect(r, ')'))
		return false;
	add_insn(r, v);
	return true;
}

static bool read_byte(struct array *a)
{
	uint32_t value;

	if (a->r->out.n) {
		diag_error(a->r->diags, cbpf_span(a->r, a->r->at, a->r->at),
		           E_SYNTAX "expected an instruction, found a number");
		return false;
	}
	if (!read_field(a, UINT8_MAX, &value))
		return false;
	array_push(a->r->arena, &a->bytes, (uint8_t)value);
	return true;
}

/* Step over the words of a type: libc::sock_filter, bpf.RawInstruction. */
static struct cbpf_word skip_type(struct cbpf_reader *r)
{
	struct cbpf_word name = take_name(r);

	while (name.len && (cbpf_peek(r) == ':' || cbpf_peek(r) == '.')) {
		while (cbpf_peek(r) == ':' || cbpf_peek(r) == '.')
			r->at++;
		name = take_name(r);
	}
	return name;
}

static bool read_item(struct array *a)
{
	struct cbpf_reader *r = a->r;
	struct cbpf_word name;

	cbpf_skip_space(r);
	if (is_digit(cbpf_peek(r)))
		return read_byte(a);
	name = skip_type(r);
	if (cbpf_word_is(name, "BPF_STMT") || cbpf_word_is(name, "BPF_JUMP"))
		return read_macro(a, cbpf_word_is(name, "BPF_JUMP"));
	if (a->bytes.n) {
		diag_error(r->diags, cbpf_span(r, r->at, r->at),
		           E_SYNTAX "expected a byte, %s", cbpf_found(r));
		return false;
	}
	return expect(r, '{') && read_braces(a);
}

/* --- the list ------------------------------------------------------------------------------ */

/* Step over directives of the preprocessor and what is before "=", if there is one. */
static void skip_declaration(struct cbpf_reader *r)
{
	uint32_t at;

	for (cbpf_skip_space(r); cbpf_peek(r) == '#'; cbpf_skip_space(r))
		while (r->at < r->len && cbpf_peek(r) != '\n')
			r->at++;
	for (at = r->at; at < r->len && !strchr("={(", r->text[at]); at++)
		;
	if (at < r->len && r->text[at] == '=')
		r->at = at + 1;
}

/* Step over []type or vec!; true if a list without brackets of its own cannot follow. */
static bool skip_list_type(struct cbpf_reader *r)
{
	struct cbpf_reader start = *r;

	cbpf_skip_space(r);
	cbpf_accept(r, '&');
	if (accept(r, '[')) {
		while (is_digit(cbpf_peek(r)) || cbpf_peek(r) == '.')
			r->at++;
		if (accept(r, ']') && skip_type(r).len) {
			r->said->format = "go";
			return true;
		}
	} else if (cbpf_word_is(take_name(r), "vec") && accept(r, '!')) {
		return true;
	}
	r->at = start.at;
	return false;
}

/*
 * Open the list that begins here; return the bracket that ends it, '\0' if
 * there is none.
 */
static char open_list(struct cbpf_reader *r, bool declared)
{
	bool typed = skip_list_type(r);

	cbpf_skip_space(r);
	if (cbpf_peek(r) == '[') {
		r->said->format = "rust";
		r->at++;
		return ']';
	}
	if (cbpf_peek(r) == '{' && (declared || typed)) {
		r->at++;
		return '}';
	}
	return '\0';
}

bool cbpf_read_array(struct cbpf_reader *r)
{
	struct array a = { .r = r };
	uint32_t start = r->at;
	bool declared;
	char end;

	skip_declaration(r);
	declared = r->at != start && r->text[r->at - 1] == '=';
	end = open_list(r, declared);
	if (declared && !end)
		return expect(r, '{');
	for (;;) {
		cbpf_skip_space(r);
		if (r->at >= r->len || (end && cbpf_peek(r) == end))
			break;
		if (!read_item(&a))
			return false;
		if (!accept(r, ','))
			break;
	}
	if (end && !expect(r, end))
		return false;
	accept(r, ';');
	if (!cbpf_at_end(r))
		return false;
	return !a.bytes.n || cbpf_take_bytes(r, a.bytes.v, a.bytes.n);
}
