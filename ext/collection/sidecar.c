/*
** What lies beside a relation's columns: sidecars, which hold the values of documents that their
** column can't (src/value/boxed.h). SQLite sees none of them. It gets each value by its own type.
**
** A sidecar is a column of the relation behind the data columns in scan_columns. It is fetched with
** its column, and read where a value goes to SQLite (scan.c). What lies between (cache, queued
** rows) holds both as the engine has them. One that holds nothing but nulls is not fetched: a null
** is as good as undefined here. Which ones do is asked when the columns are, and when others may
** have written since (rs_sidecar_watch): a value of another type that comes later is read from then
** on, where the declared type leaves it as it is; else statements on the column say that the table
** wants rockset_refresh.
**
** Terms on such a column are sent with "or the sidecar has another value", and SQLite checks them
** again; nothing else of it is sent (plan.c). To SQLite it is a mixed one, without an affinity: as
** a REAL column, GROUP BY would make floats of its integers.
**
** A write names the sidecar with its column, so that none is left of the value before. The key has
** none here: rows are found by what the column has.
*/
#include <string.h>
#include "internal.h"
#include "src/base/file.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/value/boxed.h"

/* What is stored of a column: whether it had a sidecar, and what that held. */
struct stored {
  bool sided, odd;
};

static struct stored stored_of(const struct collection_column *col)
{
  return (struct stored){col->sided && col->late != RS_LATE_SIDED,
                         col->odd && col->late == RS_LATE_NOT};
}

bool rs_sidecar_same(const struct collection_column *a, const struct collection_column *b)
{
  const struct stored x = stored_of(a), y = stored_of(b);
  return x.sided == y.sided && x.odd == y.odd;
}

/* ---- what there is --------------------------------------------------------------------------- */

static const char *name_of(struct collection *c, const struct collection_column *col)
{
  return rs_arena_printf(&c->arena, "%s" RS_BOXED_SIDE, col->name);
}

/* Which values a column of the declared type would change, or lose: SQLite makes texts of numbers
** in a TEXT column; one of numbers compares texts that look like some, and has integers of so many
** digits as floats. %s: the sidecar. NULL: none. */
static const char *unfit_values(const struct collection_column *col)
{
  const char *declared = rs_value_decltype(stored_of(col).odd ? RS_T_MIXED : col->type);
  if (rs_eq(declared, "TEXT"))
    return "(%s LIKE 'i%' OR %s LIKE 'f%' OR %s LIKE 'b%' OR %s LIKE 'v%')";
  if (rs_eq(declared, "INTEGER") || rs_eq(declared, "REAL"))
    return "(%s <> 'n' AND (%s NOT LIKE 'i%' OR length(%s) > 16))";
  return NULL;
}

/* `name` for each %s. */
static void write_unfit(struct rs_buf *sql, const char *form, const char *name)
{
  const char *hit;
  for (; (hit = strstr(form, "%s")) != NULL; form = hit + 2) {
    rs_buf_add(sql, form, (size_t)(hit - form));
    rs_buf_str(sql, name);
  }
  rs_buf_str(sql, form);
}

/* SELECT how many of each sidecar's values are more than a null, and how many are unfit. */
static void write_probe(struct collection *c, const bool *asked, const struct rs_dialect *d,
                        const struct rs_relation *rel, struct rs_buf *sql)
{
  const char *before = "SELECT ";
  for (int i = 0; i < c->ndata; i++) {
    struct rs_buf ident;
    if (!asked[i]) continue;
    const char *name = name_of(c, &c->columns[i]), *unfit = unfit_values(&c->columns[i]);
    rs_buf_init(&ident, RS_BUF_SQL_MAX);
    rs_dialect_ident(d, &ident, name ? name : "");
    if (!name || ident.rc != RS_OK) sql->rc = RS_NOMEM;
    rs_buf_printf(sql, "%scount(CASE WHEN %s <> 'n' THEN 1 END)", before, rs_buf_text(&ident));
    before = ", ";
    if (unfit) {
      rs_buf_str(sql, ", count(CASE WHEN ");
      write_unfit(sql, unfit, rs_buf_text(&ident));
      rs_buf_str(sql, " THEN 1 END)");
    }
    rs_buf_free(&ident);
  }
  rs_buf_str(sql, " FROM ");
  rs_dialect_relation(d, sql, rel->workspace, rel->name);
}

