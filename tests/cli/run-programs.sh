#!/bin/sh
# Real programs work under the policies that are shipped.
. "${top_srcdir:-.}/tests/cli/lib.sh"

missing=
for program in python3 tar gcc git make; do
	command -v $program >/dev/null || missing="$missing $program"
done
cd "$tmp" || exit 99

# Under the last one weir stays the program's tracer.
policy traced <<-'END'
	default allow
	errno EPERM unshare
	kill kexec_load
END

for policy in "" "$source/policies/no-network" "$tmp/traced.policy"; do
	expect 0 "$weir" run $policy -- sh -c 'for i in 1 2 3; do echo $i | cat; done | sort -r | head -1'
	prints 3
	case $missing in *python3*) ;; *)
		expect 0 "$weir" run $policy -- python3 -c '
import subprocess, threading, tempfile, json, os
t = [threading.Thread(target=lambda: sum(range(1000))) for _ in range(4)]
[x.start() for x in t]; [x.join() for x in t]
with tempfile.TemporaryDirectory() as d:
    open(os.path.join(d, "f"), "w").write("x")
print(json.dumps(subprocess.check_output(["echo", "deep"]).decode().strip()))'
		prints '"deep"'
	esac
	case $missing in *tar*) ;; *)
		mkdir -p tree/deep
		echo content >tree/deep/file
		expect 0 "$weir" run $policy -- tar -czf tree.tgz tree
		rm -r tree
		expect 0 "$weir" run $policy -- tar -xzf tree.tgz
		expect 0 grep -q content tree/deep/file
	esac
	case $missing in *gcc*) ;; *)
		echo 'int main(void) { return 42; }' >prog.c
		expect 0 "$weir" run $policy -- gcc -O2 -o prog prog.c
		expect 42 "$weir" run $policy -- ./prog
	esac
	case $missing in *git*) ;; *)
		rm -rf repo
		expect 0 "$weir" run $policy -- git init -q repo
		echo x >repo/x
		expect 0 "$weir" run $policy -- git -C repo add x
		expect 0 "$weir" run $policy -- git -C repo -c user.name=n -c user.email=e \
			commit -qm message
		expect 0 "$weir" run $policy -- git -C repo log --oneline
		prints message
	esac
	case $missing in *make*) ;; *)
		printf 'all: a b\na b:\n\techo made $@\n' >Makefile
		expect 0 "$weir" run $policy -- make -j2
		prints "made b"
	esac
	# What is taken away is refused with an error, not with death.
	if command -v unshare >/dev/null; then
		expect 1 "$weir" run $policy -- unshare -U true
		says "Operation not permitted"
	fi
done

case $missing in *python3*) ;; *)
	cat >net.py <<-'END'
		import errno, socket
		for family in socket.AF_INET, socket.AF_INET6:
		    try:
		        socket.socket(family, socket.SOCK_STREAM)
		        print("there is network")
		    except OSError as e:
		        print(errno.errorcode[e.errno])
		a, b = socket.socketpair()
		a.send(b"goes on")
		print(b.recv(100).decode())
	END
	expect 0 "$weir" run "$source/policies/no-network" -- python3 net.py
	[ "$(cat out)" = "EPERM
EPERM
goes on" ] || fail "no-network: $(cat out)"
	expect 0 "$weir" run -- python3 net.py
	prints "there is network"
esac


[ -z "$missing" ] || [ "$failures" -ne 0 ] || skip "missing:$missing (the rest works)"
finish
