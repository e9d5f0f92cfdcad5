/*
** A whole workspace as tables of this session.
**
**   SELECT rockset_attach('commons');                     every collection and view, under its name
**   SELECT rockset_attach('commons', 'c_');               as c_movies, c_flights ...
**   SELECT rockset_attach('commons', '', 'fli*');         those whose name matches the GLOB pattern
**   SELECT rockset_detach('commons');                     drops what was attached from it
**   SELECT rockset_detach('commons', 'c_');               ... with this prefix only
**
** ARGUMENTS
**   workspace  TEXT. Quoted where it holds a dot: '"a.b"'.
**   prefix     TEXT. Put in front of each name as it stands. rockset_attach: none by default.
**              rockset_detach: any by default.
**   pattern    TEXT. As SQLite's GLOB, on the relation's name; case matters.
**
** RESULT
**   INTEGER: how many tables were created or dropped. What they are called:
**   SELECT name FROM temp.sqlite_schema WHERE type = 'table'.
**
** ERRORS
**   rockset_attach creates all tables or none. Before it creates any it refuses a name that
**     - a table or view of any schema has (a temp table would hide it), or a module (json_each);
**     - two relations would get, since SQLite's names ignore case;
**     - begins with sqlite_ or pragma_, is empty, or is longer than 255 bytes.
**   So it does for "<name>_rockset", the shadow table that comes with each.
**
** SAFETY
**   Both are DIRECTONLY: views and triggers of a database file cannot call them.
**
** HOW IT WORKS
**   Each table is a temp virtual table: CREATE VIRTUAL TABLE temp."c_movies" USING
**   rockset(...'commons.movies'). A comment in its arguments marks it as attached. rockset_detach
**   drops a table only when its stored statement is, byte for byte, what rockset_attach wrote for
**   that name: one made by hand stays.
*/
#include <string.h>
#include "src/sql/relname.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "ext/base/args.h"
#include "ext/base/call.h"
#include "functions.h"

#define MARK "/* rockset_attach */ "
#define SHADOW "_rockset"
#define SQL_MAX 8192 /* two names of 255 bytes, quoted and quoted again, fit easily */

/* One table to create or to drop. */
struct item {
  const char *name;     /* of the temp table */
  const char *relation; /* in the workspace */
};

/* One call. Texts lie in the arena. */
struct attach {
  struct rs_call call;
  const char *workspace, *prefix, *pattern;
  struct item *items;
  size_t n, cap;
  struct rs_map names; /* lower-case name -> who has it */
};

static void attach_begin(struct attach *a, sqlite3_context *ctx, const char *fn)
{
  *a = (struct attach){.n = 0};
  rs_call_init(&a->call, ctx, fn);
  rs_map_init(&a->names);
}

static void attach_end(struct attach *a, enum rs_code rc)
{
  rs_free(a->items);
  rs_map_free(&a->names);
  rs_call_end(&a->call, rc, (sqlite3_int64)a->n);
}

static enum rs_code read_args(struct attach *a, int argc, sqlite3_value **argv)
{
  const char *text = NULL;
  enum rs_code rc = rs_arg_text(argv[0], a->call.fn, "workspace", &text, &a->call.e);
  if (rc == RS_OK)
    rc = rs_workspace_parse(text, a->call.fn, &a->call.arena, &a->workspace, &a->call.e);
  if (rc == RS_OK)
    rc = rs_arg_optional(argc, argv, 1, a->call.fn, "prefix", &a->prefix, &a->call.e);
  if (rc == RS_OK)
    rc = rs_arg_optional(argc, argv, 2, a->call.fn, "pattern", &a->pattern, &a->call.e);
  return rc;
}

static enum rs_code add_item(struct attach *a, const char *name, const char *relation)
{
  if (!rs_grow(&a->items, &a->cap, a->n + 1, sizeof *a->items)) return rs_nomem(&a->call.e);
  struct item *item = &a->items[a->n];
  item->name = rs_arena_strdup(&a->call.arena, name);
  item->relation = rs_arena_strdup(&a->call.arena, relation);
  if (item->name == NULL || item->relation == NULL) return rs_nomem(&a->call.e);
  a->n++;
  return RS_OK;
}

/* ---- SQL text -------------------------------------------------------------------------------- */

static void add_quoted(struct rs_buf *b, const char *s, char quote)
{
  rs_buf_char(b, quote);
  for (; *s != 0; s++) {
    if (*s == quote) rs_buf_char(b, quote);
    rs_buf_char(b, *s);
  }
  rs_buf_char(b, quote);
}

