/* What was written, on a bad network: documents in several requests, of which one fails. The error
** and the statuses say what is there, what is not and what nobody knows; no document is there
** twice, none is lost; sending what failed once more makes it whole. And answers of the control
** plane that are cut at every byte. */
#include "rockset_fixture.h"
#include "src/engine/rockset/rockset.h"

#define REL(n) (&(struct rs_relation){.workspace = "commons", .name = n})
#define DOCS "POST /ws/commons/collections/c/docs"
enum { N = 7, SIZE = 2, BATCHES = 4 };

static const char collection[] = "entity collections commons c {}\n";

/* What the service holds. */
static int held(struct fixture *f)
{
  int64_t count = -1;
  cJSON *answer = NULL;
  if (rs_rockset_get(f->s, &answer, NULL, "/ws/commons/collections/c") == RS_OK) {
    const cJSON *stats = cJSON_GetObjectItemCaseSensitive(rs_rockset_data(answer), "stats");
    count = rs_rockset_int(stats, "doc_count", -1);
  }
  cJSON_Delete(answer);
  return (int)count;
}

static void fill(struct rs_document d[N], char texts[N][64])
{
  memset(d, 0, N * sizeof *d);
  for (int i = 0; i < N; i++) {
    (void)snprintf(texts[i], sizeof texts[i], i % 2 == 0 ? "{\"_id\":\"d%d\"}" : "{\"x\":%d}", i);
    d[i].json = texts[i];
    d[i].n = strlen(texts[i]);
  }
}

static struct fixture with(const char *fault)
{
  char script[400];
  (void)snprintf(script, sizeof script, "%sfault %s\n", collection, fault);
  return open_at(script);
}

/* Sends what is not known to be there once more, with the ids that were made. */
static void send_the_rest(struct fixture *f, const struct rs_document *d, struct rs_arena *a)
{
  struct rs_document again[N];
  char texts[N][100];
  size_t n = 0;
  for (int i = 0; i < N; i++) {
    if (d[i].status != RS_WRITTEN_NOT && d[i].status != RS_WRITTEN_UNKNOWN) continue;
    again[n] = d[i];
    if (d[i].id != NULL) {
      (void)snprintf(texts[n], sizeof texts[n], "{\"_id\":\"%s\"}", d[i].id);
      again[n].json = texts[n];
      again[n].n = strlen(texts[n]);
    }
    n++;
  }
  expect_ok(f, rs_session_write(f->s, REL("c"), RS_WRITE_ADD, again, n, a, NULL, &f->e));
}

/* Which of the statuses each document has: w written, n not, ? not known. */
static void expect_statuses(const struct rs_document *d, int failed, bool unknown)
{
  for (int i = 0; i < N; i++) {
    int batch = i / SIZE;
    enum rs_write_status want = batch < failed   ? RS_WRITTEN_ADDED
                                : batch > failed ? RS_WRITTEN_NOT
                                : unknown        ? RS_WRITTEN_UNKNOWN
                                                 : RS_WRITTEN_NOT;
    if (d[i].status != want) fail_msg("document %d of batch %d: %d", i, failed, d[i].status);
    if (want == RS_WRITTEN_UNKNOWN) assert_non_null(d[i].id);
  }
}

