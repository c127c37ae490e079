/*
 * What tests tell of a packet, as a set of headers that it may still have. It serves the
 * code that puts programs into words; no program is made of it.
 */
#include <linux/filter.h>

#include "packet/say.h"

/* Protocols by their numbers; the last is every other. */
static const struct {
	uint32_t number;
	uint16_t bit;
} nets[] = {
	{ ETHERTYPE_IP, SAY_IP },
	{ ETHERTYPE_IP6, SAY_IP6 },
	{ ETHERTYPE_ARP, SAY_ARP },
	{ ETHERTYPE_RARP, SAY_RARP },
},
  transports[] = {
	  { 6, SAY_TCP },
	  { 17, SAY_UDP },
	  { 132, SAY_SCTP },
	  { 1, SAY_ICMP },
	  { 58, SAY_ICMP6 },
	  { IPPROTO_FRAG6, SAY_FRAG6 },
  };

void packet_told_start(struct packet_told *t, const struct packet_linktype *l)
{
	*t = (struct packet_told){ .net = SAY_NETS, .transport = SAY_TRANSPORTS };
	if (l->proto == link_ipv4)
		t->net = SAY_IP;
	if (l->proto == link_ipv6)
		t->net = SAY_IP6;
	t->at = l->payload_varies || l->payload == NOT_SET ? NOT_SET : l->payload + l->nl;
	t->type = packet_has_ethertype(l) ? l->type : NOT_SET;
}

/*
 * Keep only BIT in *SET if IS, else remove it (but not OTHER, which means several
 * values); false if nothing is left.
 */
static bool narrow(uint16_t *set, uint16_t bit, uint16_t other, bool is)
{
	if (is)
		*set &= bit;
	else if (bit != other)
		*set &= (uint16_t)~bit;
	return *set;
}

static bool is_tag(uint32_t ethertype)
{
	return ethertype == ETHERTYPE_8021Q || ethertype == ETHERTYPE_8021AD ||
	       ethertype == ETHERTYPE_QINQ;
}

static bool told_type(struct packet_told *t, uint32_t number, bool yes)
{
	uint16_t bit = SAY_OTHER_NET;

	if (is_tag(number)) {
		if (yes) {
			t->type += 4;
			t->at += 4;
			t->tags++;
			t->net = SAY_NETS;
		}
		return true;
	}
	for (unsigned i = 0; i < ARRAY_LEN(nets); i++)
		if (nets[i].number == number)
			bit = nets[i].bit;
	return narrow(&t->net, bit, SAY_OTHER_NET, yes);
}

static bool told_proto(struct packet_told *t, uint32_t number, bool yes)
{
	uint16_t bit = SAY_OTHER_TRANSPORT;

	for (unsigned i = 0; i < ARRAY_LEN(transports); i++)
		if (transports[i].number == number)
			bit = transports[i].bit;
	return narrow(&t->transport, bit, SAY_OTHER_TRANSPORT, yes);
}

/* Set *NUMBER to the bits MASK of the byte at OFFSET if B selects them, and equals RHS. */
static bool selects(const struct say_bits *b, uint32_t offset, uint8_t mask, uint32_t rhs,
                    uint32_t *number)
{
	uint32_t shift = 8 * (b->offset + b->width - 1 - offset);

	if (b->base || offset < b->offset || offset >= b->offset + b->width ||
	    (b->selected >> shift & mask) != mask)
		return false;
	*number = rhs >> shift & mask;
	return true;
}

bool packet_told_test(struct packet_told *t, enum ir_cmp cmp, const struct ir_value *lhs,
                      uint32_t rhs, bool yes)
{
	struct say_bits b;
	uint32_t number;

	if (cmp != IR_EQ || !say_bits(&b, lhs) || b.base || b.shift)
		return true;
	if (b.offset == t->type && b.width == 2 && b.selected == 0xffff)
		return told_type(t, rhs, yes);
	if (b.offset == t->at && b.width == 1 && b.selected == 0xf0 && t->type == NOT_SET)
		return narrow(&t->net, rhs == 0x40 ? SAY_IP : rhs == 0x60 ? SAY_IP6
		                                                          : SAY_OTHER_NET,
		              SAY_OTHER_NET, yes);
	if (t->at == NOT_SET || (t->net != SAY_IP && t->net != SAY_IP6))
		return true;
	if (yes && t->net == SAY_IP && selects(&b, t->at, 0x0f, rhs, &number))
		t->ip_size = 4 * number;
	if (!selects(&b, t->at + (t->net == SAY_IP ? 9 : 6), 0xff, rhs, &number))
		return true;
	/* More than the protocol may be why a test of several bytes fails. */
	return (!yes && b.selected != 0xff) || told_proto(t, number, yes);
}

void packet_told_join(struct packet_told *t, const struct packet_told *other)
{
	t->net |= other->net;
	t->transport |= other->transport;
	if (t->at != other->at || t->type != other->type)
		t->at = t->type = NOT_SET;
	if (t->tags != other->tags)
		t->tags = 0;
	if (t->ip_size != other->ip_size)
		t->ip_size = 0;
}
