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
	expect 159 "$weir" run "$tmp/kill.policy" -- setarch -R true
	says "the policy killed"
	says "setarch["
	says "for calling 'personality'"
	says "$action"
	expect 159 "$weir" run -v "$tmp/kill.policy" -- setarch -R true
	says "with 0x40000,"

	# Without tracing the calls are named that it can have been.
	expect 159 "$weir" run --no-trace "$tmp/kill.policy" -- setarch -R true
	says "died of SIGSYS"
	says "uname, personality"
done

# A process that the program starts: the program hears of it.
expect 159 "$weir" run "$tmp/kill.policy" -- sh -c 'setarch -R true; exit $?'

# A SIGSYS that somebody sent is not taken for the policy's doing.
expect 159 "$weir" run "$tmp/kill.policy" -- sh -c 'kill -SYS $$'
says "not the policy's doing"

# A thread.
if command -v "${CC:-cc}" >/dev/null; then
	cat >"$tmp/thread.c" <<-'END'
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
			sleep(1);
			return 4;
		}
	END
	if ${CC:-cc} -pthread -o "$tmp/thread" "$tmp/thread.c"; then
		policy kill <<-'END'
			default allow
			kill personality
		END
		expect 159 "$weir" run "$tmp/kill.policy" -- "$tmp/thread"
		says "for calling 'personality'"
		policy kill <<-'END'
			default allow
			kill_thread personality
		END
		expect 4 "$weir" run "$tmp/kill.policy" -- "$tmp/thread"
		says "killed thread thread["
		says "for calling 'personality'"
	fi
fi
finish
