Mistakes that people make who know other tools, C, or the system calls by their
libc names. Only what is said is shown here, not the lines and carets.

    $ cat >say <<'.'
    > for rule; do
    >     printf '%s\n' "$rule"
    >     printf 'default kill\n%s\n' "$rule" | pol | grep -v '^  ' | sed 's/^policy:2:/  /'
    > done
    > .

Names of libc, of the kernel's inside, of other tools

    $ sh say 'allow newuname, waitpid, malloc, pread, execvp, popen' \
    >   'allow @system-service' 'allow @nothing' 'allow all, EPERM' 'trap EPERM read' \
    >   'deny read' 'default deny' 'ALLOW read' 'Errno EPERM read' 'kill_process read' \
    >   'SCMP_ACT_ALLOW read' 'foreign SCMP_ACT_KILL'
    allow newuname, waitpid, malloc, pread, execvp, popen
      7: error: 'newuname' is no system call; what the kernel gets is 'uname'
      17: warning: 'waitpid' is a system call of i386, but not of the ABIs that this policy is about here: libc makes 'wait4' of it
      26: error: 'malloc' is no system call; what the kernel gets is 'brk, mmap'
      34: error: 'pread' is no system call; what the kernel gets is 'pread64'
      41: error: 'execvp' is no system call; what the kernel gets is 'execve'
      49: error: 'popen' is no system call; what the kernel gets is 'clone3, execve'
    allow @system-service
      7: error: there is no group '@system'; a '-' is not part of a name here, it takes away what comes after it
      15: error: 'service' is no system call
    allow @nothing
      7: error: there is no group '@nothing'; 'group @nothing = ...' above, or an include, would make one
    allow all, EPERM
      7: error: 'all' is no system call
      12: error: 'EPERM' is an error, which only 'errno' takes: 'errno EPERM ...'
    trap EPERM read
      6: error: 'EPERM' is an error, but 'trap' takes a number
    deny read
      1: error: 'deny' begins no statement; 'errno EPERM' is what does that here
    default deny
      9: error: 'deny' is no action; 'errno EPERM' is what does that here
    ALLOW read
      1: error: 'ALLOW' begins no statement; did you mean 'allow'?
    Errno EPERM read
      1: error: 'Errno' begins no statement; did you mean 'errno'?
    kill_process read
      1: error: 'kill_process' begins no statement; 'kill' is what does that here
    SCMP_ACT_ALLOW read
      1: error: 'SCMP_ACT_ALLOW' begins no statement; 'allow' is what does that here
    foreign SCMP_ACT_KILL
      9: error: 'SCMP_ACT_KILL' is no action; 'kill_thread' is what does that here

Lists

    $ sh say 'allow ~@mount' 'allow !read' 'allow *' 'allow 0, 1' 'allow nr 435' \
    >   'allow read and write' 'allow read; write' 'allow "read"' 'allow: read'
    allow ~@mount
      7: error: '~' takes nothing out of a list, '-' does: 'allow @a - @b'
    allow !read
      7: error: '!' takes nothing out of a list, '-' does: 'allow @a - @b'
    allow *
      7: error: all calls that no rule is about are the 'default'
    allow 0, 1
      7: error: a call's number is written 'nr(0)'
    allow nr 435
      10: error: a call's number is written 'nr(435)'
    allow read and write
      12: error: expected ',', 'if' or the end of the line, not 'and'
    allow read; write
      13: error: 'write' is a system call; a rule begins with an action (allow, errno, kill, ...)
    allow "read"
      7: error: expected a system call or @group, not '"read"'
    allow: read
      6: error: unexpected ':'

Errors

    $ sh say 'errno(EPERM) read' 'errno -1 read' 'errno -EPERM read'
    errno(EPERM) read
      6: error: the error stands alone after 'errno', without '(': 'errno EPERM', 'errno 1'
    errno -1 read
      7: error: the error stands alone after 'errno', without '-': 'errno EPERM', 'errno 1'
    errno -EPERM read
      7: error: the error stands alone after 'errno', without '-': 'errno EPERM', 'errno 1'

