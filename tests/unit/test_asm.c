/* cbpf: listing, assembler, formats, and back. */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>

#include "programs.h"

/* --- listing and assembler ----------------------------------------------------------- */

static void some_note(void *ctx, uint32_t at, struct buf *out)
{
	if (at == 1)
		buf_puts(out, "ip");
	if (at == 2)
		buf_puts(out, "two\nlines \n");
}

static void a_listing_reads_like_tcpdump_and_adds_what_is_known(void **state)
{
	TEST_ARENA(a);
	const struct cbpf_notes notes = { .note = some_note };
	struct cbpf_program p = program(&a,
	                                "{ 0x28, 0, 0, 0x0000000c },\n"
	                                "{ 0x15, 0, 8, 0x00000800 },\n"
	                                "{ 0x30, 0, 0, 0x00000017 },\n"
	                                "{ 0xb1, 0, 0, 0x0000000e },\n"
	                                "{ 0x48, 0, 0, 0x00000010 },\n"
	                                "{ 0x1d, 1, 2, 0x00000000 },\n"
	                                "{ 0x30, 0, 0, 0xfffff030 },\n"
	                                "{ 0x87, 0, 0, 0x00000000 },\n"
	                                "{ 0x5, 0, 0, 0x00000000 },\n"
	                                "{ 0x6, 0, 0, 0x00040000 },\n"
	                                "{ 0x6, 1, 0, 0x00000000 },\n");
	assert_string_equal(p.format, "c");
	assert_string_equal(printed(&a, "listing", &p, &notes),
	                    "(000) ldh      [12]\n"
	                    "(001) jeq      #0x800           jt 2\tjf 10  ; ip\n"
	                    "(002) ldb      [23]                            ; two lines\n"
	                    "(003) ldxb     4*([14]&0xf)\n"
	                    "(004) ldh      [x + 16]\n"
	                    "(005) jeq      x                jt 7\tjf 8\n"
	                    "(006) ldb      [vlan_avail]\n"
	                    "(007) txa\n"
	                    "(008) ja       9\n"
	                    "(009) ret      #262144\n"
	                    "(010) .insn    0x6, 1, 0, 0x0                  ; ret\n");
	arena_free(&a);
}

static void assembler_text_names_its_targets(void **state)
{
	TEST_ARENA(a);
	static const char text[] = "\tldh [12]\n"
				   "\tjneq #0x800, L8\n"
				   "\tld #len\n"
				   "\tldh vlan_tci\n"
				   "\tjset x, L5, L8\n"
				   "L5:\tjlt #0x40, L7\n"
				   "\tja L8\n"
				   "L7:\tret #-1\n"
				   "L8:\tret a\n";
	struct cbpf_program p = program(&a, text);

	assert_string_equal(p.format, "asm");
	assert_string_equal(printed(&a, "asm", &p, NULL), text);
	arena_free(&a);
}

static void numbers_are_written_as_tcpdump_does(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ldh [12]\njneq #0x800, L\nL: ret #-1");

	assert_string_equal(printed(&a, "c", &p, NULL),
	                    "{ 0x28, 0, 0, 0x0000000c },\n"
	                    "{ 0x15, 0, 0, 0x00000800 },\n"
	                    "{ 0x6, 0, 0, 0xffffffff },\n");
	assert_string_equal(printed(&a, "decimal", &p, NULL),
	                    "3\n40 0 0 12\n21 0 0 2048\n6 0 0 4294967295\n");
	assert_string_equal(printed(&a, "bytecode", &p, NULL),
	                    "3,40 0 0 12,21 0 0 2048,6 0 0 4294967295\n");
	arena_free(&a);
}

static void seccomp_results_are_listed_as_bit_fields(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ret #0x80000000");

	assert_string_equal(printed(&a, "listing", &p, NULL),
	                    "(000) ret      #-2147483648\n");
	p.use = CBPF_SECCOMP;
	assert_string_equal(printed(&a, "listing", &p, NULL),
	                    "(000) ret      #0x80000000\n");
	arena_free(&a);
}

