/*
 * A policy as text of our language, whatever it was read from: settings first,
 * then what else it says in its order, includes and blocks of actions spelt
 * out. Reading it gives the same tree.
 */
#include <inttypes.h>
#include <linux/seccomp.h>
#include <string.h>

#include "policy/policy.h"

enum {
	WIDTH = 79
};

/* What is to be printed: TEXT, or E. */
struct todo {
	const char *text;
	const struct rules_expr *e;
	bool end; /* the piece ends after it */
};

/* A text in pieces, between which lines may be broken. */
struct printer {
	struct buf *out;
	struct buf piece;
	size_t column, indent;
	ARRAY(struct todo) todo; /* of an expression; the next one is the last */
};

/* --- lines ---------------------------------------------------------------- */

static void begin_line(struct printer *p)
{
	for (size_t i = 0; i < p->indent; i++)
		buf_putc(p->out, ' ');
	p->column = p->indent;
}

/* End the piece; a line may end after it. */
static void end_piece(struct printer *p)
{
	size_t len = p->piece.len;

	while (len && p->piece.s[len - 1] == ' ')
		len--;
	if (p->column > p->indent && p->column + len > WIDTH) {
		while (p->out->s[p->out->len - 1] == ' ')
			p->out->len--;
		buf_puts(p->out, "\n    ");
		begin_line(p);
		p->column += 4;
	}
	buf_write(p->out, p->piece.s, p->piece.len);
	p->column += p->piece.len;
	p->piece.len = 0;
}

static void end_line(struct printer *p)
{
	end_piece(p);
	buf_putc(p->out, '\n');
	p->column = 0;
}

/* --- expressions ---------------------------------------------------------- */

static void later(struct printer *p, const char *text)
{
	array_push(p->out->arena, &p->todo, ((struct todo){ .text = text }));
}

/* Do the same between operands. */
static void later_operator(struct printer *p, const char *text)
{
	array_push(p->out->arena, &p->todo,
	           ((struct todo){ .text = text, .end = true }));
}

static void later_expr(struct printer *p, const struct rules_expr *e)
{
	array_push(p->out->arena, &p->todo, ((struct todo){ .e = e }));
}

static void later_inside(struct printer *p, const struct rules_expr *e)
{
	later(p, "(");
	later_expr(p, e);
	later(p, ")");
}

static bool is_simple(const struct rules_expr *e)
{
	return e->kind == EXPR_NUMBER || e->kind == EXPR_NAME ||
	       e->kind == EXPR_WORD || e->kind == EXPR_CAST;
}

static void later_operand(struct printer *p, const struct rules_expr *e)
{
	if (is_simple(e) || e->kind == EXPR_INVERT || e->kind == EXPR_MINUS)
		later_expr(p, e);
	else
		later_inside(p, e);
}

static void put_number(struct printer *p, uint64_t n)
{
	buf_printf(&p->piece, n < 10000 ? "%" PRIu64 : "%#" PRIx64, n);
}

static const char *operator_text(uint8_t op)
{
	switch (op) {
	case TOKEN_OR:
		return " | ";
	case TOKEN_XOR:
		return " ^ ";
	case TOKEN_AND:
		return " & ";
	case TOKEN_LSH:
		return " << ";
	case TOKEN_RSH:
		return " >> ";
	case TOKEN_PLUS:
		return " + ";
	case TOKEN_MINUS:
		return " - ";
	default:
		return " * ";
	}
}

static void put_chain(struct printer *p, const struct rules_expr *e)
{
	for (uint32_t i = 0; i < e->kid.n; i++) {
		if (i)
			later_operator(p, operator_text(e->op.v[i]));
		later_operand(p, e->kid.v[i]);
	}
}

