/*
** The control plane of SQL engines on the real DuckDB: documents, aliases, query lambdas.
*/
#include "src/engine/control.h"
#include "src/engine/sql/control.h"
#include "sql_fixture.h"

#define REL(w, n) (&(const struct rs_relation){.workspace = w, .name = n})

/* ---- documents ------------------------------------------------------------------------------- */

static enum rs_code add_doc(void *ctx, const struct rs_control_doc *d)
{
  rs_buf_printf(ctx, "%s/%s/%s/%s=%s|", d->kind, d->workspace, d->name, d->sub, d->body);
  return RS_OK;
}

static const char *docs(struct fixture *f, const struct rs_control_doc *filter)
{
  rs_buf_clear(&f->got);
  expect_ok(f, rs_sql_control_each(f->s, filter, add_doc, &f->got, &f->e));
  return rs_buf_text(&f->got);
}

static void put_doc(struct fixture *f, const char *kind, const char *workspace, const char *name,
                    const char *sub, const char *body)
{
  const struct rs_control_doc d = {kind, workspace, name, sub, body, NULL, NULL};
  expect_ok(f, rs_sql_control_put(f->s, &d, &f->e));
}

#define ALL (&(const struct rs_control_doc){.kind = NULL})

static void test_documents(void **state)
{
  struct fixture *f = *state;
  struct rs_control_doc got, key = {.kind = "api_key", .workspace = "", .name = "k", .sub = ""};
  struct rs_arena a;
  rs_arena_init(&a, 0);
  // a read makes nothing
  assert_int_equal(rs_sql_control_get(f->s, &key, &a, &got, &f->e), RS_NOT_FOUND);
  assert_string_equal(docs(f, ALL), "");
  expect_ok(f, rs_sql_control_remove(f->s, ALL, &f->e));
  expect_answer(f, "SELECT count(*) FROM duckdb_schemas() WHERE schema_name = '_rockset'", "0");
  put_doc(f, "api_key", "", "k", "", "{\"a\":\"it's\"}");
  put_doc(f, "api_key", "", "K", "", "2");
  put_doc(f, "api_key", "", "k", "", "{\"a\":1}");
  put_doc(f, "view", "Commons", "V", "", "3");
  put_doc(f, "view", "commons", "v", "", "4"); // names of relations fold
  expect_ok(f, rs_sql_control_get(f->s, &key, &a, &got, &f->e));
  assert_string_equal(got.body, "{\"a\":1}");
  assert_int_equal(strlen(got.changed_at), 20);
  assert_int_equal(got.changed_at[19], 'Z');
  assert_string_equal(docs(f, ALL), "api_key//K/=2|api_key//k/={\"a\":1}|view/commons/v/=4|");
  const struct rs_control_doc keys = {.kind = "api_key"};
  assert_string_equal(docs(f, &keys), "api_key//K/=2|api_key//k/={\"a\":1}|");
  expect_ok(f, rs_sql_control_remove(f->s, &keys, &f->e));
  assert_string_equal(docs(f, ALL), "view/commons/v/=4|");
  rs_arena_free(&a);
}

/* In the session's transaction: undone with it. */
static void test_documents_roll_back(void **state)
{
  struct fixture *f = *state;
  put_doc(f, "api_key", "", "a", "", "1");
  expect_ok(f, rs_session_begin(f->s, &f->e));
  put_doc(f, "api_key", "", "a", "", "2");
  put_doc(f, "api_key", "", "b", "", "2");
  expect_ok(f, rs_session_end(f->s, false, &f->e));
  assert_string_equal(docs(f, ALL), "api_key//a/=1|");
}

struct writer {
  struct rs_target *t;
  char name[16];
  int failed;
};

static void *write_documents(void *arg)
{
  struct writer *w = arg;
  struct rs_session *s = open_session(w->t);
  struct rs_error e = {0};
  for (int i = 0; i < 10; i++) {
    const struct rs_control_doc d = {"api_key", "", w->name, "", "1", NULL, NULL};
    if (rs_sql_control_put(s, &d, &e) != RS_OK) w->failed++;
  }
  rs_session_close(s);
  return NULL;
}

