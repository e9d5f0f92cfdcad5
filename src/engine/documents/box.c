/*
** A document's values as the tagged texts of sidecars (src/value/boxed.h), each in its canonical
** form: numbers by their values, timestamps in UTC, no bits left over in base64.
*/
#include <math.h>
#include <string.h>
#include "src/base/base64.h"
#include "src/base/text.h"
#include "src/json/rows.h"
#include "src/value/text.h"
#include "internal.h"

void rs_doc_boxed(const struct rs_json *j, struct rs_boxed *out)
{
  static const struct {
    unsigned kind;
    enum rs_boxed_tag tag;
  } tags[] = {
    {0, RS_BOXED_NULL},
    {RS_DOC_BOOL, RS_BOXED_BOOL},
    {RS_DOC_INT, RS_BOXED_INT},
    {RS_DOC_DOUBLE, RS_BOXED_FLOAT},
    {RS_DOC_TEXT, RS_BOXED_STRING},
    {RS_DOC_DATE, RS_BOXED_DATE},
    {RS_DOC_TIME, RS_BOXED_TIME},
    {RS_DOC_DATETIME, RS_BOXED_DATETIME},
    {RS_DOC_TIMESTAMP, RS_BOXED_TIMESTAMP},
    {RS_DOC_MONTHS, RS_BOXED_MONTHS},
    {RS_DOC_MICROS, RS_BOXED_MICROS},
    {RS_DOC_BYTES, RS_BOXED_BYTES},
    {RS_DOC_ARRAY, RS_BOXED_ARRAY},
  };
  const unsigned kind = rs_doc_kind(j);
  out->tag = RS_BOXED_OBJECT;
  for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
    if (tags[i].kind == kind) out->tag = tags[i].tag;
  }
  out->v = (struct rs_value){.kind = RS_TEXT, .s = {j->p, j->n}};
  int64_t i;
  const bool interval = out->tag == RS_BOXED_MONTHS || out->tag == RS_BOXED_MICROS;
  if (interval && rs_text_to_int(j->p, j->n, &i))
    out->v = (struct rs_value){.kind = RS_INT, .i = i};
}

/* ---- canonical texts ------------------------------------------------------------------------- */

static void write_number(struct rs_buf *b, const struct rs_json *j)
{
  int64_t i;
  double d;
  if (rs_json_int(j, &i)) rs_buf_int(b, i);
  else if (isfinite(d = rs_text_to_double(j->p, j->n))) rs_buf_json_double(b, d);
  else rs_buf_add(b, j->p, j->n); // in a geography, which nobody has looked into
}

/* Of the last group bits may be left over. */
static void write_base64(struct rs_buf *b, const struct rs_value *v)
{
  char last[4] = "";
  size_t head = v->s.n >= 4 ? v->s.n - 4 : 0, n = 0;
  rs_buf_add(b, v->s.p, head);
  if (v->s.n > head) memcpy(last, v->s.p + head, v->s.n - head);
  (void)rs_base64_decode(last, v->s.n - head, &n); // checked when the document was read
  rs_base64_add(b, last, n);
}

