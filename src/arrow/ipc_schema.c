/*
** Metadata of Arrow's IPC format: flatbuffers, every position checked, and the schema in them.
** Numbers of fields and types are those of Arrow's Schema.fbs.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "ipc_internal.h"

enum { DEPTH_MAX = 64, FIELDS_MAX = 100000 };

/* ---- flatbuffers ----------------------------------------------------------------------------- */

int64_t rs_flat_number(const uint8_t *p, unsigned n)
{
  uint64_t x = 0;
  for (unsigned i = n; i > 0; i--) x = x << 8 | p[i - 1];
  if (n < 8 && n > 0 && (x >> (8 * n - 1)) != 0) x |= ~UINT64_C(0) << (8 * n);
  return (int64_t)x;
}

/* n bytes at `at`, unsigned. */
static uint64_t get(struct rs_flat *f, size_t at, unsigned n)
{
  if (at > f->n || f->n - at < n) {
    f->bad = true;
    return 0;
  }
  uint64_t x = (uint64_t)rs_flat_number(f->p + at, n);
  return n < 8 ? x & ((UINT64_C(1) << (8 * n)) - 1) : x;
}

static size_t follow(struct rs_flat *f, size_t at)
{
  uint64_t to = at + get(f, at, 4);
  if (to >= f->n || to <= at) {
    f->bad = true;
    return 0;
  }
  return (size_t)to;
}

size_t rs_flat_root(struct rs_flat *f)
{
  return follow(f, 0);
}

static size_t find(struct rs_flat *f, size_t table, unsigned field)
{
  if (table == 0 || f->bad) return 0;
  int64_t back = (int32_t)get(f, table, 4);
  int64_t vtable = (int64_t)table - back;
  if (vtable < 0 || vtable >= (int64_t)f->n) {
    f->bad = true;
    return 0;
  }
  uint64_t size = get(f, (size_t)vtable, 2), at = 4 + 2 * (uint64_t)field;
  if (at + 2 > size) return 0;
  uint64_t offset = get(f, (size_t)vtable + (size_t)at, 2);
  return offset != 0 ? table + (size_t)offset : 0;
}

int64_t rs_flat_int(struct rs_flat *f, size_t table, unsigned field, unsigned bytes,
                    int64_t otherwise)
{
  size_t at = find(f, table, field);
  if (at == 0) return otherwise;
  if (at > f->n || f->n - at < bytes) {
    f->bad = true;
    return otherwise;
  }
  return rs_flat_number(f->p + at, bytes);
}

size_t rs_flat_ref(struct rs_flat *f, size_t table, unsigned field)
{
  size_t at = find(f, table, field);
  return at != 0 ? follow(f, at) : 0;
}

size_t rs_flat_vector(struct rs_flat *f, size_t table, unsigned field, size_t size, size_t *n)
{
  size_t at = rs_flat_ref(f, table, field);
  *n = at != 0 ? (size_t)get(f, at, 4) : 0;
  if (at == 0 || f->bad) return 0;
  at += 4;
  if (at > f->n || *n > (f->n - at) / size) {
    f->bad = true;
    *n = 0;
    return 0;
  }
  return at;
}

size_t rs_flat_element(struct rs_flat *f, size_t vector, size_t i)
{
  return follow(f, vector + 4 * i);
}

/* Owned; "" where there is none. */
static char *flat_text(struct rs_flat *f, size_t table, unsigned field)
{
  size_t n, at = rs_flat_vector(f, table, field, 1, &n);
  const char *p = at != 0 ? (const char *)f->p + at : "";
  if (rs_utf8_valid(p, n) != n || memchr(p, 0, n) != NULL) f->bad = true;
  return f->bad ? rs_strdup("") : rs_strndup(p, n);
}

/* ---- types ----------------------------------------------------------------------------------- */

struct parse {
  struct rs_flat *f;
  struct rs_error *e;
  size_t fields;
};

static enum rs_code unsupported(struct parse *p, const char *column, const char *what)
{
  return rs_fail(p->e, RS_UNSUPPORTED, "column '%s' is of a type that is not read: %s", column,
                 what);
}

