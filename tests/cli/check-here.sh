#!/bin/sh
# weir check --here: what the running kernel can do, as others see it, too.
. "${top_srcdir:-.}/tests/cli/lib.sh"

expect 0 "$weir" check --here
says_nothing
prints "Linux $(uname -r) on $(uname -m)"
prints "seccomp actions"
expect 2 "$weir" check --here --expr tcp
says "weir: --here is about the running kernel and takes no program"

# As a user: what seccomp has, but bpf(2) is not asked.
cp "$weir" "$tmp/weir"
user="setpriv --reuid 65534 --regid 65534 --clear-groups"
[ "$(id -u)" -ne 0 ] && user=
expect 0 $user "$tmp/weir" check --here
prints "seccomp flags"
prints "bpf(2): not asked, which needs root"
! grep -q '^program types' "$tmp/out" || fail "a user knows the program types"

command -v python3 >/dev/null || finish
expect 0 "$weir" check --here --json
says_nothing
cp "$tmp/out" "$tmp/here.json"
python3 - "$tmp/here.json" >"$tmp/wrong" <<'END' || fail "the JSON is wrong: $(cat "$tmp/wrong")"
import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    here = json.load(f)

# The kernel's own list of actions; kill is kill_process there.
names = {"kill_process": "kill", "user_notif": "notify"}
try:
    with open("/proc/sys/kernel/seccomp/actions_avail", encoding="utf-8") as f:
        known = {names.get(n, n) for n in f.read().split()}
    ours = {n for n, is_here in here["seccomp_actions"].items() if is_here}
    if ours != known:
        print("actions", ours, known)
        sys.exit(1)
except FileNotFoundError:
    pass
try:
    with open("/sys/kernel/security/lsm", encoding="utf-8") as f:
        if ("landlock" in f.read()) != (here["landlock_abi"] > 0):
            print("landlock", here["landlock_abi"])
            sys.exit(1)
except FileNotFoundError:
    pass
if os.getuid() == 0 and here["bpf"]:
    if not here["program_types"]["socket_filter"] or not here["maps"]["array"]:
        print("socket filters and arrays are everywhere")
        sys.exit(1)
    if here["types"] and here["helpers_of_xdp"]["skb_load_bytes"]:
        print("XDP has no skb")
        sys.exit(1)
    if here["types"] and not here["helpers_of_socket_filter"]["skb_load_bytes"]:
        print("a socket filter has an skb")
        sys.exit(1)
END

# bpftool asks in its own way. Of what both know, it has all that weir has.
[ "$(id -u)" -eq 0 ] && PATH=$PATH:/usr/sbin && command -v bpftool >/dev/null || finish
bpftool -j feature probe kernel full >"$tmp/bpftool.json" 2>/dev/null || finish
python3 - "$tmp/here.json" "$tmp/bpftool.json" >"$tmp/wrong" <<'END' || fail "$(cat "$tmp/wrong")"
import json
import sys

here, other = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
wrong = []
compared = 0
everyones = {name.replace("bpf_", "", 1) for names in other["helpers"].values()
             for name in names}
for name, is_here in here["program_types"].items():
    key = "have_%s_prog_type" % name
    if key in other["program_types"]:
        compared += 1
        if other["program_types"][key] != is_here:
            wrong.append("program type " + name)
for name, is_here in here["maps"].items():
    key = "have_%s_map_type" % name
    if key in other["map_types"]:
        compared += 1
        if other["map_types"][key] != is_here:
            wrong.append("map " + name)
for group, helpers in here.items():
    if not group.startswith("helpers_of_"):
        continue
    # Where the kernel words a refusal in a new way, bpftool 7.1 takes it for a yes.
    theirs = other["helpers"].get(group.replace("helpers_of_", "") + "_available_helpers", [])
    more = {name for name, is_here in helpers.items()
            if is_here and name in everyones} - {n.replace("bpf_", "", 1) for n in theirs}
    compared += len(theirs)
    if theirs and more:
        wrong.append("%s: %s" % (group, sorted(more)))
print("; ".join(wrong) or "%d answers agree with bpftool's" % compared)
sys.exit(bool(wrong))
END
cat "$tmp/wrong"
finish
