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
    policy:2:1: note: an earlier rule decides 'read'
      allow read
      ^~~~~~~~~~

A rule that is contradicted

    $ pol <<.
    > default kill
    > allow read, close
    > log read, write
    > .
    policy:3:5: warning: 'read' is decided otherwise by an earlier rule
      log read, write
          ^~~~
    policy:2:1: note: the first rule that matches holds
      allow read, close
      ^~~~~~~~~~~~~~~~~

Libc's other name for it

    $ pol <<.
    > default kill
    > allow clone, pipe
    > .
    policy:2:7: warning: 'clone' is permitted, but not 'clone3', which libc uses in its place
      allow clone, pipe
            ^~~~~
    policy:2:14: warning: 'pipe' is permitted, but not 'pipe2', which libc uses in its place
      allow clone, pipe
                   ^~~~

Refused by one name only

    $ pol <<.
    > default allow
    > errno ENOSYS io_uring_setup
    > errno EPERM open, openat
    > .
    policy:3:13: warning: 'open' is refused, but not 'creat', which does as much
      errno EPERM open, openat
                  ^~~~
    policy:3:19: warning: 'openat' is refused, but not 'openat2', which does as much
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
    policy:2:7: warning: 'io_uring_setup' is permitted: what it starts (opening, connecting, ...) no filter sees
      allow io_uring_setup
            ^~~~~~~~~~~~~~

Io_uring by default

    $ pol <<.
    > default allow
    > errno EPERM reboot
    > .
    policy:1:9: warning: 'io_uring_setup' is permitted: what it starts (opening, connecting, ...) no filter sees
      default allow
              ^~~~~

O_TRUNC under O_RDONLY

    $ pol <<.
    > default kill
    > allow openat if flags & O_ACCMODE == O_RDONLY
    > allow open if flags & O_ACCMODE == O_RDONLY and not flags & O_TRUNC
    > .
    policy:2:17: warning: this permits O_TRUNC, which empties the file even when it is opened to read; 'flags within ...' leaves no gaps
      allow openat if flags & O_ACCMODE == O_RDONLY
                      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~

Every other ABI

    $ pol <<.
    > default kill
    > foreign allow
    > .
    policy:2:1: warning: calls of every other ABI of the machine are allowed, so this policy can be got round
      foreign allow
      ^~~~~~~~~~~~~

Socketcall

    $ pol <<.
    > abi i386
    > default errno ENOSYS
    > allow socket(AF_UNIX, _, _)
    > .
    policy:3:7: warning: the arguments of 'socket' cannot be seen in 'socketcall' on i386, so calls through that do not match this rule
      allow socket(AF_UNIX, _, _)
            ^~~~~~~~~~~~~~~~~~~~~

Not of every ABI

    $ pol <<.
    > abi x86_64, i386
    > default errno ENOSYS
    > allow arch_prctl, mmap2
    > .
    policy:3:19: warning: 'mmap2' is no system call of x86_64; 'on ABI { }' says which one it is meant for
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
    policy:4:1: warning: no call reaches this rule: what it says never holds, or earlier rules decide
      errno EPERM kill if pid == 5 or pid == 12
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
