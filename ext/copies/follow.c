/*
** Collections that follow a table: the queue of changes, and the triggers that fill it (copies.h).
**
** Triggers write the keys of rows that are inserted, updated and deleted to rockset_follow_queue,
** in the transaction that changes them; whoever changes the table, in whatever process, queues.
** Only keys: what is sent is what the row holds when it is sent (follow_sync.c), so that the order
** of changes of a row doesn't matter, and a key that is queued without need does no harm.
**
** REPLACE removes rows without running delete triggers (unless recursive_triggers is on). So
** before each insert and update the rows are queued that the new one could take the place of:
** those with the same values in a unique index. A superset does no harm: that an index is partial
** is left out.
**
** A table that is renamed takes its triggers along, and they say its name. With DROP TABLE they go:
** that is how the next sync notices.
*/
#include <string.h>
#include "src/base/md5.h"
#include "src/base/text.h"
#include "src/engine/push.h"
#include "src/sql/relname.h"
#include "ext/base/statement.h"
#include "internal.h"

static const char tables_sql[] =
  "CREATE TABLE IF NOT EXISTS main.rockset_follows("
  "id INTEGER PRIMARY KEY, \"table\" TEXT NOT NULL, collection TEXT NOT NULL, "
  "target TEXT NOT NULL, key TEXT, signature TEXT NOT NULL, whole INTEGER NOT NULL, "
  "synced_at TEXT, UNIQUE(\"table\", collection, target));"
  "CREATE TABLE IF NOT EXISTS main.rockset_follow_queue("
  "n INTEGER PRIMARY KEY, follow INTEGER NOT NULL, k0, k1, k2, k3, k4, k5, k6, k7)";

/* ---- the table ------------------------------------------------------------------------------- */

struct column {
  const char *name, *fallback; /* fallback: what REPLACE writes instead of NULL */
  int pk;
};

struct shape {
  sqlite3 *db;
  struct rs_arena *a;
  struct rs_follow *f;
  struct column *columns;
  size_t n;
  bool has_rowid;    /* no WITHOUT ROWID */
  const char *alias; /* the INTEGER PRIMARY KEY */
  const char *rowid; /* a name of it that is no column's; NULL: there is none */
  bool key_found;    /* a unique index has just the key's columns */
  const char *named; /* the table's name in the triggers */
};

