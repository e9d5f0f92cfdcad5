/*
** Fuzzing src/jinja/: any text is parsed and rendered as text, as dbt's parse-time pass and
** natively, with small limits, which have to hold: on steps (and so on time), on depth, on the
** output's size and on memory. The value of a native rendering is printed and written as JSON.
*/
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/jinja/jinja.h"

#define OUTPUT_MAX ((size_t)1 << 18)
#define MEMORY_MAX ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char context[] =
  "{\"n\":5,\"f\":-2.5,\"s\":\"Hello \\u00e4\\ud83d\\ude00\",\"l\":[3,1,\"a\",null,[2]],"
  "\"d\":{\"a\":1,\"b\":[1,2]},\"big\":1180591620717411303424,\"e\":[],\"t\":true,\"none\":null,"
  "\"users\":[{\"name\":\"Bob\",\"age\":30},{\"name\":\"al\",\"age\":2}]}";

static void stop(const char *what)
{
  (void)fprintf(stderr, "%s\n", what);
  abort();
}

static enum rs_code rec(struct rs_python *j, void *ctx, const struct jv_args *a, jv *out,
                        struct rs_error *e)
{
  (void)ctx, (void)e;
  *out = jv_tuple(j, a->pos, a->npos);
  return RS_OK;
}

static enum rs_code leave(struct rs_python *j, void *ctx, const struct jv_args *a, jv *out,
                          struct rs_error *e)
{
  (void)ctx, (void)out;
  return a->npos == 1 ? rs_jinja_return(j, a->pos[0]) : rs_fail(e, RS_INVALID, "return()");
}

static struct rs_python *start(bool lenient)
{
  struct rs_python_options opt = {.max_steps = 200000,
                                  .max_depth = 50,
                                  .max_output = OUTPUT_MAX,
                                  .max_memory = MEMORY_MAX,
                                  .lenient_undefined = lenient};
  struct rs_python *j = rs_jinja_new(&opt);
  jv dict = jv_undefined(), key, value;
  if (j == NULL || jv_from_json(j, context, sizeof context - 1, &dict, NULL) != RS_OK)
    stop("no memory");
  for (size_t i = 0; i < jv_len(dict); i++) {
    jv_dict_at(dict, i, &key, &value);
    rs_jinja_global(j, jv_cstr(key, NULL), value);
  }
  rs_jinja_global_func(j, "rec", rec, NULL);
  rs_jinja_global_func(j, "return", leave, NULL);
  return j;
}

/* An error without a text, or a text beyond its limit, is a finding. */
static void check(enum rs_code rc, const struct rs_error *e, const struct rs_buf *out)
{
  if (rc != RS_OK && e->text[0] == 0) stop("an error without a text");
  if (out->n > OUTPUT_MAX * 8) stop("the output is longer than its limit");
}

static void render(struct rs_template *t, bool lenient, bool native)
{
  struct rs_error e = {0};
  struct rs_buf out;
  struct rs_python *j = start(lenient);
  for (size_t i = 0; rs_template_macro(t, i) != NULL; i++)
    rs_jinja_global(j, rs_template_macro(t, i), rs_jinja_macro(j, t, rs_template_macro(t, i)));
  rs_buf_init(&out, OUTPUT_MAX * 8);
  if (native) {
    jv v;
    enum rs_code rc = rs_jinja_render_native(j, t, &v, &e);
    check(rc, &e, &out);
    if (rc == RS_OK) check(jv_repr_to(j, v, &out, &e), &e, &out);
    rs_buf_clear(&out);
    if (rc == RS_OK) (void)jv_json_to(j, v, true, &out, NULL);
  } else {
    enum rs_code rc = rs_jinja_render(j, t, &out, &e);
    check(rc, &e, &out);
    if (rc == RS_OK && out.n > 2 * OUTPUT_MAX) stop("the output is longer than its limit");
  }
  rs_buf_free(&out);
  rs_jinja_free(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  struct rs_error e = {0};
  struct rs_template *t = NULL;
  char *copy = rs_malloc(n + 1); // of this size, for the sanitizer
  if (copy == NULL) return 0;
  if (n > 0) memcpy(copy, data, n);
  enum rs_code rc = rs_template_parse("t", copy, n, &t, &e);
  rs_free(copy); // the template keeps what it needs
  if (rc != RS_OK) {
    if (e.text[0] == 0) stop("an error without a text");
    return 0;
  }
  render(t, false, false);
  render(t, true, false);
  render(t, false, true);
  render(t, true, true);
  rs_template_release(t);
  return 0;
}
