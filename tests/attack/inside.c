/*
 * attack inside [NAME]: prints the name of each attempt that got through, or of
 * NAME alone, and "end" at last. attack list: all of them with their classes.
 * attack outside COMMAND...: see outside.c.
 */
#include "attack.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct world world;

static const struct {
	const char *name;
	const struct attempt *attempts;
} classes[] = {
	{ "files", attempts_files },
	{ "names", attempts_names },
	{ "network", attempts_network },
	{ "local", attempts_local },
	{ "programs", attempts_programs },
	{ "signals", attempts_signals },
	{ "others", attempts_others },
	{ "memory", attempts_memory },
	{ "spaces", attempts_spaces },
	{ "foreign", attempts_foreign },
	{ "inherited", attempts_inherited },
	{ "terminal", attempts_terminal },
	{ "kernel", attempts_kernel },
	{ "supervisor", attempts_supervisor },
};

bool passed(long result)
{
	return result >= 0 || (errno != EPERM && errno != EACCES && errno != EROFS &&
	                       errno != ENOSYS && errno != ENOTTY);
}

bool opened(long fd)
{
	if (fd >= 0)
		close((int)fd);
	return fd >= 0;
}

struct sockaddr_un address(const char *name, bool abstract)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	/* Calls pass the size of it all: an abstract name is as long as the field. */
	if (abstract)
		snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "%.60s/%s", world.home, name);
	else
		snprintf(a.sun_path, sizeof a.sun_path, "%s", name);
	return a;
}

const char *queue_name(void)
{
	static char name[80];

	snprintf(name, sizeof name, "/weir-attack-%d", world.victim);
	return name;
}

#define WORLD "%d %d %d %lu %d %d %d %63s %199s"

bool world_read(void)
{
	const char *text = getenv("ATTACK");

	return text && sscanf(text, WORLD, &world.outside, &world.victim, &world.spare, &world.word,
	                      &world.shm, &world.tcp, &world.udp, world.terminal,
	                      world.home) == 9;
}

void world_write(void)
{
	char text[400];

	snprintf(text, sizeof text, "%d %d %d %lu %d %d %d %s %s", world.outside, world.victim,
	         world.spare, world.word, world.shm, world.tcp, world.udp,
	         world.terminal, world.home);
	setenv("ATTACK", text, 1);
}

static void try(const struct attempt *a)
{
	if (!a->through())
		return;
	puts(a->name);
	fflush(stdout);
}

static void inside(const char *name)
{
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		for (const struct attempt *a = classes[i].attempts; a->name; a++)
			if (name ? !strcmp(a->name, name) : !a->kills)
				try(a);
	puts("end");
}

static void list(void)
{
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		for (const struct attempt *a = classes[i].attempts; a->name; a++)
			printf("%s %s%s\n", classes[i].name, a->name,
			       a->kills ? " kills" : "");
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "outside"))
		return outside(argv + 2);
	if (argc == 2 && !strcmp(argv[1], "list"))
		list();
	else if (argc > 1 && !strcmp(argv[1], "inside") && world_read())
		inside(argv[2]);
	else
		return 2;
	return 0;
}
