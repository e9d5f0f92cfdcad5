/*
** Reading a project's folders: every file becomes a row of rockset_files and the rows it stands
** for; properties are read last, when what they describe is known.
*/
#include "files.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/file.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/jinja/jinja.h"
#include "import_internal.h"
#include "src/project/model/model.h"

#define FILE_BYTES_MAX ((size_t)64 << 20)
#define DEPTH_MAX 64
#define IMPORT_MEMORY_MAX ((size_t)2 << 30)

/* ---- rows ----------------------------------------------------------------------------------- */

struct rs_import_row *rs_import_new(struct rs_imports *im, const struct rs_import_package *p,
                                    enum rs_table_id t, const char *path, int line,
                                    struct rs_error *e)
{
  struct rs_import_row *r = rs_arena_calloc(&im->arena, sizeof *r);
  if (r == NULL) {
    rs_nomem(e);
    return NULL;
  }
  r->row.table = t;
  r->path = path;
  r->line = line;
  r->file = rs_arena_printf(&im->arena, "%s%s", p->prefix, path);
  for (const char *const *c = rs_tables[t].columns; *c != NULL; c++) {
    if (rs_eq(*c, "package")) rs_row_set(&r->row, *c, p->row);
    else if (rs_eq(*c, "path") && t != RS_T_PACKAGE) rs_row_set(&r->row, *c, path);
    else if (rs_eq(*c, "enabled")) rs_row_set(&r->row, *c, "1");
    else if (rs_eq(*c, "version")) rs_row_set(&r->row, *c, "");
  }
  return r;
}

static char *index_key(struct rs_imports *im, const struct rs_row *r)
{
  const char *key = rs_row_key(r, &im->arena);
  return key != NULL ? rs_arena_printf(&im->arena, "%d %s", (int)r->table, key) : NULL;
}

/* Does some key `enabled` or `+enabled` stand in it? */
static bool says_enabled(const struct rs_yaml *v)
{
  bool found = false;
  for (size_t i = 0; v != NULL && !found && i < v->count; i++) {
    if (v->kind == RS_YAML_LIST) found = says_enabled(v->items[i]);
    if (v->kind != RS_YAML_MAP) continue;
    const char *key = v->pairs[i].key->text;
    found = rs_eq(key, "enabled") || rs_eq(key, "+enabled") || says_enabled(v->pairs[i].value);
  }
  return found;
}

static bool may_be_disabled(const struct rs_imports *im, const struct rs_row *r)
{
  const struct rs_cell *body = rs_row_body(r);
  if (body->p != NULL && memmem(body->p, body->n, "enabled", 7) != NULL) return true;
  for (size_t i = 0; i < im->npackages; i++)
    if ((i == 0 || rs_eq(im->packages[i].name, rs_row_text(r, "package"))) &&
        says_enabled(im->packages[i].project))
      return true;
  return false;
}

/* Two files of one name are one model, where all but one may be disabled: which, shows when the
** project is compiled. The further ones have the version #2, #3 ... */
static enum rs_code name_twin(struct rs_imports *im, struct rs_import_row *r,
                              const struct rs_import_row **other, char **key, struct rs_error *e)
{
  if (r->row.table != RS_T_MODEL || *rs_row_text(&r->row, "version") != 0 ||
      (!may_be_disabled(im, &r->row) && !may_be_disabled(im, &(*other)->row)))
    return RS_OK;
  for (int k = 2; *other != NULL; k++) {
    rs_row_set(&r->row, "version", rs_arena_printf(&im->arena, "#%d", k));
    *key = rs_row_text(&r->row, "version") != NULL ? index_key(im, &r->row) : NULL;
    if (*key == NULL) return rs_nomem(e);
    *other = rs_map_get(&im->index, *key);
  }
  return RS_OK;
}

enum rs_code rs_import_add(struct rs_imports *im, struct rs_import_row *r, struct rs_error *e)
{
  char *key = index_key(im, &r->row);
  if (key == NULL || !rs_grow(&im->rows, &im->cap, im->n + 1, sizeof *im->rows)) return rs_nomem(e);
  const struct rs_import_row *other = rs_map_get(&im->index, key);
  if (other != NULL) {
    enum rs_code rc = name_twin(im, r, &other, &key, e);
    if (rc != RS_OK) return rc;
  }
  if (other != NULL) {
    const char *label = rs_row_label(&r->row, &im->arena);
    return rs_fail(e, RS_EXISTS, "%s line %d: %s is also in %s line %d", r->file, r->line,
                   label != NULL ? label : "it", other->file, other->line);
  }
  if (!rs_map_put(&im->index, key, r)) return rs_nomem(e);
  im->rows[im->n++] = r;
  return RS_OK;
}

