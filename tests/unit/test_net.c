#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/net.h"

/* --- lines ---------------------------------------------------------------------- */

#define MACS "020000000001020000000002"
#define IP4(len, protocol)    \
	"4500" len "00010000" \
	"40" protocol "0000"  \
	"0a000001"            \
	"c0000201"
#define ADDRESS6(last) "20010db80000000000000000000000" last
#define IP6(len, next) "60000000" len next "40" ADDRESS6("01") ADDRESS6("02")
#define TCP(flags)     "9c4001bb" \
		   "00000001"     \
		   "00000002"     \
		   "50" flags "01f500000000"
#define UDP(len) "d4310035" len "0000"

static const struct {
	int linktype;
	uint32_t wire; /* 0: as many as there are */
	const char *bytes, *line;
} lines[] = {
	{ NET_EN10MB, 0, MACS "0800" IP4("0028", "06") TCP("02"),
	  "10.0.0.1:40000 > 192.0.2.1:443 tcp SYN len 0" },
	{ NET_EN10MB, 0, MACS "0800" IP4("0028", "06") TCP("12") "000000000000",
	  "10.0.0.1:40000 > 192.0.2.1:443 tcp SYN,ACK len 0" },
	{ NET_EN10MB, 1514, MACS "0800" IP4("05dc", "06") TCP("18"),
	  "10.0.0.1:40000 > 192.0.2.1:443 tcp PSH,ACK len 1460" },
	{ NET_EN10MB, 0, MACS "0800" IP4("0028", "06") TCP("00"),
	  "10.0.0.1:40000 > 192.0.2.1:443 tcp no flags len 0" },
	{ NET_EN10MB, 0, MACS "0800" IP4("0028", "06") "9c4001bb0000000100000002400201f500000000",
	  "10.0.0.1:40000 > 192.0.2.1:443 tcp SYN (header of 16 bytes) len 4" },
	{ NET_EN10MB, 0, MACS "0800" IP4("0028", "06") "9c4001bb",
	  "10.0.0.1 > 192.0.2.1 tcp [cut]" },
	{ NET_EN10MB, 0, MACS "0800"
	                      "4500",
	  "ip [cut]" },
	{ NET_EN10MB, 0, MACS, "ethernet [cut]" },
	{ NET_EN10MB, 0, "", "ethernet [cut]" },
	{ NET_EN10MB, 0, MACS "86dd" IP6("000a", "11") UDP("000a") "0000",
	  "[2001:db8::1]:54321 > [2001:db8::2]:53 udp len 2" },
	{ NET_EN10MB, 0, MACS "86dd" IP6("0010", "00") "1100010400000000" UDP("0008"),
	  "[2001:db8::1]:54321 > [2001:db8::2]:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "86dd" IP6("0010", "2c") "1100000800000000"
	                                               "6162636465666768",
	  "2001:db8::1 > 2001:db8::2 udp fragment len 8" },
	{ NET_EN10MB, 0, MACS "86dd" IP6("0008", "3a") "8700000000000000",
	  "2001:db8::1 > 2001:db8::2 icmp6 neighbor solicit len 8" },
	{ NET_EN10MB, 0, MACS "0800" IP4("001c", "01") "0800f7ff00000000",
	  "10.0.0.1 > 192.0.2.1 icmp echo request len 8" },
	{ NET_EN10MB, 0, MACS "0800" IP4("001c", "01") "fe07f7ff00000000",
	  "10.0.0.1 > 192.0.2.1 icmp type 254 code 7 len 8" },
	{ NET_EN10MB, 0, MACS "0800"
	                      "4500001c000100b94011"
	                      "00000a000001c0000201"
	                      "6162636465666768",
	  "10.0.0.1 > 192.0.2.1 udp fragment len 8" },
	{ NET_EN10MB, 0, MACS "0800" IP4("0018", "fd") "00000000",
	  "10.0.0.1 > 192.0.2.1 protocol 253 len 4" },
	{ NET_EN10MB, 0, MACS "0800"
	                      "43000014"
	                      "00010000"
	                      "40060000"
	                      "0a000001"
	                      "c0000201",
	  "10.0.0.1 > 192.0.2.1 ip with a bad length" },
	{ NET_EN10MB, 0, MACS "0800" IP4("0013", "06") TCP("02"),
	  "10.0.0.1 > 192.0.2.1 ip with a bad length" },
	{ NET_EN10MB, 0, MACS "0800" IP4("0000", "06") TCP("02") "ffff",
	  "10.0.0.1:40000 > 192.0.2.1:443 tcp SYN len 2" },
	{ NET_EN10MB, 0, MACS "86dd" IP6("0000", "11") UDP("0000"),
	  "[2001:db8::1]:54321 > [2001:db8::2]:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "0800" IP4("003c", "04") IP4("0028", "06") TCP("02"),
	  "10.0.0.1 > 192.0.2.1 ip: 10.0.0.1:40000 > 192.0.2.1:443 tcp SYN len 0" },
	{ NET_EN10MB, 0, MACS "81000064"
	                      "0800" IP4("001c", "11") UDP("0008"),
	  "vlan 100 10.0.0.1:54321 > 192.0.2.1:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "88a80064"
	                      "81002007"
	                      "0800" IP4("001c", "11") UDP("0008"),
	  "vlan 100 vlan 7 10.0.0.1:54321 > 192.0.2.1:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "8847"
	                      "0001004000020140" IP4("001c", "11") UDP("0008"),
	  "mpls 16 mpls 32 10.0.0.1:54321 > 192.0.2.1:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "8864"
	                      "1100002a001e0021" IP4("001c", "11") UDP("0008"),
	  "pppoe session 42 10.0.0.1:54321 > 192.0.2.1:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "0806"
	                      "0001080006040001"
	                      "020000000001"
	                      "0a000001"
	                      "000000000000"
	                      "0a000002",
	  "arp who has 10.0.0.2? tell 10.0.0.1" },
	{ NET_EN10MB, 0, MACS "0806"
	                      "0001080006040002"
	                      "020000000001"
	                      "0a000001"
	                      "000000000000"
	                      "0a000002",
	  "arp 10.0.0.1 is at 02:00:00:00:00:01" },
	{ NET_EN10MB, 0, MACS "0806"
	                      "00018000",
	  "arp [cut]" },
	{ NET_EN10MB, 0, MACS "88cc"
	                      "0207",
	  "02:00:00:00:00:02 > 02:00:00:00:00:01 lldp len 2" },
	{ NET_EN10MB, 0, MACS "1234"
	                      "0207",
	  "02:00:00:00:00:02 > 02:00:00:00:00:01 ethertype 0x1234 len 2" },
	{ NET_EN10MB, 0, MACS "0026"
	                      "424203"
	                      "0000",
	  "02:00:00:00:00:02 > 02:00:00:00:00:01 llc stp len 5" },
	{ NET_EN10MB, 0, MACS "0800" IP4("0028", "33") "1101000000000001"
	                                               "00000001" UDP("0008"),
	  "10.0.0.1:54321 > 192.0.2.1:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "0800" IP4("0044", "29") IP6("0008", "11") UDP("0008"),
	  "10.0.0.1 > 192.0.2.1 ip6: [2001:db8::1]:54321 > [2001:db8::2]:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "8847"
	                      "00010140" IP6("0008", "11") UDP("0008"),
	  "mpls 16 [2001:db8::1]:54321 > [2001:db8::2]:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "8847"
	                      "00010140"
	                      "0000",
	  "mpls 16 len 2" },
	{ NET_EN10MB, 0, MACS "8864"
	                      "1100002a00320057" IP6("0008", "11") UDP("0008"),
	  "pppoe session 42 [2001:db8::1]:54321 > [2001:db8::2]:53 udp len 0" },
	{ NET_EN10MB, 0, MACS "8864"
	                      "1100002a0004c021"
	                      "0101",
	  "pppoe session 42 ppp 0xc021 len 2" },
	{ NET_EN10MB, 0, MACS "8035"
	                      "0001080006040003"
	                      "020000000001"
	                      "00000000"
	                      "020000000001"
	                      "00000000",
	  "arp reverse request (3)" },
	{ NET_EN10MB, 0, MACS "0806"
	                      "0001080006040009"
	                      "020000000001"
	                      "00000000"
	                      "020000000001"
	                      "00000000",
	  "arp operation (9)" },
	{ NET_EN10MB, 0, MACS "0806"
	                      "0001080006040103"
	                      "020000000001"
	                      "00000000"
	                      "020000000001"
	                      "00000000",
	  "arp operation (259)" },
	{ NET_EN10MB, 0, MACS "0806"
	                      "0018080008040001",
	  "arp for protocol 0x0800" },
	{ NET_EN10MB, 0, MACS "0806"
	                      "0001080006100001",
	  "arp for protocol 0x0800" },
	{ NET_EN10MB, 0, MACS "0806"
	                      "0006080006040001"
	                      "00",
	  "arp [cut]" },
	{ NET_EN10MB, 0, MACS "0806"
	                      "000186dd06100001",
	  "arp for protocol 0x86dd" },
	{ NET_EN10MB, 0, MACS "0026"
	                      "aaaa03"
	                      "0000",
	  "02:00:00:00:00:02 > 02:00:00:00:00:01 llc dsap 0xaa ssap 0xaa len 5" },
	{ 129, 0, "0000", "ARCNET_LINUX len 2" },
	{ 9999, 0, "0000", "link type 9999 len 2" },
	{
		NET_RAW,
		0,
		IP4("001c", "11") UDP("0008"),
		"10.0.0.1:54321 > 192.0.2.1:53 udp len 0",
	},
	{ NET_RAW, 0, "00000000", "no ip packet len 4" },
	{ NET_IPV6, 0, IP6("0008", "11") UDP("0008"),
	  "[2001:db8::1]:54321 > [2001:db8::2]:53 udp len 0" },
	{ NET_NULL, 0, "02000000" IP4("001c", "11") UDP("0008"),
	  "10.0.0.1:54321 > 192.0.2.1:53 udp len 0" },
	{ NET_NULL, 0, "0000001e" IP6("0008", "11") UDP("0008"),
	  "[2001:db8::1]:54321 > [2001:db8::2]:53 udp len 0" },
	{ NET_LOOP, 0, "00000007"
	               "0000",
	  "address family 7 len 2" },
	{ NET_LINUX_SLL, 0, "0004"
	                    "0001"
	                    "0006"
	                    "0200000000010000"
	                    "0800" IP4("001c", "11") UDP("0008"),
	  "out 10.0.0.1:54321 > 192.0.2.1:53 udp len 0" },
	{ NET_LINUX_SLL, 0, "0007"
	                    "0001"
	                    "0006"
	                    "0200000000010000"
	                    "88cc"
	                    "0207",
	  "lldp len 2" },
	{ NET_LINUX_SLL, 0, "0003"
	                    "0001"
	                    "0006"
	                    "0200000000010000"
	                    "0004"
	                    "42aa03",
	  "other llc dsap 0x42 ssap 0xaa len 3" },
	{ NET_LINUX_SLL2, 0, "0800"
	                     "0000"
	                     "00000002"
	                     "0001"
	                     "00"
	                     "06"
	                     "0200000000010000" IP4("001c", "11") UDP("0008"),
	  "if2 in 10.0.0.1:54321 > 192.0.2.1:53 udp len 0" },
};

