/*
** Any ADBC driver as an engine: profile type `adbc` behind the engine contract (engine/slots.h).
**
** A target is a driver's library and database (driver.c), opened with the first statement; a
** session is one connection. What the engine behind the driver is like stands in its dialect row
** alone. What a driver lacks is found when it is asked for: no function, no prepared schema, no
** cancel, no transactions; a statement then says so or does without.
**
** A lost connection is an error of the statement that meets it; the next one outside of a
** transaction connects anew.
*/
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "driver.h"
#include "src/engine/sql/sql.h"
#include "src/engine/sql/control.h"
#include "src/sql/statement.h"

struct target {
  const struct rs_any_driver *driver;
  pthread_mutex_t mutex; /* opening */
  struct rs_adbc_library library;
  bool learned;  /* by the first connection: */
  unsigned caps; /* RS_CAP_* */
};

struct session {
  struct rs_adbc_conn conn;
  pthread_mutex_t mutex; /* the connection's life: a cancel comes from any thread */
  _Atomic bool cancelled;
  bool in_transaction;
  bool broken; /* connect anew */
  bool late;   /* a cancel of rows that were closed may still hit the next statement */
};

/* ---- targets --------------------------------------------------------------------------------- */

static enum rs_code target_place(const struct rs_output *o, struct rs_buf *place,
                                 struct rs_error *e)
{
  (void)e;
  rs_buf_printf(place, "%s %s", rs_output_text(o, "uri", ""), rs_output_text(o, "options", ""));
  return RS_OK;
}

void rs_any_target_close(struct rs_target *t)
{
  struct target *d = t->impl;
  if (!d) return;
  if (d->driver->closes) d->driver->closes(t, true);
  rs_adbc_library_close(&d->library);
  if (d->driver->closes) d->driver->closes(t, false);
  (void)pthread_mutex_destroy(&d->mutex);
  rs_free(d);
  t->impl = NULL;
}

enum rs_code rs_any_target_open(struct rs_target *t, const char *name,
                                const struct rs_any_driver *driver, struct rs_error *e)
{
  struct target *d = rs_calloc(1, sizeof *d);
  if (!d) return rs_nomem(e);
  if (pthread_mutex_init(&d->mutex, NULL) != 0) {
    rs_free(d);
    return rs_nomem(e);
  }
  t->impl = d;
  d->driver = driver;
  t->dialect = rs_dialect_find(name);
  if (t->dialect) return RS_OK;
  rs_any_target_close(t);
  return rs_fail(e, RS_INVALID, "dialect '%s' is not known", name);
}

static enum rs_code target_open(struct rs_target *t, struct rs_error *e)
{
  static const struct rs_any_driver any;
  return rs_any_target_open(t, rs_output_text(t->output, "dialect", "ansi"), &any, e);
}

static const struct rs_any_driver *driver_of(const struct rs_session *s)
{
  return ((const struct target *)s->target->impl)->driver;
}

/* ---- sessions -------------------------------------------------------------------------------- */

enum rs_code rs_any_session_open(struct rs_session *s, struct rs_error *e)
{
  struct session *x = rs_calloc(1, sizeof *x);
  if (!x) return rs_nomem(e);
  if (pthread_mutex_init(&x->mutex, NULL) != 0) {
    rs_free(x);
    return rs_nomem(e);
  }
  s->impl = x;
  return RS_OK;
}

static void drop_connection(struct session *x)
{
  pthread_mutex_lock(&x->mutex);
  rs_adbc_disconnect(&x->conn);
  pthread_mutex_unlock(&x->mutex);
  x->broken = false;
}

static void disconnect(struct rs_session *s)
{
  struct session *x = s->impl;
  const struct rs_any_driver *driver = driver_of(s);
  const bool closes = driver->closes && x->conn.open;
  if (closes) driver->closes(s->target, true);
  drop_connection(x);
  if (closes) driver->closes(s->target, false);
}

