/*
** A model's config: the row's `config` JSON, under the row's columns, under the config() calls of
** its text. Tags and hooks append, meta merges key by key, everything else replaces; keys unknown
** to us stay readable by config.get.
**
** While a model is parsed its config is a dict of that evaluation; rs_config_finish makes the
** struct that everybody reads afterwards.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "model.h"

enum merge { MERGE_REPLACE, MERGE_APPEND, MERGE_UPDATE, MERGE_LISTS };

/* One key under its two spellings (dbt's and dbt-rockset's), and how levels of it join. */
static const struct key {
  const char *name, *also;
  enum merge merge;
} keys[] = {
  {"tags", NULL, MERGE_APPEND},
  {"pre_hook", "pre-hook", MERGE_APPEND},
  {"post_hook", "post-hook", MERGE_APPEND},
  {"schema", "workspace", MERGE_REPLACE},
  {"meta", NULL, MERGE_UPDATE},
  {"docs", NULL, MERGE_UPDATE},
  {"quoting", NULL, MERGE_UPDATE},
  {"column_types", NULL, MERGE_UPDATE},
  {"contract", NULL, MERGE_UPDATE},
  {"grants", NULL, MERGE_LISTS},
};

static const struct key *find_key(const char *name)
{
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (rs_eq(keys[i].name, name) || rs_eq(keys[i].also, name)) return &keys[i];
  return NULL;
}

/* ---- merging -------------------------------------------------------------------------------- */

static void append_all(struct rs_python *j, jv list, jv value)
{
  if (value.kind == JV_LIST || value.kind == JV_TUPLE)
    for (size_t i = 0; i < jv_len(value); i++) jv_list_add(j, list, jv_item(value, i));
  else if (value.kind != JV_NONE && value.kind != JV_UNDEFINED) jv_list_add(j, list, value);
}

/* {"select": "a"} and {"+select": ["b"]}: lists in place of the old ones, of a plus behind them. */
static jv merge_lists(struct rs_python *j, jv old, jv value)
{
  jv made = jv_dict(j);
  size_t n = old.kind == JV_DICT ? jv_len(old) : 0;
  for (size_t i = 0; i < n + jv_len(value); i++) {
    jv k, v, had, list = jv_list(j);
    if (i < n) jv_dict_at(old, i, &k, &v);
    else jv_dict_at(value, i - n, &k, &v);
    const char *key = jv_is_str(k) ? jv_cstr(k, NULL) : "";
    bool more = i >= n && *key == '+';
    if (more) k = jv_text(j, ++key);
    if (more && jv_dict_get(made, key, &had)) append_all(j, list, had);
    append_all(j, list, v);
    jv_dict_setv(j, made, k, list);
  }
  return made;
}

static void merge_key(struct rs_python *j, jv dict, const char *name, enum merge how, jv value)
{
  jv old, made;
  bool had = jv_dict_get(dict, name, &old);
  switch (how) {
    case MERGE_APPEND:
      made = jv_list(j);
      if (had) append_all(j, made, old);
      append_all(j, made, value);
      break;
    case MERGE_UPDATE:
      if (!had || old.kind != JV_DICT || value.kind != JV_DICT) {
        made = value;
        break;
      }
      made = jv_dict(j);
      for (size_t i = 0; i < jv_len(old) + jv_len(value); i++) {
        jv k, v;
        if (i < jv_len(old)) jv_dict_at(old, i, &k, &v);
        else jv_dict_at(value, i - jv_len(old), &k, &v);
        jv_dict_setv(j, made, k, v);
      }
      break;
    case MERGE_LISTS:
      made = value.kind == JV_DICT ? merge_lists(j, had ? old : jv_none(), value) : value;
      break;
    default: made = value;
  }
  // dbt keeps None for what is undefined while parsing
  jv_dict_set(j, dict, name, made.kind == JV_UNDEFINED ? jv_none() : made);
}

