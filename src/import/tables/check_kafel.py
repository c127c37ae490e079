#!/usr/bin/env python3
"""Compares what kafel's arguments are here with kafel's own table.

    check_kafel.py WEIR KAFEL      WEIR: the command, KAFEL: kafel's source tree

For each call of src/syscalls/amd64_syscalls.c a policy tests every argument by its
name; what it is imported as says which word is meant, and how much of it. What
differs belongs into kafel.def.
"""
import re
import subprocess
import sys

CALL = re.compile(r'\{"(\w+)",\s*(\d+),\s*\{(.*?)\}\},', re.S)
ARGUMENT = re.compile(r'\[ARG_(\d)\]\s*=\s*\{"(\w+)",\s*(\d+)\}')


def imported(weir, policy):
    done = subprocess.run([weir, "policy", "-q", "--from", "kafel", "-a", "x86_64",
                           "-f", "policy", "-"], input=policy, capture_output=True,
                          text=True, check=False)
    return done.stdout or done.stderr


def main():
    weir, kafel = sys.argv[1:]
    with open(kafel + "/src/syscalls/amd64_syscalls.c", encoding="utf-8") as f:
        text = f.read()
    calls = differ = arguments = 0
    for call, _, body in CALL.findall(text):
        calls += 1
        for word, name, size in ARGUMENT.findall(body):
            if name.startswith("_"):
                continue  # kafel's own lexer takes no such name
            arguments += 1
            want = "args[%s]" % word if size == "8" else "u32(args[%s])" % word
            got = imported(weir, "DENY { %s { %s == 77 } }" % (call, name))
            if " if %s == 77\n" % want not in got:
                differ += 1
                print("%s %s: expected %s, got: %s" % (call, name, want, got.strip()))
    print("%d calls, %d arguments, %d differ" % (calls, arguments, differ))
    return 1 if differ or not calls else 0


if __name__ == "__main__":
    sys.exit(main())
