#!/usr/bin/env python3
"""Writes calls.inc: numbers, prototypes and first kernels of every ABI's calls.

    gen_calls.py --source LINUX --man SYSCALLS.2.gz > calls.inc

LINUX is an unpacked linux-source package (its .tbl files give numbers and
entry points, its SYSCALL_DEFINE lines the prototypes); SYSCALLS.2.gz comes
from manpages-dev. What these do not say is in reviewed lists beside this
script: newer.txt, kernels.txt, types.txt, names.txt. README.md says more.
"""
import argparse
import gzip
import os
import re
import sys

from pack import pack

HERE = os.path.dirname(os.path.abspath(__file__))


# A table, where its numbers are, which of its columns of ABIs count, and in
# which column the entry point is (-1: the last, compat one if there is any).
# WORD: bits of an argument's word. ALIGN: a 64-bit argument of a 32-bit ABI
# begins at an even word (its halves have the byte order of the ABI). SPLIT:
# CONFIG_ARCH_SPLIT_ARG64, such arguments are two in the source. BORN: first
# kernel of the ABI. abis.def says which ABIs share a table.
X86 = "arch/x86/entry/syscalls/syscall_%s.tbl"
GENERIC = {"common", "64"}
ABIS = {
    "x86_64": dict(tbl=X86 % "64", columns={"common", "64"}, arch="x86"),
    "i386": dict(tbl=X86 % "32", columns={"i386"}, arch="x86", word=32, split=True),
    "x32": dict(tbl=X86 % "64", columns={"common", "x32"}, arch="x86",
                bit=0x40000000, born=(3, 4)),
    "arm": dict(tbl="arch/arm/tools/syscall.tbl", columns={"common"}, arch="arm",
                word=32, align=True),
    "aarch64": dict(tbl="scripts/syscall.tbl", arch="arm64", born=(3, 7),
                    columns=GENERIC | {"renameat", "rlimit", "memfd_secret"}),
    "riscv64": dict(tbl="scripts/syscall.tbl", arch="riscv", born=(4, 15),
                    columns=GENERIC | {"riscv", "rlimit", "memfd_secret"}),
    "loongarch64": dict(tbl="scripts/syscall.tbl", arch="loongarch", born=(5, 19),
                        columns=GENERIC),
    "ppc64": dict(tbl="arch/powerpc/kernel/syscalls/syscall.tbl", arch="powerpc",
                  columns={"common", "nospu", "64"}),
    "ppc": dict(tbl="arch/powerpc/kernel/syscalls/syscall.tbl", arch="powerpc",
                columns={"common", "nospu", "32"}, word=32, align=True, split=True),
    "s390x": dict(tbl="arch/s390/kernel/syscalls/syscall.tbl", arch="s390",
                  columns={"common", "64"}),
    "s390": dict(tbl="arch/s390/kernel/syscalls/syscall.tbl", arch="s390",
                 columns={"common", "32"}, word=32, entry=-1),
    "mips": dict(tbl="arch/mips/kernel/syscalls/syscall_o32.tbl", columns={"o32"},
                 arch="mips", word=32, align=True, base=4000),
    "mips64": dict(tbl="arch/mips/kernel/syscalls/syscall_n64.tbl",
                   columns={"common", "n64"}, arch="mips", base=5000),
    "mips64n32": dict(tbl="arch/mips/kernel/syscalls/syscall_n32.tbl",
                      columns={"n32"}, arch="mips", base=6000),
    "m68k": dict(tbl="arch/m68k/kernel/syscalls/syscall.tbl", columns={"common"},
                 arch="m68k", word=32),
    "parisc": dict(tbl="arch/parisc/kernel/syscalls/syscall.tbl", arch="parisc",
                   columns={"common", "32"}, word=32, split=True),
    "parisc64": dict(tbl="arch/parisc/kernel/syscalls/syscall.tbl", arch="parisc",
                     columns={"common", "64"}),
    "sh": dict(tbl="arch/sh/kernel/syscalls/syscall.tbl", columns={"common"},
               arch="sh", word=32),
}


