/*
** Path columns: values from inside of objects as columns of their own.
**
**   rockset('ws.people', columns='city TEXT PATH address.city, lat REAL PATH address.geo.lat,
**                                 "first tag" TEXT PATH tags[0]')
**
** They come after the relation's own columns. A path begins with one of these; names that are no
** words are quoted. What is not there, or can't be converted to the type, is NULL. The engine takes
** the value out (rs_dialect.json_path), so that filters and orders on it are sent.
**
** In the column list (shadow.c) a path is kept as it was written, and parsed anew
** whenever the table is connected: no SQL text is stored.
*/
#include "internal.h"
#include "src/base/text.h"

#include <string.h>

struct reader {
  const char *p;
  struct rs_arena *arena;
};

static void skip_space(struct reader *r)
{
  while (*r->p == ' ' || (*r->p >= '\t' && *r->p <= '\r')) r->p++;
}

/* A word or "a name"; NULL: there is none (or no memory, which the caller finds out by nomem). */
static const char *read_name(struct reader *r, bool *nomem)
{
  const char *from = r->p;
  size_t n = 0;
  if (*from == '"') {
    const char *end = strchr(from + 1, '"');
    if (!end || end[1] == '"' || end == from + 1) return NULL; // no quotes inside of a name
    n = (size_t)(end - from - 1);
    r->p = end + 1;
    from++;
  } else {
    while (rs_is_word(from[n])) n++;
    if (n == 0) return NULL;
    r->p = from + n;
  }
  char *name = rs_arena_strndup(r->arena, from, n);
  if (!name) *nomem = true;
  return name;
}

static bool read_keyword(struct reader *r, const char *word)
{
  size_t n = strlen(word);
  skip_space(r);
  if (rs_casecmpn(r->p, word, n) != 0 || rs_is_word(r->p[n])) return false;
  r->p += n;
  skip_space(r);
  return true;
}

/* address.geo[0]."a b": the column, and the steps behind it. */
static enum rs_code read_path(struct reader *r, struct rs_path *out, struct rs_error *e)
{
  bool nomem = false, ok = true;
  size_t cap = 1;
  for (const char *p = r->p; *p; p++) cap += *p == '.' || *p == '[';
  struct rs_path_step *steps = rs_arena_calloc(r->arena, cap * sizeof *steps);
  if (!steps) return rs_nomem(e);
  *out = (struct rs_path){
    .relation = "", .root = read_name(r, &nomem), .root_type = RS_T_OTHER, .steps = steps};
  while (ok && out->root && (*r->p == '.' || *r->p == '[')) {
    struct rs_path_step *step = &steps[out->nsteps++];
    if (*r->p++ == '[') {
      size_t n = strspn(r->p, "0123456789");
      ok = n > 0 && n < 10 && r->p[n] == ']';
      if (!ok) break;
      for (size_t i = 0; i < n; i++) step->index = step->index * 10 + (r->p[i] - '0');
      r->p += n + 1;
    } else {
      step->field = read_name(r, &nomem);
      ok = step->field != NULL;
    }
  }
  if (nomem) return rs_nomem(e);
  if (ok && out->root && out->nsteps > 0) return RS_OK;
  return rs_fail(e, RS_INVALID, "a path is expected, column.field or column[0], not %.40s", r->p);
}

enum rs_code rs_collection_path(const char *text, struct rs_arena *arena, struct rs_path *out,
                                struct rs_error *e)
{
  struct reader r = {text, arena};
  enum rs_code rc = read_path(&r, out, e);
  if (rc == RS_OK && *r.p) rc = rs_fail(e, RS_INVALID, "path %s: something follows it", text);
  return rc;
}

static bool read_type(struct reader *r, enum rs_type *type)
{
  static const struct {
    const char *name;
    enum rs_type type;
  } types[] = {
    {"TEXT", RS_T_TEXT}, {"INTEGER", RS_T_INT}, {"REAL", RS_T_FLOAT}, {"BOOLEAN", RS_T_BOOL}};
  *type = RS_T_TEXT;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (!read_keyword(r, types[i].name)) continue;
    *type = types[i].type;
    return true;
  }
  return false;
}

/* One item of the list: name [type] PATH path. */
static enum rs_code read_column(struct reader *r, struct collection_column *col, struct rs_error *e)
{
  struct rs_path path;
  bool nomem = false;
  memset(col, 0, sizeof *col);
  skip_space(r);
  col->name = read_name(r, &nomem);
  if (nomem) return rs_nomem(e);
  if (!col->name)
    return rs_fail(e, RS_INVALID, "columns: a column's name is expected, not %.40s", r->p);
  (void)read_type(r, &col->type);
  if (!read_keyword(r, "PATH"))
    return rs_fail(e, RS_INVALID,
                   "columns: column %s: TEXT, INTEGER, REAL or BOOLEAN, then PATH and a path are "
                   "expected, not %.40s",
                   col->name, r->p);
  const char *from = r->p;
  enum rs_code rc = read_path(r, &path, e);
  if (rc != RS_OK) return rs_error_prefix(e, "columns: column %s", col->name);
  col->path = col->native = rs_arena_strndup(r->arena, from, (size_t)(r->p - from));
  skip_space(r);
  return col->path ? RS_OK : rs_nomem(e);
}

enum rs_code rs_collection_paths(const char *text, struct rs_arena *arena,
                                 struct collection_column **out, size_t *n, struct rs_error *e)
{
  struct reader r = {text, arena};
  size_t cap = 1;
  for (const char *p = text; *p; p++) cap += *p == ',';
  struct collection_column *v = rs_arena_calloc(arena, cap * sizeof *v);
  *out = v;
  *n = 0;
  if (!v) return rs_nomem(e);
  for (;;) {
    enum rs_code rc = read_column(&r, &v[*n], e);
    if (rc != RS_OK) return rc;
    ++*n;
    if (*r.p == 0) return RS_OK;
    if (*r.p++ != ',')
      return rs_fail(e, RS_INVALID, "columns: a comma is expected, not %.40s", r.p - 1);
  }
}
