/*
 * The assembler: instruction text to programs. It reads what we print as `asm`
 * and as `listing`, what tcpdump -d prints, and what the kernel's bpf_asm reads.
 *
 *	line    = [ "(" N ")" | LABEL ":" ] [ mnemonic [ operand ] [ targets ] ]
 *	operand = "[" k "]" | "[" "x" "+" k "]" | "4*([" k "]&0xf)" | "#" k | "#len"
 *	        | "M[" k "]" | "x" | "a" | an ancillary word
 *	targets = "," LABEL [ "," LABEL ] | "jt" N "jf" N
 *
 * A comment is from ";" to the end of the line, or as in C.
 */
#include <assert.h>
#include <string.h>

#include "cbpf/cbpf.h"

struct assembler {
	struct cbpf_reader *r;
	struct cbpf_labels labels;
};

/* --- lines ------------------------------------------------------------------------ */

/* Skip blanks and comments up to the end of the line; false if there is more. */
static bool at_line_end(struct cbpf_reader *r)
{
	uint32_t start = r->at;

	for (;;) {
		cbpf_skip_blanks(r);
		if (cbpf_peek(r) == ';')
			while (r->at < r->len && cbpf_peek(r) != '\n')
				r->at++;
		if (r->at >= r->len || cbpf_peek(r) == '\n')
			return true;
		if (cbpf_peek(r) != '/')
			return false;
		start = r->at;
		cbpf_skip_space(r);
		if (r->at == start)
			return false;
		if (memchr(r->text + start, '\n', r->at - start))
			return true;
	}
}

/* --- operands ----------------------------------------------------------------------- */

/* How an operand looks; several instructions may look alike. */
enum shape {
	NOTHING,
	ABS,
	IND,
	MSH,
	LEN,
	CONSTANT,
	CELL,
	REG_X,
	REG_A,
	PLACE
};

struct operand {
	enum shape shape;
	uint32_t k;
	struct span at;
};

static const struct {
	enum shape shape;
	const char *text; /* for messages */
} shapes[] = {
	[CBPF_OPERAND_NONE] = { NOTHING, "nothing" },
	[CBPF_OPERAND_ABS] = { ABS, "[k]" },
	[CBPF_OPERAND_IND] = { IND, "[x + k]" },
	[CBPF_OPERAND_MSH] = { MSH, "4*([k]&0xf)" },
	[CBPF_OPERAND_LEN] = { LEN, "#len" },
	[CBPF_OPERAND_HEX] = { CONSTANT, "#k" },
	[CBPF_OPERAND_DEC] = { CONSTANT, "#k" },
	[CBPF_OPERAND_CELL] = { CELL, "M[k]" },
	[CBPF_OPERAND_X] = { REG_X, "x" },
	[CBPF_OPERAND_A] = { REG_A, "a" },
	[CBPF_OPERAND_JUMP] = { PLACE, "a label" },
	[CBPF_OPERAND_TEST_K] = { CONSTANT, "#k" },
	[CBPF_OPERAND_TEST_X] = { REG_X, "x" },
};

/*
 * Read the name of an ancillary word or of the length, as various tools spell
 * them.
 */
static bool named_operand(struct cbpf_reader *r, struct cbpf_word name, struct operand *out)
{
	static const struct {
		const char *text, *means;
	} also[] = {
		{ "vlanp", "vlan_avail" },
		{ "vlan_pr", "vlan_avail" },
		{ "random", "rand" },
	};
	struct suggest s;

	if (cbpf_word_is(name, "len") || cbpf_word_is(name, "pktlen")) {
		out->shape = LEN;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(also); i++)
		if (cbpf_word_is(name, also[i].text))
			name = (struct cbpf_word){ also[i].means,
				                   (uint32_t)strlen(also[i].means), name.at };
	suggest_start(&s, name.s, name.len);
	suggest_offer(&s, "len");
	for (uint32_t which = 0; which < SKF_AD_MAX; which++) {
		const struct cbpf_ancillary *word = cbpf_ancillary(which);

		if (!word)
			continue;
		if (cbpf_word_is(name, word->text)) {
			out->shape = ABS;
			out->k = CBPF_ANCILLARY + which;
			return true;
		}
		suggest_offer(&s, word->text);
	}
	diag_error(r->diags, name.at, E_UNKNOWN "unknown operand '%.*s'%s", (int)name.len, name.s,
	           suggest_text(r->arena, &s));
	return false;
}

