/*
** Functions on aliases and query lambdas of the target.
**
**   rockset_create_alias(alias, collection)             1; moves an alias that exists
**   rockset_drop_alias(alias)                           1
**   rockset_create_query_lambda(name, sql [, defaults [, options]])   the new version
**   rockset_drop_query_lambda(name [, version])         1
**   rockset_query_lambda(name [, params [, version]])   the rows, a JSON array of objects
**
** ARGUMENTS
**   alias, collection, name   TEXT. 'top' (in the profile's workspace) or 'commons.top'.
**   sql        TEXT, or the BLOB that readfile() gives. Rockset SQL; parameters are :name.
**   defaults   TEXT. A JSON object, '{"genre":"Drama","n":5}': a value's JSON type is the
**              parameter's. Or Rockset's own form, an array of {"name","type","value"}.
**   options    TEXT, a JSON object: description; tag (also set to the new version).
**   params     TEXT. A JSON object; parameters left out take their defaults.
**   version    TEXT. A version (16 hex digits) or a tag; default: the tag latest. Of
**              rockset_drop_query_lambda: only this; default: the lambda with all its versions.
**
** A lambda that exists gets a new version, to which the tag latest moves.
**
** ERRORS
**   "<function>: ...". All but rockset_query_lambda refuse to run between BEGIN and COMMIT, as
**   VACUUM does: SQLite can't undo them.
**
** SAFETY
**   All are DIRECTONLY: views and triggers of a database file cannot call them.
*/
#include <string.h>
#include "src/sql/relname.h"
#include "src/json/json.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "ext/base/args.h"
#include "ext/base/call.h"
#include "internal.h"
#include "ext/base/row_json.h"
#include "functions.h"

/* ---- aliases --------------------------------------------------------------------------------- */

static void create_alias_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  struct rs_call c;
  rs_call_init(&c, ctx, "rockset_create_alias");
  struct rs_relation rel, collection;
  struct rs_buf text;
  rs_buf_init(&text, 4096);
  enum rs_code rc = rs_call_relation(&c, argv[0], "alias", &rel);
  if (rc == RS_OK) rc = rs_call_relation(&c, argv[1], "collection", &collection);
  if (rc == RS_OK) rc = rs_call_open(&c);
  if (rc == RS_OK) rs_relation_text(&text, &collection);
  if (rc == RS_OK) rc = rs_buf_error(&text, &c.e, "collection");
  if (rc == RS_OK) {
    const char *const to[] = {rs_buf_text(&text)};
    const struct rs_alias alias = {
      .workspace = rel.workspace, .name = rel.name, .collections = to, .ncollections = 1};
    rc = rs_session_put_alias(c.session, &alias, RS_PUT_EITHER, &c.e);
  }
  rs_buf_free(&text);
  rs_call_end(&c, rc, 1);
}

static void drop_alias_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  struct rs_call c;
  rs_call_init(&c, ctx, "rockset_drop_alias");
  struct rs_relation rel;
  enum rs_code rc = rs_call_relation(&c, argv[0], "alias", &rel);
  if (rc == RS_OK) rc = rs_call_open(&c);
  if (rc == RS_OK) rc = rs_session_drop(c.session, &rel, RS_REL_ALIAS, 0, &c.e);
  rs_call_end(&c, rc, 1);
}

/* ---- making query lambdas -------------------------------------------------------------------- */

/* The type of a default by its JSON form. */
static const char *type_of(const struct rs_json *j)
{
  int64_t i;
  switch (j->kind) {
    case RS_J_BOOL: return "bool";
    case RS_J_NUMBER: return rs_json_int(j, &i) ? "int" : "float";
    case RS_J_ARRAY: return "array";
    case RS_J_OBJECT: return "object";
    case RS_J_NULL: return "null";
    default: return "string";
  }
}

