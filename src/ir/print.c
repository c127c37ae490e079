/*
 * The graph as text, which read.c takes back:
 *
 *     input packet
 *     n3: load.2 12 == 0x800 ? n2 : ret 0
 *     n2: load.1 23 in { 6 -> ret 0x40000, 17 -> ret 0x40000 } else ret 0
 */
#include "ir/ir.h"

static void print_number(struct buf *out, uint32_t n)
{
	buf_printf(out, n < 256 ? "%u" : "0x%x", n);
}

/* What is still to be printed: a value, or a piece of text before it. */
struct item {
	const char *text;
	const struct ir_value *v;
	uint32_t offset; /* TEXT is NULL: " + OFFSET]" closes a load */
};

struct printer {
	struct buf *out;
	ARRAY(struct item) todo;
};

static void later(struct printer *p, const char *text, const struct ir_value *v)
{
	struct item item = { .text = text, .v = v };

	array_push(p->out->arena, &p->todo, item);
}

/* Print what V begins with; its operands and the rest come later. */
static void print_head(struct printer *p, const struct ir_value *v)
{
	const struct ir_op_info *info = &ir_ops[v->op];
	struct item close = { .offset = v->imm };

	if (info->flags & IR_INFIX) {
		buf_putc(p->out, '(');
		later(p, ")", NULL);
		later(p, " ", v->arg[1]);
		later(p, info->text, NULL);
		later(p, " ", NULL);
		later(p, "", v->arg[0]);
		return;
	}
	switch (v->op) {
	case IR_CONST:
		print_number(p->out, v->imm);
		break;
	case IR_LOAD:
		buf_printf(p->out, "load.%u ", v->width);
		print_number(p->out, v->imm);
		break;
	case IR_LOADX:
		buf_printf(p->out, "load.%u [", v->width);
		array_push(p->out->arena, &p->todo, close);
		later(p, "", v->arg[0]);
		break;
	case IR_PARAM:
		buf_printf(p->out, "p%u", v->imm);
		break;
	case IR_LEN:
		buf_puts(p->out, info->text);
		break;
	case IR_KEY:
		buf_putc(p->out, '{');
		later(p, "}", NULL);
		for (unsigned i = v->width; i-- > 0;)
			later(p, i ? ", " : "", v->arg[i]);
		break;
	case IR_NEG:
		buf_puts(p->out, "neg ");
		later(p, "", v->arg[0]);
		break;
	case IR_ANCX:
		later(p, ")", NULL);
		later(p, ", ", v->arg[1]);
		later(p, "(", v->arg[0]);
		/* fallthrough */
	case IR_ANC:
	case IR_MSH:
		buf_printf(p->out, "%s ", info->text);
		print_number(p->out, v->imm);
		break;
	case IR_INFIX_OPS:
	case IR_NOPS:
		break;
	}
}

void ir_print_value(struct buf *out, const struct ir_value *v)
{
	struct printer p = { .out = out };

	later(&p, "", v);
	while (p.todo.n) {
		struct item item = p.todo.v[--p.todo.n];

		if (item.text) {
			buf_puts(out, item.text);
		} else {
			buf_puts(out, " + ");
			print_number(out, item.offset);
			buf_putc(out, ']');
		}
		if (item.v)
			print_head(&p, item.v);
	}
}

static void print_target(struct buf *out, const struct ir_node *n)
{
	if (n->kind == IR_RET && ir_is_const(n->lhs)) {
		buf_puts(out, "ret ");
		print_number(out, n->lhs->imm);
	} else {
		buf_printf(out, "n%u", n->id);
	}
}

static void print_key(struct buf *out, const uint32_t *word, unsigned words)
{
	if (words == 1) {
		print_number(out, word[0]);
		return;
	}
	buf_putc(out, '{');
	for (unsigned i = 0; i < words; i++) {
		buf_puts(out, i ? ", " : "");
		print_number(out, word[i]);
	}
	buf_putc(out, '}');
}

/*
 * Print a set: a short one on the line, a long one with a line for each
 * interval.
 */
static void print_set(struct buf *out, const struct ir_node *n)
{
	unsigned words = ir_words(n->lhs);
	const char *sep = n->n > 4 ? "\n\t" : " ";

	buf_puts(out, " in {");
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ir_interval *v = &n->set[i];

		buf_puts(out, i ? "," : "");
		buf_puts(out, sep);
		print_key(out, v->lo, words);
		if (!ir_compare(IR_EQ, v->lo, v->hi, IR_WORDS)) {
			buf_puts(out, "..");
			print_key(out, v->hi, words);
		}
		buf_puts(out, " -> ");
		print_target(out, v->to);
	}
	buf_puts(out, n->n > 4 ? "\n} else " : " } else ");
	print_target(out, n->no);
}

static void print_node(struct buf *out, const struct ir_node *n)
{
	static const char *const cmps[] = {
		[IR_EQ] = "==",
		[IR_GT] = ">",
		[IR_GE] = ">=",
		[IR_ANY] = "has",
	};

	buf_printf(out, "n%u: ", n->id);
	switch (n->kind) {
	case IR_RET:
		buf_puts(out, "ret ");
		ir_print_value(out, n->lhs);
		break;
	case IR_TEST:
		ir_print_value(out, n->lhs);
		buf_printf(out, " %s ", cmps[n->cmp]);
		ir_print_value(out, n->rhs);
		buf_puts(out, " ? ");
		print_target(out, n->yes);
		buf_puts(out, " : ");
		print_target(out, n->no);
		break;
	case IR_SET:
		ir_print_value(out, n->lhs);
		print_set(out, n);
		break;
	case IR_BIND:
		buf_printf(out, "bind p%u = ", n->lhs->imm);
		ir_print_value(out, n->rhs);
		buf_puts(out, " -> ");
		print_target(out, n->yes);
		break;
	case IR_NEED:
		buf_puts(out, "need ");
		ir_print_value(out, n->lhs);
		buf_puts(out, " -> ");
		print_target(out, n->yes);
		break;
	}
	buf_putc(out, '\n');
}

/*
 * Tell whether N has a line of its own; results that targets spell out have
 * none.
 */
static bool has_line(const struct ir_graph *g, const struct ir_node *n)
{
	return n == g->root || n->kind != IR_RET || !ir_is_const(n->lhs);
}

/* Print the header's length and its fields, such as " header 16 0:2 14:2". */
static void print_header(struct buf *out, const struct ir_input *in)
{
	const struct ir_field *f = in->field;

	if (in->header)
		buf_printf(out, " header %u", in->header);
	for (unsigned i = 0; i < IR_FIELDS && f[i].width; i++)
		buf_printf(out, " %u:%u", f[i].at, f[i].width);
}

void ir_print(struct buf *out, const struct ir_graph *g)
{
	struct ir_order order = ir_postorder(out->arena, g, g->root);
	bool packet = !g->input.size;

	buf_printf(out, "input %s%s", g->input.name,
	           packet && g->input.exact_faults ? " exact" : "");
	print_header(out, &g->input);
	buf_puts(out, "\n");
	for (uint32_t i = order.n; i-- > 0;)
		if (has_line(g, order.v[i]))
			print_node(out, order.v[i]);
}
