/*
** Seeds: CSV text into a table (build.h), with the types that dbt finds: the first of integer,
** number, date, datetime, boolean, text that all values of a column are; '' and null are NULL.
** config column_types names others, as the engine calls them.
**
** Where the engine takes rows as they are they go into a temporary table first, else into a
** collection of their own; then the seed's table is replaced by a query over that, so that readers
** see the old rows or the new ones.
*/
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/engine/changes.h"
#include "src/sql/relname.h"
#include "src/engine/callable_session.h"
#include "src/value/timetext.h"
#include "src/value/text.h"
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/project/files/files.h"
#include "internal.h"

#define SEED_MEMORY_MAX ((size_t)1 << 30)

enum kind { KIND_INT, KIND_NUMBER, KIND_DATE, KIND_DATETIME, KIND_BOOL, KIND_TEXT, KINDS };

struct seed {
  struct rs_session *s;
  const struct rs_project *p;
  const struct rs_node *node;
  struct rs_arena arena;
  const char **names;
  enum kind *kinds;
  const char **types; /* SQL; NULL: as it is */
  enum rs_type *input_types;
  size_t ncols;
  bool documents;            /* Rockset's dialect: it becomes a collection, as with dbt-rockset */
  struct rs_csv_cell **rows; /* each of ncols; p NULL: the line had fewer cells */
  size_t nrows, cap;
  struct rs_value *row; /* of the input */
  size_t at;
};

/* ---- values --------------------------------------------------------------------------------- */

static struct rs_csv_cell strip(struct rs_csv_cell c)
{
  while (c.n > 0 && isspace((unsigned char)*c.p)) c.p++, c.n--;
  while (c.n > 0 && isspace((unsigned char)c.p[c.n - 1])) c.n--;
  return c;
}

static bool is_null(struct rs_csv_cell c)
{
  if (c.p == NULL) return true;
  c = strip(c);
  return c.n == 0 || (c.n == 4 && rs_casecmpn(c.p, "null", 4) == 0);
}

/* agate's number: a percent sign, a currency sign and grouping commas are looked over. text gets
** what is left (NUL-terminated); false when it is none. */
static bool number_text(struct rs_csv_cell c, char text[64], bool *is_int)
{
  static const char *const currency[] = {"$", "\xC2\xA3", "\xE2\x82\xAC", "\xC2\xA5"};
  c = strip(c);
  while (c.n > 0 && *c.p == '%') c.p++, c.n--;
  while (c.n > 0 && c.p[c.n - 1] == '%') c.n--;
  size_t n = 0, digits = 0;
  bool minus = c.n > 0 && *c.p == '-';
  if (minus) c.p++, c.n--;
  for (size_t i = 0; i < sizeof currency / sizeof *currency; i++) {
    size_t len = strlen(currency[i]);
    while (c.n >= len && memcmp(c.p, currency[i], len) == 0) c.p += len, c.n -= len;
    while (c.n >= len && memcmp(c.p + c.n - len, currency[i], len) == 0) c.n -= len;
  }
  c = strip(c); // a second sign may stand behind the currency's
  if (c.n > 0 && *c.p == '-') minus = !minus, c.p++, c.n--;
  else if (c.n > 0 && *c.p == '+') c.p++, c.n--;
  if (minus) text[n++] = '-';
  bool point = false, exponent = false;
  *is_int = true;
  for (size_t i = 0; i < c.n; i++) {
    char ch = c.p[i];
    if (ch == ',' || ch == '_') continue;
    if (n > 60) return false;
    bool sign = (ch == '+' || ch == '-') && i > 0 && (c.p[i - 1] == 'e' || c.p[i - 1] == 'E');
    if (isdigit((unsigned char)ch)) digits++;
    else if (ch == '.' && !point && !exponent) point = true;
    else if ((ch == 'e' || ch == 'E') && digits > 0 && !exponent) exponent = true;
    else if (!sign) return false;
    text[n++] = ch;
  }
  text[n] = 0;
  if (digits == 0 || strchr("eE+-", text[n - 1]) != NULL) return false;
  if (point || exponent) {
    double v = strtod(text, NULL);
    *is_int = v >= -9e15 && v <= 9e15 && v == (double)(int64_t)v; // 1.0 is one
  }
  return true;
}

