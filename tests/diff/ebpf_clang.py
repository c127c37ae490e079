#!/usr/bin/env python3
"""Ten filters beside careful C (ten.bpf.c) that clang compiles for BPF: the same answers on
packets, and no more instructions in the copy for packets in one piece. With --time, what a
packet costs, which `make bench` prints."""
import os
import random
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import ebpf_load

HERE = os.path.dirname(os.path.abspath(__file__))
FILTERS = {
    "port": "tcp port 80",
    "host": "host 192.0.2.1",
    "host6": "ip6 host 2001:db8::1",
    "ether": "ether host 00:11:22:33:44:55",
    "net": "src net 10.0.0.0/8 and not dst net 10.0.0.0/8",
    "syn": "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
    "icmp": "icmp or icmp6",
    "vlan": "vlan 100 and ip host 192.0.2.1",
    "dns": "udp port 53 and udp[10] & 0x80 = 0",
    "flow": "src host 192.0.2.1 and dst host 198.51.100.7 and tcp src port 1234 and tcp dst port 80",
}
LONG = 80  # bytes: no filter reads further


def sections(path):
    """The contents of an ELF file's sections, by name."""
    with open(path, "rb") as file:
        elf = file.read()
    table, = struct.unpack_from("=Q", elf, 40)
    count, names = struct.unpack_from("=HH", elf, 60)
    rows = [struct.unpack_from("=IIQQQQ", elf, table + 64 * i) for i in range(count)]
    start = rows[names][4]
    return {elf[start + row[0]:elf.index(b"\0", start + row[0])].decode():
            elf[row[4]:row[4] + row[5]] for row in rows if row[1] == 1}


def compiled(directory):
    """The programs that clang makes of ten.bpf.c, by name."""
    path = os.path.join(directory, "ten.o")
    include = subprocess.run(["gcc", "-print-multiarch"], stdout=subprocess.PIPE,
                             text=True).stdout.strip()
    try:
        done = subprocess.run(["clang", "-O2", "-target", "bpf", "-I/usr/include/" + include, "-c",
                               os.path.join(HERE, "ten.bpf.c"), "-o", path],
                              stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        ebpf_load.skip("clang is not installed")
    if done.returncode:
        ebpf_load.skip("clang does not compile for BPF here: " + done.stderr.split("\n")[0])
    return sections(path)


def random_packet(rng):
    """A packet that is made of what the filters ask for."""
    some = rng.choice
    hosts = [bytes([192, 0, 2, 1]), bytes([198, 51, 100, 7]), bytes([10, 1, 2, 3])]
    address = bytes.fromhex("20010db8") + bytes(11)
    addresses = [address + b"\1", address + b"\2", b"\xfe" + address[1:] + b"\1"]
    stations = [bytes.fromhex("001122334455"), bytes.fromhex("001122334456"), bytes(6)]
    port = lambda: struct.pack(">H", some([80, 53, 1234, 4321]))
    protocol = some([6, 17, 1, 58, 44])
    rest = port() + port() + bytes(6) + bytes([some([0, 0x80, 8])]) + bytes(2) + \
        bytes([some([2, 0x12, 0x10])])
    kind = some([0x0800, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806, 0x8035, 0x1234])
    tag = some([b"", b"", struct.pack(">HH", some([0x8100, 0x88a8, 0x9100]),
                                      some([100, 0xf064, 101]))])
    if kind == 0x0800:
        options = some([0, 0, 4, 40])
        body = bytes([0x45 + options // 4, 0, 0, 60, 0, 0]) + some([b"\0\0", b"\x40\0", b"\0\1"]) + \
            bytes([64, protocol, 0, 0]) + some(hosts) + some(hosts) + bytes(options) + rest
    elif kind == 0x86dd:
        body = bytes([0x60, 0, 0, 0, 0, 20, protocol, 64]) + some(addresses) + some(addresses) + \
            (bytes([some([58, 6]), 0]) if protocol == 44 else b"") + rest
    else:
        body = bytes(14) + some(hosts) + bytes(6) + some(hosts)
    packet = some(stations) + some(stations) + tag + struct.pack(">H", kind) + body
    return packet.ljust(LONG, b"\0")


def same(name, c, weir, packets):
    """Whether both programs find the same; on a cut packet, C may find nothing."""
    answers = set()
    for packet in packets:
        theirs, mine = ebpf_load.run(c, packet)[0], ebpf_load.run(weir, packet)[0]
        answers.add(mine)
        if theirs != mine and (len(packet) >= LONG or theirs):
            print("%s: %#x by C, %#x by weir on %s" % (name, theirs, mine, packet.hex()))
            return False
    if len(answers) < 2:
        print("%s: all packets found %#x" % (name, answers.pop()))
        return False
    return True


def times(programs, packets, runs=5, repeat=100000):
    """Nanoseconds a packet of each program: the least of RUNS, on average over PACKETS."""
    least = [[float("inf")] * len(packets) for _ in programs]
    for _ in range(runs):
        for i, packet in enumerate(packets):
            for p, program in enumerate(programs):
                least[p][i] = min(least[p][i], ebpf_load.run(program, packet, repeat)[1])
    return [sum(row) / len(row) for row in least]


def main():
    ebpf_load.need()
    rng = random.Random(20261130)
    packets = [random_packet(rng) for _ in range(2000)]
    packets += [packet[:rng.randrange(14, LONG)] for packet in packets[:500]]
    empty = ebpf_load.load(ebpf_load.as_bytes(ebpf_load.EMPTY))
    failed = False
    with tempfile.TemporaryDirectory() as directory:
        programs = compiled(directory)
    for name, expression in FILTERS.items():
        code = ebpf_load.compile_filter(expression)
        c, weir = ebpf_load.load(programs[name]), ebpf_load.load(ebpf_load.as_bytes(code))
        insns, first = len(programs[name]) // 8, len(ebpf_load.first_copy(code))
        if first > insns:
            print("%s: weir needs more instructions than clang" % name)
        failed |= not same(name, c, weir, packets) or first > insns
        line = "%-6s instructions: clang %d, weir %d" % (name, insns, first)
        if "--time" in sys.argv[1:]:
            found = [p for p in packets[:2000] if ebpf_load.run(c, p)[0]][:4]
            base, theirs, mine = times([empty, c, weir], packets[:4] + found)
            line += "; ns a packet: clang %.1f, weir %.1f" % (theirs - base, mine - base)
        print("%s  (%s)" % (line, expression))
        os.close(c)
        os.close(weir)
    sys.exit(failed)


if __name__ == "__main__":
    main()
