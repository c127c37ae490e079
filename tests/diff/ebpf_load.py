"""eBPF programs: as weir makes them for XDP, and in the running kernel, by bpf(2)."""
import ctypes
import json
import os
import platform
import struct
import subprocess
import sys

WEIR = os.path.join(os.environ.get("top_builddir", "."), "weir")
JUMP_GREATER, END = 0x2d, 9  # if r4 > r9, the end of the packet

SYS_BPF = {"x86_64": 321, "i686": 357, "aarch64": 280, "riscv64": 280, "ppc64le": 361,
           "s390x": 351}.get(platform.machine())
PROG_LOAD, TEST_RUN, LINK_CREATE = 5, 10, 28
SCHED_CLS, XDP = 3, 6
TCX_EGRESS = 47
SKIPPED = 77
EMPTY = [[0xb7, 0, 0, 0, 0], [0x95, 0, 0, 0, 0]]  # r0 = 0; exit

libc = ctypes.CDLL(None, use_errno=True)


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def is_length_test(insn):
    return insn[0] == JUMP_GREATER and insn[2] == END


def first_copy(insns):
    """The part of a program for packets in one piece. What the first test of a length leads to
    comes after it."""
    return insns[:min((i + 1 + insn[3] for i, insn in enumerate(insns) if is_length_test(insn)),
                      default=len(insns))]


def compile_filter(expression, link="EN10MB"):
    """Weir's XDP program: a list of [code, dst, src, off, imm]."""
    text = subprocess.run([WEIR, "packet", "-q", "-n", "-t", link, "-f", "ebpf-xdp", "--json",
                           expression], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(text)["ebpf"]


def as_bytes(insns):
    """What bpf(2) takes; a byte order has its own order of the two registers."""
    little = sys.byteorder == "little"
    return b"".join(struct.pack("=BBhi", code, src << 4 | dst if little else dst << 4 | src, off,
                                imm) for code, dst, src, off, imm in insns)


def bpf(command, attr):
    """Make the call; ATTR is written to. Return what it returns, or minus the errno."""
    result = libc.syscall(SYS_BPF, command, attr, len(attr))
    return result if result >= 0 else -ctypes.get_errno()


def load(insns, kind=XDP):
    """Load the bytes of a program of this KIND; return its descriptor."""
    code, license = ctypes.create_string_buffer(insns), ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(1 << 20)
    attr = ctypes.create_string_buffer(128)
    struct.pack_into("=IIQQIIQ", attr, 0, kind, len(insns) // 8, ctypes.addressof(code),
                     ctypes.addressof(license), 1, len(log), ctypes.addressof(log))
    fd = bpf(PROG_LOAD, attr)
    if fd < 0:
        raise OSError(-fd, os.strerror(-fd) + ": " + log.value.decode()[-400:])
    return fd


def attach(fd, device, place):
    """Attach program FD to a DEVICE, by its number, until the descriptor returned is closed."""
    attr = ctypes.create_string_buffer(64)
    struct.pack_into("=IIII", attr, 0, fd, device, place, 0)
    link = bpf(LINK_CREATE, attr)
    if link < 0:
        raise OSError(-link, os.strerror(-link))
    return link


def run(fd, packet, repeat=1):
    """Run program FD on PACKET, of 14 bytes at least: its result, and nanoseconds a run."""
    data = ctypes.create_string_buffer(packet, len(packet))
    attr = ctypes.create_string_buffer(128)
    struct.pack_into("=IIIIQQII", attr, 0, fd, 0, len(packet), 0, ctypes.addressof(data), 0,
                     repeat, 0)
    error = bpf(TEST_RUN, attr)
    if error:
        raise OSError(-error, os.strerror(-error))
    return struct.unpack_from("=I", attr, 4)[0], struct.unpack_from("=I", attr, 36)[0]


def send(fd, packet, count):
    """Run XDP program FD on PACKET so often, and do what it says with the packets."""
    live_frames, batch = 2, 64
    data = ctypes.create_string_buffer(packet, len(packet))
    attr = ctypes.create_string_buffer(128)
    struct.pack_into("=IIIIQQIIIIQQIII", attr, 0, fd, 0, len(packet), 0, ctypes.addressof(data), 0,
                     count, 0, 0, 0, 0, 0, live_frames, 0, batch)
    error = bpf(TEST_RUN, attr)
    if error:
        raise OSError(-error, os.strerror(-error))


def need():
    """End the test where this machine does not run XDP programs for us."""
    if SYS_BPF is None:
        skip("no number of bpf(2) is known for this machine")
    try:
        os.close(load(as_bytes(EMPTY)))
    except OSError as e:
        skip("bpf(2) loads no programs for us here: %s" % e.strerror[:60])
