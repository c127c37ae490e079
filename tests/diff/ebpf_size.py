#!/usr/bin/env python3
"""How large everyday filters are in direct form: instructions of the first copy and tests of
the packet's length, beside what cbpfc needs for the same expressions (2.68 tests and 38.9
instructions on average, for the programs that weir made of them in October 2026)."""
import json
import os
import subprocess
import sys

WEIR = os.path.join(os.environ.get("top_builddir", "."), "weir")
JUMP_GREATER, END = 0x2d, 9  # if r4 > r9, the end of the packet
TESTS, INSNS = 2.68, 38.9

vectors = os.environ.get("WEIR_VECTORS")
if not vectors or not os.path.exists(os.path.join(vectors, "everyday.tsv")):
    print("skipped: WEIR_VECTORS is not set")
    sys.exit(77)


def is_test(insn):
    return insn[0] == JUMP_GREATER and insn[2] == END


def size(link, expression):
    """Instructions and length tests of the first copy of a filter."""
    text = subprocess.run([WEIR, "packet", "-q", "-t", link, "-f", "ebpf-xdp", "--json", expression],
                          stdout=subprocess.PIPE, check=True).stdout
    insns = json.loads(text)["ebpf"]
    # The second copy begins where the first test of a length leads to.
    end = min((i + 1 + insn[3] for i, insn in enumerate(insns) if is_test(insn)),
              default=len(insns))
    return end, sum(map(is_test, insns[:end]))


n = insns = tests = 0
with open(os.path.join(vectors, "everyday.tsv"), encoding="utf-8") as table:
    for line in table:
        if line.startswith("#") or not line.strip():
            continue
        link, expression = line.rstrip("\n").split("\t")[:2]
        more = size(link, expression)
        n, insns, tests = n + 1, insns + more[0], tests + more[1]
print("%d filters: %.2f tests of the length, %.1f instructions on average" %
      (n, tests / n, insns / n))
if tests / n > TESTS or insns / n > INSNS:
    print("that is more than %.2f and %.1f" % (TESTS, INSNS))
    sys.exit(1)
