/*
 * JSON to profile, in three dialects: the runtime specification's linux.seccomp
 * (alone or inside a config.json), Docker's, with conditions on rules
 * (capabilities, architectures, kernel), and Podman's, with names of errnos as
 * well. Anything in the wrong place is an error: an unknown key would make a rule
 * wider than intended.
 */
#include <string.h>
#include <strings.h>

#include "oci/oci.h"

struct reader {
	struct arena *arena;
	struct diags *diags;
	const struct rules_options *options;
	struct oci_profile *out;
	uint64_t caps;   /* that the container has, by place in the list */
	uint32_t kernel; /* 0: not known */
	const struct oci_arch *arch;
	bool engine;     /* Docker or Podman takes the profile, not a runtime */
	bool asked_caps; /* it was said that the rules depend on them */
};

#define complain(r, at, ...) diag_error((r)->diags, at, __VA_ARGS__)

/* --- keys and kinds ------------------------------------------------------- */

static const char *const profile_keys[] = {
	"defaultAction",
	"defaultErrnoRet",
	"defaultErrno",
	"architectures",
	"archMap",
	"flags",
	"listenerPath",
	"listenerMetadata",
	"syscalls",
	NULL,
};

static const char *const rule_keys[] = {
	"names",
	"name",
	"action",
	"errnoRet",
	"errno",
	"args",
	"comment",
	"includes",
	"excludes",
	NULL,
};

static const char *const arg_keys[] = { "index", "value", "valueTwo", "op", NULL };
static const char *const filter_keys[] = { "caps", "arches", "minKernel", NULL };
static const char *const map_keys[] = { "architecture", "subArchitectures", NULL };

/* Tell whether V's name equals KEY, upper and lower case apart. */
static bool alike(const struct json *v, const char *key)
{
	return v->name_len == strlen(key) &&
	       !strncasecmp(v->name, key, v->name_len);
}

static void check_key(struct reader *r, const struct json *v,
                      const char *const *keys, const char *what)
{
	struct suggest s;

	suggest_start(&s, v->name, v->name_len);
	for (size_t i = 0; keys[i]; i++) {
		if (alike(v, keys[i]) &&
		    memcmp(v->name, keys[i], v->name_len) != 0)
			complain(r, v->name_at,
			         "runc and Docker read this as '%s', crun "
			         "does not; write '%s'",
			         keys[i], keys[i]);
		if (alike(v, keys[i]))
			return;
		suggest_offer(&s, keys[i]);
	}
	diag_warning(r->diags, DIAG_W_UNKNOWN_KEY, v->name_at,
	             "unknown key of %s, which has no effect%s", what,
	             suggest_text(r->arena, &s));
}

/* Check that V is of KIND; if not, report an error about WHAT. */
static bool want(struct reader *r, const struct json *v, enum json_kind kind,
                 const char *what)
{
	const struct json wanted = { .kind = kind };

	if (v->kind == kind)
		return true;
	complain(r, v->at, "%s should be %s, not %s", what,
	         json_kind_name(&wanted), json_kind_name(v));
	return false;
}

/* Check that V is an object with no keys but KEYS. */
static bool want_object(struct reader *r, const struct json *v,
                        const char *const *keys, const char *what)
{
	if (!want(r, v, JSON_IS_OBJECT, what))
		return false;
	for (const struct json *k = v->first; k; k = k->next)
		check_key(r, k, keys, what);
	return true;
}

/*
 * Return the value of NAME in J if it is there and of KIND, else NULL; WHAT
 * describes it in messages.
 */
static const struct json *get(struct reader *r, const struct json *j,
                              const char *name, enum json_kind kind,
                              const char *what)
{
	const struct json *v = json_get(j, name);

	return v && want(r, v, kind, what) ? v : NULL;
}

/* Read a whole number up to MOST; false after an error. */
static bool number(struct reader *r, const struct json *v, uint64_t most,
                   const char *what, uint64_t *out)
{
	if (!want(r, v, JSON_IS_NUMBER, what))
		return false;
	*out = v->number;
	if (v->whole && v->number <= most)
		return true;
	complain(r, v->at, E_RANGE "%s should be a whole number from 0 to %llu", what,
	         (unsigned long long)most);
	return false;
}

