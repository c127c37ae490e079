/* ebpf: forms of eBPF, as text. */
#include <linux/bpf.h>

#include "ebpf/ebpf.h"
#include "programs.h"

static char *listed(struct arena *a, const struct ebpf_code *c)
{
	struct buf out = { .arena = a };

	ebpf_put_listing(&out, c);
	return buf_str(&out);
}

/* The kernel's form of TEXT for TARGET, as a listing; or why there is none. */
static const char *kernel(struct arena *a, const char *text, struct ebpf_target target)
{
	struct cbpf_program p = program(a, text);
	struct ebpf_code out = { .arena = a };
	struct ebpf_error error;

	if (!ebpf_kernel(&p, &target, &out, &error))
		return arena_strndup(a, error.reason, strlen(error.reason));
	return listed(a, &out);
}

static const char *loadable(struct arena *a, const char *text)
{
	struct cbpf_program p = program(a, text);
	struct ebpf_code out = { .arena = a };
	struct ebpf_error error;

	if (!ebpf_loadable(&p, &out, &error))
		return arena_strndup(a, error.reason, strlen(error.reason));
	return listed(a, &out);
}

static void the_kernel_loads_inline_and_by_a_call(void **state)
{
	TEST_ARENA(a);
	assert_string_equal(kernel(&a, "ldh [12]\nret a\n", (struct ebpf_target){ 0 }),
	                    "   0: (ac) w0 ^= w0\n"
	                    "   1: (ac) w7 ^= w7\n"
	                    "   2: (bf) r6 = r1\n"
	                    "   3: (79) r8 = *(u64 *)(r6 +0) ; offset of skb.data\n"
	                    "   4: (61) r9 = *(u32 *)(r6 +0) ; offset of skb.len\n"
	                    "   5: (61) r2 = *(u32 *)(r6 +0) ; offset of skb.data_len\n"
	                    "   6: (1c) w9 -= w2\n"
	                    "   7: (bf) r2 = r9\n"
	                    "   8: (17) r2 -= 12\n"
	                    "   9: (c5) if r2 s< 0x2 goto pc+3\n"
	                    "  10: (69) r0 = *(u16 *)(r8 +12)\n"
	                    "  11: (dc) r0 = be16 r0\n"
	                    "  12: (05) goto pc+8\n"
	                    "  13: (bf) r1 = r6\n"
	                    "  14: (bf) r2 = r8\n"
	                    "  15: (bf) r3 = r9\n"
	                    "  16: (b7) r4 = 12\n"
	                    "  17: (85) call load_16\n"
	                    "  18: (75) if r0 s>= 0x0 goto pc+2\n"
	                    "  19: (ac) w0 ^= w0\n"
	                    "  20: (95) exit\n"
	                    "  21: (95) exit\n");
	arena_free(&a);
}

static void kernels_differ(void **state)
{
	TEST_ARENA(a);
	struct ebpf_target strict = { .strict = true, .ip_align = 2 };
	struct ebpf_target old = { .old_vlan = true };
	struct ebpf_target big = { .big_endian = true };
	struct ebpf_target small = { .pointer32 = true };

	assert_non_null(strstr(kernel(&a, "ldh [12]\nret a\n", strict), "call load_16"));
	assert_null(strstr(kernel(&a, "ldh [12]\nret a\n", strict), "(u16 *)(r8"));
	assert_non_null(strstr(kernel(&a, "ldb [0]\nret a\n", strict), "(u8 *)(r8 +0)"));
	assert_non_null(strstr(kernel(&a, "ld #vlan_avail\nret a\n", old), "w0 >>= 7"));
	old.big_endian = true;
	assert_non_null(strstr(kernel(&a, "ld #vlan_avail\nret a\n", old), "w0 &= 1"));
	assert_non_null(strstr(kernel(&a, "ld #type\nret a\n", big), "w0 >>= 5"));
	assert_non_null(strstr(kernel(&a, "ldb [0]\nret a\n", small), "r8 = *(u32 *)(r6 +0)"));
	arena_free(&a);
}

static void a_jump_may_be_too_long_for_the_kernel(void **state)
{
	TEST_ARENA(a);
	struct sock_filter *p = repeated(&a, (struct sock_filter){ CBPF_LD_H_ABS, 0, 0, 12 }, 4000);
	struct cbpf_program far = { .insns = p, .n = 4001 };
	struct ebpf_code out = { .arena = &a };
	struct ebpf_error error;

	p[0] = (struct sock_filter){ CBPF_JA, 0, 0, 3999 };
	assert_false(ebpf_kernel(&far, &(struct ebpf_target){ 0 }, &out, &error));
	assert_int_equal(error.at, 0);
	assert_non_null(strstr(error.reason, "the jump is at 7 and skips 55986"));
	arena_free(&a);
}

