/*
 * weir attach: a filter on an interface (XDP, tc), a cgroup or a socket, which drops what
 * matches, or all that does not; and what is attached.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/attach.h"

/* --- the words of the command line -------------------------------------------------- */

/* A kind of place as it is typed, and the ways that packets go there. */
static const struct kind {
	const char *word, *target; /* what the target is, for messages */
	const char *way[2];        /* NULL: there is but one */
	enum net_place place[2];
	bool iptables;
} kinds[] = {
	{ "xdp", "the interface", { NULL }, { NET_XDP }, false },
	{ "tc", "the interface", { "ingress", "egress" }, { NET_TC_INGRESS, NET_TC_EGRESS }, false },
	{ "cgroup", "the directory of the cgroup", { "ingress", "egress" }, { NET_CGROUP_INGRESS, NET_CGROUP_EGRESS }, false },
	{ "socket", "PID:FD", { NULL }, { NET_SOCKET }, false },
	{ "reuseport", "PID:FD", { NULL }, { NET_REUSEPORT }, false },
	{ "iptables", "the chain", { NULL }, { NET_SOCKET }, true },
};

/* Take the next word, or say that WHAT is missing. */
static const char *next_word(struct attach *a, const char *what)
{
	if (a->used < a->c->nwords)
		return a->c->words[a->used++];
	cli_error("%s is missing: weir attach %s", what, a->c->command->words);
	return NULL;
}

/* Set A's place by KIND and the words that follow. */
static bool find_way(struct attach *a, const struct kind *kind)
{
	const char *way;

	a->iptables = kind->iptables;
	a->place = kind->place[0];
	a->target = next_word(a, kind->target);
	if (!a->target)
		return false;
	if (!kind->way[0])
		return true;
	way = next_word(a, "ingress or egress");
	for (size_t w = 0; way && w < 2; w++) {
		a->place = kind->place[w];
		if (strcmp(kind->way[w], way) == 0)
			return true;
	}
	if (way)
		cli_error("expected ingress or egress, found '%s'", way);
	return false;
}

static bool find_place(struct attach *a, const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].word, word) == 0)
			return find_way(a, &kinds[i]);
	cli_error("unknown place '%s': expected xdp, tc, cgroup, socket, reuseport or iptables", word);
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

/* --- what is asked for ------------------------------------------------------------------ */

/* Refuse to cut the machine off, unless it is asked for or ends by itself. */
static bool is_meant(const struct attach *a)
{
	bool interface = a->place == NET_XDP || a->place == NET_TC_INGRESS ||
	                 a->place == NET_TC_EGRESS;

	if (a->drops || !interface || a->c->o.yes || a->c->o.timeout || a->c->o.print ||
	    !net_carries_default_route(a->target))
		return true;
	cli_error("'pass' drops all else, and the default route leads through %s", a->target);
	cli_hint("--yes means it; --timeout N takes it off after N seconds");
	return false;
}

/* Refuse options that A's place does not have. */
static bool is_possible(const struct attach *a)
{
	const struct options *o = &a->c->o;
	bool socket = a->place == NET_SOCKET && !a->iptables;

	if (o->lock && !socket)
		cli_error("--lock is for sockets: what is attached elsewhere can be taken off");
	else if (o->clsact && a->place != NET_TC_INGRESS && a->place != NET_TC_EGRESS)
		cli_error("--clsact is for tc alone");
	else if (a->iptables && !o->print)
		cli_error("weir does not change the rules of iptables: --print prints a command that does");
	else
		return true;
	return false;
}

static int attach(struct cli *c)
{
	struct attach a = { .c = c };
	int status = EXIT_USAGE;

	if (read_words(&a) && is_possible(&a) && is_meant(&a))
		status = c->o.print ? attach_print(&a) : attach_put(&a);
	free(a.text);
	return status;
}

/* What is done with what is attached, by an option. */
static const struct {
	const char *option;
	enum option_id id;
	int (*run)(struct cli *c);
} verbs[] = {
	{ "--list", OPT_LIST, attach_list },
	{ "--stats", OPT_STATS, attach_stats },
	{ "--detach", OPT_DETACH, attach_detach },
};

int cmd_attach(struct cli *c)
{
	size_t verb = ARRAY_LEN(verbs);

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (!c->o.given.has[verbs[i].id])
			continue;
		if (verb < i) {
			cli_error("%s and %s are mutually exclusive", verbs[verb].option, verbs[i].option);
			return EXIT_USAGE;
		}
		verb = i;
	}
	if (verb < ARRAY_LEN(verbs))
		return verbs[verb].run(c);
	if (attach_set_wanted(c))
		return attach_set(c);
	if ((c->o.keep || c->o.lock) && c->o.timeout) {
		cli_error("%s and --timeout are mutually exclusive: weir must run to take the filter off",
		          c->o.keep ? "--keep" : "--lock");
		return EXIT_USAGE;
	}
	return attach(c);
}