static bool take_date(struct rs_timetext_cursor *c, char out[11])
{
  struct rs_timetext_date d;
  if (!rs_timetext_date(c, &d) || d.year_digits < 4 || d.separator != '-' || d.date.year < 1)
    return false;
  char text[RS_VALUE_TEXT_MAX];
  (void)rs_text_date(rs_date_days(d.date.year, d.date.month, d.date.day), text);
  memcpy(out, text, 10);
  out[10] = 0;
  return true;
}

static bool date_text(struct rs_csv_cell c, char out[11])
{
  c = strip(c);
  struct rs_timetext_cursor at = {c.p, c.p + c.n};
  return take_date(&at, out) && at.p == at.end;
}

/* '2026-11-21 8:15:30' or ISO 8601 with T, a fraction, a zone; out as the engines read it. */
static bool datetime_text(struct rs_csv_cell cell, char out[64])
{
  struct rs_timetext_clock t;
  cell = strip(cell);
  struct rs_timetext_cursor c = {cell.p, cell.p + cell.n};
  if (!take_date(&c, out)) return false;
  bool iso = c.p < c.end && *c.p == 'T';
  if (!rs_timetext_char(&c, " T") || !rs_timetext_clock(&c, &t)) return false;
  if (iso ? t.parts == 1 || t.narrow : t.parts < 3) return false;
  size_t n = 10 + (size_t)snprintf(out + 10, 40, " %02d:%02d:%02d", t.hour % 100, t.minute % 100,
                                   t.second % 100);
  if (!iso) return t.digits == 0 && c.p == c.end;
  if (t.digits > 0) {
    int kept = t.digits > 6 ? 6 : t.digits;
    n += (size_t)snprintf(out + n, 10, ".%.*s", kept, c.p - t.digits);
  }
  if (c.p == c.end || (c.end - c.p == 1 && *c.p == 'Z')) return true;
  int zh, zm = 0;
  char sign = *c.p;
  if (!rs_timetext_char(&c, "+-") || !rs_timetext_digits(&c, 2, 2, 14, &zh)) return false;
  (void)rs_timetext_char(&c, ":");
  if (c.p < c.end && !rs_timetext_digits(&c, 2, 2, 59, &zm)) return false;
  snprintf(out + n, 10, "%c%02d:%02d", sign, zh % 100, zm % 100);
  return c.p == c.end;
}

static bool bool_text(struct rs_csv_cell c, bool *v)
{
  c = strip(c);
  *v = c.n == 4 && rs_casecmpn(c.p, "true", 4) == 0;
  return *v || (c.n == 5 && rs_casecmpn(c.p, "false", 5) == 0);
}

static bool is_kind(struct rs_csv_cell c, enum kind kind)
{
  char text[64];
  bool flag;
  switch (kind) {
    case KIND_INT: {
      if (!number_text(c, text, &flag) || !flag) return false;
      errno = 0; // one with a point is small enough
      (void)strtoll(text, NULL, 10);
      return errno == 0;
    }
    case KIND_NUMBER: return number_text(c, text, &flag);
    case KIND_DATE: return date_text(c, text);
    case KIND_DATETIME: return datetime_text(c, text);
    case KIND_BOOL: return bool_text(c, &flag);
    default: return true;
  }
}

