/*
** Templates that were written to do harm, under the limits that every template has: each ends soon,
** with an error that names the limit, and leaves nothing behind.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "src/jinja/jinja.h"

#define SECONDS_MAX 30 /* of CPU: a second or two here */

/* Of what everybody has; a tenth with sanitizers, which make all of it ten times as slow. */
#ifdef __SANITIZE_ADDRESS__
#define STEPS "5000000"
static const struct rs_python_options options = {
  .max_steps = 5000000, .max_memory = (size_t)64 << 20, .max_output = 6710886};
#define OUTPUT "6710886"
#else
#define STEPS "50000000"
#define OUTPUT "67108864"
static const struct rs_python_options options = {0};
#endif

static double cpu_seconds(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Renders; the error's text is in e. */
static enum rs_code render(const char *text, struct rs_error *e)
{
  struct rs_template *t = NULL;
  struct rs_buf out;
  enum rs_code rc = rs_template_parse("hostile", text, strlen(text), &t, e);
  if (rc != RS_OK) return rc;
  struct rs_python *j = rs_jinja_new(&options);
  assert_non_null(j);
  rs_buf_init(&out, (size_t)1 << 30); // the engine's limit comes first
  rc = rs_jinja_render(j, t, &out, e);
  rs_buf_free(&out);
  rs_jinja_free(j);
  rs_template_release(t);
  return rc;
}

static void ends(const char *text)
{
  static const char *const limits[] = {"takes more than " STEPS " steps", "bytes of memory",
                                       "is longer than " OUTPUT " bytes", "integer is too big",
                                       "maximum recursion depth",         "nested too deeply"};
  struct rs_error e = {0};
  bool named = false;
  double start = cpu_seconds();
  enum rs_code rc = render(text, &e);
  double took = cpu_seconds() - start;
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
    named = named || strstr(e.text, limits[i]) != NULL;
  if (rc != RS_LIMIT || !named) fail_msg("%s: code %d: %s", text, (int)rc, e.text);
  if (strncmp(e.text, "hostile line 1, column ", 23) != 0) fail_msg("%s: %s", text, e.text);
  if (took > SECONDS_MAX) fail_msg("%s: took %.1f s of CPU", text, took);
}

static void steps(void **state)
{
  (void)state;
  ends("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}");
  ends(
    "{% for a in range(99999) recursive %}{{ loop(range(99999)) if loop.depth < 9 }}{% endfor %}");
}

static void memory(void **state)
{
  (void)state;
  ends("{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% "
       "endfor %}");
  ends("{% set l = [] %}{% for i in range(99999) %}{% for k in range(99999) %}{% do l.append('x' * "
       "99) %}"
       "{% endfor %}{% endfor %}");
  ends("{% set ns = namespace(s='aa') %}{% for i in range(99) %}"
       "{% set ns.s = ns.s.replace('a', 'aaaaaaaaaa') %}{% endfor %}");
  ends("{% set ns = namespace(n=3) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor "
       "%}");
}

static void output(void **state)
{
  (void)state;
  ends("{% for i in range(99999) %}{% for k in range(99999) %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
       "{% endfor %}{% endfor %}");
  // a list of lists of lists ... is small, its text is not
  ends("{% set ns = namespace(l=['x']) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% "
       "endfor %}"
       "{{ ns.l | tojson | length }}");
}

static void depth(void **state)
{
  (void)state;
  ends("{% for a in [[]] recursive %}{{ loop([a]) }}{% endfor %}");
  ends("{% set l = [] %}{% do l.append(l) %}{% set k = [] %}{% do k.append(k) %}{{ l == k }}");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(steps), cmocka_unit_test(memory),
                                     cmocka_unit_test(output), cmocka_unit_test(depth)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
