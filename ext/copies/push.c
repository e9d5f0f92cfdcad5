/*
** A table, view or query of SQLite's as a collection (copies.h).
**
** The rows are read once into a queue (src/writes/writes.h: bounded memory, the rest in an unlinked
** file), where their types are seen and repeated keys found; then the queue inputs rs_session_push.
**
** What changed: rows whose cursor is at least what the last push has sent (rows that came later
** with the same value are sent, those that were there already once more, and replaced by their key)
** or NULL. The place is read before the rows and written after them: what goes wrong between only
** makes the next push send rows again.
*/
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "src/engine/push.h"
#include "src/sql/relname.h"
#include "src/writes/writes.h"
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "internal.h"
#include "ext/base/progress.h"

#define QUEUE_MEMORY ((size_t)16 << 20) /* of the rows read; more lie in a file */
#define EXACT_INT 9007199254740992LL    /* 2^53: up to here a double is exact */
#define JSON_DEPTH 1000

enum hint { HINT_NONE, HINT_BOOL, HINT_JSON, HINT_INT, HINT_FLOAT, HINT_BYTES };

/* A column of what is sent; `_id` that is made of the key comes first. */
struct column {
  const char *name;
  int at;         /* in the query; -1: made of the key */
  enum hint hint; /* of the declared type, or the option json */
  unsigned mix;   /* RS_MIX_* of the values seen */
  bool bytes;     /* blobs were seen */
  bool bits;      /* all integers were 0 or 1 */
  bool exact;     /* all integers were within 2^53 */
};

struct sending {
  struct rs_copy_push *p;
  struct rs_arena *a;
  struct rs_arena row_arena; /* texts of a row's key */
  enum rs_push_mode mode;
  struct rs_copy_names key, json;
  struct rs_copy_mark place;
  bool by_mark; /* only what changed */
  const char *select;
  sqlite3_stmt *st;
  struct column *columns;
  size_t n;
  int *key_at; /* columns of the query */
  struct rs_value *row;
  struct rs_queue *queue;
  struct rs_queue_reader *reader;
  struct rs_progress progress;
  int64_t given; /* rows, to the engine */
};

/* ---- options --------------------------------------------------------------------------------- */

enum rs_code rs_copy_push_options(struct rs_copy_push *p, const char *json, struct rs_arena *a,
                                  struct rs_error *e)
{
  const struct rs_option table[] = {
    {"mode", RS_OPT_CHOICE, &p->mode, "create|append|replace|upsert"},
    {"key", RS_OPT_JSON, &p->key, NULL},
    {"cursor", RS_OPT_TEXT, &p->cursor, NULL},
    {"json", RS_OPT_JSON, &p->json, NULL},
  };
  return rs_options_read(json, table, sizeof table / sizeof *table, p->what, a, e);
}

/* What the options come to. Without a mode: upsert by a key, else replace. */
static enum rs_code read_options(struct sending *x, struct rs_error *e)
{
  struct rs_copy_push *p = x->p;
  const char *what = rs_arena_printf(x->a, "%s: option 'key'", p->what);
  const char *what_json = rs_arena_printf(x->a, "%s: option 'json'", p->what);
  if (what == NULL || what_json == NULL) return rs_nomem(e);
  enum rs_code rc = rs_copy_names_read(p->key, what, x->a, &x->key, e);
  if (rc == RS_OK) rc = rs_copy_names_read(p->json, what_json, x->a, &x->json, e);
  if (rc != RS_OK) return rc;
  if (p->mode == NULL) p->mode = rs_push_modes[x->key.n > 0 ? RS_PUSH_UPSERT : RS_PUSH_REPLACE];
  while (!rs_eq(p->mode, rs_push_modes[x->mode])) x->mode++;
  if (x->mode == RS_PUSH_UPSERT && x->key.n == 0)
    return rs_fail(e, RS_INVALID, "%s: mode \"upsert\" needs a key: {\"key\":\"id\"}", p->what);
  if (p->cursor == NULL) return RS_OK;
  if (x->key.n == 0)
    return rs_fail(
      e, RS_INVALID,
      "%s: a cursor needs a key, too: rows with the cursor's last value are sent again "
      "and replaced by it: {\"key\":\"id\",\"cursor\":\"%s\"}",
      p->what, p->cursor);
  if (x->mode != RS_PUSH_UPSERT && x->mode != RS_PUSH_REPLACE)
    return rs_fail(e, RS_INVALID,
                   "%s: a cursor goes with mode \"upsert\" or \"replace\", not "
                   "\"%s\"",
                   p->what, p->mode);
  return RS_OK;
}

