/*
 * What a policy answers, for people and as JSON: weir policy --explain and
 * --ask. The library hands over one answer after the other; here they are kept,
 * put in order and laid out.
 */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

enum {
	WIDTH = 96,
	LEAST_CALLS = 32,
	CACHED_WIDTH = 8,
	LONGEST_SOURCE = 28,
	LONGEST_TEXT = 100
};

/* All answers to one call: N from FIRST on. */
struct chain {
	const struct weir_answer *first;
	uint32_t n, order;
};

struct answers {
	jmp_buf oom;
	struct arena arena;
	ARRAY(struct weir_answer) v;
	ARRAY(struct chain) chain;
	struct buf out;
	int action, calls, place; /* how wide the columns are */
	bool each;                /* a line for each call */
	bool failed;
};

/* --- keeping ----------------------------------------------------------------- */

struct answers *answers_new(bool each)
{
	struct answers *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	a->arena.oom = &a->oom;
	a->out.arena = &a->arena;
	a->each = each;
	return a;
}

void answers_free(struct answers *a)
{
	if (a)
		arena_free(&a->arena);
	free(a);
}

static const char *copy(struct answers *a, const char *text)
{
	return text ? arena_strndup(&a->arena, text, strlen(text)) : NULL;
}

void answers_add(void *ctx, const struct weir_answer *answer)
{
	struct answers *a = ctx;
	struct weir_answer one = *answer;

	if (a->failed || setjmp(a->oom)) {
		a->failed = true;
		return;
	}
	one.question = copy(a, answer->question);
	one.call = copy(a, answer->call);
	one.action = copy(a, answer->action);
	one.condition = copy(a, answer->condition);
	one.source = copy(a, answer->source);
	one.text = copy(a, answer->text);
	one.example = copy(a, answer->example);
	array_push(&a->arena, &a->v, one);
}

bool answers_permit(const struct answers *a)
{
	for (uint32_t i = 0; i < a->v.n; i++)
		if (!a->v.v[i].permits)
			return false;
	return true;
}

/* --- chains ------------------------------------------------------------------- */

static int compare_text(const char *a, const char *b)
{
	if (!a || !b)
		return !a - !b;
	return strcmp(a, b);
}

static bool same_call(const struct weir_answer *a, const struct weir_answer *b)
{
	return !compare_text(a->question, b->question) &&
	       !compare_text(a->abi, b->abi) && !compare_text(a->call, b->call) &&
	       a->nr == b->nr;
}

static void find_chains(struct answers *a)
{
	for (uint32_t i = 0; i < a->v.n; i++) {
		const struct weir_answer *one = &a->v.v[i];
		struct chain *last = a->chain.n ? &a->chain.v[a->chain.n - 1] : NULL;

		if (last && same_call(last->first, one))
			last->n++;
		else
			array_push(&a->arena, &a->chain,
			           ((struct chain){ one, 1, a->chain.n }));
	}
}

static int compare_answers(const struct weir_answer *a, const struct weir_answer *b)
{
	int order = compare_text(a->action, b->action);

	if (!order)
		order = compare_text(a->condition, b->condition);
	if (!order)
		order = compare_text(a->source, b->source);
	if (!order)
		order = (int)a->line - (int)b->line;
	if (!order)
		order = (int)a->column - (int)b->column;
	return order ? order : a->cached - b->cached;
}

/* Compare what chains A and B say of their calls. */
static int compare_chains(const struct chain *a, const struct chain *b)
{
	int order = (int)a->n - (int)b->n;

	for (uint32_t i = 0; !order && i < a->n; i++)
		order = compare_answers(&a->first[i], &b->first[i]);
	return order;
}

/*
 * Rank rules in their order, then what no rule decides: calls, then other
 * numbers.
 */
static uint32_t rank(const struct chain *c)
{
	if (c->first->rule)
		return c->first->rule;
	return c->first->call ? UINT32_MAX - 1 : UINT32_MAX;
}