struct type {
  char format[160];
};

static enum rs_code set(struct rs_ipc_field *f, struct type *t, const char *format,
                        enum rs_ipc_kind kind, int64_t width)
{
  (void)snprintf(t->format, sizeof t->format, "%s", format);
  f->kind = kind;
  f->width = width;
  return RS_OK;
}

static enum rs_code int_type(struct parse *p, size_t type, struct rs_ipc_field *f, struct type *t)
{
  static const char formats[] = "cCsSiIlL";
  int64_t bits = rs_flat_int(p->f, type, 0, 4, 0);
  f->is_signed = rs_flat_int(p->f, type, 1, 1, 0) != 0;
  for (size_t i = 0; i < 4; i++) {
    const char format[] = {formats[2 * i + (f->is_signed ? 0 : 1)], 0};
    if (bits == 8 << i) return set(f, t, format, RS_IPC_FIXED, 1 << i);
  }
  return unsupported(p, f->name, "integers of an odd width");
}

static enum rs_code decimal_type(struct parse *p, size_t type, struct rs_ipc_field *f,
                                 struct type *t)
{
  long long precision = rs_flat_int(p->f, type, 0, 4, 0), scale = rs_flat_int(p->f, type, 1, 4, 0),
            bits = rs_flat_int(p->f, type, 2, 4, 128);
  if (bits != 32 && bits != 64 && bits != 128)
    return unsupported(p, f->name, "decimals of 256 bits");
  if (precision < 1 ||
      precision > (bits == 128  ? 38
                   : bits == 64 ? 18
                                : 9) ||
      scale < 0 || scale > precision)
    return unsupported(p, f->name, "decimals whose scale is negative or beyond their digits");
  (void)snprintf(t->format, sizeof t->format, "d:%lld,%lld,%lld", precision, scale, bits);
  if (bits == 128) *strrchr(t->format, ',') = 0;
  f->kind = RS_IPC_FIXED;
  f->width = bits / 8;
  return RS_OK;
}

static enum rs_code time_type(struct parse *p, size_t type, struct rs_ipc_field *f, struct type *t)
{
  static const char *const formats[] = {"tts", "ttm", "ttu", "ttn"};
  static const int64_t days[] = {86400, 86400000, 86400000000, 86400000000000};
  int64_t unit = rs_flat_int(p->f, type, 0, 2, 1), bits = rs_flat_int(p->f, type, 1, 4, 32);
  if (unit < 0 || unit > 3 || bits != (unit < 2 ? 32 : 64))
    return unsupported(p, f->name, "times of an odd unit");
  f->day = days[unit];
  return set(f, t, formats[unit], RS_IPC_TIME, bits / 8);
}

static enum rs_code timestamp_type(struct parse *p, size_t type, struct rs_ipc_field *f,
                                   struct type *t)
{
  int64_t unit = rs_flat_int(p->f, type, 0, 2, 0);
  if (unit < 0 || unit > 3) return unsupported(p, f->name, "timestamps of an odd unit");
  char *zone = flat_text(p->f, type, 1);
  if (zone == NULL) return rs_nomem(p->e);
  bool fits = strlen(zone) < 100;
  (void)snprintf(t->format, sizeof t->format, "ts%c:%s", "smun"[unit], fits ? zone : "");
  rs_free(zone);
  f->kind = RS_IPC_FIXED;
  f->width = 8;
  return fits ? RS_OK : unsupported(p, f->name, "timestamps with such a zone");
}

static enum rs_code sized_type(struct parse *p, size_t type, struct rs_ipc_field *f, struct type *t,
                               const char *format, enum rs_ipc_kind kind)
{
  int64_t size = rs_flat_int(p->f, type, 0, 4, 0);
  if (size < 1 || size > 1 << 20) return unsupported(p, f->name, "values of an odd size");
  (void)snprintf(t->format, sizeof t->format, "%s%lld", format, (long long)size);
  f->kind = kind;
  f->width = size;
  return RS_OK;
}

