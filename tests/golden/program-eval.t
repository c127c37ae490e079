What weir eval says of runs that end early, and of captures.
needs: weir --version | grep -q '+ capture files'

Steps: what is stored, where jumps go, and what fails

    $ printf 'ldb [0]\nst M[3]\nldx M[3]\nstx M[4]\njeq #7, a\na: ja b\nb: ldb [x + 90]\nret a\n' >steps
    $ weir eval --kind packet --trace --packet 07 steps
    0 reject: instruction 6 fails
    A=0x00000007 X=0x00000000  (000) ldb      [0]                            ; ether dst[0]
    A=0x00000007 X=0x00000000  (001) st       M[3]  M[3]=0x00000007
    A=0x00000007 X=0x00000007  (002) ldx      M[3]                           ; ether dst[0]
    A=0x00000007 X=0x00000007  (003) stx      M[4]  M[4]=0x00000007
    A=0x00000007 X=0x00000007  (004) jeq      #0x7             jt 5	jf 5  ; ether dst[0] == 0x7  -> 5
    A=0x00000007 X=0x00000007  (005) ja       6  -> 6
    A=0x00000007 X=0x00000007  (006) ldb      [x + 90]  fails
    $ weir eval --kind packet --trace --json --packet 07 steps
    {"result":0,"meaning":"reject: instruction 6 fails","failed":true,"last":6,"steps":7,"trace":[{"at":0,"a":7,"x":0,"text":"(000) ldb      [0]                            ; ether dst[0]"},{"at":1,"a":7,"x":0,"text":"(001) st       M[3]"},{"at":2,"a":7,"x":7,"text":"(002) ldx      M[3]                           ; ether dst[0]"},{"at":3,"a":7,"x":7,"text":"(003) stx      M[4]"},{"at":4,"a":7,"x":7,"text":"(004) jeq      #0x7             jt 5\tjf 5  ; ether dst[0] == 0x7"},{"at":5,"a":7,"x":7,"text":"(005) ja       6"},{"at":6,"a":7,"x":7,"text":"(006) ldb      [x + 90]","failed":true}]}
    $ printf 'ldb [0]\nld #8\ndiv x\nret a\n' >division
    $ weir eval --kind packet --trace --packet 07 division
    0 reject: instruction 2 fails
    A=0x00000007 X=0x00000000  (000) ldb      [0]   ; ether dst[0]
    A=0x00000008 X=0x00000000  (001) ld       #0x8
    A=0x00000008 X=0x00000000  (002) div      x  fails
    $ weir eval --kind packet --trace -t NO_SUCH_LINK --packet 07 division
    weir: unknown link type 'NO_SUCH_LINK'
    [2]

A word that weir knows, a value that is none, a name like no other

    $ weir eval --expr ip --packet 00 --set vlan_tci=0x1g
    weir: --set takes NAME=NUMBER, not 'vlan_tci=0x1g'
    [2]
    $ weir eval --expr ip --packet 00 --set vlan_tci=99999999999999999999
    weir: --set takes NAME=NUMBER, not 'vlan_tci=99999999999999999999'
    [2]
    $ weir eval --expr ip --packet 00 --set vlan_tci=x
    weir: --set takes NAME=NUMBER, not 'vlan_tci=x'
    [2]
    $ weir eval --expr ip --packet 00 --set zzzzzzzzzz=1
    weir: unknown ancillary word 'zzzzzzzzzz'
    [2]
    $ weir eval --kind packet --packet 00 --set nlan=1 --set rand=77 steps
    0 reject: instruction 6 fails
    $ printf 'ld rand\nret a\n' | weir eval --kind packet --packet 00 --set rand=77 -
    77 accept, at most 77 bytes

Bytes of a call, and calls that are not one

    $ weir eval --policy no-network --data "$(printf '0%.0s' $(seq 127))"
    weir: --data takes bytes of two hexadecimal digits; character 127 does not begin one
    [2]
    $ weir eval --policy no-network --data "$(printf '0%.0s' $(seq 127))x"
    weir: --data takes bytes of two hexadecimal digits; character 127 does not begin one
    [2]
    $ weir eval --policy no-network -a x86_64 --call 'read, write' --trace -O0 | grep -c 'A=0x'
    18
    $ weir eval -q --policy no-network -a x86_64,i386 --call 'open'
    2147418112 allow: open(0, 0, 0) on x86_64
    2147418112 allow: open(0, 0, 0) on i386
    $ weir eval -q --policy no-network -a x86_64 --call 'nr(99999)'
    327718 errno ENOSYS: nr(99999) on x86_64
    $ weir eval -q --policy no-network -a aarch64 --call 'open'
    question:1:1: error: none of the ABIs in question has this call
      open
      ^~~~
    [2]
    $ weir eval -q --policy no-network -a x86_64 --call 'read if fd == 1 and fd == 2'
    weir: no call fits 'read if fd == 1 and fd == 2'
    [2]
    $ weir eval -q --policy no-network --call '99999'
    question:1:1: error: expected a system call or @group before the end of the line
      99999
      ^~~~~
    [2]

