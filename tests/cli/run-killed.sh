#!/bin/sh
# weir run says which call the policy killed a program for.
. "${top_srcdir:-.}/tests/cli/lib.sh"
command -v setarch >/dev/null || skip "setarch is missing, which calls personality"

for action in kill trap "trap 7" kill_thread; do
	policy kill <<-END
		default allow
		$action personality
		kill uname
	END
	expect 159 "$weir" run -q "$tmp/kill.policy" -- setarch -R true
	says "the policy killed"
	says "setarch["
	says "for calling 'personality'"
	says "$action"
	says "weir: personality(0x40000): by $tmp/kill.policy:2: $action personality"
	expect 159 "$weir" run -v -q "$tmp/kill.policy" -- setarch -R true
	says "with 0x40000,"

	# Without tracing the calls are named that it can have been.
	expect 159 "$weir" run -q --no-trace "$tmp/kill.policy" -- setarch -R true
	says "died of SIGSYS"
	says "the policy kills uname, personality"
done

# A process that the program starts: the program hears of it.
expect 159 "$weir" run -q "$tmp/kill.policy" -- sh -c 'setarch -R true; exit $?'
says "ended with 159, as shells do"
says "the policy kills uname, personality"

# The rule is looked for with the arguments of the call, in what is included as well.
policy part <<-'END'
	kill personality if persona == 1
	kill personality if persona & 0x40000
END
policy whole <<-END
	default allow
	include "$tmp/part.policy"
	errno ENOSYS io_uring_setup
END
expect 159 "$weir" run "$tmp/whole.policy" -- setarch -R true
says "by $tmp/part.policy:2: kill personality if persona & 0x40000"

# The explanation is from the policy in force: nothing is read again for it.
# on_stdin STATUS COMMAND...: as expect, with $tmp/kill.policy as standard input.
on_stdin()
{
	last=$*
	"$weir" run "$@" <"$tmp/kill.policy" >"$tmp/out" 2>"$tmp/err"
	[ $? -eq 159 ] || fail "not killed: $last"
}
on_stdin - -- setarch -R true
says "weir: personality(0x40000): by stdin:2: kill_thread personality"
mkfifo "$tmp/fifo"
cat "$tmp/kill.policy" >"$tmp/fifo" &
expect 159 timeout -s KILL 20 "$weir" run "$tmp/fifo" -- setarch -R true
says "weir: personality(0x40000): by $tmp/fifo:2: kill_thread personality"
# The program changes, or removes, what it is confined by.
for part in "rm -f" "echo default allow >" "echo nonsense >"; do
	cp "$tmp/whole.policy" "$tmp/w.policy"
	cp "$tmp/part.policy" "$tmp/p.policy"
	sed -i "s/part.policy/p.policy/" "$tmp/w.policy"
	expect 159 "$weir" run "$tmp/w.policy" -- \
		sh -c "$part '$tmp/w.policy'; exec setarch -R true"
	says "by $tmp/p.policy:2: kill personality if persona & 0x40000"
	cp "$tmp/whole.policy" "$tmp/w.policy"
	sed -i "s/part.policy/p.policy/" "$tmp/w.policy"
	expect 159 "$weir" run "$tmp/w.policy" -- \
		sh -c "$part '$tmp/p.policy'; exec setarch -R true"
	says "by $tmp/p.policy:2: kill personality if persona & 0x40000"
done

# What is refused with an error is for the kernel's log.
policy errno <<-'END'
	default allow
	errno EPERM personality
END
expect 1 "$weir" run -q --log "$tmp/errno.policy" -- setarch -R true
! grep -q killed "$tmp/err" || fail "an error is taken for death"
if command -v strace >/dev/null && strace -o "$tmp/strace" -f true 2>/dev/null; then
	for log in "" --log; do
		strace -o "$tmp/strace" -f -e trace=seccomp \
			"$weir" run -q --no-trace $log "$tmp/errno.policy" -- true
		flags=$(grep -c SECCOMP_FILTER_FLAG_LOG "$tmp/strace")
		[ "$flags$log" = 0 ] || [ "$flags$log" = 2--log ] ||
			fail "with '$log' the filter is loaded so: $(cat "$tmp/strace")"
	done
fi

# A SIGSYS that somebody sent is not taken for the policy's doing.
expect 159 "$weir" run -q "$tmp/kill.policy" -- sh -c 'kill -SYS $$'
says "not the policy's doing"

# A call without a name, and one of another ABI, x32's getpid.
if command -v python3 >/dev/null; then
	policy number <<-'END'
		default allow
		kill nr(999)
		kill reboot
	END
	calls='import ctypes, sys; ctypes.CDLL(None).syscall(int(sys.argv[1]))'
	expect 159 "$weir" run -q "$tmp/number.policy" -- python3 -c "$calls" 999
	says "for calling number 999 ("
	says "by $tmp/number.policy:2: kill nr(999)"
	if [ "$(uname -m)" = x86_64 ]; then
		expect 159 "$weir" run -q "$tmp/number.policy" -- python3 -c "$calls" 1073741863
		says "for calling 'getpid' (x32 1073741863; kill)"
		expect 159 "$weir" run -q "$tmp/number.policy" -- python3 -c "$calls" 1073742999
		says "for calling number 1073742999 (x32; kill)"
	fi
