/*
** xBestIndex: from SQLite's terms to what a plan sends.
**
** THE CONTRACT WITH xFilter (scan.c says it again)
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
**   - A term is offered to src/pushdown/shippable.c; exact ones are omitted (a hint: SQLite may
**   still check
**     them), the others that can be sent are rechecked.
**   - LIMIT and OFFSET are consumed only when every term is sent and exact and the order is
**     consumed. Consuming OFFSET means that SQLite skips no row any more. Before 3.46 it then skips
**     none in the second part of a UNION ALL either; there OFFSET is left to SQLite and LIMIT +
**     OFFSET rows are fetched.
**   - The order is consumed as a whole, by SQLite's NULL order: that also satisfies what GROUP BY
**     and DISTINCT ask for (sqlite3_vtab_distinct), which is never more than the full order. Under
**     DISTINCT the engine is asked for distinct rows, too; SQLite looks at them again.
**   - With rockset_push_down(0) columns are all that is sent.
**   - With no column used, rows are only counted: the engine sends one number.
**   - All parameters of a query need a value: a call that has one as an unusable term is refused
**     (SQLITE_CONSTRAINT), so that SQLite tries another order of tables; with no term at all the
**     plan is one that fails.
*/
#include "plan.h"

#include <string.h>

/* From this version on what SQLite offers as a copy can be trusted (is_safe). */
#define OUTER_MENDED 3051000

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
    {SQLITE_INDEX_CONSTRAINT_LIKE, RS_OP_LIKE},
    {SQLITE_INDEX_CONSTRAINT_GLOB, RS_OP_GLOB},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (table[i].sqlite == op) {
      *out = table[i].op;
      return true;
    }
  }
  return false;
}

/* The literal on the right-hand side, or NULL. */
static sqlite3_value *literal_of(sqlite3_index_info *info, int i)
{
  sqlite3_value *v = NULL;
  return sqlite3_vtab_rhs_value(info, i, &v) == SQLITE_OK ? v : NULL;
}

