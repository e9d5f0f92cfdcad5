/*
** Jinja: the interface to C: macros, return, objects, resolver, limits, errors with their place,
** sharing between threads, failing allocations.
*/
#include "test_jinja.h"
#include <pthread.h>
#include <stdlib.h>
#include "src/base/mem.h"

static struct rs_template *parse(const char *name, const char *text)
{
  struct rs_template *t = NULL;
  struct rs_error e = {0};
  if (rs_template_parse(name, text, strlen(text), &t, &e) != RS_OK) fail_msg("%s", e.text);
  return t;
}

/* Renders with j's globals; the text, or the error's text. */
static const char *render(struct rs_python *j, const char *text)
{
  static char shown[RS_ERROR_MAX];
  struct rs_error e = {0};
  struct rs_buf out;
  rs_buf_init(&out, (size_t)1 << 20);
  enum rs_code rc = run(j, TEXT, text, &out, &e);
  snprintf(shown, sizeof shown, "%s", rc == RS_OK ? rs_buf_text(&out) : e.text);
  rs_buf_free(&out);
  return shown;
}

static enum rs_code return_fn(struct rs_python *j, void *ctx, const struct jv_args *a, jv *out,
                              struct rs_error *e)
{
  (void)ctx, (void)out, (void)e;
  return rs_jinja_return(j, a->npos > 0 ? a->pos[0] : jv_none());
}

static const char macros[] =
  "{% set hidden = 1 %}ignored\n"
  "{% macro add(a, b=2) %}{{ return(a + b) }} not reached{% endmacro %}\n"
  "{% macro text(x) %}<{{ x }}{{ hidden }}>{% endmacro %}\n"
  "{% macro both() %}{{ add(1) + add(2, 3) }}{{ text('q') }}{% endmacro %}\n"
  "{% macro broken() %}\n{{ nothing.at.all }}{% endmacro %}\n"
  "{% macro wrap() %}[{{ caller() }}]{% endmacro %}\n"
  "{% macro early() %}{% call wrap() %}{% do return('out') %}{% endcall %}{% endmacro %}\n"
  "{% macro forever() %}{{ forever() }}{% endmacro %}\n"
  "{% materialization table, adapter='duckdb' %}m{% endmaterialization %}\n"
  "{% materialization view, default %}v{% endmaterialization %}\n"
  "{% test not_null(model, column_name) %}t{% endtest %}\n"
  "{% docs page %} text {% enddocs %}\n";

static struct rs_python *with_macros(struct rs_template *t)
{
  struct rs_python *j = new_jinja(TEXT);
  rs_jinja_global_func(j, "return", return_fn, NULL);
  for (size_t i = 0; rs_template_macro(t, i) != NULL; i++) {
    const char *name = rs_template_macro(t, i);
    rs_jinja_global(j, name, rs_jinja_macro(j, t, name));
  }
  return j;
}

static void test_macro_names(void **state)
{
  static const char *const names[] = {"add",
                                      "text",
                                      "both",
                                      "broken",
                                      "wrap",
                                      "early",
                                      "forever",
                                      "materialization_table_duckdb",
                                      "materialization_view_default",
                                      "test_not_null",
                                      "dbt_docs__page",
                                      NULL};
  (void)state;
  struct rs_template *t = parse("file", macros);
  for (size_t i = 0; names[i] != NULL; i++) assert_string_equal(rs_template_macro(t, i), names[i]);
  assert_null(rs_template_macro(t, COUNT(names) - 1));
  assert_string_equal(rs_template_name(t), "file");
  rs_template_release(t);
}

