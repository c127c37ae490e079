/*
 * From the tree to formulas. Nodes come in the order of the text, operands
 * before what joins them, so one loop over the array is the forward pass that
 * sees the layout change; and since libpcap generates code in that order, the
 * scratch cells come out with its numbers.
 */
#include "packet/primitive.h"

/* A number: its value, and what libpcap's code for it tests and writes. */
struct number {
	const struct ir_value *value;
	const struct formula *check; /* protocol tests before it; NULL if there are none */
	unsigned cell;               /* that holds it */
	bool literal_first;          /* the text begins with a plain number */
	uint32_t first;
	struct store *stores, *last;
};

/* What became of a node. */
union lowered {
	const struct formula *formula;
	struct number *number;
};

struct lower {
	struct packet *p;
	union lowered *done; /* by node */
};

/* --- numbers -------------------------------------------------------------- */

/* Make N's statements write its value to its cell. */
static void store(struct packet *p, struct number *n)
{
	struct store *s = arena_new(p->arena, struct store);

	s->cell = n->cell;
	s->value = n->value;
	if (n->last)
		n->last->next = s;
	else
		n->stores = s;
	n->last = s;
}

/* Append the statements of B to those of A. */
static void follow(struct number *a, const struct number *b)
{
	if (!b->stores)
		return;
	if (a->last)
		a->last->next = b->stores;
	else
		a->stores = b->stores;
	a->last = b->last;
}

static struct number *literal(struct packet *p, const struct tree_node *t)
{
	struct number *n = arena_new(p->arena, struct number);

	n->cell = layout_take_cell(p);
	n->value = t->kind == TREE_LEN ? layout_length(p) : ir_const(p->g, t->number);
	n->literal_first = t->kind == TREE_NUM;
	n->first = t->number;
	store(p, n);
	return n;
}

static enum ir_op op_of(enum token_kind op)
{
	switch (op) {
	case TOKEN_PLUS:
		return IR_ADD;
	case TOKEN_MINUS:
		return IR_SUB;
	case TOKEN_STAR:
		return IR_MUL;
	case TOKEN_SLASH:
		return IR_DIV;
	case TOKEN_PERCENT:
		return IR_MOD;
	case TOKEN_AMP:
		return IR_AND;
	case TOKEN_BAR:
		return IR_OR;
	case TOKEN_CARET:
		return IR_XOR;
	case TOKEN_LSH:
		return IR_LSH;
	default:
		return IR_RSH;
	}
}

/*
 * Check the right side as libpcap does, by its first statement, which is its
 * first literal: it refuses `1 / (0 + x)`, too, and `1 / ip[0]`, whose index
 * comes first.
 */
static void check_right(struct packet *p, const struct tree_node *t,
                        const struct number *b)
{
	struct span at = p->tree->nodes.v[t->right].at;
	const char *more = p->tree->nodes.v[t->right].kind == TREE_NUM
	                           ? ""
	                           : " (as in tcpdump its first number "
	                             "counts; begin it with another one)";

	if (!b->literal_first)
		return;
	if ((t->op == TOKEN_SLASH || t->op == TOKEN_PERCENT) && !b->first)
		packet_fail(p, at, "division by zero%s", more);
	if ((t->op == TOKEN_LSH || t->op == TOKEN_RSH) && b->first > 31)
		packet_fail(p, at,
		            E_RANGE "shift by %u bits: a number has 32 bits, so the most is 31%s",
		            b->first, more);
}

static struct number *binary(struct lower *l, const struct tree_node *t)
{
	struct packet *p = l->p;
	struct number *a = l->done[t->left].number, *b = l->done[t->right].number;

	check_right(p, t, b);
	if ((t->op == TOKEN_SLASH || t->op == TOKEN_PERCENT) &&
	    p->tree->nodes.v[t->right].kind != TREE_NUM)
		packet_note(
			p, NOTE_DIVISION,
			"if this divides by 0 the packet does not match, even under 'not'");
	/* The protocol tests of B are lost: libpcap keeps those of the left side. */
	a->value = ir_op2(p->g, op_of(t->op), a->value, b->value);
	follow(a, b);
	layout_free_cell(p, a->cell);
	layout_free_cell(p, b->cell);
	a->cell = layout_take_cell(p);
	store(p, a);
	return a;
}

