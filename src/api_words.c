/*
 * The public library, programs in words: what each instruction loads, asks or answers,
 * as far as the tests before it tell. It joins the walk over the program to the rooms
 * that know the names.
 */
#include <string.h>

#include "api.h"
#include "packet/say.h"
#include "rules/words.h"

_Static_assert(sizeof(struct packet_told) <= sizeof(uint64_t[GEN_TOLD_WORDS]) &&
                       sizeof(struct rules_told) <= sizeof(uint64_t[GEN_TOLD_WORDS]),
               "what is told fits into a way");

enum {
	MOST_WORDINGS = 2 /* of one instruction, for ways that differ */
};

/* One walk over a program. */
struct words {
	struct arena *arena;
	struct ir_graph *g;
	const struct cbpf_program *p;
	const struct packet_linktype *link; /* of packets; NULL: not known */
	const char **word;                  /* by instruction */
};

static struct packet_told as_packet(const uint64_t *told)
{
	struct packet_told t;

	memcpy(&t, told, sizeof t);
	return t;
}

static struct rules_told as_call(const uint64_t *told)
{
	struct rules_told t;

	memcpy(&t, told, sizeof t);
	return t;
}

static bool is_seccomp(const struct words *w)
{
	return w->p->use == CBPF_SECCOMP;
}

/* --- what tests tell ---------------------------------------------------------------- */

static void start(const struct words *w, uint64_t *told)
{
	struct packet_told packet;
	struct rules_told call;

	if (is_seccomp(w)) {
		rules_told_start(&call);
		memcpy(told, &call, sizeof call);
	} else if (w->link) {
		packet_told_start(&packet, w->link);
		memcpy(told, &packet, sizeof packet);
	}
}

static bool test(void *ctx, uint64_t *told, enum ir_cmp cmp, const struct ir_value *lhs,
                 const struct ir_value *rhs, bool yes)
{
	const struct words *w = ctx;
	struct packet_told packet;
	struct rules_told call;
	bool can_be = true;

	if (!ir_is_const(rhs))
		return true;
	if (is_seccomp(w)) {
		call = as_call(told);
		can_be = rules_told_test(&call, cmp, lhs, rhs->imm, yes);
		memcpy(told, &call, sizeof call);
	} else if (w->link) {
		packet = as_packet(told);
		can_be = packet_told_test(&packet, cmp, lhs, rhs->imm, yes);
		memcpy(told, &packet, sizeof packet);
	}
	return can_be;
}

static void join(void *ctx, uint64_t *told, const uint64_t *other)
{
	const struct words *w = ctx;
	struct packet_told packet = as_packet(told), packet2 = as_packet(other);
	struct rules_told call = as_call(told), call2 = as_call(other);

	if (is_seccomp(w)) {
		rules_told_join(&call, &call2);
		memcpy(told, &call, sizeof call);
	} else if (w->link) {
		packet_told_join(&packet, &packet2);
		memcpy(told, &packet, sizeof packet);
	}
}

/* --- words for one way ------------------------------------------------------------------ */

static void put_value(struct buf *out, const struct words *w, const struct gen_way *way,
                      const struct ir_value *v)
{
	struct packet_told packet = as_packet(way->told);
	struct rules_told call = as_call(way->told);

	if (is_seccomp(w))
		rules_put_value(out, &w->g->input, &call, v);
	else if (w->link)
		packet_put_value(out, w->link, &packet, v);
}

static void put_test(struct buf *out, const struct words *w, const struct gen_way *way,
                     const struct sock_filter *f)
{
	const struct ir_value *rhs = gen_right_side(w->g, f, &way->regs);
	const struct ir_value *lhs = way->regs.reg[GEN_A];
	struct packet_told packet = as_packet(way->told);
	struct rules_told call = as_call(way->told);

	if (!ir_is_const(rhs))
		return;
	if (is_seccomp(w))
		rules_put_test(out, &w->g->input, &call, gen_compares(f), lhs, rhs->imm);
	else if (w->link)
		packet_put_test(out, w->link, &packet, gen_compares(f), lhs, rhs->imm);
}

static void put_result(struct buf *out, const struct words *w, const struct gen_way *way,
                       uint32_t ret)
{
	struct rules_told call = as_call(way->told);

	if (is_seccomp(w))
		rules_put_result(out, &call, ret);
	else
		buf_puts(out, ret ? "match" : "no match");
}

