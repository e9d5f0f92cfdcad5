/*
** `event_time_info`: the `_event_time` of documents that come in is read from one of their fields.
**
** The time is written behind the document's other members, in place of an `_event_time` of its own:
** of a repeated name the last one counts. Numbers, and texts that say their zone or are in UTC, are
** read here; for other zones the target is asked, which knows when their clocks were put forward.
*/
#include <math.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/json.h"
#include "src/value/rockset_time.h"
#include "src/value/text.h"
#include "definition.h"

enum { DEPTH = 200, ASKED_MAX = 500 };
#define US_MIN INT64_C(-62135596800000000) /* the year 1 */
#define US_MAX INT64_C(253402300799999999) /* and 9999 */

/* A document whose time is one of another zone. */
struct local {
  struct rs_document *doc;
  const char *text; /* 2020-01-02 03:04:05.5 */
};

struct reading {
  struct rs_request *q;
  const struct rs_definition *d;
  struct local *v;
  size_t n, cap;
};

/* ---- the zone -------------------------------------------------------------------------------- */

static bool is_zone_name(const char *p)
{
  size_t n = strlen(p);
  for (; *p != 0; p++) {
    bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
    if (!letter && !(*p >= '0' && *p <= '9') && strchr("/_+-", *p) == NULL) return false;
  }
  return n > 0 && n <= 64;
}

/* `VALUES (0, DATETIME '...' AT TIME ZONE 'zone'), ...` as the target says it. */
static enum rs_code zone_query(struct reading *x, const struct local *v, size_t n,
                               struct rs_buf *sql)
{
  struct rs_request *q = x->q;
  struct rs_buf b;
  struct rs_rsql_stmt *stmt;
  struct rs_rsql_output out;
  const struct rs_rsql_env env = {.workspace = NULL};
  const char *text = NULL;
  rs_buf_init(&b, (size_t)1 << 20);
  for (size_t i = 0; i < n; i++)
    rs_buf_printf(&b, "%s(%zu, DATETIME '%s' AT TIME ZONE '%s')", i == 0 ? "VALUES " : ", ", i,
                  v[i].text, x->d->time_zone);
  enum rs_code rc = rs_arena_take_buf(&q->arena, &b, "statement", &text, &q->e);
  if (rc == RS_OK) rc = rs_rsql_parse(text, strlen(text), &q->arena, &stmt, NULL, &q->e);
  if (rc == RS_OK) rc = rs_rsql_resolve(stmt, &env, NULL, &q->e);
  if (rc == RS_OK)
    rc = rs_rsql_emit(stmt, rs_target_info(q->backend->target).dialect, true, sql, &out, NULL,
                      &q->e);
  return rc == RS_OK ? rs_buf_error(sql, &q->e, "statement") : rc;
}

static enum rs_code set_time(struct rs_request *q, struct rs_document *doc, const char *p,
                             size_t n);

/* Asks for up to ASKED_MAX documents at once. doc NULL: only whether there is such a zone. */
static enum rs_code ask_zone(struct reading *x, const struct local *v, size_t n)
{
  struct rs_request *q = x->q;
  struct rs_session *s;
  struct rs_rows *rows = NULL;
  struct rs_buf sql;
  rs_buf_init(&sql, (size_t)4 << 20);
  enum rs_code rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = zone_query(x, v, n, &sql);
  const struct rs_statement st = {.sql = rs_buf_text(&sql)};
  if (rc == RS_OK) rc = rs_session_query(s, &st, &rows, &q->e);
  while (rc == RS_OK && (rc = rs_rows_next(rows, &q->e)) == RS_OK) {
    struct rs_value number, time;
    rs_rows_get(rows, 0, &number);
    rs_rows_get(rows, 1, &time);
    bool fits = number.kind == RS_INT && number.i >= 0 && (uint64_t)number.i < n;
    if (!fits || time.kind != RS_TEXT || v[number.i].doc == NULL) continue;
    rc = set_time(q, v[number.i].doc, time.s.p, time.s.n);
    if (rc != RS_OK) break;
  }
  rs_rows_close(rows);
  rs_buf_free(&sql);
  return rc == RS_DONE ? RS_OK : rc;
}

enum rs_code rs_event_time_check(struct rs_request *q, const struct rs_definition *d)
{
  struct reading x = {.q = q, .d = d};
  const struct local any = {NULL, "2020-01-02 03:04:05"};
  enum rs_code rc = is_zone_name(d->time_zone) ? ask_zone(&x, &any, 1) : RS_INVALID;
  bool says_no = rc == RS_INVALID || rc == RS_REMOTE || rc == RS_NOT_FOUND || rc == RS_UNSUPPORTED;
  if (!says_no) return rc;
  return rs_refuse(q, 400, "INVALIDINPUT",
                   "request body: 'event_time_info.time_zone': no time zone is called '%.64s': "
                   "give a name of the IANA's, as in Europe/Berlin",
                   d->time_zone);
}

/* ---- documents ------------------------------------------------------------------------------- */

/* The time in UTC, as text without a zone. */
static enum rs_code set_time(struct rs_request *q, struct rs_document *doc, const char *p, size_t n)
{
  char *json = rs_arena_printf(&q->arena, "%.*s,\"_event_time\":\"%.*s+00:00\"}", (int)doc->n - 1,
                               doc->json, (int)n, p);
  if (json == NULL) return rs_nomem(&q->e);
  doc->json = json;
  doc->n = strlen(json);
  return RS_OK;
}

