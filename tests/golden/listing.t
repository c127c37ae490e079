What listings say beside instructions.

A field is named by what the tests before it tell of the packet

    $ weir packet 'tcp port 80'
    (000) ldh      [12]                            ; ethertype
    (001) jeq      #0x800           jt 2	jf 16  ; ethertype == ip: "tcp port 80"
    (002) ld       [20]
    (003) and      #0x1fff00ff                     ; ip fragment offset, ip proto
    (004) jeq      #0x6             jt 5	jf 24  ; ip fragment offset == 0 and ip proto == tcp: "tcp port 80"
    (005) ldb      [14]                            ; ip version and header length
    (006) jeq      #0x45            jt 7	jf 11  ; ip version == 4 and ip header length == 20: "tcp port 80"
    (007) ldh      [34]                            ; tcp src port
    (008) jeq      #0x50            jt 23	jf 9   ; tcp src port == 80: "tcp port 80"
    (009) ldh      [36]                            ; tcp dst port
    (010) jeq      #0x50            jt 23	jf 24  ; tcp dst port == 80: "tcp port 80"
    (011) ldxb     4*([14]&0xf)                    ; ip header length
    (012) ldh      [x + 14]                        ; tcp src port
    (013) jeq      #0x50            jt 23	jf 14  ; tcp src port == 80: "tcp port 80"
    (014) ldh      [x + 16]                        ; tcp dst port
    (015) jeq      #0x50            jt 23	jf 24  ; tcp dst port == 80: "tcp port 80"
    (016) jeq      #0x86dd          jt 17	jf 24  ; ethertype == ip6: "tcp port 80"
    (017) ldb      [20]                            ; ip6 next header
    (018) jeq      #0x6             jt 19	jf 24  ; ip6 next header == tcp: "tcp port 80"
    (019) ldh      [54]                            ; tcp src port
    (020) jeq      #0x50            jt 23	jf 21  ; tcp src port == 80: "tcp port 80"
    (021) ldh      [56]                            ; tcp dst port
    (022) jeq      #0x50            jt 23	jf 24  ; tcp dst port == 80: "tcp port 80"
    (023) ret      #262144                         ; match
    (024) ret      #0                              ; no match

The same field on several ways

    $ weir packet -Os 'port 53' | tail -n 7
    (012) jeq      #0x84            jt 13	jf 18  ; ip proto or ip6 next header == sctp: "port 53"
    (013) ldh      [x + 14]                        ; src port
    (014) jeq      #0x35            jt 17	jf 15  ; src port == 53: "port 53"
    (015) ldh      [x + 16]                        ; dst port
    (016) jeq      #0x35            jt 17	jf 18  ; dst port == 53: "port 53"
    (017) ret      #262144                         ; match
    (018) ret      #0                              ; no match
    $ weir packet -Os 'host {10.0.0.1, 10.0.0.2, 10.0.0.9}' | sed -n '7,13p'
    (006) ldx      #0x8
    (007) ld       [28]                            ; arp sender ip
    (008) jgt      #0xa000002       jt 9	jf 10  ; ip src or arp sender ip > 10.0.0.2: "host {10.0.0.1, 10.0.0.2, 10.0.0.9}"
    (009) jeq      #0xa000009       jt 15	jf 11  ; ip src or arp sender ip == 10.0.0.9: "host {10.0.0.1, 10.0.0.2, 10.0.0.9}", "10.0.0.9"
    (010) jge      #0xa000001       jt 15	jf 11  ; ip src or arp sender ip >= 10.0.0.1: "host {10.0.0.1, 10.0.0.2, 10.0.0.9}", "10.0.0.1"
    (011) ld       [x + 30]                        ; ip dst or arp target ip
    (012) jgt      #0xa000002       jt 13	jf 14  ; ip dst or arp target ip > 10.0.0.2: "host {10.0.0.1, 10.0.0.2, 10.0.0.9}"

Behind VLAN tags, and a protocol that is asked for before IP is

    $ weir packet 'vlan 7 and ip6 and dst net 2001:db8::/32'
    (000) ld       [42]
    (001) jeq      #0x20010db8      jt 2	jf 10  ; "dst net 2001:db8::/32"
    (002) ld       [14]
    (003) and      #0xfffffff
    (004) jeq      #0x786dd         jt 5	jf 10  ; "vlan 7", "ip6", "dst net 2001:db8::/32"
    (005) ldh      [12]                            ; ethertype
    (006) jeq      #0x8100          jt 9	jf 7   ; ethertype == vlan: "vlan 7"
    (007) jeq      #0x88a8          jt 9	jf 8   ; ethertype == vlan (802.1ad): "vlan 7"
    (008) jeq      #0x9100          jt 9	jf 10  ; ethertype == vlan (QinQ): "vlan 7"
    (009) ret      #262144                         ; match
    (010) ret      #0                              ; no match
    $ weir packet 'vlan and icmp' | head -n 4
    (000) ldb      [27]
    (001) jeq      #0x1             jt 2	jf 9  ; icmp, if ip: "icmp"
    (002) ldh      [12]                           ; ethertype
    (003) jeq      #0x8100          jt 6	jf 4  ; ethertype == vlan: "vlan"

