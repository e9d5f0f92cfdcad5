/*
** Changes by key on a SQL engine (writes/writes.h): deletes, then patches, then new rows.
**
** Each part is streamed into a temporary stage without any constraint that has exactly its columns
** (ingestion matches by position, and a primary key would drop repeated rows without a word), the
** count is checked, and one statement takes it from there into the relation, by column name. A row
** that is replaced is deleted and inserted. Before rows are deleted or patched that were met, it is
** checked that each of their keys stands for one row. Into a relation of plain types and without
** keys of its own, new rows go straight; of those whose keys must not exist, the keys are staged
** before.
**
** Temporary stages are the dialect's (its `temp`); UNIONs are DuckDB's alone.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/arena.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/boxed.h"
#include "src/engine/changes.h"
#include "src/engine/documents/documents.h"
#include "src/engine/slots.h"
#include "sql.h"
#include "changes.h"

#define MASKS_MAX 1000 /* statements for patches: one for each set of columns */

/* ---- what there is to do --------------------------------------------------------------------- */

static enum rs_code see_mask(struct apply *x, const bool *mask, struct rs_error *e)
{
  size_t n = x->c->n * sizeof *mask;
  for (size_t i = 0; i < x->nmasks; i++) {
    if (memcmp(x->masks[i], mask, n) == 0) return RS_OK;
  }
  if (x->nmasks == MASKS_MAX) {
    return rs_fail(e, RS_LIMIT,
                   "rows are updated in more than %d different sets of columns: "
                   "COMMIT more often",
                   MASKS_MAX);
  }
  if (!rs_grow(&x->masks, &x->masks_cap, x->nmasks + 1, sizeof *x->masks)) return rs_nomem(e);
  bool *copy = rs_arena_alloc(&x->a, n);
  if (copy == NULL) return rs_nomem(e);
  memcpy(copy, mask, n);
  x->masks[x->nmasks++] = copy;
  return RS_OK;
}

static enum rs_code look(struct apply *x, struct rs_error *e)
{
  struct rs_change change;
  enum rs_code rc;
  x->adds = x->c->fresh > 0 ? x->c->fresh : x->c->adds;
  if (x->adds > 0) return RS_OK;
  x->c->rewind(x->c->ctx);
  while ((rc = x->c->next(x->c->ctx, &change, e)) == RS_OK) {
    switch (change.kind) {
      case RS_CHANGE_ADD: x->adds++; break;
      case RS_CHANGE_REPLACE: x->replaces++; break;
      case RS_CHANGE_DELETE: x->deletes += change.meets != RS_MEETS_NONE; break;
      case RS_CHANGE_PATCH:
        x->patches++;
        rc = see_mask(x, change.mask, e);
        break;
    }
    if (rc != RS_OK) return rc;
    if (change.kind != RS_CHANGE_ADD && change.kind != RS_CHANGE_PATCH)
      x->met += change.meets == RS_MEETS_ONE;
  }
  return rc == RS_DONE ? RS_OK : rc;
}

/* Who names a sidecar writes it himself. */
static bool is_named(const struct rs_changes *c, const char *name)
{
  for (size_t i = 0; i < c->n; i++) {
    if (rs_eq(c->names[i], name)) return true;
  }
  return false;
}

