/*
** Errors of a statement that runs, as ones of the user's text: what the text that is sent raises
** itself, and what the engine says of functions (rs_rsql_explain).
*/
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "emit.h"
#include "reword.h"

/* In front of a text that a statement raises: the byte of the user's text that it is about, `:`. A
** bracket ends it. */
#define MARK "[rsql "

void rs_rsql_write_raise(struct rsql_writer *w, size_t pos, const char *fmt, ...)
{
  char why[300], text[360];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  int n = snprintf(text, sizeof text, MARK "%zu:%s]", pos, why);
  const struct rs_value v = {.kind = RS_TEXT, .s = {text, (size_t)n}};
  const char *rest = rs_rsql_write_until(w, w->f->raise, '$');
  rs_dialect_literal(w->d, w->b, &v);
  rs_rsql_write(w, rest);
}

/* Raised by rs_rsql_write_raise? */
static bool take_raised(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e)
{
  char text[RS_ERROR_MAX], *end;
  const char *at = strstr(e->text, MARK), *sent = rs_error_shown_sql(e);
  if (at == NULL || (sent != NULL && sent < at)) return false;
  const unsigned long byte = strtoul(at + strlen(MARK), &end, 10);
  const char *stop = sent != NULL ? sent : end + strlen(end); // the last bracket in front of that
  while (stop > end && *stop != ']') stop--;
  if (*end != ':' || stop == end) return false;
  const size_t n = (size_t)(stop - end) - 1;
  memcpy(text, end + 1, n);
  text[n] = 0;
  rs_rsql_place(s->text, s->n, byte, pos);
  (void)rs_fail(e, RS_INVALID, "%s", text);
  return true;
}

/* The call of that name that stands first. */
static const struct rsql_place_of_call *find_call(const struct rs_rsql_stmt *s, const char *name)
{
  const struct rsql_place_of_call *first = NULL;
  for (const struct rsql_place_of_call *c = s->calls; c != NULL; c = c->next)
    if (rs_casecmp(c->name, name) == 0) first = c;
  return first;
}

/* A function of the user's. Another one is of the text that is sent: its error stays. */
static bool take_function(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e)
{
  const struct rsql_place_of_call *c = e->function[0] != 0 ? find_call(s, e->function) : NULL;
  if (c == NULL) return false;
  rs_rsql_place(s->text, s->n, c->pos, pos);
  int min, max;
  if (rs_rsql_function_known(c->name, &min, &max) &&
      ((int)c->n < min || (max >= 0 && (int)c->n > max))) {
    (void)rs_fail(e, e->code, min == max ? "Function `%s` takes %d argument%s, not %zu."
                                         : "Function `%s` takes at most %d argument%s, not %zu.",
                  c->name, max, max == 1 ? "" : "s", c->n);
    return true;
  }
  if (rs_rsql_function_known(c->name, &min, &max) && e->refused != RS_REFUSED_ARGUMENTS) {
    (void)rs_fail(e, RS_INVALID, "Function `%s` does not take %zu arguments.", c->name, c->n);
    return true;
  }
  if (e->refused == RS_REFUSED_ARGUMENTS)
    (void)rs_fail(e, e->code, "Function `%s` does not take values of these types.", c->name);
  else (void)rs_fail(e, e->code, "Function `%s` not found.", c->name);
  return true;
}

/* "line 1:84: " of Trino, which counts in the text that was sent; DuckDB's list of candidates. */
static void drop_places(struct rs_error *e)
{
  static const char line[] = "line ";
  char *end = strstr(e->text, "; \tCandidate functions:");
  if (end != NULL) *end = 0;
  if (!rs_starts(e->text, line)) return;
  const char *p = e->text + sizeof line - 1;
  p += strspn(p, "0123456789:");
  if (rs_starts(p, " ")) memmove(e->text, p + 1, strlen(p + 1) + 1);
}

/* The engine did not understand either what is no Rockset SQL: why it is none tells more. */
static bool take_reason(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e)
{
  if (s->reason == NULL) return false;
  if (!rs_starts(e->text, "Parser Error: ") && !rs_starts(e->text, "Catalog Error: Scalar Function"))
    return false;
  *pos = s->reason_at;
  (void)rs_fail(e, RS_INVALID, "%s", s->reason);
  return true;
}

void rs_rsql_explain(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e)
{
  if (e->code == RS_NOMEM || take_raised(s, pos, e) || take_function(s, pos, e)) return;
  if (take_reason(s, pos, e)) return;
  drop_places(e);
  rs_rsql_reword(s, pos, e);
}
