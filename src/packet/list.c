/*
 * Lists: or-ed primitives of one kind that see the same layout are one set.
 * `host A or host B` reads what `host A` alone reads, so joining loads nothing
 * that libpcap's program would not have loaded; see docs/design/filter.md.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "packet/primitive.h"

/* --- what a layout can carry ---------------------------------------------- */

static const uint16_t carried_protos[] = {
	ETHERTYPE_IP,
	ETHERTYPE_ARP,
	ETHERTYPE_RARP,
	ETHERTYPE_IP6,
};
enum {
	CARRIES_IP,
	CARRIES_ARP,
	CARRIES_RARP,
	CARRIES_IP6
};

/* Tell whether the link layer can carry that protocol. */
static bool carries(struct packet *p, unsigned which)
{
	if (p->carried_epoch != p->at.epoch) {
		memset(p->carried, -1, sizeof p->carried);
		p->carried_epoch = p->at.epoch;
	}
	if (p->carried[which] < 0)
		p->carried[which] = packet_linkproto(p, carried_protos[which])->kind !=
		                    FORMULA_FALSE;
	return p->carried[which];
}

static const struct layout *snapshot(struct packet *p)
{
	if (!p->snapshot || memcmp(p->snapshot, &p->at, sizeof p->at))
		p->snapshot = arena_memdup(p->arena, &p->at, sizeof p->at);
	return p->snapshot;
}

static struct list *make(struct packet *p, enum list_kind kind, struct qual q)
{
	struct list *l = p->spare_list;

	if (l)
		p->spare_list = NULL;
	else
		l = arena_new(p->arena, struct list);
	l->kind = kind;
	l->q = q;
	l->ipproto = -1;
	l->at = snapshot(p);
	l->span = p->span;
	return l;
}

/* Add ITEM to L; the first member needs no array. */
static void add(struct packet *p, struct list *l, struct items *to, struct item item)
{
	item.at = p->span;
	if (!l->v4.n && !l->v6.n) {
		l->first = item;
		to->v = &l->first;
		to->n = 1;
		return;
	}
	list_reserve(p, to, 1);
	to->v[to->n++] = item;
}

/* --- sets over a value ---------------------------------------------------- */

/* Return how many leading words the items look at. */
static unsigned words_used(const struct items *items)
{
	unsigned used = 1;

	for (uint32_t i = 0; i < items->n; i++)
		for (unsigned w = used; w < IR_WORDS; w++)
			if (items->v[i].lo[w] != 0 || items->v[i].hi[w] != 0xffffffff)
				used = w + 1;
	return used;
}

static int by_lo(const void *a, const void *b)
{
	const struct ir_interval *x = a, *y = b;

	for (unsigned i = 0; i < IR_WORDS; i++)
		if (x->lo[i] != y->lo[i])
			return x->lo[i] < y->lo[i] ? -1 : 1;
	/* Of two that begin alike the text's first stays first. */
	return (x->at.start > y->at.start) - (x->at.start < y->at.start);
}