/* The first write makes the table, also when several sessions are the first. */
static void test_documents_concurrent(void **state)
{
  struct fixture *f = *state;
  struct writer w[4];
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) {
    w[i] = (struct writer){.t = f->t};
    (void)snprintf(w[i].name, sizeof w[i].name, "k%d", i / 2);
    assert_true(rs_thread_start(&threads[i], write_documents, &w[i]));
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(w[i].failed, 0);
  }
  assert_string_equal(docs(f, ALL), "api_key//k0/=1|api_key//k1/=1|");
}

/* ---- aliases --------------------------------------------------------------------------------- */

static enum rs_code add_alias(void *ctx, const struct rs_alias *x)
{
  rs_buf_printf(ctx, "%s.%s>%s:%s|", x->workspace, x->name, x->collections[0],
                x->description != NULL ? x->description : "-");
  return RS_OK;
}

static const char *aliases(struct fixture *f, const char *workspace)
{
  rs_buf_clear(&f->got);
  expect_ok(f, rs_session_aliases(f->s, workspace, add_alias, &f->got, &f->e));
  return rs_buf_text(&f->got);
}

static enum rs_code put_alias(struct fixture *f, const char *name, const char *collection,
                              const char *description, enum rs_put put)
{
  const char *const to[] = {collection};
  const struct rs_alias x = {.workspace = "commons",
                             .name = name,
                             .collections = to,
                             .ncollections = collection != NULL,
                             .description = description};
  return rs_session_put_alias(f->s, &x, put, &f->e);
}

static enum rs_code add_relation(void *ctx, const struct rs_relation_info *i)
{
  rs_buf_printf(ctx, "%s.%s:%d:%s|", i->workspace, i->name, (int)i->kind,
                i->sql != NULL ? i->sql : "-");
  return RS_OK;
}

static const char *relations(struct fixture *f, const char *workspace)
{
  rs_buf_clear(&f->got);
  expect_ok(f, rs_session_relations(f->s, NULL, workspace, add_relation, &f->got, &f->e));
  return rs_buf_text(&f->got);
}

static void make_two(struct fixture *f)
{
  run(f, "CREATE SCHEMA commons");
  run(f, "CREATE TABLE commons.one AS SELECT 1 AS x");
  run(f, "CREATE TABLE commons.two AS SELECT 2 AS x, 'b' AS y");
}

static void test_alias(void **state)
{
  struct fixture *f = *state;
  enum rs_relation_kind kind;
  struct rs_columns c;
  make_two(f);
  assert_string_equal(aliases(f, NULL), "");
  expect_ok(f, put_alias(f, "now", "commons.one", "the current", RS_PUT_CREATE));
  expect_answer(f, "SELECT * FROM commons.now", "1");
  assert_string_equal(aliases(f, NULL), "commons.now>commons.one:the current|");
  assert_string_equal(aliases(f, "other"), "");
  expect_ok(f, rs_session_describe(f->s, REL("commons", "NOW"), NULL, &kind, &f->e));
  assert_int_equal(kind, RS_REL_ALIAS);
  assert_string_equal(relations(f, NULL), "commons.now:3:-|commons.one:1:-|commons.two:1:-|");
  assert_string_equal(relations(f, "commons"), "commons.now:3:-|commons.one:1:-|commons.two:1:-|");
  // switched; what an update leaves out stays
  expect_ok(f, put_alias(f, "now", "commons.two", NULL, RS_PUT_UPDATE));
  assert_string_equal(aliases(f, "commons"), "commons.now>commons.two:the current|");
  expect_answer(f, "SELECT * FROM commons.now", "2 'b'");
  // it follows the collection's columns
  run(f, "ALTER TABLE commons.two ADD COLUMN z INTEGER DEFAULT 3");
  expect_ok(f, rs_session_describe(f->s, REL("commons", "now"), &c, &kind, &f->e));
  assert_int_equal(kind, RS_REL_ALIAS);
  assert_int_equal(c.n, 3);
  rs_columns_free(&c);
  expect_ok(f, rs_session_drop(f->s, REL("commons", "now"), RS_REL_ALIAS, 0, &f->e));
  assert_string_equal(aliases(f, NULL), "");
  assert_string_equal(docs(f, ALL), "");
  expect_error(f, rs_session_drop(f->s, REL("commons", "now"), RS_REL_ALIAS, 0, &f->e),
               RS_NOT_FOUND, "alias 'commons.now' does not exist");
}

