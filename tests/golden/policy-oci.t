What is said of containers' profiles, and of JSON.

The text ends

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction":
    > .
    stdin:2:1: error: expected a value before the end of the text

      ^
    [2]

Comments

    $ weir policy -o /dev/null -a x86_64 --from oci - <<.
    > { // the default
    > "defaultAction": "SCMP_ACT_ERRNO"}
    > .
    stdin:1:3: error: expected a key in double quotes; JSON has no comments
      { // the default
        ^
    [2]

Single quotes

    $ weir policy -o /dev/null -a x86_64 --from oci - <<.
    > {'defaultAction': 'SCMP_ACT_ERRNO'}
    > .
    stdin:1:2: error: expected a key in double quotes; strings have double quotes in JSON
      {'defaultAction': 'SCMP_ACT_ERRNO'}
       ^
    [2]

A byte that nothing begins with

    $ printf '{"defaultAction": \001}' | weir policy -o /dev/null -a x86_64 -
    stdin:1:19: error: expected a value, not byte 0x01
      {"defaultAction": ?}
                        ^
    [2]

No value

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": SCMP_ACT_ERRNO}
    > .
    stdin:1:19: error: expected a value
      {"defaultAction": SCMP_ACT_ERRNO}
                        ^~~~~~~~~~~~~~
    [2]

No colon

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction" "SCMP_ACT_ERRNO"}
    > .
    stdin:1:18: error: expected ':' after the key
      {"defaultAction" "SCMP_ACT_ERRNO"}
                       ^
    [2]

No comma

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO" "syscalls": []}
    > .
    stdin:1:36: error: expected ',' or '}'
      {"defaultAction": "SCMP_ACT_ERRNO" "syscalls": []}
                                         ^
    [2]

No comma in a list

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{} {}]}
    > .
    stdin:1:53: error: expected ',' or ']'
      {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{} {}]}
                                                          ^
    [2]

A comma too many

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [],}
    > .
    stdin:1:52: error: trailing comma before this; JSON allows none
      {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [],}
                                                         ^
    [2]

Things behind the end

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []} {}
    > .
    stdin:1:53: error: nothing was expected after the JSON value
      {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []} {}
                                                          ^
    [2]

A byte order mark

    $ printf '\357\273\277{"defaultAction": "SCMP_ACT_ALLOW"}' | weir policy -o /dev/null -a x86_64 -
    stdin:1:1: error: JSON does not begin with a byte order mark
      ﻿{"defaultAction": "SCMP_ACT_ALLOW"}
      ^
    [2]

A string without end

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO
    > }
    > .
    stdin:1:19: error: unterminated string
      {"defaultAction": "SCMP_ACT_ERRNO
                        ^
    [2]

Escapes

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP\\qACT"}
    > .
    stdin:1:24: error: unknown escape in JSON
      {"defaultAction": "SCMP\qACT"}
                             ^~
    [2]

Escapes of characters

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP\\u12"}
    > .
    stdin:1:24: error: '\u' needs four hexadecimal digits
      {"defaultAction": "SCMP\u12"}
                             ^~
    [2]

Half a character

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP\\ud800"}
    > .
    stdin:1:24: error: half of a surrogate pair is not a character
      {"defaultAction": "SCMP\ud800"}
                             ^~~~~~
    [2]

A tab in a string

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP	ACT"}
    > .
    stdin:1:24: error: byte 0x09 must be escaped in a string
      {"defaultAction": "SCMP	ACT"}
                             ^
    [2]

Bytes that are no UTF-8

    $ printf '{"defaultAction": "\377"}' | weir policy -o /dev/null -a x86_64 -
    stdin:1:20: error: this is not UTF-8
      {"defaultAction": "�"}
                         ^
    [2]

Numbers

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 01}
    > .
    stdin:1:56: error: a number does not begin with 0
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 01}
                                                             ^~
    [2]

Hexadecimal numbers

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 0x1}
    > .
    stdin:1:56: error: the number does not end here; JSON has decimal ones only
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 0x1}
                                                             ^
    [2]

Numbers without digits

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": -}
    > .
    stdin:1:57: error: expected a digit
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": -}
                                                              ^
    [2]

A key that stands twice

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [], "defaultAction": "SCMP_ACT_ALLOW"}
    > .
    stdin:1:53: error: duplicate key in this object
      {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [], "defaultAction": "SCMP_ACT_ALLOW"}
                                                          ^~~~~~~~~~~~~~~
    stdin:1:2: note: the first one is here
      {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [], "defaultAction": "SCMP_ACT_ALLOW"}
       ^~~~~~~~~~~~~~~
    [2]