/* One level (a JSON object, one config() call) over what is there. */
static enum rs_code merge_level(struct rs_python *j, jv dict, const jv *names, const jv *values,
                                size_t n, struct rs_error *e)
{
  unsigned seen[sizeof keys / sizeof *keys] = {0};
  for (size_t i = 0; i < n; i++) {
    if (!jv_is_str(names[i])) return rs_fail(e, RS_INVALID, "config: a key is not a text");
    const char *name = jv_cstr(names[i], NULL);
    const struct key *k = find_key(name);
    if (k != NULL && seen[k - keys]++ > 0)
      return rs_fail(e, RS_INVALID, "config: %s and %s are the same key", k->name, k->also);
    merge_key(j, dict, k != NULL ? k->name : name, k != NULL ? k->merge : MERGE_REPLACE, values[i]);
  }
  return RS_OK;
}

static enum rs_code merge_dict(struct rs_python *j, jv dict, jv level, struct rs_error *e)
{
  size_t n = jv_len(level);
  jv *flat = rs_arena_alloc(rs_python_arena(j), 2 * n * sizeof *flat + 1);
  if (flat == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) jv_dict_at(level, i, &flat[i], &flat[n + i]);
  return merge_level(j, dict, flat, flat + n, n, e);
}

enum rs_code rs_config_merge(struct rs_python *j, jv dict, const struct jv_args *args,
                             struct rs_error *e)
{
  if (args->npos == 0) return merge_level(j, dict, args->kw_keys, args->kw_values, args->nkw, e);
  if (args->npos > 1 || args->nkw > 0 || args->pos[0].kind != JV_DICT)
    return rs_fail(e, RS_INVALID, "config() takes keywords, or one dict");
  return merge_dict(j, dict, args->pos[0], e);
}

/* ---- the row -------------------------------------------------------------------------------- */

/* "a, b c" or '["a","b"]' as a list. */
static enum rs_code words(struct rs_python *j, const char *text, jv *out, struct rs_error *e)
{
  const char *p = text + strspn(text, " \t\r\n");
  if (*p == '[') return jv_from_json(j, p, strlen(p), out, e);
  *out = jv_list(j);
  while (*p != 0) {
    size_t n = strcspn(p, ", \t\r\n");
    if (n > 0) jv_list_add(j, *out, jv_textn(j, p, n));
    p += n;
    if (*p != 0) p++;
  }
  return RS_OK;
}

/* A column that says the same as the JSON key, or one of the two is absent; otherwise refused,
** since a person who edits the other one would see no effect. */
static enum rs_code put_column(struct rs_python *j, jv dict, const struct rs_node *n,
                               const char *column, const char *key, jv value, struct rs_error *e)
{
  jv old;
  if (jv_dict_get(dict, key, &old) && !jv_equal(j, old, value)) {
    struct rs_buf a, b;
    rs_buf_init(&a, 4096);
    rs_buf_init(&b, 4096);
    jv_json_to(j, value, false, &a, NULL);
    jv_json_to(j, old, false, &b, NULL);
    enum rs_code rc = rs_fail(e, RS_INVALID,
                              "model %s: column %s says %s, but key '%s' of column config says %s: "
                              "keep one of them",
                              n->name, column, rs_buf_text(&a), key, rs_buf_text(&b));
    rs_buf_free(&a);
    rs_buf_free(&b);
    return rc;
  }
  jv_dict_set(j, dict, key, value);
  return RS_OK;
}

