What the packet compiler says when an expression is wrong: which word, why, and
what would work.

Misspelt words

    $ pkt 'tpc port 80'
    expression:1:1: error: 'tpc' is no word of the language; did you mean 'tcp'?
      tpc port 80
      ^~~
    [2]
    $ pkt 'tcp prot 80'
    expression:1:5: error: expected 'and' or 'or' before 'prot'; did you mean 'port'?
      tcp prot 80
          ^~~~
    [2]
    $ pkt 'TCP'
    expression:1:1: error: 'TCP' is no word of the language; did you mean 'tcp'?
      TCP
      ^~~
    [2]
    $ pkt 'hots 10.0.0.1 and tcp'
    expression:1:1: error: 'hots' is no word of the language; did you mean 'host'?
      hots 10.0.0.1 and tcp
      ^~~~
    [2]

Ids that nothing qualifies

    $ pkt '10.0.0.1'
    expression:1:1: error: the address '10.0.0.1' stands alone; say what it is, as in 'host 10.0.0.1'
      10.0.0.1
      ^~~~~~~~
    [2]
    $ pkt '2001:db8::1'
    expression:1:1: error: the address '2001:db8::1' stands alone; say what it is, as in 'host 2001:db8::1'
      2001:db8::1
      ^~~~~~~~~~~
    [2]
    $ pkt '02:00:00:00:00:01'
    expression:1:1: error: the address '02:00:00:00:00:01' stands alone; write 'ether host 02:00:00:00:00:01'
      02:00:00:00:00:01
      ^~~~~~~~~~~~~~~~~
    [2]
    $ pkt 'www'
    expression:1:1: error: 'www' stands alone; say what it is, as in 'host www' or 'port www'
      www
      ^~~
    [2]
    $ pkt 'tcp or 443'
    expression:1:8: error: the number '443' stands alone; write 'port 443', or compare it
      tcp or 443
             ^~~
    [2]
    $ pkt '(port 80) or 443'
    expression:1:14: error: the number '443' stands alone; write 'port 443', or compare it
      (port 80) or 443
                   ^~~
    [2]
    $ pkt 'port ((80 or 443))'
    expression:1:7: error: doubled parentheses around ids; drop one pair
      port ((80 or 443))
            ^~~~~~~~~~~
    [2]

Keywords as names

    $ pkt 'ip proto tcp'
    expression:1:10: error: expected an address, a number or a name, but 'tcp' is a keyword; a backslash makes it a name: '\tcp'
      ip proto tcp
               ^~~
    [2]
    $ pkt 'ether proto ip'
    expression:1:13: error: expected an address, a number or a name, but 'ip' is a keyword; a backslash makes it a name: '\ip'
      ether proto ip
                  ^~
    [2]

