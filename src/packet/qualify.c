/* Qualifiers: which of them fit what they qualify. */
#include "packet/primitive.h"

/* Refuse the directions of 802.11, which only hardware addresses on it have. */
bool packet_plain_dir(struct packet *p, const struct qual *q)
{
	if (q->dir < DIR_ADDR1)
		return true;
	packet_fail(p, p->span,
	            "'%s' is a direction of 802.11 addresses; for %s write 'src' or 'dst'",
	            packet_dir_text(q->dir),
	            q->type == TYPE_PORT || q->type == TYPE_PORTRANGE ? "ports"
	                                                              : "this address");
	return false;
}

const struct formula *packet_wrong_proto(struct packet *p, const struct qual *q,
                                         const char *what, const char *instead)
{
	packet_fail(p, p->span, "'%s' cannot qualify %s; %s can",
	            packet_proto_text(q->proto), what, instead);
	return p->no;
}

/* Get the transport that a qualifier asks for; false after an error. */
bool packet_transport(struct packet *p, const struct qual *q, int *ipproto)
{
	*ipproto = -1;
	if (!packet_plain_dir(p, q))
		return false;
	if (q->proto == Q_DEFAULT)
		return true;
	if (q->proto == Q_TCP || q->proto == Q_UDP || q->proto == Q_SCTP) {
		*ipproto = packet_ipproto_of(q->proto);
		return true;
	}
	packet_wrong_proto(p, q, "ports", "'tcp', 'udp' and 'sctp'");
	return false;
}
