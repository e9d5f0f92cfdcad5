/*
** Ingest transformations over documents (transform.h): `_input` becomes a query over the documents
** as they came (rs_session_input), and each row of the result a document in the wire form, in which
** every value keeps its type.
*/
#include "transform.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/callable_session.h"
#include "src/json/json.h"
#include "src/rsql/ingest/ingest.h"
#include "internal.h"

enum { TOGETHER_MAX = 2000 }; /* documents */

/* One query. */
struct pass {
  struct rs_run run;
  struct rs_doc_rows input;
  struct rs_rsql_pos pos;
  bool checks;           /* may who asks call what the text calls? */
  bool open;             /* what the documents have is not known: only names are looked at */
  const char *id, *time; /* columns of the result with the document's own */
  bool rollup;           /* its rows are of several documents */
  const struct rs_rollup_item *items;
  size_t nitems;
};

/* ---- the statement --------------------------------------------------------------------------- */

static enum rs_code fail(struct pass *x, enum rs_code rc)
{
  x->run.problem.line = x->pos.line;
  x->run.problem.column = x->pos.column;
  return rs_run_failed(&x->run, rc);
}

static enum rs_code name_relation(void *ctx, struct rs_rsql_relation *rel, bool write,
                                  struct rs_error *e)
{
  struct pass *x = ctx;
  (void)write;
  if (rs_casecmp(rel->name, RS_RSQL_INPUT) != 0 || !rs_eq(rel->workspace, "commons"))
    return rs_fail(e, RS_INVALID,
                   "an ingest transformation reads _input alone, not '%s.%s': join collections in "
                   "queries, or in a view",
                   rel->workspace, rel->name);
  if (x->open) return RS_OK;
  rel->columns = &x->input.columns;
  rel->sql = x->input.sql;
  return RS_OK;
}

static enum rs_code parse(struct pass *x, const char *sql)
{
  struct rs_run *r = &x->run;
  enum rs_code rc = rs_rsql_parse(sql, strlen(sql), &r->arena, &r->stmt, &x->pos, &r->problem.e);
  if (rc != RS_OK) return fail(x, rc);
  r->kind = rs_rsql_kind(r->stmt);
  rc = rs_rsql_ingest_check(r->stmt, &x->pos, &r->problem.e);
  x->rollup = rc == RS_OK && rs_rsql_ingest_is_rollup(r->stmt);
  if (x->rollup) rc = rs_rsql_ingest_rollup(r->stmt, &x->items, &x->nitems, &r->problem.e);
  return rc == RS_OK ? rc : fail(x, rc);
}

/* The document's number, and what it keeps where the transformation gives none. */
static enum rs_code add_columns(struct pass *x)
{
  struct rs_run *r = &x->run;
  const char *number = x->input.number;
  x->id = rs_arena_printf(&r->arena, "%s~id", number);
  x->time = rs_arena_printf(&r->arena, "%s~time", number);
  if (x->id == NULL || x->time == NULL) return rs_nomem(&r->problem.e);
  enum rs_code rc = rs_rsql_ingest_add(r->stmt, number, number, &r->problem.e);
  if (rc == RS_OK) rc = rs_rsql_ingest_add(r->stmt, "_id", x->id, &r->problem.e);
  if (rc == RS_OK) rc = rs_rsql_ingest_add(r->stmt, "_event_time", x->time, &r->problem.e);
  const char *none = rs_arena_printf(&r->arena, "%s~none", number);
  if (rc == RS_OK && none == NULL) rc = rs_nomem(&r->problem.e);
  if (rc == RS_OK) rc = rs_rsql_ingest_no_objects(r->stmt, &x->input.columns, none, &r->problem.e);
  return rc;
}