struct rs_import_row *rs_import_find(struct rs_imports *im, enum rs_table_id t,
                                     const struct rs_import_package *p, const char *name)
{
  return rs_import_find_version(im, t, p, name, "");
}

struct rs_import_row *rs_import_find_version(struct rs_imports *im, enum rs_table_id t,
                                             const struct rs_import_package *p, const char *name,
                                             const char *version)
{
  struct rs_row key = {.table = t};
  rs_row_set(&key, "package", p->row);
  rs_row_set(&key, "name", name);
  if (t == RS_T_MODEL) rs_row_set(&key, "version", version);
  const char *text = index_key(im, &key);
  return text != NULL ? rs_map_get(&im->index, text) : NULL;
}

struct rs_import_row *rs_import_find_patched(struct rs_imports *im, enum rs_table_id t,
                                             const struct rs_import_package *p, const char *name)
{
  struct rs_import_row *r = rs_import_find(im, t, p, name);
  for (size_t i = 0; r == NULL && i < im->npackages; i++)
    r = rs_import_find(im, t, &im->packages[i], name);
  return r;
}

void rs_import_warn(struct rs_imports *im, const char *fmt, ...)
{
  struct rs_buf text;
  va_list ap;
  rs_buf_init(&text, RS_ERROR_MAX);
  va_start(ap, fmt);
  rs_buf_vprintf(&text, fmt, ap);
  va_end(ap);
  if (im->warnings.n > 0) rs_buf_char(&im->warnings, ',');
  rs_buf_json_str(&im->warnings, rs_buf_text(&text), text.n);
  rs_buf_free(&text);
}

struct repeated {
  struct rs_imports *im;
  const char *file;
};

static void warn_repeated(void *ctx, const char *key, int line)
{
  const struct repeated *r = ctx;
  rs_import_warn(r->im, "%s line %d: key '%s' is there twice: the last one counts", r->file, line,
                 key);
}

enum rs_code rs_import_yaml(struct rs_imports *im, const char *file, const char *text, size_t n,
                            const struct rs_yaml **root, struct rs_error *e)
{
  struct repeated r = {.im = im, .file = file};
  return rs_yaml_parse_loose(file, text, n, &im->arena, warn_repeated, &r, root, e);
}

enum rs_code rs_import_fail(const struct rs_import_package *p, const char *path, int line,
                            struct rs_error *e, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  rs_vfail(e, RS_INVALID, fmt, ap);
  va_end(ap);
  rs_error_prefix(e, "%s%s line %d", p->prefix, path, line);
  return RS_INVALID;
}

const char *rs_import_stem(struct rs_imports *im, const char *path, struct rs_error *e)
{
  const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
  const char *dot = strrchr(base, '.');
  char *stem = rs_arena_strndup(&im->arena, base,
                                dot != NULL ? (size_t)(dot - base) : strlen(base));
  if (stem == NULL) rs_nomem(e);
  return stem;
}

/* ---- files ---------------------------------------------------------------------------------- */

enum role { ROLE_MODEL, ROLE_SEED, ROLE_SNAPSHOT, ROLE_TEST, ROLE_ANALYSIS, ROLE_MACRO, ROLE_DOCS };

struct yml {
  const char *path, *text;
  size_t n;
};

struct walk {
  struct rs_imports *im;
  struct rs_import_package package;
  enum role role;
  size_t root;         /* length of the folder that a path of the project names */
  struct rs_map *seen; /* paths of this package */
  struct yml *ymls;
  size_t nymls, cap_ymls;
};

static bool ends_with(const char *text, const char *end)
{
  size_t n = strlen(text), m = strlen(end);
  return n > m && strcmp(text + n - m, end) == 0;
}

static void trim(const char **p, size_t *n)
{
  while (*n > 0 && strchr(" \t\r\n\f\v", **p) != NULL) (*p)++, (*n)--;
  while (*n > 0 && strchr(" \t\r\n\f\v", (*p)[*n - 1]) != NULL) (*n)--;
}

