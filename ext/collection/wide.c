/*
** Tables of more than 63 columns. SQLite tells xBestIndex which of the first 63 columns are used,
** and of all others only that any of them is; a plan would have to fetch them all.
**
** When a cursor starts, the statement runs and its program can be asked: EXPLAIN lists each column
** that a program reads of a cursor (VColumn). Of the statements that are running one is ours; the
** columns that any of them reads of this table are enough for it. Where that can't be found out
** (sqlite3_prepare of old keeps no text), all columns are fetched, as the plan says.
**
** Newer versions of SQLite count the key of a WITHOUT ROWID table among the columns used, always:
** the same tells whether it is, and a count from a list of keys.
**
** What was found is kept with the plan while the same statements run: their next run may have
** another program for the same text (a view was made anew, there are other estimates). Narrow plans
** live as long as the plan that they were made of.
**
** The same listing tells whether a statement may be planned and run once more from its start.
*/
#include "internal.h"
#include "src/base/mem.h"

#include <string.h>

/* A plan's narrow ones. */
struct collection_narrow {
  struct collection_plan *plans;
  struct collection_plan *last; /* NULL: not known; of these runs of statements: */
  struct rs_buf runs;
  unsigned era; /* collection.era */
};

struct collection_narrow *rs_narrow_new(void)
{
  struct collection_narrow *n = rs_calloc(1, sizeof *n);
  if (n) rs_buf_init(&n->runs, RS_BUF_SQL_MAX);
  return n;
}

void rs_narrow_free(struct collection_narrow *n)
{
  if (!n) return;
  while (n->plans) {
    struct collection_plan *p = n->plans;
    n->plans = p->next;
    rs_free(p);
  }
  rs_buf_free(&n->runs);
  rs_free(n);
}

/* ---- what the running statements read -------------------------------------------------------- */

enum { AT_OPCODE = 1, AT_P1, AT_P2, AT_P3, AT_P4 };

/* Their texts, and what tells these runs of them from others; false when one has no text. */
static bool running(sqlite3 *db, struct rs_buf *texts, struct rs_buf *runs)
{
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s; s = sqlite3_next_stmt(db, s)) {
    if (!sqlite3_stmt_busy(s) || sqlite3_stmt_isexplain(s)) continue;
    const char *sql = sqlite3_sql(s);
    if (!sql) return false;
    rs_buf_add(texts, sql, strlen(sql) + 1); // the NUL parts them
    const int counts[] = {sqlite3_stmt_status(s, SQLITE_STMTSTATUS_RUN, 0),
                          sqlite3_stmt_status(s, SQLITE_STMTSTATUS_REPREPARE, 0)};
    rs_buf_add(runs, (const char *)&s, sizeof s);
    rs_buf_add(runs, (const char *)counts, sizeof counts);
    rs_buf_add(runs, sql, strlen(sql) + 1);
  }
  return texts->n > 0 && texts->rc == RS_OK && runs->rc == RS_OK;
}

static bool is_op(sqlite3_stmt *st, const char *name)
{
  const char *op = (const char *)sqlite3_column_text(st, AT_OPCODE);
  return op && strcmp(op, name) == 0;
}

/* Does a row of the program open the table? *writes: it changes it. */
static bool opens(sqlite3_stmt *st, const char *table, bool *writes)
{
  const char *p4 = (const char *)sqlite3_column_text(st, AT_P4);
  if (!p4 || strcmp(p4, table) != 0) return false;
  if (is_op(st, "VUpdate")) *writes = true;
  return is_op(st, "VOpen");
}

