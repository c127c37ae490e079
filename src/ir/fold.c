/* Arithmetic and comparisons on numbers: what every operation means. */
#include "ir/ir.h"

bool ir_fold2(enum ir_op op, uint32_t a, uint32_t b, uint32_t *result)
{
	switch (op) {
	case IR_ADD:
		*result = a + b;
		return true;
	case IR_SUB:
		*result = a - b;
		return true;
	case IR_MUL:
		*result = a * b;
		return true;
	case IR_DIV:
		*result = b ? a / b : 0;
		return b;
	case IR_MOD:
		*result = b ? a % b : 0;
		return b;
	case IR_AND:
		*result = a & b;
		return true;
	case IR_OR:
		*result = a | b;
		return true;
	case IR_XOR:
		*result = a ^ b;
		return true;
	case IR_LSH:
		*result = a << b % 32;
		return true;
	case IR_RSH:
		*result = a >> b % 32;
		return true;
	case IR_NEG:
		*result = -a;
		return true;
	case IR_SOURCE_OPS:
	case IR_NOPS:
		break;
	}
	return false;
}

bool ir_compare(enum ir_cmp cmp, const uint32_t *a, const uint32_t *b,
                unsigned words)
{
	unsigned i = 0;

	if (cmp == IR_ANY) {
		for (; i < words; i++)
			if (a[i] & b[i])
				return true;
		return false;
	}
	while (i < words && a[i] == b[i])
		i++;
	if (i == words)
		return cmp == IR_EQ || cmp == IR_GE;
	return cmp != IR_EQ && a[i] > b[i];
}
