/*
 * Attached to a socket, as a classic program. A socket does not tell what attached its
 * filter, so weir's have unreachable instructions after the last return that say what the
 * filter is.
 *
 * The socket itself is held by its process alone, so that it ends when that closes it.
 */
#include "config.h"

#include "net/hook.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	MARK = 0x77656972, /* "weir" */
	TEXT_MAX = 400,    /* bytes of the expression that are kept */
	MARK_MAX = 2 + (TEXT_MAX + 3) / 4,
	DROPS = 1, /* a bit of what the mark says, beside the length of the text */
	SO_COOKIE_ = 57
};

/* --- the mark --------------------------------------------------------------------------- */

/* Put what HOOK is after the N instructions at INSNS; return how many there are then. */
static size_t put_mark(struct sock_filter *insns, size_t n, const struct net_hook *hook)
{
	size_t len = strlen(hook->text), room = (NET_MAX_FILTER - 2 - n) * 4;

	len = len > TEXT_MAX ? TEXT_MAX : len;
	len = len > room ? room : len;
	for (size_t at = 0; at < len; at += 4) {
		char four[5] = "";

		strncpy(four, hook->text + at, len - at < 4 ? len - at : 4);
		insns[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
		memcpy(&insns[n - 1].k, four, 4);
	}
	insns[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, (uint32_t)len << 8 | hook->drops);
	insns[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, MARK);
	return n;
}

/* Copy what the mark of a filter says; false if it has none. */
static bool read_mark(const struct sock_filter *insns, size_t n, struct net_hook_state *out)
{
	size_t len, words;

	if (n < 3 || insns[n - 1].code != (BPF_RET | BPF_K) || insns[n - 1].k != MARK ||
	    insns[n - 2].code != (BPF_LD | BPF_IMM))
		return false;
	len = insns[n - 2].k >> 8;
	words = (len + 3) / 4;
	if (len > TEXT_MAX || words > n - 3)
		return false;
	for (size_t i = 0; i < words; i++) {
		const struct sock_filter *f = &insns[n - 2 - words + i];

		if (f->code != (BPF_LD | BPF_IMM))
			return false;
		memcpy(out->text + 4 * i, &f->k, 4);
	}
	out->text[len] = '\0';
	out->drops = insns[n - 2].k & DROPS;
	return true;
}

/* --- finding the socket --------------------------------------------------------------------- */

bool net_read_descriptor(const char *text, int *pid, int *fd)
{
	char *end;
	long process = strtol(text, &end, 10), number;

	if (!isdigit((unsigned char)*text) || *end != ':' || !isdigit((unsigned char)end[1]))
		return false;
	number = strtol(end + 1, &end, 10);
	*pid = (int)process;
	*fd = (int)number;
	return !*end && process > 0 && process <= INT32_MAX && number <= INT32_MAX;
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof cookie;

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE_, &cookie, &len) ? 0 : cookie;
}

/* Say why descriptor FD of process PID is not to be had. */
static int not_yours(int pid, int fd, int err, struct net_error *e)
{
	if (err == -ESRCH || err == -EINVAL)
		return net_fail(e, err, "there is no process %d", pid);
	if (err == -EBADF)
		return net_fail(e, err, "process %d has no descriptor %d", pid, fd);
	if (err == -EPERM)
		return net_fail(e, err, "descriptor %d of process %d: the process must be yours, "
		                        "or you need CAP_SYS_PTRACE",
		                fd, pid);
	return net_fail(e, err, "descriptor %d of process %d: %s", fd, pid, strerror(-err));
}

int net_open_descriptor(int pid, int fd, struct net_error *e)
{
	int copy = net_copy_descriptor(pid, fd);

	return copy >= 0 ? copy : not_yours(pid, fd, copy, e);
}

/* --- attaching ---------------------------------------------------------------------------------- */

