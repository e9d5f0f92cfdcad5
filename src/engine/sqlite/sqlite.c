/*
** The engine of profile type sqlite (sqlite.h): ADBC's sessions (adbc/any.c) with SQLite's own
** errors, schemas as attached files, and values as rows.c reads them.
*/
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/sql/control.h"
#include "src/engine/sql/sql.h"
#include "sqlite.h"

/* ---- errors ---------------------------------------------------------------------------------- */

/* By a part of SQLite's message; the first match wins. */
static const struct {
  const char *word;
  enum rs_code code;
} classes[] = {
  {"interrupted", RS_CANCELLED},
  {"is locked", RS_BUSY},
  {"no such table", RS_NOT_FOUND},
  {"unknown database", RS_NOT_FOUND},
  {"already exists", RS_EXISTS},
  {"constraint failed", RS_CONSTRAINT},
  {"readonly database", RS_FORBIDDEN},
  {"disk is full", RS_LIMIT},
  {"too many", RS_LIMIT},
  {"disk I/O error", RS_IO},
  {"unable to open", RS_IO},
  {"not a database", RS_IO},
};

/* The driver's words stand in front of a message, and the statement behind it. */
static enum rs_code translate(const struct rs_adbc_failure *f, struct rs_error *e)
{
  static const char missing[] = "no such table: ";
  enum rs_code code = f->status == ADBC_STATUS_NOT_IMPLEMENTED ? RS_UNSUPPORTED : RS_INVALID;
  const char *at = strstr(f->text, "Failed to ");
  at = at ? strstr(at, ": ") : NULL;
  const char *text = at ? at + 2 : f->text;
  (void)rs_fail(e, code, "%.*s", (int)strcspn(text, "\n"), text);
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
    if (!strstr(text, classes[i].word)) continue;
    code = classes[i].code;
    break;
  }
  if (!e) return code;
  e->code = code;
  e->again = code == RS_BUSY;
  if (strstr(text, "use DROP ")) e->refused = RS_REFUSED_KIND;
  if (strstr(text, "circularly defined")) e->refused = RS_REFUSED_RECURSION;
  if (strncmp(text, missing, strlen(missing)) != 0) return code;
  text += strlen(missing);
  const char *dot = strchr(text, '.');
  if (dot) text = dot + 1;
  (void)snprintf(e->missing, sizeof e->missing, "%.*s", (int)strcspn(text, "\n"), text);
  return code;
}

/* ---- targets and connections ----------------------------------------------------------------- */

static enum rs_code target_place(const struct rs_output *o, struct rs_buf *place,
                                 struct rs_error *e)
{
  const char *path = rs_output_text(o, "path", "");
  char real[PATH_MAX];
  (void)e;
  rs_buf_str(place, realpath(path, real) ? real : path);
  return RS_OK;
}

enum rs_code rs_sqlitedb_run(struct rs_session *s, struct rs_adbc_conn *c, struct rs_error *e,
                             const char *fmt, const char *text, const char *name)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, fmt, text, name);
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&b), .writes = true};
  if (!rc) rc = rs_adbc_exec(c, &st, NULL, e);
  rs_buf_free(&b);
  return rc;
}

/* Attaches the files that the connection lacks. */
static enum rs_code attach_files(struct rs_session *s, struct rs_adbc_conn *c, struct rs_error *e)
{
  struct rs_sqlitedb_files f;
  enum rs_code rc = rs_sqlitedb_files(s->target->output, &f, e);
  for (size_t i = 1; i < f.n && f.n != c->attached && !rc; i++) {
    struct rs_error own = {0};
    rc = rs_sqlitedb_run(s, c, &own, "ATTACH %t AS %i", f.v[i].path, f.v[i].schema);
    if (rc && strstr(own.text, "already in use")) rc = RS_OK; // of an earlier look
    if (rc) rs_error_prefix(&own, "schema '%s', file '%s'", f.v[i].schema, f.v[i].path);
    if (rc && e) *e = own;
  }
  if (!rc) c->attached = f.n;
  rs_arena_free(&f.a);
  return rc;
}

