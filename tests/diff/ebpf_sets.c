/*
 * Open sets in the running kernel against closed ones: programs for XDP and tc that ask
 * maps decide about packets as the classic program does whose text has the items in a file.
 * The lists are then changed, one item at a time and as a whole, and asked again. At last,
 * programs run in two threads while lists are replaced: none may see parts of two.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <net/if.h>
#include <time.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "net/net.h"
#include "prove/prove.h"
#include "tests/diff/diff.h"

enum {
	SETS = 16,
	MOST_ITEMS = 40,
	PACKETS = 120, /* a version of the lists */
	SKIPPED = 77,
};

struct run {
	struct rng rng;
	uint64_t seed, rounds, torn, big;
	uint64_t programs, runs, pieces;
	unsigned failures;
	bool no_bpf;
};

/* --- lists --------------------------------------------------------------------------- */

/* The items of the sets that expressions name, as texts. */
enum list {
	HOSTS,
	NETS,
	PORTS,
	MACS,
	VLANS,
	LISTS
};
static const char *const list_names[LISTS] = { "hosts", "nets", "ports", "macs", "vlans" };

struct items {
	char text[LISTS][MOST_ITEMS][64];
	unsigned n[LISTS];
};

static uint32_t small(struct rng *rng, uint32_t n)
{
	return rng_below(rng, n);
}

/* Write an address of which there are few, so that packets have those of lists. */
static void address(struct rng *rng, bool six, char *out, size_t size)
{
	if (six)
		snprintf(out, size, "2001:db8:%x::%x:%x", small(rng, 3), small(rng, 3), small(rng, 9));
	else if (rng_one_in(rng, 12))
		snprintf(out, size, rng_one_in(rng, 2) ? "255.255.255.255" : "0.0.0.0");
	else
		snprintf(out, size, "10.%u.%u.%u", small(rng, 3), small(rng, 3), small(rng, 8));
}

/* Write a network around such an address, its host bits cleared. */
static void network(struct rng *rng, bool six, char *out, size_t size)
{
	static const char *const four[] = { "0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.0.0.4/30", "10.2.0.0/15", "255.0.0.0/8", "0.0.0.0/8", "10.0.0.6/31" };
	static const char *const sixes[] = { "::/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:2::1:0/112", "2001:db8:2::2:4/127", "ffff::/16", "::/16" };

	if (rng_one_in(rng, 3))
		address(rng, six, out, size);
	else if (six)
		snprintf(out, size, "%s", sixes[1 + small(rng, 6) - (rng_one_in(rng, 20) ? 1 : 0)]);
	else
		snprintf(out, size, "%s", four[1 + small(rng, 8) - (rng_one_in(rng, 20) ? 1 : 0)]);
}

static void draw_item(struct rng *rng, enum list list, char *out, size_t size)
{
	bool six = rng_one_in(rng, 2);
	uint32_t n;

	switch (list) {
	case HOSTS:
		address(rng, six, out, size);
		return;
	case NETS:
		network(rng, six, out, size);
		return;
	case PORTS:
	case VLANS:
		n = rng_one_in(rng, 8) ? list == PORTS ? 65530 : 4090 : 0;
		if (rng_one_in(rng, 4))
			snprintf(out, size, "%u-%u", n + small(rng, 3), n + 3 + small(rng, 3));
		else
			snprintf(out, size, "%u", n + small(rng, 6));
		return;
	case MACS:
		snprintf(out, size, "02:00:%02x:00:00:%02x", small(rng, 2), small(rng, 4));
		return;
	case LISTS:
		return;
	}
}

static void draw_items(struct rng *rng, struct items *out)
{
	for (enum list l = 0; l < LISTS; l++) {
		out->n[l] = rng_one_in(rng, 5) ? 0 : 1 + small(rng, rng_one_in(rng, 3) ? MOST_ITEMS : 5);
		for (unsigned i = 0; i < out->n[l]; i++)
			draw_item(rng, l, out->text[l][i], sizeof out->text[l][i]);
	}
}

