#!/usr/bin/env python3
"""Make known.def: the fingerprints of the default profiles of container engines.

    gen_known.py BUILD DIRECTORY >known.def

BUILD is a build of weir, DIRECTORY holds docker-default.json and podman-default.json as the
engines publish them. What a profile becomes depends on the engine (which rules remain for
the container's capabilities), on the runtime, and on the calls that its libseccomp knows,
since names that it does not know are dropped. So there is a row for each set of calls, by
the kernel that added the newest, as weir reads the profile for runc and for crun. Where
these runtimes are installed and this is root, there is also a row for what each of them
really puts on a container here, which tells versions of libseccomp apart that lack a call
on one ABI.
"""
import contextlib
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

WEIR = FINGERPRINTS = None # in BUILD
ABIS = ("x86_64", "i386", "x32")
ENGINES = {"docker": "docker-default.json", "podman": "podman-default.json"}
RUNTIMES = ("runc", "crun")
OLDEST = (5, 8)
CAPS = {
    "docker": "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE "
              "NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT",
    "podman": "CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID "
              "SETPCAP SETUID SYS_CHROOT",
}


def first_kernels():
    """By name of a call, the kernel that added it to the ABI that had it first."""
    first = {}
    for abi in ABIS:
        out = subprocess.run([WEIR, "syscalls", "--list", "--json", "-a", abi], check=True,
                             capture_output=True).stdout
        for call in json.loads(out):
            kernel = call["kernel"] or "0.0"
            kernel = tuple(int(n) for n in kernel.split("."))
            first[call["name"]] = min(kernel, first.get(call["name"], kernel))
    return first


def row(name, raw, directory):
    path = os.path.join(directory, "raw")
    with open(path, "wb") as f:
        f.write(raw)
    return subprocess.run([FINGERPRINTS, name, path], check=True, capture_output=True,
                          text=True).stdout


def compiled(profile, engine, runtime, directory):
    path = os.path.join(directory, "profile.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(profile, f)
    return subprocess.run([WEIR, "policy", "-q", "-f", "raw", "--runtime", runtime,
                           "--cap", engine, path], check=True,
                          capture_output=True).stdout


def without_newer(profile, kernel, first):
    profile = copy.deepcopy(profile)
    for rule in profile["syscalls"]:
        rule["names"] = [n for n in rule["names"] if first.get(n, (0, 0)) <= kernel]
    profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]
    return profile


def by_engine(profile, engine):
    """What the engine hands to the runtime for a container with its usual capabilities."""
    caps = {"CAP_" + c for c in CAPS[engine].split()}
    rules = []
    for rule in profile["syscalls"]:
        wants, spares = rule.get("includes") or {}, rule.get("excludes") or {}
        if not set(wants.get("caps") or ()) <= caps or set(spares.get("caps") or ()) & caps:
            continue
        if wants.get("arches") and not {"amd64", "x86_64"} & set(wants["arches"]):
            continue
        if {"amd64", "x86_64"} & set(spares.get("arches") or ()):
            continue
        kept = {k: rule[k] for k in ("names", "action", "args", "errnoRet") if rule.get(k)}
        rules.append(kept)
    seccomp = {"defaultAction": profile["defaultAction"], "syscalls": rules,
               "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]}
    if profile.get("defaultErrnoRet"):
        seccomp["defaultErrnoRet"] = profile["defaultErrnoRet"]
    return seccomp


def config(seccomp, engine):
    caps = ["CAP_" + c for c in CAPS[engine].split()]
    return {
        "ociVersion": "1.0.2",
        "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "cwd": "/",
                    "args": ["/bin/busybox", "sleep", "60"], "env": ["PATH=/bin"],
                    "capabilities": {k: caps for k in ("bounding", "effective", "permitted")}},
        "root": {"path": "rootfs"},
        "hostname": "weir",
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
        "linux": {"namespaces": [{"type": t} for t in ("pid", "ipc", "uts", "mount")],
                  "seccomp": seccomp},
    }


