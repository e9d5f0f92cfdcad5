/*
** Views that read a relation which is replaced (sql.h). Where an engine binds a view to the
** relations it reads (PostgreSQL), these can't be dropped before it: the views are dropped, and
** made anew on top of the new relation, in the same transaction. Elsewhere there is nothing to do.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "sql.h"
#include "control.h"

struct kept_view {
  struct rs_relation rel;
  const char *sql;
  bool materialized;
  const char *indexes; /* "; CREATE INDEX ...; ...", of a materialized one; NULL: none */
};

static const char *word_of(const struct kept_view *k)
{
  return k->materialized ? "MATERIALIZED VIEW" : "VIEW";
}

static enum rs_code see_view(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct rs_sql_views *v = ctx;
  if (!rs_grow(&v->v, &v->cap, v->n + 1, sizeof v->v[0])) return rs_nomem(e);
  struct kept_view *k = &v->v[v->n];
  k->rel.database = NULL; // such an engine knows one
  enum rs_code rc = rs_sql_text(r, 0, &v->a, &k->rel.workspace, e);
  if (rc == RS_OK) rc = rs_sql_text(r, 1, &v->a, &k->rel.name, e);
  if (rc == RS_OK) rc = rs_sql_text(r, 2, &v->a, &k->sql, e);
  if (rc == RS_OK) rc = rs_sql_text(r, 4, &v->a, &k->indexes, e);
  struct rs_value kind;
  rs_rows_get(r, 3, &kind);
  k->materialized = kind.kind == RS_BOOL && kind.i != 0;
  if (rc == RS_OK && k->sql != NULL) v->n++;
  return rc;
}

/* An alias takes all columns that there will be. */
static enum rs_code text_of_alias(struct rs_session *s, struct rs_sql_views *v, struct kept_view *k,
                                  struct rs_error *e)
{
  struct rs_sql_aliased to;
  struct rs_buf b;
  enum rs_code rc = rs_sql_alias_of(s, &k->rel, &v->a, &to, e);
  if (rc != RS_OK || to.n == 0) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rc = rs_sql_alias_text(s, &to, &v->a, &b, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "alias");
  k->sql = rc == RS_OK ? rs_arena_strdup(&v->a, rs_buf_text(&b)) : NULL;
  if (rc == RS_OK && k->sql == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_sql_views_take(struct rs_session *s, const struct rs_relation *rel,
                               struct rs_sql_views *v, struct rs_error *e)
{
  const char *query = rs_sql_catalog_of(s)->dependents;
  struct rs_buf b;
  memset(v, 0, sizeof *v);
  rs_arena_init(&v->a, 0);
  if (query == NULL) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, query, rel->workspace, rel->name);
  enum rs_code rc = rs_sql_each(s, &b, see_view, v, NULL, e);
  for (size_t i = 0; i < v->n && rc == RS_OK; i++) rc = text_of_alias(s, v, &v->v[i], e);
  for (size_t i = v->n; i > 0 && rc == RS_OK; i--)
    rc = rs_sql_run(s, NULL, e, "DROP %s %r", word_of(&v->v[i - 1]), &v->v[i - 1].rel);
  return rc;
}

/* One that can't be made any more does not end the transaction: it is gone. */
static enum rs_code remake(struct rs_session *s, const struct kept_view *k, bool *made,
                           struct rs_error *e)
{
  const char *attempt = s->target->dialect->attempt, *at = strstr(attempt, "%s");
  enum rs_relation_kind kind;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_add(&b, attempt, (size_t)(at - attempt));
  size_t n = strlen(k->sql);
  while (n > 0 && (k->sql[n - 1] == ';' || k->sql[n - 1] == '\n')) n--;
  rs_sql_add(s, &b, "CREATE %s %r AS ", word_of(k), &k->rel);
  rs_buf_add(&b, k->sql, n);
  if (k->indexes != NULL) rs_buf_str(&b, k->indexes);
  rs_buf_str(&b, at + 2);
  enum rs_code rc = rs_sql_run_buf(s, &b, NULL, e);
  if (rc == RS_OK) rc = rs_sql_kind(s, &k->rel, &kind, e);
  *made = rc == RS_OK && kind != RS_REL_NONE;
  return rc;
}

enum rs_code rs_sql_views_restore(struct rs_session *s, struct rs_sql_views *v, char *note,
                                  size_t cap, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < v->n && rc == RS_OK; i++) {
    bool made;
    rc = remake(s, &v->v[i], &made, e);
    size_t used = note != NULL ? strlen(note) : cap;
    if (rc == RS_OK && !made && used < cap) {
      (void)snprintf(note + used, cap - used, "%sview %s.%s can't read it any more and was dropped",
                     used > 0 ? "; " : "", v->v[i].rel.workspace, v->v[i].rel.name);
    }
  }
  return rc;
}

void rs_sql_views_free(struct rs_sql_views *v)
{
  rs_free(v->v);
  rs_arena_free(&v->a);
}

enum rs_code rs_sql_make_view(struct rs_session *s, const struct rs_relation *rel, bool exists,
                              const char *sql, struct rs_error *e)
{
  struct rs_sql_views v;
  const bool plain = s->target->dialect->plain_create;
  if (plain && !exists) return rs_sql_run(s, NULL, e, "CREATE VIEW %r AS %s", rel, sql);
  if (!exists || !(s->target->dialect->bound_views || plain))
    return rs_sql_run(s, NULL, e, "CREATE OR REPLACE VIEW %r AS %s", rel, sql);
  enum rs_code rc = rs_sql_views_take(s, rel, &v, e);
  if (rc == RS_OK) rc = rs_sql_drop_kind(s, rel, RS_REL_VIEW, e);
  if (rc == RS_OK) rc = rs_sql_run(s, NULL, e, "CREATE VIEW %r AS %s", rel, sql);
  if (rc == RS_OK) rc = rs_sql_views_restore(s, &v, NULL, 0, e);
  rs_sql_views_free(&v);
  return rc;
}
