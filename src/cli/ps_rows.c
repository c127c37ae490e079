/* What the finders of rows share. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/ps.h"

void ps_unseen(struct ps *ps, const char *fmt, ...)
{
	struct buf text = { .arena = ps->arena };
	const char *is;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	is = buf_str(&text);
	array_push(ps->arena, &ps->unseen, is);
}

void ps_lost(struct ps *ps, int error)
{
	static const int harmless[] = { ENOENT, ESRCH, EACCES, EPERM };

	for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
		if (error == harmless[i])
			return;
	if (!ps->lost)
		ps_unseen(ps, "part of what /proc tells: %s", strerror(error));
	ps->lost = true;
}

DIR *ps_open_directory(struct ps *ps, const char *path)
{
	DIR *d = opendir(path);

	if (!d)
		ps_lost(ps, errno);
	return d;
}

size_t ps_read_proc(struct ps *ps, const char *pid, const char *file, char *text,
                    size_t size)
{
	char path[320];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (n < 0)
		ps_lost(ps, errno);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

bool ps_look_at(struct ps *ps, struct ps_row *row)
{
	char pid[32], name[64];
	struct stat st;

	snprintf(pid, sizeof pid, "%d/task/%d", row->pid, row->tid);
	if (!ps_read_proc(ps, pid, "comm", name, sizeof name))
		return false;
	row->command = arena_strndup(ps->arena, name, strcspn(name, "\n"));
	snprintf(name, sizeof name, "/proc/%d", row->pid);
	if (stat(name, &st))
		ps_lost(ps, errno);
	else
		row->uid = st.st_uid;
	return true;
}
