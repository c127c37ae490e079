/*
 * Any bytes as a policy of another program: it is refused with a message, or what
 * -f policy writes of it is a policy, which decides every call in the same way.
 * The first byte says which form the others are in.
 */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "calls.h"
#include "fuzz.h"
#include "policy/policy.h"
#include "rules/ask.h"

enum {
	MOST_CASES = 200,
	MOST_CALLS = 10
};

static const char *const forms[] = {
	"minijail",
	"minijail-c",
	"minijail-python",
	"kafel",
	"systemd",
	NULL,
};

/* A policy may include texts that are there. */
static int open_file(void *ctx, const char *name, const char *from,
                     const char **text, size_t *len)
{
	static const struct {
		const char *name, *text;
	} files[] = {
		{ "./a", "close: 1\n" },
		{ "./b", "#define ONE 1\nPOLICY b { ALLOW { close { fd == ONE } } }\n" },
		{ "./c", "@include ./a\n#include \"b\"\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (!strcmp(name, files[i].name)) {
			*text = files[i].text;
			*len = strlen(*text);
			return 0;
		}
	return -ENOENT;
}

/* --- the same answers ------------------------------------------------------ */

static void compare(const struct rules_tree *a, const struct rules_tree *b,
                    uint32_t arch, uint32_t nr, const uint64_t *args)
{
	fuzz_must(rules_eval(a, arch, nr, args) == rules_eval(b, arch, nr, args));
}

static void compare_case(const struct rules_tree *a, const struct rules_tree *b,
                         const struct rules_case *c, uint32_t *state)
{
	struct fuzz_values values = { 0 };
	uint64_t args[SYS_ARGS];

	fuzz_collect(c->cond, &values);
	for (unsigned i = 0; i < MOST_CALLS; i++) {
		fuzz_pick(&values, state, args);
		compare(a, b, c->abi->arch, c->nr + i % 3 - 1, args);
		compare(a, b, c->abi->arch, c->nr, args);
	}
}

static void compare_trees(const struct rules_tree *a, const struct rules_tree *b)
{
	static const uint32_t numbers[] = { 0, 511, 512, 548, 0x40000000, 0xffffffff };
	uint64_t none[SYS_ARGS] = { 0 };
	uint32_t state = 1, cases = 0;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
			compare(a, b, sys_abis[i].arch, numbers[k], none);
	for (uint32_t i = 0; i < a->nrule; i++)
		for (uint32_t k = 0; k < a->rule[i].n && cases < MOST_CASES; k++, cases++)
			compare_case(a, b, &a->rule[i].cases[k], &state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rules_options options = { .open_file = open_file, .abis = "x86_64,i386" },
			     text = { .from = "policy" };
	jmp_buf oom;
	struct arena a = { .oom = &oom };
	struct diags d = { .arena = &a };
	struct buf out = { .arena = &a };
	const struct rules_tree *t, *again;

	if (!size)
		return 0;
	options.from = forms[data[0] % ARRAY_LEN(forms)];
	if (options.from && !strcmp(options.from, "kafel"))
		options.abis = "x86_64";
	if (setjmp(oom)) {
		arena_free(&a);
		return 0;
	}
	t = api_policy_read(&a, &d,
	                    diag_source(&d, "input", (const char *)data + 1, size - 1),
	                    &options);
	fuzz_must(!t == (d.errors > 0));
	if (t && t->syntax) {
		rules_lint(&a, &d, t, policy_question);
		policy_print(&out, t, &options);
		buf_str(&out);
		again = api_policy_read(&a, &d, diag_source(&d, "printed", out.s, out.len),
		                        &text);
		fuzz_must(again != NULL);
		compare_trees(t, again);
	}
	arena_free(&a);
	return 0;
}

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_TEXT(
		"\0# minijail\n@frequency ./x\n@include ./a\nread: 1\n"
		"write: arg0 == 1 || arg1 in ~(PROT_EXEC|0x10) && arg2 & O_CREAT\n"
		"mmap: arg2 != -1 || arg3 < 0777 || \\\n arg5 >= 0xffffffffffffffff\n"
		"socket: return EPERM\n"),
	FUZZ_TEXT("\1read: arg0 == 3; return EBADF\nclose: return\naccept: 1\n"
	          "bind: arg1 > AT_FDCWD; return 7\n"),
	FUZZ_TEXT(
		"\2@default user-notify\n{read[arch=x86], kill, semget}: {arg0 == 1; trap, "
		"arg1 < 2 || arg1 == 9; return ENOSYS, log}\nioctl: arg1 == TCGETS; allow\n"
		"ioctl: arg1 == 7; kill-process\nptrace[arch=arm64,x86_64]: trace\n"),
	FUZZ_TEXT("\2@denylist\nbpf: return EPERM\nptrace: arg0 == 16; return EACCES\n"),
	FUZZ_TEXT(
		"\3#include \"b\"\n#define N 0x1ffffffff\nPOLICY a {\n"
		"  ALLOW { read, write { fd == 1 && !(count > N) || (buf & 7) == 0, fd < 3 } },\n"
		"  USE b, ERRNO(5) { SYSCALL[300](x, y) { x == y }, mmap ON amd64 { } },\n"
		"  TRAP(1) { openat { (flags | 3) == 0b111, (flags & filename) != 0 } }\n"
		"}\n/* c */ USE a LOG { close { 3 >= fd } } // x\nDEFAULT KILL_PROCESS\n"),
	FUZZ_TEXT(
		"\4[Service]\nSystemCallFilter=@system-service ~ \\\n# c\n  read\n"
		"SystemCallFilter=~@clock write socket:EPERM mount:kill socketcall:7\n"
		"SystemCallErrorNumber=EACCES\nSystemCallArchitectures=native x86 x32\n"
		"SystemCallLog=~read write\nRestrictAddressFamilies=AF_UNIX AF_INET\n"
		"RestrictAddressFamilies=~AF_INET\nRestrictNamespaces=~user net\n"
		"RestrictSUIDSGID=yes\nMemoryDenyWriteExecute=yes\nLockPersonality=on\n"
		"RestrictRealtime=1\nProtectKernelModules=yes\nProtectHostname=true\n"),
	FUZZ_TEXT("\4[Socket]\nSystemCallFilter=~@mount:EPERM ipc @raw-io\n"
	          "SystemCallFilter=chroot\nSystemCallLog=accept @debug\nPrivateDevices=y\n"
	          "DynamicUser=yes\nProtectClock=yes\nPersonality=x86-64\n"),
	FUZZ_TEXT("\5@include ./c\nopen: 1\n"),
	{ 0 },
};
