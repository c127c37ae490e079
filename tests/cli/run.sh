#!/bin/sh
# weir run: the program's status is passed on, and whatever goes wrong before
# the program begins keeps it from beginning.
. "${top_srcdir:-.}/tests/cli/lib.sh"

# Until FILE has something in it, ten seconds at most.
wait_for()
{
	local i=0

	while [ ! -s "$1" ] && [ $((i += 1)) -le 200 ]; do
		sleep 0.05
	done
}

policy allow <<-'END'
	default allow
	errno EPERM acct
END
policy kill <<-'END'
	default allow
	kill personality
END

# A program whose only segment is longer in the file than in memory.
python3 - "$tmp/broken" 2>/dev/null <<-'END'
	import os, struct, sys
	own = open("/proc/self/exe", "rb").read(64)
	if own[4] == 2 and sys.byteorder == "little":
	    elf = own[:16] + struct.pack("<HHIQQQIHHHHHH", 2, *struct.unpack("<H", own[18:20]),
	        1, 0x400000, 64, 0, *struct.unpack("<I", own[48:52]), 64, 56, 1, 64, 0, 0)
	    elf += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 0x1000, 16, 0x1000)
	    with open(sys.argv[1], "wb") as f:
	        f.write(elf.ljust(0x1000, b"\0"))
	    os.chmod(sys.argv[1], 0o755)
END
# As a tracer that lets go, as one that stays, and without tracing.
for how in "-q $tmp/allow.policy" "-q $tmp/kill.policy" "-q --no-trace $tmp/kill.policy" ""; do
	expect 0 "$weir" run $how -- true
	says_nothing
	expect 1 "$weir" run $how -- false
	expect 3 "$weir" run $how -- sh -c 'exit 3'
	expect 143 "$weir" run $how -- sh -c 'kill -TERM $$'
	expect 137 "$weir" run $how -- sh -c 'kill -KILL $$'
	says_nothing
	expect 0 "$weir" run $how -- grep -E '^(NoNewPrivs:.1|Seccomp:.2)$' /proc/self/status
	[ "$(wc -l <"$tmp/out")" -eq 2 ] || fail "not confined: $last"
	expect 0 "$weir" run $how -- echo one 'two  three' ''
	prints "one two  three "
	expect 0 "$weir" run $how -- sh -c 'echo out; echo err >&2'
	prints out
	says err

	# The program's file.
	expect 127 "$weir" run $how -- no-such-program
	says "weir: exec: no-such-program: No such file or directory"
	expect 127 "$weir" run $how -- "$tmp/none"
	expect 127 "$weir" run $how -- ""
	expect 126 "$weir" run $how -- "$tmp"
	says "Permission denied"
	rm -f "$tmp/plain"
	echo "echo no" >"$tmp/plain"
	expect 126 "$weir" run $how -- "$tmp/plain"
	says "Permission denied"
	chmod +x "$tmp/plain"
	expect 126 "$weir" run $how -- "$tmp/plain"
	says "Exec format error"
	long=$tmp/$(printf '%0200d/%0200d' 1 2)
	mkdir -p "$long"
	cp "$tmp/plain" "$long/"
	expect 126 "$weir" run $how -- "$long/plain"
	says "weir: exec: $long/plain: Exec format error"
	printf '#!%s/none\n' "$tmp" >"$tmp/script"
	chmod +x "$tmp/script"
	expect 127 "$weir" run $how -- "$tmp/script"

	expect 126 "$weir" run $how -- "$tmp/plain/below"
	says "weir: exec: $tmp/plain/below: Not a directory"
	ln -sf "$tmp/loop" "$tmp/loop"
	expect 125 "$weir" run $how -- "$tmp/loop"
	says "weir: exec: $tmp/loop: Too many levels of symbolic links"
	# Linux begins with this one, and then cannot go on: it dies as a program does.
	if [ -s "$tmp/broken" ]; then
		expect 139 "$weir" run $how -- "$tmp/broken"
	fi

	# Descriptors that are closed stay closed, and get no file of weir's.
	for fd in 0 1 2; do
		eval "\"\$weir\" run \$how -- sh -c '[ ! -e /proc/self/fd/$fd ]' $fd>&-" ||
			fail "descriptor $fd is open: $how"
	done
	# And none of weir's own is left, nor of its parent's; 3 is the directory.
	expect 0 "$weir" run $how -- ls /proc/self/fd
	[ "$(tr '\n' ' ' <"$tmp/out")" = "0 1 2 3 " ] ||
		fail "descriptors leak: $(tr '\n' ' ' <"$tmp/out")"

	# What signals are blocked and ignored is passed on.
	for mask in SigBlk SigIgn; do
		want=$(sh -c "grep $mask /proc/self/status")
		expect 0 "$weir" run $how -- grep $mask /proc/self/status
		prints "$want"
	done
	(trap '' CHLD HUP; exec "$weir" run $how -- grep SigIgn /proc/self/status) >"$tmp/got"
	(trap '' CHLD HUP; exec grep SigIgn /proc/self/status) >"$tmp/want"
	cmp -s "$tmp/got" "$tmp/want" || fail "ignored signals are not passed on: $how"
	(trap '' CHLD; exec "$weir" run $how -- sh -c 'exit 9')
	[ $? -eq 9 ] || fail "the status is lost where SIGCHLD is ignored: $how"
