#!/bin/sh
# Options, help, what is said when something is wrong, and results that do not
# arrive.
. "${top_srcdir:-.}/tests/cli/lib.sh"

# --help fits a screen of 24 lines and 80 columns.
for command in "" packet policy run filter show check eval ps syscalls; do
	expect 0 "$weir" $command --help
	says_nothing
	[ "$(wc -l <"$tmp/out")" -le 24 ] || fail "weir $command --help is too long"
	[ "$(wc -L <"$tmp/out")" -le 80 ] || fail "weir $command --help is too wide"
	prints "usage: weir"
done
# weir(1) has the formats that there are, in their order.
expect 0 "$weir" help formats
cut -d ' ' -f 1 "$tmp/out" >"$tmp/formats"
sed -n '/^\.Sh FORMATS/,/^\.Sh ENV/s/^\.It Cm //p' "$source/man/weir.1" >"$tmp/manual"
[ -s "$tmp/formats" ] || fail "weir help formats lists none"
diff "$tmp/formats" "$tmp/manual" || fail "formats of 'weir help formats' (<) and weir(1) (>) differ"

expect 0 "$weir" help run
prints "usage: weir run"
expect 0 "$weir" --version
prints "libweir"

expect 2 "$weir"
expect 2 "$weir" pakcet
says "unknown command 'pakcet'; did you mean 'packet'?"
expect 2 "$weir" packet --fromat=c tcp
says "did you mean '--format'?"
expect 2 "$weir" packet -Z tcp
says "has no option '-Z'"
expect 2 "$weir" packet -f lisitng tcp
says "did you mean 'listing'?"
expect 2 "$weir" packet -O tcp
says "-O needs a level"
says "is -O0 here"
expect 2 "$weir" packet -O7 tcp
says "unknown level '-O7'"
expect 2 "$weir" packet --for hardware tcp
says "--for takes socket, interpreter, xdp or tc, not 'hardware'"
expect 2 "$weir" packet -s
says "-s needs a value"
expect 2 "$weir" packet -s many tcp
says "-s takes a number"
expect 2 "$weir" packet --netmask=255.0.0 tcp
says "--netmask takes an address"
expect 2 "$weir" packet --live --savefile tcp
says "are mutually exclusive"
expect 2 "$weir" packet --live -r /dev/null tcp
expect 0 "$weir" packet --live -f asm vlan 100
prints "vlan_avail"
expect 0 "$weir" packet --savefile -f c vlan
[ "$(grep -c vlan "$tmp/out")" -eq 0 ] || fail "a savefile has no ancillary words"
expect 2 "$weir" packet -t EN10NB tcp
says "did you mean 'EN10MB'?"
expect 2 "$weir" packet --color=sometimes tcp
expect 2 "$weir" packet --dump=none tcp
says "unknown pass 'none'"
expect 0 "$weir" packet --dump=all tcp
[ -s "$tmp/err" ] || fail "--dump=all prints nothing"
expect 2 "$weir" policy
expect 2 "$weir" policy a b
expect 2 "$weir" policy -D X=y default
says "-D takes NAME=NUMBER"
expect 2 "$weir" policy no-such-policy
says "unknown policy 'no-such-policy'"
expect 2 "$weir" policy defualt
says "did you mean 'default'?"
printf 'what\000ever, but no instructions' >"$tmp/bytes"
expect 2 "$weir" policy "$tmp/bytes"
says "there is a NUL byte in this text, at byte 4"
# What weir policy writes, it and weir run read.
"$weir" policy -f decimal default >"$tmp/want"
for format in listing c decimal bytecode raw json; do
	"$weir" policy -f $format -o "$tmp/program" default
	expect 0 "$weir" policy -f decimal "$tmp/program"
	cmp -s "$tmp/out" "$tmp/want" || fail "-f $format is read back as another program"
done
printf '2\n32 0 0 0\n32 0 0 0\n' >"$tmp/endless"
expect 2 "$weir" policy "$tmp/endless"
says "is neither a policy nor a program that Linux accepts (instruction 1: "
[ ! -s "$tmp/out" ] || fail "a program that Linux refuses is printed as a policy"
expect 2 "$weir" policy "$tmp/none.policy"
says "No such file or directory"
# For weir run everything that is wrong with weir is 125.
expect 125 "$weir" run --bogus -- true
expect 125 "$weir" run true
says "needs a command after '--'"
says "'weir run -- true'"
expect 125 "$weir" run no-network true
says "'weir run no-network -- true ...' if that is a policy"
expect 125 "$weir" run a b -- true
says "not 'b' too"

# The same expression in all the ways to say it.
expect 0 "$weir" packet -f decimal tcp port 80
cp "$tmp/out" "$tmp/want"
echo "tcp port 80" >"$tmp/expr"
for words in "-ddd tcp port 80" "tcp port 80 -f decimal" "-fdecimal -- tcp port 80" \
	"-d -dd -F $tmp/expr" "--format=decimal --file $tmp/expr" \
	"-ny EN10MB -ddd tcp port 80" "-o - -ddd tcp port 80"; do
	expect 0 "$weir" packet $words
	cmp -s "$tmp/out" "$tmp/want" || fail "another program: $last"
done
"$weir" packet -ddd -F - <"$tmp/expr" >"$tmp/out"
cmp -s "$tmp/out" "$tmp/want" || fail "another program from -F -"
expect 0 "$weir" packet -ddd -o "$tmp/file" tcp port 80
cmp -s "$tmp/file" "$tmp/want" || fail "another program with -o"
expect 0 "$weir" packet --json tcp
expect 2 "$weir" packet -F "$tmp/expr" tcp
says "are mutually exclusive"
expect 2 "$weir" packet -F "$tmp/none" 
says "No such file"

# The default policy is built in; tests/policies.sh looks at the others.
expect 0 "$weir" policy -ddd default
says_nothing
"$weir" policy -ddd "$source/policies/default" | cmp -s - "$tmp/out" ||
	fail "the default policy is not policies/default"

# A set that the shell took apart.
expect 2 "$weir" packet port 80 443
says "quote the expression"
expect 2 "$weir" packet 'port 80 443'
if grep -q "quote the expression" "$tmp/err"; then
	fail "a hint about quotes for a quoted expression"
fi

# Results that do not arrive.
if [ -c /dev/full ]; then
	for command in "packet tcp" "packet tcp -o /dev/full" "--help" "--version" \
		"packet --help"; do
		"$weir" $command >/dev/full 2>"$tmp/err"
		[ $? -eq 2 ] || fail "a full device is not noticed: $command"
		last=$command
		says "No space left on device"
	done
fi
"$weir" packet tcp >&- 2>"$tmp/err"
[ $? -eq 2 ] || fail "a closed stdout is not noticed"
expect 2 "$weir" packet -o "$tmp/none/file" tcp
says "No such file"
# A reader that has gone, head or a pager, ends weir as it ends other tools: silently.
{ sleep 0.2; env --default-signal=PIPE true 2>/dev/null || exit
	env --default-signal=PIPE "$weir" packet tcp 2>"$tmp/err"
	echo $? >"$tmp/status"; } | true
[ "$(cat "$tmp/status" 2>/dev/null || echo 141)" = 141 ] && [ ! -s "$tmp/err" ] ||
	fail "the reader has gone: status $(cat "$tmp/status"), $(cat "$tmp/err")"

finish
