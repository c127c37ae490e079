/*
 * Programs for cooked captures, installed as people do it: pcap_setfilter on a live
 * handle on all interfaces, where libpcap rewrites loads of the link header that it
 * makes up. Each level's program must let through the packets that the expression
 * matches, which are those that libpcap's unoptimized program accepts in user space;
 * or, where libpcap's own does something else in the kernel, the same as that.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/diff/any.h"
#include "tests/diff/diff.h"
#include "tests/diff/oracle.h"
#include "weir.h"

enum {
	SKIPPED = 77,
	SNAPLEN = 262144,
	INPUTS = 48,
	TEMPLATES = 8,
	LEVELS = 5,
	MOST = 512 /* packets of one expression, on their way out and in again */,
	ETHERNET = 14 /* bytes of its header */,
	MARK = 0x88b5
};

/* Programs of ours: for a capture file's packets, then for a live socket's. */
enum {
	PROGRAMS = 2 * LEVELS
};

/* Who has a handle; the first sees everything. */
enum party {
	ALL,
	LIBPCAP,
	LIBPCAP_O,
	WEIR,
	PARTIES = WEIR + PROGRAMS
};

static const char *const party_names[PARTIES] = {
	"all",
	"libpcap",
	"libpcap -O",
	"-O0",
	"-O1",
	"-O2",
	"-O3",
	"-Os",
	"live -O0",
	"live -O1",
	"live -O2",
	"live -O3",
	"live -Os",
};

static const enum weir_level levels[LEVELS] = { WEIR_O0, WEIR_O1, WEIR_O2, WEIR_O3,
	                                        WEIR_OS };

/* Of the two made-up headers: where they say what. */
static const struct cooked {
	const char *name;
	int dlt;
	uint8_t size, proto, packet_type;
} cooked[] = {
	{ "LINUX_SLL", 113, 16, 14, 1 },
	{ "LINUX_SLL2", 276, 20, 0, 10 },
};

/* What this test adds to the expressions that people type. */
static const char *const own[] = {
	"ip[0:2] = 0x4500 and ip",
	"ip and ip[0:2] = 0x4500 and ip[9] = 17",
	"inbound and ip",
	"outbound and ip6",
	"inbound and (ip or arp)",
	"not ip and not ip6",
	"tcp port 80 or udp port 53",
	"ether proto 0x88b6 or arp",
	"link proto 4",
	"ip6[0:2] = 0x6000 and ip6 and outbound",
	"ip[1] = 0 and ip",
	"arp[0:2] = 1 and arp",
	"link[14:2] & 0xff00 = 0x800",
	"link[14:2] >= 0x800 and link[14:2] < 0x900",
	"link[0:2] = 4 and ip",
	"link[0:2] & 0xff = 4",
	"link[4:4] & 0xff = 1",
	"link[4:4] & 0xffff = 1 and ip",
	"link[10] = 4 and ip",
	"link[2+13] = 0 and ip",
	"link[2+14] & 0xf0 = 0x40",
	"ifindex 1 and tcp",
	"geneve and ip",
	"geneve and tcp port 80",
	"vxlan and ip",
	"vxlan and udp port 53",
	"ip6 protochain 6",
};

/* The packets that came to a party. */
struct seen {
	uint32_t n;
	struct one {
		uint64_t hash;
		bool matches; /* in user space */
	} packet[MOST];
};

struct test {
	struct arena arena; /* of one expression */
	struct rng rng;
	const struct cooked *link;
	struct any *handle[PARTIES];
	struct seen seen[PARTIES];
	struct program program[PROGRAMS];
	struct weir_program *made[PROGRAMS];
	int out; /* a packet socket */
	struct sockaddr_ll to;
	bool marked; /* the mark of the end has come in */
	unsigned texts, refused, failures, as_libpcap;
	struct oracle_code code; /* libpcap's, unoptimized: what the expression means */
	struct trace trace;
	unsigned sent, arrived;
	uint64_t packets, matched;
};

/* --- a network of our own ------------------------------------------------------ */

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

