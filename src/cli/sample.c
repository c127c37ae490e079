/* What programs are compared by before anything else: a few of their answers. */
#include "config.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include "cli/ps.h"

/*
 * Hash a sample of the program's answers: different hashes mean different
 * programs, equal ones need not mean equal programs.
 */
uint64_t known_sample(const struct sock_filter *insns, size_t n)
{
	static const uint32_t arches[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
		                           AUDIT_ARCH_AARCH64 };
	struct weir_program *p;
	uint64_t h = 0;

	if (weir_program_new(&p, WEIR_SECCOMP, insns, n))
		return 0;
	for (size_t a = 0; a < ARRAY_LEN(arches); a++)
		for (uint32_t nr = 0; nr < 480; nr += 37) {
			const struct seccomp_data call = { .nr = (int)nr, .arch = arches[a] };
			const struct weir_data data = {
				.size = sizeof data,
				.bytes = &call,
				.captured = sizeof call,
			};
			uint32_t result = 0;

			weir_program_run(p, &data, &result);
			h = hash_mix(h, result);
		}
	weir_program_free(p);
	return h;
}
