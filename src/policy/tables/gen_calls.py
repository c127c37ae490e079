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

HERE = os.path.dirname(os.path.abspath(__file__))

# An ABI, where its numbers are, which of the table's columns are its, and the
# size of a word and of a kernel long.
ABIS = {
    "x86_64": dict(tbl="arch/x86/entry/syscalls/syscall_64.tbl",
                   columns={"common", "64"}, arch="x86", word=64, bit=0),
    "i386": dict(tbl="arch/x86/entry/syscalls/syscall_32.tbl",
                 columns={"i386"}, arch="x86", word=32, bit=0),
    "x32": dict(tbl="arch/x86/entry/syscalls/syscall_64.tbl",
                columns={"common", "x32"}, arch="x86", word=64,
                bit=0x40000000, born=(3, 4)),
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
    r"^(COMPAT_|X86_)?SYSCALL_DEFINE([0-6])\(\s*(\w+)\s*,?(.*?)\)\s*(?:\{|$)",
    re.S | re.M)


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
        pair = re.match(r"(?:compat_arg_u64|SC_ARG64)\w*\((\w+)\)", parts[i])
        if pair:
            out += [("u32", pair.group(1) + "_lo"), ("u32", pair.group(1) + "_hi")]
            i += 1
        else:
            out.append((parts[i], parts[i + 1]))
            i += 2
    return out


def clean_type(t):
    t = re.sub(r"\b(__user|__force|__bitwise)\b", "", t)
    t = re.sub(r"\bunsigned$", "unsigned int", " ".join(t.split()))
    t = re.sub(r"\s*\*\s*", " *", t)
    return t.replace("* *", "**").strip()


def scan(source, arch):
    """{(compat, name): [(path, line, args)]} over what ARCH is built from."""
    found = {}
    for top, dirs, files in os.walk(source):
        rel = os.path.relpath(top, source)
        if rel == ".":
            dirs[:] = [d for d in dirs if d not in
                       ("tools", "drivers", "Documentation", "samples",
                        "scripts", "sound", "debian")]
        if rel == "arch":
            dirs[:] = [arch]
        if rel == "arch/" + arch:
            dirs[:] = [d for d in dirs if d != "um"]
        dirs.sort()
        for f in sorted(files):
            if not f.endswith(".c"):
                continue
            path = os.path.join(top, f)
            with open(path, errors="replace") as h:
                text = h.read()
            if "SYSCALL_DEFINE" not in text:
                continue
            for m in DEFINE.finditer(text):
                compat, n, name, args = m.groups()
                args = split_args(args)
                line = text.count("\n", 0, m.start()) + 1
                found.setdefault((compat == "COMPAT_", name), []).append(
                    (os.path.relpath(path, source), line, args))
    return found


# --- types -------------------------------------------------------------------

NARROW = {"umode_t": (16, 0)}
INTS = {
    "int", "pid_t", "compat_pid_t", "clockid_t", "timer_t", "key_t",
    "key_serial_t", "mqd_t", "rwf_t", "__s32", "s32", "compat_int_t",
    "compat_time_t", "old_time32_t", "enum", "__kernel_rwf_t",
}
UINTS = {
    "unsigned int", "u32", "__u32", "uint32_t", "uid_t", "gid_t", "qid_t",
    "compat_uint_t", "compat_size_t", "compat_ulong_t", "compat_uptr_t",
    "compat_aio_context_t", "old_uid_t", "old_gid_t", "unsigned",
}
SIGNED_LONGS = {"long", "off_t", "ssize_t", "time_t", "__kernel_old_time_t",
                "__kernel_time_t", "ptrdiff_t"}
