/*
 * Packets on which primitives and the program are run: made field by field of the
 * numbers that the program compares, bred by prove/walk.c, and made of packets that
 * match, with one field changed each.
 */
#include "decompile/decompile.h"

enum {
	MADE = 768,
	WALKED = 512,  /* more, by walks */
	STEERED = 200, /* tries to reach where the program accepts */
	VARIED = 1024, /* more, by changing what matches */
	MOST = 3072,   /* in all: the rest is for what is learned */
	SIZE = 256,    /* bytes of a packet */
	LIKE = 12,     /* what is learned with a packet: others like it */
	PROBED = 48,   /* matching packets of which each bit is turned */
	RUN = 100000   /* instructions at most */
};

struct maker {
	struct witnesses *w;
	const struct facts *f;
	struct input in;
	struct rng *r;
};

/* --- making ----------------------------------------------------------------- */

static void put(struct input *in, uint32_t at, unsigned width, uint64_t v)
{
	for (unsigned i = 0; i < width; i++)
		if (at + i < SIZE)
			in->bytes[at + i] = (uint8_t)(v >> 8 * (width - 1 - i));
}

/* Return a number at which P's answers change, or the one before it. */
static uint64_t pick(struct maker *m, enum pool p)
{
	const struct points *s = &m->f->pool[p];

	if (!s->v.n || rng_one_in(m->r, 6))
		return rng_number(m->r);
	return s->v.v[rng_below(m->r, s->v.n)] - rng_one_in(m->r, 3);
}

/* Return an address of a net that the program asks about, or the edge of one. */
static uint32_t address(struct maker *m)
{
	const struct points *s = &m->f->pool[POOL_ADDRESS];
	uint32_t i = rng_below(m->r, s->v.n), span;

	if (s->v.n < 2 || rng_one_in(m->r, 3) || i + 1 == s->v.n)
		return (uint32_t)pick(m, POOL_ADDRESS);
	span = (uint32_t)(s->v.v[i + 1] - s->v.v[i]);
	return (uint32_t)s->v.v[i] + rng_below(m->r, span);
}

static uint8_t protocol(struct maker *m)
{
	static const uint8_t usual[] = { 6, 6, 17, 17, 1, 58, 132, 2 };

	if (m->f->pool[POOL_PROTO].v.n && !rng_one_in(m->r, 3))
		return (uint8_t)pick(m, POOL_PROTO);
	return usual[rng_below(m->r, ARRAY_LEN(usual))];
}

static void put_ports(struct maker *m, uint32_t at)
{
	put(&m->in, at, 2, pick(m, POOL_PORT));
	put(&m->in, at + 2, 2, pick(m, POOL_PORT));
	if (rng_one_in(m->r, 3))
		put(&m->in, at + 12, 1, 0x50);
}

static void make_ip(struct maker *m, uint32_t at)
{
	unsigned words = rng_one_in(m->r, 4) ? 5 + rng_below(m->r, 11) : 5;

	put(&m->in, at, 1, 0x40 | words);
	if (!rng_one_in(m->r, 5))
		put(&m->in, at + 6, 2, rng_one_in(m->r, 2) ? 0x4000 : 0);
	put(&m->in, at + 9, 1, protocol(m));
	put(&m->in, at + 12, 4, address(m));
	put(&m->in, at + 16, 4, address(m));
	put_ports(m, at + 4 * words);
}

/* Give words of the addresses, N bytes from FROM on, numbers that they are compared with. */
static void answer_words(struct maker *m, uint32_t from, uint32_t n)
{
	const struct facts *f = m->f;
	uint32_t start = rng_below(m->r, f->questions.n);

	for (uint32_t i = 0; i < f->questions.n; i++) {
		const struct question *q = &f->questions.v[(start + i) % f->questions.n];

		if (q->cmp == IR_EQ && q->left->op == IR_LOAD && ir_is_const(q->right) &&
		    q->left->imm >= from && q->left->imm < from + n)
			put(&m->in, q->left->imm, q->left->width, q->right->imm);
	}
}

