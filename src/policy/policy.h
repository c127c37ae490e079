/*
 * policy: syscall policies. Text -> tokens -> syntax -> tree -> graph, and the
 * tables of calls and constants that give names their meaning.
 *
 * Files, in the order of the way: tables.c (what is known of ABIs, calls and
 * constants), lex.c, scan.c, expr.c, items.c, parse.c (text to syntax), value.c
 * (expressions), cond.c (conditions, typed for one call), settings.c, lists.c,
 * resolve.c (syntax to tree), make.c (trees from elsewhere), read.c (policies
 * in any form), looks.c (what is none), print.c (syntax to text), space.c (sets of arguments), ask.c
 * (answers to calls), reach.c, lint.c and refuse.c (warnings about
 * the whole), say.c (calls
 * as text), graph.c (tree to decision graph), eval.c (the tree for one call;
 * shares nothing with graph.c and space.c).
 */
#ifndef WEIR_POLICY_H
#define WEIR_POLICY_H

#include "base/base.h"
#include "ir/ir.h"

enum { POLICY_ARGS = 6 };

/* --- tables.c: ABIs, calls, constants ------------------------------------- */

enum policy_abi_id {
#define ABI(id, ...) POLICY_ABI_##id,
#include "policy/tables/abis.def"
	POLICY_NABIS
};

/* One row of abis.def. */
struct policy_abi {
	enum policy_abi_id id;
	const char *name;
	uint32_t arch;     /* AUDIT_ARCH_*: what seccomp_data.arch says */
	bool big_endian;
	uint8_t word;      /* bits of an argument's word that count: 32 or 64 */
	uint32_t nr_bit;   /* set in the number of every call of this ABI (x32) */
	bool multiplexed;  /* has socketcall and ipc */
};

extern const struct policy_abi policy_abis[POLICY_NABIS];

/* By name; NULL if there is none. */
const struct policy_abi *policy_abi(const char *name, size_t len);
/* The name of the one that was meant: what others call it, or a near one; or NULL. */
const char *policy_abi_near(const char *name, size_t len);
/* All of them, for messages: "x86_64, i386, ...". */
const char *policy_abi_list(struct arena *arena);
/* What this library was built for; NULL if its tables are not here. */
const struct policy_abi *policy_abi_native(void);

/* A version of Linux as a number that orders: 5.15 is 5 << 16 | 15. */
#define POLICY_KERNEL(x, y) ((uint32_t)(x) << 16 | (uint32_t)(y))

/* What the kernel makes of an argument's word or words. */
struct policy_type {
	uint8_t width;   /* bits that count: 16, 32 or 64 */
	bool is_signed;
	bool is_pointer;
};

