#!/bin/sh
# A part of src/ includes only the parts below it; see "The house" in HACKING.md.
may_include()
{
	case $1 in
	base) echo ;;
	cbpf | ir) echo base ;;
	gen) echo base cbpf ir ;;
	opt) echo base cbpf ir gen ;;
	packet | policy) echo base ir ;;
	launch | net) echo base weir.h ;;
	cli) echo base launch net weir.h ;;
	api) echo base cbpf ir gen opt packet policy weir.h api.h ;;
	weir) echo ;;
	esac
}

cd "${top_srcdir:-.}/src" || exit 99
failures=0
files=0
for file in *.[ch] */*.[ch] */*/*.[ch]; do
	[ -e "$file" ] || continue
	files=$((files + 1))
	case $file in
	*/*) part=${file%%/*} ;;
	api*) part=api ;;
	*) part=${file%.*} ;;
	esac
	for included in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file"); do
		case " config.h $(may_include "$part") $part " in
		*" ${included%%/*} "*) continue ;;
		esac
		echo "$file includes $included"
		failures=$((failures + 1))
	done
done
[ "$files" -gt 50 ] || { echo "only $files files?"; exit 1; }
[ "$failures" -eq 0 ]
