Before a program is written it is held against what its text means. Here one that
is wrong is planted: the level after it comes out, and a report is asked for.

    $ WEIR_PLANT=1 planted packet -ddd 'tcp' 2>&1 >one | sed 's/returns .*for: .*/returns .../'
    weir: warning: the program made at -O2 is wrong, and that of -O3 is used instead; please report this with your options and these notes
    weir: note: at -O2 it returns ...
    weir: note: the text: tcp
    $ weir packet -O3 -ddd tcp | cmp - one
    $ WEIR_PLANT=2 planted packet -ddd 'tcp' 2>&1 >one | sed 's/returns .*for: .*/returns .../'
    weir: warning: the program made at -O2 is wrong, and that of -O1 is used instead; please report this with your options and these notes
    weir: note: at -O2 it returns ...
    weir: note: the text: tcp
    $ weir packet -O1 -ddd tcp | cmp - one
    $ WEIR_PLANT=2 planted packet -O3 -ddd 'tcp' 2>&1 >one | sed 's/returns .*for: .*/returns .../'
    weir: warning: the program made at -O3 is wrong, and that of -O0 is used instead; please report this with your options and these notes
    weir: note: at -O3 it returns ...
    weir: note: the text: tcp
    $ weir packet -O0 -ddd tcp | cmp - one

Where all are wrong nothing is written.

    $ WEIR_PLANT=4 planted packet -Os -o new 'tcp' 2>said; echo $?; sed 's/returns .*for: .*/returns .../' said; ls
    1
    weir: error: the programs made at all levels are wrong, so none is used; please report this with your options and these notes
    weir: note: at -Os it returns ...
    weir: note: the text: tcp
    one
    said
    $ sed -n 's/.* not 0, for: captured [0-9]*, wire [0-9]*, network 0, bytes [0-9a-f]*.*/a packet/p' said
    a packet

Policies are checked, too, and a program is not started under one that is wrong.

    $ printf 'abi x86_64\ndefault errno EPERM\nallow exit_group, read\n' > one.policy
    $ WEIR_PLANT=1 planted policy -ddd one.policy 2>&1 >one | sed 's/returns .*for: .*/returns .../'
    weir: warning: the program made at -O2 is wrong, and that of -O3 is used instead; please report this with your options and these notes
    weir: note: at -O2 it returns ...
    weir: note: the text: abi x86_64 default errno EPERM allow exit_group, read
    $ weir policy -O3 -ddd one.policy | cmp - one
    $ WEIR_PLANT=4 planted policy -ddd one.policy 2>said; echo $?; sed 's/returns .*for: .*/returns .../' said
    1
    weir: error: the programs made at all levels are wrong, so none is used; please report this with your options and these notes
    weir: note: at -O2 it returns ...
    weir: note: the text: abi x86_64 default errno EPERM allow exit_group, read
    $ WEIR_PLANT=4 planted run ./one.policy -- echo was started 2>said; echo $?; sed 's/returns .*for: .*/returns .../' said
    125
    weir: error: the programs made at all levels are wrong, so none is used; please report this with your options and these notes
    weir: note: at -O2 it returns ...
    weir: note: the text: abi x86_64 default errno EPERM allow exit_group, read
    weir: policy: 'echo' was not started

Nor is it shown, judged or run.

    $ WEIR_PLANT=4 planted show -Os --expr tcp 2>said
    [1]
    $ WEIR_PLANT=4 planted check -Os --expr tcp 2>said
    [1]
    $ WEIR_PLANT=4 planted check -Os --policy ./one.policy 2>said
    [1]
    $ WEIR_PLANT=4 planted eval -Os --expr tcp --packet 00 2>said
    [1]

A long text is cut, and who does not want the check goes without it.

    $ WEIR_PLANT=1 planted packet -ddd "port $(seq -s ' or port ' 1000 1030)" 2>&1 >one | sed 's/returns .*for: .*/returns .../'
    weir: warning: the program made at -O2 is wrong, and that of -O3 is used instead; please report this with your options and these notes
    weir: note: at -O2 it returns ...
    weir: note: the text begins: port 1000 or port 1001 or port 1002 or port 1003 or port 1004 or port 1005 or port 1006 or port 1007 or port 1008 or port 1009 or port 1010 or port 1011 or port 1012 or port 1013 or port 1014 or port
    $ WEIR_PLANT=1 planted packet --no-check -ddd 'ip'
    4
    40 0 0 12
    21 1 0 2048
    6 0 0 262144
    6 0 0 0
    $ WEIR_PLANT=1 planted packet -O0 -ddd 'ip'
    4
    40 0 0 12
    21 1 0 2048
    6 0 0 262144
    6 0 0 0