/* The mask of the low WIDTH bits. */
static inline uint64_t policy_ones(unsigned width)
{
	return width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

/* One argument of a call, as the kernel's entry point for the ABI has it. */
struct policy_arg {
	const char *name;  /* the kernel's */
	const char *alias; /* the manual page's, where it differs and is reviewed; or NULL */
	const char *ctype; /* as the kernel declares it: "unsigned int" */
	struct policy_type type;
	int8_t lo, hi;     /* which words hold it, 0..5. HI: that of the upper half of
	                      a split 64-bit argument, else -1: word LO is all of it */
};

struct policy_call {
	const char *name;
	uint32_t nr;       /* as in seccomp_data.nr, so with the ABI's nr_bit */
	uint32_t since;    /* POLICY_KERNEL that brought it; 0: old, or not known */
	bool known;        /* false: the prototype is not known, NARGS is 0 */
	uint8_t nargs;
	struct policy_arg arg[POLICY_ARGS];
};

/* The call of that name or number on ABI; false if it has none. */
bool policy_call_by_name(const struct policy_abi *abi, const char *name, size_t len,
                         struct policy_call *out);
bool policy_call_by_nr(const struct policy_abi *abi, uint32_t nr, struct policy_call *out);
/* Call I of ABI in the order of numbers; false after the last. */
bool policy_call_at(const struct policy_abi *abi, uint32_t i, struct policy_call *out);
/* Names of calls in their order, other names too, for suggestions; NULL after the last. */
const char *policy_call_name(const struct policy_abi *abi, uint32_t i);

/*
 * An integer from -2^63 to 2^64-1: the low 64 bits of its two's complement,
 * and whether it is below zero.
 */
struct policy_number {
	uint64_t bits;
	bool negative;
};

/* The value of a constant (O_RDONLY, TCGETS, EPERM, SIGTERM, ...) on ABI. */
bool policy_constant(const struct policy_abi *abi, const char *name, size_t len,
                     struct policy_number *out);
/* Constants in the order of their names, for suggestions; NULL after the last. */
const char *policy_constant_name(uint32_t i);
/* "EPERM" to its number on ABI, 0 if there is none; and back, NULL if none. */
uint32_t policy_errno(const struct policy_abi *abi, const char *name, size_t len);
const char *policy_errno_name(const struct policy_abi *abi, uint32_t number);

/* --- hints.c: words of other tools ----------------------------------------- */

enum policy_hint { POLICY_HINT_ACTION, POLICY_HINT_CALL };

/* What WORD is here: "errno EPERM" for "deny"; NULL if it is not known. */
const char *policy_hint(enum policy_hint kind, const char *word, size_t len);

/* --- lex.c: tokens -------------------------------------------------------- */

enum policy_token_kind {
	TOKEN_END,
	TOKEN_BAD,    /* VALUE is an enum policy_bad */
	TOKEN_NAME,   /* also every word of the language: none is reserved */
	TOKEN_NUMBER, /* VALUE */
	TOKEN_STRING, /* with its quotes */
	TOKEN_GROUP,  /* "@name" */
	TOKEN_COMMA,
	TOKEN_SEMICOLON,
	TOKEN_LBRACE,
	TOKEN_RBRACE,
	TOKEN_LPAREN,
	TOKEN_RPAREN,
	TOKEN_LBRACKET,
	TOKEN_RBRACKET,
	TOKEN_DOT,
	TOKEN_DOTS,   /* ".." */
	TOKEN_ASSIGN, /* "=" */
	TOKEN_NOT,    /* "!" */
	TOKEN_TILDE,
	TOKEN_OROR,
	TOKEN_ANDAND,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_GE,
	TOKEN_OR,
	TOKEN_XOR,
	TOKEN_AND,
	TOKEN_LSH,
	TOKEN_RSH,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_TIMES,
};

enum policy_bad {
	BAD_BYTE,   /* no token begins so */
	BAD_NUMBER, /* digits that are none of its base, or letters after it */
	BAD_RANGE,  /* does not fit 64 bits */
	BAD_STRING, /* no quote at the end of the line */
};

struct policy_token {
	enum policy_token_kind kind;
	bool newline; /* it is the first of its line */
	uint32_t start, end;
	uint64_t value;
};

/* The tokens of a source, the last of which is TOKEN_END. */
const struct policy_token *policy_lex(struct arena *arena, const struct source *src);
/* What a string token says; NULL if an escape in it is wrong. */
const char *policy_unquote(struct arena *arena, const char *text, size_t len);

/* --- parse.c: syntax ------------------------------------------------------ */

/* Nesting of files and `on`; of expressions in other forms (import.c). */
enum { POLICY_INCLUDES = 16, POLICY_DEPTH = 200 };

enum policy_expr_kind {
	EXPR_NUMBER,  /* NUMBER */
	EXPR_NAME,    /* NAME */
	EXPR_WORD,    /* args[NUMBER] */
	EXPR_CAST,    /* NAME(KID 0), one of u32 i32 u64 i64 */
	EXPR_MINUS,   /* -KID 0 */
	EXPR_INVERT,  /* ~KID 0 */
	EXPR_CHAIN,   /* KID 0 OP 1 KID 1 OP 2 KID 2 ...: operators of one level */
	EXPR_COMPARE, /* KID 0 CMP KID 1 */
	EXPR_IN,      /* KID 0 in (KID 1 .. KID 2, KID 3 .. KID 4, ...); no "..": NULL */
	EXPR_AND,     /* of all kids */
	EXPR_OR,
	EXPR_NOT,     /* of KID 0 */
};

enum policy_cmp {
	POLICY_EQ,
	POLICY_NE,
	POLICY_LT,
	POLICY_LE,
	POLICY_GT,
	POLICY_GE,
	POLICY_ANY,    /* (lhs & rhs) != 0 */
	POLICY_WITHIN, /* (lhs & ~rhs) == 0 */
};

struct policy_expr {
	enum policy_expr_kind kind;
	enum policy_cmp cmp;
	bool paren;     /* it stands in parentheses of its own */
	bool bang;      /* NOT, written as "!" */
	uint16_t height; /* import.c: of the tree below, at most POLICY_DEPTH */
	struct span at;
	const char *name;
	uint32_t len;   /* of NAME */
	uint64_t number;
	ARRAY(struct policy_expr *) kid;
	ARRAY(uint8_t) op; /* CHAIN: enum policy_token_kind; element 0 is not used */
};

enum policy_verb {
	POLICY_ALLOW,
	POLICY_LOG,
	POLICY_KILL, /* the process */
	POLICY_KILL_THREAD,
	POLICY_NOTIFY,
	POLICY_ERRNO,
	POLICY_TRAP,
	POLICY_TRACE,
	POLICY_NVERBS
};

enum policy_item_kind { ITEM_CALL, ITEM_GROUP, ITEM_NR };

/* What a list of calls is made of. */
struct policy_item {
	enum policy_item_kind kind;
	bool minus;       /* "-" stands before it */
	bool patterns;    /* parentheses follow it */
	const char *name; /* of call or group (without its "@") */
	uint32_t len;
	struct span at;
	struct policy_expr *nr;
	ARRAY(struct policy_expr *) pattern; /* NULL for "_" */
};

/* An action as it is written. */
struct policy_written {
	enum policy_verb verb;
	struct span at, data_at;
	const char *name; /* of an errno; NULL: DATA is the number */
	uint32_t len;
	uint64_t data;
};

enum policy_statement_kind {
	STATEMENT_DEFAULT,
	STATEMENT_FOREIGN,
	STATEMENT_KERNEL,
	STATEMENT_ABI,
	STATEMENT_GROUP,
	STATEMENT_LET,
	STATEMENT_RULE,
};

/* Includes, `on` blocks and action blocks are gone already. */
struct policy_statement {
	enum policy_statement_kind kind;
	bool included;   /* it stands in an included text */
	bool broken;     /* GROUP, LET: an error in it was reported */
	uint32_t abis;   /* 1 << enum policy_abi_id: those of the `on` around it, and
	                    of ABI itself */
	struct span at;
	struct policy_written action; /* DEFAULT, FOREIGN, RULE */
	uint32_t kernel;              /* KERNEL */
	const char *name;             /* GROUP, LET */
	uint32_t len;
	struct span name_at;
	ARRAY(struct policy_item) item; /* GROUP, RULE */
	struct policy_expr *expr;       /* LET: the value; RULE: the condition or NULL */
};

struct policy_syntax {
	ARRAY(struct policy_statement *) statement;
	bool incomplete; /* an include could not be read; names may be missing */
};

struct policy_define {
	const char *name;
	struct policy_number value;
};

/*
 * Gives the text of file NAME, included by the text FROM, in *TEXT and *LEN; it
 * stays whose it was and must last as long as the diagnostics. 0 or -errno. NAME
 * is complete: paths have the directory of FROM before them.
 */
typedef int policy_open_fn(void *ctx, const char *name, const char *from,
                           const char **text, size_t *len);

struct policy_options {
	const char *abis; /* "x86_64,i386": for a text without `abi`; NULL: native */
	const struct policy_define *define;
	size_t ndefine;
	policy_open_fn *open_file; /* NULL: includes are errors */
	void *open_ctx;
	bool main_only; /* a text without `default` is fine (it is to be included) */
	const char *from; /* a policy_form_name(); NULL: what the text looks like */
	bool verbose;     /* notes too */
	/* For containers' profiles (oci.h): */
	const char *runtime;     /* NULL: runc */
	const char *kernel;      /* "6.18"; NULL: not known */
	const char *const *cap;  /* what the container has */
	size_t ncap;
	bool typed;              /* compare what the kernel looks at, not 64 bits */
};

/* Texts that are being read, each included by the next. */
struct policy_include {
	const char *name;
	const struct policy_include *up;
};

/* What waits for a value in an expression. */
enum policy_waiting {
	WAIT_START,   /* who asked for the expression */
	WAIT_RIGHT,   /* E, and operator TOKEN after it */
	WAIT_COMPARE, /* E, which has its left side */
	WAIT_UNARY,   /* E, an operator before the value */
	WAIT_PAREN,   /* the parenthesis TOKEN */
	WAIT_CAST,    /* E, with the parenthesis TOKEN */
	WAIT_IN,      /* E, with the parenthesis TOKEN: ends of ranges */
};

struct policy_pending {
	enum policy_waiting kind;
	uint8_t least; /* operators that bind looser end the value */
	const struct policy_token *token;
	struct policy_expr *e;
};

struct policy_parser {
	struct arena *arena;
	struct diags *diags;
	const struct policy_options *options;
	struct policy_syntax *out;
	struct source src;
	uint32_t source;
	const struct policy_token *first, *token; /* of the text; the next one */
	const struct policy_include *include;
	unsigned includes;
	bool included;
	uint32_t abis;   /* of the `on` around */
	unsigned blocks; /* `on` blocks around */
	ARRAY(struct policy_pending) pending; /* the innermost last */
	unsigned parens; /* open ones: newlines do not count in them */
	bool failed;     /* an error in this statement was reported */
};

/* SOURCE and what it includes; errors are in D, and what was right is returned. */
const struct policy_syntax *policy_parse_syntax(struct arena *arena, struct diags *d,
                                                uint32_t source,
                                                const struct policy_options *o);

/* SOURCE as items [ "if" cond ]: one statement, unless there are errors in D. */
const struct policy_syntax *policy_parse_question(struct arena *arena, struct diags *d,
                                                  uint32_t source);

/* --- scan.c: taking tokens ------------------------------------------------ */

/* Complains, once in a statement; what follows in it is not looked at. */
#define policy_fail(p, at, ...)                                                       \
	do {                                                                   \
		if (!(p)->failed)                                              \
			diag_error((p)->diags, at, __VA_ARGS__);               \
		(p)->failed = true;                                            \
	} while (0)

struct span policy_span(const struct policy_parser *p, const struct policy_token *t);
const char *policy_text(const struct policy_parser *p, const struct policy_token *t);
int policy_length(const struct policy_token *t);
bool policy_is_text(const struct policy_parser *p, const struct policy_token *t,
                    const char *word);

/* The statement ends before the next token. */
bool policy_at_end(const struct policy_parser *p);
/* Where a message about what should come next points: not to the next line. */
struct span policy_here(const struct policy_parser *p);
void policy_fail_bad(struct policy_parser *p, const struct policy_token *t);
/* Complains that WHAT does not come next. */
void policy_expected(struct policy_parser *p, const char *what);

bool policy_next_is(const struct policy_parser *p, enum policy_token_kind kind);
/* Takes the next token, which is there. */
const struct policy_token *policy_take(struct policy_parser *p);
/* Takes the next token if it is KIND, else complains that WHAT was expected. */
const struct policy_token *policy_want(struct policy_parser *p,
                                       enum policy_token_kind kind, const char *what);
void policy_open_paren(struct policy_parser *p);
/* Takes the parenthesis or bracket KIND that closes OPEN; else WHAT was expected. */
void policy_close_paren(struct policy_parser *p, enum policy_token_kind kind,
                        const char *what, const struct policy_token *open);
/* After an error in a statement that began at START: to where the next may begin. */
void policy_recover(struct policy_parser *p, const struct policy_token *start);

/* --- expr.c: values and conditions ---------------------------------------- */

/* A value or condition that begins on this line; NULL if none does. */
struct policy_expr *policy_parse_expr(struct policy_parser *p, const char *what);
/* The same inside parentheses, on any line: a value, or any of both. */
struct policy_expr *policy_parse_value(struct policy_parser *p);
struct policy_expr *policy_parse_any(struct policy_parser *p);

/* --- items.c: actions and lists of calls ---------------------------------- */

const char *policy_verb_name(enum policy_verb verb);
/* Which action the word T is; -1 if none. */
int policy_verb_of(const struct policy_parser *p, const struct policy_token *t);
/* All words that begin statements. */
void policy_offer_words(struct suggest *s);
bool policy_known_call(const struct policy_parser *p, const struct policy_token *t);
/* Some ABI has this error. */
bool policy_known_errno(const char *name, uint32_t len);
/* The action VERB, whose word was taken. */
struct policy_written policy_parse_action(struct policy_parser *p, enum policy_verb verb);
/* Complains of what stands in place of an action. */
void policy_no_action(struct policy_parser *p);
/* item { ("," | "-") item } into S; the first one is on this line, or ANYWHERE. */
void policy_parse_items(struct policy_parser *p, struct policy_statement *s, bool anywhere);

/* --- the tree ------------------------------------------------------------- */

/*
 * What a policy says, with every name resolved. The parser has done:
 *   - includes: their rules stand in the list where the include stood;
 *   - `on` blocks, action blocks, groups and removals: a rule is a flat list of
 *     cases, each about one number of one ABI;
 *   - constants, lets, -D: values are numbers, per ABI;
 *   - argument names: operands say which words of seccomp_data they read;
 *   - types: every comparison carries the width and sign it is made at, and
 *     constants were checked against them and cut to that width;
 *   - positional patterns: `socket(AF_UNIX, _, _) if c` has the condition
 *     `family == AF_UNIX and c`;
 *   - socketcall and ipc: a rule for `socket` on i386 has further cases for
 *     socketcall, with the condition that its first argument is SYS_SOCKET.
 * What is left to who reads the tree is design section 5: which ABI a call is
 * of, first match in order, `kernel`, `foreign`, `default`, and the arithmetic
 * of conditions.
 */

/* An action. Its data may differ by ABI (errno names do). */
struct policy_action {
	enum policy_verb verb;
	struct span at;
	uint32_t ret[POLICY_NABIS]; /* SECCOMP_RET_* with data; set for the tree's ABIs */
};

/*
 * One side of a comparison. Its value is computed so:
 *   constant: BITS (already cut to the comparison's width).
 *   argument: the low 32 bits of word LO; above them, if the width is 64, the
 *     high 32 bits of word LO (HI == LO), the low 32 bits of word HI (another
 *     word), or zero (HI < 0: the ABI has no more). Then & MASK, cut to the width.
 * On a 32-bit ABI the upper halves of the words in seccomp_data may hold
 * garbage and are never read.
 */
struct policy_operand {
	bool is_arg;
	int8_t lo, hi;   /* arguments: words; HI == LO: one 64-bit word */
	bool is_pointer; /* for warnings */
	uint64_t bits;   /* constants */
	uint64_t mask;   /* arguments; all ones of the width if there is no mask */
	struct span at;
};

/* LO .. HI, both included, in the order of the comparison's type; LO <= HI. */
struct policy_range {
	uint64_t lo, hi; /* cut to the width */
	struct span at;
};

enum policy_cond_kind {
	POLICY_COND_AND,  /* every KID holds; without kids: true */
	POLICY_COND_OR,   /* one of KID holds; without kids: false */
	POLICY_COND_NOT,  /* KID[0] does not hold */
	POLICY_COND_TEST, /* LHS CMP RHS */
	POLICY_COND_IN,   /* LHS lies in one of RANGE; rhs is not used */
};

/*
 * A condition, typed for one call on one ABI. WIDTH and IS_SIGNED are those of
 * TEST and IN: both sides are numbers of WIDTH bits, and < <= > >= and ranges
 * order them as signed or unsigned ones. Lists of kids and of ranges may be
 * long, and nesting deep: nobody recurses over it, going up again takes UP. Who
 * makes a list gives it kids with policy_adopt.
 */
struct policy_cond {
	enum policy_cond_kind kind;
	enum policy_cmp cmp;
	uint8_t width; /* 16, 32 or 64 */
	bool is_signed;
	struct policy_operand lhs, rhs;
	const struct policy_cond **kid;
	const struct policy_range *range;
	uint32_t n; /* kids or ranges */
	struct span at;
	const struct policy_cond *up; /* the list that it is a kid of, */
	uint32_t place;               /* as this one */
};

/* One call that a rule is about. */
struct policy_case {
	const struct policy_abi *abi;
	uint32_t nr;                    /* exactly seccomp_data.nr, with nr_bit */
	const struct policy_cond *cond; /* NULL: always */
	struct span at;                 /* the item that named it */
	bool named;                     /* by the rule itself, not through a group */
};

struct policy_rule {
	const struct policy_action *action;
	const struct policy_case *cases; /* in the order of the text */
	uint32_t n;
	struct span at; /* from the action's word to the end of the rule */
	bool included;  /* it stands in an included text */
};

/* What numbers LO .. HI of ABI get where no rule matches, before `kernel`. */
struct policy_numbers {
	const struct policy_abi *abi;
	uint32_t lo, hi;
	uint32_t ret;
};

/*
 * A number of seccomp_data.arch x86_64 belongs to x32 if it has bit 30, except
 * 0xffffffff; and so do 512..547, which stand for the x32 calls of these
 * numbers with bit 30. All else is x86_64's. ABIs that the policy does not
 * name are foreign.
 */
struct policy_tree {
	const struct policy_abi *abi[POLICY_NABIS]; /* that the policy names, in order */
	uint32_t nabi;
	uint32_t fallback_ret[POLICY_NABIS]; /* `default`, by enum policy_abi_id */
	uint32_t foreign_ret;
	const struct policy_action *fallback, *foreign; /* FOREIGN: NULL if not written */
	bool has_kernel;
	uint32_t kernel; /* POLICY_KERNEL; a number that is no call known to be that
	                    old gets ENOSYS if no rule matches */
	struct span kernel_at;
	const struct policy_rule *rule; /* in the order that decides */
	uint32_t nrule;
	const struct policy_syntax *syntax; /* that it was made of; NULL: of none */
	const struct policy_resolver *names; /* groups and lets, which questions may
	                                        use; NULL: not from the language */
	const struct policy_numbers *numbers;
	uint32_t nnumbers;
	bool x32_marked; /* 512..547 without bit 30 are x86_64's after all */
};

/* --- value.c, cond.c: expressions ----------------------------------------- */

/* A name for a value, from `let` or from outside. */
struct policy_let {
	const char *name;
	uint32_t len;
	struct span at;
	bool outside, broken, used;
	uint32_t abis; /* 1 << enum policy_abi_id: where VALUE is set */
	struct policy_number value[POLICY_NABIS];
	struct policy_let *next;
};

/* One side of a comparison. */
struct policy_side {
	bool is_arg;
	struct policy_number number;   /* a constant */
	struct policy_operand operand; /* an argument */
	struct policy_type type;       /* its */
	bool masked;
	struct span at;
};

/* An expression of which the kids before NEXT are valued: so far SIDE, if OK. */
struct policy_side_step {
	const struct policy_expr *e;
	uint32_t next;
	bool ok;
	struct policy_side side;
};

/* A condition of which the kids before NEXT are typed; they lie from FIRST on. */
struct policy_cond_step {
	const struct policy_expr *e;
	uint32_t next, first;
};

/* What expressions are resolved with. */
struct policy_context {
	struct arena *arena;
	struct diags *diags;
	const struct policy_abi *abi;
	const struct policy_call *call; /* NULL: only constants have a meaning */
	bool permits;                   /* the rule allows or logs */
	bool quiet;                     /* nobody wants warnings */
	bool incomplete;                /* names that are missing may be in a text that
	                                   could not be read */
	struct policy_let *let[256];    /* by hash of the name */
	ARRAY(struct policy_side_step) sides; /* value.c: expressions being valued */
	ARRAY(struct policy_cond_step) lists; /* cond.c: conditions being typed, */
	ARRAY(const struct policy_cond *) conds; /* and what they have got */
	ARRAY(struct span) reported;    /* places that were complained of */
};

/* False if the place was complained of before (for another call, say). */
bool policy_first(struct policy_context *c, struct span at);

#define policy_complain(c, at, ...)                              \
	do {                                                     \
		if (policy_first(c, at))                         \
			diag_error((c)->diags, at, __VA_ARGS__); \
	} while (0)

#define policy_warn(c, at, ...)                                    \
	do {                                                       \
		if (!(c)->quiet && policy_first(c, at))            \
			diag_warning((c)->diags, at, __VA_ARGS__); \
	} while (0)

struct policy_let **policy_let_slot(struct policy_context *c, const char *name,
                                    uint32_t len);

/* What E is; false after an error was reported. */
bool policy_side(struct policy_context *c, const struct policy_expr *e,
                 struct policy_side *out);
/* The value of constant E. */
bool policy_value(struct policy_context *c, const struct policy_expr *e,
                  struct policy_number *out);

/* NUMBER selects bits of WIDTH ones, perhaps written as a complement. */
bool policy_fits_mask(struct policy_number number, unsigned width);
/* The whole of argument I of C->call. */
struct policy_side policy_arg_side(const struct policy_context *c, unsigned i,
                                   struct span at);
/* Condition E, typed for C->call; NULL after an error. */
const struct policy_cond *policy_condition(struct policy_context *c,
                                           const struct policy_expr *e);
/* SIDE == E. */
const struct policy_cond *policy_equal(struct policy_context *c,
                                       const struct policy_side *side,
                                       const struct policy_expr *e);
/* C gets the N kids at KID, none of which may be a list of another's. */
void policy_adopt(struct arena *arena, struct policy_cond *c,
                  const struct policy_cond *const *kid, uint32_t n);
/* The condition after C in ROOT, where a list comes before its kids; or NULL. */
const struct policy_cond *policy_cond_next(const struct policy_cond *root,
                                           const struct policy_cond *c);
/* All of the N conditions at KID. */
const struct policy_cond *policy_all(struct arena *arena,
                                     const struct policy_cond *const *kid, uint32_t n,
                                     struct span at);

/* --- settings.c, lists.c, resolve.c: syntax to tree ----------------------- */

/* The names in LIST ("x86_64,i386") as 1 << enum policy_abi_id; false after an error. */
bool policy_abis_of(struct arena *arena, struct diags *d, const char *list,
                    uint32_t *mask);
/* What a filter returns for an action: SECCOMP_RET_* with DATA. */
uint32_t policy_ret(enum policy_verb verb, uint32_t data);

/* How a call is reached through socketcall or ipc. */
struct policy_multiplex {
	bool there;
	uint32_t nr;   /* of socketcall or ipc */
	uint64_t mask; /* of its first argument, */
	uint64_t call; /* which is this */
};

/* For call NAME on ABI; not THERE if it is reached directly only, or not at all. */
struct policy_multiplex policy_multiplex(const struct policy_abi *abi,
                                         const char *name, size_t len);

/* One call of one ABI in lists: that of ITEM, in all groups that ITEM got into. */
struct policy_member {
	const struct policy_abi *abi;
	const struct policy_item *item;
	bool direct; /* CALL is set: it has a number of its own */
	struct policy_call call;
	struct policy_multiplex mux;
	struct span at;
};

struct policy_members {
	const struct policy_member **v;
	uint32_t n;
};

/* What the list that is being made knows of a call, or of a member with patterns. */
struct policy_listed {
	uint32_t list;  /* the list that this is about; that of another: it is free */
	bool there, whole; /* calls: a member has it; one without patterns has */
	uint32_t removed;  /* calls: how often it was; patterns: that, when they came */
	const struct policy_member *member;
};

/* Finds what a list knows, by hash; empty between lists. */
struct policy_index {
	struct policy_listed *slot;
	uint32_t size, used;
};

/* A member, and how often its call had been removed before. */
struct policy_taken {
	const struct policy_member *member;
	uint32_t removed;
};

/* The list that is being made, of which there is one at a time. */
struct policy_list {
	uint32_t number;
	const struct policy_members *first; /* it begins with all of these */
	bool removing;     /* members are taken out, */
	uint32_t met, out; /* so many, of which so many were in it */
	bool in_group;     /* members come from one */
	struct policy_index call, pattern;
	ARRAY(struct policy_taken) taken;
};

struct policy_group {
	const struct policy_statement *statement;
	struct policy_members members;
	struct policy_group *next;
};

struct policy_resolver {
	struct policy_context c;
	const struct policy_options *options;
	const struct policy_syntax *syntax;
	struct policy_tree *tree;
	uint32_t abis; /* 1 << enum policy_abi_id: that the tree has */
	bool in_group; /* a list that may be for any ABI is resolved */
	bool question; /* patterns need not be complete */
	struct policy_group *group[256];
	struct policy_list list;
	ARRAY(struct policy_rule) rules;
};

/* False after an error. */
bool policy_resolve_abis(struct policy_resolver *r);
void policy_resolve_default(struct policy_resolver *r, uint32_t source);
void policy_resolve_foreign(struct policy_resolver *r);
void policy_resolve_kernel(struct policy_resolver *r);
const struct policy_action *
policy_resolve_action(struct policy_resolver *r, const struct policy_written *w);

/*
 * The calls that the items of S are, in their order. What a group brings and an
 * earlier item has for all arguments is left out, so that lists are sets.
 */
void policy_collect(struct policy_resolver *r, const struct policy_statement *s,
                    struct policy_members *out);
/* A and B are one place of one text that was included twice. */
bool policy_same_place(const struct diags *d, struct span a, struct span b);
void policy_resolve_group(struct policy_resolver *r,
                          const struct policy_statement *s);

/* SYNTAX, whose main text is SOURCE, as a tree; NULL after errors. O may be NULL. */
const struct policy_tree *policy_resolve(struct arena *arena, struct diags *d,
                                         uint32_t source,
                                         const struct policy_syntax *syntax,
                                         const struct policy_options *o);
/*
 * Parses source SOURCE of D and what it includes. NULL after errors, of which
 * there may be several. O may be NULL.
 */
const struct policy_tree *policy_parse(struct arena *arena, struct diags *d,
                                       uint32_t source, const struct policy_options *o);

/* The cases of rule S, which is taken for one that refuses. */
struct policy_cases {
	const struct policy_case *v;
	uint32_t n;
};
struct policy_cases policy_resolve_cases(struct policy_resolver *r,
                                         const struct policy_statement *s);

/* --- make.c: trees that are not written in the language ------------------- */

/*
 * A tree being made. After policy_make_start set the fallback, then make rules in
 * the order that decides, each with its cases; policy_make_tree ends it.
 */
struct policy_maker {
	struct arena *arena;
	struct diags *diags;
	struct policy_tree *tree;
	ARRAY(struct policy_rule) rules;
	struct policy_rule rule; /* being made, if it has an action */
	ARRAY(struct policy_case) cases;
	ARRAY(struct policy_numbers) numbers;
};

/* ABIS: 1 << enum policy_abi_id. False after an error: none, or both byte orders. */
bool policy_make_start(struct policy_maker *m, struct arena *arena, struct diags *d,
                       uint32_t abis);

const struct policy_action *policy_make_action(struct policy_maker *m,
                                               enum policy_verb verb, uint32_t data,
                                               struct span at);
void policy_make_fallback(struct policy_maker *m, const struct policy_action *action);

/* The rule before ends, the next begins; then its cases. */
void policy_make_rule(struct policy_maker *m, const struct policy_action *action,
                      struct span at);
void policy_make_case(struct policy_maker *m, const struct policy_abi *abi, uint32_t nr,
                      const struct policy_cond *cond, struct span at);
/* What numbers LO .. HI (none if they cross) get where no rule matches. */
void policy_make_numbers(struct policy_maker *m, const struct policy_abi *abi,
                         uint32_t lo, uint32_t hi, uint32_t ret);
/* The one that NR of ABI is in; NULL: in none. */
const struct policy_numbers *policy_numbers_of(const struct policy_tree *t,
                                               const struct policy_abi *abi, uint32_t nr);
const struct policy_tree *policy_make_tree(struct policy_maker *m);

/* The low WIDTH bits (16, 32, 64) of args[I]. */
struct policy_operand policy_make_word(const struct policy_abi *abi, unsigned i,
                                       unsigned width, struct span at);
/* LHS CMP VALUE at TYPE; a mask on the left side goes into LHS.mask before. */
const struct policy_cond *policy_make_test(struct policy_maker *m,
                                           struct policy_operand lhs,
                                           struct policy_type type,
                                           enum policy_cmp cmp, uint64_t value,
                                           struct span at);
/* All, one or none (NOT has one) of the N conditions at KID. */
const struct policy_cond *policy_make_list(struct policy_maker *m,
                                           enum policy_cond_kind kind,
                                           const struct policy_cond *const *kid,
                                           uint32_t n, struct span at);

/* --- read.c: policies in any form ----------------------------------------- */

/* The forms, "text" being the policy language; NULL after the last. */
const char *policy_form_name(unsigned i);
/* The form of SRC: FROM, or what it looks like; NULL where there is no form FROM. */
const char *policy_form_of(const struct source *src, const char *from);
/* Source SOURCE of D in the form that O says; NULL after errors. */
const struct policy_tree *policy_read(struct arena *arena, struct diags *d,
                                      uint32_t source, const struct policy_options *o);

/* TEXT, or a copy with blanks in place of the byte order mark that it begins with. */
const char *policy_read_mark(struct arena *arena, const char *text, size_t len);
/* A policy_form_name(), "program" for a compiled one; NULL: no policy for certain. */
const char *policy_looks_like(const char *text, size_t len);

/* --- looks.c: texts that are no policies ------------------------------------ */

/* What a text is that no reader is for. */
struct policy_look {
	bool (*is)(const char *text, size_t len);
	const char *what;    /* "a script" */
	const char *instead; /* what to do about it */
	bool program;
};

/* What TEXT certainly is; NULL: perhaps a policy. */
const struct policy_look *policy_look(const char *text, size_t len);
/* Where blanks and comments, of any language's kind, end. */
size_t policy_look_past_comments(const char *text, size_t len);
/* A line begins with `default`, as one of a policy in our own language does. */
bool policy_look_has_default(const char *text, size_t len);

/* --- say.c: calls and actions as text -------------------------------------- */

/* SECCOMP_RET_* lets the call happen. */
bool policy_permits(uint32_t ret);
/* "errno EPERM"; without ABI errnos are numbers. */
void policy_put_action(struct buf *out, const struct policy_abi *abi, uint32_t ret);
/* "openat(-100, 0, 1, 0)"; ARGS are the words of seccomp_data. */
void policy_put_call(struct buf *out, const struct policy_abi *abi, uint32_t nr,
                     const uint64_t args[POLICY_ARGS]);
/* "openat", "nr(999)" */
void policy_put_name(struct buf *out, const struct policy_abi *abi, uint32_t nr);
/*
 * C's condition on one line: in the words of the text that D has it from if
 * WRITTEN, else as the language would have it. Nothing if there is none.
 */
void policy_put_condition(struct buf *out, const struct diags *d,
                          const struct policy_case *c, bool written);
/* What the text at AT says, on one line, without comments. */
void policy_put_text(struct buf *out, const struct diags *d, struct span at);

/* --- space.c: sets of arguments -------------------------------------------- */

/*
 * A set of values of the six words is a number; equal sets are equal ones. They
 * are good until the next policy_space_start. When the work gets too much the
 * space is lost: all results since then are SPACE_NONE and mean nothing.
 */
enum { SPACE_NONE, SPACE_ALL };

struct policy_space;

/* OPEN: conditions on constants count as if they might turn out either way. */
struct policy_space *policy_space(struct arena *arena, uint64_t steps, bool open);
/* The sets will be about the conditions of these N cases, which are of one ABI. */
void policy_space_start(struct policy_space *s,
                        const struct policy_case *const *cases, uint32_t n);
bool policy_space_lost(const struct policy_space *s);
/* From here on there are at least LEAST steps. */
void policy_space_grant(struct policy_space *s, uint64_t least);
/* One step of work that the caller does; false: enough. */
bool policy_space_spend(struct policy_space *s);

/* KID of PARENT is SET; with it the part of PARENT up to there, BEFORE, is AFTER. */
typedef void policy_space_fn(void *ctx, const struct policy_cond *parent,
                             const struct policy_cond *kid, uint32_t set,
                             uint32_t before, uint32_t after);
/* Where C holds (NULL: everywhere). SEEN, if not NULL, is told of all below C. */
uint32_t policy_space_of(struct policy_space *s, const struct policy_cond *c,
                         policy_space_fn *seen, void *ctx);
/* From now on sets count only as far as they lie in SET, which makes them smaller. */
void policy_space_assume(struct policy_space *s, uint32_t set);
uint32_t policy_space_and(struct policy_space *s, uint32_t a, uint32_t b);
uint32_t policy_space_or(struct policy_space *s, uint32_t a, uint32_t b);
/* What is in A and not in B. */
uint32_t policy_space_less(struct policy_space *s, uint32_t a, uint32_t b);
bool policy_space_has(const struct policy_space *s, uint32_t set,
                      const uint64_t args[POLICY_ARGS]);
/* One of SET, which is not SPACE_NONE: small numbers where there is a choice. */
void policy_space_example(const struct policy_space *s, uint32_t set,
                          uint64_t args[POLICY_ARGS]);

/*
 * A part of a set: all calls whose words, under MASK, are VALUE. False: no more of
 * them. The parts of a set do not overlap. OPEN spaces have none.
 */
typedef bool policy_space_block_fn(void *ctx, const uint64_t mask[POLICY_ARGS],
                                   const uint64_t value[POLICY_ARGS]);
/* The parts of SET in turn; whether FN wanted all of them. */
bool policy_space_blocks(const struct policy_space *s, uint32_t set,
                         policy_space_block_fn *fn, void *ctx);

/* --- print.c: a policy as text ---------------------------------------------- */

/* T, made of syntax with O (or NULL), in the policy language. */
void policy_print(struct buf *out, const struct policy_tree *t,
                  const struct policy_options *o);

/* The groups, lets and rules of T, made of syntax with O, each as its own lines. */
struct policy_texts {
	ARRAY(const char *) v;
};
struct policy_texts policy_statements(struct arena *arena, const struct policy_tree *t,
                                      const struct policy_options *o);

/* --- ask.c: what is answered to calls ---------------------------------------- */

/* A case, its rule, and its place in the order of all. */
struct policy_entry {
	const struct policy_case *c;
	uint32_t rule, order;
};

/* All cases by ABI, number and order. */
struct policy_entries {
	ARRAY(struct policy_entry) v;
};
struct policy_entries policy_entries(struct arena *arena, const struct policy_tree *t);

enum policy_why {
	POLICY_WHY_RULE,
	POLICY_WHY_KERNEL,
	POLICY_WHY_DEFAULT,
	POLICY_WHY_FOREIGN,
	POLICY_WHY_NUMBERS, /* struct policy_numbers: who runs the filter adds it */
};

/* One thing that is answered to a call. */
struct policy_answer {
	const struct policy_abi *abi;
	uint32_t nr;
	uint32_t ret;
	enum policy_why why;
	uint32_t rule;               /* WHY_RULE: its number, and its case */
	const struct policy_case *c;
	bool placed;                 /* it is written, at AT */
	struct span at;
	bool exact;                  /* it is given, to ARGS for instance; else it
	                                may be given (the conditions are too large) */
	uint64_t args[POLICY_ARGS];
};

struct policy_answers {
	ARRAY(struct policy_answer) v;
};

struct policy_asker {
	struct arena *arena;
	const struct policy_tree *tree;
	struct policy_entries entries;
	struct policy_space *space;
	struct policy_answers answers;
};

struct policy_asker *policy_asker(struct arena *arena, const struct policy_tree *t);
/*
 * The answers, in the order of the rules, to calls of Q's number whose arguments
 * meet Q's condition (NULL: to all). Its ABI may be one that the policy does not
 * name.
 */
struct policy_answers policy_ask(struct policy_asker *a, const struct policy_case *q);
/* The one answer to a call with these words, of ARCH and NR as in seccomp_data. */
struct policy_answer policy_answer_to(struct policy_asker *a, uint32_t arch, uint32_t nr,
                                      const uint64_t args[POLICY_ARGS]);
/* Whether every call of the number is allowed, whatever its arguments. */
bool policy_always_allows(struct policy_asker *a, const struct policy_abi *abi, uint32_t nr);
/*
 * Source SOURCE of D, "openat(AT_FDCWD, _, O_WRONLY)" or any other items with or
 * without a condition, as cases of ABIS (1 << enum policy_abi_id); what patterns
 * leave out is any. T's groups and values are known. False after an error.
 */
bool policy_question(struct arena *arena, struct diags *d, uint32_t source,
                     const struct policy_tree *t, uint32_t abis,
                     struct policy_cases *out);

/* --- reach.c, lint.c: warnings about the whole ----------------------------- */

/* Rules that no call reaches or that contradict; conditions that say nothing. */
void policy_lint_rules(struct arena *tmp, struct diags *d, const struct policy_tree *t);
void policy_lint(struct arena *tmp, struct diags *d, const struct policy_tree *t);

/* --- refuse.c ------------------------------------------------------------- */

/* T refuses some call of the ABIs that it names; in doubt it does. */
bool policy_refuses(struct arena *tmp, const struct policy_tree *t);
void policy_warn_of_no_refusal(struct diags *d, const struct policy_tree *t);

/* --- graph.c -------------------------------------------------------------- */

/* What a graph of policy T runs on: the order of bytes is that of its first ABI. */
const struct ir_input *policy_input(const struct policy_tree *t);
/* The node that decides as T does; G was made for policy_input(T). */
const struct ir_node *policy_graph(struct ir_graph *g, const struct policy_tree *t);

/* --- profile.c: how often which call is made ---------------------------------- */

#define POLICY_MOST_COUNT (UINT64_C(1) << 40)

struct policy_count {
	enum policy_abi_id abi;
	uint32_t nr;
	uint64_t count;
};

struct policy_profile {
	ARRAY(struct policy_count) count; /* by ABI and number */
};

/* Reads source SOURCE of D, for the ABIs of T; NULL after an error. */
const struct policy_profile *policy_profile(struct arena *arena, struct diags *d,
                                            uint32_t source, const struct policy_tree *t);
/* How often call NR of ABI was counted. */
uint64_t policy_count(const struct policy_profile *p, const struct policy_abi *abi,
                      uint32_t nr);

/* --- weigh.c ------------------------------------------------------------------ */

/*
 * Tells G, which policy_graph made of T, which calls its program will meet.
 * PROFILE: NULL where nobody has counted.
 */
void policy_weigh(struct ir_graph *g, const struct policy_tree *t,
                  const struct policy_profile *profile);

/* --- eval.c: the tests' referee ------------------------------------------- */

/* The ABI of T that the call is of, NULL if it names none; *NR gets x32's bit. */
const struct policy_abi *policy_abi_of_call(const struct policy_tree *t, uint32_t arch,
                                            uint32_t *nr);
/* What T answers to a call: SECCOMP_RET_* with data. */
uint32_t policy_eval(const struct policy_tree *t, uint32_t arch, uint32_t nr,
                     const uint64_t args[POLICY_ARGS]);
/* C (NULL: always) holds for these arguments. */
bool policy_holds(const struct policy_cond *c, const uint64_t args[POLICY_ARGS]);

#endif
