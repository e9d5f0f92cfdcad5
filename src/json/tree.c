/*
** JSON as a tree (see json.h). The parser recurses, bounded by max_depth.
*/
#include "json.h"
#include <string.h>
#include "src/base/text.h"
#include "src/value/text.h"

struct parser {
  const char *p, *end, *start;
  size_t depth, max_depth;
  struct rs_arena *a;
  struct rs_error *e;
};

static enum rs_code fail_at(struct parser *x, const char *what)
{
  return rs_fail(x->e, RS_INVALID, "not valid JSON: %s at byte %zu", what,
                 (size_t)(x->p - x->start) + 1);
}

static void skip_space(struct parser *x)
{
  while (x->p < x->end && (*x->p == ' ' || *x->p == '\t' || *x->p == '\n' || *x->p == '\r')) x->p++;
}

/* ---- strings --------------------------------------------------------------------------------- */

/* \uXXXX at x->p, which stands on the u. */
static bool unescape_code(struct parser *x, char **to)
{
  size_t len, used = rs_json_escape_char(x->p - 1, x->end, *to, &len);
  if (used == 0) return false;
  x->p += used - 1;
  *to += len;
  return true;
}

static bool read_escape(struct parser *x, char **to)
{
  static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
  if (x->p == x->end) return false;
  if (*x->p == 'u') return unescape_code(x, to);
  const char *at = *x->p != 0 ? strchr(from, *x->p) : NULL;
  if (at == NULL) return false;
  *(*to)++ = into[at - from];
  x->p++;
  return true;
}

