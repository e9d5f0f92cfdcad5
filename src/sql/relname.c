/*
** Names of relations as people write them (see relname.h).
*/
#include "relname.h"
#include <string.h>
#include "src/base/text.h"

#define PARTS_MAX 2

static bool is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One part from *pp on, with the space around it; *pp moves to the dot behind it or to the end. */
static enum rs_code parse_part(const char **pp, const char *what, const char *text,
                               struct rs_arena *arena, const char **out, struct rs_error *e)
{
  const char *p = *pp;
  while (is_space(*p)) p++;
  char *part = rs_arena_alloc(arena, strlen(p) + 1);
  if (part == NULL) return rs_nomem(e);
  size_t n = 0;
  if (*p == '"') {
    for (p++; *p != 0 && (*p != '"' || p[1] == '"'); p++) {
      if (*p == '"') p++;
      part[n++] = *p;
    }
    if (*p != '"')
      return rs_fail(e, RS_INVALID, "%s: the name '%s' has an open double quote", what, text);
    p++;
    while (is_space(*p)) p++;
    if (*p != 0 && *p != '.')
      return rs_fail(e, RS_INVALID, "%s: in the name '%s' only a dot may follow a quoted part",
                     what, text);
  } else {
    for (; *p != 0 && *p != '.'; p++) {
      if (*p == '"')
        return rs_fail(e, RS_INVALID, "%s: the name '%s' has a double quote inside a part", what,
                       text);
      part[n++] = *p;
    }
    while (n > 0 && is_space(part[n - 1])) n--;
  }
  part[n] = 0;
  if (n == 0) return rs_fail(e, RS_INVALID, "%s: the name '%s' has an empty part", what, text);
  if (n > RS_NAME_MAX)
    return rs_fail(e, RS_INVALID, "%s: the name '%.40s...' is longer than %d bytes", what, part,
                   RS_NAME_MAX);
  if (rs_utf8_valid(part, n) != n)
    return rs_fail(e, RS_INVALID, "%s: the name '%s' is not valid UTF-8", what, text);
  *out = part;
  *pp = p;
  return RS_OK;
}

static bool is_hidden(const char *p, size_t n)
{
  static const char *const names[] = {"_rockset", "information_schema", "pg_catalog"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strlen(names[i]) == n && rs_casecmpn(names[i], p, n) == 0) return true;
  }
  return false;
}

bool rs_workspace_is_hidden(const char *workspace)
{
  return is_hidden(workspace, strlen(workspace));
}

bool rs_name_is_hidden(const char *text)
{
  static const char between[] = "./\\:\"'`[]{}() \t\r\n\f\v;,=<>!+-*%|&?";
  for (const char *p = text; *p != 0;) {
    size_t n = strcspn(p, between);
    if (is_hidden(p, n) || (n > 5 && rs_casecmpn("__rs_", p, 5) == 0)) return true;
    p += n;
    p += strspn(p, between);
  }
  return false;
}

static enum rs_code check_workspace(const char *workspace, const char *what, struct rs_error *e)
{
  if (rs_casecmp(workspace, "_rockset") != 0) return RS_OK;
  return rs_fail(e, RS_FORBIDDEN, "%s: the workspace '%s' is reserved", what, workspace);
}

/* Up to `max` parts; *n gets how many there were. */
static enum rs_code parse(const char *text, const char *what, size_t max, const char *hint,
                          struct rs_arena *arena, const char **parts, size_t *n, struct rs_error *e)
{
  const char *p = text;
  while (is_space(*p)) p++;
  if (*p == 0) return rs_fail(e, RS_INVALID, "%s: the name is empty", what);
  for (*n = 0;; p++) {
    if (*n == max) return rs_fail(e, RS_INVALID, "%s: the name '%s' %s", what, text, hint);
    enum rs_code rc = parse_part(&p, what, text, arena, &parts[*n], e);
    if (rc != RS_OK) return rc;
    ++*n;
    if (*p == 0) return RS_OK;
  }
}

enum rs_code rs_relation_parse(const char *text, const char *workspace, const char *what,
                               struct rs_arena *arena, struct rs_relation *out, struct rs_error *e)
{
  const char *parts[PARTS_MAX];
  size_t n = 0;
  enum rs_code rc = parse(text, what, PARTS_MAX,
                          "has more than two parts: quote a part that holds a dot, \"a.b\"; what "
                          "lies in another database is read by a query",
                          arena, parts, &n, e);
  if (rc != RS_OK) return rc;
  out->workspace = n == 2 ? parts[0] : rs_arena_strdup(arena, workspace);
  out->name = parts[n - 1];
  out->database = NULL;
  if (out->workspace == NULL) return rs_nomem(e);
  return check_workspace(out->workspace, what, e);
}

enum rs_code rs_workspace_parse(const char *text, const char *what, struct rs_arena *arena,
                                const char **out, struct rs_error *e)
{
  size_t n = 0;
  enum rs_code rc = parse(
    text, what, 1, "is not a workspace: quote it when it holds a dot, \"a.b\"", arena, out, &n, e);
  return rc != RS_OK ? rc : check_workspace(*out, what, e);
}

static void add_part(struct rs_buf *b, const char *part)
{
  size_t n = strlen(part);
  bool is_plain = n > 0 && strpbrk(part, ".\"") == NULL && !is_space(part[0]) &&
                  !is_space(part[n - 1]);
  if (is_plain) {
    rs_buf_add(b, part, n);
    return;
  }
  rs_buf_char(b, '"');
  for (const char *p = part; *p != 0; p++) {
    if (*p == '"') rs_buf_char(b, '"');
    rs_buf_char(b, *p);
  }
  rs_buf_char(b, '"');
}

void rs_relation_text(struct rs_buf *b, const struct rs_relation *rel)
{
  add_part(b, rel->workspace);
  rs_buf_char(b, '.');
  add_part(b, rel->name);
}

void rs_relation_sql(const struct rs_dialect *d, struct rs_buf *b, const struct rs_relation *rel)
{
  const char *const above[] = {rel->database, rel->workspace};
  for (size_t i = 0; i < 2; i++) {
    if (above[i] == NULL) continue;
    rs_dialect_ident(d, b, above[i]);
    rs_buf_char(b, '.');
  }
  rs_dialect_ident(d, b, rel->name);
}

bool rs_relation_eq(const struct rs_relation *a, const struct rs_relation *b)
{
  return rs_eq(a->workspace, b->workspace) && rs_eq(a->name, b->name) &&
         rs_eq(a->database, b->database);
}

struct rs_relation rs_relation_beside(const struct rs_relation *rel, const char *name)
{
  return (struct rs_relation){.workspace = rel->workspace, .name = name, .database = rel->database};
}