/* ---- the query ------------------------------------------------------------------------------- */

static enum rs_code name_text(struct sending *x, const char *schema, const char *table,
                              struct rs_error *e)
{
  char *made = schema != NULL ? sqlite3_mprintf("SELECT * FROM \"%w\".\"%w\"", schema, table)
                              : sqlite3_mprintf("SELECT * FROM \"%w\"", table);
  x->select = made != NULL ? rs_arena_strdup(x->a, made) : NULL;
  sqlite3_free(made);
  return x->select != NULL ? RS_OK : rs_nomem(e);
}

/* Stored text names a table or view of main, and nothing else. */
static enum rs_code stored_table(struct sending *x, struct rs_error *e)
{
  const char *kind, *table = x->p->source;
  enum rs_code rc = rs_copy_kind(x->p->db, table, &kind, e);
  if (rc != RS_OK) return rc;
  if (kind == NULL)
    return rs_fail(e, RS_NOT_FOUND, "local table '%s' does not exist in main", table);
  if (!rs_eq(kind, "table") && !rs_eq(kind, "view"))
    return rs_fail(e, RS_FORBIDDEN,
                   "local table '%s' is a %s table: only plain tables and views "
                   "are sent",
                   table, kind);
  if (rs_casecmpn(table, "sqlite_", 7) == 0 || rs_casecmpn(table, "rockset_", 8) == 0)
    return rs_fail(e, RS_FORBIDDEN, "local table '%s' is none of the application's", table);
  return name_text(x, "main", table, e);
}

/* 'orders', 'temp.orders', "main"."orders": whatever SQLite finds under the name. */
static enum rs_code typed_table(struct sending *x, struct rs_error *e)
{
  struct rs_relation name;
  enum rs_code rc = rs_relation_parse(x->p->source, "", x->p->what, x->a, &name, e);
  if (rc != RS_OK) return rc;
  return name_text(x, name.workspace[0] != 0 ? name.workspace : NULL, name.name, e);
}

/* SQLite would call the second one of a sub-query "a:1". */
static enum rs_code check_unique(sqlite3_stmt *st, struct rs_error *e)
{
  for (int i = 0; i < sqlite3_column_count(st); i++)
    for (int k = 0; k < i; k++)
      if (rs_casecmp(sqlite3_column_name(st, i), sqlite3_column_name(st, k)) == 0)
        return rs_fail(e, RS_INVALID, "two columns have the name '%s': give them names with AS",
                       sqlite3_column_name(st, i));
  return RS_OK;
}

/* One statement that only reads; its text without what is behind it. */
static enum rs_code typed_query(struct sending *x, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  const char *tail = NULL, *text = x->p->source;
  enum rs_code rc = RS_OK;
  if (sqlite3_prepare_v2(x->p->db, text, -1, &st, &tail) != SQLITE_OK)
    return rs_sqlite_error_of(x->p->db, "the query", e);
  if (st == NULL || tail[strspn(tail, " \t\r\n;")] != 0)
    rc = rs_fail(e, RS_INVALID, "the query must be one statement");
  else if (!sqlite3_stmt_readonly(st) || sqlite3_column_count(st) == 0)
    rc = rs_fail(e, RS_INVALID, "the query must only read");
  else rc = check_unique(st, e);
  sqlite3_finalize(st);
  size_t n = (size_t)(tail - text);
  while (n > 0 && strchr(" \t\r\n;", text[n - 1]) != NULL) n--;
  // a line of its own: the text may end in a comment
  if (rc == RS_OK) {
    x->select = rs_arena_printf(x->a, "SELECT * FROM (%.*s\n)", (int)n, text);
    if (x->select == NULL) rc = rs_nomem(e);
  }
  return rc;
}

