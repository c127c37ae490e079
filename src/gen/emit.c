/*
 * Layout: from the last instruction to the first, so that every distance is
 * exact when a jump is placed. A target more than GEN_FAR away gets an island
 * right after the jump: a copy of its ret, or a ja.
 *
 * Positions count from the end: the last instruction is 0.
 */
#include <assert.h>
#include <string.h>

#include "gen/gen.h"

_Static_assert(GEN_FAR <= UINT8_MAX, "distances of a conditional jump have 8 bits");

/* Where the newest island for an entry of a place is. */
struct island {
	uint32_t at, entry;
	bool there;
};

struct emitter {
	struct arena *tmp;
	struct ir_order order;
	const uint32_t *index;
	const struct gen_body *body;
	const struct gen_flow *flow;
	uint32_t *end;         /* by place: where to enter it after its steps */
	struct island *island; /* by place */
	bool reads_cells;
	ARRAY(struct sock_filter) code; /* in reverse */
	ARRAY(const struct ir_node *) origin;
};

static const struct ir_node *node_at(const struct emitter *e, uint32_t place)
{
	return e->order.v[e->order.n - 1 - place];
}

static uint32_t put(struct emitter *e, struct sock_filter insn,
                    const struct ir_node *origin)
{
	arena_work(e->tmp, 4);
	e->reads_cells |= insn.code == CBPF_LD_MEM || insn.code == CBPF_LDX_MEM;
	array_push(e->tmp, &e->code, insn);
	array_push(e->tmp, &e->origin, origin);
	return e->code.n - 1;
}

/* Tell whether S is emitted; stores that nothing reads back are not. */
static bool is_live(const struct emitter *e, const struct gen_step *s)
{
	return !s->stores || e->flow->reloaded[s->stores->imm];
}

/* Return the position of step ENTRY of PLACE, which is emitted. */
static uint32_t position(const struct emitter *e, uint32_t place, uint32_t entry)
{
	const struct gen_body *b = &e->body[place];
	uint32_t at = e->end[place];

	assert(e->flow->first[place] <= entry && entry <= b->n && at < e->code.n);
	for (uint32_t i = entry; i < b->n; i++)
		at += is_live(e, &b->step[i]);
	return at;
}

/* Tell whether PLACE is just a ret, which can be repeated anywhere. */
static bool is_plain_ret(const struct emitter *e, uint32_t place)
{
	return !e->body[place].n && node_at(e, place)->kind == IR_RET;
}

static uint32_t put_island(struct emitter *e, uint32_t place, uint32_t entry)
{
	uint32_t to = position(e, place, entry), at = e->code.n;
	struct sock_filter ja = BPF_STMT(BPF_JMP | BPF_JA, at - to - 1);
	bool ret = is_plain_ret(e, place);

	put(e, ret ? e->body[place].last : ja, ret ? node_at(e, place) : NULL);
	e->island[place] = (struct island){ at, entry, true };
	return at;
}

/* A conditional jump's way to an exit; may change as islands come in between. */
struct way {
	uint32_t place, entry, at;
};

/* Tell whether W can be reached from the position that is emitted next. */
static bool reaches(const struct emitter *e, struct way *w)
{
	const struct island *i = &e->island[w->place];

	if (e->code.n - w->at - 1 <= GEN_FAR)
		return true;
	if (!i->there || i->entry != w->entry || e->code.n - i->at - 1 > GEN_FAR)
		return false;
	w->at = i->at;
	return true;
}

static struct way way_to(const struct emitter *e, uint32_t place, unsigned exit)
{
	const struct ir_node *to = ir_succ(node_at(e, place), exit);
	struct way w = { .place = e->index[to->id],
		         .entry = e->flow->exits[place].entry[exit] };

	assert(w.place > place); /* emission runs backward: the target is there */
	w.at = position(e, w.place, w.entry);
	return w;
}

/*
 * Return the distance from the next jump emitted to position AT, which is in
 * its reach.
 */
static uint8_t distance(const struct emitter *e, uint32_t at)
{
	uint32_t skipped = e->code.n - at - 1;

	assert(at < e->code.n && skipped <= GEN_FAR);
	return (uint8_t)skipped;
}

static void put_jump(struct emitter *e, uint32_t place)
{
	struct sock_filter jump = e->body[place].last;
	struct way yes = way_to(e, place, 0), no = way_to(e, place, 1);

	while (!reaches(e, &yes) || !reaches(e, &no)) {
		if (!reaches(e, &no))
			no.at = put_island(e, no.place, no.entry);
		if (!reaches(e, &yes))
			yes.at = put_island(e, yes.place, yes.entry);
	}
	jump.jt = distance(e, yes.at);
	jump.jf = distance(e, no.at);
	e->end[place] = put(e, jump, node_at(e, place));
}

