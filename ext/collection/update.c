/*
** xUpdate and the transaction's methods of the module `rockset` (update.c).
**
** What SQLite hands over: argv[0] the key of the row meant (NULL: INSERT), argv[1] its new key,
** argv[2 ...] the columns; only argv[0]: DELETE. Of an UPDATE, columns that do not change are
** marked (sqlite3_value_nochange): they are neither fetched nor sent.
**
** The latest change of a key stands for all before it, so a change is merged with what is queued:
**
**   queued          INSERT               UPDATE               DELETE
**   nothing         ADD (or REPLACE)     PATCH                DELETE
**   ADD, REPLACE    conflict             the same, changed    DELETE
**   PATCH           conflict             PATCH of more        DELETE
**   DELETE          REPLACE              (there is no row)    (there is no row)
**
** An UPDATE of the key is a DELETE of the old one and a whole new row.
*/
#include "src/value/text.h"
#include "internal.h"
#include "src/arrow/arrow.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"

#include <string.h>

enum { BULK_ROWS = 1024 }; /* how often it is looked whether rows can go before COMMIT */

struct update {
  struct collection *c;
  struct write_table *w;
  sqlite3_value **values; /* by column */
  struct rs_error *e;
};

/* ---- what it writes to ----------------------------------------------------------------------- */

struct write_table *rs_collection_written(const struct collection *c)
{
  return rs_write_find(c->conn, c->schema, c->table);
}

/* Can rows be written to it? The target is asked once for each connected table. */
static enum rs_code check_writable(struct collection *c, const char *workspace, struct rs_error *e)
{
  struct rs_session *s = NULL;
  enum rs_relation_kind kind = RS_REL_NONE;
  const struct rs_relation rel = {.workspace = workspace, .name = c->relation};
  struct rs_target *target;
  enum rs_code rc = rs_collection_target(c, &target, e);
  if (rc != RS_OK) return rc;
  const struct rs_output *o = rs_target_info(target).output;
  if (rs_output_bool(o, "read_only", false))
    return rs_fail(e, RS_FORBIDDEN, "the profile's target '%s' says read_only: true",
                   o->target_name);
  rc = rs_collection_prove_key(c, e);
  if (rc != RS_OK || c->kind_known) return rc;
  rc = rs_collection_session(c, &s, e);
  if (rc != RS_OK) return rc;
  rc = rs_session_describe(s, &rel, NULL, &kind, e);
  if (rc == RS_OK && kind == RS_REL_NONE) { // the error of one that is not there
    struct rs_columns none = {NULL, 0};
    rc = rs_session_describe(s, &rel, &none, &kind, e);
    rs_columns_free(&none);
  }
  rs_conn_done(c->conn, s);
  if (rc != RS_OK) return rc;
  if (kind == RS_REL_VIEW)
    return rs_fail(e, RS_INVALID, "%s.%s is a view: write to the collection that it reads",
                   workspace, c->relation);
  c->kind_known = true;
  return RS_OK;
}

static enum rs_code find_workspace(const struct collection *c, const char **workspace,
                                   struct rs_error *e)
{
  struct rs_target *target;
  enum rs_code rc = rs_collection_target(c, &target, e);
  if (rc == RS_OK) *workspace = rs_collection_workspace(c, target);
  return rc;
}

/* The table that takes its changes, in this transaction. */
static enum rs_code open_table(struct collection *c, struct write_table **pw, struct rs_error *e)
{
  const char *workspace;
  *pw = rs_collection_written(c);
  if (*pw && (*pw)->queue) return RS_OK;
  enum rs_code rc = find_workspace(c, &workspace, e);
  if (rc == RS_OK && !*pw) rc = check_writable(c, workspace, e);
  if (rc != RS_OK) return rc;
  const size_t n = (size_t)c->nscan;
  const char **names = rs_calloc(n + 1, sizeof *names);
  enum rs_type *types = rs_calloc(n + 1, sizeof *types);
  const struct rs_way_out way_out = rs_collection_way_out(c);
  const struct rs_write_spec spec = {.schema = c->schema,
                                     .table = c->table,
                                     .named = c->named,
                                     .workspace = workspace,
                                     .relation = c->relation,
                                     .way_out = way_out.text,
                                     .names = names,
                                     .types = types,
                                     .n = n,
                                     .key = c->key};
  for (size_t i = 0; names && types && i < n; i++) {
    names[i] = c->scan_columns[i].name;
    types[i] = i < (size_t)c->ndata ? c->columns[i].type : RS_T_TEXT;
  }
  rc = names && types ? rs_write_add(c->conn, &spec, pw, e) : rs_nomem(e);
  rs_free(names);
  rs_free(types);
  return rc;
}

