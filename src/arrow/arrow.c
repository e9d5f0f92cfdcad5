/*
** Arrow schemas: resolves formats and extension names into decoders, our types and readable native
** names; and points views at the arrays of a batch.
*/
#include "arrow.h"
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

enum { MAX_DEPTH = 64 };

/* ---- metadata -------------------------------------------------------------------------------- */

struct text {
  const char *p;
  size_t n;
};

/* The value of the first pair of a schema's metadata whose key ends in `end`; none: p is NULL. */
static struct text metadata_find(const char *m, const char *end)
{
  const size_t n = strlen(end);
  struct text pair[2]; /* key, value */
  int32_t left = 0, len;
  if (m) memcpy(&left, m, 4);
  if (m) m += 4;
  while (left-- > 0) {
    for (int i = 0; i < 2; i++) {
      memcpy(&len, m, 4);
      pair[i] = (struct text){m + 4, (size_t)len};
      m += 4 + len;
    }
    if (pair[0].n >= n && memcmp(pair[0].p + pair[0].n - n, end, n) == 0) return pair[1];
  }
  return (struct text){NULL, 0};
}

/* What a driver calls the type: `POSTGRESQL:type`, `SNOWFLAKE:type` ... */
static struct text vendor_type(const char *m)
{
  return metadata_find(m, ":type");
}

/* The type_name of arrow.opaque's metadata: {"type_name":"hugeint",...}; "" when there is none. */
static void opaque_name(struct text meta, char out[32])
{
  static const char key[] = "\"type_name\":";
  out[0] = 0;
  for (size_t i = 0; i + sizeof key - 1 < meta.n; i++) {
    if (memcmp(meta.p + i, key, sizeof key - 1) != 0) continue;
    size_t n = 0;
    for (i += sizeof key - 1; i < meta.n && meta.p[i] == ' '; i++) continue;
    for (i++; i < meta.n && meta.p[i] != '"' && n < 31; i++) out[n++] = meta.p[i];
    out[n] = 0;
    return;
  }
}

/* The extension of a schema: "json", "uuid", "bool8", an opaque type's name, or "". */
static void extension(const struct ArrowSchema *s, char out[32])
{
  struct text name = metadata_find(s->metadata, "ARROW:extension:name");
  out[0] = 0;
  if (!name.p) return;
  if (rs_eqn("arrow.opaque", name.p, name.n)) {
    opaque_name(metadata_find(s->metadata, "ARROW:extension:metadata"), out);
    return;
  }
  if (name.n > 6 && memcmp(name.p, "arrow.", 6) == 0 && name.n - 6 < 32) {
    memcpy(out, name.p + 6, name.n - 6);
    out[name.n - 6] = 0;
  }
}

/* ---- native names ---------------------------------------------------------------------------- */

static const struct {
  const char *format, *name;
} natives[] = {
  {"n", "NULL"},           {"b", "BOOLEAN"},
  {"c", "TINYINT"},        {"C", "UTINYINT"},
  {"s", "SMALLINT"},       {"S", "USMALLINT"},
  {"i", "INTEGER"},        {"I", "UINTEGER"},
  {"l", "BIGINT"},         {"L", "UBIGINT"},
  {"f", "FLOAT"},          {"g", "DOUBLE"},
  {"u", "VARCHAR"},        {"U", "VARCHAR"},
  {"vu", "VARCHAR"},       {"z", "BLOB"},
  {"Z", "BLOB"},           {"vz", "BLOB"},
  {"tdD", "DATE"},         {"tdm", "DATE"},
  {"tts", "TIME"},         {"ttm", "TIME"},
  {"ttu", "TIME"},         {"ttn", "TIME_NS"},
  {"tss:", "TIMESTAMP_S"}, {"tsm:", "TIMESTAMP_MS"},
  {"tsu:", "TIMESTAMP"},   {"tsn:", "TIMESTAMP_NS"},
  {"tiM", "INTERVAL"},     {"tiD", "INTERVAL"},
  {"tin", "INTERVAL"},     {"d:38,0", "HUGEINT"},
};
static const struct {
  const char *extension, *name;
} extensions[] = {
  {"json", "JSON"},         {"uuid", "UUID"},
  {"bool8", "BOOLEAN"},     {"hugeint", "HUGEINT"},
  {"uhugeint", "UHUGEINT"}, {"bignum", "BIGNUM"},
  {"bit", "BIT"},           {"time_tz", "TIME WITH TIME ZONE"},
};

