/*
** rockset_explain(sql): what the virtual tables of a statement send, without running it.
**
**   SELECT name, sql, exact, rechecked, local FROM rockset_explain('select * from t where a = 1');
**
** A row for each use of a virtual table of the module `rockset`, in the order of the program:
**
**   name, target, engine  the table; where it lies; what answers there
**   sql                   what is sent, ?1 standing for the first value
**   exact                 terms that the engine evaluates and SQLite does not look at again
**   rechecked             terms that are sent so that no row is lost, and checked again, with why
**   local                 terms that are not sent, with why
**   ordering, limited     `sent`, or why not; NULL: none was offered
**   rows, cost            what SQLite got (cost.c)
**
** And one for each table of this database that a text for the target names (sqlite.orders): `sql`
** is what is read of it, `local` whether a copy is used again or why not, rows and cost the rows
** and bytes to be sent. The text is the statement itself, or a constant of it
** (rockset_query('...')).
**
** HOW IT WORKS. EXPLAIN compiles the statement, and every call of xBestIndex meanwhile leaves a
** note here (struct rs_explain on the connection). SQLite tries several plans; which one it took
** stands in the program that EXPLAIN lists: VOpen names the table's address, VFilter idxNum and
** idxStr.
**
** Nothing is sent and nothing is changed. Only statements that read or write rows are taken: SQLite
** runs some PRAGMAs while it compiles them.
*/
#include "plan.h"
#include "ext/base/list.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#include <string.h>

#define LITERAL_MAX 60 /* of a literal's text that is shown */

struct note {
  struct note *next;
  const char *vtab; /* as EXPLAIN writes its address */
  const char *name, *target, *engine, *sql, *exact, *rechecked, *local, *ordering, *limited;
  int number; /* idxNum */
  int usable; /* terms: of two notes of one plan the one with more is the one that counts */
  double rows, cost;
};

struct rs_explain {
  struct rs_arena arena;
  struct note *notes; /* the newest first */
};

/* ---- notes ----------------------------------------------------------------------------------- */

/* The operator and what stands on its right, as far as it is known. */
static void add_right(const struct draft *f, int i, const char *op, struct rs_buf *out)
{
  sqlite3_value *v = NULL;
  rs_buf_printf(out, " %s", op);
  if (strstr(op, "NULL")) return;
  if (sqlite3_vtab_rhs_value(f->info, i, &v) != SQLITE_OK || !v) {
    rs_buf_str(out, strcmp(op, "IN") == 0 ? " (...)" : " ?");
    return;
  }
  const char *text = (const char *)sqlite3_value_text(v);
  if (!text) text = "NULL";
  bool quoted = sqlite3_value_type(v) == SQLITE_TEXT;
  size_t n = strlen(text), shown = n > LITERAL_MAX ? LITERAL_MAX : n;
  while (shown < n && (text[shown] & 0xc0) == 0x80) shown--;
  if (sqlite3_value_type(v) == SQLITE_BLOB) {
    rs_buf_str(out, " x'...'");
    return;
  }
  rs_buf_str(out, quoted ? " '" : " ");
  rs_buf_add(out, text, shown);
  if (shown < n) rs_buf_str(out, "...");
  if (quoted) rs_buf_char(out, '\'');
}

static const char *op_text(const struct draft *f, int i)
{
  static const struct {
    int op;
    const char *text;
  } others[] = {
    {SQLITE_INDEX_CONSTRAINT_EQ, "="},           {SQLITE_INDEX_CONSTRAINT_NE, "<>"},
    {SQLITE_INDEX_CONSTRAINT_LT, "<"},           {SQLITE_INDEX_CONSTRAINT_LE, "<="},
    {SQLITE_INDEX_CONSTRAINT_GT, ">"},           {SQLITE_INDEX_CONSTRAINT_GE, ">="},
    {SQLITE_INDEX_CONSTRAINT_IS, "IS"},          {SQLITE_INDEX_CONSTRAINT_ISNOT, "IS NOT"},
    {SQLITE_INDEX_CONSTRAINT_ISNULL, "IS NULL"}, {SQLITE_INDEX_CONSTRAINT_ISNOTNULL, "IS NOT NULL"},
    {SQLITE_INDEX_CONSTRAINT_LIKE, "LIKE"},      {SQLITE_INDEX_CONSTRAINT_GLOB, "GLOB"},
    {SQLITE_INDEX_CONSTRAINT_REGEXP, "REGEXP"},  {SQLITE_INDEX_CONSTRAINT_MATCH, "MATCH"},
  };
  int op = f->info->aConstraint[i].op;
  if (op == SQLITE_INDEX_CONSTRAINT_EQ && f->info->aConstraint[i].usable &&
      sqlite3_vtab_in(f->info, i, -1))
    return "IN";
  for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
    if (others[k].op == op) return others[k].text;
  }
  return "(function)";
}

