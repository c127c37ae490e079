/*
 * The seccomp filters of processes, by an eBPF program that the kernel's iterator
 * over tasks runs for each thread. It prints what it finds; the bytes of a filter,
 * which may be longer than what an iterator can print at once, go through a map.
 *
 * A filter is known by its address, which is never shown. The program looks at a few
 * filters of a thread, since the verifier follows a loop in all its length. So there
 * are rounds: the first lists the threads, and the later ones continue long lists and
 * bring the instructions.
 */
#include "config.h"

#include "kernel/kernel.h"

#include <errno.h>
#include <linux/btf.h>
#include <linux/filter.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "kernel/ops.h"

/* --- what the program prints, and what it is told ----------------------------------- */

/* A thread under seccomp; some of its filters follow, the newest first, and an end. */
struct thread_row {
	uint32_t pid, tid, mode, count;
	char name[16];
};

/* A filter; the end has key 0 and, as LEN, the key of the next filter or 0. */
struct filter_row {
	uint64_t key, len;
};

/* By key: a filter whose instructions are wanted, where they go, and that they did. */
struct wanted {
	uint32_t slot, done;
};

/* By tid: where to begin in the list of filters, if it still has that head. */
struct begin {
	uint64_t head, from;
};

enum {
	FEW = 8,         /* filters of a thread that a round looks at */
	TOGETHER = 64,   /* filters whose instructions a round brings */
	THREADS = 1024,  /* that a round begins elsewhere than at the head */
	SLOT = 4096 * 8, /* bytes of the longest filter */
	MOST = 8192,     /* filters that a thread can have: fewer than that */
	READ_SIZE = 64 << 10
};

/* --- the program -------------------------------------------------------------------- */

enum field {
	META,
	SEQ,
	TASK,
	MODE,
	COUNT,
	FILTER,
	COMM,
	LEADER,
	PID,
	LEVEL,
	NUMBERS,
	NUMBER,
	NUMBER_SIZE,
	PROG,
	PREV,
	ORIG,
	ORIG_LEN,
	ORIG_INSNS,
	NFIELDS
};

static const struct kernel_field fields[NFIELDS] = {
	[META] = { "bpf_iter__task", "meta" },
	[SEQ] = { "bpf_iter_meta", "seq" },
	[TASK] = { "bpf_iter__task", "task" },
	[MODE] = { "task_struct", "seccomp.mode" },
	[COUNT] = { "task_struct", "seccomp.filter_count.counter" },
	[FILTER] = { "task_struct", "seccomp.filter" },
	[COMM] = { "task_struct", "comm" },
	[LEADER] = { "task_struct", "group_leader" },
	[PID] = { "task_struct", "thread_pid" },
	[LEVEL] = { "pid", "level" },
	[NUMBERS] = { "pid", "numbers" },
	[NUMBER] = { "upid", "nr" },
	[NUMBER_SIZE] = { "upid", NULL },
	[PROG] = { "seccomp_filter", "prog" },
	[PREV] = { "seccomp_filter", "prev" },
	[ORIG] = { "bpf_prog", "orig_prog" },
	[ORIG_LEN] = { "sock_fprog_kern", "len" },
	[ORIG_INSNS] = { "sock_fprog_kern", "filter" },
};

enum map {
	WANTED, /* key of a filter -> struct wanted */
	SLOTS,  /* instructions */
	BEGIN,  /* tid -> struct begin */
	NMAPS
};

enum label {
	START,
	NEXT,
	AGAIN,
	LISTED,
	DONE
};

/* The stack; what begins with AT_ is an offset from its end. */
enum {
	AT_THREAD = -32,
	AT_FILTER = -48,
	AT_FILTER_LEN = AT_FILTER + 8,
	AT_POINTER = -56,
	AT_INSNS = -64,
	AT_WANTED = -72
};

