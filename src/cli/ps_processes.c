/*
 * Processes under seccomp: by an iterator in the kernel, which shows their filters, or
 * by what /proc tells everybody.
 */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ps.h"
#include "kernel/kernel.h"

static const char *mode_name(unsigned mode)
{
	return mode == SECCOMP_MODE_STRICT ? "strict" : "seccomp";
}

/* --- by the kernel -------------------------------------------------------------------- */

/* Order by process, its first thread first, then by thread. */
static int by_process(const void *a, const void *b)
{
	const struct kernel_task *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if ((x->tid == x->pid) != (y->tid == y->pid))
		return x->tid == x->pid ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

static bool same_filters(const struct kernel_task *a, const struct kernel_task *b)
{
	return a->mode == b->mode && a->n == b->n &&
	       (!a->n || !memcmp(a->filter, b->filter, a->n * sizeof *a->filter));
}

/* Tell whether a thread of the same process, of those from FIRST on, has T's filters. */
static bool is_like_another(const struct kernel_task *first, const struct kernel_task *t)
{
	for (const struct kernel_task *other = first; other < t; other++)
		if (same_filters(other, t))
			return true;
	return false;
}

/* Filters that were asked about before have their names already. */
struct named {
	const struct kernel_filter *filter;
	const char *name;
};

struct names {
	ARRAY(struct named) v;
};

static const char *name_of(struct ps *ps, struct names *names, const struct kernel_filter *f)
{
	struct named one = { .filter = f };

	array_each(is, &names->v)
		if (is->filter == f)
			return is->name;
	one.name = f->insns ? known_program(ps, f->insns, f->len) : NULL;
	array_push(ps->arena, &names->v, one);
	return one.name;
}

static void add_task(struct ps *ps, struct names *names, const struct kernel_task *t)
{
	struct ps_row row = {
		.pid = t->pid,
		.tid = t->tid,
		.uid = -1,
		.on = mode_name(t->mode),
		.count = t->n,
		.n = t->n,
	};

	if (!ps_look_at(ps, &row))
		row.command = arena_strndup(ps->arena, t->name, strlen(t->name));
	row.filter = arena_array(ps->arena, struct ps_filter, t->n);
	for (uint32_t i = 0; i < t->n; i++) {
		/* In the order in which they were put on. */
		const struct kernel_filter *f = t->filter[t->n - 1 - i];

		row.filter[i].length = f->len;
		row.filter[i].profile = name_of(ps, names, f);
	}
	array_push(ps->arena, &ps->rows, row);
}

/* Add a row for each process, and for each thread of it that has other filters. */
static void add_tasks(struct ps *ps, struct kernel_filters *f)
{
	struct names names = { 0 };
	const struct kernel_task *first = f->task;
	bool cut = false;

	if (f->ntasks)
		qsort(f->task, f->ntasks, sizeof *f->task, by_process);
	for (const struct kernel_task *t = f->task; t < f->task + f->ntasks; t++) {
		/* What ends has a mode, but no filter any more. */
		bool ended = t->mode == SECCOMP_MODE_FILTER && !t->n;

		if (t->pid != first->pid)
			first = t;
		if (ended || is_like_another(first, t))
			continue;
		add_task(ps, &names, t);
		for (uint32_t i = 0; i < t->n; i++)
			cut |= !t->filter[i]->len;
	}
	if (cut)
		ps_unseen(ps, "lengths and profiles: this kernel does not keep filters "
		              "(CONFIG_CHECKPOINT_RESTORE)");
}

/* --- by /proc --------------------------------------------------------------------------- */

/* Return what line KEY of STATUS says, a number; NONE if there is no such line. */
static int64_t status_number(const char *status, const char *key, int64_t none)
{
	size_t len = strlen(key);

	for (const char *line = status; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len) && line[len] == ':')
			return strtoll(line + len + 1, NULL, 10);
	}
	return none;
}

/* Add a row for TID ("123", or "123/task/124") unless it is like row LIKE; its index. */
static uint32_t add_status(struct ps *ps, const char *path, int pid, int tid, uint32_t like)
{
	struct ps_row row = { .pid = pid, .tid = tid, .uid = -1 };
	char status[4096];
	int64_t mode;

	if (!ps_read_proc(ps, path, "status", status, sizeof status))
		return UINT32_MAX;
	mode = status_number(status, "Seccomp", 0);
	row.count = mode == SECCOMP_MODE_FILTER ? status_number(status, "Seccomp_filters", -1) : 0;
	row.on = mode_name((unsigned)mode);
	if (!mode || (like != UINT32_MAX && ps->rows.v[like].on == row.on &&
	              ps->rows.v[like].count == row.count))
		return UINT32_MAX;
	ps_look_at(ps, &row);
	array_push(ps->arena, &ps->rows, row);
	return ps->rows.n - 1;
}

/* Add the rows of process PID, and of its threads that differ from the first. */
static void add_process(struct ps *ps, const char *pid)
{
	int number = atoi(pid);
	uint32_t first = add_status(ps, pid, number, number, UINT32_MAX);
	char path[320];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%s/task", pid);
	d = ps_open_directory(ps, path);
	while (d && (entry = readdir(d))) {
		int tid = atoi(entry->d_name);

		if (!isdigit((unsigned char)entry->d_name[0]) || tid == number)
			continue;
		snprintf(path, sizeof path, "%d/task/%d", number, tid);
		add_status(ps, path, number, tid, first);
	}
	if (d)
		closedir(d);
}

static int by_pid(const void *a, const void *b)
{
	const struct ps_row *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

static bool add_all_of_proc(struct ps *ps)
{
	struct dirent *entry;
	DIR *d = opendir("/proc");

	if (!d) {
		cli_error("/proc: %s", strerror(errno));
		return false;
	}
	while ((entry = readdir(d)))
		if (isdigit((unsigned char)entry->d_name[0]))
			add_process(ps, entry->d_name);
	closedir(d);
	if (ps->rows.n)
		qsort(ps->rows.v, ps->rows.n, sizeof *ps->rows.v, by_pid);
	return true;
}

/* --- either --------------------------------------------------------------------------------- */

bool ps_add_processes(struct ps *ps, bool *rights)
{
	struct kernel_filters *f;
	struct kernel_error e;
	char pid[32];
	int err = kernel_filters_read(&f, ps->pid, &e);

	*rights = err != -EPERM && err != -EACCES;
	if (!err) {
		add_tasks(ps, f);
		kernel_filters_free(f);
		return true;
	}
	if (*rights)
		ps_unseen(ps, "lengths and profiles: %s", e.text);
	if (!ps->pid)
		return add_all_of_proc(ps);
	snprintf(pid, sizeof pid, "%d", ps->pid);
	add_process(ps, pid);
	return true;
}