static void test_alias_refused(void **state)
{
  struct fixture *f = *state;
  make_two(f);
  run(f, "CREATE VIEW commons.v AS SELECT 1 AS x");
  expect_error(f, put_alias(f, "one", "commons.two", NULL, RS_PUT_EITHER), RS_EXISTS,
               "collection 'commons.one' exists");
  expect_error(f, put_alias(f, "v", "commons.two", NULL, RS_PUT_EITHER), RS_EXISTS,
               "view 'commons.v' exists");
  expect_error(f, put_alias(f, "n", "commons.on", NULL, RS_PUT_CREATE), RS_NOT_FOUND,
               "did you mean 'commons.one'?");
  expect_error(f, put_alias(f, "n", "commons.v", NULL, RS_PUT_CREATE), RS_INVALID, "is a view");
  expect_error(f, put_alias(f, "n", "", NULL, RS_PUT_CREATE), RS_INVALID, "needs a collection");
  expect_error(f, put_alias(f, "n", "commons.one", NULL, RS_PUT_UPDATE), RS_NOT_FOUND,
               "alias 'commons.n' does not exist");
  expect_ok(f, put_alias(f, "n", "commons.one", NULL, RS_PUT_EITHER));
  expect_error(f, put_alias(f, "n", "commons.two", NULL, RS_PUT_CREATE), RS_EXISTS,
               "alias 'commons.n' exists");
  expect_error(f, put_alias(f, "m", "commons.n", NULL, RS_PUT_CREATE), RS_INVALID,
               "is an alias itself");
  expect_error(f, rs_session_drop(f->s, REL("commons", "v"), RS_REL_ALIAS, 0, &f->e), RS_NOT_FOUND,
               "it is a view");
  // a collection goes after its aliases; it may be replaced, and the alias shows the new rows
  expect_error(f, rs_session_drop(f->s, REL("commons", "one"), RS_REL_NONE, 0, &f->e),
               RS_CONSTRAINT, "alias 'commons.n' stands for");
  expect_ok(f, rs_session_replace(f->s, REL("commons", "one"), "SELECT 7 AS k", NULL, NULL, &f->e));
  expect_answer(f, "SELECT * FROM commons.n", "7");
}

