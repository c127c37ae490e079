What the policy compiler warns of in policies that are right as far as they go.

A rule that nothing reaches

    $ pol <<.
    > default kill
    > allow read
    > allow read if fd == 0
    > .
    policy:3:1: warning: no call reaches this rule
      allow read if fd == 0
      ^~~~~~~~~~~~~~~~~~~~~
    policy:2:1: note: this earlier rule decides 'read'
      allow read
      ^~~~~~~~~~

A rule that is contradicted

    $ pol <<.
    > default kill
    > allow read, close
    > log read, write
    > .
    policy:3:5: warning: an earlier rule decides 'read' differently
      log read, write
          ^~~~
    policy:2:1: note: the first rule that matches decides
      allow read, close
      ^~~~~~~~~~~~~~~~~

Libc's other name for it

    $ pol <<.
    > default kill
    > allow clone, pipe
    > .
    policy:2:7: warning: 'clone' is permitted, but not 'clone3', which libc uses instead
      allow clone, pipe
            ^~~~~
    policy:2:14: warning: 'pipe' is permitted, but not 'pipe2', which libc uses instead
      allow clone, pipe
                   ^~~~

Refused by one name only

    $ pol <<.
    > default allow
    > errno ENOSYS io_uring_setup
    > errno EPERM open, openat
    > .
    policy:3:13: warning: 'open' is refused, but not 'creat', which can do the same
      errno EPERM open, openat
                  ^~~~
    policy:3:19: warning: 'openat' is refused, but not 'openat2', which can do the same
      errno EPERM open, openat
                        ^~~~~~

Not there yet

    $ pol <<.
    > default kill
    > kernel 5.2
    > allow clone
    > .

Io_uring

    $ pol <<.
    > default kill
    > allow io_uring_setup
    > .
    policy:2:7: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      allow io_uring_setup
            ^~~~~~~~~~~~~~

Io_uring by default

    $ pol <<.
    > default allow
    > errno EPERM reboot
    > .
    policy:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~

O_TRUNC under O_RDONLY

    $ pol <<.
    > default kill
    > allow openat if flags & O_ACCMODE == O_RDONLY
    > allow open if flags & O_ACCMODE == O_RDONLY and not flags & O_TRUNC
    > .
    policy:2:17: warning: this permits O_TRUNC, which empties a file even if it is opened for reading; 'flags within ...' leaves no gaps
      allow openat if flags & O_ACCMODE == O_RDONLY
                      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~

Every other ABI

    $ pol <<.
    > default kill
    > foreign allow
    > .
    policy:2:1: warning: this allows calls of every other ABI of the machine, so the policy can be bypassed
      foreign allow
      ^~~~~~~~~~~~~

Socketcall

    $ pol <<.
    > abi i386
    > default errno ENOSYS
    > allow socket(AF_UNIX, _, _)
    > .
    policy:3:7: warning: the arguments of 'socket' are not visible in 'socketcall' on i386, so calls through it do not match this rule
      allow socket(AF_UNIX, _, _)
            ^~~~~~~~~~~~~~~~~~~~~

Not of every ABI

    $ pol <<.
    > abi x86_64, i386
    > default errno ENOSYS
    > allow arch_prctl, mmap2
    > .
    policy:3:19: warning: 'mmap2' is not a system call of x86_64; 'on ABI { }' limits a rule to the ABIs that have it
      allow arch_prctl, mmap2
                        ^~~~~

A rule whose values earlier rules decide

    $ pol <<.
    > default kill
    > allow kill if pid in (1..10)
    > log kill if pid > 10
    > errno EPERM kill if pid == 5 or pid == 12
    > log kill if pid == 5 or pid == 0
    > .
    policy:4:1: warning: no call reaches this rule
      errno EPERM kill if pid == 5 or pid == 12
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    policy:2:1: note: this earlier rule decides part of 'kill' differently
      allow kill if pid in (1..10)
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~
    policy:3:1: note: this earlier rule decides part of 'kill' differently
      log kill if pid > 10
      ^~~~~~~~~~~~~~~~~~~~

Rules of one call whose values overlap: neither is the exception of the other

    $ pol <<.
    > default kill
    > allow kill if pid in (1..10)
    > errno EPERM kill if pid in (5..20)
    > .
    policy:3:13: warning: an earlier rule permits part of what this one refuses, such as kill(5, 0)
      errno EPERM kill if pid in (5..20)
                  ^~~~
    policy:2:1: note: the first rule that matches decides
      allow kill if pid in (1..10)
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~

