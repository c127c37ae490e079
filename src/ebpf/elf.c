/*
 * ELF objects: a global function that says whether a packet matches, and, unless it is to
 * be linked into another program, a program that calls it.
 */
#include <elf.h>
#include <linux/bpf.h>

#include "ebpf/object.h"

enum {
	MACHINE = 247,  /* EM_BPF */
	CALL_RELOC = 10 /* R_BPF_64_32: the target of a call */
};

static const char *const xdp_members[] = {
	"data",
	"data_end",
	"data_meta",
	"ingress_ifindex",
	"rx_queue_index",
	"egress_ifindex",
	NULL,
};

static const char *const skb_members[] = {
	"len",
	"pkt_type",
	"mark",
	"queue_mapping",
	"protocol",
	"vlan_present",
	"vlan_tci",
	"vlan_proto",
	"priority",
	"ingress_ifindex",
	"ifindex",
	"tc_index",
	NULL,
};

static const struct object_hook hooks[] = {
	[EBPF_XDP] = { "xdp.frags", "xdp_md", sizeof(struct xdp_md), xdp_members },
	[EBPF_TC] = { "tc", "__sk_buff", sizeof(struct __sk_buff), skb_members },
};

/* --- sections -------------------------------------------------------------------- */

/* In the order of the file; the program's are left out of an object to link. */
enum section {
	TEXT = 1,
	PROGRAM,
	PROGRAM_RELOCS,
	LICENSE,
	BTF,
	BTF_EXT,
	SYMBOLS,
	STRINGS,
	SECTIONS
};

struct section_row {
	const char *name; /* NULL: it is not there */
	uint32_t type;
	uint64_t flags, align, entry; /* ENTRY: bytes of one, or 0 */
	uint32_t link, info;
	struct buf bytes;
	uint32_t index, name_at; /* in the file; in STRINGS */
	uint64_t at;
};

struct elf {
	const struct object *object;
	struct section_row section[SECTIONS];
	uint32_t nsections; /* in the file, with the empty first one */
};

static uint32_t name(struct elf *e, const char *s)
{
	struct buf *strings = &e->section[STRINGS].bytes;
	uint32_t at = (uint32_t)strings->len;

	buf_write(strings, s, strlen(s) + 1);
	return at;
}

/* Write a symbol: NAME, of which SIZE bytes are at the start of section AT. */
static void symbol(struct elf *e, const char *s, unsigned info, enum section at, uint64_t size)
{
	struct buf *out = &e->section[SYMBOLS].bytes;
	bool big = e->object->big_endian;

	ebpf_put_word(out, s ? name(e, s) : 0, 4, big);
	ebpf_put_word(out, info, 1, big);
	ebpf_put_word(out, STV_DEFAULT, 1, big);
	ebpf_put_word(out, at ? e->section[at].index : 0, 2, big);
	ebpf_put_word(out, 0, 8, big);
	ebpf_put_word(out, size, 8, big);
}

/* Write the program: a call of the function, and what its result leads to. */
static void put_program(struct elf *e, const struct ebpf_verdicts *v)
{
	const struct object *o = e->object;
	struct ebpf_code c = { .arena = o->arena };
	struct buf *relocs = &e->section[PROGRAM_RELOCS].bytes;

	ebpf_put(&c, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, -1);
	ebpf_mov32(&c, BPF_REG_1, BPF_REG_0);
	ebpf_set(&c, BPF_REG_0, v->match);
	ebpf_put(&c, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_1, 0, 1, 0);
	ebpf_set(&c, BPF_REG_0, v->other);
	ebpf_exit(&c);
	ebpf_put_raw(&e->section[PROGRAM].bytes, &c, o->big_endian);
	ebpf_put_word(relocs, 0, 8, o->big_endian);
	ebpf_put_word(relocs, (uint64_t)1 << 32 | CALL_RELOC, 8, o->big_endian); /* symbol 1 */
}

/* Number the sections that are there. */
static void number(struct elf *e)
{
	e->nsections = 1;
	for (unsigned i = TEXT; i < SECTIONS; i++)
		if (e->section[i].name)
			e->section[i].index = e->nsections++;
}

static void put_header(const struct elf *e, struct buf *out, uint64_t table)
{
	bool big = e->object->big_endian;
	const unsigned char ident[EI_NIDENT] = {
		ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
		ELFCLASS64, big ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT
	};

	buf_write(out, ident, sizeof ident);
	ebpf_put_word(out, ET_REL, 2, big);
	ebpf_put_word(out, MACHINE, 2, big);
	ebpf_put_word(out, EV_CURRENT, 4, big);
	ebpf_put_word(out, 0, 8, big); /* no entry, no program headers */
	ebpf_put_word(out, 0, 8, big);
	ebpf_put_word(out, table, 8, big);
	ebpf_put_word(out, 0, 4, big);
	ebpf_put_word(out, sizeof(Elf64_Ehdr), 2, big);
	ebpf_put_word(out, 0, 2, big);
	ebpf_put_word(out, 0, 2, big);
	ebpf_put_word(out, sizeof(Elf64_Shdr), 2, big);
	ebpf_put_word(out, e->nsections, 2, big);
	ebpf_put_word(out, e->section[STRINGS].index, 2, big);
}

