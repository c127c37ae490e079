What show, check and eval say when something is wrong.

How a program is named

    $ weir show
    weir: weir show takes one program, not 0: a file, '-', --expr, --policy, --pid or --fd
    [2]
    $ weir check a b
    weir: weir check takes one program, not 2: a file, '-', --expr, --policy, --pid or --fd
    [2]
    $ weir show nothing
    weir: nothing: No such file or directory
    [2]
    $ weir show --kind both --expr tcp
    weir: --kind takes packet or seccomp, not 'both'
    [2]
    $ weir show --kind seccomp --expr tcp
    weir: --expr is a packet program; it cannot be --kind seccomp
    [2]
    $ weir show --kind packet --policy default
    weir: --policy is a seccomp program; it cannot be --kind packet
    [2]
    $ weir show --live --savefile --expr tcp
    weir: --live and --savefile are mutually exclusive
    [2]

    $ weir show -t NO_SUCH_LINK --expr tcp
    weir: unknown link type 'NO_SUCH_LINK'
    [2]
    $ weir show --profile=nothing --expr tcp
    weir: 'nothing': No such file or directory
    [2]
    $ weir show --kind packet --expr 'ip prot tcp'
    expression:1:4: error: expected 'and' or 'or' before 'prot'; did you mean 'port'?
      ip prot tcp
         ^~~~
    [2]
    $ weir show --policy ./nothing
    weir: ./nothing: No such file or directory
    [2]
    $ weir show --pid 12x
    weir: --pid takes the number of a process, and perhaps which filter: 1234#2; not '12x'
    [2]
    $ weir show --pid ' 12'
    weir: --pid takes the number of a process, and perhaps which filter: 1234#2; not ' 12'
    [2]
    $ weir show --pid +12
    weir: --pid takes the number of a process, and perhaps which filter: 1234#2; not '+12'
    [2]
    $ weir show --pid 99999999999
    weir: --pid takes the number of a process, and perhaps which filter: 1234#2; not '99999999999'
    [2]
    $ weir show --pid '12#1x'
    weir: --pid takes the number of a process, and perhaps which filter: 1234#2; not '12#1x'
    [2]
    $ weir show --fd x
    weir: --fd takes a process and its descriptor: 1234:3; not 'x'
    [2]
    $ weir show --fd 12:x
    weir: --fd takes a process and its descriptor: 1234:3; not '12:x'
    [2]
    $ weir show --fd 12:3x
    weir: --fd takes a process and its descriptor: 1234:3; not '12:3x'
    [2]
    $ weir show --fd :3
    weir: --fd takes a process and its descriptor: 1234:3; not ':3'
    [2]
    $ weir show --fd 4194999:3
    weir: descriptor 3 of process 4194999: No such process
    [2]