static void test_alias_goes(void **state)
{
  struct fixture *f = *state;
  enum rs_relation_kind kind;
  make_two(f);
  // a plain drop takes the document along, so that a view of that name is a view
  expect_ok(f, put_alias(f, "n", "commons.one", NULL, RS_PUT_CREATE));
  expect_ok(f, rs_session_drop(f->s, REL("commons", "n"), RS_REL_NONE, 0, &f->e));
  assert_string_equal(docs(f, ALL), "");
  run(f, "CREATE VIEW commons.n AS SELECT 1 AS x");
  expect_ok(f, rs_session_describe(f->s, REL("commons", "n"), NULL, &kind, &f->e));
  assert_int_equal(kind, RS_REL_VIEW);
  // so does a table, or a view, in its place
  expect_ok(f, put_alias(f, "a", "commons.one", NULL, RS_PUT_CREATE));
  expect_ok(f, rs_session_replace(f->s, REL("commons", "a"), "SELECT 5 AS k", NULL, NULL, &f->e));
  expect_answer(f, "SELECT * FROM commons.a", "5");
  expect_answer(f, "SELECT * FROM commons.one", "1");
  expect_ok(f, put_alias(f, "b", "commons.one", NULL, RS_PUT_CREATE));
  expect_ok(
    f, rs_session_replace(f->s, REL("commons", "b"), "SELECT 6 AS k", RS_AS_VIEW, NULL, &f->e));
  expect_answer(f, "SELECT * FROM commons.b", "6");
  assert_string_equal(docs(f, ALL), "");
  // one that was dropped behind our back is none
  expect_ok(f, put_alias(f, "c", "commons.one", "old", RS_PUT_CREATE));
  run(f, "DROP VIEW commons.c");
  assert_string_equal(aliases(f, NULL), "");
  expect_ok(f, rs_session_drop(f->s, REL("commons", "one"), RS_REL_NONE, 0, &f->e));
  expect_ok(f, put_alias(f, "c", "commons.two", NULL, RS_PUT_CREATE));
  assert_string_equal(aliases(f, NULL), "commons.c>commons.two:-|");
}

/* Documents of a relation go with it; replaced, it keeps what is known of it. */
static void test_documents_go(void **state)
{
  struct fixture *f = *state;
  make_two(f);
  put_doc(f, "collection", "commons", "one", "", "1");
  expect_ok(f, rs_session_replace(f->s, REL("commons", "one"), "SELECT 7 AS k", NULL, NULL, &f->e));
  assert_string_equal(docs(f, ALL), "collection/commons/one/=1|");
  expect_ok(f, rs_session_drop(f->s, REL("commons", "ONE"), RS_REL_NONE, 0, &f->e));
  assert_string_equal(docs(f, ALL), "");
  run(f, "CREATE VIEW commons.v AS SELECT 1 AS x");
  put_doc(f, "view", "commons", "v", "", "\"text\"");
  expect_ok(
    f, rs_session_replace(f->s, REL("commons", "v"), "SELECT 2 AS x", RS_AS_VIEW, NULL, &f->e));
  assert_string_equal(docs(f, ALL), "");
}

static void test_workspace_goes(void **state)
{
  struct fixture *f = *state;
  struct rs_arena a;
  rs_arena_init(&a, 0);
  make_two(f);
  run(f, "CREATE SCHEMA other");
  run(f, "CREATE TABLE other.t AS SELECT 1 AS x");
  put_doc(f, "workspace", "other", "", "", "1");
  expect_ok(f, put_alias(f, "n", "other.t", NULL, RS_PUT_CREATE));
  struct rs_lambda l = {.workspace = "other", .name = "l", .sql = "SELECT 1"};
  expect_ok(f, rs_session_lambda_put(f->s, &l, RS_PUT_CREATE, &a, &f->e));
  expect_error(f, rs_session_drop(f->s, RS_WORKSPACE("other"), RS_REL_NONE, 0, &f->e),
               RS_CONSTRAINT, "holds");
  expect_ok(f, rs_session_drop(f->s, RS_WORKSPACE("other"), RS_REL_NONE, RS_DROP_CASCADE, &f->e));
  assert_string_equal(docs(f, ALL), "");
  assert_string_equal(relations(f, NULL), "commons.one:1:-|commons.two:1:-|");
  run(f, "CREATE SCHEMA other");
  expect_ok(f, rs_session_lambda_put(f->s, &l, RS_PUT_CREATE, &a, &f->e));
  expect_error(f, rs_session_drop(f->s, RS_WORKSPACE("other"), RS_REL_NONE, 0, &f->e),
               RS_CONSTRAINT, "workspace 'other' holds query lambdas");
  rs_arena_free(&a);
}

