What weir syscalls says.

A name, on all ABIs: which take the same arguments stand together

    $ weir syscalls openat
    openat(int dfd, const char *filename, int flags, umode_t mode)
      x86_64 257, i386 295, x32 0x40000101, arm 322, aarch64 56, riscv64 56,
      loongarch64 56, ppc64le 286, ppc64 286, ppc 286, s390x 288, s390 288,
      mips 4288, mipsel 4288, mips64 5247, mipsel64 5247, mips64n32 6251,
      mipsel64n32 6251, m68k 288, parisc 275, parisc64 275, sh 295, sheb 295
      since Linux 2.6; 3.4 on x32; 3.7 on aarch64; 4.15 on riscv64;
      5.19 on loongarch64
      dfd       args[0]  32 bits, signed; 'dirfd', too
      filename  args[1]  pointer; 'pathname', too
      flags     args[2]  32 bits, signed
      mode      args[3]  16 bits

    $ weir syscalls clone -a x86_64,s390x,s390,aarch64
    clone(unsigned long clone_flags, unsigned long newsp, int *parent_tidptr, int *child_tidptr, unsigned long tls)
      x86_64 56
      since Linux 1.0
      clone_flags    args[0]  32 bits; 'flags', too
      newsp          args[1]  64 bits; 'stack', too
      parent_tidptr  args[2]  pointer
      child_tidptr   args[3]  pointer
      tls            args[4]  64 bits

    clone(unsigned long newsp, unsigned long clone_flags, int *parent_tidptr, int *child_tidptr, unsigned long tls)
      s390x 120
      since Linux 1.0
      newsp          args[0]  64 bits; 'stack', too
      clone_flags    args[1]  32 bits; 'flags', too
      parent_tidptr  args[2]  pointer
      child_tidptr   args[3]  pointer
      tls            args[4]  64 bits

    clone(unsigned long newsp, unsigned long clone_flags, int *parent_tidptr, int *child_tidptr, unsigned long tls)
      s390 120
      since Linux 1.0
      newsp          args[0]  32 bits; 'stack', too
      clone_flags    args[1]  32 bits; 'flags', too
      parent_tidptr  args[2]  pointer
      child_tidptr   args[3]  pointer
      tls            args[4]  32 bits

    clone(unsigned long clone_flags, unsigned long newsp, int *parent_tidptr, unsigned long tls, int *child_tidptr)
      aarch64 220
      since Linux 3.7
      clone_flags    args[0]  32 bits; 'flags', too
      newsp          args[1]  64 bits; 'stack', too
      parent_tidptr  args[2]  pointer
      tls            args[3]  64 bits
      child_tidptr   args[4]  pointer

Arguments of 64 bits on 32-bit ABIs

    $ weir syscalls truncate64 -a i386,arm,mips,mipsel,m68k
    truncate64(const char *filename, loff_t length)
      i386 193
      since Linux 2.4
      filename  args[0]                pointer
      length    args[1], high args[2]  64 bits, signed

    truncate64(const char *path, loff_t length)
      arm 193, mipsel 4211
      since Linux 2.4
      path    args[0]                pointer
      length  args[2], high args[3]  64 bits, signed

    truncate64(const char *path, loff_t length)
      mips 4211
      since Linux 2.4
      path    args[0]                pointer
      length  args[3], high args[2]  64 bits, signed

    truncate64(const char *path, loff_t length)
      m68k 193
      since Linux 2.4
      path    args[0]                pointer
      length  args[2], high args[1]  64 bits, signed

What came to one ABI later

    $ weir syscalls semget
    semget(key_t key, int nsems, int semflg)
      x86_64 64, i386 393, x32 0x40000040, arm 299, aarch64 190, riscv64 190,
      loongarch64 190, ppc64le 393, ppc64 393, ppc 393, s390x 393, s390 393,
      mips 4393, mipsel 4393, mips64 5062, mipsel64 5062, mips64n32 6062,
      mipsel64n32 6062, m68k 393, parisc 186, parisc64 186, sh 393, sheb 393
      since Linux 5.1; 2.0 on x86_64, arm, mips64, mipsel64, mips64n32,
      mipsel64n32, parisc, parisc64; 3.4 on x32; 3.7 on aarch64; 4.15 on riscv64;
      5.19 on loongarch64
      key     args[0]  32 bits, signed
      nsems   args[1]  32 bits, signed
      semflg  args[2]  32 bits, signed

