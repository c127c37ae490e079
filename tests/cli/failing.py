#!/usr/bin/env python3
"""Each call of the system that a command makes fails once.

Whatever comes of it: weir ends by itself. Either it says what it says when
nothing fails, or its status is not 0 and there is a message. A file that it writes is
the old one or all of the new. A call that is interrupted changes nothing. Under weir
run 125 means that nothing of the program ran.
"""
import collections
import concurrent.futures
import gzip
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.environ.get("top_srcdir", "."))
BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
FAILING = os.path.join(BUILD, "tests/cli/failing")
EINTR, EIO = 4, 5
MOST = 12          # of the calls of one kind the first ones fail, and as many others
# What a signal may interrupt, where weir takes signals: under weir run they are held.
INTERRUPTED = {"read", "write", "writev", "poll", "recvmsg", "recv", "waitpid"}
# While weir comes to them, the program may come to its end.
SLOW = {"waitid", "waitpid", "sigtimedwait"}
# Nothing is lost with them, and nothing can be done.
HARMLESS = {"clock_gettime", "getsockopt", "setsockopt"}

# A number is shown where these have no name for it.
NAMES = {"localtime_r", "getpwuid"}

POLICY = "default allow\nerrno EPERM kexec_load\nkill reboot\n"
INCLUDES = 'include "./policy"\nlog getpid\n'
# Packets that come over the loopback of a network of one's own, while %s runs.
NETWORK = ("exec unshare %s bash -c 'ip link set lo up; (while kill -0 $$; do "
           "echo >/dev/udp/127.0.0.1/9; sleep 0.02; done) >/dev/null 2>&1 & exec %s'")
NETWORK_ASKED = re.compile(" -i (lo|any) ")
# In namespaces of its own, with a process under filters, which is number 2.
FILTERED = ("exec unshare -mpnf --mount-proc sh -c './filters %s >ready & "
            "until grep -q ready ready; do sleep 0.01; done; exec %s'")
# The same with the process in a network namespace of its own, and a named one, empty.
SPACES = ("exec unshare -mpnf --mount-proc sh -c 'mount -t tmpfs none /run && "
          "ip netns add empty && unshare -n ./filters %s >ready & "
          "until grep -q ready ready; do sleep 0.01; done; exec %s'")
# In namespaces of its own, with a program on the loopback that is kept.
ATTACHED = ("exec unshare -mn sh -c 'ip link set lo up && mount -t bpf bpf /sys/fs/bpf && "
            "%s attach -q --keep tc lo ingress drop icmp && exec %s'")
# The same by a filter of clsact; and on a socket, which is descriptor 9 of process 1.
CLSACT = ATTACHED.replace("--keep", "--clsact --keep")
SOCKET = ("exec unshare -mpnf --mount-proc bash -c 'ip link set lo up; "
          "exec 9<>/dev/udp/127.0.0.1/9; %s --version >/dev/null; exec %s'")
