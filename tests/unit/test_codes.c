/* What kind of error the library reports for which mistake. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"
#include "weir.h"

/* The code of the first error, and its message. */
struct seen {
	enum weir_code code;
	char message[200];
};

static void see(void *ctx, const struct weir_diag *d)
{
	struct seen *seen = ctx;

	if (d->severity == WEIR_ERROR && !seen->code) {
		seen->code = d->code;
		snprintf(seen->message, sizeof seen->message, "%s", d->message);
	}
}

static int read_expression(const char *text, const struct weir_read_options *read)
{
	const struct weir_expression_options o = { .size = sizeof o, .read = read };
	struct weir_expression *e;
	struct weir_program *p = NULL;
	int err = weir_expression_read(&e, text, strlen(text), &o);

	if (!err)
		err = weir_expression_compile(&p, e, NULL);
	weir_expression_free(e);
	weir_program_free(p);
	return err;
}

static int read_policy(const char *text, const struct weir_read_options *read)
{
	const struct weir_policy_options o = { .size = sizeof o, .read = read };
	struct weir_policy *policy;
	int err = weir_policy_read(&policy, text, strlen(text), &o);
	char *out = NULL;
	size_t len;

	if (!err)
		err = weir_policy_print(policy, "oci", NULL, &out, &len);
	weir_policy_free(policy);
	free(out);
	return err;
}

static int read_program(const char *text, const struct weir_read_options *read)
{
	const struct weir_compile_options how = {
		.size = sizeof how,
		.diag = read->diag,
		.diag_ctx = read->diag_ctx,
	};
	struct weir_program *p, *out = NULL;
	int err = weir_program_read(&p, WEIR_PACKET, text, strlen(text), read);

	if (!err)
		err = weir_program_optimize(&out, p, &how);
	weir_program_free(p);
	weir_program_free(out);
	return err;
}

static const struct {
	int (*read)(const char *text, const struct weir_read_options *read);
	const char *text;
	enum weir_code code;
} cases[] = {
	{ read_expression, "'tcp' gateway", WEIR_E_SYNTAX },
	{ read_expression, "tcp and", WEIR_E_SYNTAX },
	{ read_expression, "(tcp", WEIR_E_SYNTAX },
	{ read_expression, "ip proto tpc", WEIR_E_UNKNOWN },
	{ read_expression, "wlan type dta", WEIR_E_UNKNOWN },
	{ read_expression, "vlan 5000", WEIR_E_RANGE },
	{ read_expression, "len = 4294967296", WEIR_E_RANGE },
	{ read_expression, "inbound", WEIR_E_INEXPRESSIBLE },
	{ read_expression, "host example.org", WEIR_E_OUTSIDE },
	{ read_expression, "host in \"list\"", WEIR_E_OUTSIDE },
	{ read_expression, "ip broadcast", WEIR_E_TEXT },
	{ read_policy, "default errno EPERM\nallow read(", WEIR_E_SYNTAX },
	{ read_policy, "default errno EPERM\nallwo read", WEIR_E_UNKNOWN },
	{ read_policy, "default errno EPERM\nallow raed", WEIR_E_UNKNOWN },
	{ read_policy, "default errno EPREM\nallow read", WEIR_E_UNKNOWN },
	{ read_policy, "default errno EPERM\nallow read if df == 1", WEIR_E_UNKNOWN },
	{ read_policy, "abi x86_65\ndefault errno EPERM", WEIR_E_UNKNOWN },
	{ read_policy, "default kill\ndefault kill", WEIR_E_DUPLICATE },
	{ read_policy, "default errno 70000\nallow read", WEIR_E_RANGE },
	{ read_policy, "default kill\nallow read if fd == 0x123456789", WEIR_E_RANGE },
	{ read_policy, "abi x86_64\ndefault trap 5\nallow read", WEIR_E_INEXPRESSIBLE },
	{ read_policy, "include \"more\"\ndefault kill", WEIR_E_OUTSIDE },
	{ read_policy, "allow read", WEIR_E_TEXT },
	{ read_policy, "{\"defaultAction\":1,\"defaultAction\":2}", WEIR_E_DUPLICATE },
	{ read_policy, "{\"defaultAction\":\"SCMP_ACT_ALOW\"}", WEIR_E_UNKNOWN },
	{ read_policy, "{\"defaultAction\":\"SCMP_ACT_ALLOW\" \"syscalls\":[]}", WEIR_E_SYNTAX },
	{ read_policy, "POLICY p { ALLOW { raed } } USE p DEFAULT KILL", WEIR_E_UNKNOWN },
	{ read_policy, "[Service]\nSystemCallArchitectures=nativ\nSystemCallFilter=read\n", WEIR_E_UNKNOWN },
	{ read_program, "ldh [12", WEIR_E_SYNTAX },
	{ read_program, "ldhh [12]", WEIR_E_UNKNOWN },
	{ read_program, "L: neg\nL: ret a", WEIR_E_DUPLICATE },
	{ read_program, "1,6 0 300 0", WEIR_E_RANGE },
	{ read_program, "tax\nld M[3]\nret a", WEIR_E_REFUSED },
};

