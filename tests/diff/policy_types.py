#!/usr/bin/env python3
"""Conditions, by a third party: weir's program against Python's arithmetic.

    policy_types.py [SEED [POLICIES]]

The compiler and its evaluator both read the tree, so neither notices when a
comparison is put into the tree at a wrong width or sign, or about a wrong word.
This makes random policies whose meaning it knows by itself, from tables of a few
calls and what Linux does with their arguments on ABIs of either word and byte
order, has `weir policy` compile them at three levels, and runs the programs on
calls at and around the constants.
"""
import os
import random
import struct
import subprocess
import sys

WEIR = os.path.join(os.environ.get("top_builddir", "."), "weir")
MASK64 = (1 << 64) - 1

# call: number, [(argument, word, width, signed)]; word: (low half, high half) of two.
X86_64 = {
    "close": (3, [("fd", 0, 32, False)]),
    "kill": (62, [("pid", 0, 32, True), ("sig", 1, 32, True)]),
    "lseek": (8, [("fd", 0, 32, False), ("offset", 1, 64, True), ("whence", 2, 32, False)]),
    "chmod": (90, [("mode", 1, 16, False)]),
    "socket": (41, [("domain", 0, 32, True), ("type", 1, 32, True)]),
    "write": (1, [("fd", 0, 32, False), ("count", 2, 64, False)]),
    "mprotect": (10, [("len", 1, 64, False), ("prot", 2, 64, False)]),
    "dup2": (33, [("oldfd", 0, 32, False), ("newfd", 1, 32, False)]),
    "sync_file_range": (277, [("offset", 1, 64, True), ("nbytes", 2, 64, True)]),
    "clone": (56, [("flags", 0, 32, False)]),
    "ioctl": (16, [("request", 1, 32, False)]),
    "mmap": (9, [("fd", 4, 32, True), ("prot", 2, 64, False)]),
}
S390X = {
    "close": (6, [("fd", 0, 32, False)]),
    "kill": (37, [("pid", 0, 32, True), ("sig", 1, 32, True)]),
    "lseek": (19, [("fd", 0, 32, False), ("offset", 1, 64, True)]),
    "chmod": (15, [("mode", 1, 16, False)]),
    "write": (4, [("fd", 0, 32, False), ("count", 2, 64, False)]),
    "clone": (120, [("flags", 1, 32, False), ("stack", 0, 64, False)]),
    "fallocate": (314, [("offset", 2, 64, True), ("len", 3, 64, True)]),
}
ARM = {
    "close": (6, [("fd", 0, 32, False)]),
    "kill": (37, [("pid", 0, 32, True), ("sig", 1, 32, True)]),
    "lseek": (19, [("fd", 0, 32, False), ("offset", 1, 32, True)]),
    "chmod": (15, [("mode", 1, 16, False)]),
    "write": (4, [("fd", 0, 32, False), ("count", 2, 32, False)]),
    "clone": (120, [("flags", 0, 32, False), ("tls", 3, 32, False)]),
    "pread64": (180, [("fd", 0, 32, False), ("pos", (4, 5), 64, True)]),
    "truncate64": (193, [("length", (2, 3), 64, True)]),
    "fallocate": (352, [("offset", (2, 3), 64, True), ("len", (4, 5), 64, True)]),
    "_llseek": (140, [("offset", (2, 1), 64, True), ("whence", 4, 32, False)]),
}
MIPS = {
    "close": (4006, [("fd", 0, 32, False)]),
    "kill": (4037, [("pid", 0, 32, True), ("sig", 1, 32, True)]),
    "chmod": (4015, [("mode", 1, 16, False)]),
    "pread64": (4200, [("count", 2, 32, False), ("pos", (5, 4), 64, True)]),
    "truncate64": (4211, [("length", (3, 2), 64, True)]),
    "readahead": (4223, [("offset", (3, 2), 64, True), ("count", 4, 32, False)]),
    "fanotify_mark": (4337, [("mask", (3, 2), 64, False), ("dfd", 4, 32, True)]),
    "preadv": (4330, [("pos", (3, 4), 64, True), ("vlen", 2, 32, False)]),
}
M68K = {
    "kill": (37, [("pid", 0, 32, True), ("sig", 1, 32, True)]),
    "pread64": (180, [("count", 2, 32, False), ("pos", (4, 3), 64, True)]),
    "truncate64": (193, [("length", (2, 1), 64, True)]),
    "fadvise64_64": (267, [("offset", (2, 1), 64, True), ("len", (4, 3), 64, True),
                           ("advice", 5, 32, True)]),
}
# ABI: AUDIT_ARCH_, bits of a word, the high half first, and calls.
ABIS = {
    "x86_64": (0xC000003E, 64, False, X86_64),
    "s390x": (0x80000016, 64, True, S390X),
    "arm": (0x40000028, 32, False, ARM),
    "mips": (0x00000008, 32, True, MIPS),
    "m68k": (0x00000004, 32, True, M68K),
}
ACTIONS = {
    "allow": 0x7FFF0000, "log": 0x7FFC0000, "errno 1": 0x50001, "errno EACCES": 0x5000D,
    "errno ENOSYS": 0x50026, "kill": 0x80000000, "kill_thread": 0, "trap 3": 0x30003,
    "notify": 0x7FC00000, "trace 7": 0x7FF00007,
}
CASTS = {"u32": (32, False), "i32": (32, True), "u64": (64, False), "i64": (64, True)}
ORDER = {
    "<": lambda x, y: x < y, "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y, ">=": lambda x, y: x >= y,
}
SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
BETWEEN_ARGUMENTS = {
    "==": lambda x, y: x == y, "!=": lambda x, y: x != y,
    "&": lambda x, y: bool(x & y), "within": lambda x, y: not x & ~y, **ORDER,
}