/* Read what is in brackets; the opening one has been read. */
static bool bracket_operand(struct cbpf_reader *r, struct operand *out)
{
	struct cbpf_word w;

	cbpf_accept(r, '%');
	w = cbpf_take_word(r);
	if (!w.len) {
		out->shape = ABS;
		return cbpf_number(r, UINT32_MAX, &out->k) && cbpf_expect(r, ']');
	}
	if (!cbpf_word_is(w, "x"))
		return named_operand(r, w, out) && cbpf_expect(r, ']');
	out->shape = IND;
	if (cbpf_accept(r, '+') && !cbpf_number(r, UINT32_MAX, &out->k))
		return false;
	return cbpf_expect(r, ']');
}

/* Read 4*([k]&0xf) from its 4 on. */
static bool msh_operand(struct cbpf_reader *r, struct operand *out)
{
	uint32_t four, start = r->at, mask;

	out->shape = MSH;
	if (!cbpf_number(r, UINT32_MAX, &four))
		return false;
	if (four != 4) {
		diag_error(r->diags, cbpf_span(r, start, r->at),
		           E_SYNTAX "expected an operand such as #%u or [%u], found a number",
		           four, four);
		return false;
	}
	if (!cbpf_expect(r, '*') || !cbpf_expect(r, '(') || !cbpf_expect(r, '[') ||
	    !cbpf_number(r, UINT32_MAX, &out->k) || !cbpf_expect(r, ']') ||
	    !cbpf_expect(r, '&'))
		return false;
	start = r->at;
	if (!cbpf_number(r, UINT32_MAX, &mask))
		return false;
	if (mask != 15) {
		diag_error(r->diags, cbpf_span(r, start, r->at), "the mask must be 0xf");
		return false;
	}
	return cbpf_expect(r, ')');
}

static bool word_operand(struct cbpf_reader *r, struct operand *out)
{
	struct cbpf_word w = cbpf_take_word(r);

	if (cbpf_word_is(w, "x"))
		out->shape = REG_X;
	else if (cbpf_word_is(w, "a"))
		out->shape = REG_A;
	else if (cbpf_word_is(w, "M") && cbpf_accept(r, '[')) {
		out->shape = CELL;
		return cbpf_number(r, UINT32_MAX, &out->k) && cbpf_expect(r, ']');
	} else if (w.len) {
		return named_operand(r, w, out);
	} else {
		diag_error(r->diags, cbpf_span(r, r->at, r->at),
		           E_SYNTAX "expected an operand, %s", cbpf_found(r));
		return false;
	}
	return true;
}

static bool read_operand(struct cbpf_reader *r, struct operand *out)
{
	bool ok;

	*out = (struct operand){ .shape = NOTHING };
	if (at_line_end(r) || cbpf_peek(r) == ',') {
		out->at = cbpf_span(r, r->at, r->at);
		return true;
	}
	out->at = cbpf_span(r, r->at, r->at);
	if (cbpf_accept(r, '[')) {
		ok = bracket_operand(r, out);
	} else if (cbpf_accept(r, '#')) {
		struct cbpf_word w = cbpf_take_word(r);

		out->shape = CONSTANT;
		ok = w.len ? named_operand(r, w, out)
		           : cbpf_number(r, UINT32_MAX, &out->k);
	} else if (cbpf_peek(r) >= '0' && cbpf_peek(r) <= '9') {
		ok = msh_operand(r, out);
	} else {
		cbpf_accept(r, '%');
		ok = word_operand(r, out);
	}
	out->at.end = r->at;
	return ok;
}

/* --- instructions --------------------------------------------------------------------- */

/* Mnemonics that say another's opposite, or are another name for it. */
static const struct alias {
	const char *text, *means;
	bool swapped; /* the label is where the test fails */
} aliases[] = {
	{ "jne", "jeq", true },
	{ "jneq", "jeq", true },
	{ "jlt", "jge", true },
	{ "jle", "jgt", true },
	{ "jmp", "ja", false },
};

