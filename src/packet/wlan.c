/* The words for 802.11 frames: types, subtypes, directions. */
#include <string.h>

#include "packet/parse.h"

enum {
	WLAN_TYPE_MASK = 0x0c,
	WLAN_SUBTYPE_MASK = 0xf0,
	WLAN_DIR_MASK = 0x03
};

struct wlan_name {
	const char *text;
	uint8_t type, subtype;
};

/* The name of a type alone, then those of subtypes with the type they belong to. */
static const struct wlan_name wlan_types[] = {
	{ "data", 0x08, 0 },
	{ "mgt", 0x00, 0 },
	{ "management", 0x00, 0 },
	{ "ctl", 0x04, 0 },
	{ "control", 0x04, 0 },
};

static const struct wlan_name wlan_subtypes[] = {
	{ "assocreq", 0x00, 0x00 },
	{ "assoc-req", 0x00, 0x00 },
	{ "assocresp", 0x00, 0x10 },
	{ "assoc-resp", 0x00, 0x10 },
	{ "reassocreq", 0x00, 0x20 },
	{ "reassoc-req", 0x00, 0x20 },
	{ "reassocresp", 0x00, 0x30 },
	{ "reassoc-resp", 0x00, 0x30 },
	{ "probereq", 0x00, 0x40 },
	{ "probe-req", 0x00, 0x40 },
	{ "proberesp", 0x00, 0x50 },
	{ "probe-resp", 0x00, 0x50 },
	{ "beacon", 0x00, 0x80 },
	{ "atim", 0x00, 0x90 },
	{ "disassoc", 0x00, 0xa0 },
	{ "disassociation", 0x00, 0xa0 },
	{ "auth", 0x00, 0xb0 },
	{ "authentication", 0x00, 0xb0 },
	{ "deauth", 0x00, 0xc0 },
	{ "deauthentication", 0x00, 0xc0 },
	{ "bar", 0x04, 0x80 },
	{ "ba", 0x04, 0x90 },
	{ "ps-poll", 0x04, 0xa0 },
	{ "rts", 0x04, 0xb0 },
	{ "cts", 0x04, 0xc0 },
	{ "ack", 0x04, 0xd0 },
	{ "cf-end", 0x04, 0xe0 },
	{ "cf-end-ack", 0x04, 0xf0 },
	{ "data", 0x08, 0x00 },
	{ "data-cf-ack", 0x08, 0x10 },
	{ "data-cf-poll", 0x08, 0x20 },
	{ "data-cf-ack-poll", 0x08, 0x30 },
	{ "null", 0x08, 0x40 },
	{ "cf-ack", 0x08, 0x50 },
	{ "cf-poll", 0x08, 0x60 },
	{ "cf-ack-poll", 0x08, 0x70 },
	{ "qos-data", 0x08, 0x80 },
	{ "qos-data-cf-ack", 0x08, 0x90 },
	{ "qos-data-cf-poll", 0x08, 0xa0 },
	{ "qos-data-cf-ack-poll", 0x08, 0xb0 },
	{ "qos", 0x08, 0xc0 },
	{ "qos-cf-poll", 0x08, 0xe0 },
	{ "qos-cf-ack-poll", 0x08, 0xf0 },
};

static const struct wlan_name wlan_dirs[] = {
	{ "nods", 0, 0 },
	{ "tods", 1, 0 },
	{ "fromds", 2, 0 },
	{ "dstods", 3, 0 },
};

static bool same_word(const char *text, const struct token *t)
{
	uint32_t i = 0;

	for (; i < t->len && text[i]; i++) {
		char c = t->text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		if (c != text[i])
			return false;
	}
	return i == t->len && !text[i];
}

