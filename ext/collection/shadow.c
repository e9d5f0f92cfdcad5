/*
** The shadow table of a virtual table t: "<schema>"."t_rockset". It holds what was discovered when
** t was created, so that connecting to t needs no engine and no network.
**
**   position  role    name                          value           local  type  native   hidden
**   0         meta    format                        1
**   1, 2 ...  meta    workspace, relation, query or ...
**                     lambda (tag, version),
**                     key, given_key (key='...'),
**                     proven (the key), enforced,
**                     unique, readonly,
**                     columns (columns='...'),
**                     rows, target, on (of target='...')
**   100 ...   column  the engine's name             statistics      SQL's  int   BIGINT   0/1
**   (next)    path    a path column's name          statistics      SQL's  int   a.b[0]   0
**   (next)    param   a query's parameter           optional        SQL's
**   (next)    meta    sidecar: the column beside    the engine's
**                     which one lies, or null_      name
**                     sidecar, which holds nulls
**                     alone
**
** Statistics are rockset_analyze's: the number of distinct values and that of NULLs, "20 3".
**
** SQLite protects the name (xShadowName). The file may come from anywhere: whatever is read here is
** checked, and a table whose list can't be read still connects, so that it can be dropped.
*/
#include "ext/base/statement.h"
#include "internal.h"
#include "src/sql/relname.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT "1"
#define FIRST_COLUMN 100
#define MAX_COLUMNS 32767 /* SQLite's own hard limit */

static enum rs_code give_error(struct collection *c, struct rs_error *e)
{
  char what[300];
  sqlite3_snprintf(sizeof what, what, "table %s: its column list \"%w_rockset\"", c->table,
                   c->table);
  return rs_sqlite_error(c->conn, what, e);
}

/* ---- writing --------------------------------------------------------------------------------- */

static int bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
  return text ? sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC) : sqlite3_bind_null(stmt, i);
}

static int insert_meta(sqlite3_stmt *stmt, int *position, const char *name, const char *value)
{
  if (!value) return SQLITE_OK;
  sqlite3_clear_bindings(stmt);
  sqlite3_bind_int(stmt, 1, (*position)++);
  sqlite3_bind_text(stmt, 2, "meta", -1, SQLITE_STATIC);
  bind_text(stmt, 3, name);
  bind_text(stmt, 4, value);
  sqlite3_step(stmt);
  return sqlite3_reset(stmt);
}

static int insert_column(sqlite3_stmt *stmt, struct collection *c, int i)
{
  const struct collection_column *col = &c->columns[i];
  bool param = i >= c->ndata;
  sqlite3_clear_bindings(stmt);
  sqlite3_bind_int(stmt, 1, FIRST_COLUMN + i);
  sqlite3_bind_text(stmt, 2, param ? "param" : col->path ? "path" : "column", -1, SQLITE_STATIC);
  bind_text(stmt, 3, col->name);
  bind_text(stmt, 4, col->optional ? "optional" : NULL);
  bind_text(stmt, 5, col->local);
  bind_text(stmt, 6, param ? NULL : rs_type_name(col->type));
  bind_text(stmt, 7, param ? NULL : col->native);
  sqlite3_bind_int(stmt, 8, col->hidden);
  sqlite3_step(stmt);
  return sqlite3_reset(stmt);
}

static int insert_all(struct collection *c, sqlite3_stmt *stmt)
{
  char rows[24];
  int position = 0, rc = SQLITE_OK, i;
  sqlite3_snprintf(sizeof rows, rows, "%lld", (long long)c->rows);
  const char *const meta[][2] = {{"format", FORMAT},
                                 {"workspace", c->workspace},
                                 {"relation", c->relation},
                                 {"query", c->query},
                                 {"lambda", c->lambda},
                                 {"tag", c->tag},
                                 {"version", c->version},
                                 {"key", c->key >= 0 ? c->columns[c->key].name : NULL},
                                 {"given_key", c->args.key},
                                 {"columns", c->args.columns},
                                 {"proven", c->key >= 0 && c->proven ? "1" : NULL},
                                 {"enforced", c->enforced ? "1" : NULL},
                                 {"readonly", c->readonly ? "1" : NULL},
                                 {"rows", c->rows >= 0 ? rows : NULL},
                                 {"target", c->target},
                                 {"on", c->named}};
  for (size_t k = 0; rc == SQLITE_OK && k < sizeof meta / sizeof meta[0]; k++)
    rc = insert_meta(stmt, &position, meta[k][0], meta[k][1]);
  for (i = 0; rc == SQLITE_OK && i < c->ndata + c->nparams; i++) rc = insert_column(stmt, c, i);
  position = FIRST_COLUMN + i;
  for (i = 0; rc == SQLITE_OK && i < c->ndata; i++) {
    const struct collection_column *col = &c->columns[i];
    if (col->sided)
      rc = insert_meta(stmt, &position, col->odd ? "sidecar" : "null_sidecar", col->name);
  }
  return rc;
}

