/*
** Reading an output by the table of its engine (fields.h).
*/
#include "internal.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

enum { TYPES_MAX = 32 };
/* The types that engines have; returns how many. */
static size_t all_types(rs_adapter_fields adapters, const char *types[TYPES_MAX])
{
  size_t n = 0;
  const char *type;
  const struct rs_field_table *t;
  for (size_t i = 0; n < TYPES_MAX && (t = adapters(i, &type)) != NULL; i++)
    if (t->n > 0) types[n++] = type;
  return n;
}

const struct rs_field_table *rs_fields_of(rs_adapter_fields adapters, const char *type)
{
  const char *other;
  const struct rs_field_table *t;
  for (size_t i = 0; (t = adapters(i, &other)) != NULL; i++)
    if (t->n > 0 && strcmp(other, type) == 0) return t;
  return NULL;
}

const struct rs_field_spec *rs_field_find(const struct rs_field_table *t, const char *name)
{
  for (size_t i = 0; t && i < t->n; i++)
    if (rs_eq(t->specs[i].name, name) || rs_eq(t->specs[i].alias, name)) return &t->specs[i];
  return NULL;
}

struct rs_read *rs_fields_get(const struct rs_fields *f, const char *name)
{
  for (size_t i = 0; i < f->n; i++) {
    if (strcmp(f->v[i].spec->name, name) == 0) return &f->v[i];
  }
  return NULL;
}

