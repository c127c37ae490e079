/*
 * weir decides what passes: packet expressions and syscall policies to classic
 * BPF. This is libweir's only public header; libweir(3) has the details.
 *
 * The library opens no files, resolves no names, prints nothing, never exits and
 * keeps no global state. It asks for what it needs from outside through callbacks.
 *
 * Functions that return int return 0 or a negative errno: -EINVAL if the user's
 * text is wrong (the diagnostics say how), -ENOMEM if memory ran out, -EBADMSG if
 * the library found its own programs wrong (see check), -E2BIG if a program is too
 * long for its purpose, -EDQUOT if the call would take more memory or work than
 * allowed. Strings are UTF-8 or plain bytes.
 *
 * Structs that begin with SIZE can grow. Set it to the sizeof of the struct, also for
 * results, and zero the members that you do not use: zero is always the default. If
 * the struct is smaller than the library's, missing members count as zero; if it is
 * larger, members that the library does not know must be zero (-E2BIG).
 *
 * Threads may use the library at the same time, each with its own objects.
 *
 * @since names the version that brought a declaration. What an enum or a struct gained
 * later has a mark of its own.
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

/* The version of this header. @since 0.1 */
#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0

/* Return the version of the linked library: "0.1.0". @since 0.1 */
WEIR_API const char *weir_version(void);

/* --- diagnostics ----------------------------------------------------------- */

/* How serious a diagnostic is. @since 0.1 */
enum weir_severity {
	WEIR_ERROR,
	WEIR_WARNING,
	WEIR_NOTE
};

/*
 * The kind of a diagnostic. Codes never change their meaning, so tools can rely on
 * them. A note has the code of the diagnostic that it belongs to.
 * @since 0.1
 */
enum weir_code {
	WEIR_E_TEXT = 1,              /* the text is wrong in another way than below */
	WEIR_E_SYNTAX = 2,            /* something else was expected here */
	WEIR_E_UNKNOWN = 3,           /* a name that weir does not know */
	WEIR_E_DUPLICATE = 4,         /* a name or a setting that may appear once appears again */
	WEIR_E_RANGE = 5,             /* a number that is too large or too small */
	WEIR_E_INEXPRESSIBLE = 6,     /* what is asked for cannot be expressed in the result */
	WEIR_E_OUTSIDE = 7,           /* a file or a name could not be looked up */
	WEIR_E_LIMIT = 8,             /* too long or too deep for weir or for classic BPF */
	WEIR_E_BUDGET = 9,            /* more memory or work than max_memory or max_work */
	WEIR_E_REFUSED = 10,          /* a program that Linux does not accept */
	WEIR_E_WRONG = 11,            /* the library found its own programs wrong */
	WEIR_W_MATCHES_NOTHING = 100, /* no packet can match the expression */
	WEIR_W_AND_OR = 101,          /* 'and' and 'or' are mixed without parentheses */
	WEIR_W_SWALLOWS = 102,        /* '%' or '^' takes all that follows as its right side */
	WEIR_W_ERRNO_0 = 200,         /* a refused call looks successful */
	WEIR_W_SIBLING = 201,         /* a call that does as much has another answer */
	WEIR_W_IO_URING = 202,        /* io_uring is permitted, which no filter sees into */
	WEIR_W_TRUNCATES = 203,       /* O_TRUNC is permitted where files are opened to read */
	WEIR_W_GETS_PAST = 204,       /* a flag without effect gets past the condition */
	WEIR_W_DATAGRAM_PAIR = 205,   /* a datagram pair can address sockets outside */
	WEIR_W_POINTER = 206,         /* a pointer is compared */
	WEIR_W_RANGE = 207,           /* a difference where a range was meant */
	WEIR_W_OTHER_ABI = 208,       /* a call of another ABI */
	WEIR_W_REMOVES_NOTHING = 209, /* a removed call was not in the list */
	WEIR_W_UNKNOWN_CALL = 210,    /* an unknown call is ignored */
	WEIR_W_NEVER = 211,           /* a condition never holds */
	WEIR_W_ALWAYS = 212,          /* a condition always holds */
	WEIR_W_CONTRADICTED = 213,    /* an earlier rule decides otherwise */
	WEIR_W_UNREACHABLE = 214,     /* no call reaches a rule */
	WEIR_W_SHADOWED = 215,        /* an earlier rule permits a part of what a rule refuses */
	WEIR_W_REFUSES_NOTHING = 216, /* the policy refuses nothing */
	WEIR_W_HIDES = 217,           /* a name hides a constant of the kernel */
	WEIR_W_UNUSED = 218,          /* a value from outside is not used */
	WEIR_W_MULTIPLEXED = 219,     /* arguments cannot be seen in socketcall or ipc */
	WEIR_W_FOREIGN = 220,         /* calls of every other ABI are allowed */
	WEIR_W_FORGOTTEN = 300,       /* another compiler forgets these conditions */
	WEIR_W_UNKNOWN_KEY = 301,     /* a profile has no such key */
	WEIR_W_CAPABILITIES = 302,    /* the profile depends on capabilities that were not given */
	WEIR_W_EMPTY_RULE = 303,      /* a rule names no call */
	WEIR_W_NO_VALUE = 304,        /* a comparison has no value */
	WEIR_W_WIDE = 305,            /* more bits are compared than the kernel looks at */
	WEIR_W_NO_ARGUMENT = 306,     /* the call has no such argument */
	WEIR_W_TWICE = 307,           /* an argument is tested twice */
	WEIR_W_AMBIGUOUS = 308,       /* libseccomp leaves open which rule decides */
	WEIR_W_UNCHECKED = 400,       /* a program that failed weir's own check was replaced */
	WEIR_W_INEXACT = 401          /* no policy says all that a program does */
};

/* Valid during the callback only. @since 0.1 */
struct weir_diag {
	size_t size;
	enum weir_severity severity;
	enum weir_code code;
	const char *source;    /* name of the text; NULL: it has no place in a text */
	unsigned line, column; /* both from 1, columns in bytes; 0 without a place */
	size_t start, end;     /* the same as byte offsets into the text */
	const char *message;   /* one line: "'socket' has no argument 'fmaily'; ..." */
	const char *rendered;  /* place, message, line and caret, as weir prints it */
};

/* Learn of a diagnostic. @since 0.1 */
typedef void weir_diag_fn(void *ctx, const struct weir_diag *diag);

/* Return the name of a code, such as "sibling"; NULL if there is no such code.
   @since 0.1 */
WEIR_API const char *weir_code_name(enum weir_code code);

/* --- reading ---------------------------------------------------------------- */

/*
 * Give the text of file NAME, which the text of FROM asks for (an include, a
 * list). The library calls free(*TEXT). Return 0 or -errno.
 * @since 0.1
 */
