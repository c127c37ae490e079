/*
 * Checker, forecast and interpreter against the reference vectors: what Linux
 * accepts, how long programs get there, and what they return.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "vectors.h"

enum {
	MAX_PACKETS = 1000
};

struct test {
	struct arena arena; /* of one entry */
	unsigned checks, failures;
	struct arena packets_arena;
	struct {
		const char *name;
		uint8_t *bytes;
	} packet[MAX_PACKETS];
	size_t npackets;
};

static bool same(struct test *t, const char *name, const char *what,
                 int64_t ours, int64_t theirs)
{
	t->checks++;
	if (ours == theirs)
		return true;
	if (t->failures++ < 20)
		fprintf(stderr, "%s: %s is %lld, should be %lld\n", name, what,
		        (long long)ours, (long long)theirs);
	return false;
}

/* --- check.jsonl: verdicts and forecast -------------------------------------- */

static void check_use(struct test *t, json_t *entry, enum cbpf_use use,
                      const char *check_key, const char *attach_key)
{
	struct cbpf_verdict v;
	size_t n;
	struct sock_filter *p = vectors_program(&t->arena, entry, &n);
	bool ok = cbpf_check(&t->arena, p, n, use, 0, &v);
	bool checked = ok || v.gate == CBPF_BAD_CONVERT;

	if (!same(t, vectors_name(entry), check_key, checked ? 0 : -22,
	          vectors_number(entry, check_key, 1)) ||
	    !same(t, vectors_name(entry), attach_key, ok ? 0 : -22,
	          vectors_number(entry, attach_key, 1)))
		fprintf(stderr, "  instruction %u: %s\n", v.at, v.reason);
	same(t, vectors_name(entry), "a reason", v.reason[0] != '\0', !ok);
	same(t, vectors_name(entry), "the place is in the program",
	     ok || v.at < (n ? n : 1), true);
}

/* Hold what is written of P in each format against what is read back. */
static void check_formats(struct test *t, json_t *entry, const struct sock_filter *insns, size_t n)
{
	const struct cbpf_program p = {
		.insns = insns, .n = (uint32_t)n, .has_linktype = true, .linktype = 1
	};

	for (size_t i = 0; n && cbpf_format_names[i]; i++) {
		struct buf text = { .arena = &t->arena };
		struct diags d = { .arena = &t->arena };
		struct cbpf_program q = { 0 };

		if (!strcmp(cbpf_format_names[i], "dot"))
			continue;
		same(t, vectors_name(entry), "written",
		     cbpf_print(&text, cbpf_format_names[i], &p, NULL) &&
		             cbpf_read(&t->arena, &d,
		                       diag_source(&d, "printed", text.s, text.len), &q),
		     true);
		same(t, vectors_name(entry), cbpf_format_names[i],
		     q.n == n && !memcmp(q.insns, insns, n * sizeof *insns) &&
		             !strcmp(q.format, cbpf_format_names[i]),
		     true);
	}
}

static void check_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	struct cbpf_cost cost;
	size_t n;
	struct sock_filter *p = vectors_program(&t->arena, entry, &n);
	int64_t length = vectors_number(entry, "ebpf_len", -1);

	check_formats(t, entry, p, n);
	check_use(t, entry, CBPF_SOCKET, "check", "attach");
	check_use(t, entry, CBPF_SECCOMP, "seccomp", "attach_seccomp");
	if (length >= 0) {
		cbpf_cost(&t->arena, p, n, CBPF_SOCKET, &cost);
		same(t, vectors_name(entry), "ebpf_len", (int64_t)cost.converted,
		     length);
	}
	arena_free(&t->arena);
}

/* --- run.jsonl: results of packet programs ------------------------------------ */

static void packet_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	const char *hex = json_string_value(json_object_get(entry, "hex"));
	size_t len;

	if (t->npackets == MAX_PACKETS)
		abort();
	t->packet[t->npackets].name = arena_strndup(
		&t->packets_arena, vectors_name(entry), strlen(vectors_name(entry)));
	t->packet[t->npackets++].bytes = vectors_hex(&t->packets_arena, hex, &len);
}

static const uint8_t *packet_bytes(struct test *t, const char *name)
{
	for (size_t i = 0; i < t->npackets; i++)
		if (!strcmp(t->packet[i].name, name))
			return t->packet[i].bytes;
	fprintf(stderr, "no packet %s\n", name);
	exit(1);
}

/* A netlink attribute begins with its length and type, here in network order. */
static unsigned half(const struct cbpf_input *in, uint32_t at)
{
	return in->bytes[at] << 8 | in->bytes[at + 1];
}

/* The offset of the attribute of type X inside the one at A; 0 if none. */
static uint32_t nested_attribute(const struct cbpf_input *in, uint32_t a, uint32_t x)
{
	uint32_t end, at = a + 4;

	if (in->captured < 4 || a > in->captured - 4 ||
	    half(in, a) > in->captured - a)
		return 0;
	for (end = a + half(in, a); at + 4 <= end; at += (half(in, at) + 3) & ~3u) {
		if (half(in, at) < 4 || half(in, at) > end - at)
			return 0;
		if (half(in, at + 2) == x)
			return at;
	}
	return 0;
}

/* Where the payload begins in an ICMP packet, the only one that is asked about. */
static uint32_t payload_offset(const struct cbpf_input *in)
{
	const uint32_t ether = 14, ip = 20, icmp = 8;

	return in->captured < ether + ip ? 0 : ether + ip + icmp;
}

