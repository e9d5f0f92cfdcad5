/*
** Columns and rows: which members of a row are kept, and the slicing of one row into cells (see
** internal.h). Keys are recognized by prediction: comparing with the one that followed last
** time is cheaper than reading the key.
*/
#include <float.h>
#include <string.h>
#include "src/base/text.h"
#include "src/base/mem.h"
#include "internal.h"

#define ROW_DEPTH 2      /* a row lies inside the envelope and the array of rows */
#define KEYS_MAX 8192    /* spellings that are remembered */
#define COLUMNS_MAX 8192 /* columns that keys may make, and bytes of their names */
#define NAMES_MAX ((size_t)1 << 20)
#define DIGITS_MAX 18                /* that never wrap, and powers of ten that are exact */
#define EXACT (FLT_EVAL_METHOD == 0) /* one division rounds once */

/* ---- columns --------------------------------------------------------------------------------- */

void rs_json_names_release(struct rs_json_names *names)
{
  if (names != NULL && atomic_fetch_sub(&names->refs, 1) == 1) rs_free(names);
}

void rs_json_columns_free(struct rs_json_rows *r)
{
  rs_map_free(&r->columns.index);
  rs_free(r->columns.at);
  rs_free(r->columns.decimal);
  rs_json_names_release(r->columns.names);
  rs_map_free(&r->keys);
  for (struct rs_json_key *k = r->all_keys, *next; k != NULL; k = next) {
    next = k->all;
    rs_free(k);
  }
}

/* A new column for the key. Its index is never 0 in the map, where NULL means absent. */
static enum rs_code add_column(struct rs_json_rows *r, const char *name, size_t n,
                               struct rs_error *e)
{
  if (!rs_map_putn(&r->columns.index, name, n, (void *)(uintptr_t)(r->columns.n + 1)))
    return rs_nomem(e);
  r->columns.n++;
  return RS_OK;
}

static enum rs_code may_choose(struct rs_json_rows *r, struct rs_error *e)
{
  if (!r->started && !r->columns.fixed) return RS_OK;
  return rs_fail(e, RS_INVALID, "%s: columns are chosen once, before the first row is read",
                 r->what);
}

enum rs_code rs_json_rows_project(struct rs_json_rows *r, const char *const *names, size_t n,
                                  struct rs_error *e)
{
  enum rs_code rc = may_choose(r, e);
  if (rc != RS_OK) return rc;
  if (r->options.shape != RS_JSON_OBJECTS)
    return rs_fail(e, RS_INVALID, "%s: rows that are arrays have no names to choose by", r->what);
  r->columns.fixed = true;
  for (size_t i = 0; i < n; i++) {
    if (rs_map_get(&r->columns.index, names[i]) != NULL)
      return rs_fail(e, RS_INVALID, "%s: column %s chosen twice", r->what, names[i]);
    rc = add_column(r, names[i], strlen(names[i]), e);
    if (rc != RS_OK) return rc;
  }
  return RS_OK;
}

enum rs_code rs_json_rows_decimal(struct rs_json_rows *r, size_t i, struct rs_error *e)
{
  if (!r->columns.fixed || i >= r->columns.n || r->handed)
    return rs_fail(e, RS_INVALID, "%s: no column %zu to keep the digits of", r->what, i);
  if (r->columns.decimal == NULL) {
    r->columns.decimal = rs_calloc(r->columns.n, sizeof *r->columns.decimal);
    if (r->columns.decimal == NULL) return rs_nomem(e);
  }
  r->columns.decimal[i] = true;
  return RS_OK;
}

enum rs_code rs_json_rows_pick(struct rs_json_rows *r, const size_t *positions, size_t n,
                               size_t width, struct rs_error *e)
{
  enum rs_code rc = may_choose(r, e);
  if (rc != RS_OK) return rc;
  if (r->options.shape != RS_JSON_ARRAYS)
    return rs_fail(e, RS_INVALID, "%s: rows that are objects have no positions", r->what);
  size_t nat = 0; // one more than the last position
  for (size_t i = 0; i < n; i++) {
    size_t at = positions != NULL ? positions[i] : i;
    if (at >= RS_JSON_ITEM_MAX || (width > 0 && at >= width))
      return rs_fail(e, RS_INVALID, "%s: no element %zu in a row of %zu", r->what, at, width);
    if (at >= nat) nat = at + 1;
  }
  ptrdiff_t *map = rs_malloc((nat + 1) * sizeof *map);
  if (map == NULL) return rs_nomem(e);
  for (size_t i = 0; i < nat; i++) map[i] = -1;
  for (size_t i = 0; i < n; i++) {
    size_t at = positions != NULL ? positions[i] : i;
    if (map[at] >= 0) {
      rs_free(map);
      return rs_fail(e, RS_INVALID, "%s: element %zu chosen twice", r->what, at);
    }
    map[at] = (ptrdiff_t)i;
  }
  r->columns.at = map;
  r->columns.nat = nat;
  r->columns.n = n;
  r->columns.width = width;
  r->columns.fixed = true;
  return RS_OK;
}

