/*
 * An outcome as a policy: the answer that most architectures get is `foreign`, the one
 * that most numbers get is `default`, and what is left becomes rules. Calls that get
 * the same share a rule.
 */
#include <assert.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "rules/lift.h"

enum {
	MOST_BLOCKS = LIMIT(1 << 16, 1 << 12),
	MOST_NUMBERS = LIMIT(4096, 1024), /* of an ABI that get another answer than most */
	MOST_ERRNO = 4095,
};

#define X32_BIT (UINT32_C(1) << 30)
#define SIGN    (UINT32_C(1) << 31)

/* Words that are VALUE under MASK lead to SET. */
struct block {
	uint32_t mask, value, set;
};

struct blocks {
	ARRAY(struct block) v;
	bool too_many;
};

/* An ABI that the program tells apart, and its calls. */
struct part {
	const struct sys_abi *abi;
	uint32_t set;  /* the outcome of its architecture */
	uint32_t most; /* that of most of its numbers */
};

/* A call that needs rules. */
struct entry {
	const char *item, *key; /* as a rule names it; what it gets, as text */
	uint32_t abis;          /* 1 << enum sys_abi_id */
	bool first;             /* its rules come before all others */
	struct lift_answers answers;
	const struct sys_abi *abi; /* one of ABIS */
};

struct lifting {
	struct arena *arena;
	struct diagrams *d;
	const struct outcome_families *families;
	struct diagrams *plain; /* the same with outcome_alone */
	struct rules_lifted *out;
	uint32_t set;
	uint32_t foreign; /* the outcome of most architectures */
	uint32_t foreign_ret;
	uint32_t dflt; /* on the first ABI */
	bool by_name;  /* it is an errno, the same by name on the others */
	bool x32_marked, x32_above;
	struct part part[SYS_NABIS];
	uint32_t nparts;
	ARRAY(struct entry) entries;
	uint32_t through; /* ABIs with rules for calls that socketcall or ipc make, too */
	bool too_large;
};

static void because(struct lifting *l, const char *reason)
{
	if (!l->out->reason)
		l->out->reason = reason;
}

/* --- blocks of words -------------------------------------------------------------- */

/* Put the blocks of SET, by the word that begins with bit FIRST, into OUT. */
static void find_blocks(struct lifting *l, struct blocks *out, unsigned first,
                        struct block in)
{
	struct diagram_decision at;
	struct block clear = in;
	uint32_t bit;

	if (!diagram_decision(l->d, in.set, &at) || at.bit < first || at.bit >= first + 32) {
		if (out->v.n < MOST_BLOCKS)
			array_push(l->arena, &out->v, in);
		else
			out->too_many = true;
		return;
	}
	bit = UINT32_C(1) << (at.bit - first);
	clear.set = at.clear;
	in.set = at.set;
	if (!(in.mask & bit && in.value & bit)) {
		clear.mask |= bit;
		find_blocks(l, out, first, clear);
	}
	if (in.mask & bit && !(in.value & bit))
		return;
	in.mask |= bit;
	in.value |= bit;
	find_blocks(l, out, first, in);
}

static uint64_t size_of(const struct block *b)
{
	return UINT64_C(1) << (32 - __builtin_popcount(b->mask));
}

static int by_set(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	return x->set < y->set ? -1 : x->set > y->set;
}

/* Return the set of most words of B, which is sorted by sets then. */
static uint32_t commonest(struct blocks *b)
{
	uint64_t best = 0, size = 0;
	uint32_t set = b->v.v[0].set;

	qsort(b->v.v, b->v.n, sizeof *b->v.v, by_set);
	for (uint32_t i = 0; i < b->v.n; i++) {
		if (i && b->v.v[i].set != b->v.v[i - 1].set)
			size = 0;
		size += size_of(&b->v.v[i]);
		if (size > best) {
			best = size;
			set = b->v.v[i].set;
		}
	}
	return set;
}

