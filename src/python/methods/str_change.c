/*
** The methods of str that give a changed text: stripped, padded, replaced, translated, formatted.
** Markup's methods return Markup and escape what they insert. Their rows: str.c.
*/
#include "methods.h"

/* ---- changing ------------------------------------------------------------------------------ */

SHARED_METHOD(py_s_strip)
{
  return py_str_strip(j, self, argv[0], how, out);
}

/* What is inserted into Markup is escaped first. */
static enum rs_code inserted(struct rs_python *j, jv self, jv v, jv *out)
{
  *out = v;
  if (!is_markup(self) || is_markup(v)) return RS_OK;
  struct rs_buf b;
  py_buf_init(j, &b);
  return py_str_end(j, py_text_escape(j, v, &b), &b, STR_MARKUP, out);
}

SHARED_METHOD(py_s_replace)
{
  const struct jv_str *from, *to;
  int64_t count = -1;
  jv with;
  TRY(py_need_str(j, argv[0], &from));
  TRY(inserted(j, self, argv[1], &with));
  TRY(py_need_str(j, with, &to));
  if (is_given(argv[2])) TRY(py_num_to_i64(j, argv[2], &count));
  return py_str_replace(j, self.u.str, from, to, count, is_markup(self) ? STR_MARKUP : STR_PLAIN,
                        out);
}

SHARED_METHOD(py_s_pad)
{
  int64_t width;
  jv fill = argv[1];
  TRY(py_num_to_i64(j, argv[0], &width));
  if (!is_given(fill)) return py_str_pad(j, self, width, " ", 1, how, out);
  TRY(inserted(j, self, fill, &fill));
  if (fill.kind != JV_STR) {
    return py_fail(j, "The fill character must be a unicode character, not %s", jv_type_name(fill));
  }
  if (fill.u.str->cps != 1) {
    return py_fail(j, "The fill character must be exactly one character long");
  }
  return py_str_pad(j, self, width, fill.u.str->s, fill.u.str->n, how, out);
}

SHARED_METHOD(py_s_zfill)
{
  int64_t width;
  TRY(py_num_to_i64(j, argv[0], &width));
  const struct jv_str *s = self.u.str;
  size_t sign = s->n > 0 && (s->s[0] == '+' || s->s[0] == '-');
  jv rest = py_str_like(j, self, s->s + sign, s->n - sign), padded;
  TRY(py_str_pad(j, rest, width - (int64_t)sign, "0", 1, '>', &padded));
  jv head = py_str_like(j, self, s->s, sign);
  return py_num_binary(j, OP_ADD, head, padded, out);
}

SHARED_METHOD(py_s_removeprefix)
{
  const struct jv_str *p = NULL, *s = self.u.str;
  TRY(py_need_str(j, argv[0], &p));
  bool has = p->n <= s->n && memcmp(s->s, p->s, p->n) == 0;
  *out = has ? py_str_like(j, self, s->s + p->n, s->n - p->n) : py_str_like(j, self, s->s, s->n);
  return RS_OK;
}

SHARED_METHOD(py_s_removesuffix)
{
  const struct jv_str *p = NULL, *s = self.u.str;
  TRY(py_need_str(j, argv[0], &p));
  bool has = p->n <= s->n && memcmp(s->s + s->n - p->n, p->s, p->n) == 0;
  *out = py_str_like(j, self, s->s, has ? s->n - p->n : s->n);
  return RS_OK;
}

SHARED_METHOD(py_s_expandtabs)
{
  int64_t size = 8;
  if (is_given(argv[0])) TRY(py_num_to_i64(j, argv[0], &size));
  if (size > 10000) return py_limit(j, "tab size is too big");
  struct rs_buf b;
  py_buf_init(j, &b);
  int64_t col = 0;
  for (size_t at = 0; at < self.u.str->n;) {
    size_t start = at;
    uint32_t c = uni_next(self.u.str->s, &at);
    if (c == '\t') {
      for (int64_t k = size > 0 ? size - col % size : 0; k > 0; k--, col++) rs_buf_char(&b, ' ');
      continue;
    }
    rs_buf_add(&b, self.u.str->s + start, at - start);
    col = c == '\n' || c == '\r' ? 0 : col + 1;
  }
  return py_str_take(j, &b, is_markup(self) ? STR_MARKUP : STR_PLAIN, out);
}

