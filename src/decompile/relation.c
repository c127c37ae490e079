/*
 * What a program asks, as comparisons of the language: `ether[..]` for any bytes, and
 * `ip[..]`, `tcp[..]` and the like for what may be in these headers. Wrong guesses are
 * found out when they are compiled.
 */
#include "decompile/decompile.h"

enum {
	DEPTH = 12,
	SHIFTS = 4,
	HEADER = 20, /* the length of most IPv4 headers */
	SHORT = 10,  /* below, numbers are always decimal */
	LONG = 200   /* bytes of a text that is still of use */
};

/* How loads are written. */
struct style {
	const char *fixed; /* at constant offsets from AT on */
	uint32_t at;
	const char *transport; /* after an IPv4 header; NULL: no such loads */
	uint32_t net;
	bool used_fixed, used_transport, failed;
};

/* --- values ------------------------------------------------------------------- */

static void put(struct buf *out, struct style *s, const struct ir_value *v, unsigned depth);

static void put_number(struct buf *out, uint32_t n, bool bits)
{
	buf_printf(out, bits && n >= SHORT ? "0x%x" : "%u", n);
}

static void put_width(struct buf *out, unsigned width)
{
	buf_puts(out, width == 4 ? ":4]" : width == 2 ? ":2]"
	                                              : "]");
}

static void put_constant_load(struct buf *out, struct style *s, uint32_t at, unsigned width)
{
	if (at < s->at) {
		s->failed = true;
		return;
	}
	s->used_fixed = true;
	buf_printf(out, "%s[%u", s->fixed, at - s->at);
	put_width(out, width);
}

/* Tell whether V is the length of the IPv4 header at S->net. */
static bool is_header(const struct style *s, const struct ir_value *v)
{
	return v->op == IR_MSH && v->imm == s->net;
}

static void put_load(struct buf *out, struct style *s, const struct ir_value *v, unsigned depth)
{
	const struct ir_value *more = NULL;
	struct place_of_load p;
	bool transport = false;

	if (!facts_place(v, &p)) {
		s->failed = true;
		return;
	}
	for (unsigned i = 0; i < p.n; i++)
		if (!transport && is_header(s, p.term[i]))
			transport = true;
		else if (!more)
			more = p.term[i];
		else
			s->failed = true;
	if (!transport && !more) {
		put_constant_load(out, s, p.at, v->width);
		return;
	}
	if ((transport && (!s->transport || p.at < s->net)) || p.at < s->at * !transport) {
		s->failed = true;
		return;
	}
	s->used_transport |= transport;
	s->used_fixed |= !transport;
	p.at -= transport ? s->net : s->at;
	buf_printf(out, "%s[", transport ? s->transport : s->fixed);
	if (more && p.at) {
		buf_putc(out, '(');
		put(out, s, more, depth - 1);
		buf_puts(out, ") + ");
	} else if (more)
		put(out, s, more, depth - 1);
	if (!more || p.at)
		buf_printf(out, "%u", p.at);
	put_width(out, v->width);
}

static void put_infix(struct buf *out, struct style *s, const struct ir_value *v, unsigned depth)
{
	bool bits = v->op == IR_AND || v->op == IR_OR || v->op == IR_XOR;

	for (unsigned i = 0; i < 2; i++) {
		const struct ir_value *arg = v->arg[i];
		bool grouped = ir_ops[arg->op].flags & IR_INFIX;

		if (i)
			buf_printf(out, " %s ", ir_ops[v->op].text);
		if (ir_is_const(arg)) {
			put_number(out, arg->imm, bits);
			continue;
		}
		buf_puts(out, grouped ? "(" : "");
		put(out, s, arg, depth - 1);
		buf_puts(out, grouped ? ")" : "");
	}
}

static void put(struct buf *out, struct style *s, const struct ir_value *v, unsigned depth)
{
	if (!depth || s->failed || out->len > LONG) {
		s->failed = true;
		return;
	}
	if (ir_is_const(v))
		buf_printf(out, "%u", v->imm);
	else if (ir_is_load(v))
		put_load(out, s, v, depth);
	else if (v->op == IR_LEN)
		buf_puts(out, "len");
	else if (v->op == IR_MSH) {
		buf_puts(out, "((");
		put_constant_load(out, s, v->imm, 1);
		buf_puts(out, " & 0xf) << 2)");
	} else if (ir_ops[v->op].flags & IR_INFIX)
		put_infix(out, s, v, depth);
	else
		s->failed = true;
}

