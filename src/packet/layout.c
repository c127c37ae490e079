/*
 * Where things are. The layout is what libpcap's programs believe of a packet
 * at a place in the text; `vlan` and its like change it for all that follows,
 * whatever the parentheses say. Offsets that depend on the packet, or on the
 * path to a test, live in scratch cells: parameters of the graph, numbered as
 * libpcap numbers its cells, because its programs also read cells that
 * nothing, or something else, has written.
 */
#include "packet/formula.h"

#include <assert.h>
#include <linux/filter.h>

void layout_changed(struct packet *p)
{
	p->at.epoch++;
	packet_note(p, NOTE_MOVES,
	            "everything after this in the text reads the packet inside, "
	            "whatever the parentheses say");
}

void layout_start(struct packet *p)
{
	const struct packet_linktype *l = p->outer;

	p->at = (struct layout){
		.link = l,
		.prev = l,
		.hdr = { l->hdr_varies, -1, l->hdr },
		.prev_hdr = { l->hdr_varies, -1, l->hdr },
		.payload = { l->payload_varies, -1, l->payload },
		.type = { false, -1, l->type },
		.nl = l->nl,
		.nl_nosnap = l->nl_nosnap,
	};
}

/*
 * Take a cell as libpcap's allocator does: the next free one after the last,
 * wrapping around. Take an extra one once all are in use.
 */
unsigned layout_take_cell(struct packet *p)
{
	for (unsigned i = 0; i < NCELLS; i++) {
		if (!p->used[p->next_cell]) {
			p->used[p->next_cell] = true;
			return p->next_cell;
		}
		p->next_cell = (p->next_cell + 1) % NCELLS;
	}
	return NCELLS + p->extra_cells++;
}

void layout_free_cell(struct packet *p, unsigned cell)
{
	if (cell < NCELLS)
		p->used[cell] = false;
}

/* Return the parameter of CELL, which holds part of an offset from now on. */
static const struct ir_value *value_of_cell(struct packet *p, unsigned cell)
{
	while (p->cells.n <= cell)
		array_push(p->arena, &p->cells, NULL);
	if (!p->cells.v[cell])
		p->cells.v[cell] = ir_param(p->g);
	return p->cells.v[cell];
}

const struct ir_value *layout_varying(struct packet *p, struct offset *o)
{
	if (!o->varies)
		return NULL;
	if (o->cell < 0)
		o->cell = (int)layout_take_cell(p);
	return value_of_cell(p, (unsigned)o->cell);
}

/*
 * Load WIDTH bytes at X + K. Link types without a header count from -1: such a
 * load must fail, but a constant offset that high would read Linux's ancillary
 * words.
 */
static const struct ir_value *load_at(struct packet *p, const struct ir_value *x,
                                      uint32_t k, unsigned width)
{
	if (x)
		return ir_loadx(p->g, width, x, k);
	if (k >= (uint32_t)SKF_AD_OFF)
		return ir_loadx(p->g, width, ir_const(p->g, k), 0);
	return ir_load(p->g, width, k);
}

const struct ir_value *layout_ihl(struct packet *p)
{
	const struct ir_value *x = layout_varying(p, &p->at.payload), *v;
	uint32_t k = p->at.payload.k + p->at.nl;

	if (!x)
		return ir_msh(p->g, k);
	v = ir_loadx(p->g, 1, x, k);
	v = ir_op2(p->g, IR_AND, v, ir_const(p->g, 15));
	v = ir_op2(p->g, IR_LSH, v, ir_const(p->g, 2));
	return ir_op2(p->g, IR_ADD, v, x);
}

