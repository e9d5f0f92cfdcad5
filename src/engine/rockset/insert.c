/*
** INSERT INTO, and the wait until what was written can be read (rockset.h).
**
** With run_async_iis it runs asynchronously, as in dbt-rockset.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/sql/lexer.h"
#include "src/sql/relname.h"
#include "rockset.h"

#define FENCE_S 1800

enum rs_code rs_rockset_fence(struct rs_session *s, const struct rs_relation *collection,
                              const char *offset, struct rs_error *e)
{
  struct rs_rockset_poll poll = {0};
  if (offset == NULL) return RS_OK;
  for (;;) {
    cJSON *answer = NULL;
    enum rs_code rc = rs_rockset_get(s, &answer, e, "/ws/%s/collections/%s/offsets/commit?fence=%v",
                                     collection->workspace, collection->name, offset);
    if (rc != RS_OK) return rc;
    bool passed = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(rs_rockset_data(answer), "passed"));
    cJSON_Delete(answer);
    if (passed) return RS_OK;
    rc = rs_rockset_pause(s, &poll, FENCE_S, e, "'%s.%s': the rows written are not visible",
                          collection->workspace, collection->name);
    if (rc != RS_OK) return rc;
  }
}

enum rs_code rs_rockset_fence_behind(struct rs_session *s, const struct rs_relation *rel,
                                     const char *offset, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_rockset_found found;
  if (offset == NULL) return RS_OK;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_rockset_find(s, rel, &a, &found, e);
  if (rc == RS_OK)
    rc = rs_rockset_fence(s, found.kind == RS_REL_ALIAS ? &found.collection : rel, offset, e);
  rs_arena_free(&a);
  return rc;
}

/* A query's offset may come later than its end. Returns owned in *offset. */
static enum rs_code await_offset(struct rs_session *s, const char *query_id, char **offset,
                                 struct rs_error *e)
{
  struct rs_rockset_poll poll = {0};
  for (;;) {
    cJSON *answer = NULL;
    enum rs_code rc = rs_rockset_get(s, &answer, e, "/queries/%s", query_id);
    if (rc != RS_OK) return rc;
    const char *text = rs_remote_text(answer, "last_offset");
    if (text == NULL) text = rs_remote_text(rs_rockset_data(answer), "last_offset");
    *offset = text != NULL ? rs_strdup(text) : NULL;
    cJSON_Delete(answer);
    if (text != NULL) return *offset != NULL ? RS_OK : rs_nomem(e);
    rc = rs_rockset_pause(s, &poll, FENCE_S, e, "query %s has no offset", query_id);
    if (rc != RS_OK) return rc;
  }
}

struct written {
  int64_t rows;
  char *offset; /* owned */
};

static enum rs_code run_write(struct rs_session *s, const struct rs_rockset_query *q,
                              bool is_insert, struct written *w, struct rs_error *e)
{
  struct rs_rockset_stream *st = NULL;
  struct rs_json_batch *b = NULL;
  size_t n;
  enum rs_code rc = rs_rockset_run(s, q, &st, e);
  if (rc != RS_OK) return rc;
  while (rc == RS_OK && (rc = rs_rockset_next(st, &b, &n, e)) == RS_OK) rs_json_batch_free(b);
  w->rows = st->inserted;
  w->offset = NULL;
  if (rc == RS_DONE && st->last_offset != NULL)
    rc = (w->offset = rs_strdup(st->last_offset)) != NULL ? RS_OK : rs_nomem(e);
  else if (rc == RS_DONE && (!is_insert || st->inserted == 0 || st->query_id == NULL))
    rc = RS_OK; // no wait
  else if (rc == RS_DONE) rc = await_offset(s, st->query_id, &w->offset, e);
  rs_rockset_close(st);
  return rc;
}

/* ---- the target of a statement's text -------------------------------------------------------- */

/* One part of a name, without its quotes. In the arena; NULL: it is none. */
static const char *name_part(const struct rs_lexer *x, enum rs_token t, struct rs_arena *a)
{
  if (t != T_WORD && t != T_QUOTED) return NULL;
  char *name = rs_arena_strndup(a, x->p + x->start, x->i - x->start), *to = name;
  if (name == NULL || t == T_WORD) return name;
  const char quote = name[0];
  for (const char *from = name + 1; from[1] != 0; from++) {
    *to++ = *from;
    if (*from == quote) from++; // doubled
  }
  *to = 0;
  return name;
}

/* The collection of INSERT INTO; false when the text does not tell. */
static bool target_of(const struct rs_dialect *d, const char *sql, struct rs_arena *a,
                      struct rs_relation *out)
{
  const char *first, *second = NULL;
  struct rs_lexer x;
  enum rs_token t;
  if (rs_sqllex_open(&x, sql, strlen(sql), d, "statement", NULL) != RS_OK ||
      rs_sqllex_next(&x, &t) != RS_OK || !rs_sqllex_is(&x, "INSERT") ||
      rs_sqllex_next(&x, &t) != RS_OK || !rs_sqllex_is(&x, "INTO") ||
      rs_sqllex_next(&x, &t) != RS_OK)
    return false;
  first = name_part(&x, t, a);
  // all parts but the last are the workspace
  while (first != NULL && rs_sqllex_next(&x, &t) == RS_OK && t == T_OTHER && x.p[x.start] == '.') {
    if (rs_sqllex_next(&x, &t) != RS_OK) return false;
    if (second != NULL) first = rs_arena_printf(a, "%s.%s", first, second);
    second = name_part(&x, t, a);
    if (second == NULL) return false;
  }
  *out = (struct rs_relation){.workspace = second != NULL ? first : "commons",
                              .name = second != NULL ? second : first};
  return first != NULL;
}

/* ---- statements ------------------------------------------------------------------------------ */

static enum rs_code write_and_wait(struct rs_session *s, const struct rs_rockset_query *q,
                                   const struct rs_relation *rel, int64_t *rows, struct rs_error *e)
{
  struct written w = {-1, NULL};
  enum rs_code rc = run_write(s, q, rel != NULL, &w, e);
  if (rc != RS_OK) (void)rs_error_sql(e, q->sql);
  if (rc == RS_OK && rel != NULL) rc = rs_rockset_fence_behind(s, rel, w.offset, e);
  rs_free(w.offset);
  if (rc == RS_OK && rows != NULL) *rows = w.rows;
  return rc;
}

enum rs_code rs_rockset_exec_write(struct rs_session *s, const struct rs_rockset_query *q,
                                   int64_t *rows, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_relation rel;
  rs_arena_init(&a, 0);
  bool known = q->path == NULL && target_of(s->target->dialect, q->sql, &a, &rel);
  enum rs_code rc = write_and_wait(s, q, known ? &rel : NULL, rows, e);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_rockset_insert(struct rs_session *s, const struct rs_relation *rel, const char *sql,
                               int64_t *rows, struct rs_error *e)
{
  struct rs_buf b;
  int64_t us = rs_now_us(), wall = rs_wall_us(), written = -1;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "INSERT INTO ");
  rs_relation_sql(s->target->dialect, &b, rel);
  // a line of its own: the text is the user's
  rs_buf_char(&b, '\n');
  rs_buf_str(&b, sql);
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  const struct rs_rockset_query q = {.sql = rs_buf_text(&b), .writes = true};
  if (rc == RS_OK) rc = write_and_wait(s, &q, rel, &written, e);
  rs_remote_log(s, q.sql, us, wall, written, -1, rc != RS_OK ? e->text : NULL);
  rs_buf_free(&b);
  if (rc == RS_OK && rows != NULL) *rows = written;
  return rc;
}