static bool enter_namespace(void)
{
	char map[64];
	unsigned uid = getuid();

	if (!unshare(CLONE_NEWNET))
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	snprintf(map, sizeof map, "0 %u 1", uid);
	write_file("/proc/self/uid_map", map);
	return true;
}

/* Two ends of a cable, without addresses: nobody answers what is sent. */
static bool lay_cable(void)
{
	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	return !system("ip link add v0 type veth peer name v1 address 02:00:00:00:00:05 && "
	               "ip link set v0 mtu 9000 up && ip link set v1 mtu 9000 up");
}

static bool open_socket(struct test *t)
{
	t->to = (struct sockaddr_ll){ .sll_family = AF_PACKET,
		                      .sll_ifindex = (int)if_nametoindex("v0") };
	t->out = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	return t->out >= 0;
}

/* --- packets out -------------------------------------------------------------------- */

/* The address that makes the kernel say TYPE of a packet that comes in. */
static const uint8_t *address_for(unsigned type)
{
	static const uint8_t address[4][6] = {
		{ 2, 0, 0, 0, 0, 5 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 1, 0, 0x5e, 0, 0, 1 },
		{ 2, 0, 0, 0, 0, 9 },
	};

	return address[type & 3];
}

static bool send_frame(struct test *t, unsigned type, unsigned proto,
                       const uint8_t *payload, uint32_t len)
{
	static const uint8_t from[6] = { 2, 0, 0, 0, 0, 1 };
	uint8_t frame[ETHERNET + PACKET_MAX];

	memcpy(frame, address_for(type), 6);
	memcpy(frame + 6, from, 6);
	frame[12] = (uint8_t)(proto >> 8);
	frame[13] = (uint8_t)proto;
	memcpy(frame + ETHERNET, payload, len);
	return sendto(t->out, frame, ETHERNET + len, 0, (const void *)&t->to,
	              sizeof t->to) == (ssize_t)(ETHERNET + len);
}

/* Sends what IN is behind its header; false if that cannot be. */
static bool send_input(struct test *t, const struct input *in)
{
	const struct cooked *l = t->link;
	unsigned proto = in->bytes[l->proto] << 8 | in->bytes[l->proto + 1];

	/* A VLAN tag is taken off on the way in. */
	if (in->captured <= l->size || proto == 0x8100 || proto == 0x88a8 || proto == MARK)
		return false;
	return send_frame(t, in->bytes[l->packet_type], proto, in->bytes + l->size,
	                  in->captured - l->size);
}

/* --- packets in ---------------------------------------------------------------------- */

static uint64_t hash_of(const uint8_t *bytes, uint32_t n)
{
	uint64_t h = n;

	for (uint32_t i = 0; i < n; i++)
		h = (h ^ bytes[i]) * 0x100000001b3u;
	return h;
}

struct reader {
	struct test *t;
	struct seen *seen;
};

/* The expression's meaning of a packet that does not end where the program looks. */
static bool is_whole(struct test *t, const uint8_t *bytes, uint32_t captured)
{
	const struct program p = { t->code.insns, t->code.n };
	static struct input in;
	uint32_t result;

	if (captured > sizeof in.bytes)
		return false;
	in.captured = in.wire = captured;
	memcpy(in.bytes, bytes, captured);
	return machine_run(&p, &in, &result, &t->trace) == END_RET;
}

/* Of what is cut short, an optimized program may accept more. */
static void keep(void *ctx, const uint8_t *bytes, uint32_t captured, uint32_t wire)
{
	struct reader *r = ctx;
	struct test *t = r->t;
	const struct cooked *l = t->link;
	bool all = r->seen == &t->seen[ALL];

	if ((bytes[l->proto] << 8 | bytes[l->proto + 1]) == MARK) {
		t->marked |= all && bytes[l->packet_type] != 4;
		return;
	}
	t->arrived += all;
	if (r->seen->n < MOST && is_whole(t, bytes, captured))
		r->seen->packet[r->seen->n++] = (struct one){
			.hash = hash_of(bytes, captured),
			.matches = oracle_run(t->code.insns, bytes, wire, captured),
		};
}

