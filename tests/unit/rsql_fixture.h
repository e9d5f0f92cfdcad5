/*
** For the tests of src/rsql/: one call from Rockset SQL to the engine's text.
*/
#ifndef RS_TESTS_RSQL_FIXTURE_H
#define RS_TESTS_RSQL_FIXTURE_H
#include "sql_fixture.h"
#include "src/rsql/rsql.h"

/* What one translation needs and gives. */
struct translation {
  struct rs_arena arena;
  struct rs_rsql_stmt *stmt;
  struct rs_rsql_pos pos;
  struct rs_rsql_output out;
  struct rs_buf text;
  struct rs_error e;
  enum rs_code rc;
};

static inline void translation_free(struct translation *t)
{
  rs_arena_free(&t->arena);
  rs_buf_free(&t->text);
}

/* Stops at the first failure: t->rc, t->e and t->pos tell. */
static inline const char *translate_as(struct translation *t, const char *sql,
                                       const struct rs_rsql_env *env, const char *dialect,
                                       bool inlined)
{
  memset(t, 0, sizeof *t);
  rs_arena_init(&t->arena, 0);
  rs_buf_init(&t->text, RS_BUF_SQL_MAX);
  t->rc = rs_rsql_parse(sql, strlen(sql), &t->arena, &t->stmt, &t->pos, &t->e);
  if (t->rc == RS_OK) t->rc = rs_rsql_resolve(t->stmt, env, &t->pos, &t->e);
  if (t->rc == RS_OK) {
    t->rc = rs_rsql_emit(t->stmt, rs_dialect_find(dialect), inlined, &t->text, &t->out, &t->pos,
                         &t->e);
  }
  return rs_buf_text(&t->text);
}

static inline const char *translate(struct translation *t, const char *sql)
{
  const struct rs_rsql_env env = {0};
  return translate_as(t, sql, &env, "duckdb", false);
}

/* A relation callback over a session: each existing collection with its columns. ctx: struct
** catalog. */
struct catalog {
  struct rs_session *s;
  struct rs_columns columns[16];
  size_t n;
};

static inline enum rs_code from_catalog(void *ctx, struct rs_rsql_relation *rel, bool write,
                                        struct rs_error *e)
{
  struct catalog *c = ctx;
  const struct rs_relation name = {.workspace = rel->workspace, .name = rel->name};
  (void)write;
  assert_true(c->n < 16);
  enum rs_code rc = rs_session_describe(c->s, &name, &c->columns[c->n], NULL, e);
  if (rc == RS_OK) rel->columns = &c->columns[c->n++];
  return rc;
}

static inline void catalog_free(struct catalog *c)
{
  while (c->n > 0) rs_columns_free(&c->columns[--c->n]);
}
#endif
