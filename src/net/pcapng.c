/*
 * Capture files in the pcapng format (draft-ietf-opsawg-pcapng): sections, each in its
 * byte order and with interfaces of its own, and three kinds of blocks with packets.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/capture.h"

enum {
	INTERFACE = 1,
	OLD_PACKET = 2,
	SIMPLE_PACKET = 3,
	PACKET = 6,
	SECTION = 0x0a0d0d0a
};

enum {
	BLOCK_HEADER = 8, /* type, length */
	BLOCK_TRAILER = 4,
	BLOCK_LEAST = BLOCK_HEADER + BLOCK_TRAILER,
	BLOCK_MOST = 16 << 20,
	PACKET_OVERHEAD = 1 << 17, /* what a block of a packet has beside it, at most */
	HOLD_MOST = 64 << 20       /* read to find the first interface */
};

enum {
	MICRO = 1000000, /* parts of a second */
	NANO = 1000000000
};

static const uint32_t order = 0x1a2b3c4d;

/* --- blocks ------------------------------------------------------------------------- */

/* A block that is here as a whole. */
struct block {
	uint32_t type, size;
	uint8_t *body;
	size_t len; /* of BODY */
};

static uint32_t word(const struct capture *c, const uint8_t *p)
{
	return capture_word(p, c->swapped);
}

/* Take the byte order of the section that begins at AT; false: it has none. */
static bool take_order(struct capture *c, const uint8_t *at)
{
	uint32_t v = capture_word(at + BLOCK_HEADER, false);

	c->swapped = v != order;
	return v == order || __builtin_bswap32(v) == order;
}

static uint32_t block_most(const struct capture *c)
{
	uint32_t most = c->most + PACKET_OVERHEAD;

	return most > BLOCK_MOST ? most : BLOCK_MOST;
}

/* Look at the block at C->in.at; 0 once it is here, CAPTURE_MORE, or -errno. */
static int next_block(struct capture *c, struct block *b, struct net_error *e)
{
	uint8_t *at = c->in.at;
	size_t here = (size_t)(c->in.end - at);

	c->need = BLOCK_LEAST;
	if (here < BLOCK_LEAST)
		return CAPTURE_MORE;
	b->type = word(c, at);
	if (b->type == SECTION && !take_order(c, at))
		return capture_bad(c, e, "damaged: a section without a byte order");
	b->size = word(c, at + 4);
	if (b->size < BLOCK_LEAST || b->size % 4 || b->size > block_most(c))
		return capture_bad(c, e, "damaged: a block of %u bytes (expected a multiple "
		                         "of 4 from %d to %u)",
		                   b->size, BLOCK_LEAST, block_most(c));
	c->need = b->size;
	if (here < b->size)
		return CAPTURE_MORE;
	/* Who wrote the file may not have known yet how long its first block is. */
	if (at != c->in.held && word(c, at + b->size - BLOCK_TRAILER) != b->size)
		return capture_bad(c, e, "damaged: a block of %u bytes, which at its end says "
		                         "%u",
		                   b->size, word(c, at + b->size - BLOCK_TRAILER));
	b->body = at + BLOCK_HEADER;
	b->len = b->size - BLOCK_LEAST;
	return 0;
}

static int too_short(const struct capture *c, const struct block *b, struct net_error *e)
{
	return capture_bad(c, e, "damaged: a block of type %u is too short (%u bytes)",
	                   b->type, b->size);
}

/* --- sections and interfaces ----------------------------------------------------------- */

static int take_section(struct capture *c, const struct block *b, struct net_error *e)
{
	enum {
		FORMAT_VERSION = 4,
		LEAST = 16
	};

	if (b->len < LEAST)
		return too_short(c, b, e);
	if (capture_half(b->body + FORMAT_VERSION, c->swapped) != 1)
		return capture_bad(c, e, "version %u of pcapng is not known",
		                   capture_half(b->body + FORMAT_VERSION, c->swapped));
	c->ninterfaces = 0;
	return 0;
}

/* Set the unit of time of F to what option VALUE says; false: it cannot be counted. */
static bool take_resolution(struct capture_interface *f, uint8_t value)
{
	enum {
		BINARY = 0x80,
		MOST_BINARY = 63,
		MOST_DECIMAL = 19
	};
	unsigned power = value & ~BINARY;

	f->binary = value & BINARY;
	if (power > (f->binary ? MOST_BINARY : MOST_DECIMAL))
		return false;
	f->units = 1;
	while (power--)
		f->units *= f->binary ? 2 : 10;
	return true;
}

static int bad_option(const struct capture *c, unsigned code, unsigned len,
                      struct net_error *e)
{
	return capture_bad(c, e, "damaged: an interface's option %u has %u bytes", code, len);
}

