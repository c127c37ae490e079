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

#include "cli/building.h"
#include "cli/ps.h"

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

/* Lists of calls that many units have, with what refused ones get; in the order of names. */
static const struct {
	const char *name, *text;
} lists[] = {
	{ "@system-service", "SystemCallFilter=@system-service\n" },
	{ "@system-service, errno EPERM",
	  "SystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\n" },
	{ "@system-service ~@privileged",
	  "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged\n" },
	{ "@system-service ~@privileged, errno EPERM",
	  "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged\n"
	  "SystemCallErrorNumber=EPERM\n" },
	{ "@system-service ~@privileged @resources",
	  "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n" },
	{ "@system-service ~@privileged @resources, errno EPERM",
	  "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n"
	  "SystemCallErrorNumber=EPERM\n" },
};

/* The ABIs of a machine that systemd makes filters for. */
static const char *const abis[] = { "x86_64", "i386", "x32", "aarch64", "arm", "riscv64" };

enum {
	LISTED_ABIS = 3 /* of these, with the rows of LISTS: those of x86 */
};

/* What permits everything is known as that: on some ABIs a setting does nothing. */
static const char everything[] = "permits everything";
static struct known_print nothing_refused;

/* Print the row of PROGRAM, and free it. */
static void print_row(const char *name, struct weir_program *program)
{
	struct known_print print;
	size_t n;
	const struct sock_filter *insns = weir_program_insns(program, &n);

	building_must(weir_program_fingerprint(program, print.text), name);
	if (name == everything)
		nothing_refused = print;
	if (name == everything || strcmp(print.text, nothing_refused.text) != 0)
		printf("KNOWN(\"%s\", 0x%016" PRIx64 ", \"%s\")\n", name,
		       known_sample(insns, n), print.text);
	weir_program_free(program);
}

/* Print the row of what TEXT compiles to, a policy for ABI (NULL: its own). */
static void print_policy(const char *name, const char *text, const char *abi)
{
	uint64_t includes;
	struct weir_policy *policy = building_policy(name, text, NULL, abi, &includes);
	struct weir_program *program;

	building_must(weir_policy_compile(&program, policy, NULL), name);
	weir_policy_free(policy);
	print_row(name, program);
}

static void print_everything(void)
{
	static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct weir_program *program;

	building_must(weir_program_new(&program, WEIR_SECCOMP, &allow, 1), everything);
	print_row(everything, program);
}

static void print_shipped(void)
{
	for (unsigned i = 0; shipped_name(i); i++) {
		const char *name = shipped_name(i), *text = shipped_text(name);

		if (building_is_whole(text))
			print_policy(name, text, NULL);
	}
}

/*
 * Print the row NAME of systemd's filter for ABI under the settings LINES: our policy of
 * the same calls.
 */
static void print_unit(const char *name, const char *lines, const char *abi)
{
	static const char foreign[] = "foreign allow\n";
	char unit[256], *printed, *text;
	struct weir_policy *policy;
	uint64_t includes;
	size_t len;

	snprintf(unit, sizeof unit, "[Service]\n%s", lines);
	policy = building_policy(name, unit, "systemd", abi, &includes);
	building_must(weir_policy_print(policy, "policy", NULL, &printed, &len), name);
	weir_policy_free(policy);
	text = malloc(len + sizeof foreign);
	building_must(text ? 0 : -ENOMEM, name);
	stpcpy(stpcpy(text, foreign), printed);
	print_policy(name, text, abi);
	free(printed);
	free(text);
}

/* Print the rows of all units for ABI, those with lists of calls if LISTED. */
static void print_units(const char *abi, bool listed)
{
	char name[100], lines[100];

	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		snprintf(name, sizeof name, "systemd %s", settings[i]);
		snprintf(lines, sizeof lines, "%s=yes\n", settings[i]);
		print_unit(name, lines, abi);
	}
	for (size_t i = 0; listed && i < ARRAY_LEN(lists); i++) {
		snprintf(name, sizeof name, "systemd %s", lists[i].name);
		print_unit(name, lists[i].text, abi);
	}
}

/* Print the row of the raw program in the file PATH. */
static void print_file(const char *name, const char *path)
{
	static char text[4096 * sizeof(struct sock_filter) + 1];
	struct weir_program *program;
	FILE *f = fopen(path, "rb");
	size_t len;

	building_must(f ? 0 : -errno, path);
	len = fread(text, 1, sizeof text, f);
	fclose(f);
	building_must(weir_program_read(&program, WEIR_SECCOMP, text, len, NULL), path);
	print_row(name, program);
}

int main(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2)
		print_file(argv[i], argv[i + 1]);
	if (argc > 1)
		return building_end();
	print_everything();
	print_shipped();
	for (size_t i = 0; i < ARRAY_LEN(abis); i++)
		print_units(abis[i], i < LISTED_ABIS);
	return building_end();
}
