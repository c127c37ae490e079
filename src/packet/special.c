/*
 * Primitives that belong to one family of link layers or protocols: 802.11,
 * LLC, PFLOG, ATM, SS7, DECnet.
 */
#include <string.h>

#include "packet/primitive.h"

static const struct formula *byte_is(struct packet *p, uint32_t offset, uint32_t mask,
                                     uint32_t value)
{
	return formula_masked(p, layout_load(p, BASE_HDR, offset, 1), mask, value);
}

static const struct formula *byte_has(struct packet *p, uint32_t offset, uint32_t bits)
{
	const struct ir_value *v = layout_load(p, BASE_HDR, offset, 1);

	return formula_has(p, v, bits);
}

static uint32_t word_of(const uint8_t *bytes, unsigned n)
{
	uint32_t w = 0;

	while (n--)
		w = w << 8 | *bytes++;
	return w;
}

/* Compare the N bytes at OFFSET as libpcap does: from the end, words first. */
static const struct formula *bytes_are(struct packet *p, uint32_t offset,
                                       const uint8_t *bytes, uint32_t n)
{
	const struct formula *f = p->yes, *one;
	unsigned width;

	for (; n; n -= width) {
		width = n >= 4 ? 4 : n >= 2 ? 2
		                            : 1;
		one = formula_masked(
			p, layout_load(p, BASE_HDR, offset + n - width, width),
			0xffffffff, word_of(bytes + n - width, width));
		f = formula_and(p, f, one);
	}
	return f;
}

const struct formula *packet_compare(struct packet *p, enum token_kind op,
                                     const struct ir_value *v, uint32_t mask,
                                     uint32_t value)
{
	bool swap = op == TOKEN_NE || op == TOKEN_LE || op == TOKEN_LT;
	enum ir_cmp cmp = op == TOKEN_EQ || op == TOKEN_NE   ? IR_EQ
	                  : op == TOKEN_GT || op == TOKEN_LE ? IR_GT
	                                                     : IR_GE;
	const struct formula *f;

	if (mask != 0xffffffff) {
		const struct ir_value *m = ir_const(p->g, mask);

		v = ir_op2(p->g, IR_AND, v, m);
	}
	f = formula_test(p, cmp, v, ir_const(p->g, value));
	return swap ? formula_not(p, f) : f;
}

/* --- 802.11 --------------------------------------------------------------- */

enum {
	FC0_CTL = 0x04,
	FC0_DATA = 0x08,
	FC0_TYPE = 0x0c,
	FC0_SUBTYPE = 0xf0,
	FC0_CTS = 0xc0,
	FC0_ACK = 0xd0,
	FC1_TODS = 0x01,
	FC1_FROMDS = 0x02,
	FC1_DIR = 0x03,
};

/* Something about the address at an offset. */
typedef const struct formula *address_fn(struct packet *p, uint32_t offset,
                                         const uint8_t *mac);

static const struct formula *address_is(struct packet *p, uint32_t offset,
                                        const uint8_t *mac)
{
	return bytes_are(p, offset, mac, 6);
}

static const struct formula *address_is_group(struct packet *p, uint32_t offset,
                                              const uint8_t *mac)
{
	return byte_has(p, offset, 1);
}

/* Choose SET or CLEAR by FLAG of the second control byte. */
static const struct formula *by_ds(struct packet *p, uint32_t flag,
                                   const struct formula *set,
                                   const struct formula *clear)
{
	return formula_if(p, byte_has(p, 1, flag), set, clear);
}

/* Use DATA in data frames, MANAGEMENT in management frames; match no others. */
static const struct formula *by_type(struct packet *p, const struct formula *data,
                                     const struct formula *management)
{
	const struct formula *f, *control;

	f = formula_if(p, byte_has(p, 0, FC0_DATA), data, management);
	control = byte_has(p, 0, FC0_CTL);
	return formula_and(p, formula_not(p, control), f);
}