/* Marks the columns that the program of one statement reads of the table. A trigger's program has
** cursors with the same numbers, which marks too many. False: not known. */
static bool mark(sqlite3 *db, const char *sql, const char *table, bool *used, int ncolumns,
                 bool *found)
{
  sqlite3_stmt *st = NULL;
  bool *cursors = NULL, writes = false, ok = true;
  size_t n = 0, cap = 0;
  char *text = sqlite3_mprintf("EXPLAIN %s", sql);
  int rc = text ? sqlite3_prepare_v2(db, text, -1, &st, NULL) : SQLITE_NOMEM;
  sqlite3_free(text);
  while (rc == SQLITE_OK && ok && (rc = sqlite3_step(st)) == SQLITE_ROW) {
    rc = SQLITE_OK;
    if (!opens(st, table, &writes)) continue;
    size_t at = (size_t)sqlite3_column_int(st, AT_P1);
    ok = rs_grow(&cursors, &cap, at + 1, sizeof *cursors);
    if (ok && at >= n) memset(cursors + n, 0, (at + 1 - n) * sizeof *cursors);
    if (ok && at >= n) n = at + 1;
    if (ok) cursors[at] = *found = true;
  }
  if (rc == SQLITE_DONE) rc = sqlite3_reset(st);
  while (rc == SQLITE_OK && ok && (rc = sqlite3_step(st)) == SQLITE_ROW) {
    size_t at = (size_t)sqlite3_column_int(st, AT_P1);
    int column = sqlite3_column_int(st, AT_P2);
    rc = SQLITE_OK;
    if (at >= n || !cursors[at]) continue;
    if (is_op(st, "VColumn") && column >= 0 && column < ncolumns) used[column] = true;
    // a row's number is made of what is fetched (scan.c): that must be the same in each
    // scan of an OR
    if (is_op(st, "Rowid")) ok = false;
  }
  sqlite3_finalize(st);
  rs_free(cursors);
  return ok && !writes && rc == SQLITE_DONE;
}

static bool find_used(struct collection *c, const struct rs_buf *texts, bool *used)
{
  bool found = false, ok = true;
  char table[40];
  sqlite3_snprintf(sizeof table, table, "vtab:%p", (void *)&c->base);
  for (size_t i = 0; ok && i < texts->n; i += strlen(texts->p + i) + 1)
    ok = mark(c->db, texts->p + i, table, used, c->ndata, &found);
  return ok && found;
}

static bool is_any(sqlite3_stmt *st, const char *const *names)
{
  while (*names && !is_op(st, *names)) names++;
  return *names != NULL;
}

/* Does the program read this table, once, nothing else, and give its rows in one place behind that?
** Then no loop, all of which end with one of these jumps, goes around where the table is opened. */
static bool reads_once(sqlite3 *db, const char *sql, const char *table)
{
  static const char *const others[] = {"OpenRead", "OpenWrite", "ReopenIdx",     "VUpdate",
                                       "Program",  "Yield",     "InitCoroutine", NULL};
  static const char *const jumps[] = {"VNext", "Next", "Prev", "SorterNext", "Goto", NULL};
  sqlite3_stmt *st = NULL;
  int opened = -1, results = 0, start = 0;
  bool ok = true, writes = false;
  char *text = sqlite3_mprintf("EXPLAIN %s", sql);
  int rc = text ? sqlite3_prepare_v2(db, text, -1, &st, NULL) : SQLITE_NOMEM;
  sqlite3_free(text);
  for (int at = 0; rc == SQLITE_OK && ok && (rc = sqlite3_step(st)) == SQLITE_ROW; at++) {
    const int p2 = sqlite3_column_int(st, AT_P2);
    rc = SQLITE_OK;
    if (is_op(st, "Init")) start = p2; // what is from there on only jumps to the begin
    ok = !is_any(st, others);
    if (is_op(st, "VOpen")) {
      ok = opened < 0 && results == 0 && opens(st, table, &writes);
      opened = at;
    } else if (at < start && p2 <= opened && is_any(st, jumps)) {
      ok = false;
    }
    results += is_op(st, "ResultRow");
  }
  sqlite3_finalize(st);
  return ok && rc == SQLITE_DONE && opened >= 0 && results == 1;
}

bool rs_collection_may_restart(struct collection *c)
{
  struct rs_buf texts, runs;
  char table[40];
  sqlite3_snprintf(sizeof table, table, "vtab:%p", (void *)&c->base);
  rs_buf_init(&texts, RS_BUF_SQL_MAX);
  rs_buf_init(&runs, RS_BUF_SQL_MAX);
  bool may = c->cursors == 1 && c->db == rs_conn_db(c->conn) && running(c->db, &texts, &runs) &&
             strlen(texts.p) + 1 == texts.n && reads_once(c->db, texts.p, table);
  rs_buf_free(&texts);
  rs_buf_free(&runs);
  return may;
}