/* Tell whether PLACE does nothing when it is entered. */
static bool is_empty(const struct emitter *e, uint32_t place)
{
	const struct gen_body *b = &e->body[place];

	for (uint32_t i = e->flow->first[place]; i < b->n; i++)
		if (is_live(e, &b->step[i]))
			return false;
	return true;
}

/* Lead control on to the successor: right below, or by a jump. */
static void put_fall(struct emitter *e, uint32_t place)
{
	struct way w = way_to(e, place, 0);
	struct sock_filter ja = BPF_STMT(BPF_JMP | BPF_JA, e->code.n - w.at - 1);

	if (w.at + 1 == e->code.n || is_empty(e, place))
		e->end[place] = w.at;
	else if (is_plain_ret(e, w.place))
		e->end[place] = put(e, e->body[w.place].last,
		                    node_at(e, w.place));
	else
		e->end[place] = put(e, ja, NULL);
}

static void put_place(struct emitter *e, uint32_t place)
{
	const struct gen_body *b = &e->body[place];
	const struct ir_node *n = node_at(e, place);

	if (n->kind == IR_RET)
		e->end[place] = put(e, b->last, n);
	else if (b->falls)
		put_fall(e, place);
	else
		put_jump(e, place);
	for (uint32_t i = b->n; i-- > e->flow->first[place];)
		if (is_live(e, &b->step[i]))
			put(e, b->step[i].insn, n);
}

/* --- what Linux does not see ----------------------------------------------- */

/*
 * Return the cells that check_load_and_stores (net/core/filter.c) takes for
 * unset where they are read. It lets what holds before a ret hold after it,
 * too, so a path that ends there can hide a store.
 */
static uint16_t cells_in_doubt(struct arena *tmp, const struct sock_filter *insn,
                               uint32_t n)
{
	uint16_t *set = arena_array(tmp, uint16_t, n), now = 0, doubt = 0;

	memset(set, 0xff, n * sizeof(*set));
	for (uint32_t i = 0; i < n; i++) {
		const struct sock_filter *s = &insn[i];
		unsigned class = BPF_CLASS(s->code);

		now &= set[i];
		if (class == BPF_ST || class == BPF_STX) {
			now |= 1u << s->k;
		} else if ((class == BPF_LD || class == BPF_LDX) &&
		           BPF_MODE(s->code) == BPF_MEM) {
			doubt |= ~now & 1u << s->k;
		} else if (cbpf_is_ja(s)) {
			set[i + 1 + s->k] &= now;
			now = 0xffff;
		} else if (class == BPF_JMP) {
			set[i + 1 + s->jt] &= now;
			set[i + 1 + s->jf] &= now;
			now = 0xffff;
		}
	}
	return doubt;
}

/*
 * Store to the cells in doubt at the start; what these stores write is never
 * read.
 */
static void put_stores(struct emitter *e)
{
	struct sock_filter *insn;
	uint16_t doubt;

	if (!e->reads_cells)
		return;
	insn = arena_array(e->tmp, struct sock_filter, e->code.n);
	for (uint32_t i = 0; i < e->code.n; i++)
		insn[i] = e->code.v[e->code.n - 1 - i];
	doubt = cells_in_doubt(e->tmp, insn, e->code.n);
	for (unsigned cell = 0; cell < BPF_MEMWORDS; cell++)
		if (doubt >> cell & 1)
			put(e, (struct sock_filter)BPF_STMT(BPF_ST, cell), NULL);
}

void gen_emit(struct arena *keep, struct arena *tmp, struct ir_order order,
              const uint32_t *index, const struct gen_body *body,
              const struct gen_flow *flow, struct gen_code *out)
{
	struct emitter e = { .tmp = tmp,
		             .order = order,
		             .index = index,
		             .body = body,
		             .flow = flow };
	uint32_t n;

	e.end = arena_array(tmp, uint32_t, order.n);
	e.island = arena_array(tmp, struct island, order.n);
	for (uint32_t place = order.n; place-- > 0;)
		put_place(&e, place);
	put_stores(&e);

	n = e.code.n;
	out->n = n;
	out->insns = arena_array(keep, struct sock_filter, n);
	out->origin = arena_array(keep, const struct ir_node *, n);
	for (uint32_t i = 0; i < n; i++) {
		out->insns[i] = e.code.v[n - 1 - i];
		out->origin[i] = e.origin.v[n - 1 - i];
	}
}