/* Return the items of list L, one a line; free it. */
static char *lines(const struct items *items, enum list l, size_t *len)
{
	char *text = malloc(MOST_ITEMS * 65 + 1), *at = text;

	*at = '\0';
	for (unsigned i = 0; i < items->n[l]; i++)
		at += sprintf(at, "%s\n", items->text[l][i]);
	*len = (size_t)(at - text);
	return text;
}

/* What a closed text is compiled with: ITEMS of FAMILY (0: any) alone. */
struct closed {
	const struct items *items;
	int family;
};

/*
 * Give the items of the list called NAME, for weir_read_options.open_file; CTX is a struct
 * closed. An empty list would be an error, so it gets an item that no packet has.
 */
static int open_list(void *ctx, const char *name, const char *from, char **text, size_t *len)
{
	static const char *const never[LISTS] = { "192.0.2.99", "192.0.2.99", "50000", "02:ff:ff:ff:ff:ff", "4000" };
	const struct closed *c = ctx;
	struct items *some = calloc(1, sizeof *some);
	enum list l = 0;

	while (strcmp(list_names[l], name) != 0)
		l++;
	for (unsigned i = 0; i < c->items->n[l]; i++)
		if (!c->family || (l != HOSTS && l != NETS) ||
		    (strchr(c->items->text[l][i], ':') != NULL) == (c->family == 6))
			strcpy(some->text[l][some->n[l]++], c->items->text[l][i]);
	if (!some->n[l])
		strcpy(some->text[l][some->n[l]++], c->family == 6 ? "2001:db8:ffff::1" : never[l]);
	*text = lines(some, l, len);
	free(some);
	return 0;
}

/* Return the family of addresses that TEXT allows, 0 for both. */
static int family_of(const char *text)
{
	if (strstr(text, "ip6 "))
		return 6;
	return strstr(text, "ip ") || strstr(text, "arp ") ? 4 : 0;
}

/* --- packets --------------------------------------------------------------------------- */

struct packet_bytes {
	uint8_t b[160];
	uint32_t n, whole; /* bytes that are captured, and that there are */
};

static void put(struct packet_bytes *p, const void *bytes, size_t n)
{
	memcpy(p->b + p->n, bytes, n);
	p->n += (uint32_t)n;
}

