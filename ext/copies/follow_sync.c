/*
** Collections that follow a table: sending what is queued (copies.h).
**
**   1. The last number of the queue is read: what is queued later is for the next sync.
**   2. Keys of the queue that no row has any more are deleted from the collection.
**   3. Rows that have one of the keys are sent, as rockset_push sends them by mode upsert.
**   4. The queue is emptied up to that number.
**
** The table may change meanwhile: each such change queues its key behind the number. So nothing is
** locked while the target works, and whatever is cut off between is sent again, to the same effect.
** That holds as long as one sync at a time works on a file: another one could bring older rows
** after newer ones. Hence a lock of the system's on a file beside the database, which goes with the
** process that holds it.
**
** All rows are sent (mode replace) the first time, when the collection is gone, and when the
** triggers had to be made anew: a unique index that came may have let REPLACE remove rows that
** nobody queued.
*/
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/changes.h"
#include "src/sql/relname.h"
#include "src/value/text.h"
#include "ext/base/statement.h"
#include "internal.h"

#define LOCK_SUFFIX "-rockset-sync"
#define LOCK_POLL_MS 10
#define QUEUE_MEMORY ((size_t)16 << 20) /* of keys that are deleted; more lie in a file */

/* ---- one at a time --------------------------------------------------------------------------- */

