/* Actions, and the lists of calls that they are for. */
#include <string.h>

#include "policy/policy.h"

/* --- words ---------------------------------------------------------------- */

static const char *const verbs[RULES_NVERBS] = {
	[RULES_ALLOW] = "allow",
	[RULES_LOG] = "log",
	[RULES_KILL] = "kill",
	[RULES_KILL_THREAD] = "kill_thread",
	[RULES_NOTIFY] = "notify",
	[RULES_ERRNO] = "errno",
	[RULES_TRAP] = "trap",
	[RULES_TRACE] = "trace",
};

static const char *const words[] = {
	"default",
	"foreign",
	"kernel",
	"abi",
	"x32",
	"include",
	"group",
	"let",
	"on",
};

const char *policy_verb_name(enum rules_verb verb)
{
	return verbs[verb];
}

int policy_verb_of(const struct policy_parser *p, const struct policy_token *t)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (policy_is_text(p, t, verbs[i]))
			return (int)i;
	return -1;
}

static bool begins_statement(const struct policy_parser *p,
                             const struct policy_token *t)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (policy_is_text(p, t, words[i]))
			return true;
	return policy_verb_of(p, t) >= 0;
}

void policy_offer_words(struct suggest *s)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		suggest_offer(s, words[i]);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		suggest_offer(s, verbs[i]);
}

bool policy_known_call(const struct policy_parser *p,
                       const struct policy_token *t)
{
	struct sys_call call;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (sys_call_by_name(&sys_abis[i], policy_text(p, t),
		                     t->end - t->start, &call))
			return true;
	return false;
}

/* --- actions -------------------------------------------------------------- */

static void parse_number(struct policy_parser *p, struct rules_written *w,
                         uint64_t least, uint64_t most)
{
	const struct policy_token *t = policy_take(p);

	w->data = t->value;
	w->data_at = policy_span(p, t);
	if (t->value < least || t->value > most)
		policy_fail(p, w->data_at, E_RANGE "'%.*s' is out of range; expected "
		                                   "%u..%u",
		            policy_length(t), policy_text(p, t),
		            (unsigned)least, (unsigned)most);
}

static void parse_errno(struct policy_parser *p, struct rules_written *w)
{
	const struct policy_token *t = p->token;

	if (policy_next_is(p, TOKEN_NUMBER) && !policy_at_end(p)) {
		parse_number(p, w, 0, 4095);
		if (!p->failed && !w->data)
			rules_warn_errno_0(p->diags, w->data_at);
	} else if (policy_next_is(p, TOKEN_NAME) && !policy_at_end(p)) {
		w->name = policy_text(p, t);
		w->len = t->end - t->start;
		w->data_at = policy_span(p, t);
		if (policy_known_call(p, t) && !sys_known_errno(w->name, w->len))
			policy_fail(p, w->data_at,
			            "'%.*s' is a system call; 'errno' needs an "
			            "error before it: 'errno EPERM %.*s'",
			            policy_length(t), w->name, policy_length(t),
			            w->name);
		policy_take(p);
	} else {
		if (!policy_at_end(p) &&
		    (t->kind == TOKEN_MINUS || t->kind == TOKEN_LPAREN))
			policy_fail(p, policy_span(p, t),
			            E_SYNTAX "unexpected '%.1s' before the error; write "
			                     "'errno EPERM' or 'errno 1'",
			            policy_text(p, t));
		policy_expected(
			p, "an error (EPERM, ENOSYS, 1..4095) after 'errno'");
	}
}

bool policy_unknown(struct policy_parser *p, const struct policy_token *t,
                    const char *what, const char *meant, void (*offer)(struct suggest *s))
{
	struct suggest s;

	suggest_start(&s, policy_text(p, t), t->end - t->start);
	offer(&s);
	if (meant)
		policy_fail(p, policy_span(p, t), E_UNKNOWN "unknown %s '%.*s'; use '%s'",
		            what, policy_length(t), policy_text(p, t), meant);
	else if (suggest_best(&s))
		policy_fail(p, policy_span(p, t), E_UNKNOWN "unknown %s '%.*s'%s", what,
		            policy_length(t), policy_text(p, t),
		            suggest_text(p->arena, &s));
	return meant || suggest_best(&s);
}

static void offer_verbs(struct suggest *s)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		suggest_offer(s, verbs[i]);
}

void policy_no_action(struct policy_parser *p)
{
	const struct policy_token *t = p->token;

	if (policy_at_end(p) || t->kind != TOKEN_NAME ||
	    !policy_unknown(p, t, "action",
	                    rules_hint(RULES_HINT_ACTION, policy_text(p, t),
	                               t->end - t->start),
	                    offer_verbs))
		policy_expected(p, "an action (allow, errno, kill, ...)");
}

struct rules_written policy_parse_action(struct policy_parser *p,
                                         enum rules_verb verb)
{
	struct rules_written w = { .verb = verb,
		                   .at = policy_span(p, &p->token[-1]) };
	bool number = policy_next_is(p, TOKEN_NUMBER) && !policy_at_end(p);

	if ((w.verb == RULES_TRAP || w.verb == RULES_TRACE) && !number &&
	    !policy_at_end(p) && p->token->kind == TOKEN_NAME &&
	    sys_known_errno(policy_text(p, p->token),
	                    p->token->end - p->token->start))
		policy_fail(p, policy_span(p, p->token),
		            "'%.*s' is an error, but '%s' takes a number",
		            policy_length(p->token), policy_text(p, p->token),
		            verbs[w.verb]);
	if (w.verb == RULES_ERRNO)
		parse_errno(p, &w);
	else if (w.verb == RULES_TRACE && !number)
		policy_expected(p, "a number (0..65535) after 'trace'");
	else if (w.verb == RULES_TRACE || (w.verb == RULES_TRAP && number))
		parse_number(p, &w, 0, 65535);
	w.at.end = p->token[-1].end;
	return w;
}

