/*
** One table instead of another on Trino, and what killed runs leave behind (trino.h).
**
** Two renames are all that every connector has. Between them the name is free: who is killed there
** leaves the old table under a name that tells whose it is, and the next build brings it back. What
** was only on its way (a table that is built aside, a stage) is dropped then.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/io.h"
#include "src/sql/relname.h"
#include "src/engine/sql/sql.h"
#include "src/engine/sql/control.h"
#include "trino.h"

#define SUFFIX 12 /* digits: the time in seconds, 8; any, 4 */
/* Writers of rows may be at work in another process: their stages are left alone for a while.
** Nobody but one builds a relation. */
#define STAGE_REST_S 3600
#define MAX_LEFT 50 /* at once; the next build sees to the rest */

/* ---- names ----------------------------------------------------------------------------------- */

enum rs_code rs_trino_aside(const struct rs_relation *rel, const char *what, struct rs_arena *a,
                            struct rs_relation *out, struct rs_error *e)
{
  char uuid[37];
  rs_uuid(uuid);
  *out = rs_relation_beside(rel,
                            rs_arena_printf(a, "__rs_%s_%s_%08x%.4s", what, rel->name,
                                            (unsigned)((uint64_t)rs_wall_us() / 1000000), uuid));
  return out->name != NULL ? RS_OK : rs_nomem(e);
}

/* Does `name` stand for `what` of the relation? Since when, in *since. */
static bool is_aside(const char *name, const char *what, const char *of, uint64_t *since)
{
  char digits[9] = "";
  char prefix[32];
  size_t n = strlen(name), m = strlen(of);
  int k = snprintf(prefix, sizeof prefix, "__rs_%s_", what);
  if (k < 0 || n != (size_t)k + m + 1 + SUFFIX || strncmp(name, prefix, (size_t)k) != 0 ||
      rs_casecmpn(name + k, of, m) != 0 || name[(size_t)k + m] != '_')
    return false;
  const char *suffix = name + (size_t)k + m + 1;
  if (strspn(suffix, "0123456789abcdef") != SUFFIX) return false;
  memcpy(digits, suffix, 8);
  *since = strtoull(digits, NULL, 16);
  return true;
}

/* ---- statements that must run ---------------------------------------------------------------- */

static enum rs_code anyway_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct rs_statement st = {.sql = arg, .writes = true};
  int64_t affected;
  return rs_trino_execute(s, &st, NULL, &affected, e);
}

static void run_anyway(struct rs_session *s, struct rs_buf *b)
{
  if (b->rc == RS_OK) {
    (void)rs_io_call_uninterrupted(s->io, anyway_job, (void *)(uintptr_t)rs_buf_text(b), NULL);
  }
  rs_buf_free(b);
}

void rs_trino_drop_anyway(struct rs_session *s, const char *what, const struct rs_relation *rel)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "DROP %s IF EXISTS %r", what, rel);
  run_anyway(s, &b);
}

void rs_trino_rename_anyway(struct rs_session *s, const char *what, const struct rs_relation *from,
                            const char *to)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  const struct rs_relation name = rs_relation_beside(from, to);
  rs_sql_add(s, &b, "ALTER %s %r RENAME TO %r", what, from, &name);
  run_anyway(s, &b);
}

static enum rs_code rename_it(struct rs_session *s, const char *what,
                              const struct rs_relation *from, const char *to, struct rs_error *e)
{
  const struct rs_relation name = rs_relation_beside(from, to);
  return rs_sql_run(s, NULL, e, "ALTER %s %r RENAME TO %r", what, from, &name);
}

/* ---- leftovers ------------------------------------------------------------------------------- */

struct leftovers {
  const struct rs_relation *rel;
  struct rs_arena a;
  const char *old; /* what was moved away, the latest; NULL: none */
  bool old_view;
  uint64_t old_since;
  struct {
    const char *name;
    bool view;
  } junk[MAX_LEFT];
  size_t n;
};

static void add_junk(struct leftovers *l, const char *name, bool view)
{
  if (l->n == MAX_LEFT) return;
  l->junk[l->n].name = name;
  l->junk[l->n++].view = view;
}