static enum rs_code unit_type(struct parse *p, size_t type, struct rs_ipc_field *f, struct type *t,
                              int64_t unit)
{
  static const char *const intervals[] = {"tiM", "tiD", "tin"};
  static const char *const durations[] = {"tDs", "tDm", "tDu", "tDn"};
  (void)type;
  if (unit >= 0 && unit < 3) return set(f, t, intervals[unit], RS_IPC_FIXED, 4 << unit);
  if (unit >= 100 && unit < 104) return set(f, t, durations[unit - 100], RS_IPC_FIXED, 8);
  return unsupported(p, f->name, "intervals of an odd unit");
}

static enum rs_code read_type(struct parse *p, size_t field, struct rs_ipc_field *f, struct type *t)
{
  struct rs_flat *b = p->f;
  size_t type = rs_flat_ref(b, field, 3);
  switch (rs_flat_int(b, field, 2, 1, 0)) {
    case 1: return set(f, t, "n", RS_IPC_NULL, 0);
    case 2: return int_type(p, type, f, t);
    case 3: {
      int64_t precision = rs_flat_int(b, type, 0, 2, 0);
      if (precision != 1 && precision != 2) return unsupported(p, f->name, "half floats");
      return set(f, t, precision == 1 ? "f" : "g", RS_IPC_FIXED, precision * 4);
    }
    case 4: return set(f, t, "z", RS_IPC_BYTES, 4);
    case 5: return set(f, t, "u", RS_IPC_TEXT, 4);
    case 6: return set(f, t, "b", RS_IPC_BITS, 0);
    case 7: return decimal_type(p, type, f, t);
    case 8: {
      bool days = rs_flat_int(b, type, 0, 2, 1) == 0;
      return set(f, t, days ? "tdD" : "tdm", RS_IPC_FIXED, days ? 4 : 8);
    }
    case 9: return time_type(p, type, f, t);
    case 10: return timestamp_type(p, type, f, t);
    case 11: return unit_type(p, type, f, t, rs_flat_int(b, type, 0, 2, 0));
    case 12: return set(f, t, "+l", RS_IPC_LIST, 4);
    case 13: return set(f, t, "+s", RS_IPC_STRUCT, 0);
    case 15: return sized_type(p, type, f, t, "w:", RS_IPC_FIXED);
    case 16: return sized_type(p, type, f, t, "+w:", RS_IPC_FIXED_LIST);
    case 17: return set(f, t, "+m", RS_IPC_LIST, 4);
    case 18: return unit_type(p, type, f, t, 100 + rs_flat_int(b, type, 0, 2, 1));
    case 19: return set(f, t, "Z", RS_IPC_BYTES, 8);
    case 20: return set(f, t, "U", RS_IPC_TEXT, 8);
    case 21: return set(f, t, "+L", RS_IPC_LIST, 8);
    case 23: return set(f, t, "vz", RS_IPC_BYTE_VIEWS, 16);
    case 24: return set(f, t, "vu", RS_IPC_TEXT_VIEWS, 16);
    case 14: return unsupported(p, f->name, "unions");
    case 22: return unsupported(p, f->name, "run-end encoded values");
    case 25:
    case 26: return unsupported(p, f->name, "list views");
    default: return unsupported(p, f->name, "one of a later version of Arrow");
  }
}

/* ---- fields ---------------------------------------------------------------------------------- */

void rs_ipc_field_free(struct rs_ipc_field *f)
{
  for (size_t i = 0; i < f->nchildren; i++) rs_ipc_field_free(&f->children[i]);
  if (f->values != NULL) rs_ipc_field_free(f->values);
  rs_free(f->children);
  rs_free(f->values);
  *f = (struct rs_ipc_field){.nchildren = 0};
}

