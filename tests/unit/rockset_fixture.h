/*
** For the tests of the rockset adapter: a target at the stand-in service (tests/wire/rockset.py)
** and what it was asked.
*/
#ifndef RS_TESTS_ROCKSET_FIXTURE_H
#define RS_TESTS_ROCKSET_FIXTURE_H
#include "unit.h"
#include "tests/wire/wire.h"
#include "src/engine/engine.h"
#include "src/engine/control.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/text.h"

#define KEY "secret-of-the-test"

/* How the profile module makes outputs (profile/internal.h). */
struct rs_output *rs_output_new(void);
struct rs_arena *rs_output_arena(struct rs_output *o);

struct fixture {
  struct wire *w;
  struct rs_target *t;
  struct rs_session *s;
  struct rs_log *log;
  struct rs_error e; /* of the last call */
  struct rs_buf got;
  size_t seen; /* of the server's report, by asked() */
};

static inline struct rs_target *target_at(const char *url, const char *vi, bool async)
{
  struct rs_output *o = rs_output_new();
  struct rs_arena *a = rs_output_arena(o);
  struct rs_field *f = rs_arena_calloc(a, 4 * sizeof *f);
  struct rs_target *t = NULL;
  struct rs_error e = {0};
  f[0] = (struct rs_field){"api_server", RS_FIELD_TEXT, false, rs_arena_strdup(a, url), 0};
  f[1] = (struct rs_field){"api_key", RS_FIELD_TEXT, true, KEY, 0};
  f[2] = (struct rs_field){"run_async_iis", RS_FIELD_BOOL, false, async ? "true" : "false", async};
  f[3] = (struct rs_field){"vi_rrn", RS_FIELD_TEXT, false, vi, 0};
  o->type = "rockset";
  o->profile_name = "test";
  o->target_name = "dev";
  o->workspace = "commons";
  o->threads = 1;
  o->source = o->found = "";
  o->fields = f;
  o->nfields = vi != NULL ? 4 : 3;
  if (rs_target_open(o, &t, &e) != RS_OK) fail_msg("%s", e.text);
  rs_output_release(o);
  return t;
}

static inline struct fixture open_with(const char *script, const char *vi, bool async)
{
  struct fixture f = {0};
  wire_program = "rockset.py";
  f.w = wire_start(script);
  f.t = target_at(f.w->url, vi, async);
  f.log = rs_log_new();
  if (rs_session_open(f.t, NULL, f.log, &f.s, &f.e) != RS_OK) fail_msg("%s", f.e.text);
  rs_buf_init(&f.got, 1 << 24);
  return f;
}

static inline struct fixture open_at(const char *script)
{
  return open_with(script, NULL, false);
}

static inline void done(struct fixture *f)
{
  rs_session_close(f->s);
  rs_target_release(f->t);
  rs_log_release(f->log);
  rs_buf_free(&f->got);
  wire_stop(f->w);
}

static inline void add_value(struct rs_buf *b, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_NULL: rs_buf_str(b, "NULL"); break;
    case RS_BOOL: rs_buf_str(b, v->i ? "true" : "false"); break;
    case RS_INT: rs_buf_printf(b, "%lld", (long long)v->i); break;
    case RS_FLOAT: rs_buf_printf(b, "%g", v->f); break;
    case RS_TEXT: rs_buf_printf(b, "'%.*s'", (int)v->s.n, v->s.p); break;
    case RS_BYTES: rs_buf_printf(b, "x%zu", v->s.n); break;
    default: rs_buf_add(b, v->s.p, v->s.n); break;
  }
}

/* The rows as text: values parted by a blank, rows by `; `. The code at the end in *rc. */
static inline const char *read_rows(struct fixture *f, struct rs_rows *r, enum rs_code *rc)
{
  rs_buf_clear(&f->got);
  while ((*rc = rs_rows_next(r, &f->e)) == RS_OK) {
    if (f->got.n > 0) rs_buf_str(&f->got, "; ");
    for (size_t i = 0; i < rs_rows_columns(r)->n; i++) {
      struct rs_value v;
      rs_rows_get(r, i, &v);
      if (i > 0) rs_buf_char(&f->got, ' ');
      add_value(&f->got, &v);
    }
  }
  rs_rows_close(r);
  return rs_buf_text(&f->got);
}

static inline const char *ask(struct fixture *f, const char *sql)
{
  const struct rs_statement st = {.sql = sql};
  struct rs_rows *r = NULL;
  f->e = (struct rs_error){0};
  enum rs_code rc = rs_session_query(f->s, &st, &r, &f->e);
  if (rc != RS_OK) fail_msg("%s", f->e.text);
  const char *text = read_rows(f, r, &rc);
  if (rc != RS_DONE) fail_msg("%s", f->e.text);
  return text;
}

/* What was asked since the last call: `METHOD PATH BODY` parted by newlines; made-up names and ids
** become #. Returns owned (free). */
static inline char *asked(struct fixture *f)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  wire_hold(f->w);
  for (const char *p = f->w->log + f->seen; *p != 0; p += strcspn(p, "\n"), p += *p == '\n') {
    if (strncmp(p, "req ", 4) != 0) continue;
    size_t n = strcspn(p, "\n");
    while (n > 0 && p[n - 1] == ' ') n--;
    if (b.n > 0) rs_buf_char(&b, '\n');
    for (size_t i = 4; i < n; i++) {
      size_t hex = strspn(p + i + (p[i] == '_' && p[i + 1] == '_' ? 2 : 0), "0123456789abcdef-");
      bool name = p[i] == '_' && p[i + 1] == '_' && hex == 8;
      bool id = hex == 36 && p[i] != '_';
      if (name) {
        rs_buf_str(&b, "__#");
        i += 9;
      } else if (id) {
        rs_buf_char(&b, '#');
        i += 35;
      } else {
        rs_buf_char(&b, p[i]);
      }
    }
  }
  f->seen = f->w->n;
  pthread_mutex_unlock(&f->w->mutex);
  char *text = strdup(rs_buf_text(&b));
  rs_buf_free(&b);
  return text;
}

#define expect_asked(f, text)          \
  do {                                 \
    char *asked_ = asked(f);           \
    assert_string_equal(asked_, text); \
    free(asked_);                      \
  } while (0)
#define expect_ok(f, call)                            \
  do {                                                \
    (f)->e = (struct rs_error){0};                    \
    if ((call) != RS_OK) fail_msg("%s", (f)->e.text); \
  } while (0)
/* The code, and a part of the text. */
#define expect_error(f, call, want, part)                                       \
  do {                                                                          \
    (f)->e = (struct rs_error){0};                                              \
    enum rs_code rc_ = (call);                                                  \
    if (rc_ != (want)) fail_msg("code %s: %s", rs_code_name(rc_), (f)->e.text); \
    if (strstr((f)->e.text, part) == NULL) fail_msg("text: %s", (f)->e.text);   \
  } while (0)
#endif
