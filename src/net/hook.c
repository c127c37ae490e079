/*
 * Programs on hooks: XDP, tc (by tcx) and cgroups. A program that is put there is the
 * filter as a function, and a few instructions that call it, count, and answer. What it
 * is, and what it counts, is in a map of one entry, by which it is found again.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/base.h"
#include "kernel/kernel.h"
#include "net/net.h"

/* Since Linux 6.6; older headers lack them. */
enum {
	TCX_INGRESS = 46,
	TCX_EGRESS = 47,
	TCX_NEXT = -1 /* other programs are asked, too */
};

#define MAP_NAME "weir_hook"
#define PINS     "/sys/fs/bpf/weir"

/* The value in the map. */
struct mark {
	uint64_t seen, matched;
	uint64_t space; /* the network namespace, by its inode */
	uint32_t place, drops;
	char target[NET_TARGET_MAX], text[NET_TEXT_MAX];
};

/* What differs between places. */
static const struct {
	const char *name;
	enum bpf_prog_type type;
	int attach;
	enum weir_ebpf_form form;
	const char *program; /* its name in the kernel */
	int32_t pass, drop;
	uint32_t flags;
	bool cgroup; /* the target is one, not an interface */
} places[] = {
	[NET_XDP] = { "xdp", BPF_PROG_TYPE_XDP, BPF_XDP, WEIR_EBPF_XDP, "weir_xdp",
	              XDP_PASS, XDP_DROP, BPF_F_XDP_HAS_FRAGS, false },
	[NET_TC_INGRESS] = { "tc ingress", BPF_PROG_TYPE_SCHED_CLS, TCX_INGRESS, WEIR_EBPF_TC,
	                     "weir_tc", TCX_NEXT, 2, 0, false },
	[NET_TC_EGRESS] = { "tc egress", BPF_PROG_TYPE_SCHED_CLS, TCX_EGRESS, WEIR_EBPF_TC,
	                    "weir_tc", TCX_NEXT, 2, 0, false },
	[NET_CGROUP_INGRESS] = { "cgroup ingress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS,
	                         WEIR_EBPF_TC, "weir_cgroup", 1, 0, 0, true },
	[NET_CGROUP_EGRESS] = { "cgroup egress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS,
	                        WEIR_EBPF_TC, "weir_cgroup", 1, 0, 0, true },
};

const char *net_place_name(enum net_place place)
{
	return places[place].name;
}

enum weir_ebpf_form net_place_form(enum net_place place)
{
	return places[place].form;
}

/* --- the program -------------------------------------------------------------------- */

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

