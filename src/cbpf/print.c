/*
 * Programs to text: the formats that people and other tools read. `c` and
 * `decimal` are what tcpdump prints for -dd and -ddd, byte for byte; `listing`
 * reads like its -d and adds what the notes know.
 */
#include <string.h>

#include "base/json.h"
#include "cbpf/cbpf.h"

enum {
	TAB = 8,
	WIDEST = 72
};

struct print {
	struct buf *out;
	const struct cbpf_program *p;
	const struct cbpf_notes *notes;
	struct buf line, operand, note; /* of one instruction */
	bool *labelled;                 /* asm: what something jumps to */
	bool failed;                    /* the format cannot express it */
};

/* --- listing, asm: a line an instruction, notes in a column ------------------- */

/* Count the columns that a line takes. */
static unsigned width(const struct buf *line)
{
	unsigned column = 0;

	for (size_t i = 0; i < line->len; i++)
		if (line->s[i] == '\t')
			column += TAB - column % TAB;
		else if ((line->s[i] & 0xc0) != 0x80)
			column++;
	return column;
}

static const char *operand(struct print *c, uint32_t at)
{
	c->operand.len = 0;
	cbpf_operand_text(&c->operand, c->p, at);
	return buf_str(&c->operand);
}

static bool is_plain_test(struct print *c, uint32_t at)
{
	return cbpf_is_test(&c->p->insns[at]) && cbpf_is_plain(c->p, at);
}

static bool is_plain_ja(struct print *c, uint32_t at)
{
	return cbpf_is_ja(&c->p->insns[at]) && cbpf_is_plain(c->p, at);
}

static void listing_line(struct print *c, uint32_t at)
{
	const struct sock_filter *f = &c->p->insns[at];
	const char *text = operand(c, at), *mnemonic = cbpf_mnemonic(c->p, at);

	buf_printf(&c->line, "(%03u) ", at);
	if (is_plain_test(c, at))
		buf_printf(&c->line, "%-8s %-16s jt %u\tjf %u", mnemonic, text,
		           at + 1 + f->jt, at + 1 + f->jf);
	else if (*text)
		buf_printf(&c->line, "%-8s %s", mnemonic, text);
	else
		buf_puts(&c->line, mnemonic);
}

/*
 * Return the opposite of a test, for one whose no side alone jumps; NULL if
 * there is none.
 */
static const char *opposite(uint16_t code)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return "jneq";
	case BPF_JGT:
		return "jle";
	case BPF_JGE:
		return "jlt";
	}
	return NULL;
}

static void asm_test(struct print *c, uint32_t at)
{
	const struct sock_filter *f = &c->p->insns[at];
	const char *text = operand(c, at), *mnemonic = cbpf_mnemonic(c->p, at);
	uint32_t yes = at + 1 + f->jt, no = at + 1 + f->jf;

	if (!f->jf)
		buf_printf(&c->line, "%s %s, L%u", mnemonic, text, yes);
	else if (!f->jt && opposite(f->code))
		buf_printf(&c->line, "%s %s, L%u", opposite(f->code), text, no);
	else
		buf_printf(&c->line, "%s %s, L%u, L%u", mnemonic, text, yes, no);
}

/* Return what bpf_asm spells in another way than tcpdump; NULL for all else. */
static const char *asm_operand(struct print *c, uint32_t at)
{
	const struct sock_filter *f = &c->p->insns[at];

	if (!cbpf_is_plain(c->p, at))
		return NULL;
	switch (cbpf_insn(f->code)->operand) {
	case CBPF_OPERAND_LEN:
		return "#len";
	case CBPF_OPERAND_ABS:
		if (f->k >= CBPF_ANCILLARY && !cbpf_is_set(f->k - CBPF_ANCILLARY) &&
		    cbpf_ancillary(f->k - CBPF_ANCILLARY))
			return cbpf_ancillary(f->k - CBPF_ANCILLARY)->text;
		return NULL;
	default:
		return NULL;
	}
}

