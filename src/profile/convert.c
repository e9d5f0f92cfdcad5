/*
** One field's value from YAML to what the output holds, by its row in the table.
**
** Text that spells a whole number, a decimal or true/false counts as one, since env_var always
** yields text; nothing else is guessed. A secret's value never appears in an error.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/redact.h"
#include "src/base/text.h"
#include "internal.h"

#define SHOWN 60                   /* bytes of a value in an error text */
#define JSON_MAX ((size_t)4 << 20) /* of one list or map */
#define SECONDS_MAX 86400

/* ---- errors --------------------------------------------------------------------------------- */

static enum rs_code wrong(const struct rs_profile_work *l, const struct rs_read *r,
                          const char *what, struct rs_error *e)
{
  const struct rs_yaml *v = r->value;
  const char *name = r->spec->name;
  if ((r->spec->flags & SPEC_SECRET) || v->secret) {
    return rs_profile_fail(l, r->line, e, RS_INVALID, "%s: the value %s", name, what);
  }
  if (v->kind == RS_YAML_LIST || v->kind == RS_YAML_MAP) {
    return rs_profile_fail(l, r->line, e, RS_INVALID, "%s: a %s %s", name,
                           v->kind == RS_YAML_LIST ? "list" : "map", what);
  }
  const char *quote = v->kind == RS_YAML_TEXT ? "'" : "";
  bool cut = v->n > SHOWN;
  size_t n = rs_utf8_valid(v->text, cut ? SHOWN : v->n);
  return rs_profile_fail(l, r->line, e, RS_INVALID, "%s: %s%.*s%s%s %s", name, quote, (int)n,
                         v->text, cut ? "..." : "", quote, what);
}

static char *copy(const struct rs_profile_work *l, const char *p, size_t n)
{
  return rs_arena_strndup(l->out, p, n);
}

/* ---- scalars -------------------------------------------------------------------------------- */

/* [+-] digits, nothing else; false when it doesn't fit. */
static bool parse_int(const char *s, int64_t *out)
{
  bool negative = *s == '-';
  int64_t sum = 0;
  if (*s == '-' || *s == '+') s++;
  if (!*s) return false;
  for (; *s; s++) {
    if (*s < '0' || *s > '9' || sum > (INT64_MAX - 9) / 10) return false;
    sum = sum * 10 + (*s - '0');
  }
  *out = negative ? -sum : sum;
  return true;
}

/* digits[.digits] to thousandths, rounded up so that a tiny limit doesn't become none. */
static bool parse_millis(const char *s, int64_t *out)
{
  int64_t whole = 0, thousandths = 0, place = 100;
  bool more = false;
  size_t digits = 0;
  for (; *s >= '0' && *s <= '9'; s++, digits++) {
    if (whole <= SECONDS_MAX) whole = whole * 10 + (*s - '0');
  }
  if (*s == '.') {
    for (s++; *s >= '0' && *s <= '9'; s++, digits++, place /= 10) {
      if (place == 0 && *s != '0') more = true;
      thousandths += (*s - '0') * place;
    }
  }
  *out = whole * 1000 + thousandths + more;
  return digits > 0 && !*s;
}

static enum rs_code set_number(const struct rs_profile_work *l, struct rs_read *r, const char *text,
                               int64_t number, struct rs_error *e)
{
  r->field.number = number;
  r->field.text = copy(l, text, strlen(text));
  return r->field.text ? RS_OK : rs_nomem(e);
}

static enum rs_code to_int(const struct rs_profile_work *l, struct rs_read *r, struct rs_error *e)
{
  const struct rs_yaml *v = r->value;
  const struct rs_field_spec *s = r->spec;
  int64_t number = v->i;
  char text[80];
  if (v->kind != RS_YAML_INT && (v->kind != RS_YAML_TEXT || !parse_int(v->text, &number))) {
    return wrong(l, r, "is not a whole number", e);
  }
  if (number < s->min || number > s->max) {
    snprintf(text, sizeof text, "is not between %d and %d", s->min, s->max);
    return wrong(l, r, text, e);
  }
  snprintf(text, sizeof text, "%lld", (long long)number);
  return set_number(l, r, text, number, e);
}

