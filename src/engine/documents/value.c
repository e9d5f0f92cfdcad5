/*
** The values of a document (see internal.h): typed values are read and marked, limits checked,
** repeated names resolved; and the other way round, values as JSON again.
*/
#include <math.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/rockset_time.h"
#include "src/arrow/arrow.h"
#include "internal.h"

#define WRAPPER "__rockset_type"

struct preparing {
  struct rs_arena *a;
  const char **why;
};

static enum rs_code wrong(struct preparing *x, const char *text)
{
  *x->why = text;
  return text != NULL ? RS_INVALID : RS_NOMEM;
}

unsigned rs_doc_kind(const struct rs_json *j)
{
  switch (j->kind) {
    case RS_J_NULL: return 0;
    case RS_J_BOOL: return RS_DOC_BOOL;
    case RS_J_NUMBER: return j->mark;
    case RS_J_STRING: return j->mark != 0 ? j->mark : RS_DOC_TEXT;
    case RS_J_ARRAY: return RS_DOC_ARRAY;
    default: return j->mark != 0 ? j->mark : RS_DOC_OBJECT;
  }
}

/* ---- typed values ---------------------------------------------------------------------------- */

static const struct wrapper {
  const char *name;
  unsigned mark;
} wrappers[] = {
  {"DATE", RS_DOC_DATE},
  {"TIME", RS_DOC_TIME},
  {"DATETIME", RS_DOC_DATETIME},
  {"TIMESTAMP", RS_DOC_TIMESTAMP},
  {"MONTH_INTERVAL", RS_DOC_MONTHS},
  {"MICROSECOND_INTERVAL", RS_DOC_MICROS},
  {"BYTES", RS_DOC_BYTES},
  {"GEOGRAPHY", RS_DOC_RAW},
  {"U256", RS_DOC_RAW},
};
#define NWRAPPERS (sizeof wrappers / sizeof wrappers[0])

static bool is_base64(const char *p, size_t n)
{
  if (n % 4 != 0) return false;
  size_t end = n;
  while (end > 0 && end + 2 > n && p[end - 1] == '=') end--;
  for (size_t i = 0; i < end; i++) {
    char c = p[i];
    bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '+' || c == '/';
    if (!ok) return false;
  }
  return true;
}

/* A count of microseconds since 1970 as text. */
static bool from_count(struct rs_json *value, struct rs_arena *a)
{
  int64_t us;
  char text[40];
  if (!rs_json_int(value, &us)) return true;
  rs_format_timestamp(us, text);
  value->p = rs_arena_printf(a, "%sZ", text);
  if (value->p == NULL) return false;
  value->n = strlen(value->p);
  value->kind = RS_J_STRING;
  return true;
}

enum rs_code rs_doc_time_text(unsigned mark, const char *p, size_t n, struct rs_arena *a,
                              const char **out)
{
  char text[RS_ROCKSET_TIME_MAX];
  const enum rs_time_kind kind = mark == RS_DOC_DATE       ? RS_TIME_DATE
                                 : mark == RS_DOC_TIME     ? RS_TIME_TIME
                                 : mark == RS_DOC_DATETIME ? RS_TIME_DATETIME
                                                           : RS_TIME_TIMESTAMP;
  int64_t us;
  while (kind == RS_TIME_TIMESTAMP && n > 0 && *p == ' ') p++, n--;
  while (kind == RS_TIME_TIMESTAMP && n > 0 && p[n - 1] == ' ') n--;
  if (kind == RS_TIME_TIMESTAMP && n > 1 && *p == '+' && p[1] >= '0' && p[1] <= '9') p++, n--;
  const struct rs_json count = {.kind = RS_J_NUMBER, .p = p, .n = n};
  if (kind == RS_TIME_TIMESTAMP && n > 0 && p[n - 1] != '-' && rs_json_int(&count, &us)) {
    rs_format_timestamp(us, text);
    *out = rs_arena_printf(a, "%s+00:00", text);
  } else {
    if (rs_rockset_time(kind, p, n, text) != NULL) return RS_INVALID;
    *out = rs_arena_strdup(a, text);
  }
  return *out != NULL ? RS_OK : RS_NOMEM;
}

/* Does +02:00 stand behind the time of a canonical timestamp, or nothing? A zone may have a name:
** Europe/Berlin, Etc/GMT+1. */
static bool has_offset(const char *text)
{
  const char *p = strchr(text, ' ');
  if (p == NULL) return true;
  p += 1 + strspn(p + 1, "0123456789:.");
  p += strspn(p, " ");
  if (*p == 0) return true;
  if (*p != '+' && *p != '-') return false;
  do {
    p++;
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') return false;
    p += 2;
  } while (*p == ':');
  return *p == 0;
}

