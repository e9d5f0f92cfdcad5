/*
** The copies that a target has of this connection's tables: which one can be used again, and which
** ones go (internal.h).
*/
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "ext/base/statement.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/sql/relname.h"
#include "internal.h"

/* ---- one copy -------------------------------------------------------------------------------- */

static struct rs_local_copy *find_copy(const struct rs_local_place *p,
                                       const struct rs_local_table *t)
{
  struct rs_local_copy *x = p->copies;
  while (x != NULL && (x->part || rs_casecmp(x->table.schema, t->schema) != 0 ||
                       rs_casecmp(x->table.name, t->name) != 0))
    x = x->next;
  return x;
}

static const struct rs_local_column *find_in(const struct rs_local_column *columns, size_t n,
                                             const char *name)
{
  for (size_t i = 0; i < n; i++)
    if (rs_casecmp(columns[i].name, name) == 0) return &columns[i];
  return NULL;
}

static bool has_columns(const struct rs_local_copy *x, const struct rs_local_table *t)
{
  if (t->whole) return x->table.whole;
  for (size_t i = 0; i < t->n; i++)
    if (find_in(x->table.columns, x->table.n, t->columns[i].name) == NULL) return false;
  return true;
}

/* Is the engine still open in which it lies? */
static bool is_there(const struct rs_local_place *p, const struct rs_local_copy *x)
{
  struct rs_columns columns;
  struct rs_buf b;
  const struct rs_relation rel = rs_local_relation(x);
  rs_buf_init(&b, 1 << 16);
  rs_buf_str(&b, "SELECT 1 FROM ");
  rs_relation_sql(rs_target_info(p->target).dialect, &b, &rel);
  const struct rs_statement st = {.sql = rs_buf_text(&b)};
  const bool is = b.rc == RS_OK && rs_session_columns(p->session, &st, &columns, NULL) == RS_OK;
  if (is) rs_columns_free(&columns);
  rs_buf_free(&b);
  return is;
}

static struct rs_relation relation(const struct rs_local_copy *x, const char *schema,
                                   const char *name)
{
  if (!x->lent) return (struct rs_relation){.workspace = x->space, .name = name};
  return (struct rs_relation){.database = x->space, .workspace = schema, .name = name};
}

struct rs_relation rs_local_relation(const struct rs_local_copy *x)
{
  return relation(x, x->table.schema, x->table.name);
}

static void drop_copy(struct rs_local_place *p, struct rs_local_copy *x)
{
  const struct rs_relation space = x->lent ? (struct rs_relation){.database = x->space}
                                           : (struct rs_relation){.workspace = x->space};
  struct rs_local_copy **at = &p->copies;
  while (*at != NULL && *at != x) at = &(*at)->next;
  if (*at != NULL) *at = x->next;
  (void)rs_session_drop(p->session, &space, RS_REL_NONE, RS_DROP_IF_EXISTS | RS_DROP_CASCADE, NULL);
  rs_arena_free(&x->a);
  rs_free(x);
}

/* ---- may it be used again? ------------------------------------------------------------------- */

static bool is_unchanged(const struct rs_local_state *a, const struct rs_local_state *b)
{
  return a->steady && b->steady && a->data == b->data && a->schema == b->schema &&
         a->mark == b->mark;
}

/*
** Did the table only get rows behind its last one? Nobody else has written to the file, and this
** connection has changed as many rows in all as the table has new ones: so no other row of any
** table, but for one that REPLACE deleted without counting it or one that an UPDATE moved there:
** then the table has fewer rows than it should. Bytes that are written into a blob are not counted:
** a copy that holds blobs is renewed.
*/
static enum rs_code has_grown(const struct rs_local_copy *x, const struct rs_local_table *t,
                              bool *grown, struct rs_error *e)
{
  const struct rs_local_state *a = &x->table.state, *b = &t->state;
  const int64_t changed = b->changes - a->changes;
  char behind[64];
  int64_t n = 0;
  *grown = false;
  if (!a->steady || !b->steady || a->others != b->others || a->schema != b->schema ||
      a->mark != b->mark)
    return RS_OK;
  if (!t->plain || !t->has_rowid || x->last < 0 || changed <= 0) return RS_OK;
  for (size_t i = 0; i < x->table.n; i++)
    if (x->table.columns[i].mix & RS_MIX_BYTES) return RS_OK;
  (void)snprintf(behind, sizeof behind, " WHERE rowid > %lld", (long long)x->last);
  enum rs_code rc = rs_local_number(t, "count(*)", behind, &n, e);
  if (rc != RS_OK || n != changed) return rc;
  rc = rs_local_number(t, "count(*)", "", &n, e);
  *grown = rc == RS_OK && n == x->rows + changed;
  return rc;
}