What it is taken for

    $ echo 'ret #0' | weir show -
    weir: error: 'stdin' could be a program for packets or for seccomp; say which, with --kind packet or --kind seccomp
    weir: note: 'stdin' was read as asm
    [2]
    $ printf '2\n6 0 0 0\n' | weir show -
    stdin:1:1: error: the header says 2 instructions, but 1 follow
      2
      ^
    weir: note: 'stdin' was read as decimal
    [2]
    $ printf 'default kill\nallow read\n' | weir show -
    stdin:1:1: error: unknown instruction 'default'
      default kill
      ^~~~~~~
    stdin:2:1: error: unknown instruction 'allow'
      allow read
      ^~~~~
    weir: note: 'stdin' was read as asm
    weir: hint: --policy names a policy, and --expr is a packet expression
    [2]
    $ printf '\0' | weir show -
    weir: error: 1 bytes are not a whole number of instructions of 8 bytes; the last begins at byte 0
    weir: note: 'stdin' was read as raw
    [2]

    $ printf 'neither one thing\nnor another\n' | weir show -
    stdin:1:1: error: unknown instruction 'neither'
      neither one thing
      ^~~~~~~
    stdin:2:1: error: unknown instruction 'nor'; did you mean 'or'?
      nor another
      ^~~
    weir: note: 'stdin' was read as asm
    weir: hint: --policy names a policy, and --expr is a packet expression
    [2]
    $ printf '# a comment\n(000) ld [0' | weir show -
    stdin:1:1: error: expected an instruction, found '#'
      # a comment
      ^
    stdin:2:12: error: expected ']', found the end
      (000) ld [0
                 ^
    weir: note: 'stdin' was read as asm
    weir: hint: --policy names a policy, and --expr is a packet expression
    [2]
    $ printf '2\n48 0 0 0\n22 0 0 0\n' >either.txt
    $ weir show -t NO_SUCH_LINK --kind packet either.txt
    weir: unknown link type 'NO_SUCH_LINK'
    [2]
    $ weir show --explain -t NO_SUCH_LINK --kind packet either.txt
    weir: unknown link type 'NO_SUCH_LINK'
    [2]
    $ weir check --policy ./either.txt | head -n 2
    weir: './either.txt' is neither a policy nor a program that Linux accepts (instruction 0: seccomp has no 'ldb' of this form)
    $ weir check -O2 --policy ./either.txt | head -n 2
    weir: './either.txt' is neither a policy nor a program that Linux accepts (instruction 0: seccomp has no 'ldb' of this form)
    $ weir eval -t RAW -r either.txt --expr tcp
    weir: 'either.txt' is not a capture file (neither pcap nor pcapng)
    [2]

What check says of programs that are refused, too large, or not known well

    $ weir check --kind packet either.txt | grep -v memory
    kind           packet program
    socket         accepted
    seccomp        refused: instruction 0: seccomp has no 'ldb' of this form
    instructions   2
    longest path   2
    expected       2.0 instructions, 0.9 ns on a socket, for everyday packets
    converted      20 eBPF instructions
    loads          1
    as ebpf        5 eBPF instructions
    as ebpf-xdp    19 eBPF instructions
    as ebpf-tc     19 eBPF instructions
    $ printf 'ret #0\nld #4\nret a\n' | weir check --kind packet - | grep -v memory
    kind           packet program
    socket         accepted
    seccomp        accepted
    instructions   3
    longest path   1
    expected       1.0 instructions, 0.1 ns on a socket, for everyday packets
    converted      7 eBPF instructions
    loads          0
    unreachable    2 instructions: 1, 2
    as ebpf        5 eBPF instructions
    as ebpf-xdp    2 eBPF instructions
    as ebpf-tc     2 eBPF instructions
    $ printf 'ret #0\nld #4\nret a\n' | weir check --kind packet --json - | sed 's/"memory.*//'
    {"name":"stdin","kind":"packet","socket":{"accepted":true},"seccomp":{"accepted":true},"instructions":3,"longest_path":1,"expected_instructions":1.0,"expected_ns":0.1,"converted":7,"loads":0,"unreachable":2,"dead":[],"forms":{"ebpf":{"instructions":5},"ebpf-xdp":{"instructions":2},"ebpf-tc":{"instructions":2}},
    $ weir check --live --expr 'inbound and len > 0' | grep '^as '
    as ebpf        11 eBPF instructions
    as ebpf-xdp    refused: instruction 0: XDP programs cannot ask for the ancillary word 'type'
    as ebpf-tc     8 eBPF instructions
    $ printf 'ld rand\nret a\n' | weir check --kind packet - | grep -v memory
    kind           packet program
    socket         accepted
    seccomp        refused: instruction 0: load at -4040: struct seccomp_data has 64 bytes
    instructions   2
    longest path   2
    converted      8 eBPF instructions
    loads          1
    as ebpf        5 eBPF instructions
    as ebpf-xdp    4 eBPF instructions
    as ebpf-tc     4 eBPF instructions
    $ printf 'ld rand\nret a\n' | weir check --kind packet --json - | sed 's/"memory.*//'
    {"name":"stdin","kind":"packet","socket":{"accepted":true},"seccomp":{"accepted":false,"instruction":0,"reason":"load at -4040: struct seccomp_data has 64 bytes"},"instructions":2,"longest_path":2,"converted":8,"loads":1,"unreachable":0,"dead":[],"forms":{"ebpf":{"instructions":5},"ebpf-xdp":{"instructions":4},"ebpf-tc":{"instructions":4}},
    $ weir check -O0 --expr "port 1 $(seq -s ' ' -f 'or port %g' 3 2 2401)" | sed -n 's/here ([0-9]*)/here/; s/ [0-9]* bytes/ N bytes/; /^memory/p'
    memory         N bytes of net.core.optmem_max: fits here, too much where it is 20480, as before Linux 6.8
    $ printf 'default kill\nabi x86_64\nallow read, exit_group\n' >two; weir check --fail-on low --policy ./two
    kind           seccomp program
    socket         accepted
    seccomp        accepted
    instructions   7
    longest path   6
    expected       3.0 instructions, for usual calls
    converted      13 eBPF instructions
    loads          2
    cached         2 calls answered from the action cache
    audit          0 findings
    $ printf 'default kill\nabi x86_64\nallow read, ptrace\n' >three; weir check --fail-on high --policy ./three
    kind           seccomp program
    socket         accepted
    seccomp        accepted
    instructions   7
    longest path   6
    expected       3.0 instructions, for usual calls
    converted      13 eBPF instructions
    loads          2
    cached         2 calls answered from the action cache
    audit          1 finding
      high    processes   x86_64 ptrace(16, 0, 0, 0): controls other processes of its user
    [1]
    $ weir check --fail-on low --json --policy ./three
    {"name":"./three","kind":"seccomp","socket":{"accepted":true},"seccomp":{"accepted":true},"instructions":7,"longest_path":6,"expected_instructions":3.0,"converted":13,"loads":2,"unreachable":0,"dead":[],"cached_calls":2,"cached":[{"abi":"x86_64","calls":["read","ptrace"]}],"audit":[{"risk":"high","class":"processes","abi":"x86_64","call":"ptrace","nr":101,"example":"ptrace(16, 0, 0, 0)","text":"controls other processes of its user"}]}
    [1]
    $ weir check --fail-on none --policy ./two
    weir: --fail-on takes low, medium or high, not 'none'
    [2]
    $ weir check --fail-on low --expr tcp | head -n 1
    kind           packet program
    $ printf 'ld [8]\njeq #4, yes\nret #0x7fff0000\nyes: ret #0\n' >pointer; weir check -q --fail-on low --kind seccomp pointer >/dev/null
    [1]

What it runs on

    $ weir eval --expr tcp
    weir: 'expression' is a packet program; it runs on --packet or -r
    [2]
    $ weir eval --policy default
    weir: 'default' is a seccomp program; it runs on --call or --data
    [2]
    $ weir eval --expr tcp --data 00
    weir: 'expression' is a packet program; it runs on --packet or -r
    [2]
    $ weir eval --expr tcp --packet 001
    weir: --packet takes bytes of two hexadecimal digits; character 3 does not begin one
    [2]
    $ weir eval --expr tcp --packet 'this one'
    weir: --packet takes bytes of two hexadecimal digits; character 1 does not begin one
    [2]
    $ weir eval --expr tcp --packet 0011 --wire 1
    weir: --wire 1 is less than the 2 bytes of --packet
    [2]
    $ weir eval --expr tcp --packet 0011 --wire 4294967296
    weir: --wire takes at most 2147483647 bytes
    [2]
    $ weir eval --policy default --data 0011
    weir: --data takes the 64 bytes of a struct seccomp_data, not 2
    [2]
    $ echo 'ld [0]' | weir eval --packet 00 -
    weir: 'stdin' cannot run: instruction 0: the last instruction is not a ret
    [2]

    $ weir eval --expr tcp --packet 00 --call read
    weir: 'expression' is a packet program; it runs on --packet or -r
    [2]
    $ weir eval --policy default --data 00 --call read
    weir: --call and --data are mutually exclusive
    [2]
    $ weir eval --policy default --call reda
    question:1:1: error: unknown system call 'reda'; did you mean 'read'?
      reda
      ^~~~
    [2]
    $ weir eval --policy default --call read -r x
    weir: 'default' is a seccomp program; it runs on --call or --data
    [2]
    $ weir eval --expr tcp --packet 00 --set vlan=1
    weir: unknown ancillary word 'vlan'; did you mean 'nlan'?
    [2]
    $ weir eval --expr tcp --packet 00 --set vlan_tci
    weir: --set takes NAME=NUMBER, not 'vlan_tci'
    [2]
    $ weir eval --expr tcp --packet 00 --set vlan_tci=0x100000000
    weir: --set takes NAME=NUMBER, not 'vlan_tci=0x100000000'
    [2]
    $ weir eval --expr tcp --packet 00 --coverage
    weir: --coverage counts over the packets of a capture; name one with -r
    [2]
    $ weir eval --expr tcp --packet 00 -r x
    weir: 'x': No such file or directory
    [2]
    $ weir eval --expr tcp -r x
    weir: 'x': No such file or directory
    [2]