def lines(name):
    """The lines of a reviewed list, without comments."""
    with open(os.path.join(HERE, name)) as f:
        for line in f:
            line = line.split("#")[0].strip()
            if line:
                yield line


# --- prototypes ------------------------------------------------------------

DEFINE = re.compile(
    r"^(\w*?)SYSCALL(32)?_DEFINE([0-6])\(\s*(\w+)\s*,?(.*?)\)\s*(?:\{|$)",
    re.S | re.M)
# What architectures define by hand.
FUNCTION = re.compile(
    r"^asmlinkage\s[\w\s*]*?\b(\w+)\s*\(([^{};]*?)\)\s*\{", re.S | re.M)
PAIR = "pair"  # the C type of two words that the source names together


def split_args(text):
    """'int, fd, char __user *, buf' to [('int', 'fd'), ...]."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    parts, depth, word = [], 0, ""
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append(word)
            word = ""
        else:
            word += c
    parts.append(word)
    parts = [" ".join(p.split()) for p in parts if p.strip()]
    out, i = [], 0
    while i < len(parts):
        pair = re.match(r"(?:compat_arg_u64|SC_ARG64|arg_u32p)\w*\((\w+)\)", parts[i])
        if pair:
            out.append((PAIR, pair.group(1)))
            i += 1
        else:
            out.append((parts[i], parts[i + 1]))
            i += 2
    return out


def clean_type(t):
    t = re.sub(r"\b(__user|__force|__bitwise|__unused|__maybe_unused)\b", "", t)
    t = " ".join(t.split())
    t = {"unsigned": "unsigned int", "const": "unsigned int"}.get(t, t)
    t = re.sub(r"\s*\*\s*", " *", t)
    return t.replace("* *", "**").strip()


def sources(root):
    """Every C file below ROOT that may define an entry point."""
    for top, dirs, files in os.walk(root):
        dirs[:] = sorted(d for d in dirs if d not in
                         ("tools", "drivers", "Documentation", "samples", "arch",
                          "scripts", "sound", "debian", "um"))
        for f in sorted(files):
            if f.endswith(".c"):
                yield os.path.join(top, f)


class Source:
    """What entry points are defined as, in the kernel's source."""

    def __init__(self, root):
        self.root, self.arch = root, {}
        self.generic = self.scan(root)
        for path in ("drivers/pci/syscall.c", "drivers/char/random.c"):
            self.add(os.path.join(root, path), *self.generic)

    def add(self, path, defines, functions):
        with open(path, errors="replace") as h:
            text = h.read()
        rel = os.path.relpath(path, self.root)
        if "SYSCALL" in text:
            for m in DEFINE.finditer(text):
                prefix, both, n, name, args = m.groups()
                if prefix in ("__", "_") or "##" in m.group(0):
                    continue
                row = (rel, text.count("\n", 0, m.start()) + 1, split_args(args))
                kinds = ["32"] if both else ["compat"] if prefix == "COMPAT_" else \
                    ["compat", "native"] if prefix == "PPC32_" else ["native"]
                for kind in kinds:
                    defines.setdefault((kind, name), []).append(row)
        if rel.startswith("arch/") and "asmlinkage" in text:
            for m in FUNCTION.finditer(text):
                row = (rel, text.count("\n", 0, m.start()) + 1,
                       text_proto(m.group(2)) if "pt_regs" not in m.group(2) else [])
                functions.setdefault(m.group(1), []).append(row)

    def scan(self, root):
        defines, functions = {}, {}
        for path in sources(root):
            self.add(path, defines, functions)
        return defines, functions

    def rows(self, row, entry):
        """The definitions of ENTRY ('sys_read', 'compat_sys_ioctl') for ABI ROW."""
        arch = row["arch"]
        if arch not in self.arch:
            self.arch[arch] = self.scan(os.path.join(self.root, "arch", arch))
        m = re.match(r"(?:__|old_)?(compat_)?(?:sys(?:32)?_)?(\w+?)(?:_wrapper)?$", entry)
        kinds = ["compat", "32", "native"] if m.group(1) else \
            ["32", "native"] if row.get("split") else ["native"]
        for defines, functions in (self.arch[arch], self.generic):
            if entry in functions:
                return functions[entry]
            for kind in kinds:
                if (kind, m.group(2)) in defines:
                    return defines[kind, m.group(2)]
        return []