LOCKED = SOCKET.replace("--version", "attach -q --lock socket 1:9 drop less 5")
NAMESPACES = "-n" if os.getuid() == 0 else "-rn"
# With the status where nothing fails.
COMMANDS = {
    "packet": (0, "packet 'tcp port 80 or host 10.1.2.3'"),
    "packet -o": (0, "packet -o out 'udp'"),
    "packet -F": (0, "packet -F ./filter --profile=./capture.pcap"),
    "packet, name": (0, "packet 'host localhost and port http'"),
    "packet -i": (0, "packet -ilo tcp"),
    "policy": (0, "policy ./including"),
    "policy -o": (0, "policy -f c -o out ./policy"),
    "policy --ask": (1, "policy --ask 'kexec_load()' ./policy"),
    "policy --explain": (0, "policy --explain ./including"),
    "policy, shipped": (0, "policy no-network"),
    "policy -": (0, "policy -"),
    "syscalls": (0, "syscalls read"),
    "show FILE": (0, "show ./program"),
    "show -": (0, "show --kind packet - <./program"),
    "show -o": (0, "show -O2 -f c -o out ./program"),
    "check --policy": (0, "check --policy ./including"),
    "eval --expr": (0, "eval --expr 'tcp port 80' --packet 0011"),
    "filter": (0, "filter -r ./capture.pcap 'tcp'"),
    "filter -w": (0, "filter -r ./capture.pcap -w out 'ip'"),
    "filter -c": (0, "filter -r ./capture.pcap -c 3 -w - 'ip'"),
    "filter -r -": (0, "filter -r - -q <./capture.pcap"),
    "filter, pcapng": (0, "filter -r ./capture.pcapng -q"),
    "filter, gzip": (0, "filter -r ./capture.gz -q"),
    "filter, old": (0, "filter -r ./capture.old -q"),
    "filter -i": (2, "filter -i none"),
    "live, -w": (0, "filter -q -i lo -c 2 -w /dev/null -s 1 udp"),
    "live, -F": (0, "filter -q -i lo -c 2 -w /dev/null -F ./filter"),
    "live, -U": (0, "filter -i lo -O0 -U -c 1 -w - udp >/dev/null"),
    "live, any": (0, "filter -q -i any -c 1 -w /dev/null udp"),
    "filter, lines": (0, "filter -r ./capture.pcap -v 'tcp'"),
    "filter --profile": (0, "filter --profile=./capture.pcap -r ./capture.pcap -c 1 ip"),
    "show": (0, "show --expr 'tcp port 80'"),
    "show, policy": (0, "show --policy ./policy"),
    "check": (0, "check --policy ./policy"),
    "eval": (0, "eval --expr tcp --packet 00"),
    "show --expr": (0, "show -O0 --expr udp"),
    "show --explain": (0, "show --explain ./program"),
    "check --expr": (0, "check --expr 'tcp port 80'"),
    "check --here": (0, "check --here"),
    "show --ask": (1, "show --ask 'kexec_load()' --policy ./policy"),
    "show, lifted": (0, "show -f policy ./seccomp"),
    "show --explain, lifted": (0, "show --explain ./seccomp"),
    "show -f dot": (0, "show -f dot ./seccomp"),
    "eval --data": (0, "eval --policy ./policy --data " + 64 * "00"),
    "eval --trace": (0, "eval --trace --expr tcp --packet 00"),
    "eval -r, lines": (0, "eval -r ./capture.pcap --expr tcp"),
    "eval -r --json": (0, "eval -r ./capture.pcap --json --expr tcp"),
    "eval -r": (0, "eval -r ./capture.pcap --expr tcp --coverage"),
    "eval --call": (0, "eval --policy ./policy --call 'getpid()' --trace"),
    "packet -f elf": (0, "packet -f elf --for xdp -o out tcp"),
    "packet -f ebpf": (0, "packet -f ebpf -dd tcp"),
    "packet -v": (0, "packet -v --explain 'tcp port 80'"),
    "policy -O3": (0, "policy -v -O3 -D X=1 -D Y=2 ./policy"),
    "policy --profile": (0, "policy --profile=./counts ./policy"),
    "policy, oci": (0, "policy -f oci ./policy"),
    "syscalls --json": (0, "syscalls --json -a x86_64,mips O_CREAT"),
    "syscalls --list": (0, "syscalls --list -a x86_64 -o out"),
    "help": (0, "help formats"),
    "version": (0, "--version"),
    "run": (3, "run ./policy -- sh -c 'echo ran; exit 3'"),
    "run --no-trace": (3, "run --no-trace ./policy -- sh -c 'echo ran; exit 3'"),
    "run --no-trace, short": (0, "run -q --no-trace ./policy -- true"),
    "run, refused": (159, "run ./killing -- setarch -R true"),
    "run, left": (3, "run ./policy -- sh -c 'sleep 0.1 & echo ran; exit 3'"),
    "run, stopped": (3, "run ./policy -- sh -c '(kill -STOP $$; kill -CONT $$) & "
                        "sleep 0.2; echo ran; exit 3'"),
    "run, default": (3, "run -- sh -c 'echo ran; exit 3'"),
    "run, killed": (137, "run ./policy -- sh -c 'echo ran; kill -9 $$'"),
    "run, no exec": (3, "run ./noexec -- sh -c 'echo ran; exit 3'"),
    "run, not there": (127, "run ./policy -- ./nothing"),
    "run, not executable": (126, "run ./policy -- ./policy"),
}
if shutil.which("dot"):
    COMMANDS["packet -f svg"] = (0, "packet -f svg 'tcp port 80'")
    COMMANDS["show -f svg"] = (0, "show -f svg -o out ./program")
