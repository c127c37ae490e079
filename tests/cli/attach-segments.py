#!/usr/bin/env python3
"""Filters on tc, on packets as a network makes them: large segments whose bytes lie in pieces,
VLAN tags that are in the bytes when sent or beside them. What weir attach counts must be what a
packet socket with the classic program of the same expression gets."""
import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "diff"))
import ebpf_load
import veth

WEIR = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "weir"))
SO_ATTACH_FILTER, SO_RCVBUFFORCE = 26, 33
SOL_UDP, UDP_SEGMENT = 17, 103
SIOCETHTOOL, GET_FLAGS, SET_FLAGS, TX_VLAN = 0x8946, 0x25, 0x26, 1 << 7
GO = b"GO"  # a pattern that begins every 1,000 bytes of what is sent
ADDRESS = "192.0.2.%d"
SO_MARK, TAG = 36, 100
EXPRESSIONS = [
    "udp dst port 9",
    "udp[8:2] = 0x474f and greater 300",
    "udp[1008:2] = 0x474f",
    "udp[5008:2] = 0x474f or udp[408:2] = 1",
    "tcp[tcp[12] >> 2:2] = 0x474f and greater 1600",
    "tcp and ether[3000] = 0x58 and not ether[3001] = 0x4f",
    "less 100 and udp",
    "vlan 100",
    "vlan and udp[1008:2] = 0x474f",
    "not vlan and greater 3000",
]


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def make_network():
    """A pair of interfaces, the other end in a namespace of its own. Nothing is sent but by us."""
    veth.make_pair()
    for number, end, at in (1, "near0", []), (2, "far0", ["-n", "far"]):
        run("ip", *at, "addr", "add", ADDRESS % number + "/24", "dev", end)
        run("ip", *at, "link", "set", end, "up", "addrgenmode", "none")


def tag_marked_packets():
    """Give packets that leave by near0 with the mark TAG that VLAN tag, as a VLAN device does."""
    program = ebpf_load.load(ebpf_load.as_bytes([
        (0x61, 2, 1, 8, 0),  # r2 = skb->mark
        (0x55, 2, 0, 3, TAG),  # if r2 != TAG goto +3
        (0xb7, 2, 0, 0, socket.htons(0x8100)),
        (0xb7, 3, 0, 0, TAG),
        (0x85, 0, 0, 0, 18),  # bpf_skb_vlan_push
        (0xb7, 0, 0, 0, 0),
        (0x95, 0, 0, 0, 0)]), ebpf_load.SCHED_CLS)
    return ebpf_load.attach(program, socket.if_nametoindex("near0"), ebpf_load.TCX_EGRESS)