Nesting

    $ python3 -c 'print("{\"a\":" + "[" * 1001)' | weir policy -o /dev/null -a x86_64 - 2>&1 | sed 1q
    stdin:1:1005: error: this is nested deeper than 1000 levels

Very many values

    $ python3 -c 'print("{\"a\": [" + "0,\n" * 1100000 + "0]}")' | weir policy -o /dev/null -a x86_64 - 2>&1 | sed 1q
    stdin:1048575:1: error: more than 1048576 values are not read

Not an object

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": 1}
    > .
    stdin:1:19: error: an action should be a string, not a number
      {"defaultAction": 1}
                        ^
    [2]

No default

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"syscalls": []}
    > .
    stdin:1:1: error: this was taken for a container's seccomp profile, but has no 'defaultAction'
      {"syscalls": []}
      ^
    [2]

A config.json without a filter

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"ociVersion": "1.0.2", "linux": {"namespaces": []}}
    > .
    stdin:1:25: error: missing 'seccomp' here, so the container has no filter at all
      {"ociVersion": "1.0.2", "linux": {"namespaces": []}}
                              ^~~~~~~
    [2]

What linux is

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"ociVersion": "1.0.2", "linux": []}
    > .
    stdin:1:34: error: 'linux' should be an object, not an array
      {"ociVersion": "1.0.2", "linux": []}
                                       ^~
    [2]

What engines know and runtimes do not

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "archMap": [{"architecture": "SCMP_ARCH_X86_64"}],
    > "syscalls": [{"name": "read", "action": "SCMP_ACT_ALLOW",
    > "includes": {"arches": ["amd64"]}}]}}}
    > .
    stdin:1:70: error: a runtime does not know 'archMap', only 'architectures'
      {"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "archMap": [{"architecture": "SCMP_ARCH_X86_64"}],
                                                                           ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    stdin:2:23: error: a runtime does not know 'name', only 'names'
      "syscalls": [{"name": "read", "action": "SCMP_ACT_ALLOW",
                            ^~~~~~
    stdin:3:13: error: a runtime does not know 'includes'; that is for profiles that Docker or Podman take
      "includes": {"arches": ["amd64"]}}]}}}
                  ^~~~~~~~~~~~~~~~~~~~~
    [2]

A misspelt action

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERNO"}
    > .
    stdin:1:19: error: unknown action; did you mean 'SCMP_ACT_ERRNO'?
      {"defaultAction": "SCMP_ACT_ERNO"}
                        ^~~~~~~~~~~~~~~
    [2]

An action from nowhere

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "DENY"}
    > .
    stdin:1:19: error: unknown action
      {"defaultAction": "DENY"}
                        ^~~~~~
    [2]

A key in the wrong case

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"Names": ["read"], "action": "SCMP_ACT_ALLOW"}
    > ]}
    > .
    stdin:2:4: error: runc and Docker read this as 'names', crun does not; write 'names'
        {"Names": ["read"], "action": "SCMP_ACT_ALLOW"}
         ^~~~~~~
    stdin:2:3: warning: the rule names no system call
        {"Names": ["read"], "action": "SCMP_ACT_ALLOW"}
        ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    [2]

A misspelt key

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"], "action": "SCMP_ACT_ALLOW", "arg": []}
    > ]}
    > .
    stdin:2:51: warning: unknown key of a rule, which has no effect; did you mean 'args'?
        {"names": ["read"], "action": "SCMP_ACT_ALLOW", "arg": []}
                                                        ^~~~~

A key from nowhere

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"], "action": "SCMP_ACT_ALLOW", "priority": 7}
    > ]}
    > .
    stdin:2:51: warning: unknown key of a rule, which has no effect
        {"names": ["read"], "action": "SCMP_ACT_ALLOW", "priority": 7}
                                                        ^~~~~~~~~~

Kinds of values

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": "read", "action": "SCMP_ACT_ALLOW"}
    > ]}
    > .
    stdin:2:13: error: 'names' should be an array, not a string
        {"names": "read", "action": "SCMP_ACT_ALLOW"}
                  ^~~~~~
    stdin:2:3: warning: the rule names no system call
        {"names": "read", "action": "SCMP_ACT_ALLOW"}
        ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    [2]

No action

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"]}
    > ]}
    > .
    stdin:2:3: error: this has no 'action'
        {"names": ["read"]}
        ^
    [2]

No call

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": [], "action": "SCMP_ACT_ALLOW"}
    > ]}
    > .
    stdin:2:3: warning: the rule names no system call
        {"names": [], "action": "SCMP_ACT_ALLOW"}
        ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

