/*
 * Programs from numbers: `decimal`, tcpdump's -ddd, and `bytecode`, the form that
 * iptables and tc take and list.
 */
#include <string.h>

#include "cbpf/cbpf.h"

/* --- four numbers an instruction ------------------------------------------------ */

static bool read_insn(struct cbpf_reader *r)
{
	uint32_t code, jt, jf, k;

	cbpf_skip_space(r);
	if (!cbpf_number(r, UINT16_MAX, &code))
		return false;
	cbpf_skip_space(r);
	if (!cbpf_number(r, UINT8_MAX, &jt))
		return false;
	cbpf_skip_space(r);
	if (!cbpf_number(r, UINT8_MAX, &jf))
		return false;
	cbpf_skip_space(r);
	if (!cbpf_number(r, UINT32_MAX, &k))
		return false;
	array_push(r->arena, &r->out,
	           ((struct sock_filter){ (uint16_t)code, (uint8_t)jt, (uint8_t)jf, k }));
	return true;
}

/* Hold the number of instructions that was said at AT against those that were read. */
static bool count_ok(struct cbpf_reader *r, struct span at, uint32_t said)
{
	if (r->out.n == said)
		return true;
	diag_error(r->diags, at, "the header says %u instructions, but %u follow", said,
	           r->out.n);
	return false;
}

bool cbpf_read_decimal(struct cbpf_reader *r)
{
	uint32_t start = r->at, said;
	struct span at;

	if (!cbpf_number(r, UINT32_MAX, &said))
		return false;
	at = cbpf_span(r, start, r->at);
	for (cbpf_skip_space(r); r->at < r->len; cbpf_skip_space(r))
		if (!read_insn(r))
			return false;
	return count_ok(r, at, said);
}

/* --- one line --------------------------------------------------------------------- */

/* Read "4,40 0 0 12,21 0 1 2048,...", in quotes or not, with a comma at its end or not. */
static bool read_list(struct cbpf_reader *r)
{
	char quote = cbpf_peek(r);
	uint32_t start, said;
	struct span at;

	if (quote == '\'' || quote == '"')
		r->at++;
	else
		quote = '\0';
	start = r->at;
	if (!cbpf_number(r, UINT32_MAX, &said))
		return false;
	at = cbpf_span(r, start, r->at);
	while (cbpf_accept(r, ',')) {
		cbpf_skip_blanks(r);
		if (r->at >= r->len || cbpf_peek(r) == quote || cbpf_peek(r) == '\n')
			break; /* tc ends its own with a comma */
		if (!read_insn(r))
			return false;
	}
	return (!quote || cbpf_expect(r, quote)) && count_ok(r, at, said);
}

/* Move R past the next WORD; false if there is none. */
static bool find_word(struct cbpf_reader *r, const char *word)
{
	const char *end = r->text + r->len, *at = r->text + r->at;
	size_t len = strlen(word);

	while ((at = memchr(at, *word, (size_t)(end - at)))) {
		if ((size_t)(end - at) >= len && !memcmp(at, word, len)) {
			r->at = (uint32_t)((size_t)(at - r->text) + len);
			return true;
		}
		at++;
	}
	return false;
}

/* Read instructions without their count, as `iptables -L` prints them. */
static bool read_uncounted(struct cbpf_reader *r)
{
	do
		if (!read_insn(r))
			return false;
	while (cbpf_accept(r, ','));
	return true;
}

/* What precedes a program where others list it. */
static const struct {
	const char *word;
	bool (*read)(struct cbpf_reader *r);
} marks[] = {
	{ "bytecode", read_list },
	{ "match bpf ", read_uncounted },
};

/* Read the only program of what iptables and tc list, which follows mark I. */
static bool read_dump(struct cbpf_reader *r, size_t i)
{
	uint32_t len = (uint32_t)strlen(marks[i].word);

	cbpf_skip_space(r);
	if (!marks[i].read(r))
		return false;
	if (!find_word(r, marks[i].word))
		return true;
	diag_error(r->diags, cbpf_span(r, r->at - len, r->at),
	           E_SYNTAX "there is more than one program here; expected one");
	return false;
}

bool cbpf_read_bytecode(struct cbpf_reader *r)
{
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (find_word(r, marks[i].word))
			return read_dump(r, i);
	return read_list(r) && cbpf_at_end(r);
}
