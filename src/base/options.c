/*
** Options given as JSON text, read by a table (see options.h), over cJSON.
*/
#include "options.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdint.h>
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
  struct rs_arena *arena;
  struct rs_error *e;
};

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
  const double exact = 9007199254740992.0; // 2^53: cJSON keeps numbers as doubles
  double v = item->valuedouble;
  if (!cJSON_IsNumber(item) || v != floor(v)) return fail_type(r, "a whole number");
  if (fabs(v) > exact) return fail_type(r, "a whole number of at most 2^53");
  *(int64_t *)r->opt->value = (int64_t)v;
  return RS_OK;
}

static enum rs_code read_json(const struct reader *r, const cJSON *item)
{
  char *text = cJSON_PrintUnformatted(item);
  if (text == NULL) return rs_nomem(r->e);
  enum rs_code rc = keep_text(r, text);
  cJSON_free(text);
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
    case RS_OPT_JSON: return read_json(r, item);
  }
  return rs_fail(r->e, RS_INTERNAL, "%s: option '%s' has no type", r->what, r->opt->name);
}

static bool is_repeated(const cJSON *item)
{
  for (const cJSON *p = item->next; p != NULL; p = p->next)
    if (strcmp(p->string, item->string) == 0) return true;
  return false;
}

static enum rs_code read_object(const cJSON *object, const struct rs_option *table, size_t n,
                                const char *what, struct rs_arena *arena, struct rs_error *e)
{
  for (const cJSON *item = object->child; item != NULL; item = item->next) {
    const struct rs_option *opt = NULL;
    for (size_t i = 0; i < n && opt == NULL; i++)
      if (strcmp(table[i].name, item->string) == 0) opt = &table[i];
    if (opt == NULL) return fail_unknown(item->string, table, n, what, arena, e);
    if (is_repeated(item))
      return rs_fail(e, RS_INVALID, "%s: option '%s' is given twice", what, opt->name);
    struct reader r = {.opt = opt, .what = what, .arena = arena, .e = e};
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
  else rc = read_object(root, table, n, what, arena, e);
  cJSON_Delete(root);
  return rc;
}
