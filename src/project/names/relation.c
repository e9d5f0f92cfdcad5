/*
** Relation objects: what ref, source and this give. They print as SQL: "workspace"."collection",
** on DuckDB by a profile with the database in front, with the parts that are included, each quoted
** unless quote() says otherwise; a CTE prints as its name.
*/
#include <string.h>
#include "src/project/model/model.h"
#include "src/base/text.h"
#include "names.h"
#include "shared_graph.h"
#include "src/python/native.h"

enum { PART_DATABASE, PART_SCHEMA, PART_IDENTIFIER, PARTS };
static const char *const part_names[PARTS + 1] = {"database", "schema", "identifier", NULL};

struct relation {
  struct rs_context *c;
  const char *part[PARTS]; /* NULL = none */
  bool include[PARTS], quote[PARTS];
  const char *type;     /* NULL = unknown */
  const char *cut;      /* SQL behind its name in a subquery; NULL: all rows */
  const char *external; /* SQL in place of its name; NULL: none */
};

static const struct jv_class relation_class;

/* Made through j: a relation's context may be another evaluation's (keep_relation). */
static jv new_relation(struct rs_context *c, struct rs_python *j, struct relation **pr)
{
  struct relation *r = rs_arena_calloc(rs_python_arena(j), sizeof *r);
  *pr = r;
  if (r == NULL) return jv_undefined();
  r->c = c;
  for (size_t i = 0; i < PARTS; i++) r->include[i] = r->quote[i] = true;
  // As dbt-rockset has it: one target is one database
  const bool none = rs_context_traits(c)->no_database;
  r->include[PART_DATABASE] = !none && rs_project_database(c->project) != NULL;
  if (none) r->quote[PART_DATABASE] = false;
  return jv_object(j, &relation_class, r);
}

/* Without memory the evaluation fails in its next step: a name must not lose a part. */
static const char *keep(struct rs_context *c, const char *s)
{
  jv text = s != NULL ? jv_text(c->j, s) : jv_none();
  return jv_is_str(text) ? jv_cstr(text, NULL) : NULL;
}

jv rs_relation_value(struct rs_context *c, const char *database, const char *schema,
                     const char *identifier, const char *type)
{
  struct relation *r;
  jv v = new_relation(c, c->j, &r);
  if (r == NULL) return v;
  r->part[PART_DATABASE] = keep(c, database);
  r->part[PART_SCHEMA] = keep(c, schema);
  r->part[PART_IDENTIFIER] = keep(c, identifier);
  r->type = keep(c, type);
  if (rs_eq(type, "cte")) r->quote[PART_IDENTIFIER] = false;
  return v;
}

bool rs_relation_of(jv v, struct rs_relation *rel)
{
  const struct relation *r = jv_self(v, &relation_class);
  if (r == NULL) return false;
  const char *database = r->include[PART_DATABASE] ? r->part[PART_DATABASE] : NULL;
  *rel = (struct rs_relation){.workspace = r->part[PART_SCHEMA],
                              .name = r->part[PART_IDENTIFIER],
                              .database = rs_context_other(r->c, database)};
  return true;
}

void rs_relation_quote(jv v, const char *json)
{
  struct relation *r = jv_self(v, &relation_class);
  jv dict, flag;
  if (r == NULL || jv_from_json(r->c->j, json, strlen(json), &dict, NULL) != RS_OK ||
      dict.kind != JV_DICT)
    return;
  for (size_t i = 0; i < PARTS; i++)
    if (jv_dict_get(dict, part_names[i], &flag) && flag.kind != JV_NONE)
      r->quote[i] = jv_truth(r->c->j, flag);
}

void rs_relation_database(jv v, const char *database)
{
  struct relation *r = jv_self(v, &relation_class);
  if (r == NULL || database == NULL) return;
  if (rs_output_traits(r->c->project->set.output)->no_database) return;
  r->part[PART_DATABASE] = keep(r->c, database);
  r->include[PART_DATABASE] = true;
}

void rs_relation_external(jv v, const char *sql)
{
  struct relation *r = jv_self(v, &relation_class);
  if (r != NULL) r->external = keep(r->c, sql);
}