static enum rs_code put_columns(struct rs_python *j, jv dict, const struct rs_node *n,
                                struct rs_error *e)
{
  const struct rs_store_model *row = &n->row;
  const struct {
    const char *column, *key, *text;
  } texts[] = {{"materialized", "materialized", row->materialized},
               {"workspace", "schema", row->workspace},
               {"alias", "alias", row->alias}};
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < sizeof texts / sizeof *texts; i++)
    if (texts[i].text != NULL)
      rc = put_column(j, dict, n, texts[i].column, texts[i].key, jv_text(j, texts[i].text), e);
  if (rc == RS_OK && row->unique_key != NULL) {
    // One name is a text, as dbt has it; a list stays a list
    jv key = jv_text(j, row->unique_key);
    if (row->unique_key[strspn(row->unique_key, " \t\r\n")] == '[')
      rc = words(j, row->unique_key, &key, e);
    if (rc == RS_OK) rc = put_column(j, dict, n, "unique_key", "unique_key", key, e);
  }
  // 1 is what a row has anyway: folders and config() may still switch it off
  if (rc == RS_OK && !row->enabled)
    rc = put_column(j, dict, n, "enabled", "enabled", jv_bool(false), e);
  if (rc == RS_OK && row->access != NULL)
    rc = put_column(j, dict, n, "access", "access", jv_text(j, row->access), e);
  if (rc == RS_OK && row->group != NULL)
    rc = put_column(j, dict, n, "group", "group", jv_text(j, row->group), e);
  if (rc == RS_OK && row->tags != NULL) {
    jv tags;
    rc = words(j, row->tags, &tags, e);
    if (rc == RS_OK) merge_key(j, dict, "tags", MERGE_APPEND, tags);
  }
  return rc;
}

/* ---- templates in values -------------------------------------------------------------------- */

bool rs_is_template(const char *text)
{
  return strstr(text, "{{") != NULL || strstr(text, "{%") != NULL || strstr(text, "{#") != NULL ||
         strpbrk(text, "\r\n") != NULL;
}

static enum rs_code render_text(struct rs_python *j, jv v, jv *out, struct rs_error *e)
{
  size_t n;
  const char *text = jv_cstr(v, &n);
  struct rs_template *t = NULL;
  *out = v;
  if (!rs_is_template(text)) return RS_OK;
  enum rs_code rc = rs_template_parse("config", text, n, &t, e);
  if (rc == RS_OK) rc = rs_jinja_render_native(j, t, out, e);
  rs_template_release(t);
  return rc;
}

/* Values of yml files are rendered natively, as dbt does: hooks are templates of their own time. */
static enum rs_code render_value(struct rs_python *j, jv v, int depth, jv *out, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  *out = v;
  if (jv_is_str(v)) return render_text(j, v, out, e);
  if (depth > 50) return rs_fail(e, RS_LIMIT, "config is nested more than 50 deep");
  if (v.kind == JV_LIST) {
    *out = jv_list(j);
    for (size_t i = 0; rc == RS_OK && i < jv_len(v); i++) {
      jv item;
      rc = render_value(j, jv_item(v, i), depth + 1, &item, e);
      jv_list_add(j, *out, item);
    }
  } else if (v.kind == JV_DICT) {
    *out = jv_dict(j);
    for (size_t i = 0; rc == RS_OK && i < jv_len(v); i++) {
      jv key, value;
      jv_dict_at(v, i, &key, &value);
      const struct key *k = jv_is_str(key) ? find_key(jv_cstr(key, NULL)) : NULL;
      if (k == NULL || strstr(k->name, "_hook") == NULL)
        rc = render_value(j, value, depth + 1, &value, e);
      jv_dict_setv(j, *out, key, value);
    }
  }
  return rc;
}

enum rs_code rs_config_render(struct rs_python *j, jv v, jv *out, struct rs_error *e)
{
  return render_value(j, v, 0, out, e);
}

static enum rs_code read_level(struct rs_python *j, const char *json, jv *out, struct rs_error *e)
{
  enum rs_code rc = jv_from_json(j, json, strlen(json), out, e);
  if (rc == RS_OK && out->kind != JV_DICT) rc = rs_fail(e, RS_INVALID, "it is not a JSON object");
  bool nested = strchr(json, '{') != strrchr(json, '{') || strchr(json, '\\') != NULL;
  if (rc == RS_OK && nested) rc = render_value(j, *out, 0, out, e);
  return rc;
}

/* ---- folders -------------------------------------------------------------------------------- */

