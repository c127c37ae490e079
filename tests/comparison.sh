#!/bin/sh
# docs/comparison.md says what the commands on it print.
set -eu

for program in tcpdump python3 base64; do
	command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
done
[ "$(uname -m)" = x86_64 ] || { echo "skipped: its filters are those of x86_64"; exit 77; }
page=$top_srcdir/docs/comparison.md
[ "$(grep -c '^[0-9]*\. ' "$page")" -eq 20 ] || { echo "there are not 20 questions"; exit 1; }
PATH=$(cd "$top_builddir" && pwd)/tests/net:$PATH
export PATH
exec "$top_srcdir/tests/golden/run" "$@" "$page"
