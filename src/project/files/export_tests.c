/*
** Rows of tests as entries under what they test (export_internal.h).
*/
#include <string.h>
#include "src/base/text.h"
#include "export_internal.h"
#include "src/project/model/model.h"

/* The text between the next quotes at *s, which moves behind them; NULL: there are none. */
static const char *quoted(struct rs_props *p, const char **s)
{
  const char *from = *s + strcspn(*s, "'\"");
  if (*from == 0) return NULL;
  const char *to = strchr(from + 1, *from);
  if (to == NULL) return NULL;
  *s = to + 1;
  const char *text = rs_arena_strndup(p->a, from + 1, (size_t)(to - from - 1));
  p->lost |= text == NULL;
  return text;
}

bool rs_props_tested(struct rs_props *p, const struct rs_row *test, struct rs_tested *out)
{
  const char *model = rs_row_text(test, "model"), *first, *second, *version;
  *out = (struct rs_tested){0};
  if (model == NULL) return false;
  bool ref = strncmp(model, "ref(", 4) == 0;
  out->is_source = strncmp(model, "source(", 7) == 0;
  if (!ref && !out->is_source) {
    out->name = model;
    return true;
  }
  version = strstr(model, "version=");
  if (version == NULL && (version = strstr(model, "v=")) != NULL) version += 2;
  else if (version != NULL) version += 8;
  first = quoted(p, &model);
  second = quoted(p, &model);
  if (version != NULL) {
    out->version = *version == '\'' || *version == '"'
                     ? quoted(p, &version)
                     : rs_arena_strndup(p->a, version, strspn(version, "0123456789.abcdef_"));
    if (second != NULL && rs_eq(second, out->version)) second = NULL;
  }
  out->name = first;
  if (out->is_source) out->table = second;
  else if (second != NULL) out->package = first, out->name = second;
  return out->name != NULL;
}

static const enum rs_table_id node_tables[] = {RS_T_MODEL, RS_T_SEED, RS_T_SNAPSHOT};
static const char *const node_sections[] = {"models", "seeds", "snapshots"};

const char *rs_props_section(struct rs_props *p, const char *package, const struct rs_tested *t)
{
  if (t->is_source) return "sources";
  for (size_t i = 0; i < p->n; i++)
    for (size_t k = 0; k < 3; k++)
      if (p->rows[i]->table == node_tables[k] && rs_props_of_package(p->rows[i], package) &&
          rs_eq(rs_row_text(p->rows[i], "name"), t->name))
        return node_sections[k];
  return NULL;
}

static bool is_wanted(struct rs_props *p, const struct rs_row *r, const struct rs_props_wanted *w)
{
  struct rs_tested t;
  if (r->table != RS_T_TEST || rs_row_text(r, "test") == NULL ||
      !rs_props_of_package(r, w->package) || !rs_props_in_file(r, "path", w->path) ||
      !rs_props_tested(p, r, &t) || t.is_source != rs_eq(w->kind, "sources") ||
      !rs_eq(t.name, w->name))
    return false;
  if (t.is_source && w->table != NULL && !rs_eq(t.table, w->table)) return false;
  if (w->any_column) return true;
  return rs_eq(t.version, w->version) && rs_eq(rs_row_text(r, "column_name"), w->column);
}

/* A name that dbt would not make. */
static const char *own_name(struct rs_props *p, const struct rs_row *r,
                            const struct rs_props_wanted *w)
{
  const char *name = rs_row_text(r, "name"), *args = rs_row_text(r, "arguments"), *made = NULL;
  const struct rs_yaml *map = NULL;
  name = rs_arena_strndup(p->a, name, rs_test_name_length(name));
  const char *of = w->table != NULL     ? rs_arena_printf(p->a, "%s_%s", w->name, w->table)
                   : w->version != NULL ? rs_arena_printf(p->a, "%s_v%s", w->name, w->version)
                                        : w->name;
  const struct rs_test_owner o = {.kind = w->kind, .name = of, .column = w->column};
  if (args != NULL && rs_yaml_parse("arguments", args, strlen(args), p->a, &map, NULL) != RS_OK)
    return name;
  if (name == NULL || of == NULL ||
      rs_test_made_name(p->a, &o, rs_row_text(r, "test"), map, &made, NULL) != RS_OK)
    p->lost = true;
  return rs_eq(name, made) ? NULL : name;
}

static bool same_text(const struct rs_json *a, const struct rs_json *b)
{
  return a != NULL && a->kind == RS_J_STRING && b->kind == RS_J_STRING && a->n == b->n &&
         memcmp(a->p, b->p, a->n) == 0;
}

