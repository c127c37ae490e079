/*
 * The bytes of a capture file, in pieces that stay in the processor's cache. They are
 * used where they were read: what is left of a piece moves in front of the next one.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/capture.h"

enum {
	PIECE = 256 << 10,
	PAGE = 4096,
	FRONT = 64 << 10 /* for what is left of a piece, at first */
};

static size_t whole_pages(size_t n)
{
	return (n + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static void free_packed(struct stream *s)
{
	free(s->packed);
	if (s->unpacker)
		unpack_close(s->unpacker);
	s->packed = NULL;
	s->unpacker = NULL;
}

void stream_close(struct stream *s)
{
	free_packed(s);
	free(s->buffer);
	close(s->fd);
}

/* --- reading ------------------------------------------------------------------------ */

/* Read up to N bytes into TO; how many, 0 at the end or when STOP is set, or -errno. */
static ssize_t read_some(struct stream *s, uint8_t *to, size_t n)
{
	ssize_t got;

	do {
		if (s->stop && *s->stop)
			return 0;
		got = read(s->fd, to, n);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		int err = errno;

		snprintf(s->why, sizeof s->why, "%s", strerror(err));
		return -err;
	}
	s->taken += (uint64_t)got;
	return got;
}

/* Read a piece of compressed bytes; 1, 0 where read_some gives 0, or -errno. */
static int read_packed(struct stream *s)
{
	ssize_t got = read_some(s, s->packed, PIECE);

	if (got == 0 && !(s->stop && *s->stop) && !unpack_is_whole(s->unpacker)) {
		snprintf(s->why, sizeof s->why, "truncated: the compressed data has no end");
		return -EINVAL;
	}
	if (got <= 0)
		return (int)got;
	s->packed_at = s->packed;
	s->packed_end = s->packed + got;
	return 1;
}

/* Do what read_some does, with bytes that are compressed in the file. */
static ssize_t unpack_some(struct stream *s, uint8_t *to, size_t n)
{
	struct unpacking p;
	int got = 1;

	do {
		/* What the unpacker still has inside comes without input. */
		p = (struct unpacking){ s->packed_at, s->packed_end, to, to + n };
		if (unpack_step(s->unpacker, &p, s->why))
			return -EINVAL;
		s->packed_at = (uint8_t *)p.in;
		if (p.out == to && p.in == s->packed_end)
			got = read_packed(s);
	} while (p.out == to && got > 0);
	return got > 0 ? p.out - to : got;
}

/* Make room for NEED bytes from KEPT on, of which those up to END are here. */
static int make_room(struct stream *s, uint8_t *kept, size_t need)
{
	size_t here = (size_t)(s->end - kept), front = whole_pages(need + STREAM_ROOM_BEFORE);
	size_t room = need > PIECE ? whole_pages(need) : PIECE;
	uint8_t *buffer = aligned_alloc(PAGE, front + room);

	if (!buffer) {
		snprintf(s->why, sizeof s->why, "out of memory");
		return -ENOMEM;
	}
	memcpy(buffer + front - here, kept, here);
	free(s->buffer);
	s->buffer = buffer;
	s->area = buffer + front;
	s->room = room;
	return 0;
}

/* Move what is here in front of the area, so that at least NEED bytes find room. */
static int move(struct stream *s, size_t need)
{
	uint8_t *kept = s->held ? s->held : s->at;
	size_t here = (size_t)(s->end - kept), used = (size_t)(s->at - kept);
	size_t front = (size_t)(s->area - s->buffer) - STREAM_ROOM_BEFORE;
	int err = 0;

	if (here > front || used + need > here + s->room)
		/* Twice as much, so that it is seldom done again. */
		err = make_room(s, kept, 2 * (used + need > here ? used + need : here));
	else
		memmove(s->area - here, kept, here);
	if (err)
		return err;
	s->end = s->area;
	kept = s->end - here;
	s->at = kept + used;
	s->held = s->held ? kept : NULL;
	return 0;
}

int stream_fill(struct stream *s, size_t need)
{
	ssize_t got;
	int err;

	if ((size_t)(s->end - s->at) >= need)
		return 1;
	err = move(s, need);
	if (err)
		return err;
	while ((size_t)(s->end - s->at) < need && !s->ended) {
		size_t room = s->room - (size_t)(s->end - s->area);

		got = s->unpacker ? unpack_some(s, s->end, room)
		                  : read_some(s, s->end, room);
		if (got < 0)
			return (int)got;
		if (got == 0 && s->stop && *s->stop)
			return 0;
		s->ended = got == 0;
		s->end += got;
		s->offset += (uint64_t)got;
	}
	return (size_t)(s->end - s->at) >= need;
}

/* --- opening -------------------------------------------------------------------------- */

static int open_descriptor(struct stream *s, const char *path, struct net_error *e)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	int err = 0;

	if (fd < 0 || fstat(fd, &s->st))
		err = net_fail(e, -errno, "'%s': %s", s->name, strerror(errno));
	else if (S_ISDIR(s->st.st_mode))
		err = net_fail(e, -EISDIR, "'%s' is a directory, not a capture file",
		               s->name);
	else if (isatty(fd))
		err = net_fail(e, -EINVAL, "'%s' is a terminal, not a capture file",
		               s->name);
	if (err && fd >= 0)
		close(fd);
	s->fd = fd;
	return err;
}

/* Take what has been read for compressed, and unpack from now on. */
static int start_unpacking(struct stream *s)
{
	size_t here = (size_t)(s->end - s->at);

	s->packed = malloc(PIECE);
	if (!s->packed) {
		snprintf(s->why, sizeof s->why, "out of memory");
		return -ENOMEM;
	}
	memcpy(s->packed, s->at, here);
	s->packed_at = s->packed;
	s->packed_end = s->packed + here;
	s->end = s->at;
	s->offset = 0;
	s->ended = false;
	return 0;
}

static int look_at_start(struct stream *s)
{
	int err;

	s->buffer = aligned_alloc(PAGE, FRONT + PIECE);
	if (!s->buffer) {
		snprintf(s->why, sizeof s->why, "out of memory");
		return -ENOMEM;
	}
	s->area = s->at = s->end = s->buffer + FRONT;
	s->room = PIECE;
	err = stream_fill(s, UNPACK_MAGIC);
	if (err < 0)
		return err;
	err = unpack_open(&s->unpacker, s->at, (size_t)(s->end - s->at), s->why);
	return err || !s->unpacker ? err : start_unpacking(s);
}

int stream_open(struct stream *s, const char *path, struct net_error *e)
{
	int err;

	*s = (struct stream){
		.name = strcmp(path, "-") ? path : "standard input",
	};
	err = open_descriptor(s, path, e);
	if (err)
		return err;
	err = look_at_start(s);
	if (!err)
		return 0;
	stream_close(s);
	return net_fail(e, err, "'%s': %s", s->name, s->why);
}

/* --- for readers that use the C library ------------------------------------------------ */

static ssize_t cookie_read(void *cookie, char *to, size_t n)
{
	struct stream *s = cookie;
	int got = stream_fill(s, 1);
	size_t here = (size_t)(s->end - s->at);

	if (got < 0 || (s->stop && *s->stop)) {
		errno = got < 0 ? -got : EINTR;
		return -1;
	}
	if (n > here)
		n = here;
	memcpy(to, s->at, n);
	s->at += n;
	return (ssize_t)n;
}

FILE *stream_file(struct stream *s)
{
	return fopencookie(s, "r", (cookie_io_functions_t){ .read = cookie_read });
}
