/*
** Renders cases of the Jinja engine read from standard input, for tests/parity/run.
**
** A record is a line `<kind> <bytes>` and that many bytes:
**   C  the context of all cases that follow: a JSON object
**   M  a text of macros, callable by the cases that follow
**   T  a case: a template as text     L  the same, dbt's parse-time Undefined
**   N  a case: native rendering       K  the same, dbt's parse-time Undefined
** For every case a record `<kind> <bytes>` is written to standard output:
**   =  its text (native: the repr of its value)   !  its error   #  a limit ended it
** Each case has an evaluation and a context of its own, so none sees what another changed.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/jinja/jinja.h"

enum { MACROS_MAX = 16 };
#define OUTPUT_MAX ((size_t)64 << 20)

static char *context;
static size_t context_n;
static struct rs_template *macros[MACROS_MAX];
static size_t nmacros;

static void die(const char *what)
{
  (void)fprintf(stderr, "render: %s\n", what);
  exit(2);
}

/* A function of the context that returns its arguments. */
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

/* dbt's return(). */
static enum rs_code leave(struct rs_python *j, void *ctx, const struct jv_args *a, jv *out,
                          struct rs_error *e)
{
  (void)ctx, (void)out;
  if (a->npos != 1) return rs_fail(e, RS_INVALID, "return() takes one argument");
  return rs_jinja_return(j, a->pos[0]);
}

static struct rs_python *start(bool lenient, struct rs_error *e)
{
  struct rs_python_options opt = {.lenient_undefined = lenient, .max_steps = 5000000};
  struct rs_python *j = rs_jinja_new(&opt);
  jv dict = jv_undefined(), key, value;
  if (j == NULL || (context != NULL && jv_from_json(j, context, context_n, &dict, e) != RS_OK))
    die(e->text);
  for (size_t i = 0; i < jv_len(dict); i++) {
    jv_dict_at(dict, i, &key, &value);
    rs_jinja_global(j, jv_cstr(key, NULL), value);
  }
  rs_jinja_global_func(j, "rec", rec, NULL);
  rs_jinja_global_func(j, "return", leave, NULL);
  for (size_t m = 0; m < nmacros; m++) {
    const char *name;
    for (size_t i = 0; (name = rs_template_macro(macros[m], i)) != NULL; i++)
      rs_jinja_global(j, name, rs_jinja_macro(j, macros[m], name));
  }
  return j;
}

static void run(char kind, const char *text, size_t n)
{
  struct rs_error e = {0};
  struct rs_template *t = NULL;
  struct rs_buf out;
  bool native = kind == 'N' || kind == 'K';
  rs_buf_init(&out, OUTPUT_MAX);
  struct rs_python *j = start(kind == 'L' || kind == 'K', &e);
  enum rs_code rc = rs_template_parse("t", text, n, &t, &e);
  if (rc == RS_OK && native) {
    jv v;
    rc = rs_jinja_render_native(j, t, &v, &e);
    if (rc == RS_OK) rc = jv_repr_to(j, v, &out, &e);
  } else if (rc == RS_OK) {
    rc = rs_jinja_render(j, t, &out, &e);
  }
  if (rc == RS_OK) {
    (void)printf("= %zu\n", out.n);
    (void)fwrite(rs_buf_text(&out), 1, out.n, stdout);
  } else {
    (void)printf("%c %zu\n%s", rc == RS_LIMIT ? '#' : '!', strlen(e.text), e.text);
  }
  (void)fflush(stdout);
  rs_template_release(t);
  rs_jinja_free(j);
  rs_buf_free(&out);
}

int main(void)
{
  char kind;
  size_t n;
  struct rs_error e = {0};
  while (scanf("%c %zu", &kind, &n) == 2) {
    char *text = malloc(n + 1);
    if (text == NULL || getchar() != '\n' || fread(text, 1, n, stdin) != n) die("cut off");
    text[n] = 0;
    if (kind == 'C') {
      free(context);
      context = text;
      context_n = n;
      continue;
    }
    if (kind != 'M') {
      run(kind, text, n);
    } else if (nmacros == MACROS_MAX ||
               rs_template_parse("macros", text, n, &macros[nmacros++], &e) != RS_OK) {
      die(e.text);
    }
    free(text);
  }
  for (size_t i = 0; i < nmacros; i++) rs_template_release(macros[i]);
  free(context);
  return 0;
}
