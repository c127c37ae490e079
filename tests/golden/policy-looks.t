Texts that are no policy, and what is said of them.

Nothing at all

    $ printf '' | weir policy -
    stdin:1:1: error: expected a policy, found only blanks or comments; it needs at least a 'default' ('default errno ENOSYS', for instance)

      ^
    [2]
    $ printf '\n  # nothing yet\n' | weir policy -
    stdin:1:1: error: expected a policy, found only blanks or comments; it needs at least a 'default' ('default errno ENOSYS', for instance)

      ^
    [2]
    $ printf '/* nothing */\n// yet\n' | weir policy -
    stdin:1:1: error: expected a policy, found only blanks or comments; it needs at least a 'default' ('default errno ENOSYS', for instance)
      /* nothing */
      ^
    [2]

Sections: a unit has filters

    $ printf '[Unit]\nDescription=a daemon\n' | weir policy -
    stdin:1:1: error: no setting of this unit filters system calls, so it is not a policy; SystemCallFilter= would filter
      [Unit]
      ^
    weir: note: 'stdin' was read as a systemd unit; --from says otherwise
    [2]
    $ printf '[Container]\nSeccompProfile=/etc/x.json\n' | weir policy -
    stdin:1:1: error: this looks like a Podman Quadlet, which weir does not read as a policy; give the profile that its 'SeccompProfile=' names (if it is another language, name that with --from)
      [Container]
      ^
    [2]
    $ printf '# generated\n[Container]\nImage=x\n\n[Service]\nSystemCallFilter=read\n' | weir policy -
    stdin:2:1: error: this looks like a Podman Quadlet, which weir does not read as a policy; give the profile that its 'SeccompProfile=' names (if it is another language, name that with --from)
      [Container]
      ^
    [2]
    $ printf '[tool.black]\nline-length = 88\n' | weir policy -
    stdin:1:1: error: this looks like an INI file that is not a systemd unit, which weir does not read as a policy; the filters of a unit are in its '[Service]' (if it is another language, name that with --from)
      [tool.black]
      ^
    [2]

JSON: only an object is a profile

    $ echo '[]' | weir policy -
    stdin:1:1: error: this looks like a JSON array, which weir does not read as a policy; a container's profile is an object with a 'defaultAction' (if it is another language, name that with --from)
      []
      ^
    [2]
    $ echo '["read", "write"]' | weir policy -
    stdin:1:1: error: this looks like a JSON array, which weir does not read as a policy; a container's profile is an object with a 'defaultAction' (if it is another language, name that with --from)
      ["read", "write"]
      ^
    [2]
    $ echo '{}' | weir policy -
    stdin:1:1: error: this was taken for a container's seccomp profile, but has no 'defaultAction'
      {}
      ^
    [2]
    $ printf '// from the wiki\n{"defaultAction": "SCMP_ACT_ERRNO"}\n' | weir policy -
    stdin:2:1: error: this looks like JSON with comments, which weir does not read as a policy; take them out if it is a container's profile (if it is another language, name that with --from)
      {"defaultAction": "SCMP_ACT_ERRNO"}
      ^
    [2]
    $ printf '/* from\n the wiki */ # so to say\n{"defaultAction": "SCMP_ACT_ERRNO"}\n' | weir policy -
    stdin:3:1: error: this looks like JSON with comments, which weir does not read as a policy; take them out if it is a container's profile (if it is another language, name that with --from)
      {"defaultAction": "SCMP_ACT_ERRNO"}
      ^
    [2]
    $ echo '{"vmm": {"default_action": "trap", "filter_action": "allow", "filter": [{"syscall": "read"}]}}' | weir policy -
    stdin:1:1: error: this looks like a seccompiler filter, as Firecracker has them, which weir does not read as a policy; write it in weir's own language: 'default errno EPERM', then 'allow NAME, ...' (if it is another language, name that with --from)
      {"vmm": {"default_action": "trap", "filter_action": "allow", "filter": [{"syscall": "read"}]}}
      ^
    [2]
    $ echo '{"vmm": {"mismatch_action": "trap", "match_action": "allow", "filter": []}}' | weir policy -
    stdin:1:1: error: this looks like a seccompiler filter, as Firecracker has them, which weir does not read as a policy; write it in weir's own language: 'default errno EPERM', then 'allow NAME, ...' (if it is another language, name that with --from)
      {"vmm": {"mismatch_action": "trap", "match_action": "allow", "filter": []}}
      ^
    [2]