/* `"c_movies" USING rockset(... 'commons.movies')`: what SQLite keeps after CREATE VIRTUAL TABLE */
static void add_definition(struct rs_buf *b, const char *workspace, const char *name,
                           const char *relation)
{
  struct rs_relation rel = {.workspace = workspace, .name = relation};
  struct rs_buf text;
  rs_buf_init(&text, SQL_MAX);
  rs_relation_text(&text, &rel);
  if (text.rc != RS_OK) b->rc = text.rc;
  add_quoted(b, name, '"');
  rs_buf_str(b, " USING rockset(" MARK);
  add_quoted(b, rs_buf_text(&text), '\'');
  rs_buf_char(b, ')');
  rs_buf_free(&text);
}

static enum rs_code run_sql(struct attach *a, const char *sql)
{
  char *text = NULL;
  int rc = sqlite3_exec(rs_conn_db(a->call.conn), sql, NULL, NULL, &text);
  sqlite3_free(text); // rs_sqlite_error takes it from the connection
  if (rc == SQLITE_OK) return RS_OK;
  (void)rs_sqlite_error(a->call.conn, a->call.fn, &a->call.e);
  // The statement that calls us reads or writes a table, or another one is open
  if (a->call.e.code == RS_BUSY)
    return rs_fail(&a->call.e, RS_BUSY, "%s: call it in a statement of its own", a->call.e.text);
  return a->call.e.code;
}

/* Creates or drops every item, or nothing. */
static enum rs_code run_items(struct attach *a, bool create)
{
  if (a->n == 0) return RS_OK;
  enum rs_code rc = run_sql(a, "SAVEPOINT rockset_attach");
  if (rc != RS_OK) return rc;
  struct rs_buf sql;
  rs_buf_init(&sql, SQL_MAX);
  for (size_t i = 0; rc == RS_OK && i < a->n; i++) {
    rs_buf_clear(&sql);
    if (create) {
      rs_buf_str(&sql, "CREATE VIRTUAL TABLE temp.");
      add_definition(&sql, a->workspace, a->items[i].name, a->items[i].relation);
    } else {
      rs_buf_str(&sql, "DROP TABLE temp.");
      add_quoted(&sql, a->items[i].name, '"');
    }
    rc = rs_buf_error(&sql, &a->call.e, a->call.fn);
    if (rc == RS_OK) rc = run_sql(a, rs_buf_text(&sql));
  }
  rs_buf_free(&sql);
  sqlite3 *db = rs_conn_db(a->call.conn);
  if (rc != RS_OK) sqlite3_exec(db, "ROLLBACK TO rockset_attach", NULL, NULL, NULL);
  if (rc != RS_OK) sqlite3_exec(db, "RELEASE rockset_attach", NULL, NULL, NULL);
  return rc == RS_OK ? run_sql(a, "RELEASE rockset_attach") : rc;
}

/* ---- names that are taken -------------------------------------------------------------------- */

static const char *lower_copy(struct attach *a, const char *s)
{
  char *copy = rs_arena_strdup(&a->call.arena, s);
  for (char *p = copy; p != NULL && *p != 0; p++)
    if (*p >= 'A' && *p <= 'Z') *p = (char)(*p + ('a' - 'A'));
  return copy;
}

/* The first owner of a name stays. `owner` lies in the arena or is constant. */
static enum rs_code take_name(struct attach *a, const char *name, const char *owner)
{
  const char *key = lower_copy(a, name);
  if (key == NULL || owner == NULL) return rs_nomem(&a->call.e);
  if (rs_map_get(&a->names, key) != NULL) return RS_OK;
  return rs_map_put(&a->names, key, (void *)(uintptr_t)owner) ? RS_OK : rs_nomem(&a->call.e);
}

