/*
 * Capture files, through libpcap. The library is opened when the first file
 * is: a weir that only runs programs starts without it.
 */
#include "config.h"

#include "net/net.h"

#ifdef HAVE_PCAP

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- libpcap, by name ---------------------------------------------------------- */

#define FUNCTIONS(F)                           \
	F(fopen_offline_with_tstamp_precision) \
	F(open_dead_with_tstamp_precision)     \
	F(close)                               \
	F(datalink)                            \
	F(snapshot)                            \
	F(is_swapped)                          \
	F(file)                                \
	F(dispatch)                            \
	F(breakloop)                           \
	F(geterr)                              \
	F(dump_fopen)                          \
	F(dump_close)                          \
	F(lib_version)

struct libpcap {
#define F(name) __typeof__(&pcap_##name) name;
	FUNCTIONS(F)
#undef F
	bool loaded;
};

static const char *const sonames[] = { "libpcap.so.1", "libpcap.so.0.8", "libpcap.so.0" };

static bool resolve(struct libpcap *l, void *handle, const char **missing)
{
	/* POSIX says that a void * from dlsym holds a function; C does not. */
#define F(name)                                            \
	*(void **)&l->name = dlsym(handle, "pcap_" #name); \
	if (!l->name) {                                    \
		*missing = "pcap_" #name;                  \
		return false;                              \
	}
	FUNCTIONS(F)
#undef F
	return true;
}

/* Return libpcap's functions, loading it first; NULL and a reason if that fails. */
static const struct libpcap *libpcap(struct net_error *e)
{
	static struct libpcap l;
	const char *missing;
	void *handle = NULL;

	if (l.loaded)
		return &l;
	for (size_t i = 0; !handle && i < sizeof sonames / sizeof *sonames; i++)
		handle = dlopen(sonames[i], RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		net_fail(e, -ENOENT,
		         "capture files need libpcap, which is not installed "
		         "(Debian, Ubuntu: apt-get install libpcap0.8)");
		return NULL;
	}
	if (!resolve(&l, handle, &missing)) {
		net_fail(e, -ENOENT,
		         "the libpcap of this machine is too old: it lacks '%s'",
		         missing);
		dlclose(handle);
		return NULL;
	}
	l.loaded = true;
	return &l;
}

const char *net_pcap_version(void)
{
	struct net_error e;
	const struct libpcap *l = libpcap(&e);

	return l ? l->lib_version() : NULL;
}

/* --- reading ---------------------------------------------------------------------- */

/*
 * For streams, in the place of stdio's one page: filling it is most of the work of
 * filtering a file, and goes fastest into whole pages.
 */
enum {
	BUFFER = 1 << 20,
	PAGE = 4096
};

struct file_source {
	struct net_source s;
	char *buffer;
	const struct libpcap *l;
	pcap_t *pcap;
	uint64_t packets; /* read so far */
	struct stat st;
	net_packet_fn *each;
	void *ctx;
};

/* What a file is that is not a capture, by its first bytes. */
static const struct {
	uint8_t magic[4];
	uint8_t len;
	const char *format, *cat;
} packed[] = {
	{ { 0x1f, 0x8b }, 2, "gzip", "zcat" },
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, "zstd", "zstdcat" },
	{ { 0xfd, '7', 'z', 'X' }, 4, "xz", "xzcat" },
	{ { 'B', 'Z', 'h' }, 3, "bzip2", "bzcat" },
};

static int not_a_capture(struct net_error *e, const char *name, const uint8_t *first)
{
	for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
		if (!memcmp(first, packed[i].magic, packed[i].len))
			return net_fail(e, -EINVAL,
			                "'%s' is compressed with %s: try "
			                "'%s FILE | weir filter -r - ...'",
			                name, packed[i].format, packed[i].cat);
	if (!memcmp(first, "\x0a\x0d\x0d\x0a", 4))
		return net_fail(e, -EINVAL, "'%s': its pcapng header is truncated or damaged",
		                name);
	return net_fail(e, -EINVAL, "'%s' is not a capture file (neither pcap nor pcapng)",
	                name);
}

/*
 * Read the first four bytes of F and put them back, to report what is not a
 * capture better than libpcap does, and to learn whether the times of a pcap
 * file are in microseconds, which libpcap does not tell.
 */
static int look_at_start(FILE *f, const char *name, uint8_t first[4], struct net_error *e)
{
	size_t n = fread(first, 1, 4, f);

	if (ferror(f))
		return net_fail(e, -errno, "'%s': %s", name, strerror(errno));
	if (n == 0)
		return net_fail(e, -EINVAL, "'%s' is empty, not a capture file", name);
	if (n < 4)
		return net_fail(e, -EINVAL,
		                "'%s' is not a capture file: it has only %zu bytes", name, n);
	/* Both C libraries of Linux take back what they just gave out of a buffer. */
	for (int i = 3; i >= 0; i--)
		if (ungetc(first[i], f) == EOF)
			return net_fail(e, -EIO, "'%s': cannot look ahead", name);
	return 0;
}

