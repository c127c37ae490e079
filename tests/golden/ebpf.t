What bpf(2) loads as a socket filter: as a listing, as C, as JSON, as bytes.

    $ weir packet -O0 -f ebpf 'ip or vlan' --live
       0: (bf) r6 = r1
       1: (b4) w0 = 0
       2: (b4) w7 = 0
       3: (b4) w0 = 0
       4: (28) r0 = *(u16 *)skb[12]
       5: (15) if r0 == 0x800 goto pc+6
       6: (61) r0 = *(u32 *)(r6 +20)
       7: (15) if r0 == 0x1 goto pc+4
       8: (28) r0 = *(u16 *)skb[12]
       9: (15) if r0 == 0x8100 goto pc+2
      10: (15) if r0 == 0x88a8 goto pc+1
      11: (55) if r0 != 0x9100 goto pc+2
      12: (b4) w0 = 262144
      13: (95) exit
      14: (b4) w0 = 0
      15: (95) exit
    $ weir packet -O0 -f ebpf -dd ip
    { 0xbf, 6, 1, 0, 0 },
    { 0xb4, 0, 0, 0, 0 },
    { 0xb4, 7, 0, 0, 0 },
    { 0x28, 0, 0, 0, 12 },
    { 0x55, 0, 0, 2, 2048 },
    { 0xb4, 0, 0, 0, 262144 },
    { 0x95, 0, 0, 0, 0 },
    { 0xb4, 0, 0, 0, 0 },
    { 0x95, 0, 0, 0, 0 },
    $ weir packet -O0 -f ebpf --json ip
    {"kind":"socket","stack_depth":0,"ebpf":[[191,6,1,0,0],[180,0,0,0,0],[180,7,0,0,0],[40,0,0,0,12],[85,0,0,2,2048],[180,0,0,0,262144],[149,0,0,0,0],[180,0,0,0,0],[149,0,0,0,0]],"relocs":[]}
    $ weir packet -O0 -f ebpf --raw ip | od -An -tx1 -w8 | head -3
     bf 16 00 00 00 00 00 00
     b4 00 00 00 00 00 00 00
     b4 07 00 00 00 00 00 00

What Linux itself makes of a filter that is attached, or of one for seccomp.

    $ weir packet -O0 -f ebpf-kernel 'len > 100'
       0: (ac) w0 ^= w0
       1: (ac) w7 ^= w7
       2: (bf) r6 = r1
       3: (61) r0 = *(u32 *)(r6 +0) ; offset of skb.len
       4: (b5) if r0 <= 0x64 goto pc+2
       5: (b4) w0 = 262144
       6: (95) exit
       7: (b4) w0 = 0
       8: (95) exit
    $ weir packet -O0 -f ebpf-kernel --json ip
    {"kind":"socket","stack_depth":0,"ebpf":[[172,0,0,0,0],[172,7,7,0,0],[191,6,1,0,0],[121,8,6,0,0],[97,9,6,0,0],[97,2,6,0,0],[28,9,2,0,0],[191,2,9,0,0],[23,2,0,0,12],[197,2,0,3,2],[105,0,8,12,0],[220,0,0,0,16],[5,0,0,8,0],[191,1,6,0,0],[191,2,8,0,0],[191,3,9,0,0],[183,4,0,0,12],[133,0,0,0,0],[117,0,0,2,0],[172,0,0,0,0],[149,0,0,0,0],[85,0,0,2,2048],[180,0,0,0,262144],[149,0,0,0,0],[180,0,0,0,0],[149,0,0,0,0]],"relocs":[[3,"off","skb.data"],[4,"off","skb.len"],[5,"off","skb.data_len"],[17,"imm","load_16"]]}
    $ printf 'ld #vlan_avail\nret a\n' >tag.asm
    $ weir show -f ebpf-kernel tag.asm
       0: (ac) w0 ^= w0
       1: (ac) w7 ^= w7
       2: (bf) r6 = r1
       3: (61) r0 = *(u32 *)(r6 +0) ; offset of skb.vlan_all
       4: (15) if r0 == 0x0 goto pc+1
       5: (b4) w0 = 1
       6: (95) exit
    $ weir show -f ebpf-kernel --target=be,vlan=6.2 tag.asm
       0: (ac) w0 ^= w0
       1: (ac) w7 ^= w7
       2: (bf) r6 = r1
       3: (71) r0 = *(u8 *)(r6 +0) ; offset of skb.vlan_present
       4: (54) w0 &= 1
       5: (95) exit
    $ printf 'ld [4]\njeq #0xc000003e, 2, 3\nret #0x7fff0000\nret #0\n' >sec.asm
    $ weir show --kind seccomp -f ebpf-kernel sec.asm
       0: (ac) w0 ^= w0
       1: (ac) w7 ^= w7
       2: (bf) r6 = r1
       3: (61) r0 = *(u32 *)(r6 +4)
       4: (b4) w2 = -1073741762
       5: (5d) if r0 != r2 goto pc+2
       6: (b4) w0 = 2147418112
       7: (95) exit
       8: (b4) w0 = 0
       9: (95) exit
    $ weir packet -O0 -f ebpf-kernel --raw ip; echo $?
    weir: 'raw' cannot express what only a kernel can fill in
    2
    $ weir packet -O0 -f ebpf-kernel --target=strict,pad=2,pointer=4,be,le 'ip[0] = 1' | grep call
      11: (85) call load_16
      20: (85) call load_8
    $ weir packet -O0 -f ebpf-kernel --target=strict,pad=1 ip; echo $?
    weir: error: unknown target 'pad=1': expected le, be, strict, pad=0 or pad=2, pointer=4 or pointer=8, vlan=X.Y
    2
    $ weir packet -O0 -f ebpf-kernel --target=vlan=6 ip; echo $?
    weir: error: unknown target 'vlan=6': expected le, be, strict, pad=0 or pad=2, pointer=4 or pointer=8, vlan=X.Y
    2