static const struct formula *wlan_src(struct packet *p, const uint8_t *mac)
{
	const struct formula *a10 = address_is(p, 10, mac),
			     *a16 = address_is(p, 16, mac);
	const struct formula *a24 = address_is(p, 24, mac), *f;

	f = by_ds(p, FC1_TODS, a24, a16);
	return by_type(p, by_ds(p, FC1_FROMDS, f, a10), a10);
}

static const struct formula *wlan_dst(struct packet *p, address_fn *is,
                                      const uint8_t *mac)
{
	const struct formula *a4 = is(p, 4, mac), *a16 = is(p, 16, mac);

	return by_type(p, by_ds(p, FC1_TODS, a16, a4), a4);
}

/* Test that a frame has a second address: it is neither CTS nor ACK. */
static const struct formula *has_addr2(struct packet *p)
{
	const struct formula *control, *cts, *ack;

	control = formula_not(p, byte_is(p, 0, FC0_TYPE, FC0_CTL));
	cts = formula_not(p, byte_is(p, 0, FC0_SUBTYPE, FC0_CTS));
	ack = formula_not(p, byte_is(p, 0, FC0_SUBTYPE, FC0_ACK));
	return formula_or(p, control, formula_and(p, cts, ack));
}

const struct formula *packet_wlan_host(struct packet *p, const uint8_t mac[6],
                                       enum dir dir)
{
	const struct formula *f;

	switch (dir) {
	case DIR_SRC:
		return wlan_src(p, mac);
	case DIR_DST:
		return wlan_dst(p, address_is, mac);
	case DIR_AND:
		f = wlan_src(p, mac);
		return formula_and(p, f, wlan_dst(p, address_is, mac));
	case DIR_DEFAULT:
	case DIR_OR:
		f = wlan_src(p, mac);
		return formula_or(p, f, wlan_dst(p, address_is, mac));
	case DIR_ADDR1:
		return address_is(p, 4, mac);
	case DIR_ADDR2:
		f = has_addr2(p);
		return formula_and(p, f, address_is(p, 10, mac));
	case DIR_ADDR3:
		f = formula_not(p, byte_is(p, 0, FC0_TYPE, FC0_CTL));
		return formula_and(p, f, address_is(p, 16, mac));
	case DIR_ADDR4:
		f = byte_is(p, 1, FC1_DIR, FC1_DIR);
		return formula_and(p, f, address_is(p, 24, mac));
	case DIR_RA:
		f = byte_has(p, 0, FC0_DATA);
		return formula_and(p, f, address_is(p, 4, mac));
	case DIR_TA:
		f = byte_has(p, 0, FC0_DATA);
		f = formula_and(p, f, has_addr2(p));
		return formula_and(p, f, address_is(p, 10, mac));
	}
	return p->no;
}

const struct formula *packet_wlan_multicast(struct packet *p)
{
	return wlan_dst(p, address_is_group, NULL);
}

const struct formula *packet_wlan_byte(struct packet *p, unsigned which, uint32_t mask,
                                       uint32_t value, const char *what)
{
	if (p->at.link->address != ADDR_WLAN)
		return packet_not_here(p, what);
	return byte_is(p, which, mask, value);
}

/* --- LLC ------------------------------------------------------------------ */

static const struct {
	const char *name;
	uint8_t mask, value;
} llc_types[] = {
	{ "s", 0x03, 0x01 },
	{ "u", 0x03, 0x03 },
	{ "rr", 0x0f, 0x01 },
	{ "rnr", 0x0f, 0x05 },
	{ "rej", 0x0f, 0x09 },
	{ "ui", 0xef, 0x03 },
	{ "ua", 0xef, 0x63 },
	{ "disc", 0xef, 0x43 },
	{ "dm", 0xef, 0x0f },
	{ "sabme", 0xef, 0x6f },
	{ "test", 0xef, 0xe3 },
	{ "xid", 0xef, 0xaf },
	{ "frmr", 0xef, 0x87 },
};

