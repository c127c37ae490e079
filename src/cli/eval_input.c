/* What `weir eval` runs programs on: bytes, ancillary words, system calls. */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/eval.h"

/* --- bytes in hexadecimal --------------------------------------------------------------- */

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Tell whether C may separate bytes. */
static bool is_separator(char c)
{
	return isspace((unsigned char)c) || c == ':' || c == '-';
}

long eval_read_hex(const char *option, const char *text, uint8_t *bytes)
{
	const char *at = text;
	long n = 0;

	while (*at) {
		int high, low;

		if (is_separator(*at)) {
			at++;
			continue;
		}
		high = digit_value(at[0]);
		low = high < 0 ? -1 : digit_value(at[1]);
		if (low < 0) {
			cli_error("%s takes bytes of two hexadecimal digits; character %td "
			          "does not begin one",
			          option, at - text + 1);
			return -1;
		}
		bytes[n++] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	return n;
}

/* --- ancillary words --------------------------------------------------------------------- */

/* Return the SKF_AD_* of the word NAME, of LEN bytes; -1 after a message. */
static int find_word(const char *name, size_t len)
{
	struct suggest s;
	const char *near;

	suggest_start(&s, name, len);
	for (int which = 0; which < SKF_AD_MAX; which++) {
		const char *word = weir_ancillary_name((uint32_t)which);

		if (!word)
			continue;
		if (strlen(word) == len && strncmp(word, name, len) == 0)
			return which;
		suggest_offer(&s, word);
	}
	near = suggest_best(&s);
	cli_error("unknown ancillary word '%.*s'%s%s%s", (int)len, name,
	          near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return -1;
}

bool eval_read_words(const struct cli *c, struct eval_words *words)
{
	*words = (struct eval_words){ 0 };
	for (size_t i = 0; i < c->o.set.n; i++) {
		const char *text = c->o.set.v[i], *equals = strchr(text, '=');
		unsigned long value;
		char *end;
		int which;

		if (!equals || !is_digit(equals[1])) {
			cli_error("--set takes NAME=NUMBER, not '%s'", text);
			return false;
		}
		which = find_word(text, (size_t)(equals - text));
		if (which < 0)
			return false;
		errno = 0;
		value = strtoul(equals + 1, &end, 0);
		if (*end || errno || value > UINT32_MAX) {
			cli_error("--set takes NAME=NUMBER, not '%s'", text);
			return false;
		}
		words->value[which] = (uint32_t)value;
	}
	return true;
}

uint32_t eval_word(void *ctx, uint32_t which, uint32_t a, uint32_t x)
{
	const struct eval_words *words = ctx;

	assert(which < SKF_AD_MAX); /* the library refuses programs with other words */
	return words->value[which];
}

/* --- calls --------------------------------------------------------------------------------- */

/* Add a call to ALL; NULL after a message. */
static struct eval_call *add_call(struct eval_calls *all)
{
	struct eval_call *more = reallocarray(all->v, all->n + 1, sizeof *more);

	if (!more) {
		cli_error("out of memory");
		return NULL;
	}
	all->v = more;
	more[all->n] = (struct eval_call){ 0 };
	return &more[all->n++];
}

/* What is collected of the answers to a question. */
struct asking {
	struct eval_calls *calls;
	bool failed;
};

/* Take the call that ANSWER is about: a weir_answer_fn. */
static void take_call(void *ctx, const struct weir_answer *answer)
{
	struct asking *a = ctx;
	struct eval_call *call;

	assert(answer->abi && answer->call); /* which the question names */
	if (!answer->exact)
		return;
	call = add_call(a->calls);
	if (!call) {
		a->failed = true;
		return;
	}
	call->data.nr = (int)answer->nr;
	call->data.arch = weir_abi_arch(answer->abi);
	for (size_t i = 0; i < ARRAY_LEN(answer->args); i++)
		call->data.args[i] = answer->args[i];
	snprintf(call->text, sizeof call->text, "%s on %s", answer->example, answer->abi);
}

/*
 * Read --call as `weir policy --ask` does: a policy without rules gives one answer to
 * each call of the question, with arguments that fit its patterns.
 */
static int ask_calls(struct cli *c, struct eval_calls *out)
{
	struct asking asking = { out, false };
	struct weir_policy *p;
	int err;

	c->o.reading.name = "--call";
	err = weir_policy_new(&p, "default kill", &c->o.policy);
	if (err)
		return cli_compile_failed(err);
	err = weir_policy_ask(p, c->o.call, c->o.policy.abis, take_call, &asking);
	weir_policy_free(p);
	if (err)
		return cli_compile_failed(err);
	if (!asking.failed && !out->n)
		cli_error("no call fits '%s'", c->o.call);
	return asking.failed || !out->n ? EXIT_USAGE : EXIT_DONE;
}

/* Read --data, the bytes of a struct seccomp_data. */
static int read_data(struct cli *c, struct eval_calls *out)
{
	struct eval_call *call = add_call(out);
	uint8_t *bytes = malloc(strlen(c->o.data) / 2 + 1);
	long n = -1;

	if (!call || !bytes)
		cli_error("out of memory");
	else
		n = eval_read_hex("--data", c->o.data, bytes);
	if (n >= 0 && n != sizeof call->data) {
		cli_error("--data takes the %zu bytes of a struct seccomp_data, not %ld",
		          sizeof call->data, n);
		n = -1;
	}
	if (n >= 0)
		memcpy(&call->data, bytes, sizeof call->data);
	free(bytes);
	return n < 0 ? EXIT_USAGE : EXIT_DONE;
}

int eval_read_calls(struct cli *c, struct eval_calls *out)
{
	*out = (struct eval_calls){ 0 };
	return c->o.call ? ask_calls(c, out) : read_data(c, out);
}