static void put_row(const struct elf *e, struct buf *out, const struct section_row *s)
{
	bool big = e->object->big_endian;

	ebpf_put_word(out, s->name_at, 4, big);
	ebpf_put_word(out, s->type, 4, big);
	ebpf_put_word(out, s->flags, 8, big);
	ebpf_put_word(out, 0, 8, big);
	ebpf_put_word(out, s->at, 8, big);
	ebpf_put_word(out, s->bytes.len, 8, big);
	ebpf_put_word(out, s->link ? e->section[s->link].index : 0, 4, big);
	ebpf_put_word(out, s->info, 4, big);
	ebpf_put_word(out, s->align, 8, big);
	ebpf_put_word(out, s->entry, 8, big);
}

/* Write all of E, whose sections have their contents. */
static void put_file(struct elf *e, struct buf *out)
{
	uint64_t at = sizeof(Elf64_Ehdr);
	const struct section_row none = { 0 };

	for (unsigned i = TEXT; i < SECTIONS; i++) {
		struct section_row *s = &e->section[i];

		if (!s->name)
			continue;
		s->at = at = (at + s->align - 1) / s->align * s->align;
		at += s->bytes.len;
	}
	put_header(e, out, (at + 7) / 8 * 8);
	for (unsigned i = TEXT; i < SECTIONS; i++) {
		if (!e->section[i].name)
			continue;
		while (out->len < e->section[i].at)
			buf_putc(out, '\0');
		buf_write(out, e->section[i].bytes.s, e->section[i].bytes.len);
	}
	while (out->len % 8)
		buf_putc(out, '\0');
	put_row(e, out, &none);
	for (unsigned i = TEXT; i < SECTIONS; i++)
		if (e->section[i].name)
			put_row(e, out, &e->section[i]);
}

/* Return what HOW says of an object with CODE, which is NULL where only types are asked for. */
static struct object described(struct arena *arena, const struct ebpf_code *code,
                               const struct ebpf_object *how)
{
	const struct object_hook *hook = &hooks[how->type];

	return (struct object){
		.arena = arena,
		.hook = hook,
		.code = code,
		.function = "weir_match",
		.program = how->type == EBPF_XDP ? "weir_xdp" : "weir_tc",
		.section = how->link ? NULL : how->section ? how->section
		                                           : hook->section,
		.said = how->said,
		.big_endian = how->big_endian,
	};
}

void ebpf_put_types(struct buf *out, const struct ebpf_object *how)
{
	struct object o = described(out->arena, NULL, how);
	struct buf unused = { .arena = out->arena };

	object_btf(&o, out, &unused);
}

void ebpf_put_elf(struct buf *out, const struct ebpf_code *code, const struct ebpf_object *how)
{
	static const char license[] = "Dual BSD/GPL";
	struct object o = described(out->arena, code, how);
	struct buf relocs_name = { .arena = out->arena };
	struct elf e = {
		.object = &o,
		.section = {
			[TEXT] = { ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 8 },
			[PROGRAM] = { o.section, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 8 },
			[PROGRAM_RELOCS] = { NULL, SHT_REL, 0, 8, sizeof(Elf64_Rel), SYMBOLS },
			[LICENSE] = { o.section ? "license" : NULL, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 1 },
			[BTF] = { ".BTF", SHT_PROGBITS, 0, 4 },
			[BTF_EXT] = { ".BTF.ext", SHT_PROGBITS, 0, 4 },
			[SYMBOLS] = { ".symtab", SHT_SYMTAB, 0, 8, sizeof(Elf64_Sym), STRINGS, 1 },
			[STRINGS] = { ".strtab", SHT_STRTAB, 0, 1 },
		},
	};

	if (o.section) {
		buf_printf(&relocs_name, ".rel%s", o.section);
		e.section[PROGRAM_RELOCS].name = buf_str(&relocs_name);
	}
	for (unsigned i = 0; i < SECTIONS; i++)
		e.section[i].bytes.arena = out->arena;
	number(&e);
	e.section[PROGRAM_RELOCS].info = e.section[PROGRAM].index;
	buf_putc(&e.section[STRINGS].bytes, '\0');
	for (unsigned i = TEXT; i < SECTIONS; i++)
		if (e.section[i].name)
			e.section[i].name_at = name(&e, e.section[i].name);
	ebpf_put_raw(&e.section[TEXT].bytes, code, o.big_endian);
	object_btf(&o, &e.section[BTF].bytes, &e.section[BTF_EXT].bytes);
	symbol(&e, NULL, 0, 0, 0);
	symbol(&e, o.function, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), TEXT, e.section[TEXT].bytes.len);
	if (o.section) {
		put_program(&e, &how->verdicts);
		symbol(&e, o.program, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), PROGRAM,
		       e.section[PROGRAM].bytes.len);
		buf_write(&e.section[LICENSE].bytes, license, sizeof license);
		symbol(&e, "_license", ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), LICENSE, sizeof license);
	}
	put_file(&e, out);
}
