/*
** Properties yml: what it says of models, sources, seeds, macros ... goes into their rows; tests,
** exposures, groups and unit tests become rows of their own.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "import_yml.h"

/* ---- models, seeds, snapshots, analyses ----------------------------------------------------- */

/* What all kinds of nodes have. */
static enum rs_code patch(struct rs_yml *r, struct rs_import_row *to, const struct rs_yaml *entry,
                          const struct rs_yaml *config, struct rs_error *e)
{
  struct rs_row *row = &to->row;
  const char *before = rs_row_text(row, "patch_path"), *path = r->path;
  if (before != NULL)
    return rs_import_fail(r->p, r->path, entry->line, e, "%s has properties in %s already",
                          rs_row_label(row, &r->im->arena), before);
  if (!rs_eq(rs_row_text(row, "package"), r->p->row))
    path = rs_arena_printf(&r->im->arena, "%s://%s", r->p->name, r->path);
  if (path == NULL) return rs_nomem(e);
  rs_row_set(row, "patch_path", path);
  enum rs_code rc = rs_yml_text(r, row, "description", rs_yaml_get(entry, "description"), e);
  if (rc == RS_OK) rc = rs_yml_config(r, row, entry, config, e);
  if (rc == RS_OK) rc = rs_yml_columns(r, row, entry, e);
  return rc;
}

static enum rs_code patch_model(struct rs_yml *r, struct rs_import_row *to,
                                const struct rs_yaml *entry, const struct rs_yaml *config,
                                struct rs_error *e)
{
  struct rs_row *row = &to->row;
  const struct rs_yaml *own = rs_yaml_get(entry, "config");
  const struct rs_yaml *access = rs_yaml_get(entry, "access"), *group = rs_yaml_get(entry, "group");
  enum rs_code rc = patch(r, to, entry, config, e);
  if (access == NULL) access = rs_yaml_get(own, "access");
  if (group == NULL) group = rs_yaml_get(own, "group");
  if (rc == RS_OK) rc = rs_yml_text(r, row, "access", access, e);
  if (rc == RS_OK) rc = rs_yml_text(r, row, "group", group, e);
  if (rc == RS_OK)
    rc = rs_yml_json(r, row, "constraints", rs_yaml_get(entry, "constraints"), RS_YAML_LIST, e);
  if (rc == RS_OK)
    rc = rs_yml_text(r, row, "latest_version", rs_yaml_get(entry, "latest_version"), e);
  if (rc == RS_OK)
    rc = rs_yml_text(r, row, "deprecation_date", rs_yaml_get(entry, "deprecation_date"), e);
  return rc;
}

static bool names_it(const struct rs_yaml *v, const char *name)
{
  if (v == NULL || v->kind == RS_YAML_NULL) return false;
  if (v->text != NULL) return rs_eq(v->text, name) || rs_eq(v->text, "all") || rs_eq(v->text, "*");
  for (size_t i = 0; v->kind == RS_YAML_LIST && i < v->count; i++)
    if (rs_eq(v->items[i]->text, name)) return true;
  return false;
}

/* The model's columns that `columns: [{include: all, exclude: [a]}, ...]` of a version leaves, then
** the version's own. */
static struct rs_yaml *version_columns(struct rs_yml *r, const struct rs_yaml *all,
                                       const struct rs_yaml *own)
{
  const struct rs_yaml *include = NULL, *exclude = NULL;
  size_t nall = all != NULL && all->kind == RS_YAML_LIST ? all->count : 0;
  size_t nown = own->kind == RS_YAML_LIST ? own->count : 0, n = 0;
  struct rs_yaml *made = rs_arena_calloc(&r->im->arena, sizeof *made);
  const struct rs_yaml **items = rs_arena_alloc(&r->im->arena, (nall + nown + 1) * sizeof *items);
  if (made == NULL || items == NULL) return NULL;
  bool said = false;
  for (size_t i = 0; i < nown; i++) {
    const struct rs_yaml *one = own->items[i];
    if (rs_yaml_get(one, "include") == NULL && rs_yaml_get(one, "exclude") == NULL) continue;
    said = true;
    include = rs_yaml_get(one, "include");
    exclude = rs_yaml_get(one, "exclude");
  }
  for (size_t i = 0; i < nall; i++) {
    const struct rs_yaml *name = rs_yaml_get(all->items[i], "name");
    const char *text = name != NULL ? name->text : NULL;
    if (!said || (names_it(include, text) && !names_it(exclude, text))) items[n++] = all->items[i];
  }
  for (size_t i = 0; i < nown; i++)
    if (rs_yaml_get(own->items[i], "name") != NULL) items[n++] = own->items[i];
  *made = (struct rs_yaml){
    .kind = RS_YAML_LIST, .line = own->line, .count = n, .items = (void *)items};
  return made;
}

