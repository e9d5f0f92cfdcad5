/*
** Writing a project back: a file whose rows are as they were imported is written byte for byte;
** where the text of a model, seed, test, macro ... was changed, its file gets the new one; rows
** that came from no file get one. What was edited of properties and of dbt_project.yml replaces
** its entry there; what a deleted row stood for is left out.
*/
#include <string.h>
#include "src/base/file.h"
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "export_internal.h"

#define EXPORT_MEMORY_MAX ((size_t)2 << 30)
#define NEW_PROPERTIES "models/rockset.yml" /* of rows that came from no file */
#define PROJECT_FILE "dbt_project.yml"

/* What import remembered of a row. */
struct remembered {
  const char *hash, *table, *key, *package, *path;
  bool met;
};

/* An entry of properties to be written anew; of dbt_project.yml: section is "" and name a key. */
struct edit {
  const char *package, *path, *section, *name;
};

struct exporting {
  struct rs_arena arena;
  const struct rs_row_store *store;
  const char *folder;
  bool force;
  struct rs_map files;    /* package, newline, path -> struct rs_export_file */
  struct rs_map packages; /* name -> its path */
  struct rs_map hashes;   /* table and key -> struct remembered */
  struct rs_map edits;    /* package, path, section, name -> struct edit */
  struct rs_map places;   /* package, section, name -> the yml file of that entry */
  struct rs_props props;
  struct rs_buf written, notes;
  size_t unchanged;
};

static void list(struct rs_buf *b, const char *text)
{
  if (b->n > 0) rs_buf_char(b, ',');
  rs_buf_json_str(b, text, strlen(text));
}

static struct rs_export_file *find_file(struct exporting *x, const char *package, const char *path)
{
  char *key = rs_arena_printf(&x->arena, "%s\n%s", package, path);
  return key != NULL ? rs_map_get(&x->files, key) : NULL;
}

static struct rs_export_file *new_file(struct exporting *x, const char *package, const char *path)
{
  char *key = rs_arena_printf(&x->arena, "%s\n%s", package, path);
  struct rs_export_file *f = rs_arena_calloc(&x->arena, sizeof *f);
  if (key == NULL || f == NULL) return NULL;
  f->package = rs_arena_strdup(&x->arena, package);
  f->path = rs_arena_strdup(&x->arena, path);
  rs_buf_init(&f->text, (size_t)256 << 20);
  return f->package != NULL && f->path != NULL && rs_map_put(&x->files, key, f) ? f : NULL;
}

/* ---- what is there -------------------------------------------------------------------------- */

static enum rs_code read_file(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct rs_export_file *f = new_file(arg, r->v[0].p, r->v[1].p);
  if (f == NULL) return rs_nomem(e);
  rs_buf_add(&f->text, r->v[2].p, r->v[2].n);
  return rs_buf_error(&f->text, e, f->path);
}

static enum rs_code read_package(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct exporting *x = arg;
  const char *path = rs_row_text(r, "path");
  char *copy = path != NULL ? rs_arena_strdup(&x->arena, path) : NULL;
  return copy == NULL || rs_map_put(&x->packages, r->v[0].p, copy) ? RS_OK : rs_nomem(e);
}

static enum rs_code read_hash(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct exporting *x = arg;
  struct remembered *m = rs_arena_calloc(&x->arena, sizeof *m);
  char *key = rs_arena_printf(&x->arena, "%s %s", r->v[0].p, r->v[1].p);
  if (key == NULL || m == NULL) return rs_nomem(e);
  const char *path = rs_row_text(r, "path"), *package = rs_row_text(r, "package");
  m->hash = rs_arena_strdup(&x->arena, rs_row_text(r, "hash"));
  m->table = rs_arena_strdup(&x->arena, r->v[0].p);
  m->key = rs_arena_strdup(&x->arena, r->v[1].p);
  m->package = rs_arena_strdup(&x->arena, package != NULL ? package : "");
  m->path = rs_arena_strdup(&x->arena, path != NULL ? path : "");
  if (m->hash == NULL || m->table == NULL || m->key == NULL || m->package == NULL ||
      m->path == NULL || !rs_map_put(&x->hashes, key, m))
    return rs_nomem(e);
  return RS_OK;
}

