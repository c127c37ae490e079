What the packet compiler says when an expression is wrong: which word, why, and
what would work.

Misspelt words

    $ pkt 'tpc port 80'
    expression:1:1: error: unknown keyword 'tpc'; did you mean 'tcp'?
      tpc port 80
      ^~~
    [2]
    $ pkt 'tcp prot 80'
    expression:1:5: error: expected 'and' or 'or' before 'prot'; did you mean 'port'?
      tcp prot 80
          ^~~~
    [2]
    $ pkt 'TCP'
    expression:1:1: error: unknown keyword 'TCP'; did you mean 'tcp'?
      TCP
      ^~~
    [2]
    $ pkt 'hots 10.0.0.1 and tcp'
    expression:1:1: error: unknown keyword 'hots'; did you mean 'host'?
      hots 10.0.0.1 and tcp
      ^~~~
    [2]

Ids that nothing qualifies

    $ pkt '10.0.0.1'
    expression:1:1: error: '10.0.0.1' needs a qualifier, such as 'host 10.0.0.1'
      10.0.0.1
      ^~~~~~~~
    [2]
    $ pkt '2001:db8::1'
    expression:1:1: error: '2001:db8::1' needs a qualifier, such as 'host 2001:db8::1'
      2001:db8::1
      ^~~~~~~~~~~
    [2]
    $ pkt '02:00:00:00:00:01'
    expression:1:1: error: '02:00:00:00:00:01' needs a qualifier: 'ether host 02:00:00:00:00:01'
      02:00:00:00:00:01
      ^~~~~~~~~~~~~~~~~
    [2]
    $ pkt 'www'
    expression:1:1: error: 'www' needs a qualifier, such as 'host www' or 'port www'
      www
      ^~~
    [2]
    $ pkt 'tcp or 443'
    expression:1:8: error: '443' needs a qualifier, such as 'port 443', or a comparison
      tcp or 443
             ^~~
    [2]
    $ pkt '(port 80) or 443'
    expression:1:14: error: '443' needs a qualifier, such as 'port 443', or a comparison
      (port 80) or 443
                   ^~~
    [2]
    $ pkt 'port ((80 or 443))'
    expression:1:7: error: doubled parentheses around ids; remove one pair
      port ((80 or 443))
            ^~~~~~~~~~~
    [2]

Keywords as names

    $ pkt 'ip proto tcp'
    expression:1:10: error: expected an address, a number or a name, found the keyword 'tcp'; a backslash makes it a name: '\tcp'
      ip proto tcp
               ^~~
    [2]
    $ pkt 'ether proto ip'
    expression:1:13: error: expected an address, a number or a name, found the keyword 'ip'; a backslash makes it a name: '\ip'
      ether proto ip
                  ^~
    [2]