static void test_alias_takes_rows(void **state)
{
  struct fixture *f = *state;
  int64_t rows;
  static const char *const keys[] = {"x"};
  make_two(f);
  expect_ok(f, put_alias(f, "now", "commons.one", NULL, RS_PUT_CREATE));
  expect_ok(
    f, rs_session_add_select(f->s, REL("commons", "now"), "SELECT 9 AS x", NULL, &rows, &f->e));
  assert_int_equal(rows, 1);
  expect_ok(f, rs_session_add_select(f->s, REL("commons", "now"), "SELECT 9 AS x",
                                     &(const struct rs_adding){.keys = keys, .nkeys = 1}, &rows,
                                     &f->e));
  expect_answer(f, "SELECT * FROM commons.one ORDER BY x", "1; 9");
}

/* Readers see the old collection or the new one. */
struct switcher {
  struct rs_target *t;
  volatile bool stop;
  int failed, odd, reads;
};

static void *read_alias(void *arg)
{
  struct switcher *w = arg;
  struct rs_session *s = open_session(w->t);
  const struct rs_statement st = {.sql = "SELECT min(x), max(x), count(*) FROM commons.now"};
  while (!w->stop) {
    struct rs_rows *r = NULL;
    struct rs_error e = {0};
    struct rs_value v[3];
    if (rs_session_query(s, &st, &r, &e) != RS_OK || rs_rows_next(r, &e) != RS_OK) {
      w->failed++;
    } else {
      for (size_t i = 0; i < 3; i++) rs_rows_get(r, i, &v[i]);
      if (v[0].i != v[1].i || v[2].i != 1) w->odd++;
      w->reads++;
    }
    rs_rows_close(r);
  }
  rs_session_close(s);
  return NULL;
}

static void test_alias_switch_is_atomic(void **state)
{
  struct fixture *f = *state;
  struct switcher w = {.t = f->t};
  pthread_t thread;
  make_two(f);
  expect_ok(f, put_alias(f, "now", "commons.one", NULL, RS_PUT_CREATE));
  assert_true(rs_thread_start(&thread, read_alias, &w));
  for (int i = 0; i < 30; i++) {
    expect_ok(f, put_alias(f, "now", i % 2 ? "commons.one" : "commons.two", NULL, RS_PUT_UPDATE));
  }
  for (int64_t end = rs_now_ms() + 5000; w.reads == 0 && rs_now_ms() < end;) rs_sleep_ms(5);
  w.stop = true;
  pthread_join(thread, NULL);
  assert_int_equal(w.failed, 0);
  assert_int_equal(w.odd, 0);
  assert_true(w.reads > 0);
}

/* ---- query lambdas --------------------------------------------------------------------------- */

static enum rs_code add_lambda(void *ctx, const struct rs_lambda *l, const char *tag)
{
  rs_buf_printf(ctx, "%s.%s %s%s%s n=%lld|", l->workspace, l->name, l->sql,
                tag != NULL ? " tag=" : "", tag != NULL ? tag : "", (long long)l->versions);
  return RS_OK;
}

static const char *lambdas(struct fixture *f, const char *workspace)
{
  rs_buf_clear(&f->got);
  expect_ok(f,
            rs_session_lambdas(f->s, RS_LAMBDAS, REL(workspace, NULL), add_lambda, &f->got, &f->e));
  return rs_buf_text(&f->got);
}

static const char *tags(struct fixture *f, const char *name)
{
  rs_buf_clear(&f->got);
  expect_ok(
    f, rs_session_lambdas(f->s, RS_LAMBDA_TAGS, REL("commons", name), add_lambda, &f->got, &f->e));
  return rs_buf_text(&f->got);
}

static const char *versions(struct fixture *f, const char *name)
{
  rs_buf_clear(&f->got);
  expect_ok(f, rs_session_lambdas(f->s, RS_LAMBDA_VERSIONS, REL("commons", name), add_lambda,
                                  &f->got, &f->e));
  return rs_buf_text(&f->got);
}