/* Write code that calls the function after it, counts in MAP, and answers. */
static void put_around(struct code *c, enum net_place place, bool drops, int map)
{
	int32_t match = drops ? places[place].drop : places[place].pass;
	int32_t other = drops ? places[place].pass : places[place].drop;

	put(c, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, AROUND - 1);
	put(c, BPF_ALU | BPF_MOV | BPF_X, 6, 0, 0, 0);
	put(c, BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_VALUE, 0, map);
	put(c, 0, 0, 0, 0, 0);
	put(c, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 1);
	put(c, BPF_STX | BPF_DW | BPF_ATOMIC, 1, 2, offsetof(struct mark, seen), BPF_ADD);
	put(c, BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 3, 0);
	put(c, BPF_STX | BPF_DW | BPF_ATOMIC, 1, 2, offsetof(struct mark, matched), BPF_ADD);
	put(c, BPF_ALU | BPF_MOV | BPF_K, 0, 0, 0, match);
	put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	put(c, BPF_ALU | BPF_MOV | BPF_K, 0, 0, 0, other);
	put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Load FILTER as a program for HOOK that counts in MAP; a descriptor or -errno. */
static int load(const struct net_hook *hook, int map, struct net_error *e)
{
	static char log[1 << 16];
	size_t n;
	const struct weir_ebpf_insn *from = weir_ebpf_insns(hook->filter, &n);
	struct code c = { .insns = calloc(n + AROUND, sizeof *c.insns) };
	struct kernel_program p = {
		.type = places[hook->place].type,
		.attach = (enum bpf_attach_type)places[hook->place].attach,
		.flags = places[hook->place].flags,
		.name = places[hook->place].program,
	};
	int fd;

	if (!c.insns)
		return net_fail(e, -ENOMEM, "out of memory");
	put_around(&c, hook->place, hook->drops, map);
	assert(c.n == AROUND);
	for (size_t i = 0; i < n; i++)
		put(&c, from[i].code, from[i].dst, from[i].src, from[i].off, from[i].imm);
	p.insns = c.insns;
	p.n = c.n;
	fd = kernel_program_load(&p);
	if (fd < 0 && fd != -EPERM) { /* once more, for the verifier's words */
		p.log = log;
		p.log_size = sizeof log;
		fd = kernel_program_load(&p);
	}
	free(c.insns);
	if (fd >= 0)
		return fd;
	return net_fail(e, fd, "the kernel refuses the program: %s%s%.200s", strerror(-fd),
	                *log ? ": " : "", log);
}

/* --- where it goes --------------------------------------------------------------------- */

static uint64_t own_space(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

/* Open what HOOK names: *FD is a cgroup's, or -1; *NUMBER what the kernel calls it by. */
static int open_target(const struct net_hook *hook, int *fd, uint32_t *number,
                       struct net_error *e)
{
	*fd = -1;
	if (!places[hook->place].cgroup) {
		*number = if_nametoindex(hook->target);
		return *number ? 0 : net_fail(e, -ENODEV, "unknown interface '%s'", hook->target);
	}
	*fd = open(hook->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*number = (uint32_t)*fd;
	return *fd >= 0 ? 0 : net_fail(e, -errno, "%s: %s", hook->target, strerror(errno));
}

/* Explain why the program could not be attached where HOOK says. */
static int not_attached(const struct net_hook *hook, int err, struct net_error *e)
{
	const char *place = places[hook->place].name;

	if (err == -EBUSY || err == -EEXIST)
		return net_fail(e, err, "%s: another program is attached to %s", hook->target, place);
	if (err == -EINVAL && places[hook->place].form == WEIR_EBPF_TC && !places[hook->place].cgroup)
		return net_fail(e, err, "%s: this kernel has no tcx, which Linux 6.6 brought; an "
		                        "object by -f elf --for tc can be loaded with tc(8)",
		                hook->target);
	if (err == -EBADF && places[hook->place].cgroup)
		return net_fail(e, err, "%s: not a directory of cgroup v2", hook->target);
	return net_fail(e, err, "%s: attaching to %s: %s", hook->target, place, strerror(-err));
}

static int attach(const struct net_hook *hook, int program, struct net_error *e)
{
	uint32_t number;
	int fd, link, err = open_target(hook, &fd, &number, e);

	if (err)
		return err;
	link = kernel_link_create(program, number, (enum bpf_attach_type)places[hook->place].attach);
	if (fd >= 0)
		close(fd);
	return link >= 0 ? link : not_attached(hook, link, e);
}

static int new_map(const struct net_hook *hook, struct net_error *e)
{
	struct kernel_map map = {
		.type = BPF_MAP_TYPE_ARRAY,
		.name = MAP_NAME,
		.key_size = 4,
		.value_size = sizeof(struct mark),
		.entries = 1,
	};
	struct mark *m = calloc(1, sizeof *m);
	uint32_t first = 0;
	int fd, err;

	if (!m)
		return net_fail(e, -ENOMEM, "out of memory");
	m->space = own_space();
	m->place = hook->place;
	m->drops = hook->drops;
	snprintf(m->target, sizeof m->target, "%s", hook->target);
	snprintf(m->text, sizeof m->text, "%s", hook->text);
	fd = kernel_map_create(&map);
	err = fd < 0 ? 0 : kernel_map_set(fd, &first, m, BPF_ANY);
	free(m);
	if (err) {
		close(fd);
		return net_fail(e, err, "filling a map: %s", strerror(-err));
	}
	if (fd == -EPERM)
		return net_fail(e, fd, "attaching needs CAP_BPF and CAP_NET_ADMIN: run it as root");
	return fd >= 0 ? fd : net_fail(e, fd, "creating a map: %s", strerror(-fd));
}

int net_hook_attach(const struct net_hook *hook, struct net_hooked *out, struct net_error *e)
{
	int program;

	*out = (struct net_hooked){ .link = -1, .map = new_map(hook, e) };
	if (out->map < 0)
		return out->map;
	program = load(hook, out->map, e);
	out->link = program < 0 ? program : attach(hook, program, e);
	if (program >= 0)
		close(program);
	if (out->link >= 0)
		return 0;
	close(out->map);
	return out->link;
}

void net_hook_close(struct net_hooked *h)
{
	close(h->link);
	close(h->map);
}

/* --- asking ------------------------------------------------------------------------------- */

/* Copy what MAP says into OUT; false if it is not ours. */
static bool read_mark(int map, struct net_hook_state *out)
{
	struct mark *m = calloc(1, sizeof *m);
	uint32_t first = 0;
	bool ok = m && kernel_map_get(map, &first, m) == 0 && m->place < ARRAY_LEN(places);

	if (ok) {
		out->seen = m->seen;
		out->matched = m->matched;
		out->place = (enum net_place)m->place;
		out->drops = m->drops;
		out->here = m->space == own_space();
		memcpy(out->target, m->target, sizeof out->target);
		memcpy(out->text, m->text, sizeof out->text);
		out->target[sizeof out->target - 1] = out->text[sizeof out->text - 1] = '\0';
	}
	free(m);
	return ok;
}

bool net_hook_ask(const struct net_hooked *h, struct net_hook_state *out)
{
	struct kernel_link link;

	if (kernel_link_info(h->link, &link) || !read_mark(h->map, out))
		return false;
	out->id = link.id;
	out->attached = link.target != 0;
	return true;
}

static void pin_path(char path[64], uint32_t id)
{
	snprintf(path, 64, PINS "/%u", id);
}

/* Open the map of the program of LINK, if it is one of ours; else -1. */
static int our_map(const struct kernel_link *link)
{
	char name[BPF_OBJ_NAME_LEN];
	uint32_t size;
	int program, map;

	if (link->place == KERNEL_LINK_OTHER)
		return -1;
	program = kernel_program_open(link->program);
	map = program < 0 ? -1 : kernel_program_map(program, name);
	if (program >= 0)
		close(program);
	if (map < 0)
		return -1;
	if (!kernel_map_info(map, name, &size) && !strcmp(name, MAP_NAME) &&
	    size == sizeof(struct mark))
		return map;
	close(map);
	return -1;
}

/* Call EACH with the link of number ID, if it is one of ours. */
static void look_at(uint32_t id, net_hook_fn *each, void *ctx)
{
	struct net_hooked h = { .link = kernel_link_open(id), .map = -1 };
	struct net_hook_state state = { 0 };
	struct kernel_link link;
	char path[64];

	if (h.link < 0)
		return; /* it ended meanwhile */
	if (!kernel_link_info(h.link, &link))
		h.map = our_map(&link);
	if (h.map >= 0 && net_hook_ask(&h, &state)) {
		pin_path(path, id);
		state.kept = access(path, F_OK) == 0;
		each(ctx, &h, &state);
	}
	if (h.map >= 0)
		close(h.map);
	close(h.link);
}

int net_hooks_each(net_hook_fn *each, void *ctx, struct net_error *e)
{
	uint32_t id = 0;
	int err;

	while ((err = kernel_link_next(&id)) == 0)
		look_at(id, each, ctx);
	if (err == -EPERM)
		return net_fail(e, err, "listing what is attached needs CAP_SYS_ADMIN: run it as root");
	return err == -ENOENT ? 0 : net_fail(e, err, "listing what is attached: %s", strerror(-err));
}

/* --- keeping and taking off ------------------------------------------------------------------- */

int net_hook_keep(const struct net_hooked *h, struct net_error *e)
{
	const long bpf_fs = 0xcafe4a11;
	struct kernel_link link;
	struct statfs fs;
	char path[64];
	int err = kernel_link_info(h->link, &link);

	if (err)
		return net_fail(e, err, "the link: %s", strerror(-err));
	if (statfs("/sys/fs/bpf", &fs) || (long)fs.f_type != bpf_fs)
		return net_fail(e, -ENODEV, "no BPF file system is mounted at /sys/fs/bpf, which "
		                            "would keep it: mount -t bpf bpf /sys/fs/bpf");
	pin_path(path, link.id);
	if (mkdir(PINS, 0700) && errno != EEXIST)
		return net_fail(e, -errno, "%s: %s", PINS, strerror(errno));
	err = kernel_pin(h->link, path);
	return err ? net_fail(e, err, "%s: %s", path, strerror(-err)) : 0;
}

int net_hook_detach(const struct net_hooked *h, struct net_error *e)
{
	struct kernel_link link;
	char path[64];
	int err = kernel_link_info(h->link, &link);

	if (!err && link.target)
		err = kernel_link_detach(h->link);
	if (err)
		return net_fail(e, err, "detaching: %s", strerror(-err));
	pin_path(path, link.id);
	if (unlink(path) && errno != ENOENT)
		return net_fail(e, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

/* --- what an interface carries --------------------------------------------------------------------- */

/* Tell whether LINE of /proc/net/route is a default route by INTERFACE. */
static bool is_default(const char *line, const char *interface)
{
	char name[64], to[64], mask[64];

	return sscanf(line, "%63s %63s %*s %*s %*s %*s %*s %63s", name, to, mask) == 3 &&
	       !strcmp(name, interface) && !strcmp(to, "00000000") && !strcmp(mask, "00000000");
}

/* Do the same for a line of /proc/net/ipv6_route. */
static bool is_default6(const char *line, const char *interface)
{
	const unsigned reject = 0x200; /* RTF_REJECT: it leads nowhere */
	char name[64], to[64], length[64];
	unsigned flags;

	return sscanf(line, "%63s %63s %*s %*s %*s %*s %*s %*s %x %63s", to, length, &flags,
	              name) == 4 &&
	       !strcmp(name, interface) && strspn(to, "0") == 32 && !strcmp(length, "00") &&
	       !(flags & reject);
}

static bool has_default(const char *file, const char *interface,
                        bool (*is)(const char *line, const char *interface))
{
	FILE *f = fopen(file, "re");
	char line[512];
	bool found = false;

	while (f && !found && fgets(line, sizeof line, f))
		found = is(line, interface);
	if (f)
		fclose(f);
	return found;
}

bool net_carries_default_route(const char *interface)
{
	return has_default("/proc/net/route", interface, is_default) ||
	       has_default("/proc/net/ipv6_route", interface, is_default6);
}
