/* Reads back what print.c wrote, with messages for people who edit graphs by hand. */
#include <stdlib.h>
#include <string.h>

#include "ir/ir.h"

enum {
	PARAMS_MAX = 1 << 20
}; /* there are arrays by parameter number */

/* An unfinished value that encloses the one being read. */
struct frame {
	enum {
		IN_PAREN,
		IN_LOAD,
		IN_NEG,
		IN_KEY,
		IN_ANC
	} in;
	unsigned width; /* IN_LOAD */
	uint32_t imm;   /* IN_ANC */
	enum ir_op op;  /* IN_PAREN, once the first operand is there */
	unsigned n;     /* operands so far */
	const struct ir_value *arg[IR_WORDS];
};

/* A line that defines a node: its label and where its text begins. */
struct line {
	uint32_t label, at;
	const struct ir_node *node; /* once it is read */
};

struct reader {
	struct ir_graph *g;
	struct diags *d;
	uint32_t source;
	const char *text;
	uint32_t len, at;
	bool failed;
	ARRAY(struct frame) frames;
	ARRAY(struct line) lines;
	ARRAY(struct ir_interval) set;
	struct line **by_label; /* sorted */
};

static void fail(struct reader *r, const char *expected)
{
	struct span at = { r->source, r->at, min_u32(r->at + 1, r->len) };

	if (!r->failed)
		diag_error(r->d, at, E_SYNTAX "expected %s", expected);
	r->failed = true;
	r->at = r->len;
}

static void skip(struct reader *r)
{
	while (r->at < r->len && strchr(" \t\n", r->text[r->at]))
		r->at++;
}

/* Take WORD if it comes next. */
static bool take(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	skip(r);
	if (r->len - r->at < len || memcmp(r->text + r->at, word, len))
		return false;
	r->at += (uint32_t)len;
	return true;
}

