/*
** The SQL adapter: transactions with retry, workspaces and collections.
** Everything here goes through the session's public functions.
*/
#include "sql.h"
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "control.h"

/* ---- transactions ---------------------------------------------------------------------------- */

/* One try in a transaction of its own. */
static enum rs_code try_once(struct rs_session *s, rs_sql_work work, void *arg, struct rs_error *e)
{
  enum rs_code rc = rs_session_begin(s, e);
  if (rc != RS_OK) return rc;
  rc = work(s, arg, e);
  if (rc == RS_OK) return rs_session_end(s, true, e);
  (void)rs_session_end(s, false, NULL); // the first error is the one to tell
  return rc;
}

static enum rs_code transact(struct rs_session *s, rs_sql_work work, void *arg, struct rs_error *e)
{
  if (s->in_transaction || !(rs_session_caps(s) & RS_CAP_TRANSACTIONS)) {
    return work(s, arg, e);
  }
  struct rs_error own = {0};
  if (e == NULL) e = &own; // it decides on another try
  for (int tries = 1;; tries++) {
    enum rs_code rc = try_once(s, work, arg, e);
    if (rc == RS_OK || !rs_session_again(s, tries, e)) return rc == RS_OK ? rc : e->code;
  }
}

enum rs_code rs_sql_need_transaction(struct rs_session *s, const char *what, const char *instead,
                                     struct rs_error *e)
{
  if (rs_session_caps(s) & RS_CAP_TRANSACTIONS) return RS_OK;
  return rs_fail(e, RS_UNSUPPORTED,
                 "target '%s' (type %s) has no transactions, and %s could be left half done: %s",
                 s->target->output->target_name, s->target->engine->type, what, instead);
}

void rs_sql_begin_delete(struct rs_session *s, struct rs_buf *b, const struct rs_relation *rel,
                         const char *source)
{
  rs_sql_add(s, b,
             s->target->dialect->plain_create
               ? "DELETE FROM %r AS t WHERE EXISTS (SELECT 1 FROM %s AS q WHERE "
               : "DELETE FROM %r AS t USING %s AS q WHERE ",
             rel, source);
}

void rs_sql_end_delete(struct rs_session *s, struct rs_buf *b)
{
  if (s->target->dialect->plain_create) rs_buf_char(b, ')');
}

/* A workspace of this or of another database. */
struct place {
  const char *database, *name;
};

static enum rs_code create_schema(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct place *at = arg;
  const char *name = at->name;
  const char *const *taken = rs_sql_catalog_of(s)->reserved;
  bool reserved = false;
  if (taken != NULL) { // with a database's name, too, "name"."t" is ambiguous to such an engine
    const char *home = rs_output_text(s->target->output, "database", NULL);
    reserved = (home != NULL && at->database == NULL && rs_sql_same_name(s, name, home)) ||
               rs_target_reaches(s->target, name, false, NULL) == RS_OK;
    while (!reserved && *taken != NULL) reserved = rs_sql_same_name(s, name, *taken++);
  }
  if (reserved)
    return rs_fail(e, RS_INVALID,
                   "workspace '%s': the engine keeps this name for itself: choose another", name);
  if (at->database != NULL)
    return rs_sql_run(s, NULL, e, "CREATE SCHEMA IF NOT EXISTS %i.%i", at->database, name);
  return rs_sql_run(s, NULL, e, "CREATE SCHEMA IF NOT EXISTS %i", name);
}

/* In a transaction of its own, so that two long runs that need one new workspace don't collide. */
static enum rs_code make_workspace(struct rs_session *s, struct place *at, struct rs_error *e)
{
  bool has;
  enum rs_code rc = rs_sql_has_workspace(s, at->database, at->name, &has, e);
  if (rc != RS_OK || has) return rc;
  const struct rs_relation_ops *ops = s->target->engine->relations;
  if (ops->create != rs_sql_create) // workspaces that no SQL makes
    return ops->create(s, RS_WORKSPACE_IN(at->database, at->name), true, e);
  return transact(s, create_schema, at, e);
}

/* How the session remembers it. Owned; NULL: out of memory. */
static char *place_key(const struct place *at)
{
  return rs_mprintf("%s\n%s", at->database != NULL ? at->database : "", at->name);
}

