What the command says of words and options: messages of options.c, main.c, expression.c,
output.c and of commands, each with and without a near name where it has one.

Commands, help

    $ weir
    weir: expected a command
    weir: hint: 'weir --help' lists the commands
    [2]
    $ weir pakcet
    weir: unknown command 'pakcet'; did you mean 'packet'?
    weir: hint: 'weir --help' lists the commands
    [2]
    $ weir xyzzy
    weir: unknown command 'xyzzy'
    weir: hint: 'weir --help' lists the commands
    [2]
    $ weir help pakcet
    weir: unknown command 'pakcet'; did you mean 'packet'?
    weir: hint: 'weir --help' lists the commands
    [2]
    $ weir help xyzzy
    weir: unknown command 'xyzzy'
    weir: hint: 'weir --help' lists the commands
    [2]
    $ weir help | head -n 2
    usage: weir COMMAND [OPTION...] ...
    weir decides what passes: packets, and the system calls of a program.
    $ weir --hlep
    weir: 'weir' has no option '--hlep'; did you mean '--help'?
    [2]
    $ weir -h | head -n 1
    usage: weir COMMAND [OPTION...] ...
    $ weir --help --version | head -n 1 | tr '0-9' N
    weir N.N.N, libweir N.N.N
    $ weir -x
    weir: 'weir' has no option '-x'
    weir: hint: 'weir --help' lists the options
    [2]
    $ weir help run | head -n 2
    usage: weir run [OPTION...] [POLICY] -- COMMAND [ARGUMENT...]
    run a program under a policy