/* Print N bytes of the stack at AT; the context is in register 6. */
#define PRINT(at, n)                                                               \
	LOAD_FIELD(BPF_DW, 1, 6, META), LOAD_FIELD(BPF_DW, 1, 1, SEQ), MOV(2, 10), \
		ADD(2, at), SET(3, n), CALL(BPF_FUNC_seq_write)

/* Register D = the pointer at field W of the struct at register S. */
#define FOLLOW(d, s, w) READ(AT_POINTER, 8, s, w), LOAD(BPF_DW, d, 10, AT_POINTER)

/*
 * Put the number of the task at register S on the stack AT, as the pid namespace
 * numbers it that is NUMBERS + register 8 deep.
 */
#define READ_PID(at, s)                                                     \
	FOLLOW(1, s, PID), ADD_REG(1, 8), ADD_FIELD(1, NUMBERS), MOV(9, 1), \
		READ(at, 4, 9, NUMBER)

static const struct kernel_op ops[] = {
	MOV(6, 1),
	LOAD_FIELD(BPF_DW, 7, 6, TASK),
	IF(BPF_JEQ, 7, 0, DONE),
	LOAD_FIELD(BPF_W, 1, 7, MODE),
	IF(BPF_JEQ, 1, 0, DONE),
	STORE(BPF_W, 10, AT_THREAD + 8, 1),
	LOAD_FIELD(BPF_W, 1, 7, COUNT),
	STORE(BPF_W, 10, AT_THREAD + 12, 1),
	READ(AT_THREAD + 16, 16, 7, COMM),

	/* The numbers of the reader's pid namespace. */
	CALL(BPF_FUNC_get_current_task),
	MOV(8, 0),
	FOLLOW(8, 8, PID),
	READ(AT_POINTER, 4, 8, LEVEL),
	LOAD(BPF_W, 8, 10, AT_POINTER),
	TIMES_SIZE(8, NUMBER_SIZE),
	READ_PID(AT_THREAD + 4, 7),
	FOLLOW(9, 7, LEADER),
	READ_PID(AT_THREAD, 9),
	PRINT(AT_THREAD, sizeof(struct thread_row)),

	/* Each filter, the newest first: register 8, and how many there were: 9. */
	FOLLOW(8, 7, FILTER),
	MAP(1, BEGIN),
	MOV(2, 10),
	ADD(2, AT_THREAD + 4),
	CALL(BPF_FUNC_map_lookup_elem),
	IF(BPF_JEQ, 0, 0, START),
	LOAD(BPF_DW, 1, 0, 0),
	IF_REG(BPF_JNE, 1, 8, START),
	LOAD(BPF_DW, 8, 0, 8),
	LABEL(START),
	SET(9, 0),
	LABEL(AGAIN),
	IF(BPF_JEQ, 8, 0, LISTED),
	IF(BPF_JGE, 9, FEW, LISTED),
	ADD(9, 1),
	STORE(BPF_DW, 10, AT_FILTER, 8),
	FOLLOW(1, 8, PROG),
	FOLLOW(1, 1, ORIG),
	READ(AT_INSNS, 8, 1, ORIG_INSNS),
	LOAD(BPF_DW, 1, 10, AT_POINTER),
	READ(AT_POINTER, 2, 1, ORIG_LEN),
	LOAD(BPF_H, 1, 10, AT_POINTER),
	STORE(BPF_DW, 10, AT_FILTER_LEN, 1),
	PRINT(AT_FILTER, sizeof(struct filter_row)),

	/* Copy it, if it is wanted and was not copied yet. */
	MAP(1, WANTED),
	MOV(2, 10),
	ADD(2, AT_FILTER),
	CALL(BPF_FUNC_map_lookup_elem),
	IF(BPF_JEQ, 0, 0, NEXT),
	LOAD(BPF_W, 1, 0, 4),
	IF(BPF_JNE, 1, 0, NEXT),
	STORE(BPF_DW, 10, AT_WANTED, 0),
	MOV(2, 0),
	MAP(1, SLOTS),
	CALL(BPF_FUNC_map_lookup_elem),
	IF(BPF_JEQ, 0, 0, NEXT),
	MOV(1, 0),
	LOAD(BPF_DW, 2, 10, AT_FILTER_LEN),
	SHIFT(2, 3),
	IF(BPF_JGT, 2, SLOT, NEXT),
	LOAD(BPF_DW, 3, 10, AT_INSNS),
	CALL(BPF_FUNC_probe_read_kernel),
	IF(BPF_JNE, 0, 0, NEXT),

	/* A thread that still has filters had this one all the time. */
	LOAD_FIELD(BPF_DW, 1, 7, FILTER),
	IF(BPF_JEQ, 1, 0, NEXT),
	LOAD(BPF_DW, 1, 10, AT_WANTED),
	STORE_CONST(BPF_W, 1, 4, 1),

	LABEL(NEXT),
	FOLLOW(8, 8, PREV),
	GOTO(AGAIN),

	LABEL(LISTED),
	STORE_CONST(BPF_DW, 10, AT_FILTER, 0),
	STORE(BPF_DW, 10, AT_FILTER_LEN, 8),
	PRINT(AT_FILTER, sizeof(struct filter_row)),
	LABEL(DONE),
	SET(0, 0),
	EXIT,
};

