/*
 * BTF: what types the functions of an object have. The kernel wants it of global
 * functions, whose argument must be a pointer to the struct of the program type, by name;
 * linkers compare it with what the other side declares.
 */
#include <linux/btf.h>

#include "ebpf/object.h"

/* A BTF section being written: types and strings. */
struct btf {
	struct buf types, strings;
	uint32_t n; /* types so far; numbers begin at 1 */
	bool big_endian;
};

static uint32_t string(struct btf *b, const char *s)
{
	uint32_t at = (uint32_t)b->strings.len;

	buf_write(&b->strings, s, strlen(s) + 1);
	return at;
}

static void word(struct btf *b, uint32_t w)
{
	ebpf_put_word(&b->types, w, 4, b->big_endian);
}

/* Begin a type; what follows its three words is the caller's. */
static uint32_t type(struct btf *b, const char *name, unsigned kind, unsigned vlen,
                     uint32_t size_or_type)
{
	word(b, *name ? string(b, name) : 0);
	word(b, kind << 24 | vlen);
	word(b, size_or_type);
	return ++b->n;
}

static uint32_t integer(struct btf *b, const char *name, bool is_signed)
{
	uint32_t t = type(b, name, BTF_KIND_INT, 0, 4);

	word(b, (is_signed ? BTF_INT_SIGNED : 0u) << 24 | 32);
	return t;
}

/* Add the struct that HOOK's programs get, all members of which are words. */
static uint32_t context(struct btf *b, const struct object_hook *hook)
{
	uint32_t u32 = integer(b, "unsigned int", false), n = 0, t;

	while (hook->members[n])
		n++;
	t = type(b, hook->context, BTF_KIND_STRUCT, n, hook->context_size);
	for (uint32_t i = 0; i < n; i++) {
		word(b, string(b, hook->members[i]));
		word(b, u32);
		word(b, 32 * i);
	}
	return t;
}

/* Tag function FUNC with TEXT. */
static void tag(struct btf *b, const char *text, uint32_t func)
{
	type(b, text, BTF_KIND_DECL_TAG, 0, func);
	word(b, UINT32_MAX); /* the function, not one of its arguments */
}

/* Write the header of a BTF section and its contents. */
static void put_section(struct buf *out, struct btf *b)
{
	uint32_t types = (uint32_t)b->types.len, strings = (uint32_t)b->strings.len;
	const uint32_t header[] = { sizeof(struct btf_header), 0, types, types, strings };

	ebpf_put_word(out, BTF_MAGIC, 2, b->big_endian);
	buf_putc(out, BTF_VERSION);
	buf_putc(out, 0);
	for (size_t i = 0; i < ARRAY_LEN(header); i++)
		ebpf_put_word(out, header[i], 4, b->big_endian);
	buf_write(out, b->types.s, types);
	buf_write(out, b->strings.s, strings);
}

/* For each section with code: its name in BTF's strings, and the type of its function. */
struct function {
	uint32_t section, type;
};

/*
 * Write records about the start of each function: SIZE bytes, which begin with
 * WORDS.
 */
static void put_records(struct buf *out, const struct function *f, uint32_t n, uint32_t size,
                        const uint32_t *words, bool big_endian)
{
	ebpf_put_word(out, size, 4, big_endian);
	for (uint32_t i = 0; i < n; i++) {
		ebpf_put_word(out, f[i].section, 4, big_endian);
		ebpf_put_word(out, 1, 4, big_endian);
		ebpf_put_word(out, 0, 4, big_endian); /* the first instruction */
		for (uint32_t w = 0; w + 1 < size / 4; w++)
			ebpf_put_word(out, words ? words[w] : f[i].type, 4, big_endian);
	}
}

/*
 * Write .BTF.ext: which function each section begins with, and the line that it was made
 * of, LINE of FILE. Libraries complain about functions without one.
 */
static void put_extension(struct buf *out, const struct function *f, uint32_t n, uint32_t file,
                          uint32_t line, bool big_endian)
{
	enum {
		HEADER = 24, /* magic to line_info_len */
		FUNC = 8,    /* bytes of a record */
		LINE = 16,
	};
	uint32_t funcs = 4 + n * (8 + FUNC), lines = 4 + n * (8 + LINE);
	const uint32_t header[] = { HEADER, 0, funcs, funcs, lines };
	const uint32_t first[] = { file, line, 1 << 10 | 1 };

	ebpf_put_word(out, BTF_MAGIC, 2, big_endian);
	buf_putc(out, BTF_VERSION);
	buf_putc(out, 0);
	for (size_t i = 0; i < ARRAY_LEN(header); i++)
		ebpf_put_word(out, header[i], 4, big_endian);
	put_records(out, f, n, FUNC, NULL, big_endian);
	put_records(out, f, n, LINE, first, big_endian);
}

void object_btf(const struct object *o, struct buf *btf, struct buf *extension)
{
	struct btf b = {
		.types = { .arena = o->arena },
		.strings = { .arena = o->arena },
		.big_endian = o->big_endian,
	};
	struct function f[2];
	uint32_t integer_type, pointer, proto, file, line, n = 0;

	buf_putc(&b.strings, '\0');
	integer_type = integer(&b, "int", true);
	pointer = type(&b, "", BTF_KIND_PTR, 0, context(&b, o->hook));
	proto = type(&b, "", BTF_KIND_FUNC_PROTO, 1, integer_type);
	word(&b, string(&b, "ctx"));
	word(&b, pointer);
	f[n].type = type(&b, o->function, BTF_KIND_FUNC, BTF_FUNC_GLOBAL, proto);
	f[n++].section = string(&b, ".text");
	if (o->said)
		tag(&b, o->said, f[0].type);
	if (o->section) {
		f[n].type = type(&b, o->program, BTF_KIND_FUNC, BTF_FUNC_GLOBAL, proto);
		f[n++].section = string(&b, o->section);
	}
	file = string(&b, "filter");
	line = string(&b, o->said ? o->said : "");
	put_section(btf, &b);
	put_extension(extension, f, n, file, line, o->big_endian);
}
