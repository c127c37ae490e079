#!/bin/sh
# A profile that weir wrote confines a container: with crun and runc, and a busybox in
# it, calls that the policy refuses end with the errno that it asks for, others work.
. "${top_srcdir:-.}/tests/cli/lib.sh"

busybox=$(command -v busybox) || skip "busybox is not installed"
readelf -l "$busybox" 2>/dev/null | grep -q INTERP && skip "busybox is not linked statically"
command -v python3 >/dev/null || skip "python3 is not installed"
[ "$(id -u)" = 0 ] || skip "containers are started as root here"
unshare -mpf true 2>/dev/null || skip "namespaces are not permitted"

mkdir -p "$tmp/bundle/rootfs/bin" "$tmp/bundle/rootfs/proc" \
	"$tmp/bundle/rootfs/dev" "$tmp/state"
cp "$busybox" "$tmp/bundle/rootfs/bin/busybox"

# bundle PROFILE COMMAND...: a config.json that runs it.
bundle()
{
	python3 - "$tmp/bundle/config.json" "$@" <<'EOF'
import json
import sys

out, profile, *command = sys.argv[1:]
with open(profile) as f:
    seccomp = json.load(f)
capabilities = {k: ["CAP_CHOWN", "CAP_FOWNER", "CAP_DAC_OVERRIDE"]
                for k in ("bounding", "effective", "permitted")}
config = {
    "ociVersion": "1.0.2",
    "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "args": command,
                "env": ["PATH=/bin"], "cwd": "/", "noNewPrivileges": True,
                "capabilities": capabilities},
    "root": {"path": "rootfs", "readonly": False},
    "hostname": "weir",
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
    "linux": {"namespaces": [{"type": t} for t in ("pid", "ipc", "uts", "mount")],
              "seccomp": seccomp},
}
with open(out, "w") as f:
    json.dump(config, f)
EOF
}

# contain RUNTIME COMMAND...: under profile.json; its output is in $tmp/out.
contain()
{
	runtime=$1
	shift
	bundle "$tmp/profile.json" "$@"
	n=$((${n-0} + 1))
	set -- run --bundle "$tmp/bundle" "weir-test-$$-$n"
	case $runtime in
	crun) # has no business with this machine's cgroups, and does not like all kinds
		unshare -m sh -c 'mount -t tmpfs none /sys/fs/cgroup; exec "$@"' sh timeout 60 \
			crun --root "$tmp/state" --cgroup-manager=disabled "$@" ;;
	*)
		timeout 60 "$runtime" --root "$tmp/state" "$@" ;;
	esac >"$tmp/out" 2>&1 </dev/null
}

# want STATUS TEXT RUNTIME COMMAND...
want()
{
	status=$1 text=$2
	shift 2
	contain "$@"
	got=$?
	[ "$got" = "$status" ] && { [ -z "$text" ] || grep -q "$text" "$tmp/out"; } && return
	fail "exit status $got, expected $status and '$text': $*"
	sed 's/^/    /' "$tmp/out"
}

# profile RUNTIME POLICY: profile.json of it.
profile()
{
	"$weir" policy -q -f oci --runtime "$1" -o "$tmp/profile.json" "$2" 2>"$tmp/err" || {
		fail "$2 is no profile for $1"
		cat "$tmp/err"
	}
}

cat >"$tmp/open.policy" <<'EOF'
default allow
abi x86_64
EOF
# Refusals that can be told apart, of a call, of an argument's bits, and of a value.
cat >"$tmp/refuse.policy" <<'EOF'
default allow
abi x86_64
errno EXDEV mkdir, mkdirat
errno EDQUOT chmod, fchmod, fchmodat if mode & S_ISUID
errno ENETDOWN socket(AF_INET, _, _)
EOF

ran=0
for runtime in crun runc; do
	command -v "$runtime" >/dev/null || {
		echo "$runtime is not installed"
		continue
	}
	profile "$runtime" "$tmp/open.policy"
	contain "$runtime" /bin/busybox echo "it runs"
	grep -q "it runs" "$tmp/out" || {
		echo "$runtime runs no containers here: $(tail -1 "$tmp/out")"
		continue
	}
	ran=$((ran + 1))

	profile "$runtime" "$tmp/refuse.policy"
	want 1 "cross-device link" "$runtime" /bin/busybox mkdir /new
	want 1 "quota exceeded" "$runtime" /bin/busybox chmod 4755 /bin/busybox
	want 0 "" "$runtime" /bin/busybox chmod 0755 /bin/busybox
	want 1 "Network is down" "$runtime" /bin/busybox nc -w 1 127.0.0.1 1
	want 0 "12" "$runtime" /bin/busybox sh -c 'echo 12 | cat'

	# The default policy of weir run is one that programs survive here, too.
	profile "$runtime" default
	want 0 "12" "$runtime" /bin/busybox sh -c 'echo 12 >/file && cat /file && ls -l /'
done
[ "$ran" -gt 0 ] || skip "no runtime runs containers here"
echo "$ran runtimes"
finish
