/* Names for what a filter does. */
#include "config.h"

#include "cli/ps.h"
#include "launch/launch.h"

const char *known_program(const struct sock_filter *insns, size_t n)
{
	size_t before = launch_prefix_of(insns, n);

	return shipped_program_name(insns + before, n - before);
}
