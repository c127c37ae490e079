/*
 * The search: a combination of primitives that decides all witnesses as the program
 * does is written, compiled and held against the program; a packet that shows a
 * difference becomes a witness, and so on. Nothing is given that was not held against
 * the program without a difference.
 */
#include "decompile/decompile.h"

#include <assert.h>

enum {
	SPENT = 100000000, /* steps: more is not worth it */
	TRIES = 24,        /* expressions that are held against a program */
	OUTSIDE = 3,       /* tags, labels and sessions around each other */
	INPUTS = 2000,     /* on which an expression that is proved is run */
	WORK = 2000000,    /* with so many steps at most */
	WALKED = 600,      /* inputs of walks that both programs take */
	LONGEST = 400,     /* bytes of an expression */
	STEPS = 100000
};

struct search {
	const struct decompile_case *of;
	struct packet_options packet; /* with the snaplen of the program */
	struct decompile_case with;   /* OF with them */
	struct arena *arena;
	struct facts facts;
	struct witnesses witnesses;
	struct candidates candidates[OUTSIDE + 1]; /* by how much is around */
	const char *before[OUTSIDE + 1];
	struct arena *tmp; /* of one try */
	bool joined;       /* ranges may be used that the program asks for in parts */
};

/* --- expressions ------------------------------------------------------------------ */

static struct expr *solve(struct search *s, unsigned depth, const uint64_t *on,
                          const uint64_t *off);

/* Run the candidates of level DEPTH, which follow s->before[DEPTH], on all witnesses. */
static const struct candidates *candidates_at(struct search *s, unsigned depth)
{
	struct candidates *c = &s->candidates[depth];

	if (!c->v.n) {
		c->arena = s->arena;
		c->of = &s->with;
		c->before = s->before[depth];
		witnesses_probe(&s->witnesses, &s->facts, c);
		candidates_add(c, &s->facts);
		relations_add(c, &s->facts);
		array_each(one, &c->v)
			one->bits = arena_array(s->arena, uint64_t, s->witnesses.words);
	}
	array_each(one, &c->v)
		witnesses_run(&s->witnesses, &one->code, c->ran, one->bits);
	c->ran = s->witnesses.inputs.n;
	return c;
}

static uint32_t count(const uint64_t *a, const uint64_t *b, uint32_t words)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < words; i++)
		n += (uint32_t)__builtin_popcountll(a[i] & ~b[i]);
	return n;
}

/*
 * Find a candidate that moves what follows and holds for all of ON; of several,
 * the one that holds for least of OFF.
 */
static const struct candidate *around(const struct candidates *c, const uint64_t *on,
                                      const uint64_t *off, uint32_t words)
{
	const struct candidate *best = NULL;
	uint32_t most = 0;

	array_each(one, &c->v) {
		uint32_t without;

		if (!one->moves || count(on, one->bits, words))
			continue;
		without = count(off, one->bits, words);
		if (without > most) {
			most = without;
			best = one;
		}
	}
	return best;
}

/* Make an expression of WORD and what holds after it. */
static struct expr *moved(struct search *s, unsigned depth, const struct candidate *word,
                          const uint64_t *on, const uint64_t *off)
{
	uint32_t words = s->witnesses.words;
	struct expr *first = expr_one(s->arena, word, false, words), *rest, *e;
	uint64_t *left = arena_array(s->arena, uint64_t, words);
	struct buf before = { .arena = s->arena };
	bool all = true;

	for (uint32_t i = 0; i < words; i++) {
		left[i] = off[i] & word->bits[i];
		all &= !left[i];
	}
	if (all)
		return first;
	if (depth == OUTSIDE)
		return NULL;
	if (s->before[depth])
		buf_printf(&before, "%s and ", s->before[depth]);
	buf_puts(&before, word->text);
	if (!s->before[depth + 1] || strcmp(s->before[depth + 1], buf_str(&before)))
		s->candidates[depth + 1] = (struct candidates){ 0 };
	s->before[depth + 1] = buf_str(&before);
	rest = solve(s, depth + 1, on, left);
	if (!rest)
		return NULL;
	e = arena_new(s->arena, struct expr);
	*e = (struct expr){ .kind = EXPR_AND, .moved = true, .cost = first->cost + 5 + rest->cost };
	array_push(s->arena, &e->part, first);
	if (rest->moved)
		array_each(p, &rest->part)
			array_push(s->arena, &e->part, *p);
	else
		array_push(s->arena, &e->part, rest);
	return e;
}

