/*
** Recordings as JSON lines (record_file.h; the format: record.h).
*/
#include "record_file.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"

struct rs_tape {
  pthread_mutex_t mutex; /* guards all below */
  char *path;
  FILE *file; /* being written; else NULL */
  struct rs_answer *v;
  size_t n, cap;
  struct rs_arena arena; /* the answers' texts and values */
};

/* ---- writing --------------------------------------------------------------------------------- */

static bool is_clean(const char *p, size_t n)
{
  return (n == 0 || memchr(p, 0, n) == NULL) && rs_utf8_valid(p, n) == n;
}

static void add_hex(struct rs_buf *b, char kind, const char *p, size_t n)
{
  rs_buf_printf(b, "\"%c", kind);
  for (size_t i = 0; i < n; i++) {
    char hex[3];
    rs_hex((const unsigned char *)p + i, 1, hex);
    rs_buf_str(b, hex);
  }
  rs_buf_char(b, '"');
}

static void add_text(struct rs_buf *b, char kind, const char *p, size_t n)
{
  struct rs_buf text;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  rs_buf_char(&text, kind);
  rs_buf_add(&text, p, n);
  rs_buf_json_str(b, rs_buf_text(&text), text.n);
  if (text.rc != RS_OK && b->rc == RS_OK) b->rc = text.rc;
  rs_buf_free(&text);
}

/* Its bits: nothing is lost, whatever the locale. */
static void add_double(struct rs_buf *b, double d)
{
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  rs_buf_printf(b, "\"f%016llx\"", (unsigned long long)bits);
}

static void add_values(struct rs_buf *b, const struct rs_value *v, size_t n);

static void add_value(struct rs_buf *b, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL: rs_buf_printf(b, "\"b%d\"", v->i != 0); break;
    case RS_INT: rs_buf_printf(b, "\"i%lld\"", (long long)v->i); break;
    case RS_FLOAT: add_double(b, v->f); break;
    case RS_TEXT:
      if (is_clean(v->s.p, v->s.n)) add_text(b, 's', v->s.p, v->s.n);
      else add_hex(b, 'S', v->s.p, v->s.n);
      break;
    case RS_JSON: add_text(b, 'j', v->s.p, v->s.n); break;
    case RS_BYTES: add_hex(b, 'x', v->s.p, v->s.n); break;
    case RS_LIST: add_values(b, v->list.v, v->list.n); break;
    default: rs_buf_str(b, "null");
  }
}

static void add_values(struct rs_buf *b, const struct rs_value *v, size_t n)
{
  rs_buf_char(b, '[');
  for (size_t i = 0; i < n; i++) {
    if (i > 0) rs_buf_char(b, ',');
    add_value(b, &v[i]);
  }
  rs_buf_char(b, ']');
}

/* The text without secrets, and without the numbers of names that are made up: __rs_x_0123abcd. */
static void add_sql(struct rs_buf *b, const char *sql)
{
  size_t n = strlen(sql), cap = n + 64;
  char *copy = rs_malloc(cap);
  if (copy == NULL) {
    b->rc = RS_NOMEM;
    return;
  }
  memcpy(copy, sql, n + 1);
  rs_redact(copy, cap);
  for (char *p = copy; (p = strstr(p, "__rs_")) != NULL;) {
    p += strcspn(p, "\"'. ,()");
    bool ends = p - copy > 9 && p[-9] == '_' && strspn(p - 8, "0123456789abcdef") >= 8;
    if (ends) memcpy(p - 8, "00000000", 8);
  }
  rs_buf_json_str(b, copy, strlen(copy));
  rs_free(copy);
}

static void add_question(struct rs_buf *b, const struct rs_question *q)
{
  rs_buf_printf(b, "\"op\":\"%s\",\"sql\":", q->op);
  add_sql(b, q->sql);
  rs_buf_str(b, ",\"params\":");
  add_values(b, q->params, q->nparams);
}

void rs_tape_begin(struct rs_buf *line, const struct rs_question *q, const struct rs_columns *c)
{
  rs_buf_init(line, RS_BUF_SQL_MAX);
  rs_buf_char(line, '{');
  add_question(line, q);
  if (c == NULL) return;
  rs_buf_str(line, ",\"columns\":[");
  for (size_t i = 0; i < c->n; i++) {
    rs_buf_str(line, i > 0 ? ",[" : "[");
    rs_buf_json_str(line, c->v[i].name, strlen(c->v[i].name));
    rs_buf_printf(line, ",\"%s\",", rs_type_name(c->v[i].type));
    rs_buf_json_str(line, c->v[i].native, strlen(c->v[i].native));
    rs_buf_char(line, ']');
  }
  rs_buf_str(line, "],\"rows\":[");
}

