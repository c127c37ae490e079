#!/bin/sh
# What weir run says of a program's file before it starts it.
. "${top_srcdir:-.}/tests/cli/lib.sh"

printf '#!/usr/bin/env true\n' >"$tmp/shim"
printf '#!/no/such/interpreter\n' >"$tmp/lost"
printf '#!/bin/cat\n' >"$tmp/plain"
chmod +x "$tmp/shim" "$tmp/lost" "$tmp/plain"

# A script whose interpreter starts the real one, where nothing may be started.
expect 126 "$weir" run python3 -- "$tmp/shim"
says "hint: '$tmp/shim' is a script for 'env', and under this policy it starts no other program"
says "use a policy such as 'build'"
expect 0 "$weir" run build -- "$tmp/shim"
says_nothing
expect 0 "$weir" run python3 -- "$tmp/plain"
says_nothing

expect 127 "$weir" run -- "$tmp/lost"
says "hint: '$tmp/lost' is a script for '/no/such/interpreter', which is missing"

# A file of another ABI, and one whose loader is missing.
if [ "$(uname -m)" = x86_64 ]; then
	python3 - "$tmp" <<-'END'
		import os, struct, sys
		def elf(name, kind, machine, loader):
		    size, phdr = (52, 32) if kind == 1 else (64, 56)
		    ident = b"\x7fELF" + bytes([kind, 1, 1]) + bytes(9)
		    if kind == 1:
		        head = struct.pack("<HHIIIIIHHHHHH", 2, machine, 1, 0, size, 0, 0, size, phdr, 0, 0, 0, 0)
		    else:
		        head = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, size, 0, 0, size, phdr, 1, 0, 0, 0)
		        head += struct.pack("<IIQQQQQQ", 3, 4, size + phdr, 0, 0, len(loader) + 1, len(loader) + 1, 1)
		    with open(os.path.join(sys.argv[1], name), "wb") as f:
		        f.write(ident + head + loader + bytes(1))
		    os.chmod(os.path.join(sys.argv[1], name), 0o755)
		elf("old", 1, 3, b"")
		elf("loaderless", 2, 62, b"/lib/ld-none.so.1")
	END
	"$weir" run -- "$tmp/old" 2>"$tmp/err"
	says "hint: '$tmp/old' is a program of i386, whose calls the policy refuses"
	says "'abi x86_64, i386'"
	"$weir" run -- "$tmp/loaderless" 2>"$tmp/err"
	says "hint: '$tmp/loaderless' needs the loader '/lib/ld-none.so.1', which is missing"
	"$weir" run -q -- "$tmp/loaderless" 2>"$tmp/err"
	grep -q hint: "$tmp/err" && fail "-q, and a hint: $(cat "$tmp/err")"
fi

# Programs that gain privileges outside, and sandboxes in the box.
cp "/bin/true" "$tmp/bwrap"
expect 0 "$weir" run -- "$tmp/bwrap"
says "hint: '$tmp/bwrap' makes a sandbox of its own, and this policy refuses namespaces"
if [ "$(id -u)" -eq 0 ]; then
	cp "/bin/true" "$tmp/owned"
	chown 65534 "$tmp/owned"
	chmod 4755 "$tmp/owned"
	expect 0 "$weir" run -- "$tmp/owned"
	says "hint: '$tmp/owned' runs without the rights of its owner"
fi
if [ "$(id -u)" -eq 0 ] && command -v setcap >/dev/null && command -v setpriv >/dev/null; then
	cp "/bin/true" "$tmp/capable"
	chmod 755 "$tmp" "$tmp/capable"
	if setcap cap_net_raw+ep "$tmp/capable" 2>/dev/null &&
		setpriv --reuid=65534 --clear-groups test -x "$weir"; then
		setpriv --reuid=65534 --clear-groups "$weir" run -- "$tmp/capable" 2>"$tmp/err"
		says "hint: '$tmp/capable' runs without its capabilities"
	fi
fi
finish
