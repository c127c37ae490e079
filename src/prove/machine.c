/*
 * Classic BPF as Linux runs it, written from its documentation and not from
 * ours, so that the two can disagree. With a trace it also tells where each
 * value came from, which flip.c solves for.
 */
#include "cbpf/cbpf.h"
#include "prove/prove.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A register or cell: its value, and its origin if there is a trace. */
struct cell {
	uint32_t v;
	uint16_t origin;
};

struct machine {
	const struct input *in;
	struct trace *trace;
	struct cell a, x, m[BPF_MEMWORDS];
};

/* --- inputs ------------------------------------------------------------------ */

uint8_t input_byte(const struct input *in, uint32_t at)
{
	if (at < PACKET_MAX)
		return at < in->captured || in->extended ? in->bytes[at] : 0;
	for (uint32_t i = 0; i < in->nfar; i++)
		if (in->far[i].at == at)
			return in->far[i].byte;
	return 0;
}

static bool patch_far(struct input *in, uint32_t at, uint8_t byte)
{
	for (uint32_t i = 0; i < in->nfar; i++) {
		if (in->far[i].at == at) {
			in->far[i].byte = byte;
			return true;
		}
	}
	if (in->nfar == FAR_BYTES)
		return false;
	in->far[in->nfar].at = at;
	in->far[in->nfar++].byte = byte;
	return true;
}

bool input_patch(struct input *in, uint32_t at, uint8_t byte)
{
	if (input_byte(in, at) == byte && (in->extended || at < in->captured))
		return true;
	if (at < in->pinned || (in->extended && at < in->fixed))
		return false;
	if (in->extended && at >= PACKET_MAX)
		return patch_far(in, at, byte);
	if (at >= PACKET_MAX || (in->sized && at >= in->captured))
		return false;
	if (!in->extended && at >= in->captured) {
		memset(in->bytes + in->captured, 0, at - in->captured);
		in->captured = at + 1;
	}
	if (in->wire < in->captured)
		in->wire = in->captured;
	in->bytes[at] = byte;
	return true;
}

/*
 * Return ancillary word WHICH. Netlink attributes and open sets depend on A and X: here,
 * some function of them.
 */
uint32_t input_ancillary(const struct input *in, uint32_t which, uint32_t a,
                         uint32_t x)
{
	if (which == SKF_AD_ALU_XOR_X)
		return a ^ x;
	if (cbpf_is_set(which))
		return (in->anc[which % ARRAY_LEN(in->anc)] ^ (a * 0x9e3779b1u + x * 0x85ebca77u) >> 31) & 1;
	if (which == SKF_AD_NLATTR || which == SKF_AD_NLATTR_NEST)
		return in->anc[which] + 3 * a + 5 * x;
	return in->anc[which % ARRAY_LEN(in->anc)];
}

void input_copy(struct input *to, const struct input *from)
{
	memcpy(to, from, offsetof(struct input, bytes) + from->captured);
}

void input_print(struct buf *out, const struct input *in)
{
	buf_printf(out, "captured %u, wire %u, network %u, bytes ", in->captured,
	           in->wire, in->network);
	for (uint32_t i = 0; i < in->captured; i++)
		buf_printf(out, "%02x", in->bytes[i]);
	for (uint32_t i = 0; i < ARRAY_LEN(in->anc); i++)
		if (in->anc[i])
			buf_printf(out, ", anc %u = %#x", i, in->anc[i]);
}

/* --- origins -------------------------------------------------------------------- */

static uint16_t origin(struct trace *t, enum origin_op op, uint32_t value,
                       uint32_t imm, uint8_t width, uint16_t a, uint16_t b)
{
	if (!t || t->norigins == ORIGINS)
		return 0;
	t->origin[t->norigins] = (struct origin){
		.op = op,
		.width = width,
		.value = value,
		.imm = imm,
		.a = a,
		.b = b,
	};
	return t->norigins++;
}

static struct cell constant(struct machine *m, uint32_t v)
{
	return (struct cell){ v, origin(m->trace, FROM_CONST, v, v, 0, 0, 0) };
}

/* --- loads ------------------------------------------------------------------------ */

