/*
 * Texts from outside: what the user names on the command line, and the files
 * that those texts name in turn. The first may be a pipe; the second are
 * regular files of a sane size, so that no text makes weir hang or read a
 * device.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"

enum {
	FILE_MAX = 64 << 20
};

/* --- reading ------------------------------------------------------------------- */

/* Return the rest of FD, at most FILE_MAX bytes, with a NUL after it. */
static int read_rest(int fd, char **text, size_t *len)
{
	size_t cap = 0;
	char *s = NULL;

	*len = 0;
	if (taken_add_fd(fd))
		return -ENOMEM;
	for (;;) {
		ssize_t n;

		if (cap - *len < 2) {
			size_t more = cap ? 2 * cap : 4096;
			char *grown = realloc(s, more);

			if (!grown) {
				free(s);
				return -ENOMEM;
			}
			s = grown;
			cap = more;
		}
		n = read(fd, s + *len, cap - *len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || *len + (size_t)n > FILE_MAX) {
			int err = n < 0 ? -errno : -EFBIG;

			free(s);
			return err;
		}
		*len += (size_t)n;
		if (n == 0)
			break;
	}
	s[*len] = '\0';
	*text = s;
	return 0;
}

int input_read(const char *path, char **text, size_t *len)
{
	int fd, err;

	if (strcmp(path, "-") == 0)
		return read_rest(STDIN_FILENO, text, len);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	err = read_rest(fd, text, len);
	close(fd);
	return err;
}

/*
 * Read a file as input_read does, but only a regular one; O_NONBLOCK keeps a
 * FIFO from blocking.
 */
static int read_regular(const char *path, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (S_ISDIR(st.st_mode))
		err = -EISDIR;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if (st.st_size > FILE_MAX)
		err = -EFBIG;
	else
		err = read_rest(fd, text, len);
	close(fd);
	return err;
}

/* --- where a name leads ------------------------------------------------------------ */

/* Tell whether NAME means an installed policy: it has neither "/" nor ".". */
static bool is_installed_name(const char *name)
{
	return *name && !strpbrk(name, "/.") && strcmp(name, "-") != 0;
}

/* Join DIRECTORY (LEN bytes), "/" and NAME; NULL without memory. */
static char *join_path(const char *directory, size_t len, const char *name)
{
	char *path = malloc(len + strlen(name) + 2);

	if (!path)
		return NULL;
	memcpy(path, directory, len);
	path[len] = '/';
	strcpy(path + len + 1, name);
	return path;
}

/* Copy the text that is built in under NAME; 0, -ENOENT or -ENOMEM. */
static int copy_shipped(const char *name, char **text, size_t *len, char **path)
{
	const char *built_in = shipped_text(name);

	*path = NULL;
	if (!built_in)
		return -ENOENT;
	*len = strlen(built_in);
	*text = strdup(built_in);
	*path = strdup(name);
	if (*text && *path)
		return 0;
	free(*text);
	free(*path);
	*text = *path = NULL;
	return -ENOMEM;
}

/*
 * Read policy NAME: `default` is always the built-in one, other names are if no
 * file has them.
 */
int input_installed(const char *name, char **text, size_t *len, char **path)
{
	int err;

	if (strcmp(name, "default") == 0)
		return copy_shipped(name, text, len, path);
	*path = join_path(POLICYDIR, strlen(POLICYDIR), name);
	err = *path ? read_regular(*path, text, len) : -ENOMEM;
	if (err != -ENOENT)
		return err;
	free(*path);
	return copy_shipped(name, text, len, path);
}

/* Complain that there is no policy NAME and suggest a near name, or a file. */
static void no_such_policy(const char *name)
{
	DIR *d = opendir(POLICYDIR);
	const struct dirent *entry;
	char near[NAME_MAX + 1] = "";
	struct suggest s;

	suggest_start(&s, name, strlen(name));
	for (unsigned i = 0; shipped_name(i); i++)
		suggest_offer(&s, shipped_name(i));
	/* What the directory hands out lasts until the next entry only. */
	while (d && (entry = readdir(d))) {
		const char *before = suggest_best(&s);

		suggest_offer(&s, entry->d_name);
		if (suggest_best(&s) != before)
			s.best = strcpy(near, entry->d_name);
	}
	if (d)
		closedir(d);
	if (suggest_best(&s))
		cli_error("unknown policy '%s' in %s; did you mean '%s'?", name,
		          POLICYDIR, suggest_best(&s));
	else
		cli_error("unknown policy '%s' in %s", name, POLICYDIR);
	cli_hint("to name a file, write './%s'", name);
}

int input_policy(const char *name, char **text, size_t *len, char **source)
{
	int err;

	if (is_installed_name(name)) {
		err = input_installed(name, text, len, source);
		if (err == -ENOENT)
			no_such_policy(name);
		else if (err)
			cli_error("%s: %s", *source ? *source : name,
			          strerror(-err));
	} else {
		*source = strdup(strcmp(name, "-") == 0 ? "stdin" : name);
		err = *source ? input_read(name, text, len) : -ENOMEM;
		if (err)
			cli_error("%s: %s", name, strerror(-err));
	}
	if (err) {
		free(*source);
		*source = NULL;
	}
	return err;
}

/* --- files that texts ask for -------------------------------------------------------- */

/*
 * Read what a policy asks for by NAME; if F is closed, that can only be built
 * in.
 */
static int read_asked(const struct files *f, const char *name, char **text, size_t *len)
{
	char *path;
	int err;

	if (!is_installed_name(name))
		return f->closed ? -ENOENT : read_regular(name, text, len);
	err = f->closed ? copy_shipped(name, text, len, &path)
	                : input_installed(name, text, len, &path);
	free(path);
	return err;
}

/* Read the file NAME now and keep it; NULL without memory. */
static const struct kept_file *keep_file(struct files *f, const char *name)
{
	struct kept_file *file = calloc(1, sizeof *file);

	if (file)
		file->name = strdup(name);
	if (!file || !file->name) {
		free(file);
		return NULL;
	}
	file->err = read_asked(f, name, &file->text, &file->len);
	if (file->err)
		file->text = NULL;
	file->next = f->kept;
	return f->kept = file;
}

int files_open(void *ctx, const char *name, const char *from, char **text,
               size_t *len)
{
	struct files *f = ctx;
	const struct kept_file *file = f->kept;

	if (!f->policies)
		return read_regular(name, text, len);
	while (file && strcmp(file->name, name) != 0)
		file = file->next;
	if (!file)
		file = keep_file(f, name);
	if (!file)
		return -ENOMEM;
	if (file->err)
		return file->err;
	*text = malloc(file->len + 1);
	if (!*text)
		return -ENOMEM;
	memcpy(*text, file->text, file->len + 1);
	*len = file->len;
	return 0;
}

void files_free(struct files *f)
{
	for (struct kept_file *next; f->kept; f->kept = next) {
		next = f->kept->next;
		free(f->kept->name);
		free(f->kept->text);
		free(f->kept);
	}
}