typedef int weir_open_fn(void *ctx, const char *name, const char *from,
                         char **text, size_t *len);

/* What a name from outside is to be looked up as. @since 0.1 */
enum weir_name_kind {
	WEIR_NAME_HOST,     /* addresses of both families */
	WEIR_NAME_NET,      /* one IPv4 network number */
	WEIR_NAME_PORT_TCP, /* port by service name, asked for each protocol */
	WEIR_NAME_PORT_UDP,
	WEIR_NAME_PORT_SCTP,
	WEIR_NAME_PROTO, /* IP protocol number */
	WEIR_NAME_ETHER  /* hardware address, from ethers(5) */
};

/* The most addresses of an answer. @since 0.1 */
enum {
	WEIR_MAX_ADDRESSES = 200
};

/*
 * An answer: ADDRESS for hosts, NUMBER for nets, ports and protocols, MAC for ethers.
 * The library sets SIZE and zeroes the rest.
 * @since 0.1
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

/* Look NAME up; return 0, -ENOENT for an unknown name, or another -errno. @since 0.1 */
typedef int weir_resolve_fn(void *ctx, enum weir_name_kind kind, const char *name,
                            struct weir_resolved *out);

/* Learn, at the end of a call, its peak memory in bytes and its number of steps.
   @since 0.1 */
typedef void weir_used_fn(void *ctx, uint64_t memory, uint64_t work);

/* How to read a text. @since 0.1 */
struct weir_read_options {
	size_t size;
	const char *name;   /* of the text, for messages; NULL: "policy", ... */
	weir_diag_fn *diag; /* NULL: diagnostics are dropped */
	void *diag_ctx;
	bool verbose;             /* notes too, not only errors and warnings */
	weir_open_fn *open_file;  /* NULL: there are no files */
	weir_resolve_fn *resolve; /* NULL: there are no names */
	void *ctx;                /* for open_file, resolve and used */
	/*
	 * How much one call may use, both to read the text and to answer what is asked of
	 * the result later. A call that exceeds this ends with -EDQUOT and a message
	 * that says what it was doing. MAX_MEMORY is in bytes. MAX_WORK is in steps that
	 * the library counts: the same text takes the same number on every machine, and
	 * 100,000,000 take from one to a few seconds. UINT64_MAX: no limit. 0: 4 KiB of
	 * memory and 3,000 steps for each byte of text, included files too, but at least
	 * 256 MiB and 200,000,000 steps, and at most 4 GiB and 1,000,000,000 steps.
	 */
	uint64_t max_memory, max_work;
	weir_used_fn *used; /* NULL: not wanted */
	/* For weir_program_read: the weir_format() of the text (NULL: what it looks like),
	   and the ABI of the calls that it names without one (NULL: this machine's). */
	const char *format, *abi;
};

/* What an expression or a policy was read from. @since 0.1 */
enum weir_source_kind {
	WEIR_SOURCE_TEXT, /* the text itself, always the first */
	WEIR_SOURCE_FILE, /* a file that open_file gave */
	WEIR_SOURCE_NAME  /* a name that resolve was asked about; it has no text */
};

/* Something that an expression or a policy was read from. @since 0.1 */
struct weir_source {
	size_t size;
	enum weir_source_kind kind;
	const char *name;
	const char *text; /* LEN bytes; NULL for a name */
	size_t len;
};

/* --- compiling -------------------------------------------------------------- */

/* A compiled (or read) program. Free with weir_program_free. @since 0.1 */
struct weir_program;

/* How hard to optimize, and for what. @since 0.1 */
enum weir_level {
	WEIR_O_DEFAULT, /* -O2 */
	WEIR_O0,        /* as the frontend makes it */
	WEIR_O1,        /* every pass that is plainly better */
	WEIR_O2,        /* least time, if not much longer than the shortest program found */
	WEIR_O3,        /* least time */
	WEIR_OS         /* least length */
};

/* What will run a packet program, and so what its instructions cost. @since 0.1 */
enum weir_destination {
	WEIR_FOR_DEFAULT,     /* a socket */
	WEIR_FOR_SOCKET,      /* Linux's JIT, which calls a function for each load at [x + k] */
	WEIR_FOR_INTERPRETER, /* every instruction alike, as weir_program_run does */
	WEIR_FOR_EBPF         /* with packet pointers: WEIR_EBPF_XDP and WEIR_EBPF_TC */
};

/* A packet as the program would get it: all of it, or its first LEN bytes. @since 0.1 */
struct weir_sample {
	const uint8_t *bytes;
	uint32_t len, wire; /* bytes at BYTES; length on the wire */
};

/* How to make a program. @since 0.1 */
struct weir_compile_options {
	size_t size;
	enum weir_level level;
	weir_diag_fn *diag; /* NULL: diagnostics are dropped */
	void *diag_ctx;
	bool verbose; /* notes too, not only errors and warnings */
	/* Keep what listings show beside the instructions (source text, names), the
	   origin of each instruction, and format "graph". Costs memory and a little
	   time. */
	bool annotate;
	/*
	 * Compare the program with the meaning of the text on some hundred inputs, which
	 * are chosen to reach the paths of both. If it is wrong, try other levels and warn,
	 * asking for a report; if all are wrong, compiling ends with -EBADMSG. This proves
	 * nothing. It has no effect at -O0 or on weir_program_optimize; see libweir(3).
	 */
	bool check;
	/*
	 * Packets like those that a packet program will see. From -O2 on, the optimizer
	 * counts on them how often each part runs, instead of guessing. They never change
	 * what the program means. A few hundred are enough: of more than 256, it takes an
	 * even selection, since it runs every program that it tries on all. NULL: none.
	 */
	const struct weir_sample *sample;
	size_t nsample;
	/*
	 * How often programs make each call, PROFILE_LEN bytes: a name or number and a
	 * count on each line; "#" begins a comment. Frequent calls are decided first.
	 * This never changes what the policy decides. NULL: assume that calls which are
	 * decided by their arguments are the most frequent.
	 */
	const char *profile;
	size_t profile_len;
	const char *profile_name; /* of this text, for messages; NULL: "profile" */
	/* For developing weir: print the graph after this pass ("all": each). */
	const char *dump;
	void (*dump_text)(void *ctx, const char *text, size_t len);
	uint64_t fuel;  /* rewrites that the optimizer may do, */
	bool have_fuel; /* if this is set; else there is no limit */
	/* Called after the frontend and after each PASS that changed the program: it
	   has INSNS instructions, of which COST / 1000 run on average. A name may come
	   twice, where passes run once more without what did not pay. */
	void (*pass)(void *ctx, const char *pass, size_t insns, uint64_t cost);
	void *ctx; /* for dump_text, pass and used */
	/* As in struct weir_read_options; 0 and NULL: as when it was read. */
	uint64_t max_memory, max_work;
	weir_used_fn *used;
	enum weir_destination destination; /* no matter for policies */
	/*
	 * For weir_program_optimize of a packet program: loads past the captured bytes may
	 * end it earlier or later than they did, or not at all, as those of a program that is
	 * compiled from an expression. Where P reads such bytes, the result is 0, or what P
	 * returns if more are captured. See libweir(3).
	 */
	bool early_faults;
};

