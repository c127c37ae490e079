/* pairs: what elements.c reads of a list of pairs, and pairs.c makes of it. */
#ifndef WEIR_OPT_PAIRS_H
#define WEIR_OPT_PAIRS_H

#include "opt/opt.h"

/* Most nodes and parts of an element. */
enum {
	MOST_NODES = LIMIT(16, 3),
	MOST_PARTS = LIMIT(8, 2)
};

struct element {
	const struct ir_node *mark; /* where it began in the graph */
	const struct ir_node *head; /* by itself: leads to a pass or a fail */
	/* By node of the shape: the values asked for, a set that is the same for the same. */
	const struct ir_node *asked[MOST_NODES];
	const struct ir_node *key, *class;
};

/* The nodes of an element, each before its successors. */
struct shape {
	const struct ir_node *node[MOST_NODES];
	uint32_t above[MOST_NODES]; /* the node that all ways to it pass last */
	uint32_t n;
};

/* The nodes from the first on that lead to the next part, or fail. */
struct part {
	uint32_t first;
	const struct ir_node *next;
	bool varies;
};

struct list {
	struct opt *o;
	const struct ir_node *yes;         /* where it leads, or to "return 0" */
	const struct ir_node *pass, *fail; /* results that mean so in heads */
	const struct ir_value *any;        /* what sets of values are about */
	ARRAY(struct element) element;     /* the last of the list first */
	struct shape shape;                /* of all elements; the nodes are the first's */
	struct part part[MOST_PARTS];      /* the last of the element first */
	uint32_t parts;
	struct part *key, *class;
};

/* --- elements.c ------------------------------------------------------------------- */

/*
 * Read the last list of pairs of the graph with nodes ORDER into L, whose pass, fail and
 * any are set; false if there is none.
 */
bool pairs_read(struct list *l, struct ir_order order);
const struct ir_node *pairs_first(const struct list *l, const struct part *p);
/* Return the field that P asks second; NULL: it asks one. */
const struct ir_value *pairs_second_field(const struct list *l, const struct part *p);
/* Tell whether P asks one field, or two for the same values, in every element. */
bool pairs_is_simple(const struct list *l, const struct part *p);
/* Find the bits that the fields of simple part P can have. */
uint32_t pairs_bits(const struct list *l, const struct part *p);
/* Return the part that node I of the shape is in. */
struct part *pairs_part_of(struct list *l, uint32_t i);
/* Return the place of WANTED among the N nodes at NODE; N: it is not there. */
uint32_t pairs_find(const struct ir_node *const *node, uint32_t n,
                    const struct ir_node *wanted);

#endif
