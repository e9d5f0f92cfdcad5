/*
** Calls, casts and EXTRACT as text: the templates of functions.c are filled in here (see emit.h).
*/
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/emit.h"
#include "src/rsql/strict.h"

/* ---- what follows a call --------------------------------------------------------------------- */

static void bound(struct rsql_writer *w, const struct rsql_bound *b)
{
  if (b->expr != NULL) {
    rs_rsql_write_operand(w, b->expr);
    rs_rsql_write(w, " ");
  }
  rs_rsql_write(w, b->text);
}

void rs_rsql_write_window(struct rsql_writer *w, const struct rsql_window *o)
{
  const char *between = "";
  rs_rsql_write(w, "(");
  if (o->npartition > 0) {
    rs_rsql_write(w, "PARTITION BY ");
    for (size_t i = 0; i < o->npartition && w->rc == RS_OK; i++) {
      if (i > 0) rs_rsql_write(w, ", ");
      if (w->keys != NULL || !rs_rsql_write_common(w, o->partition[i]))
        rs_rsql_write_expr(w, o->partition[i]);
    }
    between = " ";
  }
  if (o->order.n > 0) {
    rs_rsql_write(w, between);
    rs_rsql_write_orders(w, &o->order);
    between = " ";
  }
  if (o->unit != NULL) {
    rs_rsql_write(w, between);
    rs_buf_printf(w->b, o->to.text != NULL ? "%s BETWEEN " : "%s ", o->unit);
    bound(w, &o->from);
    if (o->to.text != NULL) {
      rs_rsql_write(w, " AND ");
      bound(w, &o->to);
    }
  }
  rs_rsql_write(w, ")");
}

/* FILTER and OVER */
static void suffix(struct rsql_writer *w, const struct rsql_call *c)
{
  if (c->filter != NULL) {
    rs_rsql_write(w, " FILTER (WHERE ");
    rs_rsql_write_expr(w, c->filter);
    rs_rsql_write(w, ")");
  }
  if (c->over == NULL) return;
  rs_rsql_write(w, " OVER ");
  if (c->over->name != NULL) rs_rsql_write_name(w, c->over->name);
  else rs_rsql_write_window(w, c->over);
}

/* All arguments with DISTINCT and ORDER BY. */
static void arguments(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_call *c = x->call;
  if (c->star) rs_rsql_write(w, "*");
  if (c->distinct) rs_rsql_write(w, "DISTINCT ");
  const char in = c->known != NULL ? c->known->in : 0;
  const bool boxes = c->known != NULL && rs_rsql_function_boxes(c->known);
  const bool counts = c->distinct && rs_casecmp(x->name, "COUNT") == 0;
  for (size_t i = 0; i < x->n && w->rc == RS_OK; i++) {
    if (i > 0) rs_rsql_write(w, ", ");
    if (counts && rs_rsql_write_counted(w, x->v[i])) continue;
    if (boxes && (i > 0 || c->known->result == 'c')) rs_rsql_write_either(w, x->v[i], x->type);
    else rs_rsql_write_as(w, x->v[i], in, true);
  }
  if (c->order.n > 0) {
    rs_rsql_write(w, " ");
    rs_rsql_write_orders(w, &c->order);
  }
  if (c->nulls != NULL) rs_rsql_write(w, c->nulls);
}

/* ---- templates ------------------------------------------------------------------------------- */

/* Is what stands beside a marker such that no brackets are needed? */
static bool is_enclosed(const char *template, const char *at, size_t len)
{
  const char *before = at, *after = at + len;
  while (before > template && before[-1] == ' ') before--;
  while (*after == ' ') after++;
  char b = before > template ? before[-1] : '(';
  bool word = strncmp(after, "AS ", 3) == 0 || strncmp(after, "THEN", 4) == 0 ||
              strncmp(after, "END", 3) == 0 || strncmp(after, "WHEN", 4) == 0;
  return (b == '(' || b == ',' || b == '[') &&
         (*after == 0 || *after == ')' || *after == ',' || *after == ']' || word);
}

/* ${text|separator}: `body` up to its `}`; $? is the argument. */
static const char *repeat(struct rsql_writer *w, const struct rsql_node *x, const char *body)
{
  const char *bar = strchr(body, '|'), *end = strchr(body, '}');
  // the separator may itself be made of bars
  for (size_t i = 0; i < x->n && w->rc == RS_OK; i++) {
    if (i > 0) rs_buf_add(w->b, bar + 1, (size_t)(end - bar - 1));
    for (const char *c = body; c < bar; c++) {
      if (c[0] == '$' && c[1] == '?') {
        rs_rsql_write_as(w, x->v[i], x->call->known->in, false);
        c++;
      } else {
        rs_buf_char(w->b, *c);
      }
    }
  }
  return end + 1;
}