/* --- running it ---------------------------------------------------------------------- */

/* A filter, and where it was found. */
struct found {
	struct kernel_filter is;
	struct thread *owner; /* whose list brings it */
	bool asked;           /* a round wanted its instructions */
};

/* A thread while its filters are being listed. */
struct thread {
	struct kernel_task is;
	ARRAY(struct found *) filters;
	uint64_t next;   /* the filter that was not listed yet; 0: none */
	struct begin at; /* where this round begins; FROM 0: at the head */
};

struct reader {
	jmp_buf oom;
	struct arena arena; /* of this call */
	struct kernel_filters *out;
	struct kernel_error *e;
	struct kernel_types *types;
	int pid; /* 0: all */
	int maps[NMAPS], program;
	ARRAY(char) printed;            /* by this round */
	ARRAY(struct thread *) threads; /* by tid */
	ARRAY(struct found *) known;    /* by key */
	struct found *wanted[TOGETHER]; /* this round */
	uint32_t nwanted;
	struct thread *begun[THREADS]; /* this round */
	uint32_t nbegun;
};

/* Explain ERR of STEP, with what the verifier had to say. */
static int refused(struct reader *r, int err, const char *step, const char *log)
{
	size_t len = log ? strlen(log) : 0;

	if (err == -EPERM)
		return kernel_fail(r->e, err, "reading filters needs root, or the "
		                              "capabilities CAP_BPF and CAP_PERFMON");
	while (len && log[len - 1] == '\n')
		len--;
	return kernel_fail(r->e, err, "%s: %s%s%.*s", step, strerror(-err),
	                   len ? ": " : "", len > 200 ? 200 : (int)len, len ? log : "");
}

static int make_maps(struct reader *r)
{
	static const struct kernel_map maps[NMAPS] = {
		[WANTED] = { BPF_MAP_TYPE_HASH, "weir_wanted", 8, sizeof(struct wanted), TOGETHER, 0, 0, 0, 0, 0 },
		[SLOTS] = { BPF_MAP_TYPE_ARRAY, "weir_slots", 4, SLOT, TOGETHER, 0, 0, 0, 0, 0 },
		[BEGIN] = { BPF_MAP_TYPE_HASH, "weir_begin", 4, sizeof(struct begin), THREADS, 0, 0, 0, 0, 0 },
	};

	for (int i = 0; i < NMAPS; i++) {
		r->maps[i] = kernel_map_create(&maps[i]);
		if (r->maps[i] < 0)
			return refused(r, r->maps[i], "creating a map", NULL);
	}
	return 0;
}

