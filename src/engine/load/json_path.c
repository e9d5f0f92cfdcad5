/*
** The array that lies at a path of JSON documents, as lines of JSON (see reading.h): bytes are
** copied, never values, so that numbers keep their digits.
*/
#include <string.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "reading.h"

#define SEGMENTS_MAX 32
#define KEY_MAX 1024
#define OUT_SIZE 65536
#define SHOWN_MAX 300 /* bytes of names that an error lists */

enum expects { ANY, KEY, COLON };

struct extract {
  const char *path;
  struct {
    const char *p;
    size_t n;
  } segments[SEGMENTS_MAX];
  size_t n;

  bool in_string, escaped;
  bool in_key;       /* the string is a name on the path */
  enum expects next; /* on the path, in an object */
  bool matches;      /* that name is the path's next one: its value comes */
  bool found;
  uint64_t depth;   /* arrays and objects that are open */
  size_t matched;   /* names of the path whose objects are open */
  uint64_t rows_at; /* 0, or the depth in the array of the rows */
  bool any, comma;  /* in it: something since the last comma; there was one */
  uint64_t line;

  char key[KEY_MAX];
  size_t nkey;
  char shown[SHOWN_MAX]; /* names of the documents, for an error */
  struct rs_load_spool spool;
  size_t nout;
  char out[OUT_SIZE];
};

static enum rs_code split_path(struct extract *x, struct rs_error *e)
{
  for (const char *p = x->path;;) {
    size_t n = strcspn(p, ".");
    if (n == 0 || x->n == SEGMENTS_MAX)
      return rs_fail(e, RS_INVALID, "option 'path' is names with dots between them, not '%s'",
                     x->path);
    x->segments[x->n].p = p;
    x->segments[x->n++].n = n;
    if (p[n] == 0) return RS_OK;
    p += n + 1;
  }
}

static enum rs_code flush(struct extract *x, struct rs_error *e)
{
  enum rs_code rc = x->nout > 0 ? rs_load_spool_add(&x->spool, x->out, x->nout, e) : RS_OK;
  x->nout = 0;
  return rc;
}

static enum rs_code put(struct extract *x, char c, struct rs_error *e)
{
  if (x->nout == OUT_SIZE) {
    enum rs_code rc = flush(x, e);
    if (rc != RS_OK) return rc;
  }
  x->out[x->nout++] = c;
  return RS_OK;
}

static enum rs_code wrong(const struct extract *x, struct rs_error *e, const char *what)
{
  return rs_fail(e, RS_INVALID, "%s at line %llu", what, (unsigned long long)x->line);
}

/* Is an object open whose names the path has a say on? */
static bool is_on_path(const struct extract *x)
{
  return x->rows_at == 0 && x->depth == x->matched + 1;
}

static void show_key(struct extract *x)
{
  size_t n = strlen(x->shown);
  if (x->matched > 0 || n + x->nkey + 6 > SHOWN_MAX) return;
  if (n > 0) n += (size_t)(stpcpy(x->shown + n, ", ") - (x->shown + n));
  x->shown[n++] = '\'';
  memcpy(x->shown + n, x->key, x->nkey);
  memcpy(x->shown + n + x->nkey, "'", 2);
}

static void end_key(struct extract *x)
{
  char text[KEY_MAX];
  x->in_key = false;
  x->next = COLON;
  x->matches = false;
  if (x->nkey == KEY_MAX) return;
  size_t n = rs_json_unescape(x->key, x->nkey, text);
  x->matches = n == x->segments[x->matched].n && memcmp(text, x->segments[x->matched].p, n) == 0;
  show_key(x);
}

/* The first character of the value that the path leads to or through. */
static enum rs_code follow(struct extract *x, char c, struct rs_error *e)
{
  bool last = x->matched + 1 == x->n;
  x->matches = false;
  if (last && c == '[') {
    x->found = true;
    x->any = x->comma = false;
    x->rows_at = ++x->depth;
    return RS_OK;
  }
  if (!last && c == '{') {
    x->matched++;
    x->depth++;
    x->next = KEY;
    return RS_OK;
  }
  return rs_fail(e, RS_INVALID, "what is at '%.*s' of the path '%s' is no %s at line %llu",
                 (int)x->segments[x->matched].n, x->segments[x->matched].p, x->path,
                 last ? "array" : "object", (unsigned long long)x->line);
}

