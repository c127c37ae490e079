/*
 * weir decides what passes: packet expressions and syscall policies to classic
 * BPF. The one public header of libweir; libweir(3) says the same at length.
 *
 * The library opens no file, resolves no name, prints nothing, never exits and
 * keeps no global state: what it needs from outside it asks for through
 * callbacks.
 *
 * Functions that return int give 0, or a negative errno: -EINVAL when the
 * user's text is wrong (the diagnostics say how), -ENOMEM when memory ran out,
 * -EBADMSG when the library found its own programs wrong (see check),
 * -E2BIG when a program is too long for what it is asked for, -EDQUOT when it
 * would take more memory or work than it may. Strings are UTF-8 or plain bytes.
 * Structs that begin with SIZE can grow: set it to
 * sizeof, for results too, and zero what is not used (every zero is the default).
 * A struct smaller than the library's counts as zero where it ends; in a larger
 * one what the library does not know must be zero (-E2BIG).
 *
 * Different threads may use the library at the same time, each its own objects.
 */
#ifndef WEIR_H
#define WEIR_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_API __attribute__((visibility("default")))

#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0

/* "0.1.0", of the library that is linked. */
WEIR_API const char *weir_version(void);

/* --- diagnostics ----------------------------------------------------------- */

enum weir_severity { WEIR_ERROR, WEIR_WARNING, WEIR_NOTE };

/*
 * What kind of diagnostic: numbers that never change their meaning, so that tools can
 * tell diagnostics apart without reading them. A note has the code of what it is about.
 */
enum weir_code {
	WEIR_E_TEXT = 1, /* the text is wrong */
	WEIR_W_MATCHES_NOTHING = 100, /* no packet can match the expression */
	WEIR_W_AND_OR = 101, /* 'and' and 'or' are mixed without parentheses */
	WEIR_W_SWALLOWS = 102, /* '%' or '^' takes all that follows as its right side */
	WEIR_W_ERRNO_0 = 200, /* a refused call looks successful */
	WEIR_W_SIBLING = 201, /* a call that does as much has another answer */
	WEIR_W_IO_URING = 202, /* io_uring is permitted, which no filter sees into */
	WEIR_W_TRUNCATES = 203, /* O_TRUNC is permitted where files are opened to read */
	WEIR_W_GETS_PAST = 204, /* a flag without effect gets past the condition */
	WEIR_W_DATAGRAM_PAIR = 205, /* a datagram pair can address sockets outside */
	WEIR_W_POINTER = 206, /* a pointer is compared */
	WEIR_W_RANGE = 207, /* a difference where a range was meant */
	WEIR_W_OTHER_ABI = 208, /* a call of another ABI */
	WEIR_W_REMOVES_NOTHING = 209, /* a removed call was not in the list */
	WEIR_W_UNKNOWN_CALL = 210, /* an unknown call is ignored */
	WEIR_W_NEVER = 211, /* a condition never holds */
	WEIR_W_ALWAYS = 212, /* a condition always holds */
	WEIR_W_CONTRADICTED = 213, /* an earlier rule decides otherwise */
	WEIR_W_UNREACHABLE = 214, /* no call reaches a rule */
	WEIR_W_SHADOWED = 215, /* an earlier rule permits a part of what a rule refuses */
	WEIR_W_REFUSES_NOTHING = 216, /* the policy refuses nothing */
	WEIR_W_HIDES = 217, /* a name hides a constant of the kernel */
	WEIR_W_UNUSED = 218, /* a value from outside is not used */
	WEIR_W_MULTIPLEXED = 219, /* arguments cannot be seen in socketcall or ipc */
	WEIR_W_FOREIGN = 220, /* calls of every other ABI are allowed */
	WEIR_W_FORGOTTEN = 300, /* another compiler forgets these conditions */
	WEIR_W_UNKNOWN_KEY = 301, /* a profile has no such key */
	WEIR_W_CAPABILITIES = 302, /* the profile depends on capabilities that were not given */
	WEIR_W_EMPTY_RULE = 303, /* a rule names no call */
	WEIR_W_NO_VALUE = 304, /* a comparison has no value */
	WEIR_W_WIDE = 305, /* more bits are compared than the kernel looks at */
	WEIR_W_NO_ARGUMENT = 306, /* the call has no such argument */
	WEIR_W_TWICE = 307, /* an argument is tested twice */
	WEIR_W_AMBIGUOUS = 308, /* libseccomp leaves open which rule decides */
	WEIR_W_UNCHECKED = 400 /* a program that failed weir's own check was replaced */
};

