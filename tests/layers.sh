#!/bin/sh
# Each part of src/ includes only what its row in the table of HACKING.md lists.
set -eu

failures=0

# allow DIRECTORY PART...: files of src/DIRECTORY include only themselves and these.
allow()
{
	dir=$1
	shift
	[ -d "$top_srcdir/src/$dir" ] || { echo "HACKING.md: there is no src/$dir"; failures=1; return; }
	allowed="config\\.h|$dir/"
	for part in "$@"; do
		case $part in
		*.h) allowed="$allowed|${part%.h}\\.h" ;;
		*) allowed="$allowed|$part/" ;;
		esac
	done
	wrong=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$top_srcdir/src/$dir" |
		grep -vE "include[[:space:]]*\"($allowed)" || true)
	if [ -n "$wrong" ]; then
		echo "src/$dir may include $dir $*, but:"
		echo "$wrong"
		failures=1
	fi
}

# The rows of the table, a line a directory: its name and what it may include.
rows()
{
	awk -F '|' '
	/^\| directory \|/ { table = 1; next }
	table && !/^\|/ { exit }
	table {
		parts = $4
		if (parts ~ /none/)
			parts = ""
		gsub(/[`,]/, " ", parts)
		while (match($2, /`[a-z]+\/`/)) {
			print substr($2, RSTART + 1, RLENGTH - 3), parts
			$2 = substr($2, RSTART + RLENGTH)
		}
	}' "$top_srcdir/HACKING.md"
}

table=$(rows)
[ -n "$table" ] || { echo "HACKING.md has no table of directories"; exit 1; }
while read -r row; do
	# shellcheck disable=SC2086
	allow $row
done <<EOF
$table
EOF

# A directory that the table does not know is a layer that nobody agreed on.
for dir in "$top_srcdir"/src/*/; do
	echo "$table" | grep -q "^$(basename "$dir") " ||
		{ echo "src/$(basename "$dir") is not in the table of HACKING.md"; failures=1; }
done

# How large an off_t is depends on config.h: two files that differ in that disagree about
# every struct that has one.
for dir in box cli kernel launch net; do
	for file in "$top_srcdir/src/$dir"/*.c; do
		[ "$(sed -n 's/^#include //p' "$file" | head -n 1)" = '"config.h"' ] ||
			{ echo "$file does not include config.h first"; failures=1; }
	done
done
exit $failures