static enum rs_code see_leftover(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  static const char *const whats[] = {"tmp", "load", "stage"};
  struct leftovers *l = ctx;
  const char *name = NULL, *type = NULL;
  uint64_t since, now = (uint64_t)rs_wall_us() / 1000000;
  enum rs_code rc = rs_sql_text(r, 0, &l->a, &name, e);
  if (rc == RS_OK) rc = rs_sql_text(r, 1, &l->a, &type, e);
  if (rc != RS_OK || name == NULL) return rc;
  bool view = rs_eq(type, "VIEW");
  if (is_aside(name, "old", l->rel->name, &since)) {
    if (l->old != NULL && since <= l->old_since) {
      add_junk(l, name, view);
      return RS_OK;
    }
    if (l->old != NULL) add_junk(l, l->old, l->old_view);
    l->old = name;
    l->old_view = view;
    l->old_since = since;
    return RS_OK;
  }
  for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
    if (!is_aside(name, whats[i], l->rel->name, &since)) continue;
    if (!rs_eq(whats[i], "stage") || since + STAGE_REST_S < now) add_junk(l, name, view);
  }
  return RS_OK;
}

enum rs_code rs_trino_repair(struct rs_session *s, const struct rs_relation *rel,
                             enum rs_relation_kind *kind, struct rs_error *e)
{
  struct leftovers l = {.rel = rel};
  struct rs_buf b;
  rs_arena_init(&l.a, 0);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "SELECT table_name, table_type FROM ");
  rs_sql_add_catalog(s, &b, "information_schema.tables", rel->database);
  rs_sql_add(s, &b,
             " WHERE table_schema = "
             "lower(%t) AND starts_with(table_name, '__rs_') AND strpos(table_name, lower(%t)) > 0",
             rel->workspace, rel->name);
  enum rs_code rc = rs_sql_each(s, &b, see_leftover, &l, NULL, e);
  if (rc == RS_OK && l.old != NULL && *kind == RS_REL_NONE) {
    const struct rs_relation old = rs_relation_beside(rel, l.old);
    rc = rename_it(s, l.old_view ? "VIEW" : "TABLE", &old, rel->name, e);
    if (rc == RS_OK) *kind = l.old_view ? RS_REL_VIEW : RS_REL_TABLE;
  } else if (rc == RS_OK && l.old != NULL) {
    add_junk(&l, l.old, l.old_view);
  }
  for (size_t i = 0; i < l.n && rc == RS_OK; i++) {
    const struct rs_relation junk = rs_relation_beside(rel, l.junk[i].name);
    rs_trino_drop_anyway(s, l.junk[i].view ? "VIEW" : "TABLE", &junk);
    rc = rs_sql_check_interrupt(s, e);
  }
  rs_arena_free(&l.a);
  return rc;
}

/* ---- swapping -------------------------------------------------------------------------------- */

/* By two renames; puts the old one back when the second one fails. */
static enum rs_code swap_names(struct rs_session *s, const char *what,
                               const struct rs_relation *rel, const struct rs_relation *aside,
                               struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct rs_relation old;
  enum rs_code rc = rs_trino_aside(rel, "old", &a, &old, e);
  if (rc == RS_OK) rc = rename_it(s, what, rel, old.name, e);
  if (rc == RS_OK) {
    rc = rename_it(s, "TABLE", aside, rel->name, e);
    if (rc != RS_OK) rs_trino_rename_anyway(s, what, &old, rel->name);
    else rs_trino_drop_anyway(s, what, &old);
  }
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_trino_swap(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_relation *aside, bool as_it_is, struct rs_error *e)
{
  struct rs_error own = {0};
  enum rs_relation_kind kind;
  if (e == NULL) e = &own;
  enum rs_code rc = rs_sql_kind(s, rel, &kind, e);
  if (rc == RS_OK && kind == RS_REL_TABLE) {
    if (!as_it_is) {
      rc = rs_sql_run(s, NULL, e, "CREATE OR REPLACE TABLE %r AS SELECT * FROM %r", rel, aside);
    }
    if (as_it_is || rc == RS_UNSUPPORTED) // the connector can't replace a table
      rc = swap_names(s, "TABLE", rel, aside, e);
    else if (rc == RS_OK) rs_trino_drop_anyway(s, "TABLE", aside);
    return rc == RS_OK ? rs_trino_refresh_aliases(s, rel, e) : rc;
  }
  if (rc == RS_OK && kind == RS_REL_VIEW) {
    rc = swap_names(s, "VIEW", rel, aside, e);
    if (rc == RS_OK) return rs_sql_control_forget(s, rel, e);
    if (rc != RS_UNSUPPORTED) return rc;
    rc = RS_OK; // a connector whose views can't be renamed
  }
  if (rc == RS_OK && kind != RS_REL_NONE) rc = rs_sql_drop_kind(s, rel, kind, e);
  return rc == RS_OK ? rename_it(s, "TABLE", aside, rel->name, e) : rc;
}