static void put16(struct packet_bytes *p, uint32_t v)
{
	put(p, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

static void put_mac(struct rng *rng, struct packet_bytes *p)
{
	put(p, (uint8_t[]){ 2, 0, (uint8_t)small(rng, 2), 0, 0, (uint8_t)small(rng, 4) }, 6);
}

static void put_address(struct rng *rng, struct packet_bytes *p, bool six)
{
	static const uint8_t ends[2][4] = { { 0 }, { 255, 255, 255, 255 } };
	uint8_t b[16] = { 0x20, 1, 0x0d, 0xb8 };

	if (!six && rng_one_in(rng, 10)) {
		put(p, ends[small(rng, 2)], 4);
	} else if (!six) {
		put(p, (uint8_t[]){ 10, (uint8_t)small(rng, 3), (uint8_t)small(rng, 3), (uint8_t)small(rng, 8) }, 4);
	} else {
		b[5] = (uint8_t)small(rng, 3);
		b[13] = (uint8_t)small(rng, 3);
		b[15] = (uint8_t)small(rng, 9);
		if (rng_one_in(rng, 10))
			memset(b, rng_one_in(rng, 2) ? 255 : 0, 16);
		put(p, b, 16);
	}
}

static uint32_t draw_port(struct rng *rng)
{
	return small(rng, 7) + (rng_one_in(rng, 8) ? 65529 : 0);
}

static void put_ports(struct rng *rng, struct packet_bytes *p)
{
	put16(p, draw_port(rng));
	put16(p, draw_port(rng));
	put(p, (uint8_t[16]){ 0 }, 16);
}

static void put_ip4(struct rng *rng, struct packet_bytes *p)
{
	static const uint8_t protocols[] = { 6, 17, 132, 1 };
	unsigned words = 5 + (rng_one_in(rng, 4) ? small(rng, 4) : 0);

	put(p, (uint8_t[]){ (uint8_t)(0x40 | words), 0, 0, 60, 0, 1 }, 6);
	put16(p, rng_one_in(rng, 10) ? 0x2001 : 0);
	put(p, (uint8_t[]){ 64, protocols[small(rng, 4)], 0, 0 }, 4);
	put_address(rng, p, false);
	put_address(rng, p, false);
	put(p, (uint8_t[16]){ 1 }, 4 * (words - 5));
	put_ports(rng, p);
}

static void put_ip6(struct rng *rng, struct packet_bytes *p)
{
	static const uint8_t protocols[] = { 6, 17, 132, 58 };

	put(p, (uint8_t[]){ 0x60, 0, 0, 0, 0, 40, protocols[small(rng, 4)], 64 }, 8);
	put_address(rng, p, true);
	put_address(rng, p, true);
	put_ports(rng, p);
}

static void put_arp(struct rng *rng, struct packet_bytes *p)
{
	put(p, (uint8_t[]){ 0, 1, 8, 0, 6, 4, 0, 1 }, 8);
	put_mac(rng, p);
	put_address(rng, p, false);
	put_mac(rng, p);
	put_address(rng, p, false);
}

static void draw_packet(struct rng *rng, struct packet_bytes *p)
{
	unsigned what = small(rng, 8);

	p->n = 0;
	put_mac(rng, p);
	put_mac(rng, p);
	if (rng_one_in(rng, 3)) {
		put16(p, 0x8100);
		put16(p, small(rng, 8) << 13 | (small(rng, 7) + (rng_one_in(rng, 8) ? 4089 : 0)));
	}
	put16(p, what < 3 ? 0x800 : what < 6 ? 0x86dd
	                    : what == 6      ? 0x806
	                                     : 0x1234);
	if (what < 3)
		put_ip4(rng, p);
	else if (what < 6)
		put_ip6(rng, p);
	else if (what == 6)
		put_arp(rng, p);
	p->whole = p->n;
	if (rng_one_in(rng, 6))
		p->n = 14 + small(rng, p->n - 13);
}

/* --- programs ------------------------------------------------------------------------------ */

static const char *const texts[] = {
	"host in @hosts",
	"src host in @hosts",
	"dst host in @hosts",
	"src host in @hosts and dst host in @hosts",
	"not host in @hosts",
	"ip host in @hosts",
	"ip6 host in @hosts",
	"ip6 src host in @hosts",
	"arp host in @hosts",
	"net in @nets",
	"src net in @nets",
	"not dst net in @nets",
	"src net in @nets and dst net in @nets",
	"ip6 net in @nets",
	"ip net in @nets and not net 10.1.0.0/16",
	"port in @ports",
	"tcp src port in @ports",
	"udp dst port in @ports or host in @hosts",
	"ether host in @macs",
	"ether src host in @macs and not host in @hosts",
	"vlan in @vlans",
	"vlan in @vlans and host in @hosts",
	"vlan and net in @nets",
	"host in @hosts and not host 10.0.0.2",
	"host 10.0.0.2 or not host in @hosts",
	"host in @hosts or net in @nets or port in @ports",
	"net in @nets and port {1, 2} and not ether dst host in @macs",
	"(src host in @hosts and dst port in @ports) or (dst host in @hosts and src port in @ports)",
	"src host in @hosts and dst net in @nets and tcp",
	"host in @hosts and host in @hosts and len > 40",
};

/* A text in both forms. */
struct pair {
	const char *text;
	enum weir_level level;
	struct weir_ebpf *ebpf;
	int fd;
	bool xdp;
	struct net_set sets[SETS];
	unsigned nsets;
};

static void say(void *ctx, const struct weir_diag *d)
{
	if (d->severity == WEIR_ERROR)
		fprintf(stderr, "%s\n", d->message);
}

static struct weir_expression_options options(struct weir_read_options *r,
                                              struct closed *closed,
                                              const struct weir_set_given *given)
{
	*r = (struct weir_read_options){
		.size = sizeof *r,
		.open_file = open_list,
		.ctx = closed,
		.diag = say,
	};
	return (struct weir_expression_options){
		.size = sizeof(struct weir_expression_options),
		.read = r,
		.open_sets = !closed,
		.sets = given,
		.nsets = given ? LISTS : 0,
		.capacity = 64,
	};
}

/* Compile TEXT; with ITEMS to a program that has them. NULL: it matches nothing. */
static struct weir_program *compile(const char *text, enum weir_level level,
                                    const struct items *items)
{
	struct weir_set_given given[LISTS] = { { 0 } };
	struct weir_compile_options c = { .size = sizeof c, .level = level };
	struct closed closed = { items, family_of(text) };
	struct weir_read_options r;
	struct weir_expression_options o;
	struct weir_expression *e;
	struct weir_program *p = NULL;

	for (enum list l = 0; l < LISTS; l++)
		given[l] = (struct weir_set_given){ .name = list_names[l], .file = list_names[l] };
	o = options(&r, items ? &closed : NULL, items ? given : NULL);
	c.destination = items ? WEIR_FOR_DEFAULT : WEIR_FOR_EBPF;
	if (weir_expression_read(&e, text, strlen(text), &o))
		return NULL;
	if (weir_expression_compile(&p, e, &c))
		p = NULL;
	weir_expression_free(e);
	return p;
}

static int load(const struct pair *p)
{
	static char log[1 << 20];
	size_t n;
	const struct weir_ebpf_insn *from = weir_ebpf_insns(p->ebpf, &n);
	struct bpf_insn *insns = calloc(n, sizeof *insns);
	struct kernel_program program = {
		.type = p->xdp ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_SCHED_CLS,
		.flags = p->xdp ? BPF_F_XDP_HAS_FRAGS : 0,
		.insns = insns,
		.n = n,
	};
	int fd;

	for (size_t i = 0; i < n; i++) {
		bool set = from[i].code == 0x18 && from[i].src == BPF_PSEUDO_MAP_FD;

		insns[i].code = from[i].code;
		insns[i].dst_reg = from[i].dst & 15;
		insns[i].src_reg = from[i].src & 15;
		insns[i].off = from[i].off;
		insns[i].imm = set ? p->sets[from[i].imm].now : from[i].imm;
	}
	fd = kernel_program_load(&program);
	if (fd < 0 && fd != -EPERM) {
		program.log = log;
		program.log_size = sizeof log;
		kernel_program_load(&program);
		printf("%s: not loaded: %s\n%s\n", p->text, strerror(-fd),
		       log + (strlen(log) > 1500 ? strlen(log) - 1500 : 0));
	}
	free(insns);
	return fd;
}

/* Make P's maps, empty, and load it; false after a message. */
static bool open_pair(struct run *r, struct pair *p)
{
	struct weir_ebpf_options o = {
		.size = sizeof o,
		.form = p->xdp ? WEIR_EBPF_XDP : WEIR_EBPF_TC,
		.count = rng_one_in(&r->rng, 3),
		.diag = say,
	};
	struct weir_program *program = compile(p->text, p->level, NULL);
	struct weir_set s = { .size = sizeof s };
	struct net_error e;
	int err;

	err = program ? weir_ebpf_new(&p->ebpf, program, &o) : -EINVAL;
	weir_program_free(program);
	p->fd = err ? err : 0;
	for (p->nsets = 0; !err && weir_ebpf_set(p->ebpf, p->nsets, &s) == 0; p->nsets++) {
		err = net_set_new(&s, NULL, &p->sets[p->nsets], &e);
		if (err)
			break;
	}
	if (!err)
		err = p->fd = load(p);
	if (err == -EPERM)
		r->no_bpf = true;
	else if (err < 0)
		printf("%s: %s\n", p->text, strerror(-err));
	r->failures += err < 0;
	return err >= 0;
}

static void close_pair(struct pair *p)
{
	for (unsigned i = 0; i < p->nsets; i++)
		net_set_close(&p->sets[i]);
	weir_ebpf_free(p->ebpf);
	if (p->fd > 0)
		close(p->fd);
}

/* --- changing --------------------------------------------------------------------------------- */

static enum list list_of(const struct net_set *s)
{
	enum list l = 0;

	while (strcmp(list_names[l], s->name) != 0)
		l++;
	return l;
}

/* Return a bit for each kind that P has of the set called as S is. */
static unsigned kinds_of(const struct pair *p, const struct net_set *s)
{
	unsigned kinds = 0;

	for (unsigned i = 0; i < p->nsets; i++)
		if (!strcmp(p->sets[i].name, s->name))
			kinds |= 1u << p->sets[i].kind;
	/* Those that the expression does not ask about are left out below. */
	if (list_of(s) == HOSTS)
		kinds |= 1u << WEIR_SET_IP4 | 1u << WEIR_SET_IP6;
	if (list_of(s) == NETS)
		kinds |= 1u << WEIR_SET_NET4 | 1u << WEIR_SET_NET6;
	return kinds;
}

static struct weir_items *read_text(const struct pair *p, const struct net_set *s,
                                    const char *text, size_t len)
{
	struct weir_read_options o = { .size = sizeof o, .diag = say };
	struct weir_items *items = NULL;

	weir_items_read(&items, text, len, kinds_of(p, s), &o);
	return items;
}

/* Let P's sets have ITEMS, at once; false after a message. */
static bool replace_all(struct pair *p, const struct items *items)
{
	bool ok = true;

	for (unsigned i = 0; i < p->nsets && ok; i++) {
		struct net_set *s = &p->sets[i];
		struct weir_items *these;
		struct net_error e = { "no items" };
		size_t len;
		char *text = lines(items, list_of(s), &len);

		these = read_text(p, s, text, len);
		free(text);
		ok = these && !net_set_replace(s, these, &e);
		weir_items_free(these);
		if (!ok)
			printf("%s: %s\n", p->text, e.text);
	}
	return ok;
}

/* Add one item to a list of ITEMS and of P, or take one out. */
static bool change_one(struct run *r, struct pair *p, struct items *items)
{
	unsigned i = small(&r->rng, p->nsets);
	enum list l = list_of(&p->sets[i]);
	bool adds = !items->n[l] || (items->n[l] < MOST_ITEMS && rng_one_in(&r->rng, 2));
	struct weir_items *one;
	char text[64];
	bool ok = true;

	if (adds) {
		draw_item(&r->rng, l, text, sizeof text);
		strcpy(items->text[l][items->n[l]++], text);
	} else {
		unsigned at = small(&r->rng, items->n[l]);

		strcpy(text, items->text[l][at]);
		/* Ranges overlap in a hash: the rest of the list comes back below. */
		for (unsigned k = 0; k < items->n[l];) {
			if (strcmp(items->text[l][k], text) == 0)
				strcpy(items->text[l][k], items->text[l][--items->n[l]]);
			else
				k++;
		}
	}
	for (unsigned k = 0; k < p->nsets && ok; k++) {
		struct net_set *s = &p->sets[k];
		struct net_error e = { "no items" };
		size_t missed, len;
		char *all;

		if (list_of(s) != l)
			continue;
		one = read_text(p, s, text, strlen(text));
		ok = one && !(adds ? net_set_add(s, one, &e) : net_set_remove(s, one, &missed, &e));
		weir_items_free(one);
		if (ok && !adds) {
			all = lines(items, l, &len);
			one = read_text(p, s, all, len);
			free(all);
			ok = one && !net_set_add(s, one, &e);
			weir_items_free(one);
		}
		if (!ok)
			printf("%s: %s\n", p->text, e.text);
	}
	return ok;
}

/* --- comparing --------------------------------------------------------------------------------- */

static bool run_packet(int fd, bool xdp, const struct packet_bytes *p, uint32_t linear,
                       uint32_t *result)
{
	union bpf_attr attr = { .test = { .prog_fd = (uint32_t)fd } };
	struct xdp_md context = { .data_end = linear };
	bool ok;

	attr.test.data_in = (uintptr_t)p->b;
	attr.test.data_size_in = p->n;
	if (xdp && linear < p->n) {
		attr.test.ctx_in = (uintptr_t)&context;
		attr.test.ctx_size_in = sizeof context;
	}
	ok = syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof attr) == 0;
	*result = attr.test.retval;
	return ok;
}

/*
 * Tell whether GOT is what CLOSED may return for a packet that ends too early: 0, or what it
 * returns for the whole one.
 */
static bool may_be(const struct weir_program *closed, const struct packet_bytes *p, uint32_t got)
{
	struct weir_data data = { .size = sizeof data, .bytes = p->b, .captured = p->whole };
	uint32_t want;

	return !got || (!weir_program_run(closed, &data, &want) && want == got);
}

static void compare_packets(struct run *r, struct pair *p, const struct items *items)
{
	struct weir_program *closed = compile(p->text, WEIR_O0, items);

	for (unsigned i = 0; closed && i < PACKETS && r->failures < 5; i++) {
		struct packet_bytes packet;
		struct weir_data data = { .size = sizeof data };
		uint32_t want, got, linear;

		draw_packet(&r->rng, &packet);
		data.bytes = packet.b;
		data.captured = packet.n;
		linear = rng_one_in(&r->rng, 3) ? 14 + small(&r->rng, packet.n - 13) : packet.n;
		if (weir_program_run(closed, &data, &want) ||
		    !run_packet(p->fd, p->xdp, &packet, linear, &got))
			continue;
		r->runs++;
		r->pieces += p->xdp && linear < packet.n;
		if (want == got || (packet.n < packet.whole && may_be(closed, &packet, got)))
			continue;
		r->failures++;
		printf("%s, %s, level %d: should be %#x, is %#x, %u bytes linear, on ", p->text,
		       p->xdp ? "XDP" : "tc", (int)p->level, want, got, linear);
		for (uint32_t k = 0; k < packet.n; k++)
			printf("%02x", packet.b[k]);
		for (enum list l = 0; l < LISTS; l++)
			for (unsigned k = 0; k < items->n[l]; k++)
				printf("%s %s", k ? "" : list_names[l], items->text[l][k]);
		putchar('\n');
	}
	weir_program_free(closed);
}

static void try_text(struct run *r, const char *text)
{
	static const enum weir_level levels[] = { WEIR_O0, WEIR_O1, WEIR_O2, WEIR_O3, WEIR_OS };
	struct pair p = {
		.text = text,
		.level = levels[small(&r->rng, ARRAY_LEN(levels))],
		.xdp = rng_one_in(&r->rng, 2),
	};
	static struct items items;

	if (open_pair(r, &p)) {
		r->programs++;
		for (unsigned version = 0; version < 3 && r->failures < 5; version++) {
			draw_items(&r->rng, &items);
			r->failures += !replace_all(&p, &items);
			for (unsigned change = 0; change < 3 && r->failures < 5; change++) {
				compare_packets(r, &p, &items);
				r->failures += !change_one(r, &p, &items);
			}
		}
	}
	close_pair(&p);
}

/* --- replaced under traffic ----------------------------------------------------------------------- */

/* What a thread runs, until it is told to stop. */
struct traffic {
	int program;
	struct packet_bytes packet;
	uint64_t repeat;
	atomic_bool *stop;
	bool failed;
};

static void *traffic(void *arg)
{
	struct traffic *t = arg;
	uint8_t out[256];

	while (!atomic_load(t->stop)) {
		union bpf_attr attr = { .test = { .prog_fd = (uint32_t)t->program } };

		attr.test.data_in = (uintptr_t)t->packet.b;
		attr.test.data_size_in = t->packet.n;
		attr.test.data_out = (uintptr_t)out;
		attr.test.data_size_out = sizeof out;
		attr.test.repeat = (uint32_t)t->repeat;
		if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof attr) && errno != EINTR) {
			t->failed = true;
			return NULL;
		}
	}
	return NULL;
}

