/* A profile as runc and crun make a program of it, with libseccomp. */
#include "config.h"

#include "tests/diff/oci_party.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cbpf/cbpf.h"

enum {
	X32_BIT = 0x40000000
};

/*
 * libseccomp 2.5.4 forgets nodes of rules that it merges; that is no leak of ours.
 * Visible, for gcc's sanitizers are a shared library that looks it up.
 */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libseccomp\n";
}

/* --- does a rule apply ----------------------------------------------------- */

static bool has_cap(const struct party_options *o, const char *cap)
{
	for (size_t i = 0; i < o->ncaps; i++)
		if (!strcmp(o->caps[i], cap))
			return true;
	return false;
}

static bool new_enough(const struct party_options *o, const char *version)
{
	unsigned major = 0, minor = 0;

	sscanf(version, "%u.%u", &major, &minor);
	return o->major > major || (o->major == major && o->minor >= minor);
}

static bool lists(const json_t *array, const char *word)
{
	const json_t *v;
	size_t i;

	json_array_foreach((json_t *)array, i, v)
		if (!strcmp(json_string_value(v), word))
			return true;
	return false;
}

static bool applies(const json_t *rule, const struct party_options *o)
{
	const json_t *no = json_object_get(rule, "excludes");
	const json_t *yes = json_object_get(rule, "includes");
	const json_t *v;
	size_t i;

	if (lists(json_object_get(no, "arches"), "amd64"))
		return false;
	json_array_foreach(json_object_get(no, "caps"), i, v)
		if (has_cap(o, json_string_value(v)))
			return false;
	if (json_object_get(no, "minKernel") &&
	    new_enough(o, json_string_value(json_object_get(no, "minKernel"))))
		return false;
	if (json_array_size(json_object_get(yes, "arches")) &&
	    !lists(json_object_get(yes, "arches"), "amd64"))
		return false;
	json_array_foreach(json_object_get(yes, "caps"), i, v)
		if (!has_cap(o, json_string_value(v)))
			return false;
	return !json_object_get(yes, "minKernel") ||
	       new_enough(o, json_string_value(json_object_get(yes, "minKernel")));
}

/* --- rules ----------------------------------------------------------------- */

