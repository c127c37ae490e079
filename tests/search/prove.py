#!/usr/bin/env python3
"""Proves that what shorter finds does the same, for all packets, with z3.

Reads what shorter prints. A program counts when there is no packet on which it returns
anything but what -O0 means where that one reads captured bytes only, and 0 or what -Os
makes of it where it does not: that is what passes owe. Prints for each text the shortest
program that is proved, and how many were not.

    shorter --set everyday | prove.py [--seconds N] [--show]
"""
import argparse
import sys

import z3

W = 32
LIMIT = 0x7fffffff           # bytes that can be captured
BYTES = z3.Array("bytes", z3.BitVecSort(W), z3.BitVecSort(8))
CAPTURED, WIRE = z3.BitVecs("captured wire", W)

LD, LDX, ST, STX, ALU, JMP, RET, MISC = range(8)
WORD, HALF, BYTE = 0x00, 0x08, 0x10
IMM, ABS, IND, MEM, LEN, MSH = 0x00, 0x20, 0x40, 0x60, 0x80, 0xa0


class Unknown(Exception):
    """An instruction that is not modelled: ancillary words, for one."""


def number(n):
    return z3.BitVecVal(n, W)


def is_number(v):
    return z3.is_bv_value(v)


class Way:
    """What is known on the way to an instruction."""

    def __init__(self, conditions=(), equal=(), captured=0):
        self.conditions = conditions
        self.equal = dict(equal)     # a value's id to the number that it is
        self.captured = captured     # bytes that are known to be there

    def and_also(self, condition):
        return Way(self.conditions + (condition,), self.equal, self.captured)

    def and_equal(self, value, n):
        way = self.and_also(value == n)
        way.equal[value.get_id()] = n
        return way

    def decides(self, value, op, right):
        """Whether the test holds; None if that is not known."""
        left = value.as_long() if is_number(value) else self.equal.get(value.get_id())
        if left is None or not is_number(right):
            return None
        right = right.as_long()
        return {0x10: left == right, 0x20: left > right, 0x30: left >= right,
                0x40: left & right != 0}[op]