static int by_rule(const void *a, const void *b)
{
	const struct chain *x = a, *y = b;
	int order;

	if (rank(x) != rank(y))
		return rank(x) < rank(y) ? -1 : 1;
	order = compare_chains(x, y);
	if (!order)
		order = compare_text(x->first->call, y->first->call);
	return order ? order : (int)x->order - (int)y->order;
}

static int by_name(const void *a, const void *b)
{
	const struct chain *x = a, *y = b;
	int order = compare_text(x->first->call, y->first->call);

	return order ? order : (int)x->order - (int)y->order;
}

/* --- lines --------------------------------------------------------------------- */

static void spaces(struct buf *out, int n)
{
	while (n-- > 0)
		buf_putc(out, ' ');
}

/* Return how much of TEXT goes on a line of WIDTH: to a space, if there is one. */
static size_t fit(const char *text, int width)
{
	size_t len = strlen(text), at = (size_t)width;

	if (len <= at)
		return len;
	while (at && text[at] != ' ')
		at--;
	return at ? at : strcspn(text, " ");
}

/* Return where the answer is written; only the last part of a long path. */
static const char *place(struct answers *a, const struct weir_answer *one)
{
	static const char *const words[] = {
		[WEIR_BY_RULE] = "",
		[WEIR_BY_KERNEL] = " kernel",
		[WEIR_BY_DEFAULT] = " default",
		[WEIR_BY_FOREIGN] = " foreign",
		[WEIR_BY_RUNTIME] = " runtime",
	};
	struct buf out = { .arena = &a->arena };
	const char *source = one->source, *slash;

	if (source && strlen(source) > LONGEST_SOURCE && (slash = strrchr(source, '/')))
		source = slash + 1;
	if (!source)
		return one->why == WEIR_BY_FOREIGN   ? "no 'foreign'"
		       : one->why == WEIR_BY_RUNTIME ? "the runtime"
		                                     : "default";
	buf_printf(&out, "%s:%u%s", source, one->line, words[one->why]);
	return buf_str(&out);
}

/* Write one answer; continue TEXT on further lines. */
static void put_line(struct answers *a, const struct weir_answer *one, bool first,
                     const char *text)
{
	struct buf *out = &a->out;
	int indent = first ? 2 : 4;
	size_t len = fit(text, a->calls);

	spaces(out, indent);
	buf_printf(out, "%-*s  %.*s", a->action + 4 - indent, one->action, (int)len,
	           text);
	spaces(out, a->calls - (int)len);
	buf_printf(out, "  %-*s%s%s\n", CACHED_WIDTH,
	           !one->call     ? "-"
	           : one->cached  ? "yes"
	           : one->permits ? "no"
	                          : "-",
	           place(a, one), one->exact ? "" : " (perhaps)");
	for (text += len; *text; text += len) {
		text += strspn(text, " ");
		len = fit(text, a->calls);
		spaces(out, a->action + 8);
		buf_write(out, text, len);
		buf_putc(out, '\n');
	}
}

/*
 * Write the calls and condition of N chains from C on, which say the same: "a,
 * b if x == 1".
 */
static const char *calls_text(struct answers *a, const struct chain *c, uint32_t n)
{
	const struct weir_answer *one = c->first;
	struct buf out = { .arena = &a->arena };

	if (!one->call)
		buf_puts(&out, one->abi ? "all other numbers" : "every call");
	else if (one->why != WEIR_BY_RULE && !a->each)
		buf_printf(&out, "%u %scall%s%s", n,
		           one->why == WEIR_BY_KERNEL ? "newer " : "other ",
		           n == 1 ? "" : "s", n == 1 ? "" : " (-v lists them)");
	for (uint32_t i = 0; one->call && i < n && !out.len; i++)
		for (uint32_t k = i; k < n; k++)
			buf_printf(&out, "%s%s", k ? ", " : "", c[k].first->call);
	if (one->condition)
		buf_printf(&out, " if %s", one->condition);
	return buf_str(&out);
}