/* ---- rows into files ------------------------------------------------------------------------ */

/* Where a row without a file goes; NULL: its table has no place of its own. */
static const char *new_path(struct exporting *x, const struct rs_row *r)
{
  static const struct {
    enum rs_table_id table;
    const char *folder, *end;
  } places[] = {{RS_T_MODEL, "models", ".sql"}, {RS_T_SEED, "seeds", ".csv"},
                {RS_T_TEST, "tests", ".sql"},   {RS_T_ANALYSIS, "analyses", ".sql"},
                {RS_T_MACRO, "macros", ".sql"}, {RS_T_SNAPSHOT, "snapshots", ".sql"},
                {RS_T_DOC, "models", ".md"}};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    if (places[i].table != r->table) continue;
    bool in_folder = r->table != RS_T_MACRO && r->table != RS_T_DOC && r->table != RS_T_SNAPSHOT;
    const char *folder = in_folder ? rs_row_text(r, "folder") : NULL;
    const char *version = r->table == RS_T_MODEL ? rs_row_text(r, "version") : "";
    return rs_arena_printf(&x->arena, "%s%s%s/%s%s%s%s", places[i].folder,
                           folder != NULL ? "/" : "", folder != NULL ? folder : "",
                           rs_row_text(r, "name"), *version != 0 ? "_v" : "", version,
                           places[i].end);
  }
  return NULL;
}

static enum rs_code note(struct exporting *x, const struct rs_row *r, const char *text,
                         struct rs_error *e)
{
  char *line = rs_arena_printf(&x->arena, "%s: %s", rs_row_label(r, &x->arena), text);
  if (line == NULL) return rs_nomem(e);
  list(&x->notes, line);
  return RS_OK;
}

static enum rs_code put_new(struct exporting *x, const struct rs_row *r, struct rs_error *e)
{
  const struct rs_cell *body = rs_row_body(r);
  const char *path = body != NULL && body->p != NULL ? new_path(x, r) : NULL;
  if (path == NULL) return RS_OK; // it is properties only
  const char *package = rs_row_text(r, "package");
  struct rs_export_file *f = find_file(x, package, path);
  if (f != NULL) return note(x, r, "its file is there with another row", e);
  f = new_file(x, package, path);
  if (f == NULL) return rs_nomem(e);
  f->changed = true;
  if (r->table == RS_T_SNAPSHOT || r->table == RS_T_DOC) {
    const char *tag = r->table == RS_T_DOC ? "docs" : "snapshot";
    rs_buf_printf(&f->text, "{%% %s %s %%}\n", tag, rs_row_text(r, "name"));
    rs_buf_add(&f->text, body->p, body->n);
    rs_buf_printf(&f->text, "\n{%% end%s %%}\n", tag);
    return rs_buf_error(&f->text, e, path);
  }
  return rs_export_put_whole(f, r, e);
}

/* ---- properties ----------------------------------------------------------------------------- */

static bool is_yml(const char *path)
{
  size_t n = path != NULL ? strlen(path) : 0;
  return (n > 4 && strcmp(path + n - 4, ".yml") == 0) ||
         (n > 5 && strcmp(path + n - 5, ".yaml") == 0);
}

static const char *section_of(enum rs_table_id t)
{
  switch (t) {
    case RS_T_MODEL: return "models";
    case RS_T_SEED: return "seeds";
    case RS_T_SNAPSHOT: return "snapshots";
    case RS_T_ANALYSIS: return "analyses";
    case RS_T_MACRO: return "macros";
    case RS_T_SOURCE: return "sources";
    case RS_T_EXPOSURE: return "exposures";
    case RS_T_GROUP: return "groups";
    case RS_T_UNIT_TEST: return "unit_tests";
    case RS_T_METRIC: return "metrics";
    case RS_T_SEMANTIC_MODEL: return "semantic_models";
    case RS_T_SAVED_QUERY: return "saved_queries";
    default: return NULL;
  }
}