static void make_ip6(struct maker *m, uint32_t at)
{
	if (rng_one_in(m->r, 2))
		answer_words(m, at + 8, 16);
	if (rng_one_in(m->r, 2))
		answer_words(m, at + 24, 16);
	put(&m->in, at, 1, 0x60 | (m->in.bytes[at] & 15));
	put(&m->in, at + 6, 1, rng_one_in(m->r, 6) ? 44 : protocol(m));
	if (rng_one_in(m->r, 2))
		put(&m->in, at + 40, 1, protocol(m));
	if (m->in.bytes[at + 6] != 44 || rng_one_in(m->r, 2))
		put_ports(m, at + 40);
}

static void make_arp(struct maker *m, uint32_t at)
{
	put(&m->in, at + 14, 4, address(m));
	put(&m->in, at + 24, 4, address(m));
}

static void make_network(struct maker *m, uint32_t type, uint32_t at)
{
	if (type == ETHERTYPE_IP || type == 0x21)
		make_ip(m, at);
	else if (type == ETHERTYPE_IP6 || type == 0x57)
		make_ip6(m, at);
	else if (type == ETHERTYPE_ARP || type == ETHERTYPE_RARP)
		make_arp(m, at);
}

static uint32_t network_type(struct maker *m)
{
	static const uint16_t usual[] = { 0x800, 0x800, 0x800, 0x86dd, 0x86dd, 0x806, 0x8035 };

	if (rng_one_in(m->r, 5))
		return (uint16_t)pick(m, POOL_TYPE);
	return usual[rng_below(m->r, ARRAY_LEN(usual))];
}

/*
 * Write what surrounds the network header: tags, labels, a session. Return its
 * EtherType.
 */
static uint32_t make_outside(struct maker *m, uint32_t *at)
{
	static const uint16_t tags[] = { 0x8100, 0x8100, 0x88a8, 0x9100 };
	const struct facts *f = m->f;
	uint32_t type = network_type(m);
	unsigned n = f->tagged && !rng_one_in(m->r, 3) ? 1 + rng_below(m->r, 3) : 0;

	while (n--) {
		put(&m->in, *at - 2, 2, tags[rng_below(m->r, 4)]);
		put(&m->in, *at, 2, pick(m, POOL_TAG) ^ rng_below(m->r, 16) << 12);
		*at += 4;
	}
	if (f->labelled && !rng_one_in(m->r, 3)) {
		put(&m->in, *at - 2, 2, ETHERTYPE_MPLS);
		for (n = 1 + rng_one_in(m->r, 3); n--; *at += 4)
			put(&m->in, *at, 4, (pick(m, POOL_LABEL) & ~0x100u) | (n ? 0 : 0x100));
		return rng_one_in(m->r, 2) ? ETHERTYPE_IP : ETHERTYPE_IP6;
	}
	if (f->in_session && !rng_one_in(m->r, 3)) {
		put(&m->in, *at - 2, 2, ETHERTYPE_PPPOES);
		put(&m->in, *at + 2, 2, pick(m, POOL_SESSION));
		*at += 8;
		type = rng_one_in(m->r, 3) ? 0x57 : 0x21;
	}
	put(&m->in, *at - 2, 2, type);
	return type;
}

/* Give bytes that some test asks about a number that it asks for. */
static void answer(struct maker *m)
{
	const struct facts *f = m->f;
	const struct question *q;
	const struct ir_value *v;

	if (!f->questions.n)
		return;
	q = &f->questions.v[rng_below(m->r, f->questions.n)];
	v = q->left;
	if (v->op == IR_AND && ir_is_const(v->arg[1]))
		v = v->arg[0];
	if (v->op == IR_LOAD && ir_is_const(q->right))
		put(&m->in, v->imm, v->width,
		    q->right->imm + (q->cmp == IR_EQ ? 0 : 2 - rng_below(m->r, 4)));
}

static void make_length(struct maker *m)
{
	if (m->f->pool[POOL_LENGTH].v.n && !rng_one_in(m->r, 4))
		m->in.wire = (uint32_t)pick(m, POOL_LENGTH);
	else
		m->in.wire = 60 + rng_below(m->r, 1454);
}

