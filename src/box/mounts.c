/*
 * The file system as the program sees it, in a mount namespace of its own: read-only,
 * but for the writable trees, which are put over their places as they were before.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "box/box.h"

/* Say what a failure is about. */
static int fail_at(struct box_setup *s, const char *path, int err)
{
	if (err)
		snprintf(s->at, sizeof s->at, "%s", path);
	return err;
}

/* --- private directories --------------------------------------------------------------------- */

/* Tell whether directory PATH gets one of the box's own: if it is not named itself. */
static bool is_private(const struct box_setup *s, const char *path)
{
	struct stat st;

	if (s->means[BOX_PRIVATE] != BOX_BY_MOUNTS || lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return false;
	for (size_t i = 0; i < s->nplaces; i++)
		if (s->place[i].access != BOX_HIDE && box_is_below(path, s->place[i].path))
			return false;
	return true;
}

static int mount_privates(struct box_setup *s)
{
	const char *path;

	for (unsigned i = 0; (path = box_private(i)); i++)
		if (is_private(s, path) &&
		    mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") < 0)
			return fail_at(s, path, -errno);
	return 0;
}

/* Make the directories on the way to PATH, and at its end what PLACE is. */
static int make_way(const char *path, bool directory)
{
	char way[PATH_MAX];
	int fd;

	snprintf(way, sizeof way, "%s", path);
	for (char *at = strchr(way + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(way, 0755) < 0 && errno != EEXIST && errno != EROFS)
			return -errno;
		*at = '/';
	}
	if (directory)
		return mkdir(way, 0755) < 0 && errno != EEXIST && errno != EROFS ? -errno : 0;
	fd = open(way, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static bool is_below_private(const struct box_setup *s, const char *path)
{
	const char *private = box_private_over(path);

	return private && is_private(s, private);
}

/* --- places ---------------------------------------------------------------------------------- */

/* Tell whether the whole file system is writable: nothing is put over its root. */
static bool is_whole(const struct box_place *p)
{
	return p->access == BOX_RW && strcmp(p->path, "/") == 0;
}

/* Tell whether what is not named is writable; the shortest place comes first. */
static bool leaves_writable(const struct box_setup *s)
{
	return s->nplaces && is_whole(&s->place[0]);
}

static int clone_places(struct box_setup *s)
{
	for (size_t i = 0; i < s->nplaces; i++) {
		struct box_place *p = &s->place[i];

		if (p->access == BOX_HIDE || is_whole(p))
			continue;
		p->tree = box_clone_tree(p->path);
		if (p->tree < 0)
			return fail_at(s, p->path, p->tree);
	}
	return 0;
}

/* Cover a hidden path by an empty directory, or by a file that no one can open. */
static int cover(const struct box_place *p)
{
	enum {
		FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC
	};

	if (p->directory)
		return mount("tmpfs", p->path, "tmpfs", FLAGS, "mode=000,size=4k") < 0 ? -errno : 0;
	if (mount("/dev/null", p->path, NULL, MS_BIND, NULL) < 0 ||
	    mount(NULL, p->path, NULL, MS_REMOUNT | MS_BIND | FLAGS, NULL) < 0)
		return -errno;
	return 0;
}

static int put_place(const struct box_setup *s, const struct box_place *p)
{
	int err = is_below_private(s, p->path) ? make_way(p->path, p->directory) : 0;

	if (!err && p->access == BOX_HIDE)
		return cover(p);
	if (!err && p->access == BOX_RO)
		err = box_make_read_only(p->tree, "");
	if (!err)
		err = box_attach_tree(p->tree, p->path);
	close(p->tree);
	return err;
}

/* Return to the directory of the start: the old way leads around the mounts. */
static int return_to_cwd(struct box_setup *s)
{
	if (!s->cwd[0])
		return 0;
	return chdir(s->cwd) < 0 ? fail_at(s, s->cwd, -errno) : 0;
}

int box_mount(struct box_setup *s)
{
	int err = clone_places(s);

	if (!err && !leaves_writable(s))
		err = box_make_read_only(AT_FDCWD, "/");
	if (!err)
		err = mount_privates(s);
	for (size_t i = 0; !err && i < s->nplaces; i++)
		if (!is_whole(&s->place[i]))
			err = fail_at(s, s->place[i].path, put_place(s, &s->place[i]));
	return err ? err : return_to_cwd(s);
}

/* --- whether it holds --------------------------------------------------------------------------- */

bool box_mounts_hold(struct box_setup *s)
{
	const char *private;

	for (size_t i = 0; i < s->nplaces; i++) {
		const struct box_place *p = &s->place[i];

		if (!box_is_mount(p->path) || (p->access != BOX_RW && !box_is_read_only(p->path)))
			return false;
	}
	for (unsigned i = 0; (private = box_private(i)); i++)
		if (is_private(s, private) && !box_is_mount(private))
			return false;
	return leaves_writable(s) || box_is_read_only("/");
}
