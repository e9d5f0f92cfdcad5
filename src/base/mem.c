/*
** Memory: thin over malloc, with a fail-at-N counter in -DRS_FAULT builds (see mem.h).
** This is the only file that may call malloc and its kin; make lint checks that.
*/
#include "mem.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef RS_FAULT
#include <stdatomic.h>

static _Atomic int64_t mem_count, mem_fail_at, mem_live;
static _Atomic bool mem_sticky, mem_failed;

void rs_mem_fail_at(int64_t n, bool sticky)
{
  mem_fail_at = 0; // first, so that a concurrent allocation never meets the old limit
  mem_count = 0;
  mem_failed = false;
  mem_sticky = sticky;
  mem_fail_at = n;
}

int64_t rs_mem_count(void)
{
  return mem_count;
}

bool rs_mem_failed(void)
{
  return mem_failed;
}

int64_t rs_mem_live(void)
{
  return mem_live;
}

static bool must_fail(void)
{
  int64_t n = ++mem_count, at = mem_fail_at;
  if (at == 0 || n < at || (n > at && !mem_sticky)) return false;
  mem_failed = true;
  return true;
}

static void count_live(int64_t change)
{
  mem_live += change;
}
#else
static inline bool must_fail(void)
{
  return false;
}

static inline void count_live(int64_t change)
{
  (void)change;
}
#endif

void *rs_malloc(size_t n)
{
  return rs_realloc(NULL, n);
}

void *rs_calloc(size_t count, size_t size)
{
  if (must_fail() || (size > 0 && count > SIZE_MAX / size)) return NULL;
  // calloc(0, ...) may return NULL, which would read as out of memory
  void *p = count > 0 && size > 0 ? calloc(count, size) : calloc(1, 1);
  if (p != NULL) count_live(1);
  return p;
}

void *rs_realloc(void *p, size_t n)
{
  if (must_fail()) return NULL;
  void *q = realloc(p, n > 0 ? n : 1);
  if (q != NULL && p == NULL) count_live(1);
  return q;
}

void rs_free(void *p)
{
  if (p == NULL) return;
  count_live(-1);
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
