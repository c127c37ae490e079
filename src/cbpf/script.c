/*
 * Programs as seccomp-tools and ceccomp write and assemble them. Both have statements
 * such as "if (A == read) goto ok"; SPELLING says where they differ.
 *
 *	text      = { LABEL ":" [ code jt jf k ] } statement ...
 *	statement = register ( "=" | "+=" | ... ) value | "goto" LABEL | "return" result
 *	          | "if" condition "goto" LABEL [ [ "," ] "else" "goto" LABEL ]
 *	          | "A" compare value "?" LABEL ":" LABEL
 *	condition = [ "!" ] "(" "A" compare value ")", also with "!" within
 *
 * A disassembler puts the four numbers of an instruction before its statement. In
 * seccomp-tools' they are what counts, since its statements are not exact ("A = 64" is
 * also the length). In ceccomp's both count, since its assembler reads the statement.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "cbpf/script.h"

static const struct {
	const char *text;
	uint32_t ret;
	bool data; /* may have some, in parentheses */
} actions[] = {
	{ "KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, true },
	{ "KILL_THREAD", SECCOMP_RET_KILL_THREAD, true },
	{ "KILL", SECCOMP_RET_KILL_THREAD, true },
	{ "TRAP", SECCOMP_RET_TRAP, true },
	{ "ERRNO", SECCOMP_RET_ERRNO, true },
	{ "USER_NOTIF", SECCOMP_RET_USER_NOTIF, true },
	{ "NOTIFY", SECCOMP_RET_USER_NOTIF, true },
	{ "TRACE", SECCOMP_RET_TRACE, true },
	{ "LOG", SECCOMP_RET_LOG, true },
	{ "ALLOW", SECCOMP_RET_ALLOW, true },
};

static const struct {
	const char *text;
	uint16_t op;
} operators[] = {
	{ "+=", BPF_ADD },
	{ "-=", BPF_SUB },
	{ "*=", BPF_MUL },
	{ "/=", BPF_DIV },
	{ "|=", BPF_OR },
	{ "&=", BPF_AND },
	{ "^=", BPF_XOR },
	{ "<<=", BPF_LSH },
	{ ">>=", BPF_RSH },
};

static const struct {
	const char *text;
	uint16_t op;
	bool opposite; /* the test is of the contrary */
} comparisons[] = {
	{ "==", BPF_JEQ, false },
	{ "!=", BPF_JEQ, true },
	{ ">=", BPF_JGE, false },
	{ "<=", BPF_JGT, true },
	{ ">", BPF_JGT, false },
	{ "<", BPF_JGE, true },
	{ "&", BPF_JSET, false },
};

/* --- statements ------------------------------------------------------------------------------- */

static void add(struct script *s, uint16_t code, uint32_t k)
{
	struct cbpf_reader *r = s->r;

	array_push(r->arena, &r->out, ((struct sock_filter){ code, 0, 0, k }));
}

static bool assign(struct script *s, char to, const struct script_value *v)
{
	static const struct {
		char to;
		int is;
		uint16_t code;
	} moves[] = {
		{ 'A', SCRIPT_X, CBPF_TXA },
		{ 'A', SCRIPT_CELL, CBPF_LD_MEM },
		{ 'A', SCRIPT_DATA, CBPF_LD_W_ABS },
		{ 'A', SCRIPT_LENGTH, CBPF_LD_LEN },
		{ 'A', SCRIPT_CONSTANT, CBPF_LD_IMM },
		{ 'A', SCRIPT_NEGATED, CBPF_NEG },
		{ 'X', SCRIPT_A, CBPF_TAX },
		{ 'X', SCRIPT_CELL, CBPF_LDX_MEM },
		{ 'X', SCRIPT_LENGTH, CBPF_LDX_LEN },
		{ 'X', SCRIPT_CONSTANT, CBPF_LDX_IMM },
	};

	for (size_t i = 0; i < ARRAY_LEN(moves); i++)
		if (moves[i].to == to && moves[i].is == (int)v->is) {
			add(s, moves[i].code, v->k);
			return true;
		}
	diag_error(s->r->diags, v->at, "this cannot be assigned to %c", to);
	return false;
}

/* Read the rest of mem[K] = A. */
static bool read_store(struct script *s)
{
	uint32_t k;

	if (!script_read_index(s, CBPF_CELLS - 1, &k) || !script_expect(s, "="))
		return false;
	if (script_accept_register(s, 'A'))
		add(s, CBPF_ST, k);
	else if (script_accept_register(s, 'X'))
		add(s, CBPF_STX, k);
	else
		return script_fail_here(s, "A or X");
	return true;
}

static bool read_label(struct script *s, uint32_t insn, enum cbpf_field field)
{
	struct cbpf_jump j = { .insn = insn, .field = field, .label = script_take(s) };
	uint32_t skipped = 0;

	if (!j.label.len || *j.label.s == '$')
		return script_fail_here(s, "a label");
	if (!s->dollar && script_same(j.label, "next")) {
		j.label.len = 0;
		j.has_target = true;
		j.target = insn + 1;
	} else if (!s->dollar && is_digit(*j.label.s)) {
		/* Where no label is so called, it is how many instructions are skipped. */
		for (uint32_t i = 0; i < j.label.len && skipped <= INT32_MAX / 10; i++)
			skipped = 10 * skipped + (uint32_t)(j.label.s[i] - '0');
		j.has_target = j.label.len == 1 || *j.label.s != '0';
		j.target = insn + 1 + skipped;
	}
	array_push(s->r->arena, &s->labels.jumps, j);
	return true;
}

static bool accept_goto(struct script *s)
{
	return script_accept_word(s, "goto") || script_accept_word(s, "jmp") || script_accept_word(s, "jump");
}

/* Read a comparison of A, which is read; *OPPOSITE is swapped where it says the contrary. */
static bool read_comparison(struct script *s, bool *opposite)
{
	struct script_value v;
	size_t i = 0;

	while (i < ARRAY_LEN(comparisons) && !script_accept(s, comparisons[i].text))
		i++;
	if (i == ARRAY_LEN(comparisons))
		return script_fail_here(s, "a comparison");
	if (!script_read_operand(s, &v))
		return false;
	*opposite ^= comparisons[i].opposite;
	add(s, (uint16_t)(BPF_JMP | comparisons[i].op | (v.is == SCRIPT_X ? BPF_X : BPF_K)), v.k);
	return true;
}

static bool read_condition(struct script *s, bool *opposite)
{
	uint32_t open = 0;

	for (;;) {
		if (script_accept(s, "!"))
			*opposite ^= true;
		else if (script_accept(s, "("))
			open++;
		else
			break;
	}
	if (!open)
		return script_fail_here(s, "'('");
	if (!script_accept_register(s, 'A'))
		return script_fail_here(s, s->dollar ? "$A" : "A");
	if (!read_comparison(s, opposite))
		return false;
	while (open--)
		if (!script_expect(s, ")"))
			return false;
	return true;
}

/* Read the rest of if (A == 1) goto a else goto b. */
static bool read_if(struct script *s)
{
	uint32_t insn = s->r->out.n;
	bool opposite = false;

	if (!read_condition(s, &opposite))
		return false;
	if (!accept_goto(s))
		return script_fail_here(s, "'goto'");
	if (!read_label(s, insn, opposite ? CBPF_TO_NO : CBPF_TO_YES))
		return false;
	if (s->dollar && !script_accept(s, ","))
		return true;
	if (!script_accept_word(s, "else"))
		return !s->dollar || script_fail_here(s, "'else'");
	if (!accept_goto(s))
		return script_fail_here(s, "'goto'");
	return read_label(s, insn, opposite ? CBPF_TO_YES : CBPF_TO_NO);
}

/* Read the rest of A == 1 ? a : b. */
static bool read_choice(struct script *s)
{
	uint32_t insn = s->r->out.n;
	bool opposite = false;

	return read_comparison(s, &opposite) && script_expect(s, "?") &&
	       read_label(s, insn, opposite ? CBPF_TO_NO : CBPF_TO_YES) && script_expect(s, ":") &&
	       read_label(s, insn, opposite ? CBPF_TO_YES : CBPF_TO_NO);
}

/* Read what follows A: an assignment, arithmetic, or a choice. */
static bool read_with_a(struct script *s)
{
	struct script_value v;

	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (script_accept(s, operators[i].text)) {
			if (!script_read_operand(s, &v))
				return false;
			add(s, (uint16_t)(BPF_ALU | operators[i].op | (v.is == SCRIPT_X ? BPF_X : BPF_K)),
			    v.k);
			return true;
		}
	script_skip(s->r);
	if (s->dollar || cbpf_peek(s->r) == '=')
		if (s->r->at + 1 >= s->r->len || s->r->text[s->r->at + 1] != '=')
			return script_expect(s, "=") && script_read_value(s, &v) && assign(s, 'A', &v);
	return read_choice(s);
}

/* Read the rest of return ERRNO(1). */
static bool read_return(struct script *s)
{
	struct cbpf_reader start;
	uint32_t ret, k;
	struct cbpf_word w;

	if (script_accept_register(s, 'A')) {
		add(s, CBPF_RET_A, 0);
		return true;
	}
	start = *s->r;
	w = script_take(s);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!cbpf_word_is(w, actions[i].text))
			continue;
		k = 0;
		if (actions[i].data && script_accept(s, "(") &&
		    (!script_read_constant(s, &k) || !script_expect(s, ")")))
			return false;
		add(s, CBPF_RET_K, actions[i].ret | (k & SECCOMP_RET_DATA));
		return true;
	}
	s->r->at = start.at;
	if (!script_read_constant(s, &ret))
		return false;
	add(s, CBPF_RET_K, ret);
	return true;
}

