/*
** Loading a profile: text → profile → target → output.
**
** Which profile, when none is named: `rockset_ext`, else `rockset`; else, where the text was found
** by search, the embedded default: other products' profiles lie in the same file and are none of
** our business. A source that the caller gave is not passed over like that: its only profile is
** taken, or the error lists them. Of a file only the chosen output is rendered and checked.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

#define MEMORY_MAX ((size_t)256 << 20)
#define NAMES_MAX 4096
#define EMBEDDED "(embedded default)"

/* ---- texts of errors ------------------------------------------------------------------------- */

enum rs_code rs_profile_fail(const struct rs_profile_work *l, int line, struct rs_error *e,
                             enum rs_code code, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  rs_vfail(e, code, fmt, ap);
  va_end(ap);
  if (l->literal) rs_error_prefix(e, "%s", l->file);
  else rs_error_prefix(e, "%s line %d", l->file, line);
  return code;
}

const char *rs_profile_names(const struct rs_profile_work *l, const char *const *names, size_t n)
{
  size_t room = 1;
  for (size_t i = 0; i < n; i++) room += strlen(names[i]) + 2;
  char *text = rs_arena_alloc(l->arena, room), *p = text;
  if (!text) return NULL;
  *p = 0;
  for (size_t i = 0; i < n; i++) p = stpcpy(i ? stpcpy(p, ", ") : p, names[i]);
  return text;
}

const char *rs_profile_hint(const struct rs_profile_work *l, const char *word,
                            const char *const *names, size_t n)
{
  const char *near = rs_nearest(word, names, n);
  return near ? rs_arena_printf(l->arena, "; did you mean '%s'?", near) : "";
}

/* "no X in Y; <what> are a, b; did you mean 'b'?" for the keys of a map. */
static enum rs_code not_in_map(const struct rs_profile_work *l, const char *missing,
                               const char *word, const struct rs_yaml *map, const char *what,
                               struct rs_error *e)
{
  size_t n = 0, room = map->count < NAMES_MAX ? map->count : NAMES_MAX;
  const char **names = rs_arena_alloc(l->arena, (room + 1) * sizeof *names);
  if (!names) return rs_nomem(e);
  for (size_t i = 0; i < map->count && n < room; i++) {
    const char *key = map->pairs[i].key->text;
    if (strcmp(key, "config") != 0 || strcmp(what, "profiles") != 0) names[n++] = key;
  }
  const char *all = rs_profile_names(l, names, n), *hint = rs_profile_hint(l, word, names, n);
  if (!all || !hint) return rs_nomem(e);
  if (n == 0) return rs_fail(e, RS_NOT_FOUND, "%s; it holds no %s", missing, what);
  return rs_fail(e, RS_NOT_FOUND, "%s; its %s are %s%s", missing, what, all, hint);
}

/* ---- choosing -------------------------------------------------------------------------------- */

struct choosing {
  struct rs_profile_work *load;
  const struct rs_profile_request *req;
  const struct rs_source *source;
  const struct rs_yaml *profile, *output; /* NULL output after choosing: the embedded default */
  const char *profile_name, *target_name;
  const char *label; /* of the profile in errors: "profile 'x' (file)" */
  const char *why_profile, *why_target, *why_none;
};

static const char *text(const struct choosing *c, const char *s)
{
  return rs_arena_printf(c->load->arena, "%s", s);
}

/* The profiles of a document; `config:` holds dbt's own flags. */
static const struct rs_yaml *profile_at(const struct rs_yaml *root, const char *name)
{
  return strcmp(name, "config") == 0 ? NULL : rs_yaml_get(root, name);
}

static enum rs_code only_profile(struct choosing *c, const struct rs_yaml *root, struct rs_error *e)
{
  const struct rs_yaml_pair *only = NULL;
  size_t n = 0;
  for (size_t i = 0; i < root->count; i++) {
    if (strcmp(root->pairs[i].key->text, "config") == 0) continue;
    only = &root->pairs[i];
    n++;
  }
  if (n != 1) {
    const char *missing = rs_arena_printf(
      c->load->arena, "no profile named, and neither 'rockset_ext' nor 'rockset' in %s",
      c->source->file);
    if (!missing) return rs_nomem(e);
    return not_in_map(c->load, missing, "", root, "profiles", e);
  }
  c->profile = only->value;
  c->profile_name = only->key->text;
  c->why_profile = "none named, it is the only one there";
  return RS_OK;
}