static void unknown_mnemonic(struct cbpf_reader *r, struct cbpf_word name)
{
	struct suggest s;

	suggest_start(&s, name.s, name.len);
	for (uint16_t code = 0; code < 256; code++)
		if (cbpf_insn(code))
			suggest_offer(&s, cbpf_insn(code)->text);
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		suggest_offer(&s, aliases[i].text);
	diag_error(r->diags, name.at, E_UNKNOWN "unknown instruction '%.*s'%s", (int)name.len, name.s,
	           suggest_text(r->arena, &s));
}

bool cbpf_is_mnemonic(struct cbpf_word name)
{
	for (uint16_t code = 0; code < 256; code++)
		if (cbpf_insn(code) && cbpf_word_is(name, cbpf_insn(code)->text))
			return true;
	return false;
}

/* Return the code of NAME with an operand that looks like SHAPE, -1 if there is none. */
static int find_code(struct cbpf_word name, enum shape shape)
{
	/* tcpdump's ret returns A; bpf_asm writes ldx for what we call ldxb. */
	if (cbpf_word_is(name, "ret") && shape == NOTHING)
		return CBPF_RET_A;
	if (cbpf_word_is(name, "ldx") && shape == MSH)
		return CBPF_LDX_MSH;
	for (uint16_t code = 0; code < 256; code++) {
		const struct cbpf_insn *insn = cbpf_insn(code);

		if (insn && shapes[insn->operand].shape == shape &&
		    cbpf_word_is(name, insn->text))
			return code;
	}
	return -1;
}

static void wrong_operand(struct cbpf_reader *r, struct cbpf_word name, struct span at)
{
	struct buf forms = { .arena = r->arena };
	const char *last = "";

	for (uint16_t code = 0; code < 256; code++) {
		const struct cbpf_insn *insn = cbpf_insn(code);

		if (!insn || !cbpf_word_is(name, insn->text))
			continue;
		if (strcmp(last, shapes[insn->operand].text))
			buf_printf(&forms, "%s%s", forms.len ? " or " : "",
			           shapes[insn->operand].text);
		last = shapes[insn->operand].text;
	}
	diag_error(r->diags, at, "'%.*s' needs %s", (int)name.len, name.s,
	           buf_str(&forms));
}

/*
 * Read a label or, in listings, a number: where jump FIELD of instruction INSN
 * goes.
 */
static bool read_target(struct assembler *as, uint32_t insn, enum cbpf_field field)
{
	struct cbpf_reader *r = as->r;
	struct cbpf_jump j = { .insn = insn, .field = field };

	j.label = cbpf_take_word(r);
	j.has_target = !j.label.len;
	if (j.has_target) {
		uint32_t start;

		cbpf_skip_blanks(r);
		start = r->at;
		if (cbpf_peek(r) < '0' || cbpf_peek(r) > '9') {
			diag_error(r->diags, cbpf_span(r, start, start),
			           E_SYNTAX "expected a label, %s", cbpf_found(r));
			return false;
		}
		if (!cbpf_number(r, UINT32_MAX, &j.target))
			return false;
		j.label.at = cbpf_span(r, start, r->at);
	}
	array_push(r->arena, &as->labels.jumps, j);
	return true;
}

static bool expect_word(struct cbpf_reader *r, const char *text)
{
	struct cbpf_word w = cbpf_take_word(r);

	if (cbpf_word_is(w, text))
		return true;
	diag_error(r->diags, w.at, E_SYNTAX "expected a target: ', label' or 'jt N jf N'");
	return false;
}

/* Read where a test goes; without a second label, the other side falls through. */
static bool read_targets(struct assembler *as, uint32_t insn, bool swapped)
{
	struct cbpf_reader *r = as->r;

	if (cbpf_accept(r, ','))
		return read_target(as, insn, swapped ? CBPF_TO_NO : CBPF_TO_YES) &&
		       (!cbpf_accept(r, ',') ||
		        read_target(as, insn, swapped ? CBPF_TO_YES : CBPF_TO_NO));
	return expect_word(r, "jt") && read_target(as, insn, CBPF_TO_YES) &&
	       expect_word(r, "jf") && read_target(as, insn, CBPF_TO_NO);
}