Arguments and values

    $ sh say 'allow read if arg0 == 1' 'allow read if a6 == 1' \
    >   'allow write if fd == stdout' 'allow open(O_RDONLY)' 'allow write(fd == 1)' \
    >   'allow chmod if mode == 0o755' 'allow read if count < 4k'
    allow read if arg0 == 1
      15: error: 'read' has no argument 'arg0'; the word that argument 1 is passed in is 'args[0]'
    allow read if a6 == 1
      15: error: 'read' has no argument 'a6'; it has 'fd', 'buf', 'count'
    allow write if fd == stdout
      22: error: 'write' has no argument 'stdout'; it has 'fd', 'buf', 'count'
    allow open(O_RDONLY)
      7: error: 'open' has 3 arguments on x86_64 (filename, flags, mode), but 1 is given ('_' stands for any)
    allow write(fd == 1)
      7: error: 'write' has 3 arguments on x86_64 (fd, buf, count), but 1 is given ('_' stands for any)
    allow chmod if mode == 0o755
      24: error: '0o755' is not a number; octal ones begin with 0 alone, as in C
    allow read if count < 4k
      23: error: '4k' is not a number

Several values, ranges, bits

    $ sh say 'allow write if fd == 1 || 2' 'allow write if fd != 1 and 2' \
    >   'allow write if fd == (1 or 2)' 'allow write if fd == 1, 2' \
    >   'allow read if fd in [1, 2]' 'allow read if fd in (1-5)' \
    >   'allow mmap if prot == PROT_READ or PROT_WRITE' \
    >   'allow mmap if prot & PROT_WRITE & PROT_EXEC' \
    >   'allow openat2, openat if flags & O_RDONLY'
    allow write if fd == 1 || 2
      27: error: a value alone is no condition; for several values write 'fd in (1, 2)'
    allow write if fd != 1 and 2
      28: error: a value alone is no condition; for several values write 'not fd in (1, 2)'
    allow write if fd == (1 or 2)
      22: error: 'fd in (..., ...)' asks for one of several values
    allow write if fd == 1, 2
      23: error: a condition ends the list, and is for all of it; what comes after it needs a rule of its own
    allow read if fd in [1, 2]
      21: error: expected '(' after 'in', not '['
    allow read if fd in (1-5)
      22: warning: '1-5' is one number; a range is written '1..5'
    allow mmap if prot == PROT_READ or PROT_WRITE
      36: error: a value alone is no condition; for several values write 'prot in (PROT_READ, PROT_WRITE)'
    allow mmap if prot & PROT_WRITE & PROT_EXEC
      35: warning: these masks have no bit in common, so this never holds; 'x & (a | b) == a | b' asks for all of several bits
    allow openat2, openat if flags & O_RDONLY
      26: error: 'openat2' has no argument 'flags'; it has 'dfd', 'filename', 'how', 'usize'

Operators

    $ sh say 'allow read if fd => 1' 'allow read if fd =< 1' 'allow read if fd <> 1' \
    >   'allow open if !flags & O_CREAT'
    allow read if fd => 1
      18: error: '=' does not compare; use '==', or '>='
    allow read if fd =< 1
      18: error: '=' does not compare; use '==', or '<='
    allow read if fd <> 1
      18: error: '<>' is written '!='
    allow open if !flags & O_CREAT
      15: error: '!' before 'flags & O_CREAT' needs parentheses around what it denies

What other languages have

    $ sh say 'allow read else errno EPERM' 'allow read if count < 4096 else kill' \
    >   'allow read then kill' 'allow read unless fd == 1' 'allow read where fd == 1' \
    >   '// comment' '/* comment */' 'X = 1' '@x = read' 'let X == 1'
    allow read else errno EPERM
      12: error: there is no 'else': the first rule that matches decides, and the rule below gets what is left
    allow read if count < 4096 else kill
      28: error: there is no 'else': the first rule that matches decides, and the rule below gets what is left
    allow read then kill
      12: error: there is no 'then': the first rule that matches decides, and the rule below gets what is left
    allow read unless fd == 1
      12: error: a condition begins with 'if', or 'if not', not 'unless'
    allow read where fd == 1
      12: error: a condition begins with 'if', or 'if not', not 'where'
    // comment
      1: error: unexpected '/'; a comment begins with '#'
    /* comment */
      1: error: unexpected '/'; a comment begins with '#'
    X = 1
      1: error: a value gets its name with 'let X = ...'
    @x = read
      1: error: a list gets its name with 'group @x = ...'
    let X == 1
      7: error: expected '=', not '=='

