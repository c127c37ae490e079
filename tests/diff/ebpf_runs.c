/* What the kernel finds with eBPF programs, beside our machine on the classic ones. */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "tests/diff/ebpf_runs.h"
#include "tests/diff/loaded.h"

enum {
	LINK_BYTES = 14, /* what the kernel's test runs take at least */
};

const char *const ebpf_parties[] = { "XDP", "tc", "loadable", "the peer's XDP" };

static bool is_xdp(enum ebpf_party party)
{
	return party == PARTY_XDP || party == PARTY_PEER;
}

/* --- loading ------------------------------------------------------------------------- */

static bool converts(enum ebpf_party party, const struct program *p, struct ebpf_code *code)
{
	struct cbpf_program classic = { .insns = p->insns, .n = p->n, .use = CBPF_SOCKET };
	struct ebpf_error error;

	if (party == PARTY_LOADABLE)
		return ebpf_loadable(&classic, code, &error);
	return ebpf_direct(&classic, party == PARTY_XDP ? EBPF_XDP : EBPF_TC,
	                   __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, code, &error);
}

int ebpf_runs_load(struct ebpf_runs *r, enum ebpf_party party, const char *what,
                   const struct program *p, struct ebpf_code *code)
{
	static const uint32_t types[] = {
		[PARTY_XDP] = BPF_PROG_TYPE_XDP,
		[PARTY_TC] = BPF_PROG_TYPE_SCHED_CLS,
		[PARTY_LOADABLE] = BPF_PROG_TYPE_SOCKET_FILTER,
	};
	char log[1200];
	int fd;

	if (!converts(party, p, code)) {
		r->refused++;
		return -1;
	}
	fd = loaded_open(code, types[party], log, sizeof log);
	if (fd == -EPERM || fd == -ENOSYS) {
		r->no_bpf = true;
	} else if (fd < 0) {
		r->failures++;
		printf("%s, %s: not loaded: %s\n%s\n", ebpf_parties[party], what, strerror(-fd),
		       log);
	} else {
		r->programs++;
	}
	return fd < 0 ? -1 : fd;
}

/* --- running -------------------------------------------------------------------------- */

/* Tell whether the run in R's trace asked for a word that is not in the packet. */
static bool asks_for_words(const struct ebpf_runs *r)
{
	for (uint32_t i = 0; i < r->trace.norigins; i++)
		if (r->trace.origin[i].op == FROM_ANC && r->trace.origin[i].imm != SKF_AD_ALU_XOR_X)
			return true;
	return false;
}

/* Tell whether the run in R's trace loaded at an offset from LEAST to MOST. */
static bool loads_at(const struct ebpf_runs *r, uint32_t least, uint32_t most)
{
	for (uint32_t i = 0; i < r->trace.ntouches; i++)
		if (r->trace.touch[i].offset >= least && r->trace.touch[i].offset <= most)
			return true;
	return false;
}

static void report(struct ebpf_runs *r, enum ebpf_party party, const char *what,
                   const struct input *in, uint32_t linear, uint32_t theirs, uint32_t ours)
{
	struct buf b = { .arena = r->arena };

	r->failures++;
	input_print(&b, in);
	printf("%s, %s\n  should be %#x, is %#x, %u bytes linear, on %s\n", ebpf_parties[party],
	       what, theirs, ours, linear, buf_str(&b));
}

/* Return how much of LEN bytes the linear part has, in run NR. */
static uint32_t linear_part(struct ebpf_runs *r, unsigned nr, uint32_t len)
{
	static const uint32_t ends[] = { UINT32_MAX, 14, 34, 60, 100 };
	uint32_t end = ends[nr % ARRAY_LEN(ends)];

	if (rng_one_in(r->rng, 4))
		end = LINK_BYTES + rng_below(r->rng, 100);
	return min_u32(len, end);
}

/* Let the machine say what P finds on IN, as PARTY's program sees it; false: it cannot. */
static bool expected(struct ebpf_runs *r, enum ebpf_party party, const struct program *p,
                     struct input *in, uint32_t *result)
{
	if (party != PARTY_LOADABLE)
		in->captured = max_u32(in->captured, LINK_BYTES);
	in->wire = in->captured;
	in->network = party == PARTY_LOADABLE ? 0 : LINK_BYTES;
	machine_run(p, in, result, &r->trace);
	if (is_xdp(party) && loads_at(r, (uint32_t)INT32_MIN, UINT32_MAX))
		*result = 0; /* nothing is there */
	if (party == PARTY_LOADABLE && loads_at(r, (uint32_t)SKF_LL_OFF, (uint32_t)SKF_NET_OFF - 1))
		return false; /* where the machine's packet has nothing */
	return !asks_for_words(r);
}

void ebpf_runs(struct ebpf_runs *r, enum ebpf_party party, const char *what, int fd,
               const struct program *p, const struct inputs *set)
{
	for (uint32_t i = 0; i < set->n && r->failures < r->stop_after; i++) {
		struct input in = set->v[i];
		uint32_t theirs, ours, linear;
		bool ran;

		if (!expected(r, party, p, &in, &theirs)) {
			r->not_run++;
			continue;
		}
		linear = party == PARTY_XDP ? linear_part(r, i, in.captured) : in.captured;
		ran = party == PARTY_LOADABLE
		              ? loaded_run(fd, in.bytes, in.captured, &ours)
		              : loaded_run_direct(fd, is_xdp(party), in.bytes, in.captured, linear, &ours);
		if (!ran) {
			r->not_run++;
			continue;
		}
		r->runs++;
		r->pieces += linear < in.captured;
		if (ours != theirs)
			report(r, party, what, &in, linear, theirs, ours);
	}
}

int ebpf_runs_report(const struct ebpf_runs *r)
{
	printf("%" PRIu64 " programs loaded, %" PRIu64 " have no such form; %" PRIu64
	       " runs, %" PRIu64 " of them on packets in pieces, %" PRIu64 " not made; %u failures\n",
	       r->programs, r->refused, r->runs, r->pieces, r->not_run, r->failures);
	return r->failures != 0;
}
