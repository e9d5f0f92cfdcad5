/*
** `builtins`: dbt's ref, source, config, var where the project has macros of these names; and what
** packages read of the project through builtins.ref.config.
*/
#include <string.h>
#include "names.h"
#include "src/python/native.h"

/* ref or source, with what it knows as attributes. */
struct resolver {
  struct rs_context *c;
  jv_native fn;
};

/* {"name": {project_name, version}}: the project and its packages. */
static jv dependencies(struct rs_context *c)
{
  const struct rs_project *p = c->project;
  jv all = jv_dict(c->j);
  for (size_t i = 0; i <= p->packages.n; i++) {
    const struct rs_package *pack = i > 0 ? p->packages.v[i - 1].value : NULL;
    const char *name = pack != NULL ? pack->name : p->name;
    jv one = jv_dict(c->j);
    jv_dict_set(c->j, one, "project_name", jv_text(c->j, name));
    jv_dict_set(c->j, one, "version",
                rs_text_or_none(c->j, pack != NULL ? pack->version : p->version));
    jv_dict_set(c->j, all, name, one);
  }
  return all;
}

/* Variables that the project says for itself, under those of the options. */
static jv project_vars(struct rs_context *c, bool options)
{
  const struct rs_project *p = c->project;
  jv all = jv_dict(c->j), v;
  for (size_t i = 0; i < p->vars.n; i++) {
    const char *key = p->vars.v[i].key, *name = strrchr(key, '\n') + 1, *json = p->vars.v[i].value;
    bool wanted = strncmp(key, options ? "!\n\n" : "\n\n", options ? 3 : 2) == 0;
    if (wanted && jv_from_json(c->j, json, strlen(json), &v, NULL) == RS_OK)
      jv_dict_set(c->j, all, name, v);
  }
  return all;
}

static jv runtime_config(struct rs_context *c)
{
  const struct rs_project *p = c->project;
  jv dict = jv_dict(c->j), args = jv_dict(c->j);
  jv_dict_set(c->j, args, "which", jv_text(c->j, p->set.command != NULL ? p->set.command : "run"));
  jv_dict_set(c->j, args, "vars", project_vars(c, true));
  jv_dict_set(c->j, dict, "project_name", jv_text(c->j, p->name));
  jv_dict_set(c->j, dict, "version", rs_text_or_none(c->j, p->version));
  jv_dict_set(c->j, dict, "profile_name", jv_text(c->j, p->set.output->profile_name));
  jv_dict_set(c->j, dict, "target_name", jv_text(c->j, p->set.output->target_name));
  jv_dict_set(c->j, dict, "threads", jv_int(p->set.output->threads));
  jv_dict_set(c->j, dict, "credentials", rs_names_target(c));
  jv_dict_set(c->j, dict, "args", args);
  jv_dict_set(c->j, dict, "cli_vars", project_vars(c, true));
  jv_dict_set(c->j, dict, "vars", project_vars(c, false));
  jv_dict_set(c->j, dict, "dependencies", dependencies(c));
  return dict;
}

static CLASS_GETATTR(resolver_getattr)
{
  const struct resolver *r = self;
  if (rs_eqn("config", name, n)) *out = runtime_config(r->c);
  else if (rs_eqn("model", name, n)) *out = rs_names_model(r->c);
  else if (rs_eqn("current_project", name, n)) *out = jv_text(j, r->c->project->name);
  else return RS_NOT_FOUND;
  return RS_OK;
}

static CLASS_CALL(resolver_call)
{
  const struct resolver *r = self;
  return r->fn(j, r->c, args, out, e);
}

static const struct jv_class resolver_class = {
  .name = "RuntimeRefResolver", .getattr = resolver_getattr, .call = resolver_call};

jv rs_names_resolver(struct rs_context *c, jv_native fn)
{
  struct resolver *r = rs_arena_alloc(rs_python_arena(c->j), sizeof *r);
  if (r == NULL) return jv_undefined();
  *r = (struct resolver){.c = c, .fn = fn};
  return jv_object(c->j, &resolver_class, r);
}