static void add_term(const struct draft *f, int i, struct rs_buf *out)
{
  const struct sqlite3_index_constraint *con = &f->info->aConstraint[i];
  const char *collation = con->usable ? sqlite3_vtab_collation(f->info, i) : NULL;
  if (out->n) rs_buf_str(out, "; ");
  rs_buf_str(out, con->iColumn < 0 ? "rowid" : f->c->columns[con->iColumn].local);
  add_right(f, i, op_text(f, i), out);
  if (collation && sqlite3_stricmp(collation, "BINARY") != 0)
    rs_buf_printf(out, " COLLATE %s", collation);
  if (f->why[i]) rs_buf_printf(out, " [%s]", f->why[i]);
}

/* A text of the notes' arena; NULL when it is empty. Clears `ok` when out of memory. */
static const char *take_text(struct rs_arena *a, const struct rs_buf *b, bool *ok)
{
  if (b->rc != RS_OK) *ok = false;
  if (b->rc != RS_OK || b->n == 0) return NULL;
  const char *s = rs_arena_strndup(a, rs_buf_text(b), b->n);
  if (!s) *ok = false;
  return s;
}

static bool is_parameter(const struct draft *f, int i)
{
  return f->info->aConstraint[i].iColumn >= f->c->ndata;
}

static bool note_terms(const struct draft *f, struct rs_arena *a, struct note *n)
{
  struct rs_buf exact, rechecked, local;
  bool ok = true;
  rs_buf_init(&exact, RS_BUF_SQL_MAX);
  rs_buf_init(&rechecked, RS_BUF_SQL_MAX);
  rs_buf_init(&local, RS_BUF_SQL_MAX);
  for (int i = 0; i < f->info->nConstraint; i++) {
    int op = f->info->aConstraint[i].op;
    if (op == SQLITE_INDEX_CONSTRAINT_LIMIT || op == SQLITE_INDEX_CONSTRAINT_OFFSET) continue;
    bool sent = f->info->aConstraintUsage[i].argvIndex > 0;
    n->usable += f->info->aConstraint[i].usable != 0;
    if (is_parameter(f, i) && !sent && !f->why[i]) continue;
    add_term(f, i, !sent ? &local : f->why[i] ? &rechecked : &exact);
  }
  n->exact = take_text(a, &exact, &ok);
  n->rechecked = take_text(a, &rechecked, &ok);
  n->local = take_text(a, &local, &ok);
  rs_buf_free(&exact);
  rs_buf_free(&rechecked);
  rs_buf_free(&local);
  return ok;
}

static const char *sent_or_why(struct rs_arena *a, const char *why, bool *ok)
{
  const char *s = why ? rs_arena_printf(a, "not sent: %s", why) : "sent";
  if (!s) *ok = false;
  return s;
}

