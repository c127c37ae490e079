What the policy compiler says of text that is not in the language.

A statement that is none

    $ pol <<.
    > default kill
    > allwo read
    > foo bar
    > .
    policy:2:1: error: unknown statement 'allwo'; did you mean 'allow'?
      allwo read
      ^~~~~
    policy:3:1: error: unknown statement 'foo'; a rule begins with an action (allow, errno, kill, ...)
      foo bar
      ^~~
    [2]

A system call where a statement begins

    $ pol <<.
    > default kill
    > read, write
    > .
    policy:2:1: error: 'read' is a system call; a rule begins with an action (allow, errno, kill, ...)
      read, write
      ^~~~
    [2]

Several errors in one run

    $ pol <<.
    > defalt kill
    > allow raed
    > errno EPREM write
    > allow close if fb == 1
    > .
    policy:1:1: error: unknown statement 'defalt'; did you mean 'default'?
      defalt kill
      ^~~~~~
    policy:2:7: error: unknown system call 'raed'; did you mean 'read'?
      allow raed
            ^~~~
    policy:3:7: error: unknown error 'EPREM' on x86_64; did you mean 'EPERM'?
      errno EPREM write
            ^~~~~
    policy:4:16: error: 'close' has no argument 'fb'; did you mean 'fd'?
      allow close if fb == 1
                     ^~
    weir: note: 'policy' was read as a policy in weir's own language; --from says otherwise
    [2]

Stray comma before a call that is also an action

    $ pol <<.
    > default errno EPERM
    > allow read,
    > kill ptrace
    > .
    policy:3:1: error: 'kill' is read as a system call here; stray comma?
      kill ptrace
      ^~~~
    policy:2:11: note: this comma continues the list
      allow read,
                ^
    [2]

Stray comma before a statement

    $ pol <<.
    > default errno EPERM
    > allow read,
    > group @a = write
    > .
    policy:3:1: error: 'group' begins a statement; stray comma?
      group @a = write
      ^~~~~
    policy:2:11: note: this comma continues the list
      allow read,
                ^
    [2]

No comma is missing after all

    $ pol <<.
    > default errno EPERM
    > allow read,
    > 	kill
    > .

A missing comma

    $ pol <<.
    > default kill
    > allow read write
    > .
    policy:2:12: error: expected ',', 'if' or the end of the line, found 'write'
      allow read write
                 ^~~~~
    [2]

A list that ends in a comma

    $ pol <<.
    > default kill
    > allow read,
    > .
    policy:2:11: error: expected a system call or @group after ','
      allow read,
                ^
    [2]

No call

    $ pol <<.
    > default kill
    > allow
    > .
    policy:2:6: error: expected a system call or @group before the end of the line
      allow
           ^
    [2]

A newline ends a rule

    $ pol <<.
    > default kill
    > allow close if fd == 1
    > 	and fd == 2
    > .
    policy:3:2: error: the rule ended with the line before 'and'; put 'and' at the end of that line
      	and fd == 2
      	^~~
    [2]

Operators carry on

    $ pol <<.
    > default kill
    > allow close if fd == 1 or
    > 	fd == 2
    > .

Parentheses carry on

    $ pol <<.
    > default kill
    > allow close if (fd == 1
    > 	or fd == 2)
    > .

An action that is none

    $ pol <<.
    > default alow
    > .
    policy:1:9: error: unknown action 'alow'; did you mean 'allow'?
      default alow
              ^~~~
    [2]

Foreign without an action

    $ pol <<.
    > default kill
    > foreign
    > .
    policy:2:8: error: expected an action (allow, errno, kill, ...) before the end of the line
      foreign
             ^
    [2]

A version that is none

    $ pol <<.
    > default kill
    > kernel 6
    > .
    policy:2:9: error: expected a Linux version such as 5.15 before the end of the line
      kernel 6
              ^
    [2]

An ABI that is none

    $ pol <<.
    > default kill
    > abi x86_65
    > .
    policy:2:5: error: unknown ABI 'x86_65'; did you mean 'x86_64'?
      abi x86_65
          ^~~~~~
    [2]

Errno out of range

    $ pol <<.
    > default errno 4096
    > .
    policy:1:15: error: '4096' is out of range; expected 0..4095
      default errno 4096
                    ^~~~
    [2]

Errno without a name

    $ pol <<.
    > default kill
    > errno read
    > .
    policy:2:7: error: 'read' is a system call; 'errno' needs an error before it: 'errno EPERM read'
      errno read
            ^~~~
    [2]

Errno with a name that is none

    $ pol <<.
    > default errno EACESS
    > .
    policy:1:15: error: unknown error 'EACESS' on x86_64; did you mean 'EACCES'?
      default errno EACESS
                    ^~~~~~
    [2]

