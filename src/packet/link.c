/* The table of link layers. */
#include <string.h>

#include "packet/packet.h"

const struct packet_linktype packet_linktypes[] = {
#define LINK(id, number, description, ...) \
	{ .name = #id, .dlt = number, .text = description, __VA_ARGS__ },
#define BARE(id, number, description) \
	{                             \
		.name = #id,          \
		.dlt = number,        \
		.text = description,  \
		.type = NOT_SET,      \
		.payload = NOT_SET,   \
		.nl = NOT_SET,        \
		.nl_nosnap = NOT_SET, \
	},
#include "packet/links.def"
};

#define BYTES(number, id, description, ...)                                                       \
	{                                                                                         \
		.name = id, .dlt = number, .text = description, .type = NOT_SET,                  \
		.payload = NOT_SET, .nl = NOT_SET, .nl_nosnap = NOT_SET, .counts_from_hdr = true, \
		__VA_ARGS__                                                                       \
	}

/* Not to be listed with libpcap's: nothing in a file is of these types. */
static const struct packet_linktype payloads[] = {
	BYTES(PACKET_UDP_PAYLOAD, "UDP", "the payload of a UDP socket", .hdr = 8),
	BYTES(PACKET_TCP_PAYLOAD, "TCP", "the payload of a TCP socket", .hdr_varies = true, .prefix = PREFIX_TCP),
	BYTES(PACKET_MESSAGE, "MESSAGE", "the messages of a socket", .hdr = 0),
};

const unsigned packet_nlinktypes = ARRAY_LEN(packet_linktypes);

const struct packet_linktype *packet_linktype(int dlt)
{
	unsigned lo = 0, hi = packet_nlinktypes, mid;

	for (size_t i = 0; dlt < 0 && i < ARRAY_LEN(payloads); i++)
		if (payloads[i].dlt == dlt)
			return &payloads[i];
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (packet_linktypes[mid].dlt == dlt)
			return &packet_linktypes[mid];
		if (packet_linktypes[mid].dlt < dlt)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct packet_linktype *packet_linktype_named(const char *name, size_t len)
{
	if (len > 4 && same_letters("DLT_", name, 4)) {
		name += 4;
		len -= 4;
	}
	for (unsigned i = 0; i < packet_nlinktypes; i++)
		if (same_letters(packet_linktypes[i].name, name, len))
			return &packet_linktypes[i];
	return NULL;
}
