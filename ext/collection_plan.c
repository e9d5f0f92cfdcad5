/*
** xBestIndex: from SQLite's terms to what a plan sends.
**
** THE CONTRACT WITH xFilter (collection_scan.c says it again)
**   idxStr  the SQL template, ?N standing for the N-th argument of xFilter;
**           EXPLAIN QUERY PLAN prints it
**   idxNum  the plan's number among those of this template, nearly always 0
**   argv    1. a query's parameters, in the order of its hidden columns
**           2. the terms, in the order of the template; of an IN term a list (sqlite3_vtab_in)
**           3. LIMIT, 4. OFFSET
**   A plan with `missing` set takes no arguments: xFilter fails and names the parameter.
**   Of a query lambda's parameters only those come that are given; nothing else is sent.
**
** RULES
**   - A term is offered to shippable.c; exact ones are omitted (a hint: SQLite may still check
**     them), the others that can be sent are rechecked.
**   - LIMIT and OFFSET are consumed only when every term is sent and exact and the order is
**     consumed. Consuming OFFSET means that SQLite skips no row any more. Before 3.46 it then skips
**     none in the second part of a UNION ALL either; there OFFSET is left to SQLite and LIMIT +
**     OFFSET rows are fetched.
**   - The order is consumed as a whole, by SQLite's NULL order: that also satisfies what GROUP BY
**     and DISTINCT ask for (sqlite3_vtab_distinct), which is never more than the full order.
**   - With no column used, rows are only counted: the engine sends one number.
**   - All parameters of a query need a value: a call that has one as an unusable term is refused
**     (SQLITE_CONSTRAINT), so that SQLite tries another order of tables; with no term at all the
**     plan is one that fails.
**
** COSTS are in SQLite's visited rows. SQLite may evaluate `a = 1 OR b = 2` with one scan per branch
** and drop the rows that it has seen by their rowid or primary key. A key that the engine does not
** itself keep unique would lose rows there, so no filtered scan may look cheap enough for it: at
** least 0.6 of a full scan's cost and half of its rows, with which two of them never win.
*/
#include "collection_vtab.h"
#include "../src/base/mem.h"

#include <string.h>

#define UNKNOWN_ROWS 100000.0
#define MAX_ROWS 1e15
/* From these versions on SQLite offers <>, IS NOT, IS NOT NULL; and LIMIT, only where it may */
#define OUTER_MENDED 3051000
/* Nowhere before this version does the key of a WITHOUT ROWID table count as used, always */
#define KEY_ALWAYS_USED 3041000
#define LIMIT_MENDED 3046000

enum { ABSENT = -1, UNUSABLE = -2 }; /* instead of a parameter's constraint */

/* What one call of xBestIndex finds. */
struct draft {
  struct collection *c;
  sqlite3_index_info *info;
  struct rs_target *target;
  const struct rs_dialect *d;
  struct rs_scan scan;
  struct rs_scan_term *terms;  /* scan.terms, still writable */
  struct rs_scan_order *order; /* scan.order */
  int *fetch, *slot;           /* scan.fetch; plan.slot */
  int *term_constraint;        /* by term: its constraint */
  int *param_constraint;       /* by parameter: its constraint, or ABSENT ... */
  bool *given;                 /* plan.given */
  int limit, offset;           /* constraints, or -1 */
  bool all_exact;              /* every constraint is sent and exact */
  bool unusable_param;
  const char *missing;
  double selectivity;
  bool key_lookup;
};

/* ---- terms ----------------------------------------------------------------------------------- */

