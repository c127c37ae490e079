#!/usr/bin/env python3
"""Writes consts.inc: the constants that policies may name, per ABI.

    gen_consts.py > consts.inc

Names and values come from the headers of linux-libc-dev, and for what the
kernel does not export (AF_*, SOCK_*, MSG_*, SOL_*, SPLICE_F_*, MNT_*) from
libc6-dev; clang evaluates them for every ABI. Rows that differ from the first
ABI's are listed apart. README.md says more.
"""
import os
import re
import subprocess
import sys
import tempfile

# ABI: clang's target and where its headers are.
ABIS = {
    "x86_64": ["--target=x86_64-linux-gnu"],
    "i386": ["--target=i386-linux-gnu"],
    "x32": ["--target=x86_64-linux-gnux32"],
}
INCLUDE = ["-isystem", "/usr/include",
           "-isystem", "/usr/include/x86_64-linux-gnu"]

KERNEL = """
asm/errno.h asm/ioctls.h asm/ldt.h asm/prctl.h asm/ptrace.h asm/ptrace-abi.h
asm/resource.h asm/termbits.h linux/aio_abi.h linux/bpf.h linux/capability.h
linux/close_range.h linux/eventpoll.h linux/fanotify.h linux/fcntl.h
linux/fiemap.h linux/filter.h linux/fs.h linux/fscrypt.h linux/fsverity.h
linux/futex.h linux/if_alg.h linux/if_ether.h linux/if_packet.h linux/if_tun.h
linux/in.h linux/in6.h linux/inotify.h linux/io_uring.h linux/ioprio.h
linux/ipc.h linux/kcmp.h linux/kd.h linux/kexec.h linux/keyctl.h linux/kvm.h
linux/landlock.h linux/loop.h linux/membarrier.h linux/memfd.h
linux/mempolicy.h linux/mman.h linux/module.h linux/mount.h linux/mqueue.h
linux/msg.h linux/net.h linux/netlink.h linux/nsfs.h linux/openat2.h
linux/perf_event.h linux/personality.h linux/pidfd.h linux/poll.h
linux/prctl.h linux/ptrace.h linux/quota.h linux/random.h linux/reboot.h
linux/resource.h linux/rseq.h linux/rtc.h linux/sched.h linux/seccomp.h
linux/sem.h linux/serial.h linux/signal.h linux/signalfd.h
linux/sockios.h linux/stat.h linux/tcp.h linux/time.h linux/timerfd.h
linux/timex.h linux/tty.h linux/udp.h linux/uio.h linux/userfaultfd.h
linux/vhost.h linux/vt.h linux/wait.h linux/xattr.h
asm/mman.h asm/shmbuf.h asm/signal.h asm/socket.h asm/stat.h linux/shm.h
""".split()
LIBC = """
fcntl.h sys/socket.h sys/mount.h sys/epoll.h sys/eventfd.h sys/timerfd.h
sys/inotify.h sys/signalfd.h unistd.h sched.h sys/wait.h sys/mman.h errno.h
""".split()
LIBC_NAMES = re.compile(r"(AF|PF|SOCK|MSG|SOL|SHUT|SPLICE_F|MNT|UMOUNT|SCM|F|"
                        r"EFD|TFD|SFD|EPOLL|P|W|R|X|MREMAP|MFD|SEEK)_\w+$|"
                        r"ENOTSUP$|UMOUNT_NOFOLLOW$|W(NOHANG|UNTRACED|STOPPED|EXITED|"
                        r"CONTINUED|NOWAIT)$")
# Numbers that are no arguments: limits, guards, versions.
DROP = re.compile(r"_|KERNEL_VERSION|.*_H$|BITS_PER|.*_MAX$|NR_|NSIG$|SIGRTMAX$|"
                  r"(U?INT|PTRDIFF|SIZE|WCHAR|WINT|SIG_ATOMIC|[A-Z]?LONG|CHAR)"
                  r"[A-Z0-9_]*_(MIN|WIDTH)$|L_(INCR|SET|XTND)$|KVM_S390|KVM_PPC|"
                  r"(ORIG_)?[ER]?(AX|BX|CX|DX|SI|DI|BP|SP|IP|FL|FLAGS)$|[CDEFGS]S$|"
                  r"R[0-9]+$|FRAME_SIZE$|UESP$|ARGOFFSET$|SS_?OFF")


# glibc's headers ask for a list of stubs that is installed for x86_64 alone.
STUBS = tempfile.TemporaryDirectory()
os.mkdir(os.path.join(STUBS.name, "gnu"))
for name in ("stubs-32.h", "stubs-x32.h"):
    open(os.path.join(STUBS.name, "gnu", name), "w").close()


def clang(target, text, *flags):
    r = subprocess.run(["clang", *target, *INCLUDE, "-idirafter", STUBS.name, "-w", "-x", "c", "-", "-o", "-",
                        "-ferror-limit=0", "-D_GNU_SOURCE", *flags],
                       input=text, capture_output=True, text=True)
    return r.returncode, r.stdout, r.stderr


def present(target, headers):
    return [h for h in headers
            if clang(target, "#include <stddef.h>\n#include <linux/types.h>\n#include <linux/socket.h>\n#include <%s>\n" % h,
                     "-fsyntax-only")[0] == 0]


