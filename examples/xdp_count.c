/*
 * Load the program of xdp_count.bpf.c by its skeleton, give it two packets, and say how
 * many matched "tcp port 80". Needs root and libbpf.
 */
#include <bpf/bpf.h>
#include <stdio.h>

#include "xdp_count.skel.h"

/* Ethernet, IPv4 and TCP headers of a packet to PORT, and no more. */
static void make_packet(unsigned char packet[64], unsigned port)
{
	static const unsigned char headers[] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00,                                  /* Ethernet */
		0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0x30, 0x39, /* IPv4 */
	};

	for (unsigned i = 0; i < 64; i++)
		packet[i] = i < sizeof headers ? headers[i] : 0;
	packet[36] = (unsigned char)(port >> 8);
	packet[37] = (unsigned char)port;
}

static int give(int program, unsigned port)
{
	unsigned char packet[64];
	struct bpf_test_run_opts run = {
		.sz = sizeof run,
		.data_in = packet,
		.data_size_in = sizeof packet,
	};

	make_packet(packet, port);
	return bpf_prog_test_run_opts(program, &run);
}

int main(void)
{
	struct xdp_count *skel = xdp_count__open_and_load();
	int program;

	if (!skel) {
		perror("xdp_count: loading");
		return 77;
	}
	program = bpf_program__fd(skel->progs.count);
	if (give(program, 80) || give(program, 443) || give(program, 80)) {
		perror("xdp_count: running");
		return 1;
	}
	printf("%llu of 3 packets matched\n", (unsigned long long)skel->bss->matched);
	xdp_count__destroy(skel);
	return 0;
}