/* Read the operands of `.insn code, jt, jf, k`. */
static bool read_numbers(struct cbpf_reader *r)
{
	uint32_t code, jt, jf, k;

	if (!cbpf_number(r, UINT16_MAX, &code) || !cbpf_expect(r, ',') ||
	    !cbpf_number(r, UINT8_MAX, &jt) || !cbpf_expect(r, ',') ||
	    !cbpf_number(r, UINT8_MAX, &jf) || !cbpf_expect(r, ',') ||
	    !cbpf_number(r, UINT32_MAX, &k))
		return false;
	array_push(r->arena, &r->out,
	           ((struct sock_filter){ (uint16_t)code, (uint8_t)jt, (uint8_t)jf, k }));
	return true;
}

static bool read_insn(struct assembler *as, struct cbpf_word name)
{
	struct cbpf_reader *r = as->r;
	uint32_t at = r->out.n;
	bool swapped = false;
	struct operand o = { 0 };
	int code;

	if (cbpf_word_is(name, ".insn"))
		return read_numbers(r);
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (cbpf_word_is(name, aliases[i].text)) {
			swapped = aliases[i].swapped;
			name.s = aliases[i].means;
			name.len = (uint32_t)strlen(name.s);
			break;
		}
	if (!cbpf_is_mnemonic(name)) {
		unknown_mnemonic(r, name);
		return false;
	}
	if (cbpf_word_is(name, "ja")) {
		array_push(r->arena, &r->out, ((struct sock_filter){ CBPF_JA, 0, 0, 0 }));
		return read_target(as, at, CBPF_TO_ALWAYS);
	}
	if (!read_operand(r, &o))
		return false;
	code = find_code(name, o.shape);
	if (code < 0) {
		wrong_operand(r, name, o.at);
		return false;
	}
	array_push(r->arena, &r->out,
	           ((struct sock_filter){ (uint16_t)code, 0, 0, o.k }));
	return !cbpf_is_test(&r->out.v[at]) || read_targets(as, at, swapped);
}

/* Read (N), which must be the number of the instruction. */
static bool read_index(struct cbpf_reader *r)
{
	uint32_t start = r->at, index;

	if (!cbpf_expect(r, '('))
		return false;
	while (cbpf_peek(r) == '0' && r->at + 1 < r->len && cbpf_in_word(r->text[r->at + 1]))
		r->at++; /* listings have leading zeros, and mean decimal */
	if (!cbpf_number(r, UINT32_MAX, &index) || !cbpf_expect(r, ')'))
		return false;
	if (index == r->out.n)
		return true;
	diag_error(r->diags, cbpf_span(r, start, r->at),
	           E_SYNTAX "expected instruction (%03u): one is missing or duplicate",
	           r->out.n);
	return false;
}

static bool read_line(struct assembler *as)
{
	struct cbpf_reader *r = as->r;
	struct cbpf_word name;

	if (cbpf_peek(r) == '(' && !read_index(r))
		return false;
	for (;;) {
		if (at_line_end(r))
			return true;
		name = cbpf_take_word(r);
		if (!name.len) {
			diag_error(r->diags, cbpf_span(r, r->at, r->at),
			           E_SYNTAX "expected an instruction, %s", cbpf_found(r));
			return false;
		}
		if (!cbpf_accept(r, ':'))
			break;
		cbpf_define_label(r, &as->labels, name);
	}
	if (!read_insn(as, name))
		return false;
	if (at_line_end(r))
		return true;
	diag_error(r->diags, cbpf_span(r, r->at, r->at),
	           E_SYNTAX "expected the end of the line, %s", cbpf_found(r));
	return false;
}

bool cbpf_read_asm(struct cbpf_reader *r)
{
	struct assembler as = { .r = r };
	unsigned errors = r->diags->errors;

	while (r->at < r->len && r->diags->errors - errors < CBPF_ERRORS) {
		cbpf_skip_blanks(r);
		if (!read_line(&as))
			while (r->at < r->len && cbpf_peek(r) != '\n')
				r->at++;
		if (r->at < r->len && cbpf_peek(r) == '\n')
			r->at++;
	}
	/* After an error, distances say nothing. */
	if (r->diags->errors != errors)
		return false;
	return cbpf_resolve_jumps(r, &as.labels);
}