/* --- packet expressions ------------------------------------------------------- */

/* A packet expression that was read. Free with weir_expression_free. @since 0.1 */
struct weir_expression;

/* What is said of @NAME beside the expression. @since 0.1 */
struct weir_set_given {
	const char *name;  /* without the @ */
	const char *file;  /* it has the items in it, one a line; NULL: it may be open */
	uint32_t capacity; /* items that an open set can have; 0: as for others */
};

/* How to read a packet expression. @since 0.1 */
struct weir_expression_options {
	size_t size;
	const struct weir_read_options *read; /* NULL: all defaults */
	int linktype;                         /* a DLT_ number of libpcap or an enum weir_payload, when have_linktype */
	bool have_linktype;                   /* else Ethernet */
	uint32_t snaplen;                     /* what a match returns; 0: 262144 */
	uint32_t netmask;                     /* of the interface, network order, when have_netmask */
	bool have_netmask;
	bool live;    /* for a live Linux socket: ancillary loads */
	bool swapped; /* the savefile is of the other byte order than this host */
	/*
	 * What matches is rejected: the program returns 0 to it, and SNAPLEN to all else,
	 * also to what is too short for what the expression asks.
	 */
	bool rejects;
	unsigned depth; /* of header chains that protochain follows; 0: 8 */
	/*
	 * Whether @NAME is an open set, one that changes while the program is attached,
	 * unless SETS gives its items. The program can then become nothing but eBPF for XDP
	 * or tc. If not, @NAME without items is an error.
	 */
	bool open_sets;
	const struct weir_set_given *sets; /* what is said of some of them */
	size_t nsets;
	uint32_t capacity; /* of open sets that SETS does not name; 0: 1024 */
};

/*
 * Link types beside libpcap's numbers: what a program that is attached to a socket gets
 * of its packets. `link[0]` is the first byte of the payload, and `len` counts from
 * there; nothing can be asked about headers. @since 0.1
 */
enum weir_payload {
	WEIR_UDP_PAYLOAD = -2, /* of a UDP socket: 8 bytes of header come first */
	WEIR_TCP_PAYLOAD = -3, /* of a TCP socket, after its header */
	WEIR_MESSAGE = -4      /* of a socket that gets messages without a header */
};

/*
 * Read packet expression TEXT (LEN bytes; all white space: everything matches).
 * O may be NULL. TEXT need not outlive the call.
 * @since 0.1
 */
WEIR_API int weir_expression_read(struct weir_expression **out, const char *text,
                                  size_t len, const struct weir_expression_options *o);
/* Free E; NULL is fine. @since 0.1 */
WEIR_API void weir_expression_free(struct weir_expression *e);
/* Compile E. O may be NULL. @since 0.1 */
WEIR_API int weir_expression_compile(struct weir_program **out, struct weir_expression *e,
                                     const struct weir_compile_options *o);
/*
 * Write how E was understood, one condition a line, into *TEXT (*LEN bytes and a
 * NUL that is not counted; free() it).
 * @since 0.1
 */
WEIR_API int weir_expression_explain(struct weir_expression *e, char **text, size_t *len);
/* Get source I of E, which lives as long as E. -ENOENT after the last. @since 0.1 */
WEIR_API int weir_expression_source(const struct weir_expression *e, unsigned i,
                                    struct weir_source *out);

/*
 * Find an expression that P, a packet program from anywhere, may have been compiled
 * from, and read it. O is as for weir_expression_read, but what a match returns is what
 * P returns; weir_expression_source gives the text, and O may be NULL. The expression is
 * proved to match the same packets, as long as the fields that it asks about are
 * captured; see libweir(3). -ENOENT: none was found. -EINVAL: P is not a packet program,
 * or weir_program_run would refuse it.
 * @since 0.1
 */
WEIR_API int weir_expression_lift(struct weir_expression **out,
                                  const struct weir_program *p,
                                  const struct weir_expression_options *o);

/* One way to a result of a packet program. Valid during the callback only. @since 0.1 */
struct weir_way {
	size_t size;
	const char *result;    /* what is returned: a number, or how it is computed */
	const char *condition; /* comparisons of bytes joined by "and"; "": every packet */
	bool last;             /* there are more ways, which are not given */
};

/* Take one way. @since 0.1 */
typedef void weir_way_fn(void *ctx, const struct weir_way *way);

/*
 * Get the ways through P, a packet program, each with the tests that are made on it, but
 * for those that earlier ones decide: what is to be said of a program that has no
 * expression. -EINVAL as for weir_expression_lift; -E2BIG: P has more than 400
 * instructions, or too many tests on a way.
 * @since 0.1
 */
WEIR_API int weir_program_ways(const struct weir_program *p, weir_way_fn *way, void *ctx);

/*
 * Compile an expression for a savefile in the shape of pcap_compile(3PCAP).
 * NETMASK UINT32_MAX: not known.
 * @since 0.1
 */
WEIR_API int weir_compile(struct weir_program **out, const char *expression, int linktype,
                          int snaplen, uint32_t netmask, enum weir_level level);

/* --- syscall policies ---------------------------------------------------------- */

/* A syscall policy that was read or made. Free with weir_policy_free. @since 0.1 */
struct weir_policy;

/* A name given from outside: -D NAME=VALUE. @since 0.1 */
struct weir_define {
	const char *name;
	uint64_t value;
};

/* What a container's runtime adds to its seccomp profile (JSON). @since 0.1 */
struct weir_container_options {
	size_t size;
	const char *runtime;    /* whose reading applies: "runc" (NULL) or "crun" */
	const char *kernel;     /* "6.18": for rules that depend on it; NULL: not known */
	const char *const *cap; /* capabilities that the container has; see libweir(3) */
	size_t ncap;
	bool typed; /* compare the bits that the kernel looks at, not 64 */
};

/* How to read a policy. @since 0.1 */
struct weir_policy_options {
	size_t size;
	const struct weir_read_options *read; /* NULL: all defaults */
	const char *abis;                     /* "x86_64,i386": what `abi` says, when the text does not */
	const struct weir_define *define;
	size_t ndefine;
	const char *form;                               /* a weir_policy_form(); NULL: what the text looks like */
	bool lint;                                      /* warnings count as errors */
	const struct weir_container_options *container; /* NULL: all defaults */
};