fi

# What follows needs programs of its own.
${CC:-cc} --version >/dev/null 2>&1 || { [ "$failures" -ne 0 ] || skip "no compiler, so only half of it"; finish; }
compile()
{
	cat >"$tmp/$1.c"
	${CC:-cc} -pthread -o "$tmp/$1" "$tmp/$1.c" || fail "$1.c does not compile"
}
policy kill <<-'END'
	default allow
	kill personality
END
policy kill_thread <<-'END'
	default allow
	kill_thread personality
END
policy trap <<-'END'
	default allow
	trap 7 personality
END

# A thread.
compile thread <<-'END'
	#include <pthread.h>
	#include <sys/personality.h>
	#include <unistd.h>
	static void *refused(void *p)
	{
		personality(0xffffffff);
		return p;
	}
	int main(void)
	{
		pthread_t t;
		if (pthread_create(&t, 0, refused, 0))
			return 9;
		pthread_join(t, 0);
		return 4;
	}
END
expect 159 "$weir" run -q "$tmp/kill.policy" -- "$tmp/thread"
says "for calling 'personality'"
expect 4 "$weir" run -q "$tmp/kill_thread.policy" -- "$tmp/thread"
says "killed thread thread["
says "for calling 'personality'"

# A program that handles the signal of `trap` sees what it always sees.
compile handler <<-'END'
	#include <signal.h>
	#include <sys/personality.h>
	#include <sys/syscall.h>
	#include <unistd.h>
	static volatile int seen;
	static void on_sys(int sig, siginfo_t *info, void *context)
	{
		seen = info->si_code == 1 /* SYS_SECCOMP */ &&
		       info->si_syscall == SYS_personality && info->si_errno == 7;
	}
	int main(void)
	{
		struct sigaction sa = { .sa_sigaction = on_sys, .sa_flags = SA_SIGINFO };
		sigaction(SIGSYS, &sa, 0);
		personality(0xffffffff);
		return seen ? 5 : 6;
	}
END
for how in "" --no-trace; do
	expect 5 "$weir" run -q $how "$tmp/trap.policy" -- "$tmp/handler"
	says_nothing
done

# Execs of its own, from another thread too, and children of every kind.
compile busy <<-'END'
	#define _GNU_SOURCE
	#include <pthread.h>
	#include <sched.h>
	#include <stdlib.h>
	#include <sys/wait.h>
	#include <unistd.h>
	static char stack[65536];
	static char **args;
	static int child(void *p)
	{
		return 0;
	}
	static void *nothing(void *p)
	{
		return p;
	}
	static void *again(void *p)
	{
		execl(args[0], args[0], "x", (char *)0);
		exit(9);
	}
	int main(int argc, char **argv)
	{
		pthread_t t;
		int status;
		args = argv;
		for (int i = 0; i < 50; i++) {
			if (pthread_create(&t, 0, nothing, 0) || pthread_join(t, 0))
				return 10;
			pid_t pid = i % 3 == 0 ? fork() : i % 3 == 1 ? vfork() :
				clone(child, stack + sizeof stack, CLONE_VM, 0);
			if (pid == 0)
				_exit(0);
			if (pid < 0 || waitpid(pid, &status, __WALL) != pid || status)
				return 11;
		}
		if (argc > 1)
			return 5;
		if (pthread_create(&t, 0, again, 0))
			return 12;
		pause();
	}
END
for how in "" --no-trace; do
	expect 5 timeout 20 "$weir" run -q $how "$tmp/kill.policy" -- "$tmp/busy"
	says_nothing
done

# A number beyond all calls, seen and not seen.
compile unnamed <<-'END'
	#include <unistd.h>
	#include <sys/syscall.h>
	int main(void)
	{
		syscall(999);
		return 0;
	}
END
printf 'default allow\nkill nr(999)\n' >"$tmp/unnamed.policy"
expect 159 "$weir" run -q "$tmp/unnamed.policy" -- "$tmp/unnamed"
says "for calling number 999 ("
expect 159 "$weir" run -q --no-trace "$tmp/unnamed.policy" -- "$tmp/unnamed"
says "the policy kills only numbers that have no name"

# A call of another ABI, which the policy does not name.
if [ "$(uname -m)" = x86_64 ]; then
	compile foreign <<-'END'
		int main(void)
		{
			int r;
			__asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory");
			return r > 0 ? 0 : 3;
		}
	END
	if "$tmp/foreign"; then
		expect 159 "$weir" run -- "$tmp/foreign"
		says "the policy kills only calls of other ABIs"
		expect 159 "$weir" run -q "$tmp/kill.policy" -- "$tmp/foreign"
		says "for calling 'getpid' (i386 20; kill)"
	fi
fi
finish
