/* packet: expressions become trees, and graphs that mean what libpcap's programs mean. */
#include "graphs.h"

#include <stdio.h>
#include <stdlib.h>

#include "packet/packet.h"

enum {
	EN10MB = 1,
	RAW = 12,
	PPP = 9,
	SLL = 113,
	SLL2 = 276,
	WLAN = 105,
	IPV4 = 228
};

/* What a compilation said, and its graph. */
struct compiled {
	struct diags diags;
	struct ir_graph *graph;
	const struct ir_node *root;
	struct buf said;
};

static void keep(void *ctx, const struct diags *d, const struct diag *one)
{
	diag_render(&((struct compiled *)ctx)->said, d, one);
}

static void compile_len(struct arena *a, struct compiled *c, const char *text, size_t len,
                        const struct packet_options *o)
{
	uint32_t source;

	*c = (struct compiled){ .diags = { .arena = a, .emit = keep, .ctx = c },
		                .said = { .arena = a } };
	source = diag_source(&c->diags, "expression", text, len);
	c->graph = ir_graph(a, &ir_input_packet);
	packet_read(c->graph, &c->diags, source, o, NULL);
	c->root = c->graph->root;
	assert_int_equal(c->root == NULL, c->diags.errors != 0);
	if (c->root)
		assert_null(ir_verify(c->graph, a));
}

static void compile(struct arena *a, struct compiled *c, const char *text, int linktype)
{
	struct packet_options o = { .linktype = linktype, .snaplen = 1 };

	compile_len(a, c, text, strlen(text), &o);
}

/* The nodes that the graph of TEXT has. */
static uint32_t size_of(const char *text, int linktype)
{
	TEST_ARENA(a);
	struct compiled c;
	uint32_t n;

	compile(&a, &c, text, linktype);
	if (!c.root)
		fail_msg("%s: %s", text, buf_str(&c.said));
	n = ir_postorder(&a, c.graph, c.root).n;
	arena_free(&a);
	return n;
}

static void accepted(const char *text, int linktype)
{
	assert_int_not_equal(size_of(text, linktype), 0);
}

/* It is refused, and the message has PART in it. */
static void refused(const char *text, int linktype, const char *part)
{
	TEST_ARENA(a);
	struct compiled c;

	compile(&a, &c, text, linktype);
	if (c.root)
		fail_msg("'%s' was accepted", text);
	if (!strstr(buf_str(&c.said), part))
		fail_msg("'%s': no '%s' in: %s", text, part, buf_str(&c.said));
	arena_free(&a);
}

/* Both texts give the same graph, not just equal ones. */
static void same(const char *one, const char *other, int linktype)
{
	TEST_ARENA(a);
	struct compiled c, d;

	compile(&a, &c, one, linktype);
	compile(&a, &d, other, linktype);
	if (!c.root || !d.root)
		fail_msg("'%s', '%s': %s%s", one, other, buf_str(&c.said), buf_str(&d.said));
	assert_string_equal(normal(&a, c.graph), normal(&a, d.graph));
	arena_free(&a);
}

static void an_empty_text_matches_everything(void **state)
{
	assert_int_equal(size_of("", EN10MB), 1);
	assert_int_equal(size_of(" \n\t", EN10MB), 1);
}

static void and_and_or_bind_alike(void **state)
{
	same("tcp or ip6 and port 53", "(tcp or ip6) and port 53", EN10MB);
	same("arp and ip or ip6", "(arp and ip) or ip6", EN10MB);
}

static void not_binds_the_next_term_only(void **state)
{
	same("not port 80 or arp", "(not port 80) or arp", EN10MB);
	same("! ip[0] = 1 and arp", "(not (ip[0] = 1)) and arp", EN10MB);
}

static void arithmetic_has_its_precedence(void **state)
{
	same("ip[0] & 0xf = 5", "(ip[0] & 0xf) == 5", EN10MB);
	same("len + 2 * 3 << 1 = 1 | 2 & 3", "((len + (2 * 3)) << 1) = (1 | (2 & 3))", EN10MB);
	same("len - 1 - 2 = 3", "(len - 1) - 2 = 3", EN10MB);
	same("- len + 1 = 2", "(- len) + 1 = 2", EN10MB);
}

