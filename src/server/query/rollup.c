/*
** Rollups (transform.h): the totals of the documents that came are added to those that lie in the
** collection. A group is one document; its `_id` is made of the values that tell the group.
*/
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/md5.h"
#include "src/base/text.h"
#include "src/json/json.h"
#include "src/value/text.h"
#include "internal.h"
#include "transform.h"

enum { DEPTH = 200, ASKED_MAX = 500, ID_SIZE = 2 * RS_MD5_SIZE + 1 };

struct merging {
  struct rs_transform *t;
  struct rs_map groups; /* _id -> the document's tree */
};

/* ---- values ---------------------------------------------------------------------------------- */

/* What is typed has its value inside. */
static const struct rs_json *plain(const struct rs_json *j)
{
  const struct rs_json *value = rs_json_get(j, "value");
  return rs_json_get(j, "__rockset_type") != NULL && value != NULL ? value : j;
}

static double to_double(const struct rs_json *j)
{
  j = plain(j);
  return j->kind == RS_J_NUMBER || j->kind == RS_J_STRING ? rs_text_to_double(j->p, j->n) : 0;
}

static struct rs_json *new_number(struct rs_arena *a, const char *text)
{
  struct rs_json *j = rs_json_new(a, RS_J_NUMBER);
  if (j == NULL) return NULL;
  j->p = rs_arena_strdup(a, text);
  j->n = strlen(text);
  return j->p != NULL ? j : NULL;
}