/* Valid during the callback only. */
struct weir_diag {
	size_t size;
	enum weir_severity severity;
	enum weir_code code;
	const char *source;    /* name of the text; NULL: about no place in it */
	unsigned line, column; /* both from 1, columns in bytes; 0 without a place */
	size_t start, end;     /* the same as byte offsets into the text */
	const char *message;   /* one line: "'socket' has no argument 'fmaily'; ..." */
	const char *rendered;  /* place, message, line and caret, as weir prints it */
};

typedef void weir_diag_fn(void *ctx, const struct weir_diag *diag);

/* The name of a code, "sibling"; NULL: there is no such code. */
WEIR_API const char *weir_code_name(enum weir_code code);

/* --- reading ---------------------------------------------------------------- */

/*
 * Give the text of file NAME, which the text of FROM asks for (an include, a
 * list). *TEXT is freed with free() by the library. Return 0 or -errno.
 */
typedef int weir_open_fn(void *ctx, const char *name, const char *from,
                         char **text, size_t *len);

enum weir_name_kind {
	WEIR_NAME_HOST,     /* addresses of both families */
	WEIR_NAME_NET,      /* one IPv4 network number */
	WEIR_NAME_PORT_TCP, /* port by service name; each asked on its own */
	WEIR_NAME_PORT_UDP,
	WEIR_NAME_PORT_SCTP,
	WEIR_NAME_PROTO,    /* IP protocol number */
	WEIR_NAME_ETHER     /* hardware address, from ethers(5) */
};

enum { WEIR_MAX_ADDRESSES = 200 };

/*
 * An answer: ADDRESSES for hosts, NUMBER for nets, ports and protocols, MAC for ethers.
 * The library sets SIZE and zeroes the rest.
 */
struct weir_resolved {
	size_t size;
	size_t n; /* addresses */
	struct {
		uint8_t family;    /* 4 or 6 */
		uint8_t bytes[16]; /* network order; IPv4 in the first four */
	} address[WEIR_MAX_ADDRESSES];
	uint32_t number;
	uint8_t mac[6];
};

/* Look NAME up; return 0, -ENOENT for an unknown name, or another -errno. */
typedef int weir_resolve_fn(void *ctx, enum weir_name_kind kind, const char *name,
                            struct weir_resolved *out);

/* How to read a text. */
/* Told at the end of a call how much memory it used, at the most, and how many steps. */
typedef void weir_used_fn(void *ctx, uint64_t memory, uint64_t work);

struct weir_read_options {
	size_t size;
	const char *name;         /* of the text, for messages; NULL: what it is */
	weir_diag_fn *diag;       /* NULL: diagnostics are dropped */
	void *diag_ctx;
	bool verbose;             /* notes too, not only errors and warnings */
	weir_open_fn *open_file;  /* NULL: there are no files */
	weir_resolve_fn *resolve; /* NULL: there are no names */
	void *ctx;                /* for the two above, and USED */
	/*
	 * How much one call may use, when reading and for what is asked of the result
	 * later, over which it ends with -EDQUOT and a message that says what it was
	 * doing. MAX_MEMORY is in bytes, MAX_WORK in steps, which the library counts:
	 * 100,000,000 take about a second or a few, and the same text takes as many on
	 * every machine. UINT64_MAX: no limit. 0: 4 KiB of memory and 3,000 steps for
	 * each byte of text (included files count, too), but at least 256 MiB and
	 * 200,000,000 steps, at most 4 GiB and 1,000,000,000 steps.
	 */
	uint64_t max_memory, max_work;
	weir_used_fn *used;       /* NULL: not wanted */
};