/* Work in a workspace that was there when this session looked last: a list of the target's
** workspaces costs more than a small table. Only where the work fails it is looked for again. */
static enum rs_code transact_in(struct rs_session *s, struct place *at, rs_sql_work work, void *arg,
                                struct rs_error *e)
{
  char *key = place_key(at); // without memory it is looked for each time
  bool seen = key != NULL && s->workspace != NULL && rs_eq(s->workspace, key), has = true;
  if (seen && !s->in_transaction) {
    enum rs_code rc = transact(s, work, arg, e);
    bool done = rc == RS_OK || rc == RS_CANCELLED || rc == RS_NOMEM;
    if (done || rs_sql_has_workspace(s, at->database, at->name, &has, NULL) != RS_OK || has) {
      rs_free(key);
      return rc;
    }
  }
  enum rs_code rc = make_workspace(s, at, e);
  if (rc == RS_OK && !s->in_transaction) { // made in one it may go with it
    char *last = s->workspace;
    s->workspace = key;
    key = last;
  }
  rs_free(key);
  return rc == RS_OK ? transact(s, work, arg, e) : rc;
}

struct watched {
  const struct rs_relation *rel;
  rs_sql_work work;
  void *arg;
};

/* Aliases of several collections follow when one of these has other columns. */
static enum rs_code work_watched(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct watched *w = arg;
  s->altered = false;
  enum rs_code rc = w->work(s, w->arg, e);
  if (rc == RS_OK && s->altered) rc = rs_sql_alias_follow(s, w->rel, e);
  return rc;
}

enum rs_code rs_sql_transact(struct rs_session *s, const struct rs_relation *rel,
                             bool with_workspace, rs_sql_work work, void *arg, struct rs_error *e)
{
  struct rs_sql_lock *lock = NULL;
  enum rs_code rc = rs_sql_lock(s, rel, &lock, e);
  if (rc != RS_OK) return rc;
  struct place at = {rel->database, rel->workspace};
  struct watched w = {rel, work, arg};
  if (with_workspace) rc = transact_in(s, &at, work_watched, &w, e);
  else rc = transact(s, work_watched, &w, e);
  rs_sql_unlock(lock);
  return rc;
}

/* ---- workspaces ------------------------------------------------------------------------------ */

static enum rs_code create_workspace(struct rs_session *s, const struct rs_relation *rel,
                                     bool if_missing, struct rs_error *e)
{
  struct place at = {rel->database, rel->workspace};
  bool has;
  enum rs_code rc = rs_sql_has_workspace(s, rel->database, rel->workspace, &has, e);
  if (rc != RS_OK) return rc;
  if (has && !if_missing) return rs_fail(e, RS_EXISTS, "workspace '%s' exists", rel->workspace);
  return has ? RS_OK : transact(s, create_schema, &at, e);
}

struct held_relations {
  struct rs_buf names;
  size_t n;
  size_t lambdas;
};

static enum rs_code see_relation(void *ctx, const struct rs_relation_info *i)
{
  struct held_relations *h = ctx;
  if (h->n < 3) rs_buf_printf(&h->names, "%s'%s'", h->n > 0 ? ", " : "", i->name);
  if (h->n == 3) rs_buf_str(&h->names, ", ...");
  h->n++;
  return RS_OK;
}

static enum rs_code see_lambda(void *ctx, const struct rs_control_doc *doc)
{
  (void)doc;
  ((struct held_relations *)ctx)->lambdas++;
  return RS_OK;
}

struct drop {
  const struct rs_relation *rel;
  enum rs_relation_kind kind;
  unsigned how; /* RS_DROP_* */
};

static enum rs_code drop_schema(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct drop *d = arg;
  const char *database = d->rel->database, *name = d->rel->workspace;
  const bool cascade = d->how & RS_DROP_CASCADE;
  struct held_relations h = {.n = 0};
  rs_buf_init(&h.names, 1 << 20);
  enum rs_code rc = RS_OK;
  if (!cascade) rc = rs_sql_relations(s, database, name, see_relation, &h, e);
  if (rc == RS_OK && h.n > 0) {
    rc = rs_fail(e, RS_CONSTRAINT, "workspace '%s' holds %zu collection%s or view%s (%s)", name,
                 h.n, h.n == 1 ? "" : "s", h.n == 1 ? "" : "s", rs_buf_text(&h.names));
  }
  rs_buf_free(&h.names);
  const struct rs_control_doc of_tags = {
    .kind = RS_CONTROL_TAG, .workspace = name, .database = database};
  if (rc == RS_OK && !cascade) rc = rs_sql_control_each(s, &of_tags, see_lambda, &h, e);
  if (rc == RS_OK && h.lambdas > 0) {
    rc = rs_fail(e, RS_CONSTRAINT, "workspace '%s' holds query lambdas", name);
  }
  if (rc == RS_OK && cascade) rc = rs_sql_alias_drop_into(s, database, name, e);
  if (rc == RS_OK && database != NULL) {
    rc = rs_sql_run(s, NULL, e, "DROP SCHEMA %i.%i%s", database, name, cascade ? " CASCADE" : "");
  } else if (rc == RS_OK) {
    rc = rs_sql_run(s, NULL, e, "DROP SCHEMA %i%s", name, cascade ? " CASCADE" : "");
  }
  const struct rs_control_doc all = {.workspace = name, .database = database};
  return rc == RS_OK ? rs_sql_control_remove(s, &all, e) : rc;
}