static void release_schema(struct ArrowSchema *s)
{
  for (int64_t i = 0; i < s->n_children; i++) {
    if (s->children[i] != NULL && s->children[i]->release != NULL)
      s->children[i]->release(s->children[i]);
    rs_free(s->children[i]);
  }
  if (s->dictionary != NULL && s->dictionary->release != NULL)
    s->dictionary->release(s->dictionary);
  rs_free(s->dictionary);
  rs_free(s->children);
  rs_free((void *)(uintptr_t)s->format);
  rs_free((void *)(uintptr_t)s->name);
  rs_free((void *)(uintptr_t)s->metadata);
  *s = (struct ArrowSchema){.release = NULL};
}

/* Of the extensions only those that say more and fit the type: nothing else is checked of them. */
static enum rs_code read_extension(struct parse *p, size_t field, struct ArrowSchema *s)
{
  static const char key[] = "ARROW:extension:name";
  size_t n, at = rs_flat_vector(p->f, field, 6, 4, &n);
  for (size_t i = 0; i < n && !p->f->bad; i++) {
    size_t pair = rs_flat_element(p->f, at, i);
    char *name = flat_text(p->f, pair, 0), *value = flat_text(p->f, pair, 1);
    bool fits = rs_eq(name, key) &&
                ((rs_eq(value, "arrow.json") && strchr("uU", s->format[0]) != NULL) ||
                 (rs_eq(value, "arrow.uuid") && rs_eq(s->format, "w:16")));
    bool nomem = name == NULL || value == NULL;
    if (fits && s->metadata == NULL) {
      const int32_t pairs = 1, nkey = sizeof key - 1, nvalue = (int32_t)strlen(value);
      char *m = rs_malloc(12 + sizeof key - 1 + strlen(value));
      nomem = m == NULL;
      if (m != NULL) {
        memcpy(m, &pairs, 4);
        memcpy(m + 4, &nkey, 4);
        memcpy(m + 8, key, sizeof key - 1);
        memcpy(m + 8 + nkey, &nvalue, 4);
        memcpy(m + 12 + nkey, value, strlen(value));
        s->metadata = m;
      }
    }
    rs_free(name);
    rs_free(value);
    if (nomem) return rs_nomem(p->e);
  }
  return RS_OK;
}

static enum rs_code check_children(struct parse *p, const struct rs_ipc_field *f,
                                   const struct ArrowSchema *s)
{
  bool one = f->kind == RS_IPC_LIST || f->kind == RS_IPC_FIXED_LIST;
  bool some = f->kind == RS_IPC_STRUCT;
  bool right = one ? f->nchildren == 1 : some ? f->nchildren > 0 : f->nchildren == 0;
  if (right && rs_eq(s->format, "+m"))
    right = f->children[0].kind == RS_IPC_STRUCT && f->children[0].nchildren == 2 &&
            f->children[0].values == NULL;
  return right ? RS_OK : rs_ipc_damaged(p->e, f->name, "its type has odd children");
}

static enum rs_code read_field(struct parse *p, size_t field, int depth, struct rs_ipc_field *f,
                               struct ArrowSchema *s);

static enum rs_code read_children(struct parse *p, size_t vector, size_t n, int depth,
                                  struct rs_ipc_field *f, struct ArrowSchema *s)
{
  if (n > FIELDS_MAX) return rs_fail(p->e, RS_LIMIT, "it has more than %d columns", FIELDS_MAX);
  f->children = rs_calloc(n + 1, sizeof f->children[0]);
  s->children = rs_calloc(n + 1, sizeof s->children[0]);
  if (f->children == NULL || s->children == NULL) return rs_nomem(p->e);
  for (size_t i = 0; i < n; i++) {
    s->children[i] = rs_calloc(1, sizeof *s->children[i]);
    if (s->children[i] == NULL) return rs_nomem(p->e);
    s->n_children++;
    f->nchildren++;
    size_t child = rs_flat_element(p->f, vector, i);
    enum rs_code rc = read_field(p, child, depth + 1, &f->children[i], s->children[i]);
    if (rc != RS_OK) return rc;
  }
  return RS_OK;
}