static int create(struct collection *c, const char *unless)
{
  return rs_sqlite_exec(c->db,
                        "CREATE TABLE %s \"%w\".\"%w_rockset\"(position INTEGER PRIMARY KEY, "
                        "role TEXT NOT NULL, name TEXT NOT NULL, value TEXT, local TEXT, "
                        "type TEXT, native TEXT, hidden INTEGER)",
                        unless, c->schema, c->table);
}

/* Fills the empty table. The failure's text is the connection's, also after finalize. */
static int fill_list(struct collection *c)
{
  sqlite3_stmt *stmt = NULL;
  int rc = rs_sqlite_prepare(
    c->db, &stmt, "INSERT INTO \"%w\".\"%w_rockset\" VALUES(?,?,?,?,?,?,?,?)", c->schema, c->table);
  if (rc == SQLITE_OK) rc = insert_all(c, stmt);
  int last = sqlite3_finalize(stmt);
  return rc == SQLITE_OK ? last : rc;
}

static enum rs_code result(struct collection *c, int rc, struct rs_error *e)
{
  return rc == SQLITE_OK ? RS_OK : rc == SQLITE_NOMEM ? rs_nomem(e) : give_error(c, e);
}

enum rs_code rs_shadow_save(struct collection *c, struct rs_error *e)
{
  int rc = create(c, "");
  if (rc != SQLITE_OK) return result(c, rc, e);
  enum rs_code code = result(c, fill_list(c), e);
  if (code != RS_OK) rs_shadow_drop(c);
  return code;
}

