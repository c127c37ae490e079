#!/usr/bin/env python3
"""Writes consts.inc: the constants that policies may name, per ABI.

    gen_consts.py --headers DIR > consts.inc
    gen_consts.py --headers DIR --list ABI [COMPILER ...]
    gen_consts.py --add-to consts.inc > new && mv new consts.inc

DIR/ARCH/usr/include has the kernel's headers for each architecture (README.md
says how they get there). What the kernel does not export (AF_*, SOCK_*, MSG_*,
SOL_*, SPLICE_F_*, MNT_*) is from the libc6-dev packages of each ABI. A compiler
for the ABI works the values out. A row has the value that most tables have; what
others have in its place is listed for each. The last form only adds what
newer-consts.txt says, and needs neither headers nor compilers.
"""
import argparse
import collections
import os
import re
import struct
import subprocess
import sys
import tempfile

from pack import pack

CLANG = ["clang", "-target"]
# loongarch64 has no compiler in Debian 12; riscv64's lays things out alike.
LOONGARCH = CLANG + ["riscv64-linux-gnu", "-U__riscv", "-U__riscv_xlen",
                     "-D__loongarch__", "-D__loongarch_grlen=64", "-D__loongarch64"]
# A table of abis.def: the kernel's name of the architecture, libc's headers, and a
# compiler for the kernel's headers (libc's take the last one's, where there are two).
ABIS = {
    "x86_64": ("x86", "/usr/x86_64-linux-gnu", CLANG + ["x86_64-linux-gnu"]),
    "i386": ("x86", "/usr/i686-linux-gnu", CLANG + ["i386-linux-gnu"]),
    "x32": ("x86", "/usr/x86_64-linux-gnux32", CLANG + ["x86_64-linux-gnux32"]),
    "arm": ("arm", "/usr/arm-linux-gnueabihf", CLANG + ["arm-linux-gnueabihf"]),
    "aarch64": ("arm64", "/usr/aarch64-linux-gnu", CLANG + ["aarch64-linux-gnu"]),
    "riscv64": ("riscv", "/usr/riscv64-linux-gnu", CLANG + ["riscv64-linux-gnu"]),
    "loongarch64": ("loongarch", "/usr/riscv64-linux-gnu", LOONGARCH,
                    CLANG + ["riscv64-linux-gnu"]),
    "ppc64": ("powerpc", "/usr/powerpc64-linux-gnu", CLANG + ["powerpc64-linux-gnu"]),
    "ppc": ("powerpc", "/usr/powerpc-linux-gnu", CLANG + ["powerpc-linux-gnu"]),
    "s390x": ("s390", "/usr/s390x-linux-gnu", CLANG + ["s390x-linux-gnu"]),
    # There is no compiler for 31 bits; ppc's has words and alignments like it.
    "s390": ("s390", "/usr/s390x-linux-gnu",
             CLANG + ["powerpc-linux-gnu", "-U__powerpc__", "-U__PPC__", "-D__s390__"]),
    "mips": ("mips", "/usr/mips-linux-gnu", CLANG + ["mips-linux-gnu"]),
    "mips64": ("mips", "/usr/mips64-linux-gnuabi64", CLANG + ["mips64-linux-gnuabi64"]),
    "mips64n32": ("mips", "/usr/mips64-linux-gnuabin32",
                  CLANG + ["mips64-linux-gnuabin32"]),
    "m68k": ("m68k", "/usr/m68k-linux-gnu", CLANG + ["m68k-linux-gnu"]),
    "parisc": ("parisc", "/usr/hppa-linux-gnu", ["hppa-linux-gnu-gcc-12"]),
    "parisc64": ("parisc", "/usr/hppa-linux-gnu",
                 CLANG + ["powerpc64-linux-gnu", "-U__powerpc__", "-U__powerpc64__",
                          "-D__hppa__", "-D__LP64__"], ["hppa-linux-gnu-gcc-12"]),
    "sh": ("sh", "/usr/sh4-linux-gnu", ["sh4-linux-gnu-gcc-12"]),
}

