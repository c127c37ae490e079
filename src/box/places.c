/* The paths of a box: where they lead, and which of them contain others. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "box/box.h"

/* Directories that a box with paths has for itself. */
static const char *const privates[] = { "/tmp", "/var/tmp", "/dev/shm" };

const char *box_private(unsigned i)
{
	return i < ARRAY_LEN(privates) ? privates[i] : NULL;
}

const char *box_private_over(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(privates); i++)
		if (box_is_below(path, privates[i]) && strcmp(path, privates[i]) != 0)
			return privates[i];
	return NULL;
}

bool box_is_below(const char *path, const char *tree)
{
	size_t n = strlen(tree);

	if (strcmp(tree, "/") == 0)
		return true;
	return strncmp(path, tree, n) == 0 && (path[n] == '/' || !path[n]);
}

int box_add_place(struct box_setup *s, enum box_access access, const char *path,
                  const char *why)
{
	struct box_place *more = reallocarray(s->place, s->nplaces + 1, sizeof *more), *p;
	struct stat st;

	if (!more)
		return -ENOMEM;
	s->place = more;
	p = &s->place[s->nplaces];
	p->why = why;
	snprintf(s->at, sizeof s->at, "%s", path);
	p->path = realpath(path, NULL);
	if (!p->path)
		return -errno;
	s->nplaces++;
	if (stat(p->path, &st) < 0)
		return -errno;
	p->access = access;
	p->directory = S_ISDIR(st.st_mode);
	p->tree = -1;
	s->at[0] = '\0';
	return 0;
}

/* Order places by length: a place comes after those that it is below. */
static int by_length(const void *a, const void *b)
{
	const struct box_place *p = a, *q = b;
	size_t m = strlen(p->path), n = strlen(q->path);

	if (m != n)
		return m < n ? -1 : 1;
	return strcmp(p->path, q->path);
}

void box_sort_places(struct box_setup *s)
{
	if (s->nplaces)
		qsort(s->place, s->nplaces, sizeof *s->place, by_length);
}

/* Refuse a path that was named twice, in different ways; -EINVAL with S->at. */
static int check_places(struct box_setup *s)
{
	for (size_t i = 1; i < s->nplaces; i++) {
		const struct box_place *p = &s->place[i - 1], *q = &s->place[i];

		if (strcmp(p->path, q->path) == 0 && p->access != q->access) {
			snprintf(s->at, sizeof s->at, "%s", q->path);
			return -EEXIST;
		}
	}
	return 0;
}

static bool is_below_named(const struct box_setup *s, const char *path)
{
	for (size_t i = 0; i < s->nplaces; i++)
		if (s->place[i].access != BOX_HIDE && box_is_below(path, s->place[i].path))
			return true;
	return false;
}

bool box_sees(const struct box_setup *s, const char *path)
{
	return !box_private_over(path) || is_below_named(s, path);
}

/*
 * Keep PATH in sight where a private directory would take its place: the directory of
 * the start, or the program.
 */
static int keep_in_sight(struct box_setup *s, const char *path)
{
	char *real = path && path[0] ? realpath(path, NULL) : NULL;
	int err = 0;

	if (real && !box_sees(s, real))
		err = box_add_place(s, BOX_RO, real, "in use");
	free(real);
	return err;
}

int box_find_places(struct box_setup *s)
{
	const struct box *box = s->box;
	int err = 0;

	if (!getcwd(s->cwd, sizeof s->cwd))
		s->cwd[0] = '\0';

	for (size_t i = 0; i < box->npaths; i++) {
		err = box_add_place(s, box->path[i].access, box->path[i].path, NULL);
		if (err)
			return err;
	}
	if (box->npaths && !box->shared_tmp)
		err = keep_in_sight(s, s->cwd);
	if (!err && box->npaths && !box->shared_tmp)
		err = keep_in_sight(s, box->program);
	if (err)
		return err;
	box_sort_places(s);
	return check_places(s);
}

void box_free(struct box_setup *s)
{
	for (size_t i = 0; i < s->nplaces; i++)
		free(s->place[i].path);
	for (size_t i = 0; i < s->nabsent; i++)
		free(s->absent[i]);
	free(s->place);
	free(s->absent);
	s->place = NULL;
	s->nabsent = 0;
	s->nplaces = 0;
}
