/*
 * base: what every part builds on. Arena, growable array, string buffer,
 * source spans, diagnostics, near-name suggestions. Includes no other part of weir.
 */
#ifndef WEIR_BASE_H
#define WEIR_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/poison.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* --- arena.c: memory that is freed all at once, and what a run may use ---- */

/* What a jump to struct arena.oom says. */
enum {
	OUT_OF_MEMORY = 1,
	OVER_MEMORY,
	OVER_WORK
};

/*
 * What a run uses, and how much it may. Work is counted in steps: the same text
 * takes the same number of them on every machine. A step is about as much as
 * looking something up in a table.
 */
struct budget {
	uint64_t memory, most_memory; /* bytes in chunks of its arenas, now; at most */
	uint64_t peak;                /* the most that MEMORY was */
	uint64_t work, most_work;     /* steps, so far; at most */
	const char *doing;            /* for the message: "reading the policy" */
	const char *part;             /* of that: the name of a pass; or NULL */
};

/*
 * Memory of one compilation. Zero-initialize it and set OOM: when memory runs
 * out, arena_alloc jumps there (with OUT_OF_MEMORY or OVER_MEMORY) and never
 * returns NULL. What must outlive the jump must live in the arena or in
 * volatile locals.
 */
struct arena {
	jmp_buf *oom;              /* set before the first allocation */
	struct budget *budget;     /* NULL: as much as there is */
	struct arena_chunk *chunk; /* the newest; they form a list */
	struct arena_chunk *spare; /* given back by arena_back: a list */
	char *at, *end;            /* what is left of it */
	size_t used;               /* bytes handed out, for reports */
};

/* Charge A for N steps; jump to A->oom with OVER_WORK if they are too many. */
static inline void arena_work(struct arena *a, uint64_t n)
{
	struct budget *b = a->budget;

	if (b && (b->work += n) > b->most_work)
		longjmp(*a->oom, OVER_WORK);
}

/* Say what A's run does from now on; both texts must last as long as A's budget. */
static inline void arena_doing(struct arena *a, const char *doing, const char *part)
{
	if (a->budget) {
		a->budget->doing = doing;
		a->budget->part = part;
	}
}

/* Take SIZE bytes when A->at .. A->end has no room (for arena_take). */
void *arena_take_slowly(struct arena *a, size_t size);

/* Take SIZE bytes, aligned for any type; jump to A->oom if there are none. */
static inline void *arena_take(struct arena *a, size_t size)
{
	size_t mask = _Alignof(max_align_t) - 1, need = (size + mask) & ~mask;
	void *p = a->at;

	if (POISON_GAP || need - 1 >= (size_t)(a->end - a->at) || need < size) /* also for 0 */
		return arena_take_slowly(a, size);
	a->at += need;
	a->used += need;
	return p;
}

/* Take SIZE zeroed bytes. */
static inline void *arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_take(a, size), 0, size);
}

/*
 * Take N zeroed objects of SIZE bytes; a product that overflows counts as out
 * of memory. This is charged as work, too, as what N objects are made for is.
 */
static inline void *arena_alloc_n(struct arena *a, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		longjmp(*a->oom, OUT_OF_MEMORY);
	arena_work(a, 1 + n / 4);
	return arena_alloc(a, all);
}

static inline void *arena_memdup(struct arena *a, const void *p, size_t size)
{
	void *copy = arena_take(a, size);

	return size ? memcpy(copy, p, size) : copy;
}

static inline char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	return len ? memcpy(copy, s, len) : copy;
}

/* Grow the OLD bytes at P to NEW, zeroing the rest; the result may be P itself. */
void *arena_grow(struct arena *a, void *p, size_t old, size_t new);
/* Free everything; the arena can be used again (OOM stays set). */
void arena_free(struct arena *a);
/*
 * Free everything but the newest chunk of memory, which is kept for what comes
 * next.
 */
void arena_reset(struct arena *a);

#define arena_new(a, type)      ((type *)arena_alloc(a, sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc_n(a, n, sizeof(type)))
/* How full an arena was. */
struct arena_mark {
	struct arena_chunk *chunk;
	char *at;
	size_t used;
};
struct arena_mark arena_mark(const struct arena *a);
/* Take back what was allocated after MARK, which nothing may use any more. */
void arena_back(struct arena *a, struct arena_mark mark);

/* --- array.c: growable arrays in an arena -------------------------------- */

/* ARRAY(struct token) tokens = { 0 }; elements are .v[0] .. .v[.n - 1]. */
#define ARRAY(type)              \
	struct {                 \
		type *v;         \
		uint32_t n, cap; \
	}