/* ---- translate, format, encode ------------------------------------------------------------- */

/* table[c]; a miss is c itself. */
static enum rs_code translated(struct rs_python *j, jv table, uint32_t c, jv *to)
{
  *to = jv_int(c);
  if (table.kind == JV_DICT) {
    size_t hit;
    TRY(py_dict_find(j, table.u.dict, jv_int(c), &hit));
    if (hit != DICT_NONE) *to = table.u.dict->vals[hit];
    return RS_OK;
  }
  const struct range *r = py_range_of(table);
  bool indexed = table.kind == JV_STR || table.kind == JV_LIST || table.kind == JV_TUPLE;
  if (table.kind == JV_UNDEFINED && !py_undef_is_lenient(table)) return py_undefined_used(j, table);
  if (table.kind == JV_UNDEFINED) *to = table;
  else if (r != NULL || indexed)
    return c < (r ? r->n : jv_len(table)) ? py_get_item(j, table, jv_int(c), to) : RS_OK;
  else return py_fail(j, "'%s' object is not subscriptable", jv_type_name(table));
  return RS_OK;
}

SHARED_METHOD(py_s_translate)
{
  struct rs_buf b;
  py_buf_init(j, &b);
  enum rs_code rc = RS_OK;
  for (size_t at = 0; rc == RS_OK && at < self.u.str->n;) {
    size_t start = at;
    uint32_t c = uni_next(self.u.str->s, &at);
    jv to;
    rc = translated(j, argv[0], c, &to);
    if (rc != RS_OK) break;
    if (to.kind == JV_STR) {
      rs_buf_add(&b, to.u.str->s, to.u.str->n);
    } else if (to.kind == JV_INT && to.u.i == (int64_t)c) {
      rs_buf_add(&b, self.u.str->s + start, at - start);
    } else if (to.kind == JV_INT && to.u.i >= 0 && to.u.i <= 0x10FFFF) {
      char text[4];
      rs_buf_add(&b, text, rs_utf8_encode((uint32_t)to.u.i, text));
    } else if (to.kind != JV_NONE) {
      rc = py_fail(j, "character mapping must return integer, None or str");
    }
  }
  return py_str_end(j, rc, &b, is_markup(self) ? STR_MARKUP : STR_PLAIN, out);
}

SHARED_METHOD(py_s_maketrans)
{
  *out = jv_dict(j);
  if (out->kind != JV_DICT) return py_nomem(j);
  if (!is_given(argv[1])) {
    if (argv[0].kind != JV_DICT) {
      return py_fail(j, "if you give only one argument to maketrans it must be a dict");
    }
    const struct jv_dict *d = argv[0].u.dict;
    for (size_t i = 0; py_dict_next(d, &i); i++) {
      jv key = d->keys[i];
      size_t at = 0;
      if (key.kind == JV_STR && key.u.str->cps == 1) key = jv_int(uni_next(key.u.str->s, &at));
      if (key.kind != JV_INT)
        return py_fail(j, "keys in translate table must be strings or integers");
      TRY(py_dict_put(j, out->u.dict, key, d->vals[i]));
    }
    return RS_OK;
  }
  const struct jv_str *a, *b, *c;
  TRY(py_need_str(j, argv[0], &a));
  TRY(py_need_str(j, argv[1], &b));
  if (a->cps != b->cps) {
    return py_fail(j, "the first two maketrans arguments must have equal length");
  }
  for (size_t i = 0, k = 0; i < a->n;) {
    jv key = jv_int(uni_next(a->s, &i));
    TRY(py_dict_put(j, out->u.dict, key, jv_int(uni_next(b->s, &k))));
  }
  if (!is_given(argv[2])) return RS_OK;
  TRY(py_need_str(j, argv[2], &c));
  for (size_t i = 0; i < c->n;) {
    TRY(py_dict_put(j, out->u.dict, jv_int(uni_next(c->s, &i)), jv_none()));
  }
  return RS_OK;
}

SHARED_METHOD(py_s_format)
{
  return py_format_str(j, self, raw, jv_absent(), out);
}

SHARED_METHOD(py_s_format_map)
{
  static const struct jv_args none;
  return py_format_str(j, self, &none, argv[0], out);
}