static void test_macros(void **state)
{
  (void)state;
  struct rs_template *t = parse("file", macros);
  struct rs_python *j = with_macros(t);
  rs_template_release(t); // j keeps it
  assert_string_equal(render(j, "{{ add(1) }} {{ add(1, 5) * 2 }} {{ text(3) }} {{ both() }}"),
                      "3 12 <3> 8<q>");
  assert_string_equal(render(j, "{{ early() }} {{ test_not_null(1, 2) }}"), "out t");
  assert_string_equal(render(j, "{% call wrap() %}x{{ n }}{% endcall %}"), "[x5]");
  assert_string_equal(render(j, "{% set x = 9 %}{% macro text(x) %}own{% endmacro %}{{ text(x) }}"),
                      "<9>");
  assert_string_equal(render(j, "\n{{ broken() }}"),
                      "file line 6, column 11: 'nothing' is undefined (called from t line 2)");
  assert_string_equal(render(j, "{{ forever() }}") + 0,
                      strstr(render(j, "{{ forever() }}"), "file line 9") != NULL
                        ? render(j, "{{ forever() }}")
                        : "");
  assert_non_null(strstr(render(j, "{{ forever() }}"), "maximum recursion depth exceeded"));
  assert_string_equal(render(j, "{{ return(1) }}"),
                      "t line 1, column 1: return() was called outside of a macro");
  assert_string_equal(render(j, "{{ add() }}"),
                      "file line 2, column 34: parameter 'a' was not provided "
                      "(called from t line 1)");
  rs_jinja_free(j);
}

static void test_call(void **state)
{
  (void)state;
  struct rs_template *t = parse("file", macros);
  struct rs_python *j = with_macros(t);
  struct rs_error e = {0};
  jv out, arg = jv_int(40);
  const struct jv_args args = {.pos = &arg, .npos = 1};
  assert_int_equal(rs_python_call(j, rs_jinja_macro(j, t, "add"), &args, &out, &e), RS_OK);
  assert_int_equal(out.kind, JV_INT);
  assert_int_equal(out.u.i, 42);
  assert_int_equal(rs_python_call(j, rs_jinja_macro(j, t, "broken"), NULL, &out, &e), RS_INVALID);
  assert_string_equal(e.text, "file line 6, column 11: 'nothing' is undefined");
  assert_int_equal(rs_jinja_macro(j, t, "none").kind, JV_UNDEFINED);
  rs_jinja_free(j);
  rs_template_release(t);
}

/* A value may be a constant of its template, which nobody else keeps. */
static void test_constants_live(void **state)
{
  (void)state;
  struct rs_python *j = rs_jinja_new(NULL);
  struct rs_error e = {0};
  jv values[2];
  const char *const texts[] = {"{{ 'a constant' }}", "{{ ['another', 'one'] }}"};
  for (size_t i = 0; i < 2; i++) {
    struct rs_template *t = parse("file", texts[i]);
    assert_int_equal(rs_jinja_render_native(j, t, &values[i], &e), RS_OK);
    rs_template_release(t);
  }
  assert_string_equal(jv_cstr(values[0], NULL), "a constant");
  assert_non_null(strstr(jv_cstr(values[1], NULL), "another"));
  rs_jinja_free(j);
}

/* ---- native objects ------------------------------------------------------------------------ */

