/*
** Does a table of this connection call our functions? (gate.h)
**
** SQLITE_DIRECTONLY keeps them out of views, triggers and defaults of a file. It does nothing for a
** function in a CHECK before SQLite 3.50, unless the function is deterministic, nor in a generated
** column or an index that SQLite read before this extension was loaded: it notes what a text may
** not call when it resolves the text, and does not know the function then. So we read the texts
** ourselves: all of CREATE TABLE and CREATE INDEX of every schema, token by token as SQLite reads
** them, for one of our names with a bracket behind it. CREATE VIRTUAL TABLE, VIEW and TRIGGER are
** left out: DIRECTONLY holds there.
**
** A text of a schema can run only in a statement that has opened a transaction on that schema, so
** schemas without one are left alone: a call in a plain SELECT costs nothing, and takes no lock on
** the file. The others are read again when their list, the version of one (what is not committed
** counts), the data of a file, or the number of rows that this connection has changed is another
** one: with `PRAGMA writable_schema` a schema changes without its version.
*/
#include "gate.h"
#include "statement.h"
#include <string.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

/* ---- SQLite's tokens ------------------------------------------------------------------------- */

struct token {
  enum { END, WORD, QUOTED, OTHER } kind; /* OTHER: a string, or one character */
  const char *p;                          /* of a quoted name: what lies between the quotes */
  size_t n;
};

static bool is_name_char(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || ((unsigned char)c & 0x80) != 0;
}

/* Blanks, comments, and the byte order mark, which SQLite takes for a blank in front of a token. */
static const char *skip_blank(const char *p)
{
  for (;;) {
    if (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
      p++;
    } else if (strncmp(p, "\xEF\xBB\xBF", 3) == 0) {
      p += 3;
    } else if (p[0] == '-' && p[1] == '-') {
      p += strcspn(p, "\n");
    } else if (p[0] == '/' && p[1] == '*') {
      const char *end = strstr(p + 2, "*/");
      p = end != NULL ? end + 2 : p + strlen(p);
    } else {
      return p;
    }
  }
}

/* The end of a quoted text that begins at p; a doubled quote lies within it. */
static const char *skip_quoted(const char *p, char quote)
{
  for (p++; *p != 0; p++) {
    if (*p != quote) continue;
    if (quote == ']' || p[1] != quote) return p;
    p++;
  }
  return p;
}

static const char *next_token(const char *p, struct token *t)
{
  p = skip_blank(p);
  *t = (struct token){OTHER, p, 1};
  if (*p == 0) {
    t->kind = END;
  } else if (*p == '\'' || *p == '"' || *p == '`' || *p == '[') {
    const char *end = skip_quoted(p, *p == '[' ? ']' : *p);
    if (*p != '\'') *t = (struct token){QUOTED, p + 1, (size_t)(end - p) - 1};
    return *end != 0 ? end + 1 : end;
  } else if (is_name_char(*p)) {
    t->kind = WORD;
    for (t->n = 0; is_name_char(p[t->n]);) t->n++;
    return p + t->n;
  } else {
    p++;
  }
  return p;
}

static bool is_word(const struct token *t, const char *word)
{
  return t->kind == WORD && t->n == strlen(word) && sqlite3_strnicmp(t->p, word, (int)t->n) == 0;
}

static bool is_any(const struct token *t, const char *const *words)
{
  while (*words != NULL && !is_word(t, *words)) words++;
  return *words != NULL;
}

/* ---- one text -------------------------------------------------------------------------------- */

/* Behind these a name with a bracket is a table's: CREATE TABLE t(, ON t(, REFERENCES t(. */
static const char *const of_tables[] = {"TABLE", "ON", "REFERENCES", "EXISTS", NULL};
static const char *const temporary[] = {"TEMP", "TEMPORARY", NULL};
static const char *const elsewhere[] = {"VIRTUAL", "VIEW", "TRIGGER", NULL};

/* The first call of one of our functions in a text of the schema: its name, else n is 0. */
static struct token find_call(const char *sql)
{
  struct token t, before = {OTHER, "", 0};
  const char *p = next_token(next_token(sql, &t), &t); // CREATE, and what
  if (is_any(&t, temporary)) p = next_token(p, &t);
  if (is_any(&t, elsewhere)) return (struct token){END, p, 0};
  for (; t.kind != END; before = t, p = next_token(p, &t))
    if ((t.kind == WORD || t.kind == QUOTED) && !is_any(&before, of_tables) &&
        *skip_blank(p) == '(' && rs_gate_knows(t.p, t.n))
      return t;
  return (struct token){END, p, 0};
}

/* A statement that reads no table, view or virtual table: then only its own text runs. */
static bool reads_nothing(const char *sql)
{
  static const char *const reading[] = {"FROM", "IN", NULL};
  struct token t;
  const char *p = next_token(sql, &t);
  if (!is_word(&t, "SELECT")) return false;
  while (t.kind != END && !is_any(&t, reading)) p = next_token(p, &t);
  return t.kind == END;
}

bool rs_schema_is_idle(struct rs_conn *c)
{
  sqlite3 *db = rs_conn_db(c);
  const char *sql = NULL;
  int running = 0;
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s; s = sqlite3_next_stmt(db, s)) {
    if (!sqlite3_stmt_busy(s)) continue;
    running++;
    sql = sqlite3_sql(s);
  }
  return running == 1 && sql != NULL && reads_nothing(sql);
}

