/*
** rockset_backup(folder)
**
** ARGUMENT
**   folder    TEXT. Where the copies go, under the files' own names; made when it is missing
**
** RESULT
**   TEXT, a JSON array of the files written: main's and each attached one's, and the DuckDB file of
**   each (where there is one: what was never written to has none).
**
** ERRORS
**   "rockset_backup: ...". Nothing is overwritten, and after an error nothing is left behind. It
**   refuses to run between BEGIN and COMMIT, and on a target that is no file of this machine.
**
** The copies belong together: while they are made every SQLite file is locked for writing by a
** connection of its own, so that no COMMIT comes between it and its DuckDB file.
**
** SAFETY
**   DIRECTONLY.
*/
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/base/file.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "ext/base/args.h"
#include "ext/base/call.h"
#include "functions.h"

#define FN "rockset_backup"
#define LOCK_WAIT_MS 5000
#define PAGES 1000 /* of SQLite's, between two looks at an interrupt */

struct item {
  const char *schema;
  const char *file;      /* NULL: a target's */
  const char *to, *part; /* its copy, and that while it is made */
  sqlite3 *lock;         /* of a SQLite file: holds it */
  bool made, done;
};

struct backup {
  struct rs_conn *c;
  const char *folder;
  struct rs_arena *arena;
  struct item *v;
  size_t n, cap;
};

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static enum rs_code add_file(struct backup *b, const char *schema, const char *file,
                             const char *name, struct rs_error *e)
{
  struct item it = {.schema = schema, .file = file};
  it.to = rs_arena_printf(b->arena, "%s/%s", b->folder, base_name(name));
  it.part = it.to ? rs_arena_printf(b->arena, "%s.part", it.to) : NULL;
  if (!it.part || !rs_grow(&b->v, &b->cap, b->n + 1, sizeof *b->v)) return rs_nomem(e);
  for (size_t i = 0; i < b->n; i++)
    if (rs_eq(b->v[i].to, it.to))
      return rs_fail(e, RS_EXISTS, "two files are called %s: DETACH one and back it up apart",
                     base_name(name));
  if (access(it.to, F_OK) == 0 || access(it.part, F_OK) == 0)
    return rs_fail(e, RS_EXISTS, "%s is there already: name another folder",
                   access(it.to, F_OK) == 0 ? it.to : it.part);
  b->v[b->n++] = it;
  return RS_OK;
}

/* The DuckDB file of what lies in `schema`, where there is one. */
static enum rs_code add_target(struct backup *b, const char *schema, struct rs_error *e)
{
  const struct rs_where at = {.schema = schema};
  struct rs_target *t;
  enum rs_code rc = rs_conn_target_at(b->c, &at, false, &t, e);
  if (rc != RS_OK) return rc;
  const struct rs_output *o = rs_target_info(t).output;
  const char *file = rs_target_info(t).place;
  if (!(rs_output_traits(o)->caps & RS_CAP_EMBEDDED))
    return rs_fail(e, RS_UNSUPPORTED, "target '%s' (type %s) is no file of this machine",
                   o->target_name, o->type);
  if (access(file, F_OK) != 0) return RS_OK; // there is none yet, or it is in memory
  return add_file(b, schema, NULL, rs_output_text(o, "path", file), e);
}

/* All files, each once. */
static enum rs_code collect_files(struct backup *b, struct rs_error *e)
{
  const struct rs_where own = {.schema = "main"};
  const char **schemas = NULL;
  size_t n = 0;
  enum rs_code rc = rs_conn_schemas(b->c, b->arena, &schemas, &n, e);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    const char *file = sqlite3_db_filename(rs_conn_db(b->c), schemas[i]);
    const struct rs_where at = {.schema = schemas[i]};
    bool twice = rs_eq(schemas[i], "temp") || !file || !*file;
    for (size_t k = 0; k < b->n && !twice; k++) twice = rs_eq(b->v[k].file, file);
    if (!twice) rc = add_file(b, schemas[i], file, file, e);
    // of a profile there is one target for all
    bool is_main = rs_eq(schemas[i], "main");
    if (rc == RS_OK && (is_main || (!twice && !rs_conn_same_where(b->c, &at, &own))))
      rc = add_target(b, schemas[i], e);
  }
  if (rc == RS_OK && b->n == 0)
    rc = rs_fail(e, RS_INVALID, "all is in memory: there is no file to copy");
  return rc;
}

/* ---- one file -------------------------------------------------------------------------------- */

