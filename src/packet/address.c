/* What the text of an address says. The scanner has seen to its shape. */
#include <string.h>

#include "packet/text.h"

int packet_read_ipv4(const char *text, uint32_t len, uint32_t *out)
{
	uint32_t address = 0, n = 0;
	int bits = 8;

	for (uint32_t i = 0; i < len; i++) {
		if (text[i] == '.') {
			address = address << 8 | n;
			n = 0;
			bits += 8;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return -1;
		n = n * 10 + (uint32_t)(text[i] - '0');
		if (n > 255)
			return -1;
	}
	*out = address << 8 | n;
	return bits;
}

static unsigned hex_digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/*
 * Read the four numbers at the end of an IPv6 address: plain decimal, no
 * leading zeros.
 */
static bool read_tail(const char *text, uint32_t len, uint8_t out[4])
{
	uint32_t address, run = 0;

	for (uint32_t i = 0; i < len; i++) {
		run = text[i] == '.' ? 0 : run + 1;
		/* inet_pton(3) takes no leading zero. */
		if (run == 2 && text[i - 1] == '0')
			return false;
	}
	if (packet_read_ipv4(text, len, &address) != 32)
		return false;
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(address >> (24 - 8 * i));
	return true;
}

bool packet_read_ipv6(const char *text, uint32_t len, uint8_t out[16])
{
	uint32_t at = 0, n = 0, gap = UINT32_MAX, end;

	memset(out, 0, 16);
	while (at < len) {
		if (text[at] == ':') {
			if (at + 1 < len && text[at + 1] == ':') {
				gap = n;
				at++;
			}
			at++;
			continue;
		}
		for (end = at; end < len && text[end] != ':'; end++)
			;
		if (memchr(text + at, '.', end - at)) {
			if (n > 12 || !read_tail(text + at, end - at, out + n))
				return false;
			n += 4;
		} else {
			uint32_t group = 0;

			if (n > 14)
				return false;
			for (; at < end; at++)
				group = group << 4 | hex_digit(text[at]);
			out[n++] = (uint8_t)(group >> 8);
			out[n++] = (uint8_t)group;
		}
		at = end;
	}
	if (gap != UINT32_MAX) {
		memmove(out + 16 - (n - gap), out + gap, n - gap);
		memset(out + gap, 0, 16 - n);
	}
	return gap != UINT32_MAX || n == 16;
}

void packet_read_mac(const char *text, uint32_t len, uint8_t out[6])
{
	bool byte_groups = len < 12 || memchr(text, ':', len) ||
	                   memchr(text, '-', len);
	unsigned n = 0;
	uint32_t dots = 0;

	for (uint32_t i = 0; i < len; i++)
		dots += text[i] == '.';
	byte_groups = byte_groups || dots == 5;

	memset(out, 0, 6);
	for (uint32_t i = 0; i < len && n < 12; i++) {
		if (!strchr(":-.", text[i])) {
			out[n / 2] = (uint8_t)(out[n / 2] << 4 | hex_digit(text[i]));
			n++;
		} else if (byte_groups) {
			n = (n + 1) & ~1u;
		}
	}
}

bool packet_read_decnet(const char *text, uint32_t len, uint16_t *out)
{
	uint32_t part[2] = { 0, 0 };
	unsigned at = 0;

	for (uint32_t i = 0; i < len; i++) {
		if (text[i] == '.') {
			if (++at > 1)
				return false;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return false;
		part[at] = part[at] * 10 + (uint32_t)(text[i] - '0');
		if (part[0] > 63 || part[1] > 1023)
			return false;
	}
	*out = (uint16_t)(part[0] << 10 | part[1]);
	return at == 1;
}