static enum rs_code parse_file(struct exporting *x, const struct rs_export_file *f,
                               const struct rs_yaml **root, struct rs_error *e)
{
  return rs_yaml_parse_loose(f->path, rs_buf_text(&f->text), f->text.n, &x->arena, NULL, NULL, root,
                             e);
}

/* The files of unit tests' rows. */
static enum rs_code find_fixtures(struct exporting *x, struct rs_error *e)
{
  for (size_t i = 0; i < x->files.n; i++) {
    const struct rs_export_file *f = x->files.v[i].value;
    const char *slash = strrchr(f->path, '/');
    if (slash == NULL || strstr(f->path, "/fixtures/") == NULL) continue;
    char *key = rs_arena_printf(&x->arena, "%s\n%s", f->package, slash + 1);
    struct rs_cell *cell = rs_arena_alloc(&x->arena, sizeof *cell);
    if (key == NULL || cell == NULL) return rs_nomem(e);
    *cell = (struct rs_cell){.p = rs_buf_text(&f->text), .n = f->text.n};
    if (!rs_map_put(&x->props.fixtures, key, cell)) return rs_nomem(e);
  }
  return RS_OK;
}

/* Where each entry of properties stands. */
static enum rs_code find_places(struct exporting *x, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < x->files.n; i++) {
    const struct rs_export_file *f = x->files.v[i].value;
    const struct rs_yaml *root, *name;
    if (!is_yml(f->path) || rs_eq(f->path, PROJECT_FILE)) continue;
    if (parse_file(x, f, &root, NULL) != RS_OK || root->kind != RS_YAML_MAP) continue;
    for (size_t t = 0; rc == RS_OK && t < RS_T_FILE; t++) {
      const char *section = section_of((enum rs_table_id)t);
      const struct rs_yaml *list = section != NULL ? rs_yaml_get(root, section) : NULL;
      for (size_t k = 0; list != NULL && list->kind == RS_YAML_LIST && k < list->count; k++) {
        if ((name = rs_yaml_get(list->items[k], "name")) == NULL || name->text == NULL) continue;
        char *key = rs_arena_printf(&x->arena, "%s\n%s\n%s", f->package, section, name->text);
        if (key == NULL ||
            (rs_map_get(&x->places, key) == NULL && !rs_map_put(&x->places, key, (void *)f->path)))
          rc = rs_nomem(e);
      }
    }
  }
  return rc;
}

/* The entry is to be written anew. `path` may be NULL or no yml: then where it stands, or in a new
** file; `only_there`: only where it stands. */
static enum rs_code mark(struct exporting *x, const char *package, const char *path,
                         const char *section, const char *name, bool only_there, struct rs_error *e)
{
  struct rs_arena *a = &x->arena;
  char *place = rs_arena_printf(a, "%s\n%s\n%s", package, section, name);
  if (place == NULL) return rs_nomem(e);
  if (!is_yml(path)) path = rs_map_get(&x->places, place);
  if (path == NULL && only_there) return RS_OK;
  if (path == NULL) path = NEW_PROPERTIES;
  char *key = rs_arena_printf(a, "%s\n%s\n%s\n%s", package, path, section, name);
  struct edit *edit = rs_arena_alloc(a, sizeof *edit);
  if (key == NULL || edit == NULL) return rs_nomem(e);
  *edit = (struct edit){.package = rs_arena_strdup(a, package),
                        .path = rs_arena_strdup(a, path),
                        .section = rs_arena_strdup(a, section),
                        .name = rs_arena_strdup(a, name)};
  if (edit->package == NULL || edit->path == NULL || edit->section == NULL || edit->name == NULL)
    return rs_nomem(e);
  return rs_map_get(&x->edits, key) != NULL || rs_map_put(&x->edits, key, edit) ? RS_OK
                                                                                : rs_nomem(e);
}

static enum rs_code mark_test(struct exporting *x, const struct rs_row *r, struct rs_error *e)
{
  struct rs_tested t;
  const char *package = rs_row_text(r, "package");
  if (rs_row_text(r, "test") == NULL)
    return rs_row_text(r, "config") == NULL
             ? RS_OK
             : note(x, r, "its config belongs into its text: {{ config(...) }}", e);
  const char *section = rs_props_tested(&x->props, r, &t) ? rs_props_section(&x->props, package, &t)
                                                          : NULL;
  if (section == NULL) return note(x, r, "what it tests is not there: it is not written", e);
  return mark(x, package, rs_row_text(r, "path"), section, t.name, false, e);
}