An empty name

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": [""], "action": "SCMP_ACT_ALLOW"}
    > ]}
    > .
    stdin:2:14: error: the name of a system call cannot be empty
        {"names": [""], "action": "SCMP_ACT_ALLOW"}
                   ^~
    [2]

Both ways to say names

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"], "name": "read", "action": "SCMP_ACT_ALLOW"}
    > ]}
    > .
    stdin:2:31: error: 'name' and 'names' are mutually exclusive
        {"names": ["read"], "name": "read", "action": "SCMP_ACT_ALLOW"}
                                    ^~~~~~
    [2]

A misspelt call

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["raed"], "action": "SCMP_ACT_ALLOW"}
    > ]}
    > .
    stdin:2:14: warning: no such system call is known, so this name is ignored; did you mean 'read'?
        {"names": ["raed"], "action": "SCMP_ACT_ALLOW"}
                   ^~~~~~

A call that is not known

    $ weir policy -o /dev/null -a x86_64 -v - <<. 2>&1 | grep -v "^weir: [0-9]\|on average"
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["frobnicate_everything"], "action": "SCMP_ACT_ALLOW"}
    > ]}
    > .
    stdin:2:14: note: no such system call is known, so this name is ignored
        {"names": ["frobnicate_everything"], "action": "SCMP_ACT_ALLOW"}
                   ^~~~~~~~~~~~~~~~~~~~~~~

Errnos

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4095}
    > ]}
    > .
    stdin:2:63: error: libseccomp takes only errnos below 4095
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4095}
                                                                    ^~~~
    [2]

Errnos that are no whole numbers

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1.5}
    > ]}
    > .
    stdin:2:63: error: an errno should be a whole number from 0 to 4294967295
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1.5}
                                                                    ^~~
    [2]

Errno 0

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0}
    > ]}
    > .
    stdin:2:63: warning: errno 0 makes the call look successful though nothing was done
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0}
                                                                    ^

Names of errnos

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errno": "EPREM"}
    > ]}
    > .
    stdin:2:60: error: unknown errno on x86_64; expected a name such as "EPERM"
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errno": "EPREM"}
                                                                 ^~~~~~~
    [2]

What tracers are told

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"], "action": "SCMP_ACT_TRACE", "errnoRet": 65536}
    > ]}
    > .
    stdin:2:63: error: the number of SCMP_ACT_TRACE has 16 bits
        {"names": ["read"], "action": "SCMP_ACT_TRACE", "errnoRet": 65536}
                                                                    ^~~~~
    [2]

An errno that means nothing

    $ weir policy -o /dev/null -a x86_64 --runtime crun - <<.
    > {"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1}}}
    > .
    stdin:1:78: error: crun refuses an errno beside this action
      {"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1}}}
                                                                                   ^
    [2]

Notifications of write

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["write"], "action": "SCMP_ACT_NOTIFY"}
    > ]}
    > .
    stdin:2:14: error: runc refuses SCMP_ACT_NOTIFY for 'write'
        {"names": ["write"], "action": "SCMP_ACT_NOTIFY"}
                   ^~~~~~~
    [2]

Notifications of everything

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_NOTIFY"}
    > .
    stdin:1:19: error: runc refuses SCMP_ACT_NOTIFY as the default
      {"defaultAction": "SCMP_ACT_NOTIFY"}
                        ^~~~~~~~~~~~~~~~~
    [2]

An argument without index

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"value": 1, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:3:13: error: an argument needs 'index'
         "args": [{"value": 1, "op": "SCMP_CMP_EQ"}]}
                  ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    [2]

An argument without operator

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 1, "value": 1}]}
    > ]}
    > .
    stdin:3:13: error: an argument needs 'op'
         "args": [{"index": 1, "value": 1}]}
                  ^~~~~~~~~~~~~~~~~~~~~~~~
    [2]

An argument without value

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 1, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:3:13: warning: missing 'value', which means 0
         "args": [{"index": 1, "op": "SCMP_CMP_EQ"}]}
                  ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~

A misspelt operator

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 1, "value": 1, "op": "SCMP_CMP_EQUAL"}]}
    > ]}
    > .
    stdin:3:44: error: unknown operator; did you mean 'SCMP_CMP_EQ'?
         "args": [{"index": 1, "value": 1, "op": "SCMP_CMP_EQUAL"}]}
                                                 ^~~~~~~~~~~~~~~~
    [2]

An argument too far

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:3:23: error: 'index' should be a whole number from 0 to 5
         "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}
                            ^
    [2]

A value below zero

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:3:35: error: 'value' should be a whole number from 0 to 18446744073709551615
         "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]}
                                        ^~
    [2]