static void percent_and_caret_swallow_what_follows(void **state)
{
	same("7 ^ 1 & 1 = 0", "7 ^ (1 & 1) = 0", EN10MB);
	same("len % 8 + 1 = 0", "len % (8 + 1) = 0", EN10MB);
	same("2 * len % 8 = 0", "2 * (len % 8) = 0", EN10MB);
	same("- len % 8 = 0", "- (len % 8) = 0", EN10MB);
}

static void qualifiers_are_inherited(void **state)
{
	same("tcp dst port 21 or 20 or 53", "tcp dst port 21 or tcp dst port 20 or tcp dst port 53",
	     EN10MB);
	same("host (1.2.3.4 or 1.2.3.5)", "host 1.2.3.4 or host 1.2.3.5", EN10MB);
	same("port not 80", "not port 80", EN10MB);
	same("port 80 and (host 1.2.3.4) or 443", "port 80 and (host 1.2.3.4) or port 443", EN10MB);
	same("src or dst port 53", "port 53", EN10MB);
	refused("(port 80) or 443", EN10MB, "needs a qualifier");
	refused("tcp or 443", EN10MB, "needs a qualifier");
	refused("1.2.3.4", EN10MB, "host 1.2.3.4");
	refused("(src or dst) port 53", EN10MB, "expected");
	refused("port ((80 or 90))", EN10MB, "parenthes");
	accepted("port (100 or (80 or 90))", EN10MB);
	refused("port ((80 or 90) or 100)", EN10MB, "parenthes");
}

static void numbers_and_addresses_have_their_shapes(void **state)
{
	same("host 1", "host 0.0.0.1", EN10MB);
	same("net 10", "net 10.0.0.0/8", EN10MB);
	same("host 1.2.3", "net 1.2.3.0/24", EN10MB);
	same("net 10.0/8", "net 10.0.0.0 mask 255.0.0.0", EN10MB);
	same("port 0x50", "port 0120", EN10MB);
	same("ether host 1:2:3:4:5:6", "ether host 01-02-03-04-05-06", EN10MB);
	same("ether host 0102.0304.0506", "ether host 010203040506", EN10MB);
	same("ether host 1.2.3.4.5.6", "ether host 1:2:3:4:5:6", EN10MB);
	refused("net 10/8", EN10MB, "10.0/8");
	refused("port 000000000080", EN10MB, "MAC");
	refused("host 1.2.3.256", EN10MB, "255");
	refused("port 08", EN10MB, "octal");
	refused("port 4294967296", EN10MB, "32 bits");
	refused("net 10.1.2.3/8", EN10MB, "10.0.0.0");
	refused("host 1:2:3:", EN10MB, "neither");
	refused("len-4 = 1", EN10MB, "spaces");
	refused("tcp[12-1] = 1", EN10MB, "spaces");
}

static void names_are_escaped_and_suggested(void **state)
{
	same("ip proto \\tcp", "ip proto 6", EN10MB);
	same("ether proto \\ip", "ip", EN10MB);
	accepted("ether proto lldp", EN10MB);
	refused("ip proto tcp", EN10MB, "\\tcp");
	refused("tpc port 80", EN10MB, "did you mean 'tcp'");
	refused("TCP", EN10MB, "did you mean 'tcp'");
	refused("host example.com", EN10MB, "looking up");
}

static void sets_are_what_their_chains_are(void **state)
{
	same("port {80, 443}", "port 80 or port 443", EN10MB);
	same("port {80, 8000-8100}", "port 80 or portrange 8000-8100", EN10MB);
	same("src host {1.2.3.4, ::1, 1.2.3.5}", "src host 1.2.3.4 or src host ::1 or src host 1.2.3.5",
	     EN10MB);
	same("proto {6, 17}", "tcp or udp", EN10MB);
	same("vlan {5}", "vlan 5", EN10MB);
	same("net {10.0.0.0/8, 172.16.0.0/12}", "net 10.0/8 or net 172.16/12", EN10MB);
	same("not host 1.2.3.4 and not host 1.2.3.5", "not host {1.2.3.4, 1.2.3.5}", EN10MB);
	refused("port {}", EN10MB, "empty");
	refused("port {80", EN10MB, "unmatched '{'");
	refused("port {90-80}", EN10MB, "ends before");
	refused("port 80,443", EN10MB, "shell");
	refused("host in \"list\"", EN10MB, "files");
}