static bool read_statement(struct script *s)
{
	struct script_value v;

	if (script_accept_word(s, "return"))
		return read_return(s);
	if (script_accept_word(s, "if"))
		return read_if(s);
	if (accept_goto(s)) {
		add(s, CBPF_JA, 0);
		return read_label(s, s->r->out.n - 1, CBPF_TO_ALWAYS);
	}
	if (script_accept_register(s, 'A'))
		return read_with_a(s);
	if (script_accept_register(s, 'X'))
		return script_expect(s, "=") && script_read_value(s, &v) && assign(s, 'X', &v);
	if (script_accept_word(s, s->dollar ? "$mem" : "mem"))
		return read_store(s);
	return script_fail_here(s, "a statement");
}

/* --- lines of a disassembler --------------------------------------------------------------------- */

/* Tell whether four numbers come next. */
static bool has_numbers(const struct script *s)
{
	struct cbpf_reader r = *s->r;

	for (int i = 0; i < 4; i++) {
		script_skip(&r);
		if (r.len - r.at < 3 || memcmp(r.text + r.at, "0x", 2) != 0)
			return false;
		while (r.at < r.len && is_word(cbpf_peek(&r)))
			r.at++;
	}
	return true;
}

static bool read_numbers(struct script *s, struct script_numbers *out)
{
	static const uint32_t max[] = { UINT16_MAX, UINT8_MAX, UINT8_MAX, UINT32_MAX };
	uint32_t v[4], start;

	script_skip(s->r);
	start = s->r->at;
	for (int i = 0; i < 4; i++) {
		script_skip(s->r);
		if (!cbpf_number(s->r, max[i], &v[i]))
			return false;
	}
	*out = (struct script_numbers){
		.insn = s->r->out.n,
		.f = { (uint16_t)v[0], (uint8_t)v[1], (uint8_t)v[2], v[3] },
		.at = cbpf_span(s->r, start, s->r->at),
	};
	return true;
}