Exceptions before the rule are what the order is for

    $ pol <<.
    > default kill
    > allow personality if personality == 0
    > errno EPERM personality
    > errno EPERM socket if type & 15 == SOCK_RAW
    > allow socket if family in (AF_UNIX, AF_INET)
    > .

Rules that together leave nothing, over arguments that are compared with each other

    $ pol <<.
    > default kill
    > allow dup3 if oldfd <= newfd
    > kill dup3 if oldfd < newfd
    > log dup3 if oldfd > newfd
    > errno EPERM dup3
    > .
    policy:3:1: warning: no call reaches this rule
      kill dup3 if oldfd < newfd
      ^~~~~~~~~~~~~~~~~~~~~~~~~~
    policy:2:1: note: this earlier rule decides 'dup3' differently
      allow dup3 if oldfd <= newfd
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~
    policy:5:1: warning: no call reaches this rule
      errno EPERM dup3
      ^~~~~~~~~~~~~~~~
    policy:2:1: note: this earlier rule decides part of 'dup3' differently
      allow dup3 if oldfd <= newfd
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~
    policy:4:1: note: this earlier rule decides part of 'dup3' differently
      log dup3 if oldfd > newfd
      ^~~~~~~~~~~~~~~~~~~~~~~~~

Masks, orders, sets and pairs of words

    $ pol -a i386 <<.
    > default errno ENOSYS
    > allow fcntl64 if cmd in (1..10)
    > log fcntl64 if cmd <= 3 and cmd >= 1
    > errno EPERM pread64 if pos >= 1 << 40
    > errno EPERM pread64 if u64(pos) & 0xff0000000000 != 0 and pos > 0
    > .
    policy:3:1: warning: no call reaches this rule
      log fcntl64 if cmd <= 3 and cmd >= 1
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    policy:2:1: note: this earlier rule decides 'fcntl64' differently
      allow fcntl64 if cmd in (1..10)
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    policy:5:1: warning: no call reaches this rule
      errno EPERM pread64 if u64(pos) & 0xff0000000000 != 0 and pos > 0
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    policy:4:1: note: this earlier rule decides 'pread64'
      errno EPERM pread64 if pos >= 1 << 40
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

What always holds, and what never does

    $ pol <<.
    > default kill
    > allow socket if family != AF_INET or family != AF_INET6
    > allow close if fd == 1 and fd == 2
    > allow write if count >= 0
    > allow read if count < 0
    > allow lseek if offset <= 0x7fffffffffffffff
    > .
    policy:2:38: warning: this or what precedes it always holds, so the condition has no effect; did you mean 'and'?
      allow socket if family != AF_INET or family != AF_INET6
                                           ^~~~~~~~~~~~~~~~~~
    policy:3:28: warning: this never holds together with what precedes it; did you mean 'or'?
      allow close if fd == 1 and fd == 2
                                 ^~~~~~~
    policy:4:16: warning: this always holds: 'count' of 'write' is unsigned; 'i32()' or 'i64()' around it make it signed
      allow write if count >= 0
                     ^~~~~~~~~~
    policy:5:15: warning: this never holds: 'count' of 'read' is unsigned; 'i32()' or 'i64()' around it make it signed
      allow read if count < 0
                    ^~~~~~~~~
    policy:6:16: warning: this always holds
      allow lseek if offset <= 0x7fffffffffffffff
                     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~

Not where another ABI, or a value from outside, could make it hold

    $ pol -a x86_64,i386 <<.
    > default errno ENOSYS
    > let DEBUG = 0
    > allow open if not flags & O_LARGEFILE
    > allow ioctl if u64(arg) > 0xffffffff
    > allow ptrace if DEBUG == 1
    > .

A policy changes what it includes by rules above the include; parts may agree

    $ cat >part <<.
    > errno EPERM socket, connect
    > allow kill if sig == 0
    > allow getpid
    > .
    $ pol <<.
    > default kill
    > allow socket if family == 1
    > allow connect, kill
    > include "./part"
    > .
    $ echo 'allow getpid; errno EPERM getppid' >a; echo 'allow getpid; allow getppid' >b; pol <<.
    > default kill
    > include "./a"
    > include "./b"
    > .
    ./b:1:15: warning: no call reaches this rule
      allow getpid; allow getppid
                    ^~~~~~~~~~~~~
    ./a:1:15: note: this earlier rule decides 'getppid' differently
      allow getpid; errno EPERM getppid
                    ^~~~~~~~~~~~~~~~~~~
    $ pol <<.
    > default kill
    > include "./part"
    > allow socket
    > .
    policy:3:1: warning: no call reaches this rule
      allow socket
      ^~~~~~~~~~~~
    ./part:1:1: note: this earlier rule decides 'socket' differently
      errno EPERM socket, connect
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~