/* The model's entry as it holds for a version: the version's columns and tests come in place of the
** model's. */
static const struct rs_yaml *version_entry(struct rs_yml *r, const struct rs_yaml *entry,
                                           const struct rs_yaml *v)
{
  static const char *const replaced[] = {"columns", "tests", "data_tests"};
  struct rs_yaml *made = rs_arena_alloc(&r->im->arena, sizeof *made);
  struct rs_yaml_pair *pairs = rs_arena_alloc(&r->im->arena, (entry->count + 3) * sizeof *pairs);
  bool tests = rs_yaml_get(v, "tests") != NULL || rs_yaml_get(v, "data_tests") != NULL;
  size_t n = 0;
  if (made == NULL || pairs == NULL) return NULL;
  for (size_t i = 0; i < entry->count; i++) {
    const char *key = entry->pairs[i].key->text;
    bool test = rs_eq(key, "tests") || rs_eq(key, "data_tests");
    if ((test && tests) || (rs_eq(key, "columns") && rs_yaml_get(v, "columns") != NULL)) continue;
    pairs[n++] = entry->pairs[i];
  }
  for (size_t i = 0; i < v->count; i++)
    for (size_t k = 0; k < sizeof replaced / sizeof *replaced; k++) {
      if (!rs_eq(v->pairs[i].key->text, replaced[k])) continue;
      pairs[n] = v->pairs[i];
      if (k == 0)
        pairs[n].value = version_columns(r, rs_yaml_get(entry, "columns"), v->pairs[i].value);
      if (pairs[n++].value == NULL) return NULL;
    }
  *made = *entry;
  made->pairs = pairs;
  made->count = n;
  return made;
}

/* The row of a version's file becomes that version of the model. */
static enum rs_code add_version(struct rs_yml *r, const char *name, const char *latest,
                                const struct rs_yaml *entry, const struct rs_yaml *v,
                                struct rs_error *e)
{
  const struct rs_yaml *number = rs_yaml_get(v, "v"), *file = rs_yaml_get(v, "defined_in");
  if (number == NULL || number->text == NULL)
    return rs_yml_fail(r, v->line, e, "'v' is missing", "versions");
  const char *made = rs_arena_printf(&r->im->arena, "%s_v%s", name, number->text);
  if (made == NULL) return rs_nomem(e);
  const char *stem = file != NULL && file->text != NULL ? file->text : made;
  struct rs_import_row *row = rs_import_find(r->im, RS_T_MODEL, r->p, stem);
  if (row == NULL && rs_eq(latest, number->text))
    row = rs_import_find(r->im, RS_T_MODEL, r->p, name);
  if (row == NULL)
    return rs_import_fail(r->p, r->path, v->line, e, "version %s of model %s: there is no %s.sql",
                          number->text, name, stem);
  rs_row_set(&row->row, "name", name);
  rs_row_set(&row->row, "version", number->text);
  entry = version_entry(r, entry, v);
  if (entry == NULL) return rs_nomem(e);
  enum rs_code rc = patch_model(r, row, entry, rs_yaml_get(v, "config"), e);
  if (rc == RS_OK) rc = rs_yml_text(r, &row->row, "description", rs_yaml_get(v, "description"), e);
  if (rc == RS_OK) rc = rs_yml_text(r, &row->row, "access", rs_yaml_get(v, "access"), e);
  if (rc == RS_OK) rc = rs_yml_text(r, &row->row, "alias", rs_yaml_get(v, "alias"), e);
  rs_row_set(&row->row, "latest_version", latest);
  // a version has its own or none
  rs_row_set(&row->row, "deprecation_date", NULL);
  if (rc == RS_OK)
    rc = rs_yml_text(r, &row->row, "deprecation_date", rs_yaml_get(v, "deprecation_date"), e);
  const char *ref = rs_yml_ref(r, name, number->text);
  const char *target = rs_arena_printf(&r->im->arena, "%s_v%s", name, number->text);
  if (ref == NULL || target == NULL) return rs_nomem(e);
  return rc == RS_OK ? rs_yml_tests(r, "models", target, ref, NULL, entry, e) : rc;
}

