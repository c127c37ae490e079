/* weir attach: compiling for a place, attaching there, and staying. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/attach.h"

enum {
	SHOT = 2 /* TC_ACT_SHOT */
};

/* --- the filter ------------------------------------------------------------------------ */

static bool is_cgroup(enum net_place place)
{
	return place == NET_CGROUP_INGRESS || place == NET_CGROUP_EGRESS;
}

/* Set P to what packets on A's interface begin with. */
static bool set_interface(const struct attach *a, struct weir_expression_options *p)
{
	struct net_source *s;
	struct net_error e;

	if (net_open_live(&s, a->target, NET_SNAPLEN, &e)) {
		cli_error("%s", e.text);
		return false;
	}
	if (s->linktype == NET_EN10MB) /* others begin with IP */
		p->linktype = NET_EN10MB;
	s->close(s);
	return true;
}

/* Set P to what the filter of A's socket sees, unless -t says so. */
static bool set_socket(const struct attach *a, struct weir_expression_options *p, bool said)
{
	struct net_payload payload;
	struct net_error e;

	if (net_payload(a->target, &payload, &e)) {
		cli_error("%s", e.text);
		return false;
	}
	p->live = payload.live;
	p->rejects = a->drops && a->place == NET_SOCKET;
	if (said)
		return true;
	if (!payload.text) {
		cli_error("weir does not know what data the socket %s has; -t says it", a->target);
		return false;
	}
	p->linktype = payload.linktype;
	if (payload.linktype < 0)
		cli_note(a->c, "%s: link[0] is the first byte of %s", a->target, payload.text);
	return true;
}

/* Set P to what the data at A's place begins with. */
static bool set_link(const struct attach *a, struct weir_expression_options *p)
{
	bool said = p->have_linktype;

	p->live = a->place != NET_XDP; /* tags are in the bytes there */
	p->have_linktype = true;
	if (a->c->o.print) { /* what is to be dropped returns SHOT to tc, not 0 to iptables */
		p->rejects = !a->drops;
		p->snaplen = a->iptables ? 1 : SHOT;
	}
	if ((a->place == NET_SOCKET && !a->iptables) || a->place == NET_REUSEPORT)
		return set_socket(a, p, said);
	if (said)
		return true;
	p->linktype = NET_RAW;
	return a->iptables || is_cgroup(a->place) || set_interface(a, p);
}

int attach_compile(struct attach *a, struct weir_program **out)
{
	struct expression_text text = { .text = a->text, .len = a->len, .name = a->name };
	struct weir_expression_options p;
	bool ebpf = a->place != NET_SOCKET && !a->c->o.print;

	*out = NULL;
	if (!packet_options(a->c, &p) || (ebpf && !attach_sets_size(a->c, &p)) ||
	    !set_link(a, &p))
		return EXIT_USAGE;
	if (ebpf)
		a->c->o.compile.destination = WEIR_FOR_EBPF;
	return packet_compile(a->c, &text, &p, out);
}

/* Attach FILTER of PROGRAM, whose open sets are MAPS, as A says. */
static int put_filter(const struct attach *a, const int *maps, const struct weir_program *program,
                      const struct weir_ebpf *filter, struct net_hooked *hooked)
{
	struct net_hook hook = {
		.place = a->place,
		.target = a->target,
		.filter = filter,
		.program = program,
		.drops = a->drops,
		.text = a->text,
		.sets = maps,
		.clsact = a->c->o.clsact,
		.lock = a->c->o.lock,
	};
	struct net_error e;

	if (!net_hook_attach(&hook, hooked, &e))
		return EXIT_DONE;
	cli_error("%s", e.text);
	return EXIT_NO;
}

static int put(struct attach *a, struct net_hooked *hooked)
{
	struct weir_ebpf_options o = {
		.size = sizeof o,
		.diag = cli_diag,
		.ctx = a->c,
		.count = a->c->o.counters,
	};
	struct net_set of[ATTACH_SETS];
	struct attach_sets sets = { .v = of };
	struct weir_program *program;
	struct weir_ebpf *filter = NULL;
	int status = attach_compile(a, &program), err = 0;

	if (status == EXIT_DONE && a->place != NET_SOCKET) {
		o.form = net_place_form(a->place);
		err = weir_ebpf_new(&filter, program, &o);
		if (err)
			status = err == -ENOTSUP ? EXIT_NO : cli_compile_failed(err);
	}
	if (status == EXIT_DONE && filter && !attach_sets_make(a->c, filter, &sets))
		status = EXIT_NO;
	if (status == EXIT_DONE)
		status = put_filter(a, sets.maps, program, filter, hooked);
	attach_sets_close(&sets);
	weir_ebpf_free(filter);
	weir_program_free(program);
	return status;
}

/* --- being there ------------------------------------------------------------------------- */

static void say_counts(const struct net_hook_state *s, const char *end)
{
	fprintf(stderr, "%llu packets, %llu matched%s", (unsigned long long)s->seen,
	        (unsigned long long)s->matched, end);
}

/* Wait for a signal, the end of the time, or for another to detach it. */
static void wait_for_end(const struct cli *c, const struct net_hooked *h,
                         struct net_hook_state *s)
{
	bool live = isatty(STDERR_FILENO) && !c->o.quiet, shown = false;
	double end = attach_now() + (double)c->o.timeout;

	while (attach_wait(0) && (!c->o.timeout || attach_now() < end)) {
		if (!net_hook_ask(h, s) || !s->attached)
			break;
		if (live && s->counts) {
			fputs("\r", stderr);
			say_counts(s, "\033[K");
			shown = true;
		}
		attach_wait(live ? 1000 : 200);
	}
	if (shown)
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
	if (known && s.counts && !c->o.quiet) {
		fputs("weir: ", stderr);
		say_counts(&s, "\n");
	}
	/* Closing the link takes it off as well, but some time after weir has ended. */
	if (known && s.attached && net_hook_detach(h, &e))
		cli_warning(c, "%s", e.text);
	return attach_status();
}

static int keep(const struct attach *a, const struct net_hooked *h)
{
	struct net_hook_state s = { 0 };
	struct net_error e;
	char number[16];

	if (!net_hook_ask(h, &s)) {
		cli_error("%s: what was attached does not answer", a->target);
		return EXIT_NO;
	}
	if (net_hook_keep(h, &e)) {
		cli_error("%s", e.text);
		return EXIT_NO;
	}
	if (a->c->o.quiet)
		return EXIT_DONE;
	snprintf(number, sizeof number, "%u", s.id);
	fprintf(stderr, "weir: attached to %s of %s", net_place_name(a->place), a->target);
	if (s.id)
		fprintf(stderr, " as %s", number);
	if (a->c->o.lock)
		fputs(", locked as long as the socket is open\n", stderr);
	else
		fprintf(stderr, "; 'weir attach --detach %s' takes it off\n", s.id ? number : a->target);
	return EXIT_DONE;
}

int attach_put(struct attach *a)
{
	const struct options *o = &a->c->o;
	struct net_hooked h;
	int status;

	attach_catch_signals();
	status = put(a, &h);
	if (status != EXIT_DONE)
		return status;
	status = o->keep || o->lock ? keep(a, &h) : stay(a, &h);
	net_hook_close(&h);
	return status;
}
