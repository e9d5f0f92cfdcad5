/*
** pprint.pformat: repr with sorted dictionaries, one item a line where 80 columns are too few.
** Long texts are not split over lines as Python would.
*/
#include "internal.h"

#define WIDTH 80
#define DEPTH_MAX 100

/* The dictionary's entries in order of key, where keys can be ordered. */
static enum rs_code sorted_items(struct rs_jinja *j, const struct jv_dict *d, jv *keys, jv *vals)
{
  *keys = jv_list(j);
  *vals = jv_list(j);
  bool text = true, num = true;
  for (size_t i = 0; dict_next(d, &i); i++) {
    text = text && d->keys[i].kind == JV_STR;
    num = num && is_num(d->keys[i]);
    jv_list_add(j, *keys, d->keys[i]);
    jv_list_add(j, *vals, d->vals[i]);
  }
  if (keys->kind != JV_LIST || vals->kind != JV_LIST) return j_nomem(j);
  TRY(j_step(j));
  if (!text && !num) return RS_OK;
  jv order = jv_tuple(j, keys->u.seq->v, keys->u.seq->n);
  if (order.kind != JV_TUPLE) return j_nomem(j);
  TRY(seq_sort(j, vals->u.seq, order.u.seq->v, false));
  return seq_sort(j, keys->u.seq, order.u.seq->v, false);
}

static enum rs_code flat(struct rs_jinja *j, jv v, struct rs_buf *b, unsigned depth)
{
  TRY(j_step(j));
  if (depth > DEPTH_MAX) return j_limit(j, "value is nested too deeply");
  if (v.kind == JV_DICT) {
    jv keys, vals;
    TRY(sorted_items(j, v.u.dict, &keys, &vals));
    rs_buf_char(b, '{');
    for (size_t i = 0; i < keys.u.seq->n; i++) {
      if (i > 0) rs_buf_str(b, ", ");
      TRY(flat(j, keys.u.seq->v[i], b, depth + 1));
      rs_buf_str(b, ": ");
      TRY(flat(j, vals.u.seq->v[i], b, depth + 1));
    }
    rs_buf_char(b, '}');
    return RS_OK;
  }
  if (v.kind != JV_LIST && v.kind != JV_TUPLE) return text_repr(j, v, b);
  rs_buf_char(b, v.kind == JV_LIST ? '[' : '(');
  for (size_t i = 0; i < v.u.seq->n; i++) {
    if (i > 0) rs_buf_str(b, ", ");
    TRY(flat(j, v.u.seq->v[i], b, depth + 1));
  }
  rs_buf_str(b, v.kind == JV_LIST ? "]" : v.u.seq->n == 1 ? ",)" : ")");
  return RS_OK;
}

static enum rs_code fits(struct rs_jinja *j, jv v, size_t room, bool *yes, struct rs_buf *b)
{
  struct rs_buf t;
  j_buf_init(j, &t);
  enum rs_code rc = flat(j, v, &t, 0);
  if (rc == RS_OK && t.rc != RS_OK) rc = j_buf_fail(j, &t);
  *yes = rc == RS_OK && uni_count(rs_buf_text(&t), t.n) <= room;
  if (*yes) rs_buf_add(b, rs_buf_text(&t), t.n);
  rs_buf_free(&t);
  return rc;
}

/* indent: the column where v starts; after: what has to follow it on its last line. */
static enum rs_code layout(struct rs_jinja *j, jv v, struct rs_buf *b, size_t indent, size_t after)
{
  bool yes;
  size_t room = indent + after < WIDTH ? WIDTH - indent - after : 0;
  if (indent > WIDTH * 4) return flat(j, v, b, 0);
  TRY(fits(j, v, room, &yes, b));
  if (yes) return RS_OK;
  bool list = v.kind == JV_LIST;
  if (v.kind == JV_DICT) {
    jv keys, vals;
    TRY(sorted_items(j, v.u.dict, &keys, &vals));
    rs_buf_char(b, '{');
    for (size_t i = 0; i < keys.u.seq->n; i++) {
      size_t from = b->n;
      if (i > 0) {
        rs_buf_str(b, ",\n");
        for (size_t k = 0; k < indent + 1; k++) rs_buf_char(b, ' ');
        from = b->n;
      }
      TRY(flat(j, keys.u.seq->v[i], b, 0));
      rs_buf_str(b, ": ");
      size_t width = uni_count(rs_buf_text(b) + from, b->n - from);
      TRY(layout(j, vals.u.seq->v[i], b, indent + (i > 0 ? 1 : 0) + width,
                 i + 1 == keys.u.seq->n ? after + 1 : 1));
    }
    rs_buf_char(b, '}');
    return RS_OK;
  }
  if ((!list && v.kind != JV_TUPLE) || v.u.seq->n == 0) return flat(j, v, b, 0);
  rs_buf_char(b, list ? '[' : '(');
  for (size_t i = 0; i < v.u.seq->n; i++) {
    if (i > 0) {
      rs_buf_str(b, ",\n");
      for (size_t k = 0; k < indent + 1; k++) rs_buf_char(b, ' ');
    }
    TRY(layout(j, v.u.seq->v[i], b, indent + 1, i + 1 == v.u.seq->n ? after + 1 : 1));
  }
  rs_buf_str(b, list ? "]" : v.u.seq->n == 1 ? ",)" : ")");
  return RS_OK;
}

enum rs_code text_pprint(struct rs_jinja *j, jv v, struct rs_buf *b)
{
  return layout(j, v, b, 0, 0);
}