/* Does a row say more than its text? */
static bool says_more(const struct rs_row *r)
{
  const struct rs_cell *body = rs_row_body(r);
  static const char *const no[] = {"package", "name", "enabled",
                                   "folder",  "path", "latest_version"};
  for (size_t i = 0; rs_tables[r->table].columns[i] != NULL; i++) {
    const char *column = rs_tables[r->table].columns[i], *text = r->v[i].p;
    bool counts = &r->v[i] != body && text != NULL && *text != 0 &&
                  !(rs_eq(column, "version") && *text == '#');
    for (size_t k = 0; k < sizeof no / sizeof *no; k++) counts = counts && !rs_eq(column, no[k]);
    if (counts || (rs_eq(column, "enabled") && rs_eq(text, "0"))) return true;
  }
  return false;
}

/* What a row's properties stand in. */
static enum rs_code mark_row(struct exporting *x, const struct rs_row *r, struct rs_error *e)
{
  const char *section = section_of(r->table), *package = "";
  if (r->table != RS_T_PROJECT && r->table != RS_T_PACKAGE) package = rs_row_text(r, "package");
  if (package == NULL) package = "";
  switch (r->table) {
    case RS_T_TEST: return mark_test(x, r, e);
    case RS_T_SOURCE:
      return mark(x, package, rs_row_text(r, "path"), section, rs_row_text(r, "source"), false, e);
    case RS_T_PROJECT: return mark(x, "", PROJECT_FILE, "", rs_row_text(r, "key"), false, e);
    case RS_T_CONFIG:
      return mark(x, package, PROJECT_FILE, "", rs_row_text(r, "resource_type"), false, e);
    case RS_T_HOOK: return mark(x, package, PROJECT_FILE, "", rs_row_text(r, "event"), false, e);
    case RS_T_VAR: return mark(x, package, PROJECT_FILE, "", "vars", false, e);
    case RS_T_PACKAGE: return note(x, r, "packages.yml is written as it was imported", e);
    case RS_T_EXPOSURE:
    case RS_T_GROUP:
    case RS_T_METRIC:
    case RS_T_SEMANTIC_MODEL:
    case RS_T_SAVED_QUERY:
    case RS_T_UNIT_TEST:
      return mark(x, package, rs_row_text(r, "path"), section, rs_row_text(r, "name"), false, e);
    default: break;
  }
  if (section == NULL) return RS_OK;
  const char *path = rs_row_text(r, "patch_path");
  if (path != NULL && strstr(path, "://") != NULL)
    return note(x, r, "its properties stand in another package's file, which stays as it is", e);
  if (path == NULL && r->table == RS_T_SNAPSHOT) path = rs_row_text(r, "path");
  return mark(x, package, path, section, rs_row_text(r, "name"), !says_more(r), e);
}

/* A copy for those who write entries; the long texts of files are left out. */
static enum rs_code keep_row(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct exporting *x = arg;
  struct rs_row *copy = rs_arena_alloc(&x->arena, sizeof *copy);
  if (copy == NULL || !rs_grow(&x->props.rows, &x->props.cap, x->props.n + 1, sizeof copy))
    return rs_nomem(e);
  *copy = *r;
  const struct rs_cell *body = r->table == RS_T_SNAPSHOT ? NULL : rs_row_body(r);
  for (size_t i = 0; i < rs_table_columns(r->table); i++) {
    if (&r->v[i] == body) copy->v[i] = (struct rs_cell){.p = NULL, .n = 0};
    else if (r->v[i].p != NULL &&
             (copy->v[i].p = rs_arena_strndup(&x->arena, r->v[i].p, r->v[i].n)) == NULL)
      return rs_nomem(e);
  }
  x->props.rows[x->props.n++] = copy;
  return RS_OK;
}