def prelude(headers):
    text = "#include <stddef.h>\n#include <linux/types.h>\n#include <linux/socket.h>\n" if headers[0] in KERNEL else ""
    return text + "".join("#include <%s>\n" % h for h in headers)


def names(target, headers):
    """Every name in HEADERS that may be a constant."""
    text = prelude(headers)
    out = set()
    for line in clang(target, text, "-E", "-dM")[1].split("\n"):
        m = re.match(r"#define (\w+) (\S.*)", line)
        if m:
            out.add(m.group(1))
    plain = clang(target, text, "-E", "-P")[1]
    for body in re.findall(r"\benum\b\s*\w*\s*\{(.*?)\}", plain, re.S):
        for part in body.split(","):
            m = re.match(r"\s*(\w+)", part)
            if m:
                out.add(m.group(1))
    return {n for n in out if re.match(r"[A-Z][A-Z0-9_a-z]*$", n) and not DROP.match(n)}


def evaluate(target, headers, wanted):
    """{name: (bits, negative)} of those that are integer constants."""
    wanted = sorted(wanted)
    head = prelude(headers)
    skip = head.count("\n")
    while True:
        text = head + "".join(
            "const long long v_%s[2] = { (long long)(%s), (%s) < 0 };\n" % (n, n, n)
            for n in wanted)
        code, out, err = clang(target, text, "-S", "-emit-llvm")
        if code == 0:
            break
        bad = {int(m) - skip - 1 for m in re.findall(r"<stdin>:(\d+):\d+: error", err)}
        bad = {i for i in bad if 0 <= i < len(wanted)}
        if not bad:
            sys.exit("gen_consts: %s" % err[:2000])
        wanted = [n for i, n in enumerate(wanted) if i not in bad]
    values = {}
    for n, a, b in re.findall(
            r"^@v_(\w+) = .*?constant \[2 x i64\] \[i64 (-?\d+), i64 (\d)\]", out, re.M):
        values[n] = (int(a) & (1 << 64) - 1, int(b))
    for n in re.findall(r"^@v_(\w+) = .*?constant \[2 x i64\] zeroinitializer", out, re.M):
        values[n] = (0, 0)
    return values


def constants(target):
    kernel = present(target, KERNEL)
    for h in set(KERNEL) - set(kernel):
        sys.stderr.write("note: no <%s> for %s\n" % (h, target[0]))
    values = evaluate(target, kernel, names(target, kernel))
    # libc's own headers, for x86_64 alone: other ABIs' copies are not installed,
    # and what is taken from them is the same on all of x86.
    host = ABIS["x86_64"]
    flags = [h for h in LIBC]
    more = {n for n in names(host, flags) if LIBC_NAMES.match(n) and n not in values}
    values.update(evaluate(host, flags, more))
    # An errno that is defined as another one is not the name to print.
    errnos = {}
    for h in ("asm/errno.h", "errno.h"):
        for n, v in re.findall(r"^#define (E[A-Z0-9]+) (\w+)$",
                               clang(target, "#include <%s>\n" % h, "-E", "-dM")[1], re.M):
            errnos[n] = not v.isdigit()
    return values, errnos


def flags_of(name, negative, errnos, values):
    return [f for f, on in (("CONST_NEGATIVE", negative), ("CONST_ERRNO", name in errnos),
                            ("CONST_ALIAS", errnos.get(name)),
                            ("CONST_ABSENT", name not in values)) if on]


def main():
    tables = {abi: constants(t) for abi, t in ABIS.items()}
    base = next(iter(ABIS))
    all_names = sorted(set().union(*(v for v, _ in tables.values())))
    errnos = {}
    for _, e in tables.values():
        errnos.update(e)
    print("/* Made by gen_consts.py; do not edit. */")
    print("static const char const_strings[] =")
    at, pos = {}, 0
    for n in all_names:
        at[n] = pos
        pos += len(n) + 1
        print('\t"%s\\0"' % n)
    print(";\n")
    print("/* name, low 32 bits, high 32 bits, flags; by name */")
    print("static const struct const_row consts[] = {")
    for n in all_names:
        bits, neg = tables[base][0].get(n, (0, 0))
        flags = flags_of(n, neg, errnos, tables[base][0])
        print("\t{ %d, 0x%x, 0x%x, %s }," % (at[n], bits & 0xffffffff, bits >> 32,
                                           " | ".join(flags) or "0"))
    print("};")
    index = {n: i for i, n in enumerate(all_names)}
    for abi, (values, _) in tables.items():
        print("\n/* where %s differs: row of consts, value, flags */" % abi)
        print("static const struct const_row differs_%s[] = {" % abi)
        for n in all_names:
            if values.get(n) == tables[base][0].get(n):
                continue
            bits, neg = values.get(n, (0, 0))
            flags = flags_of(n, neg, errnos, values)
            print("\t{ %d, 0x%x, 0x%x, %s }, /* %s */"
                  % (index[n], bits & 0xffffffff, bits >> 32,
                     " | ".join(flags) or "0", n))
        print("\t{ UINT32_MAX, 0, 0, 0 },")
        print("};")


main()