def signed(value, width, sign):
    return value - (1 << width) if sign and value >> (width - 1) else value


class Maker:
    """Random conditions: the text, and a function of the six arguments."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pool = [0, 1]
        self.use("x86_64")

    def use(self, abi):
        self.abi = abi
        self.arch, self.word, self.high_first, self.calls = ABIS[abi]

    def read(self, args, word):
        """What a policy calls the value of a word, or of two."""
        if isinstance(word, tuple):
            return args[word[0]] & 0xFFFFFFFF | (args[word[1]] & 0xFFFFFFFF) << 32
        return args[word] & (1 << self.word) - 1

    def constant(self, width):
        c = self.random.choice([
            0, 1, 2, 3, 5, 7, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
            1 << 32, (1 << 32) + 5, (1 << 63) - 1, 1 << 63, MASK64,
            self.random.randrange(64), self.random.randrange(1 << width)])
        c &= (1 << width) - 1
        self.pool.append(c)
        return c

    def number(self, value):
        return ("-" if value < 0 else "") + self.random.choice(["%d", "0x%x"]) % abs(value)

    def chance(self, p):
        return self.random.random() < p

    def argument(self, call):
        """Text, width, sign and value of something to compare."""
        name, word, width, sign = self.random.choice(self.calls[call][1])
        if self.chance(0.15):
            word = self.random.randrange(6)
            name, width, sign = "args[%d]" % word, self.word, False
        if self.chance(0.15):
            cast = self.random.choice(list(CASTS))
            name = "%s(%s)" % (cast, name)
            width, sign = CASTS[cast]
        mask = (1 << width) - 1
        if self.chance(0.25):
            mask = self.constant(width)
            name = "%s & %s" % (name, self.number(mask))
        return name, width, sign, lambda args: self.read(args, word) & mask

    def ordered(self, name, width, sign, value):
        op, c = self.random.choice(list(ORDER)), signed(self.constant(width), width, sign)
        holds = ORDER[op]
        text = "%s %s %s" % (name, op, self.number(c))
        if self.chance(0.2):
            text = "%s %s %s" % (self.number(c), SWAPPED[op], name)
        return text, lambda args: holds(signed(value(args), width, sign), c)

    def equal(self, name, width, sign, value):
        c, op = self.constant(width), self.random.choice(["==", "!="])
        written = self.number(signed(c, width, self.chance(0.3)))
        return "%s %s %s" % (name, op, written), \
            lambda args: (value(args) == c) == (op == "==")

    def within(self, name, width, sign, value):
        c, inverse = self.constant(width), self.chance(0.3)
        text = "%s within %s%s" % (name, "~" if inverse else "", self.number(c))
        allowed = (~c if inverse else c) & (1 << width) - 1
        return text, lambda args: not value(args) & ~allowed

    def any_bit(self, name, width, sign, value):
        c = self.constant(width)
        return "%s & %s" % (name, self.number(c)), lambda args: bool(value(args) & c)

    def listed(self, name, width, sign, value):
        texts, ranges = [], []
        for _ in range(self.random.randrange(1, 5)):
            if self.chance(0.5):
                c = self.constant(width)
                texts.append(self.number(signed(c, width, self.chance(0.3))))
                ranges.append((signed(c, width, sign),) * 2)
            else:
                lo, hi = sorted(signed(self.constant(width), width, sign) for _ in "12")
                texts.append("%s..%s" % (self.number(lo), self.number(hi)))
                ranges.append((lo, hi))
        return "%s in (%s)" % (name, ", ".join(texts)), \
            lambda args: any(lo <= signed(value(args), width, sign) <= hi for lo, hi in ranges)

    def between(self, call):
        cast, op = self.random.choice(list(CASTS)), self.random.choice(list(BETWEEN_ARGUMENTS))
        width, sign = CASTS[cast]
        (n1, w1), (n2, w2) = (self.random.choice(self.calls[call][1])[:2] for _ in "12")
        holds = BETWEEN_ARGUMENTS[op]

        def value(args, word):
            return signed(self.read(args, word) & (1 << width) - 1, width, sign)
        return "%s(%s) %s %s(%s)" % (cast, n1, op, cast, n2), \
            lambda args: holds(value(args, w1), value(args, w2))

    def comparison(self, call):
        kinds = [self.ordered] * 4 + [self.equal] * 2 + [self.within, self.any_bit] + \
            [self.listed] * 2
        if self.chance(0.1):
            return self.between(call)
        return self.random.choice(kinds)(*self.argument(call))

    def condition(self, call, depth):
        if not depth or self.chance(0.4):
            return self.comparison(call)
        if self.chance(0.2):
            text, holds = self.condition(call, depth - 1)
            return "not (%s)" % text, lambda args: not holds(args)
        kids = [self.condition(call, depth - 1) for _ in range(self.random.randrange(2, 5))]
        word, join = self.random.choice([("and", all), ("or", any)])
        return (" %s " % word).join("(%s)" % text for text, _ in kids), \
            lambda args: join(holds(args) for _, holds in kids)

    def policy(self):
        """Text, default and rules: [(number, condition, action)]."""
        self.pool = [0, 1]
        default = self.random.choice(list(ACTIONS))
        self.use(self.random.choice(list(ABIS) + ["x86_64"] * 3))
        calls = self.random.sample(list(self.calls), len(self.calls))
        lines, rules = ["abi " + self.abi, "default " + default], []
        for _ in range(self.random.randrange(1, 8)):
            call = self.random.choice(calls[:self.random.choice([1, 3, len(calls)])])
            action = self.random.choice(list(ACTIONS))
            text, holds = "", lambda args: True
            if self.chance(0.9):
                text, holds = self.condition(call, self.random.randrange(3))
            lines.append("%s %s%s" % (action, call, " if " + text if text else ""))
            rules.append((self.calls[call][0], holds, self.result(action)))
        return "\n".join(lines) + "\n", self.result(default), rules

    def result(self, action):
        if action == "errno ENOSYS" and self.abi == "mips":
            return 0x50059
        return ACTIONS[action]

    def arguments(self):
        args = []
        for _ in range(6):
            v = self.random.choice(self.pool) + self.random.choice([0, 0, 0, 1, -1])
            v ^= self.random.choice([0, 0, self.random.getrandbits(32) << 32,
                                     1 << self.random.randrange(64)])
            args.append((~v if self.chance(0.1) else v) & MASK64)
        return args


def run(program, data):
    """What a classic program returns; the operations that seccomp lets through."""
    a = x = at = 0
    cells = [0] * 16
    while True:
        code, jt, jf, k = program[at]
        at += 1
        kind, op, operand = code & 7, code & 0xF0, x if code & 8 else k
        if kind == 6:
            return a if code & 0x18 else k
        if kind == 0:
            a = {0x20: lambda: struct.unpack_from("<I", data, k)[0], 0: lambda: k,
                 0x60: lambda: cells[k]}[code & 0xE0]()
        elif kind == 1:
            x = {0: k, 0x60: cells[k & 15], 0x80: 64}[code & 0xE0]
        elif kind in (2, 3):
            cells[k] = a if kind == 2 else x
        elif kind == 4:
            a = {0: a + operand, 0x10: a - operand, 0x20: a * operand, 0x40: a | operand,
                 0x50: a & operand, 0xA0: a ^ operand, 0x60: a << (operand & 31),
                 0x70: a >> (operand & 31), 0x80: -a}[op] & 0xFFFFFFFF
        elif kind == 5 and not op:
            at += k
        elif kind == 5:
            at += jt if {0x10: a == operand, 0x20: a > operand, 0x30: a >= operand,
                         0x40: bool(a & operand)}[op] else jf
        elif code & 0xF8:
            a = x
        else:
            x = a


def compile_policy(text, level):
    done = subprocess.run([WEIR, "policy", level, "-q", "-f", "decimal", "-"], input=text,
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit("%s\n%s" % (text, done.stderr))
    return [tuple(map(int, line.split())) for line in done.stdout.split("\n")[1:] if line]


def check(maker, text, default, rules, level):
    program = compile_policy(text, level)
    numbers = sorted({0} | {number for number, _, _ in rules})
    for number in numbers * 30:
        args = maker.arguments()
        want = next((action for n, holds, action in rules if n == number and holds(args)),
                    default)
        words = [a >> 32 | (a & 0xFFFFFFFF) << 32 for a in args] if maker.high_first else args
        got = run(program, struct.pack("<iIQ6Q", number, maker.arch, 0, *words))
        if got != want:
            sys.exit("%s%s: call %d(%s) gives 0x%x, should give 0x%x"
                     % (text, level, number, ", ".join(map(hex, args)), got, want))
    return 30 * len(numbers)


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    policies = int(sys.argv[2]) if len(sys.argv) > 2 else 150
    maker = Maker(seed)
    calls = 0
    for _ in range(policies):
        policy = maker.policy()
        for level in ("-O0", "-O2", "-Os"):
            calls += check(maker, *policy, level)
    print("%d policies at 3 levels, %d calls, no difference" % (policies, calls))


main()
