/* The nouns of the public library: what they tell of themselves, and their sizes. */
#include <errno.h>
#include <stdlib.h>

#include "compile.h"

/* --- names ------------------------------------------------------------------------- */

static void calls_are_found_by_name_number_and_place(void **state)
{
	struct weir_syscall by_name = { .size = sizeof by_name };
	struct weir_syscall by_nr = { .size = sizeof by_nr };
	struct weir_syscall at = { .size = sizeof at };
	struct weir_syscall_arg arg = { .size = sizeof arg };

	assert_int_equal(weir_syscall_by_name("s390x", "clone", &by_name), 0);
	assert_int_equal(by_name.nr, 120);
	assert_int_equal(weir_syscall_arg("s390x", 120, 1, &arg), 0);
	assert_string_equal(arg.name, "clone_flags");
	assert_string_equal(arg.other_name, "flags");
	assert_int_equal(arg.bits, 32);
	assert_int_equal(weir_syscall_arg("s390x", 120, by_name.nargs, &arg), -ENOENT);
	assert_int_equal(weir_syscall_by_nr("x32", 512, &by_nr), 0);
	assert_int_equal(by_nr.nr, 0x40000000 | 512);
	assert_string_equal(by_nr.name, "rt_sigaction");
	assert_int_equal(weir_syscall("arm", 0, &at), 0);
	assert_string_equal(at.name, "restart_syscall");
	assert_int_equal(weir_syscall("arm", 5000, &at), -ENOENT);
	assert_int_equal(weir_syscall_by_name("aarch64", "open", &at), -ENOENT);
	assert_int_equal(weir_syscall_by_name("vax", "open", &at), -EINVAL);
	at.size = 0;
	assert_int_equal(weir_syscall("arm", 0, &at), -EINVAL);
}

static void each_link_type_has_a_number_and_a_name_of_its_own(void **state)
{
	unsigned i;

	for (i = 0; weir_linktype(i) >= 0; i++) {
		assert_int_equal(weir_linktype_by_name(weir_linktype_name(weir_linktype(i))),
		                 weir_linktype(i));
		for (unsigned k = 0; k < i; k++)
			assert_int_not_equal(weir_linktype(k), weir_linktype(i));
	}
	assert_true(i > 10);
}

static void constants_are_those_of_the_abi(void **state)
{
	uint64_t value;
	bool negative;

	assert_int_equal(weir_constant("aarch64", "O_DIRECTORY", &value, &negative), 0);
	assert_int_equal(value, 0x4000);
	assert_false(negative);
	assert_int_equal(weir_constant("mips", "AT_FDCWD", &value, &negative), 0);
	assert_int_equal((int64_t)value, -100);
	assert_true(negative);
	assert_int_equal(weir_constant("m68k", "ARCH_SET_FS", &value, &negative), -ENOENT);
	assert_string_equal(weir_errno_name("x86_64", 38), "ENOSYS");
	assert_string_equal(weir_errno_name("mips", 89), "ENOSYS");
	assert_null(weir_errno_name("x86_64", 0));
	assert_null(weir_errno_name("vax", 1));
	assert_string_equal(weir_abi_near("amd64"), "x86_64");
	assert_null(weir_abi_near("pdp11-70"));
}

/* --- forms and formats ------------------------------------------------------------- */

