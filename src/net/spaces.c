/* Network namespaces: finding those that processes and `ip netns` have, and entering each. */
#include "config.h"

#include "net/net.h"

#include "base/base.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct spaces {
	int home;         /* the namespace that weir is in */
	uint64_t *number; /* those that were entered, and its own */
	size_t n;
	net_space_fn *each;
	void *ctx;
	struct net_error *e;
	unsigned missed; /* processes whose namespace could not be entered */
};

static bool is_known(const struct spaces *s, uint64_t number)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->number[i] == number)
			return true;
	return false;
}

/* Note namespace NUMBER and do there what is to be done; 0 or -errno. */
static int visit(struct spaces *s, uint64_t number)
{
	uint64_t *more = reallocarray(s->number, s->n + 1, sizeof *more);

	if (!more)
		return net_fail(s->e, -ENOMEM, "out of memory");
	s->number = more;
	more[s->n++] = number;
	return s->each(s->ctx, number, s->e);
}

/* Enter the namespace of PATH, if it is a new one, and do there what is to be done. */
static int enter(struct spaces *s, const char *path)
{
	struct stat st;
	int fd, err;

	if (stat(path, &st)) {
		s->missed += errno != ENOENT && errno != ESRCH;
		return 0;
	}
	if (is_known(s, st.st_ino))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET)) {
		s->missed++;
		if (fd >= 0)
			close(fd);
		return 0;
	}
	err = visit(s, st.st_ino);
	close(fd);
	if (setns(s->home, CLONE_NEWNET))
		return net_fail(s->e, -errno, "returning to the network namespace: %s",
		                strerror(errno));
	return err;
}

/* Enter the namespace of each entry of DIRECTORY, which is the entry itself or INSIDE it. */
static int enter_all(struct spaces *s, const char *directory, const char *inside)
{
	DIR *d = opendir(directory);
	struct dirent *entry;
	char path[sizeof entry->d_name + 32];
	int err = 0;

	while (d && !err && (entry = readdir(d))) {
		bool is = inside ? isdigit((unsigned char)entry->d_name[0])
		                 : entry->d_name[0] != '.';

		snprintf(path, sizeof path, "%s/%s%s", directory, entry->d_name,
		         inside ? inside : "");
		err = is ? enter(s, path) : 0;
	}
	if (d)
		closedir(d);
	else
		s->missed += errno != ENOENT;
	return err;
}

int net_each_space(net_space_fn *each, void *ctx, unsigned *missed, struct net_error *e)
{
	static const char own[] = "/proc/self/ns/net";
	struct spaces s = { .each = each, .ctx = ctx, .e = e };
	struct stat st;
	int err;

	s.home = open(own, O_RDONLY | O_CLOEXEC);
	if (s.home < 0 || fstat(s.home, &st))
		err = net_fail(e, -errno, "%s: %s", own, strerror(errno));
	else
		err = visit(&s, st.st_ino);
	if (!err)
		err = enter_all(&s, "/proc", "/ns/net");
	if (!err)
		err = enter_all(&s, "/run/netns", NULL);
	*missed = s.missed;
	if (s.home >= 0)
		close(s.home);
	free(s.number);
	return err;
}
