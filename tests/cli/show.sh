#!/bin/sh
# weir show: listings for terminals and for other programs, and pictures.
. "$top_srcdir/tests/cli/lib.sh"

expect 0 "$weir" packet 'port 53 and not host 10.0.0.1'
cp "$tmp/out" "$tmp/listing"
LC_ALL=C grep -n '[^ -~	]' "$tmp/listing" && fail "a listing is not plain ASCII"
expect 0 "$weir" packet -f decimal 'port 53 and not host 10.0.0.1'
cp "$tmp/out" "$tmp/decimal"
expect 0 "$weir" show -q -f decimal "$tmp/listing"
cmp -s "$tmp/out" "$tmp/decimal" || fail "a listing with words does not read back"
expect 0 "$weir" show -q "$tmp/decimal"
prints 'src port == 53'
expect 0 "$weir" show "$tmp/decimal"
says 'fields are named for link type EN10MB; -t sets another'
expect 0 "$weir" show -t EN10MB "$tmp/decimal"
says_nothing
expect 0 "$weir" show -f c "$tmp/decimal"
says_nothing

# Colors and arrows: where they are asked for, and on a terminal.
escape=$(printf '\033')
expect 0 "$weir" packet --color=always tcp
prints "$escape["
expect 0 env COLUMNS=80 LC_ALL=C.UTF-8 "$weir" packet --color=always 'tcp port 80'
prints '▶'
sed "s/$escape\[[0-9;]*m//g" "$tmp/out" >"$tmp/plain"
expect 0 python3 -c '
import sys
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
wide = [line for line in lines if len(line) > 80 and ":" in line]
sys.exit("\n".join(wide) if wide else 0)' "$tmp/plain"
expect 0 "$weir" packet --color=never tcp
grep -q "$escape" "$tmp/out" && fail "--color=never has colors"
if has_terminals && command -v script >/dev/null; then
	expect 0 env TERM=xterm LC_ALL=C.UTF-8 script -qec "'$weir' packet tcp" /dev/null
	prints "$escape["
	expect 0 env TERM=xterm NO_COLOR=1 LC_ALL=C.UTF-8 script -qec "'$weir' packet tcp" /dev/null
	grep -q "$escape" "$tmp/out" && fail "NO_COLOR has colors"
	prints '▶'
	expect 0 env TERM=xterm script -qec "'$weir' packet -o '$tmp/file' tcp" /dev/null
	grep -q "$escape" "$tmp/file" && fail "a file has colors"
fi

# The listing in the README is one.
expect 0 "$weir" packet -O1 ip and udp dst port 53
tr '\t' ' ' <"$tmp/out" >"$tmp/listing"
sed -n 's/^    \((0.*\)/\1/p' "$source/README.md" | diff - "$tmp/listing" ||
	fail "the README shows another listing"

# Pictures.
mkdir "$tmp/none"
expect 2 env PATH="$tmp/none" "$weir" packet -f svg tcp
says "format 'svg' needs Graphviz's program 'dot', which did not start; -f dot writes what it would draw"
printf '#!/bin/sh\nexit 3\n' >"$tmp/none/dot"
chmod +x "$tmp/none/dot"
expect 2 env PATH="$tmp/none:$PATH" "$weir" packet -f svg tcp
says "Graphviz's program 'dot' failed with exit status 3"
printf '#!/bin/sh\nkill -9 $$\n' >"$tmp/none/dot"
expect 2 env PATH="$tmp/none:$PATH" "$weir" packet -f svg tcp
says "Graphviz's program 'dot' failed with exit status 126"
if command -v dot >/dev/null; then
	expect 0 "$weir" packet -f svg 'tcp port 80'
	prints '</svg>'
	expect 0 "$weir" show -q -f svg -o "$tmp/picture.svg" "$tmp/decimal"
	grep -q 'no match' "$tmp/picture.svg" || fail "the picture has no results"
	expect 0 "$weir" policy -q -f svg no-network
	prints 'errno EPERM'
	# Wide drawings of policies were what nobody could look at.
	width=$(sed -n 's/^<svg width="\([0-9]*\)pt".*/\1/p' "$tmp/out")
	[ "$width" -lt 1000 ] || fail "the picture of no-network is $width points wide"
else
	echo "not tested: pictures, since Graphviz is not installed"
fi

finish
