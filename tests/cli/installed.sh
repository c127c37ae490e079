#!/bin/sh
# Policies where `make install` puts them, or somebody else: what a name leads to, and
# that a policy whose parts were changed is not taken for the one that is built in.
. "${top_srcdir:-.}/tests/cli/lib.sh"

# In a mount namespace the directory is this test's own.
if [ -z "${in_namespace-}" ]; then
	for how in "unshare -m" "unshare -rm"; do
		# shellcheck disable=SC2086
		$how mount -t tmpfs none /usr 2>/dev/null || continue
		in_namespace=1 exec timeout 120 $how sh "$0"
	done
	skip "no mount namespace is to be had here"
fi

directory=$("$weir" --version | sed -n 's/.*policies: //p')
above=$directory
while [ ! -d "$above" ]; do
	above=$(dirname "$above")
done
case $above in
/ | /usr) skip "$directory cannot be made" ;;
esac
mount -t tmpfs none "$above" || skip "nothing can be mounted here"
mkdir -p "$directory"

# A file comes before what is built in.
printf 'default allow\nerrno EIO getppid\n' >"$directory/mine"
expect 1 "$weir" policy --ask 'getppid()' mine
prints "$directory/mine:2: errno EIO getppid"
expect 2 "$weir" policy mime
says "unknown policy 'mime' in $directory; did you mean 'mine'?"
expect 2 "$weir" policy tarr
says "unknown policy 'tarr' in $directory; did you mean 'tar'?"
expect 2 "$weir" policy 'nothing like it'
says "unknown policy 'nothing like it' in $directory"
says "to name a file, write './nothing like it'"

# `default` cannot be replaced.
printf 'default allow\n' >"$directory/default"
expect 1 "$weir" policy -q --ask 'kexec_load()' default

# The same texts, then another one in the place of a part: all programs under tar have it.
expect 0 "$weir" run -q --no-trace tar -- uname -s
cp "$source"/policies/base "$source"/policies/tar "$directory"
expect 0 "$weir" run -q --no-trace tar -- uname -s
printf 'errno EIO uname\n' | cat - "$source/policies/base" >"$directory/base"
expect 1 "$weir" run -q --no-trace tar -- uname -s
expect 1 "$weir" policy -q --ask 'uname()' tar
prints "errno EIO"
printf 'errno EIO uname\n' >>"$directory/tar"
cp "$source/policies/base" "$directory"
expect 0 "$weir" policy -q --ask 'uname()' tar

# A part that is not to be read.
rm "$directory/base"
mkdir "$directory/base"
expect 2 "$weir" policy tar
says "Is a directory"
expect 125 "$weir" run tar -- true
says "Is a directory"
rmdir "$directory/base"
mkfifo "$directory/base"
expect 2 "$weir" policy tar
says "Invalid argument"
rm "$directory/base"
truncate -s 65M "$directory/base"
expect 2 "$weir" policy tar
says "File too large"
expect 2 "$weir" policy base
says "$directory/base: File too large"
printf 'default kill\nallow nonsense\n' >"$directory/base"
expect 125 "$weir" run tar -- true
says "base:2:7: error: unknown system call 'nonsense'"
finish