KERNEL = """
asm/errno.h asm/ioctls.h asm/ldt.h asm/prctl.h asm/ptrace.h asm/ptrace-abi.h
asm/resource.h asm/termbits.h asm/termios.h asm/cachectl.h asm/sysmips.h
linux/aio_abi.h
linux/bpf.h linux/capability.h linux/close_range.h linux/eventpoll.h
linux/fanotify.h linux/fcntl.h linux/fiemap.h linux/filter.h linux/fs.h
linux/fscrypt.h linux/fsverity.h linux/futex.h linux/if_alg.h linux/if_ether.h
linux/if_packet.h linux/if_tun.h linux/in.h linux/in6.h linux/inotify.h
linux/io_uring.h linux/ioprio.h linux/ipc.h linux/kcmp.h linux/kd.h
linux/kexec.h linux/keyctl.h linux/kvm.h linux/landlock.h linux/loop.h
linux/lsm.h linux/membarrier.h linux/memfd.h linux/mempolicy.h linux/mman.h
linux/module.h linux/mount.h linux/mqueue.h linux/msg.h linux/net.h
linux/netlink.h linux/nsfs.h linux/openat2.h linux/perf_event.h
linux/personality.h linux/pidfd.h linux/poll.h linux/prctl.h linux/ptrace.h
linux/quota.h linux/random.h linux/reboot.h linux/resource.h linux/rseq.h
linux/rtc.h linux/sched.h linux/seccomp.h linux/sem.h linux/serial.h
linux/signal.h linux/signalfd.h linux/sockios.h linux/stat.h linux/tcp.h
linux/time.h linux/timerfd.h linux/timex.h linux/tty.h linux/udp.h linux/uio.h
linux/userfaultfd.h linux/vhost.h linux/vt.h linux/wait.h linux/xattr.h
asm/mman.h asm/shmbuf.h asm/signal.h asm/socket.h asm/stat.h linux/shm.h
""".split()
# Of these, what ioctl takes as a request.
REQUESTS = """
drm/drm.h linux/android/binder.h linux/auto_fs.h linux/blkpg.h linux/blkzoned.h
linux/btrfs.h linux/cdrom.h linux/cec.h linux/dm-ioctl.h linux/dma-buf.h
linux/dma-heap.h linux/ext4.h linux/f2fs.h linux/fb.h linux/fd.h linux/fsmap.h
linux/fuse.h linux/gpio.h linux/hdreg.h linux/hiddev.h linux/hidraw.h
linux/hpet.h linux/i2c-dev.h linux/input.h linux/iommufd.h linux/joystick.h
linux/lirc.h linux/lp.h linux/media.h linux/msdos_fs.h linux/mtio.h linux/nbd.h
linux/nvme_ioctl.h linux/nvram.h linux/ppdev.h linux/ppp-ioctl.h linux/pps.h
linux/pr.h linux/ptp_clock.h linux/rfkill.h linux/rpmsg.h
linux/spi/spidev.h linux/suspend_ioctls.h linux/sync_file.h linux/tee.h
linux/udmabuf.h linux/uinput.h linux/usbdevice_fs.h linux/v4l2-subdev.h
linux/vfio.h linux/videodev2.h linux/watch_queue.h
linux/watchdog.h mtd/mtd-abi.h mtd/ubi-user.h sound/asequencer.h sound/asound.h
sound/compress_offload.h
""".split()
REQUEST = re.compile(r"\b(_IOC?|DRM_IO)(R|W|WR)?(_BAD)?\(|^(CDROM|DVD|HDIO_|I2C_|LP|VBI)\w+$")
LIBC = """
fcntl.h sys/socket.h sys/mount.h sys/epoll.h sys/eventfd.h sys/timerfd.h
sys/inotify.h sys/signalfd.h unistd.h sched.h sys/wait.h sys/mman.h errno.h
scsi/sg.h
""".split()
LIBC_NAMES = re.compile(r"(AF|PF|SOCK|MSG|SOL|SHUT|SPLICE_F|MNT|UMOUNT|SCM|F|"
                        r"EFD|TFD|SFD|EPOLL|P|W|R|X|MREMAP|MFD|SEEK)_\w+$|"
                        r"ENOTSUP$|UMOUNT_NOFOLLOW$|SG_\w+|STD\w+_FILENO$|W(NOHANG|UNTRACED|STOPPED|EXITED|"
                        r"CONTINUED|NOWAIT)$")