static bool same_word(const char *word, const struct id *id)
{
	if (strlen(word) != id->len)
		return false;
	for (uint32_t i = 0; i < id->len; i++) {
		char c = id->text[i];

		if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != word[i])
			return false;
	}
	return true;
}

const struct formula *packet_llc_type(struct packet *p, const struct id *id)
{
	const struct formula *f, *type;
	const struct ir_value *control;
	struct suggest s;

	if (!id->kind)
		return packet_llc(p);
	f = packet_llc(p);
	if (p->failed)
		return f;
	control = layout_load(p, BASE_LLC, 2, 1);
	if (same_word("i", id)) {
		type = formula_has(p, control, 1);
		return formula_and(p, f, formula_not(p, type));
	}
	suggest_start(&s, id->text, id->len);
	for (unsigned i = 0; i < ARRAY_LEN(llc_types); i++) {
		suggest_offer(&s, llc_types[i].name);
		if (!same_word(llc_types[i].name, id))
			continue;
		type = formula_masked(p, control, llc_types[i].mask,
		                      llc_types[i].value);
		return formula_and(p, f, type);
	}
	packet_fail(p, id->at, E_UNKNOWN "unknown LLC frame type '%.*s'%s", (int)id->len, id->text,
	            suggest_text(p->arena, &s));
	return p->no;
}

/* --- PFLOG ---------------------------------------------------------------- */

struct pf_name {
	const char *name;
	uint8_t value;
};

static const struct pf_name pf_reasons[] = {
	{ "match", 0 },
	{ "bad-offset", 1 },
	{ "fragment", 2 },
	{ "short", 3 },
	{ "normalize", 4 },
	{ "memory", 5 },
	{ "bad-timestamp", 6 },
	{ "congestion", 7 },
	{ "ip-option", 8 },
	{ "proto-cksum", 9 },
	{ "state-mismatch", 10 },
	{ "state-insert", 11 },
	{ "state-limit", 12 },
	{ "src-limit", 13 },
	{ "synproxy", 14 },
};

static const struct pf_name pf_actions[] = {
	{ "pass", 0 },
	{ "accept", 0 },
	{ "drop", 1 },
	{ "block", 1 },
	{ "scrub", 2 },
	{ "noscrub", 3 },
	{ "nat", 4 },
	{ "nonat", 5 },
	{ "binat", 6 },
	{ "nobinat", 7 },
	{ "rdr", 8 },
	{ "nordr", 9 },
	{ "synproxy-drop", 10 },
};

/* Get the number that an id says; false after an error. */
static bool pf_number(struct packet *p, const struct id *id,
                      const struct pf_name *names, unsigned n, const char *what,
                      uint32_t *out)
{
	struct suggest s;

	*out = id->number;
	if (id->kind == ID_NUM)
		return true;
	suggest_start(&s, id->text, id->len);
	for (unsigned i = 0; i < n; i++) {
		suggest_offer(&s, names[i].name);
		*out = names[i].value;
		if (same_word(names[i].name, id))
			return true;
	}
	packet_fail(p, id->at, E_UNKNOWN "unknown PF %s '%.*s'%s", what, (int)id->len, id->text,
	            suggest_text(p->arena, &s));
	return false;
}

/* Offsets in OpenBSD's struct pfloghdr. */
enum {
	PF_ACTION = 2,
	PF_REASON = 3,
	PF_IFNAME = 4,
	PF_RULESET = 20,
	PF_RULE = 36,
	PF_SUBRULE = 40
};

static const struct formula *pf_name(struct packet *p, const struct id *id,
                                     uint32_t offset, const char *what)
{
	if (id->len >= 16) {
		packet_fail(p, id->at, E_RANGE "the name of %s has at most 15 characters",
		            what);
		return p->no;
	}
	return bytes_are(p, offset, (const uint8_t *)id->text, id->len);
}