Bits that the kernel does not look at

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_GT"}]}
    > ]}
    > .
    stdin:3:45: warning: the kernel looks at 32 bits of this argument of 'socket', but 64 are compared, so a program gets round this by what it puts above; --typed closes that
         "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_GT"}]}
                                                  ^~~~~~~~~~~~~

These do not count

    $ weir policy -o /dev/null -a x86_64 --typed - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_GT"}]}
    > ]}
    > .

An argument that the call lacks

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 4, "value": 40, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:3:45: warning: 'socket' has no args[4] on x86_64: what is compared is up to chance
         "args": [{"index": 4, "value": 40, "op": "SCMP_CMP_EQ"}]}
                                                  ^~~~~~~~~~~~~

An argument twice

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:3:44: warning: an argument is tested twice in this rule, so runtimes let any one of its tests suffice
         "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]}
                                                 ^~~~~~~~~~~~~

More arguments than crun reads

    $ weir policy -o /dev/null -a x86_64 --runtime crun - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"},{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"},{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"},{"index": 0, "value": 3, "op": "SCMP_CMP_EQ"},{"index": 0, "value": 4, "op": "SCMP_CMP_EQ"},{"index": 0, "value": 5, "op": "SCMP_CMP_EQ"},{"index": 0, "value": 6, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:3:12: error: crun reads only the first 6 of these, which makes this a different rule
         "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"},{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"},{"index": 0, "value": 2, "op": "SCMP_CMP_EQ"},{"index": ...
                 ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    [2]

Pointers

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 4096, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:2:94: warning: a pointer is compared: the program chooses where its data lies, and can change it after the check
        {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 4096, "op": "SCMP_CMP_EQ"}]}
                                                                                                   ^~~~~~~~~~~~~

A rule that another one makes useless

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["close"], "action": "SCMP_ACT_ALLOW"},
    >   {"names": ["close"], "action": "SCMP_ACT_LOG"}
    > ]}
    > .
    stdin:3:14: warning: this has no effect: an earlier rule decides 'close'
        {"names": ["close"], "action": "SCMP_ACT_LOG"}
                   ^~~~~~~
    stdin:2:14: note: it is this one
        {"names": ["close"], "action": "SCMP_ACT_ALLOW"},
                   ^~~~~~~

