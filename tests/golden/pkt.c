/*
 * pkt [-t LINKTYPE] [-e] [-l] [-v] EXPRESSION...: for golden tests, what the
 * packet compiler says of an expression, and its graph; -e: how it understood it. Names are pinned; a file is
 * what stands in the current directory.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "packet/packet.h"

static jmp_buf oom;

static void print(void *ctx, const struct diags *d, const struct diag *one)
{
	struct buf out = { .arena = d->arena };

	diag_render(&out, d, one);
	fputs(buf_str(&out), stdout);
}

static int resolve(void *ctx, enum packet_name_kind kind, const char *name,
                   struct packet_resolved *out)
{
	static const struct packet_resolved www = {
		.n = 3,
		.address = { { 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
		             { 4, { 192, 0, 2, 2 } },
		             { 4, { 192, 0, 2, 1 } } },
		.mac = { 2, 0, 0, 0, 0, 1 },
	};
	bool port = kind == PACKET_NAME_PORT_TCP || kind == PACKET_NAME_PORT_UDP;

	if (!strcmp(name, "www") && (kind == PACKET_NAME_HOST || kind == PACKET_NAME_ETHER))
		*out = www;
	else if (!strcmp(name, "domain") && port)
		out->number = 53;
	else if (!strcmp(name, "http") && kind == PACKET_NAME_PORT_TCP)
		out->number = 80;
	else if (!strcmp(name, "broken"))
		return -EIO;
	else
		return -ENOENT;
	return 0;
}

/* CTX is the arena for the text. */
static int open_file(void *ctx, const char *name, const char *from, const char **text,
                     size_t *len)
{
	FILE *f = fopen(name, "r");
	char *bytes;

	if (!f)
		return -ENOENT;
	bytes = arena_alloc(ctx, 1 << 16);
	*len = fread(bytes, 1, 1 << 16, f);
	*text = bytes;
	fclose(f);
	return 0;
}

static int compile(struct arena *a, const char *text, const struct packet_options *o,
                   bool explain)
{
	struct diags d = { .arena = a, .emit = print };
	struct ir_graph *g = ir_graph(a, &ir_input_packet);
	struct buf out = { .arena = a };
	const struct tree *tree;
	const char *wrong;

	if (!packet_read(g, &d, diag_source(&d, "expression", text, strlen(text)), o, &tree))
		return 2;
	wrong = ir_verify(g, a);
	if (explain) {
		packet_explain(&out, a, &d, tree);
		printf("%s", buf_str(&out));
		return 0;
	}
	ir_print(&out, g);
	printf("%s%s", buf_str(&out), wrong ? wrong : "");
	return wrong != NULL;
}

int main(int argc, char **argv)
{
	struct arena a = { .oom = &oom };
	struct packet_options o = {
		.linktype = 1,
		.snaplen = 262144,
		.resolve = resolve,
		.open_file = open_file,
		.ctx = &a,
	};
	const struct packet_linktype *l;
	volatile bool explain = false;
	volatile int status = 0;
	int c;

	if (setjmp(oom))
		return 3;
	while ((c = getopt(argc, argv, "t:elv")) != -1) {
		if (c == 't') {
			l = packet_linktype_named(optarg, strlen(optarg));
			o.linktype = l ? l->dlt : atoi(optarg);
		} else {
			explain = explain || c == 'e';
			o.live = o.live || c == 'l';
			o.verbose = o.verbose || c == 'v';
		}
	}
	for (; optind < argc && !status; optind++)
		status = compile(&a, argv[optind], &o, explain);
	arena_free(&a);
	return status;
}
