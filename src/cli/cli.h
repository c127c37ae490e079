/*
 * cli: the weir command. main.c has the table of commands, options.def the
 * table of options that they share; each command is a file of its own.
 */
#ifndef WEIR_CLI_H
#define WEIR_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "weir.h"

struct buf;

/* What commands exit with; run has more, see launch/launch.h. */
enum {
	EXIT_DONE = 0,
	EXIT_NO = 1,
	EXIT_USAGE = 2,
	EXIT_UNDECIDED = 3,
	EXIT_SIGNAL = 128
};

/* --- options.c: the shared options ----------------------------------------- */

enum option_id {
#define OPTION(id, letter, word, argument, kind, field, help) OPT_##id,
#include "cli/options.def"
	NOPTIONS
};

/* A set of options: whether it has each. */
struct option_set {
	bool has[NOPTIONS];
};

enum color {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER
};

/* The values of an option that may be repeated. */
struct texts {
	const char **v;
	size_t n;
};

/* How a PROGRAM is named. */
enum program_by {
	BY_FILE, /* a word */
	BY_EXPR,
	BY_POLICY,
	BY_PID, /* "1234", "1234#2": seccomp filters of a process */
	BY_FD,  /* "1234:3": the filter of a process's socket */
};

/* The PROGRAMs of a command line, in its order. */
struct program_names {
	struct program_name {
		enum program_by by;
		const char *text;
	} * v;
	size_t n;
};

/* What the user asked for; zero is the default of everything. */
struct options {
	const char *format, *target, *purpose, *section, *verdict, *detach, *output, *linktype, *netmask, *file;
	const char *interface, *read, *write, *profile;
	struct texts ask, cap;
	struct program_names programs;
	const char *kind, *packet, *data, *call; /* of a program, and what it runs on */
	const char *fail_on;
	struct texts set;
	struct texts rw, ro, hide, show, limit, keep_fd, keep_env, keep_cap; /* of a box */
	const char *tmp, *net, *run_timeout, *kill_after;
	struct texts sets; /* NAME=FILE, or of weir attach NAME alone */
	struct weir_set_given *given_sets;
	size_t ngiven_sets;
	const char *at; /* ID, target or pin of what has the set */
	uint64_t capacity;
	bool counters;
	bool trace, coverage;
	uint64_t wire;
	const char *columns;
	uint64_t pid, fds;
	uint64_t snaplen, count, depth, timeout, interval;
	unsigned listing, verbose;
	bool quiet, no_names, explain, live, savefile, json, raw, link, keep, yes, lock, stats, print,
		clsact, xdp, drop, unbuffered, log,
		no_trace, no_check, list, here, abstract, best_effort, print_plan, help, version;
	enum color color;
	/* What goes to the library as it is, complete after options_parse. */
	struct weir_read_options reading;
	struct weir_policy_options policy;
	struct weir_container_options container;
	struct weir_compile_options compile;
	struct option_set given; /* those on the command line */
};

/* One call of weir: its command, the options, and the other words. */
struct cli {
	const struct command *command;
	struct options o;
	char **words; /* before "--", options taken out */
	size_t nwords;
	char **rest; /* after "--", ends with NULL; NULL if there was no "--" */
	bool muted;  /* cli_diag: the notes that follow are not shown either */
	bool erred;  /* cli_diag: there was an error */
};

struct command {
	const char *name;    /* as the user types it: "weir packet" */
	const char *words;   /* how its operands are written: "[EXPR...]" */
	const char *summary; /* one line */
	int (*run)(struct cli *c);
	int misused;               /* what wrong options make weir exit with */
	struct option_set options; /* those that it takes */
	/* More that it takes; where they are described: "'weir packet' (--expr)". */
	struct option_set others;
	const char *described;
};

/*
 * Read ARGV (without the command's name) into C; return EXIT_DONE, or another
 * status after a message.
 */
