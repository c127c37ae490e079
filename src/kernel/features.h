/*
 * features: what the running kernel can do, found out by asking it. Nothing that is
 * asked changes anything: programs are loaded and closed, maps created and closed.
 */
#ifndef WEIR_KERNEL_FEATURES_H
#define WEIR_KERNEL_FEATURES_H

#include "kernel/kernel.h"

enum kernel_answer {
	KERNEL_NO,
	KERNEL_YES,
	KERNEL_UNKNOWN /* the caller may not ask, or there is no way to */
};

/* Learn about feature NAME of GROUP ("program types"); both last. */
typedef void kernel_feature_fn(void *ctx, const char *group, const char *name,
                               enum kernel_answer answer);

/* --- programs.c: bpf(2): types of programs, where they attach, helpers ------------- */

/* Tell whether the caller may load programs: 0, -EPERM, or -ENOSYS without bpf(2). */
int kernel_permits_programs(void);
/*
 * Try the program types. T may be NULL; then what needs the kernel's types is
 * unknown.
 */
void kernel_program_types(const struct kernel_types *t, kernel_feature_fn *each, void *ctx);
void kernel_attach_types(kernel_feature_fn *each, void *ctx);
/* Ask about the helpers of program types that weir makes; each is a group of its own. */
void kernel_helpers(const struct kernel_types *t, kernel_feature_fn *each, void *ctx);

/* --- maps.c: types of maps ----------------------------------------------------------- */

void kernel_map_types(kernel_feature_fn *each, void *ctx);

/* --- confine.c: seccomp(2) and Landlock ------------------------------------------------ */

void kernel_seccomp(kernel_feature_fn *each, void *ctx);
/* Return Landlock's ABI, 0 if the kernel has none or it is switched off. */
int kernel_landlock(kernel_feature_fn *each, void *ctx);

#endif
