/*
 * What the files of the public library share: one run of it, and what the nouns
 * that are read have in common. api.c is the run; api_program.c has programs, and
 * api_read.c reads them;
 * api_compile.c the way from graph to program; api_expression.c, api_policy.c,
 * api_make.c, api_answer.c and api_optimize.c join to it what they read.
 */
#ifndef WEIR_API_INTERNAL_H
#define WEIR_API_INTERNAL_H

#include "cbpf/cbpf.h"
#include "gen/gen.h"
#include "ir/ir.h"
#include "opt/opt.h"
#include "weir.h"

/* --- api.c: one run of the library -------------------------------------------- */

/* What every noun that is read begins with; all that it has is in ARENA. */
struct api_noun {
	struct arena arena;
	struct diags diags;        /* its sources: the text, then the files it named */
	ARRAY(const char *) names; /* that were looked up */
	struct weir_read_options read;
	uint64_t given; /* bytes of text that it was read from */
};

/* What a run may use. */
struct api_limits {
	bool there;            /* else as much as there is */
	uint64_t memory, work; /* 0: by the length of the text */
	weir_used_fn *used;    /* told in the end, with CTX; or NULL */
	void *ctx;
};

/* All that a public function holds; freed at one place, whatever happens. */
struct job {
	struct arena arena, tmp;
	struct budget budget;
	struct api_limits limits;
	uint64_t given; /* bytes of text from the caller so far */
	char *pending;  /* text from the caller's open_file, until it is copied */
	struct diags diags;
	weir_diag_fn *diag;
	void *diag_ctx;
	bool verbose;
	int (*body)(struct job *j);
	struct api_noun *noun; /* that is read: it gets the arena if that succeeds */
	const char *text;      /* to read */
	size_t len;

	/* compiling */
	enum weir_kind kind;
	struct weir_compile_options compile;
	struct ir_graph *graph;
	const struct cbpf_input *sample; /* for the optimizer */
	uint32_t samples;
	struct opt opt; /* holds an arena, too */
	struct buf dumped;
	struct gen_code code;
	const struct api_sets *sets; /* that the graph asks about; NULL: none */
	const void *frontend;        /* the noun that is compiled */
	int linktype;                /* of packets, or API_NO_LINKTYPE */
	struct weir_program *made;
};

/*
 * Copy the caller's struct FROM, which begins with its size, into TO of SIZE bytes;
 * NULL and what is missing count as zero. 0, -EINVAL where FROM has no size, or
 * -E2BIG where it has more than SIZE bytes and they are not zero.
 */
int api_take(void *to, size_t size, const void *from);
/* Copy FROM of SIZE bytes into the caller's struct TO, as far as that goes. */
int api_hand(void *to, const void *from, size_t size);

/*
 * Run J->body where running out of memory and going over the limits end; free all
 * but what J made.
 */
int api_run(struct job *j);
/* Send J's diagnostics to DIAG (NULL: nowhere). */
void api_listen(struct job *j, weir_diag_fn *diag, void *ctx, bool verbose);
/* Let J use MEMORY and WORK at most (0: as before), and tell USED (NULL: as before). */
void api_limit(struct job *j, uint64_t memory, uint64_t work, weir_used_fn *used,
               void *ctx);
/* Run BODY, which reads J's text into the noun N as HOW says; free N on error. */
int api_read(struct job *j, struct api_noun *n, const struct weir_read_options *how,
             int (*body)(struct job *j));
/* Make J ask the noun N: its sources are known, diagnostics go where N's went. */
void api_ask(struct job *j, const struct api_noun *n);
void api_noun_free(struct api_noun *n);
/* Give source I of N, for weir_*_source. */
int api_source(const struct api_noun *n, unsigned i, struct weir_source *out);
/* Open a file for J, which reads: the caller's, copied into the arena. CTX is the job. */
int api_open_file(void *ctx, const char *name, const char *from, const char **text,
                  size_t *len);
/* Remember that J, which reads, was told of NAME. */
void api_note_name(struct job *j, const char *name);
/* Copy OUT into *TEXT (malloc) and *LEN; 0 or -ENOMEM. */
int api_hand_text(struct buf *out, char **text, size_t *len);
/* Copy S (NULL stays NULL) into ARENA. */
const char *api_copy_text(struct arena *arena, const char *s);

/* --- api_program.c ------------------------------------------------------------- */

/* A text that instructions came from, and each instruction's parts of it. */
struct api_origin {
	uint32_t insn;
	struct span at;
};

/* Open sets, by number; the names are cut nowhere. */
struct api_sets {
	unsigned n;
	struct api_set {
		char name[16];
		enum weir_set_kind kind;
		uint32_t capacity;
	} v[IR_NSETS];
};

/* What becomes a program; everything is copied. */
struct api_parts {
	enum weir_kind kind;
	const char *format;     /* that it was read in, which lasts; or NULL */
	const char *expression; /* that it was compiled from, if the text said so; or NULL */
	const struct sock_filter *insns;
	size_t n;
	const char *const *note;     /* by instruction, NULL: none; or NULL */
	const char *graph;           /* as text; or NULL */
	const struct source *source; /* that ORIGIN is about */
	uint32_t nsource;
	const struct api_origin *origin; /* by instruction */
	uint32_t norigin;
	int linktype;                /* of packets, or API_NO_LINKTYPE */
	const struct api_sets *sets; /* NULL: none */
};

enum {
	API_NO_LINKTYPE = -1
};

