/*
** Tables of the caller's own database that a statement names (locals.h).
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "locals_tokens.h"

/* ---- tokens ---------------------------------------------------------------------------------- */

static enum rs_code read_tokens(struct finder *f, struct rs_error *e)
{
  enum rs_token type = T_OTHER;
  while (type != T_END) {
    enum rs_code rc = rs_sqllex_next(&f->x, &type);
    if (rc != RS_OK) return rc;
    if (!rs_grow(&f->t, &f->cap, f->n + 1, sizeof *f->t)) return rs_nomem(e);
    f->t[f->n++] = (struct token){type, f->x.start, f->x.i};
  }
  return RS_OK;
}

/* ---- columns --------------------------------------------------------------------------------- */

static enum rs_code note_words(struct finder *f, struct rs_error *e)
{
  for (size_t i = 0; i < f->n; i++) {
    if (!is_name(f, i)) continue;
    char *name = name_of(f, i);
    if (name == NULL) return rs_nomem(e);
    for (char *p = name; *p != 0; p++)
      if (*p >= 'A' && *p <= 'Z') *p = (char)(*p + ('a' - 'A'));
    if (*name != 0 && !rs_map_put(&f->out->words, name, "")) return rs_nomem(e);
  }
  return RS_OK;
}

/* `*` for columns, not between factors and not in count(*). */
static bool is_star(const struct finder *f, size_t i)
{
  static const char *const in_front[] = {"SELECT", "DISTINCT", "ALL", "RETURNING", NULL};
  static const char *const behind[] = {
    "FROM",    "EXCLUDE", "EXCEPT",    "REPLACE", "RENAME", "LIKE",  "ILIKE",  "GLOB",
    "SIMILAR", "UNION",   "WHERE",     "GROUP",   "ORDER",  "LIMIT", "HAVING", "INTO",
    "QUALIFY", "WINDOW",  "INTERSECT", "OFFSET",  "FETCH",  "USING", "SAMPLE", NULL};
  if (!is_char(f, i, '*')) return false;
  const size_t p = before(f, i);
  if (is_char(f, p, '(') && is_word(f, before(f, p), "count") && is_char(f, i + 1, ')'))
    return false;
  return is_one_of(f, p, in_front) || is_char(f, p, ',') || is_char(f, p, '(') ||
         is_char(f, p, '.') || is_one_of(f, i + 1, behind) || is_char(f, i + 1, ',') ||
         is_char(f, i + 1, ')') || i + 2 >= f->n;
}

/* Statements and forms that mean columns without naming them. */
static bool means_all(const struct finder *f)
{
  static const char *const forms[] = {"NATURAL",     "COLUMNS",      "PIVOT",      "UNPIVOT",
                                      "PIVOT_WIDER", "PIVOT_LONGER", "SUMMARIZE",  "DESCRIBE",
                                      "SHOW",        "COPY",         "POSITIONAL", NULL};
  for (size_t i = 0; i < f->n; i++)
    if (is_star(f, i) || is_one_of(f, i, forms)) return true;
  return false;
}