/* Texts of other tools, and what they mean. */
static const struct {
	const char *text, *format, *decimal;
} foreign[] = {
	{ "  ldh [12] ; type\n  jne #0x0806, drop /* ARP */\n  ret #-1\ndrop: ret #0",
	  "asm", "4\n40 0 0 12\n21 0 1 2054\n6 0 0 4294967295\n6 0 0 0\n" },
	{ "ld #proto\njle #5, a\nldx 4*([14]&0xf)\na: b: jmp c\nc: ret %a",
	  "asm", "5\n32 0 0 4294963200\n37 0 1 5\n177 0 0 14\n5 0 0 0\n22 0 0 0\n" },
	{ "ldb [%x+3]\nldb [x]\nld [vlan_tci]\nret", "asm",
	  "4\n80 0 0 3\n80 0 0 0\n32 0 0 4294963244\n22 0 0 0\n" },
	{
		"/* c */ ld M[0x3]\nld #017\nret %a",
		"asm",
		"3\n96 0 0 3\n0 0 0 15\n22 0 0 0\n",
	},
	{ "(000) ld       #pktlen\r\n(001) jgt      #0x5dc           jt 2\tjf 3\r\n"
	  "(002) ret      #0\r\n(003) ret      #1\r\n",
	  "listing", "4\n128 0 0 0\n37 0 1 1500\n6 0 0 0\n6 0 0 1\n" },
	{ "static struct sock_filter code[] = {\n\t{ 0x28, 0, 0, 0xc },\n\t"
	  "{ 6, 0, 0, 0, }\n};\n",
	  "c", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "'2,40 0 0 12,6 0 0 0'", "bytecode", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "2 , 40 0 0 12 ,6 0 0 0", "bytecode", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "// by hand\n{ 0x28, 0, 0, 12 },\n{ 6, 0, 0, 0 }, // none\n", "c",
	  "2\n40 0 0 12\n6 0 0 0\n" },
	{ "ldh [12] /* two\nlines */ ret #0 // done", "asm", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "2,40 0 0 12,6 0 0 0,\n", "bytecode", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "[[40, 0, 0, 12], [6,0,0,0]]", "json", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "{\"a\":{\"b\":[1,\"]}\\\"\"]},\"cbpf\":[[40,0,0,12],{\"k\":1,\"x\":[],\"code\":6}]}",
	  "json", "2\n40 0 0 12\n6 0 0 1\n" },
	{ "2\n40 0 0 12\n6 0 0 0", "decimal", "2\n40 0 0 12\n6 0 0 0\n" },
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	{ "KAAAAAwAAAAG\nAAAAAAAAAA==\n", "base64", "2\n40 0 0 12\n6 0 0 0\n" },
#endif
};

static void texts_of_other_tools_are_read(void **state)
{
	TEST_ARENA(a);

	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		struct cbpf_program p = program(&a, foreign[i].text);

		assert_string_equal(p.format, foreign[i].format);
		assert_string_equal(printed(&a, "decimal", &p, NULL),
		                    foreign[i].decimal);
	}
	arena_free(&a);
}

