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
    {"name":"few.asm","kind":"seccomp","socket":{"accepted":true},"seccomp":{"accepted":true},"instructions":13,"longest_path":11,"expected_instructions":3.0,"converted":20,"loads":4,"unreachable":0,"cached_calls":1,"audit":[{"risk":"medium","class":"network","abi":"x86_64","call":"socket","nr":41,"example":"socket(0x100000011, 0, 0)","text":"reads and writes packets, with the capability"},{"risk":"medium","class":"network","abi":"x86_64","call":"socket","nr":41,"example":"socket(0x100000028, 0, 0)","text":"talks to the hypervisor and other machines on it"},{"risk":"low","class":"network","abi":"x86_64","call":"socket","nr":41,"example":"socket(0x100000002, 0, 0)","text":"uses the network"}]}
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
    expected       3.0 instructions, 1.0 ns on a socket, for everyday packets
    converted      26 eBPF instructions
    loads          1