/* Take what the options from AT to END say of the interface F. */
static int take_options(struct capture *c, struct capture_interface *f, const uint8_t *at,
                        const uint8_t *end, struct net_error *e)
{
	enum {
		OPTION_END = 0,
		OPTION_RESOLUTION = 9,
		OPTION_OFFSET = 14,
		OPTION_HEADER = 4
	};
	unsigned code, len;

	for (; at < end; at += OPTION_HEADER + ((len + 3) & ~3u)) {
		const uint8_t *value = at + OPTION_HEADER;

		/* Blocks and options are whole words. */
		code = capture_half(at, c->swapped);
		len = capture_half(at + 2, c->swapped);
		if ((size_t)(end - value) < ((len + 3) & ~3u) ||
		    (code == OPTION_END && len) || (code == OPTION_RESOLUTION && len != 1) ||
		    (code == OPTION_OFFSET && len != 8))
			return bad_option(c, code, len, e);
		if (code == OPTION_END)
			return 0;
		if (code == OPTION_RESOLUTION && !take_resolution(f, *value))
			return capture_bad(c, e, "an interface's unit of time (0x%02x) is too "
			                         "small",
			                   *value);
		if (code == OPTION_OFFSET) {
			memcpy(&f->offset, value, sizeof f->offset);
			if (c->swapped)
				f->offset = __builtin_bswap64(f->offset);
		}
	}
	return 0;
}

static int add_interface(struct capture *c, const struct capture_interface *f,
                         struct net_error *e)
{
	if (c->ninterfaces == c->room) {
		uint32_t room = c->room ? 2 * c->room : 4;
		struct capture_interface *more =
			reallocarray(c->interfaces, room, sizeof *more);

		if (!more)
			return capture_bad(c, e, "out of memory");
		c->interfaces = more;
		c->room = room;
	}
	c->interfaces[c->ninterfaces++] = *f;
	return 0;
}

static int take_interface(struct capture *c, const struct block *b, struct net_error *e)
{
	enum {
		LINKTYPE = 0,
		SNAPLEN = 4,
		LEAST = 8
	};
	struct capture_interface f = { .units = MICRO };
	uint32_t most;
	int err;

	if (b->len < LEAST)
		return too_short(c, b, e);
	f.linktype = linktype_of_file(capture_half(b->body + LINKTYPE, c->swapped));
	most = linktype_most(f.linktype);
	f.snaplen = word(c, b->body + SNAPLEN);
	if (f.snaplen - 1 >= INT32_MAX)
		f.snaplen = most;
	if (c->most < most)
		c->most = most;
	err = take_options(c, &f, b->body + LEAST, b->body + b->len, e);
	return err ? err : add_interface(c, &f, e);
}

/* --- packets ---------------------------------------------------------------------------- */

/* Check that packets of F can be given beside those of the first interface. */
static int check_interface(const struct capture *c, const struct capture_interface *f,
                           struct net_error *e)
{
	if (f->linktype != c->s.linktype)
		return capture_bad(c, e, "a packet of link type %d, where the first "
		                         "interface has %d (packets of several link types in "
		                         "one file: split it by interface first)",
		                   f->linktype, c->s.linktype);
	if (c->swapped != c->s.swapped && linktype_has_order(f->linktype))
		return capture_bad(c, e, "sections in both byte orders, which the headers of "
		                         "link type %d depend on",
		                   f->linktype);
	return 0;
}

/* Return how many nanoseconds REST of UNITS, a power of two, are. */
static uint64_t binary_fraction(uint64_t rest, uint64_t units)
{
	static const uint64_t most = UINT64_MAX / NANO;

	for (; rest > most; rest /= 2)
		units /= 2;
	return rest * NANO / units;
}

/* Set the time of P to T units of F. */
static void set_time(struct net_packet *p, const struct capture_interface *f, uint64_t t)
{
	uint64_t rest;

	if (f->units == MICRO) {
		p->seconds = (int64_t)(t / MICRO + f->offset);
		p->nanoseconds = t % MICRO * (NANO / MICRO);
		return;
	}
	p->seconds = (int64_t)(t / f->units + f->offset);
	rest = t % f->units;
	if (f->binary)
		p->nanoseconds = binary_fraction(rest, f->units);
	else if (f->units < NANO)
		p->nanoseconds = rest * (NANO / f->units);
	else
		p->nanoseconds = rest / (f->units / NANO);
}

