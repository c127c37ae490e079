/*
 * Runs a fuzzer where there is no libFuzzer: replays inputs, then mutates them.
 *
 *     fuzz_x [-n RUNS] [-t SECONDS] [-s SEED] [-o CRASHFILE] [-x WORDS] [FILE|DIRECTORY...]
 *     fuzz_x -w DIRECTORY
 *
 * WORDS is a dictionary in libFuzzer's format: a word in quotes on each line.
 * The second form writes the seeds as files, for libFuzzer to start from. The same
 * words run the same inputs. An input that crashes, or that takes more
 * than HANG_SECONDS, is left in CRASHFILE ("crash.bin"); replay it by its name.
 */
#include "config.h"

#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	INPUT_MAX = 4096,
	INPUTS_MAX = 4096,
	HANG_SECONDS = 20
};

static struct input {
	uint8_t *data;
	size_t size;
} inputs[INPUTS_MAX];
static size_t ninputs;

/* --- what a crash leaves ------------------------------------------------------------ */

static const uint8_t *running;
static size_t running_size;
static const char *crash_file = "crash.bin";

/* Sanitizers abort, so that the handler below sees their findings, too. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
	return "abort_on_error=1";
}

const char *__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1";
}

static void leave_crash(int sig)
{
	static const char text[] = "fuzz: the input is in ";
	int fd = open(crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	signal(sig, SIG_DFL);
	if (fd >= 0 && write(fd, running, running_size) == (ssize_t)running_size &&
	    write(2, text, sizeof text - 1) > 0 &&
	    write(2, crash_file, strlen(crash_file)) > 0 && write(2, "\n", 1) > 0)
		close(fd);
	raise(sig);
}

static void run(const uint8_t *data, size_t size)
{
	/* A block of its own size: one byte beyond it is caught. */
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	running = copy;
	running_size = size;
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* --- inputs ------------------------------------------------------------------------------ */

static void add(const void *data, size_t size)
{
	if (ninputs == INPUTS_MAX)
		return;
	if (size > INPUT_MAX)
		size = INPUT_MAX;
	inputs[ninputs].data = malloc(size ? size : 1);
	inputs[ninputs].size = size;
	memcpy(inputs[ninputs++].data, data, size);
}

static void add_file(const char *path)
{
	uint8_t data[INPUT_MAX];
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		exit(2);
	}
	add(data, fread(data, 1, sizeof data, f));
	fclose(f);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_path(const char *path)
{
	char *names[INPUTS_MAX];
	struct dirent *entry;
	size_t n = 0;
	DIR *d = opendir(path);

	if (!d) {
		add_file(path);
		return;
	}
	while ((entry = readdir(d)) && n < INPUTS_MAX)
		if (entry->d_name[0] != '.' &&
		    asprintf(&names[n], "%s/%s", path, entry->d_name) > 0)
			n++;
	closedir(d);
	qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++) {
		add_file(names[i]);
		free(names[i]);
	}
}

/* --- words ----------------------------------------------------------------------------- */

enum {
	WORDS_MAX = 1024
};

static struct {
	char text[64];
	size_t len;
} words[WORDS_MAX];
static size_t nwords;

/* Take the word of LINE, "..." with \\ before a quote or a backslash. */
static void add_word(const char *line)
{
	const char *at = strchr(line, '"');
	size_t n = 0;

	if (*line == '#' || !at || nwords == WORDS_MAX)
		return;
	for (at++; *at && *at != '"' && n < sizeof words->text; at++) {
		if (*at == '\\')
			at++;
		words[nwords].text[n++] = *at;
	}
	words[nwords++].len = n;
}

static void add_words(const char *path)
{
	char line[256];
	FILE *f = fopen(path, "r");

	if (!f) {
		perror(path);
		exit(2);
	}
	while (fgets(line, sizeof line, f))
		add_word(line);
	fclose(f);
}

/* --- mutation ----------------------------------------------------------------------------- */

static uint64_t state;

static uint32_t below(uint32_t n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return n ? (uint32_t)((z ^ z >> 31) >> 32) % n : 0;
}

static void set_interesting(uint8_t *p, size_t size)
{
	static const uint32_t values[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff,
		                           0x7fffffff, 0x80000000, 0xffffffff };
	uint32_t v = values[below(sizeof values / sizeof *values)];
	size_t n = (size_t)1 << below(3);

	memcpy(p, &v, n < size ? n : size);
}