/* Make J->made of P; 0 or -ENOMEM. */
int api_make_program(struct job *j, const struct api_parts *p);
/* Make J->made of a copy of P with all that it says. */
int api_copy(struct job *j, const struct weir_program *p);
/* Give J->made, or NULL after ERR; returns ERR. */
int api_give(struct job *j, int err, struct weir_program **out);
/* Note that J->made returns 0 whatever the packet. */
void api_matches_nothing(struct job *j);
/* Return the link type that P was compiled for, or API_NO_LINKTYPE. */
int api_linktype(const struct weir_program *p);
/* Return what P's instruction AT was made of, in quotes; or NULL. */
const char *api_quote(const struct weir_program *p, uint32_t at);
/* Return the open sets that P asks about. */
const struct api_sets *api_sets(const struct weir_program *p);
/* Return P as the rooms below know programs. */
struct cbpf_program api_code(const struct weir_program *p);
/* Write the graph that P was made of; false if P did not keep it. */
bool api_put_graph(struct buf *out, const char *format, const struct weir_program *p,
                   const struct weir_show_options *o);

/* --- api_names.c ------------------------------------------------------------------ */

struct sys_abi;

/* Tell whether Linux looks for answers to calls of ABI in its action cache. */
bool api_has_cache(const struct sys_abi *abi);

/* --- api_sets.c ------------------------------------------------------------------ */

/* Give S to the caller; 0 or -errno. */
int api_give_set(const struct api_set *s, struct weir_set *out);

/* --- api_words.c, api_list.c: programs in words --------------------------------------- */

/* Return, by instruction, what it loads, tests or answers, or NULL; in ARENA. */
const char *const *api_words(struct arena *arena, const struct cbpf_program *p, int linktype);
/* Return the link type of P, or the one that O gives; or API_NO_LINKTYPE. */
int api_linktype_of(const struct weir_program *p, const struct weir_show_options *o);
/* Write P in a FORMAT of cbpf as O says; false if it cannot express P. */
bool api_put_code(struct buf *out, const char *format, const struct weir_program *p,
                  const struct weir_show_options *o);

/* --- api_ebpf.c ------------------------------------------------------------------ */

/* List what P becomes in eBPF, in the form called FORMAT; false if there is none. */
bool api_put_ebpf(struct buf *out, const char *format, const struct weir_program *p, const struct weir_show_options *o);

/* --- api_emit.c: graph to instructions -------------------------------------------- */

/* Set up J->opt to run at LEVEL as J->compile asks; then hand on what it dumped. */
void api_optimizer(struct job *j, const struct gen_options *how, enum weir_level level);
void api_optimized(struct job *j);
/* Make J->code of the graph below MEANT; false if it needs too many cells. */
bool api_emit(struct job *j, const struct ir_node *meant, enum weir_level level);

/* --- api_check.c: a look at what was made -------------------------------------------- */

/*
 * Check J->code, of level MADE, against the graph below MEANT, and put another level's
 * into its place where it is wrong; 0 or -EBADMSG, after a message.
 */
int api_check(struct job *j, const struct ir_node *meant, enum weir_level made);

/* --- api_compile.c: graph to program -------------------------------------------- */

/* Make J compile as O says, for a program of KIND; 0 or -errno. */
int api_compile_options(struct job *j, enum weir_kind kind,
                        const struct weir_compile_options *o);
/* Optimize J->graph and make J->made of it; 0 or -errno. */
int api_finish(struct job *j);
/* Make J->made of J->code. */
int api_make(struct job *j);

/* --- api_policy.c, api_answer.c, api_lift.c, api_make.c: policies ---------------- */

struct rules_tree;
struct rules_options;

struct weir_policy {
	struct api_noun noun; /* first */
	const struct rules_tree *tree;
	struct rules_options *options;
	const char *form;
	bool lint;
	bool refuses;                    /* some call of the ABIs that it names */
	bool made;                       /* by calls, not only read: it prints as its text is */
	const char *inexact;             /* why it is not all of the program that it was lifted from, */
	const struct sock_filter *insns; /* which is this; NULL: it is, or it was read */
};

/* Tell whether P is all that it was made of; false after an error message to J's caller. */
bool api_is_exact(struct job *j, const struct weir_policy *p);
/* Read TEXT as P was read, files as P knows them first; 0 or -errno. */
int api_policy_again(struct weir_policy *p, const char *text, size_t len);

/* --- api_draw.c ------------------------------------------------------------------- */

/* Draw P for Graphviz; 0 or -errno. O does not matter. */
int api_draw(struct job *j, struct weir_policy *p, const struct rules_options *o,
             struct buf *out);

/* --- api_formats.c: what programs and policies are written in --------------------- */

/* A format: a struct weir_format, and the functions that write and read it. */
struct api_format {
	const char *name, *summary;
	enum weir_format_kind kind;
	bool reads;
	/* Write P in the format called FORMAT as O says; false if it cannot express P. */
	bool (*put_program)(struct buf *out, const char *format,
	                    const struct weir_program *p,
	                    const struct weir_show_options *o);
	/* Write P, which J asks, as O says; 0 or -errno. */
	int (*put_policy)(struct job *j, struct weir_policy *p,
	                  const struct rules_options *o, struct buf *out);
	/* TEXT can be nothing else; NULL: only when it is asked for by name. */
	bool (*is)(const char *text, size_t len);
	const struct rules_tree *(*read_policy)(struct arena *arena, struct diags *d,
	                                        uint32_t source,
	                                        const struct rules_options *o);
};

/* Return the format of that name among those of KIND, or NULL. */
const struct api_format *api_format_named(enum weir_format_kind kind, const char *name);
/*
 * Return the format of SRC: FROM, or what it looks like; NULL if no policy is read
 * FROM it.
 */
const char *api_policy_form_of(const struct source *src, const char *from);
/* Read source SOURCE of D in the format that O says; NULL after errors. */
const struct rules_tree *api_policy_read(struct arena *arena, struct diags *d,
                                         uint32_t source, const struct rules_options *o);

#endif
