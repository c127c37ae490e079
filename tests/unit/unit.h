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
#define TEST_ARENA(name)                            \
	jmp_buf name##_oom;                         \
	struct arena name = { .oom = &name##_oom }; \
	if (setjmp(name##_oom))                     \
	fail_msg("out of memory")

/*
 * CHECK holds with the usual limits. With small ones (--enable-stress) a program is
 * longer, or a pass leaves a graph as it was; what both decide is still compared.
 */
#define WITH_USUAL_LIMITS(check) \
	do {                     \
		if (LIMIT(1, 0)) \
			check;   \
	} while (0)

#endif
