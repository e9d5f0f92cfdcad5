/*
** The one gate for names of what is hidden (the workspace _rockset with the server's own documents,
** the engines' catalogs): no path, query string or body gets beyond it, whatever the route and the
** role. Names in SQL are the translator's matter.
**
** It refuses by default: every segment that a route takes as an argument, every argument of the
** query string, and every text in a body may be a name, unless its member is known to hold free
** text. So a route that is added is behind the gate, too. Documents are data, and not looked at.
**
** A view of what is hidden can't be made through the server; one that somebody has made in the
** engine is not there either.
*/
#include <microhttpd.h>
#include <string.h>
#include "src/sql/relname.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/server/server.h"

static enum rs_code absent(struct rs_request *q)
{
  return rs_refuse(q, 404, "NOTFOUND", "not found: %s %s names nothing that is there", q->method,
                   q->path);
}

static enum MHD_Result see_argument(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
  struct rs_request *q = ctx;
  (void)kind;
  if (value == NULL) return MHD_YES;
  const char *text = rs_request_query_arg(q, name);
  const char *own = rs_request_decode(q, value, strlen(value));
  bool hidden = (text != NULL && rs_name_is_hidden(text)) ||
                (own != NULL && rs_name_is_hidden(own)) || rs_name_is_hidden(value);
  if (!hidden) return MHD_YES;
  (void)absent(q);
  return MHD_NO;
}

enum rs_code rs_hidden_check_url(struct rs_request *q)
{
  for (size_t i = 0; i < RS_SEGMENTS_MAX; i++) {
    if (q->arg[i] != NULL && rs_name_is_hidden(q->arg[i])) return absent(q);
  }
  (void)MHD_get_connection_values(q->conn, MHD_GET_ARGUMENT_KIND, see_argument, q);
  return q->e.code;
}

/* Members whose text is for people, for the translator, or a value. */
static bool is_free_text(const char *member)
{
  static const char *const names[] = {"description", "query", "value"};
  for (size_t i = 0; member != NULL && i < sizeof names / sizeof names[0]; i++) {
    if (rs_eq(member, names[i])) return true;
  }
  return false;
}

/* cJSON nests to 1,000 levels at most. */
static bool names_hidden(const cJSON *j) // NOLINT(misc-no-recursion)
{
  if (is_free_text(j->string)) return false;
  if (cJSON_IsString(j)) return rs_name_is_hidden(j->valuestring);
  for (const cJSON *m = j->child; m != NULL; m = m->next) {
    if (names_hidden(m)) return true;
  }
  return false;
}

enum rs_code rs_hidden_check_body(struct rs_request *q, const cJSON *body)
{
  return names_hidden(body) ? absent(q) : RS_OK;
}

/* ---- views made elsewhere -------------------------------------------------------------------- */

struct view {
  const char *workspace, *name, *sql;
  bool hidden;
};

struct views {
  struct rs_arena a;
  struct view *v;
  size_t n, cap;
  bool any; /* is one of them hidden? */
};

static enum rs_code add(struct views *x, const char *workspace, const char *name, const char *sql)
{
  if (!rs_grow(&x->v, &x->cap, x->n + 1, sizeof x->v[0])) return RS_NOMEM;
  struct view *w = &x->v[x->n];
  *w = (struct view){.workspace = rs_arena_strdup(&x->a, workspace),
                     .name = rs_arena_strdup(&x->a, name),
                     .sql = rs_arena_strdup(&x->a, sql),
                     .hidden = rs_name_is_hidden(sql)};
  if (w->workspace == NULL || w->name == NULL || w->sql == NULL) return RS_NOMEM;
  if (w->hidden) x->any = true;
  x->n++;
  return RS_OK;
}

static enum rs_code take_view(void *ctx, const struct rs_relation_info *i)
{
  bool view = i->kind == RS_REL_VIEW && i->sql != NULL;
  return view ? add(ctx, i->workspace, i->name, i->sql) : RS_OK;
}

static enum rs_code take_alias(void *ctx, const struct rs_alias *a)
{
  return add(ctx, a->workspace, a->name, a->collection);
}

static bool mentions(const char *sql, const char *name)
{
  size_t n = strlen(name);
  for (; *sql != 0; sql++) {
    if (rs_casecmpn(sql, name, n) == 0) return true;
  }
  return false;
}

/* Views that mention a hidden one are hidden, too: too many rather than too few. */
static void spread(struct views *x)
{
  for (bool more = x->any; more;) {
    more = false;
    for (size_t i = 0; i < x->n; i++) {
      for (size_t k = 0; k < x->n && !x->v[i].hidden; k++) {
        if (!x->v[k].hidden || !mentions(x->v[i].sql, x->v[k].name)) continue;
        x->v[i].hidden = more = true;
      }
    }
  }
}

enum rs_code rs_hidden_check_view(struct rs_session *s, const struct rs_relation *rel,
                                  struct rs_error *e)
{
  struct views x = {.v = NULL};
  rs_arena_init(&x.a, 0);
  enum rs_code rc = rs_session_relations(s, NULL, take_view, &x, e);
  if (rc == RS_OK) rc = rs_session_aliases(s, NULL, take_alias, &x, e);
  if (rc == RS_UNSUPPORTED) rc = RS_OK; // it has none
  if (rc == RS_NOMEM) rc = rs_nomem(e);
  spread(&x);
  for (size_t i = 0; i < x.n && rc == RS_OK; i++) {
    const struct view *w = &x.v[i];
    if (!w->hidden || rs_casecmp(w->workspace, rel->workspace) != 0 ||
        rs_casecmp(w->name, rel->name) != 0)
      continue;
    rc = rs_fail(e, RS_NOT_FOUND, "collection '%s.%s' does not exist", rel->workspace, rel->name);
  }
  rs_free(x.v);
  rs_arena_free(&x.a);
  return rc;
}
