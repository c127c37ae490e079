/*
 * Primitives that move what follows: vlan, mpls, pppoes, geneve, vxlan. Each
 * tests with the layout as it is and then changes it for the rest of the text.
 * Tunnels compute the inner offsets into cells where they match; where they do
 * not, later primitives find what the cells hold otherwise.
 */
#include <linux/filter.h>

#include "packet/primitive.h"

enum {
	DLT_EN10MB = 1,
	DLT_PPP = 9
};

static const struct formula *equal(struct packet *p, enum base base, uint32_t offset,
                                   unsigned width, uint32_t mask, uint32_t value)
{
	return formula_masked(p, layout_load(p, base, offset, width), mask, value);
}

static const struct ir_value *plus(struct packet *p, const struct ir_value *v,
                                   uint32_t k)
{
	const struct ir_value *c;

	if (!k)
		return v;
	c = ir_const(p->g, k);
	return ir_op2(p->g, IR_ADD, v, c);
}

/* --- vlan ----------------------------------------------------------------- */

static const struct formula *vlan_type(struct packet *p)
{
	const struct formula *f, *g;

	f = packet_linkproto(p, ETHERTYPE_8021Q);
	g = packet_linkproto(p, ETHERTYPE_8021AD);
	f = formula_or(p, f, g);
	g = packet_linkproto(p, ETHERTYPE_QINQ);
	return formula_or(p, f, g);
}

static bool vlan_item(struct packet *p, const struct id *item, struct ir_interval *out)
{
	uint32_t hi = item->kind == ID_RANGE ? item->number2 : item->number;

	if (item->kind != ID_NUM && item->kind != ID_RANGE) {
		packet_fail(p, item->at, E_SYNTAX "expected a VLAN number up to 4095");
		return false;
	}
	if (!packet_at_most(p, item->at, "VLAN", hi, 0xfff))
		return false;
	*out = (struct ir_interval){
		.lo = { item->number },
		.hi = { hi },
		.at = item->at,
		.placed = true,
	};
	return true;
}

/* Test that the tag's VLAN, the low 12 bits of V, is the one asked for. */
static const struct formula *vlan_number(struct packet *p, const struct id *id,
                                         const struct ir_value *v)
{
	struct ir_interval *set;
	const struct ir_value *m;

	if (id->kind == ID_NUM)
		return packet_at_most(p, id->at, "VLAN", id->number, 0xfff)
		               ? formula_masked(p, v, 0xfff, id->number)
		               : p->no;
	if (id->kind == ID_OPEN) {
		unsigned open = packet_open_set_of(p, id, PACKET_SET_VLAN);

		m = ir_const(p->g, 0xfff);
		m = ir_op2(p->g, IR_AND, v, m);
		return open ? packet_member(p, open - 1, m) : p->no;
	}
	set = arena_array(p->arena, struct ir_interval, id->number);
	for (uint32_t i = 0; i < id->number; i++)
		if (!vlan_item(p, &p->tree->ids.v[id->number2 + i], &set[i]))
			return p->no;
	m = ir_const(p->g, 0xfff);
	return formula_set(p, ir_op2(p->g, IR_AND, v, m), set, id->number);
}

static const struct formula *vlan_in_packet(struct packet *p, const struct id *id)
{
	const struct formula *f = vlan_type(p);

	if (id->kind)
		f = formula_and(p, f,
		                vlan_number(p, id, layout_load(p, BASE_NET, 0, 2)));
	p->at.payload.k += 4;
	p->at.type.k += 4;
	return f;
}

/* Move OFFSET 4 bytes further, on this path. */
static const struct formula *add_tag(struct packet *p, struct offset *o)
{
	const struct ir_value *cell;

	o->varies = true;
	cell = layout_varying(p, o);
	return formula_bind(p, cell, plus(p, cell, 4));
}

/*
 * Test for a VLAN on a live socket, where the kernel has taken the outer tag
 * out of the packet. Without such a tag one may still be in the packet, and all
 * that follows is 4 bytes further. Like libpcap, move the offsets even if the
 * packet has no tag either.
 */
static const struct formula *vlan_in_socket(struct packet *p, const struct id *id)
{
	const struct ir_value *there = ir_anc(p->g, SKF_AD_VLAN_TAG_PRESENT);
	const struct ir_value *tag = ir_anc(p->g, SKF_AD_VLAN_TAG);
	const struct formula *present, *type, *number = p->yes, *moved;

	present = formula_masked(p, there, 0xffffffff, 1);
	type = vlan_type(p);
	if (id->kind) {
		number = vlan_number(p, id, layout_load(p, BASE_NET, 0, 2));
		number = formula_if(p, present, vlan_number(p, id, tag), number);
	}
	moved = add_tag(p, &p->at.payload);
	moved = formula_and(p, moved, add_tag(p, &p->at.type));
	type = formula_and(p, moved, type);
	return formula_and(p, formula_or(p, present, type), number);
}

