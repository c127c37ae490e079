How long programs are, and how many loads at a variable offset they have, at -O2, -O3
and -Os: time counts at the first two, and such loads are dear on a socket

    $ cat >all <<'.'
    > tcp
    > udp port 53
    > icmp or icmp6
    > host 192.0.2.1
    > net 10.0.0.0/8 and not src port 22
    > tcp port 80
    > port 80 or port 443
    > tcp portrange 6000-6063
    > src host 192.0.2.1 and tcp dst port 25
    > tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn
    > tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420
    > vlan and tcp port 80
    > host 2001:db8::1 or host 192.0.2.1
    > .
    $ cat >measure <<'.'
    > for o in -O2 -O3 -Os; do
    > weir packet -q -f decimal $o $how "$e" >p
    > printf '%3d %2d  ' "$(head -n 1 p)" "$(grep -c '^\(64\|72\|80\) ' p)"
    > done
    > .
    $ while read -r e; do . ./measure; echo "$e"; done <all
     12  0   12  0   10  1  tcp
     25  2   25  2   16  2  udp port 53
     12  0   12  0   11  0  icmp or icmp6
     14  0   14  0   13  1  host 192.0.2.1
     26  1   26  1   22  1  net 10.0.0.0/8 and not src port 22
     25  2   25  2   16  2  tcp port 80
     38  2   35  2   21  2  port 80 or port 443
     31  2   31  2   18  2  tcp portrange 6000-6063
     16  1   16  1   12  1  src host 192.0.2.1 and tcp dst port 25
     16  1   16  1   11  1  tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn
     29  3   33  3   15  2  tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420
     29  2   29  2   20  2  vlan and tcp port 80
     31  0   31  0   30  1  host 2001:db8::1 or host 192.0.2.1

The same on other links

    $ for how in '-t RAW' '-t LINUX_SLL2' '-t IEEE802_11_RADIO' --live; do
    > for e in 'tcp port 80' 'host 192.0.2.1' 'arp'; do
    > . ./measure; echo "$how: $e"; done; done
     26  2   26  2   17  2  -t RAW: tcp port 80
      9  0    9  0    9  0  -t RAW: host 192.0.2.1
      1  0    1  0    1  0  -t RAW: arp
     25  2   25  2   16  2  -t LINUX_SLL2: tcp port 80
     14  0   14  0   13  1  -t LINUX_SLL2: host 192.0.2.1
      4  0    4  0    4  0  -t LINUX_SLL2: arp
     57  9   57  9   57  9  -t IEEE802_11_RADIO: tcp port 80
     48  6   48  6   48  6  -t IEEE802_11_RADIO: host 192.0.2.1
     38  2   38  2   38  2  -t IEEE802_11_RADIO: arp
     25  2   25  2   16  2  --live: tcp port 80
     14  0   14  0   13  1  --live: host 192.0.2.1
      4  0    4  0    4  0  --live: arp
    $ how=--live; for e in 'vlan and host 192.0.2.1' 'not vlan and not stp and not arp'; do
    > . ./measure; echo "$how: $e"; done
     32  0   32  0   29  4  --live: vlan and host 192.0.2.1
     13  0   13  0   13  0  --live: not vlan and not stp and not arp
    $ how=

Lists have one tree for all address families, and its loads are split

    $ for n in 10 30 100; do
    > e=$(seq $n | sed 's/.*/host 10.1.&.7 or/')
    > e="${e% or}"; . ./measure; echo "$n hosts"
    > e=$(seq $n | sed 's/.*/port 1&1 or/')
    > e="${e% or}"; . ./measure; echo "$n ports"
    > e=$(seq $n | sed 's/.*/(host 10.1.&.7 and tcp port 1&1) or/')
    > e="${e% or}"; . ./measure; echo "$n pairs"; done
     46  0   46  0   27  1  10 hosts
     77  2   95  2   37  2  10 ports
     98  6  150  6   90  6  10 pairs
    122  0  158  0   59  1  30 hosts
    114  2  245  2   77  2  30 ports
    184  6  332  6  153  6  30 pairs
    282  0  538  0  211  1  100 hosts
    304  2  817  2  217  2  100 ports
    486  6  1190  6  435  6  100 pairs

For an interpreter, where all loads cost the same, and for packet pointers

    $ for how in '--for interpreter' '--for xdp'; do
    > e='tcp port 80'; . ./measure; echo "$how"; done
     19  2   19  2   16  2  --for interpreter
     19  2   19  2   16  2  --for xdp
