/*
 * Run while weir is built: the fingerprints of what weir ps knows by name, in rows of C
 * for known.c. They are of the policies that come with weir, and of the settings of
 * systemd units, of which systemd makes a filter for each ABI.
 *
 * With a NAME and the FILE of a raw program, it prints the row of that program; so
 * tables/gen_known.py makes known.def.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/ps.h"

static const struct {
	const char *name, *text;
} shipped[] = {
#include "cli/shipped_texts.h"
};

static const char *const settings[] = {
	"LockPersonality",
	"MemoryDenyWriteExecute",
	"PrivateDevices",
	"ProtectClock",
	"ProtectHostname",
	"ProtectKernelLogs",
	"ProtectKernelModules",
	"ProtectKernelTunables",
	"RestrictNamespaces",
	"RestrictRealtime",
	"RestrictSUIDSGID",
};

/* The ABIs of a machine that systemd makes filters for. */
static const char *const abis[] = { "x86_64", "i386", "x32", "aarch64", "arm", "riscv64" };

static void complain(void *ctx, const struct weir_diag *diag)
{
	if (diag->severity == WEIR_ERROR)
		fputs(diag->rendered, stderr);
}

static int open_row(void *ctx, const char *name, const char *from, char **text,
                    size_t *len)
{
	for (size_t i = 0; i < ARRAY_LEN(shipped); i++) {
		if (strcmp(shipped[i].name, name) != 0)
			continue;
		*text = strdup(shipped[i].text);
		*len = strlen(shipped[i].text);
		return *text ? 0 : -ENOMEM;
	}
	return -ENOENT;
}

/* What permits everything is known as that: on some ABIs a setting does nothing. */
static const char everything[] = "permits everything";
static struct known_print nothing_refused;

/* Print the row of PROGRAM. */
static int print_row(const char *name, const struct weir_program *program)
{
	struct known_print print;
	size_t n;
	const struct sock_filter *insns = weir_program_insns(program, &n);
	int err = weir_program_fingerprint(program, print.text);

	if (err)
		return err;
	if (name == everything)
		nothing_refused = print;
	else if (!strcmp(print.text, nothing_refused.text))
		return 0;
	printf("KNOWN(\"%s\", 0x%016" PRIx64 ", \"%s\")\n", name, known_sample(insns, n),
	       print.text);
	return 0;
}

/* Print the row of what TEXT, a policy of format FORM (NULL: our own), compiles to. */
static int print_policy(const char *name, const char *text, const char *form,
                        const char *abi)
{
	struct weir_read_options read = {
		.size = sizeof read,
		.name = name,
		.diag = complain,
		.open_file = open_row,
	};
	struct weir_policy_options o = {
		.size = sizeof o,
		.read = &read,
		.form = form,
		.abis = abi,
	};
	struct weir_policy *policy = NULL;
	struct weir_program *program = NULL;
	int err = weir_policy_read(&policy, text, strlen(text), &o);

	if (!err)
		err = weir_policy_compile(&program, policy, NULL);
	if (!err)
		err = print_row(name, program);
	weir_program_free(program);
	weir_policy_free(policy);
	return err;
}

/* A policy says what its default is, in a line of its own; others are included. */
static bool is_whole(const char *text)
{
	return strncmp(text, "default ", 8) == 0 || strstr(text, "\ndefault ");
}

static int print_everything(void)
{
	static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct weir_program *program;
	int err = weir_program_new(&program, WEIR_SECCOMP, &allow, 1);

	if (err)
		return err;
	err = print_row(everything, program);
	weir_program_free(program);
	return err;
}

static int print_shipped(void)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_LEN(shipped); i++)
		if (is_whole(shipped[i].text))
			err = print_policy(shipped[i].name, shipped[i].text, NULL, NULL);
	return err;
}

/* Put into *TEXT what systemd's filter for ABI does under SETTING, in our language. */
static int translate(const char *setting, const char *abi, char **text)
{
	static const char foreign[] = "foreign allow\n";
	const struct weir_policy_options o = {
		.size = sizeof o,
		.form = "systemd",
		.abis = abi,
	};
	struct weir_policy *policy = NULL;
	char unit[128], *printed = NULL;
	size_t len = 0;
	int err;

	snprintf(unit, sizeof unit, "[Service]\n%s=yes\n", setting);
	err = weir_policy_read(&policy, unit, strlen(unit), &o);
	if (!err)
		err = weir_policy_print(policy, "policy", NULL, &printed, &len);
	weir_policy_free(policy);
	*text = err ? NULL : malloc(len + sizeof foreign);
	if (*text)
		stpcpy(stpcpy(*text, foreign), printed);
	free(printed);
	return err ? err : *text ? 0
	                         : -ENOMEM;
}

static int print_settings(void)
{
	int err = 0;

	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		for (size_t k = 0; !err && k < ARRAY_LEN(abis); k++) {
			char name[64], *text = NULL;

			snprintf(name, sizeof name, "systemd %s", settings[i]);
			err = translate(settings[i], abis[k], &text);
			if (!err)
				err = print_policy(name, text, NULL, abis[k]);
			free(text);
		}
	return err;
}

static int print_file(const char *name, const char *path)
{
	static char text[4096 * sizeof(struct sock_filter) + 1];
	const struct weir_read_options o = { .size = sizeof o, .diag = complain };
	struct weir_program *program;
	FILE *f = fopen(path, "rb");
	size_t len = f ? fread(text, 1, sizeof text, f) : 0;
	int err = f ? weir_program_read(&program, WEIR_SECCOMP, text, len, &o) : -errno;

	if (f)
		fclose(f);
	if (err)
		return err;
	err = print_row(name, program);
	weir_program_free(program);
	return err;
}

int main(int argc, char **argv)
{
	int err = 0;

	for (int i = 1; !err && i + 1 < argc; i += 2)
		err = print_file(argv[i], argv[i + 1]);
	if (argc == 1)
		err = print_everything();
	if (argc == 1 && !err)
		err = print_shipped();
	if (argc == 1 && !err)
		err = print_settings();
	if (err)
		fprintf(stderr, "fingerprints: %s\n", strerror(-err));
	return err || fflush(stdout) || ferror(stdout);
}