static void make(struct maker *m)
{
	const struct facts *f = m->f;
	uint32_t at = f->net;

	m->in.captured = SIZE;
	for (uint32_t i = 0; i < SIZE; i++)
		m->in.bytes[i] = (uint8_t)rng_next(m->r);
	make_length(m);
	if (f->link_type != NOT_SET && f->net >= 2 && f->link_type == f->net - 2)
		make_network(m, make_outside(m, &at), at);
	else if (f->link_type != NOT_SET) {
		uint32_t type = network_type(m);

		put(&m->in, f->link_type, 2, type);
		make_network(m, type, at);
	} else
		make_network(m, rng_one_in(m->r, 2) ? ETHERTYPE_IP : ETHERTYPE_IP6, at);
	if (rng_one_in(m->r, 8))
		put(&m->in, 0, 4, UINT32_MAX), put(&m->in, 4, 2, UINT32_MAX);
	else if (rng_one_in(m->r, 3))
		m->in.bytes[0] &= 0xfe;
	for (unsigned n = rng_below(m->r, 6); n--;)
		answer(m);
}

/* --- running ------------------------------------------------------------------ */

static uint32_t run(const struct program *p, const struct input *in, uint8_t *marks,
                    struct arena *a)
{
	uint64_t steps = RUN;
	bool new = false;
	uint32_t result = cover_run(p, in, marks, &new, &steps);

	arena_work(a, 1 + (RUN - steps) / 4);
	return result;
}

void witnesses_run(const struct witnesses *w, const struct program *p, uint32_t from,
                   uint64_t *bits)
{
	struct arena_mark mark = arena_mark(w->arena);
	uint8_t *marks = arena_array(w->arena, uint8_t, p->n);

	for (uint32_t i = from; i < w->inputs.n; i++)
		if (run(p, &w->inputs.v[i], marks, w->arena))
			bits[i / 64] |= UINT64_C(1) << i % 64;
	arena_back(w->arena, mark);
}

static bool matches(struct witnesses *w, const struct input *in)
{
	uint32_t result;

	arena_work(w->arena, 8);
	return machine_run(&w->program, in, &result, NULL) == END_RET && result;
}

/* --- like another ------------------------------------------------------------------ */

/* Change one field of IN, or a byte that is asked about. */
static void vary(struct maker *m)
{
	static const uint8_t fields[][2] = {
		{ 0, 1 },
		{ 6, 2 },
		{ 9, 1 },
		{ 6, 1 },
		{ 12, 4 },
		{ 16, 4 },
		{ 14, 4 },
		{ 24, 4 },
		{ 20, 2 },
		{ 22, 2 },
		{ 40, 2 },
		{ 42, 2 },
		{ 8, 4 },
		{ 33, 1 },
	};
	struct input made = m->in, *in = &m->in;
	uint32_t net = m->f->net, what = rng_below(m->r, ARRAY_LEN(fields) + 6);

	if (what < ARRAY_LEN(fields)) {
		uint32_t at = net + fields[what][0];

		make(m);
		memcpy(made.bytes + at, in->bytes + at, fields[what][1]);
		*in = made;
		return;
	}
	switch (what - ARRAY_LEN(fields)) {
	case 0:
		in->bytes[rng_below(m->r, 80)] ^= 1u << rng_below(m->r, 8);
		return;
	case 1:
		make(m);
		memcpy(made.bytes, in->bytes, 12);
		*in = made;
		return;
	case 2:
		make_length(m);
		return;
	case 3:
		if (m->f->link_type != NOT_SET)
			put(in, m->f->link_type, 2, network_type(m));
		return;
	default:
		answer(m);
	}
}

bool witnesses_learn(struct witnesses *w, const struct input *in)
{
	struct input *copy;

	if (!inputs_add(&w->inputs, in))
		return false;
	copy = &w->inputs.v[w->inputs.n - 1];
	for (uint32_t i = copy->captured; i < SIZE; i++)
		copy->bytes[i] = (uint8_t)rng_next(&w->rng);
	copy->captured = max_u32(copy->captured, SIZE);
	for (int i = 0; i < LIKE; i++) {
		struct input like = *copy;

		like.bytes[rng_below(&w->rng, 64)] ^= 1u << rng_below(&w->rng, 8);
		if (!inputs_add(&w->inputs, &like))
			break;
	}
	return true;
}

/* --- probing ------------------------------------------------------------------------ */