int64_t input_place(const struct input *in, uint32_t at)
{
	if (at < 0x80000000u)
		return at;
	if (at >= (uint32_t)SKF_NET_OFF)
		return (int64_t)in->network + (at - (uint32_t)SKF_NET_OFF);
	if (at >= (uint32_t)SKF_LL_OFF)
		return at - (uint32_t)SKF_LL_OFF;
	return -1;
}

static bool load(struct machine *m, uint32_t at, unsigned width, struct cell *out)
{
	const struct input *in = m->in;
	int64_t p = input_place(in, at);
	uint32_t v = 0;

	if (p >= 0 && m->trace && m->trace->ntouches < TOUCHES)
		m->trace->touch[m->trace->ntouches++] =
			(struct touch){ .at = p, .offset = at, .width = width };
	if (in->extended && p < 0)
		p = at;
	if (p < 0 || (!in->extended && p + width > in->captured))
		return false;
	for (unsigned i = 0; i < width; i++) {
		unsigned shift = in->little_endian ? 8 * i : 8 * (width - 1 - i);

		v |= (uint32_t)input_byte(in, p + i) << shift;
	}
	*out = (struct cell){ v, origin(m->trace, FROM_LOAD, v, p, width, 0, 0) };
	return true;
}

static bool load_msh(struct machine *m, uint32_t at, struct cell *out)
{
	struct cell byte;

	if (!load(m, at, 1, &byte))
		return false;
	out->v = 4 * (byte.v & 15);
	out->origin = origin(m->trace, FROM_MSH, out->v, input_place(m->in, at), 1,
	                     0, 0);
	return true;
}

/* Load from a constant offset: K may name an ancillary word or be negative. */
static bool load_absolute(struct machine *m, uint32_t k, unsigned width)
{
	uint32_t which = k - (uint32_t)SKF_AD_OFF;

	if (k < (uint32_t)SKF_AD_OFF || (which >= SKF_AD_MAX && !cbpf_is_set(which)))
		return load(m, k, width, &m->a);
	if (which == SKF_AD_ALU_XOR_X) {
		m->a.v ^= m->x.v;
		m->a.origin = origin(m->trace, FROM_ALU, m->a.v, BPF_XOR, 0,
		                     m->a.origin, m->x.origin);
	} else {
		m->a.v = input_ancillary(m->in, which, m->a.v, m->x.v);
		m->a.origin = origin(m->trace, FROM_ANC, m->a.v, which, 0, 0, 0);
	}
	return true;
}

static bool load_a(struct machine *m, const struct sock_filter *i)
{
	static const uint8_t width[] = {
		[BPF_W >> 3] = 4,
		[BPF_H >> 3] = 2,
		[BPF_B >> 3] = 1,
		[3] = 0,
	};
	unsigned bytes = width[BPF_SIZE(i->code) >> 3];

	switch (BPF_MODE(i->code)) {
	case BPF_ABS:
		return load_absolute(m, i->k, bytes);
	case BPF_IND:
		if (m->trace && m->trace->nbases < BASES)
			m->trace->base[m->trace->nbases++] = m->x.origin;
		return load(m, m->x.v + i->k, bytes, &m->a);
	case BPF_LEN:
		m->a.v = m->in->wire;
		m->a.origin = origin(m->trace, FROM_LEN, m->a.v, 0, 0, 0, 0);
		return true;
	case BPF_MEM:
		m->a = m->m[i->k];
		return true;
	default:
		m->a = constant(m, i->k);
		return true;
	}
}

static bool load_x(struct machine *m, const struct sock_filter *i)
{
	switch (BPF_MODE(i->code)) {
	case BPF_MSH:
		return load_msh(m, i->k, &m->x);
	case BPF_LEN:
		m->x.v = m->in->wire;
		m->x.origin = origin(m->trace, FROM_LEN, m->x.v, 0, 0, 0, 0);
		return true;
	case BPF_MEM:
		m->x = m->m[i->k];
		return true;
	default:
		m->x = constant(m, i->k);
		return true;
	}
}

/* --- the rest ------------------------------------------------------------------------ */

