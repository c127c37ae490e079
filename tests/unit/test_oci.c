/* oci: the words and runtimes of profiles. */
#include "unit.h"

#include "oci/oci.h"

static void a_runtime_is_its_row(void **state)
{
	TEST_ARENA(a);
	struct diags d = { .arena = &a };
	const struct oci_runtime *runc = oci_runtime(&d, NULL);
	const struct oci_runtime *crun = oci_runtime(&d, "crun");
	const struct oci_arch *m68k = oci_arch("SCMP_ARCH_M68K", 14);

	assert_string_equal(runc->name, "runc");
	assert_false(oci_runtime_takes(runc, m68k));
	assert_true(oci_runtime_takes(crun, m68k));
	assert_true(oci_runtime_stubs(runc, RULES_ERRNO));
	assert_false(oci_runtime_stubs(runc, RULES_ALLOW));
	assert_false(oci_runtime_stubs(crun, RULES_ERRNO));
	assert_null(oci_runtime(&d, "runsc"));
	assert_int_equal(d.errors, 1);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_runtime_is_its_row),
	};

	return cmocka_run_group_tests_name("oci", tests, NULL, NULL);
}