static enum rs_code drop_workspace(struct rs_session *s, const struct rs_relation *rel,
                                   unsigned how, struct rs_error *e)
{
  struct drop d = {rel, RS_REL_NONE, how};
  bool has;
  enum rs_code rc = rs_sql_has_workspace(s, rel->database, rel->workspace, &has, e);
  if (rc != RS_OK) return rc;
  if (!has && rel->database != NULL) return RS_OK;
  if (!has) {
    return rs_fail(e, RS_NOT_FOUND, "workspace '%s' does not exist in target '%s'", rel->workspace,
                   s->target->output->target_name);
  }
  return transact(s, drop_schema, &d, e);
}

/* ---- collections ----------------------------------------------------------------------------- */

struct create {
  const struct rs_relation *rel;
  bool if_missing;
};

static enum rs_code create_collection(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct create *c = arg;
  const struct rs_relation *rel = c->rel;
  const char *const *types = s->target->dialect->type_names;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_session_describe(s, rel, NULL, &kind, e);
  if (rc != RS_OK) return rc;
  if (kind != RS_REL_NONE) {
    if (c->if_missing) return RS_OK;
    return rs_fail(e, RS_EXISTS, "%s '%s.%s' exists", rs_sql_kind_name(kind), rel->workspace,
                   rel->name);
  }
  return rs_sql_run(s, NULL, e, "CREATE TABLE %r (%i %s, %i %s)", rel, "_id", types[RS_T_TEXT],
                    "_event_time", types[RS_T_TIMESTAMP]);
}

enum rs_code rs_sql_create(struct rs_session *s, const struct rs_relation *rel, bool if_missing,
                           struct rs_error *e)
{
  struct create c = {rel, if_missing};
  if (rel->name == NULL) return create_workspace(s, rel, if_missing, e);
  return rs_sql_transact(s, rel, true, create_collection, &c, e);
}

enum rs_code rs_sql_drop_kind(struct rs_session *s, const struct rs_relation *rel,
                              enum rs_relation_kind kind, struct rs_error *e)
{
  bool materialized = false;
  if (kind == RS_REL_NONE) return RS_OK;
  enum rs_code rc = kind == RS_REL_ALIAS ? RS_OK : rs_sql_is_materialized(s, rel, &materialized, e);
  const char *what = materialized ? "MATERIALIZED VIEW" : kind == RS_REL_TABLE ? "TABLE" : "VIEW";
  if (rc == RS_OK) rc = rs_sql_run(s, NULL, e, "DROP %s %r", what, rel);
  return rc == RS_OK ? rs_sql_control_forget(s, rel, e) : rc;
}

static enum rs_code drop_relation(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct drop *d = arg;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_session_describe(s, d->rel, NULL, &kind, e);
  if (rc != RS_OK) return rc;
  if (kind == RS_REL_NONE && (d->how & RS_DROP_IF_EXISTS)) return RS_OK;
  if (d->kind == RS_REL_ALIAS && kind != RS_REL_ALIAS)
    return rs_fail(e, RS_NOT_FOUND, "alias '%s.%s' does not exist%s", d->rel->workspace,
                   d->rel->name,
                   kind == RS_REL_VIEW    ? ": it is a view"
                   : kind == RS_REL_TABLE ? ": it is a collection"
                                          : "");
  if (kind == RS_REL_NONE) return rs_sql_not_found(s, d->rel, e);
  if (kind == RS_REL_TABLE) rc = rs_sql_alias_refuse(s, d->rel, e);
  return rc == RS_OK ? rs_sql_drop_kind(s, d->rel, kind, e) : rc;
}

enum rs_code rs_sql_drop(struct rs_session *s, const struct rs_relation *rel,
                         enum rs_relation_kind kind, unsigned how, struct rs_error *e)
{
  struct drop d = {rel, kind, how};
  if (rel->name == NULL) return drop_workspace(s, rel, how, e);
  return rs_sql_transact(s, rel, false, drop_relation, &d, e);
}

enum rs_code rs_sql_add_select(struct rs_session *s, const struct rs_relation *rel, const char *sql,
                               const struct rs_adding *how, int64_t *rows, struct rs_error *e)
{
  if (how->keys != NULL) return rs_sql_upsert_select(s, rel, sql, how->keys, how->nkeys, rows, e);
  return how->evolves ? rs_sql_append_select(s, rel, sql, rows, e)
                      : rs_sql_insert_select(s, rel, sql, rows, e);
}

const struct rs_relation_ops rs_sql_relation_ops = {RS_SQL_RELATION_OPS, .create = rs_sql_create,
                                                    .drop = rs_sql_drop};
