/* What belongs to an administrator, and corners of the kernel. */
#include "attack.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_kexec_file_load
#define SYS_kexec_file_load (-1)
#endif
#ifndef SYS_iopl
#define SYS_iopl   (-1)
#define SYS_ioperm (-1)
#endif

static bool uring(void) { return passed(CALL(NR_io_uring_setup, 1, NULL)); }
static bool uring_enter(void) { return passed(CALL(NR_io_uring_enter, -1, 0, 0, 0, NULL, 0)); }
static bool uring_other(void) { return passed(CALL(NR_io_uring_register, -1, 9999, NULL, 0)); }
static bool bpf(void) { return passed(CALL(SYS_bpf, 9999, NULL, 0)); }
static bool bpf_map(void) { return passed(CALL(SYS_bpf, 0L, NULL, 0)); }
static bool perf(void) { return passed(CALL(SYS_perf_event_open, NULL, 0, 0, -1, 0)); }
static bool keys(void) { return passed(CALL(SYS_keyctl, 9999, 0, 0, 0, 0)); }
static bool adds_key(void) { return passed(CALL(SYS_add_key, NULL, NULL, NULL, 0, 0)); }
static bool asks_key(void) { return passed(CALL(SYS_request_key, NULL, NULL, NULL, 0)); }

/* --- administration -------------------------------------------------------------------- */

static bool reboots(void) { return passed(CALL(SYS_reboot, 0, 0, 0, NULL)); }
static bool kexec(void) { return passed(CALL(SYS_kexec_load, 0, 1, NULL, ~0L)); }
static bool kexec_file(void) { return passed(CALL(SYS_kexec_file_load, -1, -1, 0, NULL, ~0L)); }
static bool module(void) { return passed(CALL(SYS_init_module, NULL, 0, NULL)); }
static bool module_fd(void) { return passed(CALL(SYS_finit_module, -1, "", 0)); }
static bool no_module(void) { return passed(CALL(SYS_delete_module, "none-of-them", 0)); }
static bool clock_(void) { return passed(CALL(SYS_clock_settime, 9999, NULL)); }
static bool clock_day(void) { return passed(CALL(SYS_settimeofday, (void *)1, NULL)); }
static bool adjusts(void) { return passed(CALL(SYS_clock_adjtime, 9999, NULL)); }
static bool adjusts_old(void) { return passed(CALL(SYS_adjtimex, NULL)); }
static bool swap(void) { return passed(CALL(SYS_swapon, NULL, 0)); }
static bool no_swap(void) { return passed(CALL(SYS_swapoff, NULL)); }
static bool accounts(void) { return passed(CALL(SYS_acct, "none/x")); }
static bool host(void) { return passed(CALL(SYS_sethostname, NULL, -1)); }
static bool domain(void) { return passed(CALL(SYS_setdomainname, NULL, -1)); }
static bool logs(void) { return passed(CALL(SYS_syslog, 9999, NULL, 0)); }
static bool ports(void) { return passed(CALL(SYS_iopl, 9999)); }
static bool port(void) { return passed(CALL(SYS_ioperm, ~0L, 1, 1)); }

/* --- root's files ---------------------------------------------------------------------------- */

static bool writes(const char *path)
{
	return opened(open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC));
}

static bool core(void) { return writes("/proc/sys/kernel/core_pattern"); }
static bool sysrq(void) { return writes("/proc/sysrq-trigger"); }
static bool messages(void) { return writes("/dev/kmsg"); }
static bool sysfs(void) { return writes("/sys/kernel/mm/transparent_hugepage/enabled"); }
static bool physical(void) { return writes("/dev/mem"); }
static bool passwords(void) { return opened(open("/etc/shadow", O_RDONLY)); }
static bool system_(void) { return writes("/etc/passwd"); }

static bool cgroup(void)
{
	return writes("/sys/fs/cgroup/cgroup.procs") ||
	       writes("/sys/fs/cgroup/unified/cgroup.procs") ||
	       writes("/sys/fs/cgroup/pids/cgroup.procs");
}

/* --- privileges --------------------------------------------------------------------------------- */

static bool rules(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct have[2] = { { 0, 0, 0 } };

	return CALL(SYS_capget, &head, have) == 0 && have[0].effective >> CAP_SYS_ADMIN & 1;
}

static bool other_user(void) { return CALL(SYS_setuid, getuid()) == 0; }
static bool other_group(void) { return CALL(SYS_setgid, getgid()) == 0; }
static bool other_groups(void) { return passed(CALL(SYS_setgroups, -1, NULL)); }
static bool capset_(void) { return passed(CALL(SYS_capset, NULL, NULL)); }
static bool privileges(void) { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1; }

/* A filter of its own that permits all; then a call that was refused before. */
static bool no_filter(void)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &all };

	prctl(PR_SET_SECCOMP, 0, 0, 0, 0);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 && keys();
}

/* --- what came later than the policies ------------------------------------------------------------ */

static bool newer(void)
{
	for (long nr = 470; nr < 512; nr++)
		if (passed(syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L)))
			return true;
	return false;
}

ATTEMPTS(kernel) = {
	{ "io_uring_setup", uring, false },
	{ "io_uring_enter", uring_enter, false },
	{ "io_uring_register", uring_other, false },
	{ "bpf", bpf, false },
	{ "bpf-map", bpf_map, false },
	{ "perf_event_open", perf, false },
	{ "keyctl", keys, false },
	{ "add_key", adds_key, false },
	{ "request_key", asks_key, false },
	{ "reboot", reboots, false },
	{ "kexec_load", kexec, false },
	{ "kexec_file_load", kexec_file, false },
	{ "init_module", module, false },
	{ "finit_module", module_fd, false },
	{ "delete_module", no_module, false },
	{ "clock_settime", clock_, false },
	{ "settimeofday", clock_day, false },
	{ "clock_adjtime", adjusts, false },
	{ "adjtimex", adjusts_old, false },
	{ "swapon", swap, false },
	{ "swapoff", no_swap, false },
	{ "acct", accounts, false },
	{ "sethostname", host, false },
	{ "setdomainname", domain, false },
	{ "syslog", logs, false },
	{ "iopl", ports, false },
	{ "ioperm", port, false },
	{ "core_pattern", core, false },
	{ "sysrq", sysrq, false },
	{ "kmsg", messages, false },
	{ "sysfs", sysfs, false },
	{ "dev-mem", physical, false },
	{ "shadow", passwords, false },
	{ "passwd-write", system_, false },
	{ "cgroup", cgroup, false },
	{ "capabilities", rules, false },
	{ "setuid", other_user, false },
	{ "setgid", other_group, false },
	{ "setgroups", other_groups, false },
	{ "capset", capset_, false },
	{ "new-privileges", privileges, false },
	{ "filter-off", no_filter, false },
	{ "newer-calls", newer, false },
	{ NULL, NULL, false },
};