void rs_tape_add_row(struct rs_buf *line, const struct rs_value *v, size_t n)
{
  if (line->n > 0 && line->p[line->n - 1] == ']') rs_buf_char(line, ',');
  add_values(line, v, n);
}

enum rs_code rs_tape_end(struct rs_tape *t, struct rs_buf *line, const struct rs_answer *a,
                         struct rs_error *e)
{
  if (line->n > 0 && strstr(line->p, "\"rows\":[") != NULL) rs_buf_char(line, ']');
  if (a->affected != -2) rs_buf_printf(line, ",\"affected\":\"%lld\"", (long long)a->affected);
  if (a->text != NULL) {
    rs_buf_str(line, ",\"text\":");
    rs_buf_json_str(line, a->text, strlen(a->text));
  }
  if (a->cut) rs_buf_str(line, ",\"cut\":true");
  if (a->code != RS_OK) {
    rs_buf_printf(line, ",\"error\":{\"code\":\"%s\",\"text\":", rs_code_name(a->code));
    rs_buf_json_str(line, a->error, strlen(a->error));
    rs_buf_char(line, '}');
  }
  rs_buf_str(line, "}\n");
  enum rs_code rc = rs_buf_error(line, e, "an answer to record");
  pthread_mutex_lock(&t->mutex);
  if (rc == RS_OK && (fwrite(line->p, 1, line->n, t->file) != line->n || fflush(t->file) != 0))
    rc = rs_fail(e, RS_IO, "recording %s: %s", t->path, strerror(errno));
  pthread_mutex_unlock(&t->mutex);
  rs_buf_free(line);
  return rc;
}

static struct rs_tape *tape_new(const char *path)
{
  struct rs_tape *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  rs_arena_init(&t->arena, 0);
  t->path = rs_strdup(path);
  if (t->path != NULL && pthread_mutex_init(&t->mutex, NULL) == 0) return t;
  rs_free(t->path);
  rs_free(t);
  return NULL;
}

void rs_tape_close(struct rs_tape *t)
{
  if (t == NULL) return;
  if (t->file != NULL) fclose(t->file);
  for (size_t i = 0; i < t->n; i++) {
    rs_free(t->v[i].key);
    rs_columns_free(&t->v[i].columns);
  }
  rs_free(t->v);
  rs_arena_free(&t->arena);
  pthread_mutex_destroy(&t->mutex);
  rs_free(t->path);
  rs_free(t);
}

