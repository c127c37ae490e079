/*
 * say: loads and tests of packets in words, for people who read programs.
 * docs/design/listing.md.
 */
#ifndef WEIR_PACKET_SAY_H
#define WEIR_PACKET_SAY_H

#include "packet/packet.h"

/* --- told.c: what tests have told ---------------------------------------------- */

/* Headers that a packet may have, as bits. */
enum {
	SAY_IP = 1,
	SAY_IP6 = 2,
	SAY_ARP = 4,
	SAY_RARP = 8,
	SAY_OTHER_NET = 16,
	SAY_NETS = 31,

	SAY_TCP = 1,
	SAY_UDP = 2,
	SAY_SCTP = 4,
	SAY_ICMP = 8,
	SAY_ICMP6 = 16,
	SAY_FRAG6 = 32,
	SAY_OTHER_TRANSPORT = 64,
	SAY_TRANSPORTS = 127,
};

/* What the tests on the way to a place have told of a packet. */
struct packet_told {
	uint16_t net, transport; /* what they may be */
	uint32_t type, at;       /* where EtherType and network header are, or NOT_SET */
	uint32_t tags;           /* VLAN tags before them that tests have seen */
	uint32_t ip_size;        /* bytes of the IPv4 header; 0: not known */
};

void packet_told_start(struct packet_told *t, const struct packet_linktype *l);
/* Learn that LHS CMP RHS is YES; false if that cannot be. */
bool packet_told_test(struct packet_told *t, enum ir_cmp cmp, const struct ir_value *lhs,
                      uint32_t rhs, bool yes);
/* Let T hold where OTHER does, too. */
void packet_told_join(struct packet_told *t, const struct packet_told *other);

/* --- say.c: words --------------------------------------------------------------- */

/* Bits of a load: (load & SELECTED) >> SHIFT. */
struct say_bits {
	const struct ir_value *base; /* what OFFSET counts from; NULL: the packet's start */
	uint32_t offset, selected;
	uint8_t width, shift;
};

/* Read V as some bits of a load; false if it is more than that. */
bool say_bits(struct say_bits *b, const struct ir_value *v);

/* Write what V is: "ip src"; nothing where that is not known. */
void packet_put_value(struct buf *out, const struct packet_linktype *l,
                      const struct packet_told *t, const struct ir_value *v);
/* Write what V CMP NUMBER asks: "ip src == 10.0.0.1"; nothing where V is not known. */
void packet_put_test(struct buf *out, const struct packet_linktype *l,
                     const struct packet_told *t, enum ir_cmp cmp,
                     const struct ir_value *v, uint32_t number);

#endif