static void a_text_looks_like_a_form_a_program_or_nothing(void **state)
{
	static const struct {
		const char *text, *like;
	} cases[] = {
		{ "default allow", "policy" },
		{ "read: 1", "minijail" },
		{ "\xef\xbb\xbfread: 1", "minijail" },
		{ "USE a DEFAULT KILL", "kafel" },
		{ "#include \"a\"\n", "kafel" },
		{ "[Service]", "systemd" },
		{ "{}", "oci" },
		{ "{\"insns\": []}", "program" },
		{ "1\n6 0 0 0\n", "program" },
		{ "1\nread\n", NULL },
		{ "[]", NULL },
		{ "[Container]", NULL },
		{ "# nothing", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *like = weir_policy_looks_like(cases[i].text,
		                                          strlen(cases[i].text));

		if (!cases[i].like)
			assert_null(like);
		else
			assert_string_equal(like, cases[i].like);
	}
}

static void a_program_that_is_read_has_a_kind_and_a_format(void **state)
{
	static const char call[] = "ld [0]\njeq #1, x\nret #0x7fff0000\nx: ret #0\n";
	static const struct sock_filter ret = { BPF_RET, 0, 0, 0 };
	struct weir_program *p;

	assert_int_equal(weir_program_read(&p, WEIR_EITHER, call, strlen(call), NULL), 0);
	assert_int_equal(weir_program_kind(p), WEIR_SECCOMP);
	assert_string_equal(weir_program_format(p), "asm");
	weir_program_free(p);
	assert_int_equal(weir_program_read(&p, WEIR_PACKET, call, strlen(call), NULL), 0);
	assert_int_equal(weir_program_kind(p), WEIR_PACKET);
	weir_program_free(p);
	assert_int_equal(weir_program_read(&p, WEIR_EITHER, "1\n6 0 0 0\n", 10, NULL), -EINVAL);
	assert_null(p);
	assert_int_equal(weir_program_new(&p, WEIR_EITHER, &ret, 1), -EINVAL);
	assert_int_equal(weir_program_new(&p, WEIR_PACKET, &ret, 1), 0);
	assert_null(weir_program_format(p));
	weir_program_free(p);
}

static bool reads_back(const char *format)
{
	struct weir_expression *e;
	struct weir_program *p, *q;
	struct weir_compile_options o = { .size = sizeof o, .annotate = true };
	char *text;
	size_t len;
	int err;

	assert_int_equal(weir_expression_read(&e, "tcp port 80", 11, NULL), 0);
	assert_int_equal(weir_expression_compile(&p, e, &o), 0);
	assert_int_equal(weir_program_print(p, format, &text, &len), 0);
	err = weir_program_read(&q, WEIR_PACKET, text, len, NULL);
	weir_program_free(p);
	weir_program_free(q);
	weir_expression_free(e);
	free(text);
	return !err;
}

static void formats_are_what_they_say(void **state)
{
	struct weir_format f = { .size = sizeof f };
	const char *name;
	unsigned names = 0, forms = 0;

	for (unsigned i = 0; weir_format(i, &f) == 0; i++) {
		if (f.kind == WEIR_PROGRAM_FORMAT && f.writes) {
			name = weir_format_name(names++);
			assert_string_equal(name, f.name);
			assert_int_equal(reads_back(f.name), f.reads);
		}
		if (f.kind == WEIR_POLICY_FORMAT && f.reads) {
			name = weir_policy_form(forms++);
			assert_string_equal(name, f.name);
		}
	}
	assert_int_not_equal(names, 0);
	assert_int_not_equal(forms, 0);
	assert_null(weir_format_name(names));
	assert_null(weir_policy_form(forms));
}

/* --- expressions and programs ------------------------------------------------------ */

static void an_expression_compiles_to_the_same_program_again(void **state)
{
	static const enum weir_level level[] = { WEIR_O2, WEIR_OS, WEIR_O0, WEIR_O2 };
	struct weir_program *p[ARRAY_LEN(level)];
	struct weir_expression *e;
	size_t n, first;

	assert_int_equal(weir_expression_read(&e, "tcp port 80 or host 10.0.0.1", 28, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(level); i++) {
		struct weir_compile_options o = {
			.size = sizeof o,
			.level = level[i],
			.annotate = true,
		};

		assert_int_equal(weir_expression_compile(&p[i], e, &o), 0);
	}
	weir_expression_free(e);
	weir_program_insns(p[0], &first);
	weir_program_insns(p[3], &n);
	assert_int_equal(n, first);
	assert_memory_equal(weir_program_insns(p[0], &n), weir_program_insns(p[3], &n),
	                    n * sizeof(struct sock_filter));
	weir_program_insns(p[2], &n);
	WITH_USUAL_LIMITS(assert_true(n > first));
	for (size_t i = 0; i < ARRAY_LEN(level); i++)
		weir_program_free(p[i]);
}

static void an_instruction_tells_which_text_asked_for_it(void **state)
{
	static const char text[] = "tcp port 80";
	struct weir_compile_options o = { .size = sizeof o, .annotate = true };
	struct weir_origin from = { .size = sizeof from };
	struct weir_program *p;
	size_t n, known = 0;

	assert_int_equal(compile_packet(&p, text, NULL, &o), 0);
	weir_program_insns(p, &n);
	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; weir_program_origin(p, i, k, &from) == 0; k++) {
			known++;
			assert_string_equal(from.source, "expression");
			assert_true(from.end > from.start && from.end <= strlen(text));
			assert_memory_equal(from.text, text + from.start,
			                    from.end - from.start);
		}
	assert_true(known >= 5);
	assert_int_equal(weir_program_origin(p, n, 0, &from), -ENOENT);
	weir_program_free(p);
}

/* What a run showed, step by step. */
struct steps {
	uint32_t n, last;
	bool ended, failed;
};

static void count_step(void *ctx, const struct weir_step *s)
{
	struct steps *steps = ctx;

	assert_false(steps->ended);
	steps->n++;
	steps->last = s->at;
	steps->ended = s->ended;
	steps->failed = s->failed;
}

static void a_run_is_shown_step_by_step(void **state)
{
	static const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 99),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 50),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	static const uint8_t seven[] = { 7 }, eight[] = { 8 };
	struct weir_data data = { .size = sizeof data, .bytes = seven, .captured = 1 };
	struct steps steps = { 0 };
	struct weir_program *p;
	uint32_t result;

	assert_int_equal(weir_program_new(&p, WEIR_PACKET, insns, ARRAY_LEN(insns)), 0);
	assert_int_equal(weir_program_trace(p, &data, count_step, &steps, &result), 0);
	assert_int_equal(result, 99);
	assert_int_equal(steps.n, 3);
	assert_true(steps.ended && !steps.failed);
	data.bytes = eight;
	steps = (struct steps){ 0 };
	assert_int_equal(weir_program_trace(p, &data, count_step, &steps, &result), 0);
	assert_int_equal(result, 0);
	assert_int_equal(steps.last, 3);
	assert_true(steps.ended && steps.failed);
	weir_program_free(p);
}

