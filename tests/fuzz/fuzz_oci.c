/*
 * Any bytes as a container's profile: it is refused with a place, or becomes a tree
 * whose graph and program answer as the evaluator does. It permits no call that it
 * does not name, and written as a profile again it means the same.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "api.h"
#include "back.h"
#include "calls.h"
#include "fuzz.h"
#include "oci/oci.h"

static void check_place(void *ctx, const struct diags *d, const struct diag *one)
{
	fuzz_must(one->placed || one->severity == DIAG_NOTE);
	fuzz_must(!one->placed || (one->at.start <= one->at.end &&
	                           one->at.end <= d->sources.v[one->at.source].len));
}

static struct rules_options options_of(uint32_t hash)
{
	static const char *const abis[] = { "x86_64", "x86_64,i386", "x86_64,i386,x32",
		                            "aarch64,arm", "mipsel64,mipsel,mipsel64n32",
		                            NULL };
	static const char *const caps[] = { "docker", "CAP_SYS_ADMIN", "none" };

	return (struct rules_options){
		.abis = abis[hash % ARRAY_LEN(abis)],
		.runtime = hash >> 8 & 1 ? "runc" : "crun",
		.typed = hash >> 9 & 1,
		.verbose = hash >> 10 & 1,
		.kernel = "6.1",
		.cap = &caps[(hash >> 12) % ARRAY_LEN(caps)],
		.ncap = 1,
		.from = "oci",
	};
}

/* --- nothing that is not written ------------------------------------------- */

/* NAME stands in the document as a string; escapes would hide it. */
static bool names(const struct source *src, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i + len + 2 <= src->len; i++)
		if (src->text[i] == '"' && src->text[i + len + 1] == '"' &&
		    !memcmp(src->text + i + 1, name, len))
			return true;
	return memchr(src->text, '\\', src->len) != NULL;
}

static bool is_through(const char *name)
{
	return !strcmp(name, "socketcall") || !strcmp(name, "ipc");
}

static void try_names(const struct rules_tree *t, const struct source *src)
{
	static const uint64_t none[SYS_ARGS];
	struct sys_call call;

	for (uint32_t i = 0; i < t->nabi; i++) {
		const struct sys_abi *abi = t->abi[i];

		if (rules_permits(t->fallback_ret[abi->id]))
			continue;
		fuzz_must(!rules_permits(rules_eval(t, abi->arch, UINT32_MAX, none)));
		for (uint32_t k = 0; sys_call_at(abi, k, &call); k++)
			fuzz_must(!rules_permits(rules_eval(t, abi->arch, call.nr,
			                                    none)) ||
			          names(src, call.name) || is_through(call.name));
	}
}

/* --- and back ---------------------------------------------------------------- */

/* What T is as a profile means the same, if it can be said. */
static void try_back(const struct rules_tree *t, struct arena *a,
                     struct rules_options *o)
{
	struct diags d = { .arena = a }, back = { .arena = a };
	struct buf out = { .arena = a }, abis = { .arena = a };
	const struct rules_tree *again;
	struct sys_call call;

	if (!oci_write(a, &d, t, o, &out))
		return;
	for (uint32_t i = 0; i < t->nabi; i++)
		buf_printf(&abis, "%s%s", i ? "," : "", t->abi[i]->name);
	o->abis = buf_str(&abis);
	o->typed = false;
	again = oci_read(a, &back, diag_source(&back, "again", out.s, out.len), o);
	fuzz_must(again != NULL);
	for (uint32_t i = 0; i < t->nabi; i++)
		for (uint32_t k = 0; sys_call_at(t->abi[i], k, &call); k++) {
			uint64_t args[SYS_ARGS] = { k, out.len, k << 3, 1, 2, ~0ull };

			fuzz_must(rules_eval(t, t->abi[i]->arch, call.nr, args) ==
			          rules_eval(again, t->abi[i]->arch, call.nr, args));
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t hash = fuzz_hash(data, size);
	struct rules_options options = options_of(hash);
	jmp_buf oom;
	struct arena a = { .oom = &oom };
	struct diags d = { .arena = &a, .emit = check_place };
	const struct rules_tree *t;
	uint32_t source;

	if (setjmp(oom)) {
		arena_free(&a);
		return 0;
	}
	source = diag_source(&d, "input", (const char *)data, size);
	t = api_policy_read(&a, &d, source, &options);
	fuzz_must(!t == (d.errors > 0));
	if (t) {
		try_names(t, &d.sources.v[source]);
		fuzz_tree(t, &d, &a, hash);
		try_back(t, &a, &options);
	}
	arena_free(&a);
	return 0;
}

const struct fuzz_seed fuzz_seeds[] = {
	FUZZ_TEXT(
		"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 1,\n"
		"\"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\",\n"
		"\"subArchitectures\": [\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"]}],\n"
		"\"syscalls\": [{\"names\": [\"read\", \"write\", \"socketcall\"],\n"
		"\"action\": \"SCMP_ACT_ALLOW\"},\n"
		"{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [\n"
		"{\"index\": 0, \"value\": 40, \"op\": \"SCMP_CMP_GT\"}]},\n"
		"{\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [\n"
		"{\"index\": 0, \"value\": 2114060288, \"valueTwo\": 0,"
		" \"op\": \"SCMP_CMP_MASKED_EQ\"}],\n"
		"\"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\"], \"arches\": [\"s390\"]}},\n"
		"{\"name\": \"ptrace\", \"action\": \"SCMP_ACT_ALLOW\",\n"
		"\"includes\": {\"minKernel\": \"4.8\", \"caps\": []}}]}\n"),
	FUZZ_TEXT(
		"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [\n"
		"{\"names\": [\"socket\", \"semop\"], \"action\": \"SCMP_ACT_ERRNO\",\n"
		"\"errno\": \"EINVAL\", \"args\": [\n"
		"{\"index\": 0, \"value\": 16, \"op\": \"SCMP_CMP_EQ\"},\n"
		"{\"index\": 2, \"value\": 9, \"op\": \"SCMP_CMP_NE\"}]},\n"
		"{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_KILL\", \"args\": [\n"
		"{\"index\": 0, \"value\": 18446744073709551615, \"op\": \"SCMP_CMP_LE\"},\n"
		"{\"index\": 0, \"value\": 8, \"op\": \"SCMP_CMP_GE\"}]},\n"
		"{\"names\": [\"close\\u0020\"], \"action\": \"SCMP_ACT_TRAP\"}]}\n"),
	FUZZ_TEXT(
		"{\"ociVersion\": \"1.0.2\", \"process\": {\"user\": {\"uid\": 0}},\n"
		"\"linux\": {\"seccomp\": {\"defaultAction\": \"SCMP_ACT_TRACE\",\n"
		"\"defaultErrnoRet\": 7, \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"],\n"
		"\"architectures\": [\"SCMP_ARCH_AARCH64\", \"SCMP_ARCH_MIPSEL\"],\n"
		"\"syscalls\": [{\"names\": [\"openat\"], \"action\": \"SCMP_ACT_LOG\",\n"
		"\"args\": [{\"index\": 2, \"value\": 3, \"valueTwo\": 1,"
		" \"op\": \"SCMP_CMP_MASKED_EQ\"}]}]}}}\n"),
	{ 0 },
};