/* Hand on LEN bytes at BYTES of block B, from interface ID; how it goes on. */
static int give(struct capture *c, const struct block *b, uint32_t id, uint64_t t,
                uint8_t *bytes, uint32_t captured, uint32_t wire, struct net_error *e)
{
	struct net_packet p = { .wire = wire, .captured = captured, .bytes = bytes };
	const struct capture_interface *f;
	int err;

	if (id >= c->ninterfaces)
		return capture_bad(c, e, "damaged: a packet of interface %u, which is not "
		                         "described before it",
		                   id);
	f = &c->interfaces[id];
	if (captured > (size_t)(b->body + b->len - bytes) || captured > f->snaplen)
		return capture_bad(c, e, "damaged: a packet of %u bytes in a block of %u, with "
		                         "a snapshot length of %u",
		                   captured, b->size, f->snaplen);
	err = check_interface(c, f, e);
	if (err)
		return err;
	set_time(&p, f, t);
	/* The block's own header or, of a simple one, also the end of the block before. */
	p.head = bytes - STREAM_ROOM_BEFORE;
	c->in.at += b->size;
	c->packets++;
	return c->each(c->ctx, &p) ? CAPTURE_MORE : CAPTURE_STOPPED;
}

static int take_simple(struct capture *c, const struct block *b, struct net_error *e)
{
	uint32_t wire, captured;

	if (b->len < 4)
		return too_short(c, b, e);
	wire = captured = word(c, b->body);
	if (c->ninterfaces && captured > c->interfaces[0].snaplen)
		captured = c->interfaces[0].snaplen;
	return give(c, b, 0, 0, b->body + 4, captured, wire, e);
}

static int take_packet(struct capture *c, const struct block *b, struct net_error *e)
{
	enum {
		TIME = 4,
		CAPTURED = 12,
		WIRE = 16,
		BYTES = 20
	};
	uint32_t id;

	if (b->len < BYTES)
		return too_short(c, b, e);
	id = b->type == PACKET ? word(c, b->body) : capture_half(b->body, c->swapped);
	return give(c, b, id, (uint64_t)word(c, b->body + TIME) << 32 | word(c, b->body + TIME + 4),
	            b->body + BYTES, word(c, b->body + CAPTURED), word(c, b->body + WIRE), e);
}

/* --- the file ----------------------------------------------------------------------------- */

/* Do what block B asks for; CAPTURE_MORE to go on with the next. */
static int take_block(struct capture *c, const struct block *b, struct net_error *e)
{
	int err = 0;

	switch (b->type) {
	case PACKET:
	case OLD_PACKET:
		return take_packet(c, b, e);
	case SIMPLE_PACKET:
		return take_simple(c, b, e);
	case SECTION:
		err = take_section(c, b, e);
		break;
	case INTERFACE:
		err = take_interface(c, b, e);
		break;
	}
	if (err)
		return err;
	c->in.at += b->size;
	return CAPTURE_MORE;
}

static int parse(struct capture *c, struct net_error *e)
{
	struct block b;
	int err;

	for (;;) {
		err = next_block(c, &b, e);
		if (err)
			return err;
		err = take_block(c, &b, e);
		if (err != CAPTURE_MORE)
			return err;
		if (c->opening && c->ninterfaces)
			return CAPTURE_STOPPED;
	}
}

/* Read up to the first interface, which says of what link type the packets are. */
static int find_interface(struct capture *c, struct net_error *e)
{
	int status = CAPTURE_MORE, got = 1;

	while (status == CAPTURE_MORE && got > 0 && c->in.at - c->in.held < HOLD_MOST) {
		status = parse(c, e);
		if (status == CAPTURE_MORE)
			got = stream_fill(&c->in, c->need);
	}
	if (status < 0)
		return status;
	if (got < 0)
		return net_fail(e, got, "'%s': %s", c->s.name, c->in.why);
	if (status == CAPTURE_MORE)
		return net_fail(e, -EINVAL,
		                c->in.at == c->in.end
		                        ? "'%s': it describes no interface, so it has no packets"
		                        : "'%s': its pcapng header is truncated or damaged",
		                c->s.name);
	return 0;
}

int pcapng_start(struct capture *c, struct net_error *e)
{
	int err;

	c->parse = parse;
	c->opening = true;
	c->most = NET_SNAPLEN;
	c->in.held = c->in.at;
	err = find_interface(c, e);
	if (err)
		return err;
	c->opening = false;
	c->need = 1;
	c->s.linktype = c->interfaces[0].linktype;
	c->s.snaplen = c->interfaces[0].snaplen;
	c->s.swapped = c->swapped;
	c->s.nano = true;
	if (linktype_is_changed(c->s.linktype, c->swapped))
		return CAPTURE_FOREIGN;
	c->in.held = NULL;
	return 0;
}
