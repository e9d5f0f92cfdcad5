/*
** What a session of Trino holds, on the client's side: the server keeps nothing, it tells changes
** by headers, and wants all of it sent with each statement (trino.h).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "trino.h"

/* ---- pairs ----------------------------------------------------------------------------------- */

void rs_trino_pairs_free(struct rs_trino_pairs *p)
{
  for (size_t i = 0; i < p->n; i++) {
    rs_free(p->v[i].name);
    rs_free(p->v[i].value);
  }
  rs_free(p->v);
  *p = (struct rs_trino_pairs){NULL, 0, 0};
}

bool rs_trino_pairs_put(struct rs_trino_pairs *p, const char *name, const char *value)
{
  char *text = rs_strdup(value), *key = NULL;
  if (text == NULL) return false;
  for (size_t i = 0; i < p->n; i++) {
    if (!rs_eq(p->v[i].name, name)) continue;
    rs_free(p->v[i].value);
    p->v[i].value = text;
    return true;
  }
  key = rs_strdup(name);
  if (key == NULL || !rs_grow(&p->v, &p->cap, p->n + 1, sizeof p->v[0])) {
    rs_free(key);
    rs_free(text);
    return false;
  }
  p->v[p->n++] = (struct rs_trino_pair){key, text};
  return true;
}

static void remove_pair(struct rs_trino_pairs *p, const char *name)
{
  for (size_t i = 0; i < p->n; i++) {
    if (!rs_eq(p->v[i].name, name)) continue;
    rs_free(p->v[i].name);
    rs_free(p->v[i].value);
    p->v[i] = p->v[--p->n];
    return;
  }
}

static bool copy_pairs(struct rs_trino_pairs *to, const struct rs_trino_pairs *from)
{
  for (size_t i = 0; i < from->n; i++) {
    if (!rs_trino_pairs_put(to, from->v[i].name, from->v[i].value)) return false;
  }
  return true;
}

/* ---- life ------------------------------------------------------------------------------------ */

void rs_trino_state_free(struct rs_trino_state *s)
{
  rs_free(s->catalog);
  rs_free(s->schema);
  rs_free(s->path);
  rs_free(s->authorization);
  rs_free(s->transaction);
  rs_trino_pairs_free(&s->properties);
  rs_trino_pairs_free(&s->roles);
  rs_trino_pairs_free(&s->prepared);
  memset(s, 0, sizeof *s);
}

bool rs_trino_state_init(struct rs_trino_state *s, const struct rs_trino_target *d)
{
  memset(s, 0, sizeof *s);
  s->catalog = rs_strdup(d->catalog);
  s->schema = rs_strdup(d->schema);
  return s->catalog != NULL && s->schema != NULL && copy_pairs(&s->properties, &d->properties) &&
         copy_pairs(&s->roles, &d->roles);
}

/* ---- changes --------------------------------------------------------------------------------- */

/* Form encoding, as Java's URLDecoder reads it. Returns owned. */
static char *decode_value(const char *text)
{
  char *out = rs_strdup(text);
  size_t n = 0;
  if (out == NULL) return NULL;
  for (const char *p = text; *p != 0; p++) {
    int hi = *p == '%' ? rs_hex_value(p[1]) : -1, lo = hi >= 0 ? rs_hex_value(p[2]) : -1;
    if (lo >= 0) p += 2;
    out[n++] = lo >= 0 ? (char)(hi * 16 + lo) : *p == '+' ? ' ' : *p;
  }
  out[n] = 0;
  return out;
}

/* `name=value`, the value encoded. */
static bool put_encoded(struct rs_trino_pairs *p, const char *text)
{
  const char *equals = strchr(text, '=');
  if (equals == NULL) return true; // nothing that could be sent back
  char *name = rs_strndup(text, (size_t)(equals - text)), *value = decode_value(equals + 1);
  bool ok = name != NULL && value != NULL && rs_trino_pairs_put(p, name, value);
  rs_free(name);
  rs_free(value);
  return ok;
}

/* Replaces *to by the header's last value. */
static bool take_text(char **to, const struct rs_http *h, const char *name, bool encoded)
{
  const char *text = NULL, *one;
  for (size_t i = 0; (one = rs_http_header(h, name, i)) != NULL; i++) text = one;
  if (text == NULL) return true;
  char *copy = encoded ? decode_value(text) : rs_strdup(text);
  if (copy == NULL) return false;
  rs_free(*to);
  *to = copy;
  return true;
}