enum rs_code rs_apply_types(struct rs_session *s, struct apply *x, struct rs_error *e)
{
  struct rs_columns columns = {NULL, 0};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT * FROM %r", x->rel);
  enum rs_code rc = rs_sql_columns(s, &b, &columns, e);
  if (rc == RS_OK) rc = rs_sql_natives(s, x->rel, &columns, e);
  if (rc != RS_OK) {
    rs_columns_free(&columns);
    return rc;
  }
  x->natives = rs_arena_calloc(&x->a, (x->c->n + 1) * sizeof *x->natives);
  x->sides = rs_arena_calloc(&x->a, (x->c->n + 1) * sizeof *x->sides);
  if (x->natives == NULL || x->sides == NULL) rc = rs_nomem(e);
  x->ncolumns = columns.n;
  x->in_order = true;
  for (size_t i = 0; i < x->c->n && rc == RS_OK; i++) {
    int at = rs_sql_find_column(s, &columns, x->c->names[i]);
    if (at != (int)i) x->in_order = false;
    if (at < 0) {
      rc = rs_fail(e, RS_INVALID, "column '%s' of %s.%s is gone", x->c->names[i], x->rel->workspace,
                   x->rel->name);
    } else if (columns.v[at].type != x->c->types[i]) {
      rc = rs_fail(e, RS_INVALID, "column '%s' is now %s", x->c->names[i], columns.v[at].native);
    } else {
      x->natives[i] = rs_arena_strdup(&x->a, columns.v[at].native);
      x->sides[i] = rs_arena_printf(&x->a, "%s" RS_BOXED_SIDE, x->c->names[i]);
      if (x->natives[i] == NULL || x->sides[i] == NULL) rc = rs_nomem(e);
      else if (rs_columns_find(&columns, x->sides[i]) < 0 || is_named(x->c, x->sides[i]))
        x->sides[i] = NULL;
    }
  }
  rs_columns_free(&columns);
  return rc;
}

/* ---- stages ---------------------------------------------------------------------------------- */

/* Of the parts: a session's own, and dropped before the next one of that name. */
static const char *const stages[] = {"__rs_keys", "__rs_patch", "__rs_new", "__rs_rows"};
enum part { PART_KEYS, PART_PATCH, PART_NEW, PART_ROWS, PART_APPEND };

/* A stage has the key as "k" (not PART_ROWS), "met" (PART_KEYS: one row must have it), "fresh"
** (PART_ROWS: its key must not exist), and the column i as "c<i>". PART_NEW: the keys that must not
** exist. PART_APPEND has no stage: it is the relation itself. */
struct stage {
  struct apply *x;
  enum part part;
  const bool *mask; /* PART_PATCH */
  const char **names;
  enum rs_type *types;
  size_t n;
  struct rs_value *row;
  struct rs_buf mixed; /* texts of mixed values of the row */
};

static bool has_column(const struct stage *g, size_t i)
{
  return g->part >= PART_ROWS || (g->part == PART_PATCH && g->mask[i]);
}

/* A value of a UNION that has arrays or objects, too, whose stage has JSON. */
static bool is_of_union(const struct apply *x, size_t i, const struct rs_value *v)
{
  return x->c->types[i] == RS_T_JSON && v->kind != RS_JSON && rs_starts(x->natives[i], "UNION(");
}

static enum rs_code fill_row(struct stage *g, const struct rs_change *change, struct rs_error *e)
{
  const struct rs_changes *c = g->x->c;
  size_t n = 0;
  rs_buf_clear(&g->mixed);
  if (g->part == PART_ROWS) {
    g->row[n++] = (struct rs_value){.kind = RS_BOOL, .i = change->kind == RS_CHANGE_ADD};
  } else {
    g->row[n++] = change->key;
  }
  if (g->part == PART_KEYS)
    g->row[n++] = (struct rs_value){.kind = RS_BOOL, .i = change->meets == RS_MEETS_ONE};
  size_t first = n;
  for (size_t i = 0; i < c->n; i++) {
    if (!has_column(g, i)) continue;
    const struct rs_value *v = &change->row[i];
    const bool mixed = c->types[i] == RS_T_MIXED && !g->x->dialect->any_values;
    g->row[n] = *v;
    if (v->kind != RS_NULL && (mixed || is_of_union(g->x, i, v))) {
      g->row[n].kind = RS_TEXT;
      g->row[n].s.n = mixed ? rs_sql_mixed_tag(&g->mixed, v) : rs_sql_mixed_json(&g->mixed, v);
      g->row[n].s.p = NULL; // the buffer may move: set below
    }
    n++;
  }
  enum rs_code rc = rs_buf_error(&g->mixed, e, "a row to be written");
  const char *p = g->mixed.p;
  for (size_t k = first; k < n && rc == RS_OK; k++) {
    if (g->row[k].kind != RS_TEXT || g->row[k].s.p != NULL) continue;
    g->row[k].s.p = p;
    p += g->row[k].s.n;
  }
  return rc;
}

