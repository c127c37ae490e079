What is said when a policy is written as a container's profile.

A profile, with all that has to be known of it

    $ weir policy -f oci -a x86_64 -o profile.json - <<.
    > default errno EPERM
    > abi x86_64
    > allow read, write, exit_group
    > allow openat if flags within O_CLOEXEC | O_DIRECTORY
    > allow socket(AF_UNIX, _, _)
    > allow close if fd in (3..5, 9)
    > allow dup3 if args[0] < 3
    > errno ENOSYS clone3
    > kill ptrace
    > .
    weir: note: calls of other ABIs will kill the thread, not the process: a profile cannot express that
    weir: note: runc will answer ENOSYS to numbers beyond the calls that it knows, the policy gives them its default
    weir: note: names that the runtime's libseccomp is too old to know will be ignored, so these calls get the default

    $ cat profile.json
    {
    	"defaultAction": "SCMP_ACT_ERRNO",
    	"defaultErrnoRet": 1,
    	"architectures": ["SCMP_ARCH_X86_64"],
    	"syscalls": [
    		{
    			"names": [
    				"read", "write", "exit_group"
    			],
    			"action": "SCMP_ACT_ALLOW"
    		},
    		{
    			"names": ["close"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 4294967295, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}
    			]
    		},
    		{
    			"names": ["close"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 4294967294, "valueTwo": 4, "op": "SCMP_CMP_MASKED_EQ"}
    			]
    		},
    		{
    			"names": ["close"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 4294967295, "valueTwo": 9, "op": "SCMP_CMP_MASKED_EQ"}
    			]
    		},
    		{
    			"names": ["socket"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 4294967295, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ"}
    			]
    		},
    		{
    			"names": ["ptrace"],
    			"action": "SCMP_ACT_KILL_PROCESS"
    		},
    		{
    			"names": ["openat"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 2, "value": 4294377471, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    			]
    		},
    		{
    			"names": ["dup3"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 3, "op": "SCMP_CMP_LT"}
    			]
    		},
    		{
    			"names": ["clone3"],
    			"action": "SCMP_ACT_ERRNO",
    			"errnoRet": 38
    		},
    		{
    			"names": [
    				"uretprobe", "uprobe", "pidfd_send_signal",
    				"io_uring_setup", "io_uring_enter",
    				"io_uring_register", "open_tree", "move_mount",
    				"fsopen", "fsconfig", "fsmount", "fspick",
    				"pidfd_open", "close_range", "openat2",
    				"pidfd_getfd", "faccessat2", "process_madvise",
    				"epoll_pwait2", "mount_setattr", "quotactl_fd",
    				"landlock_create_ruleset", "landlock_add_rule",
    				"landlock_restrict_self", "memfd_secret",
    				"process_mrelease", "futex_waitv",
    				"set_mempolicy_home_node", "cachestat", "fchmodat2",
    				"map_shadow_stack", "futex_wake", "futex_wait",
    				"futex_requeue", "statmount", "listmount",
    				"lsm_get_self_attr", "lsm_set_self_attr",
    				"lsm_list_modules", "mseal", "setxattrat",
    				"getxattrat", "listxattrat", "removexattrat",
    				"open_tree_attr", "file_getattr", "file_setattr"
    			],
    			"action": "SCMP_ACT_ERRNO",
    			"errnoRet": 1
    		}
    	]
    }

    $ weir policy --ask 'openat(AT_FDCWD, _, O_WRONLY)' --ask 'socket(AF_UNIX, 1, 0)' profile.json
    openat(AT_FDCWD, _, O_WRONLY) on x86_64: errno EPERM
      profile.json:2: "SCMP_ACT_ERRNO"
    socket(AF_UNIX, 1, 0) on x86_64: allow
      profile.json:35: "SCMP_ACT_ALLOW"
    [1]

crun adds nothing

    $ weir policy -f oci --runtime crun -o /dev/null - <<.
    > default errno EPERM
    > kernel 5.10
    > abi x86_64, x32
    > allow read
    > .
    weir: note: calls of other ABIs will kill the thread, not the process: a profile cannot express that
    weir: note: numbers that are not calls will get the default, not ENOSYS: they have no name
    weir: note: numbers 512 to 547 without bit 30 will not be taken for x32's calls
    weir: note: names that the runtime's libseccomp is too old to know will be ignored, so these calls get the default

Numbers between calls

    $ weir policy -f oci -o /dev/null - <<.
    > default errno EPERM
    > kernel 6.12
    > abi x86_64
    > allow read
    > notify openat
    > .
    weir: note: calls of other ABIs will kill the thread, not the process: a profile cannot express that
    weir: note: numbers that lie unused between calls will get the default, not ENOSYS: they have no name
    weir: note: 'notify' needs a listener: add its 'listenerPath' to the profile
    weir: note: names that the runtime's libseccomp is too old to know will be ignored, so these calls get the default

