/*
** The state of one SQLite connection (connection.h): profile, target, idle sessions, errors.
*/
#include "gate.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#include <string.h>

#define CACHE_BYTES ((size_t)64 << 20)
#define IDLE_MAX 8 /* idle sessions kept; more are closed when they come back */

/* A target that this connection works with, and its idle sessions. */
struct place {
  const struct rs_output *output; /* NULL until something needs it */
  char *file;                     /* the attached one whose default it is, or NULL */
  struct rs_target *target;
  struct rs_session *idle[IDLE_MAX];
  size_t nidle;
  struct place *next;
};

/* A session that somebody has. */
struct lent {
  struct lent *next;
  struct rs_session *session;
  char *stored; /* the schema whose text it sends; NULL: what was typed */
};

struct rs_conn {
  sqlite3 *db;
  int refs;
  struct rs_log *log;
  struct place main;
  struct place *others;   /* other outputs of its profile, and attached files */
  char *profile, *source; /* as rockset_profile() got them: where the others are found */
  bool chosen;            /* by rockset_profile() in this session */
  bool plain;             /* chosen on a connection that only reads */
  bool trusted;           /* rockset_trust(1) */
  struct rs_gate gate;
  bool polling; /* inside rs_conn_interrupted */
  int (*register_all)(struct rs_conn *c);
  struct rs_writer *writer;
  const struct rs_writer_calls *writes; /* of the writer */
  struct rs_local *own;                 /* its own tables in statements */
  const struct rs_local_calls *locals;
  rs_before_fn before;
  bool syncs; /* rockset_follow() or rockset_sync() was called */
  struct lent *lent;
  struct collection *tables;
  unsigned era;
  size_t cache_bytes;
  bool local; /* rockset_push_down(0) */
  struct rs_explain *explain;
  struct rs_value last_id; /* its text in last_text */
  struct rs_buf last_text;
};

/* ---- life ------------------------------------------------------------------------------------ */

