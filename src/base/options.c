/*
** Options given as JSON text, read by a table (see options.h), over cJSON.
**
** cJSON keeps numbers as doubles. What has to keep its digits is read from the text itself, which
** cJSON has proven to be JSON before (but for the numbers, which it is generous with).
*/
#include "options.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "buf.h"
#include "mem.h"
#include "text.h"

#define NAMES_MAX 64 /* options of a table or choices of an option that a hint considers */

#ifdef RS_FAULT
/*
** Only fault builds, which count allocations, make cJSON use ours: its hooks are process-wide,
** and a host that shares libcjson with us would be left calling into an extension that SQLite has
** unloaded. At load, so that no document is made with one allocator and freed with the other.
*/
static __attribute__((constructor)) void install_hooks(void)
{
  cJSON_Hooks hooks = {.malloc_fn = rs_malloc, .free_fn = rs_free};
  cJSON_InitHooks(&hooks);
}
#endif

/* One option being read: what every error text has to name. */
struct reader {
  const struct rs_option *opt;
  const char *what;
  const char *text; /* the value as it is written */
  size_t n;
  struct rs_arena *arena;
  struct rs_error *e;
};

/* ---- the text -------------------------------------------------------------------------------- */

/* What cJSON takes for a blank. */
static const char *skip_blanks(const char *p)
{
  while (*p != 0 && (unsigned char)*p <= ' ') p++;
  return p;
}

/* Behind the string that begins at p. */
static const char *skip_string(const char *p)
{
  for (p++; *p != 0 && *p != '"'; p++)
    if (*p == '\\' && p[1] != 0) p++;
  return *p != 0 ? p + 1 : p;
}

static const char *skip_value(const char *p)
{
  unsigned depth = 0;
  for (; *p != 0; p++) {
    if (*p == '"') {
      p = skip_string(p);
      if (depth == 0) return p;
      p--;
    } else if (*p == '{' || *p == '[') {
      depth++;
    } else if (*p == '}' || *p == ']') {
      if (depth == 0) return p;
      if (--depth == 0) return p + 1;
    } else if (depth == 0 && (*p == ',' || (unsigned char)*p <= ' ')) {
      return p;
    }
  }
  return p;
}

/* In an object, before a member: goes behind it and gives its value. */
static const char *next_member(const char *p, const char **value, size_t *n)
{
  p = skip_blanks(skip_string(skip_blanks(p + 1))); // behind { or , and the name: a colon
  *value = skip_blanks(p + 1);
  p = skip_value(*value);
  *n = (size_t)(p - *value);
  return skip_blanks(p);
}

/* The length of the number at p by JSON's grammar; 0: none. */
static size_t number_length(const char *p, const char *end)
{
  const char *at = p, *from;
  if (at < end && *at == '-') at++;
  if (at < end && *at == '0') at++;
  else {
    for (from = at; at < end && *at >= '0' && *at <= '9';) at++;
    if (at == from) return 0;
  }
  if (at < end && *at == '.') {
    for (from = ++at; at < end && *at >= '0' && *at <= '9';) at++;
    if (at == from) return 0;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    at++;
    if (at < end && (*at == '+' || *at == '-')) at++;
    for (from = at; at < end && *at >= '0' && *at <= '9';) at++;
    if (at == from) return 0;
  }
  return (size_t)(at - p);
}

static void copy_string(struct rs_buf *b, const char *p, const char *end)
{
  for (; p < end; p++) {
    if ((unsigned char)*p < ' ') rs_buf_printf(b, "\\u%04x", (unsigned)(unsigned char)*p);
    else rs_buf_char(b, *p);
  }
}

