/* netlink: what by_clsact.c needs of rtnetlink(7). */
#ifndef WEIR_NET_NETLINK_H
#define WEIR_NET_NETLINK_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/* A message being written. */
struct netlink_message {
	struct nlmsghdr header;
	char body[512];
};

/* Open a socket for the calls below; a descriptor or -errno. */
int netlink_open(void);
/* Begin a request of TYPE whose fixed part is the LEN bytes of BODY. */
void netlink_begin(struct netlink_message *m, uint16_t type, uint16_t flags, const void *body,
                   size_t len);
/* Add an attribute; it is returned for netlink_end, if more is to come inside. */
struct nlattr *netlink_put(struct netlink_message *m, uint16_t type, const void *bytes, size_t len);
/* End NEST: what was added after it is inside it. */
void netlink_end(struct netlink_message *m, struct nlattr *nest);
/* Find the attribute of TYPE among the LEN bytes of attributes at FIRST; NULL: there is none. */
const void *netlink_attribute(const void *first, size_t len, uint16_t type, size_t *size);

/* A message of the answer. */
typedef void netlink_fn(void *ctx, const struct nlmsghdr *h);
/* Send M, hand what comes to EACH (or NULL), and return what it ends with: 0 or -errno. */
int netlink_talk(int fd, const struct netlink_message *m, netlink_fn *each, void *ctx);

#endif
