/* The public library: programs from text, and what a text says beside them. */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "sys/sys.h"

/* A job that makes a program of a text. */
struct reading {
	struct job job; /* first */
	struct weir_read_options how;
};

/* Find what a text names in the tables of system calls: a cbpf_reading.find. */
static bool find_name(void *ctx, enum cbpf_name what, const char *abi, const char *name,
                      uint32_t *value)
{
	uint64_t constant = 0;
	bool negative;
	int64_t nr;

	switch (what) {
	case CBPF_NAME_CALL:
		nr = abi ? weir_syscall_number(abi, name) : -1;
		*value = (uint32_t)nr;
		return nr >= 0;
	case CBPF_NAME_ARCH:
		*value = weir_abi_arch(name);
		if (!*value) { /* AUDIT_ARCH_X86_64, where the ABI is x86_64 */
			char lower[32];
			size_t i = 0;

			for (; name[i] && i + 1 < sizeof lower; i++)
				lower[i] = (char)(is_letter(name[i]) ? name[i] | 32 : name[i]);
			lower[i] = '\0';
			*value = weir_abi_arch(lower);
		}
		return *value;
	case CBPF_NAME_CONSTANT:
		if (!abi || weir_constant(abi, name, &constant, &negative))
			constant = abi ? sys_errno(sys_abi(abi, strlen(abi)), name, strlen(name)) : 0;
		*value = (uint32_t)constant;
		return constant;
	}
	return false;
}

/* Set *KIND, unless it is known, to the kind of P; false after an error. */
static bool find_kind(struct job *j, const char *name, const struct cbpf_program *p,
                      enum weir_kind *kind)
{
	if (*kind != WEIR_EITHER)
		return true;
	switch (p->is_for != CBPF_FOR_EITHER ? p->is_for
	                                     : cbpf_guess(&j->tmp, p->insns, p->n)) {
	case CBPF_FOR_PACKETS:
		*kind = WEIR_PACKET;
		return true;
	case CBPF_FOR_SECCOMP:
		*kind = WEIR_SECCOMP;
		return true;
	case CBPF_FOR_EITHER:
		break;
	}
	diag_plain(&j->diags, DIAG_ERROR,
	           E_SYNTAX "'%s' could be a program for packets or for seccomp; say which, with "
	                    "--kind packet or --kind seccomp",
	           name);
	return false;
}

/* Say what the text was read as: after an error, and where notes are wanted. */
static void say_format(struct job *j, const char *name, const struct cbpf_program *p)
{
	diag_plain(&j->diags, DIAG_NOTE, "'%s' was read as %s%s", name, p->format,
	           p->swapped ? ", in the byte order of another machine" : "");
}

/* Tell whether weir knows the ABI that R's caller names, if any; false after an error. */
static bool check_abi(struct job *j, const struct reading *r)
{
	const char *abi = r->how.abi, *near;

	if (!abi || weir_abi_arch(abi))
		return true;
	near = weir_abi_near(abi);
	diag_plain(&j->diags, DIAG_ERROR, E_UNKNOWN "unknown ABI '%s'%s%s%s", abi,
	           near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return false;
}

static int read_program(struct job *j)
{
	const struct reading *r = (struct reading *)j;
	const char *name = r->how.name ? r->how.name : "program";
	struct cbpf_reading how = {
		.format = r->how.format,
		.abi = r->how.abi ? r->how.abi : weir_native_abi(),
		.abi_guessed = !r->how.abi,
		.find = find_name,
	};
	struct cbpf_program read = {
		.use = j->kind == WEIR_SECCOMP ? CBPF_SECCOMP : CBPF_SOCKET,
	};
	struct api_parts parts = { .kind = j->kind };
	uint32_t source = diag_source(&j->diags, name, j->text, j->len);
	bool ok;

	if (!check_abi(j, r))
		return -EINVAL;
	arena_doing(&j->arena, "reading the program", NULL);
	ok = cbpf_read_as(&j->arena, &j->diags, source, &how, &read);
	ok = ok && find_kind(j, name, &read, &parts.kind);
	if (read.format && (!ok || j->verbose))
		say_format(j, name, &read);
	if (!ok)
		return -EINVAL;
	parts.format = read.format;
	parts.insns = read.insns;
	parts.n = read.n;
	parts.linktype = read.has_linktype ? read.linktype : API_NO_LINKTYPE;
	parts.expression = read.expression;
	return api_make_program(j, &parts);
}

int weir_program_read(struct weir_program **out, enum weir_kind kind,
                      const char *text, size_t len,
                      const struct weir_read_options *options)
{
	struct weir_read_options o;
	struct reading r = {
		.job = { .body = read_program, .kind = kind, .text = text, .len = len },
	};
	int err = api_take(&o, sizeof o, options);

	*out = NULL;
	if (err || len > INT32_MAX)
		return err ? err : -E2BIG;
	r.how = o;
	api_listen(&r.job, o.diag, o.diag_ctx, o.verbose);
	api_limit(&r.job, o.max_memory, o.max_work, o.used, o.ctx);
	return api_give(&r.job, api_run(&r.job), out);
}
