/* Capture files: which format they have, and the loop that reads them. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "net/capture.h"

/* Report what is left over at the end of the file, if anything. */
static int end_of_file(const struct capture *c, struct net_error *e)
{
	if (c->in.at == c->in.end)
		return 0;
	return capture_bad(c, e, "truncated: the file ends after %td of at least %zu bytes",
	                   c->in.end - c->in.at, c->need);
}

static int capture_read(struct net_source *s, net_packet_fn *each, void *ctx,
                        struct net_error *e)
{
	struct capture *c = (struct capture *)s;
	int got, status;

	c->each = each;
	c->ctx = ctx;
	c->in.stop = s->stop;
	do {
		if (s->pause)
			s->pause(ctx);
		got = stream_fill(&c->in, c->need);
		if (s->stop && *s->stop)
			return 0;
		if (got < 0)
			return capture_bad(c, e, "%s", c->in.why);
		if (!got)
			return end_of_file(c, e);
		status = c->parse(c, e);
	} while (status == CAPTURE_MORE);
	return status;
}

static void capture_close(struct net_source *s)
{
	struct capture *c = (struct capture *)s;

	savefile_close(c);
	stream_close(&c->in);
	free(c->interfaces);
	free(c);
}

double net_file_progress(const struct net_source *s)
{
	const struct capture *c = (const struct capture *)s;

	if (s->live || !s->regular || !c->in.st.st_size)
		return -1;
	return (double)c->in.taken / (double)c->in.st.st_size;
}

/* --- opening -------------------------------------------------------------------------- */

/* Formats, by how a file begins. */
static const struct {
	uint8_t magic[4];
	int (*start)(struct capture *c, struct net_error *e);
} formats[] = {
	{ { 0xa1, 0xb2, 0xc3, 0xd4 }, pcap_start },
	{ { 0xd4, 0xc3, 0xb2, 0xa1 }, pcap_start },
	{ { 0xa1, 0xb2, 0x3c, 0x4d }, pcap_start },
	{ { 0x4d, 0x3c, 0xb2, 0xa1 }, pcap_start },
	{ { 0x0a, 0x0d, 0x0d, 0x0a }, pcapng_start },
	/* With more in each record; libpcap guesses what. */
	{ { 0xa1, 0xb2, 0xcd, 0x34 }, savefile_start },
	{ { 0x34, 0xcd, 0xb2, 0xa1 }, savefile_start },
};

enum {
	LOOK_AT = 28 /* bytes that say how to go on */
};

static int start_format(struct capture *c, struct net_error *e)
{
	int status;

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (memcmp(c->in.at, formats[i].magic, sizeof formats[i].magic))
			continue;
		status = formats[i].start(c, e);
		if (status != CAPTURE_FOREIGN)
			return status;
		if (c->in.held)
			c->in.at = c->in.held;
		c->in.held = NULL;
		return savefile_start(c, e);
	}
	return net_fail(e, -EINVAL, "'%s' is not a capture file (neither pcap nor pcapng)",
	                c->s.name);
}

static int look_at_start(struct capture *c, struct net_error *e)
{
	int got = stream_fill(&c->in, LOOK_AT);
	size_t here = (size_t)(c->in.end - c->in.at);

	if (got < 0)
		return net_fail(e, got, "'%s': %s", c->s.name, c->in.why);
	if (!here)
		return net_fail(e, -EINVAL, "'%s' is empty, not a capture file", c->s.name);
	if (here < sizeof formats[0].magic)
		return net_fail(e, -EINVAL,
		                "'%s' is not a capture file: it has only %zu bytes",
		                c->s.name, here);
	return start_format(c, e);
}

int net_open_file(struct net_source **out, const char *name, struct net_error *e)
{
	struct capture *c = calloc(1, sizeof *c);
	int err;

	if (!c)
		return net_fail(e, -ENOMEM, "out of memory");
	err = stream_open(&c->in, name, e);
	if (err) {
		free(c);
		return err;
	}
	c->s.name = c->in.name;
	c->s.read = capture_read;
	c->s.close = capture_close;
	err = look_at_start(c, e);
	if (err) {
		capture_close(&c->s);
		return err;
	}
	c->s.regular = S_ISREG(c->in.st.st_mode);
	c->s.device = c->in.st.st_dev;
	c->s.inode = c->in.st.st_ino;
	*out = &c->s;
	return 0;
}