int options_parse(struct cli *c, char **argv);
void options_free(struct cli *c);
/*
 * Read a size, "10", "64K", "1M" or "2G", whose number is in BASE as for strtoull(3); false
 * if TEXT is none or does not fit.
 */
bool options_size(const char *text, int base, uint64_t *out);
/* Write the lines of --help for the options of COMMAND. */
void options_help(FILE *out, const struct command *command);
/*
 * Join the words to an expression such as "tcp port 80", or read what -F names;
 * NULL after a message. The caller frees the result.
 */
char *options_expression(struct cli *c, const char **name, size_t *len);

/* --- say.c: what is said on stderr ------------------------------------------ */

/* Write "weir: ..." and a newline to stderr. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void cli_warning(const struct cli *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Write "weir: note: ...", about something that weir assumed; -q silences it. */
void cli_note(const struct cli *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Write "weir: hint: ...", a second line that helps. */
void cli_hint(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Print a diagnostic (weir_read_options.diag); CTX is the struct cli. */
void cli_diag(void *ctx, const struct weir_diag *diag);
/*
 * Report what compiling failed with, unless diagnostics have done so; return
 * the exit status.
 */
int cli_compile_failed(int err);

/* --- svg.c ------------------------------------------------------------------------ */

/*
 * Let Graphviz draw DOT; *SVG is the caller's to free. EXIT_DONE, or EXIT_USAGE after a
 * message.
 */
int svg_draw(const char *dot, size_t dot_len, char **svg, size_t *len);

/* --- terminal.c --------------------------------------------------------------- */

/* Tell whether what is written to FD is colored. */
bool cli_wants_color(const struct cli *c, int fd);
/* Set in O how a listing looks where C's results go. */
void cli_look(const struct cli *c, struct weir_show_options *o);

/* --- output.c: results to stdout or a file ------------------------------------ */

/*
 * Write TEXT to -o FILE or to stdout; return EXIT_DONE, or EXIT_USAGE after a
 * message.
 */
int cli_write(const struct cli *c, const char *text, size_t len);
/* Print, for -vv, what reading and compiling took (weir_used_fn). */
void cli_print_used(void *ctx, uint64_t memory, uint64_t work);
/* Return the name of the format that the options ask for; "listing" if they do not. */
const char *cli_format_wanted(const struct cli *c);
/*
 * Find the format that the options ask for, which is one of programs or, if POLICIES,
 * of policies; EXIT_DONE, or EXIT_USAGE after a message.
 */
int cli_find_format(const struct cli *c, bool policies, struct weir_format *out);
/*
 * Return the library's name of the format that the options ask for: "dot" for
 * "svg".
 */
const char *cli_library_format(const struct cli *c);
/*
 * Write TEXT, which is in cli_library_format, in the format that the options ask for;
 * as for cli_write.
 */
int cli_write_format(const struct cli *c, const char *text, size_t len);
/* List all formats, a line each. */
void cli_list_formats(FILE *out);
/*
 * Print, for -v, what each pass of the optimizer gained
 * (weir_compile_options.pass).
 */
void cli_print_gain(void *ctx, const char *pass, size_t insns, uint64_t cost);
/*
 * Write what BODY puts into OUT to where C says; as for cli_write. BODY returns an exit status;
 * after EXIT_USAGE nothing is written.
 */
int cli_report(struct cli *c, int (*body)(struct cli *c, struct buf *out, void *ctx),
               void *ctx);
/* Close stdout; turn STATUS into EXIT_USAGE if a result did not arrive. */
int cli_finish(int status);

/* --- ebpf.c: results in eBPF ------------------------------------------------------ */

/* Tell whether the options ask for a form of eBPF. */
bool ebpf_wanted(const struct cli *c);
/* Tell whether that is a program which can ask maps: for XDP or tc. */
bool ebpf_has_maps(const struct cli *c);
/* Write PROGRAM in that form; EXIT_NO where there is none, after a message. */
int ebpf_write(struct cli *c, const struct weir_program *program);

/* --- written.c: programs as results ------------------------------------------------- */

/*
 * Write PROGRAM in the format that the options ask for, to where they say. LINKTYPE is
 * that of its packets, unless the program knows it; NULL: unknown.
 */
int cli_write_program(struct cli *c, const struct weir_program *program,
                      const int *linktype);

/* --- replace.c: files that are written whole or not at all --------------------- */

/* Write all of TEXT to FD; 0 or -errno. */
int write_all(int fd, const char *text, size_t len);
/* Replace the file at PATH by TEXT; after an error the old one is still there. */
int replace_file(const char *path, const char *text, size_t len);

/* --- taken.c: files that are read ------------------------------------------------ */

/*
 * Note a regular file that is read, so that no result may overwrite it; 0 or
 * -ENOMEM.
 */
int taken_add(uint64_t device, uint64_t inode);
/* Note the file at FD in the same way; also 0 if it is not a regular file. */
int taken_add_fd(int fd);
/*
 * Tell whether a result may go to PATH (NULL or "-": standard output); false
 * after a message.
 */
bool taken_allows(const char *path);
void taken_free(void);

/* --- input.c: texts, and where policies are ---------------------------------- */

/* Read all of PATH ("-": stdin) into *TEXT, which the caller frees; 0 or -errno. */
int input_read(const char *path, char **text, size_t *len);
/*
 * Read a policy by name or path; *SOURCE, which the caller frees too, names it
 * in messages. 0, or -errno after a message.
 */
int input_policy(const char *name, char **text, size_t *len, char **source);

/*
 * Read an installed or built-in policy in the same way, without messages; 0 or
 * -errno.
 */
int input_installed(const char *name, char **text, size_t *len, char **path);

/* A text that another one asked for, as it was when it was read. */
struct kept_file {
	struct kept_file *next;
	char *name, *text; /* TEXT: NULL after ERR */
	size_t len;
	int err;
};

/* For weir_read_options.open_file; ctx is a struct files. */
struct files {
	bool policies; /* for a policy: a bare name is an installed one, and
	                  every file is read once and kept */
	bool closed;   /* no file is read any more, only what was kept is there */
	struct kept_file *kept;
};
int files_open(void *ctx, const char *name, const char *from, char **text,
               size_t *len);
void files_free(struct files *f);

/* --- shipped.c: policies that are built in ------------------------------------- */

const char *shipped_name(unsigned i);       /* NULL after the last */
const char *shipped_text(const char *name); /* NULL: there is none */

/* --- precompiled.c: what they compile to ----------------------------------------- */

/*
 * Look up the program that policy TEXT compiles to without options; 0 or
 * -ENOENT if it is not known.
 */
int shipped_program(const char *text, size_t len, struct weir_program **program);

/* --- policy.c: a policy, and all that is made of it --------------------------- */

struct cli_policy;
/*
 * Open the policy of that name or path: read it, but do not compile it yet.
 * NULL after a message.
 */
struct cli_policy *cli_policy_open(struct cli *c, const char *name);
void cli_policy_close(struct cli_policy *p);
/* Return what messages call it. */
const char *cli_policy_source(const struct cli_policy *p);
/* Tell whether it is a program already, which cannot be asked. */
bool cli_policy_is_program(const struct cli_policy *p);
/* Compile it; return EXIT_DONE, or another status after a message. */
int cli_policy_program(struct cli_policy *p, struct weir_program **program);
/*
 * Do the same for callers that do not list the program: use the built-in one if
 * it is the same.
 */
int cli_policy_program_quickly(struct cli_policy *p, struct weir_program **program);
/*
 * Tell whether PROGRAM, which was made of P, refuses any call of the ABIs that P is
 * about.
 */
bool cli_policy_refuses(const struct cli_policy *p, const struct weir_program *program);
/*
 * Print it in the language that the options ask for; the caller frees *TEXT
 * (NULL: none).
 */
int cli_policy_print(struct cli_policy *p, char **text, size_t *len);
/* Give what P, which is not a program, answers to the options' questions. */
int cli_policy_answers(struct cli_policy *p, weir_answer_fn *answer, void *ctx);
/*
 * Give what P, which was compiled, answers to a call, by the texts that the program
 * was made of: no file is read. Nothing where it is a program.
 */
void cli_policy_why(struct cli_policy *p, uint32_t arch, uint32_t nr,
                    const uint64_t *args, weir_answer_fn *answer, void *ctx);
/* Do the same for a question about calls of ABI. */
void cli_policy_ask(struct cli_policy *p, const char *abi, const char *question,
                    weir_answer_fn *answer, void *ctx);

/* --- resolve.c: names of hosts, networks, ports, protocols, stations --------- */

/* Look NAME up (weir_read_options.resolve); CTX is not used. */
int resolve_name(void *ctx, enum weir_name_kind kind, const char *name,
                 struct weir_resolved *out);

/* --- answers.c: what a policy answers ------------------------------------------ */

struct answers;
/*
 * Make an empty set of answers; NULL without memory. If EACH, calls that get
 * the same answers have a line each.
 */
struct answers *answers_new(bool each);
void answers_free(struct answers *a);
/* Add an answer (weir_answer_fn); CTX is a struct answers. */
void answers_add(void *ctx, const struct weir_answer *answer);
/* Tell whether every answer lets the call happen. */
bool answers_permit(const struct answers *a);
/* Write all answers to where C says; return as cli_write does. */
int answers_write(struct answers *a, const struct cli *c);

/* --- sets.c: sets by name ------------------------------------------------------- */

/* Put what C says of sets into P, as long as C lasts; false after a message. */
bool sets_given(struct cli *c, struct weir_expression_options *p);
/* Free what sets_given made. */
void sets_free(struct cli *c);

/* --- expression.c: what commands with a packet expression share ----------------- */

/* Put what C says of packets into P; false after a message. */
bool packet_options(struct cli *c, struct weir_expression_options *p);
/* Set whether P is for live packets: by --live or --savefile, else as its source said;
   false after a message. */
bool packet_live(const struct options *o, struct weir_expression_options *p);
/* Look at what -i or -r names, for its link type and the like; false after a message. */
bool packet_look_at_source(const struct options *o, struct weir_expression_options *p);
/* What P does not say already, from a capture file or an interface. */
struct net_source;
void packet_source(struct weir_expression_options *p, const struct net_source *s);
/* Note that no result may overwrite S; false after a message. */
bool packet_note_source(const struct net_source *s);
/*
 * Hint, after an expression that does not compile, that a set may have lost its
 * quotes.
 */
void packet_hint(const struct cli *c);

/* --- compile.c: compiling an expression ------------------------------------------------ */

/* An expression, as a command has got it. */
struct expression_text {
	const char *text;
	size_t len;
	const char *name;            /* of where it is from, for messages */
	struct files *files;         /* keeps what it names; NULL: that is not needed */
	struct weir_expression **to; /* where it is kept once it is read; NULL: nowhere */
};
/*
 * Read TEXT for what P says, and compile it with the options of C: EXIT_DONE, or another
 * status after a message.
 */
int packet_compile(struct cli *c, const struct expression_text *text,
                   const struct weir_expression_options *p, struct weir_program **out);

/* --- filter_xdp.c: packets that XDP picks --------------------------------------------- */

/* Tell whether the options of C go together with --xdp; false after a message. */
bool filter_xdp_allowed(const struct options *o);
/* Set what packets of S begin with where XDP sees them. */
void filter_xdp_look(struct net_source *s);
/*
 * Put PROGRAM on the interface of *SOURCE, and make *SOURCE what it picks; EXIT_DONE, or
 * another status after a message.
 */
int filter_xdp_start(struct cli *c, struct net_source **source,
                     const struct weir_program *program);

/* --- program.c: PROGRAM ------------------------------------------------------------- */

/* What a PROGRAM names, and what it was made of. */
struct cli_program {
	const char *name; /* for messages: "stdin", "expression", "web.policy" */
	struct weir_program *program;
	struct weir_expression *expression; /* that it was compiled from; or NULL */
	struct cli_policy *policy;          /* likewise */
	struct files files;                 /* that EXPRESSION named */
	char own_name[64];                  /* if NAME is not a word of the command line */
};
/* The filters of a process; or the one program that was named in another way. */
struct cli_programs {
	struct cli_program *v;
	size_t n;
};

/* Tell whether the command line names one PROGRAM; false after a message. */
bool cli_program_given(const struct cli *c);
/*
 * Open PROGRAM I of the command line: read or compile it, with the options of C.
 * EXIT_DONE, or another status after a message; OUT can be closed either way.
 */
int cli_programs_open(struct cli *c, size_t i, struct cli_programs *out);
void cli_programs_close(struct cli_programs *p);

/* --- explained.c: packet programs in words ------------------------------------------ */

/* Write how E, for packets of LINKTYPE, is understood; and its text, if it was FOUND. */
int explained_write(struct cli *c, struct weir_expression *e, int linktype, bool found);
/* Write the ways through P, which has no expression; if they are too many, list it. */
int explained_write_ways(struct cli *c, const struct weir_program *p, int linktype);

/* --- lifted.c: seccomp programs as policies ---------------------------------------- */

/* Write what C asks the policy of P (--explain, --ask); an exit status. */
int lifted_answers(struct cli *c, const struct cli_program *p);
/* Write the policy of P in the format that C asks for, one of policies or a drawing. */
int lifted_write(struct cli *c, const struct cli_program *p);

/* --- audit.c: what a hostile program can do ---------------------------------------- */

struct json_writer;

/* A program, its policy, and what was found. */
struct audit {
	const struct weir_program *program;
	struct weir_policy *policy; /* NULL: there is none */
	size_t n;
	enum weir_risk worst; /* of N findings */
};

/* Read NAME, "low", "medium" or "high"; false after a message. */
bool audit_read_limit(const char *name, enum weir_risk *out);
/* Lift P for an audit; 0, or -errno: -ENOMEM without a message. */
int audit_start(struct cli *c, const struct weir_program *p, struct audit *a);
void audit_end(struct audit *a);
/* Write the findings, the worst first, and count them; false: that failed. */
bool audit_put_text(struct buf *out, struct audit *a);
/* Write the findings as member "audit" of an object. */
bool audit_put_json(struct json_writer *json, struct audit *a);

/* --- cached.c: calls that the action cache answers ------------------------------------- */

/* Write the calls, by ABI, that Linux answers without running P. */
void cached_put_text(struct buf *out, const struct weir_program *p);
/* Write the same as member "cached" of an object. */
void cached_put_json(struct json_writer *w, const struct weir_program *p);

/* --- check_forms.c: what eBPF a packet program becomes ------------------------------ */

/*
 * Put a line for each form that bpf(2) loads: its length, or why P has none. False if
 * there is no memory for that.
 */
bool check_forms_text(struct buf *out, const struct weir_program *p);
/* Put the same as member "forms" of an object. */
bool check_forms_json(struct json_writer *w, const struct weir_program *p);

/* --- here.c: the running kernel -------------------------------------------------------- */

/* Report what it can do; an exit status. */
int check_here(struct cli *c);

/* --- profile.c: what --profile names ------------------------------------------- */

/*
 * Read --profile, packets of LINKTYPE, as the sample for C's compilation; false
 * after a message.
 */
bool profile_read(struct cli *c, int linktype);
void profile_free(struct cli *c);

/* --- the commands -------------------------------------------------------------- */

int cmd_attach(struct cli *c);
int cmd_check(struct cli *c);
int cmd_eval(struct cli *c);
int cmd_filter(struct cli *c);
int cmd_packet(struct cli *c);
int cmd_policy(struct cli *c);
int cmd_ps(struct cli *c);
int cmd_run(struct cli *c);
int cmd_show(struct cli *c);
int cmd_syscalls(struct cli *c);

#endif
