/*
** Rows as entries of properties and as keys of dbt_project.yml (export_internal.h).
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "export_internal.h"

#define DEPTH (RS_YAML_MAX_DEPTH + 4)

/* ---- trees ---------------------------------------------------------------------------------- */

struct rs_json *rs_props_node(struct rs_props *p, enum rs_json_kind kind)
{
  struct rs_json *v = rs_json_new(p->a, kind);
  if (v == NULL) p->lost = true;
  return v;
}

struct rs_json *rs_props_string(struct rs_props *p, const char *text)
{
  struct rs_json *v = text != NULL ? rs_json_new_string(p->a, text, strlen(text)) : NULL;
  if (text != NULL && v == NULL) p->lost = true;
  return v;
}

/* A cell that holds JSON; NULL: it is NULL, or no JSON (a CHECK forbids that). */
struct rs_json *rs_props_json(struct rs_props *p, const char *text)
{
  struct rs_json *v = NULL;
  if (text == NULL) return NULL;
  enum rs_code rc = rs_json_parse(text, strlen(text), DEPTH, p->a, &v, NULL);
  p->lost |= rc == RS_NOMEM;
  return rc == RS_OK ? v : NULL;
}

static struct rs_json *from_yaml(struct rs_props *p, const struct rs_yaml *v)
{
  const char *text = NULL;
  if (rs_yaml_keep_json(v, p->a, &text, NULL) != RS_OK) p->lost = true;
  return rs_props_json(p, text != NULL ? text : "null");
}

/* key: v, where v is there; in place of a member of that name. */
void rs_props_put(struct rs_json *to, const char *key, struct rs_json *v)
{
  if (to == NULL || v == NULL) return;
  rs_json_remove(to, rs_json_get(to, key));
  v->key = key;
  v->nkey = strlen(key);
  rs_json_add(to, v);
}

void rs_props_put_text(struct rs_props *p, struct rs_json *to, const char *key,
                       const struct rs_row *r, const char *column)
{
  rs_props_put(to, key, rs_props_string(p, rs_row_text(r, column)));
}

static void put_json(struct rs_props *p, struct rs_json *to, const char *key,
                     const struct rs_row *r, const char *column)
{
  rs_props_put(to, key, rs_props_json(p, rs_row_text(r, column)));
}

void rs_props_add(struct rs_json *list, struct rs_json *v)
{
  if (list != NULL && v != NULL) rs_json_add(list, v);
}

/* Versions are numbers where they look so. */
static struct rs_json *version_value(struct rs_props *p, const char *text)
{
  if (text == NULL) return NULL;
  bool number = *text >= '1' && *text <= '9' && strspn(text, "0123456789") == strlen(text);
  return number ? rs_props_json(p, text) : rs_props_string(p, text);
}

bool rs_props_of_package(const struct rs_row *r, const char *package)
{
  const char *own = rs_row_text(r, "package");
  return rs_eq(own != NULL ? own : "", package);
}

bool rs_props_in_file(const struct rs_row *r, const char *column, const char *path)
{
  const char *own = rs_row_text(r, column);
  return own == NULL || *own == 0 || rs_eq(own, path);
}

/* What the entry said that no row holds. */
static void keep_unknown(struct rs_props *p, struct rs_json *to, const struct rs_yaml *old,
                         const char *const *known)
{
  for (size_t i = 0; old != NULL && old->kind == RS_YAML_MAP && i < old->count; i++) {
    const char *key = old->pairs[i].key->text;
    size_t k = 0;
    while (known[k] != NULL && !rs_eq(known[k], key)) k++;
    if (known[k] == NULL && rs_json_get(to, key) == NULL)
      rs_props_put(to, key, from_yaml(p, old->pairs[i].value));
  }
}

/* ---- models, seeds, snapshots, analyses, macros --------------------------------------------- */

/* 'nightly, core' or a JSON list, as a list. */
static struct rs_json *words(struct rs_props *p, const char *text)
{
  if (text == NULL || *text == '[') return rs_props_json(p, text);
  struct rs_json *list = rs_props_node(p, RS_J_ARRAY);
  for (text += strspn(text, ", "); *text != 0; text += strspn(text, ", ")) {
    size_t n = strcspn(text, ", ");
    rs_props_add(list, rs_props_string(p, rs_arena_strndup(p->a, text, n)));
    text += n;
  }
  return list;
}

