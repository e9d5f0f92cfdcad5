/*
** A virtual table by the name that a function of the user's is given: 'movies', 'temp.movies',
** '"a db"."a.b"'. All schemas are searched, in SQLite's order. And the target that it belongs to.
*/
#include "ext/base/statement.h"
#include "internal.h"
#include "src/sql/relname.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#include <string.h>

struct rs_where rs_collection_where(const struct collection *c)
{
  return (struct rs_where){.named = c->named, .schema = c->schema};
}

enum rs_code rs_collection_session(const struct collection *c, struct rs_session **ps,
                                   struct rs_error *e)
{
  const struct rs_where at = rs_collection_where(c);
  return rs_conn_session_at(c->conn, &at, c->stored, ps, e);
}

enum rs_code rs_collection_target(const struct collection *c, struct rs_target **pt,
                                  struct rs_error *e)
{
  const struct rs_where at = rs_collection_where(c);
  return rs_conn_target_at(c->conn, &at, c->stored, pt, e);
}

const char *rs_collection_workspace(const struct collection *c, const struct rs_target *t)
{
  return c->workspace ? c->workspace : rs_target_info(t).output->workspace;
}

static enum rs_code look_in(struct rs_conn *conn, const char *fn, const char *schema,
                            const char *name, struct rs_arena *arena, struct collection_name *f,
                            struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  int rc = rs_sqlite_prepare(rs_conn_db(conn), &st,
                             "SELECT name, sql LIKE 'create virtual table%%' "
                             "FROM \"%w\".sqlite_schema WHERE type IN ('table', 'view') AND "
                             "name = %Q COLLATE NOCASE",
                             schema, name);
  if (rc == SQLITE_OK) rc = sqlite3_step(st);
  if (rc == SQLITE_ROW) {
    const char *text = (const char *)sqlite3_column_text(st, 0);
    f->other = sqlite3_column_int(st, 1) == 0;
    f->table = text ? rs_arena_strdup(arena, text) : NULL;
    f->schema = rs_arena_strdup(arena, schema);
    if (!f->table || !f->schema) rc = SQLITE_NOMEM;
  }
  enum rs_code code = rc == SQLITE_NOMEM                      ? rs_nomem(e)
                      : rc == SQLITE_ROW || rc == SQLITE_DONE ? RS_OK
                                                              : rs_sqlite_error(conn, fn, e);
  sqlite3_finalize(st);
  return code;
}

/* In `schema`, or in all of them. */
static enum rs_code look_everywhere(struct rs_conn *conn, const char *fn, const char *schema,
                                    const char *name, struct rs_arena *arena,
                                    struct collection_name *f, struct rs_error *e)
{
  const char **schemas = NULL;
  size_t n = 0;
  enum rs_code rc = rs_conn_schemas(conn, arena, &schemas, &n, e);
  for (size_t i = 0; rc == RS_OK && i < n && !f->table; i++) {
    if (schema && sqlite3_stricmp(schema, schemas[i]) != 0) continue;
    rc = look_in(conn, fn, schemas[i], name, arena, f, e);
  }
  return rc;
}

enum rs_code rs_collection_locate(struct rs_conn *conn, const char *fn, const char *text,
                                  struct rs_arena *arena, struct collection_name *f,
                                  struct rs_error *e)
{
  struct rs_relation rel;
  *f = (struct collection_name){0};
  // as it stands it may be a name with a dot
  enum rs_code rc = look_everywhere(conn, fn, NULL, text, arena, f, e);
  if (rc != RS_OK || f->table) return rc;
  rc = rs_relation_parse(text, "", fn, arena, &rel, e);
  if (rc == RS_OK)
    rc = look_everywhere(conn, fn, *rel.workspace ? rel.workspace : NULL, rel.name, arena, f, e);
  if (rc == RS_OK && !f->table)
    rc = rs_fail(e, RS_NOT_FOUND, "%s: there is no virtual table '%s'", fn, text);
  return rc;
}
