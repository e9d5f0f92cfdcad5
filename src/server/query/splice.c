/*
** `o.*` of JSON: the members of each row's object stand in the row. Which ones these are is not
** known before a row is there; a member by the name of a column of the result gives way to it.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"
#include "src/json/json.h"
#include "src/value/field_name.h"

#define DEPTH_MAX 1000

struct rs_splice {
  struct rs_arena a;
  const char **fields; /* of the result's columns */
  size_t n;
  const struct rs_rsql_stmt *stmt;
  const char *column;
};

bool rs_splice_new(const struct rs_columns *columns, size_t i, const struct rs_rsql_stmt *stmt,
                   struct rs_splice **out)
{
  *out = NULL;
  if (stmt == NULL || !rs_rsql_is_spliced(stmt, columns->v[i].name)) return true;
  struct rs_splice *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return false;
  rs_arena_init(&x->a, 0);
  x->stmt = stmt;
  x->column = rs_arena_strdup(&x->a, columns->v[i].name);
  x->fields = rs_arena_calloc(&x->a, (columns->n + 1) * sizeof *x->fields);
  bool ok = x->column != NULL && x->fields != NULL;
  for (; ok && x->n < columns->n; x->n++) {
    const char *name = rs_arena_strdup(&x->a, columns->v[x->n].name);
    x->fields[x->n] = name != NULL ? rs_field_of(&x->a, name) : NULL;
    ok = x->fields[x->n] != NULL;
  }
  if (ok) *out = x;
  else rs_splice_free(x);
  return ok;
}

void rs_splice_free(struct rs_splice *x)
{
  if (x == NULL) return;
  rs_arena_free(&x->a);
  rs_free(x);
}

/* Is it a column's name, or one that EXCEPT names? */
static bool is_taken(const struct rs_splice *x, const char *name)
{
  for (size_t i = 0; i < x->n; i++)
    if (rs_eq(x->fields[i], name)) return true;
  return rs_rsql_leaves_out(x->stmt, x->column, name);
}

void rs_splice_write(const struct rs_splice *x, const struct rs_value *v, struct rs_buf *b)
{
  struct rs_arena a;
  struct rs_json *object;
  if ((v->kind != RS_JSON && v->kind != RS_TEXT) || v->s.n == 0 || v->s.p[0] != '{') return;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_json_parse(v->s.p, v->s.n, DEPTH_MAX, &a, &object, NULL);
  const bool is_object = rc == RS_OK && rs_json_get(object, "__rockset_type") == NULL;
  for (const struct rs_json *m = is_object ? object->first : NULL; m != NULL; m = m->next) {
    const char *name = rs_arena_strndup(&a, m->key, m->nkey);
    if (name == NULL) rc = RS_NOMEM;
    if (name == NULL || rs_json_getn(object, m->key, m->nkey) != m || is_taken(x, name)) continue;
    rs_buf_char(b, ',');
    rs_buf_json_str(b, m->key, m->nkey);
    rs_buf_char(b, ':');
    rs_json_write(b, m);
  }
  if (rc == RS_NOMEM && b->rc == RS_OK) b->rc = rc;
  rs_arena_free(&a);
}
