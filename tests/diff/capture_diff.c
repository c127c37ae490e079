/*
 * Capture files read by weir and by libpcap: random files of both formats, in both byte
 * orders, of all link types, some of them cut or damaged. What libpcap reads weir must
 * read, up to the same packet, and write as the same bytes. It may read more where
 * libpcap gives up for one of the reasons listed below.
 */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/net.h"
#include "tests/diff/diff.h"

/* --- random files ---------------------------------------------------------------------- */

enum {
	ROOM = 1 << 20,
	SLACK = 200000 /* a packet and what is around it */
};

struct file {
	struct rng *r;
	uint8_t bytes[ROOM];
	size_t len;
	bool swapped, nano, ng;
	uint32_t linktype, snaplen, interfaces;
};

static void put_bytes(struct file *f, const void *bytes, size_t n)
{
	memcpy(f->bytes + f->len, bytes, n);
	f->len += n;
}

static void put_word(struct file *f, uint32_t v)
{
	v = f->swapped ? __builtin_bswap32(v) : v;
	put_bytes(f, &v, sizeof v);
}

static void put_half(struct file *f, uint16_t v)
{
	v = f->swapped ? __builtin_bswap16(v) : v;
	put_bytes(f, &v, sizeof v);
}

static void put_random(struct file *f, size_t n)
{
	while (n--)
		f->bytes[f->len++] = (uint8_t)rng_next(f->r);
}

static uint32_t some_length(struct file *f)
{
	if (rng_one_in(f->r, 200))
		return rng_below(f->r, 70000);
	return rng_one_in(f->r, 6) ? rng_below(f->r, 1600) : rng_below(f->r, 90);
}

static uint32_t some_snaplen(struct file *f)
{
	switch (rng_below(f->r, 6)) {
	case 0:
		return 0;
	case 1:
		return rng_next(f->r);
	case 2:
		return 40 + rng_below(f->r, 100);
	}
	return rng_one_in(f->r, 2) ? 65535 : 262144;
}

/* Most files are short; some go beyond what is read at once. */
static uint32_t some_count(struct file *f)
{
	return rng_below(f->r, rng_one_in(f->r, 25) ? 9000 : 30);
}

static void put_pcap(struct file *f)
{
	uint32_t micro = rng_one_in(f->r, 20) ? 0xa1b2cd34 : 0xa1b2c3d4;
	uint32_t extra = rng_one_in(f->r, 8) ? rng_next(f->r) & 0xfc000000 : 0;

	put_word(f, f->nano ? 0xa1b23c4d : micro);
	put_half(f, 2);
	put_half(f, rng_one_in(f->r, 20) ? (uint16_t)rng_below(f->r, 6) : 4);
	put_word(f, 0);
	put_word(f, 0);
	put_word(f, f->snaplen);
	put_word(f, f->linktype | extra);
	for (uint32_t n = some_count(f); n && f->len < ROOM - SLACK; n--) {
		uint32_t captured = some_length(f);

		put_word(f, 1700000000 + rng_below(f->r, 1000));
		put_word(f, rng_one_in(f->r, 30) ? rng_next(f->r) : rng_below(f->r, 1000000));
		put_word(f, captured);
		put_word(f, captured + (rng_one_in(f->r, 4) ? rng_below(f->r, 99) : 0));
		if (!f->nano && micro == 0xa1b2cd34)
			put_random(f, 8);
		put_random(f, captured);
	}
}

/* Begin a block; its length is filled in by end_block. */
static size_t begin_block(struct file *f, uint32_t type)
{
	size_t at = f->len;

	put_word(f, type);
	put_word(f, 0);
	return at;
}

static void end_block(struct file *f, size_t at)
{
	size_t end;

	while ((f->len - at) % 4)
		f->bytes[f->len++] = 0;
	put_word(f, (uint32_t)(f->len - at) + 4);
	end = f->len;
	f->len = at + 4;
	put_word(f, (uint32_t)(end - at));
	f->len = end;
}

