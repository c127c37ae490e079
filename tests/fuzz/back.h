/* What the fuzzers of both languages do with the graphs they get. */
#ifndef FUZZ_BACK_H
#define FUZZ_BACK_H

#include "cbpf/cbpf.h"
#include "gen/gen.h"
#include "ir/ir.h"

/* A number that depends on all of DATA. */
uint32_t fuzz_hash(const uint8_t *data, size_t size);
/*
 * The program for G on an optimization level that CHOICE picks; false where there
 * are too few scratch cells. Aborts where the graph breaks its rules on the way,
 * or the checker would not have the program.
 */
bool fuzz_back(struct ir_graph *g, struct arena *a, uint32_t choice,
               enum cbpf_use use, struct gen_code *out);
/* Aborts where P decides otherwise than R, on packets made of R's constants. */
void fuzz_packets(const struct gen_code *r, const struct gen_code *p, uint32_t state);

#endif
