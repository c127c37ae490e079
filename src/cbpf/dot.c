/*
 * Programs as drawings for Graphviz: a box for each decision with its meaning, one for
 * each result. Tests of one field that follow each other are one decision, with a way on
 * for each set of values. Ways that are likely are thicker.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"

enum {
	LONGEST = 36,     /* columns of a line in a box or at an edge */
	MOST_VALUES = 12, /* that an edge lists, */
	SOME_VALUES = 6   /* and how many of them where there are more */
};

/* A run of instructions up to a test, a jump or a return. */
struct box {
	uint32_t last;
	uint32_t ways_in;
	bool reached;
	bool inside;  /* drawn as a part of the decision before it */
	float likely; /* how many runs of 1 come here */
};

/* FROM .. TO of what a decision asks for lead to BOX. */
struct range {
	uint32_t from, to, box;
};

struct dot {
	struct buf *out;
	const struct cbpf_program *p;
	const struct cbpf_notes *notes;
	struct box *box;    /* by first instruction; LAST is set for those alone */
	bool *first;        /* by instruction: a box begins */
	const char **words; /* by instruction, without quotes of the source; or NULL */
	struct buf text, label;
	ARRAY(struct range) todo, range; /* of one decision */
	ARRAY(uint32_t) tests;           /* of one decision: their boxes */
	ARRAY(const char *) results;     /* drawn so far */
};

/* --- words ------------------------------------------------------------------------------ */

/* Return what is said of instruction AT before the quotes; NULL: nothing. */
static const char *words_of(struct dot *d, uint32_t at)
{
	const char *quote;

	cbpf_note(&d->text, d->notes, at);
	if (!d->text.len || d->text.s[0] == '"')
		return NULL;
	quote = strstr(buf_str(&d->text), ": \"");
	return arena_strndup(d->out->arena, d->text.s,
	                     quote ? (size_t)(quote - d->text.s) : d->text.len);
}

/* Find in WORDS, "ip src == 10.0.0.1", where the field ends and where the value begins. */
static bool split(const char *words, size_t *field, size_t *value)
{
	static const char *const signs[] = { " == ", " >= ", " > " };

	if (!words)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		const char *at = strstr(words, signs[i]), *later;

		/* Of several fields, tests may share all but the last. */
		while (at && (later = strstr(at + 1, signs[i])))
			at = later;
		if (!at)
			continue;
		*field = (size_t)(at - words);
		*value = *field + strlen(signs[i]);
		return true;
	}
	return false;
}

/* Escape TEXT for a label and break its lines at spaces. */
static const char *label(struct dot *d, const char *text)
{
	size_t column = 0;

	d->label.len = 0;
	for (; *text; text++, column++) {
		if (*text == ' ' && column + 1 + strcspn(text + 1, " ") > LONGEST) {
			buf_puts(&d->label, "\\n");
			column = 0;
			continue;
		}
		if (*text == '"' || *text == '\\')
			buf_putc(&d->label, '\\');
		buf_putc(&d->label, *text);
	}
	return buf_str(&d->label);
}

/* --- boxes ---------------------------------------------------------------------------------- */

/* Mark the first instruction of every box. */
static void find_boxes(struct dot *d)
{
	const struct cbpf_program *p = d->p;
	uint32_t head = 0, target;

	d->first[0] = true;
	for (uint32_t i = 0; i < p->n; i++) {
		const struct sock_filter *f = &p->insns[i];

		if (BPF_CLASS(f->code) == BPF_JMP) {
			if (cbpf_target(p, i, true, &target))
				d->first[target] = true;
			if (cbpf_target(p, i, false, &target))
				d->first[target] = true;
		}
		if (BPF_CLASS(f->code) == BPF_JMP || cbpf_is_ret(f))
			d->first[i + 1] = true;
	}
	for (uint32_t i = 0; i < p->n; i++) {
		head = d->first[i] ? i : head;
		d->box[head].last = i;
	}
}