static void put_option(struct file *f, uint16_t code, uint16_t len)
{
	put_half(f, code);
	put_half(f, len);
	/* A resolution that can be counted, most often. */
	if (code == 9 && !rng_one_in(f->r, 30))
		f->bytes[f->len++] = (uint8_t)(rng_one_in(f->r, 2) ? rng_below(f->r, 20)
		                                                   : 128 + rng_below(f->r, 33));
	else
		put_random(f, len);
	while (f->len % 4)
		f->bytes[f->len++] = 0;
}

static void put_options(struct file *f)
{
	static const struct {
		uint16_t code, len;
	} options[] = { { 9, 1 }, { 14, 8 }, { 2, 5 }, { 9, 1 }, { 3000, 3 } };

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (rng_one_in(f->r, 4))
			put_option(f, options[i].code, options[i].len);
	if (rng_one_in(f->r, 2))
		put_option(f, 0, 0);
}

static void put_interface(struct file *f)
{
	size_t at = begin_block(f, 1);

	put_half(f, (uint16_t)(rng_one_in(f->r, 12) ? rng_below(f->r, 3) : f->linktype));
	put_half(f, 0);
	put_word(f, rng_one_in(f->r, 12) ? some_snaplen(f) : f->snaplen);
	put_options(f);
	end_block(f, at);
	f->interfaces++;
}

static void put_section(struct file *f)
{
	size_t at = begin_block(f, 0x0a0d0d0a);

	put_word(f, 0x1a2b3c4d);
	put_half(f, 1);
	put_half(f, 0);
	put_word(f, UINT32_MAX);
	put_word(f, UINT32_MAX);
	if (rng_one_in(f->r, 3))
		put_options(f);
	end_block(f, at);
	f->interfaces = 0;
}

static void put_packet(struct file *f)
{
	uint32_t captured = some_length(f), wire = captured, type;
	uint32_t id = rng_below(f->r, f->interfaces + rng_one_in(f->r, 40));
	size_t at;

	type = rng_one_in(f->r, 4) ? 2 + rng_below(f->r, 2) : 6;
	if (rng_one_in(f->r, 4))
		wire += rng_below(f->r, 99);
	at = begin_block(f, type);
	if (type == 6) {
		put_word(f, id);
	} else if (type == 2) {
		put_half(f, (uint16_t)id);
		put_half(f, 0);
	}
	if (type != 3) {
		put_word(f, rng_one_in(f->r, 20) ? rng_next(f->r) : 0x60a48);
		put_word(f, rng_next(f->r));
		put_word(f, captured);
	}
	put_word(f, type == 3 ? captured : wire);
	put_random(f, captured);
	while (f->len % 4)
		f->bytes[f->len++] = 0;
	if (type != 3 && rng_one_in(f->r, 4))
		put_options(f);
	end_block(f, at);
}

static void put_other(struct file *f)
{
	size_t at = begin_block(f, 4 + 4 * rng_below(f->r, 900));

	put_random(f, rng_below(f->r, 60));
	end_block(f, at);
}

static void put_pcapng(struct file *f)
{
	put_section(f);
	for (uint32_t n = some_count(f); n && f->len < ROOM - SLACK; n--) {
		uint32_t what = rng_below(f->r, 24);

		if (what == 0 && rng_one_in(f->r, 2)) {
			f->swapped ^= rng_one_in(f->r, 4);
			put_section(f);
		} else if (what == 1) {
			put_other(f);
		} else if (what == 2 || !f->interfaces) {
			put_interface(f);
		} else {
			put_packet(f);
		}
	}
}

