/*
** fromyaml() and toyaml(): YAML as PyYAML's safe loader and dumper have it. Reading goes through
** yaml/yaml.h, writing through libyaml's emitter, whose layout PyYAML shares.
*/
#include <yaml.h>
#include "src/yaml/yaml.h"
#include "names.h"
#include "src/python/datetime/datetime.h"

#define YAML_SET_TAG "tag:yaml.org,2002:set"
#define YAML_MEMORY_MAX ((size_t)64 << 20)

/* ---- reading -------------------------------------------------------------------------------- */

/* 2024-01-02, or 2024-01-02[Tt ]03:04:05[.6] [Z|+02:00]: PyYAML's timestamps. */
static bool read_time(struct rs_python *j, const struct rs_yaml *y, jv *out)
{
  const char *s = y->text;
  if (!y->plain || y->n < 8 || s[0] < '0' || s[0] > '9' || s[4] != '-') return false;
  if (y->n == 10) return rs_datetime_parse(j, RS_DATE, s, y->n, false, out);
  size_t date = strcspn(s, "Tt \t");
  if (date > 10 || s[date] == 0) return false;
  if (!rs_datetime_parse(j, RS_DATETIME, s, y->n, false, out)) return false;
  return true;
}

static jv from_yaml(struct rs_python *j, const struct rs_yaml *y)
{
  jv out;
  switch (y->kind) {
    case RS_YAML_NULL: return jv_none();
    case RS_YAML_BOOL: return jv_bool(y->i != 0);
    case RS_YAML_INT: return jv_int(y->i);
    case RS_YAML_FLOAT:
      // an integer beyond 64 bits keeps its digits
      if (strspn(y->text, "-0123456789") == y->n &&
          jv_from_json(j, y->text, y->n, &out, NULL) == RS_OK)
        return out;
      return jv_float(y->f);
    case RS_YAML_TEXT: return read_time(j, y, &out) ? out : jv_textn(j, y->text, y->n);
    case RS_YAML_LIST:
      out = jv_list(j);
      for (size_t i = 0; i < y->count; i++) jv_list_add(j, out, from_yaml(j, y->items[i]));
      return out;
    case RS_YAML_MAP:
      out = jv_dict(j);
      for (size_t i = 0; i < y->count; i++)
        jv_dict_setv(j, out, from_yaml(j, y->pairs[i].key), from_yaml(j, y->pairs[i].value));
      return out;
  }
  return jv_none();
}

NATIVE(rs_names_fromyaml)
{
  static const char *const names[] = {"value", "default", NULL};
  jv v[2];
  const struct rs_yaml *root;
  struct rs_arena arena;
  enum rs_code rc = jv_bind(args, "fromyaml", names, 1, v, e);
  if (rc == RS_OK) rc = rs_want_text(v[0], "fromyaml(): value", e);
  if (rc != RS_OK) return rc;
  size_t n;
  const char *text = jv_cstr(v[0], &n);
  rs_arena_init(&arena, YAML_MEMORY_MAX);
  struct rs_error own = {0};
  rc = rs_yaml_parse_loose("fromyaml()", text, n, &arena, NULL, NULL, &root, &own);
  if (rc == RS_OK) *out = from_yaml(j, root);
  else if (rc == RS_INVALID) *out = rs_given(v[1]) ? v[1] : jv_none();
  rs_arena_free(&arena);
  if (rc == RS_OK || rc == RS_INVALID) return RS_OK;
  return rs_fail(e, rc, "%s", own.text);
}

/* ---- writing -------------------------------------------------------------------------------- */

struct writer {
  struct rs_python *j;
  yaml_emitter_t *to;
  struct rs_buf text; /* of one scalar */
  bool sort;
  unsigned depth;
  struct rs_error *e;
};

static enum rs_code emitted(struct writer *w, int ok)
{
  if (ok) return RS_OK;
  if (w->to->error == YAML_MEMORY_ERROR) return rs_nomem(w->e);
  return rs_fail(w->e, RS_INVALID, "toyaml(): %s",
                 w->to->problem != NULL ? w->to->problem : "the value can't be written");
}

/* implicit: a plain scalar of these characters is read back as what it was. */
static enum rs_code put_scalar(struct writer *w, const char *s, size_t n, bool plain,
                               yaml_scalar_style_t style)
{
  yaml_event_t ev;
  int ok = yaml_scalar_event_initialize(&ev, NULL, NULL, (const yaml_char_t *)s, (int)n, plain, 1,
                                        style);
  return emitted(w, ok && yaml_emitter_emit(w->to, &ev));
}

