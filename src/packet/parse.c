/*
 * The tree. A shift-reduce parser with its own stack of frames, so that depth
 * costs memory and not stack. What makes the language odd is kept here: a
 * parenthesis may hold a condition, a number or a list of ids, which only its
 * inside tells; ids inherit the qualifiers of what comes before them; `and`
 * and `or` bind alike; `%` and `^` take everything to their right.
 */
#include <assert.h>

#include "packet/parse.h"

static struct frame pop(struct parser *p)
{
	assert(p->frames.n > 1); /* the root stays */
	return p->frames.v[--p->frames.n];
}

/* --- operators ------------------------------------------------------------ */

/* Return how tight an arithmetic operator binds; 0 if it is none; NEG is tightest. */
static int precedence(enum token_kind op)
{
	switch (op) {
	case TOKEN_BAR:
		return 1;
	case TOKEN_AMP:
		return 2;
	case TOKEN_LSH:
	case TOKEN_RSH:
		return 3;
	case TOKEN_PLUS:
	case TOKEN_MINUS:
		return 4;
	case TOKEN_STAR:
	case TOKEN_SLASH:
		return 5;
	case TOKEN_PERCENT:
	case TOKEN_CARET:
		return 7; /* no frame lets go of its operand to their left */
	default:
		return 0;
	}
}

/* Tell whether the frame on top is arithmetic that is complete before operator OP. */
static bool binds_first(const struct frame *f, enum token_kind op)
{
	if (f->kind == FRAME_NEG)
		return precedence(op) < 7;
	/* What is right of % and ^ goes on as far as it can. */
	if (f->op == TOKEN_PERCENT || f->op == TOKEN_CARET)
		return precedence(op) == 0;
	return precedence(op) <= precedence(f->op);
}

static bool is_arith(const struct parser *p)
{
	return p->v.class == CLASS_NUM || p->v.class == CLASS_ARITH;
}

static bool swallows(enum token_kind op)
{
	return op == TOKEN_PERCENT || op == TOKEN_CARET;
}

/*
 * Warn if % or ^ took more, to the right or from the left, than C programmers
 * expect.
 */
static void warn_swallowed(struct parser *p, const struct frame *f)
{
	const struct tree_node *right = parse_node(p, p->v.node), *last;
	uint32_t len = p->v.at.end - p->v.at.start;
	enum {
		SHOWN = 60
	};

	if (!swallows(f->op) || right->kind != TREE_BINARY || right->paren)
		return;
	/* Of a chain of them the last one is enough. */
	last = parse_node(p, right->right);
	if (swallows((enum token_kind)right->op) && last->kind == TREE_BINARY &&
	    !last->paren)
		return;
	diag_warning(p->diags, DIAG_W_SWALLOWS, f->at,
	             "'%.*s' takes all of '%.*s%s' as its right side; write parentheses",
	             SPAN_TEXT(p, f->at), (int)min_u32(len, SHOWN),
	             p->scan.src->text + p->v.at.start, len > SHOWN ? "..." : "");
}

/* Reduce the arithmetic frame on top together with p->v. */
static void reduce_arith(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = { .kind = TREE_NEG, .op = f.op, .op_at = f.at };

	if (f.kind == FRAME_BINARY) {
		warn_swallowed(p, &f);
		n.kind = TREE_BINARY;
		n.left = f.left.node;
		n.right = p->v.node;
		n.at = span_join(f.left.at, p->v.at);
	} else {
		n.left = p->v.node;
		n.at = span_join(f.at, p->v.at);
	}
	p->may = f.may;
	parse_give(p, CLASS_ARITH, n, UNDEFINED);
}

/* Turn a number into the id that it turned out to be. */
static void number_to_id(struct parser *p)
{
	struct tree_node *n = parse_node(p, p->v.node);

	n->kind = TREE_ID;
	n->q = p->v.q;
	n->word = WORD_NONE;
	parse_id_at(p, n)->at = p->v.at;
	n->at = p->v.at;
	p->v.class = CLASS_NID;
}