/* The column holds indices; what it had so far are the dictionary's values. */
static enum rs_code read_dictionary(struct parse *p, size_t encoding, struct rs_ipc_field *f,
                                    struct ArrowSchema *s, struct type *t)
{
  size_t index = rs_flat_ref(p->f, encoding, 1);
  f->values = rs_malloc(sizeof *f->values);
  s->dictionary = rs_calloc(1, sizeof *s->dictionary);
  if (f->values == NULL || s->dictionary == NULL) {
    rs_free(f->values);
    f->values = NULL;
    return rs_nomem(p->e);
  }
  *f->values = *f;
  f->values->values = NULL;
  *f = (struct rs_ipc_field){.name = f->name, .values = f->values};
  *s->dictionary = *s;
  s->dictionary->dictionary = NULL;
  *s = (struct ArrowSchema){.name = rs_strdup(s->name),
                            .flags = s->flags,
                            .dictionary = s->dictionary,
                            .release = release_schema};
  f->dictionary = rs_flat_int(p->f, encoding, 0, 8, 0);
  enum rs_code rc = RS_OK;
  if (index == 0) { // 32 bits by default
    f->is_signed = true;
    rc = set(f, t, "i", RS_IPC_FIXED, 4);
  } else {
    rc = int_type(p, index, f, t);
  }
  s->format = rs_strdup(t->format);
  if (rc == RS_OK && (s->format == NULL || s->name == NULL)) rc = rs_nomem(p->e);
  f->name = s->name;
  return rc;
}

static enum rs_code read_field(struct parse *p, size_t field, int depth, struct rs_ipc_field *f,
                               struct ArrowSchema *s)
{
  struct type t = {""};
  size_t n;
  s->release = release_schema;
  if (++p->fields > FIELDS_MAX || depth > DEPTH_MAX)
    return rs_fail(p->e, RS_LIMIT, "its columns are more than %d, or nested deeper than %d",
                   FIELDS_MAX, DEPTH_MAX);
  char *name = flat_text(p->f, field, 0);
  f->name = s->name = name;
  if (name == NULL) return rs_nomem(p->e);
  s->flags = RS_ARROW_FLAG_NULLABLE;
  enum rs_code rc = read_type(p, field, f, &t);
  if (rc == RS_OK && (s->format = rs_strdup(t.format)) == NULL) rc = rs_nomem(p->e);
  size_t children = rs_flat_vector(p->f, field, 5, 4, &n);
  if (rc == RS_OK) rc = read_children(p, children, n, depth, f, s);
  if (rc == RS_OK) rc = check_children(p, f, s);
  if (rc == RS_OK) rc = read_extension(p, field, s);
  size_t encoding = rs_flat_ref(p->f, field, 4);
  if (rc == RS_OK && encoding != 0) rc = read_dictionary(p, encoding, f, s, &t);
  if (rc == RS_OK && p->f->bad) rc = rs_ipc_damaged(p->e, NULL, "its schema");
  return rc;
}

enum rs_code rs_ipc_schema(struct rs_flat *flat, size_t table, struct rs_ipc_field *root,
                           struct ArrowSchema *schema, struct rs_error *e)
{
  struct parse p = {.f = flat, .e = e};
  size_t n;
  *root = (struct rs_ipc_field){.kind = RS_IPC_STRUCT, .name = ""};
  *schema = (struct ArrowSchema){.format = rs_strdup("+s"), .name = rs_strdup("")};
  schema->release = release_schema;
  size_t fields = rs_flat_vector(flat, table, 1, 4, &n);
  enum rs_code rc = schema->format != NULL && schema->name != NULL ? RS_OK : rs_nomem(e);
  if (rc == RS_OK && rs_flat_int(flat, table, 0, 2, 0) != 0)
    rc = rs_fail(e, RS_UNSUPPORTED, "its numbers are big-endian");
  if (rc == RS_OK && n == 0) rc = rs_fail(e, RS_INVALID, "it has no columns");
  if (rc == RS_OK && !flat->bad) rc = read_children(&p, fields, n, 0, root, schema);
  if (rc == RS_OK && flat->bad) rc = rs_ipc_damaged(e, NULL, "its schema");
  if (rc != RS_OK) {
    schema->release(schema);
    rs_ipc_field_free(root);
  }
  return rc;
}