/* Its kind; of a text in a numeric column, after affinity. */
static enum rs_rhs rhs_of(sqlite3_index_info *info, int i, enum rs_type type, enum rs_op op)
{
  sqlite3_value *v = literal_of(info, i);
  if (!v) return RS_RHS_UNKNOWN;
  int kind = sqlite3_value_type(v);
  if (kind == SQLITE_TEXT && op == RS_OP_GLOB) {
    const char *p = (const char *)sqlite3_value_text(v);
    return p && rs_shippable_is_prefix(p, (size_t)sqlite3_value_bytes(v)) ? RS_RHS_PREFIX
                                                                          : RS_RHS_TEXT;
  }
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

static bool is_pattern(int op)
{
  return op == SQLITE_INDEX_CONSTRAINT_LIKE || op == SQLITE_INDEX_CONSTRAINT_GLOB;
}

/* Operators that SQLite offers to virtual tables only, as copies of a term. */
static bool is_copied(int op)
{
  return op == SQLITE_INDEX_CONSTRAINT_NE || op == SQLITE_INDEX_CONSTRAINT_ISNOT ||
         op == SQLITE_INDEX_CONSTRAINT_ISNOTNULL || is_pattern(op);
}

/* The constraint at that place of SQLite's list, if it can be used here; else -1. */
static int at_place(const struct draft *f, int place, int column, int op)
{
  for (int i = 0; i < f->info->nConstraint; i++) {
    const struct sqlite3_index_constraint *con = &f->info->aConstraint[i];
    if (con->iTermOffset == place && con->iColumn == column && con->op == op && con->usable)
      return i;
  }
  return -1;
}

/*
** Does SQLite offer with this GLOB the range of its prefix (x >= 'ab' AND x < 'ac', in the
** two places before)? Those are no copies: they are usable only where the pattern itself is.
*/
static bool has_range(const struct draft *f, int i)
{
  const struct sqlite3_index_constraint *con = &f->info->aConstraint[i];
  int place = con->iTermOffset, column = con->iColumn;
  int from = at_place(f, place - 2, column, SQLITE_INDEX_CONSTRAINT_GE);
  if (from < 0 || at_place(f, place - 1, column, SQLITE_INDEX_CONSTRAINT_LT) < 0) return false;
  sqlite3_value *pattern = literal_of(f->info, i), *prefix = literal_of(f->info, from);
  const char *p = pattern ? (const char *)sqlite3_value_text(pattern) : NULL;
  const char *q = prefix ? (const char *)sqlite3_value_text(prefix) : NULL;
  return p && q && *q && sqlite3_strnicmp(p, q, (int)strlen(q)) == 0;
}

/*
** Before OUTER_MENDED such a copy loses that it belongs to an outer join: for `p LEFT JOIN q ON p.a
** <> 1` it would be offered to p, whose rows must all come. A LIMIT is offered to a table that
** stands alone only; otherwise only the range of a GLOB tells whether there is a join. (That of a
** LIKE has the same fault.)
*/
static bool is_safe(const struct draft *f, int i)
{
  int op = f->info->aConstraint[i].op;
  return !is_copied(op) || f->limit >= 0 || rs_sqlite_at_least(OUTER_MENDED) ||
         (op == SQLITE_INDEX_CONSTRAINT_GLOB && has_range(f, i));
}

/* Are like() and glob() SQLite's own? PRAGMA case_sensitive_like replaces like(), too. */
static bool patterns_are_builtin(struct draft *f)
{
  sqlite3_stmt *stmt = NULL;
  static const char sql[] = "SELECT 1 FROM pragma_function_list WHERE name IN ('like', 'glob') "
                            "AND narg = 2 AND NOT builtin";
  int rc = sqlite3_prepare_v2(rs_conn_db(f->c->conn), sql, -1, &stmt, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  sqlite3_finalize(stmt);
  return rc == SQLITE_DONE;
}

/* How a term may be sent; *why as in draft.why. */
static enum rs_ship judge_term(struct draft *f, int i, struct rs_scan_term *t, const char **why)
{
  const struct sqlite3_index_constraint *con = &f->info->aConstraint[i];
  *why = NULL;
  if (f->off) *why = "rockset_push_down(0)";
  else if (con->iColumn < 0) *why = "rowid: the engine has none";
  else if (!op_of(con->op, &t->op)) *why = "operator: it has no counterpart";
  else if (!con->usable) *why = "order of tables: its value is not known yet in this plan";
  else if (is_pattern(con->op) && !patterns_are_builtin(f))
    *why = "operator: like() or glob() was replaced in this connection";
  else if (!is_safe(f, i)) *why = "operator: this SQLite offers it wrongly in outer joins";
  if (*why) return RS_SHIP_LOCAL;
  enum rs_type type = f->c->columns[con->iColumn].type;
  const char *collation = sqlite3_vtab_collation(f->info, i);
  bool binary = !collation || sqlite3_stricmp(collation, "BINARY") == 0;
  if (t->op == RS_OP_EQ && sqlite3_vtab_in(f->info, i, -1)) t->op = RS_OP_IN;
  t->rhs = rhs_of(f->info, i, type, t->op);
  if (f->c->scan_columns[con->iColumn].members)
    return rs_shippable_members(f->d, t->op, binary, why);
  *why = rs_shippable_why(f->d, type, t->op, t->rhs, binary);
  enum rs_ship how = rs_shippable_term(f->d, type, t->op, t->rhs, binary);
  if (!f->c->columns[con->iColumn].odd || how != RS_SHIP_EXACT) return how;
  *why = "sidecar: values that the column can't hold lie beside it";
  return RS_SHIP_RECHECK;
}

/*
** `(a, b) < (1, 2)` is offered as `a <= 1`, with a LIMIT beside it; SQLite checks the whole term
** itself, whatever `omit` says, and nothing tells it from `a <= ?`. No literal is a row.
*/
static bool may_be_row(enum rs_op op, enum rs_rhs rhs)
{
  return (op == RS_OP_LE || op == RS_OP_GE) && rhs == RS_RHS_UNKNOWN;
}

static void draft_term(struct draft *f, int i)
{
  struct rs_scan_term t = {.column = f->info->aConstraint[i].iColumn};
  t.how = judge_term(f, i, &t, &f->why[i]);
  f->row_value = f->row_value || (t.how == RS_SHIP_EXACT && may_be_row(t.op, t.rhs));
  if (t.how != RS_SHIP_EXACT || f->row_value) f->all_exact = false;
  if (t.how == RS_SHIP_LOCAL) return;
  if (t.column == f->c->key && t.op == RS_OP_EQ) f->key_lookup = true;
  f->selectivity *= rs_plan_selectivity(f->c, t.column, t.op);
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
  f->why[i] = "parameter: compared with the value that it got";
}

/*
** Before RS_LIMIT_MENDED a LIMIT comes, too, when a term that is not offered refers to this table
** alone (`a = b`, two of its columns). LIMIT's term is the last one but OFFSET's in SQLite's list,
** and iTermOffset is a place in that list: a place before it that nothing offered took is such a
** term. A copied term takes two places.
*/
static bool sees_all_terms(const struct draft *f)
{
  const sqlite3_index_info *info = f->info;
  if (rs_sqlite_at_least(RS_LIMIT_MENDED) || f->limit < 0) return true;
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
    else f->why[i] = "query lambda: it is run as a whole";
  }
  if (f->c->lambda) f->all_exact = false; // SQLite filters, sorts and counts
  if (f->off || !sees_all_terms(f)) f->all_exact = false;
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

static const char *order_obstacle(struct draft *f)
{
  if (f->info->nOrderBy == 0) return NULL;
  if (f->off) return "rockset_push_down(0)";
  if (f->c->lambda) return "query lambda: it is run as a whole";
  if (may_be_max(f)) return "it may be the max() or min() of the only column";
  // a DISTINCT without ORDER BY: SQLite keeps its own table of what it has seen all the same
  if (sqlite3_vtab_distinct(f->info) == 2) return "DISTINCT needs no order";
  for (int i = 0; i < f->info->nOrderBy; i++) {
    int column = f->info->aOrderBy[i].iColumn;
    if (column < 0 || column >= f->c->ndata) return "by the rowid or a parameter";
    if (f->c->columns[column].odd) return "sidecar: its values have several types";
    if (!rs_shippable_order(f->d, f->c->columns[column].type))
      return "type: the engine orders it otherwise";
  }
  return NULL;
}

static void draft_order(struct draft *f)
{
  const sqlite3_index_info *info = f->info;
  f->order_why = order_obstacle(f);
  for (int i = 0; !f->order_why && i < info->nOrderBy; i++) {
    f->order[i].column = info->aOrderBy[i].iColumn;
    f->order[i].desc = info->aOrderBy[i].desc;
    f->scan.norder++;
  }
}

/*
** Under DISTINCT rows that are equal in all columns that are used count once, however many there
** are: the engine may leave the others out. It must not where equal values read differently (-0.0)
** and SQLite looks at them once more; nor where the order is no list of columns.
*/
static void draft_distinct(struct draft *f)
{
  const struct rs_scan *s = &f->scan;
  bool wanted = f->info->nOrderBy > 0 && sqlite3_vtab_distinct(f->info) >= 2;
  if (!wanted || f->off || f->c->lambda || s->count || s->nfetch == 0) return;
  for (size_t i = 0; i < s->nfetch; i++) {
    if (s->fetch[i] >= f->c->ndata) return; // a sidecar: what is one value may be two texts
    enum rs_type type = f->c->columns[s->fetch[i]].type;
    if (!rs_shippable_distinct(type) || (type == RS_T_FLOAT && !f->all_exact)) return;
    if (s->fetch[i] == f->c->key && f->c->enforced) return;
  }
  for (size_t i = 0; i < s->norder; i++) {
    int column = s->order[i].column;
    if (f->slot[column] < 0 || f->c->columns[column].path ||
        !rs_shippable_plain_order(f->d, f->c->columns[column].type))
      return;
  }
  f->scan.distinct = true;
}

static void fetch_column(struct draft *f, int column, bool used)
{
  f->slot[column] = used ? (int)f->scan.nfetch : -1;
  if (used) f->fetch[f->scan.nfetch++] = column;
}

static void draft_columns(struct draft *f)
{
  for (int i = 0; i < f->c->ndata; i++) {
    bool used = f->info->colUsed & (sqlite3_uint64)1 << (i > 62 ? 63 : i);
    bool odd = f->c->columns[i].odd;
    fetch_column(f, i, used);
    if (f->c->columns[i].side > 0) fetch_column(f, f->c->columns[i].side, used && odd);
    f->sided = f->sided || (used && odd);
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
  if (f->limit < 0) return;
  if (f->off) f->limit_why = "rockset_push_down(0)";
  else if (!sees_all_terms(f)) f->limit_why = "a term of this table is not offered by SQLite";
  else if (f->row_value) f->limit_why = "<= or >= a parameter may be half of a row value";
  else if (!f->all_exact) f->limit_why = "a term is not sent exactly";
  else if (!ordered) f->limit_why = "the order is not sent";
  if (f->limit_why) return;
  f->scan.limit_arg = usage[f->limit].argvIndex = ++arg;
  usage[f->limit].omit = 1;
  if (f->offset < 0) return;
  f->scan.offset_arg = usage[f->offset].argvIndex = ++arg;
  f->scan.skips = rs_sqlite_at_least(RS_LIMIT_MENDED);
  usage[f->offset].omit = f->scan.skips;
}

/* ---- xBestIndex ------------------------------------------------------------------------------ */

static bool draft_alloc(struct draft *f, struct rs_arena *arena)
{
  size_t n = (size_t)f->c->nscan, nterms = (size_t)f->info->nConstraint + 1;
  f->terms = rs_arena_calloc(arena, nterms * sizeof *f->terms);
  f->order = rs_arena_calloc(arena, ((size_t)f->info->nOrderBy + 1) * sizeof *f->order);
  f->fetch = rs_arena_calloc(arena, n * sizeof *f->fetch);
  f->slot = rs_arena_calloc(arena, n * sizeof *f->slot);
  f->term_constraint = rs_arena_calloc(arena, nterms * sizeof *f->term_constraint);
  f->param_constraint = rs_arena_calloc(arena,
                                        ((size_t)f->c->nparams + 1) * sizeof *f->param_constraint);
  f->why = rs_arena_calloc(arena, nterms * sizeof *f->why);
  f->given = rs_arena_calloc(arena, (size_t)f->c->nparams + 1);
  f->scan.terms = f->terms;
  f->scan.order = f->order;
  f->scan.fetch = f->fetch;
  return f->terms && f->order && f->fetch && f->slot && f->term_constraint && f->param_constraint &&
         f->given && f->why;
}

static int best_index(struct draft *f)
{
  for (int p = 0; p < f->c->nparams; p++) f->param_constraint[p] = ABSENT;
  draft_constraints(f);
  if (f->unusable_param) return SQLITE_CONSTRAINT;
  if (f->missing) {
    f->scan.nterms = 0;
    f->scan.nfetch = 0;
    rs_plan_estimate(f);
    return rs_plan_store(f);
  }
  draft_columns(f);
  draft_order(f);
  draft_distinct(f);
  assign_arguments(f);
  rs_plan_estimate(f);
  int rc = rs_plan_store(f);
  return rc == SQLITE_OK ? rs_explain_note(f) : rc;
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
  if (rs_collection_target(c, &f.target, &e) != RS_OK) return rs_collection_error(c, &e);
  f.d = rs_target_info(f.target).dialect;
  if (c->has_paths && !rs_path_possible(f.d)) {
    rs_fail(&e, RS_UNSUPPORTED, "path columns (columns='...') are not built for the dialect %s",
            f.d->name);
    return rs_collection_error(c, &e);
  }
  // a look at a file is cheap; of others xFilter asks, which says what failed, too
  enum rs_code rc_watch = rs_target_info(f.target).file ? rs_sidecar_watch(c, &e) : RS_OK;
  if (rc_watch == RS_NOMEM || rc_watch == RS_CANCELLED) return rs_collection_error(c, &e);
  f.off = !rs_conn_push_down(c->conn);
  f.scan.columns = c->scan_columns;
  f.scan.workspace = rs_collection_workspace(c, f.target);
  f.scan.name = c->relation;
  f.scan.query = c->query;
  rs_arena_init(&arena, 0);
  int rc = draft_alloc(&f, &arena) ? best_index(&f) : SQLITE_NOMEM;
  rs_arena_free(&arena);
  return rc;
}