# Numbers that are no arguments: limits, guards, versions.
DROP = re.compile(r"_|KERNEL_VERSION|.*_H$|BITS_PER|.*_MAX$|NR_|NSIG$|SIGRTMAX$|"
                  r"(U?INT|PTRDIFF|SIZE|WCHAR|WINT|SIG_ATOMIC|[A-Z]?LONG|CHAR)"
                  r"[A-Z0-9_]*_(MIN|WIDTH)$|L_(INCR|SET|XTND)$|KVM_S390|KVM_PPC|"
                  r"BPF_FUNC_|BPF_FIB_|TCP_FLAG_|TCP_DATA_OFFSET|TCP_RESERVED_BITS|SIG_ERR$|PSCI_|"
                  r"TCP_NLA_|X86_(CR|EFLAGS)|.*_VECTOR$|V[RI]*NG_|VIRTIO_|"
                  r"KVM_REG_|KVM_TRC_|BPF_REG_|.*_REGNUM|(ELF|HWCAP|DRM_MODE)_|"
                  r"(ORIG_)?[ER]?(AX|BX|CX|DX|SI|DI|BP|SP|IP|FL|FLAGS)$|[CDEFGS]S$|"
                  r"R[0-9]+$|FRAME_SIZE$|UESP$|ARGOFFSET$|SS_?OFF")

# A name that C's own headers would give, and <linux/*.h> use in values.
PRELUDE = """#include <stddef.h>
#include <linux/types.h>
#include <linux/socket.h>
typedef __kernel_old_time_t time_t;
struct sockaddr { unsigned short sa_family; char sa_data[14]; };
"""


# What some of the kernel's headers include of libc's, as far as they need it.
STUBS = {"unistd.h": "", "sys/ioctl.h": "", "sys/types.h": "", "string.h": "",
         "stdlib.h": "", "sys/socket.h": "", "sys/time.h": "#include <linux/time.h>\n",
         "time.h": "#include <linux/time.h>\n"}
# And of libc's, where a package has them for some of its ABIs.
LIBC_STUBS = {"gnu/stubs-32.h": "", "gnu/stubs-o32_hard_2008.h": ""}