static uint8_t nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* The bytes that HEX says, in a block of just their size; free() it. */
static uint8_t *from_hex(const char *hex, uint32_t *n)
{
	uint8_t *bytes;

	*n = (uint32_t)strlen(hex) / 2;
	bytes = malloc(*n ? *n : 1);
	for (uint32_t i = 0; i < *n; i++)
		bytes[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
	return bytes;
}

static void a_packet_becomes_a_line(void **state)
{
	char line[NET_LINE_MAX];
	struct net_packet p = { 0 };
	uint8_t *bytes;
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		p.bytes = bytes = from_hex(lines[i].bytes, &p.captured);
		p.wire = lines[i].wire ? lines[i].wire : p.captured;
		n = net_line(line, sizeof line, lines[i].linktype, &p);
		assert_string_equal(line, lines[i].line);
		assert_int_equal(n, strlen(line));
		free(bytes);
	}
}

/* Every length of packet and of room; the blocks are of exactly that size. */
static void a_cut_packet_and_a_short_room_are_fine(void **state)
{
	struct net_packet p = { .wire = 1514 };
	uint8_t *bytes, *cut;
	uint32_t n;
	char *room;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		bytes = from_hex(lines[i].bytes, &n);
		for (p.captured = 0; p.captured <= n; p.captured++) {
			size_t size = 1 + p.captured;

			p.bytes = cut = malloc(size);
			memcpy(cut, bytes, p.captured);
			room = malloc(size);
			assert_true(net_line(room, size, lines[i].linktype, &p) < size);
			free(room);
			free(cut);
		}
		free(bytes);
	}
}