static int load(struct reader *r)
{
	const struct kernel_code code = { ops, ARRAY_LEN(ops), fields, NFIELDS, NULL, r->maps };
	struct bpf_insn insns[KERNEL_CODE_MAX];
	char log[4096];
	struct kernel_program program = {
		.type = BPF_PROG_TYPE_TRACING,
		.attach = BPF_TRACE_ITER,
		.attach_type_id = kernel_type(r->types, BTF_KIND_FUNC, "bpf_iter_task"),
		.name = "weir_filters",
		.insns = insns,
	};
	int n = kernel_code_link(&code, r->types, insns, r->e);

	if (n < 0)
		return n;
	if (!program.attach_type_id)
		return kernel_fail(r->e, -ENOENT, "this kernel has no iterator over tasks "
		                                  "(Linux 5.8 and later)");
	/* Two pointers; the program reads them with 8 bytes each. */
	if (kernel_size(r->types, "list_head") != 16)
		return kernel_fail(r->e, -ENOTSUP, "filters are not read from kernels of 32 bits");
	program.n = (size_t)n;
	r->program = kernel_program_load(&program);
	if (r->program >= 0)
		return 0;
	if (r->program == -EPERM)
		return refused(r, -EPERM, "", NULL);
	program.log = log;
	program.log_size = sizeof log;
	kernel_program_load(&program);
	return refused(r, r->program, "loading the iterator", log);
}

static int read_printed(struct reader *r, int fd)
{
	ssize_t n;

	r->printed.n = 0;
	do {
		if (r->printed.cap - r->printed.n < READ_SIZE) {
			size_t cap = 2 * (size_t)r->printed.cap + READ_SIZE;

			if (cap > UINT32_MAX)
				return refused(r, -EFBIG, "reading the iterator", NULL);
			r->printed.v = arena_grow(&r->arena, r->printed.v, r->printed.n, cap);
			r->printed.cap = (uint32_t)cap;
		}
		n = read(fd, r->printed.v + r->printed.n, READ_SIZE);
		r->printed.n += n > 0 ? (uint32_t)n : 0;
	} while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
	return n < 0 ? refused(r, -errno, "reading the iterator", NULL) : 0;
}

/* Run the program over all tasks. */
static int iterate(struct reader *r)
{
	int link = kernel_link_create(r->program, 0, BPF_TRACE_ITER), fd, err;

	if (link < 0)
		return refused(r, link, "attaching the iterator", NULL);
	fd = kernel_iterator_open(link);
	close(link);
	if (fd < 0)
		return refused(r, fd, "opening the iterator", NULL);
	err = read_printed(r, fd);
	close(fd);
	return err;
}

/* --- what it printed ------------------------------------------------------------------ */

/* Take the next SIZE bytes at *AT of what was printed; false: there is less. */
static bool take(const struct reader *r, size_t *at, void *out, size_t size)
{
	if (r->printed.n - *at < size)
		return false;
	memcpy(out, r->printed.v + *at, size);
	*at += size;
	return true;
}