static enum rs_code keep_file(struct walk *w, const char *path, const char *text, size_t n,
                              struct rs_error *e)
{
  unsigned char hash[RS_SHA256_SIZE];
  char hex[2 * RS_SHA256_SIZE + 1];
  struct rs_import_row *r = rs_import_new(w->im, &w->package, RS_T_FILE, path, 1, e);
  if (r == NULL) return RS_NOMEM;
  rs_sha256(text, n, hash);
  rs_hex(hash, sizeof hash, hex);
  *rs_row_at(&r->row, "content") = (struct rs_cell){.p = text, .n = n};
  rs_row_set(&r->row, "hash", rs_arena_strdup(&w->im->arena, hex));
  if (rs_row_text(&r->row, "hash") == NULL) return rs_nomem(e);
  return rs_import_add(w->im, r, e);
}

/* The folders between the project's path and the file: "staging/core", or NULL. */
static enum rs_code set_folder(struct walk *w, struct rs_row *r, const char *path,
                               struct rs_error *e)
{
  const char *slash = strrchr(path, '/');
  if (slash == NULL || (size_t)(slash - path) <= w->root) return RS_OK;
  const char *from = path + (w->root > 0 ? w->root + 1 : 0);
  rs_row_set(r, "folder", rs_arena_strndup(&w->im->arena, from, (size_t)(slash - from)));
  return rs_row_text(r, "folder") != NULL ? RS_OK : rs_nomem(e);
}

/* A file that is one node: its name without the ending is the node's. */
static enum rs_code add_whole(struct walk *w, enum rs_table_id t, const char *column,
                              const char *path, const char *text, size_t n, struct rs_error *e)
{
  struct rs_import_row *r = rs_import_new(w->im, &w->package, t, path, 1, e);
  const char *name = rs_import_stem(w->im, path, e);
  if (r == NULL || name == NULL) return RS_NOMEM;
  rs_row_set(&r->row, "name", name);
  *rs_row_at(&r->row, column) = (struct rs_cell){.p = text, .n = n};
  enum rs_code rc = set_folder(w, &r->row, path, e);
  return rc == RS_OK ? rs_import_add(w->im, r, e) : rc;
}

static enum rs_code add_block(struct walk *w, const struct rs_block *b, enum rs_block_kind kind,
                              const char *path, struct rs_error *e)
{
  static const enum rs_table_id tables[] = {RS_T_MACRO, RS_T_SNAPSHOT, RS_T_DOC};
  struct rs_import_row *r = rs_import_new(w->im, &w->package, tables[kind], path, b->line, e);
  const char *name = rs_arena_strdup(&w->im->arena, b->name), *p = b->inner;
  size_t n = b->ninner;
  if (r == NULL || name == NULL) return rs_nomem(e);
  if (kind == RS_BLOCK_DOCS) trim(&p, &n);
  if (kind == RS_BLOCK_MACRO) p = b->p, n = b->n;
  rs_row_set(&r->row, "name", name);
  *rs_row_at(&r->row, kind == RS_BLOCK_DOCS ? "text" : "sql") = (struct rs_cell){.p = p, .n = n};
  enum rs_code rc = RS_OK;
  if (kind == RS_BLOCK_SNAPSHOT) {
    // fqn of a snapshot: the file's name stands between the folders and its own
    const char *stem = rs_import_stem(w->im, path, e);
    rc = stem != NULL ? set_folder(w, &r->row, path, e) : RS_NOMEM;
    const char *folder = rc == RS_OK ? rs_row_text(&r->row, "folder") : NULL;
    if (rc == RS_OK)
      rs_row_set(&r->row, "folder",
                 folder != NULL ? rs_arena_printf(&w->im->arena, "%s/%s", folder, stem) : stem);
  }
  return rc == RS_OK ? rs_import_add(w->im, r, e) : rc;
}

static enum rs_code add_blocks(struct walk *w, enum rs_block_kind kind, const char *path,
                               const char *text, size_t n, struct rs_error *e)
{
  struct rs_block b;
  size_t at = 0;
  enum rs_code rc;
  while ((rc = rs_block_next(text, n, &at, &b, e)) == RS_OK) {
    if (b.kind != kind) continue;
    rc = add_block(w, &b, kind, path, e);
    if (rc != RS_OK) return rc;
  }
  if (rc == RS_DONE) return RS_OK;
  return rc == RS_NOMEM ? rc : rs_error_prefix(e, "%s%s", w->package.prefix, path);
}