const struct ir_value *layout_load(struct packet *p, enum base base,
                                   uint32_t offset, unsigned width)
{
	struct layout *at = &p->at;
	const struct ir_value *x = NULL;
	uint32_t k = 0;

	assert(width == 1 || width == 2 || width == 4);
	switch (base) {
	case BASE_PACKET:
		break;
	case BASE_HDR:
		x = layout_varying(p, &at->hdr);
		k = at->hdr.k;
		break;
	case BASE_PREV_HDR:
		x = layout_varying(p, &at->prev_hdr);
		k = at->prev_hdr.k;
		break;
	case BASE_TYPE:
		x = layout_varying(p, &at->type);
		k = at->type.k;
		break;
	case BASE_LLC:
		x = layout_varying(p, &at->payload);
		k = at->payload.k;
		break;
	case BASE_NET:
		x = layout_varying(p, &at->payload);
		k = at->payload.k + at->nl;
		break;
	case BASE_NET_NOSNAP:
		x = layout_varying(p, &at->payload);
		k = at->payload.k + at->nl_nosnap;
		break;
	case BASE_MPLS:
		x = layout_varying(p, &at->payload);
		k = at->payload.k + at->nl - 4;
		break;
	case BASE_TRAN4:
		x = layout_ihl(p);
		k = at->payload.k + at->nl;
		break;
	case BASE_TRAN6:
		x = layout_varying(p, &at->payload);
		k = at->payload.k + at->nl + 40;
		break;
	}
	return load_at(p, x, k + offset, width);
}

const struct ir_value *layout_length(struct packet *p)
{
	const struct ir_value *len = ir_len(p->g), *before;

	if (!p->outer->counts_from_hdr || (!p->outer->hdr && !p->outer->hdr_varies))
		return len;
	before = layout_varying(p, &p->at.hdr);
	return ir_op2(p->g, IR_SUB, len, before ? before : ir_const(p->g, p->outer->hdr));
}

/* --- the preamble --------------------------------------------------------- */

static const struct ir_value *op(struct packet *p, enum ir_op o,
                                 const struct ir_value *a, uint32_t k)
{
	return ir_op2(p->g, o, a, ir_const(p->g, k));
}

/* Load two bytes as a length, the low one first. */
static const struct ir_value *little_endian(struct packet *p, uint32_t offset)
{
	const struct ir_value *low = ir_load(p->g, 1, offset);
	const struct ir_value *high = ir_load(p->g, 1, offset + 1);

	high = op(p, IR_LSH, high, 8);
	return ir_op2(p->g, IR_OR, low, high);
}

/* Bind CELL to the length of the header before 802.11's. */
static const struct formula *prefix(struct packet *p, const struct ir_value *cell)
{
	const struct formula *avs, *of_avs, *fixed;

	switch (p->outer->prefix) {
	case PREFIX_AVS:
		return formula_bind(p, cell, ir_load(p->g, 4, 4));
	case PREFIX_RADIOTAP:
	case PREFIX_PPI:
		return formula_bind(p, cell, little_endian(p, 2));
	case PREFIX_PRISM:
		/* Some drivers put an AVS header there, with its cookie. */
		avs = formula_masked(p, ir_load(p->g, 4, 0), 0xfffff000, 0x80211000);
		of_avs = formula_bind(p, cell, ir_load(p->g, 4, 4));
		fixed = formula_bind(p, cell, ir_const(p->g, 144));
		return formula_if(p, avs, of_avs, fixed);
	case PREFIX_TCP:
		/* The upper half of a byte counts words. */
		return formula_bind(p, cell, op(p, IR_RSH, op(p, IR_AND, ir_load(p->g, 1, 12), 0xf0), 2));
	case PREFIX_NONE:
	case PREFIX_WLAN:
	case PREFIX_PFLOG:
		break;
	}
	return p->yes;
}

/*
 * Round CELL up to a multiple of 4 if radiotap's flags say that Atheros padded
 * the 802.11 header.
 */