/* What is wrong with a text. */
static const struct {
	const char *text, *message;
} wrong[] = {
	{ "", "weir: error: 'text' contains no program\n" },
	{ " \n ; nothing\n", "weir: error: 'text' contains no instruction\n" },
	{ "ldhh [12]\nret a\n",
	  "text:1:1: error: unknown instruction 'ldhh'; did you mean 'ldh'?\n"
	  "  ldhh [12]\n  ^~~~\n" },
	{ "ldh #12\nret a\n",
	  "text:1:5: error: 'ldh' needs [k] or [x + k]\n  ldh #12\n      ^~~\n" },
	{ "ld protoo\nret a\n",
	  "text:1:4: error: unknown operand 'protoo'; did you mean 'proto'?\n"
	  "  ld protoo\n     ^~~~~~\n" },
	{ "ld 12\nret a\n",
	  "text:1:4: error: expected an operand such as #12 or [12], found a number\n"
	  "  ld 12\n     ^~\n" },
	{ "jeq #1, drpo\ndrop: ret #0\n",
	  "text:1:9: error: unknown label 'drpo'; did you mean 'drop'?\n"
	  "  jeq #1, drpo\n          ^~~~\n" },
	{ "L: neg\nL: ret a\n",
	  "text:2:1: error: duplicate label 'L'\n  L: ret a\n  ^\n"
	  "text:1:1: note: first defined here\n  L: neg\n  ^\n" },
	{ "L: neg\njeq #1, L\nret a\n",
	  "text:2:9: error: a test cannot jump backward, from 1 to 0\n"
	  "  jeq #1, L\n          ^\n" },
	{ "ja L\nL:\n",
	  "text:1:4: error: a jump to 1, but the program has 1 instructions\n"
	  "  ja L\n     ^\n" },
	{ "jeq #1\nret a\n",
	  "text:1:7: error: expected a target: ', label' or 'jt N jf N'\n  jeq #1\n        ^\n" },
	{ "ret #4294967296\n",
	  "text:1:6: error: 4294967296 is too large; the largest is 4294967295\n"
	  "  ret #4294967296\n       ^~~~~~~~~~\n" },
	{ "ldh [12\nret a\n",
	  "text:1:8: error: expected ']', found the end of the line\n"
	  "  ldh [12\n         ^\n" },
	{ "neg neg\nret a\n",
	  "text:1:5: error: unknown operand 'neg'\n  neg neg\n      ^~~\n" },
	{ "tax ; ok\nret a b\n",
	  "text:2:7: error: expected the end of the line, found 'b'\n"
	  "  ret a b\n        ^\n" },
	{ "(000) neg\n(002) ret a\n",
	  "text:2:1: error: expected instruction (001): one is missing or duplicate\n"
	  "  (002) ret a\n  ^~~~~\n" },
	{ "{ 0x28, 0, 0, 0xc },\n{ 0x28, 0, 0 },\n",
	  "text:2:14: error: expected ',', found '}'\n"
	  "  { 0x28, 0, 0 },\n               ^\n" },
	{ "{ 0x28, 0, 300, 0xc },\n",
	  "text:1:12: error: 300 is too large; the largest is 255\n"
	  "  { 0x28, 0, 300, 0xc },\n             ^~~\n" },
	{ "3\n6 0 0 0\n",
	  "text:1:1: error: the header says 3 instructions, but 1 follow\n  3\n  ^\n" },
	{ "1,6 0 0 0,6 0 0 0\n",
	  "text:1:1: error: the header says 1 instructions, but 2 follow\n"
	  "  1,6 0 0 0,6 0 0 0\n  ^\n" },
	{ "{\"a\":1}",
	  "text:1:1: error: the object has no list \"insns\"\n  {\"a\":1}\n  ^\n" },
	{ "[{\"k\":1}]",
	  "text:1:2: error: the instruction has no \"code\"\n  [{\"k\":1}]\n   ^~~~~~~\n" },
	{ "ldxb 4*([14]&0x7)\nret a\n",
	  "text:1:14: error: the mask must be 0xf\n"
	  "  ldxb 4*([14]&0x7)\n               ^~~\n" },
	{ "ldxb 5*([14]&0xf)\nret a\n",
	  "text:1:6: error: expected an operand such as #5 or [5], found a number\n"
	  "  ldxb 5*([14]&0xf)\n       ^\n" },
	{ "ld ]\nret a\n",
	  "text:1:4: error: expected an operand, found ']'\n  ld ]\n     ^\n" },
	{ "ld #\nret a\n",
	  "text:1:5: error: expected a number, found the end of the line\n"
	  "  ld #\n      ^\n" },
	{ "ld #09\nret a\n", "text:1:5: error: '09' is not a number\n"
	                     "  ld #09\n      ^~\n" },
	{ "jeq #1, #2\nret a\n",
	  "text:1:9: error: expected a label, found '#'\n"
	  "  jeq #1, #2\n          ^\n" },
	{ "neg\n= 5\n",
	  "text:2:1: error: expected an instruction, found '='\n  = 5\n  ^\n" },
	{ "neg\n\x01\n",
	  "text:2:1: error: expected an instruction, found byte 0x01\n  ?\n  ^\n" },
	{ ".insn 6, 0, 0\n",
	  "text:1:14: error: expected ',', found the end of the line\n"
	  "  .insn 6, 0, 0\n               ^\n" },
	{ "{ 6, 0, 0, 0 } x\n",
	  "text:1:16: error: expected the end of the program, found 'x'\n"
	  "  { 6, 0, 0, 0 } x\n                 ^\n" },
	{ "struct x y[] = 5;\n", "text:1:16: error: expected '{', found '5'\n"
	                         "  struct x y[] = 5;\n                 ^\n" },
	{ "2\n6 0 0\n", "text:3:1: error: expected a number, found the end\n"
	                "  \n  ^\n" },
	{ "[{\"code\":6,\"k\":\"x\"}]",
	  "text:1:16: error: expected a number, found a string\n"
	  "  [{\"code\":6,\"k\":\"x\"}]\n                 ^~~\n" },
	{ "[[6,0,-1,0]]",
	  "text:1:7: error: expected a whole number from 0 to 255\n"
	  "  [[6,0,-1,0]]\n        ^~\n" },
	{ "[[6,0,0]]",
	  "text:1:2: error: expected [code, jt, jf, k], found an array of 3\n"
	  "  [[6,0,0]]\n   ^~~~~~~\n" },
	{ "[6]", "text:1:2: error: expected an instruction, found a number\n"
	         "  [6]\n   ^\n" },
	{ "{\"insns\":1}",
	  "text:1:10: error: expected a list of instructions, found a number\n"
	  "  {\"insns\":1}\n           ^\n" },
	{ "[[6,0,0,0]", "text:1:11: error: expected ',' or ']' before the end of the text\n"
	                "  [[6,0,0,0]\n            ^\n" },
	{ "[]", "weir: error: 'text' contains no instruction\n" },
	{ "/* open", "text:1:1: error: unterminated comment\n  /* open\n  ^~\n" },
};

