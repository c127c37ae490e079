What weir show says of programs.

A packet program: the expression that it may have been compiled from

    $ weir packet -f decimal 'tcp port 80 and not host 10.0.0.1' >p.txt; weir show --explain p.txt
    weir: note: fields are named for link type EN10MB; -t sets another
    tcp port 80 and not host 10.0.0.1

    tcp src or dst port 80                  # over ip and ip6
    and not src or dst host 10.0.0.1        # ip, arp, rarp
    $ weir show -q --explain -t RAW p.txt | tail -n 1
    0: ether[12:2] != 0x800 and ether[12:2] != 0x86dd

Of an expression only how it is understood

    $ weir show --explain --expr 'tcp port 80'
    tcp src or dst port 80                  # over ip and ip6

Where there is none, what it asks

    $ printf '%s\n' 'ldb [0]' 'mul #3' 'div #7' 'jeq #5, y, n' 'y: ret #1' 'n: ret #0' >odd; weir show -q --kind packet --explain odd; weir show -t EN10MB --kind packet --explain odd
    1: (ether[0] * 3) / 7 = 5
    0: (ether[0] * 3) / 7 != 5
    weir: note: no expression is known to match the same packets; here is what leads to each result
    1: (ether[0] * 3) / 7 = 5
    0: (ether[0] * 3) / 7 != 5