static enum rs_code put_row(void *arg, const struct rs_row *r, struct rs_error *e)
{
  struct exporting *x = arg;
  char hash[2 * RS_SHA256_SIZE + 1];
  enum rs_code rc = rs_row_hash(r, hash, e);
  const char *key = rs_row_key(r, &x->arena);
  char *name = key != NULL ? rs_arena_printf(&x->arena, "%s %s", rs_tables[r->table].name, key)
                           : NULL;
  if (rc != RS_OK || name == NULL) return rc != RS_OK ? rc : rs_nomem(e);
  struct remembered *then = rs_map_get(&x->hashes, name);
  if (then != NULL) then->met = true;
  if (then != NULL && rs_eq(then->hash, hash)) return RS_OK;
  if (then == NULL) {
    rc = put_new(x, r, e);
    return rc == RS_OK ? mark_row(x, r, e) : rc;
  }
  bool props = strcmp(then->hash + RS_SHA256_SIZE, hash + RS_SHA256_SIZE) != 0;
  if (props) rc = mark_row(x, r, e);
  if (rc != RS_OK || strncmp(then->hash, hash, RS_SHA256_SIZE) == 0) return rc;
  const char *path = rs_row_text(r, "path");
  if (r->table == RS_T_SNAPSHOT && is_yml(path)) return mark_row(x, r, e);
  struct rs_export_file *f = path != NULL ? find_file(x, rs_row_text(r, "package"), path) : NULL;
  if (f == NULL) return put_new(x, r, e);
  bool block = r->table == RS_T_MACRO || r->table == RS_T_SNAPSHOT || r->table == RS_T_DOC;
  if (!block) return rs_export_put_whole(f, r, e);
  bool found;
  rc = rs_export_put_block(f, r, &found, e);
  if (rc != RS_OK || found) return rc;
  char *text = rs_arena_printf(&x->arena, "not in %s any more: added at its end", f->path);
  return text != NULL ? note(x, r, text, e) : rs_nomem(e);
}

static size_t count_tests(const struct rs_yaml *entry)
{
  static const char *const tests[] = {"tests", "data_tests"}, *const below[] = {"columns",
                                                                                "tables"};
  size_t n = 0;
  for (size_t k = 0; k < 2; k++) {
    const struct rs_yaml *list = rs_yaml_get(entry, tests[k]);
    if (list != NULL && list->kind == RS_YAML_LIST) n += list->count;
    list = rs_yaml_get(entry, below[k]);
    for (size_t i = 0; list != NULL && list->kind == RS_YAML_LIST && i < list->count; i++)
      n += count_tests(list->items[i]);
  }
  return n;
}

/* A test's row is gone: of which entry only its file knows. Versions multiply tests, so those
** entries are always written anew. */
static enum rs_code lost_test(struct exporting *x, const struct remembered *m, struct rs_error *e)
{
  const struct rs_yaml *root;
  const struct rs_export_file *f = find_file(x, m->package, m->path);
  enum rs_code rc = RS_OK;
  if (f == NULL || parse_file(x, f, &root, NULL) != RS_OK) return RS_OK;
  for (size_t t = 0; rc == RS_OK && t <= RS_T_SNAPSHOT; t++) {
    const char *section = section_of((enum rs_table_id)t);
    const struct rs_yaml *list = section != NULL ? rs_yaml_get(root, section) : NULL;
    for (size_t i = 0; rc == RS_OK && list != NULL && list->items != NULL && i < list->count; i++) {
      const struct rs_yaml *name = rs_yaml_get(list->items[i], "name");
      if (name == NULL || name->text == NULL) continue;
      size_t have = rs_props_count_tests(&x->props, m->package, m->path, section, name->text);
      if (rs_yaml_get(list->items[i], "versions") != NULL || have != count_tests(list->items[i]))
        rc = mark(x, m->package, m->path, section, name->text, true, e);
    }
  }
  return rc;
}