static void put_lambda(struct fixture *f, struct rs_arena *a, const char *name, const char *sql,
                       enum rs_put put, struct rs_lambda *out)
{
  *out = (struct rs_lambda){.workspace = "commons",
                            .name = name,
                            .sql = sql,
                            .parameters = "[{\"name\":\"p\",\"type\":\"int\",\"value\":\"1\"}]",
                            .description = "d"};
  expect_ok(f, rs_session_lambda_put(f->s, out, put, a, &f->e));
}

static void test_lambda_versions(void **state)
{
  struct fixture *f = *state;
  struct rs_arena a;
  struct rs_lambda one, two, got;
  rs_arena_init(&a, 0);
  assert_string_equal(lambdas(f, NULL), "");
  put_lambda(f, &a, "q", "SELECT 1", RS_PUT_CREATE, &one);
  assert_int_equal(strlen(one.version), 16);
  assert_int_equal(strspn(one.version, "0123456789abcdef"), 16);
  assert_int_equal(one.versions, 1);
  assert_non_null(one.created_at);
  put_lambda(f, &a, "q", "SELECT 2", RS_PUT_UPDATE, &two);
  put_lambda(f, &a, "r", "SELECT 3", RS_PUT_EITHER, &got);
  assert_string_equal(lambdas(f, "commons"), "commons.q SELECT 2 n=2|commons.r SELECT 3 n=1|");
  assert_string_equal(versions(f, "q"), "commons.q SELECT 1 n=2|commons.q SELECT 2 n=2|");
  expect_error(f, rs_session_lambda_put(f->s, &one, RS_PUT_CREATE, &a, &f->e), RS_EXISTS,
               "query lambda 'commons.q' exists");
  struct rs_lambda_ref ref = {.lambda = {.workspace = "commons", .name = "q"}};
  expect_ok(f, rs_session_lambda_find(f->s, &ref, &a, &got, &f->e));
  assert_string_equal(got.sql, "SELECT 2");
  assert_string_equal(got.description, "d");
  assert_string_equal(got.parameters, "[{\"name\":\"p\",\"type\":\"int\",\"value\":\"1\"}]");
  // tags
  expect_ok(f, rs_session_lambda_tag(f->s, &ref.lambda, "prod", two.version, &f->e));
  assert_string_equal(tags(f, "q"),
                      "commons.q SELECT 2 tag=latest n=2|commons.q SELECT 2 tag=prod n=2|");
  ref.tag = "prod";
  expect_ok(f, rs_session_lambda_find(f->s, &ref, &a, &got, &f->e));
  assert_string_equal(got.sql, "SELECT 2");
  // the newest goes, with its tags; latest moves back
  ref = (struct rs_lambda_ref){.lambda = {.workspace = "commons", .name = "q"},
                               .version = two.version};
  expect_ok(f, rs_session_lambda_drop(f->s, &ref, &f->e));
  assert_string_equal(tags(f, "q"), "commons.q SELECT 1 tag=latest n=1|");
  expect_error(f, rs_session_lambda_find(f->s, &ref, &a, &got, &f->e), RS_NOT_FOUND,
               "not found in workspace \"commons\".");
  ref = (struct rs_lambda_ref){.lambda = {.workspace = "commons", .name = "q"}, .tag = "prod"};
  expect_error(f, rs_session_lambda_find(f->s, &ref, &a, &got, &f->e), RS_NOT_FOUND,
               "Query Lambda \"q\" (tag \"prod\") not found in workspace \"commons\".");
  expect_error(f, rs_session_lambda_drop(f->s, &ref, &f->e), RS_NOT_FOUND, "(tag \"prod\")");
  ref = (struct rs_lambda_ref){.lambda = {.workspace = "commons", .name = "q"}};
  expect_ok(f, rs_session_lambda_drop(f->s, &ref, &f->e));
  assert_string_equal(lambdas(f, NULL), "commons.r SELECT 3 n=1|");
  expect_error(f, rs_session_lambda_drop(f->s, &ref, &f->e), RS_NOT_FOUND, "Query Lambda \"q\"");
  rs_arena_free(&a);
}

