#!/usr/bin/env python3
"""Two builds of weir print the same: what a change that should change nothing is held to.

    tests/diff/same_output.py OLD                 OLD and build/weir, paths of programs
    tests/diff/same_output.py OLD NEW --levels 02 --stop-after 5

Each compiles every expression of the bench and of the reference vectors (WEIR_VECTORS),
what libpcap refuses too, every shipped policy and every profile, at every level, and prints
a few of them in other formats. Results and statuses must be the same byte for byte; messages
are counted apart, since they may be said better (--messages shows them).
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LEVELS = "0123s"
POLICY_FORMATS = ("policy", "c", "json", "oci")


def expressions(vectors):
    """(link type, expression), the bench's first."""
    with open(os.path.join(TOP, "tests/bench/expressions.tsv"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and line[0] != "#":
                yield tuple(line.split("\t")[:2])
    if vectors:
        with open(os.path.join(vectors, "everyday.tsv"), encoding="utf-8") as f:
            for line in f:
                yield tuple(line.split("\t")[:2])
        with open(os.path.join(vectors, "expressions.jsonl"), encoding="utf-8") as f:
            for line in f:
                row = json.loads(line)
                yield row["dlt"], row["expr"]


def refused(vectors):
    if vectors:
        with open(os.path.join(vectors, "rejected.jsonl"), encoding="utf-8") as f:
            for line in f:
                row = json.loads(line)
                yield row["dlt"], row["expr"]


def policies(vectors, directory):
    """Their paths; in DIRECTORY, so that nobody reads the parts that he was built with."""
    paths = []
    for name in sorted(os.listdir(os.path.join(TOP, "policies"))):
        with open(os.path.join(TOP, "policies", name), encoding="utf-8") as f:
            text = re.sub(r'^(\s*include\s+")(?=\w)', r"\1./", f.read(), flags=re.M)
        with open(os.path.join(directory, name), "w", encoding="utf-8") as f:
            f.write(text)
        paths.append("./" + name)
    if vectors:
        profiles = os.path.join(vectors, "profiles")
        paths += [os.path.join(profiles, name) for name in sorted(os.listdir(profiles))]
    return paths


def commands(levels, vectors, directory):
    for dlt, expression in dict.fromkeys(expressions(vectors)):
        for level in levels:
            yield ["packet", "-n", "-O" + level, "-ddd", "-y", dlt, "--", expression]
        yield ["packet", "-n", "--json", "-y", dlt, "--", expression]
    for dlt, expression in refused(vectors):
        yield ["packet", "-n", "-ddd", "-y", dlt, "--", expression]
    for path in policies(vectors, directory):
        for level in levels:
            yield ["policy", "-O" + level, "-ddd", path]
        for form in POLICY_FORMATS:
            yield ["policy", "-f", form, path]


def say(weir, command, directory):
    done = subprocess.run([weir] + command, capture_output=True, check=False, timeout=120,
                          stdin=subprocess.DEVNULL, cwd=directory,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"})
    return done.returncode, done.stdout, done.stderr


def compare(weirs, todo, directory, wanted):
    """Whether any result differs, or none is there."""
    different = messages = succeed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        pairs = pool.map(lambda c: (c, say(weirs[0], c, directory), say(weirs[1], c, directory)),
                         todo)
        for command, old, new in pairs:
            succeed += old[0] == 0
            if old[2] != new[2]:
                messages += 1
                if wanted.messages:
                    print("message: weir %s\n- %s\n+ %s" % (
                        " ".join(command), old[2].decode(errors="replace").rstrip(),
                        new[2].decode(errors="replace").rstrip()))
            if old[:2] != new[:2]:
                different += 1
                print("differs: weir %s: status %s, %d lines; status %s, %d lines" % (
                    " ".join(command), old[0], old[1].count(b"\n"), new[0],
                    new[1].count(b"\n")))
                if different == wanted.stop_after:
                    pool.shutdown(cancel_futures=True)
                    break
    print("%d commands, %d of them succeed; %d results differ, %d messages" % (
        len(todo), succeed, different, messages))
    return different > 0 or not succeed


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("old")
    arguments.add_argument("new", nargs="?", default=os.path.join(TOP, "build/weir"))
    arguments.add_argument("--levels", default=LEVELS)
    arguments.add_argument("--stop-after", type=int, default=0, help="so many differences")
    arguments.add_argument("--messages", action="store_true", help="show those that differ")
    wanted = arguments.parse_args()
    weirs = [os.path.abspath(path) for path in (wanted.old, wanted.new)]
    vectors = os.environ.get("WEIR_VECTORS")
    if not vectors:
        print("without the reference vectors: WEIR_VECTORS names no directory")
    with tempfile.TemporaryDirectory() as directory:
        sys.exit(compare(weirs, list(commands(wanted.levels, vectors, directory)), directory,
                         wanted))


main()
