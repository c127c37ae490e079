/*
 * A capture from all interfaces at once has the header LINUX_SLL2, which is made
 * in user space: the socket's filter sees packets from the network header on.
 * A program for the one becomes a program for the other where each load of the
 * made-up header has an ancillary word that says the same.
 */
#include "config.h"

#include "net/net.h"

enum {
	HEADER = 20
};

/* Fields of the header, and what the kernel has instead. */
static const struct {
	uint8_t at;
	uint16_t size; /* as in the code of a load */
	uint32_t ancillary;
} fields[] = {
	{ 0, BPF_H, SKF_AD_PROTOCOL },
	{ 4, BPF_W, SKF_AD_IFINDEX },
	{ 8, BPF_H, SKF_AD_HATYPE },
	{ 10, BPF_B, SKF_AD_PKTTYPE },
};

static bool cook_field(struct sock_filter *f)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (fields[i].at == f->k && fields[i].size == BPF_SIZE(f->code)) {
			f->k = (uint32_t)SKF_AD_OFF + fields[i].ancillary;
			return true;
		}
	}
	return false;
}

/* Rewrite one instruction; return the reason if it has no equivalent, else NULL. */
static const char *cook(struct sock_filter *f)
{
	bool load = BPF_CLASS(f->code) == BPF_LD || BPF_CLASS(f->code) == BPF_LDX;

	if (!load)
		return NULL;
	switch (BPF_MODE(f->code)) {
	case BPF_LEN:
		return "the length that a socket sees lacks the link header";
	case BPF_ABS:
		if (f->k >= 0x80000000) /* ancillary, or relative to a header */
			return NULL;
		if (f->k < HEADER)
			return cook_field(f) ? NULL
			                     : "a socket does not see the link header";
		break;
	case BPF_IND:
	case BPF_MSH:
		/*
		 * X + k may wrap around into the header (ip[0 - 1]); the load
		 * then fails in the kernel, and the packet does not match.
		 */
		if (f->k < HEADER || f->k >= 0x80000000)
			return "a socket does not see the link header";
		break;
	default:
		return NULL;
	}
	f->k -= HEADER;
	return NULL;
}

bool net_cook(struct sock_filter *insns, size_t n, size_t *at, const char **why)
{
	for (size_t i = 0; i < n; i++) {
		*why = cook(&insns[i]);
		if (*why) {
			*at = i;
			return false;
		}
	}
	return true;
}
