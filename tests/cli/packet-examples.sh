#!/bin/sh
# The examples of weir-packet-filter(7) compile without an error or a warning.
set -eu

page=$top_srcdir/man/weir-packet-filter.7
PATH=$(cd "$top_builddir" && pwd):$PATH
count=0
failed=0
sed -n 's/^\.Dl \(weir packet .*\)/\1/p' "$page" | sed 's/\\e/\\/g' >packet-examples.$$
while IFS= read -r line; do
	count=$((count + 1))
	if ! said=$(sh -c "$line -f decimal" 2>&1 >/dev/null) || [ -n "$said" ]; then
		printf '%s\n%s\n' "$line" "$said"
		failed=1
	fi
done <packet-examples.$$
rm packet-examples.$$
echo "$count examples"
[ "$count" -ge 10 ] && [ $failed = 0 ]
