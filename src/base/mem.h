/*
** Memory: the only way src/ and ext/ allocate for themselves.
**
** Thin over malloc so that one counter can make any allocation fail: a build with -DRS_FAULT
** (make test-fault) counts every call of rs_malloc/rs_calloc/rs_realloc/rs_strdup and fails the
** N-th one. Product builds have no counter.
**
** Threads: all functions may be called from any thread. Nothing blocks.
** Errors: NULL means out of memory; a zero size is allowed and returns a non-NULL pointer.
*/
#ifndef RS_BASE_MEM_H
#define RS_BASE_MEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *rs_malloc(size_t n);
/* Zeroed. Returns NULL also when count * size overflows. */
void *rs_calloc(size_t count, size_t size);
/* As realloc: on failure the old block stays valid. */
void *rs_realloc(void *p, size_t n);
void rs_free(void *p);
/* Return owned (rs_free). rs_strdup(NULL) is NULL. */
char *rs_strdup(const char *s);
char *rs_strndup(const char *s, size_t n);
/* printf into a new block; returns owned, NULL when out of memory. */
char *rs_mprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
** Makes room for `need` elements of `size` bytes in the array *p of capacity *cap (both may start
** as NULL/0), growing geometrically. Returns false when out of memory; the array is then unchanged.
*/
bool rs_grow(void *p, size_t *cap, size_t need, size_t size);

#ifdef RS_FAULT
/* The n-th allocation from now (1 = the next) fails, and all after it when `sticky`; 0 = none. */
void rs_mem_fail_at(int64_t n, bool sticky);
/* Whether one has failed since the last rs_mem_fail_at, and blocks not freed yet. */
bool rs_mem_failed(void);
int64_t rs_mem_live(void);
/* Says on stderr where the oldest blocks that are not freed yet were allocated. */
void rs_mem_report(void);
#endif
#endif