System V IPC, and rules that refuse

    $ pol -a i386 <<.
    > default errno ENOSYS
    > allow semget(_, 1, _)
    > kill socket(AF_PACKET, _, _)
    > .
    policy:2:7: warning: the arguments of 'semget' are not visible in 'ipc' on i386, so calls through it do not match this rule
      allow semget(_, 1, _)
            ^~~~~~~~~~~~~~~
    policy:3:6: warning: the arguments of 'socket' are not visible in 'socketcall' on i386, so calls through it match this rule whatever they are
      kill socket(AF_PACKET, _, _)
           ^~~~~~~~~~~~~~~~~~~~~~~

A list that is too large to be looked at in all combinations

    $ { echo default kill
    >   awk 'BEGIN { x = 1; printf "allow ioctl if cmd in (1"
    >     for (i = 0; i < 80000; i++) { x = x * 16807 % 2147483647; printf ", %d", x }
    >     print ")" }'
    >   echo 'allow ioctl if cmd == 1'; echo 'allow close if fd == 1 and fd == 2'; } | pol
    policy:4:1: warning: no call reaches this rule: its condition never holds
      allow close if fd == 1 and fd == 2
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

Pairs of datagram sockets

    $ pol <<.
    > default errno EPERM
    > allow socketpair(AF_UNIX, _, _, _), sendto
    > .
    policy:2:7: warning: a datagram pair can reach sockets outside by 'sendto'; permit only 'type & 15 in (SOCK_STREAM, SOCK_SEQPACKET)'
      allow socketpair(AF_UNIX, _, _, _), sendto
            ^~~~~~~~~~~~~~~~~~~~~~~~~~~~

    $ pol <<.
    > default allow
    > errno EPERM socket if family == AF_UNIX
    > .
    policy:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    policy:1:9: warning: a datagram pair can reach sockets outside by 'sendto'; permit only 'type & 15 in (SOCK_STREAM, SOCK_SEQPACKET)'
      default allow
              ^~~~~

    $ pol <<.
    > default errno EPERM
    > let SOCK_TYPES = 15
    > allow socketpair if type & SOCK_TYPES != SOCK_DGRAM
    > allow connect
    > .
    policy:3:7: warning: a datagram pair can reach sockets outside by 'connect'; permit only 'type & 15 in (SOCK_STREAM, SOCK_SEQPACKET)'
      allow socketpair if type & SOCK_TYPES != SOCK_DGRAM
            ^~~~~~~~~~

    $ pol <<.
    > default errno EPERM
    > allow socketpair
    > errno EPERM sendto if addr != 0
    > allow sendto, sendmmsg
    > .
    policy:2:7: warning: a datagram pair can reach sockets outside by 'sendmmsg'; permit only 'type & 15 in (SOCK_STREAM, SOCK_SEQPACKET)'
      allow socketpair
            ^~~~~~~~~~

    $ pol -a i386 <<.
    > default errno EPERM
    > allow socketpair, sendmsg
    > .
    policy:2:7: warning: a datagram pair can reach sockets outside by 'sendmsg'; permit only 'type & 15 in (SOCK_STREAM, SOCK_SEQPACKET)'
      allow socketpair, sendmsg
            ^~~~~~~~~~

None that reaches outside: by type, by the lack of an address, by the other family;
or sockets do so anyway

    $ pol <<.
    > default errno EPERM
    > allow socketpair if type & 15 in (SOCK_STREAM, SOCK_SEQPACKET)
    > allow sendto, sendmsg, sendmmsg, connect
    > .

    $ pol <<.
    > default errno EPERM
    > allow socketpair, read, write, recvmsg, sendto(_, _, _, _, 0, _)
    > .

    $ pol <<.
    > default errno EPERM
    > allow socketpair(AF_TIPC, _, _, _), sendmsg
    > .

    $ pol <<.
    > default errno EPERM
    > allow socketpair, sendmsg, socket(AF_UNIX, _, 0)
    > .

    $ pol <<.
    > default allow
    > errno EPERM socketpair
    > .
    policy:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~

    $ pol -a i386 <<.
    > default errno EPERM
    > allow socketpair, sendmsg, socketcall
    > .

