/*
** dbt's base names: those that ask neither the project nor the engine: JSON, sets, zip, hashes,
** log, return, flags, modules ....
*/
#include <stdio.h>
#include "src/python/datetime/datetime.h"
#include "src/base/md5.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "names.h"
#include "src/python/native.h"

/* ---- messages ------------------------------------------------------------------------------- */

/* Lines to whoever watches: control characters out, since the text may end on a terminal. */
static enum rs_code say_lines(struct rs_context *c, const char *prefix, const char *text, size_t n,
                              struct rs_error *e)
{
  struct rs_buf line;
  enum rs_code rc = RS_OK;
  rs_buf_init(&line, 1 << 16);
  for (size_t at = 0; rc == RS_OK && (at < n || at == 0); at++) {
    rs_buf_clear(&line);
    rs_buf_str(&line, at == 0 ? prefix : "");
    for (; at < n && text[at] != '\n'; at++) {
      unsigned char ch = (unsigned char)text[at];
      rs_buf_char(&line, ch < 0x20 || ch == 0x7F ? ' ' : (char)ch);
    }
    rc = rs_buf_error(&line, e, "print");
    if (rc != RS_OK) break;
    rs_buf_text(&line);
    if (line.n > 0) rs_redact(line.p, line.cap);
    c->project->set.say(line.n > 0 ? line.p : "");
  }
  rs_buf_free(&line);
  return rc;
}

enum rs_code rs_context_say(struct rs_context *c, const char *text, size_t n, struct rs_error *e)
{
  return c->project->set.say == NULL ? RS_OK : say_lines(c, "", text, n, e);
}

static enum rs_code say(struct rs_context *c, bool names_node, jv message, struct rs_error *e)
{
  char prefix[300] = "";
  if (c->project->set.say == NULL) return RS_OK;
  struct rs_buf text;
  rs_buf_init(&text, 1 << 20);
  if (names_node) snprintf(prefix, sizeof prefix, "model %.280s: ", c->node->name);
  enum rs_code rc = jv_str_to(c->j, message, &text, e);
  if (rc == RS_OK) rc = rs_buf_error(&text, e, "print");
  if (rc == RS_OK) rc = say_lines(c, prefix, rs_buf_text(&text), text.n, e);
  rs_buf_free(&text);
  return rc;
}

static NAMED(name_log, "log", 1, "msg", "info")
{
  struct rs_context *c = ctx;
  *out = jv_text(j, "");
  return c->opt.execute && rs_given(v[1]) && jv_truth(j, v[1]) ? say(c, true, v[0], e) : RS_OK;
}

static NATIVE(name_print)
{
  struct rs_context *c = ctx;
  *out = jv_text(j, "");
  if (args->npos != 1) return rs_fail(e, RS_INVALID, "print() takes one argument");
  return c->opt.execute ? say(c, false, args->pos[0], e) : RS_OK;
}

