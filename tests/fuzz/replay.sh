#!/bin/sh
# Replays every fuzzer's seeds and corpus, and some mutations that are always the same.
set -eu

if [ -z "${fuzz_programs-}" ]; then
	echo "no fuzzers were built"
	exit 77
fi
for program in $fuzz_programs; do
	name=${program##*/fuzz_}
	corpus=$top_srcdir/tests/fuzz/corpus/$name
	[ -d "$corpus" ] || corpus=
	words=$top_srcdir/tests/fuzz/dict/$name.dict
	[ -f "$words" ] || words=
	echo "$name:"
	if [ "${fuzzing-no}" = yes ]; then
		# What it finds new goes to the first directory.
		new=$(mktemp -d)
		"$top_builddir/$program" -runs=20000 -seed=1 ${words:+-dict="$words"} "$new" $corpus
		rm -rf "$new"
	else
		"$top_builddir/$program" -n 20000 -s 1 -o "$name.crash" ${words:+-x "$words"} $corpus
	fi
done
