/*
 * The primitives that the numbers of a program suggest, compiled. Those that the link
 * type does not know drop out by themselves.
 */
#include "decompile/decompile.h"

#include "gen/gen.h"

enum {
	CANDIDATES = 1500,
	IDS = 64 /* ranges of one pool */
};

bool candidate_compile(struct arena *arena, const struct packet_options *o,
                       const char *text, struct program *code, struct ir_graph **graph)
{
	struct diags d = { .arena = arena };
	struct ir_graph *g = ir_graph(arena, &ir_input_packet);
	struct gen_options linear = { .linear = true };
	uint32_t source = diag_source(&d, "expression", text, strlen(text));
	struct gen_code made;

	if (!packet_read(g, &d, source, o, NULL))
		return false;
	if (graph)
		*graph = g;
	if (!gen_program(g, &linear, arena, &made))
		return false;
	*code = (struct program){ made.insns, made.n };
	return true;
}

/*
 * Estimate how far P reads: a variable header counts with the most that it can
 * have.
 */
static uint32_t reach_of(const struct program *p)
{
	uint32_t reach = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		uint16_t code = p->insns[i].code;

		if (BPF_CLASS(code) != BPF_LD)
			continue;
		if (BPF_MODE(code) == BPF_ABS && p->insns[i].k < 0x80000000)
			reach = max_u32(reach, p->insns[i].k);
		else if (BPF_MODE(code) == BPF_IND)
			reach = max_u32(reach, 60 + min_u32(p->insns[i].k, 1000));
	}
	return reach;
}

/* Tell whether I holds a number that says what is asked. */
static bool asks(const struct sock_filter *i)
{
	return (BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_JA) ||
	       i->code == (BPF_ALU | BPF_AND | BPF_K);
}

/* Return where OF tests the last of the numbers that P tests. */
static uint32_t place_of(const struct program *p, const struct program *of)
{
	uint32_t place = 0;

	for (uint32_t i = 0; i < p->n; i++)
		for (uint32_t k = 0; asks(&p->insns[i]) && k < of->n; k++)
			if (asks(&of->insns[k]) && of->insns[k].k == p->insns[i].k) {
				place = max_u32(place, k);
				break;
			}
	return place;
}

void candidate_add(struct candidates *c, const char *text, uint32_t prefix,
                   const char *negated)
{
	struct buf whole = { .arena = c->arena };
	struct candidate one = { .text = text, .negated = negated, .prefix = prefix };

	array_each(old, &c->v)
		if (!strcmp(old->text, text))
			return;
	if (c->v.n == CANDIDATES)
		return;
	if (c->before)
		buf_printf(&whole, "%s and ", c->before);
	buf_puts(&whole, text);
	if (!candidate_compile(c->arena, &c->of->packet, buf_str(&whole), &one.code, NULL))
		return;
	one.reach = reach_of(&one.code);
	one.place = place_of(&one.code, &c->of->program);
	one.joined = c->joining;
	one.bytes = c->comparing;
	array_push(c->arena, &c->v, one);
}

/* --- words ----------------------------------------------------------------------- */

static const struct {
	const char *text;
	enum pool pool;
	uint32_t number;
} words[] = {
	{ "ip", POOL_TYPE, 0x800 },
	{ "ip6", POOL_TYPE, 0x86dd },
	{ "arp", POOL_TYPE, 0x806 },
	{ "rarp", POOL_TYPE, 0x8035 },
	{ "atalk", POOL_TYPE, 0x809b },
	{ "aarp", POOL_TYPE, 0x80f3 },
	{ "ipx", POOL_TYPE, 0x8137 },
	{ "decnet", POOL_TYPE, 0x6003 },
	{ "lat", POOL_TYPE, 0x6004 },
	{ "sca", POOL_TYPE, 0x6007 },
	{ "pppoed", POOL_TYPE, 0x8863 },
	{ "tcp", POOL_PROTO, 6 },
	{ "udp", POOL_PROTO, 17 },
	{ "sctp", POOL_PROTO, 132 },
	{ "icmp", POOL_PROTO, 1 },
	{ "icmp6", POOL_PROTO, 58 },
	{ "igmp", POOL_PROTO, 2 },
	{ "vrrp", POOL_PROTO, 112 },
	{ "pim", POOL_PROTO, 103 },
	{ "ah", POOL_PROTO, 51 },
	{ "esp", POOL_PROTO, 50 },
};

/* What a link type knows by other numbers than EtherTypes, or none. */
static const char *const always[] = {
	"ip",
	"ip6",
	"arp",
	"stp",
	"iso",
	"netbeui",
	"multicast",
	"broadcast",
	"ip multicast",
	"ip6 multicast",
	"inbound",
	"outbound",
	"llc",
};

static void add_words(struct candidates *c, const struct facts *f)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (facts_has(f, words[i].pool, words[i].number))
			candidate_add(c, words[i].text, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		candidate_add(c, always[i], 0, NULL);
}

/* --- ids --------------------------------------------------------------------------- */

static void add_id(struct candidates *c, const char *protocol, const char *side,
                   const char *type, const char *id)
{
	struct buf text = { .arena = c->arena };
	uint32_t prefix;

	buf_printf(&text, "%s%s%s ", protocol, side, type);
	prefix = (uint32_t)text.len;
	buf_puts(&text, id);
	candidate_add(c, buf_str(&text), prefix, NULL);
}

/* Use LO .. HI of a pool. */
typedef void range_fn(struct candidates *c, const struct facts *f, uint64_t lo, uint64_t hi);