/* x->p stands behind the opening quote. */
static enum rs_code parse_string(struct parser *x, const char **out, size_t *n)
{
  const char *from = x->p;
  while (x->p < x->end && *x->p != '"' && *x->p != '\\' && (unsigned char)*x->p >= 0x20) x->p++;
  if (x->p < x->end && *x->p == '"') {
    *out = from;
    *n = (size_t)(x->p++ - from);
    return RS_OK;
  }
  const char *close = x->p; // the text needs no more room than its escaped form
  while (close < x->end && *close != '"') close += *close == '\\' && close + 1 < x->end ? 2 : 1;
  char *copy = rs_arena_alloc(x->a, (size_t)(close - from) + 4);
  if (copy == NULL) return rs_nomem(x->e);
  char *to = copy + (x->p - from);
  memcpy(copy, from, (size_t)(x->p - from));
  for (;;) {
    if (x->p == x->end) return fail_at(x, "a string without end");
    char c = *x->p;
    if ((unsigned char)c < 0x20) return fail_at(x, "a control character in a string");
    x->p++;
    if (c == '"') break;
    if (c != '\\') *to++ = c;
    else if (!read_escape(x, &to)) return fail_at(x, "an unknown escape");
  }
  *out = copy;
  *n = (size_t)(to - copy);
  return RS_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool skip_digits(struct parser *x)
{
  const char *from = x->p;
  while (x->p < x->end && *x->p >= '0' && *x->p <= '9') x->p++;
  return x->p > from;
}

static enum rs_code parse_number(struct parser *x, struct rs_json *j)
{
  j->kind = RS_J_NUMBER;
  j->p = x->p;
  if (*x->p == '-') x->p++;
  bool zero = x->p < x->end && *x->p == '0';
  if (zero) x->p++;
  else if (!skip_digits(x)) return fail_at(x, "a value is expected");
  if (x->p < x->end && *x->p == '.') {
    x->p++;
    if (!skip_digits(x)) return fail_at(x, "a digit is expected");
  }
  if (x->p < x->end && (*x->p == 'e' || *x->p == 'E')) {
    x->p++;
    if (x->p < x->end && (*x->p == '+' || *x->p == '-')) x->p++;
    if (!skip_digits(x)) return fail_at(x, "a digit is expected");
  }
  j->n = (size_t)(x->p - j->p);
  return RS_OK;
}

static bool skip_word(struct parser *x, const char *text)
{
  size_t n = strlen(text);
  if ((size_t)(x->end - x->p) < n || memcmp(x->p, text, n) != 0) return false;
  x->p += n;
  return true;
}

static enum rs_code parse_value(struct parser *x, struct rs_json **out);

/* `[` or `{` is behind x->p. */
static enum rs_code parse_children(struct parser *x, struct rs_json *j, char close)
{
  skip_space(x);
  if (x->p < x->end && *x->p == close) {
    x->p++;
    return RS_OK;
  }
  for (;;) {
    const char *key = NULL;
    size_t nkey = 0;
    struct rs_json *child;
    enum rs_code rc = RS_OK;
    skip_space(x);
    if (close == '}') {
      if (x->p == x->end || *x->p != '"') return fail_at(x, "a name in quotes is expected");
      x->p++;
      rc = parse_string(x, &key, &nkey);
      if (rc != RS_OK) return rc;
      skip_space(x);
      if (x->p == x->end || *x->p != ':') return fail_at(x, "a colon is expected");
      x->p++;
    }
    rc = parse_value(x, &child);
    if (rc != RS_OK) return rc;
    child->key = key;
    child->nkey = nkey;
    rs_json_add(j, child);
    skip_space(x);
    if (x->p < x->end && *x->p == ',') {
      x->p++;
      continue;
    }
    if (x->p == x->end || *x->p != close) {
      return fail_at(x, close == ']' ? "a comma or ] is expected" : "a comma or } is expected");
    }
    x->p++;
    return RS_OK;
  }
}

static enum rs_code parse_nested(struct parser *x, struct rs_json *j)
{
  if (++x->depth > x->max_depth) {
    return rs_fail(x->e, RS_LIMIT, "it is nested deeper than %zu levels", x->max_depth);
  }
  bool array = *x->p++ == '[';
  j->kind = array ? RS_J_ARRAY : RS_J_OBJECT;
  enum rs_code rc = parse_children(x, j, array ? ']' : '}');
  x->depth--;
  return rc;
}

static enum rs_code parse_value(struct parser *x, struct rs_json **out)
{
  struct rs_json *j = *out = rs_json_new(x->a, RS_J_NULL);
  if (j == NULL) return rs_nomem(x->e);
  skip_space(x);
  if (x->p == x->end) return fail_at(x, "a value is expected");
  switch (*x->p) {
    case '{':
    case '[': return parse_nested(x, j);
    case '"':
      j->kind = RS_J_STRING;
      x->p++;
      return parse_string(x, &j->p, &j->n);
    case 't':
    case 'f':
      j->kind = RS_J_BOOL;
      j->truth = *x->p == 't';
      return skip_word(x, j->truth ? "true" : "false") ? RS_OK : fail_at(x, "a value is expected");
    case 'n': return skip_word(x, "null") ? RS_OK : fail_at(x, "a value is expected");
    default: return parse_number(x, j);
  }
}

enum rs_code rs_json_parse(const char *text, size_t n, size_t max_depth, struct rs_arena *a,
                           struct rs_json **out, struct rs_error *e)
{
  struct parser x = {text, text + n, text, 0, max_depth, a, e};
  size_t valid = rs_utf8_valid(text, n);
  *out = NULL;
  if (valid != n) {
    return rs_fail(e, RS_INVALID, "not valid JSON: bad UTF-8 at byte %zu", valid + 1);
  }
  enum rs_code rc = parse_value(&x, out);
  if (rc != RS_OK) return rc;
  skip_space(&x);
  return x.p == x.end ? RS_OK : fail_at(&x, "text behind the value");
}

/* ---- writing --------------------------------------------------------------------------------- */

void rs_json_write(struct rs_buf *b, const struct rs_json *j)
{
  switch (j->kind) {
    case RS_J_NULL: rs_buf_str(b, "null"); break;
    case RS_J_BOOL: rs_buf_str(b, j->truth ? "true" : "false"); break;
    case RS_J_NUMBER: rs_buf_add(b, j->p, j->n); break;
    case RS_J_STRING: rs_buf_json_str(b, j->p, j->n); break;
    default:
      rs_buf_char(b, j->kind == RS_J_ARRAY ? '[' : '{');
      for (const struct rs_json *c = j->first; c != NULL; c = c->next) {
        if (c != j->first) rs_buf_char(b, ',');
        if (j->kind == RS_J_OBJECT) {
          rs_buf_json_str(b, c->key, c->nkey);
          rs_buf_char(b, ':');
        }
        rs_json_write(b, c);
      }
      rs_buf_char(b, j->kind == RS_J_ARRAY ? ']' : '}');
  }
}

/* ---- reading the tree ------------------------------------------------------------------------ */

struct rs_json *rs_json_getn(const struct rs_json *object, const char *key, size_t n)
{
  struct rs_json *found = NULL;
  if (object == NULL || object->kind != RS_J_OBJECT) return NULL;
  for (struct rs_json *c = object->first; c != NULL; c = c->next) {
    if (c->nkey == n && memcmp(c->key, key, n) == 0) found = c;
  }
  return found;
}

struct rs_json *rs_json_get(const struct rs_json *object, const char *key)
{
  return rs_json_getn(object, key, strlen(key));
}

bool rs_json_text(const struct rs_json *object, const char *key, struct rs_arena *a,
                  const char **out)
{
  const struct rs_json *j = rs_json_get(object, key);
  *out = NULL;
  if (j == NULL || j->kind != RS_J_STRING) return true;
  *out = rs_arena_strndup(a, j->p, j->n);
  return *out != NULL;
}

bool rs_json_int(const struct rs_json *number, int64_t *out)
{
  return number != NULL && number->kind == RS_J_NUMBER && rs_text_to_int(number->p, number->n, out);
}

int64_t rs_json_member_int(const struct rs_json *object, const char *key)
{
  int64_t n = 0;
  return rs_json_int(rs_json_get(object, key), &n) ? n : 0;
}

bool rs_json_member_flag(const struct rs_json *object, const char *key)
{
  const struct rs_json *j = rs_json_get(object, key);
  return j != NULL && j->truth;
}

bool rs_json_is(const struct rs_json *string, const char *text)
{
  return string != NULL && string->kind == RS_J_STRING && rs_eqn(text, string->p, string->n);
}

/* ---- making it ------------------------------------------------------------------------------- */

struct rs_json *rs_json_new(struct rs_arena *a, enum rs_json_kind kind)
{
  struct rs_json *j = rs_arena_calloc(a, sizeof *j);
  if (j != NULL) j->kind = kind;
  return j;
}

struct rs_json *rs_json_new_string(struct rs_arena *a, const char *p, size_t n)
{
  struct rs_json *j = rs_json_new(a, RS_J_STRING);
  if (j == NULL) return NULL;
  j->p = p;
  j->n = n;
  return j;
}

struct rs_json *rs_json_copy(struct rs_arena *a, const struct rs_json *j)
{
  struct rs_json *copy = rs_arena_alloc(a, sizeof *copy);
  if (copy == NULL) return NULL;
  *copy = *j;
  copy->next = NULL;
  if (j->kind != RS_J_ARRAY && j->kind != RS_J_OBJECT) return copy;
  copy->first = copy->last = NULL;
  copy->n = 0;
  for (const struct rs_json *c = j->first; c != NULL; c = c->next) {
    struct rs_json *child = rs_json_copy(a, c);
    if (child == NULL) return NULL;
    rs_json_add(copy, child);
  }
  return copy;
}

void rs_json_add(struct rs_json *parent, struct rs_json *child)
{
  child->next = NULL;
  if (parent->last != NULL) parent->last->next = child;
  else parent->first = child;
  parent->last = child;
  parent->n++;
}

void rs_json_remove(struct rs_json *parent, struct rs_json *child)
{
  struct rs_json **at = &parent->first, *before = NULL;
  if (child == NULL) return;
  while (*at != NULL && *at != child) {
    before = *at;
    at = &before->next;
  }
  if (*at == NULL) return;
  *at = child->next;
  if (parent->last == child) parent->last = before;
  parent->n--;
}