Numbers

    $ pkt 'port 08'
    expression:1:6: error: '08' begins with 0, so it is octal and has no digits 8 and 9; drop the 0 for decimal
      port 08
           ^~
    [2]
    $ pkt 'port 4294967296'
    expression:1:6: error: decimal number '4294967296' does not fit 32 bits; the largest is 0xffffffff
      port 4294967296
           ^~~~~~~~~~
    [2]
    $ pkt 'port 70000'
    expression:1:6: error: port 70000 is too large; the largest is 65535
      port 70000
           ^~~~~
    [2]
    $ pkt 'net 10/8'
    expression:1:7: error: a prefix length goes behind an address with a dot, as in 'net 10.0/8'
      net 10/8
            ^
    [2]
    $ pkt 'net 10.1.2.3/8'
    expression:1:5: error: bits are set behind the prefix; the network is 10.0.0.0
      net 10.1.2.3/8
          ^~~~~~~~~~
    [2]
    $ pkt 'net 10.0.0.0/33'
    expression:1:5: error: prefix length 33 is too large; the largest is 32
      net 10.0.0.0/33
          ^~~~~~~~~~~
    [2]
    $ pkt 'net 2001:db8::1/32'
    expression:1:5: error: bits are set behind the prefix of 32 bits
      net 2001:db8::1/32
          ^~~~~~~~~~~~~~
    [2]
    $ pkt 'host 10.0.0.256'
    expression:1:6: error: '10.0.0.256' is no IPv4 address: its parts are decimal numbers up to 255
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
    expression:1:6: error: 3 bytes cannot be read at once; 1, 2 or 4 can
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
    expression:1:1: error: 'len' is a number, not a condition; compare it with something: 'len = 1'
      len
      ^~~
    [2]
    $ pkt 'len + 1'
    expression:1:1: error: 'len + 1' is a number, not a condition; compare it with something: 'len + 1 = 1'
      len + 1
      ^~~~~~~
    [2]
    $ pkt 'tcp = 80'
    expression:1:5: error: 'tcp' has no value to compare; a field of it has, as in 'tcp[0]'
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
    expression:1:8: error: a shift by 32 bits: a number has 32, so 31 is the most
      len << 32 = 1
             ^~
    [2]
    $ pkt '1 / ip[0] = 1'
    expression:1:5: error: division by zero (its first number counts, as in tcpdump; begin it with another one)
      1 / ip[0] = 1
          ^~~~~
    [2]
    $ pkt 'ah[0] = 1'
    expression:1:1: error: 'ah' has no bytes that can be read with '[...]'
      ah[0] = 1
      ^~~~~
    [2]
    $ pkt 'ip[0 = 1'
    expression:1:6: error: expected ']', not '='
      ip[0 = 1
           ^
    [2]
    $ pkt 'ip[0] = tcp'
    expression:1:9: error: 'tcp' has no value; a field of it has, as in 'tcp[0]'
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
    expression:1:1: error: this '(' is not closed
      (tcp or udp
      ^
    [2]
    $ pkt 'tcp)'
    expression:1:4: error: this ')' closes nothing
      tcp)
         ^
    [2]
    $ pkt 'tcp udp'
    expression:1:5: error: expected 'and' or 'or' before 'udp'
      tcp udp
          ^~~
    [2]
    $ pkt 'src or port 80'
    expression:1:8: error: expected 'dst' behind 'src or', not 'port'
      src or port 80
             ^~~~
    [2]
    $ pkt '(src or dst) port 80'
    expression:1:12: error: expected an address, a number or a name, not ')'
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
    expression:1:12: error: this is an IP address, but a link layer has MAC addresses; drop 'ether' (link, wlan, ...), or give one of those
      ether host 10.0.0.1
                 ^~~~~~~~
    [2]
    $ pkt 'host 02:00:00:00:00:01'
    expression:1:6: error: this is a MAC address; it stands only behind 'ether host'
      host 02:00:00:00:00:01
           ^~~~~~~~~~~~~~~~~
    [2]
    $ pkt 'port 10.0.0.1'
    expression:1:6: error: this is an IPv4 address, but 'port' wants a port number or the name of a service
      port 10.0.0.1
           ^~~~~~~~
    [2]
    $ pkt 'host 10.0.0.0/8'
    expression:1:6: error: this is an IPv4 network, but 'host' wants an address or a host name; a network goes behind 'net'
      host 10.0.0.0/8
           ^~~~~~~~~~
    [2]
    $ pkt 'gateway 10.0.0.1'
    expression:1:9: error: this is an IPv4 address, but 'gateway' wants the name of a host
      gateway 10.0.0.1
              ^~~~~~~~
    [2]
    $ pkt 'addr2 host 10.0.0.1'
    expression:1:1: error: 'addr2' is a direction of 802.11 addresses; for this address it is src or dst
      addr2 host 10.0.0.1
      ^~~~~~~~~~~~~~~~~~~
    [2]
    $ pkt 'udp proto 1'
    expression:1:11: error: 'udp proto' does not exist; 'ip', 'ip6', 'ether', 'iso' and 'isis' have one
      udp proto 1
                ^
    [2]
    $ pkt 'tcp broadcast'
    expression:1:1: error: 'tcp broadcast' does not exist; 'ether' and 'ip' have one
      tcp broadcast
      ^~~~~~~~~~~~~
    [2]
    $ pkt 'tcp protochain 6'
    expression:1:1: error: 'tcp protochain' does not exist; 'ip' and 'ip6' have one
      tcp protochain 6
      ^~~~~~~~~~~~~~~~
    [2]

Link layers and context

    $ pkt 'inbound'
    expression:1:1: error: 'inbound' is not in packets of EN10MB (Ethernet); only a live capture tells it
      inbound
      ^~~~~~~
    [2]
    $ pkt 'ip broadcast'
    expression:1:1: error: 'ip broadcast' depends on the network's mask, which is not known; --netmask gives it
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
    expression:1:1: error: USB_LINUX (USB with Linux header) says nothing that is understood here about the protocol it carries; only 'link[...]', 'len', 'less', 'greater' and 'byte' work on it
      tcp
      ^~~
    [2]
    $ pkt 'type mgt'
    expression:1:1: error: packets of EN10MB (Ethernet) have no 802.11 types
      type mgt
      ^~~~~~~~
    [2]
    $ pkt 'on eth0'
    expression:1:1: error: packets of EN10MB (Ethernet) have no PF log header
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
    weir: error: there is no link type 9999
    [2]
    $ pkt 'mpls and vlan'
    expression:1:10: error: behind 'mpls' there is no 'vlan'; test it before
      mpls and vlan
               ^~~~
    [2]
    $ pkt 'mpls and arp'
    expression:1:10: error: behind 'mpls' only ip and ip6 can be told apart
      mpls and arp
               ^~~
    [2]

Link layers that know the primitive, but not the word

    $ pkt -t IEEE802_11 'type mgmt'
    expression:1:6: error: 'mgmt' is no 802.11 type; did you mean 'mgt'?
      type mgmt
           ^~~~
    [2]
    $ pkt -t IEEE802_11 'subtype becon'
    expression:1:9: error: 'becon' is no 802.11 subtype; did you mean 'beacon'?
      subtype becon
              ^~~~~
    [2]
    $ pkt -t IEEE802_11 'dir upstream'
    expression:1:5: error: 'upstream' is no 802.11 direction
      dir upstream
          ^~~~~~~~
    [2]
    $ pkt 'llc foo'
    expression:1:5: error: 'foo' is no type of LLC frame
      llc foo
          ^~~
    [2]
    $ pkt -t PFLOG 'reason congested'
    expression:1:8: error: 'congested' is no reason of PF; did you mean 'congestion'?
      reason congested
             ^~~~~~~~~
    [2]
    $ pkt -t PFLOG 'action dorp'
    expression:1:8: error: 'dorp' is no action of PF; did you mean 'drop'?
      action dorp
             ^~~~
    [2]

Names

    $ pkt 'host nowhere.example'
    expression:1:6: error: nobody knows a host 'nowhere.example'
      host nowhere.example
           ^~~~~~~~~~~~~~~
    [2]
    $ pkt 'port nosuch'
    expression:1:6: error: nobody knows a port 'nosuch'
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
    expression:1:10: error: 'nosuch' is no protocol that 'ip proto' knows
      ip proto nosuch
               ^~~~~~
    [2]
    $ pkt 'ip proto \tpc'
    expression:1:10: error: 'tpc' is no protocol that 'ip proto' knows; did you mean 'tcp'?
      ip proto \tpc
               ^~~~
    [2]
    $ pkt 'protochain nosuch'
    expression:1:12: error: 'nosuch' is no protocol that 'protochain' knows
      protochain nosuch
                 ^~~~~~
    [2]
    $ pkt 'ether proto \ipv6'
    expression:1:13: error: 'ipv6' is no protocol that 'ether proto' knows; did you mean 'ip6'?
      ether proto \ipv6
                  ^~~~~
    [2]
    $ pkt 'ether proto nosuch'
    expression:1:13: error: 'nosuch' is no protocol that 'ether proto' knows
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
    expression:1:6: error: this '{' is not closed
      port {80, 443
           ^
    [2]
    $ pkt 'port {80 443}'
    expression:1:10: error: expected ',' or '}', not '443'
      port {80 443}
               ^~~
    [2]
    $ pkt 'port {443-80}'
    expression:1:7: error: the range '443-80' ends before it begins
      port {443-80}
            ^~~~~~
    [2]
    $ pkt 'port {ftp-data}'
    expression:1:7: error: nobody knows a port 'ftp-data'
      port {ftp-data}
            ^~~~~~~~
    [2]
    $ pkt 'host {10.0.0.1, 80-90}'
    expression:1:17: error: this is a range, but 'host' wants an address or a host name; a network goes behind 'net'
      host {10.0.0.1, 80-90}
                      ^~~~~
    [2]
    $ pkt 'vlan {1, 5000}'
    expression:1:10: error: VLAN 5000 is too large; the largest is 4095
      vlan {1, 5000}
               ^~~~
    [2]
    $ pkt 'tcp {80}'
    expression:1:5: error: a set stands behind 'host', 'net', 'port', 'proto' or 'vlan'
      tcp {80}
          ^
    [2]
    $ pkt 'port 80,443'
    expression:1:8: error: a ',' stands only between the braces of a set, as in 'port {80, 443}'; a shell takes them apart unless they are quoted
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
    list:2:1: error: '10.0.0.300' is no IPv4 address: its parts are decimal numbers up to 255
      10.0.0.300 # too much
      ^~~~~~~~~~
    [2]
    $ printf '10.0.0.1 10.0.0.2\n' > list
    $ pkt 'host in "list"'
    list:1:10: error: one item a line: expected the end of the line, not '10.0.0.2'
      10.0.0.1 10.0.0.2
               ^~~~~~~~
    [2]
    $ printf '# nothing\n\n' > list
    $ pkt 'host in "list"'
    expression:1:9: error: 'list' has no items, which would match nothing
      host in "list"
              ^~~~~~
    [2]

Warnings: the expression is taken, but may not mean what it looks like

    $ pkt 'tcp or udp and port 53' | grep -v '^[in]'
    expression:1:12: warning: 'and' and 'or' bind alike, left to right: this takes 'tcp or udp' together first; parentheses would say so
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
    expression:1:5: error: '&' calculates; conditions are joined by 'and' or '&&'
      tcp & port 80
          ^
    [2]
    $ pkt 'tcp|udp'
    expression:1:4: error: '|' calculates; conditions are joined by 'or' or '||'
      tcp|udp
         ^
    [2]
    $ pkt 'ip.addr == 10.0.0.1'
    expression:1:1: error: 'ip.addr' is a field of Wireshark's display filters, another language; here conditions are such as 'host 10.0.0.1', 'tcp port 80', 'ip[8] < 5'
      ip.addr == 10.0.0.1
      ^~~~~~~
    [2]
    $ pkt 'tcp.port>80'
    expression:1:1: error: 'tcp.port' is a field of Wireshark's display filters, another language; here conditions are such as 'host 10.0.0.1', 'tcp port 80', 'ip[8] < 5'
      tcp.port>80
      ^~~~~~~~
    [2]
    $ pkt 'www.example.org = 1'
    expression:1:1: error: 'www.example.org' stands alone; say what it is, as in 'host www.example.org' or 'port www.example.org'
      www.example.org = 1
      ^~~~~~~~~~~~~~~
    [2]
    $ pkt 'port 80-90'
    expression:1:6: error: '80-90' is no port; for ports from here to there say 'portrange 80-90'
      port 80-90
           ^~~~~
    [2]
    $ pkt 'tcp[tcpflags] & tcp-sync != 0'
    expression:1:17: error: expected a number or a field such as 'ip[0]', not 'tcp-sync'; did you mean 'tcp-syn'?
      tcp[tcpflags] & tcp-sync != 0
                      ^~~~~~~~
    [2]
    $ pkt 'icmp[icmptype] = icmp-ech'
    expression:1:18: error: expected a number or a field such as 'ip[0]', not 'icmp-ech'; did you mean 'icmp-echo'?
      icmp[icmptype] = icmp-ech
                       ^~~~~~~~
    [2]
    $ pkt 'ether host 1:2:3:4:5'
    expression:1:12: error: '1:2:3:4:5' is neither a MAC nor an IPv6 address
      ether host 1:2:3:4:5
                 ^~~~~~~~~
    [2]
