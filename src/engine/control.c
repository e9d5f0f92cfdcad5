/*
** The control plane of the waist (control.h): each call goes to the engine's own way of doing it.
*/
#include "control.h"
#include <string.h>
#include "slots.h"

enum rs_code rs_session_aliases(struct rs_session *s, const char *workspace, rs_alias_fn fn,
                                void *ctx, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->aliases) return rs_engine_lacks(s, "aliases", e);
  return ops->aliases(s, workspace, fn, ctx, e);
}

enum rs_code rs_session_put_alias(struct rs_session *s, const struct rs_alias *a, enum rs_put put,
                                  struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->put_alias) return rs_engine_lacks(s, "aliases", e);
  enum rs_code rc = rs_look_change(s, "writing an alias", e);
  return rc ? rc : ops->put_alias(s, a, put, e);
}

enum rs_code rs_session_lambdas(struct rs_session *s, enum rs_lambda_list what,
                                const struct rs_relation *of, rs_lambda_fn fn, void *ctx,
                                struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->lambdas) return rs_engine_lacks(s, "query lambdas", e);
  return ops->lambdas(s, what, of, fn, ctx, e);
}

enum rs_code rs_session_lambda_find(struct rs_session *s, const struct rs_lambda_ref *ref,
                                    struct rs_arena *a, struct rs_lambda *out, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->lambda_find) return rs_engine_lacks(s, "query lambdas", e);
  return ops->lambda_find(s, ref, a, out, e);
}

enum rs_code rs_session_lambda_put(struct rs_session *s, struct rs_lambda *l, enum rs_put put,
                                   struct rs_arena *a, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->lambda_put) return rs_engine_lacks(s, "query lambdas", e);
  enum rs_code rc = rs_look_change(s, "writing a query lambda", e);
  return rc ? rc : ops->lambda_put(s, l, put, a, e);
}

enum rs_code rs_session_lambda_tag(struct rs_session *s, const struct rs_relation *lambda,
                                   const char *tag, const char *version, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->lambda_tag) return rs_engine_lacks(s, "query lambdas", e);
  enum rs_code rc = rs_look_change(s, "tagging a query lambda", e);
  return rc ? rc : ops->lambda_tag(s, lambda, tag, version, e);
}

enum rs_code rs_session_lambda_drop(struct rs_session *s, const struct rs_lambda_ref *ref,
                                    struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->lambda_drop) return rs_engine_lacks(s, "query lambdas", e);
  enum rs_code rc = rs_look_change(s, "dropping a query lambda", e);
  return rc ? rc : ops->lambda_drop(s, ref, e);
}

enum rs_code rs_session_lambda_query(struct rs_session *s, const struct rs_lambda_ref *ref,
                                     const struct rs_named_param *params, size_t n,
                                     struct rs_rows **pr, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->lambda_query)
    return rs_engine_lacks(s, ref->sql != NULL ? "Rockset SQL" : "query lambdas", e);
  return ops->lambda_query(s, ref, params, n, pr, e);
}

enum rs_code rs_session_write(struct rs_session *s, const struct rs_relation *rel,
                              enum rs_write_op op, struct rs_document *docs, size_t n,
                              struct rs_arena *a, const char **offset, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->write) return rs_engine_lacks(s, "documents written by _id", e);
  enum rs_code rc = rs_look_change(s, "writing documents", e);
  return rc ? rc : ops->write(s, rel, op, docs, n, a, offset, e);
}

enum rs_code rs_session_input(struct rs_session *s, struct rs_document *docs, size_t n,
                              struct rs_arena *a, struct rs_doc_rows *out, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  memset(out, 0, sizeof *out);
  if (!ops || !ops->input) return rs_engine_lacks(s, "documents as rows of a query", e);
  return ops->input(s, docs, n, a, out, e);
}

enum rs_code rs_session_instances(struct rs_session *s,
                                  enum rs_code (*fn)(void *ctx, const struct rs_instance *i),
                                  void *ctx, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->instances) return rs_engine_lacks(s, "virtual instances", e);
  return ops->instances(s, fn, ctx, e);
}

enum rs_code rs_session_running(struct rs_session *s,
                                enum rs_code (*fn)(void *ctx, const struct rs_running_query *q),
                                void *ctx, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  if (!ops || !ops->running) return rs_engine_lacks(s, "a list of running queries", e);
  return ops->running(s, fn, ctx, e);
}

enum rs_code rs_session_kept_docs(struct rs_session *s, const struct rs_control_doc *filter,
                                  rs_control_fn fn, void *ctx, struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  return ops && ops->docs ? ops->docs(s, filter, fn, ctx, e) : RS_OK;
}

enum rs_code rs_session_keep_doc(struct rs_session *s, const struct rs_control_doc *doc,
                                 struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  enum rs_code rc = rs_look_change(s, "writing a document of the target's own", e);
  if (rc == RS_OK && ops && ops->keep_doc) return ops->keep_doc(s, doc, e);
  if (rc != RS_OK || doc->body == NULL) return rc;
  return rs_fail(e, RS_UNSUPPORTED, "a target of type %s keeps no documents of rocksetd",
                 s->target->engine->type);
}
