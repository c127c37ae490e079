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
Abandon Abort Absorb Accept Accumulate Acquire Activate Add Adjust Adopt Advance Aggregate Aim
Alias Align Allocate Allow Amend Announce Answer Append Apply Approximate Arrange Ask Assemble
Assert Assign Assume Attach Attempt Audit Avoid Await Batch Become Begin Bind Bisect Block
Borrow Bound Branch Break Bring Broadcast Buffer Build Bump Calculate Call Cancel Capture Carry
Cast Catch Chain Change Charge Check Choose Chop Claim Clamp Classify Clean Clear Climb Clone
Close Coalesce Collect Combine Come Commit Communicate Compact Compare Compensate Compile
Complain Complete Compose Compress Compute Concatenate Condense Configure Confine Confirm
Connect Construct Consult Continue Control Convert Copy Count Cover Create Cut Deactivate Debug
Decide Declare Decline Decode Decompile Decompress Decrement Deduce Defer Define Delete Deliver
Deny Derive Describe Detach Detect Determine Deviate Diagnose Digest Disable Disassemble
Discard Disconnect Discover Dispatch Display Distinguish Distribute Divide Do Double Draw Drive
Drop Dump Duplicate Edit Eject Eliminate Emit Empty Enable Enclose Encode Encounter End Enforce
Engage Enqueue Ensure Enter Enumerate Erase Escape Establish Estimate Evaluate Examine Exchange
Exclude Execute Exempt Exit Expand Expect Expire Explain Export Expose Express Extend Extract
Factor Fail Fake Fetch Fill Filter Find Finish Fit Fix Flag Flatten Flip Flow Flush Fold Follow
Forget Fork Format Forward Free Freeze Gather Generate Get Give Go Govern Grab Grant Group Grow
Guard Guess Halve Hand Handle Hash Have Hide Hint Hold Identify Ignore Import Impose Improve
Include Increment Indent Infer Inform Inherit Initialize Inject Insert Inspect Install
Interpret Interrupt Intersect Introduce Invalidate Invent Invert Invoke Isolate Issue Iterate
Join Judge Jump Keep Kill Know Lead Learn Leave Let Lift Limit Link List Listen Load Locate
Lock Log Look Loop Lose Lower Make Mangle Map Mark Mask Match Measure Merge Mirror Mix Modify
Mount Move Multiplex Multiply Mutate Name Narrow Negate Nest Normalize Note Notice Notify Nudge
Number Obey Observe Obtain Offer Offset Omit Open Operate Optimize Order Overlay Override
Overwrite Pack Pad Park Parse Partition Pass Paste Patch Pause Pay Peek Perform Permit Perturb
Pick Pin Plan Plant Point Poll Pop Precede Predict Prefer Prefix Preload Prepare Preserve
Pretend Prevent Print Probe Process Promise Prompt Propagate Propose Protect Prove Provide
Prune Publish Pull Purge Push Put Query Queue Quit Quote Raise Randomize Rank Reach Read
Reassign Rebase Rebuild Recall Receive Reclaim Recognize Recompute Reconstruct Record Recover
Recurse Redirect Reduce Reestablish Refer Refill Refine Reflect Refresh Refuse Regain Register
Reject Relate Relax Relay Release Reload Relocate Remap Remember Remove Rename Render Renumber
Reopen Reorder Repair Repay Repeat Replace Replay Reply Report Reproduce Request Require
Reserve Reset Resize Resolve Respond Restore Restrict Resume Retain Retire Retrieve Retry
Return Reuse Reveal Reverse Revert Revoke Rewrite Roll Rotate Round Route Run Sample Satisfy
Save Say Scale Scan Scatter Schedule Score Search Secure See Seed Select Send Separate
Serialize Serve Set Settle Share Shift Show Shrink Signal Simplify Simulate Skip Slice Slide
Snapshot Solve Sort Spawn Specialize Spend Spill Splice Split Spread Squeeze Stamp Start State
Steer Step Stop Store Stretch Strip Substitute Subtract Suggest Sum Supersede Support Suppress
Suspend Sustain Swallow Swap Sweep Switch Sync Tag Take Tally Tell Terminate Test Thin Thread
Throw Tighten Toggle Tokenize Tolerate Touch Trace Track Transfer Transform Translate Transmit
Transpose Trap Traverse Treat Trigger Trim Truncate Trust Try Turn Type Unbind Undefine
Understand Undo Unescape Unfold Unhook Unify Uninstall Unite Unlink Unlock Unmap Unmask Unmount
Unpack Unpin Unquote Unroll Unset Unwind Update Upgrade Uphold Use Validate Vary Verify Visit
Wait Wake Walk Warn Watch Weave Weigh Widen Wipe Withdraw Work Wrap Write Zero Zoom
""".split())

# Words that are also nouns, as in "Number of ..."; as verbs, they are not followed by these.
NOUNS = set("Answer Call Copy Count End Format Group Guess Hash Link List Map Mark Mask Match "
            "Name Note Number Order Plan Process Rank Report Result Sample Score Search Set "
            "Share State Step Sum Test Trace Type Work".split())

COMMENT = re.compile(r"^/\*((?:(?!\*/).)*)\*/\n(?=[A-Za-z_])", re.M | re.S)
NO_FUNCTION = re.compile(r"(typedef|_Static_assert)\b")


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
        word, noun = re.match(r"[\s*]*(\S*)(\s+(?:of|is|are)\b)?",
                              m.group(1)).groups()
        if word.rstrip(",;:") not in VERBS or (noun and word in NOUNS):
            yield text.count("\n", 0, m.start()) + 1, word


# What the test must find, and what it must let pass.
BAD = "/*\n * Returns A.\n * B.\n */\nstatic int *a(int b,\n\t\t int c)\n{\n}\n"
GOOD = "/* The table. */\nstatic const int a[] = { f(1) };\n/* Copy A. */\nvoid f(void)\n{\n}\n"
assert list(problems("a.c", BAD)) == [(1, "Returns")]
assert list(problems("a.h", "/* The sum. */\nint sum(int a);\n")) == [(1, "The")]
assert list(problems("a.h", "/* Number of bits. */\nint bits(int a);\n")) == [(1, "Number")]
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
