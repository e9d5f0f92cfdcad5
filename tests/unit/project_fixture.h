/*
** A project out of arrays, for the unit tests of src/project: no database, no engine.
*/
#ifndef RS_TESTS_PROJECT_FIXTURE_H
#define RS_TESTS_PROJECT_FIXTURE_H
#include "unit.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/project/compile/compile.h"
#include "src/project/model/model.h"
#include "src/project/graph/graph.h"
#include "src/engine/engine.h"

struct fixture {
  const struct rs_store_model *models; /* up to one without a name */
  const struct rs_store_source *sources;
  const struct rs_store_macro *macros;
  const struct rs_store_var *vars;
  const struct rs_store_entry *entries;
};

#define MODEL(n, text, ...)                                                            \
  {                                                                                    \
    .name = (n), .sql = (text), .nsql = sizeof(text) - 1, .enabled = true, __VA_ARGS__ \
  }
#define MACRO(n, text)                                   \
  {                                                      \
    .name = (n), .sql = (text), .nsql = sizeof(text) - 1 \
  }

static inline enum rs_code fixture_read(void *ctx, const struct rs_store_sink *sink,
                                        struct rs_error *e)
{
  const struct fixture *f = ctx;
  enum rs_code rc = RS_OK;
  for (const struct rs_store_model *m = f->models; rc == RS_OK && m != NULL && m->name; m++)
    rc = sink->model(sink->ctx, m, e);
  for (const struct rs_store_source *s = f->sources; rc == RS_OK && s != NULL && s->source; s++)
    rc = sink->source(sink->ctx, s, e);
  for (const struct rs_store_macro *m = f->macros; rc == RS_OK && m != NULL && m->name; m++)
    rc = sink->macro(sink->ctx, m, e);
  for (const struct rs_store_var *v = f->vars; rc == RS_OK && v != NULL && v->name; v++)
    rc = sink->var(sink->ctx, v, e);
  for (const struct rs_store_entry *x = f->entries; rc == RS_OK && x != NULL && x->name; x++)
    rc = sink->entry(sink->ctx, x, e);
  return rc;
}

/* The embedded default: workspace commons, dialect duckdb. */
static inline const struct rs_output *fixture_output(void)
{
  const struct rs_profile_request req = {
    .adapters = rs_target_fields,
    .source = "{\"p\":{\"target\":\"dev\",\"outputs\":{\"dev\":{\"type\":\"duckdb\",\"database\":"
              "\"_db\"}}}}",
    .profile = "p",
    .database = ""};
  const struct rs_output *o = NULL;
  struct rs_error e = {0};
  if (rs_profile_load(&req, &o, &e) != RS_OK) print_error("%s\n", e.text);
  assert_non_null(o);
  return o;
}

static inline enum rs_code fixture_load(const struct fixture *f, const char *vars,
                                        struct rs_project **pp, struct rs_error *e)
{
  const struct rs_output *o = fixture_output();
  struct rs_store store = {.ctx = (void *)(uintptr_t)f, .read = fixture_read};
  struct rs_project_settings set = {
    .output = o, .dialect = rs_dialect_find("duckdb"), .vars = vars};
  enum rs_code rc = rs_project_load(&store, &set, pp, e);
  rs_output_release(o);
  return rc;
}

/* Loaded and parsed; *pp is NULL when that failed. */
static inline enum rs_code fixture_parse(const struct fixture *f, struct rs_project **pp,
                                         struct rs_error *e)
{
  enum rs_code rc = fixture_load(f, NULL, pp, e);
  if (rc == RS_OK) rc = rs_project_parse(*pp, NULL, e);
  if (rc != RS_OK) {
    rs_project_free(*pp);
    *pp = NULL;
  }
  return rc;
}

/* A model compiled without an engine. */
static inline enum rs_code fixture_compile(struct rs_project *p, const char *model,
                                           struct rs_compiled *out, struct rs_error *e)
{
  struct rs_node *n;
  enum rs_code rc = rs_project_model(p, model, &n, e);
  struct rs_context_options opt = {.project = p, .node = n, .execute = true};
  return rc == RS_OK ? rs_compile(&opt, out, e) : rc;
}
#endif