Where there is no such form the answer is no.

    $ weir show --kind seccomp -f ebpf sec.asm; echo $?
    weir: error: instruction 0: bpf(2) loads no seccomp filters: they have a kernel form only
    1
    $ printf 'ldb [x+1]\ntax\nld #nla\nret a\n' >nla.asm
    $ weir show -f ebpf nla.asm; echo $?
    weir: error: instruction 2: programs loaded by bpf(2) cannot ask for the ancillary word 'nla'
    1
    $ (echo 'ja far'; for i in $(seq 4000); do echo 'ldh [12]'; done; echo 'far: ret a') >far.asm
    $ weir show -f ebpf-kernel far.asm; echo $?
    weir: error: instruction 0: too far for Linux: once converted, the jump is at 7 and skips 56000 instructions, and neither may be above 32767
    1
    $ weir show -f ebpf-kernel --json far.asm; echo $?
    weir: error: instruction 0: too far for Linux: once converted, the jump is at 7 and skips 56000 instructions, and neither may be above 32767
    {"kind":"socket","err":-22}
    1
    $ printf '.insn 0xff, 0, 0, 0\nret a\n' >bad.asm
    $ weir show --kind packet -f ebpf bad.asm; echo $?
    weir: error: instruction 0: unknown instruction code 0xff
    1

