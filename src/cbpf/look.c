/*
 * A listing as a terminal shows it: jumps drawn at the side, colors, notes that are
 * broken to the width. Plain text, which reads back, is print.c's.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"

enum {
	MOST_LANES = 12,   /* of arrows */
	LANE = 2,          /* columns of one */
	LEAST_NOTE = 20,   /* columns; below that notes are not broken */
	USUAL_WIDTH = 100, /* where the width does not matter */
	MOST_LINES = 65535 /* of a program whose jumps are drawn */
};

/* The arrow into an instruction, from all that jump there. */
struct arrow {
	uint32_t first, last, to; /* lines: those that jump, and the target */
	uint8_t lane;             /* 0: the nearest to the text; NO_LANE: not drawn */
};

#define NO_LANE UINT8_MAX

struct look {
	struct buf *out;
	const struct cbpf_program *p;
	const struct cbpf_notes *notes;
	const struct cbpf_look *how;
	struct buf text, operand, note;      /* of one line */
	struct buf quoted;                   /* the last quotes */
	ARRAY(struct arrow) arrow;           /* one for each target of jumps */
	uint32_t *into;                      /* by instruction: its arrow and 1; 0: none */
	const struct arrow **by_top;         /* in the order of their first lines, */
	uint32_t next;                       /* the next of them to begin */
	const struct arrow *now[MOST_LANES]; /* by lane, at the current line */
	unsigned lanes, column;              /* of the gutter; where notes begin */
	uint64_t most;                       /* runs of one instruction */
};

/* --- colors ----------------------------------------------------------------------------- */

enum paint {
	PLAIN,
	DIM,
	LOADS,
	COMPUTES,
	JUMPS,
	ACCEPTS,
	REFUSES,
	ASKS,
	QUOTE,
};

static const char *const paints[] = {
	[PLAIN] = "0",
	[DIM] = "2",
	[LOADS] = "36",
	[COMPUTES] = "35",
	[JUMPS] = "33",
	[ACCEPTS] = "1;32",
	[REFUSES] = "1;31",
	[ASKS] = "1;34",
	[QUOTE] = "2;3",
};

static void put(struct look *l, enum paint paint, const char *text, size_t len)
{
	bool colored = l->how->color && paint != PLAIN && len;

	if (colored)
		buf_printf(l->out, "\033[%sm", paints[paint]);
	buf_write(l->out, text, len);
	if (colored)
		buf_puts(l->out, "\033[0m");
}

static enum paint paint_of(const struct look *l, uint32_t at)
{
	switch (cbpf_outcome(l->p, at)) {
	case CBPF_ACCEPTS:
		return ACCEPTS;
	case CBPF_REFUSES:
		return REFUSES;
	case CBPF_ASKS:
		return ASKS;
	case CBPF_RETURNS_NOTHING:
		break;
	}
	switch (BPF_CLASS(l->p->insns[at].code)) {
	case BPF_LD:
	case BPF_LDX:
		return LOADS;
	case BPF_JMP:
		return JUMPS;
	case BPF_RET:
		return ASKS;
	}
	return COMPUTES;
}

static void spaces(struct look *l, int n)
{
	while (n-- > 0)
		buf_putc(l->out, ' ');
}

/* Count the columns of TEXT. */
static unsigned columns(const char *text, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += (text[i] & 0xc0) != 0x80;
	return n;
}

/* --- arrows ------------------------------------------------------------------------------ */

/* Note that AT jumps to TO, unless that is simply the next. */
static void add_jump(struct look *l, uint32_t at, bool yes)
{
	struct arrow *a;
	uint32_t to;

	if (!cbpf_target(l->p, at, yes, &to) || to == at + 1)
		return;
	if (!l->into[to]) {
		array_push(l->out->arena, &l->arrow, ((struct arrow){ at, at, to, NO_LANE }));
		l->into[to] = l->arrow.n;
		return;
	}
	a = &l->arrow.v[l->into[to] - 1];
	a->first = min_u32(a->first, at);
	a->last = max_u32(a->last, at);
}

static void find_arrows(struct look *l)
{
	l->into = arena_array(l->out->arena, uint32_t, l->p->n);
	for (uint32_t i = 0; i < l->p->n; i++) {
		const struct sock_filter *f = &l->p->insns[i];

		if (BPF_CLASS(f->code) != BPF_JMP)
			continue;
		add_jump(l, i, true);
		if (cbpf_is_test(f))
			add_jump(l, i, false);
	}
}

