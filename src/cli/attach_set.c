/*
 * The sets of weir attach: made with their first items when a filter is attached, and
 * changed afterwards by `weir attach --set NAME add|del|list|count|replace`.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/attach.h"

/* --- first items ------------------------------------------------------------------- */

/* Return how many lines of TEXT have more than a comment. */
static size_t count_lines(const char *text, size_t len)
{
	size_t n = 0;
	bool item = false, comment = false;

	for (size_t i = 0; i < len; i++) {
		comment = text[i] == '\n' ? false : comment || text[i] == '#';
		item = item || (!comment && !strchr(" \t\r\n", text[i]));
		if (text[i] == '\n' || i + 1 == len) {
			n += item;
			item = false;
		}
	}
	return n;
}

/* Return the file that option I, NAME=FILE, names. */
static const char *file_given(const struct cli *c, size_t i)
{
	return strchr(c->o.sets.v[i], '=') + 1;
}

/* Read FILE, or say why not; free *TEXT. */
static bool read_file(const char *file, char **text, size_t *len)
{
	int err = input_read(file, text, len);

	if (err)
		cli_error("%s: %s", file, strerror(-err));
	return !err;
}

bool attach_sets_size(struct cli *c, struct weir_expression_options *p)
{
	enum {
		LEAST = 1024,
		MOST = 1 << 24,
	};
	char *text;
	size_t len, n;

	p->open_sets = true;
	for (size_t i = 0; i < c->o.ngiven_sets; i++) {
		if (!read_file(file_given(c, i), &text, &len))
			return false;
		c->o.given_sets[i].file = NULL; /* its first items, not all that it ever has */
		n = 2 * count_lines(text, len);
		free(text);
		c->o.given_sets[i].capacity = c->o.capacity ? (uint32_t)c->o.capacity
		                              : n < LEAST   ? LEAST
		                              : n < MOST    ? (uint32_t)n
		                                            : MOST;
	}
	return true;
}

/* Read items for KINDS from TEXT, which is of NAME; NULL after a message. */
static struct weir_items *read_items(struct cli *c, const char *name, const char *text, size_t len,
                                     unsigned kinds)
{
	struct weir_read_options o = c->o.reading;
	struct weir_items *items;
	int err;

	o.name = name;
	err = weir_items_read(&items, text, len, kinds, &o);
	if (err && err != -EINVAL)
		cli_compile_failed(err);
	return items;
}

/* Return the file of NAME's first items, or NULL. */
static const char *file_of(const struct cli *c, const char *name)
{
	for (size_t i = 0; i < c->o.ngiven_sets; i++)
		if (strcmp(c->o.given_sets[i].name, name) == 0)
			return file_given(c, i);
	return NULL;
}

/* Return a bit for each kind that FILTER's set NAME has. */
static unsigned kinds_of(const struct weir_ebpf *filter, const char *name)
{
	struct weir_set s = { .size = sizeof s };
	unsigned kinds = 0;

	for (unsigned i = 0; weir_ebpf_set(filter, i, &s) == 0; i++)
		if (strcmp(s.name, name) == 0)
			kinds |= 1u << s.kind;
	return kinds;
}

/* Make set S of FILTER with its first items, as number I of SETS. */
static bool make_set(struct cli *c, const struct weir_ebpf *filter, const struct weir_set *s,
                     struct attach_sets *sets)
{
	const char *file = file_of(c, s->name);
	struct weir_items *items = NULL;
	struct net_error e;
	char *text = NULL;
	size_t len;
	int err;

	if (file && !read_file(file, &text, &len))
		return false;
	if (file)
		items = read_items(c, file, text, len, kinds_of(filter, s->name));
	free(text);
	if (file && !items)
		return false;
	err = net_set_new(s, items, &sets->v[sets->n], &e);
	weir_items_free(items);
	if (err) {
		cli_error("%s", e.text);
		return false;
	}
	sets->maps[sets->n] = sets->v[sets->n].now;
	sets->n++;
	return true;
}

bool attach_sets_make(struct cli *c, const struct weir_ebpf *filter, struct attach_sets *sets)
{
	struct weir_set s = { .size = sizeof s };

	sets->n = 0;
	for (size_t i = 0; i < c->o.ngiven_sets; i++) {
		if (kinds_of(filter, c->o.given_sets[i].name))
			continue;
		cli_error("the expression does not ask about '@%s'", c->o.given_sets[i].name);
		return false;
	}
	while (sets->n < ATTACH_SETS && weir_ebpf_set(filter, sets->n, &s) == 0)
		if (!make_set(c, filter, &s, sets))
			return false;
	return true;
}