/* Chooses among the profiles of a document. Leaves profile NULL for the embedded default. */
static enum rs_code choose_profile(struct choosing *c, const struct rs_yaml *root,
                                   struct rs_error *e)
{
  const struct rs_profile_work *l = c->load;
  const char *named = c->req->profile;
  if (named) {
    c->profile = profile_at(root, named);
    c->profile_name = named;
    c->why_profile = "as named";
    if (c->profile) return RS_OK;
    const char *missing = rs_arena_printf(l->arena, "no profile '%s' in %s", named, l->file);
    return missing ? not_in_map(l, missing, named, root, "profiles", e) : rs_nomem(e);
  }
  c->profile_name = "rockset_ext";
  c->why_profile = "none named, this name comes first";
  c->profile = profile_at(root, "rockset_ext");
  if (c->profile) return RS_OK;
  c->profile_name = "rockset";
  c->why_profile = "none named, no 'rockset_ext' there";
  c->profile = profile_at(root, "rockset");
  if (c->profile) return RS_OK;
  if (c->source->explicit) return only_profile(c, root, e);
  c->why_none = rs_arena_printf(l->arena, "neither 'rockset_ext' nor 'rockset' in %s",
                                c->source->shown);
  return c->why_none ? RS_OK : rs_nomem(e);
}

static enum rs_code choose_target(struct choosing *c, struct rs_error *e)
{
  const struct rs_profile_work *l = c->load;
  const struct rs_yaml *target = rs_yaml_get(c->profile, "target");
  const struct rs_yaml *outputs = rs_yaml_get(c->profile, "outputs");
  if (!outputs || outputs->kind != RS_YAML_MAP) {
    return rs_profile_fail(l, outputs ? outputs->line : c->profile->line, e, RS_INVALID,
                           "%s has no map of 'outputs'", c->label);
  }
  if (c->req->target) {
    c->target_name = c->req->target;
    c->why_target = "as named";
  } else if (target && target->kind != RS_YAML_NULL) {
    enum rs_code rc = rs_render_value(l->render, "target", false, target, &target, e);
    if (rc) return rc;
    if (!target->text) {
      return rs_profile_fail(l, target->line, e, RS_INVALID, "target: is not text");
    }
    c->target_name = target->text;
    c->why_target = "its default target";
  } else {
    c->target_name = "default";
    c->why_target = "since it names none";
  }
  c->output = rs_yaml_get(outputs, c->target_name);
  if (!c->output) {
    const char *missing = rs_arena_printf(l->arena, "no target '%s' in %s", c->target_name,
                                          c->label);
    if (!missing) return rs_nomem(e);
    return not_in_map(l, missing, c->target_name, outputs, "targets", e);
  }
  if (c->output->kind == RS_YAML_MAP) return RS_OK;
  return rs_profile_fail(l, c->output->line, e, RS_INVALID, "target '%s' of %s is not a map",
                         c->target_name, c->label);
}

/* An output says its type; text without any map in it can only be meant as one, too. */
static bool looks_like_output(const struct rs_yaml *root)
{
  const struct rs_yaml *type = rs_yaml_get(root, "type");
  if (type) return type->kind == RS_YAML_TEXT;
  for (size_t i = 0; i < root->count; i++) {
    if (root->pairs[i].value->kind == RS_YAML_MAP) return false;
  }
  return root->count > 0;
}

/* The three shapes of a text: an output, a profile, a document of profiles. */
static enum rs_code choose(struct choosing *c, const struct rs_yaml *root, struct rs_error *e)
{
  const struct rs_profile_work *l = c->load;
  if (root->kind == RS_YAML_NULL) {
    static const struct rs_yaml empty = {.kind = RS_YAML_MAP, .line = 1};
    root = &empty;
  }
  if (root->kind != RS_YAML_MAP) {
    return rs_profile_fail(l, root->line, e, RS_INVALID, "is not a map of profiles");
  }
  bool is_output = c->source->argument && looks_like_output(root);
  bool is_profile = c->source->argument && !is_output && rs_yaml_get(root, "outputs");
  if (is_output || is_profile) {
    c->profile_name = c->req->profile ? c->req->profile : RS_ARGUMENT;
    c->label = "the profile given as text";
  }
  if (is_output) {
    c->output = root;
    c->target_name = c->req->target ? c->req->target : "default";
    return RS_OK;
  }
  if (is_profile) {
    c->profile = root;
    return choose_target(c, e);
  }
  enum rs_code rc = choose_profile(c, root, e);
  if (rc || !c->profile) return rc;
  c->label = rs_arena_printf(l->arena, "profile '%s' (%s)", c->profile_name,
                             c->source->argument ? c->source->shown : l->file);
  return c->label ? choose_target(c, e) : rs_nomem(e);
}

/* ---- results --------------------------------------------------------------------------------- */

/* "profile 'rockset' of ~/.dbt/profiles.yml: none named, ...; target 'dev': its default target" */
static const char *found_text(const struct choosing *c)
{
  struct rs_arena *a = c->load->arena;
  const char *is_default = "its default target", *target = NULL;
  if (c->why_target) {
    target = strcmp(c->why_target, is_default) == 0
               ? rs_arena_printf(a, "target '%s' is its default target", c->target_name)
               : rs_arena_printf(a, "target '%s' %s", c->target_name, c->why_target);
  }
  if (!c->profile) return text(c, "connection given as text");
  if (!target) return NULL;
  if (!c->why_profile) return rs_arena_printf(a, "profile given as text; %s", target);
  return rs_arena_printf(a, "profile '%s' of %s: %s; %s", c->profile_name, c->source->shown,
                         c->why_profile, target);
}

