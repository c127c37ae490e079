#!/usr/bin/env python3
"""What reading a capture costs: weir filter beside cat and tcpdump, in processor time.

    tests/bench/reading.py WEIR [MEGABYTES=512 [ROUNDS=7]]

The file is made in /dev/shm, of packets of three sizes as traffic has them, of which
about half are of TCP port 443, and everything goes to /dev/null. The smallest of the
rounds counts, and ratios within one run.
"""
import os
import random
import shutil
import struct
import sys

PACKETS = 4000   # different ones
SIZES = (60, 60, 74, 90, 200, 576, 1400, 1500, 1500)


def packet(rng):
    size, tcp = rng.choice(SIZES), rng.random() < 0.8
    web = tcp and rng.random() < 0.6
    port = 443 if web else rng.choice((22, 53, 80, 5000, 8080))
    ethernet = bytes((2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0))
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, size - 14, 0, 0, 64, 6 if tcp else 17, 0,
                     0x0a000001 + rng.randrange(999), 0xc0000201)
    ports = struct.pack(">HH", rng.randrange(1024, 65000), port)
    return (ethernet + ip + ports).ljust(size, b"\x42")


def write_capture(path, size):
    rng, microseconds = random.Random(1), 0
    packets = [packet(rng) for _ in range(PACKETS)]
    with open(path, "wb") as f:
        f.write(struct.pack("=IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        while f.tell() < size:
            p = rng.choice(packets)
            microseconds += 13
            f.write(struct.pack("=IIII", 1700000000 + microseconds // 1000000,
                                microseconds % 1000000, len(p), len(p)) + p)


def processor_time(command):
    pid = os.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execvp(command[0], command)
    _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit("'%s' failed" % " ".join(command))
    return used.ru_utime + used.ru_stime


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    weir = os.path.abspath(sys.argv[1])
    size = int(sys.argv[2] if sys.argv[2:] else 512) << 20
    rounds = int(sys.argv[3] if sys.argv[3:] else 7)
    path = "/dev/shm/weir-reading.%d.pcap" % os.getpid()
    filtering = [weir, "filter", "-q", "-r", path, "-w", "/dev/null"]
    commands = [("cat", ["cat", path]),
                ("weir, no hit", [*filtering, "udp port 9999"]),
                ("weir, half", [*filtering, "tcp port 443"]),
                ("weir, all", filtering)]
    if shutil.which("tcpdump") and os.getuid() == 0:
        commands.append(("tcpdump, half", ["tcpdump", "-Z", "root", "-n", "-r", path,
                                           "-w", "/dev/null", "tcp port 443"]))
    try:
        write_capture(path, size)
        best = {}
        for _ in range(rounds):
            for name, command in commands:
                best[name] = min(best.get(name, 1e9), processor_time(command))
    finally:
        os.unlink(path)
    for name, seconds in best.items():
        print("%-14s %.3f s  %.2f" % (name, seconds, seconds / best["cat"]))


if __name__ == "__main__":
    main()