/* The engine's text, in *text (rs_free), of a statement that is parsed. */
static enum rs_code translate(struct pass *x, char **text)
{
  struct rs_run *r = &x->run;
  struct rs_buf b;
  struct rs_rsql_output out;
  struct rs_sqltext one;
  const struct rs_rsql_env env = {.relation = name_relation, .ctx = x, .sides = true};
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  *text = NULL;
  enum rs_code rc = rs_rsql_resolve(r->stmt, &env, &x->pos, &r->problem.e);
  if (rc == RS_OK) rc = rs_rsql_ingest_check_once(r->stmt, &x->pos, &r->problem.e);
  if (rc == RS_OK)
    rc = rs_rsql_emit(r->stmt, rs_target_info(r->backend->target).dialect, true, &b, &out, &x->pos,
                      &r->problem.e);
  if (rc == RS_OK) rc = rs_buf_error(&b, &r->problem.e, "ingest transformation");
  if (rc == RS_OK && !x->open && x->checks)
    rc = rs_run_check_functions(r, rs_buf_text(&b), b.n, &r->problem.e);
  if (rc == RS_OK && !x->open)
    rc = rs_callable_take(r->s, rs_buf_text(&b), b.n, false, "ingest transformation", &one, text,
                          &r->problem.e);
  rs_buf_free(&b);
  return rc == RS_OK ? rc : fail(x, rc);
}

/* who: NULL of a transformation that was checked when somebody made it. */
static void open_pass(struct pass *x, struct rs_backend *v, struct rs_session *s,
                      const struct rs_identity *who, struct rs_watch *watch)
{
  static const struct rs_identity nobody = {.rights = NULL};
  memset(x, 0, sizeof *x);
  x->checks = who != NULL;
  rs_run_init(&x->run, v, s, watch, who != NULL ? who : &nobody);
}

static void close_pass(struct pass *x)
{
  rs_run_close(&x->run);
  rs_columns_free(&x->input.columns);
}

static enum rs_code input(struct pass *x, struct rs_document *docs, size_t n)
{
  struct rs_run *r = &x->run;
  enum rs_code rc = rs_session_input(r->s, docs, n, &r->arena, &x->input, &r->problem.e);
  if (rc == RS_OK && !x->rollup) rc = add_columns(x);
  return rc == RS_OK ? rc : fail(x, rc);
}

static enum rs_code query(struct pass *x)
{
  struct rs_run *r = &x->run;
  char *text;
  enum rs_code rc = translate(x, &text);
  if (rc != RS_OK) return rc;
  const struct rs_statement st = {.sql = text, .params = &x->input.param, .nparams = 1};
  rc = rs_session_query(r->s, &st, &r->rows, &r->problem.e);
  rs_free(text);
  return rc == RS_OK ? rc : fail(x, rc);
}

/* ---- a text that somebody has written -------------------------------------------------------- */

/* Names and structure, whatever fields the documents may have. */
static enum rs_code check_text(struct pass *x, const char *sql, bool *has_star)
{
  char *text;
  x->open = true;
  enum rs_code rc = parse(x, sql);
  if (rc == RS_OK) rc = translate(x, &text);
  *has_star = rc == RS_OK && rs_rsql_ingest_has_star(x->run.stmt);
  return rc;
}

/* Would the target run it, were there no document? */
static enum rs_code check_target(struct pass *x, const char *sql, bool has_star)
{
  enum rs_code rc = parse(x, sql);
  if (rc == RS_OK) rc = input(x, NULL, 0);
  if (rc == RS_OK) rc = query(x);
  // the star of an object, whose fields only a document can tell
  if (rc == RS_UNSUPPORTED && has_star && x->input.number != NULL) return RS_OK;
  return rc;
}

enum rs_code rs_transform_check(struct rs_backend *v, struct rs_session *s,
                                const struct rs_identity *who, struct rs_watch *watch,
                                const char *sql, struct rs_problem *p)
{
  struct pass x;
  bool has_star;
  open_pass(&x, v, s, who, watch);
  enum rs_code rc = check_text(&x, sql, &has_star);
  *p = x.run.problem;
  close_pass(&x);
  if (rc != RS_OK) return rc;
  open_pass(&x, v, s, who, watch);
  rc = check_target(&x, sql, has_star);
  *p = x.run.problem;
  close_pass(&x);
  return rc;
}

/* ---- documents ------------------------------------------------------------------------------- */

static bool is_null(struct rs_rows *rows, int column)
{
  struct rs_value v = {.kind = RS_NULL};
  if (column >= 0) rs_rows_get(rows, (size_t)column, &v);
  return v.kind == RS_NULL;
}