/* config: of the row, with what columns of rockset_models say besides. */
static void put_config(struct rs_props *p, struct rs_json *to, const struct rs_row *r)
{
  static const char *const own[][2] = {
    {"materialized", "materialized"}, {"schema", "workspace"}, {"alias", "alias"}};
  struct rs_json *config = rs_props_json(p, rs_row_text(r, "config"));
  if (config == NULL) config = rs_props_node(p, RS_J_OBJECT);
  if (r->table == RS_T_MODEL) {
    for (size_t i = 0; i < 3; i++) rs_props_put_text(p, config, own[i][0], r, own[i][1]);
    const char *tags = rs_row_text(r, "tags"), *key = rs_row_text(r, "unique_key");
    rs_props_put(config, "tags", words(p, tags));
    rs_props_put(config, "unique_key",
                 key != NULL && *key == '[' ? rs_props_json(p, key) : rs_props_string(p, key));
    if (rs_eq(rs_row_text(r, "enabled"), "0"))
      rs_props_put(config, "enabled", rs_props_json(p, "false"));
  }
  if (config != NULL && config->n > 0) rs_props_put(to, "config", config);
}

/* A key that config may say as well. */
static void put_beside(struct rs_props *p, struct rs_json *to, const struct rs_row *r,
                       const char *column)
{
  const char *text = rs_row_text(r, column);
  const struct rs_json *said = rs_json_get(rs_json_get(to, "config"), column);
  if (text != NULL && (said == NULL || !rs_json_is(said, text)))
    rs_props_put(to, column, rs_props_string(p, text));
}

static void put_node(struct rs_props *p, struct rs_json *to, const struct rs_row *r,
                     struct rs_props_wanted w)
{
  rs_props_put_text(p, to, "description", r, "description");
  put_config(p, to, r);
  if (r->table == RS_T_MODEL) {
    put_beside(p, to, r, "access");
    put_json(p, to, "constraints", r, "constraints");
  }
  rs_props_put_tests(p, to, &w);
  rs_props_put_columns(p, to, r, w);
}

static struct rs_json *model_version(struct rs_props *p, const struct rs_row *r,
                                     struct rs_props_wanted w)
{
  struct rs_json *v = rs_props_node(p, RS_J_OBJECT);
  w.version = rs_row_text(r, "version");
  rs_props_put(v, "v", version_value(p, w.version));
  const char *path = rs_row_text(r, "path"), *slash = path != NULL ? strrchr(path, '/') : NULL;
  const char *file = slash != NULL ? slash + 1 : path;
  size_t n = file != NULL ? strcspn(file, ".") : 0;
  const char *stem = file != NULL ? rs_arena_strndup(p->a, file, n) : NULL;
  const char *made = rs_arena_printf(p->a, "%s_v%s", w.name, w.version);
  if (stem != NULL && !rs_eq(stem, made) && !rs_eq(stem, w.name))
    rs_props_put(v, "defined_in", rs_props_string(p, stem));
  put_node(p, v, r, w);
  rs_props_put_text(p, v, "deprecation_date", r, "deprecation_date");
  return v;
}

static struct rs_json *node_entry(struct rs_props *p, const struct rs_row *r,
                                  struct rs_props_wanted w)
{
  static const char *const sides[] = {"group", "latest_version", "deprecation_date"};
  struct rs_json *entry = rs_props_node(p, RS_J_OBJECT), *versions;
  const char *version = r->table == RS_T_MODEL ? rs_row_text(r, "version") : NULL;
  bool versioned = version != NULL && *version != 0 && *version != '#';
  rs_props_put(entry, "name", rs_props_string(p, w.name));
  if (r->table == RS_T_SNAPSHOT && rs_row_text(r, "path") != NULL) {
    const char *path = rs_row_text(r, "path"), *sql = rs_row_text(r, "sql");
    static const char head[] = "select * from {{ ";
    size_t n = strlen(path);
    if (n > 4 && strcmp(path + n - 4, ".sql") != 0 && sql != NULL &&
        strncmp(sql, head, sizeof head - 1) == 0 && strstr(sql, " }}") != NULL)
      rs_props_put(entry, "relation",
                   rs_props_string(
                     p, rs_arena_strndup(p->a, sql + sizeof head - 1,
                                         (size_t)(strstr(sql, " }}") - sql) - (sizeof head - 1))));
  }
  if (!versioned) put_node(p, entry, r, w);
  for (size_t i = 0; r->table == RS_T_MODEL && i < 3; i++)
    if (i == 1) rs_props_put(entry, sides[1], version_value(p, rs_row_text(r, sides[1])));
    else if (i == 0 || !versioned) put_beside(p, entry, r, sides[i]);
  if (!versioned) return entry;
  versions = rs_props_node(p, RS_J_ARRAY);
  for (size_t i = 0; i < p->n; i++) {
    const struct rs_row *o = p->rows[i];
    if (o->table == RS_T_MODEL && rs_props_of_package(o, w.package) &&
        rs_eq(rs_row_text(o, "name"), w.name) && rs_props_in_file(o, "patch_path", w.path))
      rs_props_add(versions, model_version(p, o, w));
  }
  rs_props_put(entry, "versions", versions);
  return entry;
}