A policy that refuses nothing on the ABIs that it names

    $ echo 'default allow' | weir policy -a x86_64 -o /dev/null -
    stdin:1:9: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      default allow
              ^~~~~
    $ printf 'default log\nforeign errno EPERM\nallow read\n' | weir policy -a x86_64 -o /dev/null -
    stdin:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default log
              ^~~
    stdin:1:9: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      default log
              ^~~
    $ printf 'default allow\nerrno EPERM read if fd == 1 and fd == 2\n' | weir policy -a x86_64 -o /dev/null -
    stdin:2:33: warning: this never holds together with what precedes it; did you mean 'or'?
      errno EPERM read if fd == 1 and fd == 2
                                      ^~~~~~~
    stdin:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    stdin:1:9: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      default allow
              ^~~~~
    $ printf 'default allow\nallow read\nkill read\n' | weir policy -a x86_64 -o /dev/null -
    stdin:3:1: warning: no call reaches this rule
      kill read
      ^~~~~~~~~
    stdin:2:1: note: this earlier rule decides 'read' differently
      allow read
      ^~~~~~~~~~
    stdin:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    stdin:1:9: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      default allow
              ^~~~~
    $ printf 'let STRICT = 0\ndefault allow\nerrno EPERM read if STRICT == 1\n' | weir policy -a x86_64 -o /dev/null -
    stdin:2:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    stdin:2:9: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      default allow
              ^~~~~
    $ printf 'let STRICT = 0\ndefault allow\nerrno EPERM read if STRICT == 1\n' | weir policy -a x86_64 -D STRICT=1 -o /dev/null -
    stdin:2:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    $ printf 'default allow\nerrno EPERM ptrace\n' | weir policy -a x86_64 -o /dev/null -
    stdin:2:13: warning: 'ptrace' is refused, but not 'process_vm_readv', which can do the same
      errno EPERM ptrace
                  ^~~~~~
    stdin:2:13: warning: 'ptrace' is refused, but not 'process_vm_writev', which can do the same
      errno EPERM ptrace
                  ^~~~~~
    stdin:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    $ printf 'default allow\nallow ptrace if request == 0\nerrno EPERM ptrace\n' | weir policy -a x86_64 -o /dev/null -
    stdin:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    $ printf 'abi x86_64, x32\ndefault allow\non x32 { kill ptrace }\n' | weir policy -o /dev/null -
    stdin:3:15: warning: 'ptrace' is refused, but not 'process_vm_readv', which can do the same
      on x32 { kill ptrace }
                    ^~~~~~
    stdin:3:15: warning: 'ptrace' is refused, but not 'process_vm_writev', which can do the same
      on x32 { kill ptrace }
                    ^~~~~~
    stdin:2:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    $ printf 'default allow\nkernel 5.4\n' | weir policy -a x86_64 -o /dev/null -
    $ echo '{"defaultAction": "SCMP_ACT_ALLOW"}' | weir policy -a x86_64 -o /dev/null -
    stdin:1:19: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      {"defaultAction": "SCMP_ACT_ALLOW"}
                        ^~~~~~~~~~~~~~~~
    $ printf '[Service]\nSystemCallLog=ptrace\n' | weir policy -a x86_64 -o /dev/null -
    stdin:1:1: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      [Service]
      ^
    stdin:1:1: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      [Service]
      ^
    $ printf 'DEFAULT ALLOW\n' | weir policy -a x86_64 -o /dev/null -
    stdin:1:9: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      DEFAULT ALLOW
              ^~~~~
    $ echo 'default allow' | weir policy -a x86_64 --lint -o /dev/null -
    stdin:1:9: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      default allow
              ^~~~~
    [1]

Of a program that is read, too

    $ printf '1\n6 0 0 2147418112\n' | weir policy -o /dev/null -
    weir: warning: this program refuses nothing: it permits every call of the ABIs that it is about
    $ echo 'default allow' | weir policy -q -a x86_64 -f raw - | weir policy -o /dev/null -
    weir: warning: this program refuses nothing: it permits every call of the ABIs that it is about
    $ printf 'default allow\nerrno EPERM ptrace\n' | weir policy -q -a x86_64 -f raw - | weir policy -o /dev/null -
