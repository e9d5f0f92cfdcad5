/* An output that is given as text, for the tests of a profile's fields. */
#ifndef RS_TESTS_PROFILE_FIXTURE_H
#define RS_TESTS_PROFILE_FIXTURE_H
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/profile/profile.h"
#include "src/engine/engine.h"

static struct rs_error e;
static const struct rs_output *o;

static int setup(void **state)
{
  (void)state;
  e = (struct rs_error){0};
  rs_redact_clear();
  setenv("HOME", "/srv/me", 1);
  unsetenv("RS_TEST_NONE");
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  rs_output_release(o);
  o = NULL;
  rs_redact_clear();
  return 0;
}

/* `fields` is what stands between the braces; YAML's flow form is as good as JSON. */
static enum rs_code load(const char *fields)
{
  char source[4096];
  struct rs_profile_request req = {.source = source, .adapters = rs_target_fields};
  snprintf(source, sizeof source, "{%s}", fields);
  rs_output_release(o);
  return rs_profile_load(&req, &o, &e);
}

static void loads(const char *fields)
{
  enum rs_code rc = load(fields);
  if (rc) print_error("%s\n", e.text);
  assert_int_equal(rc, RS_OK);
}

static void fails(const char *fields, enum rs_code code, const char *want)
{
  assert_fails(load(fields), e, code, want);
}

#define INVALID(fields, want) fails(fields, RS_INVALID, "(argument) line 1: " want)

static void has(const char *name, const char *want)
{
  const char *got = rs_output_text(o, name, NULL);
  assert_non_null(got);
  assert_string_equal(got, want);
}

static void json_is(const char *want)
{
  char *json = rs_output_json(o);
  assert_string_equal(json, want);
  rs_free(json);
}

/* The text as it would reach a log. */
static const char *logged(const char *text)
{
  static char copy[1024];
  snprintf(copy, sizeof copy, "%s", text);
  rs_redact(copy, sizeof copy);
  return copy;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#endif
