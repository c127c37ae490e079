#!/bin/sh
# The C files are formatted as .clang-format says. Generated files and .def tables are not.
# Versions of clang-format disagree in details: the one that the code was formatted with judges.
set -eu

wanted=14
for program in clang-format-$wanted clang-format; do
	command -v "$program" >/dev/null && break
done
version=$("$program" --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p') || true
if [ "${version:-0}" -ne "$wanted" ]; then
	echo "skipped: clang-format $wanted is not installed"
	exit 77
fi
cd "$top_srcdir"
find src tests examples -name '*.[ch]' | xargs "$program" --style=file --dry-run -Werror
