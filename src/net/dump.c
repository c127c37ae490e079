/*
 * Capture files that are written: the classic format, in this host's byte order. A
 * packet that its source has where a record can be made around it is written from
 * there, with its neighbours; others are copied first.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "net/capture.h"

/* What precedes each packet (pcap-savefile(5)), in this host's byte order. */
struct record {
	uint32_t seconds, fraction, captured, wire;
};

struct header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, digits, snaplen, linktype;
};

enum {
	BUFFER = 1 << 20,
	PAGE = 4096,
	SPANS = 512
};

struct net_dump {
	const char *name;
	const struct net_source *s;
	int fd;
	bool nano;
	bool cut;         /* a piece of a packet is at its end */
	uint64_t packets; /* that are in it as a whole */
	uint8_t *buffer;  /* whole records, copied; or ... */
	size_t used, room;
	struct iovec span[SPANS]; /* ... whole records where the source has them */
	unsigned nspans;
	int error; /* the errno of the first write that failed */
};

/* Tell whether a call that gave N failed for good. Once a signal has come none waits. */
static bool failed(struct net_dump *d, ssize_t n)
{
	const volatile sig_atomic_t *stop = d->s->stop;

	if (n > 0 || (n < 0 && errno == EINTR && !(stop && *stop)))
		return false;
	d->error = n == 0 ? EIO : errno;
	return true;
}

/* Write LEN bytes; return how many of them arrived. */
static size_t put(struct net_dump *d, const void *bytes, size_t len)
{
	size_t done = 0;

	while (done < len && !d->error) {
		ssize_t n = write(d->fd, (const uint8_t *)bytes + done, len - done);

		if (!failed(d, n) && n > 0)
			done += (size_t)n;
	}
	return done;
}

/*
 * Count the whole records at AT, of which the first DONE bytes arrived, and cut the file
 * after them.
 */
static void take_stock(struct net_dump *d, const uint8_t *at, size_t done)
{
	struct record r;
	size_t size;
	struct stat st;
	off_t end;

	for (; done >= sizeof r; at += size, done -= size) {
		memcpy(&r, at, sizeof r);
		size = sizeof r + r.captured;
		if (size > done)
			break;
		d->packets++;
	}
	if (!done)
		return;
	end = lseek(d->fd, 0, SEEK_CUR);
	d->cut = fstat(d->fd, &st) || !S_ISREG(st.st_mode) || end < (off_t)done ||
	         ftruncate(d->fd, end - (off_t)done);
}

/* Write all spans with one call; return how many bytes of them arrived. */
static size_t put_spans(struct net_dump *d)
{
	ssize_t n = 0;

	if (d->nspans > 1) {
		n = writev(d->fd, d->span, (int)d->nspans);
		/* Full or not: put finds the same, and waits. */
		if (n <= 0)
			failed(d, n);
	}
	return n > 0 ? (size_t)n : 0;
}

bool net_dump_settle(struct net_dump *d)
{
	size_t done = d->error ? 0 : put_spans(d);

	for (unsigned i = 0; i < d->nspans && !d->error; i++) {
		const uint8_t *base = d->span[i].iov_base;
		size_t len = d->span[i].iov_len, before = done < len ? done : len;

		done -= before;
		take_stock(d, base, before + put(d, base + before, len - before));
	}
	d->nspans = 0;
	return !d->error;
}

bool net_dump_flush(struct net_dump *d)
{
	net_dump_settle(d);
	if (d->error)
		return false;
	take_stock(d, d->buffer, put(d, d->buffer, d->used));
	d->used = 0;
	return !d->error;
}

static int open_output(const char *name, struct net_error *e)
{
	bool standard = !strcmp(name, "-");
	int fd;

	if (standard && isatty(STDOUT_FILENO))
		return net_fail(e, -EINVAL, "a terminal cannot show a capture file: "
		                            "name a file with -w, or use a pipe");
	fd = standard ? dup(STDOUT_FILENO)
	              : open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
	                     0666);
	return fd < 0 ? net_fail(e, -errno, "'%s': %s", name, strerror(errno)) : fd;
}

static void dump_free(struct net_dump *d)
{
	free(d->buffer);
	free(d);
}

