The graphs of a few expressions, as the packet compiler builds them.

A set per field, however the list is written

    $ pkt 'host 10.0.0.1 or host 10.0.0.2 or src host 10.0.0.3'
    input packet
    n16: load.2 12 == 0x800 ? n15 : n13
    n15: load.4 26 in { 0xa000001..0xa000002 -> ret 0x40000 } else n14
    n14: load.4 30 in { 0xa000001..0xa000002 -> ret 0x40000 } else n13
    n13: load.2 12 == 0x806 ? n12 : n10
    n12: load.4 28 in { 0xa000001..0xa000002 -> ret 0x40000 } else n11
    n11: load.4 38 in { 0xa000001..0xa000002 -> ret 0x40000 } else n10
    n10: load.2 12 == 0x8035 ? n9 : n7
    n9: load.4 28 in { 0xa000001..0xa000002 -> ret 0x40000 } else n8
    n8: load.4 38 in { 0xa000001..0xa000002 -> ret 0x40000 } else n7
    n7: load.2 12 == 0x800 ? n6 : n5
    n6: load.4 26 == 0xa000003 ? ret 0x40000 : n5
    n5: load.2 12 == 0x806 ? n4 : n3
    n4: load.4 28 == 0xa000003 ? ret 0x40000 : n3
    n3: load.2 12 == 0x8035 ? n2 : ret 0
    n2: load.4 28 == 0xa000003 ? ret 0x40000 : ret 0
    $ pkt 'host {10.0.0.1, 2001:db8::1}'
    input packet
    n13: load.2 12 == 0x800 ? n12 : n10
    n12: load.4 26 == 0xa000001 ? ret 0x40000 : n11
    n11: load.4 30 == 0xa000001 ? ret 0x40000 : n10
    n10: load.2 12 == 0x806 ? n9 : n7
    n9: load.4 28 == 0xa000001 ? ret 0x40000 : n8
    n8: load.4 38 == 0xa000001 ? ret 0x40000 : n7
    n7: load.2 12 == 0x8035 ? n6 : n4
    n6: load.4 28 == 0xa000001 ? ret 0x40000 : n5
    n5: load.4 38 == 0xa000001 ? ret 0x40000 : n4
    n4: load.2 12 == 0x86dd ? n3 : ret 0
    n3: {load.4 22, load.4 26, load.4 30, load.4 34} == {0x20010db8, 0, 0, 1} ? ret 0x40000 : n2
    n2: {load.4 38, load.4 42, load.4 46, load.4 50} == {0x20010db8, 0, 0, 1} ? ret 0x40000 : ret 0
    $ pkt 'net {10.0.0.0/8, 172.16.0.0/12}'
    input packet
    n10: load.2 12 == 0x800 ? n9 : n7
    n9: load.4 26 in { 0xa000000..0xaffffff -> ret 0x40000, 0xac100000..0xac1fffff -> ret 0x40000 } else n8
    n8: load.4 30 in { 0xa000000..0xaffffff -> ret 0x40000, 0xac100000..0xac1fffff -> ret 0x40000 } else n7
    n7: load.2 12 == 0x806 ? n6 : n4
    n6: load.4 28 in { 0xa000000..0xaffffff -> ret 0x40000, 0xac100000..0xac1fffff -> ret 0x40000 } else n5
    n5: load.4 38 in { 0xa000000..0xaffffff -> ret 0x40000, 0xac100000..0xac1fffff -> ret 0x40000 } else n4
    n4: load.2 12 == 0x8035 ? n3 : ret 0
    n3: load.4 28 in { 0xa000000..0xaffffff -> ret 0x40000, 0xac100000..0xac1fffff -> ret 0x40000 } else n2
    n2: load.4 38 in { 0xa000000..0xaffffff -> ret 0x40000, 0xac100000..0xac1fffff -> ret 0x40000 } else ret 0
    $ pkt 'udp dst port {53, 5353, 60000-61000}'
    input packet
    n8: load.2 12 == 0x86dd ? n7 : n5
    n7: load.1 20 == 17 ? n6 : n5
    n6: load.2 56 in { 53 -> ret 0x40000, 0x14e9 -> ret 0x40000, 0xea60..0xee48 -> ret 0x40000 } else n5
    n5: load.2 12 == 0x800 ? n4 : ret 0
    n4: load.1 23 == 17 ? n3 : ret 0
    n3: load.2 20 has 0x1fff ? ret 0 : n2
    n2: load.2 [msh 14 + 16] in { 53 -> ret 0x40000, 0x14e9 -> ret 0x40000, 0xea60..0xee48 -> ret 0x40000 } else ret 0
    $ printf '# two\n10.0.0.1\n10.0.0.2 # and more\n' > list
    $ pkt 'src host in "list"'
    input packet
    n7: load.2 12 == 0x800 ? n6 : n5
    n6: load.4 26 in { 0xa000001..0xa000002 -> ret 0x40000 } else n5
    n5: load.2 12 == 0x806 ? n4 : n3
    n4: load.4 28 in { 0xa000001..0xa000002 -> ret 0x40000 } else n3
    n3: load.2 12 == 0x8035 ? n2 : ret 0
    n2: load.4 28 in { 0xa000001..0xa000002 -> ret 0x40000 } else ret 0
    $ pkt 'src host www'
    input packet
    n9: load.2 12 == 0x800 ? n8 : n7
    n8: load.4 26 in { 0xc0000201..0xc0000202 -> ret 0x40000 } else n7
    n7: load.2 12 == 0x806 ? n6 : n5
    n6: load.4 28 in { 0xc0000201..0xc0000202 -> ret 0x40000 } else n5
    n5: load.2 12 == 0x8035 ? n4 : n3
    n4: load.4 28 in { 0xc0000201..0xc0000202 -> ret 0x40000 } else n3
    n3: load.2 12 == 0x86dd ? n2 : ret 0
    n2: {load.4 22, load.4 26, load.4 30, load.4 34} == {0x20010db8, 0, 0, 1} ? ret 0x40000 : ret 0
    $ pkt 'ether host {02:00:00:00:00:01, 02:00:00:00:00:02}'
    input packet
    n3: {load.4 8, load.2 6} in { {1, 0x200} -> ret 0x40000, {2, 0x200} -> ret 0x40000 } else n2
    n2: {load.4 2, load.2 0} in { {1, 0x200} -> ret 0x40000, {2, 0x200} -> ret 0x40000 } else ret 0

