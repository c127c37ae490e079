#!/bin/sh
# Every golden file says what came out; see golden.c for their form.
exec "${top_builddir:-.}"/tests/golden/golden \
	"${top_srcdir:-.}"/tests/golden/*/*.golden