/* Write N chains from C on, which say the same of as many calls. */
static void put_chains(struct answers *a, const struct chain *c, uint32_t n)
{
	put_line(a, c->first, true, calls_text(a, c, n));
	for (uint32_t i = 1; i < c->n; i++) {
		const struct weir_answer *one = &c->first[i];
		struct buf text = { .arena = &a->arena };

		buf_puts(&text, "else");
		if (one->condition)
			buf_printf(&text, " if %s", one->condition);
		put_line(a, one, false, buf_str(&text));
	}
}

/* --- the table ------------------------------------------------------------------- */

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static void find_widths(struct answers *a)
{
	for (uint32_t i = 0; i < a->v.n; i++) {
		a->action = max_int(a->action, (int)strlen(a->v.v[i].action));
		a->place = max_int(a->place, (int)strlen(place(a, &a->v.v[i])));
	}
	a->action = max_int(a->action, (int)strlen("action"));
	a->calls = max_int(LEAST_CALLS, WIDTH - 4 - a->action - 2 - 2 -
	                                        CACHED_WIDTH - a->place);
}

static bool all_permit(const struct chain *c, bool permit)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->first[i].permits != permit)
			return false;
	return true;
}

/*
 * Write the heading of the N chains from C on: "x86_64: 384 calls, 12
 * permitted, ...".
 */
static void put_heading(struct answers *a, const struct chain *c, uint32_t n)
{
	uint32_t permitted = 0, refused = 0, cached = 0, total = 0;

	if (!c->first->abi) {
		buf_puts(&a->out, "all other ABIs\n");
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		if (!c[i].first->call)
			continue;
		total++;
		permitted += all_permit(&c[i], true);
		refused += all_permit(&c[i], false);
		cached += c[i].first->cached;
	}
	buf_printf(&a->out,
	           "%s: %u calls, %u permitted, %u refused, %u depend on arguments; "
	           "%u cached\n",
	           c->first->abi, total, permitted, refused,
	           total - permitted - refused, cached);
}

static void put_section(struct answers *a, struct chain *c, uint32_t n)
{
	qsort(c, n, sizeof *c, a->each ? by_name : by_rule);
	put_heading(a, c, n);
	buf_printf(&a->out, "  %-*s  %-*s  %-*s%s\n", a->action + 2, "action",
	           a->calls, "calls", CACHED_WIDTH, "cached", "decided by");
	for (uint32_t i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && !a->each && c[next].first->call &&
		                   !compare_chains(&c[i], &c[next]);)
			next++;
		put_chains(a, &c[i], next - i);
	}
}

static void put_table(struct answers *a)
{
	uint32_t n = a->chain.n;

	find_widths(a);
	for (uint32_t i = 0, next; i < n; i = next) {
		struct chain *c = &a->chain.v[i];

		for (next = i + 1; next < n &&
		                   !compare_text(a->chain.v[next].first->abi,
		                                 c->first->abi);)
			next++;
		buf_puts(&a->out, i ? "\n" : "");
		put_section(a, c, next - i);
	}
}

/* --- answers to questions ---------------------------------------------------------- */

static void put_reason(struct answers *a, const struct weir_answer *one)
{
	if (one->source)
		buf_printf(&a->out, "%s:%u: %.*s%s\n", one->source, one->line, LONGEST_TEXT,
		           one->text, strlen(one->text) > LONGEST_TEXT ? "..." : "");
	else if (one->why == WEIR_BY_FOREIGN)
		buf_puts(&a->out, "the policy is not about this ABI\n");
	else if (one->why == WEIR_BY_RUNTIME)
		buf_puts(&a->out, "no rule is about it; the runtime adds this\n");
	else
		buf_puts(&a->out, "no rule is about it\n");
}