Tags and tunnels move what follows

    $ pkt 'vlan {1-99, 200} and arp'
    input packet
    n6: load.2 12 == 0x8100 ? n3 : n5
    n5: load.2 12 == 0x88a8 ? n3 : n4
    n4: load.2 12 == 0x9100 ? n3 : ret 0
    n3: (load.2 14 & 0xfff) in { 1..99 -> n2, 200 -> n2 } else ret 0
    n2: load.2 16 == 0x806 ? ret 0x40000 : ret 0
    $ pkt -l 'vlan 100 and arp'
    input packet
    n13: bind p0 = 0 -> n12
    n12: bind p1 = 0 -> n11
    n11: anc 48 == 1 ? n5 : n10
    n10: bind p0 = (p0 + 4) -> n9
    n9: bind p1 = (p1 + 4) -> n8
    n8: load.2 12 == 0x8100 ? n5 : n7
    n7: load.2 12 == 0x88a8 ? n5 : n6
    n6: load.2 12 == 0x9100 ? n5 : ret 0
    n5: anc 48 == 1 ? n4 : n3
    n4: (anc 44 & 0xfff) == 100 ? n2 : ret 0
    n3: (load.2 14 & 0xfff) == 100 ? n2 : ret 0
    n2: load.2 [p1 + 12] == 0x806 ? ret 0x40000 : ret 0
    $ pkt 'vxlan 5 and arp'
    input packet
    n18: load.2 12 == 0x800 ? n17 : n11
    n17: load.1 23 == 17 ? n16 : n11
    n16: load.2 20 has 0x1fff ? n11 : n15
    n15: load.2 [msh 14 + 16] == 0x12b5 ? n14 : n11
    n14: load.1 [msh 14 + 22] == 8 ? n13 : n11
    n13: (load.4 [msh 14 + 26] & 0xffffff00) == 0x500 ? n12 : n11
    n12: bind p0 = msh 14 -> n5
    n11: load.2 12 == 0x86dd ? n10 : ret 0
    n10: load.1 20 == 17 ? n9 : ret 0
    n9: load.2 56 == 0x12b5 ? n8 : ret 0
    n8: load.1 62 == 8 ? n7 : ret 0
    n7: (load.4 66 & 0xffffff00) == 0x500 ? n6 : ret 0
    n6: bind p0 = 40 -> n5
    n5: bind p1 = (p0 + 30) -> n4
    n4: bind p2 = (p1 + 12) -> n3
    n3: bind p3 = (p1 + 14) -> n2
    n2: load.2 [p2 + 0] == 0x806 ? ret 0x40000 : ret 0
    $ pkt 'vxlan or arp'
    input packet
    n17: bind p2 = 0 -> n16
    n16: load.2 12 == 0x800 ? n15 : n10
    n15: load.1 23 == 17 ? n14 : n10
    n14: load.2 20 has 0x1fff ? n10 : n13
    n13: load.2 [msh 14 + 16] == 0x12b5 ? n12 : n10
    n12: load.1 [msh 14 + 22] == 8 ? n11 : n10
    n11: bind p0 = msh 14 -> n5
    n10: load.2 12 == 0x86dd ? n9 : n2
    n9: load.1 20 == 17 ? n8 : n2
    n8: load.2 56 == 0x12b5 ? n7 : n2
    n7: load.1 62 == 8 ? n6 : n2
    n6: bind p0 = 40 -> n5
    n5: bind p1 = (p0 + 30) -> n4
    n4: bind p2 = (p1 + 12) -> n3
    n3: bind p3 = (p1 + 14) -> ret 0x40000
    n2: load.2 [p2 + 0] == 0x806 ? ret 0x40000 : ret 0
    $ pkt 'geneve and arp'
    input packet
    n19: load.2 12 == 0x800 ? n18 : n13
    n18: load.1 23 == 17 ? n17 : n13
    n17: load.2 20 has 0x1fff ? n13 : n16
    n16: load.2 [msh 14 + 16] == 0x17c1 ? n15 : n13
    n15: (load.1 [msh 14 + 22] & 192) == 0 ? n14 : n13
    n14: bind p0 = msh 14 -> n8
    n13: load.2 12 == 0x86dd ? n12 : ret 0
    n12: load.1 20 == 17 ? n11 : ret 0
    n11: load.2 56 == 0x17c1 ? n10 : ret 0
    n10: (load.1 62 & 192) == 0 ? n9 : ret 0
    n9: bind p0 = 40 -> n8
    n8: bind p1 = ((((load.1 [(p0 + 22) + 0] & 63) * 4) + 8) + (p0 + 22)) -> n7
    n7: load.2 [(p0 + 22) + 2] == 0x6558 ? n6 : n4
    n6: bind p2 = (p1 + 12) -> n5
    n5: bind p3 = (p1 + 14) -> n2
    n4: bind p2 = ((p0 + 22) + 2) -> n3
    n3: bind p3 = p1 -> n2
    n2: load.2 [p2 + 0] == 0x806 ? ret 0x40000 : ret 0
    $ pkt 'pppoes 7 and ip'
    input packet
    n4: load.2 12 == 0x8864 ? n3 : ret 0
    n3: load.2 16 == 7 ? n2 : ret 0
    n2: load.2 20 == 33 ? ret 0x40000 : ret 0
    $ pkt 'mpls 1024 and ip'
    input packet
    n5: load.2 12 == 0x8847 ? n4 : ret 0
    n4: (load.4 14 & 0xfffff000) == 0x400000 ? n3 : ret 0
    n3: load.1 16 has 1 ? n2 : ret 0
    n2: (load.1 18 & 240) == 64 ? ret 0x40000 : ret 0