/* Keep in OUT what is attached to COPY of the socket. */
static int keep_earlier(int copy, struct net_hooked *out, struct net_error *e)
{
	struct sock_filter *insns = calloc(NET_MAX_FILTER, sizeof *insns);
	struct net_hook_state ignored;
	struct net_socket s;
	int err;

	if (!insns)
		return net_fail(e, -ENOMEM, "out of memory");
	err = net_socket_filter(copy, &s, insns);
	if (!err && s.n && !read_mark(insns, s.n, &ignored)) {
		out->earlier = insns;
		out->nearlier = (uint16_t)s.n;
		return 0;
	}
	free(insns);
	if (err == -EACCES)
		return net_fail(e, err, "the socket's filter is an eBPF program, which could not be put "
		                        "back afterwards");
	if (err == -ENOTSOCK)
		return net_fail(e, err, "descriptor %d of process %d is not a socket", out->socket,
		                out->pid);
	return err ? net_fail(e, err, "asking for the socket's filter: %s", strerror(-err)) : 0;
}

static int set_filter(int copy, struct sock_filter *insns, size_t n)
{
	struct sock_fprog prog = { .len = (unsigned short)n, .filter = insns };

	return setsockopt(copy, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog) ? -errno : 0;
}

/* Attach HOOK's program with its mark; if that takes too much memory, without the text. */
static int put_filter(int copy, const struct net_hook *hook, struct net_error *e)
{
	size_t n;
	const struct sock_filter *from = weir_program_insns(hook->program, &n);
	struct sock_filter *insns = calloc(NET_MAX_FILTER, sizeof *insns);
	struct net_hook bare = *hook;
	int err = 0;

	if (!insns)
		return net_fail(e, -ENOMEM, "out of memory");
	if (n > NET_MAX_FILTER - 2)
		err = net_fail(e, -E2BIG, "the program has %zu instructions; a socket takes at most %d",
		               n, NET_MAX_FILTER - 2);
	if (!err) {
		memcpy(insns, from, n * sizeof *insns);
		err = set_filter(copy, insns, put_mark(insns, n, hook));
		bare.text = "";
		if (err == -ENOMEM)
			err = set_filter(copy, insns, put_mark(insns, n, &bare));
		if (err == -EPERM)
			net_fail(e, err, "%s: the socket's filter is locked", hook->target);
		else if (err)
			net_fail(e, err, "%s: the kernel refuses the filter: %s", hook->target,
			         strerror(-err));
	}
	free(insns);
	return err;
}

static int lock(int copy, struct net_error *e)
{
	const int on = 1;

	if (!setsockopt(copy, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on))
		return 0;
	return net_fail(e, -errno, "locking the filter: %s", strerror(errno));
}

static int attach(const struct net_hook *hook, int program, struct net_hooked *out,
                  struct net_error *e)
{
	int copy, err;

	if (!net_read_descriptor(hook->target, &out->pid, &out->socket))
		return net_fail(e, -EINVAL, "%s: expected PID:FD", hook->target);
	copy = net_open_descriptor(out->pid, out->socket, e);
	if (copy < 0)
		return copy;
	out->fd = (int)syscall(SYS_pidfd_open, out->pid, 0);
	out->cookie = cookie_of(copy);
	err = out->fd < 0 ? net_fail(e, -errno, "process %d: %s", out->pid, strerror(errno)) : 0;
	if (!err)
		err = keep_earlier(copy, out, e);
	if (!err)
		err = put_filter(copy, hook, e);
	if (!err && hook->lock)
		err = lock(copy, e);
	close(copy);
	return err;
}

/* --- asking ------------------------------------------------------------------------------------------ */

/* Open the socket of H once more; -1: it is closed, or another one has its number. */
static int reopen(const struct net_hooked *h)
{
	int copy = (int)syscall(SYS_pidfd_getfd, h->fd, h->socket, 0);

	if (copy >= 0 && cookie_of(copy) != h->cookie) {
		close(copy);
		copy = -1;
	}
	return copy;
}

/* Copy what the filter on COPY is; false if it is not ours. */
static bool look(int copy, struct net_hook_state *out)
{
	struct sock_filter *insns = calloc(NET_MAX_FILTER, sizeof *insns);
	struct net_socket s;
	bool ours = insns && !net_socket_filter(copy, &s, insns) && s.n &&
	            read_mark(insns, s.n, out);

	free(insns);
	return ours;
}