static const struct formula *pf_word(struct packet *p, uint32_t offset, uint32_t value)
{
	return formula_masked(p, layout_load(p, BASE_HDR, offset, 4), 0xffffffff,
	                      value);
}

const struct formula *packet_pflog(struct packet *p, const struct tree_node *t)
{
	const struct id *id = packet_id_of(p, t);
	uint32_t n;

	if (p->at.link->proto != link_pflog)
		return packet_not_here(p, "PF log headers");
	switch ((enum word)t->word) {
	case WORD_IFNAME:
	case WORD_ON:
		return pf_name(p, id, PF_IFNAME, "an interface");
	case WORD_RSET:
	case WORD_RULESET:
		return pf_name(p, id, PF_RULESET, "a rule set");
	case WORD_RNR:
	case WORD_RULENUM:
		return pf_word(p, PF_RULE, id->number);
	case WORD_SRNR:
	case WORD_SUBRULENUM:
		return pf_word(p, PF_SUBRULE, id->number);
	case WORD_REASON:
		if (!pf_number(p, id, pf_reasons, ARRAY_LEN(pf_reasons), "reason", &n))
			return p->no;
		return byte_is(p, PF_REASON, 0xffffffff, n);
	default:
		if (!pf_number(p, id, pf_actions, ARRAY_LEN(pf_actions), "action", &n))
			return p->no;
		return byte_is(p, PF_ACTION, 0xffffffff, n);
	}
}

/* --- ATM ------------------------------------------------------------------ */

enum {
	ATM_VPI = 1,
	ATM_VCI = 2,
	ATM_PAYLOAD = 4,
	ATM_MSG_TYPE = ATM_PAYLOAD + 5
};

static const struct formula *atm_circuit(struct packet *p, const uint8_t *vci,
                                         unsigned n)
{
	const struct formula *f = p->no, *one, *vpi;

	vpi = byte_is(p, ATM_VPI, 0xffffffff, 0);
	for (unsigned i = 0; i < n; i++) {
		one = formula_masked(p, layout_load(p, BASE_HDR, ATM_VCI, 2),
		                     0xffffffff, vci[i]);
		f = formula_or(p, f, one);
	}
	return formula_and(p, vpi, f);
}

/*
 * Test for signalling messages of Q.2931 on a circuit: set-up, tear-down and
 * their answers.
 */
static const struct formula *atm_messages(struct packet *p, uint8_t vci,
                                          bool acknowledge)
{
	static const uint8_t types[] = { 0x05, 0x02, 0x07, 0x4d, 0x5a, 0x0f };
	const struct formula *f = p->no, *circuit;

	for (unsigned i = 0; i < ARRAY_LEN(types) - !acknowledge; i++)
		f = formula_or(p, f, byte_is(p, ATM_MSG_TYPE, 0xffffffff, types[i]));
	circuit = atm_circuit(p, &vci, 1);
	return formula_and(p, circuit, f);
}

static const struct formula *atm_lane(struct packet *p)
{
	const struct formula *f = byte_is(p, 0, 0x0f, 0x01);
	struct layout *at = &p->at;

	/* From here on Ethernet, after two bytes of LAN emulation. */
	at->prev = at->link;
	at->prev_hdr = at->hdr;
	at->link = packet_linktype(1);
	at->hdr = (struct offset){ false, -1, ATM_PAYLOAD + 2 };
	at->type.k = at->hdr.k + 12;
	at->payload.k = at->hdr.k + 14;
	at->nl = 0;
	at->nl_nosnap = 3;
	at->encap = false;
	layout_changed(p);
	return f;
}

