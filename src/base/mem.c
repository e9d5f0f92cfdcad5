/*
** Memory: thin over malloc; -DRS_FAULT builds count and watch every block (mem.h, mem_fault.h).
** This is the only file that may call malloc and its kin; make lint checks that.
*/
#include "mem.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef RS_FAULT
#include "mem_fault.h"
#else
static inline bool rs_fault_hits(void)
{
  return false;
}

static inline void rs_fault_born(void *p)
{
  (void)p;
}

static inline void rs_fault_died(void *p)
{
  (void)p;
}
#endif

void *rs_malloc(size_t n)
{
  return rs_realloc(NULL, n);
}

void *rs_calloc(size_t count, size_t size)
{
  if (rs_fault_hits() || (size > 0 && count > SIZE_MAX / size)) return NULL;
  // calloc(0, ...) may return NULL, which would read as out of memory
  void *p = count > 0 && size > 0 ? calloc(count, size) : calloc(1, 1);
  if (p != NULL) rs_fault_born(p);
  return p;
}

void *rs_realloc(void *p, size_t n)
{
  if (rs_fault_hits()) return NULL;
  rs_fault_died(p); // before another thread may be given its address
  void *q = realloc(p, n > 0 ? n : 1);
  rs_fault_born(q != NULL ? q : p);
  return q;
}

void rs_free(void *p)
{
  rs_fault_died(p);
  free(p);
}

char *rs_strdup(const char *s)
{
  return s != NULL ? rs_strndup(s, strlen(s)) : NULL;
}

char *rs_strndup(const char *s, size_t n)
{
  if (n == SIZE_MAX) return NULL;
  char *p = rs_malloc(n + 1);
  if (p == NULL) return NULL;
  if (n > 0) memcpy(p, s, n);
  p[n] = 0;
  return p;
}

char *rs_mprintf(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  if (n < 0) return NULL;
  char *p = rs_malloc((size_t)n + 1);
  if (p == NULL) return NULL;
  va_start(ap, fmt);
  (void)vsnprintf(p, (size_t)n + 1, fmt, ap);
  va_end(ap);
  return p;
}

bool rs_grow(void *p, size_t *cap, size_t need, size_t size)
{
  if (need <= *cap) return true;
  size_t n = *cap > 0 ? *cap : 8;
  while (n < need) n = n <= SIZE_MAX / 2 ? n * 2 : need;
  if (size > 0 && n > SIZE_MAX / size) return false;
  // *p is a pointer to any type: copied by bytes, since a void ** would alias it illegally
  void *block = NULL;
  memcpy(&block, p, sizeof block);
  block = rs_realloc(block, n * size);
  if (block == NULL) return false;
  memcpy(p, &block, sizeof block);
  *cap = n;
  return true;
}