static void asm_line(struct print *c, uint32_t at)
{
	const char *text = operand(c, at), *other = asm_operand(c, at);

	if (c->labelled[at])
		buf_printf(&c->line, "L%u:", at);
	buf_putc(&c->line, '\t');
	if (is_plain_test(c, at)) {
		asm_test(c, at);
		return;
	}
	buf_puts(&c->line, cbpf_mnemonic(c->p, at));
	if (*text)
		buf_printf(&c->line, " %s%s", is_plain_ja(c, at) ? "L" : "",
		           other ? other : text);
}

/* Mark the targets whose names an asm text uses. */
static void find_labels(struct print *c)
{
	c->labelled = arena_array(c->out->arena, bool, c->p->n);
	for (uint32_t i = 0; i < c->p->n; i++) {
		const struct sock_filter *f = &c->p->insns[i];
		uint32_t yes, no;

		if (!cbpf_is_plain(c->p, i) || BPF_CLASS(f->code) != BPF_JMP)
			continue;
		cbpf_target(c->p, i, true, &yes);
		cbpf_target(c->p, i, false, &no);
		if (cbpf_is_ja(f) || !f->jf || f->jt || !opposite(f->code))
			c->labelled[yes] = true;
		if (cbpf_is_test(f) && f->jf)
			c->labelled[no] = true;
	}
}

/* Note what an instruction that must be written in numbers would read as. */
static void odd_note(struct print *c, uint32_t at)
{
	const struct cbpf_insn *insn = cbpf_insn(c->p->insns[at].code);

	if (!cbpf_is_plain(c->p, at))
		buf_printf(&c->note, "%s%s", c->note.len ? "; " : "",
		           insn ? insn->text : "unknown instruction");
}

static void print_lines(struct print *c, void (*one)(struct print *c, uint32_t at))
{
	unsigned column = 0;

	for (uint32_t i = 0; i < c->p->n; i++) {
		c->line.len = 0;
		one(c, i);
		column = max_u32(column, width(&c->line));
	}
	column = min_u32(column, WIDEST) + 2;

	for (uint32_t i = 0; i < c->p->n; i++) {
		c->line.len = 0;
		one(c, i);
		buf_write(c->out, c->line.s, c->line.len);
		cbpf_note(&c->note, c->notes, i);
		odd_note(c, i);
		if (c->note.len) {
			unsigned w = width(&c->line);
			int pad = w < column ? (int)(column - w) : 2;

			buf_printf(c->out, "%*s; ", pad, "");
			buf_write(c->out, c->note.s, c->note.len);
		}
		buf_putc(c->out, '\n');
	}
}

static void print_listing(struct print *c)
{
	print_lines(c, listing_line);
}

static void print_asm(struct print *c)
{
	find_labels(c);
	print_lines(c, asm_line);
}

/* --- numbers ------------------------------------------------------------------ */

static void print_c(struct print *c)
{
	for (uint32_t i = 0; i < c->p->n; i++) {
		const struct sock_filter *f = &c->p->insns[i];

		buf_printf(c->out, "{ 0x%x, %u, %u, 0x%08x },\n", f->code, f->jt,
		           f->jf, f->k);
	}
}

static void print_decimal(struct print *c)
{
	buf_printf(c->out, "%u\n", c->p->n);
	for (uint32_t i = 0; i < c->p->n; i++) {
		const struct sock_filter *f = &c->p->insns[i];

		buf_printf(c->out, "%u %u %u %u\n", f->code, f->jt, f->jf, f->k);
	}
}

/*
 * Write a constant array as the crate libc and others need it, with its type's
 * own name.
 */
static void print_rust(struct print *c)
{
	buf_printf(c->out, "const FILTER: [sock_filter; %u] = [\n", c->p->n);
	for (uint32_t i = 0; i < c->p->n; i++) {
		const struct sock_filter *f = &c->p->insns[i];

		buf_printf(c->out, "    sock_filter { code: 0x%x, jt: %u, jf: %u, k: 0x%08x },\n",
		           f->code, f->jt, f->jf, f->k);
	}
	buf_puts(c->out, "];\n");
}

/*
 * Write for golang.org/x/net/bpf; golang.org/x/sys/unix has Code where this has
 * Op.
 */
