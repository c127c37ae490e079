/*
 * Under AddressSanitizer an arena's memory that is not allocated must not be
 * touched, and every block is followed by a gap: a byte too far is found as it is with
 * malloc. Elsewhere nothing of this costs anything.
 */
#ifndef WEIR_POISON_H
#define WEIR_POISON_H

#include <stddef.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WEIR_POISONS
#endif
#elif defined __SANITIZE_ADDRESS__
#define WEIR_POISONS
#endif

#ifdef WEIR_POISONS

#include <sanitizer/asan_interface.h>

enum {
	POISON_GAP = 16
};

static inline void poison(const char *p, size_t size)
{
	__asan_poison_memory_region(p, size);
}

static inline void unpoison(const char *p, size_t size)
{
	__asan_unpoison_memory_region(p, size);
}

#else

enum {
	POISON_GAP = 0
};

static inline void poison(const char *p, size_t size)
{
}

static inline void unpoison(const char *p, size_t size)
{
}

#endif
#endif
