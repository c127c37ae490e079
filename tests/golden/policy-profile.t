How often calls are made.

What is made most is asked for first

    $ cat >b.policy <<'.'
    > default errno EPERM
    > abi x86_64
    > allow read, write, close, mmap, munmap, brk, exit_group
    > allow socket(AF_UNIX, _, _)
    > allow fcntl if cmd == F_GETFL
    > errno ENOSYS uname
    > .
    $ printf 'socket 10\nfcntl 20\nuname: 1000  # often\nread 100000\n' >counts
    $ weir policy --profile counts ./b.policy
    (000) ld       [4]                             ; arch
    (001) jeq      #0xc000003e      jt 2	jf 23  ; arch == x86_64
    (002) ld       [0]                             ; call
    (003) jeq      #0x3f            jt 4	jf 5   ; call == uname: "uname"
    (004) ret      #0x50026                        ; errno ENOSYS
    (005) jeq      #0x48            jt 6	jf 8   ; call == fcntl: "fcntl"
    (006) ld       [24]                            ; fcntl cmd
    (007) jeq      #0x3             jt 22	jf 21  ; fcntl cmd == F_GETFL: "cmd == F_GETFL"
    (008) jgt      #0x1             jt 9	jf 22  ; call > write: "read"
    (009) jgt      #0xc             jt 10	jf 18  ; call > brk
    (010) jge      #0x200           jt 11	jf 14  ; call >= 512
    (011) jgt      #0x223           jt 12	jf 23  ; call > 547
    (012) jset     #0x40000000      jt 13	jf 21  ; a call of x32
    (013) jeq      #0xffffffff      jt 21	jf 23  ; call == 0xffffffff
    (014) jeq      #0x29            jt 15	jf 17  ; call == socket: "socket(AF_UNIX, _, _)"
    (015) ld       [16]                            ; socket family
    (016) jeq      #0x1             jt 22	jf 21  ; socket family == AF_UNIX: "AF_UNIX"
    (017) jeq      #0xe7            jt 22	jf 21  ; call == exit_group: "exit_group"
    (018) jge      #0x9             jt 19	jf 20  ; call >= mmap
    (019) jeq      #0xa             jt 21	jf 22  ; call == mprotect
    (020) jeq      #0x3             jt 22	jf 21  ; call == close: "close"
    (021) ret      #0x50001                        ; errno EPERM
    (022) ret      #0x7fff0000                     ; allow
    (023) ret      #0x80000000                     ; kill
    $ weir policy ./b.policy
    (000) ld       [4]                             ; arch
    (001) jeq      #0xc000003e      jt 2	jf 23  ; arch == x86_64
    (002) ld       [0]                             ; call
    (003) jeq      #0x29            jt 4	jf 6   ; call == socket: "socket(AF_UNIX, _, _)"
    (004) ld       [16]                            ; socket family
    (005) jeq      #0x1             jt 22	jf 21  ; socket family == AF_UNIX: "AF_UNIX"
    (006) jeq      #0x48            jt 7	jf 9   ; call == fcntl: "fcntl"
    (007) ld       [24]                            ; fcntl cmd
    (008) jeq      #0x3             jt 22	jf 21  ; fcntl cmd == F_GETFL: "cmd == F_GETFL"
    (009) jgt      #0xc             jt 10	jf 17  ; call > brk
    (010) jge      #0x200           jt 11	jf 14  ; call >= 512
    (011) jgt      #0x223           jt 12	jf 23  ; call > 547
    (012) jset     #0x40000000      jt 13	jf 21  ; a call of x32
    (013) jeq      #0xffffffff      jt 21	jf 23  ; call == 0xffffffff
    (014) jeq      #0x3f            jt 15	jf 16  ; call == uname: "uname"
    (015) ret      #0x50026                        ; errno ENOSYS
    (016) jeq      #0xe7            jt 22	jf 21  ; call == exit_group: "exit_group"
    (017) jgt      #0x3             jt 18	jf 20  ; call > close
    (018) jge      #0x9             jt 19	jf 21  ; call >= mmap
    (019) jeq      #0xa             jt 21	jf 22  ; call == mprotect
    (020) jeq      #0x2             jt 21	jf 22  ; call == open
    (021) ret      #0x50001                        ; errno EPERM
    (022) ret      #0x7fff0000                     ; allow
    (023) ret      #0x80000000                     ; kill
    $ printf '41 10\n72 5\n' | weir policy --profile - ./b.policy
    (000) ld       [4]                             ; arch
    (001) jeq      #0xc000003e      jt 2	jf 23  ; arch == x86_64
    (002) ld       [0]                             ; call
    (003) jeq      #0x29            jt 4	jf 6   ; call == socket: "socket(AF_UNIX, _, _)"
    (004) ld       [16]                            ; socket family
    (005) jeq      #0x1             jt 22	jf 21  ; socket family == AF_UNIX: "AF_UNIX"
    (006) jeq      #0x48            jt 7	jf 9   ; call == fcntl: "fcntl"
    (007) ld       [24]                            ; fcntl cmd
    (008) jeq      #0x3             jt 22	jf 21  ; fcntl cmd == F_GETFL: "cmd == F_GETFL"
    (009) jgt      #0xc             jt 10	jf 17  ; call > brk
    (010) jge      #0x200           jt 11	jf 14  ; call >= 512
    (011) jgt      #0x223           jt 12	jf 23  ; call > 547
    (012) jset     #0x40000000      jt 13	jf 21  ; a call of x32
    (013) jeq      #0xffffffff      jt 21	jf 23  ; call == 0xffffffff
    (014) jeq      #0x3f            jt 15	jf 16  ; call == uname: "uname"
    (015) ret      #0x50026                        ; errno ENOSYS
    (016) jeq      #0xe7            jt 22	jf 21  ; call == exit_group: "exit_group"
    (017) jgt      #0x3             jt 18	jf 20  ; call > close
    (018) jge      #0x9             jt 19	jf 21  ; call >= mmap
    (019) jeq      #0xa             jt 21	jf 22  ; call == mprotect
    (020) jeq      #0x2             jt 21	jf 22  ; call == open
    (021) ret      #0x50001                        ; errno EPERM
    (022) ret      #0x7fff0000                     ; allow
    (023) ret      #0x80000000                     ; kill