/* The cell as the column's kind, which it is. Texts lie in the arena. */
static enum rs_code to_value(struct seed *d, struct rs_csv_cell c, enum kind kind,
                             struct rs_value *out, struct rs_error *e)
{
  char text[64];
  bool flag;
  *out = (struct rs_value){.kind = RS_NULL};
  if (is_null(c)) return RS_OK;
  switch (kind) {
    case KIND_INT:
      number_text(c, text, &flag);
      out->kind = RS_INT;
      out->i = strpbrk(text, ".eE") != NULL ? (int64_t)strtod(text, NULL) : strtoll(text, NULL, 10);
      return RS_OK;
    case KIND_NUMBER:
      number_text(c, text, &flag);
      out->kind = RS_FLOAT;
      out->f = strtod(text, NULL);
      return RS_OK;
    case KIND_BOOL:
      bool_text(c, &flag);
      out->kind = RS_BOOL;
      out->i = flag;
      return RS_OK;
    case KIND_DATE: date_text(c, text); break;
    case KIND_DATETIME: datetime_text(c, text); break;
    default: *out = (struct rs_value){.kind = RS_TEXT, .s = {c.p, c.n}}; return RS_OK;
  }
  const char *copy = rs_arena_strdup(&d->arena, text);
  if (copy == NULL) return rs_nomem(e);
  *out = (struct rs_value){.kind = RS_TEXT, .s = {copy, strlen(copy)}};
  return RS_OK;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Names as agate gives them: an empty one is its letter, a repeated one gets a number. */
static enum rs_code read_header(struct seed *d, struct rs_csv *csv, struct rs_error *e)
{
  struct rs_csv_cell *cells;
  enum rs_code rc = rs_csv_next(csv, &cells, &d->ncols, e);
  if (rc == RS_DONE) return rs_fail(e, RS_INVALID, "the CSV has no header line");
  if (rc != RS_OK) return rc;
  d->names = rs_arena_calloc(&d->arena, (d->ncols + 1) * sizeof *d->names);
  d->kinds = rs_arena_calloc(&d->arena, (d->ncols + 1) * sizeof *d->kinds);
  d->types = rs_arena_calloc(&d->arena, (d->ncols + 1) * sizeof *d->types);
  d->input_types = rs_arena_calloc(&d->arena, (d->ncols + 1) * sizeof *d->input_types);
  d->row = rs_arena_calloc(&d->arena, (d->ncols + 1) * sizeof *d->row);
  if (d->names == NULL || d->kinds == NULL || d->types == NULL || d->input_types == NULL ||
      d->row == NULL)
    return rs_nomem(e);
  for (size_t i = 0; i < d->ncols; i++) {
    const char *name = cells[i].n > 0 ? rs_arena_strndup(&d->arena, cells[i].p, cells[i].n)
                       : i < 26       ? rs_arena_printf(&d->arena, "%c", (char)('a' + i))
                                      : rs_arena_printf(&d->arena, "column_%zu", i + 1);
    const char *own = name;
    for (size_t k = 0, again = 2; name != NULL && k < i; k++) {
      if (!rs_eq(d->names[k], name)) continue;
      name = rs_arena_printf(&d->arena, "%s_%zu", own, again++);
      k = (size_t)-1;
    }
    if (name == NULL) return rs_nomem(e);
    d->names[i] = name;
  }
  return RS_OK;
}

static enum rs_code read_rows(struct seed *d, struct rs_csv *csv, struct rs_error *e)
{
  struct rs_csv_cell *cells;
  size_t n;
  for (;;) {
    int line = csv->line;
    enum rs_code rc = rs_csv_next(csv, &cells, &n, e);
    if (rc != RS_OK) return rc == RS_DONE ? RS_OK : rc;
    if (n > d->ncols)
      return rs_fail(e, RS_INVALID, "line %d has %zu values, but there are %zu columns", line, n,
                     d->ncols);
    if (n < d->ncols) {
      struct rs_csv_cell *all = rs_arena_calloc(&d->arena, d->ncols * sizeof *all);
      if (all == NULL) return rs_nomem(e);
      memcpy(all, cells, n * sizeof *cells);
      cells = all;
    }
    if (!rs_grow(&d->rows, &d->cap, d->nrows + 1, sizeof(struct rs_csv_cell *))) return rs_nomem(e);
    d->rows[d->nrows++] = cells;
  }
}

/* ---- types ---------------------------------------------------------------------------------- */

static void find_kinds(struct seed *d)
{
  bool could[KINDS];
  for (size_t i = 0; i < d->ncols; i++) {
    if (d->types[i] != NULL) { // dbt reads columns with a given type as text
      d->kinds[i] = KIND_TEXT;
      continue;
    }
    for (size_t k = 0; k < KINDS; k++) could[k] = true;
    for (size_t r = 0; r < d->nrows; r++)
      for (size_t k = 0; k < KIND_TEXT && !is_null(d->rows[r][i]); k++)
        could[k] = could[k] && is_kind(d->rows[r][i], (enum kind)k);
    size_t best = 0;
    while (!could[best]) best++;
    d->kinds[i] = (enum kind)best;
  }
}

/* What an engine with types calls the kinds: dbt's names, but an integer has room for all. */
static void name_types(struct seed *d)
{
  const struct rs_target *target = rs_session_target(d->s);
  const struct rs_dialect *dialect = rs_target_info(target).dialect;
  bool by_dialect = (rs_session_caps(d->s) & RS_CAP_TABLES) != 0 || dialect->any_values;
  static const char *const names[KINDS] = {"integer",   "float8",  "date",
                                           "timestamp", "boolean", "text"};
  static const enum rs_type own[KINDS] = {RS_T_OTHER,     RS_T_FLOAT, RS_T_DATE,
                                          RS_T_TIMESTAMP, RS_T_BOOL,  RS_T_TEXT};
  static const enum rs_type of_kind[KINDS] = {RS_T_INT,  RS_T_FLOAT, RS_T_TEXT,
                                              RS_T_TEXT, RS_T_BOOL,  RS_T_TEXT};
  for (size_t i = 0; i < d->ncols; i++) {
    d->input_types[i] = of_kind[d->kinds[i]];
    if (d->types[i] != NULL) continue;
    if (d->documents && (d->kinds[i] == KIND_DATE || d->kinds[i] == KIND_DATETIME))
      d->kinds[i] = KIND_TEXT; // as JSON has them
    d->types[i] = names[d->kinds[i]];
    if (by_dialect && d->kinds[i] != KIND_INT) d->types[i] = dialect->type_names[own[d->kinds[i]]];
    struct rs_value v;
    for (size_t r = 0; d->kinds[i] == KIND_INT && r < d->nrows; r++)
      if (to_value(d, d->rows[r][i], KIND_INT, &v, NULL) == RS_OK && v.kind == RS_INT &&
          (v.i > INT32_MAX || v.i < INT32_MIN))
        d->types[i] = "bigint";
  }
}

/* column_types: {column: type}. A folder's names columns that some of its seeds don't have. */
static enum rs_code given_types(struct seed *d, const struct rs_json *config, struct rs_error *e)
{
  struct rs_json *types = rs_json_get(config, "column_types");
  if (types == NULL || types->kind == RS_J_NULL) return RS_OK;
  if (types->kind != RS_J_OBJECT)
    return rs_fail(e, RS_INVALID, "config 'column_types' must be an object: {\"id\": \"bigint\"}");
  for (const struct rs_json *t = types->first; t != NULL; t = t->next) {
    size_t i = 0;
    while (i < d->ncols && !rs_eqn(d->names[i], t->key, t->nkey)) i++;
    if (t->kind != RS_J_STRING)
      return rs_fail(e, RS_INVALID, "config 'column_types': the type of %.*s must be a text",
                     (int)t->nkey, t->key);
    if (i == d->ncols) continue;
    d->types[i] = rs_arena_strndup(&d->arena, t->p, t->n);
    if (d->types[i] == NULL) return rs_nomem(e);
  }
  return RS_OK;
}

static enum rs_code read_delimiter(struct seed *d, const struct rs_json *config, char *out,
                                   struct rs_error *e)
{
  const char *text;
  *out = ',';
  if (!rs_json_text(config, "delimiter", &d->arena, &text)) return rs_nomem(e);
  if (text == NULL) return RS_OK;
  if (text[0] == 0 || text[1] != 0)
    return rs_fail(e, RS_INVALID, "config 'delimiter' must be one character, not '%s'", text);
  *out = text[0];
  return RS_OK;
}

/* ---- sending -------------------------------------------------------------------------------- */

static enum rs_code fill_row(struct seed *d, size_t r, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < d->ncols; i++)
    rc = to_value(d, d->rows[r][i], d->kinds[i], &d->row[i], e);
  return rc;
}

