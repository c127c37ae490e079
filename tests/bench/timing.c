/*
 * Nanoseconds a packet: in our interpreter, in libpcap's, and attached to a socket.
 *
 * In the kernel: datagrams of a socket pair whose receiver drops them all, since
 * each result is made 0 (which changes no path), with the program and with a lone
 * "ret #0" in turn; the difference is the program's. A datagram costs several
 * hundred nanoseconds by itself, so differences of a few mean nothing.
 */
#include <linux/filter.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cbpf/cbpf.h"
#include "tests/bench/bench.h"

enum {
	PACKETS = 1000, /* of the mix, in turn */
	ROUNDS = 21,    /* of which the best counts */
	SENT = 256,     /* bytes of a datagram at most */
};

/* Keeps results alive. */
static volatile uint32_t sink;

static double interpreter_round(const struct figures *f, const struct traffic *mix, bool peer)
{
	uint32_t n = min_u32(mix->n, PACKETS), accepted = 0;
	double start = seconds();

	for (uint32_t i = 0; i < n; i++) {
		const struct frame *p = &mix->frame[i];
		struct cbpf_input in = {
			.bytes = p->bytes,
			.captured = p->len,
			.wire = p->len,
		};

		accepted += (peer ? peer_run(f, p) : cbpf_run(f->insns, &in)) != 0;
	}
	sink = accepted;
	return n ? (seconds() - start) * 1e9 / n : 0;
}

static double time_interpreter(const struct figures *f, const struct traffic *mix, bool peer)
{
	double best = 0, t;

	for (unsigned i = 0; i < ROUNDS; i++) {
		t = interpreter_round(f, mix, peer);
		if (!i || t < best)
			best = t;
	}
	return best;
}

/* --- attached ------------------------------------------------------------------------------- */

struct pipe {
	int to, from;
};

static bool pipe_open(struct arena *a, struct pipe *out, const struct sock_filter *insns,
                      uint32_t n)
{
	struct sock_filter *drops = arena_memdup(a, insns, n * sizeof(*insns));
	struct sock_fprog program = { .len = (unsigned short)n, .filter = drops };
	int fd[2];

	for (uint32_t i = 0; i < n; i++)
		if (cbpf_is_ret(&drops[i]))
			drops[i] = (struct sock_filter){ .code = BPF_RET | BPF_K };
	if (n > CBPF_KERNEL_MAX || socketpair(AF_UNIX, SOCK_DGRAM, 0, fd))
		return false;
	if (setsockopt(fd[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program))) {
		close(fd[0]);
		close(fd[1]);
		return false;
	}
	*out = (struct pipe){ fd[0], fd[1] };
	return true;
}

static void pipe_close(struct pipe *p)
{
	close(p->to);
	close(p->from);
}

static double kernel_round(const struct pipe *p, const struct traffic *mix)
{
	uint32_t n = min_u32(mix->n, PACKETS);
	double start = seconds();

	for (uint32_t i = 0; i < n; i++)
		if (send(p->to, mix->frame[i].bytes, min_u32(mix->frame[i].len, SENT), 0) < 0)
			return 0;
	return n ? (seconds() - start) * 1e9 / n : 0;
}

/* Their times less that of a program which only drops; 0: could not be had. */
static void time_kernel(struct arena *a, struct figures *const *f, unsigned n,
                        const struct traffic *mix)
{
	static const struct sock_filter drop = { .code = BPF_RET | BPF_K };
	double best[1 + PARTIES];
	struct pipe pipes[1 + PARTIES];
	unsigned open = 0;

	if (!pipe_open(a, &pipes[open++], &drop, 1))
		return;
	while (open <= n && pipe_open(a, &pipes[open], f[open - 1]->insns, f[open - 1]->n))
		open++;
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < open; i++) {
			double t = kernel_round(&pipes[i], mix);

			if (!round || t < best[i])
				best[i] = t;
		}
	for (unsigned i = 0; i < open; i++) {
		if (i)
			f[i - 1]->kernel = best[i] > best[0] ? best[i] - best[0] : 0;
		pipe_close(&pipes[i]);
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