/* Pass the ranges between two points of P to FN, the short ones first. */
static void each_range(struct candidates *c, const struct facts *f, enum pool p, range_fn *fn)
{
	const struct points *s = &f->pool[p];
	uint32_t left = IDS;

	for (uint32_t far = 1; far < s->v.n; far++)
		for (uint32_t i = 0; i + far < s->v.n; i++) {
			uint64_t lo = s->v.v[i], hi = s->v.v[i + far] - 1;

			if (far > 1 && !left)
				return;
			left -= far > 1;
			c->joining = far > 1;
			fn(c, f, lo, hi);
			c->joining = false;
		}
}

static void add_sides(struct candidates *c, const char *protocol, const char *type,
                      const char *id)
{
	add_id(c, protocol, "", type, id);
	add_id(c, protocol, "src ", type, id);
	add_id(c, protocol, "dst ", type, id);
}

static void add_port(struct candidates *c, const struct facts *f, uint64_t lo, uint64_t hi)
{
	static const struct {
		const char *name;
		uint8_t number;
	} over[] = { { "tcp ", 6 }, { "udp ", 17 }, { "sctp ", 132 } };
	struct buf id = { .arena = c->arena };
	const char *type = lo == hi ? "port" : "portrange";

	if (hi > 65535)
		return;
	buf_printf(&id, lo == hi ? "%u" : "%u-%u", (unsigned)lo, (unsigned)hi);
	add_sides(c, "", type, buf_str(&id));
	for (size_t i = 0; i < ARRAY_LEN(over); i++)
		if (facts_has(f, POOL_PROTO, over[i].number))
			add_sides(c, over[i].name, type, buf_str(&id));
}

static void add_address(struct candidates *c, const struct facts *f, uint64_t lo, uint64_t hi)
{
	uint64_t size = hi - lo + 1;
	struct buf id = { .arena = c->arena };
	const char *type = size == 1 ? "host" : "net";
	unsigned a = (unsigned)lo;

	if (hi > UINT32_MAX || (size & (size - 1)) || lo & (size - 1))
		return;
	buf_printf(&id, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
	if (size > 1)
		buf_printf(&id, "/%d", 32 - __builtin_ctzll(size));
	add_sides(c, "", type, buf_str(&id));
	add_id(c, "", "src and dst ", type, buf_str(&id));
	add_sides(c, "ip ", type, buf_str(&id));
	if (facts_has(f, POOL_TYPE, ETHERTYPE_ARP))
		add_sides(c, "arp ", type, buf_str(&id));
}

static void add_number(struct candidates *c, const char *prefix, bool hex, uint64_t n)
{
	struct buf text = { .arena = c->arena };

	buf_puts(&text, prefix);
	buf_printf(&text, hex ? "0x%x" : "%u", (unsigned)n);
	candidate_add(c, buf_str(&text), (uint32_t)strlen(prefix), NULL);
}

static void add_protocol(struct candidates *c, const struct facts *f, uint64_t lo, uint64_t hi)
{
	if (lo != hi || hi > 255)
		return;
	add_number(c, "ip proto ", false, lo);
	add_number(c, "ip6 proto ", false, lo);
	add_number(c, "proto ", false, lo);
}

static void add_type(struct candidates *c, const struct facts *f, uint64_t lo, uint64_t hi)
{
	if (lo == hi && hi <= 65535)
		add_number(c, "ether proto ", true, lo);
}

static void add_length(struct candidates *c, const struct facts *f, uint64_t lo, uint64_t hi)
{
	add_number(c, "less ", false, lo - (lo > 0));
	add_number(c, "less ", false, lo);
	add_number(c, "greater ", false, lo);
	add_number(c, "less ", false, hi);
	add_number(c, "greater ", false, hi);
	add_number(c, "greater ", false, hi + 1);
	for (uint32_t i = c->v.n > 6 ? c->v.n - 6 : 0; i < c->v.n; i++)
		c->v.v[i].prefix = 0;
}

/* --- what moves the rest ----------------------------------------------------------- */

static void add_moving(struct candidates *c, const char *text)
{
	uint32_t before = c->v.n;

	candidate_add(c, text, 0, NULL);
	if (c->v.n > before)
		c->v.v[before].moves = true;
}

static void add_surroundings(struct candidates *c, const struct facts *f)
{
	static const struct {
		const char *word;
		enum pool pool;
		uint32_t mask;
		unsigned shift;
	} rows[] = {
		{ "vlan", POOL_TAG, 0xfff, 0 },
		{ "mpls", POOL_LABEL, 0xfffff, 12 },
		{ "pppoes", POOL_SESSION, 0xffff, 0 },
	};
	const bool there[] = { f->tagged, f->labelled, f->in_session };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct points *s = &f->pool[rows[i].pool];

		if (!there[i])
			continue;
		add_moving(c, rows[i].word);
		for (uint32_t k = 0; k < s->v.n; k++) {
			struct buf text = { .arena = c->arena };

			buf_printf(&text, "%s %u", rows[i].word,
			           (unsigned)s->v.v[k] >> rows[i].shift & rows[i].mask);
			add_moving(c, buf_str(&text));
		}
	}
}

void candidates_add(struct candidates *c, const struct facts *f)
{
	add_words(c, f);
	each_range(c, f, POOL_PROTO, add_protocol);
	each_range(c, f, POOL_TYPE, add_type);
	each_range(c, f, POOL_ADDRESS, add_address);
	each_range(c, f, POOL_PORT, add_port);
	each_range(c, f, POOL_LENGTH, add_length);
	add_surroundings(c, f);
}
