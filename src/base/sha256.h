/*
** SHA-256 (FIPS 180-4), for keys that are stored by their hash only.
**
** Pure function; nothing blocks or allocates.
*/
#ifndef RS_BASE_SHA256_H
#define RS_BASE_SHA256_H
#include <stdbool.h>
#include <stddef.h>

#define RS_SHA256_SIZE 32

void rs_sha256(const void *p, size_t n, unsigned char out[RS_SHA256_SIZE]);
/* Compares in a time that does not depend on the bytes. */
bool rs_same_bytes(const void *a, const void *b, size_t n);
#endif