const struct formula *packet_atm(struct packet *p, enum atm which)
{
	static const uint8_t circuits[][2] = {
		[ATM_METAC] = { 1 },
		[ATM_BCC] = { 2 },
		[ATM_OAMF4SC] = { 3 },
		[ATM_OAMF4EC] = { 4 },
		[ATM_SC] = { 5 },
		[ATM_ILMIC] = { 16 },
		[ATM_OAM] = { 3, 4 },
		[ATM_OAMF4] = { 3, 4 },
	};

	if (p->at.link->proto != link_sunatm)
		return packet_not_here(p, "ATM circuits");
	switch (which) {
	case ATM_LANE:
		return atm_lane(p);
	case ATM_CONNECTMSG:
		return atm_messages(p, circuits[ATM_SC][0], true);
	case ATM_METACONNECT:
		return atm_messages(p, circuits[ATM_METAC][0], false);
	case ATM_METAC:
	case ATM_BCC:
	case ATM_OAMF4SC:
	case ATM_OAMF4EC:
	case ATM_SC:
	case ATM_ILMIC:
	case ATM_OAM:
	case ATM_OAMF4:
		break;
	}
	return atm_circuit(p, circuits[which], circuits[which][1] ? 2 : 1);
}

/* --- SS7 ------------------------------------------------------------------ */

/*
 * Test the length indicator of a unit: one byte or, on high speed links, nine
 * bits.
 */
const struct formula *packet_ss7(struct packet *p, enum ss7 which)
{
	bool high = which >= SS7_HFISU;
	uint32_t offset = p->at.link->ss7 + (high ? 2u : 0);
	uint32_t mask = high ? 0xff80 : 0x3f, two = high ? 0x0100 : 2;
	const struct ir_value *v;
	const struct formula *f;

	if (!p->at.link->ss7)
		return packet_not_here(p, "SS7 message units");
	v = layout_load(p, BASE_PACKET, offset, high ? 2 : 1);
	switch (which) {
	case SS7_FISU:
	case SS7_HFISU:
		return packet_compare(p, TOKEN_EQ, v, mask, 0);
	case SS7_LSSU:
	case SS7_HLSSU:
		f = packet_compare(p, TOKEN_GT, v, mask, 0);
		return formula_and(p, f, packet_compare(p, TOKEN_LE, v, mask, two));
	case SS7_MSU:
	case SS7_HMSU:
		break;
	}
	return packet_compare(p, TOKEN_GT, v, mask, two);
}

/* --- fields with values --------------------------------------------------- */

/* A field: where, which bits, and how its value is stored there. */
static const struct {
	uint8_t width, offset; /* SS7: from the length indicator on */
	uint32_t mask, max;
	uint8_t shift;
	bool swap; /* little-endian */
} fields[] = {
	[FIELD_VPI] = { 1, ATM_VPI, 0xffffffff, 0xff, 0, false },
	[FIELD_VCI] = { 2, ATM_VCI, 0xffffffff, 0xffff, 0, false },
	[FIELD_SIO] = { 1, 1, 0xffffffff, 0xff, 0, false },
	[FIELD_OPC] = { 4, 2, 0x3fff << 14, 0x3fff, 14, true },
	[FIELD_DPC] = { 2, 2, 0x3fff, 0x3fff, 0, true },
	[FIELD_SLS] = { 1, 5, 0xf0, 0x0f, 4, false },
	[FIELD_HSIO] = { 1, 4, 0xffffffff, 0xff, 0, false },
	[FIELD_HOPC] = { 4, 5, 0x3fff << 14, 0x3fff, 14, true },
	[FIELD_HDPC] = { 2, 5, 0x3fff, 0x3fff, 0, true },
	[FIELD_HSLS] = { 1, 8, 0xf0, 0x0f, 4, false },
};

static uint32_t in_order(uint32_t v, unsigned width, bool swap)
{
	if (!swap)
		return v;
	return width == 4 ? __builtin_bswap32(v) : __builtin_bswap16((uint16_t)v);
}

