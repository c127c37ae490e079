#!/usr/bin/env python3
"""The comment on a function begins with a verb in the imperative.

"Return the byte of ...", "Tell whether ...", not "Returns ...", "The byte of ..." or
"Whether ...": it says what the function does, and then what the caller must know. This
reads the comments right before definitions in src/ and before declarations in headers.
A verb that is missing in VERBS, where it is one, is added there.
"""
import os
import re
import sys

src = os.path.join(os.environ.get("top_srcdir", "."), "src")

VERBS = set("""
Abandon Accept Add Adjust Adopt Advance Aim Align Allocate Allow Answer Append Apply
Approximate Arrange Ask Assemble Assert Assign Assume Attach Audit Become Begin Bind Bound
Build Call Cancel Capture Cast Catch Change Charge Check Choose Clamp Clean Clear Close Collect
Combine Commit Compare Compile Complain Complete Compute Confine Connect Continue Convert
Copy Count Create Cut Decide Decode Decrement Defer Define Delete Derive Describe Detach
Detect Determine Disassemble Discard Divide Do Double Draw Drop Dump Duplicate Emit Empty
Encode End Enter Escape Estimate Evaluate Examine Exchange Exclude Exit Expand Expect
Explain Export Express Extend Extract Factor Fail Fill Filter Find Finish Flip Flush Fold
Follow Forget Fork Format Free Freeze Generate Get Give Go Grant Grow Guess Halve Hand
Hash Have Hide Hint Hold Ignore Import Improve Include Increment Indent Infer Inherit
Initialize Insert Inspect Install Intersect Invert Join Judge Jump Keep Kill Know Lead
Learn Leave Let Lift Limit Link List Load Lock Look Loop Lower Make Map Mark Mask Match
Measure Merge Mirror Mix Modify Move Multiply Name Narrow Negate Normalize Note Notify
Number Offer Open Optimize Order Pack Pad Parse Pass Patch Pause Pay Permit Pick Pin Plan
Point Poll Pop Prepare Preserve Prevent Print Probe Process Promise Propagate Protect Prove
Provide Prune Push Put Quit Raise Randomize Rank Reach Read Rebuild Recognize Record
Recurse Reduce Refer Refuse Register Reject Relax Release Relocate Remember Remove Rename
Render Reorder Repair Repeat Replace Report Request Require Reserve Reset Resolve Restore
Restrict Return Reuse Reverse Rewrite Round Run Sample Save Say Scan Schedule Score Search
See Seed Select Send Serialize Set Settle Share Shift Show Shrink Signal Simplify Simulate
Skip Sort Split Spread Start State Steer Step Stop Store Strip Substitute Subtract Suggest
Sum Suppress Suspend Swap Sweep Switch Sync Tag Take Tell Test Tighten Trace Track Translate
Traverse Treat Trim Try Turn Type Undo Unify Unite Unlock Unpack Update Upgrade Use
Validate Vary Verify Visit Wait Walk Warn Watch Weigh Widen Wipe Work Wrap Write Zero
""".split())

COMMENT = re.compile(r"^/\*((?:(?!\*/).)*)\*/\n(?=[A-Za-z_])", re.M | re.S)
NO_FUNCTION = re.compile(r"(typedef|enum|union|struct \w+ \{|_Static_assert)\b")


def declares_function(text, at, header):
    """Whether a function is defined at AT, or, in a HEADER, declared."""
    end = re.compile(r"[;{]").search(text, at)
    head = text[at:end.start()] if end else ""
    if NO_FUNCTION.match(head) or "(" not in head or "=" in head.partition("(")[0]:
        return False
    return end.group() == "{" or header


def problems(name, text):
    """(line, first word of the comment) of each function whose comment has no verb first."""
    for m in COMMENT.finditer(text):
        if not declares_function(text, m.end(), name.endswith(".h")):
            continue
        word = re.match(r"[\s*]*(\S*)", m.group(1)).group(1)
        if word.rstrip(",;:") not in VERBS:
            yield text.count("\n", 0, m.start()) + 1, word


# What the test must find, and what it must let pass.
BAD = "/*\n * Returns A.\n * B.\n */\nstatic int *a(int b,\n\t\t int c)\n{\n}\n"
GOOD = "/* The table. */\nstatic const int a[] = { f(1) };\n/* Copy A. */\nvoid f(void)\n{\n}\n"
assert list(problems("a.c", BAD)) == [(1, "Returns")]
assert list(problems("a.h", "/* The sum. */\nint sum(int a);\n")) == [(1, "The")]
assert not list(problems("a.c", GOOD))

failed = False
for folder, _, files in sorted(os.walk(src)):
    for name in sorted(files):
        path = os.path.join(folder, name)
        if not name.endswith((".c", ".h")):
            continue
        with open(path, encoding="utf-8") as f:
            for line, word in problems(name, f.read()):
                print(f"{path}:{line}: the comment on a function begins with '{word}', "
                      "not with a verb such as 'Return' or 'Tell whether'")
                failed = True
sys.exit(failed)