With packet pointers: the first copy of the program, and the second, for packets in pieces.

    $ printf 'ldh [12]\njeq #0x800, 2, 5\nldxb 4*([14]&0xf)\nldh [x+16]\njgt #1023, 5, 6\nret #0\nret #1\n' >port.asm
    $ weir show --kind packet -f ebpf-xdp port.asm
       0: (61) r8 = *(u32 *)(r1 +0)
       1: (61) r9 = *(u32 *)(r1 +4)
       2: (bf) r4 = r8
       3: (07) r4 += 15
       4: (2d) if r4 > r9 goto pc+19
       5: (69) r0 = *(u16 *)(r8 +12)
       6: (55) if r0 != 0x8 goto pc+11
       7: (71) r7 = *(u8 *)(r8 +14)
       8: (57) r7 &= 15
       9: (67) r7 <<= 2
      10: (bf) r3 = r8
      11: (0f) r3 += r7
      12: (bf) r4 = r3
      13: (07) r4 += 18
      14: (2d) if r4 > r9 goto pc+7
      15: (69) r0 = *(u16 *)(r3 +16)
      16: (dc) r0 = be16 r0
      17: (b5) if r0 <= 0x3ff goto pc+2
      18: (b4) w0 = 0
      19: (95) exit
      20: (b4) w0 = 1
      21: (95) exit
      22: (bf) r6 = r1
      23: (05) goto pc+20
      24: (bf) r6 = r1
      25: (b4) w2 = 12
      26: (bf) r1 = r6
      27: (bf) r3 = r10
      28: (07) r3 += -80
      29: (b4) w4 = 2
      30: (85) call bpf_xdp_load_bytes#189
      31: (55) if r0 != 0x0 goto pc+27
      32: (69) r0 = *(u16 *)(r10 -80)
      33: (55) if r0 != 0x8 goto pc+21
      34: (b4) w2 = 14
      35: (bf) r1 = r6
      36: (bf) r3 = r10
      37: (07) r3 += -80
      38: (b4) w4 = 1
      39: (85) call bpf_xdp_load_bytes#189
      40: (55) if r0 != 0x0 goto pc+18
      41: (71) r7 = *(u8 *)(r10 -80)
      42: (57) r7 &= 15
      43: (67) r7 <<= 2
      44: (b4) w2 = 16
      45: (0c) w2 += w7
      46: (bf) r1 = r6
      47: (bf) r3 = r10
      48: (07) r3 += -80
      49: (b4) w4 = 2
      50: (85) call bpf_xdp_load_bytes#189
      51: (55) if r0 != 0x0 goto pc+7
      52: (69) r0 = *(u16 *)(r10 -80)
      53: (dc) r0 = be16 r0
      54: (b5) if r0 <= 0x3ff goto pc+2
      55: (b4) w0 = 0
      56: (95) exit
      57: (b4) w0 = 1
      58: (95) exit
      59: (b4) w0 = 0
      60: (95) exit
    $ weir show --kind packet -f ebpf-tc port.asm | head -4
       0: (61) r8 = *(u32 *)(r1 +76)
       1: (61) r9 = *(u32 *)(r1 +80)
       2: (bf) r4 = r8
       3: (07) r4 += 15
    $ printf 'ld [0xfff00009]\nret a\n' >net.asm
    $ weir show -f ebpf-tc net.asm
       0: (61) r8 = *(u32 *)(r1 +76)
       1: (61) r9 = *(u32 *)(r1 +80)
       2: (05) goto pc+0
       3: (bf) r6 = r1
       4: (b4) w2 = 9
       5: (bf) r1 = r6
       6: (bf) r3 = r10
       7: (07) r3 += -80
       8: (b4) w4 = 4
       9: (b4) w5 = 1
      10: (85) call bpf_skb_load_bytes_relative#68
      11: (55) if r0 != 0x0 goto pc+3
      12: (61) r0 = *(u32 *)(r10 -80)
      13: (dc) r0 = be32 r0
      14: (95) exit
      15: (b4) w0 = 0
      16: (95) exit
    $ weir show -f ebpf-xdp net.asm; echo $?
    weir: error: instruction 0: XDP programs cannot load at the negative offset -1048567
    1
    $ weir show -f ebpf-xdp tag.asm; echo $?
    weir: error: instruction 0: XDP programs cannot ask for the ancillary word 'vlan_avail'
    1
    $ printf 'ldb [0]\nldx #pktlen\nadd x\nret a\n' >len.asm
    $ weir show -f ebpf-xdp len.asm | head -12
       0: (bf) r6 = r1
       1: (61) r8 = *(u32 *)(r1 +0)
       2: (61) r9 = *(u32 *)(r1 +4)
       3: (bf) r4 = r8
       4: (07) r4 += 1
       5: (2d) if r4 > r9 goto pc+8
       6: (71) r0 = *(u8 *)(r8 +0)
       7: (7b) *(u64 *)(r10 -72) = r0
       8: (bf) r1 = r6
       9: (85) call bpf_xdp_get_buff_len#188
      10: (bc) w7 = w0
      11: (79) r0 = *(u64 *)(r10 -72)

What an object is for, and what it makes of a match.

    $ weir packet -f elf -o tcp.o tcp
    weir: -f elf needs --for xdp or --for tc
    [2]
    $ weir packet -f elf --for cgroup -o tcp.o tcp
    weir: --for takes socket, interpreter, xdp or tc, not 'cgroup'
    [2]
    $ weir packet -f elf --for socket -o tcp.o tcp
    weir: --for takes xdp or tc, not 'socket'
    [2]
    $ weir packet -f elf --for tc --verdict reject -o tcp.o tcp
    weir: --verdict takes drop or pass, not 'reject'
    [2]
    $ weir packet -f elf --for tc --link --verdict pass -o tcp.o tcp
    weir: --link makes no program that --verdict could be about
    [2]
    $ weir packet -f elf --for tc --link --section x -o tcp.o tcp
    weir: --link makes no program that --section could be about
    [2]
    $ weir packet -f elf --for tc --link -o tcp.o tcp
    $ for how in 'xdp --verdict drop' 'xdp --verdict pass' 'tc --verdict drop' 'tc --verdict pass'; do
    >   weir packet -f elf --for $how -o "${how% *}.o" tcp; done
    $ weir policy -f elf --for tc - <<.
    > default allow
    > kill reboot
    > .
    stdin:1:9: warning: 'io_uring_setup' is permitted: no filter sees what goes through its rings (opening, connecting, ...)
      default allow
              ^~~~~
    weir: error: instruction 0: bpf(2) loads no seccomp filters: they have a kernel form only
    [1]

An object file is not a classic program.

    $ weir packet -f elf --for xdp -o tcp.o tcp
    $ weir show tcp.o; echo $?
    weir: error: this is not a program, but an ELF file; weir reads classic BPF programs (byte 0)
    2