enum rs_code rs_shadow_replace(struct collection *c, struct rs_error *e)
{
  int rc = create(c, "IF NOT EXISTS");
  if (rc == SQLITE_OK)
    rc = rs_sqlite_exec(c->db, "DELETE FROM \"%w\".\"%w_rockset\"", c->schema, c->table);
  if (rc == SQLITE_OK) rc = fill_list(c);
  if (rc != SQLITE_ERROR) return result(c, rc, e);
  // it is no table of ours: of another shape, or a view
  rc = rs_sqlite_exec(c->db, "DROP TABLE IF EXISTS \"%w\".\"%w_rockset\"", c->schema, c->table);
  if (rc == SQLITE_OK) rc = create(c, "");
  if (rc == SQLITE_OK) rc = fill_list(c);
  return result(c, rc, e);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* A copy of a result column's text in the arena; NULL for SQL NULL. *ok is cleared on failure. */
static const char *keep_text(struct collection *c, sqlite3_stmt *stmt, int i, bool *ok)
{
  const unsigned char *p = sqlite3_column_text(stmt, i);
  if (!p) {
    if (sqlite3_column_type(stmt, i) != SQLITE_NULL) *ok = false;
    return NULL;
  }
  const char *copy = rs_arena_strdup(&c->arena, (const char *)p);
  if (!copy) *ok = false;
  return copy;
}

static void load_meta(struct collection *c, const char *name, const char *value, const char **key,
                      const char **format)
{
  if (!name || !value) return;
  if (strcmp(name, "format") == 0) *format = value;
  if (strcmp(name, "workspace") == 0) c->workspace = value;
  if (strcmp(name, "relation") == 0) c->relation = value;
  if (strcmp(name, "query") == 0) c->query = value;
  if (strcmp(name, "lambda") == 0) c->lambda = value;
  if (strcmp(name, "tag") == 0) c->tag = value;
  if (strcmp(name, "version") == 0) c->version = value;
  if (strcmp(name, "key") == 0) *key = value;
  if (strcmp(name, "given_key") == 0) c->args.key = value;
  if (strcmp(name, "columns") == 0) c->args.columns = value;
  if (strcmp(name, "proven") == 0) c->proven = true;
  if (strcmp(name, "enforced") == 0) c->enforced = true;
  if (strcmp(name, "unique") == 0) c->unique = true;
  if (strcmp(name, "readonly") == 0) c->readonly = true;
  if (strcmp(name, "target") == 0) c->target = value;
  if (strcmp(name, "on") == 0) c->named = value;
}

/* "20 3": distinct values and NULLs of the table's rows. What makes no sense is ignored. */
static void load_statistics(const struct collection *c, const char *value,
                            struct collection_column *col)
{
  char *end = NULL;
  if (!value || c->rows <= 0) return;
  long long distinct = strtoll(value, &end, 10), nulls = *end == ' ' ? strtoll(end, &end, 10) : -1;
  if (*end || distinct <= 0 || nulls < 0 || nulls > c->rows) return;
  col->distinct = (double)distinct;
  col->nulls = (double)nulls / (double)c->rows;
}

/* What columns='...' could have said. */
static bool is_path(struct collection *c, const struct collection_column *col, bool *ok)
{
  struct rs_path path;
  enum rs_code rc = rs_collection_path(col->path, &c->arena, &path, NULL);
  if (rc == RS_NOMEM) *ok = false;
  return rc == RS_OK && (col->type == RS_T_TEXT || col->type == RS_T_INT ||
                         col->type == RS_T_FLOAT || col->type == RS_T_BOOL);
}

/* Which column has one. Columns come first. False: there is none such. */
static bool load_sidecar(struct collection *c, const char *name, const char *column)
{
  const bool odd = rs_eq(name, "sidecar");
  int i = 0;
  if (!odd && !rs_eq(name, "null_sidecar")) return true;
  while (i < c->ndata && (c->columns[i].path || !rs_eq(c->columns[i].name, column))) i++;
  if (i == c->ndata) return false;
  c->columns[i].sided = true;
  c->columns[i].odd = odd;
  return true;
}

/* One row. Returns false when it can't be right. */
static bool load_row(struct collection *c, sqlite3_stmt *stmt, size_t *cap, const char **key,
                     const char **format, bool *ok)
{
  const char *role = keep_text(c, stmt, 0, ok), *name = keep_text(c, stmt, 1, ok);
  if (!role || !name) return false;
  if (strcmp(role, "meta") == 0) {
    const char *value = keep_text(c, stmt, 2, ok);
    load_meta(c, name, value, key, format);
    if (strcmp(name, "rows") == 0) c->rows = sqlite3_column_int64(stmt, 2);
    return load_sidecar(c, name, value);
  }
  bool param = strcmp(role, "param") == 0, path = strcmp(role, "path") == 0;
  int n = c->ndata + c->nparams;
  if ((!param && !path && strcmp(role, "column") != 0) || (!param && c->nparams > 0) ||
      n >= MAX_COLUMNS)
    return false;
  if ((size_t)n == *cap) {
    size_t more = *cap ? *cap * 2 : 32;
    struct collection_column *v = rs_arena_alloc(&c->arena, more * sizeof *v);
    if (!v) {
      *ok = false;
      return true;
    }
    if (n) memcpy(v, c->columns, (size_t)n * sizeof *v);
    c->columns = v;
    *cap = more;
  }
  struct collection_column *col = &c->columns[n];
  memset(col, 0, sizeof *col);
  col->name = name;
  col->local = keep_text(c, stmt, 3, ok);
  col->native = param ? "" : keep_text(c, stmt, 5, ok);
  if (path) col->path = col->native;
  col->hidden = param || sqlite3_column_int(stmt, 6) != 0;
  col->type = RS_T_OTHER;
  col->optional = param && sqlite3_column_type(stmt, 2) != SQLITE_NULL;
  if (!param) load_statistics(c, keep_text(c, stmt, 2, ok), col);
  const char *type = keep_text(c, stmt, 4, ok);
  if (!col->local || !col->native || (!param && (!type || !rs_type_parse(type, &col->type))))
    return false;
  if (path && !is_path(c, col, ok)) return false;
  if (param) c->nparams++;
  else c->ndata++;
  return true;
}

static enum rs_code damaged(struct collection *c, struct rs_error *e, const char *how)
{
  return rs_fail(e, RS_INVALID, "table %s: its column list \"%s_rockset\" %s: %s", c->table,
                 c->table, how, rs_collection_way_out(c).text);
}

static enum rs_code check_entry(struct collection *c, const char *key, const char *format,
                                struct rs_error *e)
{
  if (!format || strcmp(format, FORMAT) != 0)
    return damaged(c, e, format ? "was written by a newer rockset_ext" : "is damaged");
  int shown = (c->relation != NULL) + (c->query != NULL) + (c->lambda != NULL);
  if (c->ndata == 0 || shown != 1 || (c->nparams > 0 && c->relation) ||
      (!c->lambda && (c->tag || c->version)))
    return damaged(c, e, "is damaged");
  for (int i = 0; key && i < c->ndata; i++) {
    if (strcmp(c->columns[i].name, key) == 0) c->key = i;
  }
  for (int i = 0; i < c->ndata; i++)
    if (c->columns[i].sided && (!c->relation || i == c->key)) return damaged(c, e, "is damaged");
  return key && c->key < 0 ? damaged(c, e, "is damaged") : RS_OK;
}

enum rs_code rs_shadow_load(struct collection *c, struct rs_error *e)
{
  sqlite3_stmt *stmt = NULL;
  const char *key = NULL, *format = NULL;
  size_t cap = 0;
  bool ok = true, sane = true;
  int rc = rs_sqlite_prepare(c->db, &stmt,
                             "SELECT role, name, value, local, type, native, hidden "
                             "FROM \"%w\".\"%w_rockset\" ORDER BY position",
                             c->schema, c->table);
  c->key = -1;
  c->rows = -1;
  while (rc == SQLITE_OK && ok && sane && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
    sane = load_row(c, stmt, &cap, &key, &format, &ok);
    rc = SQLITE_OK;
  }
  sqlite3_finalize(stmt);
  if (!ok || rc == SQLITE_NOMEM) return rs_nomem(e);
  if (!stmt) return damaged(c, e, "is missing");
  if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED || rc == SQLITE_INTERRUPT) return give_error(c, e);
  if ((rc != SQLITE_OK && rc != SQLITE_DONE) || !sane) return damaged(c, e, "is damaged");
  return check_entry(c, key, format, e);
}

