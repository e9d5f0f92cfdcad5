/*
** Batches fetched ahead (src/engine/prefetch.h), over a made-up engine whose batches are numbers.
*/
#include "unit.h"
#include <stdio.h>
#include "src/engine/prefetch.h"
#include "src/engine/slots.h"
#include "src/base/thread.h"

#define PATIENCE_MS 5000

/* What there is to fetch, and what was asked of it. */
struct source {
  struct rs_session session;
  struct rs_target target;
  struct rs_engine engine;
  struct rs_prefetch prefetch;
  size_t batches;   /* in all; then */
  enum rs_code end; /* this comes */
  size_t stuck_at;  /* this one comes only when `freed`, or never: when it is cancelled */
  atomic_size_t fetched, taken, most_at_once;
  atomic_bool freed, cancelled, interrupted, is_stuck;
};

static void cancel(struct rs_session *s)
{
  atomic_store(&((struct source *)s)->cancelled, true);
}

static bool is_interrupted(void *ctx)
{
  return atomic_load(&((struct source *)ctx)->interrupted);
}

/* Bounded, so that a fault fails the test instead of hanging it. */
static bool is_set(atomic_bool *flag, atomic_bool *other)
{
  for (int ms = 0; ms < PATIENCE_MS; ms++) {
    if (atomic_load(flag) || (other != NULL && atomic_load(other))) return true;
    rs_sleep_ms(1);
  }
  return false;
}

static enum rs_code fetch(void *ctx, void **batch, size_t *n, struct rs_error *e)
{
  struct source *x = ctx;
  size_t at = atomic_fetch_add(&x->fetched, 1) + 1;
  if (at == x->stuck_at) {
    atomic_store(&x->is_stuck, true);
    if (!is_set(&x->freed, &x->cancelled)) return rs_fail(e, RS_INTERNAL, "nobody freed it");
    if (atomic_load(&x->cancelled)) return rs_fail(e, RS_CANCELLED, "cancelled");
  }
  if (at > x->batches && x->end == RS_DONE) return RS_DONE;
  if (at > x->batches) return rs_fail(e, x->end, "batch %zu is broken", at);
  size_t held = at - atomic_load(&x->taken);
  if (held > atomic_load(&x->most_at_once)) atomic_store(&x->most_at_once, held);
  *batch = (void *)(uintptr_t)at;
  *n = at * 10;
  return RS_OK;
}

static void open_source(struct source *x, size_t most)
{
  struct rs_error e = {0};
  x->engine.cancel = cancel;
  x->target.engine = &x->engine;
  x->session.target = &x->target;
  x->session.interrupt = (struct rs_interrupt){.is_interrupted = is_interrupted, .ctx = x};
  assert_int_equal(rs_io_new(&x->session, &x->session.io, &e), RS_OK);
  rs_prefetch_init(&x->prefetch, x->session.io, fetch, x, most);
}

static void close_source(struct source *x)
{
  rs_prefetch_stop(&x->prefetch, true);
  rs_io_free(x->session.io);
}

/* The next batch is this one. */
static void takes(struct source *x, size_t want)
{
  struct rs_error e = {0};
  void *batch = NULL;
  size_t n = 0;
  if (rs_prefetch_take(&x->prefetch, &batch, &n, &e) != RS_OK) fail_msg("%zu: %s", want, e.text);
  atomic_fetch_add(&x->taken, 1);
  assert_int_equal((uintptr_t)batch, want);
  assert_int_equal(n, want * 10);
}

/* There is no next one, as often as it is asked for. */
static void ends(struct source *x, enum rs_code code, const char *text)
{
  for (int i = 0; i < 3; i++) {
    struct rs_error e = {0};
    void *batch = NULL;
    size_t n = 0;
    assert_fails(rs_prefetch_take(&x->prefetch, &batch, &n, &e), e, code, text);
    e.code = RS_OK;
  }
}

static void ends_well(struct source *x)
{
  struct rs_error e = {0};
  void *batch = NULL;
  size_t n = 0;
  for (int i = 0; i < 3; i++)
    assert_int_equal(rs_prefetch_take(&x->prefetch, &batch, &n, &e), RS_DONE);
  assert_int_equal(e.code, RS_OK);
}

