/*
 * sample: what packets of a sample answer to the tests of a graph. Each of them is
 * a kind of its own (likely.c), so whatever hangs together in the traffic is seen.
 */
#include "opt/opt.h"

enum { DEPTH = 8 };

/* What is known of a value on a packet. */
enum known { VALUE, NOT_THERE, UNKNOWN };

static enum known load(const struct cbpf_input *in, uint32_t at, unsigned width,
                       uint32_t *out)
{
	if (at > in->captured || in->captured - at < width)
		return NOT_THERE;
	*out = 0;
	for (unsigned i = 0; i < width; i++)
		*out = *out << 8 | in->bytes[at + i];
	return VALUE;
}

/* V on the packet IN; what a path has bound to parameters is not known. */
static enum known value_of(const struct cbpf_input *in, const struct ir_value *v,
                           unsigned depth, uint32_t *out)
{
	uint32_t arg[2] = { 0 };

	for (unsigned i = 0; i < ir_nargs(v); i++) {
		enum known known = depth && v->op != IR_KEY && v->op != IR_ANCX
		                           ? value_of(in, v->arg[i], depth - 1, &arg[i])
		                           : UNKNOWN;

		if (known != VALUE)
			return known;
	}
	switch (v->op) {
	case IR_CONST:
		*out = v->imm;
		return VALUE;
	case IR_LEN:
		*out = in->wire;
		return VALUE;
	case IR_LOAD:
		return load(in, v->imm, v->width, out);
	case IR_LOADX:
		return load(in, arg[0] + v->imm, v->width, out);
	case IR_MSH:
		if (load(in, v->imm, 1, out) != VALUE)
			return NOT_THERE;
		*out = 4 * (*out & 15);
		return VALUE;
	case IR_ADD:
	case IR_SUB:
	case IR_MUL:
	case IR_DIV:
	case IR_MOD:
	case IR_AND:
	case IR_OR:
	case IR_XOR:
	case IR_LSH:
	case IR_RSH:
	case IR_NEG:
		return ir_fold2(v->op, arg[0], arg[1], out) ? VALUE : NOT_THERE;
	case IR_ANC:
	case IR_ANCX:
	case IR_PARAM:
	case IR_KEY:
	case IR_NOPS:
		break;
	}
	return UNKNOWN;
}

/* All words of V. */
static enum known words_of(const struct cbpf_input *in, const struct ir_value *v,
                           uint32_t *out)
{
	for (unsigned i = 0; i < ir_words(v); i++) {
		enum known known = value_of(in, ir_word(v, i), DEPTH, &out[i]);

		if (known != VALUE)
			return known;
	}
	return VALUE;
}

/* The interval of set N that has WORD, or N->n. */
static uint32_t interval_of(const struct ir_node *n, const uint32_t *word)
{
	unsigned words = ir_words(n->lhs);
	uint32_t lo = 0, hi = n->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ir_compare(IR_GT, word, n->set[mid].hi, words))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n->n && ir_compare(IR_GE, word, n->set[lo].lo, words) ? lo : n->n;
}

uint32_t opt_sample_exit(const struct ir_node *n, const struct cbpf_input *in)
{
	uint32_t l[IR_WORDS] = { 0 }, r[IR_WORDS] = { 0 };
	enum known known = words_of(in, n->lhs, l);

	if (known == VALUE && n->kind == IR_TEST)
		known = words_of(in, n->rhs, r);
	if (known != VALUE)
		return known == NOT_THERE ? OPT_ENDS : OPT_UNKNOWN;
	if (n->kind == IR_SET)
		return interval_of(n, l);
	return !ir_compare(n->cmp, l, r, ir_words(n->lhs));
}
