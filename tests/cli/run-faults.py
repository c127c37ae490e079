#!/usr/bin/env python3
"""weir run under somebody else's filter, which answers calls of its set-up.

Each call fails once, and once reports a success that is not true; as root and as
an ordinary user, in each way of watching. Whatever comes of it: the program
does not run without the policy, 125 to 127 mean that nothing of it ran, and weir
ends, by itself or by SIGTERM, and the program with it.
"""
import concurrent.futures
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import outer

TOP = os.environ.get("top_srcdir", ".")
WEIR = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "weir"))
EPERM = 1
FAKED = 0
PROGRAM = 42        # the status of a program that ran
NOT_RUN = (125, 126, 127)
LOST = 123          # weir says that it may have run
FIRST_ARGUMENTS = {
    "prctl": (3, 4,         # PR_GET_DUMPABLE, PR_SET_DUMPABLE
              36,           # PR_SET_CHILD_SUBREAPER
              38, 39),      # PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS
    "ptrace": (7, 17,       # PTRACE_CONT, PTRACE_DETACH
               0x4201, 0x4206, 0x4208, 0x420e),
                            # _GETEVENTMSG, _SEIZE, _LISTEN, _GET_SYSCALL_INFO
    "rt_sigprocmask": (0, 1, 2),
    "rt_sigaction": (17,),  # SIGCHLD
}
# weir lets go at exec; it stays; it does not trace; it makes a box, where MARKS is the
# directory for marks.
WAYS = {"": ["policy"], " staying": ["killing"], " --no-trace": ["--no-trace", "policy"],
        " boxed": ["--net", "none", "--tmp", "shared", "--rw", "MARKS", "policy"]}


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def still_there(argument):
    """The processes that have ARGUMENT."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                if argument.encode() in f.read().split(b"\0"):
                    found.append(int(pid))
        except OSError:
            pass
    return found


class Attempt:
    """One run of weir under a filter that answers CALL with ERROR."""

    def __init__(self, directory, call, error, uid, how, what="inside"):
        self.name = "%s %s, %s%s" % (call, "fails" if error else "is faked",
                                     "root" if uid == 0 else "user", how)
        self.call = call
        self.outer = os.path.join(directory, "outer")
        self.marks = tempfile.mkdtemp(dir=directory)
        os.chmod(self.marks, 0o777)
        if how == " boxed":
            with open(os.path.join(self.marks, "boxed"), "w", encoding="utf-8") as f:
                f.write(str(os.stat("/proc/self/ns/net").st_ino))
        self.command = [self.outer, call, str(error), str(uid), WEIR, "run", "-q",
                        *(self.marks if word == "MARKS" else word for word in WAYS[how][:-1]),
                        os.path.join(directory, WAYS[how][-1]),
                        "--", self.outer, what, self.marks]
        self.stay = what == "stay"
        if self.stay:
            self.name += ", told to end"

    def ran(self, mark):
        return os.path.exists(os.path.join(self.marks, mark))

    def run(self):
        """What is wrong, or None."""
        # No pipe: what outlives weir would hold it open.
        output = tempfile.TemporaryFile(dir=os.path.dirname(self.marks))
        weir = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=output,
                                stderr=subprocess.STDOUT)
        waited = False
        for _ in range(1000):
            if not self.stay or weir.poll() is not None or self.ran("ran"):
                break
            time.sleep(0.02)
        if self.stay:
            weir.terminate()
        try:
            weir.wait(timeout=20)
        except subprocess.TimeoutExpired:
            waited = True
            weir.terminate()
            try:
                weir.wait(timeout=40)
            except subprocess.TimeoutExpired:
                weir.kill()
                return "waits for ever, and ignores SIGTERM"
        output.seek(0)
        said = output.read()
        why = self.judge(weir.returncode)
        # Let go for good, as far as weir can see, or not: it cannot know.
        if self.name in ("ptrace:17 is faked, root", "ptrace:7 is faked, root staying"):
            if weir.returncode != LOST or b"weir lost track of the program" not in said:
                why = "not taken for lost"
        if self.name.startswith(("seccomp is faked", "prctl:38 is faked, root")):
            if b"reported as done, but not done" not in said:
                why = "not explained"
        if not why and waited:
            why = "waits for ever"
        return why and "%s (status %d): %s" % (why, weir.returncode,
                                               said.decode(errors="replace").strip())

    def judge(self, status):
        if self.ran("unconfined"):
            return "the program ran without the policy"
        if self.ran("privileged") and self.call not in ("prctl", "prctl:39"):
            return "the program ran without no_new_privs"
        for mark, lying in (("networked", ("newfstatat", "stat", "fstat", "statx", "read",
                                           "openat", "mmap", "brk", "socket")),
                            ("writing", ("openat",)), ("signalling", ("kill", "landlock_create_ruleset")),
                            ("inheriting", ("fcntl",))):
            if self.ran(mark) and self.call not in lying:
                return "the program ran " + mark
        if self.ran("ran") and status in NOT_RUN:
            return "the program ran"
        if not self.ran("ran") and status in (0, PROGRAM):
            return "the program did not run"
        if self.stay and still_there(self.marks):
            return "the program goes on"
        return None


def no_signal(directory, uid):
    """Where every signal is refused, weir says so and ends; what is wrong, or None."""
    attempt = Attempt(directory, "kill", EPERM, uid, "", "stay")
    attempt.command = [attempt.outer, "pidfd_send_signal", str(EPERM), "0"] + attempt.command
    why = attempt.run()
    left = still_there(attempt.marks)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    if not left or not why or "the program goes on (status 123)" not in why:
        return why or "it ended"
    for text in ("weir: waiting: weir lost track of the program: it ran, under the policy, "
                 "and was sent SIGKILL", "weir: 1 process of '"):
        if text not in why:
            return "not said: %s: %s" % (text, why)
    return None


def no_writing(directory):
    """Where write(2) is faked, weir ends, although it cannot say why; what is wrong."""
    wrong = []
    for status, words in ((125, ["run", "/nonexistent", "--", "true"]), (125, ["run"]),
                          (2, ["packet", "tcp"]), (2, ["packet", "tcp prot"]),
                          (2, ["nonsense"]), (2, ["--help"]), (2, [])):
        try:
            done = subprocess.run([os.path.join(directory, "outer"), "write", str(FAKED), "0",
                                   WEIR, *words], timeout=20, capture_output=True,
                                  check=False).returncode
        except subprocess.TimeoutExpired:
            done = "none, it waits for ever"
        if done != status:
            wrong.append(("write is faked, weir " + " ".join(words), "status %s" % done))
    return wrong


def main():
    directory = tempfile.mkdtemp()
    os.chmod(directory, 0o755)
    try:
        program, why = outer.build(directory)
        if why:
            skip("no static program can be linked: " + why)
        with open(os.path.join(directory, "outside"), "w", encoding="utf-8") as f:
            f.write("keep")
        os.chmod(os.path.join(directory, "outside"), 0o666)
        with open(os.path.join(directory, "policy"), "w", encoding="utf-8") as f:
            f.write("default allow\nerrno E2BIG personality\n")
        with open(os.path.join(directory, "killing"), "w", encoding="utf-8") as f:
            f.write("default allow\nerrno E2BIG personality\nkill kexec_load\n")
        calls = sys.argv[1:] or subprocess.check_output([program], text=True).split()
        if not sys.argv[1:]:
            calls += ["%s:%d" % (call, first) for call, firsts in FIRST_ARGUMENTS.items()
                      for first in firsts]
        users = (0, 65534) if os.getuid() == 0 else (os.getuid(),)
        attempts = [Attempt(directory, call, error, uid, how)
                    for call in calls for error in (EPERM, FAKED)
                    for uid in users for how in WAYS]
        attempts += [Attempt(directory, call, error, users[-1], how, "stay")
                     for call in calls for error in (EPERM, FAKED)
                     for how in ("", " --no-trace")]
        # Where the stops of a job are not understood, the program goes on.
        attempts += [Attempt(directory, call, error, users[-1], " staying", "stop")
                     for call in ("ptrace:%d" % 0x4208, "getuid") for error in (EPERM, FAKED)
                     if call in calls or not sys.argv[1:]]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            failures = [(a.name, why) for a, why in
                        zip(attempts, pool.map(Attempt.run, attempts)) if why]
        if not sys.argv[1:]:
            why = no_signal(directory, users[-1])
            failures += [("no signal", why)] if why else []
        if not sys.argv[1:] or "write" in sys.argv[1:]:
            failures += no_writing(directory)
        for name, why in failures:
            print("FAIL: %s: %s" % (name, why))
        ran = sum(attempt.ran("ran") for attempt in attempts)
        print("%d attempts, the program ran in %d, %d failed" %
              (len(attempts), ran, len(failures)))
        # Most calls are not needed, so that it has to run in many.
        sys.exit(bool(failures) or (not sys.argv[1:] and ran < len(attempts) / 4))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


main()
