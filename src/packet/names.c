/* Numbers that have names: for `proto`, and for what a listing says. */
#include <string.h>

#include "packet/packet.h"

static const struct {
	enum packet_number kind;
	const char *text;
	uint32_t value;
	bool asked;
} numbers[] = {
#define NUMBER(kind, text, value, asked) { kind, text, value, asked },
#include "packet/numbers.def"
};

const char *packet_number_name(enum packet_number kind, uint32_t number)
{
	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].kind == kind && numbers[i].value == number)
			return numbers[i].text;
	return NULL;
}

int packet_number_named(enum packet_number kind, const char *name, size_t len)
{
	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].kind == kind && numbers[i].asked &&
		    strlen(numbers[i].text) == len &&
		    !memcmp(numbers[i].text, name, len))
			return (int)numbers[i].value;
	return -1;
}

const char *packet_number_near(struct arena *arena, enum packet_number kind,
                               const char *name, size_t len)
{
	struct suggest s;

	suggest_start(&s, name, len);
	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].kind == kind && numbers[i].asked)
			suggest_offer(&s, numbers[i].text);
	return suggest_text(arena, &s);
}

/* Tell whether V reads WIDTH bytes at OFFSET of the packet. */
static bool is_load(const struct ir_value *v, unsigned width, uint32_t offset)
{
	return v->op == IR_LOAD && v->width == width && v->imm == offset;
}

bool packet_has_ethertype(const struct packet_linktype *l)
{
	return l->proto == link_ether || l->proto == link_ethertype ||
	       l->proto == link_sll || l->proto == link_chdlc;
}

const char *packet_value_name(int linktype, const struct ir_value *v, uint32_t number)
{
	const struct packet_linktype *l = packet_linktype(linktype);
	uint32_t net, tag = 0;

	if (!l || l->payload == NOT_SET || l->payload_varies)
		return NULL;
	net = l->payload + l->nl;
	/* Tags stand before the type, one or two. */
	for (unsigned tags = 0; packet_has_ethertype(l) && tags <= 8; tags += 4)
		if (is_load(v, 2, l->type + tags) && number > ETHER_MAX_LENGTH)
			return packet_number_name(PACKET_ETHERTYPE, number);
	if (l->proto == link_llc && is_load(v, 2, l->payload + 6))
		return packet_number_name(PACKET_ETHERTYPE, number);
	do {
		if (is_load(v, 1, net + tag + 9) || is_load(v, 1, net + tag + 6) ||
		    is_load(v, 1, net + tag + 40))
			return packet_number_name(PACKET_IPPROTO, number);
		tag += 4;
	} while (l->flags & LINK_VLAN && tag <= 8);
	return NULL;
}
