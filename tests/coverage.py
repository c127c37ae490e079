#!/usr/bin/env python3
"""How many branches of launch/, net/, kernel/ and cli/ the tests take.

    tests/coverage.py                  build in build/coverage, run the tests, a table
    tests/coverage.py --list launch    the branches of launch/ that no test takes, too
    tests/coverage.py --no-run --list  the same of the last run
    tests/coverage.py --tests 'tests/cli/run.sh tests/unit/test_net'    only these

A branch is what gcov calls so, without optimization: each way out of each condition,
`a && b` having four. What `assert` may do is not counted. A source that is compiled
several times counts as taken what any of its objects took.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(TOP, "build", "coverage")
ROOMS = ["launch", "net", "kernel", "cli"]
UNITS = ["tests/unit/test_launch", "tests/unit/test_net", "tests/unit/test_kernel",
         "tests/diff/capture_diff"]
PROGRAMS = UNITS + ["tests/golden/pkt", "tests/golden/pol", "tests/golden/planted",
                    "tests/cli/failing", "tests/net/mkpcap"]
SCRIPTS = ["tests/golden/run", "tests/net/applied.py", "tests/examples.sh",
           "tests/documents.sh", "tests/policies.sh"]


def run(command, **more):
    return subprocess.run(command, cwd=BUILD, check=True, **more)


def log(name):
    return open(os.path.join(BUILD, name), "w", encoding="utf-8")


def build(rooms):
    """The library counts only if it is asked about: it would take most of the time."""
    os.makedirs(BUILD, exist_ok=True)
    make = ["make", "-j%d" % os.cpu_count()]
    if not os.path.exists(os.path.join(BUILD, "Makefile")):
        with log("configure.log") as out:
            run(["../../configure", "--disable-shared", "--enable-coverage", "CFLAGS=-O0 -g",
                 "CC=" + os.environ.get("CC", "cc")], stdout=out, stderr=out)
    with log("make.log") as out:
        if set(rooms) <= set(ROOMS):
            run(make + ["CFLAGS=-O2 -g", "HOUSE_CFLAGS=-std=gnu11", "libweir.la", "libbase.la"],
                stdout=out, stderr=out)
        run(make + ["all"], stdout=out, stderr=out)
        run(make + PROGRAMS, stdout=out, stderr=out)


def counted(ending):
    return [os.path.join(where, name) for where, _, names in os.walk(BUILD)
            for name in names if name.endswith(ending)]


def all_tests():
    with open(os.path.join(TOP, "Makefile.am"), encoding="utf-8") as f:
        listed = re.findall(r"tests/cli/[\w-]+\.(?:sh|py)", f.read())
    return UNITS + SCRIPTS + sorted(set(listed) - {"tests/cli/lib.sh", "tests/cli/packet-wide.py"})


def run_tests(tests):
    """Run them from zero on; other users than this one add to the counts, too."""
    for path in counted(".gcno"):
        path = path[:-len("gcno")] + "gcda"
        with open(path, "w", encoding="utf-8"):
            pass
        os.chmod(path, 0o666)
    for program in ("precompile", "fingerprints"):
        run(["src/cli/" + program], stdout=subprocess.DEVNULL)
    with log("check.log") as out:
        status = subprocess.run(["make", "-k", "-j%d" % os.cpu_count(), "check-TESTS",
                                 "check_PROGRAMS=", "check_LTLIBRARIES=",
                                 "TESTS=" + " ".join(tests)], cwd=BUILD, check=False,
                                stdout=out, stderr=out).returncode
    with open(os.path.join(BUILD, "check.log"), encoding="utf-8", errors="replace") as f:
        print("".join(line for line in f if re.match("(FAIL|ERROR|SKIP): ", line)), end="")
    return status


def branches(rooms):
    """{(source, function, line, number of the branch): how often it was taken}"""
    taken = collections.Counter()
    wanted = re.compile(r"src/(%s)/[^/]+$" % "|".join(rooms))
    for path in counted(".gcno"):
        if not wanted.search(path.rsplit("/.libs/")[0] if "/.libs/" in path
                             else os.path.relpath(path, BUILD)):
            continue
        text = run(["gcov", "--json-format", "--stdout", "--branch-probabilities", path],
                   stdout=subprocess.PIPE).stdout
        for report in text.decode().splitlines():
            for source in json.loads(report)["files"]:
                name = os.path.relpath(os.path.join(BUILD, source["file"]), TOP)
                if not wanted.match(name):
                    continue
                for line in source["lines"]:
                    for i, branch in enumerate(line["branches"]):
                        key = (name, line.get("function_name", ""), line["line_number"], i)
                        taken[key] += branch["count"]
    return taken


def without_asserts(taken):
    texts = {}
    for name in {key[0] for key in taken}:
        with open(os.path.join(TOP, name), encoding="utf-8") as f:
            texts[name] = f.read().split("\n")
    return {key: count for key, count in taken.items()
            if not re.match(r"\s*assert\(", texts[key[0]][key[2] - 1])}, texts


def table(taken, by):
    rows = collections.defaultdict(lambda: [0, 0])
    for key, count in taken.items():
        row = rows[by(key[0])]
        row[0] += count > 0
        row[1] += 1
    for name, (some, of) in sorted(rows.items()):
        print("%-28s %5d of %5d branches  %5.1f %%" % (name, some, of, 100 * some / of))


def untaken(taken, texts):
    lines = collections.defaultdict(list)
    for key, count in sorted(taken.items()):
        lines[key[0], key[2]].append(count)
    for (name, line), counts in lines.items():
        if not all(counts):
            print("%s:%d: %s: %s" % (name, line, " ".join("+" if c else "-" for c in counts),
                                     texts[name][line - 1].strip()))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--list", action="store_true", help="what no test takes")
    arguments.add_argument("--no-run", action="store_true", help="the counts of the last run")
    arguments.add_argument("--tests", help="these, and no others")
    arguments.add_argument("rooms", nargs="*", default=ROOMS)
    wanted = arguments.parse_args()
    status = 0
    if not wanted.no_run:
        build(wanted.rooms)
        status = run_tests(wanted.tests.split() if wanted.tests else all_tests())
    taken, texts = without_asserts(branches(wanted.rooms))
    if wanted.list:
        untaken(taken, texts)
    table(taken, lambda name: name)
    table(taken, lambda name: name.split("/")[1])
    sys.exit(status)


main()
