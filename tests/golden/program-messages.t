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