class Paths:
    """All ways through a program: conditions, and what is returned."""

    def __init__(self, insns):
        self.insns, self.found = insns, []
        self.walk(0, number(0), number(0), {}, Way())

    def end(self, way, result, fault=False):
        self.found.append((way.conditions, result, fault))
        if len(self.found) > 5000:
            raise Unknown("too many ways")

    def load(self, at, size, way, then):
        """Go on with the bytes at AT, or end where they are not all there."""
        if is_number(at) and at.as_long() > LIMIT - 4:
            raise Unknown("a negative offset")
        there = z3.ULE(z3.ZeroExt(32, at) + size, z3.ZeroExt(32, CAPTURED))
        value = z3.Concat(*[z3.Select(BYTES, at + i) for i in range(size)]) \
            if size > 1 else z3.Select(BYTES, at)
        if size < 4:
            value = z3.ZeroExt(W - 8 * size, value)
        value = z3.simplify(value)
        if is_number(at) and at.as_long() + size <= way.captured:
            then(value, way)
            return
        self.end(way.and_also(z3.Not(there)), number(0), True)
        way = way.and_also(there)
        if is_number(at):
            way.captured = at.as_long() + size
        then(value, way)

    def walk(self, pc, a, x, cells, way):
        code, jt, jf, k = self.insns[pc]
        kind = code & 7
        if kind in (LD, LDX):
            self.walk_load(pc, code, k, a, x, cells, way)
        elif kind in (ST, STX):
            self.walk(pc + 1, a, x, {**cells, k: a if kind == ST else x}, way)
        elif kind == ALU:
            self.walk_alu(pc, code, k, a, x, cells, way)
        elif kind == JMP:
            self.walk_jump(pc, code, jt, jf, k, a, x, cells, way)
        elif kind == RET:
            self.end(way, a if code & 0x18 == 0x10 else number(k))
        elif code & 0xf8 == 0x80:
            self.walk(pc + 1, x, x, cells, way)
        else:
            self.walk(pc + 1, a, a, cells, way)

    def walk_load(self, pc, code, k, a, x, cells, way):
        mode, size = code & 0xe0, {WORD: 4, HALF: 2, BYTE: 1}[code & 0x18]
        to_x = code & 7 == LDX

        def then(value, more):
            self.walk(pc + 1, a if to_x else value, value if to_x else x, cells, more)

        if mode == IMM:
            then(number(k), way)
        elif mode == MEM:
            then(cells.get(k, number(0)), way)
        elif mode == LEN:
            then(WIRE, way)
        elif mode == MSH:
            self.load(number(k), 1, way,
                      lambda v, more: then(z3.simplify((v & 15) << 2), more))
        else:
            at = number(k) if mode == ABS else z3.simplify(x + k)
            self.load(at, size, way, then)

    def walk_alu(self, pc, code, k, a, x, cells, way):
        right = x if code & 8 else number(k)
        op = code & 0xf0
        if op in (0x30, 0x90) and code & 8:
            self.end(way.and_also(right == 0), number(0), True)
            way = way.and_also(right != 0)
        if op in (0x60, 0x70) and code & 8:
            right = right & 31
        value = {0x00: lambda: a + right, 0x10: lambda: a - right, 0x20: lambda: a * right,
                 0x30: lambda: z3.UDiv(a, right), 0x40: lambda: a | right,
                 0x50: lambda: a & right, 0x60: lambda: a << right,
                 0x70: lambda: z3.LShR(a, right), 0x80: lambda: -a,
                 0x90: lambda: z3.URem(a, right), 0xa0: lambda: a ^ right}[op]()
        self.walk(pc + 1, z3.simplify(value), x, cells, way)

    def walk_jump(self, pc, code, jt, jf, k, a, x, cells, way):
        op, right = code & 0xf0, x if code & 8 else number(k)
        if op == 0:
            self.walk(pc + 1 + k, a, x, cells, way)
            return
        known = way.decides(a, op, right)
        if known is not None:
            self.walk(pc + 1 + (jt if known else jf), a, x, cells, way)
            return
        test = {0x10: lambda: a == right, 0x20: lambda: z3.UGT(a, right),
                0x30: lambda: z3.UGE(a, right),
                0x40: lambda: (a & right) != 0}[op]()
        yes = way.and_equal(a, k) if op == 0x10 and not code & 8 else way.and_also(test)
        self.walk(pc + 1 + jt, a, x, cells, yes)
        self.walk(pc + 1 + jf, a, x, cells, way.and_also(z3.Not(test)))

    def result(self):
        """What is returned, and whether that is for a fault, as terms."""
        value, fault = number(0), z3.BoolVal(False)
        for conditions, result, is_fault in self.found:
            here = z3.And(*conditions) if conditions else z3.BoolVal(True)
            value = z3.If(here, result, value)
            fault = z3.If(here, z3.BoolVal(is_fault), fault)
        return value, fault


def verdict(meant, written, shorter, seconds):
    """"proved", "wrong" or the reason why it is not known."""
    try:
        (m, fault), (w, _), (s, _) = (Paths(p).result() for p in (meant, written, shorter))
    except Unknown as e:
        return str(e)
    solver = z3.SolverFor("QF_ABV")
    solver.set("timeout", seconds * 1000)
    solver.add(z3.ULE(CAPTURED, LIMIT))
    solver.add(z3.If(fault, z3.And(s != 0, s != w), s != m))
    answer = solver.check()
    if answer == z3.unsat:
        return "proved"
    return "wrong" if answer == z3.sat else "no answer"


def program(text):
    return [tuple(int(n) for n in insn.split()) for insn in text.split(",")]


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--seconds", type=int, default=20, help="for a program")
    options.add_argument("--show", action="store_true", help="print what is proved")
    options = options.parse_args()
    texts, proved = 0, 0
    case, done = {}, False
    for line in sys.stdin:
        word, rest = line.rstrip("\n").split(" ", 1)
        if word == "text":
            case, done, texts = {"text": rest}, False, texts + 1
        elif word != "shorter":
            case[word] = program(rest)
        elif not done:
            shorter = program(rest)
            said = verdict(case["meant"], case["written"], shorter, options.seconds)
            print(f"{said}: {case['text']}: {len(case['written'])} -> {len(shorter)}",
                  flush=True)
            if said == "proved":
                done, proved = True, proved + 1
                if options.show:
                    print(len(shorter), *(" ".join(map(str, i)) for i in shorter), sep="\n")
    print(f"{texts} texts with shorter candidates, {proved} of them proved")


if __name__ == "__main__":
    main()