static enum rs_code rel_getattr(struct rs_python *j, void *self, const char *name, size_t n,
                                jv *out, struct rs_error *e)
{
  (void)e;
  if (n != 10 || memcmp(name, "identifier", n) != 0) return RS_NOT_FOUND;
  *out = jv_text(j, self);
  return RS_OK;
}
static enum rs_code rel_str(struct rs_python *j, void *self, struct rs_buf *b, struct rs_error *e)
{
  (void)j, (void)e;
  rs_buf_printf(b, "\"ws\".\"%s\"", (const char *)self);
  return RS_OK;
}
static enum rs_code rel_repr(struct rs_python *j, void *self, struct rs_buf *b, struct rs_error *e)
{
  (void)j, (void)e;
  rs_buf_printf(b, "<Relation %s>", (const char *)self);
  return RS_OK;
}
static enum rs_code rel_call(struct rs_python *j, void *self, const struct jv_args *a, jv *out,
                             struct rs_error *e)
{
  (void)j, (void)self, (void)out;
  static const char *const names[] = {"x", "y", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(a, "Relation", names, 1, v, e);
  if (rc != RS_OK) return rc;
  return rs_fail(e, RS_AUTH, "remote said no to %lld", (long long)v[0].u.i);
}
static enum rs_code rel_iter(struct rs_python *j, void *self, jv *out, struct rs_error *e)
{
  (void)self, (void)e;
  *out = jv_list(j);
  jv_list_add(j, *out, jv_int(1));
  jv_list_add(j, *out, jv_int(2));
  return RS_OK;
}
static const struct jv_class relation = {.name = "Relation",
                                         .getattr = rel_getattr,
                                         .str = rel_str,
                                         .repr = rel_repr,
                                         .call = rel_call,
                                         .iter = rel_iter};

static void test_objects(void **state)
{
  (void)state;
  static char name[] = "orders";
  struct rs_python *j = new_jinja(TEXT);
  jv rel = jv_object(j, &relation, name);
  assert_ptr_equal(jv_self(rel, &relation), name);
  rs_jinja_global(j, "rel", rel);
  assert_string_equal(render(j,
                             "{{ rel }} {{ [rel] }} {{ rel.identifier }} {{ rel.x }}|"
                             "{{ rel|list }} {{ rel == rel }} {{ rel ~ 1 }} {{ rel is callable }}"),
                      "\"ws\".\"orders\" [<Relation orders>] orders |[1, 2] True \"ws\".\"orders\"1"
                      " True");
  assert_string_equal(render(j, "{{ rel.x.y }}"),
                      "t line 1, column 9: 'Relation object' has no attribute 'x'");
  assert_string_equal(render(j, "a\n {{ rel(7) }}"), "t line 2, column 8: remote said no to 7");
  assert_string_equal(render(j, "{{ rel(z=1) }}"),
                      "t line 1, column 7: Relation() got an unexpected keyword argument 'z'");
  assert_string_equal(render(j, "{{ rel() }}"),
                      "t line 1, column 7: Relation() missing required argument: 'x'");
  rs_jinja_free(j);
}

static enum rs_code resolve(struct rs_python *j, void *ctx, const char *name, size_t n, jv *out,
                            struct rs_error *e)
{
  int *calls = ctx;
  ++*calls;
  if (n == 3 && memcmp(name, "bad", 3) == 0) return rs_fail(e, RS_IO, "disk on fire");
  if (n != 5 || memcmp(name, "lazy_", 5) != 0) return RS_NOT_FOUND;
  *out = jv_text(j, "resolved");
  return RS_OK;
}

static void test_resolver(void **state)
{
  (void)state;
  int calls = 0;
  struct rs_python *j = new_jinja(TEXT);
  rs_jinja_resolver(j, resolve, &calls);
  assert_string_equal(render(j, "{{ lazy_ }}{{ lazy_ }}{{ n }}{{ other }}"), "resolvedresolved5");
  assert_int_equal(calls, 2); // once a name: a variable keeps what was found
  assert_string_equal(render(j, "{{ bad }}"), "t line 1, column 4: disk on fire");
  rs_jinja_free(j);
}

/* ---- limits -------------------------------------------------------------------------------- */

static bool interrupted(void *ctx)
{
  return ++*(int *)ctx > 3;
}

static void check_limit(const struct rs_python_options *opt, const char *text, enum rs_code code,
                        const char *part)
{
  struct rs_error e = {0};
  struct rs_buf out;
  rs_buf_init(&out, (size_t)1 << 30);
  struct rs_python *j = rs_jinja_new(opt);
  enum rs_code rc = run(j, TEXT, text, &out, &e);
  if (rc != code || strstr(e.text, part) == NULL) print_error("%s\n%s\n", text, e.text);
  assert_int_equal(rc, code);
  assert_non_null(strstr(e.text, part));
  rs_jinja_free(j);
  rs_buf_free(&out);
}

static void test_limits(void **state)
{
  (void)state;
  const struct rs_python_options steps = {.max_steps = 10000}, small = {.max_memory = 1 << 20},
                                 output = {.max_output = 1000}, plain = {0};
  static const char loop[] =
    "{% for i in range(9999) %}{% for k in range(9999) %}{{ i }}{% endfor %}"
    "{% endfor %}";
  int polls = 0;
  const struct rs_python_options stop = {.is_interrupted = interrupted, .interrupt_ctx = &polls};
  check_limit(&steps, loop, RS_LIMIT, "takes more than 10000 steps");
  check_limit(&output, loop, RS_LIMIT, "longer than 1000 bytes");
  check_limit(&stop, loop, RS_CANCELLED, "interrupted");
  check_limit(&small,
              "{% set l = [] %}{% for i in range(99999) %}{% do l.append(i ~ 'abcdefgh') %}"
              "{% endfor %}",
              RS_LIMIT, "bytes of memory");
  check_limit(&small, "{{ 'x' * 10000000 }}", RS_LIMIT, "");
  check_limit(&plain, "{{ 'x' * 99999999999 }}", RS_LIMIT, "too big");
  check_limit(&plain, "{{ [0] * 99999999999 }}", RS_LIMIT, "too big");
  check_limit(&plain, "{{ '%999999999d' % 1 }}", RS_LIMIT, "too big");
  check_limit(&plain, "{{ 'x'.center(99999999999) }}", RS_LIMIT, "");
  check_limit(&plain, "{{ '{:99999999}'.format(1) }}", RS_LIMIT, "");
  check_limit(&plain, "{{ 9 ** 99999999 }}", RS_LIMIT, "integer is too big");
  check_limit(&plain, "{% set l = [] %}{% set k = [l] %}{% do l.append(k) %}{{ l == k }}", RS_LIMIT,
              "recursion");
  check_limit(&plain,
              "{% set l = [] %}{% for i in range(5000) %}{% set l = [l] %}{% set ns = l %}"
              "{% endfor %}{% set n = namespace(l=[]) %}{% for i in range(5000) %}"
              "{% set n.l = [n.l] %}{% endfor %}{{ n.l }}",
              RS_LIMIT, "nested too deeply");
  check_limit(&plain,
              "{% macro m(x) %}{{ x }}{% endmacro %}{% set n = namespace(g=[1]) %}"
              "{% for i in range(3000) %}{% set n.g = n.g|map('string') %}{% endfor %}"
              "{{ n.g|list }}",
              RS_LIMIT, "nested too deeply");
}

/* Nesting that would exhaust the stack of a naive parser or evaluator. */
static void test_deep(void **state)
{
  static const struct {
    const char *before, *open, *middle, *close, *after;
  } v[] = {
    {"{{ ", "(", "1", ")", " }}"},
    {"{{ ", "[", "", "]", " }}"},
    {"{{ ", "{1:", "1", "}", " }}"},
    {"{{ ", "-", "1", "", " }}"},
    {"{{ ", "not ", "1", "", " }}"},
    {"{{ ", "f(", "1", ")", " }}"},
    {"{{ ", "x[", "1", "]", " }}"},
    {"{{ 1", "+1", "", "", " }}"},
    {"{{ a", ".b", "", "", " }}"},
    {"{{ a", "|e", "", "", " }}"},
    {"{{ a", "(1)", "", "", " }}"},
    {"{{ 1 ", "if 1 else 1 ", "", "", " }}"},
    {"{{ 1 ", "~ 1 ", "", "", " }}"},
    {"{{ 1 ", "and 1 ", "", "", " }}"},
    {"", "{% if 1 %}", "", "{% endif %}", ""},
    {"", "{% for a in b %}", "", "{% endfor %}", ""},
    {"{% if 0 %}", "{% elif 0 %}", "", "", "{% endif %}"},
    {"", "{% macro m() %}", "", "{% endmacro %}", ""},
    {"", "{% set x %}", "", "{% endset %}", ""},
    {"{{ ", "a if ", "b", " else c", " }}"},
    {"{{ a ", "is b ", "", "", " }}"},
  };
  (void)state;
  for (size_t i = 0; i < COUNT(v); i++) {
    struct rs_buf b, out;
    struct rs_error e = {0};
    rs_buf_init(&b, (size_t)1 << 24);
    rs_buf_init(&out, (size_t)1 << 24);
    rs_buf_str(&b, v[i].before);
    for (int k = 0; k < 20000; k++) rs_buf_str(&b, v[i].open);
    rs_buf_str(&b, v[i].middle);
    for (int k = 0; k < 20000; k++) rs_buf_str(&b, v[i].close);
    rs_buf_str(&b, v[i].after);
    struct rs_python *j = new_jinja(TEXT);
    (void)run(j, TEXT, rs_buf_text(&b), &out, &e); // whatever it is, it must come back
    rs_jinja_free(j);
    rs_buf_free(&out);
    rs_buf_free(&b);
  }
}

/* ---- the rest ------------------------------------------------------------------------------ */

static void test_plain_text(void **state)
{
  (void)state;
  struct rs_python *j = new_jinja(TEXT);
  assert_string_equal(render(j, "select 1\r\n\r\n"), "select 1\r\n\r\n");
  assert_string_equal(render(j, "select {{ 1 }}\r\n\r\n"), "select 1\n");
  assert_string_equal(render(j, "a \xff{{ 1 }}"), "a \xef\xbf\xbd"
                                                  "1");
  rs_jinja_free(j);
}

static void test_json(void **state)
{
  static const char *const round_trip[] = {
    "{\"a\": [1, 2.5, null, true, false, \"x\\u00e9\\n\"], \"b\": {}}",
    "[]",
    "\"\"",
    "1e+16",
    "123456789012345678901234567890",
    "-0.0",
    "NaN",
    "[[[]]]"};
  static const char *const bad[] = {"",      "{",      "[1,", "{\"a\" 1}", "\"x", "01",
                                    "[1] 2", "{a: 1}", "nul", "\"\\q\"",   "-"};
  (void)state;
  struct rs_python *j = new_jinja(TEXT);
  struct rs_error e = {0};
  struct rs_buf b;
  jv v;
  rs_buf_init(&b, 10000);
  for (size_t i = 0; i < COUNT(round_trip); i++) {
    rs_buf_clear(&b);
    assert_int_equal(jv_from_json(j, round_trip[i], strlen(round_trip[i]), &v, &e), RS_OK);
    assert_int_equal(jv_json_to(j, v, false, &b, &e), RS_OK);
    assert_string_equal(rs_buf_text(&b), round_trip[i]);
  }
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_int_equal(jv_from_json(j, bad[i], strlen(bad[i]), &v, &e), RS_INVALID);
  }
  assert_int_equal(jv_from_json(j, "[1,\n x]", 7, &v, &e), RS_INVALID);
  assert_string_equal(e.text, "Expecting value: line 2 column 2 (char 5)");
  rs_buf_free(&b);
  rs_jinja_free(j);
}

