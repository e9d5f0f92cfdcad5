/*
** Base64 (RFC 4648, with padding). Pure functions on memory.
*/
#ifndef RS_BASE_BASE64_H
#define RS_BASE_BASE64_H
#include <stdbool.h>
#include <stddef.h>
#include "buf.h"

/* Appends n bytes, encoded. */
void rs_base64_add(struct rs_buf *b, const char *p, size_t n);
/* Decodes in place; false: it is no base64, and nothing was changed. */
bool rs_base64_decode(char *p, size_t n, size_t *len);
#endif