enum rs_code rs_collection_check_read(struct collection *c, struct rs_error *e)
{
  const struct write_table *any = rs_write_any(c->conn), *own = rs_collection_written(c);
  const struct rs_where at = rs_collection_where(c);
  const char *workspace;
  if (!any || (own && rs_queue_count(own->queue) > 0)) return RS_OK;
  if (!c->relation) return rs_write_refuse(any, e);
  enum rs_code rc = find_workspace(c, &workspace, e);
  if (rc == RS_OK) rc = rs_write_check(c->conn, &at, workspace, c->relation, e);
  if (rc != RS_OK) return rc;
  rc = check_writable(c, workspace, e); // a view may read what is queued
  if (rc == RS_INVALID) return rs_write_refuse(any, e);
  return rc == RS_NOT_FOUND ? RS_OK : rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Documents may hold values of other types than declared: how one comes into the collection. */
static enum rs_code refuse_value(struct update *u, enum rs_code rc)
{
  struct rs_target *t;
  if (rc != RS_INVALID || u->w->event_time < 0) return rc;
  if (rs_collection_target(u->c, &t, NULL) != RS_OK) return rc;
  if (!rs_output_traits(rs_target_info(t).output)->widens) return rc;
  return rs_error_append(u->e,
                         ". rockset_push() sends values of any type; SELECT rockset_refresh('%s') "
                         "then lets this table take them",
                         u->c->table);
}

static enum rs_code convert_value(struct update *u, int column, sqlite3_value *v,
                                  struct rs_value *out)
{
  const struct collection_column *col = &u->c->columns[column];
  if (col->unfit) return rs_sidecar_refuse_write(u->c, col, u->e);
  enum rs_code rc = rs_collection_convert(col, v, &u->w->row_arena, out, u->e);
  if (rc != RS_OK) return refuse_value(u, rc);
  if (col->side == 0) return rc;
  return rs_sidecar_write(col, v, out, &u->w->row_arena, &u->w->row[col->side], u->e);
}

/* The columns that are not marked; *any: there is one besides the key. */
static enum rs_code take_marked(struct update *u, bool *all, bool *any)
{
  struct write_table *w = u->w;
  enum rs_code rc = RS_OK;
  *all = true;
  *any = false;
  for (int i = 0; i < u->c->ndata && rc == RS_OK; i++) {
    bool given = !sqlite3_value_nochange(u->values[i]);
    w->mask[i] = given && i != w->key;
    w->row[i] = (struct rs_value){.kind = RS_NULL};
    if (u->c->columns[i].side > 0) {
      w->mask[u->c->columns[i].side] = w->mask[i];
      w->row[u->c->columns[i].side] = w->row[i];
    }
    if (given) rc = convert_value(u, i, u->values[i], &w->row[i]);
    *all = *all && given;
    *any = *any || w->mask[i];
  }
  return rc;
}

/* An INSERT's: none is marked. */
static enum rs_code take_row(struct update *u)
{
  struct write_table *w = u->w;
  enum rs_code rc = RS_OK;
  for (int i = 0; i < u->c->ndata && rc == RS_OK; i++)
    rc = convert_value(u, i, u->values[i], &w->row[i]);
  return rc;
}

static bool make_text(struct write_table *w, int column, const char *text, size_t n)
{
  struct rs_value *v = &w->row[column];
  v->kind = RS_TEXT;
  v->s.n = n;
  v->s.p = rs_arena_strndup(&w->row_arena, text, n);
  return v->s.p != NULL;
}

/* What a new row of a collection gets when it is not given: _id and _event_time. */
static enum rs_code fill_defaults(struct update *u, bool *made)
{
  struct write_table *w = u->w;
  char text[RS_VALUE_TEXT_MAX];
  bool ok = true;
  if (w->key >= 0 && w->row[w->key].kind == RS_NULL) {
    if (!rs_eq(w->names[w->key], "_id") || w->types[w->key] == RS_T_INT)
      return rs_fail(u->e, RS_CONSTRAINT, "NOT NULL constraint failed: %s is the key",
                     w->names[w->key]);
    rs_uuid(text);
    ok = make_text(w, w->key, text, strlen(text));
    *made = true;
  }
  if (ok && w->event_time >= 0 && w->row[w->event_time].kind == RS_NULL) {
    struct rs_value *v = &w->row[w->event_time];
    if (w->types[w->event_time] == RS_T_INT) {
      *v = (struct rs_value){.kind = RS_INT, .i = rs_wall_us()};
    } else {
      ok = make_text(w, w->event_time, text, rs_text_timestamp(rs_wall_us(), 1000000, text));
    }
  }
  return ok ? RS_OK : rs_nomem(u->e);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool same_value(const struct rs_value *a, const struct rs_value *b)
{
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case RS_BOOL:
    case RS_INT: return a->i == b->i;
    case RS_FLOAT: return a->f == b->f;
    case RS_TEXT:
    case RS_BYTES:
    case RS_JSON: return a->s.n == b->s.n && memcmp(a->s.p, b->s.p, a->s.n) == 0;
    case RS_NULL:
    case RS_LIST: break;
  }
  return true;
}

static enum rs_code fail_conflict(struct update *u, const struct rs_value *key)
{
  const char *name = u->w->names[u->w->key];
  // SQLite drops this one, and must find no text
  if (sqlite3_vtab_on_conflict(rs_conn_db(u->c->conn)) == SQLITE_IGNORE)
    return u->e->code = RS_CONSTRAINT;
  if (key->kind == RS_BOOL || key->kind == RS_INT)
    return rs_fail(u->e, RS_CONSTRAINT, "UNIQUE constraint failed: %s %lld exists already", name,
                   (long long)key->i);
  if (key->kind == RS_FLOAT)
    return rs_fail(u->e, RS_CONSTRAINT, "UNIQUE constraint failed: %s %.15g exists already", name,
                   key->f);
  return rs_fail(u->e, RS_CONSTRAINT, "UNIQUE constraint failed: %s '%.*s' exists already", name,
                 (int)(key->s.n > 80 ? 80 : key->s.n), key->s.p);
}

/* How a new row with that key is queued; RS_CONSTRAINT when there is one. What was met of a key
** before goes on being what it is to meet. */
static enum rs_code kind_of_new(struct update *u, const struct rs_value *key,
                                struct rs_change *change)
{
  struct rs_change queued;
  bool exists = false;
  bool replace = sqlite3_vtab_on_conflict(rs_conn_db(u->c->conn)) == SQLITE_REPLACE;
  enum rs_code rc = rs_queue_find(u->w->reader, key, &queued, u->e);
  if (rc != RS_OK && rc != RS_DONE) return rc;
  bool gone = rc == RS_OK && queued.kind == RS_CHANGE_DELETE;
  if (rc == RS_OK && !gone && !replace) return fail_conflict(u, key);
  change->kind = RS_CHANGE_REPLACE;
  change->meets = RS_MEETS_ANY;
  if (rc == RS_OK && queued.kind != RS_CHANGE_ADD) change->meets = queued.meets;
  if (rc == RS_OK && (!gone || queued.meets != RS_MEETS_NONE)) return RS_OK;
  if (replace) {
    change->meets = RS_MEETS_ANY;
    return RS_OK;
  }
  change->kind = RS_CHANGE_ADD;
  if (gone) return RS_OK; // it was added, and deleted: nobody had that key
  rc = rs_lookup_exists(u->c, u->w, key, &exists, u->e);
  return rc == RS_OK && exists ? fail_conflict(u, key) : rc;
}

/* ---- INSERT, DELETE, UPDATE ------------------------------------------------------------------ */

static enum rs_code queue_change(struct update *u, const struct rs_change *change)
{
  const struct rs_queue *q = u->w->queue;
  enum rs_code rc = rs_queue_add(u->w->queue, change, u->e);
  if (rc != RS_OK) return rc;
  if (rs_queue_count(q) % BULK_ROWS == 0 || !rs_queue_is_by_column(q))
    rs_write_bulk(u->c->conn, u->w);
  return RS_OK;
}

static enum rs_code insert_row(struct update *u, sqlite3_int64 *rowid)
{
  struct write_table *w = u->w;
  struct rs_change change = {.kind = RS_CHANGE_ADD, .row = w->row};
  bool made = false;
  enum rs_code rc = take_row(u);
  if (rc == RS_OK) rc = fill_defaults(u, &made);
  if (rc == RS_OK && w->key >= 0) {
    change.key = w->row[w->key];
    if (!made) rc = kind_of_new(u, &change.key, &change);
    if (!made) w->checked = true;
  }
  if (rc == RS_OK) rc = queue_change(u, &change);
  if (rc == RS_OK && w->key >= 0 && !rs_conn_set_last_id(u->c->conn, &change.key))
    rc = rs_nomem(u->e);
  // what SQLite makes last_insert_rowid(): another key is no number, and leaves it as it is
  *rowid = w->key >= 0 && change.key.kind == RS_INT
             ? change.key.i
             : sqlite3_last_insert_rowid(rs_conn_db(u->c->conn));
  return rc;
}

static enum rs_code delete_row(struct update *u, const struct rs_value *key)
{
  struct rs_change queued, change = {.kind = RS_CHANGE_DELETE, .key = *key, .meets = RS_MEETS_ONE};
  enum rs_code rc = rs_queue_find(u->w->reader, key, &queued, u->e);
  if (rc != RS_OK && rc != RS_DONE) return rc;
  if (rc == RS_OK) change.meets = queued.kind == RS_CHANGE_ADD ? RS_MEETS_NONE : queued.meets;
  u->w->checked = true;
  return queue_change(u, &change);
}

/* The row's other columns: from what is queued, or from the target. */
struct filling {
  struct write_table *w;
  const struct rs_value *key;
  bool found;
  bool nomem;
};

static bool keep_value(struct rs_arena *a, struct rs_value *to, const struct rs_value *v)
{
  *to = *v;
  if (v->kind != RS_TEXT && v->kind != RS_BYTES && v->kind != RS_JSON) return true;
  to->s.p = rs_arena_strndup(a, v->s.p, v->s.n);
  return to->s.p != NULL;
}

static enum rs_code fill_row(void *ctx, const struct rs_value *row, struct rs_error *e)
{
  struct filling *f = ctx;
  struct write_table *w = f->w;
  if (f->found || !same_value(&row[w->key], f->key)) return RS_OK;
  f->found = true;
  for (size_t i = 0; i < w->n; i++) {
    if (w->mask[i] || (int)i == w->key) continue;
    if (!keep_value(&w->row_arena, &w->row[i], &row[i])) return rs_nomem(e);
  }
  return RS_OK;
}

static enum rs_code fill_others(struct update *u, const struct rs_value *key)
{
  struct write_table *w = u->w;
  struct filling f = {.w = w, .key = key};
  struct rs_change queued;
  enum rs_code rc = rs_queue_find(w->reader, key, &queued, u->e);
  bool whole = rc == RS_OK && (queued.kind != RS_CHANGE_PATCH || queued.whole);
  if (whole && queued.row) return fill_row(&f, queued.row, u->e);
  if (rc == RS_OK && queued.kind == RS_CHANGE_PATCH) {
    rc = rs_lookup_complete(u->c, w, u->e);
    if (rc == RS_OK) rc = rs_queue_find(w->reader, key, &queued, u->e);
    if (rc == RS_OK && queued.whole) return fill_row(&f, queued.row, u->e);
  }
  if (rc == RS_OK || rc == RS_DONE) rc = rs_lookup_fetch(u->c, w, key, 1, fill_row, &f, u->e);
  if (rc == RS_OK && !f.found)
    rc = rs_fail(u->e, RS_BUSY, "the row was deleted by another transaction meanwhile: try again");
  return rc;
}

/* The key changes: the row moves. */
static enum rs_code move_row(struct update *u, const struct rs_value *old, bool all)
{
  struct write_table *w = u->w;
  const struct rs_value key = w->row[w->key];
  struct rs_change change = {.key = key, .row = w->row};
  if (key.kind == RS_NULL)
    return rs_fail(u->e, RS_CONSTRAINT, "NOT NULL constraint failed: %s is the key",
                   w->names[w->key]);
  enum rs_code rc = rs_write_knows_all(u->c->conn, w, u->e);
  if (rc == RS_OK) rc = kind_of_new(u, &key, &change);
  if (rc == RS_OK && !all) rc = fill_others(u, old);
  if (rc == RS_OK) rc = delete_row(u, old);
  return rc == RS_OK ? queue_change(u, &change) : rc;
}

/* The row stays where it is. */
static enum rs_code change_row(struct update *u, const struct rs_value *key)
{
  struct write_table *w = u->w;
  struct rs_change queued,
    change = {
      .kind = RS_CHANGE_PATCH, .key = *key, .row = w->row, .mask = w->mask, .meets = RS_MEETS_ONE};
  enum rs_code rc = rs_queue_find(w->reader, key, &queued, u->e);
  if (rc != RS_OK && rc != RS_DONE) return rc;
  w->checked = true;
  w->row[w->key] = *key;
  if (rc == RS_OK && queued.kind == RS_CHANGE_DELETE) return RS_OK;
  if (rc == RS_OK) {
    bool row = queued.kind != RS_CHANGE_PATCH;
    change.kind = queued.kind;
    change.whole = queued.whole;
    change.meets = queued.meets;
    for (size_t i = 0; i < w->n; i++) {
      if (w->mask[i] || (int)i == w->key) continue;
      w->row[i] = queued.row[i];
      w->mask[i] = !row && queued.mask[i];
    }
  }
  if (change.kind == RS_CHANGE_PATCH && !change.whole) w->incomplete = true;
  return queue_change(u, &change);
}

static enum rs_code update_row(struct update *u, const struct rs_value *old)
{
  struct write_table *w = u->w;
  bool all, any;
  bool key_given = !sqlite3_value_nochange(u->values[w->key]);
  enum rs_code rc = take_marked(u, &all, &any);
  if (rc != RS_OK) return rc;
  if (key_given && !same_value(&w->row[w->key], old)) return move_row(u, old, all);
  return any ? change_row(u, old) : RS_OK;
}

/* ---- xUpdate --------------------------------------------------------------------------------- */

static enum rs_code check_kind(const struct collection *c, struct rs_error *e)
{
  if (c->broken) return rs_fail(e, RS_INVALID, "%s", c->broken);
  if (c->has_paths)
    return rs_fail(e, RS_FORBIDDEN,
                   "it has path columns (columns='...') and can't be written to: write to a table "
                   "without them");
  if (c->readonly)
    return rs_fail(e, RS_FORBIDDEN, "it was created with readonly=1 and can't be written to");
  if (c->query)
    return rs_fail(e, RS_INVALID,
                   "it shows a query and can't be written to: write to the collection");
  if (c->lambda)
    return rs_fail(e, RS_INVALID,
                   "it shows a query lambda and can't be written to: write to the collection");
  return RS_OK;
}

static enum rs_code update_any(struct update *u, int argc, sqlite3_value **argv,
                               sqlite3_int64 *rowid)
{
  struct write_table *w = u->w;
  struct rs_value old;
  if (argc > 1 && sqlite3_value_type(argv[0]) == SQLITE_NULL) return insert_row(u, rowid);
  if (w->key < 0)
    return rs_fail(u->e, RS_INVALID,
                   "without a key its rows can't be updated or deleted: create it with "
                   "rockset('%s.%s', key='...')",
                   w->workspace, w->relation);
  enum rs_code rc = convert_value(u, w->key, argv[0], &old);
  if (rc != RS_OK) return rc;
  return argc == 1 ? delete_row(u, &old) : update_row(u, &old);
}

static int give_error(struct collection *c, enum rs_code rc, struct rs_error *e)
{
  if (rc == RS_OK) return SQLITE_OK;
  if (rc == RS_CONSTRAINT && e->text[0] == 0) return SQLITE_CONSTRAINT;
  if (rc == RS_FORBIDDEN && (c->readonly || c->has_paths)) {
    (void)rs_collection_error(c, e);
    return SQLITE_READONLY;
  }
  return rs_collection_error(c, e);
}

int rs_collection_update(sqlite3_vtab *pVtab, int argc, sqlite3_value **argv, sqlite3_int64 *pRowid)
{
  struct collection *c = (struct collection *)pVtab;
  struct rs_error e; // not zeroed as a whole: this runs for every row
  struct update u = {.c = c, .values = argv + 2, .e = &e};
  e.code = RS_OK;
  e.unsent = false;
  e.text[0] = 0;
  enum rs_code rc = check_kind(c, &e);
  if (rc == RS_OK) rc = open_table(c, &u.w, &e);
  if (rc != RS_OK) return give_error(c, rc, &e);
  rc = update_any(&u, argc, argv, pRowid);
  if (u.w->row_arena.head) rs_arena_free(&u.w->row_arena);
  return give_error(c, rc, &e);
}

/* ---- the transaction ------------------------------------------------------------------------- */

int rs_collection_begin(sqlite3_vtab *pVtab)
{
  struct collection *c = (struct collection *)pVtab;
  struct rs_error e = {0};
  enum rs_code rc = check_kind(c, &e);
  if (rc == RS_OK) rs_write_join(c->conn, &c->part);
  return give_error(c, rc, &e);
}

int rs_collection_sync(sqlite3_vtab *pVtab)
{
  struct collection *c = (struct collection *)pVtab;
  struct rs_error e = {0};
  enum rs_code rc = rs_write_sync(c->conn, &c->part, &e);
  // the text names the table whose rows it was
  return rc == RS_OK ? SQLITE_OK : rs_vtab_error(pVtab, &e);
}

int rs_collection_commit(sqlite3_vtab *pVtab)
{
  struct collection *c = (struct collection *)pVtab;
  rs_write_leave(c->conn, &c->part, false);
  return SQLITE_OK;
}

int rs_collection_rollback(sqlite3_vtab *pVtab)
{
  struct collection *c = (struct collection *)pVtab;
  if (c->part.joined) rs_write_stays(c->conn, rs_collection_written(c));
  rs_write_leave(c->conn, &c->part, true);
  return SQLITE_OK;
}

int rs_collection_savepoint(sqlite3_vtab *pVtab, int level)
{
  struct write_table *w = rs_collection_written((struct collection *)pVtab);
  return !w || !w->queue || rs_queue_mark(w->queue, level) ? SQLITE_OK : SQLITE_NOMEM;
}

int rs_collection_rollback_to(sqlite3_vtab *pVtab, int level)
{
  struct collection *c = (struct collection *)pVtab;
  struct write_table *w = rs_collection_written(c);
  struct rs_error e = {0};
  if (!w) return SQLITE_OK;
  rs_write_stays(c->conn, w);
  if (!w->queue) return SQLITE_OK;
  w->incomplete = true; // what is latest now may be a patch
  rs_write_bulk_rewind(c->conn, w, level);
  return give_error(c, rs_queue_rewind(w->queue, level, &e), &e);
}