/* What follows the tag, of a value that is no array and no object. */
static void write_scalar(struct rs_buf *b, const struct rs_json *j, const struct rs_boxed *x)
{
  char utc[RS_JSON_TIME_MAX];
  size_t n;
  switch (x->tag) {
    case RS_BOXED_NULL: break;
    case RS_BOXED_BOOL: rs_buf_char(b, j->truth ? '1' : '0'); break;
    case RS_BOXED_INT:
    case RS_BOXED_FLOAT: write_number(b, j); break;
    case RS_BOXED_MONTHS:
    case RS_BOXED_MICROS: rs_buf_int(b, x->v.i); break;
    case RS_BOXED_BYTES: write_base64(b, &x->v); break;
    case RS_BOXED_TIMESTAMP:
      n = rs_json_timestamp(j->p, j->n, utc);
      if (n > 0) rs_buf_add(b, utc, n);
      else rs_buf_add(b, j->p, j->n);
      break;
    default: rs_buf_add(b, j->p, j->n);
  }
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void write_nested(struct rs_buf *b, const struct rs_json *j)
{
  const bool array = j->kind == RS_J_ARRAY;
  rs_buf_char(b, array ? '[' : '{');
  for (const struct rs_json *c = j->first; c != NULL; c = c->next) {
    if (c != j->first) rs_buf_char(b, ',');
    if (!array) {
      rs_buf_json_str(b, c->key, c->nkey);
      rs_buf_char(b, ':');
    }
    rs_doc_write_json(b, c);
  }
  rs_buf_char(b, array ? ']' : '}');
}

/* A typed value inside of JSON: its tagged text, wrapped. */
static void write_typed(struct rs_buf *b, const struct rs_json *j, struct rs_boxed *x)
{
  struct rs_buf text;
  if (x->v.kind == RS_INT) {
    rs_boxed_json(b, x);
    return;
  }
  rs_buf_init(&text, RS_DOC_BYTES_MAX);
  write_scalar(&text, j, x);
  x->v.s.p = rs_buf_text(&text);
  x->v.s.n = text.n;
  if (text.rc != RS_OK) b->rc = text.rc;
  rs_boxed_json(b, x);
  rs_buf_free(&text);
}

void rs_doc_write_json(struct rs_buf *b, const struct rs_json *j)
{
  struct rs_boxed x;
  rs_doc_boxed(j, &x);
  if (j->kind == RS_J_ARRAY || j->kind == RS_J_OBJECT) write_nested(b, j);
  else if (j->kind == RS_J_NUMBER) write_number(b, j);
  else if (j->kind == RS_J_STRING && j->mark != 0) write_typed(b, j, &x);
  else rs_json_write(b, j);
}

/* ---- typed values that are kept as objects --------------------------------------------------- */

static bool is_named(const struct rs_json *object, const char *type)
{
  const struct rs_json *name = rs_json_get(object, "__rockset_type");
  return name != NULL && name->kind == RS_J_STRING && rs_caseeqn(type, name->p, name->n);
}

/* A u256's digits without zeros in front; false: it has others. */
static bool take_digits(const struct rs_json *value, const char **p, size_t *n)
{
  if (value->kind != RS_J_STRING && value->kind != RS_J_NUMBER) return false;
  *p = value->p;
  *n = value->n;
  for (size_t i = 0; i < *n; i++) {
    if (value->p[i] < '0' || value->p[i] > '9') return false;
  }
  for (; *n > 1 && **p == '0'; (*n)--) (*p)++;
  return *n > 0;
}

static void box_raw(struct rs_buf *b, const struct rs_json *j)
{
  const struct rs_json *value = rs_json_get(j, "value");
  const char *p;
  size_t n;
  if (value != NULL && is_named(j, "GEOGRAPHY") && value->kind == RS_J_OBJECT) {
    rs_buf_char(b, RS_BOXED_GEOGRAPHY);
    write_nested(b, value);
  } else if (value != NULL && is_named(j, "U256") && take_digits(value, &p, &n)) {
    rs_buf_char(b, RS_BOXED_U256);
    rs_buf_add(b, p, n);
  } else {
    rs_buf_char(b, RS_BOXED_OBJECT);
    write_nested(b, j);
  }
}

void rs_doc_box(struct rs_buf *b, const struct rs_json *j)
{
  struct rs_boxed x;
  if (j->kind == RS_J_OBJECT && j->mark == RS_DOC_RAW) {
    box_raw(b, j);
    return;
  }
  rs_doc_boxed(j, &x);
  rs_buf_char(b, (char)x.tag);
  if (j->kind == RS_J_ARRAY || j->kind == RS_J_OBJECT) write_nested(b, j);
  else write_scalar(b, j, &x);
}