done

# weir stays the tracer only where it can learn something.
expect 0 "$weir" run -- grep TracerPid:.0$ /proc/self/status
expect 0 "$weir" run -q "$tmp/allow.policy" -- grep TracerPid:.0$ /proc/self/status
expect 1 "$weir" run -q "$tmp/kill.policy" -- grep TracerPid:.0$ /proc/self/status
expect 0 "$weir" run -q --no-trace "$tmp/kill.policy" -- grep TracerPid:.0$ /proc/self/status

# Policies that are not to be had.
expect 125 "$weir" run no-such-policy -- touch "$tmp/ran"
says "unknown policy 'no-such-policy'"
says "policy: 'touch' was not started"
expect 125 "$weir" run "$tmp/none.policy" -- touch "$tmp/ran"
says "No such file or directory"
expect 125 "$weir" run "$tmp" -- touch "$tmp/ran"
says "Is a directory"
policy wrong <<-'END'
	default allow
	kill persnality
END
expect 125 "$weir" run "$tmp/wrong.policy" -- touch "$tmp/ran"
says "wrong.policy:2:6: error:"
policy empty </dev/null
expect 125 "$weir" run "$tmp/empty.policy" -- touch "$tmp/ran"
policy includes <<-'END'
	default allow
	include "./none.policy"
END
expect 125 "$weir" run "$tmp/includes.policy" -- touch "$tmp/ran"

# What is no policy confines nothing, so nothing runs. Each has its message in
# tests/golden/policy-looks.t.
for text in '' '# nothing yet\n' '[]' '{}' '[Unit]\nDescription=x\n' \
	'[Container]\nSeccompProfile=/x.json\n' '[Service]\nUser=nobody\n' \
	'[a]\nb=1\n' '// c\n{"defaultAction": "SCMP_ACT_ERRNO"}\n' '2\nallowlist\nread\n' \
	'kind: SeccompProfile\n' 'mode: ONCE\n' 'read\nwrite\n' '#!/bin/sh\n' \
	'\177ELF\0\0\0\0' '\377\376d\0'; do
	printf "$text" >"$tmp/text"
	expect 125 "$weir" run "$tmp/text" -- touch "$tmp/ran"
	says "'touch' was not started"
done
[ ! -e "$tmp/ran" ] || fail "a program ran without a policy"

# A policy, or a program, that refuses nothing on the ABIs that it names.
for text in 'default allow' 'default log' 'default allow\nforeign errno EPERM' \
	'default allow\nlog ptrace' 'default allow\nerrno EPERM read if fd == 1 and fd == 2' \
	'{"defaultAction": "SCMP_ACT_ALLOW"}' '[Service]\nSystemCallLog=read' \
	'1\n6 0 0 2147418112' '1\n6 0 0 2147221504'; do
	printf "$text\n" >"$tmp/text"
	expect 125 "$weir" run -q "$tmp/text" -- touch "$tmp/ran"
	says "weir: policy: it refuses nothing, so 'touch' would run unconfined and was not started"
	[ "${text#default}" != "$text" ] || continue
	"$weir" policy -q -f raw -o "$tmp/raw" "$tmp/text" ||
		fail "'$text' does not compile"
	expect 125 "$weir" run -q "$tmp/raw" -- touch "$tmp/ran"
	says "it refuses nothing"
done
[ ! -e "$tmp/ran" ] || fail "a program ran without a policy"
printf 'default allow\nerrno EPERM ptrace\n' >"$tmp/text"
"$weir" policy -q -f raw -o "$tmp/raw" "$tmp/text"
expect 0 "$weir" run -q "$tmp/text" -- true
expect 0 "$weir" run -q "$tmp/raw" -- true