static void a_text_that_is_no_program_gets_a_message(void **state)
{
	TEST_ARENA(a);

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct cbpf_program p = { 0 };
		char *messages;

		assert_false(read_text(&a, wrong[i].text, strlen(wrong[i].text), &p,
		                       &messages));
		assert_string_equal(messages, wrong[i].message);
	}
	arena_free(&a);
}

static void a_test_that_jumps_too_far_is_refused_by_the_assembler(void **state)
{
	TEST_ARENA(a);
	struct buf text = { .arena = &a };
	struct cbpf_program p = { 0 };
	char *messages;

	buf_puts(&text, "jeq #1, far\n");
	for (int i = 0; i < 256; i++)
		buf_puts(&text, "neg\n");
	buf_puts(&text, "far: ret a\n");
	assert_false(read_text(&a, text.s, text.len, &p, &messages));
	assert_non_null(strstr(messages, "a test cannot jump over 256 instructions, "
	                                 "at most 255; use ja"));
	arena_free(&a);
}

static void bytes_that_are_no_program_get_a_message(void **state)
{
	TEST_ARENA(a);
	struct sock_filter swapped = { __builtin_bswap16(CBPF_RET_K), 0, 0, 0 };
	struct cbpf_program p = { 0 };
	char *messages;

	assert_false(read_text(&a, (char *)&swapped, 7, &p, &messages));
	assert_non_null(strstr(messages, "7 bytes are not a whole number"));
	assert_false(read_text(&a, "ret a\n\0ret a\nret a\nret a\n", 25, &p, &messages));
	assert_non_null(strstr(messages, "there is a NUL byte in this text, at byte 6"));
	assert_false(read_text(&a, "\177ELF\2\1\1\0", 8, &p, &messages));
	assert_non_null(strstr(messages, "this is not a program, but an ELF file"));
	arena_free(&a);
}