Trace without a number

    $ pol <<.
    > default kill
    > trace read
    > .
    policy:2:7: error: expected a number (0..65535) after 'trace', found 'read'
      trace read
            ^~~~
    [2]

Errno 0

    $ pol <<.
    > default kill
    > errno 0 read
    > .
    policy:2:7: warning: errno 0 makes the call look successful though nothing was done
      errno 0 read
            ^

A group without its sign

    $ pol <<.
    > default kill
    > group mine = read
    > .
    policy:2:7: error: the name of a group must begin with '@': @mine
      group mine = read
            ^~~~
    [2]

An open block

    $ pol <<.
    > default kill
    > log { read
    > .
    policy:2:5: error: unmatched '{'
      log { read
          ^
    [2]

An open parenthesis

    $ pol <<.
    > default kill
    > allow close if (fd == 1
    > allow read
    > .
    policy:3:1: error: expected ')', found 'allow'
      allow read
      ^~~~~
    policy:2:16: note: to match this '('
      allow close if (fd == 1
                     ^
    [2]

A brace too many

    $ pol <<.
    > default kill
    > }
    > allow read
    > .
    policy:2:1: error: unmatched '}'
      }
      ^
    [2]

An action inside a block

    $ pol <<.
    > default kill
    > log {
    > 	allow getcwd
    > 	read
    > }
    > .
    policy:3:2: error: the action must precede the block; inside, 'allow' is not a system call
      	allow getcwd
      	^~~~~
    [2]

Bytes that begin nothing

    $ pol <<'.'
    > default kill
    > allow read$
    > allow reaäd
    > .
    policy:2:11: error: unexpected '$'
      allow read$
                ^
    policy:3:10: error: unexpected 'ä'
      allow reaäd
               ^
    [2]

Numbers that are none

    $ pol <<.
    > default kill
    > allow close if fd == 0x
    > allow close if fd == 08
    > allow close if fd == 12ab
    > allow close if fd == 99999999999999999999
    > .
    policy:2:22: error: '0x' is not a number
      allow close if fd == 0x
                           ^~
    policy:3:22: error: '08' is not a number
      allow close if fd == 08
                           ^~
    policy:4:22: error: '12ab' is not a number
      allow close if fd == 12ab
                           ^~~~
    policy:5:22: error: '99999999999999999999' does not fit in 64 bits
      allow close if fd == 99999999999999999999
                           ^~~~~~~~~~~~~~~~~~~~
    [2]

Settings in a block

    $ pol <<.
    > default kill
    > on x86_64 { default allow }
    > .
    policy:2:13: error: 'default' is not allowed in an 'on' block
      on x86_64 { default allow }
                  ^~~~~~~
    [2]

A string in a condition

    $ pol <<.
    > default kill
    > allow open if filename == "/etc/passwd"
    > .
    policy:2:27: error: a string cannot be compared: a filter sees pointers, not what they point to
      allow open if filename == "/etc/passwd"
                                ^~~~~~~~~~~~~
    [2]

An assignment in a condition

    $ pol <<.
    > default kill
    > allow close if fd = 1
    > .
    policy:2:19: error: '=' does not compare; use '=='
      allow close if fd = 1
                        ^
    [2]

A condition in a let

    $ pol <<.
    > default kill
    > let A = 1 == 1
    > .
    policy:2:9: error: expected a value, found a condition
      let A = 1 == 1
              ^~~~~~
    [2]

A function that is none

    $ pol <<.
    > default kill
    > allow close if s32(fd) == 1
    > .
    policy:2:16: error: unknown function 's32'; expected u32(), i32(), u64() or i64()
      allow close if s32(fd) == 1
                     ^~~
    [2]

An index out of range

    $ pol <<.
    > default kill
    > allow close if args[6] == 1
    > .
    policy:2:21: error: a system call has arguments args[0] to args[5]
      allow close if args[6] == 1
                          ^
    [2]

An index where none belongs

    $ pol <<.
    > default kill
    > allow close if args[x] == 1
    > allow close if fd[0] == 1
    > .
    policy:2:21: error: expected the number of an argument, 0 to 5, found 'x'
      allow close if args[x] == 1
                          ^
    policy:3:16: error: only 'args' can have an index: args[0] to args[5]
      allow close if fd[0] == 1
                     ^~
    [2]

An error that is missing

    $ pol <<.
    > default errno
    > errno { read }
    > errno frob read
    > .
    policy:1:14: error: expected an error (EPERM, ENOSYS, 1..4095) after 'errno' before the end of the line
      default errno
                   ^
    policy:2:7: error: expected an error (EPERM, ENOSYS, 1..4095) after 'errno', found '{'
      errno { read }
            ^
    policy:3:7: error: unknown error 'frob' on x86_64; expected a name such as EPERM, or a number
      errno frob read
            ^~~~
    [2]

A version with too much in it

    $ pol <<.
    > default kill
    > kernel 5.10000
    > kernel 6.1.2
    > .
    policy:2:10: error: '10000' is out of range; expected a Linux version such as 5.15
      kernel 5.10000
               ^~~~~
    policy:3:11: error: expected only two numbers, such as 5.15: stable releases add no calls
      kernel 6.1.2
                ^
    [2]

Names that are missing

    $ pol <<.
    > default kill
    > abi
    > group = read
    > let = 3
    > let 3 = 3
    > include default
    > on { allow read }
    > .
    policy:2:4: error: expected the name of an ABI (x86_64, i386, ...) before the end of the line
      abi
         ^
    policy:3:7: error: expected the name of a group, such as @mine, found '='
      group = read
            ^
    policy:4:5: error: expected a name for the value, found '='
      let = 3
          ^
    policy:5:5: error: expected a name for the value, found '3'
      let 3 = 3
          ^
    policy:6:9: error: the name of a policy must be in quotes: "default"
      include default
              ^~~~~~~
    policy:7:4: error: expected the name of an ABI (x86_64, i386, ...), found '{'
      on { allow read }
         ^
    [2]

An ABI that is not like any

    $ pol <<.
    > default kill
    > abi vax
    > .
    policy:2:5: error: unknown ABI 'vax'; expected one of x86_64, i386, x32, arm, aarch64, riscv64, loongarch64, ppc64le, ppc64, ppc, s390x, s390, mips, mipsel, mips64, mipsel64, mips64n32, mipsel64n32, m68k, parisc, parisc64, sh, sheb
      abi vax
          ^~~
    [2]

Blocks in blocks

    $ pol <<.
    > default kill
    > on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { allow read } } } } } } } } } } } } } } } } }
    > .
    policy:2:193: error: 'on' blocks nested more than 16 deep
      ...on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { on x86_64 { allow read } } } } } } } } } } } } } } } } }
                                                                     ^~
    [2]

