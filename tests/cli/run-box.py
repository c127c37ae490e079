#!/usr/bin/env python3
"""The box of weir run: what a program tries that its paths, network and limits do not
permit has no effect, as root and as a user, with a mount namespace and without one.

A case is a box, an attempt inside it (a command of the shell, or Python), and whether
it may succeed. What counts is what is seen from outside, or from the attempt's status
where nothing changes outside.
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import outer

TOP = os.environ.get("top_srcdir", ".")
WEIR = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "weir"))
USER = 65534
ENOSYS = 38
failures = 0
attempts = 0


def fail(text):
    global failures
    failures += 1
    print("FAIL: " + text)


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


class World:
    """A directory with a project, secrets and files of others, for one user."""

    def __init__(self, base, uid):
        self.uid = uid
        self.home = os.path.join(base, "world-%d" % uid)
        os.makedirs(os.path.join(self.home, "project", "vendor"))
        os.makedirs(os.path.join(self.home, "secret"))
        os.makedirs(os.path.join(self.home, "outside", "dir"))
        for name, text in (("project/file", "mine\n"), ("project/vendor/lib", "lib\n"),
                           ("secret/key", "KEY\n"), ("outside/file", "keep\n"),
                           ("outside/old", "old\n")):
            with open(os.path.join(self.home, name), "w") as f:
                f.write(text)
        os.symlink("../outside/file", os.path.join(self.home, "project", "way"))
        os.link(os.path.join(self.home, "outside/old"),
                os.path.join(self.home, "outside/hard"))
        for root, dirs, files in os.walk(self.home):
            for name in dirs + files:
                os.chown(os.path.join(root, name), uid, uid, follow_symlinks=False)
        os.chown(self.home, uid, uid)
        os.chmod(self.home, 0o755)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.home, "outside/daemon"))
        self.listener.listen(100)
        self.listener.setblocking(False)
        os.chmod(os.path.join(self.home, "outside/daemon"), 0o777)

    def state(self):
        """All that the attempts must not change."""
        seen = []
        for part in ("outside", "secret", "project/vendor"):
            for root, dirs, files in os.walk(os.path.join(self.home, part)):
                for name in sorted(dirs + files) + ["."]:
                    path = os.path.join(root, name)
                    st = os.lstat(path)
                    text = ""
                    if os.path.isfile(path):
                        with open(path, "rb") as f:
                            text = f.read()
                    attrs = os.listxattr(path, follow_symlinks=False)
                    seen.append((path, st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns,
                                 st.st_nlink, st.st_size, text, tuple(attrs)))
        return seen

    def called(self):
        try:
            self.listener.accept()[0].close()
            return True
        except BlockingIOError:
            return False


def run(world, options, script, before=(), where="project", timeout=30):
    """The status and the output of SCRIPT in a box."""
    command = list(before) + [WEIR, "run", "-q", *options, "--", "sh", "-c", script]
    if world.uid and os.getuid() == 0 and not before:
        command = ["setpriv", "--reuid=%d" % world.uid, "--regid=%d" % world.uid,
                   "--clear-groups"] + command
    environment = dict(os.environ, HOME=world.home)
    done = subprocess.run(command, cwd=os.path.join(world.home, where), capture_output=True,
                          env=environment, timeout=timeout, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


PYTHON = next((p for p in ("/usr/bin/python3", sys.executable) if os.path.exists(p)), "python3")


def python(text):
    return "%s -I -c '%s'" % (PYTHON, text.replace("'", "'\\''"))


# Attempts to change what is outside the project: none may.
ATTACKS = {
    "write": "echo x >../outside/file",
    "append": "echo x >>../outside/file",
    "by a symbolic link": "echo x >way",
    "by the root of /proc": 'echo x >/proc/self/root"$(cd ../outside && pwd)"/file',
    "by the directory of /proc": "cd ../outside; echo x >/proc/self/cwd/file",
    "truncate": "truncate -s 0 ../outside/file",
    "create": "touch ../outside/new",
    "make a directory": "mkdir ../outside/newdir",
    "remove": "rm -f ../outside/file",
    "remove a directory": "rmdir ../outside/dir",
    "rename away": "mv ../outside/file ../outside/other",
    "rename in": "mv ../outside/file stolen",
    "rename out": "mv file ../outside/mine",
    "hard link in": "ln ../outside/file linked && echo x >linked",
    "hard link out": "ln file ../outside/linked",
    "symbolic link": "ln -s x ../outside/link",
    "mode": "chmod 777 ../outside/file",
    "mode by a link": "chmod 777 way",
    "owner": "chown $(id -u):$(id -g) ../outside/file; chgrp $(id -g) ../outside/dir",
    "time": "touch -d 2001-01-01 ../outside/file",
    "mode of the parent": "chmod 700 ../outside",
    "attribute": python('import os; os.setxattr("../outside/file", "user.x", b"1")'),
    "descriptor": python('import os; os.fchmod(os.open("../outside/file", 0), 0o777)'),
    "a time by descriptor": python('import os; os.utime(os.open("../outside/file", 0), (1, 1))'),
    "fifo": "mkfifo ../outside/fifo",
    "below read-only": "echo x >vendor/lib",
    "mode below read-only": "chmod 777 vendor/lib",
    "replace read-only": "mv vendor old && mkdir vendor && echo x >vendor/lib",
    "remove read-only": "rm -rf vendor",
    "write hidden": "echo x >../secret/key",
    "replace hidden": "mv ../secret ../old; rm -rf ../secret",
    "unmount": "umount ../secret; umount vendor; umount -l vendor; umount .",
    "remount": "mount -o remount,rw / ; echo x >../outside/file",
    "namespaces": "unshare -Urm sh -c 'mount -o remount,rw /; umount -l /; echo x >../outside/file'",
    "temporary": "echo x >/tmp/../$(cd ../outside && pwd)/file",
}

# What the program may do in its box.
PERMITTED = {
    "write": "echo x >file && grep -q x file",
    "create": "mkdir a && echo x >a/b && mv a/b c && rm -r a c",
    "mode": "touch m && chmod 600 m && touch -d 2001-01-01 m && rm m",
    "rename across": "mkdir a b && echo x >a/f && mv a/f b/f && rm -r a b",
    "devices": "echo x >/dev/null && head -c 4 /dev/urandom >/dev/null",
    "read outside": "grep -q keep ../outside/file && ls ../outside >/dev/null",
    "see its own /tmp": "echo x >/tmp/t && [ ! -e /tmp/marker-of-run-box ] && rm /tmp/t",
    "start programs": "sh -c 'exit 0' && env true",
    "pipes": "echo a | grep -q a",
}


def judge(world, name, options, before, what):
    """Attempts to get out of a box that has --rw of the project."""
    global attempts
    first = world.state()
    for attack, script in ATTACKS.items():
        attempts += 1
        status, said = run(world, options, script, before)
        if status in (98, 99, 123, 125, 127):
            fail("%s, %s: not started for '%s': %s" % (name, what, attack, said))
            return
        if world.state() != first:
            now = [x for x in world.state() if x not in first]
            fail("%s, %s: '%s' gets out: %s" % (name, what, attack, now[:1]))
            first = world.state()
    attempts += 1
    run(world, options, python('import socket; socket.socket(socket.AF_UNIX)'
                               '.connect("../outside/daemon")'), before)
    if world.called():
        fail("%s, %s: a daemon is reached by path" % (name, what))


def judge_permitted(world, name, options, before, what, left_out=()):
    global attempts
    for wish, script in PERMITTED.items():
        if wish in left_out:
            continue
        attempts += 1
        status, said = run(world, options, script, before)
        if status:
            fail("%s, %s: cannot '%s' (%d): %s" % (name, what, wish, status, said))


def judge_hidden(world, name, options, before, what):
    for script in ("cat ../secret/key", "ls ../secret/key", "cat /proc/self/root$HOME/secret/key",
                   "ln ../secret/key k; cat k",
                   python('import os; d = os.open("../secret", os.O_PATH); '
                          'print(open("/proc/self/fd/%d/key" % d).read())')):
        _, said = run(world, options, script, before)
        if "KEY" in said:
            fail("%s, %s: '%s' reads what is hidden" % (name, what, script))


def judge_network(world, name, before, what):
    """--net none: a server on the machine's loopback is not reached; one inside is."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(100)
    server.setblocking(False)
    port = server.getsockname()[1]
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    datagrams.setblocking(False)
    texts = {
        "tcp": "import socket; socket.create_connection(('127.0.0.1', %d), 2)" % port,
        "udp": "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
               "s.sendto(b'x', ('127.0.0.1', %d))" % datagrams.getsockname()[1],
        "local": "import socket; socket.socket(socket.AF_UNIX).connect('../outside/daemon')",
        "vsock": "import socket; socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)"
                 ".connect((2, 1))",
    }
    for text in texts.values():
        status, said = run(world, ["--net", "none"], python(text), before)
        if status == 125:
            fail("%s, %s: --net none does not start: %s" % (name, what, said))
        if status == 0 and "udp" not in text and text is not texts["udp"]:
            fail("%s, %s: --net none, but '%s' works" % (name, what, text))
    time.sleep(0.05)
    for waiting in (server, datagrams):
        try:
            waiting.accept() if waiting is server else waiting.recv(10)
            fail("%s, %s: --net none, but something came" % (name, what))
        except BlockingIOError:
            pass
    if world.called():
        fail("%s, %s: --net none, but a daemon is reached" % (name, what))
    if not before:
        status, said = run(world, ["--net", "none"], python(
            "import socket; s = socket.create_server(('127.0.0.1', 0)); "
            "socket.create_connection(s.getsockname(), 2)"))
        if status:
            fail("%s: no loopback of its own: %s" % (name, said))