static void put_compare(struct printer *p, const struct rules_expr *e)
{
	static const char *const text[] = {
		[RULES_EQ] = " == ",
		[RULES_NE] = " != ",
		[RULES_LT] = " < ",
		[RULES_LE] = " <= ",
		[RULES_GT] = " > ",
		[RULES_GE] = " >= ",
		[RULES_ANY] = " & ",
		[RULES_WITHIN] = " within ",
	};
	const struct rules_expr *rhs = e->kid.v[1];

	later_operand(p, e->kid.v[0]);
	later(p, text[e->cmp]);
	if (rhs->kind == EXPR_CHAIN && rhs->op.v[1] == TOKEN_OR)
		later_expr(p, rhs);
	else
		later_operand(p, rhs);
}

static void put_in(struct printer *p, const struct rules_expr *e)
{
	later_operand(p, e->kid.v[0]);
	later(p, " in (");
	for (uint32_t i = 1; i < e->kid.n; i += 2) {
		if (i > 1)
			later_operator(p, ", ");
		later_operand(p, e->kid.v[i]);
		if (!e->kid.v[i + 1])
			continue;
		later(p, "..");
		later_operand(p, e->kid.v[i + 1]);
	}
	later(p, ")");
}

static void put_list(struct printer *p, const struct rules_expr *e)
{
	for (uint32_t i = 0; i < e->kid.n; i++) {
		const struct rules_expr *kid = e->kid.v[i];

		if (i)
			later_operator(p, e->kind == EXPR_AND ? " and " : " or ");
		if (kid->kind == EXPR_AND || kid->kind == EXPR_OR)
			later_inside(p, kid);
		else
			later_expr(p, kid);
	}
}

/* Write E's own part; its operands come later. */
static void begin_expr(struct printer *p, const struct rules_expr *e)
{
	switch (e->kind) {
	case EXPR_NUMBER:
		put_number(p, e->number);
		break;
	case EXPR_NAME:
		buf_write(&p->piece, e->name, e->len);
		break;
	case EXPR_WORD:
		buf_printf(&p->piece, "args[%" PRIu64 "]", e->number);
		break;
	case EXPR_CAST:
		buf_write(&p->piece, e->name, e->len);
		later_inside(p, e->kid.v[0]);
		break;
	case EXPR_MINUS:
	case EXPR_INVERT:
		buf_putc(&p->piece, e->kind == EXPR_MINUS ? '-' : '~');
		if (is_simple(e->kid.v[0]))
			later_expr(p, e->kid.v[0]);
		else
			later_inside(p, e->kid.v[0]);
		break;
	case EXPR_CHAIN:
		put_chain(p, e);
		break;
	case EXPR_COMPARE:
		put_compare(p, e);
		break;
	case EXPR_IN:
		put_in(p, e);
		break;
	case EXPR_AND:
	case EXPR_OR:
		put_list(p, e);
		break;
	case EXPR_NOT:
		buf_puts(&p->piece, "not ");
		later_inside(p, e->kid.v[0]);
		break;
	}
}

/*
 * Reverse what was put off since there were FIRST, so that it comes in its
 * order.
 */
static void turn_over(struct printer *p, uint32_t first)
{
	for (uint32_t last = p->todo.n; first + 1 < last; first++) {
		struct todo t = p->todo.v[first];

		p->todo.v[first] = p->todo.v[--last];
		p->todo.v[last] = t;
	}
}

static void put_expr(struct printer *p, const struct rules_expr *e)
{
	later_expr(p, e);
	while (p->todo.n) {
		struct todo t = p->todo.v[--p->todo.n];
		uint32_t first = p->todo.n;

		if (t.e)
			begin_expr(p, t.e);
		else
			buf_puts(&p->piece, t.text);
		if (t.end)
			end_piece(p);
		turn_over(p, first);
	}
}

/* --- actions and settings ------------------------------------------------- */

static void put_written(struct printer *p, const struct rules_written *w)
{
	buf_puts(&p->piece, policy_verb_name(w->verb));
	if (w->verb == RULES_ERRNO && w->name)
		buf_printf(&p->piece, " %.*s", (int)w->len, w->name);
	else if (w->verb == RULES_ERRNO || w->verb == RULES_TRACE ||
	         (w->verb == RULES_TRAP && w->data))
		buf_printf(&p->piece, " %" PRIu64, w->data);
}

