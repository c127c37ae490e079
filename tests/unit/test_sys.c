/* sys: the tables of ABIs, calls and constants. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "sys/sys.h"

/* --- tables --------------------------------------------------------------- */

static void numbers_are_those_of_the_headers(void **state)
{
	static const struct {
		const char *name;
		long nr;
	} known[] = {
		{ "read", SYS_read },
		{ "openat", SYS_openat },
		{ "clone3", SYS_clone3 },
		{ "socket", SYS_socket },
#ifdef SYS_mmap
		{ "mmap", SYS_mmap },
#endif
		{ "exit_group", SYS_exit_group },
#ifdef SYS_futex_waitv
		{ "futex_waitv", SYS_futex_waitv },
#endif
	};
	const struct sys_abi *native = sys_abi_native();
	struct sys_call c;

	if (!native)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		assert_true(sys_call_by_name(native, known[i].name,
		                             strlen(known[i].name), &c));
		assert_int_equal(c.nr, known[i].nr);
		assert_true(sys_call_by_nr(native, c.nr, &c));
		assert_string_equal(c.name, known[i].name);
	}
	assert_false(sys_call_by_name(native, "raed", 4, &c));
	assert_false(sys_call_by_name(native, "rea", 3, &c));
}

static void every_call_is_found_by_name_and_number(void **state)
{
	struct sys_call c, again;

	for (unsigned a = 0; a < SYS_NABIS; a++)
		for (uint32_t i = 0; sys_call_at(&sys_abis[a], i, &c);
		     i++) {
			assert_true(sys_call_by_name(&sys_abis[a], c.name,
			                             strlen(c.name),
			                             &again));
			assert_int_equal(c.nr, again.nr);
			assert_true(sys_call_by_nr(&sys_abis[a], c.nr,
			                           &again));
			assert_string_equal(c.name, again.name);
		}
}

static void arguments_have_the_kernel_s_width_and_sign(void **state)
{
	static const struct {
		const char *abi, *call;
		unsigned arg, width;
		bool is_signed;
		const char *name, *alias;
	} rows[] = {
		{ "x86_64", "openat", 0, 32, true, "dfd", "dirfd" },
		{ "x86_64", "openat", 3, 16, false, "mode", NULL },
		{ "x86_64", "clone", 0, 32, false, "clone_flags", "flags" },
		{ "x86_64", "mmap", 4, 32, true, "fd", NULL },
		{ "x86_64", "mmap", 2, 64, false, "prot", NULL },
		{ "x86_64", "lseek", 1, 64, true, "offset", NULL },
		{ "i386", "lseek", 1, 32, true, "offset", NULL },
		{ "i386", "pread64", 3, 64, true, "pos", "offset" },
		{ "i386", "clone", 3, 32, false, "tls", NULL },
		{ "x86_64", "ioctl", 1, 32, false, "cmd", "request" },
		{ "x32", "ioctl", 2, 32, false, "arg", NULL },
		{ "aarch64", "mmap", 4, 32, true, "fd", NULL },
		{ "s390x", "clone", 1, 32, false, "clone_flags", "flags" },
		{ "s390x", "mmap", 0, 64, false, "arg", NULL },
		{ "arm", "openat", 3, 16, false, "mode", NULL },
		{ "arm", "pread64", 3, 64, true, "pos", "offset" },
		{ "mips", "lseek", 1, 32, true, "offset", NULL },
		{ "mips64n32", "preadv", 3, 64, true, "pos", NULL },
		{ "m68k", "clone", 3, 32, false, "child_tidptr", NULL },
		{ "parisc", "fallocate", 2, 64, true, "offset", NULL },
		{ "riscv64", "riscv_flush_icache", 2, 64, false, "flags", NULL },
	};
	struct sys_call c;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct sys_arg *arg;

		assert_true(sys_call_by_name(
			sys_abi(rows[i].abi, strlen(rows[i].abi)),
			rows[i].call, strlen(rows[i].call), &c));
		arg = &c.arg[rows[i].arg];
		assert_string_equal(arg->name, rows[i].name);
		assert_int_equal(arg->type.width, rows[i].width);
		assert_int_equal(arg->type.is_signed, rows[i].is_signed);
		if (rows[i].alias && strcmp(rows[i].abi, "i386") != 0)
			assert_string_equal(arg->alias, rows[i].alias);
	}
}

static void constants_are_those_of_the_headers(void **state)
{
	static const struct {
		const char *name;
		int64_t value;
	} known[] = {
		{ "O_CLOEXEC", O_CLOEXEC },
		{ "AF_UNIX", AF_UNIX },
		{ "SOCK_STREAM", SOCK_STREAM },
		{ "AT_FDCWD", AT_FDCWD },
		{ "EPERM", EPERM },
		{ "PROT_EXEC", PROT_EXEC },
		{ "TIOCSTI", TIOCSTI },
		{ "SIGKILL", SIGKILL },
		{ "PR_SET_NAME", PR_SET_NAME },
		{ "MAP_ANONYMOUS", MAP_ANONYMOUS },
		{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	};
	const struct sys_abi *native = sys_abi_native();
	struct sys_number n;

	if (!native)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		assert_true(sys_constant(native, known[i].name,
		                         strlen(known[i].name), &n));
		assert_int_equal(n.bits, (uint64_t)known[i].value);
		assert_int_equal(n.negative, known[i].value < 0);
	}
	assert_int_equal(sys_errno(native, "ENOSYS", 6), ENOSYS);
	assert_int_equal(sys_errno(native, "O_CLOEXEC", 9), 0);
	assert_string_equal(sys_errno_name(native, EAGAIN), "EAGAIN");
	assert_string_equal(sys_errno_name(native, EOPNOTSUPP),
	                    "EOPNOTSUPP");
	assert_null(sys_errno_name(native, 4000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_the_headers),
		cmocka_unit_test(every_call_is_found_by_name_and_number),
		cmocka_unit_test(arguments_have_the_kernel_s_width_and_sign),
		cmocka_unit_test(constants_are_those_of_the_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