static bool next_count(struct rs_rows *rows, size_t *at)
{
  struct rs_value v;
  rs_rows_get(rows, (*at)++, &v);
  return v.kind != RS_INT || v.i > 0;
}

/* By column: which of the sidecars `asked` hold more than nulls; which of these unfit values. */
static enum rs_code probe(struct collection *c, struct rs_session *s, const struct rs_relation *rel,
                          const bool *asked, bool *odd, bool *unfit, struct rs_error *e)
{
  struct rs_rows *rows = NULL;
  struct rs_buf sql;
  size_t at = 0;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  write_probe(c, asked, rs_target_info(rs_session_target(s)).dialect, rel, &sql);
  enum rs_code rc = rs_buf_error(&sql, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&sql)};
  if (rc == RS_OK) rc = rs_session_query(s, &st, &rows, e);
  if (rc == RS_OK) rc = rs_rows_next(rows, e);
  for (int i = 0; rc == RS_OK && i < c->ndata; i++) {
    if (!asked[i]) continue;
    odd[i] = next_count(rows, &at);
    unfit[i] = unfit_values(&c->columns[i]) && next_count(rows, &at);
  }
  rs_rows_close(rows);
  rs_buf_free(&sql);
  return rc == RS_DONE ? rs_fail(e, RS_INTERNAL, "the engine answered no count") : rc;
}

enum rs_code rs_sidecar_discover(struct collection *c, struct rs_session *s,
                                 const struct rs_relation *rel, enum rs_relation_kind kind,
                                 const struct rs_columns *cols, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  bool any = false, *asked = rs_calloc((size_t)c->ndata * 3, sizeof *asked);
  if (!asked) return rs_nomem(e);
  bool *odd = asked + c->ndata, *unfit = odd + c->ndata;
  for (int i = 0; i < c->ndata; i++) {
    // a view may take long to look through
    asked[i] = c->columns[i].sided = i != c->key && cols->v[i].side != RS_SIDE_NONE;
    odd[i] = asked[i] && kind == RS_REL_VIEW;
    any = any || asked[i];
  }
  if (any && kind != RS_REL_VIEW) rc = probe(c, s, rel, asked, odd, unfit, e);
  for (int i = 0; rc == RS_OK && i < c->ndata; i++) c->columns[i].odd = odd[i];
  rs_free(asked);
  return rc;
}

/* ---- columns --------------------------------------------------------------------------------- */

enum rs_type rs_sidecar_declared(const struct collection_column *col)
{
  return col->odd ? RS_T_MIXED : col->type;
}

enum rs_code rs_sidecar_index(struct collection *c, struct rs_error *e)
{
  c->nscan = c->ndata;
  for (int i = 0; i < c->ndata; i++) c->nscan += c->columns[i].sided;
  c->scan_columns = rs_arena_calloc(&c->arena, (size_t)c->nscan * sizeof *c->scan_columns);
  if (!c->scan_columns) return rs_nomem(e);
  for (int i = 0, at = c->ndata; i < c->ndata; i++) {
    struct collection_column *col = &c->columns[i];
    c->scan_columns[i] = (struct rs_scan_column){
      .name = col->name,
      .type = col->type,
      .nanoseconds = sqlite3_stricmp(col->native, "TIMESTAMP_NS") == 0};
    struct rs_scan_column *members = NULL;
    if (col->type == RS_T_MIXED &&
        !rs_members_read(col->native, col->name, &c->arena, &members, &c->scan_columns[i].nmembers))
      return rs_nomem(e);
    c->scan_columns[i].members = members;
    col->side = 0;
    if (!col->sided) continue;
    const char *name = name_of(c, col);
    if (!name) return rs_nomem(e);
    if (col->odd) c->scan_columns[i].side = name;
    c->scan_columns[at] = (struct rs_scan_column){.name = name, .type = RS_T_TEXT};
    col->side = at++;
  }
  return RS_OK;
}

/* ---- what came later ------------------------------------------------------------------------- */

/* How often a target without a stamp is asked: this long after the last time, */
#define WATCH_US 1000000
/* and within a statement so many times as long as that took. */
#define WATCH_PART 50