/* Cut the file, or change, lose or insert a few bytes of it. */
static void damage(struct file *f)
{
	uint32_t what = rng_below(f->r, 8);

	if (what < 3 || !f->len)
		return;
	if (what == 3) {
		f->len = rng_below(f->r, (uint32_t)f->len);
		return;
	}
	for (uint32_t n = 1 + rng_below(f->r, 3); n; n--) {
		uint32_t at = rng_below(f->r, (uint32_t)f->len);

		/* Headers are worth more than what is in packets. */
		if (rng_one_in(f->r, 2))
			at = rng_below(f->r, f->len < 120 ? (uint32_t)f->len : 120);
		f->bytes[at] = (uint8_t)(rng_one_in(f->r, 2) ? f->bytes[at] ^ 1u << rng_below(f->r, 8)
		                                             : rng_next(f->r));
	}
	if (what == 7) {
		uint32_t at = rng_below(f->r, (uint32_t)f->len);

		memmove(f->bytes + at, f->bytes + at + 1, f->len - at - 1);
		f->len--;
	}
}

static void make_file(struct file *f, struct rng *r)
{
	f->r = r;
	f->len = 0;
	f->interfaces = 0;
	f->ng = rng_one_in(r, 2);
	f->nano = rng_one_in(r, 2);
	f->swapped = rng_one_in(r, 2);
	f->linktype = rng_one_in(r, 3) ? 1 : rng_below(r, 300);
	f->snaplen = some_snaplen(f);
	if (f->ng)
		put_pcapng(f);
	else
		put_pcap(f);
	damage(f);
}

/* --- the two parties ------------------------------------------------------------------- */

/* What was read: the packets as records of a file, and how it ended. */
struct reading {
	bool open, failed;
	int linktype;
	bool swapped;
	unsigned packets;
	uint64_t times; /* a digest, also of what is not written */
	uint8_t *written;
	size_t len;
	char why[PCAP_ERRBUF_SIZE + 512];
};

/* FRACTION is in the unit of the file that is written. */
static void note_time(struct reading *r, uint32_t seconds, uint32_t fraction)
{
	r->times = r->times * 0x9e3779b97f4a7c15 + seconds * UINT64_C(31) + fraction;
}

/* Take what has been written to FD. */
static void take_written(struct reading *r, int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);

	r->len = len > 0 ? (size_t)len : 0;
	r->written = malloc(r->len + 1);
	if (!r->written || pread(fd, r->written, r->len, 0) != (ssize_t)r->len)
		abort();
	close(fd);
}

struct writing {
	struct reading *r;
	struct net_dump *dump;
	bool nano;
};

static bool take_ours(void *ctx, const struct net_packet *p)
{
	struct writing *w = ctx;

	w->r->packets++;
	note_time(w->r, (uint32_t)p->seconds,
	          (uint32_t)(w->nano ? p->nanoseconds : p->nanoseconds / 1000));
	return net_dump_write(w->dump, p);
}

static void settle(void *ctx)
{
	net_dump_settle(((struct writing *)ctx)->dump);
}

static void read_ours(const char *name, const char *to, int to_fd, struct reading *r,
                      bool *nano)
{
	struct writing w = { .r = r };
	struct net_source *s;
	struct net_error e;

	*r = (struct reading){ .open = !net_open_file(&s, name, &e) };
	snprintf(r->why, sizeof r->why, "%s", e.text);
	if (!r->open) {
		close(to_fd);
		return;
	}
	r->linktype = s->linktype;
	r->swapped = s->swapped;
	*nano = w.nano = s->nano;
	if (net_dump_open(&w.dump, to, s, s->snaplen, &e))
		abort();
	s->pause = settle;
	r->failed = s->read(s, take_ours, &w, &e) != 0;
	if (r->failed)
		snprintf(r->why, sizeof r->why, "%s", e.text);
	if (net_dump_close(w.dump, &e))
		abort();
	s->close(s);
	take_written(r, to_fd);
}

