/*
** What a JSON file's values are, field by field, found while check_json.c passes over its bytes:
** would a typed column for each field give every value back as it is written? Not where a field has
** null, integers beside floats, values of several types, {}, a typed value or a name that differs
** in case alone. Then the file is read as documents (load.h), otherwise by the engine's own reader.
**
** Names are mostly those that followed last time, so that a field costs one comparison.
**
** Threads: one at a time. Out of memory, and whatever is too deep or too wide to be told apart,
** counts as odd, since the reading of documents is right for every file.
*/
#ifndef RS_ENGINE_LOAD_WATCH_H
#define RS_ENGINE_LOAD_WATCH_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/arena.h"

enum {
  RS_WATCH_NULL = 1,
  RS_WATCH_BOOL = 2,
  RS_WATCH_INT = 4,
  RS_WATCH_FLOAT = 8,
  RS_WATCH_TEXT = 16,
  RS_WATCH_OBJECT = 32,
  RS_WATCH_ARRAY = 64
};
#define RS_WATCH_DEPTH 64

struct rs_watch_field;
struct rs_load_watch {
  bool odd;     /* some value would not come back as it was written */
  bool nested;  /* some value is an object or an array */
  bool strange; /* some record is no object, or holds what is no JSON: no documents */
  bool lost;    /* out of memory, or of room: odd and nested stand, the rest is not looked at */
  /* the rest is its own */
  struct rs_arena a;
  size_t fields, depth;
  struct rs_watch_field *at[RS_WATCH_DEPTH]; /* what is open: the record, and what lies in it */
  bool array[RS_WATCH_DEPTH], empty[RS_WATCH_DEPTH];
  struct rs_watch_field *next; /* whose value comes next */
};

void rs_load_watch_init(struct rs_load_watch *w);
void rs_load_watch_free(struct rs_load_watch *w);
/* Once nothing more can be learned. */
static inline bool rs_load_watch_is_done(const struct rs_load_watch *w)
{
  return w->strange || w->lost;
}
/* In an object, but not in an array of one: strings there may be names. */
static inline bool rs_load_watch_in_object(const struct rs_load_watch *w)
{
  return w->depth > 0 && !w->array[w->depth - 1];
}
/* A field's name as it is written between its quotes. */
void rs_load_watch_name(struct rs_load_watch *w, const char *p, size_t n);
/* A value that is no object and no array: RS_WATCH_NULL ... */
void rs_load_watch_scalar(struct rs_load_watch *w, unsigned kind);
void rs_load_watch_open(struct rs_load_watch *w, bool array);
void rs_load_watch_close(struct rs_load_watch *w);
#endif