/* A row that was imported and is not there any more. */
static enum rs_code put_lost(struct exporting *x, const struct remembered *m, struct rs_error *e)
{
  struct rs_json *key;
  const char *part[3] = {"", "", ""};
  size_t t = 0, n = 0;
  while (t < RS_T_FILE && !rs_eq(rs_tables[t].name, m->table)) t++;
  if (t >= RS_T_FILE) return RS_OK;
  enum rs_code rc = rs_json_parse(m->key, strlen(m->key), 4, &x->arena, &key, e);
  for (struct rs_json *k = rc == RS_OK ? key->first : NULL; k != NULL && n < 3; k = k->next)
    if ((part[n++] = rs_arena_strndup(&x->arena, k->p != NULL ? k->p : "", k->n)) == NULL)
      return rs_nomem(e);
  if (rc != RS_OK) return rc;
  struct rs_export_file *f = find_file(x, m->package, m->path);
  const char *section = section_of((enum rs_table_id)t);
  switch (t) {
    case RS_T_PROJECT: return mark(x, "", PROJECT_FILE, "", part[0], false, e);
    case RS_T_CONFIG:
    case RS_T_HOOK: return mark(x, m->package, PROJECT_FILE, "", part[1], false, e);
    case RS_T_VAR: return mark(x, m->package, PROJECT_FILE, "", "vars", false, e);
    case RS_T_MACRO:
    case RS_T_SNAPSHOT:
    case RS_T_DOC:
      if (f != NULL && !is_yml(m->path)) rc = rs_export_cut_block(f, part[1], e);
      break;
    case RS_T_TEST:
      if (is_yml(m->path)) return lost_test(x, m, e);
      if (f != NULL) f->gone = true;
      return RS_OK;
    case RS_T_MODEL:
    case RS_T_SEED:
    case RS_T_ANALYSIS:
      if (f != NULL) f->gone = true;
      break;
    default: break;
  }
  if (rc != RS_OK || section == NULL) return rc;
  return mark(x, m->package, m->path, section, part[1], true, e);
}

static enum rs_code put_edit(struct exporting *x, const struct edit *edit, struct rs_error *e)
{
  struct rs_export_file *f = find_file(x, edit->package, edit->path);
  const struct rs_yaml *root;
  struct rs_json *made;
  enum rs_code rc = RS_OK;
  const char *name = edit->name;
  if (f == NULL) f = new_file(x, edit->package, edit->path);
  if (f == NULL) return rs_nomem(e);
  f->changed = true;
  rc = parse_file(x, f, &root, e);
  if (rc != RS_OK) return rc;
  if (*edit->section == 0) {
    if (rs_eq(name, "tests") && rs_yaml_get(root, "data_tests") != NULL) name = "data_tests";
    rc = rs_props_project(&x->props, edit->package, name, &made, e);
    return rc == RS_OK ? rs_yml_set_key(&f->text, name, made, &x->arena, e) : rc;
  }
  x->props.tests_key = strstr(rs_buf_text(&f->text), "data_tests:") != NULL ? "data_tests"
                                                                            : "tests";
  if (root->kind == RS_YAML_NULL && f->text.n == 0) rs_buf_str(&f->text, "version: 2\n");
  rc = rs_props_entries(&x->props, edit->package, edit->path, edit->section, name,
                        rs_yml_find(root, edit->section, name), &made, e);
  return rc == RS_OK ? rs_yml_set_entries(&f->text, edit->section, name, made, &x->arena, e) : rc;
}

/* ---- writing -------------------------------------------------------------------------------- */

static enum rs_code write_file(struct exporting *x, const struct rs_export_file *f,
                               struct rs_error *e)
{
  if (f->gone) return RS_OK;
  const char *below = *f->package != 0 ? rs_map_get(&x->packages, f->package) : "";
  if (below == NULL) return RS_OK;
  struct rs_arena scratch;
  rs_arena_init(&scratch, 0);
  char *path = rs_arena_printf(&scratch, "%s/%s%s%s", x->folder, below, *below != 0 ? "/" : "",
                               f->path);
  const char *old;
  size_t n = 0;
  enum rs_code rc = path == NULL ? rs_nomem(e) : RS_OK;
  // A row's path is whatever somebody wrote there
  if (rc == RS_OK && (*f->path == '/' || strstr(f->path, "..") != NULL))
    rc = rs_fail(e, RS_FORBIDDEN, "%s: a path must stay below the project's folder", f->path);
  bool there = rc == RS_OK && rs_is_file(path);
  if (there) rc = rs_file_read(&scratch, path, (size_t)256 << 20, &old, &n, e);
  bool same = rc == RS_OK && there && n == f->text.n && memcmp(old, rs_buf_text(&f->text), n) == 0;
  if (same) x->unchanged++;
  if (rc == RS_OK && there && !same && !x->force)
    rc = rs_fail(e, RS_EXISTS, "%s: is there with another content: {\"force\":true} overwrites it",
                 path);
  if (rc == RS_OK && !same) {
    rc = rs_file_write(path, rs_buf_text(&f->text), f->text.n, e);
    list(&x->written, path + strlen(x->folder) + 1);
  }
  rs_arena_free(&scratch);
  return rc;
}