static bool same_relation(struct collection *c, const char *written, const char *name)
{
  struct rs_relation rel;
  if (!written || !name) return !written && !name;
  if (rs_relation_parse(written, "", "", &c->arena, &rel, NULL) != RS_OK) return false;
  return rs_eq(rel.name, name) && rs_eq(rel.workspace, c->workspace ? c->workspace : "");
}

/* The path columns are the last of the data columns; of equal names one has got a _1. */
static bool same_paths(struct collection *c, const char *written)
{
  struct collection_column *v = NULL;
  size_t n = 0, stored = 0;
  if (written && rs_collection_paths(written, &c->arena, &v, &n, NULL) != RS_OK) return false;
  for (int i = 0; i < c->ndata; i++) stored += c->columns[i].path != NULL;
  if (n != stored) return false;
  for (size_t i = 0; i < n; i++) {
    const struct collection_column *col = &c->columns[(size_t)c->ndata - n + i];
    if (!rs_eq(col->path, v[i].path) || col->type != v[i].type ||
        strncmp(col->local, v[i].name, strlen(v[i].name)) != 0)
      return false;
  }
  return true;
}

/* Is what is stored what the arguments of CREATE say? */
static bool is_as_written(struct collection *c)
{
  const struct collection_args *a = &c->args;
  bool query = a->query && c->query ? strstr(a->query, c->query) != NULL : !a->query && !c->query;
  bool key = !a->key || (c->key >= 0 && rs_eq(c->columns[c->key].name, a->key));
  return query && key && same_relation(c, a->relation, c->relation) &&
         same_relation(c, a->lambda, c->lambda) && same_paths(c, a->columns) &&
         rs_eq(a->tag, c->tag) && rs_eq(a->version, c->version) && rs_eq(a->named, c->named) &&
         a->readonly == c->readonly;
}

enum rs_code rs_shadow_check(struct collection *c, struct rs_error *e)
{
  if (c->broken) return rs_fail(e, RS_INVALID, "%s", c->broken);
  struct collection *now = NULL;
  enum rs_code rc = rs_collection_load(c->conn, c->db, c->schema, c->table, &now, e);
  if (rc != RS_OK) return rc;
  // connected by another program in between: SQLite would have read the schema anew
  if (!rs_collection_same(c, now)) rc = damaged(c, e, "was changed by hand");
  now->args = c->args;
  if (rc == RS_OK && c->args_code == RS_OK && !is_as_written(now))
    rc = damaged(c, e, "is not what its CREATE VIRTUAL TABLE says");
  rs_collection_free(now);
  return rc;
}

/* ---- drop and rename ------------------------------------------------------------------------- */

/* A plain SQLITE_ERROR is "no such table", or a view that has taken its place: nothing to drop. */
int rs_shadow_drop(struct collection *c)
{
  int rc = rs_sqlite_exec(c->db, "DROP TABLE IF EXISTS \"%w\".\"%w_rockset\"", c->schema, c->table);
  return rc == SQLITE_ERROR ? SQLITE_OK : rc;
}

int rs_shadow_rename(struct collection *c, const char *to)
{
  int rc = rs_sqlite_exec(c->db, "ALTER TABLE \"%w\".\"%w_rockset\" RENAME TO \"%w_rockset\"",
                          c->schema, c->table, to);
  /* A missing list must not keep the table from being renamed; a name that is taken must */
  if (rc == SQLITE_ERROR && c->broken) return SQLITE_OK;
  return rc;
}
