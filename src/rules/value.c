/*
 * Expressions that have a value: constants, per ABI, and arguments of a call.
 * Numbers are exact from -2^63 to 2^64-1; what leaves that range is an error.
 */
#include <assert.h>
#include <string.h>

#include "rules/resolve.h"

/* More complaints than this do not help. */
enum {
	MOST_REPORTS = 200
};

bool rules_first(struct rules_context *c, struct span at)
{
	if (c->reported.n >= MOST_REPORTS)
		return false;
	array_each(it, &c->reported)
		if (it->source == at.source && it->start == at.start)
			return false;
	array_push(c->arena, &c->reported, at);
	return true;
}

/* --- names ---------------------------------------------------------------- */

struct rules_let **rules_let_slot(struct rules_context *c, const char *name,
                                  uint32_t len)
{
	return &c->let[hash_bytes(name, len, 0) % ARRAY_LEN(c->let)];
}

static bool is_name(const char *text, const char *name, uint32_t len)
{
	return text && strlen(text) == len && !memcmp(text, name, len);
}

/*
 * Return the let of that name that has a value on C->abi; the one from outside first.
 */
static struct rules_let *find_let(struct rules_context *c, const char *name,
                                  uint32_t len)
{
	struct rules_let *found = NULL;

	for (struct rules_let *l = *rules_let_slot(c, name, len); l;
	     l = l->next)
		if (l->len == len && !memcmp(l->name, name, len) &&
		    l->abis & 1u << c->abi->id && (!found || l->outside))
			found = l;
	return found;
}

static int find_arg(const struct sys_call *call, const char *name,
                    uint32_t len)
{
	for (unsigned i = 0; call && i < call->nargs; i++)
		if (is_name(call->arg[i].name, name, len) ||
		    is_name(call->arg[i].alias, name, len))
			return (int)i;
	return -1;
}

/* Return another ABI on which the call has an argument of this name, else NULL. */
static const struct sys_abi *other_abi(const struct rules_context *c,
                                       const char *name, uint32_t len)
{
	struct sys_call call;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (sys_call_by_name(&sys_abis[i], c->call->name,
		                     strlen(c->call->name), &call) &&
		    find_arg(&call, name, len) >= 0)
			return &sys_abis[i];
	return NULL;
}

/* Return an ABI that has this constant. */
static const struct sys_abi *constant_abi(const char *name, uint32_t len)
{
	struct sys_number number;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (sys_constant(&sys_abis[i], name, len, &number))
			return &sys_abis[i];
	return NULL;
}

static bool looks_constant(const char *name, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			return false;
	return true;
}

static void offer_constants(struct rules_context *c, struct suggest *s)
{
	const char *name;

	for (uint32_t i = 0; (name = sys_constant_name(i)); i++)
		suggest_offer(s, name);
	for (size_t i = 0; i < ARRAY_LEN(c->let); i++)
		for (const struct rules_let *l = c->let[i]; l; l = l->next)
			if (l->abis & 1u << c->abi->id)
				suggest_offer(s,
				              arena_strndup(c->arena, l->name,
				                            l->len));
}

static void offer_args(const struct sys_call *call, struct suggest *s)
{
	for (unsigned i = 0; i < call->nargs; i++) {
		suggest_offer(s, call->arg[i].name);
		if (call->arg[i].alias)
			suggest_offer(s, call->arg[i].alias);
	}
}

/* List the arguments, such as "'fd', 'buf', 'count'". */
static const char *list_args(const struct rules_context *c,
                             const struct sys_call *call)
{
	struct buf out = { .arena = c->arena };

	for (unsigned i = 0; i < call->nargs; i++)
		buf_printf(&out, "%s'%s'", i ? ", " : "", call->arg[i].name);
	return out.len ? buf_str(&out) : "none";
}

/*
 * Return the number in "arg0", "args0" or "a0", other languages' names for
 * arguments; else -1.
 */
static int written_word(const struct rules_expr *e)
{
	static const char *const before[] = { "a", "arg", "args", "arg_" };
	uint32_t len = e->len - 1;

	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		if (is_name(before[i], e->name, len) && e->name[len] >= '0' &&
		    e->name[len] < '0' + SYS_ARGS)
			return e->name[len] - '0';
	return -1;
}

/* Complain of E, a name that looks like a constant and is none on C's ABI. */
static void unknown_constant(struct rules_context *c, const struct rules_expr *e)
{
	const struct sys_abi *abi = constant_abi(e->name, e->len);
	struct suggest s;

	if (abi) {
		diag_error(c->diags, e->at,
		           E_UNKNOWN "'%.*s' is a constant on %s, but not on %s; put a "
		                     "rule for the ABIs that have it into 'on ABI { }'",
		           (int)e->len, e->name, abi->name, c->abi->name);
		return;
	}
	suggest_start(&s, e->name, e->len);
	offer_constants(c, &s);
	if (c->call)
		offer_args(c->call, &s);
	diag_error(c->diags, e->at, E_UNKNOWN "unknown constant '%.*s' on %s%s",
	           (int)e->len, e->name, c->abi->name, suggest_text(c->arena, &s));
}

