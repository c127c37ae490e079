/*
 * secret WEIR POLICY UID [OPTION]: looks for the words that open the gate of a policy
 * without exec. As root it starts itself under `weir run OPTION POLICY`, as the user
 * UID, and reads the installed filter from outside. Of the words that the filter
 * compares with none may be found in the memory of what lives on. Then the
 * program in the box tries what it can: it takes each pair of adjacent words of
 * every process that it may read for the secret, and calls execve with it.
 *
 * It is worth something only where weir is a dynamic program that binds its
 * calls lazily: the dynamic linker saves registers on the stack.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WORDS = 64, /* of 32 bits, that a filter compares with */
	CHUNK = 1 << 16,
	TOO_MUCH = 64 << 20, /* a mapping of a sanitizer's is not looked through */
};

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(99);
}

/* --- memory ------------------------------------------------------------------------ */

/* Calls VISIT with what can be read of process PID; how many bytes that was. */
static size_t read_memory(pid_t pid, void (*visit)(const char *at, size_t n))
{
	static char line[512], buf[CHUNK];
	unsigned long from, to;
	char path[64], r;
	size_t sum = 0;
	FILE *maps;
	ssize_t n;
	int mem;

	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY);
	snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	maps = fopen(path, "r");
	while (mem >= 0 && maps && fgets(line, sizeof line, maps)) {
		if (sscanf(line, "%lx-%lx %c", &from, &to, &r) != 3 || r != 'r' ||
		    to - from > TOO_MUCH)
			continue;
		for (; from < to; from += CHUNK) {
			n = pread(mem, buf, to - from < CHUNK ? to - from : CHUNK,
			          (off_t)from);
			if (n <= 0)
				break;
			visit(buf, (size_t)n);
			sum += (size_t)n;
		}
	}
	if (maps)
		fclose(maps);
	if (mem >= 0)
		close(mem);
	return sum;
}

/* --- inside ------------------------------------------------------------------------- */

static unsigned long tried;

/* Random words differ from addresses and counters in their upper halves. */
static bool looks_random(uint64_t word)
{
	return word >> 48 && word >> 48 != 0xffff;
}

static void try_words(const char *at, size_t n)
{
	static char *const argv[] = { "sh", "-c", "echo broken out", NULL };
	uint64_t word[2];

	for (size_t i = 0; i + sizeof word <= n; i += 8) {
		memcpy(word, at + i, sizeof word);
		if (!looks_random(word[0]) || !looks_random(word[1]))
			continue;
		tried++;
		syscall(SYS_execve, "/bin/sh", argv, argv + 3, 0L, word[0], word[1]);
	}
}

/* Says that it runs, waits until it is told whom to attack, and does. */
static int attack(void)
{
	size_t sum = 0;
	int pid;

	if (write(1, "ready\n", 6) != 6)
		return 99;
	while (scanf("%d", &pid) == 1)
		sum += read_memory(pid, try_words);
	printf("read %zu bytes, tried %lu execs\n", sum, tried);
	return 0;
}

/* --- outside ------------------------------------------------------------------------ */

static uint32_t words[WORDS];
static size_t nwords;
static unsigned long found;

/* Takes the words of the newest filter of PID that may be random. */
static void take_words(pid_t pid)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	long n;

	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 ||
	    waitpid(pid, NULL, __WALL) != pid)
		die("ptrace");
	n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, insns);
	if (n < 0)
		die("PTRACE_SECCOMP_GET_FILTER");
	for (long i = 1; i < n && nwords < WORDS; i++)
		if (insns[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
		    insns[i - 1].code == (BPF_LD | BPF_W | BPF_ABS) &&
		    insns[i - 1].k >= offsetof(struct seccomp_data, args) &&
		    insns[i].k >> 16 && insns[i].k >> 16 != 0xffff)
			words[nwords++] = insns[i].k;
	ptrace(PTRACE_DETACH, pid, 0, 0);
}

/* Two halves that follow each other in the filter, as a word of memory. */
static void find_words(const char *at, size_t n)
{
	uint32_t half[2];

	for (size_t i = 0; i + sizeof half <= n; i += 4) {
		memcpy(half, at + i, sizeof half);
		for (size_t w = 0; w + 1 < nwords; w++)
			if ((half[0] == words[w] && half[1] == words[w + 1]) ||
			    (half[1] == words[w] && half[0] == words[w + 1]))
				found++;
	}
}

static pid_t parent_of(pid_t pid)
{
	char path[64], text[512], *at;
	FILE *f;
	int ppid = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f && fgets(text, sizeof text, f) && (at = strrchr(text, ')')))
		sscanf(at, ") %*c %d", &ppid);
	if (f)
		fclose(f);
	return ppid;
}

/* The processes below PID, itself left out. */
static size_t list_tree(pid_t pid, pid_t *list, size_t max)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	size_t n = 0;

	while (proc && (e = readdir(proc)) && n < max) {
		pid_t at = (pid_t)atoi(e->d_name), up = at;

		while (up > 1 && up != pid)
			up = parent_of(up);
		if (at > 1 && at != pid && up == pid)
			list[n++] = at;
	}
	if (proc)
		closedir(proc);
	return n;
}

static pid_t start(char **argv, int in[2], int out[2])
{
	uid_t uid = (uid_t)atoi(argv[3]);
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		die("pipe");
	pid = fork();
	if (pid)
		return pid;
	dup2(in[0], 0);
	dup2(out[1], 1);
	unsetenv("LD_BIND_NOW");
	if (uid && (setgid(uid) < 0 || setuid(uid) < 0))
		die("setuid");
	if (argv[4])
		execl(argv[1], "weir", "run", argv[4], argv[2], "--", argv[0],
		      (char *)NULL);
	execl(argv[1], "weir", "run", argv[2], "--", argv[0], (char *)NULL);
	die(argv[1]);
}

int main(int argc, char **argv)
{
	pid_t list[64], weir, program = 0;
	char line[256] = "";
	int in[2], out[2];
	size_t n, sum = 0;
	FILE *from;

	if (argc < 4)
		return attack();
	weir = start(argv, in, out);
	close(out[1]);
	from = fdopen(out[0], "r");
	if (!fgets(line, sizeof line, from) || strcmp(line, "ready\n"))
		die("the program did not start");
	n = list_tree(getpid(), list, 64);
	for (size_t i = 0; i < n; i++)
		if (list[i] != weir)
			program = list[i];
	if (!program)
		die("no program");
	take_words(program);
	for (size_t i = 0; i < n; i++)
		sum += read_memory(list[i], find_words);
	printf("%zu words, %lu times in %zu bytes of %zu processes\n", nwords, found,
	       sum, n);
	for (size_t i = 0; i < n; i++)
		dprintf(in[1], "%d\n", (int)list[i]);
	close(in[0]);
	close(in[1]);
	while (fgets(line, sizeof line, from))
		fputs(line, stdout);
	waitpid(weir, NULL, 0);
	return nwords < 4 ? 98 : found ? 1
	                               : 0;
}
