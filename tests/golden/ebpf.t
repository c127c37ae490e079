What bpf(2) loads as a socket filter: as a listing, as C, as JSON, as bytes.

    $ weir packet -O0 -f ebpf 'ip or vlan' --live
       0: (bf) r6 = r1
       1: (b4) w0 = 0
       2: (b4) w7 = 0
       3: (b4) w0 = 0
       4: (28) r0 = *(u16 *)skb[12]
       5: (15) if r0 == 0x800 goto pc+6
       6: (61) r0 = *(u32 *)(r6 +20)
       7: (15) if r0 == 1 goto pc+4
       8: (28) r0 = *(u16 *)skb[12]
       9: (15) if r0 == 0x8100 goto pc+2
      10: (15) if r0 == 0x88a8 goto pc+1
      11: (55) if r0 != 0x9100 goto pc+2
      12: (b4) w0 = 0x40000
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
       5: (b4) w0 = 0x40000
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
       4: (15) if r0 == 0 goto pc+1
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
       4: (b4) w2 = 0xc000003e
       5: (5d) if r0 != r2 goto pc+2
       6: (b4) w0 = 0x7fff0000
       7: (95) exit
       8: (b4) w0 = 0
       9: (95) exit
    $ weir packet -O0 -f ebpf-kernel --raw ip; echo $?
    weir: what only a kernel can fill in has no place in 'raw'
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