/* Hold the number LABEL of a line in seccomp-tools' listing against the instructions. */
static bool in_order(struct script *s, struct cbpf_word label)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < label.len && n <= INT32_MAX / 10; i++)
		n = 10 * n + (uint32_t)(label.s[i] - '0');
	if (n == s->r->out.n)
		return true;
	diag_error(s->r->diags, label.at, E_SYNTAX "expected %04u: an instruction is missing or duplicate",
	           s->r->out.n);
	return false;
}

/* Skip the two lines above a listing of seccomp-tools. */
static void skip_header(struct script *s)
{
	struct cbpf_reader *r = s->r;

	for (;;) {
		script_skip(r);
		if (!(r->len - r->at > 4 && !memcmp(r->text + r->at, "line ", 5)) &&
		    !(r->len - r->at > 2 && !memcmp(r->text + r->at, "===", 3)))
			return;
		while (r->at < r->len && cbpf_peek(r) != '\n')
			r->at++;
	}
}

/* Hold ceccomp's statements against the numbers before them. */
static bool same_as_numbers(struct script *s, const struct script_numbers *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct sock_filter *f = &s->r->out.v[v[i].insn];

		if (f->code == v[i].f.code && f->jt == v[i].f.jt && f->jf == v[i].f.jf &&
		    f->k == v[i].f.k)
			continue;
		diag_error(s->r->diags, v[i].at,
		           "these numbers and the statement after them differ (it is 0x%02x 0x%02x "
		           "0x%02x 0x%08x); remove the numbers if the statement is right",
		           f->code, f->jt, f->jf, f->k);
		return false;
	}
	return true;
}

