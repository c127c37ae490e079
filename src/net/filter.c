/*
 * Packets from a source, through a program, to a file or as lines: the loop of
 * `weir filter`, which a signal ends cleanly.
 */
#include "config.h"

#include "net/net.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* --- signals -------------------------------------------------------------------------- */

/* The first signal that came; 0: none. */
static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
	if (!interrupted)
		interrupted = sig;
}

static const int stopping[] = { SIGINT, SIGTERM, SIGHUP };

struct signals {
	struct sigaction old[sizeof stopping / sizeof *stopping];
};

/*
 * Catch the signals that stop weir, without SA_RESTART: a read from a pipe must
 * not go on waiting. Leave an ignored SIGHUP alone, as under nohup.
 */
static void catch_signals(struct signals *s)
{
	struct sigaction act = { .sa_handler = interrupt };

	interrupted = 0;
	for (size_t i = 0; i < sizeof stopping / sizeof *stopping; i++) {
		sigaction(stopping[i], &act, &s->old[i]);
		if (stopping[i] == SIGHUP && s->old[i].sa_handler == SIG_IGN)
			sigaction(SIGHUP, &s->old[i], NULL);
	}
}

static void release_signals(const struct signals *s)
{
	for (size_t i = 0; i < sizeof stopping / sizeof *stopping; i++)
		sigaction(stopping[i], &s->old[i], NULL);
}

/* --- the loop ----------------------------------------------------------------------------- */

struct loop {
	struct net_source *s;
	const struct net_job *job;
	struct net_tally *tally;
	struct weir_data data; /* what the program runs on: set up once */
	struct net_clock clock;
	int64_t shown;   /* when progress was, in ms */
	int64_t flushed; /* when the file of a live capture was, in ms */
	bool showing;    /* a progress line is on the terminal */
	int error;       /* of the program or the output, -errno */
	bool broken;     /* the output takes no more */
};

enum {
	PROGRESS_MS = 300,
	PROGRESS_AFTER_MS = 1000,
	FLUSH_MS = 1000
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void show_progress(struct loop *l)
{
	double part = net_file_progress(l->s);
	int64_t now = now_ms();

	if (now < l->shown + PROGRESS_MS)
		return;
	l->shown = now;
	l->showing = true;
	if (part >= 0)
		fprintf(stderr, "\r\033[K%3.0f %%  ", part * 100);
	else
		fprintf(stderr, "\r\033[K");
	fprintf(stderr, "%llu of %llu packets matched",
	        (unsigned long long)l->tally->matched, (unsigned long long)l->tally->seen);
	fflush(stderr);
}

static void clear_progress(struct loop *l)
{
	if (l->showing)
		fprintf(stderr, "\r\033[K");
	l->showing = false;
}

/*
 * Flush a live capture's dump every second, so that no more is lost, whatever
 * ends it.
 */
static bool flush_dump(struct loop *l)
{
	int64_t now;

	if (!l->s->live || !l->job->dump)
		return true;
	now = now_ms();
	if (now < l->flushed + FLUSH_MS)
		return true;
	l->flushed = now;
	return net_dump_flush(l->job->dump);
}

/* Write out what is there before a wait. */
static void pause_loop(void *ctx)
{
	struct loop *l = ctx;

	/* What fails now fails again with the next packet. */
	if (l->job->dump && net_dump_settle(l->job->dump))
		flush_dump(l);
	if (l->s->live && l->job->lines)
		fflush(l->job->lines);
	if (l->job->progress)
		show_progress(l);
}

static bool write_line(struct loop *l, const struct net_packet *p)
{
	char line[NET_LINE_MAX];
	size_t n = net_timed_line(line, sizeof line - 1, l->s->linktype, p, &l->clock);

	line[n++] = '\n';
	return fwrite(line, 1, n, l->job->lines) == n &&
	       (!l->job->flush || fflush(l->job->lines) == 0);
}

static bool write_packet(struct loop *l, const struct net_packet *p)
{
	if (l->job->dump)
		return net_dump_write(l->job->dump, p) &&
		       (l->job->flush ? net_dump_flush(l->job->dump) : flush_dump(l));
	return !l->job->lines || write_line(l, p);
}

/* Write P, cut to MOST bytes. */
static bool write_cut(struct loop *l, const struct net_packet *p, uint32_t most)
{
	struct net_packet cut = *p;

	if (p->captured <= most)
		return write_packet(l, p);
	cut.captured = most;
	return write_packet(l, &cut);
}

static bool each(void *ctx, const struct net_packet *p)
{
	struct loop *l = ctx;
	uint32_t result = UINT32_MAX;

	l->tally->seen++;
	if (l->job->program) {
		l->data.bytes = p->bytes;
		l->data.captured = p->captured;
		l->data.wire = p->wire;
		l->error = weir_program_run(l->job->program, &l->data, &result);
		if (l->error)
			return false;
	}
	if (result == 0)
		return !interrupted;
	l->tally->matched++;
	if (!write_cut(l, p, result)) {
		l->broken = true;
		return false;
	}
	return l->tally->matched != l->job->count && !interrupted;
}

/* Report what the loop itself ran into; 0 if nothing. */
static int loop_failed(struct loop *l, struct net_error *e)
{
	if (l->error)
		return net_fail(e, l->error, "the program does not run: %s",
		                strerror(-l->error));
	/* net_dump_close knows why a file failed. */
	if (l->broken && !l->job->dump)
		return net_fail(e, -EIO, "standard output: %s", strerror(errno));
	return 0;
}

int net_filter(struct net_source *s, const struct net_job *job, struct net_tally *tally,
               struct net_error *e)
{
	struct loop l = {
		.s = s,
		.job = job,
		.tally = tally,
		.data.size = sizeof l.data,
		.shown = now_ms() + PROGRESS_AFTER_MS - PROGRESS_MS,
	};
	struct signals signals;
	int err, later;

	*tally = (struct net_tally){ 0 };
	catch_signals(&signals);
	s->stop = &interrupted;
	s->pause = pause_loop;
	err = s->read(s, each, &l, e);
	/* While no second signal can end it. */
	if (job->dump)
		net_dump_flush(job->dump);
	release_signals(&signals);
	clear_progress(&l);
	tally->signal = interrupted;
	later = loop_failed(&l, e);
	if (!later && job->lines && fflush(job->lines))
		later = net_fail(e, -errno, "standard output: %s", strerror(errno));
	return err ? err : later;
}
