/* Files: what they hold, and who may do what with them. */
#include "attack.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef SYS_open
#define SYS_open  (-1)
#define SYS_creat (-1)
#endif

static long openat_(long flags, long mode)
{
	return CALL(SYS_openat, AT_FDCWD, FILE_OURS, flags, mode);
}

static bool reads(void) { return opened(openat_(O_RDONLY, 0)); }
static bool writes(void) { return opened(openat_(O_WRONLY, 0)); }
static bool writes_both(void) { return opened(openat_(O_RDWR, 0)); }
static bool writes_3(void) { return opened(openat_(O_ACCMODE, 0)); }
static bool writes_above(void) { return opened(openat_(ABOVE(O_WRONLY), 0)); }
static bool appends(void) { return opened(openat_(O_WRONLY | O_APPEND, 0)); }
static bool truncates(void) { return opened(openat_(O_RDONLY | O_TRUNC, 0)); }
static bool truncates_above(void) { return opened(openat_(ABOVE(O_TRUNC), 0)); }
static bool creates(void) { return opened(openat_(O_RDONLY | O_CREAT, 0600)); }
static bool creates_above(void) { return opened(openat_(ABOVE(O_CREAT | O_RDWR), 0600)); }
static bool writes_old(void) { return opened(CALL(SYS_open, FILE_OURS, O_RDWR, 0)); }
static bool truncates_old(void) { return opened(CALL(SYS_open, FILE_OURS, O_TRUNC, 0)); }
static bool creats(void) { return opened(CALL(SYS_creat, FILE_OURS, 0600)); }
static bool cuts(void) { return truncate(FILE_OURS, 1) == 0; }

static bool temporary(void)
{
	return opened(CALL(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_WRONLY, 0600));
}

/* The flags are in memory, where no filter looks. */
static bool opens_2(void)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { O_WRONLY, 0, 0 };

	return opened(CALL(NR_openat2, AT_FDCWD, FILE_OURS, &how, sizeof how));
}

/* A descriptor to read, opened again by its name in /proc. */
static bool reopens(void)
{
	int fd = open(FILE_OURS, O_RDONLY);
	char path[64];
	bool through;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	through = opened(open(path, O_RDWR));
	opened(fd);
	return through;
}

/* --- modes ------------------------------------------------------------------ */

static bool modes(void) { return chmod(FILE_OURS, 0644) == 0; }
static bool modes_at(void) { return fchmodat(AT_FDCWD, FILE_OURS, 0644, 0) == 0; }
static bool modes_fd(void) { return fchmod(INHERITED_FILE, 0644) == 0; }

static bool modes_2(void)
{
	return CALL(NR_fchmodat2, AT_FDCWD, FILE_OURS, 0644, 0) == 0;
}

static bool is_setid(int fd)
{
	struct stat st = { 0 };

	return fstat(fd, &st) == 0 && st.st_mode & (S_ISUID | S_ISGID);
}

static bool setid_open(void)
{
	int fd = open("setid", O_CREAT | O_WRONLY, 04755);
	bool through = fd >= 0 && is_setid(fd);

	opened(fd);
	unlink("setid");
	return through;
}

static bool setid_temporary(void)
{
	int fd = open(".", O_TMPFILE | O_WRONLY, 04755);
	bool through = fd >= 0 && is_setid(fd);

	opened(fd);
	return through;
}

static bool setid_chmod(void)
{
	bool through = chmod(FILE_OURS, 04755) == 0;

	chmod(FILE_OURS, 0600);
	return through;
}

static bool setid_above(void)
{
	bool through = CALL(SYS_fchmod, INHERITED_FILE, 0x7f0000 | 04755) == 0;

	fchmod(INHERITED_FILE, 0600);
	return through;
}

static bool setid_2(void)
{
	return CALL(NR_fchmodat2, AT_FDCWD, FILE_OURS, 02755, 0) == 0;
}

static bool setid_creat(void)
{
	long fd = CALL(SYS_creat, "setid", 04755);
	bool through = fd >= 0 && is_setid((int)fd);

	opened(fd);
	unlink("setid");
	return through;
}

static bool setid_mkdir(void)
{
	bool through = mkdir("setid", 01755 | 02000) == 0;

	rmdir("setid");
	return through;
}

static bool setid_mknod(void)
{
	bool through = mknod("setid", S_IFREG | 04755, 0) == 0;

	unlink("setid");
	return through;
}

/* --- owners, times, attributes ------------------------------------------------ */

static bool owns(void) { return chown(FILE_OURS, getuid(), getgid()) == 0; }
static bool owns_link(void) { return lchown(FILE_OURS, getuid(), getgid()) == 0; }
static bool owns_fd(void) { return fchown(INHERITED_FILE, getuid(), getgid()) == 0; }
static bool times_(void) { return utimensat(AT_FDCWD, FILE_OURS, NULL, 0) == 0; }
static bool times_fd(void) { return futimens(INHERITED_FILE, NULL) == 0; }
static bool attribute(void) { return passed(setxattr(FILE_OURS, "user.x", "y", 1, 0)); }
static bool attribute_fd(void) { return passed(fsetxattr(INHERITED_FILE, "user.x", "y", 1, 0)); }
static bool no_attribute(void) { return passed(removexattr(FILE_OURS, "user.none")); }