static bool belongs(const struct stage *g, const struct rs_change *change)
{
  switch (change->kind) {
    case RS_CHANGE_ADD: return g->part >= PART_NEW;
    case RS_CHANGE_REPLACE: return g->part != PART_PATCH && g->part != PART_NEW;
    case RS_CHANGE_DELETE: return g->part == PART_KEYS && change->meets != RS_MEETS_NONE;
    case RS_CHANGE_PATCH: break;
  }
  return g->part == PART_PATCH && memcmp(g->mask, change->mask, g->x->c->n * sizeof *g->mask) == 0;
}

static enum rs_code next_row(void *ctx, const struct rs_value **row, struct rs_error *e)
{
  struct stage *g = ctx;
  struct rs_change change;
  enum rs_code rc;
  do rc = g->x->c->next(g->x->c->ctx, &change, e);
  while (rc == RS_OK && !belongs(g, &change));
  *row = g->part == PART_APPEND ? change.row : g->row;
  return rc == RS_OK && g->part != PART_APPEND ? fill_row(g, &change, e) : rc;
}

static enum rs_code stage_columns(struct stage *g, struct rs_error *e)
{
  struct rs_arena *a = &g->x->a;
  const struct rs_changes *c = g->x->c;
  g->names = rs_arena_calloc(a, (c->n + 2) * sizeof *g->names);
  g->types = rs_arena_calloc(a, (c->n + 2) * sizeof *g->types);
  g->row = rs_arena_calloc(a, (c->n + 2) * sizeof *g->row);
  if (g->names == NULL || g->types == NULL || g->row == NULL) return rs_nomem(e);
  g->names[0] = g->part == PART_ROWS ? "fresh" : "k";
  g->types[0] = g->part == PART_ROWS ? RS_T_BOOL : c->types[c->key];
  g->n = 1;
  if (g->part == PART_KEYS) {
    g->names[g->n] = "met";
    g->types[g->n++] = RS_T_BOOL;
  }
  for (size_t i = 0; i < c->n; i++) {
    if (!has_column(g, i)) continue;
    g->names[g->n] = rs_arena_printf(a, "c%zu", i);
    if (g->names[g->n] == NULL) return rs_nomem(e);
    g->types[g->n++] = c->types[i];
  }
  return RS_OK;
}

/* Fills a new stage; *name in the arena, *count rows. */
static enum rs_code fill_stage(struct rs_session *s, struct apply *x, enum part part,
                               const bool *mask, const char **name, int64_t *count,
                               struct rs_error *e)
{
  struct stage g = {.x = x, .part = part, .mask = mask};
  const struct rs_relation stage = {.workspace = NULL, .name = stages[part]};
  rs_buf_init(&g.mixed, RS_BUF_SQL_MAX * 16);
  enum rs_code rc = stage_columns(&g, e);
  if (rc == RS_OK) {
    const struct rs_input input = {
      .names = g.names, .types = g.types, .n = g.n, .next = next_row, .ctx = &g};
    x->c->rewind(x->c->ctx);
    rc = rs_session_ingest_input(s, &stage, &input, count, e);
  }
  rs_buf_free(&g.mixed);
  *name = stage.name;
  return rc;
}

static enum rs_code drop_stage(struct rs_session *s, const char *name, struct rs_error *e)
{
  return rs_sql_run(s, NULL, e, "DROP TABLE %s.%s", s->target->dialect->temp, name);
}

/* ---- values in SQL --------------------------------------------------------------------------- */

/* JSON text as JSON, or as an array. */
static void add_json(struct rs_buf *b, const struct rs_dialect *d, const char *native,
                     const char *from)
{
  const char *at = strstr(d->json_array, "%s");
  size_t n = strlen(native);
  rs_buf_str(b, "CAST(");
  if (n > 2 && rs_eq(native + n - 2, "[]"))
    rs_buf_printf(b, "%.*s%s%s", (int)(at - d->json_array), d->json_array, from, at + 2);
  else rs_buf_str(b, from);
  rs_buf_printf(b, " AS %s)", native);
}