static void the_loadable_form_has_what_the_verifier_takes(void **state)
{
	TEST_ARENA(a);
	assert_string_equal(loadable(&a, "ldh [12]\njeq #0x80000800, Y, N\nret #1\n"
	                                 "Y: ld #vlan_tpid\nret a\nN: div x\nret #0\n"),
	                    "   0: (bf) r6 = r1\n"
	                    "   1: (b4) w0 = 0\n"
	                    "   2: (b4) w7 = 0\n"
	                    "   3: (28) r0 = *(u16 *)skb[12]\n"
	                    "   4: (b4) w2 = -2147481600\n"
	                    "   5: (1d) if r0 == r2 goto pc+1\n"
	                    "   6: (05) goto pc+3\n"
	                    "   7: (61) r0 = *(u32 *)(r6 +28)\n"
	                    "   8: (dc) r0 = be16 r0\n"
	                    "   9: (95) exit\n"
	                    "  10: (bc) w7 = w7\n"
	                    "  11: (55) if r7 != 0x0 goto pc+2\n"
	                    "  12: (b4) w0 = 0\n"
	                    "  13: (95) exit\n"
	                    "  14: (3c) w0 /= w7\n"
	                    "  15: (b4) w0 = 0\n"
	                    "  16: (95) exit\n");
	assert_string_equal(loadable(&a, "ld #nla\nret a\n"),
	                    "programs loaded by bpf(2) cannot ask for the ancillary word 'nla'");
	arena_free(&a);
}