/* Appends VALUE; amortized O(1). Pointers into the array do not stay valid. */
#define array_push(arena, a, value)                                         \
	(*((a)->n < (a)->cap                                                \
	           ? &(a)->v[(a)->n++]                                      \
	           : ((a)->v = array_more(arena, (a)->v, &(a)->cap, (a)->n, \
	                                  sizeof *(a)->v),                  \
	              &(a)->v[(a)->n++])) = (value))

#define array_each(it, a) \
	for (__typeof__(*(a)->v) *it = (a)->v; (a)->n && it < (a)->v + (a)->n; it++)

/* Make room in V for at least one element more (for array_push). */
void *array_more(struct arena *a, void *v, uint32_t *cap, uint32_t n,
                 size_t size);

/* --- buf.c: text that grows ---------------------------------------------- */

/* A string being built in an arena: .s[0] .. .s[.len - 1], not terminated. */
struct buf {
	struct arena *arena;
	char *s;
	size_t len, cap;
};

void buf_putc(struct buf *b, char c);
void buf_puts(struct buf *b, const char *s);
void buf_write(struct buf *b, const void *p, size_t len);
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/*
 * Return the length of the well-formed UTF-8 sequence (RFC 3629) that TEXT begins with;
 * 0: none.
 */
size_t utf8_length(const char *text, size_t left);
/* Return the text, terminated with a NUL that .len does not count. */
char *buf_str(struct buf *b);

/* Return how long the byte order mark (U+FEFF) is that TEXT begins with: 3 or 0. */
size_t text_mark(const char *text, size_t len);
/* Return TEXT, or a copy with blanks in place of such a mark. */
const char *text_blank_mark(struct arena *arena, const char *text, size_t len);

/* --- hash.c --------------------------------------------------------------- */

/* Mix word W into hash H; good enough for our tables, not secret. */
static inline uint64_t hash_mix(uint64_t h, uint64_t w)
{
	uint64_t m = (h ^ w) * 0x9e3779b97f4a7c15u + 0x7f4a7c15u;

	return m ^ m >> 32;
}

static inline uint32_t hash_words(const uint32_t *p, size_t n, uint32_t seed)
{
	uint64_t h = seed;

	for (; n > 1; p += 2, n -= 2)
		h = hash_mix(h, p[0] | (uint64_t)p[1] << 32);
	return (uint32_t)(n ? hash_mix(h, p[0]) : h);
}

uint32_t hash_bytes(const void *p, size_t len, uint32_t seed);

/* --- sha256.c ------------------------------------------------------------- */

enum {
	SHA256_SIZE = 32
};
void sha256(const void *p, size_t len, uint8_t hash[SHA256_SIZE]);

/* --- diag.c: what is wrong, and where ------------------------------------- */

/* A text that spans point into. */
struct source {
	const char *name; /* as messages show it: "web.policy", "expression" */
	const char *text; /* not terminated */
	size_t len;
};

/* Bytes START .. END - 1 of a source; END == START points between two bytes. */
struct span {
	uint32_t source; /* index into diags.sources */
	uint32_t start, end;
};

/*
 * Join A and B, which are of one source: from the first byte of both to the
 * last.
 */
struct span span_join(struct span a, struct span b);

enum severity {
	DIAG_ERROR,
	DIAG_WARNING,
	DIAG_NOTE
};

/* Where a byte is, both counted from 1; columns count bytes. */
struct place {
	uint32_t line, column;
};

/* What kind of diagnostic: a row of codes.def. */
enum diag_code {
#define CODE(name, number, text, meaning) DIAG_##name = number,
#include "base/codes.def"
};

/*
 * What kind of error: the format of its text begins with one of these, as in
 * E_UNKNOWN "unknown label '%s'"; else it is E_TEXT. Only diag.c sees this byte, whose
 * value is the number in codes.def.
 */
#define E_SYNTAX        "\002"
#define E_UNKNOWN       "\003"
#define E_DUPLICATE     "\004"
#define E_RANGE         "\005"
#define E_INEXPRESSIBLE "\006"
#define E_OUTSIDE       "\007"
#define E_LIMIT         "\010"
#define E_BUDGET        "\011"
#define E_REFUSED       "\012"
#define E_WRONG         "\013"

struct diag {
	enum severity severity;
	enum diag_code code; /* of a note: what it is a note to */
	bool placed;         /* AT is set */
	struct span at;
	struct place place; /* of AT's start; line 0: not worked out yet */
	const char *text;   /* one line, without place and severity */
};

/* Collects the diagnostics of one compilation and hands each on as it comes. */
enum {
	DIAG_MOST_ERRORS = 20
};

