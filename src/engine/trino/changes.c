/*
** Changes by key on Trino (writes/writes.h): deletes, then patches, then new rows. Each part goes
** into a stage and from there, by one statement, into the relation. There are no transactions: what
** is written stays, and an error says how much that is.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/changes.h"
#include "src/engine/sql/sql.h"
#include "trino.h"

#define MASKS_MAX 100 /* statements for patches: one for each set of columns */

enum part { PART_DELETE, PART_PATCH, PART_ADD, PART_REPLACE };

struct apply {
  const struct rs_changes *c;
  const struct rs_relation *rel;
  struct rs_arena a;
  int64_t total, written;
  int64_t count[4]; /* by part */
  bool **masks;     /* the different ones of the patches */
  size_t nmasks, cap;
};

/* One part of the changes as rows of a stage. */
struct input {
  struct apply *x;
  enum part part;
  const bool *mask; /* PART_PATCH */
  size_t *columns;  /* of the changes, in the stage's order */
  size_t n;
  struct rs_value *row;
};

static enum part part_of(enum rs_change_kind kind)
{
  switch (kind) {
    case RS_CHANGE_DELETE: return PART_DELETE;
    case RS_CHANGE_PATCH: return PART_PATCH;
    case RS_CHANGE_ADD: return PART_ADD;
    default: return PART_REPLACE;
  }
}

/* ---- what there is to do --------------------------------------------------------------------- */

static enum rs_code see_mask(struct apply *x, const bool *mask, struct rs_error *e)
{
  size_t n = x->c->n * sizeof *mask;
  for (size_t i = 0; i < x->nmasks; i++) {
    if (memcmp(x->masks[i], mask, n) == 0) return RS_OK;
  }
  if (x->nmasks == MASKS_MAX) {
    return rs_fail(e, RS_LIMIT,
                   "rows are updated in more than %d different sets of columns: COMMIT more often",
                   MASKS_MAX);
  }
  bool *copy = rs_arena_alloc(&x->a, n);
  if (copy == NULL || !rs_grow(&x->masks, &x->cap, x->nmasks + 1, sizeof x->masks[0])) {
    return rs_nomem(e);
  }
  memcpy(copy, mask, n);
  x->masks[x->nmasks++] = copy;
  return RS_OK;
}

static enum rs_code count_changes(struct apply *x, struct rs_error *e)
{
  struct rs_change change;
  enum rs_code rc;
  x->c->rewind(x->c->ctx);
  while ((rc = x->c->next(x->c->ctx, &change, e)) == RS_OK) {
    if (change.kind == RS_CHANGE_DELETE && change.meets == RS_MEETS_NONE) continue;
    x->total++;
    x->count[part_of(change.kind)]++;
    if (change.kind == RS_CHANGE_PATCH) rc = see_mask(x, change.mask, e);
    if (rc != RS_OK) return rc;
  }
  return rc == RS_DONE ? RS_OK : rc;
}

/* ---- stages ---------------------------------------------------------------------------------- */

static enum rs_code next_row(void *ctx, const struct rs_value **row, struct rs_error *e)
{
  struct input *f = ctx;
  const struct rs_changes *c = f->x->c;
  struct rs_change change;
  for (;;) {
    enum rs_code rc = c->next(c->ctx, &change, e);
    if (rc != RS_OK) return rc;
    if (part_of(change.kind) != f->part) continue;
    if (change.kind == RS_CHANGE_DELETE && change.meets == RS_MEETS_NONE) continue;
    if (f->mask == NULL || memcmp(f->mask, change.mask, c->n * sizeof *f->mask) == 0) break;
  }
  for (size_t i = 0; i < f->n; i++) {
    bool key = c->key >= 0 && f->columns[i] == (size_t)c->key && change.row == NULL;
    bool patch = f->part == PART_PATCH && f->columns[i] == (size_t)c->key;
    f->row[i] = key || patch ? change.key : change.row[f->columns[i]];
  }
  *row = f->row;
  return RS_OK;
}

/* Which columns of the changes the stage of the part has. */
static bool has_column(const struct input *f, size_t i)
{
  if (f->x->c->key >= 0 && i == (size_t)f->x->c->key) return true;
  return f->part == PART_DELETE ? false : f->part == PART_PATCH ? f->mask[i] : true;
}

