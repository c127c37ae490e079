/*
 * What root could use to act outside: /proc/sys starts programs (core_pattern), other
 * file systems of the kernel's change devices, groups and programs of it. Each of
 * their mounts is made read-only, those inside chroots too.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "box/box.h"

/* File systems that are read-only as a whole. */
static const char *const types[] = {
	"bpf",
	"cgroup",
	"cgroup2",
	"configfs",
	"debugfs",
	"efivarfs",
	"pstore",
	"securityfs",
	"sysfs",
	"tracefs",
};

/* Parts of procfs; the rest is about processes. */
static const char *const parts[] = {
	"acpi",
	"bus",
	"fs",
	"irq",
	"mtrr",
	"sys",
	"sysrq-trigger",
};

static bool is_among(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* Undo the octal escapes of proc(5) in PATH. */
static void unescape(char *path)
{
	char *to = path;

	for (const char *at = path; *at; at++) {
		unsigned code;

		if (*at == '\\' && sscanf(at + 1, "%3o", &code) == 1) {
			*to++ = (char)code;
			at += 3;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
}

/* Read the mount point and type off a line of mountinfo. */
static bool read_line(const char *line, char path[PATH_MAX], char type[64])
{
	const char *dash = strstr(line, " - ");

	if (!dash || sscanf(line, "%*d %*d %*s %*s %4095s", path) != 1 ||
	    sscanf(dash, " - %63s", type) != 1)
		return false;
	unescape(path);
	return true;
}

/* Do VISIT for the path of each mask; 0 or the first -errno, with S->at. */
static int each_mask(struct box_setup *s, int (*visit)(const char *path))
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, path[PATH_MAX], type[64];
	size_t size = 0;
	int err = f ? 0 : -errno;

	while (!err && getline(&line, &size, f) > 0) {
		size_t len;

		if (!read_line(line, path, type))
			continue;
		if (is_among(type, types, ARRAY_LEN(types)))
			err = visit(path);
		len = strlen(path);
		for (size_t i = 0; !err && strcmp(type, "proc") == 0 && i < ARRAY_LEN(parts); i++) {
			snprintf(path + len, sizeof path - len, "/%s", parts[i]);
			err = visit(path);
		}
		if (err)
			snprintf(s->at, sizeof s->at, "%s", path);
	}
	free(line);
	if (f)
		fclose(f);
	return err;
}

/* Make PATH read-only, a mount of its own if it is none; what is not there needs nothing. */
static int mask(const char *path)
{
	int tree, err;

	if (access(path, F_OK) < 0 || box_is_read_only(path))
		return 0;
	if (box_is_mount(path))
		return box_make_read_only(AT_FDCWD, path);
	tree = box_clone_tree(path);
	if (tree < 0)
		return tree;
	err = box_make_read_only(tree, "");
	if (!err)
		err = box_attach_tree(tree, path);
	close(tree);
	return err;
}

static int check(const char *path)
{
	return access(path, F_OK) < 0 || box_is_read_only(path) ? 0 : -BOX_FAKED;
}

int box_mask(struct box_setup *s)
{
	return each_mask(s, mask);
}

bool box_masks_hold(struct box_setup *s)
{
	return each_mask(s, check) == 0;
}