int rs_explain_note(const struct draft *f)
{
  struct rs_explain *x = *rs_conn_explain(f->c->conn);
  if (!x) return SQLITE_OK;
  const struct rs_output *o = rs_target_info(f->target).output;
  char address[40];
  struct note *n = rs_arena_calloc(&x->arena, sizeof *n);
  if (!n || !note_terms(f, &x->arena, n)) return SQLITE_NOMEM;
  bool ok = true;
  sqlite3_snprintf(sizeof address, address, "vtab:%p", (void *)&f->c->base);
  n->vtab = rs_arena_strdup(&x->arena, address);
  n->name = rs_arena_strdup(&x->arena, f->c->table);
  n->target = rs_arena_strdup(&x->arena, o->target_name);
  n->engine = rs_arena_strdup(&x->arena, o->type);
  n->sql = rs_arena_strdup(&x->arena, f->info->idxStr);
  n->number = f->info->idxNum;
  if (f->info->nOrderBy > 0) n->ordering = sent_or_why(&x->arena, f->order_why, &ok);
  if (f->limit >= 0) n->limited = sent_or_why(&x->arena, f->limit_why, &ok);
  n->rows = f->rows;
  n->cost = f->cost;
  n->next = x->notes;
  x->notes = n;
  return ok && n->vtab && n->name && n->target && n->engine && n->sql ? SQLITE_OK : SQLITE_NOMEM;
}

/* ---- the program ----------------------------------------------------------------------------- */

static const struct note *find_note(const struct rs_explain *x, const char *vtab, int number,
                                    const char *sql)
{
  const struct note *best = NULL;
  for (const struct note *n = x->notes; n; n = n->next) {
    if (n->number != number || !rs_eq(n->vtab, vtab) || !rs_eq(n->sql, sql)) continue;
    if (!best || n->usable > best->usable) best = n;
  }
  return best;
}

static enum rs_code add_row(struct rs_list *l, const struct note *n, struct rs_error *e)
{
  const char *const texts[] = {n->name,      n->target, n->engine,   n->sql,    n->exact,
                               n->rechecked, n->local,  n->ordering, n->limited};
  const size_t ntexts = sizeof texts / sizeof texts[0];
  struct rs_list_cell *row = rs_list_add(l, texts, ntexts);
  if (!row) return rs_nomem(e);
  rs_list_int(&row[ntexts], (int64_t)n->rows);
  rs_list_int(&row[ntexts + 1], n->cost < 1e18 ? (int64_t)n->cost : INT64_MAX);
  return RS_OK;
}

/* What is known while the program is read: by cursor its table, by register its integer. */
struct program {
  const char **tables;
  int64_t *integers;
  size_t ntables, tables_cap, integers_n, integers_cap;
};

static bool set_table(struct program *p, struct rs_arena *a, size_t cursor, const char *vtab)
{
  while (p->ntables <= cursor) {
    if (!rs_grow(&p->tables, &p->tables_cap, p->ntables + 1, sizeof *p->tables)) return false;
    p->tables[p->ntables++] = NULL;
  }
  p->tables[cursor] = rs_arena_strdup(a, vtab);
  return p->tables[cursor] != NULL;
}

static bool set_integer(struct program *p, size_t reg, int64_t value)
{
  while (p->integers_n <= reg) {
    if (!rs_grow(&p->integers, &p->integers_cap, p->integers_n + 1, sizeof *p->integers))
      return false;
    p->integers[p->integers_n++] = 0;
  }
  p->integers[reg] = value;
  return true;
}

static enum rs_code add_use(void *ctx, const struct rs_local_use *use, struct rs_error *e)
{
  const char *const texts[] = {use->name, use->target, use->engine, use->sql, NULL,
                               NULL,      use->why,    NULL,        NULL};
  const size_t ntexts = sizeof texts / sizeof texts[0];
  struct rs_list_cell *row = rs_list_add(ctx, texts, ntexts);
  if (!row) return rs_nomem(e);
  rs_list_int(&row[ntexts], use->rows);
  rs_list_count(&row[ntexts + 1], use->bytes);
  return RS_OK;
}