const char *rs_relation_external_sql(jv v)
{
  const struct relation *r = jv_self(v, &relation_class);
  return r != NULL ? r->external : NULL;
}

const char *rs_relation_type(jv v)
{
  const struct relation *r = jv_self(v, &relation_class);
  return r != NULL ? r->type : NULL;
}

void rs_relation_cut(struct rs_context *c, jv relation, const char *event_time)
{
  struct relation *r = jv_self(relation, &relation_class);
  const struct rs_batch *b = c->opt.batch;
  if (r == NULL) return;
  if (c->project->set.empty) {
    r->cut = "where false limit 0";
  } else if (b != NULL && event_time != NULL) {
    const char *type = rs_context_dialect(c)->time_literal;
    if (type == NULL) type = "";
    r->cut = rs_arena_printf(rs_python_arena(c->j), "where %s >= %s'%s' and %s < %s'%s'",
                             event_time, type, b->start, event_time, type, b->end);
  }
}

static CLASS_TEXT(relation_str)
{
  const struct relation *r = self;
  bool first = true;
  if (r->cut != NULL) rs_buf_str(b, "(select * from ");
  if (r->external != NULL) rs_buf_str(b, r->external);
  for (size_t i = 0; r->external == NULL && i < PARTS; i++) {
    if (r->part[i] == NULL || !r->include[i]) continue;
    if (!first) rs_buf_char(b, '.');
    first = false;
    if (r->quote[i]) rs_dialect_ident(r->c->project->set.dialect, b, r->part[i]);
    else rs_buf_str(b, r->part[i]);
  }
  if (r->cut != NULL) rs_buf_printf(b, " %s)", r->cut);
  return RS_OK;
}

static bool relation_equal(void *a, void *b)
{
  const struct relation *x = a, *y = b;
  for (size_t i = 0; i < PARTS; i++)
    if (x->include[i] != y->include[i] || (x->include[i] && !rs_eq(x->part[i], y->part[i])))
      return false;
  return true;
}

/* ---- methods -------------------------------------------------------------------------------- */

/* A copy of the relation, to be changed. */
static struct relation *copy(struct rs_python *j, const struct relation *r, jv *out)
{
  struct relation *made;
  *out = new_relation(r->c, j, &made);
  if (made != NULL) *made = *r;
  return made;
}

/* include(schema=false) and quote(identifier=false) */
static enum rs_code set_flags(struct rs_python *j, const struct relation *r, const char *what,
                              const struct jv_args *args, size_t offset, jv *out,
                              struct rs_error *e)
{
  jv v[PARTS];
  enum rs_code rc = jv_bind(args, what, part_names, 0, v, e);
  if (rc != RS_OK) return rc;
  struct relation *made = copy(j, r, out);
  if (made == NULL) return rs_nomem(e);
  bool *flags = (bool *)((char *)made + offset);
  for (size_t i = 0; i < PARTS; i++)
    if (v[i].kind != JV_UNDEFINED && v[i].kind != JV_NONE) flags[i] = jv_truth(j, v[i]);
  return RS_OK;
}

static NATIVE(relation_include)
{
  return set_flags(j, ctx, "include", args, offsetof(struct relation, include), out, e);
}

static NATIVE(relation_quote)
{
  return set_flags(j, ctx, "quote", args, offsetof(struct relation, quote), out, e);
}

static NATIVE(relation_render)
{
  struct rs_buf text;
  rs_buf_init(&text, 1 << 16);
  enum rs_code rc = relation_str(j, ctx, &text, e);
  if (rc == RS_OK) return rs_text_take(j, &text, "relation", out, e);
  rs_buf_free(&text);
  return rc;
}

static NATIVE(relation_without)
{
  struct relation *made = copy(j, ctx, out);
  if (made == NULL) return rs_nomem(e);
  made->include[PART_IDENTIFIER] = false;
  return RS_OK;
}

/* Another database than the target's is always printed. */
static void show_database(struct relation *r)
{
  if (rs_context_other(r->c, r->part[PART_DATABASE]) != NULL) r->include[PART_DATABASE] = true;
}