struct diags {
	struct arena *arena;
	ARRAY(struct source) sources;
	void (*emit)(void *ctx, const struct diags *d, const struct diag *one);
	void *ctx;
	unsigned errors, warnings;
	enum diag_code code; /* of the newest that is not a note */
	jmp_buf *full;       /* where one error more than DIAG_MOST_ERRORS leads; NULL: on */
	struct span last;    /* the place that was worked out last: its start */
	struct place last_place;
};

/* Return the id of a new source; NAME and TEXT must outlive D. */
uint32_t diag_source(struct diags *d, const char *name, const char *text,
                     size_t len);
void diag_error(struct diags *d, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void diag_verror(struct diags *d, struct span at, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
void diag_warning(struct diags *d, enum diag_code code, struct span at,
                  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Add a second place, or more information, to the diagnostic before it. */
void diag_note(struct diags *d, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Report what has no place in a text: an error, a note or a warning. */
void diag_plain_warning(struct diags *d, enum diag_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void diag_plain(struct diags *d, enum severity severity, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

struct place source_place(const struct source *src, uint32_t byte);

/* Render "web.policy:2:17: error: ...", the line, and a caret under the place. */
void diag_render(struct buf *out, const struct diags *d, const struct diag *one);

/* --- suggest.c: did you mean ---------------------------------------------- */

/* Offer every candidate, then read the nearest; NULL if none is near enough. */
struct suggest {
	const char *word; /* not terminated */
	size_t len;
	uint64_t letters; /* of the word */
	const char *best;
	unsigned distance;
};

void suggest_start(struct suggest *s, const char *word, size_t len);
void suggest_offer(struct suggest *s, const char *candidate);
const char *suggest_best(const struct suggest *s);
/* Return "; did you mean 'BEST'?" for the end of a message; "" if nothing is near. */
const char *suggest_text(struct arena *arena, const struct suggest *s);

/* --- scan.c: taking tokens ------------------------------------------------ */

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Tell whether C is a letter, a digit or "_". */
static inline bool is_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '_';
}

/* Tell whether WORD is the LEN bytes at TEXT but for the case of letters. */
bool same_letters(const char *word, const char *text, size_t len);
/*
 * Read TEXT as digits of BASE; false if there are other bytes, or more than 64
 * bits.
 */
bool read_digits(const char *text, size_t len, unsigned base, uint64_t *out);
/*
 * Return the base that TEXT's first *SKIP bytes give: octal after a 0, and
 * after 0 and one of PREFIXES ("xXbB") hexadecimal or binary.
 */
unsigned number_base(const char *text, size_t len, const char *prefixes,
                     size_t *skip);

/* What kind a token is: a byte that means itself, or one of these. */
enum scan_kind {
	SCAN_END,       /* the last token of a text */
	SCAN_BAD = 256, /* not a token; reported when the parser reaches it */
	SCAN_NAME,
	SCAN_NUMBER,
	SCAN_OWN, /* the first of a language's own */
};

struct scan_token {
	int kind;
	bool newline; /* it is the first of its line */
	uint32_t source, start, end;
	uint64_t value;  /* of a number */
	const char *why; /* SCAN_BAD: what is wrong with it, or NULL */
};

/* A text being parsed. Nothing comes next after an error until FAILED is reset. */
struct scan_reader {
	struct diags *diags;
	const struct scan_token *start; /* of the line */
	const struct scan_token *token; /* the next one */
	bool lines;                     /* only what is on START's line comes next */
	bool failed;                    /* an error was reported */
};

const char *scan_text(const struct scan_reader *s, const struct scan_token *t);
int scan_length(const struct scan_token *t);
struct span scan_at(const struct scan_token *t);
/* Return where a message about what should come next points: not to the next line. */
struct span scan_here(const struct scan_reader *s);
/*
 * Tell whether nothing comes any more: the text or line has ended, or there was
 * an error.
 */
bool scan_at_end(const struct scan_reader *s);
/* Tell whether T is the name WORD. */
bool scan_is(const struct scan_reader *s, const struct scan_token *t, const char *word);
bool scan_next_is(const struct scan_reader *s, int kind);
bool scan_next_word(const struct scan_reader *s, const char *word);
/* Take the next token if it is KIND, or the name WORD. */
bool scan_take(struct scan_reader *s, int kind);
bool scan_take_word(struct scan_reader *s, const char *word);
/* Take the next token if it is KIND, else complain that WHAT was expected. */
bool scan_want(struct scan_reader *s, int kind, const char *what);
/* Report an error, unless there was one before. */
void scan_fail(struct scan_reader *s, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Complain that WHAT does not come next. */
void scan_expected(struct scan_reader *s, const char *what);

#endif