/* Find the boxes that BOX leads to; return how many, at most two. */
static unsigned ways_on(const struct dot *d, uint32_t box, uint32_t to[2])
{
	uint32_t last = d->box[box].last;
	const struct sock_filter *f = &d->p->insns[last];
	unsigned n = 0;

	if (cbpf_is_ret(f))
		return 0;
	if (BPF_CLASS(f->code) != BPF_JMP) {
		to[0] = last + 1;
		return to[0] < d->p->n;
	}
	n += cbpf_target(d->p, last, true, &to[n]);
	if (cbpf_is_test(f))
		n += cbpf_target(d->p, last, false, &to[n]);
	return n;
}

/* Find the boxes that are reached, and from how many places. */
static void find_reached(struct dot *d)
{
	ARRAY(uint32_t) todo = { 0 };
	uint32_t to[2];

	array_push(d->out->arena, &todo, 0);
	d->box[0].reached = true;
	while (todo.n) {
		uint32_t box = todo.v[--todo.n];

		for (unsigned n = ways_on(d, box, to); n-- > 0;) {
			d->box[to[n]].ways_in++;
			if (d->box[to[n]].reached)
				continue;
			d->box[to[n]].reached = true;
			array_push(d->out->arena, &todo, to[n]);
		}
	}
}

static bool ends_with_test(const struct dot *d, uint32_t box)
{
	return cbpf_is_test(&d->p->insns[d->box[box].last]);
}

/* Return BOX, or the box after it if BOX only loads what that box's words name. */
static uint32_t drawn(const struct dot *d, uint32_t box)
{
	uint32_t to[2], last;

	for (uint32_t n = 0; n < d->p->n; n++) {
		last = d->box[box].last;
		if (cbpf_is_ret(&d->p->insns[last]) || ends_with_test(d, box) ||
		    !ways_on(d, box, to) || !d->words[d->box[to[0]].last])
			break;
		box = to[0];
	}
	return box;
}

/* --- decisions of several tests ------------------------------------------------------------- */

/* Tell whether the test at the end of BOX asks for values of FIELD, LEN bytes long. */
static bool asks_for(const struct dot *d, uint32_t box, const char *field, size_t len)
{
	const struct sock_filter *f = &d->p->insns[d->box[box].last];
	const char *words = d->words[d->box[box].last];
	size_t field_len, value;

	return cbpf_is_test(f) && BPF_SRC(f->code) == BPF_K && BPF_OP(f->code) != BPF_JSET &&
	       split(words, &field_len, &value) && field_len == len &&
	       !memcmp(words, field, len);
}

/* Collect the tests that are one decision with that of BOX; false if it is alone. */
static bool collect(struct dot *d, uint32_t box)
{
	const char *words = d->words[d->box[box].last];
	size_t len, value;
	uint32_t to[2];

	d->tests.n = 0;
	if (!split(words, &len, &value) || !asks_for(d, box, words, len))
		return false;
	array_push(d->out->arena, &d->tests, box);
	for (uint32_t i = 0; i < d->tests.n; i++)
		for (unsigned n = ways_on(d, d->tests.v[i], to); n-- > 0;) {
			struct box *next = &d->box[to[n]];

			if (next->last != to[n] || next->ways_in != 1 ||
			    !asks_for(d, to[n], words, len))
				continue;
			next->inside = true;
			array_push(d->out->arena, &d->tests, to[n]);
		}
	return d->tests.n > 1;
}

static void add_todo(struct dot *d, uint64_t from, uint64_t to, uint32_t box)
{
	if (from <= to && to <= UINT32_MAX)
		array_push(d->out->arena, &d->todo,
		           ((struct range){ (uint32_t)from, (uint32_t)to, box }));
}

/* Split R at the test of its box. */
static void divide(struct dot *d, const struct range *r)
{
	const struct sock_filter *f = &d->p->insns[d->box[r->box].last];
	uint64_t k = f->k, from = r->from, to = r->to;
	uint32_t way[2];

	ways_on(d, r->box, way);
	switch (BPF_OP(f->code)) {
	case BPF_JEQ:
		if (k < from || k > to) {
			add_todo(d, from, to, way[1]);
			break;
		}
		add_todo(d, k + 1, to, way[1]);
		add_todo(d, k, k, way[0]);
		add_todo(d, from, k ? k - 1 : UINT64_MAX, way[1]);
		break;
	case BPF_JGT:
		k++;
		/* fallthrough */
	case BPF_JGE:
		add_todo(d, k > from ? k : from, to, way[0]);
		add_todo(d, from, !k ? UINT64_MAX : k - 1 < to ? k - 1
		                                               : to,
		         way[1]);
		break;
	}
}

