/* weir attach: what is attached, what it counts, and taking it off. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/attach.h"

/* Tell whether NAME, a number or a target, means S. */
static bool is_named(const char *name, const struct net_hook_state *s)
{
	char id[16];

	snprintf(id, sizeof id, "%u", s->id);
	return (s->id && !strcmp(name, id)) || (s->here && !strcmp(name, s->target));
}

/* --- listing ---------------------------------------------------------------------------- */

struct report {
	struct cli *c;
	struct buf *out;
	struct json_writer json;
	unsigned n;
};

/* Put the members that lists and counts have alike. */
static void put_identity(struct json_writer *w, const struct net_hook_state *s)
{
	if (s->id)
		json_put_unsigned(w, "id", s->id);
	json_put_string(w, "place", net_place_name(s->place));
	json_put_string(w, "target", s->target);
}

static void put_json(struct json_writer *w, const struct net_hook_state *s)
{
	json_begin_object(w, NULL, JSON_SPACED);
	put_identity(w, s);
	json_put_bool(w, "here", s->here);
	json_put_bool(w, "kept", s->kept);
	json_put_string(w, "does", s->drops ? "drop" : "pass");
	json_put_string(w, "expression", s->whole_text);
	if (s->counts) {
		json_put_unsigned(w, "packets", s->seen);
		json_put_unsigned(w, "matched", s->matched);
	}
	json_end(w);
}

/* Write N into TEXT, or a dash where it is not KNOWN. */
static const char *number(char text[24], uint64_t n, bool known)
{
	snprintf(text, 24, "%llu", (unsigned long long)n);
	return known ? text : "-";
}

/* Put TEXT with a space for each run of white space: an expression may have lines. */
static void put_line(struct buf *out, const char *text)
{
	for (bool space = false; *text; text++) {
		bool white = *text == ' ' || *text == '\t' || *text == '\n';

		if (!white && space)
			buf_putc(out, ' ');
		if (!white)
			buf_putc(out, *text);
		space = white;
	}
}

static void put_row(void *ctx, const struct net_hooked *h, const struct net_hook_state *s)
{
	struct report *r = ctx;
	char id[24], seen[24], matched[24];

	if (!s->attached)
		return;
	if (r->c->o.json) {
		put_json(&r->json, s);
		return;
	}
	if (!r->n++)
		buf_printf(r->out, "%6s  %-14s %-12s %-4s %12s %12s  %s\n", "ID", "PLACE", "TARGET", "",
		           "PACKETS", "MATCHED", "FILTER");
	buf_printf(r->out, "%6s  %-14s %-12s %-4s %12s %12s  %s ", number(id, s->id, s->id),
	           net_place_name(s->place), s->target, s->kept ? "kept" : "",
	           number(seen, s->seen, s->counts), number(matched, s->matched, s->counts),
	           s->drops ? "drop" : "pass");
	put_line(r->out, s->whole_text);
	buf_putc(r->out, '\n');
}

static int put_list(struct cli *c, struct buf *out, void *ctx)
{
	struct report r = { .c = c, .out = out, .json = { .out = out } };
	struct net_error e;
	int err;

	if (c->o.json)
		json_begin_array(&r.json, NULL, JSON_LINES);
	err = net_hooks_each(put_row, &r, &e);
	if (err)
		cli_error("%s", e.text);
	if (c->o.json) {
		json_end(&r.json);
		buf_putc(out, '\n');
	}
	return err ? EXIT_NO : EXIT_DONE;
}

int attach_list(struct cli *c)
{
	return cli_report(c, put_list, NULL);
}

/* --- counts ---------------------------------------------------------------------------------- */

/* What a filter had counted when it was last looked at. */
struct counted {
	uint32_t id;
	uint64_t seen, matched;
	double at;
};

struct stats {
	struct cli *c;
	struct json_writer json;
	struct buf *out;
	struct counted *counted;
	size_t n, room;
	double now;
	unsigned rows;    /* of this round */
	bool live, first; /* it is on a terminal; nothing was printed yet */
};

/* Return what is known of S, which may be what it is now; NULL: no memory. */
static struct counted *find_counted(struct stats *st, const struct net_hook_state *s)
{
	for (size_t i = 0; i < st->n; i++)
		if (st->counted[i].id == s->id)
			return &st->counted[i];
	if (st->n == st->room) {
		size_t room = 2 * st->room + 8;
		struct counted *more = realloc(st->counted, room * sizeof *more);

		if (!more)
			return NULL;
		st->counted = more;
		st->room = room;
	}
	st->counted[st->n] = (struct counted){ s->id, s->seen, s->matched, st->now };
	return &st->counted[st->n++];
}

