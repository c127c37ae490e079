/*
 * weir filter: picks packets out of a capture file or off an interface.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "net/net.h"

/* What a run of it holds; released in reverse order. */
struct filter {
	struct cli *c;
	char *text; /* the expression */
	const char *name;
	size_t len;
	struct net_source *source;
	struct weir_program *program;
	bool in_kernel; /* the program runs there, not here */
	struct net_dump *dump;
	int status; /* of the command */
};

/* --- what was asked for ------------------------------------------------------------- */

/* Tell whether NAME ends with END. */
static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len > n && !strcmp(name + len - n, end);
}

static bool check_options(const struct options *o)
{
	if (!o->read == !o->interface) {
		cli_error(o->read ? "-r and -i are mutually exclusive"
		                  : "nothing to read packets from: name a capture file "
		                    "with -r, or an interface with -i");
		return false;
	}
	if (o->read && o->file && !strcmp(o->read, "-") && !strcmp(o->file, "-")) {
		cli_error("-r - and -F - are mutually exclusive: both read standard input");
		return false;
	}
	if (!filter_xdp_allowed(o))
		return false;
	if (o->write && ends_with(o->write, ".pcapng")) {
		cli_error("-w %s: files are written in pcap format, not pcapng; a name that "
		          "ends with .pcap says so",
		          o->write);
		return false;
	}
	if (o->given.has[OPT_COUNT] && !o->count) {
		cli_error("-c takes a number of packets, 1 or more");
		return false;
	}
	return true;
}

static bool open_source(struct filter *f)
{
	const struct options *o = &f->c->o;
	uint32_t snaplen = o->snaplen ? (uint32_t)o->snaplen : NET_SNAPLEN;
	struct net_error e;
	int err;

	if (o->read)
		err = net_open_file(&f->source, o->read, &e);
	else
		err = net_open_live(&f->source, o->interface, snaplen, &e);
	if (err)
		cli_error("%s", e.text);
	if (!err && o->xdp)
		filter_xdp_look(f->source);
	return !err && packet_note_source(f->source);
}

/* --- the program ----------------------------------------------------------------------- */

static bool compile(struct filter *f, bool live)
{
	const struct expression_text text = { .text = f->text, .len = f->len, .name = f->name };
	struct weir_expression_options p;
	int status;

	if (!packet_options(f->c, &p))
		return false;
	packet_source(&p, f->source);
	p.live = live;
	f->c->o.compile.destination = live          ? WEIR_FOR_SOCKET
	                              : f->c->o.xdp ? WEIR_FOR_EBPF
	                                            : WEIR_FOR_INTERPRETER;
	status = packet_compile(f->c, &text, &p, &f->program);
	if (status != EXIT_DONE)
		f->status = status;
	return status == EXIT_DONE;
}

/*
 * Compile the expression again for packets as they are read; warnings were
 * printed the first time.
 */
static bool compile_again(struct filter *f)
{
	bool quiet = f->c->o.quiet, ok;

	weir_program_free(f->program);
	f->program = NULL;
	f->c->o.quiet = true;
	ok = compile(f, false);
	f->c->o.quiet = quiet;
	return ok;
}

/* Open the socket and attach the program to it, or filter here and say why. */
static bool attach(struct filter *f)
{
	struct net_error e;

	f->in_kernel = f->c->o.xdp;
	if (f->in_kernel) /* it starts with the rest */
		return true;
	if (net_live_socket(f->source, &e)) {
		cli_error("%s", e.text);
		return false;
	}
	f->in_kernel = net_live_attach(f->source, f->program, &e) == 0;
	if (f->in_kernel)
		return true;
	cli_warning(f->c, "packets are filtered in user space, not in the kernel: %s",
	            e.text);
	return compile_again(f);
}

/* --- running --------------------------------------------------------------------------------- */

static bool start(struct filter *f)
{
	struct net_error e;

	if (f->c->o.xdp) {
		f->status = filter_xdp_start(f->c, &f->source, f->program);
		if (f->status != EXIT_DONE)
			return false;
	} else if (f->source->live && net_live_start(f->source, &e)) {
		cli_error("%s", e.text);
		return false;
	}
	if (f->source->live && !f->c->o.quiet)
		fprintf(stderr, "weir: listening on '%s'; Ctrl-C ends it\n",
		        f->source->name);
	return true;
}

static bool open_dump(struct filter *f)
{
	const struct options *o = &f->c->o;
	uint32_t snaplen = f->source->snaplen;
	struct net_error e;

	if (!taken_allows(o->write))
		return false;
	if (!o->write)
		return true;
	if (o->snaplen && o->snaplen < snaplen)
		snaplen = (uint32_t)o->snaplen;
	if (net_dump_open(&f->dump, o->write, f->source, snaplen, &e) == 0)
		return true;
	cli_error("%s", e.text);
	return false;
}

static void report(const struct filter *f, const struct net_tally *tally)
{
	unsigned long long matched = tally->matched, seen = tally->seen;
	uint32_t dropped = f->c->o.xdp       ? (uint32_t)net_ring_lost(f->source)
	                   : f->source->live ? net_live_dropped(f->source)
	                                     : 0;

	if (f->c->o.quiet)
		return;
	if (f->in_kernel)
		fprintf(stderr, "weir: %llu packet%s matched\n", matched,
		        matched == 1 ? "" : "s");
	else
		fprintf(stderr, "weir: %llu packet%s of %llu matched\n", matched,
		        matched == 1 ? "" : "s", seen);
	if (dropped)
		cli_warning(f->c, "%u matching packets arrived too fast and were lost",
		            dropped);
}

static int run(struct filter *f)
{
	const struct options *o = &f->c->o;
	struct net_job job = {
		.program = f->in_kernel ? NULL : f->program,
		.dump = f->dump,
		.lines = f->dump ? NULL : stdout,
		.count = o->count,
		.flush = o->unbuffered,
		.progress = isatty(STDERR_FILENO) && !o->quiet &&
		            (f->dump || !isatty(STDOUT_FILENO)),
	};
	struct net_tally tally;
	struct net_error e;
	int status = EXIT_DONE;

	if (net_filter(f->source, &job, &tally, &e)) {
		cli_error("%s", e.text);
		status = EXIT_USAGE;
	}
	if (f->dump && net_dump_close(f->dump, &e)) {
		cli_error("%s", e.text);
		status = EXIT_USAGE;
	}
	f->dump = NULL;
	report(f, &tally);
	if (status == EXIT_DONE && tally.signal && tally.signal != SIGINT)
		status = EXIT_SIGNAL + tally.signal;
	return status;
}

int cmd_filter(struct cli *c)
{
	struct filter f = { .c = c, .status = EXIT_USAGE };
	struct net_error e;

	if (!check_options(&c->o))
		return EXIT_USAGE;
	/* A file that grows too large is an error, like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	f.text = options_expression(c, &f.name, &f.len);
	if (f.text && open_source(&f) && compile(&f, f.source->live && !c->o.xdp) &&
	    (!f.source->live || attach(&f)) && open_dump(&f) && start(&f))
		f.status = run(&f);
	if (f.dump)
		net_dump_close(f.dump, &e);
	weir_program_free(f.program);
	if (f.source)
		f.source->close(f.source);
	free(f.text);
	return f.status;
}
