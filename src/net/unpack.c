/*
 * Compressed capture files, through the libraries that unpack them. Like libpcap these
 * are opened when the first such file is, so that weir starts without them.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "net/capture.h"
#include "net/library.h"

struct unpacker {
	const struct packing *packing;
	void *state;
	bool whole; /* what was unpacked so far is complete */
};

/* How a file may be compressed. */
struct packing {
	uint8_t magic[UNPACK_MAGIC];
	uint8_t len;
	const char *name, *cat;
	const char *library; /* that unpacks it; NULL: none */
	int (*open)(struct unpacker *u, char why[UNPACK_WHY]);
	int (*step)(struct unpacker *u, struct unpacking *p, char why[UNPACK_WHY]);
	void (*close)(struct unpacker *u);
};

static int say(char why[UNPACK_WHY], int err, const char *what)
{
	snprintf(why, UNPACK_WHY, "%s", what);
	return err;
}

/* --- gzip ------------------------------------------------------------------------------ */

#ifdef HAVE_ZLIB
#include <zlib.h>

#define ZLIB_FUNCTIONS(F) \
	F(inflateInit2_)  \
	F(inflateReset)   \
	F(inflate)        \
	F(inflateEnd)

struct zlib {
#define F(name) __typeof__(&name) name;
	ZLIB_FUNCTIONS(F)
#undef F
};

#define F(name) { #name, offsetof(struct zlib, name) },
static const struct library_function zlib_functions[] = { ZLIB_FUNCTIONS(F) };
#undef F

/* One file in gzip's format; others may follow it. */
struct gzip {
	struct zlib l;
	z_stream z;
};

enum {
	GZIP_ONLY = 16
};

static void gzip_close(struct unpacker *u)
{
	struct gzip *g = u->state;

	g->l.inflateEnd(&g->z);
	free(g);
}

static int gzip_open(struct unpacker *u, char why[UNPACK_WHY])
{
	static const char *const names[] = { "libz.so.1", NULL };
	struct gzip *g = calloc(1, sizeof *g);
	const char *missing;

	if (!g)
		return say(why, -ENOMEM, "out of memory");
	if (!library_load(names, zlib_functions, ARRAY_LEN(zlib_functions), &g->l,
	                  &missing)) {
		free(g);
		return say(why, -ENOENT,
		           "compressed with gzip, and zlib, which unpacks it, is not "
		           "installed (Debian, Ubuntu: apt-get install zlib1g)");
	}
	if (g->l.inflateInit2_(&g->z, MAX_WBITS + GZIP_ONLY, ZLIB_VERSION, sizeof g->z)) {
		free(g);
		return say(why, -ENOMEM, "out of memory");
	}
	u->state = g;
	return 0;
}

/* Go on with the next file after the end of one; zeros at the end are none. */
static int next_member(struct unpacker *u, struct unpacking *p, char why[UNPACK_WHY])
{
	struct gzip *g = u->state;

	while (p->in < p->in_end && *p->in == 0)
		p->in++;
	if (p->in == p->in_end)
		return 0;
	if (*p->in != 0x1f)
		return say(why, -EINVAL, "bytes that are not gzip follow the compressed data");
	u->whole = false;
	g->l.inflateReset(&g->z);
	return 0;
}

static int gzip_step(struct unpacker *u, struct unpacking *p, char why[UNPACK_WHY])
{
	struct gzip *g = u->state;
	int err = u->whole ? next_member(u, p, why) : 0;
	int status;

	if (err || u->whole)
		return err;
	g->z.next_in = (uint8_t *)p->in;
	g->z.avail_in = (unsigned)(p->in_end - p->in);
	g->z.next_out = p->out;
	g->z.avail_out = (unsigned)(p->out_end - p->out);
	status = g->l.inflate(&g->z, Z_NO_FLUSH);
	p->in = g->z.next_in;
	p->out = g->z.next_out;
	u->whole = status == Z_STREAM_END;
	if (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR)
		return 0;
	snprintf(why, UNPACK_WHY, "damaged: the compressed data is wrong (%s)",
	         g->z.msg ? g->z.msg : "zlib gives no reason");
	return -EINVAL;
}

#define GZIP "zlib", gzip_open, gzip_step, gzip_close
#else
#define GZIP "zlib", NULL, NULL, NULL
#endif

/* --- zstd ------------------------------------------------------------------------------ */

#ifdef HAVE_ZSTD
#include <zstd.h>

