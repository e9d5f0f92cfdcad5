/*
** May who asks read or write that, here? Each relation that a statement names is looked at when its
** name is resolved, for each way in which it is named.
**
** A relation is as its workspace is. An alias is besides as what it stands for. A view is not: who
** makes one must be allowed to read what it reads, and who reads it sees what he was shown. So it
** is with query lambdas, whose maker's rights count while they run.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/engine/callable_session.h"
#include "src/engine/control.h"
#include "src/sql/relname.h"
#include "internal.h"

/* ---- virtual instances ----------------------------------------------------------------------- */

bool rs_vi_may(struct rs_backend *v, const struct rs_rights *r, enum rs_action a, const char *word)
{
  struct rs_vi vi;
  if (!rs_vi_find(v, word, &vi)) return rs_rights_everywhere(r, a);
  return rs_rights_may(r, a, vi.id, vi.name);
}

enum rs_code rs_vi_need(struct rs_backend *v, const struct rs_identity *who, enum rs_action a,
                        const char *word, struct rs_error *e)
{
  struct rs_vi vi;
  if (rs_vi_may(v, who->rights, a, word)) return RS_OK;
  return rs_rights_lack(who->key_name, a, rs_vi_find(v, word, &vi) ? vi.name : word, e);
}

/* ---- relations ------------------------------------------------------------------------------- */

static const struct rs_rights *readers(const struct rs_run *r)
{
  return r->maker != NULL ? r->maker : r->who.rights;
}

static bool reads_all(const struct rs_run *r)
{
  return rs_rights_everywhere(readers(r), RS_MAY_QUERY_DATA_WS);
}

static bool is_events(const char *workspace, const char *name)
{
  return rs_casecmp(workspace, "commons") == 0 && rs_casecmp(name, "_events") == 0;
}

enum rs_code rs_run_check_access(const struct rs_run *r, const char *workspace, const char *name,
                                 bool write, struct rs_error *e)
{
  enum rs_action a = write ? RS_MAY_WRITE_DATA_WS : RS_MAY_QUERY_DATA_WS;
  enum rs_code rc = RS_OK;
  if (r->maker != NULL) rc = rs_rights_need(r->maker, r->maker_name, a, workspace, e);
  if (rc == RS_OK && (write || r->maker == NULL))
    rc = rs_rights_need(r->who.rights, r->who.key_name, a, workspace, e);
  // it tells of everything that there is
  if (rc == RS_OK && !write && is_events(workspace, name) && !reads_all(r))
    rc = rs_rights_lack(r->maker != NULL ? r->maker_name : r->who.key_name, a, NULL, e);
  return rc;
}

struct aliased {
  const struct rs_run *r;
  const char *workspace, *name;
  bool write, found;
  struct rs_error *e;
};

static enum rs_code check_path(const struct aliased *x, const struct rs_alias *a, const char *path)
{
  const char *dot = strrchr(path, '.');
  char workspace[1024];
  size_t n = dot != NULL ? (size_t)(dot - path) : 0;
  if (n == 0 || n >= sizeof workspace)
    return rs_fail(x->e, RS_FORBIDDEN, "alias '%s.%s': what it stands for is not known",
                   a->workspace, a->name);
  memcpy(workspace, path, n);
  workspace[n] = 0;
  return rs_run_check_access(x->r, workspace, dot + 1, x->write, x->e);
}

static enum rs_code take_alias(void *ctx, const struct rs_alias *a)
{
  struct aliased *x = ctx;
  enum rs_code rc = RS_OK;
  if (rs_casecmp(a->name, x->name) != 0 || rs_casecmp(a->workspace, x->workspace) != 0)
    return RS_OK;
  x->found = a->ncollections > 0;
  for (size_t i = 0; i < a->ncollections && rc == RS_OK; i++)
    rc = check_path(x, a, a->collections[i]);
  return rc;
}

enum rs_code rs_run_check_alias(const struct rs_run *r, const char *workspace, const char *name,
                                bool write, struct rs_error *e)
{
  struct aliased x = {r, workspace, name, write, false, e};
  bool all = reads_all(r) &&
             (!write ||
              (rs_rights_everywhere(r->who.rights, RS_MAY_WRITE_DATA_WS) &&
               (r->maker == NULL || rs_rights_everywhere(r->maker, RS_MAY_WRITE_DATA_WS))));
  // of all workspaces: a name is found whatever its case
  enum rs_code rc = all ? RS_OK : rs_session_aliases(r->s, NULL, take_alias, &x, e);
  if (rc != RS_OK || all || x.found) return rc;
  return rs_fail(e, RS_FORBIDDEN, "alias '%s.%s': what it stands for is not known", workspace,
                 name);
}

enum rs_code rs_run_check_pass(const struct rs_run *r, struct rs_error *e)
{
  if (r->kind != RS_RSQL_PASS || reads_all(r)) return RS_OK;
  return rs_fail(e, RS_FORBIDDEN,
                 "the query is not Rockset SQL (%s), so which collections it reads is not known: "
                 "the privilege QUERY_DATA_WS on *ALL* is needed",
                 rs_rsql_pass_reason(r->stmt));
}

/* A macro of the target's database may read what its caller may not. */
enum rs_code rs_run_check_functions(const struct rs_run *r, const char *sql, size_t n,
                                    struct rs_error *e)
{
  if (reads_all(r)) return RS_OK;
  return rs_callable_need_builtin(r->s, sql, n, "SQL", e);
}

/* ---- queries --------------------------------------------------------------------------------- */

bool rs_query_is_visible(struct rs_backend *v, const struct rs_identity *who,
                         const struct rs_query *x)
{
  if (rs_eq(who->key_name, x->by)) return true;
  return rs_rights_everywhere(who->rights, RS_MAY_QUERY_DATA_WS) &&
         rs_vi_may(v, who->rights, RS_MAY_QUERY_VI, x->instance);
}
