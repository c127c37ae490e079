/* What /proc says of a process. */
#include "config.h"

#include "launch/launch.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/*
 * Read FILE of process PID from /proc. The standard descriptors are taken, so a
 * descriptor of 0 is not Linux's answer.
 */
size_t launch_read_proc(const char *pid, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd <= STDERR_FILENO ? -1 : read(fd, text, size - 1);
	if (fd > STDERR_FILENO)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}
