Every ABI has numbers, arguments and constants of its own.

The same names, other numbers and other values

    $ pol -g -a aarch64 <<.
    > default kill
    > allow openat if flags == O_RDONLY | O_DIRECTORY
    > .
    input seccomp
    n4: load.4 4 in { 0xc00000b7 -> n3 } else ret 0x80000000
    n3: load.4 0 in { 56 -> n2 } else ret 0x80000000
    n2: load.4 32 == 0x4000 ? ret 0x7fff0000 : ret 0x80000000

    $ pol -g -a mips64 <<.
    > default kill
    > allow openat if flags == O_RDONLY | O_DIRECTORY
    > allow socket(_, SOCK_STREAM, _)
    > errno ENOSYS ioctl if request == FIONREAD
    > .
    input seccomp-be
    n7: load.4 4 in { 0x80000008 -> n6 } else ret 0x80000000
    n6: load.4 0 in { 0x1397 -> n2, 0x13b0 -> n4, 0x147f -> n5 } else ret 0x80000000
    n2: load.4 28 == 0x467f ? ret 0x50059 : ret 0x80000000
    n4: load.4 28 == 2 ? ret 0x7fff0000 : ret 0x80000000
    n5: load.4 36 == 0x10000 ? ret 0x7fff0000 : ret 0x80000000

Half of a 64-bit argument comes first where bytes do

    $ pol -g -a s390x <<.
    > default kill
    > allow lseek if offset == 0x100000002
    > .
    input seccomp-be
    n4: load.4 4 in { 0x80000016 -> n3 } else ret 0x80000000
    n3: load.4 0 in { 19 -> n2 } else ret 0x80000000
    n2: {load.4 24, load.4 28} == {1, 2} ? ret 0x7fff0000 : ret 0x80000000

s390's clone has its flags second

    $ pol -g -a s390x,riscv64 <<.
    > default kill
    > allow clone if flags == SIGCHLD
    > .
    policy:2:7: warning: 'clone' is permitted, but not 'clone3', which libc uses instead
      allow clone if flags == SIGCHLD
            ^~~~~
    input seccomp
    n6: load.4 4 in { 0x80000016 -> n5, 0xc00000f3 -> n3 } else ret 0x80000000
    n5: load.4 0 in { 120 -> n4 } else ret 0x80000000
    n4: load.4 28 == 17 ? ret 0x7fff0000 : ret 0x80000000
    n3: load.4 0 in { 220 -> n2 } else ret 0x80000000
    n2: load.4 16 == 17 ? ret 0x7fff0000 : ret 0x80000000

Two words of a 32-bit ABI are one argument, from an even word on where it says so

    $ pol -g -a arm <<.
    > default kill
    > allow pread64 if pos == 0x100000002
    > allow truncate64 if length == 0x100000002
    > .
    input seccomp
    n5: load.4 4 in { 0x40000028 -> n4 } else ret 0x80000000
    n4: load.4 0 in { 180 -> n2, 193 -> n3 } else ret 0x80000000
    n2: {load.4 56, load.4 48} == {1, 2} ? ret 0x7fff0000 : ret 0x80000000
    n3: {load.4 40, load.4 32} == {1, 2} ? ret 0x7fff0000 : ret 0x80000000

    $ pol -g -a m68k <<.
    > default kill
    > allow pread64 if pos == 0x100000002
    > allow truncate64 if length == 0x100000002
    > .
    input seccomp-be
    n5: load.4 4 in { 4 -> n4 } else ret 0x80000000
    n4: load.4 0 in { 180 -> n2, 193 -> n3 } else ret 0x80000000
    n2: {load.4 44, load.4 52} == {1, 2} ? ret 0x7fff0000 : ret 0x80000000
    n3: {load.4 28, load.4 36} == {1, 2} ? ret 0x7fff0000 : ret 0x80000000

    $ pol -g -a mips,mipsel <<.
    > default kill
    > allow pread64 if pos == 0x100000002
    > .
    input seccomp-be
    n6: load.4 4 in { 8 -> n3, 0x40000008 -> n5 } else ret 0x80000000
    n3: load.4 0 in { 0x1068 -> n2 } else ret 0x80000000
    n2: {load.4 52, load.4 60} == {1, 2} ? ret 0x7fff0000 : ret 0x80000000
    n5: load.4 0 in { 0x1068 -> n4 } else ret 0x80000000
    n4: {load.4 56, load.4 48} == {1, 2} ? ret 0x7fff0000 : ret 0x80000000

    $ pol -g -a ppc,s390,parisc <<.
    > default kill
    > allow fallocate if offset == 0x100000002
    > .
    input seccomp-be
    n6: load.4 4 in { 15 -> n5, 20 -> n3, 22 -> n4 } else ret 0x80000000
    n5: load.4 0 in { 0x131 -> n2 } else ret 0x80000000
    n3: load.4 0 in { 0x135 -> n2 } else ret 0x80000000
    n4: load.4 0 in { 0x13a -> n2 } else ret 0x80000000
    n2: {load.4 36, load.4 44} == {1, 2} ? ret 0x7fff0000 : ret 0x80000000

