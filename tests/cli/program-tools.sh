#!/bin/sh
# Programs as the tools of others print them: tcpdump, iptables, tc, libseccomp.
. "${top_srcdir:-.}/tests/cli/lib.sh"

command -v tcpdump >/dev/null || skip "tcpdump is not installed"

# tcpdump -d, -dd and -ddd say the same program.
for expression in 'tcp port 80' 'vlan and ip6' 'len > 100' \
	'ip[6:2] & 0x1fff = 0 and udp[8] > 3' 'net 10.0.0.0/8 or arp or ip6 proto 6'; do
	tcpdump -y EN10MB -ddd "$expression" 2>/dev/null >"$tmp/want" ||
		{ fail "tcpdump does not compile '$expression'"; continue; }
	for d in -d -dd -ddd; do
		tcpdump -y EN10MB $d "$expression" 2>/dev/null >"$tmp/program"
		expect 0 "$weir" show -f decimal "$tmp/program"
		cmp -s "$tmp/out" "$tmp/want" || fail "tcpdump $d '$expression' is read as another program"
	done
	# As one line, for iptables and tc.
	tr '\n' ',' <"$tmp/want" >"$tmp/program"
	expect 0 "$weir" show -f decimal "$tmp/program"
	cmp -s "$tmp/out" "$tmp/want" || fail "the line of '$expression' is read as another program"
done

# What is listed of a rule and of a filter, in a network of our own.
program='4,40 0 0 12,21 0 1 2048,6 0 0 4294967295,6 0 0 0'
if unshare -n true 2>/dev/null; then
	if command -v iptables >/dev/null; then
		unshare -n sh -c "iptables -A INPUT -m bpf --bytecode '$program' -j DROP &&
			iptables-save >'$tmp/save' && iptables -S >'$tmp/rules' &&
			iptables -L -n >'$tmp/list'" 2>"$tmp/err" || fail "iptables: $(cat "$tmp/err")"
		for file in save rules list; do
			expect 0 "$weir" show -v -f bytecode "$tmp/$file"
			prints "$program"
			says "was read as bytecode"
		done
	else
		echo "iptables is not installed"
	fi
	unshare -n sh -c "tc qdisc add dev lo ingress &&
		tc filter add dev lo parent ffff: bpf bytecode '$program' flowid 1:1 &&
		tc filter show dev lo parent ffff: >'$tmp/tc'" 2>"$tmp/err" ||
		echo "tc: $(cat "$tmp/err")"
	if [ -s "$tmp/tc" ]; then
		expect 0 "$weir" show -f bytecode "$tmp/tc"
		prints "$program"
	fi
else
	echo "network namespaces need root"
fi

# What libseccomp exports, for this machine and for one of the other byte order.
cat >"$tmp/export.c" <<'END'
#include <errno.h>
#include <seccomp.h>
int main(int argc, char **argv)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (argc > 1 && (seccomp_arch_remove(c, SCMP_ARCH_NATIVE) ||
	                 seccomp_arch_add(c, seccomp_arch_resolve_name(argv[1]))))
		return 1;
	return seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(read), 0) ||
	       seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, 1)) ||
	       seccomp_export_bpf(c, 1);
}
END
if ${CC:-cc} -o "$tmp/export" "$tmp/export.c" -lseccomp 2>"$tmp/err"; then
	"$tmp/export" >"$tmp/native" || fail "libseccomp exports nothing"
	expect 0 "$weir" check --json "$tmp/native"
	prints '"kind":"seccomp","socket":{"accepted":true},"seccomp":{"accepted":true}'
	base64 "$tmp/native" >"$tmp/base64"
	"$weir" show -f c "$tmp/native" >"$tmp/want"
	expect 0 "$weir" show -v -f c "$tmp/base64"
	cmp -s "$tmp/out" "$tmp/want" || fail "base64 is read as another program"
	says "was read as base64"
	case $(uname -m) in
	x86_64 | aarch64) other=s390x ;;
	s390x) other=x86_64 ;;
	*) other= ;;
	esac
	if [ "$other" ] && "$tmp/export" $other >"$tmp/other"; then
		expect 0 "$weir" show -v "$tmp/other"
		says "was read as raw, in the byte order of another machine"
		prints "#0x80000016"
	fi
else
	echo "there is no libseccomp to compile with"
fi
# What is written for Rust and Go is what their compilers take.
if command -v rustc >/dev/null; then
	"$weir" packet -f rust -o "$tmp/array" 'tcp port 80'
	{
		echo '#![allow(dead_code, non_camel_case_types)]'
		echo '#[repr(C)] pub struct sock_filter { code: u16, jt: u8, jf: u8, k: u32 }'
		cat "$tmp/array"
	} >"$tmp/filter.rs"
	rustc --crate-type lib --emit metadata -o "$tmp/filter.meta" "$tmp/filter.rs" 2>"$tmp/err" ||
		fail "rustc: $(cat "$tmp/err")"
else
	echo "rustc is not installed"
fi
if command -v go >/dev/null; then
	"$weir" packet -f go -o "$tmp/array" 'tcp port 80'
	{
		echo 'package main'
		echo 'import "fmt"'
		sed 's/bpf\.RawInstruction/RawInstruction/' "$tmp/array"
		echo 'type RawInstruction struct { Op uint16; Jt, Jf uint8; K uint32 }'
		echo 'func main() { fmt.Println(len(filter)) }'
	} >"$tmp/filter.go"
	GOCACHE="$tmp/go" GO111MODULE=off go vet "$tmp/filter.go" 2>"$tmp/err" ||
		fail "go: $(cat "$tmp/err")"
else
	echo "go is not installed"
fi
finish
