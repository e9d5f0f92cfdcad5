/*
** The rows of a stage into a table (trino.h): one INSERT or one MERGE, so that readers see all of
** them or none. Before it the table's columns are made to hold them: new ones are added; where a
** type must become another one the table is written anew, since connectors widen next to nothing.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "src/engine/sql/sql.h"
#include "src/value/boxed.h"
#include "trino.h"

struct merge {
  struct rs_session *s;
  const struct rs_relation *rel, *stage;
  const struct rs_keys *keys;
  unsigned flags;
  struct rs_columns has, got;
  const char **exprs; /* by column of the stage: its value as the table's type */
  const char **types; /* by column of the table: its new type, NULL: as it is */
  struct rs_arena a;
};

/* ---- types ----------------------------------------------------------------------------------- */

static bool is_number(enum rs_type t)
{
  return t == RS_T_INT || t == RS_T_FLOAT || t == RS_T_DECIMAL || t == RS_T_HUGEINT;
}

/* The type that holds the values of both. */
const char *rs_trino_unify(const struct rs_column *a, const struct rs_column *b)
{
  if (rs_eq(a->native, b->native)) return a->native;
  if (a->type == RS_T_INT && b->type == RS_T_INT) return "bigint";
  if (is_number(a->type) && is_number(b->type)) {
    bool fits = b->type == RS_T_INT && a->type != RS_T_INT && a->type != RS_T_FLOAT;
    return fits ? a->native : "double";
  }
  bool days = a->type == RS_T_DATE || b->type == RS_T_DATE;
  bool times = a->type == RS_T_TIMESTAMP || b->type == RS_T_TIMESTAMP;
  if ((days && times) || (a->type == RS_T_TIMESTAMP && b->type == RS_T_TIMESTAMP)) {
    return "timestamp(6)";
  }
  return "varchar";
}