void attach_sets_close(struct attach_sets *sets)
{
	while (sets->n)
		net_set_close(&sets->v[--sets->n]);
}

/* --- what is changed ------------------------------------------------------------------- */

enum verb {
	VERB_ADD,
	VERB_DEL,
	VERB_LIST,
	VERB_COUNT,
	VERB_REPLACE,
};

static const struct verb_row {
	const char *word;
	enum verb verb;
	size_t least, most; /* words that follow */
	const char *wants;
} verbs[] = {
	{ "add", VERB_ADD, 1, SIZE_MAX, "the items are missing" },
	{ "del", VERB_DEL, 1, SIZE_MAX, "the items are missing" },
	{ "list", VERB_LIST, 0, 0, NULL },
	{ "count", VERB_COUNT, 0, 0, NULL },
	{ "replace", VERB_REPLACE, 1, 1, "the file with the new list is missing" },
};

/* One command about a set, in all that has it. */
struct change {
	struct cli *c;
	const char *name;
	const struct verb_row *verb;
	char *text; /* of the items, one a line */
	size_t len;
	struct buf *out;
	struct json_writer json;
	unsigned found;   /* filters that have the set */
	bool failed;      /* after a message */
	size_t n, missed; /* items: all; that were not there */
};

static void put_item(void *ctx, const char *text, uint64_t met)
{
	struct change *x = ctx;

	if (x->c->o.json) {
		json_begin_object(&x->json, NULL, JSON_SPACED);
		json_put_string(&x->json, "item", text);
		json_put_unsigned(&x->json, "packets", met);
		json_end(&x->json);
	} else if (x->c->o.counters) {
		buf_printf(x->out, "%s %llu\n", text, (unsigned long long)met);
	} else {
		buf_printf(x->out, "%s\n", text);
	}
}

/* Do what X says to set S, with ITEMS. */
static int change_one(struct change *x, struct net_set *s, const struct weir_items *items,
                      struct net_error *e)
{
	size_t n = 0;
	int err = 0;

	switch (x->verb->verb) {
	case VERB_ADD:
		return net_set_add(s, items, e);
	case VERB_DEL:
		err = net_set_remove(s, items, &n, e);
		x->missed += n;
		return err;
	case VERB_REPLACE:
		return net_set_replace(s, items, e);
	case VERB_LIST:
		return net_set_each(s, put_item, x, &n, e);
	case VERB_COUNT:
		err = net_set_each(s, NULL, NULL, &n, e);
		x->n += n;
		return err;
	}
	return err;
}

/* Do it to the N SETS of one filter, which are all that is called so there. */
static void change_sets(struct change *x, struct net_set *sets, int n)
{
	struct weir_items *items = NULL;
	unsigned kinds = 0;
	struct net_error e;

	for (int i = 0; i < n; i++)
		kinds |= 1u << sets[i].kind;
	if (x->text) {
		items = read_items(x->c, x->verb->verb == VERB_REPLACE ? x->c->words[1] : "items",
		                   x->text, x->len, kinds);
		x->failed |= !items;
	}
	for (int i = 0; i < n && !x->failed; i++) {
		if (change_one(x, &sets[i], items, &e) == 0)
			continue;
		cli_error("%s", e.text);
		x->failed = true;
	}
	weir_items_free(items);
	for (int i = 0; i < n; i++)
		net_set_close(&sets[i]);
}

/* Tell whether --at means what STATE says, or is not given. */
static bool is_at(const struct cli *c, const struct net_hook_state *state)
{
	char id[16];

	snprintf(id, sizeof id, "%u", state->id);
	return !c->o.at || strcmp(c->o.at, id) == 0 ||
	       (state->here && strcmp(c->o.at, state->target) == 0);
}

static void change_in(void *ctx, const struct net_hooked *h, const struct net_hook_state *state)
{
	bool reads;
	struct change *x = ctx;
	struct net_set sets[NET_SET_KINDS];
	struct net_error e;
	int n;

	if (x->failed || !state->attached || !state->id || !is_at(x->c, state))
		return;
	n = net_sets_open(state->id, x->name, sets, &e);
	if (n < 0) {
		cli_error("%s", e.text);
		x->failed = true;
	}
	if (n <= 0)
		return;
	reads = x->verb->verb == VERB_LIST || x->verb->verb == VERB_COUNT;
	if (x->found++ && reads) {
		cli_error("several filters have a set '%s': say by --at whose", x->name);
		x->failed = true;
	}
	change_sets(x, sets, n);
}