/* The text of a date or time in its canonical form, in *value. */
static enum rs_code canonical(struct preparing *x, const struct wrapper *w,
                              const struct rs_json *object, struct rs_json *value)
{
  const struct rs_json *zone = rs_json_get(object, "timezone");
  const char *p = value->p;
  size_t n = value->n;
  if (w->mark == RS_DOC_DATE && memchr(p, '/', n) != NULL) { // 2020/01/02, too
    char *copy = rs_arena_strndup(x->a, p, n);
    if (copy == NULL) return RS_NOMEM;
    for (char *c = copy; *c != 0; c++) *c = *c == '/' ? '-' : *c;
    p = copy;
  }
  if (zone != NULL && zone->kind == RS_J_STRING && w->mark == RS_DOC_TIMESTAMP) {
    p = rs_arena_printf(x->a, "%.*s %.*s", (int)n, p, (int)zone->n, zone->p);
    if (p == NULL) return RS_NOMEM;
    n = strlen(p);
  }
  enum rs_code rc = rs_doc_time_text(w->mark, p, n, x->a, &value->p);
  if (rc == RS_NOMEM) return rc;
  if (rc != RS_OK) {
    return wrong(x, rs_arena_printf(x->a, "'%.*s' is no %s", (int)(n > 100 ? 100 : n), p, w->name));
  }
  value->n = strlen(value->p);
  if (w->mark != RS_DOC_TIMESTAMP || has_offset(value->p)) return RS_OK;
  return wrong(x, rs_arena_printf(x->a, "'%.*s': give the time zone as an offset (+02:00)",
                                  (int)value->n, value->p));
}

static enum rs_code read_value(struct preparing *x, const struct wrapper *w,
                               const struct rs_json *object, struct rs_json *value)
{
  int64_t i;
  if (w->mark == RS_DOC_MONTHS || w->mark == RS_DOC_MICROS) {
    struct rs_json number = *value;
    number.kind = RS_J_NUMBER;
    bool is = (value->kind == RS_J_NUMBER || value->kind == RS_J_STRING) && value->n > 0 &&
              rs_json_int(&number, &i) && (w->mark == RS_DOC_MICROS || i == (int32_t)i);
    return is ? RS_OK : wrong(x, rs_arena_printf(x->a, "a %s needs a whole number", w->name));
  }
  if (w->mark == RS_DOC_TIMESTAMP && value->kind == RS_J_NUMBER && !from_count(value, x->a)) {
    return RS_NOMEM;
  }
  if (value->kind != RS_J_STRING) {
    return wrong(x, rs_arena_printf(x->a, "a %s needs a text as its value", w->name));
  }
  if (w->mark == RS_DOC_BYTES) {
    bool is = rs_json_is(rs_json_get(object, "encoding"), "base64") &&
              is_base64(value->p, value->n);
    return is ? RS_OK : wrong(x, "bytes need \"encoding\":\"base64\" and a text in it");
  }
  return canonical(x, w, object, value);
}

/* An object with __rockset_type becomes a marked string. */
static enum rs_code unwrap(struct preparing *x, struct rs_json *j)
{
  const struct rs_json *name = rs_json_get(j, WRAPPER);
  struct rs_json *value = rs_json_get(j, "value");
  if (name == NULL) return RS_OK;
  size_t i = 0;
  while (i < NWRAPPERS && !(name->kind == RS_J_STRING && strlen(wrappers[i].name) == name->n &&
                            rs_casecmpn(wrappers[i].name, name->p, name->n) == 0)) {
    i++;
  }
  if (i == NWRAPPERS) {
    return wrong(x, rs_arena_printf(x->a, "%s '%.*s' is not known", WRAPPER,
                                    (int)(name->n > 40 ? 40 : name->n),
                                    name->kind == RS_J_STRING ? name->p : ""));
  }
  if (value == NULL) {
    return wrong(x, rs_arena_printf(x->a, "a %s has no value", wrappers[i].name));
  }
  if (rs_json_get(j, "format") != NULL) {
    return wrong(x, rs_arena_printf(x->a, "a %s with a format is not supported: give ISO 8601",
                                    wrappers[i].name));
  }
  j->mark = wrappers[i].mark;
  if (j->mark == RS_DOC_RAW) return RS_OK;
  struct rs_json read = *value;
  enum rs_code rc = read_value(x, &wrappers[i], j, &read);
  if (rc != RS_OK) return rc;
  j->kind = RS_J_STRING;
  j->p = read.p;
  j->n = read.n;
  j->first = j->last = NULL;
  return RS_OK;
}

/* ---- preparing ------------------------------------------------------------------------------- */