Parts of fields, flags and metadata

    $ weir packet -O0 'tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn and ether src 1:2:3:4:5:6'
    (000) ldh      [12]                            ; ethertype
    (001) jeq      #0x800           jt 2	jf 19  ; ethertype == ip: "tcp[tcpflags]"
    (002) ldb      [23]                            ; ip proto
    (003) jeq      #0x6             jt 4	jf 19  ; ip proto == tcp: "tcp[tcpflags]"
    (004) ldh      [20]                            ; ip flags and fragment offset
    (005) jset     #0x1fff          jt 19	jf 6   ; ip fragment offset != 0: "tcp[tcpflags]"
    (006) ld       #0x2
    (007) or       #0x10
    (008) st       M[0]
    (009) ldxb     4*([14]&0xf)                    ; ip header length
    (010) ldb      [x + 27]                        ; tcp flags
    (011) ldx      M[0]
    (012) and      x                               ; tcp flags & (tcp-syn|tcp-ack)
    (013) jeq      #0x2             jt 14	jf 19  ; tcp flags & (tcp-syn|tcp-ack) == tcp-syn: "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn"
    (014) ld       [8]                             ; ether src[2:4]
    (015) jeq      #0x3040506       jt 16	jf 19  ; ether src[2:4] == 0x3040506: "ether src 1:2:3:4:5:6"
    (016) ldh      [6]                             ; ether src[0:2]
    (017) jeq      #0x102           jt 18	jf 19  ; ether src[0:2] == 0x102: "ether src 1:2:3:4:5:6"
    (018) ret      #262144                         ; match
    (019) ret      #0                              ; no match
    $ weir packet --live 'vlan 7 and greater 100 and icmp6' | head -n 12
    (000) ld       [vlan_avail]                    ; vlan present (metadata)
    (001) jeq      #0x1             jt 2	jf 14  ; vlan present (metadata) == 1: "vlan 7"
    (002) ld       [vlan_tci]                      ; vlan tag (metadata)
    (003) and      #0xfff                          ; vlan tag (metadata) & 0xfff
    (004) jeq      #0x7             jt 5	jf 31  ; vlan tag (metadata) & 0xfff == 7: "vlan 7"
    (005) ld       #pktlen                         ; packet length
    (006) jgt      #0x63            jt 7	jf 31  ; packet length > 99: "greater 100"
    (007) ldh      [12]                            ; ethertype
    (008) jeq      #0x86dd          jt 9	jf 31  ; ethertype == ip6: "icmp6"
    (009) ldb      [20]                            ; ip6 next header
    (010) jeq      #0x2c            jt 11	jf 13  ; ip6 next header == ipv6-frag: "icmp6"
    (011) ldb      [54]                            ; ip6 fragment's next header

A program that was read says nothing of its link type

    $ weir packet -f decimal 'arp' >arp.txt; weir show arp.txt
    weir: note: fields are named for link type EN10MB; -t sets another
    (000) ldh      [12]                           ; ethertype
    (001) jeq      #0x806           jt 2	jf 3  ; ethertype == arp
    (002) ret      #262144                        ; match
    (003) ret      #0                             ; no match
    $ weir show -q -t LINUX_SLL arp.txt
    (000) ldh      [12]
    (001) jeq      #0x806           jt 2	jf 3
    (002) ret      #262144                        ; match
    (003) ret      #0                             ; no match
    $ weir packet -Os -t RAW -f decimal 'udp' >udp.txt; weir show -q -t RAW udp.txt
    (000) ldb      [0]
    (001) and      #0xfffffff0                     ; ip version
    (002) jeq      #0x40            jt 7	jf 3   ; ip version == 4
    (003) jeq      #0x60            jt 4	jf 10  ; ip version == 6
    (004) ldb      [6]                             ; ip6 next header
    (005) jeq      #0x2c            jt 6	jf 8   ; ip6 next header == ipv6-frag
    (006) ldx      #0x1f
    (007) ldb      [x + 9]                         ; ip proto or ip6 fragment's next header
    (008) jeq      #0x11            jt 9	jf 10
    (009) ret      #262144                         ; match
    (010) ret      #0                              ; no match

