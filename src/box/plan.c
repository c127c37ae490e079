/* What is decided before the fork: by which means each protection is kept here. */
#include "config.h"

#include "base/base.h"
#include "box/box.h"

const char *box_part_name(enum box_part part)
{
	static const char *const names[BOX_PARTS] = {
		[BOX_SCOPES] = "memory of and signals to processes outside",
		[BOX_ABSTRACT] = "abstract sockets",
		[BOX_FILES] = "files outside the writable paths",
		[BOX_METADATA] = "modes, owners and times of those files",
		[BOX_HIDDEN] = "hidden paths",
		[BOX_GUARDED] = "secrets, and files that run outside later",
		[BOX_PRIVATE] = "private temporary directories",
		[BOX_NETWORK] = "the network",
		[BOX_KERNEL] = "settings of the kernel (/proc/sys, /sys)",
	};

	return names[part];
}

const char *box_means_name(enum box_means means)
{
	static const char *const names[] = {
		[BOX_UNWANTED] = "not asked for",
		[BOX_MISSING] = "nothing here",
		[BOX_BY_LANDLOCK] = "Landlock",
		[BOX_BY_MOUNTS] = "a mount namespace",
		[BOX_BY_SPACE] = "a network namespace",
		[BOX_BY_FILTER] = "the filter",
	};

	return names[means];
}

bool box_lacks(const struct box_setup *s, enum box_part part)
{
	return s->means[part] == BOX_MISSING;
}

/* --- means ------------------------------------------------------------------------------ */

enum {
	SCOPES_SINCE = 6,  /* ABIs of Landlock */
	TRUNCATE_SINCE = 3 /* before, a file could be cut off in spite of it */
};

static bool has(const struct box_setup *s, enum box_access access)
{
	for (size_t i = 0; i < s->nplaces; i++)
		if (s->place[i].access == access)
			return true;
	return false;
}

/* Tell whether a place that is read-only or hidden is below a writable one. */
static bool is_nested(const struct box_setup *s)
{
	for (size_t i = 0; i < s->nplaces; i++)
		for (size_t j = 0; j < s->nplaces; j++)
			if (s->place[i].access == BOX_RW && s->place[j].access != BOX_RW &&
			    box_is_below(s->place[j].path, s->place[i].path))
				return true;
	return false;
}

/* Choose how files are kept: Landlock alone can do so for some boxes. */
static void choose_for_files(struct box_setup *s)
{
	bool enough = s->landlock >= TRUNCATE_SINCE && !is_nested(s);
	enum box_means mounts = s->mounts ? BOX_BY_MOUNTS : BOX_MISSING;

	s->means[BOX_FILES] = !s->mounts && enough ? BOX_BY_LANDLOCK : mounts;
	s->means[BOX_METADATA] = s->mounts ? BOX_BY_MOUNTS : BOX_BY_FILTER;
	s->means[BOX_GUARDED] = mounts;
	if (!s->box->shared_tmp)
		s->means[BOX_PRIVATE] = mounts;
}

static void choose_means(struct box_setup *s)
{
	const struct box *box = s->box;
	bool files = box->npaths > 0, network = box->net == BOX_NET_NONE;
	bool both = box_spaces_work(s, files, network);

	s->mounts = files && (both || (network && box_spaces_work(s, true, false)));
	s->network = network && (both || (files && box_spaces_work(s, false, true)));
	s->means[BOX_SCOPES] = s->landlock >= SCOPES_SINCE ? BOX_BY_LANDLOCK : BOX_MISSING;
	if (!box->abstract)
		s->means[BOX_ABSTRACT] = s->means[BOX_SCOPES];
	if (s->as_root)
		s->means[BOX_KERNEL] = BOX_BY_MOUNTS;
	if (network)
		s->means[BOX_NETWORK] = s->network ? BOX_BY_SPACE : BOX_BY_FILTER;
	if (files)
		choose_for_files(s);
}

int box_prepare(struct box_setup *s, const struct box *box)
{
	int err;

	*s = (struct box_setup){ .box = box, .landlock = box_landlock_abi() };
	s->as_root = box_is_powerful();
	err = box_find_places(s);
	if (err)
		return err;
	choose_means(s);
	if (s->means[BOX_GUARDED] == BOX_BY_MOUNTS)
		err = box_guard(s);
	box_sort_places(s);
	if (has(s, BOX_HIDE))
		s->means[BOX_HIDDEN] = s->mounts ? BOX_BY_MOUNTS : BOX_MISSING;
	return err;
}