const char *rs_fields_text(const struct rs_fields *f, const char *name)
{
  const struct rs_read *r = rs_fields_get(f, name);
  return r ? r->field.text : NULL;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* The names that a user may write for a type: fields and aliases that do something. */
static enum rs_code unknown_field(const struct rs_fields *f, const struct rs_yaml *key,
                                  struct rs_error *e)
{
  const struct rs_profile_work *l = f->load;
  size_t n = 0;
  const char **names = rs_arena_alloc(l->arena, (2 * f->n + 1) * sizeof *names);
  if (!names) return rs_nomem(e);
  names[n++] = "type";
  for (size_t i = 0; i < f->n; i++) {
    const struct rs_field_spec *s = f->v[i].spec;
    if (s->flags & (SPEC_IGNORED | SPEC_UNSUPPORTED)) continue;
    names[n++] = s->name;
    if (s->alias) names[n++] = s->alias;
  }
  const char *hint = rs_profile_hint(l, key->text, names, n);
  const char *all = rs_profile_names(l, names, n);
  if (!hint || !all) return rs_nomem(e);
  if (*hint) {
    return rs_profile_fail(l, key->line, e, RS_INVALID, "unknown field '%.100s' of type '%s'%s",
                           key->text, f->type, hint);
  }
  return rs_profile_fail(l, key->line, e, RS_INVALID,
                         "unknown field '%.100s' of type '%s'; its fields are %s", key->text,
                         f->type, all);
}

static enum rs_code read_type(struct rs_fields *f, const struct rs_yaml *map, struct rs_error *e)
{
  const struct rs_profile_work *l = f->load;
  const struct rs_yaml *v = rs_yaml_get(map, "type");
  const char *types[TYPES_MAX];
  size_t ntypes = all_types(l->adapters, types);
  const char *all = rs_profile_names(l, types, ntypes);
  if (!all) return rs_nomem(e);
  if (!v) {
    return rs_profile_fail(l, map->line, e, RS_INVALID, "field 'type' is missing; the types are %s",
                           all);
  }
  int line = v->line;
  enum rs_code rc = rs_render_value(l->render, "type", false, v, &v, e);
  if (rc) return rc;
  if (v->kind != RS_YAML_TEXT) {
    return rs_profile_fail(l, line, e, RS_INVALID, "type: is not text; the types are %s", all);
  }
  for (size_t i = 0; i < ntypes; i++) {
    if (strcmp(types[i], v->text) == 0) f->type = types[i];
  }
  if (f->type) return RS_OK;
  const char *hint = rs_profile_hint(l, v->text, types, ntypes);
  if (!hint) return rs_nomem(e);
  return rs_profile_fail(l, line, e, RS_INVALID, "unknown type '%.100s'; the types are %s%s",
                         v->text, all, hint);
}

/* `attach: []` and `is_ducklake: false` ask for nothing. */
static bool asks_nothing(const struct rs_yaml *v)
{
  switch (v->kind) {
    case RS_YAML_NULL: return true;
    case RS_YAML_BOOL: return v->i == 0;
    case RS_YAML_LIST:
    case RS_YAML_MAP: return v->count == 0;
    default: return v->kind == RS_YAML_TEXT && v->n == 0;
  }
}

static enum rs_code refuse(const struct rs_fields *f, const struct rs_field_spec *s, int line,
                           const struct rs_yaml *v, struct rs_error *e)
{
  if ((s->flags & SPEC_UNSUPPORTED) && !asks_nothing(v)) {
    return rs_profile_fail(f->load, line, e, RS_UNSUPPORTED,
                           "field '%s' of dbt-%s is not supported here", s->name, f->type);
  }
  if ((s->flags & SPEC_CODE) && f->load->barred && v->kind != RS_YAML_NULL) {
    return rs_profile_fail(
      f->load, line, e, RS_FORBIDDEN,
      "field '%s' lets code be loaded or files be read, which %s may not do; %s", s->name,
      f->load->barred, f->load->way_out);
  }
  return RS_OK;
}

static enum rs_code read_pair(struct rs_fields *f, const struct rs_yaml_pair *pair,
                              struct rs_error *e)
{
  if (strcmp(pair->key->text, "type") == 0) return RS_OK;
  const struct rs_field_spec *s = rs_field_find(f->table, pair->key->text);
  if (!s) return unknown_field(f, pair->key, e);
  enum rs_code rc = refuse(f, s, pair->key->line, pair->value, e);
  if (rc || (s->flags & (SPEC_IGNORED | SPEC_UNSUPPORTED))) return rc;

  const struct rs_yaml *v = NULL;
  bool secret = (s->flags & SPEC_SECRET) != 0;
  rc = rs_render_value(f->load->render, pair->key->text, secret, pair->value, &v, e);
  if (rc || v->kind == RS_YAML_NULL) return rc;
  struct rs_read *r = &f->v[s - f->table->specs];
  if (r->value) {
    return rs_profile_fail(f->load, pair->key->line, e, RS_INVALID,
                           "'%s' and '%s' are two names of one field: give one of them", s->name,
                           s->alias);
  }
  r->value = v;
  r->line = pair->key->line;
  return RS_OK;
}

static enum rs_code convert_all(struct rs_fields *f, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < f->n && !rc; i++) {
    struct rs_read *r = &f->v[i];
    if ((r->spec->flags & SPEC_REQUIRED) && !r->value) {
      return rs_profile_fail(f->load, f->line, e, RS_INVALID, "field '%s' of type '%s' is missing",
                             r->spec->name, f->type);
    }
    rc = rs_field_convert(f->load, r, e);
  }
  return rc;
}

enum rs_code rs_fields_read(const struct rs_profile_work *l, const struct rs_yaml *map,
                            struct rs_fields *f, struct rs_error *e)
{
  *f = (struct rs_fields){.load = l, .line = map->line};
  enum rs_code rc = read_type(f, map, e);
  if (rc) return rc;
  f->table = rs_fields_of(l->adapters, f->type);
  f->n = f->table->n;
  f->v = rs_arena_calloc(l->arena, f->n * sizeof *f->v);
  if (!f->v) return rs_nomem(e);
  for (size_t i = 0; i < f->n; i++) {
    f->v[i].spec = &f->table->specs[i];
    f->v[i].line = map->line;
  }
  for (size_t i = 0; i < map->count && !rc; i++) rc = read_pair(f, &map->pairs[i], e);
  if (!rc) rc = convert_all(f, e);
  if (!rc) rc = rs_fields_check(f, e);
  for (size_t i = 0; i < f->n && !rc; i++) rc = rs_field_make_safe(l, &f->v[i], e);
  return rc;
}