static NATIVE(name_return)
{
  static const char *const names[] = {"data", NULL};
  jv v;
  enum rs_code rc = jv_bind(args, "return", names, 0, &v, e);
  if (rc != RS_OK) return rc;
  return rs_jinja_return(j, args->npos + args->nkw == 0 ? jv_none() : v);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static NAMED(name_tojson, "tojson", 1, "value", "default", "sort_keys")
{
  struct rs_buf text;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  enum rs_code rc = jv_json_to(j, v[0], rs_given(v[2]) && jv_truth(j, v[2]), &text, e);
  if (rc == RS_OK) return rs_text_take(j, &text, "tojson()", out, e);
  rs_buf_free(&text);
  return rc;
}

static NAMED(name_fromjson, "fromjson", 1, "string", "default")
{
  enum rs_code rc = rs_want_text(v[0], "fromjson(): string", e);
  if (rc != RS_OK) return rc;
  size_t n;
  const char *text = jv_cstr(v[0], &n);
  rc = jv_from_json(j, text, n, out, NULL);
  if (rc == RS_INVALID) *out = rs_given(v[1]) ? v[1] : jv_none();
  return rc == RS_INVALID || rc == RS_OK ? RS_OK : rs_fail(e, rc, "fromjson() failed");
}

/* ---- set and zip ---------------------------------------------------------------------------- */

/* A TypeError of Python gives the default; whatever else failed stays an error. */
static enum rs_code or_default(enum rs_code rc, jv otherwise, jv *out, struct rs_error *e,
                               const struct rs_error *own)
{
  if (rc == RS_INVALID) {
    *out = rs_given(otherwise) ? otherwise : jv_none();
    return RS_OK;
  }
  return rc == RS_OK ? RS_OK : rs_fail(e, rc, "%s", own->text);
}

static enum rs_code make_set(struct rs_python *j, jv v, jv *out, struct rs_error *e)
{
  jv list;
  enum rs_code rc = jv_list_of(j, v, &list, e);
  *out = jv_set(j);
  for (size_t i = 0; rc == RS_OK && i < jv_len(list); i++)
    rc = jv_set_put(j, *out, jv_item(list, i), e);
  return rc;
}

static NAMED(name_set, "set", 1, "value", "default")
{
  struct rs_error own = {0};
  return or_default(make_set(j, v[0], out, &own), v[1], out, e, &own);
}

static NAMED(name_set_strict, "set_strict", 1, "value")
{
  return make_set(j, v[0], out, e);
}

struct zipped {
  jv rows;
  size_t at;
};

static enum rs_code next_row(struct rs_python *j, void *state, jv *out, bool *done,
                             struct rs_error *e)
{
  struct zipped *z = state;
  (void)j, (void)e;
  *done = z->at >= jv_len(z->rows);
  if (!*done) *out = jv_item(z->rows, z->at++);
  return RS_OK;
}

static enum rs_code make_zip(struct rs_python *j, const struct jv_args *args, jv *out,
                             struct rs_error *e)
{
  size_t n = args->npos, shortest = SIZE_MAX;
  jv *lists = rs_arena_alloc(rs_python_arena(j), (2 * n + 1) * sizeof *lists), *row = lists + n;
  struct zipped *z = rs_arena_calloc(rs_python_arena(j), sizeof *z);
  if (lists == NULL || z == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    enum rs_code rc = jv_list_of(j, args->pos[i], &lists[i], e);
    if (rc != RS_OK) return rc;
    if (jv_len(lists[i]) < shortest) shortest = jv_len(lists[i]);
  }
  z->rows = jv_list(j);
  for (size_t r = 0; n > 0 && r < shortest; r++) {
    for (size_t i = 0; i < n; i++) row[i] = jv_item(lists[i], r);
    jv_list_add(j, z->rows, jv_tuple(j, row, n));
  }
  *out = rs_python_generator(j, "zip object", next_row, z);
  return RS_OK;
}

static NATIVE(name_zip)
{
  struct rs_error own = {0};
  jv otherwise = jv_undefined();
  for (size_t i = 0; i < args->nkw; i++)
    if (rs_eq(jv_cstr(args->kw_keys[i], NULL), "default")) otherwise = args->kw_values[i];
  return or_default(make_zip(j, args, out, &own), otherwise, out, e, &own);
}

static NATIVE(name_zip_strict)
{
  return make_zip(j, args, out, e);
}

/* ---- hashes and differences ----------------------------------------------------------------- */

static NATIVE(name_md5)
{
  unsigned char sum[RS_MD5_SIZE];
  char hex[2 * RS_MD5_SIZE + 1];
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "local_md5() takes a text");
  size_t n;
  const char *text = jv_cstr(args->pos[0], &n);
  rs_md5(text, n, sum);
  rs_hex(sum, RS_MD5_SIZE, hex);
  *out = jv_text(j, hex);
  return RS_OK;
}

static bool same_name(jv a, jv b)
{
  return jv_is_str(a) && jv_is_str(b) && rs_casecmp(jv_cstr(a, NULL), jv_cstr(b, NULL)) == 0;
}

