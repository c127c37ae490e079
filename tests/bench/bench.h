/*
 * bench: what our programs cost, beside the peers', in one run. Sizes and
 * executed instructions are the same on every machine; times are of this one
 * and only ever compared within the run. Never a test that a slow machine fails.
 */
#ifndef BENCH_H
#define BENCH_H

#include <linux/filter.h>
#include <stdio.h>

#include "base/base.h"
#include "weir.h"

/* --- traffic.c: packets, the same in every run -------------------------------- */

enum {
	BENCH_PACKETS = 20000,
	BENCH_MIXES = 3
};

struct frame {
	const uint8_t *bytes;
	uint32_t len;
};

struct traffic {
	const char *name;
	struct frame *frame;
	uint32_t n;
};

/* The mixes: IPv4-heavy, IPv6-heavy, and of what is rare. N packets of Ethernet. */
void traffic_make(struct arena *a, struct traffic mix[BENCH_MIXES], uint32_t n);
/*
 * OUT is FROM as a capture of link type DLT has it, without what such a link
 * does not carry; false if the bench knows no such link.
 */
bool traffic_convert(struct arena *a, const struct traffic *from, int dlt,
                     struct traffic *out);

/* --- files.c: where the data are --------------------------------------------------- */

/* A file of this directory; NULL if it cannot be read. */
FILE *bench_open(const char *name);
/* A file of the reference vectors; NULL without them. */
FILE *vectors_open(const char *name);
/* What SCRIPT of this directory makes of it; to be closed with pclose. */
FILE *script_open(const char *script, const char *name);
/* The text of *LINE up to the next tab, or the end; *LINE goes behind it. NULL: no more. */
char *field(char **line);

/* --- sets.c: what is compiled -------------------------------------------------- */

struct item {
	const char *set;  /* "everyday", "own", "hosts", ... */
	const char *name; /* the expression, or "1000 hosts" */
	const char *text;
	const char *dlt;
	const char *why; /* what it is for; may be NULL */
	uint32_t of;     /* lists: how many */
};

typedef ARRAY(struct item) items_t;

/* Lines of "link type, expression, why". Closes FILE. */
void sets_read(struct arena *a, items_t *out, const char *set, FILE *file);
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
extern const enum weir_level level_of[PARTIES]; /* of ours */

/* What one party makes of an expression. Figures that were not taken are 0. */
struct figures {
	bool there;
	const char *missing; /* why it is not */
	struct sock_filter *insns;
	uint32_t n;
	uint64_t converted, memory;
	bool attaches;                /* under the default net.core.optmem_max */
	double executed[BENCH_MIXES]; /* instructions a packet */
	double modelled[BENCH_MIXES]; /* nanoseconds a packet on a socket, by the model */
	uint64_t accepted[BENCH_MIXES];
	double compile;             /* seconds, the best of several */
	double interpreter, kernel; /* nanoseconds a packet */
};

struct row {
	struct item item;
	struct figures of[PARTIES];
	bool timed; /* INTERPRETER and KERNEL were taken */
	bool wrong; /* other packets are accepted than the peer's unoptimized program does */
};

/* How compile times are taken: the best of REPEAT means over BATCH compilations. */
struct effort {
	unsigned repeat, batch;
	double limit; /* seconds that a peer may take over a list */
};

/* What a run does. */
struct plan {
	struct traffic *mix;  /* of Ethernet */
	bool times;           /* else sizes and counts only */
	struct effort effort; /* for an expression */
	bool patient;         /* also where the peer is known to need minutes */
};

void measure(struct arena *a, const struct plan *plan, const struct item *item,
             struct row *out);
/* Of this process's own time: the machine may have other things to do. */
double seconds(void);
/* Read TEXT as O says and compile it as HOW says, once. */
int compile_text(struct weir_program **out, const char *text,
                 const struct weir_expression_options *o,
                 const struct weir_compile_options *how);
/* The only names that the sets have beyond keywords and numbers. */
int resolve_name(void *ctx, enum weir_name_kind kind, const char *name,
                 struct weir_resolved *out);

/* --- timing.c: nanoseconds a packet ------------------------------------------------ */

void timing_measure(struct arena *a, const struct plan *plan, struct row *row);

/* --- corpus.c: lengths, of expressions that are not everyday ones ------------------ */

struct corpus_row {
	const char *dlt, *text;
	uint32_t theirs, ours[PARTIES]; /* 0: refused */
};

typedef ARRAY(struct corpus_row) corpus_t;

/* False without the reference vectors. */
bool corpus_measure(struct arena *a, corpus_t *out);

/* --- policy.c: a container's profile ------------------------------------------------ */

enum policy_party {
	POLICY_LINEAR, /* libseccomp's chain of comparisons */
	POLICY_TREE,   /* its binary tree */
	POLICY_O0,
	POLICY_O1,
	POLICY_O2,
	POLICY_O3,
	POLICY_OS,
	POLICY_TOLD, /* -O2 that is told how often calls are made */
	POLICY_PARTIES
};

struct policy_figures {
	struct sock_filter *insns;
	uint32_t n;              /* 0: not there */
	uint32_t cached;         /* calls that the kernel answers from its bitmap */
	double executed;         /* instructions, weighted over all calls that are made */
	double executed_running; /* over those for which the filter runs */
	double executed_uniform; /* over those, without weights */
	double running_share;    /* the share of the calls that are made which they are */
	uint64_t converted;      /* eBPF instructions that Linux makes of it */
	double interpreter;      /* nanoseconds a call for which it runs, in ours */
	double compile;          /* seconds */
	bool wrong;              /* decides otherwise than libseccomp's chain */
};

struct policy_row {
	const char *name;
	struct policy_figures of[POLICY_PARTIES];
};

typedef ARRAY(struct policy_row) policies_t;

extern const char *const policy_party_name[POLICY_PARTIES];

/* False without the reference vectors. */
bool policy_measure(struct arena *a, policies_t *out, unsigned repeat);

/* --- peer.c: libpcap ------------------------------------------------------------- */

bool peer_there(void);
const char *peer_version(void);
int peer_dlt(const char *name);
/* Gives up after E->limit seconds (0: never), for which it needs a process of its own. */
void peer_compile(struct arena *a, struct figures *out, const char *text, int dlt,
                  bool optimize, const struct effort *e);
uint32_t peer_run(const struct figures *f, const struct frame *p);

/* --- report.c, json.c: what is printed ---------------------------------------------- */

typedef ARRAY(struct row) rows_t;

struct results {
	const char *mix_name[BENCH_MIXES];
	rows_t rows;
	corpus_t corpus;
	policies_t policies;
};

void report_rows(const struct results *r);
void report_summary(const struct results *r);
/* The targets of the optimizer, and today's figures. */
void report_targets(const struct results *r);

/* A figure of one party; 0: not there. */
typedef double figure_fn(const struct figures *f);

/* One party against the peer, over a set. */
struct mean {
	double geomean, total;
	unsigned n, better, worse;
};

struct mean mean_of(const rows_t *rows, const char *set, enum party p, figure_fn *of);
/* Modelled time of one party against the peer's, over a set and a mix. */
struct modelled {
	double ratio; /* of the sums */
	unsigned n, slower;
};

struct modelled modelled_of(const rows_t *rows, const char *set, enum party p, unsigned mix);
struct mean mean_of_corpus(const corpus_t *corpus, enum party p);

extern const struct measure {
	const char *name, *key;
	figure_fn *of;
} measures[]; /* NULL after the last */

void json_print(struct buf *out, const struct results *r);

#endif