/* Bring lo up in a network namespace of our own. */
static bool own_lo(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s;

	if (unshare(CLONE_NEWNET))
		return false;
	s = socket(AF_INET, SOCK_DGRAM, 0);
	ioctl(s, SIOCSIFFLAGS, &lo);
	close(s);
	return true;
}

/* Attach TEXT, whose set is "hosts" or "nets", with lists of 1 item; false after a message. */
static bool attach_text(const char *text, struct weir_ebpf **ebpf, struct net_set *set,
                        struct net_hooked *h)
{
	struct weir_ebpf_options o = { .size = sizeof o, .form = WEIR_EBPF_XDP, .diag = say };
	struct weir_program *program = compile(text, WEIR_O2, NULL);
	struct weir_set s = { .size = sizeof s };
	struct net_hook hook = { .place = NET_XDP, .target = "lo", .text = text };
	struct net_error e = { "" };

	if (!program || weir_ebpf_new(ebpf, program, &o) || weir_ebpf_set(*ebpf, 0, &s) ||
	    net_set_new(&s, NULL, set, &e)) {
		printf("%s: %s\n", text, e.text);
		weir_program_free(program);
		return false;
	}
	weir_program_free(program);
	hook.filter = *ebpf;
	hook.sets = &set->now;
	if (net_hook_attach(&hook, h, &e) == 0)
		return true;
	printf("%s: %s\n", text, e.text);
	return false;
}