# Policies under which weir could not start a program.
for action in kill kill_thread trap; do
	policy own <<-END
		default allow
		$action execve
	END
	expect 125 "$weir" run "$tmp/own.policy" -- touch "$tmp/ran"
	says "it answers 'execve', which weir itself calls"
	says "'errno EPERM execve' would be"
	says "'$action"
done
# Nobody listens: what is left to a listener or a tracer would fail with ENOSYS.
for action in notify "trace 1"; do
	for call in execve "openat if flags & O_CREAT"; do
		policy own <<-END
			default allow
			errno EPERM openat if flags & O_PATH
			$action $call
		END
		expect 125 "$weir" run -q "$tmp/own.policy" -- touch "$tmp/ran"
		says "weir: policy: it leaves '${call%% *}' ("
		says "to a listener or a tracer, and under weir run there is none"
		says "weir: by $tmp/own.policy:3: $action $call"
	done
done
policy own <<-'END'
	default notify
	allow read, write, execve, exit_group
END
expect 125 "$weir" run -q "$tmp/own.policy" -- touch "$tmp/ran"
says "weir: by $tmp/own.policy:1: default notify"
policy none <<-'END'
	default kill
END
expect 125 "$weir" run "$tmp/none.policy" -- touch "$tmp/ran"
[ ! -e "$tmp/ran" ] || fail "a program ran that should not have"

# A policy that answers execve with an error is about what the program starts.
policy alone <<-'END'
	default allow
	errno EACCES execve, execveat
END
for how in "" --no-trace; do
	expect 3 "$weir" run -q $how "$tmp/alone.policy" -- \
		sh -c "echo runs; env touch '$tmp/ran'; exit 3"
	prints runs
	says "Permission denied"
	[ ! -e "$tmp/ran" ] || fail "a program was started that should not have been"
	expect 127 "$weir" run -q $how "$tmp/alone.policy" -- "$tmp/none"
	says "No such file or directory"
done
policy eperm <<-'END'
	default errno EPERM
END
expect 126 "$weir" run "$tmp/eperm.policy" -- "$tmp/plain"
says "Exec format error"

# Between the filter and exec weir makes no call but its probes: whatever becomes of
# others, its status and its message are the same.
for rule in "errno EPERM write, exit_group, prctl" "kill write, exit_group, prctl" \
	"trap write, exit_group, prctl"; do
	policy mute <<-END
		default allow
		$rule
	END
	for how in "" --no-trace; do
		expect 126 "$weir" run -q $how "$tmp/mute.policy" -- "$tmp/plain"
		says "weir: exec: $tmp/plain: Exec format error"
		expect 127 "$weir" run -q $how "$tmp/mute.policy" -- "$tmp/none"
	done
done
policy mute <<-'END'
	default allow
	kill write, prctl
END
expect 0 "$weir" run -q "$tmp/mute.policy" -- true

# A filter that spares weir's trial and kills execve afterwards: it looks at the
# instruction pointer, which is 0 in the trial.
case $(uname -m) in
x86_64)
	cat >"$tmp/sly.bpf" <<-'END'
		6
		32 0 0 0
		21 0 3 59
		32 0 0 8
		21 1 0 0
		6 0 0 2147483648
		6 0 0 2147418112
	END
	for how in "" --no-trace; do
		expect 125 "$weir" run $how "$tmp/sly.bpf" -- touch "$tmp/ran"
		says "before the program began"
	done
	[ ! -e "$tmp/ran" ] || fail "a program ran that should not have"
esac
# This one leaves no room for what weir puts before it.
room=4081
for n in $room $((room + 1)) 4096; do
	{
		echo $n
		printf '32 0 0 0\n21 0 1 163\n6 0 0 327681\n'
		yes '6 0 0 2147418112' | head -n $((n - 3))
	} >"$tmp/long.bpf"
	if [ $n -eq $room ]; then
		expect 0 "$weir" run "$tmp/long.bpf" -- true
	else
		expect 125 "$weir" run "$tmp/long.bpf" -- touch "$tmp/ran"
		says "the filter has $n instructions; at most $room can be run"
	fi
done
# Linux would not take this one: the verdict is known before anything is started.
printf '1\n32 0 0 0\n' >"$tmp/bad.bpf"
expect 125 "$weir" run "$tmp/bad.bpf" -- touch "$tmp/ran"

