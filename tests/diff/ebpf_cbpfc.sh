#!/bin/sh
# The direct form beside cbpfc's, on the same programs: its answers, how often it tests the
# length of the packet, how many instructions it has. $CBPFC is a checkout of
# github.com/cloudflare/cbpfc, which no distribution has; what it needs, Debian's packages have.

skip()
{
	echo "skipped: $*"
	exit 77
}

deps=/usr/share/gocode
[ -n "${CBPFC-}" ] || skip "CBPFC does not name a checkout of github.com/cloudflare/cbpfc"
[ -f "$CBPFC/ebpf.go" ] || skip "$CBPFC is no checkout of github.com/cloudflare/cbpfc"
command -v go >/dev/null || skip "Go is not installed (golang-go)"
for package in github.com/cilium/ebpf github.com/pkg/errors golang.org/x/net; do
	[ -d "$deps/src/$package" ] || skip "there is no $package in $deps (golang-github-cilium-ebpf-dev," \
		"golang-github-pkg-errors-dev, golang-golang-x-net-dev)"
done

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
peer=$tmp/src/github.com/cloudflare/cbpfc
mkdir -p "$peer" "$tmp/src/tool" &&
	cp "$CBPFC/cbpfc.go" "$CBPFC/ebpf.go" "$peer" &&
	cp "${top_srcdir:-.}/tests/diff/cbpfc.go" "$tmp/src/tool/main.go" || exit 1
cd "$tmp/src/tool" &&
	GOPATH=$tmp:$deps GOCACHE=$tmp/cache GO111MODULE=off GOFLAGS=-p=2 go build -o "$tmp/cbpfc" . ||
	exit 1
cd - >/dev/null || exit 1
"${top_builddir:-.}/tests/diff/ebpf_direct" --all-levels --random 100 --peer "$tmp/cbpfc"