enum rs_code rs_tape_create(const char *path, const struct rs_tape_head *head, struct rs_tape **pt,
                            struct rs_error *e)
{
  struct rs_tape *t = tape_new(path);
  if (t == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  t->file = fopen(path, "w");
  if (t->file == NULL ||
      fprintf(t->file,
              "{\"recording\":1,\"engine\":\"%s\",\"dialect\":\"%s\",\"caps\":%u,"
              "\"request_cost\":%.0f}\n",
              head->engine, head->dialect, head->caps, head->request_cost) < 0)
    rc = rs_fail(e, RS_IO, "recording %s: %s", path, strerror(errno));
  if (rc == RS_OK) *pt = t;
  else rs_tape_close(t);
  return rc;
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char *text_of(const cJSON *o, const char *name)
{
  return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

/* Bytes of a text in hexadecimal; false when it is none. */
static bool unhex(struct rs_arena *a, const char *s, struct rs_value *v)
{
  size_t n = strlen(s);
  unsigned char *p = rs_arena_alloc(a, n / 2 + 1);
  if (p == NULL || n % 2 != 0 || strspn(s, "0123456789abcdef") != n) return false;
  for (size_t i = 0; i < n / 2; i++) {
    char two[3] = {s[2 * i], s[2 * i + 1], 0};
    p[i] = (unsigned char)strtoul(two, NULL, 16);
  }
  v->s.p = (const char *)p;
  v->s.n = n / 2;
  return true;
}

/* Values of rows: no lists. */
static bool read_value(struct rs_arena *a, const cJSON *j, struct rs_value *v)
{
  const char *s = cJSON_GetStringValue(j);
  char *end = NULL;
  uint64_t bits;
  v->kind = RS_NULL;
  if (s == NULL) return cJSON_IsNull(j);
  switch (s[0]) {
    case 'b':
      v->kind = RS_BOOL;
      v->i = s[1] == '1';
      return s[1] != 0;
    case 'i':
      v->kind = RS_INT;
      v->i = strtoll(s + 1, &end, 10);
      return *end == 0;
    case 'f':
      v->kind = RS_FLOAT;
      bits = strtoull(s + 1, &end, 16);
      memcpy(&v->f, &bits, sizeof bits);
      return *end == 0;
    case 'S':
    case 'x': v->kind = s[0] == 'x' ? RS_BYTES : RS_TEXT; return unhex(a, s + 1, v);
    case 's':
    case 'j':
      v->kind = s[0] == 'j' ? RS_JSON : RS_TEXT;
      v->s.n = strlen(s + 1);
      v->s.p = rs_arena_strndup(a, s + 1, v->s.n);
      return v->s.p != NULL;
    default: return false;
  }
}

static bool read_columns(const cJSON *list, struct rs_columns *c)
{
  const cJSON *item;
  cJSON_ArrayForEach(item, list)
  {
    const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(item, 0));
    const char *type = cJSON_GetStringValue(cJSON_GetArrayItem(item, 1));
    const char *native = cJSON_GetStringValue(cJSON_GetArrayItem(item, 2));
    enum rs_type t;
    if (name == NULL || native == NULL || type == NULL || !rs_type_parse(type, &t)) return false;
    if (rs_columns_add(c, name, strlen(name), native, t, NULL) != RS_OK) return false;
  }
  return true;
}

static bool read_rows(struct rs_arena *a, const cJSON *rows, struct rs_answer *to)
{
  const cJSON *row, *item;
  size_t cols = to->columns.n, at = 0;
  to->nrows = (size_t)cJSON_GetArraySize(rows);
  struct rs_value *v = rs_arena_alloc(a, (to->nrows * cols + 1) * sizeof *v);
  if (v == NULL) return false;
  cJSON_ArrayForEach(row, rows)
  {
    if ((size_t)cJSON_GetArraySize(row) != cols) return false;
    cJSON_ArrayForEach(item, row)
    {
      if (!read_value(a, item, &v[at++])) return false;
    }
  }
  to->values = v;
  return true;
}

static bool read_error(struct rs_arena *a, const cJSON *o, struct rs_answer *to)
{
  const char *code = text_of(o, "code"), *text = text_of(o, "text");
  if (code == NULL || text == NULL) return false;
  for (int c = RS_OK; c <= RS_NOMEM; c++)
    if (rs_eq(code, rs_code_name((enum rs_code)c))) to->code = (enum rs_code)c;
  to->error = rs_arena_strdup(a, text);
  return to->code != RS_OK && to->error != NULL;
}

/* The question as it stands in the line: the key by which it is found. */
static char *key_of(const char *line)
{
  const char *end = strstr(line, ",\"params\":[");
  if (line[0] != '{' || end == NULL) return NULL;
  end += strlen(",\"params\":[");
  bool quoted = false;
  for (int depth = 1; depth > 0 && *end != 0; end++) {
    if (quoted && *end == '\\' && end[1] != 0) end++;
    else if (*end == '"') quoted = !quoted;
    else if (!quoted && *end == '[') depth++;
    else if (!quoted && *end == ']') depth--;
  }
  return rs_strndup(line + 1, (size_t)(end - line - 1));
}

static bool read_answer(struct rs_tape *t, const char *line, const cJSON *o)
{
  if (!rs_grow(&t->v, &t->cap, t->n + 1, sizeof *t->v)) return false;
  struct rs_answer *a = &t->v[t->n++];
  *a = (struct rs_answer){.key = key_of(line), .affected = -2};
  const cJSON *columns = cJSON_GetObjectItemCaseSensitive(o, "columns");
  const cJSON *rows = cJSON_GetObjectItemCaseSensitive(o, "rows");
  const cJSON *error = cJSON_GetObjectItemCaseSensitive(o, "error");
  const char *affected = text_of(o, "affected"), *text = text_of(o, "text");
  bool ok = a->key != NULL && text_of(o, "op") != NULL;
  if (ok && columns != NULL) ok = read_columns(columns, &a->columns);
  if (ok && rows != NULL) ok = read_rows(&t->arena, rows, a);
  if (ok && error != NULL) ok = read_error(&t->arena, error, a);
  if (ok && text != NULL) ok = (a->text = rs_arena_strdup(&t->arena, text)) != NULL;
  if (affected != NULL) a->affected = strtoll(affected, NULL, 10);
  a->cut = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "cut"));
  return ok;
}

