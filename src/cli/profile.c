/*
 * --profile FILE: packets of a capture, evenly chosen, by which the optimizer
 * counts what runs how often.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "net/net.h"

/* What is kept of a packet: enough for any header that expressions look at. */
enum {
	MOST = 256,
	KEPT_BYTES = 2048
};

struct profile {
	struct weir_sample *sample; /* room for MOST */
	size_t n;
	uint64_t seen, step; /* every STEP-th packet is kept */
	bool failed;
};

/* Drop every other packet that is kept. */
static void thin_out(struct profile *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (i % 2)
			free((void *)p->sample[i].bytes);
		else
			p->sample[kept++] = p->sample[i];
	}
	p->n = kept;
	p->step *= 2;
}

static bool keep(void *ctx, const struct net_packet *packet)
{
	struct profile *p = ctx;
	uint32_t len = min_u32(packet->captured, KEPT_BYTES);
	uint8_t *bytes;

	if (p->seen++ % p->step)
		return true;
	if (p->n == MOST) {
		thin_out(p);
		if ((p->seen - 1) % p->step)
			return true;
	}
	bytes = malloc(len ? len : 1);
	p->failed = !bytes;
	if (!bytes)
		return false;
	memcpy(bytes, packet->bytes, len);
	p->sample[p->n++] = (struct weir_sample){ bytes, len, packet->wire };
	return true;
}

static bool same_link(const char *name, int linktype, int wanted)
{
	const char *has = weir_linktype_name(linktype);

	if (linktype == wanted)
		return true;
	cli_error("the packets of '%s' have link type %s, but the expression is compiled "
	          "for %s",
	          name, has ? has : "unknown", weir_linktype_name(wanted));
	if (has)
		cli_hint("'-t %s' compiles for that link type", has);
	return false;
}

static bool read_packets(struct profile *p, const char *name, int linktype)
{
	struct net_source *s;
	struct net_error e;
	bool ok;

	if (net_open_file(&s, name, &e)) {
		cli_error("%s", e.text);
		return false;
	}
	ok = packet_note_source(s) && same_link(name, s->linktype, linktype);
	if (ok && s->read(s, keep, p, &e)) {
		cli_error("%s", e.text);
		ok = false;
	}
	s->close(s);
	if (ok && p->failed)
		cli_error("out of memory");
	if (ok && !p->failed && !p->n)
		cli_error("'%s' has no packets, so nothing is typical", name);
	return ok && !p->failed && p->n;
}

bool profile_read(struct cli *c, int linktype)
{
	struct profile p = { .step = 1 };
	bool ok;

	if (!c->o.profile)
		return true;
	p.sample = calloc(MOST, sizeof *p.sample);
	if (!p.sample) {
		cli_error("out of memory");
		return false;
	}
	ok = read_packets(&p, c->o.profile, linktype);
	c->o.compile.sample = p.sample;
	c->o.compile.nsample = p.n;
	if (!ok)
		profile_free(c);
	return ok;
}

void profile_free(struct cli *c)
{
	struct weir_compile_options *o = &c->o.compile;

	for (size_t i = 0; i < o->nsample; i++)
		free((void *)o->sample[i].bytes);
	free((void *)o->sample);
	o->sample = NULL;
	o->nsample = 0;
}
