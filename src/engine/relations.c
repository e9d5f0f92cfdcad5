/*
** Relations of the waist (engine.h): each call goes to the engine's own way of doing it.
*/
#include "engine.h"
#include "src/base/text.h"
#include "changes.h"
#include "slots.h"
#include "lock.h"

enum rs_code rs_engine_lacks(const struct rs_session *s, const char *what, struct rs_error *e)
{
  return rs_fail(e, RS_UNSUPPORTED, "target '%s' (type %s) has no %s",
                 s->target->output->target_name, s->target->engine->type, what);
}

enum rs_code rs_session_describe(struct rs_session *s, const struct rs_relation *rel,
                                 struct rs_columns *out, enum rs_relation_kind *kind,
                                 struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  if (!ops || !ops->describe) return rs_engine_lacks(s, "relations", e);
  return ops->describe(s, rel, out, kind, e);
}

/* ---- workspaces and what they hold ------------------------------------------------------------
*/

enum rs_code rs_target_reaches(const struct rs_target *t, const char *database, bool writes,
                               struct rs_error *e)
{
  if (t->engine->reaches) return t->engine->reaches(t, database, writes, e);
  // dbt's words, which people look for
  return rs_fail(e, RS_UNSUPPORTED,
                 "cross-db references not allowed in %s ('%s' is not the database of target '%s'): "
                 "a connection reaches one database; give the other one an output of the profile, "
                 "and run the model there with {\"target\": ...}",
                 rs_eq(t->dialect->name, "postgres") ? "postgres" : t->engine->type, database,
                 t->output->target_name);
}

static enum rs_code reach(const struct rs_session *s, const char *database, bool writes,
                          struct rs_error *e)
{
  return database ? rs_target_reaches(s->target, database, writes, e) : RS_OK;
}

enum rs_code rs_session_workspaces(struct rs_session *s, const char *database, rs_workspace_fn fn,
                                   void *ctx, struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  if (!ops || !ops->workspaces) return rs_engine_lacks(s, "workspaces", e);
  enum rs_code rc = reach(s, database, false, e);
  return rc ? rc : ops->workspaces(s, database, fn, ctx, e);
}

enum rs_code rs_session_relations(struct rs_session *s, const char *database, const char *workspace,
                                  rs_relation_fn fn, void *ctx, struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  if (!ops || !ops->relations) return rs_engine_lacks(s, "a list of relations", e);
  enum rs_code rc = reach(s, database, false, e);
  return rc ? rc : ops->relations(s, database, workspace, fn, ctx, e);
}

enum rs_code rs_session_create(struct rs_session *s, const struct rs_relation *rel, bool if_missing,
                               struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  const bool workspace = rel->name == NULL;
  if (!ops || !ops->create)
    return rs_engine_lacks(s, workspace ? "workspaces to create" : "collections to create", e);
  enum rs_code rc = rs_look_change(s, workspace ? "creating a workspace" : "creating a collection",
                                   e);
  if (!rc && workspace) rc = reach(s, rel->database, true, e);
  if (!rc) rc = ops->create(s, rel, if_missing, e);
  return rc || workspace ? rc : rs_key_forget(s, rel, e);
}

enum rs_code rs_session_drop(struct rs_session *s, const struct rs_relation *rel,
                             enum rs_relation_kind kind, unsigned how, struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  const bool workspace = rel->name == NULL, alias = kind == RS_REL_ALIAS;
  if (!ops || !ops->drop)
    return rs_engine_lacks(s,
                           workspace ? "workspaces to drop"
                           : alias   ? "aliases"
                                     : "relations to drop",
                           e);
  enum rs_code rc = rs_look_change(s,
                                   workspace ? "dropping a workspace"
                                   : alias   ? "dropping an alias"
                                             : "dropping a relation",
                                   e);
  if (!rc && workspace && rel->workspace) rc = reach(s, rel->database, true, e);
  return rc ? rc : ops->drop(s, rel, kind, how, e);
}

/* ---- relations ------------------------------------------------------------------------------- */

enum rs_code rs_session_replace(struct rs_session *s, const struct rs_relation *rel,
                                const char *sql, struct rs_build *how, int64_t *rows,
                                struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  struct rs_build table = {.kind = RS_BUILD_TABLE};
  if (how == NULL) how = &table;
  bool view = how->kind == RS_BUILD_VIEW;
  if (!ops || !ops->replace) return rs_engine_lacks(s, view ? "views" : "tables to build", e);
  enum rs_code rc = rs_look_change(s, view ? "building a view" : "building a table", e);
  return rc ? rc : ops->replace(s, rel, sql, how, rows, e);
}

enum rs_code rs_session_add_select(struct rs_session *s, const struct rs_relation *rel,
                                   const char *sql, const struct rs_adding *how, int64_t *rows,
                                   struct rs_error *e)
{
  static const struct rs_adding insert = {.nkeys = 0};
  const struct rs_relation_ops *ops = s->target->engine->relations;
  if (how == NULL) how = &insert;
  if (!ops || !ops->add_select)
    return rs_engine_lacks(s, how->keys ? "replacing of rows by key" : "INSERT of a query's rows",
                           e);
  enum rs_code rc = rs_look_change(s, how->keys ? "replacing rows" : "inserting rows", e);
  return rc ? rc : ops->add_select(s, rel, sql, how, rows, e);
}

enum rs_code rs_session_load(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_load *load, int64_t *rows, struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  if (!ops || !ops->load) return rs_engine_lacks(s, "loading of files", e);
  enum rs_code rc = rs_look_change(s, "loading files", e);
  if (rc == RS_OK) rc = ops->load(s, rel, load, rows, e);
  bool whole = rs_eq(load->mode, "replace") || load->mode == NULL || rs_eq(load->mode, "create");
  return rc == RS_OK && whole ? rs_key_forget(s, rel, e) : rc;
}

enum rs_code rs_session_lock(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_sql_lock **lock, struct rs_error *e)
{
  *lock = NULL;
  if (!(rs_session_caps(s) & RS_CAP_TRANSACTIONS)) return RS_OK;
  return rs_sql_lock(s, rel, lock, e);
}

void rs_session_unlock(struct rs_sql_lock *lock)
{
  rs_sql_unlock(lock);
}

enum rs_code rs_session_apply(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_changes *c, int64_t *written, struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  *written = 0;
  if (!ops || !ops->apply) return rs_engine_lacks(s, "rows to write by key", e);
  enum rs_code rc = rs_look_change(s, "writing rows", e);
  return rc ? rc : ops->apply(s, rel, c, written, e);
}