/* What is equal to a constant is asked about in the order of the packet. */
static void bytes_stay_in_order_where_only_their_equality_counts(void **state)
{
	TEST_ARENA(a);
	static const struct {
		const char *text;
		bool raw;
	} tests[] = {
		{ "ldh [12]\njeq #0x800, Y, N\nY: ret #1\nN: ret #0\n", true },
		{ "ldh [12]\njset #0x800, Y, N\nY: ret #1\nN: ret #0\n", true },
		{ "ldh [12]\njgt #0x800, Y, N\nY: ret #1\nN: ret #0\n", false },
		{ "ldh [12]\nand #0xff0f\njeq #0x800, Y, N\nY: ret #1\nN: ret #0\n", true },
		{ "ldh [12]\nor #1\nxor #3\njset #0x800, Y, N\nY: ret #1\nN: ret #0\n", true },
		{ "ldh [12]\nand #0xff0f\nadd #1\njeq #8, Y, N\nY: ret #1\nN: ret #0\n", false },
		{ "ldh [12]\nor #0x10000\njeq #8, Y, N\nY: ret #1\nN: ret #0\n", false },
		{ "ldh [12]\nand #0xff0f\njgt #8, Y, N\nY: ret #1\nN: ret #0\n", false },
		{ "ldh [12]\njeq #0x10800, Y, N\nY: ret #1\nN: ret #0\n", false },
		{ "ldh [12]\njeq #0x800, Y, N\nY: ret a\nN: ret #0\n", false },
		{ "ldh [12]\njeq #0x800, Y, N\nY: ldh [14]\nN: jeq #6, E, F\nE: ret #1\nF: ret #0\n", true },
		{ "ldh [12]\njeq #0x800, Y, N\nY: ld [14]\nN: jeq #6, E, F\nE: ret #1\nF: ret #0\n", false },
		{ "ldh [12]\njeq #0x800, Y, N\nY: ldb [14]\nN: jeq #6, E, F\nE: ret #1\nF: ret #0\n", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		struct cbpf_program p = program(&a, tests[i].text);
		struct ebpf_code little = { .arena = &a }, big = { .arena = &a };
		struct ebpf_error error;

		assert_true(ebpf_direct(&p, EBPF_XDP, false, &little, &error));
		assert_int_equal(strstr(listed(&a, &little), "be16") == NULL, tests[i].raw);
		assert_true(ebpf_direct(&p, EBPF_XDP, true, &big, &error));
		assert_int_equal(strstr(listed(&a, &big), "be16") == NULL, tests[i].raw);
	}
	arena_free(&a);
}

/* Return how often the XDP program of TEXT tests the length of the packet. */
static unsigned length_tests(struct arena *a, const char *text)
{
	struct cbpf_program p = program(a, text);
	struct ebpf_code out = { .arena = a };
	struct ebpf_error error;
	unsigned n = 0;

	assert_true(ebpf_direct(&p, EBPF_XDP, false, &out, &error));
	array_each(i, &out.insns)
		n += i->code == (BPF_JMP | BPF_JGT | BPF_X) && i->src == 9;
	return n;
}

static void one_test_serves_for_what_is_near(void **state)
{
	TEST_ARENA(a);
	assert_int_equal(length_tests(&a, "ldh [54]\njeq #80, Y, N\nN: ldh [56]\njeq #80, Y, F\n"
	                                  "Y: ret #1\nF: ret #0\n"),
	                 1);
	assert_int_equal(length_tests(&a, "ldh [54]\njeq #80, Y, N\nN: ldh [156]\njeq #80, Y, F\n"
	                                  "Y: ret #1\nF: ret #0\n"),
	                 2);
	assert_int_equal(length_tests(&a, "ldh [54]\njeq #80, N, F\nN: ldh [156]\njeq #80, Y, F\n"
	                                  "Y: ret #1\nF: ret #0\n"),
	                 1);
	arena_free(&a);
}

/* Return the first copy of the XDP program of TEXT, from its first load from the packet on. */
static const char *direct(struct arena *a, const char *text)
{
	struct cbpf_program p = program(a, text);
	struct ebpf_code out = { .arena = a };
	struct ebpf_error error;
	struct buf b = { .arena = a };
	uint32_t end;

	assert_true(ebpf_direct(&p, EBPF_XDP, false, &out, &error));
	for (end = 0; out.insns.v[end].code != (BPF_JMP | BPF_CALL); end++)
		;
	for (uint32_t i = 5; i + 6 < end; i++, buf_putc(&b, '\n'))
		if (out.insns.v[i].code)
			ebpf_insn_text(&b, &out, i);
	return buf_str(&b);
}

static void tests_of_neighbours_are_one(void **state)
{
	TEST_ARENA(a);
	/* The middle of an address is 0: three loads are shorter than two. */
	assert_string_equal(direct(&a, "ld [22]\njeq #0x20010db8, A, N\nA: ld [26]\njeq #0, B, N\n"
	                               "B: ld [30]\njeq #0, C, N\nC: ld [34]\njeq #1, Y, N\n"
	                               "Y: ret #1\nN: ret #0\n"),
	                    "r0 = *(u32 *)(r8 +22)\n"
	                    "if w0 != 0xb80d0120 goto pc+6\n"
	                    "r0 = *(u64 *)(r8 +26)\n"
	                    "if r0 != 0x0 goto pc+4\n"
	                    "r0 = *(u32 *)(r8 +34)\n"
	                    "if r0 != 0x1000000 goto pc+2\n"
	                    "w0 = 1\nexit\nw0 = 0\nexit\n");
	/* In any order, and of any size. */
	assert_string_equal(direct(&a, "ld [8]\njeq #0x22334455, A, N\nA: ldh [12]\njeq #0x800, B, N\n"
	                               "B: ldb [7]\njeq #0x11, C, N\nC: ldb [6]\njeq #0, Y, N\n"
	                               "Y: ret #1\nN: ret #0\n"),
	                    "r0 = *(u64 *)(r8 +6)\n"
	                    "r2 = 0x8554433221100\n\n"
	                    "if r0 != r2 goto pc+2\n"
	                    "w0 = 1\nexit\nw0 = 0\nexit\n");
	/* What is asked from elsewhere, too, or is needed later, stays. */
	assert_string_equal(direct(&a, "ldb [1]\njeq #1, A, O\nO: ldb [2]\njeq #2, C, N\n"
	                               "A: ldb [4]\njeq #4, C, N\nC: ldb [5]\njeq #5, Y, N\n"
	                               "Y: ret #1\nN: ret #0\n"),
	                    "r0 = *(u8 *)(r8 +1)\n"
	                    "if r0 == 0x1 goto pc+3\n"
	                    "r0 = *(u8 *)(r8 +2)\n"
	                    "if r0 == 0x2 goto pc+3\n"
	                    "goto pc+6\n"
	                    "r0 = *(u8 *)(r8 +4)\n"
	                    "if r0 != 0x4 goto pc+4\n"
	                    "r0 = *(u8 *)(r8 +5)\n"
	                    "if r0 != 0x5 goto pc+2\n"
	                    "w0 = 1\nexit\nw0 = 0\nexit\n");
	assert_string_equal(direct(&a, "ldb [4]\njeq #4, C, N\nC: ldb [5]\njeq #5, Y, N\n"
	                               "Y: ret #1\nN: ret a\n"),
	                    "r0 = *(u8 *)(r8 +4)\n"
	                    "if r0 != 0x4 goto pc+4\n"
	                    "r0 = *(u8 *)(r8 +5)\n"
	                    "if r0 != 0x5 goto pc+2\n"
	                    "w0 = 1\nexit\nexit\n");
	arena_free(&a);
}

/* All that jumps of C that go through relays lead to, without them. */
static uint32_t lands_on(const struct ebpf_code *c, uint32_t at)
{
	while (c->insns.v[at].code == (BPF_JMP | BPF_JA))
		at += 1 + (uint32_t)c->insns.v[at].off;
	return at;
}

static void long_jumps_go_by_relays(void **state)
{
	TEST_ARENA(a);
	enum {
		BETWEEN = 70000
	};
	struct ebpf_code c = { .arena = &a };
	uint32_t end = ebpf_label(&c);
	uint32_t first;

	for (unsigned i = 0; i < 3; i++)
		ebpf_goto(&c, BPF_JMP | BPF_JEQ | BPF_K, EBPF_A, 0, (int32_t)i, end);
	for (unsigned i = 0; i < BETWEEN; i++)
		ebpf_set(&c, EBPF_A, 1);
	ebpf_exit(&c);
	ebpf_here(&c, end);
	ebpf_set(&c, EBPF_A, 7);
	ebpf_exit(&c);
	ebpf_link(&c);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(c.insns.v[lands_on(&c, i + 1 + (uint32_t)c.insns.v[i].off)].imm, 7);
	/* What passes where a relay is goes round it. */
	for (first = 3; first + 2 < c.insns.n; first = lands_on(&c, first) + 1)
		assert_int_equal(c.insns.v[lands_on(&c, first)].code == (BPF_JMP | BPF_EXIT),
		                 lands_on(&c, first) == c.insns.n - 3);
	WITH_USUAL_LIMITS(assert_in_range(c.insns.n, BETWEEN + 3 + 3 + 4, BETWEEN + 3 + 3 + 8));
	arena_free(&a);
}

/* A relay that is next to the jump would need another one, and so on. */
static void relays_are_far_from_their_jumps(void **state)
{
	TEST_ARENA(a);
	enum {
		BETWEEN = 40000
	};
	struct ebpf_code c = { .arena = &a };
	uint32_t end = ebpf_label(&c);

	ebpf_goto(&c, BPF_JMP | BPF_JEQ | BPF_K, EBPF_A, 0, 0, end);
	ebpf_exit(&c);
	for (unsigned i = 0; i < BETWEEN; i++)
		ebpf_set(&c, EBPF_A, 1);
	ebpf_here(&c, end);
	ebpf_exit(&c);
	ebpf_link(&c);
	assert_int_equal(lands_on(&c, 1 + (uint32_t)c.insns.v[0].off), c.insns.n - 1);
	assert_int_equal(c.insns.n, 1 + 1 + BETWEEN + 2 + 1);
	arena_free(&a);
}

static void raw_bytes_are_in_the_order_asked_for(void **state)
{
	TEST_ARENA(a);
	struct ebpf_code c = { .arena = &a };
	struct buf little = { .arena = &a }, big = { .arena = &a };

	ebpf_put(&c, 0x61, 1, 2, 0x0304, 0x05060708);
	ebpf_put_raw(&little, &c, false);
	ebpf_put_raw(&big, &c, true);
	assert_int_equal(little.len, 8);
	assert_memory_equal(little.s, "\x61\x21\x04\x03\x08\x07\x06\x05", 8);
	assert_memory_equal(big.s, "\x61\x12\x03\x04\x05\x06\x07\x08", 8);
	arena_free(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_loads_inline_and_by_a_call),
		cmocka_unit_test(kernels_differ),
		cmocka_unit_test(a_jump_may_be_too_long_for_the_kernel),
		cmocka_unit_test(the_loadable_form_has_what_the_verifier_takes),
		cmocka_unit_test(bytes_stay_in_order_where_only_their_equality_counts),
		cmocka_unit_test(one_test_serves_for_what_is_near),
		cmocka_unit_test(tests_of_neighbours_are_one),
		cmocka_unit_test(long_jumps_go_by_relays),
		cmocka_unit_test(relays_are_far_from_their_jumps),
		cmocka_unit_test(raw_bytes_are_in_the_order_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
