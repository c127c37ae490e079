What the policy compiler says of names: of calls, arguments, constants, groups
and files.

A misspelt system call

    $ pol <<.
    > default kill
    > allow reed, opnat
    > .
    policy:2:7: error: unknown system call 'reed'; did you mean 'read'?
      allow reed, opnat
            ^~~~
    policy:2:13: error: unknown system call 'opnat'; did you mean 'openat'?
      allow reed, opnat
                  ^~~~~
    [2]

Nothing near

    $ pol <<.
    > default kill
    > allow frobnicate_the_kernel
    > .
    policy:2:7: error: unknown system call 'frobnicate_the_kernel'
      allow frobnicate_the_kernel
            ^~~~~~~~~~~~~~~~~~~~~
    [2]

Two includes may need a third, which defines its names once

    $ cat >sets <<.; echo 'include "./sets"; allow @io if fd != N' >a; echo 'include "./sets"; allow exit(N)' >b
    > group @io = read, write
    > let N = 3
    > .
    $ pol <<.
    > default kill
    > include "./a"
    > include "./b"
    > .
    $ echo 'let N = 4' >c; pol <<.
    > default kill
    > include "./a"
    > include "./c"
    > .
    ./c:1:5: error: duplicate value 'N'
      let N = 4
          ^
    ./sets:2:5: note: the first definition is here
      let N = 3
          ^
    [2]

A group may name calls that only other ABIs have

    $ pol <<.
    > default kill
    > group @sockets = socket, socketcall, old_select
    > group @none = socketcall
    > allow @sockets
    > allow @none
    > .

A call of another ABI

    $ pol <<.
    > default kill
    > allow socketcall
    > .
    policy:2:7: warning: 'socketcall' is a system call of i386, but of none of the ABIs here
      allow socketcall
            ^~~~~~~~~~

A misspelt argument

    $ pol <<.
    > default kill
    > allow socket if fmaily == AF_INET
    > .
    policy:2:17: error: 'socket' has no argument 'fmaily'; did you mean 'family'?
      allow socket if fmaily == AF_INET
                      ^~~~~~
    [2]

A misspelt constant

    $ pol <<.
    > default kill
    > allow socket if family == AF_INNET
    > .
    policy:2:27: error: unknown constant 'AF_INNET' on x86_64; did you mean 'AF_INET'?
      allow socket if family == AF_INNET
                                ^~~~~~~~
    [2]

An argument that another ABI has

    $ pol <<.
    > abi x86_64, i386
    > default errno ENOSYS
    > kill mmap if prot & PROT_EXEC
    > .
    policy:3:14: error: 'mmap' has an argument 'prot' on x86_64, but not on i386; put a separate rule into 'on x86_64 { }'
      kill mmap if prot & PROT_EXEC
                   ^~~~
    [2]

Arguments that are not known

    $ pol <<.
    > default kill
    > allow uretprobe if x == 1
    > .
    policy:2:20: error: 'uretprobe' has no argument 'x'; it has none
      allow uretprobe if x == 1
                         ^
    [2]

A missing group

    $ pol <<.
    > default kill
    > group @files = read
    > allow @file
    > .
    policy:3:7: error: unknown group '@file'; did you mean '@files'?
      allow @file
            ^~~~~
    [2]

A group used above its definition

    $ pol <<.
    > default kill
    > allow @files
    > group @files = read
    > .
    policy:2:7: error: group '@files' is used before it is defined
      allow @files
            ^~~~~~
    policy:3:7: note: it is defined here
      group @files = read
            ^~~~~~
    [2]

Defined twice

    $ pol <<.
    > default kill
    > group @a = read
    > group @a = write
    > let A = 1
    > let A = 2
    > .
    policy:3:7: error: duplicate group '@a'
      group @a = write
            ^~
    policy:2:7: note: the first definition is here
      group @a = read
            ^~
    policy:5:5: error: duplicate value 'A'
      let A = 2
          ^
    policy:4:5: note: the first definition is here
      let A = 1
          ^
    [2]