Calls and their arguments

    $ printf '%s\n' 'default errno ENOSYS' 'abi x86_64' 'allow openat if flags & O_ACCMODE == O_RDONLY' 'allow openat if dfd == AT_FDCWD' 'allow mmap if prot & (PROT_WRITE|PROT_EXEC) != (PROT_WRITE|PROT_EXEC)' 'allow ioctl if cmd == TIOCGWINSZ' 'kill ptrace' 'allow lseek if offset > 0x100000000' >p; weir policy -q -O0 -f c ./p >p.c; weir show p.c
    (000) ld       [4]                             ; arch
    (001) jeq      #0xc000003e      jt 2	jf 31  ; arch == x86_64
    (002) ld       [0]                             ; call
    (003) jeq      #0x8             jt 4	jf 11  ; call == lseek
    (004) ld       [24]                            ; lseek offset, low half
    (005) jeq      #0x0             jt 6	jf 8   ; lseek offset, low half == 0
    (006) ld       [28]                            ; lseek offset, high half
    (007) jge      #0x2             jt 10	jf 30  ; lseek offset, high half >= 2
    (008) ld       [28]                            ; lseek offset, high half
    (009) jeq      #0x0             jt 30	jf 10  ; lseek offset, high half == 0
    (010) jgt      #0x7fffffff      jt 30	jf 24  ; lseek offset, high half > 0x7fffffff
    (011) jeq      #0x9             jt 12	jf 15  ; call == mmap
    (012) ld       [32]                            ; mmap prot
    (013) and      #0x6                            ; mmap prot & (PROT_WRITE|PROT_EXEC)
    (014) jeq      #0x6             jt 30	jf 24  ; mmap prot & (PROT_WRITE|PROT_EXEC) == (PROT_WRITE|PROT_EXEC)
    (015) jeq      #0x10            jt 16	jf 18  ; call == ioctl
    (016) ld       [24]                            ; ioctl cmd
    (017) jeq      #0x5413          jt 24	jf 30  ; ioctl cmd == TIOCGWINSZ
    (018) jeq      #0x101           jt 19	jf 25  ; call == openat
    (019) ld       [32]                            ; openat flags
    (020) and      #0x3                            ; openat flags & O_ACCMODE
    (021) jeq      #0x0             jt 24	jf 22  ; openat flags & O_ACCMODE == O_RDONLY
    (022) ld       [16]                            ; openat dfd
    (023) jeq      #0xffffff9c      jt 24	jf 30  ; openat dfd == AT_FDCWD
    (024) ret      #0x7fff0000                     ; allow
    (025) jge      #0x200           jt 26	jf 29  ; call >= 512
    (026) jgt      #0x223           jt 27	jf 31  ; call > 547
    (027) jset     #0x40000000      jt 28	jf 30  ; a call of x32
    (028) jeq      #0xffffffff      jt 30	jf 31  ; call == 0xffffffff
    (029) jeq      #0x65            jt 31	jf 30  ; call == ptrace
    (030) ret      #0x50026                        ; errno ENOSYS
    (031) ret      #0x80000000                     ; kill

A program that asks for no architecture has calls of this machine's ABI

    $ printf '%s\n' 'ld [0]' 'jeq #59, no' 'ret #0x7fff0000' 'no: ret #0x50026' >n.asm; weir show n.asm
    (000) ld       [0]                            ; call
    (001) jeq      #0x3b            jt 3	jf 2  ; call == execve, if x86_64
    (002) ret      #0x7fff0000                    ; allow
    (003) ret      #0x50026                       ; errno ENOSYS

What cannot be followed is listed without names

    $ printf '%s\n' 'l: ldh [12]' 'ja l' 'ret #1' >loop; weir show -q --kind packet loop
    (000) ldh      [12]
    (001) ja       0
    (002) ret      #1    ; match