YAML

    $ printf 'apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_ERRNO\n' | weir policy -
    stdin:1:1: error: this looks like a Kubernetes object, which weir does not read as a policy; give the 'spec' of a SeccompProfile as JSON, which 'yq -o=json .spec FILE' prints (if it is another language, name that with --from)
      apiVersion: security-profiles-operator.x-k8s.io/v1beta1
      ^
    [2]
    $ printf -- '---\nkind: SeccompProfile\n' | weir policy -
    stdin:1:1: error: this looks like a Kubernetes object, which weir does not read as a policy; give the 'spec' of a SeccompProfile as JSON, which 'yq -o=json .spec FILE' prints (if it is another language, name that with --from)
      ---
      ^
    [2]
    $ printf 'defaultAction: SCMP_ACT_ERRNO\nsyscalls:\n- action: SCMP_ACT_ALLOW\n' | weir policy -
    stdin:1:1: error: this looks like YAML, which weir does not read as a policy; give a container's profile as JSON, which 'yq -o=json' prints (if it is another language, name that with --from)
      defaultAction: SCMP_ACT_ERRNO
      ^
    [2]
    $ printf 'services:\n  web:\n    image: x\n' | weir policy -
    stdin:1:1: error: this looks like YAML, which weir does not read as a policy; give a container's profile as JSON, which 'yq -o=json' prints (if it is another language, name that with --from)
      services:
      ^
    [2]
    $ printf '%%YAML 1.2\n' | weir policy -
    stdin:1:1: error: this looks like YAML, which weir does not read as a policy; give a container's profile as JSON, which 'yq -o=json' prints (if it is another language, name that with --from)
      %YAML 1.2
      ^
    [2]

Others' policies and configurations

    $ printf '2\nallowlist\nread\nwrite\n' | weir policy -
    stdin:1:1: error: this looks like an lxc policy, which weir does not read as a policy; write it in weir's own language: 'default errno EPERM', then 'allow NAME, ...' (if it is another language, name that with --from)
      2
      ^
    [2]
    $ printf '1 \n\nread\n' | weir policy -
    stdin:1:1: error: this looks like an lxc policy, which weir does not read as a policy; write it in weir's own language: 'default errno EPERM', then 'allow NAME, ...' (if it is another language, name that with --from)
      1
      ^
    [2]
    $ printf 'name: "web"\nmode: ONCE\nseccomp_string: "KILL { ptrace } DEFAULT ALLOW"\n' | weir policy -
    stdin:1:1: error: this looks like an nsjail configuration, which weir does not read as a policy; give the policy in its 'seccomp_string', or the file that its 'seccomp_policy_file' names (if it is another language, name that with --from)
      name: "web"
      ^
    [2]
    $ printf 'mode: LISTEN\nseccomp_policy_file: "web.kafel"\n' | weir policy -
    stdin:1:1: error: this looks like an nsjail configuration, which weir does not read as a policy; give the policy in its 'seccomp_string', or the file that its 'seccomp_policy_file' names (if it is another language, name that with --from)
      mode: LISTEN
      ^
    [2]
    $ printf '# for a viewer\ncaps.drop all\nseccomp\n' | weir policy -
    stdin:2:1: error: this looks like a firejail profile, which weir does not read as a policy; write it in weir's own language: 'default errno EPERM', then 'allow NAME, ...' (if it is another language, name that with --from)
      caps.drop all
      ^
    [2]
    $ printf '# Description: what a snap may do\nread\nwrite\nsocket AF_UNIX\n' | weir policy -
    stdin:2:1: error: this looks like a bare list of system calls, such as a snapd template, which weir does not read as a policy; write it in weir's own language: 'default errno EPERM', then 'allow NAME, ...' (if it is another language, name that with --from)
      read
      ^
    [2]
    $ printf '@unrestricted\n' | weir policy -
    stdin:1:1: error: this looks like a bare list of system calls, such as a snapd template, which weir does not read as a policy; write it in weir's own language: 'default errno EPERM', then 'allow NAME, ...' (if it is another language, name that with --from)
      @unrestricted
      ^
    [2]