/* Do it to the set that is pinned as --at says. */
static void change_pinned(struct change *x)
{
	struct net_set set;
	struct net_error e;

	if (net_set_open_pin(x->c->o.at, &set, &e)) {
		cli_error("%s", e.text);
		x->failed = true;
		return;
	}
	if (strcmp(set.name, x->name) != 0) {
		cli_error("%s: this is the set '%s'", x->c->o.at, set.name);
		net_set_close(&set);
		x->failed = true;
		return;
	}
	x->found = 1;
	change_sets(x, &set, 1);
}

/* Do it to all sets that are meant; an exit status. */
static int change_all(struct change *x)
{
	struct net_error e;
	int lock = net_sets_lock(&e), err = 0;

	if (lock < 0) {
		cli_error("%s", e.text);
		return EXIT_USAGE;
	}
	if (x->c->o.at && strchr(x->c->o.at, '/'))
		change_pinned(x);
	else
		err = net_hooks_each(change_in, x, &e);
	net_sets_unlock(lock);
	if (err) {
		cli_error("%s", e.text);
		return EXIT_USAGE;
	}
	if (!x->found && !x->failed)
		cli_error("no filter that is attached%s%s has a set '%s'", x->c->o.at ? " as " : "",
		          x->c->o.at ? x->c->o.at : "", x->name);
	if (!x->failed && x->missed)
		cli_error("%zu of the items %s not in '%s'", x->missed,
		          x->missed == 1 ? "was" : "were", x->name);
	return x->found && !x->failed && !x->missed ? EXIT_DONE : EXIT_NO;
}

/* --- the words of the command line ------------------------------------------------------------ */

static const struct verb_row *find_verb(const struct cli *c)
{
	const char *word = c->nwords ? c->words[0] : NULL;

	if (!word) {
		cli_error("--set %s needs add, del, list, count or replace", c->o.sets.v[0]);
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strcmp(verbs[i].word, word) != 0)
			continue;
		if (c->nwords - 1 >= verbs[i].least && c->nwords - 1 <= verbs[i].most)
			return &verbs[i];
		if (c->nwords - 1 < verbs[i].least)
			cli_error("--set %s %s: %s", c->o.sets.v[0], word, verbs[i].wants);
		else
			cli_error("unexpected '%s' after '%s'", c->words[1 + verbs[i].most], word);
		return NULL;
	}
	cli_error("expected add, del, list, count or replace, found '%s'", word);
	return NULL;
}

/* Put the text of X's items together: the words, or what a file says. */
static bool take_items(struct change *x)
{
	size_t room = 1;
	char *at;

	if (x->verb->verb == VERB_REPLACE)
		return read_file(x->c->words[1], &x->text, &x->len);
	if (!x->verb->least)
		return true;
	for (size_t i = 1; i < x->c->nwords; i++)
		room += strlen(x->c->words[i]) + 1;
	at = x->text = malloc(room);
	if (!at) {
		cli_error("out of memory");
		return false;
	}
	for (size_t i = 1; i < x->c->nwords; i++)
		at += sprintf(at, "%s\n", x->c->words[i]);
	x->len = (size_t)(at - x->text);
	return true;
}

static int put_answer(struct cli *c, struct buf *out, void *ctx)
{
	struct change *x = ctx;
	bool list = x->verb->verb == VERB_LIST;
	int status;

	x->out = out;
	x->json = (struct json_writer){ .out = out };
	if (c->o.json && list)
		json_begin_array(&x->json, NULL, JSON_LINES);
	status = change_all(x);
	if (c->o.json && list) {
		json_end(&x->json);
		buf_putc(out, '\n');
	}
	if (status == EXIT_DONE && x->verb->verb == VERB_COUNT)
		buf_printf(out, "%zu\n", x->n);
	return status;
}

bool attach_set_wanted(const struct cli *c)
{
	return c->o.sets.n == 1 && !strchr(c->o.sets.v[0], '=');
}

int attach_set(struct cli *c)
{
	const char *name = c->o.sets.v[0];
	struct change x = { .c = c, .name = *name == '@' ? name + 1 : name };
	int status = EXIT_USAGE;

	x.verb = find_verb(c);
	if (x.verb && take_items(&x))
		status = x.verb->least ? change_all(&x) : cli_report(c, put_answer, &x);
	free(x.text);
	return status;
}