def set_tag_offload(device, on):
    """Whether DEVICE takes a tag beside the packet, or has it written into the bytes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        flags = ctypes.create_string_buffer(struct.pack("=II", GET_FLAGS, 0), 8)
        request = struct.pack("16sP16x", device.encode(), ctypes.addressof(flags))
        fcntl.ioctl(any_socket, SIOCETHTOOL, request)
        value = struct.unpack("=II", flags.raw)[1]
        flags.raw = struct.pack("=II", SET_FLAGS, value | TX_VLAN if on else value & ~TX_VLAN)
        fcntl.ioctl(any_socket, SIOCETHTOOL, request)


def in_far(function):
    """What FUNCTION returns in the namespace of the other end: sockets stay there."""
    with open("/proc/self/ns/net") as near, open("/run/netns/far") as far:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(far.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            return function()
        finally:
            libc.setns(near.fileno(), 0x40000000)


def tap(expression):
    """A packet socket on the other end, with the classic program of EXPRESSION."""
    program = subprocess.run(["ip", "netns", "exec", "far", WEIR, "packet", "-q", "--live", "-i",
                              "far0", "-f", "raw", expression], stdout=subprocess.PIPE,
                             check=True).stdout
    insns = ctypes.create_string_buffer(program, len(program))
    sock = in_far(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                    struct.pack("HP", len(program) // 8, ctypes.addressof(insns)))
    sock.bind(("far0", 3))
    return sock


def attach(expression):
    """Weir attach on the other end, once it is attached."""
    child = subprocess.Popen(["ip", "netns", "exec", "far", WEIR, "attach", "tc", "far0",
                              "ingress", "drop", expression], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
    line = child.stderr.readline()
    if "attached to" not in line:
        ebpf_load.skip("weir attaches nothing to tc here: " + line.strip())
    return child


def matched():
    """How many packets came by the filter that is attached, and how many matched."""
    text = subprocess.run(["ip", "netns", "exec", "far", WEIR, "attach", "--list", "--json"],
                          stdout=subprocess.PIPE, check=True).stdout
    # Of the filters here: other tests may attach some elsewhere.
    one, = [row for row in json.loads(text) if row["here"] and row["place"].startswith("tc")]
    return one["packets"], one["matched"]


def data(length):
    """Bytes that tell where they are."""
    return b"".join((GO + struct.pack(">H", i) + b"X" * 996) for i in range(length // 1000 + 1))[:length]


def send_datagrams(tag):
    """Datagrams of several lengths, two of which go out as one packet of many."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, SO_MARK, tag)
        for port in 9, 10:
            for length in 20, 300, 1400:
                sock.sendto(data(length), (ADDRESS % 2, port))
        try:
            sock.setsockopt(SOL_UDP, UDP_SEGMENT, 1200)
            for length in 6000, 40000:
                sock.sendto(data(length), (ADDRESS % 2, 9))
        except OSError:
            pass  # there are TCP's segments


def send_stream(listener):
    """What fits a window goes out at once, in large segments. If they are dropped, they come
    again, and are seen again by both who count."""
    with socket.create_connection((ADDRESS % 2, listener.getsockname()[1]), timeout=5) as sock:
        sock.setblocking(False)
        try:
            sock.send(data(100000))
        except OSError:
            pass
        time.sleep(0.05)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def received(sock):
    """How many packets wait, and the longest of them."""
    count = longest = 0
    sock.settimeout(0.05)
    try:
        while True:
            longest = max(longest, len(sock.recv(70000)))
            count += 1
    except OSError:
        return count, longest


def listen():
    sock = socket.socket()
    sock.bind(("0.0.0.0", 0))
    sock.listen(20)
    return sock


def try_expression(expression, listener):
    """Count by both, while all kinds of packets are sent; whether they agree, and the length of
    the longest packet."""
    sock, child = tap(expression), attach(expression)
    try:
        send_datagrams(0)
        send_datagrams(TAG)
        send_stream(listener)
        count, longest = received(sock)
        packets, ours = matched()
    finally:
        child.terminate()
        child.wait()
        child.stderr.close()
        sock.close()
    if ours != count or not 0 < ours < packets:
        print("%s: weir attach matched %d of %d packets, a socket %d" %
              (expression, ours, packets, count))
        return False, 0
    return True, longest


def main():
    veth.enter_namespace("ip", "unshare")
    ebpf_load.need()
    make_network()
    try:
        tagging = tag_marked_packets()
    except OSError as e:
        ebpf_load.skip("no program can be attached to tc here: %s" % e)
    listener = in_far(listen)
    failed, longest = False, 0
    for offload in True, False:
        set_tag_offload("near0", offload)
        for expression in EXPRESSIONS:
            same, length = try_expression(expression, listener)
            failed, longest = failed or not same, max(longest, length)
    os.close(tagging)
    if not failed and longest < 10000:
        ebpf_load.skip("no packet was larger than %d bytes" % longest)
    print("%d filters counted as a socket does; the largest packet had %d bytes" %
          (len(EXPRESSIONS), longest))
    sys.exit(failed)


if __name__ == "__main__":
    main()
