/*
** Values of an entry of properties yml into a row, and its tests (import_yml.h).
*/
#include <string.h>
#include "src/base/text.h"
#include "import_yml.h"

enum rs_code rs_yml_fail(struct rs_yml *r, int line, struct rs_error *e, const char *text,
                         const char *what)
{
  return rs_import_fail(r->p, r->path, line, e, "%s: %s", what, text);
}

enum rs_code rs_yml_text(struct rs_yml *r, struct rs_row *row, const char *column,
                         const struct rs_yaml *v, struct rs_error *e)
{
  if (v == NULL || v->kind == RS_YAML_NULL) return RS_OK;
  if (v->text == NULL) return rs_yml_fail(r, v->line, e, "must be a text", column);
  *rs_row_at(row, column) = (struct rs_cell){.p = v->text, .n = v->n};
  return RS_OK;
}

enum rs_code rs_yml_json(struct rs_yml *r, struct rs_row *row, const char *column,
                         const struct rs_yaml *v, enum rs_yaml_kind kind, struct rs_error *e)
{
  const char *json;
  if (v == NULL || v->kind == RS_YAML_NULL) return RS_OK;
  if (v->kind != kind)
    return rs_yml_fail(r, v->line, e, kind == RS_YAML_MAP ? "must be a map" : "must be a list",
                       column);
  enum rs_code rc = rs_yaml_keep_json(v, &r->im->arena, &json, e);
  if (rc == RS_OK) rs_row_set(row, column, json);
  return rc;
}

enum rs_code rs_yml_take(struct rs_yml *r, struct rs_row *row, const char *column, struct rs_buf *b,
                         enum rs_code rc, struct rs_error *e)
{
  if (rc == RS_OK) rc = rs_buf_error(b, e, column);
  const char *json = rc == RS_OK ? rs_arena_strndup(&r->im->arena, b->p, b->n) : NULL;
  if (rc == RS_OK && json == NULL) rc = rs_nomem(e);
  rs_row_set(row, column, json);
  rs_buf_free(b);
  return rc;
}

void rs_yml_member(struct rs_buf *b, const char *key, const struct rs_yaml *v)
{
  rs_buf_char(b, b->n == 0 ? '{' : ',');
  rs_buf_json_str(b, key, strlen(key));
  rs_buf_char(b, ':');
  rs_yaml_json(v, b);
}

enum rs_code rs_yml_columns(struct rs_yml *r, struct rs_row *row, const struct rs_yaml *entry,
                            struct rs_error *e)
{
  const struct rs_yaml *list = rs_yaml_get(entry, "columns");
  struct rs_buf all, one;
  if (list == NULL || list->kind == RS_YAML_NULL) return RS_OK;
  if (list->kind != RS_YAML_LIST) return rs_yml_fail(r, list->line, e, "must be a list", "columns");
  rs_buf_init(&all, RS_BUF_SQL_MAX);
  rs_buf_init(&one, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < list->count; i++) {
    const struct rs_yaml *column = list->items[i];
    rs_buf_clear(&one);
    for (size_t k = 0; column->kind == RS_YAML_MAP && k < column->count; k++) {
      const char *key = column->pairs[k].key->text;
      if (!rs_eq(key, "tests") && !rs_eq(key, "data_tests"))
        rs_yml_member(&one, key, column->pairs[k].value);
    }
    rs_buf_printf(&all, "%s%s}", i == 0 ? "[" : ",", one.n > 0 ? one.p : "{");
  }
  rs_buf_str(&all, list->count == 0 ? "[]" : "]");
  rs_buf_free(&one);
  return rs_yml_take(r, row, "columns", &all, RS_OK, e);
}

enum rs_code rs_yml_any(struct rs_yml *r, struct rs_row *row, const char *column,
                        const struct rs_yaml *v, struct rs_error *e)
{
  const char *json;
  enum rs_code rc = rs_yaml_keep_json(v, &r->im->arena, &json, e);
  if (rc == RS_OK && json != NULL) rs_row_set(row, column, json);
  return rc;
}