static void native_name(const struct ArrowSchema *s, struct rs_buf *b, int depth);

/* A field's name, quoted only where DuckDB would have to. */
static void native_field(const char *name, struct rs_buf *b)
{
  bool plain = *name && !(*name >= '0' && *name <= '9');
  for (const char *p = name; *p; p++)
    if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_')) plain = false;
  if (plain) {
    rs_buf_str(b, name);
    return;
  }
  rs_buf_char(b, '"');
  for (const char *p = name; *p; p++) {
    if (*p == '"') rs_buf_char(b, '"');
    rs_buf_char(b, *p);
  }
  rs_buf_char(b, '"');
}

static void native_fields(const struct ArrowSchema *s, const char *word, struct rs_buf *b,
                          int depth)
{
  rs_buf_str(b, word);
  for (int64_t i = 0; i < s->n_children; i++) {
    rs_buf_str(b, i ? ", " : "(");
    if (s->children[i]->name) native_field(s->children[i]->name, b);
    rs_buf_char(b, ' ');
    native_name(s->children[i], b, depth + 1);
  }
  rs_buf_char(b, ')');
}

static void native_nested(const struct ArrowSchema *s, struct rs_buf *b, int depth)
{
  const char *f = s->format;
  if (f[1] == 's') {
    native_fields(s, "STRUCT", b, depth);
  } else if (f[1] == 'u') {
    native_fields(s, "UNION", b, depth);
  } else if (f[1] == 'm' && s->n_children == 1 && s->children[0]->n_children == 2) {
    rs_buf_str(b, "MAP(");
    native_name(s->children[0]->children[0], b, depth + 1);
    rs_buf_str(b, ", ");
    native_name(s->children[0]->children[1], b, depth + 1);
    rs_buf_char(b, ')');
  } else if (s->n_children == 1) {
    native_name(s->children[0], b, depth + 1);
    if (f[1] == 'w') rs_buf_printf(b, "[%s]", f + 3);
    else rs_buf_str(b, "[]");
  } else {
    rs_buf_str(b, f);
  }
}

static void native_name(const struct ArrowSchema *s, struct rs_buf *b, int depth)
{
  char ext[32];
  const char *f = s->format;
  if (depth > MAX_DEPTH) return;
  struct text vendor = vendor_type(s->metadata);
  if (vendor.p) {
    rs_buf_add(b, vendor.p, vendor.n);
    return;
  }
  extension(s, ext);
  for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
    if (rs_eq(ext, extensions[i].extension)) {
      rs_buf_str(b, extensions[i].name);
      return;
    }
  if (s->dictionary) {
    rs_buf_str(b, "ENUM");
    return;
  }
  for (size_t i = 0; i < sizeof natives / sizeof *natives; i++)
    if (rs_eq(f, natives[i].format)) {
      rs_buf_str(b, natives[i].name);
      return;
    }
  if (f[0] == '+') {
    native_nested(s, b, depth);
  } else if (f[0] == 'd') {
    // d:width,scale[,bits]
    const char *comma = strchr(f, ',');
    const char *end = comma ? strchr(comma + 1, ',') : NULL;
    rs_buf_str(b, "DECIMAL(");
    rs_buf_add(b, f + 2, end ? (size_t)(end - f - 2) : strlen(f + 2));
    rs_buf_char(b, ')');
  } else if (f[0] == 't' && f[1] == 's') {
    rs_buf_str(b, "TIMESTAMP WITH TIME ZONE");
  } else if (f[0] == 't' && f[1] == 'D') {
    rs_buf_str(b, "INTERVAL");
  } else if (f[0] == 'w') {
    rs_buf_str(b, "BLOB");
  } else {
    rs_buf_str(b, f);
  }
}

