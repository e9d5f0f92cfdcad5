/*
** Generic tests of a yml entry: one row each, under the name that dbt makes for it.
*/
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "export_internal.h"
#include "src/project/model/model.h"

#define ARGS_MAX 64 /* of one test */

static const char *const config_keys[] = {
  "severity",  "tags",           "enabled",           "where", "limit",    "warn_if", "error_if",
  "fail_calc", "store_failures", "store_failures_as", "meta",  "database", "schema",  "alias"};

static bool is_config(const char *key)
{
  for (size_t i = 0; i < sizeof config_keys / sizeof *config_keys; i++)
    if (rs_eq(config_keys[i], key)) return true;
  return false;
}

/* One test as it stands in yml, taken apart. */
struct test {
  struct rs_imports *im;
  const struct rs_test_owner *o;
  int line;
  const char *macro; /* unique, dbt_utils.expression_is_true */
  const char *name, *description;
  struct rs_yaml_pair args[ARGS_MAX]; /* borrowed */
  size_t nargs;
  struct rs_buf config;
  bool tagged; /* config has tags, those of the column among them */
};

static enum rs_code fail(const struct test *t, struct rs_error *e, const char *text)
{
  return rs_import_fail(t->o->package, t->o->path, t->line, e, "tests: %s", text);
}

static void put_config(struct test *t, const char *key, const struct rs_yaml *v)
{
  if (rs_eq(key, "tags")) t->tagged = true;
  rs_buf_char(&t->config, t->config.n == 0 ? '{' : ',');
  rs_buf_json_str(&t->config, key, strlen(key));
  rs_buf_char(&t->config, ':');
  // tags of a source and of a column reach their tests
  t->tagged |= rs_eq(key, "tags");
  if (rs_eq(key, "tags") && t->o->tags != NULL && t->o->tags->count > 0 && v != t->o->tags) {
    rs_buf_char(&t->config, '[');
    for (size_t k = 0; k < 2; k++) {
      const struct rs_yaml *list = k == 0 ? t->o->tags : v;
      size_t n = list->kind == RS_YAML_LIST ? list->count : 1;
      for (size_t i = 0; i < n; i++) {
        if (k + i > 0) rs_buf_char(&t->config, ',');
        rs_yaml_json(list->kind == RS_YAML_LIST ? list->items[i] : list, &t->config);
      }
    }
    rs_buf_char(&t->config, ']');
    return;
  }
  rs_yaml_json(v, &t->config);
}

static enum rs_code take_key(struct test *t, const char *key, const struct rs_yaml_pair *pair,
                             struct rs_error *e)
{
  const struct rs_yaml *v = pair->value;
  if (rs_eq(key, "test_name")) return RS_OK;
  if (rs_eq(key, "name")) {
    t->name = v->text;
  } else if (rs_eq(key, "description")) {
    t->description = v->text;
  } else if (rs_eq(key, "config") && v->kind == RS_YAML_MAP) {
    for (size_t i = 0; i < v->count; i++) put_config(t, v->pairs[i].key->text, v->pairs[i].value);
  } else if (rs_eq(key, "arguments") && v->kind == RS_YAML_MAP) {
    // what is a config beside them is one among them, too
    for (size_t i = 0; i < v->count; i++) {
      const char *inner = v->pairs[i].key->text;
      enum rs_code rc = rs_eq(inner, "arguments") ? RS_OK : take_key(t, inner, &v->pairs[i], e);
      if (rc != RS_OK) return rc;
    }
  } else if (is_config(key)) {
    put_config(t, key, v);
  } else if (t->o->column == NULL || !rs_eq(key, "column_name")) { // the column's own name counts
    if (t->nargs == sizeof t->args / sizeof *t->args) return fail(t, e, "too many arguments");
    t->args[t->nargs++] = *pair;
  }
  return RS_OK;
}

static int by_key(const void *a, const void *b)
{
  return strcmp(((const struct rs_yaml_pair *)a)->key->text,
                ((const struct rs_yaml_pair *)b)->key->text);
}

/* The shortest text that reads as the same number, as Python has it: `.5` is 0.5. */
static void put_float(struct rs_buf *b, double f)
{
  char text[40];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, f);
    if (strtod(text, NULL) == f) break;
  }
  rs_buf_str(b, text);
  if (strpbrk(text, ".,en") == NULL) rs_buf_str(b, ".0");
}

/* Python's str() of a value, of an inner one its repr(), as far as they make names: quotes and
** brackets make none. */
static void put_text(struct rs_buf *b, const struct rs_yaml *v, bool inner)
{
  if (v->kind == RS_YAML_BOOL) rs_buf_str(b, v->i != 0 ? "True" : "False");
  else if (v->kind == RS_YAML_NULL) rs_buf_str(b, "None");
  else if (v->kind == RS_YAML_FLOAT) put_float(b, v->f);
  else if (v->kind == RS_YAML_TEXT && inner) rs_buf_json_str(b, v->text, v->n);
  else if (v->kind == RS_YAML_INT || v->kind == RS_YAML_TEXT) rs_buf_add(b, v->text, v->n);
  else rs_buf_char(b, '[');
  for (size_t i = 0; i < v->count; i++) { // a list's, a map's
    if (i > 0) rs_buf_char(b, ',');
    if (v->kind == RS_YAML_MAP) put_text(b, v->pairs[i].key, true), rs_buf_char(b, ':');
    put_text(b, v->kind == RS_YAML_MAP ? v->pairs[i].value : v->items[i], true);
  }
  if (v->kind == RS_YAML_LIST || v->kind == RS_YAML_MAP) rs_buf_char(b, ']');
}