struct rs_conn *rs_conn_new(sqlite3 *db, int (*register_all)(struct rs_conn *c))
{
  struct rs_conn *c = rs_calloc(1, sizeof *c);
  if (!c) return NULL;
  c->db = db;
  c->register_all = register_all;
  c->refs = 1;
  c->cache_bytes = CACHE_BYTES;
  c->last_id.kind = RS_NULL;
  rs_buf_init(&c->last_text, (size_t)1 << 30);
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

/* Closes every idle session and forgets target and output. */
static void leave_place(struct place *p)
{
  while (p->nidle > 0) rs_session_close(p->idle[--p->nidle]);
  rs_target_release(p->target);
  p->target = NULL;
  rs_output_release(p->output);
  p->output = NULL;
  rs_free(p->file);
  p->file = NULL;
}

static void yield_rows(struct rs_conn *c)
{
  if (c->writer) c->writes->yield(c->writer);
}

static void forget_target(struct rs_conn *c)
{
  c->era++;
  yield_rows(c);
  if (c->own) c->locals->leave(c->own);
  leave_place(&c->main);
  while (c->others) {
    struct place *p = c->others;
    c->others = p->next;
    leave_place(p);
    rs_free(p);
  }
  rs_free(c->profile);
  rs_free(c->source);
  c->profile = c->source = NULL;
}

void rs_conn_unref(void *p)
{
  struct rs_conn *c = p;
  if (!c || --c->refs > 0) return;
  if (c->writer) c->writes->drop(c->writer);
  c->writer = NULL;
  forget_target(c);
  if (c->own) c->locals->drop(c->own);
  for (struct lent *l; (l = c->lent) != NULL; rs_free(l)) {
    c->lent = l->next;
    rs_free(l->stored);
  }
  rs_log_release(c->log);
  rs_gate_free(&c->gate);
  rs_buf_free(&c->last_text);
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
int rs_conn_register(struct rs_conn *c)
{
  return c->register_all(c);
}

struct rs_writer *rs_conn_writer(const struct rs_conn *c)
{
  return c->writer;
}

void rs_conn_set_writer(struct rs_conn *c, struct rs_writer *w, const struct rs_writer_calls *calls)
{
  c->writer = w;
  c->writes = calls;
}

struct rs_local *rs_conn_local(const struct rs_conn *c)
{
  return c->own;
}

void rs_conn_set_local(struct rs_conn *c, struct rs_local *l, const struct rs_local_calls *calls)
{
  c->own = l;
  c->locals = calls;
}

enum rs_code rs_conn_explain_local(struct rs_conn *c, const char *sql, rs_local_use_fn fn,
                                   void *ctx, struct rs_error *e)
{
  return c->locals ? c->locals->explain(c, sql, fn, ctx, e) : RS_DONE;
}

enum rs_code rs_conn_none_queued(const struct rs_conn *c, const char *what, struct rs_error *e)
{
  const char *table = c->writer ? c->writes->queued(c->writer) : NULL;
  if (!table) return RS_OK;
  return rs_fail(e, RS_BUSY,
                 "%s: table \"%s\" has rows that this transaction has not sent yet, and the target "
                 "can't see them: COMMIT first",
                 what, table);
}
bool rs_conn_push_down(const struct rs_conn *c)
{
  return !c->local;
}
void rs_conn_set_push_down(struct rs_conn *c, bool on)
{
  c->local = !on;
}
struct rs_explain **rs_conn_explain(struct rs_conn *c)
{
  return &c->explain;
}
struct collection **rs_conn_tables(struct rs_conn *c)
{
  return &c->tables;
}
bool rs_conn_trusted(const struct rs_conn *c)
{
  return c->trusted;
}
void rs_conn_trust(struct rs_conn *c, bool on)
{
  c->trusted = on;
}
struct rs_gate *rs_conn_gate(struct rs_conn *c)
{
  return &c->gate;
}

enum rs_code rs_conn_schemas(struct rs_conn *c, struct rs_arena *arena, const char ***pv, size_t *n,
                             struct rs_error *e)
{
  const char **v = NULL;
  size_t cap = 0;
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  *n = 0;
  if (sqlite3_prepare_v2(c->db, "PRAGMA database_list", -1, &st, NULL) != SQLITE_OK)
    return rs_sqlite_error(c, "database_list", e);
  if (!rs_grow(&v, &cap, 1, sizeof *v)) rc = rs_nomem(e);
  else v[(*n)++] = "temp"; // not always listed
  while (rc == RS_OK && sqlite3_step(st) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(st, 1);
    if (name && rs_eq(name, "temp")) continue;
    if (!name || !rs_grow(&v, &cap, *n + 1, sizeof *v) ||
        (v[*n] = rs_arena_strdup(arena, name)) == NULL)
      rc = rs_nomem(e);
    else ++*n;
  }
  sqlite3_finalize(st);
  *pv = rs_arena_alloc(arena, (*n + 1) * sizeof **pv);
  if (rc == RS_OK && !*pv) rc = rs_nomem(e);
  if (rc == RS_OK) memcpy(*pv, v, *n * sizeof *v);
  rs_free(v);
  return rc;
}

/* ---- profile and target ---------------------------------------------------------------------- */

static enum rs_code load_output(struct rs_conn *c, const char *target, const char *profile,
                                const char *source, const struct rs_output **po, struct rs_error *e)
{
  const char *file = sqlite3_db_filename(c->db, "main");
  struct rs_profile_request req = {.target = target,
                                   .profile = profile,
                                   .source = source,
                                   .database = file ? file : "",
                                   .plain = c->plain,
                                   .adapters = rs_target_fields};
  return rs_profile_load(&req, po, e);
}

bool rs_conn_is_typed(struct rs_conn *c)
{
  int running = 0;
  for (sqlite3_stmt *s = sqlite3_next_stmt(c->db, NULL); s; s = sqlite3_next_stmt(c->db, s))
    if (sqlite3_stmt_busy(s)) running++;
  return running == 1;
}

enum rs_code rs_conn_choose(struct rs_conn *c, const char *target, const char *profile,
                            const char *source, struct rs_error *e)
{
  const struct rs_output *o = NULL;
  bool plain = c->plain;
  c->plain = rs_conn_only_reads(c);
  enum rs_code rc = load_output(c, target, profile, source, &o, e);
  if (rc != RS_OK) {
    c->plain = plain;
    return rc;
  }
  forget_target(c);
  c->main.output = o;
  c->chosen = true;
  c->profile = rs_strdup(profile);
  c->source = rs_strdup(source);
  return (profile && !c->profile) || (source && !c->source) ? rs_nomem(e) : RS_OK;
}

enum rs_code rs_conn_output(struct rs_conn *c, const struct rs_output **po, struct rs_error *e)
{
  if (!c->main.output) {
    enum rs_code rc = load_output(c, NULL, NULL, NULL, &c->main.output, e);
    if (rc != RS_OK) return rc;
  }
  *po = c->main.output;
  return RS_OK;
}

bool rs_conn_ignores_profile(struct rs_conn *c, const char *name, const struct rs_output **po)
{
  const struct rs_output *own;
  if (c->chosen || rs_conn_output(c, &own, NULL) != RS_OK || rs_eq(own->profile_name, name))
    return false;
  return load_output(c, NULL, name, NULL, po, NULL) == RS_OK;
}

/* NULL where it is the session's own output, which was found already. */
static const char *other_name(const struct rs_conn *c, const struct rs_where *at)
{
  const struct rs_output *own = c->main.output;
  return at->named && !own->embedded_default && rs_eq(at->named, own->target_name) ? NULL
                                                                                   : at->named;
}

/* The attached file whose default is meant; NULL: none, or it is main under another name. */
static const char *other_file(const struct rs_conn *c, const struct rs_where *at)
{
  if (at->named || !at->schema || !c->main.output->embedded_default) return NULL;
  const char *file = sqlite3_db_filename(c->db, at->schema);
  const char *own = sqlite3_db_filename(c->db, "main");
  return file && *file && !rs_eq(file, own) ? file : NULL;
}

bool rs_conn_same_where(struct rs_conn *c, const struct rs_where *a, const struct rs_where *b)
{
  const struct rs_output *own;
  if (rs_conn_output(c, &own, NULL) != RS_OK)
    return rs_eq(a->named, b->named) && rs_eq(a->schema, b->schema);
  return rs_eq(other_name(c, a), other_name(c, b)) && rs_eq(other_file(c, a), other_file(c, b));
}

/* The default of an attached file, or another output of the session's profile. */
static enum rs_code load_other(struct rs_conn *c, const char *named, const char *file,
                               struct place *p, struct rs_error *e)
{
  const struct rs_output *own = c->main.output;
  const struct rs_profile_request req = {
    .database = file, .beside = true, .adapters = rs_target_fields};
  if (file) {
    p->file = rs_strdup(file);
    return p->file ? rs_profile_load(&req, &p->output, e) : rs_nomem(e);
  }
  if (own->embedded_default)
    return rs_fail(e, RS_NOT_FOUND,
                   "target='%s': this session has no profile: put a profiles.yml beside it, or "
                   "choose one: SELECT rockset_profile(...)",
                   named);
  return load_output(c, named, c->profile ? c->profile : own->profile_name, c->source, &p->output,
                     e);
}

static enum rs_code find_place(struct rs_conn *c, const struct rs_where *at, struct place **pp,
                               struct rs_error *e)
{
  const struct rs_output *own;
  enum rs_code rc = rs_conn_output(c, &own, e);
  if (rc != RS_OK) return rc;
  const char *named = other_name(c, at), *file = other_file(c, at);
  *pp = &c->main;
  if (!named && !file) return RS_OK;
  if (named && c->gate.lockdown > 0)
    return rs_fail(e, RS_FORBIDDEN,
                   "target='%s': this connection is locked down (rockset_lockdown) and works with "
                   "the target '%s' only",
                   named, own->target_name);
  for (struct place *p = c->others; p; p = p->next) {
    *pp = p;
    if (file ? rs_eq(p->file, file) : !p->file && rs_eq(p->output->target_name, named))
      return RS_OK;
  }
  struct place *p = rs_calloc(1, sizeof *p);
  rc = p ? load_other(c, named, file, p, e) : rs_nomem(e);
  if (rc != RS_OK) {
    if (p) leave_place(p);
    rs_free(p);
    return rc;
  }
  p->next = c->others;
  c->others = *pp = p;
  return RS_OK;
}

/* The same with its target open, if text may be sent there. */
static enum rs_code open_place(struct rs_conn *c, const struct rs_where *at, bool stored,
                               struct place **pp, struct rs_error *e)
{
  enum rs_code rc = find_place(c, at, pp, e);
  if (rc != RS_OK) return rc;
  const struct rs_output *o = (*pp)->output;
  if (stored && !c->chosen && !c->trusted && !(rs_output_traits(o)->caps & RS_CAP_EMBEDDED))
    return rs_fail(
      e, RS_FORBIDDEN,
      "target '%s' (%s): SQL stored in a database file is sent out of this process only "
      "after this session chose the target: SELECT rockset_profile('%s')",
      o->target_name, o->type, c->main.output->target_name);
  return (*pp)->target ? RS_OK : rs_target_open(o, &(*pp)->target, e);
}

enum rs_code rs_conn_target_at(struct rs_conn *c, const struct rs_where *at, bool stored,
                               struct rs_target **pt, struct rs_error *e)
{
  struct place *p;
  enum rs_code rc = open_place(c, at, stored, &p, e);
  if (rc == RS_OK) *pt = p->target;
  return rc;
}

enum rs_code rs_conn_target_of(struct rs_conn *c, const char *named, bool stored,
                               struct rs_target **pt, struct rs_error *e)
{
  const struct rs_where at = {.named = named};
  return rs_conn_target_at(c, &at, stored, pt, e);
}

enum rs_code rs_conn_target(struct rs_conn *c, bool stored, struct rs_target **pt,
                            struct rs_error *e)
{
  return rs_conn_target_of(c, NULL, stored, pt, e);
}

/* ---- sessions -------------------------------------------------------------------------------- */

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

const struct rs_value *rs_conn_last_id(const struct rs_conn *c)
{
  return &c->last_id;
}

bool rs_conn_set_last_id(struct rs_conn *c, const struct rs_value *v)
{
  c->last_id = *v;
  if (v->kind != RS_TEXT && v->kind != RS_BYTES && v->kind != RS_JSON) return true;
  rs_buf_clear(&c->last_text);
  rs_buf_add(&c->last_text, v->s.p, v->s.n);
  c->last_id.s.p = rs_buf_text(&c->last_text);
  if (c->last_text.rc != RS_OK) c->last_id.kind = RS_NULL;
  return c->last_text.rc == RS_OK;
}

void rs_conn_set_before(struct rs_conn *c, rs_before_fn fn)
{
  c->before = fn;
}

void rs_conn_set_syncs(struct rs_conn *c)
{
  c->syncs = true;
}

bool rs_conn_syncs(struct rs_conn *c)
{
  const struct rs_output *own;
  return c->syncs || (rs_conn_output(c, &own, NULL) == RS_OK && own->embedded_default);
}

enum rs_code rs_conn_before(struct rs_conn *c, struct rs_target *t, struct rs_error *e)
{
  if (!c->before || c->gate.lockdown > 0 || !sqlite3_get_autocommit(c->db) ||
      sqlite3_txn_state(c->db, "main") == SQLITE_TXN_WRITE || sqlite3_db_readonly(c->db, "main"))
    return RS_OK;
  return c->before(c, rs_target_info(t).output->target_name, e);
}

/* The hook of sessions (struct rs_interrupt). */
static enum rs_code localize(void *ctx, struct rs_session *s, const char *sql, struct rs_buf *out,
                             struct rs_error *e)
{
  struct rs_conn *c = ctx;
  const struct lent *l = c->lent;
  enum rs_code rc = RS_OK;
  if (!rs_session_state(s).in_transaction) rc = rs_conn_before(c, rs_session_target(s), e);
  if (rc != RS_OK) return rc;
  if (!c->locals) return RS_DONE;
  while (l && l->session != s) l = l->next;
  const char *stored = l ? l->stored : "main";
  return c->locals->localize(c, s, c->trusted ? NULL : stored, sql, out, e);
}

/* Notes whose text a session sends, until it comes back. */
static enum rs_code note_lent(struct rs_conn *c, struct rs_session *s, const char *stored,
                              struct rs_error *e)
{
  struct lent *l = rs_calloc(1, sizeof *l);
  if (!l || (stored && !(l->stored = rs_strdup(stored)))) {
    rs_free(l);
    return rs_nomem(e);
  }
  l->session = s;
  l->next = c->lent;
  c->lent = l;
  return RS_OK;
}

static void forget_lent(struct rs_conn *c, const struct rs_session *s)
{
  struct lent **at = &c->lent;
  while (*at && (*at)->session != s) at = &(*at)->next;
  struct lent *l = *at;
  if (!l) return;
  *at = l->next;
  rs_free(l->stored);
  rs_free(l);
}

enum rs_code rs_conn_session_at(struct rs_conn *c, const struct rs_where *at, bool stored,
                                struct rs_session **ps, struct rs_error *e)
{
  struct place *p;
  enum rs_code rc = open_place(c, at, stored, &p, e);
  if (rc != RS_OK) return rc;
  const struct rs_interrupt hook = {
    .is_interrupted = rs_conn_interrupted, .ctx = c, .localize = localize};
  if (p->nidle > 0) *ps = p->idle[--p->nidle];
  else rc = rs_session_open(p->target, &hook, c->log, ps, e);
  if (rc != RS_OK) return rc;
  rc = note_lent(c, *ps, !stored ? NULL : at->schema ? at->schema : "main", e);
  if (rc != RS_OK) {
    rs_session_close(*ps);
    *ps = NULL;
  }
  return rc;
}

enum rs_code rs_conn_session_of(struct rs_conn *c, const char *named, bool stored,
                                struct rs_session **ps, struct rs_error *e)
{
  const struct rs_where at = {.named = named};
  return rs_conn_session_at(c, &at, stored, ps, e);
}

enum rs_code rs_conn_look(struct rs_conn *c, const char *named, struct rs_session **ps,
                          struct rs_error *e)
{
  enum rs_code rc = rs_conn_session_of(c, named, true, ps, e);
  if (rc == RS_OK) rs_session_look(*ps, !c->trusted);
  return rc;
}

enum rs_code rs_conn_session(struct rs_conn *c, bool stored, struct rs_session **ps,
                             struct rs_error *e)
{
  if (!stored) { // a function: it may change what tables have kept
    c->era++;
    yield_rows(c);
  }
  return rs_conn_session_of(c, NULL, stored, ps, e);
}

void rs_conn_done(struct rs_conn *c, struct rs_session *s)
{
  if (!s) return;
  forget_lent(c, s);
  if (rs_session_state(s).in_transaction) rs_session_end(s, false, NULL);
  rs_session_look(s, false);
  struct place *p = &c->main;
  if (rs_session_target(s) != p->target) {
    for (p = c->others; p && rs_session_target(s) != p->target;) p = p->next;
  }
  if (!p || p->nidle == IDLE_MAX || rs_session_state(s).in_transaction) rs_session_close(s);
  else p->idle[p->nidle++] = s;
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

enum rs_code rs_conn_poll(struct rs_conn *c, int64_t row, struct rs_error *e)
{
  if (row % 4096 != 0 || !rs_conn_interrupted(c)) return RS_OK;
  return rs_fail(e, RS_CANCELLED, "interrupted");
}

enum rs_code rs_conn_no_transaction(struct rs_conn *c, const char *what, struct rs_error *e)
{
  c->era++;
  yield_rows(c);
  if (sqlite3_get_autocommit(c->db)) return RS_OK;
  return rs_fail(e, RS_BUSY,
                 "%s: a transaction is open, and what the target does can't be rolled "
                 "back with it: COMMIT first",
                 what);
}

/* ---- errors ---------------------------------------------------------------------------------- */

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
  struct rs_error hinted = *e;
  rs_error_hint(sqlite3_context_db_handle(ctx), &hinted);
  sqlite3_result_error(ctx, hinted.text, -1);
  sqlite3_result_error_code(ctx, rs_sqlite_code(hinted.code));
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
  return rs_sqlite_error_of(c->db, what, e);
}

enum rs_code rs_code_of_sqlite(int rc)
{
  switch (rc & 0xff) {
    case SQLITE_OK: return RS_OK;
    case SQLITE_NOMEM: return RS_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return RS_BUSY;
    case SQLITE_INTERRUPT: return RS_CANCELLED;
    case SQLITE_CONSTRAINT: return RS_CONSTRAINT;
    case SQLITE_AUTH:
    case SQLITE_READONLY: return RS_FORBIDDEN;
    case SQLITE_IOERR:
    case SQLITE_FULL: return RS_IO;
    case SQLITE_TOOBIG: return RS_LIMIT;
    default: return RS_INVALID;
  }
}

enum rs_code rs_sqlite_error_of(sqlite3 *db, const char *what, struct rs_error *e)
{
  int code = sqlite3_errcode(db);
  if (code == SQLITE_NOMEM) return rs_nomem(e);
  return rs_fail(e, code == SQLITE_OK ? RS_INVALID : rs_code_of_sqlite(code), "%s: %s", what,
                 sqlite3_errmsg(db));
}
