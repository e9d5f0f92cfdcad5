/*
** Freshness of sources (build.h): the greatest value of loaded_at_field against the engine's
** clock. `freshness` of the row: {"warn_after": {"count": 12, "period": "hour"},
** "error_after": {...}, "filter": SQL}. The query is that of the macro freshness_sql, which a
** project may have its own of.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/value/timetext.h"
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "build.h"

#define FRESHNESS_MAX ((size_t)1 << 20)

/* Seconds since 1970 of '2026-11-21 08:15:30...' or a date; a zone behind it counts. */
static bool read_seconds(const struct rs_value *v, double *out)
{
  struct rs_timetext_date d;
  struct rs_timetext_clock t;
  int hours = 0, minutes = 0;
  if (v->kind == RS_INT) return *out = (double)v->i, true;
  if (v->kind == RS_FLOAT) return *out = v->f, true;
  if (v->kind != RS_TEXT) return false;
  struct rs_timetext_cursor c = {v->s.p, v->s.p + v->s.n};
  if (!rs_timetext_date(&c, &d) || !rs_timetext_is_iso(&d)) return false;
  *out = (double)rs_date_days(d.date.year, d.date.month, d.date.day) * 86400;
  if (c.p == c.end) return true;
  if (!rs_timetext_char(&c, " T") || !rs_timetext_clock(&c, &t) || t.parts < 3) return false;
  *out += (double)rs_timetext_us(&t) / 1e6;
  const int sign = c.p < c.end && *c.p == '-' ? -1 : 1;
  if (rs_timetext_char(&c, "+-") && rs_timetext_digits(&c, 1, 2, 23, &hours)) {
    if (rs_timetext_char(&c, ":")) (void)rs_timetext_digits(&c, 1, 2, 59, &minutes);
    *out -= sign * (hours * 3600 + minutes * 60);
  }
  return true;
}

/* Seconds of {"count": n, "period": "hour"}; negative: nothing is said. */
static enum rs_code limit_of(const struct rs_json *freshness, const char *key, double *seconds,
                             struct rs_error *e)
{
  static const struct {
    const char *name;
    double seconds;
  } periods[] = {{"minute", 60}, {"hour", 3600}, {"day", 86400}};
  const struct rs_json *limit = rs_json_get(freshness, key), *period;
  int64_t count;
  *seconds = -1;
  if (limit == NULL || limit->kind != RS_J_OBJECT || limit->n == 0) return RS_OK;
  const struct rs_json *number = rs_json_get(limit, "count");
  period = rs_json_get(limit, "period");
  if (number == NULL || number->kind == RS_J_NULL) return RS_OK;
  if (number->kind == RS_J_NUMBER && rs_json_int(number, &count) && period != NULL)
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
      if (period->kind == RS_J_STRING && rs_json_is(period, periods[i].name))
        *seconds = (double)count * periods[i].seconds;
  if (*seconds >= 0) return RS_OK;
  return rs_fail(
    e, RS_INVALID,
    "freshness: %s must be {\"count\": n, \"period\": \"minute\", \"hour\" or \"day\"}", key);
}

bool rs_freshness_asked(const struct rs_node *n)
{
  struct rs_json *all = NULL;
  struct rs_arena a;
  if (n->freshness == NULL || n->loaded_at_field == NULL) return false;
  rs_arena_init(&a, FRESHNESS_MAX);
  // What is no JSON fails when it is asked for
  bool read = rs_json_parse(n->freshness, strlen(n->freshness), 20, &a, &all, NULL) == RS_OK;
  const struct rs_json *warn = read ? rs_json_get(all, "warn_after") : NULL;
  const struct rs_json *error = read ? rs_json_get(all, "error_after") : NULL;
  bool off = warn != NULL && warn->kind == RS_J_NULL && error != NULL && error->kind == RS_J_NULL;
  rs_arena_free(&a);
  return !off;
}