static void read_theirs(const struct file *f, bool nano, struct reading *r)
{
	FILE *in = fmemopen((void *)f->bytes, f->len ? f->len : 1, "r");
	int fd = memfd_create("theirs", 0), n = 0;
	struct pcap_pkthdr *h;
	const uint8_t *bytes;
	pcap_dumper_t *d;
	pcap_t *p;

	*r = (struct reading){ 0 };
	/* Its scaling of damaged microseconds is left out: as they are, or nanoseconds. */
	p = in ? pcap_fopen_offline_with_tstamp_precision(in, nano, r->why) : NULL;
	r->open = p;
	if (!p) {
		fclose(in);
		close(fd);
		return;
	}
	r->linktype = pcap_datalink(p);
	r->swapped = pcap_is_swapped(p);
	d = pcap_dump_fopen(p, fdopen(dup(fd), "w"));
	while ((n = pcap_next_ex(p, &h, &bytes)) == 1) {
		r->packets++;
		note_time(r, (uint32_t)h->ts.tv_sec, (uint32_t)h->ts.tv_usec);
		if (d)
			pcap_dump((u_char *)d, h, bytes);
	}
	r->failed = n == -1;
	if (r->failed)
		snprintf(r->why, sizeof r->why, "%s", pcap_geterr(p));
	if (d)
		pcap_dump_close(d);
	pcap_close(p);
	take_written(r, fd);
}

/* --- comparing --------------------------------------------------------------------------- */

/* Where weir reads on: reasons of libpcap's that are none for a file to be refused. */
static const char *const more[] = {
	"different from the type of the first interface",
	"different from the snapshot length of the first interface",
	"sections with different byte orders",
	"pcapng block size", /* of the first block of a section in the other order */
	"more than one if_ts",
	"unsupported pcapng savefile version 1.",
	"BT_SHB_INSANE_MAX",
};

/* libpcap skips these unread before the first interface. */
static const char *const less[] = {
	"a section without a byte order",
	"of pcapng is not known",
};

static bool is_one_of(const char *why, const char *const *reasons, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(why, reasons[i]))
			return true;
	return false;
}

/*
 * Tell whether F may have an interface whose unit of time is a power of two beyond those
 * that libpcap counts without an overflow.
 */
static bool has_tiny_unit(const struct file *f)
{
	static const uint8_t big[] = { 0, 9, 0, 1 }, little[] = { 9, 0, 1, 0 };

	for (size_t i = 0; i + sizeof big < f->len; i++)
		if ((!memcmp(f->bytes + i, big, sizeof big) ||
		     !memcmp(f->bytes + i, little, sizeof little)) &&
		    f->bytes[i + sizeof big] > 128 + 33)
			return true;
	return false;
}

/* Return what differs, or NULL. */
static const char *compare(const struct reading *ours, const struct reading *theirs)
{
	bool on = is_one_of(theirs->why, more, ARRAY_LEN(more));
	bool off = is_one_of(ours->why, less, ARRAY_LEN(less));

	if (ours->open != theirs->open)
		return (theirs->open ? off : on) ? NULL : "one opens it";
	if (!ours->open)
		return NULL;
	if (ours->linktype != theirs->linktype || ours->swapped != theirs->swapped)
		return "link type or byte order";
	if (theirs->failed && on && ours->packets >= theirs->packets)
		return ours->len >= theirs->len &&
		                       !memcmp(ours->written, theirs->written, theirs->len)
		               ? NULL
		               : "what is written, up to where libpcap ends";
	if (ours->failed != theirs->failed)
		return "one fails";
	if (ours->packets != theirs->packets)
		return "packets";
	if (ours->times != theirs->times)
		return "times";
	/* libpcap does not write link types that have no number for files. */
	if (theirs->len && (ours->len != theirs->len ||
	                    memcmp(ours->written, theirs->written, ours->len)))
		return "what is written";
	return NULL;
}

struct run {
	uint64_t seed, files;
	const char *keep;
	unsigned opened, failed, differences;
	uint64_t packets;
};

