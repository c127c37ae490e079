/* Programs in words: names follow from the tests on the way, and doubt gives none. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "weir.h"

enum {
	EN10MB = 1,
	MOST = 64
};

/* The words of a program, by instruction. */
struct words {
	char at[MOST][200];
};

static void keep(void *ctx, size_t insn, const char *words)
{
	struct words *w = ctx;

	assert_true(insn < MOST);
	snprintf(w->at[insn], sizeof w->at[insn], "%s", words);
}

static struct words words_of(enum weir_kind kind, const char *text, bool ethernet)
{
	struct weir_show_options o = { .size = sizeof o, .linktype = EN10MB };
	struct words w = { 0 };
	struct weir_program *p;

	o.have_linktype = ethernet;
	assert_int_equal(weir_program_read(&p, kind, text, strlen(text), NULL), 0);
	assert_int_equal(weir_program_words(p, &o, keep, &w), 0);
	weir_program_free(p);
	return w;
}

static void says(const struct words *w, size_t insn, const char *words)
{
	assert_string_equal(w->at[insn], words);
}

static void a_field_has_a_name_where_its_header_is_certain(void **state)
{
	struct words w = words_of(WEIR_PACKET,
	                          "ldb [23]\n"
	                          "ldh [12]\n"
	                          "jneq #0x800, no\n"
	                          "ldb [23]\n"
	                          "jeq #6, y, no\n"
	                          "y: ldxb 4*([14]&0xf)\n"
	                          "ldh [x + 16]\n"
	                          "jge #1024, yes, no\n"
	                          "yes: ret #1\n"
	                          "no: ret #0\n",
	                          true);

	says(&w, 0, ""); /* nothing is known yet */
	says(&w, 1, "ethertype");
	says(&w, 2, "ethertype == ip");
	says(&w, 3, "ip proto");
	says(&w, 4, "ip proto == tcp");
	says(&w, 6, "tcp dst port");
	says(&w, 7, "tcp dst port >= 1024");
	says(&w, 8, "match");
	says(&w, 9, "no match");
}

static void fields_have_no_names_without_a_link_type(void **state)
{
	struct words w = words_of(WEIR_PACKET, "ldh [12]\njneq #0x800, no\nret #1\nno: ret #0\n",
	                          false);

	says(&w, 0, "");
	says(&w, 1, "");
	says(&w, 2, "match");
}

static void ways_that_differ_have_both_names_and_one_without_has_none(void **state)
{
	static const char text[] = "ldh [12]\n"
				   "jeq #0x800, ip, more\n"
				   "ip: ld [26]\n"
				   "ja both\n"
				   "more: jeq #0x806, arp, other\n"
				   "arp: ld [28]\n"
				   "both: jeq #0x0a000001, yes, no\n"
				   "other: ld [90]\n"
				   "jeq #7, yes, no\n"
				   "yes: ret #1\n"
				   "no: ret #0\n";
	struct words w = words_of(WEIR_PACKET, text, true);

	says(&w, 2, "ip src");
	says(&w, 5, "arp sender ip");
	says(&w, 6, "ip src or arp sender ip == 10.0.0.1");
	says(&w, 7, "");
	says(&w, 8, "");
}

static void a_register_keeps_its_meaning_on_each_way(void **state)
{
	struct words w = words_of(WEIR_PACKET,
	                          "ldh [12]\n"
	                          "jeq #0x800, ip, six\n"
	                          "ip: ldb [23]\n"
	                          "jneq #17, no\n"
	                          "ldxb 4*([14]&0xf)\n"
	                          "ja both\n"
	                          "six: jneq #0x86dd, no\n"
	                          "ldb [20]\n"
	                          "jneq #17, no\n"
	                          "ldx #40\n"
	                          "both: ldh [x + 14]\n"
	                          "jneq #53, no\n"
	                          "ret #1\n"
	                          "no: ret #0\n",
	                          true);

	says(&w, 8, "ip6 next header == udp");
	says(&w, 10, "udp src port");
	says(&w, 11, "udp src port == 53");
}

