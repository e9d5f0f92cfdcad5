/*
** The option 'defer' of commands that compile a selection (src/project/graph/graph.h): the same
** project as another output of the session's profile names it, and a session to ask what is there.
*/
#include "src/base/text.h"
#include "src/project/graph/graph.h"
#include "models.h"
#include "internal.h"

/* clone: the selected nodes themselves are looked up there, not what they read. */
static enum rs_code defer_refs(struct rs_conn *c, bool clone, sqlite3 *db, const char *fn,
                               const struct rs_models_options *opt, struct rs_project *p,
                               struct rs_node *const *selected, size_t n, struct rs_error *e)
{
  struct rs_models_options o = *opt;
  struct rs_target *here, *there;
  struct rs_project *other = NULL;
  struct rs_session *session = NULL;
  o.target = opt->defer;
  enum rs_code rc = rs_conn_target_of(c, opt->target, true, &here, e);
  if (rc == RS_OK) rc = rs_conn_target_of(c, opt->defer, true, &there, e);
  if (rc == RS_OK && !rs_eq(rs_target_info(here).place, rs_target_info(there).place))
    return rs_fail(e, RS_UNSUPPORTED,
                   "%s target '%s': its data lies in another place than that of target '%s': "
                   "no query of the one can read the other",
                   clone ? "state of" : "defer to", opt->defer,
                   rs_target_info(here).output->target_name);
  if (rc == RS_OK) rc = rs_models_load(c, db, fn, &o, &other, e);
  if (rc == RS_OK) rc = rs_project_parse(other, NULL, e);
  if (rc == RS_OK && clone) rc = rs_clone_names(p, other, selected, n, e);
  if (rc == RS_OK && !clone) rc = rs_conn_look(c, opt->target, &session, e);
  if (rc == RS_OK && !clone) rc = rs_defer(p, other, selected, n, opt->favor_state, session, e);
  rs_conn_done(c, session);
  rs_project_free(other);
  return rc;
}

enum rs_code rs_models_defer(struct rs_conn *c, sqlite3 *db, const char *fn,
                             const struct rs_models_options *opt, struct rs_project *p,
                             struct rs_node *const *selected, size_t n, struct rs_error *e)
{
  return opt->defer == NULL ? RS_OK : defer_refs(c, false, db, fn, opt, p, selected, n, e);
}

enum rs_code rs_models_clone(struct rs_conn *c, sqlite3 *db, const char *fn,
                             const struct rs_models_options *opt, struct rs_project *p,
                             struct rs_node *const *selected, size_t n, struct rs_error *e)
{
  if (opt->defer == NULL)
    return rs_fail(e, RS_INVALID,
                   "option 'state' is missing: the name of the target whose relations are to be "
                   "cloned, as in %s('*', '{\"state\":\"prod\"}')",
                   fn);
  return defer_refs(c, true, db, fn, opt, p, selected, n, e);
}