# --- types -------------------------------------------------------------------

NARROW = {"umode_t": (16, 0), "compat_mode_t": (16, 0)}
INTS = {
    "int", "pid_t", "compat_pid_t", "clockid_t", "timer_t", "key_t",
    "key_serial_t", "mqd_t", "rwf_t", "__s32", "s32", "compat_int_t",
    "compat_time_t", "old_time32_t", "enum", "__kernel_rwf_t",
}
UINTS = {
    "unsigned int", "u32", "__u32", "uint32_t", "uid_t", "gid_t", "qid_t",
    "compat_uint_t", "compat_size_t", "compat_ulong_t", "compat_uptr_t",
    "compat_aio_context_t", "old_uid_t", "old_gid_t", "unsigned", "uint",
}
SIGNED_LONGS = {"long", "off_t", "ssize_t", "time_t", "__kernel_old_time_t",
                "__kernel_time_t", "ptrdiff_t"}
LONGS = {"unsigned long", "size_t", "uintptr_t", "aio_context_t", "old_sigset_t",
         "__kernel_ulong_t", "cap_user_header_t", "cap_user_data_t"}
COMPAT_SIGNED = {"compat_long_t", "compat_off_t", "compat_ssize_t", "rwf_t"}
S64 = {"loff_t", "s64", "__s64"}
U64 = {"u64", "__u64"}
POINTER_TYPES = {"__sighandler_t", "cap_user_header_t", "cap_user_data_t",
                 "siginfo_t", "sigset_t"}


def classify(ctype, word):
    """(width, signed, pointer) of what the kernel reads of an argument."""
    base = re.sub(r"\bconst\b", "", ctype)
    base = " ".join(base.split())
    if "*" in base or base in POINTER_TYPES:
        return word, 0, 1
    if base == "compat_uptr_t":
        return 32, 0, 1
    if base in NARROW:
        return NARROW[base] + (0,)
    if base in ("old_uid_t", "old_gid_t"):
        return 16, 0, 0
    if base in INTS or base.startswith("enum "):
        return 32, 1, 0
    if base in COMPAT_SIGNED:
        return 32, 1, 0
    if base in UINTS:
        return 32, 0, 0
    if base == "u16":
        return 16, 0, 0
    if base in SIGNED_LONGS:
        return word, 1, 0
    if base in LONGS:
        return word, 0, 0
    if base in S64:
        return 64, 1, 0
    if base in U64:
        return 64, 0, 0
    sys.stderr.write("error: which width has '%s'?\n" % ctype)
    choose.failed = True
    return 32, 0, 0


# --- reviewed lists ------------------------------------------------------------

def read_kernels(path):
    """{name: (x, y)} of syscalls(2)."""
    out = {}
    with gzip.open(path, "rt", errors="replace") as f:
        for line in f:
            m = re.match(r"\\fB(\w+)\\fP\(2\)\t([^\t\n]*)", line)
            if not m:
                continue
            v = re.match(r"(\d+)\.(\d+)", m.group(2).split(";")[0].strip())
            if v:
                out[m.group(1)] = (int(v.group(1)), int(v.group(2)))
    return out


def read_list(name, fields):
    return [line.split(None, fields - 1) for line in lines(name)]