/* --- policies ---------------------------------------------------------------------- */

static void a_policy_that_only_permits_refuses_nothing(void **state)
{
	static const struct {
		const char *text;
		bool refuses;
	} cases[] = {
		{ "default allow", false },
		{ "default log\nforeign kill", false },
		{ "default allow\nallow read\nkill read", false },
		{ "default allow\nkill read if fd == 1 and fd == 2", false },
		{ "default allow\nkill read", true },
		{ "default allow\nallow read if fd == 1\nkill read", true },
		{ "default kill", true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct weir_policy *p;

		assert_int_equal(weir_policy_read(&p, cases[i].text,
		                                  strlen(cases[i].text), NULL),
		                 0);
		assert_int_equal(weir_policy_refuses(p), cases[i].refuses);
		weir_policy_free(p);
	}
}

static void print_to(char *out, size_t room, struct weir_policy *p)
{
	size_t len;
	char *text;

	assert_int_equal(weir_policy_print(p, NULL, NULL, &text, &len), 0);
	assert_true(len < room);
	memcpy(out, text, len + 1);
	free(text);
}

static void a_policy_is_made_by_calls(void **state)
{
	struct weir_rule rule = { .size = sizeof rule };
	struct weir_policy *p, *q;
	char text[500];

	assert_int_equal(weir_policy_new(&p, "default errno EPERM\nabi x86_64\n", NULL), 0);
	assert_int_equal(weir_policy_add(p, "allow read, write", "3 calls by cat\n2 by sh"), 0);
	assert_int_equal(weir_policy_add(p, "allow raed", NULL), -EINVAL);
	assert_int_equal(weir_policy_new(&q, "default errno 1\nabi x86_64\nallow read, write\n"
	                                     "allow kill if sig == 0\n",
	                                 NULL),
	                 0);
	assert_int_equal(weir_policy_merge(p, q), 0);
	print_to(text, sizeof text, p);
	assert_string_equal(text, "default errno EPERM\nabi x86_64\n# 3 calls by cat\n# 2 by sh\n"
	                          "allow read, write\nallow kill if sig == 0\n");
	assert_int_equal(weir_policy_rule(p, 0, &rule), 0);
	assert_string_equal(rule.action, "allow");
	assert_true(rule.permits);
	assert_int_equal(rule.calls, 2);
	assert_int_equal(rule.line, 5);
	assert_int_equal(weir_policy_rule(p, 2, &rule), -ENOENT);
	weir_policy_free(q);
	assert_int_equal(weir_policy_new(&q, "default allow\nabi x86_64\n", NULL), 0);
	assert_int_equal(weir_policy_merge(p, q), -EINVAL);
	weir_policy_free(q);
	weir_policy_free(p);
}

/* --- structs that grow ------------------------------------------------------------- */

static void a_smaller_struct_is_not_overrun(void **state)
{
	struct {
		size_t size;
		bool ok;
		char beyond[200];
	} small = { .size = offsetof(struct weir_verdict, at) };
	struct weir_program *p;

	memset(small.beyond, 0x55, sizeof small.beyond);
	assert_int_equal(weir_compile(&p, "ip", 1, 0, 0, WEIR_O2), 0);
	assert_int_equal(weir_program_check(p, (struct weir_verdict *)(void *)&small), 0);
	assert_true(small.ok);
	assert_int_equal(small.size, offsetof(struct weir_verdict, at));
	for (size_t i = offsetof(struct weir_verdict, at) - sizeof(size_t); i < sizeof small.beyond; i++)
		assert_int_equal(small.beyond[i], 0x55);
	weir_program_free(p);
}

static void a_larger_struct_must_be_zero_where_it_is_unknown(void **state)
{
	struct {
		struct weir_expression_options known;
		uint64_t unknown;
	} large = { .known.size = sizeof large };
	struct {
		struct weir_verdict known;
		uint64_t unknown;
	} verdict = { .known.size = sizeof verdict, .unknown = 7 };
	const struct weir_expression_options *o = &large.known;
	struct weir_expression *e;
	struct weir_program *p;

	assert_int_equal(weir_expression_read(&e, "ip", 2, o), 0);
	assert_int_equal(weir_expression_compile(&p, e, NULL), 0);
	assert_int_equal(weir_program_check(p, &verdict.known), 0);
	assert_int_equal(verdict.unknown, 0);
	weir_program_free(p);
	weir_expression_free(e);
	large.unknown = 1;
	assert_int_equal(weir_expression_read(&e, "ip", 2, o), -E2BIG);
	assert_null(e);
	large.known.size = 0;
	assert_int_equal(weir_expression_read(&e, "ip", 2, o), -EINVAL);
}

/* Every struct has the size that the table says, as long as it has one row. */
#if UINTPTR_MAX > 0xffffffff
#define SIZE(name, bytes, version) \
	_Static_assert(sizeof(struct name) == (bytes), #name " has another size");
#include "abi.def"
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_found_by_name_number_and_place),
		cmocka_unit_test(each_link_type_has_a_number_and_a_name_of_its_own),
		cmocka_unit_test(constants_are_those_of_the_abi),
		cmocka_unit_test(a_text_looks_like_a_form_a_program_or_nothing),
		cmocka_unit_test(a_program_that_is_read_has_a_kind_and_a_format),
		cmocka_unit_test(formats_are_what_they_say),
		cmocka_unit_test(an_expression_compiles_to_the_same_program_again),
		cmocka_unit_test(an_instruction_tells_which_text_asked_for_it),
		cmocka_unit_test(a_run_is_shown_step_by_step),
		cmocka_unit_test(a_policy_that_only_permits_refuses_nothing),
		cmocka_unit_test(a_policy_is_made_by_calls),
		cmocka_unit_test(a_smaller_struct_is_not_overrun),
		cmocka_unit_test(a_larger_struct_must_be_zero_where_it_is_unknown),
	};

	return cmocka_run_group_tests_name("nouns", tests, NULL, NULL);
}
