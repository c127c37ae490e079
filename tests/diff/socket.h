/* socket: what the running kernel makes of a packet with a program attached. */
#ifndef SOCKET_H
#define SOCKET_H

#include "tests/diff/diff.h"

/* One end of a pair of datagram sockets, to which programs are attached. */
struct attached {
	int from, to;
};

bool attached_open(struct attached *s);
void attached_close(struct attached *s);
/* Puts P in the place of what was attached; false if the kernel does not take it. */
bool attached_set(struct attached *s, const struct program *p);
/*
 * Sends the captured bytes of IN, all of them on the wire; *PASSED of them come out.
 * False if that cannot be done.
 */
bool attached_pass(struct attached *s, const struct input *in, uint32_t *passed);

#endif