static enum rs_code to_bool(const struct rs_profile_work *l, struct rs_read *r, struct rs_error *e)
{
  const struct rs_yaml *v = r->value;
  int64_t number = v->i;
  if (v->kind == RS_YAML_TEXT && rs_casecmp(v->text, "true") == 0) {
    number = 1;
  } else if (v->kind == RS_YAML_TEXT && rs_casecmp(v->text, "false") == 0) {
    number = 0;
  } else if (v->kind != RS_YAML_BOOL) {
    return wrong(l, r, "is not true or false", e);
  }
  return set_number(l, r, number ? "true" : "false", number, e);
}

static enum rs_code to_seconds(const struct rs_profile_work *l, struct rs_read *r,
                               struct rs_error *e)
{
  const struct rs_yaml *v = r->value;
  bool scalar = v->kind == RS_YAML_INT || v->kind == RS_YAML_FLOAT || v->kind == RS_YAML_TEXT;
  int64_t ms = 0;
  char text[80];
  if (!scalar || !parse_millis(v->text, &ms)) return wrong(l, r, "is not a number of seconds", e);
  if (ms > (int64_t)SECONDS_MAX * 1000) return wrong(l, r, "is more than a day of seconds", e);
  int n = snprintf(text, sizeof text, "%lld.%03lld", (long long)(ms / 1000),
                   (long long)(ms % 1000));
  while (text[n - 1] == '0') text[--n] = 0;
  if (text[n - 1] == '.') text[--n] = 0;
  return set_number(l, r, text, ms, e);
}

static bool has_control(const char *s)
{
  for (; *s; s++) {
    if ((unsigned char)*s < 0x20 || *s == 0x7f) return true;
  }
  return false;
}

/* `a|b|c` holds the word? */
static bool is_choice(const char *choices, const char *word)
{
  size_t n = strlen(word);
  for (const char *p = choices; n > 0; p++) {
    size_t len = strcspn(p, "|");
    if (len == n && memcmp(p, word, n) == 0) return true;
    p += len;
    if (!*p) break;
  }
  return false;
}

static enum rs_code wrong_choice(const struct rs_profile_work *l, const struct rs_read *r,
                                 struct rs_error *e)
{
  const char *names[16];
  char *list = rs_arena_strdup(l->arena, r->spec->choices);
  char *rest = NULL;
  size_t n = 0;
  if (!list) return rs_nomem(e);
  for (char *w = strtok_r(list, "|", &rest); w && n < 16; w = strtok_r(NULL, "|", &rest)) {
    names[n++] = w;
  }
  const char *all = rs_profile_names(l, names, n);
  const char *hint = rs_profile_hint(l, r->value->text, names, n);
  const char *what = all && hint ? rs_arena_printf(l->arena, "is not one of %s%s", all, hint)
                                 : NULL;
  return what ? wrong(l, r, what, e) : rs_nomem(e);
}

static enum rs_code to_text(const struct rs_profile_work *l, struct rs_read *r, struct rs_error *e)
{
  const struct rs_yaml *v = r->value;
  const char *text = v->text;
  if (v->kind != RS_YAML_TEXT) {
    bool scalar = v->kind != RS_YAML_LIST && v->kind != RS_YAML_MAP;
    return wrong(l, r, scalar ? "is not text: put it in quotes" : "is not text", e);
  }
  if (v->n == 0 && (r->spec->flags & SPEC_REQUIRED)) return wrong(l, r, "is empty", e);
  /* A key goes into an HTTP header, a name into SQL. Passwords are always encoded. */
  if (strcmp(r->spec->name, "password") != 0 && has_control(text)) {
    return wrong(l, r, "holds a line break or another control character", e);
  }
  if (r->spec->kind == SPEC_CHOICE && !is_choice(r->spec->choices, text)) {
    return wrong_choice(l, r, e);
  }
  if (r->spec->kind == SPEC_PATH || r->spec->kind == SPEC_PATH_OR_BOOL) {
    text = rs_expand_home(l->arena, text);
    if (!text) return rs_nomem(e);
  }
  r->field.text = copy(l, text, strlen(text));
  return r->field.text ? RS_OK : rs_nomem(e);
}

/* ---- lists and maps, as JSON ---------------------------------------------------------------- */