/* Moves what follows AT by BY bytes, down or (negative) up. */
static size_t shift(uint8_t *buf, size_t size, size_t at, int by)
{
	if (by > 0 && size + (size_t)by > INPUT_MAX)
		return size;
	if (by < 0 && at + (size_t)-by > size)
		return at;
	if (by > 0)
		memmove(buf + at + by, buf + at, size - at);
	else
		memmove(buf + at, buf + at - by, size - at + (size_t)by);
	return size + (size_t)by;
}

/* Another input's piece over or into this one. */
static size_t mix_in(uint8_t *buf, size_t size, size_t at)
{
	const struct input *from = &inputs[below((uint32_t)ninputs)];
	size_t start = below((uint32_t)from->size), len;

	len = below((uint32_t)(from->size - start) + 1);
	if (below(2))
		size = shift(buf, size, at, (int)len);
	if (len > INPUT_MAX - at)
		len = INPUT_MAX - at;
	memcpy(buf + at, from->data + start, len);
	return at + len > size ? at + len : size;
}

/* A word of the dictionary at AT, in front of what is there or over it. */
static size_t put_word(uint8_t *buf, size_t size, size_t at)
{
	uint32_t i = below((uint32_t)nwords);
	size_t len = words[i].len;

	if (len > INPUT_MAX - at)
		return size;
	if (below(2) && size + len <= INPUT_MAX)
		size = shift(buf, size, at, (int)len);
	memcpy(buf + at, words[i].text, len);
	return at + len > size ? at + len : size;
}

static size_t mutate(uint8_t *buf, size_t size)
{
	size_t at = below((uint32_t)size + 1);

	switch (below(nwords ? 9 : 7)) {
	case 7:
	case 8:
		return put_word(buf, size, at);
	case 0:
		if (at < size)
			buf[at] ^= (uint8_t)(1 << below(8));
		return size;
	case 1:
		if (at < size)
			buf[at] = (uint8_t)below(256);
		return size;
	case 2:
		set_interesting(buf + at, size - at);
		return size;
	case 3:
		return shift(buf, size, at, -(int)(1 + below(8)));
	case 4:
		return shift(buf, size, at, (int)(1 + below(8)));
	case 5:
		return at;
	default:
		return mix_in(buf, size, at);
	}
}

static void run_mutated(void)
{
	uint8_t buf[INPUT_MAX] = { 0 };
	const struct input *from = &inputs[below((uint32_t)ninputs)];
	size_t size = from->size;

	memcpy(buf, from->data, size);
	for (uint32_t n = 1 + below(8); n; n--)
		size = mutate(buf, size);
	run(buf, size);
}

static int write_seeds(const char *directory)
{
	for (size_t i = 0; fuzz_seeds && fuzz_seeds[i].data; i++) {
		char path[4096];
		FILE *f;

		snprintf(path, sizeof path, "%s/seed-%zu", directory, i);
		f = fopen(path, "wb");
		if (!f || fwrite(fuzz_seeds[i].data, 1, fuzz_seeds[i].size, f) != fuzz_seeds[i].size || fclose(f)) {
			perror(path);
			return 2;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t runs = 0, wanted = 0;
	time_t start = time(NULL), seconds = 0;
	int c;

	while ((c = getopt(argc, argv, "n:t:s:o:w:x:")) != -1) {
		switch (c) {
		case 'n':
			wanted = strtoull(optarg, NULL, 10);
			break;
		case 't':
			seconds = atol(optarg);
			break;
		case 's':
			state = strtoull(optarg, NULL, 10);
			break;
		case 'o':
			crash_file = optarg;
			break;
		case 'x':
			add_words(optarg);
			break;
		case 'w':
			return write_seeds(optarg);
		default:
			return 2;
		}
	}
	for (int i = optind; i < argc; i++)
		add_path(argv[i]);
	for (size_t i = 0; fuzz_seeds && fuzz_seeds[i].data; i++)
		add(fuzz_seeds[i].data, fuzz_seeds[i].size);
	add("", 0);

	signal(SIGSEGV, leave_crash);
	signal(SIGBUS, leave_crash);
	signal(SIGFPE, leave_crash);
	signal(SIGILL, leave_crash);
	signal(SIGABRT, leave_crash);
	signal(SIGALRM, leave_crash);
	alarm(HANG_SECONDS);
	for (size_t i = 0; i < ninputs; i++) {
		run(inputs[i].data, inputs[i].size);
		alarm(HANG_SECONDS);
	}
	for (; runs < wanted || time(NULL) - start < seconds; runs++) {
		if (runs % 64 == 0)
			alarm(HANG_SECONDS);
		run_mutated();
	}
	printf("%zu inputs, %llu mutations\n", ninputs, (unsigned long long)runs);
	return 0;
}
