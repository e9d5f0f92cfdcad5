/*
** pprint.pformat of Python: repr with sorted dictionaries, one item a line where 80 columns are too
** few, long texts split at spaces.
*/
#include "protocol.h"

#define WIDTH 80
#define DEPTH_MAX 100

/* pprint's order of keys: theirs, or that of their types' names where they have none. */
static enum rs_code before(struct rs_python *j, jv a, jv b, bool *yes)
{
  struct rs_error *saved = j->err;
  j->err = NULL;
  enum rs_code rc = jv_lt(j, a, b, yes);
  j->err = saved;
  if (rc != RS_INVALID) return rc == RS_OK ? rc : py_nomem(j);
  *yes = strcmp(jv_type_name(a), jv_type_name(b)) < 0;
  return RS_OK;
}

static enum rs_code sorted_items(struct rs_python *j, const struct jv_dict *d, jv *keys, jv *vals)
{
  *keys = jv_list(j);
  *vals = jv_list(j);
  for (size_t i = 0; py_dict_next(d, &i); i++) {
    jv_list_add(j, *keys, d->keys[i]);
    jv_list_add(j, *vals, d->vals[i]);
  }
  if (keys->kind != JV_LIST || vals->kind != JV_LIST) return py_nomem(j);
  TRY(j_step(j));
  jv order = jv_tuple(j, keys->u.seq->v, keys->u.seq->n);
  if (order.kind != JV_TUPLE) return py_nomem(j);
  TRY(py_seq_sort_by(j, vals->u.seq, order.u.seq->v, false, before));
  return py_seq_sort_by(j, keys->u.seq, order.u.seq->v, false, before);
}

static enum rs_code flat(struct rs_python *j, jv v, struct rs_buf *b, unsigned depth)
{
  TRY(j_step(j));
  if (depth > DEPTH_MAX) return py_limit(j, "value is nested too deeply");
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
  if (v.kind != JV_LIST && v.kind != JV_TUPLE) return py_text_repr(j, v, b);
  rs_buf_char(b, v.kind == JV_LIST ? '[' : '(');
  for (size_t i = 0; i < v.u.seq->n; i++) {
    if (i > 0) rs_buf_str(b, ", ");
    TRY(flat(j, v.u.seq->v[i], b, depth + 1));
  }
  rs_buf_str(b, v.kind == JV_LIST ? "]" : v.u.seq->n == 1 ? ",)" : ")");
  return RS_OK;
}

static size_t width_of(const struct rs_buf *b)
{
  return uni_count(rs_buf_text(b), b->n);
}

static void new_line(struct rs_buf *b, size_t indent)
{
  rs_buf_char(b, '\n');
  for (size_t i = 0; i < indent; i++) rs_buf_char(b, ' ');
}

/* ---- texts ---------------------------------------------------------------------------------- */

struct text_out {
  struct rs_buf *b;
  size_t indent, chunks;
};

static void put_chunk(struct text_out *t, const char *s, size_t n)
{
  if (t->chunks++ > 0) new_line(t->b, t->indent);
  py_text_repr_str(t->b, s, n);
}

static size_t repr_width(struct rs_python *j, const char *s, size_t n)
{
  struct rs_buf b;
  py_buf_init(j, &b);
  py_text_repr_str(&b, s, n);
  size_t width = width_of(&b);
  rs_buf_free(&b);
  return width;
}

/* Where the word at s[at] and the space behind it end (`\S*\s*`). */
static size_t word_end(const char *s, size_t n, size_t at)
{
  size_t next = at;
  while (next < n && !uni_space(uni_next(s, &next))) at = next;
  next = at;
  while (next < n && uni_space(uni_next(s, &next))) at = next;
  return at;
}

/* One line that is too long, cut between words. */
static enum rs_code cut_line(struct rs_python *j, struct text_out *t, const struct jv_str *line,
                             size_t room, size_t last_room)
{
  size_t from = 0, end = 0;
  while (end < line->n) {
    size_t next = word_end(line->s, line->n, end);
    TRY(py_steps(j, 1 + (next - from) / 16));
    size_t max = next == line->n ? last_room : room;
    if (repr_width(j, line->s + from, next - from) > max) {
      if (end > from) put_chunk(t, line->s + from, end - from);
      from = end;
    }
    end = next;
  }
  if (end > from) put_chunk(t, line->s + from, end - from);
  return RS_OK;
}