LONGS = {"unsigned long", "size_t", "aio_context_t", "old_sigset_t",
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
    if base in SIGNED_LONGS:
        return word, 1, 0
    if base in LONGS:
        return word, 0, 0
    if base in S64:
        return 64, 1, 0
    if base in U64:
        return 64, 0, 0
    raise SystemExit("gen_calls: which width has '%s'?" % ctype)


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
        self.width, self.split, self.proto = {}, {}, {}
        for line in lines("types.txt"):
            kind, abi, call, rest = line.split(None, 3)
            if kind == "width":
                arg, t = rest.split()[:2]
                self.width[abi, call, arg] = (int(t[1:]), int(t[0] == "i"))
            elif kind == "split":
                name, lo, hi, t = rest.split()[:4]
                self.split.setdefault((abi, call), []).append((name, lo, hi, t))
            elif kind == "proto":
                self.proto[abi, call] = rest
            else:
                raise SystemExit("types.txt: %s" % line)
        self.used = set()

    def find(self, table, abi, call, *more):
        for a in (abi, "any"):
            if (a, call) + more in table:
                self.used.add((a, call) + more)
                return table[(a, call) + more]
        return None

    def check(self):
        for key in list(self.width) + list(self.split) + list(self.proto):
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

def choose(found, entry, types, abi, name):
    """The arguments of ENTRY ('sys_read', 'compat_sys_ioctl')."""
    proto = types.find(types.proto, abi, name)
    if proto is not None:
        return text_proto(proto)
    if not entry or entry == "sys_ni_syscall":
        return None
    compat = entry.startswith("compat_sys_")
    base = entry[len("compat_sys_" if compat else "sys_"):]
    rows = found.get((compat, base), [])
    if not rows:
        return None
    arch = [r for r in rows if r[0].startswith("arch/")]
    # kernel/sys_ni.c and !CONFIG_MMU twins are not what runs here.
    rows = arch or [r for r in rows if r[0] != "mm/nommu.c"]
    kinds = {tuple((clean_type(t), a) for t, a in r[2]) for r in rows}
    if len(kinds) > 1:
        sys.stderr.write("error: %s %s is ambiguous, say which in types.txt:\n%s\n"
                         % (abi, name, "\n".join(map(str, rows))))
        choose.failed = True
    return rows[0][2]


def make_args(abi, word, call, args, types):
    """[(ctype, name, width, signed, pointer, lo, hi)] with pairs joined."""
    out, skip = [], set()
    pairs = {}
    for name, lo, hi, t in types.find(types.split, abi, call) or []:
        pairs[lo] = (name, hi, t)
    index = {name: i for i, (_, name) in enumerate(args)}
    for i, (ctype, name) in enumerate(args):
        if i in skip:
            continue
        ctype = clean_type(ctype)
        if name in pairs:
            joined, hi, t = pairs[name]
            skip.add(index[hi])
            out.append((t, joined, 64, int(t in S64), 0, i, index[hi]))
            continue
        width, signed, pointer = classify(ctype, word)
        width = min(width, word)
        fixed = types.find(types.width, abi, call, name)
        if fixed:
            width, signed = fixed
        out.append((ctype, name, width, signed, pointer, i, -1))
    # A pair whose high word comes first leaves a hole to be skipped above.
    return [a for a in out if a[5] not in skip]


def calls_of(abi, source, found, types, kernels):
    row = ABIS[abi]
    calls = {}
    with open(os.path.join(source, row["tbl"])) as f:
        for line in f:
            part = line.split("#")[0].split()
            if len(part) < 3 or part[1] not in row["columns"]:
                continue
            nr, name = int(part[0]), part[2]
            calls[nr] = (name, part[3] if len(part) > 3 else None)
    per_abi = {}
    for a, name, v in read_list("kernels.txt", 3):
        per_abi[a, name] = tuple(map(int, v.split(".")[:2]))
    out = []
    for nr, (name, entry) in sorted(calls.items()):
        args = choose(found, entry, types, abi, name)
        since = per_abi.get((abi, name)) or per_abi.get(("any", name)) or \
            kernels.get(name) or (0, 0)
        since = max(since, ABIS[abi].get("born", (0, 0)))
        out.append((nr, name, since, args))
    have = {name for _, name, _, _ in out}
    for abis, nr, name, v, proto in read_list("newer.txt", 5):
        if abis != "any" and abi not in abis.split(","):
            continue
        if name not in have and int(nr) not in calls:
            out.append((int(nr), name, tuple(map(int, v.split("."))),
                        text_proto(proto)))
    return sorted(out, key=lambda c: c[0])


def check_order(abi, calls):
    """Numbers are given out in order, so first kernels should be, too."""
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


def read_names():
    """Manual pages' names of arguments, and other names of calls."""
    alias, other = {}, []
    for line in lines("names.txt"):
        part = line.split()
        if part[0] == "arg":
            alias[part[1], part[2]] = part[3]
        elif part[0] == "call":
            other.append(part[1:4])
        else:
            raise SystemExit("names.txt: %s" % line)
    return alias, other


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--source", required=True)
    ap.add_argument("--man", required=True)
    ap.add_argument("--list", action="store_true",
                    help="print the prototypes, for review")
    o = ap.parse_args()
    types, kernels = Types(), read_kernels(o.man)
    found = scan(o.source, "x86")
    alias, other = read_names()
    strings, args, protos = Strings(), Rows(), Rows()
    used_alias = set()
    tables = []
    for abi in ABIS:
        calls = calls_of(abi, o.source, found, types, kernels)
        check_order(abi, calls)
        rows = []
        for nr, name, since, plain in calls:
            proto = 0
            if plain is not None:
                made = make_args(abi, ABIS[abi]["word"], name, plain, types)
                if o.list:
                    print(abi, nr, name, "%d.%d" % since, ", ".join(
                        "%s %s:%s%d%s" % (a[0], a[1], "ui"[a[3]], a[2],
                                          "/%d,%d" % (a[5], a[6]) if a[6] >= 0 else "")
                        for a in made))
                ids = []
                for ctype, arg, width, signed, pointer, lo, hi in made:
                    man = alias.get((name, arg)) or alias.get(("any", arg)) or ""
                    if man:
                        used_alias.add((name, arg))
                        used_alias.add(("any", arg))
                    if man in [a[1] for a in made]:
                        man = ""
                    ids.append(args.add((strings.add(arg), strings.add(man),
                                         strings.add(ctype), width, signed,
                                         pointer, lo, hi)))
                proto = 1 + protos.add(tuple(ids))
            rows.append((nr | ABIS[abi]["bit"], strings.add(name),
                         since[0] << 16 | since[1], proto, name))
        tables.append((abi, rows))
    if getattr(choose, "failed", False):
        raise SystemExit(1)
    types.check()
    for key in alias:
        if key not in used_alias:
            raise SystemExit("names.txt: %s names nothing" % (key,))
    if o.list:
        return
    for _, name, _ in other:
        strings.add(name)
    print("/* Made by gen_calls.py; do not edit. */")
    print("static const char call_strings[] =")
    for s in strings.text:
        print('\t"%s\\0"' % s)
    print(";\n")
    print("/* name, alias, C type, width, signed, pointer, low word, high word */")
    print("static const struct arg_row arg_rows[] = {")
    for r in args.rows:
        print("\t{ %s }," % ", ".join(map(str, r)))
    print("};\n")
    print("/* number of arguments, rows of arg_rows */")
    print("static const struct proto_row proto_rows[] = {")
    for r in protos.rows:
        print("\t{ %d, { %s } }," % (len(r), ", ".join(map(str, r)) or "0"))
    print("};")
    for abi, rows in tables:
        print("\n/* number, name, first kernel, 1 + row of proto_rows */")
        print("static const struct call_row calls_%s[] = {" % abi)
        for nr, at, since, proto, name in rows:
            print("\t{ %s, %d, 0x%x, %d }, /* %s */"
                  % (hex(nr) if nr > 0xffff else nr, at, since, proto, name))
        print("};\n")
        index = [(name, i) for i, (_, _, _, _, name) in enumerate(rows)]
        known = {name: i for name, i in index}
        for a, name, real in other:
            if a == abi:
                if name in known:
                    raise SystemExit("names.txt: %s has a call %s" % (a, name))
                index.append((name, known[real]))
        print("/* the same by name, and its other names: name, row */")
        print("static const struct name_row names_%s[] = {" % abi)
        for name, i in sorted(index):
            print("\t{ %s, %d }," % (name_at(strings, name), i))
        print("};")


def name_at(strings, name):
    if name not in strings.at:
        raise SystemExit("gen_calls: '%s' came too late for the strings" % name)
    return strings.at[name]


if __name__ == "__main__":
    main()