static void test_lambda_refused(void **state)
{
  struct fixture *f = *state;
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct rs_lambda l = {.workspace = "commons", .name = "q", .sql = ""};
  expect_error(f, rs_session_lambda_put(f->s, &l, RS_PUT_EITHER, &a, &f->e), RS_INVALID, "empty");
  l.sql = "SELECT :p";
  l.parameters = "{}";
  expect_error(f, rs_session_lambda_put(f->s, &l, RS_PUT_EITHER, &a, &f->e), RS_INVALID,
               "an array");
  l.parameters = "[{\"name\":\"p\"},{\"name\":\"p\"}]";
  expect_error(f, rs_session_lambda_put(f->s, &l, RS_PUT_EITHER, &a, &f->e), RS_INVALID, "twice");
  l.parameters = "[";
  expect_error(f, rs_session_lambda_put(f->s, &l, RS_PUT_EITHER, &a, &f->e), RS_INVALID,
               "not valid JSON");
  l.parameters = NULL;
  expect_error(f, rs_session_lambda_put(f->s, &l, RS_PUT_UPDATE, &a, &f->e), RS_NOT_FOUND, "\"q\"");
  expect_error(f, rs_session_lambda_tag(f->s, REL("commons", "q"), "t", "00", &f->e), RS_NOT_FOUND,
               "\"q\"");
  assert_string_equal(docs(f, ALL), "");
  rs_arena_free(&a);
}

/* ---- running them ---------------------------------------------------------------------------- */

static enum rs_code run_lambda(struct fixture *f, const char *name, const struct rs_named_param *p,
                               size_t n)
{
  const struct rs_lambda_ref ref = {.lambda = {.workspace = "commons", .name = name}};
  struct rs_rows *r = NULL;
  rs_buf_clear(&f->got);
  enum rs_code rc = rs_session_lambda_query(f->s, &ref, p, n, &r, &f->e);
  if (rc != RS_OK) return rc;
  while ((rc = rs_rows_next(r, &f->e)) == RS_OK) {
    for (size_t i = 0; i < rs_rows_columns(r)->n; i++) {
      struct rs_value v;
      rs_rows_get(r, i, &v);
      rs_buf_str(&f->got, i > 0 ? " " : f->got.n > 0 ? "; " : "");
      add_value(&f->got, &v);
    }
  }
  rs_rows_close(r);
  return rc == RS_DONE ? RS_OK : rc;
}

static void make_lambda(struct fixture *f, const char *sql, const char *parameters)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct rs_lambda l = {.workspace = "commons", .name = "q", .sql = sql, .parameters = parameters};
  expect_ok(f, rs_session_lambda_put(f->s, &l, RS_PUT_EITHER, &a, &f->e));
  rs_arena_free(&a);
}

static void test_lambda_query(void **state)
{
  struct fixture *f = *state;
  make_two(f);
  run(f, "INSERT INTO commons.two VALUES (3, 'c'), (4, 'd')");
  make_lambda(f, "SELECT x, y, nosuch, :d AS d FROM two WHERE x >= :min ORDER BY x LIMIT :n",
              "[{\"name\":\"min\",\"type\":\"int\",\"value\":\"3\"},"
              "{\"name\":\"d\",\"type\":\"date\",\"value\":\"2020-1-2\"},"
              "{\"name\":\"n\",\"type\":\"int\",\"value\":\"10\"}]");
  expect_ok(f, run_lambda(f, "q", NULL, 0));
  assert_string_equal(rs_buf_text(&f->got), "3 'c' NULL '2020-01-02'; 4 'd' NULL '2020-01-02'");
  // by kind, by the default's type, by a type of its own
  const struct rs_named_param p[] = {{"min", NULL, {.kind = RS_INT, .i = 2}},
                                     {"d", NULL, {.kind = RS_TEXT, .s = {"2021-03-04", 10}}},
                                     {"n", "int", {.kind = RS_TEXT, .s = {"1", 1}}}};
  expect_ok(f, run_lambda(f, "q", p, 3));
  assert_string_equal(rs_buf_text(&f->got), "2 'b' NULL '2021-03-04'");
  const struct rs_named_param typo = {"mni", NULL, {.kind = RS_INT, .i = 2}};
  expect_error(f, run_lambda(f, "q", &typo, 1), RS_INVALID,
               "query lambda 'commons.q' has no parameter 'mni'; did you mean 'min'?");
  const struct rs_named_param bad = {"d", NULL, {.kind = RS_TEXT, .s = {"soon", 4}}};
  expect_error(f, run_lambda(f, "q", &bad, 1), RS_INVALID, "query lambda 'commons.q': ");
  assert_non_null(strstr(f->e.text, "'d'"));
  make_lambda(f, "SELECT :p AS p", NULL);
  expect_error(f, run_lambda(f, "q", NULL, 0), RS_INVALID,
               "query lambda 'commons.q': parameter 'p' has no value and no default");
  const struct rs_named_param text = {"p", NULL, {.kind = RS_TEXT, .s = {"5", 1}}};
  expect_ok(f, run_lambda(f, "q", &text, 1));
  assert_string_equal(rs_buf_text(&f->got), "'5'");
}

