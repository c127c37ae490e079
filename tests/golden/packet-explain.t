How an expression was understood: one condition a line, what stands together in
parentheses, qualifiers and protocols filled in.

    $ pkt -e ''
    every packet
    $ pkt -e 'tcp'
    tcp                                     # over ip and ip6
    $ pkt -e 'tcp or udp and port 53' | tail -5
    (
      tcp                                   # over ip and ip6
      or udp                                # over ip and ip6
    )
    and src or dst port 53                  # tcp, udp, sctp over ip and ip6
    $ pkt -e 'tcp dst port domain or 21 and not (src 10.0.0.1 or 2001:db8::1)' | tail -9
                                ^~~
    (
      tcp dst port domain                   # over ip and ip6
      or tcp dst port 21                    # over ip and ip6
    )
    and not (
      src host 10.0.0.1                     # ip, arp, rarp
      or src host 2001:db8::1               # ip6
    )
    $ pkt -e 'host {10.0.0.1, www} and not not ip proto \tcp'
    src or dst host {10.0.0.1, www}         # IPv4: ip, arp, rarp; IPv6: ip6
    and not not ip proto \tcp
    $ pkt -e 'ip[0] & 0xf = 5 and tcp[tcpflags] & (tcp-syn|tcp-fin) != 0'
    (ip[0] & 0xf) = 5
    and (tcp[tcpflags] & (tcp-syn | tcp-fin)) != 0
    $ pkt -e 'len - 2 * -ip[2:2] >> 1 >= udp[ip[3]:4]'
    ((len - (2 * - ip[2:2])) >> 1) >= udp[ip[3]:4]
    $ pkt -e 'vlan 100 and vxlan and (ether broadcast or less 60) and byte 3 > 4'
    vlan 100                                # from here on: what follows the tag
    and vxlan                               # from here on: the packet inside the tunnel
    and (
      ether broadcast
      or less 60                            # at most so many bytes on the wire
    )
    and byte 3 > 4
    $ printf '10.0.0.1\n' > list
    $ pkt -e 'src host in "list" or portrange 1-2 or net 10.0/8 or gateway www'
    src host in "list"                      # IPv4: ip, arp, rarp; IPv6: ip6
    or src or dst portrange 1-2             # tcp, udp, sctp over ip and ip6
    or src or dst net 10.0/8                # ip, arp, rarp
    or gateway www                          # its hardware address, but not its IPv4 addresses
    $ pkt -e -t IEEE802_11 'type mgt subtype beacon or wlan addr1 02:00:00:00:00:01 or dir tods'
    type mgt subtype beacon
    or ether addr1 host 02:00:00:00:00:01
    or dir tods

Notes on what people trip over, with -v

    $ pkt -v -e 'tcp[13] = 2 and udp[0] = 1'
    expression:1:1: note: 'tcp[...]' reads only IPv4, and only first fragments; no IPv6 packet matches
      tcp[13] = 2 and udp[0] = 1
      ^~~~~~~
    tcp[13] = 2
    and udp[0] = 1
    $ pkt -v -e 'icmp6[0] = 128'
    expression:1:1: note: 'icmp6[...]' reads what directly follows the IPv6 header, not what follows extension headers
      icmp6[0] = 128
      ^~~~~~~~
    icmp6[0] = 128
    $ pkt -v -e 'port 80 or port 443'
    expression:1:1: note: a port over IPv6 is read directly after its header, not after extension headers
      port 80 or port 443
      ^~~~~~~
    src or dst port 80                      # tcp, udp, sctp over ip and ip6
    or src or dst port 443                  # tcp, udp, sctp over ip and ip6
    $ pkt -v -e 'vlan and ip'
    expression:1:1: note: everything after this in the text reads the packet inside, whatever the parentheses say
      vlan and ip
      ^~~~
    vlan                                    # from here on: what follows the tag
    and ip
    $ pkt -v -e 'vlan'
    expression:1:1: note: everything after this in the text reads the packet inside, whatever the parentheses say
      vlan
      ^~~~
    vlan                                    # from here on: what follows the tag
    $ pkt -v -e -t USB_LINUX '5 / len = 1'
    expression:1:1: note: if this divides by 0 the packet does not match, even under 'not'
      5 / len = 1
      ^~~~~~~
    (5 / len) = 1
    $ pkt -v -e -t USB_LINUX 'link[0] / link[1] = 1'
    expression:1:1: note: if this divides by 0 the packet does not match, even under 'not'
      link[0] / link[1] = 1
      ^~~~~~~~~~~~~~~~~
    (ether[0] / ether[1]) = 1