/* Complain that C->call has no argument E, and tell which one may be meant. */
static void no_argument(struct rules_context *c, const struct rules_expr *e)
{
	struct suggest s;

	suggest_start(&s, e->name, e->len);
	offer_args(c->call, &s);
	if (!suggest_best(&s))
		offer_constants(c, &s);
	if (suggest_best(&s))
		diag_error(c->diags, e->at, E_UNKNOWN "'%s' has no argument '%.*s'%s",
		           c->call->name, (int)e->len, e->name,
		           suggest_text(c->arena, &s));
	else
		diag_error(c->diags, e->at, E_UNKNOWN "'%s' has no argument '%.*s'; it has %s",
		           c->call->name, (int)e->len, e->name,
		           list_args(c, c->call));
}

/* Complain of E, a name in the place of one of C->call's arguments. */
static void unknown_argument(struct rules_context *c, const struct rules_expr *e)
{
	const struct sys_abi *abi = other_abi(c, e->name, e->len);
	int word = written_word(e);

	if (!c->call->known)
		diag_error(c->diags, e->at,
		           E_UNKNOWN "weir does not know the arguments of '%s'; use "
		                     "args[0] to args[5]",
		           c->call->name);
	else if (abi)
		diag_error(c->diags, e->at,
		           E_UNKNOWN "'%s' has an argument '%.*s' on %s, but not on %s; "
		                     "put a separate rule into 'on %s { }'",
		           c->call->name, (int)e->len, e->name, abi->name,
		           c->abi->name, abi->name);
	else if (word >= 0)
		diag_error(c->diags, e->at,
		           E_UNKNOWN "'%s' has no argument '%.*s'; argument %d is passed "
		                     "in 'args[%d]'",
		           c->call->name, (int)e->len, e->name, word + 1, word);
	else
		no_argument(c, e);
}

/* Complain of E, a name that is neither an argument nor a constant. */
static void unknown_name(struct rules_context *c, const struct rules_expr *e)
{
	bool constant = !c->call || looks_constant(e->name, e->len);

	if ((constant && c->incomplete) || !rules_first(c, e->at))
		return;
	if (constant)
		unknown_constant(c, e);
	else
		unknown_argument(c, e);
}

/* --- arguments ------------------------------------------------------------ */

/* Make the side that reads an argument in word LO (and HI) as TYPE. */
static struct rules_side make_arg(const struct sys_abi *abi, int8_t lo,
                                  int8_t hi, struct sys_type type,
                                  struct span at)
{
	struct rules_side side = { .is_arg = true, .type = type, .at = at };

	/* A word of 64 bits holds its upper half itself. */
	if (hi < 0 && abi->word == 64)
		hi = lo;
	side.operand = (struct rules_operand){
		.is_arg = true,
		.lo = lo,
		.hi = type.width == 64 ? hi : -1,
		.is_pointer = type.is_pointer,
		.mask = sys_ones(type.width),
		.at = at,
	};
	return side;
}

struct rules_side rules_arg_side(const struct rules_context *c, unsigned i,
                                 struct span at)
{
	const struct sys_arg *arg = &c->call->arg[i];

	return make_arg(c->abi, arg->lo, arg->hi, arg->type, at);
}

/* Make the side args[N], the whole word. */
static bool side_of_word(struct rules_context *c, const struct rules_expr *e,
                         struct rules_side *out)
{
	struct sys_type type = { c->abi->word, false, false };

	if (!c->call) {
		rules_complain(c, e->at, "arguments have no value here");
		return false;
	}
	assert(e->number < SYS_ARGS); /* the reader of the text saw to it */
	*out = make_arg(c->abi, (int8_t)e->number, -1, type, e->at);
	return true;
}

static bool side_of_name(struct rules_context *c, const struct rules_expr *e,
                         struct rules_side *out)
{
	int arg = find_arg(c->call, e->name, e->len);
	struct rules_let *let = find_let(c, e->name, e->len);

	*out = (struct rules_side){ .at = e->at };
	if (arg >= 0 && let) {
		rules_complain(
			c, e->at,
			"ambiguous '%.*s': an argument of '%s' and a value "
			"have this name",
			(int)e->len, e->name, c->call->name);
		return false;
	}
	if (arg >= 0) {
		*out = rules_arg_side(c, (unsigned)arg, e->at);
		return true;
	}
	if (let) {
		let->used = true;
		out->number = let->value[c->abi->id];
		return !let->broken;
	}
	if (sys_constant(c->abi, e->name, e->len, &out->number))
		return true;
	unknown_name(c, e);
	return false;
}