#define ZSTD_FUNCTIONS(F)        \
	F(ZSTD_createDStream)    \
	F(ZSTD_decompressStream) \
	F(ZSTD_isError)          \
	F(ZSTD_getErrorName)     \
	F(ZSTD_freeDStream)

struct zstd {
#define F(name) __typeof__(&name) name;
	ZSTD_FUNCTIONS(F)
#undef F
	ZSTD_DStream *stream;
};

#define F(name) { #name, offsetof(struct zstd, name) },
static const struct library_function zstd_functions[] = { ZSTD_FUNCTIONS(F) };
#undef F

static void zstd_close(struct unpacker *u)
{
	struct zstd *z = u->state;

	z->ZSTD_freeDStream(z->stream);
	free(z);
}

static int zstd_open(struct unpacker *u, char why[UNPACK_WHY])
{
	static const char *const names[] = { "libzstd.so.1", NULL };
	struct zstd *z = calloc(1, sizeof *z);
	const char *missing;

	if (!z)
		return say(why, -ENOMEM, "out of memory");
	if (!library_load(names, zstd_functions, ARRAY_LEN(zstd_functions), z,
	                  &missing)) {
		free(z);
		return say(why, -ENOENT,
		           "compressed with zstd, and libzstd, which unpacks it, is not "
		           "installed (Debian, Ubuntu: apt-get install libzstd1)");
	}
	z->stream = z->ZSTD_createDStream();
	if (!z->stream) {
		free(z);
		return say(why, -ENOMEM, "out of memory");
	}
	u->state = z;
	return 0;
}

static int zstd_step(struct unpacker *u, struct unpacking *p, char why[UNPACK_WHY])
{
	struct zstd *z = u->state;
	ZSTD_inBuffer in = { p->in, (size_t)(p->in_end - p->in), 0 };
	ZSTD_outBuffer out = { p->out, (size_t)(p->out_end - p->out), 0 };
	size_t left = z->ZSTD_decompressStream(z->stream, &out, &in);

	if (z->ZSTD_isError(left)) {
		snprintf(why, UNPACK_WHY, "damaged: the compressed data is wrong (%s)",
		         z->ZSTD_getErrorName(left));
		return -EINVAL;
	}
	p->in += in.pos;
	p->out += out.pos;
	if (in.pos || out.pos)
		u->whole = left == 0;
	return 0;
}

#define ZSTD "libzstd", zstd_open, zstd_step, zstd_close
#else
#define ZSTD "libzstd", NULL, NULL, NULL
#endif

/* --- all of them -------------------------------------------------------------------------- */

static const struct packing packings[] = {
	{ { 0x1f, 0x8b }, 2, "gzip", "zcat", GZIP },
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, "zstd", "zstdcat", ZSTD },
	{ { 0xfd, '7', 'z', 'X' }, 4, "xz", "xzcat", NULL, NULL, NULL, NULL },
	{ { 'B', 'Z', 'h' }, 3, "bzip2", "bzcat", NULL, NULL, NULL, NULL },
};

static const struct packing *find_packing(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(packings); i++)
		if (n >= packings[i].len &&
		    !memcmp(bytes, packings[i].magic, packings[i].len))
			return &packings[i];
	return NULL;
}

int unpack_open(struct unpacker **out, const uint8_t *bytes, size_t n,
                char why[UNPACK_WHY])
{
	const struct packing *packing = find_packing(bytes, n);
	struct unpacker *u;
	int err;

	*out = NULL;
	if (!packing)
		return 0;
	if (!packing->open) {
		snprintf(why, UNPACK_WHY,
		         "compressed with %s%s%s%s: try '%s FILE | weir filter -r - ...'",
		         packing->name, packing->library ? ", and weir was built without " : "",
		         packing->library ? packing->library : "",
		         packing->library ? "" : ", which weir does not unpack", packing->cat);
		return -ENOSYS;
	}
	u = calloc(1, sizeof *u);
	if (!u)
		return say(why, -ENOMEM, "out of memory");
	u->packing = packing;
	err = packing->open(u, why);
	if (err)
		free(u);
	else
		*out = u;
	return err;
}

int unpack_step(struct unpacker *u, struct unpacking *p, char why[UNPACK_WHY])
{
	return u->packing->step(u, p, why);
}

bool unpack_is_whole(const struct unpacker *u)
{
	return u->whole;
}

void unpack_close(struct unpacker *u)
{
	u->packing->close(u);
	free(u);
}