/* What the kernel's own tests put into a packet's metadata. */
static uint32_t test_bpf_word(void *ctx, uint32_t which, uint32_t a, uint32_t x)
{
	switch (which) {
	case SKF_AD_PROTOCOL:
	case SKF_AD_VLAN_TPID:
		return 2048;
	case SKF_AD_PKTTYPE:
		return 3;
	case SKF_AD_IFINDEX:
		return 577;
	case SKF_AD_HATYPE:
		return 588;
	case SKF_AD_MARK:
		return 0x1234aaaa;
	case SKF_AD_QUEUE:
		return 123;
	case SKF_AD_RXHASH:
		return 0x1234aaab;
	case SKF_AD_VLAN_TAG:
		return 65535;
	case SKF_AD_VLAN_TAG_PRESENT:
		return 1;
	case SKF_AD_NLATTR_NEST:
		return nested_attribute(ctx, a, x);
	case SKF_AD_PAY_OFFSET:
		return payload_offset(ctx);
	}
	return 0;
}

/* Runs P with and without a trace, which must agree. */
static uint32_t run_both(struct test *t, json_t *entry,
                         const struct sock_filter *p,
                         const struct cbpf_input *in)
{
	struct cbpf_trace trace = { 0 };
	uint32_t result = cbpf_run(p, in);

	same(t, vectors_name(entry), "the traced result",
	     cbpf_run_traced(p, in, &trace), result);
	return result;
}

static void run_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	json_t *runs = json_object_get(entry, "runs"), *run;
	json_t *data = json_object_get(entry, "data");
	json_t *netoff = json_object_get(entry, "netoff");
	struct cbpf_verdict v;
	size_t n, i, len;
	struct sock_filter *p = vectors_program(&t->arena, entry, &n);

	if (!same(t, vectors_name(entry), "accepted",
	          cbpf_check(&t->arena, p, n, CBPF_SOCKET, CBPF_ANY_LENGTH, &v),
	          true))
		return;
	json_array_foreach(runs, i, run) {
		const char *name = json_string_value(json_array_get(run, 0));
		struct cbpf_input in = {
			.captured = json_integer_value(json_array_get(run, 1)),
			.wire = json_integer_value(json_array_get(run, 2)),
			.no_link = true, /* a datagram socket's packets have none */
		};

		/* A copy of just that size, for the sanitizers' sake. */
		in.bytes = memcpy(malloc(in.captured + 1), packet_bytes(t, name),
		                  in.captured);
		same(t, vectors_name(entry), name, run_both(t, entry, p, &in),
		     json_integer_value(json_array_get(run, 3)));
		free((void *)in.bytes);
	}
	json_array_foreach(data, i, run) {
		const char *hex = json_string_value(json_array_get(run, 0));
		struct cbpf_input in = {
			.bytes = vectors_hex(&t->arena, hex, &len),
			.wire = json_integer_value(json_array_get(run, 1)),
			.network = json_integer_value(json_array_get(netoff, i)),
			.ancillary = test_bpf_word,
			.ctx = &in,
		};

		in.captured = len;
		same(t, vectors_name(entry), "the result",
		     run_both(t, entry, p, &in),
		     json_integer_value(json_array_get(run, 2)));
	}
	arena_free(&t->arena);
}

/* --- run_seccomp.jsonl -------------------------------------------------------- */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static void seccomp_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	json_t *runs = json_object_get(entry, "runs"), *run;
	struct cbpf_verdict v;
	size_t n, i, len;
	struct sock_filter *p = vectors_program(&t->arena, entry, &n);

	if (!same(t, vectors_name(entry), "accepted",
	          cbpf_check(&t->arena, p, n, CBPF_SECCOMP, 0, &v), true))
		return;
	json_array_foreach(runs, i, run) {
		const char *hex = json_string_value(json_array_get(run, 0));
		uint8_t *data = vectors_hex(&t->arena, hex, &len);
		struct cbpf_trace trace = { 0 };

		same(t, vectors_name(entry), hex, cbpf_run_seccomp(p, data),
		     json_integer_value(json_array_get(run, 1)));
		same(t, vectors_name(entry), hex,
		     cbpf_run_seccomp_traced(p, data, &trace),
		     json_integer_value(json_array_get(run, 1)));
	}
	arena_free(&t->arena);
}
#endif

static bool read_file(struct test *t, const char *file,
                      void (*one)(void *ctx, json_t *entry))
{
	unsigned before = t->checks;
	int entries = vectors_each(file, one, t);

	if (entries < 0)
		return false;
	printf("%s: %d entries, %u comparisons\n", file, entries,
	       t->checks - before);
	return true;
}

int main(void)
{
	jmp_buf oom;
	static struct test t;

	t.arena.oom = t.packets_arena.oom = &oom;
	if (setjmp(oom)) {
		fprintf(stderr, "out of memory\n");
		return 1;
	}
	if (!read_file(&t, "check.jsonl", check_entry) ||
	    !read_file(&t, "packets.jsonl", packet_entry) ||
	    !read_file(&t, "run.jsonl", run_entry))
		return SKIPPED;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (!read_file(&t, "run_seccomp.jsonl", seccomp_entry))
		return SKIPPED;
#endif
	arena_free(&t.packets_arena);
	printf("%u comparisons, %u differences\n", t.checks, t.failures);
	return t.failures ? 1 : 0;
}