/* Return word I of B: the bits outside B's mask count through all their values. */
static uint32_t word_of(const struct block *b, uint64_t i)
{
	uint32_t word = b->value;

	for (unsigned bit = 0; bit < 32; bit++) {
		if (b->mask >> bit & 1)
			continue;
		word |= (uint32_t)(i & 1) << bit;
		i >>= 1;
	}
	return word;
}

/* --- architectures ------------------------------------------------------------------ */

/* Put the blocks of the numbers of SET that are VALUE under MASK into OUT. */
static void find_numbers_in(struct lifting *l, struct blocks *out, uint32_t set,
                            uint32_t mask, uint32_t value)
{
	find_blocks(l, out, OUTCOME_NR, (struct block){ mask, value, set });
}

/*
 * Collect the blocks of numbers that belong to ABI. -1 and 512 .. 547 belong to
 * both x86_64 and x32.
 */
static struct blocks numbers_of(struct lifting *l, const struct sys_abi *abi, uint32_t set)
{
	bool pair = abi->arch == sys_abis[SYS_ABI_X32].arch;
	struct blocks b = { 0 };

	if (!pair)
		find_numbers_in(l, &b, set, 0, 0);
	else if (!abi->nr_bit)
		find_numbers_in(l, &b, set, l->x32_above ? X32_BIT | SIGN : X32_BIT, 0);
	else
		find_numbers_in(l, &b, set, X32_BIT, X32_BIT);
	if (pair && abi->nr_bit && l->x32_above)
		find_numbers_in(l, &b, set, X32_BIT | SIGN, SIGN);
	return b;
}

static uint32_t number_set(const struct lifting *l, uint32_t set, uint32_t nr)
{
	return outcome_given(l->d, set, OUTCOME_NR, nr);
}

/* Tell whether B has numbers of x86_64 that are not foreign, nor x32's. */
static bool is_own(const struct lifting *l, uint32_t set, const struct block *b)
{
	if (b->set == l->foreign || size_of(b) > 547 - 512 + 1)
		return b->set != l->foreign;
	for (uint64_t i = 0; i < size_of(b); i++) {
		uint32_t nr = word_of(b, i);

		if (nr < 512 || nr > 547 || number_set(l, set, nr | X32_BIT) != b->set)
			return true;
	}
	return false;
}

/* Tell whether B is number -1, and ABI is x32, which does not have it. */
static bool is_last(const struct sys_abi *abi, const struct block *b)
{
	return abi->nr_bit && b->mask == UINT32_MAX && b->value == UINT32_MAX;
}

/*
 * Tell whether calls of ABI, whose architecture has SET, get another answer
 * than foreign ones.
 */
static bool is_named(struct lifting *l, const struct sys_abi *abi, uint32_t set)
{
	struct blocks b = numbers_of(l, abi, set);

	if (set == l->foreign)
		return false;
	if (abi->id == SYS_ABI_X86_64 && number_set(l, set, UINT32_MAX) != l->foreign)
		return true;
	array_each(it, &b.v)
		if (abi->id == SYS_ABI_X86_64 ? is_own(l, set, it)
		                              : it->set != l->foreign && !is_last(abi, it))
			return true;
	return false;
}

static void add_part(struct lifting *l, const struct sys_abi *abi, uint32_t set)
{
	struct blocks b = numbers_of(l, abi, set);
	struct part one = { abi, set, DIAGRAM_NONE };

	l->too_large |= b.too_many;
	if (!b.too_many)
		one.most = commonest(&b);
	l->part[l->nparts++] = one;
}

