/*
** One statement that is about to be sent (local.h): the local tables that it names are sent first,
** then its names are changed.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/sql/relname.h"
#include "internal.h"

#define PREFIX "sqlite"

struct localizing {
  struct rs_conn *c;
  struct rs_local *l;
  struct rs_local_place *p;
  const char *stored;
  struct rs_arena a;
  struct rs_locals names;
  const char **texts;            /* what each name becomes */
  struct rs_local_table *tables; /* of each name that stands for a relation */
};

static void drop_local(struct rs_local *l)
{
  rs_local_leave(l);
  for (size_t i = 0; i < l->marks.n; i++) rs_free(l->marks.v[i].value);
  rs_map_free(&l->marks);
  rs_free(l->prefix);
  rs_free(l);
}

enum rs_code rs_local_of(struct rs_conn *c, struct rs_local **out, struct rs_error *e)
{
  static const struct rs_local_calls calls = {rs_local_localize, rs_local_explain, rs_local_leave,
                                              drop_local};
  struct rs_local *l = rs_conn_local(c);
  if (l == NULL && (l = rs_calloc(1, sizeof *l)) != NULL) {
    rs_map_init(&l->marks);
    l->prefix = rs_strdup(PREFIX);
    if (l->prefix == NULL) {
      rs_free(l);
      return rs_nomem(e);
    }
    rs_conn_set_local(c, l, &calls);
  }
  *out = l;
  return l != NULL ? RS_OK : rs_nomem(e);
}

const char *rs_local_prefix(struct rs_conn *c)
{
  const struct rs_local *l = rs_conn_local(c);
  return l != NULL ? l->prefix : PREFIX; // rocksetd's models come without the functions
}

/* ---- the target ------------------------------------------------------------------------------ */

struct own {
  const char *prefix;
  bool has;
};

static enum rs_code see_workspace(void *ctx, const char *name)
{
  struct own *own = ctx;
  own->has = own->has || rs_casecmp(name, own->prefix) == 0;
  return RS_OK;
}

/* Names must not mean something else of the target's own. */
static enum rs_code check_prefix(struct rs_local_place *p, const char *prefix, struct rs_error *e)
{
  struct own own = {.prefix = prefix};
  enum rs_code rc = rs_session_workspaces(p->session, NULL, see_workspace, &own, e);
  if (rc != RS_OK) return rc;
  // a cluster may reach any catalog: is there one?
  if (!own.has && rs_target_reaches(p->target, prefix, false, NULL) == RS_OK)
    own.has = rs_session_workspaces(p->session, prefix, see_workspace, &own, NULL) == RS_OK;
  if (!own.has) return RS_OK;
  return rs_fail(e, RS_EXISTS,
                 "target '%s' has a workspace or a database '%s' of its own: choose another prefix "
                 "for tables of this database: SELECT rockset_local('mine')",
                 rs_target_info(p->target).output->target_name, prefix);
}

static enum rs_code find_place(struct localizing *x, struct rs_session *s, struct rs_error *e)
{
  struct rs_target *target = rs_session_target(s);
  const struct rs_output *o = rs_target_info(target).output;
  for (x->p = x->l->places; x->p != NULL; x->p = x->p->next)
    if (x->p->target == target) return RS_OK;
  // a workspace of a SQLite file is a file that each connection attaches: no place for a copy
  const unsigned caps = rs_output_traits(o)->caps;
  const bool takes = (caps & RS_CAP_INGEST) && (caps & (RS_CAP_TABLES | RS_CAP_TRANSACTIONS));
  if (!(caps & RS_CAP_LENDS) && !takes)
    return rs_fail(e, RS_UNSUPPORTED,
                   "target '%s' (%s) can't read tables of this database: send what it needs: "
                   "SELECT rockset_push('%s', 'workspace.name'), or give a source with local_table "
                   "`push` options",
                   o->target_name, o->type, x->names.v[0].table);
  struct rs_local_place *p = rs_calloc(1, sizeof *p);
  if (p == NULL) return rs_nomem(e);
  const struct rs_interrupt hook = {.is_interrupted = rs_conn_interrupted, .ctx = x->c};
  enum rs_code rc = rs_session_open(target, &hook, rs_conn_log(x->c), &p->session, e);
  p->target = target;
  if (rc == RS_OK) rc = check_prefix(p, x->l->prefix, e);
  if (rc != RS_OK) {
    rs_session_close(p->session);
    rs_free(p);
    return rc;
  }
  rs_target_retain(target);
  p->next = x->l->places;
  x->l->places = x->p = p;
  return RS_OK;
}

/* ---- names ----------------------------------------------------------------------------------- */

bool rs_local_is_same(const struct rs_local_name *a, const struct rs_local_name *b)
{
  return rs_casecmp(a->table, b->table) == 0 &&
         (a->schema == NULL || b->schema == NULL ? a->schema == b->schema
                                                 : rs_casecmp(a->schema, b->schema) == 0);
}

