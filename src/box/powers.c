/*
 * Capabilities. Root in the box keeps those that work on files and processes of its
 * own needs; with the others, root in a user namespace of the box's own could
 * undo its mounts.
 */
#include "config.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "box/box.h"

enum {
	WORDS = _LINUX_CAPABILITY_U32S_3
};

/* The capabilities of this thread, 64 bits each. */
struct powers {
	uint64_t effective, permitted, inheritable;
};

static int get_powers(struct powers *p)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[WORDS] = { 0 };

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	*p = (struct powers){
		data[0].effective | (uint64_t)data[1].effective << 32,
		data[0].permitted | (uint64_t)data[1].permitted << 32,
		data[0].inheritable | (uint64_t)data[1].inheritable << 32,
	};
	return 0;
}

static int set_powers(const struct powers *p)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[WORDS] = {
		{ (uint32_t)p->effective, (uint32_t)p->permitted, (uint32_t)p->inheritable },
		{ (uint32_t)(p->effective >> 32), (uint32_t)(p->permitted >> 32),
		  (uint32_t)(p->inheritable >> 32) },
	};

	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

bool box_is_powerful(void)
{
	struct powers p = { 0 };

	return get_powers(&p) == 0 && p.effective >> CAP_SYS_ADMIN & 1;
}

/* Take all but KEPT from what exec can give; without CAP_SETPCAP nothing can be had. */
static int narrow_bounds(uint64_t kept)
{
	for (int cap = 0; cap < 64; cap++) {
		int has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (has < 0)
			break; /* past the last that Linux knows */
		if (has == 1 && !(kept >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

int box_drop_powers(struct box_setup *s)
{
	struct powers p = { 0 };
	int err = get_powers(&p);

	if (err)
		return err;
	if (p.effective >> CAP_SETPCAP & 1)
		err = narrow_bounds(s->box->powers);
	if (err)
		return err;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	p.effective &= s->box->powers;
	p.permitted &= s->box->powers;
	p.inheritable &= s->box->powers;
	return set_powers(&p);
}

bool box_powers_are_dropped(struct box_setup *s)
{
	struct powers p = { ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0) };

	return get_powers(&p) == 0 &&
	       !((p.effective | p.permitted | p.inheritable) & ~s->box->powers);
}
