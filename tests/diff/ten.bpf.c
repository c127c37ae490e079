/*
 * Ten filters as a careful programmer writes them for XDP, each the same function as an
 * expression (ebpf_clang.py): as few tests of the length as will do, constants swapped
 * and not what is loaded, headers of any length followed. They see the linear part of a
 * packet alone, and say 0 where it is too short.
 */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FILTER(name)                                                                       \
	static __always_inline int name(const unsigned char *p, const unsigned char *end); \
	SEC(#name)                                                                         \
	int run_##name(struct xdp_md *ctx)                                                 \
	{                                                                                  \
		return name((void *)(long)ctx->data, (void *)(long)ctx->data_end);         \
	}                                                                                  \
	static __always_inline int name(const unsigned char *p, const unsigned char *end)

/* Fields in network order, at any address. */
#define U16(at) (*(const __u16 *)(at))
#define U32(at) (*(const __u32 *)(at))
#define U64(at) (*(const __u64 *)(at))
#define N16(k)  bpf_htons(k)
#define N32(k)  bpf_htonl(k)
#define N64(k)  bpf_cpu_to_be64(k)

enum {
	MATCH = 262144,
	IP = 0x0800,
	IP6 = 0x86dd,
	ARP = 0x0806,
	RARP = 0x8035,
	VLAN = 0x8100,
	QINQ = 0x88a8,
	OLD_QINQ = 0x9100,
	TCP = 6,
	UDP = 17,
	ICMP = 1,
	ICMP6 = 58,
};

static __always_inline int header_length(const unsigned char *ip)
{
	return (*ip & 15) * 4;
}

/* tcp port 80 */
FILTER(port)
{
	if (p + 42 > end)
		return 0;
	if (U16(p + 12) == N16(IP)) {
		if (p[23] != TCP || U16(p + 20) & N16(0x1fff))
			return 0;
		p += header_length(p + 14);
		if (p + 18 > end)
			return 0;
		return U16(p + 14) == N16(80) || U16(p + 16) == N16(80) ? MATCH : 0;
	}
	if (U16(p + 12) != N16(IP6) || p[20] != TCP || p + 58 > end)
		return 0;
	return U16(p + 54) == N16(80) || U16(p + 56) == N16(80) ? MATCH : 0;
}

/* host 192.0.2.1 */
FILTER(host)
{
	__u32 a = N32(0xc0000201);

	if (p + 42 > end)
		return 0;
	if (U16(p + 12) == N16(IP))
		return U32(p + 26) == a || U32(p + 30) == a ? MATCH : 0;
	if (U16(p + 12) != N16(ARP) && U16(p + 12) != N16(RARP))
		return 0;
	return U32(p + 28) == a || U32(p + 38) == a ? MATCH : 0;
}

static __always_inline int is_address(const unsigned char *p)
{
	return U64(p) == N64(0x20010db800000000) && U64(p + 8) == N64(1);
}

/* ip6 host 2001:db8::1 */
FILTER(host6)
{
	if (p + 54 > end || U16(p + 12) != N16(IP6))
		return 0;
	return is_address(p + 22) || is_address(p + 38) ? MATCH : 0;
}

static __always_inline int is_station(const unsigned char *p)
{
	return U32(p + 2) == N32(0x22334455) && U16(p) == N16(0x0011);
}

/* ether host 00:11:22:33:44:55 */
FILTER(ether)
{
	if (p + 12 > end)
		return 0;
	return is_station(p) || is_station(p + 6) ? MATCH : 0;
}

/* src net 10.0.0.0/8 and not dst net 10.0.0.0/8 */
FILTER(net)
{
	if (p + 42 > end)
		return 0;
	if (U16(p + 12) == N16(IP))
		return p[26] == 10 && p[30] != 10 ? MATCH : 0;
	if (U16(p + 12) != N16(ARP) && U16(p + 12) != N16(RARP))
		return 0;
	return p[28] == 10 && p[38] != 10 ? MATCH : 0;
}

/* tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn */
FILTER(syn)
{
	if (p + 34 > end || U16(p + 12) != N16(IP) || p[23] != TCP || U16(p + 20) & N16(0x1fff))
		return 0;
	p += header_length(p + 14);
	return p + 28 <= end && (p[27] & 0x12) == 2 ? MATCH : 0;
}

/* icmp or icmp6 */
FILTER(icmp)
{
	if (p + 34 > end)
		return 0;
	if (U16(p + 12) == N16(IP))
		return p[23] == ICMP ? MATCH : 0;
	if (U16(p + 12) != N16(IP6))
		return 0;
	if (p[20] == ICMP6)
		return MATCH;
	return p[20] == 44 && p + 55 <= end && p[54] == ICMP6 ? MATCH : 0;
}

/* vlan 100 and ip host 192.0.2.1 */
FILTER(vlan)
{
	__u32 a = N32(0xc0000201);

	if (p + 38 > end)
		return 0;
	if (U16(p + 12) != N16(VLAN) && U16(p + 12) != N16(QINQ) && U16(p + 12) != N16(OLD_QINQ))
		return 0;
	if ((U16(p + 14) & N16(0x0fff)) != N16(100) || U16(p + 16) != N16(IP))
		return 0;
	return U32(p + 30) == a || U32(p + 34) == a ? MATCH : 0;
}

/* udp port 53 and udp[10] & 0x80 = 0 */
FILTER(dns)
{
	if (p + 34 > end || U16(p + 12) != N16(IP) || p[23] != UDP || U16(p + 20) & N16(0x1fff))
		return 0;
	p += header_length(p + 14);
	if (p + 25 > end || (U16(p + 14) != N16(53) && U16(p + 16) != N16(53)))
		return 0;
	return p[24] & 0x80 ? 0 : MATCH;
}

/* src host 192.0.2.1 and dst host 198.51.100.7 and tcp src port 1234 and tcp dst port 80 */
FILTER(flow)
{
	if (p + 34 > end || U16(p + 12) != N16(IP) || p[23] != TCP || U16(p + 20) & N16(0x1fff))
		return 0;
	if (U32(p + 26) != N32(0xc0000201) || U32(p + 30) != N32(0xc6336407))
		return 0;
	p += header_length(p + 14);
	return p + 18 <= end && U32(p + 14) == N32(1234 << 16 | 80) ? MATCH : 0;
}

char _license[] SEC("license") = "GPL";
