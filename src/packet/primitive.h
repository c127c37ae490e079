/*
 * primitive: what each primitive of the language means, and the way from the
 * tree to the graph.
 */
#ifndef WEIR_PACKET_PRIMITIVE_H
#define WEIR_PACKET_PRIMITIVE_H

#include "packet/formula.h"

/* --- fields.c: fields of headers, compared with values ------------------- */

/* Test that the WIDTH bytes at OFFSET of BASE are VALUE. */
const struct formula *packet_equal(struct packet *p, enum base base, uint32_t offset,
                                   unsigned width, uint32_t value);
const struct formula *packet_ip_proto(struct packet *p, uint32_t number);
const struct formula *packet_ip6_proto(struct packet *p, uint32_t number);
/* Test that the packet is not an IPv4 fragment other than the first. */
const struct formula *packet_first_fragment(struct packet *p);

/* Test whether KEY is in open set SET. */
const struct formula *packet_member(struct packet *p, unsigned set,
                                    const struct ir_value *key);

/* --- linkproto.c: which protocol a link layer carries -------------------- */

/*
 * Test that the link layer carries PROTO: an EtherType, or an LLC SAP up to
 * 1500.
 */
const struct formula *packet_linkproto(struct packet *p, uint32_t proto);
/* Return what must hold of the link layer around this one, NULL if nothing. */
const struct formula *packet_outer_check(struct packet *p);
const struct formula *packet_llc(struct packet *p);
/* Test, on frame relay, for unnumbered information with that NLPID. */
const struct formula *packet_frelay_nlpid(struct packet *p, uint32_t nlpid);

/* --- protocol.c: which protocol ------------------------------------------ */

const struct formula *packet_abbrev(struct packet *p, enum proto proto);
/* Build `PROTO proto NUMBER`. */
const struct formula *packet_proto(struct packet *p, struct span at, uint32_t number,
                                   enum proto proto);
/* Return the IP protocol, EtherType, ... that a qualifier means, -1 if none. */
int packet_ipproto_of(enum proto proto);

/* --- chain.c: protochain, unrolled --------------------------------------- */

/* Build `PROTO protochain NUMBER`. */
const struct formula *packet_protochain(struct packet *p, struct span at,
                                        uint32_t number, enum proto proto);

/* --- list.c: or-ed primitives of one kind -------------------------------- */

/*
 * Build N addresses of one family, IPv4 in word[0]; if NEGATED, none of them
 * may match.
 */
const struct formula *list_addresses(struct packet *p, unsigned family, struct qual q,
                                     const struct address *a, uint32_t n, bool negated);
const struct formula *list_ports(struct packet *p, struct qual q, int ipproto,
                                 uint32_t lo, uint32_t hi);
const struct formula *list_protos(struct packet *p, struct qual q, uint32_t lo,
                                  uint32_t hi);
const struct formula *list_mac(struct packet *p, struct qual q, const uint8_t mac[6]);
/* Build a list of the open sets V4 and V6 (1 and their numbers; 0: none). */
const struct formula *list_open(struct packet *p, enum list_kind kind, struct qual q,
                                int ipproto, unsigned v4, unsigned v6);
/* Build what the list means. */
const struct formula *list_expand(struct packet *p, struct list *l);
/* Build src, dst, either or both by OF; DIR must not be one of 802.11's. */
const struct formula *list_sides(struct packet *p, enum dir dir,
                                 const struct formula *(*of)(struct packet *p,
                                                             void *arg, bool dst),
                                 void *arg);
/* Build the IPv4 or IPv6 half of `udp dst port PORT`, for tunnels. */
const struct formula *packet_udp_port(struct packet *p, unsigned family, uint32_t port);

/* --- qualify.c: which qualifiers fit ----------------------------------------- */

/* Refuse the directions of 802.11, which only hardware addresses on it have. */
bool packet_plain_dir(struct packet *p, const struct qual *q);
/* Get the transport that a qualifier of ports asks for, -1 for any; false after an error. */
bool packet_transport(struct packet *p, const struct qual *q, int *ipproto);
/* Report that Q's protocol cannot qualify WHAT, but INSTEAD can. */
const struct formula *packet_wrong_proto(struct packet *p, const struct qual *q,
                                         const char *what, const char *instead);

/* --- open.c: open sets ----------------------------------------------------- */

/* Build `QUALIFIERS in @NAME`. */
const struct formula *packet_open_set(struct packet *p, const struct qual *q,
                                      const struct id *id);
/* Return 1 and the number of the set of KIND that ID names; 0 after an error. */
unsigned packet_open_set_of(struct packet *p, const struct id *id,
                            enum packet_set_kind kind);

/* --- special.c: what few link layers have -------------------------------- */

/* Test (V & MASK) OP VALUE; OP is a relation. */
const struct formula *packet_compare(struct packet *p, enum token_kind op,
                                     const struct ir_value *v, uint32_t mask,
                                     uint32_t value);
const struct formula *packet_wlan_host(struct packet *p, const uint8_t mac[6],
                                       enum dir dir);
const struct formula *packet_wlan_multicast(struct packet *p);
const struct formula *packet_wlan_byte(struct packet *p, unsigned which, uint32_t mask,
                                       uint32_t value, const char *what);
const struct formula *packet_decnet(struct packet *p, const struct id *id,
                                    struct qual q);
const struct formula *packet_llc_type(struct packet *p, const struct id *id);
const struct formula *packet_pflog(struct packet *p, const struct tree_node *t);
const struct formula *packet_atm(struct packet *p, enum atm which);
const struct formula *packet_ss7(struct packet *p, enum ss7 which);
const struct formula *packet_field(struct packet *p, const struct tree_node *t);

/* --- encap.c: primitives that move what follows -------------------------- */

const struct formula *packet_vlan(struct packet *p, const struct id *id);
const struct formula *packet_mpls(struct packet *p, const struct id *id);
const struct formula *packet_pppoed(struct packet *p);
const struct formula *packet_pppoes(struct packet *p, const struct id *id);
const struct formula *packet_geneve(struct packet *p, const struct id *id);
const struct formula *packet_vxlan(struct packet *p, const struct id *id);

/* --- primitive.c: qualifiers and an id ----------------------------------- */

const struct formula *packet_id(struct packet *p, const struct tree_node *t);
/* Build `[DIR] host MAC`. */
const struct formula *packet_mac(struct packet *p, const uint8_t mac[6], enum dir dir,
                                 struct span at);
const struct formula *packet_mac8(struct packet *p, uint32_t mac, enum dir dir);

/* --- whole.c: primitives that begin with a word -------------------------- */

const struct formula *packet_word(struct packet *p, const struct tree_node *t);
const struct formula *packet_broadcast(struct packet *p, enum proto proto);
const struct formula *packet_multicast(struct packet *p, enum proto proto);
const struct formula *packet_byte(struct packet *p, const struct tree_node *t);

/* --- lower.c, build.c: tree to formula, formula to graph ----------------- */

const struct formula *packet_lower(struct packet *p);
const struct ir_node *packet_build(struct packet *p, const struct formula *f,
                                   const struct ir_node *yes, const struct ir_node *no);

#endif