A capture: a packet of each kind, one that is cut, and what does not run

    $ cap() { printf "\\324\\303\\262\\241\\2\\0\\4\\0\\0\\0\\0\\0\\0\\0\\0\\0\\377\\377\\0\\0$1\\0\\0"; }
    > packet() { printf "\\1\\0\\0\\0\\2\\0\\0\\0\\$1\\0\\0\\0\\52\\0\\0\\0\\1\\2\\3\\4\\5\\6\\1\\2\\3\\4\\5\\7$2"; }
    > (cap '\1\0'; packet 20 '\010\000E\000'; packet 20 '\010\006\000\001'; packet 16 '\206\335') >three.pcap
    > (cat three.pcap; printf 'cut') >cut.pcap; cap '\377\3' >unknown.pcap; cap '\145\0' >raw.pcap
    $ TZ=UTC weir eval -r three.pcap --expr 'ip or arp'
    262144 accept 1: 00:00:01.000002 ip [cut]
    262144 accept 2: 00:00:01.000002 arp [cut]
    0 reject 3: 00:00:01.000002 ip6 [cut]
    $ weir eval -r three.pcap --json --expr 'ip or arp'
    [
    {"packet":1,"result":262144,"meaning":"accept, at most 262144 bytes","failed":false,"last":3,"steps":3},
    {"packet":2,"result":262144,"meaning":"accept, at most 262144 bytes","failed":false,"last":3,"steps":4},
    {"packet":3,"result":0,"meaning":"reject","failed":false,"last":4,"steps":4}
    ]
    $ printf 'ldh [12]\njeq #0x806, no\nldb [15]\nret a\nno: ret #0\n' >fifteenth
    $ TZ=UTC weir eval --kind packet -r three.pcap fifteenth
    0 reject 1: 00:00:01.000002 ip [cut]
    0 reject 2: 00:00:01.000002 arp [cut]
    0 reject 3: 00:00:01.000002 ip6 [cut] (instruction 2 fails)
    $ weir eval --kind packet -r three.pcap --json fifteenth
    [
    {"packet":1,"result":0,"meaning":"reject","failed":false,"last":3,"steps":4},
    {"packet":2,"result":0,"meaning":"reject","failed":false,"last":4,"steps":3},
    {"packet":3,"result":0,"meaning":"reject: instruction 2 fails","failed":true,"last":2,"steps":3}
    ]
    $ weir eval --kind packet -r three.pcap --coverage fifteenth
    0 of 3 packets accepted
             3  (000) ldh      [12]                         ethertype
             3  (001) jeq      #0x806         jt 4    jf 2  ethertype == arp
             2  (002) ldb      [15]
             1  (003) ret      a
             1  (004) ret      #0                           no match
    $ weir eval --kind packet -r three.pcap --coverage --json fifteenth
    {"packets":3,"accepted":0,"counts":[3,3,2,1,1]}
    $ TZ=UTC weir eval -r cut.pcap --expr arp
    weir: 'cut.pcap', after packet 3, at byte 118: truncated: the file ends after 3 of at least 16 bytes
    [2]
    $ printf 'ld #1\n' >endless
    $ weir eval --kind packet -r three.pcap endless
    weir: 'endless' cannot run: instruction 0: the last instruction is not a ret
    [2]
    $ weir eval --kind packet -r three.pcap --set rand fifteenth
    weir: --set takes NAME=NUMBER, not 'rand'
    [2]
    $ weir eval --kind packet -r - fifteenth <three.pcap | wc -l
    3
    $ weir eval -r - --expr arp <three.pcap | cut -d ' ' -f 1-3
    0 reject 1:
    262144 accept 2:
    0 reject 3:
    $ weir eval -r nothing.pcap --expr arp
    weir: 'nothing.pcap': No such file or directory
    [2]
    $ weir packet -t EN10MB -f savefile -o link.cbpf arp
    $ weir eval -r unknown.pcap link.cbpf
    weir: the packets of 'unknown.pcap' have link type unknown, but the program is for EN10MB
    [2]
    $ weir eval -r raw.pcap link.cbpf
    weir: the packets of 'raw.pcap' have link type RAW, but the program is for EN10MB
    [2]
    $ weir eval --kind packet -r unknown.pcap fifteenth
    $ weir eval --kind packet -r nothing.pcap fifteenth
    weir: 'nothing.pcap': No such file or directory
    [2]
    $ weir eval --kind packet -r three.pcap --wire 5 fifteenth
    weir: -r has the length of each packet and no trace; --wire and --trace are for --packet
    [2]
    $ weir eval --kind packet -r three.pcap --trace fifteenth
    weir: -r has the length of each packet and no trace; --wire and --trace are for --packet
    [2]
    $ weir eval --kind packet -r three.pcap --packet 00 fifteenth
    weir: --packet and -r are mutually exclusive
    [2]
    $ weir eval fifteenth other
    weir: weir eval takes one program, not 2: a file, '-', --expr, --policy, --pid or --fd
    [2]