static int compare(const uint32_t *a, const uint32_t *b, unsigned words)
{
	for (unsigned i = 0; i < words; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* Tell whether B begins inside A, or right after it. */
static bool touches(const struct ir_interval *a, const struct ir_interval *b,
                    unsigned words)
{
	uint32_t after[IR_WORDS];
	unsigned i = words;

	memcpy(after, a->hi, sizeof after);
	while (i > 0 && !++after[i - 1])
		i--;
	/* With no word left A ends where everything does. */
	return i == 0 || compare(b->lo, after, words) <= 0;
}

/* Merge intervals that touch in a sorted set; return how many are left. */
static uint32_t merge(struct ir_interval *set, uint32_t n, unsigned words)
{
	uint32_t last = 0;

	for (uint32_t i = 1; i < n; i++) {
		if (!touches(&set[last], &set[i], words))
			set[++last] = set[i];
		else if (compare(set[i].hi, set[last].hi, words) > 0)
			memcpy(set[last].hi, set[i].hi, sizeof set[i].hi);
	}
	return last + 1;
}

/* Sort and merge the items, once for all the sets that they become. */
static struct ir_interval *intervals(struct packet *p, struct items *items,
                                     unsigned words)
{
	struct ir_interval *set = items->set;

	if (set)
		return set;
	set = arena_array(p->arena, struct ir_interval, items->n);
	for (uint32_t i = 0; i < items->n; i++) {
		memcpy(set[i].lo, items->v[i].lo, words * sizeof set[i].lo[0]);
		memcpy(set[i].hi, items->v[i].hi, words * sizeof set[i].hi[0]);
		set[i].at = items->v[i].at;
		set[i].placed = true;
	}
	qsort(set, items->n, sizeof *set, by_lo);
	items->nset = merge(set, items->n, words);
	for (uint32_t i = 1; i < items->nset; i++)
		assert(compare(set[i - 1].hi, set[i].lo, words) < 0);
	return items->set = set;
}

/* Test that KEY, of WORDS words, is among the items. */
static const struct formula *within(struct packet *p, const struct ir_value *key,
                                    struct items *items, unsigned words)
{
	struct ir_interval *set;

	if (items->open)
		return packet_member(p, items->open - 1, key);
	set = intervals(p, items, words);
	return formula_set(p, key, set, items->nset);
}

const struct formula *list_sides(struct packet *p, enum dir dir,
                                 const struct formula *(*of)(struct packet *p,
                                                             void *arg, bool dst),
                                 void *arg)
{
	const struct formula *src, *dst;

	if (dir == DIR_SRC)
		return of(p, arg, false);
	if (dir == DIR_DST)
		return of(p, arg, true);
	src = of(p, arg, false);
	dst = of(p, arg, true);
	return dir == DIR_AND ? formula_and(p, src, dst) : formula_or(p, src, dst);
}

/* --- addresses ------------------------------------------------------------ */

/* Where IPv4 addresses are after each protocol's header start. */
static const struct {
	enum proto proto;
	unsigned carries;
	uint8_t src, dst;
} ipv4_in[] = {
	{ Q_IP, CARRIES_IP, 12, 16 },
	{ Q_ARP, CARRIES_ARP, 14, 24 },
	{ Q_RARP, CARRIES_RARP, 14, 24 },
};

/*
 * Tell whether qualifier Q asks for row I: without one, all rows, but only IP
 * in MPLS.
 */
static bool asks(const struct packet *p, enum proto q, unsigned i)
{
	return q == ipv4_in[i].proto || (q == Q_DEFAULT && (!p->at.labels || i == 0));
}

struct ipv4_arg {
	unsigned in;
	struct items *items;
};

static const struct formula *ipv4_side(struct packet *p, void *arg, bool dst)
{
	struct ipv4_arg *a = arg;
	const struct ir_value *v;

	v = layout_load(p, BASE_NET, dst ? ipv4_in[a->in].dst : ipv4_in[a->in].src, 4);
	return within(p, v, a->items, 1);
}

static const struct formula *ipv4_expand(struct packet *p, struct list *l)
{
	const struct formula *all = p->no, *f, *link;
	struct ipv4_arg arg = { .items = &l->v4 };

	for (arg.in = 0; arg.in < ARRAY_LEN(ipv4_in); arg.in++) {
		if (!asks(p, l->q.proto, arg.in) ||
		    !carries(p, ipv4_in[arg.in].carries))
			continue;
		link = packet_linkproto(p, carried_protos[ipv4_in[arg.in].carries]);
		f = list_sides(p, l->q.dir, ipv4_side, &arg);
		all = formula_or(p, all, formula_and(p, link, f));
	}
	return all;
}

static const struct formula *ipv6_side(struct packet *p, void *arg, bool dst)
{
	struct items *items = arg;
	const struct ir_value *word[IR_WORDS];
	unsigned words = items->open ? IR_WORDS : words_used(items);

	for (unsigned i = 0; i < words; i++)
		word[i] = layout_load(p, BASE_NET, (dst ? 24 : 8) + 4 * i, 4);
	return within(p, ir_key(p->g, word, words), items, words);
}

static const struct formula *ipv6_expand(struct packet *p, struct list *l)
{
	const struct formula *link, *f;

	link = packet_linkproto(p, ETHERTYPE_IP6);
	f = list_sides(p, l->q.dir, ipv6_side, &l->v6);
	return formula_and(p, link, f);
}

static const struct formula *addresses_expand(struct packet *p, struct list *l)
{
	const struct formula *four = p->no, *six = p->no;

	if (l->v4.n)
		four = ipv4_expand(p, l);
	if (l->v6.n)
		six = ipv6_expand(p, l);
	return l->v6_first ? formula_or(p, six, four) : formula_or(p, four, six);
}

/* Tell whether all ones of the mask come before its zeros. */
static bool is_prefix(const struct address *a)
{
	bool open = true;

	for (unsigned i = 0; i < IR_WORDS; i++) {
		uint32_t m = a->mask[i];

		if (open ? (~m & (~m + 1)) != 0 : m != 0)
			return false;
		open = open && m == 0xffffffff;
	}
	return true;
}

/* The side of a packet in one address, word by word as its mask says. */
struct masked_arg {
	uint8_t src, dst;
	unsigned words;
	const struct address *a;
};

static const struct formula *masked_side(struct packet *p, void *arg, bool dst)
{
	const struct masked_arg *m = arg;
	const struct formula *f = p->yes, *word;
	const struct ir_value *v;

	for (unsigned i = 0; i < m->words; i++) {
		if (!m->a->mask[i])
			continue;
		v = layout_load(p, BASE_NET, (dst ? m->dst : m->src) + 4 * i, 4);
		word = formula_masked(p, v, m->a->mask[i], m->a->word[i]);
		f = formula_and(p, f, word);
	}
	return f;
}

/*
 * Build addresses that cannot be a list: odd or empty masks, src and dst,
 * negation.
 */
static const struct formula *masked_addresses(struct packet *p, unsigned family,
                                              uint8_t src, uint8_t dst, enum dir dir,
                                              const struct address *a, uint32_t n,
                                              bool negated)
{
	struct masked_arg arg = { src, dst, family == 4 ? 1 : 4, NULL };
	const struct formula *f = p->no;

	for (uint32_t i = 0; i < n; i++) {
		arg.a = &a[i];
		f = formula_or(p, f, list_sides(p, dir, masked_side, &arg));
	}
	return negated ? formula_not(p, f) : f;
}

static const struct formula *plain_addresses(struct packet *p, unsigned family,
                                             struct qual q, const struct address *a,
                                             uint32_t n, bool negated)
{
	const struct formula *all = p->no, *f, *link;

	if (family == 6) {
		link = packet_linkproto(p, ETHERTYPE_IP6);
		f = masked_addresses(p, 6, 8, 24, q.dir, a, n, negated);
		return formula_and(p, link, f);
	}
	for (unsigned i = 0; i < ARRAY_LEN(ipv4_in); i++) {
		if (!asks(p, q.proto, i) || !carries(p, ipv4_in[i].carries))
			continue;
		link = packet_linkproto(p, carried_protos[ipv4_in[i].carries]);
		f = masked_addresses(p, 4, ipv4_in[i].src, ipv4_in[i].dst, q.dir, a, n,
		                     negated);
		all = formula_or(p, all, formula_and(p, link, f));
	}
	return all;
}

/* Tell whether anything can match; take the cells that libpcap would. */
static bool addresses_possible(struct packet *p, unsigned family, enum proto proto)
{
	bool any = false;

	if (family == 6)
		any = carries(p, CARRIES_IP6);
	else
		for (unsigned i = 0; i < ARRAY_LEN(ipv4_in); i++)
			if (asks(p, proto, i) && carries(p, ipv4_in[i].carries))
				any = true;
	if (any || family == 6)
		layout_varying(p, &p->at.payload);
	return any;
}

static struct item item_of(const struct address *a)
{
	struct item item = { 0 };

	for (unsigned i = 0; i < IR_WORDS; i++) {
		item.lo[i] = a->word[i] & a->mask[i];
		item.hi[i] = a->word[i] | ~a->mask[i];
	}
	return item;
}

const struct formula *list_addresses(struct packet *p, unsigned family, struct qual q,
                                     const struct address *a, uint32_t n, bool negated)
{
	bool plain = negated || q.dir == DIR_AND;
	struct list *l;

	if (!addresses_possible(p, family, q.proto) || p->failed)
		return p->no;
	for (uint32_t i = 0; i < n; i++)
		plain = plain || !a[i].mask[0] || !is_prefix(&a[i]);
	if (plain)
		return plain_addresses(p, family, q, a, n, negated);

	l = make(p, LIST_ADDRESS, q);
	l->v6_first = family == 6;
	l->untold = p->at.link->proto == link_juniper;
	for (uint32_t i = 0; i < n; i++)
		add(p, l, family == 6 ? &l->v6 : &l->v4, item_of(&a[i]));
	return formula_list(p, l);
}

/* --- ports ---------------------------------------------------------------- */

/* The transport protocols that have ports. */
static const uint8_t with_ports[] = { 6, 17, 132 };

/*
 * Test that the protocol field is IPPROTO or, if that is negative, any that has
 * ports.
 */
static const struct formula *has_ports(struct packet *p, unsigned family, int ipproto)
{
	const struct ir_value *v = layout_load(p, BASE_NET, family == 4 ? 9 : 6, 1);
	struct ir_interval *set;

	if (ipproto >= 0)
		return formula_masked(p, v, 0xffffffff, (uint32_t)ipproto);
	set = arena_array(p->arena, struct ir_interval, ARRAY_LEN(with_ports));
	for (unsigned i = 0; i < ARRAY_LEN(with_ports); i++)
		set[i].lo[0] = set[i].hi[0] = with_ports[i];
	return formula_set(p, v, set, ARRAY_LEN(with_ports));
}

struct port_arg {
	enum base base;
	struct items *items;
};

static const struct formula *port_side(struct packet *p, void *arg, bool dst)
{
	struct port_arg *a = arg;

	return within(p, layout_load(p, a->base, dst ? 2 : 0, 2), a->items, 1);
}

static const struct formula *ports_of(struct packet *p, unsigned family, int ipproto,
                                      enum dir dir, struct items *items)
{
	struct port_arg arg = { family == 4 ? BASE_TRAN4 : BASE_TRAN6, items };
	const struct formula *link, *f = has_ports(p, family, ipproto);

	if (family == 4)
		f = formula_and(p, f, packet_first_fragment(p));
	f = formula_and(p, f, list_sides(p, dir, port_side, &arg));
	link = packet_linkproto(p, family == 4 ? ETHERTYPE_IP : ETHERTYPE_IP6);
	return formula_and(p, link, f);
}

static const struct formula *ports_expand(struct packet *p, struct list *l)
{
	const struct formula *six = p->no, *four = p->no;

	if (carries(p, CARRIES_IP6))
		six = ports_of(p, 6, l->ipproto, l->q.dir, &l->v4);
	if (carries(p, CARRIES_IP))
		four = ports_of(p, 4, l->ipproto, l->q.dir, &l->v4);
	return formula_or(p, six, four);
}

const struct formula *packet_udp_port(struct packet *p, unsigned family, uint32_t port)
{
	struct item item = { .lo = { port }, .hi = { port }, .at = p->span };
	struct items items = { .v = &item, .n = 1 };

	return ports_of(p, family, 17, DIR_DST, &items);
}

const struct formula *list_ports(struct packet *p, struct qual q, int ipproto,
                                 uint32_t lo, uint32_t hi)
{
	struct list *l;
	bool any;

	layout_varying(p, &p->at.payload);
	any = carries(p, CARRIES_IP);
	any = carries(p, CARRIES_IP6) || any;
	if (!any || p->failed)
		return p->no;
	packet_note(p, NOTE_NO_EXTENSIONS,
	            "a port over IPv6 is read directly after its header, "
	            "not after extension headers");
	q.type = TYPE_PORT;
	l = make(p, LIST_PORT, q);
	l->ipproto = ipproto;
	add(p, l, &l->v4, (struct item){ .lo = { lo }, .hi = { hi } });
	return q.dir == DIR_AND ? list_expand(p, l) : formula_list(p, l);
}

/* --- protocols ------------------------------------------------------------ */

static const struct formula *protos_in(struct packet *p, struct items *items,
                                       uint32_t offset)
{
	return within(p, layout_load(p, BASE_NET, offset, 1), items, 1);
}

static const struct formula *protos_expand(struct packet *p, struct list *l)
{
	const struct formula *four = p->no, *six = p->no, *link, *f;

	if (l->q.proto != Q_IP6 && carries(p, CARRIES_IP)) {
		link = packet_linkproto(p, ETHERTYPE_IP);
		four = formula_and(p, link, protos_in(p, &l->v4, 9));
	}
	if (l->q.proto != Q_IP && carries(p, CARRIES_IP6)) {
		/* After a fragment header, too, as it has the next header first. */
		link = packet_linkproto(p, ETHERTYPE_IP6);
		f = packet_ip6_proto(p, IPPROTO_FRAG6);
		f = formula_and(p, f, protos_in(p, &l->v4, 40));
		f = formula_or(p, protos_in(p, &l->v4, 6), f);
		six = formula_and(p, link, f);
	}
	return formula_or(p, four, six);
}

const struct formula *list_protos(struct packet *p, struct qual q, uint32_t lo,
                                  uint32_t hi)
{
	bool any = false;
	struct list *l;

	if (q.proto != Q_IP6)
		any = carries(p, CARRIES_IP);
	if (q.proto != Q_IP)
		any = carries(p, CARRIES_IP6) || any;
	layout_varying(p, &p->at.payload);
	if (!any || p->failed)
		return p->no;
	l = make(p, LIST_PROTO, (struct qual){ .proto = q.proto, .type = TYPE_PROTO });
	add(p, l, &l->v4, (struct item){ .lo = { lo }, .hi = { hi } });
	return formula_list(p, l);
}

/* --- hardware addresses --------------------------------------------------- */

static const struct formula *mac_side(struct packet *p, void *arg, bool dst)
{
	uint32_t at = dst ? p->at.link->dst : p->at.link->src;
	const struct ir_value *word[2];

	/* libpcap reads the last four bytes first. */
	word[0] = layout_load(p, BASE_HDR, at + 2, 4);
	word[1] = layout_load(p, BASE_HDR, at, 2);
	return within(p, ir_key(p->g, word, 2), arg, 2);
}

static const struct formula *macs_expand(struct packet *p, struct list *l)
{
	const struct formula *check =
		p->at.link->proto == link_ether ? packet_outer_check(p) : NULL;
	const struct formula *f = list_sides(p, l->q.dir, mac_side, &l->v4);

	return check ? formula_and(p, check, f) : f;
}

const struct formula *list_mac(struct packet *p, struct qual q, const uint8_t mac[6])
{
	struct list *l;
	uint32_t low = (uint32_t)mac[2] << 24 | (uint32_t)mac[3] << 16 |
	               (uint32_t)mac[4] << 8 | mac[5];
	uint32_t high = (uint32_t)mac[0] << 8 | mac[1];

	/* The cells of a tunnel are given out already. */
	q.type = TYPE_HOST;
	l = make(p, LIST_MAC, q);
	add(p, l, &l->v4, (struct item){ .lo = { low, high }, .hi = { low, high } });
	return q.dir == DIR_AND ? list_expand(p, l) : formula_list(p, l);
}

/* --- lists as such -------------------------------------------------------- */

const struct formula *list_expand(struct packet *p, struct list *l)
{
	struct layout now = p->at;
	const struct formula *f = p->no;

	p->at = *l->at;
	p->span = l->span;
	switch (l->kind) {
	case LIST_ADDRESS:
		f = addresses_expand(p, l);
		break;
	case LIST_PORT:
		f = ports_expand(p, l);
		break;
	case LIST_PROTO:
		f = protos_expand(p, l);
		break;
	case LIST_MAC:
		f = macs_expand(p, l);
		break;
	}
	p->at = now;
	return f;
}

/* --- open sets -------------------------------------------------------------- */

const struct formula *list_open(struct packet *p, enum list_kind kind, struct qual q,
                                int ipproto, unsigned v4, unsigned v6)
{
	struct list *l;
	bool any = true;

	if (kind == LIST_ADDRESS) {
		v4 = v4 && addresses_possible(p, 4, q.proto) ? v4 : 0;
		v6 = v6 && addresses_possible(p, 6, q.proto) ? v6 : 0;
		any = v4 || v6;
	} else if (kind == LIST_PORT) {
		layout_varying(p, &p->at.payload);
		any = carries(p, CARRIES_IP);
		any = carries(p, CARRIES_IP6) || any;
	}
	if (!any || p->failed)
		return p->no;
	l = make(p, kind, q);
	l->ipproto = ipproto;
	l->untold = p->at.link->proto == link_juniper;
	l->v4 = (struct items){ .open = v4, .n = v4 != 0 };
	l->v6 = (struct items){ .open = v6, .n = v6 != 0 };
	return list_expand(p, l);
}
