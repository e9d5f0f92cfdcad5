/* Fields of JSON files and the kinds of their values (see watch.h). */
#include "watch.h"
#include <string.h>
#include "src/base/text.h"
#include "src/value/field_name.h"

#define FIELDS_MAX 10000

struct rs_watch_field {
  const char *name; /* NULL: of an array's elements */
  size_t n;
  unsigned kinds;
  bool system; /* _id, _event_time: a load makes what it needs of them */
  struct rs_watch_field *first, *sibling;
  struct rs_watch_field *last; /* the one that was found last in this object */
};

void rs_load_watch_init(struct rs_load_watch *w)
{
  *w = (struct rs_load_watch){.odd = false};
  rs_arena_init(&w->a, 0);
}

void rs_load_watch_free(struct rs_load_watch *w)
{
  rs_arena_free(&w->a);
}

static void lose(struct rs_load_watch *w)
{
  w->odd = w->nested = w->lost = true;
}

static struct rs_watch_field *add_field(struct rs_load_watch *w, const char *p, size_t n)
{
  struct rs_watch_field *f = w->fields++ < FIELDS_MAX ? rs_arena_calloc(&w->a, sizeof *f) : NULL;
  if (f != NULL && p != NULL) {
    f->name = rs_arena_strndup(&w->a, p, n);
    f->n = n;
  }
  if (f != NULL && (p == NULL || f->name != NULL)) return f;
  lose(w);
  return NULL;
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_name(const struct rs_watch_field *f, const char *p, size_t n)
{
  return f->n == n && f->name != NULL && memcmp(f->name, p, n) == 0;
}

/* Names that no column of a reader has as they are. */
static bool is_odd_name(const struct rs_load_watch *w, const char *p, size_t n)
{
  static const char typed[] = "__rockset_type", meta[] = "_meta";
  if (memchr(p, '\\', n) != NULL || (n > 2 && memcmp(p + n - 2, "~x", 2) == 0)) return true;
  if (w->depth == 1 && n == sizeof meta - 1 && rs_casecmpn(p, meta, n) == 0) return true;
  return n == sizeof typed - 1 && memcmp(p, typed, n) == 0;
}

void rs_load_watch_name(struct rs_load_watch *w, const char *p, size_t n)
{
  struct rs_watch_field *in = w->at[w->depth - 1];
  struct rs_watch_field *f = in->last != NULL ? in->last->sibling : in->first;
  if (f == NULL || !is_name(f, p, n)) {
    for (f = in->first; f != NULL && !is_name(f, p, n); f = f->sibling)
      if (f->n == n && f->name != NULL && rs_casecmpn(f->name, p, n) == 0) w->odd = true;
  }
  if (f == NULL) {
    f = add_field(w, p, n);
    if (f == NULL) return;
    f->system = w->depth == 1 && ((n == 3 && memcmp(p, "_id", n) == 0) ||
                                  (n == 11 && memcmp(p, "_event_time", n) == 0));
    w->odd = w->odd || is_odd_name(w, p, n) || rs_field_needs_mark(f->name, false);
    // behind the one before it, where it is looked for first the next time
    struct rs_watch_field **to = in->last != NULL ? &in->last->sibling : &in->first;
    f->sibling = *to;
    *to = f;
  }
  in->last = f;
  w->next = f;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool is_mixed(unsigned kinds)
{
  kinds &= ~(unsigned)RS_WATCH_NULL;
  return (kinds & (kinds - 1)) != 0;
}

/* Notes a value where one stands; its field, or NULL: it is a record, or there is no telling. */
static struct rs_watch_field *see(struct rs_load_watch *w, unsigned kind)
{
  if (w->depth == 0) {
    w->strange = w->strange || kind != RS_WATCH_OBJECT;
    return NULL;
  }
  const bool array = w->array[w->depth - 1];
  struct rs_watch_field *in = w->at[w->depth - 1], *f = w->next;
  w->empty[w->depth - 1] = false;
  if (array) {
    if (in->first == NULL || in->first->name != NULL) {
      // a field of objects and arrays has both kinds, and is odd already
      struct rs_watch_field *elements = add_field(w, NULL, 0);
      if (elements == NULL) return NULL;
      elements->sibling = in->first;
      in->first = elements;
    }
    f = in->first;
  }
  if (f == NULL) { // a value without a name: no JSON
    lose(w);
    return NULL;
  }
  f->kinds |= kind;
  if (!f->system && (is_mixed(f->kinds) || (kind == RS_WATCH_NULL && !array))) w->odd = true;
  return f;
}

void rs_load_watch_scalar(struct rs_load_watch *w, unsigned kind)
{
  (void)see(w, kind);
}

void rs_load_watch_open(struct rs_load_watch *w, bool array)
{
  const bool record = w->depth == 0;
  struct rs_watch_field *f = see(w, array ? RS_WATCH_ARRAY : RS_WATCH_OBJECT);
  w->nested = w->nested || !record;
  if (record) f = w->at[0] != NULL ? w->at[0] : add_field(w, NULL, 0);
  if (f == NULL || w->depth == RS_WATCH_DEPTH) {
    lose(w);
    return;
  }
  f->last = NULL;
  w->at[w->depth] = f;
  w->array[w->depth] = array;
  w->empty[w->depth] = true;
  w->depth++;
}

void rs_load_watch_close(struct rs_load_watch *w)
{
  if (w->depth == 0) return;
  w->depth--;
  if (w->empty[w->depth] && !w->array[w->depth]) w->odd = true; // {} would be an object of nulls
}