/* JSON text as a value of a column of scalars, arrays and objects. */
static void add_union(struct rs_buf *b, struct apply *x, size_t column, const char *from)
{
  const char *json = rs_arena_printf(&x->a, "CAST(%s AS JSON)", from);
  const char *sql = json != NULL
                      ? rs_doc_union_json_sql(&x->a, json, x->c->names[column], x->natives[column])
                      : NULL;
  if (sql != NULL) rs_buf_str(b, sql);
  else b->rc = RS_NOMEM;
}

/* The stage's value `from` as a value of the column. */
static void add_value(struct rs_buf *b, struct apply *x, size_t column, const char *from)
{
  const char *native = x->natives[column];
  if (x->dialect->any_values) {
    rs_buf_str(b, from);
    return;
  }
  switch (x->c->types[column]) {
    case RS_T_BOOL:
    case RS_T_INT:
    case RS_T_FLOAT:
    case RS_T_TEXT:
    case RS_T_BYTES: rs_buf_printf(b, "CAST(%s AS %s)", from, native); break;
    // an engine that tells of ENUM alone, without its values, makes one of a text by itself
    case RS_T_ENUM:
      if (rs_eq(native, "ENUM")) rs_buf_str(b, from);
      else rs_buf_printf(b, "CAST(%s AS %s)", from, native);
      break;
    case RS_T_TIMESTAMPTZ: rs_buf_printf(b, "CAST(%s || '+00:00' AS %s)", from, native); break;
    case RS_T_JSON:
      if (x->dialect->json_array != NULL) {
        add_json(b, x->dialect, native, from);
        break;
      }
      if (rs_eq(native, "JSON")) rs_buf_printf(b, "CAST(%s AS JSON)", from);
      else if (rs_doc_is_union(native)) add_union(b, x, column, from);
      else rs_buf_printf(b, "CAST(CAST(%s AS JSON) AS %s)", from, native);
      break;
    case RS_T_MIXED:
      if (strncmp(native, "UNION(", 6) == 0)
        rs_sql_mixed_value(b, x->c->names[column], from, native);
      else rs_buf_printf(b, "CAST(%s[2:] AS %s)", from, native);
      break;
    default: rs_buf_printf(b, "CAST(%s AS %s)", from, native); break;
  }
}

/* The key of a stage's row: its column "k", or among the row's own. */
static void add_key(struct rs_buf *b, struct apply *x, bool of_row)
{
  char from[32];
  size_t key = (size_t)x->c->key;
  if (of_row) (void)snprintf(from, sizeof from, "q.c%zu", key);
  else (void)snprintf(from, sizeof from, "q.k");
  // mixed keys come without a letter as "k"
  if (x->dialect->any_values) rs_buf_printf(b, "%s COLLATE BINARY", from);
  else if (!of_row && x->c->types[key] == RS_T_MIXED) {
    rs_buf_printf(b, "CAST(q.k AS %s)", x->natives[key]);
  } else {
    add_value(b, x, key, from);
  }
}

/* ---- the parts ------------------------------------------------------------------------------- */

struct found {
  struct rs_arena *a;
  const char *text;
  int64_t rows;
};

static enum rs_code take_found(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct found *f = ctx;
  struct rs_value v;
  if (rs_rows_columns(r)->n > 1) {
    rs_rows_get(r, 1, &v);
    f->rows = v.i;
  }
  return rs_sql_text(r, 0, f->a, &f->text, e);
}

/* Each key of the stage that was met must stand for one row. */
static enum rs_code check_met(struct rs_session *s, struct apply *x, const char *stage,
                              const char *where, struct rs_error *e)
{
  struct found f = {.a = &x->a};
  struct rs_buf b;
  size_t n = 0;
  const char *key = x->c->names[x->c->key];
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT CAST(q.k AS VARCHAR), count(t.%i) FROM %s.%s AS q LEFT JOIN %r AS t",
             key, s->target->dialect->temp, stage, x->rel);
  rs_sql_add(s, &b, " ON t.%i = ", key);
  add_key(&b, x, false);
  rs_sql_add(s, &b, "%s GROUP BY q.k HAVING count(t.%i) <> 1 LIMIT 1", where, key);
  enum rs_code rc = rs_sql_each(s, &b, take_found, &f, &n, e);
  if (rc != RS_OK || n == 0) return rc;
  return rs_changes_misses(x->rel, x->c, f.text, f.rows, e);
}