bool rs_config_applies(const struct rs_level *level, const struct rs_node *n)
{
  static const char *const types[RS_NODE_TYPES] = {
    "models",     "sources",  "seeds",     "snapshots", "tests",           "unit_tests",
    "operations", "analyses", "exposures", "metrics",   "semantic-models", "saved-queries"};
  size_t len = strlen(level->fqn);
  // dbt takes what it says of models for analyses, too
  bool analysis = n->type == RS_NODE_ANALYSIS && rs_eq(level->type, "models");
  if (!analysis && !rs_eq(level->type, types[n->type])) return false;
  return len == 0 ||
         (strncmp(n->fqn, level->fqn, len) == 0 && (n->fqn[len] == 0 || n->fqn[len] == '.'));
}

/* What dbt_project.yml of `package` says along the node's fqn, outermost folder first. */
static enum rs_code merge_levels(const struct rs_project *p, struct rs_python *j,
                                 const struct rs_node *n, const char *package, jv dict,
                                 struct rs_error *e)
{
  for (size_t i = 0; i < p->nlevels; i++) {
    const struct rs_level *level = &p->levels[i];
    if (!rs_config_applies(level, n) || !rs_eq(level->package, package)) continue;
    jv values;
    enum rs_code rc = read_level(j, level->json, &values, e);
    if (rc == RS_OK) rc = merge_dict(j, dict, values, e);
    if (rc != RS_OK)
      return rs_error_prefix(e, "config of %s %s", level->type, *level->fqn != 0 ? level->fqn : "");
  }
  return RS_OK;
}

/* Adds what the row's own config says. */
static enum rs_code merge_row(struct rs_python *j, const struct rs_node *n, jv dict,
                              struct rs_error *e)
{
  jv level;
  char what[300];
  if (n->row.config == NULL || *n->row.config == 0) return RS_OK;
  enum rs_code rc = read_level(j, n->row.config, &level, e);
  if (rc == RS_OK) rc = merge_dict(j, dict, level, e);
  if (rc == RS_OK) return rc;
  return rs_error_prefix(e, "%s: column config", rs_node_what(n, what, sizeof what));
}

enum rs_code rs_config_end(const struct rs_project *p, struct rs_python *j, const struct rs_node *n,
                           jv dict, struct rs_error *e)
{
  // dbt writes what a generic test is given into its text, behind the config() calls of its macro
  enum rs_code rc = rs_node_is_generic(n) ? merge_row(j, n, dict, e) : RS_OK;
  if (rc != RS_OK || rs_eq(n->package, p->name)) return rc;
  return merge_levels(p, j, n, p->name, dict, e);
}

enum rs_code rs_config_begin(const struct rs_project *p, struct rs_python *j,
                             const struct rs_node *n, jv *all, struct rs_error *e)
{
  jv row = jv_dict(j);
  *all = jv_dict(j);
  if (n->type == RS_NODE_TEST) rs_test_defaults(j, *all);
  enum rs_code rc = merge_levels(p, j, n, n->package, *all, e);
  if (rc == RS_OK && !rs_node_is_generic(n)) rc = merge_row(j, n, row, e);
  if (rc == RS_OK) rc = put_columns(j, row, n, e);
  return rc == RS_OK ? merge_dict(j, *all, row, e) : rc;
}

/* ---- the struct ----------------------------------------------------------------------------- */

enum rs_code rs_config_list(struct rs_arena *a, jv v, const char *what, const char *const **list,
                            size_t *n, struct rs_error *e)
{
  *list = NULL;
  *n = 0;
  if (v.kind == JV_NONE || v.kind == JV_UNDEFINED) return RS_OK;
  bool single = jv_is_str(v);
  if (!single && v.kind != JV_LIST && v.kind != JV_TUPLE)
    return rs_fail(e, RS_INVALID, "config '%s' must be a text or a list of texts, not %s", what,
                   jv_type_name(v));
  size_t count = single ? 1 : jv_len(v);
  const char **out = rs_arena_calloc(a, (count + 1) * sizeof *out);
  if (out == NULL) return rs_nomem(e);
  for (size_t i = 0; i < count; i++) {
    jv item = single ? v : jv_item(v, i);
    if (!jv_is_str(item))
      return rs_fail(e, RS_INVALID, "config '%s' must be a text or a list of texts, not of %s",
                     what, jv_type_name(item));
    out[i] = rs_arena_strdup(a, jv_cstr(item, NULL));
    if (out[i] == NULL) return rs_nomem(e);
  }
  *list = out;
  *n = count;
  return RS_OK;
}

