/*
** `exceptions`: what a template raises itself, in dbt's words, and warnings.
*/
#include "names.h"
#include "src/python/native.h"

/* The text of an argument, in the arena; "None" for what was not given. */
static enum rs_code text_of(struct rs_python *j, jv v, const char **out, struct rs_error *e)
{
  struct rs_buf b;
  jv text = jv_none();
  rs_buf_init(&b, RS_ERROR_MAX);
  enum rs_code rc = rs_given(v) ? jv_str_to(j, v, &b, e) : RS_OK;
  if (!rs_given(v)) rs_buf_str(&b, "None");
  if (rc == RS_OK || b.rc == RS_LIMIT) {
    b.rc = RS_OK; // an error's text is cut anyway
    rc = rs_text_take(j, &b, "exceptions", &text, e);
  }
  rs_buf_free(&b);
  if (rc == RS_OK) *out = jv_cstr(text, NULL);
  return rc;
}

/* A key or attribute of a node or relation, else its own text. */
static jv part(struct rs_python *j, jv v, const char *key)
{
  jv found;
  (void)j;
  return v.kind == JV_DICT && jv_dict_get(v, key, &found) ? found : v;
}

/* How an error's text is made of the arguments: %s in order of `args`; a dotted key is read. */
struct exception {
  const char *name, *format;
  const char *params[4];
  unsigned char required;
  const char *keys[3]; /* of which argument's what: NULL = itself */
};

static const struct exception table[] = {
  {"raise_compiler_error", "%s", {"msg", "node"}, 1, {NULL}},
  {"raise_database_error", "%s", {"msg", "node"}, 1, {NULL}},
  {"raise_fail_fast_error", "%s", {"msg", "node"}, 1, {NULL}},
  {"raise_not_implemented", "ERROR: %s", {"msg"}, 1, {NULL}},
  {"raise_dependency_error", "%s", {"msg"}, 1, {NULL}},
  {"raise_cache_inconsistent", "Cache inconsistency detected: %s", {"message"}, 1, {NULL}},
  {"missing_config",
   "Model '%s' does not define a required config parameter '%s'.",
   {"model", "name"},
   2,
   {"unique_id", NULL}},
  {"missing_materialization",
   "No materialization '%s' was found for adapter %s! (searched types 'default' and '%s')",
   {"model", "adapter_type"},
   2,
   {"materialized", NULL}},
  {"missing_relation", "Relation %s not found!", {"relation", "model"}, 1, {NULL}},
  {"relation_wrong_type",
   "Trying to create %s %s, but it currently exists as a %s. Either drop %s manually, or run dbt "
   "with `--full-refresh` and dbt will drop it for you.",
   {"relation", "expected_type", "model"},
   2,
   {NULL}},
  {"raise_ambiguous_alias",
   "dbt found two resources with the database representation \"%s\".\ndbt cannot create two "
   "resources with identical database representations. To fix this,\nchange the configuration of "
   "one of these resources:\n- %s\n- %s",
   {"node_1", "node_2", "duped_name"},
   2,
   {"unique_id", "unique_id", NULL}},
  {"raise_ambiguous_catalog_match",
   "dbt found two relations in your warehouse with similar database identifiers. dbt\nis unable to "
   "determine which of these relations was created by the model \"%s\".\nIn order for dbt to "
   "correctly generate the catalog, one of the following relations must be deleted or renamed:\n\n"
   " - %s\n - %s",
   {"unique_id", "match_1", "match_2"},
   3,
   {NULL}},
  {"raise_dataclass_not_dict",
   "The object (\"%s\") was used as a dictionary. This capability has been removed from objects of "
   "this type.",
   {"obj"},
   1,
   {NULL}},
  {"raise_dep_not_found",
   "Error while parsing %s.\nThe required package \"%s\" was not found. Is the package installed?\n"
   "Hint: You may need to run `dbt deps`.",
   {"node", "node_description", "required_pkg"},
   3,
   {NULL}},
  {"raise_duplicate_patch_name",
   "dbt found two schema.yml entries for the same resource named %s. Resources and their\n"
   "associated columns may only be described a single time. To fix this, remove the\nresource "
   "entry for %s in one of these files:\n - %s",
   {"patch_1", "existing_patch_path"},
   2,
   {"name", NULL}},
  {"raise_duplicate_resource_name",
   "dbt found two resources with the name \"%s\". To fix this, change the name of one of these "
   "resources:\n- %s\n- %s",
   {"node_1", "node_2"},
   2,
   {"name", "unique_id"}},
  {"raise_invalid_property_yml_version",
   "The yml property file at %s is invalid because %s. Please consult the documentation for more "
   "information on yml property file syntax:\n\nhttps://docs.getdbt.com/reference/configs-and-"
   "properties",
   {"path", "issue"},
   2,
   {NULL}},
  {"raise_contract_error",
   "This model has an enforced contract that failed.\nPlease ensure the name, data_type, and "
   "number of columns in your contract match the columns in your model's definition.\n\n"
   "contract: %s\nquery: %s",
   {"yaml_columns", "sql_columns"},
   2,
   {NULL}},
  {"column_type_missing",
   "Contracted models require data_type to be defined for each column.  Please ensure that the "
   "column name and data_type are defined within the YAML configuration for the %s column(s).",
   {"column_names"},
   1,
   {NULL}}};