/* Write what instruction AT does if it is reached in WAY. */
static void put_words(struct buf *out, const struct words *w, uint32_t at,
                      const struct gen_way *way)
{
	const struct sock_filter *f = &w->p->insns[at];
	struct gen_regs after = way->regs;

	switch (BPF_CLASS(f->code)) {
	case BPF_LD:
	case BPF_ALU:
		gen_step(w->g, f, &after);
		put_value(out, w, way, after.reg[GEN_A]);
		break;
	case BPF_LDX:
		gen_step(w->g, f, &after);
		put_value(out, w, way, after.reg[GEN_X]);
		break;
	case BPF_JMP:
		if (cbpf_is_test(f))
			put_test(out, w, way, f);
		break;
	case BPF_RET:
		if (f->code == CBPF_RET_K)
			put_result(out, w, way, f->k);
		break;
	}
}

/* --- words for all ways ------------------------------------------------------------------ */

/*
 * Tell whether A and B differ in the transport header alone, whose ports have one name
 * for several.
 */
static bool differ_in_transport(const struct words *w, const struct gen_way *a,
                                const struct gen_way *b)
{
	struct packet_told x = as_packet(a->told), y = as_packet(b->told);

	return !is_seccomp(w) && x.net == y.net && x.at == y.at && x.type == y.type &&
	       x.ip_size == y.ip_size && x.tags == y.tags &&
	       !memcmp(&a->regs, &b->regs, sizeof a->regs);
}

/* Unite ways of the N that need no words of their own; how many are left. */
static unsigned unite(struct words *w, struct gen_way *way, unsigned n)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned k = 0;

		while (k < kept && !differ_in_transport(w, &way[k], &way[i]))
			k++;
		if (k < kept)
			join(w, way[k].told, way[i].told);
		else
			way[kept++] = way[i];
	}
	return kept;
}

/* Return where the comparison in a wording begins; its end if it has none. */
static size_t comparison(const char *words)
{
	static const char *const signs[] = { " == ", " > ", " >= ", " & " };
	size_t first = strlen(words);

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		const char *at = strstr(words, signs[i]);

		if (at && (size_t)(at - words) < first)
			first = (size_t)(at - words);
	}
	return first;
}

/* Write alternatives, such as "ip src or arp sender ip == 10.0.0.1". */
static void put_wordings(struct buf *out, const char *const *wording, unsigned n)
{
	size_t a = n ? comparison(wording[0]) : 0, b = n > 1 ? comparison(wording[1]) : 0;

	if (n > 1 && !strcmp(wording[0] + a, wording[1] + b)) {
		buf_write(out, wording[0], a);
		buf_printf(out, " or %s", wording[1]);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "%s%s", i ? ", or " : "", wording[i]);
}

/* Note the words for instruction AT: what all ways have, or what each of a few has. */
static void see(void *ctx, uint32_t at, const struct gen_way *ways, unsigned n)
{
	struct words *w = ctx;
	const char *wording[MOST_WORDINGS];
	struct buf out = { .arena = w->arena };
	struct gen_way way[GEN_WAYS];
	unsigned found = 0;

	memcpy(way, ways, n * sizeof *way);
	n = unite(w, way, n);
	for (unsigned i = 0; i < n; i++) {
		struct buf one = { .arena = w->arena };
		unsigned k = 0;

		put_words(&one, w, at, &way[i]);
		if (!one.len)
			return;
		while (k < found && strcmp(wording[k], buf_str(&one)) != 0)
			k++;
		if (k == MOST_WORDINGS)
			return;
		if (k == found)
			wording[found++] = buf_str(&one);
	}
	put_wordings(&out, wording, found);
	w->word[at] = buf_str(&out);
}

/* Say what is returned, of a program that cannot be followed. */
static void see_results(struct words *w)
{
	struct gen_way way;

	memset(&way, 0, sizeof way);
	start(w, way.told);
	for (uint32_t i = 0; i < w->p->n; i++)
		if (w->p->insns[i].code == CBPF_RET_K) {
			struct buf out = { .arena = w->arena };

			put_result(&out, w, &way, w->p->insns[i].k);
			w->word[i] = buf_str(&out);
		}
}

const char *const *api_words(struct arena *arena, const struct cbpf_program *p, int linktype)
{
	struct cbpf_verdict verdict;
	struct words w = {
		.arena = arena,
		.p = p,
		.link = packet_linktype(linktype),
		.word = arena_array(arena, const char *, p->n),
	};
	struct gen_follower follower = { test, join, see, &w, { 0 } };
	struct ir_input input = gen_input(p->use);

	if (!cbpf_check(arena, p->insns, p->n, p->use, CBPF_ANY_LENGTH | CBPF_UNSET_CELLS,
	                &verdict)) {
		see_results(&w);
		return w.word;
	}
	w.g = ir_graph(arena, &input);
	start(&w, follower.start);
	gen_follow(w.g, p->insns, p->n, arena, &follower);
	return w.word;
}