/*
 * Return the names of formats that policies are read from, "policy"
 * (weir-policy(5)) first; NULL after the last. @since 0.1
 */
WEIR_API const char *weir_policy_form(unsigned i);
/*
 * Return what TEXT looks like: a weir_policy_form(), or "program", which
 * weir_program_read may be able to read. NULL: it is certainly not a policy, and
 * weir_policy_read reports what it is instead.
 * @since 0.1
 */
WEIR_API const char *weir_policy_looks_like(const char *text, size_t len);

/* Read syscall policy TEXT (LEN bytes), which need not outlive the call. O may be NULL.
   @since 0.1 */
WEIR_API int weir_policy_read(struct weir_policy **out, const char *text, size_t len,
                              const struct weir_policy_options *o);
/*
 * Make a policy without rules, to which rules will be added: SETTINGS has `default`
 * and, if wanted, `abi`, `kernel` and `foreign`. O is as for weir_policy_read.
 * @since 0.1
 */
WEIR_API int weir_policy_new(struct weir_policy **out, const char *settings,
                             const struct weir_policy_options *o);
/* Free P; NULL is fine. @since 0.1 */
WEIR_API void weir_policy_free(struct weir_policy *p);
/*
 * Make the policy of seccomp program P, which may come from anywhere: it has the same
 * answer to every call, as the kernel takes it. That is proved, or a warning says why no
 * policy is the same (WEIR_W_INEXACT); one that comes near is made then, to be asked and
 * explained, but not to be compiled or printed. -EINVAL: P is not a seccomp program that
 * Linux accepts. -ENOTSUP: no policy comes near, with a diagnostic. P stays the
 * caller's. @since 0.1
 */
WEIR_API int weir_policy_lift(struct weir_policy **out, const struct weir_program *p,
                              const struct weir_read_options *o);
/*
 * Return why P is not all of the program that it was lifted from: words that follow
 * "it", as in "looks at the instruction pointer". NULL: it is, or was not lifted.
 * @since 0.1
 */
WEIR_API const char *weir_policy_inexact(const struct weir_policy *p);
/*
 * Append STATEMENT, one or more statements of the policy language ("allow openat if
 * ..."), to P. EVIDENCE, if not NULL, is printed above it as a comment. P is unchanged
 * if this fails: -EINVAL if STATEMENT is wrong, -ENOTSUP if P was not written in the
 * policy language.
 * @since 0.1
 */
WEIR_API int weir_policy_add(struct weir_policy *p, const char *statement,
                             const char *evidence);
/*
 * Append the rules of FROM, in their order, except those that P has in the same words.
 * Both must agree on `default`, `foreign`, `kernel`, `x32` and `abi` (else -EINVAL, with a
 * diagnostic). -ENOTSUP as for weir_policy_add.
 * @since 0.1
 */
WEIR_API int weir_policy_merge(struct weir_policy *p, const struct weir_policy *from);

/*
 * Tell whether P refuses any call of the ABIs that it names; other ABIs do not count.
 * If it does not, weir_policy_read has warned. In doubt the answer is yes.
 * @since 0.1
 */
WEIR_API bool weir_policy_refuses(const struct weir_policy *p);
/* Return the name of the form that P was read in. @since 0.1 */
WEIR_API const char *weir_policy_form_of(const struct weir_policy *p);
/* Get source I of P, which lives until P is changed. -ENOENT after the last. @since 0.1 */
WEIR_API int weir_policy_source(const struct weir_policy *p, unsigned i,
                                struct weir_source *out);

/* A rule, in the order that decides. Strings live until the policy is changed.
   @since 0.1 */
struct weir_rule {
	size_t size;
	const char *action; /* its word: "allow", "errno", ... */
	uint32_t ret;       /* SECCOMP_RET_* with data, on the policy's first ABI */
	bool permits;       /* `allow` or `log` */
	size_t calls;       /* (ABI, number) pairs that it covers */
	const char *source; /* where it was written; NULL: nowhere */
	unsigned line, column;
	size_t start, end; /* byte offsets into that source */
};

/* Get rule I of P. -ENOENT after the last. @since 0.1 */
WEIR_API int weir_policy_rule(struct weir_policy *p, size_t i, struct weir_rule *out);

/* Compile P. O may be NULL. @since 0.1 */
WEIR_API int weir_policy_compile(struct weir_program **out, struct weir_policy *p,
                                 const struct weir_compile_options *o);
/*
 * Write P in the policy language ("policy", or NULL) or as a container's profile
 * ("oci", for the runtime that C names; C may be NULL) into *OUT (*OUT_LEN
 * bytes and a NUL that is not counted; free() it). -ENOTSUP: policies of that form
 * cannot be written so; -EINVAL: no such format, or it cannot express P, with a
 * diagnostic to the callback that P was read with.
 * @since 0.1
 */
WEIR_API int weir_policy_print(struct weir_policy *p, const char *format,
                               const struct weir_container_options *c, char **out,
                               size_t *out_len);

/* What gave an answer. @since 0.1 */
enum weir_why {
	WEIR_BY_RULE,
	WEIR_BY_KERNEL,
	WEIR_BY_DEFAULT,
	WEIR_BY_FOREIGN,
	WEIR_BY_RUNTIME /* a container's runtime adds it to the profile */
};

/*
 * One answer of a policy to a call, and the reason. Valid during the callback only. A
 * call whose answer depends on its arguments gets several, in the order of the rules.
 * @since 0.1
 */
struct weir_answer {
	size_t size;
	const char *question; /* as it was asked; NULL: not from weir_policy_ask */
	const char *abi;      /* NULL: all ABIs that the policy does not name */
	const char *call;     /* "openat", "nr(999)"; NULL: all other calls of the ABI */
	uint32_t nr;          /* of CALL, as in seccomp_data */
	uint32_t ret;         /* SECCOMP_RET_* with data */
	const char *action;   /* the same in words: "errno EPERM" */
	bool permits;         /* the kernel makes the call */
	enum weir_why why;
	uint32_t rule;         /* WEIR_BY_RULE: its position in the order, from 1; else 0 */
	const char *condition; /* the rule's, on the arguments: "fd == 1"; NULL: none */
	const char *source;    /* the place of the rule or statement; NULL: none */
	unsigned line, column;
	const char *text;    /* the text there, on one line; NULL: nothing */
	bool exact;          /* false: the conditions are too large to be sure */
	uint64_t args[6];    /* exact: arguments that get this answer, */
	const char *example; /* as a call: "openat(-100, 0, 1, 0)"; else NULL */
	bool cached;         /* Linux answers from its action cache, not by the program */
};

/* Learn of an answer. @since 0.1 */
typedef void weir_answer_fn(void *ctx, const struct weir_answer *answer);