/* ---- resolving ------------------------------------------------------------------------------- */

static void type_free(struct rs_arrow_type *t)
{
  for (size_t i = 0; i < t->nchildren; i++) {
    if (t->children) type_free(&t->children[i]);
    if (t->names) rs_free(t->names[i]);
  }
  if (t->dictionary) type_free(t->dictionary);
  rs_free(t->children);
  rs_free(t->dictionary);
  rs_free(t->names);
  rs_free(t->ids);
  memset(t, 0, sizeof *t);
}

static enum rs_code type_init(struct rs_arrow_type *t, const struct ArrowSchema *s, int depth,
                              struct rs_error *e);

static enum rs_code children_init(struct rs_arrow_type *t, const struct ArrowSchema *s, int depth,
                                  struct rs_error *e)
{
  size_t n = (size_t)s->n_children;
  t->children = rs_calloc(n ? n : 1, sizeof *t->children);
  t->names = rs_calloc(n ? n : 1, sizeof *t->names);
  if (!t->children || !t->names) return rs_nomem(e);
  t->nchildren = n;
  for (size_t i = 0; i < n; i++) {
    const char *name = s->children[i]->name;
    t->names[i] = rs_strdup(name ? name : "");
    if (!t->names[i]) return rs_nomem(e);
    enum rs_code rc = type_init(&t->children[i], s->children[i], depth + 1, e);
    if (rc) return rc;
  }
  return RS_OK;
}

/* "+us:0,1,5": which child has which type id; a union of scalars only is MIXED. */
static enum rs_code union_init(struct rs_arrow_type *t, const char *format, struct rs_error *e)
{
  t->ids = rs_malloc(128);
  if (!t->ids) return rs_nomem(e);
  memset(t->ids, -1, 128);
  const char *p = format + 4;
  for (size_t i = 0; i < t->nchildren && *p; i++) {
    char *end;
    long id = strtol(p, &end, 10);
    if (id < 0 || id > 127)
      return rs_fail(e, RS_UNSUPPORTED, "Arrow union '%s' has a bad type id", format);
    t->ids[id] = (signed char)i;
    p = *end == ',' ? end + 1 : end;
  }
  t->type = RS_T_MIXED;
  for (size_t i = 0; i < t->nchildren; i++)
    if (t->children[i].type == RS_T_JSON) t->type = RS_T_JSON;
  return RS_OK;
}

static enum rs_code type_init(struct rs_arrow_type *t, const struct ArrowSchema *s, int depth,
                              struct rs_error *e)
{
  char ext[32];
  if (depth > MAX_DEPTH)
    return rs_fail(e, RS_LIMIT, "a type is nested deeper than %d levels", MAX_DEPTH);
  extension(s, ext);
  t->has_validity = true;
  t->data_buffer = 1;
  t->get = rs_arrow_decoder(s->format, ext, t);
  if (!t->get) return rs_fail(e, RS_UNSUPPORTED, "Arrow type '%s' is not supported", s->format);
  enum rs_code rc = children_init(t, s, depth, e);
  if (!rc && s->format[0] == '+' && s->format[1] == 'u') rc = union_init(t, s->format, e);
  if (!rc && s->dictionary) {
    t->dictionary = rs_calloc(1, sizeof *t->dictionary);
    rc = t->dictionary ? type_init(t->dictionary, s->dictionary, depth + 1, e) : rs_nomem(e);
    if (!rc) {
      // The column's own format is that of the index
      t->get = rs_arrow_decoder("dictionary", ext, t);
      if (!t->get)
        return rs_fail(e, RS_UNSUPPORTED, "a dictionary of nested values is not supported");
      t->type = t->dictionary->type == RS_T_TEXT ? RS_T_ENUM : t->dictionary->type;
      t->ext = t->dictionary->ext;
    }
  }
  return rc;
}