/* The row's document gets `name` from the column `own`, unless it has one. */
static void keep_own(struct rs_buf *b, struct rs_rows *rows, const char *name, const char *own,
                     enum rs_type type)
{
  const struct rs_columns *columns = rs_rows_columns(rows);
  const int given = rs_columns_find(columns, name), at = rs_columns_find(columns, own);
  struct rs_value v;
  if (!is_null(rows, given) || is_null(rows, at)) return;
  if (b->n > 0) b->n--; // the closing bracket
  rs_buf_printf(b, "%s\"%s\":", b->n > 1 ? "," : "", name);
  rs_rows_get(rows, (size_t)at, &v);
  rs_writer_value(b, type, &v);
  rs_buf_char(b, '}');
}

static enum rs_code take_row(struct rs_transform *t, struct pass *x, const size_t *idx, size_t n)
{
  struct rs_run *r = &x->run;
  struct rs_buf b;
  struct rs_value number = {.kind = RS_NULL};
  const int at = rs_columns_find(rs_rows_columns(r->rows), x->input.number);
  if (at >= 0) rs_rows_get(r->rows, (size_t)at, &number);
  if (x->rollup) number = (struct rs_value){.kind = RS_INT};
  if (number.kind != RS_INT || number.i < 0 || (uint64_t)number.i >= n)
    return rs_fail(&r->problem.e, RS_INTERNAL, "ingest transformation: a row of no document");
  rs_buf_init(&b, (size_t)1 << 30);
  rs_writer_row(r->writer, r->rows, &b);
  if (!x->rollup) {
    keep_own(&b, r->rows, "_id", x->id, RS_T_TEXT);
    keep_own(&b, r->rows, "_event_time", x->time, RS_WIRE_TIMESTAMP);
  }
  struct rs_transformed out = {.n = b.n, .from = idx[number.i]};
  enum rs_code rc = rs_arena_take_buf(t->a, &b, "document", &out.json, &r->problem.e);
  if (rc == RS_OK && !rs_grow(&t->v, &t->cap, t->n + 1, sizeof t->v[0]))
    rc = rs_nomem(&r->problem.e);
  if (rc == RS_OK) t->v[t->n++] = out;
  return rc;
}

static enum rs_code take_rows(struct rs_transform *t, struct pass *x, const size_t *idx, size_t n)
{
  struct rs_run *r = &x->run;
  enum rs_code rc = RS_OK;
  r->writer = rs_writer_new_documents(rs_rows_columns(r->rows), r->stmt, x->input.number);
  if (r->writer == NULL) rc = rs_nomem(&r->problem.e);
  while (rc == RS_OK && (rc = rs_rows_next(r->rows, &r->problem.e)) == RS_OK)
    rc = take_row(t, x, idx, n);
  return rc == RS_DONE ? RS_OK : fail(x, rc);
}

/* May a document be the reason? */
static bool is_about_data(enum rs_code rc)
{
  switch (rc) {
    case RS_INVALID:
    case RS_REMOTE:
    case RS_NOT_FOUND:
    case RS_UNSUPPORTED:
    case RS_CONSTRAINT:
    case RS_LIMIT: return true;
    default: return false;
  }
}

static enum rs_code refuse(struct rs_transform *t, struct rs_document *doc,
                           const struct rs_problem *p, struct rs_error *e)
{
  doc->status = RS_WRITTEN_ERROR;
  doc->error = rs_arena_printf(t->a, "ingest transformation: %s", p->e.text);
  return doc->error != NULL ? RS_OK : rs_nomem(e);
}

/* What the rows of a rollup are made of, for who adds them up. */
static enum rs_code keep_items(struct rs_transform *t, const struct pass *x, struct rs_error *e)
{
  if (!x->rollup || t->items != NULL) return RS_OK;
  struct rs_rollup_item *v = rs_arena_alloc(t->a, (x->nitems + 1) * sizeof *v);
  for (size_t i = 0; i < x->nitems && v != NULL; i++) {
    v[i] = x->items[i];
    if (!rs_arena_keep(t->a, &v[i].name)) return rs_nomem(e);
  }
  t->items = v;
  t->nitems = x->nitems;
  return v != NULL ? RS_OK : rs_nomem(e);
}