/* What an expression or a policy was read from. */
enum weir_source_kind {
	WEIR_SOURCE_TEXT, /* the text itself, always the first */
	WEIR_SOURCE_FILE, /* a file that open_file gave */
	WEIR_SOURCE_NAME  /* a name that resolve was asked about; it has no text */
};

struct weir_source {
	size_t size;
	enum weir_source_kind kind;
	const char *name;
	const char *text; /* LEN bytes; NULL for a name */
	size_t len;
};

/* --- compiling -------------------------------------------------------------- */

/* A compiled (or read) program. Free with weir_program_free. */
struct weir_program;

enum weir_level {
	WEIR_O_DEFAULT, /* -O2 */
	WEIR_O0,        /* as the frontend means it */
	WEIR_O1,        /* every pass that is plainly better */
	WEIR_O2,        /* least length times expected execution */
	WEIR_O3,        /* least expected execution, loads as dear as in Linux */
	WEIR_OS         /* least length */
};

/* A packet, all of it or its first LEN bytes, as it would come to the program. */
struct weir_sample {
	const uint8_t *bytes;
	uint32_t len, wire; /* bytes at BYTES; length on the wire */
};

/* How to make a program. */
struct weir_compile_options {
	size_t size;
	enum weir_level level;
	weir_diag_fn *diag; /* NULL: diagnostics are dropped */
	void *diag_ctx;
	bool verbose;       /* notes too, not only errors and warnings */
	/* Keep what a listing says beside instructions (the text that asked for them,
	   names), where each came from, and format "graph". Costs memory and a little
	   time. */
	bool annotate;
	/*
	 * Hold the program against what the text means, on some hundred inputs that are
	 * directed at the ways of both. Where it is wrong, other levels are tried, and a
	 * warning asks for a report; if all are, compiling ends with -EBADMSG. Nothing
	 * is proved. Not at -O0, nor for weir_program_optimize; see libweir(3).
	 */
	bool check;
	/*
	 * Packets like those that a packet program will see: what runs how often (from
	 * -O2 on) is counted on them instead of guessed. What the program means does not
	 * depend on them. A few hundred do; each program that the optimizer tries is run
	 * on all, so that of more than 256 some are chosen evenly. NULL: none.
	 */
	const struct weir_sample *sample;
	size_t nsample;
	/*
	 * How often programs make which call, PROFILE_LEN bytes: a name or number and
	 * a count on each line, "#" begins a comment. What is made most is decided
	 * soonest; what a policy decides does not depend on it. NULL: calls that are
	 * decided by their arguments are taken to be made most.
	 */
	const char *profile;
	size_t profile_len;
	const char *profile_name; /* of this text, for messages; NULL: "profile" */
	/* For developing weir: print the graph after this pass ("all": each). */
	const char *dump;
	void (*dump_text)(void *ctx, const char *text, size_t len);
	uint64_t fuel;  /* rewrites that the optimizer may do, */
	bool have_fuel; /* if this is set; else there is no limit */
	/* What the program is after the frontend and after each PASS that changed that:
	   INSNS instructions, of which COST / 1000 run on average (at -O3 loads count
	   for more). A name may come twice: a list of pairs is optimized both ways. */
	void (*pass)(void *ctx, const char *pass, size_t insns, uint64_t cost);
	void *ctx;      /* for dump_text, pass and used */
	/* As in struct weir_read_options; 0 and NULL: as when it was read. */
	uint64_t max_memory, max_work;
	weir_used_fn *used;
};

/* --- packet expressions ------------------------------------------------------- */

