/* What libpcap makes of expressions; see oracle.h. */
#include "tests/diff/oracle.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same in struct sock_filter's layout: code 16, jt 8, jf 8, k 32. */
_Static_assert(sizeof(struct bpf_insn) == 8, "not an instruction's size");

/* Link types below this have other numbers in files. */
enum {
	DLT_AS_IN_FILES = 104
};

/*
 * A handle on a file without packets: what a program means there is what ours
 * mean by default. One for nothing (pcap_open_dead) has a live capture's AF_INET6.
 */
static pcap_t *open_file(int dlt, int snaplen)
{
	struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, sigfigs, snaplen, linktype;
	} header = { 0xa1b2c3d4, 2, 4, 0, 0, (uint32_t)snaplen, (uint32_t)dlt };
	char error[PCAP_ERRBUF_SIZE];
	FILE *f;

	if (dlt > DLT_FDDI && dlt < DLT_AS_IN_FILES)
		return pcap_open_dead(dlt, snaplen);
	f = fmemopen(NULL, sizeof header, "w+");
	if (!f)
		return NULL;
	fwrite(&header, sizeof header, 1, f);
	rewind(f);
	return pcap_fopen_offline(f, error);
}

void oracle_compile(struct oracle_code *out, const char *text, int dlt,
                    int snaplen, bool optimize, uint32_t netmask)
{
	struct bpf_program program;
	pcap_t *handle = open_file(dlt, snaplen);

	*out = (struct oracle_code){ 0 };
	if (!handle) {
		snprintf(out->error, sizeof(out->error), "no handle");
		return;
	}
	if (pcap_compile(handle, &program, text, optimize, netmask)) {
		snprintf(out->error, sizeof(out->error), "%s",
		         pcap_geterr(handle));
	} else {
		out->n = program.bf_len;
		out->insns = malloc(out->n * sizeof(*program.bf_insns));
		if (!out->insns)
			abort();
		memcpy(out->insns, program.bf_insns,
		       out->n * sizeof(*program.bf_insns));
		pcap_freecode(&program);
	}
	pcap_close(handle);
}

void oracle_free(struct oracle_code *c)
{
	free(c->insns);
	c->insns = NULL;
}

unsigned oracle_version(void)
{
	unsigned major = 0, minor = 0, patch = 0;

	sscanf(pcap_lib_version(), "libpcap version %u.%u.%u", &major, &minor,
	       &patch);
	return major * 10000 + minor * 100 + patch;
}

const char *oracle_version_text(void)
{
	return pcap_lib_version();
}

uint32_t oracle_run(const struct sock_filter *insns, const uint8_t *bytes,
                    uint32_t wire, uint32_t captured)
{
	return bpf_filter((const struct bpf_insn *)insns, bytes, wire, captured);
}

int oracle_dlt(const char *name)
{
	return pcap_datalink_name_to_val(name);
}