static uint32_t action_of(const json_t *rule, const char *name, const char *ret)
{
	const char *action = json_string_value(json_object_get(rule, name));
	const json_t *number = json_object_get(rule, ret);
	uint32_t data = number ? (uint32_t)json_integer_value(number) : EPERM;
	static const struct {
		const char *name;
		uint32_t action;
	} plain[] = {
		{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
		{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
		{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
		{ "SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY },
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (!strcmp(action, plain[i].name))
			return plain[i].action;
	return !strcmp(action, "SCMP_ACT_TRACE") ? SCMP_ACT_TRACE(data)
	                                         : SCMP_ACT_ERRNO(data);
}

static struct scmp_arg_cmp test_of(const json_t *arg)
{
	static const struct {
		const char *name;
		enum scmp_compare op;
	} ops[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE },
		{ "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE },
		{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE },
		{ "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	};
	const char *op = json_string_value(json_object_get(arg, "op"));
	struct scmp_arg_cmp out = {
		.arg = (unsigned)json_integer_value(json_object_get(arg, "index")),
		.datum_a = (uint64_t)json_integer_value(json_object_get(arg, "value")),
		.datum_b = (uint64_t)json_integer_value(json_object_get(arg, "valueTwo")),
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (!strcmp(op, ops[i].name))
			out.op = ops[i].op;
	return out;
}

static int add_rule(scmp_filter_ctx c, uint32_t action, const char *name, const json_t *args)
{
	struct scmp_arg_cmp test[6];
	unsigned n = 0, seen = 0;
	bool twice = false;
	int nr = seccomp_syscall_resolve_name(name), rc = 0;
	const json_t *v;
	size_t i;

	if (nr == __NR_SCMP_ERROR)
		return 0;
	json_array_foreach((json_t *)args, i, v) {
		if (n == 6)
			break;
		test[n] = test_of(v);
		twice |= seen >> test[n].arg & 1;
		seen |= 1u << test[n++].arg;
	}
	if (!twice)
		return seccomp_rule_add_array(c, action, nr, n, test);
	for (unsigned k = 0; k < n && !rc; k++)
		rc = seccomp_rule_add_array(c, action, nr, 1, &test[k]);
	return rc;
}

static void note_last(struct party *p, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, name);
	int x32 = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X32, name);
	int i386 = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, name);

	if (nr > (int)p->last_x86_64)
		p->last_x86_64 = (uint32_t)nr;
	if (x32 > (int)p->last_x32)
		p->last_x32 = (uint32_t)x32;
	if (i386 > (int)p->last_i386)
		p->last_i386 = (uint32_t)i386;
}

static bool add_rules(struct party *p, scmp_filter_ctx c, const json_t *profile,
                      uint32_t fallback, const struct party_options *o)
{
	const json_t *rule, *name;
	size_t i, k, count = 0;

	json_array_foreach(json_object_get(profile, "syscalls"), i, rule) {
		uint32_t action = action_of(rule, "action", "errnoRet");

		if (!applies(rule, o))
			continue;
		json_array_foreach(json_object_get(rule, "names"), k, name) {
			note_last(p, json_string_value(name));
			count++;
			if (action == fallback)
				continue;
			if (add_rule(c, action, json_string_value(name),
			             json_object_get(rule, "args")))
				return false;
		}
	}
	if (!strcmp(o->runtime, "runc") && count > 32)
		seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return true;
}

/* --- the program ----------------------------------------------------------- */

static bool export(struct party *p, scmp_filter_ctx c)
{
	int fd = memfd_create("party", MFD_CLOEXEC);
	off_t size;
	bool done = fd >= 0 && !seccomp_export_bpf(c, fd) &&
	            (size = lseek(fd, 0, SEEK_END)) > 0;

	if (done) {
		p->insns = malloc((size_t)size);
		p->n = (size_t)size / sizeof(*p->insns);
		done = p->insns && pread(fd, p->insns, (size_t)size, 0) == size;
	}
	if (fd >= 0)
		close(fd);
	return done;
}

static uint32_t token_of(const char *arch)
{
	return !strcmp(arch, "SCMP_ARCH_X86")   ? SCMP_ARCH_X86
	       : !strcmp(arch, "SCMP_ARCH_X32") ? SCMP_ARCH_X32
	                                        : SCMP_ARCH_X86_64;
}

static bool has_arch(const struct party_options *o, const char *arch)
{
	for (size_t i = 0; i < o->narches; i++)
		if (!strcmp(o->arches[i], arch))
			return true;
	return false;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool party_build(struct party *p, const json_t *profile, const struct party_options *o)
{
	uint32_t fallback = action_of(profile, "defaultAction", "defaultErrnoRet");
	double start = seconds();
	scmp_filter_ctx c = seccomp_init(fallback);
	bool done;

	*p = (struct party){ .stub = !strcmp(o->runtime, "runc") &&
		                     fallback != SCMP_ACT_ALLOW &&
		                     fallback != SCMP_ACT_LOG &&
		                     (fallback & 0xffff0000) != SCMP_ACT_TRACE(0) };
	if (!c)
		return false;
	for (size_t i = 1; i < o->narches; i++)
		seccomp_arch_add(c, token_of(o->arches[i]));
	p->refused = !add_rules(p, c, profile, fallback, o);
	if (!has_arch(o, "SCMP_ARCH_X32") || !(p->last_x32 & ~(uint32_t)X32_BIT))
		p->last_x32 = 0;
	if (!has_arch(o, "SCMP_ARCH_X86"))
		p->last_i386 = 0;
	done = p->refused || export(p, c);
	p->seconds = seconds() - start;
	seccomp_release(c);
	return done;
}

void party_free(struct party *p)
{
	free(p->insns);
}

/* What runc's stub says of a number: beyond what the profile names. */
static bool beyond(const struct party *p, const struct seccomp_data *d)
{
	uint32_t nr = (uint32_t)d->nr;

	if (d->arch == AUDIT_ARCH_I386)
		return p->last_i386 && nr > p->last_i386;
	if (d->arch != AUDIT_ARCH_X86_64)
		return false;
	if (nr & X32_BIT)
		return p->last_x32 && nr > p->last_x32;
	return p->last_x86_64 && nr > p->last_x86_64;
}

uint32_t party_run(const struct party *p, const struct seccomp_data *d)
{
	if (p->stub && beyond(p, d))
		return SECCOMP_RET_ERRNO | ENOSYS;
	return cbpf_run_seccomp(p->insns, d);
}

/* --- the meaning, rule by rule ----------------------------------------------- */

/* One call as libseccomp sees it. */
struct view {
	const struct seccomp_data *d;
	uint32_t arch; /* SCMP_ARCH_* */
	unsigned bits; /* of an argument that are compared */
};

static uint64_t cut(const struct view *v, uint64_t n)
{
	return v->bits == 32 ? (uint32_t)n : n;
}

static bool passes(const struct view *v, const struct scmp_arg_cmp *t)
{
	uint64_t x = cut(v, v->d->args[t->arg]), a = cut(v, t->datum_a);

	switch (t->op) {
	case SCMP_CMP_NE:
		return x != a;
	case SCMP_CMP_LT:
		return x < a;
	case SCMP_CMP_LE:
		return x <= a;
	case SCMP_CMP_EQ:
		return x == a;
	case SCMP_CMP_GE:
		return x >= a;
	case SCMP_CMP_GT:
		return x > a;
	case SCMP_CMP_MASKED_EQ:
		return (x & a) == (cut(v, t->datum_b) & a);
	default:
		return false;
	}
}

/* The test is none: a mask of no bits. */
static bool is_void(const struct view *v, const struct scmp_arg_cmp *t)
{
	return t->op == SCMP_CMP_MASKED_EQ && !cut(v, t->datum_a);
}

struct verdict {
	bool always, sometimes, open;
	uint32_t action, first; /* what holds, of rules with tests; without */
};

/* A rule of the N tests, with THROUGH as first argument (0: as it is). */
static void hear(struct verdict *out, const struct view *v, uint32_t action,
                 const struct scmp_arg_cmp *test, unsigned n, unsigned through)
{
	bool holds = !through || (uint32_t)v->d->args[0] == through;
	bool tested = through;

	for (unsigned i = 0; i < n; i++) {
		if ((through && !test[i].arg) || is_void(v, &test[i]))
			continue;
		tested = true;
		holds &= passes(v, &test[i]);
	}
	if (!tested && !out->always) {
		out->always = true;
		out->first = action;
	}
	if (!tested || !holds)
		return;
	out->open |= out->sometimes && out->action != action;
	out->sometimes = true;
	out->action = action;
}

/* What NAME's pseudo number says of socketcall and ipc; 0: it is neither. */
static unsigned call_of(const char *name, uint32_t nr)
{
	static const char *const socketcalls[] = {
		"",
		"socket",
		"bind",
		"connect",
		"listen",
		"accept",
		"getsockname",
		"getpeername",
		"socketpair",
		"send",
		"recv",
		"sendto",
		"recvfrom",
		"shutdown",
		"setsockopt",
		"getsockopt",
		"sendmsg",
		"recvmsg",
		"accept4",
		"recvmmsg",
		"sendmmsg",
	};
	static const struct {
		const char *name;
		unsigned call;
	} ipcs[] = {
		{ "semop", 1 },
		{ "semget", 2 },
		{ "semctl", 3 },
		{ "semtimedop", 4 },
		{ "msgsnd", 11 },
		{ "msgrcv", 12 },
		{ "msgget", 13 },
		{ "msgctl", 14 },
		{ "shmat", 21 },
		{ "shmdt", 22 },
		{ "shmget", 23 },
		{ "shmctl", 24 },
	};

	for (unsigned i = 1; nr == 102 && i < sizeof(socketcalls) / sizeof(*socketcalls); i++)
		if (!strcmp(name, socketcalls[i]))
			return i;
	for (unsigned i = 0; nr == 117 && i < sizeof(ipcs) / sizeof(*ipcs); i++)
		if (!strcmp(name, ipcs[i].name))
			return ipcs[i].call;
	return 0;
}

static void hear_rule(struct verdict *out, const struct view *v, const json_t *rule,
                      uint32_t action, unsigned through)
{
	struct scmp_arg_cmp test[6];
	unsigned n = 0, seen = 0;
	bool twice = false;
	const json_t *arg;
	size_t i;

	json_array_foreach(json_object_get(rule, "args"), i, arg) {
		test[n] = test_of(arg);
		twice |= seen >> test[n].arg & 1;
		seen |= 1u << test[n].arg;
		if (++n == 6)
			break;
	}
	for (unsigned k = 0; twice && k < n; k++)
		hear(out, v, action, &test[k], 1, through);
	if (!twice)
		hear(out, v, action, test, n, through);
}

static bool view_of(const struct party_options *o, const struct seccomp_data *d,
                    struct view *v)
{
	bool x32 = d->arch == AUDIT_ARCH_X86_64 && (uint32_t)d->nr >= X32_BIT &&
	           d->nr != -1;

	*v = (struct view){ d, SCMP_ARCH_X86_64, 64 };
	if (d->arch == AUDIT_ARCH_I386)
		*v = (struct view){ d, SCMP_ARCH_X86, 32 };
	else if (d->arch != AUDIT_ARCH_X86_64)
		return false;
	else if (x32 && !has_arch(o, "SCMP_ARCH_X32"))
		return false;
	else if (x32)
		*v = (struct view){ d, SCMP_ARCH_X32, 32 };
	return v->arch != SCMP_ARCH_X86 || has_arch(o, "SCMP_ARCH_X86");
}

bool party_meaning(const struct party *p, const json_t *profile,
                   const struct party_options *o, const struct seccomp_data *d,
                   uint32_t *result)
{
	uint32_t fallback = action_of(profile, "defaultAction", "defaultErrnoRet");
	struct verdict out = { .open = false };
	const json_t *rule, *name;
	char *direct;
	struct view v;
	size_t i, k;

	*result = SECCOMP_RET_ERRNO | ENOSYS;
	if (p->stub && beyond(p, d))
		return true;
	*result = SECCOMP_RET_KILL_THREAD;
	if (!view_of(o, d, &v))
		return true;
	/* A call that goes through socketcall, too, has no number by its name. */
	direct = d->nr == -1 ? NULL : seccomp_syscall_resolve_num_arch(v.arch, d->nr);
	json_array_foreach(json_object_get(profile, "syscalls"), i, rule) {
		uint32_t action = action_of(rule, "action", "errnoRet");

		if (!applies(rule, o) || action == fallback)
			continue;
		json_array_foreach(json_object_get(rule, "names"), k, name) {
			const char *text = json_string_value(name);
			unsigned through = v.arch == SCMP_ARCH_X86
			                           ? call_of(text, (uint32_t)d->nr)
			                           : 0;

			if (through || (direct && !strcmp(text, direct)))
				hear_rule(&out, &v, rule, action, through);
		}
	}
	free(direct);
	/* libseccomp's actions are the kernel's results. */
	*result = out.always ? out.first : out.sometimes ? out.action
	                                                 : fallback;
	return out.always || !out.open;
}
