/* libpcap's handles on all interfaces at once; see any.h. */
#include "tests/diff/any.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SNAPLEN = 4096,
	BUFFER = 4 << 20
};

struct any {
	pcap_t *pcap;
	void (*one)(void *ctx, const uint8_t *bytes, uint32_t captured, uint32_t wire);
	void *ctx;
};

static bool prepare(pcap_t *p, int dlt)
{
	char error[PCAP_ERRBUF_SIZE];

	/* In immediate mode no packet waits for a block to fill. */
	return !pcap_set_snaplen(p, SNAPLEN) && !pcap_set_buffer_size(p, BUFFER) &&
	       !pcap_set_immediate_mode(p, 1) && pcap_activate(p) >= 0 &&
	       !pcap_set_datalink(p, dlt) && !pcap_setnonblock(p, 1, error);
}

struct any *any_open(int dlt, char *error)
{
	pcap_t *p = pcap_create("any", error);
	struct any *h = calloc(1, sizeof *h);

	if (!p || !h)
		return NULL;
	h->pcap = p;
	if (prepare(p, dlt))
		return h;
	snprintf(error, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(p));
	any_close(h);
	return NULL;
}

void any_close(struct any *h)
{
	pcap_close(h->pcap);
	free(h);
}

const char *any_error(struct any *h)
{
	return pcap_geterr(h->pcap);
}

bool any_set_text(struct any *h, const char *text, bool optimize)
{
	struct bpf_program program;
	int err;

	if (pcap_compile(h->pcap, &program, text, optimize, PCAP_NETMASK_UNKNOWN))
		return false;
	err = pcap_setfilter(h->pcap, &program);
	pcap_freecode(&program);
	return !err;
}

bool any_set(struct any *h, const struct sock_filter *insns, uint32_t n)
{
	struct bpf_program program = {
		.bf_len = n,
		.bf_insns = (struct bpf_insn *)(uintptr_t)insns,
	};

	return !pcap_setfilter(h->pcap, &program);
}

static void hand_on(u_char *user, const struct pcap_pkthdr *p, const u_char *bytes)
{
	struct any *h = (struct any *)(void *)user;

	h->one(h->ctx, bytes, p->caplen, p->len);
}

bool any_read(struct any *h,
              void (*one)(void *ctx, const uint8_t *bytes, uint32_t captured,
                          uint32_t wire),
              void *ctx)
{
	int n;

	h->one = one;
	h->ctx = ctx;
	while ((n = pcap_dispatch(h->pcap, -1, hand_on, (u_char *)h)) > 0)
		;
	return !n;
}