static bool op_of(int op, enum rs_op *out)
{
  static const struct {
    int sqlite;
    enum rs_op op;
  } table[] = {
    {SQLITE_INDEX_CONSTRAINT_EQ, RS_OP_EQ},
    {SQLITE_INDEX_CONSTRAINT_NE, RS_OP_NE},
    {SQLITE_INDEX_CONSTRAINT_LT, RS_OP_LT},
    {SQLITE_INDEX_CONSTRAINT_LE, RS_OP_LE},
    {SQLITE_INDEX_CONSTRAINT_GT, RS_OP_GT},
    {SQLITE_INDEX_CONSTRAINT_GE, RS_OP_GE},
    {SQLITE_INDEX_CONSTRAINT_IS, RS_OP_IS},
    {SQLITE_INDEX_CONSTRAINT_ISNOT, RS_OP_ISNOT},
    {SQLITE_INDEX_CONSTRAINT_ISNULL, RS_OP_ISNULL},
    {SQLITE_INDEX_CONSTRAINT_ISNOTNULL, RS_OP_NOTNULL},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (table[i].sqlite == op) {
      *out = table[i].op;
      return true;
    }
  }
  return false;
}

/* The kind of a literal right-hand side; of a text in a numeric column, after affinity. */
static enum rs_rhs rhs_of(sqlite3_index_info *info, int i, enum rs_type type)
{
  sqlite3_value *v = NULL;
  if (sqlite3_vtab_rhs_value(info, i, &v) != SQLITE_OK || !v) return RS_RHS_UNKNOWN;
  int kind = sqlite3_value_type(v);
  if (kind == SQLITE_TEXT && rs_shippable_numeric(type)) {
    sqlite3_value *copy = sqlite3_value_dup(v);
    if (!copy) return RS_RHS_UNKNOWN;
    kind = sqlite3_value_numeric_type(copy);
    sqlite3_value_free(copy);
  }
  switch (kind) {
    case SQLITE_NULL: return RS_RHS_NULL;
    case SQLITE_TEXT: return RS_RHS_TEXT;
    case SQLITE_BLOB: return RS_RHS_BYTES;
    default: return RS_RHS_NUMBER;
  }
}

/* How much of a table a term leaves, by rule of thumb. */
static double selectivity(enum rs_op op)
{
  switch (op) {
    case RS_OP_EQ:
    case RS_OP_IS:
    case RS_OP_ISNULL: return 0.05;
    case RS_OP_IN: return 0.2;
    case RS_OP_LT:
    case RS_OP_LE:
    case RS_OP_GT:
    case RS_OP_GE: return 0.35;
    case RS_OP_NE:
    case RS_OP_ISNOT:
    case RS_OP_NOTNULL: break;
  }
  return 0.9;
}

/* Operators that SQLite offers to virtual tables only, as copies of a term. */
static bool is_copied(int op)
{
  return op == SQLITE_INDEX_CONSTRAINT_NE || op == SQLITE_INDEX_CONSTRAINT_ISNOT ||
         op == SQLITE_INDEX_CONSTRAINT_ISNOTNULL;
}

/*
** Before OUTER_MENDED such a copy loses that it belongs to an outer join: for `p LEFT JOIN q ON p.a
** <> 1` it would be offered to p, whose rows must all come. A LIMIT is offered to a table that
** stands alone only; otherwise nothing tells whether there is a join.
*/
static bool is_safe(const struct draft *f, int op)
{
  return !is_copied(op) || f->limit >= 0 || rs_sqlite_at_least(OUTER_MENDED);
}

static void draft_term(struct draft *f, int i)
{
  const struct sqlite3_index_constraint *con = &f->info->aConstraint[i];
  struct rs_scan_term t = {.column = con->iColumn};
  bool sent = false;
  if (con->usable && con->iColumn >= 0 && op_of(con->op, &t.op) && is_safe(f, con->op)) {
    enum rs_type type = f->c->columns[con->iColumn].type;
    const char *collation = sqlite3_vtab_collation(f->info, i);
    bool binary = !collation || sqlite3_stricmp(collation, "BINARY") == 0;
    if (t.op == RS_OP_EQ && sqlite3_vtab_in(f->info, i, -1)) t.op = RS_OP_IN;
    t.rhs = rhs_of(f->info, i, type);
    t.how = rs_shippable_term(f->d, type, t.op, t.rhs, binary);
    sent = t.how != RS_SHIP_LOCAL;
  }
  if (!sent || t.how != RS_SHIP_EXACT) f->all_exact = false;
  if (!sent) return;
  if (t.column == f->c->key && t.op == RS_OP_EQ) f->key_lookup = true;
  f->selectivity *= selectivity(t.op);
  f->term_constraint[f->scan.nterms] = i;
  f->terms[f->scan.nterms++] = t;
}