/* ---- plans ----------------------------------------------------------------------------------- */

/* The plan without the columns that are not used; terms and order need theirs. */
static struct collection_plan *narrow_new(const struct collection *c,
                                          const struct collection_plan *plan, bool *used)
{
  size_t nscan = (size_t)plan->nscan, nfetch = plan->scan.nfetch;
  struct collection_plan *p = rs_calloc(1, sizeof *p + (nscan + nfetch) * sizeof(int));
  if (!p) return NULL;
  int *slot = (int *)(p + 1), *fetch = slot + nscan;
  *p = *plan; // terms, order and the rest are those of the plan, which lives longer
  p->narrow = NULL;
  p->is_narrow = true;
  p->sided = false;
  p->slot = slot;
  p->scan.fetch = fetch;
  p->scan.nfetch = 0;
  for (size_t i = 0; i < plan->scan.nterms; i++) used[plan->scan.terms[i].column] = true;
  for (size_t i = 0; i < plan->scan.norder; i++) used[plan->scan.order[i].column] = true;
  for (int i = 0; i < c->ndata; i++)
    if (plan->scan.columns[i].side) p->sided = (used[c->columns[i].side] = used[i]) || p->sided;
  for (size_t i = 0; i < nscan; i++) slot[i] = -1;
  for (size_t i = 0; i < nfetch; i++) {
    int column = plan->scan.fetch[i];
    if (!used[column]) continue;
    slot[column] = (int)p->scan.nfetch;
    fetch[p->scan.nfetch++] = column;
  }
  p->scan.count = p->scan.nfetch == 0 && plan->exact;
  if (p->scan.nfetch == 0) p->scan.distinct = false;
  return p;
}

static bool same_fetch(const struct collection_plan *a, const struct collection_plan *b)
{
  return a->scan.nfetch == b->scan.nfetch &&
         memcmp(a->scan.fetch, b->scan.fetch, a->scan.nfetch * sizeof(int)) == 0;
}

/* One plan for the same columns, so that what the cache knows of it is found again. */
static struct collection_plan *keep_plan(struct collection_narrow *n, struct collection_plan *p)
{
  struct collection_plan *old = n->plans;
  while (p && old && !same_fetch(old, p)) old = old->next;
  if (p && old) {
    rs_free(p);
    return old;
  }
  if (p) {
    p->next = n->plans;
    n->plans = p;
  }
  return p;
}

/* NULL: it is not known what is used. */
static struct collection_plan *narrow(struct collection *c, const struct collection_plan *plan,
                                      const struct rs_buf *texts)
{
  struct collection_plan *p = NULL;
  bool *used = rs_calloc((size_t)c->nscan, sizeof *used);
  if (used && find_used(c, texts, used)) p = keep_plan(plan->narrow, narrow_new(c, plan, used));
  rs_free(used);
  return p;
}

static bool same_runs(const struct collection *c, const struct collection_narrow *n,
                      const struct rs_buf *runs)
{
  return n->runs.n > 0 && n->era == c->era && runs->n == n->runs.n &&
         memcmp(runs->p, n->runs.p, runs->n) == 0;
}

const struct collection_plan *rs_collection_narrow(struct collection *c,
                                                   const struct collection_plan *plan)
{
  struct collection_narrow *n = plan->narrow;
  struct collection_plan *p = NULL;
  struct rs_buf texts, runs;
  if (!n || c->part.joined) return plan; // a write reads what it likes
  rs_buf_init(&texts, RS_BUF_SQL_MAX);
  rs_buf_init(&runs, RS_BUF_SQL_MAX);
  if (running(c->db, &texts, &runs)) {
    if (same_runs(c, n, &runs)) p = n->last;
    else p = narrow(c, plan, &texts);
  }
  rs_buf_free(&texts);
  rs_buf_free(&n->runs);
  n->runs = runs;
  n->era = c->era;
  n->last = p;
  return p ? p : plan;
}