static enum rs_code next_input(void *ctx, const struct rs_value **row, struct rs_error *e)
{
  struct seed *d = ctx;
  if (d->at == d->nrows) return RS_DONE;
  *row = d->row;
  return fill_row(d, d->at++, e);
}

static void rewind_changes(void *ctx)
{
  ((struct seed *)ctx)->at = 0;
}

static enum rs_code next_change(void *ctx, struct rs_change *out, struct rs_error *e)
{
  const struct rs_value *row;
  enum rs_code rc = next_input(ctx, &row, e);
  if (rc == RS_OK) *out = (struct rs_change){.kind = RS_CHANGE_ADD, .row = row};
  return rc;
}

static void write_name(struct seed *d, const struct rs_relation *stage, struct rs_buf *sql)
{
  rs_relation_sql(rs_target_info(rs_session_target(d->s)).dialect, sql, stage);
}

/* select cast(...) ... from the stage */
static void write_query(struct seed *d, const struct rs_relation *stage, bool typed,
                        struct rs_buf *sql)
{
  const struct rs_dialect *dialect = rs_target_info(rs_session_target(d->s)).dialect;
  rs_buf_str(sql, "select ");
  for (size_t i = 0; i < d->ncols; i++) {
    if (i > 0) rs_buf_str(sql, ", ");
    if (typed) rs_buf_str(sql, "cast(");
    rs_dialect_ident(dialect, sql, d->names[i]);
    if (typed) rs_buf_printf(sql, " as %s) as ", d->types[i]);
    if (typed) rs_dialect_ident(dialect, sql, d->names[i]);
  }
  rs_buf_str(sql, " from ");
  write_name(d, stage, sql);
}