/* ---- the place ------------------------------------------------------------------------------- */

static enum rs_code read_place(struct sending *x, struct rs_error *e)
{
  struct rs_copy_push *p = x->p;
  struct rs_buf b, key;
  rs_buf_init(&b, 1 << 16);
  rs_buf_init(&key, 1 << 20);
  rs_relation_text(&b, &p->rel);
  for (size_t i = 0; i < x->key.n; i++) {
    rs_buf_char(&key, i == 0 ? '[' : ',');
    rs_buf_json_str(&key, x->key.v[i], strlen(x->key.v[i]));
  }
  rs_buf_char(&key, ']');
  struct rs_target *target = rs_session_target(p->session);
  x->place = (struct rs_copy_mark){.direction = "push",
                                   .local = p->source,
                                   .remote = rs_arena_strdup(x->a, rs_buf_text(&b)),
                                   .target = rs_target_info(target).output->target_name,
                                   .cursor = p->cursor,
                                   .key = rs_arena_strdup(x->a, rs_buf_text(&key))};
  rs_buf_free(&b);
  rs_buf_free(&key);
  if (x->place.remote == NULL || x->place.key == NULL) return rs_nomem(e);
  enum rs_relation_kind kind = RS_REL_NONE;
  enum rs_code rc = rs_copy_mark_get(p->db, &x->place, x->a, e);
  if (rc != RS_OK || x->mode != RS_PUSH_UPSERT || x->place.value.kind == RS_NULL) return rc;
  // what has been sent may be gone: then all of it is
  rc = rs_session_describe(p->session, &p->rel, NULL, &kind, e);
  x->by_mark = rc == RS_OK && kind != RS_REL_NONE;
  if (x->by_mark) p->since = x->place.value;
  return rc;
}

static enum rs_code prepare(struct sending *x, const char *head, sqlite3_stmt **st,
                            struct rs_error *e)
{
  const char *cursor = x->p->cursor;
  char *sql = x->by_mark ? sqlite3_mprintf(
                             "SELECT %s FROM (%s) AS q WHERE q.\"%w\" >= ?1 OR q.\"%w\" IS NULL",
                             head, x->select, cursor, cursor)
                         : sqlite3_mprintf("SELECT %s FROM (%s) AS q", head, x->select);
  if (sql == NULL) return rs_nomem(e);
  int done = sqlite3_prepare_v2(x->p->db, sql, -1, st, NULL);
  sqlite3_free(sql);
  if (done != SQLITE_OK) return rs_sqlite_error_of(x->p->db, x->p->source, e);
  if (x->by_mark) rs_copy_bind(*st, 1, &x->place.value);
  return RS_OK;
}

/* The greatest value of the cursor now; where there is none the old one stays. With q. in front,
** since SQLite takes a misspelt "name" alone for a text. */
static enum rs_code read_greatest(struct sending *x, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  struct rs_value v;
  char *head = sqlite3_mprintf("max(q.\"%w\")", x->p->cursor);
  enum rs_code rc = head != NULL ? prepare(x, head, &st, e) : rs_nomem(e);
  sqlite3_free(head);
  if (rc != RS_OK) return rc;
  x->p->mark = x->by_mark ? x->place.value : (struct rs_value){.kind = RS_NULL};
  if (sqlite3_step(st) != SQLITE_ROW) {
    rc = rs_sqlite_error_of(x->p->db, x->p->source, e);
  } else if (sqlite3_column_type(st, 0) != SQLITE_NULL) {
    rs_value_from_sqlite(sqlite3_column_value(st, 0), &v);
    rc = rs_copy_keep(x->a, &v, &x->p->mark, e);
  }
  sqlite3_finalize(st);
  return rc;
}