/* ---- all schemas ----------------------------------------------------------------------------- */

struct schema {
  const char *name, *file;
  struct schema *next;
};

/* Adds what tells this schema's state from others. */
static int add_state(sqlite3 *db, const struct schema *s, struct rs_buf *state)
{
  sqlite3_stmt *st = NULL;
  unsigned data = 0;
  int rc = rs_sqlite_prepare(db, &st, "PRAGMA \"%w\".schema_version", s->name);
  if (rc == SQLITE_OK) rc = sqlite3_step(st);
  if (rc == SQLITE_ROW) {
    // not there for a temp schema that holds nothing
    (void)sqlite3_file_control(db, s->name, SQLITE_FCNTL_DATA_VERSION, &data);
    rs_buf_printf(state, "%s|%s|%d|%u\n", s->name, s->file, sqlite3_column_int(st, 0), data);
    rc = SQLITE_OK;
  }
  sqlite3_finalize(st);
  return rc;
}

/* `sqlite_master`, since a crafted file may hold a view that is called sqlite_schema. */
static int look_at(sqlite3 *db, const char *schema, char **finding)
{
  sqlite3_stmt *st = NULL;
  int rc = rs_sqlite_prepare(db, &st, "SELECT name, sql FROM \"%w\".sqlite_master", schema);
  while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
    rc = SQLITE_OK;
    const char *sql = (const char *)sqlite3_column_text(st, 1);
    struct token call = {END, NULL, 0};
    if (sql != NULL) call = find_call(sql);
    if (call.n == 0) continue;
    const char *name = (const char *)sqlite3_column_text(st, 0);
    *finding = rs_mprintf("%s.%s calls %.*s()", schema, name != NULL ? name : "(no name)",
                          (int)call.n, call.p);
    rc = *finding != NULL ? SQLITE_DONE : SQLITE_NOMEM;
    break;
  }
  sqlite3_finalize(st);
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Those that a statement works on, in the arena. */
static int list_schemas(sqlite3 *db, struct rs_arena *arena, struct schema **list)
{
  sqlite3_stmt *st = NULL;
  int rc = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &st, NULL);
  while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(st, 1);
    const char *file = (const char *)sqlite3_column_text(st, 2);
    rc = SQLITE_OK;
    if (name != NULL && sqlite3_txn_state(db, name) == SQLITE_TXN_NONE) continue;
    struct schema *s = rs_arena_alloc(arena, sizeof *s);
    rc = SQLITE_NOMEM;
    if (s == NULL) break;
    s->name = rs_arena_strdup(arena, name != NULL ? name : "");
    s->file = rs_arena_strdup(arena, file != NULL ? file : "");
    s->next = *list;
    if (s->name == NULL || s->file == NULL) break;
    *list = s;
    rc = SQLITE_OK;
  }
  sqlite3_finalize(st);
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Looks at all schemas if anything changed. */
static int look_at_all(sqlite3 *db, struct rs_gate *g, struct rs_arena *arena, struct rs_buf *state)
{
  struct schema *list = NULL;
  int rc = list_schemas(db, arena, &list);
  rs_buf_printf(state, "%d\n", sqlite3_total_changes(db));
  for (struct schema *s = list; s != NULL && rc == SQLITE_OK; s = s->next)
    rc = add_state(db, s, state);
  if (rc == SQLITE_OK && state->rc != RS_OK) rc = SQLITE_NOMEM;
  if (rc != SQLITE_OK) return rc;
  if (g->seen != NULL && strcmp(g->seen, rs_buf_text(state)) == 0) return SQLITE_OK;
  rs_gate_free(g);
  for (struct schema *s = list; s != NULL && rc == SQLITE_OK && g->finding == NULL; s = s->next)
    rc = look_at(db, s->name, &g->finding);
  if (rc == SQLITE_OK) g->seen = rs_buf_take(state);
  return rc;
}

enum rs_code rs_schema_check(struct rs_conn *c, const char *what, struct rs_error *e)
{
  struct rs_gate *g = rs_conn_gate(c);
  if (sqlite3_txn_state(rs_conn_db(c), NULL) == SQLITE_TXN_NONE) return RS_OK;
  struct rs_arena arena;
  struct rs_buf state;
  rs_arena_init(&arena, 0);
  rs_buf_init(&state, RS_BUF_SQL_MAX);
  int rc = look_at_all(rs_conn_db(c), g, &arena, &state);
  rs_buf_free(&state);
  rs_arena_free(&arena);
  if (rc == SQLITE_NOMEM) return rs_nomem(e);
  if (rc != SQLITE_OK) {
    enum rs_code code = rs_sqlite_error(c, "the schema can't be read", e);
    (void)rs_error_prefix(e, "%s", what);
    return code;
  }
  if (g->finding == NULL) return RS_OK;
  return rs_fail(e, RS_FORBIDDEN,
                 "%s: %s in its own text, and may be what runs now, so functions are refused in "
                 "statements on this file: DROP it, or SELECT rockset_trust(1) if the file is your "
                 "own",
                 what, g->finding);
}
