/*
 * Paths that a writable box keeps from its program without being asked: secrets are
 * hidden, and what runs outside later is read-only. Each place says why (box_place.why);
 * --show leaves one as it is.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "box/box.h"

/* Below the home directory: keys, passwords, what browsers keep. */
static const char *const secrets[] = {
	".ssh",
	".gnupg",
	".aws",
	".config/gcloud",
	".kube",
	".docker/config.json",
	".netrc",
	".npmrc",
	".git-credentials",
	".mozilla",
	".config/google-chrome",
	".config/chromium",
	".config/BraveSoftware",
	".config/microsoft-edge",
};

/* Below the home directory: what shells and sessions run at the next login. */
static const char *const of_login[] = {
	".bashrc",
	".bash_profile",
	".bash_login",
	".bash_logout",
	".profile",
	".zshrc",
	".zshenv",
	".zprofile",
	".zlogin",
	".xprofile",
	".xsessionrc",
	".config/fish",
	".config/systemd",
	".config/autostart",
	".config/environment.d",
};

/* At the top of a writable tree: what editors and shells run when they come there. */
static const char *const of_project[] = {
	".envrc",
	".vscode",
	".husky",
};

/* In a git directory: what git runs. */
static const char *const of_git[] = {
	"hooks",
	"config",
	"config.worktree",
};

enum {
	DEPTH = 6,           /* levels below a tree at which .git is looked for */
	DIRECTORIES = 20000, /* and how many are looked into */
};

/* Write NAME below DIR into PATH; false if that is too long. */
static bool join(char path[PATH_MAX], const char *dir, const char *name)
{
	const char *slash = strcmp(dir, "/") == 0 ? "" : "/";

	return snprintf(path, PATH_MAX, "%s%s%s", dir, slash, name) < PATH_MAX;
}

/* --- adding -------------------------------------------------------------------------- */

static bool is_shown(const struct box_setup *s, const char *path)
{
	for (size_t i = 0; i < s->box->nshown; i++) {
		char *real = realpath(s->box->shown[i], NULL);
		bool shown = real && box_is_below(path, real);

		free(real);
		if (shown)
			return true;
	}
	return false;
}

static bool is_place(const struct box_setup *s, const char *path)
{
	for (size_t i = 0; i < s->nplaces; i++)
		if (strcmp(s->place[i].path, path) == 0)
			return true;
	return false;
}

static bool is_writable(const struct box_setup *s, const char *path)
{
	const struct box_place *last = NULL;

	for (size_t i = 0; i < s->nplaces; i++)
		if (box_is_below(path, s->place[i].path) &&
		    (!last || strlen(s->place[i].path) > strlen(last->path)))
			last = &s->place[i];
	return last && last->access == BOX_RW;
}

/*
 * Make each directory between TREE and PATH a mount of its own: one that is not can be
 * renamed, and another put where it was.
 */
static int pin_parents(struct box_setup *s, const char *tree, const char *path)
{
	char way[PATH_MAX];
	int err = 0;

	snprintf(way, sizeof way, "%s", path);
	for (char *slash = strrchr(way, '/'); !err && slash; slash = strrchr(way, '/')) {
		*slash = '\0';
		if (strlen(way) <= strlen(tree))
			break;
		if (!is_place(s, way))
			err = box_add_place(s, BOX_RW, way, "pinned");
	}
	return err;
}

static int note_absent(struct box_setup *s, const char *path)
{
	char **more = reallocarray(s->absent, s->nabsent + 1, sizeof *more);

	if (!more)
		return -ENOMEM;
	s->absent = more;
	s->absent[s->nabsent] = strdup(path);
	return s->absent[s->nabsent++] ? 0 : -ENOMEM;
}

/* Hide what is at NAME below DIR, if there is something. */
static int hide(struct box_setup *s, const char *dir, const char *name)
{
	char path[PATH_MAX], *real;
	int err = 0;

	if (!join(path, dir, name))
		return 0;
	real = realpath(path, NULL);
	if (real && !is_place(s, real) && !is_shown(s, real))
		err = box_add_place(s, BOX_HIDE, real, "by default");
	free(real);
	return err;
}

/* Watch LINK, which could be replaced, and protect what it leads to. */
static int protect_target(struct box_setup *s, const char *tree, const char *link)
{
	char *real = realpath(link, NULL);
	int err = note_absent(s, link);

	if (!err && real && !is_place(s, real) && is_writable(s, real)) {
		err = pin_parents(s, tree, real);
		if (!err)
			err = box_add_place(s, BOX_RO, real, "protected");
	}
	free(real);
	return err;
}

