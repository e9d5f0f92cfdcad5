/*
** Types as Trino writes them, parsed into a tree (trino.h): what a value looks like on the wire
** depends on it, deep inside arrays and rows too.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "trino.h"

#define DEPTH_MAX 100

/* Names as the server writes them, lower case, without parameters. */
static const struct {
  const char *name;
  enum rs_type type;
  enum rs_trino_form form;
} plain[] = {
  {"boolean", RS_T_BOOL, RS_TRINO_PLAIN},
  {"tinyint", RS_T_INT, RS_TRINO_PLAIN},
  {"smallint", RS_T_INT, RS_TRINO_PLAIN},
  {"integer", RS_T_INT, RS_TRINO_PLAIN},
  {"bigint", RS_T_INT, RS_TRINO_PLAIN},
  {"double", RS_T_FLOAT, RS_TRINO_FLOAT},
  {"real", RS_T_FLOAT, RS_TRINO_REAL},
  {"decimal", RS_T_DECIMAL, RS_TRINO_DECIMAL},
  {"varchar", RS_T_TEXT, RS_TRINO_PLAIN},
  {"varbinary", RS_T_BYTES, RS_TRINO_BYTES},
  {"date", RS_T_DATE, RS_TRINO_TIMESTAMP},
  {"time", RS_T_TIME, RS_TRINO_TIME},
  {"timestamp", RS_T_TIMESTAMP, RS_TRINO_TIMESTAMP},
  {"uuid", RS_T_UUID, RS_TRINO_PLAIN},
  {"json", RS_T_JSON, RS_TRINO_JSON},
};

struct reader {
  const char *p;
  struct rs_arena *a;
  unsigned depth;
  bool nomem;
};

static bool parse_type(struct reader *r, struct rs_trino_type *out);

static void skip_blanks(struct reader *r)
{
  while (*r->p == ' ') r->p++;
}

static size_t word_length(const char *p)
{
  size_t n = 0;
  while ((p[n] >= 'a' && p[n] <= 'z') || (p[n] >= 'A' && p[n] <= 'Z') ||
         (p[n] >= '0' && p[n] <= '9') || p[n] == '_' || p[n] == '$' || (p[n] & 0x80) != 0) {
    n++;
  }
  return n;
}

static bool starts_with(const char *p, const char *text)
{
  return rs_casecmpn(p, text, strlen(text)) == 0;
}

/* "name" with doubled quotes inside; NULL: out of memory. */
static const char *quoted_name(struct reader *r)
{
  char *out = rs_arena_alloc(r->a, strlen(r->p) + 1);
  size_t n = 0;
  if (out == NULL) return NULL;
  for (r->p++; *r->p != 0; r->p++) {
    if (*r->p == '"' && *++r->p != '"') break;
    out[n++] = *r->p;
  }
  out[n] = 0;
  return out;
}

/* A field's name in front of its type: a word behind which another type begins. `timestamp with
** time zone` and the intervals are types of several words. */
static bool field_name(struct reader *r, const char **name)
{
  *name = NULL;
  if (*r->p == '"') {
    *name = quoted_name(r);
    skip_blanks(r);
    return *name != NULL;
  }
  size_t n = word_length(r->p);
  if (n == 0 || r->p[n] != ' ' || starts_with(r->p + n, " with time zone") ||
      starts_with(r->p, "interval day to ") || starts_with(r->p, "interval year to "))
    return true;
  *name = rs_arena_strndup(r->a, r->p, n);
  r->p += n;
  skip_blanks(r);
  return *name != NULL;
}

/* The children in brackets; r->p is behind the opening one. */
static bool parse_children(struct reader *r, struct rs_trino_type *out, bool named)
{
  struct rs_trino_type *last = NULL;
  for (;;) {
    struct rs_trino_type *child = rs_arena_calloc(r->a, sizeof *child);
    r->nomem = r->nomem || child == NULL;
    if (child == NULL) return false;
    skip_blanks(r);
    if (named && !field_name(r, &child->name)) {
      r->nomem = true;
      return false;
    }
    if (!parse_type(r, child)) return false;
    if (last == NULL) out->children = child;
    else last->next = child;
    last = child;
    out->nchildren++;
    skip_blanks(r);
    if (*r->p == ')') break;
    if (*r->p != ',') return false;
    r->p++;
  }
  r->p++;
  return true;
}

