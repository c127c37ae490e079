/* Sockets with filters: packet sockets of all network namespaces, and any of a process. */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/ps.h"
#include "net/net.h"

/* --- packet sockets ---------------------------------------------------------------------- */

bool ps_sees_sockets(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	return !syscall(SYS_capget, &header, data) && data[0].effective & 1u << CAP_NET_ADMIN;
}

/* The namespace that is being looked at. */
struct in_space {
	struct ps *ps;
	uint64_t number;
	unsigned missed;
};

static void add_packet_socket(void *ctx, const struct net_socket *s)
{
	struct in_space *in = ctx;
	struct arena *arena = in->ps->arena;
	struct buf on = { .arena = arena };
	struct ps_row row = {
		.socket = true,
		.uid = -1,
		.space = in->number,
		.inode = s->inode,
		.count = 1,
		.n = 1,
	};

	buf_printf(&on, "packet %s", s->interface ? s->interface_name : "any");
	row.on = buf_str(&on);
	row.filter = arena_new(arena, struct ps_filter);
	row.filter->length = (uint32_t)s->n;
	array_push(arena, &in->ps->rows, row);
}

static int look_into_space(void *ctx, uint64_t number, struct net_error *e)
{
	struct in_space *in = ctx;
	unsigned missed = 0;
	int err;

	in->number = number;
	err = net_packet_sockets(add_packet_socket, in, &missed, e);
	in->missed += missed;
	return err;
}

/* Give the sockets from row FIRST on that are descriptor PATH of PID their owner. */
static void find_socket(struct ps *ps, uint32_t first, const char *path, int pid)
{
	static const char prefix[] = "socket:[";
	char target[64];
	ssize_t n = readlink(path, target, sizeof target - 1);
	unsigned long inode;

	if (n < 0)
		ps_lost(ps, errno);
	if (n <= 0 || strncmp(target, prefix, sizeof prefix - 1) != 0)
		return;
	target[n] = '\0';
	inode = strtoul(target + sizeof prefix - 1, NULL, 10);
	for (uint32_t i = first; i < ps->rows.n; i++) {
		struct ps_row *row = &ps->rows.v[i];

		if (row->pid || row->inode != inode)
			continue;
		row->pid = row->tid = pid;
		ps_look_at(ps, row);
	}
}

/* Look at all descriptors of process PID. */
static void find_in_process(struct ps *ps, uint32_t first, const char *pid)
{
	char path[600];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	d = ps_open_directory(ps, path);
	while (d && (entry = readdir(d))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/%s/fd/%s", pid, entry->d_name);
		find_socket(ps, first, path, atoi(pid));
	}
	if (d)
		closedir(d);
}

static void find_owners(struct ps *ps, uint32_t first)
{
	struct dirent *entry;
	DIR *d = first < ps->rows.n ? ps_open_directory(ps, "/proc") : NULL;

	while (d && (entry = readdir(d)))
		if (isdigit((unsigned char)entry->d_name[0]))
			find_in_process(ps, first, entry->d_name);
	if (d)
		closedir(d);
}

/* Drop the rows from FIRST on that are not of the process that is wanted. */
static void keep_wanted(struct ps *ps, uint32_t first)
{
	uint32_t n = first;

	for (uint32_t i = first; i < ps->rows.n; i++)
		if (!ps->pid || ps->rows.v[i].pid == ps->pid)
			ps->rows.v[n++] = ps->rows.v[i];
	ps->rows.n = n;
}

void ps_add_packet_sockets(struct ps *ps)
{
	struct in_space in = { .ps = ps };
	uint32_t first = ps->rows.n;
	struct net_error e;
	unsigned missed;
	int err = net_each_space(look_into_space, &in, &missed, &e);

	if (err)
		ps_unseen(ps, "packet sockets: %s", e.text);
	else if (missed)
		ps_unseen(ps, "packet sockets in the network namespaces of %u process%s, "
		              "which weir may not look into",
		          missed, missed == 1 ? "" : "es");
	if (in.missed)
		ps_unseen(ps, "packet sockets, at least %u: a filter is too long for the "
		              "kernel's list (--fds looks at those of a process)",
		          in.missed);
	find_owners(ps, first);
	keep_wanted(ps, first);
}

/* --- any socket of a process ------------------------------------------------------------- */

static const char *socket_name(const struct net_socket *s)
{
	static const struct {
		int domain, type;
		const char *name;
	} names[] = {
		{ AF_INET, SOCK_STREAM, "tcp" },
		{ AF_INET6, SOCK_STREAM, "tcp6" },
		{ AF_INET, SOCK_DGRAM, "udp" },
		{ AF_INET6, SOCK_DGRAM, "udp6" },
		{ AF_INET, SOCK_RAW, "raw" },
		{ AF_INET6, SOCK_RAW, "raw6" },
		{ AF_UNIX, -1, "unix" },
		{ AF_PACKET, -1, "packet" },
		{ AF_NETLINK, -1, "netlink" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].domain == s->domain &&
		    (names[i].type < 0 || names[i].type == s->type))
			return names[i].name;
	return "socket";
}

/* Add descriptor FD of process PID, if it is a socket with a filter; 0 or -errno. */
static int add_descriptor(struct ps *ps, int pid, int fd, struct sock_filter *insns)
{
	struct ps_row row = {
		.socket = true,
		.pid = pid,
		.tid = pid,
		.uid = -1,
		.count = 1,
		.n = 1,
	};
	struct buf on = { .arena = ps->arena };
	struct net_socket s;
	int copy = net_copy_descriptor(pid, fd), err;

	if (copy < 0)
		return copy;
	err = net_socket_filter(copy, &s, insns);
	close(copy);
	if (err && err != -EACCES)
		ps_unseen(ps, "descriptor %d: %s", fd, strerror(-err));
	if ((err && err != -EACCES) || (!err && !s.n))
		return 0;
	buf_printf(&on, "fd %d %s%s", fd, socket_name(&s), err ? ", eBPF" : "");
	row.on = buf_str(&on);
	row.filter = arena_new(ps->arena, struct ps_filter);
	row.filter->length = (uint32_t)s.n;
	ps_look_at(ps, &row);
	array_push(ps->arena, &ps->rows, row);
	return 0;
}

bool ps_add_descriptors(struct ps *ps, int pid)
{
	struct sock_filter *insns = arena_array(ps->arena, struct sock_filter, NET_MAX_FILTER);
	char path[64], target[16];
	struct dirent *entry;
	int err = 0;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	d = opendir(path);
	if (!d)
		err = -errno;
	while (d && !err && (entry = readdir(d))) {
		ssize_t n;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		n = readlinkat(dirfd(d), entry->d_name, target, sizeof target);
		if (n < 0)
			ps_lost(ps, errno);
		if (n > 7 && !memcmp(target, "socket:", 7))
			err = add_descriptor(ps, pid, atoi(entry->d_name), insns);
		if (err == -EBADF) /* it was closed meanwhile */
			err = 0;
	}
	if (d)
		closedir(d);
	if (err == -EPERM || err == -EACCES)
		cli_error("the sockets of process %d are not yours to look at (root may)", pid);
	else if (err)
		cli_error("process %d: %s", pid,
		          err == -ENOENT || err == -ESRCH ? "there is none" : strerror(-err));
	return !err;
}
