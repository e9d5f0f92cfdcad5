/*
** What the tests of the Jinja engine share: one context, and checks of tables of templates.
*/
#ifndef TEST_JINJA_H
#define TEST_JINJA_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "src/jinja/jinja.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum mode { TEXT, NATIVE, LENIENT };

struct good {
  const char *text, *expected; /* in native mode: the repr of the value */
  enum mode mode;
};
struct bad {
  const char *text, *message;
  enum mode mode;
  int line;
};

static const char context[] =
  "{\"n\": 5, \"f\": 2.5, \"s\": \"Hello World\", \"l\": [3, 1, 2],"
  " \"d\": {\"a\": 1, \"b\": [1, 2], \"items\": \"x\"},"
  " \"users\": [{\"name\": \"Bob\", \"age\": 30, \"city\": \"NY\"},"
  " {\"name\": \"alice\", \"age\": 25, \"city\": \"ny\"},"
  " {\"name\": \"Carol\", \"age\": 25, \"city\": \"LA\"}],"
  " \"none\": null, \"t\": true, \"e\": [], \"big\": 1180591620717411303424,"
  " \"u\": \"\\u00e4\\u00d6\\u00df\\u20ac\\ud83d\\ude00\"}";

/* A native function that returns its arguments. */
static enum rs_code rec(struct rs_python *j, void *ctx, const struct jv_args *a, jv *out,
                        struct rs_error *e)
{
  (void)ctx, (void)e;
  jv both[2] = {jv_list(j), jv_dict(j)};
  for (size_t i = 0; i < a->npos; i++) jv_list_add(j, both[0], a->pos[i]);
  for (size_t i = 0; i < a->nkw; i++) jv_dict_setv(j, both[1], a->kw_keys[i], a->kw_values[i]);
  *out = jv_tuple(j, both, 2);
  return RS_OK;
}

static inline struct rs_python *new_jinja(enum mode mode)
{
  struct rs_python_options opt = {.lenient_undefined = mode == LENIENT};
  struct rs_error e = {0};
  struct rs_python *j = rs_jinja_new(&opt);
  jv ctx, key, value;
  assert_non_null(j);
  assert_int_equal(jv_from_json(j, context, sizeof context - 1, &ctx, &e), RS_OK);
  for (size_t i = 0; i < jv_len(ctx); i++) {
    jv_dict_at(ctx, i, &key, &value);
    rs_jinja_global(j, jv_cstr(key, NULL), value);
  }
  rs_jinja_global_func(j, "rec", rec, NULL);
  return j;
}

/* Renders into out; the code, and the error's text in e. */
static inline enum rs_code run(struct rs_python *j, enum mode mode, const char *text,
                               struct rs_buf *out, struct rs_error *e)
{
  struct rs_template *t = NULL;
  enum rs_code rc = rs_template_parse("t", text, strlen(text), &t, e);
  if (rc == RS_OK && mode == NATIVE) {
    jv v;
    rc = rs_jinja_render_native(j, t, &v, e);
    if (rc == RS_OK) rc = jv_repr_to(j, v, out, e);
  } else if (rc == RS_OK) {
    rc = rs_jinja_render(j, t, out, e);
  }
  rs_template_release(t);
  return rc;
}

static inline void check_good(const struct good *v, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    struct rs_error e = {0};
    struct rs_buf out;
    rs_buf_init(&out, (size_t)1 << 24);
    struct rs_python *j = new_jinja(v[i].mode);
    enum rs_code rc = run(j, v[i].mode, v[i].text, &out, &e);
    if (rc != RS_OK || strcmp(rs_buf_text(&out), v[i].expected) != 0) {
      print_error("template: %s\n", v[i].text);
    }
    if (rc != RS_OK) fail_msg("error: %s", e.text);
    assert_string_equal(rs_buf_text(&out), v[i].expected);
    rs_jinja_free(j);
    rs_buf_free(&out);
  }
}

static inline void check_bad(const struct bad *v, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    struct rs_error e = {0};
    struct rs_buf out;
    char place[40];
    rs_buf_init(&out, (size_t)1 << 24);
    struct rs_python *j = new_jinja(v[i].mode);
    enum rs_code rc = run(j, v[i].mode, v[i].text, &out, &e);
    const char *message = strstr(e.text, ": ");
    snprintf(place, sizeof place, "t line %d, column ", v[i].line);
    if (rc == RS_OK || message == NULL || strcmp(message + 2, v[i].message) != 0 ||
        strncmp(e.text, place, strlen(place)) != 0) {
      print_error("template: %s\n", v[i].text);
    }
    assert_int_not_equal(rc, RS_OK);
    assert_non_null(message);
    assert_string_equal(message + 2, v[i].message);
    assert_memory_equal(e.text, place, strlen(place));
    rs_jinja_free(j);
    rs_buf_free(&out);
  }
}
#endif