static bool take_pairs(struct rs_trino_pairs *p, const struct rs_http *h, const char *added,
                       const char *removed)
{
  const char *text;
  bool ok = true;
  for (size_t i = 0; ok && (text = rs_http_header(h, added, i)) != NULL; i++)
    ok = put_encoded(p, text);
  for (size_t i = 0; ok && removed != NULL && (text = rs_http_header(h, removed, i)) != NULL; i++) {
    char *name = decode_value(text);
    ok = name != NULL;
    if (ok) remove_pair(p, name);
    rs_free(name);
  }
  return ok;
}

static void drop_when(char **text, const struct rs_http *h, const char *name)
{
  const char *said = rs_http_header(h, name, 0);
  if (said == NULL || rs_casecmp(said, "false") == 0) return;
  rs_free(*text);
  *text = NULL;
}

enum rs_code rs_trino_state_update(struct rs_trino_state *s, const struct rs_http *h,
                                   struct rs_error *e)
{
  drop_when(&s->transaction, h, "X-Trino-Clear-Transaction-Id");
  drop_when(&s->authorization, h, "X-Trino-Reset-Authorization-User");
  bool ok = take_text(&s->catalog, h, "X-Trino-Set-Catalog", false) &&
            take_text(&s->schema, h, "X-Trino-Set-Schema", false) &&
            take_text(&s->path, h, "X-Trino-Set-Path", false) &&
            take_text(&s->authorization, h, "X-Trino-Set-Authorization-User", false) &&
            take_text(&s->transaction, h, "X-Trino-Started-Transaction-Id", false) &&
            take_pairs(&s->properties, h, "X-Trino-Set-Session", "X-Trino-Clear-Session") &&
            take_pairs(&s->roles, h, "X-Trino-Set-Role", NULL) &&
            take_pairs(&s->prepared, h, "X-Trino-Added-Prepare", "X-Trino-Deallocated-Prepare");
  return ok ? RS_OK : rs_nomem(e);
}

/* ---- headers of a statement ------------------------------------------------------------------ */

static bool add_header(struct rs_arena *a, struct rs_http_header *v, size_t *n, const char *name,
                       const char *value)
{
  if (value == NULL) return true;
  char *copy = rs_arena_strdup(a, value);
  v[(*n)++] = (struct rs_http_header){name, copy, false};
  return copy != NULL;
}

/* Each pair is a header of its own: a list in one line would be cut by commas inside. */
static bool add_pairs(struct rs_arena *a, struct rs_http_header *v, size_t *n, const char *name,
                      const struct rs_trino_pairs *p)
{
  bool ok = true;
  for (size_t i = 0; i < p->n && ok; i++) {
    struct rs_buf b;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_http_escape(&b, p->v[i].name, strlen(p->v[i].name));
    rs_buf_char(&b, '=');
    rs_http_escape(&b, p->v[i].value, strlen(p->v[i].value));
    ok = b.rc == RS_OK && add_header(a, v, n, name, rs_buf_text(&b));
    rs_buf_free(&b);
  }
  return ok;
}

enum rs_code rs_trino_state_headers(const struct rs_trino_state *s, struct rs_arena *a,
                                    struct rs_http_header **v, size_t *n, struct rs_error *e)
{
  size_t most = 6 + s->properties.n + s->roles.n + s->prepared.n;
  struct rs_http_header *h = rs_arena_calloc(a, most * sizeof *h);
  *v = h;
  *n = 0;
  if (h == NULL) return rs_nomem(e);
  bool ok = add_header(a, h, n, "X-Trino-Catalog", s->catalog) &&
            add_header(a, h, n, "X-Trino-Schema", s->schema) &&
            add_header(a, h, n, "X-Trino-Path", s->path) &&
            add_header(a, h, n, "X-Trino-Transaction-Id",
                       s->transaction != NULL ? s->transaction : "NONE") &&
            add_pairs(a, h, n, "X-Trino-Session", &s->properties) &&
            add_pairs(a, h, n, "X-Trino-Role", &s->roles) &&
            add_pairs(a, h, n, "X-Trino-Prepared-Statement", &s->prepared);
  // replaces the fixed one; another header says who asks
  if (ok && s->authorization != NULL) ok = add_header(a, h, n, "X-Trino-User", s->authorization);
  return ok ? RS_OK : rs_nomem(e);
}