static void expect(struct reader *r, const char *word)
{
	if (!take(r, word))
		fail(r, word);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static uint32_t number(struct reader *r)
{
	int base = take(r, "0x") ? 16 : 10;
	uint64_t n = 0;
	uint32_t start;

	skip(r);
	for (start = r->at; r->at < r->len; r->at++) {
		if (digit(r->text[r->at]) >= base)
			break;
		n = n * (unsigned)base + (unsigned)digit(r->text[r->at]);
		if (n > UINT32_MAX)
			break;
	}
	if (r->at == start || n > UINT32_MAX)
		fail(r, "a number of 32 bits");
	return (uint32_t)n;
}

/* --- values ------------------------------------------------------------------ */

static void open_frame(struct reader *r, struct frame f)
{
	array_push(r->g->arena, &r->frames, f);
}

static unsigned load_width(struct reader *r)
{
	uint32_t width = number(r);

	if (width != 1 && width != 2 && width != 4) {
		fail(r, "a load of 1, 2 or 4 bytes");
		width = 1;
	}
	return width;
}

/*
 * Read a value without operands; else open a frame for what follows and return
 * NULL.
 */
static const struct ir_value *atom(struct reader *r)
{
	uint32_t n;

	if (take(r, "(")) {
		open_frame(r, (struct frame){ .in = IN_PAREN });
	} else if (take(r, "{")) {
		open_frame(r, (struct frame){ .in = IN_KEY });
	} else if (take(r, "neg ")) {
		open_frame(r, (struct frame){ .in = IN_NEG });
	} else if (take(r, "load.")) {
		n = load_width(r);
		if (!take(r, "["))
			return ir_load(r->g, n, number(r));
		open_frame(r, (struct frame){ .in = IN_LOAD, .width = n });
	} else if (take(r, "anc ")) {
		n = number(r);
		if (!take(r, "("))
			return ir_anc(r->g, n);
		open_frame(r, (struct frame){ .in = IN_ANC, .imm = n });
	} else if (take(r, "msh ")) {
		return ir_msh(r->g, number(r));
	} else if (take(r, "len")) {
		return ir_len(r->g);
	} else if (take(r, "p")) {
		n = number(r);
		if (n > PARAMS_MAX)
			fail(r, "a parameter number that is not so large");
		return ir_param_n(r->g, r->failed ? 0 : n);
	} else {
		return ir_const(r->g, number(r));
	}
	return NULL;
}

static enum ir_op infix(struct reader *r)
{
	for (enum ir_op op = 0; op < IR_NOPS; op++)
		if (ir_ops[op].flags & IR_INFIX && take(r, ir_ops[op].text))
			return op;
	fail(r, "an operator");
	return IR_ADD;
}

/*
 * Give V to the innermost frame; return the finished value, or NULL if more
 * must come.
 */
static const struct ir_value *give(struct reader *r, const struct ir_value *v)
{
	struct frame *f = &r->frames.v[r->frames.n - 1];
	uint32_t imm;

	f->arg[f->n++] = v;
	switch (f->in) {
	case IN_PAREN:
		if (f->n == 1) {
			f->op = infix(r);
			return NULL;
		}
		expect(r, ")");
		v = ir_op2(r->g, f->op, f->arg[0], f->arg[1]);
		break;
	case IN_LOAD:
		expect(r, "+");
		imm = number(r);
		expect(r, "]");
		v = ir_loadx(r->g, f->width, v, imm);
		break;
	case IN_NEG:
		v = ir_neg(r->g, v);
		break;
	case IN_KEY:
		if (f->n < IR_WORDS && take(r, ","))
			return NULL;
		expect(r, "}");
		v = ir_key(r->g, f->arg, f->n);
		break;
	case IN_ANC:
		if (f->n == 1) {
			expect(r, ",");
			return NULL;
		}
		expect(r, ")");
		v = ir_ancx(r->g, f->imm, f->arg[0], f->arg[1]);
		break;
	}
	r->frames.n--;
	return v;
}

static const struct ir_value *value(struct reader *r)
{
	const struct ir_value *v;

	r->frames.n = 0;
	for (;;) {
		v = atom(r);
		while (v && r->frames.n && !r->failed)
			v = give(r, v);
		if (r->failed)
			return ir_const(r->g, 0);
		if (v)
			return v;
	}
}

/* Read a value where no key is allowed. */
static const struct ir_value *word(struct reader *r)
{
	const struct ir_value *v = value(r);

	if (v->op != IR_KEY)
		return v;
	fail(r, "a value of one word before this");
	return v->arg[0];
}

/* --- nodes ------------------------------------------------------------------- */

static int compare_labels(const void *a, const void *b)
{
	const struct line *const *x = a, *const *y = b;

	return ((*x)->label > (*y)->label) - ((*x)->label < (*y)->label);
}

static const struct ir_node *target(struct reader *r)
{
	struct line wanted = { 0 }, *key = &wanted, **line;

	if (take(r, "ret "))
		return ir_ret_const(r->g, number(r));
	expect(r, "n");
	wanted.label = number(r);
	line = bsearch(&key, r->by_label, r->lines.n, sizeof(key), compare_labels);
	if (!r->failed && line && (*line)->node)
		return (*line)->node;
	fail(r, "the label of a node that is defined further down, before this");
	return ir_ret_const(r->g, 0);
}

static void key(struct reader *r, uint32_t out[IR_WORDS], unsigned words)
{
	if (words == 1) {
		out[0] = number(r);
		return;
	}
	expect(r, "{");
	for (unsigned i = 0; i < words; i++) {
		if (i)
			expect(r, ",");
		out[i] = number(r);
	}
	expect(r, "}");
}

static const struct ir_node *set(struct reader *r, const struct ir_value *v)
{
	unsigned words = ir_words(v);

	expect(r, "{");
	r->set.n = 0;
	do {
		struct ir_interval i = { 0 };

		key(r, i.lo, words);
		memcpy(i.hi, i.lo, sizeof i.hi);
		if (take(r, ".."))
			key(r, i.hi, words);
		if (!ir_compare(IR_GE, i.hi, i.lo, words))
			fail(r, "an end that is not below the start, before this");
		expect(r, "->");
		i.to = target(r);
		array_push(r->g->arena, &r->set, i);
	} while (!r->failed && take(r, ","));
	expect(r, "}");
	expect(r, "else");
	return ir_set(r->g, v, r->set.v, r->set.n, target(r));
}

static const struct ir_node *test(struct reader *r, const struct ir_value *lhs)
{
	static const struct {
		const char *text;
		enum ir_cmp cmp;
	} cmps[] = {
		{ "==", IR_EQ },
		{ ">=", IR_GE },
		{ ">", IR_GT },
		{ "has", IR_ANY },
	};
	const struct ir_node *yes, *no;
	const struct ir_value *rhs;
	unsigned i = 0;

	while (i < ARRAY_LEN(cmps) && !take(r, cmps[i].text))
		i++;
	if (i == ARRAY_LEN(cmps)) {
		fail(r, "==, >, >=, has or in");
		return ir_ret_const(r->g, 0);
	}
	rhs = value(r);
	expect(r, "?");
	yes = target(r);
	expect(r, ":");
	no = target(r);
	if (ir_words(lhs) != ir_words(rhs))
		fail(r, "two sides of the same width before this");
	if (r->failed)
		return yes;
	return ir_test(r->g, cmps[i].cmp, lhs, rhs, yes, no);
}

static const struct ir_node *node(struct reader *r)
{
	const struct ir_value *v, *p;

	if (take(r, "ret "))
		return ir_ret(r->g, word(r));
	if (take(r, "need ")) {
		v = value(r);
		expect(r, "->");
		return ir_need(r->g, v, target(r));
	}
	if (take(r, "bind ")) {
		p = word(r);
		if (p->op != IR_PARAM)
			fail(r, "a parameter before this");
		expect(r, "=");
		v = word(r);
		expect(r, "->");
		return ir_bind(r->g, p, v, target(r));
	}
	v = value(r);
	return take(r, "in ") ? set(r, v) : test(r, v);
}

/* --- the whole --------------------------------------------------------------- */

/* Read `16 0:2 14:2`: the header's length and its fields. */
static void fields(struct reader *r, struct ir_input *in)
{
	uint32_t bytes = number(r), at, width;

	if (bytes > IR_HEADER_MAX)
		fail(r, "a header of at most 32 bytes");
	in->header = (uint8_t)bytes;
	skip(r);
	for (unsigned i = 0; r->at < r->len && digit(r->text[r->at]) < 10; i++) {
		at = number(r);
		expect(r, ":");
		width = load_width(r);
		if (i == IR_FIELDS || at + width > bytes)
			fail(r, "at most 4 fields, inside the header");
		if (r->failed)
			return;
		in->field[i] = (struct ir_field){ (uint8_t)at, (uint8_t)width };
		skip(r);
	}
}

static bool header(struct reader *r)
{
	static const struct ir_input *const inputs[] = {
		&ir_input_packet,
		&ir_input_seccomp_be,
		&ir_input_seccomp_le,
	};

	if (!take(r, "input "))
		return false;
	for (unsigned i = 0; i < ARRAY_LEN(inputs); i++) {
		if (!take(r, inputs[i]->name))
			continue;
		r->g->input = *inputs[i];
		if (take(r, "exact"))
			r->g->input.exact_faults = true;
		if (take(r, "header"))
			fields(r, &r->g->input);
		return true;
	}
	return false;
}

/*
 * Find the lines that begin with nN: and define a node; others continue the one
 * before.
 */
static void find_lines(struct reader *r)
{
	while (skip(r), r->at < r->len && !r->failed) {
		struct line line = { 0 };
		const char *eol;

		if (r->text[r->at] == 'n' && r->text[r->at - 1] == '\n') {
			expect(r, "n");
			line.label = number(r);
			expect(r, ":");
			line.at = r->at;
			array_push(r->g->arena, &r->lines, line);
		}
		eol = memchr(r->text + r->at, '\n', r->len - r->at);
		r->at = eol ? (uint32_t)(eol - r->text) : r->len;
	}
}

/* Sort the labels, which may be any numbers, for looking them up. */
static void sort_labels(struct reader *r)
{
	r->by_label = arena_array(r->g->arena, struct line *, r->lines.n);
	for (uint32_t i = 0; i < r->lines.n; i++)
		r->by_label[i] = &r->lines.v[i];
	qsort(r->by_label, r->lines.n, sizeof(*r->by_label), compare_labels);
	for (uint32_t i = 1; i < r->lines.n && !r->failed; i++) {
		r->at = r->by_label[i]->at;
		if (r->by_label[i]->label == r->by_label[i - 1]->label)
			fail(r, "a label that no other node has, before this");
	}
}

struct ir_graph *ir_read(struct arena *arena, struct diags *d, uint32_t source)
{
	const struct source *src = &d->sources.v[source];
	struct reader r = {
		.g = ir_graph(arena, &ir_input_packet),
		.d = d,
		.source = source,
		.text = src->text,
		.len = (uint32_t)src->len,
	};

	if (!header(&r))
		fail(&r, "input packet, input seccomp or input seccomp-be");
	find_lines(&r);
	if (!r.lines.n)
		fail(&r, "a node");
	if (r.failed)
		return NULL;

	sort_labels(&r);
	for (uint32_t i = r.lines.n; i-- > 0 && !r.failed;) {
		struct line *line = &r.lines.v[i];

		r.at = line->at;
		line->node = r.g->root = node(&r);
	}
	/* What the rules on the header forbid is the text's own. */
	ir_all_written(r.g);
	return r.failed ? NULL : r.g;
}
