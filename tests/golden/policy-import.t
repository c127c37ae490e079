Policies in other languages, as weir writes them in its own.

minijail: lines are rules, words are compared whole

    $ cat >a.policy <<'.'
    > # what a reader of files needs
    > @frequency ./a.frequency
    > read: 1
    > write: arg0 == 1 || arg0 == 2
    > mmap: arg2 in ~PROT_EXEC || arg2 in \
    >     ~PROT_WRITE
    > ioctl: arg1 == TCGETS || arg1 == 0x541B && arg2 != 0
    > fcntl: arg1 & 7
    > socket: arg0 <= AF_INET
    > lseek: arg1 > -1
    > openat: return ENOENT
    > .
    $ weir policy -f policy ./a.policy
    ./a.policy:10:8: warning: this never holds
      lseek: arg1 > -1
             ^~~~~~~~~
    default kill_thread
    foreign kill_thread
    abi x86_64
    allow read
    allow write if args[0] == 1 or args[0] == 2
    allow mmap if args[2] within ~PROT_EXEC or args[2] within ~PROT_WRITE
    allow ioctl if args[1] == TCGETS or (args[1] == 0x541b and args[2] != 0)
    allow fcntl if args[1] & 7
    allow socket if args[0] <= AF_INET
    allow lseek if args[1] > 0xffffffffffffffff
    errno ENOENT openat
    $ weir policy -ddd ./a.policy >imported
    ./a.policy:10:8: warning: this never holds
      lseek: arg1 > -1
             ^~~~~~~~~
    $ weir policy -f policy ./a.policy | weir policy -ddd - | cmp - imported
    ./a.policy:10:8: warning: this never holds
      lseek: arg1 > -1
             ^~~~~~~~~
    stdin:10:16: warning: this never holds
      allow lseek if args[1] > 0xffffffffffffffff
                     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~

Its two compilers disagree about what is behind a semicolon

    $ echo 'read: arg0 == 0; return EBADF' >b.policy
    $ weir policy ./b.policy
    ./b.policy:1:16: error: libminijail does this to all other calls, compile_seccomp_policy.py to these; --from minijail-c or minijail-python?
      read: arg0 == 0; return EBADF
                     ^~~~~~~~~~~~~~
    weir: note: './b.policy' was read as a minijail policy; --from says otherwise
    [2]
    $ weir policy --from minijail-c -f policy ./b.policy
    default kill_thread
    foreign kill_thread
    abi x86_64
    allow read if args[0] == 0
    errno EBADF read
    $ weir policy --from minijail-python -f policy ./b.policy
    default kill_thread
    foreign kill_thread
    abi x86_64
    errno EBADF read if args[0] == 0

What only one of them knows says which is meant

    $ cat >c.policy <<'.'
    > @default trap
    > {read, write}: allow
    > close: {arg0 == 1; return EBADF, arg0 < 10; log, allow}
    > open[arch=x86]: 1
    > kill: kill-process
    > getpid[arch=x86,x86_64]: user-notify
    > .
    $ weir policy -f policy -a x86_64,i386 ./c.policy
    ./c.policy:3:50: warning: compile_seccomp_policy.py forgets the conditions before this; here they hold
      close: {arg0 == 1; return EBADF, arg0 < 10; log, allow}
                                                       ^~~~~
    ./c.policy:4:1: warning: 'open' is permitted, but not 'openat', which libc uses instead
      open[arch=x86]: 1
      ^~~~
    default trap
    foreign kill_thread
    abi x86_64, i386
    allow read, write
    errno EBADF close if args[0] == 1
    log close if args[0] < 10
    allow close
    on i386 {
        allow open
    }
    kill kill
    notify getpid

A list of what is refused

    $ printf '@denylist\nbpf: return EPERM\nptrace: arg0 == 16; return EACCES\nread: 1\n' >d.policy
    $ weir policy -f policy ./d.policy
    ./d.policy:4:7: error: a rule of a '@denylist' must 'return' an error
      read: 1
            ^
    weir: note: './d.policy' was read as a minijail policy; --from says otherwise
    [2]
    $ sed -i '$d' d.policy
    $ weir policy -f policy ./d.policy
    ./d.policy:3:1: warning: 'ptrace' is refused, but not 'process_vm_readv', which can do the same
      ptrace: arg0 == 16; return EACCES
      ^~~~~~
    ./d.policy:3:1: warning: 'ptrace' is refused, but not 'process_vm_writev', which can do the same
      ptrace: arg0 == 16; return EACCES
      ^~~~~~
    ./d.policy:1:1: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      @denylist
      ^
    default allow
    foreign errno EPERM
    abi x86_64
    errno EPERM bpf
    errno EACCES ptrace if args[0] == 16

