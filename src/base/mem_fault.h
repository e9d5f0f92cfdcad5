/*
** What mem.c tells the bookkeeping of a -DRS_FAULT build: the counter that makes an allocation
** fail, and the set of blocks that are not freed yet. Nobody else includes this; tests use mem.h.
**
** Threads: any. Nothing blocks for long.
*/
#ifndef RS_BASE_MEM_FAULT_H
#define RS_BASE_MEM_FAULT_H
#include <stdbool.h>

/* Counts one allocation; true: it must fail. */
bool rs_fault_hits(void);
/* A block is there, or is about to go. NULL is fine. */
void rs_fault_born(void *p);
void rs_fault_died(void *p);
#endif
