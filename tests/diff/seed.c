/* Where random tests begin if nobody says where. */
#include "tests/diff/diff.h"

#include <time.h>

uint64_t seed_of_today(void)
{
	return (uint64_t)time(NULL) / (24 * 60 * 60) * SEEDS_A_DAY;
}