/* A packet expression that was read. Free with weir_expression_free. */
struct weir_expression;

struct weir_expression_options {
	size_t size;
	const struct weir_read_options *read; /* NULL: all defaults */
	int linktype;        /* a DLT_ number of libpcap, when have_linktype */
	bool have_linktype;  /* else Ethernet */
	uint32_t snaplen;    /* what a match returns; 0: 262144 */
	uint32_t netmask;    /* of the interface, network order, when have_netmask */
	bool have_netmask;
	bool live;           /* for a live Linux socket: ancillary loads */
	bool swapped;        /* the savefile is of the other byte order than this host */
	unsigned depth;      /* of header chains that protochain follows; 0: 8 */
};

/*
 * Read packet expression TEXT (LEN bytes; all white space: everything matches).
 * O may be NULL. TEXT need not outlive the call.
 */
WEIR_API int weir_expression_read(struct weir_expression **out, const char *text,
                                  size_t len, const struct weir_expression_options *o);
/* Takes NULL, too. */
WEIR_API void weir_expression_free(struct weir_expression *e);
/* Compile E. O may be NULL. */
WEIR_API int weir_expression_compile(struct weir_program **out, struct weir_expression *e,
                                     const struct weir_compile_options *o);
/*
 * Write E as it was understood, one condition a line, into *TEXT (*LEN bytes and a
 * NUL that is not counted; free() it).
 */
WEIR_API int weir_expression_explain(struct weir_expression *e, char **text, size_t *len);
/* Give source I of E, which lives as long as E. -ENOENT after the last. */
WEIR_API int weir_expression_source(const struct weir_expression *e, unsigned i,
                                    struct weir_source *out);

/*
 * Compile an expression for a savefile in the shape of pcap_compile(3PCAP).
 * NETMASK UINT32_MAX: not known.
 */
WEIR_API int weir_compile(struct weir_program **out, const char *expression, int linktype,
                          int snaplen, uint32_t netmask, enum weir_level level);

/* --- syscall policies ---------------------------------------------------------- */

/* A syscall policy that was read or made. Free with weir_policy_free. */
struct weir_policy;

/* A name given from outside: -D NAME=VALUE. */
struct weir_define {
	const char *name;
	uint64_t value;
};

/* What a container's runtime adds to its seccomp profile (JSON). */
struct weir_container_options {
	size_t size;
	const char *runtime; /* whose reading counts: "runc" (NULL) or "crun" */
	const char *kernel;  /* "6.18": for rules that depend on it; NULL: not known */
	const char *const *cap; /* capabilities that the container has; see libweir(3) */
	size_t ncap;
	bool typed;          /* compare the bits that the kernel looks at, not 64 */
};

struct weir_policy_options {
	size_t size;
	const struct weir_read_options *read; /* NULL: all defaults */
	const char *abis;    /* "x86_64,i386": what `abi` says, when the text does not */
	const struct weir_define *define;
	size_t ndefine;
	const char *form;    /* a weir_policy_form(); NULL: what the text looks like */
	bool lint;           /* warnings count as errors */
	const struct weir_container_options *container; /* NULL: all defaults */
};

/* The names of formats that policies are read from, "policy" (weir-policy(5)) first;
   NULL after the last. */
WEIR_API const char *weir_policy_form(unsigned i);
/*
 * Tell what TEXT looks like: a weir_policy_form(), or "program", which weir_program_read
 * may read; NULL: certainly not a policy, and weir_policy_read says what it is instead.
 */
WEIR_API const char *weir_policy_looks_like(const char *text, size_t len);

/* Read syscall policy TEXT (LEN bytes), which need not outlive the call. O may be NULL. */
WEIR_API int weir_policy_read(struct weir_policy **out, const char *text, size_t len,
                              const struct weir_policy_options *o);
/*
 * Make a policy that consists of its settings alone: TEXT has `default` and, if
 * wanted, `abi`, `kernel` and `foreign`. As weir_policy_read, and rules are added.
 */
