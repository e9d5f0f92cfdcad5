/*
** Native rendering, as dbt does it (reference A12): a lone expression keeps its value, several
** nodes are joined as text; text marked as_number, as_bool or as_native is read as a Python
** literal.
*/
#include "internal.h"

/* Can Jinja write the value as a constant into compiled code? */
bool has_safe_repr(jv v, unsigned depth)
{
  if (depth > 50) return false;
  switch ((int)v.kind) {
    case JV_NONE:
    case JV_BOOL:
    case JV_INT:
    case JV_BIGINT:
    case JV_FLOAT: return true;
    case JV_STR: return v.u.str->sub <= STR_MARKUP;
    case JV_LIST:
    case JV_TUPLE:
      if (v.u.seq->is_group) return false;
      for (size_t i = 0; i < v.u.seq->n; i++) {
        if (!has_safe_repr(v.u.seq->v[i], depth + 1)) return false;
      }
      return true;
    case JV_DICT:
      for (size_t i = 0; dict_next(v.u.dict, &i); i++) {
        if (!has_safe_repr(v.u.dict->keys[i], depth + 1)) return false;
        if (!has_safe_repr(v.u.dict->vals[i], depth + 1)) return false;
      }
      return true;
    default: return false;
  }
}

static bool is_number(jv v)
{
  return v.kind == JV_INT || v.kind == JV_BIGINT || v.kind == JV_FLOAT;
}

static enum rs_code marked(struct rs_jinja *j, jv v, jv *out)
{
  enum str_sub sub = (enum str_sub)v.u.str->sub;
  bool ok;
  if (sub == STR_TEXT) {
    *out = str_as(j, v, STR_PLAIN);
    return RS_OK;
  }
  TRY(literal_eval(j, v.u.str, out, &ok));
  if (!ok) *out = str_as(j, v, STR_PLAIN);
  if (sub == STR_BOOL && out->kind != JV_BOOL) {
    return j_fail(j, "Could not convert value '%s' into type 'bool'", v.u.str->s);
  }
  if (sub == STR_NUMBER && !is_number(*out)) {
    return j_fail(j, "Could not convert value '%s' into type 'number'", v.u.str->s);
  }
  return RS_OK;
}

enum rs_code native_result(struct rs_jinja *j, struct jv_seq *parts, jv *out)
{
  if (parts->n == 1) {
    jv v = parts->v[0];
    if (v.kind == JV_STR && v.u.str->sub >= STR_TEXT) return marked(j, v, out);
    *out = v;
    return RS_OK;
  }
  struct rs_buf b;
  j_buf_init(j, &b);
  for (size_t i = 0; i < parts->n; i++) {
    enum rs_code rc = text_str(j, parts->v[i], &b);
    if (rc != RS_OK) {
      rs_buf_free(&b);
      return rc;
    }
  }
  return str_take(j, &b, STR_PLAIN, out);
}

/* ---- Python literals ----------------------------------------------------------------------- */

/*
** ast.literal_eval on text: a Python literal is nearly a Jinja one, so Jinja's own parser reads
** it and only constants are let through. What differs is handled here: case of the words, leading
** space.
*/
static bool literal_node(const struct node *n)
{
  switch ((enum node_type)n->type) {
    case N_CONST: return true;
    case N_TUPLE:
    case N_LIST:
    case N_DICT:
      for (size_t i = 0; i < n->u.items.n; i++) {
        if (!literal_node(n->u.items.v[i])) return false;
      }
      return true;
    case N_NEG:
    case N_POS:
      return n->u.bin.a->type == N_CONST && is_num(n->u.bin.a->u.value) &&
             n->u.bin.a->u.value.kind != JV_BOOL;
    default: return false;
  }
}

/* Words that are literals in Jinja only. */
static bool jinja_word(const struct jv_str *s)
{
  static const char *const words[] = {"true", "false", "none"};
  bool quoted = false;
  char quote = 0;
  for (size_t i = 0; i < s->n; i++) {
    char c = s->s[i];
    if (quoted) {
      if (c == '\\') i++;
      quoted = c != quote;
    } else if (c == '\'' || c == '"') {
      quoted = true;
      quote = c;
    } else if (i == 0 || !uni_id_more((unsigned char)s->s[i - 1])) {
      for (size_t k = 0; k < 3; k++) {
        size_t n = strlen(words[k]);
        if (n <= s->n - i && memcmp(s->s + i, words[k], n) == 0) return true;
      }
    }
  }
  return false;
}

