/*
** The state of one SQLite connection (connection.h): profile, target, idle sessions, errors.
*/
#include "connection.h"
#include "../src/base/buf.h"
#include "../src/base/mem.h"

#include <string.h>

#define CACHE_BYTES ((size_t)64 << 20)
#define IDLE_MAX 8 /* idle sessions kept; more are closed when they come back */

struct rs_conn {
  sqlite3 *db;
  int refs;
  struct rs_log *log;
  const struct rs_output *output; /* NULL until something needs it */
  struct rs_target *target;
  bool chosen;  /* by rockset_profile() in this session */
  bool trusted; /* rockset_trust(1) */
  bool polling; /* inside rs_conn_interrupted */
  struct rs_session *idle[IDLE_MAX];
  size_t nidle;
  struct rs_writer *writer;
  unsigned era;
  size_t cache_bytes;
};

/* ---- life -------------------------------------------------------------------------------------
** */

struct rs_conn *rs_conn_new(sqlite3 *db)
{
  struct rs_conn *c = rs_calloc(1, sizeof *c);
  if (!c) return NULL;
  c->db = db;
  c->refs = 1;
  c->cache_bytes = CACHE_BYTES;
  c->log = rs_log_new();
  if (!c->log) {
    rs_free(c);
    return NULL;
  }
  return c;
}

void rs_conn_ref(struct rs_conn *c)
{
  c->refs++;
}

/* Closes every idle session and forgets target and profile. */
static void forget_target(struct rs_conn *c)
{
  c->era++;
  while (c->nidle > 0) rs_session_close(c->idle[--c->nidle]);
  rs_target_release(c->target);
  c->target = NULL;
  rs_output_release(c->output);
  c->output = NULL;
}

void rs_conn_unref(void *p)
{
  struct rs_conn *c = p;
  if (!c || --c->refs > 0) return;
  rs_writer_free(c->writer);
  forget_target(c);
  rs_log_release(c->log);
  rs_free(c);
}

sqlite3 *rs_conn_db(const struct rs_conn *c)
{
  return c->db;
}
struct rs_log *rs_conn_log(const struct rs_conn *c)
{
  return c->log;
}
struct rs_writer **rs_conn_writer(struct rs_conn *c)
{
  return &c->writer;
}
bool rs_conn_trusted(const struct rs_conn *c)
{
  return c->trusted;
}
void rs_conn_trust(struct rs_conn *c, bool on)
{
  c->trusted = on;
}

/* ---- profile and target -----------------------------------------------------------------------
** */

static enum rs_code load_output(struct rs_conn *c, const char *target, const char *profile,
                                const char *source, const struct rs_output **po, struct rs_error *e)
{
  const char *file = sqlite3_db_filename(c->db, "main");
  struct rs_profile_request req = {
    .target = target, .profile = profile, .source = source, .database = file ? file : ""};
  return rs_profile_load(&req, po, e);
}

enum rs_code rs_conn_choose(struct rs_conn *c, const char *target, const char *profile,
                            const char *source, struct rs_error *e)
{
  const struct rs_output *o = NULL;
  enum rs_code rc = load_output(c, target, profile, source, &o, e);
  if (rc != RS_OK) return rc;
  forget_target(c);
  c->output = o;
  c->chosen = true;
  return RS_OK;
}

enum rs_code rs_conn_output(struct rs_conn *c, const struct rs_output **po, struct rs_error *e)
{
  if (!c->output) {
    enum rs_code rc = load_output(c, NULL, NULL, NULL, &c->output, e);
    if (rc != RS_OK) return rc;
  }
  *po = c->output;
  return RS_OK;
}

enum rs_code rs_conn_target(struct rs_conn *c, bool stored, struct rs_target **pt,
                            struct rs_error *e)
{
  const struct rs_output *o;
  enum rs_code rc = rs_conn_output(c, &o, e);
  if (rc != RS_OK) return rc;
  if (stored && !c->chosen && !c->trusted && !rs_target_is_embedded(o))
    return rs_fail(
      e, RS_FORBIDDEN,
      "target '%s' (%s): SQL stored in a database file is sent out of this process only "
      "after this session chose the target: SELECT rockset_profile('%s')",
      o->target_name, o->type, o->target_name);
  if (!c->target) {
    rc = rs_target_open(o, &c->target, e);
    if (rc != RS_OK) return rc;
  }
  *pt = c->target;
  return RS_OK;
}

/* ---- sessions ---------------------------------------------------------------------------------
** */

unsigned rs_conn_era(const struct rs_conn *c)
{
  return c->era;
}

void rs_conn_touch(struct rs_conn *c)
{
  c->era++;
}

size_t rs_conn_cache_bytes(const struct rs_conn *c)
{
  return c->cache_bytes;
}

void rs_conn_set_cache_bytes(struct rs_conn *c, size_t n)
{
  c->cache_bytes = n;
}

enum rs_code rs_conn_session(struct rs_conn *c, bool stored, struct rs_session **ps,
                             struct rs_error *e)
{
  struct rs_target *t;
  if (!stored) c->era++;
  enum rs_code rc = rs_conn_target(c, stored, &t, e);
  if (rc != RS_OK) return rc;
  if (c->nidle > 0) {
    *ps = c->idle[--c->nidle];
    return RS_OK;
  }
  const struct rs_interrupt hook = {rs_conn_interrupted, c};
  return rs_session_open(t, &hook, c->log, ps, e);
}