static enum rs_code set_us(struct rs_request *q, struct rs_document *doc, int64_t us)
{
  char text[40];
  if (us < US_MIN || us > US_MAX)
    return rs_ingest_refuse(q, doc, "the event time lies outside of the years 1 to 9999");
  rs_format_timestamp(us, text);
  return set_time(q, doc, text, strlen(text));
}

static enum rs_code refuse_value(struct reading *x, struct rs_document *doc, const char *what)
{
  const char *why = rs_arena_printf(&x->q->arena, "the event time '%.100s' %s", x->d->time_field,
                                    what);
  return why != NULL ? rs_ingest_refuse(x->q, doc, why) : rs_nomem(&x->q->e);
}

static enum rs_code take_number(struct reading *x, struct rs_document *doc,
                                const struct rs_json *value)
{
  static const int64_t units[] = {1, 1000000, 1000};
  int64_t n = 0, us = 0, unit = units[x->d->time_format];
  if (rs_json_int(value, &n)) {
    if (__builtin_mul_overflow(n, unit, &us)) us = INT64_MAX;
    return set_us(x->q, doc, us);
  }
  if (x->d->time_format == RS_TIME_ANY)
    return refuse_value(x, doc, "has a fraction: 'format' must say what the number counts");
  double d = rs_text_to_double(value->p, value->n) * (double)unit;
  bool fits = d > (double)US_MIN && d < (double)US_MAX;
  return set_us(x->q, doc, fits ? (int64_t)llround(d) : INT64_MAX);
}

/* Texts as Rockset reads a timestamp; without a zone they are in the definition's. */
static enum rs_code take_text(struct reading *x, struct rs_document *doc, const char *p, size_t n)
{
  char out[RS_ROCKSET_TIME_MAX], *json;
  struct rs_request *q = x->q;
  bool is_local = rs_rockset_time(RS_TIME_DATETIME, p, n, out) == NULL;
  if (is_local && x->d->time_zone == NULL) return set_time(q, doc, out, strlen(out));
  if (is_local) {
    if (!rs_grow(&x->v, &x->cap, x->n + 1, sizeof x->v[0])) return rs_nomem(&q->e);
    x->v[x->n] = (struct local){doc, rs_arena_strdup(&q->arena, out)};
    return x->v[x->n++].text != NULL ? RS_OK : rs_nomem(&q->e);
  }
  size_t len = rs_rockset_time(RS_TIME_TIMESTAMP, p, n, out) == NULL ? strlen(out) : 0;
  if (len == 0 || out[len - 1] < '0' || out[len - 1] > '9')
    return refuse_value(x, doc, "is no timestamp, as in 2020-01-02T03:04:05Z");
  json = rs_arena_printf(&q->arena, "%.*s,\"_event_time\":\"%s\"}", (int)doc->n - 1, doc->json,
                         out);
  if (json == NULL) return rs_nomem(&q->e);
  doc->json = json;
  doc->n = strlen(json);
  return RS_OK;
}

/* The member of that name, else what a path with dots leads to. */
static const struct rs_json *find_field(const struct rs_json *tree, const char *name)
{
  const struct rs_json *at = rs_json_get(tree, name);
  const char *dot;
  if (at != NULL) return at;
  for (at = tree; (dot = strchr(name, '.')) != NULL && at != NULL; name = dot + 1)
    at = at->kind == RS_J_OBJECT ? rs_json_getn(at, name, (size_t)(dot - name)) : NULL;
  return at != NULL && at != tree && at->kind == RS_J_OBJECT ? rs_json_get(at, name) : NULL;
}

static enum rs_code take_value(struct reading *x, struct rs_document *doc,
                               const struct rs_json *value)
{
  if (value == NULL || value->kind == RS_J_NULL) return RS_OK; // its own, or the time of arrival
  if (value->kind == RS_J_NUMBER) return take_number(x, doc, value);
  if (value->kind == RS_J_STRING && x->d->time_format == RS_TIME_ANY)
    return take_text(x, doc, value->p, value->n);
  if (value->kind == RS_J_OBJECT && rs_json_get(value, "__rockset_type") != NULL) {
    const struct rs_json *text = rs_json_get(value, "value");
    if (text != NULL && text->kind == RS_J_STRING) return take_text(x, doc, text->p, text->n);
  }
  return refuse_value(x, doc,
                      x->d->time_format == RS_TIME_SECONDS
                        ? "must be a number of seconds since 1970"
                      : x->d->time_format == RS_TIME_MILLISECONDS
                        ? "must be a number of milliseconds since 1970"
                        : "must be a timestamp, or a number of microseconds since 1970");
}

enum rs_code rs_event_time_apply(struct rs_request *q, const struct rs_definition *d,
                                 struct rs_document *docs, size_t n)
{
  struct reading x = {.q = q, .d = d};
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    struct rs_arena a;
    struct rs_json *tree = NULL;
    rs_arena_init(&a, 0);
    enum rs_code is = rs_json_parse(docs[i].json, docs[i].n, DEPTH, &a, &tree, NULL);
    if (is == RS_NOMEM) rc = rs_nomem(&q->e);
    // what is no document is refused where documents are read
    if (is == RS_OK && tree->kind == RS_J_OBJECT)
      rc = take_value(&x, &docs[i], find_field(tree, d->time_field));
    rs_arena_free(&a);
  }
  for (size_t at = 0; at < x.n && rc == RS_OK; at += ASKED_MAX)
    rc = ask_zone(&x, x.v + at, x.n - at < ASKED_MAX ? x.n - at : ASKED_MAX);
  rs_free(x.v);
  return rc;
}