Headers of varying length

    $ pkt -t IEEE802_11 'arp'
    input packet
    n8: bind p0 = 24 -> n7
    n7: load.1 0 has 8 ? n6 : n3
    n6: load.1 0 has 4 ? n3 : n5
    n5: load.1 0 has 128 ? n4 : n3
    n4: bind p0 = (p0 + 2) -> n3
    n3: (load.1 0 & 12) == 8 ? n2 : ret 0
    n2: load.2 [p0 + 6] == 0x806 ? ret 0x40000 : ret 0
    $ pkt -t IEEE802_11_RADIO 'link[0] = 8'
    input packet
    n3: bind p0 = (load.1 2 | (load.1 3 << 8)) -> n2
    n2: load.1 [p0 + 0] == 8 ? ret 0x40000 : ret 0
    $ pkt -t PRISM_HEADER 'link[0] = 8'
    input packet
    n5: (load.4 0 & 0xfffff000) == 0x80211000 ? n4 : n3
    n4: bind p0 = load.4 4 -> n2
    n3: bind p0 = 144 -> n2
    n2: load.1 [p0 + 0] == 8 ? ret 0x40000 : ret 0
    $ pkt -t PFLOG 'ip6'
    input packet
    n4: load.1 1 == 24 ? ret 0x40000 : n3
    n3: load.1 1 == 28 ? ret 0x40000 : n2
    n2: load.1 1 == 30 ? ret 0x40000 : ret 0

