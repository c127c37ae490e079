What policies answer, as a table and to questions. How many calls there are
depends on the tables, so numbers are taken out.

    $ cat >worker.policy <<.
    > # A worker that parses hostile files.
    > default errno EPERM
    > kernel 5.15
    > abi x86_64
    > group @io = read, write, pread64, lseek, close, fstat, newfstatat, statx,
    >             readv, writev
    > let RW = PROT_READ | PROT_WRITE
    > allow @io, exit_group
    > allow mmap, mprotect if prot within RW
    > allow socket(AF_UNIX, _, _)
    > allow ioctl if request in (TCGETS, FIONREAD,   # these
    >                            0x5410..0x5413)
    > log ioctl if request == TIOCSTI or fd == 0
    > errno ENOSYS clone3
    > kill ptrace
    > allow nr(999)
    > .

The table

    $ weir policy --explain worker.policy | sed 's/: [0-9]* calls/: N calls/; s/[0-9]* refused/N refused/; s/ [0-9]* \(other\|newer\) / N \1 /'
    x86_64: N calls, 12 permitted, N refused, 4 depend on arguments; 11 cached
      action          calls                                          cached  decided by
      allow           close, exit_group, fstat, lseek, newfstatat,   yes     worker.policy:8
                        pread64, read, readv, statx, write, writev
      allow           mmap, mprotect if prot within RW               no      worker.policy:9
        errno EPERM   else                                           -       worker.policy:2 default
      allow           socket if family == AF_UNIX                    no      worker.policy:10
        errno EPERM   else                                           -       worker.policy:2 default
      allow           ioctl if request in (TCGETS, FIONREAD,         no      worker.policy:11
                        0x5410..0x5413)
        log           else if request == TIOCSTI or fd == 0          no      worker.policy:13
        errno EPERM   else                                           -       worker.policy:2 default
      errno ENOSYS    clone3                                         -       worker.policy:14
      kill            ptrace                                         -       worker.policy:15
      allow           nr(999)                                        no      worker.policy:16
      errno ENOSYS    N newer calls (-v lists them)                 -       worker.policy:3 kernel
      errno EPERM     N other calls (-v lists them)                -       worker.policy:2 default
      errno ENOSYS    all other numbers                              -       worker.policy:3 kernel

    all other ABIs
      action          calls                                          cached  decided by
      kill            every call                                     -       no 'foreign'