Options and their values

    $ weir packet --levle tcp
    weir: 'weir packet' has no option '--levle'; did you mean '--live'?
    [2]
    $ weir packet --xyzzy tcp
    weir: 'weir packet' has no option '--xyzzy'
    weir: hint: 'weir packet --help' lists the options
    [2]
    $ weir packet -Z tcp
    weir: 'weir packet' has no option '-Z'
    weir: hint: 'weir packet --help' lists the options
    [2]
    $ weir packet --explain=yes tcp
    weir: --explain takes no value
    [2]
    $ weir packet -O9 tcp
    weir: unknown level '-O9'; expected -O0, -O1, -O2, -O3 or -Os
    [2]
    $ weir packet -O22 tcp
    weir: unknown level '-O22'; expected -O0, -O1, -O2, -O3 or -Os
    [2]
    $ weir packet -f
    weir: -f needs a value: -f FORMAT
    [2]
    $ weir packet --format
    weir: --format needs a value: --format FORMAT
    [2]
    $ weir packet -f lisitng tcp 2>&1 | sed 's/\(formats are listing\).*/\1 .../'
    weir: unknown format 'lisitng'; did you mean 'listing'?
    weir: formats are listing ...
    $ weir packet -f xyzzy tcp 2>&1 | sed 's/\(formats are listing\).*/\1 .../'
    weir: unknown format 'xyzzy'
    weir: formats are listing ...
    $ weir packet --dump=threed tcp
    weir: unknown pass 'threed'; did you mean 'thread'?
    [2]
    $ weir packet --dump=xyzzy tcp
    weir: unknown pass 'xyzzy'
    [2]
    $ weir packet --dump= tcp
    weir: unknown pass ''
    [2]
    $ weir packet --color=sometimes tcp
    weir: --color takes always, never or auto, not 'sometimes'
    [2]
    $ weir packet --color=never 'tcp prot'
    expression:1:5: error: expected 'and' or 'or' before 'prot'; did you mean 'port'?
      tcp prot
          ^~~~
    [2]
    $ weir packet --color=always 'tcp prot' 2>&1 | cat -v
    expression:1:5: ^[[1;31merror:^[[0m expected 'and' or 'or' before 'prot'; did you mean 'port'?
      tcp prot
          ^~~~
    $ weir packet --color 'tcp prot' 2>&1 | cat -v
    expression:1:5: ^[[1;31merror:^[[0m expected 'and' or 'or' before 'prot'; did you mean 'port'?
      tcp prot
          ^~~~
    $ weir packet --depth=x tcp
    weir: --depth takes a number, not 'x'
    [2]
    $ weir packet --depth=99999 tcp
    weir: --depth takes at most 64 headers
    [2]
    $ weir packet -s 99999999999 tcp
    weir: -s takes at most 2147483647 bytes
    [2]
    $ weir packet -s 4294967295 tcp
    weir: -s takes at most 2147483647 bytes
    [2]
    $ weir packet -s 18446744073709551616 tcp
    weir: -s takes a number, not '18446744073709551616'
    [2]
    $ weir packet --netmask=255.255 'ip broadcast'
    weir: --netmask takes an address such as 255.255.255.0, not '255.255'
    [2]
    $ weir packet -y EN10BM tcp
    weir: unknown link type 'EN10BM'; did you mean 'EN10MB'?
    [2]
    $ weir packet -y xyzzy tcp
    weir: unknown link type 'xyzzy'
    [2]
    $ weir packet --max-memory=1Q tcp
    weir: --max-memory takes a size such as 512M or 2G, not '1Q'
    [2]
    $ weir packet --max-memory=0 tcp
    weir: --max-memory takes a size such as 512M or 2G, not '0'
    [2]
    $ weir packet --max-memory=99999999999G tcp
    weir: --max-memory takes a size such as 512M or 2G, not '99999999999G'
    [2]
    $ weir packet --max-memory=1K tcp
    weir: error: this is too large: reading it takes more than 1 KiB of memory
    weir: hint: --max-memory and --max-work allow more
    [2]
    $ weir packet --max-work=-1 tcp
    weir: --max-work takes a number, not '-1'
    [2]
    $ weir packet -i lo -r x tcp
    weir: -r and -i are mutually exclusive
    [2]
    $ weir packet -r x --live tcp
    weir: 'x': No such file or directory
    [2]
    $ weir packet -F x tcp
    weir: -F x and an expression are mutually exclusive
    [2]
    $ weir packet --live --savefile tcp
    weir: --live and --savefile are mutually exclusive
    [2]
    $ weir packet -f oci tcp 2>&1 | sed 's/\(formats are listing\).*/\1 .../'
    weir: unknown format 'oci'
    weir: formats are listing ...
    $ weir packet -t RAW -d -d -d ip | tail -n 1
    6 0 0 0

Policies and their options

    $ printf 'default allow\nabi x86_64\nerrno ENOSYS io_uring_setup\nkill reboot\n' >p
    $ weir policy
    weir: weir policy takes one policy: a file, or the name of an installed policy
    [2]
    $ weir policy a b
    weir: weir policy takes one policy: a file, or the name of an installed policy
    [2]
    $ weir policy ./p -- x
    weir: weir policy takes one policy: a file, or the name of an installed policy
    [2]
    $ weir policy -D X ./p
    weir: -D takes NAME=NUMBER, not 'X'
    [2]
    $ weir policy -D =1 ./p
    weir: -D takes NAME=NUMBER, not '=1'
    [2]
    $ weir policy -D X=y ./p
    weir: -D takes NAME=NUMBER, not 'X=y'
    [2]
    $ weir policy -D X=-5 -f policy ./p
    weir: warning: 'X' was given a value, but the policy does not use it
    default allow
    abi x86_64
    let X = -5
    errno ENOSYS io_uring_setup
    kill reboot
    $ weir policy -D X=0x10 -D Y=9223372036854775808 -f policy ./p
    weir: warning: 'X' was given a value, but the policy does not use it
    weir: warning: 'Y' was given a value, but the policy does not use it
    default allow
    abi x86_64
    let X = 16
    let Y = -0x8000000000000000
    errno ENOSYS io_uring_setup
    kill reboot
    $ echo "default errno EPERM" | weir policy -a x86_46 -
    weir: error: unknown ABI 'x86_46'; did you mean 'x86_64'?
    [2]
    $ echo "default errno EPERM" | weir policy -a xyzzy -
    weir: error: unknown ABI 'xyzzy'; expected one of x86_64, i386, x32, arm, aarch64, riscv64, loongarch64, ppc64le, ppc64, ppc, s390x, s390, mips, mipsel, mips64, mipsel64, mips64n32, mipsel64n32, m68k, parisc, parisc64, sh, sheb
    [2]
    $ weir policy --from=kafle ./p
    weir: error: unknown policy format 'kafle'; did you mean 'kafel'?
    [2]
    $ weir policy --from=xyzzy ./p
    weir: error: unknown policy format 'xyzzy'
    [2]
    $ weir policy --cap=CAP_XYZZY ./p
    weir: error: only containers' profiles depend on capabilities
    [2]
    $ weir policy --kernel=x ./p
    weir: error: only containers' profiles are told a kernel from outside; a policy says 'kernel X.Y'
    [2]
    $ weir policy --ask 'raed()' ./p
    question:1:1: error: unknown system call 'raed'; did you mean 'read'?
      raed()
      ^~~~~~
    [2]
    $ weir policy no-netwrok 2>&1 | sed 's| in /.*policies| in DIR|'
    weir: unknown policy 'no-netwrok' in DIR; did you mean 'no-network'?
    weir: hint: to name a file, write './no-netwrok'
    $ weir policy xyzzy 2>&1 | sed 's| in /.*policies| in DIR|'
    weir: unknown policy 'xyzzy' in DIR
    weir: hint: to name a file, write './xyzzy'
    $ weir policy ./none
    weir: ./none: No such file or directory
    [2]
    $ weir policy .
    weir: .: Is a directory
    [2]
    $ weir policy /dev/null
    /dev/null:1:1: error: expected a policy, found only blanks or comments; it needs at least a 'default' ('default errno ENOSYS', for instance)

      ^
    [2]

    $ weir policy --profile=./none ./p
    weir: ./none: No such file or directory
    [2]

What to run

    $ weir run
    weir: weir run needs a command after '--'
    [125]
    $ weir run ./p
    weir: weir run needs a command after '--'
    weir: hint: 'weir run -- ./p' runs it under the default policy
    [125]
    $ weir run a b c
    weir: weir run needs a command after '--'
    weir: hint: 'weir run -- a ...', or 'weir run a -- b ...' if that is a policy
    [125]
    $ weir run a b -- true
    weir: weir run takes one policy before '--', not 'b' too
    [125]
    $ weir run ./p --
    weir: weir run needs a command after '--'
    weir: hint: 'weir run -- ./p' runs it under the default policy
    [125]
    $ weir run ./none -- true
    weir: ./none: No such file or directory
    weir: policy: 'true' was not started
    [125]
    $ weir run ./p -- ''
    weir: exec: No such file or directory
    [127]
    $ weir run ./p -- ./none
    weir: exec: ./none: No such file or directory
    [127]
    $ weir run ./p -- ./p
    weir: exec: ./p: Permission denied
    [126]
    $ weir run ./p -- .
    weir: exec: .: Permission denied
    [126]
    $ weir run ./p -- ./p/p
    weir: exec: ./p/p: Not a directory
    [126]
    $ weir run ./p -- none-of-this-name
    weir: exec: none-of-this-name: No such file or directory
    [127]
    $ PATH=:/nonexistent $(command -v weir) run ./p -- true
    weir: exec: true: No such file or directory
    [127]
    $ echo 'default allow' | weir run - -- true
    stdin:1:9: warning: this policy refuses nothing: it permits every call of the ABIs that it names; a rule such as 'errno EPERM ptrace' would refuse one
      default allow
              ^~~~~
    weir: policy: it refuses nothing, so 'true' would run unconfined and was not started
    weir: hint: let it refuse something, or start the program without weir
    [125]
    $ w=$(command -v weir); unset PATH; $w run ./p -- true

System calls

    $ weir syscalls -a x86_46 read
    weir: unknown ABI 'x86_46'; did you mean 'x86_64'?
    [2]
    $ weir syscalls -a xyzzy read
    weir: unknown ABI 'xyzzy'
    [2]
    $ weir syscalls -a x86_64 raed
    weir: unknown system call 'raed'; did you mean 'read'?
    [1]
    $ weir syscalls -a x86_64 xyzzyxyzzy
    weir: unknown system call 'xyzzyxyzzy'
    [1]
    $ weir syscalls -a x86_64 O_RDNOLY
    weir: unknown constant 'O_RDNOLY'; did you mean 'O_RDONLY'?
    [1]
    $ weir syscalls -a x86_64 XYZZYXYZZY
    weir: unknown constant 'XYZZYXYZZY'
    [1]
    $ weir syscalls -a i386,x86_64 mmap2x
    weir: unknown system call 'mmap2x'; did you mean 'mmap2'?
    [1]
    $ weir syscalls -a x86_64 old_mmap
    weir: 'old_mmap' is not a system call of x86_64, but of i386
    [1]
    $ weir syscalls -a i386 SEGV_NONE
    weir: unknown constant 'SEGV_NONE'; did you mean 'SIGEV_NONE'?
    [1]
    $ weir syscalls -a x86_64 99999
    weir: x86_64 has no system call 0x1869f
    [1]
    $ weir syscalls -a x86_64 99999999999
    weir: expected a number of a system call, found '99999999999'
    [2]
    $ weir syscalls -a x86_64 0x
    weir: expected a number of a system call, found '0x'
    [2]
    $ weir syscalls -a x86_64 1
    write(unsigned int fd, const char *buf, size_t count)
      x86_64 1
      since Linux 1.0
      fd     args[0]  32 bits
      buf    args[1]  pointer
      count  args[2]  64 bits
    $ weir syscalls -a x86_64,i386 1
    write(unsigned int fd, const char *buf, size_t count)
      x86_64 1
      since Linux 1.0
      fd     args[0]  32 bits
      buf    args[1]  pointer
      count  args[2]  64 bits

    exit(int error_code)
      i386 1
      since Linux 1.0
      error_code  args[0]  32 bits, signed; 'status', too
    $ weir syscalls --json -a x86_64 1
    [
    {"abi":"x86_64","nr":1,"name":"write","kernel":"1.0","args":[{"word":0,"high_word":null,"name":"fd","other_name":null,"type":"unsigned int","bits":32,"signed":false,"pointer":false},{"word":1,"high_word":null,"name":"buf","other_name":null,"type":"const char *","bits":64,"signed":false,"pointer":true},{"word":2,"high_word":null,"name":"count","other_name":null,"type":"size_t","bits":64,"signed":false,"pointer":false}]}
    ]
    $ weir syscalls --json -a x86_64 pread64
    [
    {"abi":"x86_64","nr":17,"name":"pread64","kernel":null,"args":[{"word":0,"high_word":null,"name":"fd","other_name":null,"type":"unsigned int","bits":32,"signed":false,"pointer":false},{"word":1,"high_word":null,"name":"buf","other_name":null,"type":"char *","bits":64,"signed":false,"pointer":true},{"word":2,"high_word":null,"name":"count","other_name":null,"type":"size_t","bits":64,"signed":false,"pointer":false},{"word":3,"high_word":null,"name":"pos","other_name":"offset","type":"loff_t","bits":64,"signed":true,"pointer":false}]}
    ]
    $ weir syscalls --json -a i386 pread64
    [
    {"abi":"i386","nr":180,"name":"pread64","kernel":null,"args":[{"word":0,"high_word":null,"name":"fd","other_name":null,"type":"unsigned int","bits":32,"signed":false,"pointer":false},{"word":1,"high_word":null,"name":"ubuf","other_name":"buf","type":"char *","bits":32,"signed":false,"pointer":true},{"word":2,"high_word":null,"name":"count","other_name":null,"type":"u32","bits":32,"signed":false,"pointer":false},{"word":3,"high_word":4,"name":"pos","other_name":"offset","type":"loff_t","bits":64,"signed":true,"pointer":false}]}
    ]
    $ weir syscalls --json -a x86_64,aarch64 openat
    [
    {"abi":"x86_64","nr":257,"name":"openat","kernel":"2.6","args":[{"word":0,"high_word":null,"name":"dfd","other_name":"dirfd","type":"int","bits":32,"signed":true,"pointer":false},{"word":1,"high_word":null,"name":"filename","other_name":"pathname","type":"const char *","bits":64,"signed":false,"pointer":true},{"word":2,"high_word":null,"name":"flags","other_name":null,"type":"int","bits":32,"signed":true,"pointer":false},{"word":3,"high_word":null,"name":"mode","other_name":null,"type":"umode_t","bits":16,"signed":false,"pointer":false}]},
    {"abi":"aarch64","nr":56,"name":"openat","kernel":"3.7","args":[{"word":0,"high_word":null,"name":"dfd","other_name":"dirfd","type":"int","bits":32,"signed":true,"pointer":false},{"word":1,"high_word":null,"name":"filename","other_name":"pathname","type":"const char *","bits":64,"signed":false,"pointer":true},{"word":2,"high_word":null,"name":"flags","other_name":null,"type":"int","bits":32,"signed":true,"pointer":false},{"word":3,"high_word":null,"name":"mode","other_name":null,"type":"umode_t","bits":16,"signed":false,"pointer":false}]}
    ]
    $ weir syscalls --json -a x86_64 AT_FDCWD
    [
    {"abi":"x86_64","constant":"AT_FDCWD","value":-100}
    ]
    $ weir syscalls --json -a x86_64,mips O_CREAT
    [
    {"abi":"x86_64","constant":"O_CREAT","value":64},
    {"abi":"mips","constant":"O_CREAT","value":256}
    ]
    $ weir syscalls -a x86_64,mips O_CREAT AT_FDCWD
    O_CREAT
      64 = 0x40
        x86_64
      256 = 0x100
        mips

    AT_FDCWD
      -100
        x86_64, mips
    $ weir syscalls AT_FDCWD
    AT_FDCWD
      -100
        x86_64, i386, x32, arm, aarch64, riscv64, loongarch64, ppc64le, ppc64, ppc,
        s390x, s390, mips, mipsel, mips64, mipsel64, mips64n32, mipsel64n32, m68k,
        parisc, parisc64, sh, sheb
    $ weir syscalls -a x86_64,mips ENOTSUP
    ENOTSUP
      95 = 0x5f
        x86_64
      122 = 0x7a
        mips
    $ weir syscalls --json O_CREAT | head -c 60
    [
    {"abi":"x86_64","constant":"O_CREAT","value":64},
    {"abi":"
    $ weir syscalls --json read | head -c 60
    [
    {"abi":"x86_64","nr":0,"name":"read","kernel":"1.0","args"
    $ weir syscalls --list read
    weir: --list and names are mutually exclusive
    weir: hint: 'weir syscalls openat', 'weir syscalls 257 -a x86_64', or 'weir syscalls --list'
    [2]
    $ weir syscalls --list -a x86_64 | head -n 3
    0          1.0   read(unsigned int fd, char *buf, size_t count)
    1          1.0   write(unsigned int fd, const char *buf, size_t count)
    2          1.0   open(const char *filename, int flags, umode_t mode)
    $ weir syscalls --list --json -a x86_64 | head -c 60
    [
    {"abi":"x86_64","nr":0,"name":"read","kernel":"1.0","args"
    $ weir syscalls --list --json | head -c 60
    [
    {"abi":"x86_64","nr":0,"name":"read","kernel":"1.0","args"
    $ weir syscalls --list -a i386,x86_64 | head -n 3
    i386:
    0          2.6   restart_syscall(void)
    1          1.0   exit(int error_code)
    $ weir syscalls -o out -a x86_64 read && head -n 1 out
    read(unsigned int fd, char *buf, size_t count)
    $ weir syscalls -- read
    weir: expected a name, a number or --list
    weir: hint: 'weir syscalls openat', 'weir syscalls 257 -a x86_64', or 'weir syscalls --list'
    [2]

A set in braces without quotes, which bash takes apart

    $ weir packet port 80 443
    expression:1:9: error: expected 'and' or 'or' before '443'; a set such as {80,443} must be quoted, or the shell takes it apart
      port 80 443
              ^~~
    weir: hint: if 'port 80 443' was a set in braces, the shell took it apart; quote the expression
    [2]
    $ weir packet tcp and not port 80 443
    expression:1:21: error: expected 'and' or 'or' before '443'
      tcp and not port 80 443
                          ^~~
    weir: hint: if 'port 80 443' was a set in braces, the shell took it apart; quote the expression
    [2]
    $ weir packet host :: ::1
    expression:1:9: error: expected 'and' or 'or' before '::1'; a set such as {80,443} must be quoted, or the shell takes it apart
      host :: ::1
              ^~~
    weir: hint: if 'host :: ::1' was a set in braces, the shell took it apart; quote the expression
    [2]
    $ weir packet port and 80
    expression:1:6: error: expected an address, a number or a name, found 'and'
      port and 80
           ^~~
    [2]
    $ weir packet port 80 and
    expression:1:12: error: the expression ends here, but a condition must follow
      port 80 and
                 ^
    [2]
    $ weir packet port 80 port
    expression:1:9: error: expected 'and' or 'or' before 'port'
      port 80 port
              ^~~~
    [2]
    $ weir packet port 80 '(' tcp
    expression:1:9: error: expected 'and' or 'or' before '('
      port 80 ( tcp
              ^
    [2]
    $ weir packet tcp prot 80 81
    expression:1:5: error: expected 'and' or 'or' before 'prot'; did you mean 'port'?
      tcp prot 80 81
          ^~~~
    [2]
