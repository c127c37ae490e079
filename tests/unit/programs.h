/* What tests of classic BPF share: programs from text, and to text. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "cbpf/cbpf.h"
#include "unit.h"

static inline void keep_message(void *ctx, const struct diags *d, const struct diag *one)
{
	struct buf *out = ctx;

	diag_render(out, d, one);
}

/* Reads TEXT, LEN bytes; what is wrong with it goes to *MESSAGES. */
static inline bool read_text(struct arena *a, const char *text, size_t len,
                             struct cbpf_program *out, char **messages)
{
	struct buf said = { .arena = a };
	struct diags d = { .arena = a, .emit = keep_message, .ctx = &said };
	bool ok = cbpf_read(a, &d, diag_source(&d, "text", text, len), out);

	*messages = buf_str(&said);
	assert_int_equal(ok, d.errors == 0);
	return ok;
}

static inline struct cbpf_program program(struct arena *a, const char *text)
{
	struct cbpf_program p = { 0 };
	char *messages;

	if (!read_text(a, text, strlen(text), &p, &messages))
		fail_msg("%s", messages);
	return p;
}

static inline char *printed(struct arena *a, const char *format,
                            const struct cbpf_program *p, const struct cbpf_notes *notes)
{
	struct buf out = { .arena = a };

	assert_true(cbpf_print(&out, format, p, notes));
	return buf_str(&out);
}

static inline uint32_t random_word(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 16);
}

/* N times ONE and then a ret. */
static inline struct sock_filter *repeated(struct arena *a, struct sock_filter one, size_t n)
{
	struct sock_filter *p = arena_array(a, struct sock_filter, n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = one;
	p[n].code = CBPF_RET_A;
	return p;
}

#endif