static void test_values(void **state)
{
  (void)state;
  struct rs_python *j = new_jinja(TEXT);
  jv d = jv_dict(j), out, key;
  jv_dict_set(j, d, "a", jv_int(1));
  jv_dict_set(j, d, "b", jv_float(2.5));
  jv_dict_set(j, d, "a", jv_none());
  assert_int_equal(jv_len(d), 2);
  assert_true(jv_dict_get(d, "a", &out));
  assert_int_equal(out.kind, JV_NONE);
  assert_false(jv_dict_get(d, "z", &out));
  jv_dict_at(d, 1, &key, &out);
  assert_string_equal(jv_cstr(key, NULL), "b");
  jv set = jv_set(j);
  assert_int_equal(jv_set_put(j, set, jv_int(1), NULL), RS_OK);
  assert_int_equal(jv_set_put(j, set, jv_float(1.0), NULL), RS_OK);
  rs_jinja_global(j, "a_set", set);
  assert_string_equal(render(j, "{{ a_set }} {{ 1 in a_set }} {{ a_set|length }} "
                                "{{ a_set.union([2]) == a_set }} {{ a_set.issubset([1, 2]) }}"),
                      "{1} True 1 False True");
  assert_true(jv_truth(j, jv_int(1)));
  assert_true(jv_equal(j, jv_int(1), jv_bool(true)));
  assert_string_equal(jv_type_name(jv_none()), "NoneType");
  rs_jinja_free(j);
}