/* Return the header of a file for packets of S. */
static struct header header_for(const struct net_source *s, uint32_t snaplen)
{
	return (struct header){
		.magic = s->nano ? 0xa1b23c4d : 0xa1b2c3d4,
		.major = 2,
		.minor = 4,
		.snaplen = snaplen,
		.linktype = linktype_in_file(s->linktype) | s->link_extra,
	};
}

int net_dump_open(struct net_dump **out, const char *name, const struct net_source *s,
                  uint32_t snaplen, struct net_error *e)
{
	struct header header = header_for(s, snaplen);
	struct net_dump *d = calloc(1, sizeof *d);
	int fd;

	if (d)
		d->buffer = aligned_alloc(PAGE, BUFFER);
	if (!d || !d->buffer) {
		free(d);
		return net_fail(e, -ENOMEM, "out of memory");
	}
	fd = open_output(name, e);
	if (fd < 0) {
		dump_free(d);
		return fd;
	}
	d->name = name;
	d->s = s;
	d->fd = fd;
	d->room = BUFFER;
	d->nano = s->nano;
	put(d, &header, sizeof header);
	*out = d;
	return 0;
}

/* Make room in the buffer for a record of LEN bytes; false after an error. */
static bool make_room(struct net_dump *d, size_t len)
{
	uint8_t *larger;

	if (len <= d->room - d->used)
		return true;
	if (!net_dump_flush(d))
		return false;
	if (len <= d->room)
		return true;
	larger = realloc(d->buffer, len);
	if (!larger) {
		d->error = ENOMEM;
		return false;
	}
	d->buffer = larger;
	d->room = len;
	return true;
}

/* Note the record of LEN bytes at AT, which its source has. */
static bool refer(struct net_dump *d, uint8_t *at, size_t len)
{
	struct iovec *last = d->span + d->nspans - 1;

	if (d->nspans && (uint8_t *)last->iov_base + last->iov_len == at) {
		last->iov_len += len;
		return true;
	}
	if (d->nspans == SPANS && !net_dump_settle(d))
		return false;
	d->span[d->nspans++] = (struct iovec){ at, len };
	return true;
}

/* Copy the record R of BYTES. */
static bool copy(struct net_dump *d, const struct record *r, const uint8_t *bytes)
{
	if (!make_room(d, sizeof *r + r->captured))
		return false;
	memcpy(d->buffer + d->used, r, sizeof *r);
	memcpy(d->buffer + d->used + sizeof *r, bytes, r->captured);
	d->used += sizeof *r + r->captured;
	return true;
}

bool net_dump_write(struct net_dump *d, const struct net_packet *p)
{
	struct record r = {
		.seconds = (uint32_t)p->seconds,
		.fraction = (uint32_t)(d->nano ? p->nanoseconds : p->nanoseconds / 1000),
		.captured = p->captured,
		.wire = p->wire,
	};

	/* A source has a head for all of its packets or for none: the order stays. */
	assert(p->head ? !d->used : !d->nspans);
	if (d->error)
		return false;
	if (!p->head)
		return copy(d, &r, p->bytes);
	memcpy(p->head, &r, sizeof r);
	return refer(d, p->head, sizeof r + p->captured);
}

/* Report why writing failed, and what the file holds now. */
static int write_failed(const struct net_dump *d, struct net_error *e)
{
	struct stat st;

	if (fstat(d->fd, &st) || !S_ISREG(st.st_mode))
		return net_fail(e, -d->error, "'%s': %s", d->name, strerror(d->error));
	return net_fail(e, -d->error, "'%s': %s; it holds %llu packet%s%s", d->name,
	                strerror(d->error), (unsigned long long)d->packets,
	                d->packets == 1 ? "" : "s", d->cut ? " and part of another" : "");
}

int net_dump_close(struct net_dump *d, struct net_error *e)
{
	int err = net_dump_flush(d) ? 0 : write_failed(d, e);

	/* Some file systems wait with an error until here. */
	if (close(d->fd) && !err)
		err = net_fail(e, -errno, "'%s': %s", d->name, strerror(errno));
	dump_free(d);
	return err;
}
