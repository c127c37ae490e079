/*
 * What commands that take a packet expression share: its options, and a hint for one
 * that the shell took apart.
 */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "net/net.h"

/* --- the options of an expression ------------------------------------------------- */

static void unknown_linktype(const char *name)
{
	struct suggest s;
	const char *near;
	int t;

	suggest_start(&s, name, strlen(name));
	for (unsigned i = 0; (t = weir_linktype(i)) >= 0; i++)
		suggest_offer(&s, weir_linktype_name(t));
	near = suggest_best(&s);
	cli_error("unknown link type '%s'%s%s%s", name,
	          near ? "; did you mean '" : "", near ? near : "",
	          near ? "'?" : "");
}

static bool set_linktype(const struct options *o, struct weir_expression_options *p)
{
	if (!o->linktype)
		return true;
	p->linktype = weir_linktype_by_name(o->linktype);
	p->have_linktype = p->linktype >= 0;
	if (!p->have_linktype)
		unknown_linktype(o->linktype);
	return p->have_linktype;
}

static bool set_netmask(const struct options *o, struct weir_expression_options *p)
{
	struct in_addr mask;

	if (!o->netmask)
		return true;
	p->have_netmask = inet_pton(AF_INET, o->netmask, &mask) == 1;
	p->netmask = mask.s_addr;
	if (!p->have_netmask)
		cli_error("--netmask takes an address such as 255.255.255.0, "
		          "not '%s'",
		          o->netmask);
	return p->have_netmask;
}

static bool set_snaplen(const struct options *o, struct weir_expression_options *p)
{
	if (o->snaplen > INT32_MAX) {
		cli_error("-s takes at most %d bytes", INT32_MAX);
		return false;
	}
	p->snaplen = (uint32_t)o->snaplen;
	return true;
}

static bool set_depth(const struct options *o, struct weir_expression_options *p)
{
	const unsigned most = 64;

	if (o->depth > most) {
		cli_error("--depth takes at most %u headers", most);
		return false;
	}
	p->depth = (unsigned)o->depth;
	return true;
}

bool packet_options(struct cli *c, struct weir_expression_options *p)
{
	*p = (struct weir_expression_options){
		.size = sizeof *p,
		.read = &c->o.reading,
		.linktype = NET_EN10MB,
	};
	return sets_given(c, p) && set_depth(&c->o, p) && set_linktype(&c->o, p) && set_netmask(&c->o, p) &&
	       set_snaplen(&c->o, p);
}

void packet_source(struct weir_expression_options *p, const struct net_source *s)
{
	if (!p->have_linktype)
		p->linktype = s->linktype;
	p->have_linktype = true;
	if (!p->have_netmask)
		p->netmask = s->netmask;
	p->have_netmask |= s->have_netmask;
	p->swapped = s->swapped;
	p->live = s->live;
}

bool packet_note_source(const struct net_source *s)
{
	if (!s->regular || !taken_add(s->device, s->inode))
		return true;
	cli_error("out of memory");
	return false;
}

/*
 * Set P->live by --live or --savefile, else leave what the source says; false
 * after a message.
 */
bool packet_live(const struct options *o, struct weir_expression_options *p)
{
	if (o->live && o->savefile) {
		cli_error("--live and --savefile are mutually exclusive");
		return false;
	}
	if (o->live && o->read) {
		cli_error("--live and -r are mutually exclusive: no kernel is asked about "
		          "a capture file");
		return false;
	}
	if (o->live || o->savefile)
		p->live = o->live;
	return true;
}

/*
 * Look at what -i or -r names for its link type and the like; false after a
 * message.
 */
bool packet_look_at_source(const struct options *o, struct weir_expression_options *p)
{
	struct net_source *s;
	struct net_error e;
	int err;

	if (!o->interface && !o->read)
		return true;
	if (o->interface && o->read) {
		cli_error("-r and -i are mutually exclusive");
		return false;
	}
	err = o->read ? net_open_file(&s, o->read, &e)
	              : net_open_live(&s, o->interface, NET_SNAPLEN, &e);
	if (err) {
		cli_error("%s", e.text);
		return false;
	}
	packet_source(p, s);
	err = !packet_note_source(s);
	s->close(s);
	return !err;
}

/* --- a set that the shell took apart -------------------------------------------------- */

/*
 * Tell whether WORD looks like a value. `port {80,443}` without quotes reaches
 * weir as `port 80 443`: two values in a row, which no expression has.
 */
static bool is_value(const char *word)
{
	static const char *const joins[] = {
		"and",
		"or",
		"not",
		"mask",
		"in",
		"host",
		"net",
		"port",
		"portrange",
		"proto",
		"src",
		"dst",
	};

	for (size_t i = 0; i < ARRAY_LEN(joins); i++)
		if (strcmp(word, joins[i]) == 0)
			return false;
	return isalnum((unsigned char)*word) || *word == ':';
}

static bool takes_values(const char *word)
{
	static const char *const keywords[] = {
		"host",
		"net",
		"port",
		"portrange",
		"proto",
		"vlan",
		"mpls",
		"gateway",
	};

	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		if (strcmp(word, keywords[i]) == 0)
			return true;
	return false;
}

void packet_hint(const struct cli *c)
{
	char *const *w = c->words;

	for (size_t i = 0; i + 2 < c->nwords; i++) {
		if (!takes_values(w[i]) || !is_value(w[i + 1]) ||
		    !is_value(w[i + 2]) || takes_values(w[i + 2]))
			continue;
		cli_hint("if '%s %s %s' was a set in braces, the shell took it "
		         "apart; quote the expression",
		         w[i], w[i + 1], w[i + 2]);
		return;
	}
}
