/*
** The field `attach` of a duckdb output (fields.h): databases that are opened beside the target's
** own, as dbt-duckdb's profiles name them:
**
**   attach:
**     - path: other.duckdb
**       alias: other            # else the file's stem
**       type: sqlite            # else DuckDB's own files
**       read_only: true
**       options: {block_size: 16384}
**
** What is read here is written anew as JSON, each entry with its alias, so that nobody below has to
** know the rules (engine/duckdb/attach.c).
*/
#include <ctype.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/text.h"
#include "duckdb.h"
#include "src/profile/fields.h"

enum { JSON_MAX = 1 << 20 };

struct entry {
  const char *path, *alias, *type;
  bool read_only;
  const struct rs_yaml *options;
};

/* "shop" of "data/shop.duckdb?x", as dbt-duckdb takes it. */
static const char *stem_of(const struct rs_profile_work *l, const char *path)
{
  const char *base = strrchr(path, '/');
  base = base ? base + 1 : path;
  size_t n = strcspn(base, "?");
  for (size_t i = n; i > 1; i--) {
    if (base[i - 1] != '.') continue;
    n = i - 1;
    break;
  }
  return rs_arena_strndup(l->arena, base, n);
}

static bool is_word(const char *s)
{
  if (!*s) return false;
  for (; *s; s++)
    if (!isalnum((unsigned char)*s) && *s != '_') return false;
  return true;
}

static enum rs_code read_member(const struct rs_profile_work *l, const struct rs_yaml_pair *p,
                                struct entry *x, struct rs_error *e)
{
  static const char *const names[] = {"path", "alias", "type", "read_only", "options"};
  const struct rs_yaml *v = p->value;
  const char *key = p->key->text;
  const char **texts[] = {&x->path, &x->alias, &x->type};
  if (v->kind == RS_YAML_NULL) return RS_OK;
  for (size_t i = 0; i < 3; i++) {
    if (strcmp(key, names[i]) != 0) continue;
    if (v->kind != RS_YAML_TEXT || v->n == 0)
      return rs_profile_fail(l, p->key->line, e, RS_INVALID, "attach: %s is not text", key);
    *texts[i] = v->text;
    return RS_OK;
  }
  if (strcmp(key, "read_only") == 0) {
    bool text = v->kind == RS_YAML_TEXT;
    if (v->kind != RS_YAML_BOOL &&
        !(text && (rs_casecmp(v->text, "true") == 0 || rs_casecmp(v->text, "false") == 0)))
      return rs_profile_fail(l, p->key->line, e, RS_INVALID,
                             "attach: read_only is neither true nor false");
    x->read_only = text ? rs_casecmp(v->text, "true") == 0 : v->i != 0;
    return RS_OK;
  }
  if (strcmp(key, "options") == 0) {
    if (v->kind != RS_YAML_MAP)
      return rs_profile_fail(l, p->key->line, e, RS_INVALID, "attach: options is not a map");
    x->options = v;
    return RS_OK;
  }
  if (strcmp(key, "is_ducklake") == 0 && v->kind == RS_YAML_BOOL && v->i == 0) return RS_OK;
  if (strcmp(key, "secret") == 0 || strcmp(key, "is_ducklake") == 0)
    return rs_profile_fail(l, p->key->line, e, RS_UNSUPPORTED,
                           "attach: '%s' of dbt-duckdb is not supported here", key);
  const char *hint = rs_profile_hint(l, key, names, sizeof names / sizeof *names);
  if (!hint) return rs_nomem(e);
  return rs_profile_fail(l, p->key->line, e, RS_INVALID, "attach: unknown key '%.100s'%s", key,
                         *hint ? hint : "; its keys are path, alias, type, read_only, options");
}

/* Options go into SQL by their names: words only. */
static enum rs_code check_options(const struct rs_profile_work *l, struct entry *x,
                                  struct rs_error *e)
{
  const struct rs_yaml *o = x->options;
  for (size_t i = 0; o && i < o->count; i++) {
    const char *key = o->pairs[i].key->text;
    const struct rs_yaml *v = o->pairs[i].value;
    int line = o->pairs[i].key->line;
    if (!is_word(key))
      return rs_profile_fail(l, line, e, RS_INVALID, "attach: '%.100s' is not an option's name",
                             key);
    if (v->kind == RS_YAML_LIST || v->kind == RS_YAML_MAP)
      return rs_profile_fail(l, line, e, RS_INVALID, "attach: option '%.100s' is no single value",
                             key);
    bool type = rs_casecmp(key, "type") == 0;
    if ((type && x->type) || (rs_casecmp(key, "read_only") == 0 && x->read_only))
      return rs_profile_fail(l, line, e, RS_INVALID,
                             "attach: '%s' is said twice, by the entry and by its options", key);
    if (rs_casecmp(key, "secret") == 0)
      return rs_profile_fail(l, line, e, RS_UNSUPPORTED,
                             "attach: 'secret' of dbt-duckdb is not supported here");
    if (type && v->kind == RS_YAML_TEXT) x->type = v->text;
    if (rs_casecmp(key, "read_only") == 0 && v->kind == RS_YAML_BOOL) x->read_only = v->i != 0;
  }
  return RS_OK;
}