/* --- comparisons ---------------------------------------------------------------- */

/* A comparison without parameters. */
struct relation {
	enum ir_cmp cmp;
	const struct ir_value *left, *right;
};

static const char *const signs[2][4] = {
	{ [IR_EQ] = " = ", [IR_GT] = " > ", [IR_GE] = " >= ", [IR_ANY] = " & " },
	{ [IR_EQ] = " != ", [IR_GT] = " <= ", [IR_GE] = " < ", [IR_ANY] = " & " },
};

static void put_relation(struct buf *out, struct style *s, const struct relation *r, bool negated)
{
	bool grouped = ir_ops[r->left->op].flags & IR_INFIX && r->cmp == IR_ANY;

	buf_puts(out, grouped ? "(" : "");
	put(out, s, r->left, DEPTH);
	buf_puts(out, grouped ? ")" : "");
	buf_puts(out, signs[negated][r->cmp]);
	if (ir_is_const(r->right))
		put_number(out, r->right->imm,
		           r->cmp == IR_ANY || (r->cmp == IR_EQ && r->right->imm > 255));
	else
		put(out, s, r->right, DEPTH);
	if (r->cmp == IR_ANY)
		buf_puts(out, negated ? " = 0" : " != 0");
}

void relation_write(struct buf *out, const struct question *q, bool negated)
{
	struct style s = { .fixed = "ether" };
	const struct relation r = { q->cmp, q->left, q->right };
	size_t start = out->len;

	put_relation(out, &s, &r, negated);
	if (!s.failed)
		return;
	out->len = start;
	buf_puts(out, negated ? "not (" : "(");
	ir_print_value(out, q->left);
	buf_puts(out, signs[0][q->cmp]);
	ir_print_value(out, q->right);
	buf_puts(out, q->cmp == IR_ANY ? " != 0)" : ")");
}

void relation_write_value(struct buf *out, const struct ir_value *v)
{
	struct style s = { .fixed = "ether" };
	size_t start = out->len;

	put(out, &s, v, DEPTH);
	if (!s.failed)
		return;
	out->len = start;
	ir_print_value(out, v);
}

/* Add both; an accessor asks for its protocol, so one is not the opposite of the other. */
static void add_both(struct candidates *c, const char *text, const char *negated, bool guarded)
{
	candidate_add(c, text, 0, guarded ? NULL : negated);
	if (guarded)
		candidate_add(c, negated, 0, NULL);
}

static void add_styled(struct candidates *c, const struct style *style,
                       const struct relation *r)
{
	struct buf text = { .arena = c->arena }, negated = { .arena = c->arena };
	struct style s = *style;

	put_relation(&text, &s, r, false);
	put_relation(&negated, &s, r, true);
	if (!s.failed && text.len <= LONG && (!s.transport || s.used_transport) &&
	    (s.transport || s.used_fixed || !strcmp(s.fixed, "ether")))
		add_both(c, buf_str(&text), buf_str(&negated), s.transport || strcmp(s.fixed, "ether"));
}

/* Protocols whose headers have accessors, and their numbers. */
static const struct {
	const char *name;
	uint8_t number;
} transports[] = {
	{ "tcp", 6 },
	{ "udp", 17 },
	{ "icmp", 1 },
	{ "sctp", 132 },
	{ "igmp", 2 },
	{ "pim", 103 },
	{ "vrrp", 112 },
};

/* Add R with the network header SHIFT bytes later than usual. */
static void add_shifted(struct candidates *c, const struct facts *f, uint32_t shift,
                        const struct relation *r)
{
	static const char *const networks[] = { "ip", "ip6", "arp" };
	uint32_t net = f->net + shift;
	struct style s = { .net = net };

	for (size_t i = 0; i < ARRAY_LEN(networks); i++) {
		s.fixed = networks[i];
		s.at = net;
		add_styled(c, &s, r);
	}
	for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
		if (!facts_has(f, POOL_PROTO, transports[i].number))
			continue;
		s = (struct style){ "ip", net, transports[i].name, net, false, false, false };
		add_styled(c, &s, r);
		s = (struct style){ transports[i].name, net + HEADER, NULL, net, false, false, false };
		add_styled(c, &s, r);
	}
	if (facts_has(f, POOL_PROTO, 58)) {
		s = (struct style){ "icmp6", net + 40, NULL, net, false, false, false };
		add_styled(c, &s, r);
	}
}