/* The value as it is written, without blanks. False: a number that is none. */
static bool copy_value(struct rs_buf *b, const char *p, const char *end)
{
  while (p < end) {
    if (*p == '"') {
      const char *from = p;
      p = skip_string(p);
      copy_string(b, from, p);
    } else if (*p == '-' || (*p >= '0' && *p <= '9')) {
      size_t n = number_length(p, end);
      if (n == 0) return false;
      rs_buf_add(b, p, n);
      p += n;
      // "01": cJSON reads on where a number has ended
      if (p < end && strchr("0123456789+-.eE", *p) != NULL) return false;
    } else {
      if ((unsigned char)*p > ' ') rs_buf_char(b, *p);
      p++;
    }
  }
  return true;
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* The formatted list "a, b, c" for error texts. */
static const char *list_names(struct rs_arena *arena, const char *const *names, size_t n)
{
  const char *list = "";
  for (size_t i = 0; i < n && list != NULL; i++)
    list = rs_arena_printf(arena, "%s%s%s", list, i > 0 ? ", " : "", names[i]);
  return list;
}

static enum rs_code fail_unknown(const char *name, const struct rs_option *table, size_t n,
                                 const char *what, struct rs_arena *arena, struct rs_error *e)
{
  const char *names[NAMES_MAX];
  size_t count = n < NAMES_MAX ? n : NAMES_MAX;
  if (n == 0) return rs_fail(e, RS_INVALID, "%s: unknown option '%s' (there are none)", what, name);
  for (size_t i = 0; i < count; i++) names[i] = table[i].name;
  const char *near = rs_nearest(name, names, count);
  if (near != NULL)
    return rs_fail(e, RS_INVALID, "%s: unknown option '%s' (did you mean '%s'?)", what, name, near);
  const char *list = list_names(arena, names, count);
  if (list == NULL) return rs_nomem(e);
  return rs_fail(e, RS_INVALID, "%s: unknown option '%s' (legal: %s)", what, name, list);
}

static enum rs_code fail_type(const struct reader *r, const char *wanted)
{
  return rs_fail(r->e, RS_INVALID, "%s: option '%s' must be %s", r->what, r->opt->name, wanted);
}

static enum rs_code out_of_arena(const struct reader *r)
{
  if (!rs_arena_limited(r->arena)) return rs_nomem(r->e);
  return rs_fail(r->e, RS_LIMIT, "%s: option '%s' is too long", r->what, r->opt->name);
}

static enum rs_code keep_text(const struct reader *r, const char *text)
{
  const char *copy = rs_arena_strdup(r->arena, text);
  if (copy == NULL) return out_of_arena(r);
  *(const char **)r->opt->value = copy;
  return RS_OK;
}

static enum rs_code read_choice(const struct reader *r, const char *text)
{
  const char *names[NAMES_MAX];
  size_t n = 0;
  char *choices = rs_arena_strdup(r->arena, r->opt->choices);
  if (choices == NULL) return out_of_arena(r);
  for (char *p = choices; p != NULL && n < NAMES_MAX;) {
    names[n++] = p;
    p = strchr(p, '|');
    if (p != NULL) *p++ = 0;
  }
  for (size_t i = 0; i < n; i++)
    if (strcmp(text, names[i]) == 0) return keep_text(r, text);
  const char *list = list_names(r->arena, names, n), *near = rs_nearest(text, names, n);
  if (list == NULL) return out_of_arena(r);
  return rs_fail(r->e, RS_INVALID, "%s: option '%s': '%s' is not one of %s%s%s%s", r->what,
                 r->opt->name, text, list, near != NULL ? " (did you mean '" : "",
                 near != NULL ? near : "", near != NULL ? "'?)" : "");
}

static enum rs_code read_int(const struct reader *r, const cJSON *item)
{
  const double end = 9223372036854775808.0; // 2^63
  double v = item->valuedouble;
  if (!cJSON_IsNumber(item) || v != floor(v)) return fail_type(r, "a whole number");
  if (strcspn(r->text, ".eE") >= r->n) { // only digits: all of them count
    errno = 0;
    long long exact = strtoll(r->text, NULL, 10);
    if (errno != 0) return fail_type(r, "a whole number of at most 64 bits");
    *(int64_t *)r->opt->value = exact;
    return RS_OK;
  }
  if (v < -end || v >= end) return fail_type(r, "a whole number of at most 64 bits");
  *(int64_t *)r->opt->value = (int64_t)v;
  return RS_OK;
}

static enum rs_code read_json(const struct reader *r)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = RS_OK;
  if (!copy_value(&b, r->text, r->text + r->n))
    rc = rs_fail(r->e, RS_INVALID, "%s: option '%s' holds a number that is not valid JSON", r->what,
                 r->opt->name);
  if (rc == RS_OK) rc = rs_buf_error(&b, r->e, "options");
  if (rc == RS_OK) rc = keep_text(r, rs_buf_text(&b));
  rs_buf_free(&b);
  return rc;
}

