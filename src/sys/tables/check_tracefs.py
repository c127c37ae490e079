#!/usr/bin/env python3
"""Compares prototypes with those of the running kernel (as root, with tracefs).

    gen_calls.py --list ... | check_tracefs.py
"""
import os
import re
import sys

EVENTS = "/sys/kernel/tracing/events/syscalls/sys_enter_"
# What the tracepoint of a call is named after: its entry point.
ENTRY = {"stat": "newstat", "lstat": "newlstat", "fstat": "newfstat",
         "uname": "newuname", "sendfile": "sendfile64", "umount2": "umount"}


def traced(name):
    path = EVENTS + ENTRY.get(name, name) + "/format"
    if not os.path.exists(path):
        return None
    fields = re.findall(r"field:([^;]*);\s*offset:(\d+)", open(path).read())
    out = []
    for text, offset in fields:
        if int(offset) >= 16:
            m = re.match(r"(.*?)(\w+)$", text.strip())
            out.append(m.groups())
    return out


def normal(ctype):
    ctype = re.sub(r"\bunsigned\b(?! (int|long))", "unsigned int", ctype)
    return re.sub(r"\b(const|struct) |\s", "", ctype)


def main():
    same = differ = missing = 0
    for line in sys.stdin:
        abi, nr, name, _, args = re.match(r"(\S+) (\d+) (\S+) (\S+) ?(.*)", line).groups()
        if abi != "x86_64":
            continue
        kernel = traced(name)
        if kernel is None:
            missing += 1
            continue
        ours = [re.match(r"(.*?)(\w+):\w+$", a).groups()
                for a in args.split(", ") if a]
        if [(normal(t), n) for t, n in ours] == [(normal(t), n) for t, n in kernel]:
            same += 1
        else:
            differ += 1
            print("%s: ours %s\n%s  kernel %s" % (name, ours, " " * len(name), kernel))
    print("%d the same, %d differ, %d not traced" % (same, differ, missing))


main()