# Signals go on to the program, from wherever weir gets them. A shell ignores INT
# and QUIT for what it starts in the background, nohup HUP; env undoes that.
plain="env --default-signal=HUP,INT,QUIT"
$plain true 2>/dev/null || plain=
for how in "-q $tmp/allow.policy" "-q $tmp/kill.policy" "-q --no-trace $tmp/allow.policy"; do
	for sig in TERM USR1 USR2 ALRM ${plain:+HUP INT QUIT}; do
		rm -f "$tmp/ready"
		$plain "$weir" run $how -- sh -c "trap 'echo got $sig; exit 5' $sig
			echo >'$tmp/ready'; while :; do sleep 0.02; done" >"$tmp/out" &
		wait_for "$tmp/ready"
		kill -$sig $!
		wait $!
		[ $? -eq 5 ] || fail "$sig did not end the program: $how"
		grep -q "got $sig" "$tmp/out" || fail "$sig got lost: $how"
	done
	# The program stops alone, and weir waits for it to go on.
	rm -f "$tmp/ready"
	"$weir" run $how -- sh -c "echo >'$tmp/ready'; kill -STOP \$\$; exit 6" &
	pid=$!
	wait_for "$tmp/ready"
	sleep 0.1
	[ -d /proc/$pid ] || fail "weir did not wait: $how"
	(while sleep 0.1; do
		kill -CONT $pid $(cat /proc/$pid/task/$pid/children) || exit
	done) 2>/dev/null &
	waker=$!
	wait $pid
	[ $? -eq 6 ] || fail "stopped and did not go on: $how"
	wait $waker
done

# weir ends with the program, whatever that has left behind; and when weir is
# killed, the program goes on, still confined.
for how in "-q $tmp/allow.policy" "-q $tmp/kill.policy" "-q --no-trace $tmp/allow.policy"; do
	rm -f "$tmp/pid" "$tmp/go"
	expect 0 timeout 10 "$weir" run $how -- \
		sh -c "(while [ ! -e '$tmp/go' ]; do sleep 0.02; done; echo late >'$tmp/late') >/dev/null 2>&1 &"
	[ ! -e "$tmp/late" ] || fail "weir waited for the background"
	echo >"$tmp/go"
	wait_for "$tmp/late"
	[ -s "$tmp/late" ] || fail "the background did not live on: $how"
	rm -f "$tmp/late" "$tmp/go"

	"$weir" run $how -- sh -c "echo \$\$ >'$tmp/pid'
		while [ ! -e '$tmp/go' ]; do sleep 0.02; done
		grep Seccomp: /proc/self/status >'$tmp/late'" &
	wait_for "$tmp/pid"
	kill -KILL $!
	wait $! 2>/dev/null
	[ $? -eq 137 ] || fail "weir was not killed"
	echo >"$tmp/go"
	wait_for "$tmp/late"
	grep -q 2 "$tmp/late" || fail "no program, or no policy, without weir: $how"
	rm -f "$tmp/late" "$tmp/go"
done

# Nothing but libc is loaded to start a program.
libraries=$(ldd "$weir" 2>/dev/null | sed -n 's/^[[:space:]]*\([^ ]*\) .*/\1/p' |
	grep -v -e linux-vdso -e linux-gate -e ld-linux -e '^libc\.')
[ -z "$libraries" ] || grep -q __asan_init "$weir" ||
	fail "libraries beyond libc: $libraries"

# weir in weir. No leaks are looked for, where that would be done: it takes ptrace,
# which the inner one is subject to.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS
expect 4 "$weir" run -- "$weir" run -q "$tmp/kill.policy" -- sh -c 'exit 4'
expect 4 "$weir" run -q "$tmp/kill.policy" -- \
	"$weir" run -q "$tmp/kill.policy" -- sh -c 'exit 4'
says_nothing
# Where tracing is not permitted, everything still works but the naming of calls.
policy untraced <<-'END'
	default allow
	errno EPERM ptrace
END
expect 4 "$weir" run -q "$tmp/untraced.policy" -- \
	"$weir" run -q "$tmp/kill.policy" -- sh -c 'exit 4'
says_nothing
expect 127 "$weir" run -q "$tmp/untraced.policy" -- \
	"$weir" run -q "$tmp/kill.policy" -- "$tmp/none"
expect 159 "$weir" run -q "$tmp/untraced.policy" -- \
	"$weir" run -q "$tmp/kill.policy" -- setarch -R true
says "the policy kills personality"
finish
