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
    >   'SCMP_ACT_ALLOW read' 'foreign SCMP_ACT_KILL' 'allow fstatat' 'allow open*'
    allow newuname, waitpid, malloc, pread, execvp, popen
      7: error: 'newuname' is not a system call; the kernel gets 'uname'
      17: warning: 'waitpid' is a system call of i386, but of none of the ABIs here; libc calls 'wait4' instead
      26: error: 'malloc' is not a system call; the kernel gets 'brk, mmap'
      34: error: 'pread' is not a system call; the kernel gets 'pread64'
      41: error: 'execvp' is not a system call; the kernel gets 'execve'
      49: error: 'popen' is not a system call; the kernel gets 'clone3, execve'
    allow @system-service
      7: error: unknown group '@system'; a '-' is not part of a name, it removes what follows
      15: error: unknown system call 'service'
    allow @nothing
      7: error: unknown group '@nothing'; define it above with 'group @nothing = ...', or include a policy that does
    allow all, EPERM
      7: error: 'all' is not a system call; 'default' decides all calls that no rule matches
      12: error: 'EPERM' is an error, which goes after 'errno': 'errno EPERM ...'
    trap EPERM read
      6: error: 'EPERM' is an error, but 'trap' takes a number
    deny read
      1: error: unknown statement 'deny'; use 'errno EPERM'
    default deny
      9: error: unknown action 'deny'; use 'errno EPERM'
    ALLOW read
      1: error: unknown statement 'ALLOW'; did you mean 'allow'?
    Errno EPERM read
      1: error: unknown statement 'Errno'; did you mean 'errno'?
    kill_process read
      1: error: unknown statement 'kill_process'; use 'kill'
    SCMP_ACT_ALLOW read
      1: error: unknown statement 'SCMP_ACT_ALLOW'; use 'allow'
    foreign SCMP_ACT_KILL
      9: error: unknown action 'SCMP_ACT_KILL'; use 'kill_thread'
    allow fstatat
      7: error: 'fstatat' is not a system call; the kernel gets 'newfstatat'
    allow open*
      11: error: names have no wildcards; list the system calls, or use a group

Lists

    $ sh say 'allow ~@mount' 'allow !read' 'allow *' 'allow 0, 1' 'allow nr 435' \
    >   'allow read and write' 'allow read; write' 'allow "read"' 'allow: read'
    allow ~@mount
      7: error: '~' removes nothing from a list; use '-', as in 'allow @a - @b'
    allow !read
      7: error: '!' removes nothing from a list; use '-', as in 'allow @a - @b'
    allow *
      7: error: '*' is not a system call; 'default' decides all calls that no rule matches
    allow 0, 1
      7: error: write the number of a call as 'nr(0)'
    allow nr 435
      10: error: write the number of a call as 'nr(435)'
    allow read and write
      12: error: expected ',', 'if' or the end of the line, found 'and'
    allow read; write
      13: error: 'write' is a system call; a rule begins with an action (allow, errno, kill, ...)
    allow "read"
      7: error: expected a system call or @group, found '"read"'
    allow: read
      6: error: unexpected ':'

Errors

    $ sh say 'errno(EPERM) read' 'errno -1 read' 'errno -EPERM read'
    errno(EPERM) read
      6: error: unexpected '(' before the error; write 'errno EPERM' or 'errno 1'
    errno -1 read
      7: error: unexpected '-' before the error; write 'errno EPERM' or 'errno 1'
    errno -EPERM read
      7: error: unexpected '-' before the error; write 'errno EPERM' or 'errno 1'