/* A number below N; the same ones in every run. */
static unsigned draw(unsigned n)
{
	static uint64_t state = 42;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

/* An item for TYPE, from few enough values that they meet. */
static void put_item(struct buf *b, unsigned type)
{
	unsigned bits = draw(2) ? 12 : 16, lo = draw(300), hi = lo + draw(40);

	switch (type) {
	case 0:
		if (draw(3))
			buf_printf(b, "10.0.0.%u", draw(40));
		else
			buf_printf(b, "2001:db8::%x", draw(40));
		break;
	case 1:
		if (draw(3))
			buf_printf(b, "10.%u.0.0/%u", draw(2) << 4, bits);
		else
			buf_printf(b, "2001:db8:%x::/%u", draw(4), 48);
		break;
	case 2:
		buf_printf(b, "%u", lo);
		break;
	default:
		buf_printf(b, "%u-%u", lo, hi);
		break;
	}
}

static void random_sets_are_what_their_chains_are(void **state)
{
	static const char *const heads[] = {
		"host",
		"src net",
		"tcp port",
		"dst portrange",
	};
	static const char *const nots[] = { "", "not " };
	TEST_ARENA(a);

	for (unsigned i = 0; i < 300; i++) {
		struct buf set = { .arena = &a }, chain = { .arena = &a }, item;
		unsigned type = draw(ARRAY_LEN(heads)), n = 1 + draw(12), negated = draw(2);

		buf_printf(&set, "%s%s {", nots[negated], heads[type]);
		for (unsigned k = 0; k < n; k++) {
			item = (struct buf){ .arena = &a };
			put_item(&item, type);
			buf_printf(&set, "%s%s", k ? ", " : "", buf_str(&item));
			buf_printf(&chain, "%s%s%s %s", k ? negated ? " and " : " or " : "",
			           nots[negated], heads[type], buf_str(&item));
		}
		buf_putc(&set, '}');
		same(buf_str(&set), buf_str(&chain), EN10MB);
	}
	arena_free(&a);
}

static void vlan_moves_what_follows_whatever_the_parentheses_say(void **state)
{
	same("(vlan and arp) or ip", "vlan and arp or ip", EN10MB);
	accepted("vlan 100 and vlan 200 and tcp port 80", EN10MB);
	refused("vlan 4096", EN10MB, "4095");
	refused("vlan", PPP, "PPP");
	refused("mpls and vlan", EN10MB, "follow 'mpls'");
	refused("mpls and arp", EN10MB, "only 'ip' and 'ip6'");
}

static void what_a_link_layer_cannot_carry_folds_away(void **state)
{
	assert_int_equal(size_of("arp and tcp[1000] = 1", RAW), 1);
	assert_int_equal(size_of("not (arp and tcp[1000] = 1)", RAW), 1);
	assert_int_equal(size_of("ip", IPV4), 1);
	assert_int_equal(size_of("ip6", IPV4), 1);
}

static void constants_that_cannot_be_right_are_refused(void **state)
{
	refused("len / 0 = 1", EN10MB, "division by zero");
	refused("len % 0 = 1", EN10MB, "division by zero");
	refused("len << 32 = 1", EN10MB, "31");
	accepted("len << (16 + 16) = 1", EN10MB);
	accepted("1 / (1 - 1) = 1", EN10MB);
	refused("byte 1 = 256", EN10MB, "255");
	refused("ip[0:3] = 1", EN10MB, "1, 2 or 4");
	refused("1 = 1 = 1", EN10MB, "chain");
	refused("ip = 5", EN10MB, "ip[0]");
	refused("len", EN10MB, "compare");
}

static void directions_and_context_are_looked_at(void **state)
{
	refused("inbound", EN10MB, "live");
	refused("ip broadcast", EN10MB, "--netmask");
	refused("addr1 host 1.2.3.4", EN10MB, "802.11");
	refused("wlan ra port 80", WLAN, "802.11");
	refused("icmp host 1.2.3.4", EN10MB, "'icmp'");
	refused("ether host 1.2.3.4", EN10MB, "IP address");
	accepted("inbound", SLL);
	accepted("type mgt subtype beacon", WLAN);
	refused("type mgt subtype becon", WLAN, "beacon");
	refused("type mgt", EN10MB, "EN10MB");
}

/* The same character so often, then SUFFIX. */
static char *repeated(struct arena *a, const char *part, unsigned n, const char *middle,
                      const char *end)
{
	struct buf b = { .arena = a };

	for (unsigned i = 0; i < n; i++)
		buf_puts(&b, part);
	buf_puts(&b, middle);
	for (unsigned i = 0; i < n; i++)
		buf_puts(&b, end);
	return buf_str(&b);
}

static void depth_costs_no_stack(void **state)
{
	TEST_ARENA(a);

	accepted(repeated(&a, "(", 10000, "tcp", ")"), EN10MB);
	accepted(repeated(&a, "not ", 10000, "tcp", ""), EN10MB);
	accepted(repeated(&a, "(", 10000, "len > 5", ") "), EN10MB);
	arena_free(&a);
}

static void a_hundred_thousand_hosts_are_one_set(void **state)
{
	TEST_ARENA(a);
	TEST_ARENA(b);
	struct buf text = { .arena = &b };
	struct compiled c;

	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&text, "%shost %u.%u.%u.%u", i ? " or " : "", 10 + i % 7, i >> 16,
		           i >> 8 & 255, i & 255);
	compile(&a, &c, buf_str(&text), EN10MB);
	assert_non_null(c.root);
	/* Two sets for IP, ARP and RARP each, their link tests, and the results. */
	assert_int_equal(ir_postorder(&b, c.graph, c.root).n, 11);
	assert_in_range(a.used, 0, 128u << 20);
	arena_free(&a);
	arena_free(&b);
}

