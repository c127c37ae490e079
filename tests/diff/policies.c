/*
 * Random syscall policies: every operator, nesting, width and statement of the
 * language, about few calls, so that rules meet; and calls that meet them.
 */
#include "tests/diff/policies.h"

#include "policy/policy.h"

#include <linux/audit.h>
#include <string.h>

enum {
	CALLS = 8,
	ABIS = 8
};

struct writer {
	struct buf out;
	struct rng *rng;
	const struct sys_abi *abi[ABIS]; /* that the policy names */
	unsigned nabi;
	const struct sys_abi *on;    /* whose calls are being written */
	struct sys_call call[CALLS]; /* of ABI 0: what rules are mostly about */
	unsigned groups, lets;
};

static bool once_in(struct writer *w, uint32_t n)
{
	return rng_one_in(w->rng, n);
}

static const char *pick(struct writer *w, const char *const *v, uint32_t n)
{
	return v[rng_below(w->rng, n)];
}

#define PICK(w, ...)                                  \
	pick(w, (const char *const[]){ __VA_ARGS__ }, \
	     ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

/* --- what a call is ------------------------------------------------------------- */

static void draw_call(struct writer *w, const struct sys_abi *abi,
                      struct sys_call *out)
{
	/* Where ABIs differ most. */
	static const char *const special[] = {
		"clone",
		"pread64",
		"pwrite64",
		"truncate64",
		"fallocate",
		"preadv2",
		"sync_file_range",
		"sync_file_range2",
		"fadvise64",
		"fadvise64_64",
		"fanotify_mark",
		"readahead",
		"_llseek",
		"lseek",
		"mmap",
		"mmap2",
		"socket",
		"socketcall",
		"sendto",
		"ipc",
		"semget",
		"shmat",
		"openat",
		"chmod",
		"ioctl",
		"prctl",
		"kill",
		"sched_setaffinity",
	};
	const char *name = special[rng_below(w->rng, ARRAY_LEN(special))];
	uint32_t n = 0;

	if (once_in(w, 3) && sys_call_by_name(abi, name, __builtin_strlen(name), out))
		return;
	while (sys_call_at(abi, n, out))
		n++;
	sys_call_at(abi, rng_below(w->rng, n), out);
}

/* A call to write a rule about: a familiar one, or any. */
static struct sys_call some_call(struct writer *w)
{
	struct sys_call c;

	if (w->on == w->abi[0] && !once_in(w, 6))
		return w->call[rng_below(w->rng, CALLS)];
	if (once_in(w, 2))
		for (int i = 0; i < CALLS; i++)
			if (sys_call_by_name(w->on, w->call[i].name,
			                     __builtin_strlen(w->call[i].name),
			                     &c) &&
			    once_in(w, 3))
				return c;
	draw_call(w, w->on, &c);
	return c;
}

/* --- expressions ------------------------------------------------------------------- */

/* A number that TYPE holds. */
static void write_number(struct writer *w, const struct sys_type *type)
{
	unsigned bits = type->width - (type->is_signed ? 1 : 0);
	uint64_t v = rng_next(w->rng);

	v = v << 32 | rng_next(w->rng);
	switch (rng_below(w->rng, 5)) {
	case 0:
	case 1:
		v = rng_below(w->rng, 9);
		break;
	case 2:
		v = (UINT64_C(1) << rng_below(w->rng, bits)) +
		    rng_below(w->rng, 3) - 1;
		break;
	case 3:
		v = ~UINT64_C(0);
		break;
	}
	v &= bits == 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
	if (type->is_signed && once_in(w, 4))
		buf_printf(&w->out, "-%llu",
		           (unsigned long long)(v >> 1) + once_in(w, 2));
	else
		buf_printf(&w->out, once_in(w, 3) ? "0x%llx" : "%llu",
		           (unsigned long long)v);
}

/* The name of a constant that an int holds on all ABIs of the policy, or NULL. */
static const char *some_name(struct writer *w)
{
	static uint32_t names;
	struct sys_number value;
	const char *name;

	while (!names || sys_constant_name(names))
		names++;
	name = sys_constant_name(rng_below(w->rng, names));
	for (unsigned i = 0; i < w->nabi; i++)
		if (!sys_constant(w->abi[i], name, __builtin_strlen(name), &value) ||
		    value.negative || value.bits > INT32_MAX)
			return NULL;
	return name;
}

static void write_constant(struct writer *w, const struct sys_type *type)
{
	const char *name = type->width >= 32 && once_in(w, 6) ? some_name(w) : NULL;

	if (name) {
		buf_puts(&w->out, name);
		return;
	}
	if (w->lets && once_in(w, 8))
		buf_printf(&w->out, "L%u", rng_below(w->rng, w->lets));
	else if (type->width >= 32 && once_in(w, 5))
		buf_puts(&w->out, PICK(w, "O_RDWR", "O_CLOEXEC", "PROT_EXEC",
		                       "AF_INET", "(O_CREAT | O_EXCL)",
		                       "(1 << 12)", "SIGKILL"));
	else
		write_number(w, type);
}

/* An operand that reads an argument of C; TYPE is what it is compared as. */
static void write_argument(struct writer *w, const struct sys_call *c,
                           struct sys_type *type)
{
	static const char *const casts[] = { "u32", "i32", "u64", "i64" };
	const struct sys_arg *arg = c->known && c->nargs
	                                    ? &c->arg[rng_below(w->rng, c->nargs)]
	                                    : NULL;
	uint32_t cast = rng_below(w->rng, 4), word = rng_below(w->rng, 6);
	bool raw = !arg || once_in(w, 5);

	if (once_in(w, 5)) {
		*type = (struct sys_type){ .width = cast < 2 ? 32 : 64,
			                   .is_signed = cast & 1 };
		buf_printf(&w->out, "%s(", casts[cast]);
	} else if (raw) {
		*type = (struct sys_type){ .width = w->on->word };
		cast = 4;
	} else {
		*type = arg->type;
		cast = 4;
	}
	if (raw)
		buf_printf(&w->out, "args[%u]", word);
	else
		buf_puts(&w->out, arg->alias && once_in(w, 2) ? arg->alias
		                                              : arg->name);
	if (cast < 4)
		buf_putc(&w->out, ')');
}

static void write_set(struct writer *w, const struct sys_type *type)
{
	buf_puts(&w->out, " in (");
	for (uint32_t n = 1 + rng_below(w->rng, once_in(w, 6) ? 30 : 4); n; n--) {
		uint64_t lo = rng_below(w->rng, 1000);

		if (once_in(w, 3))
			buf_printf(&w->out, "%llu..%llu", (unsigned long long)lo,
			           (unsigned long long)lo +
			                   rng_below(w->rng, 20));
		else
			write_constant(w, type);
		buf_puts(&w->out, n > 1 ? ", " : ")");
	}
}

static void write_comparison(struct writer *w, const struct sys_call *c)
{
	struct sys_type type;

	if (once_in(w, 12)) {
		const char *cast = PICK(w, "u64", "i64", "u32", "i32");

		buf_printf(&w->out, "%s(args[%u]) %s ", cast, rng_below(w->rng, 6),
		           PICK(w, "==", "<", ">=", "!=", "<=", ">"));
		buf_printf(&w->out, "%s(args[%u])", cast, rng_below(w->rng, 6));
		return;
	}
	if (once_in(w, 12)) {
		write_constant(w, &(struct sys_type){ .width = 32 });
		buf_printf(&w->out, " %s ", PICK(w, "==", "<", ">=", "!=", ">"));
		write_argument(w, c, &type);
		return;
	}
	write_argument(w, c, &type);
	switch (rng_below(w->rng, 7)) {
	case 0:
	case 1:
		buf_printf(&w->out, " %s ", PICK(w, "==", "!="));
		break;
	case 2:
		buf_printf(&w->out, " %s ", PICK(w, "<", "<=", ">", ">="));
		break;
	case 3:
		write_set(w, &type);
		return;
	case 4:
		buf_puts(&w->out, " within ");
		break;
	case 5:
		buf_puts(&w->out, " & ");
		break;
	default:
		buf_puts(&w->out, " & ");
		write_constant(w, &type);
		buf_printf(&w->out, " %s ", PICK(w, "==", "!=", "<", ">="));
	}
	write_constant(w, &type);
}

static void write_condition(struct writer *w, const struct sys_call *c,
                            unsigned depth)
{
	const char *joint;

	if (depth > 3 || once_in(w, 2)) {
		bool not = once_in(w, 6);

		buf_puts(&w->out, not ? "not (" : "");
		write_comparison(w, c);
		buf_puts(&w->out, not ? ")" : "");
		return;
	}
	joint = PICK(w, " and ", " or ", " && ", " || ");
	for (uint32_t n = 2 + rng_below(w->rng, 2); n; n--) {
		buf_puts(&w->out, once_in(w, 6) ? "not (" : "(");
		write_condition(w, c, depth + 1);
		buf_puts(&w->out, ")");
		if (n > 1)
			buf_puts(&w->out, joint);
	}
}

/* --- rules ---------------------------------------------------------------------------- */

static void write_action(struct writer *w)
{
	switch (rng_below(w->rng, 8)) {
	case 0:
	case 1:
		buf_puts(&w->out, "allow");
		break;
	case 2:
	case 3:
		buf_printf(&w->out, "errno %s", PICK(w, "EPERM", "ENOSYS", "EACCES", "1", "4095"));
		break;
	case 4:
		buf_puts(&w->out, PICK(w, "kill", "kill_thread"));
		break;
	case 5:
		buf_puts(&w->out, PICK(w, "log", "notify"));
		break;
	case 6:
		buf_printf(&w->out, "trace %u", rng_below(w->rng, 3));
		break;
	default:
		buf_puts(&w->out, once_in(w, 2) ? "trap" : "trap 7");
	}
}

static void write_patterns(struct writer *w, const struct sys_call *c)
{
	buf_putc(&w->out, '(');
	for (unsigned i = 0; i < c->nargs; i++) {
		buf_puts(&w->out, i ? ", " : "");
		if (once_in(w, 2))
			buf_putc(&w->out, '_');
		else
			write_constant(w, &c->arg[i].type);
	}
	buf_putc(&w->out, ')');
}

/* One item, or several; a condition only where all of them know its names. */
static void write_items(struct writer *w, bool may_condition)
{
	struct sys_call c = some_call(w);

	if (once_in(w, 10)) {
		buf_printf(&w->out, "nr(%u)",
		           rng_below(w->rng, 510) + (once_in(w, 3) ? c.nr / 1000 * 1000 : 0));
		may_condition = false;
	} else {
		buf_puts(&w->out, c.name);
		if (c.nargs && once_in(w, 8))
			write_patterns(w, &c);
	}
	if (may_condition && once_in(w, 2)) {
		buf_puts(&w->out, " if ");
		write_condition(w, &c, 0);
		return;
	}
	for (uint32_t n = rng_below(w->rng, 4); n; n--) {
		c = some_call(w);
		if (w->groups && once_in(w, 3))
			buf_printf(&w->out, ", @g%u",
			           rng_below(w->rng, w->groups));
		else
			buf_printf(&w->out, ", %s", c.name);
		if (once_in(w, 6))
			buf_printf(&w->out, " - %s", c.name);
	}
}

static void write_rule(struct writer *w)
{
	write_action(w);
	if (once_in(w, 8)) {
		buf_puts(&w->out, " { ");
		write_items(w, true);
		buf_puts(&w->out, "; ");
		write_items(w, true);
		buf_puts(&w->out, " }");
	} else {
		buf_putc(&w->out, ' ');
		write_items(w, true);
	}
}

/* Rules that stand in a block of their own ABI can use what only it has. */
static void write_rules(struct writer *w)
{
	for (uint32_t n = rng_below(w->rng, once_in(w, 5) ? 25 : 8); n; n--) {
		w->on = w->abi[rng_below(w->rng, w->nabi)];
		if (w->nabi > 1 && !once_in(w, 4)) {
			buf_printf(&w->out, "on %s { ", w->on->name);
			write_rule(w);
			buf_puts(&w->out, " }\n");
		} else {
			write_rule(w);
			buf_putc(&w->out, '\n');
		}
	}
}

/* --- the head ----------------------------------------------------------------------------- */

/* ABIs of one machine. */
static void draw_family(struct writer *w)
{
	static const uint8_t choice[][4] = {
		{ SYS_ABI_X86_64 },
		{ SYS_ABI_X86_64, SYS_ABI_I386 },
		{ SYS_ABI_X86_64, SYS_ABI_I386, SYS_ABI_X32 },
		{ SYS_ABI_I386 },
		{ SYS_ABI_X32 },
		{ SYS_ABI_X32, SYS_ABI_X86_64 },
		{ SYS_ABI_AARCH64, SYS_ABI_ARM },
		{ SYS_ABI_PPC64, SYS_ABI_PPC },
		{ SYS_ABI_S390X, SYS_ABI_S390 },
		{ SYS_ABI_MIPS64, SYS_ABI_MIPS64N32, SYS_ABI_MIPS },
		{ SYS_ABI_MIPSEL64, SYS_ABI_MIPSEL64N32, SYS_ABI_MIPSEL },
		{ SYS_ABI_PARISC64, SYS_ABI_PARISC },
	};
	static const uint8_t count[] = { 1, 2, 3, 1, 1, 2, 2, 2, 2, 3, 3, 2 };
	uint32_t which = rng_below(w->rng, ARRAY_LEN(choice));

	w->nabi = count[which];
	for (unsigned i = 0; i < w->nabi; i++)
		w->abi[i] = &sys_abis[choice[which][i]];
}

/* Any ABIs at all. */
static void draw_mixture(struct writer *w)
{
	unsigned wanted = 1 + rng_below(w->rng, once_in(w, 4) ? ABIS : 2);

	while (w->nabi < wanted) {
		const struct sys_abi *abi =
			&sys_abis[rng_below(w->rng, SYS_NABIS)];
		bool there = false;

		for (unsigned i = 0; i < w->nabi; i++)
			there |= w->abi[i] == abi;
		if (!there)
			w->abi[w->nabi++] = abi;
	}
}

static void draw_abis(struct writer *w)
{
	if (once_in(w, 2))
		draw_family(w);
	else
		draw_mixture(w);
	for (unsigned i = 0; i < w->nabi; i++)
		buf_printf(&w->out, "%s%s", i ? ", " : "abi ", w->abi[i]->name);
	buf_putc(&w->out, '\n');
}

static void write_head(struct writer *w)
{
	static const struct sys_type word = { .width = 32 };

	draw_abis(w);
	buf_puts(&w->out, "default ");
	write_action(w);
	buf_putc(&w->out, '\n');
	if (once_in(w, 8))
		buf_puts(&w->out, once_in(w, 2) ? "x32 marked\n" : "x32 above\n");
	if (once_in(w, 3)) {
		buf_puts(&w->out, "foreign ");
		write_action(w);
		buf_putc(&w->out, '\n');
	}
	if (once_in(w, 3))
		buf_printf(&w->out, "kernel %s\n",
		           PICK(w, "5.15", "4.4", "3.0", "6.6", "2.6"));
	for (uint32_t n = rng_below(w->rng, 3); n; n--) {
		buf_printf(&w->out, "let L%u = ", w->lets);
		write_constant(w, &word);
		buf_putc(&w->out, '\n');
		w->lets++;
	}
}

static void write_groups(struct writer *w)
{
	for (uint32_t n = rng_below(w->rng, 3); n; n--) {
		buf_printf(&w->out, "group @g%u = ", w->groups);
		w->on = w->abi[0];
		write_items(w, false);
		buf_putc(&w->out, '\n');
		w->groups++;
	}
}

char *policy_random(struct arena *a, struct rng *r)
{
	struct writer w = { .out = { .arena = a }, .rng = r };

	write_head(&w);
	for (int i = 0; i < CALLS; i++)
		draw_call(&w, w.abi[0], &w.call[i]);
	write_groups(&w);
	write_rules(&w);
	return buf_str(&w.out);
}

/* --- calls ------------------------------------------------------------------------ */

static uint64_t some_word(struct rng *r)
{
	uint64_t v = rng_number(r);

	switch (rng_below(r, 4)) {
	case 0:
		return v << 32 | rng_number(r);
	case 1:
		return (uint64_t)(int32_t)v;
	default:
		return v;
	}
}

/* A leaf of C that looks at an argument, drawn at random; NULL if none is met. */
static const struct rules_cond *some_test(const struct rules_cond *c,
                                          struct rng *r)
{
	while (c && c->kind != RULES_COND_TEST && c->kind != RULES_COND_IN)
		c = c->n || c->kind == RULES_COND_NOT
		            ? c->kid[rng_below(r, c->n ? c->n : 1)]
		            : NULL;
	return c;
}

/* Sets the words that O reads to V. */
static void set_operand(struct seccomp_data *d, const struct rules_operand *o,
                        uint64_t v)
{
	if (!o->is_arg)
		return;
	if (o->hi == o->lo) {
		d->args[o->lo] = v;
		return;
	}
	d->args[o->lo] = (d->args[o->lo] & ~UINT64_C(0xffffffff)) | (uint32_t)v;
	if (o->hi >= 0)
		d->args[o->hi] = (d->args[o->hi] & ~UINT64_C(0xffffffff)) | v >> 32;
}

/* An argument of D lies at or next to a constant that C compares it with. */
static void approach(struct seccomp_data *d, const struct rules_cond *c,
                     struct rng *r)
{
	uint64_t v;

	c = some_test(c, r);
	if (!c)
		return;
	if (c->kind == RULES_COND_IN) {
		const struct rules_range *range = &c->range[rng_below(r, c->n)];

		v = rng_one_in(r, 2) ? range->lo : range->hi;
	} else {
		v = c->rhs.is_arg ? c->lhs.bits : c->rhs.bits;
	}
	v += (uint64_t)rng_below(r, 3) - 1;
	if (rng_one_in(r, 4) && c->width < 64) /* what is not looked at */
		v |= some_word(r) << c->width;
	set_operand(d, c->lhs.is_arg ? &c->lhs : &c->rhs, v);
}

void policy_draw(struct seccomp_data *d, const struct rules_tree *t,
                 struct rng *r)
{
	static const uint32_t odd[] = { 0xffffffff, 0x40000000, 511, 512, 547, 548,
		                        0x3fffffff, 0x80000000, 335, 424, 0xf0002,
		                        3999, 4000, 4999, 5000, 6000, 0xf000 };
	const struct sys_abi *abi = t->abi[rng_below(r, t->nabi)];
	struct sys_call call;
	const struct rules_rule *rule;
	const struct rules_case *one;

	memset(d, 0, sizeof(*d));
	if (rng_one_in(r, 12))
		abi = &sys_abis[rng_below(r, SYS_NABIS)];
	d->arch = abi->arch;
	d->nr = rng_one_in(r, 2) ? (int)rng_below(r, 480)
	                         : (int)odd[rng_below(r, ARRAY_LEN(odd))];
	if (rng_one_in(r, 2) && sys_call_at(abi, rng_below(r, 440), &call))
		d->nr = (int)(call.nr + rng_one_in(r, 8));
	d->instruction_pointer = some_word(r);
	for (int i = 0; i < 6; i++)
		d->args[i] = some_word(r);
	if (!t->nrule || rng_one_in(r, 5))
		return;
	rule = &t->rule[rng_below(r, t->nrule)];
	if (!rule->n)
		return;
	one = &rule->cases[rng_below(r, rule->n)];
	d->nr = one->nr;
	d->arch = one->abi->arch;
	for (int i = 0; i < 2 && one->cond; i++)
		approach(d, one->cond, r);
}