/* Find the bits of WIDTH bytes at AT of IN that decide whether it matches. */
static void deciding(struct witnesses *w, const struct input *in, uint32_t at,
                     unsigned width, uint8_t *bits)
{
	struct input other = *in;

	for (unsigned i = 0; i < 8 * width; i++) {
		uint8_t bit = 0x80 >> i % 8;

		other.bytes[at + i / 8] ^= bit;
		if (!matches(w, &other))
			bits[i / 8] |= bit;
		other.bytes[at + i / 8] ^= bit;
	}
}

/* Return how many bits at the start of BITS decide; 0 too if others do. */
static unsigned prefix_of(const uint8_t *bits, unsigned width)
{
	unsigned n = 0, all = 0;

	for (unsigned i = 0; i < 8 * width; i++)
		all += bits[i / 8] >> (7 - i % 8) & 1;
	while (n < 8 * width && bits[n / 8] >> (7 - n % 8) & 1)
		n++;
	return n == all ? n : 0;
}

static void put_ip6(struct buf *out, const uint8_t *bytes, unsigned bits)
{
	uint8_t a[16] = { 0 };
	unsigned best = 8, most = 1;

	memcpy(a, bytes, 16);
	for (unsigned i = bits; i < 128; i++)
		a[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	for (unsigned i = 0; i < 8; i++) {
		unsigned n = 0;

		while (i + n < 8 && !a[2 * (i + n)] && !a[2 * (i + n) + 1])
			n++;
		if (n > most) {
			best = i;
			most = n;
		}
	}
	for (unsigned i = 0; i < 8; i++) {
		if (i == best) {
			buf_puts(out, "::");
			i += most - 1;
			continue;
		}
		if (i && i != best + most)
			buf_putc(out, ':');
		buf_printf(out, "%x", (unsigned)a[2 * i] << 8 | a[2 * i + 1]);
	}
}

static void add_sided(struct candidates *c, const char *what, const char *id)
{
	static const char *const sides[] = { "", "src ", "dst ", "src and dst " };

	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		struct buf text = { .arena = c->arena };
		uint32_t prefix;

		if (!strncmp(what, "ether ", 6))
			buf_printf(&text, "ether %s%s ", sides[i], what + 6);
		else
			buf_printf(&text, "%s%s ", sides[i], what);
		prefix = (uint32_t)text.len;
		buf_puts(&text, id);
		candidate_add(c, buf_str(&text), prefix, NULL);
	}
}

static void probe_ip6(struct witnesses *w, const struct input *in, uint32_t at,
                      struct candidates *c)
{
	struct buf id = { .arena = c->arena };
	uint8_t bits[16] = { 0 };
	unsigned n;

	deciding(w, in, at, 16, bits);
	n = prefix_of(bits, 16);
	if (!n)
		return;
	put_ip6(&id, in->bytes + at, n);
	if (n < 128)
		buf_printf(&id, "/%u", n);
	add_sided(c, n == 128 ? "host" : "net", buf_str(&id));
}

static void probe_mac(struct witnesses *w, const struct input *in, uint32_t at,
                      struct candidates *c)
{
	struct buf id = { .arena = c->arena };
	uint8_t bits[6] = { 0 };

	deciding(w, in, at, 6, bits);
	if (prefix_of(bits, 6) != 48)
		return;
	for (unsigned i = 0; i < 6; i++)
		buf_printf(&id, i ? ":%02x" : "%02x", in->bytes[at + i]);
	add_sided(c, "ether host", buf_str(&id));
}

static void probe_ip(struct witnesses *w, const struct input *in, uint32_t at, struct facts *f)
{
	uint8_t bits[4] = { 0 };
	uint32_t address = 0;
	unsigned n;

	deciding(w, in, at, 4, bits);
	n = prefix_of(bits, 4);
	if (!n)
		return;
	for (unsigned i = 0; i < 4; i++)
		address = address << 8 | in->bytes[at + i];
	address &= UINT32_MAX << (32 - n);
	points_add(f, POOL_ADDRESS, address);
	points_add(f, POOL_ADDRESS, address + (UINT64_C(1) << (32 - n)));
}

static void probe_port(struct witnesses *w, const struct input *in, uint32_t at, struct facts *f)
{
	uint8_t bits[2] = { 0 };

	deciding(w, in, at, 2, bits);
	if (__builtin_popcount(bits[0]) + __builtin_popcount(bits[1]) >= 13)
		facts_add(f, POOL_PORT, (uint32_t)in->bytes[at] << 8 | in->bytes[at + 1]);
}