Arguments and values

    $ sh say 'allow read if arg0 == 1' 'allow read if a6 == 1' \
    >   'allow write if fd == stdout' 'allow open(O_RDONLY)' 'allow write(fd == 1)' \
    >   'allow chmod if mode == 0o755' 'allow read if count < 4k'
    allow read if arg0 == 1
      15: error: 'read' has no argument 'arg0'; argument 1 is passed in 'args[0]'
    allow read if a6 == 1
      15: error: 'read' has no argument 'a6'; it has 'fd', 'buf', 'count'
    allow write if fd == stdout
      22: error: 'write' has no argument 'stdout'; it has 'fd', 'buf', 'count'
    allow open(O_RDONLY)
      7: error: 'open' has 3 arguments on x86_64 (filename, flags, mode), but 1 is given ('_' matches any)
    allow write(fd == 1)
      7: error: 'write' has 3 arguments on x86_64 (fd, buf, count), but 1 is given ('_' matches any)
    allow chmod if mode == 0o755
      24: error: '0o755' is not a number; octal numbers begin with just 0, as in C
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
      27: error: a value alone is not a condition; for several values, write 'fd in (1, 2)'
    allow write if fd != 1 and 2
      28: error: a value alone is not a condition; for several values, write 'not fd in (1, 2)'
    allow write if fd == (1 or 2)
      22: error: to test for one of several values, write 'fd in (..., ...)'
    allow write if fd == 1, 2
      23: error: a condition ends the list and applies to all of it; put what follows into a separate rule
    allow read if fd in [1, 2]
      21: error: expected '(' after 'in', found '['
    allow read if fd in (1-5)
      22: warning: '1-5' is a single number; write a range as '1..5'
    allow mmap if prot == PROT_READ or PROT_WRITE
      36: error: a value alone is not a condition; for several values, write 'prot in (PROT_READ, PROT_WRITE)'
    allow mmap if prot & PROT_WRITE & PROT_EXEC
      35: warning: these masks have no bit in common, so this never holds; 'x & (a | b) == a | b' tests for all of several bits
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
      18: error: use '!=' instead of '<>'
    allow open if !flags & O_CREAT
      15: error: '!' before 'flags & O_CREAT' needs parentheses around what it negates

What other languages have

    $ sh say 'allow read else errno EPERM' 'allow read if count < 4096 else kill' \
    >   'allow read then kill' 'allow read unless fd == 1' 'allow read where fd == 1' \
    >   '// comment' '/* comment */' 'X = 1' '@x = read' 'let X == 1'
    allow read else errno EPERM
      12: error: unexpected 'else': the first rule that matches decides, and the rules below it get the rest
    allow read if count < 4096 else kill
      28: error: unexpected 'else': the first rule that matches decides, and the rules below it get the rest
    allow read then kill
      12: error: unexpected 'then': the first rule that matches decides, and the rules below it get the rest
    allow read unless fd == 1
      12: error: expected 'if' or 'if not' before a condition, found 'unless'
    allow read where fd == 1
      12: error: expected 'if' or 'if not' before a condition, found 'where'
    // comment
      1: error: unexpected '/'; a comment begins with '#'
    /* comment */
      1: error: unexpected '/'; a comment begins with '#'
    X = 1
      1: error: to name a value, write 'let X = ...'
    @x = read
      1: error: to name a list of calls, write 'group @x = ...'
    let X == 1
      7: error: expected '=', found '=='

Machines and kernels

    $ sh say 'abi amd64' 'abi x86-64' 'abi arm64' 'arch x86_64' 'on armhf { allow read }' \
    >   'kernel 5.15.0' 'kernel v5.15' 'include base.policy' 'include @base'
    abi amd64
      5: error: unknown ABI 'amd64'; did you mean 'x86_64'?
    abi x86-64
      5: error: unknown ABI 'x86'; did you mean 'x86_64'?
    abi arm64
      5: error: unknown ABI 'arm64'; did you mean 'aarch64'?
    arch x86_64
      1: error: unknown statement 'arch'; use 'abi'
    on armhf { allow read }
      4: error: unknown ABI 'armhf'; did you mean 'arm'?
    kernel 5.15.0
      12: error: expected only two numbers, such as 5.15: stable releases add no calls
    kernel v5.15
      8: error: expected a Linux version such as 5.15, found 'v5'
    include base.policy
      9: error: the name of a policy must be in quotes: "base.policy"
    include @base
      9: error: expected the name of a policy in quotes, found '@base'

A flag that changes nothing gets past what is refused

    $ pol <<.
    > default allow
    > errno ENOSYS io_uring_setup
    > errno EPERM socket if type == SOCK_RAW
    > errno EPERM socketpair if type & 15 == SOCK_RAW
    > .
    policy:3:23: warning: SOCK_CLOEXEC in 'type' changes nothing about what the call does, but socket(0, 0x80003, 0) is permitted; compare under a mask, or with 'within'
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
    weir: warning: 'DEBG' was given a value, but the policy does not use it; did you mean 'DEBUG'?
    $ weir policy -D VERBOSE=3 --lint -f asm -o /dev/null debug.policy
    weir: warning: 'VERBOSE' was given a value, but the policy does not use it
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