static void print_go(struct print *c)
{
	buf_puts(c->out, "var filter = []bpf.RawInstruction{\n");
	for (uint32_t i = 0; i < c->p->n; i++) {
		const struct sock_filter *f = &c->p->insns[i];

		buf_printf(c->out, "\t{Op: 0x%x, Jt: %u, Jf: %u, K: 0x%08x},\n", f->code,
		           f->jt, f->jf, f->k);
	}
	buf_puts(c->out, "}\n");
}

/* Write what iptables -m bpf --bytecode and tc take as one argument. */
static void print_bytecode(struct print *c)
{
	buf_printf(c->out, "%u", c->p->n);
	for (uint32_t i = 0; i < c->p->n; i++) {
		const struct sock_filter *f = &c->p->insns[i];

		buf_printf(c->out, ",%u %u %u %u", f->code, f->jt, f->jf, f->k);
	}
	buf_putc(c->out, '\n');
}

static void print_raw(struct print *c)
{
	buf_write(c->out, c->p->insns, c->p->n * sizeof *c->p->insns);
}

/* Write base64 as in RFC 4648, section 4, on one line. */
static void print_base64(struct print *c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = (const uint8_t *)c->p->insns;
	size_t len = c->p->n * sizeof *c->p->insns;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t word = p[i] << 16;

		word |= left > 1 ? p[i + 1] << 8 : 0;
		word |= left > 2 ? p[i + 2] : 0;
		buf_putc(c->out, digits[word >> 18]);
		buf_putc(c->out, digits[word >> 12 & 63]);
		buf_putc(c->out, left > 1 ? digits[word >> 6 & 63] : '=');
		buf_putc(c->out, left > 2 ? digits[word & 63] : '=');
	}
	buf_putc(c->out, '\n');
}

static void put_insn(struct print *c, struct json_writer *w, uint32_t at)
{
	const struct sock_filter *f = &c->p->insns[at];

	json_begin_object(w, NULL, JSON_PACKED);
	json_put_unsigned(w, "code", f->code);
	json_put_unsigned(w, "jt", f->jt);
	json_put_unsigned(w, "jf", f->jf);
	json_put_unsigned(w, "k", f->k);
	c->line.len = 0;
	cbpf_insn_text(&c->line, c->p, at);
	json_put_bytes(w, "text", c->line.s, c->line.len);
	cbpf_note(&c->note, c->notes, at);
	if (c->note.len)
		json_put_bytes(w, "note", c->note.s, c->note.len);
	json_end(w);
}

static void print_json(struct print *c)
{
	struct json_writer w = { .out = c->out };

	json_begin_object(&w, NULL, JSON_PACKED);
	json_put_string(&w, "use", c->p->use == CBPF_SECCOMP ? "seccomp" : "socket");
	json_begin_array(&w, "insns", JSON_LINES);
	for (uint32_t i = 0; i < c->p->n; i++)
		put_insn(c, &w, i);
	json_end(&w);
	json_end(&w);
	buf_putc(c->out, '\n');
}

static void print_savefile(struct print *c)
{
	c->failed = !cbpf_print_savefile(c->out, c->p);
}

static void print_dot(struct print *c)
{
	cbpf_print_dot(c->out, c->p, c->notes);
}

/* --- the table ------------------------------------------------------------------ */

const char *const cbpf_format_names[] = {
#define FORMAT(name, reads, summary) #name,
#include "cbpf/formats.def"
	NULL
};

static void (*const printers[])(struct print *c) = {
#define FORMAT(name, reads, summary) print_##name,
#include "cbpf/formats.def"
};

bool cbpf_print(struct buf *out, const char *format, const struct cbpf_program *p,
                const struct cbpf_notes *notes)
{
	struct print c = {
		.out = out,
		.p = p,
		.notes = notes,
		.line.arena = out->arena,
		.operand.arena = out->arena,
		.note.arena = out->arena,
	};

	for (size_t i = 0; cbpf_format_names[i]; i++)
		if (!strcmp(format, cbpf_format_names[i])) {
			printers[i](&c);
			return !c.failed;
		}
	return false;
}