static void draft_param(struct draft *f, int i)
{
  const struct sqlite3_index_constraint *con = &f->info->aConstraint[i];
  int p = con->iColumn - f->c->ndata;
  if (con->op == SQLITE_INDEX_CONSTRAINT_EQ && f->param_constraint[p] < 0) {
    f->param_constraint[p] = con->usable ? i : UNUSABLE;
    if (con->usable) return;
  }
  f->all_exact = false; /* compared by SQLite with the value that the parameter got */
}

/*
** Before LIMIT_MENDED a LIMIT comes, too, when a term that is not offered refers to this table
** alone (`a = b`, two of its columns). LIMIT's term is the last one but OFFSET's in SQLite's list,
** and iTermOffset is a place in that list: a place before it that nothing offered took is such a
** term. A copied term takes two places.
*/
static bool sees_all_terms(const struct draft *f)
{
  const sqlite3_index_info *info = f->info;
  if (rs_sqlite_at_least(LIMIT_MENDED) || f->limit < 0) return true;
  int before = info->aConstraint[f->limit].iTermOffset, seen = 0;
  for (int i = 0; i < info->nConstraint; i++) {
    int op = info->aConstraint[i].op;
    if (info->aConstraint[i].iTermOffset >= before) continue;
    seen += is_copied(op) ? 2 : 1;
  }
  return seen >= before;
}

static void draft_constraints(struct draft *f)
{
  const sqlite3_index_info *info = f->info;
  for (int i = 0; i < info->nConstraint; i++) { // first: what follows depends on them
    const struct sqlite3_index_constraint *con = &info->aConstraint[i];
    if (con->op == SQLITE_INDEX_CONSTRAINT_LIMIT && con->usable) f->limit = i;
    if (con->op == SQLITE_INDEX_CONSTRAINT_OFFSET && con->usable) f->offset = i;
    if (con->op == SQLITE_INDEX_CONSTRAINT_OFFSET && !con->usable) f->all_exact = false;
  }
  for (int i = 0; i < info->nConstraint; i++) {
    const struct sqlite3_index_constraint *con = &info->aConstraint[i];
    if (con->op == SQLITE_INDEX_CONSTRAINT_LIMIT || con->op == SQLITE_INDEX_CONSTRAINT_OFFSET)
      continue;
    if (con->iColumn >= f->c->ndata) draft_param(f, i);
    else if (!f->c->lambda) draft_term(f, i);
  }
  if (f->c->lambda) f->all_exact = false; // SQLite filters, sorts and counts
  if (!sees_all_terms(f)) f->all_exact = false;
  for (int p = 0; p < f->c->nparams; p++) {
    const struct collection_column *param = &f->c->columns[f->c->ndata + p];
    if (f->param_constraint[p] == UNUSABLE) f->unusable_param = true;
    if (f->param_constraint[p] == ABSENT && !param->optional && !f->missing)
      f->missing = param->local;
    f->given[p] = f->param_constraint[p] >= 0;
  }
}

/* ---- order, columns, limit ------------------------------------------------------------------- */

/*
** max(x) and min(x) come as ORDER BY x, of which SQLite reads one row. Nothing tells them from a
** query that wants all rows; but an engine that sorts a whole relation for one row is worse than
** SQLite sorting the values of a single column.
*/
static bool may_be_max(struct draft *f)
{
  return f->info->nOrderBy == 1 && f->scan.nfetch == 1 && f->limit < 0 &&
         sqlite3_vtab_distinct(f->info) == 0;
}