static int by_number(const void *x, const void *y)
{
	const struct range *a = x, *b = y;

	return a->from < b->from ? -1 : a->from > b->from;
}

/* Find what leads where in the decision that BOX begins. */
static void find_ranges(struct dot *d, uint32_t box)
{
	uint32_t kept = 0;

	d->range.n = d->todo.n = 0;
	add_todo(d, 0, UINT32_MAX, box);
	while (d->todo.n) {
		struct range r = d->todo.v[--d->todo.n];

		if (r.box == box || d->box[r.box].inside) {
			divide(d, &r);
			continue;
		}
		r.box = drawn(d, r.box);
		array_push(d->out->arena, &d->range, r);
	}
	if (d->range.n)
		qsort(d->range.v, d->range.n, sizeof *d->range.v, by_number);
	for (uint32_t i = 0; i < d->range.n; i++) {
		struct range *last = &d->range.v[kept ? kept - 1 : 0];

		if (kept && last->box == d->range.v[i].box)
			last->to = d->range.v[i].to;
		else
			d->range.v[kept++] = d->range.v[i];
	}
	d->range.n = kept;
}

/* Write NUMBER in the words of the decision's tests, or in their style. */
static void put_value(struct dot *d, uint32_t number)
{
	size_t field, value = 0;
	const char *words = "";

	for (uint32_t i = 0; i < d->tests.n; i++) {
		words = d->words[d->box[d->tests.v[i]].last];
		split(words, &field, &value);
		if (d->p->insns[d->box[d->tests.v[i]].last].k == number) {
			buf_puts(&d->text, words + value);
			return;
		}
	}
	if (strchr(words + value, '.'))
		buf_printf(&d->text, "%u.%u.%u.%u", number >> 24, number >> 16 & 0xff,
		           number >> 8 & 0xff, number & 0xff);
	else if (number > UINT16_MAX)
		buf_printf(&d->text, "0x%" PRIx32, number);
	else
		buf_printf(&d->text, "%" PRIu32, number);
}

static void put_range(struct dot *d, const struct range *r)
{
	if (!r->from && r->to) {
		buf_puts(&d->text, "up to ");
		put_value(d, r->to);
		return;
	}
	put_value(d, r->from);
	if (r->to == r->from)
		return;
	if (r->to == UINT32_MAX) {
		buf_puts(&d->text, " and above");
		return;
	}
	buf_puts(&d->text, r->to == r->from + 1 ? ", " : " to ");
	put_value(d, r->to);
}

/* Return the values that lead to BOX, as a text. */
static const char *values_to(struct dot *d, uint32_t box)
{
	uint32_t n = 0, shown = 0;

	for (uint32_t i = 0; i < d->range.n; i++)
		n += d->range.v[i].box == box;
	d->text.len = 0;
	for (uint32_t i = 0; i < d->range.n; i++) {
		if (d->range.v[i].box != box || (n > MOST_VALUES && shown == SOME_VALUES))
			continue;
		buf_puts(&d->text, shown++ ? ", " : "");
		put_range(d, &d->range.v[i]);
	}
	if (shown < n)
		buf_printf(&d->text, " ... (%u more)", n - shown);
	return buf_str(&d->text);
}

/* Return the box that most numbers of the decision lead to. */
static uint32_t usual_way(const struct dot *d)
{
	uint32_t best = 0;
	uint64_t most = 0;

	for (uint32_t i = 0; i < d->range.n; i++) {
		uint64_t sum = 0;

		for (uint32_t k = i; k < d->range.n; k++)
			if (d->range.v[k].box == d->range.v[i].box)
				sum += (uint64_t)d->range.v[k].to - d->range.v[k].from + 1;
		if (sum > most) {
			most = sum;
			best = d->range.v[i].box;
		}
	}
	return best;
}