# What only root may do: the environment of each (see above), its status, the command.
ROOT = {
    "ps": (FILTERED, "2 5", 0, "ps"),
    "ps -o": (FILTERED, "2 5", 0, "ps -o pid,tid,user,uid,on,filters,length,profile,args"),
    "ps --json": (FILTERED, "2 5", 0, "ps --json --pid 2"),
    "ps, packet": (FILTERED, "packet 5", 0, "ps"),
    "ps, spaces": (SPACES, "packet 5", 0, "ps -o on,length"),
    "ps --fds": (FILTERED, "udp 5", 0, "ps --fds 2"),
    "show --pid": (FILTERED, "2 5", 0, "show --pid 2#1"),
    "show --fd": (FILTERED, "udp 5", 0, "show --fd 2:3"),
    "attach --keep": (ATTACHED, None, 0, "attach --keep tc lo egress drop udp"),
    "attach": (ATTACHED, None, 0, "attach --timeout 1 xdp lo drop udp"),
    "attach --list": (ATTACHED, None, 0, "attach --list --json >/dev/null"),
    "attach --clsact": (CLSACT, None, 0, "attach --clsact --timeout 1 tc lo egress drop udp"),
    "attach --clsact --keep": (CLSACT, None, 0, "attach --clsact --keep tc lo egress drop udp"),
    "attach --list, clsact": (CLSACT, None, 0, "attach --list -q >/dev/null"),
    "attach socket": (SOCKET, None, 0, "attach --timeout 1 socket 1:9 drop less 5"),
    "attach socket --lock": (SOCKET, None, 0, "attach --lock socket 1:9 drop less 5"),
    "attach --list, socket": (LOCKED, None, 0, "attach --list >/dev/null"),
    "attach --detach": (ATTACHED, None, 0, "attach --detach lo"),
}


# What only a weir with the library can do.
LIBRARIES = {"filter, gzip": "zlib", "filter, old": "libpcap"}

AROUND = {}


def add_root_commands():
    """Those for which there is what they need."""
    for name, (around, filters, status, command) in ROOT.items():
        COMMANDS[name] = (status, command)
        AROUND[command] = around % (filters or os.path.join(BUILD, "weir"), "FAILING")


class Run:
    """One run of COMMAND, of which a call may fail."""

    def __init__(self, base, command, fail=None):
        self.directory = tempfile.mkdtemp(dir=base)
        self.command = command
        self.fail = fail
        for name in ("filters", "policy", "including", "noexec", "killing", "counts", "filter", "program",
                     "seccomp", "capture.pcap", "capture.pcapng", "capture.gz",
                     "capture.old"):
            os.symlink(os.path.join(base, name), os.path.join(self.directory, name))
        with open(os.path.join(self.directory, "out"), "w", encoding="utf-8") as f:
            f.write("old\n")
        environment = dict(os.environ, LC_ALL="C")
        if fail:
            environment["WEIR_FAIL"] = "%s:%d:%s" % fail
        else:
            environment["WEIR_CALLED"] = os.path.join(self.directory, "called")
        try:
            text = "exec %s %s" % (FAILING, command)
            if NETWORK_ASKED.search(command):
                text = NETWORK % (NAMESPACES, FAILING + " " + command)
            if command in AROUND:
                text = AROUND[command].replace("FAILING", FAILING + " " + command)
            done = subprocess.run(text, shell=True,
                                  cwd=self.directory, env=environment,
                                  input=POLICY.encode(), capture_output=True,
                                  timeout=20, check=False)
            self.status, self.said, self.complained = (done.returncode, done.stdout,
                                                       done.stderr)
        except subprocess.TimeoutExpired:
            self.status, self.said, self.complained = None, b"", b""
        with open(os.path.join(self.directory, "out"), "rb") as f:
            self.out = f.read()
        self.left = sorted(os.listdir(self.directory))

    def result(self):
        return self.status, self.said, self.out

    def calls(self):
        with open(os.path.join(self.directory, "called"), encoding="utf-8") as f:
            return collections.Counter(f.read().split())

    def judge(self, good):
        """What is wrong, beside GOOD, where nothing failed; or None."""
        call, _, error = self.fail
        harmless = HARMLESS
        if NETWORK_ASKED.search(self.command) or re.search("--fd | socket ", self.command):
            harmless = HARMLESS - {"setsockopt", "getsockopt"}
        if self.status is None:
            return "does not end"
        if self.status < 0:
            return "dies of signal %d" % -self.status
        if b"Assertion" in self.complained or b"runtime error" in self.complained:
            return "is wrong"
        if self.result() == good.result() or b"not shown: " in self.complained:
            return None
        # What cannot be asked of the kernel is not there, or not known.
        if self.command.startswith("check") and (call == "fopen" or "--here" in self.command):
            return None
        if call in NAMES and self.status == good.status:
            return None
        if call in harmless or error in (EINTR, "slow"):
            return "does not do its work"
        if self.status == 0 or self.status == good.status:
            return "fails without saying so"
        if b"weir: " not in self.complained and b"error: " not in self.complained:
            return "gives no message"
        # A capture grows; how far it got is said.
        if self.out not in (b"old\n", good.out) and b"it holds" not in self.complained:
            return "leaves half a file"
        if [name for name in self.left if name not in good.left]:
            return "leaves a file behind"
        if "run" in self.command and b"ran" in self.said and self.status == 125:
            return "says that nothing ran"
        return None


