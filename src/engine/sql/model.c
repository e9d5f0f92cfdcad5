/*
** What is noted in the target of a relation that a model has built (engine/keys.h): a document of
** kind "model", whose body names the key, {"key":"id"} or {}. It goes when the relation is dropped
** or becomes something else.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "src/engine/keys.h"
#include "control.h"

static enum rs_code find(struct rs_session *s, const struct rs_relation *table, struct rs_arena *a,
                         struct rs_control_doc *out, struct rs_error *e)
{
  const struct rs_control_doc key = {.kind = RS_CONTROL_MODEL,
                                     .workspace = table->workspace,
                                     .name = table->name,
                                     .sub = "",
                                     .database = table->database};
  return rs_sql_control_get(s, &key, a, out, e);
}

enum rs_code rs_sql_model(struct rs_session *s, const struct rs_relation *rel,
                          enum rs_relation_kind kind, struct rs_arena *a, struct rs_model *out,
                          struct rs_error *e)
{
  struct rs_relation table = *rel;
  struct rs_control_doc doc;
  struct rs_json *body = NULL;
  enum rs_code rc = RS_OK;
  if (kind == RS_REL_ALIAS) rc = rs_sql_alias_of(s, rel, a, &table, e);
  if (rc == RS_OK) rc = table.name ? find(s, &table, a, &doc, e) : RS_NOT_FOUND;
  *out = (struct rs_model){.is_result = rc == RS_OK};
  if (rc == RS_NOT_FOUND) return RS_OK;
  char *text = rc == RS_OK ? rs_arena_strdup(a, doc.body) : NULL;
  if (rc == RS_OK) rc = text ? rs_json_parse(text, strlen(text), 8, a, &body, e) : rs_nomem(e);
  if (rc == RS_INVALID) return RS_OK; // written by hand: no key is known
  if (rc != RS_OK) return rc;
  const struct rs_json *key = rs_json_get(body, "key");
  if (key == NULL || key->kind != RS_J_STRING) return RS_OK;
  out->key = rs_arena_strndup(a, key->p, key->n);
  return out->key ? RS_OK : rs_nomem(e);
}

/* Writes only what is not there: builds that run side by side don't meet in the table. */
enum rs_code rs_sql_set_model(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_model *m, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_control_doc doc = {.body = NULL};
  struct rs_buf body;
  rs_arena_init(&a, 0);
  rs_buf_init(&body, 1 << 16);
  rs_buf_char(&body, '{');
  if (m->key) rs_sql_control_member(&body, "key", m->key);
  rs_buf_char(&body, '}');
  enum rs_code rc = find(s, rel, &a, &doc, e);
  bool there = rc == RS_OK;
  if (rc == RS_NOT_FOUND) rc = RS_OK;
  if (rc == RS_OK) rc = rs_buf_error(&body, e, "a model's key");
  struct rs_control_doc now = {.kind = RS_CONTROL_MODEL,
                               .workspace = rel->workspace,
                               .name = rel->name,
                               .sub = "",
                               .body = rs_buf_text(&body),
                               .database = rel->database};
  if (rc == RS_OK && m->is_result && !(there && rs_eq(doc.body, now.body)))
    rc = rs_sql_control_put(s, &now, e);
  now.body = NULL;
  if (rc == RS_OK && !m->is_result && there) rc = rs_sql_control_remove(s, &now, e);
  rs_buf_free(&body);
  rs_arena_free(&a);
  return rc;
}