/* --- words ---------------------------------------------------------------- */

typedef const char *name_fn(unsigned i);

static const char *arch_name(unsigned i)
{
	const struct oci_arch *a = oci_arch_at(i);

	return a ? a->name : NULL;
}

static const char *action_name(unsigned i)
{
	enum rules_verb verb;

	return oci_verb_name(i, &verb);
}

/* Complain that V is none of the words that NAMES has. */
static void unknown_word(struct reader *r, const struct json *v,
                         const char *what, name_fn *names)
{
	struct suggest s;
	const char *name;

	suggest_start(&s, v->text, v->len);
	for (unsigned i = 0; (name = names(i)); i++)
		suggest_offer(&s, name);
	complain(r, v->at, E_UNKNOWN "unknown %s%s", what, suggest_text(r->arena, &s));
}

/* --- actions -------------------------------------------------------------- */

/* libseccomp takes errnos below this only. */
enum {
	ERRNOS = 4095
};

/*
 * Read Podman's name of an errno, or its number in a string; false after an
 * error.
 */
static bool errno_of_string(struct reader *r, const struct json *v,
                            uint64_t *out)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < v->len; i++) {
		if (v->text[i] < '0' || v->text[i] > '9' || n > ERRNOS) {
			*out = sys_errno(r->out->native, v->text, v->len);
			if (!*out)
				complain(r, v->at,
				         E_UNKNOWN "unknown errno on %s; expected a "
				                   "name such as \"EPERM\"",
				         r->out->native->name);
			return *out;
		}
		n = 10 * n + (uint64_t)(v->text[i] - '0');
	}
	*out = n;
	return true;
}

static bool takes_errno(enum rules_verb verb)
{
	return verb == RULES_ERRNO || verb == RULES_TRACE;
}

/*
 * Read the errno of an action from NUM and STRING (NULL: not there); false
 * after an error.
 */
static bool read_errno(struct reader *r, const struct json *num,
                       const struct json *string, struct oci_action *out)
{
	const struct json *said = string ? string : num;
	uint64_t n = 1; /* EPERM, everywhere */

	out->data = 0;
	if (string && !string->len)
		string = NULL;
	if (string && !errno_of_string(r, string, &n))
		return false;
	if (!string && num && !number(r, num, UINT32_MAX, "an errno", &n))
		return false;
	if (!takes_errno(out->verb)) {
		if (said && !r->out->runtime->spare_errno && !r->engine)
			complain(r, said->at,
			         "%s refuses an errno beside this action",
			         r->out->runtime->name);
		return true;
	}
	if (out->verb == RULES_ERRNO && n >= ERRNOS) {
		complain(r, said->at, E_RANGE "libseccomp takes only errnos below %u",
		         ERRNOS);
		return false;
	}
	if (n > UINT16_MAX) {
		complain(r, said->at, E_RANGE "the number of SCMP_ACT_TRACE has 16 bits");
		return false;
	}
	if (out->verb == RULES_ERRNO && !n)
		diag_warning(r->diags, DIAG_W_ERRNO_0, said->at,
		             "errno 0 makes the call look successful though "
		             "nothing was done");
	out->data = (uint32_t)n;
	return true;
}

/*
 * Read the action at NAME in J, with its errno at RET and STRING; false after
 * an error.
 */
static bool read_action(struct reader *r, const struct json *j,
                        const char *name, const char *ret, const char *string,
                        struct oci_action *out)
{
	const struct json *v = json_get(j, name), *num = json_get(j, ret);
	const struct json *str = get(r, j, string, JSON_IS_STRING, "an errno's name");
	int verb;

