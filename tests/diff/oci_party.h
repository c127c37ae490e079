/*
 * oci_party: what a container's profile is for runc or crun, found out without
 * weir: jansson reads it, libseccomp makes the program, and runc's stub is run in
 * front of it.
 */
#ifndef OCI_PARTY_H
#define OCI_PARTY_H

#include <jansson.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

struct party_options {
	const char *runtime;
	const char *const *arches; /* SCMP_ARCH_*, the native one (x86_64) first */
	size_t narches;
	const char *const *caps;
	size_t ncaps;
	unsigned major, minor; /* of the kernel */
};

struct party {
	struct sock_filter *insns;
	size_t n;
	bool stub;
	uint32_t last_x86_64, last_x32, last_i386; /* 0: no stub there */
	bool refused;                              /* the runtime would not start the container */
	double seconds;
};

bool party_build(struct party *p, const json_t *profile, const struct party_options *o);
void party_free(struct party *p);
uint32_t party_run(const struct party *p, const struct seccomp_data *d);

/*
 * What the rules say of a call, worked out one by one without libseccomp's tree:
 * where that merges rules into a program that means something else, this is what
 * was asked for. False: rules with other actions hold at once, which is left open.
 */
bool party_meaning(const struct party *p, const json_t *profile,
                   const struct party_options *o, const struct seccomp_data *d,
                   uint32_t *result);

#endif
