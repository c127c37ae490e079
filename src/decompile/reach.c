/*
 * How much of a packet must be there for a program to decide as an expression does. What
 * a program of libpcap reads depends on the order of conditions and of the words of an
 * address, which the text does not say; a field that the text asks about is captured
 * whole or not at all.
 */
#include "decompile/decompile.h"

enum {
	ALL = 320, /* bytes */
	PPP_IP = 0x21,
	PPP_IP6 = 0x57
};

/* Fields that are asked about together, from the network header on. */
struct whole {
	uint8_t start, end;
};

static const struct whole addresses4 = { 12, 20 }, addresses6 = { 8, 40 },
			  addresses_arp = { 14, 28 };

/* Return END, or the end of FIELD at BASE if AT is in it. */
static uint32_t with_field(uint32_t at, uint32_t end, uint32_t base, struct whole field)
{
	return at >= base + field.start && at < base + field.end
	               ? max_u32(end, base + field.end)
	               : end;
}

/* Return the version of IP that IN has at NET; 0: another protocol. */
static unsigned version_of(const struct facts *f, const struct input *in, uint32_t net)
{
	uint32_t type;

	if (f->link_type == NOT_SET || net < 2)
		return net < in->captured ? in->bytes[net] >> 4 : 0;
	type = net <= in->captured ? (uint32_t)in->bytes[net - 2] << 8 | in->bytes[net - 1] : 0;
	if (type == ETHERTYPE_IP || type == PPP_IP)
		return 4;
	return type == ETHERTYPE_IP6 || type == PPP_IP6 ? 6 : 0;
}

/* Return the end of the field that AT is in, of IN with its network header at NET. */
static uint32_t field_end(const struct facts *f, const struct input *in, uint32_t net,
                          uint32_t at, uint32_t end)
{
	const struct whole ports = { 0, 4 };

	switch (version_of(f, in, net)) {
	case 4:
		end = with_field(at, end, net, addresses4);
		return net < in->captured ? with_field(at, end, net + 4 * (in->bytes[net] & 15), ports) : end;
	case 6:
		end = with_field(at, end, net, addresses6);
		return with_field(at, end, net + 40, ports);
	default:
		return with_field(at, end, net, addresses_arp);
	}
}

static uint32_t end_of_touch(const struct facts *f, const struct input *in,
                             const struct touch *t)
{
	const struct whole to = { 0, 6 }, from = { 6, 12 };
	bool moved = f->tagged || f->labelled || f->in_session;
	uint32_t end = t->at + t->width;

	if (t->at >= PACKET_MAX)
		return 0;
	end = with_field(t->at, end, 0, to);
	end = with_field(t->at, end, 0, from);
	for (uint32_t shift = 0; shift <= (moved ? 12u : 0); shift += 4)
		end = field_end(f, in, f->net + shift, t->at, end);
	return end;
}

static uint32_t leave(struct reach *r, const struct expr *e, const struct input *in, uint32_t at)
{
	uint32_t result;

	if (e->kind != EXPR_ONE) {
		array_each(p, &e->part)
			at = leave(r, *p, in, at);
		return at;
	}
	machine_run(&e->one->code, in, &result, r->trace);
	for (uint32_t i = 0; i < r->trace->ntouches; i++)
		at = max_u32(at, end_of_touch(r->facts, in, &r->trace->touch[i]));
	return at;
}

uint32_t reach_all(void *ctx, const struct input *in, uint32_t at)
{
	return max_u32(at, ALL);
}

uint32_t reach_leave(void *ctx, const struct input *in, uint32_t at)
{
	struct reach *r = ctx;

	return leave(r, r->expr, in, at);
}