On a terminal jumps are drawn, and notes are broken to the width

    $ COLUMNS=96 weir policy -q --color=always ./p | sed 's/\x1b\[[0-9;]*m//g'
                  (000) ld       [4]                           arch
    +------------ (001) jeq      #0xc000003e    jt 2    jf 30  arch == x86_64
    |             (002) ld       [0]                           call
    |     +------ (003) jeq      #0x8           jt 4    jf 11  call == lseek: "lseek"
    |     |       (004) ld       [24]                          lseek offset, low half
    |     |   +-- (005) jeq      #0x0           jt 6    jf 8   lseek offset, low half == 0: "offset
    |     |   |                                                > 0x100000000"
    |     |   |   (006) ld       [28]                          lseek offset, high half
    | +---|-+-|-- (007) jge      #0x2           jt 10   jf 29  lseek offset, high half >= 2
    | |   | | +-> (008) ld       [28]                          lseek offset, high half
    | +---|-|---- (009) jeq      #0x0           jt 29   jf 10  lseek offset, high half == 0
    | +-+-|-+---> (010) jgt      #0x7fffffff    jt 29   jf 23  lseek offset, high half > 0x7fffffff
    | | | +-+---> (011) jeq      #0x9           jt 12   jf 15  call == mmap: "mmap"
    | | |   |     (012) ld       [32]                          mmap prot
    | | |   |     (013) and      #0x6                          mmap prot & (PROT_WRITE|PROT_EXEC)
    | +-+---|---- (014) jeq      #0x6           jt 29   jf 23  mmap prot & (PROT_WRITE|PROT_EXEC)
    | | |   |                                                  == (PROT_WRITE|PROT_EXEC): "prot &
    | | |   |                                                  (PROT_WRITE|PROT_EXEC) !=
    | | |   |                                                  (PROT_WRITE|PROT_EXEC)"
    | | |   +-+-> (015) jeq      #0x10          jt 16   jf 18  call == ioctl: "ioctl"
    | | |     |   (016) ld       [24]                          ioctl cmd
    | +-+-----|-- (017) jeq      #0x5413        jt 23   jf 29  ioctl cmd == TIOCGWINSZ: "cmd ==
    | | |     |                                                TIOCGWINSZ"
    | | |   +-+-> (018) jeq      #0x101         jt 19   jf 24  call == openat: "openat"
    | | |   |     (019) ld       [32]                          openat flags
    | | +---|---- (020) jset     #0x3           jt 21   jf 23  openat flags & O_ACCMODE != 0:
    | | |   |                                                  "flags & O_ACCMODE == O_RDONLY"
    | | |   |     (021) ld       [16]                          openat dfd
    | +-|---|---- (022) jeq      #0xffffff9c    jt 23   jf 29  openat dfd == AT_FDCWD: "dfd ==
    | | |   |                                                  AT_FDCWD"
    | | +---|---> (023) ret      #0x7fff0000                   allow
    | |     +-+-> (024) jge      #0x200         jt 25   jf 28  call >= 512
    +-|-------|-- (025) jgt      #0x223         jt 26   jf 30  call > 547
    | +-------|-- (026) jset     #0x40000000    jt 27   jf 29  a call of x32
    +-+-------|-- (027) jeq      #0xffffffff    jt 29   jf 30  call == 0xffffffff
    +-|-------+-> (028) jeq      #0x65          jt 30   jf 29  call == ptrace: "ptrace"
    | +---------> (029) ret      #0x50026                      errno ENOSYS
    +-----------> (030) ret      #0x80000000                   kill
    $ COLUMNS=60 LC_ALL=C.UTF-8 weir packet --color=always 'icmp or arp' | sed 's/\x1b/E/g'
            E[2m(000) E[0mE[36mldhE[0m      [12]                         ethertype
      E[36m╭E[0mE[36m─E[0mE[36m─E[0mE[36m─E[0mE[36m─E[0m E[2m(001) E[0mE[33mjeqE[0m      #0x800         jt 2    jf 4  ethertype == ip: E[2;3m"icmp"E[0m
      E[36m│E[0m     E[2m(002) E[0mE[36mldbE[0m      [23]                         ip proto
    E[1;31m╭E[0mE[1;31m─E[0mE[36m│E[0mE[1;31m─E[0mE[1;32m┬E[0mE[1;32m─E[0mE[1;32m─E[0m E[2m(003) E[0mE[33mjeqE[0m      #0x1           jt 5    jf 6  ip proto == icmp
    E[1;31m├E[0mE[1;31m─E[0mE[36m┴E[0mE[36m─E[0mE[1;32m│E[0mE[36m─E[0mE[36m▶E[0m E[2m(004) E[0mE[33mjeqE[0m      #0x806         jt 5    jf 6  ethertype == arp: E[2;3m"icmp", "arp"E[0m
    E[1;31m│E[0m   E[1;32m╰E[0mE[1;32m─E[0mE[1;32m▶E[0m E[2m(005) E[0mE[1;32mretE[0mE[1;32m      #262144E[0m                      E[1;32mmatchE[0m
    E[1;31m╰E[0mE[1;31m─E[0mE[1;31m─E[0mE[1;31m─E[0mE[1;31m─E[0mE[1;31m─E[0mE[1;31m▶E[0m E[2m(006) E[0mE[1;31mretE[0mE[1;31m      #0E[0m                           E[1;31mno matchE[0m
