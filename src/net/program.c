/*
 * The program that is attached: the filter as a function, and a few instructions that call
 * it, count, and answer. Its types keep the expression.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "kernel/kernel.h"
#include "net/hook.h"

/* A program being written. */
struct code {
	struct bpf_insn *insns;
	size_t n;
};

static void put(struct code *c, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	struct bpf_insn *i = &c->insns[c->n++];

	memset(i, 0, sizeof *i);
	i->code = code;
	i->dst_reg = dst & 15;
	i->src_reg = src & 15;
	i->off = off;
	i->imm = imm;
}

enum {
	AROUND = 12 /* instructions that come before the function */
};

/* Call the function that comes after, count in MAP, and answer. */
static void put_around(struct code *c, const struct hook_place *place, bool drops, int map)
{
	int32_t match = drops ? place->drop : place->pass;
	int32_t other = drops ? place->pass : place->drop;

	put(c, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, AROUND - 1);
	put(c, BPF_ALU | BPF_MOV | BPF_X, 6, 0, 0, 0);
	put(c, BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_VALUE, 0, map);
	put(c, 0, 0, 0, 0, 0);
	put(c, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 1);
	put(c, BPF_STX | BPF_DW | BPF_ATOMIC, 1, 2, HOOK_SEEN, BPF_ADD);
	put(c, BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 3, 0);
	put(c, BPF_STX | BPF_DW | BPF_ATOMIC, 1, 2, HOOK_MATCHED, BPF_ADD);
	put(c, BPF_ALU | BPF_MOV | BPF_K, 0, 0, 0, match);
	put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	put(c, BPF_ALU | BPF_MOV | BPF_K, 0, 0, 0, other);
	put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Set FUNCS to the types in BTF of LEN bytes; a descriptor, or -1: they have none. */
static int load_types(const struct hook_place *place, const char *btf, size_t len,
                      struct bpf_func_info funcs[2])
{
	const char *program = place->type == BPF_PROG_TYPE_XDP ? "weir_xdp" : "weir_tc";
	struct kernel_error ignored;
	struct kernel_types *t;

	if (kernel_types_read(&t, btf, len, &ignored))
		return -1;
	funcs[0] = (struct bpf_func_info){ 0, kernel_type(t, BTF_KIND_FUNC, program) };
	funcs[1] = (struct bpf_func_info){ AROUND, kernel_type(t, BTF_KIND_FUNC, "weir_match") };
	kernel_types_free(t);
	return funcs[0].type_id && funcs[1].type_id ? kernel_types_load(btf, len) : -1;
}

/*
 * Give P the types of HOOK's filter, where this kernel takes them: tags are younger than
 * what is needed otherwise.
 */
static void add_types(const struct net_hook *hook, struct kernel_program *p,
                      struct bpf_func_info funcs[2])
{
	struct weir_ebpf_object how = {
		.size = sizeof how,
		.said = *hook->text ? hook->text : NULL,
	};
	char *btf;
	size_t len;
	int fd = weir_ebpf_types(hook->filter, &how, &btf, &len);

	if (fd)
		return;
	fd = load_types(hook_place(hook->place), btf, len, funcs);
	free(btf);
	if (fd < 0)
		return;
	p->types = fd;
	p->funcs = funcs;
	p->nfuncs = 2;
}

/* Load P as it is; if that fails, without types, and then for the verifier's words in LOG. */
static int load(struct kernel_program *p, char *log, uint32_t size)
{
	int fd = kernel_program_load(p);

	if (fd < 0 && fd != -EPERM && p->nfuncs) {
		p->nfuncs = 0;
		fd = kernel_program_load(p);
	}
	if (fd < 0 && fd != -EPERM) {
		p->log = log;
		p->log_size = size;
		fd = kernel_program_load(p);
	}
	return fd;
}

/* Tell whether I names an open set by its number. */
static bool is_set(const struct weir_ebpf_insn *i)
{
	return i->code == (BPF_LD | BPF_DW | BPF_IMM) && i->src == BPF_PSEUDO_MAP_FD;
}

int hook_load(const struct net_hook *hook, int map, struct net_error *e)
{
	static char log[1 << 16];
	size_t n;
	const struct hook_place *place = hook_place(hook->place);
	const struct weir_ebpf_insn *from = weir_ebpf_insns(hook->filter, &n);
	struct code c = { .insns = calloc(n + AROUND, sizeof *c.insns) };
	struct bpf_func_info funcs[2];
	struct kernel_program p = {
		.type = place->type,
		.attach = (enum bpf_attach_type)place->attach,
		.flags = place->flags,
		.name = place->program,
	};
	int fd;

	if (!c.insns)
		return net_fail(e, -ENOMEM, "out of memory");
	put_around(&c, place, hook->drops, map);
	assert(c.n == AROUND);
	for (size_t i = 0; i < n; i++)
		put(&c, from[i].code, from[i].dst, from[i].src, from[i].off,
		    is_set(&from[i]) ? hook->sets[from[i].imm] : from[i].imm);
	p.insns = c.insns;
	p.n = c.n;
	add_types(hook, &p, funcs);
	fd = load(&p, log, sizeof log);
	free(c.insns);
	if (p.types)
		close(p.types);
	if (fd >= 0)
		return fd;
	return net_fail(e, fd, "the kernel refuses the program: %s%s%.200s", strerror(-fd),
	                *log ? ": " : "", log);
}