static enum rs_code delete_keys(struct rs_session *s, struct apply *x, struct rs_error *e)
{
  const char *stage;
  int64_t count;
  enum rs_code rc = fill_stage(s, x, PART_KEYS, NULL, &stage, &count, e);
  if (rc == RS_OK && x->met > 0) rc = check_met(s, x, stage, " WHERE q.met", e);
  if (rc != RS_OK) return rc;
  struct rs_buf b;
  const char *source = rs_arena_printf(&x->a, "%s.%s", s->target->dialect->temp, stage);
  if (source == NULL) return rs_nomem(e);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_begin_delete(s, &b, x->rel, source);
  rs_sql_add(s, &b, "t.%i = ", x->c->names[x->c->key]);
  add_key(&b, x, false);
  rs_sql_end_delete(s, &b);
  rc = rs_sql_run_buf(s, &b, NULL, e);
  return rc == RS_OK ? drop_stage(s, stage, e) : rc;
}

static enum rs_code patch(struct rs_session *s, struct apply *x, const bool *mask,
                          struct rs_error *e)
{
  const char *stage;
  int64_t count;
  enum rs_code rc = fill_stage(s, x, PART_PATCH, mask, &stage, &count, e);
  if (rc == RS_OK) rc = check_met(s, x, stage, "", e);
  if (rc != RS_OK) return rc;
  struct rs_buf b;
  bool any = false;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "UPDATE %r AS t SET ", x->rel);
  for (size_t i = 0; i < x->c->n; i++) {
    char from[32];
    if (!mask[i]) continue;
    (void)snprintf(from, sizeof from, "q.c%zu", i);
    rs_sql_add(s, &b, any ? ", %i = " : "%i = ", x->c->names[i]);
    add_value(&b, x, i, from);
    if (x->sides[i] != NULL) rs_sql_add(s, &b, ", %i = NULL", x->sides[i]);
    any = true;
  }
  rs_sql_add(s, &b, " FROM %s.%s AS q WHERE t.%i = ", s->target->dialect->temp, stage,
             x->c->names[x->c->key]);
  add_key(&b, x, false);
  rc = rs_sql_run_buf(s, &b, NULL, e);
  return rc == RS_OK ? drop_stage(s, stage, e) : rc;
}

/* No row that must be new may have a key that is there. of_rows: the stage has rows, not keys. */
static enum rs_code check_new(struct rs_session *s, struct apply *x, const char *stage,
                              bool of_rows, struct rs_error *e)
{
  struct found f = {.a = &x->a};
  struct rs_buf b;
  size_t n = 0;
  const char *key = x->c->names[x->c->key];
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT CAST(t.%i AS VARCHAR) FROM %s.%s AS q JOIN %r AS t ON t.%i = ", key,
             s->target->dialect->temp, stage, x->rel, key);
  add_key(&b, x, of_rows);
  rs_buf_str(&b, of_rows ? " WHERE q.fresh LIMIT 1" : " LIMIT 1");
  enum rs_code rc = rs_sql_each(s, &b, take_found, &f, &n, e);
  if (rc != RS_OK || n == 0) return rc;
  return rs_fail(e, RS_CONSTRAINT, "UNIQUE constraint failed: %s '%s' exists already", key,
                 f.text != NULL ? f.text : "");
}

