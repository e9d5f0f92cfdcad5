/*
** The materialization query_lambda (see internal.h).
*/
#include "internal.h"
#include <string.h>
#include "src/engine/control.h"
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"

/* A parameter's value is a text in the API, whatever it is in the config. */
static void add_member(struct rs_buf *b, const char *key, const struct rs_json *value)
{
  struct rs_buf text;
  rs_buf_init(&text, b->max);
  if (value != NULL && value->kind == RS_J_STRING) rs_buf_add(&text, value->p, value->n);
  else if (value != NULL) rs_json_write(&text, value);
  rs_buf_printf(b, "\"%s\":", key);
  rs_buf_json_str(b, rs_buf_text(&text), text.n);
  if (text.rc != RS_OK && b->rc == RS_OK) b->rc = text.rc;
  rs_buf_free(&text);
}

/* config.parameters as the lambda's default parameters: JSON in the arena. */
static enum rs_code read_parameters(const struct rs_json *config, struct rs_arena *a,
                                    const char **out, struct rs_error *e)
{
  const struct rs_json *list = rs_json_get(config, "parameters");
  struct rs_buf b;
  *out = "[]";
  if (list == NULL || list->kind == RS_J_NULL) return RS_OK;
  if (list->kind != RS_J_ARRAY)
    return rs_fail(e, RS_INVALID, "config 'parameters' must be a list of {name, type, value}");
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_char(&b, '[');
  for (const struct rs_json *p = list->first; p != NULL; p = p->next) {
    const struct rs_json *name = rs_json_get(p, "name"), *type = rs_json_get(p, "type");
    if (name == NULL || type == NULL || rs_json_get(p, "value") == NULL) {
      rs_buf_free(&b);
      return rs_fail(e, RS_INVALID, "config 'parameters': each needs a name, a type and a value");
    }
    rs_buf_str(&b, p != list->first ? ",{" : "{");
    add_member(&b, "name", name);
    rs_buf_char(&b, ',');
    add_member(&b, "type", type);
    rs_buf_char(&b, ',');
    add_member(&b, "value", rs_json_get(p, "value"));
    rs_buf_char(&b, '}');
  }
  rs_buf_char(&b, ']');
  enum rs_code rc = rs_buf_error(&b, e, "config 'parameters'");
  if (rc == RS_OK && (*out = rs_arena_strdup(a, rs_buf_text(&b))) == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}

static bool is_same(const struct rs_lambda *x, const struct rs_lambda *y)
{
  const char *one = x->description != NULL ? x->description : "";
  return rs_eq(x->sql, y->sql) && rs_eq(x->parameters, y->parameters) &&
         rs_eq(one, y->description != NULL ? y->description : "");
}

/* A new version, unless the latest is the same. *l gets the version; *made: it is new. */
static enum rs_code put_version(struct rs_session *s, struct rs_arena *a, struct rs_lambda *l,
                                bool *made, struct rs_error *e)
{
  const struct rs_lambda_ref latest = {.lambda = {.workspace = l->workspace, .name = l->name}};
  struct rs_lambda has;
  enum rs_code rc = rs_session_lambda_find(s, &latest, a, &has, e);
  *made = false;
  if (rc == RS_OK && is_same(&has, l)) {
    *l = has;
    return RS_OK;
  }
  if (rc != RS_OK && rc != RS_NOT_FOUND) return rc;
  *made = true;
  return rs_session_lambda_put(s, l, RS_PUT_EITHER, a, e);
}

static enum rs_code build(struct rs_session *s, const struct rs_node *n, const char *sql,
                          struct rs_arena *a, char **message, struct rs_error *e)
{
  struct rs_lambda l = {.workspace = n->workspace, .name = n->identifier, .sql = sql};
  struct rs_json *config;
  bool made;
  enum rs_code rc = rs_json_parse(n->config.json, strlen(n->config.json), 200, a, &config, e);
  if (rc == RS_OK) rc = read_parameters(config, a, &l.parameters, e);
  if (rc != RS_OK) return rc;
  if (!rs_json_text(config, "description", a, &l.description)) return rs_nomem(e);
  if (l.description == NULL && n->description != NULL && n->description[0] != 0)
    l.description = n->description;
  rc = put_version(s, a, &l, &made, e);
  const struct rs_relation rel = {.workspace = n->workspace, .name = n->identifier};
  for (size_t i = 0; i < n->config.ntags && rc == RS_OK; i++)
    rc = rs_session_lambda_tag(s, &rel, n->config.tags[i], l.version, e);
  if (rc != RS_OK) return rc;
  *message = !made ? rs_mprintf("query lambda %s.%s is up to date", rel.workspace, rel.name)
             : l.versions > 1 ? rs_mprintf("created version %lld of query lambda %s.%s",
                                           (long long)l.versions, rel.workspace, rel.name)
                              : rs_mprintf("created query lambda %s.%s", rel.workspace, rel.name);
  return *message != NULL ? RS_OK : rs_nomem(e);
}

enum rs_code rs_lambda_materialize(struct rs_session *s, const struct rs_node *n, const char *sql,
                                   char **message, struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  *message = NULL;
  enum rs_code rc = build(s, n, sql, &a, message, e);
  rs_arena_free(&a);
  return rc;
}