static void probe(struct witnesses *w, const struct input *in, struct facts *f,
                  struct candidates *c)
{
	static const uint8_t shifts[] = { 0, 4, 8 };
	bool moved = f->tagged || f->labelled || f->in_session;

	probe_mac(w, in, 0, c);
	probe_mac(w, in, 6, c);
	for (size_t i = 0; i < (moved ? ARRAY_LEN(shifts) : 1); i++) {
		uint32_t net = f->net + shifts[i];

		if (in->bytes[net] >> 4 == 6) {
			probe_ip6(w, in, net + 8, c);
			probe_ip6(w, in, net + 24, c);
			probe_port(w, in, net + 40, f);
			probe_port(w, in, net + 42, f);
			continue;
		}
		probe_ip(w, in, net + 12, f);
		probe_ip(w, in, net + 16, f);
		probe_port(w, in, net + 20, f);
		probe_port(w, in, net + 22, f);
	}
}

void witnesses_probe(struct witnesses *w, struct facts *f, struct candidates *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < w->inputs.n && n < PROBED; i++) {
		if (!matches(w, &w->inputs.v[i]))
			continue;
		probe(w, &w->inputs.v[i], f, c);
		n++;
	}
}

/* --- all of them --------------------------------------------------------------------- */

/* Add packets that match with one field changed each: these show what decides. */
static void vary_matching(struct maker *m)
{
	struct witnesses *w = m->w;
	struct arena_mark mark = arena_mark(w->arena);
	uint32_t *yes = arena_array(w->arena, uint32_t, w->inputs.n), n = 0;

	for (uint32_t i = 0; i < w->inputs.n; i++)
		if (matches(w, &w->inputs.v[i]))
			yes[n++] = i;
	for (uint32_t i = 0; n && i < VARIED; i++) {
		m->in = w->inputs.v[yes[rng_below(m->r, n)]];
		m->in.captured = max_u32(m->in.captured, SIZE);
		vary(m);
		inputs_add(&w->inputs, &m->in);
	}
	arena_back(w->arena, mark);
}

/* Steer packets to where the program accepts, if few do by themselves. */
static void steer_matching(struct witnesses *w)
{
	const struct program *p = &w->program;
	uint32_t start = rng_below(&w->rng, p->n);

	for (uint32_t i = 0; i < STEERED; i++) {
		uint32_t at = (start + i) % p->n;
		struct input in = w->inputs.v[rng_below(&w->rng, MADE)];

		for (uint32_t k = 0; k < p->n && !(BPF_CLASS(p->insns[at].code) == BPF_RET && p->insns[at].k); k++)
			at = (at + 1) % p->n;
		arena_work(w->arena, p->n);
		if (steer(&in, p, at, &w->rng))
			inputs_add(&w->inputs, &in);
	}
}

/* Fill up packets that walks have cut: what cutting does is tested later. */
static void make_whole(struct witnesses *w, uint32_t from)
{
	for (uint32_t i = from; i < w->inputs.n; i++) {
		struct input *in = &w->inputs.v[i];

		while (in->captured < SIZE)
			in->bytes[in->captured++] = (uint8_t)rng_next(&w->rng);
	}
}

void witnesses_start(struct witnesses *w, const struct decompile_case *of,
                     struct facts *f, struct arena *arena)
{
	struct maker *m = arena_new(arena, struct maker);

	*w = (struct witnesses){
		.arena = arena,
		.program = of->program,
		.rng = rng_seed(of->program.n),
		.words = (MOST + 63) / 64,
	};
	*m = (struct maker){ .w = w, .f = f, .r = &w->rng };
	inputs_start(&w->inputs, arena, MOST);
	for (uint32_t i = 0; i < MADE; i++) {
		make(m);
		inputs_add(&w->inputs, &m->in);
	}
	w->inputs.cap = MADE + WALKED;
	walk(&w->inputs, &w->program, 1, &w->rng);
	w->inputs.cap = MOST;
	steer_matching(w);
	make_whole(w, MADE);
	vary_matching(m);
	w->matches = arena_array(arena, uint64_t, w->words);
}