/* Over the brackets at r->p. */
static bool skip_brackets(struct reader *r)
{
  int depth = 0;
  for (; *r->p != 0; r->p++) {
    if (*r->p == '(') depth++;
    if (*r->p == ')' && --depth == 0) {
      r->p++;
      return true;
    }
  }
  return false;
}

static void set_plain(struct rs_trino_type *out, const char *name, size_t n, const char *params)
{
  out->type = RS_T_OTHER;
  out->form = RS_TRINO_PLAIN;
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
    if (strlen(plain[i].name) != n || rs_casecmpn(name, plain[i].name, n) != 0) continue;
    out->type = plain[i].type;
    out->form = plain[i].form;
  }
  const char *scale = strchr(params, ',');
  if (out->form == RS_TRINO_DECIMAL && atol(params + 1) == 38 && scale != NULL &&
      strtol(scale + 1, NULL, 10) == 0) {
    out->type = RS_T_HUGEINT;
  }
}

/* Is the wire's JSON text of the value ours? */
static void set_as_is(struct rs_trino_type *t)
{
  t->as_is = t->form == RS_TRINO_PLAIN || t->form == RS_TRINO_ARRAY || t->form == RS_TRINO_MAP;
  for (const struct rs_trino_type *c = t->children; c != NULL; c = c->next) {
    if (!c->as_is && !(t->form == RS_TRINO_MAP && c == t->children)) t->as_is = false;
  }
}

static bool parse_nested(struct reader *r, struct rs_trino_type *out, enum rs_trino_form form)
{
  out->type = RS_T_JSON;
  out->form = form;
  bool ok = parse_children(r, out, form == RS_TRINO_ROW);
  return ok && (form == RS_TRINO_ROW || out->nchildren == (form == RS_TRINO_MAP ? 2 : 1));
}

static bool parse_type(struct reader *r, struct rs_trino_type *out)
{
  const char *name = r->p;
  size_t n = word_length(name);
  bool ok = true;
  if (n == 0 || ++r->depth > DEPTH_MAX) return false;
  r->p += n;
  bool open = *r->p == '(';
  if (open &&
      (starts_with(name, "array(") || starts_with(name, "map(") || starts_with(name, "row("))) {
    r->p++;
    ok = parse_nested(r, out,
                      name[0] == 'a' || name[0] == 'A'   ? RS_TRINO_ARRAY
                      : name[0] == 'm' || name[0] == 'M' ? RS_TRINO_MAP
                                                         : RS_TRINO_ROW);
  } else {
    set_plain(out, name, n, r->p);
    if (open) ok = skip_brackets(r);
    if (starts_with(r->p, " with time zone")) {
      r->p += strlen(" with time zone");
      bool instant = out->form == RS_TRINO_TIMESTAMP;
      out->type = instant ? RS_T_TIMESTAMPTZ : RS_T_OTHER;
      out->form = instant ? RS_TRINO_INSTANT : RS_TRINO_PLAIN;
    } else if (starts_with(name, "interval ")) {
      r->p = name + strcspn(name, ",)");
    }
  }
  r->depth--;
  set_as_is(out);
  return ok;
}

enum rs_code rs_trino_type_parse(const char *text, struct rs_arena *a, struct rs_trino_type *out,
                                 struct rs_error *e)
{
  struct reader r = {.p = text, .a = a};
  memset(out, 0, sizeof *out);
  bool ok = parse_type(&r, out);
  if (r.nomem) return rs_nomem(e);
  // a type of some plugin, written in a way of its own, is text
  if (!ok || *r.p != 0) *out = (struct rs_trino_type){.form = RS_TRINO_PLAIN, .type = RS_T_OTHER};
  return RS_OK;
}
