#!/usr/bin/env python3
"""The constants of policies against the headers of this machine.

    policy_consts.py [all | ABI...]

The tables were made from the kernel's own source; here a compiler for each ABI
reads the headers that are installed (linux-libc-dev, and linux-libc-dev-*-cross
with libc6-dev-*-cross for other ABIs) and is asked to assert each value. What the
headers do not have is not compared; ABIs without headers or compiler are left out.
On Debian, libc6-dev-mips-cross and the like bring headers, clang is the compiler.
Differences that are right are in policy_consts.txt, with the reason.
"""
import collections
import os
import re
import shutil
import subprocess
import sys

SOURCE = os.environ.get("top_srcdir", ".")
BUILD = os.environ.get("top_builddir", ".")
sys.path.insert(0, os.path.join(SOURCE, "src/sys/tables"))
sys.dont_write_bytecode = True
import gen_consts  # for its list of headers

CLANG = ["clang", "-target"]
HOST = ["/usr/include", "/usr/include/x86_64-linux-gnu"]
# ABI: where headers may be, and who may read them.
ABIS = {
    "x86_64": (HOST, [["cc", "-m64"], CLANG + ["x86_64-linux-gnu"]]),
    "i386": (HOST, [["cc", "-m32"], CLANG + ["i386-linux-gnu"]]),
    "x32": (HOST, [["cc", "-mx32"], CLANG + ["x86_64-linux-gnux32"]]),
    "arm": ("arm-linux-gnueabihf", [CLANG + ["arm-linux-gnueabihf"]]),
    "aarch64": ("aarch64-linux-gnu", [CLANG + ["aarch64-linux-gnu"]]),
    "riscv64": ("riscv64-linux-gnu", [CLANG + ["riscv64-linux-gnu"]]),
    "ppc64le": ("powerpc64le-linux-gnu", [CLANG + ["powerpc64le-linux-gnu"]]),
    "ppc64": ("powerpc64-linux-gnu", [CLANG + ["powerpc64-linux-gnu"]]),
    "ppc": ("powerpc-linux-gnu", [CLANG + ["powerpc-linux-gnu"]]),
    "s390x": ("s390x-linux-gnu", [CLANG + ["s390x-linux-gnu"]]),
    "mips": ("mips-linux-gnu", [CLANG + ["mips-linux-gnu"]]),
    "mipsel": ("mipsel-linux-gnu", [CLANG + ["mipsel-linux-gnu"]]),
    "mips64": ("mips64-linux-gnuabi64", [CLANG + ["mips64-linux-gnuabi64"]]),
    "mipsel64": ("mips64el-linux-gnuabi64", [CLANG + ["mips64el-linux-gnuabi64"]]),
    "mips64n32": ("mips64-linux-gnuabin32", [CLANG + ["mips64-linux-gnuabin32"]]),
    "mipsel64n32": ("mips64el-linux-gnuabin32", [CLANG + ["mips64el-linux-gnuabin32"]]),
    "m68k": ("m68k-linux-gnu", [CLANG + ["m68k-linux-gnu"]]),
    "parisc": ("hppa-linux-gnu", [["hppa-linux-gnu-gcc-12"], ["hppa-linux-gnu-gcc"]]),
    "sh": ("sh4-linux-gnu", [["sh4-linux-gnu-gcc-12"], ["sh4-linux-gnu-gcc"]]),
}


# Each takes some seconds, so only these are compared if none is named: the one that
# everybody has headers for, and the one that differs most from it.
USUAL = ["x86_64", "mips"]