/* The marks of the root of TEXT's graph. */
static uint8_t marks_of(const char *text)
{
	TEST_ARENA(a);
	struct compiled c;
	uint8_t marks;

	compile(&a, &c, text, EN10MB);
	assert_non_null(c.root);
	marks = ir_marks(c.graph, c.root);
	arena_free(&a);
	return marks;
}

static void lists_of_pairs_are_marked(void **state)
{
	assert_int_equal(marks_of("(host 1.1.1.1 and tcp port 1) or (host 1.1.1.2 and tcp port 2) "
	                          "or (host 1.1.1.3 and tcp port 1)"),
	                 IR_MARK_PAIRS);
	assert_int_equal(marks_of("(host 1.1.1.1 and tcp port 1) or (host 1.1.1.2 and udp port 2)"),
	                 0);
	assert_int_equal(marks_of("host 1.1.1.1 and tcp port 1"), 0);
	assert_int_equal(marks_of("host 1.1.1.1 or host 1.1.1.2"), 0);
}

static void numbers_have_names_in_listings(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet);

	assert_string_equal(packet_value_name(EN10MB, ir_load(g, 2, 12), 0x86dd), "ip6");
	assert_string_equal(packet_value_name(EN10MB, ir_load(g, 2, 16), 0x800), "ip");
	assert_string_equal(packet_value_name(EN10MB, ir_load(g, 1, 27), 6), "tcp");
	assert_string_equal(packet_value_name(RAW, ir_load(g, 1, 9), 17), "udp");
	assert_null(packet_value_name(RAW, ir_load(g, 1, 13), 17));
	assert_null(packet_value_name(EN10MB, ir_load(g, 2, 36), 80));
	assert_null(packet_value_name(-1, ir_load(g, 1, 9), 17));
	arena_free(&a);
}

/* What TEXT reads of a made-up header. */
enum reads {
	REFUSED,
	WHOLE_FIELDS,
	PARTS
};

static enum reads header_of(const char *text, int linktype, bool live)
{
	TEST_ARENA(a);
	struct packet_options o = { .linktype = linktype, .snaplen = 1, .live = live };
	struct compiled c;
	uint32_t parts = 0;

	compile_len(&a, &c, text, strlen(text), &o);
	for (unsigned i = 0; c.root && i < 3; i++)
		parts |= c.graph->written[0][i] | c.graph->written[1][i];
	arena_free(&a);
	return !c.root ? REFUSED : parts ? PARTS
	                                 : WHOLE_FIELDS;
}