static void report(struct run *run, uint64_t seed, const struct file *f, const char *what,
                   const struct reading *ours, const struct reading *theirs)
{
	FILE *out = run->keep ? fopen(run->keep, "w") : NULL;

	printf("--seed %" PRIu64 " --files 1: %s\n"
	       "  ours:   open %d, link type %d, %u packets, %zu bytes: %s\n"
	       "  theirs: open %d, link type %d, %u packets, %zu bytes: %s\n",
	       seed, what, ours->open, ours->linktype, ours->packets, ours->len, ours->why,
	       theirs->open, theirs->linktype, theirs->packets, theirs->len, theirs->why);
	if (out) {
		fwrite(f->bytes, 1, f->len, out);
		fclose(out);
	}
	run->differences++;
}

static int memory_of(const struct file *f)
{
	int fd = memfd_create("in", 0);

	return fd < 0 || write(fd, f->bytes, f->len) != (ssize_t)f->len ? -1 : fd;
}

/* Return a pipe that gives F in pieces, which process *WRITER writes. */
static int pipe_of(struct file *f, pid_t *writer)
{
	int ends[2];

	if (pipe(ends) || (*writer = fork()) < 0)
		return -1;
	if (*writer) {
		close(ends[1]);
		return ends[0];
	}
	close(ends[0]);
	signal(SIGPIPE, SIG_DFL);
	for (size_t at = 0, n; at < f->len; at += n) {
		n = 1 + rng_below(f->r, rng_one_in(f->r, 2) ? 20 : 9000);
		if (n > f->len - at)
			n = f->len - at;
		if (write(ends[1], f->bytes + at, n) != (ssize_t)n)
			break;
	}
	_exit(0);
}

static void one(struct run *run, uint64_t seed)
{
	static struct file f;
	struct rng r = rng_seed(seed);
	int in, out = memfd_create("out", 0);
	pid_t writer = 0;
	char name[40], to[40];
	struct reading ours, theirs;
	const char *what;
	bool nano = false;

	make_file(&f, &r);
	in = rng_one_in(&r, 8) ? pipe_of(&f, &writer) : memory_of(&f);
	if (in < 0 || out < 0)
		abort();
	snprintf(name, sizeof name, "/proc/self/fd/%d", in);
	snprintf(to, sizeof to, "/proc/self/fd/%d", out);
	read_ours(name, to, out, &ours, &nano);
	read_theirs(&f, nano, &theirs);
	what = compare(&ours, &theirs);
	if (what && !has_tiny_unit(&f))
		report(run, seed, &f, what, &ours, &theirs);
	run->opened += theirs.open;
	run->failed += theirs.failed;
	run->packets += theirs.packets;
	free(ours.written);
	free(theirs.written);
	close(in);
	if (writer)
		waitpid(writer, NULL, 0);
}

static int run_all(void *ctx)
{
	struct run *run = ctx;

	if (access("/proc/self/fd", R_OK)) {
		printf("skipped: /proc is not mounted\n");
		return 77;
	}
	printf("seed %" PRIu64 ", %s\n", run->seed, pcap_lib_version());
	for (uint64_t i = 0; i < run->files && run->differences < 20; i++)
		one(run, run->seed + i);
	printf("%" PRIu64 " files, libpcap opens %u and gives up on %u of them, "
	       "%" PRIu64 " packets: %u differences\n",
	       run->files, run->opened, run->failed, run->packets, run->differences);
	return run->differences != 0;
}

int main(int argc, char **argv)
{
	struct run run = { .seed = seed_of_today(), .files = 3000 };
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &run.seed, "begin there" },
		{ "files", "N", DRIVER_NUMBER, &run.files, "compare so many files" },
		{ "keep", "FILE", DRIVER_TEXT, &run.keep, "leave the last that differs there" },
		{ NULL, NULL, 0, NULL, NULL },
	};
	const struct driver d = { "capture_diff", options, run_all, &run };

	return driver_main(&d, argv);
}