/* Would a plain scalar with this text be anything but text? */
static bool looks_typed(struct rs_python *j, const char *s, size_t n)
{
  struct rs_yaml y = {.text = s, .n = n, .plain = true};
  jv dummy;
  rs_yaml_resolve(&y);
  return y.kind != RS_YAML_TEXT || read_time(j, &y, &dummy) || rs_eq(s, "=") || rs_eq(s, "<<");
}

static enum rs_code put_number(struct writer *w, jv v)
{
  rs_buf_clear(&w->text);
  enum rs_code rc = jv_str_to(w->j, v, &w->text, w->e);
  if (rc != RS_OK) return rc;
  if (v.kind == JV_FLOAT) {
    const char *s = rs_buf_text(&w->text);
    char *exponent = strchr(w->text.p, 'e');
    if (rs_eq(s, "nan") || rs_eq(s, "inf") || rs_eq(s, "-inf")) {
      char special[8] = {0};
      size_t minus = *s == '-';
      memcpy(special, s, minus);
      special[minus] = '.';
      memcpy(special + minus + 1, s + minus, 3);
      return put_scalar(w, special, strlen(special), true, YAML_PLAIN_SCALAR_STYLE);
    }
    if (exponent != NULL && strchr(s, '.') == NULL) { // 1e+20 would be a text
      char number[64];
      int n = snprintf(number, sizeof number, "%.*s.0%s", (int)(exponent - s), s, exponent);
      return put_scalar(w, number, (size_t)n, true, YAML_PLAIN_SCALAR_STYLE);
    }
  } else if (v.kind == JV_BOOL) {
    return put_scalar(w, v.u.b ? "true" : "false", v.u.b ? 4 : 5, true, YAML_PLAIN_SCALAR_STYLE);
  }
  return put_scalar(w, rs_buf_text(&w->text), w->text.n, true, YAML_PLAIN_SCALAR_STYLE);
}

static enum rs_code put_value(struct writer *w, jv v);

