/*
 * The interpreter: what a checked program returns, as Linux runs it.
 */
#include "cbpf/run.h"

/* Tell the tracer that the instruction AT ran. */
static void tell(const struct cbpf_trace *t, uint32_t at, uint32_t next, uint32_t a,
                 uint32_t x, const uint32_t *m)
{
	struct cbpf_step s = { at, next, a, x, m };

	t->step(t->ctx, &s);
}

/*
 * Run P, with the trace T if not NULL. Every instruction jumps to the next by
 * itself, through a table from codes to labels: processors predict many
 * indirect jumps better than a shared one. With a trace, every code leads to
 * the hook first.
 */
static uint32_t run(const struct sock_filter *p, const struct cbpf_input *in,
                    bool seccomp, struct cbpf_trace *t)
{
	static const void *const labels[256] = {
#define INSN(name, code, text, operand, reads, writes, converted, flags) \
	[code] = &&name,
#define ANCILLARY(which, text, converted, reads)
#include "cbpf/insns.def"
	};
	static const void *const hooked[256] = { [0 ... 255] = &&hook };
	const void *const *dispatch = t ? hooked : labels;
	const struct sock_filter *at = p, *f = p;
	uint32_t a = 0, x = 0, m[CBPF_CELLS] = { 0 };
	enum cbpf_end end = CBPF_END_LOAD;
	uint32_t result = 0;
	uint64_t executed = 0;
	int64_t value;

#define NEXT goto *dispatch[(uint8_t)(++f)->code]
#define JUMP(condition)                   \
	f += (condition) ? f->jt : f->jf; \
	NEXT
#define WIRE             in->wire
#define LOAD_AT(k, size) load(in, k, size)
#define LOAD(k, size)    load_abs(in, k, size, a, x)
#define LOAD_WORD(k)     (seccomp ? seccomp_word(in, k) : LOAD(k, 4))
	goto *dispatch[(uint8_t)f->code];
hook:
	if (executed++ && t->step)
		tell(t, (uint32_t)(at - p), (uint32_t)(f - p), a, x, m);
	at = f;
	goto *labels[(uint8_t)f->code];

#include "cbpf/bodies.def"
#undef LOAD_WORD
#undef LOAD
#undef LOAD_AT
#undef WIRE
#undef JUMP
#undef NEXT
returned:
	end = CBPF_END_RET;
	goto out;
divide:
	end = CBPF_END_DIVIDE;
out:
	if (!t)
		return result;
	t->executed += executed;
	t->end = end;
	if (t->step)
		tell(t, (uint32_t)(at - p), UINT32_MAX, a, x, m);
	return result;
}

static struct cbpf_input seccomp_input(const void *data)
{
	return (struct cbpf_input){
		.bytes = data,
		.captured = CBPF_SECCOMP_SIZE,
		.wire = CBPF_SECCOMP_SIZE,
	};
}

uint32_t cbpf_run(const struct sock_filter *p, const struct cbpf_input *in)
{
	return run(p, in, false, NULL);
}

uint32_t cbpf_run_seccomp(const struct sock_filter *p, const void *data)
{
	struct cbpf_input in = seccomp_input(data);

	return run(p, &in, true, NULL);
}

uint32_t cbpf_run_traced(const struct sock_filter *p, const struct cbpf_input *in,
                         struct cbpf_trace *trace)
{
	return run(p, in, false, trace);
}

uint32_t cbpf_run_seccomp_traced(const struct sock_filter *p, const void *data,
                                 struct cbpf_trace *trace)
{
	struct cbpf_input in = seccomp_input(data);

	return run(p, &in, true, trace);
}
