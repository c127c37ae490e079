What policies mean, as decision graphs.

The architecture first, then the number, and what depends on arguments last

    $ pol -g <<.
    > default errno EPERM
    > allow read, write, close
    > allow socket(AF_UNIX, _, _)
    > kill ptrace
    > .
    input seccomp
    n5: load.4 4 in { 0xc000003e -> n4 } else ret 0x80000000
    n4: load.4 0 in {
    	0..1 -> ret 0x7fff0000,
    	3 -> ret 0x7fff0000,
    	41 -> n3,
    	101 -> ret 0x80000000,
    	0x200..0x223 -> ret 0x80000000,
    	0x40000000..0x7fffffff -> ret 0x80000000,
    	0xc0000000..0xfffffffe -> ret 0x80000000
    } else ret 0x50001
    n3: load.4 16 == 1 ? ret 0x7fff0000 : ret 0x50001

Numbers of the same architecture that are x32's

    $ pol -g -a x86_64,x32 <<.
    > default errno EPERM
    > kernel 3.4
    > on x32 { allow ioctl if cmd == TCGETS }
    > .
    input seccomp
    n6: load.4 4 in { 0xc000003e -> n5 } else ret 0x80000000
    n5: load.4 0 in {
    	0..0x137 -> ret 0x50001,
    	0x200..0x201 -> ret 0x50001,
    	0x202 -> n4,
    	0x203..0x220 -> ret 0x50001,
    	0x40000000..0x4000000c -> ret 0x50001,
    	0x4000000e -> ret 0x50001,
    	0x40000011..0x40000012 -> ret 0x50001,
    	0x40000015..0x4000002c -> ret 0x50001,
    	0x40000030..0x40000035 -> ret 0x50001,
    	0x40000038..0x4000003a -> ret 0x50001,
    	0x4000003c..0x40000064 -> ret 0x50001,
    	0x40000066..0x4000007e -> ret 0x50001,
    	0x40000082 -> ret 0x50001,
    	0x40000084..0x40000085 -> ret 0x50001,
    	0x40000087..0x4000009b -> ret 0x50001,
    	0x4000009d..0x400000ad -> ret 0x50001,
    	0x400000af..0x400000b0 -> ret 0x50001,
    	0x400000b3 -> ret 0x50001,
    	0x400000b5..0x400000cc -> ret 0x50001,
    	0x400000cf..0x400000d0 -> ret 0x50001,
    	0x400000d2 -> ret 0x50001,
    	0x400000d4..0x400000d5 -> ret 0x50001,
    	0x400000d8..0x400000dd -> ret 0x50001,
    	0x400000df..0x400000eb -> ret 0x50001,
    	0x400000ed..0x400000f3 -> ret 0x50001,
    	0x400000f5 -> ret 0x50001,
    	0x400000f8..0x40000110 -> ret 0x50001,
    	0x40000113..0x40000115 -> ret 0x50001,
    	0x40000118..0x40000126 -> ret 0x50001,
    	0x4000012a -> ret 0x50001,
    	0x4000012c..0x40000132 -> ret 0x50001,
    	0x40000134..0x40000135 -> ret 0x50001,
    	0x40000200..0x40000201 -> ret 0x50001,
    	0x40000202 -> n4,
    	0x40000203..0x40000220 -> ret 0x50001
    } else ret 0x50026
    n4: load.4 24 == 0x5401 ? ret 0x7fff0000 : ret 0x50001

Words of 64 bits: order with and without a sign, masks, arguments

    $ pol -g <<.
    > default errno ENOSYS
    > allow lseek if offset < -1
    > allow write if count <= 0x100000000
    > allow mmap if prot & ~0xf00000000 == 0x1000000002
    > allow mremap if old_len < new_len
    > allow sync_file_range if offset < nbytes
    > .
    input seccomp
    n9: load.4 4 in { 0xc000003e -> n8 } else ret 0x80000000
    n8: load.4 0 in {
    	1 -> n3,
    	8 -> n4,
    	9 -> n5,
    	25 -> n6,
    	0x115 -> n7,
    	0x200..0x223 -> ret 0x80000000,
    	0x40000000..0x7fffffff -> ret 0x80000000,
    	0xc0000000..0xfffffffe -> ret 0x80000000
    } else ret 0x50026
    n3: {load.4 36, load.4 32} in { {0, 0}..{1, 0} -> ret 0x7fff0000 } else ret 0x50026
    n4: {load.4 28, load.4 24} in { {0x80000000, 0}..{0xffffffff, 0xfffffffe} -> ret 0x7fff0000 } else ret 0x50026
    n5: {(load.4 36 & 0xfffffff0), load.4 32} == {16, 2} ? ret 0x7fff0000 : ret 0x50026
    n6: {load.4 28, load.4 24} >= {load.4 36, load.4 32} ? ret 0x50026 : ret 0x7fff0000
    n7: {(load.4 28 ^ 0x80000000), load.4 24} >= {(load.4 36 ^ 0x80000000), load.4 32} ? ret 0x50026 : ret 0x7fff0000

A split argument of a 32-bit ABI, and the calls behind socketcall

    $ pol -g -a i386 <<.
    > default errno EPERM
    > allow pread64 if pos < 0
    > allow socket
    > .
    input seccomp
    n6: load.4 4 in { 0x40000003 -> n5 } else ret 0x80000000
    n5: load.4 0 in { 102 -> n3, 180 -> n4, 0x167 -> ret 0x7fff0000 } else ret 0x50001
    n3: load.4 16 == 1 ? ret 0x7fff0000 : ret 0x50001
    n4: {load.4 48, load.4 40} in { {0x80000000, 0}..{0xffffffff, 0xffffffff} -> ret 0x7fff0000 } else ret 0x50001

One condition for a set

    $ pol -g <<.
    > default errno EPERM
    > allow kill if pid in (-3..3, 17, 0xffffffff) and not (sig == 9 or sig & 0x40)
    > .
    input seccomp
    n7: load.4 4 in { 0xc000003e -> n6 } else ret 0x80000000
    n6: load.4 0 in { 62 -> n5, 0x200..0x223 -> ret 0x80000000, 0x40000000..0x7fffffff -> ret 0x80000000, 0xc0000000..0xfffffffe -> ret 0x80000000 } else ret 0x50001
    n5: load.4 16 in { 0..3 -> n4, 17 -> n4, 0xfffffffd..0xffffffff -> n4 } else ret 0x50001
    n4: load.4 24 == 9 ? ret 0x50001 : n3
    n3: load.4 24 has 64 ? ret 0x50001 : ret 0x7fff0000

x32's numbers, as another compiler tells them apart

    $ pol -g -a x86_64 <<.
    > default errno EPERM
    > x32 marked
    > allow read, nr(520)
    > .
    input seccomp
    n4: load.4 4 in { 0xc000003e -> n3 } else ret 0x80000000
    n3: load.4 0 in { 0 -> ret 0x7fff0000, 0x208 -> ret 0x7fff0000, 0x40000000..0x7fffffff -> ret 0x80000000, 0xc0000000..0xfffffffe -> ret 0x80000000 } else ret 0x50001
    $ pol -g -a x86_64,x32 <<.
    > default errno EPERM
    > x32 above
    > foreign kill
    > on x32 { allow read }
    > .
    input seccomp
    n4: load.4 4 in { 0xc000003e -> n3 } else ret 0x80000000
    n3: load.4 0 in { 0x40000000 -> ret 0x7fff0000 } else ret 0x50001