void rs_any_session_close(struct rs_session *s)
{
  struct session *x = s->impl;
  disconnect(s);
  (void)pthread_mutex_destroy(&x->mutex);
  rs_free(x);
  s->impl = NULL;
}

void rs_any_cancel(struct rs_session *s)
{
  struct session *x = s->impl;
  atomic_store(&x->cancelled, true);
  pthread_mutex_lock(&x->mutex);
  if (x->conn.open) rs_adbc_cancel(&x->conn);
  pthread_mutex_unlock(&x->mutex);
}

static enum rs_code run(struct session *x, const char *sql, struct rs_error *e)
{
  const struct rs_statement st = {.sql = sql, .writes = true};
  return rs_adbc_exec(&x->conn, &st, NULL, e);
}

/* What the dialect wants of each new connection, and the profile's workspace as the default one. */
static enum rs_code begin_session(struct rs_session *s, struct rs_error *e)
{
  const struct rs_dialect *d = s->target->dialect;
  struct session *x = s->impl;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; d->session && d->session[i] && !rc; i++) rc = run(x, d->session[i], e);
  if (!rc && driver_of(s)->begins) rc = driver_of(s)->begins(s, &x->conn, e);
  if (rc || !d->use_workspace) return rc;
  struct rs_buf b;
  const char *at = strstr(d->use_workspace, "%s");
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_add(&b, d->use_workspace, (size_t)(at - d->use_workspace));
  rs_dialect_ident(d, &b, s->target->output->workspace);
  rs_buf_str(&b, at + 2);
  rc = rs_buf_error(&b, e, "workspace");
  if (!rc) rc = run(x, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

static bool is_ok(AdbcStatusCode status, struct AdbcError *a)
{
  if (a->release) a->release(a);
  *a = (struct AdbcError){.vendor_code = INT32_MIN};
  return status == ADBC_STATUS_OK;
}

static bool has_transactions(struct rs_adbc_conn *c)
{
  struct AdbcError a = {.vendor_code = INT32_MIN};
  const struct AdbcDriver *fn = &c->driver->fn;
  if (!fn->ConnectionSetOption || !fn->ConnectionCommit || !fn->ConnectionRollback) return false;
  return is_ok(fn->ConnectionSetOption(&c->c, RS_ADBC_AUTOCOMMIT, "false", &a), &a) &&
         is_ok(fn->ConnectionSetOption(&c->c, RS_ADBC_AUTOCOMMIT, "true", &a), &a);
}

static bool has_ingestion(struct rs_adbc_conn *c)
{
  struct AdbcError a = {.vendor_code = INT32_MIN};
  struct AdbcStatement st = {0};
  const struct AdbcDriver *fn = &c->driver->fn;
  if (!fn->StatementBindStream || !fn->StatementSetOption) return false;
  if (!is_ok(fn->StatementNew(&c->c, &st, &a), &a)) return false;
  bool has = is_ok(fn->StatementSetOption(&st, RS_ADBC_INGEST_TABLE, "t", &a), &a);
  (void)is_ok(fn->StatementRelease(&st, &a), &a);
  return has;
}

/* The connection is the session's from here on. */
static enum rs_code take_connection(struct rs_session *s, struct rs_adbc_conn *fresh,
                                    struct rs_error *e)
{
  struct target *d = s->target->impl;
  struct session *x = s->impl;
  pthread_mutex_lock(&d->mutex);
  if (!d->learned && has_transactions(fresh)) d->caps |= RS_CAP_TRANSACTIONS;
  if (!d->learned && !d->driver->by_insert && has_ingestion(fresh)) d->caps |= RS_CAP_INGEST;
  d->learned = s->learned = true;
  s->caps = d->caps;
  pthread_mutex_unlock(&d->mutex);
  pthread_mutex_lock(&x->mutex);
  x->conn = *fresh;
  pthread_mutex_unlock(&x->mutex);
  enum rs_code rc = begin_session(s, e);
  if (rc) drop_connection(x);
  return rc;
}

static enum rs_code open_connection(struct rs_session *s, struct rs_error *e)
{
  struct target *d = s->target->impl;
  struct rs_adbc_conn fresh = {0};
  enum rs_code rc = RS_OK;
  pthread_mutex_lock(&d->mutex);
  if (!d->library.open) rc = rs_adbc_library_open(&d->library, s->target, d->driver, e);
  pthread_mutex_unlock(&d->mutex);
  if (!rc) rc = rs_adbc_connect(&fresh, &d->library.driver, &d->library.db, e);
  return rc ? rc : take_connection(s, &fresh, e);
}

static enum rs_code connect(struct rs_session *s, struct rs_error *e)
{
  const struct rs_any_driver *driver = driver_of(s);
  enum rs_code rc = driver->opens ? driver->opens(s, true, e) : RS_OK;
  if (rc) return rc;
  rc = open_connection(s, e);
  if (driver->opens) (void)driver->opens(s, false, NULL);
  return rc;
}

/* Connected when it returns RS_OK. */
enum rs_code rs_any_learn(struct rs_session *s, struct rs_error *e)
{
  struct session *x = s->impl;
  atomic_store(&x->cancelled, false);
  if (x->broken && !x->in_transaction) disconnect(s);
  enum rs_code rc = RS_OK;
  if (!x->conn.open) rc = connect(s, e);
  else if (driver_of(s)->ready) rc = driver_of(s)->ready(s, &x->conn, e);
  if (rc && e) {
    if (rc != RS_NOMEM) rs_error_prefix(e, "target '%s'", s->target->output->target_name);
    e->unsent = true;
  }
  return rc;
}

/* After each call: a connection that was lost is given up. */
static enum rs_code done(struct session *x, enum rs_code rc)
{
  if (rc == RS_IO) x->broken = true;
  return rc;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* A transaction that we don't know of would be lost with the connection. */
static enum rs_code one_statement(const struct rs_session *s, const struct rs_statement *st,
                                  struct rs_sqltext *text, struct rs_error *e)
{
  static const char *const control[] = {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"};
  enum rs_code rc = rs_sqltext_one(st->sql, strlen(st->sql), s->target->dialect, "statement", text,
                                   e);
  for (size_t i = 0; !rc && i < sizeof control / sizeof *control; i++)
    if (rs_eq(text->keyword, control[i]))
      rc = rs_fail(e, RS_INVALID, "%s as a statement: a transaction has its own functions",
                   control[i]);
  const char *const *refuses = driver_of(s)->refuses;
  for (size_t i = 0; !rc && refuses && refuses[i]; i++)
    if (rs_eq(text->keyword, refuses[i]))
      rc = rs_fail(e, RS_FORBIDDEN, "%s is not possible on a target of type %s", refuses[i],
                   s->target->engine->type);
  return rc;
}

static bool is_query(const struct rs_sqltext *text)
{
  static const char *const words[] = {"SELECT", "WITH", "VALUES", "TABLE", "("};
  if (text->kind != RS_SQL_QUERY) return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (rs_eq(text->keyword, words[i])) return true;
  return text->n > 0 && text->p[0] == '(';
}

/* Gives the columns the types that the dialect has for the driver's names. True: a value of one
** must be asked for in another way. */
static bool translate(const struct rs_dialect *d, struct rs_columns *c)
{
  bool any = false;
  for (size_t i = 0; i < c->n; i++) {
    const struct rs_native *n = rs_dialect_native(d, c->v[i].native);
    if (!n) continue;
    if (n->type >= 0) c->v[i].type = (enum rs_type)n->type;
    any = any || n->select != NULL;
  }
  return any;
}

/*
** SELECT CAST(c1 AS text) AS "a", c2 AS "b" FROM (query) AS q(c1, c2). The names of the inside are
** ours, since those of a query may repeat.
*/
static void wrap(const struct rs_dialect *d, const struct rs_columns *c,
                 const struct rs_sqltext *text, struct rs_buf *b)
{
  char inner[24];
  rs_buf_str(b, "SELECT ");
  for (size_t i = 0; i < c->n; i++) {
    const struct rs_native *n = rs_dialect_native(d, c->v[i].native);
    const char *tmpl = n && n->select ? n->select : "%s";
    const char *at = strstr(tmpl, "%s");
    (void)snprintf(inner, sizeof inner, "c%zu", i);
    rs_buf_printf(b, "%s%.*s%s%s AS ", i ? ", " : "", (int)(at - tmpl), tmpl, inner, at + 2);
    rs_dialect_ident(d, b, c->v[i].name);
  }
  rs_buf_str(b, " FROM (");
  rs_buf_add(b, text->p, text->n);
  rs_buf_str(b, "\n) AS q(");
  for (size_t i = 0; i < c->n; i++) rs_buf_printf(b, "%sc%zu", i ? ", " : "", i);
  rs_buf_char(b, ')');
}

/* Opens the rows of a query whose columns are `c`, as the dialect has them. */
static enum rs_code query_as(struct rs_session *s, const struct rs_statement *st,
                             const struct rs_sqltext *text, struct rs_columns *c,
                             struct rs_rows *rows, struct rs_error *e)
{
  const struct rs_dialect *d = s->target->dialect;
  struct session *x = s->impl;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  wrap(d, c, text, &b);
  struct rs_statement wrapped = *st;
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  wrapped.sql = rs_buf_text(&b);
  if (!rc) rc = rs_adbc_query(&x->conn, &wrapped, rows, e);
  rs_buf_free(&b);
  if (rc) return rc;
  for (size_t i = 0; i < c->n && i < rows->columns.n; i++) {
    rows->columns.v[i].type = c->v[i].type;
    char *was = rows->columns.v[i].native;
    rows->columns.v[i].native = c->v[i].native;
    c->v[i].native = was;
  }
  return RS_OK;
}

static enum rs_code query(struct rs_session *s, const struct rs_statement *st,
                          const struct rs_sqltext *text, struct rs_rows *rows, struct rs_error *e)
{
  const struct rs_dialect *d = s->target->dialect;
  struct session *x = s->impl;
  struct rs_columns c = {NULL, 0};
  enum rs_code rc = RS_OK;
  if (!is_query(text)) {
    // Not st: the driver would take a comment behind it for an end
    x->conn.option = text->kind == RS_SQL_QUERY ? d->query_option : NULL;
    rc = rs_adbc_query(&x->conn, st, rows, e);
    x->conn.option = NULL;
  } else {
    if (d->natives && !st->nparams) rc = rs_adbc_columns(&x->conn, st, &c, e);
    if (!rc) {
      char *sql = rs_strndup(text->p, text->n);
      const struct rs_statement plain = {sql, st->params, st->nparams, st->writes};
      if (!sql) rc = rs_nomem(e);
      else if (translate(d, &c)) rc = query_as(s, &plain, text, &c, rows, e);
      else rc = rs_adbc_query(&x->conn, &plain, rows, e);
      rs_free(sql);
    }
  }
  rs_columns_free(&c);
  if (!rc) (void)translate(d, &rows->columns);
  return rc;
}

static enum rs_code once(struct rs_session *s, const struct rs_statement *st,
                         const struct rs_sqltext *text, struct rs_rows *rows, int64_t *affected,
                         struct rs_error *e)
{
  struct session *x = s->impl;
  if (rows && driver_of(s)->query && is_query(text))
    return driver_of(s)->query(s, &x->conn, st, text, rows, e);
  if (rows) return query(s, st, text, rows, e);
  enum rs_code rc = rs_adbc_exec(&x->conn, st, affected, e);
  // some drivers count none where rows were made with their table
  if (!rc && affected && *affected == 0 && rs_eq(text->keyword, "CREATE")) *affected = -1;
  return rc;
}

enum rs_code rs_any_execute(struct rs_session *s, const struct rs_statement *st,
                            struct rs_rows *rows, int64_t *affected, struct rs_error *e)
{
  struct session *x = s->impl;
  struct rs_sqltext text;
  enum rs_code rc = one_statement(s, st, &text, e);
  if (!rc) rc = rs_any_learn(s, e);
  if (rc) return rc;
  rc = done(x, once(s, st, &text, rows, affected, e));
  x->late = false;
  // a cancel of rows that were closed early may come late and hit the next statement
  if (rc == RS_CANCELLED && !atomic_load(&x->cancelled) && !x->in_transaction)
    rc = done(x, once(s, st, &text, rows, affected, e));
  return rc;
}

enum rs_code rs_any_next_batch(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e)
{
  struct session *x = rows->session->impl;
  if (atomic_load(&x->cancelled)) return rs_fail(e, RS_CANCELLED, "interrupted");
  return done(x, rs_adbc_next_batch(rows, batch, n, e));
}

/* A driver reads what is left of a stream before the connection is free: the engine is asked to
** stop, unless that would end the transaction. */
void rs_any_close_rows(struct rs_rows *rows)
{
  struct session *x = rows->session->impl;
  if (rows->impl && !rs_adbc_is_over(rows) && !x->in_transaction) {
    rs_adbc_cancel(&x->conn);
    x->late = true;
  }
  rs_adbc_close_rows(rows);
}

enum rs_code rs_any_columns(struct rs_session *s, const struct rs_statement *st,
                            struct rs_columns *out, struct rs_error *e)
{
  struct session *x = s->impl;
  struct rs_sqltext text;
  enum rs_code rc = one_statement(s, st, &text, e);
  if (!rc) rc = rs_any_learn(s, e);
  if (!rc && driver_of(s)->columns && is_query(&text))
    return done(x, driver_of(s)->columns(s, &x->conn, st, &text, out, e));
  if (!rc) rc = done(x, rs_adbc_columns(&x->conn, st, out, e));
  if (!rc) (void)translate(s->target->dialect, out);
  return rc;
}

enum rs_code rs_any_version(struct rs_session *s, struct rs_buf *out, struct rs_error *e)
{
  struct session *x = s->impl;
  enum rs_code rc = rs_any_learn(s, e);
  if (rc) return rc;
  rc = rs_adbc_library_version(&x->conn, out, e);
  if (!rc && out->n == 0)
    rs_buf_printf(out, "ADBC driver %s", rs_output_text(s->target->output, "driver", ""));
  return rc;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static enum rs_code autocommit(struct session *x, bool on, struct rs_error *e)
{
  struct AdbcError a = {.vendor_code = INT32_MIN};
  const struct AdbcDriver *fn = &x->conn.driver->fn;
  AdbcStatusCode status = ADBC_STATUS_NOT_IMPLEMENTED;
  if (fn->ConnectionSetOption && fn->ConnectionCommit && fn->ConnectionRollback)
    status = fn->ConnectionSetOption(&x->conn.c, RS_ADBC_AUTOCOMMIT, on ? "true" : "false", &a);
  return status == ADBC_STATUS_OK ? RS_OK : rs_adbc_fail(x->conn.driver, status, &a, e);
}

static enum rs_code end_transaction(struct rs_session *s, bool commits, struct rs_error *e)
{
  struct session *x = s->impl;
  struct AdbcError a = {.vendor_code = INT32_MIN};
  if (!x->in_transaction) return RS_OK;
  const struct AdbcDriver *fn = &x->conn.driver->fn;
  AdbcStatusCode status = commits ? fn->ConnectionCommit(&x->conn.c, &a)
                                  : fn->ConnectionRollback(&x->conn.c, &a);
  enum rs_code rc = status == ADBC_STATUS_OK ? RS_OK : rs_adbc_fail(x->conn.driver, status, &a, e);
  // A COMMIT that failed has ended the transaction too
  if (rc && commits) {
    a = (struct AdbcError){.vendor_code = INT32_MIN};
    (void)fn->ConnectionRollback(&x->conn.c, &a);
    if (a.release) a.release(&a);
  }
  if (autocommit(x, true, NULL) != RS_OK) x->broken = true;
  x->in_transaction = false;
  return done(x, rc);
}

static enum rs_code begin(struct rs_session *s, struct rs_error *e)
{
  struct session *x = s->impl;
  enum rs_code rc = rs_any_learn(s, e);
  if (rc) return rc;
  if (x->late) (void)run(x, "SELECT 1", NULL); // it hits this, and not the transaction
  x->late = false;
  rc = done(x, autocommit(x, false, e));
  x->in_transaction = rc == RS_OK;
  const char *reads = s->target->dialect->reads_only;
  if (rc || !s->looks || !reads) return rc;
  rc = done(x, run(x, reads, e));
  if (rc) (void)end_transaction(s, false, NULL);
  return rc;
}

enum rs_code rs_any_transact(struct rs_session *s, enum rs_transact what, struct rs_error *e)
{
  return what == RS_BEGIN ? begin(s, e) : end_transaction(s, what == RS_COMMIT, e);
}

/* ---- ingestion ------------------------------------------------------------------------------- */

/* The rows have come as texts and numbers into `raw`; the table gets its types from there. */
static enum rs_code make_typed(struct rs_session *s, const struct rs_relation *stage,
                               const char *raw, const struct rs_columns *c, struct rs_error *e)
{
  const struct rs_dialect *d = s->target->dialect;
  struct session *x = s->impl;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "CREATE TABLE %r AS SELECT ", stage);
  for (size_t i = 0; i < c->n; i++) {
    const char *zone = c->v[i].type == RS_T_TIMESTAMPTZ ? " || '+00:00'" : "";
    rs_sql_add(s, &b, "%sCAST(%i%s AS %s) AS %i", i ? ", " : "", c->v[i].name, zone,
               rs_adbc_type_name(d, &c->v[i]), c->v[i].name);
  }
  rs_sql_add(s, &b, " FROM %s.%i", d->temp, raw);
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  if (!rc) rc = run(x, rs_buf_text(&b), e);
  rs_buf_clear(&b);
  rs_sql_add(s, &b, "DROP TABLE %s.%i", d->temp, raw);
  if (!rc) rc = run(x, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_any_ingest(struct rs_session *s, const struct rs_relation *stage,
                           struct rs_rows *src, int64_t *count, struct rs_error *e)
{
  struct session *x = s->impl;
  enum rs_code rc = rs_any_learn(s, e);
  if (rc) return rc;
  const bool json = s->target->dialect->mixed_json && stage->workspace && !src->append;
  if (!(s->caps & RS_CAP_INGEST))
    return done(x, rs_adbc_insert(s, &x->conn, stage, src, json ? RS_ADBC_JSON : RS_ADBC_CONVERT,
                                  &x->cancelled, count, e));
  if (!json) {
    const enum rs_adbc_pass pass = s->target->dialect->natives ? RS_ADBC_CONVERT : RS_ADBC_AS_IS;
    return done(x, rs_adbc_ingest(&x->conn, stage, src, pass, &x->cancelled, count, e));
  }
  struct rs_arena a;
  rs_arena_init(&a, 0);
  const struct rs_relation raw = {.workspace = NULL, .name = rs_sql_aside_name(&a, "raw", NULL)};
  rc = raw.name ? RS_OK : rs_nomem(e);
  if (!rc) rc = rs_adbc_ingest(&x->conn, &raw, src, RS_ADBC_JSON, &x->cancelled, count, e);
  if (!rc) rc = make_typed(s, stage, raw.name, &src->columns, e);
  rs_arena_free(&a);
  return done(x, rc);
}

const struct rs_engine rs_adbc_engine = {
  .type = "adbc",
  .fields = &rs_adbc_fields,
  .traits = {.caps = RS_CAP_TRANSACTIONS | RS_CAP_INGEST, .request_cost = 2500, .by_dialect = true},
  .arrow_rows = true,
  .target_place = target_place,
  .target_open = target_open,
  .get = rs_adbc_get,
  .show = rs_adbc_show,
  .relations = &rs_sql_relation_ops,
  .control = &rs_sql_control_ops,
  RS_ANY_SLOTS,
};