/*
 * Ask what P answers to QUESTION: a call or a list of calls of the policy language, as
 * in "openat(AT_FDCWD, _, O_WRONLY)", with or without a condition; missing patterns
 * match anything. ABIS is as in the options; NULL: the policy's. -EINVAL if QUESTION is
 * wrong; diagnostics go to the callback that P was read with.
 * @since 0.1
 */
WEIR_API int weir_policy_ask(struct weir_policy *p, const char *question, const char *abis,
                             weir_answer_fn *answer, void *ctx);
/* Get all answers of P, by ABI and call. @since 0.1 */
WEIR_API int weir_policy_explain(struct weir_policy *p, weir_answer_fn *answer, void *ctx);
/*
 * Get the one answer of P to a call, given as in seccomp_data: ARCH is an AUDIT_ARCH_
 * value, ARGS are six words.
 * @since 0.1
 */
WEIR_API int weir_policy_call(struct weir_policy *p, uint32_t arch, uint32_t nr,
                              const uint64_t *args, weir_answer_fn *answer, void *ctx);

/* How bad a finding of an audit is. @since 0.1 */
enum weir_risk {
	WEIR_RISK_LOW,    /* most programs need it */
	WEIR_RISK_MEDIUM, /* few do, or it gets past another rule in part */
	WEIR_RISK_HIGH    /* it gets out, or past the policy */
};
/* Return "low", "medium" or "high"; NULL for what is not an enum weir_risk. @since 0.1 */
WEIR_API const char *weir_risk_name(enum weir_risk risk);

/*
 * Something that a hostile program can do, and a call with which it does: it gets
 * through. Valid during the callback only.
 * @since 0.1
 */
struct weir_finding {
	size_t size;
	enum weir_risk risk;
	const char *class_name; /* "namespaces" */
	const char *text;       /* "enters other namespaces" */
	const char *abi, *call; /* "x86_64", "setns" */
	const char *example;    /* the call that gets through: "setns(0, 0)" */
	uint32_t arch, nr;      /* the same, as in seccomp_data */
	uint64_t args[6];
	uint32_t ret; /* SECCOMP_RET_* that it gets */
};

/* Take one finding. @since 0.1 */
typedef void weir_finding_fn(void *ctx, const struct weir_finding *finding);
/*
 * Get what a hostile program can still do under P, by ABI. Each call is put to PROGRAM,
 * which P was lifted from or compiled to (NULL: to P itself), and told only if that lets it
 * through. What lies in memory, and what files and users permit, is not looked at. -EINVAL:
 * PROGRAM is not a seccomp program that Linux accepts.
 * @since 0.1
 */
WEIR_API int weir_policy_audit(struct weir_policy *p, const struct weir_program *program,
                               weir_finding_fn *finding, void *ctx);

/* --- programs ---------------------------------------------------------------- */

/* What the input of a program is. @since 0.1 */
enum weir_kind {
	WEIR_PACKET,
	WEIR_SECCOMP,
	WEIR_EITHER /* for weir_program_read: the text says, or the program */
};

/* Free P; NULL is fine. @since 0.1 */
WEIR_API void weir_program_free(struct weir_program *p);
/* Copy the N instructions at INSNS, unchecked. -EINVAL for WEIR_EITHER. @since 0.1 */
WEIR_API int weir_program_new(struct weir_program **out, enum weir_kind kind,
                              const struct sock_filter *insns, size_t n);
/*
 * Read a program in any format that weir reads; the content tells which. WEIR_EITHER:
 * so does the kind. A program that Linux accepts for seccomp, that looks at the number
 * or the architecture of a call and returns seccomp's actions alone is one for seccomp;
 * if nothing tells, -EINVAL and a diagnostic that asks. After an error that the text
 * has, a note says what it was taken for; with O->verbose it does so always.
 * @since 0.1
 */
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
 * @since 0.1
 */
WEIR_API int weir_program_optimize(struct weir_program **out, const struct weir_program *p,
                                   const struct weir_compile_options *o);

/* Return what P runs on. @since 0.1 */
WEIR_API enum weir_kind weir_program_kind(const struct weir_program *p);
/* Return the name of the weir_format() that P was read in; NULL: P was not read.
   @since 0.1 */
WEIR_API const char *weir_program_format(const struct weir_program *p);
/* Return the link type (DLT_*) that P was compiled for or read with; -1: not known.
   @since 0.1 */
WEIR_API int weir_program_linktype(const struct weir_program *p);
/* Return P's instructions, which live as long as P. @since 0.1 */
WEIR_API const struct sock_filter *weir_program_insns(const struct weir_program *p, size_t *n);
/*
 * Get the instructions for setsockopt(SO_ATTACH_FILTER), seccomp(2) and, by a
 * cast, pcap_setfilter: struct sock_fprog and struct bpf_program have the same
 * layout. -E2BIG above 65,535 instructions, which do not fit in a struct
 * sock_fprog. For a handle on all interfaces, compile for its link type,
 * LINUX_SLL or LINUX_SLL2: pcap_setfilter rewrites what programs load of the
 * link header, and only programs made for these two let it.
 * @since 0.1
 */
WEIR_API int weir_program_fprog(const struct weir_program *p, struct sock_fprog *out);
/* Bytes of a fingerprint, with its NUL. @since 0.1 */
enum {
	WEIR_FINGERPRINT = 67
};
/*
 * Write a name for what P does to OUT, of WEIR_FINGERPRINT bytes: "a:" and a SHA-256 of
 * all that P answers, if it is a seccomp program: programs that answer every call alike
 * have one name, whatever compiled them. For other programs, and if that is too complex,
 * "i:" and a SHA-256 of the instructions as they are in memory.
 * @since 0.1
 */
WEIR_API int weir_program_fingerprint(const struct weir_program *p, char *out);
/* Tell whether P is a packet program that returns 0 for every packet. @since 0.1 */
WEIR_API bool weir_program_matches_nothing(const struct weir_program *p);

/* A piece of text that an instruction was made from. Lives as long as the program.
   @since 0.1 */
struct weir_origin {
	size_t size;
	const char *source; /* its name */
	size_t start, end;  /* byte offsets into the source */
	const char *text;   /* its END - START bytes */
};

/*
 * Get piece I of the text that instruction INSN of P was made from, in the order of the
 * source. -ENOENT after the last, and if the program does not know: annotate was off, or
 * it was not compiled from a text.
 * @since 0.1
 */
WEIR_API int weir_program_origin(const struct weir_program *p, size_t insn, unsigned i,
                                 struct weir_origin *out);

/*
 * Write P in a format of weir_format_name() into *TEXT (*LEN bytes and a NUL
 * that is not counted; free() it). -EINVAL: no such format, or it cannot express P.
 * @since 0.1
 */
