#!/bin/sh
# The examples build through pkg-config against an installed weir, and run.
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
stage=$tmp/stage

fail()
{
	echo "failed: $*"
	exit 1
}

# A make of its own, not one under the make that runs the tests.
env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$top_builddir" install DESTDIR="$stage" \
	>"$tmp/install.log" 2>&1 || { cat "$tmp/install.log"; fail "make install"; }
pc=$(find "$stage" -name weir.pc)
[ -f "$pc" ] || fail "no weir.pc was installed"
lib=$(dirname "$(find "$stage" -name libweir.so)")

flags()
{
	PKG_CONFIG_PATH=$(dirname "$pc") PKG_CONFIG_SYSROOT_DIR=$stage \
		pkg-config --cflags --libs weir
}

# build NAME FLAGS...
build()
{
	name=$1
	shift
	$CC $HOUSE_CFLAGS $CPPFLAGS $CFLAGS -o "$tmp/$name" "$top_srcdir/examples/$name.c" \
		$(flags) "$@" -Wl,-rpath,"$lib" || fail "examples/$name.c does not build"
}

ran=0
not_permitted=
# run WANTED COMMAND...: the output has the text WANTED.
run()
{
	wanted=$1
	shift
	status=0
	timeout 20 "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	if [ "$status" = 77 ]; then
		not_permitted="$not_permitted $1"
		return
	fi
	cat "$tmp/out" "$tmp/err"
	[ "$status" = 0 ] || fail "exit $status: $*"
	grep -qF "$wanted" "$tmp/out" || fail "'$wanted' is not what $1 says"
	ran=$((ran + 1))
}

build confine
run 'socket: Operation not permitted' "$tmp/confine"

build attach
namespace=
for how in "unshare -n" "unshare -rn"; do
	$how sh -c 'ip link set lo up' 2>/dev/null && namespace=$how && break
done
if [ -n "$namespace" ]; then
	run 'to port 9999 came through' $namespace \
		sh -c 'ip link set lo up && exec "$0"' "$tmp/attach"
	run 'to port 9998 came through' $namespace \
		sh -c 'ip link set lo up && exec "$0" "udp dst portrange 9990-9998"' "$tmp/attach"
else
	not_permitted="$not_permitted attach (no network namespace)"
fi

if pkg-config --exists libpcap; then
	build setfilter $(pkg-config --cflags --libs libpcap)
	"$top_builddir/tests/net/mkpcap" EN10MB pcap 500 >"$tmp/a.pcap"
	run "$("$top_builddir/weir" filter -r "$tmp/a.pcap" tcp port 80 2>/dev/null | wc -l) packets match" \
		"$tmp/setfilter" "$tmp/a.pcap" "tcp port 80"
else
	not_permitted="$not_permitted setfilter (no libpcap)"
fi

[ -z "$not_permitted" ] || echo "not run here:$not_permitted"
[ "$ran" -gt 0 ] || exit 77
