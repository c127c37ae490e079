/* What the finders of rows share. */
#include "config.h"

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

bool ps_read_proc(const char *pid, const char *file, char *text, size_t size)
{
	char path[320];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

bool ps_look_at(struct ps *ps, struct ps_row *row)
{
	char pid[32], name[64];
	struct stat st;

	snprintf(pid, sizeof pid, "%d/task/%d", row->pid, row->tid);
	if (!ps_read_proc(pid, "comm", name, sizeof name))
		return false;
	row->command = arena_strndup(ps->arena, name, strcspn(name, "\n"));
	snprintf(name, sizeof name, "/proc/%d", row->pid);
	if (!stat(name, &st))
		row->uid = st.st_uid;
	return true;
}
