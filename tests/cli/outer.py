"""outer.c: weir under a filter of somebody else's, which answers one call."""
import os
import subprocess

TOP = os.environ.get("top_srcdir", ".")


def build(directory):
    """Build the program in DIRECTORY. Its path and None, or None and why it cannot be built."""
    program = os.path.join(directory, "outer")
    compiler = os.environ.get("CC", "cc").split()
    done = subprocess.run(compiler + ["-static", "-o", program,
                                      os.path.join(TOP, "tests/cli/outer.c")],
                          capture_output=True, check=False)
    return (None, done.stderr.decode().split("\n")[0]) if done.returncode else (program, None)
