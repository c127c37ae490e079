/* Programs of weir's for this kernel: tables of instructions, with what was open in them. */
#include "config.h"

#include "kernel/kernel.h"

#include <assert.h>
#include <errno.h>

#include "base/base.h"
#include "kernel/ops.h"

enum {
	MAX_LABELS = 32,
	MAX_FIELDS = 64
};

/*
 * Find where labels are, counted in instructions; return how many there are in
 * all.
 */
static size_t place_labels(const struct kernel_code *code, size_t label[MAX_LABELS])
{
	size_t at = 0;

	for (size_t i = 0; i < code->n; i++) {
		const struct kernel_op *op = &code->ops[i];

		if (op->open == KERNEL_LABEL) {
			assert(op->which < MAX_LABELS);
			label[op->which] = at;
		} else {
			at += op->open == KERNEL_MAP ? 2 : 1;
		}
	}
	return at;
}

static int find_fields(const struct kernel_code *code, const struct kernel_types *t,
                       int offset[MAX_FIELDS], struct kernel_error *e)
{
	assert(code->nfields <= MAX_FIELDS);
	for (size_t i = 0; i < code->nfields; i++) {
		const struct kernel_field *f = &code->fields[i];

		offset[i] = f->member ? kernel_member(t, f->type, f->member)
		                      : kernel_size(t, f->type);
		if (offset[i] < 0 || offset[i] > INT16_MAX)
			return kernel_fail(e, -ENOENT, "this kernel's types have no struct %s%s%s",
			                   f->type, f->member ? " with a member " : "",
			                   f->member ? f->member : "");
	}
	return 0;
}

int kernel_code_link(const struct kernel_code *code, const struct kernel_types *t,
                     struct bpf_insn insns[KERNEL_CODE_MAX], struct kernel_error *e)
{
	size_t label[MAX_LABELS] = { 0 }, n = place_labels(code, label), at = 0;
	int offset[MAX_FIELDS], err = find_fields(code, t, offset, e);

	assert(n <= KERNEL_CODE_MAX);
	for (size_t i = 0; !err && i < code->n; i++) {
		const struct kernel_op *op = &code->ops[i];
		struct bpf_insn *insn = &insns[at];

		if (op->open == KERNEL_LABEL)
			continue;
		*insn = op->insn;
		at++;
		if (op->open == KERNEL_JUMP) {
			insn->off = (int16_t)((long)label[op->which] - (long)at);
		} else if (op->open == KERNEL_FIELD_OFF) {
			insn->off = (int16_t)(insn->off + offset[op->which]);
		} else if (op->open == KERNEL_FIELD_IMM) {
			insn->imm += offset[op->which];
		} else if (op->open == KERNEL_VALUE) {
			insn->imm = code->values[op->which];
		} else if (op->open == KERNEL_MAP) {
			insn->imm = code->maps[op->which];
			insns[at++] = (struct bpf_insn){ 0 };
		}
	}
	return err ? err : (int)n;
}