/* Return the name at hand in a table; TYPE of -1 takes any. */
static const struct wlan_name *wlan_name(struct parser *p, const struct wlan_name *t,
                                         unsigned n, int type, const char *what)
{
	struct suggest s;

	suggest_start(&s, p->t.text, p->t.len);
	for (unsigned i = 0; i < n; i++) {
		if (type >= 0 && t[i].type != type)
			continue;
		if (same_word(t[i].text, &p->t))
			return &t[i];
		suggest_offer(&s, t[i].text);
	}
	ERROR(p, p->t.at, E_UNKNOWN "unknown 802.11 %s '%.*s'%s", what, TEXT(p),
	      suggest_text(p->arena, &s));
	return NULL;
}

/* Check that a number has no bit outside MASK. */
static bool masked_number(struct parser *p, uint32_t mask, const char *what)
{
	if (p->t.number & ~mask)
		return ERROR(p, p->t.at, "'%.*s' is not an 802.11 %s; its bits are 0x%02x",
		             TEXT(p), what, mask);
	return true;
}

static bool wlan_subtype_of(struct parser *p, struct tree_node *n, int type)
{
	const struct wlan_name *name;

	n->mask = WLAN_TYPE_MASK | WLAN_SUBTYPE_MASK;
	if (p->t.kind == TOKEN_NUM && type >= 0) {
		if (!masked_number(p, WLAN_SUBTYPE_MASK, "subtype"))
			return false;
		n->value |= p->t.number;
	} else if (p->t.kind == TOKEN_NAME) {
		name = wlan_name(p, wlan_subtypes, ARRAY_LEN(wlan_subtypes), type,
		                 "subtype");
		if (!name)
			return false;
		n->value = (uint32_t)name->type | name->subtype;
	} else {
		return parse_unexpected(p, "an 802.11 subtype");
	}
	n->at = span_join(n->at, p->t.at);
	parse_next(p);
	return true;
}

/* Read type T [subtype S]. */
bool parse_wlan_type(struct parser *p, struct span start)
{
	struct tree_node n = { .kind = TREE_WLAN_TYPE,
		               .at = start,
		               .mask = WLAN_TYPE_MASK };
	const struct wlan_name *name;

	parse_next(p);
	if (p->t.kind == TOKEN_NUM) {
		if (!masked_number(p, WLAN_TYPE_MASK, "type"))
			return false;
		n.value = p->t.number;
	} else if (p->t.kind == TOKEN_NAME) {
		name = wlan_name(p, wlan_types, ARRAY_LEN(wlan_types), -1, "type");
		if (!name)
			return false;
		n.value = name->type;
	} else {
		return parse_unexpected(p, "an 802.11 type: mgt, ctl or data");
	}
	n.at = span_join(n.at, p->t.at);
	parse_next(p);
	if (parse_at_word(p, WORD_SUBTYPE)) {
		parse_next(p);
		if (!wlan_subtype_of(p, &n, (int)n.value))
			return false;
	}
	return parse_give_term(p, n);
}

bool parse_wlan_subtype(struct parser *p, struct span start)
{
	struct tree_node n = { .kind = TREE_WLAN_TYPE, .at = start };

	parse_next(p);
	return wlan_subtype_of(p, &n, -1) && parse_give_term(p, n);
}

bool parse_wlan_dir(struct parser *p, struct span start)
{
	struct tree_node n = { .kind = TREE_WLAN_DIR,
		               .at = start,
		               .mask = WLAN_DIR_MASK };
	const struct wlan_name *name;

	parse_next(p);
	if (p->t.kind == TOKEN_NUM) {
		if (!masked_number(p, WLAN_DIR_MASK, "direction"))
			return false;
		n.value = p->t.number;
	} else if (p->t.kind == TOKEN_NAME) {
		name = wlan_name(p, wlan_dirs, ARRAY_LEN(wlan_dirs), -1, "direction");
		if (!name)
			return false;
		n.value = name->type;
	} else {
		return parse_unexpected(
			p, "an 802.11 direction: nods, tods, fromds or dstods");
	}
	n.at = span_join(n.at, p->t.at);
	parse_next(p);
	return parse_give_term(p, n);
}