static void batches_come_in_order(void **state)
{
  (void)state;
  for (size_t most = 1; most <= RS_AHEAD_MAX; most++) {
    for (size_t batches = 0; batches < 12; batches++) {
      struct source x = {.batches = batches, .end = RS_DONE};
      open_source(&x, most);
      for (size_t i = 1; i <= batches; i++) takes(&x, i);
      ends_well(&x);
      assert_int_equal(atomic_load(&x.fetched), batches + 1);
      close_source(&x);
    }
  }
}

static void at_most_so_many_are_held(void **state)
{
  (void)state;
  for (size_t most = 1; most <= RS_AHEAD_MAX; most++) {
    struct source x = {.batches = 3000, .end = RS_DONE};
    open_source(&x, most);
    for (size_t i = 1; i <= x.batches; i++) {
      takes(&x, i);
      if (i % 500 == 0) rs_sleep_ms(20); // the queue gets full
    }
    ends_well(&x);
    // the one that was just taken is counted a moment later
    assert_in_range(atomic_load(&x.most_at_once), most, most + 1);
    close_source(&x);
  }
}

static void what_the_statement_brought_comes_first(void **state)
{
  struct source x = {.batches = 3, .end = RS_DONE}, none = {0};
  (void)state;
  open_source(&x, 3);
  atomic_store(&x.fetched, 1);
  rs_prefetch_first(&x.prefetch, RS_OK, (void *)(uintptr_t)1, 10);
  for (size_t i = 1; i <= 3; i++) takes(&x, i);
  ends_well(&x);
  close_source(&x);
  open_source(&none, 3);
  rs_prefetch_first(&none.prefetch, RS_DONE, NULL, 0);
  ends_well(&none);
  assert_int_equal(atomic_load(&none.fetched), 0);
  close_source(&none);
}

static void an_error_comes_behind_the_rows_before_it(void **state)
{
  (void)state;
  for (size_t most = 1; most <= RS_AHEAD_MAX; most++) {
    for (size_t batches = 0; batches < 9; batches++) {
      struct source x = {.batches = batches, .end = RS_REMOTE};
      char text[40];
      snprintf(text, sizeof text, "batch %zu is broken", batches + 1);
      open_source(&x, most);
      for (size_t i = 1; i <= batches; i++) {
        takes(&x, i);
        rs_sleep_ms(i == 4 ? 10 : 0); // the error is there long before its turn
      }
      ends(&x, RS_REMOTE, text);
      assert_int_equal(atomic_load(&x.fetched), batches + 1);
      close_source(&x);
    }
  }
}

/* Who reads a single batch causes one fetch, two batches at most two more. */
/* At least so many, soon; a machine under load gets its time. */
static void waits_for(const struct source *x, size_t n)
{
  for (int i = 0; i < 2000 && atomic_load(&x->fetched) < n; i++) rs_sleep_ms(1);
  rs_sleep_ms(20); // for what must not come
}

static void few_rows_few_fetches(void **state)
{
  struct source x = {.batches = 100, .end = RS_DONE};
  (void)state;
  open_source(&x, 4);
  atomic_store(&x.fetched, 1);
  rs_prefetch_first(&x.prefetch, RS_OK, (void *)(uintptr_t)1, 10);
  rs_sleep_ms(20);
  assert_int_equal(atomic_load(&x.fetched), 1);
  takes(&x, 1);
  waits_for(&x, 2);
  assert_int_equal(atomic_load(&x.fetched), 2);
  takes(&x, 2);
  waits_for(&x, 3);
  assert_in_range(atomic_load(&x.fetched), 3, 4);
  close_source(&x);
}