static void bytes_are_read_in_either_order_if_one_makes_sense(void **state)
{
	TEST_ARENA(a);
	struct sock_filter two[] = {
		{ __builtin_bswap16(CBPF_LD_H_ABS), 1, 2, __builtin_bswap32(12) },
		{ __builtin_bswap16(CBPF_RET_K), 0, 0, 0 },
	};
	struct cbpf_program p = { 0 };
	char *messages;

	assert_true(read_text(&a, (char *)two, sizeof two, &p, &messages));
	assert_true(p.swapped);
	assert_int_equal(p.insns[0].code, CBPF_LD_H_ABS);
	assert_int_equal(p.insns[0].jt, 1);
	assert_int_equal(p.insns[0].jf, 2);
	assert_int_equal(p.insns[0].k, 12);
	two[0].code = 0x3333;
	assert_false(read_text(&a, (char *)two, sizeof two, &p, &messages));
	assert_non_null(strstr(messages, "the byte order of these instructions is not clear: "
	                                 "of 2, 0 are known in the order of this machine, "
	                                 "and 1 in the other"));
	arena_free(&a);
}

static void errors_are_reported_line_by_line_up_to_a_limit(void **state)
{
	TEST_ARENA(a);
	struct buf text = { .arena = &a };
	struct cbpf_program p = { 0 };
	unsigned lines = 0;
	char *messages;

	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "bad\n");
	assert_false(read_text(&a, text.s, text.len, &p, &messages));
	for (char *s = messages; (s = strstr(s, "error:")); s++)
		lines++;
	assert_int_equal(lines, 20);
	arena_free(&a);
}

/* --- round trips ------------------------------------------------------------------------ */

static struct sock_filter random_insn(uint64_t *seed)
{
	static const uint32_t constants[] = {
		0,
		1,
		2,
		14,
		0x800,
		0x7fffffff,
		0x80000000,
		0xfffff000,
		0xfffff030,
		0xfff00000,
		0xffffffff,
	};
	struct sock_filter f = { 0 };
	uint32_t dice = random_word(seed);

	do
		f.code = random_word(seed) % 256;
	while (dice % 16 && !cbpf_insn(f.code));
	if (dice % 64 == 1)
		f.code = (uint16_t)random_word(seed);
	if (cbpf_is_test(&f) || dice % 32 == 2) {
		f.jt = random_word(seed) % 4;
		f.jf = random_word(seed) % 4;
	}
	f.k = random_word(seed) % 2 ? constants[random_word(seed) % ARRAY_LEN(constants)]
	                            : random_word(seed) % 8;
	return f;
}

static void round_trip(struct arena *a, const char *format,
                       const struct cbpf_program *p, const struct cbpf_notes *notes)
{
	struct buf text = { .arena = a };
	struct cbpf_program q = { 0 };
	char *messages;

	assert_true(cbpf_print(&text, format, p, notes));
	if (!read_text(a, text.s, text.len, &q, &messages))
		fail_msg("%s\n%s", buf_str(&text), messages);
	assert_string_equal(q.format, format);
	assert_int_equal(q.n, p->n);
	if (memcmp(q.insns, p->insns, p->n * sizeof *p->insns))
		fail_msg("%s\n%s", printed(a, "c", p, NULL),
		         printed(a, "c", &q, NULL));
}

static void round_trips(uint64_t *seed, const struct cbpf_notes *notes)
{
	TEST_ARENA(a);
	struct sock_filter insns[20];
	struct cbpf_program p = { .insns = insns, .has_linktype = true, .linktype = 101 };

	p.n = 1 + random_word(seed) % ARRAY_LEN(insns);
	p.use = random_word(seed) % 2;
	for (uint32_t i = 0; i < p.n; i++)
		insns[i] = random_insn(seed);
	for (size_t i = 0; cbpf_format_names[i]; i++)
		if (strcmp(cbpf_format_names[i], "dot") &&
		    (strcmp(cbpf_format_names[i], "savefile") || p.use == CBPF_SOCKET))
			round_trip(&a, cbpf_format_names[i], &p, notes);
	arena_free(&a);
}