socketcall and ipc, where there are no numbers of their own or both

    $ pol -g -a sh <<.
    > default kill
    > allow socket, shmat
    > .
    input seccomp
    n5: load.4 4 in { 0x4000002a -> n4 } else ret 0x80000000
    n4: load.4 0 in { 102 -> n2, 117 -> n3, 0x154 -> ret 0x7fff0000, 0x18d -> ret 0x7fff0000 } else ret 0x80000000
    n2: load.4 16 == 1 ? ret 0x7fff0000 : ret 0x80000000
    n3: (load.4 16 & 0xffff) == 21 ? ret 0x7fff0000 : ret 0x80000000

arm's own calls have large numbers

    $ pol -g -a arm <<.
    > default kill
    > allow cacheflush, set_tls
    > .
    input seccomp
    n3: load.4 4 in { 0x40000028 -> n2 } else ret 0x80000000
    n2: load.4 0 in { 0xf0002 -> ret 0x7fff0000, 0xf0005 -> ret 0x7fff0000 } else ret 0x80000000

An argument that stands beyond what a filter sees

    $ pol -a mips <<.
    > default kill
    > allow sync_file_range if flags == 0
    > .
    policy:2:26: error: 'sync_file_range' has an argument 'flags' on x86_64, but not on mips; put a separate rule into 'on x86_64 { }'
      allow sync_file_range if flags == 0
                               ^~~~~
    [2]

ABIs on the command line

    $ printf 'default kill\nallow read\n' | pol -a x86-64
    weir: error: unknown ABI 'x86-64'; did you mean 'x86_64'?
    [2]
    $ printf 'default kill\nallow read\n' | pol -a sparc
    weir: error: unknown ABI 'sparc'; expected one of x86_64, i386, x32, arm, aarch64, riscv64, loongarch64, ppc64le, ppc64, ppc, s390x, s390, mips, mipsel, mips64, mipsel64, mips64n32, mipsel64n32, m68k, parisc, parisc64, sh, sheb
    [2]

Other names of ABIs

    $ pol <<.
    > default kill
    > abi amd64
    > .
    policy:2:5: error: unknown ABI 'amd64'; did you mean 'x86_64'?
      abi amd64
          ^~~~~
    [2]

    $ weir policy -q -a hppa default
    weir: error: unknown ABI 'hppa'; did you mean 'parisc'?
    [2]

A number with bit 30 is x32's on x86_64 alone: here it is no other number's

    $ pol -g <<.
    > abi i386
    > default kill
    > allow nr(0x40000218)
    > .
    input seccomp
    n3: load.4 4 in { 0x40000003 -> n2 } else ret 0x80000000
    n2: load.4 0 in { 0x40000218 -> ret 0x7fff0000 } else ret 0x80000000

A constant that another ABI has

    $ pol -a ppc64 <<.
    > default kill
    > allow ioctl if cmd in (TCGETS, TIOCGWINSZ, TCGETS2, TCGETS3)
    > .
    policy:2:44: error: 'TCGETS2' is a constant on x86_64, but not on ppc64; put a rule for the ABIs that have it into 'on ABI { }'
      allow ioctl if cmd in (TCGETS, TIOCGWINSZ, TCGETS2, TCGETS3)
                                                 ^~~~~~~
    policy:2:53: error: unknown constant 'TCGETS3' on ppc64; did you mean 'TCGETS'?
      allow ioctl if cmd in (TCGETS, TIOCGWINSZ, TCGETS2, TCGETS3)
                                                          ^~~~~~~
    [2]

An empty list of ABIs

    $ weir policy -a '' default
    weir: error: unknown ABI ''; expected one of x86_64, i386, x32, arm, aarch64, riscv64, loongarch64, ppc64le, ppc64, ppc, s390x, s390, mips, mipsel, mips64, mipsel64, mips64n32, mipsel64n32, m68k, parisc, parisc64, sh, sheb
    [2]