/* What of list a is not in list b, in lower case. */
static jv missing(struct rs_python *j, jv a, jv b)
{
  jv rest = jv_list(j);
  for (size_t i = 0; i < jv_len(a); i++) {
    bool found = false;
    for (size_t k = 0; !found && k < jv_len(b); k++)
      found = same_name(jv_item(a, i), jv_item(b, k));
    if (found || !jv_is_str(jv_item(a, i))) continue;
    char *lower = rs_arena_strdup(rs_python_arena(j), jv_cstr(jv_item(a, i), NULL));
    for (char *p = lower; p != NULL && *p != 0; p++)
      if (*p >= 'A' && *p <= 'Z') *p = (char)(*p + 32);
    if (lower != NULL) jv_list_add(j, rest, jv_text(j, lower));
  }
  return rest;
}

static NAMED(name_diff, "diff_of_two_dicts", 2, "dict_a", "dict_b")
{
  jv key, value, other, other_key;
  if (v[0].kind != JV_DICT || v[1].kind != JV_DICT)
    return rs_fail(e, RS_INVALID, "diff_of_two_dicts() takes two dicts of lists");
  *out = jv_dict(j);
  for (size_t i = 0; i < jv_len(v[0]); i++) {
    jv_dict_at(v[0], i, &key, &value);
    jv found = jv_list(j);
    for (size_t k = 0; k < jv_len(v[1]); k++) {
      jv_dict_at(v[1], k, &other_key, &other);
      if (same_name(key, other_key)) found = other;
    }
    jv rest = missing(j, value, found);
    if (jv_len(rest) > 0) jv_dict_setv(j, *out, key, rest);
  }
  return RS_OK;
}

/* ---- names that are errors ------------------------------------------------------------------ */

static NATIVE(name_doc)
{
  return rs_fail(e, RS_INVALID,
                 "doc() works in descriptions only: it is not there in a model's SQL");
}

static NATIVE(name_write)
{
  return rs_fail(e, RS_UNSUPPORTED,
                 "write(): there is no target folder: the compiled text is what "
                 "rockset_compile() gives");
}

static NATIVE(name_python)
{
  return rs_fail(e, RS_UNSUPPORTED,
                 "submit_python_job(): no target here runs Python: write the model in SQL, or let "
                 "dbt build it and read "
                 "its table as a source");
}

static NATIVE(name_adapter_macro)
{
  return rs_fail(e, RS_INVALID,
                 "The \"adapter_macro\" macro has been deprecated. Instead, use the "
                 "`adapter.dispatch` method to find a macro and call the result.");
}

/* ---- flags ---------------------------------------------------------------------------------- */

static jv make_flags(struct rs_context *c)
{
  struct rs_python *j = c->j;
  jv flags = jv_dict(j), options = jv_dict(j);
  static const char *const on[] = {"USE_COLORS", "VERSION_CHECK", "INTROSPECT", "STATIC_PARSER"};
  static const char *const off[] = {"FAIL_FAST",
                                    "DEBUG",
                                    "LOG_CACHE_EVENTS",
                                    "SEND_ANONYMOUS_USAGE_STATS",
                                    "QUIET",
                                    "USE_EXPERIMENTAL_PARSER",
                                    "PARTIAL_PARSE",
                                    "CACHE_SELECTED_ONLY",
                                    "WRITE_JSON",
                                    "STORE_FAILURES",
                                    "EMPTY"};
  static const char *const none[] = {"TARGET_PATH", "PROFILES_DIR", "WARN_ERROR", "LOG_PATH",
                                     "NO_PRINT"};
  for (size_t i = 0; i < COUNT(on); i++) jv_dict_set(j, flags, on[i], jv_bool(true));
  for (size_t i = 0; i < COUNT(off); i++) jv_dict_set(j, flags, off[i], jv_bool(false));
  for (size_t i = 0; i < COUNT(none); i++) jv_dict_set(j, flags, none[i], jv_none());
  jv_dict_set(j, options, "include", jv_list(j));
  jv_dict_set(j, options, "exclude", jv_list(j));
  jv_dict_set(j, flags, "WARN_ERROR_OPTIONS", options);
  jv_dict_set(j, flags, "INDIRECT_SELECTION", jv_text(j, "eager"));
  jv_dict_set(j, flags, "LOG_FORMAT", jv_text(j, "default"));
  jv_dict_set(j, flags, "PRINTER_WIDTH", jv_int(80));
  jv_dict_set(j, flags, "INVOCATION_COMMAND", jv_text(j, "rockset_run"));
  jv_dict_set(j, flags, "FULL_REFRESH", jv_bool(c->project->set.full_refresh));
  const char *command = c->project->set.command;
  jv_dict_set(j, flags, "STORE_FAILURES", jv_bool(c->project->set.store_failures));
  jv_dict_set(j, flags, "WHICH", jv_text(j, command != NULL ? command : "run"));
  return flags;
}