static void put_choice(struct answers *a, const struct weir_answer *one)
{
	buf_printf(&a->out, "  %-*s  ", a->action, one->action);
	if (one->example)
		buf_printf(&a->out, "as for %s\n", one->example);
	else
		buf_puts(&a->out, "perhaps: the conditions are too large to say\n");
	spaces(&a->out, a->action + 4);
	put_reason(a, one);
}

/* Tell whether all answers have the same action, whichever rule it comes from. */
static bool is_settled(const struct chain *c)
{
	for (uint32_t i = 1; i < c->n; i++)
		if (c->first[i].ret != c->first->ret)
			return false;
	return true;
}

static void put_answer(struct answers *a, const struct chain *c)
{
	const struct weir_answer *one = c->first;
	size_t len = strlen(one->call);
	bool named = !strncmp(one->question, one->call, len) &&
	             strchr("( ", one->question[len]);

	buf_printf(&a->out, "%s", one->question);
	if (!named)
		buf_printf(&a->out, ", as %s", one->call);
	buf_printf(&a->out, " on %s: ", one->abi);
	buf_printf(&a->out, "%s\n", is_settled(c) ? one->action : "it depends");
	if (c->n == 1 && one->exact) {
		buf_puts(&a->out, "  ");
		put_reason(a, one);
		return;
	}
	for (uint32_t i = 0; i < c->n; i++)
		put_choice(a, &c->first[i]);
}

static void put_answers(struct answers *a)
{
	find_widths(a);
	for (uint32_t i = 0; i < a->chain.n; i++)
		put_answer(a, &a->chain.v[i]);
}

/* --- JSON ----------------------------------------------------------------------------- */

static void put_string(struct json_writer *w, const char *key, const char *text)
{
	if (text)
		json_put_string(w, key, text);
}

static void put_json(struct json_writer *w, const struct weir_answer *one)
{
	static const char *const why[] = {
		[WEIR_BY_RULE] = "rule",
		[WEIR_BY_KERNEL] = "kernel",
		[WEIR_BY_DEFAULT] = "default",
		[WEIR_BY_FOREIGN] = "foreign",
		[WEIR_BY_RUNTIME] = "runtime",
	};

	json_begin_object(w, NULL, JSON_PACKED);
	json_put_unsigned(w, "ret", one->ret);
	put_string(w, "action", one->action);
	json_put_bool(w, "permits", one->permits);
	put_string(w, "question", one->question);
	put_string(w, "abi", one->abi);
	put_string(w, "call", one->call);
	if (one->call) {
		json_put_unsigned(w, "nr", one->nr);
		json_put_bool(w, "cached", one->cached);
	}
	put_string(w, "if", one->condition);
	put_string(w, "by", why[one->why]);
	put_string(w, "source", one->source);
	if (one->source) {
		json_put_unsigned(w, "line", one->line);
		json_put_unsigned(w, "column", one->column);
	}
	put_string(w, "text", one->text);
	put_string(w, "example", one->example);
	json_put_bool(w, "exact", one->exact);
	json_end(w);
}

static void put_array(struct answers *a)
{
	struct json_writer w = { .out = &a->out };

	json_begin_array(&w, NULL, JSON_LINES);
	for (uint32_t i = 0; i < a->v.n; i++)
		put_json(&w, &a->v.v[i]);
	json_end(&w);
	buf_putc(&a->out, '\n');
}

/* --- the whole -------------------------------------------------------------------------- */

int answers_write(struct answers *a, const struct cli *c)
{
	if (a->failed || setjmp(a->oom)) {
		cli_error("out of memory");
		return EXIT_USAGE;
	}
	find_chains(a);
	if (c->o.json)
		put_array(a);
	else if (c->o.explain)
		put_table(a);
	else
		put_answers(a);
	return cli_write(c, a->out.s, a->out.len);
}
