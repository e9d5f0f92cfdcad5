/*
** The name of a generic test and dbt's digits in its unique_id (model.h): rows, artifacts and
** results name one test alike.
*/
#include <string.h>
#include "src/base/md5.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "model.h"

size_t rs_test_name_length(const char *row_name)
{
  size_t len = strlen(row_name), n = len;
  while (n > 0 && row_name[n - 1] >= '0' && row_name[n - 1] <= '9') n--;
  return n > 1 && n < len && row_name[n - 1] == '#' ? n - 1 : len;
}

/* What dbt hashes: repr() of the sorted test_metadata, scalars as texts. */
static void put_hashable(struct rs_python *j, jv v, jv *out)
{
  *out = v;
  if (v.kind == JV_LIST) {
    *out = jv_list(j);
    for (size_t i = 0; i < jv_len(v); i++) {
      jv one;
      put_hashable(j, jv_item(v, i), &one);
      jv_list_add(j, *out, one);
    }
  } else if (v.kind == JV_DICT) {
    size_t n = jv_len(v);
    jv key, value, one, last = jv_none();
    *out = jv_dict(j);
    for (size_t k = 0; k < n; k++) { // the least key that is greater than the last one
      jv best = jv_none(), best_value = jv_none();
      for (size_t i = 0; i < n; i++) {
        jv_dict_at(v, i, &key, &value);
        const char *name = jv_cstr(key, NULL);
        if (last.kind == JV_STR && strcmp(name, jv_cstr(last, NULL)) <= 0) continue;
        if (best.kind == JV_STR && strcmp(name, jv_cstr(best, NULL)) >= 0) continue;
        best = key;
        best_value = value;
      }
      if (best.kind != JV_STR) break;
      put_hashable(j, best_value, &one);
      jv_dict_setv(j, *out, best, one);
      last = best;
    }
  } else if (v.kind != JV_STR) {
    struct rs_buf text;
    rs_buf_init(&text, 1 << 20);
    if (jv_str_to(j, v, &text, NULL) == RS_OK) *out = jv_textn(j, rs_buf_text(&text), text.n);
    rs_buf_free(&text);
  }
}

/* The arguments as the macro gets them. Those that are no JSON object are an error when the test is
** rendered: here they are none. */
static jv arguments_of(struct rs_python *j, const struct rs_store_test *t, const char *model)
{
  jv kwargs = jv_dict(j);
  if (t->arguments != NULL &&
      (jv_from_json(j, t->arguments, strlen(t->arguments), &kwargs, NULL) != RS_OK ||
       kwargs.kind != JV_DICT))
    kwargs = jv_dict(j);
  if (t->column != NULL && *t->column != 0)
    jv_dict_set(j, kwargs, "column_name", jv_text(j, t->column));
  jv_dict_set(j, kwargs, "model", jv_text(j, model));
  return kwargs;
}

enum rs_code rs_test_hash(const struct rs_store_test *t, char out[RS_TEST_HASH + 1],
                          struct rs_error *e)
{
  unsigned char md5[RS_MD5_SIZE];
  char hex[2 * RS_MD5_SIZE + 1];
  const char *dot = strchr(t->test, '.');
  struct rs_python_options none = {0};
  struct rs_python *j = rs_jinja_new(&none);
  struct rs_buf text;
  if (j == NULL) return rs_nomem(e);
  rs_buf_init(&text, 1 << 24);
  rs_buf_printf(&text, "{{ get_where_subquery(%s) }}", t->model != NULL ? t->model : "");
  jv all = jv_dict(j), sorted;
  jv_dict_set(j, all, "kwargs", arguments_of(j, t, rs_buf_text(&text)));
  jv_dict_set(j, all, "name", jv_text(j, dot != NULL ? dot + 1 : t->test));
  jv_dict_set(j, all, "namespace",
              dot != NULL ? jv_textn(j, t->test, (size_t)(dot - t->test)) : jv_text(j, "None"));
  put_hashable(j, all, &sorted);
  rs_buf_clear(&text);
  rs_buf_str(&text, t->name);
  enum rs_code rc = jv_repr_to(j, sorted, &text, e);
  if (rc == RS_OK) rc = rs_buf_error(&text, e, "a test's id");
  rs_md5(rs_buf_text(&text), text.n, md5);
  rs_hex(md5, sizeof md5, hex);
  memcpy(out, hex + sizeof hex - 1 - RS_TEST_HASH, RS_TEST_HASH + 1);
  rs_buf_free(&text);
  rs_jinja_free(j);
  return rc;
}

/* ---- the short name ------------------------------------------------------------------------- */

/* orders of ref('shop', 'orders'), dim_v1 of ref('dim', v=1), raw_orders of
** source('raw', 'orders'), or a plain name. */
static void put_target(struct rs_buf *b, const char *model)
{
  const char *from = strchr(model, '('), *last = NULL, *p = from;
  size_t n = 0;
  if (from == NULL) {
    rs_buf_str(b, model);
    return;
  }
  bool source = strstr(model, "source(") != NULL, first = true;
  while ((p = strpbrk(p, "'\"")) != NULL) {
    const char *end = strchr(p + 1, *p);
    const char *before = p;
    if (end == NULL) break;
    while (before > from && before[-1] == ' ') before--;
    if (before[-1] == '=') break; // v='1'
    last = p + 1;
    n = (size_t)(end - last);
    if (source && !first) rs_buf_char(b, '_');
    if (source) rs_buf_add(b, last, n);
    first = false;
    p = end + 1;
  }
  if (source || last == NULL) return;
  rs_buf_add(b, last, n);
  const char *version = strchr(last + n, '=');
  if (version == NULL) return;
  version += 1 + strspn(version + 1, " '\"");
  rs_buf_printf(b, "_v%.*s", (int)strcspn(version, " '\")"), version);
}

const char *rs_test_short_name(struct rs_arena *a, const struct rs_store_test *t)
{
  enum { LONG = 64, KEPT = 30 };
  unsigned char md5[RS_MD5_SIZE];
  char hex[2 * RS_MD5_SIZE + 1];
  size_t len = strlen(t->name);
  if (t->test == NULL || t->model == NULL || len < LONG) return t->name;
  const char *dot = strchr(t->test, '.');
  struct rs_buf b;
  rs_buf_init(&b, 1 << 16);
  if (dot != NULL) rs_buf_printf(&b, "%.*s_", (int)(dot - t->test), t->test);
  if (strstr(t->model, "source(") != NULL) rs_buf_str(&b, "source_");
  rs_buf_printf(&b, "%s_", dot != NULL ? dot + 1 : t->test);
  put_target(&b, t->model);
  // A name that somebody chose is kept at any length
  bool made = b.n < len && strncmp(t->name, rs_buf_text(&b), b.n) == 0 && t->name[b.n] == '_';
  const char *name = t->name;
  if (made) {
    rs_md5(t->name, len, md5);
    rs_hex(md5, sizeof md5, hex);
    name = rs_arena_printf(a, "%.*s_%s", (int)(b.n < KEPT ? b.n : KEPT), b.p, hex);
  }
  if (b.rc == RS_NOMEM) name = NULL;
  rs_buf_free(&b);
  return name;
}
