/* Limits of each process, which it cannot raise again. */
#include "config.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/base.h"
#include "box/box.h"

/*
 * A core_pattern that begins with a pipe starts a program outside for each dump. A
 * limit of 0 does not stop that; 1 does, as Linux sets it for helpers itself.
 */
enum {
	CORE = 1
};

/* Set a limit for good; a lower one that is there already stays. */
static int set_limit(int resource, uint64_t value)
{
	struct rlimit now, limit;

	if (getrlimit(resource, &now) < 0)
		return -errno;
	limit.rlim_max = now.rlim_max < value ? now.rlim_max : (rlim_t)value;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(resource, &limit) < 0 ? -errno : 0;
}

static bool limit_holds(int resource, uint64_t value)
{
	struct rlimit now = { RLIM_INFINITY, RLIM_INFINITY };

	return getrlimit(resource, &now) == 0 && now.rlim_cur <= value && now.rlim_max <= value;
}

int box_limit(struct box_setup *s)
{
	int err = set_limit(RLIMIT_CORE, CORE);

	for (size_t i = 0; !err && i < s->box->nlimits; i++)
		err = set_limit(s->box->limit[i].resource, s->box->limit[i].value);
	return err;
}

bool box_limits_hold(struct box_setup *s)
{
	for (size_t i = 0; i < s->box->nlimits; i++)
		if (!limit_holds(s->box->limit[i].resource, s->box->limit[i].value))
			return false;
	return limit_holds(RLIMIT_CORE, CORE);
}