static void headers_without_end_end(void **state)
{
	static uint8_t tags[1500] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	struct net_packet p = {
		.bytes = tags,
		.captured = sizeof tags,
		.wire = sizeof tags,
	};
	char line[NET_LINE_MAX];

	for (size_t i = 12; i < sizeof tags; i += 4)
		memcpy(tags + i, "\x81\0\0\7", 4);
	net_line(line, sizeof line, NET_EN10MB, &p);
	assert_non_null(strstr(line, "vlan 7 vlan 7"));
	assert_string_equal(line + strlen(line) - 3, "...");
}

static void a_line_has_the_local_time(void **state)
{
	struct net_packet p = { .seconds = 1700000000, .nanoseconds = 1234567 };
	struct net_clock clock = { 0 };
	char line[NET_LINE_MAX];

	setenv("TZ", "XYZ-5:30", 1);
	net_timed_line(line, sizeof line, NET_RAW, &p, &clock);
	assert_string_equal(line, "03:43:20.001234 no ip packet len 0 [cut]");
	p.seconds++;
	net_timed_line(line, sizeof line, NET_RAW, &p, &clock);
	assert_string_equal(line, "03:43:21.001234 no ip packet len 0 [cut]");
}

/* --- cooked sockets ---------------------------------------------------------------- */

