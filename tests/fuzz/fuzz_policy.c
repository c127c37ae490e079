/*
 * Any bytes as a policy: it is refused with a message, or becomes a graph that
 * keeps the rules and answers as the evaluator does, for calls at and around
 * the constants that it compares with; so does the program that it becomes.
 */
#include <errno.h>
#include <string.h>

#include "back.h"
#include "calls.h"
#include "fuzz.h"

/* A policy may include a text that is there, and one that is not. */
static int open_file(void *ctx, const char *name, const char *from,
                     const char **text, size_t *len)
{
	static const char base[] =
		"default errno EPERM\nlet X = 3\ngroup @base = read\n";

	if (strcmp(name, "base") != 0)
		return -ENOENT;
	*text = base;
	*len = sizeof base - 1;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rules_options options = { .open_file = open_file,
		                         .abis = "x86_64,i386" };
	jmp_buf oom;
	struct arena a = { .oom = &oom };
	struct diags d = { .arena = &a };
	const struct rules_tree *t;

	if (setjmp(oom)) {
		arena_free(&a);
		return 0;
	}
	t = policy_parse(&a, &d,
	                 diag_source(&d, "input", (const char *)data, size),
	                 &options);
	fuzz_must(!t == (d.errors > 0));
	if (t)
		fuzz_tree(t, &d, &a, fuzz_hash(data, size));
	arena_free(&a);
	return 0;
}

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_TEXT(
		"default errno EPERM\nkernel 5.15\nabi x86_64, i386\n"
		"group @mine = read, write, pread64, @base - mremap\n"
		"let RW = PROT_READ | PROT_WRITE\nallow @mine, close\n"
		"allow openat if flags within O_CLOEXEC | O_DIRECTORY\n"
		"allow mprotect if prot within RW\nallow socket(AF_UNIX, _, _)\n"
		"allow ioctl if request in (TCGETS, FIONREAD, 0x5401..0x5410)\n"
		"errno ENOSYS clone3\nkill ptrace; log { personality; uname }\n"
		"on i386 { errno ENOSYS old_mmap }\n"),
	FUZZ_TEXT(
		"include \"base\"\nforeign trap 3\nallow @base if args[0] == X\n"
		"log lseek if offset < -1 or i32(offset) in (-5 .. 7, 0xffffffff)\n"
		"errno 7 kill if pid < sig and not (pid & 3 == 1)\n"
		"trace 9 nr(3), nr(-1) if (u64(args[1]) > ~0 >> 3)\n"),
	FUZZ_TEXT(
		"abi i386, x32\ndefault allow\nerrno EPERM pread64 if pos >= 1 << 33\n"
		"kill socket if family != AF_UNIX; kill_thread semop; notify sync_file_range"
		" if offset > nbytes\n"),
	{ 0 },
};