/* Return the place of KEY, or where it belongs, among those that are known. */
static uint32_t place_of_key(const struct reader *r, uint64_t key)
{
	uint32_t low = 0, high = r->known.n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (r->known.v[middle]->is.key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Return the filter of ROW, a new one of thread T if no thread had it so far. */
static struct found *find_filter(struct reader *r, const struct filter_row *row,
                                 struct thread *t)
{
	uint32_t at = place_of_key(r, row->key);
	struct found *f = at < r->known.n ? r->known.v[at] : NULL;

	if (f && f->is.key == row->key)
		return f;
	f = arena_new(&r->out->arena, struct found);
	f->is.key = row->key;
	f->is.len = (uint32_t)row->len;
	f->owner = t;
	array_push(&r->arena, &r->known, f);
	memmove(r->known.v + at + 1, r->known.v + at, (r->known.n - 1 - at) * sizeof f);
	r->known.v[at] = f;
	return f;
}

/* Take the filters that follow at *AT as the next of T; NULL: skip them. */
static void take_filters(struct reader *r, size_t *at, struct thread *t)
{
	struct filter_row row;

	while (take(r, at, &row, sizeof row) && row.key)
		if (t && t->filters.n < MOST)
			array_push(&r->arena, &t->filters, find_filter(r, &row, t));
	if (t)
		t->next = t->filters.n < MOST ? row.len : 0;
}

static struct thread *new_thread(struct reader *r, const struct thread_row *row)
{
	struct thread *t = arena_new(&r->arena, struct thread);

	t->is.pid = (int)row->pid;
	t->is.tid = (int)row->tid;
	t->is.mode = row->mode;
	t->is.count = row->count;
	memcpy(t->is.name, row->name, sizeof t->is.name - 1);
	array_push(&r->arena, &r->threads, t);
	return t;
}

/* List the threads, in the first round. */
static void take_threads(struct reader *r)
{
	struct thread_row row;
	size_t at = 0;

	while (take(r, &at, &row, sizeof row)) {
		bool asked = row.pid && row.tid && (!r->pid || (int)row.pid == r->pid);

		take_filters(r, &at, asked ? new_thread(r, &row) : NULL);
	}
}

/* Return the thread of this round that begins elsewhere and is TID; NULL: there is none. */
static struct thread *find_begun(const struct reader *r, uint32_t tid)
{
	for (uint32_t i = 0; i < r->nbegun; i++)
		if ((uint32_t)r->begun[i]->is.tid == tid)
			return r->begun[i];
	return NULL;
}

/* Continue the lists that are longer than a round, in a later one. */
static void take_more(struct reader *r)
{
	struct thread_row row;
	size_t at = 0;

	while (take(r, &at, &row, sizeof row)) {
		struct thread *t = find_begun(r, row.tid);
		struct filter_row first = { 0 };

		if (r->printed.n - at >= sizeof first)
			memcpy(&first, r->printed.v + at, sizeof first);
		take_filters(r, &at, t && t->next && first.key == t->next ? t : NULL);
	}
}

/* --- the rounds ---------------------------------------------------------------------- */

/* Let T's list begin at FROM in this round; false: there is no room for it. */
static bool begin_at(struct reader *r, struct thread *t, uint64_t from)
{
	if (r->nbegun == THREADS)
		return false;
	t->at = (struct begin){ t->filters.v[0]->is.key, from };
	r->begun[r->nbegun++] = t;
	return true;
}

/* Mark the first instructions that T's own filters lack as wanted. */
static void want_filters(struct reader *r, struct thread *t)
{
	uint32_t i = 0, end;

	while (i < t->filters.n &&
	       (t->filters.v[i]->owner != t || t->filters.v[i]->asked || !t->filters.v[i]->is.len))
		i++;
	if (i == t->filters.n || r->nwanted == TOGETHER ||
	    !begin_at(r, t, t->filters.v[i]->is.key))
		return;
	end = min_u32(t->filters.n, i + FEW);
	for (; i < end && r->nwanted < TOGETHER; i++) {
		struct found *f = t->filters.v[i];

		if (f->owner == t && !f->asked && f->is.len) {
			f->asked = true;
			r->wanted[r->nwanted++] = f;
		}
	}
}

/* Choose what the next round does; false: nothing is left. */
static bool choose(struct reader *r)
{
	r->nwanted = r->nbegun = 0;
	array_each(t, &r->threads) {
		if ((*t)->next)
			begin_at(r, *t, (*t)->next);
		else
			want_filters(r, *t);
	}
	return r->nbegun;
}

/* Tell the program what the next round does. */
static int fill_maps(struct reader *r)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < r->nbegun; i++)
		err = kernel_map_set(r->maps[BEGIN], &r->begun[i]->is.tid, &r->begun[i]->at, BPF_ANY);
	for (uint32_t i = 0; !err && i < r->nwanted; i++)
		err = kernel_map_set(r->maps[WANTED], &r->wanted[i]->is.key,
		                     &(struct wanted){ .slot = i }, BPF_ANY);
	return err ? refused(r, err, "filling a map", NULL) : 0;
}