/* The batch that is there is given at once, however long the one behind it takes. */
static void nobody_waits_for_a_second_batch(void **state)
{
  (void)state;
  for (size_t k = 2; k < 9; k++) {
    struct source x = {.batches = 10, .end = RS_DONE, .stuck_at = k};
    open_source(&x, 4);
    for (size_t i = 1; i < k; i++) takes(&x, i); // else the stuck one loses patience and fails
    atomic_store(&x.freed, true);
    for (size_t i = k; i <= x.batches; i++) takes(&x, i);
    ends_well(&x);
    close_source(&x);
  }
}

static void an_interrupt_ends_the_wait(void **state)
{
  struct source x = {.batches = 10, .end = RS_DONE, .stuck_at = 6};
  (void)state;
  open_source(&x, 3);
  for (size_t i = 1; i < 6; i++) takes(&x, i);
  atomic_store(&x.interrupted, true);
  int64_t from = rs_now_ms();
  ends(&x, RS_CANCELLED, "interrupted");
  assert_in_range(rs_now_ms() - from, 0, 1000);
  close_source(&x);
}

/* What was fetched before a cancel is still given; then the engine's own word. */
static void a_cancel_comes_behind_the_rows_before_it(void **state)
{
  struct source x = {.batches = 10, .end = RS_DONE, .stuck_at = 7};
  (void)state;
  open_source(&x, 4);
  for (size_t i = 1; i < 6; i++) {
    takes(&x, i);
    rs_sleep_ms(20); // all is fetched that may be
  }
  assert_true(is_set(&x.is_stuck, NULL));
  cancel(&x.session);
  takes(&x, 6);
  ends(&x, RS_CANCELLED, "cancelled");
  close_source(&x);
}

static void an_early_end_gives_back_what_nobody_took(void **state)
{
  (void)state;
  for (size_t k = 1; k < 9; k++) {
    struct source x = {.batches = 100, .end = RS_DONE, .stuck_at = k < 5 ? k + 1 : 0};
    void *batch;
    size_t n, next;
    open_source(&x, 3);
    for (size_t i = 1; i <= k; i++) takes(&x, i);
    int64_t from = rs_now_ms();
    rs_prefetch_stop(&x.prefetch, true);
    assert_in_range(rs_now_ms() - from, 0, 1000);
    assert_false(rs_io_is_busy(x.session.io));
    for (next = k + 1; rs_prefetch_left(&x.prefetch, &batch, &n); next++)
      assert_int_equal((uintptr_t)batch, next);
    // none is lost: the one that was stuck, if it came to that, is no batch
    assert_int_equal(atomic_load(&x.fetched), next - 1 + (size_t)atomic_load(&x.is_stuck));
    close_source(&x);
  }
}

/* As an ingestion does, which goes on by itself. */
static void settled_it_fetches_no_more(void **state)
{
  struct source x = {.batches = 20, .end = RS_DONE};
  void *batch;
  size_t n, next = 5;
  (void)state;
  open_source(&x, 4);
  for (size_t i = 1; i < next; i++) takes(&x, i);
  rs_prefetch_settle(&x.prefetch);
  assert_false(rs_io_is_busy(x.session.io));
  while (rs_prefetch_left(&x.prefetch, &batch, &n)) assert_int_equal((uintptr_t)batch, next++);
  assert_int_equal(rs_prefetch_over(&x.prefetch, NULL), RS_OK);
  assert_int_equal(atomic_load(&x.fetched), next - 1);
  assert_int_equal(fetch(&x, &batch, &n, NULL), RS_OK);
  assert_int_equal((uintptr_t)batch, next);
  close_source(&x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(batches_come_in_order),
    cmocka_unit_test(at_most_so_many_are_held),
    cmocka_unit_test(what_the_statement_brought_comes_first),
    cmocka_unit_test(an_error_comes_behind_the_rows_before_it),
    cmocka_unit_test(few_rows_few_fetches),
    cmocka_unit_test(nobody_waits_for_a_second_batch),
    cmocka_unit_test(an_interrupt_ends_the_wait),
    cmocka_unit_test(a_cancel_comes_behind_the_rows_before_it),
    cmocka_unit_test(an_early_end_gives_back_what_nobody_took),
    cmocka_unit_test(settled_it_fetches_no_more),
  };
  return RS_RUN(tests);
}
