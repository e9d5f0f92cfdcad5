/*
** The embedded engine: profile type `duckdb` behind the engine contract (engine/slots.h).
**
** A statement acquires the file's instance (instance.c), runs through ADBC (engine/adbc/adbc.c) and
** lets go when its rows are over; a transaction holds the instance, read-write, from BEGIN to its
** end.
*/
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdatomic.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "duckdb.h"
#include "src/engine/sql/sql.h"
#include "src/engine/sql/control.h"
#include "src/sql/statement.h"

struct target {
  struct rs_duckdb_config config;
  struct rs_duckdb_instance *instance;
};

struct session {
  struct rs_duckdb_link link;
  bool in_transaction;
  bool schemas_changed; /* in it */
  bool altered;         /* in it */
};

/* ---- targets --------------------------------------------------------------------------------- */

char *rs_duckdb_canonical(const char *path)
{
  char real[PATH_MAX], dir[PATH_MAX];
  const char *home = getenv("HOME");
  char *expanded = path[0] == '~' && path[1] == '/' && home ? rs_mprintf("%s%s", home, path + 1)
                                                            : rs_strdup(path);
  if (!expanded) return NULL;
  char *result = NULL;
  if (realpath(expanded, real)) {
    result = rs_strdup(real);
  } else {
    const char *slash = strrchr(expanded, '/');
    const char *base = slash ? slash + 1 : expanded;
    size_t n = slash ? (size_t)(slash - expanded) : 0;
    if (n < sizeof dir) {
      memcpy(dir, expanded, n);
      dir[n] = 0;
    }
    const char *folder = !slash ? "." : n == 0 ? "/" : dir;
    if (n < sizeof dir && realpath(folder, real))
      result = rs_mprintf("%s/%s", rs_eq(real, "/") ? "" : real, base);
    else result = rs_strdup(expanded); // DuckDB's own error will say what is wrong with it
  }
  rs_free(expanded);
  return result;
}

static bool is_memory(const char *path)
{
  return !*path || strncmp(path, ":memory:", 8) == 0;
}

/* A database in memory is private to its target, as SQLite's is to its connection. */
static atomic_uint memory_targets;

static enum rs_code target_place(const struct rs_output *o, struct rs_buf *place,
                                 struct rs_error *e)
{
  const char *path = rs_output_text(o, "path", ":memory:");
  if (is_memory(path)) {
    rs_buf_printf(place, ":memory:%u", atomic_fetch_add(&memory_targets, 1));
    return RS_OK;
  }
  char *real = rs_duckdb_canonical(path);
  if (!real) return rs_nomem(e);
  rs_buf_str(place, real);
  rs_free(real);
  return RS_OK;
}

static void target_close(struct rs_target *t)
{
  struct target *d = t->impl;
  if (!d) return;
  if (d->instance) rs_duckdb_instance_release(d->instance);
  rs_duckdb_attached_free(&d->config);
  rs_free(d->config.path);
  rs_free(d->config.fingerprint);
  rs_free(d);
  t->impl = NULL;
}

/* Not where the profile's settings say something about it themselves. */
static const char *own_workspace(const struct rs_output *o)
{
  static const char *const fields[] = {"settings", "config_options"};
  if (o->workspace == NULL || rs_casecmp(o->workspace, "main") == 0) return NULL;
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    const char *map = rs_output_text(o, fields[i], "");
    if (strstr(map, "\"search_path\"") || strstr(map, "\"schema\"")) return NULL;
  }
  return o->workspace;
}