/* All but `link[...]`. */
static void made_up_headers_are_read_as_whole_fields(void **state)
{
	static const char *const texts[] = {
		"tcp port 80",
		"ip host 10.0.0.1",
		"ip6 net 2001:db8::/32",
		"arp",
		"rarp",
		"ipx",
		"netbeui",
		"stp",
		"iso",
		"atalk",
		"aarp",
		"inbound and outbound",
		"decnet",
		"ether proto 0x600",
		"link proto 5",
		"llc",
		"pppoed",
		"isis",
		"geneve 5 and tcp",
		"vxlan 5 and udp",
		"ip6 protochain 6",
		"ip multicast",
		"greater 100",
		"lat or moprc or mopdl",
		"tcp[13] & 2 != 0",
	};

	for (unsigned i = 0; i < ARRAY_LEN(texts); i++)
		for (unsigned live = 0; live < 2; live++) {
			assert_int_not_equal(header_of(texts[i], SLL, live), PARTS);
			assert_int_not_equal(header_of(texts[i], SLL2, live), PARTS);
		}
	assert_int_equal(header_of("tcp port 80", SLL, false), WHOLE_FIELDS);
	assert_int_equal(header_of("ifindex 5", SLL2, false), WHOLE_FIELDS);
	assert_int_equal(header_of("link[14:2] = 5 and link[16] = 1", SLL, false),
	                 WHOLE_FIELDS);
	assert_int_equal(header_of("ip[len - 20] = 5", SLL, false), WHOLE_FIELDS);
	assert_int_equal(header_of("link[14] = 5", SLL, false), PARTS);
	assert_int_equal(header_of("link[len - 20] = 5", SLL, false), PARTS);
}

/* Allocations that may still succeed; the linker puts this before malloc. */
static unsigned allowance = -1u;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
	if (!allowance)
		return NULL;
	allowance--;
	return __real_malloc(size);
}

/* False if memory ran out on the way. */
static bool compiles_with(unsigned allocations, const char *text)
{
	const struct packet_options o = { .linktype = EN10MB, .snaplen = 1 };
	jmp_buf oom;
	struct arena a = { .oom = &oom };
	struct compiled c;

	allowance = allocations;
	if (setjmp(oom)) {
		allowance = -1u;
		arena_free(&a);
		return false;
	}
	compile_len(&a, &c, text, strlen(text), &o);
	allowance = -1u;
	assert_non_null(c.root);
	arena_free(&a);
	return true;
}

static void running_out_of_memory_is_survived_anywhere(void **state)
{
	TEST_ARENA(a);
	struct buf b = { .arena = &a };
	unsigned n = 0;

	for (unsigned i = 0; i < 2000; i++)
		buf_printf(&b, "host 10.1.%u.%u or vlan {1-%u, 4000} and ", i >> 8, i & 255, i + 1);
	buf_puts(&b, "tcp");
	while (!compiles_with(n, buf_str(&b)))
		n++;
	WITH_USUAL_LIMITS(assert_in_range(n, 5, 1000));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_text_matches_everything),
		cmocka_unit_test(and_and_or_bind_alike),
		cmocka_unit_test(not_binds_the_next_term_only),
		cmocka_unit_test(arithmetic_has_its_precedence),
		cmocka_unit_test(percent_and_caret_swallow_what_follows),
		cmocka_unit_test(qualifiers_are_inherited),
		cmocka_unit_test(numbers_and_addresses_have_their_shapes),
		cmocka_unit_test(names_are_escaped_and_suggested),
		cmocka_unit_test(sets_are_what_their_chains_are),
		cmocka_unit_test(random_sets_are_what_their_chains_are),
		cmocka_unit_test(vlan_moves_what_follows_whatever_the_parentheses_say),
		cmocka_unit_test(what_a_link_layer_cannot_carry_folds_away),
		cmocka_unit_test(constants_that_cannot_be_right_are_refused),
		cmocka_unit_test(directions_and_context_are_looked_at),
		cmocka_unit_test(depth_costs_no_stack),
		cmocka_unit_test(a_hundred_thousand_hosts_are_one_set),
		cmocka_unit_test(lists_of_pairs_are_marked),
		cmocka_unit_test(made_up_headers_are_read_as_whole_fields),
		cmocka_unit_test(numbers_have_names_in_listings),
		cmocka_unit_test(running_out_of_memory_is_survived_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