static struct number *negated(struct lower *l, const struct tree_node *t)
{
	struct number *n = l->done[t->left].number;

	n->value = ir_neg(l->p->g, n->value);
	store(l->p, n);
	return n;
}

/* --- accessors ------------------------------------------------------------ */

enum {
	ACCESS_NONE,
	ACCESS_RADIO,
	ACCESS_LINK,
	ACCESS_NET,
	ACCESS_TRANSPORT,
	ACCESS_ICMP6
};

static int access_of(enum proto proto)
{
	switch (proto) {
	case Q_RADIO:
		return ACCESS_RADIO;
	case Q_LINK:
		return ACCESS_LINK;
	case Q_IP:
	case Q_IP6:
	case Q_ARP:
	case Q_RARP:
	case Q_ATALK:
	case Q_DECNET:
	case Q_LAT:
	case Q_SCA:
	case Q_MOPRC:
	case Q_MOPDL:
		return ACCESS_NET;
	case Q_TCP:
	case Q_UDP:
	case Q_SCTP:
	case Q_ICMP:
	case Q_IGMP:
	case Q_IGRP:
	case Q_PIM:
	case Q_VRRP:
	case Q_CARP:
		return ACCESS_TRANSPORT;
	case Q_ICMP6:
		return ACCESS_ICMP6;
	default:
		return ACCESS_NONE;
	}
}

/* Where P[0] is, and what must hold for it to be there. */
struct access {
	const struct ir_value *varying;
	uint32_t k;
	const struct formula *check;
};

static void access_link(struct packet *p, struct access *a)
{
	a->varying = layout_varying(p, &p->at.hdr);
	a->k = p->at.hdr.k;
}

static void access_net(struct packet *p, struct access *a, enum proto proto)
{
	a->varying = layout_varying(p, &p->at.payload);
	a->k = p->at.payload.k + p->at.nl;
	a->check = packet_abbrev(p, proto);
}

/* Reach a transport header: IPv4 only, first fragments only. */
static void access_transport(struct packet *p, struct access *a, enum proto proto)
{
	const struct formula *f;

	packet_note(
		p, NOTE_IPV4_ONLY,
		"'%s[...]' reads only IPv4, and only first fragments; no IPv6 packet matches",
		packet_proto_text(proto));
	a->varying = layout_ihl(p);
	a->k = p->at.payload.k + p->at.nl;
	f = packet_linkproto(p, ETHERTYPE_IP);
	f = formula_and(p, f, packet_ip_proto(p, (uint32_t)packet_ipproto_of(proto)));
	a->check = formula_and(p, f, packet_first_fragment(p));
}

static void access_icmp6(struct packet *p, struct access *a)
{
	const struct formula *f = packet_linkproto(p, ETHERTYPE_IP6);

	packet_note(p, NOTE_NO_EXTENSIONS,
	            "'icmp6[...]' reads what directly follows the IPv6 header, "
	            "not what follows extension headers");
	a->check = formula_and(p, f, packet_ip6_proto(p, 58));
	a->varying = layout_varying(p, &p->at.payload);
	a->k = p->at.payload.k + p->at.nl + 40;
}

static bool access_start(struct packet *p, struct access *a, const struct tree_node *t)
{
	enum proto proto = t->q.proto;

	switch (access_of(proto)) {
	case ACCESS_RADIO:
		if (p->at.link->flags & LINK_RADIO)
			return true;
		packet_not_here(p, "radio headers");
		return false;
	case ACCESS_LINK:
		access_link(p, a);
		return true;
	case ACCESS_NET:
		access_net(p, a, proto);
		return true;
	case ACCESS_TRANSPORT:
		access_transport(p, a, proto);
		return true;
	case ACCESS_ICMP6:
		access_icmp6(p, a);
		return true;
	}
	packet_fail(p, t->at, "'%s' cannot be read with '[...]'",
	            packet_proto_text(proto));
	return false;
}

/* Return the load itself: a plain offset where the index is a small number. */
static const struct ir_value *access_load(struct packet *p, const struct access *a,
                                          const struct ir_value *index, unsigned width)
{
	uint32_t k = a->k;

	if (ir_is_const(index) && index->imm < 0x01000000 && k < 0x01000000) {
		k += index->imm;
		return a->varying ? ir_loadx(p->g, width, a->varying, k)
		                  : ir_load(p->g, width, k);
	}
	if (a->varying)
		index = ir_op2(p->g, IR_ADD, index, a->varying);
	return ir_loadx(p->g, width, index, k);
}

