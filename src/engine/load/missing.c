/*
** Columns of CSV files that are text only because some values are words for "there is none"
** (reading.h): whoever counts `delay > 60` in one compares texts.
*/
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "src/json/json.h"
#include "reading.h"
#include <string.h>

#define FIRST_ROWS 2000 /* that drop what is text indeed */
#define DEPTH_MAX 10

/* SQL: is the text one of them? */
static const char is_word[] = "lower(trim(%s)) IN ('na', 'n/a', '#n/a', 'n.a.', 'null', '(null)', "
                              "'none', 'nil', '-', '--', '?', '.', '\\n', 'missing')";

struct columns {
  struct rs_load_reading *r;
  const struct rs_load *load;
  size_t *at; /* of r->raw */
  size_t n;
};

/* Does the caller say the type of the column? */
static bool has_type(const struct rs_json *types, const char *name)
{
  for (const struct rs_json *c = types != NULL ? types->first : NULL; c != NULL; c = c->next)
    if (rs_caseeqn(name, c->key, c->nkey)) return true;
  return false;
}

static enum rs_code find_texts(struct columns *c, struct rs_error *e)
{
  struct rs_json *types = NULL;
  enum rs_code rc = RS_OK;
  const char *json = c->load->types;
  if (json != NULL) rc = rs_json_parse(json, strlen(json), DEPTH_MAX, c->r->a, &types, e);
  c->at = rs_arena_alloc(c->r->a, (c->r->raw.n + 1) * sizeof c->at[0]);
  if (c->at == NULL) return rs_nomem(e);
  for (size_t i = 0; i < c->r->raw.n && rc == RS_OK; i++) {
    const struct rs_load_field *f = &c->r->raw.v[i];
    if (rs_eq(f->type, "VARCHAR") && !has_type(types, f->name)) c->at[c->n++] = i;
  }
  return rc;
}

/* Keeps the columns whose first rows might be of another type. */
static enum rs_code see_first(void *ctx, struct rs_rows *rows, struct rs_error *e)
{
  struct columns *c = ctx;
  size_t kept = 0;
  (void)e;
  for (size_t i = 0; i < c->n; i++) {
    struct rs_value v;
    rs_rows_get(rows, i, &v);
    if (v.kind == RS_BOOL && v.i != 0) c->at[kept++] = c->at[i];
  }
  c->n = kept;
  return RS_OK;
}

/* Three values a column: what the others are ("": text), how many words, which. */
static enum rs_code see_all(void *ctx, struct rs_rows *rows, struct rs_error *e)
{
  struct columns *c = ctx;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < c->n && rc == RS_OK; i++) {
    const char *others, *words;
    struct rs_value count;
    rc = rs_sql_text(rows, 3 * i, c->r->a, &others, e);
    rs_rows_get(rows, 3 * i + 1, &count);
    if (rc == RS_OK) rc = rs_sql_text(rows, 3 * i + 2, c->r->a, &words, e);
    if (rc != RS_OK || others == NULL || words == NULL || others[0] == 0) continue;
    const char *text = rs_arena_printf(
      c->r->a,
      "%s: column '%s' is text only because of %s (rows: %lld), all other values are %s: load it "
      "with the option {\"null\":%s}",
      c->r->src->what, c->r->raw.v[c->at[i]].name, words, (long long)count.i, others, words);
    if (text == NULL) return rs_nomem(e);
    c->load->warn(c->load->warn_ctx, text);
  }
  return rc;
}

static void add_first(const struct columns *c, struct rs_buf *b)
{
  rs_buf_str(b, "SELECT ");
  for (size_t i = 0; i < c->n; i++) {
    const char *x = c->r->raw.v[c->at[i]].expr;
    rs_buf_printf(b, "%scoalesce(bool_and(", i > 0 ? ", " : "");
    rs_buf_printf(b, is_word, x);
    rs_buf_printf(b,
                  " OR TRY_CAST(%s AS DOUBLE) IS NOT NULL OR TRY_CAST(%s AS TIMESTAMP) IS NOT "
                  "NULL), false)",
                  x, x);
  }
  rs_buf_printf(b, " FROM (SELECT * FROM %s LIMIT %d)", c->r->from, FIRST_ROWS);
}

static void add_all(const struct columns *c, struct rs_buf *b)
{
  rs_buf_str(b, "SELECT ");
  for (size_t i = 0; i < c->n; i++) {
    const char *x = c->r->raw.v[c->at[i]].expr;
    struct rs_buf word;
    rs_buf_init(&word, RS_BUF_SQL_MAX);
    rs_buf_printf(&word, is_word, x);
    const char *w = rs_buf_text(&word);
    if (word.rc != RS_OK) b->rc = word.rc;
    rs_buf_printf(b,
                  "%sCASE WHEN bool_and(TRY_CAST(%s AS DOUBLE) IS NOT NULL) FILTER (NOT %s) THEN "
                  "'numbers' WHEN bool_and(TRY_CAST(%s AS TIMESTAMP) IS NOT NULL) FILTER (NOT %s) "
                  "THEN 'dates' ELSE '' END, ",
                  i > 0 ? ", " : "", x, w, x, w);
    rs_buf_printf(b,
                  "count(*) FILTER (%s), CAST(to_json(list_sort(list(DISTINCT %s) FILTER (%s))) AS "
                  "VARCHAR)",
                  w, x, w);
    rs_buf_free(&word);
  }
  rs_buf_printf(b, " FROM %s", c->r->from);
}

enum rs_code rs_load_warn(struct rs_load_reading *r, const struct rs_load *load, struct rs_error *e)
{
  struct columns c = {.r = r, .load = load};
  struct rs_buf b;
  if (load->warn == NULL) return RS_OK;
  enum rs_code rc = find_texts(&c, e);
  if (rc != RS_OK || c.n == 0) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  add_first(&c, &b);
  rc = rs_sql_each(r->src->s, &b, see_first, &c, NULL, e);
  if (rc != RS_OK || c.n == 0) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  add_all(&c, &b);
  return rs_sql_each(r->src->s, &b, see_all, &c, NULL, e);
}