static enum rs_code fill_stage(struct rs_session *s, struct input *f,
                               const struct rs_relation *stage, int64_t *n, struct rs_error *e)
{
  const struct rs_changes *c = f->x->c;
  struct rs_arena *a = &f->x->a;
  const char **names = rs_arena_calloc(a, (c->n + 1) * sizeof *names);
  enum rs_type *types = rs_arena_calloc(a, (c->n + 1) * sizeof *types);
  f->columns = rs_arena_calloc(a, (c->n + 1) * sizeof *f->columns);
  f->row = rs_arena_calloc(a, (c->n + 1) * sizeof *f->row);
  if (names == NULL || types == NULL || f->columns == NULL || f->row == NULL) return rs_nomem(e);
  for (size_t i = 0; i < c->n; i++) {
    if (!has_column(f, i)) continue;
    names[f->n] = c->names[i];
    types[f->n] = c->types[i];
    f->columns[f->n++] = i;
  }
  const struct rs_input input = {
    .names = names, .types = types, .n = f->n, .next = next_row, .ctx = f};
  c->rewind(c->ctx);
  return rs_session_ingest_input(s, stage, &input, n, e);
}

static enum rs_code check_new(struct rs_session *s, struct apply *x,
                              const struct rs_relation *stage, struct rs_error *e)
{
  const char *key = x->c->names[x->c->key];
  int64_t n;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT count(*) FROM %r WHERE %i IN (SELECT %i FROM %r)", x->rel, key, key,
             stage);
  enum rs_code rc = rs_sql_int(s, &b, &n, e);
  if (rc != RS_OK || n == 0) return rc;
  return rs_fail(e, RS_CONSTRAINT, "'%s.%s': %lld row%s of this '%s' exist%s already",
                 x->rel->workspace, x->rel->name, (long long)n, n == 1 ? "" : "s", key,
                 n == 1 ? "s" : "");
}

static enum rs_code take_stage(struct rs_session *s, struct input *f,
                               const struct rs_relation *stage, struct rs_error *e)
{
  const struct rs_changes *c = f->x->c;
  struct rs_keys keys = {c->key >= 0 ? &c->names[c->key] : NULL, c->key >= 0};
  enum rs_code rc = RS_OK;
  if (f->part == PART_DELETE) {
    return rs_sql_run(s, NULL, e, "DELETE FROM %r WHERE %i IN (SELECT %i FROM %r)", f->x->rel,
                      keys.v[0], keys.v[0], stage);
  }
  if (f->part == PART_ADD && keys.n > 0) {
    rc = check_new(s, f->x, stage, e);
    keys.n = 0; // an INSERT: there is nothing to match
  }
  unsigned flags = f->part == PART_PATCH ? RS_TRINO_SUBSET | RS_TRINO_PARTIAL : RS_TRINO_SUBSET;
  return rc == RS_OK ? rs_trino_merge(s, f->x->rel, stage, &keys, flags, e) : rc;
}

static enum rs_code apply_part(struct rs_session *s, struct apply *x, enum part part,
                               const bool *mask, struct rs_error *e)
{
  struct input f = {.x = x, .part = part, .mask = mask};
  int64_t n = 0;
  if (x->count[part] == 0) return RS_OK;
  struct rs_relation stage;
  enum rs_code rc = rs_trino_aside(x->rel, "stage", &x->a, &stage, e);
  if (rc != RS_OK) return rc;
  rc = fill_stage(s, &f, &stage, &n, e);
  if (rc == RS_OK) rc = take_stage(s, &f, &stage, e);
  rs_trino_drop_anyway(s, "TABLE", &stage);
  if (rc == RS_OK) x->written += n;
  return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static enum rs_code apply_all(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct apply *x = arg;
  enum rs_code rc = rs_sql_need_table(s, x->rel, e);
  if (rc == RS_OK) rc = apply_part(s, x, PART_DELETE, NULL, e);
  for (size_t i = 0; i < x->nmasks && rc == RS_OK; i++) {
    rc = apply_part(s, x, PART_PATCH, x->masks[i], e);
  }
  if (rc == RS_OK) rc = apply_part(s, x, PART_ADD, NULL, e);
  if (rc == RS_OK) rc = apply_part(s, x, PART_REPLACE, NULL, e);
  return rc;
}

enum rs_code rs_trino_apply(struct rs_session *s, const struct rs_relation *rel,
                            const struct rs_changes *c, int64_t *written, struct rs_error *e)
{
  struct rs_relation table = *rel;
  struct apply x = {.c = c, .rel = &table};
  struct rs_error own = {0};
  if (e == NULL) e = &own;
  rs_arena_init(&x.a, 0);
  enum rs_code rc = count_changes(&x, e);
  if (rc == RS_OK) rc = rs_sql_writable(s, rel, &x.a, &table, e);
  if (rc == RS_OK) rc = rs_changes_check(s, &table, c, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, false, apply_all, &x, e);
  if (rc != RS_OK && rc != RS_NOMEM && x.written > 0) {
    (void)rs_error_prefix(e, "'%s.%s': %lld of %lld changes were written and stay", rel->workspace,
                          rel->name, (long long)x.written, (long long)x.total);
  }
  *written = x.written;
  rs_free(x.masks);
  rs_arena_free(&x.a);
  return rc;
}