WEIR_API int weir_policy_new(struct weir_policy **out, const char *settings,
                             const struct weir_policy_options *o);
/* Takes NULL, too. */
WEIR_API void weir_policy_free(struct weir_policy *p);
/*
 * Add STATEMENT, one or more of the policy language ("allow openat if ..."), after
 * all that P has. EVIDENCE, if not NULL, is printed above it as a comment. P is as
 * before if this fails: -EINVAL if STATEMENT is wrong, -ENOTSUP if P was not written
 * in the policy language.
 */
WEIR_API int weir_policy_add(struct weir_policy *p, const char *statement,
                             const char *evidence);
/*
 * Add the rules of FROM that P does not have in the same words, in their order,
 * after its own. Both must say the same of `default`, `foreign`, `kernel` and `abi`
 * (-EINVAL, with a diagnostic). -ENOTSUP as for weir_policy_add.
 */
WEIR_API int weir_policy_merge(struct weir_policy *p, const struct weir_policy *from);

/*
 * Whether P refuses any call of the ABIs that it names, whatever it does with others;
 * if not, weir_policy_read warned. In doubt it does.
 */
WEIR_API bool weir_policy_refuses(const struct weir_policy *p);
/* The name of the form that P was read in. */
WEIR_API const char *weir_policy_form_of(const struct weir_policy *p);
/* Give source I of P, which lives until P is changed. -ENOENT after the last. */
WEIR_API int weir_policy_source(const struct weir_policy *p, unsigned i,
                                struct weir_source *out);

/* A rule, in the order that decides. Strings live until the policy is changed. */
struct weir_rule {
	size_t size;
	const char *action;    /* its word: "allow", "errno", ... */
	uint32_t ret;          /* SECCOMP_RET_* with data, on the policy's first ABI */
	bool permits;          /* `allow` or `log` */
	size_t calls;          /* (ABI, number) pairs that it is about */
	const char *source;    /* where it was written; NULL: nowhere */
	unsigned line, column;
	size_t start, end;     /* byte offsets into that source */
};

/* Give rule I of P. -ENOENT after the last. */
WEIR_API int weir_policy_rule(struct weir_policy *p, size_t i, struct weir_rule *out);

/* Compile P. O may be NULL. */
WEIR_API int weir_policy_compile(struct weir_program **out, struct weir_policy *p,
                                 const struct weir_compile_options *o);
/*
 * Write P in the policy language ("policy", what NULL means) or as a container's
 * profile ("oci", for the runtime that C names; C may be NULL) into *OUT (*OUT_LEN
 * bytes and a NUL that is not counted; free() it). -ENOTSUP: policies of that form
 * cannot be written so; -EINVAL: no such format, or it cannot express P, with a
 * diagnostic to the callback that P was read with.
 */
WEIR_API int weir_policy_print(struct weir_policy *p, const char *format,
                               const struct weir_container_options *c, char **out,
                               size_t *out_len);

/* What gave an answer. */
enum weir_why {
	WEIR_BY_RULE,
	WEIR_BY_KERNEL,
	WEIR_BY_DEFAULT,
	WEIR_BY_FOREIGN,
	WEIR_BY_RUNTIME /* a container's runtime adds it to the profile */
};

/*
 * One thing that a policy answers to a call, and why. Valid during the callback
 * only. A call that gets different ones for different arguments has one for each,
 * in the order of the rules.
 */
