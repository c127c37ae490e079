/* Ancillary words: what the kernel knows of a packet beside its bytes. */
#include <assert.h>
#include <linux/bpf.h>
#include <stddef.h>

#include "ebpf/ebpf.h"

#define SKB(member) offsetof(struct __sk_buff, member)
#define XDP(member) offsetof(struct xdp_md, member)
#define NONE        (-1)

static const struct ebpf_word words[SKF_AD_MAX] = {
#define WORD(which, kind, size, symbol, member, xdp, swap, helper) \
	[which] = { EBPF_##kind, size, symbol, member, xdp, swap, helper },
#include "ebpf/words.def"
};

const struct ebpf_word *ebpf_word(uint32_t which)
{
	assert(which < ARRAY_LEN(words));
	return &words[which];
}