static enum rs_code take_outside(struct extract *x, char c, struct rs_error *e)
{
  bool on_path = is_on_path(x);
  if (x->depth == 0 && c != '{') return wrong(x, e, "with a path a document is to be an object");
  if (on_path && x->next == KEY && c == '"') {
    x->in_string = x->in_key = true;
    x->nkey = 0;
    return RS_OK;
  }
  if (on_path && x->matches && c != ':') return follow(x, c, e);
  switch (c) {
    case '"': x->in_string = true; break;
    case '{':
    case '[':
      if (++x->depth == 1) x->next = KEY;
      break;
    case '}':
    case ']':
      x->depth--;
      if (on_path && x->matched > 0) x->matched--;
      break;
    case ',':
      if (on_path) x->next = KEY;
      break;
    case ':':
      if (on_path) x->next = ANY;
      break;
    default: break;
  }
  return RS_OK;
}

/* A character of the rows that is in no string. */
static enum rs_code take_row(struct extract *x, char c, struct rs_error *e)
{
  bool between = x->depth == x->rows_at;
  if (between && (c == ',' || c == ']')) {
    if (!x->any && (c == ',' || x->comma)) return wrong(x, e, "a row is missing");
    bool had = x->any;
    x->any = false;
    x->comma = c == ',';
    if (c == ']') {
      x->rows_at = 0;
      x->depth--;
    }
    return had ? put(x, '\n', e) : RS_OK;
  }
  if (c == '"') x->in_string = true;
  if (c == '{' || c == '[') x->depth++;
  if (c == '}' || c == ']') {
    if (between) return wrong(x, e, "a bracket closes what is not open");
    x->depth--;
  }
  x->any = true;
  return put(x, c, e);
}

static enum rs_code take_string(struct extract *x, char c, struct rs_error *e)
{
  bool ends = false;
  if (c == '\n') return wrong(x, e, "a text is not closed");
  if (x->escaped) x->escaped = false;
  else if (c == '\\') x->escaped = true;
  else if (c == '"') ends = true;
  if (x->in_key && !ends && x->nkey < KEY_MAX) x->key[x->nkey++] = c;
  if (ends && x->in_key) end_key(x);
  if (ends) x->in_string = false;
  return x->rows_at > 0 ? put(x, c, e) : RS_OK;
}

static enum rs_code take_piece(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct extract *x = ctx;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    char c = p[i];
    if (x->in_string) rc = take_string(x, c, e);
    else if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
      rc = x->rows_at > 0 ? put(x, ' ', e) : RS_OK;                 // a row stays in its line
    else if (x->depth == 0 && (unsigned char)c >= 0x80) rc = RS_OK; // a byte order mark
    else rc = x->rows_at > 0 ? take_row(x, c, e) : take_outside(x, c, e);
    if (c == '\n') x->line++;
  }
  return rc;
}

static enum rs_code extract_end(struct extract *x, const char *name, struct rs_error *e)
{
  if (x->in_string || x->depth > 0)
    return rs_fail(e, RS_INVALID, "file '%s': it is cut off at line %llu", name,
                   (unsigned long long)x->line);
  if (!x->found)
    return rs_fail(e, RS_INVALID, "file '%s': nothing is at the path '%s'%s%s", name, x->path,
                   x->shown[0] != 0 ? "; the document has " : "", x->shown);
  return flush(x, e);
}

enum rs_code rs_load_json_path(struct rs_session *s, const struct rs_load *load,
                               struct rs_load_files *f, struct rs_load_file *file,
                               struct rs_error *e)
{
  struct extract *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return rs_nomem(e);
  x->path = load->json_path;
  x->line = 1;
  x->spool.fd = -1;
  enum rs_code rc = split_path(x, e);
  if (rc == RS_OK) rc = rs_load_contents(s, load, file, take_piece, x, e);
  if (rc == RS_OK) rc = extract_end(x, file->name, e);
  if (rc == RS_OK) rc = rs_load_spooled(f, file, &x->spool, e);
  else if (x->spool.fd >= 0) (void)close(x->spool.fd);
  rs_free(x);
  return rc;
}