static void parts_of_fields_and_several_fields_are_said(void **state)
{
	struct words w = words_of(WEIR_PACKET,
	                          "ld [2]\n"
	                          "ldh [12]\n"
	                          "jneq #0x800, no\n"
	                          "ld [20]\n"
	                          "and #0x1fff00ff\n"
	                          "jneq #6, no\n"
	                          "ldb [26]\n"
	                          "jneq #10, no\n"
	                          "ldh [20]\n"
	                          "jset #0x2000, no\n"
	                          "ldxb 4*([14]&0xf)\n"
	                          "ldb [x + 27]\n"
	                          "jset #0x12, yes, no\n"
	                          "yes: ret #1\n"
	                          "no: ret #0\n",
	                          true);

	says(&w, 0, "ether dst[2:4]");
	says(&w, 4, "ip fragment offset, ip proto");
	says(&w, 5, "ip fragment offset == 0 and ip proto == tcp");
	says(&w, 7, "ip src[0] == 10");
	says(&w, 8, "ip flags and fragment offset");
	says(&w, 9, "ip more fragments != 0");
	says(&w, 11, "tcp flags");
	says(&w, 12, "tcp flags & (tcp-syn|tcp-ack) != 0");
}

static void what_follows_a_vlan_tag_moves(void **state)
{
	struct words w = words_of(WEIR_PACKET,
	                          "ldh [12]\n"
	                          "jneq #0x8100, no\n"
	                          "ldh [14]\n"
	                          "and #0xfff\n"
	                          "jneq #7, no\n"
	                          "ldh [16]\n"
	                          "jneq #0x86dd, no\n"
	                          "ld [42]\n"
	                          "jneq #0x20010db8, no\n"
	                          "ret #1\n"
	                          "no: ret #0\n",
	                          true);

	says(&w, 1, "ethertype == vlan");
	says(&w, 2, "vlan tag");
	says(&w, 4, "vlan id == 7");
	says(&w, 6, "ethertype == ip6");
	says(&w, 8, "ip6 dst[0:4] == 0x20010db8");
}

static void a_port_has_a_constant_place_where_the_header_has_a_known_size(void **state)
{
	struct words w = words_of(WEIR_PACKET,
	                          "ldh [12]\n"
	                          "jneq #0x800, no\n"
	                          "ldb [23]\n"
	                          "jneq #17, no\n"
	                          "ldh [36]\n"
	                          "ldb [14]\n"
	                          "jneq #0x45, no\n"
	                          "ldh [36]\n"
	                          "jneq #53, no\n"
	                          "ret #1\n"
	                          "no: ret #0\n",
	                          true);

	says(&w, 4, "");
	says(&w, 6, "ip version == 4 and ip header length == 20");
	says(&w, 7, "udp dst port");
	says(&w, 8, "udp dst port == 53");
}

static void a_way_that_cannot_be_is_not_followed(void **state)
{
	struct words w = words_of(WEIR_PACKET,
	                          "ldh [12]\n"
	                          "jneq #0x800, no\n"
	                          "ldh [12]\n"
	                          "jneq #0x806, no\n"
	                          "ld [28]\n"
	                          "ret a\n"
	                          "no: ret #0\n",
	                          true);

	says(&w, 3, "ethertype == arp");
	says(&w, 4, ""); /* nothing reaches it */
}

static void what_the_checker_refuses_has_results_alone(void **state)
{
	struct words w = words_of(WEIR_PACKET, "l: ldh [12]\nja l\nret #1\n", true);

	says(&w, 0, "");
	says(&w, 2, "match");
}

