/* JSON in pieces, cut into documents (see cut.h). */
#include "cut.h"
#include <stdio.h>
#include <string.h>
#include "scan.h"

static enum rs_code malformed(const struct rs_json_cut *x, uint64_t at, const char *what,
                              struct rs_error *e)
{
  return rs_fail(e, RS_INVALID, "byte %llu, document %llu: %s", (unsigned long long)at + 1,
                 (unsigned long long)x->documents + 1, what);
}

static enum rs_code too_large(const struct rs_json_cut *x, uint64_t at, struct rs_error *e)
{
  char what[80];
  (void)snprintf(what, sizeof what, "a document of more than %zu MiB", x->b.max >> 20);
  return malformed(x, at, what, e);
}

/* The document has come to its last bracket: what lies between has not been looked at. */
static enum rs_code give(struct rs_json_cut *x, uint64_t at, struct rs_error *e)
{
  size_t n = x->b.n;
  enum rs_json_token kind;
  struct rs_json_figures figures;
  char *pad = rs_buf_reserve(&x->b, RS_JSON_PAD);
  if (pad == NULL) return rs_nomem(e);
  memset(pad, 0, RS_JSON_PAD);
  struct rs_json_scan s = {.end = x->b.p + n};
  const char *end = rs_json_value(&s, x->b.p, 0, &kind, &figures);
  if (end != x->b.p + n) return malformed(x, at, "malformed JSON", e);
  enum rs_code rc = x->take(x->ctx, x->b.p, n, e);
  x->documents++;
  rs_buf_clear(&x->b);
  return rc;
}

/* How many of the n bytes at p belong to the document; depth 0 afterwards: it ends with them. */
static size_t run_of(struct rs_json_cut *x, const char *p, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    char c = p[i];
    if (x->in_string) {
      if (x->escaped) x->escaped = false;
      else if (c == '\\') x->escaped = true;
      else if (c == '"') x->in_string = false;
    } else if (c == '"') {
      x->in_string = true;
    } else if (c == '{' || c == '[') {
      x->depth++;
    } else if ((c == '}' || c == ']') && --x->depth == 0) {
      return i + 1;
    }
  }
  return n;
}

static enum rs_code outside(struct rs_json_cut *x, char c, uint64_t at, struct rs_error *e)
{
  if (c == '[') x->arrays++;
  else if (c == ']' && x->arrays > 0) x->arrays--;
  else if (c != ',') return malformed(x, at, "a JSON object, {...}, is needed", e);
  if (x->arrays > 1) return malformed(x, at, "an array within an array: objects are needed", e);
  return RS_OK;
}

void rs_json_cut_init(struct rs_json_cut *x, size_t most)
{
  *x = (struct rs_json_cut){.take = NULL};
  rs_buf_init(&x->b, most);
}

enum rs_code rs_json_cut_piece(struct rs_json_cut *x, const char *p, size_t n, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && rc == RS_OK;) {
    if (x->depth == 0 && p[i] != '{') {
      uint64_t at = x->at + i;
      bool mark = at < 3 && (unsigned char)p[i] == (unsigned char)"\xEF\xBB\xBF"[at];
      if (strchr(" \t\r\n", p[i]) == NULL || p[i] == 0) rc = mark ? RS_OK : outside(x, p[i], at, e);
      i++;
      continue;
    }
    size_t len = run_of(x, p + i, n - i);
    rs_buf_add(&x->b, p + i, len);
    i += len;
    if (x->b.rc == RS_LIMIT) return too_large(x, x->at + i, e);
    if (x->b.rc != RS_OK) return rs_nomem(e);
    if (x->depth == 0) rc = give(x, x->at + i, e);
  }
  x->at += n;
  return rc;
}

enum rs_code rs_json_cut_end(struct rs_json_cut *x, struct rs_error *e)
{
  return x->depth > 0 || x->arrays > 0 ? malformed(x, x->at, "it is cut off", e) : RS_OK;
}

void rs_json_cut_free(struct rs_json_cut *x)
{
  rs_buf_free(&x->b);
}