class Types:
    """types.txt: what the kernel does with an argument against its type."""

    def __init__(self):
        self.rows, self.used = {}, set()
        for line in lines("types.txt"):
            kind, abis, call, rest = (line.split(None, 3) + [""])[:4]
            for abi in abis.split(","):
                if kind == "width":
                    arg, t = rest.split()[:2]
                    self.rows[kind, abi, call, arg] = (int(t[1:]), int(t[0] == "i"))
                elif kind == "split":
                    name, lo, hi, t = rest.split()[:4]
                    self.rows.setdefault((kind, abi, call), []).append((name, lo, hi, t))
                elif kind == "pad":
                    self.rows[kind, abi, call, rest] = True
                elif kind == "pair":
                    arg, t = rest.split()
                    self.rows[kind, abi, call, arg] = t
                elif kind == "proto":
                    self.rows[kind, abi, call] = rest
                else:
                    raise SystemExit("types.txt: %s" % line)

    def find(self, kind, abi, *more):
        for a in (abi, "any"):
            if (kind, a) + more in self.rows:
                self.used.add((kind, a) + more)
                return self.rows[(kind, a) + more]
        return None

    def check(self):
        for key in self.rows:
            if key not in self.used:
                raise SystemExit("types.txt: %s names nothing" % (key,))


def text_proto(text):
    """'int fd, char *buf' to [('int', 'fd'), ('char *', 'buf')]."""
    out = []
    for part in text.split(","):
        if part.strip() in ("", "void", "-"):
            continue
        m = re.match(r"(.*?)(\w+)$", part.strip())
        out.append((m.group(1).strip(), m.group(2)))
    return out


# --- the calls of an ABI ---------------------------------------------------------

def choose(source, entry, types, abi, name):
    """The arguments of ENTRY ('sys_read', 'compat_sys_ioctl')."""
    proto = types.find("proto", abi, name)
    if proto is not None:
        return None if proto == "unknown" else text_proto(proto)
    if not entry or entry == "sys_ni_syscall":
        return None
    # What stands in for parts that are left out is not what runs here.
    rows = [r for r in source.rows(ABIS[abi], entry)
            if r[0] not in ("mm/nommu.c", "kernel/time/posix-stubs.c")]
    if not rows:
        sys.stderr.write("error: %s %s: no definition of %s\n" % (abi, name, entry))
        choose.failed = True
        return None
    kinds = {tuple((clean_type(t), a) for t, a in r[2]) for r in rows}
    if len(kinds) > 1:
        sys.stderr.write("error: %s %s is ambiguous, say which in types.txt:\n%s\n"
                         % (abi, name, "\n".join(map(str, rows))))
        choose.failed = True
    return rows[0][2]


def place(abi, args):
    """[(ctype, name, first word, second or None)]: where the words of ARGS are."""
    row, out, word = ABIS[abi], [], 0
    for ctype, name in args:
        ctype = clean_type(ctype)
        two = ctype == PAIR or row.get("word") == 32 and ctype in S64 | U64
        if two and ctype != PAIR and row.get("align"):
            word += word & 1
        if word + two < 6:
            out.append((ctype, name, word, word + 1 if two else None))
        word += 1 + two
    return out


def make_args(abi, call, args, types):
    """[(ctype, name, width, signed, pointer, lo, hi)] with pairs joined."""
    word, out = ABIS[abi].get("word", 64), []
    placed = place(abi, args)
    index = {name: first for _, name, first, _ in placed}
    pairs, gone = {}, set()
    for name, lo, hi, t in types.find("split", abi, call) or []:
        pairs[lo] = (name, index[hi], t)
        gone.add(hi)
    for ctype, name, first, second in placed:
        if name in gone or types.find("pad", abi, call, name):
            continue
        if name in pairs:
            name, second, ctype = pairs[name]
            out.append((ctype, name, 64, int(ctype in S64), 0, first, second))
            continue
        if ctype == PAIR:
            ctype = types.find("pair", abi, call, name) or "loff_t"
        if second:  # in the order of the ABI's bytes
            out.append((ctype, name, 64, int(ctype in S64), 0, first, ORDERED))
            continue
        width, signed, pointer = classify(ctype, word)
        width = min(width, word)
        width, signed = types.find("width", abi, call, name) or (width, signed)
        out.append((ctype, name, min(width, word), signed, pointer, first, -1))
    return out