Machines and kernels

    $ sh say 'abi amd64' 'abi x86-64' 'abi arm64' 'on armhf { allow read }' \
    >   'kernel 5.15.0' 'kernel v5.15' 'include base.policy'
    abi amd64
      5: error: 'amd64' is no ABI; did you mean 'x86_64'?
    abi x86-64
      5: error: 'x86' is no ABI; did you mean 'x86_64'?
    abi arm64
      5: error: 'arm64' is no ABI; did you mean 'aarch64'?
    on armhf { allow read }
      4: error: 'armhf' is no ABI; did you mean 'arm'?
    kernel 5.15.0
      12: error: a kernel has two numbers here, such as 5.15: no call came with a third
    kernel v5.15
      8: error: expected a version of Linux such as 5.15, not 'v5'
    include base.policy
      9: error: expected the name of a policy in quotes, not 'base'

A flag that changes nothing gets past what is refused

    $ pol <<.
    > default allow
    > errno ENOSYS io_uring_setup
    > errno EPERM socket if type == SOCK_RAW
    > errno EPERM socketpair if type & 15 == SOCK_RAW
    > .
    policy:3:23: warning: with SOCK_CLOEXEC in 'type' the call does the same, but socket(0, 0x80003, 0) is permitted; compare under a mask, or with 'within'
      errno EPERM socket if type == SOCK_RAW
                            ^~~~~~~~~~~~~~~~
    $ pol <<.
    > default kill
    > errno EPERM socket if type == SOCK_RAW
    > allow socket if type in (SOCK_STREAM, SOCK_DGRAM)
    > .

A value from outside that the policy has no use for

    $ printf 'default kill\nlet DEBUG = 0\nallow close if fd == DEBUG\n' >debug.policy
    $ weir policy -D DEBUG=3 -f asm -o /dev/null debug.policy
    $ weir policy -D DEBG=3 -f asm -o /dev/null debug.policy
    weir: warning: the policy does not use 'DEBG', which got a value from outside; did you mean 'DEBUG'?
    $ weir policy -D VERBOSE=3 --lint -f asm -o /dev/null debug.policy
    weir: warning: the policy does not use 'VERBOSE', which got a value from outside
    [1]

After twenty errors the rest is left out, in every language

    $ (echo default allow; seq 30 | sed 's/.*/kill no_such_&/') | weir policy - 2>&1 | grep -c error:
    20
    $ (echo default allow; seq 30 | sed 's/.*/kill no_such_&/') | weir policy - 2>&1 | tail -n 1
    weir: note: 20 errors; more are not shown
    $ (echo default allow; seq 20 | sed 's/.*/kill no_such_&/') | weir policy - 2>&1 | tail -n 1
           ^~~~~~~~~~
    $ seq 30 | sed 's/.*/no_such_&: 1/' | weir policy - 2>&1 | grep -c -e error: -e 'not shown'
    21
    $ (echo 'ALLOW {'; seq 30 | sed 's/.*/no_such_&,/'; echo 'read } DEFAULT KILL') | weir policy -a x86_64 - 2>&1 | grep -c -e error: -e 'not shown'
    21
    $ (echo '[Service]'; seq 30 | sed 's/.*/SystemCallFilter=no_such_&/') | weir policy - 2>&1 | grep -c -e error: -e 'not shown'
    21
    $ (echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": ['; seq 30 | sed 's/.*/{"names": ["read"], "action": "no_such_&"},/'; echo '{}]}') | weir policy - 2>&1 | grep -c -e error: -e 'not shown'
    21