def ours():
    """{ABI: {name: value}}"""
    out = collections.defaultdict(dict)
    done = subprocess.run([os.path.join(BUILD, "tests/diff/policy_consts")],
                          capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        abi, name, value = line.split()
        out[abi][name] = int(value)
    return out


def explained():
    """{(ABI or any, name)} of policy_consts.txt."""
    with open(os.path.join(SOURCE, "tests/diff/policy_consts.txt")) as f:
        rows = (line.split("#")[0].split() for line in f)
        return {(row[0], name) for row in rows if row for name in row[1:]}


class Party:
    """A compiler that works, with the headers of an ABI."""

    def __init__(self, abi):
        where, commands = ABIS[abi]
        where = where if abi in ("x86_64", "i386", "x32") else ["/usr/%s/include" % where]
        self.include = [a for d in where for a in ("-isystem", d)]
        self.command = None
        if not os.path.exists(os.path.join(where[0], "linux/fcntl.h")):
            self.why = "no headers in %s" % where[0]
            return
        self.why = "no compiler"
        for command in commands:
            if shutil.which(command[0]):
                self.command = command
                if not self.run("#include <stddef.h>\nint x;\n"):
                    return
                self.why = "'%s' does not work" % " ".join(command)
        self.command = None

    def run(self, text):
        """What the compiler says of TEXT; "" if it is right."""
        done = subprocess.run([*self.command, *self.include, "-w", "-fsyntax-only", "-x", "c",
                               "-", "-D_GNU_SOURCE", "-ferror-limit=0"
                               if self.command[0] == "clang" else "-fmax-errors=0"],
                              input=text, capture_output=True, text=True)
        return done.stderr or "failed" if done.returncode else ""

    def headers(self, names):
        """Lines that include those of NAMES that are there and go together."""
        first = gen_consts.PRELUDE if "asm/errno.h" in names else ""
        good = [h for h in names
                if any(os.path.exists(os.path.join(d, h)) for d in self.include[1::2])]
        while True:
            text = first + "".join("#include <%s>\n" % h for h in good)
            said = self.run(text)
            if not said:
                return text
            at = [int(n) - first.count("\n") - 1
                  for n in re.findall(r"<stdin>:(\d+):", said)]
            del good[max(i for i in at if 0 <= i < len(good))]


def compare(party, values, text):
    """Names whose value is another one there, and how many are the same."""
    names = sorted(values)
    first = text.count("\n") + 1
    lines = []
    for n in names:
        v = values[n]
        lines.append("_Static_assert((unsigned long long)(long long)(%s) == 0x%xull && "
                     "((%s) < 0) == %d, \"differs\");" % (n, v & (1 << 64) - 1, n, v < 0))
    differ, missing = set(), set()
    said = party.run(text + "\n".join(lines) + "\n")
    for line, what in re.findall(r"^<stdin>:(\d+):\d+: (?:fatal )?error: (.*)", said, re.M):
        asserted = re.match("static assertion failed|static_assert failed", what)
        (differ if asserted else missing).add(names[int(line) - first])
    return differ - missing, len(names) - len(differ | missing)


def is_current():
    """Says whether consts.inc has what newer-consts.txt lists, and reads back as it is."""
    folder = os.path.join(SOURCE, "src/sys/tables")
    with open(os.path.join(folder, "consts.inc"), encoding="ascii") as f:
        was = f.read()
    made = subprocess.run([sys.executable, "-B", os.path.join(folder, "gen_consts.py"),
                           "--add-to", f.name], capture_output=True, text=True)
    if made.stdout != was:
        print("consts.inc: gen_consts.py --add-to makes another one %s" % made.stderr)
    return made.stdout == was


def main():
    tables, right, ran = ours(), explained(), 0
    failed = not is_current()
    for abi in ABIS if sys.argv[1:] == ["all"] else sys.argv[1:] or USUAL:
        party = Party(abi)
        if not party.command:
            print("%s: left out: %s" % (abi, party.why))
            continue
        ran += 1
        kernel = party.headers(gen_consts.KERNEL + gen_consts.REQUESTS)
        differ, same = compare(party, tables[abi], kernel)
        libc = {n: v for n, v in tables[abi].items() if gen_consts.LIBC_NAMES.match(n)}
        more, also = compare(party, libc, party.headers(gen_consts.LIBC))
        wrong = sorted(n for n in differ | more
                       if (abi, n) not in right and ("any", n) not in right)
        print("%s: %d the same in the kernel's headers, %d in libc's, %d differ"
              % (abi, same, also, len(wrong)))
        for n in wrong:
            print("    %s is %d here" % (n, tables[abi][n]))
        failed |= bool(wrong) or not same
    if not ran and not failed:
        print("skipped: no headers and compiler for any ABI")
        sys.exit(77)
    sys.exit(failed)


main()