static bool cook_one(uint16_t code, uint32_t k, uint32_t *out)
{
	struct sock_filter f = { .code = code, .k = k };
	const char *why = NULL;
	size_t at = 7;
	bool ok = net_cook(&f, 1, &at, &why);

	if (!ok) {
		assert_int_equal(at, 0);
		assert_non_null(why);
	}
	*out = f.k;
	return ok;
}

static void a_cooked_socket_sees_the_network_header_first(void **state)
{
	static const struct {
		uint16_t code;
		uint32_t k;
		uint32_t cooked;
	} fine[] = {
		{ BPF_LD | BPF_H | BPF_ABS, 0, (uint32_t)SKF_AD_OFF + SKF_AD_PROTOCOL },
		{ BPF_LD | BPF_W | BPF_ABS, 4, (uint32_t)SKF_AD_OFF + SKF_AD_IFINDEX },
		{ BPF_LD | BPF_H | BPF_ABS, 8, (uint32_t)SKF_AD_OFF + SKF_AD_HATYPE },
		{ BPF_LD | BPF_B | BPF_ABS, 10, (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE },
		{ BPF_LD | BPF_W | BPF_ABS, 20, 0 },
		{ BPF_LD | BPF_B | BPF_ABS, 29, 9 },
		{ BPF_LD | BPF_H | BPF_IND, 22, 2 },
		{ BPF_LDX | BPF_B | BPF_MSH, 20, 0 },
		{ BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_MARK,
		  (uint32_t)SKF_AD_OFF + SKF_AD_MARK },
		{ BPF_LD | BPF_IMM, 5, 5 },
		{ BPF_ALU | BPF_ADD | BPF_K, 5, 5 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0x0800, 0x0800 },
		{ BPF_LD | BPF_MEM, 3, 3 },
		{ BPF_RET | BPF_K, 262144, 262144 },
	};
	uint32_t k;

	for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
		assert_true(cook_one(fine[i].code, fine[i].k, &k));
		assert_int_equal(k, fine[i].cooked);
	}
}

static void what_a_cooked_socket_cannot_see_is_refused(void **state)
{
	static const struct {
		uint16_t code;
		uint32_t k;
	} hopeless[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0 },  /* more than the protocol */
		{ BPF_LD | BPF_B | BPF_ABS, 1 },  /* a half of it */
		{ BPF_LD | BPF_H | BPF_ABS, 10 }, /* packet type and address length */
		{ BPF_LD | BPF_W | BPF_ABS, 12 }, /* the sender's address */
		{ BPF_LD | BPF_W | BPF_ABS, 18 }, /* across the end of the header */
		{ BPF_LD | BPF_H | BPF_IND, 0 },
		{ BPF_LD | BPF_H | BPF_IND, 0xfffffff0 },
		{ BPF_LDX | BPF_B | BPF_MSH, 14 },
		{ BPF_LD | BPF_W | BPF_LEN, 0 },
		{ BPF_LDX | BPF_W | BPF_LEN, 0 },
	};
	uint32_t k;

	for (size_t i = 0; i < ARRAY_LEN(hopeless); i++)
		assert_false(cook_one(hopeless[i].code, hopeless[i].k, &k));
}

/* --- capture files -------------------------------------------------------------------- */

