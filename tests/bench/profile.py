#!/usr/bin/env python3
"""A container profile (Docker's JSON) as plain rules, a line each:

    action  errno  call  [argument:operator:value[:mask]] ...

for amd64, the capabilities that Docker gives by default, and a kernel."""
import json
import sys

ARCH = "amd64"
KERNEL = (6, 18)
CAPABILITIES = {
    "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
    "CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP",
    "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
}


def applies(rule):
    wants, without = rule.get("includes", {}), rule.get("excludes", {})
    kernel = wants.get("minKernel", "0.0")
    return (ARCH in wants.get("arches", [ARCH])
            and set(wants.get("caps", [])) <= CAPABILITIES
            and tuple(int(n) for n in kernel.split(".")[:2]) <= KERNEL
            and ARCH not in without.get("arches", [])
            and not set(without.get("caps", [])) & CAPABILITIES)


def argument(arg):
    fields = [arg["index"], arg["op"].removeprefix("SCMP_CMP_"), arg["value"]]
    if arg["op"] == "SCMP_CMP_MASKED_EQ":
        fields.append(arg.get("valueTwo", 0))  # value is the mask, valueTwo what it leaves
    return ":".join(str(f) for f in fields)


def main():
    with open(sys.argv[1]) as file:
        profile = json.load(file)
    print(profile["defaultAction"], profile.get("defaultErrnoRet", 1), "-", sep="\t")
    for rule in profile["syscalls"]:
        if applies(rule):
            arguments = [argument(arg) for arg in rule.get("args") or []]
            for name in rule["names"]:
                print(rule["action"], rule.get("errnoRet", 1), name, *arguments, sep="\t")


main()