/* ---- columns --------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *word)
{
  return text != NULL && rs_casecmpn(text, word, strlen(word)) == 0;
}

static enum hint hint_of(const char *type)
{
  static const struct {
    const char *word;
    enum hint hint;
  } words[] = {{"BOOL", HINT_BOOL},  {"JSON", HINT_JSON},  {"INT", HINT_INT},
               {"BIGINT", HINT_INT}, {"REAL", HINT_FLOAT}, {"FLOA", HINT_FLOAT},
               {"DOUB", HINT_FLOAT}, {"NUM", HINT_FLOAT},  {"BLOB", HINT_BYTES}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (begins(type, words[i].word)) return words[i].hint;
  return HINT_NONE;
}

static int find_column(const struct sending *x, const char *name)
{
  for (int i = 0; i < sqlite3_column_count(x->st); i++)
    if (rs_casecmp(sqlite3_column_name(x->st, i), name) == 0) return i;
  return -1;
}

static enum rs_code lacks(const struct sending *x, const char *what, const char *name,
                          struct rs_error *e)
{
  return rs_fail(e, RS_INVALID, "%s: option '%s': '%s' has no column '%s'", x->p->what, what,
                 x->p->source, name);
}

static enum rs_code find_key(struct sending *x, int own, struct rs_error *e)
{
  x->key_at = rs_arena_calloc(x->a, (x->key.n + 1) * sizeof *x->key_at);
  if (x->key_at == NULL) return rs_nomem(e);
  for (size_t i = 0; i < x->key.n; i++) {
    x->key_at[i] = find_column(x, x->key.v[i]);
    if (x->key_at[i] < 0) return lacks(x, "key", x->key.v[i], e);
  }
  if (own >= 0 && x->key.n > 0 && (x->key.n > 1 || x->key_at[0] != own))
    return rs_fail(e, RS_INVALID,
                   "'%s' has a column _id, which is the key of a collection: leave "
                   "it out by a query, or say {\"key\":\"_id\"}",
                   x->p->source);
  if (own >= 0) x->key_at[0] = own;
  return RS_OK;
}

static enum rs_code mark_json(struct sending *x, struct rs_error *e)
{
  for (size_t i = 0; i < x->json.n; i++) {
    size_t k = 0;
    while (k < x->n && rs_casecmp(x->columns[k].name, x->json.v[i]) != 0) k++;
    if (k == x->n) return lacks(x, "json", x->json.v[i], e);
    x->columns[k].hint = HINT_JSON;
  }
  return RS_OK;
}

static enum rs_code read_columns(struct sending *x, struct rs_error *e)
{
  size_t n = (size_t)sqlite3_column_count(x->st);
  int own = find_column(x, "_id");
  x->columns = rs_arena_calloc(x->a, (n + 2) * sizeof *x->columns);
  x->row = rs_arena_calloc(x->a, (n + 2) * sizeof *x->row);
  if (x->columns == NULL || x->row == NULL) return rs_nomem(e);
  enum rs_code rc = find_key(x, own, e);
  if (rc != RS_OK) return rc;
  // the key is the first column: that of the queue
  if (x->key.n > 0 || own >= 0) x->columns[x->n++] = (struct column){.name = "_id", .at = -1};
  for (int i = 0; i < (int)n; i++) {
    const char *name = sqlite3_column_name(x->st, i);
    if (i == own) continue;
    if (rs_casecmp(name, "_event_time") == 0) name = "_event_time";
    struct column *c = &x->columns[x->n++];
    *c = (struct column){.at = i, .bits = true, .exact = true};
    c->hint = hint_of(sqlite3_column_decltype(x->st, i));
    c->name = rs_arena_strdup(x->a, name);
    if (c->name == NULL) return rs_nomem(e);
  }
  return mark_json(x, e);
}

/* ---- rows ------------------------------------------------------------------------------------ */