/* A row as a value: the name of the relation at i, or its alias, where no column follows. */
static bool row_is_used(const struct finder *f, size_t i, const struct rs_local_name *v)
{
  const size_t alias = alias_at(f, i);
  const char *name = alias < f->n ? name_of(f, alias) : v->table;
  if (name == NULL || is_char(f, alias + 1, '(')) return true; // other names for columns
  for (size_t k = 0; k < f->n; k++) {
    if (k == alias || is_char(f, k + 1, '.') || is_char(f, before(f, k), '.')) continue;
    // the table's own, too: what looks like its alias may be a word of a dialect
    if (!same_name(f, k, name) && !same_name(f, k, v->table)) continue;
    return true;
  }
  return false;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* How many tokens the name has whose prefix is at i: `sqlite . a` or `sqlite . a . b`; 0: none. */
static size_t parts_at(const struct finder *f, size_t i)
{
  if (!is_name(f, i) || !same_name(f, i, f->prefix) || is_char(f, before(f, i), '.')) return 0;
  if (!is_char(f, i + 1, '.') || !is_name(f, i + 2)) return 0;
  return is_char(f, i + 3, '.') && is_name(f, i + 4) ? 5 : 3;
}

static enum rs_code add_name(struct finder *f, size_t i, size_t parts, bool relation,
                             struct rs_error *e)
{
  struct rs_locals *l = f->out;
  if (!rs_grow(&l->v, &f->names_cap, l->n + 1, sizeof *l->v)) return rs_nomem(e);
  struct rs_local_name *v = &l->v[l->n];
  *v = (struct rs_local_name){.schema = parts == 5 ? name_of(f, i + 2) : NULL,
                              .table = name_of(f, i + parts - 1),
                              .at = f->t[i].at,
                              .end = f->t[i + parts - 1].end,
                              .relation = relation};
  if (v->table == NULL || (parts == 5 && v->schema == NULL)) return rs_nomem(e);
  l->n++;
  return RS_OK;
}

/* Would the statement change what stands at i? */
static bool is_written(const struct finder *f, size_t i)
{
  static const char *const heads[] = {"INTO", "UPDATE", "EXISTS", "TRUNCATE", NULL};
  const size_t p = before(f, i);
  if (is_one_of(f, p, heads)) return true;
  if (is_word(f, p, "FROM")) return is_word(f, before(f, p), "DELETE");
  return is_word(f, p, "TABLE") && !is_word(f, 0, "TABLE") && p != 0 &&
         !is_char(f, before(f, p), '(');
}

static bool is_relation(const struct finder *f, size_t i, size_t depth)
{
  static const char *const heads[] = {"FROM",    "JOIN",  "TABLE",   "SUMMARIZE",    "DESCRIBE",
                                      "DESC",    "PIVOT", "UNPIVOT", "USING",        "PIVOT_WIDER",
                                      "LATERAL", "SHOW",  "COPY",    "PIVOT_LONGER", NULL};
  const size_t p = before(f, i);
  if (is_one_of(f, p, heads) || is_written(f, i)) return true;
  return f->in_from[depth] && (is_char(f, p, ',') || is_char(f, p, '('));
}

/* Keeps in mind which clause of which brackets the token at i is in. */
static void follow_clause(struct finder *f, size_t i, size_t *depth)
{
  static const char *const ends[] = {
    "SELECT", "WHERE",  "GROUP", "HAVING", "ORDER",     "LIMIT",     "WINDOW", "QUALIFY", "UNION",
    "EXCEPT", "OFFSET", "FETCH", "VALUES", "RETURNING", "INTERSECT", "SET",    NULL};
  static const char *const anew[] = {"UNION", "EXCEPT", "INTERSECT", NULL};
  if (f->t[i].type == T_OPEN && *depth < RS_SQL_DEPTH_MAX) {
    const size_t p = before(f, i);
    const bool joins = f->in_from[*depth] && (is_word(f, p, "FROM") || is_word(f, p, "JOIN") ||
                                              is_char(f, p, ',') || is_char(f, p, '('));
    f->in_from[++*depth] = joins;
    f->selects[*depth] = false;
  } else if (f->t[i].type == T_CLOSE && *depth > 0) {
    --*depth;
  } else if (is_word(f, i, "FROM")) {
    const size_t p = before(f, i), pp = before(f, p); // IS [NOT] DISTINCT FROM
    const bool compares = is_word(f, p, "DISTINCT") &&
                          (is_word(f, pp, "IS") || is_word(f, pp, "NOT"));
    if (!compares) f->in_from[*depth] = true;
    if (!compares && !f->selects[*depth]) f->out->all = true; // FROM t [SELECT ...]
  } else if (is_one_of(f, i, ends)) {
    f->in_from[*depth] = false;
    if (is_word(f, i, "SELECT")) f->selects[*depth] = true;
    if (is_one_of(f, i, anew)) f->selects[*depth] = false;
  }
}

static enum rs_code fail_at(const struct finder *f, size_t i, const char *why, struct rs_error *e)
{
  const struct rs_local_name *v = &f->out->v[i];
  return rs_fail(e, RS_UNSUPPORTED, "%.*s: %s", (int)(v->end - v->at), f->sql + v->at, why);
}

static enum rs_code find_relations(struct finder *f, struct rs_error *e)
{
  size_t depth = 0;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
    const size_t parts = parts_at(f, i);
    if (parts > 0 && is_relation(f, i, depth)) {
      rc = add_name(f, i, parts, true, e);
      const size_t last = f->out->n - 1;
      if (rc == RS_OK && is_written(f, i))
        rc = fail_at(f, last,
                     "tables of this database are only read there: write to them with "
                     "statements of SQLite",
                     e);
      const size_t p = before(f, i);
      const bool clause = is_word(f, p, "FROM") || is_word(f, p, "JOIN") || is_char(f, p, ',') ||
                          is_char(f, p, '(');
      if (!clause) f->out->all = true; // TABLE t, DESC t
      if (rc == RS_OK && row_is_used(f, i + parts, &f->out->v[last])) f->out->all = true;
      if (rc == RS_OK) rc = rs_locals_add_conditions(f, i, parts, &f->out->v[last], e);
      i += parts - 1;
      continue;
    }
    follow_clause(f, i, &depth);
  }
  return rc;
}

