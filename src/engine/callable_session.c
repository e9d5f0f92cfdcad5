/*
** Stored SQL checked with the engine's help (callable_session.h): names that are on no list are
** looked up in its catalog, users' own functions by their definitions.
*/
#include "callable_session.h"
#include "src/base/mem.h"

/* A stored text on its way to a session. */
struct asking {
  struct rs_session *s;
  struct rs_callable callable;
  const char *what;
  struct rs_map names; /* on no list; those that definitions call are added */
};

/* The names from `from` on: those that the engine's catalog tells something of. */
static enum rs_code ask(struct asking *a, size_t from, struct rs_error *e)
{
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_callable_ask(&a->callable, &a->names, from, &sql);
  enum rs_code rc = rs_buf_error(&sql, e, a->what);
  struct rs_rows *rows = NULL;
  const struct rs_statement st = {.sql = rs_buf_text(&sql)};
  if (rc == RS_OK) rc = rs_session_query(a->s, &st, &rows, e);
  while (rc == RS_OK && (rc = rs_rows_next(rows, e)) == RS_OK) {
    struct rs_value name, definition;
    rs_rows_get(rows, 0, &name);
    rs_rows_get(rows, 1, &definition);
    if (name.kind == RS_TEXT)
      rc = rs_callable_judge(&a->callable, a->what, &name, &definition, &a->names, e);
    if (rc != RS_OK) break;
  }
  rs_rows_close(rows);
  rs_buf_free(&sql);
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code ask_all(struct asking *a, struct rs_error *e)
{
  const struct rs_calls *calls = a->callable.dialect->calls;
  enum rs_code rc = RS_OK;
  if (calls == NULL || calls->ask == NULL) return RS_OK;
  for (size_t done = 0; rc == RS_OK && done < a->names.n;) {
    size_t from = done;
    done = a->names.n;
    rc = ask(a, from, e);
  }
  return rc;
}

static struct rs_callable callable_of(const struct rs_dialect *d, const struct rs_output *o,
                                      bool trusted)
{
  bool files = o != NULL && rs_output_bool(o, "allow_external_access", false);
  bool extended = files && rs_output_text(o, "extensions", NULL) != NULL;
  return (struct rs_callable){
    .dialect = d, .files = files, .extended = extended, .trusted = trusted};
}

enum rs_code rs_callable_prove(const char *sql, size_t n, const struct rs_dialect *d,
                               const struct rs_output *o, bool trusted, const char *what,
                               struct rs_sqltext *one, struct rs_error *e)
{
  const struct rs_callable callable = callable_of(d, o, trusted);
  enum rs_code rc = rs_sqltext_one(sql, n, d, what, one, e);
  return rc == RS_OK ? rs_callable_check(one, &callable, what, NULL, NULL, e) : rc;
}

static enum rs_code take(struct rs_session *s, const char *sql, size_t n, bool trusted,
                         bool builtin, const char *what, struct rs_sqltext *one, char **text,
                         struct rs_error *e)
{
  const struct rs_target *t = rs_session_target(s);
  struct asking a = {
    .s = s,
    .callable = callable_of(rs_target_info(t).dialect, rs_target_info(t).output, trusted),
    .what = what};
  a.callable.builtin = builtin;
  struct rs_buf out;
  *text = NULL;
  rs_map_init(&a.names);
  rs_buf_init(&out, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_sqltext_one(sql, n, a.callable.dialect, what, one, e);
  if (rc == RS_OK) rc = rs_callable_check(one, &a.callable, what, &a.names, &out, e);
  if (rc == RS_OK) rc = ask_all(&a, e);
  if (rc == RS_OK && (*text = rs_buf_take(&out)) == NULL) rc = rs_nomem(e);
  rs_buf_free(&out);
  rs_map_free(&a.names);
  return rc;
}

enum rs_code rs_callable_take(struct rs_session *s, const char *sql, size_t n, bool trusted,
                              const char *what, struct rs_sqltext *one, char **text,
                              struct rs_error *e)
{
  return take(s, sql, n, trusted, false, what, one, text, e);
}

enum rs_code rs_callable_need_builtin(struct rs_session *s, const char *sql, size_t n,
                                      const char *what, struct rs_error *e)
{
  struct rs_sqltext one;
  char *text = NULL;
  enum rs_code rc = take(s, sql, n, false, true, what, &one, &text, e);
  rs_free(text);
  return rc;
}