A constant that minijail has for headers that lack it

    $ echo 'madvise: arg2 == MADV_GUARD_INSTALL || arg2 == MADV_FREE' | weir policy -f policy -
    default kill_thread
    foreign kill_thread
    abi x86_64
    allow madvise if args[2] == MADV_GUARD_INSTALL or args[2] == MADV_FREE

Rules for one call

    $ printf 'read: arg0 == 1\nwrite: 1\nread: arg0 == 2\n' >e.policy
    $ weir policy ./e.policy
    ./e.policy:3:1: error: libminijail takes one rule for each call, compile_seccomp_policy.py adds them up; --from minijail-c or minijail-python?
      read: arg0 == 2
      ^~~~
    ./e.policy:1:1: note: the first one is here
      read: arg0 == 1
      ^~~~
    weir: note: './e.policy' was read as a minijail policy; --from says otherwise
    [2]
    $ weir policy --from minijail-c ./e.policy
    ./e.policy:3:1: error: libminijail takes one rule for each call
      read: arg0 == 2
      ^~~~
    ./e.policy:1:1: note: the first one is here
      read: arg0 == 1
      ^~~~
    [2]
    $ weir policy --from minijail-python -f policy ./e.policy
    default kill_thread
    foreign kill_thread
    abi x86_64
    allow read if args[0] == 1
    allow write
    allow read if args[0] == 2
    $ printf 'read: 1\nread: arg0 == 2\n' | weir policy --from minijail-python -
    stdin:2:1: error: a rule without a condition already decides 'read'
      read: arg0 == 2
      ^~~~
    stdin:1:1: note: the first one is here
      read: 1
      ^~~~
    [2]

Includes

    $ mkdir more
    $ echo 'close: 1' >more/base.policy
    $ printf '@include ./base.policy\nread: 1\n' >more/top.policy
    $ weir policy -f policy ./more/top.policy
    default kill_thread
    foreign kill_thread
    abi x86_64
    allow close
    allow read
    $ printf 'read: 1\n@include ./f.policy\n@include more/base.policy\n@include ./none\n' >f.policy
    $ weir policy ./f.policy
    ./f.policy:2:10: error: './f.policy' includes itself
      @include ./f.policy
               ^~~~~~~~~~
    ./f.policy:3:10: error: expected a path that begins with '/' or './'
      @include more/base.policy
               ^~~~~~~~~~~~~~~~
    ./f.policy:4:10: error: './none' cannot be read: No such file or directory
      @include ./none
               ^~~~~~
    weir: note: './f.policy' was read as a minijail policy; --from says otherwise
    [2]