/* --- numbers -------------------------------------------------------------- */

#define TOP (UINT64_C(1) << 63)

/* Make a number of sign and magnitude; false if it does not fit. */
static bool from_magnitude(uint64_t magnitude, bool negative,
                           struct sys_number *out)
{
	if (negative && magnitude > TOP)
		return false;
	out->bits = negative ? -magnitude : magnitude;
	out->negative = negative && magnitude;
	return true;
}

static uint64_t magnitude(struct sys_number a)
{
	return a.negative ? -a.bits : a.bits;
}

/* Compute A + B, or A - B if MINUS; false if it does not fit. */
static bool add(struct sys_number a, struct sys_number b, bool minus,
                struct sys_number *out)
{
	uint64_t x = magnitude(a), y = magnitude(b), sum;
	bool negative = b.negative != minus;

	if (a.negative != negative)
		return x >= y ? from_magnitude(x - y, a.negative, out)
		              : from_magnitude(y - x, negative, out);
	return !__builtin_add_overflow(x, y, &sum) &&
	       from_magnitude(sum, negative, out);
}

static bool negate(struct sys_number a, struct sys_number *out)
{
	return from_magnitude(magnitude(a), !a.negative, out);
}

static bool multiply(struct sys_number a, struct sys_number b,
                     struct sys_number *out)
{
	uint64_t product;

	return !__builtin_mul_overflow(magnitude(a), magnitude(b), &product) &&
	       from_magnitude(product, a.negative != b.negative, out);
}

/*
 * Make a number of BITS with the sign that a bit operation on the signs gave;
 * false if it does not fit.
 */
static bool from_bits(uint64_t bits, bool negative, struct sys_number *out)
{
	*out = (struct sys_number){ bits, negative };
	return !negative || bits & TOP;
}

static bool shift_right(struct sys_number a, uint64_t n,
                        struct sys_number *out)
{
	uint64_t bits = a.bits >> n;

	if (a.negative && n)
		bits |= ~(UINT64_MAX >> n);
	return from_bits(bits, a.negative, out);
}

/* Compute A OP B; false if the result does not fit or OP has no meaning. */
static bool compute(struct sys_number a, enum rules_token_kind op,
                    struct sys_number b, struct sys_number *out)
{
	bool shifts = !b.negative && b.bits < 64;

	if (op == TOKEN_OR)
		return from_bits(a.bits | b.bits, a.negative | b.negative, out);
	if (op == TOKEN_XOR)
		return from_bits(a.bits ^ b.bits, a.negative ^ b.negative, out);
	if (op == TOKEN_AND)
		return from_bits(a.bits & b.bits, a.negative & b.negative, out);
	if (op == TOKEN_LSH)
		return shifts && multiply(a,
		                          (struct sys_number){
						  UINT64_C(1) << b.bits, false },
		                          out);
	if (op == TOKEN_RSH)
		return shifts && shift_right(a, b.bits, out);
	if (op == TOKEN_TIMES)
		return multiply(a, b, out);
	return add(a, b, op == TOKEN_MINUS, out);
}

/* --- casts, operators ----------------------------------------------------- */

static struct sys_number cast_number(struct sys_number a,
                                     struct sys_type type)
{
	uint64_t bits = a.bits & sys_ones(type.width),
		 top = UINT64_C(1) << (type.width - 1);
	bool negative = type.is_signed && bits & top;

	if (negative)
		bits |= ~sys_ones(type.width);
	return (struct sys_number){ bits, negative };
}

/* Read SIDE as cast E says. */
static void cast_side(const struct rules_context *c, const struct rules_expr *e,
                      struct rules_side *side)
{
	struct sys_type type = {
		.width = e->name[1] == '3' ? 32 : 64,
		.is_signed = e->name[0] == 'i',
	};
	struct rules_side arg = *side;

	side->at = side->operand.at = e->at;
	if (!side->is_arg) {
		side->number = cast_number(side->number, type);
		return;
	}
	/* The kind of cast decides what is read, a mask in it still holds. */
	*side = make_arg(c->abi, arg.operand.lo,
	                 arg.operand.hi == arg.operand.lo ? -1 : arg.operand.hi,
	                 type, e->at);
	if (arg.masked) {
		side->operand.mask &= arg.operand.mask;
		side->masked = true;
	}
}

/* Apply the minus or complement E to SIDE. */
static bool sign_side(struct rules_context *c, const struct rules_expr *e,
                      struct rules_side *side)
{
	struct sys_number a = side->number;