	if (!v) {
		complain(r, (struct span){ j->at.source, j->at.start, j->at.start + 1 },
		         "this has no '%s'", name);
		return false;
	}
	if (!want(r, v, JSON_IS_STRING, "an action"))
		return false;
	verb = oci_verb(v->text, v->len);
	if (verb < 0) {
		unknown_word(r, v, "action", action_name);
		return false;
	}
	out->verb = (enum rules_verb)verb;
	out->at = v->at;
	return read_errno(r, num, str, out);
}

/* --- includes, excludes --------------------------------------------------- */

/* Read the version "X.Y" that TEXT begins with; 0 if there is none. */
static uint32_t parse_kernel(const char *text)
{
	uint32_t v[2] = { 0, 0 };

	for (unsigned i = 0; i < 2; i++) {
		if (*text < '0' || *text > '9')
			return 0;
		for (; *text >= '0' && *text <= '9'; text++)
			if ((v[i] = 10 * v[i] + (uint32_t)(*text - '0')) > 999)
				return 0;
		if (!i && *text++ != '.')
			return 0;
	}
	return SYS_KERNEL(v[0], v[1]);
}

static void ask_caps(struct reader *r, const struct json *v)
{
	if (r->options->ncap || r->asked_caps)
		return;
	r->asked_caps = true;
	diag_warning(r->diags, DIAG_W_CAPABILITIES, v->at,
	             "the profile depends on capabilities, and the container is "
	             "taken to have none; --cap says which (--cap docker: those "
	             "of Docker)");
}

/* Return how many of the capabilities in LIST the container has. */
static uint32_t count_caps(struct reader *r, const struct json *list)
{
	uint32_t n = 0;

	for (const struct json *v = list->first; v; v = v->next) {
		int cap;

		if (!want(r, v, JSON_IS_STRING, "a capability"))
			continue;
		cap = oci_cap(v->text, v->len);
		if (cap < 0)
			unknown_word(r, v, "capability", oci_cap_name);
		else
			n += r->caps >> cap & 1;
	}
	return n;
}

static bool names_arch(struct reader *r, const struct json *list)
{
	bool found = false;

	for (const struct json *v = list->first; v; v = v->next)
		if (want(r, v, JSON_IS_STRING, "an architecture"))
			found |= r->arch->engine && json_is(v, r->arch->engine);
	return found;
}

/* Tell whether the kernel is at least the one of V. */
static bool new_enough(struct reader *r, const struct json *v)
{
	uint32_t least = parse_kernel(v->text);

	if (!least)
		complain(r, v->at, E_SYNTAX "expected a version such as \"4.8\"");
	else if (!r->kernel)
		complain(r, v->at,
		         "the profile depends on the kernel; --kernel says which");
	return least && r->kernel >= least;
}

/* What a rule's "includes" or "excludes" has, NULL if it says nothing. */
struct filter {
	const struct json *caps, *arches, *kernel;
};

static struct filter read_filter(struct reader *r, const struct json *rule,
                                 const char *name)
{
	const struct json *j = json_get(rule, name);
	struct filter f = { 0 };

	if (!j || !want_object(r, j, filter_keys, "a condition of a rule"))
		return f;
	if (!r->engine && j->n)
		complain(r, j->at,
		         "a runtime does not know '%s'; that is for profiles "
		         "that Docker or Podman take",
		         name);
	f.caps = get(r, j, "caps", JSON_IS_ARRAY, "'caps'");
	f.arches = get(r, j, "arches", JSON_IS_ARRAY, "'arches'");
	f.kernel = get(r, j, "minKernel", JSON_IS_STRING, "'minKernel'");
	if (f.caps && !f.caps->n)
		f.caps = NULL;
	if (f.arches && !f.arches->n)
		f.arches = NULL;
	if (f.caps)
		ask_caps(r, f.caps);
	return f;
}

/*
 * Tell whether the rule applies here. An exclusion holds if any part of it
 * does, an inclusion if every part does (of the architectures: one).
 */