static struct expr *solve(struct search *s, unsigned depth, const uint64_t *on,
                          const uint64_t *off)
{
	const struct candidates *c = candidates_at(s, depth);
	uint32_t words = s->witnesses.words;
	const struct candidate *word = around(c, on, off, words);
	struct expr *outer = word ? moved(s, depth, word, on, off) : NULL;
	struct expr *plain = synthesize(s->arena, c, s->joined, on, off, words);

	return !plain || (outer && outer->cost < plain->cost) ? outer : plain;
}

/* --- holding it against the program ---------------------------------------------------- */

enum finding {
	SAME,
	DIFFERENT, /* on a packet that is whole */
	CUT        /* only where bytes are missing; or not known */
};

static enum end run(const struct program *p, const struct input *in, uint32_t *result)
{
	return machine_run(p, in, result, NULL);
}

/* Tell whether the program and WHAT differ on IN when nothing of it is missing. */
static bool differ_whole(struct search *s, const struct program *what, struct input *in)
{
	uint32_t is, should;

	for (; in->captured < 256; in->captured++)
		in->bytes[in->captured] = (uint8_t)rng_next(&s->witnesses.rng);
	run(&s->of->program, in, &is);
	run(what, in, &should);
	return is != should;
}

/* Tell whether WHAT differs on inputs that walk both programs; set *OUT to one. */
static bool walks_differ(struct search *s, struct reach *reach, const struct program *what,
                         struct input *out)
{
	struct program both[2] = { s->of->program, *what };
	struct rng r = rng_seed(what->n + 7);
	struct inputs set;

	inputs_start(&set, s->tmp, WALKED);
	for (uint32_t i = 0; i < 8; i++)
		inputs_add(&set, &s->witnesses.inputs.v[rng_below(&r, s->witnesses.inputs.n)]);
	walk(&set, both, 2, &r);
	arena_work(s->arena, (uint64_t)WALKED * (both[0].n + both[1].n));
	for (uint32_t i = 0; i < set.n; i++) {
		uint32_t is, should;
		enum end end = run(what, &set.v[i], &should);

		run(&s->of->program, &set.v[i], &is);
		if (is == should || end == END_LOAD ||
		    (should && reach_leave(reach, &set.v[i], 0) > set.v[i].captured))
			continue;
		*out = set.v[i];
		return true;
	}
	return false;
}

/*
 * Tell whether the graph of WHAT and the program differ on inputs directed at
 * both; set *OUT to one.
 */
static bool graphs_differ(struct search *s, struct reach *reach, struct ir_graph *graph,
                          bool whole, struct input *out)
{
	struct prove_case check = {
		.graph = graph,
		.root = graph->root,
		.program = s->of->program,
		.inputs = INPUTS,
		.work = WORK,
		.leave = whole ? reach_all : reach_leave,
		.ctx = reach,
	};
	struct prove_found found;
	bool same = prove_check(&check, s->tmp, &found);

	arena_work(s->arena, found.work);
	if (same)
		return false;
	*out = *found.in;
	out->captured = found.cut;
	return true;
}

/* Hold E, which TEXT is, against the program. *OUT shows a difference. */
static enum finding compare(struct search *s, const struct expr *e, const char *text,
                            struct input *out)
{
	struct reach reach = { &s->facts, e, arena_new(s->tmp, struct trace) };
	enum exact_answer answer;
	struct ir_graph *graph;
	struct program code;