/* --- likelihood ------------------------------------------------------------------------------ */

/* Guess how often a test with these words comes out true. */
static float likelihood(const char *words)
{
	static const struct {
		const char *begin;
		float likely;
	} guesses[] = {
		{ "arch == ", 0.9f },
		{ "ethertype == ip6", 0.4f },
		{ "ethertype == ip", 0.8f },
		{ "ethertype == ", 0.1f },
		{ "ip fragment offset != 0", 0.02f },
		{ "ip fragment offset == 0 and ip proto == tcp", 0.7f },
		{ "ip proto == tcp", 0.7f },
		{ "ip6 next header == tcp", 0.7f },
		{ "call == ", 0.3f },
		{ "a call of x32", 0.01f },
	};

	for (size_t i = 0; words && i < ARRAY_LEN(guesses); i++)
		if (!strncmp(words, guesses[i].begin, strlen(guesses[i].begin)))
			return guesses[i].likely;
	return words && strstr(words, " == ") ? 0.2f : 0.5f;
}

/* --- drawing ---------------------------------------------------------------------------------- */

static const char *text_of(struct dot *d, uint32_t box)
{
	d->text.len = 0;
	for (uint32_t i = box; i <= d->box[box].last; i++) {
		if (i > box)
			buf_puts(&d->text, "; ");
		buf_puts(&d->text, cbpf_mnemonic(d->p, i));
		if (cbpf_is_ja(&d->p->insns[i]) && cbpf_is_plain(d->p, i))
			continue;
		buf_putc(&d->text, ' ');
		cbpf_operand_text(&d->text, d->p, i);
		while (d->text.s[d->text.len - 1] == ' ')
			d->text.len--;
	}
	return buf_str(&d->text);
}

static bool is_result(const struct dot *d, uint32_t box)
{
	return d->p->insns[d->box[box].last].code == CBPF_RET_K;
}

/* Return the number of the result that BOX returns; draw it if it is new. */
static uint32_t result(struct dot *d, uint32_t box)
{
	static const char *const looks[] = {
		[CBPF_RETURNS_NOTHING] = "",
		[CBPF_ACCEPTS] = ", fillcolor=\"#c9ecc9\", color=\"#2e7d32\"",
		[CBPF_REFUSES] = ", fillcolor=\"#f6c9c9\", color=\"#b71c1c\"",
		[CBPF_ASKS] = ", fillcolor=\"#cfe0f5\", color=\"#1f4e9c\"",
	};
	uint32_t last = d->box[box].last;
	const char *text = d->words[last] ? d->words[last] : text_of(d, box);

	for (uint32_t i = 0; i < d->results.n; i++)
		if (!strcmp(d->results.v[i], text))
			return i;
	array_push(d->out->arena, &d->results,
	           arena_strndup(d->out->arena, text, strlen(text)));
	buf_printf(d->out, "\tr%u [label=\"%s\", style=\"filled,rounded\"%s];\n",
	           d->results.n - 1, label(d, text), looks[cbpf_outcome(d->p, last)]);
	return d->results.n - 1;
}

/* Draw the way from box FROM to TO, which LIKELY of 1 runs take. */
static void edge(struct dot *d, uint32_t from, uint32_t to, const char *text, bool dashed,
                 float likely)
{
	const char *said = arena_strndup(d->out->arena, text, strlen(text));
	uint32_t number = is_result(d, to) ? result(d, to) : to;

	d->box[to].likely += likely;
	buf_printf(d->out, "\tb%u -> %c%u [", from, is_result(d, to) ? 'r' : 'b', number);
	if (*said)
		buf_printf(d->out, "label=\" %s \", ", label(d, said));
	buf_printf(d->out, "penwidth=%.1f%s];\n", 0.6 + 2.4 * (double)likely,
	           dashed ? ", style=dashed" : "");
}