static enum rs_code replace(struct seed *d, const struct rs_relation *stage, bool typed,
                            int64_t *rows, struct rs_error *e)
{
  struct rs_relation rel = rs_node_relation(d->p, d->node);
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  struct rs_sqltext one;
  write_query(d, stage, typed, &sql);
  enum rs_code rc = rs_buf_error(&sql, e, "seed");
  // column_types is stored text
  if (rc == RS_OK)
    rc = rs_callable_prove(rs_buf_text(&sql), sql.n,
                           rs_target_info(rs_session_target(d->s)).dialect, d->p->set.output,
                           d->p->set.trusted, "config 'column_types'", &one, e);
  char *documents = NULL;
  if (rc == RS_OK && d->documents) rc = rs_document_query(d->s, rs_buf_text(&sql), &documents, e);
  if (rc == RS_OK)
    rc = rs_session_replace(d->s, &rel, documents != NULL ? documents : rs_buf_text(&sql), NULL,
                            rows, e);
  rs_free(documents);
  rs_buf_free(&sql);
  return rc;
}

static void drop_stage(struct seed *d, const struct rs_relation *stage)
{
  struct rs_buf sql;
  rs_buf_init(&sql, 4096);
  rs_buf_str(&sql, "drop table if exists ");
  write_name(d, stage, &sql);
  const struct rs_statement st = {.sql = rs_buf_text(&sql), .writes = true};
  if (sql.rc == RS_OK) (void)rs_session_exec(d->s, &st, NULL, NULL);
  rs_buf_free(&sql);
}

/* Such an engine tells columns apart without regard to case. */
static enum rs_code check_names(const struct seed *d, struct rs_error *e)
{
  for (size_t i = 0; i < d->ncols; i++)
    for (size_t k = 0; k < i; k++)
      if (rs_casecmp(d->names[i], d->names[k]) == 0)
        return rs_fail(e, RS_INVALID, "the CSV has two columns '%s' and '%s', which are one name",
                       d->names[k], d->names[i]);
  return RS_OK;
}

