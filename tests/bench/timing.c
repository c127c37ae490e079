/*
 * Nanoseconds a packet: in our interpreter, in libpcap's, and attached to a socket.
 *
 * In the kernel: frames that are sent on an interface that drops them, where 64 packet
 * sockets have the program, or a lone "ret #0" in turn. The difference is 64 times the
 * program's, so that a nanosecond shows beside the thousands that a frame takes. It
 * holds what any program costs beside that one, 6 to 8 ns, too.
 */
#define _GNU_SOURCE /* unshare */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cbpf/cbpf.h"
#include "tests/bench/bench.h"

enum {
	PACKETS = 1000, /* of the mix, in turn */
	ROUNDS = 21,    /* of which the best counts */
	SENT = 256,     /* bytes of a frame at most */
	TAPS = 64,
	TAP_ROUNDS = 9, /* of which the median counts */
};

/* Keeps results alive. */
static volatile uint32_t sink;

/* Run CODE on the packets of MIX or, if that is NULL, the peer's F. */
static double interpreter_round(const struct figures *f, const struct traffic *mix,
                                const struct cbpf_code *code)
{
	static const struct cbpf_input none;
	uint32_t n = min_u32(mix->n, PACKETS), accepted = 0;
	double start = seconds();

	for (uint32_t i = 0; i < n; i++) {
		const struct frame *p = &mix->frame[i];

		accepted += (code ? cbpf_run_code(code, p->bytes, p->len, p->len, &none)
		                  : peer_run(f, p)) != 0;
	}
	sink = accepted;
	return n ? (seconds() - start) * 1e9 / n : 0;
}

static double time_interpreter(const struct figures *f, const struct traffic *mix, bool peer)
{
	struct cbpf_code *code = peer ? NULL : malloc(cbpf_code_size(f->n));
	double best = 0, t;

	if (!peer && !code)
		return 0;
	if (code)
		cbpf_decode(code, f->insns, f->n);
	for (unsigned i = 0; i < ROUNDS; i++) {
		t = interpreter_round(f, mix, code);
		if (!i || t < best)
			best = t;
	}
	free(code);
	return best;
}

/* --- attached ------------------------------------------------------------------------------- */

/* Sockets that see each frame of an interface, which goes nowhere. */
struct taps {
	int socket[TAPS];
	int sender;
	struct sockaddr_ll to;
};

static int open_socket(int protocol, const struct sockaddr_ll *at)
{
	struct sockaddr_ll where = *at;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, protocol);

	where.sll_protocol = (unsigned short)protocol;
	if (fd >= 0 && bind(fd, (struct sockaddr *)&where, sizeof(where))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Make an interface in a network namespace of our own; false where that is not allowed. */
static bool make_interface(struct sockaddr_ll *out)
{
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	/* Without a dummy: ifb drops as well what nobody has redirected to it. */
	if (system("{ ip link add taps type dummy || ip link add taps type ifb; } 2>/dev/null && "
	           "ip link set taps up"))
		return false;
	*out = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex("taps"),
		.sll_halen = 6,
	};
	return out->sll_ifindex != 0;
}

static bool open_taps(struct taps *t)
{
	if (!make_interface(&t->to))
		return false;
	t->sender = open_socket(0, &t->to);
	if (t->sender < 0)
		return false;
	for (unsigned i = 0; i < TAPS; i++) {
		t->socket[i] = open_socket(htons(ETH_P_ALL), &t->to);
		if (t->socket[i] < 0)
			return false;
	}
	return true;
}

/* The taps of this process, made once; NULL where they cannot be had. */
static struct taps *taps(void)
{
	static struct taps t;
	static enum {
		UNKNOWN,
		OPEN,
		FAILED
	} state;

	if (state == UNKNOWN)
		state = open_taps(&t) ? OPEN : FAILED;
	return state == OPEN ? &t : NULL;
}

/* Attaches a program to all taps, so that it drops everything: that changes no path. */
static bool attach(struct arena *a, struct taps *t, const struct sock_filter *insns,
                   uint32_t n)
{
	struct sock_filter *drops = arena_memdup(a, insns, n * sizeof(*insns));
	struct sock_fprog program = { .len = (unsigned short)n, .filter = drops };

	for (uint32_t i = 0; i < n; i++)
		if (cbpf_is_ret(&drops[i]))
			drops[i] = (struct sock_filter){ .code = BPF_RET | BPF_K };
	for (unsigned i = 0; i < TAPS && n <= CBPF_KERNEL_MAX; i++)
		if (setsockopt(t->socket[i], SOL_SOCKET, SO_ATTACH_FILTER, &program,
		               sizeof(program)))
			return false;
	return n <= CBPF_KERNEL_MAX;
}

/* Nanoseconds that a frame of the mix takes, all taps together. */
static double taps_round(struct taps *t, const struct traffic *mix)
{
	uint32_t n = min_u32(mix->n, PACKETS);
	double start = seconds();

	for (uint32_t i = 0; i < n; i++)
		if (sendto(t->sender, mix->frame[i].bytes, min_u32(mix->frame[i].len, SENT), 0,
		           (struct sockaddr *)&t->to, sizeof(t->to)) < 0)
			return 0;
	return n ? (seconds() - start) * 1e9 / n : 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Their times less that of a program which only drops, each the median of as many
 * rounds, in which all take their turn; not touched where there are no taps.
 */
static void time_kernel(struct arena *a, struct figures *const *f, unsigned n,
                        const struct traffic *mix)
{
	static const struct sock_filter drop = { .code = BPF_RET | BPF_K };
	double took[PARTIES][TAP_ROUNDS], base;
	struct taps *t = taps();

	for (unsigned round = 0; t && round < TAP_ROUNDS; round++) {
		if (!attach(a, t, &drop, 1))
			return;
		base = taps_round(t, mix);
		for (unsigned i = 0; i < n; i++) {
			if (!attach(a, t, f[i]->insns, f[i]->n))
				return;
			took[i][round] = (taps_round(t, mix) - base) / TAPS;
		}
	}
	for (unsigned i = 0; t && i < n; i++) {
		qsort(took[i], TAP_ROUNDS, sizeof(took[i][0]), by_value);
		f[i]->kernel = took[i][TAP_ROUNDS / 2];
	}
}

void timing_measure(struct arena *a, const struct plan *plan, struct row *row)
{
	struct figures *both[2], *peer = &row->of[PARTY_PCAP], *ours = &row->of[PARTY_O2];
	struct traffic mix;
	unsigned n = 0;

	if (!traffic_convert(a, &plan->mix[0], weir_linktype_by_name(row->item.dlt), &mix))
		return;
	if (peer->there)
		peer->interpreter = time_interpreter(peer, &mix, true);
	if (ours->there)
		ours->interpreter = time_interpreter(ours, &mix, false);
	if (ours->there && ours->attaches)
		both[n++] = ours;
	if (peer->there && peer->attaches)
		both[n++] = peer;
	time_kernel(a, both, n, &mix);
	row->timed = true;
}