const struct formula *packet_vlan(struct packet *p, const struct id *id)
{
	const struct formula *f;
	bool outer = !p->at.tags && !p->at.hdr.varies && p->at.hdr.k == p->outer->hdr;

	if (p->at.labels) {
		packet_fail(p, p->span,
		            "'vlan' must not follow 'mpls'; write it before");
		return p->no;
	}
	if (!(p->at.link->flags & LINK_VLAN))
		return packet_not_here(p, "VLAN tags");
	f = p->o->live && outer && p->at.link->dlt == DLT_EN10MB
	            ? vlan_in_socket(p, id)
	            : vlan_in_packet(p, id);
	p->at.tags++;
	layout_changed(p);
	return f;
}

/* --- mpls ----------------------------------------------------------------- */

const struct formula *packet_mpls(struct packet *p, const struct id *id)
{
	const struct formula *f, *g;

	if (p->at.labels) {
		f = formula_has(p, layout_load(p, BASE_MPLS, 2, 1), 1);
		f = formula_not(p, f);
	} else if (p->at.link->flags & LINK_MPLS) {
		f = packet_linkproto(
			p, p->at.link->proto == link_ppp ? 0x0281 : ETHERTYPE_MPLS);
	} else {
		return packet_not_here(p, "MPLS labels that weir knows");
	}
	if (id->kind) {
		if (!packet_at_most(p, id->at, "MPLS label", id->number, 0xfffff))
			return p->no;
		g = equal(p, BASE_NET, 0, 4, 0xfffff000, id->number << 12);
		f = formula_and(p, f, g);
	}
	p->at.nl += 4;
	p->at.nl_nosnap += 4;
	p->at.labels++;
	layout_changed(p);
	return f;
}

/* --- pppoe ---------------------------------------------------------------- */

/* Enter another link layer, whose header is at HDR. */
static void push_link(struct packet *p, int dlt, struct offset hdr)
{
	p->at.prev = p->at.link;
	p->at.prev_hdr = p->at.hdr;
	p->at.link = packet_linktype(dlt);
	p->at.hdr = hdr;
	p->at.encap = false;
	layout_changed(p);
}

const struct formula *packet_pppoed(struct packet *p)
{
	return packet_linkproto(p, ETHERTYPE_PPPOED);
}

const struct formula *packet_pppoes(struct packet *p, const struct id *id)
{
	const struct formula *f = packet_linkproto(p, ETHERTYPE_PPPOES), *g;
	struct offset hdr = p->at.payload;

	if (id->kind) {
		if (!packet_at_most(p, id->at, "PPPoE session", id->number, 0xffff))
			return p->no;
		g = equal(p, BASE_NET, 2, 2, 0xffffffff, id->number);
		f = formula_and(p, f, g);
		hdr = p->at.payload;
	}
	/* Six bytes of PPPoE, then PPP from its protocol field on. */
	hdr.k += p->at.nl + 6;
	push_link(p, DLT_PPP, hdr);
	p->at.type = p->at.hdr;
	p->at.payload.k = p->at.hdr.k + 2;
	p->at.nl = 0;
	p->at.nl_nosnap = 0;
	return f;
}

/* --- geneve, vxlan -------------------------------------------------------- */

enum {
	GENEVE_PORT = 6081,
	VXLAN_PORT = 4789
};

/* Test one IP version of a tunnel; bind START to the end of its IP header. */
static const struct formula *tunnel_in(struct packet *p, unsigned family, uint32_t port,
                                       uint32_t mask, uint32_t value,
                                       const struct id *id,
                                       const struct ir_value *start)
{
	enum base base = family == 4 ? BASE_TRAN4 : BASE_TRAN6;
	const struct ir_value *end, *varying;
	const struct formula *f, *g;

	f = packet_udp_port(p, family, port);
	g = equal(p, base, 8, 1, mask, value);
	f = formula_and(p, f, g);
	if (id->kind) {
		g = equal(p, base, 12, 4, 0xffffff00, id->number << 8);
		f = formula_and(p, f, g);
	}
	if (family == 4) {
		end = layout_ihl(p);
	} else {
		varying = layout_varying(p, &p->at.payload);
		end = varying ? plus(p, varying, 40) : ir_const(p->g, 40);
	}
	return formula_and(p, f, formula_bind(p, start, end));
}