static enum rs_code read_op(struct rs_list *l, const struct rs_explain *x, struct program *p,
                            sqlite3_stmt *stmt, struct rs_error *e)
{
  const char *op = (const char *)sqlite3_column_text(stmt, 1);
  const char *p4 = (const char *)sqlite3_column_text(stmt, 5);
  int p1 = sqlite3_column_int(stmt, 2), p2 = sqlite3_column_int(stmt, 3);
  int p3 = sqlite3_column_int(stmt, 4);
  if (!op) return rs_nomem(e);
  if (rs_eq(op, "VOpen") && p1 >= 0 && p4)
    return set_table(p, &l->arena, (size_t)p1, p4) ? RS_OK : rs_nomem(e);
  if (rs_eq(op, "String8") && p4) {
    enum rs_code rc = rs_conn_explain_local(l->c, p4, add_use, l, e);
    return rc == RS_DONE ? RS_OK : rc;
  }
  if (rs_eq(op, "Integer") && p2 >= 0) return set_integer(p, (size_t)p2, p1) ? RS_OK : rs_nomem(e);
  if (!rs_eq(op, "VFilter") || p1 < 0 || (size_t)p1 >= p->ntables || !p->tables[p1] || !p4)
    return RS_OK;
  int64_t number = p3 >= 0 && (size_t)p3 < p->integers_n ? p->integers[p3] : 0;
  const struct note *n = find_note(x, p->tables[p1], (int)number, p4);
  return n ? add_row(l, n, e) : RS_OK;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const char *skip_blank(const char *s)
{
  for (;;) {
    while (*s == ' ' || (*s >= '\t' && *s <= '\r')) s++;
    if (s[0] == '-' && s[1] == '-') s += strcspn(s, "\n");
    else if (s[0] == '/' && s[1] == '*' && strstr(s + 2, "*/")) s = strstr(s + 2, "*/") + 2;
    else return s;
  }
}

static bool is_about_rows(const char *sql)
{
  static const char *const words[] = {"select", "with",   "values", "insert",
                                      "update", "delete", "replace"};
  const char *s = skip_blank(sql);
  size_t n = 0;
  while ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z')) n++;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (strlen(words[i]) == n && rs_casecmpn(words[i], s, n) == 0) return true;
  }
  return false;
}

static enum rs_code compile_statement(struct rs_list *l, const char *sql, sqlite3_stmt **stmt,
                                      struct rs_error *e)
{
  const char *tail = NULL;
  char *text = sqlite3_mprintf("EXPLAIN %s", sql);
  if (!text) return rs_nomem(e);
  int rc = sqlite3_prepare_v2(rs_conn_db(l->c), text, -1, stmt, &tail);
  enum rs_code code = rc == SQLITE_OK ? RS_OK : rs_sqlite_error(l->c, "rockset_explain", e);
  if (code == RS_OK && tail && *skip_blank(tail))
    code = rs_fail(e, RS_INVALID, "rockset_explain: one statement is expected");
  sqlite3_free(text);
  return code;
}

static enum rs_code fill_explain(struct rs_list *l, struct rs_error *e)
{
  struct rs_explain x = {.notes = NULL}, **slot = rs_conn_explain(l->c), *outer = *slot;
  struct program p = {0};
  sqlite3_stmt *stmt = NULL;
  const char *sql = l->args[0];
  if (!sql || !is_about_rows(sql))
    return rs_fail(e, RS_INVALID,
                   "rockset_explain: the text of a SELECT, INSERT, UPDATE or DELETE is expected");
  enum rs_code rc = rs_conn_explain_local(l->c, sql, add_use, l, e);
  if (rc != RS_DONE) return rc;
  rs_arena_init(&x.arena, 0);
  *slot = &x;
  rc = compile_statement(l, sql, &stmt, e);
  *slot = outer;
  while (rc == RS_OK) {
    int step = sqlite3_step(stmt);
    if (step == SQLITE_DONE) break;
    rc = step == SQLITE_ROW ? read_op(l, &x, &p, stmt, e)
                            : rs_sqlite_error(l->c, "rockset_explain", e);
  }
  sqlite3_finalize(stmt);
  rs_free(p.tables);
  rs_free(p.integers);
  rs_arena_free(&x.arena);
  return rc;
}

int rs_explain_register(struct rs_conn *c)
{
  static const struct rs_list_table table = {
    "rockset_explain",
    "name TEXT, target TEXT, engine TEXT, sql TEXT, exact TEXT, rechecked TEXT, local TEXT, "
    "ordering TEXT, limited TEXT, rows INTEGER, cost INTEGER",
    11,
    "statement HIDDEN",
    0,
    false,
    fill_explain,
    NULL};
  return rs_list_register(c, &table, 1);
}