A let that hides a constant

    $ pol <<.
    > default kill
    > let O_RDONLY = 1
    > .
    policy:2:5: warning: this hides the kernel's constant 'O_RDONLY'
      let O_RDONLY = 1
          ^~~~~~~~

A let that is an argument

    $ pol <<.
    > default kill
    > let fd = 1
    > allow close if fd == 2
    > .
    policy:3:16: error: ambiguous 'fd': an argument of 'close' and a value have this name
      allow close if fd == 2
                     ^~
    [2]

Stands twice

    $ pol <<.
    > default kill
    > default allow
    > kernel 5.1
    > kernel 5.2
    > .
    policy:2:1: error: duplicate 'default'
      default allow
      ^~~~~~~~~~~~~
    policy:1:1: note: the first one is here
      default kill
      ^~~~~~~~~~~~
    policy:4:1: error: duplicate 'kernel'
      kernel 5.2
      ^~~~~~~~~~
    policy:3:1: note: the first one is here
      kernel 5.1
      ^~~~~~~~~~
    [2]

No default

    $ pol <<.
    > allow read
    > .
    policy:1:1: error: missing 'default', which decides calls that no rule matches, as in 'default errno ENOSYS'
      allow read
      ^
    weir: note: 'policy' was read as a policy in weir's own language; --from says otherwise
    [2]

An include that is missing

    $ pol <<.
    > default kill
    > include "./none"
    > .
    policy:2:9: error: cannot read './none': No such file or directory
      include "./none"
              ^~~~~~~~
    [2]

An error in an include

    $ echo 'group @files = open, openta' >wrong
    $ pol <<.
    > default kill
    > include "./wrong"
    > allow @files
    > .
    ./wrong:1:22: error: unknown system call 'openta'; did you mean 'openat'?
      group @files = open, openta
                           ^~~~~~
    [2]

The main text wins

    $ echo 'default kill' >kill
    $ pol <<.
    > include "./kill"
    > default errno ENOSYS
    > allow read
    > .

Nothing to remove

    $ pol <<.
    > default kill
    > allow read - write
    > .
    policy:2:14: warning: this removes nothing: the list before it contains none of it
      allow read - write
                   ^~~~~

Numbers of x32

    $ pol <<.
    > default kill
    > allow nr(512), nr(0x40000001), nr(1 << 32), nr(-1)
    > .
    policy:2:10: error: this number belongs to x32, not to x86_64
      allow nr(512), nr(0x40000001), nr(1 << 32), nr(-1)
               ^~~
    policy:2:19: error: this number belongs to x32, not to x86_64
      allow nr(512), nr(0x40000001), nr(1 << 32), nr(-1)
                        ^~~~~~~~~~
    policy:2:35: error: the number of a system call has 32 bits
      allow nr(512), nr(0x40000001), nr(1 << 32), nr(-1)
                                        ^~~~~~~
    [2]

Patterns that do not fit

    $ pol <<.
    > default kill
    > allow socket(AF_UNIX, _), getpid(1)
    > .
    policy:2:7: error: 'socket' has 3 arguments on x86_64 (family, type, protocol), but 2 are given ('_' matches any)
      allow socket(AF_UNIX, _), getpid(1)
            ^~~~~~~~~~~~~~~~~~
    policy:2:27: error: 'getpid' has 0 arguments on x86_64, but 1 is given ('_' matches any)
      allow socket(AF_UNIX, _), getpid(1)
                                ^~~~~~~~~
    [2]

Files that include themselves, or go too deep

    $ echo 'include "./loop"' >loop
    $ for i in $(seq 20); do echo "include \"./$((i + 1))\"" >$i; done
    $ pol <<.
    > default kill
    > include "./loop"
    > include "./1"
    > .
    ./loop:1:9: error: './loop' includes itself
      include "./loop"
              ^~~~~~~~
    ./16:1:9: error: includes nested more than 16 deep
      include "./17"
              ^~~~~~
    [2]