/* A float: it has a point, an exponent, or is null. */
static struct rs_json *new_double(struct rs_arena *a, double v)
{
  struct rs_buf b;
  if (!isfinite(v)) return rs_json_new(a, RS_J_NULL);
  rs_buf_init(&b, 400);
  rs_buf_json_double(&b, v);
  if (strpbrk(rs_buf_text(&b), ".eE") == NULL) rs_buf_str(&b, ".0");
  struct rs_json *j = b.rc == RS_OK ? new_number(a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return j;
}

/* Integers stay so as long as 64 bits hold them. */
static struct rs_json *add(struct rs_arena *a, const struct rs_json *x, const struct rs_json *y)
{
  int64_t i, k, sum;
  char text[24];
  if (rs_json_int(x, &i) && rs_json_int(y, &k) && !__builtin_add_overflow(i, k, &sum)) {
    (void)snprintf(text, sizeof text, "%lld", (long long)sum);
    return new_number(a, text);
  }
  return new_double(a, to_double(x) + to_double(y));
}

/* Booleans, numbers, texts, others: as MIN and MAX order values of several types. */
static int rank(const struct rs_json *j)
{
  switch (plain(j)->kind) {
    case RS_J_BOOL: return 0;
    case RS_J_NUMBER: return 1;
    case RS_J_STRING: return 2;
    default: return 3;
  }
}

static int compare(const struct rs_json *x, const struct rs_json *y)
{
  int64_t i, k;
  if (rank(x) != rank(y)) return rank(x) - rank(y);
  x = plain(x);
  y = plain(y);
  if (x->kind == RS_J_BOOL) return (int)x->truth - (int)y->truth;
  if (x->kind == RS_J_NUMBER) {
    if (rs_json_int(x, &i) && rs_json_int(y, &k)) return (i > k) - (i < k);
    const double a = to_double(x), b = to_double(y);
    return (a > b) - (a < b);
  }
  if (x->kind != RS_J_STRING) return 0;
  // dates and times, too: they are written in their canonical form
  const size_t n = x->n < y->n ? x->n : y->n;
  const int order = n > 0 ? memcmp(x->p, y->p, n) : 0;
  return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* The field of both documents; NULL: out of memory. Neither is null. */
static struct rs_json *combine(struct rs_arena *a, enum rs_rollup_op op, struct rs_json *x,
                               struct rs_json *y)
{
  switch (op) {
    case RS_ROLLUP_ADD: return add(a, x, y);
    case RS_ROLLUP_MIN: return compare(y, x) < 0 ? y : x;
    case RS_ROLLUP_MAX: return compare(y, x) > 0 ? y : x;
    case RS_ROLLUP_AND: return x->truth ? y : x;
    case RS_ROLLUP_OR: return x->truth ? x : y;
    default: return x;
  }
}

/* ---- documents ------------------------------------------------------------------------------- */

static bool is_none(const struct rs_json *j)
{
  return j == NULL || j->kind == RS_J_NULL;
}

/* The member becomes a copy of the value; false: out of memory. */
static bool set(struct rs_arena *a, struct rs_json *document, const char *name,
                const struct rs_json *value)
{
  struct rs_json *copy = value != NULL ? rs_json_copy(a, value) : NULL;
  if (copy == NULL) return false;
  struct rs_json *old = rs_json_get(document, name);
  if (old != NULL) rs_json_remove(document, old);
  copy->key = name;
  copy->nkey = strlen(name);
  copy->next = NULL;
  rs_json_add(document, copy);
  return true;
}

/* The quotient of its parts, which were added. */
static bool set_average(struct rs_arena *a, struct rs_json *document, const char *name)
{
  const char *sum_name = rs_arena_printf(a, "%s" RS_ROLLUP_SUM, name);
  const char *count_name = rs_arena_printf(a, "%s" RS_ROLLUP_COUNT, name);
  if (sum_name == NULL || count_name == NULL) return false;
  const struct rs_json *sum = rs_json_get(document, sum_name);
  const struct rs_json *count = rs_json_get(document, count_name);
  const double n = is_none(count) ? 0 : to_double(count);
  return set(a, document, name,
             is_none(sum) || n == 0 ? rs_json_new(a, RS_J_NULL)
                                    : new_double(a, to_double(sum) / n));
}

/* Adds the document `from` to the one of the same group. */
static bool merge(struct merging *m, struct rs_json *to, const struct rs_json *from)
{
  const struct rs_transform *t = m->t;
  for (size_t i = 0; i < t->nitems; i++) {
    const struct rs_rollup_item *it = &t->items[i];
    struct rs_json *x = rs_json_get(to, it->name), *y = rs_json_get(from, it->name);
    if (it->op == RS_ROLLUP_AVG || is_none(y)) continue;
    const struct rs_json *both = is_none(x) ? y : combine(t->a, it->op, x, y);
    if (both != x && !set(t->a, to, it->name, both)) return false;
  }
  for (size_t i = 0; i < t->nitems; i++) // once all parts are there
    if (t->items[i].op == RS_ROLLUP_AVG && !set_average(t->a, to, t->items[i].name)) return false;
  return true;
}

/* The hash of what tells the group; null and undefined are one. */
static bool make_id(const struct rs_transform *t, const struct rs_json *document, char id[ID_SIZE])
{
  unsigned char hash[RS_MD5_SIZE];
  struct rs_buf b;
  rs_buf_init(&b, (size_t)64 << 20);
  for (size_t i = 0; i < t->nitems; i++) {
    if (t->items[i].op != RS_ROLLUP_KEY) continue;
    const struct rs_json *value = rs_json_get(document, t->items[i].name);
    if (value != NULL) rs_json_write(&b, value);
    else rs_buf_str(&b, "null");
    rs_buf_char(&b, '\n');
  }
  rs_md5(rs_buf_text(&b), b.n, hash);
  for (size_t i = 0; i < sizeof hash; i++) (void)snprintf(id + 2 * i, 3, "%02x", hash[i]);
  const bool ok = b.rc == RS_OK;
  rs_buf_free(&b);
  return ok;
}

static enum rs_code parse(const struct merging *m, const char *text, size_t n,
                          struct rs_json **tree, struct rs_error *e)
{
  return rs_json_parse(text, n, DEPTH, m->t->a, tree, e);
}

/* The rows of all queries by their groups. */
static enum rs_code gather(struct merging *m, struct rs_error *e)
{
  for (size_t i = 0; i < m->t->n; i++) {
    struct rs_json *tree;
    char id[ID_SIZE];
    enum rs_code rc = parse(m, m->t->v[i].json, m->t->v[i].n, &tree, e);
    if (rc != RS_OK) return rc;
    if (!make_id(m->t, tree, id)) return rs_nomem(e);
    struct rs_json *group = rs_map_get(&m->groups, id);
    const bool ok = group != NULL ? merge(m, group, tree) : rs_map_put(&m->groups, id, tree);
    if (!ok) return rs_nomem(e);
  }
  return RS_OK;
}

/* ---- the collection -------------------------------------------------------------------------- */

static void add_name(struct rs_buf *b, const char *name)
{
  rs_buf_char(b, '"');
  for (; *name != 0; name++) {
    if (*name == '"') rs_buf_char(b, '"');
    rs_buf_char(b, *name);
  }
  rs_buf_char(b, '"');
}

static enum rs_code write_query(struct merging *m, const struct rs_relation *rel, size_t from,
                                const char **sql, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, (size_t)1 << 20);
  rs_buf_str(&b, "SELECT * FROM ");
  add_name(&b, rel->workspace);
  rs_buf_char(&b, '.');
  add_name(&b, rel->name);
  for (size_t i = from; i < m->groups.n && i < from + ASKED_MAX; i++)
    rs_buf_printf(&b, "%s'%s'", i == from ? " WHERE _id IN (" : ", ", m->groups.v[i].key);
  rs_buf_char(&b, ')');
  return rs_arena_take_buf(m->t->a, &b, "rollup", sql, e);
}

/* A document that is there becomes the group's, with what has come added. */
static enum rs_code take_row(struct merging *m, struct rs_run *r)
{
  struct rs_error *e = &r->problem.e;
  struct rs_buf b;
  struct rs_json *tree;
  const char *text;
  rs_buf_init(&b, (size_t)1 << 30);
  rs_writer_row(r->writer, r->rows, &b);
  const size_t n = b.n;
  enum rs_code rc = rs_arena_take_buf(m->t->a, &b, "document", &text, e);
  if (rc == RS_OK) rc = parse(m, text, n, &tree, e);
  if (rc != RS_OK) return rc;
  const struct rs_json *id = rs_json_get(tree, "_id");
  struct rs_map_entry *group = id != NULL && id->kind == RS_J_STRING
                                 ? rs_map_find(&m->groups, id->p, id->n)
                                 : NULL;
  if (group == NULL) return RS_OK;
  if (!merge(m, tree, group->value)) return rs_nomem(e);
  group->value = tree;
  return RS_OK;
}

static enum rs_code read_groups(struct merging *m, const char *sql, struct rs_error *e)
{
  struct rs_run run;
  const struct rs_query_request q = {.sql = sql, .row_limit = -1};
  // the collection's own documents, whatever who sends others may read
  const struct rs_grant reads = {.actions = rs_action_bits(RS_MAY_QUERY_DATA_WS)};
  const struct rs_rights rights = {.v = &reads, .n = 1};
  const struct rs_identity own = {.key_name = "rollup", .rights = &rights};
  rs_run_init(&run, m->t->backend, m->t->s, m->t->watch, &own);
  enum rs_code rc = rs_run_prepare(&run, &q);
  if (rc == RS_OK) rc = rs_run_open(&run, &q);
  if (rc == RS_OK) {
    rs_writer_free(run.writer);
    run.writer = rs_writer_new_documents(rs_rows_columns(run.rows), run.stmt, RS_INPUT_NUMBER);
    if (run.writer == NULL) rc = rs_nomem(&run.problem.e);
  }
  while (rc == RS_OK && (rc = rs_rows_next(run.rows, &run.problem.e)) == RS_OK)
    rc = take_row(m, &run);
  *e = run.problem.e;
  rs_run_close(&run);
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code write_groups(struct merging *m, struct rs_document *docs, struct rs_error *e)
{
  struct rs_arena *a = m->t->a;
  for (size_t i = 0; i < m->groups.n; i++) {
    const char *key = rs_arena_strdup(a, m->groups.v[i].key);
    struct rs_json *tree = m->groups.v[i].value;
    struct rs_json *id = key != NULL ? rs_json_new_string(a, key, strlen(key)) : NULL;
    struct rs_buf b;
    if (id == NULL || !set(a, tree, "_id", id)) return rs_nomem(e);
    rs_buf_init(&b, (size_t)1 << 30);
    rs_json_write(&b, tree);
    docs[i] = (struct rs_document){.n = b.n};
    enum rs_code rc = rs_arena_take_buf(a, &b, "document", &docs[i].json, e);
    if (rc != RS_OK) return rc;
  }
  return RS_OK;
}

enum rs_code rs_rollup_merge(struct rs_transform *x, const struct rs_relation *rel,
                             struct rs_document **docs, size_t *n, struct rs_error *e)
{
  struct merging m = {.t = x};
  const char *sql;
  rs_map_init(&m.groups);
  enum rs_code rc = gather(&m, e);
  for (size_t i = 0; i < m.groups.n && rc == RS_OK; i += ASKED_MAX) {
    rc = write_query(&m, rel, i, &sql, e);
    if (rc == RS_OK) rc = read_groups(&m, sql, e);
  }
  *n = m.groups.n;
  *docs = rs_arena_calloc(x->a, (m.groups.n + 1) * sizeof **docs);
  if (rc == RS_OK && *docs == NULL) rc = rs_nomem(e);
  if (rc == RS_OK) rc = write_groups(&m, *docs, e);
  rs_map_free(&m.groups);
  return rc;
}
