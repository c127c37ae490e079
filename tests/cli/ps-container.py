#!/usr/bin/env python3
"""weir ps names the profile of a container that runc or crun started.

The profiles are Docker's and Podman's, of the reference vectors. What a runtime makes of
them depends on its libseccomp; where known.def has no row for the one that is here, the
profile is at least told by its name with --policy, or this is skipped.
"""
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.environ.get("top_srcdir", "."))
WEIR = os.path.join(os.path.abspath(os.environ.get("top_builddir", ".")), "weir")


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def load(path):
    spec = importlib.util.spec_from_file_location("gen_known", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def profile_of(pid):
    out = subprocess.run([WEIR, "ps", "-q", "--json", "--pid", str(pid)], check=True,
                         capture_output=True).stdout
    processes = json.loads(out)["processes"]
    if len(processes) != 1 or not processes[0]["filters"]:
        return None
    return processes[0]["filters"][0]["profile"]


def main():
    sys.dont_write_bytecode = True
    vectors = os.environ.get("WEIR_VECTORS", "")
    if not os.path.isdir(os.path.join(vectors, "profiles")):
        skip("WEIR_VECTORS has no profiles")
    if os.getuid() != 0:
        skip("containers are started as root here")
    if os.uname().machine != "x86_64":
        skip("the table is of x86_64")
    if not shutil.which("busybox"):
        skip("busybox is not installed")
    known = load(os.path.join(TOP, "src/cli/tables/gen_known.py"))
    with open(os.path.join(TOP, "src/cli/known.def"), encoding="utf-8") as f:
        table = f.read()
    seen = wrong = 0
    for runtime in known.RUNTIMES:
        if not shutil.which(runtime):
            continue
        version = known.version(runtime)
        for engine, name in known.ENGINES.items():
            if not any(line.startswith('KNOWN("%s default (' % engine) and version in line
                       for line in table.splitlines()):
                print("%s: known.def has no row for it" % version)
                continue
            with open(os.path.join(vectors, "profiles", name), encoding="utf-8") as f:
                profile = json.load(f)
            with tempfile.TemporaryDirectory() as base, \
                    known.container(profile, engine, runtime, base) as pid:
                if not pid:
                    print("%s starts no container here" % runtime)
                    continue
                said = profile_of(pid)
            seen += 1
            print("%s, %s: %s" % (engine, runtime, said))
            wrong += not (said or "").startswith(engine + " default (")
    if not seen:
        skip("no runtime of the table starts containers here")
    sys.exit(wrong != 0)


main()