/* An object of values as Rockset's array of parameters; a typed value is its type and value. */
static void write_defaults(struct rs_buf *b, const struct rs_json *object)
{
  rs_buf_char(b, '[');
  for (const struct rs_json *p = object->first; p != NULL; p = p->next) {
    const struct rs_json *value = p, *type = rs_json_get(p, "__rockset_type");
    struct rs_buf text;
    rs_buf_init(&text, b->max);
    if (type != NULL && rs_json_get(p, "value") != NULL) value = rs_json_get(p, "value");
    if (value->kind == RS_J_STRING) rs_buf_add(&text, value->p, value->n);
    else rs_json_write(&text, value);
    rs_buf_str(b, p != object->first ? ",{\"name\":" : "{\"name\":");
    rs_buf_json_str(b, p->key, p->nkey);
    rs_buf_str(b, ",\"type\":");
    if (type != NULL && type->kind == RS_J_STRING) rs_buf_json_str(b, type->p, type->n);
    else rs_buf_json_str(b, type_of(p), strlen(type_of(p)));
    rs_buf_str(b, ",\"value\":");
    rs_buf_json_str(b, rs_buf_text(&text), text.n);
    rs_buf_char(b, '}');
    if (text.rc != RS_OK && b->rc == RS_OK) b->rc = text.rc;
    rs_buf_free(&text);
  }
  rs_buf_char(b, ']');
}

static enum rs_code read_defaults(struct rs_call *c, const char *json, const char **out)
{
  struct rs_json *j;
  *out = json;
  if (json == NULL) return RS_OK;
  enum rs_code rc = rs_json_parse(json, strlen(json), 32, &c->arena, &j, &c->e);
  if (rc == RS_OK && j->kind != RS_J_OBJECT && j->kind != RS_J_ARRAY)
    rc = rs_fail(&c->e, RS_INVALID, "they must be a JSON object or array");
  if (rc != RS_OK) return rs_error_prefix(&c->e, "%s: the default parameters", c->fn);
  if (j->kind == RS_J_ARRAY) return RS_OK;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  write_defaults(&b, j);
  rc = rs_buf_error(&b, &c->e, "default parameters");
  if (rc == RS_OK && (*out = rs_arena_strdup(&c->arena, rs_buf_text(&b))) == NULL)
    rc = rs_nomem(&c->e);
  rs_buf_free(&b);
  return rc;
}

static void create_lambda_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  rs_call_init(&c, ctx, "rockset_create_query_lambda");
  struct rs_relation rel = {.workspace = NULL, .name = NULL};
  struct rs_lambda l = {.name = NULL};
  const char *defaults = NULL, *options = NULL, *tag = NULL;
  const struct rs_option table[] = {{"description", RS_OPT_TEXT, &l.description, NULL},
                                    {"tag", RS_OPT_TEXT, &tag, NULL}};
  enum rs_code rc = rs_call_relation(&c, argv[0], "name", &rel);
  if (rc == RS_OK) rc = rs_arg_sql(argv[1], c.fn, "sql", &l.sql, &c.e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 2, c.fn, "defaults argument", &defaults, &c.e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 3, c.fn, "options argument", &options, &c.e);
  if (rc == RS_OK) rc = rs_options_read(options, table, 2, c.fn, &c.arena, &c.e);
  if (rc == RS_OK) rc = read_defaults(&c, defaults, &l.parameters);
  if (rc == RS_OK) rc = rs_call_open(&c);
  l.workspace = rel.workspace;
  l.name = rel.name;
  if (rc == RS_OK) rc = rs_session_lambda_put(c.session, &l, RS_PUT_EITHER, &c.arena, &c.e);
  if (rc == RS_OK && tag != NULL) rc = rs_session_lambda_tag(c.session, &rel, tag, l.version, &c.e);
  rs_call_end_text(&c, rc, l.version, false);
}

static void drop_lambda_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  rs_call_init(&c, ctx, "rockset_drop_query_lambda");
  struct rs_lambda_ref ref = {.version = NULL};
  const char *name = NULL, *which = NULL;
  enum rs_code rc = rs_arg_text(argv[0], c.fn, "name", &name, &c.e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, c.fn, "version argument", &which, &c.e);
  if (rc == RS_OK) rc = rs_lambda_ref(c.conn, name, which, c.fn, &c.arena, &ref, &c.e);
  if (rc == RS_OK) rc = rs_call_open(&c);
  if (rc == RS_OK) rc = rs_session_lambda_drop(c.session, &ref, &c.e);
  rs_call_end(&c, rc, 1);
}