static void draft_order(struct draft *f)
{
  const sqlite3_index_info *info = f->info;
  // 2 is a DISTINCT without ORDER BY: SQLite keeps its own table of what it has seen all the same
  if (f->c->lambda || may_be_max(f) || sqlite3_vtab_distinct(f->info) == 2) return;
  for (int i = 0; i < info->nOrderBy; i++) {
    int column = info->aOrderBy[i].iColumn;
    if (column < 0 || column >= f->c->ndata ||
        !rs_shippable_order(f->d, f->c->columns[column].type)) {
      f->scan.norder = 0;
      return;
    }
    f->order[i].column = column;
    f->order[i].desc = info->aOrderBy[i].desc;
    f->scan.norder++;
  }
}

static void draft_columns(struct draft *f)
{
  for (int i = 0; i < f->c->ndata; i++) {
    bool used = f->info->colUsed & (sqlite3_uint64)1 << (i > 62 ? 63 : i);
    f->slot[i] = used ? (int)f->scan.nfetch : -1;
    if (used) f->fetch[f->scan.nfetch++] = i;
  }
  /* Nothing to read: rows need only be counted, if it is known here which ones */
  f->scan.count = f->scan.nfetch == 0 && f->all_exact;
}

/* Numbers the arguments and tells SQLite about them. */
static void assign_arguments(struct draft *f)
{
  struct sqlite3_index_constraint_usage *usage = f->info->aConstraintUsage;
  int arg = 0;
  for (int p = 0; p < f->c->nparams; p++) {
    if (!f->given[p]) continue; // it has a default
    usage[f->param_constraint[p]].argvIndex = ++arg;
    usage[f->param_constraint[p]].omit = 1;
  }
  for (size_t k = 0; k < f->scan.nterms; k++) {
    int i = f->term_constraint[k];
    if (f->terms[k].op == RS_OP_IN) sqlite3_vtab_in(f->info, i, 1);
    f->terms[k].arg = usage[i].argvIndex = ++arg;
    usage[i].omit = f->terms[k].how == RS_SHIP_EXACT;
  }
  bool ordered = (int)f->scan.norder == f->info->nOrderBy;
  f->info->orderByConsumed = ordered && f->info->nOrderBy > 0;
  if (!f->all_exact || !ordered || f->limit < 0) return;
  f->scan.limit_arg = usage[f->limit].argvIndex = ++arg;
  usage[f->limit].omit = 1;
  if (f->offset < 0) return;
  f->scan.offset_arg = usage[f->offset].argvIndex = ++arg;
  f->scan.skips = rs_sqlite_at_least(LIMIT_MENDED);
  usage[f->offset].omit = f->scan.skips;
}

/* ---- costs ----------------------------------------------------------------------------------- */

static void estimate(struct draft *f)
{
  const struct collection *c = f->c;
  sqlite3_value *limit = NULL;
  double all = c->rows >= 0 ? (double)c->rows : UNKNOWN_ROWS;
  double request = rs_target_request_cost(f->target), rows, cost, full;
  if (all > MAX_ROWS) all = MAX_ROWS;
  full = request + all;
  rows = all * f->selectivity;
  if (f->key_lookup && c->enforced) rows = 1;
  cost = request + rows;
  if (!c->enforced && f->scan.nterms > 0) {
    if (rows < all * 0.5) rows = all * 0.5;
    if (cost < full * 0.6) cost = full * 0.6;
  }
  if (f->scan.limit_arg && sqlite3_vtab_rhs_value(f->info, f->limit, &limit) == SQLITE_OK &&
      limit) {
    double n = (double)sqlite3_value_int64(limit);
    if (n >= 0 && n < rows) rows = n;
  }
  f->info->estimatedCost = f->missing ? 1e90 : cost;
  f->info->estimatedRows = (sqlite3_int64)rows + 1;
  if (f->key_lookup && c->enforced) f->info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
}