static void an_error_has_the_code_of_its_kind(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct seen seen = { 0 };
		const struct weir_read_options read = {
			.size = sizeof read,
			.diag = see,
			.diag_ctx = &seen,
		};

		/* kafel's policies are read for x86_64 alone. */
		if (!strncmp(cases[i].text, "POLICY", 6) && strcmp(weir_native_abi(), "x86_64"))
			continue;
		assert_int_equal(cases[i].read(cases[i].text, &read), -EINVAL);
		if (seen.code != cases[i].code)
			fail_msg("%s: %s, expected %s: %s", cases[i].text,
			         weir_code_name(seen.code), weir_code_name(cases[i].code),
			         seen.message);
		assert_in_range(seen.message[0], ' ', '~');
	}
}

static void what_is_too_much_has_a_code(void **state)
{
	struct seen deep = { 0 }, costly = { 0 };
	struct weir_read_options read = {
		.size = sizeof read,
		.diag = see,
		.diag_ctx = &deep,
	};
	char text[5001] = "[";

	memset(text, '[', sizeof text - 1);
	assert_int_equal(read_program(text, &read), -EINVAL);
	assert_int_equal(deep.code, WEIR_E_LIMIT);

	read.diag_ctx = &costly;
	read.max_work = 10;
	assert_int_equal(read_expression("tcp", &read), -EDQUOT);
	assert_int_equal(costly.code, WEIR_E_BUDGET);
}

static void codes_are_the_bytes_that_messages_begin_with(void **state)
{
	assert_int_equal(E_SYNTAX[0], WEIR_E_SYNTAX);
	assert_int_equal(E_UNKNOWN[0], WEIR_E_UNKNOWN);
	assert_int_equal(E_DUPLICATE[0], WEIR_E_DUPLICATE);
	assert_int_equal(E_RANGE[0], WEIR_E_RANGE);
	assert_int_equal(E_INEXPRESSIBLE[0], WEIR_E_INEXPRESSIBLE);
	assert_int_equal(E_OUTSIDE[0], WEIR_E_OUTSIDE);
	assert_int_equal(E_LIMIT[0], WEIR_E_LIMIT);
	assert_int_equal(E_BUDGET[0], WEIR_E_BUDGET);
	assert_int_equal(E_REFUSED[0], WEIR_E_REFUSED);
	assert_int_equal(E_WRONG[0], WEIR_E_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_has_the_code_of_its_kind),
		cmocka_unit_test(what_is_too_much_has_a_code),
		cmocka_unit_test(codes_are_the_bytes_that_messages_begin_with),
	};

	return cmocka_run_group_tests_name("codes", tests, NULL, NULL);
}
