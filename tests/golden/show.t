What weir show says of programs.

A packet program: the expression that it may have been compiled from

    $ weir packet -f decimal 'tcp port 80 and not host 10.0.0.1' >p.txt; weir show --explain p.txt
    weir: note: fields are those of packets of link type EN10MB; -t says another
    tcp port 80 and not host 10.0.0.1

    tcp src or dst port 80                  # over ip and ip6
    and not src or dst host 10.0.0.1        # ip, arp, rarp
    $ weir show -q --explain -t RAW p.txt | tail -n 1
    (028) ret      #0                              ; no match

Of an expression only how it is understood

    $ weir show --explain --expr 'tcp port 80'
    tcp src or dst port 80                  # over ip and ip6

Where there is none, what it asks

    $ printf '%s\n' 'ldb [0]' 'mul #3' 'div #7' 'jeq #5, y, n' 'y: ret #1' 'n: ret #0' >odd; weir show -q --kind packet --explain odd; weir show -t EN10MB --kind packet --explain odd
    (000) ldb      [0]                            ; ether dst[0]
    (001) mul      #3
    (002) div      #7
    (003) jeq      #0x5             jt 4	jf 5
    (004) ret      #1                             ; match
    (005) ret      #0                             ; no match
    weir: note: no expression is known to match the same packets; here is what the program asks
    (000) ldb      [0]                            ; ether dst[0]
    (001) mul      #3
    (002) div      #7
    (003) jeq      #0x5             jt 4	jf 5
    (004) ret      #1                             ; match
    (005) ret      #0                             ; no match
