/* rtnetlink(7), as far as filters of tc need it: messages with attributes, and their answers. */
#include "config.h"

#include "net/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ANSWER_SIZE = 32 << 10 /* the most that the kernel sends at once */
};

int netlink_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

void netlink_begin(struct netlink_message *m, uint16_t type, uint16_t flags, const void *body,
                   size_t len)
{
	*m = (struct netlink_message){ 0 };
	m->header.nlmsg_type = type;
	m->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	m->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(len);
	m->header.nlmsg_seq = 1;
	memcpy(NLMSG_DATA(&m->header), body, len);
}

struct nlattr *netlink_put(struct netlink_message *m, uint16_t type, const void *bytes, size_t len)
{
	struct nlattr *a = (struct nlattr *)((char *)&m->header + NLMSG_ALIGN(m->header.nlmsg_len));

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (len)
		memcpy((char *)a + NLA_HDRLEN, bytes, len);
	m->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(m->header.nlmsg_len) + NLA_ALIGN(a->nla_len));
	return a;
}

void netlink_end(struct netlink_message *m, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)((char *)&m->header + m->header.nlmsg_len - (char *)nest);
}

const void *netlink_attribute(const void *first, size_t len, uint16_t type, size_t *size)
{
	const char *at = first, *end = at + len;

	while (end - at >= (long)sizeof(struct nlattr)) {
		const struct nlattr *a = (const struct nlattr *)at;

		if (a->nla_len < NLA_HDRLEN || (long)a->nla_len > end - at)
			return NULL;
		if ((a->nla_type & NLA_TYPE_MASK) == type) {
			*size = a->nla_len - NLA_HDRLEN;
			return at + NLA_HDRLEN;
		}
		if ((long)NLA_ALIGN(a->nla_len) >= end - at)
			return NULL;
		at += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

/* Take the LEN bytes of an answer; 1: there is more to come. */
static int take(const char *answer, size_t len, netlink_fn *each, void *ctx)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)answer;

	for (unsigned left = (unsigned)len; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		const struct nlmsgerr *error = NLMSG_DATA(h);

		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return h->nlmsg_len < NLMSG_LENGTH(sizeof *error) ? -EBADMSG : error->error;
		if (each)
			each(ctx, h);
	}
	return 1;
}

int netlink_talk(int fd, const struct netlink_message *m, netlink_fn *each, void *ctx)
{
	static _Alignas(struct nlmsghdr) char answer[ANSWER_SIZE];
	int err = 1;

	if (send(fd, &m->header, m->header.nlmsg_len, 0) < 0)
		return -errno;
	while (err == 1) {
		ssize_t n = recv(fd, answer, sizeof answer, 0);

		if (n > 0)
			err = take(answer, (size_t)n, each, ctx);
		else if (n == 0 || errno != EINTR)
			err = n ? -errno : -EPIPE;
	}
	return err;
}