/* 0: it can't be told without asking the engine. */
static uint64_t stamp_of(const struct rs_target *t)
{
  const struct rs_target_info info = rs_target_info(t);
  return info.file ? rs_file_stamp(info.file, info.wal) : 0;
}

void rs_sidecar_watch_begin(struct collection *c, const struct rs_target *t)
{
  c->watch = (struct collection_watch){.known = true,
                                       .stamp = stamp_of(t),
                                       .asked_us = rs_now_us(),
                                       .era = c->era,
                                       .conn_era = rs_conn_era(c->conn)};
}

/* May somebody have committed anything since the columns were asked for? */
static bool is_due(const struct collection *c, uint64_t stamp, int64_t now)
{
  const struct collection_watch *w = &c->watch;
  if (!w->known) return true;
  if (stamp) return stamp != w->stamp;
  if (w->conn_era != rs_conn_era(c->conn)) return true;
  const int64_t rest = w->era == c->era ? WATCH_PART * w->took_us : 0;
  return now - w->asked_us >= (rest > WATCH_US ? rest : WATCH_US);
}

/* From now on the column's sidecar is read with it. Plans that were made before keep their array.
*/
static enum rs_code take_on(struct collection *c, int column, struct rs_error *e)
{
  struct collection_column *col = &c->columns[column];
  const char *name = name_of(c, col);
  const size_t n = (size_t)c->nscan, more = col->sided ? 0 : 1;
  struct rs_scan_column *to = rs_arena_alloc(&c->arena, (n + more) * sizeof *to);
  if (!name || !to) return rs_nomem(e);
  memcpy(to, c->scan_columns, n * sizeof *to);
  to[column].side = name;
  if (more) {
    to[n] = (struct rs_scan_column){.name = name, .type = RS_T_TEXT};
    col->side = (int)n;
  }
  c->scan_columns = to;
  c->nscan += (int)more;
  col->late = more ? RS_LATE_SIDED : RS_LATE_ODD;
  col->sided = col->odd = true;
  return RS_OK;
}

/* What has no declared type takes any. A scan tells by itself; a count, and what sends nothing, do
** not. */
static enum rs_code look_at_type(struct collection *c, int column, const struct rs_column *now,
                                 struct rs_error *e)
{
  struct collection_column *col = &c->columns[column];
  const bool other = now->type != col->type && now->native[0] != 0 &&
                     *rs_value_decltype(col->type) != 0;
  if (!other) {
    col->retyped = NULL;
    return RS_OK;
  }
  c->any_late = true;
  if (col->retyped && rs_eq(col->retyped, now->native)) return RS_OK;
  col->retyped = rs_arena_strdup(&c->arena, now->native);
  return col->retyped ? RS_OK : rs_nomem(e);
}

/* Looks for sidecars that are read from no plan; `now`: the relation's columns. */
static enum rs_code look(struct collection *c, struct rs_session *s, const struct rs_relation *rel,
                         const struct rs_columns *now, enum rs_relation_kind kind,
                         struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  const struct write_table *w = rs_collection_written(c);
  bool any = false, *asked = rs_calloc((size_t)c->ndata * 3, sizeof *asked);
  if (!asked) return rs_nomem(e);
  bool *odd = asked + c->ndata, *unfit = odd + c->ndata;
  for (int i = 0; i < c->ndata; i++) {
    const struct collection_column *col = &c->columns[i];
    const int k = col->path ? -1 : rs_columns_find(now, col->name);
    if (k >= 0 && rc == RS_OK) rc = look_at_type(c, i, &now->v[k], e);
    // one that was taken on may get values that can't be
    const bool open = !col->odd || (col->late != RS_LATE_NOT && unfit_values(col));
    asked[i] = k >= 0 && i != c->key && open && !col->retyped && now->v[k].side != RS_SIDE_NONE;
    odd[i] = asked[i] && kind == RS_REL_VIEW; // it may take long to look through
    unfit[i] = odd[i] && unfit_values(col);
    any = any || asked[i];
  }
  if (rc == RS_OK && any && kind != RS_REL_VIEW) rc = probe(c, s, rel, asked, odd, unfit, e);
  for (int i = 0; rc == RS_OK && i < c->ndata; i++) {
    if (!asked[i]) continue;
    // rows that are queued have no place for it
    c->columns[i].unfit = odd[i] && (unfit[i] || (!c->columns[i].odd && w && w->queue));
    if (odd[i] && !c->columns[i].odd && !c->columns[i].unfit) rc = take_on(c, i, e);
    c->any_late = c->any_late || odd[i];
  }
  rs_free(asked);
  return rc;
}