/* A renamed table must not take the views along that read what it replaces. */
static enum rs_code begin_connection(struct rs_session *s, struct rs_adbc_conn *c,
                                     struct rs_error *e)
{
  char ms[24];
  (void)snprintf(ms, sizeof ms, "%lld",
                 (long long)rs_output_int(s->target->output, "lock_timeout", 5000));
  enum rs_code rc = rs_sqlitedb_run(s, c, e, "PRAGMA busy_timeout = %s", ms, NULL);
  if (!rc) rc = rs_sqlitedb_run(s, c, e, "PRAGMA legacy_alter_table = %s", "ON", NULL);
  return rc ? rc : attach_files(s, c, e);
}

static enum rs_code ready(struct rs_session *s, struct rs_adbc_conn *c, struct rs_error *e)
{
  if (!rs_output_text(s->target->output, "schema_directory", NULL))
    return rs_sqlitedb_check_files(s->target, e);
  enum rs_code rc = rs_sqlitedb_opens(s, true, e);
  if (rc) return rc;
  rc = attach_files(s, c, e);
  (void)rs_sqlitedb_opens(s, false, NULL);
  return rc;
}

/* What is attached is the profile's. */
static const char *const refused[] = {"ATTACH", "DETACH", NULL};

static const struct rs_any_driver driver = {
  .translate = translate,
  .uri = "path",
  .by_insert = true,
  .counts = true,
  .opens = rs_sqlitedb_opens,
  .closes = rs_sqlitedb_closes,
  .begins = begin_connection,
  .ready = ready,
  .refuses = refused,
  .query = rs_sqlitedb_query,
  .columns = rs_sqlitedb_columns,
};

static enum rs_code target_open(struct rs_target *t, struct rs_error *e)
{
  return rs_any_target_open(t, "sqlite", &driver, e);
}

/* ---- workspaces ------------------------------------------------------------------------------ */

static enum rs_code create(struct rs_session *s, const struct rs_relation *rel, bool if_missing,
                           struct rs_error *e)
{
  struct rs_arena a;
  const char *name = rel->workspace;
  bool has;
  if (rel->name) return rs_sql_create(s, rel, if_missing, e);
  enum rs_code rc = rs_sql_has_workspace(s, rel->database, name, &has, e);
  if (rc) return rc;
  if (has) return if_missing ? RS_OK : rs_fail(e, RS_EXISTS, "workspace '%s' exists", name);
  rs_arena_init(&a, 0);
  const char *file = rs_sqlitedb_file_for(s->target->output, name, &a);
  FILE *f = file ? fopen(file, "ab") : NULL; // an empty file is an empty database
  if (!file)
    rc = rs_fail(e, RS_UNSUPPORTED,
                 "target '%s' has no schema '%s': give it a file in the profile's "
                 "schemas_and_paths, or a schema_directory for new ones",
                 s->target->output->target_name, name);
  else if (!f) rc = rs_fail(e, RS_IO, "file '%s' can't be made", file);
  if (f) (void)fclose(f);
  rs_arena_free(&a);
  return rc;
}

static enum rs_code drop(struct rs_session *s, const struct rs_relation *rel,
                         enum rs_relation_kind kind, unsigned how, struct rs_error *e)
{
  if (rel->name) return rs_sql_drop(s, rel, kind, how, e);
  return rs_fail(e, RS_UNSUPPORTED,
                 "target '%s': schema '%s' is a file: drop what it holds, then remove it from the "
                 "profile or its folder",
                 s->target->output->target_name, rel->workspace);
}

static const struct rs_relation_ops relation_ops = {RS_SQL_RELATION_OPS, .create = create,
                                                    .drop = drop};

const struct rs_engine rs_sqlitedb_engine = {
  .type = "sqlite",
  .fields = &rs_sqlitedb_fields,
  .traits = {.caps = RS_CAP_TRANSACTIONS,
             .request_cost = 100,
             .no_database = true,
             .class_name = "SQLiteRelation"},
  .target_place = target_place,
  .target_open = target_open,
  .get = rs_sqlitedb_get,
  .relations = &relation_ops,
  .control = &rs_sql_control_ops,
  RS_ANY_SLOTS,
};