enum rs_code rs_copy_id(sqlite3_stmt *st, const int *at, size_t n, struct rs_arena *a,
                        struct rs_value *out, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < n; i++) {
    int type = sqlite3_column_type(st, at[i]);
    const char *name = sqlite3_column_name(st, at[i]);
    enum rs_code bad = type == SQLITE_NULL   ? RS_CONSTRAINT
                       : type == SQLITE_BLOB ? RS_INVALID
                                             : RS_OK;
    if (bad != RS_OK) {
      rs_buf_free(&b);
      return rs_fail(e, bad, "a row has no key: '%s' is %s", name,
                     bad == RS_INVALID ? "a blob" : "NULL");
    }
    const char *text = (const char *)sqlite3_column_text(st, at[i]);
    size_t len = (size_t)sqlite3_column_bytes(st, at[i]);
    if (text == NULL) b.rc = RS_NOMEM;
    else if (n == 1) rs_buf_add(&b, text, len);
    if (n == 1 || text == NULL) continue;
    rs_buf_char(&b, i == 0 ? '[' : ',');
    if (type == SQLITE_TEXT) rs_buf_json_str(&b, text, len);
    else rs_buf_add(&b, text, len);
  }
  if (n > 1) rs_buf_char(&b, ']');
  enum rs_code rc = rs_buf_error(&b, e, "key");
  *out = (struct rs_value){.kind = RS_TEXT, .s = {"", b.n}};
  if (rc == RS_OK && b.n > 0) out->s.p = rs_arena_strndup(a, b.p, b.n);
  rs_buf_free(&b);
  return rc == RS_OK && out->s.p == NULL ? rs_nomem(e) : rc;
}

static enum rs_code take_json(struct sending *x, const struct column *c, struct rs_value *v,
                              struct rs_error *e)
{
  struct rs_json *tree;
  if (v->kind == RS_NULL || v->kind == RS_INT || v->kind == RS_FLOAT) return RS_OK;
  enum rs_code rc = v->kind == RS_TEXT
                      ? rs_json_parse(v->s.p, v->s.n, JSON_DEPTH, &x->row_arena, &tree, NULL)
                      : RS_INVALID;
  if (rc == RS_NOMEM) return rs_nomem(e);
  if (rc != RS_OK)
    return rs_fail(e, RS_INVALID, "column '%s' is to hold JSON, and a value is none", c->name);
  v->kind = RS_JSON;
  return RS_OK;
}

static void see_number(struct column *c, const struct rs_value *v)
{
  c->mix |= v->kind == RS_INT ? RS_MIX_INT : RS_MIX_DOUBLE;
  if (v->kind == RS_FLOAT) c->bits = false;
  else c->bits = c->bits && (v->i == 0 || v->i == 1);
  if (v->kind == RS_INT && (v->i > EXACT_INT || v->i < -EXACT_INT)) c->exact = false;
}

/* A column's value, and what kind it is. */
static enum rs_code take_value(struct sending *x, struct column *c, struct rs_value *v,
                               struct rs_error *e)
{
  rs_value_from_sqlite(sqlite3_column_value(x->st, c->at), v);
  if (c->hint == HINT_JSON) return take_json(x, c, v, e);
  switch (v->kind) {
    case RS_INT:
    case RS_FLOAT: see_number(c, v); break;
    case RS_TEXT:
      if (rs_utf8_valid(v->s.p, v->s.n) != v->s.n)
        return rs_fail(e, RS_INVALID, "column '%s': a text is not valid UTF-8", c->name);
      c->mix |= RS_MIX_TEXT;
      break;
    case RS_BYTES: c->bytes = true; break;
    default: break;
  }
  return RS_OK;
}

