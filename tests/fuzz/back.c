/*
 * The back half of the compiler under a fuzzer: whatever graph a text became,
 * the passes keep its rules, and the program is one that the checker takes.
 */
#include <stdlib.h>
#include <string.h>

#include "back.h"
#include "opt/opt.h"

enum {
	PACKETS = 12,
	PACKET_SIZE = 128
};

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

uint32_t fuzz_hash(const uint8_t *data, size_t size)
{
	uint32_t h = 2166136261u;

	while (size--)
		h = (h ^ *data++) * 16777619;
	return h;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

bool fuzz_back(struct ir_graph *g, struct arena *a, uint32_t choice,
               enum cbpf_use use, struct gen_code *out)
{
	enum opt_level level = (enum opt_level)(choice % (OPT_SIZE + 1));
	struct opt o = {
		.graph = g,
		.level = level,
		.fuel = UINT64_MAX,
		.verify = true,
		.gen.linear = level == OPT_SIZE,
	};
	struct arena tmp = { .oom = a->oom };
	struct cbpf_verdict v;

	o.tmp = tmp;
	opt_run(&o);
	arena_free(&o.tmp);
	must(!ir_verify(g, a));
	if (!gen_program(g, &o.gen, a, out))
		return false;
	must(cbpf_check(a, out->insns, out->n, use, CBPF_ANY_LENGTH, &v));
	return true;
}

/* Random bytes, but for the constants that P compares with what it loads. */
static void fill(uint8_t *packet, const struct gen_code *p, uint32_t *state)
{
	for (size_t i = 0; i < PACKET_SIZE; i++)
		packet[i] = (uint8_t)next_random(state);
	for (uint32_t i = 0; i + 1 < p->n; i++) {
		const struct sock_filter *load = &p->insns[i], *test = load + 1;
		uint32_t width = BPF_SIZE(load->code) == BPF_W   ? 4
		                 : BPF_SIZE(load->code) == BPF_H ? 2
		                                                 : 1;

		if (BPF_CLASS(load->code) != BPF_LD || BPF_MODE(load->code) != BPF_ABS ||
		    BPF_CLASS(test->code) != BPF_JMP || load->k > PACKET_SIZE - 4 ||
		    next_random(state) % 3 == 0)
			continue;
		for (uint32_t k = 0; k < width; k++)
			packet[load->k + k] = (uint8_t)(test->k >> 8 * (width - 1 - k));
	}
}

void fuzz_packets(const struct gen_code *r, const struct gen_code *p, uint32_t state)
{
	uint8_t packet[PACKET_SIZE];

	for (int i = 0; i < PACKETS; i++) {
		struct cbpf_trace trace = { 0 };
		struct cbpf_input in = { .bytes = packet, .wire = 200 };
		uint32_t want, got;

		fill(packet, r, &state);
		in.captured = i % 3 ? PACKET_SIZE : next_random(&state) % PACKET_SIZE;
		want = cbpf_run_traced(r->insns, &in, &trace);
		got = cbpf_run(p->insns, &in);
		must(got == want || trace.end == CBPF_END_LOAD);
	}
}