static uint32_t top(const struct arrow *a)
{
	return min_u32(a->first, a->to);
}

static uint32_t bottom(const struct arrow *a)
{
	return max_u32(a->last, a->to);
}

static int by_length(const void *x, const void *y)
{
	const struct arrow *a = x, *b = y;
	uint32_t m = bottom(a) - top(a), n = bottom(b) - top(b);

	if (m != n)
		return m < n ? -1 : 1;
	return top(a) < top(b) ? -1 : top(a) > top(b);
}

/* Take LINES of LANE, a bit each, for A; false if one of them is taken. */
static bool take_lines(uint64_t *lane, const struct arrow *a)
{
	for (uint32_t i = top(a); i <= bottom(a); i++)
		if (lane[i / 64] >> i % 64 & 1)
			return false;
	for (uint32_t i = top(a); i <= bottom(a); i++)
		lane[i / 64] |= UINT64_C(1) << i % 64;
	return true;
}

/*
 * Give arrows lanes, short ones the nearest, each the first where no other is in the way;
 * those that find none of MOST are not drawn: their targets are in the text.
 */
static void find_lanes(struct look *l, unsigned most)
{
	uint64_t *lane[MOST_LANES];

	for (unsigned n = 0; n < most; n++)
		lane[n] = arena_array(l->out->arena, uint64_t, l->p->n / 64 + 1);
	if (l->arrow.n)
		qsort(l->arrow.v, l->arrow.n, sizeof *l->arrow.v, by_length);
	for (uint32_t i = 0; i < l->arrow.n; i++) {
		struct arrow *a = &l->arrow.v[i];

		l->into[a->to] = i + 1;
		for (unsigned n = 0; n < most && a->lane == NO_LANE; n++)
			if (take_lines(lane[n], a)) {
				a->lane = (uint8_t)n;
				l->lanes = max_u32(l->lanes, n + 1);
			}
	}
}

/* Let arrows that begin at line AT take their lanes, and those that ended leave. */
static void move_on(struct look *l, uint32_t at)
{
	for (unsigned n = 0; n < l->lanes; n++)
		if (l->now[n] && bottom(l->now[n]) < at)
			l->now[n] = NULL;
	for (; l->next < l->arrow.n && top(l->by_top[l->next]) <= at; l->next++)
		if (l->by_top[l->next]->lane != NO_LANE)
			l->now[l->by_top[l->next]->lane] = l->by_top[l->next];
}

static int by_top(const void *x, const void *y)
{
	const struct arrow *const *a = x, *const *b = y;

	return top(*a) < top(*b) ? -1 : top(*a) > top(*b);
}

static void sort_by_top(struct look *l)
{
	l->by_top = arena_array(l->out->arena, const struct arrow *, l->arrow.n + 1);
	for (uint32_t i = 0; i < l->arrow.n; i++)
		l->by_top[i] = &l->arrow.v[i];
	qsort(l->by_top, l->arrow.n, sizeof(*l->by_top), by_top);
}

/* Tell whether AT jumps to where A leads. */
static bool jumps_along(const struct look *l, uint32_t at, const struct arrow *a)
{
	const struct sock_filter *f = &l->p->insns[at];
	uint32_t to;

	if (BPF_CLASS(f->code) != BPF_JMP || a->to == at + 1)
		return false;
	if (cbpf_target(l->p, at, true, &to) && to == a->to)
		return true;
	return cbpf_is_test(f) && cbpf_target(l->p, at, false, &to) && to == a->to;
}

enum {
	UP = 1,
	DOWN = 2,
	LEFT = 4,
	RIGHT = 8
};

static const char *line_character(const struct look *l, unsigned ways)
{
	static const char *const drawn[] = {
		[0] = " ",
		[UP] = "│",
		[DOWN] = "│",
		[UP | DOWN] = "│",
		[LEFT | RIGHT] = "─",
		[DOWN | RIGHT] = "╭",
		[UP | RIGHT] = "╰",
		[UP | DOWN |
			RIGHT] = "├",
		[DOWN | LEFT |
			RIGHT] = "┬",
		[UP | LEFT |
			RIGHT] = "┴",
		[UP | DOWN | LEFT |
			RIGHT] = "┼",
		[RIGHT] = "─",
	};

	if (l->how->utf8)
		return drawn[ways];
	return !(ways & (LEFT | RIGHT)) ? (ways ? "|" : " ") : ways & (UP | DOWN) ? "+"
	                                                                          : "-";
}