struct weir_answer {
	size_t size;
	const char *question;  /* as it was asked; NULL: explain */
	const char *abi;       /* NULL: all that the policy does not name */
	const char *call;      /* "openat", "nr(999)"; NULL: all others of the ABI */
	uint32_t nr;           /* of CALL, as in seccomp_data */
	uint32_t ret;          /* SECCOMP_RET_* with data */
	const char *action;    /* the same in words: "errno EPERM" */
	bool permits;          /* the kernel makes the call */
	enum weir_why why;
	uint32_t rule;         /* WEIR_BY_RULE: its place in the order, from 1; else 0 */
	const char *condition; /* of the rule on the arguments: "fd == 1"; NULL: none */
	const char *source;    /* the place of the rule or statement; NULL: none */
	unsigned line, column;
	const char *text;      /* what is written there, on one line; NULL: nothing */
	bool exact;            /* else the conditions are too large: it may be given */
	uint64_t args[6];      /* exact: arguments that get this answer, */
	const char *example;   /* as a call: "openat(-100, 0, 1, 0)"; else NULL */
	bool cached;           /* Linux answers from its action cache, without the program */
};

typedef void weir_answer_fn(void *ctx, const struct weir_answer *answer);

/*
 * Ask what P answers to QUESTION: calls, and lists of them, as the policy language
 * has them, "openat(AT_FDCWD, _, O_WRONLY)", with or without a condition; patterns
 * that are missing match anything. ABIS as in the options; NULL: the policy's.
 * -EINVAL if QUESTION is wrong; diagnostics go where P's do.
 */
WEIR_API int weir_policy_ask(struct weir_policy *p, const char *question, const char *abis,
                             weir_answer_fn *answer, void *ctx);
/* Give all that P answers, by ABI and call. */
WEIR_API int weir_policy_explain(struct weir_policy *p, weir_answer_fn *answer, void *ctx);
/*
 * Give the one answer of P to a call, as it comes in seccomp_data: ARCH is an
 * AUDIT_ARCH_ value, ARGS are six words.
 */
WEIR_API int weir_policy_call(struct weir_policy *p, uint32_t arch, uint32_t nr,
                              const uint64_t *args, weir_answer_fn *answer, void *ctx);

/* --- programs ---------------------------------------------------------------- */

enum weir_kind { WEIR_PACKET, WEIR_SECCOMP };

/* Take NULL, too. */
WEIR_API void weir_program_free(struct weir_program *p);
/* Copy the N instructions at INSNS, unchecked. */
WEIR_API int weir_program_new(struct weir_program **out, enum weir_kind kind,
                              const struct sock_filter *insns, size_t n);
/* Read a program in any format that weir writes, recognized by its content. */
WEIR_API int weir_program_read(struct weir_program **out, enum weir_kind kind,
                               const char *text, size_t len,
                               const struct weir_read_options *o);

/*
 * Make *OUT of P, which may come from anywhere, at O's level: a program with the
 * same result on every input, including failed loads and divisions by zero.
 * It is never longer than P, nor longer on its longest path, nor expected to execute
 * more instructions; a socket is charged no more for it, unless less than half of the
 * default net.core.optmem_max; and a seccomp filter has all the calls in the kernel's
 * action cache that P has there. Where no such program is found, and at
 * -O0, *OUT is a copy of P, and a note says why. Copied as well: above 65,535
 * instructions; where paths join with so many different values that a graph of them
 * would be much larger than P; and what asks for a random number, an interface index
 * or a hardware type (SKF_AD_RANDOM, SKF_AD_IFINDEX, SKF_AD_HATYPE: two loads
 * of the first differ, the others may end a program with the result A).
 * Not for a program that pcap_setfilter puts on a handle on all interfaces: nothing
 * in P says that it will be rewritten.
 * Samples and profiles of O are not used. -EINVAL when weir_program_run would refuse
 * P. P stays the caller's, and so is *OUT.
 */
WEIR_API int weir_program_optimize(struct weir_program **out, const struct weir_program *p,
                                   const struct weir_compile_options *o);

WEIR_API enum weir_kind weir_program_kind(const struct weir_program *p);
/* The instructions; they live as long as P. */
WEIR_API const struct sock_filter *weir_program_insns(const struct weir_program *p, size_t *n);
/*
 * For setsockopt(SO_ATTACH_FILTER), seccomp(2), and, by a cast, pcap_setfilter:
 * struct sock_fprog and struct bpf_program hold the same. -E2BIG above 65,535
 * instructions, which struct sock_fprog cannot say. For a handle on all interfaces,
 * compile for its link type, LINUX_SLL or LINUX_SLL2: pcap_setfilter rewrites what
 * programs load of the link header, and only programs made for these two let it.
 */
