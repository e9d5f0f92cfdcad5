/*
** Tests, unit tests and on-run hooks as nodes of the graph (model.h).
**
** A generic test's text is the call of its macro with **_dbt_generic_test_kwargs, as dbt writes it,
** so that it is parsed, compiled and ordered like a model. Its arguments are rendered when that
** name is first read, in each pass.
*/
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "model.h"

static const char *const words[RS_NODE_TYPES] = {
  "model", "source",   "seed",     "snapshot", "test",           "unit test",
  "hook",  "analysis", "exposure", "metric",   "semantic model", "saved query"};

const char *rs_node_what(const struct rs_node *n, char *buf, size_t size)
{
  snprintf(buf, size, "%s %.250s", words[n->type], n->name);
  return buf;
}

bool rs_error_names_node(const struct rs_error *e)
{
  if (e == NULL) return true;
  for (size_t i = 0; i < RS_NODE_TYPES; i++)
    if (i != RS_NODE_SOURCE && rs_error_names(e, words[i], ' ')) return true;
  return false;
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* Copies a text; *ok becomes false when there is no memory. NULL stays NULL. */
static const char *keep(struct rs_project *p, const char *s, bool *ok)
{
  const char *copy = s != NULL ? rs_arena_strdup(&p->arena, s) : NULL;
  if (s != NULL && copy == NULL) *ok = false;
  return copy;
}

static enum rs_code no_room(struct rs_project *p, struct rs_error *e)
{
  if (!rs_arena_limited(&p->arena)) return rs_nomem(e);
  return rs_fail(e, RS_LIMIT, "the project is too large");
}

/* What all of them have. folder: "a/b", NULL = none. */
static struct rs_node *begin_node(struct rs_project *p, enum rs_node_type type, const char *package,
                                  const char *name, const char *folder, bool *ok)
{
  struct rs_node *n = rs_project_node(p, type);
  if (n == NULL) return NULL;
  n->package = package != NULL ? keep(p, package, ok) : p->name;
  n->name = keep(p, name, ok);
  n->row.name = n->name;
  n->row.enabled = true;
  n->sql = "";
  char *fqn = rs_arena_printf(&p->arena, "%s.%s%s%s", package != NULL ? package : p->name,
                              folder != NULL ? folder : "", folder != NULL ? "." : "", name);
  n->fqn = fqn;
  if (n->fqn == NULL) *ok = false;
  for (char *s = fqn; s != NULL && folder != NULL && (s = strchr(s, '/')) != NULL;) *s = '.';
  return n;
}

/* test.PKG.NAME, of generic ones with dbt's ten hex digits of what they test. */
static const char *test_id(struct rs_project *p, const struct rs_node *n,
                           const struct rs_store_test *t)
{
  char hash[RS_TEST_HASH + 1];
  if (t->test == NULL) return rs_arena_printf(&p->arena, "test.%s.%s", n->package, n->name);
  if (rs_test_hash(t, hash, NULL) != RS_OK) return NULL;
  return rs_arena_printf(&p->arena, "test.%s.%s.%s", n->package, n->name, hash);
}

/* {{ package.test_name(**_dbt_generic_test_kwargs) }} */
static const char *generic_text(struct rs_project *p, const char *test)
{
  const char *dot = strrchr(test, '.'), *own = dot != NULL ? dot + 1 : test;
  int head = dot != NULL ? (int)(dot + 1 - test) : 0;
  return rs_arena_printf(&p->arena, "{{ %.*stest_%s(**_dbt_generic_test_kwargs) }}", head, test,
                         own);
}

static enum rs_code check_names(const struct rs_store_test *t, struct rs_error *e)
{
  for (const char *s = t->test; s != NULL && *s != 0; s++)
    if (!isalnum((unsigned char)*s) && *s != '_' && *s != '.')
      return rs_fail(e, RS_INVALID, "test %s: column test must be the name of a test, not '%s'",
                     t->name, t->test);
  return RS_OK;
}

enum rs_code rs_tests_load(void *ctx, const struct rs_store_test *t, struct rs_error *e)
{
  struct rs_project *p = ctx;
  bool ok = true;
  enum rs_code rc = check_names(t, e);
  if (rc != RS_OK) return rc;
  const char *name = t->test == NULL
                       ? t->name
                       : rs_arena_strndup(&p->arena, t->name, rs_test_name_length(t->name));
  if (name == NULL) return no_room(p, e);
  struct rs_node *n = begin_node(p, RS_NODE_TEST, t->package, name, t->folder, &ok);
  struct rs_store_test *own = rs_arena_alloc(&p->arena, sizeof *own);
  if (n == NULL || own == NULL) return no_room(p, e);
  *own = (struct rs_store_test){.name = n->name,
                                .test = keep(p, t->test, &ok),
                                .model = keep(p, t->model, &ok),
                                .column = keep(p, t->column, &ok),
                                .arguments = keep(p, t->arguments, &ok)};
  n->test = own;
  n->row.config = keep(p, t->config, &ok);
  n->row.path = keep(p, t->path, &ok);
  n->row.folder = keep(p, t->folder, &ok);
  if (t->description != NULL) n->description = keep(p, t->description, &ok);
  n->unique_id = ok ? test_id(p, n, own) : NULL;
  if (t->test != NULL && t->folder == NULL) { // the folder of its yml file
    const char *below = rs_folder_fqn(&p->arena, t->path);
    n->fqn = below != NULL ? rs_arena_printf(&p->arena, "%s.%s%s", n->package, below, n->name)
                           : NULL;
    if (n->fqn == NULL) return no_room(p, e);
  }
  if (t->sql != NULL) {
    const char *s = t->sql;
    size_t len = t->nsql;
    while (len > 0 && isspace((unsigned char)*s)) s++, len--;
    while (len > 0 && isspace((unsigned char)s[len - 1])) len--;
    n->sql = rs_arena_strndup(&p->arena, s, len);
  } else if (t->test != NULL) {
    n->sql = generic_text(p, t->test);
  }
  if (!ok || n->sql == NULL || n->unique_id == NULL) return no_room(p, e);
  n->nsql = strlen(n->sql);
  return RS_OK;
}

enum rs_code rs_unit_tests_load(void *ctx, const struct rs_store_unit_test *t, struct rs_error *e)
{
  struct rs_project *p = ctx;
  bool ok = true;
  struct rs_node *n = begin_node(p, RS_NODE_UNIT_TEST, t->package, t->name, t->model, &ok);
  struct rs_store_unit_test *own = rs_arena_alloc(&p->arena, sizeof *own);
  if (n == NULL || own == NULL) return no_room(p, e);
  *own = (struct rs_store_unit_test){.name = n->name,
                                     .model = keep(p, t->model, &ok),
                                     .given = keep(p, t->given, &ok),
                                     .expect = keep(p, t->expect, &ok),
                                     .overrides = keep(p, t->overrides, &ok),
                                     .versions = keep(p, t->versions, &ok)};
  n->unit_test = own;
  n->row.config = keep(p, t->config, &ok);
  n->row.path = keep(p, t->path, &ok);
  if (t->description != NULL) n->description = keep(p, t->description, &ok);
  n->unique_id = rs_arena_printf(&p->arena, "unit_test.%s.%s.%s", n->package, t->model, n->name);
  return ok && n->unique_id != NULL ? RS_OK : no_room(p, e);
}

enum rs_code rs_hooks_load(void *ctx, const struct rs_store_hook *h, struct rs_error *e)
{
  struct rs_project *p = ctx;
  bool ok = true, start = rs_eq(h->event, "on-run-start");
  struct rs_node ***list = start ? &p->start_hooks : &p->end_hooks;
  size_t *count = start ? &p->nstart_hooks : &p->nend_hooks, index = 0;
  const char *package = h->package != NULL ? h->package : p->name;
  for (size_t i = 0; i < *count; i++) index += rs_eq((*list)[i]->package, package);
  char *name = rs_arena_printf(&p->arena, "%s-%s-%zu", package, h->event, index);
  if (name == NULL) return no_room(p, e);
  struct rs_node *n = begin_node(p, RS_NODE_OPERATION, h->package, name, NULL, &ok);
  if (n == NULL || !ok) return no_room(p, e);
  n->sql = rs_arena_strdup(&p->arena, h->sql);
  n->unique_id = rs_arena_printf(&p->arena, "operation.%s.%s", package, name);
  if (n->sql == NULL || n->unique_id == NULL) return no_room(p, e);
  n->nsql = strlen(n->sql);
  size_t cap = *count; // grown one by one: there are few
  if (!rs_grow(list, &cap, *count + 1, sizeof(struct rs_node *))) return rs_nomem(e);
  (*list)[(*count)++] = n;
  return RS_OK;
}

/* ---- generic tests -------------------------------------------------------------------------- */

void rs_test_defaults(struct rs_python *j, jv dict)
{
  static const char *const texts[][2] = {{"materialized", "test"},      {"severity", "ERROR"},
                                         {"schema", "dbt_test__audit"}, {"fail_calc", "count(*)"},
                                         {"warn_if", "!= 0"},           {"error_if", "!= 0"}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    jv_dict_set(j, dict, texts[i][0], jv_text(j, texts[i][1]));
}

bool rs_node_is_generic(const struct rs_node *n)
{
  return n->type == RS_NODE_TEST && n->test != NULL && n->test->test != NULL;
}

enum rs_code rs_test_check(const struct rs_project *p, const struct rs_node *n, struct rs_error *e)
{
  const char *test = n->test->test;
  if (test == NULL) return RS_OK;
  const char *dot = strchr(test, '.');
  char package[300], macro[300];
  snprintf(package, sizeof package, "%.*s", dot != NULL ? (int)(dot - test) : 0, test);
  snprintf(macro, sizeof macro, "test_%s", dot != NULL ? dot + 1 : test);
  const struct rs_map *own = dot == NULL             ? NULL
                             : rs_eq(package, "dbt") ? &p->builtins
                                                     : rs_project_macros(p, package);
  if (dot != NULL && own == NULL)
    return rs_fail(e, RS_NOT_FOUND, "test %s: there is no package '%s'", n->name, package);
  if (own != NULL ? rs_map_get(own, macro) != NULL : rs_project_macro(p, n->package, macro) != NULL)
    return RS_OK;
  return rs_fail(
    e, RS_NOT_FOUND,
    "test %s: there is no generic test '%s': it wants a macro {%% test %s(model, ...) %%}", n->name,
    test, dot != NULL ? dot + 1 : test);
}
