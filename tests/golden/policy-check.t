What weir check says of seccomp filters: the forecast, and what gets through.

A filter that allows a few calls, one of them by its argument

    $ cat >few.asm <<.
    > ld [4]
    > jneq #0xc000003e, kill
    > ld [0]
    > jge #0x40000000, kill
    > jeq #0, allow
    > jeq #41, socket, deny
    > socket: ld [20]
    > jneq #0, allow
    > ld [16]
    > jeq #1, allow, deny
    > allow: ret #0x7fff0000
    > deny: ret #0x50001
    > kill: ret #0x80000000
    > .
    $ weir check few.asm
    kind           seccomp program
    socket         accepted
    seccomp        accepted
    instructions   13
    longest path   11
    expected       3.0 instructions, for usual calls
    converted      20 eBPF instructions
    loads          4
    cached         1 calls answered from the action cache
    audit          3 findings
      medium  network     x86_64 socket(0x100000011, 0, 0): reads and writes packets, with the capability
      medium  network     x86_64 socket(0x100000028, 0, 0): talks to the hypervisor and other machines on it
      low     network     x86_64 socket(0x100000002, 0, 0): uses the network
    $ weir check --json few.asm
    {"name":"few.asm","kind":"seccomp","socket":{"accepted":true},"seccomp":{"accepted":true},"instructions":13,"longest_path":11,"expected_instructions":3.0,"converted":20,"loads":4,"unreachable":0,"dead":[],"cached_calls":1,"cached":[{"abi":"x86_64","calls":["read"]}],"audit":[{"risk":"medium","class":"network","abi":"x86_64","call":"socket","nr":41,"example":"socket(0x100000011, 0, 0)","text":"reads and writes packets, with the capability"},{"risk":"medium","class":"network","abi":"x86_64","call":"socket","nr":41,"example":"socket(0x100000028, 0, 0)","text":"talks to the hypervisor and other machines on it"},{"risk":"low","class":"network","abi":"x86_64","call":"socket","nr":41,"example":"socket(0x100000002, 0, 0)","text":"uses the network"}]}
    $ weir check --fail-on medium few.asm >few
    [1]
    $ weir check --fail-on high few.asm >few
    $ weir check --fail-on terrible few.asm
    weir: --fail-on takes low, medium or high, not 'terrible'
    [2]

One that does not look at the architecture, so that no policy says the same

    $ printf 'ld [0]\njeq #59, deny, allow\nallow: ret #0x7fff0000\ndeny: ret #0\n' >any.asm
    $ weir check --kind seccomp any.asm >any
    weir: warning: no policy says all that this program does: it does not look at the architecture, so it decides the calls of every ABI by numbers of one
    $ head -10 any
    kind           seccomp program
    socket         accepted
    seccomp        accepted
    instructions   4
    longest path   3
    expected       3.0 instructions, for usual calls
    converted      9 eBPF instructions
    loads          1
    cached         511 calls answered from the action cache
    audit          97 findings

A packet program has no audit

    $ weir check --expr ip --fail-on low | grep -v memory
    kind           packet program
    socket         accepted
    seccomp        refused: instruction 0: seccomp has no 'ldh' of this form
    instructions   4
    longest path   3
    expected       3.0 instructions, 1.1 ns on a socket, for everyday packets
    converted      26 eBPF instructions
    loads          1
    as ebpf        9 eBPF instructions
    as ebpf-xdp    27 eBPF instructions
    as ebpf-tc     27 eBPF instructions

Which calls the action cache answers, and what never runs

    $ cat >idle.asm <<.
    > ld [4]
    > jeq #0xc000003e, x86, no
    > x86: ld [0]
    > jge #30, look
    > jgt #29, no
    > jeq #16, look, yes
    > ja no
    > ja no
    > look: ld [16]
    > jge #7, yes
    > jgt #6, yes, no
    > yes: ret #0x7fff0000
    > no: ret #0x50001
    > .
    $ weir check -v idle.asm | sed '/^audit/,$d'
    weir: note: 'idle.asm' was read as asm
    weir: warning: no policy says all that this program does: it decides numbers that are no calls by their arguments
    kind           seccomp program
    socket         accepted
    seccomp        accepted
    instructions   13
    longest path   10
    expected       3.0 instructions, for usual calls
    converted      20 eBPF instructions
    loads          3
    unreachable    2 instructions: 6, 7
    cached         29 calls answered from the action cache
      x86_64       29 of 383 calls: read, write, open, close, stat, fstat, lstat,
                   poll, lseek, mmap, mprotect, munmap, brk, rt_sigaction,
                   rt_sigprocmask, rt_sigreturn, pread64, pwrite64, readv, writev,
                   access, pipe, select, sched_yield, mremap, msync, mincore,
                   madvise, shmget
    $ weir check --json idle.asm | sed 's/,"audit.*//'
    weir: warning: no policy says all that this program does: it decides numbers that are no calls by their arguments
    {"name":"idle.asm","kind":"seccomp","socket":{"accepted":true},"seccomp":{"accepted":true},"instructions":13,"longest_path":10,"expected_instructions":3.0,"converted":20,"loads":3,"unreachable":2,"dead":[],"cached_calls":29,"cached":[{"abi":"x86_64","calls":["read","write","open","close","stat","fstat","lstat","poll","lseek","mmap","mprotect","munmap","brk","rt_sigaction","rt_sigprocmask","rt_sigreturn","pread64","pwrite64","readv","writev","access","pipe","select","sched_yield","mremap","msync","mincore","madvise","shmget"]}]
    $ printf 'ldh [12]\njeq #1, yes\njeq #1, no\nyes: ret #1\nno: ret #2' | weir check - | grep -v memory
    kind           packet program
    socket         accepted
    seccomp        refused: instruction 0: seccomp has no 'ldh' of this form
    instructions   5
    longest path   4
    expected       4.0 instructions, 1.2 ns on a socket, for everyday packets
    converted      27 eBPF instructions
    loads          1
    dead           1 instruction: 4; the tests before exclude each other
    as ebpf        10 eBPF instructions
    as ebpf-xdp    29 eBPF instructions
    as ebpf-tc     29 eBPF instructions
    $ printf 'default allow\nabi x86_64, i386, x32\nerrno EPERM ptrace\n' >all
    $ weir check -v --policy ./all | sed -n '/^cached/,/^audit/p'
    ./all:3:13: warning: 'ptrace' is refused, but not 'process_vm_readv', which can do the same
      errno EPERM ptrace
                  ^~~~~~
    ./all:3:13: warning: 'ptrace' is refused, but not 'process_vm_writev', which can do the same
      errno EPERM ptrace
                  ^~~~~~
    ./all:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    cached         511 calls answered from the action cache
      x86_64       382 of 383 calls; not ptrace
      i386         458 of 459 calls; not ptrace
    audit          98 findings