/* Python joins the pieces of a text without commas; only at the top it needs brackets. */
static enum rs_code layout_str(struct rs_python *j, jv v, struct rs_buf *b, size_t indent,
                               size_t after, bool top)
{
  jv lines;
  TRY(py_str_lines(j, v, true, &lines));
  if (top) {
    indent++;
    after++;
  }
  struct rs_buf pieces;
  py_buf_init(j, &pieces);
  struct text_out t = {.b = &pieces, .indent = indent};
  size_t room = WIDTH > indent ? WIDTH - indent : 0, n = lines.u.seq->n;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    const struct jv_str *line = lines.u.seq->v[i].u.str;
    size_t last = i + 1 < n ? room : room > after ? room - after : 0;
    if (repr_width(j, line->s, line->n) <= last) put_chunk(&t, line->s, line->n);
    else rc = cut_line(j, &t, line, room, last);
  }
  bool brackets = top && t.chunks > 1;
  if (brackets) rs_buf_char(b, '(');
  // one piece alone is the last line's own repr
  if (t.chunks == 1)
    py_text_repr_str(b, lines.u.seq->v[n - 1].u.str->s, lines.u.seq->v[n - 1].u.str->n);
  else rs_buf_add(b, rs_buf_text(&pieces), pieces.n);
  if (brackets) rs_buf_char(b, ')');
  if (rc == RS_OK && pieces.rc != RS_OK) rc = py_buf_fail(j, &pieces);
  rs_buf_free(&pieces);
  return rc;
}

/* ---- containers ----------------------------------------------------------------------------- */

static enum rs_code fits(struct rs_python *j, jv v, size_t room, bool *yes, struct rs_buf *b)
{
  struct rs_buf t;
  py_buf_init(j, &t);
  enum rs_code rc = flat(j, v, &t, 0);
  if (rc == RS_OK && t.rc != RS_OK) rc = py_buf_fail(j, &t);
  *yes = rc == RS_OK && width_of(&t) <= room;
  if (*yes) rs_buf_add(b, rs_buf_text(&t), t.n);
  rs_buf_free(&t);
  return rc;
}

static enum rs_code layout(struct rs_python *j, jv v, struct rs_buf *b, size_t indent, size_t after,
                           unsigned level);

static enum rs_code layout_dict(struct rs_python *j, jv v, struct rs_buf *b, size_t indent,
                                size_t after, unsigned level)
{
  jv keys, vals;
  TRY(sorted_items(j, v.u.dict, &keys, &vals));
  rs_buf_char(b, '{');
  for (size_t i = 0; i < keys.u.seq->n; i++) {
    if (i > 0) {
      rs_buf_char(b, ',');
      new_line(b, indent + 1);
    }
    struct rs_buf key;
    py_buf_init(j, &key);
    enum rs_code rc = flat(j, keys.u.seq->v[i], &key, 0);
    size_t width = width_of(&key);
    rs_buf_add(b, rs_buf_text(&key), key.n);
    if (rc == RS_OK && key.rc != RS_OK) rc = py_buf_fail(j, &key);
    rs_buf_free(&key);
    TRY(rc);
    rs_buf_str(b, ": ");
    TRY(layout(j, vals.u.seq->v[i], b, indent + 1 + width + 2,
               i + 1 == keys.u.seq->n ? after + 1 : 1, level));
  }
  rs_buf_char(b, '}');
  return RS_OK;
}

/* indent: the column where v starts; after: what has to follow it on its last line. */
static enum rs_code layout(struct rs_python *j, jv v, struct rs_buf *b, size_t indent, size_t after,
                           unsigned level)
{
  bool yes;
  size_t room = indent + after < WIDTH ? WIDTH - indent - after : 0;
  if (level > DEPTH_MAX) return py_limit(j, "value is nested too deeply");
  TRY(fits(j, v, room, &yes, b));
  if (yes) return RS_OK;
  bool list = v.kind == JV_LIST;
  if (v.kind == JV_DICT) return layout_dict(j, v, b, indent, after, level + 1);
  if (v.kind == JV_STR && !is_markup(v) && v.u.str->n > 0)
    return layout_str(j, v, b, indent, after, level == 0);
  if (!list && v.kind != JV_TUPLE) return flat(j, v, b, 0);
  const char *end = list ? "]" : v.u.seq->n == 1 ? ",)" : ")";
  rs_buf_char(b, list ? '[' : '(');
  for (size_t i = 0; i < v.u.seq->n; i++) {
    if (i > 0) {
      rs_buf_char(b, ',');
      new_line(b, indent + 1);
    }
    size_t tail = i + 1 == v.u.seq->n ? after + strlen(end) : 1;
    TRY(layout(j, v.u.seq->v[i], b, indent + 1, tail, level + 1));
  }
  rs_buf_str(b, end);
  return RS_OK;
}

enum rs_code py_text_pprint(struct rs_python *j, jv v, struct rs_buf *b)
{
  return layout(j, v, b, 0, 0, 0);
}
