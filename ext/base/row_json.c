/*
** Rows of the target as JSON objects (see row_json.h).
*/
#include "row_json.h"
#include <string.h>
#include "src/base/map.h"
#include "src/base/text.h"
#include "src/value/field_name.h"

/* The field's `name`, or `name_1`, `name_2` ... when an earlier one has it already (then in *b). */
static bool unique_name(const struct rs_columns *columns, size_t col, struct rs_map *seen,
                        struct rs_buf *b)
{
  rs_buf_clear(b);
  rs_field_add(b, columns->v[col].name);
  for (size_t i = 1; b->rc == RS_OK && rs_map_find(seen, rs_buf_text(b), b->n) != NULL; i++) {
    rs_buf_clear(b);
    rs_field_add(b, columns->v[col].name);
    rs_buf_printf(b, "_%zu", i);
  }
  return b->rc == RS_OK && rs_map_putn(seen, rs_buf_text(b), b->n, NULL);
}

enum rs_code rs_row_json_keys(const struct rs_columns *columns, size_t max, struct rs_arena *arena,
                              const char ***out, struct rs_error *e)
{
  const char **keys = rs_arena_alloc(arena, (columns->n + 1) * sizeof *keys);
  struct rs_map seen;
  struct rs_buf name, key;
  rs_map_init(&seen);
  rs_buf_init(&name, max);
  rs_buf_init(&key, max);
  enum rs_code rc = keys != NULL ? RS_OK : rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < columns->n; i++) {
    if (!unique_name(columns, i, &seen, &name)) rc = rs_nomem(e);
    rs_buf_clear(&key);
    rs_buf_char(&key, i == 0 ? '{' : ',');
    rs_buf_json_str(&key, rs_buf_text(&name), name.n);
    rs_buf_char(&key, ':');
    keys[i] = rs_arena_strndup(arena, rs_buf_text(&key), key.n);
    if (key.rc != RS_OK || keys[i] == NULL) rc = rs_nomem(e);
  }
  *out = keys;
  rs_map_free(&seen);
  rs_buf_free(&name);
  rs_buf_free(&key);
  return rc;
}

/* A row's JSON is mostly integers: several times as fast as printf. */
static void add_int(struct rs_buf *b, int64_t i)
{
  char text[24], *p = text + sizeof text;
  uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
  do *--p = (char)('0' + u % 10);
  while ((u /= 10) > 0);
  if (i < 0) *--p = '-';
  rs_buf_add(b, p, (size_t)(text + sizeof text - p));
}

static void add_json(struct rs_buf *b, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_NULL:
    case RS_LIST: rs_buf_str(b, "null"); break;
    case RS_BOOL: rs_buf_str(b, v->i != 0 ? "true" : "false"); break;
    case RS_INT: add_int(b, v->i); break;
    case RS_FLOAT: rs_buf_json_double(b, v->f); break;
    case RS_TEXT: rs_buf_json_str(b, v->s.p, v->s.n); break;
    case RS_JSON: rs_buf_add(b, v->s.p, v->s.n); break;
    case RS_BYTES: {
      rs_buf_char(b, '"');
      char *to = v->s.n <= b->max / 2 ? rs_buf_reserve(b, 2 * v->s.n + 1) : NULL;
      if (to != NULL) {
        rs_hex((const unsigned char *)v->s.p, v->s.n, to);
        b->n += 2 * v->s.n;
      } else if (b->rc == RS_OK) {
        b->rc = RS_LIMIT;
      }
      rs_buf_char(b, '"');
      break;
    }
  }
}

void rs_row_json_add(struct rs_buf *b, struct rs_rows *rows, const char *const *keys)
{
  size_t n = rs_rows_columns(rows)->n;
  if (n == 0) rs_buf_char(b, '{');
  for (size_t i = 0; i < n; i++) {
    struct rs_value v;
    rs_rows_get(rows, i, &v);
    rs_buf_str(b, keys[i]);
    add_json(b, &v);
  }
  rs_buf_char(b, '}');
}