/* The same, each run of other characters as one underscore. */
static void put_clean(struct rs_buf *b, const struct rs_yaml *v)
{
  struct rs_buf text;
  const char *p;
  size_t n;
  rs_buf_init(&text, 1 << 20);
  put_text(&text, v, false);
  p = rs_buf_text(&text);
  n = text.n;
  for (size_t i = 0; i < n; i++) {
    bool good = isalnum((unsigned char)p[i]) || p[i] == '_';
    if (good) rs_buf_char(b, p[i]);
    else if (i == 0 || isalnum((unsigned char)p[i - 1]) || p[i - 1] == '_') rs_buf_char(b, '_');
  }
  rs_buf_free(&text);
}

static void put_argument(struct rs_buf *b, const struct rs_yaml *v, bool *first)
{
  bool list = v->kind == RS_YAML_LIST, map = v->kind == RS_YAML_MAP;
  size_t n = list || map ? v->count : 1;
  for (size_t i = 0; i < n; i++) {
    if (!*first) rs_buf_str(b, "__");
    *first = false;
    put_clean(b, list ? v->items[i] : map ? v->pairs[i].value : v);
  }
}

/* dbt's full name: [PACKAGE_][source_]TEST_MODEL_ARGUMENTS, arguments in order of their names. */
static enum rs_code make_name(struct rs_arena *a, const struct rs_test_owner *o, const char *macro,
                              const struct rs_yaml_pair *args, size_t n, const char **out,
                              struct rs_error *e)
{
  struct rs_yaml column = {.kind = RS_YAML_TEXT}, column_key = column;
  struct rs_yaml_pair list[ARGS_MAX + 1];
  struct rs_buf b;
  bool first = true;
  if (n > 0) memcpy(list, args, n * sizeof *list);
  if (o->column != NULL) {
    column = (struct rs_yaml){.kind = RS_YAML_TEXT, .text = o->column, .n = strlen(o->column)};
    column_key.text = "column_name";
    list[n++] = (struct rs_yaml_pair){.key = &column_key, .value = &column};
  }
  qsort(list, n, sizeof *list, by_key);
  rs_buf_init(&b, 1 << 20);
  const char *dot = strchr(macro, '.'), *own = dot != NULL ? dot + 1 : macro;
  if (dot != NULL) rs_buf_printf(&b, "%.*s_", (int)(dot - macro), macro);
  rs_buf_printf(&b, "%s%s_%s_", rs_eq(o->kind, "sources") ? "source_" : "", own, o->name);
  for (size_t i = 0; i < n; i++) put_argument(&b, list[i].value, &first);
  enum rs_code rc = rs_buf_error(&b, e, "the name of a test");
  if (rc == RS_OK && (*out = rs_arena_strndup(a, b.p, b.n)) == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_test_made_name(struct rs_arena *a, const struct rs_test_owner *o, const char *macro,
                               const struct rs_yaml *args, const char **out, struct rs_error *e)
{
  bool map = args != NULL && args->kind == RS_YAML_MAP;
  return make_name(a, o, macro, map ? args->pairs : NULL,
                   !map                     ? 0
                   : args->count > ARGS_MAX ? ARGS_MAX
                                            : args->count,
                   out, e);
}

/* Tests may share a name: those whose arguments differ only in what makes no name (/a+/ and /b+/),
** those that were given it. A row's key is one, so that further rows are x#2, x#3 ...; what dbt
** calls them is in front of the mark (rs_test_name). */
static enum rs_code tell_apart(struct test *t, const char *args, struct rs_error *e)
{
  const struct rs_import_row *other;
  const char *name = t->name;
  if (rs_test_name_length(name) < strlen(name)) // a name that ends like our mark
    t->name = rs_arena_printf(&t->im->arena, "%s#1", name);
  for (size_t i = 2; t->name != NULL; i++) {
    other = rs_import_find(t->im, RS_T_TEST, t->o->package, t->name);
    if (other == NULL) return RS_OK;
    const char *theirs = rs_row_text(&other->row, "arguments");
    if (rs_eq(theirs != NULL ? theirs : "", args) &&
        rs_eq(rs_row_text(&other->row, "test"), t->macro) &&
        rs_eq(rs_row_text(&other->row, "model"), t->o->ref) &&
        rs_eq(rs_row_text(&other->row, "column_name"), t->o->column))
      return RS_OK; // rs_import_add tells
    t->name = rs_arena_printf(&t->im->arena, "%s#%zu", name, i);
  }
  return rs_nomem(e);
}

static enum rs_code add(struct test *t, struct rs_error *e)
{
  const struct rs_test_owner *o = t->o;
  struct rs_buf args;
  struct rs_arena *a = &t->im->arena;
  enum rs_code rc = RS_OK;
  if (t->name == NULL) rc = make_name(a, o, t->macro, t->args, t->nargs, &t->name, e);
  struct rs_import_row *to = rc == RS_OK
                               ? rs_import_new(t->im, o->package, RS_T_TEST, o->path, t->line, e)
                               : NULL;
  if (to == NULL) return RS_NOMEM;
  rs_buf_init(&args, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < t->nargs; i++) {
    rs_buf_char(&args, i == 0 ? '{' : ',');
    rs_buf_json_str(&args, t->args[i].key->text, t->args[i].key->n);
    rs_buf_char(&args, ':');
    rs_yaml_json(t->args[i].value, &args);
  }
  if (args.n > 0) rs_buf_char(&args, '}');
  if (!t->tagged && o->tags != NULL && o->tags->count > 0) put_config(t, "tags", o->tags);
  if (t->config.n > 0) rs_buf_char(&t->config, '}');
  rc = rs_buf_error(&args, e, "tests");
  if (rc == RS_OK) rc = rs_buf_error(&t->config, e, "tests");
  if (rc == RS_OK) rc = tell_apart(t, rs_buf_text(&args), e);
  rs_row_set(&to->row, "name", t->name);
  rs_row_set(&to->row, "test", t->macro);
  rs_row_set(&to->row, "model", o->ref);
  rs_row_set(&to->row, "column_name", o->column);
  rs_row_set(&to->row, "description", t->description);
  if (rc == RS_OK && args.n > 0)
    rs_row_set(&to->row, "arguments", rs_arena_strndup(a, args.p, args.n));
  if (rc == RS_OK && t->config.n > 0)
    rs_row_set(&to->row, "config", rs_arena_strndup(a, t->config.p, t->config.n));
  if (rc == RS_OK && ((args.n > 0 && rs_row_text(&to->row, "arguments") == NULL) ||
                      (t->config.n > 0 && rs_row_text(&to->row, "config") == NULL)))
    rc = rs_nomem(e);
  rs_buf_free(&args);
  return rc == RS_OK ? rs_import_add(t->im, to, e) : rc;
}

/* `unique`, `{accepted_values: {values: [...]}}` or `{name: ..., test_name: ..., ...}`. */
static enum rs_code take_apart(struct test *t, const struct rs_yaml *v, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (v->kind == RS_YAML_TEXT) {
    t->macro = v->text;
    return RS_OK;
  }
  if (v->kind != RS_YAML_MAP || v->count == 0)
    return fail(t, e, "each must be a name, or a map of a name and its arguments");
  const struct rs_yaml *named = rs_yaml_get(v, "test_name");
  if (named == NULL) { // the first key that is none of the keys beside it is the test
    for (size_t i = 0; t->macro == NULL && i < v->count; i++) {
      const char *key = v->pairs[i].key->text;
      if (is_config(key) || rs_eq(key, "config") || rs_eq(key, "name")) continue;
      t->macro = key;
      named = v->pairs[i].value;
    }
    for (size_t i = 0; rc == RS_OK && i < v->count; i++)
      if (v->pairs[i].value != named) rc = take_key(t, v->pairs[i].key->text, &v->pairs[i], e);
    if (named != NULL && named->kind != RS_YAML_MAP) named = NULL; // `- unique:`
  } else {
    t->macro = named->text;
    named = v;
  }
  if (t->macro == NULL) return fail(t, e, "a test lacks its name");
  for (size_t i = 0; rc == RS_OK && named != NULL && i < named->count; i++)
    rc = take_key(t, named->pairs[i].key->text, &named->pairs[i], e);
  return rc;
}

enum rs_code rs_import_tests(struct rs_imports *im, const struct rs_test_owner *o,
                             const struct rs_yaml *entry, struct rs_error *e)
{
  static const char *const keys[] = {"tests", "data_tests"};
  enum rs_code rc = RS_OK;
  for (size_t k = 0; rc == RS_OK && k < 2; k++) {
    const struct rs_yaml *list = rs_yaml_get(entry, keys[k]);
    if (list == NULL || list->kind == RS_YAML_NULL) continue;
    if (list->kind != RS_YAML_LIST)
      return rs_import_fail(o->package, o->path, list->line, e, "'%s' must be a list", keys[k]);
    for (size_t i = 0; rc == RS_OK && i < list->count; i++) {
      struct test t = {.im = im, .o = o, .line = list->items[i]->line};
      rs_buf_init(&t.config, RS_BUF_SQL_MAX);
      rc = take_apart(&t, list->items[i], e);
      if (rc == RS_OK) rc = add(&t, e);
      rs_buf_free(&t.config);
    }
  }
  return rc;
}