WEIR_API int weir_program_fprog(const struct weir_program *p, struct sock_fprog *out);
/* A packet program that returns 0 whatever the packet (the compiler warned). */
WEIR_API bool weir_program_matches_nothing(const struct weir_program *p);

/* A text that asked for an instruction. The strings live as long as the program. */
struct weir_origin {
	size_t size;
	const char *source; /* its name */
	size_t start, end;  /* byte offsets into the source */
	const char *text;   /* its END - START bytes */
};

/*
 * Give text I that instruction INSN of P was made of, in the order of the source.
 * -ENOENT after the last, and where the program does not know (annotate was off, or
 * it was read).
 */
WEIR_API int weir_program_origin(const struct weir_program *p, size_t insn, unsigned i,
                                 struct weir_origin *out);

/*
 * Write P in a format of weir_format_name() into *TEXT (*LEN bytes and a NUL
 * that is not counted; free() it). -EINVAL: no such format, or it cannot express P.
 */
WEIR_API int weir_program_print(const struct weir_program *p, const char *format,
                                char **text, size_t *len);
/* The names of formats that programs are written in, "listing" first; NULL after the last. */
WEIR_API const char *weir_format_name(unsigned i);

/* --- formats ------------------------------------------------------------------- */

enum weir_format_kind { WEIR_PROGRAM_FORMAT, WEIR_POLICY_FORMAT };

/* A format of programs or of policies. Strings live as long as the library. */
struct weir_format {
	size_t size;
	const char *name;    /* "listing" */
	const char *summary; /* what it is, in a few words */
	enum weir_format_kind kind;
	bool reads;          /* weir_program_read or weir_policy_read takes it, */
	bool writes;         /* weir_program_print or weir_policy_print makes it */
};

/* Give format I. -ENOENT after the last. */
WEIR_API int weir_format(unsigned i, struct weir_format *out);

/* What Linux says of a program, and what it costs there. */
struct weir_verdict {
	size_t size;
	bool ok;             /* the kernel takes it (classic check; seccomp's for seccomp) */
	size_t at;           /* else: index of the instruction that is refused */
	char reason[128];    /* and why; "" if ok */
	size_t insns;        /* length */
	size_t converted;    /* eBPF instructions after the kernel's conversion */
	size_t memory;       /* bytes charged against net.core.optmem_max when attached */
	size_t longest_path; /* instructions that run at most */
	size_t cached_calls; /* seccomp: numbers 0..511 answered from the action cache */
};
WEIR_API int weir_program_check(const struct weir_program *p, struct weir_verdict *out);

/* What a program is run on. */
struct weir_data {
	size_t size;
	const void *bytes;  /* the packet, or a struct seccomp_data in host order */
	uint32_t captured;  /* bytes there */
	uint32_t wire;      /* length on the wire; 0: as captured */
	/* Linux's ancillary word SKF_AD_*; NULL: all are 0. */
	uint32_t (*ancillary)(void *ctx, uint32_t which, uint32_t a, uint32_t x);
	void *ctx;
};
/*
 * Run P as Linux would. The program must have passed weir_program_check, or it
 * returns -EINVAL; then *RESULT is the program's.
 */
WEIR_API int weir_program_run(const struct weir_program *p, const struct weir_data *data,
                              uint32_t *result);

/* One executed instruction. Valid during the callback only. */
struct weir_step {
	size_t size;
	uint32_t at;             /* its index */
	uint32_t next;           /* the index of the next, if not ENDED */
	bool ended;              /* the program ended here: by a return, or by */
	bool failed;             /* a load past the end or a division by zero: result 0 */
	uint32_t a, x;           /* the registers after it */
	const uint32_t *scratch; /* M[0] .. M[15] after it */
};
typedef void weir_step_fn(void *ctx, const struct weir_step *step);