/* Drops what is there already; how many are left. */
static size_t each_once(const char **list, size_t n)
{
  size_t left = 0;
  for (size_t i = 0; i < n; i++) {
    size_t k = 0;
    while (k < left && !rs_eq(list[k], list[i])) k++;
    if (k == left) list[left++] = list[i];
  }
  return left;
}

/* A text, or NULL for none. */
static enum rs_code get_text(struct rs_arena *a, jv dict, const char *key, const char **out,
                             struct rs_error *e)
{
  jv v;
  *out = NULL;
  if (!jv_dict_get(dict, key, &v) || v.kind == JV_NONE) return RS_OK;
  if (!jv_is_str(v))
    return rs_fail(e, RS_INVALID, "config '%s' must be a text, not %s", key, jv_type_name(v));
  *out = rs_arena_strdup(a, jv_cstr(v, NULL));
  return *out != NULL ? RS_OK : rs_nomem(e);
}

/* -1 when it is absent or none. */
static enum rs_code get_bool(jv dict, const char *key, int *out, struct rs_error *e)
{
  jv v;
  *out = -1;
  if (!jv_dict_get(dict, key, &v) || v.kind == JV_NONE) return RS_OK;
  if (v.kind == JV_INT && (v.u.i == 0 || v.u.i == 1)) *out = (int)v.u.i;
  else if (v.kind == JV_BOOL) *out = v.u.b;
  else
    return rs_fail(e, RS_INVALID, "config '%s' must be true or false, not %s", key,
                   jv_type_name(v));
  return RS_OK;
}

/* One hook: a text, {"sql": ..., "transaction": ...}, or the JSON text of such an object. */
static enum rs_code get_hook(struct rs_project *p, struct rs_python *j, jv v, const char *key,
                             struct rs_hook *out, struct rs_error *e)
{
  out->in_transaction = true;
  jv sql = v, transaction;
  if (jv_is_str(v)) {
    size_t n;
    const char *s = jv_cstr(v, &n);
    jv parsed, inner;
    if (*s == '{' && s[1] != '{' && s[1] != '%' && s[1] != '#' &&
        jv_from_json(j, s, n, &parsed, NULL) == RS_OK && parsed.kind == JV_DICT &&
        jv_dict_get(parsed, "sql", &inner))
      v = parsed;
  }
  if (v.kind == JV_DICT) {
    if (!jv_dict_get(v, "sql", &sql))
      return rs_fail(e, RS_INVALID, "config '%s': a hook needs 'sql'", key);
    if (jv_dict_get(v, "transaction", &transaction)) out->in_transaction = jv_truth(j, transaction);
  }
  if (!jv_is_str(sql))
    return rs_fail(e, RS_INVALID, "config '%s': a hook must be a text, not %s", key,
                   jv_type_name(sql));
  out->sql = rs_arena_strdup(&p->arena, jv_cstr(sql, NULL));
  return out->sql != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code get_hooks(struct rs_project *p, struct rs_python *j, jv dict, const char *key,
                              const struct rs_hook **out, size_t *n, struct rs_error *e)
{
  jv list;
  *out = NULL;
  *n = 0;
  if (!jv_dict_get(dict, key, &list)) return RS_OK; // merging made it a list
  size_t count = jv_len(list);
  struct rs_hook *hooks = rs_arena_calloc(&p->arena, (count + 1) * sizeof *hooks);
  if (hooks == NULL) return rs_nomem(e);
  for (size_t i = 0; i < count; i++) {
    enum rs_code rc = get_hook(p, j, jv_item(list, i), key, &hooks[i], e);
    if (rc != RS_OK) return rc;
  }
  *out = hooks;
  *n = count;
  return RS_OK;
}

/* Rockset's, or the target's own by its name; "engine" is that one on every target. */
static enum rs_code check_dialect(const struct rs_project *p, const char *said, struct rs_error *e)
{
  const struct rs_output *o = p->set.output;
  if (said == NULL || o == NULL || rs_eq(said, "rockset") || rs_eq(said, "engine")) return RS_OK;
  if (rs_eq(said, o->type) || rs_eq(said, p->set.dialect->name)) return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "config 'dialect' is '%s': 'rockset', or 'engine' (on target '%s' also '%s') for "
                 "the target's own",
                 said, o->target_name, p->set.dialect->name);
}

