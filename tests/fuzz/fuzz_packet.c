/*
 * Any bytes as a packet expression: it is refused with a message, or becomes a
 * graph that keeps the rules, and a program that decides what the graph does.
 * The first byte chooses link type and options.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "back.h"
#include "fuzz.h"
#include "packet/packet.h"

/* Link types that differ most; the first byte of an input chooses. */
static const char *const links[] = {
	"EN10MB",
	"IEEE802_11",
	"IEEE802_11_RADIO",
	"PRISM_HEADER",
	"PPI",
	"RAW",
	"IPV4",
	"PPP",
	"PPP_BSDOS",
	"LINUX_SLL",
	"LINUX_SLL2",
	"SUNATM",
	"MTP2",
	"PFLOG",
	"C_HDLC",
	"ARCNET",
	"NULL",
	"ENC",
	"FRELAY",
	"LTALK",
	"FDDI",
	"IPNET",
	"JUNIPER_ES",
	"JUNIPER_ETHER",
	"NETANALYZER",
	"DSA_TAG_DSA",
	"BACNET_MS_TP",
	"USB_LINUX",
	"MFR",
	"ATM_CLIP",
};
enum {
	HAVE_NETMASK = 0x20,
	LIVE = 0x40,
	EXPLAIN = 0x80
};

#define SEED(choice, text) FUZZ_TEXT(choice text)

const struct fuzz_seed fuzz_seeds[] = {
	SEED("\x20", "tcp port 80 or ip broadcast"),
	SEED("\x00", "host {10.0.0.1, 2001:db8::1, www} or not (src net 10/8 and port {80, 8000-8100})"),
	SEED("\x40", "vlan {1-5} and vlan and (ip6 or arp) and pppoes 7 and ip[0] & 0xf = 5"),
	SEED("\x80", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and len % 8 ^ 3 < - 1"),
	SEED("\x00", "geneve 5 and vxlan and mpls 1 and tcp"),
	SEED("\x02", "vxlan and radio[0] = 1 and pppoes and ip[len - 5:2] = tcp[0]"),
	SEED("\x01", "wlan addr4 1:2:3:4:5:6 or type mgt subtype beacon or dir fromds or llc rnr"),
	SEED("\x0f", "host in \"list\" or ether host $1f or decnet host 1.2 or isis or l1"),
	SEED("\x0b", "vpi (1 or 2) and lane or connectmsg"),
	SEED("\x0c", "hopc > 5 or (sio 1 or 2) or lssu"),
	SEED("\x0d", "reason match or action drop or on em0 or ip protochain \\tcp"),
	SEED("\xc0", "ether proto \\ip and gateway www or byte 3 | 4 or less 5 or inbound"),
	{ NULL, 0 },
};

/* What no text may do. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

static int resolve(void *ctx, enum packet_name_kind kind, const char *name,
                   struct packet_resolved *out)
{
	if (!strcmp(name, "broken"))
		return -EIO;
	if (strcmp(name, "www") != 0)
		return -ENOENT;
	*out = (struct packet_resolved){
		.n = 2,
		.address = { { 6, { 1, 2 } }, { 4, { 1, 2, 3, 4 } } },
		.number = 80,
		.mac = { 1, 2, 3, 4, 5, 6 },
	};
	return 0;
}

static int open_file(void *ctx, const char *name, const char *from, const char **text,
                     size_t *len)
{
	static const char list[] = "# a list\n10.0.0.1\n10.0.0.2 # second\n";

	*text = list;
	*len = sizeof list - 1;
	return strcmp(name, "list") ? -ENOENT : 0;
}

static unsigned said;

static void count(void *ctx, const struct diags *d, const struct diag *one)
{
	struct buf out = { .arena = d->arena };

	diag_render(&out, d, one);
	said += one->severity == DIAG_ERROR;
}

/* The graph as it is and optimized are one decision. */
static void finish(struct arena *a, struct ir_graph *g, uint32_t hash)
{
	static const struct gen_options plain;
	struct gen_code r, p;

	if (gen_program(g, &plain, a, &r) && fuzz_back(g, a, hash, CBPF_SOCKET, &p))
		fuzz_packets(&r, &p, hash);
}

static void compile(struct arena *a, const char *text, size_t size, uint8_t choice)
{
	struct diags d = { .arena = a, .emit = count };
	struct ir_graph *g = ir_graph(a, &ir_input_packet);
	const char *name = links[choice % HAVE_NETMASK % ARRAY_LEN(links)];
	const struct packet_linktype *link = packet_linktype_named(name, strlen(name));
	struct packet_options o = {
		.linktype = link->dlt,
		.snaplen = 1000,
		.netmask = 0xffffff,
		.have_netmask = choice & HAVE_NETMASK,
		.live = choice & LIVE,
		.resolve = resolve,
		.open_file = open_file,
		.depth = 3,
	};
	uint32_t source = diag_source(&d, "fuzz", text, size);
	struct buf explained = { .arena = a };
	const struct tree *tree;

	o.verbose = choice & EXPLAIN;
	said = 0;
	if (packet_read(g, &d, source, &o, &tree) && choice & EXPLAIN)
		packet_explain(&explained, a, &d, tree);
	must(g->root ? !said && !ir_verify(g, a) : said != 0);
	if (g->root)
		finish(a, g, fuzz_hash((const uint8_t *)text, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	jmp_buf oom;
	struct arena a = { .oom = &oom };

	if (setjmp(oom)) {
		arena_free(&a);
		return 0;
	}
	if (size)
		compile(&a, (const char *)data + 1, size - 1, data[0]);
	arena_free(&a);
	return 0;
}
