/* What every unit test starts from: cmocka, and an arena that must not run dry. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

/* Declares arena NAME for this test; out of memory fails the test. */
#define TEST_ARENA(name)                                                       \
	jmp_buf name##_oom;                                                    \
	struct arena name = { .oom = &name##_oom };                            \
	if (setjmp(name##_oom))                                                \
	fail_msg("out of memory")

#endif