/* The name that stands for the relation of name i. */
static size_t relation_of(const struct localizing *x, size_t i)
{
  const struct rs_locals *n = &x->names;
  for (size_t k = 0; k < n->n; k++)
    if (n->v[k].relation && rs_local_is_same(&n->v[k], &n->v[i])) return k;
  return i;
}

const struct rs_local_condition *rs_local_conditions(const struct rs_locals *l, size_t i)
{
  for (size_t k = 0; k < l->n; k++)
    if (k != i && l->v[k].relation && rs_local_is_same(&l->v[k], &l->v[i])) return NULL;
  return l->v[i].conditions;
}

static enum rs_code write_name(struct localizing *x, size_t i, const struct rs_local_copy *copy,
                               struct rs_error *e)
{
  const struct rs_relation rel = rs_local_relation(copy);
  struct rs_buf b;
  rs_buf_init(&b, 1 << 16);
  rs_relation_sql(rs_target_info(x->p->target).dialect, &b, &rel);
  return rs_arena_take_buf(&x->a, &b, "local table", &x->texts[i], e);
}

/* Every file is held before the first row is sent, so that all tables of one are of one state. */
static enum rs_code hold_tables(struct localizing *x, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < x->names.n && rc == RS_OK; i++) {
    if (relation_of(x, i) != i) continue;
    rc = rs_local_find(x->c, &x->names.v[i], x->stored, &x->a, &x->tables[i], e);
    if (rc == RS_OK) rc = rs_local_choose(&x->tables[i], &x->names, &x->a, e);
    if (rc == RS_OK) rc = rs_local_hold(x->l, &x->tables[i], e);
    x->tables[i].conditions = rs_local_conditions(&x->names, i);
  }
  return rc;
}

static enum rs_code provide_tables(struct localizing *x, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < x->names.n && rc == RS_OK; i++) {
    const struct rs_local_copy *copy;
    if (relation_of(x, i) != i) continue;
    rc = rs_local_provide(x->c, x->l, x->p, &x->tables[i], &copy, e);
    if (rc == RS_OK) rc = write_name(x, i, copy, e);
  }
  for (size_t i = 0; i < x->names.n && rc == RS_OK; i++) x->texts[i] = x->texts[relation_of(x, i)];
  return rc;
}

static enum rs_code change(struct localizing *x, struct rs_session *s, struct rs_error *e)
{
  const size_t n = x->names.n;
  enum rs_code rc = find_place(x, s, e);
  x->texts = rs_arena_calloc(&x->a, n * sizeof *x->texts);
  x->tables = rs_arena_calloc(&x->a, n * sizeof *x->tables);
  if (rc == RS_OK && (x->texts == NULL || x->tables == NULL)) rc = rs_nomem(e);
  if (rc != RS_OK) return rc;
  rc = hold_tables(x, e);
  if (rc == RS_OK) rc = provide_tables(x, e);
  for (size_t i = 0; i < n; i++) rs_local_release(&x->tables[i]);
  rs_local_trim(x->c, x->p);
  return rc;
}

/* Only an engine in this process is asked, and only for a query: others may run what they are asked
** about. A transaction may have made columns that no other session sees: then none is asked. */
static enum rs_code check_words(const struct localizing *x, struct rs_session *s,
                                const struct rs_buf *out, struct rs_error *e)
{
  static const char query[] = "SELECT";
  const bool lends = (rs_session_caps(x->p->session) & RS_CAP_LENDS) != 0;
  if (out->rc != RS_OK || !lends || rs_session_state(s).in_transaction) return RS_OK;
  const char *sql = rs_buf_text(out);
  if (rs_casecmpn(sql + strspn(sql, " \t\r\n("), query, sizeof query - 1) != 0) return RS_OK;
  return rs_local_check_words(x->p->session, &x->names, x->tables, sql, e);
}

enum rs_code rs_local_localize(struct rs_conn *c, struct rs_session *s, const char *stored,
                               const char *sql, struct rs_buf *out, struct rs_error *e)
{
  struct localizing x = {.c = c, .stored = stored};
  enum rs_code rc = rs_local_of(c, &x.l, e);
  if (rc != RS_OK) return rc;
  rs_arena_init(&x.a, 0);
  rc = rs_locals_find(sql, rs_target_info(rs_session_target(s)).dialect, x.l->prefix, &x.a,
                      &x.names, e);
  if (rc == RS_OK && x.names.n == 0) rc = RS_DONE;
  if (rc == RS_OK) rc = change(&x, s, e);
  if (rc == RS_OK) {
    rs_locals_write(sql, &x.names, x.texts, out);
    rc = check_words(&x, s, out, e);
  }
  rs_locals_free(&x.names);
  rs_arena_free(&x.a);
  return rc;
}
