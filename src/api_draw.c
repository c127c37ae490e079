/*
 * The public library, policies as drawings for Graphviz, made of their answers: ABIs,
 * groups of calls that are answered alike, conditions, actions. What a program does with
 * its jumps does not matter here.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

enum {
	LONGEST = 44,    /* columns of a line of names */
	MOST_NAMES = 14, /* that a box lists, */
	SOME_NAMES = 6,  /* and how many of them where there are more */
	LONGEST_CONDITION = 40
};

/* An answer to a call: where what it says begins in a chain. */
struct reply {
	const char *action, *condition; /* NULL: always, or else */
	uint32_t ret;
};

/* The answers to one call of one ABI, in their order; all as one text, to compare. */
struct chain {
	const char *abi, *call; /* NULL: all others */
	const struct reply *reply;
	uint32_t n;
	const char *same;
};

/* Calls of one ABI, or of several, with the same answers. */
struct group {
	const struct chain *chain; /* the first */
	ARRAY(const char *) names;
	ARRAY(const char *) abis;
	bool others; /* all other numbers, too */
	const char *same;
};

struct drawing {
	struct arena *arena;
	jmp_buf oom; /* while answers come: the question's own memory is not ours to leave */
	bool failed;
	ARRAY(struct chain) chain;
	ARRAY(struct group) group;
	ARRAY(struct reply) actions;
};

/* --- collecting ----------------------------------------------------------------------- */

static const char *copy(struct drawing *d, const char *text)
{
	return text ? arena_strndup(d->arena, text, strlen(text)) : NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void add(struct drawing *d, const struct weir_answer *answer)
{
	struct chain *last = d->chain.n ? &d->chain.v[d->chain.n - 1] : NULL;
	struct reply *more;

	if (!last || !same_text(last->abi, answer->abi) ||
	    !same_text(last->call, answer->call)) {
		array_push(d->arena, &d->chain,
		           ((struct chain){ copy(d, answer->abi), copy(d, answer->call),
		                            NULL, 0, NULL }));
		last = &d->chain.v[d->chain.n - 1];
	}
	more = arena_array(d->arena, struct reply, last->n + 1);
	if (last->n)
		memcpy(more, last->reply, last->n * sizeof *more);
	more[last->n++] = (struct reply){ copy(d, answer->action),
		                          copy(d, answer->condition), answer->ret };
	last->reply = more;
}

/* Keep ANSWER: it begins a chain, or goes on with the last. */
static void keep(void *ctx, const struct weir_answer *answer)
{
	struct drawing *d = ctx;
	jmp_buf *outer = d->arena->oom;

	d->arena->oom = &d->oom;
	if (d->failed || setjmp(d->oom))
		d->failed = true;
	else
		add(d, answer);
	d->arena->oom = outer;
}

/* --- grouping ---------------------------------------------------------------------------- */

/* Return what C answers, as a text that is the same for calls that are answered alike. */
static const char *signature(struct drawing *d, const struct chain *c)
{
	struct buf out = { .arena = d->arena };

	for (uint32_t i = 0; i < c->n; i++)
		buf_printf(&out, "%u\n%s\n", c->reply[i].ret,
		           c->reply[i].condition ? c->reply[i].condition : "");
	return buf_str(&out);
}

static const char *name_of(const char *abi)
{
	return abi ? abi : "other ABIs";
}

static void add_to_group(struct drawing *d, const char *abi, const struct chain *c,
                         uint32_t first)
{
	struct group *g = NULL;

	for (uint32_t i = first; i < d->group.n && !g; i++)
		if (!strcmp(d->group.v[i].same, c->same))
			g = &d->group.v[i];
	if (!g) {
		array_push(d->arena, &d->group, ((struct group){ .chain = c, .same = c->same }));
		g = &d->group.v[d->group.n - 1];
		array_push(d->arena, &g->abis, name_of(abi));
	}
	if (c->call)
		array_push(d->arena, &g->names, c->call);
	else
		g->others = true;
}

/* Make groups of the chains, ABI by ABI. */
static void find_groups(struct drawing *d)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < d->chain.n; i++) {
		struct chain *c = &d->chain.v[i];

		if (i && !same_text(c->abi, c[-1].abi))
			first = d->group.n;
		c->same = signature(d, c);
		add_to_group(d, c->abi, c, first);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool same_group(const struct group *a, const struct group *b)
{
	if (a->names.n != b->names.n || a->others != b->others || strcmp(a->same, b->same))
		return false;
	for (uint32_t i = 0; i < a->names.n; i++)
		if (strcmp(a->names.v[i], b->names.v[i]))
			return false;
	return true;
}

/* Let groups of several ABIs that are the same be one. */
static void unite_groups(struct drawing *d)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < d->group.n; i++) {
		struct group *g = &d->group.v[i];
		uint32_t k = 0;

		if (g->names.n)
			qsort(g->names.v, g->names.n, sizeof *g->names.v, by_name);
		while (k < kept && !same_group(&d->group.v[k], g))
			k++;
		if (k == kept)
			d->group.v[kept++] = *g;
		else
			array_push(d->arena, &d->group.v[k].abis, g->abis.v[0]);
	}
	d->group.n = kept;
}

/* --- drawing -------------------------------------------------------------------------------- */