	side->at = e->at;
	if (side->is_arg) {
		rules_complain(c, e->at, "'%s' cannot be applied to an "
		                         "argument",
		               e->kind == EXPR_MINUS ? "-" : "~");
		return false;
	}
	if (e->kind == EXPR_INVERT) {
		/* Beyond 2^63 the complement is one of 64 bits. */
		side->number = (struct sys_number){
			~a.bits, !a.negative && !(a.bits & TOP)
		};
		return true;
	}
	if (negate(a, &side->number))
		return true;
	rules_complain(c, e->at, E_RANGE "the value does not fit in 64 bits");
	return false;
}

/* Apply a further "& MASK" to argument SIDE. */
static bool mask_side(struct rules_context *c, struct rules_side *side,
                      const struct rules_side *mask)
{
	if (!rules_fits_mask(mask->number, side->type.width)) {
		rules_complain(c, mask->at,
		               E_RANGE "the mask does not fit in the argument's %u "
		                       "bits",
		               side->type.width);
		return false;
	}
	side->operand.mask &= mask->number.bits;
	side->masked = true;
	return true;
}

/* Apply OP KID to SIDE, in place. */
static bool chain_step(struct rules_context *c, struct rules_side *side,
                       enum rules_token_kind op, const struct rules_side *kid)
{
	struct rules_side arg;

	if (!side->is_arg && !kid->is_arg) {
		if (compute(side->number, op, kid->number, &side->number))
			return true;
		rules_complain(c, kid->at, E_RANGE "the value does not fit in 64 bits");
		return false;
	}
	if (op != TOKEN_AND || (side->is_arg && kid->is_arg)) {
		rules_complain(c, kid->at,
		               "an argument can only be combined with a "
		               "constant, by '&'");
		return false;
	}
	if (side->is_arg)
		return mask_side(c, side, kid);
	arg = *kid;
	if (!mask_side(c, &arg, side))
		return false;
	*side = arg;
	return true;
}

/* --- expressions ---------------------------------------------------------- */

/* Count the kids of E whose values its own depends on. */
static uint32_t operands(const struct rules_expr *e)
{
	return e->kind == EXPR_CHAIN ? e->kid.n
	       : e->kind == EXPR_CAST || e->kind == EXPR_MINUS ||
	                       e->kind == EXPR_INVERT
	               ? 1
	               : 0;
}

/* Evaluate S->e once its operands are; false after an error. */
static bool finish_side(struct rules_context *c, struct rules_side_step *s)
{
	const struct rules_expr *e = s->e;

	switch (e->kind) {
	case EXPR_NUMBER:
		s->side.number.bits = e->number;
		return true;
	case EXPR_NAME:
		return side_of_name(c, e, &s->side);
	case EXPR_WORD:
		return side_of_word(c, e, &s->side);
	case EXPR_CAST:
		if (s->ok)
			cast_side(c, e, &s->side);
		return s->ok;
	case EXPR_MINUS:
	case EXPR_INVERT:
		return s->ok && sign_side(c, e, &s->side);
	case EXPR_CHAIN:
		s->side.at = s->side.operand.at = e->at;
		return s->ok;
	case EXPR_COMPARE:
	case EXPR_IN:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_NOT:
		break;
	}
	rules_complain(c, e->at,
	               E_SYNTAX "expected a value, found a condition");
	return false;
}

static void push_side(struct rules_context *c, const struct rules_expr *e)
{
	struct rules_side_step one = { .e = e, .ok = true, .side = { .at = e->at } };

	array_push(c->arena, &c->sides, one);
}

bool rules_side(struct rules_context *c, const struct rules_expr *e,
                struct rules_side *out)
{
	uint32_t base = c->sides.n;

	push_side(c, e);
	for (;;) {
		struct rules_side_step *s = &c->sides.v[c->sides.n - 1], kid;

		if (s->next < operands(s->e)) {
			push_side(c, s->e->kid.v[s->next++]);
			continue;
		}
		kid = *s;
		kid.ok = finish_side(c, &kid);
		*out = kid.side;
		if (--c->sides.n == base)
			return kid.ok;
		s = &c->sides.v[c->sides.n - 1];
		if (s->next == 1)
			s->side = kid.side;
		else if (s->ok && kid.ok)
			kid.ok = chain_step(c, &s->side, s->e->op.v[s->next - 1],
			                    &kid.side);
		s->ok &= kid.ok;
	}
}

bool rules_value(struct rules_context *c, const struct rules_expr *e,
                 struct sys_number *out)
{
	struct rules_side side;

	if (!rules_side(c, e, &side))
		return false;
	if (side.is_arg) {
		rules_complain(
			c, e->at,
			E_SYNTAX "expected a constant, found an argument");
		return false;
	}
	*out = side.number;
	return true;
}

bool rules_fits_mask(struct sys_number number, unsigned width)
{
	if (number.negative)
		return width == 64 || number.bits >= -(UINT64_C(1) << width);
	return !(number.bits & ~sys_ones(width));
}
