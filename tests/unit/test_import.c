/* import: kafel, minijail and systemd, each from its text to a policy of ours. */
#include "unit.h"

#include "import/import.h"
#include "policy/policy.h"

/* Remembers the first error. */
static void keep_first(void *ctx, const struct diags *d, const struct diag *one)
{
	const char **first = ctx;

	if (one->severity == DIAG_ERROR && !*first)
		*first = one->text;
}

/* Expect READ to make WANT of TEXT, in our language; or, if it fails, ERROR. */
static void expect(import_read_fn *read, const char *text, const char *want,
                   const char *error)
{
	TEST_ARENA(a);
	struct rules_options o = { .abis = "x86_64" };
	const char *first = NULL;
	struct diags d = { .arena = &a, .emit = keep_first, .ctx = &first };
	struct buf out = { .arena = &a };
	const struct rules_tree *t =
		read(&a, &d, diag_source(&d, "text", text, strlen(text)), &o);

	if (error) {
		assert_null(t);
		assert_non_null(first);
		assert_string_equal(first, error);
	} else {
		assert_non_null(t);
		policy_print(&out, t, &o);
		assert_string_equal(buf_str(&out), want);
	}
	arena_free(&a);
}

static void kafel_folds_constants_before_it_looks_at_widths(void **state)
{
	expect(import_read_kafel,
	       "#define A 0x10\nALLOW { write { fd == A | 3 } } DEFAULT ERRNO(1)",
	       "default errno EPERM\n"
	       "foreign kill_thread\n"
	       "abi x86_64\n"
	       "allow write if u32(args[0]) == 19\n",
	       NULL);
}

static void kafel_takes_a_policy_by_its_name(void **state)
{
	expect(import_read_kafel,
	       "POLICY p { KILL { ptrace } }\nUSE p\nDEFAULT ALLOW", "default allow\n"
	                                                             "foreign kill_thread\n"
	                                                             "abi x86_64\n"
	                                                             "kill_thread ptrace\n",
	       NULL);
	expect(import_read_kafel, "USE q\nDEFAULT ALLOW", NULL,
	       "no policy 'q' is defined above");
}

static void kafel_ends_a_comment_only_at_a_lone_star(void **state)
{
	expect(import_read_kafel, "/* a **/ DEFAULT ALLOW", NULL,
	       "'/* a **/ DEFAULT ALLOW' is an unterminated comment");
}

static void minijail_takes_one_rule_per_line(void **state)
{
	expect(import_read_minijail, "read: 1\nwrite: arg0 == 1\n", "default kill_thread\n"
	                                                            "foreign kill_thread\n"
	                                                            "abi x86_64\n"
	                                                            "allow read\n"
	                                                            "allow write if args[0] == 1\n",
	       NULL);
	expect(import_read_minijail, "read: 1 1\n", NULL,
	       "expected the end of the line, found '1'");
	expect(import_read_minijail, "read:\n1\n", NULL,
	       "expected an action (1, return, ...) or a condition before the end "
	       "of the line");
}

static void minijail_asks_where_its_compilers_disagree(void **state)
{
	static const char text[] = "read: arg0 == 1; return EPERM\n";

	expect(import_read_minijail, text, NULL,
	       "libminijail does this to all other calls, "
	       "compile_seccomp_policy.py to these; "
	       "--from minijail-c or minijail-python?");
	expect(import_read_minijail_c, text, "default kill_thread\n"
	                                     "foreign kill_thread\n"
	                                     "abi x86_64\n"
	                                     "allow read if args[0] == 1\n"
	                                     "errno EPERM read\n",
	       NULL);
	expect(import_read_minijail_python, text, "default kill_thread\n"
	                                          "foreign kill_thread\n"
	                                          "abi x86_64\n"
	                                          "errno EPERM read if args[0] == 1\n",
	       NULL);
}

static void a_unit_refuses_what_its_list_names(void **state)
{
	expect(import_read_systemd,
	       "[Service]\nSystemCallFilter=~ptrace kexec_load:EPERM\n", "default allow\n"
	                                                                 "abi x86_64\n"
	                                                                 "errno EPERM kexec_load\n"
	                                                                 "kill ptrace\n",
	       NULL);
}

static void a_unit_is_read_in_its_own_sections_only(void **state)
{
	expect(import_read_systemd,
	       "[Unit]\nSystemCallFilter=read\n[Install]\nLockPersonality=yes\n",
	       NULL,
	       "no setting of this unit filters system calls, so it is not a policy; "
	       "SystemCallFilter= would filter");
	expect(import_read_systemd, "[Service]\nLockPersonality=\x11\n", NULL,
	       "expected 'yes' or 'no' as the value of 'LockPersonality'");
}

static bool is(import_is_fn *fn, const char *text)
{
	return fn(text, strlen(text));
}

static void a_text_is_known_by_its_first_words(void **state)
{
	assert_true(is(import_is_kafel, "# c\nPOLICY p {}"));
	assert_true(is(import_is_kafel, "// c\nx"));
	assert_false(is(import_is_kafel, "POLICYX p"));
	assert_true(is(import_is_minijail, "# c\nread : 1"));
	assert_true(is(import_is_minijail, "@include ./x"));
	assert_false(is(import_is_minijail, "allow read"));
	assert_true(is(import_is_systemd, "; c\n[Service]"));
	assert_false(is(import_is_systemd, "default allow"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kafel_folds_constants_before_it_looks_at_widths),
		cmocka_unit_test(kafel_takes_a_policy_by_its_name),
		cmocka_unit_test(kafel_ends_a_comment_only_at_a_lone_star),
		cmocka_unit_test(minijail_takes_one_rule_per_line),
		cmocka_unit_test(minijail_asks_where_its_compilers_disagree),
		cmocka_unit_test(a_unit_refuses_what_its_list_names),
		cmocka_unit_test(a_unit_is_read_in_its_own_sections_only),
		cmocka_unit_test(a_text_is_known_by_its_first_words),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