enum rs_code rs_yml_config(struct rs_yml *r, struct rs_row *row, const struct rs_yaml *entry,
                           const struct rs_yaml *more, struct rs_error *e)
{
  static const char *const beside[] = {"meta", "docs", "contract"};
  const struct rs_yaml *config = rs_yaml_get(entry, "config");
  struct rs_buf b;
  if (config != NULL && config->kind == RS_YAML_NULL) config = NULL;
  if (more != NULL && more->kind != RS_YAML_MAP) more = NULL;
  if (config != NULL && config->kind != RS_YAML_MAP)
    return rs_yml_fail(r, config->line, e, "must be a map", "config");
  if (rs_yaml_get(entry, "tags") != NULL)
    rs_import_warn(r->im, "%s%s line %d: 'tags' counts only below 'config:'", r->p->prefix, r->path,
                   rs_yaml_get(entry, "tags")->line);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
    const struct rs_yaml *v = rs_yaml_get(entry, beside[i]);
    if (v != NULL && v->kind != RS_YAML_NULL && rs_yaml_get(config, beside[i]) == NULL)
      rs_yml_member(&b, beside[i], v);
  }
  for (size_t i = 0; config != NULL && i < config->count; i++)
    if (rs_yaml_get(more, config->pairs[i].key->text) == NULL)
      rs_yml_member(&b, config->pairs[i].key->text, config->pairs[i].value);
  for (size_t i = 0; more != NULL && i < more->count; i++)
    rs_yml_member(&b, more->pairs[i].key->text, more->pairs[i].value);
  if (b.n == 0) return RS_OK;
  rs_buf_char(&b, '}');
  return rs_yml_take(r, row, "config", &b, RS_OK, e);
}

enum rs_code rs_yml_name(struct rs_yml *r, const struct rs_yaml *entry, const char *what,
                         const char **name, struct rs_error *e)
{
  if (entry->kind != RS_YAML_MAP) return rs_yml_fail(r, entry->line, e, "each must be a map", what);
  const struct rs_yaml *v = rs_yaml_get(entry, "name");
  if (v == NULL || v->text == NULL || v->n == 0)
    return rs_yml_fail(r, entry->line, e, "'name' is missing", what);
  if (v->kind != RS_YAML_TEXT)
    return rs_import_fail(r->p, r->path, v->line, e,
                          "%s: name %s is no text in YAML: put it in quotes", what, v->text);
  *name = v->text;
  return RS_OK;
}

/* ---- tests ---------------------------------------------------------------------------------- */

struct rs_yaml *rs_yml_join(struct rs_yml *r, const struct rs_yaml *a, const struct rs_yaml *b)
{
  const struct rs_yaml *const both[] = {a, b};
  size_t most = (a != NULL ? a->count : 0) + (b != NULL ? b->count : 0) + 2, n = 0;
  struct rs_yaml *made = rs_arena_calloc(&r->im->arena, sizeof *made);
  const struct rs_yaml **items = rs_arena_alloc(&r->im->arena, most * sizeof *items);
  if (made == NULL || items == NULL) return NULL;
  for (size_t k = 0; k < 2; k++) {
    if (both[k] == NULL) continue;
    if (both[k]->kind == RS_YAML_LIST)
      for (size_t i = 0; i < both[k]->count; i++) items[n++] = both[k]->items[i];
    else if (both[k]->text != NULL && both[k]->kind != RS_YAML_NULL) items[n++] = both[k];
  }
  *made = (struct rs_yaml){.kind = RS_YAML_LIST, .count = n, .items = (void *)items};
  return made;
}

enum rs_code rs_yml_tests(struct rs_yml *r, const char *kind, const char *name, const char *ref,
                          const struct rs_yaml *tags, const struct rs_yaml *entry,
                          struct rs_error *e)
{
  struct rs_test_owner o = {
    .package = r->p, .path = r->path, .kind = kind, .name = name, .ref = ref};
  o.tags = rs_yml_join(r, tags, NULL);
  if (o.tags == NULL) return rs_nomem(e);
  enum rs_code rc = rs_import_tests(r->im, &o, entry, e);
  const struct rs_yaml *columns = rs_yaml_get(entry, "columns");
  for (size_t i = 0; rc == RS_OK && columns != NULL && columns->items != NULL && i < columns->count;
       i++) {
    const struct rs_yaml *column = columns->items[i];
    rc = rs_yml_name(r, column, "columns", &o.column, e);
    const struct rs_yaml *quote = rs_yaml_get(column, "quote");
    if (rc == RS_OK && quote != NULL && quote->kind == RS_YAML_BOOL && quote->i != 0) {
      o.column = rs_arena_printf(&r->im->arena, "\"%s\"", o.column);
      if (o.column == NULL) return rs_nomem(e);
    }
    o.tags = rs_yml_join(r, tags, rs_yaml_get(column, "tags"));
    // dbt 1.10; an earlier one knows no config of a column
    if (o.tags != NULL && r->im->asks_for_110)
      o.tags = rs_yml_join(r, o.tags, rs_yaml_get(rs_yaml_get(column, "config"), "tags"));
    if (o.tags == NULL) return rs_nomem(e);
    if (rc == RS_OK) rc = rs_import_tests(r->im, &o, column, e);
  }
  return rc;
}

const char *rs_yml_ref(struct rs_yml *r, const char *name, const char *version)
{
  if (version == NULL) return rs_arena_printf(&r->im->arena, "ref('%s')", name);
  // as dbt writes it, whose test ids are hashes of this
  return rs_arena_printf(&r->im->arena, "ref('%s', version='%s')", name, version);
}