static enum paint paint_of_arrow(const struct look *l, const struct arrow *a)
{
	static const enum paint cycle[] = { JUMPS, LOADS, COMPUTES };

	if (cbpf_outcome(l->p, a->to) != CBPF_RETURNS_NOTHING)
		return paint_of(l, a->to);
	return cycle[a->lane % ARRAY_LEN(cycle)];
}

/* Draw the gutter of line AT; of one that goes on with AT's note if MORE. */
static void put_gutter(struct look *l, uint32_t at, bool more)
{
	const struct arrow *across = NULL; /* whose line goes to the text here */
	bool is_target = false;

	for (unsigned n = l->lanes; n-- > 0;) {
		const struct arrow *a = l->now[n];
		bool meets = a && !more && (a->to == at || jumps_along(l, at, a));
		unsigned ways = across ? LEFT | RIGHT : 0;
		const char *c;

		if (a && (!across || meets)) {
			ways = top(a) < at || (more && top(a) <= at) ? UP : 0;
			ways |= bottom(a) > at ? DOWN : 0;
			ways |= (meets ? RIGHT : 0) | (across ? LEFT : 0);
			if (more && !(ways & DOWN))
				ways = 0;
		} else if (a) {
			ways = UP | DOWN; /* it passes below */
		}
		if (meets)
			across = a;
		is_target |= meets && a->to == at;
		c = line_character(l, ways);
		put(l, a ? paint_of_arrow(l, a) : across ? paint_of_arrow(l, across)
		                                         : PLAIN,
		    c,
		    strlen(c));
		c = line_character(l, across ? LEFT | RIGHT : 0);
		put(l, across ? paint_of_arrow(l, across) : PLAIN, c, strlen(c));
	}
	if (l->lanes)
		put(l, across ? paint_of_arrow(l, across) : PLAIN,
		    is_target ? (l->how->utf8 ? "▶" : ">") : line_character(l, across ? RIGHT : 0),
		    strlen(is_target ? (l->how->utf8 ? "▶" : ">")
		                     : line_character(l, across ? RIGHT : 0)));
	if (l->lanes)
		buf_putc(l->out, ' ');
}

/* --- text --------------------------------------------------------------------------------- */

/* Write the text of instruction AT, without its index, into L->text. */
static void find_text(struct look *l, uint32_t at)
{
	const struct sock_filter *f = &l->p->insns[at];

	l->text.len = l->operand.len = 0;
	cbpf_operand_text(&l->operand, l->p, at);
	if (cbpf_is_test(f) && cbpf_is_plain(l->p, at))
		buf_printf(&l->text, "%-8s %-14s jt %-4u jf %u", cbpf_mnemonic(l->p, at),
		           buf_str(&l->operand), at + 1 + f->jt, at + 1 + f->jf);
	else if (l->operand.len)
		buf_printf(&l->text, "%-8s %s", cbpf_mnemonic(l->p, at),
		           buf_str(&l->operand));
	else
		buf_puts(&l->text, cbpf_mnemonic(l->p, at));
}

static unsigned gutter(const struct look *l)
{
	return l->lanes ? LANE * l->lanes + 2 : 0;
}

/*
 * Count the digits of the largest index, at least three as in tcpdump's
 * listings.
 */
static int digits(const struct look *l)
{
	int n = 3;

	for (uint32_t last = l->p->n; last > 1000; last /= 10)
		n++;
	return n;
}

static void find_column(struct look *l)
{
	for (uint32_t i = 0; i < l->p->n; i++) {
		find_text(l, i);
		l->column = max_u32(l->column, columns(l->text.s, l->text.len));
	}
	l->column += gutter(l) + (unsigned)digits(l) + 5 + (l->how->counts ? 12 : 0);
}

static void put_count(struct look *l, uint32_t at)
{
	uint64_t n = l->how->counts[at];
	struct buf text = { .arena = l->out->arena };

	buf_printf(&text, "%10" PRIu64 "  ", n);
	put(l, !n ? DIM : n > l->most / 2 ? REFUSES
	          : n > l->most / 10      ? JUMPS
	                                  : PLAIN,
	    text.s, text.len);
}

