/*
** Rows on their way to the server as one SELECT (trino.h).
**
** A statement costs the server most of a second however few rows it carries, and its length is
** limited: so the text is kept short. Each column is a JSON array of its own. A value that all rows
** have is said once, and so is what all texts of a column begin with (a day, the front of an id).
**
** The row that breaks such a rule may make the text of all rows before it much longer; what has
** become too long is therefore sent without its last row, by the rules that held before it.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/sql/sql.h"
#include "trino.h"

/* Of what is the same in all rows the text says nothing, but memory and the server's rows do. */
#define RAW_MAX ((size_t)16 << 20)
#define ROWS_MAX ((size_t)100000)
#define PREFIX_MIN 3 /* shorter ones are not worth their `'...' ||` */

/* What holds for the first cells of a column, up to `end` of its text. */
struct rule {
  bool same;     /* all are the first one */
  size_t prefix; /* plain characters that all texts begin with */
  bool texts;    /* there was one */
  size_t quotes, end;
};

struct rs_trino_cells {
  struct rs_buf json;   /* v,v,v */
  struct rule now, was; /* was: before the last cell */
};

/* ---- rules ----------------------------------------------------------------------------------- */

/* They mean themselves in JSON and in SQL, and end no character in its middle. */
static bool is_plain(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == ':' || c == ' ' || c == '.' || c == '_' || c == '/';
}

static void see_text(struct rule *r, const char *first, const char *p, size_t n)
{
  size_t k = 0, most = r->texts ? r->prefix : n;
  while (k < most && is_plain(p[k]) && (!r->texts || p[k] == first[k])) k++;
  r->prefix = k;
  r->texts = true;
}

/* The first text of a column, behind its quote; NULL: only nulls so far. */
static const char *first_text(const char *json)
{
  while (strncmp(json, "null,", 5) == 0) json += 5;
  return *json == '"' ? json + 1 : NULL;
}

/* A cell from `at` to the end of the text was added. */
static void see_cell(struct rs_trino_cells *c, size_t at)
{
  const char *p = c->json.p + at;
  size_t n = c->json.n - at;
  c->was = c->now;
  if (at > 0) {
    c->now.same = c->now.same && memcmp(c->json.p, p, n) == 0 && c->json.p[n] == ',';
  } else {
    c->now = (struct rule){.same = true};
  }
  for (const char *q = p; (q = strchr(q, '\'')) != NULL; q++) c->now.quotes++;
  if (*p == '"' && (c->now.prefix > 0 || !c->now.texts)) {
    see_text(&c->now, first_text(c->json.p), p + 1, n - 1);
  }
  c->now.end = c->json.n;
}

static bool is_text(const struct rs_trino_field *f)
{
  return rs_eq(f->wire, "VARCHAR");
}
static size_t prefix_of(const struct rs_trino_field *f, const struct rule *r)
{
  return is_text(f) && r->prefix >= PREFIX_MIN ? r->prefix : 0;
}

/* How much text the rows are, and how much memory. */
static size_t measure_text(const struct rs_trino_batch *b, size_t *raw)
{
  size_t all = 0;
  *raw = 0;
  for (size_t i = 0; i < b->nfields; i++) {
    const struct rule *r = &b->cells[i].now;
    *raw += r->end;
    // nulls have no prefix: the text is longer then than this says, by less than they are
    size_t saved = prefix_of(&b->fields[i], r) * b->rows;
    if (r->same && i > 0) all += r->end / b->rows + r->quotes / b->rows;
    else all += r->quotes + (saved < r->end ? r->end - saved : 0);
  }
  return all;
}

/* ---- rows ------------------------------------------------------------------------------------ */

enum rs_code rs_trino_batch_init(struct rs_trino_batch *b, const struct rs_trino_field *f, size_t n,
                                 struct rs_error *e)
{
  *b = (struct rs_trino_batch){.fields = f, .nfields = n};
  b->cells = rs_calloc(n + 1, sizeof b->cells[0]);
  if (b->cells == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) rs_buf_init(&b->cells[i].json, (size_t)1 << 30);
  return RS_OK;
}

void rs_trino_batch_free(struct rs_trino_batch *b)
{
  for (size_t i = 0; b->cells != NULL && i < b->nfields; i++) rs_buf_free(&b->cells[i].json);
  rs_free(b->cells);
  b->cells = NULL;
}

struct rs_buf *rs_trino_batch_cell(struct rs_trino_batch *b, size_t field)
{
  struct rs_buf *json = &b->cells[field].json;
  if (b->rows > 0) rs_buf_char(json, ',');
  return json;
}

enum rs_code rs_trino_batch_row(struct rs_trino_batch *b, struct rs_error *e)
{
  for (size_t i = 0; i < b->nfields; i++) {
    struct rs_trino_cells *c = &b->cells[i];
    enum rs_code rc = rs_buf_error(&c->json, e, "a row");
    if (rc != RS_OK) return rc;
    see_cell(c, b->rows > 0 ? c->now.end + 1 : 0);
  }
  size_t raw;
  b->rows++;
  b->full = b->rows > 1 &&
            (measure_text(b, &raw) > RS_TRINO_TEXT_MAX || raw > RAW_MAX || b->rows > ROWS_MAX);
  return RS_OK;
}

