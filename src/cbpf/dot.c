/* Programs as graphs for Graphviz: a box for each run of instructions without jumps. */
#include "cbpf/cbpf.h"

/* Marks the first instruction of every box. */
static bool *find_boxes(struct arena *tmp, const struct cbpf_program *p)
{
	bool *first = arena_array(tmp, bool, (size_t)p->n + 1);

	first[0] = true;
	for (uint32_t i = 0; i < p->n; i++) {
		const struct sock_filter *f = &p->insns[i];
		uint32_t target;

		if (BPF_CLASS(f->code) == BPF_JMP) {
			if (cbpf_target(p, i, true, &target))
				first[target] = true;
			if (cbpf_target(p, i, false, &target))
				first[target] = true;
		}
		if (BPF_CLASS(f->code) == BPF_JMP || cbpf_is_ret(f))
			first[i + 1] = true;
	}
	return first;
}

static void put_escaped(struct buf *out, const struct buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		if (text->s[i] == '"' || text->s[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, text->s[i]);
	}
}

static void print_edge(struct buf *out, const struct cbpf_program *p,
                       uint32_t box, uint32_t at, bool yes, const char *label)
{
	uint32_t target;

	if (cbpf_target(p, at, yes, &target))
		buf_printf(out, "\tb%u -> b%u%s;\n", box, target, label);
}

/* The ways on from BOX, whose last instruction is at AT. */
static void print_edges(struct buf *out, const struct cbpf_program *p,
                        uint32_t box, uint32_t at)
{
	const struct sock_filter *f = &p->insns[at];

	if (cbpf_is_test(f)) {
		print_edge(out, p, box, at, true, " [label=yes]");
		print_edge(out, p, box, at, false, " [label=no, style=dashed]");
	} else if (cbpf_is_ja(f)) {
		print_edge(out, p, box, at, true, "");
	} else if (!cbpf_is_ret(f) && at + 1 < p->n) {
		buf_printf(out, "\tb%u -> b%u;\n", box, at + 1);
	}
}

void cbpf_print_dot(struct buf *out, const struct cbpf_program *p,
                    const struct cbpf_notes *notes)
{
	struct buf text = { .arena = out->arena }, note = { .arena = out->arena };
	bool *first;
	uint32_t box = 0;

	buf_puts(out, "digraph program {\n"
	              "\tnode [shape=box, fontname=monospace];\n");
	first = find_boxes(out->arena, p);
	for (uint32_t i = 0; i < p->n; i++) {
		if (first[i]) {
			box = i;
			buf_printf(out, "\tb%u [label=\"", box);
		}
		text.len = 0;
		buf_puts(&text, cbpf_mnemonic(p, i));
		buf_putc(&text, ' ');
		if (!cbpf_is_ja(&p->insns[i]) || !cbpf_is_plain(p, i))
			cbpf_operand_text(&text, p, i);
		if (text.s[text.len - 1] == ' ')
			text.len--;
		cbpf_note(&note, notes, i);
		if (note.len) {
			buf_puts(&text, "  ; ");
			buf_write(&text, note.s, note.len);
		}
		buf_printf(out, "(%03u) ", i);
		put_escaped(out, &text);
		buf_puts(out, "\\l");
		if (i + 1 == p->n || first[i + 1]) {
			buf_puts(out, "\"];\n");
			print_edges(out, p, box, i);
		}
	}
	buf_puts(out, "}\n");
}
