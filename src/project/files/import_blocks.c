/*
** Cutting a file into its top-level blocks, as dbt's splitter does: `{% macro %}`, `{% test %}`,
** `{% materialization %}`, `{% snapshot %}`, `{% docs %}`. Text between them is ignored; comments
** and `{% raw %}` are honoured; a `%}` inside a quoted text ends no tag.
*/
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "import_internal.h"

struct scan {
  const char *text;
  size_t n;
};

/* A tag `{% name ... %}` at `at`: where its name and its rest are, and where it ends. */
struct tag {
  size_t start, end; /* end: behind %} */
  const char *name, *rest;
  size_t nname, nrest;
};

static int line_of(const struct scan *s, size_t at)
{
  int line = 1;
  for (size_t i = 0; i < at; i++) line += s->text[i] == '\n';
  return line;
}

/* Behind the `close` that ends what began before `at`, texts in quotes apart; n + 1: never. */
static size_t skip_to(const struct scan *s, size_t at, const char *close, bool quotes)
{
  char quote = 0;
  for (; at + 1 < s->n; at++) {
    char c = s->text[at];
    if (quote != 0) {
      if (c == '\\') at++;
      else if (c == quote) quote = 0;
    } else if (c == close[0] && s->text[at + 1] == close[1]) {
      return at + 2;
    } else if (quotes && (c == '"' || c == '\'')) {
      quote = c;
    }
  }
  return s->n + 1;
}

static bool word_char(char c)
{
  return isalnum((unsigned char)c) || c == '_';
}

static enum rs_code read_tag(const struct scan *s, size_t at, struct tag *t, struct rs_error *e)
{
  t->start = at;
  t->end = skip_to(s, at + 2, "%}", true);
  if (t->end > s->n) return rs_fail(e, RS_INVALID, "line %d: a {%% is not closed", line_of(s, at));
  size_t p = at + 2, last = t->end - 2;
  if (p < last && (s->text[p] == '-' || s->text[p] == '+')) p++;
  while (p < last && isspace((unsigned char)s->text[p])) p++;
  t->name = s->text + p;
  while (p < last && word_char(s->text[p])) p++;
  t->nname = (size_t)(s->text + p - t->name);
  while (p < last && isspace((unsigned char)s->text[p])) p++;
  t->rest = s->text + p;
  t->nrest = last - p;
  return RS_OK;
}

/* The next tag at or after `at`, comments and expressions left out. RS_DONE: none. */
static enum rs_code next_tag(const struct scan *s, size_t at, struct tag *t, struct rs_error *e)
{
  for (; at + 1 < s->n; at++) {
    if (s->text[at] != '{') continue;
    char c = s->text[at + 1];
    if (c == '%') return read_tag(s, at, t, e);
    if (c != '#' && c != '{') continue;
    size_t end = skip_to(s, at + 2, c == '#' ? "#}" : "}}", c == '{');
    if (end > s->n) {
      if (c == '#') return rs_fail(e, RS_INVALID, "line %d: a {# is not closed", line_of(s, at));
      continue; // prose with a brace; the template's own parser tells of it
    }
    at = end - 1;
  }
  return RS_DONE;
}

/* The end tag of what began at `open`, blocks of the same name inside it apart. */
static enum rs_code find_end(const struct scan *s, const struct tag *open, struct tag *end,
                             struct rs_error *e)
{
  char close[64];
  size_t at = open->end;
  int depth = 1;
  bool prose = rs_eqn("docs", open->name, open->nname) || rs_eqn("raw", open->name, open->nname);
  snprintf(close, sizeof close, "end%.*s", (int)open->nname, open->name);
  for (;;) {
    enum rs_code rc = RS_OK;
    if (prose) { // anything may stand there: only the end tag counts
      const char *p = at < s->n ? memmem(s->text + at, s->n - at, "{%", 2) : NULL;
      rc = p == NULL ? RS_DONE : RS_OK;
      if (p != NULL) {
        at = (size_t)(p - s->text);
        if (read_tag(s, at, end, NULL) != RS_OK) end->nname = 0, end->end = at + 2;
      }
    } else {
      rc = next_tag(s, at, end, e);
    }
    if (rc == RS_DONE)
      return rs_fail(e, RS_INVALID, "line %d: {%% %.*s %%} has no {%% %s %%}",
                     line_of(s, open->start), (int)open->nname, open->name, close);
    if (rc != RS_OK) return rc;
    at = end->end;
    if (rs_eqn(close, end->name, end->nname)) {
      if (--depth == 0) return RS_OK;
    } else if (!prose && end->nname == open->nname &&
               memcmp(end->name, open->name, end->nname) == 0) {
      depth++;
    } else if (!prose && rs_eqn("raw", end->name, end->nname)) {
      struct tag raw = *end;
      rc = find_end(s, &raw, end, e);
      if (rc != RS_OK) return rc;
      at = end->end;
    }
  }
}