Calls of other ABIs

    $ weir policy -f oci -o /dev/null - <<.
    > default errno EPERM
    > foreign errno EPERM
    > abi x86_64
    > .
    stdin:2:9: error: a profile cannot express what calls of other ABIs get: runtimes let them kill the thread
      foreign errno EPERM
              ^~~~~~~~~~~
    [2]

A rule for one of two ABIs

    $ weir policy -f oci -o /dev/null - <<.
    > default errno EPERM
    > abi x86_64, i386
    > on x86_64 { allow dup2 }
    > allow dup3
    > .
    stdin:3:19: error: a profile cannot express this: 'dup2' gets 'errno EPERM' here on i386, but from the profile it would get 'allow'
      on x86_64 { allow dup2 }
                        ^~~~
    [2]

Arguments that another way to call does not have

    $ weir policy -f oci -o /dev/null - <<.
    > default errno EPERM
    > abi x86_64, i386
    > allow socket(AF_UNIX, _, _)
    > .
    stdin:3:7: warning: the arguments of 'socket' are not visible in 'socketcall' on i386, so calls through it do not match this rule
      allow socket(AF_UNIX, _, _)
            ^~~~~~~~~~~~~~~~~~~~~
    stdin:3:7: error: a profile cannot express this: 'socketcall' gets 'errno EPERM' here on i386, but from the profile it would get 'allow'
      allow socket(AF_UNIX, _, _)
            ^~~~~~~~~~~~~~~~~~~~~
    [2]

Two arguments

    $ weir policy -f oci -o /dev/null - <<.
    > default errno EPERM
    > abi x86_64
    > allow dup3 if oldfd == newfd
    > .
    stdin:3:7: error: a profile cannot express what 'dup3' gets on x86_64: its conditions take too many rules
      allow dup3 if oldfd == newfd
            ^~~~
    [2]

Conditions without end

    $ weir policy -f oci -o /dev/null - <<.
    > default errno EPERM
    > abi x86_64
    > allow mmap if args[0] == args[1] and args[2] == args[3] and args[4] == args[5] and args[0] & 0x5555555555555555 == args[2] & 0xaaaaaaaaaaaaaaaa and args[5] < args[1]
    > .
    stdin:3:7: error: a profile cannot express what 'mmap' gets on x86_64: its conditions take too many rules
      allow mmap if args[0] == args[1] and args[2] == args[3] and args[4] == args[5] and args[0] & 0x5555555555555555 == args[2] & 0xaaaaaaaaaaaaaaaa and args[5] < ar...
            ^~~~
    [2]

Upper halves on x32

    $ weir policy -f oci -o /dev/null - <<.
    > default errno EPERM
    > abi x32
    > allow read if args[2] == 0x100000000
    > .
    stdin:3:7: error: a profile cannot express what 'read' gets on x32: libseccomp compares the low 32 bits of arguments there
      allow read if args[2] == 0x100000000
            ^~~~
    [2]

Numbers without a name

    $ weir policy -f oci -o /dev/null - <<.
    > default errno EPERM
    > abi x86_64
    > allow nr(999)
    > .
    stdin:3:7: error: a profile names calls, and number 999 of x86_64 has no name that is known
      allow nr(999)
            ^~~~~~~
    [2]

Numbers of a trap

    $ weir policy -f oci -o /dev/null - <<.
    > default kill
    > abi x86_64
    > trap 7 read
    > .
    stdin:3:1: error: a profile's SCMP_ACT_TRAP has no number; only a plain 'trap' can be expressed
      trap 7 read
      ^~~~~~~~~~~
    [2]

Errnos that libseccomp does not take

    $ weir policy -f oci -o /dev/null - <<.
    > default kill
    > abi x86_64
    > errno 4095 read
    > .
    stdin:3:1: error: libseccomp takes only errnos below 4095
      errno 4095 read
      ^~~~~~~~~~~~~~~
    [2]

Errnos that differ

    $ weir policy -f oci -o /dev/null - <<.
    > default errno ENOSYS
    > abi x86_64, mipsel
    > .
    stdin:1:9: error: the default has different numbers on mipsel and on x86_64; a profile has one for both
      default errno ENOSYS
              ^~~~~~~~~~~~
    [2]

Notifications of everything

    $ weir policy -f oci -o /dev/null - <<.
    > default notify
    > abi x86_64
    > .
    weir: error: this cannot be a profile: runc refuses SCMP_ACT_NOTIFY as the default
    [2]