/* Rows of unit tests: properties that name one take its text. */
static enum rs_code add_fixture(struct walk *w, const char *path, const char *text, size_t n,
                                struct rs_error *e)
{
  const char *slash = strrchr(path, '/');
  char *key = rs_arena_printf(&w->im->arena, "%s\n%s", w->package.row,
                              slash != NULL ? slash + 1 : path);
  struct rs_cell *cell = rs_arena_alloc(&w->im->arena, sizeof *cell);
  if (key == NULL || cell == NULL) return rs_nomem(e);
  *cell = (struct rs_cell){.p = text, .n = n};
  return rs_map_put(&w->im->fixtures, key, cell) ? RS_OK : rs_nomem(e);
}

static enum rs_code add_sql(struct walk *w, const char *path, const char *text, size_t n,
                            struct rs_error *e)
{
  const char *below = path + w->root;
  switch (w->role) {
    case ROLE_MODEL: trim(&text, &n); return add_whole(w, RS_T_MODEL, "sql", path, text, n, e);
    case ROLE_ANALYSIS:
      trim(&text, &n);
      return add_whole(w, RS_T_ANALYSIS, "sql", path, text, n, e);
    case ROLE_SNAPSHOT: return add_blocks(w, RS_BLOCK_SNAPSHOT, path, text, n, e);
    case ROLE_MACRO: return add_blocks(w, RS_BLOCK_MACRO, path, text, n, e);
    case ROLE_TEST:
      if (strncmp(below, "/fixtures/", 10) == 0) return add_fixture(w, path, text, n, e);
      if (strncmp(below, "/generic/", 9) == 0)
        return add_blocks(w, RS_BLOCK_MACRO, path, text, n, e);
      trim(&text, &n);
      return add_whole(w, RS_T_TEST, "sql", path, text, n, e);
    default: return RS_OK;
  }
}

static enum rs_code keep_yml(struct walk *w, const char *path, const char *text, size_t n,
                             struct rs_error *e)
{
  if (!rs_grow(&w->ymls, &w->cap_ymls, w->nymls + 1, sizeof *w->ymls)) return rs_nomem(e);
  // dbt strips files: a last `|` text has no line break at its end
  while (n > 0 && strchr(" \t\r\n\f\v", text[n - 1]) != NULL) n--;
  w->ymls[w->nymls++] = (struct yml){.path = path, .text = text, .n = n};
  return RS_OK;
}

static enum rs_code add_file(struct walk *w, const char *path, struct rs_error *e)
{
  const char *full = rs_arena_printf(&w->im->arena, "%s/%s", w->package.folder, path), *text;
  size_t n;
  if (full == NULL) return rs_nomem(e);
  bool seen = rs_map_find(w->seen, path, strlen(path)) != NULL;
  if (seen && !ends_with(path, ".sql") && !ends_with(path, ".csv")) return RS_OK;
  enum rs_code rc = rs_file_read(&w->im->arena, full, FILE_BYTES_MAX, &text, &n, e);
  if (rc == RS_OK && !rs_map_put(w->seen, path, w)) rc = rs_nomem(e);
  if (rc == RS_OK && !seen) rc = keep_file(w, path, text, n, e);
  if (rc != RS_OK) return rc;
  bool seed = ends_with(path, ".csv") && w->role == ROLE_SEED;
  bool fixture = ends_with(path, ".csv") && w->role == ROLE_TEST &&
                 strncmp(path + w->root, "/fixtures/", 10) == 0;
  bool python = ends_with(path, ".py") && w->role == ROLE_MODEL;
  bool known = seed || fixture || ends_with(path, ".sql") || ends_with(path, ".yml") ||
               ends_with(path, ".yaml") || ends_with(path, ".md") || python;
  size_t valid = known ? rs_utf8_valid(text, n) : n;
  if (valid != n)
    return rs_fail(e, RS_INVALID, "%s%s: is not valid UTF-8 (byte %zu)", w->package.prefix, path,
                   valid + 1);
  if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 && !seed) text += 3, n -= 3;
  if (fixture) return add_fixture(w, path, text, n, e);
  if (seed) return add_whole(w, RS_T_SEED, "csv", path, text, n, e);
  if (ends_with(path, ".sql") && w->role != ROLE_DOCS) return add_sql(w, path, text, n, e);
  if (ends_with(path, ".yml") || ends_with(path, ".yaml")) return keep_yml(w, path, text, n, e);
  if (ends_with(path, ".md")) return add_blocks(w, RS_BLOCK_DOCS, path, text, n, e);
  if (!python) return RS_OK;
  rs_import_warn(
    w->im,
    "%s%s: this model is in Python, which no target here runs: others may read it, but "
    "building it is an error: write it in SQL, or let dbt build it",
    w->package.prefix, path);
  trim(&text, &n);
  return add_whole(w, RS_T_MODEL, "sql", path, text, n, e);
}

