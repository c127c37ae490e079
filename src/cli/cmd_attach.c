/*
 * weir attach: a filter on an interface (XDP, tc) or a cgroup, which drops what matches,
 * or all that does not; and what is attached.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/json.h"
#include "cli/cli.h"
#include "net/net.h"

/* --- the words of the command line -------------------------------------------------- */

/* What is to be done. */
struct attach {
	struct cli *c;
	size_t used; /* of its words */
	enum net_place place;
	const char *target;
	bool drops;
	char *text; /* the expression */
	const char *name;
	size_t len;
};

/* A kind of place as it is typed, and the ways that packets go there. */
static const struct {
	const char *word;
	const char *way[2]; /* NULL: there is but one */
	enum net_place place[2];
} kinds[] = {
	{ "xdp", { NULL }, { NET_XDP } },
	{ "tc", { "ingress", "egress" }, { NET_TC_INGRESS, NET_TC_EGRESS } },
	{ "cgroup", { "ingress", "egress" }, { NET_CGROUP_INGRESS, NET_CGROUP_EGRESS } },
};

/* Take the next word, or say that WHAT is missing. */
static const char *next_word(struct attach *a, const char *what)
{
	if (a->used < a->c->nwords)
		return a->c->words[a->used++];
	cli_error("%s is missing: weir attach %s", what, a->c->command->words);
	return NULL;
}

/* Set A's place by WORD, a row of KINDS, and by the way that follows the target. */
static bool find_place(struct attach *a, const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *way;

		if (strcmp(kinds[i].word, word) != 0)
			continue;
		a->target = next_word(a, i == 2 ? "the directory of the cgroup" : "the interface");
		if (!a->target)
			return false;
		a->place = kinds[i].place[0];
		if (!kinds[i].way[0])
			return true;
		way = next_word(a, "ingress or egress");
		for (size_t w = 0; way && w < 2; w++) {
			a->place = kinds[i].place[w];
			if (strcmp(kinds[i].way[w], way) == 0)
				return true;
		}
		if (way)
			cli_error("expected ingress or egress, found '%s'", way);
		return false;
	}
	cli_error("unknown place '%s': expected xdp, tc or cgroup", word);
	return false;
}

static bool read_words(struct attach *a)
{
	const char *word = next_word(a, "the place");
	struct cli rest;

	if (!word || !find_place(a, word))
		return false;
	word = next_word(a, "drop or pass");
	if (!word)
		return false;
	a->drops = strcmp(word, "drop") == 0;
	if (!a->drops && strcmp(word, "pass") != 0) {
		cli_error("expected drop or pass, found '%s'", word);
		return false;
	}
	if (a->used == a->c->nwords && !a->c->rest && !a->c->o.file) {
		cli_error("the expression is missing");
		return false;
	}
	rest = *a->c;
	rest.words += a->used;
	rest.nwords -= a->used;
	a->text = options_expression(&rest, &a->name, &a->len);
	return a->text != NULL;
}

/* Refuse to cut the machine off, unless it is asked for or ends by itself. */
static bool is_meant(const struct attach *a)
{
	bool cgroup = a->place == NET_CGROUP_INGRESS || a->place == NET_CGROUP_EGRESS;

	if (a->drops || cgroup || a->c->o.yes || a->c->o.timeout ||
	    !net_carries_default_route(a->target))
		return true;
	cli_error("'pass' drops all else, and the default route leads through %s", a->target);
	cli_hint("--yes means it; --timeout N takes it off after N seconds");
	return false;
}

/* --- the filter ------------------------------------------------------------------------ */

/* Settle what the data at A's place begin with; false after a message. */
static bool set_link(const struct attach *a, struct weir_expression_options *p)
{
	struct net_source *s;
	struct net_error e;

	p->live = a->place != NET_XDP; /* tags are in the bytes there */
	if (p->have_linktype)
		return true;
	p->have_linktype = true;
	p->linktype = NET_RAW;
	if (a->place == NET_CGROUP_INGRESS || a->place == NET_CGROUP_EGRESS)
		return true;
	if (net_open_live(&s, a->target, NET_SNAPLEN, &e)) {
		cli_error("%s", e.text);
		return false;
	}
	if (s->linktype == NET_EN10MB) /* others begin with IP */
		p->linktype = NET_EN10MB;
	s->close(s);
	return true;
}