/*
 * Run packets from A to B while the set is {A} and {B} in turns, COUNT of them: a program
 * that sees one version answers yes, one that asks two versions may answer no.
 */
static void replace_under_traffic(struct run *r, const char *text, const char *a, const char *b,
                                  bool six)
{
	struct weir_ebpf *ebpf = NULL;
	struct net_set set;
	struct net_hooked h;
	struct net_hook_state state = { 0 };
	struct weir_items *lists[2] = { NULL };
	unsigned kind = six                   ? strstr(text, "net") ? WEIR_SET_NET6 : WEIR_SET_IP6
	                : strstr(text, "net") ? WEIR_SET_NET4
	                                      : WEIR_SET_IP4;
	atomic_bool stop = false;
	struct traffic t[2] = { { 0 } };
	pthread_t thread[2];
	struct net_error e;
	uint64_t swaps = 0;

	if (!attach_text(text, &ebpf, &set, &h)) {
		r->failures++;
		return;
	}
	weir_items_read(&lists[0], a, strlen(a), 1u << kind, NULL);
	weir_items_read(&lists[1], b, strlen(b), 1u << kind, NULL);
	net_set_replace(&set, lists[0], &e);
	net_hook_ask(&h, &state);
	for (unsigned i = 0; i < 2; i++) {
		struct packet_bytes *p = &t[i].packet;

		t[i].program = kernel_program_open(state.id);
		t[i].repeat = 50000;
		t[i].stop = &stop;
		put(p, (uint8_t[12]){ 2 }, 12);
		put16(p, six ? 0x86dd : 0x800);
		if (six)
			put(p, (uint8_t[]){ 0x60, 0, 0, 0, 0, 20, 59, 64 }, 8);
		else
			put(p, (uint8_t[]){ 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 59, 0, 0 }, 12);
		for (unsigned k = 0; k < 2; k++) {
			size_t n, size = weir_item_size(kind);
			const char *bytes = weir_items_of(lists[k], kind, &n);
			size_t address = six ? 16 : 4;

			put(p, bytes + size - address, address);
		}
		put(p, (uint8_t[20]){ 0 }, 20);
		pthread_create(&thread[i], NULL, traffic, &t[i]);
	}
	do {
		net_set_replace(&set, lists[++swaps & 1], &e);
		net_hook_ask(&h, &state);
	} while ((state.seen < r->torn || swaps < 20) && !t[0].failed && !t[1].failed);
	atomic_store(&stop, true);
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		close(t[i].program);
	}
	net_hook_ask(&h, &state);
	printf("%s: %" PRIu64 " packets, %" PRIu64 " lists, %" PRIu64 " answers from two lists\n",
	       text, state.seen, swaps, state.seen - state.matched);
	r->failures += state.seen != state.matched || t[0].failed || t[1].failed;
	weir_items_free(lists[0]);
	weir_items_free(lists[1]);
	net_hook_close(&h);
	net_set_close(&set);
	weir_ebpf_free(ebpf);
}