static enum rs_code add_folder(struct walk *w, const char *path, int depth, struct rs_error *e)
{
  const char *full = rs_arena_printf(&w->im->arena, "%s/%s", w->package.folder, path);
  const char *const *names;
  size_t n;
  if (full == NULL) return rs_nomem(e);
  if (depth > DEPTH_MAX)
    return rs_fail(e, RS_LIMIT, "%s: folders are nested more than %d deep", full, DEPTH_MAX);
  if (!rs_is_folder(full)) return RS_OK; // dbt takes missing folders for empty ones
  enum rs_code rc = rs_folder_names(&w->im->arena, full, &names, &n, e);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    if (names[i][0] == '.') continue;
    char *below = rs_arena_printf(&w->im->arena, "%s/%s", path, names[i]);
    char *there = rs_arena_printf(&w->im->arena, "%s/%s", full, names[i]);
    if (below == NULL || there == NULL) return rs_nomem(e);
    rc = rs_is_folder(there) ? add_folder(w, below, depth + 1, e) : add_file(w, below, e);
  }
  return rc;
}

/* The files beside dbt_project.yml that make up the project; profiles.yml holds secrets. */
static enum rs_code add_top(struct walk *w, struct rs_error *e)
{
  static const char *const ends[] = {".yml", ".yaml", ".md", ".txt", ".toml", ".cfg"};
  const char *const *names;
  size_t n;
  enum rs_code rc = rs_folder_names(&w->im->arena, w->package.folder, &names, &n, e);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    const char *text, *full = rs_arena_printf(&w->im->arena, "%s/%s", w->package.folder, names[i]);
    bool wanted = false;
    size_t size;
    if (full == NULL) return rs_nomem(e);
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) wanted |= ends_with(names[i], ends[k]);
    if (!wanted || names[i][0] == '.' || strncmp(names[i], "profiles.", 9) == 0 ||
        rs_eq(names[i], ".user.yml") || rs_is_folder(full))
      continue;
    rc = rs_file_read(&w->im->arena, full, FILE_BYTES_MAX, &text, &size, e);
    if (rc == RS_OK) rc = keep_file(w, names[i], text, size, e);
    if (rc == RS_OK && !rs_map_put(w->seen, names[i], w)) rc = rs_nomem(e);
  }
  return rc;
}

/* All but the properties: those may be of other packages' nodes. */
static enum rs_code add_files(struct walk *w, struct rs_error *e)
{
  static const struct {
    const char *key;
    enum role role;
  } kinds[] = {{"model-paths", ROLE_MODEL},       {"seed-paths", ROLE_SEED},
               {"snapshot-paths", ROLE_SNAPSHOT}, {"test-paths", ROLE_TEST},
               {"analysis-paths", ROLE_ANALYSIS}, {"macro-paths", ROLE_MACRO},
               {"docs-paths", ROLE_DOCS}};
  struct rs_map seen;
  rs_map_init(&seen);
  w->seen = &seen;
  enum rs_code rc = add_top(w, e);
  if (rc == RS_OK) rc = rs_import_project_rows(w->im, &w->package, e);
  for (size_t i = 0; rc == RS_OK && i < sizeof kinds / sizeof *kinds; i++) {
    const char *const *paths;
    size_t n;
    w->role = kinds[i].role;
    rc = rs_import_paths(w->im, &w->package, kinds[i].key, &paths, &n, e);
    for (size_t k = 0; rc == RS_OK && k < n; k++) {
      w->root = strlen(paths[k]);
      rc = add_folder(w, paths[k], 1, e);
    }
  }
  w->seen = NULL;
  rs_map_free(&seen);
  return rc;
}

