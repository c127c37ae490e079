/*
 * A fuzzer is a file with the entry point of libFuzzer. With --enable-fuzzing it
 * is linked with libFuzzer, else with driver.c, which mutates more simply but is
 * always there.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A seed: SIZE bytes at DATA. */
struct fuzz_seed {
	const void *data;
	size_t size;
};

#define FUZZ_TEXT(s)             \
	{                        \
		s, sizeof(s) - 1 \
	}

/* Seeds that stand in the fuzzer itself; the last one has no DATA. May be absent. */
extern const struct fuzz_seed fuzz_seeds[] __attribute__((weak));

#endif