enum rs_code rs_arrow_schema_init(struct rs_arrow_schema *s, const struct ArrowSchema *schema,
                                  struct rs_columns *columns, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  struct rs_arrow_type *root = &s->root;
  size_t n = (size_t)schema->n_children;
  memset(s, 0, sizeof *s);
  if (!rs_eq(schema->format, "+s"))
    return rs_fail(e, RS_UNSUPPORTED, "the driver's result is not a table");
  root->children = rs_calloc(n ? n : 1, sizeof *root->children);
  if (!root->children) return rs_nomem(e);
  root->nchildren = n;
  for (size_t i = 0; i < n && !rc; i++) {
    const struct ArrowSchema *c = schema->children[i];
    const char *name = c->name ? c->name : "";
    rc = type_init(&root->children[i], c, 0, e);
    if (rc && rc != RS_NOMEM) rs_error_prefix(e, "column %s", name);
    if (!rc && columns) {
      struct rs_buf b;
      rs_buf_init(&b, (size_t)1 << 20);
      native_name(c, &b, 0);
      // A type name beyond the limit is cut, not an error: it is for people
      if (b.rc == RS_LIMIT) b.rc = RS_OK;
      rc = rs_buf_error(&b, e, "type name");
      if (!rc)
        rc = rs_columns_add(columns, name, strlen(name), rs_buf_text(&b), root->children[i].type,
                            e);
      rs_buf_free(&b);
    }
  }
  if (rc) rs_arrow_schema_free(s);
  return rc;
}

void rs_arrow_schema_free(struct rs_arrow_schema *s)
{
  type_free(&s->root);
}

/* ---- views ----------------------------------------------------------------------------------- */

void rs_arrow_view_init(struct rs_arrow_view *v, const struct rs_arrow_type *type,
                        const struct ArrowArray *array, int64_t base)
{
  int64_t first = array->offset + base;
  v->get = type->get;
  v->type = type;
  v->array = array;
  v->offset = first;
  v->valid = type->has_validity && array->null_count != 0 && array->n_buffers > 0
               ? array->buffers[0]
               : NULL;
  v->data = v->heap = NULL;
  if (type->data_buffer >= 0 && type->data_buffer < array->n_buffers) {
    const char *p = array->buffers[type->data_buffer];
    v->data = p && !type->bits ? p + first * type->width : p;
    if (array->n_buffers > type->data_buffer + 1) v->heap = array->buffers[type->data_buffer + 1];
    if (!v->heap) v->heap = "";
  }
}

void rs_arrow_batch_open(const struct rs_arrow_schema *s, const struct ArrowArray *array,
                         struct rs_arrow_view *views)
{
  for (size_t i = 0; i < s->root.nchildren; i++)
    rs_arrow_view_init(&views[i], &s->root.children[i], array->children[i], array->offset);
}

static int64_t type_bytes(const struct rs_arrow_type *t, const struct ArrowArray *a, int64_t rows)
{
  int64_t n = 0;
  if (t->data_buffer >= 0 && t->data_buffer < a->n_buffers) {
    n += t->bits ? (rows + 7) / 8 : rows * t->width;
    const char *p = a->buffers[t->data_buffer];
    // Variable-size text and bytes: a third buffer, and 4- or 8-byte offsets
    if (p && a->n_buffers == 3 && t->nchildren == 0 && (t->width == 4 || t->width == 8)) {
      if (t->width == 4) {
        const int32_t *o = (const int32_t *)(const void *)p + a->offset;
        n += o[rows] - o[0];
      } else {
        const int64_t *o = (const int64_t *)(const void *)p + a->offset;
        n += o[rows] - o[0];
      }
    }
  }
  for (size_t i = 0; i < t->nchildren; i++)
    n += type_bytes(&t->children[i], a->children[i], a->children[i]->length);
  return n;
}

int64_t rs_arrow_batch_bytes(const struct rs_arrow_schema *s, const struct ArrowArray *array)
{
  int64_t n = 0;
  for (size_t i = 0; i < s->root.nchildren; i++)
    n += type_bytes(&s->root.children[i], array->children[i], array->children[i]->length);
  return n;
}
