/* weir filter --xdp: the filter runs in the kernel before anything else sees a packet. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "net/net.h"

bool filter_xdp_allowed(const struct options *o)
{
	if (o->drop && !o->xdp)
		cli_error("--drop is for --xdp: nothing else takes packets away from the system");
	else if (o->xdp && (!o->interface || !strcmp(o->interface, "any")))
		cli_error("--xdp needs one interface: -i IFACE");
	else
		return true;
	return false;
}

void filter_xdp_look(struct net_source *s)
{
	if (s->linktype != NET_EN10MB) /* no header that others make up */
		s->linktype = NET_RAW;
}

/* Put FILTER on the interface of *SOURCE, which is what it picks from then on. */
static int open_ring(struct cli *c, struct net_source **source, const struct weir_ebpf *filter)
{
	struct net_source *ring;
	struct net_error e;

	if (net_open_ring(&ring, *source, filter, c->o.drop, &e)) {
		cli_error("%s", e.text);
		return EXIT_USAGE;
	}
	(*source)->close(*source);
	*source = ring;
	return EXIT_DONE;
}

int filter_xdp_start(struct cli *c, struct net_source **source,
                     const struct weir_program *program)
{
	struct weir_ebpf_options o = {
		.size = sizeof o,
		.form = WEIR_EBPF_XDP,
		.diag = cli_diag,
		.ctx = c,
	};
	struct weir_ebpf *filter;
	int err = weir_ebpf_new(&filter, program, &o), status;

	if (err)
		return err == -ENOTSUP ? EXIT_USAGE : cli_compile_failed(err);
	status = open_ring(c, source, filter);
	weir_ebpf_free(filter);
	return status;
}