/* Tell whether this machine runs ABI. */
static bool runs_here(const struct sys_abi *abi)
{
	static const enum sys_abi_id pairs[][2] = {
		{ SYS_ABI_X86_64, SYS_ABI_I386 },
		{ SYS_ABI_X86_64, SYS_ABI_X32 },
		{ SYS_ABI_AARCH64, SYS_ABI_ARM },
		{ SYS_ABI_S390X, SYS_ABI_S390 },
		{ SYS_ABI_PPC64, SYS_ABI_PPC },
	};
	const struct sys_abi *native = sys_abi_native();

	for (size_t i = 0; native && i < ARRAY_LEN(pairs); i++)
		if (pairs[i][0] == native->id && pairs[i][1] == abi->id)
			return true;
	return abi == native;
}

/* Tell whether architectures of B that weir does not know are not all foreign. */
static bool has_unknown(const struct block *b)
{
	uint64_t known = 0;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (i != SYS_ABI_X32 && (sys_abis[i].arch & b->mask) == b->value)
			known++;
	return known != size_of(b);
}

/* Return what most numbers of x86_64's architecture get that are VALUE under MASK. */
static uint32_t most_of(struct lifting *l, uint32_t mask, uint32_t value)
{
	uint32_t arch = sys_abis[SYS_ABI_X32].arch;
	uint32_t set = outcome_given(l->d, l->set, OUTCOME_ARCH, arch);
	struct blocks b = { 0 };

	find_numbers_in(l, &b, set, mask, value);
	return b.too_many ? DIAGRAM_NONE : commonest(&b);
}

/* Tell whether numbers with bit 31 are decided as x32's are, and not as x86_64's. */
static bool is_above(struct lifting *l)
{
	uint32_t high = most_of(l, X32_BIT | SIGN, SIGN);

	return high != most_of(l, X32_BIT | SIGN, 0) && high == most_of(l, X32_BIT, X32_BIT);
}

static void find_parts(struct lifting *l)
{
	struct blocks b = { 0 };
	bool constant;

	find_blocks(l, &b, OUTCOME_ARCH, (struct block){ .set = l->set });
	l->too_large |= b.too_many;
	if (b.too_many)
		return;
	l->foreign = commonest(&b);
	l->x32_above = is_above(l);
	constant = outcome_result(l->d, l->foreign, &l->foreign_ret);
	if (!constant && b.v.n == 1)
		because(l, "does not look at the architecture, so it decides the calls of "
		           "every ABI by numbers of one");
	else if (!constant)
		because(l, "decides calls of architectures that it does not name by their "
		           "numbers");
	array_each(it, &b.v)
		if (it->set != l->foreign && has_unknown(it))
			because(l, "tells architectures apart that weir does not know");
	for (unsigned i = 0; i < SYS_NABIS; i++) {
		const struct sys_abi *abi = &sys_abis[i];
		uint32_t set = outcome_given(l->d, l->set, OUTCOME_ARCH, abi->arch);

		if (is_named(l, abi, set) || (!constant && runs_here(abi)))
			add_part(l, abi, set);
	}
	if (!l->nparts && sys_abi_native())
		add_part(l, sys_abi_native(), l->foreign);
}

/* Tell whether x86_64's numbers 512..547 are not those of x32. */
static bool marks_x32(const struct lifting *l)
{
	uint32_t arch = sys_abis[SYS_ABI_X32].arch;
	uint32_t set = outcome_given(l->d, l->set, OUTCOME_ARCH, arch);
	bool x32 = false, any = false;

	for (uint32_t i = 0; i < l->nparts; i++) {
		any |= l->part[i].abi->arch == arch;
		x32 |= l->part[i].abi->id == SYS_ABI_X32;
	}
	for (uint32_t nr = 512; any && nr <= 547; nr++)
		if (number_set(l, set, nr) !=
		    (x32 ? number_set(l, set, nr | X32_BIT) : l->foreign))
			return true;
	return false;
}

/* --- settings --------------------------------------------------------------------------- */

static const char *action(const struct lifting *l, const struct sys_abi *abi, uint32_t ret)
{
	struct buf out = { .arena = l->arena };

	rules_put_action(&out, abi, ret);
	return buf_str(&out);
}