/* Python reads `.5` and `1.` as floats, Jinja does not. */
static bool python_float(const struct jv_str *s, jv *out)
{
  size_t i = s->n > 0 && (s->s[0] == '-' || s->s[0] == '+'), digits = 0, dots = 0;
  for (size_t k = i; k < s->n; k++) {
    if (s->s[k] >= '0' && s->s[k] <= '9') {
      digits++;
    } else if (s->s[k] == '.') {
      dots++;
    } else {
      return false;
    }
  }
  double d;
  if (digits == 0 || dots != 1 || !num_parse_float(s, &d)) return false;
  *out = jv_float(d);
  return true;
}

/* The value with its texts copied into j. */
static enum rs_code literal_copy(struct rs_jinja *j, jv v, jv *out)
{
  jv key, value;
  *out = v;
  switch ((int)v.kind) {
    case JV_STR:
      *out = str_sub(j, v.u.str->s, v.u.str->n, STR_PLAIN);
      return out->kind == JV_STR ? RS_OK : j_nomem(j);
    case JV_BIGINT: return num_binary(j, N_ADD, v, jv_int(0), out);
    case JV_LIST:
    case JV_TUPLE:
      for (size_t i = 0; i < v.u.seq->n; i++) {
        TRY(literal_copy(j, v.u.seq->v[i], &v.u.seq->v[i]));
      }
      return RS_OK;
    case JV_DICT:
      *out = jv_dict_new(j);
      if (out->kind != JV_DICT) return j_nomem(j);
      for (size_t i = 0; dict_next(v.u.dict, &i); i++) {
        TRY(literal_copy(j, v.u.dict->keys[i], &key));
        TRY(literal_copy(j, v.u.dict->vals[i], &value));
        TRY(dict_put(j, out->u.dict, key, value));
      }
      return RS_OK;
    default: return RS_OK;
  }
}

enum rs_code literal_eval(struct rs_jinja *j, const struct jv_str *s, jv *out, bool *ok)
{
  *ok = false;
  size_t from = 0, to = s->n;
  while (from < to && (s->s[from] == ' ' || s->s[from] == '\t')) from++;
  while (to > from && (s->s[to - 1] == ' ' || s->s[to - 1] == '\t' || s->s[to - 1] == '\n')) to--;
  jv text = str_sub(j, s->s + from, to - from, STR_PLAIN);
  if (text.kind != JV_STR) return j_nomem(j);
  if (python_float(text.u.str, out)) {
    *ok = true;
    return RS_OK;
  }
  if (from == to || jinja_word(text.u.str)) return RS_OK;
  struct rs_buf b;
  j_buf_init(j, &b);
  // parenthesised, so that neither a sign nor a comma means something to the tag
  rs_buf_str(&b, "{{ (");
  rs_buf_add(&b, s->s + from, to - from);
  rs_buf_str(&b, ") }}");
  if (b.rc != RS_OK) {
    enum rs_code rc = j_buf_fail(j, &b);
    rs_buf_free(&b);
    return rc;
  }
  struct rs_template *t;
  enum rs_code rc = rs_template_parse("literal", rs_buf_text(&b), b.n, &t, NULL);
  rs_buf_free(&b);
  if (rc != RS_OK) return rc == RS_NOMEM ? j_nomem(j) : RS_OK;
  const struct node *n = t->body.n == 1 ? t->body.v[0] : NULL;
  if (n != NULL && n->type == N_OUTPUT && n->u.out.n == 1 && literal_node(n->u.out.v[0])) {
    struct act *a = act_new(j, NULL, t, &t->root);
    rc = a != NULL ? eval(j, a, n->u.out.v[0], out) : j_nomem(j);
    *ok = rc == RS_OK;
    if (rc == RS_OK) rc = literal_copy(j, *out, out); // texts of the tree die with it
    if (rc == RS_INVALID) rc = RS_OK;
  }
  rs_template_release(t);
  return rc;
}
