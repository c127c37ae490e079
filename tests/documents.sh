#!/bin/sh
# What README.md and the manual pages tell to type works: each "$ " line of README's
# console blocks is run, and each weir filter, packet or policy of the pages.
set -eu

skip()
{
	echo "skipped: $*"
	exit 77
}

"$top_builddir/weir" --version | grep -q '+ .*(zlib)' || skip "built without zlib"
command -v python3 >/dev/null || skip "python3 is not installed"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
top=$(cd "$top_srcdir" && pwd)
build=$(cd "$top_builddir" && pwd)

mkdir "$tmp/bin"
ln -s "$build/weir" "$tmp/bin/weir"
PATH=$tmp/bin:$PATH
cd "$tmp"
"$build/tests/net/mkpcap" EN10MB pcap 500 >big.pcap
gzip -k big.pcap
sed -n '/^```policy$/,/^```$/p' "$top/README.md" | sed '/^```/d' >example.policy
cp example.policy web.policy
cp "$top/examples/profile.json" default.json
# Where weir is not installed, a policy is found by its path.
sed -n '/^```console$/,/^```$/p' "$top/README.md" |
	sed -n "s|weir run no-network|weir run $top/policies/no-network|; s/^\\\$ //p" >commands
# Interfaces are for filter-live.sh and attach.sh, and what runs under a policy is not here.
grep -h '^\(\$ \)\?\(weir\|zcat\) ' "$top"/man/*.1 | sed 's/^\$ //' |
	grep -v '^weir run\|^weir attach\| -i ' >>commands

n=0
while IFS= read -r command; do
	n=$((n + 1))
	echo "\$ $command"
	timeout 60 sh -c "$command" >out 2>&1 </dev/null || {
		cat out
		echo "failed: $command"
		exit 1
	}
done <commands
echo "$n commands"
[ "$n" -ge 15 ]
