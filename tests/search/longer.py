#!/usr/bin/env python3
"""-Os is never longer than what libpcap makes, where that is right.

Everyday expressions for Ethernet and its like, radio, ATM and live VLANs, compiled by
weir -Os and by tcpdump. Programs of libpcap's optimizer that are wrong are listed in WRONG;
what of ours is still longer is listed in KNOWN, and may not grow.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile

WEIR = os.path.join(os.path.abspath(os.environ.get("top_builddir", ".")), "weir")

# By the numbers of files. Not NULL, ENC and PFLOG: older ones of libpcap know one byte
# order of these.
LINKS = {
    "EN10MB": 1, "IEEE802": 6, "PPP": 9, "FDDI": 10, "ATM_RFC1483": 100, "RAW": 101,
    "IEEE802_11": 105, "LOOP": 108, "LINUX_SLL": 113, "PRISM_HEADER": 119,
    "SUNATM": 123, "IEEE802_11_RADIO": 127, "PPI": 192, "IPV4": 228, "IPV6": 229,
    "LINUX_SLL2": 276,
}

EXPRESSIONS = """
arp
ip
ip6
tcp
udp
icmp
icmp6
rarp
stp
llc u
pppoes
pppoes 7
vlan
vlan 100
mpls
tcp or udp
ip or ip6 or arp
tcp port 80
not port 22
port 53 or port 80
portrange 1-99
host 10.0.0.1
host 10.0.0.1 and host 10.0.0.2
src net 10.0.0.0/8
src net 10.0.0.0/8 and dst net 192.0.2.0/24
src host 1.2.3.4 and dst port 25
less 100
greater 1000 and udp
tcp[13] = 18
ip[0] & 0xf > 5
ether proto 0x88cc
ip proto 47
ip6 proto 50
not broadcast and not multicast
wlan type mgt
type data subtype qos-data
dir nods
lane
vpi 3
metac
""".strip().split("\n")

LIVE = """
tcp
tcp port 80
inbound and udp
vlan
not vlan
vlan 100
vlan and host 192.168.1.1
not vlan and not stp and not arp
vlan 100 && vlan 200
vlan 5 or vlan 6
tcp or (vlan and tcp)
vlan and tcp port 80
vlan and vlan and ip
vlan and arp
vlan and ip6
vlan and (tcp or udp)
vlan 10 and not host 10.0.0.1
ip or (vlan and ip)
host 1.2.3.4 or (vlan and host 1.2.3.4)
port 80 or (vlan and port 80)
mpls and ip
pppoes and tcp
geneve and tcp
""".strip().split("\n")

# How much longer ours is, and why.
KNOWN = {
    # One test of the low bit for both addresses takes X; two loads take none.
    ("IEEE802_11", "not broadcast and not multicast"): 3,
    ("IEEE802_11_RADIO", "not broadcast and not multicast"): 3,
    ("PPI", "not broadcast and not multicast"): 3,
    # Two cells hold the header's length on one path and what follows on the other.
    ("PRISM_HEADER", "pppoes"): 1,
}

# Its optimizer's programs that do not do what its unoptimized ones do.
WRONG = {
    # Looks 4 bytes further also where the kernel has taken the tag out of the packet.
    ("live", "ip or (vlan and ip)"),
}


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def length(command):
    """Instructions of the program that is printed; 0 where it is refused."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(done.stdout.split()[0]) if done.returncode == 0 and done.stdout else 0


class Comparison:
    """Counts, and what is longer."""

    def __init__(self):
        self.compared = 0
        self.longer = {}

    def compare(self, name, source, expression):
        """SOURCE: -r FILE or -i INTERFACE."""
        theirs = ["tcpdump", "-Z", "root", "-n", *source, "-ddd"]
        if os.getuid():
            del theirs[1:3]
        ours = length([WEIR, "packet", "-q", "-n", "-Os", "-f", "decimal", *source,
                       expression])
        optimized = length([*theirs, expression])
        if not ours or not optimized:
            return
        self.compared += 1
        excess = ours - optimized
        if excess > 0 and (name, expression) not in WRONG:
            self.longer[name, expression] = excess


def compare_files(c):
    with tempfile.TemporaryDirectory() as d:
        os.chmod(d, 0o755)
        for name, number in LINKS.items():
            path = os.path.join(d, name)
            with open(path, "wb") as f:
                f.write(struct.pack("=IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, number))
            for expression in EXPRESSIONS:
                c.compare(name, ["-r", path], expression)


def main():
    if sys.argv[1:] == ["live"]:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    if not shutil.which("tcpdump"):
        skip("tcpdump is not installed")
    c = Comparison()
    if sys.argv[1:] == ["live"]:
        for expression in LIVE:
            c.compare("live", ["-i", "lo"], expression)
    else:
        compare_files(c)
    bad = 0
    for key, excess in c.longer.items():
        known = KNOWN.get(key, 0)
        bad += excess > known
        print("%s %s '%s': longer by %d" % ("known:" if excess <= known else "FAIL:",
                                            *key, excess))
    print("%d compared, %d of ours are longer" % (c.compared, len(c.longer)))
    if bad:
        sys.exit(1)
    if sys.argv[1:]:
        sys.exit(0 if c.compared > 15 else 1)
    # On the loopback of a network of its own; without one, what there is has passed.
    unshare = ["unshare", "-n" if os.getuid() == 0 else "-rn"]
    if c.compared < 300:
        sys.exit(1)
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        print("no network namespace is permitted here: nothing live was compared")
        sys.exit(0)
    os.execvp("unshare", [*unshare, sys.executable, os.path.abspath(__file__), "live"])


if __name__ == "__main__":
    main()