static bool applies(struct reader *r, const struct json *rule)
{
	struct filter no = read_filter(r, rule, "excludes");
	struct filter yes = read_filter(r, rule, "includes");
	bool applies = true;

	if (no.arches)
		applies &= !names_arch(r, no.arches);
	if (no.caps)
		applies &= !count_caps(r, no.caps);
	if (no.kernel)
		applies &= !new_enough(r, no.kernel);
	if (yes.arches)
		applies &= names_arch(r, yes.arches);
	if (yes.caps)
		applies &= count_caps(r, yes.caps) == yes.caps->n;
	if (yes.kernel)
		applies &= new_enough(r, yes.kernel);
	return applies;
}

/* --- rules ---------------------------------------------------------------- */

static void add_name(struct reader *r, struct oci_rule *rule,
                     const struct json *v)
{
	struct oci_name name = { .text = v->text, .len = v->len, .at = v->at };

	if (!want(r, v, JSON_IS_STRING, "the name of a system call"))
		return;
	if (!v->len)
		complain(r, v->at, "the name of a system call cannot be empty");
	array_push(r->arena, &rule->name, name);
}

static void read_names(struct reader *r, const struct json *j,
                       struct oci_rule *rule)
{
	const struct json *list = get(r, j, "names", JSON_IS_ARRAY, "'names'");
	const struct json *one = get(r, j, "name", JSON_IS_STRING, "'name'");

	if (one && !one->len)
		one = NULL;
	if (one && list && list->n)
		complain(r, one->at,
		         "'name' and 'names' are mutually exclusive");
	if (one && !r->engine)
		complain(r, one->at,
		         "a runtime does not know 'name', only 'names'");
	if (one)
		add_name(r, rule, one);
	for (const struct json *v = list ? list->first : NULL; v; v = v->next)
		add_name(r, rule, v);
	if (!one && !(list && list->n))
		diag_warning(r->diags, DIAG_W_EMPTY_RULE, rule->at,
		             "the rule names no system call");
}

static bool read_arg(struct reader *r, const struct json *j,
                     struct oci_arg *out)
{
	const struct json *index, *op, *value, *two;
	uint64_t i = 0;
	int found;

	*out = (struct oci_arg){ .at = j->at };
	if (!want_object(r, j, arg_keys, "an argument"))
		return false;
	index = json_get(j, "index");
	value = json_get(j, "value");
	two = json_get(j, "valueTwo");
	op = get(r, j, "op", JSON_IS_STRING, "an operator");
	if (!index || !op) {
		complain(r, j->at, "an argument needs '%s'",
		         index ? "op" : "index");
		return false;
	}
	if (!number(r, index, SYS_ARGS - 1, "'index'", &i) ||
	    (value &&
	     !number(r, value, UINT64_MAX, "'value'", &out->value)) ||
	    (two && !number(r, two, UINT64_MAX, "'valueTwo'", &out->two)))
		return false;
	if (!value)
		diag_warning(r->diags, DIAG_W_NO_VALUE, j->at,
		             "missing 'value', which means 0");
	found = oci_op(op->text, op->len);
	if (found < 0) {
		unknown_word(r, op, "operator", oci_op_name);
		return false;
	}
	out->index = (unsigned)i;
	out->op = (enum oci_op)found;
	out->at = op->at;
	return true;
}

static void read_args(struct reader *r, const struct json *j,
                      struct oci_rule *rule)
{
	const struct json *list = get(r, j, "args", JSON_IS_ARRAY, "'args'");
	const struct oci_runtime *runtime = r->out->runtime;
	struct oci_arg arg;

	for (const struct json *v = list ? list->first : NULL; v; v = v->next)
		if (read_arg(r, v, &arg))
			array_push(r->arena, &rule->arg, arg);
	if (list && runtime->args && list->n > runtime->args)
		complain(r, list->at,
		         "%s reads only the first %u of these, which makes "
		         "this a different rule",
		         runtime->name, runtime->args);
}

static void read_rule(struct reader *r, const struct json *j)
{
	struct oci_rule rule = { .at = j->at };

	if (!want_object(r, j, rule_keys, "a rule"))
		return;
	if (!read_action(r, j, "action", "errnoRet", "errno", &rule.action))
		return;
	read_names(r, j, &rule);
	read_args(r, j, &rule);
	if (applies(r, j))
		array_push(r->arena, &r->out->rule, rule);
}

