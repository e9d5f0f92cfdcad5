/*
** What rockset_explain tells of local tables: what a statement would send of each, and why.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

static const char *reason(enum rs_local_verdict v, const struct rs_local_table *t)
{
  if (t->where != NULL) return "sent: the rows that an index finds";
  switch (v) {
    case RS_LOCAL_SAME: return "reused: nothing was committed since";
    case RS_LOCAL_GROWN: return "sent: the new rows";
    case RS_LOCAL_NEW: return "sent: there is no copy yet";
    case RS_LOCAL_LACKS: return "sent: the copy lacks columns";
    case RS_LOCAL_CHANGED: return "sent: something was committed since";
    default:
      return sqlite3_txn_state(t->db, t->schema) == SQLITE_TXN_WRITE
               ? "sent: this transaction writes"
               : "sent: it reads more than rows of its file";
  }
}

/* What is read of it, as SQLite would be asked. */
static const char *select_text(const struct rs_local_table *t, struct rs_arena *a)
{
  sqlite3_stmt *st;
  if (rs_local_select(t, t->where != NULL ? t->where : "", &st, NULL) != RS_OK) return NULL;
  const char *text = rs_arena_strdup(a, sqlite3_sql(st));
  sqlite3_finalize(st);
  return text;
}

static enum rs_code count_rows(const struct rs_local_table *t, enum rs_local_verdict v,
                               const struct rs_local_copy *x, int64_t *rows, struct rs_error *e)
{
  char where[64] = "";
  *rows = 0;
  if (v == RS_LOCAL_SAME) return RS_OK;
  if (v == RS_LOCAL_GROWN)
    (void)sqlite3_snprintf(sizeof where, where, " WHERE rowid > %lld", (long long)x->last);
  return rs_local_number(t, "count(*)", t->where != NULL ? t->where : where, rows, e);
}

/* A session that is not there yet is taken for one that nobody has told how to compare. */
static enum rs_code filter(struct rs_conn *c, const struct rs_local_place *p,
                           struct rs_local_table *t, struct rs_arena *a, struct rs_error *e)
{
  struct rs_target *target;
  bool texts;
  enum rs_code rc = RS_OK;
  if (p != NULL) rc = rs_local_compares_bytes(p->session, &texts, e);
  else if ((rc = rs_conn_target(c, false, &target, e)) == RS_OK)
    texts = (rs_output_traits(rs_target_info(target).output)->caps & RS_CAP_LENDS) != 0;
  return rc == RS_OK ? rs_local_filter(t, texts, a, e) : rc;
}

static enum rs_code tell_one(struct rs_conn *c, const struct rs_locals *names, size_t i,
                             const struct rs_local_place *p, struct rs_arena *a,
                             struct rs_local_use *use, struct rs_error *e)
{
  struct rs_local_table t = {0};
  struct rs_local_copy *x = NULL;
  enum rs_local_verdict v = RS_LOCAL_NEW;
  enum rs_code rc = rs_local_find(c, &names->v[i], NULL, a, &t, e);
  if (rc == RS_OK) rc = rs_local_choose(&t, names, a, e);
  if (rc == RS_OK) rc = rs_local_hold(rs_conn_local(c), &t, e);
  if (rc == RS_OK) rc = rs_local_judge(p, &t, &x, &v, e);
  t.conditions = rs_local_conditions(names, i);
  if (rc == RS_OK && v != RS_LOCAL_SAME && v != RS_LOCAL_GROWN) rc = filter(c, p, &t, a, e);
  if (rc == RS_OK) rc = count_rows(&t, v, x, &use->rows, e);
  if (rc == RS_OK) {
    use->name = rs_arena_printf(a, "%s.%s.%s", rs_local_prefix(c), t.schema, t.name);
    use->sql = select_text(&t, a);
    use->why = reason(v, &t);
    use->bytes = v == RS_LOCAL_SAME || x == NULL || x->rows <= 0
                   ? (v == RS_LOCAL_SAME ? 0 : -1)
                   : (int64_t)((double)x->bytes / (double)x->rows * (double)use->rows);
    if (use->name == NULL || use->sql == NULL) rc = rs_nomem(e);
  }
  rs_local_release(&t);
  return rc;
}

static bool came_before(const struct rs_locals *l, size_t i)
{
  for (size_t k = 0; k < i; k++)
    if (l->v[k].relation && rs_local_is_same(&l->v[k], &l->v[i])) return true;
  return false;
}

enum rs_code rs_local_explain(struct rs_conn *c, const char *sql, rs_local_use_fn fn, void *ctx,
                              struct rs_error *e)
{
  struct rs_target *target;
  struct rs_local *l;
  struct rs_arena a;
  struct rs_locals names;
  enum rs_code rc = rs_local_of(c, &l, e);
  if (rc == RS_OK) rc = rs_conn_target(c, false, &target, e);
  if (rc != RS_OK) return rc;
  const struct rs_target_info info = rs_target_info(target);
  const struct rs_local_place *p = l->places;
  while (p != NULL && p->target != target) p = p->next;
  rs_arena_init(&a, 0);
  // a text that is no statement names none
  if (rs_locals_find(sql, info.dialect, l->prefix, &a, &names, NULL) != RS_OK) names.n = 0;
  for (size_t i = 0; i < names.n && rc == RS_OK; i++) {
    struct rs_local_use use = {.target = info.output->target_name, .engine = info.output->type};
    if (!names.v[i].relation || came_before(&names, i)) continue;
    rc = tell_one(c, &names, i, p, &a, &use, e);
    if (rc == RS_OK) rc = fn(ctx, &use, e);
  }
  if (rc == RS_OK && names.n == 0) rc = RS_DONE;
  rs_locals_free(&names);
  rs_arena_free(&a);
  return rc;
}