static bool same_table(const struct rs_local_name *a, const char *schema, const char *table)
{
  return rs_casecmp(a->table, table) == 0 &&
         (a->schema == NULL || schema == NULL ? a->schema == schema
                                              : rs_casecmp(a->schema, schema) == 0);
}

/* The same names in front of columns. */
static enum rs_code find_columns(struct finder *f, size_t relations, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
    const size_t parts = parts_at(f, i);
    if (parts == 0) continue;
    const char *first = name_of(f, i + 2), *second = parts == 5 ? name_of(f, i + 4) : "";
    if (first == NULL || second == NULL) return rs_nomem(e);
    size_t taken = 0;
    bool itself = false;
    for (size_t k = 0; k < relations && !itself; k++) itself = f->out->v[k].at == f->t[i].at;
    for (size_t k = 0; k < relations && taken == 0 && !itself; k++) {
      const struct rs_local_name *v = &f->out->v[k];
      if (parts == 5 && same_table(v, first, second)) taken = 5;
      else if (same_table(v, NULL, first)) taken = 3;
    }
    if (taken == 0) continue;
    rc = add_name(f, i, taken, false, e);
    if (!is_char(f, i + taken, '.')) f->out->all = true; // a whole row
  }
  return rc;
}

/* ---- the statement --------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b)
{
  const struct rs_local_name *x = a, *y = b;
  return x->at < y->at ? -1 : x->at > y->at;
}

/* A view or a macro would outlive what the name stands for. */
static bool keeps_names(const struct finder *f)
{
  static const char *const kept[] = {"VIEW", "MACRO", "FUNCTION", NULL};
  if (!is_word(f, 0, "CREATE")) return false;
  for (size_t i = 1; i < 6 && i < f->n; i++)
    if (is_one_of(f, i, kept)) return true;
  return false;
}

static enum rs_code find(struct finder *f, struct rs_error *e)
{
  enum rs_code rc = read_tokens(f, e);
  if (rc == RS_OK) rc = find_relations(f, e);
  const size_t relations = f->out->n;
  if (rc != RS_OK || relations == 0) return rc;
  if (keeps_names(f))
    return fail_at(f, 0,
                   "a view or a macro would keep the name, which other sessions don't know: "
                   "materialize it as a table ({{ config(materialized='table') }}), or send the "
                   "table to a collection: a source with local_table does with `push` options",
                   e);
  rc = find_columns(f, relations, e);
  if (rc == RS_OK) rc = note_words(f, e);
  if (rc != RS_OK) return rc;
  f->out->all = f->out->all || means_all(f);
  qsort(f->out->v, f->out->n, sizeof *f->out->v, compare_places);
  return RS_OK;
}

/* Most statements name none: they are not taken apart. */
static bool may_name(const char *sql, const char *prefix)
{
  const size_t n = strlen(prefix);
  for (const char *p = sql; *p != 0; p++)
    if ((*p | 32) == (*prefix | 32) && rs_casecmpn(p, prefix, n) == 0) return true;
  return false;
}

enum rs_code rs_locals_find(const char *sql, const struct rs_dialect *d, const char *prefix,
                            struct rs_arena *a, struct rs_locals *out, struct rs_error *e)
{
  memset(out, 0, sizeof *out);
  rs_map_init(&out->words);
  if (!may_name(sql, prefix)) return RS_OK;
  struct finder *f = rs_calloc(1, sizeof *f);
  if (f == NULL) return rs_nomem(e);
  f->sql = sql;
  f->a = a;
  f->out = out;
  f->prefix = prefix;
  enum rs_code rc = rs_sqllex_open(&f->x, sql, strlen(sql), d, "statement", e);
  if (rc == RS_OK) rc = find(f, e);
  rs_free(f->t);
  rs_free(f);
  return rc;
}

void rs_locals_free(struct rs_locals *l)
{
  rs_map_free(&l->words);
  rs_free(l->v);
  memset(l, 0, sizeof *l);
}

void rs_locals_write(const char *sql, const struct rs_locals *l, const char *const *names,
                     struct rs_buf *out)
{
  size_t at = 0;
  for (size_t i = 0; i < l->n; i++) {
    rs_buf_add(out, sql + at, l->v[i].at - at);
    rs_buf_str(out, names[i]);
    at = l->v[i].end;
  }
  rs_buf_str(out, sql + at);
}
