/*
 * Capture files that weir does not read by itself: libpcap does. The library is opened
 * when the first such file is.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/capture.h"

#ifdef HAVE_PCAP

#include <pcap/pcap.h>

#include "base/base.h"
#include "net/library.h"

/* --- libpcap, by name ---------------------------------------------------------- */

#define FUNCTIONS(F)                           \
	F(fopen_offline_with_tstamp_precision) \
	F(close)                               \
	F(datalink)                            \
	F(datalink_ext)                        \
	F(snapshot)                            \
	F(is_swapped)                          \
	F(dispatch)                            \
	F(breakloop)                           \
	F(geterr)                              \
	F(lib_version)

struct libpcap {
#define F(name) __typeof__(&pcap_##name) name;
	FUNCTIONS(F)
#undef F
	bool loaded;
};

#define F(name) { "pcap_" #name, offsetof(struct libpcap, name) },
static const struct library_function functions[] = { FUNCTIONS(F) };
#undef F

/* Return libpcap's functions, loading it first; NULL and a reason if that fails. */
static const struct libpcap *libpcap(const char *name, struct net_error *e)
{
	static const char *const sonames[] = { "libpcap.so.1", "libpcap.so.0.8",
		                               "libpcap.so.0", NULL };
	static struct libpcap l;
	const char *missing;

	if (l.loaded)
		return &l;
	if (library_load(sonames, functions, ARRAY_LEN(functions), &l, &missing)) {
		l.loaded = true;
		return &l;
	}
	if (missing)
		net_fail(e, -ENOENT, "'%s': the libpcap of this machine is too old: it lacks "
		                     "'%s'",
		         name, missing);
	else
		net_fail(e, -ENOENT,
		         "'%s': reading this kind of capture file needs libpcap, which is not "
		         "installed (Debian, Ubuntu: apt-get install libpcap0.8)",
		         name);
	return NULL;
}

const char *net_pcap_version(void)
{
	struct net_error e;
	const struct libpcap *l = libpcap("", &e);

	return l ? l->lib_version() : NULL;
}

/* --- reading ---------------------------------------------------------------------- */

enum {
	BUFFER = 1 << 20,
	PAGE = 4096
};

struct savefile {
	const struct libpcap *l;
	char *buffer;
	pcap_t *pcap;
};

static void take(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct capture *c = (struct capture *)user;
	struct net_packet p = {
		.bytes = bytes,
		.captured = h->caplen,
		.wire = h->len,
		.seconds = h->ts.tv_sec,
		.nanoseconds = (uint64_t)(uint32_t)h->ts.tv_usec * (c->s.nano ? 1 : 1000),
	};

	c->packets++;
	if (!c->each(c->ctx, &p))
		c->savefile->l->breakloop(c->savefile->pcap);
}

/* Report libpcap's reason and, where it is known, what to do about it. */
static int read_failed(struct capture *c, struct net_error *e)
{
	const char *why = c->savefile->l->geterr(c->savefile->pcap), *hint = "";

	if (strstr(why, "different from the type of the first"))
		hint = " (packets of several link types in one file: split it by "
		       "interface first)";
	return net_fail(e, -EINVAL, "'%s', after packet %llu: %s%s", c->s.name,
	                (unsigned long long)c->packets, why, hint);
}

static int savefile_read(struct net_source *s, net_packet_fn *each, void *ctx,
                         struct net_error *e)
{
	struct capture *c = (struct capture *)s;
	int n;

	c->each = each;
	c->ctx = ctx;
	c->in.stop = s->stop;
	do {
		if (s->pause)
			s->pause(ctx);
		if (s->stop && *s->stop)
			return 0;
		n = c->savefile->l->dispatch(c->savefile->pcap, 256, take, (u_char *)c);
	} while (n > 0);
	if (n != PCAP_ERROR || (s->stop && *s->stop))
		return 0;
	return read_failed(c, e);
}

void savefile_close(struct capture *c)
{
	struct savefile *f = c->savefile;

	if (!f)
		return;
	if (f->pcap)
		f->l->close(f->pcap);
	free(f->buffer);
	free(f);
}

int savefile_start(struct capture *c, struct net_error *e)
{
	const struct libpcap *l = libpcap(c->s.name, e);
	struct savefile *f = l ? calloc(1, sizeof *f) : NULL;
	char why[PCAP_ERRBUF_SIZE] = "";
	FILE *in;

	if (!l)
		return -ENOENT;
	in = f ? stream_file(&c->in) : NULL;
	if (!in) {
		free(f);
		return net_fail(e, -ENOMEM, "out of memory");
	}
	c->savefile = f;
	f->l = l;
	/* Filled in whole pages: a stream's own buffer has one. */
	f->buffer = aligned_alloc(PAGE, BUFFER);
	if (f->buffer)
		setvbuf(in, f->buffer, _IOFBF, BUFFER);
	f->pcap = l->fopen_offline_with_tstamp_precision(
		in, c->s.nano ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO, why);
	if (!f->pcap) {
		fclose(in);
		return net_fail(e, -EINVAL, "'%s': %s", c->s.name, why);
	}
	c->s.linktype = l->datalink(f->pcap);
	c->s.link_extra = (uint32_t)l->datalink_ext(f->pcap);
	c->s.snaplen = (uint32_t)l->snapshot(f->pcap);
	c->s.swapped = l->is_swapped(f->pcap);
	c->s.read = savefile_read;
	return 0;
}

#else /* !HAVE_PCAP */

const char *net_pcap_version(void)
{
	return NULL;
}

int savefile_start(struct capture *c, struct net_error *e)
{
	return net_fail(e, -ENOSYS,
	                "'%s': reading this kind of capture file needs libpcap, and weir was "
	                "built without it",
	                c->s.name);
}

void savefile_close(struct capture *c)
{
}

#endif