/* An engine of tables: one of just these columns, a temporary one where there are such. */
static enum rs_code through_stage(struct seed *d, bool temporary, int64_t *rows, struct rs_error *e)
{
  char id[37];
  rs_uuid(id);
  // the engine knows it for a stage of that relation: what a killed run leaves is swept away
  char *name = temporary ? rs_arena_printf(&d->arena, "rockset_seed_%.8s", id)
                         : rs_arena_printf(&d->arena, "__rs_stage_%s_%08x%.4s", d->node->identifier,
                                           (unsigned)((uint64_t)rs_wall_us() / 1000000), id);
  if (name == NULL) return rs_nomem(e);
  struct rs_relation stage = rs_node_relation(d->p, d->node);
  stage.name = name;
  if (temporary) stage.workspace = stage.database = NULL;
  struct rs_input input = {
    .names = d->names, .types = d->input_types, .n = d->ncols, .next = next_input, .ctx = d};
  int64_t count;
  enum rs_code rc = check_names(d, e);
  if (rc == RS_OK && !temporary)
    rc = rs_session_create(d->s, RS_WORKSPACE_IN(stage.database, stage.workspace), true, e);
  if (rc == RS_OK) rc = rs_session_ingest_input(d->s, &stage, &input, &count, e);
  if (rc == RS_OK) rc = replace(d, &stage, true, rows, e);
  if (rc == RS_OK || !rs_session_state(d->s).in_transaction) drop_stage(d, &stage);
  return rc;
}

/* A target of documents: a collection beside it, which then becomes the seed's. */
static enum rs_code through_collection(struct seed *d, int64_t *rows, struct rs_error *e)
{
  char *name = rs_arena_printf(&d->arena, "%s__seed", d->node->identifier);
  if (name == NULL) return rs_nomem(e);
  struct rs_relation stage = {.workspace = d->node->workspace, .name = name};
  struct rs_changes changes = {.names = d->names,
                               .types = d->input_types,
                               .n = d->ncols,
                               .key = -1,
                               .rewind = rewind_changes,
                               .next = next_change,
                               .ctx = d};
  int64_t written;
  enum rs_code rc = rs_session_drop(d->s, &stage, RS_REL_NONE, RS_DROP_IF_EXISTS, e);
  if (rc == RS_OK) rc = rs_session_create(d->s, &stage, false, e);
  if (rc == RS_OK) rc = rs_session_apply(d->s, &stage, &changes, &written, e);
  if (rc == RS_OK) rc = replace(d, &stage, false, rows, e);
  (void)rs_session_drop(d->s, &stage, RS_REL_NONE, RS_DROP_IF_EXISTS, NULL);
  return rc;
}

static enum rs_code build(struct seed *d, int64_t *rows, struct rs_error *e)
{
  const struct rs_node *n = d->node;
  struct rs_json *config = NULL;
  struct rs_csv csv;
  char delimiter;
  enum rs_code rc = rs_json_parse(n->config.json, strlen(n->config.json), 100, &d->arena, &config,
                                  e);
  if (rc == RS_OK) rc = read_delimiter(d, config, &delimiter, e);
  if (rc != RS_OK) return rc;
  rs_csv_begin(&csv, n->sql, n->nsql, delimiter, &d->arena);
  rc = read_header(d, &csv, e);
  if (rc == RS_OK) rc = read_rows(d, &csv, e);
  if (rc == RS_OK) rc = given_types(d, config, e);
  if (rc != RS_OK) return rc;
  find_kinds(d);
  name_types(d);
  unsigned caps = rs_session_caps(d->s);
  bool temporary = (caps & RS_CAP_TRANSACTIONS) != 0;
  bool tables = temporary || (caps & RS_CAP_TABLES) != 0;
  rc = tables ? through_stage(d, temporary, rows, e) : through_collection(d, rows, e);
  if (rc == RS_OK && *rows < 0) *rows = (int64_t)d->nrows;
  return rc;
}

enum rs_code rs_seed_build(struct rs_session *s, const struct rs_project *p,
                           const struct rs_node *n, int64_t *rows, struct rs_error *e)
{
  struct seed d = {.s = s, .p = p, .node = n, .documents = rs_node_rockset(p, n)};
  rs_arena_init(&d.arena, SEED_MEMORY_MAX);
  enum rs_code rc = build(&d, rows, e);
  rs_free(d.rows);
  rs_arena_free(&d.arena);
  return rc;
}
