/*
 * oracle: libpcap as the other party of the differential tests. Only oracle.c
 * and any.c include its headers: they define names that the kernel's define as well.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stdint.h>

struct sock_filter;

/* A compiled expression. Free with oracle_free. */
struct oracle_code {
	struct sock_filter *insns; /* NULL: refused */
	uint32_t n;
	char error[256]; /* why */
};

/* NETMASK UINT32_MAX: not known. */
void oracle_compile(struct oracle_code *out, const char *text, int dlt,
                    int snaplen, bool optimize, uint32_t netmask);
void oracle_free(struct oracle_code *c);
/* "1.10.3" as 11003; a pre-release counts as the release. */
unsigned oracle_version(void);
/* The same as libpcap says it. */
const char *oracle_version_text(void);
/* What libpcap's interpreter says of a packet. */
uint32_t oracle_run(const struct sock_filter *insns, const uint8_t *bytes,
                    uint32_t wire, uint32_t captured);
/* The DLT_ number of "EN10MB", -1 if there is none. */
int oracle_dlt(const char *name);

#endif
