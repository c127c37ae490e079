Drawings, without colors and the like.

A packet filter: a box for each decision, a way for each set of values

    $ weir packet -f dot 'tcp port 80' | sed '1,4d; s/", .*/"/'
    	b0 [label="ethertype"];
    	b0 -> b2 [label=" ip "
    	b0 -> b17 [label=" ip6 "
    	r0 [label="no match"
    	b0 -> r0 [label=" else "
    	b2 [label="ip fragment offset == 0 and ip proto\n== tcp?"];
    	b2 -> b5 [label=" yes "
    	b2 -> r0 [label=" no "
    	b5 [label="ip version == 4 and ip header length\n== 20?"];
    	b5 -> b7 [label=" yes "
    	b5 -> b11 [label=" no "
    	b7 [label="tcp src port == 80?"];
    	r1 [label="match"
    	b7 -> r1 [label=" yes "
    	b7 -> b9 [label=" no "
    	b9 [label="tcp dst port == 80?"];
    	b9 -> r1 [label=" yes "
    	b9 -> r0 [label=" no "
    	b11 [label="tcp src port == 80?"];
    	b11 -> r1 [label=" yes "
    	b11 -> b14 [label=" no "
    	b14 [label="tcp dst port == 80?"];
    	b14 -> r1 [label=" yes "
    	b14 -> r0 [label=" no "
    	b17 [label="ip6 next header == tcp?"];
    	b17 -> b19 [label=" yes "
    	b17 -> r0 [label=" no "
    	b19 [label="tcp src port == 80?"];
    	b19 -> r1 [label=" yes "
    	b19 -> b21 [label=" no "
    	b21 [label="tcp dst port == 80?"];
    	b21 -> r1 [label=" yes "
    	b21 -> r0 [label=" no "
    }
    $ weir packet -f dot 'host {10.0.0.1, 10.0.0.2, 10.0.0.9} and not port 22' | sed '1,4d; s/", .*/"/'
    	b0 [label="ethertype"];
    	b0 -> b2 [label=" ip "
    	b0 -> b28 [label=" arp, rarp "
    	r0 [label="no match"
    	b0 -> r0 [label=" else "
    	b2 [label="ip src"];
    	b2 -> b10 [label=" 10.0.0.1, 10.0.0.2, 10.0.0.9 "
    	b2 -> b6 [label=" else "
    	b6 [label="ip dst"];
    	b6 -> b10 [label=" 10.0.0.1, 10.0.0.2, 10.0.0.9 "
    	b6 -> r0 [label=" else "
    	b10 [label="ip fragment offset == 0 and ip proto"];
    	b10 -> b15 [label=" tcp, udp, sctp "
    	r1 [label="match"
    	b10 -> r1 [label=" else "
    	b15 [label="ip version == 4 and ip header length\n== 20?"];
    	b15 -> b17 [label=" yes "
    	b15 -> b21 [label=" no "
    	b17 [label="src port == 22?"];
    	b17 -> r0 [label=" yes "
    	b17 -> b19 [label=" no "
    	b19 [label="dst port == 22?"];
    	b19 -> r0 [label=" yes "
    	b19 -> r1 [label=" no "
    	b21 [label="src port == 22?"];
    	b21 -> r0 [label=" yes "
    	b21 -> b24 [label=" no "
    	b24 [label="dst port == 22?"];
    	b24 -> r0 [label=" yes "
    	b24 -> r1 [label=" no "
    	b28 [label="arp sender ip"];
    	b28 -> r1 [label=" 10.0.0.1, 10.0.0.2, 10.0.0.9 "
    	b28 -> b32 [label=" else "
    	b32 [label="arp target ip"];
    	b32 -> r1 [label=" 10.0.0.1, 10.0.0.2, 10.0.0.9 "
    	b32 -> r0 [label=" else "
    }

A policy: ABIs, groups of calls, conditions, actions

    $ printf '%s\n' 'default errno EPERM' 'abi x86_64' 'allow read, write, exit_group' 'allow socket(AF_UNIX, _, _)' 'allow ioctl if cmd == TIOCGWINSZ' 'errno ENOSYS ioctl if cmd == TIOCSTI' 'kill ptrace' >p
    $ weir policy -q -f dot ./p | sed '1,4d; s/", .*/"/'
    	"x86_64" [style="filled,bold"];
    	"other ABIs" [style="filled,bold"];
    	g0 [label="exit_group, read, write"];
    	"x86_64" -> g0;
    	x0 [label="allow"
    	g0 -> x0 [color="#2e7d32"
    	g1 [label="_sysctl, accept, accept4, access, acct,\nadd_key, ... (377 calls), and all other\nnumbers"];
    	"x86_64" -> g1;
    	x1 [label="errno EPERM"
    	g1 -> x1 [color="#b71c1c"
    	g2 [label="ioctl"];
    	"x86_64" -> g2;
    	g2 -> x0 [label=" cmd == TIOCGWINSZ "
    	x2 [label="errno ENOSYS"
    	g2 -> x2 [label=" cmd == TIOCSTI "
    	g2 -> x1 [label=" else "
    	g3 [label="socket"];
    	"x86_64" -> g3;
    	g3 -> x0 [label=" family == AF_UNIX "
    	g3 -> x1 [label=" else "
    	g4 [label="ptrace"];
    	"x86_64" -> g4;
    	x3 [label="kill"
    	g4 -> x3 [color="#7f0000"
    	g5 [label="every call"];
    	"other ABIs" -> g5;
    	g5 -> x3 [color="#7f0000"
    }

A seccomp program is drawn as the policy that has the same answers, and from its
instructions if there is none

    $ weir policy -q -f c ./p >p.c; weir show -f dot p.c | sed '1,4d; s/", .*/"/' | tail -n 6
    	x3 [label="kill"
    	g4 -> x3 [color="#7f0000"
    	g5 [label="every call"];
    	"other ABIs" -> g5;
    	g5 -> x3 [color="#7f0000"
    }
    $ printf '%s\n' 'ld [4]' 'jneq #0xc000003e, no' 'ld [8]' 'jset #0xfff, no' 'ld [0]' 'jgt #59, no' 'jeq #57, no' 'ret #0x7fff0000' 'no: ret #0x50001' >pointer; weir show -f dot pointer | sed '1,4d; s/", .*/"/'
    	b0 [label="arch == x86_64?"];
    	b0 -> b2 [label=" yes "
    	r0 [label="errno EPERM"
    	b0 -> r0 [label=" no "
    	b2 [label="instruction pointer & 4095 != 0?"];
    	b2 -> r0 [label=" yes "
    	b2 -> b4 [label=" no "
    	b4 [label="call"];
    	r1 [label="allow"
    	b4 -> r1 [label=" up to 56, 58, execve "
    	b4 -> r0 [label=" else "
    }
