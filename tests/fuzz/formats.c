/*
 * Damaged programs in every format that weir reads: each text is changed in a few
 * places, many times over, and whatever becomes of it is either read or refused with a
 * place and a reason.
 *
 *     formats [RUNS [SEED]]     10,000 runs for each format
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weir.h"

enum {
	RUNS = 10000,
	LONGEST = 4096,
	CHANGES = 4
};

/* Texts in formats that weir does not write, or not in all their forms. */
static const struct {
	const char *format, *text;
} samples[] = {
	{ "seccomp-tools",
	  " line  CODE  JT   JF      K\n=================================\n"
	  " 0000: 0x20 0x00 0x00 0x00000004  A = arch\n"
	  " 0001: 0x15 0x00 0x01 0xc000003e  if (A != ARCH_X86_64) goto 0003\n"
	  " 0002: 0x06 0x00 0x00 0x7fff0000  return ALLOW\n"
	  " 0003: 0x06 0x00 0x00 0x00000000  return KILL\n" },
	{ "seccomp-tools, to assemble",
	  "# two calls\nA = arch\nA == ARCH_X86_64 ? next : dead\nA = sys_number\n"
	  "if (A >= 0x40000000) goto dead\nif (!(A & 0x10)) goto ok else goto dead\n"
	  "A = args[1] >> 32\nmem[2] = A\nX = mem[2]\nA += X\nA == write ? ok : dead\n"
	  "ok: return ERRNO(5)\ndead:\nreturn KILL\n" },
	{ "ceccomp",
	  "#Label  CODE  JT   JF      K\n"
	  " L0001: 0x20 0x00 0x00 0x00000004 $A = $arch\n"
	  " L0002: 0x15 0x00 0x01 0xc000003e if ($A != x86_64) goto L0004\n"
	  " L0003: 0x06 0x00 0x00 0x7fff0000 return ALLOW\n"
	  " L0004: 0x06 0x00 0x00 0x00000000 return KILL\n" },
	{ "bpf_asm",
	  "/* web */\nldh [12]\njne #0x800, drop\nldb [23]\njneq #6, drop\nldx 4*([14]&0xf)\n"
	  "ldh [x + 16]\njeq #80, keep, drop\nkeep: ret #-1\ndrop: ret #0 ; no\n" },
	{ "c, with macros",
	  "static struct sock_filter f[] = {\n"
	  "\tBPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),\n"
	  "\tBPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_read, 0, 1),\n"
	  "\t{ .code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW },\n"
	  "\tBPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA)),\n};\n" },
	{ "c, of bytes", "unsigned char bpf[] = {40,0,0,0,12,0,0,0,6,0,0,0,0,0,4,0};\n" },
	{ "iptables",
	  "-A INPUT -m bpf --bytecode \"4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\" -j DROP\n" },
	{ "tc",
	  "filter protocol all pref 49152 bpf chain 0 handle 0x1 flowid 1:1 bytecode "
	  "'4,40 0 0 12,21 0 1 2048,6 0 0 4294967295,6 0 0 0'\n" },
};

static uint64_t seed = 1;

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % n;
}

/* --- damage ------------------------------------------------------------------------------ */

/* Change TEXT of *LEN bytes, which has room for LONGEST, in one place. */
static void change(char *text, size_t *len)
{
	static const char likely[] = "0123456789abcdefx[](){}#,:;=+-*&|!?'\"\\ \n\t$AXk\0\377";
	size_t at = *len ? random_below((uint32_t)*len) : 0, n = 1 + random_below(8);

	switch (random_below(6)) {
	case 0: /* cut off */
		*len = at;
		break;
	case 1: /* removed */
		n = n < *len - at ? n : *len - at;
		memmove(text + at, text + at + n, *len - at - n);
		*len -= n;
		break;
	case 2: /* twice there */
		n = n < *len - at ? n : *len - at;
		if (*len + n > LONGEST)
			break;
		memmove(text + at + n, text + at, *len - at);
		*len += n;
		break;
	case 3:
		if (*len)
			text[at] = (char)(text[at] ^ (1 << random_below(8)));
		break;
	case 4:
		if (*len == LONGEST)
			break;
		memmove(text + at + 1, text + at, *len - at);
		++*len;
		/* fall through */
	case 5:
		if (*len)
			text[at] = likely[random_below(sizeof likely - 1)];
		break;
	}
}

/* --- reading ------------------------------------------------------------------------------- */

struct outcome {
	bool error, place;
};

static void see(void *ctx, const struct weir_diag *diag)
{
	struct outcome *o = ctx;

	if (diag->severity != WEIR_ERROR)
		return;
	o->error = true;
	/* The place in bytes that are no text; and a whole text that is empty has one. */
	o->place |= diag->line || strstr(diag->message, "byte ") ||
	            strstr(diag->message, "contains no ");
	o->place |= strstr(diag->message, "--kind") != NULL;
}

/* Read TEXT; false if it is refused without a place and a reason. */
static bool read_one(const char *text, size_t len, bool *was_read)
{
	struct outcome o = { 0 };
	const struct weir_read_options how = { .size = sizeof how, .diag = see, .diag_ctx = &o };
	struct weir_program *p;
	/* A block of its own size, so that a byte beyond it is caught. */
	char *copy = memcpy(malloc(len + !len), text, len);
	int err = weir_program_read(&p, WEIR_EITHER, copy, len, &how);

	free(copy);
	weir_program_free(p);
	*was_read = !err;
	return err ? o.error && o.place : !o.error;
}

/* Damage TEXT RUNS times; false where what becomes of it is not well refused. */
static bool try_format(const char *name, const char *text, size_t len, unsigned runs)
{
	static char changed[LONGEST];
	unsigned read = 0;
	bool was_read;

	if (!read_one(text, len, &was_read) || !was_read) {
		printf("FAIL: %s: the text itself is not read\n", name);
		return false;
	}
	for (unsigned i = 0; i < runs; i++) {
		size_t now = len;

		memcpy(changed, text, len);
		for (uint32_t n = 1 + random_below(CHANGES); n; n--)
			change(changed, &now);
		if (!read_one(changed, now, &was_read)) {
			printf("FAIL: %s: no place or no reason:\n", name);
			fwrite(changed, 1, now, stdout);
			return false;
		}
		read += was_read;
	}
	printf("%-28s %6u read, %6u refused\n", name, read, runs - read);
	return read && read < runs;
}

/* The program of EXPRESSION in every format that is written and read. */
static bool try_written(const char *expression, unsigned runs)
{
	struct weir_format f = { .size = sizeof f };
	struct weir_program *p;
	bool ok = true;
	size_t len;
	char *text;

	if (weir_compile(&p, expression, 1, 65535, UINT32_MAX, WEIR_O2))
		return false;
	for (unsigned i = 0; weir_format(i, &f) == 0; i++) {
		if (f.kind != WEIR_PROGRAM_FORMAT || !f.reads || !f.writes)
			continue;
		ok &= weir_program_print(p, f.name, &text, &len) == 0 &&
		      try_format(f.name, text, len, runs);
		free(text);
	}
	weir_program_free(p);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned runs = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : RUNS;
	bool ok;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) | 1 : 1;
	ok = try_written("tcp port 80", runs);
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		ok &= try_format(samples[i].format, samples[i].text, strlen(samples[i].text),
		                 runs);
	return !ok;
}
