"""A pair of interfaces in network and mount namespaces of the test's own."""
import os
import shutil
import subprocess
import sys

import ebpf_load


def enter_namespace(*programs):
    """Begin the script once more in namespaces of its own; skip it without PROGRAMS."""
    if os.environ.get("in_namespace"):
        return
    if os.geteuid() != 0:
        ebpf_load.skip("only root makes interfaces")
    for program in programs:
        if not shutil.which(program):
            ebpf_load.skip(program + " is not installed")
    if subprocess.run(["unshare", "-nm", "true"], stderr=subprocess.DEVNULL).returncode:
        ebpf_load.skip("no network namespace is to be had here")
    os.environ["in_namespace"] = "1"
    os.execvp("timeout", ["timeout", "300", "unshare", "-nm", sys.executable, sys.argv[0]])


def make_pair():
    """Make near0 here and far0, the other end, in network namespace far; both are down."""
    for words in (["mount", "-t", "tmpfs", "none", "/run"],
                  ["mount", "-t", "bpf", "bpf", "/sys/fs/bpf"],
                  ["ip", "netns", "add", "far"]):
        subprocess.run(words, check=True)
    if subprocess.run(["ip", "link", "add", "near0", "type", "veth", "peer", "name", "far0",
                       "netns", "far"], stderr=subprocess.DEVNULL).returncode:
        ebpf_load.skip("no veth pair can be made")