/* Keys whose values are secrets wherever they stand: s3_secret_access_key, adbc...auth_token ... */
static bool is_secret_key(const char *key)
{
  static const char *const words[] = {"password", "passwd", "token",      "secret",
                                      "key",      "cookie", "credential", "authorization"};
  size_t n = strlen(key);
  for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
    size_t len = strlen(words[w]);
    for (size_t i = 0; i + len <= n; i++) {
      if (rs_casecmpn(words[w], key + i, len) == 0) return true;
    }
  }
  return false;
}

/* Words that many texts hold: hiding them everywhere would help nobody. */
static bool is_plain_word(const struct rs_yaml *v)
{
  return v->kind != RS_YAML_TEXT || rs_casecmp(v->text, "true") == 0 ||
         rs_casecmp(v->text, "false") == 0 || rs_casecmp(v->text, "none") == 0;
}

static enum rs_code register_secrets(const struct rs_yaml *v, bool below_secret)
{
  enum rs_code rc = RS_OK;
  if (v->kind == RS_YAML_MAP) {
    for (size_t i = 0; i < v->count && !rc; i++) {
      rc = register_secrets(v->pairs[i].value,
                            below_secret || is_secret_key(v->pairs[i].key->text));
    }
  } else if (v->kind == RS_YAML_LIST) {
    for (size_t i = 0; i < v->count && !rc; i++) rc = register_secrets(v->items[i], below_secret);
  } else if (below_secret && !is_plain_word(v)) {
    rc = rs_redact_add(v->text);
  }
  return rc;
}

/* Text with every registered secret hidden. */
static void safe_text(const struct rs_profile_work *l, struct rs_buf *b, const char *p, size_t n)
{
  size_t room = n * 3 + 64; /* hiding a short secret makes the text longer */
  char *hidden = rs_arena_alloc(l->arena, room);
  if (!hidden) {
    b->rc = RS_NOMEM;
    return;
  }
  memcpy(hidden, p, n);
  hidden[n] = 0;
  rs_redact(hidden, room);
  rs_buf_json_str(b, hidden, strlen(hidden));
}

/* `safe`: leave out what keys call a secret, hide secrets in texts. */
static void to_json(const struct rs_profile_work *l, struct rs_buf *b, const struct rs_yaml *v,
                    bool safe, bool secret_keys)
{
  size_t written = 0;
  switch (v->kind) {
    case RS_YAML_NULL: rs_buf_str(b, "null"); break;
    case RS_YAML_BOOL: rs_buf_str(b, v->i ? "true" : "false"); break;
    case RS_YAML_INT: rs_buf_int(b, v->i); break;
    case RS_YAML_FLOAT: rs_buf_json_double(b, v->f); break;
    case RS_YAML_TEXT:
      if (safe) safe_text(l, b, v->text, v->n);
      else rs_buf_json_str(b, v->text, v->n);
      break;
    case RS_YAML_LIST:
      for (size_t i = 0; i < v->count && !b->rc; i++) {
        rs_buf_char(b, i ? ',' : '[');
        to_json(l, b, v->items[i], safe, secret_keys);
      }
      rs_buf_str(b, v->count ? "]" : "[]");
      break;
    case RS_YAML_MAP:
      rs_buf_char(b, '{');
      for (size_t i = 0; i < v->count && !b->rc; i++) {
        const struct rs_yaml *key = v->pairs[i].key;
        if (safe && secret_keys && is_secret_key(key->text)) continue;
        if (written++) rs_buf_char(b, ',');
        rs_buf_json_str(b, key->text, key->n);
        rs_buf_char(b, ':');
        to_json(l, b, v->pairs[i].value, safe, secret_keys);
      }
      rs_buf_char(b, '}');
      break;
  }
}

static enum rs_code json_of(const struct rs_profile_work *l, const struct rs_read *r, bool safe,
                            const char **out, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, JSON_MAX);
  to_json(l, &b, r->value, safe, (r->spec->flags & SPEC_SECRET_KEYS) != 0);
  enum rs_code rc = rs_buf_error(&b, e, r->spec->name);
  if (!rc) {
    *out = copy(l, rs_buf_text(&b), b.n);
    if (!*out) rc = rs_nomem(e);
  }
  rs_buf_free(&b);
  return rc;
}

