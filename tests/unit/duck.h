/*
** For tests against the real DuckDB: outputs made by hand, sessions, one-line queries.
*/
#ifndef RS_TESTS_UNIT_DUCK_H
#define RS_TESTS_UNIT_DUCK_H
#include "unit.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/engine/slots.h"
#include "src/engine/statements.h"
#include "src/base/mem.h"
#include "src/base/thread.h"
#include "src/base/arena.h"

/* How the profile module makes outputs (profile/fields.h). */
struct rs_output *rs_output_new(void);
struct rs_arena *rs_output_arena(struct rs_output *o);

/* An output of type duckdb. Options are name, value pairs ended by NULL; numbers as text. */
static inline const struct rs_output *duck_output(const char *path, ...)
{
  struct rs_output *o = rs_output_new();
  struct rs_arena *a = rs_output_arena(o);
  struct rs_field *f = rs_arena_calloc(a, 16 * sizeof *f);
  size_t n = 0;
  o->type = "duckdb";
  o->profile_name = "test";
  o->target_name = "dev";
  o->workspace = "commons";
  o->threads = 1;
  o->source = o->found = "";
  f[n++] = (struct rs_field){"path", RS_FIELD_TEXT, false, rs_arena_strdup(a, path), 0};
  va_list ap;
  va_start(ap, path);
  for (const char *name; (name = va_arg(ap, const char *));) {
    const char *value = va_arg(ap, const char *);
    bool number = value[0] >= '0' && value[0] <= '9', flag = strcmp(value, "true") == 0;
    f[n++] = (struct rs_field){name,
                               number ? RS_FIELD_INT
                               : flag ? RS_FIELD_BOOL
                                      : RS_FIELD_TEXT,
                               false, rs_arena_strdup(a, value),
                               flag     ? 1
                               : number ? strtoll(value, NULL, 10)
                                        : 0};
  }
  va_end(ap);
  o->fields = f;
  o->nfields = n;
  return o;
}

static inline struct rs_target *duck_target(const struct rs_output *o)
{
  struct rs_target *t = NULL;
  struct rs_error e = {0};
  if (rs_target_open(o, &t, &e)) fail_msg("%s", e.text);
  rs_output_release(o);
  return t;
}

static inline struct rs_session *duck_session(struct rs_target *t)
{
  struct rs_session *s = NULL;
  struct rs_error e = {0};
  if (rs_session_open(t, NULL, NULL, &s, &e)) fail_msg("%s", e.text);
  return s;
}

/* Runs or fails the test. */
static inline void duck_run(struct rs_session *s, const char *sql)
{
  struct rs_error e = {0};
  if (rs_sql_run(s, NULL, &e, "%s", sql)) fail_msg("%s", e.text);
}

static inline struct rs_rows *duck_query(struct rs_session *s, const char *sql)
{
  struct rs_rows *r = NULL;
  struct rs_error e = {0};
  struct rs_statement st = {.sql = sql};
  if (rs_session_query(s, &st, &r, &e)) fail_msg("%s", e.text);
  return r;
}

static inline void duck_next(struct rs_rows *r)
{
  struct rs_error e = {0};
  if (rs_rows_next(r, &e)) fail_msg("no row: %s", e.text);
}

/* The one integer that a query gives. */
static inline int64_t duck_int(struct rs_session *s, const char *sql)
{
  struct rs_value v;
  struct rs_rows *r = duck_query(s, sql);
  duck_next(r);
  rs_rows_get(r, 0, &v);
  if (v.kind != RS_INT && v.kind != RS_BOOL) fail_msg("%s: kind %d", sql, v.kind);
  rs_rows_close(r);
  return v.i;
}

/* A fresh folder below $TMPDIR or /tmp. */
static inline char *duck_folder(void)
{
  const char *tmp = getenv("TMPDIR");
  char *dir = rs_mprintf("%s/rs-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
  assert_non_null(mkdtemp(dir));
  return dir;
}

/* Removes the folder and its files; frees the name. */
static inline void duck_remove(char *dir)
{
  DIR *d = opendir(dir);
  for (struct dirent *x; d && (x = readdir(d));) {
    char *path = rs_mprintf("%s/%s", dir, x->d_name);
    if (x->d_name[0] != '.') unlink(path);
    rs_free(path);
  }
  if (d) closedir(d);
  rmdir(dir);
  rs_free(dir);
}
#endif