void rs_conn_done(struct rs_conn *c, struct rs_session *s)
{
  if (!s) return;
  if (rs_session_in_transaction(s)) rs_session_rollback(s, NULL);
  if (rs_session_target(s) != c->target || c->nidle == IDLE_MAX || rs_session_in_transaction(s))
    rs_session_close(s);
  else c->idle[c->nidle++] = s;
}

/*
** A trivial statement fails with SQLITE_INTERRUPT once sqlite3_interrupt() was called while the
** statement that called us runs. sqlite3_is_interrupted() would say the same, from 3.41 on only.
** The statement is made for each poll: one that lived longer would have to be finalized before
** sqlite3_close(), which tells extensions nothing until it is too late.
*/
bool rs_conn_interrupted(void *p)
{
  struct rs_conn *c = p;
  if (c->polling) return false;
  c->polling = true;
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v2(c->db, "SELECT 1", -1, &stmt, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  sqlite3_finalize(stmt);
  c->polling = false;
  return rc == SQLITE_INTERRUPT;
}

enum rs_code rs_conn_no_transaction(struct rs_conn *c, const char *what, struct rs_error *e)
{
  c->era++;
  if (sqlite3_get_autocommit(c->db)) return RS_OK;
  return rs_fail(e, RS_BUSY,
                 "%s: a transaction is open, and what the target does can't be rolled "
                 "back with it: COMMIT first",
                 what);
}

/* ---- errors -----------------------------------------------------------------------------------
** */

int rs_sqlite_code(enum rs_code code)
{
  switch (code) {
    case RS_OK: return SQLITE_OK;
    case RS_AUTH:
    case RS_FORBIDDEN: return SQLITE_AUTH;
    case RS_CANCELLED: return SQLITE_INTERRUPT;
    case RS_CONSTRAINT: return SQLITE_CONSTRAINT;
    case RS_BUSY: return SQLITE_BUSY;
    case RS_IO: return SQLITE_IOERR;
    case RS_LIMIT: return SQLITE_TOOBIG;
    case RS_NOMEM: return SQLITE_NOMEM;
    case RS_INTERNAL: return SQLITE_INTERNAL;
    default: return SQLITE_ERROR;
  }
}

void rs_result_error(sqlite3_context *ctx, const struct rs_error *e)
{
  if (e->code == RS_NOMEM) {
    sqlite3_result_error_nomem(ctx);
    return;
  }
  sqlite3_result_error(ctx, e->text, -1);
  sqlite3_result_error_code(ctx, rs_sqlite_code(e->code));
}

int rs_put_error(char **pzErr, const struct rs_error *e)
{
  if (e->code == RS_NOMEM) return SQLITE_NOMEM;
  sqlite3_free(*pzErr);
  *pzErr = sqlite3_mprintf("%s", e->text);
  return *pzErr ? rs_sqlite_code(e->code) : SQLITE_NOMEM;
}

int rs_vtab_error(sqlite3_vtab *pVtab, const struct rs_error *e)
{
  return rs_put_error(&pVtab->zErrMsg, e);
}

enum rs_code rs_sqlite_error(struct rs_conn *c, const char *what, struct rs_error *e)
{
  enum rs_code code = RS_INVALID;
  switch (sqlite3_errcode(c->db) & 0xff) {
    case SQLITE_NOMEM: return rs_nomem(e);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: code = RS_BUSY; break;
    case SQLITE_INTERRUPT: code = RS_CANCELLED; break;
    case SQLITE_CONSTRAINT: code = RS_CONSTRAINT; break;
    case SQLITE_AUTH:
    case SQLITE_READONLY: code = RS_FORBIDDEN; break;
    case SQLITE_IOERR:
    case SQLITE_FULL: code = RS_IO; break;
    case SQLITE_TOOBIG: code = RS_LIMIT; break;
    default: break;
  }
  return rs_fail(e, code, "%s: %s", what, sqlite3_errmsg(c->db));
}

/* ---- functions --------------------------------------------------------------------------------
** */

/*
** Before rockset_trust(1) a function is registered as DIRECTONLY and for UTF-16, afterwards once
** more without that flag and for UTF-8. SQLite refuses to redefine a function while a statement
** runs (and rockset_trust() is called by one), but a second definition for another encoding is a
** new one, and the better match. The encoding has no other effect: arguments are converted when
** they are read.
*/
int rs_conn_function(struct rs_conn *c, const char *name, int nArg, bool harmless,
                     void (*fn)(sqlite3_context *, int, sqlite3_value **))
{
  int flags = SQLITE_UTF8;
  if (c->trusted && harmless) return SQLITE_OK; /* nothing to lift */
  if (!c->trusted && !harmless) flags = SQLITE_UTF16 | SQLITE_DIRECTONLY;
  flags |= RS_SQLITE_RESULT_SUBTYPE;
  rs_conn_ref(c); /* sqlite3_create_function_v2 calls the destructor on failure, too */
  return sqlite3_create_function_v2(c->db, name, nArg, flags, c, fn, NULL, NULL, rs_conn_unref);
}

struct rs_conn *rs_conn_of(sqlite3_context *ctx)
{
  return sqlite3_user_data(ctx);
}