/* The greatest: numbers by value, before texts. */
static const char *greatest(const struct rs_yaml *versions)
{
  const char *best = NULL;
  double value = 0;
  for (size_t i = 0; i < versions->count; i++) {
    const struct rs_yaml *v = rs_yaml_get(versions->items[i], "v");
    if (v == NULL || v->text == NULL) continue;
    double number = v->kind == RS_YAML_INT ? (double)v->i : v->kind == RS_YAML_FLOAT ? v->f : -1;
    if (best == NULL || number > value || (number < 0 && value < 0 && strcmp(v->text, best) > 0))
      best = v->text, value = number;
  }
  return best;
}

/* Nothing of that kind has the name: of another kind it keeps its tests, as with dbt. */
static enum rs_code misplaced(struct rs_yml *r, const struct rs_yaml *entry, enum rs_table_id t,
                              const char *what, const char *name, const char *ref,
                              struct rs_error *e)
{
  static const struct {
    enum rs_table_id table;
    const char *section;
  } kinds[] = {{RS_T_MODEL, "models"}, {RS_T_SEED, "seeds"}, {RS_T_SNAPSHOT, "snapshots"}};
  for (size_t i = 0; t != RS_T_ANALYSIS && i < sizeof kinds / sizeof *kinds; i++) {
    if (rs_import_find_patched(r->im, kinds[i].table, r->p, name) == NULL) continue;
    rs_import_warn(r->im,
                   "%s%s line %d: '%s' is a %s: of its entry only the tests count here, the rest "
                   "belongs below '%s:'",
                   r->p->prefix, r->path, entry->line, name, rs_tables[kinds[i].table].kind,
                   kinds[i].section);
    return rs_yml_tests(r, what, name, ref, NULL, entry, e);
  }
  rs_import_warn(r->im, "%s%s line %d: there is no %s '%s'", r->p->prefix, r->path, entry->line,
                 rs_tables[t].kind, name);
  return RS_OK;
}

/* latest_version must be one of the versions. */
static enum rs_code check_latest(struct rs_yml *r, const char *name, const struct rs_yaml *latest,
                                 const struct rs_yaml *versions, struct rs_error *e)
{
  struct rs_buf list;
  rs_buf_init(&list, 1000);
  for (size_t i = 0; i < versions->count; i++) {
    const struct rs_yaml *v = rs_yaml_get(versions->items[i], "v");
    if (v == NULL || v->text == NULL || rs_eq(v->text, latest->text)) {
      rs_buf_free(&list);
      return RS_OK; // or reading the version says so
    }
    rs_buf_printf(&list, "%s%s", i > 0 ? ", " : "", v->text);
  }
  enum rs_code rc = rs_import_fail(r->p, r->path, latest->line, e,
                                   "latest_version: %s is not one of model '%s' versions: [%s]",
                                   latest->text, name, rs_buf_text(&list));
  rs_buf_free(&list);
  return rc;
}

static enum rs_code read_model(struct rs_yml *r, const struct rs_yaml *entry, struct rs_error *e)
{
  const char *name;
  enum rs_code rc = rs_yml_name(r, entry, "models", &name, e);
  if (rc != RS_OK) return rc;
  const struct rs_yaml *versions = rs_yaml_get(entry, "versions");
  if (versions != NULL && versions->kind == RS_YAML_LIST && versions->count > 0) {
    const struct rs_yaml *latest = rs_yaml_get(entry, "latest_version");
    if (latest != NULL && latest->text != NULL) rc = check_latest(r, name, latest, versions, e);
    const char *which = latest != NULL && latest->text != NULL ? latest->text : greatest(versions);
    for (size_t i = 0; rc == RS_OK && i < versions->count; i++)
      rc = add_version(r, name, which, entry, versions->items[i], e);
    return rc;
  }
  struct rs_import_row *row = rs_import_find_patched(r->im, RS_T_MODEL, r->p, name);
  const char *ref = rs_yml_ref(r, name, NULL);
  if (ref == NULL) return rs_nomem(e);
  if (row == NULL) return misplaced(r, entry, RS_T_MODEL, "models", name, ref, e);
  for (int k = 2; rc == RS_OK && row != NULL; k++) { // files of one name, too
    char version[20];
    rc = patch_model(r, row, entry, NULL, e);
    snprintf(version, sizeof version, "#%d", k);
    row = rs_import_find_version(r->im, RS_T_MODEL, r->p, name, version);
  }
  return rc == RS_OK ? rs_yml_tests(r, "models", name, ref, NULL, entry, e) : rc;
}

