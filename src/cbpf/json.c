/*
 * Programs from JSON: our own form, an object with the list "insns" (or "cbpf"), or
 * just the list; an instruction is an object or [code, jt, jf, k]. Anything else in an
 * object is not looked at.
 */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "cbpf/cbpf.h"

static const struct {
	const char *name;
	uint32_t max;
} members[] = {
	{ "code", UINT16_MAX },
	{ "jt", UINT8_MAX },
	{ "jf", UINT8_MAX },
	{ "k", UINT32_MAX },
};

enum {
	MEMBERS = ARRAY_LEN(members)
};

static bool read_number(struct cbpf_reader *r, const struct json *v, uint32_t max,
                        uint32_t *out)
{
	if (v->kind != JSON_IS_NUMBER) {
		diag_error(r->diags, v->at, E_SYNTAX "expected a number, found %s",
		           json_kind_name(v));
		return false;
	}
	if (!v->whole || v->number > max) {
		diag_error(r->diags, v->at, E_RANGE "expected a whole number from 0 to %" PRIu32,
		           max);
		return false;
	}
	*out = (uint32_t)v->number;
	return true;
}

/* Read [code, jt, jf, k]. */
static bool read_four(struct cbpf_reader *r, const struct json *list, uint32_t *out)
{
	const struct json *v = list->first;

	if (list->n != MEMBERS) {
		diag_error(r->diags, list->at,
		           E_SYNTAX "expected [code, jt, jf, k], found an array of %" PRIu32,
		           list->n);
		return false;
	}
	for (int i = 0; i < MEMBERS; i++, v = v->next)
		if (!read_number(r, v, members[i].max, &out[i]))
			return false;
	return true;
}

/* Read {"code": 40, "jt": 0, "jf": 0, "k": 12}; all but the code may be missing. */
static bool read_object(struct cbpf_reader *r, const struct json *object, uint32_t *out)
{
	for (int i = 0; i < MEMBERS; i++) {
		const struct json *v = json_get(object, members[i].name);

		if (v && !read_number(r, v, members[i].max, &out[i]))
			return false;
	}
	if (json_get(object, "code"))
		return true;
	diag_error(r->diags, object->at, E_SYNTAX "the instruction has no \"code\"");
	return false;
}

static bool read_insn(struct cbpf_reader *r, const struct json *v)
{
	uint32_t n[MEMBERS] = { 0 };

	if (v->kind != JSON_IS_OBJECT && v->kind != JSON_IS_ARRAY) {
		diag_error(r->diags, v->at, E_SYNTAX "expected an instruction, found %s",
		           json_kind_name(v));
		return false;
	}
	if (v->kind == JSON_IS_OBJECT ? !read_object(r, v, n) : !read_four(r, v, n))
		return false;
	array_push(r->arena, &r->out,
	           ((struct sock_filter){ (uint16_t)n[0], (uint8_t)n[1], (uint8_t)n[2],
	                                  n[3] }));
	return true;
}

/* Return the list of instructions in TOP; NULL after an error. */
static const struct json *find_list(struct cbpf_reader *r, const struct json *top)
{
	const struct json *list = top;

	if (top->kind == JSON_IS_OBJECT) {
		list = json_get(top, "insns");
		list = list ? list : json_get(top, "cbpf");
	}
	if (list && list->kind == JSON_IS_ARRAY)
		return list;
	if (list)
		diag_error(r->diags, list->at, E_SYNTAX "expected a list of instructions, found %s",
		           json_kind_name(list));
	else
		diag_error(r->diags,
		           (struct span){ r->source, top->at.start, top->at.start + 1 },
		           E_SYNTAX "the object has no list \"insns\"");
	return NULL;
}

/* Find out what TOP says that the program is for. */
static void find_use(struct cbpf_reader *r, const struct json *top)
{
	const struct json *use = top->kind == JSON_IS_OBJECT ? json_get(top, "use") : NULL;

	if (use && json_is(use, "seccomp"))
		r->said->is_for = CBPF_FOR_SECCOMP;
	else if (use && json_is(use, "socket"))
		r->said->is_for = CBPF_FOR_PACKETS;
}

bool cbpf_read_json(struct cbpf_reader *r)
{
	const struct json *top = json_read(r->arena, r->diags, r->source), *list;

	list = top ? find_list(r, top) : NULL;
	if (!list)
		return false;
	find_use(r, top);
	for (const struct json *v = list->first; v; v = v->next)
		if (!read_insn(r, v))
			return false;
	r->at = r->len;
	return true;
}
