#!/usr/bin/env python3
"""Suggests rows for names.txt: arguments that the manual page of a call names
otherwise than the kernel. A row is suggested only where the page's prototype
has as many arguments as the kernel's, with pointers in the same places, and
where its name is not the kernel's name of another argument. To be reviewed:
the pages describe libc's wrappers.

    gen_calls.py --list ... | suggest_names.py MANDIR
"""
import glob
import gzip
import os
import re
import sys


def prototypes(path):
    text = gzip.open(path, "rt", errors="replace").read()
    text = text.replace("\\\n", "")
    m = re.search(r"^\.SH SYNOPSIS(.*?)^\.SH ", text, re.S | re.M)
    out = ""
    for line in (m.group(1) if m else "").split("\n"):
        if line.startswith((".BI ", ".B ", ".BR ")):
            out += " " + "".join(q or w for q, w in
                                 re.findall(r'"([^"]*)"|(\S+)', line.split(None, 1)[1]))
    out = re.sub(r"\\f.|/\*.*?\*/", "", out)
    return {n: a for n, a in re.findall(r"(\w+)\(((?:[^()]|\([^()]*\))*)\)\s*;", out)}, \
        [(n, a) for n, a in re.findall(r"syscall\(SYS_(\w+),?((?:[^()]|\([^()]*\))*)\)\s*;", out)]


def parse(text):
    args = []
    for part in text.split(","):
        part = part.strip()
        if part in ("", "void"):
            continue
        m = re.match(r"(.*?)\b(\w+)(\[.*\])?$", part)
        if not m:
            return None
        args.append(("*" in m.group(1) or bool(m.group(3)), m.group(2)))
    return args


def main():
    pages = {}
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.2.gz"))):
        plain, direct = prototypes(path)
        for n, a in list(plain.items()):
            pages.setdefault(n, a)
        for n, a in direct:
            pages[n] = a
    seen = set()
    for line in sys.stdin:
        m = re.match(r"(\S+) (\d+) (\S+) \S+ ?(.*)", line)
        abi, nr, name, args = m.groups()
        page = parse(pages[name]) if name in pages else None
        if not args or page is None:
            continue
        kernel = []
        for a in args.split(", "):
            n = re.match(r"(.*) (\w+):([ui]\d+)", a)
            kernel.append(("*" in n.group(1), n.group(2)))
        if len(kernel) != len(page) or [k[0] for k in kernel] != [p[0] for p in page]:
            continue
        for (_, k), (_, p) in zip(kernel, page):
            if k != p and p not in [x[1] for x in kernel] and (name, k) not in seen:
                seen.add((name, k))
                print("arg", name, k, p)


main()