WEIR_API int weir_program_print(const struct weir_program *p, const char *format,
                                char **text, size_t *len);

/* How to show a program to people. @since 0.1 */
struct weir_show_options {
	size_t size;
	/* Of packets, a DLT_ number of libpcap, for programs that were not compiled from an
	   expression; else, and if it is not set, fields of packets are not named. */
	int linktype;
	bool have_linktype;
	bool plain; /* only the instructions, and what they were made of */
	/* These are about format "listing" alone: */
	bool color;             /* with the escapes of terminals (ECMA-48) */
	bool arrows;            /* draw jumps at the side */
	bool utf8;              /* with line drawing characters, else in ASCII */
	unsigned width;         /* of a line, in columns; 0: as long as it gets */
	const uint64_t *counts; /* by instruction, how often it ran; NULL: not known */
};

/*
 * Write P as weir_program_print does, and as O says; O may be NULL. A listing with
 * color, arrows, a width or counts is not for weir_program_read. @since 0.1
 */
WEIR_API int weir_program_show(const struct weir_program *p, const char *format,
                               const struct weir_show_options *o, char **text,
                               size_t *len);

/* Learn what instruction INSN does, in words: "ip src == 10.0.0.1". @since 0.1 */
typedef void weir_words_fn(void *ctx, size_t insn, const char *words);
/*
 * Put the instructions of P into words, in their order; those about which nothing is
 * known are left out. Of O, which may be NULL, the link type counts. @since 0.1
 */
WEIR_API int weir_program_words(const struct weir_program *p,
                                const struct weir_show_options *o, weir_words_fn *words,
                                void *ctx);
/* Return the name of format I that programs are written in, "listing" first; else NULL.
   @since 0.1 */
WEIR_API const char *weir_format_name(unsigned i);

/* --- formats ------------------------------------------------------------------- */

/* What a format is for. @since 0.1 */
enum weir_format_kind {
	WEIR_PROGRAM_FORMAT,
	WEIR_POLICY_FORMAT
};

/* A format of programs or of policies. Strings live as long as the library. @since 0.1 */
struct weir_format {
	size_t size;
	const char *name;    /* "listing" */
	const char *summary; /* what it is, in a few words */
	enum weir_format_kind kind;
	bool reads;  /* weir_program_read or weir_policy_read takes it, */
	bool writes; /* weir_program_print or weir_policy_print makes it */
};

/* Give format I. -ENOENT after the last. @since 0.1 */
WEIR_API int weir_format(unsigned i, struct weir_format *out);

/* Whether Linux accepts a program, and what it costs there. @since 0.1 */
struct weir_verdict {
	size_t size;
	bool ok;             /* the kernel accepts it (as a socket's or a seccomp filter) */
	size_t at;           /* if not ok: index of the instruction that it refuses */
	char reason[128];    /* and why; "" if ok */
	size_t insns;        /* length */
	size_t converted;    /* eBPF instructions after the kernel's conversion */
	size_t memory;       /* bytes charged against net.core.optmem_max when attached */
	size_t longest_path; /* the most instructions that can run */
	size_t cached_calls; /* seccomp: numbers 0..511 answered from the action cache */
	size_t unreachable;  /* instructions that no path reaches */
	size_t loads;        /* instructions that load from the input */
};
/* Tell whether Linux would accept P, and what P costs there. @since 0.1 */
WEIR_API int weir_program_check(const struct weir_program *p, struct weir_verdict *out);
/*
 * Tell whether Linux answers call NR of the ABI from its action cache, so that P, which
 * has to pass weir_program_check, does not run for it.
 * @since 0.1
 */
WEIR_API bool weir_program_caches(const struct weir_program *p, const char *abi, uint32_t nr);
/* Learn that the instruction at AT never runs. REACHED: paths lead there, but the tests
   on each of them exclude each other. @since 0.1 */
typedef void weir_dead_fn(void *ctx, size_t at, bool reached);
/*
 * Pass the instructions of P to DEAD that never run, as far as they are found. -EINVAL:
 * P would not pass weir_program_check.
 * @since 0.1
 */
WEIR_API int weir_program_dead(const struct weir_program *p, weir_dead_fn *dead, void *ctx);

/* The input of a program. @since 0.1 */
struct weir_data {
	size_t size;
	const void *bytes; /* the packet, or a struct seccomp_data in host order */
	uint32_t captured; /* bytes at BYTES */
	uint32_t wire;     /* length on the wire; 0: as captured */
	/* Linux's ancillary word SKF_AD_*; NULL: all are 0. */
	uint32_t (*ancillary)(void *ctx, uint32_t which, uint32_t a, uint32_t x);
	void *ctx;
};
/*
 * Run P as Linux would and set *RESULT to what it returns. -EINVAL if P would not pass
 * weir_program_check.
 * @since 0.1
 */
WEIR_API int weir_program_run(const struct weir_program *p, const struct weir_data *data,
                              uint32_t *result);

/* One executed instruction. Valid during the callback only. @since 0.1 */
struct weir_step {
	size_t size;
	uint32_t at;             /* its index */
	uint32_t next;           /* the index of the next, if not ENDED */
	bool ended;              /* the program ended here: by a return, or by */
	bool failed;             /* a load past the end or a division by zero: result 0 */
	uint32_t a, x;           /* the registers after it */
	const uint32_t *scratch; /* M[0] .. M[15] after it */
};
/* Learn of a step. @since 0.1 */
typedef void weir_step_fn(void *ctx, const struct weir_step *step);

/* Run P in the same way, and report each step. @since 0.1 */
WEIR_API int weir_program_trace(const struct weir_program *p, const struct weir_data *data,
                                weir_step_fn *step, void *ctx, uint32_t *result);

/* What a program is expected to cost, by a model of traffic, or of calls. @since 0.1 */
struct weir_expected {
	size_t size;
	double insns;       /* that run, on average */
	double nanoseconds; /* that they take on a socket of Linux on x86_64; seccomp: 0 */
};

/*
 * Find out what P is expected to cost: on everyday packets of Ethernet, or on usual calls.
 * -EINVAL: weir_program_run would refuse P. -ENOTSUP: P is too large to be followed, or
 * asks for words that differ each time. @since 0.1
 */
WEIR_API int weir_program_expect(const struct weir_program *p, struct weir_expected *out);

/* --- eBPF ----------------------------------------------------------------------- */

/* A form of eBPF: what it is for. @since 0.1 */
enum weir_ebpf_form {
	WEIR_EBPF_KERNEL,   /* what Linux makes of a program that is attached */
	WEIR_EBPF_LOADABLE, /* what bpf(2) loads as BPF_PROG_TYPE_SOCKET_FILTER */
	WEIR_EBPF_XDP,      /* for BPF_PROG_TYPE_XDP: a function of struct xdp_md * */
	WEIR_EBPF_TC,       /* for BPF_PROG_TYPE_SCHED_CLS: one of struct __sk_buff * */
	WEIR_EBPF_REUSEPORT /* for BPF_PROG_TYPE_SK_REUSEPORT: one of struct sk_reuseport_md *;
	                       it has no name as a format, and no objects */
};

