/*
** Checking a stored statement (see callable.h): one pass over its tokens.
*/
#include "callable.h"
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "lexer.h"

#define OWN_WORKSPACE "_rockset"

bool rs_callable_is_hidden(const char *workspace, bool trusted)
{
  if (rs_casecmp(workspace, OWN_WORKSPACE) == 0) return true;
  if (trusted) return false;
  return rs_casecmp(workspace, "information_schema") == 0 ||
         rs_casecmp(workspace, "pg_catalog") == 0;
}

/* ---- the pass -------------------------------------------------------------------------------- */

/* A token, its text without quotes. A word behind a dot is T_QUOTED: it is no keyword there. */
struct seen {
  enum rs_token t;
  const char *p;
  size_t n;
  bool from; /* the FROM of a query: tables follow */
};

/* Where in a dotted name a token stands: a.b.c */
struct chain {
  bool open;  /* the last token was one of its names, or its dot */
  bool table; /* it stands where a table does */
  bool made;  /* right behind INTO, TABLE, VIEW or an index's ON: what may follow are its columns */
  size_t start;     /* of its first name */
  bool slash, file; /* a `/` came in it; and a dot behind that */
};

struct check {
  const struct rs_callable *g;
  struct rs_lexer x;
  struct rs_map *unknown;
  struct rs_buf *out;
  struct rs_error *e;
  const char *keyword; /* the statement's first */
  bool query;
  bool index, using; /* there was CREATE INDEX; DELETE or MERGE, whose USING names a table */
  struct seen now, was, before; /* this token and the two in front of it */
  struct chain chain;
  size_t depth, done; /* brackets; what has been copied to out */
  const char *alias;  /* information_schema's view that was just copied and may need its name */
  /* By depth: t, a list of tables, between FROM and WHERE; f, the brackets of a function with a
  ** FROM of its own; c, TABLE(..) around a table function's call. */
  char tables[RS_SQL_DEPTH_MAX + 1];
};

static bool is_text(const struct seen *s, const char *upper)
{
  return rs_caseeqn(upper, s->p, s->n);
}

static bool is_word(const struct seen *s, const char *upper)
{
  return s->t == T_WORD && is_text(s, upper);
}

static bool is_one_of(const struct seen *s, const char *const *words)
{
  if (s->t != T_WORD) return false;
  for (; *words != NULL; words++)
    if (is_text(s, *words)) return true;
  return false;
}

static bool is_name(const struct seen *s)
{
  return s->t == T_WORD || s->t == T_QUOTED;
}

static bool is_char(const struct seen *s, char c)
{
  return s->n == 1 && s->p[0] == c && s->t != T_STRING && !is_name(s);
}