Includes that disagree

    $ echo 'default kill' >kill
    $ echo 'default allow' >allow
    $ pol <<.
    > include "./kill"
    > include "./allow"
    > allow read
    > .
    ./allow:1:1: error: includes disagree about 'default'; the main text must set it
      default allow
      ^~~~~~~~~~~~~
    ./kill:1:1: note: the other one is here
      default kill
      ^~~~~~~~~~~~
    weir: note: 'policy' was read as a policy in weir's own language; --from says otherwise
    [2]

The number -1 on x32

    $ pol <<.
    > abi x86_64, x32
    > default kill
    > allow nr(-1)
    > .
    policy:3:10: error: -1 is a number of x86_64, not of x32
      allow nr(-1)
               ^~
    [2]

Taking out a part

    $ pol <<.
    > default kill
    > allow read, write - write(1, _, _)
    > .
    policy:2:21: error: only whole calls can be removed from a list
      allow read, write - write(1, _, _)
                          ^~~~~~~~~~~~~~
    [2]

Arguments of a number that is no call

    $ pol <<.
    > default kill
    > allow nr(400) if fd == 1
    > allow nr(400) if args[0] == 1
    > .
    policy:2:18: error: weir does not know the arguments of 'nr(400)'; use args[0] to args[5]
      allow nr(400) if fd == 1
                       ^~
    [2]

What people write who know the numbers from C, another language, or less of the call

    $ pol <<.
    > default kill
    > allow sys_read, __NR_write, SYS_opnat
    > allow read if file == 3
    > allow clone3 if flags == 0
    > allow getpid if pid == 1
    > .
    policy:2:7: error: unknown system call 'sys_read'; did you mean 'read'?
      allow sys_read, __NR_write, SYS_opnat
            ^~~~~~~~
    policy:2:17: error: unknown system call '__NR_write'; did you mean 'write'?
      allow sys_read, __NR_write, SYS_opnat
                      ^~~~~~~~~~
    policy:2:29: error: unknown system call 'SYS_opnat'; did you mean 'openat'?
      allow sys_read, __NR_write, SYS_opnat
                                  ^~~~~~~~~
    policy:3:15: error: 'read' has no argument 'file'; it has 'fd', 'buf', 'count'
      allow read if file == 3
                    ^~~~
    policy:4:17: error: 'clone3' has no argument 'flags'; it has 'uargs', 'size'
      allow clone3 if flags == 0
                      ^~~~~
    policy:5:17: error: 'getpid' has no argument 'pid'; it has none
      allow getpid if pid == 1
                      ^~~
    [2]
    $ pol <<.
    > default kill
    > deny write
    > .
    policy:2:1: error: unknown statement 'deny'; use 'errno EPERM'
      deny write
      ^~~~
    [2]
    $ pol <<.
    > default kill
    > abi sparc
    > .
    policy:2:5: error: unknown ABI 'sparc'; expected one of x86_64, i386, x32, arm, aarch64, riscv64, loongarch64, ppc64le, ppc64, ppc, s390x, s390, mips, mipsel, mips64, mipsel64, mips64n32, mipsel64n32, m68k, parisc, parisc64, sh, sheb
      abi sparc
          ^~~~~
    [2]

Includes where the caller reads no files

    $ pol -n <<.
    > default kill
    > include "./a"
    > .
    policy:2:9: error: cannot include './a': no files are read here
      include "./a"
              ^~~~~
    [2]
    $ echo '@include ./a' | pol -n -f minijail-c
    policy:1:10: error: './a' cannot be included: no files are read here
      @include ./a
               ^~~
    [2]

Patterns for arguments that are not known

    $ pol <<.
    > default kill
    > allow afs_syscall(1)
    > .
    policy:2:7: error: weir does not know the arguments of 'afs_syscall'; use 'if args[0] == ...'
      allow afs_syscall(1)
            ^~~~~~~~~~~~~~
    [2]

What may stand in an include that cannot be read is not complained of

    $ pol <<.
    > default kill
    > include "./none"
    > allow @there
    > allow close if fd == THERE
    > allow @here, raed
    > .
    policy:2:9: error: cannot read './none': No such file or directory
      include "./none"
              ^~~~~~~~
    policy:5:14: error: unknown system call 'raed'; did you mean 'read'?
      allow @here, raed
                   ^~~~
    [2]
