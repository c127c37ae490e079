/* A policy under test, and what it must answer to calls or say about its text. */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "unit.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include "policy/policy.h"

enum {
	ALLOW = SECCOMP_RET_ALLOW,
	LOG = SECCOMP_RET_LOG,
	EPERM_ = SECCOMP_RET_ERRNO | EPERM,
	ENOSYS_ = SECCOMP_RET_ERRNO | 38, /* of the ABIs that are asked here */
};
#define KILL SECCOMP_RET_KILL_PROCESS

#define X86_64 AUDIT_ARCH_X86_64
#define I386   AUDIT_ARCH_I386
#define X32    0x40000000u

struct subject {
	jmp_buf oom;
	struct arena arena;
	struct diags diags;
	struct buf messages;
	const struct rules_tree *tree;
	struct ir_graph *graph;
	struct rules_options options;
};

/* Read TEXT; the tree is NULL after errors. */
void read_policy(struct subject *s, const char *text);
/* Read TEXT, which must be right, and make its graph. */
void compile(struct subject *s, const char *text);
void finish(struct subject *s);

/* Run the graph on a call; the halves of ARGS lie as the ABI of ARCH has them. */
uint32_t by_graph(struct subject *s, uint32_t arch, uint32_t nr, const uint64_t *args);
/* Expect the answer WANT to a call, from the evaluator and from the graph. */
void answers(struct subject *s, uint32_t arch, uint32_t nr, uint64_t a0, uint64_t a1,
             uint64_t a2, uint64_t a3, uint32_t want);
/* Expect it on x86_64. */
void call(struct subject *s, uint32_t nr, uint64_t a0, uint64_t a1, uint64_t a2,
          uint64_t a3, uint32_t want);

/* Expect an error, or a warning, that contains MESSAGE. */
void refused(const char *text, const char *message);
void warned(const char *text, const char *message);

/* The number of a call and the value of a constant on x86_64, wherever this runs. */
#define NR(name) number_of(#name)
#define K(name)  value_of(#name)
uint32_t number_of(const char *name);
uint64_t value_of(const char *name);

#endif