static double rate(uint64_t now, uint64_t before, double seconds)
{
	return seconds > 0 ? (double)(now - before) / seconds : 0;
}

static bool is_wanted(const struct cli *c, const struct net_hook_state *s)
{
	bool wanted = !c->nwords;

	for (size_t i = 0; i < c->nwords; i++)
		wanted |= is_named(c->words[i], s);
	return wanted;
}

static void put_count(void *ctx, const struct net_hooked *h, const struct net_hook_state *s)
{
	struct stats *st = ctx;
	struct counted *before;
	double seconds, seen, matched;

	if (!s->attached || !s->counts || !is_wanted(st->c, s))
		return;
	before = find_counted(st, s);
	if (!before)
		return;
	seconds = st->now - before->at;
	seen = rate(s->seen, before->seen, seconds);
	matched = rate(s->matched, before->matched, seconds);
	*before = (struct counted){ s->id, s->seen, s->matched, st->now };
	if (st->c->o.json) {
		json_begin_object(&st->json, NULL, JSON_PACKED);
		put_identity(&st->json, s);
		json_put_unsigned(&st->json, "time", (uint64_t)time(NULL));
		json_put_unsigned(&st->json, "packets", s->seen);
		json_put_unsigned(&st->json, "matched", s->matched);
		json_put_unsigned(&st->json, "packets_per_second", (uint64_t)(seen + 0.5));
		json_put_unsigned(&st->json, "matched_per_second", (uint64_t)(matched + 0.5));
		json_end(&st->json);
		buf_putc(st->out, '\n');
	} else {
		buf_printf(st->out, "%6u  %-14s %-12s %12llu %12llu %10.0f %10.0f\n", s->id,
		           net_place_name(s->place), s->target, (unsigned long long)s->seen,
		           (unsigned long long)s->matched, seen, matched);
	}
	st->rows++;
}

static void put_title(struct buf *out)
{
	buf_printf(out, "%6s  %-14s %-12s %12s %12s %10s %10s\n", "ID", "PLACE", "TARGET", "PACKETS",
	           "MATCHED", "PACKETS/S", "MATCHED/S");
}

/* Put what all count now; on a terminal, over what is there of the last round. */
static int put_round(struct cli *c, struct buf *out, void *ctx)
{
	struct stats *st = ctx;
	unsigned before = st->rows;
	struct net_error e;
	int err;

	st->out = out;
	st->json = (struct json_writer){ .out = out };
	st->rows = 0;
	st->now = attach_now();
	if (st->live && !st->first)
		buf_printf(out, "\033[%uA\033[J", before + 1);
	if (!c->o.json && (st->live || st->first))
		put_title(out);
	st->first = false;
	err = net_hooks_each(put_count, st, &e);
	if (err)
		cli_error("%s", e.text);
	return err ? EXIT_NO : EXIT_DONE;
}

int attach_stats(struct cli *c)
{
	struct stats st = { .c = c, .live = isatty(STDOUT_FILENO) && !c->o.json, .first = true };
	unsigned interval = c->o.interval ? min_u32((uint32_t)c->o.interval, 86400) : 1;
	double end = attach_now() + (double)c->o.timeout;
	int status;

	attach_catch_signals();
	do {
		status = cli_report(c, put_round, &st);
		if (fflush(stdout))
			status = EXIT_USAGE;
	} while (status == EXIT_DONE && attach_wait(1000 * interval) &&
	         (!c->o.timeout || attach_now() < end));
	free(st.counted);
	return status == EXIT_DONE ? attach_status() : status;
}

/* --- taking off -------------------------------------------------------------------------------- */

struct removal {
	const char *what; /* a number, or a target */
	unsigned found, failed;
};

static void take_off(void *ctx, const struct net_hooked *h, const struct net_hook_state *s)
{
	struct removal *r = ctx;
	struct net_error e;

	if (!is_named(r->what, s))
		return;
	r->found++;
	if (net_hook_detach(h, &e)) {
		cli_error("%s", e.text);
		r->failed++;
	}
}

int attach_detach(struct cli *c)
{
	struct removal r = { .what = c->o.detach };
	struct net_error e;
	int err;

	if (c->nwords) {
		cli_error("--detach takes one number or target; what is '%s'?", c->words[0]);
		return EXIT_USAGE;
	}
	err = net_hooks_each(take_off, &r, &e);
	if (err && !r.found)
		cli_error("%s", e.text);
	else if (!r.found)
		cli_error("nothing of weir's is attached as '%s'", r.what);
	return r.found && !r.failed ? EXIT_DONE : EXIT_NO;
}