/* Tell whether a file that starts like this holds microseconds only. */
static bool is_micro(const uint8_t first[4])
{
	return !memcmp(first, "\xa1\xb2\xc3\xd4", 4) || !memcmp(first, "\xd4\xc3\xb2\xa1", 4);
}

static FILE *open_stream(const char *name, struct stat *st, struct net_error *e)
{
	int fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	FILE *f;

	if (fd < 0 || fstat(fd, st)) {
		net_fail(e, -errno, "'%s': %s", name, strerror(errno));
		goto fail;
	}
	if (S_ISDIR(st->st_mode)) {
		net_fail(e, -EISDIR, "'%s' is a directory, not a capture file", name);
		goto fail;
	}
	if (isatty(fd)) {
		net_fail(e, -EINVAL, "'%s' is a terminal, not a capture file", name);
		goto fail;
	}
	f = fdopen(fd, "r");
	if (!f) {
		net_fail(e, -errno, "'%s': %s", name, strerror(errno));
		goto fail;
	}
	return f;
fail:
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void take(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct file_source *f = (struct file_source *)user;
	struct net_packet p = {
		.bytes = bytes,
		.captured = h->caplen,
		.wire = h->len,
		.seconds = h->ts.tv_sec,
		.nanoseconds = (uint32_t)h->ts.tv_usec,
	};

	f->packets++;
	if (!f->each(f->ctx, &p))
		f->l->breakloop(f->pcap);
}

/* Report libpcap's reason and, where it is known, what to do about it. */
static int read_failed(struct file_source *f, struct net_error *e)
{
	const char *why = f->l->geterr(f->pcap), *hint = "";

	if (strstr(why, "different from the type of the first"))
		hint = " (packets of several link types in one file: split it by "
		       "interface first)";
	return net_fail(e, -EINVAL, "'%s', after packet %llu: %s%s", f->s.name,
	                (unsigned long long)f->packets, why, hint);
}

static int file_read(struct net_source *s, net_packet_fn *each, void *ctx,
                     struct net_error *e)
{
	struct file_source *f = (struct file_source *)s;
	int n;

	f->each = each;
	f->ctx = ctx;
	do {
		if (s->pause)
			s->pause(ctx);
		if (s->stop && *s->stop)
			return 0;
		n = f->l->dispatch(f->pcap, 256, take, (u_char *)f);
	} while (n > 0);
	if (n != PCAP_ERROR || (s->stop && *s->stop))
		return 0;
	return read_failed(f, e);
}

static void file_close(struct net_source *s)
{
	struct file_source *f = (struct file_source *)s;

	f->l->close(f->pcap);
	free(f->buffer);
	free(f);
}

double net_file_progress(const struct net_source *s)
{
	const struct file_source *f = (const struct file_source *)s;
	off_t at;

	if (s->live || !S_ISREG(f->st.st_mode) || !f->st.st_size)
		return -1;
	at = ftello(f->l->file(f->pcap));
	return at < 0 ? -1 : (double)at / (double)f->st.st_size;
}

/* Return a source over F, which starts with FIRST; takes F over also when it fails. */
static int start_file(struct file_source *f, FILE *in, const char *name,
                      struct net_error *e)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	uint8_t first[4];
	int err = look_at_start(in, name, first, e);

	if (!err)
		f->pcap = f->l->fopen_offline_with_tstamp_precision(
			in, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!f->pcap) {
		fclose(in);
		if (err)
			return err;
		if (!strcmp(why, "unknown file format"))
			return not_a_capture(e, name, first);
		return net_fail(e, -EINVAL, "'%s': %s", name, why);
	}
	f->s = (struct net_source){
		.name = name,
		.linktype = f->l->datalink(f->pcap),
		.snaplen = (uint32_t)f->l->snapshot(f->pcap),
		.swapped = f->l->is_swapped(f->pcap),
		.nano = !is_micro(first),
		.read = file_read,
		.close = file_close,
	};
	return 0;
}

int net_open_file(struct net_source **out, const char *name, struct net_error *e)
{
	const struct libpcap *l = libpcap(e);
	struct file_source *f;
	struct stat st;
	FILE *in;
	int err;

	if (!l)
		return -ENOENT;
	in = open_stream(name, &st, e);
	if (!in)
		return -EINVAL;
	f = calloc(1, sizeof *f);
	if (!f) {
		fclose(in);
		return net_fail(e, -ENOMEM, "out of memory");
	}
	f->l = l;
	f->buffer = aligned_alloc(PAGE, BUFFER);
	if (f->buffer)
		setvbuf(in, f->buffer, _IOFBF, BUFFER);
	err = start_file(f, in, strcmp(name, "-") ? name : "standard input", e);
	if (err) {
		free(f->buffer);
		free(f);
		return err;
	}
	f->st = st;
	f->s.regular = S_ISREG(st.st_mode);
	f->s.device = st.st_dev;
	f->s.inode = st.st_ino;
	*out = &f->s;
	return 0;
}