/* The documents idx[], n > 0, or of these the ones whose types agree with the first one's: they
** come to the front, *taken. */
static enum rs_code run_part(struct rs_transform *t, struct rs_document *docs, size_t *idx,
                             size_t n, size_t *taken, struct rs_problem *p)
{
  struct pass x;
  const size_t before = t->n;
  struct rs_arena *a = &x.run.arena;
  open_pass(&x, t->backend, t->s, NULL, t->watch);
  size_t *left = rs_arena_alloc(a, n * sizeof *left), nleft = 0;
  struct rs_document *part = rs_arena_alloc(a, n * sizeof *part);
  enum rs_code rc = left != NULL && part != NULL ? RS_OK : fail(&x, rs_nomem(&x.run.problem.e));
  for (size_t i = 0; i < n && rc == RS_OK; i++) part[i] = docs[idx[i]];
  if (rc == RS_OK) rc = parse(&x, t->sql);
  if (rc == RS_OK) rc = input(&x, part, n);
  if (rc == RS_OK) rc = query(&x);
  if (rc == RS_OK) rc = keep_items(t, &x, &x.run.problem.e);
  if (rc == RS_OK) rc = take_rows(t, &x, idx, n);
  if (rc != RS_OK) t->n = before;
  *p = x.run.problem;
  *taken = 0;
  for (size_t i = 0; i < n && part != NULL && left != NULL; i++) {
    if (x.input.left != NULL && x.input.left[i]) {
      left[nleft++] = idx[i];
      continue;
    }
    // their texts are the pass's
    if (!rs_arena_keep(t->a, &part[i].id) || !rs_arena_keep(t->a, &part[i].error))
      rc = rs_nomem(&p->e);
    docs[idx[i]] = part[i];
    idx[(*taken)++] = idx[i];
  }
  if (nleft > 0) memcpy(idx + *taken, left, nleft * sizeof *left);
  close_pass(&x);
  return rc;
}

/* Those that agree are run in halves when one of them breaks it. */
static enum rs_code run_parts(struct rs_transform *t, struct rs_document *docs, size_t *idx,
                              size_t n, struct rs_error *e)
{
  struct rs_problem p;
  size_t taken;
  for (; n > 0; idx += taken, n -= taken) {
    enum rs_code rc = run_part(t, docs, idx, n, &taken, &p);
    if (rc != RS_OK && (!is_about_data(rc) || taken == 0)) {
      *e = p.e;
      return rc;
    }
    const size_t half = taken / 2;
    if (rc == RS_OK) continue;
    if (taken == 1) rc = refuse(t, &docs[idx[0]], &p, e);
    else rc = run_parts(t, docs, idx, half, e);
    if (rc == RS_OK && taken > 1) rc = run_parts(t, docs, idx + half, taken - half, e);
    if (rc != RS_OK) return rc;
  }
  return RS_OK;
}

enum rs_code rs_transform_run(struct rs_transform *x, struct rs_document *docs, size_t n,
                              struct rs_error *e)
{
  size_t *idx = rs_arena_alloc(x->a, (n + 1) * sizeof *idx);
  enum rs_code rc = idx != NULL ? RS_OK : rs_nomem(e);
  for (size_t i = 0; i < n && rc == RS_OK; i++) idx[i] = i;
  // each part is read as often as it has documents that don't agree
  for (size_t i = 0; i < n && rc == RS_OK; i += TOGETHER_MAX)
    rc = run_parts(x, docs, idx + i, n - i < TOGETHER_MAX ? n - i : TOGETHER_MAX, e);
  return rc;
}

bool rs_transform_is_rollup(const char *sql, struct rs_arena *a)
{
  struct rs_rsql_stmt *stmt;
  return sql != NULL && rs_rsql_parse(sql, strlen(sql), a, &stmt, NULL, NULL) == RS_OK &&
         rs_rsql_ingest_check(stmt, NULL, NULL) == RS_OK && rs_rsql_ingest_is_rollup(stmt);
}
