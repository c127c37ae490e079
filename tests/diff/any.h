/*
 * any: libpcap's capture from all interfaces at once, whose link header is made up
 * in user space: pcap_setfilter rewrites a program's loads of it for the kernel.
 */
#ifndef ANY_H
#define ANY_H

#include <stdbool.h>
#include <stdint.h>

struct sock_filter;
struct any; /* a handle; reads without waiting */

/* DLT is LINUX_SLL or LINUX_SLL2. NULL: ERROR, of 256 bytes, says why. */
struct any *any_open(int dlt, char *error);
void any_close(struct any *h);
/* What libpcap makes of TEXT; false where it refuses. */
bool any_set_text(struct any *h, const char *text, bool optimize);
bool any_set(struct any *h, const struct sock_filter *insns, uint32_t n);
/* Hands on the packets that are there; false if that fails. */
bool any_read(struct any *h,
              void (*one)(void *ctx, const uint8_t *bytes, uint32_t captured,
                          uint32_t wire),
              void *ctx);
const char *any_error(struct any *h);

#endif