const struct formula *packet_field(struct packet *p, const struct tree_node *t)
{
	enum field f = packet_words[t->word].value;
	const char *name = packet_words[t->word].text;
	const struct id *id = packet_id_of(p, t);
	bool atm = f == FIELD_VPI || f == FIELD_VCI;
	unsigned width = fields[f].width;
	const struct ir_value *v;

	if (atm ? p->at.link->proto != link_sunatm : !p->at.link->ss7)
		return packet_not_here(p, atm ? "ATM circuits" : "SS7 message units");
	if (!packet_at_most(p, id->at, name, t->value, fields[f].max))
		return p->no;
	v = atm ? layout_load(p, BASE_HDR, fields[f].offset, width)
	        : layout_load(p, BASE_PACKET, p->at.link->ss7 + fields[f].offset,
	                      width);
	return packet_compare(
		p, t->op, v, in_order(fields[f].mask, width, fields[f].swap),
		in_order(t->value << fields[f].shift, width, fields[f].swap));
}

/* --- DECnet --------------------------------------------------------------- */

/*
 * Test the address of one side. Its place depends on one byte of padding (0x81)
 * and on the format of the header, long (6) or short (2); everything is
 * little-endian.
 */
static const struct formula *decnet_side(struct packet *p, void *arg, bool dst)
{
	uint32_t address = __builtin_bswap16(*(const uint16_t *)arg);
	uint32_t in_long = dst ? 7 : 15, in_short = 3;
	const struct formula *f, *all, *flags;

	flags = formula_masked(p, layout_load(p, BASE_NET, 2, 2), 0xff07, 0x8106);
	f = formula_masked(p, layout_load(p, BASE_NET, 3 + in_long, 2), 0xffffffff,
	                   address);
	all = formula_and(p, flags, f);
	flags = formula_masked(p, layout_load(p, BASE_NET, 2, 1), 0x07, 0x06);
	f = formula_masked(p, layout_load(p, BASE_NET, 2 + in_long, 2), 0xffffffff,
	                   address);
	all = formula_or(p, formula_and(p, flags, f), all);
	if (dst) {
		f = formula_masked(p, layout_load(p, BASE_NET, 2, 4), 0xff07ffff,
		                   0x81020000 | address);
		all = formula_or(p, f, all);
		f = formula_masked(p, layout_load(p, BASE_NET, 2, 4), 0x07ffff00,
		                   0x02000000 | address << 8);
		return formula_or(p, f, all);
	}
	flags = formula_masked(p, layout_load(p, BASE_NET, 2, 2), 0xff07, 0x8102);
	f = formula_masked(p, layout_load(p, BASE_NET, 3 + in_short, 2), 0xffffffff,
	                   address);
	all = formula_or(p, formula_and(p, flags, f), all);
	flags = formula_masked(p, layout_load(p, BASE_NET, 2, 1), 0x07, 0x02);
	f = formula_masked(p, layout_load(p, BASE_NET, 2 + in_short, 2), 0xffffffff,
	                   address);
	return formula_or(p, formula_and(p, flags, f), all);
}

const struct formula *packet_decnet(struct packet *p, const struct id *id,
                                    struct qual q)
{
	const struct formula *link, *f;
	uint16_t address;

	if (q.dir >= DIR_ADDR1) {
		packet_fail(p, p->span,
		            "'%s' is a direction of 802.11 addresses, not of DECnet addresses",
		            packet_dir_text(q.dir));
		return p->no;
	}
	if (q.type > TYPE_HOST) {
		packet_fail(p, p->span, "'decnet' qualifies only hosts, not '%s'",
		            packet_type_text(q.type));
		return p->no;
	}
	if (id->kind != ID_IPV4 || !packet_read_decnet(id->text, id->len, &address)) {
		packet_fail(p, id->at, "a DECnet address is AREA.NODE, up to 63.1023");
		return p->no;
	}
	link = packet_linkproto(p, ETHERTYPE_DECNET);
	f = list_sides(p, q.dir, decnet_side, &address);
	return formula_and(p, link, f);
}