#define HEADER "\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0"
#define RECORD "\1\0\0\0\2\0\0\0\2\0\0\0\2\0\0\0ab"

static char path[] = "/tmp/weir-test-net-XXXXXX";

static void write_file(const char *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static bool count_one(void *ctx, const struct net_packet *p)
{
	++*(unsigned *)ctx;
	return true;
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	return unlink(path);
}

static void what_is_no_capture_is_refused_with_a_reason(void **state)
{
#define BAD(bytes, says)                       \
	{                                      \
		bytes, sizeof(bytes) - 1, says \
	}
	static const struct {
		const char *bytes;
		size_t n;
		const char *says;
	} bad[] = {
		BAD("", "is empty"),
		BAD("abc", "only 3 bytes"),
		BAD("hello, world", "neither pcap nor pcapng"),
		BAD("\xfd"
		    "7zXZ",
		    "compressed with xz, which weir does not unpack: try 'xzcat"),
		BAD("BZh91AY", "bzcat"),
		BAD("\xd4\xc3\xb2\xa1\2\0\4\0", "truncated"),
		BAD("\x0a\x0d\x0d\x0a\x1c\0\0\0", "pcapng header is truncated"),
		BAD("\xd4\xc3\xb2\xa1\x09\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0", "version"),
	};
#undef BAD
	struct net_source *s;
	struct net_error e;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		write_file(bad[i].bytes, bad[i].n);
		assert_true(net_open_file(&s, path, &e) < 0);
		assert_non_null(strstr(e.text, bad[i].says));
		assert_non_null(strstr(e.text, path));
	}
	assert_true(net_open_file(&s, "/nonexistent", &e) < 0);
	assert_non_null(strstr(e.text, "No such file"));
	assert_true(net_open_file(&s, "/", &e) < 0);
	assert_non_null(strstr(e.text, "is a directory"));
}

static void packets_before_a_broken_one_are_read(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} broken[] = {
		{ HEADER RECORD RECORD, 24 + 18 + 17 },
		{ HEADER RECORD RECORD, 24 + 18 + 3 },
		{
			HEADER RECORD "\1\0\0\0\2\0\0\0\xff\xff\xff\xff\2\0\0\0ab",
			24 + 18 + 18,
		},
	};
	struct net_source *s;
	struct net_error e;
	unsigned n;

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		write_file(broken[i].bytes, broken[i].n);
		assert_int_equal(net_open_file(&s, path, &e), 0);
		n = 0;
		assert_true(s->read(s, count_one, &n, &e) < 0);
		assert_int_equal(n, 1);
		assert_non_null(strstr(e.text, "after packet 1, at byte 42: "));
		s->close(s);
	}
}

/* --- pcapng ---------------------------------------------------------------------------- */

/* Blocks in hexadecimal: their lengths are the second word and the last. */
#define SECTION  "0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000"
#define BIG      "0a0d0d0a0000001c1a2b3c4d00010000ffffffffffffffff0000001c"
#define ETHERNET "0100000014000000" \
		 "0100000064000000" \
		 "14000000"
#define NULL_LINK "0100000014000000" \
		  "0000000064000000" \
		  "14000000"
#define BIG_NULL "0000000100000014" \
		 "0000000000000064" \
		 "00000014"
#define OPTION(o) "010000001c000000" \
		  "0100000064000000" o "1c000000"
#define LONGER(o) "0100000020000000" \
		  "0100000064000000" o "20000000"
#define TWO_BYTES "0200000002000000" \
		  "61620000"
#define TIME    "00000000d2029649"
#define FROM(i) "0600000024000000" i TIME TWO_BYTES "24000000"
#define ONE     FROM("00000000")

/* Write the file that HEX says and read all of it; what came of it. */
static int read_hex(const char *hex, net_packet_fn *each, void *ctx, struct net_error *e)
{
	uint32_t len;
	uint8_t *bytes = from_hex(hex, &len);
	struct net_source *s;
	int err;

	write_file((const char *)bytes, len);
	free(bytes);
	err = net_open_file(&s, path, e);
	if (err)
		return err;
	err = s->read(s, each, ctx, e);
	s->close(s);
	return err;
}