Numbers

    $ pkt 'port 08'
    expression:1:6: error: '08' begins with 0, so it is octal and cannot have the digits 8 and 9; remove the 0 for decimal
      port 08
           ^~
    [2]
    $ pkt 'port 4294967296'
    expression:1:6: error: decimal number '4294967296' does not fit in 32 bits; the largest is 0xffffffff
      port 4294967296
           ^~~~~~~~~~
    [2]
    $ pkt 'port 70000'
    expression:1:6: error: port 70000 is too large; the largest is 65535
      port 70000
           ^~~~~
    [2]
    $ pkt 'net 10/8'
    expression:1:7: error: a prefix length must follow a dotted address, as in 'net 10.0/8'
      net 10/8
            ^
    [2]
    $ pkt 'net 10.1.2.3/8'
    expression:1:5: error: non-zero host bits; the network is 10.0.0.0
      net 10.1.2.3/8
          ^~~~~~~~~~
    [2]
    $ pkt 'net 10.0.0.0/33'
    expression:1:5: error: prefix length 33 is too large; the largest is 32
      net 10.0.0.0/33
          ^~~~~~~~~~~
    [2]
    $ pkt 'net 2001:db8::1/32'
    expression:1:5: error: non-zero host bits after a prefix of 32 bits
      net 2001:db8::1/32
          ^~~~~~~~~~~~~~
    [2]
    $ pkt 'host 10.0.0.256'
    expression:1:6: error: '10.0.0.256' is not an IPv4 address: its parts are decimal numbers up to 255
      host 10.0.0.256
           ^~~~~~~~~~
    [2]
    $ pkt 'host 1:2:3:'
    expression:1:6: error: '1:2:3:' is neither a MAC nor an IPv6 address
      host 1:2:3:
           ^~~~~~
    [2]
    $ pkt 'host 1::2::3'
    expression:1:6: error: '1::2::3' is neither a MAC nor an IPv6 address
      host 1::2::3
           ^~~~~~~
    [2]
    $ pkt 'len-4 > 20'
    expression:1:1: error: 'len-4' is read as one name; put spaces around the '-' to subtract
      len-4 > 20
      ^~~~~
    [2]
    $ pkt 'byte 0 = 256'
    expression:1:10: error: byte value 256 is too large; the largest is 255
      byte 0 = 256
               ^~~
    [2]
    $ pkt 'ip[0:3] = 1'
    expression:1:6: error: cannot read 3 bytes at once, only 1, 2 or 4
      ip[0:3] = 1
           ^
    [2]
    $ pkt 'ip proto 256'
    expression:1:10: error: IP protocol 256 is too large; the largest is 255
      ip proto 256
               ^~~
    [2]

