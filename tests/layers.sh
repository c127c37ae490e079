#!/bin/sh
# Each part of src/ includes only what is below it: the table of HACKING.md.
set -eu

failures=0

# allow DIRECTORY PART...: files of src/DIRECTORY include only themselves and these.
allow()
{
	dir=$1
	shift
	[ -d "$top_srcdir/src/$dir" ] || return 0
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

allow base
allow cbpf base
allow ir base
allow gen base cbpf ir
allow opt base cbpf ir gen
allow prove base cbpf ir gen
allow packet base ir
allow sys base
allow rules base ir sys
allow policy base ir sys rules
allow import base ir sys rules
allow oci base ir sys rules
allow ebpf base cbpf
allow launch base weir.h
allow net base weir.h
allow cli base launch net weir.h

# A directory that the table does not know is a layer that nobody agreed on.
for dir in "$top_srcdir"/src/*/; do
	case $(basename "$dir") in
	base|cbpf|ir|gen|opt|prove|packet|sys|rules|policy|import|oci|ebpf|launch|net|cli) ;;
	*) echo "src/$(basename "$dir") is in no layer"; failures=1 ;;
	esac
done
exit $failures