/* --- large lists --------------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Make a set of KIND with r->big items, see that all are in it, and say how long it took. */
static void fill_large(struct run *r, enum weir_set_kind kind)
{
	bool six = kind == WEIR_SET_IP6 || kind == WEIR_SET_NET6;
	bool net = kind == WEIR_SET_NET4 || kind == WEIR_SET_NET6;
	struct weir_set s = {
		.size = sizeof s,
		.name = "large",
		.kind = kind,
		.capacity = (uint32_t)r->big,
	};
	char *text = malloc(r->big * 40 + 1), *at = text;
	struct weir_items *items = NULL;
	struct net_set set;
	struct net_error e = { "no items" };
	double start, read, filled;
	size_t n = 0;

	*at = '\0';
	for (uint32_t i = 0; i < r->big; i++) {
		uint32_t a = i * 2654435761u;

		if (six)
			at += sprintf(at, "2001:db8:%x:%x::%s\n", a >> 16, a & 0xffff, net ? "/64" : "1");
		else
			at += sprintf(at, "%u.%u.%u.%u%s\n", a >> 24, a >> 16 & 255, a >> 8 & 255, net ? a & 254 : a & 255, net ? "/31" : "");
	}
	start = now();
	weir_items_read(&items, text, (size_t)(at - text), 1u << kind, NULL);
	read = now();
	if (!items || net_set_new(&s, items, &set, &e)) {
		printf("%s: %s\n", weir_set_kind_name(kind), e.text);
		r->failures++;
	} else {
		filled = now();
		net_set_each(&set, NULL, NULL, &n, &e);
		printf("%s: %zu items read in %.3f s, filled in %.3f s\n", weir_set_kind_name(kind), n,
		       read - start, filled - read);
		r->failures += n != r->big;
		net_set_close(&set);
	}
	weir_items_free(items);
	free(text);
}