A seccomp program: the policy that has the same answers

    $ printf '%s\n' 'default errno EPERM' 'abi x86_64' 'allow read, write, exit_group' 'allow socket(AF_UNIX, _, _)' 'kill ptrace' >small; weir policy -q -f c ./small >small.c
    $ weir show -q --explain small.c
    x86_64: 383 calls, 3 permitted, 379 refused, 1 depend on arguments; 3 cached
      action         calls                                                  cached  decided by
      allow          exit_group, read, write                                yes     lifted:3
      kill           ptrace                                                 -       lifted:4
      allow          socket if family == 1                                  no      lifted:5
        errno EPERM  else                                                   -       lifted:1 default
      errno EPERM    378 other calls (-v lists them)                        -       lifted:1 default
      errno EPERM    all other numbers                                      -       lifted:1 default

    all other ABIs
      action         calls                                                  cached  decided by
      kill           every call                                             -       no 'foreign'
    $ weir show -q --ask 'socket(AF_INET)' --ask 'read' small.c
    socket(AF_INET) on x86_64: errno EPERM
      lifted:1: default errno EPERM
    read on x86_64: allow
      lifted:3: allow exit_group, read, write
    [1]
    $ weir show -q -f policy small.c
    default errno EPERM
    abi x86_64
    allow exit_group, read, write
    kill ptrace
    allow socket if family == 1
    $ weir show -q -f dot small.c | sed '1,4d; s/", .*/"/' | head -n 4
    	"x86_64" [style="filled,bold"];
    	"other ABIs" [style="filled,bold"];
    	g0 [label="exit_group, read, write"];
    	"x86_64" -> g0;
    $ weir show -q --policy ./small --ask 'ptrace'
    ptrace on x86_64: kill
      ./small:5: kill ptrace
    [1]

    $ weir show -q --ask reda small.c
    question:1:1: error: unknown system call 'reda'; did you mean 'read'?
      reda
      ^~~~
    [2]
    $ weir show -q --ask 'read' --ask 'reda' small.c
    question:1:1: error: unknown system call 'reda'; did you mean 'read'?
      reda
      ^~~~
    [2]
    $ weir show -q -f policy --policy ./small
    default errno EPERM
    abi x86_64
    allow read, write, exit_group
    allow socket(AF_UNIX, _, _)
    kill ptrace
    $ weir show -q -f dot --policy ./small | head -n 1
    digraph policy {
    $ weir show -q -f dot --explain --policy ./small | tail -n 1
      kill           every call                                            -       no 'foreign'
    $ printf 'ld [8]\njeq #4, yes\nret #0x7fff0000\nyes: ret #0\n' >pointer; weir show -q -f policy --kind seccomp pointer
    weir: error: this program cannot be written as a policy: it does not look at the architecture, so it decides the calls of every ABI by numbers of one
    [2]
    $ weir show -q -f dot --kind seccomp pointer | head -n 3
    digraph program {
    	graph [ranksep=0.35, nodesep=0.25];
    	node [shape=box, style=filled, fillcolor="#f4f6f8", color="#607080", fontname="Helvetica,Arial,sans-serif", fontsize=11];
    $ weir policy -q -O0 -f raw -o small.raw ./small; weir show -q -Os -f policy --policy ./small.raw
    default errno EPERM
    abi x86_64
    allow exit_group, read, write
    kill ptrace
    allow socket if family == 1
    $ weir show -f oci small.c | head -n 4
    weir: note: calls of other ABIs will kill the thread, not the process: a profile cannot express that
    weir: note: runc will answer ENOSYS to numbers beyond the calls that it knows, the policy gives them its default
    weir: note: names that the runtime's libseccomp is too old to know will be ignored, so these calls get the default
    {
    	"defaultAction": "SCMP_ACT_ERRNO",
    	"defaultErrnoRet": 1,
    	"architectures": ["SCMP_ARCH_X86_64"],
    $ weir show -f no-such-format small.c
    weir: unknown format 'no-such-format'
    weir: formats are listing, asm, c, decimal, bytecode, raw, base64, savefile, json, rust, go, dot, svg, graph, ebpf, ebpf-kernel, ebpf-xdp, ebpf-tc, elf, policy, oci
    [2]
    $ weir show -f listing -o /nowhere/at.svg small.c
    weir: /nowhere/at.svg: No such file or directory
    [2]
    $ weir show small.c p.txt
    weir: weir show takes one program, not 2: a file, '-', --expr, --policy, --pid or --fd
    [2]

What is for seccomp programs alone

    $ weir show -f policy p.txt
    weir: 'p.txt' is a packet program; policy is for seccomp programs
    [2]
    $ weir show --ask read p.txt
    weir: 'p.txt' is a packet program; --ask is for seccomp programs
    [2]
    $ weir show --ask read --explain small.c
    weir: --explain and --ask are mutually exclusive
    [2]

A packet program with many results, and one that is too large for its ways

    $ printf 'ldh [12]\njeq #0x800, a, b\na: ldb [23]\nret a\nb: ret #7\n' >f; weir show -q --kind packet --explain f
    ether[23]: ether[12:2] = 0x800
    7: ether[12:2] != 0x800
    $ { for i in $(seq 500); do echo "ldb [$i]"; done; echo 'ret a'; } >big; weir show --kind packet -t RAW --explain big | tail -1
    weir: note: no expression is known to match the same packets; here is what the program asks
    (500) ret      a

What packet programs ask, as JSON

    $ weir packet --explain --json 'tcp and port 80' 2>/dev/null
    {"linktype":"EN10MB","expression":"tcp and port 80","explanation":["tcp                                     # over ip and ip6","and src or dst port 80                  # tcp, udp, sctp over ip and ip6"]}
    $ weir packet -q -t RAW -f raw -o r 'tcp port 80 or arp'; weir show -q -t RAW --explain --json r
    {"linktype":"RAW","expression":"tcp port 80","explanation":["tcp src or dst port 80                  # over ip and ip6"]}
    $ weir show -q --explain --json --expr 'ip or ip6'
    {"linktype":"EN10MB","expression":"ip or ip6","explanation":["ip","or ip6"]}
    $ weir show -q --kind packet --explain --json f
    {"linktype":"EN10MB","expression":null,"ways":[{"result":"ether[23]","condition":"ether[12:2] = 0x800"},{"result":"7","condition":"ether[12:2] != 0x800"}],"complete":true}
    $ weir show -q --kind packet -t RAW --explain --json big | head -n 1
    {"use":"socket","insns":[

A program from tcpdump, optimized: with exact faults, and as an expression's

    $ weir packet -q -O0 -f decimal 'tcp port 80' >long; head -n 1 long; weir show -q -Os -f decimal long | head -n 1; weir show -q -Os --early-faults -f decimal long | head -n 1
    21
    21
    16