/* --- architectures -------------------------------------------------------- */

static void add_arch(struct reader *r, const struct json *v, uint32_t *abis)
{
	const struct oci_arch *arch;
	const struct sys_abi *abi;

	if (!want(r, v, JSON_IS_STRING, "an architecture"))
		return;
	arch = oci_arch(v->text, v->len);
	if (!arch) {
		unknown_word(r, v, "architecture", arch_name);
		return;
	}
	abi = oci_abi_of(arch);
	if (!oci_runtime_takes(r->out->runtime, arch))
		complain(r, v->at, "%s does not know this architecture",
		         r->out->runtime->name);
	else if (!abi)
		complain(r, v->at,
		         "weir does not know the calls of this architecture");
	else
		*abis |= 1u << abi->id;
}

/* Read what Docker's archMap has for the native architecture. */
static void read_map(struct reader *r, const struct json *map, uint32_t *abis)
{
	bool found = false;

	for (const struct json *v = map->first; v; v = v->next) {
		const struct json *arch, *subs;

		if (!want_object(r, v, map_keys, "an entry of 'archMap'"))
			continue;
		arch = get(r, v, "architecture", JSON_IS_STRING, "an architecture");
		subs = get(r, v, "subArchitectures", JSON_IS_ARRAY,
		           "'subArchitectures'");
		if (!arch || !json_is(arch, r->arch->name) || found)
			continue;
		found = true;
		for (const struct json *s = subs ? subs->first : NULL; s;
		     s = s->next)
			add_arch(r, s, abis);
	}
}

/*
 * Collect the ABIs that the filter is for: the native one, and those of profile
 * J.
 */
static void read_arches(struct reader *r, const struct json *j)
{
	const struct json *list =
		get(r, j, "architectures", JSON_IS_ARRAY, "'architectures'");
	const struct json *map = get(r, j, "archMap", JSON_IS_ARRAY, "'archMap'");
	uint32_t abis = 1u << r->out->native->id;

	if (list && list->n && map && map->n)
		complain(r, map->at, "both 'architectures' and 'archMap': one "
		                     "of them, please");
	if (map && map->n && !r->engine)
		complain(r, map->at,
		         "a runtime does not know 'archMap', only 'architectures'");
	for (const struct json *v = list ? list->first : NULL; v; v = v->next)
		add_arch(r, v, &abis);
	if (map)
		read_map(r, map, &abis);
	if (!r->options->abis)
		r->out->abis = abis;
	else if (abis != r->out->abis && r->options->verbose)
		diag_plain(r->diags, DIAG_NOTE,
		           "the profile itself names other architectures than "
		           "-a does");
}

/* --- the whole ------------------------------------------------------------ */

static void check_notify(struct reader *r)
{
	const char *runtime = r->out->runtime->name;

	if (r->out->runtime->notifies_all)
		return;
	if (r->out->fallback.verb == RULES_NOTIFY)
		complain(r, r->out->fallback.at,
		         "%s refuses SCMP_ACT_NOTIFY as the default", runtime);
	array_each(rule, &r->out->rule)
		if (rule->action.verb == RULES_NOTIFY)
			array_each(name, &rule->name)
				if (name->len == 5 &&
				    !memcmp(name->text, "write", 5))
					complain(r, name->at,
					         "%s refuses SCMP_ACT_NOTIFY "
					         "for 'write'",
					         runtime);
}

