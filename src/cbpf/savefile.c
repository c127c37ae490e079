/*
 * Programs in cBPF savefiles, as cbpf-savefile(5) of libpcap 1.11 describes them
 * (draft revision 8): a header, the instructions, and then items that each say their
 * type and length. All numbers are big-endian.
 */
#include <string.h>

#include "cbpf/cbpf.h"

enum {
	HEADER = 20, /* bytes before the first instruction */
	INSN = 8,
	MAJOR = 1,
	MINOR = 1,
	FLAGS = 3, /* BPF_MOD and BPF_XOR are instructions: Linux has them */
	LONGEST = UINT16_MAX
};

static const uint8_t magic[] = { 0xa1, 0xb2, 0xc3, 0xcb, 'c', 'B', 'P', 'F' };

/* What follows the instructions. */
enum item {
	ITEM_END,
	ITEM_LINKTYPE_NAME,
	ITEM_EXPRESSION,
	ITEM_OPTIMIZED,
	ITEM_NETMASK,
	ITEM_COMMENT,
	ITEM_TIME,
	ITEMS
};

enum {
	ANY_LENGTH = -1
};

static const int item_length[ITEMS] = {
	[ITEM_END] = 0,
	[ITEM_LINKTYPE_NAME] = ANY_LENGTH,
	[ITEM_EXPRESSION] = ANY_LENGTH,
	[ITEM_OPTIMIZED] = 1,
	[ITEM_NETMASK] = 4,
	[ITEM_COMMENT] = ANY_LENGTH,
	[ITEM_TIME] = 8,
};

bool cbpf_is_savefile(const char *text, size_t len)
{
	return len >= 4 && !memcmp(text, magic, 4);
}

/* --- reading ------------------------------------------------------------------------ */

/* Return the N bytes at byte AT of R as a number. */
static uint32_t number_at(const struct cbpf_reader *r, uint32_t at, uint32_t n)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < n; i++)
		value = value << 8 | (uint8_t)r->text[at + i];
	return value;
}

static bool read_header(struct cbpf_reader *r, uint32_t *n)
{
	if (r->len < HEADER) {
		diag_plain(r->diags, DIAG_ERROR,
		           "the savefile ends at byte %u, within its header of %d bytes",
		           r->len, HEADER);
		return false;
	}
	if (memcmp(r->text, magic, sizeof magic) != 0) {
		diag_plain(r->diags, DIAG_ERROR, E_SYNTAX "expected 'cBPF' at byte 4 of the savefile");
		return false;
	}
	if (r->text[8] != MAJOR) {
		diag_plain(r->diags, DIAG_ERROR,
		           "the savefile has version %u.%u (byte 8); weir reads version 1",
		           (uint8_t)r->text[8], (uint8_t)r->text[9]);
		return false;
	}
	r->said->has_linktype = true;
	r->said->linktype = (uint16_t)number_at(r, 16, 2);
	*n = number_at(r, 18, 2);
	if ((r->len - HEADER) / INSN >= *n)
		return true;
	diag_plain(r->diags, DIAG_ERROR,
	           "the savefile says %u instructions (byte 18), but ends within number %u, at "
	           "byte %u",
	           *n, (r->len - HEADER) / INSN, r->len);
	return false;
}

static void read_insns(struct cbpf_reader *r, uint32_t n)
{
	for (r->at = HEADER; n; n--, r->at += INSN)
		array_push(r->arena, &r->out,
		           ((struct sock_filter){ (uint16_t)number_at(r, r->at, 2),
		                                  (uint8_t)number_at(r, r->at + 2, 1),
		                                  (uint8_t)number_at(r, r->at + 3, 1),
		                                  number_at(r, r->at + 4, 4) }));
}

/* Check the item of TYPE and LEN bytes at R->at; SEEN has those before it. */
static bool check_item(struct cbpf_reader *r, uint32_t type, uint32_t len, uint32_t seen)
{
	if (len > r->len - r->at - 4)
		diag_plain(r->diags, DIAG_ERROR,
		           "the item at byte %u has %u bytes, but the savefile ends before",
		           r->at, len);
	else if (type < ITEMS && seen >> type & 1)
		diag_plain(r->diags, DIAG_ERROR, E_DUPLICATE "duplicate item of type %u at byte %u", type,
		           r->at);
	else if (type < ITEMS && item_length[type] != ANY_LENGTH &&
	         (uint32_t)item_length[type] != len)
		diag_plain(r->diags, DIAG_ERROR,
		           E_SYNTAX "the item of type %u at byte %u has %u bytes; expected %d", type,
		           r->at, len, item_length[type]);
	else if (type == ITEM_END && r->at + 4 < r->len)
		diag_plain(r->diags, DIAG_ERROR,
		           "there is more after the end of the savefile at byte %u", r->at);
	else
		return true;
	return false;
}

/* Read the items, of which only the expression is kept; unknown types are new ones. */
static bool read_items(struct cbpf_reader *r)
{
	uint32_t seen = 0;

	while (r->at < r->len) {
		uint32_t type, len;

		if (r->len - r->at < 4) {
			diag_plain(r->diags, DIAG_ERROR,
			           "the savefile ends within the item at byte %u", r->at);
			return false;
		}
		type = number_at(r, r->at, 2);
		len = number_at(r, r->at + 2, 2);
		if (!check_item(r, type, len, seen))
			return false;
		seen |= type < ITEMS ? 1u << type : 0;
		if (type == ITEM_EXPRESSION && !memchr(r->text + r->at + 4, '\0', len))
			r->said->expression = arena_strndup(r->arena, r->text + r->at + 4, len);
		r->at += 4 + len;
	}
	return true;
}

bool cbpf_read_savefile(struct cbpf_reader *r)
{
	uint32_t n;

	r->at = 0;
	if (!read_header(r, &n))
		return false;
	r->said->is_for = CBPF_FOR_PACKETS;
	read_insns(r, n);
	return read_items(r);
}

/* --- writing ------------------------------------------------------------------------ */

static void put_number(struct buf *out, uint32_t value, unsigned n)
{
	while (n--)
		buf_putc(out, (char)(value >> 8 * n));
}

/* Return the most that P returns by a constant: what a match keeps of a packet. */
static uint32_t snaplen(const struct cbpf_program *p)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < p->n; i++)
		if (p->insns[i].code == CBPF_RET_K)
			most = max_u32(most, p->insns[i].k);
	return most;
}

bool cbpf_print_savefile(struct buf *out, const struct cbpf_program *p)
{
	size_t len = p->expression ? strlen(p->expression) : 0;

	if (p->use == CBPF_SECCOMP || !p->has_linktype || p->n > LONGEST)
		return false;
	buf_write(out, magic, sizeof magic);
	put_number(out, MAJOR, 1);
	put_number(out, MINOR, 1);
	put_number(out, FLAGS, 2);
	put_number(out, snaplen(p), 4);
	put_number(out, p->linktype, 2);
	put_number(out, p->n, 2);
	for (uint32_t i = 0; i < p->n; i++) {
		put_number(out, p->insns[i].code, 2);
		put_number(out, p->insns[i].jt, 1);
		put_number(out, p->insns[i].jf, 1);
		put_number(out, p->insns[i].k, 4);
	}
	if (p->expression && len <= UINT16_MAX) {
		put_number(out, ITEM_EXPRESSION, 2);
		put_number(out, (uint32_t)len, 2);
		buf_write(out, p->expression, len);
	}
	put_number(out, ITEM_END, 4);
	return true;
}