/* Takes the names in a column of a statement's rows; owners are `<before><name><after>`. */
static enum rs_code take_names(struct attach *a, const char *sql, int col, const char *before,
                               const char *after)
{
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  int step = SQLITE_DONE;
  if (sqlite3_prepare_v2(rs_conn_db(a->call.conn), sql, -1, &st, NULL) != SQLITE_OK)
    rc = rs_sqlite_error(a->call.conn, a->call.fn, &a->call.e);
  while (rc == RS_OK && st != NULL && (step = sqlite3_step(st)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(st, col);
    if (name == NULL) continue;
    rc = take_name(a, name, rs_arena_printf(&a->call.arena, "%s%s%s", before, name, after));
  }
  if (rc == RS_OK && step != SQLITE_DONE)
    rc = rs_sqlite_error(a->call.conn, a->call.fn, &a->call.e);
  sqlite3_finalize(st);
  return rc;
}

/* What one schema has. */
static enum rs_code take_schema(struct attach *a, const char *schema)
{
  struct rs_buf sql;
  rs_buf_init(&sql, SQL_MAX);
  rs_buf_str(&sql, "SELECT name FROM ");
  add_quoted(&sql, schema, '"');
  // An index is in the way in its own schema only
  bool is_temp = rs_eq(schema, "temp");
  rs_buf_str(&sql, is_temp ? ".sqlite_schema WHERE type <> 'trigger'"
                           : ".sqlite_schema WHERE type IN ('table', 'view')");
  const char *hint = is_temp ? " exists: rockset_detach or another prefix helps"
                             : " exists: another prefix helps";
  const char *before = rs_arena_printf(&a->call.arena, "%s.", schema);
  enum rs_code rc = before != NULL ? rs_buf_error(&sql, &a->call.e, a->call.fn)
                                   : rs_nomem(&a->call.e);
  if (rc == RS_OK) rc = take_names(a, rs_buf_text(&sql), 0, before, hint);
  rs_buf_free(&sql);
  return rc;
}

/* PRAGMA statements, not the pragma_* tables: a table of the file may have their name. */
static enum rs_code take_all(struct attach *a)
{
  const char **schemas = NULL;
  size_t n = 0;
  // temp comes first: that is where a former rockset_attach put its tables
  enum rs_code rc = rs_conn_schemas(a->call.conn, &a->call.arena, &schemas, &n, &a->call.e);
  for (size_t i = 0; rc == RS_OK && i < n; i++) rc = take_schema(a, schemas[i]);
  if (rc == RS_OK)
    rc = take_names(a, "PRAGMA module_list", 0, "the module ", " exists: another prefix helps");
  return rc;
}

static enum rs_code check_name(struct attach *a, const char *name, const char *relation)
{
  const char *key = lower_copy(a, name);
  if (key == NULL) return rs_nomem(&a->call.e);
  const char *why = NULL, *owner = rs_map_get(&a->names, key);
  if (name[0] == 0) why = "is empty";
  else if (strlen(name) > RS_NAME_MAX) why = "is longer than 255 bytes";
  else if (strncmp(key, "sqlite_", 7) == 0) why = "is reserved by SQLite";
  else if (strncmp(key, "pragma_", 7) == 0) why = "would hide one of SQLite's tables";
  if (why != NULL)
    return rs_fail(&a->call.e, RS_INVALID, "%s: the name '%s' for %s.%s %s", a->call.fn, name,
                   a->workspace, relation, why);
  if (owner == NULL) return RS_OK;
  return rs_fail(&a->call.e, RS_EXISTS, "%s: the name '%s' for %s.%s is taken: %s", a->call.fn,
                 name, a->workspace, relation, owner);
}

/* Every name and its shadow table's, before anything is created. */
static enum rs_code check_names(struct attach *a)
{
  enum rs_code rc = take_all(a);
  for (size_t i = 0; rc == RS_OK && i < a->n; i++) {
    const char *relation = a->items[i].relation, *name = a->items[i].name;
    const char *shadow = rs_arena_printf(&a->call.arena, "%s" SHADOW, name);
    const char *owner = rs_arena_printf(&a->call.arena, "%s.%s needs it, too: a pattern helps",
                                        a->workspace, relation);
    if (shadow == NULL || owner == NULL) return rs_nomem(&a->call.e);
    rc = check_name(a, name, relation);
    if (rc == RS_OK) rc = check_name(a, shadow, relation);
    if (rc == RS_OK) rc = take_name(a, name, owner);
    if (rc == RS_OK) rc = take_name(a, shadow, owner);
  }
  return rc;
}

/* ---- rockset_attach -------------------------------------------------------------------------- */

static enum rs_code on_relation(void *ctx, const struct rs_relation_info *i)
{
  struct attach *a = ctx;
  if (a->pattern != NULL && sqlite3_strglob(a->pattern, i->name) != 0) return RS_OK;
  const char *name = rs_arena_printf(&a->call.arena, "%s%s", a->prefix != NULL ? a->prefix : "",
                                     i->name);
  return name != NULL ? add_item(a, name, i->name) : rs_nomem(&a->call.e);
}

struct workspaces {
  struct attach *a;
  const char **v;
  size_t n, cap;
};

static enum rs_code on_workspace(void *ctx, const char *name)
{
  struct workspaces *w = ctx;
  if (!rs_grow(&w->v, &w->cap, w->n + 1, sizeof *w->v)) return rs_nomem(&w->a->call.e);
  w->v[w->n] = rs_arena_strdup(&w->a->call.arena, name);
  return w->v[w->n++] != NULL ? RS_OK : rs_nomem(&w->a->call.e);
}

/* Nothing to attach: because there is no such workspace? */
static enum rs_code check_workspace(struct attach *a, struct rs_session *s)
{
  struct workspaces w = {.a = a};
  enum rs_code rc = rs_session_workspaces(s, NULL, on_workspace, &w, &a->call.e);
  bool exists = false;
  for (size_t i = 0; i < w.n; i++) exists = exists || rs_casecmp(w.v[i], a->workspace) == 0;
  if (rc == RS_OK && !exists) {
    const char *near = rs_nearest(a->workspace, w.v, w.n);
    rc = rs_fail(&a->call.e, RS_NOT_FOUND, "%s: there is no workspace '%s'%s%s%s", a->call.fn,
                 a->workspace, near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                 near != NULL ? "'?)" : "");
  }
  rs_free(w.v);
  return rc;
}

static enum rs_code list_items(struct attach *a)
{
  struct rs_session *s = NULL;
  enum rs_code rc = rs_conn_session(a->call.conn, false, &s, &a->call.e);
  if (rc == RS_OK) rc = rs_session_relations(s, NULL, a->workspace, on_relation, a, &a->call.e);
  if ((rc == RS_OK && a->n == 0) || rc == RS_NOT_FOUND) rc = check_workspace(a, s);
  rs_conn_done(a->call.conn, s);
  return rc;
}

static void attach_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct attach a;
  attach_begin(&a, ctx, "rockset_attach");
  enum rs_code rc = read_args(&a, argc, argv);
  if (rc == RS_OK) rc = list_items(&a);
  if (rc == RS_OK) rc = check_names(&a);
  if (rc == RS_OK) rc = run_items(&a, true);
  attach_end(&a, rc);
}