/* --- writing ---------------------------------------------------------------------- */

/* What precedes each packet (pcap-savefile(5)), in this host's byte order. */
struct record {
	uint32_t seconds, fraction, captured, wire;
};

struct net_dump {
	const char *name;
	const struct net_source *s;
	int fd;
	bool nano;
	bool cut;         /* a piece of a packet is at its end */
	uint64_t packets; /* that are in it as a whole */
	uint8_t *buffer;  /* whole records */
	size_t used, room;
	int error; /* the errno of the first write that failed */
};

/*
 * Make the header of a file for packets of S, by libpcap, which knows all link
 * types.
 */
static bool make_header(const struct libpcap *l, const struct net_source *s,
                        uint32_t snaplen, char **header, size_t *len)
{
	pcap_t *p = l->open_dead_with_tstamp_precision(
		s->linktype, (int)snaplen,
		s->nano ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
	FILE *f = open_memstream(header, len);
	pcap_dumper_t *d = p && f ? l->dump_fopen(p, f) : NULL;

	if (d)
		l->dump_close(d);
	else if (f)
		fclose(f);
	if (p)
		l->close(p);
	return d && *len;
}

/*
 * Write LEN bytes; return how many arrived. Once a signal has come, do not wait
 * any more.
 */
static size_t put(struct net_dump *d, const void *bytes, size_t len)
{
	const volatile sig_atomic_t *stop = d->s->stop;
	size_t done = 0;

	while (done < len && !d->error) {
		ssize_t n = write(d->fd, (const uint8_t *)bytes + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR || (stop && *stop))
			d->error = n == 0 ? EIO : errno;
	}
	return done;
}

/*
 * Count the whole records in the buffer of which the first LEN bytes arrived,
 * and cut the file after them.
 */
static void take_stock(struct net_dump *d, size_t len)
{
	struct record r;
	size_t at = 0, size;
	struct stat st;
	off_t end;

	for (; at + sizeof r <= len; at += size) {
		memcpy(&r, d->buffer + at, sizeof r);
		size = sizeof r + r.captured;
		if (size > len - at)
			break;
		d->packets++;
	}
	if (at == len)
		return;
	end = lseek(d->fd, 0, SEEK_CUR);
	d->cut = fstat(d->fd, &st) || !S_ISREG(st.st_mode) || end < (off_t)(len - at) ||
	         ftruncate(d->fd, end - (off_t)(len - at));
}

bool net_dump_flush(struct net_dump *d)
{
	if (d->error)
		return false;
	take_stock(d, put(d, d->buffer, d->used));
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

int net_dump_open(struct net_dump **out, const char *name, const struct net_source *s,
                  uint32_t snaplen, struct net_error *e)
{
	const struct libpcap *l = libpcap(e);
	struct net_dump *d;
	char *header = NULL;
	size_t len = 0;
	int fd;

	if (!l)
		return -ENOENT;
	d = calloc(1, sizeof *d);
	if (d)
		d->buffer = aligned_alloc(PAGE, BUFFER);
	if (!d || !d->buffer || !make_header(l, s, snaplen, &header, &len)) {
		free(header);
		if (d)
			dump_free(d);
		return net_fail(e, -ENOMEM, "out of memory");
	}
	fd = open_output(name, e);
	if (fd < 0) {
		free(header);
		dump_free(d);
		return fd;
	}
	d->name = name;
	d->s = s;
	d->fd = fd;
	d->room = BUFFER;
	d->nano = s->nano;
	put(d, header, len);
	free(header);
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

bool net_dump_write(struct net_dump *d, const struct net_packet *p)
{
	struct record r = {
		.seconds = (uint32_t)p->seconds,
		.fraction = d->nano ? p->nanoseconds : p->nanoseconds / 1000,
		.captured = p->captured,
		.wire = p->wire,
	};

	if (d->error || !make_room(d, sizeof r + p->captured))
		return false;
	memcpy(d->buffer + d->used, &r, sizeof r);
	memcpy(d->buffer + d->used + sizeof r, p->bytes, p->captured);
	d->used += sizeof r + p->captured;
	return true;
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

#else /* !HAVE_PCAP */

#include <errno.h>

static int absent(struct net_error *e)
{
	return net_fail(e, -ENOSYS,
	                "this weir was built without libpcap, which capture files need");
}

const char *net_pcap_version(void)
{
	return NULL;
}

int net_open_file(struct net_source **out, const char *name, struct net_error *e)
{
	return absent(e);
}

double net_file_progress(const struct net_source *s)
{
	return -1;
}

int net_dump_open(struct net_dump **out, const char *name, const struct net_source *s,
                  uint32_t snaplen, struct net_error *e)
{
	return absent(e);
}

bool net_dump_write(struct net_dump *d, const struct net_packet *p)
{
	return false;
}

bool net_dump_flush(struct net_dump *d)
{
	return false;
}

int net_dump_close(struct net_dump *d, struct net_error *e)
{
	return absent(e);
}

#endif
