/*
 * weir attach --print: commands of iptables(8) and tc(8) with the expression as a classic
 * program, for machines where weir is not.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/attach.h"

enum {
	IPTABLES_MAX = 64 /* instructions: XT_BPF_MAX_NUM_INSTR of linux/netfilter/xt_bpf.h */
};

/* Put NAME as a word of a shell. */
static void put_word(struct buf *out, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/";

	if (*name && !name[strspn(name, plain)]) {
		buf_puts(out, name);
		return;
	}
	buf_putc(out, '\'');
	for (; *name; name++) {
		if (*name == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, *name);
	}
	buf_putc(out, '\'');
}

/* Put the command that has BYTECODE do what A says. */
static void put_command(struct buf *out, const struct attach *a, const char *bytecode)
{
	if (a->iptables) {
		buf_puts(out, "iptables -I ");
		put_word(out, a->target);
		buf_printf(out, " -m bpf --bytecode '%s' -j DROP\n", bytecode);
		return;
	}
	buf_puts(out, "tc qdisc replace dev ");
	put_word(out, a->target);
	buf_puts(out, " clsact && tc filter add dev ");
	put_word(out, a->target);
	buf_printf(out, " %s protocol all bpf da bytecode '%s'\n",
	           a->place == NET_TC_INGRESS ? "ingress" : "egress", bytecode);
}

/* Tell whether iptables takes PROGRAM; false after a message. */
static bool fits(const struct attach *a, const struct weir_program *program)
{
	size_t n;

	weir_program_insns(program, &n);
	if (!a->iptables || n <= IPTABLES_MAX)
		return true;
	cli_error("the program has %zu instructions; iptables takes at most %d", n, IPTABLES_MAX);
	if (a->c->o.compile.level != WEIR_OS)
		cli_hint("-Os may make it shorter");
	return false;
}

struct printing {
	const struct attach *a;
	const struct weir_program *program;
};

static int put_text(struct cli *c, struct buf *out, void *ctx)
{
	const struct printing *p = ctx;
	char *bytecode;
	size_t len;
	int err = weir_program_print(p->program, "bytecode", &bytecode, &len);

	if (err)
		return cli_compile_failed(err);
	while (len && bytecode[len - 1] == '\n')
		bytecode[--len] = '\0';
	put_command(out, p->a, bytecode);
	free(bytecode);
	return EXIT_DONE;
}

int attach_print(struct attach *a)
{
	struct printing p = { .a = a };
	struct weir_program *program;
	int status;

	if (!a->iptables && a->place != NET_TC_INGRESS && a->place != NET_TC_EGRESS) {
		cli_error("--print writes commands for iptables and tc; nothing else takes bytecode");
		return EXIT_USAGE;
	}
	status = attach_compile(a, &program);
	p.program = program;
	if (status == EXIT_DONE)
		status = fits(a, program) ? cli_report(a->c, put_text, &p) : EXIT_NO;
	weir_program_free(program);
	return status;
}