/* A snapshot that is no more than its properties (dbt 1.9): of `relation`. */
static enum rs_code yml_snapshot(struct rs_yml *r, const struct rs_yaml *entry, const char *name,
                                 struct rs_import_row **out, struct rs_error *e)
{
  const struct rs_yaml *relation = rs_yaml_get(entry, "relation");
  if (relation == NULL || relation->text == NULL) return RS_OK;
  struct rs_import_row *row = rs_import_new(r->im, r->p, RS_T_SNAPSHOT, r->path, entry->line, e);
  if (row == NULL) return RS_NOMEM;
  const char *sql = rs_arena_printf(&r->im->arena, "select * from {{ %s }}", relation->text);
  if (sql == NULL) return rs_nomem(e);
  rs_row_set(&row->row, "name", name);
  rs_row_set(&row->row, "sql", sql);
  *out = row;
  return rs_import_add(r->im, row, e);
}

static enum rs_code read_node(struct rs_yml *r, const struct rs_yaml *entry, enum rs_table_id t,
                              const char *what, struct rs_error *e)
{
  const char *name;
  enum rs_code rc = rs_yml_name(r, entry, what, &name, e);
  if (rc != RS_OK) return rc;
  struct rs_import_row *row = rs_import_find_patched(r->im, t, r->p, name);
  const char *ref = rs_yml_ref(r, name, NULL);
  if (ref == NULL) return rs_nomem(e);
  if (row == NULL && t == RS_T_SNAPSHOT) rc = yml_snapshot(r, entry, name, &row, e);
  if (rc != RS_OK) return rc;
  if (row == NULL) return misplaced(r, entry, t, what, name, ref, e);
  rc = patch(r, row, entry, NULL, e);
  return rc == RS_OK ? rs_yml_tests(r, what, name, ref, NULL, entry, e) : rc;
}

static enum rs_code read_macro(struct rs_yml *r, const struct rs_yaml *entry, struct rs_error *e)
{
  const char *name;
  enum rs_code rc = rs_yml_name(r, entry, "macros", &name, e);
  if (rc != RS_OK) return rc;
  struct rs_import_row *row = rs_import_find(r->im, RS_T_MACRO, r->p, name);
  if (row == NULL) {
    rs_import_warn(r->im, "%s%s line %d: there is no macro '%s'", r->p->prefix, r->path,
                   entry->line, name);
    return RS_OK;
  }
  rs_row_set(&row->row, "patch_path", r->path);
  rc = rs_yml_text(r, &row->row, "description", rs_yaml_get(entry, "description"), e);
  if (rc == RS_OK)
    rc = rs_yml_json(r, &row->row, "arguments", rs_yaml_get(entry, "arguments"), RS_YAML_LIST, e);
  if (rc == RS_OK)
    rc = rs_yml_json(r, &row->row, "meta", rs_yaml_get(entry, "meta"), RS_YAML_MAP, e);
  return rc;
}

/* ---- others --------------------------------------------------------------------------------- */

enum value { TEXT, ANY, ROWS };
struct column {
  const char *column;
  enum value value;
};