static enum rs_code add_packages(struct rs_imports *im, struct rs_error *e)
{
  struct walk *walks = rs_calloc(im->npackages, sizeof *walks);
  enum rs_code rc = walks != NULL ? RS_OK : rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < im->npackages; i++) {
    walks[i].im = im;
    walks[i].package = im->packages[i];
    rc = add_files(&walks[i], e);
  }
  for (size_t i = 0; rc == RS_OK && i < im->npackages; i++)
    for (size_t k = 0; rc == RS_OK && k < walks[i].nymls; k++) {
      const struct yml *y = &walks[i].ymls[k];
      rc = rs_import_yml(im, &walks[i].package, y->path, y->text, y->n, e);
    }
  for (size_t i = 0; walks != NULL && i < im->npackages; i++) rs_free(walks[i].ymls);
  rs_free(walks);
  return rc;
}

/* ---- the whole ------------------------------------------------------------------------------ */

enum rs_code rs_import_package_add(struct rs_imports *im, const char *prefix, struct rs_error *e)
{
  struct rs_import_package p = {.row = "", .prefix = ""};
  p.folder = *prefix != 0 ? rs_arena_printf(&im->arena, "%s/%s", im->origin, prefix) : im->origin;
  if (*prefix != 0) p.prefix = rs_arena_printf(&im->arena, "%s/", prefix);
  if (p.folder == NULL || p.prefix == NULL ||
      !rs_grow(&im->packages, &im->cap_packages, im->npackages + 1, sizeof *im->packages))
    return rs_nomem(e);
  enum rs_code rc = rs_import_project_read(im, &p, e);
  if (rc != RS_OK) return rc;
  if (*prefix != 0) p.row = p.name;
  for (size_t i = 0; i < im->npackages; i++)
    if (rs_eq(im->packages[i].name, p.name)) return RS_OK;
  im->packages[im->npackages++] = p;
  const struct rs_yaml *asked = rs_yaml_get(p.project, "require-dbt-version");
  if (asked != NULL && asked->text != NULL) im->asks_for_110 |= rs_asks_for_110(asked->text);
  for (size_t i = 0; asked != NULL && asked->kind == RS_YAML_LIST && i < asked->count; i++)
    if (asked->items[i]->text != NULL) im->asks_for_110 |= rs_asks_for_110(asked->items[i]->text);
  return RS_OK;
}

static enum rs_code find_folder(struct rs_imports *im, const char *folder, struct rs_error *e)
{
  char real[PATH_MAX];
  if (realpath(folder, real) == NULL)
    return rs_fail(e, RS_NOT_FOUND, "%s: can't be opened: %s", folder, strerror(errno));
  im->origin = rs_arena_strdup(&im->arena, real);
  return im->origin != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code check_profile(struct rs_imports *im, const struct rs_import_options *opt,
                                  struct rs_error *e)
{
  const struct rs_import_package *p = &im->packages[0];
  const struct rs_yaml *v = rs_yaml_get(p->project, "profile");
  const char *name = NULL, *warning = NULL;
  if (v == NULL || opt->about_profile == NULL) return RS_OK;
  enum rs_code rc = rs_import_render(im, p, "dbt_project.yml", v, &name, e);
  if (rc == RS_OK && name != NULL) warning = opt->about_profile(opt->ctx, name);
  if (warning != NULL) rs_import_warn(im, "dbt_project.yml line %d: %s", v->line, warning);
  return rc;
}

enum rs_code rs_import(const char *folder, const struct rs_import_options *opt,
                       const struct rs_row_store *store, struct rs_buf *report, struct rs_error *e)
{
  struct rs_imports im = {0};
  rs_arena_init(&im.arena, IMPORT_MEMORY_MAX);
  rs_map_init(&im.index);
  rs_map_init(&im.fixtures);
  rs_buf_init(&im.warnings, 1 << 20);
  enum rs_code rc = find_folder(&im, folder, e);
  if (rc == RS_OK) rc = rs_import_package_add(&im, "", e);
  if (rc == RS_OK) rc = rs_import_packages(&im, e);
  if (rc == RS_OK) rc = add_packages(&im, e);
  if (rc == RS_OK) rc = check_profile(&im, opt, e);
  if (rc == RS_OK) rc = rs_import_apply(&im, opt, store, report, e);
  rs_jinja_free(im.jinja);
  rs_free(im.rows);
  rs_free(im.packages);
  rs_map_free(&im.index);
  rs_map_free(&im.fixtures);
  rs_buf_free(&im.warnings);
  rs_arena_free(&im.arena);
  return rc;
}
