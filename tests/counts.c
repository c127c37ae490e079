/*
 * In a coverage build weir's counts are memory that it shares with its children: what
 * the child of `weir run` executes under the policy, up to exec or to its end by a
 * signal, is counted as well. Whoever forked writes them when it ends.
 *
 * They are variables without a value (.bss), with few others among them, which no
 * child of weir's changes. The page that they may share with others is left out.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

extern char __bss_start[], _end[];

/* By mmap64 and no other name: tests/cli/failing counts the calls that weir makes. */
__attribute__((constructor)) static void share_counts(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
	char *from = (char *)(((uintptr_t)__bss_start + page) & ~page);
	char *to = (char *)(((uintptr_t)_end + page) & ~page);
	size_t len = from < to ? (size_t)(to - from) : 0;
	char *copy = mmap64(NULL, len + !len, PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return;
	memcpy(copy, from, len);
	mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, from);
}

/*
 * The counts are written after this, by calls that tests/cli/failing would let fail, and
 * that a limit of a test would cut: what is cut is taken for nobody's from then on.
 */
__attribute__((destructor)) static void write_in_peace(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_FSIZE, &none);
	unsetenv("WEIR_FAIL");
	unsetenv("WEIR_CALLED");
}
