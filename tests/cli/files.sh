#!/bin/sh
# Files that weir writes: none that it reads is overwritten, by whatever name, and
# -o leaves the old file where the new one cannot be written.

. "${top_srcdir:-.}/tests/cli/lib.sh"

mkpcap=$(cd "${top_builddir:-.}" && pwd)/tests/net/mkpcap
cd "$tmp" || exit 99

# What may not be written to, with contents that show if it was.
mkdir in
echo 'tcp port 80 or host in "in/hosts"' >in/expr
seq -f '10.0.0.%g' 9 >in/hosts
echo 'include "./part"
errno EPERM @mine
default allow' >in/policy
echo "default allow; group @mine = ptrace, bpf; errno EPERM @mine" >in/part
printf 'openat 90\nread 70\n' >in/counts
"$mkpcap" EN10MB pcap 50 >in/capture
cp -r in kept
for f in in/*; do
	ln "$f" "$f.hard"
	ln -s "$PWD/$f" "$f.soft"
done

# kept FILE: the last command has refused to write, and FILE is what it was.
kept()
{
	says "is also an input"
	cmp -s "in/$1" "kept/$1" || fail "$1 was overwritten: $last"
	cp "kept/$1" "in/$1"
}

# protects FILE OPTION COMMAND...: not with OPTION and any name of FILE.
protects()
{
	local file=$1 option=$2 name

	shift 2
	for name in "in/$file" "./in//$file" "in/$file.hard" "in/$file.soft"; do
		expect 2 "$weir" "$@" "$option" "$name"
		kept "$file"
	done
	expect 2 sh -c '"$@" <"$0"' "in/$file" "$weir" "$@" "$option" /dev/stdin
	kept "$file"
	expect 2 sh -c '"$@" 3<"$0"' "in/$file" "$weir" "$@" "$option" /proc/self/fd/3
	kept "$file"
	# What the shell has opened for appending is not appended to.
	last="$* >>in/$file"
	[ "$option" = -w ] && set -- "$@" -w -
	"$weir" "$@" >>"in/$file" 2>err && fail "no error: $last"
	kept "$file"
}

protects expr -o packet -n -F in/expr
protects hosts -o packet -n -F in/expr
protects expr -o packet -n --explain -F in/expr
protects policy -o policy in/policy
protects part -o policy in/policy
protects part -o policy --explain in/policy
protects counts -o policy --profile in/counts in/policy
expect 2 sh -c '"$0" packet -n -F - -o in/expr <in/expr' "$weir"
kept expr
expect 2 sh -c '"$0" policy -o in/part - <in/part' "$weir"
kept part
protects capture -o packet -r in/capture tcp
protects capture -o packet --profile in/capture tcp
protects capture -w filter -r in/capture
protects capture -w filter -r in/capture.hard tcp
protects expr -w filter -r in/capture -n -F in/expr
protects hosts -w filter -r in/capture -n -F in/expr
expect 2 sh -c '"$0" filter -r - -w in/capture <in/capture' "$weir"
kept capture
expect 2 sh -c '"$0" filter -r in/capture >>in/capture' "$weir"
kept capture
# Another file of the same contents is another file.
expect 0 "$weir" filter -r in/capture -w "$tmp/copy"
cmp in/capture copy || fail "not copied"

# --- -o FILE ---------------------------------------------------------------------

# alone: nothing is left behind in directory dir.
alone()
{
	[ "$(ls -A dir)" = "$1" ] || fail "dir holds $(ls -A dir), not $1: $last"
}

"$weir" packet -ddd tcp >wanted
mkdir dir
expect 0 "$weir" packet -ddd -o dir/new tcp
cmp dir/new wanted || fail "a new file"
alone new
[ "$(stat -c %a dir/new)" = "$(touch x; stat -c %a x)" ] || fail "mode of a new file"

expect 0 "$weir" packet --explain -o dir/new tcp
grep -q tcp dir/new || fail "--explain goes elsewhere"
[ -s "$tmp/out" ] && fail "--explain goes to standard output"

# It is replaced, not written to: who has it open reads on what it was.
echo old >dir/new
exec 3<dir/new
chmod 640 dir/new
[ "$(id -u)" = 0 ] && chown 12345:54321 dir/new
before=$(stat -c '%a %u %g' dir/new)
expect 0 "$weir" packet -ddd -o dir/new tcp
cmp dir/new wanted || fail "an old file"
[ "$(cat <&3)" = old ] || fail "the old file was written to"
exec 3<&-
[ "$(stat -c '%a %u %g' dir/new)" = "$before" ] || fail "owner or mode of an old file"
alone new

# By a symbolic link, its target is; the link stays.
mkdir elsewhere
echo old >elsewhere/target
ln -s ../elsewhere/target dir/new.link
rm dir/new
expect 0 "$weir" packet -ddd -o dir/new.link tcp
[ -L dir/new.link ] || fail "the link was replaced"
cmp elsewhere/target wanted || fail "the target of a link"
ln -sf ../elsewhere/none dir/new.link
expect 0 "$weir" packet -ddd -o dir/new.link tcp
cmp elsewhere/none wanted || fail "the target of a link that led nowhere"
rm dir/new.link

# Of a file with two names both change.
echo old >dir/one
ln dir/one two
expect 0 "$weir" packet -ddd -o dir/one tcp
cmp two wanted || fail "the second name of a file"

# What a successor would not have is kept: attributes, and being a mount point.
echo old >dir/labelled
if command -v setfattr >/dev/null && setfattr -n user.test -v value dir/labelled 2>/dev/null; then
	expect 0 "$weir" packet -ddd -o dir/labelled tcp
	cmp dir/labelled wanted || fail "a file with an attribute"
	setfattr -n user.another.with.a.long.name -v value dir/labelled
	expect 0 "$weir" packet -ddd -o dir/labelled tcp
	cmp dir/labelled wanted || fail "a file with attributes"
	[ "$(getfattr --only-values -n user.test dir/labelled)" = value ] ||
		fail "an attribute is lost"
fi
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	echo old >dir/labelled
	expect 0 unshare -m sh -c 'echo old >under && mount --bind under dir/labelled &&
		exec "$0" packet -ddd -o dir/labelled tcp' "$weir"
	cmp under wanted || fail "a file that is mounted"
	[ "$(cat dir/labelled)" = old ] || fail "a file under a mount was written to"
fi
rm -f dir/labelled

# What is no file is written to.
mkfifo fifo
cat fifo >through &
expect 0 "$weir" packet -ddd -o fifo tcp
wait
cmp through wanted || fail "a pipe"
{ echo first; "$weir" packet -ddd -o /dev/stdout tcp; } >both
{ echo first; cat wanted; } | cmp - both || fail "/dev/stdout"

# A directory or a file that cannot be written to.
expect 2 "$weir" packet -o dir tcp
says "dir: Is a directory"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	as_nobody()
	{
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	}
	chmod 755 dir
	echo old >dir/theirs
	chown 65534 dir/theirs
	if as_nobody "$weir" --version >/dev/null 2>&1; then
		expect 0 as_nobody "$weir" packet -ddd -o dir/theirs tcp
		cmp dir/theirs wanted || fail "in a directory of root's"
		chmod 777 dir
		echo old >dir/theirs
		chown 0 dir/theirs
		expect 2 as_nobody "$weir" packet -ddd -o dir/theirs tcp
		says "Permission denied"
		[ "$(cat dir/theirs)" = old ] || fail "a file of root's was replaced"
	fi
	rm -f dir/theirs
fi

# A full disk leaves the old file, and nothing beside it.
rm -f dir/*
echo old >dir/file
seq -f 'host 10.9.8.%g or' 1 2 250 >long
echo tcp >>long
expect 2 sh -c 'ulimit -f 1; exec "$0" packet -o dir/file -F long' "$weir"
says "dir/file: File too large"
[ "$(cat dir/file)" = old ] || fail "the old file is gone"
alone file
mkdir small
if unshare -m true 2>/dev/null; then
	expect 0 unshare -m sh -c '
		mount -t tmpfs -o size=8k none small || exit 9
		echo old >small/file
		"$0" packet -o small/file -F long 2>said
		[ $? = 2 ] && [ "$(cat small/file)" = old ] && [ "$(ls -A small)" = file ]' "$weir"
	grep -q "No space left" said || fail "$(cat said)"
fi

# --- -w FILE -----------------------------------------------------------------------

# A packet of which the end has no room is taken back.
for blocks in 1 2 3 5 8; do
	rm -f full
	expect 2 sh -c 'ulimit -f $1; exec "$0" filter -q -r in/capture -w full' "$weir" $blocks
	says "'full': File too large; it holds"
	n=$(sed -n 's/.*it holds \([0-9]*\) packet.*/\1/p' err)
	expect 0 "$weir" filter -r full
	says "weir: $n packet"
done

finish
