/*
 * text: what an expression says. Tokens, the words of the language, addresses,
 * and the tree.
 */
#ifndef WEIR_PACKET_TEXT_H
#define WEIR_PACKET_TEXT_H

#include "packet/packet.h"

/* --- token.c: words and numbers ------------------------------------------ */

enum word {
#define WORD(text, name, kind, value) WORD_##name,
#include "packet/words.def"
	WORD_NONE,
};

enum word_kind {
	IS_OTHER,
	IS_PROTO, /* value: enum proto */
	IS_DIR,   /* enum dir */
	IS_TYPE,  /* enum type: host net port portrange */
	IS_ATM,   /* enum atm */
	IS_SS7,   /* enum ss7 */
	IS_FIELD, /* a field with a value after it: enum field */
};

/* Protocol qualifiers and abbreviations. */
enum proto {
	Q_DEFAULT,
	Q_LINK,
	Q_IP,
	Q_IP6,
	Q_ARP,
	Q_RARP,
	Q_TCP,
	Q_UDP,
	Q_SCTP,
	Q_ICMP,
	Q_ICMP6,
	Q_IGMP,
	Q_IGRP,
	Q_PIM,
	Q_VRRP,
	Q_CARP,
	Q_AH,
	Q_ESP,
	Q_ATALK,
	Q_AARP,
	Q_DECNET,
	Q_LAT,
	Q_SCA,
	Q_MOPRC,
	Q_MOPDL,
	Q_ISO,
	Q_STP,
	Q_IPX,
	Q_NETBEUI,
	Q_ESIS,
	Q_ISIS,
	Q_CLNP,
	Q_L1,
	Q_L2,
	Q_IIH,
	Q_LSP,
	Q_SNP,
	Q_CSNP,
	Q_PSNP,
	Q_RADIO,
};

enum dir {
	DIR_DEFAULT,
	DIR_SRC,
	DIR_DST,
	DIR_OR,
	DIR_AND,
	DIR_ADDR1,
	DIR_ADDR2,
	DIR_ADDR3,
	DIR_ADDR4,
	DIR_RA,
	DIR_TA,
};

enum type {
	TYPE_DEFAULT,
	TYPE_HOST,
	TYPE_NET,
	TYPE_PORT,
	TYPE_PORTRANGE,
	TYPE_PROTO,
	TYPE_PROTOCHAIN,
	TYPE_GATEWAY,
	TYPE_UNDEF, /* nothing says what an id is */
};

enum atm {
	ATM_METAC,
	ATM_BCC,
	ATM_OAMF4SC,
	ATM_OAMF4EC,
	ATM_SC,
	ATM_ILMIC,
	ATM_LANE,
	ATM_OAM,
	ATM_OAMF4,
	ATM_CONNECTMSG,
	ATM_METACONNECT,
};

enum ss7 {
	SS7_FISU,
	SS7_LSSU,
	SS7_MSU,
	SS7_HFISU,
	SS7_HLSSU,
	SS7_HMSU
};

enum field {
	FIELD_VPI,
	FIELD_VCI,
	FIELD_SIO,
	FIELD_OPC,
	FIELD_DPC,
	FIELD_SLS,
	FIELD_HSIO,
	FIELD_HOPC,
	FIELD_HDPC,
	FIELD_HSLS,
};

struct word_info {
	const char *text;
	uint32_t len;
	enum word_kind kind;
	uint8_t value;
};
extern const struct word_info packet_words[];

/* Return the nominal word for a qualifier, for messages. */
const char *packet_proto_text(enum proto p);
const char *packet_dir_text(enum dir d);
const char *packet_type_text(enum type t);

enum token_kind {
	TOKEN_END,
	TOKEN_WORD, /* a keyword: .word */
	TOKEN_NUM,  /* .number; also the named constants */
	TOKEN_NAME, /* .text is without a backslash */
	TOKEN_IPV4, /* two to four numbers with dots */
	TOKEN_IPV6,
	TOKEN_MAC,
	TOKEN_MAC8,   /* $XX */
	TOKEN_STRING, /* "...", .text without the quotes */
	TOKEN_SET,    /* @NAME, .text without the @ */
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_GT,
	TOKEN_GE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_STAR,
	TOKEN_SLASH,
	TOKEN_PERCENT,
	TOKEN_AMP,
	TOKEN_BAR,
	TOKEN_CARET,
	TOKEN_LSH,
	TOKEN_RSH,
	TOKEN_LPAREN,
	TOKEN_RPAREN,
	TOKEN_LBRACKET,
	TOKEN_RBRACKET,
	TOKEN_LBRACE,
	TOKEN_RBRACE,
	TOKEN_COMMA,
	TOKEN_COLON,
};

