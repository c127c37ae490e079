/*
 * Near names: edit distance in which swapping two neighbours counts once, and
 * so does writing all in the other case.
 */
#include <string.h>

#include "base/base.h"

enum {
	LONGEST = 40
};

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * Find the optimal string alignment distance of two short words, or a number that
 * is not below BOUND if it is not. Two rows are all that the next ones are made
 * of: where no cell of theirs is below BOUND, none will be.
 */
static unsigned distance(const char *a, size_t alen, const char *b, size_t blen,
                         unsigned bound)
{
	unsigned rows[3][LONGEST + 1], *old = rows[0], *last = rows[1],
				       *now = rows[2], *spare;
	unsigned least, before = 0;

	for (size_t j = 0; j <= blen; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= alen; i++) {
		least = now[0] = (unsigned)i;
		for (size_t j = 1; j <= blen; j++) {
			unsigned miss = a[i - 1] != b[j - 1];

			now[j] = min3(now[j - 1] + 1, last[j] + 1,
			              last[j - 1] + miss);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && old[j - 2] + 1 < now[j])
				now[j] = old[j - 2] + 1;
			least = now[j] < least ? now[j] : least;
		}
		if (least >= bound && before >= bound)
			return bound;
		before = least;
		spare = old;
		old = last;
		last = now;
		now = spare;
	}
	return last[blen];
}

/* Return the set of letters in a word; some letters share a bit. */
static uint64_t letters(const char *word, size_t len)
{
	uint64_t set = 0;

	for (size_t i = 0; i < len; i++)
		set |= (uint64_t)1 << (word[i] & 63);
	return set;
}

/*
 * Tell whether WORD is farther than the best: an edit removes, or adds, one
 * letter.
 */
static bool are_far(const struct suggest *s, const char *word, size_t len)
{
	uint64_t set = letters(word, len);
	unsigned bound = s->distance;

	return (unsigned)__builtin_popcountll(set & ~s->letters) >= bound ||
	       (unsigned)__builtin_popcountll(s->letters & ~set) >= bound;
}

void suggest_start(struct suggest *s, const char *word, size_t len)
{
	/* A third of the word may be wrong, but never all of it. */
	*s = (struct suggest){ word, len, letters(word, len), NULL,
		               len < 2 ? 1 : 1 + (unsigned)(len + 1) / 3 };
}

/*
 * Offer a candidate. Tables of thousands are offered, so most are ruled out
 * without comparing letters.
 */
void suggest_offer(struct suggest *s, const char *candidate)
{
	size_t len = strlen(candidate);
	size_t apart = len > s->len ? len - s->len : s->len - len;
	unsigned d;

	if (s->len > LONGEST || len > LONGEST || apart >= s->distance)
		return;
	if (s->len == len && same_letters(candidate, s->word, len))
		d = memcmp(s->word, candidate, len) != 0;
	else if (are_far(s, candidate, len))
		return;
	else
		d = distance(s->word, s->len, candidate, len, s->distance);
	if (d < s->distance) {
		s->distance = d;
		s->best = candidate;
	}
}

const char *suggest_best(const struct suggest *s)
{
	return s->best;
}

const char *suggest_text(struct arena *arena, const struct suggest *s)
{
	struct buf out = { .arena = arena };

	if (!s->best)
		return "";
	buf_printf(&out, "; did you mean '%s'?", s->best);
	return buf_str(&out);
}