/* Return what NAME, if it was written with one, is on ABI with value DATA. */
static struct rules_written written(const struct sys_abi *abi,
                                    const struct rules_action *a, uint32_t ret)
{
	struct rules_written w = { .verb = a->verb,
		                   .data = ret & SECCOMP_RET_DATA };

	w.name = w.verb == RULES_ERRNO ? sys_errno_name(abi, (uint32_t)w.data)
	                               : NULL;
	w.len = w.name ? (uint32_t)strlen(w.name) : 0;
	return w;
}

static void put_setting(struct printer *p, const char *word,
                        const struct rules_tree *t,
                        const struct rules_action *a, uint32_t ret)
{
	struct rules_written w = written(t->abi[0], a, ret);

	begin_line(p);
	buf_printf(&p->piece, "%s ", word);
	put_written(p, &w);
	end_line(p);
}

static void put_abis(struct printer *p, uint32_t mask)
{
	bool first = true;

	for (unsigned i = 0; i < SYS_NABIS; i++) {
		if (!(mask & 1u << i))
			continue;
		if (!first) {
			buf_puts(&p->piece, ", ");
			end_piece(p);
		}
		buf_puts(&p->piece, sys_abis[i].name);
		first = false;
	}
}

static uint32_t tree_mask(const struct rules_tree *t)
{
	uint32_t mask = 0;

	for (uint32_t i = 0; i < t->nabi; i++)
		mask |= 1u << t->abi[i]->id;
	return mask;
}

static void put_settings(struct printer *p, const struct rules_tree *t)
{
	put_setting(p, "default", t, t->fallback, t->fallback_ret[t->abi[0]->id]);
	if (t->foreign)
		put_setting(p, "foreign", t, t->foreign, t->foreign_ret);
	begin_line(p);
	buf_puts(&p->piece, "abi ");
	put_abis(p, tree_mask(t));
	end_line(p);
	if (t->x32_marked) {
		begin_line(p);
		buf_puts(&p->piece, t->x32_above ? "x32 above" : "x32 marked");
		end_line(p);
	}
	if (!t->has_kernel)
		return;
	begin_line(p);
	buf_printf(&p->piece, "kernel %u.%u", t->kernel >> 16, t->kernel & 0xffff);
	end_line(p);
}

/* --- statements ----------------------------------------------------------- */

static void put_patterns(struct printer *p, const struct rules_item *item)
{
	buf_putc(&p->piece, '(');
	for (uint32_t i = 0; i < item->pattern.n; i++) {
		if (i)
			buf_puts(&p->piece, ", ");
		if (item->pattern.v[i])
			put_expr(p, item->pattern.v[i]);
		else
			buf_putc(&p->piece, '_');
	}
	buf_putc(&p->piece, ')');
}

static void put_items(struct printer *p, const struct rules_statement *s)
{
	array_each(item, &s->item) {
		if (item != s->item.v) {
			buf_puts(&p->piece, item->minus ? " - " : ", ");
			end_piece(p);
		}
		if (item->kind == ITEM_NR) {
			buf_puts(&p->piece, "nr(");
			put_expr(p, item->nr);
			buf_putc(&p->piece, ')');
			continue;
		}
		buf_printf(&p->piece, "%s%.*s",
		           item->kind == ITEM_GROUP ? "@" : "", (int)item->len,
		           item->name);
		if (item->patterns)
			put_patterns(p, item);
	}
}

static void put_statement(struct printer *p, const struct rules_statement *s)
{
	/* A list of another tool's may be of calls that these ABIs do not have. */
	if (s->kind == STATEMENT_GROUP && s->item.n == 0)
		return;
	begin_line(p);
	if (s->kind == STATEMENT_RULE) {
		put_written(p, &s->action);
		buf_putc(&p->piece, ' ');
		put_items(p, s);
		if (s->expr) {
			buf_puts(&p->piece, " if ");
			put_expr(p, s->expr);
		}
	} else if (s->kind == STATEMENT_GROUP) {
		buf_printf(&p->piece, "group @%.*s = ", (int)s->len, s->name);
		put_items(p, s);
	} else {
		buf_printf(&p->piece, "let %.*s = ", (int)s->len, s->name);
		put_expr(p, s->expr);
	}
	end_line(p);
}

