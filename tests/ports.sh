#!/bin/sh
# Builds weir for other machines and another libc, runs its unit tests there, and asks
# the command the same as the one that was built for this machine.
#     tests/ports.sh [PORT...]     from the source directory, after a build in ./build
# What is missing is a port that is skipped, with the reason. Not a part of `make check`:
# it takes a minute or two. Ends with counts, as automake does.
set -u

cd "$(dirname "$0")/.." || exit 99
here=$PWD
native=$here/build/weir
[ -x "$native" ] || { echo "ports: build/weir was not built"; exit 99; }
passed=0 failed=0 skipped=0

# The ports: compiler and, after it, what runs its programs if this machine does not.
all="musl m32 aarch64 s390x"
compiler_musl="musl-gcc -static"
compiler_m32="gcc -m32"
compiler_aarch64="aarch64-linux-gnu-gcc" runner_aarch64="qemu-aarch64"
compiler_s390x="s390x-linux-gnu-gcc" runner_s390x="qemu-s390x"

# Debian's packages for a port.
packages()
{
	case $1 in
	musl) echo musl-tools ;;
	m32) echo "gcc-$(gcc -dumpversion | cut -d . -f 1)-multilib" ;;
	aarch64) echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user ;;
	s390x) echo gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user ;;
	esac
}

say()
{
	echo "$1: $port${2:+: $2}"
}

skip()
{
	say SKIP "$*"
	skipped=$((skipped + 1))
}

# count SUCCESS WHAT: a check of this port's.
count()
{
	if [ "$1" = 0 ]; then
		say PASS "$2"
		passed=$((passed + 1))
	else
		say FAIL "$2"
		failed=$((failed + 1))
	fi
}

# Why this port cannot be built here; nothing if it can.
obstacle()
{
	printf '#include <stdio.h>\nint main(void) { return puts("runs") < 0; }\n' >a.c
	if ! $compiler a.c -o a.out 2>a.log; then
		echo "'$compiler' makes no programs (packages: $(packages $port))"
	elif [ "$($runner ./a.out 2>>a.log)" != runs ]; then
		echo "'$runner' does not run what '$compiler' makes (packages: $(packages $port))"
	fi
}

# Optimized less than usual, so that it does not take long.
build()
{
	set -- "$here/configure" --disable-shared --enable-werror CC="$compiler" CFLAGS=-O1 \
		CMOCKA_CFLAGS="-I$here/tests/ports" CMOCKA_LIBS=-lc
	[ -z "$runner" ] || set -- "$@" --host="${compiler%-gcc}"
	"$@" >configure.log 2>&1 || { tail -n 5 configure.log; return 1; }
	make -j"$(nproc)" >make.log 2>&1 || { grep -A 5 -i -e error -e undefined make.log; return 1; }
}

unit_tests()
{
	units=$(cd "$here" && echo tests/unit/test_*.c | sed 's/\.c//g')
	make -k -j"$(nproc)" $units >check.log 2>&1 || grep -A 5 -i -e error -e undefined check.log
	timeout 600 make -k -j"$(nproc)" check TESTS="$units" check_PROGRAMS= \
		LOG_COMPILER="$runner" >>check.log 2>&1
	for unit in $units; do
		grep -q '^:test-result: PASS' "$unit.trs" 2>/dev/null
		result=$?
		count $result "$unit"
		[ $result = 0 ] || tail -n 20 "$unit.log" 2>/dev/null
	done
}

# What the command WEIR... makes of everyday expressions and of policies for some ABIs.
programs()
{
	grep -v '^#' "$here/tests/bench/expressions.tsv" | cut -f 1,2 |
	while read -r link expression; do
		echo "$expression"
		"$@" packet -ddd -y "$link" "$expression" 2>&1
	done
	for policy in default no-network build curl; do
		for abi in x86_64,i386 aarch64 s390x mips,arm; do
			echo "$policy $abi"
			"$@" policy -ddd -a "$abi" "$here/policies/$policy" 2>&1
		done
	done
}

same_programs()
{
	[ -f ../want ] || programs "$native" >../want
	programs $runner ./weir >got
	[ "$(wc -l <got)" -gt 1000 ] || { echo "that is too little:"; cat got; return 1; }
	diff ../want got | head -n 20 >differences
	cat differences
	[ ! -s differences ]
}

# A program of the same ABI runs under a policy, where the kernel is this machine's.
runs_confined()
{
	cat >socket.c <<-'EOT'
	int socket(int family, int type, int protocol);
	int main(void) { return socket(2, 1, 0) < 0 ? 0 : 3; } /* AF_INET, SOCK_STREAM */
	EOT
	$compiler socket.c -o socket && ./weir run no-network -- ./socket
}

one()
{
	port=$1
	eval "compiler=\${compiler_$port-} runner=\${runner_$port-}"
	[ -n "$compiler" ] || { echo "ports: unknown port '$port'; known are: $all"; exit 99; }
	port_build=$here/build/ports/$port
	rm -rf "$port_build"
	mkdir -p "$port_build" && cd "$port_build" || exit 99
	[ -z "$runner" ] || export QEMU_LD_PREFIX="/usr/${compiler%-gcc}"
	why=$(obstacle)
	[ -z "$why" ] || { skip "$why"; return; }
	build
	result=$?
	count $result "builds"
	[ $result = 0 ] || return
	unit_tests
	same_programs
	count $? "weir says what the native one says"
	[ -n "$runner" ] || { runs_confined; count $? "weir run confines a program"; }
}

if [ "${1-}" = --packages ]; then
	packages "$2"
	exit
fi
rm -f build/ports/want
for name in ${*:-$all}; do
	one "$name"
done
printf '# TOTAL: %d\n# PASS:  %d\n# SKIP:  %d\n# FAIL:  %d\n' \
	$((passed + failed + skipped)) $passed $skipped $failed
[ $failed = 0 ]