/* Return what SET, which is more than one result, gives to a call of zeros. */
static uint32_t some_result(const struct lifting *l, uint32_t set)
{
	struct diagram_decision at;
	uint32_t ret;

	while (diagram_decision(l->d, set, &at) && at.bit < OUTCOME_RESULT)
		set = at.clear;
	return outcome_result(l->d, set, &ret) ? ret : SECCOMP_RET_KILL_PROCESS;
}

/* Return what `default` is on ABI. */
static uint32_t default_on(const struct lifting *l, const struct sys_abi *abi)
{
	const char *name = NULL;

	if (l->by_name)
		name = sys_errno_name(l->part[0].abi, l->dflt & SECCOMP_RET_DATA);
	return name ? SECCOMP_RET_ERRNO | sys_errno(abi, name, strlen(name)) : l->dflt;
}

/* Tell whether unknown numbers of P get the default. */
static bool has_default(const struct lifting *l, const struct part *p)
{
	uint32_t ret;

	return outcome_result(l->d, p->most, &ret) && ret == default_on(l, p->abi);
}

/* Count the ABIs in which they do. */
static uint32_t count_default(const struct lifting *l)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->nparts; i++)
		n += has_default(l, &l->part[i]);
	return n;
}

/* Write errors as names where that is right for more ABIs. */
static void choose_names(struct lifting *l)
{
	const char *name = sys_errno_name(l->part[0].abi, l->dflt & SECCOMP_RET_DATA);
	uint32_t by_number = count_default(l);

	if ((l->dflt & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO || !name)
		return;
	l->by_name = true;
	for (uint32_t i = 0; i < l->nparts; i++)
		l->by_name &= sys_errno(l->part[i].abi, name, strlen(name)) != 0;
	if (l->by_name && count_default(l) < by_number)
		l->by_name = false;
}

static void find_default(struct lifting *l)
{
	uint32_t ret;

	l->dflt = some_result(l, l->part[0].most);
	choose_names(l);
	for (uint32_t i = 0; i < l->nparts; i++)
		if (!outcome_result(l->d, l->part[i].most, &ret))
			because(l, "decides numbers that are no calls by their arguments");
		else if (!has_default(l, &l->part[i]))
			because(l, "has another answer for unknown calls on each ABI");
	if (!outcome_result(l->d, l->foreign, &l->foreign_ret))
		l->foreign_ret = some_result(l, l->foreign);
}

/* --- calls --------------------------------------------------------------------------- */

static const char *item_of(const struct lifting *l, const struct sys_abi *abi, uint32_t nr,
                           bool by_number)
{
	struct buf out = { .arena = l->arena };

	if (by_number)
		buf_printf(&out, "nr(%u)", nr & ~abi->nr_bit);
	else
		rules_put_name(&out, abi, nr);
	return buf_str(&out);
}

/* Return what the answers are on ABI, to tell which calls are alike. */
static const char *key_of(const struct lifting *l, const struct sys_abi *abi,
                          const struct lift_answers *a)
{
	struct buf out = { .arena = l->arena };

	array_each(it, &a->v) {
		rules_put_action(&out, abi, it->ret);
		if (it->condition)
			buf_printf(&out, " if %s", it->condition);
		buf_putc(&out, '\n');
	}
	return buf_str(&out);
}

/* Tell whether NAME is a call that others are made through. */
static bool is_multiplexer(const char *name)
{
	return !strcmp(name, "socketcall") || !strcmp(name, "ipc");
}

static void add_call(struct lifting *l, const struct part *p, uint32_t nr)
{
	struct lift_call c = {
		.arena = l->arena,
		.d = l->d,
		.families = l->families,
		.plain = l->plain,
		.abi = p->abi,
	};
	bool named = sys_call_by_nr(p->abi, nr, &c.call);
	struct entry e = { .abi = p->abi, .abis = 1u << p->abi->id };
	bool through;

	if (!named || !c.call.known)
		c.call.nargs = 0;
	e.answers = lift_call(&c, number_set(l, p->set, nr), default_on(l, p->abi));
	if (e.answers.reason)
		because(l, e.answers.reason);
	if (e.answers.too_large) {
		struct buf why = { .arena = l->arena };

		buf_puts(&why, "decides ");
		rules_put_name(&why, p->abi, nr);
		buf_puts(&why, " in a way that takes too many words");
		l->out->reason = buf_str(&why);
		l->too_large = true;
		return;
	}
	through = named && p->abi->multiplexed &&
	          rules_multiplex(p->abi, c.call.name, strlen(c.call.name)).there;
	e.first = named && p->abi->multiplexed && is_multiplexer(c.call.name);
	if (!e.first && e.answers.v.n == 1 &&
	    e.answers.v.v[0].ret == default_on(l, p->abi))
		return;
	if (through && e.answers.v.n == 1)
		l->through |= e.abis;
	e.item = item_of(l, p->abi, nr, through && e.answers.v.n > 1);
	e.key = key_of(l, p->abi, &e.answers);
	array_push(l->arena, &l->entries, e);
}

static int by_word(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct words {
	ARRAY(uint32_t) v;
};

/* Tell whether NUMBER of P is decided elsewhere. */
static bool is_elsewhere(const struct lifting *l, const struct part *p, uint32_t nr)
{
	if (p->abi->id == SYS_ABI_X86_64)
		return !l->x32_marked && nr >= 512 && nr <= 547;
	return p->abi->id == SYS_ABI_X32 && nr == UINT32_MAX;
}

/* Add only the calls that weir knows, where there are too many numbers. */
static void add_known(struct lifting *l, const struct part *p, struct words *out)
{
	struct sys_call call;

	for (uint32_t i = 0; sys_call_at(p->abi, i, &call); i++)
		array_push(l->arena, &out->v, call.nr);
}

/*
 * Find the numbers of P that get another answer than most; false if there are
 * too many.
 */
static bool find_numbers(struct lifting *l, const struct part *p, struct words *out)
{
	struct blocks b = numbers_of(l, p->abi, p->set);
	uint32_t last = number_set(l, p->set, UINT32_MAX);

	array_each(it, &b.v) {
		if (it->set == p->most)
			continue;
		if (size_of(it) > MOST_NUMBERS || out->v.n > MOST_NUMBERS)
			return false;
		for (uint64_t i = 0; i < size_of(it); i++) {
			uint32_t nr = word_of(it, i);

			if (is_elsewhere(l, p, nr))
				continue;
			if ((nr & p->abi->nr_bit) == p->abi->nr_bit)
				array_push(l->arena, &out->v, nr);
			else
				because(l, "has answers of their own for numbers that no "
				           "policy has");
		}
	}
	if (p->abi->id == SYS_ABI_X86_64 && last != p->most)
		array_push(l->arena, &out->v, UINT32_MAX);
	return true;
}

/*
 * Add socketcall and ipc: the calls that they carry have rules, so they need
 * some, too.
 */
static void add_multiplexers(struct lifting *l, const struct part *p, struct words *out)
{
	static const char *const names[] = { "socketcall", "ipc" };
	struct sys_call call;

	for (size_t i = 0; p->abi->multiplexed && i < ARRAY_LEN(names); i++)
		if (sys_call_by_name(p->abi, names[i], strlen(names[i]), &call))
			array_push(l->arena, &out->v, call.nr);
}

static void add_calls(struct lifting *l, const struct part *p)
{
	struct words numbers = { 0 };
	bool all = find_numbers(l, p, &numbers);

	if (!all)
		because(l, "has other answers for more numbers than a policy can list");
	if (!all || !has_default(l, p)) {
		if (!all)
			numbers.v.n = 0;
		add_known(l, p, &numbers);
	}
	add_multiplexers(l, p, &numbers);
	if (!numbers.v.n)
		return;
	qsort(numbers.v.v, numbers.v.n, sizeof *numbers.v.v, by_word);
	for (uint32_t i = 0; i < numbers.v.n && !l->too_large; i++)
		if (!i || numbers.v.v[i] != numbers.v.v[i - 1])
			add_call(l, p, numbers.v.v[i]);
}

/* --- rules ----------------------------------------------------------------------------- */

static int by_item(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->item, y->item);

	if (!order)
		order = strcmp(x->key, y->key);
	return order ? order : (x->abis > y->abis) - (x->abis < y->abis);
}

/*
 * Tell whether E gives socketcall or ipc just what `default` does, and no other
 * rule is about it.
 */
static bool is_idle(const struct lifting *l, const struct entry *e)
{
	return e->first && !(e->abis & l->through) && e->answers.v.n == 1 &&
	       e->answers.v.v[0].ret == default_on(l, e->abi);
}

/* Merge calls of several ABIs that share a name and an answer. */
static void unite_abis(struct lifting *l)
{
	struct entry *v = l->entries.v;
	uint32_t n = 0;

	if (!l->entries.n)
		return;
	qsort(v, l->entries.n, sizeof *v, by_item);
	for (uint32_t i = 0; i < l->entries.n; i++) {
		if (is_idle(l, &v[i]))
			continue;
		if (n && !strcmp(v[n - 1].item, v[i].item) &&
		    !strcmp(v[n - 1].key, v[i].key)) {
			v[n - 1].abis |= v[i].abis;
			v[n - 1].first |= v[i].first;
		} else {
			v[n++] = v[i];
		}
	}
	l->entries.n = n;
}

static uint32_t all_abis(const struct lifting *l)
{
	uint32_t all = 0;

	for (uint32_t i = 0; i < l->nparts; i++)
		all |= 1u << l->part[i].abi->id;
	return all;
}

/*
 * Order rules: those that must come first, then by size of their block of ABIs,
 * then those without conditions.
 */
static int by_rule(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int abis = __builtin_popcount(y->abis) - __builtin_popcount(x->abis);

	if (x->first != y->first)
		return x->first ? -1 : 1;
	if (abis || x->abis != y->abis)
		return abis ? abis : x->abis < y->abis ? -1
		                                       : 1;
	if ((x->answers.v.n > 1) != (y->answers.v.n > 1))
		return x->answers.v.n > 1 ? 1 : -1;
	if (strcmp(x->key, y->key))
		return strcmp(x->key, y->key);
	return strcmp(x->item, y->item);
}

static bool same_rule(const struct entry *a, const struct entry *b)
{
	return a->abis == b->abis && a->first == b->first && !strcmp(a->key, b->key);
}

static void put_abis(struct buf *out, uint32_t abis)
{
	const char *before = "";

	for (unsigned i = 0; i < SYS_NABIS; i++) {
		if (!(abis >> i & 1))
			continue;
		buf_printf(out, "%s%s", before, sys_abis[i].name);
		before = ", ";
	}
}

/*
 * Write rules for E and the calls after it, N in all, one for each of their
 * answers.
 */
static void put_rules(struct lifting *l, const struct entry *e, uint32_t n,
                      const char *indent)
{
	struct buf *out = &l->out->text;

	array_each(it, &e->answers.v) {
		if (!it->condition && it->ret == default_on(l, e->abi) && !e->first)
			continue;
		buf_printf(out, "%s%s ", indent, action(l, e->abi, it->ret));
		for (uint32_t i = 0; i < n; i++)
			buf_printf(out, "%s%s", i ? ", " : "", e[i].item);
		if (it->condition)
			buf_printf(out, " if %s", it->condition);
		buf_putc(out, '\n');
	}
}

static void put_all(struct lifting *l)
{
	const struct entry *v = l->entries.v;
	uint32_t all = all_abis(l), block = all;
	struct buf *out = &l->out->text;

	if (l->entries.n)
		qsort(l->entries.v, l->entries.n, sizeof *l->entries.v, by_rule);
	for (uint32_t i = 0, n; i < l->entries.n; i += n) {
		for (n = 1; i + n < l->entries.n && same_rule(&v[i], &v[i + n]); n++)
			;
		if (v[i].abis != block) {
			buf_puts(out, block != all ? "}\n" : "");
			block = v[i].abis;
			if (block != all) {
				buf_puts(out, "on ");
				put_abis(out, block);
				buf_puts(out, " {\n");
			}
		}
		put_rules(l, &v[i], n, block != all ? "    " : "");
	}
	buf_puts(out, block != all ? "}\n" : "");
}

static void put_settings(struct lifting *l)
{
	const struct sys_abi *first = l->part[0].abi;
	struct buf *out = &l->out->text;

	buf_printf(out, "default %s\n", action(l, l->by_name ? first : NULL, l->dflt));
	if (l->foreign_ret != SECCOMP_RET_KILL_PROCESS)
		buf_printf(out, "foreign %s\n", action(l, first, l->foreign_ret));
	buf_puts(out, "abi ");
	put_abis(out, all_abis(l));
	buf_puts(out, l->x32_above    ? "\nx32 above\n"
	              : l->x32_marked ? "\nx32 marked\n"
	                              : "\n");
}

bool rules_lift(struct arena *arena, struct diagrams *d, const struct outcome_families *f,
                uint32_t set, struct rules_lifted *out)
{
	struct lifting l = {
		.arena = arena,
		.d = d,
		.families = f,
		.plain = outcome_diagrams(arena, &outcome_alone, 0),
		.out = out,
		.set = set,
	};

	*out = (struct rules_lifted){ .text = { .arena = arena } };
	find_parts(&l);
	if (!l.nparts)
		because(&l, "is for a machine that weir does not know");
	if (l.too_large)
		because(&l, "tells too many architectures or numbers apart");
	if (!l.nparts || l.too_large)
		return false;
	l.x32_marked = l.x32_above || marks_x32(&l);
	find_default(&l);
	for (uint32_t i = 0; i < l.nparts && !l.too_large; i++)
		add_calls(&l, &l.part[i]);
	if (diagrams_lost(d)) {
		out->reason = "is too large to be written as a policy";
		return false;
	}
	if (l.too_large)
		return false;
	unite_abis(&l);
	put_settings(&l);
	put_all(&l);
	return true;
}

/* --- results ----------------------------------------------------------------------------- */

/* Return the result that the kernel takes RET for. */
static uint32_t normal(uint32_t ret)
{
	uint32_t data = ret & SECCOMP_RET_DATA;

	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_USER_NOTIF:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return ret & SECCOMP_RET_ACTION_FULL;
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_TRACE:
		return ret;
	case SECCOMP_RET_ERRNO:
		return SECCOMP_RET_ERRNO | min_u32(data, MOST_ERRNO);
	}
	return SECCOMP_RET_KILL_PROCESS;
}

static enum lift_way until_result(void *ctx, unsigned *bit)
{
	return *bit >= OUTCOME_RESULT ? LIFT_LEAF : LIFT_KEEP;
}

static uint32_t normal_leaf(void *ctx, uint32_t set)
{
	struct diagrams *d = ctx;
	uint32_t ret, to = DIAGRAM_ALL;

	if (!outcome_result(d, set, &ret))
		return set;
	ret = normal(ret);
	for (unsigned k = 0; k < 32; k++) {
		uint32_t bit = diagram_bit(d, OUTCOME_RESULT + k);

		to = ret >> k & 1 ? diagram_and(d, bit, to) : diagram_less(d, to, bit);
	}
	return to;
}

uint32_t rules_normal(struct arena *arena, struct diagrams *d, uint32_t set)
{
	struct lift_map m = {
		.arena = arena,
		.d = d,
		.way = until_result,
		.leaf = normal_leaf,
		.ctx = d,
	};

	return lift_rebuild(&m, set);
}
