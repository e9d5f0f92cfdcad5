/*
** MD5 (RFC 1321), for names that dbt makes of it (local_md5, tests' names); never for secrets.
**
** Pure function; nothing blocks or allocates.
*/
#ifndef RS_BASE_MD5_H
#define RS_BASE_MD5_H
#include <stddef.h>

#define RS_MD5_SIZE 16

void rs_md5(const void *p, size_t n, unsigned char out[RS_MD5_SIZE]);
#endif