static void every_format_reads_back_as_it_was(void **state)
{
	const struct cbpf_notes notes = { .note = some_note };
	uint64_t seed = 42;

	for (int round = 0; round < 2000; round++)
		round_trips(&seed, round % 2 ? &notes : NULL);
}

static void jumps_backward_can_be_said(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "L: ldb [0]\nja L\nret a");

	assert_int_equal(p.insns[1].k, (uint32_t)-2);
	assert_string_equal(printed(&a, "listing", &p, NULL),
	                    "(000) ldb      [0]\n(001) ja       0\n(002) ret      a\n");
	arena_free(&a);
}

/* The lines of a drawing that are about P, without colors and the like. */
static const char *drawn(struct arena *a, const struct cbpf_program *p,
                         const struct cbpf_notes *notes)
{
	const char *text = printed(a, "dot", p, notes), *at = strstr(text, "\tb0 [");
	struct buf out = { .arena = a };

	assert_true(at || (at = strstr(text, "\tr0 [")));
	for (; *at != '}'; at = strchr(at, '\n') + 1) {
		const char *end = strchr(at, '\n'), *more = strstr(at, "\", ");

		buf_write(&out, at + 1, (size_t)((more && more < end ? more + 1 : end) - at - 1));
		buf_putc(&out, '\n');
	}
	return buf_str(&out);
}

static void asked_note(void *ctx, uint32_t at, struct buf *out)
{
	static const char *const notes[] = { "kind", "kind == ip: \"a \\ b\"" };

	if (at < ARRAY_LEN(notes))
		buf_puts(out, notes[at]);
}

static void a_drawing_has_a_box_for_each_decision(void **state)
{
	TEST_ARENA(a);
	const struct cbpf_notes notes = { .note = asked_note };
	struct cbpf_program p = program(&a, "ldh [12]\njneq #0x800, L\nret #1\nL: ret #0");

	assert_string_equal(drawn(&a, &p, &notes),
	                    "b0 [label=\"kind == ip?\"];\n"
	                    "r0 [label=\"ret #1\"\n"
	                    "b0 -> r0 [label=\" yes \"\n"
	                    "r1 [label=\"ret #0\"\n"
	                    "b0 -> r1 [label=\" no \"\n");
	arena_free(&a);
}

static void a_drawing_has_instructions_where_there_are_no_words(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ja L\nM: neg\nL: jeq #1, M2, M2\nM2: ret a");

	assert_string_equal(drawn(&a, &p, NULL),
	                    "b0 [label=\"ja\"];\n"
	                    "b0 -> b2 [penwidth=3.0];\n"
	                    "b2 [label=\"jeq #0x1\"];\n"
	                    "b2 -> b3 [label=\" yes \"\n"
	                    "b2 -> b3 [label=\" no \"\n"
	                    "b3 [label=\"ret a\"];\n");
	arena_free(&a);
}

static void numbered_note(void *ctx, uint32_t at, struct buf *out)
{
	static const char *const notes[] = {
		"port", "port == 1", "port > 9", "port >= 20", "yes", "no"
	};

	buf_puts(out, notes[at]);
}

static void tests_of_one_field_are_one_decision_in_a_drawing(void **state)
{
	TEST_ARENA(a);
	const struct cbpf_notes notes = { .note = numbered_note };
	struct cbpf_program p = program(&a, "ldh [12]\n"
	                                    "jeq #1, yes, more\n"
	                                    "more: jgt #9, above, no\n"
	                                    "above: jge #20, no, yes\n"
	                                    "yes: ret #1\n"
	                                    "no: ret #0");

	assert_string_equal(drawn(&a, &p, &notes),
	                    "b0 [label=\"port\"];\n"
	                    "r0 [label=\"yes\"\n"
	                    "b0 -> r0 [label=\" 1, 10 to 19 \"\n"
	                    "r1 [label=\"no\"\n"
	                    "b0 -> r1 [label=\" else \"\n");
	arena_free(&a);
}

