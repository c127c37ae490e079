#!/bin/sh
# The bench works, and what it compiles accepts what libpcap's programs accept.
# Nothing here is timed: that is `make bench`.
exec "$top_builddir/tests/bench/bench" --quick