enum rs_code rs_sidecar_watch(struct collection *c, struct rs_error *e)
{
  struct rs_session *s = NULL;
  struct rs_target *t = NULL;
  if (!c->relation || c->broken) return RS_OK; // a query has the columns that it has
  enum rs_code rc = rs_collection_target(c, &t, e);
  if (rc != RS_OK) return rc;
  struct collection_watch w = {.known = true,
                               .stamp = stamp_of(t),
                               .asked_us = rs_now_us(),
                               .era = c->era,
                               .conn_era = rs_conn_era(c->conn)};
  if (!is_due(c, w.stamp, w.asked_us)) return RS_OK;
  rc = rs_collection_session(c, &s, e);
  if (rc != RS_OK) return rc;
  const struct rs_relation rel = {.workspace = rs_collection_workspace(c, t), .name = c->relation};
  struct rs_columns now = {0};
  enum rs_relation_kind kind = RS_REL_NONE;
  rc = rs_session_describe(s, &rel, &now, &kind, e);
  if (rc == RS_OK) rc = look(c, s, &rel, &now, kind, e);
  rs_columns_free(&now);
  rs_conn_done(c->conn, s);
  w.took_us = rs_now_us() - w.asked_us;
  if (rc == RS_OK) c->watch = w;
  return rc;
}

static enum rs_code refuse(const struct collection *c, const struct collection_column *col,
                           struct rs_error *e)
{
  if (col->retyped)
    return rs_fail(e, RS_INVALID, "column '%s' is now %s: %s", col->name, col->retyped,
                   rs_collection_way_out(c).text);
  return rs_fail(e, RS_INVALID, "column '%s' has values of other types now: %s", col->name,
                 rs_collection_way_out(c).text);
}

enum rs_code rs_sidecar_refuse_write(const struct collection *c,
                                     const struct collection_column *col, struct rs_error *e)
{
  return refuse(c, col, e);
}

/* Does the plan know what lies beside the column? */
static bool knows(const struct collection *c, const struct collection_plan *plan, int column)
{
  if (column >= c->ndata) return true;
  const struct collection_column *col = &c->columns[column];
  return !col->unfit && !col->retyped && (!col->odd || plan->scan.columns[column].side);
}

enum rs_code rs_sidecar_refuse(const struct collection *c, const struct collection_plan *plan,
                               bool *stale, struct rs_error *e)
{
  const struct rs_scan *s = &plan->scan;
  const struct collection_column *missed = NULL;
  if (!c->any_late) return RS_OK;
  *stale = true;
  for (size_t i = 0; i < s->nfetch + s->nterms; i++) {
    const int column = i < s->nfetch ? s->fetch[i] : s->terms[i - s->nfetch].column;
    if (knows(c, plan, column)) continue;
    missed = &c->columns[column];
    *stale = *stale && !missed->unfit && !missed->retyped;
  }
  return missed ? refuse(c, missed, e) : RS_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

bool rs_sidecar_read(const struct rs_value *side, struct rs_scratch *s, struct rs_value *v)
{
  struct rs_boxed x;
  enum rs_type type;
  if (!rs_boxed_read(v, side, &x)) return true; // no such text: the column's value
  if (!rs_boxed_value(&x, s, &type, v)) return false;
  v->whole = false; // it may be the end of one text with the word of another
  return true;
}

enum rs_code rs_sidecar_write(const struct collection_column *col, sqlite3_value *v,
                              const struct rs_value *out, struct rs_arena *a, struct rs_value *side,
                              struct rs_error *e)
{
  *side = (struct rs_value){.kind = RS_NULL};
  if (!col->odd || out->kind != RS_FLOAT || sqlite3_value_type(v) != SQLITE_INTEGER) return RS_OK;
  const char *text = rs_arena_printf(a, "i%lld", (long long)sqlite3_value_int64(v));
  if (!text) return rs_nomem(e);
  *side = (struct rs_value){.kind = RS_TEXT, .s = {text, strlen(text)}};
  return RS_OK;
}