/* Write TEXT into a label, with lines of at most WIDTH columns. */
static void put_label(struct buf *out, const char *text, size_t width)
{
	size_t column = 0;

	for (; *text; text++, column++) {
		if (*text == ' ' && column + 1 + strcspn(text + 1, " ") > width) {
			buf_puts(out, "\\n");
			column = 0;
			continue;
		}
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
}

static const char *names_of(struct drawing *d, const struct group *g)
{
	struct buf out = { .arena = d->arena };
	uint32_t shown = g->names.n > MOST_NAMES ? SOME_NAMES : g->names.n;

	for (uint32_t i = 0; i < shown; i++)
		buf_printf(&out, "%s%s", i ? ", " : "", g->names.v[i]);
	if (shown < g->names.n)
		buf_printf(&out, ", ... (%u calls)", g->names.n);
	if (g->others && shown)
		buf_puts(&out, ", and all other numbers");
	else if (g->others)
		buf_puts(&out, g->chain->abi ? "all other numbers" : "every call");
	return buf_str(&out);
}

/* How an action looks, and the ways to it. */
struct look {
	uint32_t action;
	const char *node, *edge;
};

static const struct look *look_of(const struct reply *r)
{
	static const struct look looks[] = {
		{ SECCOMP_RET_ALLOW, "fillcolor=\"#c9ecc9\", color=\"#2e7d32\"", "#2e7d32" },
		{ SECCOMP_RET_LOG, "fillcolor=\"#e2f1d0\", color=\"#558b2f\"", "#558b2f" },
		{ SECCOMP_RET_KILL_PROCESS, "fillcolor=\"#c62828\", fontcolor=white", "#7f0000" },
		{ SECCOMP_RET_KILL_THREAD, "fillcolor=\"#c62828\", fontcolor=white", "#7f0000" },
		{ SECCOMP_RET_USER_NOTIF, "fillcolor=\"#cfe0f5\", color=\"#1f4e9c\"", "#1f4e9c" },
		{ SECCOMP_RET_TRACE, "fillcolor=\"#cfe0f5\", color=\"#1f4e9c\"", "#1f4e9c" },
	};
	static const struct look unknown = {
		0, "fillcolor=\"#fbeebc\", color=\"#a07800\"", "#a07800"
	};
	static const struct look refused = {
		0, "fillcolor=\"#f6c9c9\", color=\"#b71c1c\"", "#b71c1c"
	};

	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if ((r->ret & SECCOMP_RET_ACTION_FULL) == looks[i].action)
			return &looks[i];
	return strcmp(r->action, "errno ENOSYS") ? &refused : &unknown;
}

/* Return the number of the node for what R does; draw it if it is new. */
static uint32_t action(struct drawing *d, struct buf *out, const struct reply *r)
{
	for (uint32_t i = 0; i < d->actions.n; i++)
		if (!strcmp(d->actions.v[i].action, r->action))
			return i;
	array_push(d->arena, &d->actions, *r);
	buf_printf(out, "\tx%u [label=\"%s\", style=\"filled,rounded\", %s];\n",
	           d->actions.n - 1, r->action, look_of(r)->node);
	return d->actions.n - 1;
}

/* Draw the way from group I to what replies FROM .. TO - 1 of its calls have in common. */
static void draw_way(struct drawing *d, struct buf *out, uint32_t i, uint32_t from,
                     uint32_t to)
{
	const struct chain *c = d->group.v[i].chain;
	uint32_t at = action(d, out, &c->reply[from]);

	buf_printf(out, "\tg%u -> x%u [", i, at);
	if (c->n == 1 && !c->reply[from].condition) {
		buf_printf(out, "color=\"%s\", penwidth=2];\n", look_of(&c->reply[from])->edge);
		return;
	}
	buf_puts(out, "label=\"");
	for (uint32_t k = from; k < to; k++) {
		const char *condition = c->reply[k].condition;

		buf_puts(out, k > from ? "\\n or " : " ");
		put_label(out, condition ? condition : "else",
		          LONGEST_CONDITION);
	}
	buf_printf(out, " \", color=\"%s\"];\n", look_of(&c->reply[from])->edge);
}

static void draw_group(struct drawing *d, struct buf *out, uint32_t i)
{
	const struct group *g = &d->group.v[i];
	const struct chain *c = g->chain;

	buf_printf(out, "\tg%u [label=\"", i);
	put_label(out, names_of(d, g), LONGEST);
	buf_puts(out, "\"];\n");
	for (uint32_t k = 0; k < g->abis.n; k++)
		buf_printf(out, "\t\"%s\" -> g%u;\n", g->abis.v[k], i);
	for (uint32_t k = 0, next; k < c->n; k = next) {
		next = k + 1;
		while (next < c->n && c->reply[next].ret == c->reply[k].ret)
			next++;
		draw_way(d, out, i, k, next);
	}
}

static void draw(struct drawing *d, struct buf *out)
{
	find_groups(d);
	unite_groups(d);
	buf_puts(out, "digraph policy {\n"
	              "\tgraph [rankdir=LR, ranksep=0.7, nodesep=0.15];\n"
	              "\tnode [shape=box, style=filled, fillcolor=\"#f4f6f8\", "
	              "color=\"#607080\", fontname=\"Helvetica,Arial,sans-serif\", "
	              "fontsize=11];\n"
	              "\tedge [color=\"#506070\", fontname=\"Helvetica,Arial,sans-serif\", "
	              "fontsize=9, arrowsize=0.7];\n");
	for (uint32_t i = 0; i < d->chain.n; i++)
		if (!i || !same_text(d->chain.v[i].abi, d->chain.v[i - 1].abi))
			buf_printf(out, "\t\"%s\" [style=\"filled,bold\"];\n",
			           name_of(d->chain.v[i].abi));
	for (uint32_t i = 0; i < d->group.n; i++)
		draw_group(d, out, i);
	buf_puts(out, "}\n");
}

int api_draw(struct job *j, struct weir_policy *p, const struct rules_options *o,
             struct buf *out)
{
	struct drawing d = { .arena = &j->tmp };
	int err = weir_policy_explain(p, keep, &d);

	if (err || d.failed)
		return err ? err : -ENOMEM;
	draw(&d, out);
	return 0;
}