What is wrong with a line

    $ weir policy --from minijail - <<'.'
    > raed: 1
    > read 1
    > read: 2
    > write: arg0 = 1
    > open: arg6 == 1
    > close: arg0 == O_RDONYL
    > dup: arg0 == 0x1ffffffffffffffff
    > dup2: arg0 == 089
    > lseek: arg0 == 1 &&
    > socket: return 5000
    > bind: return EPREM
    > stat: arg0 == (1|2
    > fstat: 1 1
    > @defualt kill
    > @default allow
    > basic@group: 1
    > lstat: ?
    > .
    stdin:2:6: error: expected ':' after the name of a system call, found '1'
      read 1
           ^
    stdin:3:7: error: expected an action (1, return, ...) or a condition, found '2'
      read: 2
            ^
    stdin:4:13: error: '=' does not compare; use '=='
      write: arg0 = 1
                  ^
    stdin:5:7: error: a system call has arguments arg0 to arg5
      open: arg6 == 1
            ^~~~
    stdin:7:14: error: '0x1ffffffffffffffff' is not a valid 64-bit number
      dup: arg0 == 0x1ffffffffffffffff
                   ^~~~~~~~~~~~~~~~~~~
    stdin:8:15: error: '089' is not a valid 64-bit octal number
      dup2: arg0 == 089
                    ^~~
    stdin:9:20: error: expected an argument, arg0 to arg5 before the end of the line
      lseek: arg0 == 1 &&
                         ^
    stdin:10:16: error: '5000' is not in 0..4095
      socket: return 5000
                     ^~~~
    stdin:12:19: error: expected ')' before the end of the line
      stat: arg0 == (1|2
                        ^
    stdin:13:10: error: expected the end of the line, found '1'
      fstat: 1 1
               ^
    stdin:14:1: error: unknown statement '@defualt'; expected @include, @frequency, @default or @denylist
      @defualt kill
      ^~~~~~~~
    stdin:15:10: error: the default of minijail is kill, kill-process, kill-thread, trap or user-notify
      @default allow
               ^~~~~
    stdin:16:1: error: the calls of 'basic@group' are listed in a file of minijail's build, which weir does not read
      basic@group: 1
      ^~~~~~~~~~~
    stdin:17:8: error: expected an action (1, return, ...) or a condition, found '?'
      lstat: ?
             ^
    stdin:1:1: error: unknown system call 'raed'; did you mean 'read'?
      raed: 1
      ^~~~
    stdin:6:16: error: unknown constant 'O_RDONYL' on x86_64; did you mean 'O_RDONLY'?
      close: arg0 == O_RDONYL
                     ^~~~~~~~
    stdin:11:14: error: unknown error 'EPREM' on x86_64; did you mean 'EPERM'?
      bind: return EPREM
                   ^~~~~
    [2]
    $ printf '# one \\\nread: 1\n' | weir policy --from minijail -
    stdin:1:1: error: a '\' ends this comment: libminijail takes the next line as more of it, compile_seccomp_policy.py as a rule
      # one \
      ^
    [2]
    $ weir policy --from minijial ./a.policy
    weir: error: unknown policy format 'minijial'; did you mean 'minijail'?
    [2]

On ABIs with socketcall a name is its own number alone

    $ printf '{read, socket}: allow\n' | weir policy -q -a x86_64,i386 -f policy --from minijail -
    default kill_thread
    foreign kill_thread
    abi x86_64, i386
    on x86_64 {
        allow read, socket
    }
    on i386 {
        allow read, nr(359)
    }
    $ printf 'accept: 1\n' | weir policy -q -a i386 -f policy -
    stdin:1:1: error: 'accept' has no number of its own on i386
      accept: 1
      ^~~~~~
    weir: note: 'stdin' was read as a minijail policy; --from says otherwise
    [2]

kafel: first match of what is used, in order; a comma is "or"

    $ cat >a.kafel <<'.'
    > #define STDERR 2
    > #define mytest 450
    > POLICY reading {
    >   ALLOW { read, pread64, close { fd > STDERR }, newfstat }
    > }
    > POLICY all {
    >   ERRNO(13) { openat { (flags & 03) != 0 } },
    >   USE reading,
    >   LOG { mytest, SYSCALL[446](ruleset) { ruleset == 0xffffffffffffffff } },
    >   ALLOW { mmap ON x86_64 { prot == 1 && !((flags & 0x20) == 0), len < 4096 },
    >           futex_wait ON { arm, x86 } },
    >   TRAP(7) { ptrace }, KILL_PROCESS { reboot }, DENY { kexec_load { } },
    >   TRACE(9) { lseek { offset != 0 || whence == 0b10 } } // the rest
    > }
    > /* what holds */
    > USE all
    > ALLOW { write(fd, buf, n) { fd == 1 } }
    > DEFAULT USER_NOTIF
    > .
    $ weir policy -f policy ./a.kafel
    default notify
    foreign kill_thread
    abi x86_64
    errno 13 openat if (u32(args[2]) & 3) != 0
    allow read, pread64
    allow close if u32(args[0]) > 2
    allow fstat
    log nr(450)
    log nr(446) if args[0] == 0xffffffffffffffff
    allow mmap if (args[2] == 1 and not ((args[3] & 32) == 0)) or args[1] < 4096
    trap 7 ptrace
    kill reboot
    kill_thread kexec_load
    trace 9 lseek if args[1] != 0 or u32(args[2]) == 2
    allow write if args[0] == 1
    $ weir policy -q -ddd ./a.kafel >imported
    $ weir policy -q -f policy ./a.kafel | weir policy -q -ddd - | cmp - imported

Bits, constants on either side, conditions that are known

    $ weir policy -q -f policy - <<'.'
    > ALLOW {
    >   read { (fd | 4) == 7 }, read { (fd | 4) == 3 }, read { (fd | 4) > 9 },
    >   write { 3 <= fd }, write { (fd & count) != 0 }, write { fd == count },
    >   close { fd == fd }, dup { fildes < fildes, 1 == 2 },
    >   dup2 { oldfd == 0x100000000 }, dup2 { (oldfd & 0xff) >= 3 && 1 < 2 }
    > }
    > .
    default kill_thread
    foreign kill_thread
    abi x86_64
    allow read if (u32(args[0]) & 0xfffffffb) == 3
    allow read if (u32(args[0]) & 0xfffffffb) > 5
    allow write if u32(args[0]) >= 3
    allow write if args[0] & args[2]
    allow write if args[0] == args[2]
    allow close
    allow dup2 if args[0] == 0x100000000
    allow dup2 if (u32(args[0]) & 255) >= 3

What is included is read in place

    $ echo '#define ONE 1' >one.kafel
    $ echo 'ALLOW { read { fd == ONE }, ' >begin.kafel
    $ printf '#include "one.kafel" "begin.kafel"; write }\n#include "./none"\n' | tee c.kafel | weir policy --from kafel -
    stdin:2:10: error: './none' cannot be read: No such file or directory
      #include "./none"
               ^~~~~~~~
    [2]
    $ sed -i '$d' c.kafel && weir policy --from kafel -f policy ./c.kafel
    default kill_thread
    foreign kill_thread
    abi x86_64
    allow read if u32(args[0]) == 1
    allow write
    $ echo '#include "d.kafel"' >d.kafel && weir policy --from kafel ./d.kafel
    ./d.kafel:1:10: error: './d.kafel' includes itself
      #include "d.kafel"
               ^~~~~~~~~
    [2]

What is wrong, or cannot be said

    $ weir policy - <<'.'
    > POLICY a { ALLOW { raed } }
    > POLICY a { }
    > USE b
    > USE a { read }
    > ALLOW { read { fd = 1 } }
    > DEFAULT ERRNO(4096)
    > DEFAULT KILL
    > POLICY c { DENY { read { fd & 1 }, write { (fd == 1) == 2 } } }
    > POLICY d { ALLOW { read ON x86_46 } }
    > USE c
    > .
    stdin:2:8: error: duplicate policy 'a'
      POLICY a { }
             ^
    stdin:1:8: note: the first one is here
      POLICY a { ALLOW { raed } }
             ^
    stdin:3:5: error: no policy 'b' is defined above
      USE b
          ^
    stdin:4:7: error: expected POLICY, USE, DEFAULT, an action or #define, found '{'
      USE a { read }
            ^
    stdin:6:15: error: an error is at most 4095 here
      DEFAULT ERRNO(4096)
                    ^~~~
    stdin:7:9: error: duplicate 'DEFAULT'
      DEFAULT KILL
              ^~~~
    stdin:6:9: note: the first one is here
      DEFAULT ERRNO(4096)
              ^~~~~
    stdin:8:26: error: a value alone is not a condition; compare it
      POLICY c { DENY { read { fd & 1 }, write { (fd == 1) == 2 } } }
                               ^~~~~~
    stdin:9:28: error: unknown architecture 'x86_46'; did you mean 'x86_64'?
      POLICY d { ALLOW { read ON x86_46 } }
                                 ^~~~~~
    weir: note: 'stdin' was read as a kafel policy; --from says otherwise
    [2]
    $ weir policy - <<'.'
    > ALLOW { read { feed == 1 }, read(a) { fd == 1 }, SYSCALL[3] { fd == 1 } },
    > ALLOW { read { (fd & buf) == 3 }, read { (fd | 1) == buf } }
    > .
    stdin:1:16: error: unknown argument of 'read' or constant 'feed'
      ALLOW { read { feed == 1 }, read(a) { fd == 1 }, SYSCALL[3] { fd == 1 } },
                     ^~~~
    stdin:1:39: error: 'fd' is neither a constant nor an argument that is declared: write them after the call, (a, b, ...)
      ALLOW { read { feed == 1 }, read(a) { fd == 1 }, SYSCALL[3] { fd == 1 } },
                                            ^~
    stdin:1:63: error: 'fd' is neither a constant nor an argument that is declared: write them after the call, (a, b, ...)
      ALLOW { read { feed == 1 }, read(a) { fd == 1 }, SYSCALL[3] { fd == 1 } },
                                                                    ^~
    stdin:2:17: error: this comparison of two arguments' bits cannot be expressed in a weir policy
      ALLOW { read { (fd & buf) == 3 }, read { (fd | 1) == buf } }
                      ^~~~~~~~
    stdin:2:43: error: '|' on one of two arguments that are compared cannot be expressed in a weir policy
      ALLOW { read { (fd & buf) == 3 }, read { (fd | 1) == buf } }
                                                ^~~~~~~~~~~~~~
    weir: note: 'stdin' was read as a kafel policy; --from says otherwise
    [2]
    $ printf 'ALLOW { read {(fd == 1 } }' | weir policy -
    stdin:1:24: error: expected ')', found '}'
      ALLOW { read {(fd == 1 } }
                             ^
    weir: note: 'stdin' was read as a kafel policy; --from says otherwise
    [2]
    $ printf 'ALLOW { read } /* **/' | weir policy -
    stdin:1:16: error: '/* **/' is an unterminated comment
      ALLOW { read } /* **/
                     ^~~~~~
    weir: note: 'stdin' was read as a kafel policy; --from says otherwise
    [2]
    $ printf '#define A 089\n#define _B 1\nALLOW { SYSCALL[0x100000000] }' | weir policy --from kafel -
    stdin:1:11: error: '089' is not a valid 64-bit octal number
      #define A 089
                ^~~
    stdin:2:9: error: expected the name of a constant, found '_'
      #define _B 1
              ^
    [2]
    $ printf 'ALLOW { read }' | weir policy -a i386 -
    weir: error: kafel's policies are read for x86_64 only; its arguments on i386 were not compared
    weir: note: 'stdin' was read as a kafel policy; --from says otherwise
    [2]

What is left open, nested too deep, or not of this compiler

    $ printf 'read: {arg0 == 1; allow' | weir policy --from minijail-python -
    stdin:1:24: error: expected ',' or '}' before the end of the line
      read: {arg0 == 1; allow
                             ^
    stdin:1:7: note: to close this
      read: {arg0 == 1; allow
            ^
    [2]
    $ printf 'read: arg0 == %060d\n' 0 | tr 0 '(' | sed s/arg./arg0/ |
    >   weir policy --from minijail-python - 2>&1 | cut -c 1-60
    stdin:1:65: error: nested too deep
      read: arg0 == ((((((((((((((((((((((((((((((((((((((((((((
    $ printf '@denylist\nread: 1\n' | weir policy --from minijail-c -
    stdin:1:1: error: libminijail does not support '@denylist'
      @denylist
      ^
    stdin:2:7: error: a rule of a '@denylist' must 'return' an error
      read: 1
            ^
    [2]

An argument that is misspelt

    $ printf 'ALLOW { write { fda == 1 } }' | weir policy -
    stdin:1:17: error: unknown argument of 'write' or constant 'fda'; did you mean 'fd'?
      ALLOW { write { fda == 1 } }
                      ^~~
    weir: note: 'stdin' was read as a kafel policy; --from says otherwise
    [2]

systemd: a group of calls that the ABI does not have is left out

    $ printf '[Service]\nSystemCallFilter=~@raw-io swapon\n' >io.service
    $ weir policy -q -a aarch64 -ddd ./io.service >direct
    $ weir policy -q -a aarch64 -f policy ./io.service | weir policy -q -ddd - | cmp - direct

systemd: what systemd makes of all settings of a unit, in one policy

    $ cat >a.service <<'.'
    > [Unit]
    > Description=a service
    > [Service]
    > ExecStart=/bin/true
    > SystemCallFilter=@sync write \
    >     # comments between lines are none of it
    >     openat socket clone personality
    > SystemCallFilter=~@timer msync fsync
    > SystemCallFilter=msync
    > SystemCallErrorNumber=EPERM
    > SystemCallArchitectures=native x86
    > RestrictAddressFamilies=AF_UNIX AF_INET
    > RestrictAddressFamilies=~AF_INET
    > RestrictNamespaces=~user net
    > RestrictSUIDSGID=yes
    > LockPersonality=on
    > ProtectClock=yes
    > [Install]
    > SystemCallFilter=kill
    > .
    $ weir policy -q -f policy ./a.service
    default errno EPERM
    foreign kill_thread
    abi x86_64, i386
    errno EPERM personality if args[0] != 0
    errno EPERM clone if args[0] & (CLONE_NEWNET | CLONE_NEWUSER)
    errno EPERM openat if args[3] & (S_ISUID | S_ISGID) and args[2] & O_CREAT
    on x86_64 {
        errno EAFNOSUPPORT socket if not (args[0] in (AF_UNIX))
    }
    group @default = arch_prctl, brk, clock_getres, clock_getres_time64,
        clock_gettime, clock_gettime64, clock_nanosleep, clock_nanosleep_time64,
        execve, exit, exit_group, futex, futex_time64, futex_waitv,
        get_robust_list, get_thread_area, getegid, getegid32, geteuid, geteuid32,
        getgid, getgid32, getgroups, getgroups32, getpgid, getpgrp, getpid,
        getppid, getrandom, getresgid, getresgid32, getresuid, getresuid32,
        getrlimit, getsid, gettid, gettimeofday, getuid, getuid32, membarrier,
        mmap, mmap2, mprotect, munmap, nanosleep, pause, prlimit64,
        restart_syscall, rseq, rt_sigreturn, sched_getaffinity, sched_yield,
        set_robust_list, set_thread_area, set_tid_address, sigreturn, time,
        ugetrlimit, uretprobe
    group @sync = fdatasync, fsync, msync, sync, sync_file_range, syncfs
    group @timer = alarm, getitimer, setitimer, timer_create, timer_delete,
        timer_getoverrun, timer_gettime, timer_gettime64, timer_settime,
        timer_settime64, timerfd_create, timerfd_gettime, timerfd_gettime64,
        timerfd_settime, timerfd_settime64, times
    allow @default, @sync, write, openat, socket, clone, personality - @timer -
        msync - fsync, msync
    $ weir policy -q -ddd ./a.service >imported
    $ weir policy -q -f policy ./a.service | weir policy -q -ddd - | cmp - imported

A list of what is refused, with errors; the last word about a call counts

    $ cat >b.service <<'.'
    > [Service]
    > SystemCallFilter=~@mount:EACCES kexec_load reboot:0 chroot:kill
    > SystemCallFilter=~umount2
    > SystemCallFilter=pivot_root
    > SystemCallLog=setns chroot
    > MemoryDenyWriteExecute=true
    > RestrictRealtime=true
    > ProtectHostname=1
    > .
    $ weir policy -q -f policy ./b.service
    default allow
    abi x86_64, i386, x32
    kill chroot
    errno EACCES fsconfig, fsmount, fsopen, fspick, mount, mount_setattr,
        move_mount, open_tree
    on i386 {
        errno EACCES umount
    }
    errno 0 reboot
    kill umount2, kexec_load
    on x86_64, i386 {
        errno EPERM sched_setscheduler if args[1] == SCHED_FIFO
        errno EPERM sched_setscheduler if args[1] == SCHED_RR
        errno EPERM sched_setscheduler if args[1] == 4
        errno EPERM sched_setscheduler if args[1] > SCHED_IDLE
    }
    on i386 {
        errno EPERM mmap2 if args[2] & PROT_EXEC and args[2] & PROT_WRITE
        errno EPERM mmap
        errno EPERM mprotect if args[2] & PROT_EXEC
        errno EPERM pkey_mprotect if args[2] & PROT_EXEC
    }
    on x86_64 {
        errno EPERM mmap if args[2] & PROT_EXEC and args[2] & PROT_WRITE
        errno EPERM mprotect if args[2] & PROT_EXEC
        errno EPERM pkey_mprotect if args[2] & PROT_EXEC
        errno EPERM shmat if args[2] & SHM_EXEC
    }
    errno EPERM sethostname
    errno EPERM setdomainname
    on x32 {
        errno EPERM sched_setscheduler if u32(args[1]) == SCHED_FIFO
        errno EPERM sched_setscheduler if u32(args[1]) == SCHED_RR
        errno EPERM sched_setscheduler if u32(args[1]) == 4
        errno EPERM sched_setscheduler if u32(args[1]) > SCHED_IDLE
        errno EPERM mmap if u32(args[2]) & PROT_EXEC and u32(args[2]) & PROT_WRITE
        errno EPERM mprotect if u32(args[2]) & PROT_EXEC
        errno EPERM pkey_mprotect if u32(args[2]) & PROT_EXEC
        errno EPERM shmat if u32(args[2]) & SHM_EXEC
    }
    log setns

socketcall, where it is, goes with the calls that go through it

    $ printf '[Service]\nSystemCallFilter=accept socketcall:EPERM\nSystemCallFilter=~bind:EACCES socketcall:ENOSYS\n' | weir policy -q -a i386 -f policy -
    stdin:2:36: error: only a list that refuses ('~') takes errors
      SystemCallFilter=accept socketcall:EPERM
                                         ^~~~~
    weir: note: 'stdin' was read as a systemd unit; --from says otherwise
    [2]
    $ printf '[Service]\nSystemCallFilter=accept\nSystemCallFilter=~bind:EACCES socketcall:ENOSYS\nSystemCallLog=~accept\n' | weir policy -q -a i386 -f policy - | grep -v '^ '
    default kill
    abi i386
    errno ENOSYS socketcall
    errno EACCES bind
    log arch_prctl, brk, clock_getres, clock_getres_time64, clock_gettime,
    allow accept

What is wrong with a unit

    $ weir policy - <<'.'
    > [Service]
    > SystemCallFilter=@sytem-service raed ~write
    > SystemCallFilter=read:EPERM
    > SystemCallFilter=~write:EPREM close:4096
    > SystemCallErrorNumber=0
    > SystemCallArchitectures=x86_64
    > RestrictAddressFamilies=AF_UNIXX
    > RestrictNamespaces=usr
    > LockPersonality=maybe
    > PrivateDevices
    > ProtectClock=yes no
    > RestrictRealtime=
    > SystemCallLog=%i "read"
    > .
    stdin:2:18: error: unknown group '@sytem-service'; did you mean '@system-service'?
      SystemCallFilter=@sytem-service raed ~write
                       ^~~~~~~~~~~~~~
    stdin:2:38: error: '~' must precede the whole list, not a name
      SystemCallFilter=@sytem-service raed ~write
                                           ^~~~~~
    stdin:3:23: error: only a list that refuses ('~') takes errors
      SystemCallFilter=read:EPERM
                            ^~~~~
    stdin:4:37: error: '4096' is neither an error, 0..4095, nor 'kill'
      SystemCallFilter=~write:EPREM close:4096
                                          ^~~~
    stdin:5:23: error: '0' is neither an error, 1..4095, nor 'kill'
      SystemCallErrorNumber=0
                            ^
    stdin:6:25: error: unknown architecture 'x86_64'; did you mean 'x86-64'?
      SystemCallArchitectures=x86_64
                              ^~~~~~
    stdin:7:25: error: unknown address family 'AF_UNIXX' (AF_UNIX, AF_INET, ...)
      RestrictAddressFamilies=AF_UNIXX
                              ^~~~~~~~
    stdin:8:20: error: unknown namespace 'usr' (cgroup, ipc, net, mnt, pid, user, uts, time)
      RestrictNamespaces=usr
                         ^~~
    stdin:9:17: error: expected 'yes' or 'no' as the value of 'LockPersonality'
      LockPersonality=maybe
                      ^~~~~
    stdin:10:1: error: expected '=' on this line
      PrivateDevices
      ^~~~~~~~~~~~~~
    stdin:11:14: error: expected 'yes' or 'no' as the value of 'ProtectClock'
      ProtectClock=yes no
                   ^~~~~~
    stdin:12:1: error: expected 'yes' or 'no' as the value of 'RestrictRealtime'
      RestrictRealtime=
      ^~~~~~~~~~~~~~~~
    stdin:13:15: error: quotes, '\' and '%' are not supported
      SystemCallLog=%i "read"
                    ^~
    stdin:4:25: error: unknown error 'EPREM' on x86_64; did you mean 'EPERM'?
      SystemCallFilter=~write:EPREM close:4096
                              ^~~~~
    stdin:2:33: error: unknown system call 'raed'; did you mean 'read'?
      SystemCallFilter=@sytem-service raed ~write
                                      ^~~~
    weir: note: 'stdin' was read as a systemd unit; --from says otherwise
    [2]
    $ printf '[Service\n[Mount]\nPersonality=arm\nLockPersonality=y\n' | weir policy -
    stdin:1:1: error: expected ']' on this line
      [Service
      ^
    stdin:3:13: error: unknown personality 'arm' on this architecture
      Personality=arm
                  ^~~
    weir: note: 'stdin' was read as a systemd unit; --from says otherwise
    [2]
    $ printf '[Service]\nPersonality=x86\nLockPersonality=y\n' | weir policy -q -a x86_64 -f policy -
    default allow
    abi x86_64
    errno EPERM personality if args[0] != 8
    $ printf '[Service]\nUser=nobody\n' | weir policy -f policy -
    stdin:1:1: error: no setting of this unit filters system calls, so it is not a policy; SystemCallFilter= would filter
      [Service]
      ^
    weir: note: 'stdin' was read as a systemd unit; --from says otherwise
    [2]

What is no unit is not one that filters nothing

    $ printf '# for a logger\nread: 1\nwrite: 1\n' | weir policy --from systemd -
    stdin:2:1: error: expected a section, such as '[Service]', before this line
      read: 1
      ^~~~~~~
    stdin:1:1: error: no setting of this unit filters system calls, so it is not a policy; SystemCallFilter= would filter
      # for a logger
      ^
    [2]

Where a parser stops, and what it wanted

    $ printf 'DEFAULT ALLOW\nPOLICY a { KILL { read(fd, fd), f(a, b, c, d, e, f, g) } }\n' | weir policy --from kafel -
    stdin:2:28: error: duplicate argument 'fd'
      POLICY a { KILL { read(fd, fd), f(a, b, c, d, e, f, g) } }
                                 ^~
    [2]
    $ printf 'KILL { f(a, b, c, d, e, f, g) }\n' | weir policy --from kafel -
    stdin:1:28: error: a system call has six arguments
      KILL { f(a, b, c, d, e, f, g) }
                                 ^
    [2]
    $ printf 'KILL { SYSCALL 1 }\nUSE x\nKILL { SYSCALL[x] }\n' | weir policy --from kafel -
    stdin:1:16: error: expected '[' after 'SYSCALL', found '1'
      KILL { SYSCALL 1 }
                     ^
    stdin:2:5: error: no policy 'x' is defined above
      USE x
          ^
    [2]
    $ printf 'KILL { SYSCALL[x] }\n' | weir policy --from kafel -
    stdin:1:16: error: expected the number of a system call, found 'x'
      KILL { SYSCALL[x] }
                     ^
    [2]
    $ printf 'POLICY abc { KILL { read } }\nUSE abd\n' | weir policy --from kafel -
    stdin:2:5: error: no policy 'abd' is defined above; did you mean 'abc'?
      USE abd
          ^~~
    [2]
    $ printf '#undef A\n#define B 1\n#define B 2\n' | weir policy --from kafel -
    stdin:1:2: error: expected 'define' or 'include' after '#', found 'undef'
      #undef A
       ^~~~~
    stdin:3:9: error: 'B' is defined with two values
      #define B 2
              ^
    stdin:2:9: note: the first one is here
      #define B 1
              ^
    [2]
    $ printf 'read: arg0 == ,\nwrite: return ,\nopen[x86]: 1\nclose[arch=1]: 1\n' | weir policy --from minijail-python -
    stdin:1:15: error: expected a number or the name of a constant, found ','
      read: arg0 == ,
                    ^
    stdin:2:15: error: expected an error after 'return', found ','
      write: return ,
                    ^
    stdin:3:6: error: expected 'arch', found 'x86'
      open[x86]: 1
           ^~~
    stdin:4:12: error: expected the name of an architecture, found '1'
      close[arch=1]: 1
                 ^
    [2]
    $ printf 'mmap: arg0 < ~0\n' | weir policy --from minijail -a x86_64,i386 -
    stdin:1:14: error: this number differs between the ABIs
      mmap: arg0 < ~0
                   ^~
    [2]