static enum rs_code refuse(struct check *c, const char *why)
{
  char text[400];
  int n = c->now.n < 100 ? (int)c->now.n : 100;
  snprintf(text, sizeof text, "`%.*s` %s", n, c->now.p, why);
  enum rs_code rc = rs_sqllex_fail(&c->x, c->x.start, text);
  if (rc == RS_INVALID && c->e != NULL) c->e->code = rc = RS_FORBIDDEN;
  return rc;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* Behind EXPLAIN too. */
static const char *const query_words[] = {
  "SELECT", "WITH",  "VALUES",  "FROM",      "TABLE",       "DESCRIBE",     "DESC",
  "SHOW",   "PIVOT", "UNPIVOT", "SUMMARIZE", "PIVOT_WIDER", "PIVOT_LONGER", NULL};
/* Transactions are the engines' own to judge. */
static const char *const change_words[] = {
  "INSERT",  "UPDATE", "DELETE", "MERGE",    "CREATE", "DROP",    "ALTER",   "TRUNCATE",
  "COMMENT", "GRANT",  "REVOKE", "ANALYZE",  "VACUUM", "REFRESH", "REINDEX", "BEGIN",
  "START",   "COMMIT", "END",    "ROLLBACK", "ABORT",  NULL};
/* SET VARIABLE only: the session's own, no settings. */
static const char *const session_words[] = {"SET", "RESET", NULL};
static const char *const file_words[] = {"COPY", "ATTACH", "DETACH", "INSTALL",
                                         "LOAD", "EXPORT", "IMPORT", NULL};
/* CREATE, ALTER and DROP of what is the engine's and not the data's. */
static const char *const engine_objects[] = {
  "SYSTEM",     "ROLE",         "USER",       "DATABASE", "EXTENSION", "SERVER", "SECRET",
  "PERSISTENT", "SUBSCRIPTION", "TABLESPACE", "CATALOG",  "VIRTUAL",   NULL};
static const char *const with_objects[] = {"CREATE", "ALTER", "DROP", NULL};
static const char *const write_words[] = {"INSERT", "UPDATE", "DELETE", "MERGE", "COPY", NULL};

/* The words at the statement's begin; *begun: it is judged. */
static enum rs_code check_begin(struct check *c, bool *begun)
{
  static const char *const explains[] = {"EXPLAIN", "ANALYZE", "VERBOSE", NULL};
  if (c->depth > 0 || c->now.t == T_CLOSE) return RS_OK; // EXPLAIN (FORMAT json)
  if (c->now.t == T_OPEN) {
    *begun = c->was.t == T_END;
    return RS_OK;
  }
  bool explained = c->query && is_one_of(&c->was, explains);
  explained = explained || (c->query && c->was.t == T_CLOSE);
  if (c->query && is_one_of(&c->now, explains) && (c->was.t == T_END || explained)) return RS_OK;
  *begun = true;
  if (is_one_of(&c->now, query_words)) return RS_OK;
  if (c->g->trusted && !is_one_of(&c->now, file_words)) return RS_OK;
  if (!explained && is_one_of(&c->now, change_words)) return RS_OK;
  if (!explained && c->g->files && is_one_of(&c->now, file_words)) return RS_OK;
  if (!explained && is_one_of(&c->now, session_words)) return RS_OK;
  if (is_one_of(&c->now, file_words)) return refuse(c, "works with files " RS_CALLABLE_FILES);
  return refuse(c, "is no statement of stored SQL (SELECT rockset_trust(1) allows it)");
}

/* What may not stand anywhere in a statement. */
static enum rs_code check_words(struct check *c)
{
  if (c->now.t != T_WORD) return RS_OK;
  if (c->query && is_word(&c->now, "INTO") && !is_word(&c->was, "AS"))
    return refuse(c, "makes a table of a query");
  if (c->query && c->was.t == T_OPEN && is_one_of(&c->now, write_words) &&
      (is_word(&c->before, "AS") || is_word(&c->before, "MATERIALIZED")))
    return refuse(c, "changes data within a query");
  if (!c->query && c->before.t == T_END && is_one_of(&c->was, session_words) &&
      !is_word(&c->now, "VARIABLE"))
    return refuse(c, "is a setting (SELECT rockset_trust(1) lets stored SQL change it)");
  if (!c->query && is_one_of(&c->was, with_objects) && c->before.t == T_END &&
      is_one_of(&c->now, engine_objects))
    return refuse(c, "is the engine's own to change");
  return RS_OK;
}

/* SHOW, DESCRIBE: as a statement or in brackets; alone, or of ALL, they list what is hidden. */
static enum rs_code check_show(struct check *c)
{
  static const char *const shows[] = {"SHOW", "DESCRIBE", "DESC", NULL};
  static const char *const objects[] = {"TABLES", "COLUMNS", "CREATE",    "STATS",
                                        "TABLE",  "VIEW",    "FUNCTIONS", NULL};
  static const char *const lists[] = {"ALL", "SCHEMAS", "DATABASES", "CATALOGS", NULL};
  bool opens = c->before.t == T_END || c->before.t == T_OPEN || is_word(&c->before, "EXPLAIN");
  if (!opens || !is_one_of(&c->was, shows)) return RS_OK;
  bool is_shown = is_word(&c->was, "SHOW"), ends = c->now.t == T_END || c->now.t == T_CLOSE;
  if (is_word(&c->was, "DESC") && (ends || c->now.t == T_OTHER)) return RS_OK; // a column
  if (ends || is_one_of(&c->now, lists))
    return refuse(c, "behind SHOW or DESCRIBE lists what is hidden");
  const struct rs_calls *calls = c->g->dialect->calls;
  if (is_shown && c->now.t == T_WORD && !(calls != NULL && calls->shows_relations) &&
      !is_one_of(&c->now, objects))
    return refuse(c, "behind SHOW is a setting");
  return RS_OK;
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* Words behind which a table stands, anywhere. */
static const char *const table_words[] = {
  "JOIN",  "TABLE",   "ONLY",   "DESCRIBE",    "DESC",         "SUMMARIZE", "SHOW",
  "PIVOT", "UNPIVOT", "UPDATE", "PIVOT_WIDER", "PIVOT_LONGER", "INTO",      NULL};
/* Words that end a list of tables. Each is reserved by the engines, or could name one of them; the
** other clauses have no comma. */
static const char *const list_ends[] = {"SELECT", "WHERE", "HAVING",    "WINDOW",
                                        "ORDER",  "UNION", "EXCEPT",    "INTERSECT",
                                        "GROUP",  "SET",   "RETURNING", NULL};

static bool is_list_end(const struct check *c)
{
  if (is_word(&c->now, "GROUP")) return !is_word(&c->was, "WITHIN");
  if (is_word(&c->now, "VALUES")) return is_char(&c->was, '('); // no table or alias of that name
  if (is_word(&c->now, "SET")) return is_word(&c->was, "UPDATE") && is_word(&c->before, "DO");
  return is_one_of(&c->now, list_ends);
}

/* FROM of a query, not of IS DISTINCT FROM or extract(year FROM ..), trim(both FROM ..). */
static bool is_from(const struct check *c)
{
  if (!is_word(&c->now, "FROM") || c->tables[c->depth] == 'f') return false;
  bool is = is_word(&c->before, "IS") || is_word(&c->before, "NOT");
  return !(is && is_word(&c->was, "DISTINCT")); // SELECT 1 AS distinct FROM t
}

/* Does a table's name begin here? These are the places where DuckDB looks for a file of that name,
** by tests/attack/files.py. */
static bool is_table_place(const struct check *c)
{
  static const char *const maintains[] = {"ANALYZE", "VACUUM", "TRUNCATE", NULL};
  if (c->tables[c->depth] == 'f') return false; // the brackets of a function with a FROM
  if (c->was.from || is_one_of(&c->was, table_words)) return true;
  if (is_word(&c->was, "USING")) return c->using;
  if (is_char(&c->was, ':') && is_name(&c->before)) return c->chain.table; // FROM alias: table
  if (c->depth == 0 && c->index && is_word(&c->was, "ON")) return true;
  for (size_t i = 0; c->depth == 0 && maintains[i] != NULL; i++)
    if (strcmp(c->keyword, maintains[i]) == 0) return true;
  bool list = c->tables[c->depth] == 't';
  return list && (is_char(&c->was, ',') || is_char(&c->was, '('));
}

/* trim(both FROM ..): a function with a FROM of its own, and no table or alias of that name. */
static bool is_with_from(const struct check *c)
{
  static const char *const with_from[] = {"EXTRACT", "TRIM",     "SUBSTRING",
                                          "OVERLAY", "POSITION", NULL};
  return is_one_of(&c->was, with_from) && !is_word(&c->before, "INTO") &&
         !is_word(&c->before, "AS");
}

/* Words that tell how others are to be read. */
static void follow_words(struct check *c)
{
  c->now.from = is_from(c);
  if (is_word(&c->now, "DELETE") || is_word(&c->now, "MERGE")) c->using = true;
  if (is_word(&c->now, "INDEX") && strcmp(c->keyword, "CREATE") == 0 &&
      (is_word(&c->was, "CREATE") || is_word(&c->was, "UNIQUE")))
    c->index = true;
}

static void follow_tables(struct check *c)
{
  if (c->now.t == T_OPEN) {
    char inner = 0;
    bool list = c->tables[c->depth] == 't';
    const struct rs_calls *calls = c->g->dialect->calls;
    if (is_char(&c->now, '(') && is_with_from(c)) inner = 'f';
    else if (calls != NULL && calls->tables != NULL && is_word(&c->was, "TABLE")) inner = 'c';
    else if (is_char(&c->now, '(') && is_table_place(c)) inner = 't';
    else if (is_char(&c->now, '(') && list && is_word(&c->was, "LATERAL")) inner = 't';
    if (c->depth < RS_SQL_DEPTH_MAX) c->tables[++c->depth] = inner;
  } else if (c->now.t == T_CLOSE) {
    if (c->depth > 0) c->depth--;
  } else if (c->now.from) {
    c->tables[c->depth] = 't';
  } else if (is_list_end(c) && c->tables[c->depth] == 't') {
    c->tables[c->depth] = 0;
  }
}

/* A file by its name: DuckDB lets its own ones be read however it was opened. Of SQLite's VACUUM
** INTO any expression may be the name. */
static enum rs_code check_file(struct check *c)
{
  if (c->g->files) return RS_OK;
  if (is_word(&c->now, "INTO") && strcmp(c->keyword, "VACUUM") == 0)
    return refuse(c, "writes a file, which stored SQL may not");
  if (c->now.t == T_STRING && is_table_place(c))
    return refuse(c, "in the place of a table is a file " RS_CALLABLE_FILES);
  if (c->now.t == T_QUOTED && c->chain.file && c->chain.table)
    return refuse(c, "names a file " RS_CALLABLE_FILES);
  return RS_OK;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Is it a schema, or a relation in one, that isn't the engine's? A project's may be called
** pg_users. */
static bool is_of_user(const struct check *c)
{
  static const char *const engines[] = {"MAIN",     "SYSTEM",  "TEMP", "PG_CATALOG",
                                        "PG_TOAST", "PG_TEMP", NULL};
  const struct seen *schema = is_char(&c->was, '.') ? &c->before : &c->now;
  if (schema == &c->now) {
    struct rs_lexer ahead = c->x;
    enum rs_token t;
    struct rs_error none = {0};
    ahead.e = &none;
    if (rs_sqllex_next(&ahead, &t) != RS_OK || t == T_END || ahead.p[ahead.start] != '.')
      return false;
  }
  for (size_t i = 0; engines[i] != NULL; i++)
    if (is_text(schema, engines[i])) return false;
  return !rs_casestarts(schema->p, schema->n, "pg_toast_") &&
         !rs_casestarts(schema->p, schema->n, "pg_temp_");
}

/* Is the name, or the one behind the next dot, a catalog that may be read? */
static bool is_open_catalog(const struct check *c, bool behind)
{
  const struct rs_calls *calls = c->g->dialect->calls;
  struct seen name = c->now;
  struct rs_lexer ahead = c->x;
  struct rs_error none = {0};
  ahead.e = &none;
  for (int i = 0; behind && i < 2; i++)
    if (rs_sqllex_next(&ahead, &name.t) != RS_OK) return false;
  if (behind) name.p = ahead.p + ahead.start, name.n = ahead.i - ahead.start;
  for (size_t i = 0; calls != NULL && calls->catalogs != NULL && calls->catalogs[i] != NULL; i++)
    if (is_text(&name, calls->catalogs[i])) return true;
  return false;
}

/* Catalogs whose rows show what is hidden. */
static bool is_catalog(const struct check *c)
{
  static const char *const own[] = {"SQLITE_MASTER",      "SQLITE_SCHEMA", "SQLITE_TEMP_MASTER",
                                    "SQLITE_TEMP_SCHEMA", "PG_CATALOG",    NULL};
  // tables of SQLite that take any schema's name as a text
  static const char *const pages[] = {"DBSTAT", "SQLITE_DBPAGE", NULL};
  for (size_t i = 0; own[i] != NULL; i++)
    if (is_text(&c->now, own[i])) return !is_open_catalog(c, true);
  for (size_t i = 0; pages[i] != NULL; i++)
    if (c->chain.table && is_text(&c->now, pages[i])) return true;
  bool of_trino = c->g->dialect->calls != NULL && c->g->dialect->calls->tables != NULL;
  if (of_trino && is_char(&c->was, '.') && is_text(&c->before, "system"))
    return is_text(&c->now, "jdbc") || is_text(&c->now, "runtime") ||
           (is_text(&c->now, "metadata") && !is_open_catalog(c, true));
  if (!c->chain.table || rs_callable_find(c->g->dialect, c->now.p, c->now.n) == RS_CALL_KNOWN)
    return false;
  if (is_of_user(c) || is_open_catalog(c, false)) return false;
  return rs_casestarts(c->now.p, c->now.n, "duckdb_") ||
         rs_casestarts(c->now.p, c->now.n, "pragma_") || rs_casestarts(c->now.p, c->now.n, "pg_");
}

/* CREATE INDEX .. ON a.b (c), ON ONLY a.b (c) */
static bool is_indexed(const struct check *c)
{
  if (!c->index || c->depth > 0) return false;
  return is_word(&c->was, "ON") || (is_word(&c->was, "ONLY") && is_word(&c->before, "ON"));
}

static void follow_chain(struct check *c)
{
  static const char *const makes[] = {"INTO", "TABLE", "VIEW", "EXISTS", NULL};
  struct chain *h = &c->chain;
  if (is_char(&c->now, '.') && h->open && is_name(&c->was)) return;
  if (!is_name(&c->now)) {
    h->open = false;
    return;
  }
  if (!h->open || !is_char(&c->was, '.'))
    *h = (struct chain){.open = true,
                        .table = is_table_place(c),
                        .made = is_one_of(&c->was, makes) || is_indexed(c),
                        .start = c->x.start};
  else if (h->slash) h->file = true; // "/a/x"."csv" is read as one name
  for (size_t i = 0; i < c->now.n; i++) {
    char b = c->now.p[i];
    if (b == '/' || b == '\\') h->slash = true;
    else if (b == '.' && h->slash) h->file = true;
  }
}

/* The views of information_schema that may be read, and the column that tells of what schema. */
static const struct view {
  const char *name, *column;
} views[] = {
  {"TABLES", "table_schema"},
  {"COLUMNS", "table_schema"},
  {"VIEWS", "table_schema"},
  {"SCHEMATA", "schema_name"},
  {"TABLE_PRIVILEGES", "table_schema"},
  {"ROLE_TABLE_GRANTS", "table_schema"},
  {"TABLE_CONSTRAINTS", "table_schema"},
  {"KEY_COLUMN_USAGE", "table_schema"},
  {"REFERENTIAL_CONSTRAINTS", "constraint_schema"},
};

/* Words behind a table that are no alias of it. */
static const char *const no_alias[] = {
  "WHERE",   "GROUP",      "HAVING",      "WINDOW", "QUALIFY",   "ORDER",     "LIMIT",
  "OFFSET",  "FETCH",      "UNION",       "EXCEPT", "MINUS",     "INTERSECT", "JOIN",
  "INNER",   "LEFT",       "RIGHT",       "FULL",   "CROSS",     "NATURAL",   "ON",
  "USING",   "POSITIONAL", "SEMI",        "ANTI",   "ASOF",      "SELECT",    "PIVOT",
  "UNPIVOT", "LATERAL",    "TABLESAMPLE", "FOR",    "RETURNING", "SET",       NULL};

/* db.information_schema.tables becomes a query of its own that leaves out what is hidden. */
static enum rs_code write_view(struct check *c)
{
  const struct view *v = NULL;
  for (size_t i = 0; i < sizeof views / sizeof views[0] && v == NULL; i++)
    if (is_text(&c->now, views[i].name)) v = &views[i];
  if (v == NULL) return refuse(c, "of information_schema is not shown");
  if (!c->chain.table) return refuse(c, "of information_schema: give it an alias");
  if (c->out == NULL) return RS_OK;
  rs_buf_add(c->out, c->x.p + c->done, c->chain.start - c->done);
  rs_buf_str(c->out, "(SELECT * FROM ");
  rs_buf_add(c->out, c->x.p + c->chain.start, c->x.i - c->chain.start);
  rs_buf_printf(c->out, " WHERE %s <> '" OWN_WORKSPACE "')", v->column);
  c->done = c->x.i;
  c->alias = v->name;
  return RS_OK;
}

/* The view's name goes on to be its alias where it has no other. */
static void write_alias(struct check *c)
{
  if (c->alias == NULL) return;
  bool has = c->now.t == T_QUOTED || (c->now.t == T_WORD && !is_one_of(&c->now, no_alias));
  if (!has) {
    rs_buf_str(c->out, " AS ");
    for (const char *p = c->alias; *p != 0; p++)
      rs_buf_char(c->out, (char)(*p == '_' ? *p : *p | 0x20));
  }
  c->alias = NULL;
}

static enum rs_code check_name(struct check *c)
{
  if (!is_name(&c->now)) return RS_OK;
  if (is_text(&c->now, OWN_WORKSPACE)) return refuse(c, "does not exist");
  if (c->g->trusted) return RS_OK;
  if (is_catalog(c)) return refuse(c, "shows what is hidden");
  if (is_char(&c->was, '.') && is_text(&c->before, "information_schema")) return write_view(c);
  return RS_OK;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static enum rs_code refuse_call(struct check *c, enum rs_call call)
{
  char text[400];
  snprintf(text, sizeof text, "function %.*s() %s %s", c->was.n < 100 ? (int)c->was.n : 100,
           c->was.p, rs_callable_text(call),
           c->g->way_out != NULL ? c->g->way_out : rs_callable_way_out(call));
  enum rs_code rc = rs_sqllex_fail(&c->x, (size_t)(c->was.p - c->x.p), text);
  if (rc == RS_INVALID && c->e != NULL) c->e->code = rc = RS_FORBIDDEN;
  return rc;
}

static bool is_listed(const char *const *names, const struct seen *s)
{
  for (; *names != NULL; names++)
    if (strlen(*names) == s->n && rs_casecmpn(s->p, *names, s->n) == 0) return true;
  return false;
}

static enum rs_code add_unknown(struct check *c)
{
  char lower[200];
  if (c->unknown == NULL || c->was.n >= sizeof lower) return RS_OK;
  for (size_t i = 0; i < c->was.n; i++) {
    char b = c->was.p[i];
    lower[i] = (char)(b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
  }
  if (rs_map_find(c->unknown, lower, c->was.n) != NULL) return RS_OK;
  return rs_map_putn(c->unknown, lower, c->was.n, NULL) ? RS_OK : rs_nomem(c->e);
}

/* At a `(`: is what stands in front of it a function that may be called? */
static enum rs_code check_call(struct check *c)
{
  if (!is_char(&c->now, '(') || !is_name(&c->was)) return RS_OK;
  if (c->chain.made && !c->query) return RS_OK; // INSERT INTO read_events (a, b)
  const struct rs_calls *calls = c->g->dialect->calls;
  enum rs_call call = rs_callable_find(c->g->dialect, c->was.p, c->was.n);
  if (c->g->trusted) return call == RS_CALL_FILES && !c->g->files ? refuse_call(c, call) : RS_OK;
  bool in_table = c->tables[c->depth] == 'c';
  if (in_table && calls != NULL && calls->tables != NULL && !is_listed(calls->tables, &c->was))
    return refuse_call(c, call == RS_CALL_KNOWN ? RS_CALL_UNKNOWN : call);
  // as an aggregate it counts; as a table it is a macro over a table that a text names
  if (c->chain.table && is_text(&c->was, "histogram")) call = RS_CALL_NAMES;
  if (call == RS_CALL_FILES && c->g->files) return RS_OK;
  if (call == RS_CALL_UNKNOWN) return add_unknown(c);
  if (c->g->engine_only && call != RS_CALL_ENGINE && call != RS_CALL_INNER && call != RS_CALL_TEXT)
    return RS_OK;
  return call == RS_CALL_KNOWN ? RS_OK : refuse_call(c, call);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void see(struct check *c, enum rs_token t)
{
  c->now = (struct seen){.t = t, .p = c->x.p + c->x.start, .n = c->x.i - c->x.start};
  if (t == T_QUOTED && c->now.n >= 2) {
    c->now.p++;
    c->now.n -= 2;
  }
  if (t == T_WORD && is_char(&c->was, '.')) c->now.t = T_QUOTED;
}

/* The token that was read: everything but what it calls. */
static enum rs_code check_token(struct check *c, bool *begun)
{
  enum rs_code rc = RS_OK;
  if (!*begun && c->now.t != T_END) rc = check_begin(c, begun);
  if (rc == RS_OK && !c->g->trusted) rc = check_show(c);
  if (rc != RS_OK) return rc;
  write_alias(c);
  if (c->now.t == T_END) return RS_OK;
  if (!c->g->trusted) rc = check_words(c);
  if (rc == RS_OK) rc = check_file(c);
  return rc == RS_OK ? check_name(c) : rc;
}

static enum rs_code check_all(struct check *c)
{
  bool begun = false;
  c->was.t = c->before.t = T_END;
  for (;;) {
    enum rs_token t;
    enum rs_code rc = rs_sqllex_next(&c->x, &t);
    if (rc != RS_OK) return rc;
    see(c, t);
    if (t != T_END) rc = check_call(c);
    if (t != T_END) follow_chain(c);
    follow_words(c);
    if (rc == RS_OK && !c->g->engine_only) rc = check_token(c, &begun);
    if (rc != RS_OK || t == T_END) return rc;
    follow_tables(c);
    c->before = c->was;
    c->was = c->now;
  }
}

enum rs_code rs_callable_check(const struct rs_sqltext *one, const struct rs_callable *g,
                               const char *what, struct rs_map *unknown, struct rs_buf *out,
                               struct rs_error *e)
{
  struct check c = {.g = g,
                    .unknown = unknown,
                    .out = out,
                    .e = e,
                    .keyword = one->keyword,
                    .query = one->kind == RS_SQL_QUERY};
  enum rs_code rc = rs_sqllex_open(&c.x, one->p, one->n, g->dialect, what, e);
  if (rc == RS_OK) rc = check_all(&c);
  if (rc != RS_OK || out == NULL) return rc;
  rs_buf_add(out, one->p + c.done, one->n - c.done);
  return rs_buf_error(out, e, what);
}

/* ---- names on no list, that an engine is asked for ----------------------------------- */

static enum rs_code refuse_unknown(const struct rs_callable *g, const char *what, const char *name,
                                   size_t n, struct rs_error *e)
{
  return rs_fail(e, RS_FORBIDDEN, "%s: function %.*s() %s %s", what, (int)n, name,
                 rs_callable_text(RS_CALL_UNKNOWN),
                 g->way_out != NULL ? g->way_out : rs_callable_way_out(RS_CALL_UNKNOWN));
}

enum rs_code rs_callable_judge(const struct rs_callable *g, const char *what,
                               const struct rs_value *name, const struct rs_value *definition,
                               struct rs_map *names, struct rs_error *e)
{
  struct rs_sqltext one;
  int n = (int)name->s.n;
  if (g->builtin)
    return rs_fail(e, RS_FORBIDDEN,
                   "%s: function %.*s() is the database's own: what it reads is "
                   "not known",
                   what, n, name->s.p);
  if (definition->kind != RS_TEXT)
    return g->extended ? RS_OK : refuse_unknown(g, what, name->s.p, name->s.n, e);
  char *of = rs_mprintf("%s: function %.*s() of the target", what, n, name->s.p);
  char *sql = rs_mprintf("SELECT (%.*s\n)", (int)definition->s.n, definition->s.p);
  enum rs_code rc = of != NULL && sql != NULL ? RS_OK : rs_nomem(e);
  if (rc == RS_OK) rc = rs_sqltext_one(sql, strlen(sql), g->dialect, of, &one, e);
  if (rc == RS_OK) rc = rs_callable_check(&one, g, of, names, NULL, e);
  rs_free(sql);
  rs_free(of);
  return rc;
}

void rs_callable_ask(const struct rs_callable *g, const struct rs_map *names, size_t from,
                     struct rs_buf *sql)
{
  const char *form = g->dialect->calls->ask, *at = strchr(form, '?');
  rs_buf_add(sql, form, (size_t)(at - form));
  for (size_t i = from; i < names->n; i++) {
    const struct rs_value v = {.kind = RS_TEXT, .s = {names->v[i].key, names->v[i].key_len}};
    if (i > from) rs_buf_str(sql, ", ");
    rs_dialect_literal(g->dialect, sql, &v);
  }
  rs_buf_str(sql, at + 1);
}
