/*
** Values as bytes, for rows that are kept in memory or in a temporary file: a byte with the kind
** and the size of the number behind it, which is an integer (zigzag) or a length; then the bytes.
** Equal values of one kind give equal bytes, where `of`, the type of a UNION's value, is the same:
** keys have none. RS_LIST is not packed.
**
** Pure functions. What rs_unpack gives borrows from the bytes.
*/
#ifndef RS_VALUE_PACK_H
#define RS_VALUE_PACK_H
#include <stddef.h>
#include <stdint.h>
#include "value.h"

/* The most bytes that rs_pack needs. */
size_t rs_pack_bound(const struct rs_value *v);
/* Writes v at p; returns the position behind it. */
char *rs_pack(char *p, const struct rs_value *v);
/* Reads a value that rs_pack wrote; returns the position behind it. */
const char *rs_unpack(const char *p, struct rs_value *v);
/* Never 0. */
uint64_t rs_pack_hash(const char *p, size_t n);
#endif