Strings

    $ pol <<'.'
    > default kill
    > include "a
    > include "\q"
    > include "a\0b"
    > .
    policy:2:9: error: unterminated string
      include "a
              ^~
    policy:3:9: error: unknown escape in the string
      include "\q"
              ^~~~
    policy:4:9: error: unknown escape in the string
      include "a\0b"
              ^~~~~~
    [2]

A statement that begins with a number

    $ pol <<.
    > default kill
    > 12 read
    > , write
    > .
    policy:2:1: error: expected a statement (allow, errno, group, ...), found '12'
      12 read
      ^~
    policy:3:1: error: expected a statement (allow, errno, group, ...), found ','
      , write
      ^
    [2]

A byte that cannot be shown

    $ pol <<.
    > default kill
    > allow read
    > .
    policy:2:11: error: unexpected byte 0x01
      allow read?
                ^
    [2]

No parenthesis after in

    $ pol <<.
    > default kill
    > allow close if fd in 1, 2
    > allow close if fd in (1, 2
    > .
    policy:2:22: error: expected '(' after 'in', found '1'
      allow close if fd in 1, 2
                           ^
    policy:3:27: error: expected ',', '..' or ')' before the end of the text
      allow close if fd in (1, 2
                                ^
    policy:3:22: note: to match this '('
      allow close if fd in (1, 2
                           ^
    [2]

What may follow a condition

    $ pol <<.
    > default kill
    > allow close if fd == 1, dup
    > allow close if fd == 1 xor fd == 2
    > .
    policy:2:23: error: a condition ends the list and applies to all of it; put what follows into a separate rule
      allow close if fd == 1, dup
                            ^
    policy:3:24: error: expected 'and', 'or' or the end of the line, found 'xor'
      allow close if fd == 1 xor fd == 2
                             ^~~
    [2]


Which numbers are x32's

    $ pol <<.
    > default kill
    > x32
    > x32 sometimes
    > x32 above
    > .
    policy:2:4: error: expected 'marked' or 'above' before the end of the line
      x32
         ^
    policy:3:5: error: expected 'marked' or 'above', found 'sometimes'
      x32 sometimes
          ^~~~~~~~~
    [2]
    $ pol -a x86_64 <<.
    > default kill
    > x32 marked
    > allow nr(520), nr(0x80000000), nr(0x40000001)
    > .
    policy:3:35: error: this number belongs to x32, not to x86_64
      allow nr(520), nr(0x80000000), nr(0x40000001)
                                        ^~~~~~~~~~
    [2]
    $ pol -a x86_64 <<.
    > default kill
    > x32 above
    > allow nr(520), nr(0x80000000), nr(0xffffffff)
    > .
    policy:3:19: error: this number belongs to x32, not to x86_64
      allow nr(520), nr(0x80000000), nr(0xffffffff)
                        ^~~~~~~~~~
    [2]