static void put_text(struct look *l, uint32_t at)
{
	struct buf index = { .arena = l->out->arena };
	enum paint paint = paint_of(l, at);
	size_t word = strcspn(buf_str(&l->text), " ");

	buf_printf(&index, "(%0*u) ", digits(l), at);
	put(l, DIM, index.s, index.len);
	put(l, paint, l->text.s, word);
	put(l, paint >= ACCEPTS ? paint : PLAIN, l->text.s + word, l->text.len - word);
}

/* --- notes -------------------------------------------------------------------------------- */

/* Return where the quotes of a note begin: its end if it has none. */
static size_t quotes_of(const struct buf *note)
{
	for (size_t i = 0; i < note->len; i++)
		if (note->s[i] == '"' && (!i || (i > 1 && note->s[i - 1] == ' ' && note->s[i - 2] == ':')))
			return i;
	return note->len;
}

/*
 * Return how much of the LEN bytes at TEXT fits into WIDTH columns, to a space if there
 * is one.
 */
static size_t fit(const char *text, size_t len, unsigned width)
{
	size_t end = 0, space = 0;

	for (unsigned n = 0; end < len && (n < width || (text[end] & 0xc0) == 0x80); end++) {
		n += (text[end] & 0xc0) != 0x80;
		if (text[end] == ' ')
			space = end;
	}
	return end == len ? len : space ? space
	                                : end;
}

/* Write the note of AT after its text, on more lines where one is too short for it. */
static void put_note(struct look *l, uint32_t at, size_t quotes)
{
	unsigned width = l->how->width ? l->how->width : UINT16_MAX, room;
	size_t from = 0, len;

	room = width > l->column + LEAST_NOTE ? width - l->column : UINT16_MAX;
	while (from < l->note.len) {
		size_t words;

		if (from) {
			buf_putc(l->out, '\n');
			put_gutter(l, at, true);
			spaces(l, (int)(l->column - gutter(l)));
		}
		len = fit(l->note.s + from, l->note.len - from, room);
		words = quotes > from ? quotes - from : 0;
		words = words < len ? words : len;
		put(l, paint_of(l, at) >= ACCEPTS ? paint_of(l, at) : PLAIN, l->note.s + from,
		    words);
		put(l, QUOTE, l->note.s + from + words, len - words);
		from += len;
		while (from < l->note.len && l->note.s[from] == ' ')
			from++;
	}
}

/* Leave the quotes out of the note of AT if the line before has the same. */
static size_t drop_same_quotes(struct look *l)
{
	size_t quotes = quotes_of(&l->note), len = l->note.len - quotes;
	bool same = len && len == l->quoted.len && !memcmp(l->quoted.s, l->note.s + quotes, len);

	if (len) {
		l->quoted.len = 0;
		buf_write(&l->quoted, l->note.s + quotes, len);
	}
	if (same) {
		l->note.len = quotes > 1 ? quotes - 2 : 0; /* and the ": " before them */
		return l->note.len;
	}
	return quotes;
}

static void put_line(struct look *l, uint32_t at)
{
	size_t quotes;
	unsigned used;

	move_on(l, at);
	find_text(l, at);
	cbpf_note(&l->note, l->notes, at);
	quotes = drop_same_quotes(l);
	put_gutter(l, at, false);
	if (l->how->counts)
		put_count(l, at);
	put_text(l, at);
	used = gutter(l) + (unsigned)digits(l) + 3 + columns(l->text.s, l->text.len) +
	       (l->how->counts ? 12 : 0);
	if (l->note.len)
		spaces(l, (int)(l->column - used));
	put_note(l, at, quotes);
	buf_putc(l->out, '\n');
}

/* --- the whole ------------------------------------------------------------------------------- */

void cbpf_print_look(struct buf *out, const struct cbpf_program *p,
                     const struct cbpf_notes *notes, const struct cbpf_look *look)
{
	struct look l = {
		.out = out,
		.p = p,
		.notes = notes,
		.how = look,
		.text.arena = out->arena,
		.operand.arena = out->arena,
		.note.arena = out->arena,
		.quoted.arena = out->arena,
	};
	unsigned width = look->width ? look->width : USUAL_WIDTH;

	for (uint32_t i = 0; look->counts && i < p->n; i++)
		l.most = look->counts[i] > l.most ? look->counts[i] : l.most;
	if (look->arrows && p->n <= MOST_LINES) {
		find_arrows(&l);
		find_lanes(&l, min_u32(MOST_LANES, width / 8 / LANE));
		sort_by_top(&l);
	}
	find_column(&l);
	for (uint32_t i = 0; i < p->n; i++)
		put_line(&l, i);
}