static void json_has_text_and_notes_beside_the_numbers(void **state)
{
	TEST_ARENA(a);
	const struct cbpf_notes notes = { .note = some_note };
	struct cbpf_program p = program(&a, "neg\njneq #0x800, L\nL: ret #0");

	assert_string_equal(printed(&a, "json", &p, &notes),
	                    "{\"use\":\"socket\",\"insns\":[\n"
	                    "{\"code\":132,\"jt\":0,\"jf\":0,\"k\":0,\"text\":\"neg\"},\n"
	                    "{\"code\":21,\"jt\":0,\"jf\":0,\"k\":2048,"
	                    "\"text\":\"jeq #0x800 jt 2 jf 2\",\"note\":\"ip\"},\n"
	                    "{\"code\":6,\"jt\":0,\"jf\":0,\"k\":0,\"text\":\"ret #0\","
	                    "\"note\":\"two lines\"}\n"
	                    "]}\n");
	arena_free(&a);
}

static void unknown_formats_are_not_printed(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ret #0");
	struct buf out = { .arena = &a };

	assert_false(cbpf_print(&out, "pdf", &p, NULL));
	assert_int_equal(out.len, 0);
	arena_free(&a);
}

static void long_programs_go_through_everything(void **state)
{
	TEST_ARENA(a);
	enum {
		N = 200000
	};
	struct sock_filter *insns = repeated(&a, (struct sock_filter){
							 CBPF_JEQ_K,
							 0,
							 200,
							 9,
						 },
	                                     N);
	struct cbpf_program p = { .insns = insns, .n = N + 1 }, q = { 0 };
	struct buf text = { .arena = &a };
	struct cbpf_verdict v;
	struct cbpf_cost cost;
	char *messages;

	for (int i = 0; i < 300; i++)
		insns[N - 1 - i] = (struct sock_filter){ CBPF_ADD_K, 0, 0, 1 };
	assert_true(cbpf_check(&a, insns, p.n, CBPF_SOCKET, CBPF_ANY_LENGTH, &v));
	cbpf_cost(&a, insns, p.n, CBPF_SOCKET, &cost);
	assert_int_equal(cost.longest_path, N + 1);
	assert_true(cbpf_print(&text, "asm", &p, NULL));
	if (!read_text(&a, text.s, text.len, &q, &messages))
		fail_msg("%s", messages);
	assert_int_equal(q.n, p.n);
	assert_memory_equal(q.insns, insns, p.n * sizeof *insns);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listing_reads_like_tcpdump_and_adds_what_is_known),
		cmocka_unit_test(assembler_text_names_its_targets),
		cmocka_unit_test(numbers_are_written_as_tcpdump_does),
		cmocka_unit_test(seccomp_results_are_listed_as_bit_fields),
		cmocka_unit_test(texts_of_other_tools_are_read),
		cmocka_unit_test(a_text_that_is_no_program_gets_a_message),
		cmocka_unit_test(a_test_that_jumps_too_far_is_refused_by_the_assembler),
		cmocka_unit_test(bytes_that_are_no_program_get_a_message),
		cmocka_unit_test(bytes_are_read_in_either_order_if_one_makes_sense),
		cmocka_unit_test(errors_are_reported_line_by_line_up_to_a_limit),
		cmocka_unit_test(every_format_reads_back_as_it_was),
		cmocka_unit_test(jumps_backward_can_be_said),
		cmocka_unit_test(a_drawing_has_a_box_for_each_decision),
		cmocka_unit_test(a_drawing_has_instructions_where_there_are_no_words),
		cmocka_unit_test(tests_of_one_field_are_one_decision_in_a_drawing),
		cmocka_unit_test(json_has_text_and_notes_beside_the_numbers),
		cmocka_unit_test(unknown_formats_are_not_printed),
		cmocka_unit_test(long_programs_go_through_everything),
	};

	return cmocka_run_group_tests_name("asm", tests, NULL, NULL);
}