static enum rs_code read_value(const struct reader *r, const cJSON *item)
{
  switch (r->opt->type) {
    case RS_OPT_BOOL:
      if (!cJSON_IsBool(item)) return fail_type(r, "true or false");
      *(bool *)r->opt->value = cJSON_IsTrue(item);
      return RS_OK;
    case RS_OPT_INT: return read_int(r, item);
    case RS_OPT_TEXT:
      if (!cJSON_IsString(item)) return fail_type(r, "a text");
      return keep_text(r, item->valuestring);
    case RS_OPT_CHOICE:
      if (!cJSON_IsString(item)) return fail_type(r, "a text");
      return read_choice(r, item->valuestring);
    case RS_OPT_JSON: return read_json(r);
  }
  return rs_fail(r->e, RS_INTERNAL, "%s: option '%s' has no type", r->what, r->opt->name);
}

static bool is_repeated(const cJSON *item)
{
  for (const cJSON *p = item->next; p != NULL; p = p->next)
    if (strcmp(p->string, item->string) == 0) return true;
  return false;
}

static enum rs_code read_object(const cJSON *object, const char *json,
                                const struct rs_option *table, size_t n, const char *what,
                                struct rs_arena *arena, struct rs_error *e)
{
  const char *at = skip_blanks(strncmp(json, "\xEF\xBB\xBF", 3) == 0 ? json + 3 : json);
  for (const cJSON *item = object->child; item != NULL; item = item->next) {
    const struct rs_option *opt = NULL;
    struct reader r = {.what = what, .arena = arena, .e = e};
    at = next_member(at, &r.text, &r.n);
    for (size_t i = 0; i < n && opt == NULL; i++)
      if (strcmp(table[i].name, item->string) == 0) opt = &table[i];
    if (opt == NULL) return fail_unknown(item->string, table, n, what, arena, e);
    if (is_repeated(item))
      return rs_fail(e, RS_INVALID, "%s: option '%s' is given twice", what, opt->name);
    r.opt = opt;
    enum rs_code rc = read_value(&r, item);
    if (rc != RS_OK) return rc;
  }
  return RS_OK;
}

/* cJSON would silently end a text there. */
static bool has_nul_escape(const char *json)
{
  for (const char *p = json; (p = strchr(p, '\\')) != NULL; p += 2) {
    if (strncmp(p, "\\u0000", 6) == 0) return true;
    if (p[1] == 0) break;
  }
  return false;
}

enum rs_code rs_options_read(const char *json, const struct rs_option *table, size_t n,
                             const char *what, struct rs_arena *arena, struct rs_error *e)
{
  if (json == NULL || *json == 0) return RS_OK;
  size_t len = strlen(json);
  if (rs_utf8_valid(json, len) < len)
    return rs_fail(e, RS_INVALID, "%s: options are not valid UTF-8", what);
  if (has_nul_escape(json))
    return rs_fail(e, RS_INVALID, "%s: options must not hold a NUL character", what);
  const char *end = NULL;
  cJSON *root = cJSON_ParseWithOpts(json, &end, true);
  enum rs_code rc;
  if (root == NULL)
    rc = rs_fail(e, RS_INVALID, "%s: options are not valid JSON near '%.20s'", what,
                 end != NULL ? end : json);
  else if (!cJSON_IsObject(root))
    rc = rs_fail(e, RS_INVALID, "%s: options must be a JSON object", what);
  else rc = read_object(root, json, table, n, what, arena, e);
  cJSON_Delete(root);
  return rc;
}