/*
 * Give the form that FORMAT is a name of: "ebpf-kernel", "ebpf", "ebpf-xdp", "ebpf-tc",
 * or what "elf" is for where nothing else is said, WEIR_EBPF_XDP.
 * -ENOENT: it names none. @since 0.1
 */
WEIR_API int weir_ebpf_form(const char *format, enum weir_ebpf_form *form);

/* How to convert a program. @since 0.1 */
struct weir_ebpf_options {
	size_t size;
	enum weir_ebpf_form form;
	/*
	 * The machine and kernel that it is for; NULL: little-endian, cheap unaligned
	 * access, pointers of 8 bytes, Linux 6.3 or later. Else what differs, with commas:
	 * "be"; for WEIR_EBPF_KERNEL also "strict" and "pad=2" (unaligned access is dear, NET_IP_ALIGN); "pointer=4";
	 * "vlan=X.Y" (the version that its VLAN loads are of).
	 */
	const char *target;
	weir_diag_fn *diag; /* NULL: messages are dropped */
	void *ctx;          /* for DIAG */
	bool count;         /* in the values of open sets, how often each member is found */
};

/* An eBPF instruction: a struct bpf_insn of linux/bpf.h with its own order of fields.
   @since 0.1 */
struct weir_ebpf_insn {
	uint8_t code, dst, src;
	int16_t off;
	int32_t imm;
};

/* A program in eBPF. @since 0.1 */
struct weir_ebpf;

/*
 * Convert P as O says. -ENOTSUP, after a message, where Linux refuses P, and where the form
 * cannot express it: an ancillary word that programs which bpf(2) loads cannot ask for; in
 * the kernel's form a jump that 16 bits cannot hold; on XDP a constant negative offset. A seccomp filter has only the kernel's
 * form. Two words of the loadable form differ where a packet has no device: ifindex is 0
 * and the program goes on, where Linux ends an attached one with the result A.
 * -EINVAL, after a message, for an unknown target. @since 0.1
 */
WEIR_API int weir_ebpf_new(struct weir_ebpf **out, const struct weir_program *p,
                           const struct weir_ebpf_options *o);
/* Free E; NULL is fine. @since 0.1 */
WEIR_API void weir_ebpf_free(struct weir_ebpf *e);
/* Return E's instructions, which live as long as E. @since 0.1 */
WEIR_API const struct weir_ebpf_insn *weir_ebpf_insns(const struct weir_ebpf *e, size_t *n);
/* Return how many bytes of the stack E uses. @since 0.1 */
WEIR_API unsigned weir_ebpf_stack(const struct weir_ebpf *e);

/* A field that only a certain kernel can fill in. It is 0 in the instruction.
   @since 0.1 */
struct weir_ebpf_reloc {
	size_t size;
	uint32_t insn;      /* its index */
	bool is_imm;        /* the field is imm, else off */
	const char *symbol; /* "skb.len": the offset of that member; "load_16": a function */
};

/* Get relocation I of E, by instruction. -ENOENT after the last. @since 0.1 */
WEIR_API int weir_ebpf_reloc(const struct weir_ebpf *e, unsigned i,
                             struct weir_ebpf_reloc *out);
/*
 * Write E into *TEXT (*LEN bytes and a NUL that is not counted; free() it) as a "listing"
 * in the words of the kernel's verifier, "json", a "c" initializer of struct bpf_insn[],
 * or the "raw" bytes that bpf(2) takes. -EINVAL: another format; "c" or "raw" of what has
 * relocations or open sets. @since 0.1
 */
WEIR_API int weir_ebpf_print(const struct weir_ebpf *e, const char *format, char **text,
                             size_t *len);

/* What an open set holds. @since 0.1 */
enum weir_set_kind {
	WEIR_SET_IP4,  /* "host in @NAME": IPv4 addresses, and */
	WEIR_SET_IP6,  /* IPv6 addresses, in network order */
	WEIR_SET_NET4, /* "net in @NAME": networks */
	WEIR_SET_NET6,
	WEIR_SET_PORT, /* "port in @NAME": 2 bytes in network order */
	WEIR_SET_MAC,  /* "ether host in @NAME": 6 bytes */
	WEIR_SET_VLAN  /* "vlan in @NAME": 2 bytes in the machine's order */
};

/*
 * An open set of a program. Each instruction that loads an address (code 0x18) with SRC 1
 * (BPF_PSEUDO_MAP_FD) names set number IMM in its first half. Replace that IMM by the
 * descriptor of a map before you load the program: a BPF_MAP_TYPE_ARRAY_OF_MAPS with one
 * entry. In it is a BPF_MAP_TYPE_HASH whose keys are the members, with values of 8 bytes;
 * or, of networks, a BPF_MAP_TYPE_ARRAY with one entry, a table that weir_set_table
 * writes. @since 0.1
 */
struct weir_set {
	size_t size;
	const char *name;
	enum weir_set_kind kind;
	uint32_t capacity;   /* items */
	uint32_t key_size;   /* of the inner map: of an array 4 */
	uint32_t value_size; /* likewise; of a hash 8, a counter if the program counts */
	uint32_t entries;    /* likewise: CAPACITY, or of an array 1 */
};

/* Get open set I of E, which lives as long as E. -ENOENT after the last. @since 0.1 */
WEIR_API int weir_ebpf_set(const struct weir_ebpf *e, unsigned i, struct weir_set *out);
/* Return the name of a kind of sets, such as "ip4"; NULL for what is none. @since 0.1 */
WEIR_API const char *weir_set_kind_name(enum weir_set_kind kind);

/* Items of open sets that were read. Free with weir_items_free. @since 0.1 */
struct weir_items;

/*
 * Read the LEN bytes of TEXT, one item a line. KINDS has bit 1 << K for each kind K of
 * sets that they are for; each item goes to the one that it fits. O is as for expressions;
 * it may be NULL. -EINVAL, after a message, for what fits none. @since 0.1
 */
WEIR_API int weir_items_read(struct weir_items **out, const char *text, size_t len,
                             unsigned kinds, const struct weir_read_options *o);
/* Free I; NULL is fine. @since 0.1 */
WEIR_API void weir_items_free(struct weir_items *i);
/*
 * Return the *N items for sets of KIND one after the other, which live as long as I: the
 * keys of a hash; of networks, the bits of the prefix in a uint32_t, then 4 or 16 bytes of
 * the address. A range of numbers is one item a number. @since 0.1
 */
