/*
** Scenarios of an adapter that talks over HTTP, each with its 1st, 2nd, ... allocation of ours
** failing, once and for good, until it gets through.
*/
#ifndef RS_TESTS_SESSION_STEPS_H
#define RS_TESTS_SESSION_STEPS_H
#include "tests/unit/rockset_fixture.h"

#define REL(n) (&(struct rs_relation){.workspace = "commons", .name = n})

typedef enum rs_code scenario(struct rs_session *s, struct rs_error *e);

static struct wire *server;
static struct rs_target *target;

static enum rs_code session_and(scenario *run, struct rs_error *e)
{
  struct rs_session *s = NULL;
  enum rs_code rc = rs_session_open(target, NULL, NULL, &s, e);
  if (rc != RS_OK) return rc;
  rc = run(s, e);
  rs_session_close(s);
  return rc;
}

static void at_every_allocation(scenario *run)
{
  struct rs_error e = {0};
  // what the process keeps (libcurl, the redaction of a key) is made first
  if (session_and(run, &e) != RS_OK) fail_msg("%s", e.text);
  for (int sticky = 0; sticky <= 1; sticky++) {
    bool failed = true;
    int n = 1;
    for (; failed; n++) {
      int64_t live = rs_mem_live();
      e = (struct rs_error){0};
      rs_mem_fail_at(n, sticky);
      enum rs_code rc = session_and(run, &e);
      failed = rs_mem_failed();
      rs_mem_fail_at(0, false);
      if (rc != RS_OK && rc != RS_NOMEM && rc != RS_REMOTE)
        fail_msg("allocation %d: %s: %s", n, rs_code_name(rc), e.text);
      if (rc != RS_OK && !failed) fail_msg("without a failure: %s", e.text);
      if (rs_mem_live() > live) fail_msg("allocation %d leaks", n);
    }
    assert_true(n > 20);
  }
}
#endif