static bool ask(const struct net_hooked *h, struct net_hook_state *out)
{
	int copy = reopen(h);

	out->place = NET_SOCKET;
	out->here = out->kept = true;
	out->attached = copy >= 0 && look(copy, out);
	snprintf(out->target, sizeof out->target, "%d:%d", h->pid, h->socket);
	if (copy >= 0)
		close(copy);
	return true;
}

/* --- all of them ----------------------------------------------------------------------------------------- */

/* Sockets that were looked at: a process may have inherited one. */
struct seen {
	uint64_t *cookie;
	size_t n, room;
};

/* Tell whether COOKIE is new, and note it. */
static bool is_new(struct seen *seen, uint64_t cookie)
{
	for (size_t i = 0; i < seen->n; i++)
		if (seen->cookie[i] == cookie)
			return false;
	if (seen->n == seen->room) {
		size_t room = seen->room ? 2 * seen->room : 64;
		uint64_t *more = realloc(seen->cookie, room * sizeof *more);

		if (!more)
			return false;
		seen->cookie = more;
		seen->room = room;
	}
	seen->cookie[seen->n++] = cookie;
	return true;
}

/* Call EACH with socket FD of process PID, whose pidfd is PROCESS, if its filter is ours. */
static void look_at(int process, int pid, int fd, struct seen *seen, net_hook_fn *each, void *ctx)
{
	struct net_hooked h = { .way = &hook_by_socket, .fd = process, .map = -1, .pid = pid, .socket = fd };
	struct net_hook_state state = { 0 };
	int copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	bool ours;

	if (copy < 0)
		return;
	h.cookie = cookie_of(copy);
	ours = look(copy, &state) && is_new(seen, h.cookie);
	close(copy);
	if (!ours || !ask(&h, &state) || !state.attached)
		return;
	state.whole_text = state.text;
	each(ctx, &h, &state);
}

/* Look at the sockets of process PID. */
static void look_into(int pid, struct seen *seen, net_hook_fn *each, void *ctx)
{
	char path[64], target[16];
	struct dirent *entry;
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	DIR *d;

	if (process < 0)
		return;
	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	d = opendir(path);
	while (d && (entry = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), entry->d_name, target, sizeof target);

		if (n > 7 && !memcmp(target, "socket:", 7))
			look_at(process, pid, atoi(entry->d_name), seen, each, ctx);
	}
	if (d)
		closedir(d);
	close(process);
}

static int each_socket(net_hook_fn *each, void *ctx, struct net_error *e)
{
	struct seen seen = { 0 };
	struct dirent *entry;
	DIR *d = opendir("/proc");

	if (!d)
		return net_fail(e, -errno, "/proc: %s", strerror(errno));
	while ((entry = readdir(d)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_into(atoi(entry->d_name), &seen, each, ctx);
	closedir(d);
	free(seen.cookie);
	return 0;
}

/* --- keeping and taking off ------------------------------------------------------------------------------------ */

static int keep(const struct net_hooked *h, struct net_error *e)
{
	return 0; /* it stays anyhow */
}

static int detach(const struct net_hooked *h, struct net_error *e)
{
	int copy = reopen(h), err, ignored = 0;

	if (copy < 0)
		return 0; /* it is closed, and the filter with it */
	if (h->earlier)
		err = set_filter(copy, h->earlier, h->nearlier);
	else
		err = setsockopt(copy, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored) ? -errno : 0;
	close(copy);
	if (err == -EPERM)
		return net_fail(e, err, "%d:%d: the socket's filter is locked", h->pid, h->socket);
	return err ? net_fail(e, err, "%d:%d: detaching: %s", h->pid, h->socket, strerror(-err)) : 0;
}

const struct hook_way hook_by_socket = {
	.attach = attach,
	.ask = ask,
	.keep = keep,
	.detach = detach,
	.each = each_socket,
};