static enum rs_code prepare_number(struct preparing *x, struct rs_json *j)
{
  int64_t i;
  j->mark = RS_DOC_INT;
  if (rs_json_int(j, &i)) return RS_OK;
  j->mark = RS_DOC_DOUBLE;
  double d = rs_text_to_double(j->p, j->n);
  if (!isfinite(d)) {
    return wrong(
      x, rs_arena_printf(x->a, "the number %.*s is too large", (int)(j->n > 40 ? 40 : j->n), j->p));
  }
  if (memchr(j->p, '.', j->n) != NULL || memchr(j->p, 'e', j->n) != NULL ||
      memchr(j->p, 'E', j->n) != NULL) {
    return RS_OK;
  }
  // an integer beyond 64 bits: as text with a point it is a real to every reader
  j->p = rs_arena_printf(x->a, "%.*s.0", (int)j->n, j->p);
  j->n += 2;
  return j->p != NULL ? RS_OK : RS_NOMEM;
}

/* Is a name there twice? For a few of them. */
static bool has_repeated(const struct rs_json *object)
{
  for (const struct rs_json *c = object->first; c != NULL; c = c->next) {
    for (const struct rs_json *o = object->first; o != c; o = o->next) {
      if (o->nkey == c->nkey && memcmp(o->key, c->key, c->nkey) == 0) return true;
    }
  }
  return false;
}

/* Of a repeated name the last one stays. */
static enum rs_code drop_repeated(struct rs_json *object)
{
  struct rs_map seen;
  enum rs_code rc = RS_OK;
  if (object->n < 2 || (object->n <= 16 && !has_repeated(object))) return RS_OK;
  rs_map_init(&seen);
  for (struct rs_json *c = object->first, *next; c != NULL && rc == RS_OK; c = next) {
    next = c->next;
    struct rs_map_entry *before = rs_map_find(&seen, c->key, c->nkey);
    if (before != NULL) {
      rs_json_remove(object, before->value);
      before->value = c;
    } else if (!rs_map_putn(&seen, c->key, c->nkey, c)) {
      rc = RS_NOMEM;
    }
  }
  rs_map_free(&seen);
  return rc;
}

static enum rs_code prepare_value(struct preparing *x, struct rs_json *j);

static enum rs_code prepare_children(struct preparing *x, struct rs_json *j)
{
  enum rs_code rc = j->kind == RS_J_OBJECT ? drop_repeated(j) : RS_OK;
  for (struct rs_json *c = j->first; c != NULL && rc == RS_OK; c = c->next) {
    if (c->nkey > RS_DOC_NAME_MAX) {
      return wrong(x, rs_arena_printf(x->a, "the field name '%.40s...' is longer than %d bytes",
                                      c->key, RS_DOC_NAME_MAX));
    }
    if (c->key != NULL && memchr(c->key, 0, c->nkey) != NULL) {
      return wrong(x, "a field name holds a NUL character");
    }
    rc = prepare_value(x, c);
  }
  return rc;
}

static enum rs_code prepare_value(struct preparing *x, struct rs_json *j)
{
  switch (j->kind) {
    case RS_J_NUMBER: return prepare_number(x, j);
    case RS_J_STRING:
      if (j->n <= RS_DOC_VALUE_MAX) return RS_OK;
      return wrong(x, rs_arena_printf(x->a, "a text is longer than %zu bytes", RS_DOC_VALUE_MAX));
    case RS_J_ARRAY: return prepare_children(x, j);
    case RS_J_OBJECT: {
      enum rs_code rc = unwrap(x, j);
      return rc == RS_OK && j->mark == 0 ? prepare_children(x, j) : rc;
    }
    default: return RS_OK;
  }
}

enum rs_code rs_doc_prepare(struct rs_json *document, struct rs_arena *a, const char **why)
{
  struct preparing x = {a, why};
  *why = NULL;
  return prepare_value(&x, document);
}

/* ---- writing --------------------------------------------------------------------------------- */

static const char *unit_of(const struct rs_json *j)
{
  return j->mark == RS_DOC_MONTHS ? " months" : j->mark == RS_DOC_MICROS ? " microseconds" : NULL;
}

void rs_doc_write_plain(struct rs_buf *b, const struct rs_json *j)
{
  const char *unit = unit_of(j);
  rs_buf_add(b, j->p, j->n);
  if (unit != NULL) rs_buf_str(b, unit);
}

void rs_doc_write_text(struct rs_buf *b, const struct rs_json *j)
{
  if (unit_of(j) == NULL) {
    rs_buf_json_str(b, j->p, j->n);
    return;
  }
  rs_buf_char(b, '"');
  rs_doc_write_plain(b, j);
  rs_buf_char(b, '"');
}