/* The k-th request fails for good. */
static void a_batch_fails(void **state)
{
  (void)state;
  static const struct {
    const char *action;
    enum rs_code code;
    bool unknown, there; /* there: the service did it all the same */
  } cases[] = {
    {"status 429 RATELIMITEXCEEDED slow down", RS_RATE_LIMITED, false, false},
    {"status 503 SERVICEUNAVAILABLE later", RS_BUSY, false, false},
    {"status 400 INVALIDINPUT no", RS_INVALID, false, false},
    {"status 500 INTERNALERROR broken", RS_REMOTE, true, false},
    {"status 502 INTERNALERROR gateway", RS_REMOTE, true, false},
    {"drop", RS_IO, true, true},
    {"cut 30", RS_IO, true, true},
    {"cut 100", RS_IO, true, true},
    {"body <html>", RS_REMOTE, true, true},
    {"body {\"data\":[]}", RS_REMOTE, true, true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    for (int k = 0; k < BATCHES; k++) {
      char fault[200], want[200];
      struct rs_document d[N];
      char texts[N][64];
      struct rs_arena a;
      int batch = k == BATCHES - 1 ? 1 : SIZE, left = N - k * SIZE - batch;
      (void)snprintf(fault, sizeof fault, "99@%d " DOCS ";%s", k, cases[i].action);
      struct fixture f = with(fault);
      rs_arena_init(&a, 0);
      fill(d, texts);
      enum rs_code rc = rs_session_write(f.s, REL("c"), RS_WRITE_ADD, d, N, &a, NULL, &f.e);
      if (rc != cases[i].code) fail_msg("%s: %s %s", fault, rs_code_name(rc), f.e.text);
      expect_statuses(d, k, cases[i].unknown);
      assert_int_equal(held(&f), k * SIZE + (cases[i].there ? batch : 0));
      int not_written = cases[i].unknown ? left : left + batch;
      int at = snprintf(want, sizeof want, "'commons.c': documents: %d written", k * SIZE);
      if (cases[i].unknown)
        at += snprintf(want + at, sizeof want - (size_t)at,
                       ", %d not known (sent, but not answered)", batch);
      if (not_written > 0)
        at += snprintf(want + at, sizeof want - (size_t)at, ", %d not written", not_written);
      bool told = k > 0 || cases[i].unknown;
      if (told != (strstr(f.e.text, want) == f.e.text)) fail_msg("%s: %s", fault, f.e.text);
      expect_ok(&f, rs_rockset_delete(f.s, 0, &f.e, "/faults"));
      send_the_rest(&f, d, &a);
      assert_int_equal(held(&f), N);
      rs_arena_free(&a);
      done(&f);
    }
  }
}

/* A fault that passes: only the request that failed is sent again. */
static void a_batch_is_repeated(void **state)
{
  (void)state;
  static const char *const actions[] = {"status 429 RATELIMITEXCEEDED slow",
                                        "status 503 NOT_READY wait",
                                        "status 504 X gateway",
                                        "drop",
                                        "cut 0",
                                        "cut 60",
                                        "cut 120"};
  for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
    char fault[200];
    struct rs_document d[N];
    char texts[N][64];
    struct rs_arena a;
    (void)snprintf(fault, sizeof fault, "1@%d " DOCS ";%s", (int)i % BATCHES, actions[i]);
    struct fixture f = with(fault);
    rs_arena_init(&a, 0);
    fill(d, texts);
    expect_ok(&f, rs_session_write(f.s, REL("c"), RS_WRITE_ADD, d, N, &a, NULL, &f.e));
    for (int k = 0; k < N; k++)
      assert_true(d[k].status == RS_WRITTEN_ADDED || d[k].status == RS_WRITTEN_REPLACED);
    assert_int_equal(wire_count(f.w, "req " DOCS), BATCHES + 1);
    assert_int_equal(held(&f), N);
    rs_arena_free(&a);
    done(&f);
  }
}

/* Patches may have been applied by the request that got no answer: it is not sent again. */
static void patches_and_deletions(void **state)
{
  (void)state;
  static const char *const words[] = {"written", "patched", "deleted"};
  for (int op = RS_WRITE_PATCH; op <= RS_WRITE_DELETE; op++) {
    struct rs_document d[5];
    char want[200];
    struct rs_arena a;
    const char *method = op == RS_WRITE_PATCH ? "PATCH" : "DELETE";
    (void)snprintf(want, sizeof want, "99@1 %s .*/docs;drop", method);
    struct fixture f = with(want);
    rs_arena_init(&a, 0);
    for (int i = 0; i < 5; i++)
      d[i] = (struct rs_document){.json = "{\"_id\":\"d\",\"patch\":[]}", .n = 22};
    (void)snprintf(want, sizeof want,
                   "'commons.c': documents: 2 %s, 2 not known (sent, but not answered), 1 not %s: ",
                   words[op], words[op]);
    expect_error(&f, rs_session_write(f.s, REL("c"), (enum rs_write_op)op, d, 5, &a, NULL, &f.e),
                 RS_IO, want);
    (void)snprintf(want, sizeof want, "req %s /ws", method);
    int sent = wire_count(f.w, want);
    assert_true(op == RS_WRITE_PATCH ? sent == 2 : sent >= 4);
    assert_int_equal(d[1].status, op == RS_WRITE_PATCH ? RS_WRITTEN_PATCHED : RS_WRITTEN_DELETED);
    assert_int_equal(d[2].status, RS_WRITTEN_UNKNOWN);
    assert_int_equal(d[4].status, RS_WRITTEN_NOT);
    rs_arena_free(&a);
    done(&f);
  }
}

static void refused_among_written(void **state)
{
  (void)state;
  struct rs_document d[N];
  char texts[N][64];
  struct rs_arena a;
  struct fixture f = with("99@2 " DOCS ";status 500 INTERNALERROR broken");
  rs_arena_init(&a, 0);
  fill(d, texts);
  (void)snprintf(texts[1], sizeof texts[1], "{\"_id\":\"e\",\"bad\":1}");
  d[1].n = strlen(texts[1]);
  expect_error(
    &f, rs_session_write(f.s, REL("c"), RS_WRITE_ADD, d, N, &a, NULL, &f.e), RS_REMOTE,
    "'commons.c': documents: 3 written, 1 refused, 2 not known (sent, but not answered), "
    "1 not written: broken");
  assert_int_equal(d[1].status, RS_WRITTEN_ERROR);
  assert_string_equal(d[1].error, "bad document");
  rs_arena_free(&a);
  done(&f);
}