static enum rs_code open_apart(const struct item *it, int flags, sqlite3 **db, struct rs_error *e)
{
  int rc = sqlite3_open_v2(it->file, db, flags, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_busy_timeout(*db, LOCK_WAIT_MS);
  return rc == SQLITE_OK ? RS_OK : rs_sqlite_error_of(*db, it->file, e);
}

static enum rs_code lock_all(struct backup *b, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < b->n; i++) {
    struct item *it = &b->v[i];
    if (!it->file) continue;
    rc = open_apart(it, SQLITE_OPEN_READWRITE, &it->lock, e);
    if (rc == RS_OK && sqlite3_exec(it->lock, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
      rc = rs_sqlite_error_of(it->lock, it->file, e);
  }
  return rc;
}

static enum rs_code copy_pages(struct backup *b, sqlite3 *from, sqlite3 *to, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  int got = SQLITE_OK;
  sqlite3_backup *k = sqlite3_backup_init(to, "main", from, "main");
  if (!k) return rs_sqlite_error_of(to, "copy", e);
  while (rc == RS_OK && got == SQLITE_OK) {
    got = sqlite3_backup_step(k, PAGES);
    rc = rs_conn_poll(b->c, 0, e);
  }
  sqlite3_backup_finish(k);
  if (rc != RS_OK || got == SQLITE_DONE) return rc;
  return rs_fail(e, rs_code_of_sqlite(got), "copy: %s", sqlite3_errstr(got));
}

/* Through a connection that reads: the one that holds the lock can't. */
static enum rs_code copy_sqlite(struct backup *b, struct item *it, struct rs_error *e)
{
  sqlite3 *from = NULL, *to = NULL;
  enum rs_code rc = open_apart(it, SQLITE_OPEN_READONLY, &from, e);
  if (rc == RS_OK &&
      sqlite3_open_v2(it->part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
    rc = rs_sqlite_error_of(to, it->part, e);
  it->made = to != NULL;
  if (rc == RS_OK) rc = copy_pages(b, from, to, e);
  sqlite3_close(to);
  sqlite3_close(from);
  return rc;
}

static enum rs_code copy_target(struct backup *b, struct item *it, struct rs_error *e)
{
  const struct rs_where at = {.schema = it->schema};
  struct rs_session *s = NULL;
  enum rs_code rc = rs_conn_session_at(b->c, &at, false, &s, e);
  if (rc != RS_OK) return rc;
  rc = rs_session_copy_file(s, it->part, e);
  it->made = rc == RS_OK;
  rs_conn_done(b->c, s);
  return rc;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static enum rs_code copy_all(struct backup *b, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < b->n; i++)
    rc = b->v[i].file ? copy_sqlite(b, &b->v[i], e) : copy_target(b, &b->v[i], e);
  for (size_t i = 0; rc == RS_OK && i < b->n; i++) {
    // link() makes no file anew, as rename() would
    b->v[i].done = link(b->v[i].part, b->v[i].to) == 0;
    if (!b->v[i].done)
      rc = rs_fail(e, errno == EEXIST ? RS_EXISTS : RS_IO, "%s: %s", b->v[i].to, strerror(errno));
  }
  return rc;
}

static void clean_up(struct backup *b, bool failed)
{
  for (size_t i = 0; i < b->n; i++) {
    if (b->v[i].made) (void)unlink(b->v[i].part);
    if (b->v[i].done && failed) (void)unlink(b->v[i].to);
    sqlite3_close(b->v[i].lock); // rolls back
  }
  rs_free(b->v);
}

static enum rs_code copy_files(struct backup *b, struct rs_buf *out, struct rs_error *e)
{
  bool made = mkdir(b->folder, 0777) == 0;
  enum rs_code rc = RS_OK;
  if (!made && !rs_is_folder(b->folder))
    rc = rs_fail(e, RS_IO, "folder %s: %s", b->folder, strerror(errno));
  if (rc == RS_OK) rc = collect_files(b, e);
  if (rc == RS_OK) rc = lock_all(b, e);
  if (rc == RS_OK) rc = copy_all(b, e);
  rs_buf_char(out, '[');
  for (size_t i = 0; i < b->n; i++) rs_buf_json_item(out, b->v[i].to);
  rs_buf_char(out, ']');
  if (rc == RS_OK) rc = rs_buf_error(out, e, FN);
  clean_up(b, rc != RS_OK);
  if (rc != RS_OK && made) (void)rmdir(b->folder);
  return rc;
}

static void backup_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  struct rs_buf out;
  (void)argc;
  rs_call_init(&c, ctx, FN);
  rs_buf_init(&out, 1 << 20);
  struct backup b = {.c = c.conn, .arena = &c.arena};
  enum rs_code rc = rs_arg_text(argv[0], FN, "folder", &b.folder, &c.e);
  if (rc == RS_OK) rc = rs_conn_no_transaction(b.c, FN, &c.e);
  if (rc == RS_OK) rc = copy_files(&b, &out, &c.e);
  rs_call_end_text(&c, rc, rs_buf_text(&out), true);
  rs_buf_free(&out);
}

int rs_backup_register(struct rs_conn *c)
{
  static const struct rs_function function = {FN, 1, 1, backup_fn};
  return rs_conn_functions(c, &function, 1);
}
