/*
** The table rockset_debug: what `dbt debug` says, a row a step.
**
**   SELECT * FROM rockset_debug;
**
**   step        status   detail
**   versions    ok       rockset_ext 0.1.0, SQLite 3.40.1
**   profile     ok       which file, profile and target, and why these
**   target      ok       the connection's fields as JSON, without its secrets
**   connection  ok       the engine's name and version
**   workspace   ok       the profile's workspace, and how many relations it holds
**
** A step that fails has status `error` and its text as detail; those after it are `skipped`. The
** table itself gives no error but for lack of memory.
*/
#include "src/base/mem.h"
#include "ext/base/list.h"
#include "functions.h"

#define STEPS 5

static enum rs_code add_step(struct rs_list *l, const char *step, const char *status,
                             const char *detail)
{
  const char *const texts[] = {step, status, detail};
  return rs_list_add(l, texts, 3) != NULL ? RS_OK : rs_nomem(l->e);
}

/* Each fills *detail (rs_free) or fails with e. */

static enum rs_code step_versions(struct rs_conn *c, char **detail, struct rs_error *e)
{
  (void)c;
  *detail = rs_mprintf("rockset_ext %s, SQLite %s", RS_VERSION, sqlite3_libversion());
  return *detail != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code step_profile(struct rs_conn *c, char **detail, struct rs_error *e)
{
  const struct rs_output *o;
  enum rs_code rc = rs_conn_output(c, &o, e);
  if (rc != RS_OK) return rc;
  *detail = rs_strdup(o->found);
  return *detail != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code step_target(struct rs_conn *c, char **detail, struct rs_error *e)
{
  const struct rs_output *o;
  struct rs_target *t;
  enum rs_code rc = rs_conn_target(c, false, &t, e);
  if (rc == RS_OK) rc = rs_conn_output(c, &o, e);
  if (rc != RS_OK) return rc;
  *detail = rs_output_json(o);
  return *detail != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code step_connection(struct rs_conn *c, char **detail, struct rs_error *e)
{
  struct rs_session *s = NULL;
  enum rs_code rc = rs_conn_session(c, false, &s, e);
  if (rc == RS_OK) rc = rs_session_version(s, detail, e);
  rs_conn_done(c, s);
  return rc;
}

static enum rs_code count_relation(void *ctx, const struct rs_relation_info *i)
{
  (void)i;
  ++*(size_t *)ctx;
  return RS_OK;
}

static enum rs_code step_workspace(struct rs_conn *c, char **detail, struct rs_error *e)
{
  struct rs_session *s = NULL;
  size_t n = 0;
  enum rs_code rc = rs_conn_session(c, false, &s, e);
  if (rc != RS_OK) return rc;
  const char *workspace = rs_target_info(rs_session_target(s)).output->workspace;
  rc = rs_session_relations(s, NULL, workspace, count_relation, &n, e);
  if (rc == RS_OK) *detail = rs_mprintf("'%s': %zu relation%s", workspace, n, n == 1 ? "" : "s");
  else if (rc == RS_NOT_FOUND)
    *detail = rs_mprintf("'%s' does not exist yet; the first load or model makes it", workspace);
  rs_conn_done(c, s);
  if (rc != RS_OK && rc != RS_NOT_FOUND) return rc;
  return *detail != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code fill_debug(struct rs_list *l, struct rs_error *e)
{
  static const struct {
    const char *name;
    enum rs_code (*run)(struct rs_conn *c, char **detail, struct rs_error *e);
  } steps[STEPS] = {
    {"versions", step_versions},     {"profile", step_profile},     {"target", step_target},
    {"connection", step_connection}, {"workspace", step_workspace},
  };
  bool failed = false;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < STEPS && rc == RS_OK; i++) {
    struct rs_error why = {0};
    char *detail = NULL;
    if (failed) {
      rc = add_step(l, steps[i].name, "skipped", NULL);
      continue;
    }
    rc = steps[i].run(l->c, &detail, &why);
    if (rc == RS_NOMEM || rc == RS_CANCELLED) {
      *e = why;
    } else {
      failed = rc != RS_OK;
      rc = add_step(l, steps[i].name, failed ? "error" : "ok", failed ? why.text : detail);
    }
    rs_free(detail);
  }
  return rc;
}

int rs_debug_register(struct rs_conn *c)
{
  static const struct rs_list_table table = {
    "rockset_debug", "step TEXT, status TEXT, detail TEXT", 3, NULL, 0, false, fill_debug, NULL};
  return rs_list_register(c, &table, 1);
}