static void *render_many(void *arg)
{
  for (int i = 0; i < 200; i++) {
    struct rs_error e = {0};
    struct rs_buf out;
    rs_buf_init(&out, 10000);
    rs_template_retain(arg);
    struct rs_python *j = rs_jinja_new(NULL);
    if (j == NULL || rs_jinja_render(j, arg, &out, &e) != RS_OK ||
        strcmp(rs_buf_text(&out), "1-2-3 <X>") != 0) {
      arg = NULL;
    }
    rs_jinja_free(j);
    rs_buf_free(&out);
    if (arg == NULL) break;
    rs_template_release(arg);
  }
  return arg;
}

static void test_threads(void **state)
{
  (void)state;
  pthread_t threads[4];
  struct rs_template *t = parse("shared",
                                "{{ [1, 2, 3]|join('-') }} {% macro m(x) %}<{{ x|upper }}>"
                                "{% endmacro %}{{ dbt_macro__m('x') }}");
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, render_many, t), 0);
  for (int i = 0; i < 4; i++) {
    void *ok;
    pthread_join(threads[i], &ok);
    assert_ptr_equal(ok, t);
  }
  rs_template_release(t);
}

#ifdef RS_FAULT
/* Every allocation fails once: nothing may crash or leak, and the error is out of memory. */
static void test_faults(void **state)
{
  static const char *const texts[] = {
    "{% macro m(a, b=[1]) %}{{ a ~ b }}{{ varargs }}{% endmacro %}{{ dbt_macro__m(1, 2, 3) }}",
    "{% for k, v in d.items() if k %}{{ loop.index }}{{ loop.length }}{{ v }}{% endfor %}",
    "{{ users|groupby('city')|list }}{{ l|sort|map('string')|join(',') }}{{ d|tojson }}",
    "{{ '%s-%d' % ('a', 5) }}{{ '{:>10}'.format(n) }}{{ s|wordwrap(4)|indent(2)|title }}",
    "{% set x %}{{ s.split()|list }}{% endset %}{{ x|upper }}{{ x|urlize }}{{ 2 ** 200 % 12345 }}",
    "{% block a %}{{ self.a is defined }}{% endblock %}{{ {'a': 1}|xmlattr }}{{ undefined_.x }}",
    "{% filter replace('a', 'b')|striptags %}a{{ users|pprint }}{% endfilter %}",
  };
  (void)state;
  for (size_t i = 0; i < COUNT(texts); i++) {
    for (int mode = TEXT; mode <= LENIENT; mode++) {
      bool failed = true;
      for (int64_t n = 1; failed; n++) {
        struct rs_error e = {0};
        struct rs_buf out;
        rs_buf_init(&out, 100000);
        rs_mem_fail_at(0, false);
        int64_t before = rs_mem_live();
        rs_mem_fail_at(n, true);
        struct rs_python_options opt = {0};
        struct rs_python *j = rs_jinja_new(&opt);
        enum rs_code rc = RS_NOMEM;
        if (j != NULL) {
          jv ctx, key, value;
          rc = jv_from_json(j, context, sizeof context - 1, &ctx, &e);
          for (size_t k = 0; rc == RS_OK && k < jv_len(ctx); k++) {
            jv_dict_at(ctx, k, &key, &value);
            rs_jinja_global(j, jv_cstr(key, NULL), value);
          }
          if (rc == RS_OK) rc = run(j, (enum mode)mode, texts[i], &out, &e);
        }
        failed = rs_mem_failed();
        rs_mem_fail_at(0, false);
        if (failed && rc != RS_NOMEM) {
          print_error("allocation %lld: code %d %s\n%s\n", (long long)n, (int)rc, e.text, texts[i]);
        }
        if (failed) assert_int_equal(rc, RS_NOMEM);
        rs_jinja_free(j);
        rs_buf_free(&out);
        assert_int_equal(rs_mem_live(), before);
      }
    }
  }
}
#endif

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_macro_names), cmocka_unit_test(test_macros),
    cmocka_unit_test(test_call),        cmocka_unit_test(test_constants_live),
    cmocka_unit_test(test_objects),     cmocka_unit_test(test_resolver),
    cmocka_unit_test(test_limits),      cmocka_unit_test(test_deep),
    cmocka_unit_test(test_plain_text),  cmocka_unit_test(test_json),
    cmocka_unit_test(test_values),      cmocka_unit_test(test_threads),
#ifdef RS_FAULT
    cmocka_unit_test(test_faults),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