/* One of `given`, or `expect`: rows that lie in a fixture's file are put in beside its name. */
static enum rs_code put_rows(struct rs_yml *r, const struct rs_yaml *v, struct rs_buf *b,
                             struct rs_error *e)
{
  const struct rs_yaml *name = rs_yaml_get(v, "fixture"), *format = rs_yaml_get(v, "format");
  if (name == NULL || name->text == NULL) {
    rs_yaml_json(v, b);
    return RS_OK;
  }
  static const char *const ends[] = {"csv", "sql"};
  const struct rs_cell *text = NULL;
  const char *end = NULL;
  for (size_t i = 0; i < 2 && text == NULL; i++) {
    if (format != NULL && format->text != NULL && !rs_eq(format->text, ends[i])) continue;
    char *key = rs_arena_printf(&r->im->arena, "%s\n%s.%s", r->p->row, name->text, ends[i]);
    if (key == NULL) return rs_nomem(e);
    text = rs_map_get(&r->im->fixtures, key);
    end = ends[i];
  }
  if (text == NULL)
    return rs_import_fail(r->p, r->path, name->line, e,
                          "fixture '%s': there is no such .csv or .sql file in tests/fixtures",
                          name->text);
  struct rs_buf one;
  rs_buf_init(&one, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < v->count; i++) {
    const char *key = v->pairs[i].key->text;
    if (!rs_eq(key, "rows") && !rs_eq(key, "format")) rs_yml_member(&one, key, v->pairs[i].value);
  }
  rs_buf_printf(&one, ",\"format\":\"%s\",\"rows\":", end);
  rs_buf_json_str(&one, text->p, text->n);
  rs_buf_char(&one, '}');
  enum rs_code rc = rs_buf_error(&one, e, "fixture");
  rs_buf_add(b, rs_buf_text(&one), one.n);
  rs_buf_free(&one);
  return rc;
}

static enum rs_code set_rows(struct rs_yml *r, struct rs_row *row, const char *column,
                             const struct rs_yaml *v, struct rs_error *e)
{
  bool list = v != NULL && v->kind == RS_YAML_LIST;
  if (!list && (v == NULL || v->kind != RS_YAML_MAP)) return rs_yml_any(r, row, column, v, e);
  struct rs_buf b;
  enum rs_code rc = RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  if (!list) rc = put_rows(r, v, &b, e);
  for (size_t i = 0; rc == RS_OK && list && i < v->count; i++) {
    rs_buf_char(&b, i == 0 ? '[' : ',');
    rc = put_rows(r, v->items[i], &b, e);
  }
  if (list) rs_buf_str(&b, v->count == 0 ? "[]" : "]");
  return rs_yml_take(r, row, column, &b, rc, e);
}

/* What dbt wants of every metric, semantic model, saved query. */
static enum rs_code check_required(struct rs_yml *r, const struct rs_yaml *entry,
                                   enum rs_table_id t, const char *what, const char *name,
                                   struct rs_error *e)
{
  static const struct {
    enum rs_table_id t;
    const char *key;
  } required[] = {{RS_T_METRIC, "label"},
                  {RS_T_METRIC, "type"},
                  {RS_T_METRIC, "type_params"},
                  {RS_T_SEMANTIC_MODEL, "model"},
                  {RS_T_SAVED_QUERY, "query_params"}};
  for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
    const struct rs_yaml *v = rs_yaml_get(entry, required[i].key);
    if (required[i].t == t && (v == NULL || v->kind == RS_YAML_NULL))
      return rs_import_fail(r->p, r->path, entry->line, e, "%s: '%s': '%s' is a required property",
                            what, name, required[i].key);
  }
  return RS_OK;
}

/* An entry that becomes one row, key by key. */
static enum rs_code read_plain(struct rs_yml *r, const struct rs_yaml *entry, enum rs_table_id t,
                               const char *what, const struct column *columns, size_t n,
                               struct rs_error *e)
{
  const char *name;
  enum rs_code rc = rs_yml_name(r, entry, what, &name, e);
  if (rc != RS_OK) return rc;
  struct rs_import_row *to = rs_import_new(r->im, r->p, t, r->path, entry->line, e);
  if (to == NULL) return RS_NOMEM;
  rs_row_set(&to->row, "name", name);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    const struct rs_yaml *v = rs_yaml_get(entry, columns[i].column);
    rc = columns[i].value == TEXT   ? rs_yml_text(r, &to->row, columns[i].column, v, e)
         : columns[i].value == ROWS ? set_rows(r, &to->row, columns[i].column, v, e)
                                    : rs_yml_any(r, &to->row, columns[i].column, v, e);
  }
  if (rc == RS_OK) rc = check_required(r, entry, t, what, name, e);
  return rc == RS_OK ? rs_import_add(r->im, to, e) : rc;
}