static void read_from(struct test *t, enum party p)
{
	struct reader r = { t, &t->seen[p] };

	if (t->handle[p] && !any_read(t->handle[p], keep, &r)) {
		printf("%s: %s\n", party_names[p], any_error(t->handle[p]));
		t->failures++;
	}
}

/* The handle that sees everything was opened first, so it is served last. */
static bool collect(struct test *t)
{
	static const uint8_t nothing[46];

	t->marked = false;
	if (!send_frame(t, 0, MARK, nothing, sizeof nothing))
		return false;
	for (int i = 0; i < 10000 && !t->marked; i++) {
		read_from(t, ALL);
		if (!t->marked)
			usleep(1000);
	}
	for (unsigned p = ALL + 1; p < PARTIES; p++)
		read_from(t, p);
	return t->marked;
}

/* --- one expression --------------------------------------------------------------------- */

static void discard(struct test *t)
{
	for (unsigned i = 0; i < PROGRAMS; i++)
		weir_program_free(t->made[i]);
	memset(t->made, 0, sizeof t->made);
	arena_free(&t->arena);
}

static void give(struct test *t, const char *text, unsigned i)
{
	size_t n;

	t->program[i].insns = weir_program_insns(t->made[i], &n);
	t->program[i].n = (uint32_t)n;
	if (any_set(t->handle[WEIR + i], t->program[i].insns, (uint32_t)n))
		return;
	printf("%s: %s: %s\n", text, party_names[WEIR + i], any_error(t->handle[WEIR + i]));
	t->failures++;
}

/* The programs FROM .. FROM + LEVELS - 1 of TEXT; false where it is refused. */
static bool compile(struct test *t, const char *text, unsigned from, bool live)
{
	struct weir_expression_options o = {
		.size = sizeof o,
		.linktype = t->link->dlt,
		.have_linktype = true,
		.live = live,
	};
	struct weir_expression *e;
	bool ok = !weir_expression_read(&e, text, strlen(text), &o);

	for (unsigned i = 0; ok && i < LEVELS; i++) {
		struct weir_compile_options c = { .size = sizeof c, .level = levels[i] };

		ok = !weir_expression_compile(&t->made[from + i], e, &c);
		if (ok)
			give(t, text, from + i);
	}
	weir_expression_free(e);
	return ok;
}

/* TEXT for each party; false where it is refused. */
static bool install(struct test *t, const char *text)
{
	return compile(t, text, 0, false) && compile(t, text, LEVELS, true) &&
	       any_set_text(t->handle[LIBPCAP], text, false) &&
	       any_set_text(t->handle[LIBPCAP_O], text, true);
}

/* Packets that take the ways of what -O0 and -O2 made. */
static void send_all(struct test *t)
{
	const struct program both[2] = { t->program[0], t->program[2] };
	struct inputs set;
	struct input in;

	inputs_start(&set, &t->arena, INPUTS);
	for (unsigned i = 0; i < TEMPLATES; i++) {
		packet_template(&in, t->link->dlt, &t->rng);
		inputs_add(&set, &in);
	}
	walk(&set, both, 2, &t->rng);
	t->sent = 0;
	for (uint32_t i = 0; i < set.n; i++)
		t->sent += send_input(t, &set.v[i]);
}

/* The packets that match, as user space has it. */
static void refer(const struct seen *all, struct seen *out)
{
	out->n = 0;
	for (uint32_t i = 0; i < all->n; i++)
		if (all->packet[i].matches)
			out->packet[out->n++] = all->packet[i];
}

static bool same(const struct seen *a, const struct seen *b)
{
	for (uint32_t i = 0; i < a->n && i < b->n; i++)
		if (a->packet[i].hash != b->packet[i].hash)
			return false;
	return a->n == b->n;
}

/* What came to P is what libpcap makes of the expression, too, which errs there. */
static bool errs_alike(const struct test *t, enum party p, const struct seen *right)
{
	const struct seen *plain = &t->seen[LIBPCAP], *optimized = &t->seen[LIBPCAP_O];

	return (!same(plain, right) && same(&t->seen[p], plain)) ||
	       (!same(optimized, right) && same(&t->seen[p], optimized));
}