static enum rs_code target_open(struct rs_target *t, struct rs_error *e)
{
  const struct rs_output *o = t->output;
  const char *path = rs_output_text(o, "path", ":memory:");
  struct target *d = rs_calloc(1, sizeof *d);
  if (!d) return rs_nomem(e);
  t->impl = d;
  t->dialect = rs_dialect_find("duckdb");
  struct rs_duckdb_config *c = &d->config;
  c->memory = is_memory(path);
  c->path = c->memory ? rs_strdup(":memory:") : rs_duckdb_canonical(path);
  t->file = c->memory ? NULL : c->path;
  t->wal = ".wal";
  c->read_only = rs_output_bool(o, "read_only", false);
  c->external_access = rs_output_bool(o, "allow_external_access", false);
  c->library = rs_output_text(o, "library", NULL);
  c->settings = rs_output_text(o, "settings", NULL);
  c->config_options = rs_output_text(o, "config_options", NULL);
  c->extensions = rs_output_text(o, "extensions", NULL);
  c->workspace = own_workspace(o);
  c->idle_close_ms = rs_output_int(o, "idle_close", 1000);
  c->lock_timeout_ms = rs_output_int(o, "lock_timeout", 5000);
  c->catalog = rs_output_text(o, "database", RS_DUCKDB_CATALOG);
  c->fingerprint = rs_mprintf("%d\n%s\n%s\n%s\n%s\n%s", c->external_access, c->catalog,
                              c->settings ? c->settings : "",
                              c->config_options ? c->config_options : "",
                              c->extensions ? c->extensions : "", rs_output_text(o, "attach", ""));
  enum rs_code rc = c->path && c->fingerprint ? RS_OK : rs_nomem(e);
  if (!rc) rc = rs_duckdb_attached_read(rs_output_text(o, "attach", NULL), c, e);
  if (!rc) rc = rs_duckdb_instance_get(c, &d->instance, e);
  if (rc) target_close(t);
  return rc;
}