What is no policy in any language

    $ printf '#!/bin/sh\nexec ls\n' | weir policy -
    stdin:2:1: error: this looks like a script, which weir does not read as a policy; the command to run comes after '--' (if it is another language, name that with --from)
      exec ls
      ^
    [2]
    $ printf '\177ELF\002\001\001\000' | weir policy -
    weir: error: 'stdin' looks like an executable, which weir does not read as a policy; 'weir run -- PROGRAM' runs it under the default policy
    [2]
    $ printf '\377\376d\000e\000' | weir policy -
    weir: error: 'stdin' looks like text in UTF-16, which weir does not read as a policy; save it in UTF-8
    [2]

Compiled programs are programs, and nothing else asks what they were made of

    $ printf '2\n32 0 0 0\n6 0 0 0\n' | weir policy -f decimal -
    2
    32 0 0 0
    6 0 0 0
    $ printf '2\n32 0 0 0\n6 0 0 0\n' | weir policy -a x86_64 -f policy -
    stdin:1:1: error: this looks like a compiled program, which weir does not read as a policy; give the policy that it was made of (if it is another language, name that with --from)
      2
      ^
    [2]
    $ echo '[[6, 0, 0, 0]]' | weir policy -f decimal -
    1
    6 0 0 0
    $ echo '[[6, 0, 0, 0]]' | weir policy --ask read -
    weir: 'stdin' is a program; --explain and --ask need the policy that it was compiled from
    [2]

Texts of programs, too, and a mistake in one is shown as such

    $ printf '# no tracing\nA = sys_number\nA == ptrace ? no : next\nreturn ALLOW\nno: return ERRNO(1)\n' | weir policy -a x86_64 -f decimal -
    4
    32 0 0 0
    21 1 0 101
    6 0 0 2147418112
    6 0 0 327681
    $ printf ' line  CODE  JT   JF      K\n=================================\n 0000: 0x06 0x00 0x00 0x7fff0000  return ALLOW\n' | weir policy -f decimal -
    weir: warning: this program refuses nothing: it permits every call of the ABIs that it is about
    1
    6 0 0 2147418112
    $ printf 'start: ld [0]\njeq #101, no\nret #0x7fff0000\nno: ret #0x50001\n' | weir policy -f decimal -
    4
    32 0 0 0
    21 1 0 101
    6 0 0 2147418112
    6 0 0 327681
    $ printf '; one line\nret #0x7fff0000\n' | weir policy -f decimal -
    weir: warning: this program refuses nothing: it permits every call of the ABIs that it is about
    1
    6 0 0 2147418112
    $ printf 'BgAAAAAA/38=\n' | weir policy -f decimal -
    weir: warning: this program refuses nothing: it permits every call of the ABIs that it is about
    1
    6 0 0 2147418112
    $ printf 'struct sock_filter filter[] = {\n\t{ 0x6, 0, 0, 0x7fff0000 },\n};\n' | weir policy -f decimal -
    weir: warning: this program refuses nothing: it permits every call of the ABIs that it is about
    1
    6 0 0 2147418112
    $ printf 'A = sys_number\nreturn ALOW\n' | weir policy -a x86_64 -
    stdin:2:8: error: unknown name 'ALOW'; expected a number, an architecture or a system call
      return ALOW
             ^~~~
    weir: note: 'stdin' was read as seccomp-tools
    [2]
    $ printf 'read: return 1\n' | weir policy -a x86_64 -f policy -
    default kill_thread
    foreign kill_thread
    abi x86_64
    errno 1 read
    $ printf 'A = sys_number\nreturn ALLOW\n' | weir policy -a x86_64 --from policy -
    stdin:1:1: error: to name a value, write 'let A = ...'
      A = sys_number
      ^
    stdin:2:1: error: unknown statement 'return'; a rule begins with an action (allow, errno, kill, ...)
      return ALLOW
      ^~~~~~
    [2]
    $ printf 'A = sys_number\nreturn ALLOW\n' | weir policy -a x86_64 -f policy -
    stdin:1:1: error: this looks like a compiled program, which weir does not read as a policy; give the policy that it was made of (if it is another language, name that with --from)
      A = sys_number
      ^
    [2]