static enum rs_code read_known(struct rs_project *p, struct rs_python *j, const struct rs_node *n,
                               jv dict, struct rs_node_config *out, struct rs_error *e)
{
  struct rs_arena *a = &p->arena;
  jv v;
  int enabled;
  enum rs_code rc = get_text(a, dict, "materialized", &out->materialized, e);
  if (rc == RS_OK && out->materialized == NULL) {
    static const char *const kinds[RS_NODE_TYPES] = {
      "view",      "source",   "seed",     "snapshot", "test",           "unit_test",
      "operation", "analysis", "exposure", "metric",   "semantic_model", "saved_query"};
    out->materialized = kinds[n->type];
    jv_dict_set(j, dict, "materialized", jv_text(j, out->materialized));
  }
  if (rc == RS_OK) rc = get_text(a, dict, "schema", &out->schema, e);
  if (rc == RS_OK) rc = get_text(a, dict, "alias", &out->alias, e);
  if (rc == RS_OK) rc = get_text(a, dict, "incremental_strategy", &out->strategy, e);
  if (rc == RS_OK) rc = get_text(a, dict, "event_time", &out->event_time, e);
  if (rc == RS_OK) rc = get_text(a, dict, "access", &out->access, e);
  if (rc == RS_OK) rc = get_text(a, dict, "group", &out->group, e);
  if (rc == RS_OK) rc = get_text(a, dict, "dialect", &out->dialect, e);
  if (rc == RS_OK) rc = check_dialect(p, out->dialect, e);
  if (rc == RS_OK) rc = get_bool(dict, "enabled", &enabled, e);
  if (rc == RS_OK) out->enabled = enabled != 0;
  if (rc == RS_OK) rc = get_bool(dict, "full_refresh", &out->full_refresh, e);
  if (rc == RS_OK) rc = get_bool(dict, "swap", &out->swap, e);
  if (!jv_dict_get(dict, "tags", &v)) v = jv_none();
  if (rc == RS_OK) rc = rs_config_list(a, v, "tags", &out->tags, &out->ntags, e);
  if (rc == RS_OK) out->ntags = each_once((const char **)out->tags, out->ntags);
  if (!jv_dict_get(dict, "unique_key", &v)) v = jv_none();
  if (rc == RS_OK) rc = rs_config_list(a, v, "unique_key", &out->unique_key, &out->nunique_key, e);
  if (rc == RS_OK) rc = get_hooks(p, j, dict, "pre_hook", &out->pre_hooks, &out->npre, e);
  if (rc == RS_OK) rc = get_hooks(p, j, dict, "post_hook", &out->post_hooks, &out->npost, e);
  char what[300];
  return rc == RS_OK ? RS_OK : rs_error_prefix(e, "%s", rs_node_what(n, what, sizeof what));
}

enum rs_code rs_config_finish(struct rs_project *p, struct rs_python *j, const struct rs_node *n,
                              jv dict, struct rs_node_config *out, struct rs_error *e)
{
  memset(out, 0, sizeof *out);
  enum rs_code rc = read_known(p, j, n, dict, out, e);
  if (rc != RS_OK) return rc;
  struct rs_buf json;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  rc = jv_json_to(j, dict, false, &json, e);
  if (rc == RS_OK) rc = rs_buf_error(&json, e, "config");
  char what[300];
  if (rc != RS_OK) rs_error_prefix(e, "%s: config", rs_node_what(n, what, sizeof what));
  else if ((out->json = rs_arena_strndup(&p->arena, json.p, json.n)) == NULL) rc = rs_nomem(e);
  rs_buf_free(&json);
  return rc;
}