static struct rs_json *macro_entry(struct rs_props *p, const struct rs_row *r)
{
  struct rs_json *entry = rs_props_node(p, RS_J_OBJECT);
  rs_props_put_text(p, entry, "name", r, "name");
  rs_props_put_text(p, entry, "description", r, "description");
  put_json(p, entry, "arguments", r, "arguments");
  put_json(p, entry, "meta", r, "meta");
  return entry;
}

/* ---- sources -------------------------------------------------------------------------------- */

static const char *const table_keys[] = {"name",       "identifier",      "description", "config",
                                         "columns",    "quoting",         "freshness",   "meta",
                                         "tags",       "external",        "tests",       "loader",
                                         "data_tests", "loaded_at_field", NULL};
static const char *const source_keys[] = {
  "name",    "database",  "schema", "description", "loader",          "tables", "config",
  "quoting", "freshness", "meta",   "tags",        "loaded_at_field", NULL};
/* What the tables of one entry have in common. */
static const char *const of_source[][2] = {{"database", "database"},
                                           {"schema", "workspace"},
                                           {"description", "source_description"},
                                           {"loader", "loader"}};

static struct rs_json *table_entry(struct rs_props *p, const struct rs_row *r,
                                   struct rs_props_wanted w, const struct rs_yaml *old)
{
  static const char *const jsons[] = {"config", "quoting", "freshness", "meta", "tags", "external"};
  static const char *const texts[] = {"identifier", "description", "loaded_at_field"};
  struct rs_json *entry = rs_props_node(p, RS_J_OBJECT);
  w.table = rs_row_text(r, "name");
  rs_props_put_text(p, entry, "name", r, "name");
  for (size_t i = 0; i < 3; i++) rs_props_put_text(p, entry, texts[i], r, texts[i]);
  for (size_t i = 0; i < 6; i++) put_json(p, entry, jsons[i], r, jsons[i]);
  if (rs_row_text(r, "local_table") != NULL) {
    struct rs_json *config = rs_json_get(entry, "config");
    if (config == NULL) rs_props_put(entry, "config", config = rs_props_node(p, RS_J_OBJECT));
    rs_props_put_text(p, config, "local_table", r, "local_table");
  }
  w.tags = rs_json_get(entry, "tags");
  rs_props_put_tests(p, entry, &w);
  rs_props_put_columns(p, entry, r, w);
  keep_unknown(p, entry, rs_yml_find(old, "tables", w.table), table_keys);
  return entry;
}

static bool same_source(const struct rs_row *a, const struct rs_row *b)
{
  for (size_t i = 0; i < 4; i++)
    if (!rs_eq(rs_row_text(a, of_source[i][1]), rs_row_text(b, of_source[i][1]))) return false;
  return true;
}

static void source_entries(struct rs_props *p, const struct rs_props_wanted *w,
                           const struct rs_yaml *old, struct rs_json *list)
{
  const struct rs_row *firsts[64];
  size_t nfirsts = 0;
  for (size_t i = 0; i < p->n; i++) {
    const struct rs_row *r = p->rows[i];
    size_t k = 0;
    if (r->table != RS_T_SOURCE || !rs_props_of_package(r, w->package) ||
        !rs_props_in_file(r, "path", w->path) || !rs_eq(rs_row_text(r, "source"), w->name))
      continue;
    while (k < nfirsts && !same_source(firsts[k], r)) k++;
    if (k == nfirsts && k < 64) firsts[nfirsts++] = r;
  }
  for (size_t k = 0; k < nfirsts; k++) {
    struct rs_json *entry = rs_props_node(p, RS_J_OBJECT), *tables = rs_props_node(p, RS_J_ARRAY);
    rs_props_put(entry, "name", rs_props_string(p, w->name));
    for (size_t i = 0; i < 4; i++)
      rs_props_put_text(p, entry, of_source[i][0], firsts[k], of_source[i][1]);
    keep_unknown(p, entry, old, source_keys);
    for (size_t i = 0; i < p->n; i++) {
      const struct rs_row *r = p->rows[i];
      if (r->table == RS_T_SOURCE && rs_props_of_package(r, w->package) &&
          rs_props_in_file(r, "path", w->path) && rs_eq(rs_row_text(r, "source"), w->name) &&
          same_source(firsts[k], r))
        rs_props_add(tables, table_entry(p, r, *w, old));
    }
    rs_props_put(entry, "tables", tables);
    rs_props_add(list, entry);
  }
}