A byte order mark is passed over, in includes too

    $ printf '\357\273\277default errno EPERM\nalow read\n' | weir policy -
    stdin:2:1: error: unknown statement 'alow'; did you mean 'allow'?
      alow read
      ^~~~
    [2]
    $ printf '\357\273\277read: 1\n' | weir policy -a x86_64 -f policy -
    default kill_thread
    foreign kill_thread
    abi x86_64
    allow read
    $ printf '\357\273\277[Service]\nSystemCallFilter=read\nSystemCallArchitectures=native\n' | weir policy -a x86_64 -qf policy - | head -n 2
    default kill
    foreign kill_thread
    $ printf '\357\273\277POLICY a { ALLOW { read } } USE a DEFAULT KILL\n' | weir policy -a x86_64 -f policy -
    default kill_thread
    foreign kill_thread
    abi x86_64
    allow read
    $ printf '\357\273\277allow read\n' >marked
    > printf 'default errno EPERM\ninclude "./marked"\n' | weir policy -a x86_64 -f policy -
    default errno EPERM
    abi x86_64
    allow read

Nothing but includes is kafel's, a comment among statements is ours

    $ printf 'POLICY a { ALLOW { read } }\n' >a.kafel
    > printf '#include "a.kafel"\n#include "b.kafel"\n' | weir policy -a x86_64 -
    stdin:2:10: error: './b.kafel' cannot be read: No such file or directory
      #include "b.kafel"
               ^~~~~~~~~
    weir: note: 'stdin' was read as a kafel policy; --from says otherwise
    [2]
    $ printf '# such as\n#include "a.kafel"\ndefault errno EPERM\nallow read\n' | weir policy -a x86_64 -f policy -
    default errno EPERM
    abi x86_64
    allow read

--from reads it all the same, and an error says as what a text was read

    $ printf '' | weir policy --from policy -
    stdin:1:1: error: missing 'default', which decides calls that no rule matches, as in 'default errno ENOSYS'

      ^
    [2]
    $ printf '' | weir policy --from kafel -a x86_64 -f policy -
    default kill_thread
    foreign kill_thread
    abi x86_64
    $ echo '[]' | weir policy --from systemd -
    stdin:1:1: error: no setting of this unit filters system calls, so it is not a policy; SystemCallFilter= would filter
      []
      ^
    [2]
    $ printf 'allow read\nwrite\n' | weir policy -
    stdin:2:1: error: 'write' is a system call; a rule begins with an action (allow, errno, kill, ...)
      write
      ^~~~~
    weir: note: 'stdin' was read as a policy in weir's own language; --from says otherwise
    [2]
    $ printf 'please: 1\n' | weir policy -a x86_64 -
    stdin:1:1: error: unknown system call 'please'
      please: 1
      ^~~~~~
    weir: note: 'stdin' was read as a minijail policy; --from says otherwise
    [2]
    $ printf 'DEFAULT NOTHING\n' | weir policy -a x86_64 -
    stdin:1:9: error: expected an action (ALLOW, ERRNO, KILL, ...), found 'NOTHING'
      DEFAULT NOTHING
              ^~~~~~~
    weir: note: 'stdin' was read as a kafel policy; --from says otherwise
    [2]