/* The same, step by step. */
WEIR_API int weir_program_trace(const struct weir_program *p, const struct weir_data *data,
                                weir_step_fn *step, void *ctx, uint32_t *result);

/* --- names -------------------------------------------------------------------- */

/* "EN10MB" or "DLT_EN10MB" to libpcap's number, -1 if weir knows none. */
WEIR_API int weir_linktype_by_name(const char *name);
/* The name of a link type, NULL if weir does not know it. */
WEIR_API const char *weir_linktype_name(int linktype);
/* The link types that weir compiles for, in turn; -1 after the last. */
WEIR_API int weir_linktype(unsigned i);

/* The name of ABI I, NULL after the last; the native one is weir_native_abi(). */
WEIR_API const char *weir_abi_name(unsigned i);
WEIR_API const char *weir_native_abi(void);
/* Best guess for a misspelt or foreign ABI name ("amd64"); NULL if there is none. */
WEIR_API const char *weir_abi_near(const char *name);
/* The AUDIT_ARCH_ value of an ABI, 0 if there is none of that name. */
WEIR_API uint32_t weir_abi_arch(const char *abi);
/* The name of syscall NR on the ABI, NULL if it has none. */
WEIR_API const char *weir_syscall_name(const char *abi, uint32_t nr);
/* The number of a syscall, -1 if the ABI has none of that name. */
WEIR_API int64_t weir_syscall_number(const char *abi, const char *name);

/* One argument of a call, as the kernel's entry point for the ABI has it. */
struct weir_syscall_arg {
	size_t size;
	const char *name;       /* the kernel's */
	const char *other_name; /* the manual page's; NULL: none that differs */
	const char *type;       /* as the kernel declares it: "unsigned int" */
	unsigned bits;          /* that the kernel uses: 16, 32 or 64 */
	bool is_signed, is_pointer;
	int word;               /* where they are, or their low half: 0..5 */
	int high_word;          /* the word of the high half; -1: in WORD, or not there */
};

struct weir_syscall {
	size_t size;
	const char *name;
	uint32_t nr;           /* as in seccomp_data */
	unsigned major, minor; /* Linux that brought it to the ABI; 0.0: old, or not known */
	bool known;            /* its arguments are */
	unsigned nargs;
};

/* Call I of the ABI in the order of numbers. -ENOENT after the last. */
WEIR_API int weir_syscall(const char *abi, unsigned i, struct weir_syscall *out);
/* The call of a name, or of a number (x32's with bit 30 or without). -ENOENT: none. */
WEIR_API int weir_syscall_by_name(const char *abi, const char *name,
                                  struct weir_syscall *out);
WEIR_API int weir_syscall_by_nr(const char *abi, uint32_t nr, struct weir_syscall *out);
/* Argument I (from 0) of the call of a number. -ENOENT: it has none, or it is not known. */
WEIR_API int weir_syscall_arg(const char *abi, uint32_t nr, unsigned i,
                              struct weir_syscall_arg *out);
/*
 * The value of a constant that policies may name: the low 64 bits of its two's
 * complement, and whether it is below zero. -ENOENT: the ABI has none of that name.
 */
WEIR_API int weir_constant(const char *abi, const char *name, uint64_t *value,
                           bool *negative);
/* The names of constants, of all ABIs, in their order; NULL after the last. */
WEIR_API const char *weir_constant_name(unsigned i);

/* "EPERM": the name of error NUMBER on the ABI, NULL if it has none. */
WEIR_API const char *weir_errno_name(const char *abi, uint32_t number);

/* Which optimizer passes there are, for dump; NULL after the last. */
WEIR_API const char *weir_pass_name(unsigned i);

#ifdef __cplusplus
}
#endif

#endif
