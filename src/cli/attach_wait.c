/* Waiting, and the signals that end it. */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <time.h>

#include "base/base.h"
#include "cli/attach.h"

static volatile sig_atomic_t ended_by;

static void on_signal(int number)
{
	ended_by = number;
}

void attach_catch_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction a = { .sa_handler = on_signal }, old;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (!sigaction(ends[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(ends[i], &a, NULL);
}

bool attach_wait(unsigned ms)
{
	enum {
		SLICE = 100 /* a signal just before poll(2) is noticed after that */
	};

	while (!ended_by && ms) {
		unsigned now = ms < SLICE ? ms : SLICE;

		poll(NULL, 0, (int)now);
		ms -= now;
	}
	return !ended_by;
}

int attach_status(void)
{
	return ended_by && ended_by != SIGINT ? EXIT_SIGNAL + ended_by : EXIT_DONE;
}

double attach_now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