static enum rs_code load_output(struct choosing *c, struct rs_output *o, struct rs_error *e)
{
  struct rs_fields f;
  enum rs_code rc = rs_fields_read(c->load, c->output, &f, e);
  if (rc) return rc;
  struct rs_choice choice = {.profile_name = c->profile_name,
                             .target_name = c->target_name,
                             .source = c->source->file,
                             .found = found_text(c)};
  return choice.found ? rs_output_finish(o, &f, &choice, e) : rs_nomem(e);
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* No profile: DuckDB in a file next to SQLite's, or in memory. That of an attached file is called
** by its file: in logs and errors it stands beside main's. */
static enum rs_code load_embedded(struct choosing *c, struct rs_output *o, struct rs_error *e)
{
  struct rs_profile_work *l = c->load;
  const char *db = c->req->database;
  if (c->req->profile) {
    return rs_fail(e, RS_NOT_FOUND, "no profile '%s': %s", c->req->profile, c->why_none);
  }
  if (c->req->target) {
    return rs_fail(e, RS_NOT_FOUND, "no target '%s', since there is no profile: %s", c->req->target,
                   c->why_none);
  }
  l->literal = true;
  l->barred = NULL;
  l->file = EMBEDDED;
  const char *path = db && *db ? rs_arena_printf(l->arena, "%s.duckdb", db) : ":memory:";
  const char *found = path ? rs_arena_printf(l->arena, "embedded default, DuckDB %s%s: %s",
                                             db && *db ? "file " : "in memory",
                                             db && *db ? path : "", c->why_none)
                           : NULL;
  if (!found) return rs_nomem(e);
  struct rs_yaml nodes[4] = {
    {.kind = RS_YAML_TEXT, .text = "type", .n = 4},
    {.kind = RS_YAML_TEXT, .text = RS_EMBEDDED_TYPE, .n = sizeof RS_EMBEDDED_TYPE - 1},
    {.kind = RS_YAML_TEXT, .text = "path", .n = 4},
    {.kind = RS_YAML_TEXT, .text = path, .n = strlen(path)},
  };
  struct rs_yaml_pair pairs[2] = {{&nodes[0], &nodes[1]}, {&nodes[2], &nodes[3]}};
  struct rs_yaml map = {.kind = RS_YAML_MAP, .pairs = pairs, .count = 2};
  struct rs_fields f;
  enum rs_code rc = rs_fields_read(l, &map, &f, e);
  struct rs_choice choice = {.profile_name = EMBEDDED,
                             .target_name = c->req->beside ? base_name(path) : "default",
                             .source = "",
                             .found = found,
                             .embedded_default = true};
  return rc ? rc : rs_output_finish(o, &f, &choice, e);
}

/* Who may not name code to load, nor files to read. */
static void bar(struct rs_profile_work *l, bool plain, bool local)
{
  if (plain) {
    l->barred = "rockset_profile() on a connection that only reads";
    l->way_out = "open the database for writing";
  } else if (local) {
    l->barred = "a profiles.yml that merely lies in the current folder";
    l->way_out = "set DBT_PROFILES_DIR to this folder, put the profile into ~/.dbt, or name the "
                 "file in rockset_profile()";
  }
}

static enum rs_code load(struct rs_profile_work *l, const struct rs_profile_request *req,
                         struct rs_output *o, struct rs_error *e)
{
  struct rs_source source;
  const struct rs_yaml *root = NULL;
  struct choosing c = {.load = l, .req = req, .source = &source};
  enum rs_code rc = RS_OK;
  if (req->beside)
    source = (struct rs_source){.missing = "it belongs to a file that this session attached"};
  else rc = rs_source_find(l->arena, req->source, &source, e);
  if (rc) return rc;
  l->file = source.file;
  bar(l, req->plain, source.local);
  c.why_none = source.missing;
  if (source.file) {
    rc = rs_yaml_parse(source.file, source.text, source.n, l->arena, &root, e);
    if (!rc) rc = choose(&c, root, e);
    if (rc) return rc;
  }
  return c.output ? load_output(&c, o, e) : load_embedded(&c, o, e);
}

enum rs_code rs_profile_load(const struct rs_profile_request *req, const struct rs_output **po,
                             struct rs_error *e)
{
  struct rs_arena arena;
  struct rs_profile_work l = {.arena = &arena, .adapters = req->adapters};
  *po = NULL;
  rs_arena_init(&arena, MEMORY_MAX);
  struct rs_output *o = rs_output_new();
  l.render = rs_render_new(&l);
  enum rs_code rc = RS_NOMEM;
  if (o && l.render) {
    l.out = rs_output_arena(o);
    rc = load(&l, req, o, e);
  } else {
    rs_nomem(e);
  }
  rs_render_free(l.render);
  rs_arena_free(&arena);
  if (rc) rs_output_release(o);
  else *po = o;
  return rc;
}