/* ---- plans ----------------------------------------------------------------------------------- */

const struct collection_plan *rs_collection_plan(const struct collection *c, int idxNum,
                                                 const char *idxStr)
{
  const struct collection_plan *p = idxStr ? rs_map_get(&c->plans, idxStr) : NULL;
  while (p && idxNum-- > 0) p = p->next;
  return p;
}

void rs_collection_plans_free(struct collection *c)
{
  for (size_t i = 0; i < c->plans.n; i++) {
    struct collection_plan *p = c->plans.v[i].value, *next;
    for (; p; p = next) {
      next = p->next;
      rs_narrow_free(p->narrow);
      rs_free(p);
    }
  }
  rs_map_free(&c->plans);
}

/* Of plans with the same template. */
static bool same_plan(const struct collection_plan *p, const struct draft *f)
{
  // of a lambda the template does not tell which columns are used
  if (f->c->lambda && memcmp(p->slot, f->slot, (size_t)f->c->ndata * sizeof *f->slot) != 0)
    return false;
  return p->d == f->d && p->missing == f->missing && p->scan.nterms == f->scan.nterms &&
         (f->scan.nterms == 0 ||
          memcmp(p->scan.terms, f->terms, f->scan.nterms * sizeof *f->terms) == 0);
}

/* The draft's arrays, one behind the other in one block; *p moves behind what was copied. */
static const void *copy_array(char **p, const void *v, size_t size)
{
  void *to = *p;
  if (size) memcpy(to, v, size);
  *p += size;
  return to;
}

/* Does it fetch columns of which SQLite has not said that they are used (collection_wide.c)? */
static bool may_be_narrower(const struct draft *f)
{
  if (f->missing || f->c->lambda) return false;
  bool many = f->c->ndata > 63 && f->info->colUsed >> 63;
  bool key = rs_sqlite_at_least(KEY_ALWAYS_USED) && f->c->key >= 0 && f->slot[f->c->key] >= 0;
  for (size_t i = 0; i < f->scan.nterms; i++) key = key && f->terms[i].column != f->c->key;
  for (size_t i = 0; i < f->scan.norder; i++) key = key && f->order[i].column != f->c->key;
  return many || key;
}

/* All arrays but the last hold ints and enums only, so they need no padding between them. */
static struct collection_plan *plan_new(const struct draft *f)
{
  const struct rs_scan *s = &f->scan;
  size_t nterms = s->nterms * sizeof *f->terms, norder = s->norder * sizeof *f->order;
  size_t nfetch = s->nfetch * sizeof *f->fetch, nslot = (size_t)f->c->ndata * sizeof *f->slot;
  size_t ngiven = (size_t)f->c->nparams * sizeof *f->given;
  struct collection_plan *p = rs_calloc(1, sizeof *p + nterms + norder + nfetch + nslot + ngiven);
  char *rest = (char *)(p + 1);
  if (!p) return NULL;
  p->d = f->d;
  p->missing = f->missing;
  p->exact = f->all_exact;
  p->scan = *s;
  p->scan.terms = copy_array(&rest, f->terms, nterms);
  p->scan.order = copy_array(&rest, f->order, norder);
  p->scan.fetch = copy_array(&rest, f->fetch, nfetch);
  p->slot = copy_array(&rest, f->slot, nslot);
  p->given = copy_array(&rest, f->given, ngiven);
  // without memory for it the plan fetches them all
  if (may_be_narrower(f)) p->narrow = rs_narrow_new();
  return p;
}