/* --- items ---------------------------------------------------------------- */

static bool is_wildcard(const struct policy_parser *p)
{
	return policy_is_text(p, p->token, "_") &&
	       (p->token[1].kind == TOKEN_COMMA ||
	        p->token[1].kind == TOKEN_RPAREN);
}

static void parse_patterns(struct policy_parser *p, struct rules_item *item)
{
	const struct policy_token *open = p->token;

	item->patterns = true;
	policy_open_paren(p);
	if (policy_next_is(p, TOKEN_RPAREN)) {
		policy_close_paren(p, TOKEN_RPAREN, "')'", open);
		return;
	}
	do {
		struct rules_expr *e = NULL;

		if (!p->failed && is_wildcard(p))
			policy_take(p);
		else
			e = policy_parse_any(p);
		array_push(p->arena, &item->pattern, e);
	} while (policy_next_is(p, TOKEN_COMMA) && policy_take(p));
	policy_close_paren(p, TOKEN_RPAREN, "',' or ')'", open);
}

/*
 * Complain of a list that continues after a comma at the end of a line, if what
 * is next begins a statement, or is a call after which a list continues without
 * a comma.
 */
static bool stray_comma(struct policy_parser *p,
                        const struct policy_token *comma)
{
	const struct policy_token *t = p->token;

	if (!comma || !t->newline || !begins_statement(p, t))
		return false;
	if (!policy_known_call(p, t))
		policy_fail(p, policy_span(p, t),
		            "'%.*s' begins a statement; stray comma?",
		            policy_length(t), policy_text(p, t));
	else if (!t[1].newline &&
	         (t[1].kind == TOKEN_NAME || t[1].kind == TOKEN_GROUP ||
	          t[1].kind == TOKEN_LBRACE) &&
	         !policy_is_text(p, &t[1], "if"))
		policy_fail(p, policy_span(p, t),
		            "'%.*s' is read as a system call here; stray "
		            "comma?",
		            policy_length(t), policy_text(p, t));
	else
		return false;
	diag_note(p->diags, policy_span(p, comma),
	          "this comma continues the list");
	return true;
}

static struct rules_item parse_item(struct policy_parser *p)
{
	const struct policy_token *t = p->token, *open;
	struct rules_item item = { .at = policy_span(p, t) };

	policy_take(p);
	item.name = policy_text(p, t) + (t->kind == TOKEN_GROUP);
	item.len = t->end - t->start - (t->kind == TOKEN_GROUP);
	if (t->kind == TOKEN_GROUP) {
		item.kind = ITEM_GROUP;
		return item;
	}
	open = p->token;
	if (!policy_at_end(p) && open->kind == TOKEN_NUMBER &&
	    policy_is_text(p, t, "nr"))
		policy_fail(p, policy_span(p, open),
		            "write the number of a call as 'nr(%.*s)'",
		            policy_length(open), policy_text(p, open));
	if (policy_at_end(p) || open->kind != TOKEN_LPAREN)
		return item;
	if (policy_is_text(p, t, "nr")) {
		item.kind = ITEM_NR;
		policy_open_paren(p);
		item.nr = policy_parse_value(p);
		policy_close_paren(p, TOKEN_RPAREN, "')'", open);
	} else {
		parse_patterns(p, &item);
	}
	item.at.end = p->token[-1].end;
	return item;
}

/* Complain of what other languages have in lists. */
static void odd_item(struct policy_parser *p)
{
	const struct policy_token *t = p->token;

	if (policy_at_end(p))
		return;
	if (t->kind == TOKEN_TILDE || t->kind == TOKEN_NOT)
		policy_fail(p, policy_span(p, t),
		            "'%.1s' removes nothing from a list; use '-', as "
		            "in 'allow @a - @b'",
		            policy_text(p, t));
	if (t->kind == TOKEN_TIMES)
		policy_fail(p, policy_span(p, t),
		            "'*' is not a system call; 'default' decides all "
		            "calls that no rule matches");
	if (t->kind == TOKEN_NUMBER)
		policy_fail(p, policy_span(p, t),
		            "write the number of a call as 'nr(%.*s)'",
		            policy_length(t), policy_text(p, t));
}

static void no_item(struct policy_parser *p, bool after)
{
	const struct policy_token *last = p->token - 1;

	if (after && p->token->newline)
		policy_fail(p, policy_span(p, last),
		            E_SYNTAX "expected a system call or @group after '%.*s'",
		            policy_length(last), policy_text(p, last));
	odd_item(p);
	policy_expected(p, "a system call or @group");
}

void policy_parse_items(struct policy_parser *p, struct rules_statement *s,
                        bool anywhere)
{
	const struct policy_token *comma = NULL;
	bool minus = false;

	for (;;) {
		struct rules_item item;

		/* After a comma or a minus the list may go on in the next line.
		 */
		if (stray_comma(p, comma))
			return;
		if ((!comma && !minus && !anywhere && policy_at_end(p)) ||
		    !(policy_next_is(p, TOKEN_NAME) ||
		      policy_next_is(p, TOKEN_GROUP))) {
			no_item(p, comma || minus);
			return;
		}
		item = parse_item(p);
		item.minus = minus;
		array_push(p->arena, &s->item, item);
		if (policy_at_end(p))
			return;
		comma = p->token->kind == TOKEN_COMMA ? p->token : NULL;
		minus = p->token->kind == TOKEN_MINUS;
		anywhere = false;
		if (!comma && !minus)
			return;
		policy_take(p);
	}
}
