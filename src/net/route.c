/* Which interfaces default routes lead to. */
#include "config.h"

#include <string.h>

#include "net/net.h"

/* Tell whether LINE of /proc/net/route is a default route by INTERFACE. */
static bool is_default(const char *line, const char *interface)
{
	char name[64], to[64], mask[64];

	return sscanf(line, "%63s %63s %*s %*s %*s %*s %*s %63s", name, to, mask) == 3 &&
	       !strcmp(name, interface) && !strcmp(to, "00000000") && !strcmp(mask, "00000000");
}

/* Do the same for a line of /proc/net/ipv6_route. */
static bool is_default6(const char *line, const char *interface)
{
	const unsigned reject = 0x200; /* RTF_REJECT: it leads nowhere */
	char name[64], to[64], length[64];
	unsigned flags;

	return sscanf(line, "%63s %63s %*s %*s %*s %*s %*s %*s %x %63s", to, length, &flags,
	              name) == 4 &&
	       !strcmp(name, interface) && strspn(to, "0") == 32 && !strcmp(length, "00") &&
	       !(flags & reject);
}

static bool has_default(const char *file, const char *interface,
                        bool (*is)(const char *line, const char *interface))
{
	FILE *f = fopen(file, "re");
	char line[512];
	bool found = false;

	while (f && !found && fgets(line, sizeof line, f))
		found = is(line, interface);
	if (f)
		fclose(f);
	return found;
}

bool net_carries_default_route(const char *interface)
{
	return has_default("/proc/net/route", interface, is_default) ||
	       has_default("/proc/net/ipv6_route", interface, is_default6);
}
