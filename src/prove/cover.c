/*
 * The machine once more, for runs that only give the result and the sides of tests that
 * a program took: a tenth of the work.
 */
#include "cbpf/cbpf.h"
#include "prove/prove.h"

struct cover {
	const struct input *in;
	uint32_t a, x, m[BPF_MEMWORDS];
};

static bool fetch(const struct input *in, uint32_t offset, unsigned width, uint32_t *out)
{
	int64_t at = offset < in->captured ? offset : input_place(in, offset);
	uint32_t v = 0;

	if (at < 0 || at + width > in->captured)
		return false;
	for (unsigned i = 0; i < width; i++)
		v |= (uint32_t)in->bytes[at + i]
		     << (in->little_endian ? 8 * i : 8 * (width - 1 - i));
	*out = v;
	return true;
}

static bool load_absolute(struct cover *c, uint32_t k, unsigned width)
{
	uint32_t which = k - (uint32_t)SKF_AD_OFF;

	if (k < (uint32_t)SKF_AD_OFF || (which >= SKF_AD_MAX && !cbpf_is_set(which)))
		return fetch(c->in, k, width, &c->a);
	c->a = input_ancillary(c->in, which, c->a, c->x);
	return true;
}

static bool load_a(struct cover *c, const struct sock_filter *i)
{
	unsigned width = BPF_SIZE(i->code) == BPF_W ? 4 : BPF_SIZE(i->code) == BPF_H ? 2
	                                                                             : 1;

	switch (BPF_MODE(i->code)) {
	case BPF_ABS:
		return load_absolute(c, i->k, width);
	case BPF_IND:
		return fetch(c->in, c->x + i->k, width, &c->a);
	case BPF_LEN:
		c->a = c->in->wire;
		return true;
	case BPF_MEM:
		c->a = c->m[i->k];
		return true;
	default:
		c->a = i->k;
		return true;
	}
}

static bool load_x(struct cover *c, const struct sock_filter *i)
{
	switch (BPF_MODE(i->code)) {
	case BPF_MSH:
		if (!fetch(c->in, i->k, 1, &c->x))
			return false;
		c->x = 4 * (c->x & 15);
		return true;
	case BPF_LEN:
		c->x = c->in->wire;
		return true;
	case BPF_MEM:
		c->x = c->m[i->k];
		return true;
	default:
		c->x = i->k;
		return true;
	}
}

/* Return how far the test at I jumps; record in *MARKS which side was taken. */
static uint32_t jump(const struct cover *c, const struct sock_filter *i, uint8_t *marks,
                     bool *new)
{
	bool yes;

	if (BPF_OP(i->code) == BPF_JA)
		return i->k;
	yes = machine_compare(BPF_OP(i->code), c->a,
	                      BPF_SRC(i->code) == BPF_X ? c->x : i->k);
	*new |= !(*marks & (yes ? COVER_YES : COVER_NO));
	*marks |= yes ? COVER_YES : COVER_NO;
	return yes ? i->jt : i->jf;
}

uint32_t cover_run(const struct program *p, const struct input *in, uint8_t *marks,
                   bool *new, uint64_t *steps)
{
	struct cover c = { .in = in };
	uint32_t pc = 0;

	for (; *steps && pc < p->n; --*steps) {
		const struct sock_filter *i = &p->insns[pc++];

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			if (!load_a(&c, i))
				return 0;
			break;
		case BPF_LDX:
			if (!load_x(&c, i))
				return 0;
			break;
		case BPF_ST:
			c.m[i->k] = c.a;
			break;
		case BPF_STX:
			c.m[i->k] = c.x;
			break;
		case BPF_ALU:
			if (!machine_alu(BPF_OP(i->code), c.a,
			                 BPF_SRC(i->code) == BPF_X ? c.x : i->k, &c.a))
				return 0;
			break;
		case BPF_JMP:
			pc += jump(&c, i, &marks[pc - 1], new);
			break;
		case BPF_RET:
			return BPF_RVAL(i->code) == BPF_A ? c.a : i->k;
		default:
			*(BPF_MISCOP(i->code) == BPF_TAX ? &c.x : &c.a) =
				BPF_MISCOP(i->code) == BPF_TAX ? c.a : c.x;
			break;
		}
	}
	return 0;
}