static struct weir_program *compile(struct attach *a)
{
	struct files files = { 0 };
	struct weir_expression_options p;
	struct weir_program *program = NULL;
	struct weir_expression *e;
	int err;

	if (!packet_options(a->c, &p) || !set_link(a, &p))
		return NULL;
	a->c->o.reading.name = a->name;
	a->c->o.reading.ctx = &files;
	err = weir_expression_read(&e, a->text, a->len, &p);
	if (!err) {
		err = weir_expression_compile(&program, e, &a->c->o.compile);
		weir_expression_free(e);
	}
	if (err) {
		cli_compile_failed(err);
		if (err == -EINVAL)
			packet_hint(a->c);
	}
	return program;
}

static int put(struct attach *a, struct net_hooked *hooked)
{
	struct weir_ebpf_options o = {
		.size = sizeof o,
		.form = net_place_form(a->place),
		.diag = cli_diag,
		.ctx = a->c,
	};
	struct net_hook hook = {
		.place = a->place,
		.target = a->target,
		.drops = a->drops,
		.text = a->text,
	};
	struct weir_program *program = compile(a);
	struct weir_ebpf *filter = NULL;
	struct net_error e;
	int err = program ? weir_ebpf_new(&filter, program, &o) : -EINVAL;

	weir_program_free(program);
	if (!program)
		return EXIT_USAGE;
	if (err)
		return err == -ENOTSUP ? EXIT_NO : cli_compile_failed(err);
	hook.filter = filter;
	err = net_hook_attach(&hook, hooked, &e);
	weir_ebpf_free(filter);
	if (err)
		cli_error("%s", e.text);
	return err ? EXIT_NO : EXIT_DONE;
}

/* --- being there ------------------------------------------------------------------------- */

static volatile sig_atomic_t ended_by;

static void on_signal(int number)
{
	ended_by = number;
}