static void what_is_wrong_with_a_pcapng_file_is_said(void **state)
{
	static const struct {
		const char *hex;
		unsigned packets; /* before it */
		const char *says;
	} wrong[] = {
		{ "0a0d0d0a1c0000000000000001000000ffffffffffffffff1c000000", 0,
		  "a section without a byte order" },
		{ "0a0d0d0a140000004d3c2b1a0100000014000000" ETHERNET, 0,
		  "a block of type 168627466 is too short (20 bytes)" },
		{ "0a0d0d0a1c0000004d3c2b1a02000000ffffffffffffffff1c000000", 0,
		  "version 2 of pcapng is not known" },
		{ SECTION, 0, "it describes no interface, so it has no packets" },
		{ SECTION "0100", 0, "its pcapng header is truncated or damaged" },
		{ SECTION "010000001000000001000000"
		          "10000000",
		  0, "a block of type 1 is too short (16 bytes)" },
		{ SECTION ETHERNET ONE "060000000d0000000000000000", 1,
		  "a block of 13 bytes (expected a multiple of 4 from 12 to" },
		{ SECTION ETHERNET ONE "060000000400000000000000", 1, "a block of 4 bytes" },
		{ SECTION ETHERNET ONE "06000000fcffffff00000000", 1, "a block of 4294967292 bytes" },
		{ SECTION ETHERNET ONE "0b0000000c00000010000000", 1,
		  "a block of 12 bytes, which at its end says 16" },
		{ SECTION ETHERNET "0600000010000000"
		                   "0000000010000000",
		  0, "a block of type 6 is too short (16 bytes)" },
		{ SECTION ETHERNET "030000000c0000000c000000", 0,
		  "a block of type 3 is too short (12 bytes)" },
		{ SECTION ETHERNET ONE FROM("01000000"), 1,
		  "a packet of interface 1, which is not described before it" },
		{ SECTION ETHERNET "0600000024000000"
		                   "00000000" TIME "0500000005000000"
		                   "6162000024000000",
		  0, "a packet of 5 bytes in a block of 36, with a snapshot length of 100" },
		{ SECTION "0100000014000000"
		          "0100000001000000"
		          "14000000" ONE,
		  0, "a packet of 2 bytes in a block of 36, with a snapshot length of 1" },
		{ SECTION ETHERNET NULL_LINK ONE FROM("01000000"), 1,
		  "a packet of link type 0, where the first interface has 1" },
		{ SECTION NULL_LINK ONE BIG BIG_NULL
		  "0000000600000024"
		  "00000000"
		  "0000000000000001"
		  "0000000200000002"
		  "6162000000000024",
		  1, "sections in both byte orders, which the headers of link type 0 depend on" },
		{ SECTION OPTION("0900020009090000"), 0, "an interface's option 9 has 2 bytes" },
		{ SECTION OPTION("0e00040000000000"), 0, "an interface's option 14 has 4 bytes" },
		{ SECTION OPTION("0000040000000000"), 0, "an interface's option 0 has 4 bytes" },
		{ SECTION OPTION("0200050000000000"), 0, "an interface's option 2 has 5 bytes" },
		{ SECTION OPTION("0900010014000000"), 0, "unit of time (0x14) is too small" },
		{ SECTION OPTION("09000100c0000000"), 0, "unit of time (0xc0) is too small" },
		{ SECTION ETHERNET ONE "0600000024000000", 1,
		  "truncated: the file ends after 8 of at least" },
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct net_error e = { "" };
		unsigned n = 0;

		assert_true(read_hex(wrong[i].hex, count_one, &n, &e) < 0);
		if (!strstr(e.text, wrong[i].says))
			fail_msg("'%s', expected '%s'", e.text, wrong[i].says);
		assert_int_equal(n, wrong[i].packets);
	}
}

static bool keep_packet(void *ctx, const struct net_packet *p)
{
	*(struct net_packet *)ctx = *p;
	return true;
}