/* Make NAME below DIR, in the writable TREE, read-only; or watch whether it comes. */
static int protect(struct box_setup *s, const char *tree, const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	int err;

	if (!join(path, dir, name) || is_place(s, path) || is_shown(s, path) || !is_writable(s, path))
		return 0;
	if (lstat(path, &st) < 0)
		return note_absent(s, path);
	if (S_ISLNK(st.st_mode))
		return protect_target(s, tree, path);
	err = pin_parents(s, tree, path);
	return err ? err : box_add_place(s, BOX_RO, path, "protected");
}

/* --- where to look --------------------------------------------------------------------- */

/* Protect what git runs in GIT, a .git directory or one of its modules. */
static int protect_git(struct box_setup *s, const char *tree, const char *git)
{
	char modules[PATH_MAX];
	const struct dirent *e;
	DIR *dir;
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_LEN(of_git); i++)
		err = protect(s, tree, git, of_git[i]);
	if (err || !join(modules, git, "modules"))
		return err;
	dir = opendir(modules);
	while (!err && dir && (e = readdir(dir))) {
		char module[PATH_MAX];

		if (e->d_name[0] == '.' || !join(module, modules, e->d_name))
			continue;
		err = protect(s, tree, module, "hooks");
		if (!err)
			err = protect(s, tree, module, "config");
	}
	if (dir)
		closedir(dir);
	return err;
}

/* Protect each git directory in DIR, which is in TREE, and below it. */
static int protect_below(struct box_setup *s, const char *tree, const char *dir, int depth,
                         size_t *left)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	int err = 0;

	if (!d)
		return 0;
	if (*left == 0)
		s->unsearched = true;
	while (!err && *left && (e = readdir(d))) {
		char path[PATH_MAX];
		struct stat st;

		/* Of a worktree and of a submodule it is a file that says where. */
		if (strcmp(e->d_name, ".git") == 0 && e->d_type == DT_REG)
			err = protect(s, tree, dir, ".git");
		if (err || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN) ||
		    !join(path, dir, e->d_name))
			continue;
		if (e->d_type == DT_UNKNOWN && (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
			continue;
		if (strcmp(e->d_name, ".git") == 0) {
			err = protect_git(s, tree, path);
		} else if (depth > 0) {
			(*left)--;
			err = protect_below(s, tree, path, depth - 1, left);
		}
	}
	closedir(d);
	return err;
}

/* Hide files of the environment (.env, .env.local) at the top of TREE. */
static int hide_environment(struct box_setup *s, const char *tree)
{
	DIR *dir = opendir(tree);
	const struct dirent *e;
	int err = 0;

	while (!err && dir && (e = readdir(dir)))
		if (fnmatch(".env*", e->d_name, 0) == 0)
			err = hide(s, tree, e->d_name);
	if (dir)
		closedir(dir);
	return err;
}

static int guard_tree(struct box_setup *s, const char *tree, const char *home)
{
	size_t left = DIRECTORIES;
	int err = hide_environment(s, tree);

	for (size_t i = 0; !err && i < ARRAY_LEN(of_project); i++)
		err = protect(s, tree, tree, of_project[i]);
	for (size_t i = 0; !err && home && box_is_below(home, tree) && i < ARRAY_LEN(of_login); i++)
		err = protect(s, tree, home, of_login[i]);
	return err ? err : protect_below(s, tree, tree, DEPTH, &left);
}

int box_guard(struct box_setup *s)
{
	const char *variable = getenv("HOME");
	char *home = variable ? realpath(variable, NULL) : NULL;
	size_t named = s->nplaces;
	int err = 0;

	for (size_t i = 0; !err && home && i < ARRAY_LEN(secrets); i++)
		err = hide(s, home, secrets[i]);
	for (size_t i = 0; !err && i < named; i++) {
		char *tree = strdup(s->place[i].path); /* places move while some are added */

		if (!tree)
			err = -ENOMEM;
		else if (s->place[i].access == BOX_RW && s->place[i].directory)
			err = guard_tree(s, tree, home);
		free(tree);
	}
	free(home);
	return err;
}

const char *box_came(const struct box_setup *s, size_t *i)
{
	struct stat st;

	for (; *i < s->nabsent; (*i)++)
		if (lstat(s->absent[*i], &st) == 0 && !S_ISLNK(st.st_mode))
			return s->absent[(*i)++];
	return NULL;
}
