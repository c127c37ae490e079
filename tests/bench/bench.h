/*
 * bench: what our programs cost, beside the peers', in one run. Sizes and
 * executed instructions are the same on every machine; times are of this one
 * and only ever compared within the run. Never a test that a slow machine fails.
 */
#ifndef BENCH_H
#define BENCH_H

#include <linux/filter.h>

#include "base/base.h"
#include "weir.h"

/* --- traffic.c: packets, the same in every run -------------------------------- */

enum { BENCH_PACKETS = 20000, BENCH_MIXES = 2 };

struct frame {
	const uint8_t *bytes;
	uint32_t len;
};

struct traffic {
	const char *name;
	struct frame *frame;
	uint32_t n;
};

/* The mixes: IPv4-heavy, and IPv6-heavy. N packets of Ethernet. */
void traffic_make(struct arena *a, struct traffic mix[BENCH_MIXES], uint32_t n);
/*
 * OUT is FROM as a capture of link type DLT has it, without what such a link
 * does not carry; false if the bench knows no such link.
 */
bool traffic_convert(struct arena *a, const struct traffic *from, int dlt,
                     struct traffic *out);

/* --- sets.c: what is compiled -------------------------------------------------- */

struct item {
	const char *set;  /* "everyday", "own", "hosts", ... */
	const char *name; /* the expression, or "1000 hosts" */
	const char *text;
	const char *dlt;
	const char *why;  /* what it is for; may be NULL */
	uint32_t of;      /* lists: how many */
};

typedef ARRAY(struct item) items_t;

/* Lines of "link type, expression, why"; false if FILE cannot be read. */
bool sets_read(struct arena *a, items_t *out, const char *set, const char *file);
/* Lists of N = 10 .. MAX of each kind. */
void sets_lists(struct arena *a, items_t *out, uint32_t max);

/* --- measure.c: one expression, all parties -------------------------------------- */

enum party {
	PARTY_UNOPT, /* libpcap's, as its code generator makes it */
	PARTY_PCAP,  /* libpcap's, optimized: what ratios are against */
	PARTY_O0,
	PARTY_O1,
	PARTY_O2,
	PARTY_O3,
	PARTY_OS,
	PARTIES
};

extern const char *const party_name[PARTIES];

/* What one party makes of an expression. Figures that were not taken are 0. */
struct figures {
	bool there;
	const char *missing; /* why it is not */
	struct sock_filter *insns;
	uint32_t n;
	uint64_t converted, memory;
	bool attaches;                /* under the default net.core.optmem_max */
	double executed[BENCH_MIXES]; /* instructions a packet */
	uint64_t accepted[BENCH_MIXES];
	double compile;               /* seconds, the best of several */
	double interpreter, kernel;   /* nanoseconds a packet */
};

struct row {
	struct item item;
	struct figures of[PARTIES];
	bool wrong; /* other packets are accepted than the peer's unoptimized program does */
};

/* What a run does. */
struct plan {
	struct traffic *mix;   /* of Ethernet */
	bool times;            /* else sizes and counts only */
	unsigned repeat;       /* compilations of which the best counts */
	double limit;          /* seconds that a peer may take over a list */
	bool patient;          /* also where the peer is known to need minutes */
};

void measure(struct arena *a, const struct plan *plan, const struct item *item,
             struct row *out);
double seconds(void);

/* --- peer.c: libpcap ------------------------------------------------------------- */

bool peer_there(void);
const char *peer_version(void);
int peer_dlt(const char *name);
/*
 * Compiles TEXT, REPEAT times; gives up after LIMIT seconds (0: never), for which
 * it needs a process of its own.
 */
void peer_compile(struct arena *a, struct figures *out, const char *text, int dlt,
                  bool optimize, unsigned repeat, double limit);
uint32_t peer_run(const struct figures *f, const struct frame *p);

/* --- report.c: what is printed ----------------------------------------------------- */

typedef ARRAY(struct row) rows_t;

void report_rows(const rows_t *rows);
void report_summary(const rows_t *rows);

#endif