static int compare(void *ctx)
{
	struct run *r = ctx;

	r->rng = rng_seed(r->seed);
	printf("seed %" PRIu64 "\n", r->seed);
	for (uint64_t round = 0; round < r->rounds && !r->no_bpf; round++)
		for (size_t i = 0; i < ARRAY_LEN(texts) && r->failures < 5 && !r->no_bpf; i++)
			try_text(r, texts[i]);
	if (r->no_bpf || !own_lo()) {
		printf("skipped: bpf(2) makes no maps for us here\n");
		return SKIPPED;
	}
	replace_under_traffic(r, "ip host in @hosts", "10.0.0.1", "10.0.0.2", false);
	replace_under_traffic(r, "ip net in @nets", "10.0.0.1", "10.0.0.2", false);
	replace_under_traffic(r, "ip6 host in @hosts", "2001:db8::1", "2001:db8::2", true);
	replace_under_traffic(r, "ip6 net in @nets", "2001:db8::1", "2001:db8::2", true);
	fill_large(r, WEIR_SET_IP4);
	fill_large(r, WEIR_SET_NET4);
	fill_large(r, WEIR_SET_IP6);
	fill_large(r, WEIR_SET_NET6);
	printf("%" PRIu64 " programs, %" PRIu64 " runs, %" PRIu64 " on packets in pieces; %u failures\n",
	       r->programs, r->runs, r->pieces, r->failures);
	return r->failures != 0;
}

int main(int argc, char **argv)
{
	static struct run run = { .rounds = 4, .torn = 2000000, .big = 100000 };
	const struct driver_option how[] = {
		{ "seed", "N", DRIVER_NUMBER, &run.seed, "begin with this seed" },
		{ "rounds", "N", DRIVER_NUMBER, &run.rounds, "over all expressions" },
		{ "packets", "N", DRIVER_NUMBER, &run.torn, "while lists are replaced" },
		{ "items", "N", DRIVER_NUMBER, &run.big, "of large lists" },
		{ 0 },
	};

	run.seed = seed_of_today();
	return driver_main(&(struct driver){ "ebpf_sets", how, compare, &run }, argv);
}