static void each_unit_of_time_becomes_nanoseconds(void **state)
{
	/* The packet is at 0x499602d2 = 1234567890 units. */
	static const struct {
		const char *hex;
		int64_t seconds;
		uint32_t nanoseconds;
	} times[] = {
		{ SECTION ETHERNET ONE, 1234, 567890000 },
		{ SECTION OPTION("0900010006000000") ONE, 1234, 567890000 },
		{ SECTION OPTION("0900010003000000") ONE, 1234567, 890000000 },
		{ SECTION OPTION("0900010000000000") ONE, 1234567890, 0 },
		{ SECTION OPTION("0900010009000000") ONE, 1, 234567890 },
		{ SECTION OPTION("090001000a000000") ONE, 0, 123456789 },
		{ SECTION OPTION("0900010013000000") ONE, 0, 0 },
		{ SECTION OPTION("09000100a0000000") ONE, 0, 287445236 }, /* 2^-32 */
		{ SECTION OPTION("0900010081000000") ONE, 617283945, 0 }, /* halves */
		{ SECTION OPTION("09000100bf000000") ONE, 0, 0 },         /* 2^-63 */
		{ SECTION LONGER("0e000800ff00000000000000") ONE, 1489, 567890000 },
		{ SECTION OPTION("0000000009000100") ONE, 1234, 567890000 }, /* after the end */
		{ SECTION OPTION("0200030065746800") ONE, 1234, 567890000 }, /* a name */
	};

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct net_packet p = { 0 };
		struct net_error e = { "" };

		if (read_hex(times[i].hex, keep_packet, &p, &e))
			fail_msg("%s", e.text);
		assert_int_equal(p.seconds, times[i].seconds);
		assert_int_equal(p.nanoseconds, times[i].nanoseconds);
		assert_int_equal(p.captured, 2);
	}
}