static const struct formula *wlan_padding(struct packet *p, const struct ir_value *cell)
{
	const struct ir_value *present = ir_load(p->g, 4, 4);
	const struct ir_value *padded = op(p, IR_ADD, cell, 3);
	const struct formula *pad, *flags, *extended, *tsft, *late, *early;

	if (p->at.link->prefix != PREFIX_RADIOTAP)
		return p->yes;
	padded = op(p, IR_AND, padded, ~3u);
	pad = formula_bind(p, cell, padded);
	/* Bits of a little-endian word, loaded as a big-endian one. */
	flags = formula_has(p, present, 0x02000000);
	extended = formula_has(p, present, 0x00000080);
	tsft = formula_has(p, present, 0x01000000);
	late = formula_has(p, ir_load(p->g, 1, 16), 0x20);
	early = formula_has(p, ir_load(p->g, 1, 8), 0x20);

	tsft = formula_if(p, tsft, formula_if(p, late, pad, p->yes),
	                  formula_if(p, early, pad, p->yes));
	extended = formula_if(p, extended, p->yes, tsft);
	return formula_if(p, flags, extended, p->yes);
}

/* Start of the payload of an 802.11 frame: 24 bytes, 2 more with QoS, padding. */
static const struct formula *wlan_payload(struct packet *p, const struct ir_value *x,
                                          const struct ir_value *cell)
{
	const struct ir_value *start = x ? op(p, IR_ADD, x, 24) : ir_const(p->g, 24);
	const struct ir_value *control =
		x ? ir_loadx(p->g, 1, x, 0) : ir_load(p->g, 1, 0);
	const struct formula *qos = formula_bind(p, cell, op(p, IR_ADD, cell, 2));
	const struct formula *f, *test;

	/* libpcap looks for padding in frames without QoS, or after adding 2. */
	f = wlan_padding(p, cell);
	test = formula_has(p, control, 0x80);
	f = formula_if(p, test, formula_and(p, qos, f), f);
	test = formula_has(p, control, 0x04);
	f = formula_if(p, test, p->yes, f);
	test = formula_has(p, control, 0x08);
	f = formula_if(p, test, f, p->yes);
	return formula_and(p, formula_bind(p, cell, start), f);
}

static const struct formula *pflog_payload(struct packet *p,
                                           const struct ir_value *cell)
{
	const struct ir_value *length = ir_load(p->g, 1, 0);

	length = op(p, IR_ADD, length, 3);
	length = op(p, IR_AND, length, 0xfffffffc);
	return formula_bind(p, cell, length);
}

/* Tell whether the cell of O is read below. */
static bool wanted(const struct offset *o, const bool *live)
{
	return o->cell >= 0 && live[o->cell];
}

/*
 * Bind both offsets. If a tunnel has put them in one cell, keep the header's
 * start apart.
 */
static const struct formula *wlan_preamble(struct packet *p, bool payload, bool hdr)
{
	struct layout *at = &p->at;
	const struct ir_value *start = NULL, *cell;
	const struct formula *f = p->yes;

	if (p->outer->prefix != PREFIX_WLAN && (hdr || (payload && at->hdr.varies))) {
		cell = layout_varying(p, &at->hdr);
		start = at->hdr.cell == at->payload.cell ? ir_param(p->g) : cell;
		f = prefix(p, start);
		if (start != cell)
			f = formula_and(p, f, formula_bind(p, cell, start));
	}
	if (!payload)
		return f;
	cell = layout_varying(p, &at->payload);
	return formula_and(p, f, wlan_payload(p, start, cell));
}

/*
 * Bind the cells that the layout has when the text ends, as libpcap does. Where
 * a tunnel has replaced them, the outer ones stay zero, as in libpcap.
 */
const struct formula *layout_preamble(struct packet *p, const bool *live)
{
	bool payload = wanted(&p->at.payload, live), hdr = wanted(&p->at.hdr, live);

	if (p->outer->prefix == PREFIX_NONE)
		return p->yes;
	if (p->outer->prefix == PREFIX_PFLOG)
		return payload ? pflog_payload(p, layout_varying(p, &p->at.payload))
		               : p->yes;
	return wlan_preamble(p, payload, hdr);
}
