/*
 * Hands a program of weir's to libpcap, in the place of pcap_compile's: counts
 * the packets of a capture file that match an expression.
 *
 *     cc setfilter.c $(pkg-config --cflags --libs weir libpcap)
 *     ./a.out capture.pcap "tcp port 80"
 */
#include <pcap/pcap.h>
#include <stdio.h>

#include <weir.h>

/* struct bpf_program and struct sock_fprog hold the same under other names. */
static int set_filter(pcap_t *pcap, const struct weir_program *program)
{
	struct sock_fprog fprog;
	struct bpf_program bpf;

	if (weir_program_fprog(program, &fprog))
		return -1;
	bpf.bf_len = fprog.len;
	bpf.bf_insns = (struct bpf_insn *)fprog.filter;
	return pcap_setfilter(pcap, &bpf);
}

static void count(unsigned char *user, const struct pcap_pkthdr *header,
                  const unsigned char *bytes)
{
	++*(unsigned long *)user;
}

int main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE];
	struct weir_program *program;
	unsigned long packets = 0;
	pcap_t *pcap;
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: setfilter FILE EXPRESSION\n");
		return 2;
	}
	pcap = pcap_open_offline(argv[1], why);
	if (!pcap) {
		fprintf(stderr, "%s\n", why);
		return 2;
	}
	if (weir_compile(&program, argv[2], pcap_datalink(pcap), pcap_snapshot(pcap),
	                 UINT32_MAX, WEIR_O_DEFAULT)) {
		fprintf(stderr, "'%s' does not compile\n", argv[2]);
		pcap_close(pcap);
		return 2;
	}
	err = set_filter(pcap, program);
	weir_program_free(program); /* libpcap has its own copy */
	if (err || pcap_loop(pcap, -1, count, (unsigned char *)&packets) < 0)
		pcap_perror(pcap, argv[1]);
	printf("%lu packets match\n", packets);
	pcap_close(pcap);
	return err ? 1 : 0;
}