def start(runtime, directory, name):
    """Start the bundle of DIRECTORY and return (process of the runtime, pid inside)."""
    command = [runtime, "--root", os.path.join(directory, "state")]
    tail = ["run", "--bundle", directory, name]
    if runtime == "crun":
        command = ["unshare", "-m", "sh", "-c",
                   'mount -t tmpfs none /sys/fs/cgroup; exec "$@"', "sh"] + command + \
                  ["--cgroup-manager=disabled"]
    run = subprocess.Popen(command + tail, stdin=subprocess.DEVNULL)
    for _ in range(200):
        time.sleep(0.05)
        out = subprocess.run([runtime, "--root", os.path.join(directory, "state"), "state",
                              name], capture_output=True, text=True, check=False).stdout
        if '"running"' in out.replace(" ", ""):
            pid = json.loads(out)["pid"]
            with open("/proc/%d/comm" % pid, encoding="utf-8") as f:
                if f.read().strip() == "busybox":
                    return run, pid
    return run, None


@contextlib.contextmanager
def container(profile, engine, runtime, base):
    """A container that RUNTIME starts under PROFILE: its process, or None."""
    directory = tempfile.mkdtemp(dir=base)
    for name in ("bin", "dev", "proc"):
        os.makedirs(os.path.join(directory, "rootfs", name))
    shutil.copy(shutil.which("busybox"), os.path.join(directory, "rootfs/bin/busybox"))
    with open(os.path.join(directory, "config.json"), "w", encoding="utf-8") as f:
        json.dump(config(by_engine(profile, engine), engine), f)
    name = "weir-known-%d-%s-%s" % (os.getpid(), engine, runtime)
    run, pid = start(runtime, directory, name)
    try:
        yield pid
    finally:
        run.terminate()
        subprocess.run([runtime, "--root", os.path.join(directory, "state"), "delete", "-f",
                        name], capture_output=True, check=False)
        run.wait()


def contained(profile, engine, runtime, base):
    """The program that RUNTIME puts on a container under PROFILE."""
    with container(profile, engine, runtime, base) as pid:
        return subprocess.run([WEIR, "show", "-f", "raw", "--pid", "%d#1" % pid], check=True,
                              capture_output=True).stdout if pid else None


def version(runtime):
    text = subprocess.run([runtime, "--version"], capture_output=True, text=True,
                          check=True).stdout.split()
    number = text[2].split("+")[0].split("-")[0]
    if "libseccomp:" in text:
        return "%s %s, libseccomp %s" % (runtime, number, text[text.index("libseccomp:") + 1])
    return "%s %s" % (runtime, number)


def label(runtimes, kernel):
    return "%s, calls of Linux %d.%d" % (" or ".join(runtimes), *kernel)


def rows_of(engine, profile, first, base):
    """By sample and fingerprint, what has them: labels, which are the same program."""
    found = {}

    def put(raw, runtime, kernel):
        what = row("", raw, base).partition('", ')[2]
        labels = found.setdefault(what, {})
        # The newest calls that make no difference speak for the older ones.
        if not any(k and runtime in r for k, r in labels.items()):
            labels.setdefault(kernel, []).append(runtime)

    names = {n for rule in profile["syscalls"] for n in rule["names"]}
    kernels = {first[n] for n in names if n in first and first[n] > OLDEST} | {OLDEST}
    for runtime in RUNTIMES:
        if os.getuid() == 0 and shutil.which(runtime) and shutil.which("busybox"):
            raw = contained(profile, engine, runtime, base)
            if raw:
                put(raw, version(runtime), None)
        for kernel in sorted(kernels, reverse=True):
            cut = without_newer(profile, kernel, first)
            put(compiled(cut, engine, runtime, base), runtime, kernel)
    return found


def main(build, directory):
    global WEIR, FINGERPRINTS
    WEIR = os.path.join(build, "weir")
    FINGERPRINTS = os.path.join(build, "src/cli/fingerprints")
    first = first_kernels()
    print("/* KNOWN(name, sample, fingerprint): made by gen_known.py. */")
    with tempfile.TemporaryDirectory() as base:
        for engine, name in ENGINES.items():
            with open(os.path.join(directory, name), encoding="utf-8") as f:
                profile = json.load(f)
            for what, labels in rows_of(engine, profile, first, base).items():
                said = "; ".join(label(r, k) if k else "; ".join(r)
                                 for k, r in labels.items())
                print('KNOWN("%s default (%s)", %s' % (engine, said, what), end="")


if __name__ == "__main__":
    main(*sys.argv[1:3])