Cells that an earlier comparison has written are read as that, as libpcap does

    $ pkt 'ip[0] = 5 or vxlan and arp'
    expression:1:20: warning: 'and' and 'or' bind alike, left to right: this groups 'ip[0] = 5 or vxlan' first; write parentheses to make that plain
      ip[0] = 5 or vxlan and arp
                         ^~~
    input packet
    n20: bind p2 = 0 -> n19
    n19: load.2 12 == 0x800 ? n18 : n16
    n18: bind p1 = 5 -> n17
    n17: load.1 14 == 5 ? n2 : n16
    n16: load.2 12 == 0x800 ? n15 : n10
    n15: load.1 23 == 17 ? n14 : n10
    n14: load.2 20 has 0x1fff ? n10 : n13
    n13: load.2 [msh 14 + 16] == 0x12b5 ? n12 : n10
    n12: load.1 [msh 14 + 22] == 8 ? n11 : n10
    n11: bind p0 = msh 14 -> n5
    n10: load.2 12 == 0x86dd ? n9 : ret 0
    n9: load.1 20 == 17 ? n8 : ret 0
    n8: load.2 56 == 0x12b5 ? n7 : ret 0
    n7: load.1 62 == 8 ? n6 : ret 0
    n6: bind p0 = 40 -> n5
    n5: bind p1 = (p0 + 30) -> n4
    n4: bind p2 = (p1 + 12) -> n3
    n3: bind p3 = (p1 + 14) -> n2
    n2: load.2 [p2 + 0] == 0x806 ? ret 0x40000 : ret 0

A chain of headers, unrolled

    $ pkt -t IPV4 'ip protochain 6' | head -12
    input packet
    n51: bind p0 = load.1 9 -> n50
    n50: bind p1 = msh 0 -> n49
    n49: p0 == 6 ? ret 0x40000 : n48
    n48: p0 == 59 ? ret 0 : n47
    n47: p0 == 51 ? n46 : ret 0
    n46: bind p9 = ((load.1 [p1 + 1] + 2) * 4) -> n45
    n45: bind p0 = load.1 [p1 + 0] -> n44
    n44: bind p1 = p9 -> n43
    n43: p0 == 6 ? ret 0x40000 : n42
    n42: p0 == 59 ? ret 0 : n41
    n41: p0 == 51 ? n40 : ret 0

A header that this link type has no place for is not there

    $ pkt -t JUNIPER_ES isis
    input packet
    n3: (load.4 0 & 0xffffff00) == 0x4d474300 ? n2 : ret 0
    n2: load.1 [0xfffffffe + 0] == 131 ? ret 0x40000 : ret 0

Addresses of both families are asked for in turn where they cannot be told apart

    $ pkt -t JUNIPER_ISM 'host 2001:db8::1 or host 10.0.0.1 or host 2001:db8::2' | grep 2001
    n15: {load.4 6, load.4 10, load.4 14, load.4 18} == {0x20010db8, 0, 0, 1} ? ret 0x40000 : n14
    n14: {load.4 22, load.4 26, load.4 30, load.4 34} == {0x20010db8, 0, 0, 1} ? ret 0x40000 : n13
    n3: {load.4 6, load.4 10, load.4 14, load.4 18} == {0x20010db8, 0, 0, 2} ? ret 0x40000 : n2
    n2: {load.4 22, load.4 26, load.4 30, load.4 34} == {0x20010db8, 0, 0, 2} ? ret 0x40000 : ret 0