/* Which texts stand for the format's %s, where that isn't simply the arguments in order. */
static size_t order_of(const struct exception *x, struct rs_python *j, const jv *v, jv *shown)
{
  size_t n = 0;
  for (; n < 3 && x->params[n] != NULL; n++)
    shown[n] = x->keys[n] != NULL ? part(j, v[n], x->keys[n]) : v[n];
  if (rs_eq(x->name, "relation_wrong_type")) {
    shown[0] = v[1];
    shown[1] = shown[3] = v[0];
    shown[2] = rs_text_or_none(j, rs_relation_type(v[0]));
  } else if (rs_eq(x->name, "missing_materialization")) {
    shown[0] = part(j, part(j, v[0], "config"), "materialized");
    shown[2] = v[1];
  } else if (rs_eq(x->name, "raise_ambiguous_alias")) {
    shown[1] = shown[0], shown[0] = rs_some(v[2]) ? v[2] : part(j, v[0], "relation_name");
    shown[2] = part(j, v[1], "unique_id");
  } else if (rs_eq(x->name, "raise_dep_not_found")) {
    shown[0] = v[1], shown[1] = v[2];
  } else if (rs_eq(x->name, "raise_duplicate_patch_name")) {
    shown[1] = shown[0], shown[2] = v[1];
  } else if (rs_eq(x->name, "raise_duplicate_resource_name")) {
    shown[0] = part(j, v[0], "name");
    shown[2] = shown[1], shown[1] = part(j, v[0], "unique_id");
  }
  return n;
}

static enum rs_code raise(struct rs_python *j, const struct exception *x,
                          const struct jv_args *args, struct rs_error *e)
{
  jv v[4], shown[4];
  const char *s[4] = {"", "", "", ""};
  const char *names[5] = {x->params[0], x->params[1], x->params[2], x->params[3], NULL};
  for (size_t i = 0; i < 4; i++) v[i] = shown[i] = jv_undefined();
  enum rs_code rc = jv_bind(args, x->name, names, x->required, v, e);
  if (rc != RS_OK) return rc;
  (void)order_of(x, j, v, shown);
  for (size_t i = 0; rc == RS_OK && i < 4; i++)
    if (rs_given(shown[i])) rc = text_of(j, shown[i], &s[i], e);
  if (rc != RS_OK) return rc;
  struct rs_buf b;
  size_t at = 0;
  rs_buf_init(&b, 4 * RS_ERROR_MAX);
  for (const char *p = x->format; *p != 0; p++)
    if (p[0] == '%' && p[1] == 's') rs_buf_str(&b, s[at++ % 4]), p++;
    else rs_buf_char(&b, *p);
  rc = rs_fail(e, RS_INVALID, "%s", rs_buf_text(&b));
  rs_buf_free(&b);
  return rc;
}

static CLASS_CALL(exception_call)
{
  (void)out;
  return raise(j, self, args, e);
}

static const struct jv_class exception_class = {.name = "function", .call = exception_call};

static NAMED(warn, "warn", 1, "msg", "node")
{
  struct rs_context *c = ctx;
  *out = jv_text(j, "");
  if (!c->opt.execute) return RS_OK;
  if (c->warnings.n > 0) rs_buf_str(&c->warnings, "; ");
  size_t from = c->warnings.n;
  enum rs_code rc = jv_str_to(j, v[0], &c->warnings, e);
  if (rc != RS_OK || !c->project->set.warn_error) return rc;
  return rs_fail(e, RS_INVALID, "%s", rs_buf_text(&c->warnings) + from);
}

static CLASS_GETATTR(exceptions_getattr)
{
  if (rs_eqn("warn", name, n)) {
    *out = jv_func(j, "warn", warn, self);
    return RS_OK;
  }
  for (size_t i = 0; i < COUNT(table); i++)
    if (rs_eqn(table[i].name, name, n)) {
      *out = jv_object(j, &exception_class, (void *)(uintptr_t)&table[i]);
      return RS_OK;
    }
  return RS_NOT_FOUND;
}

static const struct jv_class exceptions_class = {.name = "dict", .getattr = exceptions_getattr};

jv rs_names_exceptions(struct rs_context *c)
{
  return jv_object(c->j, &exceptions_class, c);
}

/* try_or_compiler_error(message, function, ...): its result, or the message as an error. */
NATIVE(rs_names_try)
{
  const char *message = "";
  if (args->npos < 2)
    return rs_fail(e, RS_INVALID, "try_or_compiler_error() takes a message and a function");
  struct jv_args rest = *args;
  rest.pos += 2;
  rest.npos -= 2;
  enum rs_code rc = rs_python_call(j, args->pos[1], &rest, out, e);
  if (rc == RS_OK || rc == RS_NOMEM || rc == RS_LIMIT || rc == RS_CANCELLED || rc == RS_DONE)
    return rc;
  rc = text_of(j, args->pos[0], &message, e);
  return rc == RS_OK ? rs_fail(e, RS_INVALID, "%s", message) : rc;
}