static enum rs_code check_place(const struct rs_fields *f, const struct rs_yaml *item,
                                struct entry *x, struct rs_error *e)
{
  const struct rs_profile_work *l = f->load;
  static const char *const remote[] = {"md:", "motherduck:", "ducklake:"};
  if (!x->path)
    return rs_profile_fail(l, item->line, e, RS_INVALID, "attach: an entry needs a path");
  for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
    if (rs_casecmpn(x->path, remote[i], strlen(remote[i])) == 0)
      return rs_profile_fail(l, item->line, e, RS_UNSUPPORTED,
                             "attach: '%s' is not supported here: files, and what a bundled "
                             "extension of DuckDB reads, are",
                             remote[i]);
  if (x->type && !is_word(x->type))
    return rs_profile_fail(l, item->line, e, RS_INVALID, "attach: '%.100s' is not a type", x->type);
  bool own = !x->type || rs_casecmp(x->type, "duckdb") == 0;
  // "postgres:...", "https://...": not a file of this machine
  bool elsewhere = strchr(x->path, ':') != NULL && strcmp(x->path, ":memory:") != 0;
  if (l->barred && (!own || elsewhere || x->options))
    return rs_profile_fail(l, item->line, e, RS_FORBIDDEN,
                           "attach: %s may attach DuckDB's own files only; %s", l->barred,
                           l->way_out);
  if (rs_hide_passwords(l, x->path)) return rs_nomem(e);
  if (!elsewhere) x->path = rs_expand_home(l->arena, x->path);
  if (x->path && !x->alias) x->alias = stem_of(l, x->path);
  return x->path && x->alias ? RS_OK : rs_nomem(e);
}

/* A name that SQL could take for something else. */
static enum rs_code check_alias(const struct rs_fields *f, int line, const char *alias,
                                const struct entry *before, size_t n, struct rs_error *e)
{
  static const char *const taken[] = {"temp", "system", "memory", "_db"};
  const char *workspace = rs_fields_text(f, "workspace"), *own = rs_fields_text(f, "database");
  const char *what = NULL;
  if (!is_word(alias) && strpbrk(alias, "\".'"))
    what = "holds a quote or a dot: name the database by an alias";
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    if (rs_casecmp(alias, taken[i]) == 0) what = "is a name that DuckDB keeps: give it an alias";
  for (size_t i = 0; i < n; i++)
    if (rs_casecmp(alias, before[i].alias) == 0)
      what = "is the name of another attached database: give it an alias";
  if (own && rs_casecmp(alias, own) == 0) what = "is the name of the target's own database";
  if (workspace && rs_casecmp(alias, workspace) == 0)
    what = "is the workspace's name, too, and SQL could not tell them apart: give it an alias";
  return what ? rs_profile_fail(f->load, line, e, RS_INVALID, "attach: '%.100s' %s", alias, what)
              : RS_OK;
}

static void write_text(struct rs_buf *b, const char *key, const char *text)
{
  rs_buf_printf(b, ",\"%s\":", key);
  rs_buf_json_str(b, text, strlen(text));
}

static void write_entry(struct rs_buf *b, const struct entry *x)
{
  rs_buf_str(b, "{\"path\":");
  rs_buf_json_str(b, x->path, strlen(x->path));
  write_text(b, "alias", x->alias);
  if (x->type) write_text(b, "type", x->type);
  rs_buf_printf(b, ",\"read_only\":%s,\"options\":{", x->read_only ? "true" : "false");
  size_t n = 0;
  for (size_t i = 0; x->options && i < x->options->count; i++) {
    const char *key = x->options->pairs[i].key->text;
    const struct rs_yaml *v = x->options->pairs[i].value;
    if (rs_casecmp(key, "type") == 0 || rs_casecmp(key, "read_only") == 0) continue;
    if (v->kind == RS_YAML_NULL || (v->kind == RS_YAML_BOOL && v->i == 0)) continue;
    if (n++ > 0) rs_buf_char(b, ',');
    rs_buf_json_str(b, key, strlen(key));
    if (v->kind == RS_YAML_BOOL) rs_buf_str(b, ":true");
    else if (v->kind == RS_YAML_INT) rs_buf_printf(b, ":%lld", (long long)v->i);
    else if (v->kind == RS_YAML_FLOAT) {
      rs_buf_char(b, ':');
      rs_buf_json_double(b, v->f);
    } else {
      rs_buf_char(b, ':');
      rs_buf_json_str(b, v->text, v->n);
    }
  }
  rs_buf_str(b, "}}");
}

static enum rs_code read_entry(const struct rs_fields *f, const struct rs_yaml *item,
                               struct entry *x, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (item->kind != RS_YAML_MAP)
    return rs_profile_fail(f->load, item->line, e, RS_INVALID,
                           "attach: an entry is a map of path, alias, type, read_only, options");
  for (size_t i = 0; !rc && i < item->count; i++) rc = read_member(f->load, &item->pairs[i], x, e);
  if (!rc) rc = check_options(f->load, x, e);
  return rc ? rc : check_place(f, item, x, e);
}

enum rs_code rs_duckdb_check_attach(struct rs_fields *f, struct rs_error *e)
{
  struct rs_read *r = rs_fields_get(f, "attach");
  const struct rs_yaml *list = r->value;
  if (!list || list->count == 0) return RS_OK;
  struct entry *v = rs_arena_calloc(f->load->arena, list->count * sizeof *v);
  if (!v) return rs_nomem(e);
  struct rs_buf b;
  rs_buf_init(&b, JSON_MAX);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; !rc && i < list->count; i++) {
    rc = read_entry(f, list->items[i], &v[i], e);
    if (!rc) rc = check_alias(f, list->items[i]->line, v[i].alias, v, i, e);
    rs_buf_char(&b, i ? ',' : '[');
    if (!rc) write_entry(&b, &v[i]);
  }
  rs_buf_char(&b, ']');
  if (!rc) rc = rs_buf_error(&b, e, "attach");
  if (!rc) {
    r->field.text = rs_arena_strdup(f->load->out, rs_buf_text(&b));
    if (!r->field.text) rc = rs_nomem(e);
  }
  rs_buf_free(&b);
  return rc;
}