/* seccomp_data.args begin with the low half on these machines only. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static void arguments_have_the_names_of_the_call_on_the_way(void **state)
{
	struct words w = words_of(WEIR_SECCOMP,
	                          "ld [4]\n"
	                          "jeq #0xc000003e, a, b\n"
	                          "a: ld [0]\n"
	                          "jeq #257, o, n\n"
	                          "n: jeq #41, s, no\n"
	                          "s: ld [16]\n"
	                          "jeq #1, yes, no\n"
	                          "b: jneq #0x40000003, kill\n"
	                          "ld [0]\n"
	                          "jeq #295, o, no\n"
	                          "o: ld [32]\n"
	                          "jset #0x41, no, yes\n"
	                          "yes: ret #0x7fff0000\n"
	                          "no: ret #0x50001\n"
	                          "kill: ret #0x80000000\n",
	                          false);

	says(&w, 1, "arch == x86_64");
	says(&w, 3, "call == openat");
	says(&w, 5, "socket family");
	says(&w, 6, "socket family == AF_UNIX");
	says(&w, 7, "arch == i386");
	says(&w, 10, "openat flags"); /* of both ABIs */
	says(&w, 11, "openat flags & (O_WRONLY|O_CREAT) != 0");
	says(&w, 12, "allow");
	says(&w, 13, "errno EPERM");
	says(&w, 14, "kill");
}

static void halves_of_arguments_are_told_apart(void **state)
{
	struct words w = words_of(WEIR_SECCOMP,
	                          "ld [4]\n"
	                          "jneq #0xc000003e, no\n"
	                          "ld [0]\n"
	                          "jneq #8, no\n"
	                          "ld [24]\n"
	                          "jneq #7, no\n"
	                          "ld [28]\n"
	                          "jneq #1, no\n"
	                          "ret #0x7fff0000\n"
	                          "no: ret #0\n",
	                          false);

	says(&w, 5, "lseek offset, low half == 7");
	says(&w, 7, "lseek offset, high half == 1");
	says(&w, 9, "kill_thread");
}
#endif

static void what_is_not_asked_for_is_taken_for_granted_aloud(void **state)
{
	struct words w = words_of(WEIR_SECCOMP,
	                          "ld [4]\n"
	                          "jeq #0x12345678, no, n\n"
	                          "n: ld [0]\n"
	                          "jge #0x40000000, no, m\n"
	                          "m: jset #1, no, yes\n"
	                          "yes: ret #0x7fff0000\n"
	                          "no: ret #0x50001\n",
	                          false);

	says(&w, 1, "arch == 0x12345678");
	says(&w, 3, "call >= 0x40000000, x32's first");
	says(&w, 4, "call & 0x1 != 0");
}

static void errors_have_the_names_of_the_abi_on_the_way(void **state)
{
	static const char text[] = "ld [4]\n"
				   "jeq #0xc000003e, x, m\n"
				   "m: jeq #0x8, x, no\n"
				   "x: ret #0x50026\n"
				   "no: ret #0x50001\n";
	struct words w = words_of(WEIR_SECCOMP, text, false);

	says(&w, 2, "arch == mips");
	says(&w, 3, "errno ENOSYS or errno EL2NSYNC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_has_a_name_where_its_header_is_certain),
		cmocka_unit_test(fields_have_no_names_without_a_link_type),
		cmocka_unit_test(ways_that_differ_have_both_names_and_one_without_has_none),
		cmocka_unit_test(a_register_keeps_its_meaning_on_each_way),
		cmocka_unit_test(parts_of_fields_and_several_fields_are_said),
		cmocka_unit_test(what_follows_a_vlan_tag_moves),
		cmocka_unit_test(a_port_has_a_constant_place_where_the_header_has_a_known_size),
		cmocka_unit_test(a_way_that_cannot_be_is_not_followed),
		cmocka_unit_test(what_the_checker_refuses_has_results_alone),
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		cmocka_unit_test(arguments_have_the_names_of_the_call_on_the_way),
		cmocka_unit_test(halves_of_arguments_are_told_apart),
#endif
		cmocka_unit_test(what_is_not_asked_for_is_taken_for_granted_aloud),
		cmocka_unit_test(errors_have_the_names_of_the_abi_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
