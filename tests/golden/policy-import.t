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
    ./c.policy:4:1: warning: 'open' is permitted, but not 'openat', which libc uses in its place
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
    ./d.policy:4:7: error: a rule of a '@denylist' has to 'return' an error
      read: 1
            ^
    [2]
    $ sed -i '$d' d.policy
    $ weir policy -f policy ./d.policy
    ./d.policy:3:1: warning: 'ptrace' is refused, but not 'process_vm_readv', which does as much
      ptrace: arg0 == 16; return EACCES
      ^~~~~~
    ./d.policy:3:1: warning: 'ptrace' is refused, but not 'process_vm_writev', which does as much
      ptrace: arg0 == 16; return EACCES
      ^~~~~~
    ./d.policy:1:1: warning: 'io_uring_setup' is permitted: what it starts (opening, connecting, ...) no filter sees
      @denylist
      ^
    default allow
    foreign errno EPERM
    abi x86_64
    errno EPERM bpf
    errno EACCES ptrace if args[0] == 16

Rules for one call

    $ printf 'read: arg0 == 1\nwrite: 1\nread: arg0 == 2\n' >e.policy
    $ weir policy ./e.policy
    ./e.policy:3:1: error: libminijail takes one rule for each call, compile_seccomp_policy.py adds them up; --from minijail-c or minijail-python?
      read: arg0 == 2
      ^~~~
    ./e.policy:1:1: note: the first one is here
      read: arg0 == 1
      ^~~~
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
    stdin:2:1: error: a rule without a condition decided 'read' already
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
    stdin:2:6: error: expected ':' after the name of a system call, not '1'
      read 1
           ^
    stdin:3:7: error: expected an action (1, return, ...) or a condition, not '2'
      read: 2
            ^
    stdin:4:13: error: '=' does not compare; use '=='
      write: arg0 = 1
                  ^
    stdin:5:7: error: a system call has arguments arg0 to arg5
      open: arg6 == 1
            ^~~~
    stdin:7:14: error: '0x1ffffffffffffffff' is no number of 64 bits
      dup: arg0 == 0x1ffffffffffffffff
                   ^~~~~~~~~~~~~~~~~~~
    stdin:8:15: error: '089' is no octal number of 64 bits
      dup2: arg0 == 089
                    ^~~
    stdin:9:20: error: expected an argument, arg0 to arg5
      lseek: arg0 == 1 &&
                         ^
    stdin:10:16: error: '5000' is not in 0..4095
      socket: return 5000
                     ^~~~
    stdin:12:19: error: expected ')'
      stat: arg0 == (1|2
                        ^
    stdin:13:10: error: expected the end of the line, not '1'
      fstat: 1 1
               ^
    stdin:14:1: error: '@defualt' begins no line; there are @include, @frequency, @default and @denylist
      @defualt kill
      ^~~~~~~~
    stdin:15:10: error: the default of minijail is kill, kill-process, kill-thread, trap or user-notify
      @default allow
               ^~~~~
    stdin:16:1: error: which calls 'basic@group' are is in a file of minijail's build, which is not read here
      basic@group: 1
      ^~~~~~~~~~~
    stdin:17:8: error: expected an action (1, return, ...) or a condition, not '?'
      lstat: ?
             ^
    stdin:1:1: error: 'raed' is no system call; did you mean 'read'?
      raed: 1
      ^~~~
    stdin:6:16: error: 'O_RDONYL' is no constant of x86_64; did you mean 'O_RDONLY'?
      close: arg0 == O_RDONYL
                     ^~~~~~~~
    stdin:11:14: error: 'EPREM' is no error of x86_64; did you mean 'EPERM'?
      bind: return EPREM
                   ^~~~~
    [2]
    $ printf '# one \\\nread: 1\n' | weir policy --from minijail -
    stdin:1:1: error: a '\' ends this comment: libminijail takes the next line as more of it, compile_seccomp_policy.py as a rule
      # one \
      ^
    [2]
    $ weir policy --from minijial ./a.policy
    weir: error: policies are not read from 'minijial'; did you mean 'minijail'?
    [2]
