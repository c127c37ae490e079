#!/usr/bin/env python3
"""Packets per second that one processor sends and drops: what comes by a veth pair is dropped by
weir attach, by xdp-filter, by a rule of iptables, each where it is there. Sending, which takes as
long for all of them, is part of the time: the kernel makes the packets itself, and receives them on
the processor that sent them."""
import ctypes
import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "diff"))
import ebpf_load
import veth

FAR = ["nsenter", "--net=/run/netns/far"]
PACKETS, RUNS = 200000, 5
SIOCETHTOOL, SET_GRO = 0x8946, 0x2c


def make_network():
    """Two interfaces; the far one has an address, and a queue that takes what the kernel sends."""
    def run(*words):
        subprocess.run(words, check=True)

    veth.make_pair()
    run("ip", "-n", "far", "addr", "add", "192.0.2.2/24", "dev", "far0")
    run("ip", "link", "set", "near0", "up", "addrgenmode", "none")
    run("ip", "-n", "far", "link", "set", "far0", "up", "addrgenmode", "none")
    with open("/proc/self/ns/net") as near, open("/run/netns/far") as far:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.setns(far.fileno(), 0)
        value = ctypes.create_string_buffer(struct.pack("=II", SET_GRO, 1), 8)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, SIOCETHTOOL,
                        struct.pack("16sP16x", b"far0", ctypes.addressof(value)))
        libc.setns(near.fileno(), 0)


def link():
    """What ip(8) knows of the far interface."""
    text = subprocess.run(["ip", "-n", "far", "-s", "-j", "link", "show", "far0"],
                          stdout=subprocess.PIPE, check=True).stdout
    return json.loads(text)[0]


def checksum(header):
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xffff) + (total >> 16)
    return struct.pack(">H", 0xffff - total)


def datagram():
    """60 bytes to port 9 of the far end."""
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 46, 0, 0, 64, 17, 0) + bytes([192, 0, 2, 1, 192, 0, 2, 2])
    return bytes.fromhex(link()["address"].replace(":", "") + "020000000001" + "0800") + \
        ip[:10] + checksum(ip) + ip[12:] + struct.pack(">HHHH", 1234, 9, 26, 0) + bytes(18)


def sender():
    """A program that has the kernel send what it runs on by the near interface."""
    return ebpf_load.load(ebpf_load.as_bytes([
        (0xb7, 1, 0, 0, socket.if_nametoindex("near0")),
        (0xb7, 2, 0, 0, 0),
        (0x85, 0, 0, 0, 23),  # bpf_redirect
        (0x95, 0, 0, 0, 0)]))


def measure(name, program, packet):
    """Print how many million packets a second come and go; all must have come."""
    before, least = link()["stats64"]["rx"]["packets"], float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        ebpf_load.send(program, packet, PACKETS)
        least = min(least, time.perf_counter() - start)
    came = link()["stats64"]["rx"]["packets"] - before
    lost = "" if came == RUNS * PACKETS else "; %d of %d came" % (came, RUNS * PACKETS)
    print("%-16s %.2f million packets a second%s" % (name, PACKETS / least / 1e6, lost))


def with_weir(then):
    child = subprocess.Popen(FAR + [ebpf_load.WEIR, "attach", "xdp", "far0", "drop",
                                    "udp dst port 9"], stderr=subprocess.PIPE, text=True)
    line = child.stderr.readline()
    if "attached to" in line:
        then("weir attach xdp")
    else:
        print("weir attach xdp: " + line.strip())
    child.terminate()
    child.wait()


def with_commands(name, then, begin, end):
    """Do THEN after the commands BEGIN, and undo them by END."""
    for words in begin:
        done = subprocess.run(FAR + words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True)
        if done.returncode:
            print("%-16s not here: %s" % (name, done.stderr.strip().split("\n")[-1]))
            return
    then(name)
    for words in end:
        subprocess.run(FAR + words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    veth.enter_namespace("ip", "nsenter", "unshare")
    ebpf_load.need()
    make_network()
    program, packet = sender(), datagram()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        ebpf_load.send(program, packet, 64)
    except OSError as e:
        ebpf_load.skip("this kernel sends no packets of ours: %s" % e)
    then = lambda name: measure(name, program, packet)
    with_weir(then)
    rule = ["PREROUTING", "-p", "udp", "--dport", "9", "-j", "DROP"]
    if shutil.which("xdp-filter"):
        with_commands("xdp-filter", then, [["xdp-filter", "load", "-f", "udp", "far0"],
                                           ["xdp-filter", "port", "-m", "dst", "9"]],
                      [["xdp-filter", "unload", "far0"]])
    if shutil.which("iptables"):
        with_commands("iptables -t raw", then, [["iptables", "-t", "raw", "-A"] + rule],
                      [["iptables", "-t", "raw", "-D"] + rule])
    then("no filter")


if __name__ == "__main__":
    main()