WEIR_API const void *weir_items_of(const struct weir_items *i, enum weir_set_kind kind,
                                   size_t *n);
/* Return the bytes of such an item. @since 0.1 */
WEIR_API size_t weir_item_size(enum weir_set_kind kind);

/* Return the bytes of a table of at most CAPACITY networks; 0: there is none. @since 0.1 */
WEIR_API size_t weir_set_table_size(enum weir_set_kind kind, uint32_t capacity);
/*
 * Write the table of the N networks at ITEMS into TABLE, which has the size that the
 * function above says. -ENOSPC: they are more than CAPACITY. @since 0.1
 */
WEIR_API int weir_set_table(enum weir_set_kind kind, const void *items, size_t n,
                            uint32_t capacity, void *table);
/* Return the *N networks that TABLE was made of, which are a part of it. @since 0.1 */
WEIR_API const void *weir_set_table_items(enum weir_set_kind kind, uint32_t capacity,
                                          const void *table, size_t *n);

/* What an object has beside the function. @since 0.1 */
struct weir_ebpf_object {
	size_t size;
	bool link;           /* nothing: it is for a linker to join with another program */
	const char *section; /* of the program; NULL: "xdp.frags" or "tc" */
	uint32_t match;      /* what the program answers to a packet that matches, in the */
	uint32_t other;      /* codes of its type (XDP_DROP, TC_ACT_OK, ...), and to others */
	const char *said;    /* kept as a tag in the types: what the filter is; or NULL */
};

/*
 * Write E, of form WEIR_EBPF_XDP or WEIR_EBPF_TC (else -EINVAL), as an ELF object into
 * *BYTES (*LEN of them; free() it): a global function "int weir_match(CONTEXT *)" that
 * returns what the classic program does, with BTF; and, unless HOW says link, a program
 * that calls it, "weir_xdp" or "weir_tc", and a license, "Dual BSD/GPL". -EINVAL as
 * well if E has open sets. @since 0.1
 */
WEIR_API int weir_ebpf_elf(const struct weir_ebpf *e, const struct weir_ebpf_object *how,
                           char **bytes, size_t *len);

/*
 * Write the types of that object alone into *BYTES (*LEN of them; free() it): BTF for a
 * caller that loads the program by bpf(2). @since 0.1
 */
WEIR_API int weir_ebpf_types(const struct weir_ebpf *e, const struct weir_ebpf_object *how,
                             char **bytes, size_t *len);

/* --- names -------------------------------------------------------------------- */

/* Return libpcap's number of "EN10MB" or "DLT_EN10MB"; -1 if weir does not know it.
   @since 0.1 */
WEIR_API int weir_linktype_by_name(const char *name);
/* Return the name of a link type; NULL if weir does not know it. @since 0.1 */
WEIR_API const char *weir_linktype_name(int linktype);
/* Return link type I that weir compiles for; -1 after the last. @since 0.1 */
WEIR_API int weir_linktype(unsigned i);

/* Return the name of Linux's ancillary word WHICH (SKF_AD_*), such as "vlan_tci"; NULL if
   it has none. @since 0.1 */
WEIR_API const char *weir_ancillary_name(uint32_t which);

/* Return the name of ABI I; NULL after the last. @since 0.1 */
WEIR_API const char *weir_abi_name(unsigned i);
/* Return the ABI that the library was built for; NULL if weir does not know it.
   @since 0.1 */
WEIR_API const char *weir_native_abi(void);
/* Return the best guess for a misspelt or foreign ABI name ("amd64"); NULL if none.
   @since 0.1 */
WEIR_API const char *weir_abi_near(const char *name);
/* Return the AUDIT_ARCH_ value of an ABI; 0 for an unknown ABI. @since 0.1 */
WEIR_API uint32_t weir_abi_arch(const char *abi);
/* Return the name of system call NR on the ABI; NULL if it has no such call. @since 0.1 */
WEIR_API const char *weir_syscall_name(const char *abi, uint32_t nr);
/* Return the number of a system call; -1 if the ABI has no such call. @since 0.1 */
WEIR_API int64_t weir_syscall_number(const char *abi, const char *name);

/* One argument of a call, as the kernel's entry point for the ABI has it. @since 0.1 */
struct weir_syscall_arg {
	size_t size;
	const char *name;       /* the kernel's */
	const char *other_name; /* the manual page's, if it differs; else NULL */
	const char *type;       /* as the kernel declares it: "unsigned int" */
	unsigned bits;          /* that the kernel uses: 16, 32 or 64 */
	bool is_signed, is_pointer;
	int word;      /* that holds them, or their low half: 0..5 */
	int high_word; /* that holds the high half; -1: WORD does, or none */
};

/* A system call, as an ABI has it. @since 0.1 */
struct weir_syscall {
	size_t size;
	const char *name;
	uint32_t nr;           /* as in seccomp_data */
	unsigned major, minor; /* Linux that added it to the ABI; 0.0: old, or unknown */
	bool known;            /* weir knows its arguments */
	unsigned nargs;
};

/* Get call I of the ABI, in the order of numbers. -ENOENT after the last. @since 0.1 */
WEIR_API int weir_syscall(const char *abi, unsigned i, struct weir_syscall *out);
/* Get a call by name, or by number (x32's with bit 30 or without). -ENOENT: none.
   @since 0.1 */
WEIR_API int weir_syscall_by_name(const char *abi, const char *name,
                                  struct weir_syscall *out);
/* Get a call by number, with or without x32's bit 30. -ENOENT: none. @since 0.1 */
WEIR_API int weir_syscall_by_nr(const char *abi, uint32_t nr, struct weir_syscall *out);
/* Get argument I (from 0) of a call. -ENOENT: it has none, or weir does not know it.
   @since 0.1 */
WEIR_API int weir_syscall_arg(const char *abi, uint32_t nr, unsigned i,
                              struct weir_syscall_arg *out);
/*
 * Get the value of a constant that policies may name: the low 64 bits of its two's
 * complement, and whether it is below zero. -ENOENT: the ABI has no such constant.
 * @since 0.1
 */
WEIR_API int weir_constant(const char *abi, const char *name, uint64_t *value,
                           bool *negative);
/* Return the name of constant I, of any ABI, in order; NULL after the last. @since 0.1 */
WEIR_API const char *weir_constant_name(unsigned i);

/* Return the name of error NUMBER on the ABI, such as "EPERM"; NULL if it has none.
   @since 0.1 */
WEIR_API const char *weir_errno_name(const char *abi, uint32_t number);

/* Return the name of optimizer pass I, for dump; NULL after the last. @since 0.1 */
WEIR_API const char *weir_pass_name(unsigned i);

#ifdef __cplusplus
}
#endif

#endif