Numbers, on the native ABI or those that are named

    $ weir syscalls 257 -a x86_64
    openat(int dfd, const char *filename, int flags, umode_t mode)
      x86_64 257
      since Linux 2.6
      dfd       args[0]  32 bits, signed; 'dirfd', too
      filename  args[1]  pointer; 'pathname', too
      flags     args[2]  32 bits, signed
      mode      args[3]  16 bits

    $ weir syscalls 257 -a x32
    openat(int dfd, const char *filename, int flags, umode_t mode)
      x32 0x40000101
      since Linux 3.4
      dfd       args[0]  32 bits, signed; 'dirfd', too
      filename  args[1]  pointer; 'pathname', too
      flags     args[2]  32 bits, signed
      mode      args[3]  16 bits

    $ weir syscalls 0xf0005 5000 -a arm
    weir: arm has no system call 5000
    set_tls(unsigned long value)
      arm 0xf0005
      since Linux 2.6
      value  args[0]  32 bits
    [1]

    $ weir syscalls 0 -a mips64 --json
    weir: mips64 has no system call 0
    []
    [1]

Constants

    $ weir syscalls O_DIRECTORY AT_FDCWD
    O_DIRECTORY
      65536 = 0x10000
        x86_64, i386, x32, riscv64, loongarch64, s390x, s390, mips, mipsel, mips64,
        mipsel64, mips64n32, mipsel64n32, sh, sheb
      16384 = 0x4000
        arm, aarch64, ppc64le, ppc64, ppc, m68k
      4096 = 0x1000
        parisc, parisc64

    AT_FDCWD
      -100
        x86_64, i386, x32, arm, aarch64, riscv64, loongarch64, ppc64le, ppc64, ppc,
        s390x, s390, mips, mipsel, mips64, mipsel64, mips64n32, mipsel64n32, m68k,
        parisc, parisc64, sh, sheb

    $ weir syscalls SO_RCVTIMEO TCGETS -a i386,ppc,mips --json
    [
    {"abi":"i386","constant":"SO_RCVTIMEO","value":20},
    {"abi":"ppc","constant":"SO_RCVTIMEO","value":18},
    {"abi":"mips","constant":"SO_RCVTIMEO","value":4102},
    {"abi":"i386","constant":"TCGETS","value":21505},
    {"abi":"ppc","constant":"TCGETS","value":1076655123},
    {"abi":"mips","constant":"TCGETS","value":21517}
    ]

Near names, and what is elsewhere

    $ weir syscalls opnat
    weir: unknown system call 'opnat'; did you mean 'openat'?
    [1]

    $ weir syscalls O_DIRECTOY
    weir: unknown constant 'O_DIRECTOY'; did you mean 'O_DIRECTORY'?
    [1]

    $ weir syscalls open -a aarch64
    weir: 'open' is not a system call of aarch64, but of x86_64
    [1]

    $ weir syscalls openat -a arm64
    weir: unknown ABI 'arm64'; did you mean 'aarch64'?
    [2]

    $ weir syscalls 12monkeys
    weir: expected a number of a system call, found '12monkeys'
    [2]

    $ weir syscalls
    weir: expected a name, a number or --list
    weir: hint: 'weir syscalls openat', 'weir syscalls 257 -a x86_64', or 'weir syscalls --list'
    [2]

    $ weir syscalls --list read
    weir: --list and names are mutually exclusive
    weir: hint: 'weir syscalls openat', 'weir syscalls 257 -a x86_64', or 'weir syscalls --list'
    [2]

A list

    $ weir syscalls --list -a sh | head -n 5
    0          2.6   restart_syscall(void)
    1          1.0   exit(int error_code)
    2          1.0   fork(void)
    3          1.0   read(unsigned int fd, char *buf, size_t count)
    4          1.0   write(unsigned int fd, const char *buf, size_t count)

    $ weir syscalls --list -a i386,x86_64 | grep -n -A 2 :
    1:i386:
    2-0          2.6   restart_syscall(void)
    3-1          1.0   exit(int error_code)
    --
    462:x86_64:
    463-0          1.0   read(unsigned int fd, char *buf, size_t count)
    464-1          1.0   write(unsigned int fd, const char *buf, size_t count)
