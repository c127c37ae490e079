/*
 * How capture files are read: stream.c has their bytes, which unpack.c unpacks where
 * they are compressed; pcap.c and pcapng.c find the packets in them, savefile.c asks
 * libpcap for those of the files that are left; capture.c drives them all.
 */
#ifndef WEIR_NET_CAPTURE_H
#define WEIR_NET_CAPTURE_H

#include <sys/stat.h>

#include "net/net.h"

/* --- unpack.c: compressed bytes ---------------------------------------------- */

enum {
	UNPACK_WHY = 200, /* bytes of a reason */
	UNPACK_MAGIC = 6  /* bytes that tell what a file is compressed with */
};

struct unpacker;

/* What of a piece has been used, and what has been made of it. */
struct unpacking {
	const uint8_t *in, *in_end;
	uint8_t *out, *out_end;
};

/*
 * Make what unpacks a file that begins with N BYTES. 0: *OUT is NULL if they are not
 * compressed; or -errno, with the reason in WHY.
 */
int unpack_open(struct unpacker **out, const uint8_t *bytes, size_t n,
                char why[UNPACK_WHY]);
/* Unpack until the input is used up or there is no more room; 0, or -EINVAL. */
int unpack_step(struct unpacker *u, struct unpacking *p, char why[UNPACK_WHY]);
/* Tell whether the compressed data may end here. */
bool unpack_is_whole(const struct unpacker *u);
void unpack_close(struct unpacker *u);

/* --- stream.c: the bytes of a file -------------------------------------------- */

struct stream {
	const char *name;
	int fd;
	struct stat st;
	uint8_t *at, *end; /* what is here and not used so far */
	uint8_t *held;     /* keep what follows, too; NULL: nothing before AT */
	uint64_t offset;   /* of END in the unpacked file */
	uint64_t taken;    /* bytes that came from FD */
	bool ended;
	const volatile sig_atomic_t *stop; /* as in net_source */
	char why[UNPACK_WHY];              /* reading failed */

	uint8_t *buffer, *area; /* AREA, in whole pages, is read into */
	size_t room;            /* of AREA */
	struct unpacker *unpacker;
	uint8_t *packed, *packed_at, *packed_end;
};

enum {
	STREAM_ROOM_BEFORE = 16 /* bytes before AT that may be overwritten */
};

/* Open NAME, "-" for standard input, and see whether it is compressed. */
int stream_open(struct stream *s, const char *name, struct net_error *e);
/*
 * Have NEED bytes at AT, which moves. 1; 0 if the file ends before or STOP is set;
 * -errno, with the reason in WHY. Bytes that were used so far are gone.
 */
int stream_fill(struct stream *s, size_t need);
/* Return what is at AT as a stream of the C library; closing it leaves S open. */
FILE *stream_file(struct stream *s);
void stream_close(struct stream *s);

/* --- linktype.c: numbers of link types ---------------------------------------- */

/* Return what libpcap calls the link type that files call NUMBER, and back. */
int linktype_of_file(uint32_t number);
uint32_t linktype_in_file(int linktype);
/* Return the most bytes that a packet of LINKTYPE may have. */
uint32_t linktype_most(int linktype);
/* Tell whether packets of files in the other byte order differ from those in ours. */
bool linktype_has_order(int linktype);
/* Tell whether libpcap changes packets of LINKTYPE when it reads them from a file. */
bool linktype_is_changed(int linktype, bool swapped);

/* --- capture.c: a file that is read --------------------------------------------- */

/* An interface of a section of a pcapng file. */
struct capture_interface {
	int linktype;
	uint32_t snaplen;
	bool binary;    /* UNITS is a power of two */
	uint64_t units; /* of a second */
	uint64_t offset;
};

struct capture {
	struct net_source s; /* first */
	struct stream in;
	uint64_t packets; /* read so far */
	size_t need;      /* bytes of the next record, as far as they are known */
	net_packet_fn *each;
	void *ctx;
	/* Hand packets to EACH; how it ended, or -errno. */
	int (*parse)(struct capture *c, struct net_error *e);
	bool swapped;  /* the record or section at hand */
	uint32_t most; /* bytes of a packet */

	/* pcapng.c */
	bool opening; /* find the first interface */
	struct capture_interface *interfaces;
	uint32_t ninterfaces, room;

	/* savefile.c */
	struct savefile *savefile;
};

enum {
	CAPTURE_STOPPED, /* EACH wants no more, or the file is open */
	CAPTURE_MORE     /* NEED bytes are needed to go on */
};

/* Return the number at P. */
static inline uint32_t capture_word(const uint8_t *p, bool swapped)
{
	uint32_t v;

	__builtin_memcpy(&v, p, sizeof v);
	return swapped ? __builtin_bswap32(v) : v;
}

static inline uint16_t capture_half(const uint8_t *p, bool swapped)
{
	uint16_t v;

	__builtin_memcpy(&v, p, sizeof v);
	return swapped ? __builtin_bswap16(v) : v;
}

/* --- error.c: places in files ------------------------------------------------------ */

/* Say what is wrong at C->in.at. */
int capture_bad(const struct capture *c, struct net_error *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- pcap.c, pcapng.c, savefile.c: formats --------------------------------------- */

/*
 * Look at the start of the file: 0, -errno, or CAPTURE_FOREIGN if libpcap is to read
 * it, from its start on.
 */
enum {
	CAPTURE_FOREIGN = 1
};
int pcap_start(struct capture *c, struct net_error *e);
int pcapng_start(struct capture *c, struct net_error *e);
/* Have libpcap read the file, which has not been used so far. */
int savefile_start(struct capture *c, struct net_error *e);
void savefile_close(struct capture *c);

#endif
