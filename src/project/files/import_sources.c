/*
** `sources:` of properties yml: a row for each table (import_yml.h).
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "import_yml.h"

/* The table's value, else the source's. */
static const struct rs_yaml *either(const struct rs_yaml *table, const struct rs_yaml *source,
                                    const char *key)
{
  const struct rs_yaml *v = rs_yaml_get(table, key);
  return v != NULL && v->kind != RS_YAML_NULL ? v : rs_yaml_get(source, key);
}

/* Maps of both, the table's keys over the source's; a null of the table switches off. */
static enum rs_code set_merged(struct rs_yml *r, struct rs_row *row, const char *key,
                               const struct rs_yaml *source, const struct rs_yaml *table,
                               struct rs_error *e)
{
  const struct rs_yaml *a = rs_yaml_get(source, key), *b = rs_yaml_get(table, key);
  // null is more than nothing: dbt says so of the source, and asks it for no freshness
  if (rs_eq(key, "freshness") && (b != NULL ? b : a) != NULL &&
      (b != NULL ? b : a)->kind == RS_YAML_NULL) {
    rs_row_set(row, key, "{\"warn_after\":null,\"error_after\":null}");
    return RS_OK;
  }
  if (b == NULL || a == NULL || a->kind != RS_YAML_MAP || b->kind != RS_YAML_MAP)
    return rs_yml_any(r, row, key, b != NULL ? b : a, e);
  struct rs_buf json;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < a->count; i++)
    if (rs_yaml_get(b, a->pairs[i].key->text) == NULL)
      rs_yml_member(&json, a->pairs[i].key->text, a->pairs[i].value);
  for (size_t i = 0; i < b->count; i++)
    rs_yml_member(&json, b->pairs[i].key->text, b->pairs[i].value);
  rs_buf_str(&json, json.n == 0 ? "{}" : "}");
  return rs_yml_take(r, row, key, &json, RS_OK, e);
}

static int by_text(const void *a, const void *b)
{
  return strcmp((*(const struct rs_yaml *const *)a)->text,
                (*(const struct rs_yaml *const *)b)->text);
}

/* In order, each once; its tests get them, too. */
static enum rs_code source_tags(struct rs_yml *r, struct rs_row *row, const struct rs_yaml *source,
                                const struct rs_yaml *table, const struct rs_yaml **out,
                                struct rs_error *e)
{
  struct rs_yaml *tags = rs_yml_join(r, rs_yaml_get(source, "tags"), rs_yaml_get(table, "tags"));
  size_t n = 0;
  if (tags == NULL) return rs_nomem(e);
  for (size_t i = 0; i < tags->count; i++)
    if (tags->items[i]->text == NULL)
      return rs_yml_fail(r, tags->items[i]->line, e, "each must be a text", "tags");
  const struct rs_yaml **items = (void *)tags->items;
  qsort((void *)items, tags->count, sizeof *items, by_text);
  for (size_t i = 0; i < tags->count; i++)
    if (n == 0 || !rs_eq(items[i]->text, items[n - 1]->text)) items[n++] = items[i];
  tags->count = n;
  *out = tags;
  if (tags->count == 0) return RS_OK;
  struct rs_buf json;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < tags->count; i++) {
    rs_buf_char(&json, i == 0 ? '[' : ',');
    rs_yaml_json(tags->items[i], &json);
  }
  rs_buf_char(&json, ']');
  return rs_yml_take(r, row, "tags", &json, RS_OK, e);
}

static enum rs_code read_table(struct rs_yml *r, const char *name, const struct rs_yaml *source,
                               const struct rs_yaml *table, struct rs_error *e)
{
  const char *own;
  enum rs_code rc = rs_yml_name(r, table, "tables", &own, e);
  if (rc != RS_OK) return rc;
  struct rs_import_row *to = rs_import_new(r->im, r->p, RS_T_SOURCE, r->path, table->line, e);
  if (to == NULL) return RS_NOMEM;
  struct rs_row *row = &to->row;
  rs_row_set(row, "source", name);
  rs_row_set(row, "name", own);
  rc = rs_yml_text(r, row, "database", rs_yaml_get(source, "database"), e);
  if (rc == RS_OK) rc = rs_yml_text(r, row, "workspace", rs_yaml_get(source, "schema"), e);
  if (rc == RS_OK) rc = rs_yml_text(r, row, "identifier", rs_yaml_get(table, "identifier"), e);
  if (rc == RS_OK) rc = rs_yml_text(r, row, "description", rs_yaml_get(table, "description"), e);
  if (rc == RS_OK)
    rc = rs_yml_text(r, row, "source_description", rs_yaml_get(source, "description"), e);
  if (rc == RS_OK)
    rc = rs_yml_text(r, row, "loaded_at_field", either(table, source, "loaded_at_field"), e);
  if (rc == RS_OK) rc = rs_yml_text(r, row, "loader", either(table, source, "loader"), e);
  if (rc == RS_OK) rc = set_merged(r, row, "config", source, table, e);
  if (rc == RS_OK) rc = set_merged(r, row, "quoting", source, table, e);
  if (rc == RS_OK) rc = set_merged(r, row, "freshness", source, table, e);
  if (rc == RS_OK) rc = set_merged(r, row, "meta", source, table, e);
  const struct rs_yaml *tags = NULL;
  if (rc == RS_OK) rc = source_tags(r, row, source, table, &tags, e);
  if (rc == RS_OK) rc = rs_yml_columns(r, row, table, e);
  if (rc == RS_OK) rc = rs_yml_any(r, row, "external", rs_yaml_get(table, "external"), e);
  if (rc == RS_OK) rc = rs_import_add(r->im, to, e);
  const char *ref = rs_arena_printf(&r->im->arena, "source('%s', '%s')", name, own);
  const char *target = rs_arena_printf(&r->im->arena, "%s_%s", name, own);
  if (ref == NULL || target == NULL) return rs_nomem(e);
  return rc == RS_OK ? rs_yml_tests(r, "sources", target, ref, tags, table, e) : rc;
}

enum rs_code rs_yml_source(struct rs_yml *r, const struct rs_yaml *entry, struct rs_error *e)
{
  const char *name;
  enum rs_code rc = rs_yml_name(r, entry, "sources", &name, e);
  const struct rs_yaml *tables = rc == RS_OK ? rs_yaml_get(entry, "tables") : NULL;
  if (rc == RS_OK && tables != NULL && tables->kind != RS_YAML_LIST && tables->kind != RS_YAML_NULL)
    rc = rs_yml_fail(r, tables->line, e, "must be a list", "tables");
  for (size_t i = 0; rc == RS_OK && tables != NULL && i < tables->count; i++)
    rc = read_table(r, name, entry, tables->items[i], e);
  return rc;
}