/* ---- making one ------------------------------------------------------------------------------ */

/* What the copy knows of the values goes on to hold. */
static void keep_types(const struct rs_local_copy *old, struct rs_local_column *c)
{
  const struct rs_local_column *was = find_in(old->table.columns, old->table.n, c->name);
  if (was == NULL) return;
  c->mix = was->mix;
  c->bits = was->bits;
  c->whole = was->whole;
}

/* `wider`: columns that the copy has and this statement does not need are sent again, since
** statements that come in turn would send the table each time. Not for `*`. */
static enum rs_code join_columns(const struct rs_local_copy *old, struct rs_local_table *t,
                                 bool wider, struct rs_arena *a, struct rs_error *e)
{
  struct rs_local_column *joined = rs_arena_calloc(a, (t->nall + 2) * sizeof *joined);
  if (joined == NULL) return rs_nomem(e);
  size_t n = 0;
  const struct rs_local_column rowid = {.name = "rowid", .decl = "INTEGER", .whole = true};
  for (size_t i = 0; i <= t->nall; i++) { // in the table's order
    const struct rs_local_column *c = i < t->nall ? &t->all[i] : &rowid;
    const bool wants = find_in(t->columns, t->n, c->name) != NULL;
    const bool had = find_in(old->table.columns, old->table.n, c->name) != NULL;
    if (!wants && (!wider || t->whole || !had)) continue;
    joined[n] = *c;
    keep_types(old, &joined[n++]);
  }
  t->columns = joined;
  t->n = n;
  return RS_OK;
}

/* The table's description for as long as the copy lives. */
static enum rs_code keep_table(struct rs_local_copy *x, const struct rs_local_table *t,
                               struct rs_error *e)
{
  struct rs_local_table *own = &x->table;
  *own = *t;
  own->reads = NULL;
  own->all = NULL;
  own->nall = 0;
  own->conditions = NULL;
  own->where = NULL;
  own->schema = rs_arena_strdup(&x->a, t->schema);
  own->name = rs_arena_strdup(&x->a, t->name);
  own->columns = rs_arena_calloc(&x->a, (t->n + 1) * sizeof *own->columns);
  if (own->schema == NULL || own->name == NULL || own->columns == NULL) return rs_nomem(e);
  for (size_t i = 0; i < t->n; i++) {
    struct rs_local_column *column = &own->columns[i];
    *column = t->columns[i];
    if (!rs_arena_keep(&x->a, &column->name) || !rs_arena_keep(&x->a, &column->decl))
      return rs_nomem(e);
  }
  return RS_OK;
}

static enum rs_code note_last(struct rs_local_copy *x, const struct rs_local_table *t,
                              struct rs_error *e)
{
  x->last = -1;
  return t->plain && t->has_rowid ? rs_local_number(t, "max(rowid)", "", &x->last, e) : RS_OK;
}

/* Where the engine has it: a database in memory of its own, or a workspace. Its name is new in this
** process, since targets are shared by connections, and on a server that is shared by processes. */
static void name_space(struct rs_local_copy *x, const struct rs_local_place *p)
{
  static atomic_uint spaces;
  char id[37] = "";
  x->lent = (rs_session_caps(p->session) & RS_CAP_LENDS) != 0;
  if (!x->lent) rs_uuid(id);
  (void)snprintf(x->space, sizeof x->space, "sqlite_%u%s%.8s", atomic_fetch_add(&spaces, 1) + 1,
                 x->lent ? "" : "_", id);
}

/* All rows, or those of t->where, in a place of their own. */
static enum rs_code make_copy(struct rs_conn *c, struct rs_local_place *p, struct rs_local_table *t,
                              struct rs_local_copy **out, struct rs_error *e)
{
  struct rs_local_copy *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return rs_nomem(e);
  rs_arena_init(&x->a, 0);
  name_space(x, p);
  x->part = t->where != NULL;
  enum rs_code rc = note_last(x, t, e);
  const struct rs_relation rel = relation(x, t->schema, t->name);
  if (rc == RS_OK) rc = rs_local_send(c, p->session, &rel, t, x, false, e);
  if (rc == RS_OK) rc = keep_table(x, t, e);
  x->next = p->copies;
  p->copies = x;
  if (rc == RS_OK) *out = x;
  else drop_copy(p, x);
  return rc;
}