def judge_limits(world, name):
    status, said = run(world, ["--limit", "fsize=4K", "--rw", "."],
                       "head -c 100000 /dev/zero >big; wc -c <big")
    if "4096" not in said:
        fail("%s: --limit fsize: %d %s" % (name, status, said))
    status, said = run(world, ["--limit", "files=10"], "ulimit -n; ulimit -Hn")
    if said.split() != ["10", "10"]:
        fail("%s: --limit files: %s" % (name, said))
    status, said = run(world, [], "ulimit -c; ulimit -Hc")
    if any(n not in ("0", "1") for n in said.split()):
        fail("%s: core dumps: %s" % (name, said))
    begin = time.monotonic()
    status, said = run(world, ["--timeout", "1"], "sleep 60 & sleep 60")
    if status != 124 or time.monotonic() - begin > 15:
        fail("%s: --timeout: status %d: %s" % (name, status, said))
    status, said = run(world, ["--timeout", "1", "--kill-after", "1"],
                       "trap '' TERM; sleep 60; sleep 60")
    if status != 124:
        fail("%s: --kill-after: status %d: %s" % (name, status, said))


def judge_guards(world, name):
    """What nobody named: secrets are hidden, what runs outside later stays as it is."""
    global attempts
    home = os.path.join(world.home, "home")
    project = os.path.join(home, "src")
    texts = {".ssh/id": "KEY", ".netrc": "KEY", ".npmrc": "KEY", "src/.env": "KEY",
             "src/.env.local": "KEY", ".bashrc": "old", ".config/systemd/user/a.service": "old",
             "src/.git/config": "old", "src/.git/hooks/pre-push": "old",
             "src/.git/modules/sub/hooks/pre-push": "old", "src/.git/modules/sub/config": "old",
             "src/.git/index": "free", "src/deep/er/.git/hooks/pre-push": "old",
             "src/deep/er/.git/config": "old", "src/worktree/.git": "old",
             "src/.vscode/tasks.json": "old", "dotfiles/zshrc": "old"}
    for path, text in texts.items():
        path = os.path.join(home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
    os.symlink("dotfiles/zshrc", os.path.join(home, ".zshrc"))
    for root, dirs, files in os.walk(home):
        for entry in dirs + files + ["."]:
            os.chown(os.path.join(root, entry), world.uid, world.uid, follow_symlinks=False)
    before, world.home = world.home, home
    tries = ["cat ~/.ssh/id ~/.netrc ~/.npmrc .env .env.local",
             "mv ~/.ssh ~/.s; cat ~/.s/id", "ln ~/.netrc ~/n; cat ~/n",
             "echo x >.git/hooks/pre-push; echo x >.git/hooks/new; echo x >.git/config",
             "mv .git .git2; mkdir -p .git/hooks; echo x >.git/hooks/pre-push",
             "mv .git/hooks .git/h; mkdir .git/hooks; echo x >.git/hooks/pre-push",
             "mv .git/modules m; mkdir -p .git/modules/sub/hooks; "
             "echo x >.git/modules/sub/hooks/pre-push; echo x >.git/modules/sub/config",
             "mv deep d; mkdir -p deep/er/.git/hooks; echo x >deep/er/.git/hooks/pre-push",
             "mv deep/er d; mkdir -p deep/er/.git/hooks; echo x >deep/er/.git/hooks/pre-push",
             "rm -rf deep; mkdir -p deep/er/.git/hooks; echo x >deep/er/.git/hooks/pre-push",
             "echo x >worktree/.git; mv worktree w; mkdir worktree; echo x >worktree/.git",
             "echo x >.vscode/tasks.json; mv .vscode v; mkdir .vscode; echo x >.vscode/tasks.json",
             "echo x >~/.bashrc; rm ~/.bashrc; echo x >~/.config/systemd/user/a.service",
             "mv ~/.config ~/c; mkdir -p ~/.config/systemd/user; "
             "echo x >~/.config/systemd/user/a.service",
             "echo x >~/.zshrc; mv ~/dotfiles ~/d; mkdir ~/dotfiles; echo x >~/dotfiles/zshrc"]
    for script in tries:
        attempts += 1
        status, said = run(world, ["--rw", ".", "--rw", home], script, (), "src")
        if "KEY" in said or status in (98, 99, 123, 125, 127):
            fail("%s: '%s' reads a secret or did not start: %s" % (name, script, said))
        for path, text in texts.items():
            path = os.path.join(home, path)
            if not os.path.exists(path) or open(path).read() != text:
                fail("%s: '%s' changes %s" % (name, script, path))
                world.home = before
                return
    status, said = run(world, ["--rw", "."], "echo x >.git/index && echo x >.envrc", (), "src")
    if status or "src/.envrc' is new and may be run outside" not in said:
        fail("%s: what is not protected: %d %s" % (name, status, said))
    status, said = run(world, ["--rw", ".", "--show", "~/.ssh".replace("~", home), "--show",
                               ".git"], "cat ~/.ssh/id && echo y >.git/hooks/pre-push", (), "src")
    if status or "KEY" not in said:
        fail("%s: --show: %d %s" % (name, status, said))
    world.home = before


def judge_descriptors(world, name):
    """What is open above 2 is closed, but for what is kept."""
    command = ["sh", "-c", 'exec 5<file 6<file; exec "$0" "$@"', WEIR, "run", "-q", "--keep-fd",
               "6", "--", "sh", "-c", "[ ! -e /proc/self/fd/5 ] && read line <&6 && echo $line"]
    done = subprocess.run(command, cwd=os.path.join(world.home, "project"), capture_output=True,
                          check=False)
    if done.returncode or not done.stdout:
        fail("%s: descriptors: %s %s" % (name, done.stdout, done.stderr))
    bash = shutil.which("bash")
    if bash:
        done = subprocess.run([bash, "-c", '"$0" run -q -- cat <(echo through)', WEIR],
                              capture_output=True, check=False)
        if done.stdout != b"through\n":
            fail("%s: a pipe of the shell's: %s %s" % (name, done.stdout, done.stderr))


def judge_environment(world, name):
    os.environ.update(MY_TOKEN="t0k", AWS_SECRET_ACCESS_KEY="s3c", PLAIN="pl41n")
    _, said = run(world, [], "env")
    if "t0k" in said or "s3c" in said or "pl41n" not in said:
        fail("%s: the environment under default: %s" % (name, said))
    _, said = run(world, ["--rw", "."], "env")
    if "t0k" in said or "pl41n" in said or "PATH=" not in said:
        fail("%s: the environment with --rw: %s" % (name, said))
    _, said = run(world, ["--rw", ".", "--keep-env", "PLAIN", "--keep-env", "MY_*"], "env")
    if "t0k" not in said or "pl41n" not in said:
        fail("%s: --keep-env: %s" % (name, said))


def judge_foreign(world, name, base):
    """The box's rules hold for calls of i386, too, where the policy permits those."""
    source, program, policy = (os.path.join(base, n) for n in ("i386.c", "i386", "i386.policy"))
    with open(source, "w") as f:
        f.write("""int main(void) { int r = 0;
#ifdef __x86_64__
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(54), "b"(0), "c"(0x5412), "d"(0) : "memory");
    return r == -1 ? 1 : r == -38 ? 38 : 2; /* -EPERM */
#endif
    return r; }""")
    with open(policy, "w") as f:
        f.write("default allow\nabi x86_64, i386\nerrno EACCES acct\n")
    compiler = os.environ.get("CC", "cc").split()
    if subprocess.run(compiler + ["-o", program, source], capture_output=True,
                      check=False).returncode:
        return
    if subprocess.run([program], stdin=subprocess.DEVNULL, check=False).returncode == 2:
        done = subprocess.run([WEIR, "run", "-q", policy, "--", program],
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 1:
            fail("%s: TIOCSTI by int 0x80 gives %d" % (name, done.returncode))


def judge_wide(world, name):
    """All may be written, or all of /proc, and what is hidden or read-only is so still."""
    for options, script in ((["--rw", "/", "--ro", "../outside", "--hide", "../secret"],
                             "echo x >file && echo x >\"$PWD/file\" && "
                             "! echo x 2>/dev/null >../outside/file && "
                             "! cat ../secret/key 2>/dev/null"),
                            (["--rw", "/proc"], "echo name >/proc/self/comm")):
        status, said = run(world, options, script)
        if status:
            fail("%s: %s: %d %s" % (name, options, status, said))


def judge_plan(world, name):
    status, said = run(world, ["--rw", ".", "--hide", "../secret", "--net", "none",
                               "--print-plan"], "echo started")
    if status or "started" in said:
        fail("%s: --print-plan: %d %s" % (name, status, said))
    for text in ("/project", "writable", "/secret", "hidden", "the network"):
        if text not in said:
            fail("%s: --print-plan does not say '%s': %s" % (name, text, said))


def judge_mistakes(world, name):
    for options, text in ((["--rw", "none"], "none: No such file or directory"),
                          (["--rw", ".", "--ro", "."], "named twice, in different ways"),
                          (["--net", "nonee"], "--net takes 'none' or 'all', not 'nonee'"),
                          (["--limit", "mem"], "--limit takes cpu=SECONDS"),
                          (["--limit", "fsize=1X"], "--limit takes cpu=SECONDS"),
                          (["--timeout", "soon"], "--timeout takes seconds"),
                          (["--kill-after", "-1"], "--kill-after takes seconds"),
                          (["--tmp", "own"], "--tmp takes 'private' or 'shared', not 'own'"),
                          (["--keep-fd", "99"], "--keep-fd takes an open descriptor"),
                          (["--keep-cap", "CAP_CHWON"], "did you mean 'CAP_CHOWN'?"),
                          (["--keep-cap", "CAP_SYS_ADMIN"], "cannot be kept")):
        status, said = run(world, options, "echo started")
        if status != 125 or text not in said or "started" in said:
            fail("%s: %s: %d %s" % (name, options, status, said))


def main():
    if not shutil.which("setpriv"):
        skip("setpriv is missing")
    # Not below /tmp, which a box has for itself.
    place = next((p for p in ("/run", os.path.expanduser("~"), os.getcwd())
                  if os.access(p, os.W_OK)), None)
    base = tempfile.mkdtemp(prefix="run-box.", dir=place)
    os.chmod(base, 0o755)
    open("/tmp/marker-of-run-box", "w").close()
    users = [os.getuid()] if os.getuid() else [0, USER]
    program, _ = outer.build(base)
    try:
        for uid in users:
            world = World(base, uid)
            name = "user" if uid else "root"
            box = ["--rw", ".", "--ro", "vendor", "--hide", "../secret"]
            judge(world, name, box, (), "mounts")
            judge_hidden(world, name, box, (), "mounts")
            judge_permitted(world, name, box, (), "mounts")
            judge_network(world, name, (), "namespace")
            judge_limits(world, name)
            judge_guards(world, name)
            judge_wide(world, name)
            if uid == os.getuid():
                judge_descriptors(world, name)
                judge_foreign(world, name, base)
            judge_environment(world, name)
            judge_plan(world, name)
            judge_mistakes(world, name)
            if program and os.getuid() == 0 and uid:
                before = [program, "unshare", str(ENOSYS), str(uid)]
                status, said = run(world, box, "true", before)
                if status != 125 or "there is no means here to confine" not in said:
                    fail("without namespaces: %d %s" % (status, said))
                box = ["--tmp", "shared", "--rw", "."]
                for left in ("below read-only", "mode below read-only", "replace read-only",
                             "remove read-only"):
                    ATTACKS.pop(left)
                judge(world, name, box, before, "Landlock alone")
                judge_permitted(world, name, box, before, "Landlock alone",
                                ("mode", "see its own /tmp"))
                judge_network(world, name, before, "filter")
    finally:
        shutil.rmtree(base, ignore_errors=True)
        os.unlink("/tmp/marker-of-run-box")
    print("%d attempts, %d failed" % (attempts, failures))
    sys.exit(1 if failures else 0)


main()
