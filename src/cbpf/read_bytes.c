/* Programs from the bytes of struct sock_filter, in either byte order, and as base64. */
#include <string.h>

#include "cbpf/cbpf.h"

/* --- bytes ------------------------------------------------------------------------ */

static struct sock_filter swapped(struct sock_filter f)
{
	f.code = __builtin_bswap16(f.code);
	f.k = __builtin_bswap32(f.k);
	return f;
}

/* Count the instructions that are known: as they are, and with their bytes swapped. */
static void count_known(const struct sock_filter *p, size_t n, size_t known[2])
{
	known[0] = known[1] = 0;
	for (size_t i = 0; i < n; i++) {
		known[0] += cbpf_insn(p[i].code) != NULL;
		known[1] += cbpf_insn(__builtin_bswap16(p[i].code)) != NULL;
	}
}

/*
 * Swap the N instructions at P if they are from a machine of the other byte order. No
 * known code is another one with its bytes swapped, but for 0, so one that is all known
 * has one order. False, after an error, where neither order makes sense of it.
 */
static bool settle_order(struct cbpf_reader *r, struct sock_filter *p, size_t n)
{
	size_t known[2];

	count_known(p, n, known);
	if (known[0] >= known[1])
		return true;
	if (known[1] == n) {
		for (size_t i = 0; i < n; i++)
			p[i] = swapped(p[i]);
		r->said->swapped = true;
		return true;
	}
	diag_plain(r->diags, DIAG_ERROR,
	           "byte 0: the byte order of these instructions is not clear: of %zu, %zu are "
	           "known in the order of this machine, and %zu in the other",
	           n, known[0], known[1]);
	return false;
}

bool cbpf_take_bytes(struct cbpf_reader *r, const void *bytes, size_t len)
{
	size_t n = len / sizeof *r->out.v;

	if (len % sizeof *r->out.v) {
		diag_plain(r->diags, DIAG_ERROR,
		           "%zu bytes are not a whole number of instructions of 8 bytes; "
		           "the last begins at byte %zu",
		           len, n * sizeof *r->out.v);
		return false;
	}
	r->out.v = arena_memdup(r->arena, bytes, len);
	r->out.n = r->out.cap = (uint32_t)n;
	return settle_order(r, r->out.v, n);
}

bool cbpf_read_raw(struct cbpf_reader *r)
{
	return cbpf_take_bytes(r, r->text, r->len);
}

/* --- base64 ------------------------------------------------------------------------- */

bool cbpf_read_base64(struct cbpf_reader *r)
{
	uint8_t *bytes = arena_alloc(r->arena, (size_t)r->len / 4 * 3 + 3);
	uint32_t word = 0;
	size_t len = 0;
	unsigned have = 0;

	for (; r->at < r->len && cbpf_peek(r) != '='; r->at++) {
		int digit = cbpf_base64_digit(cbpf_peek(r));

		if (digit < 0 && cbpf_peek(r) != '\n' && cbpf_peek(r) != '\r')
			break;
		if (digit < 0)
			continue;
		word = word << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			bytes[len++] = (uint8_t)(word >> have);
		}
	}
	while (cbpf_peek(r) == '=')
		r->at++;
	return cbpf_at_end(r) && cbpf_take_bytes(r, bytes, len);
}