static enum rs_code judge(const struct rs_json *freshness, struct rs_rows *rows,
                          struct rs_result *r, struct rs_error *e)
{
  struct rs_value newest, now;
  double last, clock, warn, error;
  enum rs_code rc = limit_of(freshness, "warn_after", &warn, e);
  if (rc == RS_OK) rc = limit_of(freshness, "error_after", &error, e);
  if (rc == RS_OK) rc = rs_rows_next(rows, e);
  if (rc == RS_DONE || (rc == RS_OK && rs_rows_columns(rows)->n != 2))
    return rs_fail(e, RS_INVALID, "macro freshness_sql must give one row of two columns");
  if (rc != RS_OK) return rc;
  rs_rows_get(rows, 0, &newest);
  rs_rows_get(rows, 1, &now);
  if (!read_seconds(&now, &clock))
    return rs_fail(e, RS_INVALID, "the engine's clock can't be read");
  if (newest.kind == RS_NULL) last = -62135596800.0; // no row at all: as old as can be, as in dbt
  else if (!read_seconds(&newest, &last))
    return rs_fail(e, RS_INVALID, "loaded_at_field '%s' is no timestamp", r->node->loaded_at_field);
  double age = clock - last;
  r->status = error >= 0 && age > error ? RS_STATUS_FAIL
              : warn >= 0 && age > warn ? RS_STATUS_WARN
                                        : RS_STATUS_PASS;
  if (newest.kind == RS_NULL) r->message = rs_strdup("no rows");
  else
    r->message = rs_mprintf("loaded at %.*s, %.0f s ago",
                            newest.kind == RS_TEXT ? (int)newest.s.n : 0,
                            newest.kind == RS_TEXT ? newest.s.p : "", age);
  return r->message != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code ask(struct rs_context *c, struct rs_session *s, const struct rs_json *freshness,
                        struct rs_arena *a, struct rs_result *r, struct rs_error *e)
{
  const struct rs_node *n = c->node;
  const char *filter, *sql;
  struct rs_rows *rows = NULL;
  char what[300];
  if (!rs_json_text(freshness, "filter", a, &filter)) return rs_nomem(e);
  jv args[3] = {rs_relation_value(c, rs_context_database(c), n->workspace, n->identifier, NULL),
                jv_text(c->j, n->loaded_at_field),
                filter != NULL ? jv_text(c->j, filter) : jv_none()};
  rs_relation_database(args[0], n->database);
  enum rs_code rc = rs_external_source(c, n, args[0], e);
  if (rc == RS_OK) rc = rs_context_macro_text(c, "freshness_sql", args, 3, a, &sql, e);
  if (rc == RS_OK) r->compiled = rs_strdup(sql);
  if (rc == RS_OK) rc = rs_run_said(c, s, sql, rs_node_what(n, what, sizeof what), &rows, e);
  if (rc == RS_OK) rc = judge(freshness, rows, r, e);
  rs_rows_close(rows);
  return rc;
}

static enum rs_code run_freshness(const struct rs_materialize *m, struct rs_result *r,
                                  struct rs_error *e)
{
  struct rs_context_options opt;
  struct rs_context *c = NULL;
  struct rs_session *s;
  struct rs_arena a;
  struct rs_json *freshness = NULL;
  const char *json = m->node->freshness != NULL ? m->node->freshness : "{}";
  if (m->node->loaded_at_field == NULL)
    return rs_fail(e, RS_INVALID, "column loaded_at_field says nothing");
  rs_arena_init(&a, FRESHNESS_MAX);
  rs_run_context(m, &opt);
  enum rs_code rc = rs_json_parse(json, strlen(json), 20, &a, &freshness, e);
  if (rc == RS_OK) rc = m->sessions.get(m->sessions.ctx, &s, e);
  if (rc == RS_OK) rc = rs_context_new(&opt, &c, e);
  if (rc == RS_OK) rc = ask(c, s, freshness, &a, r, e);
  rs_context_free(c);
  rs_arena_free(&a);
  return rc;
}

void rs_freshness_run(const struct rs_materialize *m, struct rs_result *r)
{
  struct rs_error e = {0};
  int64_t start;
  rs_result_begin(m, r, &start);
  r->kind = "freshness";
  rs_result_end(r, run_freshness(m, r, &e), &e, start);
}
