/*
 * BTF, the types that a kernel was built with: finding structs, their members and
 * enums in it. Documentation/bpf/btf.rst in Linux describes the format.
 */
#include "config.h"

#include "kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

enum {
	MAX_SIZE = 64 << 20,
	MAX_DEPTH = 32, /* of typedefs, and of structs in structs */
	NOT_FOUND = -1
};

/* Kinds that headers of 2021 lack. */
enum {
	KIND_FLOAT = 16,
	KIND_DECL_TAG = 17,
	KIND_TYPE_TAG = 18,
	KIND_ENUM64 = 19
};

struct kernel_types {
	char *bytes;
	const char *strings; /* end with a NUL */
	uint32_t strings_len;
	const struct btf_type **type; /* by id; type[0] is void: NULL */
	uint32_t n;
};

/* --- reading ----------------------------------------------------------------------- */

/* Return how many bytes follow a struct btf_type; NOT_FOUND: an unknown kind. */
static int trailer(const struct btf_type *t)
{
	int n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * (int)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * (int)sizeof(struct btf_enum);
	case KIND_ENUM64:
		return n * 12;
	case BTF_KIND_FUNC_PROTO:
		return n * (int)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * (int)sizeof(struct btf_var_secinfo);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case KIND_FLOAT:
	case KIND_TYPE_TAG:
		return 0;
	}
	return NOT_FOUND;
}

/* Fill T->type (count only: if that is NULL) from the LEN bytes of types at AT. */
static int list_types(struct kernel_types *t, const char *at, size_t len)
{
	uint32_t n = 1;

	while (len) {
		const struct btf_type *type = (const struct btf_type *)at;
		int more = len < sizeof *type ? NOT_FOUND : trailer(type);

		if (more < 0 || len - sizeof *type < (size_t)more)
			return -EBADMSG;
		if (t->type)
			t->type[n] = type;
		n++;
		at += sizeof *type + (size_t)more;
		len -= sizeof *type + (size_t)more;
	}
	t->n = n;
	return 0;
}

/* Look at the SIZE bytes that T has; whatever they are. */
static int read_header(struct kernel_types *t, size_t size)
{
	struct btf_header h;
	const char *types;
	uint64_t left;
	int err;

	if (size < sizeof h)
		return -EBADMSG;
	memcpy(&h, t->bytes, sizeof h);
	if (h.magic != BTF_MAGIC || h.version != BTF_VERSION ||
	    h.hdr_len < sizeof h || h.hdr_len > size)
		return -EBADMSG;
	left = size - h.hdr_len;
	if ((uint64_t)h.type_off + h.type_len > left || h.type_off % 4 || h.hdr_len % 4 ||
	    (uint64_t)h.str_off + h.str_len > left || !h.str_len)
		return -EBADMSG;
	types = t->bytes + h.hdr_len + h.type_off;
	t->strings = t->bytes + h.hdr_len + h.str_off;
	t->strings_len = h.str_len;
	if (t->strings[0] || t->strings[h.str_len - 1])
		return -EBADMSG;
	err = list_types(t, types, h.type_len);
	if (err)
		return err;
	t->type = calloc(t->n, sizeof *t->type);
	return t->type ? list_types(t, types, h.type_len) : -ENOMEM;
}

/* Make types of the SIZE bytes at BYTES, which are T's from now on. */
static int take_bytes(struct kernel_types **out, char *bytes, size_t size,
                      struct kernel_error *e)
{
	struct kernel_types *t = calloc(1, sizeof *t);
	int err;

	if (!t) {
		free(bytes);
		return kernel_fail(e, -ENOMEM, "out of memory");
	}
	t->bytes = bytes;
	err = read_header(t, size);
	if (!err) {
		*out = t;
		return 0;
	}
	kernel_types_free(t);
	if (err == -ENOMEM)
		return kernel_fail(e, err, "out of memory");
	return kernel_fail(e, err, "the kernel's BTF has a form that weir does not know");
}

int kernel_types_read(struct kernel_types **out, const void *bytes, size_t size,
                      struct kernel_error *e)
{
	char *copy = malloc(size + 1);

	if (!copy)
		return kernel_fail(e, -ENOMEM, "out of memory");
	memcpy(copy, bytes, size);
	return take_bytes(out, copy, size, e);
}

/* Read all of FD, whose size is SIZE; the bytes, or NULL and errno. */
static char *read_all(int fd, size_t size)
{
	char *bytes = malloc(size + 1);
	size_t at = 0;
	ssize_t n = 1;

	while (bytes && at < size && n > 0) {
		n = read(fd, bytes + at, size - at);
		at += n > 0 ? (size_t)n : 0;
	}
	if (bytes && at < size) {
		errno = n < 0 ? errno : EIO;
		free(bytes);
		return NULL;
	}
	return bytes;
}

int kernel_types_open(struct kernel_types **out, struct kernel_error *e)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *bytes = NULL;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return kernel_fail(e, -ENOENT, "this kernel does not show its types: "
		                               "%s is missing (CONFIG_DEBUG_INFO_BTF)",
		                   path);
	if (fd >= 0 && fstat(fd, &st) == 0) {
		if (st.st_size <= 0 || st.st_size > MAX_SIZE)
			errno = EFBIG;
		else
			bytes = read_all(fd, (size_t)st.st_size);
	}
	if (!bytes) {
		int err = -errno;

		if (fd >= 0)
			close(fd);
		return kernel_fail(e, err, "%s: %s", path, strerror(-err));
	}
	close(fd);
	return take_bytes(out, bytes, (size_t)st.st_size, e);
}