What runc answers for above the highest name of one ABI is named for no other

    $ cat >two.json <<.
    > {"defaultAction": "SCMP_ACT_ERRNO",
    >  "syscalls": [{"names": ["read", "setxattrat", "cacheflush"], "action": "SCMP_ACT_ALLOW"}]}
    > .
    $ weir policy -q -f oci -a aarch64,arm -o again.json two.json
    weir: note: names that the runtime's libseccomp is too old to know will be ignored, so these calls get the default
    $ for f in two again; do
    > weir policy -q -a aarch64,arm --ask 'nr(463), nr(467)' ./$f.json; done
    nr(463), nr(467), as setxattrat on arm: allow
      ./two.json:2: "SCMP_ACT_ALLOW"
    nr(463), nr(467), as setxattrat on aarch64: allow
      ./two.json:2: "SCMP_ACT_ALLOW"
    nr(463), nr(467), as open_tree_attr on arm: errno EPERM
      ./two.json:1: "SCMP_ACT_ERRNO"
    nr(463), nr(467), as open_tree_attr on aarch64: errno ENOSYS
      no rule is about it; the runtime adds this
    nr(463), nr(467), as setxattrat on arm: allow
      ./again.json:10: "SCMP_ACT_ALLOW"
    nr(463), nr(467), as setxattrat on aarch64: allow
      ./again.json:10: "SCMP_ACT_ALLOW"
    nr(463), nr(467), as open_tree_attr on arm: errno EPERM
      ./again.json:2: "SCMP_ACT_ERRNO"
    nr(463), nr(467), as open_tree_attr on aarch64: errno ENOSYS
      no rule is about it; the runtime adds this
    [1]

A program that runc makes, lifted: its ENOSYS above the highest name is runc's again, and
numbers without a name get the profile's default

    $ cat >small.json <<.
    > {"defaultAction": "SCMP_ACT_ERRNO",
    >  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    >  "syscalls": [{"names": ["read", "write", "fchmodat2"], "action": "SCMP_ACT_ALLOW"},
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_NE"}]}]}
    > .
    $ weir policy -q -a x86_64,i386,x32 -f raw -o small.bpf small.json
    $ weir show -q -f oci -o again.json small.bpf
    weir: note: numbers 512 to 547 without bit 30 will not be taken for x32's calls
    weir: note: names that the runtime's libseccomp is too old to know will be ignored, so these calls get the default
    $ weir policy -q -a x86_64,i386,x32 -f raw -o again.bpf again.json && cmp small.bpf again.bpf
    $ sed -n '2,3p;/fchmodat2/,$p' again.json
    	"defaultAction": "SCMP_ACT_ERRNO",
    	"defaultErrnoRet": 1,
    				"read", "write", "fchmodat2"
    			],
    			"action": "SCMP_ACT_ALLOW"
    		},
    		{
    			"names": ["socket"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 40, "op": "SCMP_CMP_NE"}
    			]
    		},
    		{
    			"names": ["socketcall"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}
    			]
    		}
    	]
    }

Values of an argument on ABIs of 64 and of 32 bits, as Docker's profile has them

    $ cat >families.json <<.
    > {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    >  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    >  "syscalls": [
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 0, "value": 38, "op": "SCMP_CMP_LT"}]},
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 0, "value": 39, "op": "SCMP_CMP_EQ"}]},
    >   {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
    >    "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_GT"}]}]}
    > .
    $ weir policy -q -a x86_64,i386,x32 --runtime crun -f raw -o families.bpf families.json
    $ weir show -q --runtime crun -f oci families.bpf
    weir: note: numbers 512 to 547 without bit 30 will not be taken for x32's calls
    weir: note: names that the runtime's libseccomp is too old to know will be ignored, so these calls get the default
    {
    	"defaultAction": "SCMP_ACT_ERRNO",
    	"defaultErrnoRet": 38,
    	"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    	"syscalls": [
    		{
    			"names": ["socket"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 37, "op": "SCMP_CMP_LE"}
    			]
    		},
    		{
    			"names": ["socket"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 39, "op": "SCMP_CMP_EQ"}
    			]
    		},
    		{
    			"names": ["socket"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 41, "op": "SCMP_CMP_GE"}
    			]
    		},
    		{
    			"names": ["socketcall"],
    			"action": "SCMP_ACT_ALLOW",
    			"args": [
    				{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}
    			]
    		}
    	]
    }
    $ weir show -q --runtime crun -f oci families.bpf >again.json
    weir: note: numbers 512 to 547 without bit 30 will not be taken for x32's calls
    weir: note: names that the runtime's libseccomp is too old to know will be ignored, so these calls get the default
    $ weir policy -q -a x86_64,i386,x32 --runtime crun -f raw -o again.bpf again.json && cmp families.bpf again.bpf
