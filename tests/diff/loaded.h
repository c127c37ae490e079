/* loaded: what the running kernel makes of a packet with a program that bpf(2) loaded. */
#ifndef LOADED_H
#define LOADED_H

#include "ebpf/ebpf.h"

/* Load CODE as a program of TYPE; a descriptor, or -errno with the verifier's last words in LOG. */
int loaded_open(const struct ebpf_code *code, uint32_t type, char *log, size_t size);
/*
 * Run socket filter FD on a packet that begins at its network header; false where the
 * kernel runs no program on such a packet (an empty one).
 */
bool loaded_run(int fd, const uint8_t *bytes, uint32_t len, uint32_t *result);
/*
 * Run FD, for XDP or tc, on a packet that begins at its Ethernet header; of its LEN
 * bytes, at least 14, LINEAR are in the linear part (XDP; tc: all of them).
 */
bool loaded_run_direct(int fd, bool xdp, const uint8_t *bytes, uint32_t len, uint32_t linear,
                       uint32_t *result);

#endif