/* Settle p->v as a condition or id, now that no arithmetic can follow. */
static bool settle(struct parser *p)
{
	if (!is_arith(p))
		return true;
	if (p->v.class == CLASS_NUM && p->may & MAY_ID) {
		if (p->v.q.type == TYPE_UNDEF)
			return ERROR(
				p, p->v.at,
				E_SYNTAX "'%.*s' needs a qualifier, such as 'port %.*s', or a comparison",
				SPAN_TEXT(p, p->v.at), SPAN_TEXT(p, p->v.at));
		number_to_id(p);
		return true;
	}
	return p->scan.failed ? false : parse_lone_number(p, p->v.at);
}

static void warn_mixed(struct parser *p, struct frame *level, struct span at)
{
	if (!level->seen_and || !level->seen_or || level->warned)
		return;
	level->warned = true;
	diag_warning(
		p->diags, DIAG_W_AND_OR, at,
		"'and' and 'or' bind alike, left to right: this groups '%.*s' first; "
		"write parentheses to make that plain",
		SPAN_TEXT(p, p->v.at));
}

/* Open the frame of `and` or `or`; p->v is its complete left side. */
static bool open_logic(struct parser *p)
{
	struct frame *level = parse_top(p);
	bool ids = p->v.class == CLASS_NID || p->v.class == CLASS_IDS;

	if (p->v.class == CLASS_ID)
		return ERROR(p, p->v.at,
		             E_SYNTAX "a list of ids in parentheses cannot begin another one; "
		                      "remove these parentheses");
	if (p->t.kind == TOKEN_AND)
		level->seen_and = true;
	else
		level->seen_or = true;
	warn_mixed(p, level, p->t.at);
	parse_push(p, (struct frame){ .kind = FRAME_LOGIC,
	                              .op = p->t.kind,
	                              .left = p->v,
	                              .may = p->may,
	                              .at = p->t.at });
	p->q = p->v.q;
	p->may = ids ? MAY_ID : MAY_TERM | MAY_ID | MAY_ARITH;
	parse_next(p);
	return true;
}

static void reduce_logic(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = {
		.kind = f.op == TOKEN_AND ? TREE_AND : TREE_OR,
		.left = f.left.node,
		.right = p->v.node,
		.at = span_join(f.left.at, p->v.at),
		.op_at = f.at,
	};
	bool ids = f.left.class == CLASS_NID || f.left.class == CLASS_IDS;

	p->may = f.may;
	parse_give(p, ids ? CLASS_IDS : CLASS_EXPR, n, p->v.q);
}

static void reduce_not(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = {
		.kind = TREE_NOT,
		.left = p->v.node,
		.at = span_join(f.at, p->v.at),
	};

	p->may = f.may;
	parse_give(p, p->v.class == CLASS_TERM ? CLASS_TERM : CLASS_NID, n, p->v.q);
}

/* Reduce a head and the id after it to a condition; its text is both. */
static void reduce_head(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node *n = parse_node(p, p->v.node);

	p->may = f.may;
	p->v.class = CLASS_TERM;
	p->v.at = span_join(f.at, p->v.at);
	if (n->kind == TREE_ID)
		n->at = p->v.at;
}

static bool reduce_relation(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = {
		.kind = TREE_RELATION,
		.op = f.op,
		.op_at = f.at,
		.left = f.left.node,
		.right = p->v.node,
		.at = span_join(f.left.at, p->v.at),
	};

	p->may = f.may;
	return parse_give_term(p, n);
}

/* Read ] or :width], and close the index. */
static bool close_index(struct parser *p)
{
	struct frame f = pop(p);
	struct tree_node n = { .kind = TREE_INDEX,
		               .left = p->v.node,
		               .q = f.q,
		               .value = 1,
		               .at = f.at,
		               .op_at = f.at };

	if (p->t.kind == TOKEN_COLON) {
		parse_next(p);
		if (p->t.kind != TOKEN_NUM)
			return parse_unexpected(p, "how many bytes to read: 1, 2 or 4");
		n.value = p->t.number;
		n.op_at = p->t.at;
		parse_next(p);
	}
	if (p->t.kind != TOKEN_RBRACKET)
		return p->t.kind == TOKEN_END && !p->scan.failed
		               ? ERROR(p, f.at, E_SYNTAX "unmatched '[' after '%.*s'",
		                       SPAN_TEXT(p, f.at))
		               : parse_unexpected(p, "']'");
	n.at = span_join(f.at, p->t.at);
	parse_next(p);
	p->may = f.may;
	return parse_give(p, CLASS_ARITH, n, UNDEFINED);
}

