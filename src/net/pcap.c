/* Capture files in the classic format (pcap-savefile(5)), in either byte order. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "net/capture.h"

enum {
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	LINKTYPE = 0xffff,   /* in its field ... */
	RESERVED = 0x3ff0000 /* ... whose remaining bits are about checksums */
};

/* Return how much of C is between AT and what has been read. */
static size_t left(const struct capture *c, const uint8_t *at)
{
	return (size_t)(c->in.end - at);
}

static int too_long(struct capture *c, uint32_t captured, struct net_error *e)
{
	return capture_bad(c, e,
	                   "damaged: a packet of %u bytes, where %u are the most for its "
	                   "link type",
	                   captured, c->most);
}

static int parse(struct capture *c, struct net_error *e)
{
	const bool swapped = c->swapped;
	const uint32_t unit = c->s.nano ? 1 : 1000, snaplen = c->s.snaplen;
	struct net_packet p;

	for (;;) {
		uint8_t *at = c->in.at;
		uint32_t captured;

		c->need = RECORD_HEADER;
		if (left(c, at) < RECORD_HEADER)
			return CAPTURE_MORE;
		captured = capture_word(at + 8, swapped);
		if (captured > c->most)
			return too_long(c, captured, e);
		c->need += captured;
		if (left(c, at) < c->need)
			return CAPTURE_MORE;
		p.seconds = capture_word(at, swapped);
		p.nanoseconds = (uint64_t)capture_word(at + 4, swapped) * unit;
		p.wire = capture_word(at + 12, swapped);
		p.captured = captured < snaplen ? captured : snaplen;
		p.bytes = at + RECORD_HEADER;
		p.head = at;
		c->in.at = at + c->need;
		c->packets++;
		if (!c->each(c->ctx, &p))
			return CAPTURE_STOPPED;
	}
}

enum version {
	VERSION_KNOWN,
	VERSION_OLD, /* libpcap knows what their fields mean */
	VERSION_NEW
};

static enum version version_of(unsigned major, unsigned minor)
{
	if (major == 2 && minor == 4)
		return VERSION_KNOWN;
	return (major == 2 && minor < 4) || (major == 543 && minor == 0) ? VERSION_OLD
	                                                                 : VERSION_NEW;
}

int pcap_start(struct capture *c, struct net_error *e)
{
	static const uint32_t micro = 0xa1b2c3d4, nano = 0xa1b23c4d;
	const uint8_t *header = c->in.at;
	uint32_t magic = capture_word(header, false), link, snaplen;
	unsigned major, minor;
	bool swapped = magic == __builtin_bswap32(micro) || magic == __builtin_bswap32(nano);

	if (c->in.end - c->in.at < FILE_HEADER)
		return net_fail(e, -EINVAL,
		                "'%s': truncated: a pcap file begins with %d bytes, this one "
		                "has only %td",
		                c->s.name, FILE_HEADER, c->in.end - c->in.at);
	major = capture_half(header + 4, swapped);
	minor = capture_half(header + 6, swapped);
	if (version_of(major, minor) == VERSION_NEW)
		return net_fail(e, -EINVAL, "'%s': version %u.%u of pcap is not known",
		                c->s.name, major, minor);
	c->s.nano = capture_word(header, swapped) == nano;
	link = capture_word(header + 20, swapped);
	snaplen = capture_word(header + 16, swapped);
	c->s.linktype = linktype_of_file(link & LINKTYPE);
	c->s.link_extra = link & ~(uint32_t)LINKTYPE;
	if (version_of(major, minor) == VERSION_OLD || link & RESERVED || linktype_is_changed(c->s.linktype, swapped))
		return CAPTURE_FOREIGN;
	c->most = linktype_most(c->s.linktype);
	c->swapped = c->s.swapped = swapped;
	c->s.snaplen = snaplen - 1 < INT32_MAX ? snaplen : c->most;
	c->parse = parse;
	c->need = 1;
	c->in.at += FILE_HEADER;
	return 0;
}