struct token {
	enum token_kind kind;
	enum word word;
	uint32_t number;
	struct span at;
	const char *text; /* not terminated */
	uint32_t len;
	bool escaped;  /* NAME: after a backslash */
	bool constant; /* NUM: a named constant */
};

struct scanner {
	struct diags *diags;
	const struct source *src;
	uint32_t source, at;
	bool failed; /* an error was reported: only TOKEN_END comes from now on */
};

struct token packet_scan(struct scanner *s);
/* Suggest the keyword nearest to a word, NULL if none is near. */
const char *packet_near_word(const char *text, size_t len);

/* 0, 8 (octal), 10 or 16: the base in which the text overflows or errs, in *BASE. */
enum number_result {
	NUMBER_OK,
	NUMBER_BAD_DIGIT,
	NUMBER_OVERFLOW
};
enum number_result packet_read_number(const char *text, uint32_t len, uint32_t *out,
                                      unsigned *base);

/* --- address.c: what addresses say --------------------------------------- */

/* A value of an address type and the bits that count. */
struct address {
	uint32_t word[IR_WORDS], mask[IR_WORDS];
};

/*
 * Read N.N.N.N; return its number of bits (8 for each number), -1 if a number
 * is above 255.
 */
int packet_read_ipv4(const char *text, uint32_t len, uint32_t *out);
bool packet_read_ipv6(const char *text, uint32_t len, uint8_t out[16]);
void packet_read_mac(const char *text, uint32_t len, uint8_t out[6]);
bool packet_read_decnet(const char *text, uint32_t len, uint16_t *out);
/* --- parse.c: the tree --------------------------------------------------- */

struct qual {
	uint8_t proto, dir, type;
};

enum tree_kind {
	/* conditions */
	TREE_AND,
	TREE_OR,
	TREE_NOT,      /* left, right */
	TREE_ID,       /* quals and an id */
	TREE_ABBREV,   /* q.proto */
	TREE_RELATION, /* left OP right */
	TREE_WORD,     /* a primitive that begins with WORD, its argument in id */
	TREE_BROADCAST,
	TREE_MULTICAST, /* q.proto */
	TREE_BYTE,      /* byte NUMBER OP value */
	TREE_WLAN_TYPE, /* value & mask of frame control byte 0 */
	TREE_WLAN_DIR,
	TREE_FIELD, /* WORD OP value */
	/* numbers */
	TREE_NUM,
	TREE_LEN,
	TREE_BINARY, /* left OP right */
	TREE_NEG,    /* left */
	TREE_INDEX,  /* q.proto [left : value] */
};

enum id_kind {
	ID_NONE,
	ID_NUM,
	ID_NAME,
	ID_IPV4,
	ID_IPV4_PREFIX, /* text / number */
	ID_IPV4_MASK,   /* text mask text2 */
	ID_IPV6,
	ID_IPV6_PREFIX, /* text / number */
	ID_MAC,
	ID_MAC8,
	ID_RANGE, /* number - number2, in sets */
	ID_SET,   /* number items of the tree's ids from number2 on */
	ID_OPEN,  /* an open set, by name */
};

struct id {
	const char *text, *text2;
	uint32_t len, len2;
	uint32_t number, number2;
	struct span at;
	enum id_kind kind;
};

/* A node; its operands stand before it. Small: there may be 200,000 of them. */
struct tree_node {
	uint8_t kind, op, word; /* enum tree_kind, token_kind, word */
	bool paren;             /* arithmetic in parentheses */
	struct qual q;
	uint32_t left, right; /* indices of operands */
	uint32_t number, value, mask;
	uint32_t id; /* index into ids; 0: none */
	struct span at, op_at;
};

struct tree {
	ARRAY(struct tree_node) nodes; /* in the order of the text; the last is the root */
	ARRAY(struct id) ids;          /* the first is none; items of sets stand together */
	struct packet_sets *sets;
};

/* Parse the text of SOURCE; false after an error. An empty text gives no nodes. */
bool packet_parse(struct tree *t, struct arena *arena, struct diags *d, uint32_t source,
                  const struct packet_options *o);

#endif
