#!/usr/bin/env python3
"""How large everyday filters are in direct form: instructions of the first copy and tests of
the packet's length, beside what cbpfc needs for the same expressions (2.68 tests and 38.9
instructions on average, for the programs that weir made of them in October 2026)."""
import os
import sys

sys.dont_write_bytecode = True
import ebpf_load

TESTS, INSNS = 2.68, 38.9

vectors = os.environ.get("WEIR_VECTORS")
if not vectors or not os.path.exists(os.path.join(vectors, "everyday.tsv")):
    print("skipped: WEIR_VECTORS is not set")
    sys.exit(77)

n = insns = tests = 0
with open(os.path.join(vectors, "everyday.tsv"), encoding="utf-8") as table:
    for line in table:
        if line.startswith("#") or not line.strip():
            continue
        link, expression = line.rstrip("\n").split("\t")[:2]
        first = ebpf_load.first_copy(ebpf_load.compile_filter(expression, link))
        n, insns = n + 1, insns + len(first)
        tests += sum(map(ebpf_load.is_length_test, first))
print("%d filters: %.2f tests of the length, %.1f instructions on average" %
      (n, tests / n, insns / n))
if tests / n > TESTS or insns / n > INSNS:
    print("that is more than %.2f and %.1f" % (TESTS, INSNS))
    sys.exit(1)