enum rs_code rs_json_columns_names(struct rs_json_rows *r, struct rs_json_names **names,
                                   struct rs_error *e)
{
  struct rs_json_columns *c = &r->columns;
  *names = NULL;
  if (r->options.shape == RS_JSON_ARRAYS) return RS_OK;
  if (c->names == NULL || c->names->n != c->n) {
    size_t bytes = sizeof(struct rs_json_names) + c->n * sizeof(char *);
    for (size_t i = 0; i < c->n; i++) bytes += c->index.v[i].key_len + 1;
    struct rs_json_names *now = rs_malloc(bytes);
    if (now == NULL) return rs_nomem(e);
    atomic_init(&now->refs, 1);
    now->n = c->n;
    char *text = (char *)(now->v + c->n);
    for (size_t i = 0; i < c->n; i++) {
      size_t n = c->index.v[i].key_len;
      now->v[i] = text;
      memcpy(text, c->index.v[i].key, n);
      text[n] = 0;
      text += n + 1;
    }
    rs_json_names_release(c->names);
    c->names = now;
  }
  atomic_fetch_add(&c->names->refs, 1);
  *names = c->names;
  return RS_OK;
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* Room for the cells of row r->nrows, all absent. */
static enum rs_code open_row(struct rs_json_rows *r, struct rs_error *e)
{
  if (r->stride < r->columns.n) { // only while no row has been sliced: add_cells sees to the others
    r->stride = r->columns.n;
  }
  size_t need = (r->nrows + 1) * r->stride;
  if (need > r->ncells) {
    // As many as the batch before had, so that most batches allocate once
    size_t cap = r->ncells == 0 ? r->last_ncells : r->ncells * 2;
    if (cap < need) cap = need;
    struct rs_json_cell *p = rs_realloc(r->cells, cap * sizeof *p);
    if (p == NULL) return rs_nomem(e);
    r->cells = p;
    r->ncells = cap;
  }
  if (r->stride > 0) memset(r->cells + r->nrows * r->stride, 0, r->stride * sizeof *r->cells);
  return RS_OK;
}

/* A column was added in the middle of a row: rows get wider. */
static enum rs_code widen_rows(struct rs_json_rows *r, struct rs_error *e)
{
  if (r->columns.n <= r->stride) return RS_OK;
  size_t stride = r->stride * 2 < 8 ? 8 : r->stride * 2, rows = r->nrows + 1;
  if (stride < r->columns.n) stride = r->columns.n;
  if (r->nrows > 0 && rows * stride > RS_JSON_CELLS_MAX) return RS_BUSY;
  struct rs_json_cell *p = rs_calloc(rows * stride, sizeof *p);
  if (p == NULL) return rs_nomem(e);
  for (size_t i = 0; i < rows && r->stride > 0; i++)
    memcpy(p + i * stride, r->cells + i * r->stride, r->stride * sizeof *p);
  rs_free(r->cells);
  r->cells = p;
  r->ncells = rows * stride;
  r->stride = stride;
  return RS_OK;
}

static enum rs_code new_column(struct rs_json_rows *r, const char *name, size_t n,
                               struct rs_error *e)
{
  if (r->columns.n >= COLUMNS_MAX)
    return rs_fail(e, RS_LIMIT, "%s: more than %d columns: name those to read", r->what,
                   COLUMNS_MAX);
  r->columns.bytes += n;
  if (r->columns.bytes > NAMES_MAX)
    return rs_fail(e, RS_LIMIT,
                   "%s: columns whose names have more than %zu bytes: name those to "
                   "read",
                   r->what, NAMES_MAX);
  if (r->options.shape == RS_JSON_ARRAYS) r->columns.n++;
  else if (add_column(r, name, n, e) != RS_OK) return RS_NOMEM;
  return widen_rows(r, e);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* The column of the decoded key, -1 when it is skipped. */
static enum rs_code column_of(struct rs_json_rows *r, const char *raw, size_t n, ptrdiff_t *col,
                              struct rs_error *e)
{
  rs_buf_clear(&r->name);
  rs_buf_add(&r->name, raw, n);
  if (r->name.rc != RS_OK) return rs_buf_error(&r->name, e, r->what);
  size_t len = rs_json_unescape(r->name.p, r->name.n, r->name.p);
  struct rs_map_entry *found = rs_map_find(&r->columns.index, r->name.p, len);
  if (found == NULL) {
    *col = -1;
    if (r->columns.fixed) return RS_OK;
    *col = (ptrdiff_t)r->columns.n;
    return new_column(r, r->name.p, len, e);
  }
  *col = (ptrdiff_t)((uintptr_t)found->value - 1);
  return RS_OK;
}

/* Remembers a spelling, unless it is long or there are too many: *pk is NULL then. */
static enum rs_code remember_key(struct rs_json_rows *r, const char *raw, size_t n, ptrdiff_t col,
                                 struct rs_json_key **pk, struct rs_error *e)
{
  struct rs_json_key *k;
  *pk = NULL;
  if (n > sizeof k->text || r->keys.n >= KEYS_MAX) return RS_OK;
  k = rs_calloc(1, sizeof *k);
  if (k == NULL) return rs_nomem(e);
  memcpy(k->text, raw, n);
  k->n = n;
  k->col = col;
  if (!rs_map_putn(&r->keys, raw, n, k)) {
    rs_free(k);
    return rs_nomem(e);
  }
  k->all = r->all_keys;
  r->all_keys = k;
  *pk = k;
  return RS_OK;
}

/* A key that was not predicted, at p: *key its memory (`prev` where it has none). */
static enum rs_code other_key(struct rs_json_rows *r, const char **p, struct rs_json_key *prev,
                              struct rs_json_key **key, ptrdiff_t *col, struct rs_error *e)
{
  const char *raw = *p;
  bool escaped;
  if (*raw != '"') return rs_json_bad(&r->scan, raw, "a member's name"), RS_DONE;
  const char *end = rs_json_string(&r->scan, raw + 1, &escaped);
  if (end == NULL) return RS_DONE;
  size_t n = (size_t)(end - raw);
  *p = end;
  struct rs_map_entry *found = rs_map_find(&r->keys, raw, n);
  struct rs_json_key *k = found != NULL ? found->value : NULL;
  if (k != NULL) {
    *col = k->col;
  } else {
    enum rs_code rc = column_of(r, raw + 1, n - 2, col, e);
    if (rc == RS_OK) rc = remember_key(r, raw, n, *col, &k, e);
    if (rc != RS_OK) return rc;
  }
  if (k != NULL) prev->next = k;
  *key = k != NULL ? k : prev;
  return RS_OK;
}

static inline bool same4(const char *a, const char *b)
{
  uint32_t x, y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  return x == y;
}

/* Whether the text at p is this key. Lengths that vary are slow for memcmp: words are compared, the
** last one again in part. The text is padded. */
static inline bool is_key(const struct rs_json_key *k, const char *p)
{
  size_t n = k->n;
  if (n >= 8) {
    for (size_t i = 0; i + 8 < n; i += 8)
      if (rs_json_load8(k->text + i) != rs_json_load8(p + i)) return false;
    return rs_json_load8(k->text + n - 8) == rs_json_load8(p + n - 8);
  }
  if (n >= 4) return same4(k->text, p) && same4(k->text + n - 4, p + n - 4);
  return k->text[0] == p[0] && k->text[1] == p[1] && (n < 3 || k->text[2] == p[2]);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The value at p into the cell; returns the position behind it. */
static inline const char *slice_value(struct rs_json_rows *r, const char *p,
                                      struct rs_json_cell *cell)
{
  enum rs_json_token kind = RS_JSON_ABSENT;
  struct rs_json_figures f = {0};
  const char *end = rs_json_value(&r->scan, p, ROW_DEPTH + 1, &kind, &f);
  if (end == NULL) return NULL;
  size_t at = (size_t)(p - r->window), n = (size_t)(end - p);
  int64_t digits = (int64_t)(f.negative ? 0 - f.digits : f.digits);
  if (kind == RS_JSON_STRING || kind == RS_JSON_ESCAPED) {
    *cell = rs_json_cell(at + 1, n - 2, kind);
  } else if (kind == RS_JSON_INT && f.n <= DIGITS_MAX && f.digits < RS_JSON_SMALL_MAX) {
    *cell = rs_json_cell_small(digits);
  } else if (EXACT && kind == RS_JSON_NUMBER && f.n <= DIGITS_MAX &&
             f.digits < RS_JSON_DECIMAL_MAX && (digits != 0 || !f.negative)) {
    *cell = rs_json_cell_decimal(digits, f.fraction);
  } else {
    *cell = rs_json_cell(at, n, kind);
  }
  return end;
}

/* What can only be done with the text of a row that won't be read once more: plain texts get their
** NUL in place of the quote, and doubles are read into the room of their digits. */
static void finish_row(struct rs_json_rows *r)
{
  if (r->stride == 0) return; // no column was asked for, and there are no cells
  struct rs_json_cell *c = r->cells + r->nrows * r->stride;
  for (size_t i = 0; i < r->stride; i++) {
    size_t at = rs_json_cell_at(c[i]), n = rs_json_cell_n(c[i]);
    struct rs_value v;
    switch (rs_json_cell_kind(c[i])) {
      case RS_JSON_STRING: r->window[at + n] = 0; break;
      case RS_JSON_NUMBER:
        if (r->columns.decimal != NULL && i < r->columns.n && r->columns.decimal[i]) break;
        if (n < sizeof v.f || !rs_json_number_value(r->window + at, n, &v) || v.kind != RS_FLOAT)
          break; // whoever asks for the value finds out
        memcpy(r->window + at, &v.f, sizeof v.f);
        c[i] = rs_json_cell(at, n, RS_JSON_DOUBLE);
        break;
      default: break;
    }
  }
}

static enum rs_code slice_object(struct rs_json_rows *r, const char *p, const char **end,
                                 struct rs_error *e)
{
  struct rs_json_scan *s = &r->scan;
  struct rs_json_key *key = &r->row_start, *next;
  struct rs_json_cell skipped;
  if (*p != '{') return rs_json_bad(s, p, "a row: an object"), RS_DONE;
  p = rs_json_blank(p + 1);
  if (*p == '}') return *end = p + 1, RS_OK;
  for (;;) {
    ptrdiff_t col = -1;
    if ((next = key->next) != NULL && is_key(next, p)) {
      p += next->n;
      col = next->col;
      key = next;
    } else if (next != NULL && (next = next->next) != NULL && is_key(next, p)) {
      // one that is often there was left out
      p += next->n;
      col = next->col;
      key = next;
    } else {
      enum rs_code rc = other_key(r, &p, key, &key, &col, e);
      if (rc != RS_OK) return rc;
    }
    if (*p != ':') {
      p = rs_json_blank(p);
      if (*p != ':') return rs_json_bad(s, p, "':'"), RS_DONE;
    }
    p = rs_json_blank(p + 1);
    p = slice_value(r, p, col >= 0 ? r->cells + r->nrows * r->stride + col : &skipped);
    if (p == NULL) return RS_DONE;
    p = rs_json_blank(p);
    if (*p == '}') return *end = p + 1, RS_OK;
    if (*p != ',') return rs_json_bad(s, p, "',' or '}'"), RS_DONE;
    p = rs_json_blank(p + 1);
  }
}

static enum rs_code slice_array(struct rs_json_rows *r, const char *p, const char **end,
                                struct rs_error *e)
{
  struct rs_json_scan *s = &r->scan;
  struct rs_json_columns *c = &r->columns;
  struct rs_json_cell skipped;
  size_t n = 0;
  if (*p != '[') return rs_json_bad(s, p, "a row: an array"), RS_DONE;
  p = rs_json_blank(p + 1);
  if (*p == ']') p++;
  else {
    for (;; n++) {
      ptrdiff_t col = c->fixed ? n < c->nat ? c->at[n] : -1 : (ptrdiff_t)n;
      if (!c->fixed && n == c->n) {
        enum rs_code rc = new_column(r, NULL, 0, e);
        if (rc != RS_OK) return rc;
      }
      p = slice_value(r, p, col >= 0 ? r->cells + r->nrows * r->stride + col : &skipped);
      if (p == NULL) return RS_DONE;
      p = rs_json_blank(p);
      if (*p == ']') break;
      if (*p != ',') return rs_json_bad(s, p, "',' or ']'"), RS_DONE;
      p = rs_json_blank(p + 1);
    }
    n++;
    p++;
  }
  *end = p;
  if ((size_t)(p - r->window) - r->at > r->options.max_row)
    return RS_OK; // which is the error instead
  if (c->width > 0 && n != c->width)
    return rs_fail(e, RS_REMOTE, "%s: a row of %zu values at byte %lld, where %zu were expected",
                   r->what, n, (long long)(r->base + (int64_t)r->at), c->width);
  return RS_OK;
}

enum rs_code rs_json_slice_row(struct rs_json_rows *r, const char **end, struct rs_error *e)
{
  enum rs_code rc = open_row(r, e);
  if (rc != RS_OK) return rc;
  const char *p = r->window + r->at;
  rc = r->options.shape == RS_JSON_OBJECTS ? slice_object(r, p, end, e) : slice_array(r, p, end, e);
  if (rc == RS_OK) finish_row(r);
  return rc;
}