/* The rows that came behind those that it has. RS_DONE: it must be made anew. */
static enum rs_code add_rows(struct rs_conn *c, struct rs_local_place *p,
                             const struct rs_local_table *t, struct rs_local_copy *x,
                             struct rs_error *e)
{
  const size_t size = x->table.n * sizeof *x->table.columns;
  struct rs_local_table now = x->table; // with the columns that it has
  const struct rs_relation rel = rs_local_relation(x);
  now.columns = rs_malloc(size);
  if (now.columns == NULL) return rs_nomem(e);
  memcpy(now.columns, x->table.columns, size);
  enum rs_code rc = rs_local_send(c, p->session, &rel, &now, x, true, e);
  if (rc == RS_OK) memcpy(x->table.columns, now.columns, size);
  rs_free(now.columns);
  if (rc == RS_OK) rc = note_last(x, t, e);
  if (rc == RS_OK) x->table.state = t->state;
  return rc;
}

enum rs_code rs_local_judge(const struct rs_local_place *p, const struct rs_local_table *t,
                            struct rs_local_copy **copy, enum rs_local_verdict *verdict,
                            struct rs_error *e)
{
  struct rs_local_copy *x = p != NULL ? find_copy(p, t) : NULL;
  bool grown = false;
  enum rs_code rc = RS_OK;
  *copy = x;
  if (x != NULL && x->used && has_columns(x, t)) *verdict = RS_LOCAL_SAME; // one state of it
  else if (!t->state.steady) *verdict = RS_LOCAL_UNSTEADY;
  else if (x == NULL || !is_there(p, x)) *verdict = RS_LOCAL_NEW;
  else if (!has_columns(x, t)) *verdict = RS_LOCAL_LACKS;
  else if (is_unchanged(&x->table.state, &t->state)) *verdict = RS_LOCAL_SAME;
  else {
    rc = has_grown(x, t, &grown, e);
    *verdict = grown ? RS_LOCAL_GROWN : RS_LOCAL_CHANGED;
  }
  return rc;
}

/* The rows that an index finds are not kept, nor is an older copy of all touched by them. */
static enum rs_code renew(struct rs_conn *c, struct rs_local_place *p, struct rs_local_table *t,
                          struct rs_local_copy **x, struct rs_error *e)
{
  struct rs_local_copy *old = *x;
  struct rs_arena a;
  bool texts;
  rs_arena_init(&a, 0);
  enum rs_code rc = t->conditions != NULL ? rs_local_compares_bytes(p->session, &texts, e) : RS_OK;
  if (rc == RS_OK && t->conditions != NULL) rc = rs_local_filter(t, texts, &a, e);
  if (t->where != NULL) old = NULL;
  const bool wider = old != NULL && is_unchanged(&old->table.state, &t->state);
  if (rc == RS_OK && old != NULL) rc = join_columns(old, t, wider, &a, e);
  if (rc == RS_OK) rc = make_copy(c, p, t, x, e);
  if (rc == RS_OK && old != NULL) drop_copy(p, old);
  t->where = NULL; // in the arena
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_local_provide(struct rs_conn *c, struct rs_local *l, struct rs_local_place *p,
                              struct rs_local_table *t, const struct rs_local_copy **copy,
                              struct rs_error *e)
{
  struct rs_local_copy *x;
  enum rs_local_verdict verdict;
  enum rs_code rc = rs_local_judge(p, t, &x, &verdict, e);
  if (rc == RS_OK && verdict == RS_LOCAL_GROWN) {
    rc = add_rows(c, p, t, x, e);
    if (rc != RS_OK && rc != RS_DONE) drop_copy(p, x); // some engines have got a part of them
  } else if (rc == RS_OK && verdict != RS_LOCAL_SAME) rc = RS_DONE;
  if (rc == RS_DONE) rc = renew(c, p, t, &x, e);
  if (rc != RS_OK) return rc;
  x->used = true;
  x->stamp = x->part ? 0 : ++l->stamp; // a part goes first
  *copy = x;
  return RS_OK;
}

/* ---- which ones stay ------------------------------------------------------------------------- */

void rs_local_trim(struct rs_conn *c, struct rs_local_place *p)
{
  const size_t budget = rs_conn_cache_bytes(c);
  for (;;) {
    struct rs_local_copy *oldest = NULL;
    size_t bytes = 0;
    for (struct rs_local_copy *x = p->copies; x != NULL; x = x->next) {
      bytes += x->bytes;
      if (!x->used && (oldest == NULL || x->stamp < oldest->stamp)) oldest = x;
    }
    if (oldest == NULL || (bytes <= budget && !oldest->part)) break;
    drop_copy(p, oldest);
  }
  for (struct rs_local_copy *x = p->copies; x != NULL; x = x->next) x->used = false;
}

void rs_local_leave(struct rs_local *l)
{
  while (l->places != NULL) {
    struct rs_local_place *p = l->places;
    l->places = p->next;
    while (p->copies != NULL) drop_copy(p, p->copies);
    rs_session_close(p->session);
    rs_target_release(p->target);
    rs_free(p);
  }
}