static void fill(struct rsql_writer *w, const struct rsql_node *x, const char *template)
{
  for (const char *c = template; *c != 0 && w->rc == RS_OK;) {
    size_t n = strcspn(c, "$");
    rs_buf_add(w->b, c, n);
    c += n;
    if (*c == 0) break;
    char what = c[1];
    if (what == '{') {
      c = repeat(w, x, c + 2);
      continue;
    }
    if (what == '*') arguments(w, x);
    else if (what == '~') suffix(w, x->call);
    else if (what == '$') rs_rsql_write(w, "$");
    else if ((size_t)(what - '1') < x->n) {
      rs_rsql_write_as(w, x->v[what - '1'], x->call->known->in, is_enclosed(template, c, 2));
    }
    c += 2;
  }
}

/* Does the template say where FILTER and OVER go? A plain call takes them at its end. */
static bool takes_suffix(const struct rsql_call *c, const char *template)
{
  return (c->filter == NULL && c->over == NULL) || strstr(template, "$~") != NULL;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* A function's name as it is; what is no plain word is quoted. */
static void function_name(struct rsql_writer *w, const char *name)
{
  bool plain = name[0] != 0 && !(name[0] >= '0' && name[0] <= '9');
  for (const char *c = name; *c != 0 && plain; c++) {
    plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '_' ||
            (*c >= '0' && *c <= '9');
  }
  if (!plain) {
    rs_rsql_write_name(w, name);
    return;
  }
  for (const char *c = name; *c != 0; c++) {
    rs_buf_char(w->b, (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c));
  }
}

static void plain_call(struct rsql_writer *w, const struct rsql_node *x)
{
  function_name(w, x->name);
  if (x->call->bare) return;
  rs_rsql_write(w, "(");
  arguments(w, x);
  rs_rsql_write(w, ")");
  suffix(w, x->call);
}

void rs_rsql_write_table_call(struct rsql_writer *w, const struct rsql_node *x)
{
  plain_call(w, x);
}

/* ARRAY_AGG(x ORDER BY k LIMIT n OFFSET m): a part of the array. */
static void limited(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_call *c = x->call;
  const bool function = !w->f->slices;
  rs_rsql_write(w, function ? "slice(" : "(");
  plain_call(w, x);
  rs_rsql_write(w, function ? ", 1 + " : ")[1 + ");
  if (c->offset != NULL) rs_rsql_write_operand(w, c->offset);
  else rs_rsql_write(w, "0");
  if (function) {
    rs_rsql_write(w, ", ");
    if (c->limit != NULL) rs_rsql_write_expr(w, c->limit);
    else rs_rsql_write(w, "2147483647");
    rs_rsql_write(w, ")");
    return;
  }
  rs_rsql_write(w, " : ");
  if (c->limit != NULL) {
    rs_rsql_write_operand(w, c->limit);
    if (c->offset != NULL) {
      rs_rsql_write(w, " + ");
      rs_rsql_write_operand(w, c->offset);
    }
  }
  rs_rsql_write(w, "]");
}

/* Its arguments are groups' keys: of columns of several types the columns as they are. */
static void grouping(struct rsql_writer *w, const struct rsql_node *x)
{
  rs_rsql_write(w, "grouping(");
  for (size_t i = 0; i < x->n && w->rc == RS_OK; i++) {
    struct rsql_node key = *x->v[i];
    key.raw = key.kind == N_COLUMN && !w->plain;
    if (i > 0) rs_rsql_write(w, ", ");
    if (!rs_rsql_write_group_key(w, x->v[i])) rs_rsql_write_expr(w, &key);
  }
  rs_rsql_write(w, ")");
}

/* SEARCH(...) OPTION(match_all = false): one match is enough. */
static bool any_match(const struct rsql_call *c)
{
  for (size_t i = 0; i < c->noptions; i++) {
    if (rs_casecmp(c->options[i].name, "match_all") == 0) {
      return rs_casecmp(c->options[i].value, "false") == 0;
    }
  }
  return false;
}

static void write_call(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_function *f = x->call->known;
  if (x->op > 0 && w->f->raise != NULL) {
    rs_rsql_write_wrong(w, x);
    return;
  }
  if (!w->plain && x->call->over == NULL && rs_rsql_function_needs_window(x->name)) {
    rs_rsql_write_fail(w, x->pos, RS_INVALID, "function `%s` needs OVER (...)", x->name);
    return;
  }
  for (size_t i = 0; w->plain && i < x->n; i++) {
    if (x->v[i]->kind != N_VIEW) continue;
    rs_rsql_plain_fail(w, x->pos, x->name); // of a JSON value
    return;
  }
  if (f != NULL && rs_eq(f->name, "GROUPING")) {
    grouping(w, x);
    return;
  }
  const char *template = f == NULL  ? NULL
                         : w->plain ? rs_rsql_plain_function(f)
                                    : rs_rsql_form_of(w, f->duckdb, f->trino);
  if (x->call->limit != NULL || x->call->offset != NULL) {
    if (w->plain) rs_rsql_plain_fail(w, x->pos, "LIMIT inside of a function");
    else limited(w, x);
    return;
  }
  if (template == NULL || x->call->star) {
    const bool quiet = w->quiet;
    w->quiet = quiet || rs_casecmp(x->name, "TRY") == 0;
    plain_call(w, x);
    w->quiet = quiet;
    return;
  }
  if (rs_eq(template, "-")) {
    const bool score = rs_casecmp(x->name, "SCORE") == 0;
    rs_rsql_write_fail(w, x->pos, RS_UNSUPPORTED, "function `%s` has no form in %s%s", x->name,
                       w->d->name,
                       score ? ": there is no index of words: order by a field or expression of "
                               "your own, as IF(CONTAINS(text, 'word'), 1, 0)"
                             : "");
    return;
  }
  if (!takes_suffix(x->call, template)) {
    rs_rsql_write_fail(w, x->pos, RS_INVALID, "function `%s` is no aggregate", x->name);
    return;
  }
  if (rs_eq(template, "(${$?| AND })") && any_match(x->call)) template = "(${$?| OR })";
  fill(w, x, template);
}

void rs_rsql_write_call(struct rsql_writer *w, const struct rsql_node *x)
{
  const bool alike = w->alike;
  const struct rsql_group_keys *keys = w->keys;
  const bool type_of = x->n == 1 && rs_casecmp(x->name, "TYPEOF") == 0;
  if (x->call->over == NULL && rs_rsql_function_aggregates(x->name)) {
    w->alike = false;
    if (rs_casecmp(x->name, "GROUPING") != 0) w->keys = NULL; // it takes rows
  }
  if (!type_of || !rs_rsql_write_type_of(w, x->v[0])) write_call(w, x);
  w->alike = alike;
  w->keys = keys;
}

const char *rs_rsql_type_text(const struct rsql_writer *w, const struct rsql_type_name *t)
{
  return w->plain ? rs_rsql_plain_type(w, t->kind) : rs_rsql_form_of(w, t->duckdb, t->trino);
}

/* ---- casts ----------------------------------------------------------------------------------- */

/* Casts that need another form; $ is the value. NULL: a plain cast. */
static const struct cast {
  enum rsql_kind from, to;
  const char *duckdb, *trino;
} casts[] = {
  {TY_FLOAT, TY_INT, "CAST(trunc($) AS BIGINT)", "CAST(truncate($) AS bigint)"},
  {TY_DECIMAL, TY_INT, "CAST(trunc($) AS BIGINT)", "CAST(truncate($) AS bigint)"},
  // a text that is no integer stays none: the engine would round 2.5
  {TY_STRING, TY_INT,
   "CAST(CASE WHEN regexp_matches($, '[.eE_]') THEN '\"' || $ || '\"' ELSE $ END AS BIGINT)", NULL},
  {TY_STRING, TY_U256,
   "CAST(CASE WHEN regexp_full_match($, '[0-9]+') THEN $ ELSE '\"' || $ || '\"' END AS UHUGEINT)",
   NULL},
  {TY_FLOAT, TY_U256, "CAST(trunc($) AS UHUGEINT)", NULL},
  {TY_STRING, TY_BYTES, "encode($)", "to_utf8($)"},
  {TY_BYTES, TY_STRING, "decode($)", "from_utf8($)"},
  // six digits of the fraction are written: what is zero at the end goes
  {TY_DATETIME, TY_STRING, "regexp_replace(strftime($, '%Y-%m-%dT%H:%M:%S.%f'), '\\.?0+$', '')",
   "regexp_replace(to_iso8601(CAST($ AS timestamp(6))), '\\.?0+$', '')"},
  {TY_TIMESTAMP, TY_STRING,
   "(regexp_replace(strftime($ AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f'), '\\.?0+$', '') "
   "|| 'Z')",
   "(regexp_replace(to_iso8601(CAST($ AT TIME ZONE 'UTC' AS timestamp(6))), '\\.?0+$', '') || "
   "'Z')"},
  {TY_TIMESTAMP, TY_TIME, "CAST($ AT TIME ZONE 'UTC' AS TIME)",
   "CAST($ AT TIME ZONE 'UTC' AS time(6))"},
  {TY_LIST, TY_STRING, "CAST(to_json($) AS VARCHAR)", "json_format(CAST($ AS JSON))"},
  {TY_STRUCT, TY_STRING, "CAST(to_json($) AS VARCHAR)", "json_format(CAST($ AS JSON))"},
  {TY_MAP, TY_STRING, "CAST(to_json($) AS VARCHAR)", "json_format(CAST($ AS JSON))"},
  {TY_U256, TY_INT, "CAST($ AS BIGINT)", NULL},
  // a typed value is the text that its own type would give
  {TY_JSON, TY_STRING,
   "CASE WHEN starts_with(CAST($ AS VARCHAR), '{\"__rockset_type\":') THEN coalesce(CASE "
   "json_extract_string($, '$.__rockset_type') WHEN 'TIMESTAMP' THEN regexp_replace($ ->> 'value', "
   "'\\.?0+Z$', 'Z') WHEN 'DATE' THEN $ ->> 'value' WHEN 'DATETIME' THEN $ ->> 'value' WHEN 'TIME' "
   "THEN $ ->> 'value' WHEN 'BYTES' THEN decode(from_base64($ ->> 'value')) WHEN "
   "'MONTH_INTERVAL' THEN CAST(to_months(CAST(($ ->> 'value') AS INTEGER)) AS VARCHAR) WHEN "
   "'MICROSECOND_INTERVAL' THEN CAST(to_microseconds(CAST(($ ->> 'value') AS BIGINT)) AS "
   "VARCHAR) END, $ ->> '$') ELSE ($ ->> '$') END",
   "CASE json_extract_scalar($, '$.__rockset_type') WHEN 'TIMESTAMP' THEN "
   "regexp_replace(json_extract_scalar($, '$.value'), '\\.?0+Z$', 'Z') WHEN 'DATE' THEN "
   "json_extract_scalar($, '$.value') WHEN 'DATETIME' THEN json_extract_scalar($, '$.value') WHEN "
   "'TIME' THEN json_extract_scalar($, '$.value') WHEN 'BYTES' THEN "
   "from_utf8(from_base64(json_extract_scalar($, '$.value'))) WHEN 'MONTH_INTERVAL' THEN "
   "CAST(CAST(json_extract_scalar($, '$.value') AS bigint) * INTERVAL '1' MONTH AS varchar) WHEN "
   "'MICROSECOND_INTERVAL' THEN CAST(CAST(json_extract_scalar($, '$.value') AS bigint) / 1000 * "
   "INTERVAL '0.001' SECOND AS varchar) ELSE CASE WHEN "
   "substr(json_format($), 1, 1) IN "
   "('[', '{') THEN json_format($) ELSE json_extract_scalar($, '$') END END"},
  {TY_STRING, TY_JSON, NULL, "json_parse($)"},
  {TY_LIST, TY_JSON, "to_json($)", NULL},
  {TY_STRUCT, TY_JSON, "to_json($)", NULL},
  {TY_MAP, TY_JSON, "to_json($)", NULL},
  {TY_FLOAT, TY_STRING, NULL, "json_format(CAST($ AS JSON))"},
  {TY_STRING, TY_DATETIME, NULL, "CAST(replace($, 'T', ' ') AS timestamp(6))"},
  {TY_STRING, TY_TIMESTAMP, NULL, "from_iso8601_timestamp_nanos(replace($, ' ', 'T'))"},
  {TY_INT, TY_MICROS, "to_microseconds($)", RS_RSQL_T_MICROS},
  {TY_FLOAT, TY_MICROS, "to_microseconds(CAST(trunc($) AS BIGINT))", NULL},
  {TY_INT, TY_MONTHS, "to_months($)", "($ * INTERVAL '1' MONTH)"},
  {TY_FLOAT, TY_MONTHS, "to_months(CAST(trunc($) AS INTEGER))",
   "(CAST(truncate($) AS bigint) * INTERVAL '1' MONTH)"},
};

bool rs_rsql_is_operand(const char *template, const char *c)
{
  return *c == '$' && c[1] != '\'' && (c == template || c[-1] != '\'');
}

void rs_rsql_write_form(struct rsql_writer *w, const char *template, const struct rsql_node *a)
{
  for (const char *c = template; *c != 0; c++) {
    if (rs_rsql_is_operand(template, c)) rs_rsql_write_operand(w, a);
    else rs_buf_char(w->b, *c);
  }
}

/* For a dialect without forms of its own: NULL is a plain cast, "-" none at all. */
static const char *plain_cast(enum rsql_kind from, enum rsql_kind to)
{
  // it may round, where Rockset cuts off
  if (to == TY_INT && (from == TY_FLOAT || from == TY_DECIMAL))
    return "CAST(CASE WHEN $ < 0 THEN ceil($) ELSE floor($) END AS BIGINT)";
  const bool own = from == TY_JSON || from == TY_LIST || from == TY_STRUCT || from == TY_MAP;
  const bool time = to == TY_STRING && (from == TY_DATETIME || from == TY_TIMESTAMP);
  return own || time ? "-" : NULL; // a time's text has another form in each engine
}

static const char *cast_template(const struct rsql_writer *w, enum rsql_kind from,
                                 enum rsql_kind to)
{
  if (w->plain) return plain_cast(from, to);
  for (size_t i = 0; i < sizeof casts / sizeof casts[0]; i++) {
    if (casts[i].from == from && casts[i].to == to)
      return rs_rsql_form_of(w, casts[i].duckdb, casts[i].trino);
  }
  return NULL;
}

const char *rs_rsql_text_form(const struct rsql_writer *w, enum rsql_kind kind)
{
  return cast_template(w, kind, TY_STRING);
}

/* Python-like truth: 0, '' and [] are false. */
static const char *truth(const struct rsql_writer *w, enum rsql_kind from)
{
  if (from == TY_STRING) return "(length($) > 0)";
  if (from == TY_LIST) return rs_rsql_form_of(w, "(len($) > 0)", "(cardinality($) > 0)");
  return NULL;
}

/* What STATIC_CAST does not do. */
static bool is_text_cast(enum rsql_kind from, enum rsql_kind to)
{
  if (from == TY_STRING) return to != TY_STRING && to != TY_BOOL;
  return to == TY_STRING && from != TY_ANY && from != TY_NULL && from != TY_JSON;
}

void rs_rsql_write_cast(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_node *a = x->v[0];
  const struct rsql_type_name *t = rs_rsql_type_find(x->text);
  const char *name = t == NULL ? x->text : rs_rsql_type_text(w, t);
  if (rs_eq(name, "-")) {
    rs_rsql_write_fail(w, x->pos, RS_UNSUPPORTED, "%s has no type %s", w->d->name, x->text);
    return;
  }
  bool is_static = x->op == CAST_STATIC || x->op == CAST_TRY_STATIC;
  bool try_ = x->op == CAST_TRY || x->op == CAST_TRY_STATIC;
  const char *template = t != NULL ? cast_template(w, a->type.kind, t->kind) : NULL;
  const bool truthy = is_static && t != NULL && t->kind == TY_BOOL;
  if (truthy) template = truth(w, a->type.kind);
  if (w->plain && (try_ || (truthy && template != NULL) || rs_eq(template, "-"))) {
    const bool json = a->type.kind == TY_JSON;
    rs_rsql_plain_fail(w, x->pos,
                       try_   ? "TRY_CAST"
                       : json ? "a JSON value as a text or number"
                              : "this CAST");
    return;
  }
  if (is_static && t != NULL && is_text_cast(a->type.kind, t->kind) && !w->plain) {
    if (!try_) {
      rs_rsql_write(w, "CASE WHEN ");
      rs_rsql_write_operand(w, a);
      rs_rsql_write(w, " IS NOT NULL THEN ");
      rs_rsql_write_raise(w, x->pos, "STATIC_CAST reads and writes no strings: use CAST.");
      rs_rsql_write(w, " ELSE ");
    }
    rs_buf_printf(w->b, "CAST(NULL AS %s)%s", name, try_ ? "" : " END");
    return;
  }
  if (t != NULL && t->kind == TY_STRING && rs_rsql_write_union_text(w, a)) return;
  if (template != NULL) {
    // a text can be made of every value but of bytes; else TRY makes NULL of what fails. Around one
    // cast the engines have TRY_CAST, which is faster
    const bool cannot = t->kind == TY_STRING && a->type.kind != TY_BYTES;
    const bool one = rs_starts(template, "CAST(");
    if (try_ && !cannot) rs_rsql_write(w, one ? "TRY_" : "TRY(");
    rs_rsql_write_form(w, template, a);
    if (try_ && !cannot && !one) rs_rsql_write(w, ")");
    return;
  }
  rs_rsql_write(w, try_ ? "TRY_CAST(" : "CAST(");
  rs_rsql_write_expr(w, a);
  rs_buf_printf(w->b, " AS %s)", name);
}

/* ---- EXTRACT --------------------------------------------------------------------------------- */

static const struct part {
  const char *name, *duckdb, *trino;
  const char *plain; /* NULL: not in every engine, or not the same in each */
} parts[] = {
#define PARTS_OF_DAY 5
  // only the fraction of the second: one of the open points of the reference
  {"MICROSECOND", "(extract(microsecond FROM $) % 1000000)",
   "CAST(rpad(regexp_extract(CAST($ AS varchar) || '.0', '\\.([0-9]+)', 1), 6, '0') AS bigint)",
   NULL},
  {"MILLISECOND", "(extract(millisecond FROM $) % 1000)", "millisecond($)", NULL},
  {"SECOND", "CAST(extract(second FROM $) AS BIGINT)", "extract(second FROM $)",
   "CAST(floor(extract(second FROM $)) AS BIGINT)"},
  {"MINUTE", "extract(minute FROM $)", "extract(minute FROM $)",
   "CAST(extract(minute FROM $) AS BIGINT)"},
  {"HOUR", "extract(hour FROM $)", "extract(hour FROM $)", "CAST(extract(hour FROM $) AS BIGINT)"},
  {"DAY", "extract(day FROM $)", "extract(day FROM $)", "CAST(extract(day FROM $) AS BIGINT)"},
  {"WEEK", "extract(week FROM $)", "extract(week FROM $)", NULL},
  {"ISOWEEK", "extract(week FROM $)", "extract(week FROM $)", NULL},
  {"MONTH", "extract(month FROM $)", "extract(month FROM $)",
   "CAST(extract(month FROM $) AS BIGINT)"},
  {"QUARTER", "extract(quarter FROM $)", "extract(quarter FROM $)", NULL},
  {"YEAR", "extract(year FROM $)", "extract(year FROM $)", "CAST(extract(year FROM $) AS BIGINT)"},
  {"ISOYEAR", "extract(isoyear FROM $)", "extract(year_of_week FROM $)", NULL},
  {"DAYOFWEEK", "(dayofweek($) + 1)", "(day_of_week($) % 7 + 1)", NULL},
  {"DAYOFYEAR", "extract(doy FROM $)", "extract(doy FROM $)", NULL},
  {"EPOCH", "extract(epoch FROM $)", "to_unixtime($)", NULL},
};

/* A date has no hours: Trino would refuse the whole statement. */
static void no_part(struct rsql_writer *w, const struct rsql_node *x)
{
  if (w->quiet) {
    rs_rsql_write(w, "CAST(NULL AS bigint)");
    return;
  }
  rs_rsql_write(w, "CASE WHEN ");
  rs_rsql_write_operand(w, x->v[0]);
  rs_rsql_write(w, " IS NOT NULL THEN ");
  rs_rsql_write_raise(w, x->pos, "EXTRACT(%s) does not take date.", x->text);
  rs_rsql_write(w, " END");
}

void rs_rsql_write_extract(struct rsql_writer *w, const struct rsql_node *x)
{
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    if (!rs_eq(parts[i].name, x->text)) continue;
    const struct part *p = &parts[i];
    const char *template = w->plain ? p->plain : rs_rsql_form_of(w, p->duckdb, p->trino);
    if (template == NULL || rs_eq(template, "-")) {
      rs_rsql_write_fail(w, x->pos, RS_UNSUPPORTED, "EXTRACT(%s) has no form in %s", x->text,
                         w->d->name);
      return;
    }
    if (x->v[0]->type.kind == TY_NULL) rs_rsql_write(w, "CAST(NULL AS BIGINT)");
    else if (i < PARTS_OF_DAY && x->v[0]->type.kind == TY_DATE && w->f->set == RS_FORMS_TRINO)
      no_part(w, x);
    else rs_rsql_write_form(w, template, x->v[0]);
    return;
  }
  rs_rsql_write_fail(w, x->pos, RS_INVALID, "EXTRACT has no part %s", x->text);
}
