/* The terminal that the program was started from, and another one of the user. */
#include "attack.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static bool types_(void) { return ioctl(0, TIOCSTI, "x") == 0; }
static bool types_above(void) { return CALL(SYS_ioctl, 0, ABOVE(TIOCSTI), "x") == 0; }

/* Even where it is the other half alone that differs from all that is permitted. */
static bool types_high(void)
{
	return sizeof(long) == 8 &&
	       CALL(SYS_ioctl, 0, (long)(UINT64_C(0xffffffff) << 32 | TIOCSTI), "x") == 0;
}

static bool types_other(void)
{
	int fd = open(world.terminal, O_RDWR | O_NOCTTY);
	bool through = fd >= 0 && ioctl(fd, TIOCSTI, "x") == 0;

	opened(fd);
	return through;
}

/* Without a console: whether the kernel was asked for a descriptor at all. */
static bool console(void)
{
	return CALL(SYS_ioctl, -1, 0x541c /* TIOCLINUX */, NULL) < 0 && errno == EBADF;
}

static bool console_above(void)
{
	return CALL(SYS_ioctl, -1, ABOVE(0x541c), NULL) < 0 && errno == EBADF;
}

static bool echo_off(int fd)
{
	struct termios t;

	return tcgetattr(fd, &t) == 0 && tcsetattr(fd, TCSANOW, &t) == 0;
}

static bool sets(void) { return echo_off(0); }

static bool resizes(void)
{
	struct winsize size = { 24, 80, 0, 0 };

	return ioctl(0, TIOCSWINSZ, &size) == 0;
}

static bool foreground(void)
{
	int group = getpgrp();

	return ioctl(0, TIOCSPGRP, &group) == 0;
}

static bool sets_other(void)
{
	int fd = open(world.terminal, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	bool through = fd >= 0 && echo_off(fd);

	opened(fd);
	return through;
}

static bool reads_other(void)
{
	int fd = open(world.terminal, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	char byte;
	bool through = fd >= 0 && (read(fd, &byte, 1) >= 0 || errno == EAGAIN);

	opened(fd);
	return through;
}

static bool writes_other(void)
{
	int fd = open(world.terminal, O_WRONLY | O_NOCTTY | O_NONBLOCK);
	bool through = fd >= 0 && write(fd, "x", 1) == 1;

	opened(fd);
	return through;
}

/* A new one of its own: into this it may type, but that is no one else's. */
static bool new_one(void) { return opened(open("/dev/ptmx", O_RDWR | O_NOCTTY)); }

static bool discipline(void)
{
	int zero = 0;

	return ioctl(0, TIOCSETD, &zero) == 0;
}

ATTEMPTS(terminal) = {
	{ "tiocsti", types_, false },
	{ "tiocsti-above", types_above, false },
	{ "tiocsti-high", types_high, false },
	{ "tiocsti-other", types_other, false },
	{ "tioclinux", console, false },
	{ "tioclinux-above", console_above, false },
	{ "terminal-settings", sets, false },
	{ "terminal-size", resizes, false },
	{ "terminal-foreground", foreground, false },
	{ "terminal-discipline", discipline, false },
	{ "other-terminal-settings", sets_other, false },
	{ "other-terminal-read", reads_other, false },
	{ "other-terminal-write", writes_other, false },
	{ "new-terminal", new_one, false },
	{ NULL, NULL, false },
};