static enum rs_code read_entry(struct rs_yml *r, const char *what, const struct rs_yaml *entry,
                               struct rs_error *e)
{
  static const struct column exposure[] = {
    {"label", TEXT},       {"type", TEXT},      {"url", TEXT}, {"maturity", TEXT}, {"owner", ANY},
    {"description", TEXT}, {"depends_on", ANY}, {"tags", ANY}, {"meta", ANY},      {"config", ANY}};
  static const struct column group[] = {{"owner", ANY}};
  static const struct column unit_test[] = {
    {"model", TEXT},    {"description", TEXT}, {"given", ROWS}, {"expect", ROWS},
    {"overrides", ANY}, {"versions", ANY},     {"config", ANY}};
  static const struct column metric[] = {{"label", TEXT},
                                         {"type", TEXT},
                                         {"type_params", ANY},
                                         {"filter", ANY},
                                         {"time_granularity", TEXT},
                                         {"description", TEXT},
                                         {"tags", ANY},
                                         {"meta", ANY},
                                         {"config", ANY}};
  static const struct column semantic_model[] = {
    {"model", TEXT},     {"label", TEXT},          {"description", TEXT},
    {"defaults", ANY},   {"primary_entity", TEXT}, {"entities", ANY},
    {"dimensions", ANY}, {"measures", ANY},        {"config", ANY}};
  static const struct column saved_query[] = {{"label", TEXT},
                                              {"description", TEXT},
                                              {"query_params", ANY},
                                              {"exports", ANY},
                                              {"config", ANY}};
#define PLAIN(t, list) read_plain(r, entry, t, what, list, sizeof(list) / sizeof *(list), e)
  if (rs_eq(what, "models")) return read_model(r, entry, e);
  if (rs_eq(what, "sources")) return rs_yml_source(r, entry, e);
  if (rs_eq(what, "seeds")) return read_node(r, entry, RS_T_SEED, what, e);
  if (rs_eq(what, "snapshots")) return read_node(r, entry, RS_T_SNAPSHOT, what, e);
  if (rs_eq(what, "analyses")) return read_node(r, entry, RS_T_ANALYSIS, what, e);
  if (rs_eq(what, "macros")) return read_macro(r, entry, e);
  if (rs_eq(what, "exposures")) return PLAIN(RS_T_EXPOSURE, exposure);
  if (rs_eq(what, "groups")) return PLAIN(RS_T_GROUP, group);
  if (rs_eq(what, "metrics")) return PLAIN(RS_T_METRIC, metric);
  if (rs_eq(what, "semantic_models")) return PLAIN(RS_T_SEMANTIC_MODEL, semantic_model);
  if (rs_eq(what, "saved_queries")) return PLAIN(RS_T_SAVED_QUERY, saved_query);
  return PLAIN(RS_T_UNIT_TEST, unit_test);
#undef PLAIN
}

enum rs_code rs_import_yml(struct rs_imports *im, const struct rs_import_package *p,
                           const char *path, const char *text, size_t n, struct rs_error *e)
{
  static const char *const lists[] = {"models",   "sources",         "seeds",         "snapshots",
                                      "analyses", "macros",          "exposures",     "groups",
                                      "metrics",  "semantic_models", "saved_queries", "unit_tests"};
  struct rs_yml r = {.im = im, .p = p, .path = path};
  const struct rs_yaml *root;
  char *file = rs_arena_printf(&im->arena, "%s%s", p->prefix, path);
  if (file == NULL) return rs_nomem(e);
  enum rs_code rc = rs_import_yaml(im, file, text, n, &root, e);
  if (rc != RS_OK || root->kind == RS_YAML_NULL) return rc;
  if (root->kind != RS_YAML_MAP)
    return rs_import_fail(p, path, root->line, e, "properties must be a map: 'models:', ...");
  for (size_t i = 0; rc == RS_OK && i < sizeof lists / sizeof *lists; i++) {
    const struct rs_yaml *list = rs_yaml_get(root, lists[i]);
    if (list == NULL || list->kind == RS_YAML_NULL) continue;
    if (list->kind != RS_YAML_LIST)
      return rs_yml_fail(&r, list->line, e, "must be a list", lists[i]);
    for (size_t k = 0; rc == RS_OK && k < list->count; k++)
      rc = read_entry(&r, lists[i], list->items[k], e);
  }
  return rc;
}