static enum rs_code take_row(struct sending *x, struct rs_error *e)
{
  struct rs_change change = {.kind = RS_CHANGE_ADD, .row = x->row};
  enum rs_code rc = RS_OK;
  rs_arena_free(&x->row_arena);
  for (size_t i = 0; i < x->n && rc == RS_OK; i++)
    rc = x->columns[i].at < 0
           ? rs_copy_id(x->st, x->key_at, x->key.n > 0 ? x->key.n : 1, &x->row_arena, &x->row[i], e)
           : take_value(x, &x->columns[i], &x->row[i], e);
  if (rc == RS_OK && x->columns[0].at < 0) {
    bool has = false;
    change.key = x->row[0];
    rc = rs_queue_has(x->reader, &change.key, &has, e);
    if (rc == RS_OK && has)
      rc = rs_fail(e, RS_CONSTRAINT, "two rows have one key: '%.*s'",
                   (int)(change.key.s.n < 200 ? change.key.s.n : 200), change.key.s.p);
  }
  return rc == RS_OK ? rs_queue_add(x->queue, &change, e) : rc;
}

static enum rs_code read_rows(struct sending *x, struct rs_error *e)
{
  struct rs_copy_push *p = x->p;
  int step = SQLITE_DONE;
  enum rs_code rc = prepare(x, "*", &x->st, e);
  if (rc == RS_OK) rc = read_columns(x, e);
  bool keyed = rc == RS_OK && x->columns[0].at < 0;
  if (rc == RS_OK) rc = rs_queue_new(x->n, keyed ? 0 : -1, QUEUE_MEMORY, &x->queue, e);
  if (rc == RS_OK) rc = rs_queue_reader_new(x->queue, &x->reader, e);
  p->rows = 0;
  while (rc == RS_OK && (step = sqlite3_step(x->st)) == SQLITE_ROW) {
    rc = take_row(x, e);
    p->rows++;
    // another connection than the one that is interrupted may be read
    if (rc == RS_OK) rc = rs_conn_poll(p->c, p->rows, e);
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(p->db, p->source, e);
  sqlite3_finalize(x->st);
  x->st = NULL;
  return rc;
}

/* ---- types ----------------------------------------------------------------------------------- */

/* The type that holds all values of a column, or why there is none. */
static enum rs_code type_of(const struct column *c, enum rs_type *type, struct rs_error *e)
{
  if (c->at < 0) *type = RS_T_TEXT;
  else if (c->hint == HINT_JSON) *type = RS_T_JSON;
  else if (c->bytes && c->mix != 0)
    return rs_fail(e, RS_INVALID,
                   "column '%s' holds blobs and other values: a query may send "
                   "hex(%s), or CAST it",
                   c->name, c->name);
  else if (c->bytes || (c->mix == 0 && c->hint == HINT_BYTES)) *type = RS_T_BYTES;
  else if (c->mix == RS_MIX_INT && c->hint == HINT_BOOL && c->bits) *type = RS_T_BOOL;
  else if (c->mix == RS_MIX_INT || (c->mix == 0 && c->hint == HINT_INT)) *type = RS_T_INT;
  else if (c->mix == (RS_MIX_INT | RS_MIX_DOUBLE) && !c->exact)
    return rs_fail(e, RS_INVALID,
                   "column '%s' holds reals and integers beyond 2^53, which no type "
                   "holds together: a query may CAST them",
                   c->name);
  else if (c->mix != 0 && (c->mix & RS_MIX_TEXT) == 0) *type = RS_T_FLOAT;
  else if (c->mix == 0 && c->hint == HINT_FLOAT) *type = RS_T_FLOAT;
  else *type = c->mix == 0 || c->mix == RS_MIX_TEXT ? RS_T_TEXT : RS_T_MIXED;
  return RS_OK;
}

/* ---- sending --------------------------------------------------------------------------------- */

static void rewind_rows(void *ctx)
{
  struct sending *x = ctx;
  x->given = 0;
  rs_queue_start(x->reader);
}

static enum rs_code next_row(void *ctx, const struct rs_value **row, struct rs_error *e)
{
  struct sending *x = ctx;
  struct rs_change change;
  enum rs_code rc = rs_queue_next(x->reader, &change, NULL, e);
  if (rc != RS_OK) return rc;
  *row = change.row;
  if (++x->given % 4096 == 0) rs_progress_rows(&x->progress, x->given);
  // the queue's own memory: a boolean differs from an integer here, an integer from a double
  for (size_t i = 0; i < x->n; i++) {
    x->row[i] = change.row[i];
    if (x->row[i].kind != RS_INT) continue;
    if (x->columns[i].hint == HINT_BOOL && x->columns[i].bits && x->columns[i].mix == RS_MIX_INT)
      x->row[i].kind = RS_BOOL;
    else if (x->columns[i].mix == (RS_MIX_INT | RS_MIX_DOUBLE))
      x->row[i] = (struct rs_value){.kind = RS_FLOAT, .f = (double)change.row[i].i};
  }
  *row = x->row;
  return RS_OK;
}

static enum rs_code send_rows(struct sending *x, struct rs_error *e)
{
  struct rs_copy_push *p = x->p;
  const char **names = rs_arena_calloc(x->a, (x->n + 1) * sizeof *names);
  enum rs_type *types = rs_arena_calloc(x->a, (x->n + 1) * sizeof *types);
  unsigned *mixes = rs_arena_calloc(x->a, (x->n + 1) * sizeof *mixes);
  enum rs_code rc = names != NULL && types != NULL && mixes != NULL ? RS_OK : rs_nomem(e);
  for (size_t i = 0; i < x->n && rc == RS_OK; i++) {
    names[i] = x->columns[i].name;
    mixes[i] = x->columns[i].mix;
    rc = type_of(&x->columns[i], &types[i], e);
  }
  if (rc != RS_OK) return rc;
  struct rs_pushed pushed;
  const struct rs_push push = {
    .mode = x->mode,
    .input = {.names = names, .types = types, .n = x->n, .next = next_row, .ctx = x},
    .mixes = mixes,
    .rewind = rewind_rows};
  rs_progress_begin(&x->progress, "rockset_push");
  rc = rs_session_push(p->session, &p->rel, &push, &pushed, e);
  if (rc == RS_OK && pushed.rows >= 0 && pushed.rows != p->rows)
    rc = rs_fail(e, RS_REMOTE, "%lld rows were sent and %lld arrived", (long long)p->rows,
                 (long long)pushed.rows);
  p->updated = pushed.updated;
  p->inserted = pushed.updated >= 0 ? p->rows - pushed.updated : -1;
  return rc;
}

static enum rs_code run_push(struct sending *x, struct rs_error *e)
{
  struct rs_copy_push *p = x->p;
  enum rs_code rc = read_options(x, e);
  if (rc == RS_OK)
    rc = p->stored                     ? stored_table(x, e)
         : rs_copy_is_query(p->source) ? typed_query(x, e)
                                       : typed_table(x, e);
  if (rc == RS_OK && p->cursor != NULL) rc = read_place(x, e);
  if (rc == RS_OK && p->cursor != NULL) rc = read_greatest(x, e);
  if (rc == RS_OK) rc = read_rows(x, e);
  if (rc != RS_OK) return rc;
  p->skipped = (x->by_mark || p->changes) && p->rows == 0;
  if (!p->skipped) rc = send_rows(x, e);
  if (rc != RS_OK || p->cursor == NULL) return rc;
  x->place.value = p->mark;
  x->place.rows = p->rows;
  rc = rs_copy_mark_put(p->db, &x->place, e);
  if (rc != RS_OK)
    rs_error_prefix(e,
                    "%lld rows were sent, but not how far that was: the next push sends them "
                    "again",
                    (long long)p->rows);
  return rc;
}

enum rs_code rs_copy_push_run(struct rs_copy_push *p, struct rs_arena *a, struct rs_error *e)
{
  struct sending x = {.p = p, .a = a};
  p->rows = p->inserted = p->updated = 0;
  p->since = p->mark = (struct rs_value){.kind = RS_NULL};
  rs_arena_init(&x.row_arena, 0);
  enum rs_code rc = run_push(&x, e);
  sqlite3_finalize(x.st);
  rs_queue_reader_free(x.reader);
  rs_queue_free(x.queue);
  rs_arena_free(&x.row_arena);
  return rc;
}