static enum rs_code put_list(struct writer *w, jv v)
{
  yaml_event_t ev;
  int ok = yaml_sequence_start_event_initialize(
    &ev, NULL, NULL, 1, jv_len(v) == 0 ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
  enum rs_code rc = emitted(w, ok && yaml_emitter_emit(w->to, &ev));
  for (size_t i = 0; rc == RS_OK && i < jv_len(v); i++) rc = put_value(w, jv_item(v, i));
  if (rc != RS_OK) return rc;
  ok = yaml_sequence_end_event_initialize(&ev);
  return emitted(w, ok && yaml_emitter_emit(w->to, &ev));
}

/* Positions of the keys in the order of their texts. */
static void sort_keys(jv v, size_t *order)
{
  for (size_t i = 0; i < jv_len(v); i++) {
    jv key, before, dummy;
    jv_dict_at(v, i, &key, &dummy);
    size_t at = i;
    for (; at > 0; at--) {
      jv_dict_at(v, order[at - 1], &before, &dummy);
      if (!jv_is_str(key) || !jv_is_str(before) ||
          strcmp(jv_cstr(before, NULL), jv_cstr(key, NULL)) <= 0)
        break;
      order[at] = order[at - 1];
    }
    order[at] = i;
  }
}

/* tag: NULL of a dictionary */
static enum rs_code put_map(struct writer *w, jv v, const char *tag)
{
  yaml_event_t ev;
  size_t *order = rs_arena_alloc(rs_python_arena(w->j), (jv_len(v) + 1) * sizeof *order);
  if (order == NULL) return rs_nomem(w->e);
  for (size_t i = 0; i < jv_len(v); i++) order[i] = i;
  if (w->sort) sort_keys(v, order);
  int ok = yaml_mapping_start_event_initialize(&ev, NULL, (const yaml_char_t *)tag, tag == NULL,
                                               jv_len(v) == 0 ? YAML_FLOW_MAPPING_STYLE
                                                              : YAML_BLOCK_MAPPING_STYLE);
  enum rs_code rc = emitted(w, ok && yaml_emitter_emit(w->to, &ev));
  for (size_t i = 0; rc == RS_OK && i < jv_len(v); i++) {
    jv key, value;
    jv_dict_at(v, order[i], &key, &value);
    rc = put_value(w, key);
    if (rc == RS_OK) rc = put_value(w, value);
  }
  if (rc != RS_OK) return rc;
  ok = yaml_mapping_end_event_initialize(&ev);
  return emitted(w, ok && yaml_emitter_emit(w->to, &ev));
}

/* A mapping of the items to null, tagged. */
static enum rs_code put_set(struct writer *w, jv v)
{
  jv items, map = jv_dict(w->j);
  enum rs_code rc = jv_list_of(w->j, v, &items, w->e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < jv_len(items); i++) jv_dict_setv(w->j, map, jv_item(items, i), jv_none());
  return put_map(w, map, YAML_SET_TAG);
}

static enum rs_code put_value(struct writer *w, jv v)
{
  size_t n;
  const char *s;
  enum rs_code rc;
  if (w->depth > RS_YAML_MAX_DEPTH) return rs_fail(w->e, RS_LIMIT, "toyaml(): nested too deep");
  if (rs_datetime_of(v) != NULL) {
    rs_buf_clear(&w->text);
    rc = jv_str_to(w->j, v, &w->text, w->e);
    return rc != RS_OK
             ? rc
             : put_scalar(w, rs_buf_text(&w->text), w->text.n, true, YAML_PLAIN_SCALAR_STYLE);
  }
  switch (v.kind) {
    case JV_NONE: return put_scalar(w, "null", 4, true, YAML_PLAIN_SCALAR_STYLE);
    case JV_BOOL:
    case JV_INT:
    case JV_BIGINT:
    case JV_FLOAT: return put_number(w, v);
    case JV_STR:
      s = jv_cstr(v, &n);
      return put_scalar(w, s, n, !looks_typed(w->j, s, n), YAML_ANY_SCALAR_STYLE);
    case JV_LIST:
    case JV_TUPLE:
    case JV_DICT:
      w->depth++;
      rc = v.kind == JV_DICT ? put_map(w, v, NULL) : put_list(w, v);
      w->depth--;
      return rc;
    default:
      if (jv_is_set(v)) {
        w->depth++;
        rc = put_set(w, v);
        w->depth--;
        return rc;
      }
      return rs_fail(w->e, RS_INVALID, "toyaml(): a value of type %s can't be written",
                     jv_type_name(v));
  }
}

static int write_out(void *ctx, unsigned char *p, size_t n)
{
  struct rs_buf *b = ctx;
  rs_buf_add(b, (const char *)p, n);
  return b->rc == RS_OK;
}

static enum rs_code put_document(struct writer *w, jv v)
{
  yaml_event_t ev;
  int ok = yaml_stream_start_event_initialize(&ev, YAML_UTF8_ENCODING) &&
           yaml_emitter_emit(w->to, &ev) &&
           yaml_document_start_event_initialize(&ev, NULL, NULL, NULL, 1) &&
           yaml_emitter_emit(w->to, &ev);
  enum rs_code rc = emitted(w, ok);
  if (rc == RS_OK) rc = put_value(w, v);
  if (rc != RS_OK) return rc;
  ok = yaml_document_end_event_initialize(&ev, 1) && yaml_emitter_emit(w->to, &ev) &&
       yaml_stream_end_event_initialize(&ev) && yaml_emitter_emit(w->to, &ev);
  return emitted(w, ok);
}

NATIVE(rs_names_toyaml)
{
  static const char *const names[] = {"value", "default", "sort_keys", NULL};
  jv v[3];
  yaml_emitter_t emitter;
  struct rs_buf b;
  enum rs_code rc = jv_bind(args, "toyaml", names, 1, v, e);
  if (rc != RS_OK) return rc;
  if (!yaml_emitter_initialize(&emitter)) return rs_nomem(e);
  struct writer w = {.j = j, .to = &emitter, .sort = rs_given(v[2]) && jv_truth(j, v[2]), .e = e};
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_init(&w.text, RS_BUF_SQL_MAX);
  yaml_emitter_set_output(&emitter, write_out, &b);
  rc = put_document(&w, v[0]);
  yaml_emitter_delete(&emitter);
  rs_buf_free(&w.text);
  // As PyYAML marks the end of a document that is a plain scalar
  const char *text = rs_buf_text(&b);
  bool plain = v[0].kind != JV_LIST && v[0].kind != JV_TUPLE && v[0].kind != JV_DICT &&
               !jv_is_set(v[0]) && *text != '\'' && *text != '"';
  if (plain && (b.n < 4 || strcmp(text + b.n - 4, "...\n") != 0)) rs_buf_str(&b, "...\n");
  if (rc == RS_OK) return rs_text_take(j, &b, "toyaml()", out, e);
  rs_buf_free(&b);
  if (rc != RS_INVALID || !rs_given(v[1])) return rc;
  *out = v[1];
  return RS_OK;
}