	if (!candidate_compile(s->tmp, &s->packet, text, &code, &graph))
		return CUT;
	*out = s->witnesses.inputs.v[0];
	answer = exact(s->tmp, &s->facts, &s->of->program, &code, out);
	if (answer == EXACT_DIFFERENT && differ_whole(s, &code, out))
		return DIFFERENT;
	for (unsigned whole = 2; whole-- > 0;)
		if (graphs_differ(s, &reach, graph, whole, out))
			return differ_whole(s, &code, out) ? DIFFERENT : CUT;
	if (walks_differ(s, &reach, &code, out))
		return differ_whole(s, &code, out) ? DIFFERENT : CUT;
	return answer == EXACT_SAME ? SAME : CUT;
}

/* --- the search -------------------------------------------------------------------------- */

static const char *text_of(struct search *s, const struct expr *e, enum expr_order order)
{
	struct buf out = { .arena = s->arena };

	expr_write(&out, e, order);
	return out.len && out.len <= LONGEST ? buf_str(&out) : NULL;
}

/*
 * Return E's text if it means what the program does. If not, set *LEARNED if
 * there is a new witness; there is none where they differ only on cut packets.
 */
static const char *tried(struct search *s, const struct expr *e, bool *learned)
{
	const char *text[NORDERS] = { NULL };

	*learned = false;
	for (enum expr_order order = 0; order < NORDERS; order++) {
		struct input *in = arena_new(s->tmp, struct input);
		enum finding found;

		text[order] = text_of(s, e, order);
		if (!text[order] || (order && !strcmp(text[order], text[order - 1])))
			continue;
		found = compare(s, e, text[order], in);
		if (found == SAME)
			return text[order];
		if (found == DIFFERENT) {
			*learned = witnesses_learn(&s->witnesses, in);
			return NULL;
		}
	}
	return NULL;
}

/* Make an expression that tells the witnesses that match from the others. */
static struct expr *combination(struct search *s)
{
	struct witnesses *w = &s->witnesses;
	uint64_t *off = arena_array(s->arena, uint64_t, w->words);
	bool some = false, all = true;

	witnesses_run(w, &w->program, 0, w->matches);
	for (uint32_t i = 0; i < w->inputs.n; i++)
		if (!(w->matches[i / 64] >> i % 64 & 1)) {
			off[i / 64] |= UINT64_C(1) << i % 64;
			all = false;
		} else
			some = true;
	return some && !all ? solve(s, 0, w->matches, off) : NULL;
}

/* Find the text with what ARENA's run may still use. */
static const char *searched(const struct decompile_case *of, struct arena *arena,
                            struct arena *tmp, uint32_t *snaplen)
{
	struct search *s = arena_new(arena, struct search);
	const char *text = NULL;
	bool learned = true;

	*s = (struct search){ .of = of, .packet = of->packet, .arena = arena, .tmp = tmp, .joined = true };
	if (!facts_collect(&s->facts, of, arena))
		return NULL;
	*snaplen = s->packet.snaplen = s->facts.accept;
	s->with = (struct decompile_case){ of->program, s->packet };
	witnesses_start(&s->witnesses, of, &s->facts, arena);
	for (int i = 0; i < TRIES && learned && !text; i++) {
		struct expr *e = combination(s);

		if (!e)
			break;
		text = tried(s, e, &learned);
		if (!text && !learned && s->joined) {
			s->joined = false;
			learned = true;
		}
		arena_reset(tmp);
	}
	return text;
}

bool decompile(const struct decompile_case *of, struct arena *arena, struct arena *tmp,
               const char **text, uint32_t *snaplen)
{
	jmp_buf *const out = arena->oom;
	jmp_buf over;
	const uint64_t most = arena->budget->most_work;
	int why;

	assert(arena->budget && arena->budget == tmp->budget);
	why = setjmp(over);
	if (!why) {
		arena->oom = tmp->oom = &over;
		if (most - arena->budget->work > SPENT)
			arena->budget->most_work = arena->budget->work + SPENT;
		*text = searched(of, arena, tmp, snaplen);
	}
	arena->oom = tmp->oom = out;
	arena->budget->most_work = most;
	if (why && (why != OVER_WORK || arena->budget->work > most))
		longjmp(*out, why);
	return !why && *text;
}
