/*
 * What the file of a program tells before weir run starts it: why it will not do what
 * its user expects, and what to type instead.
 */
#include "config.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"
#include "cli/start.h"
#include "launch/launch.h"

/* The first bytes of a program's file. */
struct head {
	char bytes[4096];
	size_t len;
};

static bool read_head(const char *path, struct head *h)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, h->bytes, sizeof h->bytes - 1);

	if (fd >= 0)
		close(fd);
	h->len = n > 0 ? (size_t)n : 0;
	h->bytes[h->len] = '\0';
	return h->len > 0;
}

/* Tell whether FILTER refuses a call of ABI with this first argument, and else zeros. */
static bool refuses(const struct weir_program *filter, const char *abi, const char *name,
                    uint64_t first)
{
	const uint64_t args[6] = { first };
	struct weir_syscall call = { .size = sizeof call };

	if (!abi || weir_syscall_by_name(abi, name, &call) != 0)
		return false;
	return !launch_action_passes(launch_verdict(filter, weir_abi_arch(abi), call.nr, args));
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* --- scripts ------------------------------------------------------------------------------ */

/* Copy the interpreter of the script H to WORD; false: it is not a script. */
static bool read_interpreter(const struct head *h, char word[256])
{
	return h->len > 2 && h->bytes[0] == '#' && h->bytes[1] == '!' &&
	       sscanf(h->bytes + 2, " %255s", word) == 1;
}

/* Tell whether an interpreter does little else than start programs. */
static bool starts_others(const char *interpreter)
{
	static const char *const names[] = { "env", "sh", "bash", "dash", "zsh", "ksh", "fish" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(base_name(interpreter), names[i]) == 0)
			return true;
	return false;
}

static void hint_script(const char *path, const char *interpreter, bool starts_none)
{
	if (access(interpreter, F_OK) < 0)
		cli_hint("'%s' is a script for '%s', which is missing", path, interpreter);
	else if (starts_none && starts_others(interpreter))
		cli_hint("'%s' is a script for '%s', and under this policy it starts no other "
		         "program; name the program that it starts, or use a policy such as "
		         "'build'",
		         path, base_name(interpreter));
}

/* --- ELF -------------------------------------------------------------------------------------- */

/* Return the ABI of an ELF file by its machine and class; NULL: the native one, or unknown. */
static const char *foreign_abi(const struct head *h)
{
#ifdef __x86_64__
	const unsigned char *e = (const unsigned char *)h->bytes;
	unsigned machine = e[18] | (unsigned)e[19] << 8;

	if (h->len < 20 || memcmp(e, ELFMAG, SELFMAG) != 0)
		return NULL;
	if (machine == EM_386)
		return "i386";
	if (machine == EM_X86_64 && e[EI_CLASS] == ELFCLASS32)
		return "x32";
#endif
	return NULL;
}

/* Copy the path of the loader that a native ELF file names to LOADER. */
static bool read_loader(const struct head *h, char loader[256])
{
	const Elf64_Ehdr *e = (const void *)h->bytes;
	Elf64_Phdr p;

	if (sizeof(void *) != 8 || h->len < sizeof *e || memcmp(h->bytes, ELFMAG, SELFMAG) != 0 ||
	    h->bytes[EI_CLASS] != ELFCLASS64)
		return false;
	for (size_t i = 0; i < e->e_phnum; i++) {
		size_t at = e->e_phoff + i * sizeof p;

		if (e->e_phoff > h->len || at + sizeof p > h->len)
			return false;
		memcpy(&p, h->bytes + at, sizeof p);
		if (p.p_type != PT_INTERP || p.p_offset >= h->len)
			continue;
		snprintf(loader, 256, "%s", h->bytes + p.p_offset);
		return true;
	}
	return false;
}

/* --- what is taken from it ----------------------------------------------------------------------- */

static void hint_privileges(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & (S_ISUID | S_ISGID)) && st.st_uid != geteuid())
		cli_hint("'%s' runs without the rights of its owner: no program gains privileges "
		         "in a box",
		         path);
	else if (geteuid() && getxattr(path, "security.capability", NULL, 0) > 0)
		cli_hint("'%s' runs without its capabilities: no program gains privileges in a "
		         "box",
		         path);
}

/* Tell of programs that make namespaces, which nearly all policies refuse. */
static void hint_sandbox(const char *path, const struct weir_program *filter)
{
	static const char *const names[] = { "bwrap", "flatpak", "firejail", "unshare", "chrome",
		                             "google-chrome", "chromium", "nsjail", "podman" };
	enum {
		NEW_USER = 0x10000000 /* CLONE_NEWUSER */
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(base_name(path), names[i]) == 0 &&
		    refuses(filter, weir_native_abi(), "unshare", NEW_USER))
			cli_hint("'%s' makes a sandbox of its own, and this policy refuses "
			         "namespaces; a policy of your own may permit 'unshare' and "
			         "'clone'",
			         path);
}

void cli_start_hints(const char *path, const struct weir_program *filter)
{
	char word[256];
	struct head h;
	const char *abi;

	hint_privileges(path);
	hint_sandbox(path, filter);
	if (!read_head(path, &h))
		return;
	abi = foreign_abi(&h);
	if (read_interpreter(&h, word))
		hint_script(path, word, refuses(filter, weir_native_abi(), "execve", 0));
	else if (abi && refuses(filter, abi, "brk", 0))
		cli_hint("'%s' is a program of %s, whose calls the policy refuses; a policy may "
		         "name it: 'abi %s, %s'",
		         path, abi, weir_native_abi(), abi);
	else if (read_loader(&h, word) && access(word, F_OK) < 0)
		cli_hint("'%s' needs the loader '%s', which is missing", path, word);
}
