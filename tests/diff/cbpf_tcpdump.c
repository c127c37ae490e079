/*
 * Our listing against tcpdump's: every instruction with many constants, as
 * libpcap's bpf_image writes it, reads the same here and is read here.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"

/* <pcap/bpf.h> has macros of its own for what <linux/filter.h> defines. */
char *bpf_image(const struct sock_filter *insn, int n);

enum {
	LENGTH = 12
};

static unsigned compared, differences;

static void differ(const char *what, const char *ours, const char *theirs)
{
	if (differences++ < 20)
		fprintf(stderr, "%s:\n  ours:    %s\n  tcpdump: %s\n", what, ours, theirs);
}

/* What tcpdump says in another way, said in ours. */
static char *in_our_words(struct arena *a, const char *theirs)
{
	static const char *const other[][2] = {
		{ "(000) ret", "(000) ret      a" },
		{ "[vlanp]", "[vlan_avail]" },
		{ "[random]", "[rand]" },
	};
	struct buf out = { .arena = a };
	size_t len = strlen(theirs);
	const char *found;

	while (len && theirs[len - 1] == ' ')
		len--;
	theirs = arena_strndup(a, theirs, len);
	if (!strcmp(theirs, other[0][0]))
		return arena_strndup(a, other[0][1], strlen(other[0][1]));
	for (size_t i = 1; i < ARRAY_LEN(other); i++)
		if ((found = strstr(theirs, other[i][0]))) {
			buf_write(&out, theirs, (size_t)(found - theirs));
			buf_printf(&out, "%s%s", other[i][1],
			           found + strlen(other[i][0]));
			return buf_str(&out);
		}
	return arena_strndup(a, theirs, len);
}

/* The first line of P's listing. */
static char *our_line(struct arena *a, const struct cbpf_program *p)
{
	struct buf out = { .arena = a };

	cbpf_print(&out, "listing", p, NULL);
	*strchr(buf_str(&out), '\n') = '\0';
	return out.s;
}

/* Reads tcpdump's LINE as the first of a program. */
static void read_theirs(struct arena *a, const struct cbpf_program *p, const char *line)
{
	struct buf text = { .arena = a };
	struct diags d = { .arena = a };
	struct cbpf_program q = { 0 };
	uint32_t source;

	buf_printf(&text, "%s\n", line);
	for (int i = 1; i < LENGTH; i++)
		buf_printf(&text, "(%03d) neg\n", i);
	source = diag_source(&d, "tcpdump", text.s, text.len);
	if (!cbpf_read(a, &d, source, &q) || q.n != LENGTH ||
	    memcmp(q.insns, p->insns, sizeof *q.insns))
		differ("read", our_line(a, p), line);
}

static void compare(struct arena *a, struct sock_filter f)
{
	struct sock_filter insns[LENGTH] = { f };
	struct cbpf_program p = { .insns = insns, .n = LENGTH };
	const char *image = bpf_image(insns, 0);
	char *theirs = arena_strndup(a, image, strlen(image));

	/* Older ones do not know ldx #pktlen. */
	if (!cbpf_is_plain(&p, 0) || strstr(theirs, "unimp"))
		return;
	compared++;
	read_theirs(a, &p, theirs);
	if (strcmp(our_line(a, &p), in_our_words(a, theirs)))
		differ("listing", our_line(a, &p), theirs);
	arena_free(a);
}

int main(void)
{
	static const uint32_t constants[] = {
		0,
		1,
		12,
		15,
		0x800,
		0xffff,
		0x7fffffff,
		0x80000000,
		0xfff00000,
		0xfffff000,
		0xfffff004,
		0xfffff02c,
		0xfffff030,
		0xffffffff,
	};
	jmp_buf oom;
	struct arena a = { .oom = &oom };

	if (setjmp(oom))
		return 1;
	for (uint16_t code = 0; code < 256; code++) {
		const struct cbpf_insn *insn = cbpf_insn(code);

		for (size_t i = 0; insn && i < ARRAY_LEN(constants); i++) {
			struct sock_filter f = { code, 0, 0, constants[i] };

			if (insn->operand == CBPF_OPERAND_CELL && f.k >= CBPF_CELLS)
				continue;
			if (insn->operand == CBPF_OPERAND_JUMP)
				f.k %= LENGTH - 1;
			if (cbpf_is_test(&f)) {
				f.jt = i % 11;
				f.jf = i % 7;
			}
			compare(&a, f);
		}
	}
	printf("%u lines, %u differences\n", compared, differences);
	return differences || compared < 300;
}