/* The number of the plan among those of its template; it is added when it is new. -1: out of
** memory. */
static int plan_number(struct draft *f, const char *sql)
{
  struct rs_map_entry *entry = rs_map_find(&f->c->plans, sql, strlen(sql));
  struct collection_plan *p = entry ? entry->value : NULL, *last = NULL;
  int number = 0;
  for (; p && !same_plan(p, f); p = p->next, number++) last = p;
  if (p) return number;
  p = plan_new(f);
  if (!p) return -1;
  if (last) {
    last->next = p;
  } else if (!rs_map_put(&f->c->plans, sql, p)) {
    rs_free(p);
    return -1;
  }
  return number;
}

/* Sets idxNum and idxStr. */
static int store_plan(struct draft *f)
{
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  if (f->missing) rs_buf_printf(&sql, "(parameter %s has no value)", f->missing);
  else if (f->c->lambda) rs_collection_lambda_template(f->c, f->given, &sql);
  else rs_deparse_template(f->d, &f->scan, &sql);
  int number = sql.rc == RS_OK ? plan_number(f, rs_buf_text(&sql)) : -1;
  if (number >= 0) {
    f->info->idxNum = number;
    f->info->idxStr = sqlite3_mprintf("%s", rs_buf_text(&sql));
    f->info->needToFreeIdxStr = 1;
  }
  rs_buf_free(&sql);
  return number >= 0 && f->info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

/* ---- xBestIndex ------------------------------------------------------------------------------ */

static bool draft_alloc(struct draft *f, struct rs_arena *arena)
{
  size_t n = (size_t)f->c->ndata, nterms = (size_t)f->info->nConstraint + 1;
  f->terms = rs_arena_calloc(arena, nterms * sizeof *f->terms);
  f->order = rs_arena_calloc(arena, ((size_t)f->info->nOrderBy + 1) * sizeof *f->order);
  f->fetch = rs_arena_calloc(arena, n * sizeof *f->fetch);
  f->slot = rs_arena_calloc(arena, n * sizeof *f->slot);
  f->term_constraint = rs_arena_calloc(arena, nterms * sizeof *f->term_constraint);
  f->param_constraint = rs_arena_calloc(arena,
                                        ((size_t)f->c->nparams + 1) * sizeof *f->param_constraint);
  f->given = rs_arena_calloc(arena, (size_t)f->c->nparams + 1);
  f->scan.terms = f->terms;
  f->scan.order = f->order;
  f->scan.fetch = f->fetch;
  return f->terms && f->order && f->fetch && f->slot && f->term_constraint && f->param_constraint &&
         f->given;
}

static int best_index(struct draft *f)
{
  for (int p = 0; p < f->c->nparams; p++) f->param_constraint[p] = ABSENT;
  draft_constraints(f);
  if (f->unusable_param) return SQLITE_CONSTRAINT;
  if (f->missing) {
    f->scan.nterms = 0;
    f->scan.nfetch = 0;
    estimate(f);
    return store_plan(f);
  }
  draft_columns(f);
  draft_order(f);
  assign_arguments(f);
  estimate(f);
  return store_plan(f);
}

int rs_collection_best_index(sqlite3_vtab *pVtab, sqlite3_index_info *info)
{
  struct collection *c = (struct collection *)pVtab;
  struct rs_error e = {0};
  struct rs_arena arena;
  struct draft f = {
    .c = c, .info = info, .limit = -1, .offset = -1, .all_exact = true, .selectivity = 1};
  if (c->broken) {
    rs_fail(&e, RS_INVALID, "%s", c->broken);
    return rs_collection_error(c, &e);
  }
  if (rs_conn_target_of(c->conn, c->named, c->stored, &f.target, &e) != RS_OK)
    return rs_collection_error(c, &e);
  f.d = rs_target_dialect(f.target);
  f.scan.columns = c->scan_columns;
  f.scan.workspace = c->workspace ? c->workspace : rs_target_workspace(f.target);
  f.scan.name = c->relation;
  f.scan.query = c->query;
  rs_arena_init(&arena, 0);
  int rc = draft_alloc(&f, &arena) ? best_index(&f) : SQLITE_NOMEM;
  rs_arena_free(&arena);
  return rc;
}