Each call by itself

    $ weir policy --explain -v worker.policy | grep -E '^ +[a-z_]+ ([A-Z]+ )? *(ptrace|mmap|read|ioctl|clone3|write|all|else)'
      errno ENOSYS    clone3                                         -       worker.policy:14
      allow           ioctl if request in (TCGETS, FIONREAD,         no      worker.policy:11
        log           else if request == TIOCSTI or fd == 0          no      worker.policy:13
        errno EPERM   else                                           -       worker.policy:2 default
      allow           mmap if prot within RW                         no      worker.policy:9
        errno EPERM   else                                           -       worker.policy:2 default
        errno EPERM   else                                           -       worker.policy:2 default
      kill            ptrace                                         -       worker.policy:15
      allow           read                                           yes     worker.policy:8
      errno EPERM     readahead                                      -       worker.policy:2 default
      errno EPERM     readlink                                       -       worker.policy:2 default
      errno EPERM     readlinkat                                     -       worker.policy:2 default
      allow           readv                                          yes     worker.policy:8
        errno EPERM   else                                           -       worker.policy:2 default
      allow           write                                          yes     worker.policy:8
      allow           writev                                         yes     worker.policy:8
      errno ENOSYS    all other numbers                              -       worker.policy:3 kernel

As JSON

    $ weir policy --explain --json worker.policy | grep -E '"(socket|read|nr.999.)"|"foreign"'
    {"ret":2147418112,"action":"allow","permits":true,"abi":"x86_64","call":"read","nr":0,"cached":true,"by":"rule","source":"worker.policy","line":8,"column":1,"text":"allow @io, exit_group","example":"read(0, 0, 0)","exact":true},
    {"ret":2147418112,"action":"allow","permits":true,"abi":"x86_64","call":"socket","nr":41,"cached":false,"if":"family == AF_UNIX","by":"rule","source":"worker.policy","line":10,"column":1,"text":"allow socket(AF_UNIX, _, _)","example":"socket(1, 0, 0)","exact":true},
    {"ret":327681,"action":"errno EPERM","permits":false,"abi":"x86_64","call":"socket","nr":41,"cached":false,"by":"default","source":"worker.policy","line":2,"column":9,"text":"default errno EPERM","example":"socket(0, 0, 0)","exact":true},
    {"ret":2147418112,"action":"allow","permits":true,"abi":"x86_64","call":"nr(999)","nr":999,"cached":false,"by":"rule","source":"worker.policy","line":16,"column":1,"text":"allow nr(999)","example":"nr(999)","exact":true},
    {"ret":2147483648,"action":"kill","permits":false,"by":"foreign","exact":true}

One answer, and its rule

    $ weir policy --ask 'openat(AT_FDCWD, _, O_WRONLY)' worker.policy
    openat(AT_FDCWD, _, O_WRONLY) on x86_64: errno EPERM
      worker.policy:2: default errno EPERM
    [1]
    $ weir policy --ask 'mmap(0, 4096, PROT_READ | PROT_WRITE)' worker.policy
    mmap(0, 4096, PROT_READ | PROT_WRITE) on x86_64: allow
      worker.policy:9: allow mmap, mprotect if prot within RW
    $ weir policy --ask 'nr(5000)' --ask 'listmount' --ask 'ptrace' worker.policy
    nr(5000) on x86_64: errno ENOSYS
      worker.policy:3: kernel 5.15
    listmount on x86_64: errno ENOSYS
      worker.policy:3: kernel 5.15
    ptrace on x86_64: kill
      worker.policy:15: kill ptrace
    [1]

What is left open

    $ weir policy --ask mprotect --ask 'ioctl(3)' --ask 'socket(_, SOCK_RAW)' worker.policy
    mprotect on x86_64: it depends
      allow        as for mprotect(0, 0, 0)
                   worker.policy:9: allow mmap, mprotect if prot within RW
      errno EPERM  as for mprotect(0, 0, 4)
                   worker.policy:2: default errno EPERM
    ioctl(3) on x86_64: it depends
      allow        as for ioctl(3, 21505, 0)
                   worker.policy:11: allow ioctl if request in (TCGETS, FIONREAD, 0x5410..0x5413)
      errno EPERM  as for ioctl(3, 0, 0)
                   worker.policy:2: default errno EPERM
    socket(_, SOCK_RAW) on x86_64: it depends
      allow        as for socket(1, 3, 0)
                   worker.policy:10: allow socket(AF_UNIX, _, _)
      errno EPERM  as for socket(0, 3, 0)
                   worker.policy:2: default errno EPERM
    [1]

Conditions, groups and values of the policy

    $ weir policy --ask 'ioctl if request > 0x5400 and request < 0x5410 and fd != 0' worker.policy
    ioctl if request > 0x5400 and request < 0x5410 and fd != 0 on x86_64: it depends
      allow        as for ioctl(1, 21505, 0)
                   worker.policy:11: allow ioctl if request in (TCGETS, FIONREAD, 0x5410..0x5413)
      errno EPERM  as for ioctl(1, 21506, 0)
                   worker.policy:2: default errno EPERM
    [1]
    $ weir policy --ask '@io - lseek - pread64 - readv - writev - newfstatat' worker.policy
    @io - lseek - pread64 - readv - writev - newfstatat, as read on x86_64: allow
      worker.policy:8: allow @io, exit_group
    @io - lseek - pread64 - readv - writev - newfstatat, as write on x86_64: allow
      worker.policy:8: allow @io, exit_group
    @io - lseek - pread64 - readv - writev - newfstatat, as close on x86_64: allow
      worker.policy:8: allow @io, exit_group
    @io - lseek - pread64 - readv - writev - newfstatat, as fstat on x86_64: allow
      worker.policy:8: allow @io, exit_group
    @io - lseek - pread64 - readv - writev - newfstatat, as statx on x86_64: allow
      worker.policy:8: allow @io, exit_group
    $ weir policy --ask 'mmap(_, _, RW)' worker.policy
    mmap(_, _, RW) on x86_64: allow
      worker.policy:9: allow mmap, mprotect if prot within RW

Other ABIs

    $ weir policy -a x32,i386 --ask 'read(0)' worker.policy
    read(0) on i386: kill
      the policy is not about this ABI
    read(0) on x32: kill
      the policy is not about this ABI
    [1]
    $ cat >sockets.policy <<.
    > default errno EACCES
    > abi i386
    > allow getpid
    > allow socket
    > errno EPERM socketcall if call == 3
    > .
    $ weir policy -q --ask 'connect(3)' --ask 'socket(AF_INET)' sockets.policy
    connect(3) on i386: errno EACCES
      sockets.policy:1: default errno EACCES
    connect(3), as socketcall on i386: errno EPERM
      sockets.policy:5: errno EPERM socketcall if call == 3
    socket(AF_INET) on i386: allow
      sockets.policy:4: allow socket
    socket(AF_INET), as socketcall on i386: allow
      sockets.policy:4: allow socket
    [1]

What is not made through socketcall, though a constant looks like it: SYS_SECCOMP

    $ cat >seccomp.policy <<.
    > default errno EACCES
    > abi i386
    > allow seccomp
    > .
    $ weir policy --ask 'socketcall(1)' --ask 'seccomp' seccomp.policy
    socketcall(1) on i386: errno EACCES
      seccomp.policy:1: default errno EACCES
    seccomp on i386: allow
      seccomp.policy:3: allow seccomp
    [1]

As JSON

    $ weir policy --json --ask 'dup2(1, 1)' worker.policy
    [
    {"ret":327681,"action":"errno EPERM","permits":false,"question":"dup2(1, 1)","abi":"x86_64","call":"dup2","nr":33,"cached":false,"by":"default","source":"worker.policy","line":2,"column":9,"text":"default errno EPERM","example":"dup2(1, 1)","exact":true}
    ]
    [1]

Questions that are none

    $ weir policy --ask 'opneat(1)' worker.policy
    question:1:1: error: unknown system call 'opneat'; did you mean 'openat'?
      opneat(1)
      ^~~~~~~~~
    [2]
    $ weir policy --ask 'open(1, 2, 3, 4)' worker.policy
    question:1:1: error: 'open' has 3 arguments on x86_64 (filename, flags, mode), but 4 are given ('_' matches any)
      open(1, 2, 3, 4)
      ^~~~~~~~~~~~~~~~
    [2]
    $ weir policy --ask 'read; write' worker.policy
    question:1:5: error: a question must be one list of calls
      read; write
          ^
    [2]
    $ weir policy --ask '' worker.policy
    question:1:1: error: expected a system call or @group before the end of the line

      ^
    [2]
    $ weir policy --ask 'socketcall' worker.policy
    question:1:1: error: none of the ABIs in question has this call
      socketcall
      ^~~~~~~~~~
    [2]
    $ weir policy --ask read --explain worker.policy
    weir: --explain and --ask are mutually exclusive
    [2]
    $ weir policy -f raw -o worker.bpf worker.policy && weir policy --ask read worker.bpf
    weir: 'worker.bpf' is a program; --explain and --ask need the policy that it was compiled from
    [2]

Conditions that are too large for every combination, but not for one

    $ { echo default kill
    >   awk 'BEGIN { x = 1; printf "allow ioctl if cmd in (1"
    >     for (i = 0; i < 150000; i++) { x = x * 16807 % 2147483647; printf ",%d", x }
    >     print ")" }'
    >   echo 'errno EPERM ioctl if arg == 0'; } >large.policy
    $ weir policy -O0 --ask ioctl --ask 'ioctl(3, 16807, 5)' --ask 'ioctl(3, 2, 0)' \
    >   large.policy | cut -c 1-80
    ioctl on x86_64: it depends
      allow        as for ioctl(0, 1, 0)
                   large.policy:2: allow ioctl if cmd in (1,16807,282475249,16226500
      errno EPERM  perhaps: the conditions are too large to say
                   large.policy:3: errno EPERM ioctl if arg == 0
      kill         perhaps: the conditions are too large to say
                   large.policy:1: default kill
    ioctl(3, 16807, 5) on x86_64: allow
      large.policy:2: allow ioctl if cmd in (1,16807,282475249,1622650073,984943658,
    ioctl(3, 2, 0) on x86_64: errno EPERM
      large.policy:3: errno EPERM ioctl if arg == 0