static struct number *indexed(struct lower *l, const struct tree_node *t)
{
	struct packet *p = l->p;
	struct number *n = l->done[t->left].number;
	struct access a = { 0 };
	unsigned cell = layout_take_cell(p);

	layout_free_cell(p, n->cell);
	if (t->value != 1 && t->value != 2 && t->value != 4) {
		packet_fail(p, t->op_at,
		            E_RANGE "cannot read %u bytes at once, only 1, 2 or 4", t->value);
		return n;
	}
	if (!access_start(p, &a, t))
		return n;
	if (a.check)
		n->check = n->check ? formula_and(p, n->check, a.check) : a.check;
	n->value = access_load(p, &a, n->value, t->value);
	n->cell = cell;
	store(p, n);
	return n;
}

/* --- conditions ----------------------------------------------------------- */

static const struct formula *relation(struct lower *l, const struct tree_node *t)
{
	struct packet *p = l->p;
	struct number *a = l->done[t->left].number, *b = l->done[t->right].number;
	bool swap = t->op == TOKEN_NE || t->op == TOKEN_LE || t->op == TOKEN_LT;
	enum ir_cmp cmp = t->op == TOKEN_EQ || t->op == TOKEN_NE   ? IR_EQ
	                  : t->op == TOKEN_GT || t->op == TOKEN_LE ? IR_GT
	                                                           : IR_GE;
	const struct formula *f = formula_test(p, cmp, a->value, b->value);

	follow(a, b);
	((struct formula *)f)->stores = a->stores;
	if (swap)
		f = formula_not(p, f);
	layout_free_cell(p, a->cell);
	layout_free_cell(p, b->cell);
	if (a->check)
		f = formula_and(p, a->check, f);
	if (b->check)
		f = formula_and(p, b->check, f);
	return f;
}

static union lowered lower_node(struct lower *l, const struct tree_node *t)
{
	struct packet *p = l->p;
	union lowered r = { NULL };

	p->span = t->at;
	switch ((enum tree_kind)t->kind) {
	case TREE_AND:
		r.formula = formula_and(p, l->done[t->left].formula,
		                        l->done[t->right].formula);
		break;
	case TREE_OR:
		r.formula = formula_or(p, l->done[t->left].formula,
		                       l->done[t->right].formula);
		break;
	case TREE_NOT:
		r.formula = formula_not(p, l->done[t->left].formula);
		break;
	case TREE_ID:
		r.formula = packet_id(p, t);
		break;
	case TREE_ABBREV:
		r.formula = packet_abbrev(p, t->q.proto);
		break;
	case TREE_RELATION:
		r.formula = relation(l, t);
		break;
	case TREE_WORD:
		r.formula = packet_word(p, t);
		break;
	case TREE_BROADCAST:
		r.formula = packet_broadcast(p, t->q.proto);
		break;
	case TREE_MULTICAST:
		r.formula = packet_multicast(p, t->q.proto);
		break;
	case TREE_BYTE:
		r.formula = packet_byte(p, t);
		break;
	case TREE_WLAN_TYPE:
		r.formula = packet_wlan_byte(p, 0, t->mask, t->value, "802.11 types");
		break;
	case TREE_WLAN_DIR:
		r.formula =
			packet_wlan_byte(p, 1, t->mask, t->value, "802.11 directions");
		break;
	case TREE_FIELD:
		r.formula = packet_field(p, t);
		break;
	case TREE_NUM:
	case TREE_LEN:
		r.number = literal(p, t);
		break;
	case TREE_BINARY:
		r.number = binary(l, t);
		break;
	case TREE_NEG:
		r.number = negated(l, t);
		break;
	case TREE_INDEX:
		r.number = indexed(l, t);
		break;
	}
	return r;
}

const struct formula *packet_lower(struct packet *p)
{
	uint32_t n = p->tree->nodes.n;
	struct lower l = { p, arena_array(p->arena, union lowered, n) };

	for (uint32_t i = 0; i < n && !p->failed; i++)
		l.done[i] = lower_node(&l, &p->tree->nodes.v[i]);
	return p->failed ? p->no : l.done[n - 1].formula;
}