bool machine_alu(unsigned op, uint32_t a, uint32_t b, uint32_t *out)
{
	switch (op) {
	case BPF_ADD:
		*out = a + b;
		return true;
	case BPF_SUB:
		*out = a - b;
		return true;
	case BPF_MUL:
		*out = a * b;
		return true;
	case BPF_DIV:
		*out = b ? a / b : 0;
		return b != 0;
	case BPF_MOD:
		*out = b ? a % b : 0;
		return b != 0;
	case BPF_AND:
		*out = a & b;
		return true;
	case BPF_OR:
		*out = a | b;
		return true;
	case BPF_XOR:
		*out = a ^ b;
		return true;
	case BPF_LSH:
		*out = a << (b & 31);
		return true;
	case BPF_RSH:
		*out = a >> (b & 31);
		return true;
	default: /* BPF_NEG */
		*out = -a;
		return true;
	}
}

/*
 * Record, as a fork, whether a division is by zero, so that it can be flipped
 * like a jump.
 */
static void record_divisor(struct machine *m, uint32_t pc, struct cell divisor)
{
	struct trace *t = m->trace;

	if (t && t->nforks < FORKS)
		t->fork[t->nforks++] = (struct fork){
			.pc = pc,
			.yes = !divisor.v,
			.code = BPF_JMP | BPF_JEQ | BPF_K,
			.lhs = divisor.origin,
		};
}

static bool alu(struct machine *m, uint32_t pc, const struct sock_filter *i)
{
	struct cell b = BPF_SRC(i->code) == BPF_X ? m->x : constant(m, i->k);
	unsigned op = BPF_OP(i->code);
	uint32_t v;

	if (BPF_SRC(i->code) == BPF_X && (op == BPF_DIV || op == BPF_MOD))
		record_divisor(m, pc, b);
	if (!machine_alu(op, m->a.v, b.v, &v))
		return false;
	m->a.origin = origin(m->trace, FROM_ALU, v, op, 0, m->a.origin,
	                     b.origin);
	m->a.v = v;
	return true;
}

bool machine_compare(unsigned op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	default: /* BPF_JSET */
		return a & b;
	}
}

/* Return how far the jump goes, and record it. */
static uint32_t jump(struct machine *m, uint32_t pc, const struct sock_filter *i)
{
	struct cell b = BPF_SRC(i->code) == BPF_X ? m->x : constant(m, i->k);
	struct trace *t = m->trace;
	bool yes;

	if (BPF_OP(i->code) == BPF_JA)
		return i->k;
	yes = machine_compare(BPF_OP(i->code), m->a.v, b.v);
	if (t) {
		t->path = (t->path ^ (2 * pc + yes + 1)) * 0x9e3779b97f4a7c15u;
		t->path ^= t->path >> 29;
		if (t->nforks < FORKS)
			t->fork[t->nforks++] = (struct fork){
				.pc = pc,
				.yes = yes,
				.code = i->code,
				.lhs = m->a.origin,
				.rhs = b.origin,
			};
	}
	return yes ? i->jt : i->jf;
}

static void transfer(struct machine *m, const struct sock_filter *i)
{
	if (BPF_MISCOP(i->code) == BPF_TAX)
		m->x = m->a;
	else
		m->a = m->x;
}

static enum end run(struct machine *m, const struct program *p, uint32_t *result)
{
	uint32_t pc = 0;

	for (uint32_t step = 0; step < MACHINE_STEPS && pc < p->n; step++) {
		const struct sock_filter *i = &p->insns[pc++];

		if (m->trace)
			m->trace->steps++;
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			if (!load_a(m, i))
				return END_LOAD;
			break;
		case BPF_LDX:
			if (!load_x(m, i))
				return END_LOAD;
			break;
		case BPF_ST:
			m->m[i->k] = m->a;
			break;
		case BPF_STX:
			m->m[i->k] = m->x;
			break;
		case BPF_ALU:
			if (!alu(m, pc - 1, i))
				return END_DIVIDE;
			break;
		case BPF_JMP:
			pc += jump(m, pc - 1, i);
			break;
		case BPF_RET:
			*result = BPF_RVAL(i->code) == BPF_A ? m->a.v : i->k;
			return END_RET;
		default:
			transfer(m, i);
			break;
		}
	}
	return END_STEPS;
}

enum end machine_run(const struct program *p, const struct input *in,
                     uint32_t *result, struct trace *t)
{
	struct machine m = { .in = in, .trace = t };

	if (t) {
		t->norigins = t->nforks = t->ntouches = t->nbases = t->steps = 0;
		t->path = 0;
		origin(t, FROM_CONST, 0, 0, 0, 0, 0);
	}
	*result = 0;
	return run(&m, p, result);
}