/* ---- files ----------------------------------------------------------------------------------- */

static char *make_file(const char *folder, int rows)
{
  char *path = rs_mprintf("%s/rows.ndjson", folder);
  FILE *out = fopen(path, "w");
  assert_non_null(out);
  for (int i = 0; i < rows; i++) assert_true(fprintf(out, "{\"_id\":\"r%d\",\"x\":1}\n", i) > 0);
  assert_int_equal(fclose(out), 0);
  return path;
}

/* A load into a collection that is there tells what it leaves; a new collection goes again. */
static void loads(void **state)
{
  (void)state;
  static const struct {
    const char *fault, *want;
    int left;
  } cases[] = {
    {"99@2 .*/docs;drop",
     "'commons.c': documents: 4 written, 2 not known (sent, but not answered), the others not "
     "sent: ",
     6},
    {"99@3 .*/docs;cut 90",
     "'commons.c': documents: 6 written, 1 not known (sent, but not answered): ", 7},
    {"99@1 .*/docs;status 429 RATELIMITEXCEEDED slow",
     "'commons.c': documents: 2 written, the others not sent: slow", 2},
    {"99 .*/docs;status 403 FORBIDDEN no", "no", 0},
  };
  char folder[] = "/tmp/rs_account_XXXXXX";
  assert_non_null(mkdtemp(folder));
  char *path = make_file(folder, N);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t rows = -1;
    struct fixture f = with(cases[i].fault);
    struct rs_load load = {.path = path, .mode = "append"};
    f.e = (struct rs_error){0};
    if (rs_session_load(f.s, REL("c"), &load, &rows, &f.e) == RS_OK) fail_msg("case %zu", i);
    if (strncmp(f.e.text, cases[i].want, strlen(cases[i].want)) != 0) fail_msg("%s", f.e.text);
    assert_int_equal(held(&f), cases[i].left);
    expect_ok(&f, rs_rockset_delete(f.s, 0, &f.e, "/faults"));
    expect_ok(&f, rs_session_load(f.s, REL("c"), &load, &rows, &f.e)); // each has its _id
    assert_int_equal(held(&f), N);
    done(&f);
    f = with(cases[i].fault);
    load.mode = "create";
    f.e = (struct rs_error){0};
    if (rs_session_load(f.s, REL("new"), &load, &rows, &f.e) == RS_OK) fail_msg("case %zu", i);
    assert_null(strstr(f.e.text, "documents:"));
    enum rs_relation_kind kind;
    expect_ok(&f, rs_session_describe(f.s, REL("new"), NULL, &kind, &f.e));
    assert_int_equal(kind, RS_REL_NONE);
    done(&f);
  }
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(folder), 0);
  rs_free(path);
}

/* ---- cut at every byte ----------------------------------------------------------------------- */

/* How long the answers to such requests were: the longest. */
static int length_of(struct wire *w, const char *what)
{
  char line[200];
  int most = 0;
  (void)snprintf(line, sizeof line, "\nlen %s", what);
  wire_hold(w);
  for (const char *p = w->log; (p = strstr(p, line)) != NULL; p++) {
    const char *end = p + 1 + strcspn(p + 1, "\n");
    while (end[-1] != ' ') end--;
    int n = (int)strtol(end, NULL, 10);
    if (n > most) most = n;
  }
  pthread_mutex_unlock(&w->mutex);
  return most;
}

/* Once at each byte, and whole the next time: every document is there, once. */
static void cut_documents(void **state)
{
  (void)state;
  char script[200];
  struct rs_arena a;
  int i = 0;
  (void)snprintf(script, sizeof script, "%scuts 600 " DOCS "\n", collection);
  struct fixture f = open_at(script);
  rs_arena_init(&a, 0);
  for (int length = 1; i <= length; i++, length = length_of(f.w, DOCS)) {
    char text[64];
    struct rs_document d = {.json = text};
    d.n = (size_t)snprintf(text, sizeof text, "{\"_id\":\"d%03d\"}", i);
    expect_ok(&f, rs_session_write(f.s, REL("c"), RS_WRITE_ADD, &d, 1, &a, NULL, &f.e));
    assert_true(d.status == RS_WRITTEN_ADDED || d.status == RS_WRITTEN_REPLACED);
  }
  assert_true(i > 150);
  assert_int_equal(held(&f), i);
  rs_arena_free(&a);
  done(&f);
}

