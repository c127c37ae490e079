What the policy compiler says of comparisons that cannot be meant, or can be
read in two ways.

Too wide for an int

    $ pol <<.
    > default kill
    > allow socket if family == 0x100000000
    > .
    policy:2:27: error: the value does not fit in the argument's 32 bits
      allow socket if family == 0x100000000
                                ^~~~~~~~~~~
    [2]

Below zero for an unsigned

    $ pol <<.
    > default kill
    > allow close if fd < -1
    > .
    policy:2:21: error: the value does not fit in the argument's unsigned 32 bits
      allow close if fd < -1
                          ^~
    [2]

Above a signed

    $ pol <<.
    > default kill
    > allow kill if pid > 0x80000000
    > .
    policy:2:21: error: the value does not fit in the argument's signed 32 bits
      allow kill if pid > 0x80000000
                          ^~~~~~~~~~
    [2]

Equality takes either sign

    $ pol <<.
    > default kill
    > allow close if fd == -1 or fd == 0xffffffff
    > .

A mode has 16 bits

    $ pol <<.
    > default errno ENOSYS
    > allow chmod if mode == 0x10000
    > .
    policy:2:24: error: the value does not fit in the argument's 16 bits
      allow chmod if mode == 0x10000
                             ^~~~~~~
    [2]

A range upside down

    $ pol <<.
    > default kill
    > allow close if fd in (1, 5..3)
    > .
    policy:2:26: error: the range is reversed: its lower end must come first
      allow close if fd in (1, 5..3)
                               ^~~~
    [2]

Arguments of two widths

    $ pol <<.
    > default kill
    > allow lseek if fd == offset
    > .
    policy:2:16: error: this compares arguments of 32 and 64 bits; choose a type with u32(), i32(), u64() or i64()
      allow lseek if fd == offset
                     ^~~~~~~~~~~~
    [2]

Arguments of two signs

    $ pol <<.
    > default kill
    > allow sendto if fd < flags
    > .
    policy:2:17: error: this orders a signed and an unsigned argument; choose a type with u32(), i32(), u64() or i64()
      allow sendto if fd < flags
                      ^~~~~~~~~~
    [2]

Arithmetic on an argument

    $ pol <<.
    > default kill
    > allow close if fd + 1 == 3
    > allow close if ~fd == 3
    > .
    policy:2:21: error: an argument can only be combined with a constant, by '&'
      allow close if fd + 1 == 3
                          ^
    policy:3:16: error: '~' cannot be applied to an argument
      allow close if ~fd == 3
                     ^~~
    [2]

A value alone

    $ pol <<.
    > default kill
    > allow close if fd
    > allow close if fd | 1
    > .
    policy:2:16: error: a value alone is not a condition; compare it, for instance with '!= 0'
      allow close if fd
                     ^~
    policy:3:16: error: a value alone is not a condition; compare it, for instance with '!= 0'
      allow close if fd | 1
                     ^~~~~~
    [2]

And with or

    $ pol <<.
    > default kill
    > allow close if fd == 1 and fd == 2 or fd == 3
    > .
    policy:2:36: error: 'and' mixed with 'or' needs parentheses to say which comes first
      allow close if fd == 1 and fd == 2 or fd == 3
                                         ^~
    [2]

Comparisons in a chain

    $ pol <<.
    > default kill
    > allow close if 1 < fd < 3
    > .
    policy:2:23: error: comparisons do not chain; join two of them with 'and'
      allow close if 1 < fd < 3
                            ^
    [2]

A mask in doubt

    $ pol <<.
    > default kill
    > allow open if flags & O_CREAT | O_TRUNC
    > .
    policy:2:15: error: '&' mixed with '|' needs parentheses: 'a & (b | c)', or '(a & b) or c'?
      allow open if flags & O_CREAT | O_TRUNC
                    ^~~~~~~~~~~~~~~~~~~~~~~~~
    [2]

A negation in doubt

    $ pol <<.
    > default kill
    > allow open if !flags & O_CREAT
    > allow open if !(flags & O_CREAT)
    > allow open if not flags & O_CREAT
    > .
    policy:2:15: error: '!' before 'flags & O_CREAT' needs parentheses around what it negates
      allow open if !flags & O_CREAT
                    ^~~~~~~~~~~~~~~~
    [2]

A mask that is too wide

    $ pol <<.
    > default kill
    > allow open if flags & 0x100000000 == 0
    > .
    policy:2:23: error: the mask does not fit in the argument's 32 bits
      allow open if flags & 0x100000000 == 0
                            ^~~~~~~~~~~
    [2]

A mask of nothing

    $ pol <<.
    > default kill
    > allow close if fd & 0 == 0
    > allow close if fd & 0
    > .
    policy:2:16: warning: the mask selects none of the argument's bits, so this is always zero
      allow close if fd & 0 == 0
                     ^~~~~~
    policy:3:21: warning: this value is 0 and has no bits, so this never holds; compare with '== 0', under a mask if needed
      allow close if fd & 0
                          ^

A mask that clears the value

    $ pol <<.
    > default kill
    > allow close if fd & 3 == 4
    > .
    policy:2:26: warning: the mask clears bits that this value has, so they are never equal
      allow close if fd & 3 == 4
                               ^

A pointer

    $ pol <<.
    > default kill
    > allow read if buf == 0x1000
    > allow write if buf != 0
    > .
    policy:2:15: warning: this compares a pointer: the program chooses where its data lies, and can change it after the check
      allow read if buf == 0x1000
                    ^~~

Overflow

    $ pol <<.
    > default kill
    > let A = 1 << 64
    > let B = 0xffffffffffffffff + 1
    > let C = -0x8000000000000000 - 1
    > .
    policy:2:14: error: the value does not fit in 64 bits
      let A = 1 << 64
                   ^~
    policy:3:30: error: the value does not fit in 64 bits
      let B = 0xffffffffffffffff + 1
                                   ^
    policy:4:31: error: the value does not fit in 64 bits
      let C = -0x8000000000000000 - 1
                                    ^
    [2]

An argument where a constant belongs

    $ pol <<.
    > default kill
    > let A = args[0]
    > allow close if fd in (1, fd)
    > allow close if -fd == 1
    > .
    policy:2:9: error: arguments have no value here
      let A = args[0]
              ^~~~~~~
    policy:3:26: error: expected a constant, found an argument
      allow close if fd in (1, fd)
                               ^~
    policy:4:16: error: '-' cannot be applied to an argument
      allow close if -fd == 1
                     ^~~
    [2]