static void blocks_of_all_kinds_have_packets(void **state)
{
	static const struct {
		const char *hex;
		uint32_t captured, wire;
	} kinds[] = {
		/* A simple one, whole and cut to the interface's snapshot length. */
		{ SECTION ETHERNET "0300000014000000"
		                   "0200000061620000"
		                   "14000000",
		  2, 2 },
		{ SECTION "0100000014000000"
		          "0100000001000000"
		          "14000000"
		          "0300000014000000"
		          "0200000061000000"
		          "14000000",
		  1, 2 },
		/* An obsolete one, whose interface has 16 bits; a block of an unknown kind. */
		{ SECTION ETHERNET "0200000024000000"
		                   "0000ffff" TIME TWO_BYTES "24000000",
		  2, 2 },
		{ SECTION ETHERNET "0b0000000c0000000c000000" ONE, 2, 2 },
		/* A second section begins anew, with its own interfaces. */
		{ SECTION ETHERNET NULL_LINK SECTION ETHERNET ONE, 2, 2 },
		/* More interfaces than there is room for at first; no snapshot length. */
		{ SECTION ETHERNET ETHERNET ETHERNET ETHERNET ETHERNET FROM("04000000"), 2, 2 },
		{ SECTION "0100000014000000"
		          "0100000000000000"
		          "14000000" ONE,
		  2, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct net_packet p = { 0 };
		struct net_error e = { "" };

		if (read_hex(kinds[i].hex, keep_packet, &p, &e))
			fail_msg("%s", e.text);
		assert_int_equal(p.captured, kinds[i].captured);
		assert_int_equal(p.wire, kinds[i].wire);
	}
}

/* --- sources and dumps ------------------------------------------------------------------ */

static void a_file_can_be_known_again(void **state)
{
	struct net_source *s;
	struct net_error e;
	struct stat st;

	write_file(HEADER RECORD, 24 + 18);
	assert_int_equal(net_open_file(&s, path, &e), 0);
	assert_int_equal(s->linktype, NET_EN10MB);
	assert_false(s->nano);
	assert_int_equal(stat(path, &st), 0);
	assert_true(s->regular && s->device == st.st_dev && s->inode == st.st_ino);
	s->close(s);
}

static void reading_tells_how_far_it_is_and_can_be_stopped(void **state)
{
	volatile sig_atomic_t stop = 1;
	struct net_source *s;
	struct net_error e;
	unsigned n = 0;
	double begun;

	write_file(HEADER RECORD RECORD, 24 + 18 + 18);
	assert_int_equal(net_open_file(&s, path, &e), 0);
	begun = net_file_progress(s);
	assert_true(begun >= 0 && begun <= 1);
	s->stop = &stop;
	assert_int_equal(s->read(s, count_one, &n, &e), 0);
	assert_int_equal(n, 0);
	stop = 0;
	assert_int_equal(s->read(s, count_one, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_true(net_file_progress(s) == 1);
	s->live = true;
	assert_true(net_file_progress(s) < 0);
	s->close(s);
}

/* Open a dump to NAME, for packets such as a file has, which is *S. */
static struct net_dump *open_dump(struct net_source **s, const char *name)
{
	struct net_dump *d;
	struct net_error e;

	write_file(HEADER RECORD, 24 + 18);
	assert_int_equal(net_open_file(s, path, &e), 0);
	assert_int_equal(net_dump_open(&d, name, *s, 262144, &e), 0);
	return d;
}

static void a_packet_larger_than_the_buffer_is_written(void **state)
{
	enum {
		LARGE = 8 << 20
	};
	struct net_packet small = { .bytes = (const uint8_t *)"x", .captured = 1, .wire = 1 };
	struct net_packet large = { .captured = LARGE, .wire = LARGE };
	uint8_t *bytes = calloc(1, LARGE);
	struct net_source *s;
	struct net_dump *d;
	struct net_error e;
	char to[] = "/tmp/weir-test-dump-XXXXXX";
	struct stat st;
	int fd;

	fd = mkstemp(to);
	assert_true(fd >= 0 && bytes);
	large.bytes = bytes;
	d = open_dump(&s, to);
	assert_true(net_dump_write(d, &small));
	assert_true(net_dump_write(d, &large));
	assert_true(net_dump_write(d, &large));
	assert_int_equal(net_dump_close(d, &e), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 24 + 17 + 2 * (16 + LARGE));
	s->close(s);
	if (!access("/dev/full", W_OK)) {
		d = open_dump(&s, "/dev/full");
		assert_false(net_dump_write(d, &small) && net_dump_write(d, &large));
		assert_false(net_dump_write(d, &small));
		assert_false(net_dump_flush(d));
		assert_int_equal(net_dump_close(d, &e), -ENOSPC);
		s->close(s);
	}
	free(bytes);
	close(fd);
	unlink(to);
}

static void what_fits_a_limit_is_whole_packets(void **state)
{
	struct net_packet p = { .bytes = (const uint8_t *)"ab", .captured = 2, .wire = 2 };
	struct rlimit old, limit;
	struct net_source *s;
	struct net_dump *d;
	struct net_error e;
	char to[] = "/tmp/weir-test-dump-XXXXXX";
	struct stat st;
	int fd, err;

	fd = mkstemp(to);
	assert_true(fd >= 0);
	d = open_dump(&s, to);
	for (int i = 0; i < 3; i++)
		assert_true(net_dump_write(d, &p));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 24 + 18 + 5;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	err = net_dump_close(d, &e);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(err, -EFBIG);
	assert_non_null(strstr(e.text, "it holds 1 packet"));
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 24 + 18);
	s->close(s);
	close(fd);
	unlink(to);
}

static void a_full_disk_is_reported(void **state)
{
	struct net_packet p = { .bytes = (const uint8_t *)"x", .captured = 1, .wire = 1 };
	struct net_source *s;
	struct net_dump *d;
	struct net_error e;

	if (access("/dev/full", W_OK))
		skip();
	write_file(HEADER RECORD, 24 + 18);
	assert_int_equal(net_open_file(&s, path, &e), 0);
	assert_int_equal(net_dump_open(&d, "/dev/full", s, 262144, &e), 0);
	net_dump_write(d, &p);
	assert_int_equal(net_dump_close(d, &e), -ENOSPC);
	assert_non_null(strstr(e.text, "No space left"));
	s->close(s);
}

static void an_interface_that_is_not_there_is_named(void **state)
{
	struct net_source *s;
	struct net_error e;

	assert_int_equal(net_open_live(&s, "anny", 262144, &e), -ENODEV);
	assert_string_equal(e.text, "unknown interface 'anny'; did you mean 'any'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_becomes_a_line),
		cmocka_unit_test(a_cut_packet_and_a_short_room_are_fine),
		cmocka_unit_test(headers_without_end_end),
		cmocka_unit_test(a_line_has_the_local_time),
		cmocka_unit_test(a_cooked_socket_sees_the_network_header_first),
		cmocka_unit_test(what_a_cooked_socket_cannot_see_is_refused),
		cmocka_unit_test(what_is_no_capture_is_refused_with_a_reason),
		cmocka_unit_test(packets_before_a_broken_one_are_read),
		cmocka_unit_test(what_is_wrong_with_a_pcapng_file_is_said),
		cmocka_unit_test(each_unit_of_time_becomes_nanoseconds),
		cmocka_unit_test(blocks_of_all_kinds_have_packets),
		cmocka_unit_test(a_file_can_be_known_again),
		cmocka_unit_test(reading_tells_how_far_it_is_and_can_be_stopped),
		cmocka_unit_test(a_packet_larger_than_the_buffer_is_written),
		cmocka_unit_test(what_fits_a_limit_is_whole_packets),
		cmocka_unit_test(a_full_disk_is_reported),
		cmocka_unit_test(an_interface_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