static const struct formula *tunnel(struct packet *p, uint32_t port, uint32_t mask,
                                    uint32_t value, const struct id *id,
                                    const struct ir_value *start)
{
	const struct formula *four, *six;

	four = tunnel_in(p, 4, port, mask, value, id, start);
	six = tunnel_in(p, 6, port, mask, value, id, start);
	return formula_or(p, four, six);
}

/* Take a cell for an offset less P->lead. */
static struct offset fresh(struct packet *p)
{
	return (struct offset){ true, (int)layout_take_cell(p), p->lead };
}

static const struct formula *bind(struct packet *p, struct offset *o,
                                  const struct ir_value *value)
{
	return formula_bind(p, layout_varying(p, o), value);
}

/*
 * Bind the inner frame's offsets: it begins HEADER bytes after START, always
 * with Ethernet.
 */
static const struct formula *vxlan_offsets(struct packet *p,
                                           const struct ir_value *start)
{
	uint32_t header = p->at.payload.k + p->at.nl + 8 + 8 - p->lead;
	const struct ir_value *hdr;
	const struct formula *f;

	push_link(p, DLT_EN10MB, fresh(p));
	p->at.type = fresh(p);
	p->at.payload = fresh(p);
	p->at.nl = 0;
	f = bind(p, &p->at.hdr, plus(p, start, header));
	hdr = layout_varying(p, &p->at.hdr);
	f = formula_and(p, f, bind(p, &p->at.type, plus(p, hdr, 12)));
	return formula_and(p, f, bind(p, &p->at.payload, plus(p, hdr, 14)));
}

/*
 * Bind the inner frame's offsets: Geneve has options and carries Ethernet or a
 * bare network protocol.
 */
static const struct formula *geneve_offsets(struct packet *p,
                                            const struct ir_value *start)
{
	uint32_t udp = p->at.payload.k + p->at.nl;
	const struct ir_value *geneve = plus(p, start, udp + 8 - p->lead);
	const struct ir_value *length, *hdr, *k;
	const struct formula *ethernet, *inner, *alone, *f;

	p->at.type = fresh(p);
	push_link(p, DLT_EN10MB, fresh(p));
	p->at.payload = fresh(p);
	p->at.nl = 0;

	length = ir_loadx(p->g, 1, geneve, p->lead);
	k = ir_const(p->g, 0x3f);
	length = ir_op2(p->g, IR_AND, length, k);
	k = ir_const(p->g, 4);
	length = ir_op2(p->g, IR_MUL, length, k);
	length = plus(p, length, 8);
	f = bind(p, &p->at.hdr, ir_op2(p->g, IR_ADD, length, geneve));

	hdr = layout_varying(p, &p->at.hdr);
	ethernet = formula_masked(p, ir_loadx(p->g, 2, geneve, p->lead + 2), 0xffffffff,
	                          ETHERTYPE_TEB);
	inner = bind(p, &p->at.type, plus(p, hdr, 12));
	inner = formula_and(p, inner, bind(p, &p->at.payload, plus(p, hdr, 14)));
	alone = bind(p, &p->at.type, plus(p, geneve, 2));
	alone = formula_and(p, alone, bind(p, &p->at.payload, hdr));
	return formula_and(p, f, formula_if(p, ethernet, inner, alone));
}

const struct formula *packet_geneve(struct packet *p, const struct id *id)
{
	const struct ir_value *start = ir_param(p->g);
	const struct formula *f, *g;

	if (id->kind &&
	    !packet_at_most(p, id->at, "Geneve network", id->number, 0xffffff))
		return p->no;
	f = tunnel(p, GENEVE_PORT, 0xc0, 0, id, start);
	g = geneve_offsets(p, start);
	p->at.encap = true;
	layout_changed(p);
	return formula_and(p, f, g);
}

const struct formula *packet_vxlan(struct packet *p, const struct id *id)
{
	const struct ir_value *start = ir_param(p->g);
	const struct formula *f, *g;

	if (id->kind &&
	    !packet_at_most(p, id->at, "VXLAN network", id->number, 0xffffff))
		return p->no;
	f = tunnel(p, VXLAN_PORT, 0xffffffff, 8, id, start);
	g = vxlan_offsets(p, start);
	p->at.encap = true;
	layout_changed(p);
	return formula_and(p, f, g);
}
