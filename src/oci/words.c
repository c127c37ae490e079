/*
 * The words that profiles are written in, as tables: architectures, operators,
 * actions, flags, capabilities, runtimes.
 */
#include <stddef.h>
#include <string.h>

#include "oci/oci.h"

static bool is(const char *word, const char *name, size_t len)
{
	return strlen(word) == len && !memcmp(word, name, len);
}

/* --- architectures -------------------------------------------------------- */

static const struct oci_arch arches[] = {
#define ARCH(name, abi, size, engine, runc, zero_stub) \
	{ name, abi, size, engine, runc, true, zero_stub },
#include "oci/arches.def"
};

const struct oci_arch *oci_arch_at(unsigned i)
{
	return i < ARRAY_LEN(arches) ? &arches[i] : NULL;
}

const struct oci_arch *oci_arch(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(arches); i++)
		if (is(arches[i].name, name, len))
			return &arches[i];
	return NULL;
}

const struct oci_arch *oci_arch_of(const struct sys_abi *abi)
{
	for (size_t i = 0; i < ARRAY_LEN(arches); i++)
		if (!strcmp(arches[i].abi, abi->name))
			return &arches[i];
	return NULL;
}

const struct sys_abi *oci_abi_of(const struct oci_arch *arch)
{
	return sys_abi(arch->abi, strlen(arch->abi));
}

/* --- operators and actions ------------------------------------------------ */

static const char *const ops[OCI_NOPS] = {
	[OCI_NE] = "SCMP_CMP_NE",
	[OCI_LT] = "SCMP_CMP_LT",
	[OCI_LE] = "SCMP_CMP_LE",
	[OCI_EQ] = "SCMP_CMP_EQ",
	[OCI_GE] = "SCMP_CMP_GE",
	[OCI_GT] = "SCMP_CMP_GT",
	[OCI_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
};

int oci_op(const char *name, size_t len)
{
	for (unsigned i = 0; i < OCI_NOPS; i++)
		if (is(ops[i], name, len))
			return (int)i;
	return -1;
}

const char *oci_op_name(unsigned op)
{
	return op < OCI_NOPS ? ops[op] : NULL;
}

/* The first of each verb is the one to write. */
static const struct {
	const char *name;
	enum rules_verb verb;
} actions[] = {
	{ "SCMP_ACT_ALLOW", RULES_ALLOW },
	{ "SCMP_ACT_ERRNO", RULES_ERRNO },
	{ "SCMP_ACT_KILL_PROCESS", RULES_KILL },
	{ "SCMP_ACT_KILL_THREAD", RULES_KILL_THREAD },
	{ "SCMP_ACT_KILL", RULES_KILL_THREAD }, /* runc and crun: a thread only */
	{ "SCMP_ACT_LOG", RULES_LOG },
	{ "SCMP_ACT_NOTIFY", RULES_NOTIFY },
	{ "SCMP_ACT_TRACE", RULES_TRACE },
	{ "SCMP_ACT_TRAP", RULES_TRAP },
};

int oci_verb(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (is(actions[i].name, name, len))
			return actions[i].verb;
	return -1;
}

const char *oci_verb_name(unsigned i, enum rules_verb *verb)
{
	if (i >= ARRAY_LEN(actions))
		return NULL;
	*verb = actions[i].verb;
	return actions[i].name;
}

/* --- flags ---------------------------------------------------------------- */

static const char *const flags[] = {
	"SECCOMP_FILTER_FLAG_LOG",
	"SECCOMP_FILTER_FLAG_SPEC_ALLOW",
	"SECCOMP_FILTER_FLAG_TSYNC",
	"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
};

bool oci_flag(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (is(flags[i], name, len))
			return true;
	return false;
}

const char *oci_flag_name(unsigned i)
{
	return i < ARRAY_LEN(flags) ? flags[i] : NULL;
}

/* --- capabilities --------------------------------------------------------- */

static const struct {
	const char *name;
	bool docker, podman;
} caps[] = {
#define CAP(name, docker, podman) { name, docker, podman },
#include "oci/caps.def"
};

int oci_cap(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(caps); i++)
		if (is(caps[i].name, name, len))
			return (int)i;
	return -1;
}

const char *oci_cap_name(unsigned i)
{
	return i < ARRAY_LEN(caps) ? caps[i].name : NULL;
}

bool oci_cap_add(const char *name, uint64_t *held)
{
	bool docker = !strcmp(name, "docker"), podman = !strcmp(name, "podman");
	int one = oci_cap(name, strlen(name));

	if (one >= 0) {
		*held |= UINT64_C(1) << one;
		return true;
	}
	if (!strcmp(name, "none"))
		return true;
	if (!docker && !podman && strcmp(name, "all") != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(caps); i++)
		if (docker ? caps[i].docker : podman ? caps[i].podman
		                                     : true)
			*held |= UINT64_C(1) << i;
	return true;
}

/* --- runtimes ------------------------------------------------------------- */

static const struct oci_runtime runtimes[] = {
#define RUNTIME(name, arches, spare_errno, args, stub, notifies_all)        \
	{ name, offsetof(struct oci_arch, arches), spare_errno, args, stub, \
	  notifies_all },
#include "oci/runtimes.def"
};

/* List the runtimes, such as "runc and crun". */
static const char *runtime_list(struct arena *arena)
{
	struct buf out = { .arena = arena };
	size_t n = ARRAY_LEN(runtimes);

	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s%s",
		           !i ? "" : i + 1 < n ? ", "
		                               : " and ",
		           runtimes[i].name);
	return buf_str(&out);
}

const struct oci_runtime *oci_runtime(struct diags *d, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(runtimes); i++)
		if (!name || !strcmp(name, runtimes[i].name))
			return &runtimes[i];
	diag_plain(d, DIAG_ERROR, E_UNKNOWN "unknown runtime '%s'; weir knows %s", name,
	           runtime_list(d->arena));
	return NULL;
}

bool oci_runtime_takes(const struct oci_runtime *r, const struct oci_arch *arch)
{
	return *(const bool *)((const char *)arch + r->arches);
}

bool oci_runtime_stubs(const struct oci_runtime *r, enum rules_verb verb)
{
	return r->stub && verb != RULES_ALLOW && verb != RULES_LOG &&
	       verb != RULES_TRACE;
}