static void add_relation(struct candidates *c, const struct facts *f, const struct relation *r)
{
	struct style s = { .fixed = "ether" };
	bool moved = f->tagged || f->labelled || f->in_session;

	add_styled(c, &s, r);
	for (uint32_t shift = 0; shift <= (moved ? 4 * (SHIFTS - 1) : 0); shift += 4)
		add_shifted(c, f, shift, r);
}

/* Add R for the bytes AT .. AT + WIDTH - 1 of its load alone. */
static void add_part(struct candidates *c, const struct facts *f, const struct relation *r,
                     uint32_t mask, unsigned at, unsigned width)
{
	const struct ir_value *v = r->left, *load = v->op == IR_AND ? v->arg[0] : v, *part;
	unsigned shift = 8 * (load->width - at - width);
	uint32_t all = (1u << 8 * width) - 1;
	struct ir_graph *g = f->graph;
	struct relation one = { .cmp = r->cmp };

	mask = mask >> shift & all;
	if (!mask)
		return;
	part = load->op == IR_LOAD ? ir_load(g, width, load->imm + at)
	                           : ir_loadx(g, width, load->arg[0], load->imm + at);
	one.left = mask == all ? part : ir_op2(g, IR_AND, part, ir_const(g, mask));
	one.right = ir_const(g, r->right->imm >> shift & all);
	add_relation(c, f, &one);
}

/* Add the fields that a wide comparison under a mask joins. */
static void add_parts(struct candidates *c, const struct facts *f, const struct relation *r)
{
	const struct ir_value *v = r->left;
	bool under = v->op == IR_AND && ir_is_const(v->arg[1]);
	const struct ir_value *load = under ? v->arg[0] : v;
	uint32_t mask = under ? v->arg[1]->imm : UINT32_MAX;

	if (!ir_is_load(load) || load->width == 1 || !ir_is_const(r->right) || r->cmp != IR_EQ)
		return;
	for (unsigned width = 1; width < load->width; width *= 2)
		for (unsigned at = 0; at + width <= load->width; at += width)
			add_part(c, f, r, mask, at, width);
}

/* Add, one by one, the numbers that pass a mask which leaves out a bit or two. */
static void add_values(struct candidates *c, const struct facts *f, const struct relation *r)
{
	const struct ir_value *v = r->left;
	bool under = v->op == IR_AND && ir_is_const(v->arg[1]);
	const struct ir_value *load = under ? v->arg[0] : v;
	uint32_t mask = under ? v->arg[1]->imm : UINT32_MAX, left, some = 0;

	if (!ir_is_load(load) || !ir_is_const(r->right) || (r->cmp != IR_EQ && r->cmp != IR_ANY))
		return;
	mask &= r->cmp == IR_ANY ? r->right->imm : UINT32_MAX;
	left = ir_load_bits(load) & ~mask;
	if (!left || __builtin_popcount(left) > 2)
		return;
	do {
		uint32_t base = r->cmp == IR_ANY ? 0 : r->right->imm & mask;
		struct relation one = { IR_EQ, load, ir_const(f->graph, base | some) };

		add_relation(c, f, &one);
		some = (some - left) & left;
	} while (some);
}

/* Add the comparison of each question, whole and in parts. */
void relations_add(struct candidates *c, const struct facts *f)
{
	c->comparing = true;
	array_each(q, &f->questions) {
		struct relation r = { q->cmp, q->left, q->right };

		if (ir_is_const(r.left))
			continue;
		if (r.cmp == IR_ANY && ir_is_const(r.right) && ir_is_load(r.left))
			r.right = ir_const(f->graph, r.right->imm & ir_load_bits(r.left));
		add_relation(c, f, &r);
		c->joining = true;
		add_parts(c, f, &r);
		c->joining = false;
		add_values(c, f, &r);
	}
	c->comparing = false;
}