/* ---- running them ---------------------------------------------------------------------------- */

static bool is_version(const char *which)
{
  return strlen(which) == 16 && strspn(which, "0123456789abcdef") == 16;
}

enum rs_code rs_lambda_ref(struct rs_conn *c, const char *name, const char *which, const char *fn,
                           struct rs_arena *arena, struct rs_lambda_ref *ref, struct rs_error *e)
{
  struct rs_target *target = NULL;
  *ref = (struct rs_lambda_ref){.version = NULL};
  enum rs_code rc = rs_conn_target(c, false, &target, e);
  if (rc != RS_OK) return rc;
  if (which != NULL && is_version(which)) ref->version = which;
  else ref->tag = which;
  return rs_relation_parse(name, rs_target_info(target).output->workspace, fn, arena, &ref->lambda,
                           e);
}

enum rs_code rs_lambda_open(struct rs_conn *c, struct rs_session *s,
                            const struct rs_lambda_ref *ref, const char *params,
                            struct rs_arena *arena, struct rs_rows **rows, struct rs_error *e)
{
  struct rs_named_param *v;
  size_t n;
  enum rs_code rc = rs_params_named(c, params, arena, &v, &n, e);
  return rc == RS_OK ? rs_session_lambda_query(s, ref, v, n, rows, e) : rc;
}

static enum rs_code add_rows(struct rs_call *c, struct rs_rows *rows, struct rs_buf *b)
{
  const char **keys = NULL;
  enum rs_code rc = rs_row_json_keys(rs_rows_columns(rows), b->max, &c->arena, &keys, &c->e);
  rs_buf_char(b, '[');
  while (rc == RS_OK && b->rc == RS_OK) {
    rc = rs_rows_next(rows, &c->e);
    if (rc != RS_OK) break;
    if (b->n > 1) rs_buf_char(b, ',');
    rs_row_json_add(b, rows, keys);
  }
  rs_buf_char(b, ']');
  return rc == RS_DONE || rc == RS_OK ? rs_buf_error(b, &c->e, "the rows as JSON") : rc;
}

static void query_lambda_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  rs_call_init(&c, ctx, "rockset_query_lambda");
  struct rs_lambda_ref ref;
  struct rs_rows *rows = NULL;
  struct rs_buf b;
  const char *name = NULL, *params = NULL, *which = NULL;
  rs_buf_init(&b, (size_t)sqlite3_limit(rs_conn_db(c.conn), SQLITE_LIMIT_LENGTH, -1));
  enum rs_code rc = rs_arg_text(argv[0], c.fn, "name", &name, &c.e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, c.fn, "params argument", &params, &c.e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 2, c.fn, "version argument", &which, &c.e);
  if (rc == RS_OK) rc = rs_lambda_ref(c.conn, name, which, c.fn, &c.arena, &ref, &c.e);
  if (rc == RS_OK) rc = rs_call_open_reader(&c);
  if (rc == RS_OK) rc = rs_lambda_open(c.conn, c.session, &ref, params, &c.arena, &rows, &c.e);
  if (rc == RS_OK) rc = add_rows(&c, rows, &b);
  rs_rows_close(rows);
  rs_call_end_text(&c, rc, rs_buf_text(&b), true);
  rs_buf_free(&b);
}

/* ---- registration ---------------------------------------------------------------------------- */

int rs_lambdas_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {
    {"rockset_create_alias", 2, 2, create_alias_function},
    {"rockset_drop_alias", 1, 1, drop_alias_function},
    {"rockset_create_query_lambda", 2, 4, create_lambda_function},
    {"rockset_drop_query_lambda", 1, 2, drop_lambda_function},
    {"rockset_query_lambda", 1, 3, query_lambda_function},
  };
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}