static bool read_head(struct rs_tape *t, const cJSON *o, struct rs_tape_head *head)
{
  const cJSON *caps = cJSON_GetObjectItemCaseSensitive(o, "caps");
  const cJSON *cost = cJSON_GetObjectItemCaseSensitive(o, "request_cost");
  const cJSON *format = cJSON_GetObjectItemCaseSensitive(o, "recording");
  const char *engine = text_of(o, "engine"), *dialect = text_of(o, "dialect");
  if (!cJSON_IsNumber(caps) || !cJSON_IsNumber(cost) || !cJSON_IsNumber(format)) return false;
  if (format->valueint != 1 || engine == NULL || dialect == NULL) return false;
  head->caps = (unsigned)caps->valueint;
  head->request_cost = cost->valuedouble;
  head->engine = rs_arena_strdup(&t->arena, engine);
  head->dialect = rs_arena_strdup(&t->arena, dialect);
  return head->engine != NULL && head->dialect != NULL;
}

static enum rs_code read_lines(struct rs_tape *t, FILE *f, struct rs_tape_head *head,
                               struct rs_error *e)
{
  struct rs_buf line;
  enum rs_code rc = RS_OK;
  rs_buf_init(&line, RS_BUF_SQL_MAX);
  int number = 0;
  for (int c = 0; rc == RS_OK && c != EOF;) {
    rs_buf_clear(&line);
    while ((c = getc(f)) != EOF && c != '\n') rs_buf_char(&line, (char)c);
    number++;
    rc = rs_buf_error(&line, e, "a line of the recording");
    if (rc != RS_OK || line.n == 0) continue;
    cJSON *o = cJSON_Parse(line.p);
    bool ok = o != NULL && (number == 1 ? read_head(t, o, head) : read_answer(t, line.p, o));
    if (!ok) rc = rs_fail(e, RS_INVALID, "%s line %d: no line of a recording", t->path, number);
    cJSON_Delete(o);
  }
  rs_buf_free(&line);
  if (rc == RS_OK && head->engine == NULL)
    rc = rs_fail(e, RS_INVALID, "%s: the file is empty: it is no recording", t->path);
  return rc;
}

enum rs_code rs_tape_read(const char *path, struct rs_tape_head *head, struct rs_tape **pt,
                          struct rs_error *e)
{
  *head = (struct rs_tape_head){.engine = NULL};
  FILE *f = fopen(path, "r");
  if (f == NULL) return rs_fail(e, RS_IO, "recording %s: %s", path, strerror(errno));
  struct rs_tape *t = tape_new(path);
  enum rs_code rc = t != NULL ? read_lines(t, f, head, e) : rs_nomem(e);
  fclose(f);
  if (rc == RS_OK) *pt = t;
  else rs_tape_close(t);
  return rc;
}

/* ---- finding --------------------------------------------------------------------------------- */

enum rs_code rs_tape_find(struct rs_tape *t, const struct rs_question *q,
                          const struct rs_answer **pa, struct rs_error *e)
{
  struct rs_buf key;
  size_t same = 0;
  rs_buf_init(&key, RS_BUF_SQL_MAX);
  add_question(&key, q);
  enum rs_code rc = rs_buf_error(&key, e, "a statement to replay");
  *pa = NULL;
  pthread_mutex_lock(&t->mutex);
  for (size_t i = 0; rc == RS_OK && i < t->n && *pa == NULL; i++) {
    if (!rs_eq(t->v[i].key, key.p)) continue;
    same++;
    if (t->v[i].given) continue;
    t->v[i].given = true;
    *pa = &t->v[i];
  }
  pthread_mutex_unlock(&t->mutex);
  rs_buf_free(&key);
  if (rc != RS_OK || *pa != NULL) return rc;
  if (same > 0)
    return rs_fail(e, RS_NOT_FOUND,
                   "recording %s: %s was recorded %zu times and is asked again: %s", t->path, q->op,
                   same, q->sql);
  return rs_fail(e, RS_NOT_FOUND, "recording %s: %s was not recorded%s: %s", t->path, q->op,
                 q->nparams > 0 ? " with these parameters" : "", q->sql);
}