static void test_lambda_query_refused(void **state)
{
  struct fixture *f = *state;
  make_two(f);
  expect_error(f, run_lambda(f, "nosuch", NULL, 0), RS_NOT_FOUND,
               "Query Lambda \"nosuch\" not found in workspace \"commons\".");
  make_lambda(f, "SELECT * FROM tow", NULL);
  expect_error(f, run_lambda(f, "q", NULL, 0), RS_NOT_FOUND, "did you mean 'commons.two'?");
  make_lambda(f, "INSERT INTO two SELECT 1", NULL);
  expect_error(f, run_lambda(f, "q", NULL, 0), RS_INVALID, "must be a query");
  make_lambda(f, "SELECT 1 +", NULL);
  expect_error(f, run_lambda(f, "q", NULL, 0), RS_INVALID, "query lambda 'commons.q': ");
  make_lambda(f, "SELECT * FROM _rockset.entities", NULL);
  expect_error(f, run_lambda(f, "q", NULL, 0), RS_NOT_FOUND, "_rockset");
}

/* ---- what runs ------------------------------------------------------------------------------- */

static enum rs_code add_instance(void *ctx, const struct rs_instance *i)
{
  rs_buf_printf(ctx, "%s %s %d|", i->name, i->state, i->is_default);
  return RS_OK;
}

static enum rs_code no_query(void *ctx, const struct rs_running_query *q)
{
  (void)q;
  ++*(int *)ctx;
  return RS_OK;
}

static void test_instances(void **state)
{
  struct fixture *f = *state;
  int n = 0;
  expect_ok(f, rs_session_instances(f->s, add_instance, &f->got, &f->e));
  assert_string_equal(rs_buf_text(&f->got), "main ACTIVE 1|");
  expect_ok(f, rs_session_running(f->s, no_query, &n, &f->e));
  assert_int_equal(n, 0);
}

#define IN_MEMORY(t) cmocka_unit_test_setup_teardown(t, in_memory, fixture_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
    IN_MEMORY(test_documents),
    IN_MEMORY(test_documents_roll_back),
    IN_MEMORY(test_documents_concurrent),
    IN_MEMORY(test_alias),
    IN_MEMORY(test_alias_refused),
    IN_MEMORY(test_alias_goes),
    IN_MEMORY(test_documents_go),
    IN_MEMORY(test_workspace_goes),
    IN_MEMORY(test_alias_takes_rows),
    IN_MEMORY(test_alias_switch_is_atomic),
    IN_MEMORY(test_lambda_versions),
    IN_MEMORY(test_lambda_refused),
    IN_MEMORY(test_lambda_query),
    IN_MEMORY(test_lambda_query_refused),
    IN_MEMORY(test_instances),
  };
  return have_library() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