/* Return the likelihood that the decision of BOX finds the first value of R. */
static float likelihood_of(struct dot *d, uint32_t box, const struct range *r)
{
	const char *words = d->words[d->box[box].last];
	size_t field = 0, value;

	split(words, &field, &value);
	d->text.len = 0;
	buf_write(&d->text, words, field);
	buf_puts(&d->text, " == ");
	put_value(d, r->from);
	return likelihood(buf_str(&d->text));
}

/* Draw a decision of several tests: a way for each set of values. */
static void draw_decision(struct dot *d, uint32_t box)
{
	const char *words = d->words[d->box[box].last];
	float likely = d->box[box].likely;
	float rest = 1, yes;
	size_t field = 0, value;
	uint32_t usual;

	split(words, &field, &value);
	buf_printf(d->out, "\tb%u [label=\"%s\"];\n", box,
	           label(d, arena_strndup(d->out->arena, words, field)));
	usual = usual_way(d);
	for (uint32_t i = 0; i < d->range.n; i++) {
		uint32_t to = d->range.v[i].box, k = 0;

		while (d->range.v[k].box != to)
			k++;
		if (k < i || to == usual)
			continue;
		yes = likelihood_of(d, box, &d->range.v[i]);
		yes = yes < rest ? yes : rest;
		rest -= yes;
		edge(d, box, to, values_to(d, to), false, likely * yes);
	}
	edge(d, box, usual, "else", true, likely * rest);
}

static void draw_test(struct dot *d, uint32_t box)
{
	const char *words = d->words[d->box[box].last];
	float likely = d->box[box].likely, yes = likelihood(words);
	uint32_t to[2];

	buf_printf(d->out, "\tb%u [label=\"%s%s\"];\n", box,
	           label(d, words ? words : text_of(d, box)), words ? "?" : "");
	if (ways_on(d, box, to) != 2)
		return;
	edge(d, box, drawn(d, to[0]), "yes", false, likely * yes);
	edge(d, box, drawn(d, to[1]), "no", true, likely * (1 - yes));
}

static void draw_box(struct dot *d, uint32_t box)
{
	uint32_t to[2];

	if (ends_with_test(d, box)) {
		if (collect(d, box)) {
			find_ranges(d, box);
			draw_decision(d, box);
		} else {
			draw_test(d, box);
		}
		return;
	}
	buf_printf(d->out, "\tb%u [label=\"%s\"];\n", box, label(d, text_of(d, box)));
	if (ways_on(d, box, to))
		edge(d, box, drawn(d, to[0]), "", false, d->box[box].likely);
}

void cbpf_print_dot(struct buf *out, const struct cbpf_program *p,
                    const struct cbpf_notes *notes)
{
	struct dot d = {
		.out = out,
		.p = p,
		.notes = notes,
		.text.arena = out->arena,
		.label.arena = out->arena,
	};
	uint32_t start;

	d.first = arena_array(out->arena, bool, (size_t)p->n + 1);
	d.box = arena_array(out->arena, struct box, (size_t)p->n + 1);
	d.words = arena_array(out->arena, const char *, p->n);
	for (uint32_t i = 0; i < p->n; i++)
		d.words[i] = words_of(&d, i);
	find_boxes(&d);
	find_reached(&d);
	buf_puts(out, "digraph program {\n"
	              "\tgraph [ranksep=0.35, nodesep=0.25];\n"
	              "\tnode [shape=box, style=filled, fillcolor=\"#f4f6f8\", "
	              "color=\"#607080\", fontname=\"Helvetica,Arial,sans-serif\", "
	              "fontsize=11];\n"
	              "\tedge [color=\"#506070\", fontname=\"Helvetica,Arial,sans-serif\", "
	              "fontsize=9, arrowsize=0.7];\n");
	start = drawn(&d, 0);
	d.box[start].likely = 1;
	for (uint32_t i = 0; i < p->n; i++)
		if (d.first[i] && d.box[i].reached && !d.box[i].inside && drawn(&d, i) == i) {
			if (is_result(&d, i))
				result(&d, i);
			else
				draw_box(&d, i);
		}
	buf_puts(out, "}\n");
}