/* ---- exposures, groups, unit tests ---------------------------------------------------------- */

/* Rows that a fixture's file holds are not written a second time; others are, without its name. */
static void drop_rows(struct rs_props *p, const char *package, struct rs_json *given)
{
  const char *name, *format, *rows;
  if (!rs_json_text(given, "fixture", p->a, &name) || !rs_json_text(given, "rows", p->a, &rows) ||
      !rs_json_text(given, "format", p->a, &format))
    p->lost = true;
  else if (name != NULL) {
    char *key = rs_arena_printf(p->a, "%s\n%s.%s", package, name, format != NULL ? format : "csv");
    const struct rs_cell *text = key != NULL ? rs_map_get(&p->fixtures, key) : NULL;
    bool same = text != NULL && rows != NULL && rs_eqn(rows, text->p, text->n);
    if (same) rs_json_remove(given, rs_json_get(given, "rows"));
    else if (rs_json_get(given, "rows") != NULL)
      rs_json_remove(given, rs_json_get(given, "fixture"));
    p->lost |= key == NULL;
  }
}

static struct rs_json *plain_entry(struct rs_props *p, const struct rs_row *r)
{
  static const char *const jsons[] = {
    "owner",    "depends_on", "tags",     "meta",         "config", "given",
    "expect",   "overrides",  "versions", "type_params",  "filter", "defaults",
    "entities", "dimensions", "measures", "query_params", "exports"};
  struct rs_json *entry = rs_props_node(p, RS_J_OBJECT);
  for (const char *const *c = rs_tables[r->table].columns + 1; *c != NULL; c++) {
    bool is_json = false;
    if (rs_eq(*c, "path")) continue;
    for (size_t i = 0; i < sizeof jsons / sizeof *jsons; i++) is_json |= rs_eq(*c, jsons[i]);
    if (is_json) put_json(p, entry, *c, r, *c);
    else rs_props_put_text(p, entry, *c, r, *c);
  }
  if (r->table == RS_T_UNIT_TEST) {
    struct rs_json *given = rs_json_get(entry, "given");
    for (struct rs_json *g = given != NULL ? given->first : NULL; g != NULL; g = g->next)
      drop_rows(p, rs_row_text(r, "package"), g);
    drop_rows(p, rs_row_text(r, "package"), rs_json_get(entry, "expect"));
  }
  return entry;
}

enum rs_code rs_props_entries(struct rs_props *p, const char *package, const char *path,
                              const char *section, const char *name, const struct rs_yaml *old,
                              struct rs_json **out, struct rs_error *e)
{
  static const struct {
    const char *section;
    enum rs_table_id table;
    const char *file; /* the column that names the yml file */
  } kinds[] = {{"models", RS_T_MODEL, "patch_path"},
               {"seeds", RS_T_SEED, "patch_path"},
               {"snapshots", RS_T_SNAPSHOT, "patch_path"},
               {"analyses", RS_T_ANALYSIS, "patch_path"},
               {"macros", RS_T_MACRO, "patch_path"},
               {"exposures", RS_T_EXPOSURE, "path"},
               {"groups", RS_T_GROUP, "path"},
               {"unit_tests", RS_T_UNIT_TEST, "path"},
               {"metrics", RS_T_METRIC, "path"},
               {"semantic_models", RS_T_SEMANTIC_MODEL, "path"},
               {"saved_queries", RS_T_SAVED_QUERY, "path"}};
  static const char *const known[] = {"name",
                                      "description",
                                      "config",
                                      "tags",
                                      "meta",
                                      "docs",
                                      "tests",
                                      "data_tests",
                                      "columns",
                                      "access",
                                      "group",
                                      "constraints",
                                      "label",
                                      "type",
                                      "url",
                                      "maturity",
                                      "owner",
                                      "depends_on",
                                      "model",
                                      "given",
                                      "expect",
                                      "overrides",
                                      "latest_version",
                                      "deprecation_date",
                                      "versions",
                                      "relation",
                                      "arguments",
                                      "type_params",
                                      "filter",
                                      "time_granularity",
                                      "defaults",
                                      "primary_entity",
                                      "entities",
                                      "dimensions",
                                      "measures",
                                      "query_params",
                                      "exports",
                                      NULL};
  const struct rs_props_wanted w = {
    .package = package, .path = path, .kind = section, .name = name};
  *out = rs_props_node(p, RS_J_ARRAY);
  if (*out == NULL) return rs_nomem(e);
  if (rs_eq(section, "sources")) source_entries(p, &w, old, *out);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    if (!rs_eq(kinds[k].section, section)) continue;
    for (size_t i = 0; i < p->n && (*out)->n == 0; i++) {
      const struct rs_row *r = p->rows[i];
      if (r->table != kinds[k].table || !rs_props_of_package(r, package) ||
          !rs_eq(rs_row_text(r, "name"), name) || !rs_props_in_file(r, kinds[k].file, path))
        continue;
      struct rs_json *entry = k < 4    ? node_entry(p, r, w)
                              : k == 4 ? macro_entry(p, r)
                                       : plain_entry(p, r);
      keep_unknown(p, entry, old, known);
      rs_props_add(*out, entry);
    }
  }
  return p->lost ? rs_nomem(e) : RS_OK;
}