/* `adapter='x'` of a materialization; "default" for `default` and where nothing is said. */
static void materialization_adapter(const struct tag *t, char *out, size_t size)
{
  static const char key[] = "adapter";
  const char *p = memmem(t->rest, t->nrest, key, sizeof key - 1), *end = t->rest + t->nrest;
  snprintf(out, size, "default");
  if (p == NULL) return;
  for (p += sizeof key - 1; p < end && (isspace((unsigned char)*p) || *p == '='); p++) {
  }
  if (p == end || (*p != '\'' && *p != '"')) return;
  const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
  if (close != NULL) snprintf(out, size, "%.*s", (int)(close - p - 1), p + 1);
}

static bool is_block(const struct tag *t, enum rs_block_kind *kind)
{
  static const struct {
    const char *name;
    enum rs_block_kind kind;
  } blocks[] = {{"macro", RS_BLOCK_MACRO},       {"test", RS_BLOCK_MACRO},
                {"data_test", RS_BLOCK_MACRO},   {"materialization", RS_BLOCK_MACRO},
                {"snapshot", RS_BLOCK_SNAPSHOT}, {"docs", RS_BLOCK_DOCS}};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    if (rs_eqn(blocks[i].name, t->name, t->nname)) {
      *kind = blocks[i].kind;
      return true;
    }
  return false;
}

static enum rs_code make_block(const struct scan *s, const struct tag *open,
                               enum rs_block_kind kind, struct rs_block *out, struct rs_error *e)
{
  struct tag end;
  size_t n = 0;
  while (n < open->nrest && word_char(open->rest[n])) n++;
  if (n == 0 || n > 150)
    return rs_fail(e, RS_INVALID, "line %d: {%% %.*s %%} lacks a name", line_of(s, open->start),
                   (int)open->nname, open->name);
  enum rs_code rc = find_end(s, open, &end, e);
  if (rc != RS_OK) return rc;
  out->kind = kind;
  const char *prefix = rs_eqn("test", open->name, open->nname) ||
                           rs_eqn("data_test", open->name, open->nname)
                         ? "test_"
                         : "";
  if (rs_eqn("materialization", open->name, open->nname)) {
    char adapter[40];
    materialization_adapter(open, adapter, sizeof adapter);
    snprintf(out->name, sizeof out->name, "materialization_%.*s_%s", (int)n, open->rest, adapter);
  } else {
    snprintf(out->name, sizeof out->name, "%s%.*s", prefix, (int)n, open->rest);
  }
  out->p = s->text + open->start;
  out->n = end.end - open->start;
  out->inner = s->text + open->end;
  out->ninner = end.start - open->end;
  // {% snapshot x -%} and {%- endsnapshot %} eat what stands beside them
  if (s->text[open->end - 3] == '-')
    while (out->ninner > 0 && isspace((unsigned char)*out->inner)) out->inner++, out->ninner--;
  if (s->text[end.start + 2] == '-')
    while (out->ninner > 0 && isspace((unsigned char)out->inner[out->ninner - 1])) out->ninner--;
  out->line = line_of(s, open->start);
  return RS_OK;
}

enum rs_code rs_block_next(const char *text, size_t n, size_t *at, struct rs_block *out,
                           struct rs_error *e)
{
  struct scan s = {.text = text, .n = n};
  struct tag t;
  for (;;) {
    enum rs_block_kind kind;
    enum rs_code rc = next_tag(&s, *at, &t, e);
    if (rc != RS_OK) return rc;
    if (is_block(&t, &kind)) {
      rc = make_block(&s, &t, kind, out, e);
      if (rc == RS_OK) *at = (size_t)(out->p - text) + out->n;
      return rc;
    }
    if (rs_eqn("raw", t.name, t.nname)) {
      struct tag end;
      rc = find_end(&s, &t, &end, e);
      if (rc != RS_OK) return rc;
      t = end;
    }
    *at = t.end;
  }
}