/* Texts given by keyword into the parts. */
static enum rs_code put_parts(struct relation *r, const jv *v, struct rs_error *e)
{
  for (size_t i = 0; i < PARTS; i++) {
    if (v[i].kind == JV_UNDEFINED || v[i].kind == JV_NONE) continue;
    if (!jv_is_str(v[i]))
      return rs_fail(e, RS_INVALID, "Relation: %s must be a text, not %s", part_names[i],
                     jv_type_name(v[i]));
    r->part[i] = jv_cstr(v[i], NULL);
  }
  show_database(r);
  return RS_OK;
}

/* incorporate(path={'identifier': ...}, type='table'): None in the path takes a part away. */
static NAMED(relation_incorporate, "incorporate", 0, "path", "type")
{
  jv part;
  struct relation *made = copy(j, ctx, out);
  if (made == NULL) return rs_nomem(e);
  for (size_t i = 0; v[0].kind == JV_DICT && i < PARTS; i++)
    if (jv_dict_get(v[0], part_names[i], &part))
      made->part[i] = jv_is_str(part) ? jv_cstr(part, NULL) : NULL;
  show_database(made);
  if (jv_is_str(v[1])) made->type = jv_cstr(v[1], NULL);
  return RS_OK;
}

static NATIVE(relation_replace)
{
  jv v[PARTS];
  enum rs_code rc = jv_bind(args, "replace_path", part_names, 0, v, e);
  if (rc != RS_OK) return rc;
  struct relation *made = copy(j, ctx, out);
  return made == NULL ? rs_nomem(e) : put_parts(made, v, e);
}

/* quote_policy, include_policy of create(): a map of parts; what it does not name stays. */
static void put_policy(struct rs_python *j, bool *flags, jv dict)
{
  jv flag;
  for (size_t i = 0; dict.kind == JV_DICT && i < PARTS; i++)
    if (jv_dict_get(dict, part_names[i], &flag) && flag.kind != JV_NONE)
      flags[i] = jv_truth(j, flag);
}

/* As with dbt, other arguments than these mean nothing. */
NATIVE(rs_relation_create)
{
  static const char *const names[] = {"database", "schema", "identifier", "type", NULL};
  jv v[PARTS + 1], key, value, quotes = jv_none(), includes = jv_none();
  struct jv_args known = *args;
  jv *kept = args->nkw > 0 ? rs_arena_alloc(rs_python_arena(j), 2 * args->nkw * sizeof *kept)
                           : NULL;
  if (args->nkw > 0 && kept == NULL) return rs_nomem(e);
  known.kw_keys = kept;
  known.kw_values = kept != NULL ? kept + args->nkw : NULL;
  known.nkw = 0;
  for (size_t i = 0; i < args->nkw; i++) {
    key = args->kw_keys[i];
    value = args->kw_values[i];
    const char *name = jv_cstr(key, NULL);
    bool one = false;
    for (size_t k = 0; names[k] != NULL && !one; k++) one = rs_eq(name, names[k]);
    if (rs_eq(name, "quote_policy")) quotes = value;
    if (rs_eq(name, "include_policy")) includes = value;
    if (!one) continue;
    kept[known.nkw] = key;
    kept[args->nkw + known.nkw++] = value;
  }
  enum rs_code rc = jv_bind(&known, "Relation.create", names, 0, v, e);
  if (rc != RS_OK) return rc;
  struct relation *r;
  *out = new_relation(ctx, j, &r);
  if (r == NULL) return rs_nomem(e);
  if (r->c->project->quoting != NULL) rs_relation_quote(*out, r->c->project->quoting);
  put_policy(j, r->quote, quotes);
  put_policy(j, r->include, includes);
  if (jv_is_str(v[PARTS])) r->type = jv_cstr(v[PARTS], NULL);
  return put_parts(r, v, e);
}

/* quote_policy, include_policy */
static jv policy(struct rs_python *j, const bool *flags)
{
  jv dict = jv_dict(j);
  for (size_t i = 0; i < PARTS; i++) jv_dict_set(j, dict, part_names[i], jv_bool(flags[i]));
  return dict;
}

static jv path(struct rs_python *j, const struct relation *r)
{
  jv dict = jv_dict(j);
  for (size_t i = 0; i < PARTS; i++)
    jv_dict_set(j, dict, part_names[i], rs_text_or_none(j, r->part[i]));
  return dict;
}