/* What makes something is not sent again when it may have been done: the error says so. */
static void cut_creations(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  for (int at = 0; at < 600; at++)
    rs_buf_printf(&b, "fault 1 POST /ws/commons/collections;cut %d\n", at);
  struct fixture f = open_at(rs_buf_text(&b));
  rs_buf_free(&b);
  int lost = 0, i = 0;
  for (int length = 1; i <= length; i++, length = length_of(f.w, "POST /ws/commons/collections")) {
    char name[16];
    enum rs_relation_kind kind;
    (void)snprintf(name, sizeof name, "n%03d", i);
    for (int again = 0; again < 2; again++) { // it is there: nothing is sent the second time
      f.e = (struct rs_error){0};
      enum rs_code rc = rs_session_create(f.s, REL(name), false, &f.e);
      if (rc == RS_OK) continue;
      bool told = rc == RS_IO && strstr(f.e.text, "it is not known whether it was done") != NULL;
      if (again == 0 ? !told : rc != RS_EXISTS) fail_msg("%d: %s", i, f.e.text);
      lost += again == 0;
    }
    expect_ok(&f, rs_session_describe(f.s, REL(name), NULL, &kind, &f.e));
    assert_int_equal(kind, RS_REL_TABLE);
    expect_ok(&f, rs_session_drop(f.s, REL(name), RS_REL_NONE, 0, &f.e));
  }
  assert_true(lost > 150);
  done(&f);
}

/* A page that breaks off is never the end of the rows. */
static void cut_pages(void **state)
{
  (void)state;
  struct fixture f = open_at("page 2\nrows x;[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4}]\n"
                             "cuts 600 GET .*/pages.*\n");
  int i = 0, broken = 0;
  for (int length = 1; i <= length; i++, length = length_of(f.w, "GET /queries/")) {
    const struct rs_statement st = {.sql = "x"};
    struct rs_rows *r = NULL;
    int n = 0, before = wire_count(f.w, "req GET");
    expect_ok(&f, rs_session_query(f.s, &st, &r, &f.e));
    enum rs_code rc;
    while ((rc = rs_rows_next(r, &f.e)) == RS_OK) n++;
    rs_rows_close(r);
    if (rc == RS_DONE) assert_int_equal(n, 4);
    else assert_int_equal(rc, RS_IO);
    broken += rc != RS_DONE;
    // the pair of a cut and what follows it
    if (wire_count(f.w, "req GET") - before == 1)
      (void)rs_rockset_get(f.s, NULL, NULL, "/queries/x/pages");
  }
  assert_true(i > 100 && broken > 50);
  done(&f);
}

/* Asked for with everything that is read: repeated until it is whole. */
static void cut_reads(void **state)
{
  (void)state;
  struct fixture f = open_at("entity collections commons c {}\ncuts 600 GET .*/collections/c\n");
  int i = 0;
  for (int length = 1; i <= length; i++, length = length_of(f.w, "GET /ws/")) {
    enum rs_relation_kind kind = RS_REL_NONE;
    expect_ok(&f, rs_session_describe(f.s, REL("c"), NULL, &kind, &f.e));
    assert_int_equal(kind, RS_REL_TABLE);
  }
  assert_true(i > 150);
  done(&f);
}

/* ---- a stall --------------------------------------------------------------------------------- */

static bool soon(void *ctx)
{
  int64_t *at = ctx;
  if (*at == 0) *at = rs_now_ms() + 200;
  return rs_now_ms() >= *at;
}

static void interrupted(void **state)
{
  (void)state;
  struct rs_document d[N];
  char texts[N][64];
  struct rs_arena a;
  int64_t at = 0;
  const struct rs_interrupt hook = {.is_interrupted = soon, .ctx = &at};
  struct fixture f = with("99@1 " DOCS ";stall");
  rs_session_close(f.s);
  expect_ok(&f, rs_session_open(f.t, &hook, f.log, &f.s, &f.e));
  rs_arena_init(&a, 0);
  fill(d, texts);
  int64_t before = rs_now_ms();
  expect_error(&f, rs_session_write(f.s, REL("c"), RS_WRITE_ADD, d, N, &a, NULL, &f.e),
               RS_CANCELLED, "documents: 2 written, 2 not known (sent, but not answered), 3 not ");
  assert_true(rs_now_ms() - before < 3000);
  expect_statuses(d, 1, true);
  rs_arena_free(&a);
  done(&f);
}

int main(void)
{
  rs_rockset_second_ms = 2;
  rs_rockset_batch_docs = SIZE;
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_batch_fails),
    cmocka_unit_test(a_batch_is_repeated),
    cmocka_unit_test(patches_and_deletions),
    cmocka_unit_test(refused_among_written),
    cmocka_unit_test(loads),
    cmocka_unit_test(cut_documents),
    cmocka_unit_test(cut_creations),
    cmocka_unit_test(cut_pages),
    cmocka_unit_test(cut_reads),
    cmocka_unit_test(interrupted),
  };
  return RS_RUN(tests);
}