static enum rs_code read_columns(struct shape *t, struct rs_error *e)
{
  static const char sql[] = "SELECT name, CASE WHEN \"notnull\" THEN dflt_value END, pk, "
                            "count(*) OVER () FROM pragma_table_xinfo(?1, 'main')";
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  if (sqlite3_prepare_v2(t->db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_sqlite_error_of(t->db, t->f->table, e);
  sqlite3_bind_text(st, 1, t->f->table, -1, SQLITE_STATIC);
  int step;
  while (rc == RS_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
    const char *fallback = (const char *)sqlite3_column_text(st, 1);
    if (t->columns == NULL) {
      t->columns = rs_arena_calloc(t->a,
                                   (size_t)(sqlite3_column_int(st, 3) + 1) * sizeof *t->columns);
      if (t->columns == NULL) rc = rs_nomem(e);
      if (rc != RS_OK) break;
    }
    struct column *c = &t->columns[t->n++];
    c->name = rs_arena_strdup(t->a, (const char *)sqlite3_column_text(st, 0));
    if (fallback != NULL) c->fallback = rs_arena_strdup(t->a, fallback);
    c->pk = sqlite3_column_int(st, 2);
    if (c->name == NULL || (fallback != NULL && c->fallback == NULL)) rc = rs_nomem(e);
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(t->db, t->f->table, e);
  sqlite3_finalize(st);
  return rc;
}

static const struct column *find_column(const struct shape *t, const char *name)
{
  for (size_t i = 0; i < t->n; i++)
    if (rs_casecmp(t->columns[i].name, name) == 0) return &t->columns[i];
  return NULL;
}

/* What the rowid is, if it is one. A primary key without an index of its own is the rowid. */
static enum rs_code read_rowid(struct shape *t, struct rs_error *e)
{
  static const char sql[] =
    "SELECT wr, EXISTS (SELECT 1 FROM pragma_index_list(?1, 'main') WHERE origin = 'pk') "
    "FROM pragma_table_list(?1) WHERE schema = 'main'";
  static const char *const names[] = {"rowid", "_rowid_", "oid"};
  sqlite3_stmt *st = NULL;
  if (sqlite3_prepare_v2(t->db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_sqlite_error_of(t->db, t->f->table, e);
  sqlite3_bind_text(st, 1, t->f->table, -1, SQLITE_STATIC);
  int step = sqlite3_step(st);
  bool index = false;
  if (step == SQLITE_ROW) {
    t->has_rowid = sqlite3_column_int(st, 0) == 0;
    index = sqlite3_column_int(st, 1) != 0;
  }
  enum rs_code rc = step == SQLITE_ROW ? RS_OK : rs_sqlite_error_of(t->db, t->f->table, e);
  sqlite3_finalize(st);
  for (size_t i = 0; t->has_rowid && i < sizeof names / sizeof *names && !t->rowid; i++)
    if (find_column(t, names[i]) == NULL) t->rowid = names[i];
  for (size_t i = 0; t->has_rowid && !index && i < t->n; i++)
    if (t->columns[i].pk == 1) t->alias = t->columns[i].name;
  return rc;
}

/* The columns that the option names, else the primary key's. */
static enum rs_code read_key(struct shape *t, struct rs_error *e)
{
  struct rs_follow *f = t->f;
  enum rs_code rc = rs_copy_names_read(f->key, "option 'key'", t->a, &f->columns, e);
  if (rc != RS_OK) return rc;
  if (f->key == NULL) {
    f->columns.v = rs_arena_calloc(t->a, (t->n + 1) * sizeof *f->columns.v);
    if (f->columns.v == NULL) return rs_nomem(e);
    for (int pk = 1; pk <= (int)t->n; pk++)
      for (size_t i = 0; i < t->n; i++)
        if (t->columns[i].pk == pk) f->columns.v[f->columns.n++] = t->columns[i].name;
    t->key_found = f->columns.n > 0;
    if (!t->key_found)
      return rs_fail(e, RS_INVALID,
                     "'%s' has no primary key: name the columns of a unique index: "
                     "{\"key\":\"code\"}",
                     f->table);
  }
  if (f->columns.n > RS_FOLLOW_KEYS)
    return rs_fail(e, RS_LIMIT, "the key of '%s' has %zu columns: at most %d can be followed",
                   f->table, f->columns.n, RS_FOLLOW_KEYS);
  for (size_t i = 0; i < f->columns.n; i++) {
    if (find_column(t, f->columns.v[i]) == NULL)
      return rs_fail(e, RS_INVALID, "'%s' has no column '%s', which is to be its key", f->table,
                     f->columns.v[i]);
    if (f->columns.n == 1 && t->alias != NULL && rs_casecmp(t->alias, f->columns.v[0]) == 0)
      t->key_found = true;
  }
  return RS_OK;
}

/* ---- triggers -------------------------------------------------------------------------------- */

static void add_format(struct rs_buf *b, const char *format, ...)
{
  va_list ap;
  va_start(ap, format);
  char *made = sqlite3_vmprintf(format, ap);
  va_end(ap);
  if (made == NULL) b->rc = RS_NOMEM;
  else rs_buf_str(b, made);
  sqlite3_free(made);
}

/* INSERT INTO the queue ..., the key's columns behind `of` ("NEW.", "OLD.", ""). */
static void add_queueing(struct rs_buf *b, const struct rs_follow *f, const char *of)
{
  rs_buf_str(b, "INSERT INTO rockset_follow_queue(follow");
  for (size_t i = 0; i < f->columns.n; i++) rs_buf_printf(b, ", k%zu", i);
  rs_buf_printf(b, ") SELECT %lld", (long long)f->id);
  for (size_t i = 0; i < f->columns.n; i++) add_format(b, ", %s\"%w\"", of, f->columns.v[i]);
}

/* NEW's value of a column; where REPLACE writes the default instead of NULL, that. */
static void add_new(struct rs_buf *b, const struct column *c)
{
  if (c->fallback == NULL) add_format(b, "NEW.\"%w\"", c->name);
  else add_format(b, "coalesce(NEW.\"%w\", (%s))", c->name, c->fallback);
}

/* The rows of one unique index that the new one would take the place of. */
static enum rs_code add_index(struct shape *t, const char *index, struct rs_buf *probes,
                              struct rs_error *e)
{
  static const char sql[] = "SELECT name, coll, cid FROM pragma_index_xinfo(?1, 'main') "
                            "WHERE key ORDER BY seqno";
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  size_t n = 0, of_key = 0;
  int step;
  if (sqlite3_prepare_v2(t->db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_sqlite_error_of(t->db, index, e);
  sqlite3_bind_text(st, 1, index, -1, SQLITE_STATIC);
  add_queueing(probes, t->f, "");
  add_format(probes, " FROM \"%w\"", t->named);
  while (rc == RS_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(st, 0);
    const struct column *c = name != NULL ? find_column(t, name) : NULL;
    if (c == NULL) {
      rc = rs_fail(e, RS_UNSUPPORTED,
                   "the unique index '%s' of '%s' is over an expression: rows that REPLACE removes "
                   "by it would not be noticed, so the table can't be followed",
                   index, t->f->table);
      break;
    }
    add_format(probes, "%s\"%w\" = ", n++ == 0 ? " WHERE " : " AND ", name);
    add_new(probes, c);
    add_format(probes, " COLLATE \"%w\"", (const char *)sqlite3_column_text(st, 1));
    for (size_t i = 0; i < t->f->columns.n; i++)
      of_key += rs_casecmp(t->f->columns.v[i], name) == 0;
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(t->db, index, e);
  sqlite3_finalize(st);
  rs_buf_str(probes, ";\n");
  if (n == of_key && n == t->f->columns.n) t->key_found = true;
  return rc;
}

static enum rs_code add_probes(struct shape *t, struct rs_buf *probes, struct rs_error *e)
{
  static const char sql[] =
    "SELECT name, partial FROM pragma_index_list(?1, 'main') WHERE \"unique\" ORDER BY name";
  struct rs_follow *f = t->f;
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  int step;
  if (sqlite3_prepare_v2(t->db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_sqlite_error_of(t->db, f->table, e);
  sqlite3_bind_text(st, 1, f->table, -1, SQLITE_STATIC);
  while (rc == RS_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
    bool found = t->key_found;
    rc = add_index(t, (const char *)sqlite3_column_text(st, 0), probes, e);
    if (sqlite3_column_int(st, 1) != 0) t->key_found = found; // partial: two rows may have one key
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(t->db, f->table, e);
  sqlite3_finalize(st);
  // a rowid that is not the key
  bool is_key = t->alias != NULL && f->columns.n == 1 && rs_casecmp(t->alias, f->columns.v[0]) == 0;
  const char *rowid = t->alias != NULL ? t->alias : t->rowid;
  if (rc == RS_OK && t->has_rowid && !is_key && rowid != NULL) {
    add_queueing(probes, f, "");
    add_format(probes, " FROM \"%w\" WHERE \"%w\" = NEW.\"%w\";\n", t->named, rowid, rowid);
  }
  return rc;
}

static void add_head(struct rs_buf *b, const struct shape *t, const char *name, const char *event)
{
  add_format(b, "CREATE TRIGGER main.rockset_follow_%lld_%s %s ON \"%w\" BEGIN\n",
             (long long)t->f->id, name, event, t->named);
}

/* A key that changes leaves its old one behind. */
static void add_changed(struct rs_buf *b, const struct rs_follow *f)
{
  add_queueing(b, f, "OLD.");
  for (size_t i = 0; i < f->columns.n; i++) {
    const char *c = f->columns.v[i];
    add_format(b,
               "%s OLD.\"%w\" IS NOT NEW.\"%w\" COLLATE BINARY OR typeof(OLD.\"%w\") <> "
               "typeof(NEW.\"%w\")",
               i == 0 ? " WHERE" : " OR", c, c, c, c);
  }
  rs_buf_str(b, ";\n");
}

static void add_triggers(struct rs_buf *b, const struct shape *t, const struct rs_buf *probes)
{
  const struct rs_follow *f = t->f;
  if (probes->n > 0) {
    add_head(b, t, "before_insert", "BEFORE INSERT");
    rs_buf_add(b, probes->p, probes->n);
    rs_buf_str(b, "END;\n");
    add_head(b, t, "before_update", "BEFORE UPDATE");
    rs_buf_add(b, probes->p, probes->n);
    rs_buf_str(b, "END;\n");
  }
  add_head(b, t, "insert", "AFTER INSERT");
  add_queueing(b, f, "NEW.");
  rs_buf_str(b, ";\nEND;\n");
  add_head(b, t, "update", "AFTER UPDATE");
  add_changed(b, f);
  add_queueing(b, f, "NEW.");
  rs_buf_str(b, ";\nEND;\n");
  add_head(b, t, "delete", "AFTER DELETE");
  add_queueing(b, f, "OLD.");
  rs_buf_str(b, ";\nEND;\n");
}

static enum rs_code make_triggers(struct shape *t, const char *named, struct rs_error *e)
{
  struct rs_follow *f = t->f;
  struct rs_buf probes;
  t->named = named;
  rs_buf_init(&probes, 1 << 20);
  rs_buf_clear(&f->triggers);
  enum rs_code rc = add_probes(t, &probes, e);
  if (rc == RS_OK) add_triggers(&f->triggers, t, &probes);
  if (rc == RS_OK) rc = rs_buf_error(&probes, e, "triggers");
  if (rc == RS_OK) rc = rs_buf_error(&f->triggers, e, "triggers");
  rs_buf_free(&probes);
  return rc;
}

/* A table that is only renamed is the same one: the signature is that of triggers on a table t. */
static enum rs_code sign_triggers(struct shape *t, struct rs_error *e)
{
  unsigned char sum[RS_MD5_SIZE];
  enum rs_code rc = make_triggers(t, "t", e);
  if (rc != RS_OK) return rc;
  rs_md5(t->f->triggers.p, t->f->triggers.n, sum);
  for (size_t i = 0; i < RS_MD5_SIZE; i++)
    sqlite3_snprintf(3, t->f->wanted + 2 * i, "%02x", sum[i]);
  return RS_OK;
}

enum rs_code rs_follow_look(sqlite3 *db, struct rs_follow *f, struct rs_arena *a,
                            struct rs_error *e)
{
  struct shape t = {.db = db, .a = a, .f = f};
  const char *kind;
  enum rs_code rc = rs_copy_kind(db, f->table, &kind, e);
  if (rc != RS_OK) return rc;
  if (kind == NULL) return rs_fail(e, RS_NOT_FOUND, "table '%s' does not exist in main", f->table);
  if (!rs_eq(kind, "table"))
    return rs_fail(e, RS_INVALID,
                   "'%s' is a %s%s: only plain tables can be followed: rockset_push sends its rows",
                   f->table, kind, rs_eq(kind, "view") ? "" : " table");
  if (rs_casecmpn(f->table, "sqlite_", 7) == 0 || rs_casecmpn(f->table, "rockset_", 8) == 0)
    return rs_fail(e, RS_FORBIDDEN, "table '%s' is none of the application's", f->table);
  rc = read_columns(&t, e);
  if (rc == RS_OK) rc = read_rowid(&t, e);
  if (rc == RS_OK) rc = read_key(&t, e);
  if (rc == RS_OK) rc = sign_triggers(&t, e);
  if (rc == RS_OK) rc = make_triggers(&t, f->table, e);
  if (rc == RS_OK && !t.key_found)
    rc = rs_fail(e, RS_INVALID,
                 "option 'key': no unique index of '%s' has just these columns: two rows could "
                 "have one key",
                 f->table);
  return rc;
}

static int drop_triggers(sqlite3 *db, int64_t id)
{
  static const char *const names[] = {"before_insert", "before_update", "insert", "update",
                                      "delete"};
  int rc = SQLITE_OK;
  for (size_t i = 0; i < sizeof names / sizeof *names && rc == SQLITE_OK; i++)
    rc = rs_sqlite_exec(db, "DROP TRIGGER IF EXISTS main.rockset_follow_%lld_%s", (long long)id,
                        names[i]);
  return rc;
}

int rs_follow_arm(sqlite3 *db, const struct rs_follow *f)
{
  int rc = drop_triggers(db, f->id);
  if (rc == SQLITE_OK) rc = sqlite3_exec(db, f->triggers.p, NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = rs_sqlite_exec(db,
                        "UPDATE main.rockset_follows SET signature = %Q, whole = 1 "
                        "WHERE id = %lld",
                        f->wanted, (long long)f->id);
  return rc;
}

/* ---- follow and unfollow --------------------------------------------------------------------- */

static enum rs_code add_follow(sqlite3 *db, struct rs_follow *f, struct rs_arena *a,
                               struct rs_error *e)
{
  int done = rs_sqlite_exec(db,
                            "INSERT INTO main.rockset_follows(\"table\", collection, target, key, "
                            "signature, whole) VALUES(%Q, %Q, %Q, %Q, '', 1)",
                            f->table, f->remote, f->target, f->key);
  if (done == SQLITE_CONSTRAINT_UNIQUE || done == SQLITE_CONSTRAINT)
    return rs_fail(e, RS_EXISTS, "%s follows '%s' already: rockset_sync() sends what has changed",
                   f->remote, f->table);
  if (done != SQLITE_OK) return rs_sqlite_error_of(db, "rockset_follows", e);
  f->id = sqlite3_last_insert_rowid(db);
  enum rs_code rc = rs_follow_look(db, f, a, e);
  if (rc == RS_OK && rs_follow_arm(db, f) != SQLITE_OK) rc = rs_sqlite_error_of(db, "triggers", e);
  return rc;
}

/* The last one takes the tables with it. */
static int drop_follow(sqlite3 *db, int64_t id)
{
  sqlite3_stmt *st = NULL;
  int rc = drop_triggers(db, id);
  if (rc == SQLITE_OK)
    rc = rs_sqlite_exec(db, "DELETE FROM main.rockset_follow_queue WHERE follow = %lld",
                        (long long)id);
  if (rc == SQLITE_OK)
    rc = rs_sqlite_exec(db, "DELETE FROM main.rockset_follows WHERE id = %lld", (long long)id);
  if (rc == SQLITE_OK)
    rc = rs_sqlite_prepare(db, &st, "SELECT 1 FROM main.rockset_follows LIMIT 1");
  bool last = rc == SQLITE_OK && sqlite3_step(st) == SQLITE_DONE;
  sqlite3_finalize(st);
  if (last)
    rc = rs_sqlite_exec(db,
                        "DROP TABLE main.rockset_follow_queue; DROP TABLE main.rockset_follows");
  return rc;
}

static enum rs_code check_free(struct rs_session *s, const struct rs_relation *rel,
                               const char *remote, bool replace, struct rs_error *e)
{
  enum rs_relation_kind kind = RS_REL_NONE;
  enum rs_code rc = rs_session_describe(s, rel, NULL, &kind, e);
  if (rc != RS_OK || kind == RS_REL_NONE || (replace && kind == RS_REL_TABLE)) return rc;
  if (kind != RS_REL_TABLE)
    return rs_fail(e, RS_EXISTS, "'%s' is a view or an alias: choose another name", remote);
  return rs_fail(e, RS_EXISTS,
                 "collection '%s' exists: {\"replace\":true} replaces its rows by the table's",
                 remote);
}

enum rs_code rs_follow_begin(struct rs_conn *c, struct rs_session *s, const char *table,
                             const struct rs_relation *rel, const char *key, bool replace,
                             struct rs_follow_sent *sent, struct rs_arena *a, struct rs_error *e)
{
  sqlite3 *db = rs_conn_db(c);
  struct rs_buf remote;
  struct rs_unit unit;
  struct rs_follow f = {.table = table, .key = key};
  f.target = rs_target_info(rs_session_target(s)).output->target_name;
  rs_buf_init(&remote, 1 << 16);
  rs_relation_text(&remote, rel);
  enum rs_code rc = rs_arena_take_buf(a, &remote, "name", &f.remote, e);
  if (rc == RS_OK) rc = check_free(s, rel, f.remote, replace, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&f.triggers, 1 << 20);
  if (rs_unit_begin(&unit, db, true) != SQLITE_OK) return rs_sqlite_error_of(db, table, e);
  if (sqlite3_exec(db, tables_sql, NULL, NULL, NULL) != SQLITE_OK)
    rc = rs_sqlite_error_of(db, "rockset_follows", e);
  if (rc == RS_OK) rc = add_follow(db, &f, a, e);
  rc = rs_unit_close(&unit, rc, "rockset_follows", e);
  rs_buf_free(&f.triggers);
  if (rc != RS_OK) return rc;
  rc = rs_follow_sync(c, table, f.target, false, sent, e);
  if (rc == RS_OK || rs_unit_begin(&unit, db, true) != SQLITE_OK) return rc;
  (void)rs_unit_end(&unit, drop_follow(db, f.id)); // it never began
  return rc;
}

/* Is it of this table, under the name that its triggers say? */
#define OF_TABLE                                                                        \
  "(f.\"table\" = ?1 COLLATE NOCASE OR EXISTS (SELECT 1 FROM main.sqlite_schema WHERE " \
  "type = 'trigger' AND name = 'rockset_follow_' || f.id || '_insert' AND "             \
  "tbl_name = ?1 COLLATE NOCASE))"

static enum rs_code drop_follows(sqlite3 *db, const char *table, const char *remote, int64_t *n,
                                 struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (;;) {
    sqlite3_stmt *st = NULL;
    if (rs_sqlite_prepare(db, &st,
                          "SELECT id FROM main.rockset_follows AS f WHERE " OF_TABLE
                          " AND (?2 IS NULL OR f.collection = ?2) LIMIT 1") != SQLITE_OK)
      return rs_sqlite_error_of(db, "rockset_follows", e);
    sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, remote, -1, SQLITE_STATIC);
    int step = sqlite3_step(st);
    int64_t id = step == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
    sqlite3_finalize(st);
    if (step == SQLITE_DONE) return rc;
    if (step != SQLITE_ROW || drop_follow(db, id) != SQLITE_OK)
      return rs_sqlite_error_of(db, "rockset_follows", e);
    ++*n;
    if (sqlite3_table_column_metadata(db, "main", "rockset_follows", NULL, NULL, NULL, NULL, NULL,
                                      NULL) != SQLITE_OK)
      return rc;
  }
}

enum rs_code rs_follow_end(sqlite3 *db, const char *table, const char *remote, int64_t *n,
                           struct rs_error *e)
{
  struct rs_unit unit;
  *n = 0;
  if (sqlite3_table_column_metadata(db, "main", "rockset_follows", NULL, NULL, NULL, NULL, NULL,
                                    NULL) == SQLITE_OK) {
    if (rs_unit_begin(&unit, db, true) != SQLITE_OK) return rs_sqlite_error_of(db, table, e);
    enum rs_code rc = drop_follows(db, table, remote, n, e);
    rc = rs_unit_close(&unit, rc, "rockset_follows", e);
    if (rc != RS_OK) return rc;
  }
  if (*n > 0) return RS_OK;
  return rs_fail(e, RS_NOT_FOUND,
                 "nothing follows '%s'%s%s: SELECT * FROM rockset_follows tells "
                 "what is followed",
                 table, remote ? " as " : "", remote ? remote : "");
}