Arguments are mostly small numbers: one test lets most of them pass

    $ cat >c.policy <<'.'
    > default errno EPERM
    > abi x86_64
    > allow socket if args[0] < 38
    > allow socket if args[0] == 39
    > allow socket if args[0] > 40
    > .
    $ weir policy ./c.policy
    (000) ld       [4]                             ; arch
    (001) jeq      #0xc000003e      jt 2	jf 16  ; arch == x86_64
    (002) ld       [0]                             ; call
    (003) jeq      #0x29            jt 4	jf 11  ; call == socket: "socket"
    (004) ld       [16]                            ; socket family
    (005) jgt      #0x25            jt 6	jf 10  ; socket family > AF_CAIF: "args[0] < 38"
    (006) jeq      #0x26            jt 8	jf 7   ; socket family == AF_ALG: "args[0] == 39"
    (007) jeq      #0x28            jt 8	jf 10  ; socket family == AF_VSOCK: "args[0] > 40"
    (008) ld       [20]                            ; socket family, high half
    (009) jeq      #0x0             jt 15	jf 10  ; socket family, high half == 0
    (010) ret      #0x7fff0000                     ; allow
    (011) jge      #0x200           jt 12	jf 15  ; call >= 512
    (012) jgt      #0x223           jt 13	jf 16  ; call > 547
    (013) jset     #0x40000000      jt 14	jf 15  ; a call of x32
    (014) jeq      #0xffffffff      jt 15	jf 16  ; call == 0xffffffff
    (015) ret      #0x50001                        ; errno EPERM
    (016) ret      #0x80000000                     ; kill

What is no profile

    $ printf 'read\n' | weir policy --profile - ./b.policy
    stdin:1:1: error: expected a count after the call
      read
      ^~~~
    [2]
    $ printf 'read many\n\nwrite 1 2\n9999999999999 1\n' | weir policy --profile - ./b.policy
    stdin:1:6: error: expected a count, 0 to 1099511627776, found 'many'
      read many
           ^~~~
    stdin:3:9: error: expected the end of the line after the count
      write 1 2
              ^
    stdin:4:1: warning: unknown system call '9999999999999'
      9999999999999 1
      ^~~~~~~~~~~~~
    [2]
    $ printf 'raed 1\n' | weir policy --profile - -ddd ./b.policy >listed
    stdin:1:1: warning: unknown system call 'raed'; did you mean 'read'?
      raed 1
      ^~~~
    $ weir policy --profile ./nothing ./b.policy
    weir: ./nothing: No such file or directory
    [2]