ORDERED = -2  # as the second word: the one behind the first, in the ABI's order


def numbers_of(abi, root):
    """{number: (name, entry point)}, from the table of ABI."""
    row, calls = ABIS[abi], {}
    with open(os.path.join(root, row["tbl"])) as f:
        for line in f:
            part = line.split("#")[0].split()
            if len(part) < 3 or part[1] not in row["columns"]:
                continue
            entry = part[3] if len(part) > 3 else None
            if row.get("entry") == -1:
                entry = part[-1]
            if part[3:] and entry == "-":
                entry = "sys_ni_syscall"
            if re.match(r"(reserved|unused)\d+$", part[2]):
                continue
            calls[int(part[0]) + row.get("base", 0)] = (part[2], entry)
    return calls


def calls_of(abi, source, types, kernels):
    row = ABIS[abi]
    calls = numbers_of(abi, source.root)
    per_abi = {}
    for abis, name, v in read_list("kernels.txt", 3) + \
            [(r[0], r[2], r[3]) for r in read_list("newer.txt", 5)]:
        for a in abis.split(","):
            per_abi[a, name] = tuple(map(int, v.split(".")[:2]))
    out = []
    for nr, (name, entry) in sorted(calls.items()):
        args = choose(source, entry, types, abi, name)
        since = per_abi.get((abi, name)) or per_abi.get(("any", name)) or \
            kernels.get(name) or (0, 0)
        since = max(since, row.get("born", (0, 0)))
        out.append((nr, name, since, args))
    have = {name for _, name, _, _ in out}
    for abis, nr, name, v, proto in read_list("newer.txt", 5):
        if abis != "any" and abi not in abis.split(","):
            continue
        nr = int(nr, 0) + row.get("base", 0)
        if name not in have and nr not in calls:
            out.append((nr, name, tuple(map(int, v.split("."))), text_proto(proto)))
    return sorted(out, key=lambda c: c[0])


def check_order(abi, calls):
    """Notes on first kernels: numbers are given out in order, so first kernels should be, too."""
    newest = (0, 0)
    for nr, name, since, _ in calls:
        if nr < 313 or nr in (335, 336) or nr >= 512:
            continue
        if since < newest and since != (0, 0):
            sys.stderr.write("note: %s %s(%d) is of %s, but an earlier number is of %s\n"
                             % (abi, name, nr, since, newest))
        if since == (0, 0):
            sys.stderr.write("note: %s %s(%d): first kernel unknown\n" % (abi, name, nr))
        newest = max(newest, since)


# --- output ------------------------------------------------------------------------

class Strings:
    def __init__(self):
        self.at, self.text, self.len = {"": 0}, [""], 1

    def add(self, s):
        if s not in self.at:
            self.at[s] = self.len
            self.text.append(s)
            self.len += len(s) + 1
        return self.at[s]


class Rows:
    """Rows of a table; equal ones are one."""

    def __init__(self):
        self.at, self.rows = {}, []

    def add(self, row):
        if row not in self.at:
            self.at[row] = len(self.rows)
            self.rows.append(row)
        return self.at[row]


class Names:
    """names.txt: manual pages' names of arguments, and other names of calls."""

    def __init__(self):
        self.alias, self.other, self.used = {}, [], set()
        for line in lines("names.txt"):
            part = line.split()
            if part[0] == "arg":
                self.alias[part[1], part[2]] = part[3]
            elif part[0] == "call":
                self.other += [(abi, *part[2:4]) for abi in part[1].split(",")]
            else:
                raise SystemExit("names.txt: %s" % line)

    def of(self, call, args):
        """The other names of a call's ARGS, "" where there is none."""
        out = []
        for arg in args:
            key = next((k for k in ((call, arg), ("any", arg)) if k in self.alias), None)
            self.used.add(key)
            man = self.alias.get(key, "")
            out.append("" if man in args else man)
        return out

    def check(self):
        for key in self.alias:
            if key not in self.used:
                raise SystemExit("names.txt: %s names nothing" % (key,))