static enum rs_code insert_rows(struct rs_session *s, struct apply *x, struct rs_error *e)
{
  const char *stage;
  int64_t count, inserted = -1;
  enum rs_code rc = fill_stage(s, x, PART_ROWS, NULL, &stage, &count, e);
  if (rc == RS_OK && x->c->key >= 0 && x->adds > 0) rc = check_new(s, x, stage, true, e);
  if (rc != RS_OK) return rc;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "INSERT INTO %r (", x->rel);
  for (size_t i = 0; i < x->c->n; i++) rs_sql_add(s, &b, i > 0 ? ", %i" : "%i", x->c->names[i]);
  rs_buf_str(&b, ") SELECT ");
  for (size_t i = 0; i < x->c->n; i++) {
    char from[32];
    (void)snprintf(from, sizeof from, "q.c%zu", i);
    if (i > 0) rs_buf_str(&b, ", ");
    add_value(&b, x, i, from);
  }
  rs_sql_add(s, &b, " FROM %s.%s AS q", s->target->dialect->temp, stage);
  rc = rs_sql_run_buf(s, &b, &inserted, e);
  if (rc == RS_OK && (count != x->adds + x->replaces || (inserted >= 0 && inserted != count))) {
    rc = rs_fail(e, RS_REMOTE, "%lld rows were staged for %s.%s and %lld inserted",
                 (long long)count, x->rel->workspace, x->rel->name, (long long)inserted);
  }
  return rc == RS_OK ? drop_stage(s, stage, e) : rc;
}

/* ---- rows that go straight ------------------------------------------------------------------- */

/* Types that need no cast of what is streamed: DuckDB 1.5.6 has crashed casting large batches that
** are appended. */
static bool is_plain(const char *native)
{
  static const char *const plain[] = {"BOOLEAN", "BIGINT", "DOUBLE", "VARCHAR", "BLOB", "DATE"};
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
    if (rs_eq(plain[i], native)) return true;
  }
  return false;
}

enum rs_code rs_apply_can_append(struct rs_session *s, const struct apply *x, bool *can,
                                 struct rs_error *e)
{
  struct rs_buf b;
  int64_t keys = 0;
  *can = rs_sql_catalog_of(s)->by_name && (rs_session_caps(s) & RS_CAP_TRANSACTIONS) &&
         x->adds + x->replaces > 0 && x->in_order && x->ncolumns == x->c->n;
  for (size_t i = 0; i < x->c->n && *can; i++) *can = is_plain(x->natives[i]);
  if (!*can) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (int i = 0; i < 2; i++) {
    rs_sql_add(s, &b,
               i == 0 ? "SELECT (SELECT count(*) FROM duckdb_constraints() WHERE "
                      : " + (SELECT count(*) FROM duckdb_indexes() WHERE ");
    rs_sql_add(s, &b, "lower(schema_name) = lower(%t) AND lower(table_name) = lower(%t)",
               x->rel->workspace, x->rel->name);
    rs_buf_str(&b,
               i == 0 ? " AND constraint_type IN ('PRIMARY KEY', 'UNIQUE'))" : " AND is_unique)");
  }
  enum rs_code rc = rs_sql_int(s, &b, &keys, e);
  *can = keys == 0;
  return rc;
}

enum rs_code rs_apply_count(struct rs_session *s, const struct apply *x, int64_t *n,
                            struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT count(*) FROM %r", x->rel);
  return rs_sql_int(s, &b, n, e);
}

static enum rs_code next_array(void *ctx, struct ArrowArray *out, struct rs_error *e)
{
  const struct rs_changes *c = ((const struct stage *)ctx)->x->c;
  return c->next_array(c->ctx, out, e);
}

/* The keys that must not exist: staged without their rows, they are few bytes. */
static enum rs_code check_keys(struct rs_session *s, struct apply *x, struct rs_error *e)
{
  const char *stage;
  int64_t count;
  enum rs_code rc = fill_stage(s, x, PART_NEW, NULL, &stage, &count, e);
  if (rc == RS_OK) rc = check_new(s, x, stage, false, e);
  return rc == RS_OK ? drop_stage(s, stage, e) : rc;
}

