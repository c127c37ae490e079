/* Arenas for tests: out of memory is the end of the test, not a case of it. */
#include "tests/diff/diff.h"

jmp_buf test_oom;

void test_arena(struct arena *a)
{
	*a = (struct arena){ .oom = &test_oom };
}