def print_list(abi, nr, name, since, made):
    print(abi, nr, name, "%d.%d" % since, ", ".join(
        "%s %s:%s%d%s" % (a[0], a[1], "ui"[a[3]], a[2],
                          "/%d,%d" % a[5:] if a[6] >= 0 else
                          "/%d" % a[5] if a[6] == ORDERED else "")
        for a in made))


# How a number is written in 16 bits: those of arm's own calls are 0xf0000 and up.
def short(nr):
    if 0xf0000 <= nr <= 0xf0fff:
        return nr - 0xf0000 + 0xf000
    if nr >= 0xf000:
        raise SystemExit("gen_calls: number %d has no place" % nr)
    return nr


def print_table(abi, rows, names, strings):
    print("\n/* number, name, first kernel, 1 + row of proto_rows */")
    print("static const struct call_row calls_%s[] = {" % abi)
    pack("{ %d, %d, 0x%x, %d }," % (short(nr), *row[:3]) for nr, *row in rows)
    print("};\n")
    index = [(name, i) for i, (_, _, _, _, name) in enumerate(rows)]
    known = dict(index)
    if len(known) < len(rows):
        raise SystemExit("gen_calls: %s has a name twice" % abi)
    for a, name, real in names.other:
        if a != abi:
            continue
        if name in known:
            raise SystemExit("names.txt: %s has a call %s" % (a, name))
        index.append((name, known[real]))
    print("/* the same by name, and its other names: name, row */")
    print("static const struct name_row names_%s[] = {" % abi)
    pack("{ %d, %d }," % (strings.add(name), i) for name, i in sorted(index))
    print("};")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--source", required=True)
    ap.add_argument("--man", required=True)
    ap.add_argument("--list", action="store_true",
                    help="print the prototypes, for review")
    o = ap.parse_args()
    types, kernels, names = Types(), read_kernels(o.man), Names()
    source = Source(o.source)
    strings, args, protos = Strings(), Rows(), Rows()
    tables = []
    for abi in ABIS:
        rows, calls = [], calls_of(abi, source, types, kernels)
        if ABIS[abi]["arch"] == "x86":
            check_order(abi, calls)
        for nr, name, since, plain in calls:
            proto = 0
            if plain is not None:
                made = make_args(abi, name, plain, types)
                if o.list:
                    print_list(abi, nr, name, since, made)
                other = names.of(name, [a[1] for a in made])
                ids = [args.add((strings.add(a[1]), strings.add(man), strings.add(a[0]),
                                 *a[2:])) for a, man in zip(made, other)]
                proto = 1 + protos.add(tuple(ids))
            rows.append((nr, strings.add(name), since[0] << 8 | since[1], proto, name))
        tables.append((abi, rows))
    if getattr(choose, "failed", False):
        raise SystemExit(1)
    types.check()
    names.check()
    if o.list:
        return
    for _, name, _ in names.other:
        strings.add(name)
    if strings.len > 0xffff:
        raise SystemExit("gen_calls: too many strings for 16 bits")
    print("/* Made by gen_calls.py; do not edit. */")
    print("static const char call_strings[] =")
    pack('"%s\\0"' % text for text in strings.text)
    print(";\n")
    print("/* name, alias, C type, width, signed, pointer, low word, high word */")
    print("static const struct arg_row arg_rows[] = {")
    pack("{ %s }," % ", ".join(map(str, r)) for r in args.rows)
    print("};\n")
    print("/* number of arguments, rows of arg_rows */")
    print("static const struct proto_row proto_rows[] = {")
    pack("{ %d, { %s } }," % (len(r), ", ".join(map(str, r)) or "0")
         for r in protos.rows)
    print("};")
    for abi, rows in tables:
        print_table(abi, rows, names, strings)


if __name__ == "__main__":
    main()