static enum rs_code append_rows(struct rs_session *s, struct apply *x, struct rs_error *e)
{
  struct stage g = {.x = x, .part = PART_APPEND};
  const struct rs_input input = {.names = x->c->names,
                                 .types = x->c->types,
                                 .n = x->c->n,
                                 .next = next_row,
                                 .ctx = &g,
                                 .next_array = x->c->next_array != NULL ? next_array : NULL,
                                 .append = true};
  const int64_t rows = x->adds + x->replaces;
  int64_t before, after, count = -1;
  enum rs_code rc = rs_apply_count(s, x, &before, e);
  if (rc == RS_OK && before > 0 && x->c->key >= 0 && x->adds > 0 && x->c->fresh == 0)
    rc = check_keys(s, x, e);
  if (rc != RS_OK) return rc;
  x->c->rewind(x->c->ctx);
  rc = rs_session_ingest_input(s, x->rel, &input, &count, e);
  if (rc == RS_OK) {
    rc = rs_apply_count(s, x, &after, e);
    if (rc != RS_OK && rc != RS_CANCELLED && x->c->refused != NULL) *x->c->refused = true;
  }
  if (rc == RS_OK && (count != rows || after - before != count)) {
    rc = rs_fail(e, RS_REMOTE, "%lld rows were sent to %s.%s and %lld arrived", (long long)rows,
                 x->rel->workspace, x->rel->name, (long long)(after - before));
  }
  return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static enum rs_code apply_all(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct apply *x = arg;
  bool append = false;
  enum rs_code rc = x->is_table ? RS_OK : rs_sql_need_table(s, x->rel, e);
  if (rc == RS_OK) rc = rs_apply_types(s, x, e);
  if (rc == RS_OK && x->deletes + x->replaces > 0) rc = delete_keys(s, x, e);
  for (size_t i = 0; i < x->nmasks && rc == RS_OK; i++) rc = patch(s, x, x->masks[i], e);
  if (rc == RS_OK && !x->c->by_insert) rc = rs_apply_can_append(s, x, &append, e);
  if (rc == RS_OK && append) rc = append_rows(s, x, e);
  else if (rc == RS_OK && x->adds + x->replaces > 0) rc = insert_rows(s, x, e);
  return rc;
}

enum rs_code rs_apply_find(struct rs_session *s, struct apply *x, const struct rs_relation *rel,
                           struct rs_relation *table, struct rs_error *e)
{
  enum rs_relation_kind kind = RS_REL_NONE;
  enum rs_code rc = RS_OK;
  if (s->in_transaction) rc = rs_sql_kind(s, rel, &kind, e);
  x->is_table = kind == RS_REL_TABLE;
  *table = *rel;
  return rc == RS_OK && !x->is_table ? rs_sql_writable(s, rel, &x->a, table, e) : rc;
}

/* Without transactions: only what is one statement, or it could be left half done. */
static enum rs_code check_parts(struct rs_session *s, const struct apply *x, struct rs_error *e)
{
  size_t parts = (x->deletes + x->replaces > 0) + x->nmasks + (x->adds + x->replaces > 0);
  return parts < 2 ? RS_OK
                   : rs_sql_need_transaction(
                       s, "writing rows that are added, changed and deleted together",
                       "write those of one kind at a time, and OR REPLACE as DELETE and INSERT", e);
}

/* What a transaction that failed would have taken with it. */
static void drop_stages(struct rs_session *s)
{
  for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
    (void)rs_sql_run(s, NULL, NULL, "DROP TABLE IF EXISTS %s.%s", s->target->dialect->temp,
                     stages[i]);
}

enum rs_code rs_sql_apply(struct rs_session *s, const struct rs_relation *rel,
                          const struct rs_changes *c, int64_t *written, struct rs_error *e)
{
  struct apply x = {.c = c, .dialect = s->target->dialect};
  struct rs_relation table;
  *written = 0;
  if (s->target->dialect->temp == NULL) {
    return rs_engine_lacks(s, "rows written by key", e);
  }
  rs_arena_init(&x.a, 0);
  enum rs_code rc = rs_apply_find(s, &x, rel, &table, e);
  x.rel = &table;
  if (rc == RS_OK) rc = look(&x, e);
  if (rc == RS_OK) rc = check_parts(s, &x, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, false, apply_all, &x, e);
  if (rc != RS_OK && !(rs_session_caps(s) & RS_CAP_TRANSACTIONS)) drop_stages(s);
  if (rc == RS_OK) *written = x.adds + x.replaces + x.deletes + x.patches;
  rs_free(x.masks);
  rs_arena_free(&x.a);
  return rc;
}