static bool close_paren(struct parser *p)
{
	struct frame f = *parse_top(p);
	struct span at = span_join(f.at, p->t.at);

	switch (p->v.class) {
	case CLASS_NUM:
	case CLASS_ARITH:
		parse_node(p, p->v.node)->paren = true;
		break;
	case CLASS_TERM:
	case CLASS_EXPR:
		p->v.class = CLASS_TERM;
		p->v.q = f.q;
		break;
	case CLASS_NID:
	case CLASS_IDS:
		p->v.class = CLASS_ID;
		break;
	case CLASS_ID:
		return ERROR(p, p->v.at,
		             E_SYNTAX "doubled parentheses around ids; remove one pair");
	}
	pop(p);
	parse_next(p);
	p->v.at = at;
	p->may = f.may;
	return true;
}

/* Open the frame of the operator at hand, whose left side is p->v. */
static void open_operator(struct parser *p, enum frame_kind kind)
{
	parse_push(p, (struct frame){ .kind = kind,
	                              .op = p->t.kind,
	                              .left = p->v,
	                              .may = p->may,
	                              .at = p->t.at });
	parse_next(p);
	p->may = MAY_ARITH;
}

/*
 * Reduce what is complete before the token at hand; set *MORE if an operand
 * must come next. The order matters: arithmetic binds tighter than relations,
 * and these tighter than the rest. A number becomes an id or an error only
 * where neither follows.
 */
static bool operate(struct parser *p, bool *more)
{
	struct frame *f = parse_top(p);
	int level = precedence(p->t.kind);

	*more = false;
	if ((f->kind == FRAME_BINARY || f->kind == FRAME_NEG) &&
	    binds_first(f, p->t.kind)) {
		reduce_arith(p);
		return true;
	}
	if (is_arith(p) && level && p->may & MAY_ARITH) {
		open_operator(p, FRAME_BINARY);
		return *more = true;
	}
	if (is_arith(p) && parse_is_relation(p->t.kind) && p->may & MAY_TERM) {
		open_operator(p, FRAME_RELATION);
		return *more = true;
	}
	if (f->kind == FRAME_RELATION)
		return reduce_relation(p);
	if (f->kind == FRAME_INDEX)
		return close_index(p);
	if (f->kind == FRAME_PAREN && p->t.kind == TOKEN_RPAREN)
		return close_paren(p);
	if (!settle(p))
		return false;

	switch (f->kind) {
	case FRAME_NOT:
		reduce_not(p);
		return true;
	case FRAME_HEAD:
		reduce_head(p);
		return true;
	case FRAME_LOGIC:
		reduce_logic(p);
		return true;
	default:
		break;
	}
	if (p->t.kind == TOKEN_AND || p->t.kind == TOKEN_OR)
		return *more = open_logic(p);
	if (p->t.kind == TOKEN_END && f->kind == FRAME_PAREN && !p->scan.failed)
		return ERROR(p, f->at, E_SYNTAX "unmatched '('");
	return p->scan.failed ? false : parse_no_operator(p);
}

/*
 * Read one operand and the operators after it, up to the next operand or the
 * end.
 */
static bool step(struct parser *p, bool *end)
{
	bool more;

	do {
		if (!parse_operand(p, &more))
			return false;
	} while (!more);
	do {
		*end = p->frames.n == 1 && p->t.kind == TOKEN_END && !is_arith(p);
		if (*end)
			return !p->scan.failed;
		if (!operate(p, &more))
			return false;
	} while (!more);
	return true;
}

bool packet_parse(struct tree *t, struct arena *arena, struct diags *d, uint32_t source,
                  const struct packet_options *o)
{
	struct parser p = {
		.tree = t,
		.arena = arena,
		.diags = d,
		.o = o,
		.scan = { .diags = d, .src = &d->sources.v[source], .source = source },
		.may = MAY_TERM | MAY_ARITH,
		.q = UNDEFINED,
	};
	struct source copy = d->sources.v[source];
	bool end = false;

	p.scan.src = &copy; /* the array moves when a list file is read */
	parse_keep_id(&p, (struct id){ .kind = ID_NONE });
	parse_push(&p, (struct frame){ .kind = FRAME_ROOT, .may = p.may });
	parse_next(&p);
	if (p.t.kind == TOKEN_END)
		return !p.scan.failed;
	while (!end)
		if (!step(&p, &end))
			return false;
	return true;
}