static void read_profile(struct reader *r, const struct json *j)
{
	const struct json *list, *flags;

	if (!want_object(r, j, profile_keys, "a profile"))
		return;
	read_arches(r, j);
	if (json_get(j, "defaultAction"))
		read_action(r, j, "defaultAction", "defaultErrnoRet", "defaultErrno",
		            &r->out->fallback);
	else
		complain(r, (struct span){ j->at.source, j->at.start, j->at.start + 1 },
		         "this was taken for a container's seccomp profile, but has "
		         "no 'defaultAction'");
	flags = get(r, j, "flags", JSON_IS_ARRAY, "'flags'");
	for (const struct json *v = flags ? flags->first : NULL; v; v = v->next)
		if (want(r, v, JSON_IS_STRING, "a flag") &&
		    !oci_flag(v->text, v->len))
			unknown_word(r, v, "flag", oci_flag_name);
	list = get(r, j, "syscalls", JSON_IS_ARRAY, "'syscalls'");
	for (const struct json *v = list ? list->first : NULL; v; v = v->next)
		read_rule(r, v);
	check_notify(r);
}

/* Return where the profile is: TOP itself, or linux.seccomp in a config.json. */
static const struct json *find_profile(struct reader *r, const struct json *top)
{
	const struct json *linux_, *seccomp;

	if (!want(r, top, JSON_IS_OBJECT, "a profile"))
		return NULL;
	r->engine = true;
	linux_ = json_get(top, "linux");
	if (!linux_ || json_get(top, "defaultAction"))
		return top;
	r->engine = false;
	if (!want(r, linux_, JSON_IS_OBJECT, "'linux'"))
		return NULL;
	seccomp = json_get(linux_, "seccomp");
	if (!seccomp)
		complain(r, linux_->name_at,
		         "missing 'seccomp' here, so the container has no "
		         "filter at all");
	return seccomp;
}

/* Take the options into R; false after an error. */
static bool take_options(struct reader *r)
{
	const struct rules_options *o = r->options;

	r->out->runtime = oci_runtime(r->diags, o->runtime);
	if (!r->out->runtime)
		return false;
	r->kernel = o->kernel ? parse_kernel(o->kernel) : 0;
	if (o->kernel && !r->kernel) {
		diag_plain(r->diags, DIAG_ERROR,
		           "invalid kernel version '%s'; expected one such as "
		           "'6.1'",
		           o->kernel);
		return false;
	}
	for (size_t i = 0; i < o->ncap; i++) {
		struct suggest s;
		const char *name;

		if (oci_cap_add(o->cap[i], &r->caps))
			continue;
		suggest_start(&s, o->cap[i], strlen(o->cap[i]));
		for (unsigned k = 0; (name = oci_cap_name(k)); k++)
			suggest_offer(&s, name);
		diag_plain(r->diags, DIAG_ERROR, E_UNKNOWN "unknown capability '%s'%s",
		           o->cap[i], suggest_text(r->arena, &s));
		return false;
	}
	return true;
}

/* Find the machine's own ABI: the first of -a, if given. False after an error. */
static bool find_native(struct reader *r)
{
	const char *list = r->options->abis;

	r->out->native = sys_abi_native();
	if (list) {
		if (!rules_abis_of(r->arena, r->diags, list, &r->out->abis))
			return false;
		r->out->native = sys_abi(list, strcspn(list, ","));
	}
	r->arch = r->out->native ? oci_arch_of(r->out->native) : NULL;
	if (r->arch)
		return true;
	if (r->out->native)
		diag_plain(r->diags, DIAG_ERROR,
		           E_INEXPRESSIBLE "profiles have no name for the ABI '%s'",
		           r->out->native->name);
	else
		diag_plain(r->diags, DIAG_ERROR,
		           "the ABI of this machine is not known; name one "
		           "with -a");
	return false;
}

const struct oci_profile *oci_profile(struct arena *arena, struct diags *d,
                                      uint32_t source,
                                      const struct rules_options *o)
{
	struct reader r = { .arena = arena, .diags = d, .options = o };
	unsigned errors = d->errors;
	const struct json *top, *j;

	r.out = arena_new(arena, struct oci_profile);
	if (!take_options(&r) || !find_native(&r))
		return NULL;
	top = json_read(arena, d, source);
	j = top ? find_profile(&r, top) : NULL;
	if (j)
		read_profile(&r, j);
	return j && d->errors == errors ? r.out : NULL;
}