/* SQL: a column's value as `type`, which rs_trino_unify gave for it. As text 2.5 is 2.5, not 2.5E0.
*/
static const char *cast_column(struct merge *m, const struct rs_column *c, const char *type)
{
  struct rs_buf b;
  const char *fmt = "CAST(%i AS %s)";
  bool text = rs_eq(type, "varchar");
  if (rs_eq(c->native, type)) fmt = "%i";
  else if (text && c->type == RS_T_BYTES) fmt = "to_base64(%i)";
  else if (text && (c->type == RS_T_JSON || c->type == RS_T_FLOAT)) {
    fmt = "json_format(CAST(%i AS JSON))";
  }
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(m->s, &b, fmt, c->name, type);
  const char *sql = b.rc == RS_OK ? rs_arena_strdup(&m->a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return sql;
}

/* ---- columns --------------------------------------------------------------------------------- */

static enum rs_code parse_into(struct merge *m, size_t i, const char *type, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(m->s, &b, "CAST(json_parse(%i) AS %s)", m->got.v[i].name, type);
  m->exprs[i] = b.rc == RS_OK ? rs_arena_strdup(&m->a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return m->exprs[i] != NULL ? RS_OK : rs_nomem(e);
}

/* A side that has only nulls has no say: its type is a guess. */
static enum rs_code fit_column(struct merge *m, size_t i, size_t at, struct rs_error *e)
{
  const struct rs_column *old = &m->has.v[at], *new = &m->got.v[i];
  bool old_values = true, new_values = true;
  const char *type = rs_casecmp(new->name, "_id") == 0 ? old->native : rs_trino_unify(old, new);
  enum rs_code rc = RS_OK;
  // objects and arrays travel as text; a column that has a type for them takes them apart
  if (old->type == RS_T_JSON && new->type == RS_T_TEXT) return parse_into(m, i, old->native, e);
  if (!rs_eq(type, old->native)) {
    rc = rs_load_has_values(m->s, m->stage, new->name, &new_values, e);
    if (rc == RS_OK && new_values) {
      rc = rs_load_has_values(m->s, m->rel, old->name, &old_values, e);
    }
    if (rc != RS_OK) return rc;
    if (!new_values) type = old->native;
    else if (!old_values) type = new->native;
    if (new_values) m->types[at] = type;
  }
  m->exprs[i] = new_values ? cast_column(m, new, type)
                           : rs_arena_printf(&m->a, "CAST(NULL AS %s)", old->native);
  return m->exprs[i] != NULL ? RS_OK : rs_nomem(e);
}

/* A number beside a column of floats is its own text. */
static void add_old_value(struct merge *m, struct rs_buf *b, size_t i)
{
  const struct rs_column *c = &m->has.v[i];
  const char *type = m->types[i] != NULL ? m->types[i] : c->native;
  const char *expr = cast_column(m, c, type), *side = rs_trino_side_name(&m->a, c->name);
  const bool sided = side != NULL && rs_sql_find_column(m->s, &m->has, side) >= 0;
  if (expr == NULL || side == NULL) b->rc = RS_NOMEM;
  else if (sided && c->type == RS_T_FLOAT && rs_eq(type, "varchar"))
    rs_sql_add(m->s, b, "CASE WHEN substr(%i, 1, 1) = 'i' THEN substr(%i, 2) ELSE %s END", side,
               side, expr);
  else rs_buf_str(b, expr);
}

/* What column i leaves in its sidecar, where none is there and one comes; *made: it was added. */
static void add_kept(struct merge *m, struct rs_buf *b, size_t i, bool *made)
{
  const char *side = rs_trino_side_name(&m->a, m->has.v[i].name);
  struct rs_buf kept;
  if (side == NULL) b->rc = RS_NOMEM;
  if (m->types[i] == NULL || side == NULL || rs_sql_find_column(m->s, &m->has, side) >= 0 ||
      rs_sql_find_column(m->s, &m->got, side) < 0)
    return;
  rs_buf_init(&kept, RS_BUF_SQL_MAX);
  if (rs_trino_kept_sql(m->s, &kept, &m->has.v[i], m->types[i])) {
    rs_sql_add(m->s, b, ", CAST(%s AS varchar) AS %i", rs_buf_text(&kept), side);
    *made = true;
  }
  if (kept.rc != RS_OK) b->rc = kept.rc;
  rs_buf_free(&kept);
}

/* Column i as the sidecar of one that changes: what it says, else what that one leaves. False: it
** is none. */
static bool add_old_side(struct merge *m, struct rs_buf *b, size_t i)
{
  struct rs_buf kept;
  for (size_t k = 0; k < m->has.n; k++) {
    const char *side = m->types[k] != NULL ? rs_trino_side_name(&m->a, m->has.v[k].name) : NULL;
    if (side == NULL || !rs_sql_same_name(m->s, side, m->has.v[i].name)) continue;
    rs_buf_init(&kept, RS_BUF_SQL_MAX);
    const bool some = rs_trino_kept_sql(m->s, &kept, &m->has.v[k], m->types[k]);
    if (some) rs_sql_add(m->s, b, "coalesce(%i, %s)", m->has.v[i].name, rs_buf_text(&kept));
    if (kept.rc != RS_OK) b->rc = kept.rc;
    rs_buf_free(&kept);
    return some;
  }
  return false;
}

static enum rs_code rewrite_table(struct merge *m, bool *made, struct rs_error *e)
{
  struct rs_relation aside;
  struct rs_buf b;
  bool any = false;
  enum rs_code rc = rs_trino_aside(m->rel, "tmp", &m->a, &aside, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(m->s, &b, "CREATE TABLE %r AS SELECT ", &aside);
  for (size_t i = 0; i < m->has.n; i++) {
    any = any || m->types[i] != NULL;
    if (i > 0) rs_buf_str(&b, ", ");
    if (!add_old_side(m, &b, i)) add_old_value(m, &b, i);
    rs_sql_add(m->s, &b, " AS %i", m->has.v[i].name);
  }
  for (size_t i = 0; i < m->has.n; i++) add_kept(m, &b, i, made);
  rs_sql_add(m->s, &b, " FROM %r", m->rel);
  if (!any) {
    rs_buf_free(&b);
    return RS_OK;
  }
  rc = rs_sql_run_buf(m->s, &b, NULL, e);
  if (rc == RS_OK) rc = rs_trino_swap(m->s, m->rel, &aside, false, e);
  if (rc != RS_OK) rs_trino_drop_anyway(m->s, "TABLE", &aside);
  if (rc != RS_OK || !*made) return rc;
  rs_columns_free(&m->has);
  return rs_sql_columns_of(m->s, m->rel, &m->has, e);
}

/* Columns that only one side has. */
static enum rs_code check_sides(struct merge *m, struct rs_error *e)
{
  for (size_t i = 0; i < m->got.n; i++) {
    if (rs_sql_find_column(m->s, &m->has, m->got.v[i].name) >= 0) continue;
    return rs_fail(e, RS_INVALID, "the query gives column '%s' that '%s.%s' lacks",
                   m->got.v[i].name, m->rel->workspace, m->rel->name);
  }
  for (size_t i = 0; i < m->has.n && (m->flags & RS_TRINO_SUBSET) == 0; i++) {
    if (rs_sql_find_column(m->s, &m->got, m->has.v[i].name) >= 0) continue;
    return rs_fail(e, RS_INVALID, "the query lacks column '%s' of '%s.%s'", m->has.v[i].name,
                   m->rel->workspace, m->rel->name);
  }
  for (size_t i = 0; i < m->keys->n; i++) {
    if (rs_sql_find_column(m->s, &m->has, m->keys->v[i]) >= 0) continue;
    return rs_fail(e, RS_INVALID, "key column '%s' does not exist in '%s.%s'", m->keys->v[i],
                   m->rel->workspace, m->rel->name);
  }
  return RS_OK;
}

/* What a new value leaves, or NULL, as its sidecar; side: the stage's own, -1: it has none. */
static enum rs_code set_side(struct merge *m, size_t i, const char *name, int side, bool kept,
                             const char *type, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  if (side >= 0) rs_sql_add(m->s, &b, kept ? "coalesce(%i, " : "%i", name);
  if (kept) (void)rs_trino_kept_sql(m->s, &b, &m->got.v[i], type);
  else if (side < 0) rs_buf_str(&b, "NULL");
  if (side >= 0 && kept) rs_buf_char(&b, ')');
  if (side < 0) {
    enum rs_code rc = rs_columns_add(&m->got, name, strlen(name), "varchar", RS_T_TEXT, e);
    if (rc == RS_OK) side = (int)m->got.n - 1;
    else b.rc = rc;
  }
  const char *sql = b.rc == RS_OK ? rs_arena_printf(&m->a, "CAST(%s AS varchar)", rs_buf_text(&b))
                                  : NULL;
  rs_buf_free(&b);
  if (sql == NULL) return rs_nomem(e);
  m->exprs[side] = sql;
  return RS_OK;
}

/* Column i of the stage becomes another type, or makes the table's become one: what that can't tell
** goes to the sidecar. An integer among floats is its own text as a text. */
static enum rs_code keep_values(struct merge *m, size_t i, struct rs_error *e)
{
  const struct rs_column *new = &m->got.v[i];
  const int at = rs_sql_find_column(m->s, &m->has, new->name);
  if (at < 0 || rs_boxed_side_of(new->name) > 0 || rs_casecmp(new->name, "_id") == 0 ||
      rs_casecmp(new->name, "_event_time") == 0)
    return RS_OK;
  const struct rs_column *old = &m->has.v[at];
  const char *type = m->types[at] != NULL ? m->types[at] : old->native;
  const char *name = rs_trino_side_name(&m->a, new->name);
  if (name == NULL) return rs_nomem(e);
  const int side = rs_sql_find_column(m->s, &m->got, name);
  const bool kept = !rs_eq(new->native, type) && rs_trino_kept_sql(m->s, NULL, new, type);
  const bool leaves = m->types[at] != NULL && rs_trino_kept_sql(m->s, NULL, old, type);
  if (side >= 0 && new->type == RS_T_FLOAT && rs_eq(type, "varchar")) {
    struct rs_buf b;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_sql_add(m->s, &b, "CASE WHEN substr(%i, 1, 1) = 'i' THEN substr(%i, 2) ELSE %s END", name,
               name, m->exprs[i]);
    m->exprs[i] = b.rc == RS_OK ? rs_arena_strdup(&m->a, rs_buf_text(&b)) : NULL;
    rs_buf_free(&b);
    if (m->exprs[i] == NULL) return rs_nomem(e);
  }
  return kept || leaves ? set_side(m, i, name, side, kept, type, e) : RS_OK;
}

static enum rs_code evolve_columns(struct merge *m, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  bool added = false, made = false;
  for (size_t i = 0; i < m->got.n && rc == RS_OK; i++) {
    const struct rs_column *c = &m->got.v[i];
    int at = rs_sql_find_column(m->s, &m->has, c->name);
    if (at >= 0) rc = fit_column(m, i, (size_t)at, e);
    else m->exprs[i] = cast_column(m, c, c->native);
    if (rc == RS_OK && m->exprs[i] == NULL) rc = rs_nomem(e);
  }
  const size_t n = (m->flags & RS_TRINO_SIDES) != 0 ? m->got.n : 0;
  for (size_t i = 0; i < n && rc == RS_OK; i++) rc = keep_values(m, i, e);
  if (rc == RS_OK) rc = rewrite_table(m, &made, e);
  for (size_t i = 0; i < m->got.n && rc == RS_OK; i++) {
    const struct rs_column *c = &m->got.v[i];
    if (rs_sql_find_column(m->s, &m->has, c->name) >= 0) continue;
    rc = rs_sql_run(m->s, NULL, e, "ALTER TABLE %r ADD COLUMN %i %s", m->rel, c->name, c->native);
    added = true;
  }
  return rc == RS_OK && added ? rs_trino_refresh_aliases(m->s, m->rel, e) : rc;
}

static enum rs_code cast_columns(struct merge *m, struct rs_error *e)
{
  enum rs_code rc = check_sides(m, e);
  for (size_t i = 0; i < m->got.n && rc == RS_OK; i++) {
    int at = rs_sql_find_column(m->s, &m->has, m->got.v[i].name);
    const struct rs_column *old = &m->has.v[at], *new = &m->got.v[i];
    if (old->type == RS_T_JSON && new->type == RS_T_TEXT) {
      rc = parse_into(m, i, old->native, e);
      continue;
    }
    m->exprs[i] = cast_column(m, new, old->native);
    if (m->exprs[i] == NULL) rc = rs_nomem(e);
  }
  return rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool is_key(const struct merge *m, const char *name)
{
  for (size_t i = 0; i < m->keys->n; i++) {
    if (rs_sql_same_name(m->s, m->keys->v[i], name)) return true;
  }
  return false;
}

static void add_names(struct merge *m, struct rs_buf *b, const char *fmt)
{
  for (size_t i = 0; i < m->got.n; i++) {
    if (i > 0) rs_buf_str(b, ", ");
    rs_sql_add(m->s, b, fmt, m->got.v[i].name);
  }
}

static void add_stage(struct merge *m, struct rs_buf *b)
{
  rs_buf_str(b, "SELECT ");
  for (size_t i = 0; i < m->got.n; i++) {
    rs_sql_add(m->s, b, "%s%s AS %i", i > 0 ? ", " : "", m->exprs[i], m->got.v[i].name);
  }
  rs_sql_add(m->s, b, " FROM %r", m->stage);
}

/* Does an update make the column null? */
static bool is_emptied(struct merge *m, struct rs_buf *b, const char *name)
{
  if (rs_sql_find_column(m->s, &m->got, name) >= 0) return false;
  if ((m->flags & RS_TRINO_PARTIAL) == 0) return true;
  for (size_t i = 0; i < m->got.n; i++) { // a sidecar is about a value that is gone
    const char *side = rs_trino_side_name(&m->a, m->got.v[i].name);
    if (side == NULL) b->rc = RS_NOMEM;
    else if (rs_sql_same_name(m->s, side, name)) return true;
  }
  return false;
}

/* A row that is replaced is the new one, and nothing of the old. */
static void add_update(struct merge *m, struct rs_buf *b)
{
  size_t n = 0;
  for (size_t i = 0; i < m->got.n; i++) {
    if (is_key(m, m->got.v[i].name)) continue;
    rs_sql_add(m->s, b, "%s%i = q.%i", n++ > 0 ? ", " : " WHEN MATCHED THEN UPDATE SET ",
               m->got.v[i].name, m->got.v[i].name);
  }
  for (size_t i = 0; i < m->has.n; i++) {
    if (!is_emptied(m, b, m->has.v[i].name)) continue;
    rs_sql_add(m->s, b, "%s%i = NULL", n++ > 0 ? ", " : " WHEN MATCHED THEN UPDATE SET ",
               m->has.v[i].name);
  }
}

static enum rs_code write_rows(struct merge *m, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  if (m->keys->n == 0) {
    rs_sql_add(m->s, &b, "INSERT INTO %r (", m->rel);
    add_names(m, &b, "%i");
    rs_buf_str(&b, ") ");
    add_stage(m, &b);
    return rs_sql_run_buf(m->s, &b, NULL, e);
  }
  rs_sql_add(m->s, &b, "MERGE INTO %r AS t USING (", m->rel);
  add_stage(m, &b);
  rs_buf_str(&b, ") AS q ON ");
  for (size_t i = 0; i < m->keys->n; i++) {
    rs_sql_add(m->s, &b, "%st.%i = q.%i", i > 0 ? " AND " : "", m->keys->v[i], m->keys->v[i]);
  }
  add_update(m, &b);
  if ((m->flags & RS_TRINO_PARTIAL) == 0) {
    rs_buf_str(&b, " WHEN NOT MATCHED THEN INSERT (");
    add_names(m, &b, "%i");
    rs_buf_str(&b, ") VALUES (");
    add_names(m, &b, "q.%i");
    rs_buf_char(&b, ')');
  }
  enum rs_code rc = rs_sql_run_buf(m->s, &b, NULL, e);
  if (rc == RS_UNSUPPORTED && e != NULL) {
    (void)rs_error_prefix(e,
                          "'%s.%s': rows are replaced by MERGE, which this catalog's connector "
                          "lacks (Iceberg has it)",
                          m->rel->workspace, m->rel->name);
  }
  return rc;
}

enum rs_code rs_trino_merge(struct rs_session *s, const struct rs_relation *rel,
                            const struct rs_relation *stage, const struct rs_keys *keys,
                            unsigned flags, struct rs_error *e)
{
  struct merge m = {.s = s, .rel = rel, .stage = stage, .keys = keys, .flags = flags};
  rs_arena_init(&m.a, 0);
  enum rs_code rc = rs_sql_columns_of(s, rel, &m.has, e);
  if (rc == RS_OK) rc = rs_sql_columns_of(s, stage, &m.got, e);
  if (rc == RS_OK) {
    m.exprs = rs_arena_calloc(&m.a, (2 * m.got.n + 1) * sizeof m.exprs[0]);
    m.types = rs_arena_calloc(&m.a, (m.has.n + 1) * sizeof m.types[0]);
    if (m.exprs == NULL || m.types == NULL) rc = rs_nomem(e);
  }
  if (rc == RS_OK) rc = flags & RS_TRINO_EVOLVE ? evolve_columns(&m, e) : cast_columns(&m, e);
  if (rc == RS_OK) rc = write_rows(&m, e);
  rs_columns_free(&m.has);
  rs_columns_free(&m.got);
  rs_arena_free(&m.a);
  return rc;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static const char *const id[] = {"_id"};
const struct rs_keys rs_trino_ids = {id, 1};

enum rs_code rs_trino_check_keys(struct rs_session *s, const struct rs_relation *rel,
                                 const struct rs_relation *stage, const struct rs_keys *keys,
                                 struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "%r", stage);
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  if (rc == RS_OK) rc = rs_sql_check_keys(s, rel, rs_buf_text(&b), keys, e);
  rs_buf_free(&b);
  return rc;
}
