#!/usr/bin/env python3
"""Wide and deep expressions: what is four times as large takes neither sixteen times
as long nor sixteen times the memory, at any level, and does not crash. What is longer
than any program that attaches is still shared, and takes little memory for each item."""
import os
import random
import subprocess
import sys
import tempfile

WEIR = os.path.join(os.environ.get("top_builddir", "."), "weir")
SMALL, LARGE = 1200, 4800
TIMES, LEAST = 8, 0.2  # seconds below which times say nothing
MEMORY = 7


def host(r):
    return "%d.%d.%d.%d" % (r.randint(1, 223), r.randint(0, 255), r.randint(0, 255),
                            r.randint(1, 254))


def mixed(r, i):
    return "src host " + host(r) if i % 2 else "port %d" % r.randint(1, 65535)


def listed(item):
    return lambda r, n: " or ".join(item(r, i) for i in range(n))


def alternating(r, n):
    text = ["tcp"]
    for i in range(n):
        text.append(" %s %s)" % ("and" if i % 2 else "or", mixed(r, i)))
    return "(" * n + "".join(text)


def tree(r, n):
    """A random tree of conditions, built without recursion."""
    items = [r.choice(["not ", ""]) + mixed(r, i) for i in range(n)]
    while len(items) > 1:
        items = ["(%s %s %s)" % (a, r.choice(["and", "or"]), b)
                 for a, b in zip(items[::2], items[1::2])] + items[len(items) & ~1:]
    return items[0]


KINDS = {
    "hosts": listed(lambda r, i: "host " + host(r)),
    "nets": listed(lambda r, i: "net %s/24" % (host(r).rsplit(".", 1)[0] + ".0")),
    "IPv6 hosts": listed(lambda r, i: "host 2001:db8:%x::%x" % (r.randint(0, 65535),
                                                                r.randint(1, 65535))),
    "two kinds": listed(mixed),
    "two kinds, none of them": lambda r, n: " and ".join(
        "not " + mixed(r, i) for i in range(n)),
    "hosts and ports": listed(lambda r, i: "(host %s and tcp port %d)" % (
        host(r), r.choice([22, 25, 80, 443]))),
    "sources and destinations": listed(lambda r, i: "(src host %s and dst host %s)" % (
        host(r), host(r))),
    "bytes": listed(lambda r, i: "ip[%d] = %d" % (r.randint(0, 99), r.randint(0, 255))),
    "and, or": alternating,
    "a tree": tree,
    "parentheses": lambda r, n: "(" * n + "tcp" + ")" * n,
    "nots": lambda r, n: "not " * n + "tcp",
}


def cost(make, n, level):
    """Seconds and kilobytes that compiling takes."""
    with tempfile.NamedTemporaryFile("w", suffix=".pcap-filter") as file:
        file.write(make(random.Random(n), n))
        file.flush()
        child = subprocess.Popen([WEIR, "packet", level, "-q", "-ddd", "-F", file.name],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_utime, usage.ru_maxrss


def check(name, make, level):
    for attempt in range(3):
        small_exit, small_time, small_memory = cost(make, SMALL, level)
        large_exit, large_time, large_memory = cost(make, LARGE, level)
        if small_exit or large_exit:
            return "exit status %d, %d" % (small_exit, large_exit)
        if large_memory > MEMORY * small_memory:
            return "%d and %d kB" % (small_memory, large_memory)
        if large_time < LEAST or large_time <= TIMES * small_time:
            return None
    return "%.2f and %.2f s" % (small_time, large_time)


# Of 10,000 of them: instructions and bytes of memory for each, sanitizers' apart.
LONG = 10000
BY_ITEM = {
    "hosts": (2.8, 6000),
    "nets": (2.8, 6000),
    "IPv6 hosts": (11, 8000),
    "sources and destinations": (7, 32000),
}


def is_sanitized():
    program = os.path.join(os.path.dirname(WEIR), ".libs", "weir")
    with open(program if os.path.exists(program) else WEIR, "rb") as file:
        return b"__asan_init" in file.read()


def check_long(name):
    instructions, memory = BY_ITEM[name]
    with tempfile.NamedTemporaryFile("w", suffix=".pcap-filter") as file:
        file.write(KINDS[name](random.Random(LONG), LONG))
        file.flush()
        child = subprocess.Popen([WEIR, "packet", "-q", "-ddd", "-F", file.name],
                                 stdout=subprocess.PIPE, text=True)
        lines = int(child.stdout.readline())
        child.stdout.read()
        _, _, usage = os.wait4(child.pid, 0)
        child.returncode = 0
    if lines > LONG * instructions:
        return "%d instructions" % lines
    if usage.ru_maxrss * 1024 > LONG * memory and not is_sanitized():
        return "%d kB" % usage.ru_maxrss
    return None


def main():
    failures = 0
    for name in BY_ITEM:
        wrong = check_long(name)
        if wrong:
            print("FAIL: %d %s take %s" % (LONG, name, wrong))
            failures += 1
    for name, make in KINDS.items():
        for level in ("-O1", "-O2"):
            wrong = check(name, make, level)
            if wrong:
                print("FAIL: %s, %s: %d and %d of them take %s" % (
                    name, level, SMALL, LARGE, wrong))
                failures += 1
    return 1 if failures else 0


sys.exit(main())