void kernel_types_free(struct kernel_types *t)
{
	if (!t)
		return;
	free(t->type);
	free(t->bytes);
	free(t);
}

/* --- names ------------------------------------------------------------------------- */

static const char *name_at(const struct kernel_types *t, uint32_t at)
{
	return at < t->strings_len ? t->strings + at : "";
}

/* Return where NAME, after a NUL and with its own, next occurs from FROM; 0: nowhere. */
static uint32_t find_string(const struct kernel_types *t, const char *name, uint32_t from)
{
	size_t len = strlen(name) + 1;

	while (from + len <= t->strings_len) {
		const char *at = memmem(t->strings + from, t->strings_len - from, name, len);

		if (!at)
			return 0;
		from = (uint32_t)(at - t->strings);
		if (from && !at[-1])
			return from;
		from++;
	}
	return 0;
}

/*
 * Find a type by KIND and NAME. Names are compared as text once, and then as
 * places in the table of strings.
 */
uint32_t kernel_type(const struct kernel_types *t, unsigned kind, const char *name)
{
	uint32_t at = 0;

	while ((at = find_string(t, name, at + 1)))
		for (uint32_t id = 1; id < t->n; id++)
			if (t->type[id]->name_off == at &&
			    BTF_INFO_KIND(t->type[id]->info) == kind)
				return id;
	return 0;
}

const char *kernel_tag(const struct kernel_types *t, uint32_t id)
{
	for (uint32_t i = 1; i < t->n; i++)
		if (BTF_INFO_KIND(t->type[i]->info) == KIND_DECL_TAG && t->type[i]->type == id &&
		    *(const int32_t *)(t->type[i] + 1) == -1) /* of it all, not of a part */
			return name_at(t, t->type[i]->name_off);
	return NULL;
}

/* --- members ----------------------------------------------------------------------- */

/* Return the struct or union that ID is under its names and qualifiers; NULL: none. */
static const struct btf_type *compound(const struct kernel_types *t, uint32_t id)
{
	for (unsigned depth = 0; depth < MAX_DEPTH && id && id < t->n; depth++) {
		const struct btf_type *type = t->type[id];

		switch (BTF_INFO_KIND(type->info)) {
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
			return type;
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case KIND_TYPE_TAG:
			id = type->type;
			break;
		default:
			return NULL;
		}
	}
	return NULL;
}

/* Where a member is, and what. */
struct place_of {
	uint32_t bits, type;
	bool whole; /* not a bit field */
};

/* Find the member called the LEN bytes at NAME, also in unnamed structs inside. */
static bool find_member(const struct kernel_types *t, const struct btf_type *s,
                        const char *name, size_t len, unsigned depth, struct place_of *out)
{
	const struct btf_member *m = (const struct btf_member *)(s + 1);

	for (unsigned i = 0; i < BTF_INFO_VLEN(s->info); i++) {
		bool packed = BTF_INFO_KFLAG(s->info);
		uint32_t bits = packed ? BTF_MEMBER_BIT_OFFSET(m[i].offset) : m[i].offset;
		const char *is = name_at(t, m[i].name_off);
		const struct btf_type *inner = *is ? NULL : compound(t, m[i].type);

		if (strlen(is) == len && !memcmp(is, name, len) && len) {
			out->bits = bits;
			out->type = m[i].type;
			out->whole = !packed || !BTF_MEMBER_BITFIELD_SIZE(m[i].offset);
			return true;
		}
		if (inner && depth < MAX_DEPTH &&
		    find_member(t, inner, name, len, depth + 1, out)) {
			out->bits += bits;
			return true;
		}
	}
	return false;
}

int kernel_member(const struct kernel_types *t, const char *type, const char *path)
{
	const struct btf_type *s = compound(t, kernel_type(t, BTF_KIND_STRUCT, type));
	uint32_t bits = 0;

	for (;;) {
		size_t len = strcspn(path, ".");
		struct place_of place;

		if (!s || !find_member(t, s, path, len, 0, &place) || !place.whole)
			return -ENOENT;
		bits += place.bits;
		if (!path[len])
			return bits % 8 ? -ENOENT : (int)(bits / 8);
		path += len + 1;
		s = compound(t, place.type);
	}
}

int kernel_size(const struct kernel_types *t, const char *type)
{
	const struct btf_type *s = compound(t, kernel_type(t, BTF_KIND_STRUCT, type));

	return s ? (int)s->size : -ENOENT;
}

const char *kernel_enum(const struct kernel_types *t, const char *type, unsigned i,
                        uint32_t *value)
{
	uint32_t id = kernel_type(t, BTF_KIND_ENUM, type);
	const struct btf_enum *e;

	if (!id || i >= BTF_INFO_VLEN(t->type[id]->info))
		return NULL;
	e = (const struct btf_enum *)(t->type[id] + 1) + i;
	*value = (uint32_t)e->val;
	return name_at(t, e->name_off);
}