static jv make_modules(struct rs_python *j)
{
  jv dict = jv_dict(j);
  jv_dict_set(j, dict, "pytz", rs_module_pytz(j));
  jv_dict_set(j, dict, "datetime", rs_module_datetime(j));
  jv_dict_set(j, dict, "re", rs_module_re(j));
  jv_dict_set(j, dict, "itertools", rs_module_itertools(j));
  return dict;
}

static jv make_args(struct rs_context *c)
{
  struct rs_python *j = c->j;
  jv dict = jv_dict(j), vars = jv_dict(j);
  const char *json = c->project->set.vars;
  if (json != NULL) (void)jv_from_json(j, json, strlen(json), &vars, NULL);
  jv_dict_set(j, dict, "which", jv_text(j, "run"));
  jv_dict_set(j, dict, "full_refresh", jv_bool(c->project->set.full_refresh));
  jv_dict_set(j, dict, "vars", vars);
  return dict;
}

/* DBT_ENV_CUSTOM_ENV_X as X. */
static jv make_envs(struct rs_context *c)
{
  extern char **environ;
  static const char prefix[] = "DBT_ENV_CUSTOM_ENV_";
  jv dict = jv_dict(c->j);
  for (char **p = environ; p != NULL && *p != NULL; p++) {
    const char *eq = strchr(*p, '=');
    if (eq == NULL || strncmp(*p, prefix, sizeof prefix - 1) != 0) continue;
    const char *name = *p + sizeof prefix - 1;
    jv_dict_setv(c->j, dict, jv_textn(c->j, name, (size_t)(eq - name)), jv_text(c->j, eq + 1));
  }
  return dict;
}

enum rs_code rs_names_base(struct rs_context *c, const char *name, size_t n, jv *out)
{
  static const struct rs_method functions[] = {{"log", name_log},
                                               {"print", name_print},
                                               {"return", name_return},
                                               {"tojson", name_tojson},
                                               {"fromjson", name_fromjson},
                                               {"toyaml", rs_names_toyaml},
                                               {"fromyaml", rs_names_fromyaml},
                                               {"set", name_set},
                                               {"set_strict", name_set_strict},
                                               {"zip", name_zip},
                                               {"zip_strict", name_zip_strict},
                                               {"local_md5", name_md5},
                                               {"diff_of_two_dicts", name_diff},
                                               {"try_or_compiler_error", rs_names_try},
                                               {"doc", name_doc},
                                               {"write", name_write},
                                               {"submit_python_job", name_python},
                                               {"adapter_macro", name_adapter_macro}};
  struct rs_python *j = c->j;
  if (rs_method_find(j, c, functions, COUNT(functions), name, n, out) == RS_OK) return RS_OK;
#define IS(text) rs_eqn(text, name, n)
  if (IS("modules")) *out = make_modules(j);
  else if (IS("flags")) *out = make_flags(c);
  else if (IS("exceptions")) *out = rs_names_exceptions(c);
  else if (IS("invocation_id")) *out = jv_text(j, c->project->invocation_id);
  else if (IS("thread_id")) *out = jv_text(j, "Thread-1 (worker)");
  else if (IS("run_started_at")) *out = rs_datetime_value(j, c->project->started_us);
  else if (IS("dbt_version")) *out = jv_text(j, "1.7.20");
  else if (IS("invocation_args_dict")) *out = make_args(c);
  else if (IS("dbt_metadata_envs")) *out = make_envs(c);
  else return RS_NOT_FOUND;
#undef IS
  return RS_OK;
}
