/*
** What an rs_arrow_builder (arrow.h) is made of: for build.c, which fills and exports it, and
** block.c, which reads, cuts and stores what is in one.
*/
#ifndef RS_ARROW_INTERNAL_H
#define RS_ARROW_INTERNAL_H
#include <stdatomic.h>
#include "arrow.h"

struct bytes {
  char *p;
  size_t n, cap;
};

struct leaf {
  char format; /* 'n' 'b' 'l' 'g' 'z' 'u'; 'D' a date; 't' a time in microseconds; '+' for the list
               ** level (offsets only); '?' for which member of a union (data only, a byte each) */
  struct bytes valid, data, offsets; /* valid: from the first NULL on, else empty */
  int64_t rows, nulls;
};

struct column {
  char *name;
  struct leaf leaf, list;
  bool is_list;
  struct leaf *members; /* of a union: MEMBERS, those that it lacks without a format; else NULL */
};

enum { MEMBERS = 5 };

struct rs_arrow_builder {
  struct column *cols;
  size_t n;
  int64_t rows;
  atomic_int lent; /* exported columns that borrow from it; it lives as long as any */
};
#endif
