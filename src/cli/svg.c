/* Drawings as SVG: Graphviz's dot lays them out, if it is there. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"

enum {
	NOT_STARTED = 127
};

/* Become dot, from IN to OUT. */
static void become_dot(int in, int out)
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(NOT_STARTED);
	execlp("dot", "dot", "-Tsvg", (char *)NULL);
	_exit(NOT_STARTED);
}

/* Run dot from IN to OUT; 0, -errno, or its status. */
static int run_dot(int in, int out)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid)
		become_dot(in, out);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : NOT_STARTED - 1;
}

/* Read all of FD into *TEXT, which is the caller's; 0 or -errno. */
static int read_all(int fd, char **text, size_t *len)
{
	struct stat st;
	size_t got = 0;

	*text = NULL;
	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	*text = malloc((size_t)st.st_size + 1);
	if (!*text)
		return -ENOMEM;
	while (got < (size_t)st.st_size) {
		ssize_t n = read(fd, *text + got, (size_t)st.st_size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		got += (size_t)n;
	}
	*len = got;
	return 0;
}

static int draw(int in, int out, const char *dot, size_t dot_len, char **svg, size_t *len)
{
	int err = in < 0 || out < 0 ? -errno : write_all(in, dot, dot_len);

	if (!err && lseek(in, 0, SEEK_SET) < 0)
		err = -errno;
	if (!err)
		err = run_dot(in, out);
	return err ? err : read_all(out, svg, len);
}

int svg_draw(const char *dot, size_t dot_len, char **svg, size_t *len)
{
	int in = memfd_create("weir-dot", MFD_CLOEXEC);
	int out = in < 0 ? -1 : memfd_create("weir-svg", MFD_CLOEXEC);
	int err;

	*svg = NULL;
	err = draw(in, out, dot, dot_len, svg, len);
	if (out >= 0)
		close(out);
	if (in >= 0)
		close(in);
	if (!err)
		return EXIT_DONE;
	free(*svg);
	*svg = NULL;
	if (err == NOT_STARTED)
		cli_error("format 'svg' needs Graphviz's program 'dot', which did not start; "
		          "-f dot writes what it would draw");
	else if (err > 0)
		cli_error("Graphviz's program 'dot' failed with exit status %d", err);
	else
		cli_error("drawing as 'svg': %s", strerror(-err));
	return EXIT_USAGE;
}