static enum rs_code reaches(const struct rs_target *t, const char *database, bool writes,
                            struct rs_error *e)
{
  const struct target *d = t->impl;
  return rs_duckdb_reaches(&d->config, t->output, database, writes, e);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static enum rs_code session_open(struct rs_session *s, struct rs_error *e)
{
  const struct target *d = s->target->impl;
  struct session *x = rs_calloc(1, sizeof *x);
  if (!x) return rs_nomem(e);
  rs_duckdb_link_init(&x->link, d->instance, &d->config);
  s->impl = x;
  return RS_OK;
}

static void session_close(struct rs_session *s)
{
  struct session *x = s->impl;
  rs_duckdb_link_close(&x->link);
  rs_free(x);
  s->impl = NULL;
}

static void cancel(struct rs_session *s)
{
  struct session *x = s->impl;
  rs_duckdb_cancel(&x->link);
}

static enum rs_code acquire(struct session *x, bool writes, struct rs_error *e)
{
  if (x->in_transaction) {
    atomic_store(&x->link.cancelled, false);
    return RS_OK;
  }
  enum rs_code rc = rs_duckdb_acquire(&x->link, writes, e);
  if (rc && e) e->unsent = true;
  return rc;
}

static void let_go(struct session *x)
{
  if (!x->in_transaction) rs_duckdb_let_go(&x->link);
}

/* DuckDB runs all but the last of several statements while it prepares: refuse them before. A
** transaction that we don't know of would be lost when the idle file is closed. */
static enum rs_code one_statement(const struct rs_statement *st, struct rs_sqltext *text,
                                  struct rs_error *e)
{
  static const char *const control[] = {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"};
  enum rs_code rc = rs_sqltext_one(st->sql, strlen(st->sql), rs_dialect_find("duckdb"), "statement",
                                   text, e);
  for (size_t i = 0; !rc && i < sizeof control / sizeof *control; i++)
    if (rs_eq(text->keyword, control[i]))
      rc = rs_fail(e, RS_INVALID, "%s as a statement: a transaction has its own functions",
                   control[i]);
  return rc;
}

/* CREATE SCHEMA, DROP SCHEMA; maybe another statement with that word, which does no harm. */
static bool changes_schemas(const struct rs_sqltext *text)
{
  if (rs_eq(text->keyword, "IMPORT")) return true;
  if (!rs_eq(text->keyword, "CREATE") && !rs_eq(text->keyword, "DROP")) return false;
  for (size_t i = 0; i + 6 <= text->n; i++)
    if (rs_casecmpn(text->p + i, "schema", 6) == 0) return true;
  return false;
}

/* ---- statements ------------------------------------------------------------------------------ */

static enum rs_code execute(struct rs_session *s, const struct rs_statement *st,
                            struct rs_rows *rows, int64_t *affected, struct rs_error *e)
{
  struct session *x = s->impl;
  struct rs_sqltext text;
  enum rs_code rc = one_statement(st, &text, e);
  x->link.creates = !rc && st->writes && rs_duckdb_creates_by_name(&text);
  if (!rc) rc = acquire(x, st->writes, e);
  x->link.creates = false;
  if (rc) return rc;
  if (rows) rc = rs_adbc_query(&x->link.conn, st, rows, e);
  else rc = rs_adbc_exec(&x->link.conn, st, affected, e);
  // not where the error aborted a transaction, or with parameters, which the driver has given away
  if (!rc && rows && !st->writes && !st->nparams && !x->in_transaction)
    ((struct rs_adbc_rows *)rows->impl)->cancelled = &x->link.cancelled;
  if (!rc && changes_schemas(&text)) {
    x->schemas_changed = x->in_transaction; // for others with its end
    rs_duckdb_schemas_changed(&x->link);
  }
  // a transaction that is open goes on writing to what had the name when it began
  if (!rc && rs_eq(text.keyword, "ALTER")) {
    x->altered = x->in_transaction;
    if (!x->altered) rs_sql_yield_all();
  }
  if (rc || !rows) let_go(x);
  return rc;
}

/* The file is let go with the last batch, not only when the caller closes its rows. */
static enum rs_code next_batch(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e)
{
  struct session *x = rows->session->impl;
  enum rs_code rc = rs_adbc_next_batch(rows, batch, n, e);
  // an error in one of its threads that it kept to itself
  if (rc == RS_CANCELLED && !atomic_load(&x->link.cancelled)) {
    if (e) *e = (struct rs_error){0};
    rc = rs_fail(e, RS_REMOTE,
                 "the query failed in another thread of DuckDB, which does not say "
                 "why; run it again to see");
  }
  if (rc && rs_adbc_is_over(rows)) let_go(x);
  return rc;
}

static void close_rows(struct rs_rows *rows)
{
  struct session *x = rows->session->impl;
  rs_adbc_close_rows(rows);
  let_go(x);
}

static enum rs_code columns(struct rs_session *s, const struct rs_statement *st,
                            struct rs_columns *out, struct rs_error *e)
{
  struct session *x = s->impl;
  struct rs_sqltext text;
  enum rs_code rc = one_statement(st, &text, e);
  if (!rc) rc = acquire(x, false, e);
  if (rc) return rc;
  rc = rs_adbc_columns(&x->link.conn, st, out, e);
  let_go(x);
  return rc;
}

static enum rs_code version(struct rs_session *s, struct rs_buf *out, struct rs_error *e)
{
  const struct target *d = s->target->impl;
  const struct rs_adbc_driver *driver;
  enum rs_code rc = rs_duckdb_library(d->config.library, &driver, e);
  if (!rc) rs_buf_printf(out, "DuckDB %s", rs_duckdb_version());
  return rc;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static enum rs_code run(struct session *x, const char *sql, struct rs_error *e)
{
  const struct rs_statement st = {.sql = sql, .writes = true};
  return rs_adbc_exec(&x->link.conn, &st, NULL, e);
}

static enum rs_code begin(struct rs_session *s, struct rs_error *e)
{
  struct session *x = s->impl;
  x->link.impatient = s->impatient;
  enum rs_code rc = rs_duckdb_acquire(&x->link, !s->looks && !s->lends, e);
  x->link.impatient = false;
  if (rc) return rc;
  if (s->lends && (rc = rs_duckdb_lend(&x->link, s->lends, e))) {
    rs_duckdb_let_go(&x->link);
    return rc;
  }
  rc = run(x, s->looks ? "BEGIN TRANSACTION READ ONLY" : "BEGIN TRANSACTION", e);
  // a cancel may hit it when the transaction is there: it would stay, aborted
  if (rc) run(x, "ROLLBACK", NULL);
  if (rc) rs_duckdb_let_go(&x->link);
  else x->in_transaction = true;
  return rc;
}

static enum rs_code end_transaction(struct rs_session *s, bool commits, struct rs_error *e)
{
  struct session *x = s->impl;
  if (!x->in_transaction) return RS_OK;
  enum rs_code rc = run(x, commits ? "COMMIT" : "ROLLBACK", e);
  // A COMMIT that failed has ended the transaction too; ROLLBACK then only says that there is none.
  // Not so a ROLLBACK that a late cancel hit
  if (rc) run(x, "ROLLBACK", NULL);
  x->in_transaction = false;
  if (x->schemas_changed) rs_duckdb_schemas_changed(&x->link);
  if (x->altered && commits) rs_sql_yield_all();
  x->schemas_changed = x->altered = false;
  if (!rc && commits && s->lends) rs_duckdb_compress(&x->link, s->lends);
  rs_duckdb_let_go(&x->link);
  return rc;
}

static enum rs_code transact(struct rs_session *s, enum rs_transact what, struct rs_error *e)
{
  return what == RS_BEGIN ? begin(s, e) : end_transaction(s, what == RS_COMMIT, e);
}

static enum rs_code copy_file(struct rs_session *s, const char *to, struct rs_error *e)
{
  struct session *x = s->impl;
  if (x->in_transaction)
    return rs_fail(e, RS_BUSY, "a transaction is open in the target: COMMIT first");
  enum rs_code rc = rs_duckdb_shut(&x->link, e);
  if (rc) return rc;
  rc = rs_duckdb_copy(&x->link, to, e);
  rs_duckdb_unshut(&x->link);
  return rc;
}

/* ---- ingestion ------------------------------------------------------------------------------- */

static enum rs_code ingest(struct rs_session *s, const struct rs_relation *stage,
                           struct rs_rows *src, int64_t *count, struct rs_error *e)
{
  struct session *x = s->impl;
  enum rs_code rc = acquire(x, true, e);
  if (rc) return rc;
  rc = rs_adbc_ingest(&x->link.conn, stage, src, RS_ADBC_AS_IS, &x->link.cancelled, count, e);
  let_go(x);
  return rc;
}

static enum rs_code stage(struct rs_session *s, const char *name, struct rs_arrow_builder *rows,
                          struct rs_error *e)
{
  struct session *x = s->impl;
  enum rs_code rc = acquire(x, true, e);
  if (rc) return rc;
  rc = rs_adbc_stage(&x->link.conn, name, rows, &x->link.cancelled, e);
  let_go(x);
  return rc;
}

/* A database is one that was lent. */
static enum rs_code drop(struct rs_session *s, const struct rs_relation *rel,
                         enum rs_relation_kind kind, unsigned how, struct rs_error *e)
{
  struct session *x = s->impl;
  if (rel->name || rel->workspace) return rs_sql_drop(s, rel, kind, how, e);
  rs_duckdb_unlend(x->link.instance, rel->database);
  return RS_OK;
}

static const struct rs_relation_ops relation_ops = {RS_SQL_RELATION_OPS, .create = rs_sql_create,
                                                    .drop = drop};

const struct rs_engine rs_adbc_duckdb_engine = {
  .type = "duckdb",
  .fields = &rs_duckdb_fields,
  .traits = {.caps = RS_CAP_TRANSACTIONS | RS_CAP_EMBEDDED | RS_CAP_LIST_PARAMS | RS_CAP_INGEST |
                     RS_CAP_LENDS,
             .request_cost = 2500,
             .own_database = true,
             .more_databases = true,
             .external_sources = true,
             .widens = true,
             .class_name = "DuckDBRelation",
             .type_words = {" text character_varying character varchar ",
                            " tinyint smallint integer bigint hugeint utinyint usmallint uinteger"
                            " ubigint int1 int2 int4 int8 short int signed long ",
                            " real float float4 float8 double ", " numeric decimal "}},
  .arrow_rows = true,
  .target_place = target_place,
  .target_open = target_open,
  .copy_file = copy_file,
  .target_close = target_close,
  .session_open = session_open,
  .session_close = session_close,
  .execute = execute,
  .next_batch = next_batch,
  .free_batch = rs_adbc_free_batch,
  .get = rs_adbc_get,
  .show = rs_adbc_show,
  .close_rows = close_rows,
  .columns = columns,
  .transact = transact,
  .cancel = cancel,
  .version = version,
  .ingest = ingest,
  .stage = stage,
  .relations = &relation_ops,
  .reaches = reaches,
  .control = &rs_sql_control_ops,
  .documents = &rs_duckdb_doc_ops,
};