/* *fd -1: a database without a file, which no other process has. */
static enum rs_code take_lock(struct rs_conn *c, int *fd, struct rs_error *e)
{
  const char *file = sqlite3_db_filename(rs_conn_db(c), "main");
  struct stat seen;
  *fd = -1;
  if (file == NULL || *file == 0) return RS_OK;
  char *path = rs_mprintf("%s" LOCK_SUFFIX, file);
  if (path == NULL) return rs_nomem(e);
  // whoever may write the database may send its changes
  mode_t mode = stat(file, &seen) == 0 ? seen.st_mode & 0666 : 0600;
  *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
  enum rs_code rc = RS_OK;
  if (*fd < 0) rc = rs_fail(e, RS_IO, "%s: %s", path, strerror(errno));
  while (rc == RS_OK && flock(*fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      rc = rs_fail(e, RS_IO, "%s: %s", path, strerror(errno));
    else if (rs_conn_interrupted(c)) rc = rs_fail(e, RS_CANCELLED, "interrupted");
    else rs_sleep_ms(LOCK_POLL_MS);
  }
  if (rc != RS_OK && *fd >= 0) close(*fd);
  if (rc != RS_OK) *fd = -1;
  rs_free(path);
  return rc;
}

/* The file stays: another one may be about to lock it. */
static void let_lock(int fd)
{
  if (fd >= 0) close(fd);
}

/* ---- what is there --------------------------------------------------------------------------- */

struct syncing {
  struct rs_conn *c;
  sqlite3 *db;
  struct rs_arena *a;
  struct rs_follow *f;
  struct rs_session *session;
  struct rs_relation rel;
  int64_t mark; /* the last number of the queue; 0: it is empty */
  struct rs_follow_sent *sent;
};

static enum rs_code read_mark(struct syncing *x, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  if (rs_sqlite_prepare(x->db, &st,
                        "SELECT max(n) FROM main.rockset_follow_queue WHERE follow = %lld",
                        (long long)x->f->id) != SQLITE_OK)
    return rs_sqlite_error_of(x->db, "rockset_follow_queue", e);
  int step = sqlite3_step(st);
  x->mark = step == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
  sqlite3_finalize(st);
  return step == SQLITE_ROW ? RS_OK : rs_sqlite_error_of(x->db, "rockset_follow_queue", e);
}

/* Triggers that are not what the table needs now are made anew, and all rows are to be sent. */
static enum rs_code look(struct syncing *x, int triggers, struct rs_error *e)
{
  struct rs_follow *f = x->f;
  struct rs_unit unit;
  if (triggers == 0)
    return rs_fail(e, RS_NOT_FOUND,
                   "'%s' was dropped, or made anew, since %s follows it: rockset_unfollow('%s') "
                   "ends that, rockset_follow begins anew",
                   f->table, f->remote, f->table);
  enum rs_code rc = rs_follow_look(x->db, f, x->a, e);
  if (rc != RS_OK) return rc;
  int wanted = 0;
  for (const char *p = f->triggers.p; (p = strstr(p, "CREATE TRIGGER main.")) != NULL; p++)
    wanted++;
  if (rs_eq(f->signature, f->wanted) && wanted == triggers) return RS_OK;
  if (rs_unit_begin(&unit, x->db, true) != SQLITE_OK)
    return rs_sqlite_error_of(x->db, "rockset_follows", e);
  if (rs_follow_arm(x->db, f) != SQLITE_OK) rc = rs_sqlite_error_of(x->db, "triggers", e);
  f->whole = true;
  return rs_unit_close(&unit, rc, "rockset_follows", e);
}

/* ---- deletes --------------------------------------------------------------------------------- */

/* The keys of the queue that no row has. A key is the row's text, so a row that SQLite takes for
** the same one under NOCASE, or as another type, is another one. */
static void add_absent(struct syncing *x, struct rs_buf *b)
{
  const struct rs_copy_names *k = &x->f->columns;
  rs_buf_str(b, "SELECT ");
  for (size_t i = 0; i < k->n; i++) rs_buf_printf(b, "%sq.k%zu", i > 0 ? ", " : "", i);
  rs_buf_printf(b, " FROM main.rockset_follow_queue AS q WHERE q.follow = %lld AND q.n <= %lld",
                (long long)x->f->id, (long long)x->mark);
  for (size_t i = 0; i < k->n; i++)
    rs_buf_printf(b, " AND typeof(q.k%zu) NOT IN ('null', 'blob')", i);
  char *from = sqlite3_mprintf(" AND NOT EXISTS (SELECT 1 FROM main.\"%w\" AS t WHERE ",
                               x->f->table);
  if (from == NULL) b->rc = RS_NOMEM;
  else rs_buf_str(b, from);
  sqlite3_free(from);
  for (size_t i = 0; i < k->n; i++) {
    char *same = sqlite3_mprintf("%st.\"%w\" = q.k%d AND t.\"%w\" = q.k%d COLLATE BINARY AND "
                                 "typeof(t.\"%w\") = typeof(q.k%d)",
                                 i > 0 ? " AND " : "", k->v[i], (int)i, k->v[i], (int)i, k->v[i],
                                 (int)i);
    if (same == NULL) b->rc = RS_NOMEM;
    else rs_buf_str(b, same);
    sqlite3_free(same);
  }
  rs_buf_char(b, ')');
}

static enum rs_code read_absent(struct syncing *x, struct rs_queue *q, struct rs_queue_reader *r,
                                int64_t *n, struct rs_error *e)
{
  struct rs_buf sql;
  sqlite3_stmt *st = NULL;
  int at[RS_FOLLOW_KEYS], step = SQLITE_DONE;
  int64_t seen = 0;
  struct rs_arena row;
  for (int i = 0; i < RS_FOLLOW_KEYS; i++) at[i] = i;
  rs_buf_init(&sql, 1 << 20);
  add_absent(x, &sql);
  enum rs_code rc = rs_buf_error(&sql, e, "query");
  if (rc == RS_OK && sqlite3_prepare_v2(x->db, sql.p, -1, &st, NULL) != SQLITE_OK)
    rc = rs_sqlite_error_of(x->db, x->f->table, e);
  rs_buf_free(&sql);
  rs_arena_init(&row, 0);
  while (rc == RS_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
    struct rs_change gone = {.kind = RS_CHANGE_DELETE, .meets = RS_MEETS_ANY};
    bool has = false;
    rc = rs_copy_id(st, at, x->f->columns.n, &row, &gone.key, e);
    if (rc == RS_OK) rc = rs_queue_has(r, &gone.key, &has, e);
    if (rc == RS_OK && !has) rc = rs_queue_add(q, &gone, e);
    rs_arena_free(&row);
    *n += !has;
    if (rc == RS_OK) rc = rs_conn_poll(x->c, ++seen, e);
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(x->db, x->f->table, e);
  sqlite3_finalize(st);
  rs_arena_free(&row);
  return rc;
}

static void rewind_keys(void *ctx)
{
  rs_queue_start(ctx);
}

static enum rs_code next_key(void *ctx, struct rs_change *out, struct rs_error *e)
{
  return rs_queue_next(ctx, out, NULL, e);
}

static enum rs_code apply_deletes(struct syncing *x, struct rs_queue_reader *r, struct rs_error *e)
{
  static const char *const names[] = {"_id"};
  static const enum rs_type types[] = {RS_T_TEXT};
  const struct rs_changes changes = {.names = names,
                                     .types = types,
                                     .n = 1,
                                     .key = 0,
                                     .rewind = rewind_keys,
                                     .next = next_key,
                                     .ctx = r};
  struct rs_sql_lock *lock = NULL;
  int64_t written = 0;
  bool transacts = (rs_session_caps(x->session) & RS_CAP_TRANSACTIONS) != 0;
  enum rs_code rc = rs_session_lock(x->session, &x->rel, &lock, e);
  if (rc == RS_OK && transacts) rc = rs_session_begin(x->session, e);
  if (rc == RS_OK) {
    rc = rs_session_apply(x->session, &x->rel, &changes, &written, e);
    if (transacts && rc == RS_OK) rc = rs_session_end(x->session, true, e);
    else if (transacts) (void)rs_session_end(x->session, false, NULL);
  }
  rs_session_unlock(lock);
  return rc;
}

static enum rs_code send_deletes(struct syncing *x, struct rs_error *e)
{
  struct rs_queue *q = NULL;
  struct rs_queue_reader *r = NULL;
  int64_t n = 0;
  enum rs_code rc = rs_queue_new(1, 0, QUEUE_MEMORY, &q, e);
  if (rc == RS_OK) rc = rs_queue_reader_new(q, &r, e);
  if (rc == RS_OK) rc = read_absent(x, q, r, &n, e);
  if (rc == RS_OK && n > 0) rc = apply_deletes(x, r, e);
  if (rc == RS_OK) x->sent->deleted += n;
  rs_queue_reader_free(r);
  rs_queue_free(q);
  return rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The key as an option of rockset_push. */
static void add_key(struct rs_buf *b, const struct rs_copy_names *k)
{
  for (size_t i = 0; i < k->n; i++) {
    rs_buf_char(b, i == 0 ? '[' : ',');
    rs_buf_json_str(b, k->v[i], strlen(k->v[i]));
  }
  rs_buf_char(b, ']');
}

/* All rows, or those that have a key of the queue. */
static void add_rows(const struct syncing *x, struct rs_buf *b)
{
  const struct rs_copy_names *k = &x->f->columns;
  char *from = sqlite3_mprintf("SELECT t.* FROM main.\"%w\" AS t", x->f->table);
  if (from == NULL) b->rc = RS_NOMEM;
  else rs_buf_str(b, from);
  sqlite3_free(from);
  if (x->f->whole) return;
  for (size_t i = 0; i < k->n; i++) {
    char *name = sqlite3_mprintf("%st.\"%w\"", i == 0 ? " WHERE (" : ", ", k->v[i]);
    if (name == NULL) b->rc = RS_NOMEM;
    else rs_buf_str(b, name);
    sqlite3_free(name);
  }
  rs_buf_str(b, ") IN (SELECT ");
  for (size_t i = 0; i < k->n; i++) rs_buf_printf(b, "%sk%zu", i > 0 ? ", " : "", i);
  rs_buf_printf(b, " FROM main.rockset_follow_queue WHERE follow = %lld AND n <= %lld)",
                (long long)x->f->id, (long long)x->mark);
}

static enum rs_code send_rows(struct syncing *x, struct rs_error *e)
{
  struct rs_buf rows, key;
  struct rs_copy_push p = {.c = x->c,
                           .db = x->db,
                           .what = "rockset_sync",
                           .session = x->session,
                           .rel = x->rel,
                           .mode = x->f->whole ? "replace" : "upsert"};
  rs_buf_init(&rows, 1 << 20);
  rs_buf_init(&key, 1 << 20);
  add_rows(x, &rows);
  add_key(&key, &x->f->columns);
  enum rs_code rc = rs_arena_take_buf(x->a, &rows, "query", &p.source, e);
  if (rc == RS_OK) rc = rs_arena_take_buf(x->a, &key, "key", &p.key, e);
  else rs_buf_free(&key);
  p.changes = !x->f->whole;
  if (rc == RS_OK) rc = rs_copy_push_run(&p, x->a, e);
  if (rc == RS_OK) x->sent->rows += p.rows;
  return rc;
}

/* A row without a key could not be found again. */
static enum rs_code check_keys(struct syncing *x, struct rs_error *e)
{
  const struct rs_copy_names *k = &x->f->columns;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < k->n && rc == RS_OK; i++) {
    sqlite3_stmt *st = NULL;
    if (rs_sqlite_prepare(
          x->db, &st,
          "SELECT 1 FROM main.\"%w\" AS t WHERE t.\"%w\" IS NULL AND EXISTS (SELECT 1 "
          "FROM main.rockset_follow_queue WHERE follow = %lld AND k%d IS NULL)",
          x->f->table, k->v[i], (long long)x->f->id, (int)i) != SQLITE_OK)
      return rs_sqlite_error_of(x->db, x->f->table, e);
    if (sqlite3_step(st) == SQLITE_ROW)
      rc = rs_fail(e, RS_CONSTRAINT, "a row has no key: '%s' is NULL", k->v[i]);
    sqlite3_finalize(st);
  }
  return rc;
}

/* ---- one follow ------------------------------------------------------------------------------ */

static enum rs_code is_sent(struct syncing *x, struct rs_error *e)
{
  struct rs_unit unit;
  char now[40];
  rs_format_timestamp(rs_wall_us(), now);
  if (rs_unit_begin(&unit, x->db, true) != SQLITE_OK)
    return rs_sqlite_error_of(x->db, "all was sent, and will be again: rockset_follow_queue", e);
  int rc = rs_sqlite_exec(x->db,
                          "DELETE FROM main.rockset_follow_queue WHERE follow = %lld AND n <= %lld",
                          (long long)x->f->id, (long long)x->mark);
  if (rc == SQLITE_OK)
    rc = rs_sqlite_exec(x->db,
                        "UPDATE main.rockset_follows SET whole = 0, \"table\" = %Q, "
                        "synced_at = %Q WHERE id = %lld",
                        x->f->table, now, (long long)x->f->id);
  enum rs_code code = rc == SQLITE_OK ? RS_OK : rs_sqlite_error_of(x->db, "rockset_follows", e);
  return rs_unit_close(&unit, code, "all was sent, and will be again: rockset_follow_queue", e);
}

static enum rs_code note_sent(struct syncing *x, struct rs_error *e)
{
  struct rs_error own = {0};
  enum rs_code rc = is_sent(x, &own);
  if (rc == RS_OK || (rc == RS_BUSY && x->sent->lenient)) return RS_OK;
  if (e != NULL) *e = own;
  return rc;
}

static enum rs_code send_follow(struct syncing *x, struct rs_error *e)
{
  enum rs_relation_kind kind = RS_REL_NONE;
  struct rs_target *target = rs_session_target(x->session);
  enum rs_code rc = rs_relation_parse(x->f->remote, rs_target_info(target).output->workspace,
                                      "rockset_follows", x->a, &x->rel, e);
  if (rc == RS_OK) rc = read_mark(x, e);
  if (rc != RS_OK || (x->mark == 0 && !x->f->whole)) return rc;
  rc = check_keys(x, e);
  if (rc == RS_OK) rc = rs_session_describe(x->session, &x->rel, NULL, &kind, e);
  if (rc != RS_OK) return rc;
  if (kind == RS_REL_NONE) x->f->whole = true;
  if (!x->f->whole) rc = send_deletes(x, e);
  if (rc == RS_OK) rc = send_rows(x, e);
  return rc == RS_OK ? note_sent(x, e) : rc;
}

static enum rs_code sync_follow(struct rs_conn *c, struct rs_follow *f, int triggers, bool stored,
                                struct rs_follow_sent *sent, struct rs_arena *a, struct rs_error *e)
{
  const struct rs_output *own;
  struct syncing x = {.c = c, .db = rs_conn_db(c), .a = a, .f = f, .sent = sent};
  enum rs_code rc = rs_conn_output(c, &own, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&f->triggers, 1 << 20);
  rc = look(&x, triggers, e);
  if (rc == RS_OK)
    rc = rs_conn_session_of(c, rs_eq(f->target, own->target_name) ? NULL : f->target, stored,
                            &x.session, e);
  if (rc == RS_OK) rc = send_follow(&x, e);
  if (x.session != NULL) rs_conn_done(c, x.session);
  rs_buf_free(&f->triggers);
  if (rc != RS_OK) rs_error_prefix(e, "'%s' follows '%s'", f->remote, f->table);
  return rc;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Its triggers tell a table's name, since they are renamed with it. */
static const char follows_sql[] =
  "SELECT f.id, coalesce(max(s.tbl_name), f.\"table\"), f.collection, f.target, f.key, "
  "f.signature, f.whole, count(s.name) FROM main.rockset_follows AS f LEFT JOIN "
  "main.sqlite_schema AS s ON s.type = 'trigger' AND s.name IN ("
  "'rockset_follow_' || f.id || '_before_insert', 'rockset_follow_' || f.id || '_before_update', "
  "'rockset_follow_' || f.id || '_insert', 'rockset_follow_' || f.id || '_update', "
  "'rockset_follow_' || f.id || '_delete') "
  "WHERE f.id > ?1 AND (?2 IS NULL OR f.target = ?2) GROUP BY f.id "
  "HAVING ?3 IS NULL OR coalesce(max(s.tbl_name), f.\"table\") = ?3 COLLATE NOCASE "
  "ORDER BY f.id LIMIT 1";

static const char *take_text(sqlite3_stmt *st, int i, struct rs_arena *a, enum rs_code *rc)
{
  const char *text = (const char *)sqlite3_column_text(st, i);
  const char *copy = text != NULL ? rs_arena_strdup(a, text) : NULL;
  if (text != NULL && copy == NULL) *rc = RS_NOMEM;
  return copy;
}

/* The next one behind f->id; RS_DONE. */
static enum rs_code next_follow(sqlite3 *db, const char *table, const char *target,
                                struct rs_follow *f, int *triggers, struct rs_arena *a,
                                struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  if (rs_sqlite_prepare(db, &st, "%s", follows_sql) != SQLITE_OK)
    return rs_sqlite_error_of(db, "rockset_follows", e);
  sqlite3_bind_int64(st, 1, f->id);
  sqlite3_bind_text(st, 2, target, -1, SQLITE_STATIC);
  sqlite3_bind_text(st, 3, table, -1, SQLITE_STATIC);
  int step = sqlite3_step(st);
  if (step == SQLITE_ROW) {
    *f = (struct rs_follow){.id = sqlite3_column_int64(st, 0),
                            .table = take_text(st, 1, a, &rc),
                            .remote = take_text(st, 2, a, &rc),
                            .target = take_text(st, 3, a, &rc),
                            .key = take_text(st, 4, a, &rc),
                            .signature = take_text(st, 5, a, &rc),
                            .whole = sqlite3_column_int(st, 6) != 0};
    *triggers = sqlite3_column_int(st, 7);
  }
  sqlite3_finalize(st);
  if (rc != RS_OK) return rs_nomem(e);
  return step == SQLITE_ROW    ? RS_OK
         : step == SQLITE_DONE ? RS_DONE
                               : rs_sqlite_error_of(db, "rockset_follows", e);
}

static bool has_tables(sqlite3 *db)
{
  return sqlite3_table_column_metadata(db, "main", "rockset_follows", NULL, NULL, NULL, NULL, NULL,
                                       NULL) == SQLITE_OK;
}

enum rs_code rs_follow_sync(struct rs_conn *c, const char *table, const char *target, bool stored,
                            struct rs_follow_sent *sent, struct rs_error *e)
{
  struct rs_follow f = {.id = 0};
  int fd, triggers = 0, n = 0;
  struct rs_arena a;
  sent->rows = sent->deleted = 0;
  enum rs_code rc = RS_OK;
  if (has_tables(rs_conn_db(c))) {
    rc = take_lock(c, &fd, e);
    if (rc != RS_OK) return rc;
    rs_arena_init(&a, 0);
    rs_conn_set_before(c, NULL); // not before its own statements
    while (rc == RS_OK) {
      rc = next_follow(rs_conn_db(c), table, target, &f, &triggers, &a, e);
      if (rc == RS_OK) rc = sync_follow(c, &f, triggers, stored, sent, &a, e);
      n++;
    }
    rs_conn_set_before(c, rs_copies_sync);
    rs_arena_free(&a);
    let_lock(fd);
    if (rc == RS_DONE) rc = RS_OK, n--;
    rs_conn_touch(c);
  }
  if (rc == RS_OK && n == 0 && table != NULL)
    rc = rs_fail(e, RS_NOT_FOUND, "nothing follows '%s': rockset_follow('%s', 'commons.%s') begins",
                 table, table, table);
  return rc;
}

/* Is anything queued, or yet to be sent whole? Asked before each statement. */
static bool has_queued(sqlite3 *db, const char *target)
{
  sqlite3_stmt *st = NULL;
  if (!has_tables(db)) return false;
  if (rs_sqlite_prepare(db, &st,
                        "SELECT 1 FROM main.rockset_follows AS f WHERE (?1 IS NULL OR target = ?1) "
                        "AND (whole OR EXISTS (SELECT 1 FROM main.rockset_follow_queue AS q "
                        "WHERE q.follow = f.id)) LIMIT 1") != SQLITE_OK)
    return false;
  sqlite3_bind_text(st, 1, target, -1, SQLITE_STATIC);
  bool has = sqlite3_step(st) == SQLITE_ROW;
  sqlite3_finalize(st);
  return has;
}

enum rs_code rs_copies_sync(struct rs_conn *c, const char *target, struct rs_error *e)
{
  struct rs_follow_sent sent = {.lenient = true};
  if (!rs_conn_syncs(c) || !has_queued(rs_conn_db(c), target)) return RS_OK;
  return rs_follow_sync(c, NULL, target, true, &sent, e);
}