def which(count):
    """Which of COUNT calls fail: the first, and others up to the last."""
    first = min(count, MOST)
    others = min(count - first, MOST)
    return [*range(1, first + 1),
            *(first + (i + 1) * (count - first) // others for i in range(others))]


def prepare(base):
    for name, text in (("policy", POLICY), ("including", INCLUDES),
                       ("noexec", POLICY + "errno EPERM execve\n"),
                       ("filter", "tcp port 80 or udp\n"),
                       ("killing", "default allow\nkill personality\n"),
                       ("counts", "read 5\nwrite 3\n"),
                       ("seccomp", "ld [4]\njeq #0xc000003e, known\nret #0x80000000\n"
                                   "known: ld [0]\njeq #246, refuse\n"
                                   "ret #0x7fff0000\nrefuse: ret #0x50001\n"),
                       ("program", "ldh [12]\njeq #0x806, yes\nret #0\nyes: ret #1\n")):
        with open(os.path.join(base, name), "w", encoding="utf-8") as f:
            f.write(text)
    for name in ("pcap", "pcapng"):
        with open(os.path.join(base, "capture." + name), "wb") as f:
            subprocess.run([os.path.join(BUILD, "tests/net/mkpcap"), "EN10MB", name,
                            "40", "1"], stdout=f, check=True)
    with open(os.path.join(base, "capture.pcap"), "rb") as f:
        pcap = f.read()
    with gzip.open(os.path.join(base, "capture.gz"), "wb") as f:
        f.write(pcap)
    # Version 2.3 of the format, which is left to libpcap.
    with open(os.path.join(base, "capture.old"), "wb") as f:
        f.write(pcap[:6] + struct.pack("=H", 3) + pcap[8:])

    subprocess.run(os.environ.get("CC", "cc").split() + [
        "-pthread", "-o", os.path.join(base, "filters"),
        os.path.join(TOP, "tests/cli/filters.c")], check=False)


def main():
    wanted = sys.argv[1:]
    if not os.path.exists(FAILING):
        print(FAILING + " was not built")
        sys.exit(99)
    base = tempfile.mkdtemp()
    failures, total = [], 0
    if subprocess.run(["unshare", NAMESPACES, "true"], check=False).returncode:
        print("no network namespaces here: nothing is captured")
        for name in [name for name in COMMANDS if name.startswith("live")]:
            del COMMANDS[name]
    version = subprocess.run([FAILING, "--version"], capture_output=True, check=False).stdout
    for name, library in LIBRARIES.items():
        if not re.search(r"\+ .*\(%s\)" % library, version.decode()):
            del COMMANDS[name]
    try:
        prepare(base)
        if os.getuid() == 0 and os.path.exists(os.path.join(base, "filters")):
            add_root_commands()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for name, (status, command) in COMMANDS.items():
                good = Run(base, command)
                if good.status != status:
                    failures.append("%s: status %s: %s" % (name, good.status,
                                                           good.complained.decode()))
                    continue
                plan = [(call, n, error) for call, count in good.calls().items()
                        for n in which(count)
                        for error in [EIO] + [EINTR] * (call in INTERRUPTED and
                                                        not name.startswith("run"))
                        + ["slow"] * (call in SLOW)
                        if not wanted or call in wanted or name in wanted]
                for run in pool.map(lambda fail: Run(base, command, fail), plan):
                    why = run.judge(good)
                    total += 1
                    if why:
                        failures.append("%s, %s %d fails with %s: %s (status %s): %s" % (
                            (name,) + run.fail + (why, run.status, run.complained.decode(
                                errors="replace").strip())))
    finally:
        shutil.rmtree(base, ignore_errors=True)
    for failure in failures:
        print("FAIL: " + failure)
    print("%d runs, %d failed" % (total, len(failures)))
    sys.exit(bool(failures) or not total)


main()