/* --- the whole ------------------------------------------------------------------------------------- */

/* Tell whether a label comes next, and take it. */
static bool accept_label(struct script *s, struct cbpf_word *label)
{
	struct cbpf_reader start = *s->r;

	*label = script_take(s);
	if (label->len && *label->s != '$' && cbpf_peek(s->r) == ':') {
		s->r->at++;
		return true;
	}
	s->r->at = start.at;
	return false;
}

/*
 * Check that the text means one program. Names of calls differ between ABIs,
 * and so does which half of a word comes first. If no ABI was given and the
 * program is not only about this machine's, there is an answer for each ABI.
 */
static bool abi_is_clear(struct script *s)
{
	bool calls = s->has_call && s->other_arch, halves = s->has_half && s->other_order;

	if (!s->r->how->abi_guessed || (!calls && !halves))
		return true;
	diag_error(s->r->diags, calls ? s->call : s->half,
	           "this means another number on each ABI; say which, with -a");
	diag_note(s->r->diags, s->arch, "the program names this one, too");
	return false;
}

static bool read_script(struct script *s)
{
	ARRAY(struct script_numbers) numbered = { 0 };
	struct cbpf_reader *r = s->r;

	for (skip_header(s); r->at < r->len; skip_header(s)) {
		struct cbpf_word label = { 0 }, next;
		struct script_numbers one;
		bool numbers;

		while (accept_label(s, &next)) {
			label = next;
			cbpf_define_label(r, &s->labels, label);
		}
		numbers = label.len && has_numbers(s);
		if (numbers && !read_numbers(s, &one))
			return false;
		s->has_numbers |= numbers;
		if (numbers && !s->dollar) {
			if (!in_order(s, label))
				return false;
			array_push(r->arena, &r->out, one.f);
			while (r->at < r->len && cbpf_peek(r) != '\n')
				r->at++;
			continue;
		}
		if (numbers)
			array_push(r->arena, &numbered, one);
		script_skip(r);
		if (r->at >= r->len)
			break;
		s->numbered = numbers ? &one : NULL;
		if (!read_statement(s))
			return false;
	}
	return abi_is_clear(s) && cbpf_resolve_jumps(r, &s->labels) &&
	       same_as_numbers(s, numbered.v, numbered.n);
}

/* Turn tests whose two ways are one into plain jumps, as seccomp-tools does. */
static void join_ways(struct cbpf_reader *r)
{
	for (uint32_t i = 0; i < r->out.n; i++) {
		struct sock_filter *f = &r->out.v[i];

		if (cbpf_is_test(f) && f->jt == f->jf)
			*f = (struct sock_filter){ CBPF_JA, 0, 0, f->jt };
	}
}

bool cbpf_read_seccomp_tools(struct cbpf_reader *r)
{
	struct script s = { .r = r, .labels.far = "goto" };

	r->said->is_for = CBPF_FOR_SECCOMP;
	if (!read_script(&s))
		return false;
	if (!s.has_numbers)
		join_ways(r);
	return true;
}

bool cbpf_read_ceccomp(struct cbpf_reader *r)
{
	struct script s = { .r = r, .dollar = true, .labels.far = "goto" };

	r->said->is_for = CBPF_FOR_SECCOMP;
	return read_script(&s);
}
