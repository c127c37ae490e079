/* Memory that becomes code. */
#include "attack.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE ((size_t)65536)

static void *map(int prot)
{
	return mmap(NULL, SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static bool mapped(void *p)
{
	if (p == MAP_FAILED)
		return false;
	munmap(p, SIZE);
	return true;
}

static bool both(void) { return mapped(map(PROT_READ | PROT_WRITE | PROT_EXEC)); }
static bool code(void) { return mapped(map(PROT_READ | PROT_EXEC)); }
static bool only(void) { return mapped(map(PROT_EXEC)); }

static bool above(void)
{
#ifdef SYS_mmap
	long p = syscall(SYS_mmap, NULL, SIZE, ABOVE(PROT_READ | PROT_EXEC),
	                 ABOVE(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);

	return mapped((void *)p);
#else
	return false;
#endif
}

static bool protects(long nr, long prot)
{
	void *p = map(PROT_READ | PROT_WRITE);
	bool through = p != MAP_FAILED && CALL(nr, p, SIZE, prot, -1L) == 0;

	mapped(p);
	return through;
}

static bool becomes(void) { return protects(SYS_mprotect, PROT_READ | PROT_EXEC); }
static bool becomes_both(void) { return protects(SYS_mprotect, PROT_READ | PROT_WRITE | PROT_EXEC); }
static bool becomes_key(void) { return protects(SYS_pkey_mprotect, PROT_READ | PROT_EXEC); }

/* A private copy of a file, changed and then to be run. */
static bool copy(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	bool through = p != MAP_FAILED && (p[0] = 1) && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;

	opened(fd);
	return through;
}

static bool maps_file(int prot)
{
	int fd = open("inherited", O_RDONLY);
	bool through = fd >= 0 && mapped(mmap(NULL, SIZE, prot, MAP_PRIVATE, fd, 0));

	opened(fd);
	return through;
}

/* What was inherited to be written is a file in which it puts code, and runs it. */
static bool file(void) { return write(INHERITED_FILE, "x", 1) == 1 &&
	                        maps_file(PROT_READ | PROT_EXEC); }
static bool file_both(void) { return maps_file(PROT_READ | PROT_WRITE | PROT_EXEC); }

static bool segment(void)
{
	int id = shmget(IPC_PRIVATE, SIZE, 0700);
	void *p = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_EXEC);

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	return p != (void *)-1 && shmdt(p) == 0;
}

static bool named(void) { return opened(memfd_create("x", 0)); }

static bool named_code(void)
{
	int fd = memfd_create("x", 0);
	bool through = fd >= 0 && ftruncate(fd, (off_t)SIZE) == 0 &&
	               mapped(mmap(NULL, SIZE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0));

	opened(fd);
	return through;
}

/* All that can be read could be run. */
static bool persona(void) { return passed(CALL(SYS_personality, 0x0400000)); }
static bool persona_above(void) { return passed(CALL(SYS_personality, ABOVE(0x0400000))); }

/* Its own code, which /proc lets it write whatever the pages' protection is. */
static bool own_code(void)
{
	int fd = open("/proc/self/mem", O_RDWR);
	off_t place = (off_t)(uintptr_t)own_code;
	char byte;
	bool through = fd >= 0 && pread(fd, &byte, 1, place) == 1 &&
	               pwrite(fd, &byte, 1, place) == 1;

	opened(fd);
	return through;
}

static bool faults(void) { return opened(CALL(SYS_userfaultfd, 0)) ||
	                          opened(CALL(SYS_userfaultfd, 1)); }

static bool faults_device(void)
{
	int fd = open("/dev/userfaultfd", O_RDWR);
	bool through = fd >= 0 && opened(CALL(SYS_ioctl, fd, 0xaa00, 0));

	opened(fd);
	return through;
}

ATTEMPTS(memory) = {
	{ "map-write-exec", both, false },
	{ "map-exec", code, false },
	{ "map-exec-only", only, false },
	{ "map-exec-above", above, false },
	{ "protect-exec", becomes, false },
	{ "protect-write-exec", becomes_both, false },
	{ "protect-exec-key", becomes_key, false },
	{ "copy-exec", copy, false },
	{ "file-exec", file, false },
	{ "file-write-exec", file_both, false },
	{ "segment-exec", segment, false },
	{ "memfd", named, false },
	{ "memfd-exec", named_code, false },
	{ "personality", persona, false },
	{ "personality-above", persona_above, false },
	{ "own-code", own_code, false },
	{ "userfaultfd", faults, false },
	{ "userfaultfd-device", faults_device, false },
	{ NULL, NULL, false },
};