static void catch_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction a = { .sa_handler = on_signal }, old;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (!sigaction(ends[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(ends[i], &a, NULL);
}

static void say_counts(const struct net_hook_state *s, const char *end)
{
	fprintf(stderr, "%llu packets, %llu matched%s", (unsigned long long)s->seen,
	        (unsigned long long)s->matched, end);
}

static double now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Wait for a signal, the end of the time, or for another to detach it. */
static void wait_for_end(const struct cli *c, const struct net_hooked *h,
                         struct net_hook_state *s)
{
	bool live = isatty(STDERR_FILENO) && !c->o.quiet;
	double end = now() + (double)c->o.timeout;

	while (!ended_by && (!c->o.timeout || now() < end)) {
		if (!net_hook_ask(h, s) || !s->attached)
			break;
		if (live) {
			fputs("\r", stderr);
			say_counts(s, "\033[K");
		}
		poll(NULL, 0, live ? 1000 : 200);
	}
	if (live)
		fputc('\n', stderr);
}

static int stay(const struct attach *a, const struct net_hooked *h)
{
	const struct cli *c = a->c;
	struct net_hook_state s = { 0 };
	struct net_error e;
	bool known;

	if (!c->o.quiet)
		fprintf(stderr, "weir: attached to %s of %s; Ctrl-C takes it off\n",
		        net_place_name(a->place), a->target);
	wait_for_end(c, h, &s);
	known = net_hook_ask(h, &s);
	if (known && !s.attached)
		cli_warning(c, "it was taken off by somebody else, or %s is gone", a->target);
	if (known && !c->o.quiet) {
		fputs("weir: ", stderr);
		say_counts(&s, "\n");
	}
	/* Closing the link takes it off as well, but some time after weir has ended. */
	if (known && s.attached && net_hook_detach(h, &e))
		cli_warning(c, "%s", e.text);
	return ended_by && ended_by != SIGINT ? EXIT_SIGNAL + ended_by : EXIT_DONE;
}

static int keep(const struct attach *a, const struct net_hooked *h)
{
	struct net_hook_state s;
	struct net_error e;

	if (!net_hook_ask(h, &s)) {
		cli_error("%s: what was attached does not answer", a->target);
		return EXIT_NO;
	}
	if (net_hook_keep(h, &e)) {
		cli_error("%s", e.text);
		return EXIT_NO;
	}
	if (!a->c->o.quiet)
		fprintf(stderr, "weir: attached to %s of %s as %u; 'weir attach --detach %u' takes "
		                "it off\n",
		        net_place_name(a->place), a->target, s.id, s.id);
	return EXIT_DONE;
}

static int attach(struct cli *c)
{
	struct attach a = { .c = c };
	struct net_hooked h;
	int status = EXIT_USAGE;

	catch_signals();
	if (read_words(&a) && is_meant(&a))
		status = put(&a, &h);
	if (status == EXIT_DONE) {
		status = c->o.keep ? keep(&a, &h) : stay(&a, &h);
		net_hook_close(&h);
	}
	free(a.text);
	return status;
}

/* --- what is attached ----------------------------------------------------------------------- */

struct report {
	struct cli *c;
	struct buf *out;
	struct json_writer json;
	unsigned n;
};

static void put_json(struct json_writer *w, const struct net_hook_state *s)
{
	json_begin_object(w, NULL, JSON_SPACED);
	json_put_unsigned(w, "id", s->id);
	json_put_string(w, "place", net_place_name(s->place));
	json_put_string(w, "target", s->target);
	json_put_bool(w, "here", s->here);
	json_put_bool(w, "kept", s->kept);
	json_put_string(w, "does", s->drops ? "drop" : "pass");
	json_put_string(w, "expression", s->text);
	json_put_unsigned(w, "packets", s->seen);
	json_put_unsigned(w, "matched", s->matched);
	json_end(w);
}

static void put_row(void *ctx, const struct net_hooked *h, const struct net_hook_state *s)
{
	struct report *r = ctx;

	if (!s->attached)
		return;
	if (r->c->o.json) {
		put_json(&r->json, s);
		return;
	}
	if (!r->n++)
		buf_printf(r->out, "%6s  %-14s %-12s %-4s %12s %12s  %s\n", "ID", "PLACE", "TARGET", "",
		           "PACKETS", "MATCHED", "FILTER");
	buf_printf(r->out, "%6u  %-14s %-12s %-4s %12llu %12llu  %s %s\n", s->id,
	           net_place_name(s->place), s->target, s->kept ? "kept" : "",
	           (unsigned long long)s->seen, (unsigned long long)s->matched,
	           s->drops ? "drop" : "pass", s->text);
}

static int put_list(struct cli *c, struct buf *out, void *ctx)
{
	struct report r = { .c = c, .out = out, .json = { .out = out } };
	struct net_error e;

	if (c->o.json)
		json_begin_array(&r.json, NULL, JSON_LINES);
	if (net_hooks_each(put_row, &r, &e)) {
		cli_error("%s", e.text);
		return EXIT_USAGE;
	}
	if (c->o.json) {
		json_end(&r.json);
		buf_putc(out, '\n');
	}
	return EXIT_DONE;
}

/* --- taking off -------------------------------------------------------------------------------- */

struct removal {
	const char *what; /* a number, or a target */
	unsigned found, failed;
};

static void take_off(void *ctx, const struct net_hooked *h, const struct net_hook_state *s)
{
	struct removal *r = ctx;
	char id[16];
	struct net_error e;

	snprintf(id, sizeof id, "%u", s->id);
	if (strcmp(r->what, id) != 0 && !(s->here && strcmp(r->what, s->target) == 0))
		return;
	r->found++;
	if (net_hook_detach(h, &e)) {
		cli_error("%s", e.text);
		r->failed++;
	}
}

static int detach(struct cli *c)
{
	struct removal r = { .what = c->o.detach };
	struct net_error e;

	if (c->nwords) {
		cli_error("--detach takes one number or target; what is '%s'?", c->words[0]);
		return EXIT_USAGE;
	}
	if (net_hooks_each(take_off, &r, &e)) {
		cli_error("%s", e.text);
		return EXIT_USAGE;
	}
	if (!r.found)
		cli_error("nothing of weir's is attached as '%s'", r.what);
	return r.found && !r.failed ? EXIT_DONE : EXIT_NO;
}

int cmd_attach(struct cli *c)
{
	if (c->o.list && c->o.detach) {
		cli_error("--list and --detach are mutually exclusive");
		return EXIT_USAGE;
	}
	if (c->o.keep && c->o.timeout) {
		cli_error("--keep and --timeout are mutually exclusive: weir must run to take the filter off");
		return EXIT_USAGE;
	}
	if (c->o.list)
		return cli_report(c, put_list, NULL);
	return c->o.detach ? detach(c) : attach(c);
}