/* Tags of a source and of a column reach its tests by themselves: they stand first. */
static void drop_tags(struct rs_json *config, const struct rs_json *tags)
{
  struct rs_json *own = rs_json_get(config, "tags"), *at;
  if (own == NULL || tags == NULL) return;
  if (own->kind != RS_J_ARRAY) {
    if (same_text(own, tags)) rs_json_remove(config, own);
    return;
  }
  const struct rs_json *one = tags->kind == RS_J_ARRAY ? tags->first : tags;
  for (at = own->first; one != NULL && same_text(at, one); at = at->next)
    one = tags->kind == RS_J_ARRAY ? one->next : NULL;
  if (one != NULL) return; // the rows say something else
  while (own->first != at) rs_json_remove(own, own->first);
  if (own->n == 0) rs_json_remove(config, own);
}

static struct rs_json *one_test(struct rs_props *p, const struct rs_row *r,
                                const struct rs_props_wanted *w, const struct rs_json *tags)
{
  const char *test = rs_row_text(r, "test"), *name = own_name(p, r, w);
  struct rs_json *inner = rs_props_json(p, rs_row_text(r, "arguments"));
  struct rs_json *config = rs_props_json(p, rs_row_text(r, "config")), *outer;
  if (inner == NULL) inner = rs_props_node(p, RS_J_OBJECT);
  rs_props_put(inner, "name", rs_props_string(p, name));
  rs_props_put_text(p, inner, "description", r, "description");
  drop_tags(config, w->tags);
  drop_tags(config, tags);
  if (config != NULL && config->n > 0) rs_props_put(inner, "config", config);
  if (inner == NULL || inner->n == 0) return rs_props_string(p, test);
  outer = rs_props_node(p, RS_J_OBJECT);
  rs_props_put(outer, test, inner);
  return outer;
}

void rs_props_put_tests(struct rs_props *p, struct rs_json *to, const struct rs_props_wanted *w)
{
  struct rs_json *list = rs_props_node(p, RS_J_ARRAY);
  const struct rs_json *tags = w->column != NULL ? rs_json_get(to, "tags") : NULL;
  for (size_t i = 0; i < p->n; i++)
    if (is_wanted(p, p->rows[i], w)) rs_props_add(list, one_test(p, p->rows[i], w, tags));
  if (list != NULL && list->n > 0) rs_props_put(to, p->tests_key, list);
}

size_t rs_props_count_tests(struct rs_props *p, const char *package, const char *path,
                            const char *section, const char *name)
{
  const struct rs_props_wanted w = {
    .package = package, .path = path, .kind = section, .name = name, .any_column = true};
  size_t n = 0;
  for (size_t i = 0; i < p->n; i++) n += is_wanted(p, p->rows[i], &w);
  return n;
}

/* How tests name a column: `quote: true` puts it in quotes. NULL: it has no name. */
static const char *tested_column(struct rs_props *p, const struct rs_json *c)
{
  const struct rs_json *quote = rs_json_get(c, "quote");
  const char *name = NULL;
  if (!rs_json_text(c, "name", p->a, &name) || name == NULL) return NULL;
  if (quote == NULL || quote->kind != RS_J_BOOL || !quote->truth) return name;
  name = rs_arena_printf(p->a, "\"%s\"", name);
  if (name == NULL) p->lost = true;
  return name;
}

/* columns: as the row has them, each with its tests; those that only tests name come last. */
void rs_props_put_columns(struct rs_props *p, struct rs_json *to, const struct rs_row *r,
                          struct rs_props_wanted w)
{
  struct rs_json *list = rs_props_json(p, rs_row_text(r, "columns"));
  if (list == NULL) list = rs_props_node(p, RS_J_ARRAY);
  if (list == NULL) return;
  for (size_t i = 0; i < p->n; i++) {
    const char *column = p->rows[i]->table == RS_T_TEST ? rs_row_text(p->rows[i], "column_name")
                                                        : NULL;
    bool known = column == NULL;
    for (const struct rs_json *c = list->first; c != NULL && !known; c = c->next)
      known = rs_eq(tested_column(p, c), column);
    w.column = column;
    if (known || !is_wanted(p, p->rows[i], &w)) continue;
    struct rs_json *one = rs_props_node(p, RS_J_OBJECT);
    rs_props_put(one, "name", rs_props_string(p, column));
    rs_props_add(list, one);
  }
  for (struct rs_json *c = list->first; c != NULL; c = c->next) {
    w.column = tested_column(p, c);
    bool again = w.column == NULL;
    for (const struct rs_json *o = list->first; o != c && !again; o = o->next)
      again = rs_eq(tested_column(p, o), w.column);
    if (!again) rs_props_put_tests(p, c, &w);
  }
  if (list->n > 0) rs_props_put(to, "columns", list);
}