static NATIVE(relation_quoted)
{
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "quoted() takes a text");
  char *text = rs_arena_printf(rs_python_arena(j), "\"%s\"", jv_cstr(args->pos[0], NULL));
  if (text == NULL) return rs_nomem(e);
  *out = jv_text(j, text);
  return RS_OK;
}

static CLASS_GETATTR(relation_getattr);

static CLASS_GETITEM(relation_getitem)
{
  size_t n;
  if (!jv_is_str(key)) return RS_NOT_FOUND;
  const char *name = jv_cstr(key, &n);
  return relation_getattr(j, self, name, n, out, e);
}

/* What dbt calls the class of the target's relations. */
static const char *class_name(const struct relation *r)
{
  const char *name = rs_context_traits(r->c)->class_name;
  return name != NULL ? name : "BaseRelation";
}

static CLASS_TEXT(relation_repr)
{
  rs_buf_printf(b, "<%s ", class_name(self));
  enum rs_code rc = relation_str(j, self, b, e);
  rs_buf_char(b, '>');
  return rc;
}

/* get(key, default): packages know a relation by its metadata. */
static NAMED(relation_get, "get", 1, "key", "default")
{
  if (!jv_is_str(v[0]) || !rs_eq(jv_cstr(v[0], NULL), "metadata"))
    return rs_names_get_or(relation_getitem(j, ctx, v[0], out, e), v[1], out);
  *out = jv_dict(j);
  jv_dict_set(j, *out, "type", jv_text(j, class_name(ctx)));
  return RS_OK;
}

static CLASS_GETATTR(relation_getattr)
{
  static const struct rs_method methods[] = {{"include", relation_include},
                                             {"quote", relation_quote},
                                             {"render", relation_render},
                                             {"without_identifier", relation_without},
                                             {"incorporate", relation_incorporate},
                                             {"replace_path", relation_replace},
                                             {"get", relation_get}};
  const struct relation *r = self;
  if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) == RS_OK) return RS_OK;
#define IS(text) rs_eqn(text, name, n)
  if (IS("database")) *out = rs_text_or_none(j, r->part[PART_DATABASE]);
  else if (IS("schema")) *out = rs_text_or_none(j, r->part[PART_SCHEMA]);
  else if (IS("identifier") || IS("name") || IS("table"))
    *out = rs_text_or_none(j, r->part[PART_IDENTIFIER]);
  else if (IS("type")) *out = rs_text_or_none(j, r->type);
  else if (IS("is_table")) *out = jv_bool(rs_eq(r->type, "table"));
  else if (IS("is_view")) *out = jv_bool(rs_eq(r->type, "view"));
  else if (IS("is_cte")) *out = jv_bool(rs_eq(r->type, "cte"));
  else if (IS("is_materialized_view")) *out = jv_bool(rs_eq(r->type, "materialized_view"));
  else if (IS("path")) *out = path(j, r);
  else if (IS("quote_policy")) *out = policy(j, r->quote);
  else if (IS("include_policy")) *out = policy(j, r->include);
  else if (IS("quoted")) *out = jv_func(j, "quoted", relation_quoted, self);
  else if (IS("can_be_renamed") || IS("can_be_replaced"))
    *out = jv_bool(rs_eq(r->type, "table") || rs_eq(r->type, "view"));
  else return RS_NOT_FOUND;
#undef IS
  return RS_OK;
}

static jv keep_relation(struct rs_python *to, void *self)
{
  const struct relation *r = self;
  struct relation *made;
  jv v = new_relation(rs_graph_context(r->c->project->graph), to, &made);
  if (made == NULL) return v;
  struct rs_context *c = made->c;
  *made = *r;
  made->c = c;
  for (size_t i = 0; i < PARTS; i++) made->part[i] = keep(c, r->part[i]);
  made->type = keep(c, r->type);
  made->cut = keep(c, r->cut);
  return v;
}

static const struct jv_class relation_class = {.name = "Relation",
                                               .getattr = relation_getattr,
                                               .getitem = relation_getitem,
                                               .str = relation_str,
                                               .repr = relation_repr,
                                               .equal = relation_equal,
                                               .is_mapping = true,
                                               .keep = keep_relation};
