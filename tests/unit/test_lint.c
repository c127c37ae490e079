/* rules: the lints, what they warn of and what they leave alone. */
#include "subject.h"

static void doubtful_policies_are_warned_of(void **state)
{
	static const char *const rows[][2] = {
		{ "default kill; errno 0 read",
		  "errno 0 makes the call look successful" },
		{ "default kill; allow read; allow read if fd == 0",
		  "no call reaches this rule" },
		{ "default kill; allow read; kill read, write",
		  "an earlier rule decides 'read' differently" },
		{ "default kill; allow clone", "not 'clone3'" },
		{ "default allow; errno EPERM openat, open", "not 'openat2'" },
		{ "default kill; allow io_uring_setup", "no filter sees" },
		{ "default allow; errno EPERM read", "no filter sees" },
		{ "default kill; allow openat if flags & O_ACCMODE == O_RDONLY",
		  "O_TRUNC" },
		{ "default kill; allow close if fd & 0 == 0", "selects none" },
		{ "default kill; allow close if fd & 3 == 4", "never equal" },
		{ "default kill; allow read if buf == 0x1000",
		  "this compares a pointer" },
		{ "default kill; foreign allow", "can be bypassed" },
		{ "default kill; allow socketcall",
		  "is a system call of i386, but of none" },
		{ "abi x86_64, i386; default kill; allow arch_prctl, mmap2",
		  "not a system call of x86_64" },
		{ "default kill; let O_RDONLY = 3", "hides the kernel's constant" },
		{ "default kill; allow read - write", "removes nothing" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		warned(rows[i][0], rows[i][1]);
}

/* The same policies, put right: a warning that cries wolf is not read. */
static void sound_policies_are_left_alone(void **state)
{
	static const char *const rows[] = {
		"default kill; errno EPERM read",
		"default kill; allow read if fd == 0; allow write",
		"default kill; allow clone, clone3",
		"default kill; allow openat if flags within O_CLOEXEC; allow exit_group",
		"default kill; allow close if fd & 3 == 2",
		"default kill; allow read if buf == 0",
		"default kill; foreign kill",
		"abi x86_64, i386; default kill; on i386 { allow mmap2 }",
		"default kill; let LOW = 3; allow close if fd < LOW",
		"default kill; group @io = read, write; allow @io - write",
		/* An exception before the rule is what the order is for. */
		"default kill; errno EPERM read if fd == 0; allow read",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct subject s = { .options.abis = "x86_64" };

		compile(&s, rows[i]);
		if (s.messages.len)
			fail_msg("%s\ngot: %s", rows[i], buf_str(&s.messages));
		finish(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubtful_policies_are_warned_of),
		cmocka_unit_test(sound_policies_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
