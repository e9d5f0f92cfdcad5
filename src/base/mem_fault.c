/*
** Failing allocations and leaks, for -DRS_FAULT builds only (mem_fault.h, mem.h).
**
** Every live block stands in a table by its address, so that a block which is left at the end can
** be shown with the stack that allocated it: AddressSanitizer, part of every such build, remembers
** that stack for each block.
*/
#include "mem_fault.h"

#ifdef RS_FAULT
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include "mem.h"

#define SLOTS ((size_t)1 << 20) /* open addressing; a test holds a few thousand blocks at most */
#define SHOWN 5

static _Atomic int64_t mem_count, mem_fail_at;
static _Atomic bool mem_sticky, mem_failed;

struct slot {
  void *block;
  int64_t number; /* the how-manieth block ever: the oldest are shown */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards all below */
static struct slot slots[SLOTS];
static int64_t live, born;

/* ---- failing --------------------------------------------------------------------------------- */

void rs_mem_fail_at(int64_t n, bool sticky)
{
  mem_fail_at = 0; // first, so that a concurrent allocation never meets the old limit
  mem_count = 0;
  mem_failed = false;
  mem_sticky = sticky;
  mem_fail_at = n;
}

bool rs_mem_failed(void)
{
  return mem_failed;
}

bool rs_fault_hits(void)
{
  int64_t n = ++mem_count, at = mem_fail_at;
  if (at == 0 || n < at || (n > at && !mem_sticky)) return false;
  mem_failed = true;
  return true;
}

/* ---- live blocks ----------------------------------------------------------------------------- */

static size_t slot_of(const void *p)
{
  return (size_t)(((uint64_t)(uintptr_t)p >> 4) * 0x9E3779B97F4A7C15ULL >> 44) % SLOTS;
}

void rs_fault_born(void *p)
{
  if (p == NULL) return;
  pthread_mutex_lock(&mutex);
  live++;
  born++;
  // a full table would look for ever: what finds no room is counted only
  size_t at = slot_of(p);
  for (size_t i = 0; i < SLOTS / 2 && slots[at].block != NULL; i++) at = (at + 1) % SLOTS;
  if (slots[at].block == NULL) slots[at] = (struct slot){p, born};
  pthread_mutex_unlock(&mutex);
}

/* Empties a slot and moves up those behind it that it stood in the way of. */
static void empty(size_t at)
{
  slots[at].block = NULL;
  for (size_t i = (at + 1) % SLOTS; slots[i].block != NULL; i = (i + 1) % SLOTS) {
    size_t home = slot_of(slots[i].block);
    if ((i - home) % SLOTS < (i - at) % SLOTS) continue;
    slots[at] = slots[i];
    slots[i].block = NULL;
    at = i;
  }
}

void rs_fault_died(void *p)
{
  if (p == NULL) return;
  pthread_mutex_lock(&mutex);
  live--;
  size_t at = slot_of(p);
  while (slots[at].block != NULL && slots[at].block != p) at = (at + 1) % SLOTS;
  if (slots[at].block == p) empty(at);
  pthread_mutex_unlock(&mutex);
}

int64_t rs_mem_live(void)
{
  pthread_mutex_lock(&mutex);
  int64_t n = live;
  pthread_mutex_unlock(&mutex);
  return n;
}

void rs_mem_report(void)
{
  int64_t after = 0;
  for (int shown = 0; shown < SHOWN; shown++) {
    struct slot oldest = {NULL, INT64_MAX};
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < SLOTS; i++)
      if (slots[i].block != NULL && slots[i].number > after && slots[i].number < oldest.number)
        oldest = slots[i];
    pthread_mutex_unlock(&mutex);
    if (oldest.block == NULL) return;
    fprintf(stderr, "block %lld, not freed:\n", (long long)oldest.number);
    __asan_describe_address(oldest.block);
    after = oldest.number;
  }
}
#endif
