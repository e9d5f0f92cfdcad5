/*
** YAML nodes as JSON text (yaml.h): how values of yml files become cells.
*/
#include "yaml.h"
#include <inttypes.h>
#include <string.h>

/* Is it an integer as JSON writes them? Beyond 64 bits the text is all there is. */
static bool is_digits(const struct rs_yaml *v)
{
  size_t i = v->n > 0 && v->text[0] == '-';
  return v->n > i && v->text[i] != '0' && strspn(v->text + i, "0123456789") == v->n - i;
}

void rs_yaml_json(const struct rs_yaml *v, struct rs_buf *b)
{
  if (v == NULL) {
    rs_buf_str(b, "null");
    return;
  }
  switch (v->kind) {
    case RS_YAML_NULL: rs_buf_str(b, "null"); break;
    case RS_YAML_BOOL: rs_buf_str(b, v->i != 0 ? "true" : "false"); break;
    case RS_YAML_INT: rs_buf_printf(b, "%" PRId64, v->i); break;
    case RS_YAML_FLOAT:
      if (is_digits(v)) rs_buf_str(b, v->text);
      else rs_buf_json_double(b, v->f);
      break;
    case RS_YAML_TEXT: rs_buf_json_str(b, v->text, v->n); break;
    case RS_YAML_LIST:
      rs_buf_char(b, '[');
      for (size_t i = 0; i < v->count; i++) {
        if (i > 0) rs_buf_char(b, ',');
        rs_yaml_json(v->items[i], b);
      }
      rs_buf_char(b, ']');
      break;
    case RS_YAML_MAP:
      rs_buf_char(b, '{');
      for (size_t i = 0; i < v->count; i++) {
        if (i > 0) rs_buf_char(b, ',');
        rs_buf_json_str(b, v->pairs[i].key->text, v->pairs[i].key->n);
        rs_buf_char(b, ':');
        rs_yaml_json(v->pairs[i].value, b);
      }
      rs_buf_char(b, '}');
      break;
  }
}

enum rs_code rs_yaml_keep_json(const struct rs_yaml *v, struct rs_arena *a, const char **out,
                               struct rs_error *e)
{
  *out = NULL;
  if (v == NULL || v->kind == RS_YAML_NULL) return RS_OK;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_yaml_json(v, &b);
  enum rs_code rc = rs_buf_error(&b, e, "yml value");
  if (rc == RS_OK && (*out = rs_arena_strndup(a, b.p, b.n)) == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}
