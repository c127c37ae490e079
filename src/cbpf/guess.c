/*
 * What a program is for, where nothing but its instructions says so. Both kinds
 * have the same instructions, but seccomp has fewer of them, and its results are
 * SECCOMP_RET_* values.
 */
#include <linux/seccomp.h>
#include <stddef.h>

#include "cbpf/cbpf.h"

/* Tell whether RET is an action of seccomp, with data or without. */
static bool is_action(uint32_t ret)
{
	static const uint32_t actions[] = {
		SECCOMP_RET_KILL_PROCESS,
		SECCOMP_RET_KILL_THREAD,
		SECCOMP_RET_TRAP,
		SECCOMP_RET_ERRNO,
		SECCOMP_RET_USER_NOTIF,
		SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG,
		SECCOMP_RET_ALLOW,
	};

	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if ((ret & SECCOMP_RET_ACTION_FULL) == actions[i])
			return true;
	return false;
}

/* Tell whether F loads the number or the architecture of a struct seccomp_data. */
static bool asks_which_call(const struct sock_filter *f)
{
	return f->code == CBPF_LD_W_ABS && (f->k == offsetof(struct seccomp_data, nr) ||
	                                    f->k == offsetof(struct seccomp_data, arch));
}

enum cbpf_guess cbpf_guess(struct arena *tmp, const struct sock_filter *p, size_t n)
{
	bool asks = false, computed = false, acts = false;
	struct cbpf_verdict verdict;

	if (!cbpf_check(tmp, p, n, CBPF_SECCOMP, CBPF_ANY_LENGTH, &verdict))
		return CBPF_FOR_PACKETS;
	for (size_t i = 0; i < n; i++) {
		asks |= asks_which_call(&p[i]);
		if (!cbpf_is_ret(&p[i]))
			continue;
		computed |= p[i].code == CBPF_RET_A;
		if (p[i].code == CBPF_RET_K && !is_action(p[i].k))
			return CBPF_FOR_PACKETS;
		/* A packet filter has 0 and a short length as results, too. */
		acts |= p[i].code == CBPF_RET_K && p[i].k > UINT16_MAX;
	}
	return asks && acts && !computed ? CBPF_FOR_SECCOMP : CBPF_FOR_EITHER;
}
