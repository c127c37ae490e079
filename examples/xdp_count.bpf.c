/*
 * An XDP program of somebody's own that asks weir's filter, which is linked in:
 *
 *	clang -O2 -g -target bpf -c xdp_count.bpf.c
 *	weir packet -f elf --for xdp --link -o filter.o 'tcp port 80'
 *	bpftool gen object xdp_count.o xdp_count.bpf.o filter.o
 *	bpftool gen skeleton xdp_count.o >xdp_count.skel.h
 *
 * It lets everything pass and counts what matches.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* Packets that matched; the skeleton shows it as skel->bss->matched. */
__u64 matched;

/*
 * What weir's object has in its place. The empty assembly keeps the compiler from taking
 * this body for the one that is called.
 */
__weak __attribute__((noinline)) int weir_match(struct xdp_md *ctx)
{
	asm volatile("" ::
	                     : "memory");
	return 0;
}

SEC("xdp.frags")
int count(struct xdp_md *ctx)
{
	if (weir_match(ctx))
		__sync_fetch_and_add(&matched, 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
