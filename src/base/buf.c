/* String buffer. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"

static void reserve(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : LIMIT(64, 1);

	if (more <= b->cap - b->len)
		return;
	if (more > SIZE_MAX / 4 || b->len > SIZE_MAX / 4)
		longjmp(*b->arena->oom, OUT_OF_MEMORY);
	while (cap < b->len + more)
		cap *= 2;
	b->s = arena_grow(b->arena, b->s, b->cap, cap);
	b->cap = cap;
}

void buf_putc(struct buf *b, char c)
{
	reserve(b, 1);
	b->s[b->len++] = c;
}

void buf_write(struct buf *b, const void *p, size_t len)
{
	if (!len)
		return;
	reserve(b, len);
	memcpy(b->s + b->len, p, len);
	b->len += len;
}

void buf_puts(struct buf *b, const char *s)
{
	buf_write(b, s, strlen(s));
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return;
	reserve(b, (size_t)len + 1);
	vsnprintf(b->s + b->len, (size_t)len + 1, fmt, ap);
	b->len += (size_t)len;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

size_t utf8_length(const char *text, size_t left)
{
	const unsigned char *s = (const unsigned char *)text;
	static const struct {
		unsigned char lo, hi, len, min2, max2;
	} leads[] = {
		{ 0x00, 0x7f, 1, 0, 0 },
		{ 0xc2, 0xdf, 2, 0x80, 0xbf },
		{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
		{ 0xe1, 0xec, 3, 0x80, 0xbf },
		{ 0xed, 0xed, 3, 0x80, 0x9f },
		{ 0xee, 0xef, 3, 0x80, 0xbf },
		{ 0xf0, 0xf0, 4, 0x90, 0xbf },
		{ 0xf1, 0xf3, 4, 0x80, 0xbf },
		{ 0xf4, 0xf4, 4, 0x80, 0x8f },
	};

	for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
		size_t len = leads[i].len;

		if (s[0] < leads[i].lo || s[0] > leads[i].hi)
			continue;
		if (len > left)
			return 0;
		if (len > 1 && (s[1] < leads[i].min2 || s[1] > leads[i].max2))
			return 0;
		for (size_t k = 2; k < len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return len;
	}
	return 0;
}

char *buf_str(struct buf *b)
{
	reserve(b, 1);
	b->s[b->len] = '\0';
	return b->s;
}

size_t text_mark(const char *text, size_t len)
{
	static const char mark[] = { '\xef', '\xbb', '\xbf' };

	return len >= sizeof mark && !memcmp(text, mark, sizeof mark) ? sizeof mark : 0;
}

const char *text_blank_mark(struct arena *arena, const char *text, size_t len)
{
	size_t mark = text_mark(text, len);
	char *copy;

	if (!mark)
		return text;
	copy = arena_strndup(arena, text, len);
	memset(copy, ' ', mark);
	return copy;
}
