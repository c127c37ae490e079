/* Any bytes are a packet: its line is printable, ends, and fits. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "net/net.h"

/* The first byte picks the link type, the second how much is missing, the third the room. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int linktypes[] = {
		NET_NULL,
		NET_EN10MB,
		NET_RAW,
		NET_LOOP,
		NET_LINUX_SLL,
		NET_IPV4,
		NET_IPV6,
		NET_LINUX_SLL2,
		147,
	};
	struct net_packet p;
	char line[NET_LINE_MAX];
	size_t room, n;

	if (size < 3)
		return 0;
	p = (struct net_packet){
		.bytes = data + 3,
		.captured = (uint32_t)size - 3,
		.wire = (uint32_t)size - 3 + data[1] * 100u,
	};
	room = data[2] < 128 ? sizeof line : data[2];
	memset(line, 1, sizeof line);
	n = net_line(line, room, linktypes[data[0] % (sizeof linktypes / sizeof *linktypes)], &p);
	if (n >= room || line[n] != '\0' || strlen(line) != n)
		abort();
	for (size_t i = 0; i < n; i++)
		if (line[i] < ' ' || line[i] > '~')
			abort();
	return 0;
}

#define MACS "\2\0\0\0\0\1\2\0\0\0\0\2"
#define IP4  "\x45\0\0\x28\0\1\0\0\x40\6\0\0\x0a\0\0\1\xc0\0\2\1"
#define IP6  "\x60\0\0\0\0\x14\6\x40" ADDR ADDR
#define ADDR "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
#define TCP  "\x9c\x40\1\xbb\0\0\0\1\0\0\0\2\x50\x12\1\xf5\0\0\0\0"

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_TEXT("\1\0\0" MACS "\x08\0" IP4 TCP),
	FUZZ_TEXT("\1\0\0" MACS "\x81\0\0\x64\x86\xdd" IP6 TCP),
	FUZZ_TEXT("\1\0\0" MACS "\x88\x47\0\1\0\x40\0\2\1\x40" IP4 TCP),
	FUZZ_TEXT("\1\0\0" MACS "\x88\x64\x11\0\0\1\0\x2a\0\x21" IP4 TCP),
	FUZZ_TEXT("\1\0\0" MACS "\x08\6\0\1\x08\0\6\4\0\1\2\0\0\0\0\1\x0a\0\0\1\0\0\0\0\0\0\x0a\0\0\2"),
	FUZZ_TEXT("\1\0\0" MACS "\0\x26\x42\x42\3\0\0\0\0\0"),
	FUZZ_TEXT("\2\0\0" IP6 TCP),
	FUZZ_TEXT("\0\0\0\2\0\0\0" IP4 TCP),
	FUZZ_TEXT("\3\0\0\0\0\0\x1e" IP6 TCP),
	FUZZ_TEXT("\4\0\0\0\4\0\1\0\6\2\0\0\0\0\1\0\0\x08\0" IP4 TCP),
	FUZZ_TEXT("\7\0\0\x86\xdd\0\0\0\0\0\2\0\1\0\6\2\0\0\0\0\1\0\0" IP6 TCP),
	{ NULL, 0 },
};
