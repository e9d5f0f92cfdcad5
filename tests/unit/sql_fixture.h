/*
** For the tests of the SQL adapter and of loading: a DuckDB target in memory or in a file,
** statements and one-line answers. Needs DUCKDB_LIBRARY; without it the tests are skipped, loudly.
*/
#ifndef RS_TESTS_SQL_FIXTURE_H
#define RS_TESTS_SQL_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "src/engine/engine.h"
#include "src/engine/statements.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/base/arena.h"

/* How the profile module makes outputs (profile/internal.h). */
struct rs_output *rs_output_new(void);
struct rs_arena *rs_output_arena(struct rs_output *o);

struct fixture {
  struct rs_target *t;
  struct rs_session *s;
  struct rs_error e; /* of the last failure */
  struct rs_buf got; /* the last answer */
  char path[64];     /* of the file, "" in memory */
};

/* With one field more than the path (NULL: none), a number. */
static inline struct rs_target *open_target_set(const char *name, const char *path,
                                                const char *field, int64_t number)
{
  struct rs_output *o = rs_output_new();
  struct rs_target *t = NULL;
  struct rs_error e = {0};
  assert_non_null(o);
  struct rs_field *f = rs_arena_calloc(rs_output_arena(o), 2 * sizeof *f);
  assert_non_null(f);
  f[0] = (struct rs_field){"path", RS_FIELD_TEXT, false, rs_arena_strdup(rs_output_arena(o), path),
                           0};
  f[1] = (struct rs_field){field, RS_FIELD_SECONDS, false, "", number};
  o->type = "duckdb";
  o->profile_name = "test";
  o->target_name = name;
  o->workspace = "commons";
  o->threads = 1;
  o->source = o->found = "";
  o->fields = f;
  o->nfields = field != NULL ? 2 : 1;
  if (rs_target_open(o, &t, &e)) fail_msg("%s", e.text);
  rs_output_release(o);
  return t;
}

static inline struct rs_target *open_target_as(const char *name, const char *path)
{
  return open_target_set(name, path, NULL, 0);
}

static inline struct rs_target *open_target_with(const char *path, const char *field,
                                                 int64_t number)
{
  return open_target_set("set", path, field, number);
}

static inline struct rs_target *open_target(const char *path)
{
  return open_target_as("dev", path);
}

static inline struct rs_session *open_session(struct rs_target *t)
{
  struct rs_session *s = NULL;
  struct rs_error e = {0};
  if (rs_session_open(t, NULL, NULL, &s, &e)) fail_msg("%s", e.text);
  return s;
}

static inline int fixture_open(void **state, bool file)
{
  struct fixture *f = rs_calloc(1, sizeof *f);
  if (file) {
    (void)snprintf(f->path, sizeof f->path, "/tmp/rs-sql-%d.duckdb", (int)getpid());
    (void)unlink(f->path);
  }
  f->t = open_target(file ? f->path : ":memory:");
  f->s = open_session(f->t);
  rs_buf_init(&f->got, 1 << 24);
  *state = f;
  return 0;
}

static inline int in_memory(void **state)
{
  return fixture_open(state, false);
}

static inline int in_file(void **state)
{
  return fixture_open(state, true);
}

static inline int fixture_close(void **state)
{
  struct fixture *f = *state;
  rs_session_close(f->s);
  rs_target_release(f->t);
  rs_buf_free(&f->got);
  if (f->path[0] != 0) {
    char wal[80];
    (void)snprintf(wal, sizeof wal, "%s.wal", f->path);
    (void)unlink(f->path);
    (void)unlink(wal);
  }
  rs_free(f);
  return 0;
}

static inline void run_on(struct rs_session *s, const char *sql)
{
  struct rs_error e = {0};
  if (rs_sql_run(s, NULL, &e, "%s", sql)) fail_msg("%s", e.text);
}

static inline void run(struct fixture *f, const char *sql)
{
  run_on(f->s, sql);
}

static inline void add_value(struct rs_buf *b, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_NULL: rs_buf_str(b, "NULL"); break;
    case RS_BOOL: rs_buf_str(b, v->i ? "true" : "false"); break;
    case RS_INT: rs_buf_printf(b, "%lld", (long long)v->i); break;
    case RS_FLOAT: rs_buf_printf(b, "%g", v->f); break;
    case RS_TEXT: rs_buf_printf(b, "'%.*s'", (int)v->s.n, v->s.p); break;
    default: rs_buf_add(b, v->s.p, v->s.n); break;
  }
}

/* The rows of a query as text: values parted by a blank, rows by `; `. */
static inline const char *ask_on(struct rs_session *s, struct rs_buf *b, const char *sql)
{
  struct rs_rows *r = NULL;
  struct rs_error e = {0};
  const struct rs_statement st = {.sql = sql};
  rs_buf_clear(b);
  enum rs_code rc = rs_session_query(s, &st, &r, &e);
  while (rc == RS_OK && (rc = rs_rows_next(r, &e)) == RS_OK) {
    if (b->n > 0) rs_buf_str(b, "; ");
    for (size_t i = 0; i < rs_rows_columns(r)->n; i++) {
      struct rs_value v;
      rs_rows_get(r, i, &v);
      if (i > 0) rs_buf_char(b, ' ');
      add_value(b, &v);
    }
  }
  rs_rows_close(r);
  if (rc != RS_DONE) fail_msg("%s", e.text);
  return rs_buf_text(b);
}

static inline const char *ask(struct fixture *f, const char *sql)
{
  return ask_on(f->s, &f->got, sql);
}

#define expect_answer(f, sql, text) assert_string_equal(ask(f, sql), text)
/* The code, and a part of the text. */
#define expect_error(f, call, want, part)                                       \
  do {                                                                          \
    (f)->e = (struct rs_error){0};                                              \
    enum rs_code rc_ = (call);                                                  \
    if (rc_ != (want)) fail_msg("code %s: %s", rs_code_name(rc_), (f)->e.text); \
    if (strstr((f)->e.text, part) == NULL) fail_msg("text: %s", (f)->e.text);   \
  } while (0)
#define expect_ok(f, call)                            \
  do {                                                \
    (f)->e = (struct rs_error){0};                    \
    if ((call) != RS_OK) fail_msg("%s", (f)->e.text); \
  } while (0)

static inline bool have_library(void)
{
  if (getenv("DUCKDB_LIBRARY") != NULL) return true;
  (void)fprintf(stderr, "SKIPPED: set DUCKDB_LIBRARY to test against DuckDB\n");
  return false;
}
#endif