static void judge_all(struct test *t, const char *text, const struct seen *right)
{
	bool alike = false;

	for (unsigned p = WEIR; p < PARTIES; p++) {
		if (same(&t->seen[p], right))
			continue;
		if (errs_alike(t, p, right)) {
			alike = true;
			continue;
		}
		t->failures++;
		printf("%s '%s', %s: %u packets, should be %u of %u; libpcap's own: %u, "
		       "optimized %u\n",
		       t->link->name, text, party_names[p],
		       t->seen[p].n, right->n, t->seen[ALL].n, t->seen[LIBPCAP].n,
		       t->seen[LIBPCAP_O].n);
	}
	if (alike)
		printf("%s '%s': we err as libpcap does, where %u packets match\n",
		       t->link->name, text, right->n);
	t->as_libpcap += alike;
}

/* Sends packets and compares what comes; false if some get lost. */
static bool compare(struct test *t, const char *text)
{
	static struct seen right;

	memset(t->seen, 0, sizeof t->seen);
	t->arrived = 0;
	send_all(t);
	if (!collect(t) || t->arrived != 2 * t->sent)
		return false;
	refer(&t->seen[ALL], &right);
	judge_all(t, text, &right);
	t->texts++;
	t->packets += t->seen[ALL].n;
	t->matched += right.n;
	return true;
}

static void examine(struct test *t, const char *text)
{
	oracle_compile(&t->code, text, t->link->dlt, SNAPLEN, false, UINT32_MAX);
	if (!install(t, text) || !t->code.insns) {
		t->refused++;
	} else if (!compare(t, text)) {
		printf("%s '%s': %u packets sent, %u seen\n", t->link->name, text,
		       t->sent, t->arrived);
		t->failures++;
	}
	oracle_free(&t->code);
	discard(t);
}

/* --- all of them -------------------------------------------------------------------------- */

/* The second column of a file of the reference vectors; they may be missing. */
static void examine_vectors(struct test *t)
{
	const char *dir = getenv("WEIR_VECTORS");
	char path[4096], *line = NULL;
	size_t cap = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/everyday.tsv", dir ? dir : ".");
	f = dir ? fopen(path, "re") : NULL;
	if (!f) {
		printf("the reference vectors are missing: only expressions of our own\n");
		return;
	}
	while (getline(&line, &cap, f) > 0) {
		char *text = strchr(line, '\t');

		if (!text || *line == '#')
			continue;
		text[1 + strcspn(text + 1, "\t\n")] = '\0';
		examine(t, text + 1);
	}
	free(line);
	fclose(f);
}

static bool open_handles(struct test *t)
{
	char error[256];

	for (unsigned p = 0; p < PARTIES; p++) {
		t->handle[p] = any_open(t->link->dlt, error);
		if (!t->handle[p]) {
			printf("skipped: no capture from all interfaces here: %s\n",
			       error);
			return false;
		}
	}
	return true;
}

static void close_handles(struct test *t)
{
	for (unsigned p = 0; p < PARTIES; p++)
		any_close(t->handle[p]);
}

int main(int argc, char **argv)
{
	static struct test t;

	if (setjmp(test_oom)) {
		printf("out of memory\n");
		return 1;
	}
	test_arena(&t.arena);
	if (!enter_namespace() || !lay_cable() || !open_socket(&t)) {
		printf("skipped: no network namespace of our own: %s\n", strerror(errno));
		return SKIPPED;
	}
	for (size_t i = 0; i < ARRAY_LEN(cooked); i++) {
		t.link = &cooked[i];
		t.rng = rng_seed(11);
		if (!open_handles(&t))
			return SKIPPED;
		for (size_t k = 0; k < ARRAY_LEN(own); k++)
			if (argc < 2)
				examine(&t, own[k]);
		if (argc > 1)
			examine(&t, argv[1]);
		else
			examine_vectors(&t);
		close_handles(&t);
	}
	printf("%u expressions, %u refused, %llu packets, %llu matched; %u as libpcap has "
	       "them; %u failures\n",
	       t.texts, t.refused, (unsigned long long)t.packets,
	       (unsigned long long)t.matched, t.as_libpcap, t.failures);
	return t.failures != 0;
}
