/* Primitives about the packet as a whole, and which function each word has. */
#include <linux/filter.h>

#include "packet/primitive.h"

const struct formula *packet_broadcast(struct packet *p, enum proto proto)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const struct formula *link, *zeros, *ones;
	/* In network order, though addresses are not: so libpcap compares. */
	uint32_t hosts = ~p->o->netmask;

	if (proto == Q_DEFAULT || proto == Q_LINK) {
		if (p->at.link->address == ADDR_MAC8)
			return packet_mac8(p, p->at.link->broadcast, DIR_DST);
		if (p->at.link->address == ADDR_NONE)
			return packet_not_here(p, "broadcast address");
		return packet_mac(p, all, DIR_DST, p->span);
	}
	if (proto != Q_IP) {
		packet_fail(p, p->span,
		            E_SYNTAX "'broadcast' cannot follow '%s', only 'ether' and 'ip'",
		            packet_proto_text(proto));
		return p->no;
	}
	if (!p->o->have_netmask) {
		packet_fail(
			p, p->span,
			"'ip broadcast' depends on the network's mask, which is unknown; "
			"set it with --netmask");
		return p->no;
	}
	link = packet_linkproto(p, ETHERTYPE_IP);
	zeros = formula_masked(p, layout_load(p, BASE_NET, 16, 4), hosts, 0);
	ones = formula_masked(p, layout_load(p, BASE_NET, 16, 4), hosts, hosts);
	return formula_and(p, link, formula_or(p, zeros, ones));
}

static const struct formula *link_multicast(struct packet *p)
{
	const struct packet_linktype *l = p->at.link;
	const struct formula *check = NULL, *f;

	if (l->address == ADDR_WLAN)
		return packet_wlan_multicast(p);
	if (l->address == ADDR_MAC8 && l->proto == link_arcnet)
		return packet_mac8(p, l->broadcast, DIR_DST);
	if (l->address != ADDR_MAC48)
		return packet_not_here(p, "multicast addresses that weir knows");
	if (l->proto == link_ether)
		check = packet_outer_check(p);
	f = formula_has(p, layout_load(p, BASE_HDR, l->group, 1), 1);
	return check ? formula_and(p, check, f) : f;
}

const struct formula *packet_multicast(struct packet *p, enum proto proto)
{
	const struct formula *link, *f;

	switch (proto) {
	case Q_DEFAULT:
	case Q_LINK:
		return link_multicast(p);
	case Q_IP:
		link = packet_linkproto(p, ETHERTYPE_IP);
		f = formula_masked(p, layout_load(p, BASE_NET, 16, 1), 0xf0, 0xe0);
		return formula_and(p, link, f);
	case Q_IP6:
		link = packet_linkproto(p, ETHERTYPE_IP6);
		f = formula_masked(p, layout_load(p, BASE_NET, 24, 1), 0xffffffff,
		                   0xff);
		return formula_and(p, link, f);
	default:
		packet_fail(
			p, p->span,
			E_SYNTAX "'multicast' cannot follow '%s', only 'ether', 'ip' and 'ip6'",
			packet_proto_text(proto));
		return p->no;
	}
}

const struct formula *packet_byte(struct packet *p, const struct tree_node *t)
{
	const struct id *id = packet_id_of(p, t);
	const struct ir_value *v, *k;
	const struct formula *f;

	if (!packet_at_most(p, id->at, "byte value", t->value, 0xff))
		return p->no;
	v = layout_load(p, BASE_HDR, t->number, 1);
	if (t->op != TOKEN_AMP && t->op != TOKEN_BAR)
		return packet_compare(p, t->op, v, 0xffffffff, t->value);
	k = ir_const(p->g, t->value);
	v = ir_op2(p->g, t->op == TOKEN_AMP ? IR_AND : IR_OR, v, k);
	f = formula_test(p, IR_EQ, v, ir_const(p->g, 0));
	return formula_not(p, f);
}

/*
 * Check that the input is a live Linux socket, which alone knows WHAT; false
 * after an error.
 */
static bool needs_socket(struct packet *p, const char *what)
{
	if (p->o->live)
		return true;
	packet_fail(p, p->span,
	            E_INEXPRESSIBLE "packets of %s (%s) do not contain '%s'; only a live capture tells it",
	            p->at.link->name, p->at.link->text, what);
	return false;
}

static const struct formula *inbound_outbound(struct packet *p, bool outbound)
{
	const struct link_direction *d = &p->at.link->direction;
	const struct ir_value *v;
	const struct formula *f;
	uint32_t mask = outbound && d->out_mask ? d->out_mask : d->mask;

	if (!d->width) {
		if (!needs_socket(p, outbound ? "outbound" : "inbound"))
			return p->no;
		v = ir_anc(p->g, SKF_AD_PKTTYPE);
		f = formula_masked(p, v, 0xffffffff, 4); /* PACKET_OUTGOING */
		return outbound ? f : formula_not(p, f);
	}
	v = layout_load(p, BASE_HDR, d->offset, d->width);
	if (d->only_out) {
		f = formula_masked(p, v, 0xffffffff, d->out);
		return outbound ? f : formula_not(p, f);
	}
	return formula_masked(p, v, mask ? mask : 0xffffffff,
	                      outbound ? d->out : d->in);
}

enum {
	DLT_LINUX_SLL2 = 276
};

static const struct formula *ifindex(struct packet *p, uint32_t number)
{
	const struct ir_value *v;

	if (p->at.link->dlt == DLT_LINUX_SLL2)
		v = layout_load(p, BASE_HDR, 4, 4);
	else if (needs_socket(p, "ifindex"))
		v = ir_anc(p->g, SKF_AD_IFINDEX);
	else
		return p->no;
	return formula_masked(p, v, 0xffffffff, number);
}

const struct formula *packet_word(struct packet *p, const struct tree_node *t)
{
	const struct word_info *w = &packet_words[t->word];
	const struct id *id = packet_id_of(p, t);

	if (w->kind == IS_ATM)
		return packet_atm(p, w->value);
	if (w->kind == IS_SS7)
		return packet_ss7(p, w->value);
	switch ((enum word)t->word) {
	case WORD_LESS:
		return packet_compare(p, TOKEN_LE, layout_length(p), 0xffffffff,
		                      id->number);
	case WORD_GREATER:
		return packet_compare(p, TOKEN_GE, layout_length(p), 0xffffffff,
		                      id->number);
	case WORD_INBOUND:
		return inbound_outbound(p, false);
	case WORD_OUTBOUND:
		return inbound_outbound(p, true);
	case WORD_IFINDEX:
		return ifindex(p, id->number);
	case WORD_VLAN:
		return packet_vlan(p, id);
	case WORD_MPLS:
		return packet_mpls(p, id);
	case WORD_PPPOED:
		return packet_pppoed(p);
	case WORD_PPPOES:
		return packet_pppoes(p, id);
	case WORD_GENEVE:
		return packet_geneve(p, id);
	case WORD_VXLAN:
		return packet_vxlan(p, id);
	case WORD_LLC:
		return packet_llc_type(p, id);
	default:
		return packet_pflog(p, t);
	}
}