/* ---- rockset_detach -------------------------------------------------------------------------- */

/* Is `sql` what rockset_attach wrote for the table `name` with `name + at` as the relation? */
static enum rs_code compare_definition(struct attach *a, const char *name, size_t at,
                                       const char *sql, bool *is_same)
{
  struct rs_buf b;
  rs_buf_init(&b, SQL_MAX);
  rs_buf_str(&b, "CREATE VIRTUAL TABLE ");
  add_definition(&b, a->workspace, name, name + at);
  enum rs_code rc = rs_buf_error(&b, &a->call.e, a->call.fn);
  *is_same = rc == RS_OK && strcmp(rs_buf_text(&b), sql) == 0;
  rs_buf_free(&b);
  return rc;
}

/* With a prefix the relation's name is behind it; without, each split of the name is tried. */
static enum rs_code is_attached(struct attach *a, const char *name, const char *sql, bool *is_ours)
{
  size_t n = strlen(name), from = 0, to = n;
  *is_ours = false;
  if (n > RS_NAME_MAX) return RS_OK;
  if (a->prefix != NULL) {
    from = strlen(a->prefix);
    if (n <= from || memcmp(name, a->prefix, from) != 0) return RS_OK;
    to = from + 1;
  }
  enum rs_code rc = RS_OK;
  for (size_t at = from; rc == RS_OK && !*is_ours && at < to; at++)
    rc = compare_definition(a, name, at, sql, is_ours);
  return rc;
}

static enum rs_code find_items(struct attach *a)
{
  sqlite3_stmt *st = NULL;
  static const char query[] = "SELECT name, sql FROM temp.sqlite_schema WHERE type = 'table' "
                              "AND instr(sql, 'USING rockset(" MARK "') > 0";
  enum rs_code rc = RS_OK;
  int step = SQLITE_DONE;
  if (sqlite3_prepare_v2(rs_conn_db(a->call.conn), query, -1, &st, NULL) != SQLITE_OK)
    rc = rs_sqlite_error(a->call.conn, a->call.fn, &a->call.e);
  while (rc == RS_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(st, 0);
    const char *sql = (const char *)sqlite3_column_text(st, 1);
    bool is_ours = false;
    rc = name != NULL && sql != NULL ? is_attached(a, name, sql, &is_ours) : rs_nomem(&a->call.e);
    if (rc == RS_OK && is_ours) rc = add_item(a, name, "");
  }
  if (rc == RS_OK && step != SQLITE_DONE)
    rc = rs_sqlite_error(a->call.conn, a->call.fn, &a->call.e);
  sqlite3_finalize(st);
  return rc;
}

static void detach_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct attach a;
  attach_begin(&a, ctx, "rockset_detach");
  enum rs_code rc = read_args(&a, argc, argv);
  if (rc == RS_OK) rc = find_items(&a);
  if (rc == RS_OK) rc = run_items(&a, false);
  attach_end(&a, rc);
}

int rs_attach_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {
    {"rockset_attach", 1, 3, attach_function},
    {"rockset_detach", 1, 2, detach_function},
  };
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}
