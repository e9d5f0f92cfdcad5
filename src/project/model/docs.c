/*
** Docs blocks: found by package and name, rendered when they are loaded (model.h).
*/
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "model.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/jinja/jinja.h"

#define KEY_MAX 1024

const struct rs_entry *rs_doc_find(const struct rs_project *p, const char *package,
                                   const char *name)
{
  char key[KEY_MAX];
  int n = snprintf(key, sizeof key, "%s\n%s", package, name);
  return n > 0 && n < KEY_MAX ? rs_map_get(&p->docs, key) : NULL;
}

const char *rs_doc_text(const struct rs_project *p, const char *package, const char *name)
{
  const struct rs_entry *x = rs_doc_find(p, package, name);
  return x != NULL ? x->text : NULL;
}

enum rs_code rs_doc_render(struct rs_project *p, struct rs_entry *x, struct rs_error *e)
{
  static const struct rs_python_options limits = {.max_steps = 1000000};
  struct rs_template *t = NULL;
  struct rs_buf b;
  if (strstr(x->text, "{{") == NULL && strstr(x->text, "{%") == NULL &&
      strstr(x->text, "{#") == NULL)
    return RS_OK;
  struct rs_python *j = rs_jinja_new(&limits);
  if (j == NULL) return rs_nomem(e);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_template_parse("text", x->text, strlen(x->text), &t, e);
  if (rc == RS_OK) rc = rs_jinja_render(j, t, &b, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "docs");
  if (rc == RS_OK) {
    const char *from = rs_buf_text(&b), *end = from + b.n;
    while (from < end && isspace((unsigned char)*from)) from++;
    while (from < end && isspace((unsigned char)end[-1])) end--;
    x->text = rs_arena_strndup(&p->arena, from, (size_t)(end - from));
    if (x->text == NULL) rc = rs_nomem(e);
  }
  rs_buf_free(&b);
  rs_template_release(t);
  rs_jinja_free(j);
  return rc == RS_OK || rc == RS_NOMEM ? rc : rs_error_prefix(e, "docs block %s", x->name);
}