/* Keep the instructions that came into slot I, if they did. */
static int keep(struct reader *r, uint32_t i, char slot[SLOT])
{
	struct kernel_filter *f = &r->wanted[i]->is;
	struct wanted is;
	int err = kernel_map_get(r->maps[WANTED], &f->key, &is);

	if (!err && is.done)
		err = kernel_map_get(r->maps[SLOTS], &i, slot);
	if (!err)
		err = kernel_map_delete(r->maps[WANTED], &f->key);
	if (err)
		return refused(r, err, "reading a map", NULL);
	if (is.done)
		f->insns = arena_memdup(&r->out->arena, slot, f->len * sizeof *f->insns);
	return 0;
}

static int empty_maps(struct reader *r)
{
	char *slot = arena_take(&r->arena, SLOT);
	int err = 0;

	for (uint32_t i = 0; !err && i < r->nwanted; i++)
		err = keep(r, i, slot);
	for (uint32_t i = 0; !err && i < r->nbegun; i++)
		if (kernel_map_delete(r->maps[BEGIN], &r->begun[i]->is.tid))
			err = refused(r, -EIO, "emptying a map", NULL);
	return err;
}

/* Give up threads whose lists did not go on: they are gone. */
static void give_up_lists(struct reader *r)
{
	for (uint32_t i = 0; i < r->nbegun; i++)
		if (r->begun[i]->next == r->begun[i]->at.from)
			r->begun[i]->next = 0;
}

static int go_rounds(struct reader *r)
{
	int err = iterate(r);

	if (!err)
		take_threads(r);
	while (!err && choose(r)) {
		err = fill_maps(r);
		if (!err)
			err = iterate(r);
		if (err)
			break;
		take_more(r);
		give_up_lists(r);
		err = empty_maps(r);
	}
	return err;
}

/* --- the result ---------------------------------------------------------------------------- */

static void make_result(struct reader *r)
{
	struct kernel_filters *out = r->out;

	out->task = arena_array(&out->arena, struct kernel_task, r->threads.n);
	array_each(t, &r->threads) {
		struct kernel_task *task = &out->task[out->ntasks++];

		*task = (*t)->is;
		task->n = (*t)->filters.n;
		task->filter = arena_array(&out->arena, const struct kernel_filter *, task->n);
		for (uint32_t i = 0; i < task->n; i++)
			task->filter[i] = &(*t)->filters.v[i]->is;
	}
}

static int read_filters(struct reader *r)
{
	int err = kernel_types_open(&r->types, r->e);

	if (!err)
		err = make_maps(r);
	if (!err)
		err = load(r);
	if (!err)
		err = go_rounds(r);
	if (!err)
		make_result(r);
	return err;
}

int kernel_filters_read(struct kernel_filters **out, int pid, struct kernel_error *e)
{
	struct reader *r = calloc(1, sizeof *r);
	int err;

	*out = calloc(1, sizeof **out);
	if (!r || !*out) {
		free(r);
		free(*out);
		return kernel_fail(e, -ENOMEM, "out of memory");
	}
	*r = (struct reader){ .e = e, .pid = pid, .out = *out, .program = -1, .maps = { -1, -1, -1 } };
	r->arena.oom = r->out->arena.oom = &r->oom;
	err = setjmp(r->oom) ? kernel_fail(e, -ENOMEM, "out of memory") : read_filters(r);
	if (r->program >= 0)
		close(r->program);
	for (int i = 0; i < NMAPS; i++)
		if (r->maps[i] >= 0)
			close(r->maps[i]);
	kernel_types_free(r->types);
	arena_free(&r->arena);
	if (err)
		kernel_filters_free(r->out);
	free(r);
	return err;
}

void kernel_filters_free(struct kernel_filters *f)
{
	if (!f)
		return;
	arena_free(&f->arena);
	free(f);
}