/* Tell whether S is a let whose value came from outside. */
static bool is_defined(const struct rules_statement *s,
                       const struct rules_options *o)
{
	for (size_t i = 0; s->kind == STATEMENT_LET && i < o->ndefine; i++)
		if (strlen(o->define[i].name) == s->len &&
		    !memcmp(o->define[i].name, s->name, s->len))
			return true;
	return false;
}

static void put_defines(struct printer *p, const struct rules_options *o)
{
	for (size_t i = 0; i < o->ndefine; i++) {
		struct sys_number n = o->define[i].value;

		begin_line(p);
		buf_printf(&p->piece, "let %s = %s", o->define[i].name,
		           n.negative ? "-" : "");
		put_number(p, n.negative ? -n.bits : n.bits);
		end_line(p);
	}
}

/*
 * Begin or end the block of statements for the ABIs of MASK; UINT32_MAX: there
 * is none.
 */
static void put_block(struct printer *p, uint32_t mask, bool begins)
{
	if (mask == UINT32_MAX)
		return;
	if (begins) {
		begin_line(p);
		buf_puts(&p->piece, "on ");
		put_abis(p, mask);
		buf_puts(&p->piece, " {");
		end_line(p);
		p->indent = 4;
		return;
	}
	p->indent = 0;
	buf_puts(&p->piece, "}");
	end_line(p);
}

/* Tell whether S is a statement that is printed, and not a let of O. */
static bool is_printed(const struct rules_statement *s, const struct rules_options *o)
{
	return (s->kind == STATEMENT_RULE || s->kind == STATEMENT_GROUP ||
	        s->kind == STATEMENT_LET) &&
	       !(o && is_defined(s, o));
}

void policy_print(struct buf *out, const struct rules_tree *t,
                  const struct rules_options *o)
{
	struct printer p = { .out = out, .piece = { .arena = out->arena } };
	uint32_t all = tree_mask(t), block = UINT32_MAX, mask;

	put_settings(&p, t);
	if (o)
		put_defines(&p, o);
	array_each(it, &t->syntax->statement) {
		const struct rules_statement *s = *it;

		if (!is_printed(s, o))
			continue;
		mask = (s->abis & all) == all ? UINT32_MAX : s->abis;
		if (mask != block) {
			put_block(&p, block, false);
			put_block(&p, mask, true);
			block = mask;
		}
		put_statement(&p, s);
	}
	put_block(&p, block, false);
}

struct policy_texts policy_statements(struct arena *arena, const struct rules_tree *t,
                                      const struct rules_options *o)
{
	struct policy_texts texts = { .v = { 0 } };
	uint32_t all = tree_mask(t);

	for (size_t i = 0; i < o->ndefine; i++) {
		struct rules_options one = *o;
		struct buf out = { .arena = arena };
		struct printer p = { .out = &out, .piece = { .arena = arena } };

		one.define = &o->define[i];
		one.ndefine = 1;
		put_defines(&p, &one);
		array_push(arena, &texts.v, buf_str(&out));
	}
	array_each(it, &t->syntax->statement) {
		const struct rules_statement *s = *it;
		uint32_t mask = (s->abis & all) == all ? UINT32_MAX : s->abis;
		struct buf out = { .arena = arena };
		struct printer p = { .out = &out, .piece = { .arena = arena } };

		if (!is_printed(s, o))
			continue;
		put_block(&p, mask, true);
		put_statement(&p, s);
		put_block(&p, mask, false);
		array_push(arena, &texts.v, buf_str(&out));
	}
	return texts;
}
