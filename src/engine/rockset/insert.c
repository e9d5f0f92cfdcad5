/*
** INSERT INTO, and the wait until what was written can be read (rockset.h).
**
** With run_async_iis it runs asynchronously, as in dbt-rockset.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
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

/* A query's offset may come later than its end. Returns owned in *offset. */
static enum rs_code await_offset(struct rs_session *s, const char *query_id, char **offset,
                                 struct rs_error *e)
{
  struct rs_rockset_poll poll = {0};
  for (;;) {
    cJSON *answer = NULL;
    enum rs_code rc = rs_rockset_get(s, &answer, e, "/queries/%s", query_id);
    if (rc != RS_OK) return rc;
    const char *text = rs_rockset_text(answer, "last_offset");
    if (text == NULL) text = rs_rockset_text(rs_rockset_data(answer), "last_offset");
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
  struct rs_rockset_outcome o;
  size_t n;
  enum rs_code rc = rs_rockset_run(s, q, &st, e);
  if (rc != RS_OK) return rc;
  while (rc == RS_OK && (rc = rs_rockset_next(st, &b, &n, e)) == RS_OK) rs_json_batch_free(b);
  rs_rockset_outcome(st, &o);
  w->rows = o.inserted;
  w->offset = NULL;
  if (rc == RS_DONE && o.last_offset != NULL)
    rc = (w->offset = rs_strdup(o.last_offset)) != NULL ? RS_OK : rs_nomem(e);
  else if (rc == RS_DONE && (!is_insert || o.inserted == 0 || o.query_id == NULL))
    rc = RS_OK; // no wait
  else if (rc == RS_DONE) rc = await_offset(s, o.query_id, &w->offset, e);
  rs_rockset_close(st);
  return rc;
}

/* ---- the target of a statement's text -------------------------------------------------------- */

static const char *skip_blank(const char *p)
{
  for (;;) {
    p += strspn(p, " \t\r\n\f\v");
    if (strncmp(p, "--", 2) == 0) {
      p += strcspn(p, "\n");
    } else if (strncmp(p, "/*", 2) == 0) {
      const char *end = strstr(p + 2, "*/");
      if (end == NULL) return p;
      p = end + 2;
    } else {
      return p;
    }
  }
}

static const char *skip_word(const char *p, const char *word)
{
  size_t n = strlen(word);
  p = skip_blank(p);
  if (rs_casecmpn(word, p, n) != 0) return NULL;
  return strchr(" \t\r\n\f\v/-\"`", p[n]) != NULL && p[n] != 0 ? p + n : NULL;
}

/* One part of a name: "a""b", `a`, a. In the arena; NULL: none begins here. */
static const char *name_part(const char **p, struct rs_arena *a)
{
  char quote = **p;
  if (quote != '"' && quote != '`') {
    size_t n = strcspn(*p, " \t\r\n\f\v.(\"`;");
    const char *name = n > 0 ? rs_arena_strndup(a, *p, n) : NULL;
    *p += n;
    return name;
  }
  char *out = rs_arena_alloc(a, strlen(*p) + 1), *to = out;
  const char *from = *p + 1;
  while (out != NULL && *from != 0) {
    if (*from == quote && *++from != quote) {
      *to = 0;
      *p = from;
      return out;
    }
    *to++ = *from++;
  }
  return NULL;
}

/* The collection of INSERT INTO; false when the text does not tell. */
static bool target_of(const char *sql, struct rs_arena *a, struct rs_relation *out)
{
  const char *first, *second = NULL;
  const char *p = skip_word(sql, "INSERT");
  p = p != NULL ? skip_word(p, "INTO") : NULL;
  if (p == NULL) return false;
  p = skip_blank(p);
  first = name_part(&p, a);
  while (first != NULL && *skip_blank(p) == '.') { // all parts but the last are the workspace
    p = skip_blank(skip_blank(p) + 1);
    if (second != NULL) first = rs_arena_printf(a, "%s.%s", first, second);
    second = name_part(&p, a);
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
  struct rs_arena a;
  struct rs_rockset_found found = {.kind = RS_REL_TABLE};
  enum rs_code rc = run_write(s, q, rel != NULL, &w, e);
  if (rc != RS_OK) (void)rs_error_sql(e, q->sql);
  rs_arena_init(&a, 0);
  if (rc == RS_OK && w.offset != NULL && rel != NULL) rc = rs_rockset_find(s, rel, &a, &found, e);
  if (rc == RS_OK && w.offset != NULL && rel != NULL) {
    rc = rs_rockset_fence(s, found.kind == RS_REL_ALIAS ? &found.collection : rel, w.offset, e);
  }
  rs_arena_free(&a);
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
  bool told = q->path == NULL && target_of(q->sql, &a, &rel);
  enum rs_code rc = write_and_wait(s, q, told ? &rel : NULL, rows, e);
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