size_t rs_trino_batch_ready(const struct rs_trino_batch *b)
{
  return b->full ? b->rows - 1 : b->rows;
}

void rs_trino_batch_sent(struct rs_trino_batch *b)
{
  for (size_t i = 0; i < b->nfields; i++) {
    struct rs_trino_cells *c = &b->cells[i];
    size_t at = b->full ? c->was.end + 1 : c->json.n, n = c->json.n - at;
    if (c->json.p == NULL) continue;
    memmove(c->json.p, c->json.p + at, n);
    c->json.p[n] = 0;
    c->json.n = n;
    if (n > 0) see_cell(c, 0);
  }
  b->rows = b->full ? 1 : 0;
  b->full = false;
}

/* ---- the statement --------------------------------------------------------------------------- */

static void add_literal(const struct rs_session *s, struct rs_buf *b, const char *p, size_t n)
{
  const struct rs_value v = {.kind = RS_TEXT, .s = {p, n}};
  rs_dialect_literal(s->target->dialect, b, &v);
}

/* The end of the cell at p. */
static const char *cell_end(const char *p)
{
  if (*p != '"') return p + strcspn(p, ",");
  for (p++; *p != '"'; p++) {
    if (*p == '\\') p++;
  }
  return p + 1;
}

/* [v,v,v] without what all texts begin with. */
static void add_array(const struct rs_session *s, struct rs_buf *b, const struct rs_trino_cells *c,
                      const struct rule *r, size_t prefix)
{
  struct rs_buf text;
  const char *p = c->json.p, *end = p + r->end;
  rs_buf_init(&text, (size_t)1 << 30);
  rs_buf_char(&text, '[');
  if (prefix == 0) rs_buf_add(&text, p, r->end);
  for (const char *next; prefix > 0 && p < end; p = next + 1) {
    next = cell_end(p);
    if (text.n > 1) rs_buf_char(&text, ',');
    if (*p == '"') rs_buf_char(&text, '"'), p += 1 + prefix;
    rs_buf_add(&text, p, (size_t)(next - p));
  }
  rs_buf_char(&text, ']');
  add_literal(s, b, rs_buf_text(&text), text.n);
  if (text.rc != RS_OK && b->rc == RS_OK) b->rc = text.rc;
  rs_buf_free(&text);
}

/* What all rows have, or a column of UNNEST with its prefix put back. */
static void add_value(const struct rs_session *s, struct rs_buf *b, const struct rs_trino_batch *x,
                      size_t i, bool same)
{
  const struct rs_trino_cells *c = &x->cells[i];
  const struct rule *r = x->full ? &c->was : &c->now;
  size_t prefix = prefix_of(&x->fields[i], r);
  if (same) {
    rs_buf_str(b, "CAST(json_parse(");
    add_literal(s, b, c->json.p, (size_t)(cell_end(c->json.p) - c->json.p));
    rs_buf_printf(b, ") AS %s)", x->fields[i].wire);
    return;
  }
  if (prefix > 0) {
    add_literal(s, b, first_text(c->json.p), prefix);
    rs_buf_str(b, " || ");
  }
  rs_buf_printf(b, "c%zu", i);
}

void rs_trino_batch_create(const struct rs_session *s, struct rs_buf *b,
                           const struct rs_relation *into, const struct rs_trino_batch *x)
{
  rs_sql_add(s, b, "CREATE TABLE %r (", into);
  for (size_t i = 0; i < x->nfields; i++)
    rs_sql_add(s, b, "%s%i %s", i > 0 ? ", " : "", x->fields[i].name, x->fields[i].type);
  rs_buf_char(b, ')');
}

void rs_trino_batch_source(const struct rs_session *s, struct rs_buf *b,
                           const struct rs_trino_batch *x)
{
  const char *sep = "";
  rs_buf_str(b, "SELECT ");
  for (size_t i = 0; i < x->nfields; i++) {
    const struct rs_trino_field *f = &x->fields[i];
    const struct rule *r = x->full ? &x->cells[i].was : &x->cells[i].now;
    const char *at = strstr(f->expr, "%s");
    rs_buf_printf(b, "%sCAST(%.*s", i > 0 ? ", " : "", (int)(at - f->expr), f->expr);
    add_value(s, b, x, i, r->same && i > 0);
    rs_buf_printf(b, "%s AS %s) AS ", at + 2, f->type);
    rs_sql_add(s, b, "%i", f->name);
  }
  rs_buf_str(b, " FROM UNNEST(");
  for (size_t i = 0; i < x->nfields; i++) {
    const struct rs_trino_cells *c = &x->cells[i];
    const struct rule *r = x->full ? &c->was : &c->now;
    if (r->same && i > 0) continue; // the first one says how many rows there are
    rs_buf_printf(b, "%sCAST(json_parse(", sep);
    add_array(s, b, c, r, prefix_of(&x->fields[i], r));
    rs_buf_printf(b, ") AS ARRAY(%s))", x->fields[i].wire);
    sep = ", ";
  }
  rs_buf_str(b, ") AS r(");
  sep = "";
  for (size_t i = 0; i < x->nfields; i++) {
    const struct rule *r = x->full ? &x->cells[i].was : &x->cells[i].now;
    if (r->same && i > 0) continue;
    rs_buf_printf(b, "%sc%zu", sep, i);
    sep = ", ";
  }
  rs_buf_char(b, ')');
}