class Target:
    """A compiler and the headers that it reads."""

    def __init__(self, command, include, prelude=""):
        self.command, self.prelude, self.root = command, prelude, include
        self.include = ["-isystem", include]
        self.stubs = tempfile.TemporaryDirectory()
        for name, text in (STUBS if prelude else LIBC_STUBS).items():
            path = os.path.join(self.stubs.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        self.include += ["-idirafter", self.stubs.name]
        if prelude:
            self.include.append("-ffreestanding")

    def run(self, text, *flags):
        bound = "-ferror-limit=0" if self.command[0].startswith("clang") else "-fmax-errors=0"
        return subprocess.run([*self.command, "-nostdinc", *self.builtin(), *self.include,
                               "-w", "-x", "c", "-", "-D_GNU_SOURCE", bound, *flags],
                              input=text, capture_output=True, text=True)

    def builtin(self):
        """Where the compiler's own <stddef.h> is."""
        if not hasattr(self, "own"):
            found = subprocess.run([*self.command, "-print-file-name=include"],
                                   capture_output=True, text=True).stdout.strip()
            self.own = ["-isystem", found]
        return self.own

    def compile(self, text):
        """Errors, or the 64-bit numbers of the section that TEXT fills."""
        with tempfile.TemporaryDirectory() as d:
            r = self.run(text, "-c", "-o", d + "/consts.o")
            if r.returncode:
                return r.stderr, None
            with open(d + "/consts.o", "rb") as f:
                return r.stderr, section(f.read())


def section(elf):
    """The long longs in section ".values" of an object file."""
    end = "<" if elf[5] == 1 else ">"
    wide = elf[4] == 2
    at, = struct.unpack_from(end + ("Q" if wide else "I"), elf, 40 if wide else 32)
    size, n, names = struct.unpack_from(end + "HHH", elf, 58 if wide else 46)
    form = end + ("IIQQQQ" if wide else "IIIIII")
    rows = [struct.unpack_from(form, elf, at + i * size) for i in range(n)]
    for row in rows:
        name = elf[rows[names][4] + row[0]:]
        if name[:8] == b".values\0":
            return struct.unpack_from("%s%dq" % (end, row[5] // 8), elf, row[4])
    return ()


def names(target, headers):
    """{name: what it is defined as} of all in HEADERS that may be a constant."""
    text = target.prelude + "".join("#include <%s>\n" % h for h in headers)
    out = {}
    for line in target.run(text, "-E", "-dM").stdout.split("\n"):
        m = re.match(r"#define (\w+) (\S.*)", line)
        if m:
            out[m.group(1)] = m.group(2)
    plain = target.run(text, "-E", "-P").stdout
    for body in re.findall(r"\benum\b\s*\w*\s*\{(.*?)\}", plain, re.S):
        for part in body.split(","):
            m = re.match(r"\s*(\w+)", part)
            if m:
                out.setdefault(m.group(1), "")
    return {n: d for n, d in out.items()
            if re.match(r"[A-Z][A-Z0-9_a-z]*$", n) and not DROP.match(n)}


def evaluate(target, headers, wanted):
    """{name: (bits, negative)} of those that are integer constants."""
    wanted = sorted(wanted)
    head = target.prelude + "".join("#include <%s>\n" % h for h in headers) + \
        "const long long consts[] __attribute__((section(\".values\"))) = {\n"
    while True:
        text = head + "".join("(long long)(%s), (%s) < 0,\n" % (n, n) for n in wanted) + "};\n"
        errors, numbers = target.compile(text)
        if numbers is not None:
            break
        first = head.count("\n") + 1
        bad = {int(m) - first for m in re.findall(r"<stdin>:(\d+):\d+: error", errors)}
        bad = {i for i in bad if 0 <= i < len(wanted)}
        if not bad:
            sys.exit("gen_consts: %s\n%s" % (target.command, errors[:3000]))
        wanted = [n for i, n in enumerate(wanted) if i not in bad]
    return {n: (numbers[2 * i] & (1 << 64) - 1, int(numbers[2 * i + 1]))
            for i, n in enumerate(wanted)}


def sane(target, headers):
    """HEADERS that are there and can be read one after the other."""
    out = [h for h in headers if os.path.exists(os.path.join(target.root, h))]
    for h in set(headers) - set(out):
        sys.stderr.write("note: %s has no <%s>\n" % (target.root, h))
    while True:
        text = target.prelude + "".join("#include <%s>\n" % h for h in out)
        r = target.run(text, "-fsyntax-only")
        if not r.returncode:
            return out
        # The last one of those that an error came through.
        seen = re.findall(r"from <stdin>:(\d+)", r.stderr) + \
            re.findall(r"<stdin>:(\d+):", r.stderr)
        at = max(map(int, seen)) - target.prelude.count("\n") - 1
        sys.stderr.write("note: %s: <%s> does not go with the others\n%s\n" %
                         (target.root, out[at], r.stderr.split("\n")[0]))
        del out[at]


def errnos_of(target, header):
    """{name: whether it is another name of one}."""
    text = target.run("#include <%s>\n" % header, "-E", "-dM").stdout
    return {n: not v.isdigit() for n, v in
            re.findall(r"^#define (E[A-Z0-9]+) (\w+)$", text, re.M)}


def constants(headers, abi, command=None):
    arch, libc, *compilers = ABIS[abi]
    if command:
        compilers = [command]
    kernel = Target(compilers[0], "%s/%s/usr/include" % (headers, arch), PRELUDE)
    user = Target(compilers[-1], libc + "/include")
    good = sane(kernel, KERNEL)
    values = evaluate(kernel, good, names(kernel, good))
    good = sane(kernel, REQUESTS)
    more = {n for n, d in names(kernel, good).items()
            if n not in values and (REQUEST.search(d) or REQUEST.search(n))}
    values.update(evaluate(kernel, good, more))
    more = {n for n in names(user, LIBC) if LIBC_NAMES.match(n) and n not in values}
    values.update(evaluate(user, LIBC, more))
    # An errno that is defined as another one is not the name to print.
    errnos = errnos_of(kernel, "asm/errno.h")
    for n in errnos_of(user, "errno.h"):
        errnos.setdefault(n, True)
    return values, errnos


# --- output ------------------------------------------------------------------------

class Table:
    """What all ABIs have: a cell is (bits, flags)."""

    def __init__(self, tables):
        self.tables = tables
        self.names = sorted(set().union(*(v for v, _ in tables.values())))
        self.wide = []

    def cell(self, abi, name):
        values, errnos = self.tables[abi]
        if name not in values:
            return 0, "CONST_ABSENT"
        bits, negative = values[name]
        flags = ["CONST_NEGATIVE"] * negative
        if name in errnos:
            flags += ["CONST_ERRNO"] + ["CONST_ALIAS"] * errnos[name]
        if bits >> 32 != (0xffffffff if negative else 0):
            flags.append("CONST_WIDE")
            if bits not in self.wide:
                self.wide.append(bits)
            bits = self.wide.index(bits)
        return bits & 0xffffffff, " | ".join(flags) or "0"

    def common(self, name):
        count = collections.Counter(self.cell(abi, name) for abi in self.tables)
        return max(count, key=lambda c: (count[c], c[1] != "CONST_ABSENT"))


# --- constants of newer kernels ------------------------------------------------------

def decode(flags, lo, wide):
    """The value of a cell: its bits, and whether it is below zero."""
    if "CONST_WIDE" in flags:
        lo = wide[lo]
    elif "CONST_NEGATIVE" in flags:
        lo |= 0xffffffff << 32
    return lo, "CONST_NEGATIVE" in flags


def read_back(path):
    """The tables that an earlier run made, by ABI."""
    with open(path, encoding="ascii") as f:
        parts = re.split(r"static const .*?(\w+)\[\] =", f.read())
    parts = dict(zip(parts[1::2], parts[2::2]))
    names = re.findall(r'"([^"]*)\\0"', parts["const_strings"])
    base = [(m[0], int(m[1], 16)) for m in
            re.findall(r"CONST\(\d+, ([^)]*)\), (0x\w+)", parts["consts"])]
    wide = [int(m, 16) for m in re.findall(r"0x\w+", parts["const_wide"])]
    tables = {}
    for abi in ABIS:
        cells = list(base)
        for row, flags, lo in re.findall(r"{ (\d+), ([^,]*), (0x\w+) }", parts["differs_" + abi]):
            cells[int(row)] = flags, int(lo, 16)
        there = {n: c for n, c in zip(names, cells) if c[0] != "CONST_ABSENT"}
        tables[abi] = ({n: decode(*c, wide) for n, c in there.items()},
                       {n: "CONST_ALIAS" in c[0] for n, c in there.items()
                        if "CONST_ERRNO" in c[0]})
    return tables


def add_newer(tables):
    """Adds the constants of newer-consts.txt that TABLES lack."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "newer-consts.txt")
    with open(path, encoding="ascii") as f:
        for line in f:
            if not line.strip() or line.startswith("#"):
                continue
            abis, name, value = line.split()[:3]
            value = int(value, 0)
            for abi in tables if abis == "any" else abis.split(","):
                tables[abi][0].setdefault(name, (value & (1 << 64) - 1, value < 0))


def main():
    ap = argparse.ArgumentParser()
    what = ap.add_mutually_exclusive_group(required=True)
    what.add_argument("--headers")
    what.add_argument("--add-to", metavar="INC",
                      help="add newer-consts.txt to what an earlier run made")
    ap.add_argument("--list", metavar="ABI", help="print the values for one, for review")
    ap.add_argument("compiler", nargs="*")
    o = ap.parse_args()
    if o.list:
        values, _ = constants(o.headers, o.list, o.compiler)
        for n, (bits, negative) in sorted(values.items()):
            print(n, bits - (1 << 64) if negative else bits)
        return
    if o.add_to:
        tables = read_back(o.add_to)
    else:
        tables = {abi: constants(o.headers, abi) for abi in ABIS}
    add_newer(tables)
    table = Table(tables)
    print("/* Made by gen_consts.py; do not edit. */")
    print("static const char const_strings[] =")
    pack('"%s\\0"' % n for n in table.names)
    print(";\n")
    base = [table.common(n) for n in table.names]
    at, pos = [], 0
    for n in table.names:
        at.append(pos)
        pos += len(n) + 1
    print("/* name and flags, low 32 bits; by name */")
    print("static const struct const_row consts[] = {")
    pack("{ CONST(%d, %s), 0x%x }," % (p, flags, bits) for p, (bits, flags) in zip(at, base))
    print("};")
    for abi in table.tables:
        cells = [(i, table.cell(abi, n)) for i, n in enumerate(table.names)]
        print("\n/* where %s differs: row of consts, flags, value */" % abi)
        print("static const struct differ_row differs_%s[] = {" % abi)
        pack("{ %d, %s, 0x%x }," % (i, flags, bits)
             for i, (bits, flags) in cells if (bits, flags) != base[i])
        print("\t{ UINT16_MAX, 0, 0 },\n};")
    print("\n/* values of more than 32 bits */")
    print("static const uint64_t const_wide[] = {")
    pack("0x%x," % bits for bits in table.wide)
    print("};")


if __name__ == "__main__":
    main()
