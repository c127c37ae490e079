/* ebpf_peer: another compiler of classic BPF to eBPF, as a process (cbpfc.go). */
#ifndef EBPF_PEER_H
#define EBPF_PEER_H

#include <stdio.h>

#include "ebpf/ebpf.h"

/* A process that answers each program with a line, as cbpfc.go has it. */
struct ebpf_peer {
	int pid;
	FILE *to, *from;
};

/* Start COMMAND, without arguments; false: it cannot be. */
bool ebpf_peer_start(struct ebpf_peer *p, const char *command);
void ebpf_peer_end(struct ebpf_peer *p);
/*
 * Have P compile PROGRAM for XDP into CODE, which tests the length of the packet TESTS
 * times. False where it refuses.
 */
bool ebpf_peer_compile(struct ebpf_peer *p, const struct cbpf_program *program,
                       struct ebpf_code *code, uint32_t *tests);

#endif