enum rs_code rs_export(const char *folder, const struct rs_export_options *opt,
                       const struct rs_row_store *store, struct rs_buf *report, struct rs_error *e)
{
  struct exporting x = {.store = store, .folder = folder, .force = opt->force};
  rs_arena_init(&x.arena, EXPORT_MEMORY_MAX);
  rs_map_init(&x.files);
  rs_map_init(&x.packages);
  rs_map_init(&x.hashes);
  rs_map_init(&x.edits);
  rs_map_init(&x.places);
  rs_map_init(&x.props.fixtures);
  x.props.a = &x.arena;
  rs_buf_init(&x.written, RS_BUF_SQL_MAX);
  rs_buf_init(&x.notes, RS_BUF_SQL_MAX);
  enum rs_code rc = store->each(store->ctx, RS_T_FILE, read_file, &x, e);
  if (rc == RS_OK) rc = store->each(store->ctx, RS_T_PACKAGE, read_package, &x, e);
  if (rc == RS_OK) rc = store->each(store->ctx, RS_T_IMPORTED, read_hash, &x, e);
  if (rc == RS_OK && find_file(&x, "", PROJECT_FILE) == NULL) {
    struct rs_export_file *f = new_file(&x, "", PROJECT_FILE);
    if (f == NULL) rc = rs_nomem(e);
    else rs_buf_str(&f->text, "name: project\nversion: '1.0'\nconfig-version: 2\n");
  }
  if (rc == RS_OK) rc = find_places(&x, e);
  if (rc == RS_OK) rc = find_fixtures(&x, e);
  for (size_t t = 0; rc == RS_OK && t < RS_T_FILE; t++)
    if (t != RS_T_DOC) rc = store->each(store->ctx, (enum rs_table_id)t, keep_row, &x, e);
  for (size_t t = 0; rc == RS_OK && t < RS_T_FILE; t++)
    rc = store->each(store->ctx, (enum rs_table_id)t, put_row, &x, e);
  for (size_t i = 0; rc == RS_OK && i < x.hashes.n; i++) {
    const struct remembered *m = x.hashes.v[i].value;
    if (!m->met) rc = put_lost(&x, m, e);
  }
  for (size_t i = 0; rc == RS_OK && i < x.edits.n; i++) rc = put_edit(&x, x.edits.v[i].value, e);
  for (size_t i = 0; rc == RS_OK && i < x.files.n; i++) rc = write_file(&x, x.files.v[i].value, e);
  if (rc == RS_OK) {
    rs_buf_printf(report, "{\"written\":[%s],\"unchanged\":%zu,\"notes\":[%s]}",
                  rs_buf_text(&x.written), x.unchanged, rs_buf_text(&x.notes));
    rc = rs_buf_error(report, e, "the report");
  }
  for (size_t i = 0; i < x.files.n; i++)
    rs_buf_free(&((struct rs_export_file *)x.files.v[i].value)->text);
  rs_buf_free(&x.written);
  rs_buf_free(&x.notes);
  rs_map_free(&x.files);
  rs_map_free(&x.packages);
  rs_map_free(&x.hashes);
  rs_map_free(&x.edits);
  rs_map_free(&x.places);
  rs_map_free(&x.props.fixtures);
  rs_free(x.props.rows);
  rs_arena_free(&x.arena);
  return rc;
}