A condition that has no effect

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["close"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
    >   {"names": ["close"], "action": "SCMP_ACT_ALLOW"}
    > ]}
    > .
    stdin:2:14: warning: this has no effect: a rule without conditions decides 'close'
        {"names": ["close"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
                   ^~~~~~~
    stdin:3:14: note: it is this one
        {"names": ["close"], "action": "SCMP_ACT_ALLOW"}
                   ^~~~~~~

Rules that are at odds

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["close"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
    >   {"names": ["close"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:3:14: error: two rules have different actions for the same condition; libseccomp refuses that
        {"names": ["close"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}
                   ^~~~~~~
    stdin:2:14: note: the other one is here
        {"names": ["close"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
                   ^~~~~~~
    [2]

Rules that overlap

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["close"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
    >   {"names": ["close"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_NE"}]}
    > ]}
    > .
    stdin:3:90: warning: the kernel looks at 32 bits of this argument of 'close', but 64 are compared, so a program gets round this by what it puts above; --typed closes that
        {"names": ["close"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_NE"}]}
                                                                                               ^~~~~~~~~~~~~
    stdin:3:14: warning: two rules about 'close' can hold at once, and libseccomp leaves open which one decides, and whether it takes both; here it is the stricter one
        {"names": ["close"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_NE"}]}
                   ^~~~~~~
    stdin:2:14: note: the other one is here
        {"names": ["close"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
                   ^~~~~~~
    stdin:2:34: warning: no call reaches this rule
        {"names": ["close"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
                                       ^~~~~~~~~~~~~~~~
    stdin:3:34: note: this earlier rule decides 'close' differently
        {"names": ["close"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_NE"}]}
                                       ^~~~~~~~~~~~~~

Calls through other calls

    $ weir policy -o /dev/null -a x86_64 -a x86_64,i386 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}
    > ]}
    > .
    stdin:2:14: warning: on i386 'socket' can also be called through another call, which this rule permits whatever args[0] is there; --typed closes that
        {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}
                   ^~~~~~~~

Capabilities that nobody named

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}}
    > ]}
    > .
    stdin:2:71: warning: the profile depends on capabilities, and the container is taken to have none; --cap says which (--cap docker: those of Docker)
        {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}}
                                                                            ^~~~~~~~~~~

Capabilities that do not exist

    $ weir policy -o /dev/null -a x86_64 --cap docker - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BFP"]}}
    > ]}
    > .
    stdin:2:72: error: unknown capability; did you mean 'CAP_BPF'?
        {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BFP"]}}
                                                                             ^~~~~~~~~
    [2]

Kernels

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    >   {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "new"}}
    > ]}
    > .
    stdin:2:76: error: expected a version such as "4.8"
        {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "new"}}
                                                                                 ^~~~~
    [2]

Architectures

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_AMD64"]}
    > .
    stdin:1:55: error: unknown architecture; did you mean 'SCMP_ARCH_PPC64'?
      {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_AMD64"]}
                                                            ^~~~~~~~~~~~~~~~~
    [2]

Architectures that runc does not know

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_M68K"]}
    > .
    stdin:1:55: error: runc does not know this architecture
      {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_M68K"]}
                                                            ^~~~~~~~~~~~~~~~
    [2]

Architectures twice

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"],
    > "archMap": [{"architecture": "SCMP_ARCH_X86_64"}]}
    > .
    stdin:2:12: error: both 'architectures' and 'archMap': one of them, please
      "archMap": [{"architecture": "SCMP_ARCH_X86_64"}]}
                 ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    [2]

Other architectures than -a has

    $ weir policy -o /dev/null -a x86_64 -v - <<. 2>&1 | grep -v "^weir: [0-9]\|on average"
    > {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"]}
    > .
    weir: note: the profile itself names other architectures than -a does

Flags

    $ weir policy -o /dev/null -a x86_64 - <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "flags": ["SECCOMP_FILTER_FLAG_LOGS"]}
    > .
    stdin:1:47: error: unknown flag; did you mean 'SECCOMP_FILTER_FLAG_LOG'?
      {"defaultAction": "SCMP_ACT_ERRNO", "flags": ["SECCOMP_FILTER_FLAG_LOGS"]}
                                                    ^~~~~~~~~~~~~~~~~~~~~~~~~~
    [2]

Runtimes

    $ weir policy -o /dev/null -a x86_64 --runtime runsc - <<.
    > {}
    > .
    weir: error: unknown runtime 'runsc'; weir knows runc and crun
    [2]
    $ weir policy -o /dev/null --runtime runsc - <<.
    > default allow
    > kill reboot
    > .
    weir: error: unknown runtime 'runsc'; weir knows runc and crun
    [2]

Kernels on the command line

    $ weir policy -o /dev/null -a x86_64 --kernel new - <<.
    > {}
    > .
    weir: error: invalid kernel version 'new'; expected one such as '6.1'
    [2]

Capabilities on the command line

    $ weir policy -o /dev/null -a x86_64 --cap CAP_SYS_PTRAC - <<.
    > {}
    > .
    weir: error: unknown capability 'CAP_SYS_PTRAC'; did you mean 'CAP_SYS_PTRACE'?
    [2]

Options that the language has no use for

    $ weir policy -o /dev/null --kernel 6.1 - <<.
    > default errno EPERM
    > .
    weir: error: only containers' profiles are told a kernel from outside; a policy says 'kernel X.Y'
    [2]

    $ weir policy -o /dev/null --cap docker - <<.
    > default errno EPERM
    > .
    weir: error: only containers' profiles depend on capabilities
    [2]

    $ weir policy -o /dev/null --typed - <<.
    > default errno EPERM
    > .
    weir: error: only containers' profiles can be told to compare what the kernel looks at; other policies do
    [2]

What the runtime adds is not the profile's default

    $ cat >small.json <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
    > "syscalls": [{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"}]}
    > .
    $ weir policy --explain small.json | sed 's/[0-9]* other calls/N other calls/' | grep -v '^x86_64'
      action          calls                                                     cached  decided by
      allow           read, write                                               yes     small.json:2
      errno ENOSYS    N other calls (-v lists them)                           -       the runtime
      errno ENOSYS    all other numbers                                         -       the runtime

    all other ABIs
      action          calls                                                     cached  decided by
      kill_thread     every call                                                -       no 'foreign'
    $ weir policy --ask 'nr(5000)' --ask 'open' small.json
    nr(5000) on x86_64: errno ENOSYS
      no rule is about it; the runtime adds this
    open on x86_64: errno ENOSYS
      no rule is about it; the runtime adds this
    [1]

What runc does not run on

    $ printf '{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_M68K"]}' | weir policy -a x86_64 -
    stdin:1:52: error: runc does not know this architecture
      {"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_M68K"]}
                                                         ^~~~~~~~~~~~~~~~
    [2]