/* VFS_CAP_REVISION_2 with CAP_DAC_OVERRIDE: what root may give to a file. */
static bool capabilities(void)
{
	static const uint32_t caps[] = { 0x02000001, 2, 0, 0, 0 };

	return setxattr(FILE_OURS, "security.capability", caps, sizeof caps, 0) == 0;
}

static bool attribute_at(void)
{
	struct {
		uint64_t value;
		uint32_t size, flags;
	} args = { 0, 0, 0 };

	return passed(CALL(NR_setxattrat, AT_FDCWD, FILE_OURS, 0, "user.x", &args, sizeof args));
}

static bool flags_by_call(void)
{
	uint64_t attr[3] = { 0 };

	return passed(CALL(NR_file_setattr, AT_FDCWD, FILE_OURS, attr, sizeof attr, 0));
}

static bool flags_by_ioctl(void)
{
	int flags = 0;

	return passed(ioctl(INHERITED_FILE, FS_IOC_SETFLAGS, &flags));
}

/* --- through descriptors --------------------------------------------------------- */

static bool cuts_fd(void) { return ftruncate(INHERITED_FILE, 65536) == 0; }
static bool allocates(void) { return passed(fallocate(INHERITED_FILE, 0, 0, 4096)); }

static bool clones(void)
{
	int fd = open(FILE_OURS, O_RDONLY);
	bool through = passed(ioctl(INHERITED_FILE, FICLONE, fd));

	opened(fd);
	return through;
}

/* --- what others notice ------------------------------------------------------------ */

static bool leases(void) { return passed(fcntl(INHERITED_FILE, F_SETLEASE, F_UNLCK)); }
static bool watches(void) { return opened(inotify_init1(0)); }
static bool watches_all(void) { return passed(CALL(SYS_fanotify_init, 0xffff, 0)); }
static bool handles(void) { return passed(CALL(SYS_open_by_handle_at, -1, NULL, 0)); }
static bool quota(void) { return passed(CALL(SYS_quotactl, 0, NULL, 0, NULL)); }

static bool notifies(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);
	bool through = fcntl(fd, F_NOTIFY, DN_CREATE) == 0;

	fcntl(fd, F_NOTIFY, 0);
	opened(fd);
	return through;
}

static bool reads_fifo(void)
{
	int fd = open(FILE_FIFO, O_RDONLY | O_NONBLOCK);
	char byte;
	bool through = fd >= 0 && read(fd, &byte, 1) == 1;

	opened(fd);
	return through;
}

static bool writes_fifo(void)
{
	int fd = open(FILE_FIFO, O_WRONLY | O_NONBLOCK);
	bool through = fd >= 0 && write(fd, "x", 1) == 1;

	opened(fd);
	return through;
}

ATTEMPTS(files) = {
	{ "read", reads, false },
	{ "write", writes, false },
	{ "write-both", writes_both, false },
	{ "write-mode-3", writes_3, false },
	{ "write-above", writes_above, false },
	{ "append", appends, false },
	{ "truncate-reading", truncates, false },
	{ "truncate-above", truncates_above, false },
	{ "truncate", cuts, false },
	{ "create", creates, false },
	{ "create-above", creates_above, false },
	{ "open-old", writes_old, false },
	{ "open-old-truncate", truncates_old, false },
	{ "creat", creats, false },
	{ "temporary", temporary, false },
	{ "openat2", opens_2, false },
	{ "reopen", reopens, false },
	{ "chmod", modes, false },
	{ "fchmodat", modes_at, false },
	{ "fchmod", modes_fd, false },
	{ "fchmodat2", modes_2, false },
	{ "setid-open", setid_open, false },
	{ "setid-temporary", setid_temporary, false },
	{ "setid-chmod", setid_chmod, false },
	{ "setid-above", setid_above, false },
	{ "setid-fchmodat2", setid_2, false },
	{ "setid-creat", setid_creat, false },
	{ "setid-mkdir", setid_mkdir, false },
	{ "setid-mknod", setid_mknod, false },
	{ "chown", owns, false },
	{ "lchown", owns_link, false },
	{ "fchown", owns_fd, false },
	{ "utimes", times_, false },
	{ "futimes", times_fd, false },
	{ "setxattr", attribute, false },
	{ "fsetxattr", attribute_fd, false },
	{ "removexattr", no_attribute, false },
	{ "setxattrat", attribute_at, false },
	{ "file-capability", capabilities, false },
	{ "file-setattr", flags_by_call, false },
	{ "set-flags", flags_by_ioctl, false },
	{ "ftruncate", cuts_fd, false },
	{ "fallocate", allocates, false },
	{ "clone-file", clones, false },
	{ "lease", leases, false },
	{ "notify", notifies, false },
	{ "inotify", watches, false },
	{ "fanotify", watches_all, false },
	{ "open-by-handle", handles, false },
	{ "quota", quota, false },
	{ "read-fifo", reads_fifo, false },
	{ "write-fifo", writes_fifo, false },
	{ NULL, NULL, false },
};