Arithmetic

    $ pkt 'len'
    expression:1:1: error: 'len' is a number, not a condition; compare it, as in 'len = 1'
      len
      ^~~
    [2]
    $ pkt 'len + 1'
    expression:1:1: error: 'len + 1' is a number, not a condition; compare it, as in 'len + 1 = 1'
      len + 1
      ^~~~~~~
    [2]
    $ pkt 'tcp = 80'
    expression:1:5: error: 'tcp' is not a value; compare one of its fields, such as 'tcp[0]'
      tcp = 80
          ^
    [2]
    $ pkt '1 < len < 5'
    expression:1:9: error: comparisons do not chain; join two with 'and'
      1 < len < 5
              ^
    [2]
    $ pkt 'len / 0 = 1'
    expression:1:7: error: division by zero
      len / 0 = 1
            ^
    [2]
    $ pkt 'len << 32 = 1'
    expression:1:8: error: shift by 32 bits: a number has 32 bits, so the most is 31
      len << 32 = 1
             ^~
    [2]
    $ pkt '1 / ip[0] = 1'
    expression:1:5: error: division by zero (as in tcpdump its first number counts; begin it with another one)
      1 / ip[0] = 1
          ^~~~~
    [2]
    $ pkt 'ah[0] = 1'
    expression:1:1: error: 'ah' cannot be read with '[...]'
      ah[0] = 1
      ^~~~~
    [2]
    $ pkt 'ip[0 = 1'
    expression:1:6: error: expected ']', found '='
      ip[0 = 1
           ^
    [2]
    $ pkt 'ip[0] = tcp'
    expression:1:9: error: 'tcp' is not a value; use one of its fields, such as 'tcp[0]'
      ip[0] = tcp
              ^~~
    [2]

Ends and parentheses

    $ pkt 'tcp and'
    expression:1:8: error: the expression ends here, but a condition must follow
      tcp and
             ^
    [2]
    $ pkt '(tcp or udp'
    expression:1:1: error: unmatched '('
      (tcp or udp
      ^
    [2]
    $ pkt 'tcp)'
    expression:1:4: error: unmatched ')'
      tcp)
         ^
    [2]
    $ pkt 'tcp udp'
    expression:1:5: error: expected 'and' or 'or' before 'udp'
      tcp udp
          ^~~
    [2]
    $ pkt 'src or port 80'
    expression:1:8: error: expected 'dst' after 'src or', found 'port'
      src or port 80
             ^~~~
    [2]
    $ pkt '(src or dst) port 80'
    expression:1:12: error: expected an address, a number or a name, found ')'
      (src or dst) port 80
                 ^
    [2]
    $ pkt 'tcp # only'
    expression:1:5: error: '#' does not begin a comment here; expressions have none
      tcp # only
          ^
    [2]

Qualifiers that do not fit

    $ pkt 'icmp port 80'
    expression:1:1: error: 'icmp' cannot qualify ports; 'tcp', 'udp' and 'sctp' can
      icmp port 80
      ^~~~~~~~~~~~
    [2]
    $ pkt 'arp host ::1'
    expression:1:1: error: 'arp' cannot qualify an IPv6 address; only 'ip6' can
      arp host ::1
      ^~~~~~~~~~~~
    [2]
    $ pkt 'tcp host 10.0.0.1'
    expression:1:1: error: 'tcp' cannot qualify an IPv4 address; 'ip', 'arp' and 'rarp' can
      tcp host 10.0.0.1
      ^~~~~~~~~~~~~~~~~
    [2]
    $ pkt 'ether host 10.0.0.1'
    expression:1:12: error: this is an IP address, but a link layer has MAC addresses; remove 'ether' (link, wlan, ...), or write a MAC address
      ether host 10.0.0.1
                 ^~~~~~~~
    [2]
    $ pkt 'host 02:00:00:00:00:01'
    expression:1:6: error: a MAC address must follow 'ether host'
      host 02:00:00:00:00:01
           ^~~~~~~~~~~~~~~~~
    [2]
    $ pkt 'port 10.0.0.1'
    expression:1:6: error: this is an IPv4 address, but 'port' needs a port number or the name of a service
      port 10.0.0.1
           ^~~~~~~~
    [2]
    $ pkt 'host 10.0.0.0/8'
    expression:1:6: error: this is an IPv4 network, but 'host' needs an address or a host name; for a network write 'net'
      host 10.0.0.0/8
           ^~~~~~~~~~
    [2]
    $ pkt 'gateway 10.0.0.1'
    expression:1:9: error: this is an IPv4 address, but 'gateway' needs the name of a host
      gateway 10.0.0.1
              ^~~~~~~~
    [2]
    $ pkt 'addr2 host 10.0.0.1'
    expression:1:1: error: 'addr2' is a direction of 802.11 addresses; for this address write 'src' or 'dst'
      addr2 host 10.0.0.1
      ^~~~~~~~~~~~~~~~~~~
    [2]
    $ pkt 'udp proto 1'
    expression:1:11: error: 'proto' cannot follow 'udp', only 'ip', 'ip6', 'ether', 'iso' and 'isis'
      udp proto 1
                ^
    [2]
    $ pkt 'tcp broadcast'
    expression:1:1: error: 'broadcast' cannot follow 'tcp', only 'ether' and 'ip'
      tcp broadcast
      ^~~~~~~~~~~~~
    [2]
    $ pkt 'tcp protochain 6'
    expression:1:1: error: 'protochain' cannot follow 'tcp', only 'ip' and 'ip6'
      tcp protochain 6
      ^~~~~~~~~~~~~~~~
    [2]

Link layers and context

    $ pkt 'inbound'
    expression:1:1: error: packets of EN10MB (Ethernet) do not contain 'inbound'; only a live capture tells it
      inbound
      ^~~~~~~
    [2]
    $ pkt 'ip broadcast'
    expression:1:1: error: 'ip broadcast' depends on the network's mask, which is unknown; set it with --netmask
      ip broadcast
      ^~~~~~~~~~~~
    [2]
    $ pkt -t RAW 'ether host 02:00:00:00:00:01'
    expression:1:1: error: packets of RAW (Raw IPv4/IPv6) have no MAC addresses
      ether host 02:00:00:00:00:01
      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~
    [2]
    $ pkt -t RAW 'vlan 5'
    expression:1:1: error: packets of RAW (Raw IPv4/IPv6) have no VLAN tags
      vlan 5
      ^~~~~~
    [2]
    $ pkt -t USB_LINUX 'tcp'
    expression:1:1: error: weir does not know how USB_LINUX (USB with Linux header) identifies its payload; only 'link[...]', 'len', 'less', 'greater' and 'byte' work on it
      tcp
      ^~~
    [2]
    $ pkt 'type mgt'
    expression:1:1: error: packets of EN10MB (Ethernet) have no 802.11 types
      type mgt
      ^~~~~~~~
    [2]
    $ pkt 'on eth0'
    expression:1:1: error: packets of EN10MB (Ethernet) have no PF log headers
      on eth0
      ^~~~~~~
    [2]
    $ pkt 'vpi 1'
    expression:1:1: error: packets of EN10MB (Ethernet) have no ATM circuits
      vpi 1
      ^~~~~
    [2]
    $ pkt 'fisu'
    expression:1:1: error: packets of EN10MB (Ethernet) have no SS7 message units
      fisu
      ^~~~
    [2]
    $ pkt -t 9999 'tcp'
    weir: error: unknown link type 9999
    [2]
    $ pkt 'mpls and vlan'
    expression:1:10: error: 'vlan' must not follow 'mpls'; write it before
      mpls and vlan
               ^~~~
    [2]
    $ pkt 'mpls and arp'
    expression:1:10: error: after 'mpls' only 'ip' and 'ip6' can be told apart
      mpls and arp
               ^~~
    [2]

Link layers that know the primitive, but not the word

    $ pkt -t IEEE802_11 'type mgmt'
    expression:1:6: error: unknown 802.11 type 'mgmt'; did you mean 'mgt'?
      type mgmt
           ^~~~
    [2]
    $ pkt -t IEEE802_11 'subtype becon'
    expression:1:9: error: unknown 802.11 subtype 'becon'; did you mean 'beacon'?
      subtype becon
              ^~~~~
    [2]
    $ pkt -t IEEE802_11 'dir upstream'
    expression:1:5: error: unknown 802.11 direction 'upstream'
      dir upstream
          ^~~~~~~~
    [2]
    $ pkt 'llc foo'
    expression:1:5: error: unknown LLC frame type 'foo'
      llc foo
          ^~~
    [2]
    $ pkt -t PFLOG 'reason congested'
    expression:1:8: error: unknown PF reason 'congested'; did you mean 'congestion'?
      reason congested
             ^~~~~~~~~
    [2]
    $ pkt -t PFLOG 'action dorp'
    expression:1:8: error: unknown PF action 'dorp'; did you mean 'drop'?
      action dorp
             ^~~~
    [2]

Names

    $ pkt 'host nowhere.example'
    expression:1:6: error: unknown host 'nowhere.example'
      host nowhere.example
           ^~~~~~~~~~~~~~~
    [2]
    $ pkt 'port nosuch'
    expression:1:6: error: unknown port 'nosuch'
      port nosuch
           ^~~~~~
    [2]
    $ pkt 'udp port http'
    expression:1:10: error: 'http' is a service of tcp, not of udp
      udp port http
               ^~~~
    [2]
    $ pkt 'ip6 host broken'
    expression:1:10: error: cannot look up 'broken': Input/output error
      ip6 host broken
               ^~~~~~
    [2]
    $ pkt 'ip proto nosuch'
    expression:1:10: error: unknown protocol 'nosuch' after 'ip proto'
      ip proto nosuch
               ^~~~~~
    [2]
    $ pkt 'ip proto \tpc'
    expression:1:10: error: unknown protocol 'tpc' after 'ip proto'; did you mean 'tcp'?
      ip proto \tpc
               ^~~~
    [2]
    $ pkt 'protochain nosuch'
    expression:1:12: error: unknown protocol 'nosuch' after 'protochain'
      protochain nosuch
                 ^~~~~~
    [2]
    $ pkt 'ether proto \ipv6'
    expression:1:13: error: unknown protocol 'ipv6' after 'ether proto'; did you mean 'ip6'?
      ether proto \ipv6
                  ^~~~~
    [2]
    $ pkt 'ether proto nosuch'
    expression:1:13: error: unknown protocol 'nosuch' after 'ether proto'
      ether proto nosuch
                  ^~~~~~
    [2]

Sets

    $ pkt 'port {}'
    expression:1:6: error: an empty set would match nothing
      port {}
           ^~
    [2]
    $ pkt 'port {80, 443'
    expression:1:6: error: unmatched '{'
      port {80, 443
           ^
    [2]
    $ pkt 'port {80 443}'
    expression:1:10: error: expected ',' or '}', found '443'
      port {80 443}
               ^~~
    [2]
    $ pkt 'port {443-80}'
    expression:1:7: error: the range '443-80' ends before it begins
      port {443-80}
            ^~~~~~
    [2]
    $ pkt 'port {ftp-data}'
    expression:1:7: error: unknown port 'ftp-data'
      port {ftp-data}
            ^~~~~~~~
    [2]
    $ pkt 'host {10.0.0.1, 80-90}'
    expression:1:17: error: this is a range, but 'host' needs an address or a host name; for a network write 'net'
      host {10.0.0.1, 80-90}
                      ^~~~~
    [2]
    $ pkt 'vlan {1, 5000}'
    expression:1:10: error: VLAN 5000 is too large; the largest is 4095
      vlan {1, 5000}
               ^~~~
    [2]
    $ pkt 'tcp {80}'
    expression:1:5: error: a set must follow 'host', 'net', 'port', 'proto' or 'vlan'
      tcp {80}
          ^
    [2]
    $ pkt 'port 80,443'
    expression:1:8: error: a ',' must appear between the braces of a set, as in 'port {80, 443}'; quote the set, or a shell takes it apart
      port 80,443
             ^
    [2]
    $ pkt 'port 80 443'
    expression:1:9: error: expected 'and' or 'or' before '443'; a set such as {80,443} must be quoted, or the shell takes it apart
      port 80 443
              ^~~
    [2]
    $ pkt 'host in "missing"'
    expression:1:9: error: cannot read 'missing'
      host in "missing"
              ^~~~~~~~~
    [2]
    $ printf '10.0.0.1\n10.0.0.300 # too much\n' > list
    $ pkt 'host in "list"'
    list:2:1: error: '10.0.0.300' is not an IPv4 address: its parts are decimal numbers up to 255
      10.0.0.300 # too much
      ^~~~~~~~~~
    [2]
    $ printf '10.0.0.1 10.0.0.2\n' > list
    $ pkt 'host in "list"'
    list:1:10: error: expected the end of the line after one item, found '10.0.0.2'
      10.0.0.1 10.0.0.2
               ^~~~~~~~
    [2]
    $ printf '# nothing\n\n' > list
    $ pkt 'host in "list"'
    expression:1:9: error: 'list' has no items and would match nothing
      host in "list"
              ^~~~~~
    [2]

Warnings: the expression is taken, but may not mean what it looks like

    $ pkt 'tcp or udp and port 53' | grep -v '^[in]'
    expression:1:12: warning: 'and' and 'or' bind alike, left to right: this groups 'tcp or udp' first; write parentheses to make that plain
      tcp or udp and port 53
                 ^~~
    $ pkt 'len % 8 + 1 = 0' | grep -v '^[in]'
    expression:1:5: warning: '%' takes all of '8 + 1' as its right side; write parentheses
      len % 8 + 1 = 0
          ^
    $ pkt 'len ^ 1 & 1 = 0' | grep -v '^[in]'
    expression:1:5: warning: '^' takes all of '1 & 1' as its right side; write parentheses
      len ^ 1 & 1 = 0
          ^

What people type who know another tool

    $ pkt 'tcp & port 80'
    expression:1:5: error: '&' is arithmetic; join conditions with 'and' or '&&'
      tcp & port 80
          ^
    [2]
    $ pkt 'tcp|udp'
    expression:1:4: error: '|' is arithmetic; join conditions with 'or' or '||'
      tcp|udp
         ^
    [2]
    $ pkt 'ip.addr == 10.0.0.1'
    expression:1:1: error: 'ip.addr' is a field of Wireshark's display filters, another language; write conditions such as 'host 10.0.0.1', 'tcp port 80', 'ip[8] < 5'
      ip.addr == 10.0.0.1
      ^~~~~~~
    [2]
    $ pkt 'tcp.port>80'
    expression:1:1: error: 'tcp.port' is a field of Wireshark's display filters, another language; write conditions such as 'host 10.0.0.1', 'tcp port 80', 'ip[8] < 5'
      tcp.port>80
      ^~~~~~~~
    [2]
    $ pkt 'www.example.org = 1'
    expression:1:1: error: 'www.example.org' needs a qualifier, such as 'host www.example.org' or 'port www.example.org'
      www.example.org = 1
      ^~~~~~~~~~~~~~~
    [2]
    $ pkt 'port 80-90'
    expression:1:6: error: '80-90' is not a port; for a range of ports write 'portrange 80-90'
      port 80-90
           ^~~~~
    [2]
    $ pkt 'tcp[tcpflags] & tcp-sync != 0'
    expression:1:17: error: expected a number or a field such as 'ip[0]', found 'tcp-sync'; did you mean 'tcp-syn'?
      tcp[tcpflags] & tcp-sync != 0
                      ^~~~~~~~
    [2]
    $ pkt 'icmp[icmptype] = icmp-ech'
    expression:1:18: error: expected a number or a field such as 'ip[0]', found 'icmp-ech'; did you mean 'icmp-echo'?
      icmp[icmptype] = icmp-ech
                       ^~~~~~~~
    [2]
    $ pkt 'ether host 1:2:3:4:5'
    expression:1:12: error: '1:2:3:4:5' is neither a MAC nor an IPv6 address
      ether host 1:2:3:4:5
                 ^~~~~~~~~
    [2]

Sets that change

    $ pkt 'host in @bad'
    expression:1:9: error: only a filter that weir attach puts on XDP, tc or a cgroup has sets that change; elsewhere give the items of '@bad' by --set bad=FILE
      host in @bad
              ^~~~
    [2]
    $ pkt 'host in @'
    expression:1:9: error: unexpected '@'
      host in @
              ^
    [2]
    $ pkt 'host @bad'
    expression:1:6: error: expected an address, a number or a name, found '@bad'
      host @bad
           ^~~~
    [2]
    $ pkt 'host in @much_too_long'
    expression:1:9: error: the name of a set has at most 10 characters
      host in @much_too_long
              ^~~~~~~~~~~~~~
    [2]
    $ weir packet -f ebpf-tc 'src and dst host in @bad'
    expression:1:21: error: 'src and dst' would ask whether both are the same member; write 'src host in @bad and dst host in @bad'
      src and dst host in @bad
                          ^~~~
    [2]
    $ weir packet -f ebpf-tc 'portrange in @bad'
    expression:1:14: error: a set that changes holds hosts, networks, ports, MAC addresses or VLANs; 'portrange' cannot qualify one
      portrange in @bad
                   ^~~~
    [2]
    $ weir packet -f ebpf-tc 'proto in @bad'
    expression:1:10: error: a set that changes holds hosts, networks, ports, MAC addresses or VLANs; 'proto' cannot qualify one
      proto in @bad
               ^~~~
    [2]
    $ weir packet -f ebpf-tc 'host in @bad and port in @bad'
    expression:1:26: error: '@bad' is a set of ports here, but of addresses before
      host in @bad and port in @bad
                               ^~~~
    [2]
    $ weir packet -f ebpf-tc 'tcp host in @bad'
    expression:1:1: error: 'tcp' cannot qualify a set of addresses; 'ip', 'ip6', 'arp', 'rarp' and 'ether' can
      tcp host in @bad
      ^~~~~~~~~~~~~~~~
    [2]
    $ weir packet -f ebpf-tc 'ether net in @bad'
    expression:1:1: error: 'ether' cannot qualify a set of networks; 'ip', 'ip6', 'arp' and 'rarp' can
      ether net in @bad
      ^~~~~~~~~~~~~~~~~
    [2]
    $ weir packet -f ebpf-tc -t RAW 'ether host in @bad'
    expression:1:1: error: packets of RAW (Raw IPv4/IPv6) have no MAC addresses that a set can hold
      ether host in @bad
      ^~~~~~~~~~~~~~~~~~
    [2]
    $ weir packet -f ebpf-tc 'ip port in @bad'
    expression:1:1: error: 'ip' cannot qualify ports; 'tcp', 'udp' and 'sctp' can
      ip port in @bad
      ^~~~~~~~~~~~~~~
    [2]
    $ weir packet -f ebpf-tc "host in @a or host in @b or host in @c or host in @d or host in @e or host in @f or host in @g or host in @h or host in @i"
    expression:1:121: error: an expression has at most 16 open sets; 'host' and 'net' without 'ip' or 'ip6' need two
      host in @a or host in @b or host in @c or host in @d or host in @e or host in @f or host in @g or host in @h or host in @i
                                                                                                                              ^~
    [2]
    $ weir packet -f ebpf-tc -dd 'ip host in @bad'
    weir: 'c' cannot express what only a kernel can fill in
    [2]
    $ weir packet --set bad 'host in @bad'
    weir: --set takes NAME=FILE, not 'bad'
    [2]
    $ weir packet --set bad=- 'host in @bad'
    weir: --set bad=- reads a file, not standard input
    [2]
    $ weir packet --set bad=none.txt 'host in @bad'
    expression:1:9: error: cannot read 'none.txt'
      host in @bad
              ^~~~
    [2]
    $ weir packet --capacity 99999999 -f ebpf-tc 'host in @bad'
    weir: --capacity takes at most 16777216 items
    [2]
    $ printf '10.0.0.1\n10.0.0.2 # of a list\n' >bad.txt
    $ weir packet --set bad=bad.txt 'src host in @bad' -f asm
    	ldh [12]                  ; ethertype
    	jneq #0x800, L5           ; ethertype == ip: "src host in @bad"
    	ld [26]                   ; ip src
    	jlt #0xa000001, L11       ; ip src >= 10.0.0.1: "src host in @bad"
    	jgt #0xa000002, L11, L10  ; ip src > 10.0.0.2: "src host in @bad", "10.0.0.1"
    L5:	jeq #0x806, L7            ; ethertype == arp: "src host in @bad"
    	jneq #0x8035, L11         ; ethertype == rarp: "src host in @bad"
    L7:	ld [28]                   ; arp sender ip
    	jlt #0xa000001, L11       ; arp sender ip >= 10.0.0.1: "src host in @bad"
    	jgt #0xa000002, L11       ; arp sender ip > 10.0.0.2: "src host in @bad", "10.0.0.1"
    L10:	ret #262144               ; match
    L11:	ret #0                    ; no match
    $ weir packet 'src host in "bad.txt"' -f asm
    	ldh [12]                  ; ethertype
    	jneq #0x800, L5           ; ethertype == ip: "src host in "bad.txt""
    	ld [26]                   ; ip src
    	jlt #0xa000001, L11       ; ip src >= 10.0.0.1: "src host in "bad.txt""
    	jgt #0xa000002, L11, L10  ; ip src > 10.0.0.2: "src host in "bad.txt"", "10.0.0.1"
    L5:	jeq #0x806, L7            ; ethertype == arp: "src host in "bad.txt""
    	jneq #0x8035, L11         ; ethertype == rarp: "src host in "bad.txt""
    L7:	ld [28]                   ; arp sender ip
    	jlt #0xa000001, L11       ; arp sender ip >= 10.0.0.1: "src host in "bad.txt""
    	jgt #0xa000002, L11       ; arp sender ip > 10.0.0.2: "src host in "bad.txt"", "10.0.0.1"
    L10:	ret #262144               ; match
    L11:	ret #0                    ; no match