static enum rs_code to_container(const struct rs_profile_work *l, struct rs_read *r,
                                 struct rs_error *e)
{
  const struct rs_yaml *v = r->value;
  bool list = r->spec->kind == SPEC_LIST;
  if (v->kind != (list ? RS_YAML_LIST : RS_YAML_MAP)) {
    return wrong(l, r, list ? "is not a list" : "is not a map", e);
  }
  for (size_t i = 0; r->spec->kind == SPEC_SCALARS && i < v->count; i++) {
    enum rs_yaml_kind kind = v->pairs[i].value->kind;
    if (kind != RS_YAML_LIST && kind != RS_YAML_MAP) continue;
    return rs_profile_fail(l, v->pairs[i].key->line, e, RS_INVALID,
                           "%s: the value of '%.100s' is a %s; only single values may stand here",
                           r->spec->name, v->pairs[i].key->text,
                           kind == RS_YAML_LIST ? "list" : "map");
  }
  if ((r->spec->flags & SPEC_SECRET_KEYS) && register_secrets(v, false)) return rs_nomem(e);
  return json_of(l, r, false, &r->field.text, e);
}

/* ---- one field ------------------------------------------------------------------------------ */

static enum rs_field_type type_of(enum rs_spec_kind kind)
{
  switch (kind) {
    case SPEC_INT: return RS_FIELD_INT;
    case SPEC_BOOL: return RS_FIELD_BOOL;
    case SPEC_SECONDS: return RS_FIELD_SECONDS;
    case SPEC_LIST: return RS_FIELD_LIST;
    case SPEC_MAP:
    case SPEC_SCALARS: return RS_FIELD_MAP;
    default: return RS_FIELD_TEXT;
  }
}

static enum rs_code convert(const struct rs_profile_work *l, struct rs_read *r, struct rs_error *e)
{
  switch (r->spec->kind) {
    case SPEC_INT: return to_int(l, r, e);
    case SPEC_BOOL: return to_bool(l, r, e);
    case SPEC_SECONDS: return to_seconds(l, r, e);
    case SPEC_LIST:
    case SPEC_MAP:
    case SPEC_SCALARS: return to_container(l, r, e);
    case SPEC_PATH_OR_BOOL:
      if (r->value->kind != RS_YAML_BOOL) return to_text(l, r, e);
      r->field.type = RS_FIELD_BOOL;
      return to_bool(l, r, e);
    default: return to_text(l, r, e);
  }
}

enum rs_code rs_field_make_safe(const struct rs_profile_work *l, struct rs_read *r,
                                struct rs_error *e)
{
  struct rs_buf b;
  if (r->field.secret || !r->field.text) return RS_OK;
  if (r->field.type == RS_FIELD_LIST || r->field.type == RS_FIELD_MAP) {
    return json_of(l, r, true, &r->safe, e);
  }
  if (r->field.type != RS_FIELD_TEXT) {
    r->safe = r->field.text;
    return RS_OK;
  }
  rs_buf_init(&b, JSON_MAX);
  safe_text(l, &b, r->field.text, strlen(r->field.text));
  enum rs_code rc = rs_buf_error(&b, e, r->spec->name);
  if (!rc) {
    r->safe = copy(l, rs_buf_text(&b), b.n);
    if (!r->safe) rc = rs_nomem(e);
  }
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_field_convert(const struct rs_profile_work *l, struct rs_read *r,
                              struct rs_error *e)
{
  bool secret = (r->spec->flags & SPEC_SECRET) != 0;
  if (!r->value) {
    return r->spec->otherwise ? rs_field_default(l, r, r->spec->otherwise, e) : RS_OK;
  }
  r->field.name = r->spec->name;
  r->field.type = type_of(r->spec->kind);
  r->field.secret = secret || r->value->secret;
  /* First of all, so that nothing that fails from here on can show it. */
  if (secret && r->value->text && rs_redact_add(r->value->text)) return rs_nomem(e);
  return convert(l, r, e);
}

enum rs_code rs_field_default(const struct rs_profile_work *l, struct rs_read *r, const char *text,
                              struct rs_error *e)
{
  struct rs_yaml *v = rs_arena_calloc(l->arena, sizeof *v);
  if (!v) return rs_nomem(e);
  v->kind = RS_YAML_TEXT;
  v->line = r->line;
  v->text = text;
  v->n = strlen(text);
  r->value = v;
  return rs_field_convert(l, r, e);
}