/* ---- dbt_project.yml ------------------------------------------------------------------------ */

/* The map at a dotted path, made where it is missing. */
static struct rs_json *level(struct rs_props *p, struct rs_json *root, const char *fqn)
{
  while (root != NULL && *fqn != 0) {
    size_t n = strcspn(fqn, ".");
    struct rs_json *below = rs_json_getn(root, fqn, n);
    if (below == NULL) {
      const char *key = rs_arena_strndup(p->a, fqn, n);
      below = rs_props_node(p, RS_J_OBJECT);
      if (key == NULL) p->lost = true;
      else rs_props_put(root, key, below);
    }
    root = below;
    fqn += n + (fqn[n] == '.');
  }
  return root;
}

static void put_level(struct rs_props *p, struct rs_json *root, const struct rs_row *r)
{
  struct rs_json *config = rs_props_json(p, rs_row_text(r, "config"));
  struct rs_json *to = level(p, root, rs_row_text(r, "fqn"));
  for (struct rs_json *m = config != NULL ? config->first : NULL; m != NULL; m = m->next) {
    const char *key = rs_arena_printf(p->a, "+%.*s", (int)m->nkey, m->key);
    struct rs_json *copy = rs_json_copy(p->a, m);
    if (key == NULL || copy == NULL) p->lost = true;
    else rs_props_put(to, key, copy);
  }
}

static struct rs_json *var_value(struct rs_props *p, const struct rs_row *r)
{
  const char *value = rs_row_text(r, "value");
  bool is_json = rs_eq(rs_row_text(r, "is_json"), "1");
  return is_json || value == NULL ? rs_props_json(p, value != NULL ? value : "null")
                                  : rs_props_string(p, value);
}

/* A key of rockset_project: lists, maps, numbers and truth values are JSON there. */
static struct rs_json *project_value(struct rs_props *p, const char *value)
{
  struct rs_json *v = value != NULL && *value != 0 && strchr("[{tfn-0123456789", *value) != NULL &&
                          (*value == '[' || *value == '{' || strchr(value, '.') == NULL)
                        ? rs_props_json(p, value)
                        : NULL;
  return v != NULL ? v : rs_props_string(p, value != NULL ? value : "");
}

enum rs_code rs_props_project(struct rs_props *p, const char *package, const char *key,
                              struct rs_json **out, struct rs_error *e)
{
  struct rs_json *root = rs_props_node(p, RS_J_OBJECT), *list = rs_props_node(p, RS_J_ARRAY),
                 *one = NULL;
  const char *type = rs_eq(key, "data_tests") ? "tests" : key;
  if (root == NULL || list == NULL) return rs_nomem(e);
  for (size_t i = 0; i < p->n; i++) {
    const struct rs_row *r = p->rows[i];
    if (r->table == RS_T_PROJECT) {
      if (*package == 0 && rs_eq(rs_row_text(r, "key"), key))
        one = project_value(p, rs_row_text(r, "value"));
      continue;
    }
    if (r->table == RS_T_PACKAGE || !rs_props_of_package(r, package)) continue;
    if (r->table == RS_T_CONFIG && rs_eq(rs_row_text(r, "resource_type"), type))
      put_level(p, root, r);
    if (r->table == RS_T_HOOK && rs_eq(rs_row_text(r, "event"), key))
      rs_props_add(list, rs_props_string(p, rs_row_text(r, "sql")));
    if (r->table == RS_T_VAR && rs_eq(key, "vars")) {
      const char *scope = rs_row_text(r, "scope");
      struct rs_json *to = scope != NULL && *scope != 0 ? level(p, root, scope) : root;
      rs_props_put(to, rs_row_text(r, "name"), var_value(p, r));
    }
  }
  *out = one != NULL ? one : list->n > 0 ? list : root->n > 0 ? root : NULL;
  return p->lost ? rs_nomem(e) : RS_OK;
}
